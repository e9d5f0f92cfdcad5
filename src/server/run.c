/*
** Running rocksetd: opens the target, loads files, serves until a signal stops it.
**
** SIGTERM and SIGINT are waited for by the main thread alone (all others have them blocked): no new
** work is taken, what runs gets --stop-grace seconds and is then cancelled; a second signal cancels
** at once.
*/
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/sql/relname.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"
#include "src/engine/load_options.h"
#include "src/profile/profile.h"
#include "server.h"
#include "src/server/auth/auth.h"
#include "src/server/http/http.h"
#include "src/json/json.h"
#include "src/server/query/query.h"

enum { CANCEL_MS = 5000, SWEEP_MS = 250 };

/* ---- the target ------------------------------------------------------------------------------ */

/* A profile of one line stands for --database. */
static enum rs_code load_profile(const struct rs_config *c, const struct rs_output **o,
                                 struct rs_error *e)
{
  struct rs_profile_request req = {
    .target = c->target, .profile = c->profile, .adapters = rs_target_fields};
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  req.source = c->profiles_dir;
  req.database = "";
  if (c->database != NULL) {
    rs_js_open(&b, NULL, '{');
    rs_js_open(&b, "rocksetd", '{');
    rs_js_text(&b, "target", "local");
    rs_js_open(&b, "outputs", '{');
    rs_js_open(&b, "local", '{');
    rs_js_text(&b, "type", RS_EMBEDDED_TYPE);
    rs_js_text(&b, "path", c->database);
    rs_js_text(&b, "schema", "commons");
    rs_js_text(&b, "database", "_db"); // so that a workspace may be called as the file is
    rs_buf_str(&b, "}}}}");
    req.source = rs_buf_text(&b);
    req.profile = "rocksetd";
  }
  enum rs_code rc = rs_buf_error(&b, e, "profile");
  if (rc == RS_OK) rc = rs_profile_load(&req, o, e);
  rs_buf_free(&b);
  return rc;
}

/* Opening a pipe would wait for ever. */
static enum rs_code check_file(const char *path, struct rs_error *e)
{
  struct stat st;
  if (path == NULL || stat(path, &st) != 0 || S_ISREG(st.st_mode)) return RS_OK;
  return rs_fail(e, RS_INVALID, "--database %s: it is %s, where a DuckDB file is needed", path,
                 S_ISFIFO(st.st_mode)                         ? "a named pipe"
                 : S_ISDIR(st.st_mode)                        ? "a directory"
                 : S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode) ? "a device"
                                                              : "no file");
}

static enum rs_code open_target(struct rs_server *v, struct rs_error *e)
{
  const struct rs_output *o = NULL;
  enum rs_code rc = check_file(v->config->database, e);
  if (rc == RS_OK) rc = load_profile(v->config, &o, e);
  if (rc != RS_OK) return rc;
  v->backend.may_write = !rs_output_bool(o, "read_only", false);
  rc = rs_target_open(o, &v->backend.target, e);
  rs_output_release(o);
  return rc;
}

static void warn_of_load(void *ctx, const char *text)
{
  (void)ctx;
  (void)fprintf(stderr, "rocksetd: warning: %s\n", text);
}

static enum rs_code load_one(struct rs_server *v, struct rs_session *s,
                             const struct rs_load_arg *arg, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation rel;
  enum rs_relation_kind kind = RS_REL_NONE;
  // as Rockset has it: what is a string in a document is a string in the collection
  struct rs_load load = {
    .path = arg->file, .mode = "create", .dates = -1, .documents = 2, .warn = warn_of_load};
  int64_t rows = 0;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_relation_parse(
    arg->collection, rs_target_info(v->backend.target).output->workspace, "--load", &a, &rel, e);
  if (rc == RS_OK) rc = rs_session_describe(s, &rel, NULL, &kind, e);
  if (rc == RS_OK && kind == RS_REL_NONE) {
    rc = rs_load_options_read(arg->options, "--load-options", &load, &a, e);
    if (rc == RS_OK) rc = rs_session_load(s, &rel, &load, &rows, e);
    if (rc == RS_OK)
      (void)fprintf(stderr, "rocksetd: loaded %s: %lld rows\n", arg->collection, (long long)rows);
  }
  rs_arena_free(&a);
  return rc;
}

