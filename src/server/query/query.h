/*
** Queries of rocksetd: the target that is served, sessions of it, and the way from a request's text
** to rows as JSON, at once or stored.
**
**   rs_backend   the target, its idle sessions, what is remembered of it, the register of queries
**   rs_pool_*    sessions for who works on the target
**   rs_vi_*      virtual instances: where a query runs, and how much it may take there
**   rs_query_*   what a request asks for, and its answer
**   rs_run_*     one statement on a session: Rockset SQL is translated and sent, its rows come out
**                as JSON text. Views and query lambdas check their texts by it.
**
** Threads: the members of struct rs_backend that change are atomic or have a mutex. A run belongs
** to one thread. Asynchronous queries have threads of their own, which rs_backend_close waits for.
**
** Blocking: whatever takes a session, and rs_query_answer. Memory: a run's texts live in its arena,
** a request's in the request's. Errors: a run's are in r->problem, with the status of the answer.
*/
#ifndef RS_SERVER_QUERY_QUERY_H
#define RS_SERVER_QUERY_QUERY_H
#include "src/engine/control.h"
#include "src/engine/engine.h"
#include "src/rsql/rsql.h"
#include "src/server/http/http.h"

/* ---- the target (backend.c) ------------------------------------------------------------------ */

struct rs_query_limits {
  int64_t documents;    /* in one request */
  int64_t running;      /* queries at a time */
  int64_t queued;       /* asynchronous ones that wait */
  int64_t timeout_ms;   /* of a query that is waited for */
  int64_t async_ms;     /* of an asynchronous one */
  int64_t rows;         /* of an answer that is not paged */
  int64_t result_bytes; /* of one stored result */
  int64_t stored_bytes; /* of all of them */
  int64_t keep_ms;      /* how long a stored result is kept */
};

/* How rows of INSERT INTO come into a collection whose definition has something to say about them
** (server/collections/inserted.c). */
struct rs_ingest;
struct rs_ingest_ops {
  /* *x NULL: it has not, and rows are written as they are. */
  enum rs_code (*open)(struct rs_backend *v, const struct rs_identity *who,
                       const struct rs_relation *rel, struct rs_ingest **x, struct rs_error *e);
  /* Each document gets its status; texts live as long as x. */
  enum rs_code (*write)(struct rs_ingest *x, struct rs_document *docs, size_t n,
                        struct rs_error *e);
  void (*close)(struct rs_ingest *x); /* NULL is fine */
};

struct rs_backend {
  /* Who opens it fills these; they do not change. */
  const struct rs_query_limits *limits;
  const struct rs_ingest_ops *ingest;
  struct rs_resources *resources;
  const rs_stopping *stopping;
  struct rs_target *target; /* borrowed */
  bool may_write;           /* the profile does not say read_only */

  int64_t started_us; /* what is there from the start was made then */
  /* This process alone can change the target (an embedded engine, whose file it holds open for
  ** writing): what is remembered of it holds until a request changes it. */
  bool is_sole;

  atomic_uint changes;     /* moved on by every request that writes */
  atomic_uint definitions; /* and by those that may change what there is */

  pthread_mutex_t pool_mutex;
  struct rs_pooled *idle;
  int idle_count;
  struct rs_pooled *keeper;

  struct rs_columns_cache *columns; /* of relations, as of `changes` (columns.c); or NULL */
  pthread_mutex_t view_sizes_mutex;
  struct rs_view_sizes *view_sizes; /* as of `definitions` (view_sizes.c); or NULL */
  struct rs_queries *queries;       /* register.c */
  struct rs_vis *vis;               /* instances.c */
  struct rs_usages *usages;         /* usage.c */
  struct rs_lambda_uses *uses;      /* lambda_uses.c */
};

enum rs_code rs_backend_open(struct rs_backend *v, struct rs_error *e);
/* Keeps an embedded file open for writing until the end, so that queries and writes never wait for
** each other to reopen it. */
enum rs_code rs_backend_hold(struct rs_backend *v, struct rs_error *e);
/* Waits for its queries: `stopping` must say 2 by then. Without a target it does nothing. */
void rs_backend_close(struct rs_backend *v);
/* Something was written; what is remembered counts no more. `definitions`: a collection, view,
** alias or query lambda may have come, changed or gone. */
void rs_backend_changed(struct rs_backend *v, bool definitions);
/* A fence that lies behind all that is committed now. */
const char *rs_fence_now(struct rs_arena *a);

/* ---- sessions (backend.c) -------------------------------------------------------------------- */

struct rs_pooled {
  struct rs_session *s;
  struct rs_watch *watch; /* stops what the session does; NULL: nothing does */
  struct rs_pooled *next;
};
/* Takes an idle session, or opens one; borrows watch until it is given back. */
enum rs_code rs_pool_take(struct rs_backend *v, struct rs_watch *watch, struct rs_pooled **p,
                          struct rs_error *e);
void rs_pool_give(struct rs_backend *v, struct rs_pooled *p); /* NULL is fine */

