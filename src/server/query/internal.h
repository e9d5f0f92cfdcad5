/*
** What the files of src/server/query share.
*/
#ifndef RS_SERVER_QUERY_INTERNAL_H
#define RS_SERVER_QUERY_INTERNAL_H
#include "query.h"

/* ---- one run (run.c) ------------------------------------------------------------------------- */

/* Parses, names the collections, reads the parameters. */
enum rs_code rs_run_prepare(struct rs_run *r, const struct rs_query_request *q);
/* Sends it. */
enum rs_code rs_run_open(struct rs_run *r, const struct rs_query_request *q);
/* Appends the next row's JSON text to b; RS_DONE: there is none. */
enum rs_code rs_run_row(struct rs_run *r, struct rs_buf *b);
/* The columns that a checked query without parameters would give; of other statements none. */
enum rs_code rs_run_columns(struct rs_run *r, struct rs_columns *out);

/* INSERT INTO and DESCRIBE: fill r->fixed and r->column_fields (insert.c, describe.c). */
enum rs_code rs_run_insert(struct rs_run *r);
enum rs_code rs_run_describe(struct rs_run *r);
/* Fills r->column_fields. */
enum rs_code rs_run_fields(struct rs_run *r, const struct rs_columns *columns);
/* One row of r->fixed. */
void rs_run_fixed_row(struct rs_run *r, const char *json, size_t n);

/* ---- columns of relations (columns.c) -------------------------------------------------------- */

enum rs_code rs_columns_open(struct rs_backend *v, struct rs_error *e);
void rs_columns_close(struct rs_backend *v);
/* The columns and kind of a relation, copied to the arena. RS_NOT_FOUND. */
enum rs_code rs_columns_of(struct rs_backend *v, struct rs_session *s,
                           const struct rs_relation *rel, struct rs_arena *a,
                           const struct rs_columns **out, enum rs_relation_kind *kind,
                           struct rs_error *e);
/* RS_NOT_FOUND: the view or alias reads what is hidden, by itself or through other views
** (hidden_views.c). */
enum rs_code rs_hidden_check_view(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_error *e);

/* ---- virtual instances (instances.c, mounts.c) ----------------------------------------------- */

enum rs_code rs_vis_open(struct rs_backend *v, struct rs_error *e);
void rs_vis_close(struct rs_backend *v);
struct rs_vi_entry;
/* A query begins there; *vi is what is known of it. RS_NOT_FOUND; RS_BUSY: it is suspended. */
enum rs_code rs_vi_enter(struct rs_backend *v, const char *word, struct rs_vi_entry **out,
                         struct rs_vi *vi, struct rs_error *e);
/* One of them is to run: may it, now? */
bool rs_vi_run(struct rs_backend *v, struct rs_vi_entry *x);
/* It has ended; `ran`: rs_vi_run has said yes. */
void rs_vi_leave(struct rs_backend *v, struct rs_vi_entry *x, bool ran);
/* RS_INVALID: nobody knows what the statement reads, and the run's instance may not read all. */
enum rs_code rs_run_check_known(struct rs_run *r, struct rs_error *e);
/* RS_INVALID: the relation is, or reads, a collection that is not mounted on the run's instance. */
enum rs_code rs_run_check_mounts(struct rs_run *r, const char *workspace, const char *name,
                                 enum rs_relation_kind kind, struct rs_error *e);

/* ---- who may what (access.c) ----------------------------------------------------------------- */

/* Each RS_FORBIDDEN, for the run's own. A relation, before anybody asks whether it is there. */
enum rs_code rs_run_check_access(const struct rs_run *r, const char *workspace, const char *name,
                                 bool write, struct rs_error *e);
/* The run may not read the relation as a whole, but what rs_run_filter_events leaves of it. */
bool rs_run_sees_part(const struct rs_run *r, const char *workspace, const char *name);
/* RS_FORBIDDEN then, for who can't leave anything out. */
enum rs_code rs_run_need_all(const struct rs_run *r, const char *workspace, const char *name,
                             struct rs_error *e);
/* A query in the place of commons._events, in the run's arena (events.c). */
enum rs_code rs_run_filter_events(struct rs_run *r, const struct rs_columns *columns,
                                  const char **sql, struct rs_error *e);
/* What the alias stands for. */
enum rs_code rs_run_check_alias(const struct rs_run *r, const char *workspace, const char *name,
                                bool write, struct rs_error *e);
