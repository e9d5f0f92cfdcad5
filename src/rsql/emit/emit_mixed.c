/*
** Values of several types in one column, which count as JSON: compared, ordered, as conditions.
** emit_view.c writes them as one of their types.
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
  if (class == 1 && rs_rsql_write_number(w, x, RSQL_NUMBER)) return;
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

/* The text of an array or object in which 1.0 is 1: equal ones have one, by which engines compare
** and join. Its own texts are passed over. */
static void nested_key(struct rsql_writer *w, const struct rsql_node *x)
{
#define FLOATS "'(\"(?:[^\"\\\\]|\\\\.)*\")|(-?[0-9]+)\\.0([\\],}]|\\z)'"
  const bool json = x->type.kind == TY_JSON, trino = w->f->json_casts;
  rs_rsql_write(w, "regexp_replace(");
  if (trino) rs_rsql_write_form(w, json ? "json_format($)" : "json_format(CAST($ AS json))", x);
  else rs_rsql_write_form(w, json ? "CAST($ AS VARCHAR)" : "CAST(to_json($) AS VARCHAR)", x);
  rs_rsql_write(w, trino ? ", " FLOATS ", '$1$2$3')" : ", " FLOATS ", '\\1\\2\\3', 'g')");
#undef FLOATS
}

static bool is_equality(const char *operator)
{
  return rs_eq(operator, " = ") || rs_eq(operator, " <> ");
}

/* Is it a struct, list or map whose values may be JSON? */
static bool holds_json(struct rsql_type t)
{
  if (t.kind != TY_STRUCT && t.kind != TY_LIST && t.kind != TY_MAP) return false;
  for (size_t i = 0; t.native != NULL && i + 4 <= t.n; i++)
    if (rs_casecmpn(t.native + i, "json", 4) == 0) return true;
  return false;
}

/* A JSON value with an array or object that is no JSON; two of these with JSON in them. */
bool rs_rsql_write_nested_comparison(struct rsql_writer *w, const struct rsql_node *l,
                                     const char *operator, const struct rsql_node * r)
{
  const struct rsql_node *json = is_json(w, l) ? l : r, *other = json == l ? r : l;
  const enum rsql_kind kind = other->type.kind;
  if (!w->plain && is_equality(operator) && json->type.kind == kind &&
      (holds_json(l->type) || holds_json(r->type))) {
    nested_key(w, l);
    rs_rsql_write(w, operator);
    nested_key(w, r);
    return true;
  }
  if (!is_json(w, json) || !is_equality(operator) ||
      (kind != TY_STRUCT && kind != TY_LIST && kind != TY_MAP) ||
      (rs_rsql_type_kinds(json->type) & RSQL_NESTED) == 0)
    return false;
  rs_rsql_write(w, "CASE WHEN ");
  rs_rsql_write_kind_test(w, json, RSQL_NESTED);
  rs_rsql_write(w, " THEN ");
  nested_key(w, l);
  rs_rsql_write(w, operator);
  nested_key(w, r);
  rs_rsql_write(w, " END");
  return true;
}

/* The classes of scalars of which both may have some. */
static size_t classes_of(const struct rsql_node *l, const struct rsql_node *r)
{
  const unsigned a = rs_rsql_type_kinds(l->type), b = rs_rsql_type_kinds(r->type);
  size_t n = (a & b & (RSQL_NESTED | RSQL_TYPED)) != 0;
  for (int c = 1; c <= 3; c++) n += (a & classes[c]) != 0 && (b & classes[c]) != 0;
  return n;
}

bool rs_rsql_write_json_comparison(struct rsql_writer *w, const struct rsql_node *l,
                                   const char *operator, const struct rsql_node * r)
{
  if (!is_json(w, l) || !is_json(w, r)) return false;
  const unsigned a = rs_rsql_type_kinds(l->type), b = rs_rsql_type_kinds(r->type);
  const bool nested = (a & b & (RSQL_NESTED | RSQL_TYPED)) != 0;
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
    rs_rsql_write_kind_test(w, l, RSQL_NESTED | RSQL_TYPED);
    rs_rsql_write(w, " AND ");
    nested_type(w, l);
    rs_rsql_write(w, " = ");
    nested_type(w, r);
    rs_rsql_write(w, " THEN ");
    void (*const value)(struct rsql_writer *, const struct rsql_node *) = is_equality(operator)
                                                                            ? nested_key
                                                                            : nested_value;
    value(w, l);
    rs_rsql_write(w, operator);
    value(w, r);
    rs_rsql_write(w, " END");
  }
  if (n > 1) rs_rsql_write(w, ")");
  return true;
}

