/*
** Dates and times as values in comparisons (times.h).
*/
#include "times.h"
#include "src/value/calendar.h"

#include <string.h>

/* Two digits at p, -1: they are none. */
static int two(const char *p)
{
  if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9') return -1;
  return (p[0] - '0') * 10 + (p[1] - '0');
}

static bool is_date(const char *p)
{
  int century = two(p), rest = two(p + 2), month = two(p + 5), day = two(p + 8);
  if (century < 0 || rest < 0 || p[4] != '-' || p[7] != '-') return false;
  int year = century * 100 + rest;
  return year >= 1 && rs_is_date(year, month, day);
}

static bool is_time(const char *p, size_t n)
{
  if (n < 8 || p[2] != ':' || p[5] != ':') return false;
  int hour = two(p), minute = two(p + 3), second = two(p + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
  if (n == 8) return true;
  if (p[8] != '.' || n < 10 || n > 15) return false;
  for (size_t i = 9; i < n; i++) {
    if (p[i] < '0' || p[i] > '9') return false;
  }
  return true;
}

bool rs_moment_is(enum rs_type type, const struct rs_value *v)
{
  if (v->kind != RS_TEXT) return false;
  if (type == RS_T_TIME) return is_time(v->s.p, v->s.n);
  if (v->s.n < 10 || !is_date(v->s.p)) return false;
  if (v->s.n == 10) return type == RS_T_DATE || type == RS_T_TIMESTAMP;
  return type == RS_T_TIMESTAMP && v->s.p[10] == ' ' && is_time(v->s.p + 11, v->s.n - 11);
}

bool rs_moment_op(enum rs_op op)
{
  return op == RS_OP_EQ || op == RS_OP_LT || op == RS_OP_LE || op == RS_OP_GT || op == RS_OP_GE;
}

void rs_moment_write(struct rs_buf *out, const char *name, enum rs_type type, enum rs_op op,
                     const struct rs_value *v)
{
  const bool date = type == RS_T_DATE, up = op == RS_OP_GT || op == RS_OP_GE;
  const bool time = type == RS_T_TIME;
  const char *word = date ? "DATE" : time ? "TIME" : "TIMESTAMP";
  const char *midnight = type == RS_T_TIMESTAMP && v->s.n == 10 ? " 00:00:00" : "";
  const int n = (int)v->s.n;
  if (op == RS_OP_EQ) {
    rs_buf_printf(out, "%s = %s '%.*s%s'", name, word, n, v->s.p, midnight);
    return;
  }
  // with the bound itself: '2024-01-01 00:00:00' > '2024-01-01', '.5' < '.50'
  if (time) {
    rs_buf_printf(out, "%s %s TIME '%.*s'", name, up ? ">=" : "<=", n, v->s.p);
    return;
  }
  rs_buf_printf(out, "(%s %s %s '%.*s%s' OR ", name, up ? ">=" : "<=", word, n, v->s.p, midnight);
  if (up) rs_buf_printf(out, "%s < %s '0001-01-01%s')", name, word, date ? "" : " 00:00:00");
  else rs_buf_printf(out, "%s > %s '9999-12-31%s')", name, word, date ? "" : " 23:59:59.999999");
}
