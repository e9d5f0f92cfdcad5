/*
** Columns and type names (value.h).
*/
#include "value.h"
#include "src/base/mem.h"
#include "src/base/text.h"

#include <math.h>
#include <string.h>

static const char *const type_names[] = {
  [RS_T_BOOL] = "bool",
  [RS_T_INT] = "int",
  [RS_T_HUGEINT] = "hugeint",
  [RS_T_FLOAT] = "float",
  [RS_T_DECIMAL] = "decimal",
  [RS_T_TEXT] = "string",
  [RS_T_BYTES] = "bytes",
  [RS_T_DATE] = "date",
  [RS_T_TIME] = "time",
  [RS_T_TIMESTAMP] = "datetime",
  [RS_T_TIMESTAMPTZ] = "timestamp",
  [RS_T_UUID] = "uuid",
  [RS_T_ENUM] = "enum",
  [RS_T_JSON] = "json",
  [RS_T_MIXED] = "mixed",
  [RS_T_OTHER] = "other",
};

const char *rs_type_name(enum rs_type t)
{
  return type_names[t];
}

bool rs_type_is_text(enum rs_type t)
{
  switch (t) {
    case RS_T_TEXT:
    case RS_T_DATE:
    case RS_T_TIME:
    case RS_T_TIMESTAMP:
    case RS_T_TIMESTAMPTZ:
    case RS_T_UUID:
    case RS_T_ENUM: return true;
    default: return false;
  }
}

bool rs_type_parse(const char *name, enum rs_type *t)
{
  for (size_t i = 0; i < sizeof type_names / sizeof type_names[0]; i++) {
    if (rs_eq(name, type_names[i])) {
      *t = (enum rs_type)i;
      return true;
    }
  }
  return false;
}

enum rs_code rs_columns_add(struct rs_columns *c, const char *name, size_t n, const char *native,
                            enum rs_type type, struct rs_error *e)
{
  /* The capacity is the next power of two, so that the struct needs no field for it. */
  if ((c->n & (c->n - 1)) == 0) {
    size_t cap = c->n ? c->n * 2 : 1;
    struct rs_column *v = rs_realloc(c->v, cap * sizeof *v);
    if (!v) return rs_nomem(e);
    c->v = v;
  }
  struct rs_column *col = &c->v[c->n];
  col->name = rs_strndup(name, n);
  col->native = rs_strdup(native ? native : "");
  col->type = type;
  col->side = RS_SIDE_NONE;
  if (!col->name || !col->native) {
    rs_free(col->name);
    rs_free(col->native);
    return rs_nomem(e);
  }
  c->n++;
  return RS_OK;
}

int rs_columns_find(const struct rs_columns *c, const char *name)
{
  for (size_t i = 0; i < c->n; i++)
    if (strcmp(c->v[i].name, name) == 0) return (int)i;
  return -1;
}

void rs_columns_free(struct rs_columns *c)
{
  for (size_t i = 0; i < c->n; i++) {
    rs_free(c->v[i].name);
    rs_free(c->v[i].native);
  }
  rs_free(c->v);
  memset(c, 0, sizeof *c);
}

const char *rs_column_rockset_type(const struct rs_column *c)
{
  size_t n = strlen(c->native);
  switch (c->type) {
    case RS_T_BOOL: return "bool";
    case RS_T_INT:
    case RS_T_HUGEINT: return "int";
    case RS_T_FLOAT:
    case RS_T_DECIMAL: return "float";
    case RS_T_BYTES: return "bytes";
    case RS_T_DATE: return "date";
    case RS_T_TIME: return "time";
    // a collection's event time is an instant, although engines may keep it without a zone
    case RS_T_TIMESTAMP: return rs_eq(c->name, "_event_time") ? "timestamp" : "datetime";
    case RS_T_TIMESTAMPTZ: return "timestamp";
    case RS_T_JSON: return n > 0 && c->native[n - 1] == ']' ? "array" : "object";
    case RS_T_MIXED: return "mixed";
    default: return "string";
  }
}

/* Exactly, also where a double does not hold the integer; f is no NaN. */
static int compare_int_float(int64_t i, double f)
{
  const double end = 9223372036854775808.0; // 2^63
  if (f >= end) return -1;
  if (f < -end) return 1;
  int64_t whole = (int64_t)f;
  if (i != whole) return i < whole ? -1 : 1;
  double rest = f - (double)whole; // beyond 2^53 there is none
  return rest > 0 ? -1 : rest < 0;
}

int rs_value_class(const struct rs_value *v)
{
  switch (v->kind) {
    case RS_BOOL:
    case RS_INT: return 1;
    case RS_FLOAT: return isnan(v->f) ? 0 : 1;
    case RS_TEXT:
    case RS_JSON: return 2;
    case RS_BYTES: return 3;
    case RS_NULL:
    case RS_LIST: break;
  }
  return 0;
}

int rs_value_compare(const struct rs_value *a, const struct rs_value *b)
{
  int ca = rs_value_class(a), cb = rs_value_class(b);
  if (ca != cb) return ca < cb ? -1 : 1;
  if (ca == 0) return 0;
  if (ca == 1) {
    bool whole = a->kind != RS_FLOAT && b->kind != RS_FLOAT;
    if (whole) return a->i < b->i ? -1 : a->i > b->i;
    if (a->kind != RS_FLOAT) return compare_int_float(a->i, b->f);
    if (b->kind != RS_FLOAT) return -compare_int_float(b->i, a->f);
    return a->f < b->f ? -1 : a->f > b->f;
  }
  size_t n = a->s.n < b->s.n ? a->s.n : b->s.n;
  int order = n ? memcmp(a->s.p, b->s.p, n) : 0;
  if (order) return order;
  return a->s.n < b->s.n ? -1 : a->s.n > b->s.n;
}
