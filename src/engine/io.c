/*
** A session's I/O thread (io.h).
**
** Waking a thread costs tens of microseconds, a short statement hardly more: both sides look for a
** moment at `busy` before they sleep. The mutex still guards everything.
*/
#include "io.h"
#include "slots.h"
#include "src/base/mem.h"
#include "src/base/thread.h"

#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define POLL_MS 20    /* how often the waiting owner looks for an interrupt */
#define CANCEL_MS 100 /* how often a cancel is repeated while the engine does not end */
#define SPIN 1000     /* how often `busy` is looked at: about 40 microseconds */

struct rs_io {
  struct rs_session *session;
  pthread_t thread;
  bool started, stop;
  int spin;
  atomic_bool busy; /* fn != NULL, for those who look without the mutex */
  pthread_mutex_t mutex;
  pthread_cond_t work, over; /* a job is there; it has ended */
  rs_io_fn fn;               /* the job under way, NULL when there is none */
  void *arg;
  enum rs_code rc; /* of the job that ended last */
  struct rs_error error;
};

enum rs_code rs_io_new(struct rs_session *s, struct rs_io **pio, struct rs_error *e)
{
  struct rs_io *io = rs_calloc(1, sizeof *io);
  if (!io) return rs_nomem(e);
  io->session = s;
  io->spin = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? SPIN : 0;
  if (pthread_mutex_init(&io->mutex, NULL) != 0 || rs_cond_init(&io->work) != 0 ||
      rs_cond_init(&io->over) != 0) {
    rs_free(io);
    return rs_nomem(e);
  }
  *pio = io;
  return RS_OK;
}

/* Looks whether a job comes (ends) soon. */
static void spin_while(struct rs_io *io, bool busy)
{
  for (int i = 0; i < io->spin && atomic_load_explicit(&io->busy, memory_order_acquire) == busy;
       i++) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
  }
}

static void *run(void *arg)
{
  struct rs_io *io = arg;
  pthread_mutex_lock(&io->mutex);
  for (;;) {
    if (!io->fn && !io->stop) {
      pthread_mutex_unlock(&io->mutex);
      spin_while(io, false);
      pthread_mutex_lock(&io->mutex);
    }
    while (!io->fn && !io->stop) pthread_cond_wait(&io->work, &io->mutex);
    if (!io->fn) break;
    rs_io_fn fn = io->fn;
    pthread_mutex_unlock(&io->mutex);
    io->error.code = RS_OK;
    io->error.text[0] = 0;
    enum rs_code rc = fn(io->session, io->arg, &io->error);
    pthread_mutex_lock(&io->mutex);
    io->rc = rc;
    io->fn = NULL;
    atomic_store_explicit(&io->busy, false, memory_order_release);
    pthread_cond_signal(&io->over);
  }
  pthread_mutex_unlock(&io->mutex);
  return NULL;
}

bool rs_io_start(struct rs_io *io)
{
  if (!io->started) io->started = rs_thread_start(&io->thread, run, io);
  return io->started;
}

/* Is this the thread, inside of a job? What is asked for then is a part of that one. */
static bool is_inside(const struct rs_io *io)
{
  return io->started && pthread_equal(pthread_self(), io->thread);
}

void rs_io_submit(struct rs_io *io, rs_io_fn fn, void *arg)
{
  if (!rs_io_start(io) || is_inside(io)) {
    memset(&io->error, 0, sizeof io->error);
    io->rc = fn(io->session, arg, &io->error);
    return;
  }
  pthread_mutex_lock(&io->mutex);
  io->fn = fn;
  io->arg = arg;
  atomic_store_explicit(&io->busy, true, memory_order_release);
  pthread_cond_signal(&io->work);
  pthread_mutex_unlock(&io->mutex);
}

bool rs_io_is_busy(const struct rs_io *io)
{
  return atomic_load_explicit(&io->busy, memory_order_acquire) && !is_inside(io);
}

static void tell(const struct rs_io *io, bool begins)
{
  const struct rs_interrupt *hook = &io->session->interrupt;
  if (hook->waits) hook->waits(hook->ctx, begins);
}