/* A statement of which nobody knows what it reads. */
enum rs_code rs_run_check_pass(const struct rs_run *r, struct rs_error *e);
struct rs_query;
/* Its text, its state and its rows. */
bool rs_query_is_visible(struct rs_backend *v, const struct rs_identity *who,
                         const struct rs_query *x);

/* ---- when what was used (usage.c) ------------------------------------------------------------ */

enum rs_code rs_usages_open(struct rs_backend *v, struct rs_error *e);
void rs_usages_close(struct rs_backend *v);

/* ---- what views hold (view_sizes.c) ---------------------------------------------------------- */

/* For rs_rsql_env, while the run is open; NULL: the target is none that needs it. */
const struct rs_rsql_views *rs_run_views(struct rs_run *r);
/* RS_LIMIT: it is a view that holds more than a statement may name. */
enum rs_code rs_run_check_view(struct rs_run *r, const char *workspace, const char *name,
                               struct rs_error *e);
void rs_view_sizes_release(struct rs_view_sizes *z);

/* ---- rows as JSON (writer.c) ----------------------------------------------------------------- */

/* For rows that are to be written as documents, by the transformation stmt: every value keeps its
** type, what is undefined is left out. `hidden`: columns whose names begin so are left out.
** Returns owned, as rs_writer_new. */
struct rs_writer *rs_writer_new_documents(const struct rs_columns *columns,
                                          const struct rs_rsql_stmt *stmt, const char *hidden);
/* column_fields, [{"name":..,"type":..}, ...]: type is empty, or with `types` Rockset's name, or
** hugeint, decimal, uuid, enum, other, which Rockset does not have. */
void rs_writer_fields(const struct rs_columns *columns, const struct rs_rsql_stmt *stmt, bool types,
                      struct rs_buf *b);
/* One value; of RS_T_OTHER an interval's text. RS_WIRE_U256: an integer that is one, however
** small. */
#define RS_WIRE_U256 ((enum rs_type)(RS_T_OTHER + 1))
/* Timestamps and bytes as typed values, where others are plain texts. */
#define RS_WIRE_TIMESTAMP ((enum rs_type)(RS_T_OTHER + 2))
#define RS_WIRE_BYTES ((enum rs_type)(RS_T_OTHER + 3))
void rs_writer_value(struct rs_buf *b, enum rs_type type, const struct rs_value *v);
/* Rockset's name of a column's type, as DESCRIBE gives it. */
const char *rs_writer_type(const struct rs_column *c);

/* ---- arrays and objects (nested.c) ----------------------------------------------------------- */

struct rs_nested;
struct rs_splice;
/* How the values of a column are written; *out NULL: as they come. field: they are a document's
** field, whose members that are NULL are not there. False: out of memory. */
bool rs_nested_new(const struct rs_column *c, bool field, struct rs_nested **out);
/* From now on timestamps and bytes are typed values. NULL is fine. */
void rs_nested_type(struct rs_nested *x);
void rs_nested_free(struct rs_nested *x);
/* JSON text of such a column. */
void rs_nested_write(const struct rs_nested *x, const char *p, size_t n, struct rs_buf *b);

/* splice.c: objects of column i whose members stand in the row (rs_rsql_is_spliced). *out: NULL, it
** is no such column. Both must outlive it. False: out of memory. */
bool rs_splice_new(const struct rs_columns *columns, size_t i, const struct rs_rsql_stmt *stmt,
                   struct rs_splice **out);
void rs_splice_free(struct rs_splice *x);
/* `,"name":value` of each member; nothing of what is no object. */
void rs_splice_write(const struct rs_splice *x, const struct rs_value *v, struct rs_buf *b);

/* ---- when lambdas were run (lambda_uses.c) --------------------------------------------------- */

enum rs_code rs_lambda_uses_open(struct rs_backend *v, struct rs_error *e);
void rs_lambda_uses_close(struct rs_backend *v);
/* An execution has ended. */
void rs_lambda_uses_note(struct rs_backend *v, const char *path, const char *user, enum rs_code rc,
                         const struct rs_problem *p);

/* ---- the register (register.c) --------------------------------------------------------------- */

enum rs_query_status { RS_Q_QUEUED, RS_Q_RUNNING, RS_Q_COMPLETED, RS_Q_ERROR, RS_Q_CANCELLED };

