/*
** What one engine provides. session.c calls these; nobody else does.
**
** Threads: `execute`, `next_batch`, `columns`, `begin`, `end`, `ingest`,
** `copy_file`, `learn` and `version` run on the session's I/O thread, one at a time (`next_batch`
** of rows that are ingested: on the thread of the ingesting session). `free_batch` and
** `close_rows` run there or on the caller's thread while no job runs. `get` runs on the caller's
** thread, maybe while the next batch is fetched, and must not block. `cancel` runs on any thread,
** at any time between session open and close, and must return at once.
**
** Errors: the engine fills e once; session.c adds the statement and the log entry.
*/
#ifndef RS_ENGINE_SLOTS_H
#define RS_ENGINE_SLOTS_H
#include "src/base/map.h"
#include "engine.h"
#include "prefetch.h"
#include "src/arrow/arrow.h"
#include "changes.h"
#include "control.h"
#include "push.h"

/*
** How an engine does what engine.h and control.h ask for by the same names. These run on the
** caller's thread: SQL engines build on the session's own statements (statements.h), others put
** what blocks on the I/O thread themselves (rs_io_call), so that it can be interrupted. A NULL
** member, or no table at all: RS_UNSUPPORTED.
*/
struct rs_relation_ops {
  /* out NULL: only what it is; then RS_REL_NONE is no error */
  enum rs_code (*describe)(struct rs_session *s, const struct rs_relation *rel,
                           struct rs_columns *out, enum rs_relation_kind *kind, struct rs_error *e);
  /* NULL: no column is */
  enum rs_code (*unique)(struct rs_session *s, const struct rs_relation *rel, const char *column,
                         bool *unique, struct rs_error *e);
  /* database NULL: the target's own; another one only where `reaches` lets it be */
  enum rs_code (*workspaces)(struct rs_session *s, const char *database, rs_workspace_fn fn,
                             void *ctx, struct rs_error *e);
  enum rs_code (*relations)(struct rs_session *s, const char *database, const char *workspace,
                            rs_relation_fn fn, void *ctx, struct rs_error *e);
  /* rel->name NULL: the workspace */
  enum rs_code (*create)(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                         struct rs_error *e);
  enum rs_code (*drop)(struct rs_session *s, const struct rs_relation *rel,
                       enum rs_relation_kind kind, unsigned how, struct rs_error *e);
  /* how is never NULL */
  enum rs_code (*replace)(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                          struct rs_build *how, int64_t *rows, struct rs_error *e);
  enum rs_code (*add_select)(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                             const struct rs_adding *how, int64_t *rows, struct rs_error *e);
  enum rs_code (*load)(struct rs_session *s, const struct rs_relation *rel,
                       const struct rs_load *load, int64_t *rows, struct rs_error *e);
  enum rs_code (*apply)(struct rs_session *s, const struct rs_relation *rel,
                        const struct rs_changes *c, int64_t *written, struct rs_error *e);
  enum rs_code (*push)(struct rs_session *s, const struct rs_relation *rel,
                       const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);
};
struct rs_control_ops {
  enum rs_code (*aliases)(struct rs_session *s, const char *workspace, rs_alias_fn fn, void *ctx,
                          struct rs_error *e);
  enum rs_code (*put_alias)(struct rs_session *s, const struct rs_alias *a, enum rs_put put,
                            struct rs_error *e);
  enum rs_code (*lambdas)(struct rs_session *s, enum rs_lambda_list what,
                          const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                          struct rs_error *e);
  enum rs_code (*lambda_find)(struct rs_session *s, const struct rs_lambda_ref *ref,
                              struct rs_arena *a, struct rs_lambda *out, struct rs_error *e);
  enum rs_code (*lambda_put)(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                             struct rs_arena *a, struct rs_error *e);
  enum rs_code (*lambda_tag)(struct rs_session *s, const struct rs_relation *lambda,
                             const char *tag, const char *version, struct rs_error *e);
  enum rs_code (*lambda_drop)(struct rs_session *s, const struct rs_lambda_ref *ref,
                              struct rs_error *e);
  enum rs_code (*lambda_query)(struct rs_session *s, const struct rs_lambda_ref *ref,
                               const struct rs_named_param *params, size_t n, struct rs_rows **pr,
                               struct rs_error *e);
  enum rs_code (*write)(struct rs_session *s, const struct rs_relation *rel, enum rs_write_op op,
                        struct rs_document *docs, size_t n, struct rs_arena *a, const char **offset,
                        struct rs_error *e);
  enum rs_code (*input)(struct rs_session *s, struct rs_document *docs, size_t n,
                        struct rs_arena *a, struct rs_doc_rows *out, struct rs_error *e);
  /* NULL: it keeps none */
  enum rs_code (*docs)(struct rs_session *s, const struct rs_control_doc *filter, rs_control_fn fn,
                       void *ctx, struct rs_error *e);
  enum rs_code (*keep_doc)(struct rs_session *s, const struct rs_control_doc *doc,
                           struct rs_error *e);
  enum rs_code (*instances)(struct rs_session *s,
                            enum rs_code (*fn)(void *ctx, const struct rs_instance *i), void *ctx,
                            struct rs_error *e);
  enum rs_code (*running)(struct rs_session *s,
                          enum rs_code (*fn)(void *ctx, const struct rs_running_query *q),
                          void *ctx, struct rs_error *e);
};

