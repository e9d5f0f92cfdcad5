/*
** Time zones (datetime.h): `modules.pytz` over the system's zoneinfo files, and the fixed ones of
** Python's datetime.
**
** A zone's file is read when its name is first used in an evaluation. Names are checked first: a
** template can open nothing but a zone.
*/
#include <errno.h>
#include <stdio.h>
#include "datetime.h"

#define ZONE_DIR "/usr/share/zoneinfo/"
#define ZONE_FILE_MAX (1 << 18)

struct rule {
  int32_t offset;
  bool is_dst;
  const char *abbr;
};

struct rs_zone {
  const char *name;
  int64_t *times; /* UTC seconds: from each on, kinds[i] holds */
  uint8_t *kinds;
  size_t ntimes;
  struct rule *rules;
  size_t nrules;
};

static const struct jv_class tz_class;
const struct rs_tz rs_tz_pytz_utc = {.kind = RS_TZ_PYTZ_UTC, .name = "UTC", .abbr = "UTC"};
const struct rs_tz rs_tz_utc = {.kind = RS_TZ_UTC, .abbr = "UTC"};

jv rs_tz_value(struct rs_python *j, const struct rs_tz *tz)
{
  return jv_object(j, &tz_class, (void *)(uintptr_t)tz);
}

const struct rs_tz *rs_tz_of(jv v)
{
  return jv_self(v, &tz_class);
}

const struct rs_tz *rs_tz_fixed(struct rs_python *j, enum rs_tz_kind kind, int64_t offset)
{
  struct rs_tz *tz = rs_arena_calloc(rs_python_arena(j), sizeof *tz);
  if (tz != NULL) *tz = (struct rs_tz){.kind = kind, .offset = offset};
  return tz;
}

/* ---- texts ---------------------------------------------------------------------------------- */

void rs_tz_abbr(const struct rs_tz *tz, struct rs_buf *b)
{
  if (tz->abbr != NULL) rs_buf_str(b, tz->abbr);
  if (tz->kind == RS_TZ_FIXED) {
    rs_buf_str(b, "UTC");
    rs_offset_text(tz->offset, ":", b);
  }
}

void rs_tz_str(const struct rs_tz *tz, struct rs_buf *b)
{
  if (tz->kind == RS_TZ_ZONE || tz->kind == RS_TZ_PYTZ_UTC) rs_buf_str(b, tz->name);
  else if (tz->kind == RS_TZ_OFFSET)
    rs_buf_printf(b, "pytz.FixedOffset(%lld)", (long long)(tz->offset / 60));
  else rs_tz_abbr(tz, b);
}

void rs_tz_repr(const struct rs_tz *tz, struct rs_buf *b)
{
  switch (tz->kind) {
    case RS_TZ_PYTZ_UTC: rs_buf_str(b, "<UTC>"); break;
    case RS_TZ_UTC: rs_buf_str(b, "datetime.timezone.utc"); break;
    case RS_TZ_FIXED:
      rs_buf_str(b, "datetime.timezone(");
      rs_delta_repr(tz->offset * US_SECOND, b);
      rs_buf_char(b, ')');
      break;
    case RS_TZ_OFFSET: rs_tz_str(tz, b); break;
    case RS_TZ_ZONE:
      rs_buf_printf(b, "<DstTzInfo '%s' %s%s", tz->name, tz->abbr, tz->offset >= 0 ? "+" : "");
      rs_delta_str(tz->offset * US_SECOND, b);
      rs_buf_str(b, tz->dst != 0 ? " DST>" : " STD>");
      break;
  }
}

/* ---- files ---------------------------------------------------------------------------------- */

static int64_t big_endian(const unsigned char *p, size_t n)
{
  uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
  for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
  return (int64_t)v;
}

struct header {
  size_t isut, isstd, leap, times, types, chars;
};

