/*
** What of schedules comes due: it is claimed, run, told to its webhook, and how it ended is kept.
**
** A run is claimed before it starts: its next time and its count are written first. So a run that
** a crash ends is not repeated, and no schedule runs more often than it may. A time at which the
** server was down, or at which the run before had not ended, is passed over, as cron does.
**
** Each run has a thread, which belongs to the one call of rs_schedules_job that has started it: the
** job does not return before they have ended.
*/
#include "schedules.h"
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

enum {
  TICK_MS = 100,
  RETRY_MS = 1000,
  KEEP_MS = 10000,       /* to write how it ended, also when the server is to stop */
  RESULT_ROWS = 1000,    /* that a webhook is sent */
  RESULT_BYTES = 1 << 20 /* about */
};

struct run {
  struct rs_backend *backend;
  struct rs_schedules *all;
  struct rs_arena arena;
  struct rs_schedule x; /* as it was claimed */
  struct rs_watch watch;
  pthread_t thread;
  atomic_bool ended;
  pthread_mutex_t mutex; /* `call`, which others cancel */
  struct rs_webhook_call *call;
  struct run *next;

  /* what came of it */
  const char *path; /* of the lambda's version; NULL: it was not found */
  struct rs_alone query;
  enum rs_code query_rc, webhook_rc;
  bool webhook_passing; /* its failure may be another one's time */
  struct rs_error webhook_e;
  struct rs_error kept; /* how it ended could not be written */
};

/* ---- the query ------------------------------------------------------------------------------- */

/* Whether waiting mends it. Else the schedule pauses until somebody has looked. */
static bool is_passing(const struct run *run)
{
  const struct rs_problem *p = &run->query.problem;
  if (p->status != 0)
    return p->status == 408 || p->status == 429 || p->status >= 500 ||
           rs_eq(p->type, "RESOURCEEXCEEDED") || rs_eq(p->type, "QUERY_CANCELLED");
  switch (run->query_rc) {
    case RS_AUTH:
    case RS_FORBIDDEN:
    case RS_INVALID:
    case RS_NOT_FOUND:
    case RS_UNSUPPORTED: return false;
    default: return true;
  }
}