/* The session of this request, taken from the pool on first use; and given back before its end. */
enum rs_code rs_request_session(struct rs_request *q, struct rs_session **s);
void rs_request_session_end(struct rs_request *q);

/* ---- virtual instances (instances.c) --------------------------------------------------------- */

/* The first one's id: clients keep it, so it must not change. */
#define RS_INSTANCE_ID "30370000-0000-4000-8000-000000000001"
#define RS_INSTANCE_RRN "rrn:vi:local:" RS_INSTANCE_ID
#define RS_INSTANCE_SIZE "LARGE" /* all that the server allows */

struct rs_vi {
  char id[37], name[256];
  char size[16]; /* rs_vi_is_size */
  bool is_suspended;
  int64_t auto_suspend_ms; /* without queries; 0: never */
  /* told only */
  int active;              /* its queries that have not ended */
  int64_t last_queried_us; /* 0: not since the start */
  int64_t idle_since_ms;   /* rs_now_ms */
};

bool rs_vi_is_size(const char *size);
/* The server's limits, less by what the size is worth. */
void rs_vi_limits(const struct rs_backend *v, const char *size, struct rs_query_limits *out);
/* Adds or changes the one of that id. */
enum rs_code rs_vi_put(struct rs_backend *v, const struct rs_vi *vi, struct rs_error *e);
/* Its queries run to their end. The first one stays. */
void rs_vi_drop(struct rs_backend *v, const char *id);
/* By id, RRN or name; NULL: the one of queries that name none. False: there is none. */
bool rs_vi_find(struct rs_backend *v, const char *word, struct rs_vi *out);
/* The i-th in the order of their making; false behind the last. */
bool rs_vi_at(struct rs_backend *v, size_t i, struct rs_vi *out);
/* Where queries run that name no instance: RS_INSTANCE_ID by default, and if that one goes. */
void rs_vi_set_default(struct rs_backend *v, const char *id);
/* Suspends it if it has had no query for its time; true: it did. */
bool rs_vi_suspend_idle(struct rs_backend *v, const char *id);

/* ---- who may what there (access.c) ----------------------------------------------------------- */

/* On the instance that rs_vi_find finds; where there is none such, on all. */
bool rs_vi_may(struct rs_backend *v, const struct rs_rights *r, enum rs_action a, const char *word);
/* RS_FORBIDDEN. */
enum rs_code rs_vi_need(struct rs_backend *v, const struct rs_identity *who, enum rs_action a,
                        const char *word, struct rs_error *e);

/* ---- when what was used (usage.c) ------------------------------------------------------------ */

/* In ms since 1970; 0: not since the start. */
struct rs_usage {
  int64_t queried_ms, updated_ms;
};
/* Now: a query on the instance of that id names the relation, or (NULL) documents were written. */
void rs_usage_note(struct rs_backend *v, const char *instance, const char *workspace,
                   const char *name);
/* On that instance; NULL: on any. */
struct rs_usage rs_usage_of(struct rs_backend *v, const char *instance, const char *workspace,
                            const char *name);

/* ---- what is asked for (ask.c) --------------------------------------------------------------- */

struct rs_query_param {
  const char *name, *type, *value; /* type and value may be NULL */
};

struct rs_query_request {
  const char *sql;
  struct rs_query_param *params;
  size_t nparams;
  int64_t row_limit; /* default_row_limit; -1 none */
  int64_t initial;   /* max_initial_results; -1: everything at once */
  bool async;
  int64_t client_ms; /* how long an asynchronous request waits */
  int64_t timeout_ms;
  const char *lambda; /* query_lambda_path of a lambda's execution */
  /* Of a lambda: what its maker may, which it reads by; NULL: what may who asks. */
  const struct rs_rights *maker;
  const char *maker_name;
  const char *instance; /* as rs_vi_find takes it */
  bool types;           /* column_fields tell the columns' types: RS_TYPES_HEADER */
};
/* Rockset's service sent empty types, and clients go by that. Who can use them asks for them. */
#define RS_TYPES_HEADER "Rockset-Column-Types"
/* Its members other than sql, parameters and default_row_limit, found at `j`. */
enum rs_code rs_query_request_options(struct rs_request *q, const cJSON *j,
                                      struct rs_query_request *r);
/* Reads a list of parameters (NULL, null: none); adds to r, a later one of a name wins. */
enum rs_code rs_query_request_params(struct rs_request *q, const cJSON *list,
                                     struct rs_query_request *r);
/* Runs it and answers, in whichever way it asks for. */
enum rs_code rs_query_answer(struct rs_request *q, const struct rs_query_request *r);

/* ---- one statement (run.c) ------------------------------------------------------------------- */

/* Why a query failed, for who sent it. */
struct rs_problem {
  int status;
  const char *type;
  size_t line, column;
  struct rs_error e;
};
/* The query's failure as the request's; returns rc. */
enum rs_code rs_problem_refuse(struct rs_request *q, const struct rs_problem *p, enum rs_code rc);

