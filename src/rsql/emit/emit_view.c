/*
** Values of several types as one of their types (N_VIEW): an engine's UNION, of which the member is
** read at once; any other JSON value, of which its JSON is; what an N_LET binds.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/strict.h"

/* May its members be read one by one? */
static bool is_union(const struct rsql_writer *w, const struct rsql_node *x)
{
  return rs_rsql_has_members(x) && !x->raw && !w->plain && !w->f->json_casts;
}

struct kind_name {
  unsigned kind;
  const char *name;
};

/* 'a', 'b', ... of those whose kind is among these. */
static void list(struct rsql_writer *w, unsigned kinds, const struct kind_name *names, size_t n)
{
  const char *comma = "";
  for (size_t i = 0; i < n; i++) {
    if ((kinds & names[i].kind) == 0) continue;
    rs_buf_printf(w->b, "%s'%s'", comma, names[i].name);
    comma = ", ";
  }
}

/* What typed values are called. */
static const struct kind_name typed[] = {{RSQL_DATE, "DATE"},
                                         {RSQL_DATETIME, "DATETIME"},
                                         {RSQL_TIME, "TIME"},
                                         {RSQL_TIMESTAMP, "TIMESTAMP"},
                                         {RSQL_BYTES, "BYTES"},
                                         {RSQL_MONTHS, "MONTH_INTERVAL"},
                                         {RSQL_MICROS, "MICROSECOND_INTERVAL"}};
#define NTYPED (sizeof typed / sizeof typed[0])

/* Is an int among the floats meant? Never NULL. */
static void is_whole(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write(w, "coalesce(");
  rs_rsql_write_expr(w, x->v[1]);
  rs_rsql_write(w, " >= 'i' AND ");
  rs_rsql_write_expr(w, x->v[1]);
  rs_rsql_write(w, " < 'j', FALSE)");
}

void rs_rsql_write_whole(struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->v[0]->type.kind != TY_FLOAT) {
    rs_rsql_write(w, "coalesce(");
    rs_rsql_write_expr(w, x->v[1]);
    rs_rsql_write(w, ", ");
    rs_rsql_write_json_of(w, x->v[0]);
    rs_rsql_write(w, ")");
    return;
  }
  rs_rsql_write(w, "CASE WHEN ");
  is_whole(w, x);
  rs_rsql_write(w, " THEN ");
  const char *rest = rs_rsql_write_until(w, w->f->json_value, '$');
  rs_rsql_write(w, "CAST(substr(");
  rs_rsql_write_expr(w, x->v[1]);
  rs_rsql_write(w, ", 2) AS BIGINT)");
  rs_rsql_write(w, rest);
  rs_rsql_write(w, " ELSE ");
  rest = rs_rsql_write_until(w, w->f->json_value, '$');
  rs_rsql_write_expr(w, x->v[0]);
  rs_rsql_write(w, rest);
  rs_rsql_write(w, " END");
}

/* Numbers by resolve_mixed.c: v[0] tells whether v[1] counts, an int; v[2] is right for all. */
static bool is_split(const struct rsql_node *x)
{
  return x->kind == N_CASE && x->text != NULL;
}

/* A view of numbers of which no JSON need be made; false: it is none. */
bool rs_rsql_write_number(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds)
{
  const bool split = is_split(x) && !w->alike;
  const bool whole = x->kind == N_WHOLE && x->v[0]->type.kind == TY_FLOAT;
  if (!split && !whole) return false;
  if ((kinds & RSQL_NUMBER) == RSQL_NUMBER) {
    rs_rsql_write_operand(w, split ? x->v[2] : x->v[0]);
    return true;
  }
  rs_rsql_write(w, "CASE WHEN ");
  if ((kinds & RSQL_INT) == 0) rs_rsql_write(w, "NOT ");
  if (split) rs_rsql_write_operand(w, x->v[0]);
  else is_whole(w, x);
  rs_rsql_write(w, " THEN ");
  if ((kinds & RSQL_INT) == 0) {
    rs_rsql_write_expr(w, split ? x->v[2] : x->v[0]);
  } else if (split) {
    rs_rsql_write_expr(w, x->v[1]);
  } else {
    rs_rsql_write(w, "CAST(substr(");
    rs_rsql_write_expr(w, x->v[1]);
    rs_rsql_write(w, ", 2) AS BIGINT)");
  }
  rs_rsql_write(w, " END");
  return true;
}

