/*
** Reading a batch: cells are decoded when asked for, in place, and then remember what they have
** become (see rows.h).
*/
#include <float.h>
#include <math.h>
#include <string.h>
#include "src/base/text.h"
#include "src/value/text.h"
#include "src/base/mem.h"
#include "internal.h"

#define DIGITS_15 INT64_C(1000000000000000) /* the least integer of more than 15 digits */

/* Only of cells that have a text. */
static char *text_of(const struct rs_json_batch *b, const struct rs_json_cell *c)
{
  return b->text + (rs_json_cell_at(*c) - b->bias);
}

/* NULL for a column that the batch does not have. */
static struct rs_json_cell *cell_at(const struct rs_json_batch *b, size_t row, size_t col)
{
  return row < b->rows && col < b->ncols ? b->cells + row * b->stride + col : NULL;
}

/* Undoes escapes and finds out about typed values. */
static void decode_cell(const struct rs_json_batch *b, struct rs_json_cell *c)
{
  enum rs_json_token kind = rs_json_cell_kind(*c);
  if (kind != RS_JSON_ESCAPED && kind != RS_JSON_OBJECT) return;
  char *p = text_of(b, c);
  size_t n = rs_json_cell_n(*c);
  if (kind == RS_JSON_ESCAPED) {
    n = rs_json_unescape(p, n, p);
    p[n] = 0; // as behind a string that had none: rs_json_batch_quick takes it for one
    kind = memchr(p, 0, n) != NULL ? RS_JSON_NULS : RS_JSON_STRING;
  } else if (!b->typed || !rs_json_typed_text(p, n, &kind, &p, &n)) {
    kind = RS_JSON_NESTED;
  }
  *c = rs_json_cell((size_t)(p - b->text) + b->bias, n, kind);
}

size_t rs_json_batch_columns(const struct rs_json_batch *b, const char *const **names)
{
  if (names != NULL) *names = b->names != NULL ? b->names->v : NULL;
  return b->ncols;
}

/* The value of any cell. A text gets its NUL: what it overwrites is the quote, comma or bracket
** behind it, which nobody reads any more. */
static bool value_of(const struct rs_json_batch *b, struct rs_json_cell *c, struct rs_value *out)
{
  decode_cell(b, c);
  out->whole = false;
  enum rs_json_token kind = rs_json_cell_kind(*c);
  if (kind == RS_JSON_ABSENT) return out->kind = RS_NULL, true;
  if (kind == RS_JSON_DOUBLE) {
    out->kind = RS_FLOAT;
    memcpy(&out->f, text_of(b, c), sizeof out->f);
    return true;
  }
  bool ok = rs_json_text_value(kind, text_of(b, c), rs_json_cell_n(*c), out);
  if (out->kind == RS_TEXT || out->kind == RS_JSON) {
    text_of(b, c)[out->s.n] = 0;
    out->whole = memchr(out->s.p, 0, out->s.n) == NULL;
  }
  return ok;
}

bool rs_json_batch_get(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  out->kind = RS_NULL;
  if (c == NULL) return true;
  return rs_json_batch_quick(b, row, col, out) || value_of(b, c, out);
}

bool rs_json_batch_timestamp(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  char text[RS_JSON_TIME_MAX];
  size_t made = 0;
  bool ok = rs_json_batch_get(b, row, col, out);
  if (c == NULL || !ok) return ok;
  bool string = rs_json_cell_kind(*c) == RS_JSON_STRING;
  if (string) made = rs_json_timestamp(out->s.p, out->s.n, text);
  else if (out->kind == RS_INT) made = rs_json_micros(out, text);
  if (made == 0) return true;
  char *p;
  if (string && made <= out->s.n) {
    p = text_of(b, c);
    memcpy(p, text, made);
    p[made] = 0;
    *c = rs_json_cell(rs_json_cell_at(*c), made, RS_JSON_TIMESTAMP);
  } else if ((p = rs_arena_strndup(&b->extra, text, made)) == NULL) {
    out->kind = RS_NULL;
    return false;
  }
  out->whole = true;
  out->kind = RS_TEXT;
  out->s.p = p;
  out->s.n = made;
  return true;
}

/* Significant digits: zeros in front of the first other digit and at the end of a fraction are
** none. -1: it has an exponent. */
static int significant(const char *p, size_t n)
{
  int digits = 0, zeros = 0;
  bool point = false;
  for (size_t i = 0; i < n; i++) {
    if (p[i] == 'e' || p[i] == 'E') return -1;
    if (p[i] == '.') point = true;
    if (!rs_json_digit(p[i]) || (digits == 0 && p[i] == '0')) continue;
    digits++;
    zeros = point && p[i] == '0' ? zeros + 1 : 0;
  }
  return digits - zeros;
}

