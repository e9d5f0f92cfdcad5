/*
** The target that is served: its sessions, reused from request to request, and what goes with it.
**
** A session costs a connection and a thread, so a few idle ones are kept. Each has one watch at a
** time: that of the request or query that uses it.
*/
#include "src/base/mem.h"
#include "internal.h"

enum { IDLE_MAX = 32 }; /* as many as run at a time */

/* ---- sessions -------------------------------------------------------------------------------- */

static bool is_interrupted(void *ctx)
{
  struct rs_pooled *p = ctx;
  return p->watch != NULL && rs_watch_is_stopped(p->watch);
}

enum rs_code rs_pool_take(struct rs_backend *v, struct rs_watch *watch, struct rs_pooled **pp,
                          struct rs_error *e)
{
  pthread_mutex_lock(&v->pool_mutex);
  struct rs_pooled *p = v->idle;
  if (p != NULL) {
    v->idle = p->next;
    v->idle_count--;
  }
  pthread_mutex_unlock(&v->pool_mutex);
  if (p == NULL) {
    p = rs_calloc(1, sizeof *p);
    if (p == NULL) return rs_nomem(e);
    const struct rs_interrupt interrupt = {.is_interrupted = is_interrupted, .ctx = p};
    enum rs_code rc = rs_session_open(v->target, &interrupt, NULL, &p->s, e);
    if (rc != RS_OK) {
      rs_free(p);
      return rc;
    }
  }
  p->watch = watch;
  *pp = p;
  return RS_OK;
}

static void close_pooled(struct rs_pooled *p)
{
  rs_session_close(p->s);
  rs_free(p);
}

void rs_pool_give(struct rs_backend *v, struct rs_pooled *p)
{
  if (p == NULL) return;
  p->watch = NULL;
  bool keep = false;
  // a transaction that somebody left open must not meet the next request
  if (!rs_session_state(p->s).in_transaction) {
    pthread_mutex_lock(&v->pool_mutex);
    keep = v->idle_count < IDLE_MAX && atomic_load(v->stopping) == 0;
    if (keep) {
      p->next = v->idle;
      v->idle = p;
      v->idle_count++;
    }
    pthread_mutex_unlock(&v->pool_mutex);
  }
  if (!keep) close_pooled(p);
}

static void close_idle(struct rs_backend *v)
{
  while (v->idle != NULL) {
    struct rs_pooled *p = v->idle;
    v->idle = p->next;
    close_pooled(p);
  }
}

enum rs_code rs_request_session(struct rs_request *q, struct rs_session **s)
{
  if (q->pooled == NULL) {
    enum rs_code rc = rs_pool_take(q->backend, &q->watch, &q->pooled, &q->e);
    if (rc != RS_OK) return rc;
  }
  *s = q->pooled->s;
  return RS_OK;
}

void rs_request_session_end(struct rs_request *q)
{
  rs_pool_give(q->backend, q->pooled);
  q->pooled = NULL;
}

/* ---- the target ------------------------------------------------------------------------------ */

enum rs_code rs_backend_open(struct rs_backend *v, struct rs_error *e)
{
  pthread_mutex_init(&v->pool_mutex, NULL);
  pthread_mutex_init(&v->view_sizes_mutex, NULL);
  v->started_us = rs_wall_us();
  v->is_sole = (rs_output_traits(rs_target_info(v->target).output)->caps & RS_CAP_EMBEDDED) != 0 &&
               v->may_write;
  enum rs_code rc = rs_columns_open(v, e);
  if (rc == RS_OK) rc = rs_vis_open(v, e);
  if (rc == RS_OK) rc = rs_usages_open(v, e);
  if (rc == RS_OK) rc = rs_lambda_uses_open(v, e);
  return rc == RS_OK ? rs_queries_open(v, e) : rc;
}

enum rs_code rs_backend_hold(struct rs_backend *v, struct rs_error *e)
{
  if (!v->is_sole) return RS_OK;
  enum rs_code rc = rs_pool_take(v, NULL, &v->keeper, e);
  // one in which nothing happens
  return rc == RS_OK ? rs_session_begin(v->keeper->s, e) : rc;
}

void rs_backend_close(struct rs_backend *v)
{
  if (v->target == NULL) return;
  rs_queries_close(v);
  rs_vis_close(v);
  rs_usages_close(v);
  rs_lambda_uses_close(v);
  rs_view_sizes_release(v->view_sizes);
  rs_columns_close(v);
  if (v->keeper != NULL) close_pooled(v->keeper);
  close_idle(v);
}

void rs_backend_changed(struct rs_backend *v, bool definitions)
{
  atomic_fetch_add(&v->changes, 1);
  if (definitions) atomic_fetch_add(&v->definitions, 1);
}

const char *rs_fence_now(struct rs_arena *a)
{
  return rs_arena_printf(a, "f1:0:0:0:%lld", (long long)rs_wall_us());
}
