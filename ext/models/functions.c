/*
** Functions on models.
**
**   rockset_init([schema])                          creates or migrates the rockset_* tables
**   rockset_compile(model [, options])              the SQL that would be sent
**   rockset_materialize(model [, kind [, options]]) compiles and builds one model; JSON
**
** ARGUMENTS
**   schema      TEXT. An attached database; default main, which is where models are read from.
**   model       TEXT. A name of rockset_models.
**   kind        TEXT. view, table, incremental or ephemeral instead of the model's own, for this
**               call.
**   options     TEXT, a JSON object: vars (object), full_refresh (bool), target, defer (names of
**               outputs), favor_state, empty (bool; docs/running.md); materialize also raise (bool,
**               default true): false gives a failure as JSON with "status":"error".
**
** RESULT
**   rockset_materialize: {"node", "kind", "relation", "status", "rows", "ms", "message"} and
**   "warning" where there is one, "built_first" with the models that it reads and the target
**   lacked.
**
** ERRORS
**   "model delays line 3, column 14: ..." for templates, "<function>: ..." for arguments; unknown
**   models with the nearest name; missing, older or newer tables name what to do.
**   rockset_materialize refuses to run between BEGIN and COMMIT, as VACUUM does.
**
** SAFETY
**   All are DIRECTONLY. A model's text is stored text: one proven query is sent, templates read
**   only DBT_* names of the environment (docs/safety.md).
*/
#include <stdio.h>
#include <string.h>
#include "ext/base/tables.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "src/project/build/build.h"
#include "ext/base/args.h"
#include "ext/local/local.h"
#include "internal.h"
#include "models.h"

/* ---- what every function needs --------------------------------------------------------------- */

/* One call: begun by call_begin, always ended by call_end. */
struct call {
  sqlite3_context *ctx;
  struct rs_conn *c;
  const char *fn;
  struct rs_arena arena;
  struct rs_models_options opt;
  struct rs_project *p;
  struct rs_node *node;
  struct rs_session *session; /* taken when first needed */
  struct rs_error e;
};

static void call_begin(struct call *k, sqlite3_context *ctx, const char *fn)
{
  memset(k, 0, sizeof *k);
  k->ctx = ctx;
  k->c = rs_conn_of(ctx);
  k->fn = fn;
  k->opt.raise = true;
  rs_arena_init(&k->arena, 0);
}

static void call_end(struct call *k, enum rs_code rc)
{
  if (rc != RS_OK) rs_result_error(k->ctx, &k->e);
  rs_conn_done(k->c, k->session);
  rs_project_free(k->p);
  rs_arena_free(&k->arena);
}

/* To build with; to compile with there is look_session. */
static enum rs_code call_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct call *k = ctx;
  enum rs_code rc = RS_OK;
  if (k->session == NULL) rc = rs_conn_session_of(k->c, k->opt.target, true, &k->session, e);
  *ps = k->session;
  return rc;
}

static enum rs_code look_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct call *k = ctx;
  enum rs_code rc = RS_OK;
  if (k->session == NULL) rc = rs_conn_look(k->c, k->opt.target, &k->session, e);
  *ps = k->session;
  return rc;
}

void rs_models_say(const char *text)
{
  fprintf(stderr, "%s\n", text);
}

enum rs_code rs_models_load_bad(struct rs_conn *c, sqlite3 *db, const char *fn,
                                const struct rs_models_options *opt, bool keep_bad,
                                struct rs_project **pp, struct rs_error *e)
{
  struct rs_store store;
  struct rs_target *target;
  *pp = NULL;
  // The target is not touched here: only its dialect is read
  enum rs_code rc = rs_conn_target_of(c, opt->target, false, &target, e);
  if (rc == RS_OK) {
    struct rs_project_settings set = {.output = rs_target_info(target).output,
                                      .dialect = rs_target_info(target).dialect,
                                      .vars = opt->vars,
                                      .full_refresh = opt->full_refresh,
                                      .store_failures = opt->store_failures,
                                      .warn_error = opt->warn_error,
                                      .empty = opt->empty,
                                      .command = opt->command != NULL                 ? opt->command
                                                 : strcmp(fn, "rockset_compile") == 0 ? "compile"
                                                                                      : "run",
                                      .keep_bad = keep_bad,
                                      .local_prefix = rs_local_prefix(c),
                                      .trusted = rs_conn_trusted(c),
                                      .say = rs_models_say,
                                      .is_interrupted = rs_conn_interrupted,
                                      .interrupt_ctx = c};
    rs_store_open(db, &store);
    rc = rs_project_load(&store, &set, pp, e);
  }
  return rc == RS_OK ? rc : rs_arg_prefix(e, fn);
}

