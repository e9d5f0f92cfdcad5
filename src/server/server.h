/*
** rocksetd: what its files share. One process serves one target over HTTP.
**
** Threads: libmicrohttpd gives each connection a thread of its own, on which its requests are
** handled and its answers written, so handlers may block. Asynchronous queries have threads of
** their own. A struct rs_request belongs to its connection's thread; struct rs_server is shared and
** says for each member who guards it.
**
** Errors: a handler returns RS_OK with the answer in q->out, or another code with the text in q->e;
** server/http/http.c makes the API's error object of it. rs_refuse chooses status and type where
** the code alone does not tell them.
*/
#ifndef RS_SERVER_H
#define RS_SERVER_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "src/engine/engine.h"
#include "src/engine/control.h"
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/thread.h"

/* ---- limits, by flags (args.c) --------------------------------------------------------------- */

struct rs_limits {
  int64_t body;         /* bytes of a request's body */
  int64_t documents;    /* in one request */
  int64_t connections;  /* at a time */
  int64_t running;      /* queries at a time */
  int64_t queued;       /* asynchronous ones that wait */
  int64_t timeout_ms;   /* of a query that is waited for */
  int64_t async_ms;     /* of an asynchronous one */
  int64_t rows;         /* of an answer that is not paged */
  int64_t result_bytes; /* of one stored result */
  int64_t stored_bytes; /* of all of them */
  int64_t keep_ms;      /* how long a stored result is kept */
  int64_t idle_ms;      /* a connection on which nothing happens */
  int64_t head_ms;      /* until a request's head is there */
  int64_t body_ms;      /* until its body is */
  int64_t min_rate;     /* bytes of a body or answer a second, on the average; 0: any */
  int64_t per_address;  /* connections at a time; 0: any; -1: not said */
  int64_t grace_ms;     /* running queries have so long when the server is told to stop */
};

struct rs_load_arg {
  const char *collection, *file;
};

struct rs_config {
  const char *database; /* --database, or: */
  const char *profiles_dir, *profile, *target;
  const char *host; /* of --listen */
  int port;
  bool plain_http, metrics_public;
  const char *tls_cert, *tls_key; /* paths */
  const char *access_log;         /* path; NULL: stderr */
  bool quiet;                     /* no access log */
  struct rs_limits limits;
  const struct rs_load_arg *loads;
  size_t nloads;
  bool key_create; /* rocksetd key create */
  const char *key_role, *key_name;
};

/* Reads the command line. RS_DONE: it was --help or --version, which printed. RS_INVALID: e says
** what is wrong. Texts live in the arena or in argv. */
enum rs_code rs_args_read(int argc, char **argv, struct rs_arena *a, struct rs_config *c,
                          struct rs_error *e);

/* ---- why something is to stop ---------------------------------------------------------------- */

enum rs_stop { RS_STOP_NOT, RS_STOP_DEADLINE, RS_STOP_CANCEL, RS_STOP_GONE, RS_STOP_SHUTDOWN };

/* Looked at by the session at least every 100 ms. */
struct rs_watch {
  struct rs_server *server;
  _Atomic int why;          /* enum rs_stop; the first cause stays */
  _Atomic int64_t deadline; /* rs_now_ms; 0: none */
  int fd;                   /* the client's socket; -1: nobody waits */
};
void rs_watch_init(struct rs_watch *w, struct rs_server *server, int fd);
bool rs_watch_stopped(struct rs_watch *w);

/* ---- sessions (server/query/backend.c) ---------------------------------------------------------- */

struct rs_pooled {
  struct rs_session *s;
  struct rs_watch *watch;
  struct rs_pooled *next;
};
/* Takes an idle session, or opens one; borrows watch until it is given back. */
enum rs_code rs_pool_take(struct rs_server *v, struct rs_watch *watch, struct rs_pooled **p,
                          struct rs_error *e);
void rs_pool_give(struct rs_server *v, struct rs_pooled *p); /* NULL is fine */
void rs_pool_close(struct rs_server *v);

/* ---- who asks (server/auth/keys.c) ----------------------------------------------------------- */

/* In order of power. */
enum rs_role { RS_ROLE_NONE, RS_ROLE_READ, RS_ROLE_WRITE, RS_ROLE_ADMIN };

struct rs_identity {
  char key_name[256];
  enum rs_role role;
};
struct rs_keys_store;

/* ---- the server ------------------------------------------------------------------------------ */

struct rs_server {
  const struct rs_config *config; /* does not change */
  struct rs_target *target;
  bool may_write; /* the profile does not say read_only */
  char instance_id[37];
  char url[300]; /* http://127.0.0.1:8080 */
  int64_t started_us;

  atomic_int stopping;   /* 1: no new work; 2: running queries are cancelled */
  atomic_int active;     /* requests being answered */
  atomic_bool suspended; /* the virtual instance */

  pthread_mutex_t pool_mutex;
  struct rs_pooled *idle;
  int idle_count;

  /* Columns of relations, known as of `changes` (server/query/columns.c). */
  atomic_uint changes;
  struct rs_columns_cache *columns;

  /* Collections and query lambdas, known as of `definitions` (server/resources/known.c). */
  atomic_uint definitions;
  struct rs_known *known;
  /* What views hold, as of `definitions` too (view_sizes.c). */
  pthread_mutex_t view_sizes_mutex;
  struct rs_view_sizes *view_sizes;

