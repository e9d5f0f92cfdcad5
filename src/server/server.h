/*
** rocksetd itself: its command line, its start and end, its metrics, and the one table of what it
** answers. The rooms below do the work: http (connections and requests), auth (API keys), query
** (the target and its queries), collections, schedules and resources (the objects of the API),
** models (those of --models).
**
** One process serves one target. run.c owns struct rs_server; nobody below knows it, and each room
** is given what it needs.
**
** Threads: the main one waits for signals; libmicrohttpd has a thread for each connection. Memory:
** the configuration lives as long as the process. Errors are printed by main.
*/
#ifndef RS_SERVER_SERVER_H
#define RS_SERVER_SERVER_H
#include "src/server/auth/auth.h"
#include "src/server/collections/collections.h"
#include "src/server/http/http.h"
#include "src/server/models/models.h"
#include "src/server/query/query.h"
#include "src/server/resources/resources.h"
#include "src/server/schedules/schedules.h"

/* ---- what the command line says (main.c) ----------------------------------------------------- */

struct rs_load_arg {
  const char *collection, *file;
  const char *options; /* JSON, as rockset_load takes it; NULL: none */
};

struct rs_config {
  const char *database; /* --database, or: */
  const char *profiles_dir, *profile, *target;
  const char *models; /* --models */
  struct rs_http_config http;
  struct rs_query_limits limits;
  bool plain_http, metrics_public;
  bool no_console;  /* GET / is JSON for browsers, too */
  int64_t grace_ms; /* running queries have so long once the server is to stop */
  struct rs_load_arg *loads;
  size_t nloads;
  bool public_lambdas;              /* --public-lambdas */
  struct rs_source_options sources; /* what they may read */
  const char *webhook_hosts;        /* that schedules may call; NULL: any public one, by https */
  bool key_create;                  /* rocksetd key create */
  const char *key_role, *key_name;
};

/* ---- the server (run.c) ---------------------------------------------------------------------- */

/* Serves until a signal stops it, or makes a key. What c points to outlives the call. */
enum rs_code rs_server_run(const struct rs_config *c, struct rs_error *e);

struct rs_server {
  const struct rs_config *config; /* does not change */
  rs_stopping stopping;
  struct rs_backend backend;
  struct rs_keys *keys;
  struct rs_resources *resources;
  struct rs_metrics *metrics;
  struct rs_store_file models; /* path NULL: none */
  struct rs_http_app app;
  struct rs_http *http;
};

/* ---- routes (handlers.c) --------------------------------------------------------------------- */

extern const struct rs_route rs_routes[];
extern const size_t rs_routes_count;
/* rs_http_app.permit by the table's privileges: the one place where routes are checked. */
enum rs_code rs_routes_permit(struct rs_request *q);
/* `METHOD path PRIVILEGE` of each, a line each; `A|B` either, `@*ALL*` on everything, `none`. */
void rs_routes_print(void);

/* ---- the console (console.c) ----------------------------------------------------------------- */

rs_handler rs_get_root;
/* Generated: one page, gzipped (size 0: built without it), and its Content-Security-Policy. */
extern const unsigned char rs_console_page[];
extern const size_t rs_console_page_size;
extern const char rs_console_policy[];

/* ---- metrics (metrics.c) --------------------------------------------------------------------- */

enum rs_code rs_metrics_open(struct rs_metrics **pm, struct rs_error *e);
void rs_metrics_close(struct rs_metrics *m); /* NULL is fine */
/* A request is over. */
void rs_metrics_count(struct rs_metrics *m, const struct rs_request *q);
/* GET /metrics asks for a key itself, unless --metrics-public. */
rs_handler rs_get_metrics;

/* ---- work that no request asks for (background.c) -------------------------------------------- */

/* Threads of its own, from the start of serving. Without a target that may be written there are
** none. Returns owned (rs_background_stop), also with an error. */
struct rs_background;
enum rs_code rs_background_start(struct rs_backend *v, struct rs_resources *r,
                                 struct rs_background **pg, struct rs_error *e);
/* Waits for what is under way: `stopping` must not be 0 by then. NULL is fine. */
void rs_background_stop(struct rs_background *g);

/* ---- events (events.c) ----------------------------------------------------------------------- */

/* A handler has returned: adds what Rockset tells of it to commons._events. */
void rs_event_of_request(struct rs_request *q);
#endif
