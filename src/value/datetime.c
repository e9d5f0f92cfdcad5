/*
** Reading dates and times (see datetime.h).
*/
#include "datetime.h"
#include "calendar.h"
#include <stdio.h>
#include <string.h>

struct reader {
  const char *p;
  size_t n, i;
};

static bool digit_at(const struct reader *r)
{
  return r->i < r->n && r->p[r->i] >= '0' && r->p[r->i] <= '9';
}

/* 1 to `most` digits. */
static bool number(struct reader *r, int most, int *v)
{
  int digits = 0;
  for (*v = 0; digits < most && digit_at(r); digits++) *v = *v * 10 + (r->p[r->i++] - '0');
  return digits > 0 && !digit_at(r);
}

static bool take(struct reader *r, char c)
{
  if (r->i >= r->n || r->p[r->i] != c) return false;
  r->i++;
  return true;
}

static bool date(struct reader *r, int *y, int *m, int *d)
{
  char sep;
  if (!number(r, 4, y) || r->i >= r->n) return false;
  sep = r->p[r->i++];
  if (sep != '-' && sep != '/') return false;
  if (!number(r, 2, m) || !take(r, sep) || !number(r, 2, d)) return false;
  return *y >= 1 && rs_is_date(*y, *m, *d);
}

/* H[:M[:S[.ffffff]]]; seconds are needed unless `shorter`. *us: of the fraction. */
static bool time_of_day(struct reader *r, bool shorter, int t[3], int *us)
{
  t[1] = t[2] = *us = 0;
  if (!number(r, 2, &t[0])) return false;
  if (take(r, ':')) {
    if (!number(r, 2, &t[1])) return false;
    if (take(r, ':')) {
      if (!number(r, 2, &t[2])) return false;
      if (take(r, '.')) {
        int digits = 0;
        for (; digits < 9 && digit_at(r); digits++, r->i++) {
          if (digits < 6) *us = *us * 10 + (r->p[r->i] - '0');
        }
        if (digits == 0) return false;
        for (; digits < 6; digits++) *us *= 10;
      }
    } else if (!shorter) {
      return false;
    }
  } else if (!shorter) {
    return false;
  }
  return t[0] <= 23 && t[1] <= 59 && t[2] <= 59;
}

/* Z, +H[H][:MM], +HHMM or a name of a zone, to the end. */
static bool zone(struct reader *r, char *out, size_t cap)
{
  while (take(r, ' ')) continue;
  size_t left = r->n - r->i;
  const char *p = r->p + r->i;
  r->i = r->n;
  if (left == 0 || (left == 1 && (*p == 'Z' || *p == 'z')) ||
      (left == 3 && memcmp(p, "UTC", 3) == 0)) {
    (void)snprintf(out, cap, "+00:00");
    return true;
  }
  if (*p == '+' || *p == '-') {
    struct reader o = {p, left, 1};
    int h = 0, m = 0;
    size_t digits = 0;
    while (digit_at(&o)) digits++, o.i++;
    o.i = 1;
    if (digits == 4 && left == 5) {
      h = (p[1] - '0') * 10 + p[2] - '0';
      m = (p[3] - '0') * 10 + p[4] - '0';
    } else if (!number(&o, 2, &h) || (take(&o, ':') && !number(&o, 2, &m)) || o.i != left) {
      return false;
    }
    (void)snprintf(out, cap, "%c%02d:%02d", *p, h % 100, m % 100);
    return h <= 18 && m <= 59;
  }
  if (left > 64) return false;
  for (size_t i = 0; i < left; i++) {
    char c = p[i];
    bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '/' || c == '_' || c == '-' || c == '+';
    if (!ok) return false;
  }
  (void)snprintf(out, cap, " %.*s", (int)left, p);
  return true;
}

static void fraction(int us, char out[16])
{
  out[0] = 0;
  if (us == 0) return;
  (void)snprintf(out, 16, ".%06d", us % 1000000);
  for (size_t n = strlen(out); out[n - 1] == '0'; n--) out[n - 1] = 0;
}

const char *rs_rsql_time_text(enum rsql_kind kind, const char *p, size_t n,
                              char out[RS_RSQL_TIME_MAX])
{
  struct reader r = {p, n, 0};
  int y = 0, m = 0, d = 0, t[3] = {0, 0, 0}, us = 0;
  char part[16], where[72] = "";
  while (take(&r, ' ')) continue;
  while (r.n > r.i && p[r.n - 1] == ' ') r.n--;
  if (kind == TY_TIME) {
    if (!time_of_day(&r, false, t, &us) || r.i != r.n) return "a time is written H:M:S[.ffffff]";
    fraction(us, part);
    (void)snprintf(out, RS_RSQL_TIME_MAX, "%02d:%02d:%02d%s", t[0], t[1], t[2], part);
    return NULL;
  }
  bool ok = date(&r, &y, &m, &d);
  if (kind == TY_DATE) {
    if (!ok || r.i != r.n) return "a date is written YYYY-M-D";
    (void)snprintf(out, RS_RSQL_TIME_MAX, "%04d-%02d-%02d", y, m, d);
    return NULL;
  }
  bool timestamp = kind == TY_TIMESTAMP;
  size_t behind = r.i; // of the date: a timestamp's zone may follow it at once
  if (ok && r.i < r.n) {
    if (take(&r, 'T') || take(&r, 't')) ok = time_of_day(&r, timestamp, t, &us);
    else if (take(&r, ' ')) {
      while (take(&r, ' ')) continue;
      if (digit_at(&r)) ok = time_of_day(&r, timestamp, t, &us);
      else r.i = behind;
    }
  }
  if (ok && timestamp) ok = zone(&r, where, sizeof where);
  if (!ok || r.i != r.n) {
    return timestamp ? "a timestamp is written YYYY-M-D[T H:M[:S[.ffffff]]] zone"
                     : "a datetime is written YYYY-M-D[ H:M:S[.ffffff]]";
  }
  fraction(us, part);
  (void)snprintf(out, RS_RSQL_TIME_MAX, "%04d-%02d-%02d %02d:%02d:%02d%s%s", y, m, d, t[0], t[1],
                 t[2], part, where);
  return NULL;
}
