/*
** Dates and times as text (datetime.h): ISO 8601 both ways, strftime and strptime with English
** names, whatever the host's locale.
*/
#include <time.h>
#include "datetime.h"
#include "src/value/calendar.h"

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const days[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                   "Friday", "Saturday", "Sunday"};

void rs_offset_text(int64_t seconds, const char *colon, struct rs_buf *b)
{
  int64_t s = seconds < 0 ? -seconds : seconds;
  rs_buf_printf(b, "%c%02d%s%02d", seconds < 0 ? '-' : '+', (int)(s / 3600), colon,
                (int)(s / 60 % 60));
  if (s % 60 != 0) rs_buf_printf(b, "%s%02d", colon, (int)(s % 60));
}

void rs_datetime_iso(const struct rs_datetime *m, char between, const char *spec, struct rs_buf *b)
{
  struct rs_fields f;
  rs_datetime_fields(m, &f);
  if (m->kind != RS_TIME) rs_buf_printf(b, "%04d-%02d-%02d", f.year, f.month, f.day);
  if (m->kind == RS_DATE) return;
  if (m->kind == RS_DATETIME) rs_buf_char(b, between);
  rs_buf_printf(b, "%02d", f.hour);
  bool whole = rs_eq(spec, "auto");
  if (!rs_eq(spec, "hours")) rs_buf_printf(b, ":%02d", f.minute);
  if (!rs_eq(spec, "hours") && !rs_eq(spec, "minutes")) rs_buf_printf(b, ":%02d", f.second);
  if (rs_eq(spec, "milliseconds")) rs_buf_printf(b, ".%03d", f.us / 1000);
  if (rs_eq(spec, "microseconds") || (whole && f.us != 0)) rs_buf_printf(b, ".%06d", f.us);
  if (m->tz == NULL) return;
  int64_t offset = m->tz->offset; // Python's zones keep whole minutes of local mean time
  rs_offset_text(offset, ":", b);
}

/* ---- strftime ------------------------------------------------------------------------------- */

/* A number as %d writes it, under glibc's flags: - no padding, _ blanks, 0 zeros. */
static void put_number(struct rs_buf *b, int v, int width, char pad, char flag)
{
  if (flag == '-') rs_buf_printf(b, "%d", v);
  else if (flag == '_' || (flag == 0 && pad == ' ')) rs_buf_printf(b, "%*d", width, v);
  else rs_buf_printf(b, "%0*d", width, v);
}

static void put_word(struct rs_buf *b, const char *s, size_t n, char flag)
{
  for (size_t i = 0; i < n; i++)
    rs_buf_char(b, flag == '^' && s[i] >= 'a' && s[i] <= 'z' ? (char)(s[i] - 32) : s[i]);
}

/* ISO's week and the year it belongs to. */
static int iso_week(const struct rs_fields *f, int *year)
{
  int week = (f->yday - f->weekday + 9) / 7;
  *year = f->year;
  if (week < 1) {
    --*year;
    struct rs_fields last = {.year = *year, .weekday = (f->weekday - f->yday % 7 + 7) % 7};
    last.yday = (int)(rs_ymd_day(f->year, 1, 1) - rs_ymd_day(*year, 1, 1));
    return (last.yday - last.weekday + 9) / 7;
  }
  int year_days = 337 + rs_month_days(f->year, 2);
  if (week == 53 && f->yday - f->weekday + 3 > year_days) {
    ++*year;
    return 1;
  }
  return week;
}

static void put_epoch(const struct rs_fields *f, struct rs_buf *b)
{
  struct tm t = {.tm_year = f->year - 1900,
                 .tm_mon = f->month - 1,
                 .tm_mday = f->day,
                 .tm_hour = f->hour,
                 .tm_min = f->minute,
                 .tm_sec = f->second,
                 .tm_isdst = -1};
  rs_buf_int(b, mktime(&t));
}

/* Codes that stand for others; NULL when it isn't one. */
static const char *composed(char code)
{
  switch (code) {
    case 'c': return "%a %b %e %H:%M:%S %Y";
    case 'x':
    case 'D': return "%m/%d/%y";
    case 'X':
    case 'T': return "%H:%M:%S";
    case 'F': return "%Y-%m-%d";
    case 'R': return "%H:%M";
    case 'r': return "%I:%M:%S %p";
    case 'h': return "%b";
    default: return NULL;
  }
}

