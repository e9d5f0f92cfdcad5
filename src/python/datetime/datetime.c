/*
** Python's date, datetime and time (datetime.h): the calendar, their methods, arithmetic. Their
** classes are in class.c.
*/
#include "datetime.h"

#include <time.h>
#include "src/value/calendar.h"
#include "src/base/thread.h"

static const struct jv_class date_class, datetime_class, time_class;
static const struct jv_class *const classes[] = {&date_class, &datetime_class, &time_class};
const char *const rs_datetime_names[] = {"date", "datetime", "time"};

/* ---- the calendar --------------------------------------------------------------------------- */

int64_t rs_ymd_day(int year, int month, int day)
{
  return rs_date_days(year, month, day) + EPOCH_DAY;
}

void rs_day_ymd(int64_t day, int *year, int *month, int *day_of_month)
{
  const struct rs_date d = rs_days_date(day - EPOCH_DAY);
  *year = (int)d.year;
  *month = d.month;
  *day_of_month = d.day;
}

void rs_datetime_fields(const struct rs_datetime *m, struct rs_fields *f)
{
  int64_t day = m->us / US_DAY + 1, rest = m->us % US_DAY;
  rs_day_ymd(day, &f->year, &f->month, &f->day);
  f->hour = (int)(rest / (3600 * US_SECOND));
  f->minute = (int)(rest / (60 * US_SECOND) % 60);
  f->second = (int)(rest / US_SECOND % 60);
  f->us = (int)(rest % US_SECOND);
  f->weekday = (int)((day + 6) % 7);
  f->yday = (int)(day - rs_ymd_day(f->year, 1, 1)) + 1;
  if (m->kind == RS_TIME) f->year = 1900;
}

bool rs_fields_us(const struct rs_fields *f, int64_t *us)
{
  if (f->year < 1 || f->year > 9999 || !rs_is_date(f->year, f->month, f->day) || f->hour < 0 ||
      f->hour > 23 || f->minute < 0 || f->minute > 59 || f->second < 0 || f->second > 59 ||
      f->us < 0 || f->us > 999999)
    return false;
  int64_t seconds = (rs_ymd_day(f->year, f->month, f->day) - 1) * 86400 + f->hour * 3600 +
                    f->minute * 60 + f->second;
  *us = seconds * US_SECOND + f->us;
  return true;
}

int64_t rs_datetime_utc(const struct rs_datetime *m)
{
  return m->tz != NULL ? m->us - m->tz->offset * US_SECOND : m->us;
}

jv rs_datetime_make(struct rs_python *j, enum rs_datetime_kind kind, int64_t us,
                    const struct rs_tz *tz)
{
  struct rs_datetime *m = rs_arena_alloc(rs_python_arena(j), sizeof *m);
  if (m == NULL) return jv_undefined();
  if (kind == RS_DATE) us -= us % US_DAY;
  *m = (struct rs_datetime){.kind = kind, .us = us, .tz = tz};
  return jv_object(j, classes[kind], m);
}

const struct rs_datetime *rs_datetime_of(jv v)
{
  const struct rs_datetime *m = NULL;
  for (size_t i = 0; m == NULL && i < COUNT(classes); i++) m = jv_self(v, classes[i]);
  return m;
}

jv rs_datetime_value(struct rs_python *j, int64_t us)
{
  return rs_datetime_make(j, RS_DATETIME, us + (EPOCH_DAY - 1) * US_DAY, &rs_tz_pytz_utc);
}

enum rs_code rs_datetime_checked(struct rs_python *j, enum rs_datetime_kind kind, int64_t us,
                                 const struct rs_tz *tz, jv *out, struct rs_error *e)
{
  if (us < 0 || us >= DAY_MAX * US_DAY) return rs_fail(e, RS_INVALID, "date value out of range");
  *out = rs_datetime_make(j, kind, us, tz);
  return RS_OK;
}

/* ---- methods -------------------------------------------------------------------------------- */

static NATIVE(datetime_strftime)
{
  struct rs_buf b;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "strftime() takes a text");
  rs_buf_init(&b, 1 << 16);
  rs_datetime_strftime(ctx, jv_cstr(args->pos[0], NULL), &b);
  return rs_text_take(j, &b, "strftime()", out, e);
}

