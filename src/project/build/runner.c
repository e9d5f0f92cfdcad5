/*
** The runner (build.h).
**
** Every node of the graph is a task, so that order and failures pass through nodes that were not
** selected; those are done as soon as they are ready. One mutex guards all; it is never held while
** a model is built.
*/
#include "build.h"
#include "src/project/names/shared_graph.h"
#include <stdatomic.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/sql/locals.h"

#define THREADS_MAX 256

struct task {
  struct rs_node *node;
  size_t waiting; /* parents that are not done */
  size_t *gates;  /* positions of tasks that wait for this one without being its children */
  size_t ngates, cap_gates;
  bool selected, done;
  bool root;                    /* waits for nobody from the beginning */
  const struct rs_node *failed; /* an ancestor that failed */
};

struct worker {
  struct rs_run *run;
  pthread_t thread;
  bool started;
  struct rs_session *session; /* opened when first needed; the mutex guards the pointer */
  struct rs_graph_hold hold;
};

/* A statement that names tables of the caller's: a worker waits for its text. */
struct asking {
  struct asking *next;
  struct rs_session *s;
  const char *sql;
  struct rs_buf *out;
  enum rs_code rc;
  struct rs_error error;
  bool taken, answered;
};

/* What on-run-end sees of a result. */
struct report {
  const struct rs_node *node;
  enum rs_status status;
  int64_t rows, failures;
  double ms;
  char *message, *compiled;
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
  struct report *reports; /* one for each result; NULL: nobody asks */
  size_t nresults, taken;
  struct worker *workers;
  size_t nworkers, active;          /* active: workers that have not ended */
  const struct rs_node *stopped_by; /* fail_fast, or a hook before the run */
  size_t hooks_left;                /* hooks that will still give a result */
  bool begun;                       /* the hooks before the run are done */
  struct asking *asked;
  atomic_bool cancelled;
  pthread_mutex_t mutex;
  pthread_cond_t work, result, answer;
};

/* ---- the heap of ready tasks ---------------------------------------------------------------- */

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

/* ---- results -------------------------------------------------------------------------------- */

static void put_result(struct rs_run *r, const struct rs_result *result)
{
  if (r->reports != NULL)
    r->reports[r->nresults] = (struct report){.node = result->node,
                                              .status = result->status,
                                              .rows = result->rows,
                                              .failures = result->failures,
                                              .ms = result->ms,
                                              .message = rs_strdup(result->message),
                                              .compiled = rs_strdup(result->compiled)};
  r->results[r->nresults++] = *result;
  if (result->node->type == RS_NODE_OPERATION) r->hooks_left--;
  else r->left--;
  pthread_cond_signal(&r->result);
}

static void put_skipped(struct rs_run *r, const struct task *t, char *message)
{
  struct rs_result result = {.node = t->node,
                             .kind = t->node->config.materialized,
                             .status = RS_STATUS_SKIPPED,
                             .code = RS_CANCELLED,
                             .rows = -1,
                             .failures = -1,
                             .message = message};
  put_result(r, &result);
}

/* One task less to wait for. True: the task at `child` is done with that, too. */
static bool arrive(struct rs_run *r, const struct task *t, size_t child)
{
  struct task *c = &r->tasks[child];
  char what[300];
  if (c->failed == NULL) c->failed = t->failed;
  if (--c->waiting > 0) return false;
  if (c->selected && c->failed == NULL) {
    push_ready(r, child);
    return false;
  }
  if (c->selected)
    put_skipped(r, c, rs_mprintf("skipped: %s failed", rs_node_what(c->failed, what, sizeof what)));
  return true;
}

