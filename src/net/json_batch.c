/*
** Reading a batch: cells are decoded when asked for, in place, and then remember what they have
** become (see json_rows.h).
*/
#include <float.h>
#include <math.h>
#include <string.h>
#include "../adapter/arrow.h"
#include "../base/mem.h"
#include "json_internal.h"

static enum rs_json_kind kind_of(const struct rs_json_cell *c)
{
  return (enum rs_json_kind)(c->len_kind & ((1u << RS_JSON_KIND_BITS) - 1));
}

static size_t length_of(const struct rs_json_cell *c)
{
  return c->len_kind >> RS_JSON_KIND_BITS;
}

static char *text_of(const struct rs_json_batch *b, const struct rs_json_cell *c)
{
  return kind_of(c) == RS_JSON_ABSENT ? b->text : b->text + (c->at - b->bias);
}

/* NULL for a column that the batch does not have. */
static struct rs_json_cell *cell_at(const struct rs_json_batch *b, size_t row, size_t col)
{
  return row < b->rows && col < b->ncols ? b->cells + row * b->stride + col : NULL;
}

/* Undoes escapes and finds out about typed values. */
static void decode(const struct rs_json_batch *b, struct rs_json_cell *c)
{
  enum rs_json_kind kind = kind_of(c);
  char *p = text_of(b, c);
  size_t n = length_of(c);
  if (kind == RS_JSON_ESCAPED) {
    n = rs_json_unescape(p, n);
    kind = RS_JSON_STRING;
  } else if (kind == RS_JSON_OBJECT) {
    if (!b->typed || !rs_json_typed_text(p, n, &kind, &p, &n)) kind = RS_JSON_NESTED;
  } else {
    return;
  }
  *c = rs_json_cell((size_t)(p - b->text) + b->bias, n, kind);
}

size_t rs_json_batch_columns(const struct rs_json_batch *b, const char *const **names)
{
  if (names != NULL) *names = b->names != NULL ? b->names->v : NULL;
  return b->ncols;
}

size_t rs_json_batch_rows(const struct rs_json_batch *b)
{
  return b->rows;
}

bool rs_json_batch_get(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  out->kind = RS_NULL;
  if (c == NULL) return true;
  decode(b, c);
  return rs_json_text_value(kind_of(c), text_of(b, c), length_of(c), out);
}

bool rs_json_batch_timestamp(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  char text[RS_JSON_TIME_MAX];
  size_t made = 0;
  out->kind = RS_NULL;
  if (c == NULL) return true;
  decode(b, c);
  char *p = text_of(b, c);
  size_t n = length_of(c);
  if (kind_of(c) == RS_JSON_STRING) made = rs_json_timestamp(p, n, text);
  else if (kind_of(c) == RS_JSON_INT) made = rs_json_micros(p, n, text);
  if (made == 0) return rs_json_text_value(kind_of(c), p, n, out);
  if (made <= n) {
    memcpy(p, text, made);
    *c = rs_json_cell(c->at, made, RS_JSON_TIMESTAMP);
  } else if ((p = rs_arena_strndup(&b->extra, text, made)) == NULL) {
    return false;
  }
  return rs_json_text_value(RS_JSON_TIMESTAMP, p, made, out);
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

bool rs_json_batch_decimal(struct rs_json_batch *b, size_t row, size_t col, struct rs_value *out)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  if (c == NULL || kind_of(c) != RS_JSON_NUMBER ||
      significant(text_of(b, c), length_of(c)) <= DBL_DIG)
    return rs_json_batch_get(b, row, col, out);
  return rs_json_text_value(RS_JSON_STRING, text_of(b, c), length_of(c), out);
}

bool rs_json_batch_absent(const struct rs_json_batch *b, size_t row, size_t col)
{
  const struct rs_json_cell *c = cell_at(b, row, col);
  return c == NULL || kind_of(c) == RS_JSON_ABSENT;
}

bool rs_json_batch_type(struct rs_json_batch *b, size_t row, size_t col, enum rs_type *type)
{
  struct rs_json_cell *c = cell_at(b, row, col);
  struct rs_value v;
  if (c == NULL) return false;
  decode(b, c);
  enum rs_json_kind kind = kind_of(c);
  if (kind == RS_JSON_ABSENT || kind == RS_JSON_NULL) return false;
  *type = rs_json_kind_type(kind);
  if (kind == RS_JSON_INT) {
    rs_json_integer(text_of(b, c), length_of(c), &v);
    if (v.kind != RS_INT) *type = RS_T_HUGEINT;
  }
  return true;
}

/* ---- numbers --------------------------------------------------------------------------------- */

void rs_json_integer(const char *p, size_t n, struct rs_value *out)
{
  bool negative = *p == '-';
  uint64_t v = 0;
  // 19 digits never overflow 64 unsigned bits
  if (n - negative <= 19) {
    for (size_t i = negative; i < n; i++) v = v * 10 + (uint64_t)(p[i] - '0');
    if (v <= (uint64_t)INT64_MAX + negative) {
      out->kind = RS_INT;
      out->i = (int64_t)(negative ? 0 - v : v);
      return;
    }
  }
  out->kind = RS_TEXT;
  out->s.p = p;
  out->s.n = n;
}

/* A number whose digits and power of ten are both exact doubles: then one multiplication or
** division rounds it correctly. False: it has to be read the slow way. */
static bool short_double(const char *p, size_t n, double *d)
{
#if FLT_EVAL_METHOD == 0
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
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
  *d = exp < 0 ? (double)m / powers[-exp] : (double)m * powers[exp];
  if (negative) *d = -*d;
  return true;
#else
  (void)p, (void)n, (void)d;
  return false; // this processor rounds twice
#endif
}

/* Returns false when out of memory. */
static bool number(const char *p, size_t n, struct rs_value *out)
{
  out->kind = RS_FLOAT;
  if (short_double(p, n, &out->f)) return true;
  out->f = rs_text_to_double(p, n);
  if (!isfinite(out->f)) out->kind = RS_NULL;
  return !isnan(out->f);
}

/* ---- values ---------------------------------------------------------------------------------- */

bool rs_json_text_value(enum rs_json_kind kind, const char *p, size_t n, struct rs_value *out)
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
    case RS_JSON_NUMBER: return number(p, n, out);
    case RS_JSON_NESTED:
    case RS_JSON_OBJECT: out->kind = RS_JSON; break;
    case RS_JSON_BYTES: out->kind = RS_BYTES; break;
    default: out->kind = RS_TEXT; break;
  }
  out->s.p = p;
  out->s.n = n;
  return true;
}

enum rs_type rs_json_kind_type(enum rs_json_kind kind)
{
  switch (kind) {
    case RS_JSON_TRUE:
    case RS_JSON_FALSE: return RS_T_BOOL;
    case RS_JSON_INT: return RS_T_INT;
    case RS_JSON_NUMBER: return RS_T_FLOAT;
    case RS_JSON_NESTED:
    case RS_JSON_OBJECT: return RS_T_JSON;
    case RS_JSON_DATE: return RS_T_DATE;
    case RS_JSON_TIME: return RS_T_TIME;
    case RS_JSON_DATETIME: return RS_T_TIMESTAMP;
    case RS_JSON_TIMESTAMP: return RS_T_TIMESTAMPTZ;
    case RS_JSON_BYTES: return RS_T_BYTES;
    case RS_JSON_U256: return RS_T_OTHER;
    default: return RS_T_TEXT;
  }
}
