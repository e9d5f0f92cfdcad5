/*
** Tagged texts of fields of several types (boxed.h).
*/
#include "boxed.h"
#include <math.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "text.h"

/* The kinds by number. */
static const struct kind {
  enum rs_boxed_tag tag;
  enum rs_type type;
  const char *name;
  const char *wrapper; /* of its JSON form; NULL: none */
} kinds[] = {
  {RS_BOXED_NULL, RS_T_JSON, "null", NULL},
  {RS_BOXED_BOOL, RS_T_BOOL, "bool", NULL},
  {RS_BOXED_INT, RS_T_INT, "int", NULL},
  {RS_BOXED_FLOAT, RS_T_FLOAT, "float", NULL},
  {RS_BOXED_STRING, RS_T_TEXT, "string", NULL},
  {RS_BOXED_DATE, RS_T_DATE, "date", "DATE"},
  {RS_BOXED_DATETIME, RS_T_TIMESTAMP, "datetime", "DATETIME"},
  {RS_BOXED_TIME, RS_T_TIME, "time", "TIME"},
  {RS_BOXED_TIMESTAMP, RS_T_TIMESTAMPTZ, "timestamp", "TIMESTAMP"},
  {RS_BOXED_MONTHS, RS_T_OTHER, "month_interval", "MONTH_INTERVAL"},
  {RS_BOXED_MICROS, RS_T_OTHER, "microsecond_interval", "MICROSECOND_INTERVAL"},
  {RS_BOXED_BYTES, RS_T_BYTES, "bytes", "BYTES"},
  {RS_BOXED_GEOGRAPHY, RS_T_JSON, "geography", "GEOGRAPHY"},
  {RS_BOXED_U256, RS_T_HUGEINT, "u256", "U256"},
  {RS_BOXED_ARRAY, RS_T_JSON, "array", NULL},
  {RS_BOXED_OBJECT, RS_T_JSON, "object", NULL},
  {RS_BOXED_EXACT, RS_T_JSON, "exact", NULL},
};
#define NKINDS (sizeof kinds / sizeof kinds[0])
_Static_assert(NKINDS == RS_BOXED_KINDS, "each has a number");

static const struct kind *find_kind(unsigned tag)
{
  for (size_t i = 0; i < NKINDS; i++) {
    if (kinds[i].tag == tag) return &kinds[i];
  }
  return NULL;
}

/* ---- columns --------------------------------------------------------------------------------- */

size_t rs_boxed_side_of(const char *name)
{
  const size_t n = strlen(name), less = sizeof RS_BOXED_SIDE - 1;
  return n > less && rs_eq(name + n - less, RS_BOXED_SIDE) ? n - less : 0;
}

void rs_boxed_fold(struct rs_columns *c, bool texts)
{
  size_t kept = 0;
  for (size_t i = 0; i < c->n; i++) {
    const struct rs_column x = c->v[i];
    const size_t n = x.type == RS_T_TEXT ? rs_boxed_side_of(x.name) : 0;
    size_t k = 0;
    while (n > 0 && k < kept && !rs_eqn(c->v[k].name, x.name, n)) k++;
    if (n > 0 && k < kept) {
      c->v[k].side = texts && c->v[k].type == RS_T_TEXT ? RS_SIDE_TYPES : RS_SIDE_ODD;
      rs_free(x.name);
      rs_free(x.native);
    } else {
      c->v[kept++] = x;
    }
  }
  c->n = kept;
}