void rs_rsql_write_json_type(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_write_json_path(w, "json_type", x)) return;
  rs_rsql_write(w, "json_type(");
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, ")");
}

/* The type's name that stands in a typed value; of another value NULL. */
static void typed_name(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write(w, "json_extract_string(");
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, ", '$.__rockset_type')");
}

/* The same of a JSON value by the text that json_format() gives. */
static void test_text(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds)
{
  // how it begins; a typed value's name stands first in it
  static const char *const begins[] = {"[tf]", "-?[0-9]+$", "-?[0-9]+[.eE]", "\"", "\\["};
  const unsigned named = kinds & RSQL_TYPED;
  const bool objects = (kinds & RSQL_OBJECT) != 0, all = objects && named == RSQL_TYPED;
  const char *bar = "";
  rs_rsql_write(w, "regexp_like(json_format(");
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, "), '^(");
  for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
    if ((kinds & 1u << i) == 0) continue;
    rs_buf_printf(w->b, "%s%s", bar, begins[i]);
    bar = "|";
  }
  if (all) rs_buf_printf(w->b, "%s\\{", bar);
  else if (objects || named != 0) {
    const char * or = "";
    rs_buf_printf(w->b, "%s\\{%s\"__rockset_type\":\"(", bar, objects ? "(?!" : "");
    for (size_t i = 0; i < NTYPED; i++) {
      if (((named & typed[i].kind) != 0) == objects) continue;
      rs_buf_printf(w->b, "%s%s", or, typed[i].name);
      or = "|";
    }
    rs_rsql_write(w, objects ? ")\")" : ")\"");
  }
  rs_rsql_write(w, ")')");
}

/* Is x of one of these kinds? NULL or false: it is not. */
void rs_rsql_write_kind_test(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds)
{
  static const struct kind_name types[] = {
    {RSQL_BOOL, "BOOLEAN"},   {RSQL_INT, "BIGINT"},   {RSQL_INT, "UBIGINT"},
    {RSQL_INT, "HUGEINT"},    {RSQL_INT, "UHUGEINT"}, {RSQL_FLOAT, "DOUBLE"},
    {RSQL_STRING, "VARCHAR"}, {RSQL_ARRAY, "ARRAY"},  {RSQL_OBJECT, "OBJECT"}};
  if (rs_rsql_is_boxed(w, x)) {
    rs_rsql_write_boxed_test(w, x, kinds);
    return;
  }
  if (w->f->json_casts) {
    test_text(w, x, kinds);
    return;
  }
  const unsigned known = kinds & rs_rsql_type_kinds(x->type), named = known & RSQL_TYPED;
  if (known == 0) {
    rs_rsql_write(w, "FALSE");
    return;
  }
  if (is_union(w, x)) {
    const char *comma = "";
    rs_rsql_write(w, "union_tag(");
    rs_rsql_write_stored(w, x);
    rs_rsql_write(w, ") IN (");
    for (size_t i = 0; rs_rsql_members[i] != NULL; i++) {
      if ((known & 1u << i) == 0) continue;
      rs_buf_printf(w->b, "%s'%s'", comma, rs_rsql_members[i]);
      comma = ", ";
    }
    rs_rsql_write(w, ")");
    return;
  }
  // a typed value is an object, too
  const bool objects = (known & RSQL_OBJECT) != 0;
  const bool plain = objects ? named == RSQL_TYPED : named == 0;
  const bool others = (known & ~(unsigned)RSQL_TYPED) != 0;
  if (!plain) rs_rsql_write(w, "(");
  if (others) {
    rs_rsql_write_json_type(w, x);
    rs_rsql_write(w, " IN (");
    list(w, known, types, sizeof types / sizeof types[0]);
    rs_rsql_write(w, ")");
  }
  if (plain) return;
  if (others) rs_rsql_write(w, objects ? " AND coalesce(" : " OR ");
  typed_name(w, x);
  rs_rsql_write(w, objects ? ", '') NOT IN (" : " IN (");
  list(w, objects ? RSQL_TYPED & ~named : named, typed, NTYPED);
  rs_rsql_write(w, "))");
}