enum rs_code rs_models_load(struct rs_conn *c, sqlite3 *db, const char *fn,
                            const struct rs_models_options *opt, struct rs_project **pp,
                            struct rs_error *e)
{
  return rs_models_load_bad(c, db, fn, opt, false, pp, e);
}

/* A text about a model says all there is to say; others get the function's name. */
static enum rs_code name_function(struct rs_error *e, const char *fn)
{
  return rs_error_names_node(e) ? e->code : rs_arg_prefix(e, fn);
}

void rs_models_give(sqlite3_context *ctx, const char *fn, struct rs_buf *b, bool json,
                    enum rs_code rc, struct rs_error *e)
{
  if (rc == RS_OK && fn != NULL) rc = rs_buf_error(b, e, fn);
  if (rc == RS_OK) {
    sqlite3_result_text64(ctx, rs_buf_text(b), b->n, SQLITE_TRANSIENT, SQLITE_UTF8);
    if (json) sqlite3_result_subtype(ctx, RS_JSON_SUBTYPE);
  } else {
    if (rc != RS_NOMEM && fn != NULL) (void)name_function(e, fn);
    rs_result_error(ctx, e);
  }
  rs_buf_free(b);
}

/* The project with the model and its ancestors parsed. */
static enum rs_code call_model(struct call *k, sqlite3_value *name)
{
  const char *model;
  enum rs_code rc = rs_arg_text(name, k->fn, "model", &model, &k->e);
  if (rc == RS_OK) rc = rs_models_load(k->c, rs_conn_db(k->c), k->fn, &k->opt, &k->p, &k->e);
  if (rc != RS_OK) return rc;
  rc = rs_project_model(k->p, model, &k->node, &k->e);
  if (rc == RS_OK) rc = rs_project_settle(k->p, &k->node, &k->e);
  if (rc == RS_OK && k->node->type == RS_NODE_SEED)
    rc = rs_fail(&k->e, RS_INVALID, "%s is rows and no query", k->node->unique_id);
  if (rc == RS_OK) rc = rs_project_parse(k->p, k->node, &k->e);
  if (rc == RS_OK && !k->node->config.enabled)
    rc = rs_fail(&k->e, RS_INVALID, "model %s is disabled", k->node->name);
  if (rc == RS_OK)
    rc = rs_models_defer(k->c, rs_conn_db(k->c), k->fn, &k->opt, k->p, &k->node, 1, &k->e);
  return rc == RS_OK ? rc : name_function(&k->e, k->fn);
}

/* ---- rockset_init ---------------------------------------------------------------------------- */

static void init_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct call k;
  const char *schema = NULL, *what;
  call_begin(&k, ctx, "rockset_init");
  enum rs_code rc = rs_arg_optional(argc, argv, 0, k.fn, "schema", &schema, &k.e);
  if (rc == RS_OK) rc = rs_tables_init(k.c, schema != NULL ? schema : "main", &what, &k.e);
  if (rc == RS_OK) {
    char *text = sqlite3_mprintf("schema %d %s", RS_SCHEMA_VERSION, what);
    if (text != NULL) sqlite3_result_text(ctx, text, -1, sqlite3_free);
    else rc = rs_nomem(&k.e);
  }
  call_end(&k, rc);
}

/* ---- rockset_compile ------------------------------------------------------------------------- */