/* A task is done: its children wait for one parent less. What is then ready and needs no building
** is done in the same way, by a stack instead of recursion. */
static void finish(struct rs_run *r, size_t at)
{
  size_t n = 0;
  r->passed[n++] = at;
  while (n > 0) {
    struct task *t = &r->tasks[r->passed[--n]];
    t->done = true;
    for (size_t i = 0; i < t->node->nchildren; i++) {
      const struct rs_node *child = r->p->nodes[t->node->children[i]];
      if (child->config.enabled && arrive(r, t, child->order)) r->passed[n++] = child->order;
    }
    for (size_t i = 0; i < t->ngates; i++)
      if (arrive(r, t, t->gates[i])) r->passed[n++] = t->gates[i];
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
    char what[300];
    const struct rs_node *by = atomic_load(&r->cancelled) ? NULL : r->stopped_by;
    bool hook = by != NULL && by->type == RS_NODE_OPERATION;
    t->done = true;
    put_skipped(r, t,
                by != NULL ? rs_mprintf("skipped: %s%s failed", hook ? "" : "fail_fast, and ",
                                        rs_node_what(by, what, sizeof what))
                           : rs_strdup("skipped: cancelled"));
  }
}

/* ---- workers -------------------------------------------------------------------------------- */

static bool is_cancelled(void *ctx)
{
  struct worker *w = ctx;
  return atomic_load(&w->run->cancelled);
}

static void worker_waits(void *ctx, bool begins)
{
  struct worker *w = ctx;
  rs_graph_wait(&w->hold, begins);
}

/* Waits until the caller's thread has answered. Of a run that was cancelled nobody may come. */
static void ask(struct rs_run *r, struct asking *q)
{
  pthread_mutex_lock(&r->mutex);
  q->next = r->asked;
  r->asked = q;
  pthread_cond_signal(&r->result);
  while (!q->answered && (q->taken || !atomic_load(&r->cancelled)))
    pthread_cond_wait(&r->answer, &r->mutex);
  struct asking **at = &r->asked;
  while (*at != NULL && *at != q) at = &(*at)->next;
  if (*at != NULL) *at = q->next;
  pthread_mutex_unlock(&r->mutex);
  if (!q->answered) q->rc = rs_fail(&q->error, RS_CANCELLED, "interrupted");
}

static enum rs_code worker_localize(void *ctx, struct rs_session *s, const char *sql,
                                    struct rs_buf *out, struct rs_error *e)
{
  struct worker *w = ctx;
  const struct rs_dialect *d = rs_target_info(w->run->opt.target).dialect;
  struct rs_arena a;
  struct rs_locals names;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_locals_find(sql, d, w->run->opt.local_prefix, &a, &names, e);
  const bool asks = names.n > 0;
  rs_locals_free(&names);
  rs_arena_free(&a);
  if (rc != RS_OK || !asks) return rc != RS_OK ? rc : RS_DONE;
  struct asking q = {.s = s, .sql = sql, .out = out};
  worker_waits(w, true);
  ask(w->run, &q);
  worker_waits(w, false);
  if (q.rc != RS_OK && e != NULL) *e = q.error;
  return q.rc;
}

/* On the caller's thread, with the mutex, which is let go meanwhile. */
static void answer(struct rs_run *r, struct asking *q)
{
  q->taken = true;
  pthread_mutex_unlock(&r->mutex);
  q->rc = r->opt.localize(r->opt.localize_ctx, q->s, q->sql, q->out, &q->error);
  pthread_mutex_lock(&r->mutex);
  q->answered = true;
  pthread_cond_broadcast(&r->answer);
}

static enum rs_code worker_session(void *ctx, struct rs_session **ps, struct rs_error *e)
{
  struct worker *w = ctx;
  *ps = w->session;
  if (*ps != NULL) return RS_OK;
  struct rs_interrupt interrupt = {.is_interrupted = is_cancelled, .ctx = w, .waits = worker_waits};
  if (w->run->opt.localize != NULL) interrupt.localize = worker_localize;
  enum rs_code rc = rs_session_open(w->run->opt.target, &interrupt, w->run->opt.log, ps, e);
  if (rc == RS_OK) w->session = *ps;
  return rc;
}

