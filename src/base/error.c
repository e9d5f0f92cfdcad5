/*
** Errors: formatting, prefixing and redaction of the one text an operation leaves (see error.h).
*/
#include "error.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "redact.h"
#include "text.h"

#define SQL_SHOWN 600 /* bytes of a statement quoted in a text */
#define SQL_MARK " [remote SQL: "

static const char *const code_names[] = {
  [RS_OK] = "ok",
  [RS_DONE] = "done",
  [RS_INVALID] = "invalid",
  [RS_NOT_FOUND] = "not found",
  [RS_EXISTS] = "exists",
  [RS_AUTH] = "unauthenticated",
  [RS_FORBIDDEN] = "forbidden",
  [RS_TIMEOUT] = "timeout",
  [RS_CANCELLED] = "cancelled",
  [RS_RATE_LIMITED] = "rate limited",
  [RS_CONSTRAINT] = "constraint",
  [RS_BUSY] = "busy",
  [RS_IO] = "io",
  [RS_REMOTE] = "remote",
  [RS_UNSUPPORTED] = "unsupported",
  [RS_LIMIT] = "limit",
  [RS_INTERNAL] = "internal",
  [RS_NOMEM] = "out of memory",
};

const char *rs_code_name(enum rs_code code)
{
  size_t i = (size_t)code;
  return i < sizeof code_names / sizeof code_names[0] ? code_names[i] : "unknown";
}

/* Cuts the text to n bytes at most, at the start of a code point. */
static void cut(char *text, size_t n)
{
  if (strlen(text) <= n) return;
  while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80) n--;
  text[n] = 0;
}

/* Formats behind what text holds already; what does not fit is cut. */
static __attribute__((format(printf, 2, 3))) void append(char text[RS_ERROR_MAX], const char *fmt,
                                                         ...)
{
  size_t used = strlen(text);
  va_list ap;
  va_start(ap, fmt);
  if (vsnprintf(text + used, RS_ERROR_MAX - used, fmt, ap) < 0) text[used] = 0;
  va_end(ap);
}

/* A terminal would obey them: all of C0 and C1 but line ends and tabs. `at` is valid UTF-8. */
static bool is_control(const char *at)
{
  unsigned char c = (unsigned char)at[0], next = (unsigned char)at[1];
  if (c == 0xC2) return next >= 0x80 && next < 0xA0;
  return (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F;
}

/* Remote messages may hold anything; a text must be valid UTF-8 without secrets and controls. */
static void clean(char text[RS_ERROR_MAX])
{
  size_t n = strlen(text), at = 0;
  while (at += rs_utf8_valid(text + at, n - at), at < n) {
    if (n == RS_ERROR_MAX - 1 && n - at < 4) {
      text[at] = 0; // a code point that formatting cut in two
      break;
    }
    text[at] = '?';
  }
  for (char *c = text; *c != 0; c++) {
    if (!is_control(c)) continue;
    if ((unsigned char)*c == 0xC2) *c++ = '?'; // two bytes, as long as before
    *c = '?';
  }
  rs_redact(text, RS_ERROR_MAX);
}

enum rs_code rs_vfail(struct rs_error *e, enum rs_code code, const char *fmt, va_list ap)
{
  if (code == RS_NOMEM) return rs_nomem(e);
  if (e == NULL) return code;
  char text[RS_ERROR_MAX]; // an argument may point into e->text
  if (vsnprintf(text, sizeof text, fmt, ap) < 0) text[0] = 0;
  clean(text);
  memcpy(e->text, text, sizeof text);
  e->code = code;
  e->refused = RS_REFUSED_OTHER;
  e->unsent = e->again = e->unknown = false;
  e->missing[0] = 0;
  e->function[0] = 0;
  return code;
}

enum rs_code rs_fail(struct rs_error *e, enum rs_code code, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  (void)rs_vfail(e, code, fmt, ap);
  va_end(ap);
  return code;
}

enum rs_code rs_nomem(struct rs_error *e)
{
  if (e != NULL) {
    e->code = RS_NOMEM;
    e->refused = RS_REFUSED_OTHER;
    e->again = e->unknown = false;
    e->missing[0] = 0;
    e->function[0] = 0;
    memcpy(e->text, "out of memory", sizeof "out of memory");
  }
  return RS_NOMEM;
}

enum rs_code rs_error_prefix(struct rs_error *e, const char *fmt, ...)
{
  if (e == NULL) return RS_INTERNAL;
  if (e->code == RS_NOMEM) return RS_NOMEM;
  char text[RS_ERROR_MAX];
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (n < 0) return e->code;
  // The cause matters more than the object's name, so a monstrous name is what gets cut
  cut(text, RS_ERROR_MAX / 4);
  append(text, ": %s", e->text);
  clean(text);
  memcpy(e->text, text, sizeof text);
  return e->code;
}

enum rs_code rs_error_append(struct rs_error *e, const char *fmt, ...)
{
  if (e == NULL) return RS_INTERNAL;
  if (e->code == RS_NOMEM) return RS_NOMEM;
  char more[RS_ERROR_MAX];
  va_list ap;
  va_start(ap, fmt);
  if (vsnprintf(more, sizeof more, fmt, ap) < 0) more[0] = 0;
  va_end(ap);
  append(e->text, "%s", more);
  clean(e->text);
  return e->code;
}

bool rs_error_names(const struct rs_error *e, const char *what, char after)
{
  size_t n = strlen(what);
  return strncmp(e->text, what, n) == 0 && e->text[n] == after;
}

void rs_error_cut(struct rs_error *e, const char *begin, const char *end)
{
  const size_t first = strlen(begin), last = strlen(end);
  if (strncmp(e->text, begin, first) == 0)
    memmove(e->text, e->text + first, strlen(e->text + first) + 1);
  const size_t n = strlen(e->text);
  if (n > last && strcmp(e->text + n - last, end) == 0) e->text[n - last] = 0;
}

char *rs_error_shown_sql(struct rs_error *e)
{
  return strstr(e->text, SQL_MARK);
}

void rs_error_hide_sql(struct rs_error *e)
{
  char *at = rs_error_shown_sql(e);
  if (at != NULL) *at = 0;
}

enum rs_code rs_error_sql(struct rs_error *e, const char *sql)
{
  if (e == NULL) return RS_INTERNAL;
  if (e->code == RS_NOMEM || e->unsent || sql == NULL || rs_error_shown_sql(e) != NULL)
    return e->code;
  char shown[SQL_SHOWN + 1], text[RS_ERROR_MAX];
  (void)snprintf(shown, sizeof shown, "%s", sql);
  bool is_cut = strlen(sql) > SQL_SHOWN;
  if (is_cut) shown[rs_utf8_valid(shown, SQL_SHOWN)] = 0; // no half code point
  rs_redact(shown, sizeof shown); // here, where a secret that was cut is still at the end
  memcpy(text, e->text, sizeof text);
  cut(text, RS_ERROR_MAX - sizeof shown - 32); // a long message never pushes the statement out
  append(text, SQL_MARK "%s%s]", shown, is_cut ? "..." : "");
  clean(text);
  memcpy(e->text, text, sizeof text);
  return e->code;
}
