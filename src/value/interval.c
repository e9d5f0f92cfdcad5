/*
** Texts of intervals (see interval.h).
*/
#include <string.h>
#include "interval.h"

/* `03:04:05.25` behind a number of hours that was read. */
static void add_clock(struct rs_interval *x, int64_t hours, int sign, const char **p,
                      const char *end)
{
  const char *c = *p;
  int64_t us = hours * 3600000000, unit = 60000000;
  for (; c < end && *c == ':'; unit /= 60) {
    int64_t part = 0;
    for (c++; c < end && *c >= '0' && *c <= '9'; c++) part = part * 10 + (*c - '0');
    us += part * unit;
  }
  if (c < end && *c == '.') {
    unit = 100000;
    for (c++; c < end && *c >= '0' && *c <= '9'; c++, unit /= 10) us += (*c - '0') * unit;
  }
  x->us += sign * us;
  *p = c;
}

/* The unit behind a number. Without one they are Trino's days; `1-2` are years and months. */
static bool add_unit(struct rs_interval *x, int64_t v, int sign, const char **p, const char *end)
{
  static const struct {
    const char *name;
    int64_t months, us;
  } units[] = {{"year", 12, 0}, {"month", 1, 0}, {"day", 0, 86400000000}};
  const char *c = *p;
  if (c < end && *c == '-') {
    int64_t months = 0;
    for (c++; c < end && *c >= '0' && *c <= '9'; c++) months = months * 10 + (*c - '0');
    x->months += sign * (v * 12 + months);
    *p = c;
    return true;
  }
  if (c == end || *c++ != ' ') return false;
  for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
    const size_t n = strlen(units[i].name);
    if ((size_t)(end - c) < n || memcmp(c, units[i].name, n) != 0) continue;
    x->months += sign * v * units[i].months;
    x->us += sign * v * units[i].us;
    *p = c + n + (c + n < end && c[n] == 's');
    return true;
  }
  x->us += sign * v * 86400000000;
  *p = c;
  return c < end && *c >= '0' && *c <= '9';
}

bool rs_interval_read(const char *p, size_t n, struct rs_interval *x)
{
  const char *end = p + n;
  int days = 1; // the sign of Trino's days, which is that of the clock behind them
  *x = (struct rs_interval){0, 0};
  while (p < end) {
    if (*p == ' ') p++;
    const int own = p < end && *p == '-' ? -1 : 1, sign = own * days;
    const char *digits = p += own < 0;
    int64_t v = 0;
    for (; p < end && *p >= '0' && *p <= '9' && p - digits < 12; p++) v = v * 10 + (*p - '0');
    if (p == digits) return false;
    if (p < end && *p == ':') add_clock(x, v, sign, &p, end);
    else if (!add_unit(x, v, sign, &p, end)) return false;
    else if (p < end && *p >= '0' && *p <= '9') days = sign;
  }
  return n > 0 && (x->months == 0 || x->us == 0);
}