static bool put_date_code(const struct rs_fields *f, char code, char flag, struct rs_buf *b)
{
  int year, week = iso_week(f, &year), sunday = (f->weekday + 1) % 7;
  switch (code) {
    case 'Y': rs_buf_printf(b, "%d", f->year); break;
    case 'y': put_number(b, f->year % 100, 2, '0', flag); break;
    case 'C': put_number(b, f->year / 100, 2, '0', flag); break;
    case 'G': rs_buf_printf(b, "%d", year); break;
    case 'g': put_number(b, year % 100, 2, '0', flag); break;
    case 'V': put_number(b, week, 2, '0', flag); break;
    case 'm': put_number(b, f->month, 2, '0', flag); break;
    case 'd': put_number(b, f->day, 2, '0', flag); break;
    case 'e': put_number(b, f->day, 2, ' ', flag); break;
    case 'j': put_number(b, f->yday, 3, '0', flag); break;
    case 'U': put_number(b, (f->yday + 6 - sunday) / 7, 2, '0', flag); break;
    case 'W': put_number(b, (f->yday + 6 - f->weekday) / 7, 2, '0', flag); break;
    case 'w': rs_buf_printf(b, "%d", sunday); break;
    case 'u': rs_buf_printf(b, "%d", f->weekday + 1); break;
    case 'B': put_word(b, months[f->month - 1], strlen(months[f->month - 1]), flag); break;
    case 'b': put_word(b, months[f->month - 1], 3, flag); break;
    case 'A': put_word(b, days[f->weekday], strlen(days[f->weekday]), flag); break;
    case 'a': put_word(b, days[f->weekday], 3, flag); break;
    default: return false;
  }
  return true;
}

static bool put_time_code(const struct rs_datetime *m, const struct rs_fields *f, char code,
                          char flag, struct rs_buf *b)
{
  int hour12 = f->hour % 12 == 0 ? 12 : f->hour % 12;
  switch (code) {
    case 'H': put_number(b, f->hour, 2, '0', flag); break;
    case 'k': put_number(b, f->hour, 2, ' ', flag); break;
    case 'I': put_number(b, hour12, 2, '0', flag); break;
    case 'l': put_number(b, hour12, 2, ' ', flag); break;
    case 'M': put_number(b, f->minute, 2, '0', flag); break;
    case 'S': put_number(b, f->second, 2, '0', flag); break;
    case 'f': rs_buf_printf(b, "%06d", f->us); break;
    case 'p': rs_buf_str(b, f->hour < 12 ? "AM" : "PM"); break;
    case 'P': rs_buf_str(b, f->hour < 12 ? "am" : "pm"); break;
    case 's': put_epoch(f, b); break;
    case 'z':
      if (m->tz != NULL) rs_offset_text(m->tz->offset, "", b);
      break;
    case 'Z':
      if (m->tz != NULL) rs_tz_abbr(m->tz, b);
      break;
    case 'n': rs_buf_char(b, '\n'); break;
    case 't': rs_buf_char(b, '\t'); break;
    case '%': rs_buf_char(b, '%'); break;
    default: return false;
  }
  return true;
}

