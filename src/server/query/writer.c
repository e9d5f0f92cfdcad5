/*
** Rows as JSON, in the forms of Rockset's API: dates and times as typed values, timestamps as plain
** texts, floats with a point, integers exactly.
**
** What does not change from row to row (keys, what stands around a date) is made once.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"
#include "src/engine/control.h"
#include "src/json/json.h"
#include "src/rsql/ingest/ingest.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "src/value/interval.h"

struct column {
  char *key; /* `,"name":` */
  size_t nkey;
  enum rs_type type;        /* RS_T_OTHER: intervals only, the rest of it are texts */
  struct rs_nested *nested; /* NULL: JSON goes out as it comes */
  size_t side;              /* the column of its sidecar, + 1; 0: none */
  bool is_side;             /* it is one, or not shown for another reason */
  bool drops;               /* a NULL of it is not there */
  bool several;             /* each value has a type of its own */
  bool loose;               /* JSON in it may hold typed values */
  struct rs_splice *splice; /* its members stand in its place; NULL: it stands there */
};

struct rs_writer {
  size_t n;
  struct column *v;
  bool typed; /* every value keeps its type */
};

/* ---- types ----------------------------------------------------------------------------------- */

/* A collection's event time is an instant, although engines may keep it without a zone. */
static enum rs_type type_of(const struct rs_column *c)
{
  if (rs_eq(c->native, "UHUGEINT")) return RS_WIRE_U256;
  return c->type == RS_T_TIMESTAMP && rs_eq(c->name, "_event_time") ? RS_T_TIMESTAMPTZ : c->type;
}

static bool is_interval(const struct rs_column *c)
{
  return rs_casestarts(c->native, strlen(c->native), "INTERVAL");
}

/*
** A name that keeps apart what compares and sorts differently: the extension declares and sends by
** it. The hosted service sent none, so a client can't rely on any.
*/
static const char *field_type(const struct rs_column *c)
{
  if (type_of(c) == RS_WIRE_U256) return "u256";
  switch (type_of(c)) {
    case RS_T_HUGEINT:
    case RS_T_DECIMAL:
    case RS_T_UUID:
    case RS_T_ENUM:
    case RS_T_OTHER: return rs_type_name(c->type);
    default: return rs_column_rockset_type(c);
  }
}

/* The column of which the i-th is the sidecar: the nearest one in front; i: it is none's. */
static size_t main_of(const struct rs_columns *columns, size_t i)
{
  const char *name = columns->v[i].name;
  const size_t n = rs_boxed_side_of(name);
  for (size_t k = i; n > 0 && k > 0; k--)
    if (rs_eqn(columns->v[k - 1].name, name, n)) return k - 1;
  return i;
}

static void add_name(struct rs_buf *b, const char *column)
{
  struct rs_buf field;
  rs_buf_init(&field, 1 << 20);
  rs_field_add(&field, column);
  rs_js_text(b, "name", rs_buf_text(&field));
  if (field.rc != RS_OK && b->rc == RS_OK) b->rc = field.rc;
  rs_buf_free(&field);
}

void rs_writer_fields(const struct rs_columns *columns, const struct rs_rsql_stmt *stmt, bool types,
                      struct rs_buf *b)
{
  rs_js_open(b, NULL, '[');
  for (size_t i = 0; i < columns->n; i++) {
    if (main_of(columns, i) < i || rs_rsql_is_spliced(stmt, columns->v[i].name)) continue;
    rs_js_open(b, NULL, '{');
    add_name(b, columns->v[i].name);
    rs_js_text(b, "type", types ? field_type(&columns->v[i]) : "");
    rs_js_close(b, '}');
  }
  rs_js_close(b, ']');
}

/* `,"field":`; NULL: out of memory. */
static char *key_of(const char *column, size_t *n)
{
  struct rs_buf b, field;
  rs_buf_init(&b, 1 << 20);
  rs_buf_init(&field, 1 << 20);
  rs_field_add(&field, column);
  rs_buf_char(&b, ',');
  rs_buf_json_str(&b, rs_buf_text(&field), field.n);
  rs_buf_char(&b, ':');
  if (field.rc != RS_OK) b.rc = field.rc;
  rs_buf_free(&field);
  *n = b.n;
  return rs_buf_take(&b);
}

/* Of an engine's own objects and arrays the type tells all values. */
static bool is_loose(const struct rs_column *c)
{
  return c->type == RS_T_JSON && (c->native[0] == 0 || strcasestr(c->native, "json") != NULL);
}

