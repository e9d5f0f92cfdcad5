/*
** Writing JSON answers, and finding where values of a body end (see json.h).
*/
#include "json.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "src/value/text.h"

/* ---- writing --------------------------------------------------------------------------------- */

static void begin(struct rs_buf *b, const char *key)
{
  if (b->n > 0 && strchr("{[:,", b->p[b->n - 1]) == NULL) rs_buf_char(b, ',');
  if (key == NULL) return;
  rs_buf_json_str(b, key, strlen(key));
  rs_buf_char(b, ':');
}

void rs_js_open(struct rs_buf *b, const char *key, char bracket)
{
  begin(b, key);
  rs_buf_char(b, bracket);
}

void rs_js_close(struct rs_buf *b, char bracket)
{
  rs_buf_char(b, bracket);
}

void rs_js_text(struct rs_buf *b, const char *key, const char *text)
{
  begin(b, key);
  if (text == NULL) rs_buf_str(b, "null");
  else rs_buf_json_str(b, text, strlen(text));
}

void rs_js_printf(struct rs_buf *b, const char *key, const char *fmt, ...)
{
  struct rs_buf text;
  va_list ap;
  rs_buf_init(&text, b->max);
  va_start(ap, fmt);
  rs_buf_vprintf(&text, fmt, ap);
  va_end(ap);
  if (text.rc != RS_OK) b->rc = text.rc;
  else rs_js_text(b, key, rs_buf_text(&text));
  rs_buf_free(&text);
}

void rs_js_int(struct rs_buf *b, const char *key, int64_t v)
{
  begin(b, key);
  rs_buf_printf(b, "%lld", (long long)v);
}

void rs_js_bool(struct rs_buf *b, const char *key, bool v)
{
  rs_js_raw(b, key, v ? "true" : "false");
}

void rs_js_raw(struct rs_buf *b, const char *key, const char *json)
{
  begin(b, key);
  rs_buf_str(b, json != NULL ? json : "null");
}

void rs_js_time(int64_t us, char out[40])
{
  size_t n = rs_text_timestamp(us / 1000000, 1, out);
  out[10] = 'T';
  out[n++] = 'Z';
  out[n] = 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

size_t rs_js_blank(const char *p, size_t n, size_t i)
{
  while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r')) i++;
  return i;
}

/* Behind the string that opens at i. UTF-8 is checked for the whole body at once. */
static size_t skip_string(const char *p, size_t n, size_t i)
{
  for (i++; i < n; i++) {
    unsigned char c = (unsigned char)p[i];
    while (c >= 0x20 && c != '"' && c != '\\' && ++i < n) c = (unsigned char)p[i];
    if (i == n) return 0;
    if (c == '"') return i + 1;
    if (c < 0x20) return 0;
    if (c != '\\') continue;
    if (++i >= n) return 0;
    if (p[i] == 'u') {
      for (int k = 0; k < 4; k++) {
        if (++i >= n || strchr("0123456789abcdefABCDEF", p[i]) == NULL || p[i] == 0) return 0;
      }
    } else if (p[i] == 0 || strchr("\"\\/bfnrt", p[i]) == NULL) {
      return 0;
    }
  }
  return 0;
}

static size_t digits(const char *p, size_t n, size_t i)
{
  while (i < n && p[i] >= '0' && p[i] <= '9') i++;
  return i;
}

static size_t skip_number(const char *p, size_t n, size_t i)
{
  if (i < n && p[i] == '-') i++;
  size_t from = i;
  i = digits(p, n, i);
  if (i == from || (p[from] == '0' && i > from + 1)) return 0;
  if (i < n && p[i] == '.') {
    from = ++i;
    i = digits(p, n, i);
    if (i == from) return 0;
  }
  if (i < n && (p[i] == 'e' || p[i] == 'E')) {
    i++;
    if (i < n && (p[i] == '+' || p[i] == '-')) i++;
    from = i;
    i = digits(p, n, i);
    if (i == from) return 0;
  }
  return i;
}

static size_t skip_scalar(const char *p, size_t n, size_t i)
{
  static const char *const words[] = {"true", "false", "null"};
  if (p[i] == '"') return skip_string(p, n, i);
  for (size_t k = 0; k < 3; k++) {
    size_t len = strlen(words[k]);
    if (n - i >= len && memcmp(p + i, words[k], len) == 0) return i + len;
  }
  return skip_number(p, n, i);
}

/* "name" and its colon, up to the value; 0 when there is none. */
static size_t skip_name(const char *p, size_t n, size_t i)
{
  if (i >= n || p[i] != '"') return 0;
  i = skip_string(p, n, i);
  if (i == 0) return 0;
  i = rs_js_blank(p, n, i);
  return i < n && p[i] == ':' ? rs_js_blank(p, n, i + 1) : 0;
}

size_t rs_js_skip(const char *p, size_t n, size_t i, int depth)
{
  enum { MAX = 1024 };
  char open[MAX];
  int level = 0;
  if (depth > MAX) depth = MAX;
  for (;;) {
    // here a value begins
    if (i >= n) return 0;
    bool object = p[i] == '{';
    if (object || p[i] == '[') {
      if (level == depth) return 0;
      open[level++] = p[i];
      i = rs_js_blank(p, n, i + 1);
      if (i < n && p[i] != (object ? '}' : ']')) {
        if (object && (i = skip_name(p, n, i)) == 0) return 0;
        continue;
      }
    } else {
      i = skip_scalar(p, n, i);
      if (i == 0 || level == 0) return i;
      i = rs_js_blank(p, n, i);
    }
    // behind a value, or at the end of an empty array or object
    for (;;) {
      if (i >= n) return 0;
      object = open[level - 1] == '{';
      if (p[i] == ',') {
        i = rs_js_blank(p, n, i + 1);
        if (object && (i = skip_name(p, n, i)) == 0) return 0;
        break;
      }
      if (p[i] != (object ? '}' : ']')) return 0;
      if (--level == 0) return i + 1;
      i = rs_js_blank(p, n, i + 1);
    }
  }
}
