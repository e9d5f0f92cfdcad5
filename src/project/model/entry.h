/*
** What a project has besides what runs: docs blocks, groups, exposures; and what these ask of its
** models: doc() in descriptions, access and groups.
**
**   rs_entries_load    a row of the store is copied into the project
**
** Ownership: everything lies in the project's arena. Threads: load and parse on the owner's; then
** it is immutable.
*/
#ifndef RS_PROJECT_MODEL_ENTRY_H
#define RS_PROJECT_MODEL_ENTRY_H
#include "src/json/tree.h"
#include "project.h"
#include "src/python/python.h"

struct rs_entry {
  enum rs_store_entry_kind kind;
  const char *package, *name;
  const char *path;         /* NULL = of no file */
  const char *text;         /* as in struct rs_store_entry; of docs blocks rendered */
  struct rs_node *node;     /* refs, config; NULL: docs and groups, and before parsing */
  struct rs_node **parents; /* what it depends on, each once */
  size_t nparents;
};

enum rs_code rs_entries_load(void *ctx, const struct rs_store_entry *x, struct rs_error *e);
/* A docs block's text, which is a template where no name is known, in its place (docs.c). */
enum rs_code rs_doc_render(struct rs_project *p, struct rs_entry *x, struct rs_error *e);
/* NULL: there is no such block. */
const struct rs_entry *rs_doc_find(const struct rs_project *p, const char *package,
                                   const char *name);
const char *rs_doc_text(const struct rs_project *p, const char *package, const char *name);
/* semantic.c: metrics that measures of a semantic model ask for become entries of their own. */
enum rs_code rs_semantic_load(struct rs_project *p, const struct rs_entry *model,
                              struct rs_error *e);
/* What metrics, semantic models, saved queries depend on, when all have nodes; dbt's checks. */
enum rs_code rs_semantic_link(struct rs_project *p, struct rs_entry *x, struct rs_error *e);
/* x depends on that metric; package NULL: as its package sees it. */
enum rs_code rs_metric_parent(struct rs_project *p, struct rs_entry *x, const char *package,
                              const char *name, struct rs_error *e);
/* The entry that a node of package `from` means; NULL: there is none. */
struct rs_entry *rs_entry_find(const struct rs_project *p, enum rs_store_entry_kind kind,
                               const char *from, const char *package, const char *name);
/* "models/staging/core.yml" -> "staging."; "" for none, NULL: out of memory. */
const char *rs_folder_fqn(struct rs_arena *a, const char *path);
/* Refs in JSON as a template: `ref('x')` alone, or anywhere inside a template. depth: 0. */
void rs_refs_text(const struct rs_json *j, unsigned depth, struct rs_buf *b);
/* The group of a model, a test ... must be one of the project's; its access one that it can
** have. */
enum rs_code rs_group_check(const struct rs_project *p, const struct rs_node *n,
                            struct rs_error *e);
/* May `from`, of that group (NULL: none), refer to `to`? In dbt's words. */
enum rs_code rs_access_check(const struct rs_project *p, const struct rs_node *from,
                             const char *group, const struct rs_node *to, struct rs_error *e);
/* "2024-05-01" as dbt prints it; NULL: out of memory. */
const char *rs_date_text(struct rs_arena *a, const char *date);
/* Nobody depends on it, so it stops nothing else when it can't be used: an analysis, an imported
** test. (A test that somebody wrote as a row is an error like any other.) */
bool rs_node_alone(const struct rs_node *n);
/* Warns of imported tests that are passed over. */
enum rs_code rs_lost_tests_warn(const struct rs_project *p, struct rs_error *e);
/* dbt's warnings of models whose deprecation_date has come, and of who reads them, to whoever
** watches; an error where warnings are. */
enum rs_code rs_deprecation_warn(const struct rs_project *p, struct rs_error *e);

#endif