static struct rs_writer *new_writer(const struct rs_columns *columns,
                                    const struct rs_rsql_stmt *stmt, bool typed)
{
  struct rs_writer *w = rs_calloc(1, sizeof *w);
  if (w == NULL) return NULL;
  size_t sides = 0, before = 0;
  for (size_t i = 0; i < columns->n; i++) sides += main_of(columns, i) < i;
  w->n = columns->n;
  w->typed = typed;
  w->v = rs_calloc(columns->n + 1, sizeof w->v[0]);
  for (size_t i = 0; w->v != NULL && i < columns->n; i++) {
    w->v[i].key = key_of(columns->v[i].name, &w->v[i].nkey);
    w->v[i].type = type_of(&columns->v[i]);
    if (w->v[i].type == RS_T_OTHER && !is_interval(&columns->v[i])) w->v[i].type = RS_T_TEXT;
    w->v[i].loose = !typed && is_loose(&columns->v[i]);
    const size_t main = main_of(columns, i);
    w->v[i].is_side = main < i;
    w->v[i].several = rs_casestarts(columns->v[i].native, strlen(columns->v[i].native), "UNION(");
    if (main < i) w->v[main].side = i + 1;
    const enum rs_rsql_origin origin = stmt != NULL
                                         ? rs_rsql_origin(stmt, i - before, columns->n - sides,
                                                          columns->v[i].name)
                                         : RS_RSQL_OTHER;
    before += main < i;
    const bool field = typed ? !rs_rsql_ingest_is_computed(stmt, columns->v[i].name)
                             : origin != RS_RSQL_OTHER;
    w->v[i].drops = typed ? field : origin == RS_RSQL_OPTIONAL;
    if (w->v[i].key != NULL && rs_nested_new(&columns->v[i], field, &w->v[i].nested) &&
        rs_splice_new(columns, i, stmt, &w->v[i].splice))
      continue;
    rs_writer_free(w);
    return NULL;
  }
  if (w->v != NULL) return w;
  rs_free(w);
  return NULL;
}

struct rs_writer *rs_writer_new(const struct rs_columns *columns, const struct rs_rsql_stmt *stmt)
{
  return new_writer(columns, stmt, false);
}

struct rs_writer *rs_writer_new_documents(const struct rs_columns *columns,
                                          const struct rs_rsql_stmt *stmt, const char *hidden)
{
  struct rs_writer *w = new_writer(columns, stmt, true);
  for (size_t i = 0; w != NULL && i < w->n; i++) {
    struct column *c = &w->v[i];
    const char *name = columns->v[i].name;
    if (c->type == RS_T_TIMESTAMPTZ) c->type = RS_WIRE_TIMESTAMP;
    if (c->type == RS_T_BYTES) c->type = RS_WIRE_BYTES;
    rs_nested_type(c->nested);
    c->is_side = c->is_side || rs_starts(name, hidden);
    c->drops = c->drops || rs_eq(name, "_id") || rs_eq(name, "_event_time");
  }
  return w;
}

void rs_writer_free(struct rs_writer *w)
{
  if (w == NULL) return;
  for (size_t i = 0; w->v != NULL && i < w->n; i++) {
    rs_free(w->v[i].key);
    rs_nested_free(w->v[i].nested);
    rs_splice_free(w->v[i].splice);
  }
  rs_free(w->v);
  rs_free(w);
}

/* ---- values ---------------------------------------------------------------------------------- */

/*
** Most floats of real data are decimals of a few digits: with t = v * 10^k a whole number below
** 2^53 and t / 10^k == v again, the digits of t are v (both are exact, and a division rounds as
** reading does).
*/
static void add_float(struct rs_buf *b, double v)
{
  static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
  for (int k = 0; k < 7 && fabs(v) < 1e9; k++) {
    double t = v * powers[k];
    int64_t i = (int64_t)t;
    if ((double)i != t || t / powers[k] != v || (i == 0 && signbit(v))) continue;
    char text[32], *p = text + sizeof text;
    uint64_t u = i < 0 ? (uint64_t)-i : (uint64_t)i;
    for (int d = 0; d < k || u > 0 || d == k; d++) {
      if (d == k && k > 0) *--p = '.';
      if (d == k && k == 0) {
        *--p = '0';
        *--p = '.';
      }
      *--p = (char)('0' + u % 10);
      u /= 10;
    }
    if (i < 0) *--p = '-';
    rs_buf_add(b, p, (size_t)(text + sizeof text - p));
    return;
  }
  rs_buf_json_double(b, v);
}

static void add_typed(struct rs_buf *b, const char *type, const char *p, size_t n)
{
  rs_buf_str(b, "{\"__rockset_type\":\"");
  rs_buf_str(b, type);
  rs_buf_str(b, "\",\"value\":");
  rs_buf_json_str(b, p, n);
  rs_buf_char(b, '}');
}

