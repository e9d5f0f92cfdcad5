/*
** Predicates as text: comparisons as Rockset makes them, BETWEEN, IN, LIKE, IS (see emit.h).
*/
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/lex.h"
#include "src/rsql/strict.h"

static const char *comparison_text(int op)
{
  switch (op) {
    case OP_NE: return " <> ";
    case OP_LE: return " <= ";
    case OP_GE: return " >= ";
    case '<': return " < ";
    case '>': return " > ";
    default: return " = ";
  }
}

/* A JSON value against a date, time, bytes or an interval: each kind of such values that it may be
** is compared as a plain column of that type. False: it is no such comparison. */
static bool compare_typed(struct rsql_writer *w, const struct rsql_node *l, int op,
                          const struct rsql_node *r)
{
  const bool left = l->type.kind == TY_JSON;
  struct rsql_node *json = (struct rsql_node *)(left ? l : r);
  const unsigned kind = rs_rsql_typed_bit(left ? r->type.kind : l->type.kind);
  if (w->plain || kind == 0 || json->type.kind != TY_JSON) return false;
  const unsigned kinds = rs_rsql_type_kinds(json->type) &
                         ((kind & RSQL_MOMENTS) != 0 ? (unsigned)RSQL_MOMENTS : kind);
  const bool several = (kinds & (kinds - 1)) != 0;
  const char *comma = "";
  if (kinds == 0) rs_rsql_write(w, "CAST(NULL AS BOOLEAN)");
  if (several) rs_rsql_write(w, "coalesce(");
  for (unsigned k = RSQL_DATE; k <= RSQL_LAST; k <<= 1) {
    if ((kinds & k) == 0) continue;
    struct rsql_node view = {.kind = N_VIEW, .pos = json->pos, .v = &json, .n = 1, .op = (int)k};
    view.type.kind = rs_rsql_kind_of_bit(k);
    rs_rsql_write(w, comma);
    rs_rsql_write_comparison(w, left ? &view : l, op, left ? r : &view);
    comma = ", ";
  }
  if (several) rs_rsql_write(w, ")");
  return true;
}

/* l op r; it binds as the operator does. */
void rs_rsql_write_comparison(struct rsql_writer *w, const struct rsql_node *l, int op,
                              const struct rsql_node *r)
{
  struct rsql_node *const both[] = {(struct rsql_node *)l, (struct rsql_node *)r};
  if (rs_rsql_in_utc(both, 2)) {
    rs_rsql_write_utc(w, l);
    rs_rsql_write(w, comparison_text(op));
    rs_rsql_write_utc(w, r);
    return;
  }
  const int a = rs_rsql_class_of(l->type.kind), b = rs_rsql_class_of(r->type.kind);
  if (rs_rsql_are_unlike(l->type.kind, r->type.kind)) {
    rs_rsql_write(w, "CAST(NULL AS BOOLEAN)");
    return;
  }
  if (compare_typed(w, l, op, r)) return;
  if (rs_rsql_write_json_comparison(w, l, comparison_text(op), r)) return;
  if (rs_rsql_write_nested_comparison(w, l, comparison_text(op), r)) return;
  rs_rsql_write_compared(w, l, b);
  rs_rsql_write(w, comparison_text(op));
  rs_rsql_write_compared(w, r, a);
}

/* May the engine compare x with all of these by itself? Not where one is of another type, nor with
** JSON values, unless x alone is one and they are all of one type. */
bool rs_rsql_is_uniform(const struct rsql_node *x, struct rsql_node *const *v, size_t n)
{
  const int class = n > 0 ? rs_rsql_class_of(v[0]->type.kind) : 0;
  for (size_t i = 0; i < n; i++) {
    if (rs_rsql_class_of(v[i]->type.kind) != class || v[i]->type.kind == TY_JSON ||
        rs_rsql_are_unlike(x->type.kind, v[i]->type.kind))
      return false;
  }
  return x->type.kind == TY_JSON ? class > 0
                                 : class == 0 || rs_rsql_class_of(x->type.kind) == 0 ||
                                     rs_rsql_class_of(x->type.kind) == class;
}

static void between(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_rsql_in_utc(x->v, 3)) {
    rs_rsql_write_utc(w, x->v[0]);
    rs_rsql_write(w, x->has ? " NOT BETWEEN " : " BETWEEN ");
    rs_rsql_write_utc(w, x->v[1]);
    rs_rsql_write(w, " AND ");
    rs_rsql_write_utc(w, x->v[2]);
    return;
  }
  if (!rs_rsql_is_uniform(x->v[0], x->v + 1, 2)) {
    rs_rsql_write(w, x->has ? "NOT (" : "(");
    rs_rsql_write_comparison(w, x->v[0], OP_GE, x->v[1]);
    rs_rsql_write(w, " AND ");
    rs_rsql_write_comparison(w, x->v[0], OP_LE, x->v[2]);
    rs_rsql_write(w, ")");
    return;
  }
  rs_rsql_write_compared(w, x->v[0], rs_rsql_class_of(x->v[1]->type.kind));
  rs_rsql_write(w, x->has ? " NOT BETWEEN " : " BETWEEN ");
  rs_rsql_write_operand(w, x->v[1]);
  rs_rsql_write(w, " AND ");
  rs_rsql_write_operand(w, x->v[2]);
}

/* An OR of comparisons. */
static void in_turn(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write(w, x->has ? "NOT (" : "(");
  for (size_t i = 1; i < x->n && w->rc == RS_OK; i++) {
    if (i > 1) rs_rsql_write(w, " OR ");
    rs_rsql_write_comparison(w, x->v[0], '=', x->v[i]);
  }
  rs_rsql_write(w, ")");
}

