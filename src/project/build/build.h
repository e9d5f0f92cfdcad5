/*
** Running a graph: worker threads build models as soon as all that they depend on is built; results
** queue up for the owner.
**
** The owner starts a run, takes results with rs_run_next until RS_DONE, and frees it. Workers never
** touch the owner's database: each has its own session and Jinja evaluation. A
** failed model's descendants are skipped, also those behind models that were not selected.
**
** Threads: rs_run_* by the owner's thread only. Ownership: the project must outlive the run.
*/
#ifndef RS_PROJECT_BUILD_BUILD_H
#define RS_PROJECT_BUILD_BUILD_H
#include "src/project/names/names.h"
#include "src/project/compile/compile.h"

/* ---- materialize ----------------------------------------------------------------------------- */

/*
** Building one model: compile, hooks, the statement of its materialization, and what is reported
** of it. The old relation stays in place until the new one is complete; a failure changes nothing
** that stands in the transaction (where the engine has them): hooks included.
**
** Threads: any number at a time over one project, each with a session of its own. Blocks.
*/

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
  int worker;                   /* of a run, from 1 on; 0 = none */
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
/* Notes in the target that the node's relation was built as that kind (model_key.c). documents: it
** is a collection, and has an `_id` of its own. */
enum rs_code rs_model_note(struct rs_session *s, const struct rs_node *n,
                           const struct rs_relation *rel, const char *kind, bool documents,
                           struct rs_error *e);
/* The models that this one reads, directly or through such models, and that the target does not
** have yet, in the order of building; returned owned (rs_free). A model alone can then be built at
** once. */
enum rs_code rs_missing_parents(const struct rs_materialize *m, struct rs_node ***pnodes, size_t *n,
                                struct rs_error *e);
const char *rs_status_name(enum rs_status s);
/* As it is reported of that node. */
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

/* ---- run node -------------------------------------------------------------------------------- */

/*
** Running one node, whatever it is: what rs_materialize is for models, seeds and snapshots, these
** are for data tests, unit tests, sources (freshness) and hooks.
**
** All fill *r (rs_result_free) whatever happens, and block. Threads: any number at a time over one
** project, each with a session of its own.
*/

/* By the node's type. */
void rs_node_run(const struct rs_materialize *m, struct rs_result *r);
void rs_test_run(const struct rs_materialize *m, struct rs_result *r);      /* test.c */
void rs_unit_test_run(const struct rs_materialize *m, struct rs_result *r); /* unit_test.c */
/* Is a source one that rockset_freshness looks at? */
bool rs_freshness_asked(const struct rs_node *n);
void rs_freshness_run(const struct rs_materialize *m, struct rs_result *r); /* freshness.c */
/* A hook or an operation: its text is rendered and sent. `names` as in project/names/names.h, may
** be NULL. */
void rs_hook_run(const struct rs_materialize *m, struct rs_result *r);

/* A seed's rows in place of its table (seed.c). *rows: how many. */
enum rs_code rs_seed_build(struct rs_session *s, const struct rs_project *p,
                           const struct rs_node *n, int64_t *rows, struct rs_error *e);

/* Sends rendered text of the node's, in its dialect: one statement; several where the project is
** trusted; none when it is blank. `what` opens errors. (hook.c) */
enum rs_code rs_hook_send(struct rs_session *s, const struct rs_project *p,
                          const struct rs_node *node, const struct rs_buf *text, const char *what,
                          struct rs_error *e);

/* What on-run-end sees of a run (hook_names.c): one of `results`; the result's schema added to the
** list `schemas` or, as a pair, `database_schemas`, unless it is there. */
jv rs_hook_result(struct rs_context *c, const struct rs_result *r);
void rs_hook_schema(struct rs_context *c, jv list, bool pairs, const struct rs_result *r);

/* ---- for these files ------------------------------------------------------------------------ */

void rs_result_begin(const struct rs_materialize *m, struct rs_result *r, int64_t *start_us);
/* rc other than RS_OK makes it an error (or skipped, when it was cancelled). */
void rs_result_end(struct rs_result *r, enum rs_code rc, const struct rs_error *e,
                   int64_t start_us);
/* What is built lies in the target's own database, or in one that it reaches. */
enum rs_code rs_check_database(const struct rs_materialize *m, const char *kind,
                               struct rs_error *e);
/* The options of an evaluation for m. */
void rs_run_context(const struct rs_materialize *m, struct rs_context_options *opt);
/* One text of a config dict; `otherwise` where it is absent or no text. */
const char *rs_config_text(jv dict, const char *key, const char *otherwise);
/* Rows of one query of stored text, which is proved; returned owned (rs_rows_close). */
/* The same of a query that c's macros gave, in the dialect of c's node. */
enum rs_code rs_run_said(struct rs_context *c, struct rs_session *s, const char *sql,
                         const char *what, struct rs_rows **pr, struct rs_error *e);
enum rs_code rs_run_query(struct rs_session *s, const struct rs_project *p, const char *sql,
                          size_t n, const char *what, struct rs_rows **pr, struct rs_error *e);

/* ---- runner ---------------------------------------------------------------------------------- */

struct rs_run;

struct rs_run_options {
  struct rs_target *target; /* retained */
  struct rs_log *log;       /* retained; may be NULL */
  int threads;              /* at least 1 */
  bool fail_fast;
  bool gates; /* as in dbt build: what reads all that a selected test tests waits for the test, and
              ** a model for its unit tests */
  const struct rs_node *const
    *failed; /* nodes that have failed before: what reads them is skipped */
  size_t nfailed;
  const char
    *kind;    /* of all nodes, each for itself ("clone"); NULL: each has its own, and waits for
                    ** what it reads */
  bool hooks; /* on-run-start before the first node, on-run-end after the last one */
  /* struct rs_interrupt's, of the caller: called by rs_run_next, since the tables are of its
  ** thread. NULL: there are no such tables. */
  enum rs_code (*localize)(void *ctx, struct rs_session *s, const char *sql, struct rs_buf *out,
                           struct rs_error *e);
  void *localize_ctx;
  const char *local_prefix; /* which names mean them (src/sql/locals.h) */
};

/* Starts to run `nodes` (of the project's order; ephemeral ones are part of others and give no
** result). Returns owned in *pr (rs_run_free). */
enum rs_code rs_run_start(struct rs_project *p, struct rs_node *const *nodes, size_t n,
                          const struct rs_run_options *opt, struct rs_run **pr, struct rs_error *e);
/* The next result, returned owned (rs_result_free); waits at most `ms`, but for what it does for
** workers meanwhile (localize). RS_OK, RS_TIMEOUT, RS_DONE. */
enum rs_code rs_run_next(struct rs_run *r, int64_t ms, struct rs_result *out);
/* Statements that run are cancelled, the rest is skipped; its results are still to be taken. */
void rs_run_cancel(struct rs_run *r);
/* Cancels what is left and waits for the workers. NULL is fine. */
void rs_run_free(struct rs_run *r);

/* ---- invoke ---------------------------------------------------------------------------------- */

/*
** Materializations that are macros: those of the project (`{% materialization name, default %}`),
** and the parts of ours that are written in Jinja (sql/macros/): what an incremental model does to
** its table, snapshots.
**
** Threads: one call at a time with one session; the project is only read. Blocks.
*/

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