void rs_rsql_write_key(struct rsql_writer *w, const struct rsql_node *x)
{
  static const char *const form =
    "CASE json_type($) WHEN 'NULL' THEN NULL WHEN 'DOUBLE' THEN CASE WHEN abs(CAST($ AS DOUBLE)) "
    "< 9e15 AND CAST($ AS DOUBLE) = trunc(CAST($ AS DOUBLE)) THEN CAST(CAST(CAST($ AS DOUBLE) AS "
    "BIGINT) AS VARCHAR) ELSE CAST(CAST($ AS DOUBLE) AS VARCHAR) END ELSE CAST($ AS VARCHAR) END";
  static const char *const trino =
    "CASE WHEN " T_IS_FLOAT " THEN CASE WHEN abs(CAST($ AS double)) < 9e15 AND CAST($ AS double) = "
    "truncate(CAST($ AS double)) THEN CAST(CAST($ AS bigint) AS varchar) ELSE json_format($) END "
    "ELSE ";
  const bool nested = (rs_rsql_type_kinds(x->type) & RSQL_NESTED) != 0;
  if (w->f->json_casts) rs_rsql_write_form(w, trino, x);
  if (nested || w->f->json_casts) {
    rs_rsql_write(w, "nullif(");
    if (nested) nested_key(w, x);
    else rs_rsql_write_form(w, "json_format($)", x);
    rs_rsql_write(w, w->f->json_casts ? ", 'null') END" : ", 'null')");
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
  rs_rsql_write_key(w, x->v[0]);
  rs_rsql_write(w, " = ");
  rs_rsql_write_key(w, x->v[1]);
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
  rs_rsql_write_key(w, l);
  rs_rsql_write(w, " IN (SELECT ");
  rs_rsql_write_key(w, r);
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

/* One side is JSON, the other one a date, bytes or the like: values of its own type count. */
static bool typed_in(struct rsql_writer *w, const struct rsql_node *x)
{
  struct rsql_node *l = x->v[0], *r = (struct rsql_node *)x->item;
  const bool left = is_json(w, l);
  const unsigned kind = rs_rsql_typed_bit(left ? r->type.kind : l->type.kind);
  if (kind == 0 || left == is_json(w, r)) return false;
  struct rsql_node view = {.kind = N_VIEW, .v = left ? &l : &r, .n = 1, .op = (int)kind};
  view.pos = x->pos;
  view.type.kind = rs_rsql_kind_of_bit(kind);
  if (left) rs_rsql_write_view(w, &view);
  else rs_rsql_write_operand(w, l);
  rs_rsql_write(w, x->has ? " NOT IN " : " IN ");
  if (!left) {
    rs_rsql_write(w, "(SELECT ");
    rs_rsql_write_view(w, &view);
    rs_rsql_write(w, " FROM ");
  }
  rs_rsql_write_subquery(w, x->query);
  if (!left) rs_rsql_write(w, " AS rs_in(rs_x))");
  return true;
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
  if (both) rs_rsql_write_key(w, l);
  else if (is_json(w, r) && a >= 1 && a <= 3) rs_rsql_write_operand(w, l);
  else if (is_json(w, l) && b >= 1 && b <= 3) rs_rsql_write_compared(w, l, b);
  else return typed_in(w, x);
  rs_rsql_write(w, x->has ? " NOT IN " : " IN ");
  if (!is_json(w, r)) {
    rs_rsql_write_subquery(w, x->query);
    return true;
  }
  rs_rsql_write(w, "(SELECT ");
  if (both) rs_rsql_write_key(w, r);
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
    {"CASE json_type(", ") WHEN 'DOUBLE' THEN regexp_replace("},
  };
  static const char *const trino[] = {
    T_RANK, "CASE WHEN regexp_like(json_format($), '^[-0-9]') THEN CAST($ AS double) END",
    "CASE WHEN " T_LETTER " IN ('[', '{') THEN json_format($) WHEN " T_IS_FLOAT
    " THEN regexp_replace(json_format($), '\\.0\\z', '') ELSE CAST($ AS varchar) END"};
  // in an expression the engine would take an alias for the field of that name
  const bool alias = o->expr->kind == N_COLUMN && o->expr->item != NULL && o->expr->has;
  const struct rsql_node *x = alias ? o->expr->item : o->expr;
  const struct rsql_type t = x->type;
  if (!is_json(w, x)) return false;
  // of a group nothing but its key is known, which is the JSON
  const bool scalars = (rs_rsql_type_kinds(t) & RSQL_NESTED) == 0;
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
    rs_rsql_write_expr(w, x);
    rs_rsql_write(w, keys[i][1]);
    if (i == 1) {
      rs_rsql_write_expr(w, x);
      rs_rsql_write(w, " AS DOUBLE) END");
    } else if (i == 2) { // 7 and 7.0 are equal, and the next key counts
      rs_rsql_write_operand(w, x);
      rs_rsql_write(w, " ->> '$', '\\.0$', '') ELSE ");
      rs_rsql_write_operand(w, x);
      rs_rsql_write(w, " ->> '$' END");
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
