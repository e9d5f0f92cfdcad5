/*
** Decoders: one small function for each physical layout, chosen once for a column. The first thing
** each does is the NULL test (GETTER); the hot ones (integers, floats, text) then only load.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "arrow.h"

/* Copies formatted text to the scratch. */
static void set_text(struct rs_scratch *s, const char *p, size_t n, struct rs_value *out)
{
  char *q = rs_scratch_alloc(s, n);
  out->kind = q ? RS_TEXT : RS_NULL;
  if (q) {
    memcpy(q, p, n);
    out->s.p = q;
    out->s.n = n;
  }
}

/* A decoder: what it says of an element that is not NULL. */
#define GETTER(name)                                                                              \
  static inline void name##_value(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s, \
                                  struct rs_value *out);                                          \
  static void name(const struct rs_arrow_view *v, int64_t i, struct rs_scratch *s,                \
                   struct rs_value *out)                                                          \
  {                                                                                               \
    if (rs_arrow_is_null(v, i)) out->kind = RS_NULL;                                              \
    else name##_value(v, i, s, out);                                                              \
  }                                                                                               \
  static inline void name##_value(                                                                \
    const struct rs_arrow_view *v __attribute__((unused)), int64_t i __attribute__((unused)),     \
    struct rs_scratch *s __attribute__((unused)), struct rs_value *out)

/* ---- numbers --------------------------------------------------------------------------------- */

#define INT_GETTER(name, ctype, K)        \
  GETTER(name)                            \
  {                                       \
    out->kind = K;                        \
    out->i = ((const ctype *)v->data)[i]; \
  }

INT_GETTER(get_i8, int8_t, RS_INT)
INT_GETTER(get_u8, uint8_t, RS_INT)
INT_GETTER(get_i16, int16_t, RS_INT)
INT_GETTER(get_u16, uint16_t, RS_INT)
INT_GETTER(get_i32, int32_t, RS_INT)
INT_GETTER(get_u32, uint32_t, RS_INT)
INT_GETTER(get_i64, int64_t, RS_INT)

GETTER(get_bool8)
{
  out->kind = RS_BOOL;
  out->i = ((const int8_t *)v->data)[i] != 0;
}

GETTER(get_bool)
{
  int64_t k = v->offset + i;
  out->kind = RS_BOOL;
  out->i = (((const uint8_t *)v->data)[k >> 3] >> (k & 7)) & 1;
}

GETTER(get_u64)
{
  uint64_t x = ((const uint64_t *)v->data)[i];
  if (x <= INT64_MAX) {
    out->kind = RS_INT;
    out->i = (int64_t)x;
    return;
  }
  char text[40];
  set_text(s, text, rs_text_uint128(x, text), out);
}

GETTER(get_double)
{
  // SQLite has no NaN: it is NULL, as an absent value is
  double d = ((const double *)v->data)[i];
  out->kind = isnan(d) ? RS_NULL : RS_FLOAT;
  out->f = d;
}

GETTER(get_float)
{
  float d = ((const float *)v->data)[i];
  out->kind = isnan(d) ? RS_NULL : RS_FLOAT;
  out->f = (double)d;
}

/* 16-byte integers lie unaligned in some drivers' buffers. */
static rs_int128 load128(const struct rs_arrow_view *v, int64_t i)
{
  rs_int128 x;
  memcpy(&x, (const char *)v->data + i * 16, 16);
  return x;
}

GETTER(get_decimal)
{
  rs_int128 x = v->type->width == 16  ? load128(v, i)
                : v->type->width == 8 ? ((const int64_t *)v->data)[i]
                                      : ((const int32_t *)v->data)[i];
  rs_value_decimal(x, v->type->scale, s, out);
}

GETTER(get_uhugeint)
{
  rs_uint128 x = (rs_uint128)load128(v, i);
  if (x <= INT64_MAX) {
    out->kind = RS_INT;
    out->i = (int64_t)x;
    return;
  }
  char text[40];
  set_text(s, text, rs_text_uint128(x, text), out);
}

/* ---- text and bytes -------------------------------------------------------------------------- */

