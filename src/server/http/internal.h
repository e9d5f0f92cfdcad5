/*
** What the files of src/server/http share.
*/
#ifndef RS_SERVER_HTTP_INTERNAL_H
#define RS_SERVER_HTTP_INTERNAL_H
#include "http.h"

struct rs_http {
  const struct rs_http_config *config;
  const struct rs_http_app *app;
  const rs_stopping *stopping;
  atomic_int active; /* requests being answered */
  char url[300];
  struct MHD_Daemon *daemon;
  struct rs_connections *connections;
  struct rs_access_log *access; /* NULL: none is written */
  char *cert, *key;
};

/* ---- connections (connections.c) ------------------------------------------------------------- */

enum rs_phase { RS_PHASE_HEAD, RS_PHASE_BODY, RS_PHASE_ANSWER };
struct rs_connections;
struct rs_connection;
struct sockaddr;

/* Borrows the limits. */
enum rs_code rs_connections_open(const struct rs_http_limits *limits, struct rs_connections **pl,
                                 struct rs_error *e);
/* Once no connection is left. */
void rs_connections_close(struct rs_connections *l);
/* Whether one more from this address may connect. */
bool rs_connections_admit(struct rs_connections *l, const struct sockaddr *at);
/* Returns owned (rs_connection_end); NULL: out of memory, and nobody watches it. The others take
** NULL. */
struct rs_connection *rs_connection_begin(struct rs_connections *l, int fd,
                                          const struct sockaddr *at);
void rs_connection_end(struct rs_connection *c);
void rs_connection_phase(struct rs_connection *c, enum rs_phase phase);
/* More of the body. */
void rs_connection_received(struct rs_connection *c, size_t n);
void rs_connections_sweep(struct rs_connections *l);

/* ---- the way of a request -------------------------------------------------------------------- */

/* Finds the route; fills q->route and q->arg. RS_INVALID: the path is malformed; RS_NOT_FOUND: no
** such path; RS_UNSUPPORTED: the path knows other methods only (`allow`, of 64 bytes, lists them).
** (route.c) */
enum rs_code rs_route_find(struct rs_request *q, char allow[64]);

/* The gate for hidden names: of the path, once q->arg is filled, and the query string; of a body
** that was read (gate.c). */
enum rs_code rs_gate_check_url(struct rs_request *q);
enum rs_code rs_gate_check_body(struct rs_request *q, const cJSON *body);

/* Percent-decoded UTF-8 without control characters, in the arena; NULL when it is none. For
** segments of a path and values of the query string, which MHD hands over as they came. */
const char *rs_request_decode(struct rs_request *q, const char *p, size_t n);

/* One JSON line for each request (access_log.c). */
enum rs_code rs_access_open(const struct rs_http_config *c, struct rs_access_log **pl,
                            struct rs_error *e);
void rs_access_close(struct rs_access_log *l);
void rs_access_write(struct rs_access_log *l, const struct rs_request *q);
#endif
