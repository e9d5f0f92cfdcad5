/*
** The runner (runner.h).
**
** Every node of the graph is a task, so that order and failures pass through nodes that were not
** selected; those are done as soon as they are ready. One mutex guards all; it is never held while a
** model is built.
*/
#include "runner.h"
#include <stdatomic.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/text.h"
#include "../base/thread.h"

#define THREADS_MAX 256

struct task {
  struct rs_node *node;
  size_t waiting; /* parents that are not done */
  bool selected, done;
  const struct rs_node *failed; /* an ancestor that failed */
};

struct worker {
  struct rs_run *run;
  pthread_t thread;
  bool started;
  struct rs_session *session; /* opened when first needed; the mutex guards the pointer */
};

struct rs_run {
  struct rs_project *p;
  struct rs_run_options opt;
  struct task *tasks;  /* by position in the order */
  size_t ntasks, left; /* left: selected tasks that are not done */
  size_t *ready;       /* a heap: the least position first */
  size_t nready;
  size_t *passed; /* a stack for tasks that are done at once */
  struct rs_result *results;
  size_t nresults, taken;
  struct worker *workers;
  size_t nworkers, active;          /* active: workers that have not ended */
  const struct rs_node *stopped_by; /* fail_fast */
  atomic_bool cancelled;
  pthread_mutex_t mutex;
  pthread_cond_t work, result;
};

/* ---- the heap of ready tasks ------------------------------------------------------------------ */

static void push_ready(struct rs_run *r, size_t at)
{
  size_t i = r->nready++;
  for (; i > 0 && r->ready[(i - 1) / 2] > at; i = (i - 1) / 2) r->ready[i] = r->ready[(i - 1) / 2];
  r->ready[i] = at;
}

static size_t pop_ready(struct rs_run *r)
{
  size_t top = r->ready[0], last = r->ready[--r->nready], i = 0;
  for (;;) {
    size_t child = 2 * i + 1;
    if (child >= r->nready) break;
    if (child + 1 < r->nready && r->ready[child + 1] < r->ready[child]) child++;
    if (r->ready[child] >= last) break;
    r->ready[i] = r->ready[child];
    i = child;
  }
  r->ready[i] = last;
  return top;
}

/* ---- results ---------------------------------------------------------------------------------- */

static void put_result(struct rs_run *r, const struct rs_result *result)
{
  r->results[r->nresults++] = *result;
  r->left--;
  pthread_cond_signal(&r->result);
}

static void put_skipped(struct rs_run *r, const struct task *t, char *message)
{
  struct rs_result result = {.node = t->node,
                             .kind = t->node->config.materialized,
                             .status = RS_STATUS_SKIPPED,
                             .code = RS_CANCELLED,
                             .rows = -1,
                             .message = message};
  put_result(r, &result);
}

/* A task is done: its children wait for one parent less. What is then ready and needs no building is
** done in the same way, by a stack instead of recursion. */
static void finish(struct rs_run *r, size_t at)
{
  size_t n = 0;
  r->passed[n++] = at;
  while (n > 0) {
    struct task *t = &r->tasks[r->passed[--n]];
    t->done = true;
    for (size_t i = 0; i < t->node->nchildren; i++) {
      size_t child = r->p->nodes[t->node->children[i]]->order;
      struct task *c = &r->tasks[child];
      if (c->failed == NULL) c->failed = t->failed;
      if (--c->waiting > 0) continue;
      if (c->selected && c->failed == NULL) {
        push_ready(r, child);
        continue;
      }
      if (c->selected) put_skipped(r, c, rs_mprintf("skipped: model %s failed", c->failed->name));
      r->passed[n++] = child;
    }
  }
  pthread_cond_broadcast(&r->work);
}

static bool is_stopping(struct rs_run *r)
{
  return atomic_load(&r->cancelled) || r->stopped_by != NULL;
}

