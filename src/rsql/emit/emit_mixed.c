/*
** Values of several types in one column: an engine's UNION of scalars, which counts as JSON but
** where it is selected as it is; JSON values as one of their types (N_VIEW), compared, ordered, as
** conditions.
**
** Of a UNION's column the member is read at once, of any other value its JSON.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/lex.h"
#include "src/rsql/strict.h"

/* Of a JSON value for an engine that has no json_type(): the letter that its text begins with, its
** place among the types, whether it is a float. */
#define T_LETTER "substr(json_format($), 1, 1)"
#define T_RANK                                                                                   \
  "CASE " T_LETTER " WHEN 't' THEN 1 WHEN 'f' THEN 1 WHEN '\"' THEN 3 WHEN '[' THEN 4 WHEN '{' " \
  "THEN 5 WHEN 'n' THEN NULL ELSE CASE WHEN $ IS NOT NULL THEN 2 END END"
#define T_IS_FLOAT "regexp_like(json_format($), '^-?[0-9]+[.eE]')"

// by the bits of their kinds
static const char *const members[] = {"bool", "int", "dbl", "str", "arr", "obj"};
#define NMEMBERS (sizeof members / sizeof members[0])

/* ---- views ----------------------------------------------------------------------------------- */

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
static bool number(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds)
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

/* Is x of one of these kinds? NULL or false: it is not. */
static void test(struct rsql_writer *w, const struct rsql_node *x, unsigned kinds)
{
  static const struct kind_name tags[] = {{RSQL_BOOL, "bool"}, {RSQL_INT, "int"},
                                          {RSQL_FLOAT, "dbl"}, {RSQL_STRING, "str"},
                                          {RSQL_ARRAY, "arr"}, {RSQL_OBJECT, "obj"}};
  static const struct kind_name types[] = {
    {RSQL_BOOL, "BOOLEAN"},   {RSQL_INT, "BIGINT"},   {RSQL_INT, "UBIGINT"},
    {RSQL_INT, "HUGEINT"},    {RSQL_INT, "UHUGEINT"}, {RSQL_FLOAT, "DOUBLE"},
    {RSQL_STRING, "VARCHAR"}, {RSQL_ARRAY, "ARRAY"},  {RSQL_OBJECT, "OBJECT"}};
  // how the text of such a JSON value begins
  static const char *const begins[] = {"[tf]", "-?[0-9]+$", "-?[0-9]+[.eE]", "\"", "\\[", "\\{"};
  if (rs_rsql_is_boxed(w, x)) {
    rs_rsql_write_boxed_test(w, x, kinds);
    return;
  }
  if (w->f->json_casts) {
    const char *bar = "";
    rs_rsql_write(w, "regexp_like(json_format(");
    rs_rsql_write_expr(w, x);
    rs_rsql_write(w, "), '^(");
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
      if ((kinds & 1u << i) == 0) continue;
      rs_buf_printf(w->b, "%s%s", bar, begins[i]);
      bar = "|";
    }
    rs_rsql_write(w, ")')");
    return;
  }
  const bool tag = is_union(w, x);
  const unsigned known = kinds & rs_rsql_type_kinds(x->type);
  if (known == 0) {
    rs_rsql_write(w, "FALSE");
    return;
  }
  if (tag) {
    rs_rsql_write(w, "union_tag(");
    rs_rsql_write_stored(w, x);
    rs_rsql_write(w, ")");
  } else {
    rs_rsql_write_json_type(w, x);
  }
  rs_rsql_write(w, " IN (");
  if (tag) list(w, known, tags, sizeof tags / sizeof tags[0]);
  else list(w, known, types, sizeof types / sizeof types[0]);
  rs_rsql_write(w, ")");
}