void rs_datetime_strftime(const struct rs_datetime *m, const char *format, struct rs_buf *b)
{
  struct rs_fields f;
  rs_datetime_fields(m, &f);
  for (const char *p = format; *p != 0; p++) {
    if (*p != '%' || p[1] == 0) {
      rs_buf_char(b, *p);
      continue;
    }
    const char *start = p++;
    char flag = 0;
    if (*p != 0 && strchr("-_0^#", *p) != NULL) flag = *p++;
    const char *more = composed(*p);
    if (*p == 0) {
      rs_buf_str(b, start);
      return;
    }
    if (more != NULL) rs_datetime_strftime(m, more, b);
    else if (!put_date_code(&f, *p, flag, b) && !put_time_code(m, &f, *p, flag, b))
      rs_buf_add(b, start, (size_t)(p - start) + 1);
  }
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Up to `max` digits, at least `min`. */
static bool read_number(const char **p, int min, int max, int *v)
{
  int n = 0;
  *v = 0;
  for (; n < max && **p >= '0' && **p <= '9'; n++, ++*p) *v = *v * 10 + (**p - '0');
  return n >= min;
}

/* A fraction of a second of up to 6 digits; more are dropped when `lax`. */
static bool read_fraction(const char **p, bool lax, int *us)
{
  int n = 0;
  *us = 0;
  for (; **p >= '0' && **p <= '9' && (n < 6 || lax); n++, ++*p)
    if (n < 6) *us = *us * 10 + (**p - '0');
  for (int i = n; i < 6; i++) *us *= 10;
  return n > 0;
}

/* Z, +02, +0200, +02:00[:30] */
static bool read_offset(struct rs_python *j, const char **p, const struct rs_tz **tz)
{
  if (**p == 'Z' || **p == 'z') {
    ++*p;
    *tz = &rs_tz_utc;
    return true;
  }
  int h, m = 0, s = 0;
  if (**p != '+' && **p != '-') return false;
  bool minus = *(*p)++ == '-';
  if (!read_number(p, 1, 2, &h)) return false;
  bool colon = **p == ':';
  if (colon) ++*p;
  if (**p >= '0' && **p <= '9' && !read_number(p, 2, 2, &m)) return false;
  if (colon && **p == ':' && (++*p, !read_number(p, 2, 2, &s))) return false;
  int64_t offset = h * 3600 + m * 60 + s;
  *tz = offset == 0 ? &rs_tz_utc : rs_tz_fixed(j, RS_TZ_FIXED, minus ? -offset : offset);
  return *tz != NULL && h < 24 && m < 60;
}

/* HH[:MM[:SS[.ffffff]]] */
static bool read_clock(const char **p, struct rs_fields *f)
{
  if (!read_number(p, 2, 2, &f->hour)) return false;
  bool colon = **p == ':';
  if (!colon && !(**p >= '0' && **p <= '9')) return true;
  if (colon) ++*p;
  if (!read_number(p, 2, 2, &f->minute)) return false;
  if (colon ? **p != ':' : !(**p >= '0' && **p <= '9')) return true;
  if (colon) ++*p;
  if (!read_number(p, 2, 2, &f->second)) return false;
  if (**p != '.' && **p != ',') return true;
  ++*p;
  return read_fraction(p, true, &f->us);
}

static bool read_iso(struct rs_python *j, enum rs_datetime_kind kind, const char *p,
                     const struct rs_tz *tz, jv *out)
{
  struct rs_fields f = {.year = 1, .month = 1, .day = 1};
  int64_t us;
  if (kind != RS_TIME) {
    if (!read_number(&p, 4, 4, &f.year)) return false;
    bool dash = *p == '-';
    if (dash) p++;
    if (!read_number(&p, 1, 2, &f.month) || (dash && *p++ != '-')) return false;
    if (!read_number(&p, 1, 2, &f.day)) return false;
  }
  if (kind == RS_TIME && *p == 'T') p++;
  if (kind == RS_DATETIME && *p != 0) {
    p++; // whatever stands between
    while (*p == ' ') p++;
  }
  if (kind != RS_DATE && *p != 0) {
    if (!read_clock(&p, &f)) return false;
    while (*p == ' ') p++;
    if (*p != 0 && !read_offset(j, &p, &tz)) return false;
  }
  if (*p != 0 || !rs_fields_us(&f, &us)) return false;
  *out = rs_datetime_make(j, kind, kind == RS_TIME ? us % US_DAY : us, tz);
  return true;
}

bool rs_datetime_parse(struct rs_python *j, enum rs_datetime_kind kind, const char *s, size_t n,
                       bool is_utc, jv *out)
{
  char text[64];
  if (n >= sizeof text) return false;
  memcpy(text, s, n);
  text[n] = 0;
  return read_iso(j, kind, text, is_utc ? &rs_tz_utc : NULL, out);
}

enum rs_code rs_datetime_fromiso(struct rs_python *j, enum rs_datetime_kind kind, const char *s,
                                 jv *out, struct rs_error *e)
{
  if (read_iso(j, kind, s, NULL, out)) return RS_OK;
  return rs_fail(e, RS_INVALID, "Invalid isoformat string: '%s'", s);
}

/* ---- strptime ------------------------------------------------------------------------------- */

struct reading {
  struct rs_python *j;
  const char *p;
  struct rs_fields f;
  const struct rs_tz *tz;
  int pm; /* -1 unknown */
  int yday;
};

/* The index of the name that stands here, whole or its first three letters; -1. */
static int read_name(const char **p, const char *const *names, int n, bool brief)
{
  for (int i = 0; i < n; i++) {
    size_t len = brief ? 3 : strlen(names[i]);
    if (rs_casecmpn(*p, names[i], len) != 0) continue;
    *p += len;
    return i;
  }
  return -1;
}

static bool read_code(struct reading *r, char code)
{
  struct rs_fields *f = &r->f;
  int v;
  switch (code) {
    case 'Y': return read_number(&r->p, 4, 4, &f->year);
    case 'y':
      if (!read_number(&r->p, 2, 2, &v)) return false;
      f->year = v < 69 ? 2000 + v : 1900 + v;
      return true;
    case 'm': return read_number(&r->p, 1, 2, &f->month);
    case 'd':
      while (*r->p == ' ') r->p++;
      return read_number(&r->p, 1, 2, &f->day);
    case 'j': return read_number(&r->p, 1, 3, &r->yday) && r->yday >= 1 && r->yday <= 366;
    case 'H': return read_number(&r->p, 1, 2, &f->hour);
    case 'I': return read_number(&r->p, 1, 2, &f->hour) && f->hour >= 1 && f->hour <= 12;
    case 'M': return read_number(&r->p, 1, 2, &f->minute);
    case 'S': return read_number(&r->p, 1, 2, &f->second);
    case 'f': return read_fraction(&r->p, false, &f->us);
    case 'U':
    case 'W': return read_number(&r->p, 1, 2, &v);
    case 'w':
    case 'u': return read_number(&r->p, 1, 1, &v);
    case 'B':
    case 'b': v = read_name(&r->p, months, 12, code == 'b'); return (f->month = v + 1) > 0;
    case 'A':
    case 'a': return read_name(&r->p, days, 7, code == 'a') >= 0;
    case 'p':
      if (rs_casecmpn(r->p, "am", 2) != 0 && rs_casecmpn(r->p, "pm", 2) != 0) return false;
      r->pm = (*r->p | 32) == 'p';
      r->p += 2;
      return true;
    case 'z': return read_offset(r->j, &r->p, &r->tz);
    case 'Z':
      if (rs_casecmpn(r->p, "utc", 3) != 0 && rs_casecmpn(r->p, "gmt", 3) != 0) return false;
      r->p += 3;
      return true;
    case '%': return *r->p++ == '%';
    default: return false;
  }
}

static bool read_format(struct reading *r, const char *format)
{
  for (const char *f = format; *f != 0; f++) {
    const char *more = *f == '%' ? composed(f[1]) : NULL;
    if (more != NULL) {
      if (f[1] == 'h' || f[1] == 'F' || f[1] == 'D' || f[1] == 'T' || f[1] == 'R') return false;
      if (!read_format(r, more)) return false;
      f++;
    } else if (*f == '%' && f[1] != 0) {
      if (!read_code(r, *++f)) return false;
    } else if (*f == ' ' || (*f >= 9 && *f <= 13)) {
      if (!(*r->p == ' ' || (*r->p >= 9 && *r->p <= 13))) return false;
      while (*r->p == ' ' || (*r->p >= 9 && *r->p <= 13)) r->p++;
    } else if ((*f | 32) >= 'a' && (*f | 32) <= 'z' ? (*f | 32) != (*r->p | 32) : *f != *r->p) {
      return false;
    } else {
      r->p++;
    }
  }
  return true;
}

enum rs_code rs_datetime_strptime(struct rs_python *j, const char *text, const char *format,
                                  jv *out, struct rs_error *e)
{
  struct reading r = {
    .j = j, .p = text, .f = {.year = 1900, .month = 1, .day = 1}, .pm = -1, .yday = 0};
  int64_t us;
  if (!read_format(&r, format))
    return rs_fail(e, RS_INVALID, "time data '%s' does not match format '%s'", text, format);
  if (*r.p != 0) return rs_fail(e, RS_INVALID, "unconverted data remains: %s", r.p);
  if (r.pm >= 0) r.f.hour = r.f.hour % 12 + (r.pm ? 12 : 0);
  if (r.yday > 0 && r.f.year >= 1 && r.f.year <= 9999)
    rs_day_ymd(rs_ymd_day(r.f.year, 1, 1) + r.yday - 1, &r.f.year, &r.f.month, &r.f.day);
  if (!rs_fields_us(&r.f, &us)) return rs_fail(e, RS_INVALID, "day is out of range for month");
  *out = rs_datetime_make(j, RS_DATETIME, us, r.tz);
  return RS_OK;
}
