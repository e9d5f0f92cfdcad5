/*
** Building one model: compile, hooks, the statement of its materialization, and what is to be told
** of it. The old relation stays in place until the new one is complete; a failure changes nothing
** that stands in the transaction (where the engine has them): hooks included.
**
** Threads: any number at a time over one project, each with a session of its own. Blocks.
*/
#ifndef RS_PROJECT_BUILD_MATERIALIZE_H
#define RS_PROJECT_BUILD_MATERIALIZE_H
#include "src/project/compile/compile.h"

/* Tests pass, warn or fail; of a source's freshness RS_STATUS_FAIL is named "error" and
** RS_STATUS_ERROR "runtime error", as in dbt. */
enum rs_status {
  RS_STATUS_SUCCESS,
  RS_STATUS_ERROR,
  RS_STATUS_SKIPPED,
  RS_STATUS_PASS,
  RS_STATUS_WARN,
  RS_STATUS_FAIL
};
#define RS_STATUSES (RS_STATUS_FAIL + 1)

struct rs_result {
  const struct rs_node *node;
  const char *kind; /* what it was built as; of the project or static */
  enum rs_status status;
  enum rs_code code;  /* of an error */
  int64_t rows;       /* written; -1 unknown or none */
  int64_t failures;   /* of a test; -1 none */
  int64_t started_us; /* wall clock; 0 = never started */
  double ms;
  char *message;                /* owned, one sentence; may be NULL when memory ran out */
  char *warning;                /* owned; NULL = none */
  char *compiled;               /* owned; NULL = not compiled */
  char missing[RS_MISSING_MAX]; /* as of struct rs_error */
};

struct rs_materialize {
  struct rs_project *project;
  struct rs_node *node;
  const char *kind; /* for this call only; NULL = the config's. It has been checked */
  struct rs_session_source sessions;
  bool (*is_interrupted)(void *ctx);
  void *interrupt_ctx;
  /* Of hooks: rs_context_options.names; NULL = none. */
  enum rs_code (*names)(void *ctx, struct rs_context *c, const char *name, size_t n, jv *out,
                        struct rs_error *e);
  void *names_ctx;
};

/* Fills *r (rs_result_free) whatever happens. */
void rs_materialize(const struct rs_materialize *m, struct rs_result *r);
void rs_result_free(struct rs_result *r);
/* Notes in the target that the node's relation was built as that kind (model_key.c). */
enum rs_code rs_model_note(struct rs_session *s, const struct rs_node *n,
                           const struct rs_relation *rel, const char *kind, struct rs_error *e);
/* The models that this one reads, directly or through such models, and that the target does not
** have yet, in the order of building; returned owned (rs_free). A model alone can then be built at
** once. */
enum rs_code rs_missing_parents(const struct rs_materialize *m, struct rs_node ***pnodes, size_t *n,
                                struct rs_error *e);
const char *rs_status_name(enum rs_status s);
/* As it is told of that node. */
const char *rs_result_status(const struct rs_result *r);
static inline bool rs_status_failed(enum rs_status s)
{
  return s == RS_STATUS_ERROR || s == RS_STATUS_FAIL;
}
/* {"node":..., "kind":..., "relation":..., "status":..., "rows":..., "ms":..., "message":...,
** "warning":...} appended; absent values are null, warning is left out. */
void rs_result_json(const struct rs_result *r, struct rs_buf *b);
/* Would this call rebuild an incremental model? full_refresh in its config beats the option. */
bool rs_full_refresh(const struct rs_project *p, const struct rs_node *n);
#endif
