/*
** The classes date, datetime, time and timedelta of `modules.datetime` as values (datetime.h):
** their constructors and methods.
*/
#include "datetime.h"

#include <time.h>
#include "src/value/calendar.h"
#include "src/base/thread.h"

/* ---- constructors --------------------------------------------------------------------------- */

/* The arguments of a constructor or replace() over the fields; v: year ... microsecond, tzinfo. */
static enum rs_code fill(const jv *v, struct rs_fields *f, const struct rs_tz **tz,
                         struct rs_error *e)
{
  int *const to[] = {&f->year, &f->month, &f->day, &f->hour, &f->minute, &f->second, &f->us};
  for (size_t i = 0; i < COUNT(to); i++) {
    if (v[i].kind == JV_UNDEFINED) continue;
    if (v[i].kind != JV_INT || v[i].u.i < -1000000 || v[i].u.i > 1000000)
      return rs_fail(e, RS_INVALID, "datetime: an integer is required, not %s",
                     v[i].kind == JV_INT ? "one so large" : jv_type_name(v[i]));
    *to[i] = (int)v[i].u.i;
  }
  if (v[7].kind == JV_UNDEFINED) return RS_OK;
  *tz = rs_tz_of(v[7]);
  if (*tz != NULL || v[7].kind == JV_NONE) return RS_OK;
  return rs_fail(e, RS_INVALID, "tzinfo argument must be None or of a tzinfo subclass, not %s",
                 jv_type_name(v[7]));
}

static enum rs_code make(struct rs_python *j, enum rs_datetime_kind kind, const struct rs_fields *f,
                         const struct rs_tz *tz, jv *out, struct rs_error *e)
{
  int64_t us;
  if (f->month < 1 || f->month > 12) return rs_fail(e, RS_INVALID, "month must be in 1..12");
  if (f->year < 1 || f->year > 9999)
    return rs_fail(e, RS_INVALID, "year %d is out of range", f->year);
  if (f->day < 1 || f->day > rs_month_days(f->year, f->month))
    return rs_fail(e, RS_INVALID, "day is out of range for month");
  if (!rs_fields_us(f, &us))
    return rs_fail(e, RS_INVALID,
                   "hour must be in 0..23, minute and second in 0..59, "
                   "microsecond in 0..999999");
  if (kind == RS_TIME) us %= US_DAY;
  *out = rs_datetime_make(j, kind, us, tz);
  return RS_OK;
}

static const char *const date_names[] = {"year", "month", "day", NULL};
static const char *const time_names[] = {"hour",   "minute", "second", "microsecond",
                                         "tzinfo", "fold",   NULL};
static const char *const all_names[] = {"year",   "month",       "day",    "hour", "minute",
                                        "second", "microsecond", "tzinfo", "fold", NULL};

/* Binds what the kind takes into v[9] in the order of all_names. */
static enum rs_code bind_fields(const struct jv_args *args, enum rs_datetime_kind kind,
                                bool replace, jv *v, struct rs_error *e)
{
  for (size_t i = 0; i < 9; i++) v[i] = jv_undefined();
  const char *what = replace ? "replace" : rs_datetime_names[kind];
  size_t required = replace ? 0 : 3;
  if (kind == RS_DATE) return jv_bind(args, what, date_names, required, v, e);
  if (kind == RS_TIME) return jv_bind(args, what, time_names, 0, v + 3, e);
  return jv_bind(args, what, all_names, required, v, e);
}

enum rs_code rs_datetime_build(struct rs_python *j, enum rs_datetime_kind kind,
                               const struct rs_datetime *replaced, const struct jv_args *args,
                               jv *out, struct rs_error *e)
{
  jv v[9];
  struct rs_fields f = {.year = 1, .month = 1, .day = 1};
  const struct rs_tz *tz = replaced != NULL ? replaced->tz : NULL;
  if (replaced != NULL) rs_datetime_fields(replaced, &f);
  if (replaced != NULL && kind == RS_TIME) f.year = f.month = f.day = 1;
  enum rs_code rc = bind_fields(args, kind, replaced != NULL, v, e);
  if (rc == RS_OK) rc = fill(v, &f, &tz, e);
  return rc == RS_OK ? make(j, kind, &f, tz, out, e) : rc;
}

/* ---- the classes as values ------------------------------------------------------------------ */

struct type {
  enum rs_datetime_kind kind;
};
static const struct type types[] = {{RS_DATE}, {RS_DATETIME}, {RS_TIME}};

