/*
** HTTP for rocksetd, over libmicrohttpd: connections, requests, the way from a request to the
** handler of its route, and its answer; every error as the API's JSON object.
**
** A struct rs_http_app says what is served: the table of routes, who an API key belongs to,
** which names are hidden, what to do after a handler. The rooms above (auth, query, resources)
** write handlers; src/server fills the app and starts the server. A handler finds its own room's
** state in the request.
**
** Threads: each connection has a thread of its own, on which its requests are handled and its
** answers written, so handlers may block. A struct rs_request belongs to that thread. A struct
** rs_watch may be stopped from any thread.
**
** Memory: a request's arena, body and answer live until its answer has been sent.
**
** Errors: a handler returns RS_OK with the answer in q->out, or another code with the text in q->e,
** of which the API's error object is made. rs_refuse chooses status and type where the code alone
** does not tell them.
*/
#ifndef RS_SERVER_HTTP_HTTP_H
#define RS_SERVER_HTTP_HTTP_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/base/error.h"
#include "src/base/thread.h"
#include "src/json/json.h"
#include "access.h"

struct rs_request;

/* ---- who asks -------------------------------------------------------------------------------- */

struct rs_identity {
  char key_name[256];
  char user[256];                 /* whose key it is */
  const struct rs_rights *rights; /* access.h; in the arena of who asked; NULL: none */
};

/* ---- why something is to stop (watch.c) ------------------------------------------------------ */

enum rs_stop { RS_STOP_NOT, RS_STOP_DEADLINE, RS_STOP_CANCEL, RS_STOP_GONE, RS_STOP_SHUTDOWN };

/* What goes on in the server: 0 it serves; 1 no new work; 2 what runs is cancelled. */
typedef atomic_int rs_stopping;

/* Looked at at least every 100 ms by who works for it. */
struct rs_watch {
  const rs_stopping *stopping;
  _Atomic int why;          /* enum rs_stop; the first cause stays */
  _Atomic int64_t deadline; /* rs_now_ms; 0: none */
  int fd;                   /* the client's socket; -1: nobody waits */
};
void rs_watch_init(struct rs_watch *w, const rs_stopping *stopping, int fd);
bool rs_watch_is_stopped(struct rs_watch *w);
/* Stops it, unless it has a cause already. */
void rs_watch_stop(struct rs_watch *w, enum rs_stop why);

/* ---- requests (request.c) -------------------------------------------------------------------- */

enum { RS_SEGMENTS_MAX = 4 };

/* An answer that is written while it is sent. Whoever makes one puts this in front of his own. */
struct rs_stream {
  /* Up to max bytes; 0: the end; -1: it must be broken off. */
  long (*read)(struct rs_stream *st, char *buf, size_t max);
  void (*close)(struct rs_stream *st); /* frees it, read to its end or not */
  int64_t rows;
};

struct rs_http_header {
  const char *name, *value;
};

struct rs_request {
  struct rs_http *http;
  /* Each is known to its own room alone. */
  struct rs_server *server;           /* server.h */
  struct rs_keys *keys;               /* auth.h */
  struct rs_backend *backend;         /* query.h */
  struct rs_pooled *pooled;           /* query.h: this request's session, once it has one */
  struct rs_resources *resources;     /* resources.h */
  const struct rs_control_doc *along; /* resources/shared.h: kept with its documents; or NULL */
  const struct rs_store_file *models; /* models.h; NULL: without --models */

  struct MHD_Connection *conn;
  struct rs_connection *peer;   /* NULL: nobody watches it */
  const struct rs_route *route; /* NULL: none matches */
  const char *method;
  char *path;                       /* as it came, without the query string; owned */
  const char *arg[RS_SEGMENTS_MAX]; /* the route's {} in order, decoded; in the arena */
  struct rs_arena arena;
  struct rs_identity who;
  struct rs_watch watch;
  char trace_id[37];
  struct rs_buf body;
  cJSON *json; /* rs_request_json */

  /* the answer */
  int status; /* 0: by the code that the handler returns */
  const char *type;
  const char *error_data; /* JSON objects, comma-separated: what an error has to list */
  size_t line, column;
  struct rs_error e;
  struct rs_buf out;
  const char *content_type;
  const struct rs_http_header *headers; /* more of them, up to a name of NULL; NULL: none */
  struct rs_stream *stream;             /* instead of out; closed with the request */
  char query_id[64];

