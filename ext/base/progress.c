/*
** Progress at a terminal (progress.h).
*/
#include "progress.h"
#include <stdio.h>
#include <unistd.h>
#include "src/base/thread.h"

#define EVERY_MS 1000

void rs_progress_begin(struct rs_progress *p, const char *what)
{
  p->what = what;
  p->next_ms = isatty(STDERR_FILENO) ? rs_now_ms() + EVERY_MS : -1;
}

void rs_progress_rows(void *ctx, int64_t rows)
{
  struct rs_progress *p = ctx;
  if (p->next_ms < 0 || rs_now_ms() < p->next_ms) return;
  p->next_ms = rs_now_ms() + EVERY_MS;
  (void)fprintf(stderr, "%s: %lld rows\n", p->what, (long long)rows);
}
