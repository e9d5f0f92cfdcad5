/*
** Batches fetched ahead: a short queue that a session's I/O thread (io.h) fills while the caller
** reads, so that receiving and parsing the next rows overlaps with consuming these. session.c has
** one for every rs_rows, whatever the engine.
**
**   rs_prefetch_init     fetches nothing
**   rs_prefetch_first    what the statement itself brought: a batch, or that there is none
**   rs_prefetch_take     the next batch, in order; begins to fetch those after it
**   rs_prefetch_settle   waits for the fetch under way, or
**   rs_prefetch_stop     ends it; behind either the queue fetches no more:
**   rs_prefetch_left     gives what nobody has taken yet
**
** How far: one batch at first, then two, up to `most`: who reads few rows causes few requests. A
** full queue is filled again when half of it is gone, so that the threads wake each other seldom; a
** caller who finds it empty gets the batch that is being fetched and does not wait for more.
**
** Errors: that of a fetch, and RS_DONE, come behind the batches before it, and stay. An interrupt
** of the session's owner cancels the fetch that is waited for (rs_io_wait).
**
** Ownership: batches are the caller's; the queue holds pointers and never frees one. Borrows io and
** ctx. Memory: no allocation; at most `most` batches, and the one being fetched counts as one.
** Threads: all functions belong to the session's owner, `fetch` runs on the I/O thread. Blocking:
** take, settle, stop wait for a fetch.
*/
#ifndef RS_ENGINE_PREFETCH_H
#define RS_ENGINE_PREFETCH_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include "src/base/error.h"
#include "io.h"

enum { RS_AHEAD_MAX = 4 };

/* RS_OK with a batch of *n rows, RS_DONE, or an error, after either of which it isn't called. */
typedef enum rs_code rs_prefetch_fn(void *ctx, void **batch, size_t *n, struct rs_error *e);

struct rs_prefetch {
  struct rs_io *io;
  rs_prefetch_fn *fetch;
  void *ctx;
  size_t most, limit; /* limit: of the job under way, or of the next one */
  struct {
    void *batch;
    size_t n;
  } slots[RS_AHEAD_MAX];
  atomic_size_t made, taken; /* batches: by the I/O thread, by the caller */
  atomic_bool enough;        /* the job ends with the batch that it is at */
  bool running;              /* a job was submitted and its result not yet collected */
  enum rs_code over;         /* RS_OK: more may come */
  struct rs_error error;     /* of over */
};

/* most: 1 .. RS_AHEAD_MAX. */
void rs_prefetch_init(struct rs_prefetch *a, struct rs_io *io, rs_prefetch_fn *fetch, void *ctx,
                      size_t most);
/* Before anything was fetched. rc: RS_OK with a batch, or RS_DONE. */
void rs_prefetch_first(struct rs_prefetch *a, enum rs_code rc, void *batch, size_t n);
enum rs_code rs_prefetch_take(struct rs_prefetch *a, void **batch, size_t *n, struct rs_error *e);

/* What ended the batches, as rs_prefetch_take tells it; RS_OK: nothing yet. */
enum rs_code rs_prefetch_over(const struct rs_prefetch *a, struct rs_error *e);

void rs_prefetch_settle(struct rs_prefetch *a);
/* cancel: the fetch under way is cancelled, else waited for (until the owner interrupts it). */
void rs_prefetch_stop(struct rs_prefetch *a, bool cancel);
/* False: there is none. */
bool rs_prefetch_left(struct rs_prefetch *a, void **batch, size_t *n);
#endif