/* What every Rockset organization has from the start. */
static enum rs_code create_first_collections(struct rs_server *v, struct rs_session *s,
                                             struct rs_error *e)
{
  const struct rs_relation events = {.workspace = "commons", .name = "_events"};
  enum rs_relation_kind kind;
  if (!v->backend.may_write) return RS_OK;
  enum rs_code rc = rs_session_create(s, RS_WORKSPACE("commons"), true, e);
  if (rc == RS_OK) rc = rs_session_describe(s, &events, NULL, &kind, e);
  if (rc == RS_OK && kind == RS_REL_NONE) rc = rs_session_create(s, &events, false, e);
  for (size_t i = 0; rc == RS_OK && i < v->config->nloads; i++)
    rc = load_one(v, s, &v->config->loads[i], e);
  return rc;
}

/* ---- rocksetd key create --------------------------------------------------------------------- */

static enum rs_code create_key(struct rs_server *v, struct rs_session *s, struct rs_error *e)
{
  const struct rs_config *c = v->config;
  struct rs_key k = {.user = RS_USER_EMAIL};
  char text[RS_KEY_TEXT], now[40];
  const char *role = rs_role_name(c->key_role != NULL ? c->key_role : "admin");
  (void)snprintf(k.role, sizeof k.role, "%s", role);
  rs_js_time(rs_wall_us(), now);
  (void)snprintf(k.name, sizeof k.name, "%s", c->key_name != NULL ? c->key_name : now);
  (void)snprintf(k.created_by_key, sizeof k.created_by_key, "rocksetd key create");
  enum rs_code rc = rs_keys_open(s, !v->backend.is_sole, &v->stopping, &v->keys, e);
  if (rc == RS_OK) rc = rs_keys_create(v->keys, s, &k, NULL, text, e);
  if (rc == RS_OK) {
    (void)fprintf(stderr, "rocksetd: key '%s', role %s; it is shown this once:\n", k.name, k.role);
    (void)printf("%s\n", text);
  }
  return rc;
}

/* The lock's own text says who holds the file; this says how to get a key all the same. */
static void explain_lock(const struct rs_config *c, struct rs_error *e)
{
  if (e->code != RS_BUSY || !c->key_create) return;
  size_t n = strlen(e->text);
  (void)snprintf(e->text + n, sizeof e->text - n,
                 "\nrocksetd: when that is a running rocksetd, ask it for the key: POST "
                 "/v1/orgs/self/users/self/apikeys {\"name\":...,\"role\":...} with an admin key "
                 "(ROCKSETD_ADMIN_KEY at its start is one), or stop it first");
}

/* ---- serving --------------------------------------------------------------------------------- */

/* Until nothing is answered any more; false: the time is over, or somebody is impatient. */
static bool idle_within(struct rs_server *v, int64_t ms, const sigset_t *set)
{
  int64_t until = rs_now_ms() + ms;
  for (;;) {
    if (!rs_http_is_active(v->http) && !rs_queries_are_active(&v->backend)) return true;
    if (rs_now_ms() >= until || rs_signal_wait(set, 20) != 0) return false;
  }
}

static void wait_for_queries(struct rs_server *v, const sigset_t *set)
{
  if (idle_within(v, v->config->grace_ms, set)) return;
  atomic_store(&v->stopping, 2);
  // those who are cancelled still get to say so
  (void)idle_within(v, CANCEL_MS, set);
}

/* What a route's handler has written is known no more. A streamed answer keeps its session. */
static void end_handler(struct rs_request *q)
{
  if (rs_action_changes(q->route->need.action)) rs_backend_changed(q->backend, !q->only_documents);
  rs_event_of_request(q);
  if (q->stream == NULL) rs_request_session_end(q);
}

static void end_answer(struct rs_request *q)
{
  rs_request_session_end(q);
  rs_metrics_count(q->server->metrics, q);
}