enum rs_code rs_datetime_at(struct rs_python *j, int64_t epoch_us, const struct rs_tz *tz, jv *out,
                            struct rs_error *e)
{
  int64_t seconds = epoch_us / US_SECOND - (epoch_us % US_SECOND < 0), offset = 0;
  if (tz != NULL) {
    tz = rs_tz_at(j, tz, seconds);
    if (tz == NULL) return rs_nomem(e);
    offset = tz->offset;
  } else { // naive: the host's local time
    struct tm local;
    time_t t = (time_t)seconds;
    if (localtime_r(&t, &local) != NULL) offset = local.tm_gmtoff;
  }
  int64_t us = epoch_us + offset * US_SECOND + (EPOCH_DAY - 1) * US_DAY;
  return rs_datetime_checked(j, RS_DATETIME, us, tz, out, e);
}

enum rs_code rs_tz_want(jv v, const struct rs_tz **tz, struct rs_error *e)
{
  *tz = rs_tz_of(v);
  if (*tz != NULL || !rs_some(v)) return RS_OK;
  return rs_fail(e, RS_INVALID, "a time zone is wanted, not %s", jv_type_name(v));
}

static NATIVE(type_now)
{
  static const char *const names[] = {"tz", NULL};
  const struct type *t = ctx;
  const struct rs_tz *tz;
  jv v, now;
  enum rs_code rc = jv_bind(args, "now", names, 0, &v, e);
  if (rc == RS_OK) rc = rs_tz_want(v, &tz, e);
  if (rc == RS_OK) rc = rs_datetime_at(j, rs_wall_us(), tz, &now, e);
  if (rc == RS_OK)
    *out = rs_datetime_make(j, t->kind, rs_datetime_of(now)->us,
                            t->kind == RS_DATE ? NULL
                            : tz != NULL       ? rs_datetime_of(now)->tz
                                               : NULL);
  return rc;
}

static NATIVE(type_utcnow)
{
  return rs_datetime_checked(j, RS_DATETIME, rs_wall_us() + (EPOCH_DAY - 1) * US_DAY, NULL, out, e);
}

static enum rs_code timestamp(jv v, int64_t *us, struct rs_error *e)
{
  if (v.kind == JV_INT && v.u.i > -INT64_C(100000000000) && v.u.i < INT64_C(300000000000))
    *us = v.u.i * US_SECOND;
  else if (v.kind == JV_FLOAT && v.u.f > -1e11 && v.u.f < 3e11)
    *us = (int64_t)(v.u.f * 1e6 + (v.u.f < 0 ? -0.5 : 0.5));
  else return rs_fail(e, RS_INVALID, "fromtimestamp() takes seconds since 1970");
  return RS_OK;
}

static NATIVE(type_fromtimestamp)
{
  static const char *const names[] = {"timestamp", "tz", NULL};
  const struct type *t = ctx;
  const struct rs_tz *tz;
  int64_t us;
  jv v[2];
  enum rs_code rc = jv_bind(args, "fromtimestamp", names, 1, v, e);
  if (rc == RS_OK) rc = timestamp(v[0], &us, e);
  if (rc == RS_OK) rc = rs_tz_want(v[1], &tz, e);
  if (rc == RS_OK) rc = rs_datetime_at(j, us, tz, out, e);
  if (rc == RS_OK && t->kind == RS_DATE)
    *out = rs_datetime_make(j, RS_DATE, rs_datetime_of(*out)->us, NULL);
  return rc;
}

static NATIVE(type_utcfromtimestamp)
{
  int64_t us;
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "utcfromtimestamp() takes one argument");
  enum rs_code rc = timestamp(args->pos[0], &us, e);
  return rc == RS_OK
           ? rs_datetime_checked(j, RS_DATETIME, us + (EPOCH_DAY - 1) * US_DAY, NULL, out, e)
           : rc;
}

static NATIVE(type_fromordinal)
{
  const struct type *t = ctx;
  int64_t day = 0;
  if (args->npos != 1 || rs_want_int(args->pos[0], "ordinal", 0, &day, e) != RS_OK || day < 1 ||
      day > DAY_MAX)
    return rs_fail(e, RS_INVALID, "fromordinal() takes a day from 1 to %d", DAY_MAX);
  *out = rs_datetime_make(j, t->kind, (day - 1) * US_DAY, NULL);
  return RS_OK;
}