enum rs_transact { RS_BEGIN, RS_COMMIT, RS_ROLLBACK };

struct rs_field_table;
struct rs_engine {
  const char *type;                    /* the profile's `type:` */
  const struct rs_field_table *fields; /* of its outputs (profile/fields.h) */
  struct rs_traits traits;
  size_t prefetch; /* batches that are fetched while the caller reads one; 0: one */
  /* rows->impl is a struct rs_adbc_rows: an ingestion takes its batches as they are. */
  bool arrow_rows;

  /* Appends where the data is, in one line: a canonical path or URL. Relation locks go by it
  ** (lock.c), and targets of this process by it and by the profile's fields. */
  enum rs_code (*target_place)(const struct rs_output *o, struct rs_buf *place, struct rs_error *e);
  /* Fills t->impl, t->dialect, and t->file where there is one; no I/O. */
  enum rs_code (*target_open)(struct rs_target *t, struct rs_error *e);
  /* Copies the target's file to a new one while nobody of this process has it open. */
  enum rs_code (*copy_file)(struct rs_session *s, const char *to, struct rs_error *e);
  void (*target_close)(struct rs_target *t);

  /* Fills s->impl; must not block (connect lazily in execute). */
  enum rs_code (*session_open)(struct rs_session *s, struct rs_error *e);
  /* Connects, and sets s->caps and s->learned. NULL: all targets of the engine have what its traits
  ** say. */
  enum rs_code (*learn)(struct rs_session *s, struct rs_error *e);
  void (*session_close)(struct rs_session *s);

  /* rows != NULL: opens a stream: fills rows->columns, rows->impl. rows == NULL: runs to the end
  ** and sets *affected. */
  enum rs_code (*execute)(struct rs_session *s, const struct rs_statement *st, struct rs_rows *rows,
                          int64_t *affected, struct rs_error *e);
  /* RS_OK with a new batch of *n > 0 rows in *batch, or RS_DONE. Batches are independent: the
  ** next one is fetched while the caller reads this one. */
  enum rs_code (*next_batch)(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e);
  void (*free_batch)(struct rs_rows *rows, void *batch);
  void (*get)(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out);
  /* Fills rows->views and rows->scratch for the batch that becomes the current one: its values are
  ** then read there, which gives what `get` would. NULL: by `get`. */
  void (*show)(struct rs_rows *rows, void *batch);
  /* Called once for each execute that gave rows, also after a failed next_batch. */
  void (*close_rows)(struct rs_rows *rows);
  enum rs_code (*columns)(struct rs_session *s, const struct rs_statement *st,
                          struct rs_columns *out, struct rs_error *e);
  enum rs_code (*transact)(struct rs_session *s, enum rs_transact what, struct rs_error *e);
  void (*cancel)(struct rs_session *s);
  enum rs_code (*version)(struct rs_session *s, struct rs_buf *out, struct rs_error *e);
  /* Streams `src` (rows of another session, possibly of another engine) into a new table
  ** `workspace.name` that has exactly its columns; checks that *count rows arrived. */
  enum rs_code (*ingest)(struct rs_session *s, const struct rs_relation *stage, struct rs_rows *src,
                         int64_t *count, struct rs_error *e);

