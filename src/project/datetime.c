/*
** run_started_at: a point of time in UTC, as far as templates use one of Python's: strftime with its
** numeric and name codes (English, whatever the host's locale), isoformat, date, year ... second.
*/
#include <stdio.h>
#include <time.h>
#include "../base/text.h"
#include "context.h"

struct moment {
  int64_t us; /* since 1970 */
  struct tm tm;
  bool is_date;
};

static const struct jv_class moment_class;

static jv new_moment(struct rs_jinja *j, int64_t us, bool is_date)
{
  struct moment *m = rs_arena_calloc(rs_jinja_arena(j), sizeof *m);
  if (m == NULL) return jv_undefined();
  time_t s = (time_t)(us / 1000000);
  m->us = us;
  m->is_date = is_date;
  gmtime_r(&s, &m->tm);
  return jv_object(j, &moment_class, m);
}

jv rs_datetime_value(struct rs_jinja *j, int64_t us)
{
  return new_moment(j, us, false);
}

static void put_iso(const struct moment *m, char between, struct rs_buf *b)
{
  const struct tm *t = &m->tm;
  rs_buf_printf(b, "%04d-%02d-%02d", t->tm_year + 1900, t->tm_mon + 1, t->tm_mday);
  if (m->is_date) return;
  rs_buf_printf(b, "%c%02d:%02d:%02d", between, t->tm_hour, t->tm_min, t->tm_sec);
  int fraction = (int)(m->us % 1000000);
  if (fraction != 0) rs_buf_printf(b, ".%06d", fraction);
  rs_buf_str(b, "+00:00");
}

static void put_code(const struct moment *m, char code, struct rs_buf *b)
{
  static const char *const months[] = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
  static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                     "Thursday", "Friday", "Saturday"};
  const struct tm *t = &m->tm;
  int hour12 = t->tm_hour % 12 == 0 ? 12 : t->tm_hour % 12;
  switch (code) {
    case 'Y': rs_buf_printf(b, "%04d", t->tm_year + 1900); break;
    case 'y': rs_buf_printf(b, "%02d", t->tm_year % 100); break;
    case 'm': rs_buf_printf(b, "%02d", t->tm_mon + 1); break;
    case 'd': rs_buf_printf(b, "%02d", t->tm_mday); break;
    case 'H': rs_buf_printf(b, "%02d", t->tm_hour); break;
    case 'I': rs_buf_printf(b, "%02d", hour12); break;
    case 'M': rs_buf_printf(b, "%02d", t->tm_min); break;
    case 'S': rs_buf_printf(b, "%02d", t->tm_sec); break;
    case 'f': rs_buf_printf(b, "%06d", (int)(m->us % 1000000)); break;
    case 'j': rs_buf_printf(b, "%03d", t->tm_yday + 1); break;
    case 'w': rs_buf_printf(b, "%d", t->tm_wday); break;
    case 'p': rs_buf_str(b, t->tm_hour < 12 ? "AM" : "PM"); break;
    case 'B': rs_buf_str(b, months[t->tm_mon]); break;
    case 'b': rs_buf_add(b, months[t->tm_mon], 3); break;
    case 'A': rs_buf_str(b, days[t->tm_wday]); break;
    case 'a': rs_buf_add(b, days[t->tm_wday], 3); break;
    case 'z': rs_buf_str(b, "+0000"); break;
    case 'Z': rs_buf_str(b, "UTC"); break;
    case 'F':
      put_code(m, 'Y', b), rs_buf_char(b, '-'), put_code(m, 'm', b), rs_buf_char(b, '-'),
        put_code(m, 'd', b);
      break;
    case 'T':
      put_code(m, 'H', b), rs_buf_char(b, ':'), put_code(m, 'M', b), rs_buf_char(b, ':'),
        put_code(m, 'S', b);
      break;
    case '%': rs_buf_char(b, '%'); break;
    default: rs_buf_char(b, '%'), rs_buf_char(b, code);
  }
}

static enum rs_code give(struct rs_jinja *j, struct rs_buf *b, jv *out, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(b, e, "datetime");
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(b), b->n);
  rs_buf_free(b);
  return rc;
}

static enum rs_code moment_strftime(struct rs_jinja *j, void *self, const struct jv_args *args,
                                    jv *out, struct rs_error *e)
{
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "strftime() takes a text");
  struct rs_buf b;
  rs_buf_init(&b, 1 << 16);
  for (const char *p = jv_cstr(args->pos[0], NULL); *p != 0; p++)
    if (*p == '%' && p[1] != 0) put_code(self, *++p, &b);
    else rs_buf_char(&b, *p);
  return give(j, &b, out, e);
}

static enum rs_code moment_isoformat(struct rs_jinja *j, void *self, const struct jv_args *args,
                                     jv *out, struct rs_error *e)
{
  struct rs_buf b;
  (void)args;
  rs_buf_init(&b, 64);
  put_iso(self, 'T', &b);
  return give(j, &b, out, e);
}

static enum rs_code moment_date(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  const struct moment *m = self;
  (void)args, (void)e;
  *out = new_moment(j, m->us, true);
  return RS_OK;
}

static enum rs_code moment_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                   jv *out, struct rs_error *e)
{
  const struct moment *m = self;
  (void)e;
#define IS(text) rs_eqn(text, name, n)
  if (IS("strftime")) *out = jv_func(j, "strftime", moment_strftime, self);
  else if (IS("isoformat")) *out = jv_func(j, "isoformat", moment_isoformat, self);
  else if (IS("date")) *out = jv_func(j, "date", moment_date, self);
  else if (IS("year")) *out = jv_int(m->tm.tm_year + 1900);
  else if (IS("month")) *out = jv_int(m->tm.tm_mon + 1);
  else if (IS("day")) *out = jv_int(m->tm.tm_mday);
  else if (IS("hour")) *out = jv_int(m->tm.tm_hour);
  else if (IS("minute")) *out = jv_int(m->tm.tm_min);
  else if (IS("second")) *out = jv_int(m->tm.tm_sec);
  else return RS_NOT_FOUND;
#undef IS
  return RS_OK;
}

static enum rs_code moment_str(struct rs_jinja *j, void *self, struct rs_buf *b, struct rs_error *e)
{
  (void)j, (void)e;
  put_iso(self, ' ', b);
  return RS_OK;
}

static const struct jv_class moment_class = {
  .name = "datetime", .getattr = moment_getattr, .str = moment_str};
