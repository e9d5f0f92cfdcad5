/*
** A growing text buffer with a maximum and a sticky error (see buf.h).
*/
#include "buf.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mem.h"
#include "text.h"

void rs_buf_init(struct rs_buf *b, size_t max)
{
  *b = (struct rs_buf){.max = max};
}

void rs_buf_free(struct rs_buf *b)
{
  rs_free(b->p);
  b->p = NULL;
  b->n = b->cap = 0;
}

void rs_buf_clear(struct rs_buf *b)
{
  b->n = 0;
  b->rc = RS_OK;
  if (b->p != NULL) b->p[0] = 0;
}

/* Of what does not fit as it is. */
static char *grow(struct rs_buf *b, size_t n)
{
  if (b->rc != RS_OK) return NULL;
  if (n > b->max || b->n > b->max - n) {
    b->rc = RS_LIMIT;
    return NULL;
  }
  size_t need = b->n + n + 1; // the NUL is not counted in max
  if (need > b->cap) {
    // doubled, but never beyond what the maximum allows to be used
    size_t cap = b->cap < 32 ? 64 : b->cap <= b->max / 2 ? b->cap * 2 : b->max + 1;
    if (cap < need) cap = need;
    char *p = rs_realloc(b->p, cap);
    if (p == NULL) {
      b->rc = RS_NOMEM;
      return NULL;
    }
    b->p = p;
    b->cap = cap;
  }
  return b->p + b->n;
}

/* Small pieces are what most calls add: the common case is inlined. */
static inline char *reserve(struct rs_buf *b, size_t n)
{
  const bool fits = b->rc == RS_OK && n <= b->max && b->n <= b->max - n && b->n + n < b->cap;
  char *to = fits ? b->p + b->n : grow(b, n);
  if (to == NULL) return NULL;
  to[n] = 0; // where the text will end once the caller has written n bytes
  to[0] = 0;
  return to;
}

char *rs_buf_reserve(struct rs_buf *b, size_t n)
{
  return reserve(b, n);
}

void rs_buf_add(struct rs_buf *b, const char *p, size_t n)
{
  char *to = reserve(b, n);
  if (to == NULL) return;
  if (n > 0) memcpy(to, p, n);
  b->n += n;
}

void rs_buf_str(struct rs_buf *b, const char *s)
{
  rs_buf_add(b, s, strlen(s));
}

void rs_buf_char(struct rs_buf *b, char c)
{
  char *to = reserve(b, 1);
  if (to == NULL) return;
  *to = c;
  b->n++;
}

void rs_buf_int(struct rs_buf *b, int64_t v)
{
  char text[24], *p = text + sizeof text;
  uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
  do *--p = (char)('0' + u % 10);
  while ((u /= 10) > 0);
  if (v < 0) *--p = '-';
  rs_buf_add(b, p, (size_t)(text + sizeof text - p));
}

void rs_buf_vprintf(struct rs_buf *b, const char *fmt, va_list ap)
{
  if (b->rc != RS_OK) return;
  char small[256];
  va_list again;
  va_copy(again, ap);
  int n = vsnprintf(small, sizeof small, fmt, ap);
  if (n < 0) {
    b->rc = RS_INTERNAL;
  } else if ((size_t)n < sizeof small) {
    rs_buf_add(b, small, (size_t)n);
  } else {
    char *to = rs_buf_reserve(b, (size_t)n);
    if (to != NULL) {
      (void)vsnprintf(to, (size_t)n + 1, fmt, again);
      b->n += (size_t)n;
    }
  }
  va_end(again);
}

void rs_buf_printf(struct rs_buf *b, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  rs_buf_vprintf(b, fmt, ap);
  va_end(ap);
}

const char *rs_buf_text(const struct rs_buf *b)
{
  return b->p != NULL ? b->p : "";
}

char *rs_buf_take(struct rs_buf *b)
{
  if (b->rc == RS_OK && b->p == NULL) (void)rs_buf_reserve(b, 0);
  if (b->rc != RS_OK) {
    rs_buf_free(b);
    return NULL;
  }
  char *p = b->p;
  b->p = NULL;
  b->n = b->cap = 0;
  return p;
}

