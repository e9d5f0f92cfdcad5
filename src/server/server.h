/*
** rocksetd itself: its command line, its start and end, its metrics, and the one table of what it
** answers. The rooms below do the work: http (connections and requests), auth (API keys), query
** (the target and its queries), resources (the objects of the API).
**
** One process serves one target. main.c owns struct rs_server; nobody below knows it, and each room
** is given what it needs.
**
** Threads: main waits for signals; libmicrohttpd has a thread for each connection. Memory: the
** configuration lives as long as the process. Errors are printed by main.
*/
#ifndef RS_SERVER_SERVER_H
#define RS_SERVER_SERVER_H
#include "src/server/auth/auth.h"
#include "src/server/http/http.h"
#include "src/server/query/query.h"
#include "src/server/resources/resources.h"

/* ---- the command line (args.c) --------------------------------------------------------------- */

struct rs_load_arg {
  const char *collection, *file;
};

struct rs_config {
  const char *database; /* --database, or: */
  const char *profiles_dir, *profile, *target;
  struct rs_http_config http;
  struct rs_query_limits limits;
  bool plain_http, metrics_public;
  int64_t grace_ms; /* running queries have so long once the server is to stop */
  const struct rs_load_arg *loads;
  size_t nloads;
  bool key_create; /* rocksetd key create */
  const char *key_role, *key_name;
};

/* Reads the command line. RS_DONE: it was --help or --version, which printed. RS_INVALID: e says
** what is wrong. Texts live in the arena or in argv. */
enum rs_code rs_args_read(int argc, char **argv, struct rs_arena *a, struct rs_config *c,
                          struct rs_error *e);

/* ---- the server (main.c) --------------------------------------------------------------------- */

struct rs_server {
  const struct rs_config *config; /* does not change */
  rs_stopping stopping;
  struct rs_backend backend;
  struct rs_keys *keys;
  struct rs_resources *resources;
  struct rs_metrics *metrics;
  struct rs_http_app app;
  struct rs_http *http;
};

/* ---- routes (routes.c) ----------------------------------------------------------------------- */

extern const struct rs_route rs_routes[];
extern const size_t rs_routes_count;
/* `METHOD path role` of each, a line each. */
void rs_routes_print(void);

/* ---- metrics (metrics.c) --------------------------------------------------------------------- */

enum rs_code rs_metrics_open(struct rs_metrics **pm, struct rs_error *e);
void rs_metrics_close(struct rs_metrics *m); /* NULL is fine */
/* A request is over. */
void rs_metrics_count(struct rs_metrics *m, const struct rs_request *q);
/* GET /metrics asks for a key itself, unless --metrics-public. */
rs_handler rs_get_metrics;
#endif
