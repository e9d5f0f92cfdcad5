/*
** One run as a job of the connection (internal.h): what the table and the function rockset_run
** share.
**
** Results are kept until the job is freed: a cursor may be asked for its rows again.
*/
#include <string.h>
#include <unistd.h>
#include "ext/base/tables.h"
#include "ext/local/local.h"
#include "src/base/mem.h"
#include "src/base/options.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/project/build/build.h"
#include "internal.h"

#define POLL_MS 50    /* between two looks for an interrupt */
#define RECORD_MS 250 /* between two writes of results: each is a transaction on disk */

struct rs_job {
  struct rs_conn *c;
  const struct rs_command *command; /* of retry: what is done again */
  const char *fn, *name;            /* of the command that was given */
  struct rs_arena arena;            /* texts of options */
  struct rs_nodes_options sel;
  struct rs_models_options opt;
  struct rs_nodes nodes;
  char *selection, *options;
  struct rs_project *p;
  struct rs_run *run;
  struct rs_result *results;
  size_t nresults, cap, selected;
  struct rs_node **pending; /* selected: they run when the sources are sent */
  const struct rs_node **sources, **failed;
  size_t nsources, sent, nfailed;
  size_t count[RS_STATUSES];
  struct rs_map again; /* retry: unique_id -> "" */
  bool is_retry;
  struct rs_buf warnings;
  struct rs_side side;
  struct rs_record record;
  int64_t start_us, recorded_ms;
  double ms;
  bool finished, interrupted;
  struct rs_error error; /* of a finished job; code RS_OK = none */
};

static bool is_blank(const char *text)
{
  return text == NULL || text[strspn(text, " \t\r\n")] == 0;
}

/* ---- start ----------------------------------------------------------------------------------- */

static enum rs_code read_options(struct rs_job *j, struct rs_error *e)
{
  struct rs_models_options *o = &j->opt;
  o->raise = true;
  o->command = j->command->name;
  o->progress = isatty(STDERR_FILENO) != 0;
  const char *state = NULL;    // dbt clone's word for what it shows
  int64_t threads = INT64_MIN; // not given: the profile's
  const struct rs_option table[] = {RS_MODELS_OPTIONS(o),
                                    RS_DEFER_OPTIONS(o),
                                    {"threads", RS_OPT_INT, &threads, NULL},
                                    {"fail_fast", RS_OPT_BOOL, &o->fail_fast, NULL},
                                    {"exclude", RS_OPT_TEXT, &o->exclude, NULL},
                                    {"store_failures", RS_OPT_BOOL, &o->store_failures, NULL},
                                    {"warn_error", RS_OPT_BOOL, &o->warn_error, NULL},
                                    {"progress", RS_OPT_BOOL, &o->progress, NULL},
                                    {"selector", RS_OPT_TEXT, &j->sel.selector, NULL},
                                    {"indirect_selection", RS_OPT_TEXT, &j->sel.indirect, NULL},
                                    {"raise", RS_OPT_BOOL, &o->raise, NULL},
                                    {"state", RS_OPT_TEXT, &state, NULL}};
  enum rs_code rc = rs_options_read(j->options, table, sizeof table / sizeof *table, j->fn,
                                    &j->arena, e);
  if (rc == RS_OK && state != NULL && !j->command->clones)
    rc = rs_fail(e, RS_INVALID, "%s: option 'state' is rockset_clone's: here it is 'defer'", j->fn);
  if (state != NULL) o->defer = state;
  if (rc == RS_OK && threads != INT64_MIN) {
    o->threads = threads;
    if (threads < 1 || threads > 256)
      rc = rs_fail(e, RS_INVALID, "%s: option 'threads' must be 1 to 256", j->fn);
  }
  return rc;
}

