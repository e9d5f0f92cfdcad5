/*
** Reading dates and times (timetext.h).
*/
#include "timetext.h"
#include <limits.h>
#include <string.h>

static bool is_digit_at(const struct rs_timetext_cursor *c)
{
  return c->p < c->end && *c->p >= '0' && *c->p <= '9';
}

bool rs_timetext_char(struct rs_timetext_cursor *c, const char *any)
{
  if (c->p == c->end || *c->p == 0 || strchr(any, *c->p) == NULL) return false;
  c->p++;
  return true;
}

bool rs_timetext_digits(struct rs_timetext_cursor *c, int least, int most, int max, int *v)
{
  int n = 0;
  for (*v = 0; n < most && is_digit_at(c); n++) *v = *v * 10 + (*c->p++ - '0');
  return n >= least && *v <= max;
}

/* A number of one or two digits, and no third. */
static bool take_part(struct rs_timetext_cursor *c, int max, bool *narrow, int *v)
{
  const char *from = c->p;
  if (!rs_timetext_digits(c, 1, 2, max, v) || is_digit_at(c)) return false;
  *narrow = *narrow || c->p - from == 1;
  return true;
}

bool rs_timetext_date(struct rs_timetext_cursor *c, struct rs_timetext_date *d)
{
  const char *from = c->p;
  int year;
  memset(d, 0, sizeof *d);
  if (!rs_timetext_digits(c, 1, 4, INT_MAX, &year) || c->p == c->end) return false;
  d->date.year = year;
  d->year_digits = (int)(c->p - from);
  d->separator = *c->p;
  const char separator[] = {d->separator, 0};
  return rs_timetext_char(c, "-/") && take_part(c, 12, &d->narrow, &d->date.month) &&
         rs_timetext_char(c, separator) && take_part(c, 31, &d->narrow, &d->date.day) &&
         rs_is_date(year, d->date.month, d->date.day);
}

static bool take_fraction(struct rs_timetext_cursor *c, struct rs_timetext_clock *t)
{
  t->point = *c->p++;
  for (int unit = 100000; is_digit_at(c); unit /= 10, t->digits++) t->us += unit * (*c->p++ - '0');
  return t->digits > 0;
}

bool rs_timetext_clock(struct rs_timetext_cursor *c, struct rs_timetext_clock *t)
{
  memset(t, 0, sizeof *t);
  int *const parts[] = {&t->hour, &t->minute, &t->second};
  do {
    if (!take_part(c, t->parts == 0 ? 23 : 59, &t->narrow, parts[t->parts])) return false;
    t->parts++;
  } while (t->parts < 3 && rs_timetext_char(c, ":"));
  bool fraction = t->parts == 3 && c->p < c->end && (*c->p == '.' || *c->p == ',');
  return !fraction || take_fraction(c, t);
}

bool rs_timetext_is_iso(const struct rs_timetext_date *d)
{
  return d->year_digits == 4 && d->separator == '-' && !d->narrow;
}

int64_t rs_timetext_us(const struct rs_timetext_clock *t)
{
  return ((int64_t)t->hour * 3600 + t->minute * 60 + t->second) * 1000000 + t->us;
}
