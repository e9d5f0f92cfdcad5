/*
** The HTTP side of rocksetd: libmicrohttpd, limits, and every error as the API's JSON object.
*/
#ifndef RS_SERVER_HTTP_HTTP_H
#define RS_SERVER_HTTP_HTTP_H
#include "src/server/server.h"

struct rs_http_server;

/* Listens; fills v->url (with the port that was chosen when the one asked for is 0). Returns owned
** (rs_http_stop). */
enum rs_code rs_http_start(struct rs_server *v, struct rs_http_server **ph, struct rs_error *e);
/* Takes no new connections; requests on open ones are refused. */
void rs_http_quiesce(struct rs_http_server *h);
/* Ends every connection; waits for their threads. */
void rs_http_stop(struct rs_http_server *h);

/* Shuts down who is too slow; to be called a few times a second. */
void rs_http_sweep(struct rs_http_server *h);

/* ---- connections (connections.c) ------------------------------------------------------------- */

enum rs_phase { RS_PHASE_HEAD, RS_PHASE_BODY, RS_PHASE_ANSWER };
struct rs_connections;
struct rs_connection;
struct sockaddr;

enum rs_code rs_connections_open(struct rs_server *v, struct rs_connections **pl,
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

/* ---- what is told of requests ---------------------------------------------------------------- */

/* The answer of `GET /metrics` (metrics.c) and what feeds it. */
enum rs_code rs_metrics_open(struct rs_server *v, struct rs_error *e);
void rs_metrics_close(struct rs_server *v);
void rs_metrics_count(const struct rs_request *q);

/* One JSON line for each request (access_log.c). */
enum rs_code rs_access_open(struct rs_server *v, struct rs_error *e);
void rs_access_close(struct rs_server *v);
void rs_access_write(const struct rs_request *q);
#endif