bool rs_boxed_has(const struct rs_columns *c, const char *name)
{
  const size_t n = rs_boxed_side_of(name);
  if (rs_columns_find(c, name) >= 0) return true;
  for (size_t i = 0; n > 0 && i < c->n; i++) {
    if (c->v[i].side != RS_SIDE_NONE && rs_eqn(c->v[i].name, name, n)) return true;
  }
  return false;
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_bracketed(const struct rs_value *v, const char *brackets)
{
  return v->s.n >= 2 && v->s.p[0] == brackets[0] && v->s.p[v->s.n - 1] == brackets[1];
}

static bool read_int(const struct rs_value *main, struct rs_value *v)
{
  struct rs_value out = {.kind = RS_INT};
  if (v->s.n > 0) {
    if (!rs_text_to_int(v->s.p, v->s.n, &out.i)) return false;
  } else if (main->kind == RS_INT) {
    out.i = main->i;
  } else {
    if (main->kind != RS_FLOAT || !(fabs(main->f) < 0x1p63) || main->f != floor(main->f)) {
      return false;
    }
    out.i = (int64_t)main->f;
  }
  *v = out;
  return true;
}

static bool read_float(struct rs_value *v)
{
  char text[40], *end;
  const size_t n = v->s.n;
  if (n == 0 || n >= sizeof text) return false;
  memcpy(text, v->s.p, n);
  text[n] = 0;
  *v = (struct rs_value){.kind = RS_FLOAT, .f = rs_text_strtod(text, &end)};
  return strspn(text, "0123456789+-.e") == n && end == text + n && isfinite(v->f);
}

static bool read_bool(struct rs_value *v)
{
  if (v->s.n != 1 || (v->s.p[0] != '0' && v->s.p[0] != '1')) return false;
  *v = (struct rs_value){.kind = RS_BOOL, .i = v->s.p[0] == '1'};
  return true;
}

/* An interval's count; of months 32 bits. */
static bool read_count(bool months, struct rs_value *v)
{
  struct rs_value out = {.kind = RS_INT};
  if (!rs_text_to_int(v->s.p, v->s.n, &out.i) || (months && out.i != (int32_t)out.i)) return false;
  *v = out;
  return true;
}

static bool is_digits(const struct rs_value *v)
{
  for (size_t i = 0; i < v->s.n; i++) {
    if (v->s.p[i] < '0' || v->s.p[i] > '9') return false;
  }
  return v->s.n > 0;
}

/* JSON in brackets: behind the tag, or the main column's text. */
static bool read_nested(const struct rs_value *main, const char *brackets, struct rs_value *v)
{
  if (v->s.n == 0 && main->kind == RS_TEXT) v->s = main->s;
  return is_bracketed(v, brackets);
}

bool rs_boxed_read(const struct rs_value *main, const struct rs_value *side, struct rs_boxed *out)
{
  struct rs_value *v = &out->v;
  if (side->kind == RS_NULL) {
    out->tag = main->kind == RS_NULL ? RS_BOXED_UNDEFINED : RS_BOXED_MAIN;
    *v = *main;
    return true;
  }
  const struct kind *k = side->kind == RS_TEXT && side->s.n > 0
                           ? find_kind((unsigned char)side->s.p[0])
                           : NULL;
  if (k == NULL) return false;
  out->tag = k->tag;
  *v = *side;
  v->s.p++;
  v->s.n--;
  if (k->type == RS_T_JSON) v->kind = RS_JSON;
  switch (k->tag) {
    case RS_BOXED_NULL: return v->s.n == 0;
    case RS_BOXED_INT: return read_int(main, v);
    case RS_BOXED_FLOAT: return read_float(v);
    case RS_BOXED_BOOL: return read_bool(v);
    case RS_BOXED_MONTHS: return read_count(true, v);
    case RS_BOXED_MICROS: return read_count(false, v);
    case RS_BOXED_U256: return is_digits(v);
    case RS_BOXED_ARRAY: return read_nested(main, "[]", v);
    case RS_BOXED_OBJECT: return read_nested(main, "{}", v);
    case RS_BOXED_GEOGRAPHY: return is_bracketed(v, "{}");
    case RS_BOXED_EXACT: return is_bracketed(v, "[]") || is_bracketed(v, "{}");
    default: return true; // any text
  }
}

/* ---- as a column's value --------------------------------------------------------------------- */

/* A copy in the scratch, with a NUL behind it; NULL when out of memory. */
static char *copy_text(struct rs_scratch *s, const char *p, size_t n)
{
  char *copy = rs_scratch_alloc(s, n + 1);
  if (copy == NULL) return NULL;
  if (n > 0) memcpy(copy, p, n);
  copy[n] = 0;
  return copy;
}

static bool interval_value(enum rs_boxed_tag tag, struct rs_scratch *s, struct rs_value *v)
{
  char text[RS_VALUE_TEXT_MAX];
  size_t n = tag == RS_BOXED_MONTHS ? rs_text_interval((int32_t)v->i, 0, 0, text)
                                    : rs_text_interval(0, 0, v->i, text);
  *v = (struct rs_value){.kind = RS_TEXT, .s = {copy_text(s, text, n), n}};
  return v->s.p != NULL;
}

static bool bytes_value(struct rs_scratch *s, struct rs_value *v)
{
  size_t n;
  char *bytes = copy_text(s, v->s.p, v->s.n);
  if (bytes == NULL) return false;
  if (!rs_base64_decode(bytes, v->s.n, &n)) return true; // the text, then
  *v = (struct rs_value){.kind = RS_BYTES, .s = {bytes, n}};
  return true;
}

/* A geography's JSON is its typed value. */
static bool geography_value(const struct rs_boxed *x, struct rs_scratch *s, struct rs_value *v)
{
  rs_buf_clear(&s->json);
  rs_boxed_json(&s->json, x);
  const char *copy = s->json.rc == RS_OK ? copy_text(s, s->json.p, s->json.n) : NULL;
  *v = (struct rs_value){.kind = RS_JSON, .s = {copy, s->json.n}};
  return copy != NULL;
}

bool rs_boxed_value(const struct rs_boxed *x, struct rs_scratch *s, enum rs_type *type,
                    struct rs_value *v)
{
  int64_t i;
  *v = x->v;
  if (x->tag == RS_BOXED_MAIN) return true;
  const struct kind *k = find_kind(x->tag);
  *type = k != NULL ? k->type : RS_T_JSON;
  switch (x->tag) {
    case RS_BOXED_NULL:
    case RS_BOXED_UNDEFINED: *v = (struct rs_value){.kind = RS_NULL}; return true;
    case RS_BOXED_MONTHS:
    case RS_BOXED_MICROS: return interval_value(x->tag, s, v);
    case RS_BOXED_BYTES: return bytes_value(s, v);
    case RS_BOXED_GEOGRAPHY: return geography_value(x, s, v);
    case RS_BOXED_U256:
      if (rs_text_to_int(v->s.p, v->s.n, &i)) *v = (struct rs_value){.kind = RS_INT, .i = i};
      return true;
    default: return true;
  }
}

/* ---- as JSON --------------------------------------------------------------------------------- */

/* 2020-01-02T03:04:05.5; an instant in UTC has all six digits and a Z, as Rockset's. What is no
** such text is any other string. */
static void write_moment(struct rs_buf *b, bool instant, const char *p, size_t n)
{
  char text[32] = "";
  const bool clock = n >= 19 && n <= 26 && p[10] == ' ' && (n == 19 || p[19] == '.');
  if (!clock) {
    rs_buf_json_str(b, p, n);
    return;
  }
  memcpy(text, p, n);
  text[10] = 'T';
  if (instant) {
    const char *zeros = &".000000"[n - 19];
    memcpy(text + n, zeros, strlen(zeros));
    n += strlen(zeros);
    text[n++] = 'Z';
  }
  rs_buf_json_str(b, text, n);
}

static void write_wrapped(struct rs_buf *b, const struct kind *k, const struct rs_boxed *x)
{
  rs_buf_printf(b, "{\"__rockset_type\":\"%s\",%s\"value\":", k->wrapper,
                x->tag == RS_BOXED_BYTES ? "\"encoding\":\"base64\"," : "");
  if (x->v.kind == RS_INT) rs_buf_int(b, x->v.i);
  else if (k->type == RS_T_JSON) rs_buf_add(b, x->v.s.p, x->v.s.n);
  else if (x->tag == RS_BOXED_DATETIME || x->tag == RS_BOXED_TIMESTAMP)
    write_moment(b, x->tag == RS_BOXED_TIMESTAMP, x->v.s.p, x->v.s.n);
  else rs_buf_json_str(b, x->v.s.p, x->v.s.n);
  rs_buf_char(b, '}');
}

void rs_boxed_json(struct rs_buf *b, const struct rs_boxed *x)
{
  const struct kind *k = find_kind(x->tag);
  if (k != NULL && k->wrapper != NULL) {
    write_wrapped(b, k, x);
    return;
  }
  switch (x->tag) {
    case RS_BOXED_BOOL: rs_buf_str(b, x->v.i ? "true" : "false"); break;
    case RS_BOXED_INT: rs_buf_int(b, x->v.i); break;
    case RS_BOXED_FLOAT: rs_buf_json_double(b, x->v.f); break;
    case RS_BOXED_STRING: rs_buf_json_str(b, x->v.s.p, x->v.s.n); break;
    case RS_BOXED_ARRAY:
    case RS_BOXED_OBJECT:
    case RS_BOXED_EXACT: rs_buf_add(b, x->v.s.p, x->v.s.n); break;
    default: rs_buf_str(b, "null");
  }
}

/* ---- kinds ----------------------------------------------------------------------------------- */

enum rs_boxed_tag rs_boxed_tag_of(unsigned i)
{
  return kinds[i].tag;
}

const char *rs_boxed_kind_name(unsigned i)
{
  return kinds[i].name;
}
