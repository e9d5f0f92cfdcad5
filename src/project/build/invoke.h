/*
** Materializations that are macros: those of the project (`{% materialization name, default %}`),
** and the parts of ours that are written in Jinja (sql/macros/): what an incremental model does to
** its table, snapshots.
**
** Threads: one call at a time with one session; the project is only read. Blocks.
*/
#ifndef RS_PROJECT_BUILD_INVOKE_H
#define RS_PROJECT_BUILD_INVOKE_H
#include "src/project/names/context.h"

/* The macro that builds `kind` for nodes of a package: of the profile's type before `default`, the
** project's before the packages', then one of ours (its `source` is NULL). NULL: none, so that it
** is built without a macro, or unknown. */
const struct rs_macro *rs_custom_find(const struct rs_project *p, const char *kind);

/* RS_OK for one of ours or one that the project defines; else rs_kind_check's error. */
enum rs_code rs_custom_check(const struct rs_project *p, const char *kind, const char *what,
                             struct rs_error *e);

/* The same for what builds a node. Asked then only: a kind of another adapter compiles, as with
** dbt. */
enum rs_code rs_custom_check_node(const struct rs_project *p, const struct rs_node *n,
                                  const char *kind, struct rs_error *e);

/* Whether the incremental config asks for more than a target without transactions can do (Rockset's
** API): RS_UNSUPPORTED that says so. *by_key: replace rows of the same key instead of adding. */
enum rs_code rs_simple_strategy(const struct rs_project *p, const struct rs_node *n, bool *by_key,
                                struct rs_error *e);

struct rs_invoke {
  struct rs_context_options opt; /* execute, sessions */
  const char *sql;               /* compiled: the macro's `sql`, `compiled_code` */
  const char *text;              /* all of it, as `model` tells; NULL: the same */
  int64_t rows;                  /* out: written, -1 unknown */
  struct rs_buf *warnings;       /* exceptions.warn's are appended, parted by "; " */
  /* Looks at what the macro left, before the transaction ends; may be NULL. */
  enum rs_code (*look)(void *ctx, struct rs_context *c, struct rs_error *e);
  void *look_ctx;
};

/* Runs a project's materialization, which handles hooks and transactions itself: opened by the
** first statement that wants one, rolled back when it fails. It must return
** {'relations': [...]}. */
enum rs_code rs_invoke_custom(struct rs_invoke *i, const struct rs_macro *m, struct rs_error *e);

/* Calls one of our macros with (this, sql) in the transaction that the caller opened; a number that
** it returns is the count of rows. */
enum rs_code rs_invoke_part(struct rs_invoke *i, const char *macro, struct rs_error *e);

/* Calls a macro with (this, sql) that gives text: SQL, in *out (returns owned, rs_free). */
enum rs_code rs_invoke_text(struct rs_invoke *i, const char *macro, char **out, struct rs_error *e);
#endif