static bool read_header(const unsigned char *p, size_t n, struct header *h)
{
  if (n < 44 || memcmp(p, "TZif", 4) != 0) return false;
  size_t *const to[] = {&h->isut, &h->isstd, &h->leap, &h->times, &h->types, &h->chars};
  for (size_t i = 0; i < 6; i++) {
    int64_t v = big_endian(p + 20 + 4 * i, 4);
    if (v < 0 || v > ZONE_FILE_MAX) return false;
    *to[i] = (size_t)v;
  }
  return h->types > 0 && h->chars > 0;
}

static size_t body_size(const struct header *h, size_t time_size)
{
  return h->times * (time_size + 1) + h->types * 6 + h->chars + h->leap * (time_size + 4) +
         h->isstd + h->isut;
}

/* The 64-bit half of a version 2 file. */
static bool read_body(struct rs_arena *a, const unsigned char *p, size_t n, struct rs_zone *z)
{
  struct header h;
  if (!read_header(p, n, &h)) return false;
  size_t first = 44 + body_size(&h, 4);
  if (first > n || !read_header(p + first, n - first, &h)) return false;
  p += first + 44;
  n -= first + 44;
  if (body_size(&h, 8) > n) return false;
  const unsigned char *kinds = p + h.times * 8, *types = kinds + h.times;
  const char *abbrs = (const char *)(types + h.types * 6);
  z->times = rs_arena_alloc(a, (h.times + 1) * sizeof *z->times);
  z->kinds = rs_arena_alloc(a, h.times + 1);
  z->rules = rs_arena_calloc(a, h.types * sizeof *z->rules);
  char *names = rs_arena_strndup(a, abbrs, h.chars);
  if (z->times == NULL || z->kinds == NULL || z->rules == NULL || names == NULL) return false;
  for (size_t i = 0; i < h.times; i++) {
    z->times[i] = big_endian(p + 8 * i, 8);
    z->kinds[i] = kinds[i];
    if (kinds[i] >= h.types) return false;
  }
  for (size_t i = 0; i < h.types; i++) {
    size_t at = types[6 * i + 5];
    if (at >= h.chars) return false;
    memcpy(names, abbrs, h.chars);
    z->rules[i] = (struct rule){.offset = (int32_t)big_endian(types + 6 * i, 4),
                                .is_dst = types[6 * i + 4] != 0,
                                .abbr = names + at};
  }
  z->ntimes = h.times;
  z->nrules = h.types;
  return true;
}

static bool zone_name(const char *name)
{
  if (*name == 0 || *name == '/' || strstr(name, "..") != NULL || strlen(name) > 100) return false;
  for (const char *p = name; *p != 0; p++) {
    bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');
    if (!letter && strchr("/_+-", *p) == NULL) return false;
  }
  return true;
}