/* Not on the connection whose SELECT is running; unless it has locked everybody else out. */
static enum rs_code load_project(struct rs_job *j, struct rs_error *e)
{
  rs_side_open(j->c, &j->side);
  sqlite3 *db = rs_side_db(&j->side);
  enum rs_code rc = rs_models_load(j->c, db, j->fn, &j->opt, &j->p, e);
  if (rc != RS_BUSY || db == j->side.own) return rc;
  rs_side_close(&j->side);
  return rs_models_load(j->c, j->side.own, j->fn, &j->opt, &j->p, e);
}

/* The text of a seed is read when it is to be loaded. */
static enum rs_code read_csv(struct rs_job *j, struct rs_node *n, struct rs_error *e)
{
  static const char sql[] = "SELECT csv FROM main.rockset_seeds WHERE package = ?1 AND name = ?2";
  sqlite3 *db = rs_side_db(&j->side);
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_fail(e, RS_INVALID, "rockset_seeds: %s", sqlite3_errmsg(db));
  sqlite3_bind_text(st, 1, rs_eq(n->package, j->p->name) ? "" : n->package, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text(st, 2, n->name, -1, SQLITE_TRANSIENT);
  if (sqlite3_step(st) != SQLITE_ROW) {
    rc = rs_fail(e, RS_NOT_FOUND, "seed %s is gone from rockset_seeds", n->name);
  } else {
    const char *csv = sqlite3_column_type(st, 0) == SQLITE_BLOB
                        ? sqlite3_column_blob(st, 0)
                        : (const char *)sqlite3_column_text(st, 0);
    n->nsql = (size_t)sqlite3_column_bytes(st, 0);
    n->sql = rs_arena_strndup(&j->p->arena, csv != NULL ? csv : "", n->nsql);
    if (n->sql == NULL) rc = rs_nomem(e);
  }
  sqlite3_finalize(st);
  return rc;
}

/* '*' is everything that the command runs, but in dbt's grammar no name of a source; what a retry
** does again was selected before. */
static enum rs_code read_selection(struct rs_job *j, struct rs_selection *sel, struct rs_error *e)
{
  bool all = j->is_retry || rs_eq(j->selection, "*");
  const char *text = !all                                        ? j->selection
                     : j->command->types == 1U << RS_NODE_SOURCE ? "source:*"
                                                                 : "*";
  j->sel.models = j->opt;
  if (j->is_retry) j->sel.models.exclude = j->sel.selector = j->sel.indirect = NULL;
  if (j->sel.selector != NULL && (all || is_blank(j->selection))) text = NULL;
  return rs_nodes_selection(&j->nodes, text, &j->sel, sel, e);
}

/* Content hashes are made before the run: what is recorded is what was read. */
static enum rs_code select_nodes(struct rs_job *j, struct rs_node ***pnodes, struct rs_error *e)
{
  struct rs_selection sel;
  size_t n = 0;
  enum rs_code rc = rs_nodes_state(&j->nodes, e);
  if (rc == RS_OK) rc = read_selection(j, &sel, e);
  if (rc == RS_OK)
    rc = rs_select_nodes(j->nodes.inv, &sel, j->command->types, pnodes, &j->selected, &j->warnings,
                         e);
  for (size_t i = 0; rc == RS_OK && i < j->selected; i++) {
    struct rs_node *node = (*pnodes)[i];
    bool wanted = !j->is_retry ||
                  rs_map_find(&j->again, node->unique_id, strlen(node->unique_id)) != NULL;
    // Nothing says how fresh it must be
    if (node->type == RS_NODE_SOURCE && !rs_freshness_asked(node)) wanted = false;
    if (wanted) (*pnodes)[n++] = node;
  }
  j->selected = n;
  if (rc == RS_OK && n == 0 && !j->is_retry && j->warnings.n == 0 && !rs_eq(j->selection, "*"))
    rs_buf_printf(&j->warnings, "'%s' names no %s", sel.text != NULL ? sel.text : j->sel.selector,
                  j->command->noun);
  for (size_t i = 0; rc == RS_OK && i < n; i++)
    if ((*pnodes)[i]->type == RS_NODE_SEED && !j->command->clones)
      rc = read_csv(j, (*pnodes)[i], e);
  return rc;
}

/* Of the workers' statements: models are stored text of main. */
static enum rs_code localize(void *ctx, struct rs_session *s, const char *sql, struct rs_buf *out,
                             struct rs_error *e)
{
  struct rs_conn *c = ctx;
  return rs_local_localize(c, s, rs_conn_trusted(c) ? NULL : "main", sql, out, e);
}

static enum rs_code start_nodes(struct rs_job *j, struct rs_error *e)
{
  struct rs_target *target;
  // Who stores SQL in a file does not choose where it goes
  enum rs_code rc = rs_conn_target_of(j->c, j->opt.target, true, &target, e);
  if (rc == RS_OK) {
    int threads = j->opt.threads > 0 ? (int)j->opt.threads : j->p->set.output->threads;
    struct rs_run_options opt = {.target = target,
                                 .log = rs_conn_log(j->c),
                                 .threads = threads,
                                 .fail_fast = j->opt.fail_fast,
                                 .failed = j->failed,
                                 .nfailed = j->nfailed,
                                 .hooks = j->command->hooks,
                                 .gates = j->command->gates,
                                 .kind = j->command->clones ? "clone" : NULL,
                                 .localize = localize,
                                 .localize_ctx = j->c,
                                 .local_prefix = j->p->set.local_prefix};
    j->p->selected = j->pending;
    j->p->nselected = j->selected;
    rc = rs_run_start(j->p, j->pending, j->selected, &opt, &j->run, e);
  }
  return rc;
}

static enum rs_code start_run(struct rs_job *j, struct rs_error *e)
{
  struct rs_target *target;
  enum rs_code rc = load_project(j, e);
  if (rc != RS_OK) return rc;
  rc = rs_project_parse(j->p, NULL, e);
  if (rc == RS_OK) rc = rs_nodes_of(&j->nodes, j->c, rs_side_db(&j->side), j->p, e);
  if (rc == RS_OK) rc = select_nodes(j, &j->pending, e);
  if (rc == RS_OK)
    rc = (j->command->clones ? rs_models_clone : rs_models_defer)(
      j->c, rs_side_db(&j->side), j->fn, &j->opt, j->p, j->pending, j->selected, e);
  if (rc == RS_OK) rc = rs_conn_target_of(j->c, j->opt.target, true, &target, e);
  if (rc == RS_OK) rc = rs_conn_before(j->c, target, e);
  if (rc == RS_OK && !j->command->clones)
    rc = rs_push_sources(j->p, j->pending, j->selected, &j->sources, &j->nsources, e);
  if (rc == RS_OK && j->nsources > 0) {
    j->failed = rs_calloc(j->nsources, sizeof *j->failed);
    if (j->failed == NULL) rc = rs_nomem(e);
  } else if (rc == RS_OK) {
    rc = start_nodes(j, e);
  }
  if (rc != RS_OK) return rs_error_names_node(e) ? e->code : rs_error_prefix(e, "%s", j->fn);
  if (j->warnings.n > 0) {
    char *line = rs_mprintf("%s: %s", j->fn, rs_buf_text(&j->warnings));
    if (line != NULL) rs_models_say(line);
    rs_free(line);
  }
  return RS_OK;
}

/* ---- retry ----------------------------------------------------------------------------------- */

/* "" for NULL; NULL: no memory. */
static const char *column_text(sqlite3_stmt *st, int column)
{
  if (sqlite3_column_type(st, column) == SQLITE_NULL) return "";
  return (const char *)sqlite3_column_text(st, column);
}

static enum rs_code take_failed(struct rs_job *j, sqlite3 *db, const char *id, struct rs_error *e)
{
  static const char sql[] = "SELECT unique_id FROM main.rockset_results WHERE invocation_id = ?1 "
                            "AND status IN ('error', 'fail', 'skipped', 'runtime error')";
  sqlite3_stmt *st = NULL;
  enum rs_code rc = RS_OK;
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_fail(e, RS_INVALID, "rockset_results: %s", sqlite3_errmsg(db));
  int step = sqlite3_bind_text(st, 1, id, -1, SQLITE_TRANSIENT);
  if (step == SQLITE_OK) step = sqlite3_step(st);
  while (rc == RS_OK && step == SQLITE_ROW) {
    const char *node = column_text(st, 0);
    if (node == NULL || !rs_map_put(&j->again, node, (void *)(uintptr_t) "")) rc = rs_nomem(e);
    else step = sqlite3_step(st);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(db, "rockset_results", e);
  sqlite3_finalize(st);
  return rc;
}

/* The last invocation of one of our commands: what it was, its options under those given now, and
** what failed in it or was skipped. */
static enum rs_code look_back(struct rs_job *j, struct rs_error *e)
{
  static const char sql[] =
    "SELECT id, selection, command, json_patch(coalesce(options, '{}'), ?1) FROM "
    "main.rockset_invocations WHERE command IN ('run', 'test', 'seed', 'snapshot', 'build', "
    "'freshness', 'clone') AND status <> 'running' ORDER BY started_at DESC, rowid DESC LIMIT 1";
  sqlite3 *db = rs_conn_db(j->c);
  sqlite3_stmt *st = NULL;
  enum rs_code rc = rs_tables_check(db, e);
  if (rc != RS_OK) return rs_error_prefix(e, "%s", j->fn);
  if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
    return rs_fail(e, RS_INVALID, "%s: rockset_invocations: %s", j->fn, sqlite3_errmsg(db));
  const char *options = j->options != NULL ? j->options : "{}";
  int step = sqlite3_bind_text(st, 1, options, -1, SQLITE_TRANSIENT);
  if (step == SQLITE_OK) step = sqlite3_step(st);
  const char *name = step == SQLITE_ROW ? column_text(st, 2) : "";
  const struct rs_command *command = name != NULL ? rs_command_find(name) : NULL;
  if (name == NULL) {
    rc = rs_nomem(e);
  } else if (step == SQLITE_DONE || (step == SQLITE_ROW && command == NULL)) {
    rc = rs_fail(e, RS_NOT_FOUND, "%s: nothing has been run yet", j->fn);
  } else if (step != SQLITE_ROW) {
    rc = rs_sqlite_error_of(db, j->fn, e);
  } else {
    const char *id = column_text(st, 0), *selection = column_text(st, 1);
    const char *given = column_text(st, 3);
    j->command = command;
    rs_free(j->selection);
    rs_free(j->options);
    j->selection = selection != NULL ? rs_strdup(selection) : NULL;
    j->options = given != NULL ? rs_strdup(given) : NULL;
    if (id == NULL || j->selection == NULL || j->options == NULL) rc = rs_nomem(e);
    else rc = take_failed(j, db, id, e);
  }
  sqlite3_finalize(st);
  return rc;
}

/* ---- begin ----------------------------------------------------------------------------------- */

static enum rs_code begin_job(struct rs_job *j, const char *selection, const char *options,
                              struct rs_error *e)
{
  j->start_us = rs_now_us();
  rs_arena_init(&j->arena, 0);
  rs_buf_init(&j->warnings, RS_ERROR_MAX);
  rs_map_init(&j->again);
  j->is_retry = j->command->again;
  if (j->is_retry) options = selection, selection = NULL; // its only argument
  j->selection = rs_strdup(selection);
  j->options = rs_strdup(options);
  if ((selection != NULL && j->selection == NULL) || (options != NULL && j->options == NULL))
    return rs_nomem(e);
  enum rs_code rc = j->is_retry ? look_back(j, e) : RS_OK;
  if (rc == RS_OK) rc = read_options(j, e);
  if (rc != RS_OK) return rc;
  if (!j->is_retry && is_blank(j->selection) && j->sel.selector == NULL)
    return rs_fail(e, RS_INVALID,
                   "%s: say what to run: %s('daily'), %s('+daily'), or %s('*') for "
                   "everything",
                   j->fn, j->fn, j->fn, j->fn);
  return start_run(j, e);
}

enum rs_code rs_job_start(struct rs_conn *c, const struct rs_command *command,
                          const char *selection, const char *options, struct rs_job **pj,
                          struct rs_error *e)
{
  const char *fn = command->fn;
  *pj = NULL;
  enum rs_code rc = rs_conn_no_transaction(c, fn, e);
  if (rc != RS_OK) return rc;
  struct rs_job *j = rs_calloc(1, sizeof *j);
  if (j == NULL) return rs_nomem(e);
  j->c = c;
  rs_conn_ref(c);
  j->command = command;
  j->fn = fn;
  j->name = command->name;
  rc = begin_job(j, selection, options, e);
  if (rc != RS_OK) {
    j->finished = true; // nothing has begun: nothing is recorded
    rs_job_free(j);
    return rc;
  }
  j->record = (struct rs_record){.side = &j->side,
                                 .p = j->p,
                                 .command = j->command->name,
                                 .selection = j->selection,
                                 .options = j->options,
                                 .nodes = &j->nodes};
  rs_record_write(&j->record);
  *pj = j;
  return RS_OK;
}

/* ---- results --------------------------------------------------------------------------------- */

/* A line as dbt prints it, for who watches at a terminal. */
static void show_progress(const struct rs_job *j, const struct rs_result *r)
{
  char counter[48] = "";
  if (r->node->type != RS_NODE_OPERATION)
    sqlite3_snprintf(sizeof counter, counter, "%lld of %lld ", (long long)j->nresults,
                     (long long)(j->selected + j->nsources));
  char *line = rs_mprintf("%s%s %s %s in %.2fs%s%s", counter, rs_result_status(r), r->kind,
                          r->node->name, r->ms / 1000.0, r->message != NULL ? ": " : "",
                          r->message != NULL ? r->message : "");
  if (line != NULL) rs_models_say(line);
  rs_free(line);
}

/* No memory: the message stays as it is. */
static void add_hint(struct rs_job *j, struct rs_result *r)
{
  char hint[RS_LOCAL_HINT];
  if (r->message == NULL || !rs_local_hint(rs_conn_db(j->c), r->missing, hint, sizeof hint)) return;
  char *more = rs_mprintf("%s%s", r->message, hint);
  if (more == NULL) return;
  rs_free(r->message);
  r->message = more;
}

static enum rs_code keep_result(struct rs_job *j, struct rs_result *r, struct rs_error *e)
{
  add_hint(j, r);
  if (!rs_grow(&j->results, &j->cap, j->nresults + 1, sizeof *j->results)) {
    rs_result_free(r);
    return rs_nomem(e);
  }
  j->results[j->nresults++] = *r;
  j->count[r->status]++;
  if (j->opt.progress) show_progress(j, r);
  return RS_OK;
}

/* What has come since the last write; the rest is written when the run pauses or ends. */
static void record_results(struct rs_job *j, bool now)
{
  if (j->nresults == j->record.written) return;
  if (!now && rs_now_ms() - j->recorded_ms < RECORD_MS) return;
  j->recorded_ms = rs_now_ms();
  j->record.results = j->results;
  j->record.nresults = j->nresults;
  rs_record_write(&j->record);
}

static const struct rs_result *first_failure(const struct rs_job *j)
{
  for (size_t i = 0; i < j->nresults; i++)
    if (rs_status_failed(j->results[i].status) && j->results[i].message != NULL)
      return &j->results[i];
  return NULL;
}

static const char *done_word(const struct rs_job *j)
{
  return rs_eq(j->command->noun, "models") ? "built" : "done";
}

/* The end of an error about nodes; hooks are none of those that were to run. */
static void tell_failed(struct rs_job *j, const char *more)
{
  const struct rs_result *first = first_failure(j);
  const char *text = first != NULL ? first->message : "out of memory";
  size_t failed = 0, total = 0;
  char what[300] = "";
  for (size_t i = 0; i < j->nresults; i++) {
    if (j->results[i].node->type == RS_NODE_OPERATION) continue;
    total++;
    failed += rs_status_failed(j->results[i].status);
  }
  // An error has its node's name in front
  if (first != NULL && first->status == RS_STATUS_FAIL)
    rs_node_what(first->node, what, sizeof what);
  if (failed == 0) rs_fail(&j->error, RS_REMOTE, "%s: %s%s", j->fn, text, more);
  else
    rs_fail(&j->error, RS_REMOTE, "%s: %zu of %zu %s failed%s: %s%s%s", j->fn, failed, total,
            j->command->noun, more, what, *what != 0 ? ": " : "", text);
}

/* What the whole run came to. */
static void judge(struct rs_job *j)
{
  const size_t *n = j->count;
  size_t failed = n[RS_STATUS_ERROR] + n[RS_STATUS_FAIL], skipped = n[RS_STATUS_SKIPPED];
  char more[64] = "";
  j->error.code = RS_OK;
  if (skipped > 0) sqlite3_snprintf(sizeof more, more, ", %lld skipped", (long long)skipped);
  if (j->interrupted)
    rs_fail(&j->error, RS_CANCELLED, "%s: interrupted: %zu of %zu %s %s%s", j->fn,
            n[RS_STATUS_SUCCESS] + n[RS_STATUS_PASS] + n[RS_STATUS_WARN], j->nresults,
            j->command->noun, done_word(j), more);
  else if (failed > 0) tell_failed(j, more);
}

/* The invocation's end in the tables. What could not be recorded is reported once, here. */
static void finish_job(struct rs_job *j, bool closed)
{
  if (j->finished) return;
  j->finished = true;
  j->ms = (double)(rs_now_us() - j->start_us) / 1000.0;
  judge(j);
  bool cancelled = j->interrupted || closed;
  const char *status = cancelled ? "cancelled" : j->error.code != RS_OK ? "error" : "success";
  const char *message = j->error.code != RS_OK ? j->error.text
                        : closed               ? "closed before its end"
                        : j->warnings.n > 0    ? rs_buf_text(&j->warnings)
                                               : NULL;
  j->record.results = j->results;
  j->record.nresults = j->nresults;
  rs_record_finish(&j->record, status, message);
  rs_models_refresh(j->c, &j->side, j->results, j->nresults);
  if (j->record.error.code != RS_OK && j->error.code == RS_OK)
    rs_fail(&j->error, j->record.error.code,
            "%s: all %s were %s, but the run could not be recorded: %s", j->fn, j->command->noun,
            done_word(j), j->record.error.text);
}

/* ---- sources that are sent first ------------------------------------------------------------- */

/* Nothing was begun, and nothing will be. */
static enum rs_code skip_all(struct rs_job *j, const char *why, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < j->selected && rc == RS_OK; i++) {
    struct rs_result r = {.node = j->pending[i],
                          .kind = j->pending[i]->config.materialized,
                          .status = RS_STATUS_SKIPPED,
                          .code = RS_CANCELLED,
                          .rows = -1,
                          .failures = -1};
    if (rs_eq(r.kind, "ephemeral")) continue;
    r.message = rs_strdup(why);
    rc = keep_result(j, &r, e);
  }
  j->selected = 0;
  return rc;
}

/* Sends the next one; behind the last one the nodes are started. */
static enum rs_code send_source(struct rs_job *j, struct rs_error *e)
{
  struct rs_result r;
  if (j->sent == j->nsources) return start_nodes(j, e);
  const struct rs_node *node = j->sources[j->sent++];
  rs_push_source(j->c, j->opt.target, rs_side_db(&j->side), node, &r);
  if (r.status != RS_STATUS_SUCCESS) j->failed[j->nfailed++] = node;
  enum rs_code rc = keep_result(j, &r, e);
  if (rc != RS_OK) return rc;
  record_results(j, false);
  if (j->nfailed == 0 || !j->opt.fail_fast) return RS_OK;
  j->sent = j->nsources;
  return skip_all(j, "skipped: fail_fast, and a source could not be sent", e);
}

/* Takes what the run still gives after a cancel. */
static enum rs_code drain(struct rs_job *j, struct rs_error *e)
{
  struct rs_result r;
  enum rs_code rc, kept = RS_OK;
  if (j->run == NULL) return skip_all(j, "skipped: cancelled", e);
  rs_run_cancel(j->run);
  while ((rc = rs_run_next(j->run, 1000, &r)) != RS_DONE)
    if (rc == RS_OK && keep_result(j, &r, e) != RS_OK) kept = RS_NOMEM;
  return kept;
}

static enum rs_code end_of_job(struct rs_job *j, struct rs_error *e)
{
  finish_job(j, false);
  if (j->error.code == RS_OK || (!j->opt.raise && !j->interrupted)) return RS_DONE;
  if (e != NULL) *e = j->error;
  return j->error.code;
}

enum rs_code rs_job_result(struct rs_job *j, size_t i, const struct rs_result **pr,
                           struct rs_error *e)
{
  while (i >= j->nresults) {
    if (j->finished) return end_of_job(j, e);
    if (rs_conn_interrupted(j->c)) {
      j->interrupted = true;
      if (drain(j, e) != RS_OK) return RS_NOMEM;
      return end_of_job(j, e);
    }
    struct rs_result r;
    if (j->run == NULL) {
      enum rs_code sent = send_source(j, e);
      if (sent == RS_OK) continue;
      if (sent != RS_NOMEM && e != NULL) (void)rs_error_prefix(e, "%s", j->fn);
      return sent;
    }
    enum rs_code rc = rs_run_next(j->run, POLL_MS, &r);
    if (rc == RS_DONE) return end_of_job(j, e);
    if (rc == RS_TIMEOUT) {
      record_results(j, true);
      continue;
    }
    rc = keep_result(j, &r, e);
    if (rc != RS_OK) return rc;
    record_results(j, false);
  }
  *pr = &j->results[i];
  return RS_OK;
}

void rs_job_json(const struct rs_job *j, struct rs_buf *b)
{
  const char *status = j->count[RS_STATUS_ERROR] + j->count[RS_STATUS_FAIL] > 0 ? "error"
                       : j->count[RS_STATUS_SKIPPED] > 0                        ? "cancelled"
                                                                                : "success";
  rs_buf_printf(b, "{\"invocation_id\":\"%s\",\"status\":\"%s\"", j->p->invocation_id, status);
  int last = j->command->failures ? RS_STATUS_FAIL : RS_STATUS_SKIPPED;
  for (int s = RS_STATUS_SUCCESS; s <= last; s++)
    rs_buf_printf(b, ",\"%s\":%zu", rs_status_name((enum rs_status)s), j->count[s]);
  rs_buf_printf(b, ",\"ms\":%.1f", j->ms);
  if (j->warnings.n > 0) rs_buf_json_member(b, "warning", rs_buf_text(&j->warnings));
  if (j->record.error.code != RS_OK) rs_buf_json_member(b, "not_recorded", j->record.error.text);
  rs_buf_str(b, ",\"results\":[");
  for (size_t i = 0; i < j->nresults; i++) {
    rs_buf_json_comma(b);
    rs_result_json(&j->results[i], b);
  }
  rs_buf_str(b, "]}");
}

void rs_job_free(struct rs_job *j)
{
  if (j == NULL) return;
  if (!j->finished) {
    drain(j, NULL);
    finish_job(j, true);
  }
  rs_run_free(j->run);
  rs_free(j->pending);
  rs_free(j->sources);
  rs_free(j->failed);
  rs_side_close(&j->side);
  rs_map_free(&j->again);
  for (size_t i = 0; i < j->nresults; i++) rs_result_free(&j->results[i]);
  rs_free(j->results);
  rs_nodes_end(&j->nodes);
  rs_project_free(j->p);
  rs_free(j->selection);
  rs_free(j->options);
  rs_buf_free(&j->warnings);
  rs_arena_free(&j->arena);
  rs_conn_unref(j->c);
  rs_free(j);
}