  int64_t started_us;
  int64_t bytes;
  int64_t rows;
  bool too_large;
  bool close;          /* the connection ends with the answer */
  bool only_documents; /* it writes, but no definition */
};

/* A header of the request; NULL: it has none. */
const char *rs_request_header(const struct rs_request *q, const char *name);
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
/* An argument of the query string, decoded; NULL when absent. Lives as long as the request. */
const char *rs_request_query_arg(struct rs_request *q, const char *name);
/* Fills q->who by the request's Authorization header, or says with status and text who gets in. */
enum rs_code rs_request_identify(struct rs_request *q);

/* 403 unless q->who may do this to that resource; NULL: to all. What the route itself needs has
** been checked before its handler runs: this is for what a body names. */
enum rs_code rs_request_need(struct rs_request *q, enum rs_action a, const char *resource);

/* Fills q's status, type and text, and returns RS_INVALID: `return rs_refuse(q, 404, "NOTFOUND",
** ...)`. */
enum rs_code rs_refuse(struct rs_request *q, int status, const char *type, const char *fmt, ...)
  __attribute__((format(printf, 4, 5)));
/* Status and type that a code means outside of queries. */
void rs_status_of(enum rs_code rc, int *status, const char **type);

/* The answer {"data": ...}: opens it with a bracket, closes it. */
void rs_data_open(struct rs_request *q, char bracket);
void rs_data_close(struct rs_request *q, char bracket);
/* The empty list: also the handler of what there is none of. */
enum rs_code rs_data_none(struct rs_request *q);

/* ---- what is served -------------------------------------------------------------------------- */

typedef enum rs_code rs_handler(struct rs_request *q);

struct rs_route {
  const char *method;
  const char *path; /* "/v1/orgs/self/ws/{}"; {} is one segment */
  rs_handler *handler;
  struct rs_need need; /* access.h */
};

/* Borrowed while the server runs. */
struct rs_http_app {
  const struct rs_route *routes; /* the first that matches counts */
  size_t nroutes;
  struct rs_server *server; /* goes into each request, as the next four do */
  struct rs_keys *keys;
  struct rs_backend *backend;
  struct rs_resources *resources;
  const struct rs_store_file *models;
  /* Who sends this Authorization header (NULL: none). RS_AUTH: nobody who is known. */
  enum rs_code (*identify)(struct rs_keys *keys, const char *authorization, struct rs_arena *a,
                           struct rs_identity *who, struct rs_error *e);
  /* May q->who ask this of the route's path? Before the body is read. Else q says why not. */
  enum rs_code (*permit)(struct rs_request *q);
  /* No path, query string or body may say such a name: it is refused as what is not there. */
  bool (*is_hidden)(const char *name);
  /* A route's handler has returned; q->stream may have to be read yet. */
  void (*handled)(struct rs_request *q);
  /* The answer is over, also of what no handler has seen. */
  void (*finished)(struct rs_request *q);
};

/* ---- the server (http.c) --------------------------------------------------------------------- */

struct rs_http_limits {
  int64_t body;        /* bytes of a request's body */
  int64_t connections; /* at a time */
  int64_t per_address; /* connections at a time; 0: any; -1: not said */
  int64_t idle_ms;     /* a connection on which nothing happens */
  int64_t head_ms;     /* until a request's head is there */
  int64_t body_ms;     /* until its body is */
  int64_t min_rate;    /* bytes of a body or answer a second, on the average; 0: any */
};

struct rs_http_config {
  const char *host;
  int port;                       /* 0: any */
  const char *tls_cert, *tls_key; /* paths; NULL: no TLS */
  const char *access_log;         /* path; NULL: stderr */
  bool quiet;                     /* no access log */
  struct rs_http_limits limits;
};

struct rs_http;

/* Listens. Borrows all three. Returns owned (rs_http_stop). */
enum rs_code rs_http_start(const struct rs_http_config *c, const struct rs_http_app *app,
                           const rs_stopping *stopping, struct rs_http **ph, struct rs_error *e);
/* http://127.0.0.1:8080, with the port that was chosen. */
const char *rs_http_url(const struct rs_http *h);
/* Is any request being answered? */
bool rs_http_is_active(const struct rs_http *h);
/* Shuts down who is too slow; to be called a few times a second. */
void rs_http_sweep(struct rs_http *h);
/* Takes no new connections; requests on open ones are refused. */
void rs_http_quiesce(struct rs_http *h);
/* Ends every connection; waits for their threads. NULL is fine. */
void rs_http_stop(struct rs_http *h);
#endif