static const struct rs_zone *load_zone(struct rs_python *j, const char *name, struct rs_error *e)
{
  struct rs_arena *a = rs_python_arena(j);
  char path[sizeof ZONE_DIR + 128];
  (void)snprintf(path, sizeof path, ZONE_DIR "%.100s", name);
  FILE *f = zone_name(name) ? fopen(path, "rbe") : NULL;
  if (f == NULL) {
    f = fopen(ZONE_DIR "UTC", "rbe"); // which of the two is missing?
    if (f != NULL) (void)fclose(f);
    (void)rs_fail(e, RS_NOT_FOUND,
                  f != NULL ? "modules.pytz.timezone('%s'): there is no such time zone"
                            : "modules.pytz.timezone('%s'): this system has no " ZONE_DIR
                              ": install the package tzdata",
                  name);
    return NULL;
  }
  unsigned char *data = rs_arena_alloc(a, ZONE_FILE_MAX);
  struct rs_zone *z = rs_arena_calloc(a, sizeof *z);
  size_t n = data != NULL ? fread(data, 1, ZONE_FILE_MAX, f) : 0;
  (void)fclose(f);
  if (z != NULL) z->name = rs_arena_strdup(a, name);
  if (z == NULL || z->name == NULL || data == NULL) {
    (void)rs_nomem(e);
    return NULL;
  }
  if (read_body(a, data, n, z)) return z;
  (void)rs_fail(e, RS_IO, "time zone '%s': %s is no zoneinfo file", name, path);
  return NULL;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static const struct rs_tz *rule_tz(struct rs_python *j, const struct rs_zone *z, size_t rule,
                                   int64_t standard)
{
  struct rs_tz *tz = rs_arena_alloc(rs_python_arena(j), sizeof *tz);
  if (tz == NULL) return NULL;
  const struct rule *r = &z->rules[rule];
  *tz = (struct rs_tz){.kind = RS_TZ_ZONE,
                       .zone = z,
                       .name = z->name,
                       .offset = r->offset,
                       .dst = r->is_dst ? r->offset - standard : 0,
                       .abbr = r->abbr};
  return tz;
}

/* pytz keeps local mean time in whole minutes. */
static const struct rs_tz *first_rule(struct rs_python *j, const struct rs_zone *z)
{
  const struct rs_tz *tz = rule_tz(j, z, 0, z->rules[0].offset);
  if (tz != NULL) {
    int64_t minutes = tz->offset >= 0 ? (tz->offset + 30) / 60 : -((-tz->offset + 30) / 60);
    ((struct rs_tz *)(uintptr_t)tz)->offset = minutes * 60;
  }
  return tz;
}

const struct rs_tz *rs_tz_at(struct rs_python *j, const struct rs_tz *tz, int64_t utc)
{
  const struct rs_zone *z = tz->zone;
  if (tz->kind != RS_TZ_ZONE) return tz;
  if (z->ntimes == 0 || utc < z->times[0]) return first_rule(j, z);
  size_t lo = 0, hi = z->ntimes;
  while (hi - lo > 1) {
    size_t mid = (lo + hi) / 2;
    if (z->times[mid] <= utc) lo = mid;
    else hi = mid;
  }
  // Summer time counts from the standard time before it
  int64_t standard = z->rules[z->kinds[lo]].offset - 3600;
  for (size_t i = lo; i-- > 0;)
    if (!z->rules[z->kinds[i]].is_dst) {
      standard = z->rules[z->kinds[i]].offset;
      break;
    }
  return rule_tz(j, z, z->kinds[lo], standard);
}

/* The rule for a local time: of two, the one that isn't summer time. */
static const struct rs_tz *local_tz(struct rs_python *j, const struct rs_tz *tz, int64_t local)
{
  if (tz->kind != RS_TZ_ZONE) return tz;
  const struct rs_tz *before = rs_tz_at(j, tz, local - 86400);
  const struct rs_tz *after = rs_tz_at(j, tz, local + 86400);
  if (before == NULL || after == NULL) return NULL;
  const struct rs_tz *x = rs_tz_at(j, tz, local - before->offset);
  const struct rs_tz *y = rs_tz_at(j, tz, local - after->offset);
  if (x == NULL || y == NULL) return NULL;
  bool x_fits = x->offset == before->offset, y_fits = y->offset == after->offset;
  if (x_fits && y_fits) return x->dst != 0 ? y : x;
  if (x_fits) return x;
  if (y_fits) return y;
  return before->dst != 0 ? after : before;
}

static NATIVE(tz_localize)
{
  static const char *const names[] = {"dt", "is_dst", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "localize", names, 1, v, e);
  if (rc != RS_OK) return rc;
  const struct rs_datetime *m = rs_datetime_of(v[0]);
  if (m == NULL || m->kind != RS_DATETIME)
    return rs_fail(e, RS_INVALID, "localize() takes a datetime, not %s", jv_type_name(v[0]));
  if (m->tz != NULL) return rs_fail(e, RS_INVALID, "Not naive datetime (tzinfo is already set)");
  int64_t local = m->us / US_SECOND - INT64_C(86400) * (EPOCH_DAY - 1);
  const struct rs_tz *tz = local_tz(j, ctx, local);
  if (tz == NULL) return rs_nomem(e);
  *out = rs_datetime_make(j, RS_DATETIME, m->us, tz);
  return RS_OK;
}

static NATIVE(tz_normalize)
{
  const struct rs_datetime *m = args->npos == 1 ? rs_datetime_of(args->pos[0]) : NULL;
  if (m == NULL || m->tz == NULL)
    return rs_fail(e, RS_INVALID, "normalize() takes a datetime with a time zone");
  int64_t utc = rs_datetime_utc(m);
  const struct rs_tz *tz = rs_tz_at(j, ctx, utc / US_SECOND - INT64_C(86400) * (EPOCH_DAY - 1));
  if (tz == NULL) return rs_nomem(e);
  *out = rs_datetime_make(j, RS_DATETIME, utc + tz->offset * US_SECOND, tz);
  return RS_OK;
}

static CLASS_GETATTR(tz_getattr)
{
  static const struct rs_method methods[] = {{"localize", tz_localize},
                                             {"normalize", tz_normalize}};
  const struct rs_tz *tz = self;
  if (tz->kind != RS_TZ_UTC && tz->kind != RS_TZ_FIXED &&
      rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK)
    return RS_OK;
  if (!rs_eqn("zone", name, n) || (tz->kind != RS_TZ_ZONE && tz->kind != RS_TZ_PYTZ_UTC))
    return RS_NOT_FOUND;
  *out = jv_text(j, tz->name);
  return RS_OK;
}

static CLASS_TEXT(tz_str)
{
  rs_tz_str(self, b);
  return RS_OK;
}

static CLASS_TEXT(tz_repr)
{
  rs_tz_repr(self, b);
  return RS_OK;
}

static const struct jv_class tz_class = {
  .name = "tzinfo", .getattr = tz_getattr, .str = tz_str, .repr = tz_repr};

/* ---- the module ----------------------------------------------------------------------------- */

static NATIVE(pytz_timezone)
{
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "modules.pytz.timezone() takes a name");
  const char *name = jv_cstr(args->pos[0], NULL);
  if (rs_casecmp(name, "utc") == 0) {
    *out = rs_tz_value(j, &rs_tz_pytz_utc);
    return RS_OK;
  }
  struct rs_error own = {0};
  const struct rs_zone *z = load_zone(j, name, e != NULL ? e : &own);
  if (z == NULL) return e != NULL ? e->code : own.code;
  const struct rs_tz *tz = first_rule(j, z);
  if (tz == NULL) return rs_nomem(e);
  *out = rs_tz_value(j, tz);
  return RS_OK;
}

