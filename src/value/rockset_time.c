/*
** Dates and times of Rockset SQL, in canonical form (rockset_time.h).
*/
#include "rockset_time.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include "timetext.h"
#include "text.h"

enum { FRACTION_MAX = 9 }; /* digits */

static void skip_blanks(struct rs_timetext_cursor *c)
{
  while (rs_timetext_char(c, " ")) continue;
}

static bool take_date(struct rs_timetext_cursor *c, int64_t *days)
{
  struct rs_timetext_date d;
  if (!rs_timetext_date(c, &d) || d.date.year < 1) return false;
  *days = rs_date_days(d.date.year, d.date.month, d.date.day);
  return true;
}

/* `shorter`: minutes and seconds may be left out. */
static bool take_clock(struct rs_timetext_cursor *c, bool shorter, int64_t *us)
{
  struct rs_timetext_clock t;
  if (!rs_timetext_clock(c, &t) || t.point == ',' || t.digits > FRACTION_MAX) return false;
  *us = rs_timetext_us(&t);
  return shorter || t.parts == 3;
}

/* +H[H][:MM], +HHMM */
static bool write_offset(struct rs_timetext_cursor c, char out[72])
{
  const char *sign = c.p++;
  struct rs_timetext_cursor whole = c;
  int h = 0, m = 0, both;
  if (rs_timetext_digits(&whole, 4, 4, INT_MAX, &both) && whole.p == whole.end) {
    h = both / 100;
    m = both % 100;
  } else if (!rs_timetext_digits(&c, 1, 2, INT_MAX, &h) ||
             (rs_timetext_char(&c, ":") && !rs_timetext_digits(&c, 1, 2, INT_MAX, &m)) ||
             c.p != c.end) {
    return false;
  }
  (void)snprintf(out, 72, "%c%02d:%02d", *sign, h % 100, m % 100);
  return h <= 18 && m <= 59;
}

/* Z, an offset or a name of a zone, to the end. */
static bool take_zone(struct rs_timetext_cursor *c, char out[72])
{
  skip_blanks(c);
  const struct rs_timetext_cursor zone = *c;
  size_t n = (size_t)(c->end - c->p);
  c->p = c->end;
  if (n == 0 || (n == 1 && (*zone.p == 'Z' || *zone.p == 'z')) ||
      (n == 3 && memcmp(zone.p, "UTC", 3) == 0)) {
    (void)snprintf(out, 72, "+00:00");
    return true;
  }
  if (*zone.p == '+' || *zone.p == '-') return write_offset(zone, out);
  if (n > 64) return false;
  for (size_t i = 0; i < n; i++) {
    char ch = zone.p[i];
    bool ok = (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') ||
              ch == '/' || ch == '_' || ch == '-' || ch == '+';
    if (!ok) return false;
  }
  (void)snprintf(out, 72, " %.*s", (int)n, zone.p);
  return true;
}

/* What may stand behind a date: a clock, and of a timestamp a zone. */
static bool take_rest(struct rs_timetext_cursor *c, bool timestamp, int64_t *us, char zone[72])
{
  const struct rs_timetext_cursor behind = *c; // a timestamp's zone may follow the date at once
  if (rs_timetext_char(c, "Tt")) {
    if (!take_clock(c, timestamp, us)) return false;
  } else if (rs_timetext_char(c, " ")) {
    skip_blanks(c);
    if (c->p == c->end || *c->p < '0' || *c->p > '9') *c = behind;
    else if (!take_clock(c, timestamp, us)) return false;
  }
  return !timestamp || take_zone(c, zone);
}

const char *rs_rockset_time(enum rs_time_kind kind, const char *p, size_t n,
                            char out[RS_ROCKSET_TIME_MAX])
{
  struct rs_timetext_cursor c = {p, p + n};
  int64_t days = 0, us = 0;
  char zone[72] = "";
  size_t len;
  skip_blanks(&c);
  while (c.end > c.p && c.end[-1] == ' ') c.end--;
  if (kind == RS_TIME_TIME) {
    if (!take_clock(&c, false, &us) || c.p != c.end) return "a time is written H:M:S[.ffffff]";
    len = rs_text_time(us, 1000000, out);
  } else if (kind == RS_TIME_DATE) {
    if (!take_date(&c, &days) || c.p != c.end) return "a date is written YYYY-M-D";
    len = rs_text_date(days, out);
  } else {
    bool timestamp = kind == RS_TIME_TIMESTAMP;
    if (!take_date(&c, &days) || !take_rest(&c, timestamp, &us, zone) || c.p != c.end) {
      return timestamp ? "a timestamp is written YYYY-M-D[T H:M[:S[.ffffff]]] zone"
                       : "a datetime is written YYYY-M-D[ H:M:S[.ffffff]]";
    }
    len = rs_text_timestamp(days * INT64_C(86400000000) + us, 1000000, out);
  }
  (void)snprintf(out + len, RS_ROCKSET_TIME_MAX - len, "%s", zone);
  return NULL;
}