  struct rs_batches *batches; /* server/resources/batches.c */

  struct rs_keys_store *keys;   /* server/auth/keys.c */
  struct rs_queries *queries;   /* server/query/query_store.c */
  struct rs_metrics *metrics;   /* metrics.c */
  struct rs_access_log *access; /* server/http/access_log.c */
};

/* ---- requests -------------------------------------------------------------------------------- */

struct MHD_Connection;
struct rs_route;
struct rs_stream;
struct rs_query;
struct rs_connection;

enum { RS_SEGMENTS_MAX = 4 };

struct rs_request {
  struct rs_server *server;
  struct MHD_Connection *conn;
  struct rs_connection *peer;   /* NULL: nobody watches it */
  const struct rs_route *route; /* NULL: none matches */
  const char *method;
  char *path;                       /* as it came, without the query string; owned */
  const char *arg[RS_SEGMENTS_MAX]; /* the route's {} in order, decoded; in the arena */
  struct rs_arena arena;
  struct rs_identity who;
  struct rs_watch watch;
  struct rs_pooled *pooled;
  char trace_id[37];
  struct rs_buf body;
  cJSON *json; /* rs_request_json */

  /* the answer */
  int status; /* 0: by the code that the handler returns */
  const char *type;
  const char *error_id;
  const char *error_data; /* JSON objects, comma-separated: what an error has to list */
  size_t line, column;
  struct rs_error e;
  struct rs_buf out;
  const char *content_type;
  struct rs_stream *stream; /* instead of out: takes over session and watch */
  char query_id[64];

  int64_t started_us;
  int64_t bytes;
  int64_t rows;
  bool counted, too_large;
  bool close;          /* the connection ends with the answer */
  bool only_documents; /* it writes, but no definition */
};

typedef enum rs_code rs_handler(struct rs_request *q);

/* The session of this request, taken from the pool on first use; and given back early. */
enum rs_code rs_request_session(struct rs_request *q, struct rs_session **s);
void rs_request_session_end(struct rs_request *q);
/* The body as JSON object. RS_INVALID when it is none; an empty body is an empty object when
** `may_be_empty`. */
enum rs_code rs_request_json(struct rs_request *q, bool may_be_empty, const cJSON **j);
/* A member's text, NULL when absent or null; RS_INVALID when it is of another type, or absent and
** `needed`. */
enum rs_code rs_request_text(struct rs_request *q, const cJSON *j, const char *name, bool needed,
                             const char **text);
/* The same for an object. */
enum rs_code rs_request_object(struct rs_request *q, const cJSON *j, const char *name, bool needed,
                               const cJSON **object);
enum rs_code rs_request_int(struct rs_request *q, const cJSON *j, const char *name, int64_t min,
                            int64_t max, int64_t *value);
enum rs_code rs_request_bool(struct rs_request *q, const cJSON *j, const char *name, bool *value);
/* RS_UNSUPPORTED when the member is there and says something: `why` says the way out. */
enum rs_code rs_request_without(struct rs_request *q, const cJSON *j, const char *name,
                                const char *why);
/* Percent-decoded UTF-8 without control characters, in the arena; NULL when it is none. For
** segments of a path and values of the query string, which MHD hands over as they came. */
const char *rs_request_decode(struct rs_request *q, const char *p, size_t n);
/* An argument of the query string, decoded; NULL when absent. Lives as long as the request. */
const char *rs_request_query_arg(struct rs_request *q, const char *name);

/* Fills q's status, type and text, and returns RS_INVALID: `return rs_refuse(q, 404, "NOTFOUND",
** ...)`. */
enum rs_code rs_refuse(struct rs_request *q, int status, const char *type, const char *fmt, ...)
  __attribute__((format(printf, 4, 5)));
/* Status and type that a code means outside of queries. */
void rs_status_of(enum rs_code rc, int *status, const char **type);

/* ---- routes (server/http/routes.c) ----------------------------------------------------------- */

struct rs_route {
  const char *method;
  const char *path; /* "/v1/orgs/self/ws/{}"; {} is one segment */
  rs_handler *handler;
  enum rs_role role;
};
extern const struct rs_route rs_routes[];
extern const size_t rs_routes_count;
/* Finds the route; fills q->route and q->arg. RS_INVALID: the path is malformed; RS_NOT_FOUND: no
** such path; RS_UNSUPPORTED: the path knows other methods only (`allow`, of 64 bytes, lists them).
*/
enum rs_code rs_route_find(struct rs_request *q, char allow[64]);
/* `METHOD path role` of each, a line each. */
void rs_routes_print(void);

/* ---- what is hidden (server/http/gate.c) ---------------------------------------------- */

/* The gate that every name of a request passes: what is hidden (rs_name_is_hidden) is refused with
** 404, as what is not there. Of the path, once q->arg is filled, and the query string; of a body
** that was read. */
enum rs_code rs_hidden_check_url(struct rs_request *q);
enum rs_code rs_hidden_check_body(struct rs_request *q, const cJSON *body);
/* RS_NOT_FOUND: the view or alias reads what is hidden, by itself or through other views. */
enum rs_code rs_hidden_check_view(struct rs_session *s, const struct rs_relation *rel,
                                  struct rs_error *e);
#endif