static NATIVE(pytz_fixed)
{
  int64_t minutes = 0;
  if (args->npos != 1 || rs_want_int(args->pos[0], "minutes", 0, &minutes, e) != RS_OK ||
      minutes <= -1440 || minutes >= 1440)
    return rs_fail(e, RS_INVALID,
                   "modules.pytz.FixedOffset() takes minutes between -1439 and 1439");
  const struct rs_tz *tz = minutes == 0 ? &rs_tz_pytz_utc
                                        : rs_tz_fixed(j, RS_TZ_OFFSET, minutes * 60);
  if (tz == NULL) return rs_nomem(e);
  *out = rs_tz_value(j, tz);
  return RS_OK;
}

static CLASS_GETATTR(pytz_getattr)
{
  static const char *const later[] = {"all_timezones",     "all_timezones_set",
                                      "common_timezones",  "common_timezones_set",
                                      "country_timezones", "country_names"};
  if (rs_eqn("timezone", name, n)) *out = jv_func(j, "timezone", pytz_timezone, NULL);
  else if (rs_eqn("FixedOffset", name, n)) *out = jv_func(j, "FixedOffset", pytz_fixed, NULL);
  else if (rs_eqn("utc", name, n) || rs_eqn("UTC", name, n)) *out = rs_tz_value(j, &rs_tz_pytz_utc);
  else {
    for (size_t i = 0; i < COUNT(later); i++)
      if (rs_eqn(later[i], name, n))
        return rs_fail(e, RS_UNSUPPORTED,
                       "modules.pytz.%s is not built: name the zone by "
                       "modules.pytz.timezone('Europe/Berlin')",
                       later[i]);
    return RS_NOT_FOUND;
  }
  return RS_OK;
}

static const struct jv_class pytz_class = {.name = "dict", .getattr = pytz_getattr};

jv rs_module_pytz(struct rs_python *j)
{
  return jv_object(j, &pytz_class, (void *)(uintptr_t)&pytz_class);
}
