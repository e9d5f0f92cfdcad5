/*
** What the files of the `rockset` adapter share: Rockset's REST API v1 behind the engine contract
** (engine/slots.h).
**
**   rockset.c              the engine's table, targets, sessions, cancel
**   rest.c         requests of the control plane, errors, waits
**   query.c        statements and lambdas: a stream of rows, pages, asynchronous ones
**   rows.c         that stream as the waist's rows; columns of a query
**   value.c        types and values both ways
**   insert.c       INSERT INTO and the wait until it is visible
**   relations.c    kind, columns, lists
**   workspaces.c   workspaces and collections, made and dropped
**   views.c        views, and those that stand in the way of a drop
**   materialize.c  tables built aside and switched by an alias
**   documents.c    documents in batches
**   load.c         rows of another session, files
**   lambda.c, control.c   lambdas; aliases, instances, running queries
**
** Threads: everything here runs on the session's I/O thread, in jobs that rs_rockset_do starts, and
** blocks until the network answers; a cancel ends it. What is said to run on the caller's thread is
** the exception.
*/
#ifndef RS_ENGINE_ROCKSET_ROCKSET_H
#define RS_ENGINE_ROCKSET_ROCKSET_H
#include <cjson/cJSON.h>
#include "src/engine/http/http.h"
#include "src/net/http.h"
#include "src/json/json.h"
#include "src/json/rows.h"
#include "src/engine/slots.h"
#include "src/engine/io.h"

/* ---- targets and sessions (rockset.c) -------------------------------------------------------- */

struct rs_rockset_target {
  char *url;   /* http(s)://host[:port] */
  char *key;   /* the whole Authorization value; secret */
  char *vi;    /* NULL: the default virtual instance */
  bool async;  /* run_async_iis */
  bool local;  /* this machine */
  bool closed; /* a host of the service that is gone */
};

/* How the next ingestion takes its collection (load.c). */
enum rs_rockset_stage { RS_STAGE_CREATE, RS_STAGE_EXISTS };

/* What became of documents that went in several requests, for an error. */
struct rs_rockset_account {
  size_t done, refused, unknown, left;
  size_t replaced; /* of those done */
  bool more;       /* others follow that were not counted, nor sent */
};

struct rs_rockset_session {
  struct rs_remote remote;                /* first */
  const struct rs_rockset_query *instead; /* a lambda that the next execute stands for */
  enum rs_rockset_stage stage;
  const char *stage_description;     /* of the collection that an ingestion makes */
  struct rs_rockset_account account; /* of the last ingestion */
};

/* What a second of back-off lasts, in ms; tests make it short. */
extern int64_t rs_rockset_second_ms;
/* Documents of a request at most; tests make it small. */
extern size_t rs_rockset_batch_docs;

struct rs_rockset_target *rs_rockset_target(const struct rs_session *s);
struct rs_rockset_session *rs_rockset_session(const struct rs_session *s);
/* A client of the target's server. tries: 0 = the default. Returns owned. */
enum rs_code rs_rockset_client(struct rs_session *s, int tries, struct rs_http **ph,
                               struct rs_error *e);

/* ---- requests (rest.c) --------------------------------------------------------------- */

enum {
  RS_REST_SAFE = 1,    /* doing it twice is the same as once */
  RS_REST_CALM = 2,    /* not cancelled, and soon given up: clean-up */
  RS_REST_COUNTED = 4, /* the caller counts what is not known after a lost answer */
  RS_REST_JOB = 8      /* called on the caller's thread: a job of its own */
};
struct rs_rockset_call {
  const char *method;        /* NULL: GET */
  const struct rs_buf *body; /* NULL: none */
  unsigned flags;
  const char *note; /* for the log instead of the body */
};

/* Adds a path below /v1/orgs/self. fmt: each %s is one segment of the path, each %v a value of the
** query string, percent-encoded here; a NULL segment ends the path in front of its slash. */
void rs_rockset_path(struct rs_buf *b, const char *fmt, ...);
/*
** One request; its path is rs_rockset_path's.
** RS_OK: status 2xx; *answer (may be NULL) returned owned
** (cJSON_Delete), never NULL. Otherwise the error's code and text are the service's. A safe call
** whose answer breaks off is made again; of another one the error says that it may have been done.
*/
enum rs_code rs_rockset_call(struct rs_session *s, const struct rs_rockset_call *c, cJSON **answer,
                             struct rs_error *e, const char *fmt, ...);