static void build_one(struct worker *w, size_t at)
{
  struct rs_run *r = w->run;
  struct task *t = &r->tasks[at];
  struct rs_materialize m = {.project = r->p,
                             .node = t->node,
                             .kind = r->opt.kind,
                             .sessions = {.get = worker_session, .ctx = w, .hold = &w->hold},
                             .is_interrupted = is_cancelled,
                             .interrupt_ctx = w};
  struct rs_result result;
  pthread_mutex_unlock(&r->mutex);
  rs_node_run(&m, &result);
  result.worker = (int)(w - r->workers) + 1;
  pthread_mutex_lock(&r->mutex);
  if (result.status == RS_STATUS_SKIPPED && !atomic_load(&r->cancelled))
    result.status = RS_STATUS_ERROR; // someone else stopped the engine: that is a failure
  if (rs_status_failed(result.status)) {
    if (r->opt.kind == NULL) t->failed = t->node;
    if (r->opt.fail_fast && r->stopped_by == NULL) r->stopped_by = t->node;
  }
  put_result(r, &result);
  finish(r, at);
}

/* Names that only hooks have; the results are those so far. Runs without the mutex: nobody else
** works while a hook does. */
static enum rs_code hook_names(void *ctx, struct rs_context *c, const char *name, size_t n, jv *out,
                               struct rs_error *e)
{
  const struct rs_run *r = ctx;
  bool results = rs_eqn("results", name, n), pairs = rs_eqn("database_schemas", name, n);
  (void)e;
  if (!results && !pairs && !rs_eqn("schemas", name, n)) return RS_NOT_FOUND;
  *out = jv_list(c->j);
  for (size_t i = 0; i < r->nresults; i++) {
    const struct report *t = &r->reports[i];
    const struct rs_result one = {.node = t->node,
                                  .status = t->status,
                                  .rows = t->rows,
                                  .failures = t->failures,
                                  .ms = t->ms,
                                  .message = t->message,
                                  .compiled = t->compiled};
    if (t->node->type == RS_NODE_OPERATION) continue;
    if (results) jv_list_add(c->j, *out, rs_hook_result(c, &one));
    else rs_hook_schema(c, *out, pairs, &one);
  }
  return RS_OK;
}

/* One after another, by one worker while no other one works. Holds the mutex, but not while a hook
** runs. A failure ends them. */
static void run_hooks(struct worker *w, struct rs_node **hooks, size_t n, bool at_end)
{
  struct rs_run *r = w->run;
  for (size_t i = 0; i < n && !atomic_load(&r->cancelled); i++) {
    struct rs_materialize m = {.project = r->p,
                               .node = hooks[i],
                               .sessions = {.get = worker_session, .ctx = w, .hold = &w->hold},
                               .is_interrupted = is_cancelled,
                               .interrupt_ctx = w};
    struct rs_result result;
    if (!hooks[i]->config.enabled) continue;
    if (at_end) m.names = hook_names, m.names_ctx = r;
    pthread_mutex_unlock(&r->mutex);
    rs_node_run(&m, &result);
    pthread_mutex_lock(&r->mutex);
    put_result(r, &result);
    if (!rs_status_failed(result.status)) continue;
    if (!at_end) r->stopped_by = hooks[i];
    break;
  }
}

/* The workspaces of what will be built: hooks may use them already, as in dbt. Where one can't be
** made the node that needs it says why. */
static void make_workspaces(struct worker *w)
{
  struct rs_run *r = w->run;
  struct rs_session *s;
  struct rs_map made;
  if (r->p->nstart_hooks == 0) return;
  rs_map_init(&made);
  pthread_mutex_unlock(&r->mutex);
  for (size_t i = 0; i < r->ntasks && worker_session(w, &s, NULL) == RS_OK; i++) {
    const struct rs_node *n = r->tasks[i].node;
    bool builds = n->type != RS_NODE_SOURCE && n->type < RS_NODE_TEST;
    const struct rs_relation rel = rs_node_relation(r->p, n);
    char *key = rs_mprintf("%s\n%s", rel.database != NULL ? rel.database : "", rel.workspace);
    if (r->tasks[i].selected && builds && key != NULL && rs_map_get(&made, key) == NULL) {
      (void)rs_map_put(&made, key, r);
      (void)rs_session_create(s, RS_WORKSPACE_IN(rel.database, rel.workspace), true, NULL);
    }
    rs_free(key);
  }
  pthread_mutex_lock(&r->mutex);
  rs_map_free(&made);
}

