/*
** Columns of several types (see internal.h): an engine's UNION. One of numbers, texts and booleans
** is a leaf (engine/load/types.c); where dates and times, arrays or objects are among the values,
** it has a member for those, with a type of its own, so that what is about a date, or a path into
** an object, reads that member as if there were no other values.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "internal.h"

const struct rs_doc_union_part rs_doc_union_parts[RS_DOC_PARTS_MAX] = {
  {RS_DOC_BOOL, "bool", "BOOLEAN", RS_T_BOOL},
  {RS_DOC_INT, "int", "BIGINT", RS_T_INT},
  {RS_DOC_DOUBLE, "dbl", "DOUBLE", RS_T_FLOAT},
  {RS_DOC_TEXT, "str", "VARCHAR", RS_T_TEXT},
  {RS_DOC_ARRAY, "arr", NULL, RS_T_TEXT},
  {RS_DOC_OBJECT, "obj", NULL, RS_T_TEXT},
  {RS_DOC_DATE, "date", "DATE", RS_T_TEXT},
  {RS_DOC_DATETIME, "dt", "TIMESTAMP", RS_T_TEXT},
  {RS_DOC_TIME, "time", "TIME", RS_T_TEXT},
  {RS_DOC_TIMESTAMP, "ts", "TIMESTAMP WITH TIME ZONE", RS_T_TEXT},
  {RS_DOC_BYTES, "bin", "BLOB", RS_T_TEXT},
  {RS_DOC_MONTHS, "mon", "INTERVAL", RS_T_TEXT},
  {RS_DOC_MICROS, "us", "INTERVAL", RS_T_TEXT},
};

#define NESTED (RS_DOC_ARRAY | RS_DOC_OBJECT)
#define FIRST_TYPED 6 /* the part of dates; it and all behind it are RS_DOC_TYPED */

/* ---- what is in it --------------------------------------------------------------------------- */

/* The part of that name and type; RS_DOC_PARTS_MAX: a UNION of ours has none. */
static size_t part_of(const struct rs_doc_member *m)
{
  size_t k = 0;
  while (k < RS_DOC_PARTS_MAX && !rs_eq(m->name, rs_doc_union_parts[k].name)) k++;
  if (k == RS_DOC_PARTS_MAX) return k;
  const char *type = rs_doc_union_parts[k].type;
  const enum rs_doc_form form = rs_doc_union_parts[k].kind == RS_DOC_ARRAY ? RS_DOC_LIST
                                                                           : RS_DOC_STRUCT;
  const bool fits = type != NULL ? m->type->form == RS_DOC_LEAF && rs_eq(m->type->native, type)
                                 : m->type->form == form;
  return fits ? k : RS_DOC_PARTS_MAX;
}

bool rs_doc_union_is_ours(const struct rs_doc_type *t)
{
  bool ours = true;
  for (size_t i = 0; i < t->nmembers; i++)
    ours = ours && part_of(&t->members[i]) < RS_DOC_PARTS_MAX;
  return ours;
}

unsigned rs_doc_union_kinds(const struct rs_doc_type *t)
{
  unsigned kinds = 0;
  if (t->form == RS_DOC_LEAF)
    return t->native != NULL && rs_starts(t->native, "UNION(") ? rs_load_union_mix(t->native) : 0;
  for (size_t i = 0; t->form == RS_DOC_UNION && i < t->nmembers; i++)
    kinds |= rs_doc_union_parts[part_of(&t->members[i])].kind;
  return kinds;
}

struct rs_doc_type *rs_doc_union_member(const struct rs_doc_type *t, unsigned kind)
{
  for (size_t i = 0; t->form == RS_DOC_UNION && i < t->nmembers; i++)
    if (rs_doc_union_parts[part_of(&t->members[i])].kind == kind) return t->members[i].type;
  return NULL;
}