static const char *null_of(enum rsql_kind type)
{
  return type == TY_INT      ? "CAST(NULL AS BIGINT)"
         : type == TY_FLOAT  ? "CAST(NULL AS DOUBLE)"
         : type == TY_STRING ? "CAST(NULL AS VARCHAR)"
         : type == TY_BOOL   ? "CAST(NULL AS BOOLEAN)"
                             : "NULL";
}

/* A typed JSON value, which is one of that type, as it. */
static const char *typed_form(const struct rsql_writer *w, enum rsql_kind type)
{
  switch (type) {
    case TY_DATE:
      return rs_rsql_form_of(w, "CAST(($ ->> 'value') AS DATE)",
                             "CAST(json_extract_scalar($, '$.value') AS date)");
    case TY_TIME:
      return rs_rsql_form_of(w, "CAST(($ ->> 'value') AS TIME)",
                             "CAST(json_extract_scalar($, '$.value') AS time(6))");
    case TY_DATETIME:
      return rs_rsql_form_of(
        w, "CAST(($ ->> 'value') AS TIMESTAMP)",
        "CAST(replace(json_extract_scalar($, '$.value'), 'T', ' ') AS timestamp(6))");
    case TY_TIMESTAMP:
      return rs_rsql_form_of(w, "CAST(($ ->> 'value') AS TIMESTAMPTZ)",
                             "CAST(from_iso8601_timestamp_nanos(json_extract_scalar($, '$.value')) "
                             "AS timestamp(6) with time zone)");
    case TY_BYTES:
      return rs_rsql_form_of(w, "from_base64(($ ->> 'value'))",
                             "from_base64(json_extract_scalar($, '$.value'))");
    case TY_MONTHS:
      return rs_rsql_form_of(
        w, "to_months(CAST(($ ->> 'value') AS INTEGER))",
        "(CAST(json_extract_scalar($, '$.value') AS bigint) * INTERVAL '1' MONTH)");
    case TY_MICROS:
      return rs_rsql_form_of(
        w, "to_microseconds(CAST(($ ->> 'value') AS BIGINT))",
        "(CAST(json_extract_scalar($, '$.value') AS bigint) / 1000 * INTERVAL '0.001' SECOND)");
    default: return "NULL";
  }
}

/* x, which is of one of these kinds, as that type. */
static void value(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds,
                  enum rsql_kind type)
{
  const char *form = "$";
  if (rs_rsql_is_boxed(w, x)) {
    rs_rsql_write_boxed_value(w, x, kinds, type);
    return;
  }
  if (is_union(w, x) && type != TY_JSON && type != TY_NULL) {
    const unsigned known = kinds & rs_rsql_type_kinds(x->type);
    const bool both = known == RSQL_NUMBER, cast = type == TY_FLOAT && (known & RSQL_INT) != 0;
    if (both) rs_rsql_write(w, "coalesce(");
    for (size_t i = 0; rs_rsql_members[i] != NULL; i++) {
      if ((known & 1u << i) == 0) continue;
      if (i == 1 && cast) rs_rsql_write(w, "CAST(");
      rs_rsql_write_member(w, x, rs_rsql_members[i]);
      if (i == 1 && cast) rs_rsql_write(w, " AS DOUBLE)");
      if (i == 1 && both) rs_rsql_write(w, ", ");
    }
    if (both) rs_rsql_write(w, ")");
    // an engine that sees nothing but NULL would not run what fails beside it
    if (known == 0) rs_rsql_write(w, null_of(type));
    return;
  }
  switch (type) {
    case TY_INT: form = "CAST($ AS BIGINT)"; break;
    case TY_FLOAT: form = "CAST($ AS DOUBLE)"; break;
    case TY_BOOL: form = "CAST($ AS BOOLEAN)"; break;
    case TY_STRING: form = w->f->json_text; break;
    case TY_JSON: break;
    default: form = typed_form(w, type);
  }
  if (type == TY_STRING && !w->f->json_casts &&
      rs_rsql_write_json_path(w, "json_extract_string", x))
    return;
  rs_rsql_write_form(w, form, x);
}