enum rs_code rs_buf_error(const struct rs_buf *b, struct rs_error *e, const char *what)
{
  switch (b->rc) {
    case RS_OK: return RS_OK;
    case RS_NOMEM: return rs_nomem(e);
    case RS_LIMIT: return rs_fail(e, RS_LIMIT, "%s: longer than %zu bytes", what, b->max);
    default: return rs_fail(e, b->rc, "%s: can't format", what);
  }
}

/* Are all of these eight bytes ASCII that JSON takes as it is? Each test sets the high bit of a
** byte for which it holds (or of one above such a byte, which changes nothing here). */
static bool is_plain(const char *p)
{
  const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
  uint64_t w, quote, slash, del;
  memcpy(&w, p, sizeof w);
  quote = w ^ (ones * '"');
  slash = w ^ (ones * '\\');
  del = w ^ (ones * 0x7F);
  return ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones) | (del - ones)) & high) == 0;
}

void rs_buf_json_str(struct rs_buf *b, const char *p, size_t n)
{
  rs_buf_char(b, '"');
  size_t from = 0, at = 0; // from..at needs no escape and is added in one piece
  while (at < n && b->rc == RS_OK) {
    if (n - at >= 8 && is_plain(p + at)) {
      at += 8;
      continue;
    }
    unsigned char c = (unsigned char)p[at];
    size_t len = 1;
    const char *escape = NULL;
    char hex[8];
    if (c == '"') escape = "\\\"";
    else if (c == '\\') escape = "\\\\";
    else if (c == '\n') escape = "\\n";
    else if (c == '\r') escape = "\\r";
    else if (c == '\t') escape = "\\t";
    else if (c == '\b') escape = "\\b";
    else if (c == '\f') escape = "\\f";
    else if (c < 0x20 || c == 0x7F) {
      (void)snprintf(hex, sizeof hex, "\\u%04x", (unsigned)c);
      escape = hex;
    } else if (c >= 0x80) {
      // a real U+FFFD also decodes to 0xFFFD and is replaced by itself
      if (rs_utf8_decode(p + at, n - at, &len) == 0xFFFD) escape = "\xEF\xBF\xBD";
    }
    if (escape != NULL) {
      rs_buf_add(b, p + from, at - from);
      rs_buf_str(b, escape);
      from = at + len;
    }
    at += len;
  }
  if (from < n) rs_buf_add(b, p + from, n - from);
  rs_buf_char(b, '"');
}

void rs_buf_json_double(struct rs_buf *b, double v)
{
  if (!isfinite(v)) {
    rs_buf_str(b, "null");
    return;
  }
  char text[40], out[40];
  for (int digits = 15; digits <= 17; digits++) {
    (void)snprintf(text, sizeof text, "%.*g", digits, v);
    double back = strtod(text, NULL);
    if (memcmp(&back, &v, sizeof v) == 0) break;
  }
  // The host's locale may write another decimal point, even one of several bytes
  size_t n = 0;
  bool is_float = false;
  for (const char *p = text; *p != 0; p++) {
    if (strchr("0123456789+-e", *p) != NULL) {
      if (*p == 'e') is_float = true;
      out[n++] = *p;
    } else if (n > 0 && out[n - 1] != '.') {
      is_float = true;
      out[n++] = '.';
    }
  }
  rs_buf_add(b, out, n);
  if (!is_float) rs_buf_str(b, ".0"); // readers that tell integers from floats see a float
}

void rs_buf_json_comma(struct rs_buf *b)
{
  if (b->n > 0 && strchr("[{:", b->p[b->n - 1]) == NULL) rs_buf_char(b, ',');
}

void rs_buf_json_item(struct rs_buf *b, const char *text)
{
  rs_buf_json_comma(b);
  if (text == NULL) rs_buf_str(b, "null");
  else rs_buf_json_str(b, text, strlen(text));
}

void rs_buf_json_key(struct rs_buf *b, const char *key)
{
  rs_buf_json_item(b, key);
  rs_buf_char(b, ':');
}

void rs_buf_json_member(struct rs_buf *b, const char *key, const char *text)
{
  rs_buf_json_key(b, key);
  rs_buf_json_item(b, text);
}