static const char *null_of(enum rsql_kind type)
{
  return type == TY_INT      ? "CAST(NULL AS BIGINT)"
         : type == TY_FLOAT  ? "CAST(NULL AS DOUBLE)"
         : type == TY_STRING ? "CAST(NULL AS VARCHAR)"
         : type == TY_BOOL   ? "CAST(NULL AS BOOLEAN)"
                             : "NULL";
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
    for (size_t i = 0; i < NMEMBERS; i++) {
      if ((known & 1u << i) == 0) continue;
      if (i == 1 && cast) rs_rsql_write(w, "CAST(");
      rs_rsql_write_member(w, x, members[i]);
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
    default: rs_rsql_write(w, "NULL"); return;
  }
  if (type == TY_STRING && !w->f->json_casts &&
      rs_rsql_write_json_path(w, "json_extract_string", x))
    return;
  form = rs_rsql_write_until(w, form, '$');
  rs_rsql_write_operand(w, x);
  rs_rsql_write(w, form);
}

/* The name of the type of x, which is no null. */
static void type_name(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_write_type_of(w, x)) return;
  if (w->f->json_casts) {
    rs_rsql_write_form(w,
                       "CASE " T_LETTER " WHEN '\"' THEN 'string' WHEN 't' THEN 'bool' WHEN 'f' "
                       "THEN 'bool' WHEN '[' THEN 'array' WHEN '{' THEN 'object' ELSE CASE WHEN "
                       "regexp_like(json_format($), '[.eE]') THEN 'float' ELSE 'int' END END",
                       x);
  } else {
    rs_rsql_write(w, "CASE json_type(");
    rs_rsql_write_expr(w, x);
    rs_rsql_write(w, ") WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'bool' WHEN 'DOUBLE' "
                     "THEN 'float' WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'object' ELSE "
                     "'int' END");
  }
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
  rs_rsql_write(
    w, ") WHEN 'str' THEN 'string' WHEN 'dbl' THEN 'float' WHEN 'int' THEN 'int' WHEN "
       "'bool' THEN 'bool' WHEN 'arr' THEN 'array' WHEN 'obj' THEN 'object' ELSE 'undefined' END");
  return true;
}

