/*
** What the files of ext/models share: the stored project, a run as one job, records.
**
** Threads: the connection's own only. Nothing here reaches an engine except a job's workers and
** the session source of a call.
*/
#ifndef RS_EXT_MODELS_INTERNAL_H
#define RS_EXT_MODELS_INTERNAL_H
#include "src/project/build/build.h"
#include "src/project/graph/graph.h"
#include "src/project/model/rows.h"
#include "ext/base/connection.h"
#include "ext/base/unit.h"

/* ---- the stored project ---------------------------------------------------------------------- */

/* store_sqlite.c: a store over main's tables of a connection, which it borrows; missing tables,
** an older or a newer schema fail when it is read. */
void rs_store_open(sqlite3 *db, struct rs_store *out);
/* rows_sqlite.c: src/project/model/rows.h over main's tables. Closed always, also when opening
** failed. */
enum rs_code rs_row_store_open(struct rs_conn *c, struct rs_row_store *out, struct rs_error *e);
/* The same over another connection to the file. */
enum rs_code rs_row_store_open_db(struct rs_conn *c, sqlite3 *db, struct rs_row_store *out,
                                  struct rs_error *e);
void rs_row_store_close(struct rs_row_store *store);

/* ---- loading (functions.c) ------------------------------------------------------------------- */

struct rs_models_options {
  const char *vars;    /* JSON object, NULL = none */
  const char *command; /* flags.WHICH; NULL = run */
  bool full_refresh;
  bool store_failures, warn_error, progress;
  bool raise; /* default true: failures are SQL errors */
  bool fail_fast;
  int64_t threads; /* 0 = the profile's */
  const char *exclude;
  const char *target; /* another output of the session's profile, for this call; NULL = its own */
  const char
    *defer; /* where refs to what is not selected lead (src/project/graph/graph.h); NULL = off */
  bool favor_state; /* defer also where the target has the relation itself */
  bool empty;       /* refs and sources give no rows */
};

/* Rows of a table of options (src/base/options.h): what every command that compiles takes. */
#define RS_MODELS_OPTIONS(o)                                                              \
  {"full_refresh", RS_OPT_BOOL, &(o)->full_refresh, NULL},                                \
    {"vars", RS_OPT_JSON, &(o)->vars, NULL}, {"target", RS_OPT_TEXT, &(o)->target, NULL}, \
  {                                                                                       \
    "empty", RS_OPT_BOOL, &(o)->empty, NULL                                               \
  }
/* And of those that run a selection, or compile it. */
#define RS_DEFER_OPTIONS(o)                             \
  {"defer", RS_OPT_TEXT, &(o)->defer, NULL},            \
  {                                                     \
    "favor_state", RS_OPT_BOOL, &(o)->favor_state, NULL \
  }

/* Reads the stored project of db's main, untrusted unless the session is trusted. `fn` opens
** errors. */
enum rs_code rs_models_load(struct rs_conn *c, sqlite3 *db, const char *fn,
                            const struct rs_models_options *opt, struct rs_project **pp,
                            struct rs_error *e);
/* keep_bad: rows that can't be used are kept with the reason (src/project/model/model.h). */
enum rs_code rs_models_load_bad(struct rs_conn *c, sqlite3 *db, const char *fn,
                                const struct rs_models_options *opt, bool keep_bad,
                                struct rs_project **pp, struct rs_error *e);
/* defer.c: lets refs to what is not selected lead where the target opt->defer has it; nothing
** without that option. Before anything of the parsed project is compiled. Asks the engine. */
enum rs_code rs_models_defer(struct rs_conn *c, sqlite3 *db, const char *fn,
                             const struct rs_models_options *opt, struct rs_project *p,
                             struct rs_node *const *selected, size_t n, struct rs_error *e);
/* Gives the nodes what rs_clone_names does, of the target that opt->defer names. */
enum rs_code rs_models_clone(struct rs_conn *c, sqlite3 *db, const char *fn,
                             const struct rs_models_options *opt, struct rs_project *p,
                             struct rs_node *const *selected, size_t n, struct rs_error *e);
/* Ends a function: the text of b, with the JSON subtype or without, or the error in e, which gets
** the function's name unless it says which node it is about. fn NULL: b and e are checked and
** complete. Frees b. */
void rs_models_give(sqlite3_context *ctx, const char *fn, struct rs_buf *b, bool json,
                    enum rs_code rc, struct rs_error *e);
/* A line to whoever watches: standard error. Any thread. */
void rs_models_say(const char *text);

/* ---- the project as a whole (nodes.c) -------------------------------------------------------- */

/* Loaded, parsed, with its inventory, and what was recorded of earlier runs. Touches no engine. */
struct rs_nodes {
  struct rs_conn *c;
  sqlite3 *db; /* whose main is read */
  struct rs_arena arena;
  struct rs_project *p;
  struct rs_inventory *inv;
  struct rs_state *state;           /* NULL until rs_nodes_state */
  struct rs_map results, freshness; /* unique_id -> status, of the last run */
  bool has_results, has_freshness;
};

/* What goes with a selection besides its text. */
struct rs_nodes_options {
  struct rs_models_options models; /* RS_MODELS_OPTIONS, exclude */
  const char *selector, *indirect, *resource_type;
  bool keep_bad;
};

/* Reads the JSON object of options; texts lie in `arena`. */
enum rs_code rs_nodes_options(const char *json, const char *fn, struct rs_arena *arena,
                              struct rs_nodes_options *o, struct rs_error *e);
/* Loads and parses. n->... is ended by rs_nodes_end always, also after an error. */
enum rs_code rs_nodes_load(struct rs_nodes *n, struct rs_conn *c, sqlite3 *db, const char *fn,
                           const struct rs_nodes_options *o, struct rs_error *e);
