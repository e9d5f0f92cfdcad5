/*
** Dates and times as values in comparisons (internal.h).
*/
#include "internal.h"
#include "src/value/timetext.h"

static bool is_date(struct rs_timetext_cursor *c)
{
  struct rs_timetext_date d;
  return rs_timetext_date(c, &d) && rs_timetext_is_iso(&d) && d.date.year >= 1;
}

/* Microseconds at most, and nothing behind it. */
static bool is_time(struct rs_timetext_cursor *c)
{
  struct rs_timetext_clock t;
  return rs_timetext_clock(c, &t) && t.parts == 3 && !t.narrow && t.point != ',' && t.digits <= 6 &&
         c->p == c->end;
}

bool rs_times_fit(enum rs_type type, const struct rs_value *v)
{
  if (v->kind != RS_TEXT) return false;
  struct rs_timetext_cursor c = {v->s.p, v->s.p + v->s.n};
  if (type == RS_T_TIME) return is_time(&c);
  if (!is_date(&c)) return false;
  if (c.p == c.end) return type == RS_T_DATE || type == RS_T_TIMESTAMP;
  return type == RS_T_TIMESTAMP && rs_timetext_char(&c, " ") && is_time(&c);
}

bool rs_times_order(enum rs_op op)
{
  return op == RS_OP_EQ || op == RS_OP_LT || op == RS_OP_LE || op == RS_OP_GT || op == RS_OP_GE;
}

void rs_times_write(struct rs_buf *out, const char *name, enum rs_type type, enum rs_op op,
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