/* Its name, where it is known before; else NULL. */
static const char *only_kind(unsigned kinds)
{
  static const char *const names[] = {"bool", "int", "float", "string", "array", "object"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (kinds == 1u << i) return names[i];
  return NULL;
}

static void there(struct rsql_writer *w, const struct rsql_node *x)
{
  if (is_union(w, x)) {
    rs_rsql_write_stored(w, x);
    rs_rsql_write(w, " IS NOT NULL");
  } else if (w->f->json_casts) {
    test(w, x, RSQL_ALL);
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
  if ((!x->has || others == 0) && is_union(w, a) &&
      x->type.kind != TY_JSON) { // another member gives NULL
    value(w, a, kinds, x->type.kind);
    return;
  }
  const bool lenient = !x->has || others == 0 || w->quiet;
  if (lenient && (kinds & RSQL_NUMBER) != 0 && rs_rsql_is_number(x->type.kind) &&
      number(w, a, kinds))
    return;
  const char *type = x->type.kind == TY_TIMESTAMP ? w->f->null_timestamp : "$";
  type = rs_rsql_write_until(w, type, '$');
  rs_rsql_write(w, "CASE");
  if (kinds != 0) {
    rs_rsql_write(w, " WHEN ");
    test(w, a, kinds);
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

/* ---- comparisons ----------------------------------------------------------------------------- */

void rs_rsql_write_compared(struct rsql_writer *w, const struct rsql_node *x, int class)
{
  static const struct {
    unsigned kinds;
    enum rsql_kind type;
  } classes[] = {
    {0, TY_ANY}, {RSQL_NUMBER, TY_FLOAT}, {RSQL_BOOL, TY_BOOL}, {RSQL_STRING, TY_STRING}};
  if (x->type.kind != TY_JSON || class < 1 || class > 3) {
    rs_rsql_write_operand(w, x);
    return;
  }
  if (w->plain) rs_rsql_plain_fail(w, x->pos, "the comparison of a JSON value");
  if (class == 1 && number(w, x, RSQL_NUMBER)) return;
  const unsigned kinds = classes[class].kinds & rs_rsql_type_kinds(x->type);
  struct rsql_node *operand = (struct rsql_node *)x;
  struct rsql_node view = {.kind = N_VIEW, .pos = x->pos, .v = &operand, .n = 1, .op = (int)kinds};
  view.type.kind = kinds == RSQL_INT ? TY_INT : classes[class].type;
  if (kinds == 0) rs_rsql_write(w, "NULL");
  else rs_rsql_write_view(w, &view);
}

static const unsigned classes[] = {0, RSQL_NUMBER, RSQL_BOOL, RSQL_STRING}; // of strict.h

static bool is_json(const struct rsql_writer *w, const struct rsql_node *x)
{
  return x->type.kind == TY_JSON && !w->plain;
}

/* What tells an array from an object. */
static void nested_type(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write_form(w, w->f->json_casts ? T_LETTER : "json_type($)", x);
}

static void nested_value(struct rsql_writer *w, const struct rsql_node *x)
{
  if (w->f->json_casts) rs_rsql_write_form(w, "json_format($)", x);
  else rs_rsql_write_operand(w, x);
}

/* The classes of scalars of which both may have some. */
static size_t classes_of(const struct rsql_node *l, const struct rsql_node *r)
{
  const unsigned a = rs_rsql_type_kinds(l->type), b = rs_rsql_type_kinds(r->type);
  size_t n = (a & b & (RSQL_ARRAY | RSQL_OBJECT)) != 0;
  for (int c = 1; c <= 3; c++) n += (a & classes[c]) != 0 && (b & classes[c]) != 0;
  return n;
}

bool rs_rsql_write_json_comparison(struct rsql_writer *w, const struct rsql_node *l,
                                   const char *operator, const struct rsql_node * r)
{
  if (!is_json(w, l) || !is_json(w, r)) return false;
  const unsigned a = rs_rsql_type_kinds(l->type), b = rs_rsql_type_kinds(r->type);
  const bool nested = (a & b & (RSQL_ARRAY | RSQL_OBJECT)) != 0;
  const size_t n = classes_of(l, r);
  if (n == 0) rs_rsql_write(w, "CAST(NULL AS BOOLEAN)");
  if (n > 1) rs_rsql_write(w, "coalesce(");
  const char *comma = "";
  for (int c = 1; c <= 3; c++) {
    if ((a & classes[c]) == 0 || (b & classes[c]) == 0) continue;
    rs_rsql_write(w, comma);
    rs_rsql_write_compared(w, l, c);
    rs_rsql_write(w, operator);
    rs_rsql_write_compared(w, r, c);
    comma = ", ";
  }
  if (nested) {
    rs_rsql_write(w, comma);
    rs_rsql_write(w, "CASE WHEN ");
    test(w, l, RSQL_ARRAY | RSQL_OBJECT);
    rs_rsql_write(w, " AND ");
    nested_type(w, l);
    rs_rsql_write(w, " = ");
    nested_type(w, r);
    rs_rsql_write(w, " THEN ");
    nested_value(w, l);
    rs_rsql_write(w, operator);
    nested_value(w, r);
    rs_rsql_write(w, " END");
  }
  if (n > 1) rs_rsql_write(w, ")");
  return true;
}

/* One text for equal values, by which an engine can join. */
static void key(struct rsql_writer *w, const struct rsql_node *x)
{
  static const char *const form =
    "CASE json_type($) WHEN 'NULL' THEN NULL WHEN 'DOUBLE' THEN CASE WHEN abs(CAST($ AS DOUBLE)) "
    "< 9e15 AND CAST($ AS DOUBLE) = trunc(CAST($ AS DOUBLE)) THEN CAST(CAST(CAST($ AS DOUBLE) AS "
    "BIGINT) AS VARCHAR) ELSE CAST(CAST($ AS DOUBLE) AS VARCHAR) END ELSE CAST($ AS VARCHAR) END";
  static const char *const trino =
    "CASE WHEN " T_IS_FLOAT " THEN CASE WHEN abs(CAST($ AS double)) < 9e15 AND CAST($ AS double) = "
    "truncate(CAST($ AS double)) THEN CAST(CAST($ AS bigint) AS varchar) ELSE json_format($) END "
    "ELSE nullif(json_format($), 'null') END";
  if (w->f->json_casts) {
    rs_rsql_write_form(w, trino, x);
    return;
  }
  const bool floats = (rs_rsql_type_kinds(x->type) & RSQL_FLOAT) != 0;
  rs_rsql_write_form(w, floats ? form : "nullif(CAST($ AS VARCHAR), 'null')", x);
}

static bool is_key_comparison(const struct rsql_writer *w, const struct rsql_node *x)
{
  return x->kind == N_COMPARE && x->op == '=' && is_json(w, x->v[0]) && is_json(w, x->v[1]) &&
         classes_of(x->v[0], x->v[1]) > 1;
}

static void conjunct(struct rsql_writer *w, const struct rsql_node *x, bool enclosed)
{
  if (!is_key_comparison(w, x)) {
    rs_rsql_write_condition(w, x, enclosed);
    return;
  }
  key(w, x->v[0]);
  rs_rsql_write(w, " = ");
  key(w, x->v[1]);
}

void rs_rsql_write_filter(struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->kind == N_CHAIN && x->ops[0] == 'A') rs_rsql_write_logic(w, x, conjunct);
  else conjunct(w, x, true);
}

/* What values must have in common to be comparable; NULL of null. */
static void class_of(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write_form(
    w,
    w->f->json_casts
      ? T_RANK
      : "CASE json_type($) WHEN 'BOOLEAN' THEN 1 WHEN 'VARCHAR' THEN 3 WHEN 'ARRAY' "
        "THEN 4 WHEN 'OBJECT' THEN 5 WHEN 'NULL' THEN NULL ELSE CASE WHEN $ IS NOT NULL THEN 2 "
        "END END",
    x);
}

/* l NOT IN (query): null where no value is equal, but one of them can't be compared. */
static void write_not_in(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *l = x->v[0], *r = x->item;
  rs_rsql_write(w, "CASE WHEN ");
  key(w, l);
  rs_rsql_write(w, " IN (SELECT ");
  key(w, r);
  rs_rsql_write(w, " FROM ");
  rs_rsql_write_subquery(w, x->query);
  rs_rsql_write(w, " AS rs_in(rs_x)) THEN FALSE WHEN EXISTS (SELECT 1 FROM ");
  rs_rsql_write_subquery(w, x->query);
  rs_rsql_write(w, " AS rs_in(rs_x) WHERE NOT coalesce(");
  class_of(w, r);
  rs_rsql_write(w, " = ");
  class_of(w, l);
  rs_rsql_write(w, ", FALSE)) THEN NULL ELSE TRUE END");
}

bool rs_rsql_write_json_in(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *l = x->v[0], *r = x->item;
  if (r == NULL || w->plain) return false;
  const int a = rs_rsql_class_of(l->type.kind), b = rs_rsql_class_of(r->type.kind);
  const bool both = is_json(w, l) && is_json(w, r);
  if (both && x->has) {
    write_not_in(w, x);
    return true;
  }
  if (both) key(w, l);
  else if (is_json(w, r) && a >= 1 && a <= 3) rs_rsql_write_operand(w, l);
  else if (is_json(w, l) && b >= 1 && b <= 3) rs_rsql_write_compared(w, l, b);
  else return false;
  rs_rsql_write(w, x->has ? " NOT IN " : " IN ");
  if (!is_json(w, r)) {
    rs_rsql_write_subquery(w, x->query);
    return true;
  }
  rs_rsql_write(w, "(SELECT ");
  if (both) key(w, r);
  else rs_rsql_write_compared(w, r, a);
  rs_rsql_write(w, " FROM ");
  rs_rsql_write_subquery(w, x->query);
  rs_rsql_write(w, " AS rs_in(rs_x))");
  return true;
}

/* ---- orders and conditions ------------------------------------------------------------------- */

#define NUMBERS "'BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT', 'UHUGEINT'"

static void direction(struct rsql_writer *w, const struct rsql_order *o)
{
  if (o->dir != NULL) rs_buf_printf(w->b, " %s", o->dir);
  if (o->nulls != NULL) rs_buf_printf(w->b, " NULLS %s", o->nulls);
}

/* Booleans, numbers, texts, arrays, objects; numbers by their values, all others by their texts. */
bool rs_rsql_write_order_keys(struct rsql_writer *w, const struct rsql_order *o)
{
  static const char *const keys[][2] = {
    {"CASE json_type(", ") WHEN 'BOOLEAN' THEN 1 WHEN 'BIGINT' THEN 2 WHEN 'UBIGINT' THEN 2 "
                        "WHEN 'DOUBLE' THEN 2 WHEN 'HUGEINT' THEN 2 WHEN 'UHUGEINT' THEN 2 "
                        "WHEN 'VARCHAR' THEN 3 WHEN 'ARRAY' THEN 4 WHEN 'OBJECT' THEN 5 END"},
    {"CASE WHEN json_type(", ") IN (" NUMBERS ") THEN CAST("},
    {"(", " ->> '$')"},
  };
  static const char *const trino[] = {
    T_RANK, "CASE WHEN regexp_like(json_format($), '^[-0-9]') THEN CAST($ AS double) END",
    "CASE WHEN " T_LETTER " IN ('[', '{') THEN json_format($) ELSE CAST($ AS varchar) END"};
  // in an expression the engine would take an alias for the field of that name
  const bool alias = o->expr->kind == N_COLUMN && o->expr->item != NULL && o->expr->has;
  const struct rsql_node *x = alias ? o->expr->item : o->expr;
  const struct rsql_type t = x->type;
  if (!is_json(w, x)) return false;
  // of a group nothing but its key is known, which is the JSON
  const bool scalars = (rs_rsql_type_kinds(t) & ~(unsigned)RSQL_SCALAR) == 0;
  if (!alias && !w->alike && x->kind == N_COLUMN && rs_rsql_type_is_union(t) && scalars &&
      !(rs_rsql_type_has_member(t, "int") && rs_rsql_type_has_member(t, "dbl"))) {
    // its members stand in that order
    rs_rsql_write_stored(w, x);
    direction(w, o);
    return true;
  }
  for (size_t i = 0; i < 3; i++) {
    rs_rsql_write(w, i > 0 ? ", " : "");
    if (w->f->json_casts) {
      rs_rsql_write_form(w, trino[i], x);
      direction(w, o);
      continue;
    }
    rs_rsql_write(w, keys[i][0]);
    if (i < 2) rs_rsql_write_expr(w, x);
    else rs_rsql_write_operand(w, x);
    rs_rsql_write(w, keys[i][1]);
    if (i == 1) {
      rs_rsql_write_expr(w, x);
      rs_rsql_write(w, " AS DOUBLE) END");
    }
    direction(w, o);
  }
  return true;
}

/* What is no boolean is no truth. */
void rs_rsql_write_condition(struct rsql_writer *w, const struct rsql_node *x, bool enclosed)
{
  if (!is_json(w, x)) {
    if (enclosed) rs_rsql_write_expr(w, x);
    else rs_rsql_write_operand(w, x);
    return;
  }
  rs_rsql_write_compared(w, x, 2);
}