/* Microseconds: their member's name tells them from months, but for no months at all. */
void rs_doc_union_learn_exact(struct rs_doc_type *t)
{
  struct rs_doc_type *us = rs_doc_union_member(t, RS_DOC_MICROS);
  if (us != NULL) us->exact = RS_DOC_MICROS;
}

size_t rs_doc_union_taker(const struct rs_json *j, unsigned kinds)
{
  unsigned kind = rs_doc_kind(j);
  size_t k = 0;
  if ((kind & (NESTED | RS_DOC_TYPED)) != 0 && (kind & kinds) == 0) kind = RS_DOC_TEXT;
  if (!(kind & (RS_DOC_BOOL | RS_DOC_INT | RS_DOC_DOUBLE | NESTED | RS_DOC_TYPED)))
    kind = RS_DOC_TEXT;
  if (kind == RS_DOC_INT && !(kinds & RS_DOC_INT)) kind = RS_DOC_DOUBLE;
  while (k < RS_DOC_PARTS_MAX - 1 && kind != rs_doc_union_parts[k].kind) k++;
  return k;
}

const struct rs_doc_type *rs_doc_type_for(const struct rs_doc_type *t, const struct rs_json *j)
{
  static const struct rs_doc_type text = {.native = "VARCHAR", .exact = RS_DOC_TEXT};
  if (t->form != RS_DOC_UNION) return t;
  const size_t k = rs_doc_union_taker(j, rs_doc_union_kinds(t));
  const struct rs_doc_type *member = rs_doc_union_member(t, rs_doc_union_parts[k].kind);
  return member != NULL ? member : &text;
}

/* ---- taken apart, and made ------------------------------------------------------------------- */

/* Which kinds of scalars a column holds that may lie in a UNION, too; 0: none of these. */
static unsigned scalar_kind(const char *native)
{
  static const struct {
    const char *native;
    unsigned kind;
  } types[] = {
    {"BOOLEAN", RS_DOC_BOOL},
    {"TINYINT", RS_DOC_INT},
    {"SMALLINT", RS_DOC_INT},
    {"INTEGER", RS_DOC_INT},
    {"BIGINT", RS_DOC_INT},
    {"UTINYINT", RS_DOC_INT},
    {"USMALLINT", RS_DOC_INT},
    {"UINTEGER", RS_DOC_INT},
    {"FLOAT", RS_DOC_DOUBLE},
    {"DOUBLE", RS_DOC_DOUBLE},
    {"VARCHAR", RS_DOC_TEXT},
    {"DATE", RS_DOC_DATE},
    {"TIME", RS_DOC_TIME},
    {"TIMESTAMP", RS_DOC_DATETIME},
    {"TIMESTAMP WITH TIME ZONE", RS_DOC_TIMESTAMP},
    {"BLOB", RS_DOC_BYTES},
    {"INTERVAL", RS_DOC_INTERVALS},
  };
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (rs_eq(types[i].native, native)) return types[i].kind;
  return rs_starts(native, "UNION(") ? rs_load_union_mix(native) : 0;
}

/* The kinds of a leaf's values, as far as they may lie in a UNION; 0: some may not. A foreign type
** has all kinds. */
static unsigned leaf_kinds(const struct rs_doc_type *t)
{
  const unsigned seen = t->kinds != ~0u ? t->kinds : 0;
  if (t->native == NULL) return 0;
  const unsigned own = scalar_kind(t->native);
  if (own == RS_DOC_INTERVALS && seen != 0) return seen;
  return own != 0 ? own | (seen & RS_DOC_TYPED) : 0;
}

static struct rs_doc_type *copy_type(struct rs_arena *a, const struct rs_doc_type *t)
{
  struct rs_doc_type *copy = rs_arena_alloc(a, sizeof *copy);
  if (copy != NULL) *copy = *t;
  return copy;
}