/* GET of an entity: its `data`; RS_NOT_FOUND when there is none. *answer as above. */
enum rs_code rs_rockset_get(struct rs_session *s, cJSON **answer, struct rs_error *e,
                            const char *fmt, ...);
/* GET of a list, of one workspace or (NULL) of all. */
enum rs_code rs_rockset_list(struct rs_session *s, unsigned flags, const char *workspace,
                             const char *what, cJSON **answer, struct rs_error *e);
/* POST of an object: rs_rockset_begin opens it, members are added (rs_js_*), rs_rockset_post
** closes, sends and frees it. */
void rs_rockset_begin(struct rs_buf *body);
enum rs_code rs_rockset_post(struct rs_session *s, struct rs_buf *body, unsigned flags,
                             cJSON **answer, struct rs_error *e, const char *fmt, ...);
/* DELETE; RS_NOT_FOUND is fine. */
enum rs_code rs_rockset_delete(struct rs_session *s, unsigned flags, struct rs_error *e,
                               const char *fmt, ...);
/* Sends r by the client that flags ask for; returns with the status. The
** exchange is open (rs_http_read, rs_http_end on *client). */
enum rs_code rs_rockset_open(struct rs_session *s, const struct rs_http_request *r, unsigned flags,
                             struct rs_http **client, int *status, struct rs_error *e);
/* After a request that failed with rc: may the service have done it? */
bool rs_rockset_may_be_done(struct rs_session *s, enum rs_code rc, const struct rs_error *e);
/* What an answer of status >= 400 says; reads it from the client and ends the exchange. */
enum rs_code rs_rockset_refused(struct rs_http *client, int status, struct rs_error *e);
/* The code of an error object's `type`; status 0: unknown. */
enum rs_code rs_rockset_code(const char *type, int status);

/* Waits between polls: 100 ms, then longer, up to 3 s. {0} begins. RS_TIMEOUT after `limit_s`
** seconds in all, naming `what` that has not come about. */
struct rs_rockset_poll {
  int64_t wait_ms, waited_ms;
};
enum rs_code rs_rockset_pause(struct rs_session *s, struct rs_rockset_poll *p, int64_t limit_s,
                              struct rs_error *e, const char *fmt, ...)
  __attribute__((format(printf, 5, 6)));

/* `answer.data`, or NULL; a member's integer, or `otherwise`. */
const cJSON *rs_rockset_data(const cJSON *answer);
/* The items of a list's answer by workspace, name, tag and time, as far as they have them; returns
** owned (rs_free), NULL when out of memory. */
const cJSON **rs_rockset_sorted(const cJSON *answer, size_t *n);
int64_t rs_rockset_int(const cJSON *object, const char *name, int64_t otherwise);

/* ---- statements (query.c) ------------------------------------------------------------ */

/* What to run: a statement, or (path) a lambda. Borrows. */
struct rs_rockset_query {
  const char *sql;
  const struct rs_value *params; /* :p1, :p2 ... */
  size_t nparams;
  const char *path;                   /* of a lambda */
  const struct rs_named_param *named; /* its parameters */
  size_t nnamed;
  bool writes;   /* never repeated once it may have arrived */
  int row_limit; /* default_row_limit; 0: none */
};

/* An answer that is read. Others than query.c read `json`'s bytes, `listed` and, when it is over,
** what it has said. */
struct rs_rockset_stream {
  struct rs_session *s;
  char *sql, *path; /* path: of a lambda */
  bool writes;
  struct rs_http *client; /* whose exchange is read; NULL: none */
  struct rs_json_rows *json;
  struct rs_columns listed; /* that the answer lists; n = 0: it has not (yet) */
  bool over;
  /* what the answer has said so far; NULL: nothing */
  char *query_id, *status, *last_offset, *cursor, *error;
  enum rs_code error_code;
  int64_t total, rows, inserted; /* inserted: num_docs_inserted, -1: not given */
};
/* Sends it; returns when the columns are known as far as the answer gives them in front of its
** rows. Returns owned (rs_rockset_close). Errors of the statement. */
enum rs_code rs_rockset_run(struct rs_session *s, const struct rs_rockset_query *q,
                            struct rs_rockset_stream **ps, struct rs_error *e);