static void settle(struct rs_io *io)
{
  spin_while(io, true);
  pthread_mutex_lock(&io->mutex);
  while (io->fn) pthread_cond_wait(&io->over, &io->mutex);
  pthread_mutex_unlock(&io->mutex);
}

void rs_io_settle(struct rs_io *io)
{
  if (is_inside(io)) return;
  tell(io, true);
  settle(io);
  tell(io, false);
}

enum rs_code rs_io_result(struct rs_io *io, struct rs_error *e)
{
  if (e && io->rc != RS_OK) {
    *e = io->error;
    e->code = io->rc;
  }
  return io->rc;
}

/* The engine's statement, and that of the rows which it ingests. */
static void cancel(struct rs_session *s)
{
  s->target->engine->cancel(s);
  if (s->source) s->source->target->engine->cancel(s->source);
}

static enum rs_code wait_for_job(struct rs_io *io, struct rs_error *e)
{
  const struct rs_interrupt *hook = &io->session->interrupt;
  bool interrupted = false;
  int64_t cancelled_at = 0;
  spin_while(io, true);
  pthread_mutex_lock(&io->mutex);
  while (io->fn) {
    if (rs_cond_wait_ms(&io->over, &io->mutex, POLL_MS) || !io->fn) continue;
    pthread_mutex_unlock(&io->mutex);
    if (!interrupted && hook->is_interrupted) interrupted = hook->is_interrupted(hook->ctx);
    if (interrupted && rs_now_ms() - cancelled_at >= CANCEL_MS) {
      cancel(io->session);
      cancelled_at = rs_now_ms();
    }
    pthread_mutex_lock(&io->mutex);
  }
  pthread_mutex_unlock(&io->mutex);
  /* A job that ended well although it was interrupted did its work: the next one is cancelled. The
  ** interrupt may have aborted the transaction all the same, so that the next one fails before
  ** anybody asks. */
  if (!interrupted && io->rc != RS_OK && io->rc != RS_DONE && hook->is_interrupted)
    interrupted = hook->is_interrupted(hook->ctx);
  if (interrupted && io->rc != RS_OK && io->rc != RS_DONE)
    return rs_fail(e, RS_CANCELLED, "interrupted");
  return rs_io_result(io, e);
}

enum rs_code rs_io_wait(struct rs_io *io, struct rs_error *e)
{
  if (is_inside(io)) return rs_io_result(io, e);
  tell(io, true);
  enum rs_code rc = wait_for_job(io, e);
  tell(io, false);
  return rc;
}

enum rs_code rs_io_call(struct rs_io *io, rs_io_fn fn, void *arg, struct rs_error *e)
{
  rs_io_submit(io, fn, arg);
  return rs_io_wait(io, e);
}

enum rs_code rs_io_call_uninterrupted(struct rs_io *io, rs_io_fn fn, void *arg, struct rs_error *e)
{
  rs_io_submit(io, fn, arg);
  rs_io_settle(io);
  return rs_io_result(io, e);
}

void rs_io_cancel(struct rs_io *io)
{
  if (is_inside(io)) return;
  pthread_mutex_lock(&io->mutex);
  while (io->fn) {
    pthread_mutex_unlock(&io->mutex);
    cancel(io->session);
    pthread_mutex_lock(&io->mutex);
    if (io->fn) rs_cond_wait_ms(&io->over, &io->mutex, CANCEL_MS);
  }
  pthread_mutex_unlock(&io->mutex);
}

void rs_io_finish(struct rs_io *io, rs_io_fn fn)
{
  if (io->started) rs_io_call_uninterrupted(io, fn, NULL, NULL);
  else fn(io->session, NULL, NULL);
}

void rs_io_free(struct rs_io *io)
{
  if (!io) return;
  if (io->started) {
    pthread_mutex_lock(&io->mutex);
    io->stop = true;
    pthread_cond_signal(&io->work);
    pthread_mutex_unlock(&io->mutex);
    pthread_join(io->thread, NULL);
  }
  pthread_cond_destroy(&io->work);
  pthread_cond_destroy(&io->over);
  pthread_mutex_destroy(&io->mutex);
  rs_free(io);
}