/* After a stop, once nobody works any more: what is left has been skipped. */
static void skip_rest(struct rs_run *r)
{
  for (size_t i = 0; i < r->ntasks; i++) {
    struct task *t = &r->tasks[i];
    if (!t->selected || t->done) continue;
    t->done = true;
    put_skipped(r, t,
                r->stopped_by != NULL && !atomic_load(&r->cancelled)
                  ? rs_mprintf("skipped: fail_fast, and model %s failed", r->stopped_by->name)
                  : rs_strdup("skipped: cancelled"));
  }
}

/* ---- workers ---------------------------------------------------------------------------------- */

static bool is_cancelled(void *ctx)
{
  struct rs_run *r = ctx;
  return atomic_load(&r->cancelled);
}

static enum rs_code worker_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct worker *w = ctx;
  *ps = w->session;
  if (*ps != NULL) return RS_OK;
  struct rs_interrupt interrupt = {.is_interrupted = is_cancelled, .ctx = w->run};
  enum rs_code rc = rs_session_open(w->run->opt.target, &interrupt, w->run->opt.log, ps, e);
  if (rc != RS_OK) return rc;
  pthread_mutex_lock(&w->run->mutex);
  w->session = *ps;
  pthread_mutex_unlock(&w->run->mutex);
  return RS_OK;
}

static void build_one(struct worker *w, size_t at)
{
  struct rs_run *r = w->run;
  struct task *t = &r->tasks[at];
  struct rs_materialize m = {.project = r->p,
                             .node = t->node,
                             .sessions = {.get = worker_session, .ctx = w},
                             .is_interrupted = is_cancelled,
                             .interrupt_ctx = r};
  struct rs_result result;
  pthread_mutex_unlock(&r->mutex);
  rs_materialize(&m, &result);
  pthread_mutex_lock(&r->mutex);
  if (result.status == RS_STATUS_SKIPPED && !atomic_load(&r->cancelled))
    result.status = RS_STATUS_ERROR; // someone else stopped the engine: that is a failure
  if (result.status == RS_STATUS_ERROR) {
    t->failed = t->node;
    if (r->opt.fail_fast && r->stopped_by == NULL) r->stopped_by = t->node;
  }
  put_result(r, &result);
  finish(r, at);
}

static void *work(void *arg)
{
  struct worker *w = arg;
  struct rs_run *r = w->run;
  pthread_mutex_lock(&r->mutex);
  while (r->left > 0 && !is_stopping(r)) {
    if (r->nready > 0) build_one(w, pop_ready(r));
    else pthread_cond_wait(&r->work, &r->mutex);
  }
  struct rs_session *s = w->session;
  w->session = NULL;
  pthread_mutex_unlock(&r->mutex);
  rs_session_close(s);
  pthread_mutex_lock(&r->mutex);
  r->active--;
  pthread_cond_broadcast(&r->work);
  pthread_cond_signal(&r->result);
  pthread_mutex_unlock(&r->mutex);
  return NULL;
}

/* ---- life ------------------------------------------------------------------------------------- */

/* Fails only by lack of memory. */
static bool make_tasks(struct rs_run *r, struct rs_node *const *nodes, size_t n)
{
  size_t count = r->p->norder;
  r->ntasks = count;
  r->tasks = rs_calloc(count + 1, sizeof *r->tasks);
  r->ready = rs_calloc(count + 1, sizeof *r->ready);
  r->passed = rs_calloc(count + 1, sizeof *r->passed);
  r->results = rs_calloc(n + 1, sizeof *r->results);
  if (r->tasks == NULL || r->ready == NULL || r->passed == NULL || r->results == NULL) return false;
  for (size_t i = 0; i < count; i++) {
    r->tasks[i].node = r->p->order[i];
    r->tasks[i].waiting = r->p->order[i]->nparents;
  }
  for (size_t i = 0; i < n; i++) {
    if (rs_eq(nodes[i]->config.materialized, "ephemeral")) continue;
    r->tasks[nodes[i]->order].selected = true;
    r->left++;
  }
  return true;
}