static enum rs_code serve(struct rs_server *v, const sigset_t *set, struct rs_error *e)
{
  v->app = (struct rs_http_app){.routes = rs_routes,
                                .nroutes = rs_routes_count,
                                .server = v,
                                .keys = v->keys,
                                .backend = &v->backend,
                                .resources = v->resources,
                                .models = v->models.path != NULL ? &v->models : NULL,
                                .identify = rs_keys_check,
                                .permit = rs_routes_permit,
                                .is_hidden = rs_name_is_hidden,
                                .handled = end_handler,
                                .finished = end_answer};
  enum rs_code rc = rs_http_start(&v->config->http, &v->app, &v->stopping, &v->http, e);
  if (rc != RS_OK) return rc;
  if (rs_keys_count(v->keys) == 0)
    (void)fprintf(stderr, "rocksetd: there is no API key yet, so nobody gets in: stop it and run "
                          "`rocksetd key create`, or start it with ROCKSETD_ADMIN_KEY set\n");
  (void)printf("rocksetd " RS_VERSION " listening on %s\n", rs_http_url(v->http));
  (void)fflush(stdout);
  struct rs_background *background = NULL;
  rc = rs_background_start(&v->backend, v->resources, &background, e);
  while (rc == RS_OK && rs_signal_wait(set, SWEEP_MS) == 0) {
    rs_queries_sweep(&v->backend);
    rs_http_sweep(v->http);
  }
  (void)fprintf(stderr, "rocksetd: stopping\n");
  atomic_store(&v->stopping, 1);
  rs_http_quiesce(v->http);
  wait_for_queries(v, set);
  atomic_store(&v->stopping, 2);
  rs_background_stop(background);
  rs_http_stop(v->http);
  return rc;
}

static enum rs_code run_server(struct rs_server *v, const sigset_t *set, struct rs_error *e)
{
  struct rs_backend *b = &v->backend;
  struct rs_pooled *p = NULL;
  enum rs_code rc = rs_backend_open(b, e);
  if (rc == RS_OK) rc = rs_pool_take(b, NULL, &p, e);
  if (rc != RS_OK) return rc;
  if (v->config->key_create) {
    rc = create_key(v, p->s, e);
    rs_pool_give(b, p);
    return rc;
  }
  rc = rs_backend_hold(b, e);
  if (rc == RS_OK) rc = create_first_collections(v, p->s, e);
  if (rc == RS_OK) rc = rs_keys_open(p->s, !b->is_sole, &v->stopping, &v->keys, e);
  rs_pool_give(b, p);
  if (rc == RS_OK) rc = rs_resources_open(b, &v->resources, e);
  b->resources = v->resources;
  b->ingest = &rs_ingest_ops;
  if (rc == RS_OK && v->config->public_lambdas) rs_resources_allow_public(v->resources);
  if (rc == RS_OK) rc = rs_schedules_open(v->resources, v->keys, v->config->webhook_hosts, e);
  if (rc == RS_OK) rc = rs_sources_open(v->resources, &v->config->sources, e);
  if (rc == RS_OK) rc = rs_metrics_open(&v->metrics, e);
  return rc == RS_OK ? serve(v, set, e) : rc;
}

enum rs_code rs_server_run(const struct rs_config *c, struct rs_error *e)
{
  struct rs_server v = {.config = c};
  sigset_t set;
  (void)signal(SIGPIPE, SIG_IGN);
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
  v.backend.limits = &c->limits;
  v.backend.stopping = &v.stopping;
  // Models are named by the profile that the server was given; else by the one of their own
  v.models = (struct rs_store_file){c->models, c->profiles_dir, c->profile, c->target};
  enum rs_code rc = c->models != NULL ? rs_models_check(&v.models, e) : RS_OK;
  if (rc == RS_OK) rc = open_target(&v, e);
  if (rc == RS_OK) rc = run_server(&v, &set, e);
  explain_lock(c, e);
  atomic_store(&v.stopping, 2);
  rs_backend_close(&v.backend);
  rs_schedules_close(v.resources);
  rs_sources_close(v.resources);
  rs_resources_close(v.resources);
  rs_keys_close(v.keys);
  rs_metrics_close(v.metrics);
  rs_target_release(v.backend.target);
  return rc;
}