  /* Makes the temporary table `name` of the builder's rows, which it takes out. NULL: it can't. */
  enum rs_code (*stage)(struct rs_session *s, const char *name, struct rs_arrow_builder *rows,
                        struct rs_error *e);

  const struct rs_relation_ops *relations;
  /* rs_target_reaches; NULL: one database is all there is */
  enum rs_code (*reaches)(const struct rs_target *t, const char *database, bool writes,
                          struct rs_error *e);
  const struct rs_control_ops *control;
  const struct rs_doc_ops
    *documents; /* of SQL engines (engine/documents/documents.h); NULL: it can't */
};

struct rs_target {
  const struct rs_engine *engine;
  const struct rs_output *output;
  const struct rs_dialect *dialect;
  const char *file; /* that holds its data, canonical, of target_open; NULL: memory, or a server */
  const char *wal;  /* what stands behind its name in that of its write-ahead log; NULL: none */
  void *impl;
  char *key;
  char *place; /* rs_target_info */
  int refs;    /* this and next: guarded by the registry's mutex */
  struct rs_target *next;
};

struct rs_input;
struct rs_io; /* session.c: the I/O thread */
struct rs_session {
  struct rs_target *target;
  struct rs_interrupt interrupt;
  struct rs_log *log;
  struct rs_io *io;
  struct rs_rows *rows; /* the open one, or NULL */
  bool learned;         /* by `learn`, or with the first statement: */
  unsigned caps;        /* RS_CAP_* */
  bool in_transaction;
  bool aborted;     /* an error rolled the transaction back; the caller has not ended it yet */
  bool abort_again; /* it said so (struct rs_error) */
  char abort_text[512];
  uint64_t kept; /* rs_session_state */
  struct rs_map
    tables;        /* SQL engines: "workspace\nname" written to (engine/documents/documents.c) */
  char *workspace; /* SQL engines: the one that was there last, by a key (engine/sql/sql.c) */
  struct rs_sql_lock *waits; /* relation locks (lock.c, by its mutex): the one it waits for */
  bool keeps_locks;          /* some are held until the transaction ends */
  /* By the same mutex: another session waits for what it holds; or NULL. */
  void (*yield)(void *ctx);
  void *yield_ctx;
  bool looks;        /* sends queries only (look.c): `begin` begins a transaction that only reads */
  const char *lends; /* it writes to that database in memory only (rs_duckdb_lend); NULL */
  bool impatient;    /* what would have to be waited for (a file, a relation) fails: RS_BUSY */
  struct rs_session *source; /* while it ingests: the session whose rows it reads, cancelled too */
  bool altered; /* SQL engines: a table has other columns since rs_sql_transact began */
  void *impl;
};

struct rs_rows {
  struct rs_session *session;
  struct rs_columns columns;
  bool append, lent;             /* how they are ingested (struct rs_input) */
  const struct rs_input *arrays; /* whose next_array gives them; NULL: they come as batches */
  void *impl;
  void *batch; /* the current batch, its size, the next row of it */
  size_t batch_rows, row;
  const struct rs_arrow_view *views; /* of the current batch, and where they format; else NULL */
  struct rs_scratch *scratch;
  bool looks;  /* in a transaction of their own, that ends with them (look.c) */
  bool pulled; /* by rs_rows_pull: nobody reads the next batches' values one by one */
  struct rs_prefetch prefetch; /* those after it; its error is what ended the rows, for the log */
  void (*progress)(void *ctx, int64_t rows); /* after a batch: so many so far; may be NULL */
  void *progress_ctx;
  bool done;     /* no further batch: its end or an error was seen */
  bool nomem;    /* set by the engine's get: the next rs_rows_next fails */
  int64_t total; /* rows delivered */
  int64_t bytes; /* counted by the engine */
  int64_t started_us, started_wall;
  char *sql; /* for the log and errors */
};

/*
** The next batch that nobody has read yet, for an engine's ingest: on the thread of that ingest,
** while the rows' own I/O thread is idle. The caller frees it (src's free_batch). RS_DONE at the
** end.
*/
enum rs_code rs_rows_pull(struct rs_rows *r, void **batch, size_t *n, struct rs_error *e);