/* Is nothing that the query gives comparable? Then the answer is null, but of no rows. */
static bool write_unlike(struct rsql_writer *w, const struct rsql_node *x, bool of_none)
{
  if (x->query == NULL || x->item == NULL) return false;
  if (!rs_rsql_are_unlike(x->v[0]->type.kind, x->item->type.kind)) return false;
  rs_rsql_write(w, "(CASE WHEN EXISTS ");
  rs_rsql_write_subquery(w, x->query);
  rs_rsql_write(w, " THEN CAST(NULL AS BOOLEAN) ELSE ");
  rs_rsql_write(w, of_none ? "TRUE END)" : "FALSE END)");
  return true;
}

static void in(struct rsql_writer *w, const struct rsql_node *x)
{
  if (write_unlike(w, x, x->has)) return;
  if (x->n > 1 && !rs_rsql_is_uniform(x->v[0], x->v + 1, x->n - 1)) {
    in_turn(w, x);
    return;
  }
  if (x->query != NULL && rs_rsql_write_json_in(w, x)) return;
  rs_rsql_write_compared(w, x->v[0], x->n > 1 ? rs_rsql_class_of(x->v[1]->type.kind) : 0);
  rs_rsql_write(w, x->has ? " NOT IN " : " IN ");
  if (x->query != NULL) {
    rs_rsql_write_subquery(w, x->query);
    return;
  }
  rs_rsql_write(w, "(");
  rs_rsql_write_exprs(w, x->v + 1, x->n - 1);
  rs_rsql_write(w, ")");
}

static void like(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write_as(w, x->v[0], 's', false);
  rs_buf_printf(w->b, x->has ? " NOT %s " : " %s ", x->text);
  rs_rsql_write_operand(w, x->v[1]);
  if (x->n < 3) return;
  rs_rsql_write(w, " ESCAPE ");
  rs_rsql_write_operand(w, x->v[2]);
}

/* A stored null is a JSON value in a JSON column, and no NULL to the engine. */
static void is_null(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_node *a = x->v[0];
  bool undefined = rs_eq(x->text, "UNDEFINED"), json = a->type.kind == TY_JSON;
  if (undefined && a->kind == N_NULL) {
    rs_rsql_write(w, x->has ? "TRUE" : "FALSE");
    return;
  }
  if (x->n > 1) { // nor is there anything beside the column
    rs_rsql_write(w, "(");
    if (rs_rsql_is_boxed(w, a)) rs_rsql_write_boxed_text(w, a);
    else rs_rsql_write_operand(w, a);
    rs_rsql_write(w, x->has ? " IS NOT NULL OR " : " IS NULL AND ");
    rs_rsql_write_operand(w, x->v[1]);
    rs_rsql_write(w, x->has ? " IS NOT NULL)" : " IS NULL)");
    return;
  }
  const bool made = undefined && a->kind == N_CALL && a->call->known != NULL &&
                    a->call->over == NULL && !rs_rsql_function_boxes(a->call->known);
  if (made) { // a function gives null where it has no value; an aggregate must still be one
    rs_rsql_write(w, x->has ? "(" : "NOT (");
    rs_rsql_write_operand(w, a);
    rs_rsql_write(w, " IS NULL OR TRUE)");
    return;
  }
  if (rs_rsql_is_boxed(w, a)) {
    rs_rsql_write(w, x->has ? "" : "NOT ");
    rs_rsql_write_boxed_test(w, a, RSQL_ALL);
    return;
  }
  if (undefined || !json) {
    rs_rsql_write_operand(w, a);
    rs_rsql_write(w, x->has ? " IS NOT NULL" : " IS NULL");
    return;
  }
  if (w->plain) {
    rs_rsql_plain_fail(w, x->pos, "IS NULL of a JSON value");
    return;
  }
  rs_rsql_write(w, x->has ? "NOT (" : "(");
  rs_rsql_write_operand(w, a);
  rs_rsql_write(w, " IS NULL OR ");
  const char *rest = rs_rsql_write_until(w, w->f->json_is_null, '$');
  rs_rsql_write_operand(w, a);
  rs_rsql_write(w, rest);
  rs_rsql_write(w, ")");
}

static void is(struct rsql_writer *w, const struct rsql_node *x)
{
  if (rs_eq(x->text, "NULL") || rs_eq(x->text, "UNDEFINED")) {
    is_null(w, x);
    return;
  }
  rs_rsql_write_operand(w, x->v[0]);
  rs_buf_printf(w->b, x->has ? " IS NOT %s" : " IS %s", x->text);
}

static void distinct_from(struct rsql_writer *w, const struct rsql_node *x)
{
  rs_rsql_write_operand(w, x->v[0]);
  rs_rsql_write(w, x->has ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
  rs_rsql_write_operand(w, x->v[1]);
}

void rs_rsql_write_predicate(struct rsql_writer *w, const struct rsql_node *x)
{
  switch (x->kind) {
    case N_COMPARE: rs_rsql_write_comparison(w, x->v[0], x->op, x->v[1]); break;
    case N_BETWEEN: between(w, x); break;
    case N_IN: in(w, x); break;
    case N_LIKE: like(w, x); break;
    case N_IS: is(w, x); break;
    case N_DISTINCT_FROM: distinct_from(w, x); break;
    case N_EXISTS:
      rs_rsql_write(w, "EXISTS ");
      rs_rsql_write_subquery(w, x->query);
      break;
    default: // N_QUANT
      if (write_unlike(w, x, rs_eq(x->text, "ALL"))) break;
      rs_rsql_write_operand(w, x->v[0]);
      rs_rsql_write(w, comparison_text(x->op));
      rs_rsql_write(w, x->text);
      rs_rsql_write_subquery(w, x->query);
  }
}