/* Before the first node; everybody else waits for it. */
static void begin_work(struct worker *w)
{
  struct rs_run *r = w->run;
  if (w == r->workers) {
    if (r->opt.hooks) make_workspaces(w);
    if (r->opt.hooks) run_hooks(w, r->p->start_hooks, r->p->nstart_hooks, false);
    if (r->stopped_by != NULL || !r->opt.hooks) r->hooks_left = 0;
    else r->hooks_left = r->p->nend_hooks;
    r->begun = true;
    pthread_cond_broadcast(&r->work);
  }
  while (!r->begun) pthread_cond_wait(&r->work, &r->mutex);
}

/* After the last one: by the first worker, when the others have ended. */
static void end_work(struct worker *w)
{
  struct rs_run *r = w->run;
  if (w != r->workers || r->hooks_left == 0) return;
  while (r->active > 1) pthread_cond_wait(&r->work, &r->mutex);
  if (r->left > 0) skip_rest(r);
  run_hooks(w, r->p->end_hooks, r->p->nend_hooks, true);
  r->hooks_left = 0;
}

static void *work(void *arg)
{
  struct worker *w = arg;
  struct rs_run *r = w->run;
  pthread_mutex_lock(&r->mutex);
  begin_work(w);
  while (r->left > 0 && !is_stopping(r)) {
    if (r->nready > 0) build_one(w, pop_ready(r));
    else pthread_cond_wait(&r->work, &r->mutex);
  }
  end_work(w);
  pthread_mutex_unlock(&r->mutex);
  rs_session_close(w->session);
  pthread_mutex_lock(&r->mutex);
  r->active--;
  pthread_cond_broadcast(&r->work);
  pthread_cond_signal(&r->result);
  pthread_mutex_unlock(&r->mutex);
  return NULL;
}

/* ---- life ----------------------------------------------------------------------------------- */

/* `child` waits for the task `at`, too. */
static bool add_gate(struct rs_run *r, size_t at, size_t child)
{
  struct task *t = &r->tasks[at];
  if (!rs_grow(&t->gates, &t->cap_gates, t->ngates + 1, sizeof *t->gates)) return false;
  t->gates[t->ngates++] = child;
  r->tasks[child].waiting++;
  return true;
}

/* Gates of a test: the nodes below all its parents; of those only the first on each path, since
** the others wait for them. below: for each position how many parents it is below of; zero before
** and after. */
static bool gate_test(struct rs_run *r, size_t at, size_t *below, size_t *queue, size_t *seen)
{
  const struct rs_node *test = r->tasks[at].node;
  size_t n = test->nparents, ntouched = 0, *touched = r->passed;
  bool ok = true;
  for (size_t i = 0; i < n; i++) {
    size_t head = 0, tail = 0, round = ++seen[r->ntasks];
    queue[tail++] = r->p->nodes[test->parents[i]]->order;
    while (head < tail) {
      const struct rs_node *node = r->tasks[queue[head++]].node;
      for (size_t k = 0; k < node->nchildren; k++) {
        const struct rs_node *child = r->p->nodes[node->children[k]];
        if (child->type >= RS_NODE_TEST || !child->config.enabled || seen[child->order] == round)
          continue;
        seen[child->order] = round;
        if (below[child->order]++ == 0) touched[ntouched++] = child->order;
        if (n > 1) queue[tail++] = child->order; // the children of an only parent are all there is
      }
    }
  }
  for (size_t i = 0; ok && i < ntouched; i++) {
    const struct rs_node *node = r->tasks[touched[i]].node;
    bool first = below[touched[i]] == n;
    for (size_t k = 0; first && k < node->nparents; k++)
      first = below[r->p->nodes[node->parents[k]]->order] < n;
    if (first || (n == 1 && below[touched[i]] == n)) ok = add_gate(r, at, touched[i]);
  }
  for (size_t i = 0; i < ntouched; i++) below[touched[i]] = 0;
  return ok;
}

