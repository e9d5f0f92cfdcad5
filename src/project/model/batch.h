/*
** Microbatch models: the spans of time that one run rebuilds.
**
**   struct rs_batches b;
**   rc = rs_batches_read(node, rs_wall_us(), !there, &b, e);
**   for (size_t i = 0; i < b.n; i++) rs_batches_at(&b, i, &span);
**
** Pure functions; no allocation beyond what a call frees itself. All times are UTC.
*/
#ifndef RS_PROJECT_MODEL_BATCH_H
#define RS_PROJECT_MODEL_BATCH_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "src/base/error.h"

struct rs_node;

enum rs_batch_size { RS_BATCH_HOUR, RS_BATCH_DAY, RS_BATCH_MONTH, RS_BATCH_YEAR };

/* One batch: what `model.batch` tells, and what refs with an event_time are cut to. */
struct rs_batch {
  char id[20];             /* "20240131" */
  char start[28], end[28]; /* "2024-01-31 00:00:00+00:00"; end is not part of it */
};

struct rs_batches {
  enum rs_batch_size size;
  int64_t first; /* which one of all since 1970 in units of size (years: since year 0) */
  size_t n;
};

/* Is the model's incremental_strategy microbatch? */
bool rs_batches_wanted(const struct rs_node *n);
/* What a run at `now_us` has to do: all since `begin` when the table is to be made, else the
** current one and `lookback` (default 1) before it. RS_INVALID: event_time, begin or batch_size
** is missing or wrong. */
enum rs_code rs_batches_read(const struct rs_node *n, int64_t now_us, bool all,
                             struct rs_batches *out, struct rs_error *e);
void rs_batches_at(const struct rs_batches *b, size_t i, struct rs_batch *out);
#endif