struct rs_run {
  struct rs_backend *backend;
  struct rs_session *s; /* borrowed */
  struct rs_watch *watch;
  const char *instance; /* the id of the one whose mounts it may read; NULL: it reads everything */
  struct rs_identity who;        /* for whom it runs: what he may not it does not (access.c) */
  const struct rs_rights *maker; /* as rs_query_request's */
  const char *maker_name;
  unsigned unwatched; /* rows since it was looked at */
  struct rs_arena arena;
  struct rs_rsql_stmt *stmt;
  enum rs_rsql_kind kind;
  bool splices;                       /* rs_rsql_env.splices */
  const struct rs_rsql_value *values; /* of the parameters */
  const char *collections;            /* JSON */
  bool types;                         /* as rs_query_request's */
  const char *column_fields;          /* JSON, once open */
  const char *last_offset;            /* INSERT INTO */
  struct rs_rsql_views views;         /* for the bounds */
  struct rs_view_sizes *view_sizes;   /* NULL: not asked for yet; counted */
  struct rs_rows *rows;
  struct rs_writer *writer;
  struct rs_buf fixed; /* INSERT, DESCRIBE: the rows, each behind its length */
  size_t fixed_at;
  struct rs_problem problem;
};

/* Borrows session, watch and the rights of `who` until rs_run_close. */
void rs_run_init(struct rs_run *r, struct rs_backend *v, struct rs_session *s,
                 struct rs_watch *watch, const struct rs_identity *who);
void rs_run_close(struct rs_run *r);
/* Parses and resolves a text for lambdas and views: r->collections, rs_rsql_params. */
enum rs_code rs_run_check(struct rs_run *r, const char *sql);
/* RS_FORBIDDEN: the text, translated, calls functions of the target's database itself, and who it
** is for may not read everything. */
enum rs_code rs_run_check_functions(const struct rs_run *r, const char *sql, size_t n,
                                    struct rs_error *e);
/* Fills r->problem by code and r->problem.e; returns rc. */
enum rs_code rs_run_failed(struct rs_run *r, enum rs_code rc);
/* Writes the collections that a resolved statement names, as a JSON array. */
void rs_run_write_collections(const struct rs_rsql_stmt *stmt, struct rs_buf *b);

/* ---- rows as JSON (writer.c) ----------------------------------------------------------------- */

struct rs_writer;
/* stmt: whose rows these are; those of a star over a collection are documents; NULL: of none.
** Returns owned (rs_writer_free); NULL when out of memory. Borrows the columns. */
struct rs_writer *rs_writer_new(const struct rs_columns *columns, const struct rs_rsql_stmt *stmt);
void rs_writer_free(struct rs_writer *w);
/* The current row as a JSON object. */
void rs_writer_row(struct rs_writer *w, struct rs_rows *rows, struct rs_buf *b);

/* ---- what no request waits for (alone.c) ----------------------------------------------------- */

struct rs_alone {
  char query_id[64];
  int64_t rows;              /* of the whole result, which is kept to be paged as any */
  struct rs_problem problem; /* why it failed */
};
/* Runs r as `who`, to its end or its timeout, into a stored result; `rows`, of at most so many of
** the first, comma-separated, is filled while it is smaller than max_bytes. */
enum rs_code rs_query_alone(struct rs_backend *v, const struct rs_query_request *r,
                            const struct rs_identity *who, int64_t max_rows, int64_t max_bytes,
                            struct rs_buf *rows, struct rs_alone *out);
/* Reads the defaults of a lambda, [{"name","type","value"}, ...], into r; texts in the arena. */
enum rs_code rs_query_defaults(const char *json, struct rs_arena *a, struct rs_query_request *r,
                               struct rs_error *e);

/* ---- when lambdas were run (lambda_uses.c) --------------------------------------------------- */

/* Since the server's start; 0: never. */
struct rs_lambda_use {
  int64_t executed_us, failed_us;
  char by[256];      /* the user who ran it last */
  char message[512]; /* of the last failure */
};
/* path: as rs_query_request.lambda. */
void rs_lambda_use(struct rs_backend *v, const char *path, struct rs_lambda_use *use);

/* ---- the register (register.c) --------------------------------------------------------------- */

/* Forgets what has expired. */
void rs_queries_sweep(struct rs_backend *v);
/* Does any query wait or run? One that was accepted counts before it runs. */
bool rs_queries_are_active(struct rs_backend *v);
/* Counts of the metrics. */
void rs_queries_count(struct rs_backend *v, int *running, int *queued, int64_t *stored_bytes);

/* ---- handlers (queries.c) -------------------------------------------------------------------- */

rs_handler rs_post_query;
/* POST queries on the instance of that id. */
enum rs_code rs_post_query_on(struct rs_request *q, const char *instance);
rs_handler rs_list_queries;
/* GET queries of the instance of that id; NULL: all. */
enum rs_code rs_list_queries_of(struct rs_request *q, const char *instance);
rs_handler rs_validate_query;
rs_handler rs_get_query;
rs_handler rs_cancel_query;
rs_handler rs_get_query_page;
#endif