static bool make_gates(struct rs_run *r)
{
  size_t *below = rs_calloc(r->ntasks + 1, sizeof *below);
  size_t *queue = rs_calloc(r->ntasks + 1, sizeof *queue);
  size_t *seen = rs_calloc(r->ntasks + 1, sizeof *seen); // the last one counts the rounds
  bool ok = below != NULL && queue != NULL && seen != NULL;
  for (size_t i = 0; ok && i < r->ntasks; i++) {
    const struct rs_node *n = r->tasks[i].node;
    if (!r->tasks[i].selected) continue;
    if (n->type == RS_NODE_UNIT_TEST) ok = add_gate(r, i, n->tested->order);
    else if (n->type == RS_NODE_TEST && n->nparents > 0) ok = gate_test(r, i, below, queue, seen);
  }
  rs_free(below);
  rs_free(queue);
  rs_free(seen);
  return ok;
}

/* Fails only by lack of memory. */
static bool make_tasks(struct rs_run *r, struct rs_node *const *nodes, size_t n)
{
  size_t count = r->p->norder;
  r->ntasks = count;
  r->tasks = rs_calloc(count + 1, sizeof *r->tasks);
  r->ready = rs_calloc(count + 1, sizeof *r->ready);
  r->passed = rs_calloc(count + 1, sizeof *r->passed);
  size_t all = n + 1 + (r->opt.hooks ? r->p->nstart_hooks + r->p->nend_hooks : 0);
  r->results = rs_calloc(all, sizeof *r->results);
  if (r->opt.hooks && r->p->nend_hooks > 0) {
    r->reports = rs_calloc(all, sizeof *r->reports);
    if (r->reports == NULL) return false;
  }
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
  for (size_t i = 0; i < r->opt.nfailed; i++)
    r->tasks[r->opt.failed[i]->order].failed = r->opt.failed[i];
  if (r->opt.gates && !make_gates(r)) return false;
  for (size_t i = 0; i < count; i++) r->tasks[i].root = r->tasks[i].waiting == 0;
  return true;
}

/* What waits for nobody. Roots first: finishing one may make others ready. */
static void start_roots(struct rs_run *r)
{
  for (size_t i = 0; i < r->ntasks; i++) {
    if (!r->tasks[i].root) continue;
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
  rs_cond_init(&r->answer);
  size_t threads = opt->threads < 1             ? 1
                   : opt->threads > THREADS_MAX ? THREADS_MAX
                                                : (size_t)opt->threads;
  r->workers = rs_calloc(threads, sizeof *r->workers);
  if (r->workers == NULL || !make_tasks(r, nodes, n)) {
    rs_run_free(r);
    return rs_nomem(e);
  }
  if (threads > r->left) threads = r->left;
  if (threads > 0 && opt->hooks) r->hooks_left = p->nstart_hooks + p->nend_hooks;
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
    struct asking *q = r->asked;
    while (q != NULL && q->taken) q = q->next;
    if (q != NULL) {
      answer(r, q);
      continue;
    }
    if (r->active == 0 && r->left > 0) {
      skip_rest(r);
      continue;
    }
    if (r->left == 0 && (r->hooks_left == 0 || r->active == 0)) {
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
  atomic_store(&r->cancelled, true); // which the workers' sessions ask for
  pthread_cond_broadcast(&r->work);
  pthread_cond_broadcast(&r->answer);
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
  pthread_cond_destroy(&r->answer);
  for (size_t i = 0; r->reports != NULL && i < r->nresults; i++) {
    rs_free(r->reports[i].message);
    rs_free(r->reports[i].compiled);
  }
  for (size_t i = 0; r->tasks != NULL && i < r->ntasks; i++) rs_free(r->tasks[i].gates);
  rs_free(r->reports);
  rs_free(r->workers);
  rs_free(r->tasks);
  rs_free(r->ready);
  rs_free(r->passed);
  rs_free(r->results);
  rs_log_release(r->opt.log);
  rs_target_release(r->opt.target);
  rs_free(r);
}