/* The next batch, owned (rs_json_batch_free). RS_DONE: everything has arrived and was checked. */
enum rs_code rs_rockset_next(struct rs_rockset_stream *st, struct rs_json_batch **batch, size_t *n,
                             struct rs_error *e);
void rs_rockset_close(struct rs_rockset_stream *st); /* NULL is fine */
/* Keeps only the listed columns from here on. */
enum rs_code rs_rockset_project(struct rs_rockset_stream *st, const struct rs_columns *c,
                                struct rs_error *e);

/* Runs a query of ours to its end, fn for each row; logged. */
typedef enum rs_code (*rs_rockset_row_fn)(void *ctx, struct rs_json_batch *b, size_t row,
                                          struct rs_error *e);
enum rs_code rs_rockset_each(struct rs_session *s, const char *sql, rs_rockset_row_fn fn, void *ctx,
                             struct rs_error *e);

/* ---- rows (rows.c): engine/slots.h's functions --------------------------------------------- */

enum rs_code rs_rockset_execute(struct rs_session *s, const struct rs_statement *st,
                                struct rs_rows *rows, int64_t *affected, struct rs_error *e);
enum rs_code rs_rockset_next_batch(struct rs_rows *rows, void **batch, size_t *n,
                                   struct rs_error *e);
void rs_rockset_value(struct rs_rows *rows, void *batch, size_t row, size_t col,
                      struct rs_value *out);
void rs_rockset_close_rows(struct rs_rows *rows);
enum rs_code rs_rockset_columns(struct rs_session *s, const struct rs_statement *st,
                                struct rs_columns *out, struct rs_error *e);

/* Adds the columns of a query, which is run for `rows` rows. A service that names no types gives
** native types "". */
enum rs_code rs_rockset_look(struct rs_session *s, struct rs_rockset_query *q, int rows,
                             struct rs_columns *out, struct rs_error *e);
/* Are there columns, and does each have a type's name? */
bool rs_rockset_has_types(const struct rs_columns *c);

/* ---- types and values (value.c) ------------------------------------------------------ */

/* By Rockset's name of a type, whatever its case; unknown ones are RS_T_OTHER. */
enum rs_type rs_rockset_type(const char *name);
/* Adds one element of `parameters`: {"name":..,"type":..,"value":..}. type NULL: by the kind. */
void rs_rockset_add_param(struct rs_buf *b, const char *name, const char *type,
                          const struct rs_value *v);
/* Adds a value of a column as a document's JSON: dates and times become typed values. */
void rs_rockset_add_value(struct rs_buf *b, enum rs_type type, const struct rs_value *v);

/* Adds a field of a document, with a comma when it is not the first. */
void rs_rockset_add_field(struct rs_buf *b, const char *name, enum rs_type type,
                          const struct rs_value *v);

/* ---- INSERT INTO (insert.c) ---------------------------------------------------------- */

/* INSERT INTO rel <sql> as the profile wants it run (run_async_iis); returns when its rows can be
** read. rel: a collection, or an alias of one. *rows: -1 when the service doesn't tell. */
enum rs_code rs_rockset_insert(struct rs_session *s, const struct rs_relation *rel, const char *sql,
                               int64_t *rows, struct rs_error *e);
/* A whole statement that writes, waited for likewise when its target can be read from its text. */
enum rs_code rs_rockset_exec_write(struct rs_session *s, const struct rs_rockset_query *q,
                                   int64_t *rows, struct rs_error *e);
/* Until what was written up to `offset` can be read; NULL: nothing to wait for. */
enum rs_code rs_rockset_fence(struct rs_session *s, const struct rs_relation *collection,
                              const char *offset, struct rs_error *e);

/* The same of what may be an alias of the collection. */
enum rs_code rs_rockset_fence_behind(struct rs_session *s, const struct rs_relation *rel,
                                     const char *offset, struct rs_error *e);

/* ---- relations (relations.c, views.c) ---------------------------------------- */

