/*
** Sessions of the target, reused from request to request; and why one is to stop.
**
** A session costs a connection and a thread, so a few idle ones are kept. Each has one watch at a
** time: that of the request or query that uses it.
*/
#include <poll.h>
#include <sys/socket.h>
#include "src/base/mem.h"
#include "src/server/server.h"

enum { IDLE_MAX = 32 }; /* as many as run at a time */

/* ---- watches --------------------------------------------------------------------------------- */

void rs_watch_init(struct rs_watch *w, struct rs_server *server, int fd)
{
  w->server = server;
  atomic_init(&w->why, RS_STOP_NOT);
  atomic_init(&w->deadline, 0);
  w->fd = fd;
}

/* A client that has closed its side wants no answer any more. */
static bool is_gone(int fd)
{
  struct pollfd p = {.fd = fd, .events = POLLRDHUP};
  return poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLERR | POLLHUP | POLLNVAL)) != 0;
}

bool rs_watch_stopped(struct rs_watch *w)
{
  int why = atomic_load(&w->why);
  if (why != RS_STOP_NOT) return true;
  int64_t deadline = atomic_load(&w->deadline);
  if (deadline > 0 && rs_now_ms() >= deadline) why = RS_STOP_DEADLINE;
  else if (atomic_load(&w->server->stopping) > 1) why = RS_STOP_SHUTDOWN;
  else if (w->fd >= 0 && is_gone(w->fd)) why = RS_STOP_GONE;
  if (why == RS_STOP_NOT) return false;
  int not_yet = RS_STOP_NOT;
  (void)atomic_compare_exchange_strong(&w->why, &not_yet, why);
  return true;
}

static bool is_interrupted(void *ctx)
{
  struct rs_pooled *p = ctx;
  return p->watch != NULL && rs_watch_stopped(p->watch);
}

/* ---- the pool -------------------------------------------------------------------------------- */

enum rs_code rs_pool_take(struct rs_server *v, struct rs_watch *watch, struct rs_pooled **pp,
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

static void end(struct rs_pooled *p)
{
  rs_session_close(p->s);
  rs_free(p);
}

void rs_pool_give(struct rs_server *v, struct rs_pooled *p)
{
  if (p == NULL) return;
  p->watch = NULL;
  bool keep = false;
  // a transaction that somebody left open must not meet the next request
  if (!rs_session_in_transaction(p->s)) {
    pthread_mutex_lock(&v->pool_mutex);
    keep = v->idle_count < IDLE_MAX && atomic_load(&v->stopping) == 0;
    if (keep) {
      p->next = v->idle;
      v->idle = p;
      v->idle_count++;
    }
    pthread_mutex_unlock(&v->pool_mutex);
  }
  if (!keep) end(p);
}

void rs_pool_close(struct rs_server *v)
{
  while (v->idle != NULL) {
    struct rs_pooled *p = v->idle;
    v->idle = p->next;
    end(p);
  }
  v->idle_count = 0;
}