/* Cancels what runs in the engine; from any thread, at any time between open and close. For an
** engine that reads through a session of another one; callers have struct rs_interrupt. */
void rs_session_cancel(struct rs_session *s);
/* Rolls the session's transaction back after an error; its owner learns of it with COMMIT. On the
** I/O thread. */
void rs_session_abort(struct rs_session *s, const struct rs_error *e);
/* The gate of a session that only looks (look.c): RS_FORBIDDEN where the statement is no query;
** where something would be changed, with `what` it is. On the I/O thread: *begun: the engine's
** rollback has to end what was begun. */
enum rs_code rs_look_statement(const struct rs_session *s, const struct rs_statement *st,
                               struct rs_error *e);
enum rs_code rs_look_change(const struct rs_session *s, const char *what, struct rs_error *e);
enum rs_code rs_look_begin(struct rs_session *s, bool *begun, struct rs_error *e);
/* What was sent, in the session's log. rows: -1 unknown; e: NULL, or how it failed. */
void rs_session_log(struct rs_session *s, const char *sql, int64_t started_us, int64_t started_wall,
                    int64_t rows, int64_t bytes, const struct rs_error *e);

/* Rows that were built here as a temporary table of the session, whose name is new; the builder is
** empty then. Where rs_session_can_stage. */
enum rs_code rs_session_stage(struct rs_session *s, const char *name, struct rs_arrow_builder *rows,
                              struct rs_error *e);
bool rs_session_can_stage(const struct rs_session *s);

/* Of an error that says that something does not exist: where the target's file itself is missing,
** says so first, and what to do. */
void rs_target_no_file(const struct rs_target *t, struct rs_error *e);

/* RS_UNSUPPORTED: the target `has no <what>`. */
enum rs_code rs_engine_lacks(const struct rs_session *s, const char *what, struct rs_error *e);

/* Streams src (rows of another session, maybe of another engine; read to their end, not closed)
** into a new table `stage` that has exactly their columns; without a workspace it is a temporary
** one of the session. *count: rows that arrived, checked. */
enum rs_code rs_session_ingest(struct rs_session *s, const struct rs_relation *stage,
                               struct rs_rows *src, int64_t *count, struct rs_error *e);

/* The relation is no model's result (keys.h): its documents are the caller's own. */
enum rs_code rs_key_forget(struct rs_session *s, const struct rs_relation *rel, struct rs_error *e);

/* ---- changes (change_meets.c), rows from memory (input.c) ------------------------------------ */

/* Asks, key by key, for the rows that changes are to meet, before an engine without transactions
** writes. RS_CONSTRAINT: one meets none, or several. */
enum rs_code rs_changes_check(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_changes *c, struct rs_error *e);
/* That error. rows: of that key. */
enum rs_code rs_changes_misses(const struct rs_relation *rel, const struct rs_changes *c,
                               const char *key, int64_t rows, struct rs_error *e);

/* The rows themselves, for an engine's ingest; they borrow the input. Returns owned. */
enum rs_code rs_input_open(const struct rs_input *input, struct rs_rows **out, struct rs_error *e);
void rs_input_close(struct rs_rows *rows); /* NULL is fine */

/* ---- for engines whose SQL does not make a collection of rows that lack its columns ---------- */

/*
** The rows with `_id` (made where the input has none) and `_event_time` (RS_T_TIMESTAMP; now where
** it has none) in front of all others. Borrows the push; lives as long as its arena.
*/
struct rs_push_rows {
  struct rs_input input; /* for rs_session_ingest_input */
  bool has_ids;          /* the input says what `_id` is */
  const struct rs_input *from;
  int id, event_time; /* their columns of `from`, or -1 */
  struct rs_value *row;
  char made_id[37], now[40], time[64];
};
enum rs_code rs_push_rows_init(struct rs_push_rows *x, const struct rs_push *push,
                               struct rs_arena *a, struct rs_error *e);

/* The registry is engines.def, one line per engine; target.c alone reads it. */

/* What engine/duckdb/duckdb.c has in its row (engine/documents/documents.c). */
extern const struct rs_doc_ops rs_duckdb_doc_ops;
#endif