struct rs_rockset_found {
  enum rs_relation_kind kind;
  struct rs_relation collection; /* of an alias: what it stands for; in the arena */
  bool several;                  /* it is an alias of several collections, read as a view is */
  const char *description;       /* in the arena, or NULL */
};
enum rs_code rs_rockset_find(struct rs_session *s, const struct rs_relation *rel,
                             struct rs_arena *a, struct rs_rockset_found *out, struct rs_error *e);
/* "collection", "view", "alias". */
const char *rs_rockset_word(enum rs_relation_kind kind);

/* A job on a relation, the beginning of what it takes. What stands under the name is found
** first. */
struct rs_rockset_job {
  const struct rs_relation *rel;
  struct rs_arena a; /* the job's */
  struct rs_rockset_found found;
};
/* On the caller's thread: runs fn as a job, with `job` as its arg; `locked`: with the relation's
** lock (engine/lock.h). */
enum rs_code rs_rockset_do(struct rs_session *s, rs_io_fn fn, struct rs_rockset_job *job,
                           bool locked, struct rs_error *e);
/* RS_NOT_FOUND, with the nearest name of the workspace. */
enum rs_code rs_rockset_not_found(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_error *e);
/* The collections that an alias stands for, "workspace.name"; rs_free the array; NULL: out of
** memory. */
const char **rs_rockset_collections(const cJSON *alias, size_t *n);
/* The one that it stands for; NULL: none, or several. */
const char *rs_rockset_collection(const cJSON *alias);
/* Entities that are on their way out are still listed for a while. */
bool rs_rockset_is_deleted(const cJSON *entity);
/* "workspace.name" of an alias's collections or a view's entities; the workspace may hold dots. */
bool rs_rockset_split(const char *path, struct rs_arena *a, struct rs_relation *out);
enum rs_code rs_rockset_need_workspace(struct rs_session *s, const char *name, struct rs_error *e);
/* Makes a collection, returns when it is READY. */
enum rs_code rs_rockset_make_collection(struct rs_session *s, const struct rs_relation *rel,
                                        const char *description, struct rs_error *e);
/* Deletes and waits until it is gone; missing is fine. Deletes views that read it only when
** `dependents`; otherwise the service may refuse (RS_CONSTRAINT). */
enum rs_code rs_rockset_drop_found(struct rs_session *s, const struct rs_relation *rel,
                                   enum rs_relation_kind kind, bool dependents, struct rs_error *e);
enum rs_code rs_rockset_put_view(struct rs_session *s, const struct rs_relation *rel,
                                 const char *sql, const char *description, bool exists,
                                 struct rs_error *e);
/* Drops what was found, views that read it, and what a build of ours made for the alias. */
enum rs_code rs_rockset_drop_all(struct rs_session *s, struct rs_rockset_job *j,
                                 struct rs_error *e);
/* The service's opinion of a query that is not run. */
enum rs_code rs_rockset_validate(struct rs_session *s, const char *sql, struct rs_error *e);

/* Views that read a relation, directly or through others, in the order in which they can be made
** again. */
struct rs_rockset_views {
  struct rs_arena *a;
  struct rs_rockset_view {
    struct rs_relation rel;
    const char *sql, *description;
  } * v;
  size_t n, cap; /* v: rs_free */
};
enum rs_code rs_rockset_dependents(struct rs_session *s, const struct rs_relation *rel,
                                   struct rs_rockset_views *out, struct rs_error *e);
enum rs_code rs_rockset_drop_views(struct rs_session *s, const struct rs_rockset_views *v,
                                   struct rs_error *e);

/* ---- building aside (materialize.c) -------------------------------------------------- */

/* Is this a collection that a build of ours made: `name__<8 hex>` with our description? */
bool rs_rockset_is_aside(const char *name, const char *description);
/* Is the alias a table of ours, by the name of what it stands for? */
bool rs_rockset_is_table(const struct rs_relation *alias, const struct rs_relation *collection);
/* A name for a build of rel, and the description that tells whose it is; in the arena. */
enum rs_code rs_rockset_aside(const struct rs_relation *rel, struct rs_arena *a,
                              struct rs_relation *out, const char **description,
                              struct rs_error *e);
/* Removes what crashed builds of rel left. */
enum rs_code rs_rockset_sweep(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_rockset_found *now, struct rs_error *e);
/* Makes an alias, or moves the one that exists. */
enum rs_code rs_rockset_put_alias(struct rs_session *s, const struct rs_alias *alias, bool exists,
                                  unsigned flags, struct rs_error *e);