enum rs_code rs_doc_mix_of(const struct rs_doc_type *t, struct rs_arena *a, struct rs_doc_mix *out,
                           struct rs_error *e)
{
  *out = (struct rs_doc_mix){.scalars = 0};
  switch (t->form) {
    case RS_DOC_LEAF: out->scalars = leaf_kinds(t); return RS_OK;
    case RS_DOC_UNION: {
      const struct rs_doc_type *array = rs_doc_union_member(t, RS_DOC_ARRAY);
      const struct rs_doc_type *object = rs_doc_union_member(t, RS_DOC_OBJECT);
      out->scalars = rs_doc_union_kinds(t) & ~(unsigned)NESTED;
      out->array = array != NULL ? copy_type(a, array) : NULL;
      out->object = object != NULL ? copy_type(a, object) : NULL;
      return (array == NULL || out->array != NULL) && (object == NULL || out->object != NULL)
               ? RS_OK
               : rs_nomem(e);
    }
    case RS_DOC_LIST: out->array = copy_type(a, t); break;
    case RS_DOC_STRUCT: out->object = copy_type(a, t); break;
  }
  return out->array != NULL || out->object != NULL ? RS_OK : rs_nomem(e);
}

static void type_text(struct rs_buf *b, const struct rs_doc_type *t)
{
  if (t->form == RS_DOC_LEAF) {
    rs_buf_str(b, t->native != NULL ? t->native : "VARCHAR");
  } else if (t->form == RS_DOC_LIST) {
    type_text(b, t->element);
    rs_buf_str(b, "[]");
  } else {
    for (size_t i = 0; i < t->nmembers; i++) {
      rs_buf_str(b, i > 0 ? ", \"" : t->form == RS_DOC_UNION ? "UNION(\"" : "STRUCT(\"");
      for (const char *p = t->members[i].name; *p != 0; p++) {
        if (*p == '"') rs_buf_char(b, '"');
        rs_buf_char(b, *p);
      }
      rs_buf_str(b, "\" ");
      type_text(b, t->members[i].type);
    }
    rs_buf_char(b, ')');
  }
}

enum rs_code rs_doc_mix_make(const struct rs_doc_mix *m, struct rs_arena *a,
                             struct rs_doc_type *out, struct rs_error *e)
{
  struct rs_buf b;
  struct rs_doc_type t = {.form = RS_DOC_UNION, .kinds = out->kinds, .lo = out->lo, .hi = out->hi};
  t.members = rs_arena_calloc(a, RS_DOC_PARTS_MAX * sizeof t.members[0]);
  if (t.members == NULL) return rs_nomem(e);
  t.cap = RS_DOC_PARTS_MAX;
  for (size_t k = 0; k < RS_DOC_PARTS_MAX; k++) {
    const struct rs_doc_union_part *part = &rs_doc_union_parts[k];
    struct rs_doc_type *type = part->kind == RS_DOC_ARRAY ? m->array : m->object;
    if (part->type != NULL && (m->scalars & part->kind) == 0) continue;
    if (part->type == NULL && type == NULL) continue;
    if (part->type != NULL && (type = rs_arena_calloc(a, sizeof *type)) == NULL) return rs_nomem(e);
    if (part->type != NULL) *type = (struct rs_doc_type){.native = part->type, .kinds = part->kind};
    t.members[t.nmembers++] = (struct rs_doc_member){part->name, type};
  }
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  type_text(&b, &t);
  t.native = b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  if (t.native == NULL) return rs_nomem(e);
  *out = t;
  return RS_OK;
}

/* ---- values in SQL --------------------------------------------------------------------------- */

static void add_quoted(struct rs_buf *b, const char *text)
{
  for (; *text != 0; text++) {
    if (*text == '\'') rs_buf_char(b, '\'');
    rs_buf_char(b, *text);
  }
}

const char *rs_doc_union_value_sql(struct rs_arena *a, size_t part, const char *expr,
                                   const struct rs_doc_type *t)
{
  return rs_arena_printf(a, "CAST(union_value(\"%s\" := %s) AS %s)", rs_doc_union_parts[part].name,
                         expr, t->native);
}