static NATIVE(type_fromisoformat)
{
  const struct type *t = ctx;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "fromisoformat: argument must be str");
  return rs_datetime_fromiso(j, t->kind, jv_cstr(args->pos[0], NULL), out, e);
}

static NATIVE(type_strptime)
{
  if (args->npos != 2 || !jv_is_str(args->pos[0]) || !jv_is_str(args->pos[1]))
    return rs_fail(e, RS_INVALID, "strptime() takes a text and a format");
  return rs_datetime_strptime(j, jv_cstr(args->pos[0], NULL), jv_cstr(args->pos[1], NULL), out, e);
}

static NATIVE(type_combine)
{
  static const char *const names[] = {"date", "time", "tzinfo", NULL};
  jv v[3];
  const struct rs_tz *tz;
  enum rs_code rc = jv_bind(args, "combine", names, 2, v, e);
  if (rc != RS_OK) return rc;
  const struct rs_datetime *d = rs_datetime_of(v[0]), *t = rs_datetime_of(v[1]);
  if (d == NULL || t == NULL || d->kind == RS_TIME || t->kind != RS_TIME)
    return rs_fail(e, RS_INVALID, "combine() takes a date and a time");
  rc = rs_tz_want(v[2], &tz, e);
  if (rc == RS_OK)
    *out = rs_datetime_make(j, RS_DATETIME, d->us / US_DAY * US_DAY + t->us,
                            v[2].kind == JV_UNDEFINED ? t->tz : tz);
  return rc;
}

static CLASS_GETATTR(type_getattr)
{
  static const struct rs_method methods[] = {{"today", type_now},
                                             {"fromtimestamp", type_fromtimestamp},
                                             {"fromisoformat", type_fromisoformat},
                                             {"fromordinal", type_fromordinal},
                                             {"now", type_now},
                                             {"utcnow", type_utcnow},
                                             {"utcfromtimestamp", type_utcfromtimestamp},
                                             {"strptime", type_strptime},
                                             {"combine", type_combine}};
  const struct type *t = self;
  size_t count = t->kind == RS_DATE ? 4 : COUNT(methods), from = t->kind == RS_TIME ? 2 : 0;
  if (t->kind == RS_TIME) count = 3;
  if (rs_method_find(j, self, methods + from, count - from, name, n, out) == RS_OK) return RS_OK;
  int64_t last = t->kind == RS_TIME ? US_DAY - 1
                                    : DAY_MAX * US_DAY - (t->kind == RS_DATE ? US_DAY : 1);
  if (rs_eqn("min", name, n)) *out = rs_datetime_make(j, t->kind, 0, NULL);
  else if (rs_eqn("max", name, n)) *out = rs_datetime_make(j, t->kind, last, NULL);
  else if (rs_eqn("resolution", name, n)) *out = rs_delta_value(j, t->kind == RS_DATE ? US_DAY : 1);
  else return RS_NOT_FOUND;
  return RS_OK;
}

enum rs_code rs_datetime_class_attr(struct rs_python *j, enum rs_datetime_kind kind,
                                    const char *name, size_t n, jv *out, struct rs_error *e)
{
  return type_getattr(j, (void *)(uintptr_t)&types[kind], name, n, out, e);
}

static CLASS_CALL(type_call)
{
  return rs_datetime_build(j, ((const struct type *)self)->kind, NULL, args, out, e);
}

static CLASS_TEXT(type_str)
{
  rs_buf_printf(b, "<class 'datetime.%s'>", rs_datetime_names[((const struct type *)self)->kind]);
  return RS_OK;
}

static const struct jv_class type_class = {
  .name = "type", .getattr = type_getattr, .call = type_call, .str = type_str};

static CLASS_GETATTR(delta_type_getattr)
{
  if (!rs_eqn("resolution", name, n)) return RS_NOT_FOUND;
  *out = rs_delta_value(j, 1);
  return RS_OK;
}

static const struct jv_class delta_type_class = {
  .name = "type", .getattr = delta_type_getattr, .call = rs_delta_call};

jv rs_module_datetime(struct rs_python *j)
{
  jv dict = jv_dict(j);
  for (size_t i = 0; i < COUNT(types); i++)
    jv_dict_set(j, dict, rs_datetime_names[i],
                jv_object(j, &type_class, (void *)(uintptr_t)&types[i]));
  jv_dict_set(j, dict, "timedelta", jv_object(j, &delta_type_class, (void *)(uintptr_t)types));
  return dict;
}