#define TEXT_GETTER(name, offset_type, K)                    \
  GETTER(name)                                               \
  {                                                          \
    const offset_type *o = (const offset_type *)v->data + i; \
    out->kind = K;                                           \
    out->s.p = v->heap + o[0];                               \
    out->s.n = (size_t)(o[1] - o[0]);                        \
  }

TEXT_GETTER(get_utf8, int32_t, RS_TEXT)
TEXT_GETTER(get_large_utf8, int64_t, RS_TEXT)
TEXT_GETTER(get_binary, int32_t, RS_BYTES)
TEXT_GETTER(get_large_binary, int64_t, RS_BYTES)

/* A view: length, then 12 bytes inline, or 4 bytes of prefix, the buffer's number and the
** offset. */
GETTER(get_view)
{
  const char *p = (const char *)v->data + i * 16;
  int32_t part[4];
  memcpy(part, p, 16);
  out->kind = v->type->type == RS_T_BYTES ? RS_BYTES : RS_TEXT;
  out->s.n = (size_t)part[0];
  out->s.p = part[0] <= 12 ? p + 4 : (const char *)v->array->buffers[2 + part[2]] + part[3];
}

GETTER(get_json)
{
  if (v->type->width == 16) get_view_value(v, i, s, out);
  else if (v->type->width == 8) get_large_utf8_value(v, i, s, out);
  else get_utf8_value(v, i, s, out);
  rs_value_json(out->s.p, out->s.n, s, out);
}

/* A decimal of any number of digits, as text. */
GETTER(get_numeric)
{
  get_utf8_value(v, i, s, out);
  rs_int128 x = 0;
  int32_t scale = 0;
  size_t k = 0, digits = 0;
  bool negative = out->s.n > 0 && out->s.p[0] == '-', point = false;
  for (k = negative; k < out->s.n && digits <= 38; k++) {
    char c = out->s.p[k];
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9') return; // NaN, Infinity
    x = x * 10 + (c - '0');
    digits += x != 0;
    scale += point;
  }
  if (k == out->s.n && scale <= 38) rs_value_decimal(negative ? -x : x, scale, s, out);
}

GETTER(get_fixed)
{
  out->kind = RS_BYTES;
  out->s.p = (const char *)v->data + i * v->type->width;
  out->s.n = (size_t)v->type->width;
}

GETTER(get_uuid)
{
  char text[36];
  uint8_t raw[16];
  memcpy(raw, (const char *)v->data + i * 16, 16);
  set_text(s, text, rs_text_uuid(raw, text), out);
}

/* DuckDB's BIT: the number of padding bits, then the bits, first one highest. */
GETTER(get_bit)
{
  get_binary_value(v, i, s, out);
  const uint8_t *b = (const uint8_t *)out->s.p;
  size_t n = out->s.n, pad = n ? b[0] : 0;
  size_t bits = n > 1 && (n - 1) * 8 >= pad ? (n - 1) * 8 - pad : 0;
  char *p = rs_scratch_alloc(s, bits ? bits : 1);
  if (!p) {
    out->kind = RS_NULL;
    return;
  }
  for (size_t k = 0; k < bits; k++)
    p[k] = (b[1 + (k + pad) / 8] >> (7 - (k + pad) % 8)) & 1 ? '1' : '0';
  out->kind = RS_TEXT;
  out->s.p = p;
  out->s.n = bits;
}

/* DuckDB's BIGNUM: three bytes of header (highest bit: positive), then the number; all bytes are
** complemented when it is negative. */
GETTER(get_bignum)
{
  get_binary_value(v, i, s, out);
  if (out->s.n < 3) return;
  const uint8_t *b = (const uint8_t *)out->s.p;
  bool negative = !(b[0] & 0x80);
  size_t n = out->s.n - 3;
  if (n <= 7) {
    int64_t x = 0;
    for (size_t k = 0; k < n; k++) x = x << 8 | (uint8_t)(negative ? ~b[3 + k] : b[3 + k]);
    out->kind = RS_INT;
    out->i = negative ? -x : x;
    return;
  }
  rs_value_bignum(b + 3, n, negative, s, out);
  // Eight bytes may or may not fit 64 bits
  if (out->kind == RS_TEXT && out->s.n <= 20) {
    struct rs_value probe = {0};
    rs_value_json(out->s.p, out->s.n, s, &probe);
    if (probe.kind == RS_INT) *out = probe;
  }
}