/* The same of a project that is loaded and parsed: it is borrowed. */
enum rs_code rs_nodes_of(struct rs_nodes *n, struct rs_conn *c, sqlite3 *db, struct rs_project *p,
                         struct rs_error *e);
void rs_nodes_end(struct rs_nodes *n);
/* Reads what is stored of earlier builds on this target; once. */
enum rs_code rs_nodes_state(struct rs_nodes *n, struct rs_error *e);
/* The selection, with state and results where its texts ask for them. Strings are borrowed. */
enum rs_code rs_nodes_selection(struct rs_nodes *n, const char *text,
                                const struct rs_nodes_options *o, struct rs_selection *sel,
                                struct rs_error *e);

/* An item's members as rockset_ls has them, behind an opening brace that the caller closes. */
void rs_nodes_put(const struct rs_inventory *inv, const struct rs_item *it, struct rs_arena *a,
                  struct rs_buf *b);

/* state_sqlite.c: what a node that was built now was made of; those parents that are never built
** themselves (sources, ephemeral models) with it. kind: as what. An SQLite code. */
int rs_state_write(sqlite3 *db, const struct rs_nodes *n, const struct rs_node *node,
                   const char *kind, const char *invocation_id);
/* Into n->state. */
enum rs_code rs_state_read(struct rs_nodes *n, struct rs_error *e);
/* The statuses of the last invocation that ran nodes. */
enum rs_code rs_results_read(struct rs_nodes *n, struct rs_error *e);

/* ---- the project as a page shows it (docs.c) ------------------------------------------------- */

/* JSON, appended. The graph: every node with what it depends on and how it went the last time. A
** node: its texts, columns, last results; RS_NOT_FOUND. The last runs; one with its results. */
enum rs_code rs_docs_graph(struct rs_nodes *n, struct rs_buf *b, struct rs_error *e);
enum rs_code rs_docs_node(struct rs_nodes *n, const char *unique_id, struct rs_buf *b,
                          struct rs_error *e);
enum rs_code rs_docs_runs(sqlite3 *db, struct rs_buf *b, struct rs_error *e);
enum rs_code rs_docs_run(sqlite3 *db, const char *id, struct rs_buf *b, struct rs_error *e);

/* ---- records (record.c) ---------------------------------------------------------------------- */

/*
** An invocation in rockset_invocations and rockset_results. Results are written in small
** transactions as they come; while the database is locked they wait, and are tried again with the
** next one and at the end.
*/
struct rs_record {
  const struct rs_side *side; /* borrowed */
  const struct rs_project *p;
  const char *command, *selection, *options; /* borrowed; may be NULL */
  const struct rs_nodes *nodes;              /* borrowed; NULL: no content hashes are kept */
  const struct rs_result *results;           /* borrowed: set before each call */
  size_t nresults, written;
  bool begun;            /* the invocation's row is there */
  struct rs_error error; /* of the last try; code RS_OK when all is written */
};
void rs_record_write(struct rs_record *r);
/* Waits up to a second for a locked database. */
void rs_record_finish(struct rs_record *r, const char *status, const char *message);

/* Refreshes the virtual tables over what these results built (ext/collection). */
void rs_models_refresh(struct rs_conn *c, const struct rs_side *side,
                       const struct rs_result *results, size_t n);

/* ---- sources that are tables of SQLite's (push_source.c) ------------------------------------- */

/*
** The sources with a local_table and `push` options that the models and snapshots among `nodes`
** read, themselves or through ephemeral models. Each once; *out is owned (rs_free).
*/
enum rs_code rs_push_sources(const struct rs_project *p, struct rs_node *const *nodes, size_t n,
                             const struct rs_node ***out, size_t *nout, struct rs_error *e);
/* Sends the table of one to a target (NULL: the session's); db: whose main is read. Fills *r
** (rs_result_free) whatever happens. */
void rs_push_source(struct rs_conn *c, const char *target, sqlite3 *db, const struct rs_node *node,
                    struct rs_result *r);

/* ---- a run (run_job.c) ----------------------------------------------------------------------- */

/* What a command runs. */
struct rs_command {
  const char *fn;   /* "rockset_build" */
  const char *name; /* "build" */
  const char *noun; /* of its nodes, in messages: "models" */
  unsigned types;   /* bits 1 << RS_NODE_* */
  bool hooks;       /* on-run-start and on-run-end run with it */
  bool gates;       /* what a failed test tests is not built upon */
  bool failures;    /* its table has that column */
  bool clones;      /* what another target has is shown here: option state */
  bool again;       /* the selection is what failed in the last invocation */
};
/* By the name in rockset_invocations; NULL: there is none (commands.c). */
const struct rs_command *rs_command_find(const char *name);
extern const struct rs_command rs_commands[];
extern const size_t rs_command_count;

struct rs_job;
/* Parses, selects, starts. `options` is JSON. Refuses inside a transaction. Returns owned. */
enum rs_code rs_job_start(struct rs_conn *c, const struct rs_command *command,
                          const char *selection, const char *options, struct rs_job **pj,
                          struct rs_error *e);
/* Waits for the i-th result, polling for interrupts. RS_OK; RS_DONE: there is none, all went well
** (or raise is off); else what failed. May be asked again for results that are there. */
enum rs_code rs_job_result(struct rs_job *j, size_t i, const struct rs_result **pr,
                           struct rs_error *e);
/* The JSON summary of a finished job. */
void rs_job_json(const struct rs_job *j, struct rs_buf *b);
/* Cancels what is left and records it as skipped. NULL is fine. */
void rs_job_free(struct rs_job *j);
#endif