static NATIVE(datetime_isoformat)
{
  static const char *const names[] = {"sep", "timespec", NULL};
  jv v[2];
  const struct rs_datetime *m = ctx;
  enum rs_code rc = m->kind == RS_TIME ? jv_bind(args, "isoformat", names + 1, 0, v + 1, e)
                                       : jv_bind(args, "isoformat", names, 0, v, e);
  if (rc != RS_OK) return rc;
  struct rs_buf b;
  rs_buf_init(&b, 128);
  const char *sep = m->kind != RS_TIME && jv_is_str(v[0]) ? jv_cstr(v[0], NULL) : "T";
  rs_datetime_iso(m, *sep, jv_is_str(v[1]) ? jv_cstr(v[1], NULL) : "auto", &b);
  return rs_text_take(j, &b, "isoformat()", out, e);
}

static NATIVE(datetime_date)
{
  const struct rs_datetime *m = ctx;
  *out = rs_datetime_make(j, RS_DATE, m->us, NULL);
  return RS_OK;
}

static NATIVE(datetime_time)
{
  const struct rs_datetime *m = ctx;
  *out = rs_datetime_make(j, RS_TIME, m->us % US_DAY, NULL);
  return RS_OK;
}

static NATIVE(datetime_replace)
{
  const struct rs_datetime *m = ctx;
  return rs_datetime_build(j, m->kind, m, args, out, e);
}

static NATIVE(datetime_weekday)
{
  struct rs_fields f;
  rs_datetime_fields(ctx, &f);
  *out = jv_int(f.weekday);
  return RS_OK;
}

static NATIVE(datetime_isoweekday)
{
  struct rs_fields f;
  rs_datetime_fields(ctx, &f);
  *out = jv_int(f.weekday + 1);
  return RS_OK;
}

static NATIVE(datetime_toordinal)
{
  *out = jv_int(((const struct rs_datetime *)ctx)->us / US_DAY + 1);
  return RS_OK;
}

static NATIVE(datetime_isocalendar)
{
  struct rs_buf b;
  jv v[3];
  static const char *const codes[] = {"%G", "%V", "%u"};
  for (size_t i = 0; i < 3; i++) {
    rs_buf_init(&b, 16);
    rs_datetime_strftime(ctx, codes[i], &b);
    int64_t n = 0;
    for (const char *p = rs_buf_text(&b); *p != 0; p++) n = n * 10 + *p - '0';
    v[i] = jv_int(n);
    rs_buf_free(&b);
  }
  *out = jv_tuple(j, v, 3);
  return RS_OK;
}

static NATIVE(datetime_timestamp)
{
  const struct rs_datetime *m = ctx;
  int64_t us = rs_datetime_utc(m) - (EPOCH_DAY - 1) * US_DAY;
  if (m->tz == NULL) { // naive: the host's local time
    struct rs_fields f;
    rs_datetime_fields(m, &f);
    struct tm t = {.tm_year = f.year - 1900,
                   .tm_mon = f.month - 1,
                   .tm_mday = f.day,
                   .tm_hour = f.hour,
                   .tm_min = f.minute,
                   .tm_sec = f.second,
                   .tm_isdst = -1};
    us = (int64_t)mktime(&t) * US_SECOND + f.us;
  }
  *out = jv_float((double)us / 1e6);
  return RS_OK;
}

static NATIVE(datetime_ctime)
{
  struct rs_buf b;
  rs_buf_init(&b, 64);
  rs_datetime_strftime(ctx, "%a %b %e %H:%M:%S %Y", &b);
  return rs_text_take(j, &b, "ctime()", out, e);
}

static NATIVE(datetime_astimezone)
{
  const struct rs_datetime *m = ctx;
  const struct rs_tz *tz;
  static const char *const names[] = {"tz", NULL};
  jv v;
  enum rs_code rc = jv_bind(args, "astimezone", names, 0, &v, e);
  if (rc == RS_OK) rc = rs_tz_want(v, &tz, e);
  if (rc == RS_OK && (m->tz == NULL || tz == NULL))
    rc = rs_fail(e, RS_UNSUPPORTED,
                 "astimezone() of a naive datetime or without a zone: localize "
                 "it first, e.g. by modules.pytz.utc.localize()");
  return rc == RS_OK ? rs_datetime_at(j, rs_datetime_utc(m) - (EPOCH_DAY - 1) * US_DAY, tz, out, e)
                     : rc;
}