/* ---- dates and times ------------------------------------------------------------------------- */

GETTER(get_date32)
{
  char text[RS_VALUE_TEXT_MAX];
  set_text(s, text, rs_text_date(((const int32_t *)v->data)[i], text), out);
}

GETTER(get_date64)
{
  char text[RS_VALUE_TEXT_MAX];
  int64_t ms = ((const int64_t *)v->data)[i];
  set_text(s, text, rs_text_date(ms / 86400000 - (ms % 86400000 < 0), text), out);
}

GETTER(get_time)
{
  char text[RS_VALUE_TEXT_MAX];
  int64_t t = v->type->width == 4 ? ((const int32_t *)v->data)[i] : ((const int64_t *)v->data)[i];
  set_text(s, text, rs_text_time(t, v->type->per_second, text), out);
}

GETTER(get_timetz)
{
  char text[RS_VALUE_TEXT_MAX];
  uint64_t bits;
  memcpy(&bits, (const char *)v->data + i * 8, 8);
  set_text(s, text, rs_text_timetz(bits, text), out);
}

GETTER(get_timestamp)
{
  char text[RS_VALUE_TEXT_MAX];
  int64_t t = ((const int64_t *)v->data)[i];
  set_text(s, text, rs_text_timestamp(t, v->type->per_second, text), out);
}

GETTER(get_interval)
{
  char text[RS_VALUE_TEXT_MAX];
  int32_t months = 0, days = 0;
  int64_t micros = 0;
  const char *p = (const char *)v->data + i * v->type->width;
  if (v->type->width == 4) { // months
    memcpy(&months, p, 4);
  } else if (v->type->scale) { // days, milliseconds
    int32_t ms;
    memcpy(&days, p, 4);
    memcpy(&ms, p + 4, 4);
    micros = (int64_t)ms * 1000;
  } else if (v->type->width == 16) { // months, days, nanoseconds
    int64_t ns;
    memcpy(&months, p, 4);
    memcpy(&days, p + 4, 4);
    memcpy(&ns, p + 8, 8);
    micros = ns / 1000;
  } else { // a duration
    int64_t t, unit = v->type->per_second;
    memcpy(&t, p, 8);
    micros = unit > 1000000 ? t / (unit / 1000000) : t * (1000000 / unit);
  }
  set_text(s, text, rs_text_interval(months, days, micros, text), out);
}

/* ---- nested ---------------------------------------------------------------------------------- */

GETTER(get_none)
{
  out->kind = RS_NULL;
}

GETTER(get_nested)
{
  struct rs_buf *b = &s->json;
  rs_buf_clear(b);
  rs_arrow_json(v, i, s, b);
  if (b->rc) {
    s->nomem = true;
    out->kind = RS_NULL;
    return;
  }
  set_text(s, b->p, b->n, out);
  if (out->kind == RS_TEXT) out->kind = RS_JSON;
}

GETTER(get_dictionary)
{
  int64_t k; // an index is never negative: signed ones read as unsigned
  switch (v->type->width) {
    case 1: k = ((const uint8_t *)v->data)[i]; break;
    case 2: k = ((const uint16_t *)v->data)[i]; break;
    case 4: k = ((const uint32_t *)v->data)[i]; break;
    default: k = ((const int64_t *)v->data)[i];
  }
  struct rs_arrow_view d;
  rs_arrow_view_init(&d, v->type->dictionary, v->array->dictionary, 0);
  rs_arrow_get(&d, k, s, out);
}

