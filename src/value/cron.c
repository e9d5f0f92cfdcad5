/*
** Crontab's notation, and Quartz's (see cron.h).
*/
#include "cron.h"
#include <string.h>
#include "calendar.h"
#include "src/base/text.h"

enum { CYCLE_DAYS = 146097 /* of 400 years: whole weeks, so then everything comes again */ };

static const char *const months[] = {"",    "jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const weekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

struct field {
  const char *name;
  int min, max;
  const char *const *names; /* by number; NULL: none */
};
static const struct field fields[] = {{"minute", 0, 59, NULL},
                                      {"hour", 0, 23, NULL},
                                      {"day of the month", 1, 31, NULL},
                                      {"month", 1, 12, months},
                                      {"day of the week", 0, 7, weekdays}};
/* Quartz counts from Sunday, which is 1. */
static const char *const quartz_weekdays[] = {"",    "sun", "mon", "tue", "wed",
                                              "thu", "fri", "sat", NULL};
static const struct field quartz_weekday = {"day of the week", 1, 7, quartz_weekdays};
enum { NFIELDS = sizeof fields / sizeof fields[0], DAY = 2, WEEKDAY = 4, MAX_FIELDS = NFIELDS + 2 };

/* ---- reading --------------------------------------------------------------------------------- */

struct reader {
  const struct field *f;
  const char *p, *begin, *end; /* of the field */
  struct rs_error *e;
};

static enum rs_code refuse(const struct reader *r, const char *why)
{
  return rs_fail(r->e, RS_INVALID, "cron string: %s '%.*s': %s", r->f->name,
                 (int)(r->end - r->begin > 60 ? 60 : r->end - r->begin), r->begin, why);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static bool take(struct reader *r, char c)
{
  if (r->p == r->end || *r->p != c) return false;
  r->p++;
  return true;
}

static enum rs_code read_number(struct reader *r, int *n)
{
  const char *start = r->p;
  for (*n = 0; r->p < r->end && is_digit(*r->p) && r->p - start < 3; r->p++)
    *n = *n * 10 + (*r->p - '0');
  return r->p > start ? RS_OK : refuse(r, "a number is missing");
}

static enum rs_code read_value(struct reader *r, int *n)
{
  size_t left = (size_t)(r->end - r->p);
  for (int i = r->f->min; r->f->names != NULL && r->f->names[i] != NULL; i++) {
    if (left < 3 || !rs_caseeqn(r->f->names[i], r->p, 3)) continue;
    *n = i;
    r->p += 3;
    return RS_OK;
  }
  enum rs_code rc = read_number(r, n);
  if (rc == RS_OK && (*n < r->f->min || *n > r->f->max))
    rc = rs_fail(r->e, RS_INVALID, "cron string: %s %d: it is from %d to %d", r->f->name, *n,
                 r->f->min, r->f->max);
  return rc;
}

/* `*`, a number, a range; a step behind a range. */
static enum rs_code read_item(struct reader *r, uint64_t *bits)
{
  int from = r->f->min, to = r->f->max, step = 1;
  bool range = take(r, '*');
  enum rs_code rc = RS_OK;
  if (!range) {
    rc = read_value(r, &from);
    to = from;
    range = rc == RS_OK && take(r, '-');
    if (range) rc = read_value(r, &to);
    if (r->f == &fields[WEEKDAY] && to == 0 && from > 0) to = 7; // FRI-SUN
  }
  if (rc == RS_OK && from > to) rc = refuse(r, "a range begins with its smaller end");
  if (rc == RS_OK && take(r, '/')) {
    if (!range) return refuse(r, "a step belongs to a range: '*/15' or '5-59/15'");
    rc = read_number(r, &step);
    if (rc == RS_OK && step == 0) rc = refuse(r, "a step is at least 1");
  }
  for (int i = from; i <= to && rc == RS_OK; i += step) *bits |= (uint64_t)1 << i;
  return rc;
}

static enum rs_code read_field(struct reader *r, uint64_t *bits)
{
  *bits = 0;
  r->p = r->begin;
  enum rs_code rc = read_item(r, bits);
  while (rc == RS_OK && take(r, ',')) rc = read_item(r, bits);
  if (rc == RS_OK && r->p < r->end)
    rc = refuse(r, r->f->names != NULL
                     ? "write numbers or names of three letters, ranges and lists: '1-5', 'MON,FRI'"
                     : "write numbers, ranges, lists and steps: '1,15', '9-17', '*/10'");
  return rc;
}

/* The text's words: as many as there are, of which the first MAX_FIELDS are kept. */
struct words {
  const char *at[MAX_FIELDS];
  size_t len[MAX_FIELDS], n;
};

static void split(const char *text, struct words *w)
{
  w->n = 0;
  for (const char *p = text + strspn(text, " \t"); *p != 0; p += strspn(p, " \t")) {
    size_t len = strcspn(p, " \t");
    if (w->n < MAX_FIELDS) {
      w->at[w->n] = p;
      w->len[w->n] = len;
    }
    w->n++;
    p += len;
  }
}

static bool is_word(const struct words *w, size_t i, const char *text)
{
  return w->len[i] == strlen(text) && memcmp(w->at[i], text, w->len[i]) == 0;
}

/* Quartz's words around crontab's five: seconds before, which must be 0, and maybe a year behind,
** which must be any; of the two days one is given up by `?`. */
static enum rs_code check_quartz(const char *text, const struct words *w, struct rs_error *e)
{
  if (!is_word(w, 0, "0"))
    return rs_fail(
      e, RS_INVALID,
      "cron string '%.60s': of six or seven fields the first is seconds, and it must be "
      "0: nothing runs more often than once a minute",
      text);
  if (w->n == MAX_FIELDS && !is_word(w, MAX_FIELDS - 1, "*"))
    return rs_fail(e, RS_INVALID,
                   "cron string '%.60s': the seventh field is the year, and it must be '*'", text);
  if (is_word(w, 1 + DAY, "?") == is_word(w, 1 + WEEKDAY, "?"))
    return rs_fail(e, RS_INVALID,
                   "cron string '%.60s': of six or seven fields either the day of the month or the "
                   "day of the week is '?'",
                   text);
  return RS_OK;
}

/* `quartz`: the words begin with seconds. */
static enum rs_code read_fields(const struct words *w, bool quartz, struct rs_cron *c,
                                struct rs_error *e)
{
  uint64_t bits[NFIELDS];
  bool star[NFIELDS];
  for (size_t i = 0; i < NFIELDS; i++) {
    size_t at = quartz ? i + 1 : i;
    const struct field *f = quartz && i == WEEKDAY ? &quartz_weekday : &fields[i];
    struct reader r = {f, NULL, w->at[at], w->at[at] + w->len[at], e};
    if (quartz && (i == DAY || i == WEEKDAY) && is_word(w, at, "?")) {
      r.begin = "*";
      r.end = r.begin + 1;
    }
    star[i] = *r.begin == '*';
    enum rs_code rc = read_field(&r, &bits[i]);
    if (rc != RS_OK) return rc;
  }
  if (quartz) bits[WEEKDAY] >>= 1;
  *c = (struct rs_cron){.minutes = bits[0],
                        .hours = bits[1],
                        .days = bits[DAY],
                        .months = bits[3],
                        .weekdays = (bits[WEEKDAY] | bits[WEEKDAY] >> 7) & 0x7F,
                        .either = !star[DAY] && !star[WEEKDAY]};
  return RS_OK;
}

enum rs_code rs_cron_parse(const char *text, struct rs_cron *c, struct rs_error *e)
{
  struct words w;
  split(text, &w);
  if (w.n < NFIELDS)
    return rs_fail(e, RS_INVALID,
                   "cron string '%.60s': five fields are needed: minute, hour, day of the month, "
                   "month, day of the week",
                   text);
  if (w.n > MAX_FIELDS)
    return rs_fail(e, RS_INVALID,
                   "cron string '%.60s': there is something behind the five fields, or the seven "
                   "with seconds and a year",
                   text);
  enum rs_code rc = w.n > NFIELDS ? check_quartz(text, &w, e) : RS_OK;
  if (rc == RS_OK) rc = read_fields(&w, w.n > NFIELDS, c, e);
  if (rc == RS_OK && rs_cron_next(c, 0) < 0)
    rc = rs_fail(e, RS_INVALID, "cron string '%.60s': there is no such date, in no year", text);
  return rc;
}

/* ---- when ------------------------------------------------------------------------------------ */

static bool has(uint64_t bits, int64_t n)
{
  return (bits >> n & 1) != 0;
}

static bool has_day(const struct rs_cron *c, int64_t day, int of_month)
{
  bool month_day = has(c->days, of_month);
  bool week_day = has(c->weekdays, ((day + 4) % 7 + 7) % 7); // 1970 began on a Thursday
  return c->either ? month_day || week_day : month_day && week_day;
}

/* The first minute of a day from `from` on; -1: none. */
static int64_t first_minute(const struct rs_cron *c, int64_t from)
{
  for (int64_t m = from; m < 1440; m++) {
    if (!has(c->hours, m / 60)) m += 59 - m % 60;
    else if (has(c->minutes, m % 60)) return m;
  }
  return -1;
}

/* -1: never, of what rs_cron_parse has not let through. */
int64_t rs_cron_next(const struct rs_cron *c, int64_t after)
{
  int64_t minute = (after - ((after % 60 + 60) % 60)) / 60 + 1;
  int64_t of_day = (minute % 1440 + 1440) % 1440;
  int64_t first = (minute - of_day) / 1440, day = first;
  while (day <= first + CYCLE_DAYS) {
    const struct rs_date d = rs_days_date(day);
    if (!has(c->months, d.month)) {
      day += rs_month_days(d.year, d.month) - d.day + 1;
      continue;
    }
    if (has_day(c, day, d.day)) {
      int64_t m = first_minute(c, day == first ? of_day : 0);
      if (m >= 0) return (day * 1440 + m) * 60;
    }
    day++;
  }
  return -1;
}