/* A number that was read with its row, as the text that it came from. False: out of memory. */
static bool decimal_text(struct rs_json_batch *b, const struct rs_json_cell *c,
                         struct rs_value *out)
{
  int64_t digits = (int64_t)c->v >> 10;
  int fraction = (int)(c->v >> 5 & 31);
  uint64_t m = (uint64_t)(digits < 0 ? -digits : digits), unit = 1;
  for (int i = 0; i < fraction; i++) unit *= 10;
  out->s.p = rs_arena_printf(&b->extra, "%s%llu.%0*llu", digits < 0 ? "-" : "",
                             (unsigned long long)(m / unit), fraction,
                             (unsigned long long)(m % unit));
  out->kind = out->s.p != NULL ? RS_TEXT : RS_NULL;
  out->s.n = out->s.p != NULL ? strlen(out->s.p) : 0;
  out->whole = true;
  return out->s.p != NULL;
}

bool rs_json_batch_decimal(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  enum rs_json_token kind = c != NULL ? rs_json_cell_kind(*c) : RS_JSON_ABSENT;
  if (kind == RS_JSON_DECIMAL) {
    int64_t digits = (int64_t)c->v >> 10;
    for (size_t i = c->v >> 5 & 31; i > 0 && digits % 10 == 0; i--) digits /= 10;
    if (digits >= DIGITS_15 || digits <= -DIGITS_15) return decimal_text(b, c, out);
  }
  if (kind != RS_JSON_NUMBER || significant(text_of(b, c), rs_json_cell_n(*c)) <= DBL_DIG)
    return rs_json_batch_get(b, row, col, out);
  bool ok = rs_json_text_value(RS_JSON_STRING, text_of(b, c), rs_json_cell_n(*c), out);
  text_of(b, c)[out->s.n] = 0; // as value_of does
  return ok;
}

/* ---- numbers --------------------------------------------------------------------------------- */

void rs_json_integer(const char *p, size_t n, struct rs_value *out)
{
  out->kind = RS_INT;
  if (rs_text_to_int(p, n, &out->i)) return;
  out->kind = RS_TEXT;
  out->s.p = p;
  out->s.n = n;
}

/* A number whose digits and power of ten are both exact doubles: then one multiplication or
** division rounds it correctly. False: it has to be read the slow way. */
static bool short_double(const char *p, size_t n, double *d)
{
#if FLT_EVAL_METHOD == 0
  const char *end = p + n;
  bool negative = *p == '-', negative_exp = false;
  uint64_t m = 0;
  int exp = 0, given = 0;
  p += negative;
  for (; p < end && rs_json_digit(*p); p++) {
    if (m >= UINT64_C(1) << 53) return false;
    m = m * 10 + (uint64_t)(*p - '0');
  }
  if (p < end && *p == '.') {
    for (p++; p < end && rs_json_digit(*p); p++, exp--) {
      if (m >= UINT64_C(1) << 53) return false;
      m = m * 10 + (uint64_t)(*p - '0');
    }
  }
  if (p < end) { // an exponent
    p++;
    negative_exp = *p == '-';
    if (*p == '-' || *p == '+') p++;
    for (; p < end && given < 10000; p++) given = given * 10 + (*p - '0');
    exp += negative_exp ? -given : given;
  }
  if (m > UINT64_C(1) << 53 || exp < -22 || exp > 22) return false;
  *d = exp < 0 ? (double)m / rs_pow10[-exp] : (double)m * rs_pow10[exp];
  if (negative) *d = -*d;
  return true;
#else
  (void)p, (void)n, (void)d;
  return false; // this processor rounds twice
#endif
}

bool rs_json_number_value(const char *p, size_t n, struct rs_value *out)
{
  out->kind = RS_FLOAT;
  if (short_double(p, n, &out->f)) return true;
  out->f = rs_text_to_double(p, n);
  if (!isfinite(out->f)) out->kind = RS_NULL;
  return !isnan(out->f);
}

/* ---- values ---------------------------------------------------------------------------------- */

bool rs_json_text_value(enum rs_json_token kind, const char *p, size_t n, struct rs_value *out)
{
  switch (kind) {
    case RS_JSON_ABSENT:
    case RS_JSON_NULL: out->kind = RS_NULL; return true;
    case RS_JSON_TRUE:
    case RS_JSON_FALSE:
      out->kind = RS_BOOL;
      out->i = kind == RS_JSON_TRUE;
      return true;
    case RS_JSON_INT: rs_json_integer(p, n, out); return true;
    case RS_JSON_NUMBER: return rs_json_number_value(p, n, out);
    case RS_JSON_NESTED:
    case RS_JSON_OBJECT: out->kind = RS_JSON; break;
    case RS_JSON_BYTES: out->kind = RS_BYTES; break;
    default: out->kind = RS_TEXT; break;
  }
  out->s.p = p;
  out->s.n = n;
  return true;
}