/* The value of a part, which a column of the type `from` has as expr, as the type `to`. */
static const char *part_value(struct rs_arena *a, size_t part, const char *expr,
                              const struct rs_doc_type *from, const struct rs_doc_type *to)
{
  const struct rs_doc_union_part *p = &rs_doc_union_parts[part];
  if (p->type != NULL) {
    expr = rs_arena_printf(a, "CAST(%s AS %s)", expr, p->type);
  } else {
    const struct rs_doc_type *member = rs_doc_union_member(to, p->kind);
    expr = rs_doc_cast_sql(a, expr, from->native, member);
  }
  return expr != NULL ? rs_doc_union_value_sql(a, part, expr, to) : NULL;
}

const char *rs_doc_union_cast_sql(struct rs_arena *a, const char *expr, const char *from,
                                  const struct rs_doc_type *to)
{
  struct rs_doc_type old;
  struct rs_doc_mix mix;
  if (rs_doc_parse_type(from, a, &old, NULL) != RS_OK ||
      rs_doc_mix_of(&old, a, &mix, NULL) != RS_OK)
    return NULL;
  const unsigned kinds = mix.scalars | (mix.array != NULL ? RS_DOC_ARRAY : 0) |
                         (mix.object != NULL ? RS_DOC_OBJECT : 0);
  const bool tagged = rs_doc_union_kinds(&old) != 0;
  const char *months = rs_arena_printf(a, "datepart('year', %s) * 12 + datepart('month', %s) <> 0",
                                       expr, expr);
  if (months == NULL) return NULL;
  const char *sql = "CASE";
  for (size_t k = 0; k < RS_DOC_PARTS_MAX && sql != NULL; k++) {
    const struct rs_doc_union_part *part = &rs_doc_union_parts[k];
    if ((kinds & part->kind) == 0) continue;
    const struct rs_doc_type *type = part->kind == RS_DOC_ARRAY ? mix.array : mix.object;
    const char *in = tagged ? rs_arena_printf(a, "union_extract(%s, '%s')", expr, part->name)
                            : expr;
    const char *value = in != NULL ? part_value(a, k, in, part->type != NULL ? &old : type, to)
                                   : NULL;
    if (value == NULL) return NULL;
    sql = tagged ? rs_arena_printf(a, "%s WHEN union_tag(%s) = '%s' THEN %s", sql, expr, part->name,
                                   value)
          : part->kind == RS_DOC_MONTHS
            ? rs_arena_printf(a, "%s WHEN %s THEN %s", sql, months, value)
            : rs_arena_printf(a, "%s WHEN %s IS NOT NULL THEN %s", sql, expr, value);
  }
  return sql != NULL ? rs_arena_printf(a, "%s END", sql) : NULL;
}

/* SQL: a JSON value as one of that part: members of an object that are not there are NULL. */
static const char *json_part(struct rs_arena *a, const char *json, unsigned kind,
                             const struct rs_doc_type *t)
{
  struct rs_buf names, b;
  if (kind == RS_DOC_TEXT) return rs_arena_printf(a, "(%s ->> '$')", json);
  if (kind == RS_DOC_BYTES) return rs_arena_printf(a, "from_base64(%s ->> 'value')", json);
  if ((kind & RS_DOC_INTERVALS) != 0)
    return rs_arena_printf(a, "CAST((%s ->> 'value') || ' %s' AS INTERVAL)", json,
                           kind == RS_DOC_MONTHS ? "months" : "microseconds");
  if ((kind & RS_DOC_TIMES) != 0)
    return rs_arena_printf(a, "CAST((%s ->> 'value') AS %s)", json, t->native);
  if (kind != RS_DOC_OBJECT) return rs_arena_printf(a, "CAST(%s AS %s)", json, t->native);
  rs_buf_init(&names, RS_BUF_SQL_MAX);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < t->nmembers; i++) {
    rs_buf_char(&names, i > 0 ? ',' : '{');
    rs_buf_json_str(&names, t->members[i].name, strlen(t->members[i].name));
    rs_buf_str(&names, ":null");
  }
  rs_buf_char(&names, '}');
  add_quoted(&b, rs_buf_text(&names));
  const bool ok = names.rc == RS_OK && b.rc == RS_OK;
  const char *sql = ok ? rs_arena_printf(a, "CAST(json_merge_patch('%s', %s) AS %s)",
                                         rs_buf_text(&b), json, t->native)
                       : NULL;
  rs_buf_free(&names);
  rs_buf_free(&b);
  return sql;
}

