/*
** The HTTP side of rocksetd: libmicrohttpd, limits, and every error as the API's JSON object.
*/
#ifndef RS_SERVER_HTTP_H
#define RS_SERVER_HTTP_H
#include "server.h"

struct rs_http_server;

/* Listens; fills v->url (with the port that was chosen when the one asked for is 0). Returns owned
** (rs_http_stop). */
enum rs_code rs_http_start(struct rs_server *v, struct rs_http_server **ph, struct rs_error *e);
/* Takes no new connections; requests on open ones are refused. */
void rs_http_quiesce(struct rs_http_server *h);
/* Ends every connection; waits for their threads. */
void rs_http_stop(struct rs_http_server *h);

/* The answer of `GET /metrics` (metrics.c) and what feeds it. */
enum rs_code rs_metrics_open(struct rs_server *v, struct rs_error *e);
void rs_metrics_close(struct rs_server *v);
void rs_metrics_count(const struct rs_request *q);

/* One JSON line for each request (access_log.c). */
enum rs_code rs_access_open(struct rs_server *v, struct rs_error *e);
void rs_access_close(struct rs_server *v);
void rs_access_write(const struct rs_request *q);
#endif