/* Its name, where it is known before; else NULL. */
static const char *only_kind(unsigned kinds)
{
  static const char *const names[] = {"bool",
                                      "int",
                                      "float",
                                      "string",
                                      "array",
                                      "object",
                                      "date",
                                      "datetime",
                                      "time",
                                      "timestamp",
                                      "bytes",
                                      "month_interval",
                                      "microsecond_interval"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (kinds == 1u << i) return names[i];
  return NULL;
}

/* The name of the type of x, which is no null. */
static void type_name(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_write_type_of(w, x)) return;
  rs_rsql_write_form(
    w,
    w->f->json_casts
      ? "CASE substr(json_format($), 1, 1) WHEN '\"' THEN 'string' WHEN 't' THEN 'bool' WHEN 'f' "
        "THEN 'bool' WHEN "
        "'[' THEN 'array' WHEN '{' THEN lower(coalesce(json_extract_scalar($, "
        "'$.__rockset_type'), 'object')) ELSE CASE WHEN regexp_like(json_format($), '[.eE]') "
        "THEN 'float' ELSE 'int' END END"
      : "CASE json_type($) WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'bool' WHEN 'DOUBLE' "
        "THEN 'float' WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN "
        "lower(coalesce(json_extract_string($, '$.__rockset_type'), 'object')) ELSE 'int' END",
    x);
}

bool rs_rsql_write_type_of(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_is_boxed(w, x)) {
    rs_rsql_write_boxed_type(w, x);
    return true;
  }
  if (!is_union(w, x)) return false;
  rs_rsql_write(w, "CASE union_tag(");
  rs_rsql_write_stored(w, x);
  rs_rsql_write(w, ")");
  for (size_t i = 0; rs_rsql_members[i] != NULL; i++)
    if (rs_rsql_type_has_member(x->type, rs_rsql_members[i]))
      rs_buf_printf(w->b, " WHEN '%s' THEN '%s'", rs_rsql_members[i], only_kind(1u << i));
  rs_rsql_write(w, " ELSE 'undefined' END");
  return true;
}

static void there(struct rsql_writer *w, const struct rsql_node *x)
{
  if (is_union(w, x)) {
    rs_rsql_write_stored(w, x);
    rs_rsql_write(w, " IS NOT NULL");
  } else if (w->f->json_casts) {
    rs_rsql_write_kind_test(w, x, RSQL_ALL);
  } else {
    rs_rsql_write_json_type(w, x);
    rs_rsql_write(w, " <> 'NULL'");
  }
}

/* WHEN it is another one THEN error(...) */
static void refuse(struct rsql_writer *w, const struct rsql_node *x, unsigned others)
{
  const struct rsql_node *a = x->v[0];
  rs_rsql_write(w, " WHEN ");
  there(w, a);
  for (size_t i = 1; i < x->n && w->rc == RS_OK; i++) {
    rs_rsql_write(w, " AND ");
    if (rs_rsql_is_boxed(w, x->v[i])) {
      rs_rsql_write_boxed_test(w, x->v[i], RSQL_ALL);
      continue;
    }
    if (is_union(w, x->v[i])) rs_rsql_write_stored(w, x->v[i]);
    else rs_rsql_write_operand(w, x->v[i]);
    rs_rsql_write(w, " IS NOT NULL");
  }
  rs_rsql_write(w, " THEN ");
  const char *only = only_kind(others);
  if (x->name == NULL) rs_rsql_write_raise(w, a->pos, "%s", x->text);
  else if (only != NULL) rs_rsql_write_raise(w, a->pos, "%s%s%s", x->text, only, x->name);
  else rs_rsql_write_raise_of(w, a->pos, x->text, type_name, a, x->name);
}