/* A query from its start until it is forgotten. Its runner writes it, anybody reads: what changes
** while it runs is atomic, `problem` is set before the status that speaks of it, the rest before it
** is COMPLETED, which is when a stored result is read. Counted references (under the register's
** mutex): the register's own, and one for each who works with it. */
struct rs_query {
  char id[64];
  int refs;
  struct rs_query *next; /* the newest first */
  _Atomic int status;    /* enum rs_query_status */
  char *sql;
  char by[256], user[256]; /* the key's name, and whose it is */
  char instance[37];
  struct rs_vi_entry *vi;        /* until it ends; its runner's alone */
  struct rs_query_limits limits; /* those of its instance */
  int64_t submitted_us;
  _Atomic int64_t started_ms, ended_ms, expires_us;
  struct rs_watch watch; /* of who runs it; its members are atomic */
  struct rs_problem problem;
  char *column_fields, *collections, *lambda;
  char *_Atomic last_offset;
  bool stored; /* it has a spool; read by anybody once COMPLETED, grown by its runner alone */
  int fd;      /* of an unlinked file; rows as <u32 length><JSON> */
  _Atomic int64_t rows, bytes;
  int64_t *index; /* where every RS_INDEX_STEP-th row lies */
  size_t nindex, index_cap;
};
enum { RS_INDEX_STEP = 256 };

enum rs_code rs_queries_open(struct rs_backend *v, struct rs_error *e);
void rs_queries_close(struct rs_backend *v);

/* A new query, QUEUED; fd: the socket of who waits for it, or -1. Returns owned in *pq
** (rs_query_release). RS_FORBIDDEN: who asks may not query on its instance. */
enum rs_code rs_query_begin(struct rs_backend *v, const struct rs_query_request *r,
                            const struct rs_identity *who, int fd, struct rs_query **pq,
                            struct rs_error *e);
/* Waits until it may run. RS_LIMIT: too many wait already, or it waited for too long. Whatever
** comes of it, every query that began must end. */
enum rs_code rs_query_start(struct rs_backend *v, struct rs_query *x, struct rs_error *e);
/* What is known of it once it runs; texts are copied. */
enum rs_code rs_query_describe(struct rs_backend *v, struct rs_query *x, const struct rs_run *r,
                               struct rs_error *e);
/* Its end: rc RS_OK, or the run's problem. */
void rs_query_end(struct rs_backend *v, struct rs_query *x, enum rs_code rc,
                  const struct rs_problem *p);
void rs_query_release(struct rs_backend *v, struct rs_query *x);
/* By id, or the i-th of those that have not ended; counted; NULL when there is none. */
struct rs_query *rs_query_active(struct rs_backend *v, size_t i);
struct rs_query *rs_query_find(struct rs_backend *v, const char *id);
/* Runs r to its end into x's spool. */
enum rs_code rs_query_store(struct rs_backend *v, struct rs_query *x, struct rs_run *r);
/* Appends rows from..from+n of a stored result, comma-separated; *got: how many. */
enum rs_code rs_query_page(struct rs_query *x, int64_t from, int64_t n, int64_t max_bytes,
                           struct rs_buf *b, int64_t *got, struct rs_error *e);
/* Starts a thread that runs it into its spool and ends it. Copies the request. */
enum rs_code rs_query_spawn(struct rs_backend *v, struct rs_query *x,
                            const struct rs_query_request *r, const struct rs_identity *who,
                            struct rs_error *e);
/* Waits until it has ended, or ms, or watch (may be NULL) is stopped. */
bool rs_query_wait(struct rs_backend *v, struct rs_query *x, int64_t ms, struct rs_watch *watch);
/* "QUEUED", "RUNNING", ... */
const char *rs_query_status_name(enum rs_query_status status);
/* The member query_errors of who failed. */
void rs_query_write_errors(struct rs_buf *b, const struct rs_problem *p);
/* The member pagination of a page of `got` rows; from, next: its own row and the next page's; -1:
** there is none. */
void rs_query_write_pagination(struct rs_buf *b, int64_t from, int64_t next, int64_t got);

/* ---- answers (ask.c, stream.c) --------------------------------------------------------------- */

/* Reads the body of POST queries. Texts live in the request. */
enum rs_code rs_query_request_read(struct rs_request *q, struct rs_query_request *r);
/* Answers while rows arrive. Takes over the run (heap), the query and the request's session;
** q->stream, or q->out when the whole answer fits. */
enum rs_code rs_stream_answer(struct rs_request *q, struct rs_query *x, struct rs_run *run);
#endif
