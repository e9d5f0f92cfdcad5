/*
** Intervals from the texts that engines give: `1 year 2 months -3 days 04:05:06.5` of DuckDB,
** `3 04:05:06.500` and `1-2` of Trino.
*/
#ifndef RS_INTERVAL_H
#define RS_INTERVAL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rockset has months or microseconds, never both. A day is one of 24 hours. */
struct rs_interval {
  int64_t months, us;
};

/* False: the text is no interval, or one of both. */
bool rs_interval_read(const char *p, size_t n, struct rs_interval *x);
#endif