/* Without zeros at the end of a fraction. */
static size_t trimmed(const char *p, size_t n)
{
  if (memchr(p, '.', n) == NULL) return n;
  while (n > 0 && p[n - 1] == '0') n--;
  return n > 0 && p[n - 1] == '.' ? n - 1 : n;
}

/* `2026-11-21 08:15:30[.123456]`: other texts (infinity, a year of five digits) stay as they are.
** */
static bool is_timestamp(const char *p, size_t n)
{
  return n >= 19 && n <= 26 && p[4] == '-' && p[10] == ' ' && p[13] == ':';
}

static void add_timestamp(struct rs_buf *b, const char *p, size_t n, bool zoned)
{
  char text[40];
  if (!is_timestamp(p, n)) {
    rs_buf_json_str(b, p, n);
    return;
  }
  memcpy(text, p, n);
  text[10] = 'T';
  if (!zoned) {
    add_typed(b, "DATETIME", text, trimmed(text, n));
    return;
  }
  if (n == 19) text[n++] = '.';
  while (n < 26) text[n++] = '0';
  text[n++] = 'Z';
  rs_buf_char(b, '"');
  rs_buf_add(b, text, n);
  rs_buf_char(b, '"');
}

/* Digits beyond 64 bits, or a decimal that no double holds. */
static void add_big_number(struct rs_buf *b, enum rs_type type, const char *p, size_t n)
{
  bool digits = n > 0, point = false;
  for (size_t i = n > 0 && p[0] == '-'; i < n; i++) {
    if (p[i] == '.' && !point && i + 1 < n && i > 0) point = true;
    else if (p[i] < '0' || p[i] > '9') digits = false;
  }
  if (digits && (point || type == RS_T_DECIMAL)) rs_buf_add(b, p, n);
  else if (digits && p[0] != '-') add_typed(b, "U256", p, n);
  else rs_buf_json_str(b, p, n);
}

static void add_interval(struct rs_buf *b, const char *p, size_t n)
{
  struct rs_interval x;
  if (!rs_interval_read(p, n, &x)) {
    rs_buf_json_str(b, p, n);
    return;
  }
  rs_buf_printf(b, "{\"__rockset_type\":\"%s\",\"value\":%lld}",
                x.months != 0 ? "MONTH_INTERVAL" : "MICROSECOND_INTERVAL",
                (long long)(x.months != 0 ? x.months : x.us));
}

static void add_text(struct rs_buf *b, enum rs_type type, const char *p, size_t n)
{
  switch ((int)type) {
    case RS_WIRE_U256: add_typed(b, "U256", p, n); break;
    case RS_T_DATE: add_typed(b, "DATE", p, n); break;
    case RS_T_TIME: add_typed(b, "TIME", p, trimmed(p, n)); break;
    case RS_T_TIMESTAMP: add_timestamp(b, p, n, false); break;
    case RS_T_TIMESTAMPTZ: add_timestamp(b, p, n, true); break;
    case RS_WIRE_TIMESTAMP:
      rs_buf_str(b, "{\"__rockset_type\":\"TIMESTAMP\",\"value\":");
      add_timestamp(b, p, n, true);
      rs_buf_char(b, '}');
      break;
    case RS_T_HUGEINT:
    case RS_T_DECIMAL: add_big_number(b, type, p, n); break;
    case RS_T_OTHER: add_interval(b, p, n); break;
    default: rs_buf_json_str(b, p, n);
  }
}

void rs_writer_value(struct rs_buf *b, enum rs_type type, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL: rs_buf_str(b, v->i ? "true" : "false"); break;
    case RS_INT:
      if (type == RS_WIRE_U256) rs_buf_str(b, "{\"__rockset_type\":\"U256\",\"value\":\"");
      rs_buf_int(b, v->i);
      if (type == RS_WIRE_U256) rs_buf_str(b, "\"}");
      if (type == RS_T_FLOAT) rs_buf_str(b, ".0");
      break;
    case RS_FLOAT: add_float(b, v->f); break;
    case RS_TEXT: add_text(b, type, v->s.p, v->s.n); break;
    case RS_BYTES:
      if (type == RS_WIRE_BYTES)
        rs_buf_str(b, "{\"__rockset_type\":\"BYTES\",\"encoding\":\"base64\",\"value\":");
      rs_buf_char(b, '"');
      rs_base64_add(b, v->s.p, v->s.n);
      rs_buf_str(b, type == RS_WIRE_BYTES ? "\"}" : "\"");
      break;
    case RS_JSON: rs_buf_add(b, v->s.p, v->s.n); break;
    default: rs_buf_str(b, "null");
  }
}