static NATIVE(datetime_utcoffset)
{
  const struct rs_datetime *m = ctx;
  *out = m->tz != NULL ? rs_delta_value(j, m->tz->offset * US_SECOND) : jv_none();
  return RS_OK;
}

static NATIVE(datetime_dst)
{
  const struct rs_datetime *m = ctx;
  *out = m->tz != NULL ? rs_delta_value(j, m->tz->dst * US_SECOND) : jv_none();
  return RS_OK;
}

static NATIVE(datetime_tzname)
{
  const struct rs_datetime *m = ctx;
  struct rs_buf b;
  if (m->tz == NULL) return RS_OK;
  rs_buf_init(&b, 128);
  rs_tz_abbr(m->tz, &b);
  return rs_text_take(j, &b, "tzname()", out, e);
}

static NATIVE(datetime_timetuple)
{
  struct rs_fields f;
  rs_datetime_fields(ctx, &f);
  static const char *const names[] = {"tm_year", "tm_mon", "tm_mday", "tm_hour",
                                      "tm_min",  "tm_sec", "tm_wday", "tm_yday"};
  const int values[] = {f.year, f.month, f.day, f.hour, f.minute, f.second, f.weekday, f.yday};
  *out = jv_dict(j);
  for (size_t i = 0; i < COUNT(names); i++) jv_dict_set(j, *out, names[i], jv_int(values[i]));
  return RS_OK;
}

static CLASS_GETATTR(datetime_getattr)
{
  static const struct rs_method any[] = {{"strftime", datetime_strftime},
                                         {"isoformat", datetime_isoformat},
                                         {"replace", datetime_replace}};
  static const struct rs_method dates[] = {
    {"weekday", datetime_weekday},         {"isoweekday", datetime_isoweekday},
    {"isocalendar", datetime_isocalendar}, {"toordinal", datetime_toordinal},
    {"timetuple", datetime_timetuple},     {"ctime", datetime_ctime}};
  static const struct rs_method times[] = {
    {"utcoffset", datetime_utcoffset}, {"dst", datetime_dst}, {"tzname", datetime_tzname}};
  static const struct rs_method both[] = {{"date", datetime_date},
                                          {"time", datetime_time},
                                          {"timestamp", datetime_timestamp},
                                          {"astimezone", datetime_astimezone}};
  const struct rs_datetime *m = self;
  struct rs_fields f;
#define FIND(table) (rs_method_find(j, self, table, COUNT(table), name, n, out) == RS_OK)
  if (FIND(any) || (m->kind != RS_TIME && FIND(dates)) || (m->kind != RS_DATE && FIND(times)) ||
      (m->kind == RS_DATETIME && FIND(both)))
    return RS_OK;
#undef FIND
  rs_datetime_fields(m, &f);
  const struct {
    const char *name;
    int value;
    bool of_date;
  } fields[] = {{"year", f.year, true},       {"month", f.month, true},
                {"day", f.day, true},         {"hour", f.hour, false},
                {"minute", f.minute, false},  {"second", f.second, false},
                {"microsecond", f.us, false}, {"fold", 0, false}};
  for (size_t i = 0; i < COUNT(fields); i++)
    if (rs_eqn(fields[i].name, name, n) &&
        (m->kind == RS_DATETIME || fields[i].of_date == (m->kind == RS_DATE))) {
      *out = jv_int(fields[i].value);
      return RS_OK;
    }
  if (m->kind != RS_DATE && rs_eqn("tzinfo", name, n)) {
    *out = m->tz != NULL ? rs_tz_value(j, m->tz) : jv_none();
    return RS_OK;
  }
  return rs_datetime_class_attr(j, m->kind, name, n, out, e);
}

static CLASS_TEXT(datetime_str)
{
  rs_datetime_iso(self, ' ', "auto", b);
  return RS_OK;
}