static void compile_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct call k;
  const char *options;
  struct rs_compiled compiled = {0};
  call_begin(&k, ctx, "rockset_compile");
  const struct rs_option table[] = {RS_MODELS_OPTIONS(&k.opt), RS_DEFER_OPTIONS(&k.opt)};
  enum rs_code rc = rs_arg_optional(argc, argv, 1, k.fn, "options", &options, &k.e);
  if (rc == RS_OK)
    rc = rs_options_read(options, table, sizeof table / sizeof *table, k.fn, &k.arena, &k.e);
  if (rc == RS_OK) rc = call_model(&k, argv[0]);
  if (rc == RS_OK) {
    struct rs_context_options opt = {.project = k.p,
                                     .node = k.node,
                                     .execute = true,
                                     .shown = rs_node_is_python(k.node),
                                     .sessions = {.get = look_session, .ctx = &k},
                                     .is_interrupted = rs_conn_interrupted,
                                     .interrupt_ctx = k.c};
    rc = rs_compile(&opt, &compiled, &k.e);
  }
  if (rc == RS_OK) sqlite3_result_text(ctx, compiled.text, -1, SQLITE_TRANSIENT);
  rs_compiled_free(&compiled);
  call_end(&k, rc);
}

/* ---- rockset_materialize --------------------------------------------------------------------- */

static enum rs_code materialize_arguments(struct call *k, int argc, sqlite3_value **argv,
                                          const char **kind, const char **options)
{
  const struct rs_option table[] = {RS_MODELS_OPTIONS(&k->opt),
                                    RS_DEFER_OPTIONS(&k->opt),
                                    {"raise", RS_OPT_BOOL, &k->opt.raise, NULL}};
  enum rs_code rc = rs_conn_no_transaction(k->c, k->fn, &k->e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 1, k->fn, "kind", kind, &k->e);
  if (rc == RS_OK) rc = rs_arg_optional(argc, argv, 2, k->fn, "options", options, &k->e);
  if (rc == RS_OK)
    rc = rs_options_read(*options, table, sizeof table / sizeof *table, k->fn, &k->arena, &k->e);
  return rc;
}

/* Builds the model, and before it what it reads and the target lacks. All results are owned. */
static enum rs_code build_all(struct call *k, const struct rs_materialize *m, struct rs_result **pr,
                              size_t *n)
{
  struct rs_node **before = NULL, **all;
  const struct rs_node **sources = NULL;
  size_t nbefore = 0, nsources = 0;
  *n = 0;
  enum rs_code rc = RS_OK;
  if (!rs_eq(m->kind != NULL ? m->kind : k->node->config.materialized, "ephemeral"))
    rc = rs_missing_parents(m, &before, &nbefore, &k->e);
  all = rs_calloc(nbefore + 1, sizeof *all);
  if (rc == RS_OK && all == NULL) rc = rs_nomem(&k->e);
  for (size_t i = 0; rc == RS_OK && i <= nbefore; i++) all[i] = i < nbefore ? before[i] : k->node;
  if (rc == RS_OK) rc = rs_push_sources(k->p, all, nbefore + 1, &sources, &nsources, &k->e);
  rs_free(all);
  *pr = rs_calloc(nsources + nbefore + 1, sizeof **pr);
  if (rc == RS_OK && *pr == NULL) rc = rs_nomem(&k->e);
  for (size_t i = 0; rc == RS_OK && i < nsources; i++) {
    struct rs_result *r = &(*pr)[(*n)++];
    rs_push_source(k->c, k->opt.target, rs_conn_db(k->c), sources[i], r);
    if (r->status != RS_STATUS_SUCCESS)
      rc = rs_fail(&k->e, r->code, "%s", r->message != NULL ? r->message : "out of memory");
  }
  rs_free(sources);
  for (size_t i = 0; rc == RS_OK && i <= nbefore; i++) {
    struct rs_materialize one = *m;
    struct rs_result *r = &(*pr)[(*n)++];
    if (i < nbefore) one.node = before[i], one.kind = NULL;
    rs_materialize(&one, r);
    if (r->status != RS_STATUS_SUCCESS) {
      rc = rs_fail(&k->e, r->code, "%s", r->message != NULL ? r->message : "out of memory");
      memcpy(k->e.missing, r->missing, sizeof r->missing);
    }
  }
  rs_free(before);
  return rc;
}

/* {"node": ..., ...}, with "built_first" where upstream models were missing. */
static void put_built(const struct rs_result *results, size_t n, struct rs_buf *b)
{
  rs_result_json(&results[n - 1], b);
  if (n == 1 || b->rc != RS_OK) return;
  b->n--; // the closing bracket
  rs_buf_str(b, ",\"built_first\":[");
  for (size_t i = 0; i + 1 < n; i++) rs_buf_json_item(b, results[i].node->name);
  rs_buf_str(b, "]}");
}