/* In answers a timestamp and bytes are plain texts, inside of JSON, too. `from`: where the JSON
** begins; its quotes stand for themselves, since those of its texts are escaped. */
static void unwrap(struct rs_buf *b, size_t from)
{
  static const char *const opens[] = {
    "{\"__rockset_type\":\"TIMESTAMP\",\"value\":",
    "{\"__rockset_type\":\"BYTES\",\"encoding\":\"base64\",\"value\":"};
  size_t n[2] = {strlen(opens[0]), strlen(opens[1])}, to = from;
  if (b->rc != RS_OK || memmem(b->p + from, b->n - from, opens[0], 19) == NULL) return;
  for (size_t i = from; i < b->n;) {
    const size_t left = b->n - i;
    const int k = n[0] < left && memcmp(b->p + i, opens[0], n[0]) == 0 ? 0 : 1;
    const bool typed = n[k] < left && memcmp(b->p + i, opens[k], n[k]) == 0;
    const char *end = typed ? memchr(b->p + i + n[k], '}', left - n[k]) : NULL;
    if (end == NULL) {
      b->p[to++] = b->p[i++];
      continue;
    }
    const size_t value = (size_t)(end - b->p) - i - n[k];
    memmove(b->p + to, b->p + i + n[k], value);
    to += value;
    i += n[k] + value + 1;
  }
  b->n = to;
}

/* Of a column of several types: dates, times, intervals and bytes have forms of their own. */
static enum rs_type type_of_value(const struct rs_writer *w, const struct rs_value *v)
{
  if (v->kind == RS_BYTES) return w->typed ? RS_WIRE_BYTES : RS_T_BYTES;
  if (v->kind != RS_TEXT) return RS_T_MIXED;
  return v->of == RS_T_TIMESTAMPTZ && w->typed ? RS_WIRE_TIMESTAMP : (enum rs_type)v->of;
}

/* What the sidecar says; false: it says nothing, the column does. */
static bool add_boxed(struct rs_buf *b, bool typed, const struct rs_value *main,
                      const struct rs_value *side)
{
  struct rs_boxed x;
  if (!rs_boxed_read(main, side, &x)) return false;
  if (typed) {
    rs_boxed_json(b, &x);
    return true;
  }
  switch (x.tag) {
    case RS_BOXED_DATE: add_text(b, RS_T_DATE, x.v.s.p, x.v.s.n); break;
    case RS_BOXED_TIME: add_text(b, RS_T_TIME, x.v.s.p, x.v.s.n); break;
    case RS_BOXED_DATETIME: add_text(b, RS_T_TIMESTAMP, x.v.s.p, x.v.s.n); break;
    case RS_BOXED_TIMESTAMP: add_text(b, RS_T_TIMESTAMPTZ, x.v.s.p, x.v.s.n); break;
    case RS_BOXED_BYTES: rs_buf_json_str(b, x.v.s.p, x.v.s.n); break;
    default: rs_boxed_json(b, &x);
  }
  return true;
}

static void write_value(const struct rs_writer *w, const struct column *c, const struct rs_value *v,
                        const struct rs_value *side, struct rs_buf *b)
{
  const size_t at = b->n;
  const bool boxed = side->kind != RS_NULL && add_boxed(b, w->typed, v, side);
  if (!boxed && v->kind == RS_JSON && c->nested != NULL)
    rs_nested_write(c->nested, v->s.p, v->s.n, b);
  else if (!boxed) rs_writer_value(b, c->several ? type_of_value(w, v) : c->type, v);
  if ((boxed && !w->typed) || (v->kind == RS_JSON && c->loose)) unwrap(b, at);
}

void rs_writer_row(struct rs_writer *w, struct rs_rows *rows, struct rs_buf *b)
{
  struct rs_value v, side = {.kind = RS_NULL};
  const size_t from = b->n;
  for (size_t i = 0; i < w->n; i++) {
    const struct column *c = &w->v[i];
    if (c->is_side) continue;
    rs_rows_get(rows, i, &v);
    if (c->side > 0) rs_rows_get(rows, c->side - 1, &side);
    else side.kind = RS_NULL;
    if (c->drops && v.kind == RS_NULL && side.kind == RS_NULL) continue;
    if (c->splice != NULL) {
      const size_t at = b->n;
      rs_splice_write(c->splice, &v, b);
      if (!w->typed) unwrap(b, at);
      continue;
    }
    rs_buf_add(b, c->key, c->nkey);
    if (side.kind == RS_NULL && v.kind != RS_JSON && !c->several) rs_writer_value(b, c->type, &v);
    else write_value(w, c, &v, &side, b);
  }
  if (b->n == from) rs_buf_char(b, '{');
  else b->p[from] = '{'; // the first comma
  rs_buf_char(b, '}');
}
