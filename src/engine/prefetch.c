/*
** Batches fetched ahead (prefetch.h): a ring of one producer, the job on the I/O thread, and one
** consumer, the caller. `made` and `taken` alone hand batches over; that a job has ended is seen
** by rs_io_is_busy, which makes its result visible, too.
*/
#include "prefetch.h"

void rs_prefetch_init(struct rs_prefetch *a, struct rs_io *io, rs_prefetch_fn *fetch, void *ctx,
                      size_t most)
{
  a->io = io;
  a->fetch = fetch;
  a->ctx = ctx;
  a->most = most;
  a->limit = 0;
  atomic_init(&a->made, 0);
  atomic_init(&a->taken, 0);
  atomic_init(&a->enough, false);
  a->running = false;
  a->over = a->error.code = RS_OK;
}

/* ---- the ring -------------------------------------------------------------------------------- */

static size_t queued(const struct rs_prefetch *a)
{
  return atomic_load(&a->made) - atomic_load(&a->taken);
}

static void put(struct rs_prefetch *a, void *batch, size_t n)
{
  size_t at = atomic_load_explicit(&a->made, memory_order_relaxed);
  a->slots[at % RS_AHEAD_MAX].batch = batch;
  a->slots[at % RS_AHEAD_MAX].n = n;
  atomic_store(&a->made, at + 1);
}

static bool take_batch(struct rs_prefetch *a, void **batch, size_t *n)
{
  size_t at = atomic_load_explicit(&a->taken, memory_order_relaxed);
  if (queued(a) == 0) return false;
  *batch = a->slots[at % RS_AHEAD_MAX].batch;
  *n = a->slots[at % RS_AHEAD_MAX].n;
  atomic_store_explicit(&a->taken, at + 1, memory_order_release);
  return true;
}

/* ---- fetching -------------------------------------------------------------------------------- */

static enum rs_code fetch_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct rs_prefetch *a = arg;
  (void)s;
  do {
    void *batch = NULL;
    size_t n = 0;
    enum rs_code rc = a->fetch(a->ctx, &batch, &n, e);
    if (rc != RS_OK) return rc;
    put(a, batch, n);
  } while (!atomic_load(&a->enough) && queued(a) < a->limit);
  return RS_OK;
}

/* The job is over; rc is its result, with the text in a->error. */
static void collect(struct rs_prefetch *a, enum rs_code rc)
{
  a->running = false;
  if (rc == RS_OK) return;
  a->over = rc;
  if (rc == RS_DONE) a->error.code = RS_OK;
}

static void go_on(struct rs_prefetch *a)
{
  if (a->running && !rs_io_is_busy(a->io)) collect(a, rs_io_result(a->io, &a->error));
  atomic_store(&a->enough, false); // for a job that goes on, too
  if (a->running || a->over != RS_OK || queued(a) * 2 > a->limit) return;
  if (a->limit < a->most) a->limit++;
  a->running = true;
  rs_io_submit(a->io, fetch_job, a);
}

enum rs_code rs_prefetch_over(const struct rs_prefetch *a, struct rs_error *e)
{
  if (a->over != RS_OK && a->over != RS_DONE && e != NULL) *e = a->error;
  return a->over;
}

void rs_prefetch_first(struct rs_prefetch *a, enum rs_code rc, void *batch, size_t n)
{
  if (rc == RS_OK) put(a, batch, n);
  else a->over = rc;
}

enum rs_code rs_prefetch_take(struct rs_prefetch *a, void **batch, size_t *n, struct rs_error *e)
{
  for (;;) {
    if (take_batch(a, batch, n)) {
      go_on(a);
      return RS_OK;
    }
    if (a->over != RS_OK) return rs_prefetch_over(a, e);
    if (!a->running) go_on(a);
    // In one order for both threads, `put` and this: either the job sees that its next batch is
    // enough, or that batch is seen here. Nobody waits for a second one.
    atomic_store(&a->enough, true);
    if (queued(a) > 0) continue;
    collect(a, rs_io_wait(a->io, &a->error));
  }
}

void rs_prefetch_settle(struct rs_prefetch *a)
{
  if (!a->running) return;
  atomic_store(&a->enough, true);
  rs_io_settle(a->io);
  collect(a, rs_io_result(a->io, &a->error));
}

void rs_prefetch_stop(struct rs_prefetch *a, bool cancel)
{
  if (!a->running) return;
  atomic_store(&a->enough, true);
  if (cancel) rs_io_cancel(a->io);
  else (void)rs_io_wait(a->io, NULL);
  a->running = false;
}

bool rs_prefetch_left(struct rs_prefetch *a, void **batch, size_t *n)
{
  return take_batch(a, batch, n);
}