static CLASS_TEXT(datetime_repr)
{
  const struct rs_datetime *m = self;
  struct rs_fields f;
  rs_datetime_fields(m, &f);
  rs_buf_printf(b, "datetime.%s(", rs_datetime_names[m->kind]);
  if (m->kind != RS_TIME) rs_buf_printf(b, "%d, %d, %d", f.year, f.month, f.day);
  if (m->kind == RS_DATETIME) rs_buf_str(b, ", ");
  if (m->kind != RS_DATE) {
    rs_buf_printf(b, "%d, %d", f.hour, f.minute);
    if (f.second != 0 || f.us != 0) rs_buf_printf(b, ", %d", f.second);
    if (f.us != 0) rs_buf_printf(b, ", %d", f.us);
  }
  if (m->tz != NULL) {
    rs_buf_str(b, ", tzinfo=");
    rs_tz_repr(m->tz, b);
  }
  rs_buf_char(b, ')');
  return RS_OK;
}

static CLASS_FORMAT(datetime_format)
{
  if (n == 0) return datetime_str(j, self, b, e);
  char *copy = rs_arena_strndup(rs_python_arena(j), spec, n);
  if (copy == NULL) return rs_nomem(e);
  rs_datetime_strftime(self, copy, b);
  return RS_OK;
}

static CLASS_BINOP(datetime_binop)
{
  const struct rs_datetime *x = rs_datetime_of(a), *y = rs_datetime_of(b);
  int64_t delta;
  if (x != NULL && y != NULL) {
    if (!rs_eq(op, "-") || x->kind != y->kind || x->kind == RS_TIME) return RS_NOT_FOUND;
    if ((x->tz == NULL) != (y->tz == NULL))
      return rs_fail(e, RS_INVALID, "can't subtract offset-naive and offset-aware datetimes");
    *out = rs_delta_value(j, rs_datetime_utc(x) - rs_datetime_utc(y));
    return RS_OK;
  }
  bool swapped = x == NULL;
  const struct rs_datetime *m = swapped ? y : x;
  if (m == NULL || m->kind == RS_TIME || !rs_delta_of(swapped ? a : b, &delta)) return RS_NOT_FOUND;
  if (!rs_eq(op, "+") && (swapped || !rs_eq(op, "-"))) return RS_NOT_FOUND;
  if (m->kind == RS_DATE) { // whole days count
    int64_t days = delta / US_DAY - (delta % US_DAY < 0);
    delta = days * US_DAY;
  }
  int64_t us;
  if (rs_eq(op, "+") ? __builtin_add_overflow(m->us, delta, &us)
                     : __builtin_sub_overflow(m->us, delta, &us))
    us = -1;
  return rs_datetime_checked(j, m->kind, us, m->tz, out, e);
}

static bool datetime_equal(void *a, void *b)
{
  const struct rs_datetime *x = a, *y = b;
  return (x->tz == NULL) == (y->tz == NULL) && rs_datetime_utc(x) == rs_datetime_utc(y);
}

static int datetime_compare(void *a, void *b)
{
  int64_t x = rs_datetime_utc(a), y = rs_datetime_utc(b);
  return (x > y) - (x < y);
}

static uint32_t datetime_hash(void *self)
{
  uint64_t x = (uint64_t)rs_datetime_utc(self);
  return (uint32_t)(x ^ (x >> 32));
}

/* A zone of the system's files lies in its evaluation, and is left behind. */
static jv datetime_keep(struct rs_python *to, void *self)
{
  const struct rs_datetime *m = self;
  const struct rs_tz *tz = m->tz;
  if (tz != NULL && tz != &rs_tz_utc && tz != &rs_tz_pytz_utc)
    tz = rs_tz_fixed(to, RS_TZ_FIXED, tz->offset);
  return rs_datetime_make(to, m->kind, m->us, tz);
}

#define DATETIME_CLASS(text)                                                                 \
  {                                                                                          \
    .name = (text), .getattr = datetime_getattr, .str = datetime_str, .repr = datetime_repr, \
    .format = datetime_format, .binop = datetime_binop, .equal = datetime_equal,             \
    .compare = datetime_compare, .hash = datetime_hash, .keep = datetime_keep                \
  }
static const struct jv_class date_class = DATETIME_CLASS("datetime.date");
static const struct jv_class datetime_class = DATETIME_CLASS("datetime.datetime");
static const struct jv_class time_class = DATETIME_CLASS("datetime.time");