void rs_rsql_write_view(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *a = x->v[0];
  const unsigned kinds = (unsigned)x->op, others = rs_rsql_type_kinds(a->type) & ~kinds;
  if (w->plain) {
    rs_rsql_plain_fail(w, x->pos, "a JSON value as a text or number");
    return;
  }
  if (kinds == RSQL_ALL && x->type.kind == TY_JSON && !is_union(w, a) && !rs_rsql_is_boxed(w, a)) {
    rs_rsql_write(w, "nullif("); // JSON's null, which is no null to the engine
    rs_rsql_write_expr(w, a);
    rs_rsql_write(w, rs_rsql_form_of(w, ", CAST('null' AS JSON))", ", JSON 'null')"));
    return;
  }
  if ((!x->has || others == 0) && is_union(w, a) &&
      x->type.kind != TY_JSON) { // another member gives NULL
    value(w, a, kinds, x->type.kind);
    return;
  }
  const bool lenient = !x->has || others == 0 || w->quiet;
  if (lenient && (kinds & RSQL_NUMBER) != 0 && rs_rsql_is_number(x->type.kind) &&
      rs_rsql_write_number(w, a, kinds))
    return;
  const char *type = x->type.kind == TY_TIMESTAMP ? w->f->null_timestamp : "$";
  type = rs_rsql_write_until(w, type, '$');
  rs_rsql_write(w, "CASE");
  if (kinds != 0) {
    rs_rsql_write(w, " WHEN ");
    rs_rsql_write_kind_test(w, a, kinds);
    rs_rsql_write(w, " THEN ");
    value(w, a, kinds, x->type.kind);
  }
  if (x->has && others != 0 && !w->quiet) refuse(w, x, others);
  rs_rsql_write(w, " END");
  rs_rsql_write(w, type);
}

/* An N_LET whose body can't be a lambda: what it binds is written where it stands. */
struct rsql_unbound {
  const char *name;
  const struct rsql_unbound *outer;
};

/* May an engine's lambda have it for a body? Not an aggregate, not a query. */
static bool is_body(const struct rsql_node *x)
{
  if (x == NULL || x->kind == N_BOUND) return true;
  if (x->query != NULL) return false;
  if (x->kind == N_CALL && (x->call->over != NULL || rs_rsql_function_aggregates(x->name)))
    return false;
  for (size_t i = 0; i < x->n; i++)
    if (!is_body(x->v[i])) return false;
  return true;
}

void rs_rsql_write_let(struct rsql_writer *w, const struct rsql_node *x)
{
  const bool rows = w->f->json_casts; // a struct is a row there, its members have numbers
  if (w->plain || (rows && !is_body(x->v[0]))) {
    const struct rsql_unbound here = {x->text, w->unbound};
    w->unbound = &here;
    rs_rsql_write_expr(w, x->v[0]);
    w->unbound = here.outer;
    return;
  }
  rs_rsql_write(w, rows ? "element_at(transform(ARRAY[ROW(" : "list_transform([{");
  for (size_t i = 1; i < x->n && w->rc == RS_OK; i++) {
    rs_rsql_write(w, i > 1 ? ", " : "");
    if (!rows) rs_buf_printf(w->b, "'v%zu': ", i);
    rs_rsql_write_expr(w, x->v[i]);
  }
  rs_buf_printf(w->b, rows ? ")], %s -> " : "}], %s -> ", x->text);
  rs_rsql_write_expr(w, x->v[0]);
  rs_rsql_write(w, rows ? "), 1)" : ")[1]");
}

void rs_rsql_write_bound(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_unbound *u = w->unbound;
  while (u != NULL && !rs_eq(u->name, x->text)) u = u->outer;
  if (u != NULL) rs_rsql_write_operand(w, x->v[0]);
  else rs_buf_printf(w->b, w->f->json_casts ? "%s[%d]" : "%s.v%d", x->text, x->op);
}