/* What waits for nobody. Roots first: finishing one may make others ready. */
static void start_roots(struct rs_run *r)
{
  for (size_t i = 0; i < r->ntasks; i++) {
    if (r->tasks[i].node->nparents > 0) continue;
    if (r->tasks[i].selected) push_ready(r, i);
    else finish(r, i);
  }
}

enum rs_code rs_run_start(struct rs_project *p, struct rs_node *const *nodes, size_t n,
                          const struct rs_run_options *opt, struct rs_run **pr, struct rs_error *e)
{
  *pr = NULL;
  struct rs_run *r = rs_calloc(1, sizeof *r);
  if (r == NULL) return rs_nomem(e);
  r->p = p;
  r->opt = *opt;
  rs_target_retain(opt->target);
  rs_log_retain(opt->log);
  atomic_init(&r->cancelled, false);
  pthread_mutex_init(&r->mutex, NULL);
  rs_cond_init(&r->work);
  rs_cond_init(&r->result);
  size_t threads = opt->threads < 1             ? 1
                   : opt->threads > THREADS_MAX ? THREADS_MAX
                                                : (size_t)opt->threads;
  r->workers = rs_calloc(threads, sizeof *r->workers);
  if (r->workers == NULL || !make_tasks(r, nodes, n)) {
    rs_run_free(r);
    return rs_nomem(e);
  }
  if (threads > r->left) threads = r->left;
  pthread_mutex_lock(&r->mutex);
  start_roots(r);
  for (size_t i = 0; i < threads; i++) {
    struct worker *w = &r->workers[i];
    w->run = r;
    w->started = rs_thread_start(&w->thread, work, w);
    if (!w->started) break;
    r->nworkers++;
    r->active++;
  }
  pthread_mutex_unlock(&r->mutex);
  if (threads > 0 && r->nworkers == 0) {
    rs_run_free(r);
    return rs_fail(e, RS_LIMIT, "the system gives no thread to run models in");
  }
  *pr = r;
  return RS_OK;
}

enum rs_code rs_run_next(struct rs_run *r, int64_t ms, struct rs_result *out)
{
  enum rs_code rc;
  int64_t until = rs_now_ms() + ms;
  pthread_mutex_lock(&r->mutex);
  for (;;) {
    if (r->taken < r->nresults) {
      *out = r->results[r->taken++];
      rc = RS_OK;
      break;
    }
    if (r->active == 0 && r->left > 0) {
      skip_rest(r);
      continue;
    }
    if (r->left == 0) {
      rc = RS_DONE;
      break;
    }
    int64_t left = until - rs_now_ms();
    if (left <= 0 || (!rs_cond_wait_ms(&r->result, &r->mutex, left) && rs_now_ms() >= until)) {
      rc = r->taken < r->nresults ? RS_OK : RS_TIMEOUT;
      if (rc == RS_OK) *out = r->results[r->taken++];
      break;
    }
  }
  pthread_mutex_unlock(&r->mutex);
  return rc;
}

void rs_run_cancel(struct rs_run *r)
{
  if (r == NULL) return;
  pthread_mutex_lock(&r->mutex);
  atomic_store(&r->cancelled, true);
  for (size_t i = 0; i < r->nworkers; i++)
    if (r->workers[i].session != NULL) rs_session_cancel(r->workers[i].session);
  pthread_cond_broadcast(&r->work);
  pthread_mutex_unlock(&r->mutex);
}

void rs_run_free(struct rs_run *r)
{
  if (r == NULL) return;
  if (r->nworkers > 0) rs_run_cancel(r);
  for (size_t i = 0; i < r->nworkers; i++) pthread_join(r->workers[i].thread, NULL);
  for (size_t i = r->taken; i < r->nresults; i++) rs_result_free(&r->results[i]);
  pthread_mutex_destroy(&r->mutex);
  pthread_cond_destroy(&r->work);
  pthread_cond_destroy(&r->result);
  rs_free(r->workers);
  rs_free(r->tasks);
  rs_free(r->ready);
  rs_free(r->passed);
  rs_free(r->results);
  rs_log_release(r->opt.log);
  rs_target_release(r->opt.target);
  rs_free(r);
}
