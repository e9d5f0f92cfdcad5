/*
** Values of several types in one column: an engine's UNION of scalars, which counts as JSON but
** where it is selected as it is; the order of JSON values; JSON values as conditions.
**
** Engines with another JSON type (w->f->json_casts) have neither.
*/
#include <string.h>
#include "src/base/text.h"
#include "emit.h"
#include "strict.h"

/* A column of UNION("int" BIGINT, str VARCHAR ...) as JSON. */
void rs_rsql_write_union(struct rsql_writer *w, const struct rsql_node *x)
{
  static const char *const members[] = {"bool", "int", "dbl", "str"};
  struct rsql_node column = *x;
  column.raw = true;
  rs_rsql_write(w, "CASE union_tag(");
  rs_rsql_write_expr(w, &column);
  rs_rsql_write(w, ")");
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
    if (!rs_rsql_type_has_member(x->type, members[i])) continue;
    rs_buf_printf(w->b, " WHEN '%s' THEN to_json(union_extract(", members[i]);
    rs_rsql_write_expr(w, &column);
    rs_buf_printf(w->b, ", '%s'))", members[i]);
  }
  rs_rsql_write(w, " END");
}

static bool is_json(const struct rsql_writer *w, const struct rsql_node *x)
{
  return x->type.kind == TY_JSON && !w->plain && !w->f->json_casts;
}

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
  const struct rsql_type t = o->expr->type;
  if (!is_json(w, o->expr)) return false;
  if (o->expr->kind == N_COLUMN && rs_rsql_type_is_union(t) &&
      !(rs_rsql_type_has_member(t, "int") && rs_rsql_type_has_member(t, "dbl"))) {
    // its members stand in that order
    struct rsql_node column = *o->expr;
    column.raw = true;
    rs_rsql_write_expr(w, &column);
    direction(w, o);
    return true;
  }
  for (size_t i = 0; i < 3; i++) {
    rs_rsql_write(w, i > 0 ? ", " : "");
    rs_rsql_write(w, keys[i][0]);
    if (i < 2) rs_rsql_write_expr(w, o->expr);
    else rs_rsql_write_operand(w, o->expr);
    rs_rsql_write(w, keys[i][1]);
    if (i == 1) {
      rs_rsql_write_expr(w, o->expr);
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
  rs_rsql_write(w, "CASE WHEN json_type(");
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, ") = 'BOOLEAN' THEN CAST(");
  rs_rsql_write_expr(w, x);
  rs_rsql_write(w, " AS BOOLEAN) END");
}