/* Both layouts of a union: the value of the member that the row's type id names. */
bool rs_arrow_union_member(const struct rs_arrow_view *v, int64_t i, struct rs_arrow_view *member,
                           int64_t *k)
{
  int8_t id = ((const int8_t *)v->data)[i];
  int child = id >= 0 ? v->type->ids[id] : -1;
  if (child < 0) return false;
  bool dense = v->array->n_buffers == 2;
  *k = dense ? ((const int32_t *)v->array->buffers[1])[v->offset + i] : i;
  rs_arrow_view_init(member, &v->type->children[child], v->array->children[child],
                     dense ? 0 : v->offset);
  return true;
}

GETTER(get_union)
{
  struct rs_arrow_view member;
  int64_t k;
  if (!rs_arrow_union_member(v, i, &member, &k)) {
    out->kind = RS_NULL;
    out->of = 0;
    return;
  }
  rs_arrow_get(&member, k, s, out);
  out->of = (uint8_t)member.type->type;
}

/* ---- choosing -------------------------------------------------------------------------------- */

#define SET(T, W, F) \
  do {               \
    t->type = (T);   \
    t->width = (W);  \
    return (F);      \
  } while (0)

static int64_t unit_of(char c)
{
  return c == 's' ? 1 : c == 'm' ? 1000 : c == 'u' ? 1000000 : c == 'n' ? 1000000000 : 0;
}

static rs_arrow_get_fn time_decoder(const char *f, struct rs_arrow_type *t)
{
  switch (f[1]) {
    case 'd':
      if (f[2] == 'D') SET(RS_T_DATE, 4, get_date32);
      SET(RS_T_DATE, 8, get_date64);
    case 't':
      t->per_second = unit_of(f[2]);
      SET(RS_T_TIME, t->per_second <= 1000 ? 4 : 8, t->per_second ? get_time : NULL);
    case 's':
      t->per_second = unit_of(f[2]);
      SET(f[3] == ':' && f[4] ? RS_T_TIMESTAMPTZ : RS_T_TIMESTAMP, 8,
          t->per_second ? get_timestamp : NULL);
    case 'D':
      t->per_second = unit_of(f[2]);
      SET(RS_T_OTHER, 8, t->per_second ? get_interval : NULL);
    case 'i':
      if (f[2] == 'M') SET(RS_T_OTHER, 4, get_interval);
      t->scale = f[2] == 'D';
      SET(RS_T_OTHER, t->scale ? 8 : 16, get_interval);
    default: return NULL;
  }
}

static rs_arrow_get_fn nested_decoder(const char *f, struct rs_arrow_type *t)
{
  t->type = RS_T_JSON;
  switch (f[1]) {
    case 's':
      t->nest = RS_NEST_STRUCT;
      t->data_buffer = -1;
      return get_nested;
    case 'm':
    case 'l':
    case 'L':
      t->nest = f[1] == 'm' ? RS_NEST_MAP : RS_NEST_LIST;
      t->width = f[1] == 'L' ? 8 : 4;
      return get_nested;
    case 'w':
      t->nest = RS_NEST_FIXED;
      t->data_buffer = -1;
      t->scale = (int32_t)strtol(f + 3, NULL, 10);
      return get_nested;
    case 'v': // list view: offsets, then sizes
      t->nest = RS_NEST_LIST_VIEW;
      t->width = f[2] == 'L' ? 8 : 4;
      return get_nested;
    case 'u':
      t->nest = RS_NEST_UNION;
      t->has_validity = false;
      t->data_buffer = 0;
      t->width = 1;
      return get_union;
    default: return NULL;
  }
}

/* d:width,scale[,bits] */
static rs_arrow_get_fn decimal_decoder(const char *f, struct rs_arrow_type *t)
{
  char *end;
  long bits = 128;
  (void)strtol(f + 2, &end, 10);
  long scale = *end == ',' ? strtol(end + 1, &end, 10) : 0;
  if (*end == ',') bits = strtol(end + 1, &end, 10);
  if ((bits != 32 && bits != 64 && bits != 128) || scale < 0 || scale > 38) return NULL;
  t->scale = (int32_t)scale;
  t->ext = RS_EXT_NUMBER;
  SET(rs_eq(f, "d:38,0") ? RS_T_HUGEINT : RS_T_DECIMAL, (int32_t)(bits / 8), get_decimal);
}