static enum rs_code find_lambda(struct run *run, struct rs_query_request *r, struct rs_error *e)
{
  const struct rs_schedule *x = &run->x;
  struct rs_pooled *p = NULL;
  struct rs_lambda l = {.sql = NULL};
  const struct rs_lambda_ref ref = {
    {.workspace = x->workspace, .name = x->lambda}, x->version, x->tag, NULL};
  enum rs_code rc = rs_pool_take(run->backend, &run->watch, &p, e);
  if (rc == RS_OK) rc = rs_session_lambda_find(p->s, &ref, &run->arena, &l, e);
  rs_pool_give(run->backend, p);
  if (rc == RS_NOT_FOUND)
    return rs_fail(e, rc, "query lambda '%s.%s': %s '%s' is there no more", x->workspace, x->lambda,
                   x->version != NULL ? "version" : "tag",
                   x->version != NULL ? x->version : x->tag);
  if (rc == RS_OK) rc = rs_query_defaults(l.parameters, &run->arena, r, e);
  if (rc != RS_OK) return rc;
  r->sql = l.sql;
  r->maker_name = l.creator;
  rc = rs_keys_maker(run->all->keys, l.creator, l.created_at, &run->arena, &r->maker, e);
  if (rc != RS_OK) return rc;
  run->path = rs_arena_printf(&run->arena, "%s.%s:%s", l.workspace, l.name, l.version);
  r->lambda = run->path;
  return r->lambda != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code run_query(struct run *run, struct rs_buf *rows)
{
  struct rs_backend *v = run->backend;
  struct rs_error *e = &run->query.problem.e;
  struct rs_identity who = {.rights = NULL};
  struct rs_query_request r = {.row_limit = -1, .initial = -1, .timeout_ms = v->limits->async_ms};
  enum rs_code rc = rs_keys_recall(run->all->keys, &run->x.key, &run->arena, &who, e);
  if (rc == RS_OK)
    rc = rs_rights_need(who.rights, who.key_name, RS_MAY_EXECUTE_QUERY_LAMBDA_WS, run->x.workspace,
                        e);
  if (rc == RS_OK) rc = find_lambda(run, &r, e);
  rs_buf_char(rows, '[');
  if (rc == RS_OK) rc = rs_query_alone(v, &r, &who, RESULT_ROWS, RESULT_BYTES, rows, &run->query);
  rs_buf_char(rows, ']');
  return rc;
}

/* ---- the webhook ----------------------------------------------------------------------------- */

static void set_call(struct run *run, struct rs_webhook_call *call)
{
  pthread_mutex_lock(&run->mutex);
  run->call = call;
  pthread_mutex_unlock(&run->mutex);
}

static enum rs_code call_webhook(struct run *run, const struct rs_buf *rows)
{
  static const char plain[] = "{\"query_id\":{{QUERY_ID}},\"results\":{{QUERY_RESULTS}}}";
  const struct rs_schedule *x = &run->x;
  struct rs_error *e = &run->webhook_e;
  struct rs_webhook_call *call = NULL;
  struct rs_buf body;
  int status = 0;
  rs_buf_init(&body, (size_t)256 << 20);
  enum rs_code rc = rs_buf_error(rows, e, "results");
  if (rc == RS_OK)
    rc = rs_webhook_fill(x->webhook_payload != NULL ? x->webhook_payload : plain,
                         run->query.query_id, rs_buf_text(rows), &body, e);
  if (rc == RS_OK)
    rc = rs_webhook_begin(run->all->webhooks, x->webhook_url, x->webhook_auth, &call, e);
  if (rc == RS_OK) {
    set_call(run, call);
    rc = rs_webhook_send(call, rs_buf_text(&body), body.n, &status, e);
    set_call(run, NULL);
    run->webhook_passing = status == 408 || status == 429 || status >= 500 ||
                           (status == 0 && (rc == RS_IO || rc == RS_TIMEOUT || rc == RS_CANCELLED));
  }
  rs_webhook_end(call);
  rs_buf_free(&body);
  return rc;
}

/* ---- how it ended ---------------------------------------------------------------------------- */

static struct rs_schedule_status status_of(enum rs_code rc, bool passing, const struct rs_error *e)
{
  struct rs_schedule_status status = {NULL, NULL};
  if (rc == RS_OK) return status;
  status.state = passing ? "WARNING" : "ERROR";
  status.message = e->text[0] != 0 ? e->text : rs_code_name(rc);
  return status;
}

/* In the schedule as it is now: it may have been changed meanwhile, or deleted. */
static enum rs_code keep_end(struct run *run, struct rs_session *s, const char *now,
                             struct rs_error *e)
{
  struct rs_schedule x;
  bool passing = is_passing(run), ok = run->query_rc == RS_OK;
  enum rs_code rc = rs_schedule_get(s, run->x.workspace, run->x.id, &run->arena, &x, e);
  if (rc == RS_NOT_FOUND) return RS_OK;
  if (rc != RS_OK) return rc;
  if (run->query.query_id[0] != 0) x.last_query_id = run->query.query_id;
  if (ok) x.last_completion = now;
  x.query = status_of(run->query_rc, passing, &run->query.problem.e);
  x.webhook = status_of(run->webhook_rc, run->webhook_passing, &run->webhook_e);
  if (!ok && !passing && !x.resume) {
    x.paused = true;
    x.next = 0;
  }
  return rs_schedule_put(s, &x, e);
}

static enum rs_code add_event(struct run *run, struct rs_session *s, struct rs_error *e)
{
  const struct rs_schedule *x = &run->x;
  bool ok = run->query_rc == RS_OK, told = run->webhook_rc == RS_OK;
  const struct rs_error *why = !ok ? &run->query.problem.e : &run->webhook_e;
  const char *details = rs_arena_printf(&run->arena, "scheduled query lambda %s%s (%s.%s): %s%s",
                                        RS_SCHEDULE_RRN, x->id, x->workspace, x->lambda,
                                        ok && told ? "ran"
                                        : ok       ? "ran, but its webhook failed: "
                                                   : "failed: ",
                                        ok && told ? "" : why->text);
  if (details == NULL) return rs_nomem(e);
  const struct rs_event ev = {.label = ok ? "QUERY_SUCCESS" : "QUERY_ERROR",
                              .kind = "QUERY",
                              .type = !ok    ? "ERROR"
                                      : told ? "INFO"
                                             : "WARNING",
                              .details = details,
                              .query_lambda = run->path,
                              .query_id = run->query.query_id[0] != 0 ? run->query.query_id : NULL};
  return rs_event_add(run->backend, s, &ev, e);
}

/* On a session that the server's stopping leaves alone for a while. */
static void finish(struct run *run)
{
  static const rs_stopping never = 0;
  struct rs_watch watch;
  struct rs_pooled *p = NULL;
  char now[40];
  rs_js_time(rs_wall_us(), now);
  rs_watch_init(&watch, &never, -1);
  atomic_store(&watch.deadline, rs_now_ms() + KEEP_MS);
  enum rs_code rc = rs_pool_take(run->backend, &watch, &p, &run->kept);
  if (rc == RS_OK) {
    pthread_mutex_lock(&run->all->mutex);
    rc = keep_end(run, p->s, now, &run->kept);
    pthread_mutex_unlock(&run->all->mutex);
  }
  if (rc == RS_OK) rc = add_event(run, p->s, &run->kept);
  if (rc != RS_OK) run->kept.code = rc;
  rs_pool_give(run->backend, p);
}

static void *run_main(void *arg)
{
  struct run *run = arg;
  struct rs_buf rows;
  rs_buf_init(&rows, (size_t)64 << 20);
  run->query_rc = run_query(run, &rows);
  if (run->query_rc == RS_OK && run->x.webhook_url != NULL)
    run->webhook_rc = call_webhook(run, &rows);
  rs_buf_free(&rows);
  finish(run);
  atomic_store(&run->ended, true);
  return NULL;
}

/* ---- what is due ----------------------------------------------------------------------------- */

struct round {
  struct rs_backend *backend;
  struct rs_schedules *all;
  struct rs_session *s;
  struct rs_arena arena; /* of what was read */
  struct run **runs;
  int64_t now, due; /* due: the first time that is still to come */
  struct rs_error *e;
};

static bool is_running(const struct round *r, const struct rs_schedule *x)
{
  for (const struct run *run = *r->runs; run != NULL; run = run->next)
    if (rs_eq(run->x.id, x->id) && rs_eq(run->x.workspace, x->workspace)) return true;
  return false;
}

static void free_run(struct run *run)
{
  if (run == NULL) return;
  pthread_mutex_destroy(&run->mutex);
  rs_arena_free(&run->arena);
  rs_free(run);
}

/* A run of a schedule that is claimed already. Without a thread its time passes like a failure. */
static enum rs_code start_run(struct round *r, const struct rs_schedule *x)
{
  struct run *run = rs_calloc(1, sizeof *run);
  if (run == NULL) return rs_nomem(r->e);
  run->backend = r->backend;
  run->all = r->all;
  rs_arena_init(&run->arena, 0);
  pthread_mutex_init(&run->mutex, NULL);
  rs_watch_init(&run->watch, r->backend->stopping, -1);
  atomic_init(&run->ended, false);
  enum rs_code rc = rs_schedule_get(r->s, x->workspace, x->id, &run->arena, &run->x, r->e);
  if (rc == RS_OK && !rs_thread_start(&run->thread, run_main, run))
    rc = rs_fail(r->e, RS_IO, "the system gives no thread");
  if (rc != RS_OK) {
    free_run(run);
    return rc;
  }
  run->next = *r->runs;
  *r->runs = run;
  return RS_OK;
}

static enum rs_code look_at(void *ctx, struct rs_schedule *x)
{
  struct round *r = ctx;
  enum rs_code rc = RS_OK;
  if (x->next > 0 && x->next <= r->now) {
    bool runs = r->all->began && !is_running(r, x);
    if (runs) {
      x->count++;
      x->resume = false;
    }
    rs_schedule_plan(x, r->now);
    rc = rs_schedule_put(r->s, x, r->e);
    if (rc == RS_OK && runs) rc = start_run(r, x);
  }
  if (x->next > 0 && x->next < r->due) r->due = x->next;
  return rc;
}

static enum rs_code start_due(struct rs_backend *v, struct rs_schedules *t, struct rs_watch *watch,
                              struct run **runs, struct rs_error *e)
{
  struct rs_pooled *p = NULL;
  struct round r = {
    .backend = v, .all = t, .runs = runs, .now = rs_schedules_now(), .due = INT64_MAX, .e = e};
  enum rs_code rc = rs_pool_take(v, watch, &p, e);
  if (rc != RS_OK) return rc;
  r.s = p->s;
  rs_arena_init(&r.arena, 0);
  pthread_mutex_lock(&t->mutex);
  rc = rs_schedules_each(r.s, &r.arena, look_at, &r, e);
  if (rc == RS_OK) {
    t->began = true;
    atomic_store(&t->due, r.due);
  }
  pthread_mutex_unlock(&t->mutex);
  rs_arena_free(&r.arena);
  rs_pool_give(v, p);
  return rc;
}

/* ---- the job --------------------------------------------------------------------------------- */

static void cancel_calls(struct run *runs)
{
  for (struct run *run = runs; run != NULL; run = run->next) {
    pthread_mutex_lock(&run->mutex);
    if (run->call != NULL) rs_webhook_cancel(run->call);
    pthread_mutex_unlock(&run->mutex);
  }
}

static enum rs_code reap(struct run **runs, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (struct run **at = runs; *at != NULL;) {
    struct run *run = *at;
    if (!atomic_load(&run->ended)) {
      at = &run->next;
      continue;
    }
    *at = run->next;
    (void)pthread_join(run->thread, NULL);
    if (run->kept.code != RS_OK) {
      rc = run->kept.code;
      *e = run->kept;
    }
    free_run(run);
  }
  return rc;
}

enum rs_code rs_schedules_job(struct rs_backend *v, struct rs_resources *r, struct rs_watch *watch,
                              struct rs_error *e)
{
  struct rs_schedules *t = r->schedules;
  struct run *runs = NULL;
  enum rs_code rc = RS_OK;
  int64_t again = 0; // after a failure, not at once
  if (!v->is_sole) return RS_OK;
  do {
    bool due = atomic_load(&t->due) <= rs_schedules_now() && rs_now_ms() >= again;
    if (due && atomic_load(v->stopping) == 0) {
      rc = start_due(v, t, watch, &runs, e);
      if (rc != RS_OK) again = rs_now_ms() + RETRY_MS;
    }
    if (atomic_load(v->stopping) > 1) cancel_calls(runs);
    struct rs_error kept = {0};
    if (reap(&runs, &kept) != RS_OK) {
      rc = kept.code;
      *e = kept;
    }
    if (runs != NULL) rs_sleep_ms(TICK_MS);
  } while (runs != NULL);
  return rc;
}