/* Puts the finished collection under the name of rel by its alias; drops what was there. On
** failure the old one is still there unless the text says otherwise. `note`: out, sizeof
** rs_build.note. */
enum rs_code rs_rockset_switch(struct rs_session *s, const struct rs_relation *rel,
                               const struct rs_relation *aside, char *note, struct rs_error *e);
/* Drops an aside without caring for a cancel; a failure is nobody's business. */
void rs_rockset_discard(struct rs_session *s, const struct rs_relation *aside);

enum rs_code rs_rockset_ingest(struct rs_session *s, const struct rs_relation *stage,
                               struct rs_rows *src, int64_t *count, struct rs_error *e);
/* Puts the account in front of the error, unless nothing was done; on the caller's thread, which
** may have made its own error of an interrupt. */
void rs_rockset_tell(const struct rs_relation *rel, enum rs_write_op op,
                     const struct rs_rockset_account *a, struct rs_error *e);
/* One request with documents that are one JSON array's insides; *answer returned owned. */
enum rs_code rs_rockset_post_docs(struct rs_session *s, const struct rs_relation *collection,
                                  enum rs_write_op op, const struct rs_buf *body, size_t n,
                                  cJSON **answer, struct rs_error *e);

extern const struct rs_relation_ops rs_rockset_relation_ops;
extern const struct rs_control_ops rs_rockset_control_ops;

/* Functions of those tables that lie in files of their own. On the caller's thread. */
enum rs_code rs_rockset_create(struct rs_session *s, const struct rs_relation *rel, bool if_missing,
                               struct rs_error *e);
enum rs_code rs_rockset_drop_alias(struct rs_session *s, const struct rs_relation *alias,
                                   struct rs_error *e);
enum rs_code rs_rockset_drop(struct rs_session *s, const struct rs_relation *rel,
                             enum rs_relation_kind kind, unsigned how, struct rs_error *e);
enum rs_code rs_rockset_replace(struct rs_session *s, const struct rs_relation *rel,
                                const char *sql, struct rs_build *how, int64_t *rows,
                                struct rs_error *e);
enum rs_code rs_rockset_replace_view(struct rs_session *s, const struct rs_relation *rel,
                                     const char *sql, struct rs_error *e);
enum rs_code rs_rockset_add_select(struct rs_session *s, const struct rs_relation *rel,
                                   const char *sql, const struct rs_adding *how, int64_t *rows,
                                   struct rs_error *e);
enum rs_code rs_rockset_apply(struct rs_session *s, const struct rs_relation *rel,
                              const struct rs_changes *c, int64_t *written, struct rs_error *e);
enum rs_code rs_rockset_load(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_load *load, int64_t *rows, struct rs_error *e);
enum rs_code rs_rockset_write(struct rs_session *s, const struct rs_relation *rel,
                              enum rs_write_op op, struct rs_document *docs, size_t n,
                              struct rs_arena *a, const char **offset, struct rs_error *e);
enum rs_code rs_rockset_lambdas(struct rs_session *s, enum rs_lambda_list what,
                                const struct rs_relation *of, rs_lambda_fn fn, void *ctx,
                                struct rs_error *e);
enum rs_code rs_rockset_lambda_find(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_arena *a, struct rs_lambda *out, struct rs_error *e);
enum rs_code rs_rockset_lambda_put(struct rs_session *s, struct rs_lambda *l, enum rs_put put,
                                   struct rs_arena *a, struct rs_error *e);
enum rs_code rs_rockset_lambda_tag(struct rs_session *s, const struct rs_relation *lambda,
                                   const char *tag, const char *version, struct rs_error *e);
enum rs_code rs_rockset_lambda_drop(struct rs_session *s, const struct rs_lambda_ref *ref,
                                    struct rs_error *e);
enum rs_code rs_rockset_lambda_query(struct rs_session *s, const struct rs_lambda_ref *ref,
                                     const struct rs_named_param *params, size_t n,
                                     struct rs_rows **pr, struct rs_error *e);

/* load.c: engine/slots.h's `push` */
enum rs_code rs_rockset_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e);

/* The fields of its outputs (profile.c). */
extern const struct rs_field_table rs_rockset_fields;

#endif