/* Builds, records, gives the JSON result. */
static enum rs_code materialize_model(struct call *k, const char *kind, const char *options)
{
  struct rs_materialize m = {.project = k->p,
                             .node = k->node,
                             .kind = kind,
                             .sessions = {.get = call_session, .ctx = k},
                             .is_interrupted = rs_conn_interrupted,
                             .interrupt_ctx = k->c};
  struct rs_side side;
  struct rs_record record = {.side = &side,
                             .p = k->p,
                             .command = "materialize",
                             .selection = k->node->name,
                             .options = options};
  rs_side_open(k->c, &side);
  struct rs_result *results = NULL;
  struct rs_nodes nodes = {0};
  enum rs_code rc = rs_nodes_of(&nodes, k->c, rs_side_db(&side), k->p, &k->e);
  if (rc == RS_OK) rc = rs_nodes_state(&nodes, &k->e);
  if (rc != RS_OK) {
    rs_nodes_end(&nodes);
    rs_side_close(&side);
    return rs_arg_prefix(&k->e, k->fn);
  }
  record.nodes = &nodes;
  rs_record_write(&record);
  rc = build_all(k, &m, &results, &record.nresults);
  record.results = results;
  const char *status = rc == RS_OK ? "success" : rc == RS_CANCELLED ? "cancelled" : "error";
  rs_record_finish(&record, status, rc == RS_OK ? NULL : k->e.text);
  rs_models_refresh(k->c, &side, results, record.nresults);
  if (rc == RS_OK && record.error.code != RS_OK && k->opt.raise)
    rc = rs_fail(&k->e, record.error.code, "rockset_materialize: %s, but not recorded: %s",
                 results[record.nresults - 1].message, record.error.text);
  // A failure is an answer where no error is wanted
  if (rc != RS_OK && rc != RS_CANCELLED && record.nresults > 0 && !k->opt.raise) rc = RS_OK;
  if (rc == RS_OK) {
    struct rs_buf json;
    rs_buf_init(&json, RS_BUF_SQL_MAX);
    put_built(results, record.nresults, &json);
    rs_models_give(k->ctx, k->fn, &json, true, rc, &k->e);
  }
  for (size_t i = 0; i < record.nresults; i++) rs_result_free(&results[i]);
  rs_free(results);
  rs_nodes_end(&nodes);
  rs_side_close(&side);
  return rc;
}

static void materialize_fn(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
  struct call k;
  const char *kind = NULL, *options = NULL;
  call_begin(&k, ctx, "rockset_materialize");
  enum rs_code rc = materialize_arguments(&k, argc, argv, &kind, &options);
  if (rc == RS_OK) rc = call_model(&k, argv[0]);
  if (rc == RS_OK && k.node->type == RS_NODE_SEED)
    rc = rs_fail(&k.e, RS_UNSUPPORTED, "%s: %s is rows and no query", k.fn, k.node->unique_id);
  if (rc == RS_OK && k.node->type == RS_NODE_ANALYSIS)
    rc = rs_fail(&k.e, RS_UNSUPPORTED, "%s: %s is compiled, not built", k.fn, k.node->unique_id);
  if (rc == RS_OK && kind != NULL && k.node->type == RS_NODE_SNAPSHOT && !rs_eq(kind, "snapshot"))
    rc = rs_fail(&k.e, RS_INVALID, "%s: %s is built as a snapshot only", k.fn, k.node->unique_id);
  if (rc == RS_OK && kind != NULL && k.node->type == RS_NODE_MODEL)
    rc = rs_custom_check(k.p, kind, k.fn, &k.e);
  if (rc == RS_OK) rc = materialize_model(&k, kind, options);
  call_end(&k, rc);
}

int rs_models_register(struct rs_conn *c)
{
  static const struct rs_function functions[] = {
    {"rockset_init", 0, 1, init_fn},
    {"rockset_compile", 1, 2, compile_fn},
    {"rockset_materialize", 1, 3, materialize_fn},
  };
  return rs_conn_functions(c, functions, sizeof functions / sizeof functions[0]);
}