bool rs_doc_is_union(const char *type)
{
  struct rs_arena a;
  struct rs_doc_type t;
  if (!rs_starts(type, "UNION(")) return false;
  rs_arena_init(&a, 0);
  const bool is = rs_doc_parse_type(type, &a, &t, NULL) == RS_OK && t.form == RS_DOC_UNION;
  rs_arena_free(&a);
  return is;
}

const char *rs_doc_union_json_sql(struct rs_arena *a, const char *json, const char *column,
                                  const char *type)
{
  static const char *const types[RS_DOC_PARTS_MAX] = {
    "'BOOLEAN'",
    "'BIGINT', 'UBIGINT'",
    "'DOUBLE', 'BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT'",
    "'VARCHAR'",
    "'ARRAY'",
    "'OBJECT'",
    "'DATE'",
    "'DATETIME'",
    "'TIME'",
    "'TIMESTAMP'",
    "'BYTES'",
    "'MONTH_INTERVAL'",
    "'MICROSECOND_INTERVAL'"};
  struct rs_doc_type t;
  struct rs_buf name;
  if (rs_doc_parse_type(type, a, &t, NULL) != RS_OK) return NULL;
  const unsigned kinds = rs_doc_union_kinds(&t);
  const char *sql = rs_arena_printf(a, "CASE WHEN json_type(%s) = 'NULL' THEN NULL", json);
  // a typed value is an object, too: those come first
  for (size_t i = 0; i < RS_DOC_PARTS_MAX && sql != NULL; i++) {
    const size_t k = (i + FIRST_TYPED) % RS_DOC_PARTS_MAX;
    const struct rs_doc_union_part *part = &rs_doc_union_parts[k];
    if ((kinds & part->kind) == 0) continue;
    const struct rs_doc_type *member = rs_doc_union_member(&t, part->kind);
    const char *value = json_part(a, json, part->kind, member);
    if (value != NULL) value = rs_doc_union_value_sql(a, k, value, &t);
    if (value == NULL) return NULL;
    const char *of = (part->kind & RS_DOC_TYPED) != 0
                       ? rs_arena_printf(a, "upper(%s ->> '__rockset_type')", json)
                       : rs_arena_printf(a, "json_type(%s)", json);
    if (of == NULL) return NULL;
    sql = rs_arena_printf(a, "%s WHEN %s IN (%s) THEN %s", sql, of, types[k], value);
  }
  rs_buf_init(&name, RS_BUF_SQL_MAX);
  add_quoted(&name, column);
  if (sql != NULL && name.rc == RS_OK)
    sql = rs_arena_printf(
      a,
      "%s WHEN %s IS NOT NULL THEN error('column ''%s'' has no values of type ' "
      "|| CASE json_type(%s) WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN "
      "'bool' WHEN 'DOUBLE' THEN 'float' WHEN 'ARRAY' THEN 'array' WHEN "
      "'OBJECT' THEN 'object' ELSE 'int' END || '" RS_DOC_FIRST_VALUE "') END",
      sql, json, rs_buf_text(&name), json);
  if (name.rc != RS_OK) sql = NULL;
  rs_buf_free(&name);
  return sql;
}
