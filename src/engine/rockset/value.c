/*
** Rockset's types and values both ways: names of types, parameters of a statement, values of
** documents (rockset.h). Reading values out of answers is json/rows.h.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/text.h"
#include "rockset.h"

/* ---- types ----------------------------------------------------------------------------------- */

enum rs_type rs_rockset_type(const char *name)
{
  static const struct {
    const char *name;
    enum rs_type type;
  } types[] = {
    {"integer", RS_T_INT},  {"int64", RS_T_INT},       {"double", RS_T_FLOAT},
    {"boolean", RS_T_BOOL}, {"text", RS_T_TEXT},       {"varchar", RS_T_TEXT},
    {"array", RS_T_JSON},   {"object", RS_T_JSON},     {"geography", RS_T_JSON},
    {"null", RS_T_MIXED},   {"null_type", RS_T_MIXED}, {"undefined", RS_T_MIXED},
    {"u256", RS_T_OTHER},   {"", RS_T_MIXED},
  };
  char lower[32];
  size_t n = 0;
  for (; name[n] != 0 && n < sizeof lower - 1; n++) {
    lower[n] = (char)(name[n] >= 'A' && name[n] <= 'Z' ? name[n] + 32 : name[n]);
  }
  lower[n] = 0;
  enum rs_type type;
  if (rs_type_parse(lower, &type)) return type;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (rs_eq(types[i].name, lower)) return types[i].type;
  }
  return RS_T_OTHER;
}

/* ---- base64 ---------------------------------------------------------------------------------- */

static void add_bytes(struct rs_buf *b, const struct rs_value *v)
{
  rs_buf_str(b, "{\"__rockset_type\":\"bytes\",\"encoding\":\"base64\",\"value\":\"");
  rs_base64_add(b, v->s.p, v->s.n);
  rs_buf_str(b, "\"}");
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* A double as JSON has it, with a point so that it stays a float. */
static void add_double(struct rs_buf *b, double f)
{
  size_t from = b->n;
  rs_buf_json_double(b, f);
  if (b->rc == RS_OK && strpbrk(b->p + from, ".eEn") == NULL) rs_buf_str(b, ".0");
}

static void float_text(struct rs_buf *b, double f)
{
  if (isnan(f)) rs_buf_str(b, "NaN");
  else if (isinf(f)) rs_buf_str(b, f > 0 ? "Infinity" : "-Infinity");
  else add_double(b, f);
}

static const char *type_of(const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL: return "bool";
    case RS_INT: return "int";
    case RS_FLOAT: return "float";
    case RS_TEXT: return "string";
    case RS_BYTES: return "bytes";
    case RS_JSON: return v->s.n > 0 && v->s.p[0] == '[' ? "array" : "object";
    case RS_NULL:
    case RS_LIST: break;
  }
  return "null";
}

void rs_rockset_add_param(struct rs_buf *b, const char *name, const char *type,
                          const struct rs_value *v)
{
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  switch (v->kind) {
    case RS_BOOL: rs_buf_str(&text, v->i != 0 ? "true" : "false"); break;
    case RS_INT: rs_buf_int(&text, v->i); break;
    case RS_FLOAT: float_text(&text, v->f); break;
    case RS_TEXT:
    case RS_JSON: rs_buf_add(&text, v->s.p, v->s.n); break;
    case RS_BYTES: rs_base64_add(&text, v->s.p, v->s.n); break;
    case RS_NULL: rs_buf_str(&text, "null"); break;
    case RS_LIST: text.rc = RS_INTERNAL; break; // the dialect writes lists as literals
  }
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "name", name);
  rs_js_text(b, "type", type != NULL && v->kind != RS_NULL ? type : type_of(v));
  rs_buf_str(b, ",\"value\":");
  rs_buf_json_str(b, rs_buf_text(&text), text.n);
  rs_buf_char(b, '}');
  if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
  rs_buf_free(&text);
}

/* ---- documents ------------------------------------------------------------------------------- */

static void add_typed(struct rs_buf *b, const char *type, const char *p, size_t n)
{
  rs_buf_printf(b, "{\"__rockset_type\":\"%s\",\"value\":", type);
  rs_buf_json_str(b, p, n);
  rs_buf_char(b, '}');
}

/* "2026-11-21 08:15:30.5" as "2026-11-21T08:15:30.5", with a Z for an instant. Infinite ones stay
** text: Rockset has none. */
static void add_time(struct rs_buf *b, const char *type, const char *p, size_t n, bool instant)
{
  char text[64];
  if (n < 19 || n > sizeof text - 2 || p[0] < '0' || p[0] > '9' || memchr(p, ' ', n) != p + 10) {
    rs_buf_json_str(b, p, n);
    return;
  }
  memcpy(text, p, n);
  text[10] = 'T';
  if (instant) text[n++] = 'Z';
  add_typed(b, type, text, n);
}

void rs_rockset_add_value(struct rs_buf *b, enum rs_type type, const struct rs_value *v)
{
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "null"); break;
    case RS_BOOL: rs_buf_str(b, v->i != 0 ? "true" : "false"); break;
    case RS_INT: rs_buf_int(b, v->i); break;
    case RS_FLOAT: add_double(b, v->f); break;
    case RS_BYTES: add_bytes(b, v); break;
    case RS_JSON: rs_buf_add(b, v->s.p, v->s.n); break;
    case RS_TEXT:
      if (type == RS_T_TIMESTAMP) add_time(b, "datetime", v->s.p, v->s.n, false);
      else if (type == RS_T_TIMESTAMPTZ) add_time(b, "timestamp", v->s.p, v->s.n, true);
      else if (type == RS_T_DATE && v->s.n == 10) add_typed(b, "date", v->s.p, v->s.n);
      else if (type == RS_T_TIME && v->s.n >= 8) add_typed(b, "time", v->s.p, v->s.n);
      else rs_buf_json_str(b, v->s.p, v->s.n);
      break;
    case RS_LIST: b->rc = b->rc == RS_OK ? RS_INTERNAL : b->rc; break;
  }
}

void rs_rockset_add_field(struct rs_buf *b, const char *name, enum rs_type type,
                          const struct rs_value *v)
{
  if (b->n > 0 && b->p[b->n - 1] != '{') rs_buf_char(b, ',');
  rs_buf_json_str(b, name, strlen(name));
  rs_buf_char(b, ':');
  rs_rockset_add_value(b, type, v);
}
