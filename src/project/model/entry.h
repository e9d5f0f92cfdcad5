/*
** What a project has besides what runs: docs blocks, groups, exposures; and what these ask of its
** models: doc() in descriptions, access and groups.
**
**   rs_entries_load    a row of the store is copied into the project
**   rs_entries_parse   exposures are rendered once, which finds what they depend on
**
** Ownership: everything lies in the project's arena. Threads: load and parse on the owner's; then
** it is immutable.
*/
#ifndef RS_PROJECT_MODEL_ENTRY_H
#define RS_PROJECT_MODEL_ENTRY_H
#include "src/json/tree.h"
#include "src/project/compile/context.h"

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
/* After the models: RS_NOT_FOUND for a ref to nothing ... With keep_bad entry->node->bad is set. */
enum rs_code rs_entries_parse(struct rs_project *p, struct rs_error *e);
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
/* One of these three as dbt writes it in manifest.json and `graph`. */
jv rs_semantic_document(const struct rs_project *p, struct rs_python *j, const struct rs_entry *x);

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

/* descriptions.c: descriptions of a node and its columns with what their doc() calls name. c is an
** evaluation of the node while it is parsed. */
enum rs_code rs_describe(struct rs_context *c, struct rs_node *n, struct rs_error *e);
/* Those of macros and of their arguments. */
enum rs_code rs_describe_macros(struct rs_project *p, struct rs_error *e);
/* A docs block's text, which is a template where no name is known, in its place. */
enum rs_code rs_doc_render(struct rs_project *p, struct rs_entry *x, struct rs_error *e);
/* NULL: there is no such block. */
const char *rs_doc_text(const struct rs_project *p, const char *package, const char *name);
/* One text; *text is replaced in the project's arena. */
enum rs_code rs_describe_text(struct rs_context *c, const char **text, struct rs_error *e);
/* The function doc() of such an evaluation; RS_NOT_FOUND: there is no such block. */
enum rs_code rs_names_doc(struct rs_python *j, void *ctx, const struct jv_args *args, jv *out,
                          struct rs_error *e);
#endif