static rs_arrow_get_fn extension_decoder(const char *f, const char *ext, struct rs_arrow_type *t)
{
  if (rs_eq(ext, "json") && strchr("uUv", f[0])) {
    t->ext = RS_EXT_JSON;
    SET(RS_T_JSON, f[0] == 'u' ? 4 : f[0] == 'U' ? 8 : 16, get_json);
  }
  if (rs_eq(ext, "bool8") && rs_eq(f, "c")) SET(RS_T_BOOL, 1, get_bool8);
  if (rs_eq(ext, "uuid") && rs_eq(f, "w:16")) SET(RS_T_UUID, 16, get_uuid);
  if (rs_eq(f, "w:16") && (rs_eq(ext, "hugeint") || rs_eq(ext, "uhugeint"))) {
    t->ext = RS_EXT_NUMBER;
    SET(RS_T_HUGEINT, 16, ext[0] == 'h' ? get_decimal : get_uhugeint);
  }
  if (rs_eq(ext, "numeric") && rs_eq(f, "u")) {
    t->ext = RS_EXT_NUMBER;
    SET(RS_T_DECIMAL, 4, get_numeric);
  }
  if (rs_eq(ext, "time_tz") && rs_eq(f, "w:8")) SET(RS_T_OTHER, 8, get_timetz);
  if (rs_eq(ext, "bit") && rs_eq(f, "z")) SET(RS_T_OTHER, 4, get_bit);
  if (rs_eq(ext, "bignum") && rs_eq(f, "z")) {
    t->ext = RS_EXT_NUMBER;
    SET(RS_T_HUGEINT, 4, get_bignum);
  }
  return NULL;
}

static rs_arrow_get_fn plain_decoder(const char *f, struct rs_arrow_type *t)
{
  switch (f[0]) {
    case 'n':
      t->has_validity = false;
      t->data_buffer = -1;
      SET(RS_T_OTHER, 0, get_none);
    case 'b': t->bits = true; SET(RS_T_BOOL, 0, get_bool);
    case 'c': SET(RS_T_INT, 1, get_i8);
    case 'C': SET(RS_T_INT, 1, get_u8);
    case 's': SET(RS_T_INT, 2, get_i16);
    case 'S': SET(RS_T_INT, 2, get_u16);
    case 'i': SET(RS_T_INT, 4, get_i32);
    case 'I': SET(RS_T_INT, 4, get_u32);
    case 'l': SET(RS_T_INT, 8, get_i64);
    case 'L': t->ext = RS_EXT_NUMBER; SET(RS_T_HUGEINT, 8, get_u64);
    case 'f': SET(RS_T_FLOAT, 4, get_float);
    case 'g': SET(RS_T_FLOAT, 8, get_double);
    case 'u': SET(RS_T_TEXT, 4, get_utf8);
    case 'U': SET(RS_T_TEXT, 8, get_large_utf8);
    case 'z': SET(RS_T_BYTES, 4, get_binary);
    case 'Z': SET(RS_T_BYTES, 8, get_large_binary);
    default: return NULL;
  }
}

rs_arrow_get_fn rs_arrow_decoder(const char *f, const char *ext, struct rs_arrow_type *t)
{
  if (rs_eq(f, "dictionary")) {
    // The index's own width was resolved before
    return t->dictionary->nest == RS_NEST_NONE ? get_dictionary : NULL;
  }
  rs_arrow_get_fn get = *ext ? extension_decoder(f, ext, t) : NULL;
  if (get) return get;
  if (f[0] == '+') return nested_decoder(f, t);
  if (f[0] == 't') return time_decoder(f, t);
  if (f[0] == 'd') return decimal_decoder(f, t);
  if (f[0] == 'v') SET(f[1] == 'z' ? RS_T_BYTES : RS_T_TEXT, 16, get_view);
  if (f[0] == 'w') SET(RS_T_BYTES, (int32_t)strtol(f + 2, NULL, 10), get_fixed);
  return f[1] ? NULL : plain_decoder(f, t);
}
