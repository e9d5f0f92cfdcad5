/*
** Values of several types, one by one: operators, functions and casts over JSON values (a column of
** several types is one) become ones over views of them. A view (N_VIEW) is NULL, or an error of
** that row, where the value is of another type, so that what stands around it sees one type.
**
** Where an int gives an int and a float a float, both are written: CASE WHEN all are ints THEN
** x + 1 ELSE x + 1 END, as a JSON value. An operand that is no column is bound to a name first
** (N_LET), or nested expressions would double at each level.
*/
#include <string.h>
#include "src/base/text.h"
#include "mixed.h"
#include "strict.h"
#include "types.h"

#define NUMBERS "UNION(\"int\" BIGINT, dbl DOUBLE)"

const struct rsql_type rs_rsql_number_type = {
  .kind = TY_JSON, .native = NUMBERS, .n = sizeof NUMBERS - 1};

/* ---- nodes ----------------------------------------------------------------------------------- */

struct rsql_node *rs_rsql_mixed_node(struct rsql_resolver *r, enum rsql_node_kind kind, size_t pos,
                                     size_t n)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  struct rsql_node **v = x != NULL ? rs_rsql_resolve_new(r, (n + 1) * sizeof *v) : NULL;
  if (v == NULL) return NULL;
  *x = (struct rsql_node){.kind = kind, .pos = pos, .v = v, .n = n};
  return x;
}

/* The same with operands of its own. */
struct rsql_node *rs_rsql_mixed_copy(struct rsql_resolver *r, const struct rsql_node *x)
{
  struct rsql_node *y = rs_rsql_mixed_node(r, x->kind, x->pos, x->n);
  if (y == NULL) return NULL;
  struct rsql_node **v = y->v;
  *y = *x;
  y->v = v;
  if (x->n > 0) memcpy(v, x->v, x->n * sizeof *v);
  return y;
}

bool rs_rsql_is_mixed(const struct rsql_node *x)
{
  return x->type.kind == TY_JSON;
}

/* x as that type where it is one of these kinds; what: an error of another one, as in N_VIEW. */
struct rsql_node *rs_rsql_mixed_view(struct rsql_resolver *r, struct rsql_node *x, unsigned kinds,
                                     struct rsql_type type, const char *what, const char *behind)
{
  struct rsql_node *y = rs_rsql_mixed_node(r, N_VIEW, x->pos, 1);
  if (y == NULL) return NULL;
  y->v[0] = x;
  y->op = (int)kinds;
  y->has = what != NULL;
  y->text = what;
  y->name = behind;
  y->type = type;
  return y;
}

struct rsql_node *rs_rsql_mixed_view_of(struct rsql_resolver *r, struct rsql_node *x, unsigned kind)
{
  const struct rsql_type type = {.kind = rs_rsql_kind_of_bit(kind)};
  return rs_rsql_mixed_view(r, x, kind, type, NULL, NULL);
}

struct rsql_type rs_rsql_mixed_array(const struct rsql_node *x)
{
  const struct rsql_type array = rs_rsql_type_member(x->type, RSQL_ARRAY);
  return rs_rsql_has_members(x) && array.kind == TY_LIST ? array
                                                         : (struct rsql_type){.kind = TY_JSON};
}

struct rsql_node *rs_rsql_mixed_there(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *y = x != NULL ? rs_rsql_mixed_node(r, N_IS, x->pos, 1) : NULL;
  if (y == NULL) return NULL;
  y->v[0] = x;
  y->text = "NULL";
  y->has = true;
  y->type.kind = TY_BOOL;
  return y;
}

/* a AND b; a may be NULL. */
struct rsql_node *rs_rsql_mixed_both(struct rsql_resolver *r, struct rsql_node *a,
                                     struct rsql_node *b)
{
  if (a == NULL || b == NULL) return b;
  struct rsql_node *x = rs_rsql_mixed_node(r, N_CHAIN, a->pos, 2);
  if (x == NULL) return NULL;
  x->v[0] = a;
  x->v[1] = b;
  x->type.kind = TY_BOOL;
  x->ops = (unsigned char *)rs_arena_strdup(r->arena, "A");
  if (x->ops != NULL) return x;
  (void)rs_rsql_resolve_oom(r);
  return NULL;
}

/* Makes x CASE WHEN a THEN b ELSE c END of that type; of numbers c is right for all. */
bool rs_rsql_mixed_case(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *a,
                        struct rsql_node *b, struct rsql_node *c, struct rsql_type type)
{
  struct rsql_node *y = rs_rsql_mixed_node(r, N_CASE, x->pos, 3);
  if (y == NULL || a == NULL || b == NULL || c == NULL) return false;
  y->v[0] = a;
  y->v[1] = b;
  y->v[2] = c;
  y->op = 1;
  y->type = type;
  y->text = type.native == rs_rsql_number_type.native ? "number" : NULL;
  *x = *y;
  return true;
}

/* ---- names for operands ---------------------------------------------------------------------- */

static bool has_split(const struct rsql_node *x)
{
  if (x->kind == N_LET || (x->kind == N_CASE && x->text != NULL)) return true;
  for (size_t i = 0; i < x->n; i++)
    if (x->v[i] != NULL && has_split(x->v[i])) return true;
  return false;
}

/* May it be written many times? The key of a group must stay one text. */
bool rs_rsql_mixed_is_light(const struct rsql_resolver *r, const struct rsql_node *x)
{
  if (x->kind == N_WHOLE) return x->v[0]->type.kind == TY_FLOAT;
  if (!r->grouped && x->kind == N_CASE && x->text != NULL &&
      x->v[2]->kind != N_CALL) { // one level of numbers
    for (size_t i = 0; i < x->v[2]->n; i++)
      if (has_split(x->v[2]->v[i])) return false;
    return x->v[2]->n <= 2;
  }
  if (x->kind == N_FIELD) return rs_rsql_mixed_is_light(r, x->v[0]);
  if (x->kind == N_INDEX && (x->v[1]->kind == N_INT || x->v[1]->kind == N_STRING))
    return rs_rsql_mixed_is_light(r, x->v[0]);
  return (x->kind == N_COLUMN && (x->item == NULL || x->item->kind == N_COLUMN)) ||
         x->kind == N_PARAM || x->kind == N_BOUND;
}

/* The operands of x that are JSON and heavy get a name; *let: what binds them, with room for its
** body, NULL when there are none. */
bool rs_rsql_mixed_bind(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node **let)
{
  *let = NULL;
  for (size_t i = 0; i < x->n; i++) {
    if (!rs_rsql_is_mixed(x->v[i]) || rs_rsql_mixed_is_light(r, x->v[i])) continue;
    if (*let == NULL) {
      *let = rs_rsql_mixed_node(r, N_LET, x->pos, x->n + 1);
      if (*let == NULL) return false;
      (*let)->n = 1;
      (*let)->text = rs_arena_printf(r->arena, "rs_j%u", ++r->lets);
      if ((*let)->text == NULL) return rs_rsql_resolve_oom(r);
    }
    struct rsql_node *b = rs_rsql_mixed_node(r, N_BOUND, x->v[i]->pos, 1);
    if (b == NULL) return false;
    b->v[0] = x->v[i];
    b->type = x->v[i]->type;
    b->text = (*let)->text;
    b->op = (int)(*let)->n;
    (*let)->v[(*let)->n++] = x->v[i];
    x->v[i] = b;
  }
  return true;
}

/* x, whose operands were bound, becomes the let with x as its body. */
bool rs_rsql_mixed_bound(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *let)
{
  if (let == NULL) return true;
  struct rsql_node *body = rs_rsql_resolve_new(r, sizeof *body);
  if (body == NULL) return false;
  *body = *x;
  let->v[0] = body;
  let->type = body->type;
  *x = *let;
  return true;
}

/* An operator's or function's operand i, whose view y is, is refused only where the others are no
** nulls: else the result is null. Heavy ones are not asked. */
bool rs_rsql_mixed_beside(struct rsql_resolver *r, const struct rsql_node *x, size_t i,
                          struct rsql_node *y)
{
  struct rsql_node **v = y->has ? rs_rsql_resolve_new(r, (x->n + 1) * sizeof *v) : NULL;
  if (v == NULL) return !y->has;
  v[0] = y->v[0];
  y->v = v;
  for (size_t k = 0; k < x->n; k++) {
    struct rsql_node *other = x->v[k]->kind == N_VIEW ? x->v[k]->v[0] : x->v[k];
    if (k == i || other == NULL) continue;
    if (other->kind == N_NULL || other->kind == N_UNDEFINED) y->has = false;
    if (rs_rsql_mixed_is_light(r, other)) v[y->n++] = other;
  }
  return true;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* What calculations take a JSON value for: TY_JSON, an int or a float. */
enum rsql_kind rs_rsql_mixed_number_kind(struct rsql_type t)
{
  if (t.kind != TY_JSON) return t.kind;
  const unsigned kinds = rs_rsql_type_kinds(t) & RSQL_NUMBER;
  return kinds == RSQL_NUMBER ? TY_JSON : kinds == RSQL_FLOAT ? TY_FLOAT : TY_INT;
}

/* As a number; `what` as in rs_rsql_mixed_view(). */
struct rsql_node *rs_rsql_mixed_number(struct rsql_resolver *r, struct rsql_node *x,
                                       const char *what, const char *behind)
{
  const bool is_int = rs_rsql_mixed_number_kind(x->type) == TY_INT;
  const struct rsql_type type = {.kind = is_int ? TY_INT : TY_FLOAT};
  return rs_rsql_mixed_view(r, x, is_int ? RSQL_INT : RSQL_NUMBER, type, what, behind);
}

/* Are all of x's operands ints or JSON values of which some may be ints and some floats? */
static bool may_split(const struct rsql_node *x)
{
  bool some = false;
  for (size_t i = 0; i < x->n; i++) {
    const enum rsql_kind k = rs_rsql_mixed_number_kind(x->v[i]->type);
    if (k != TY_JSON && k != TY_INT) return false;
    some = some || k == TY_JSON;
  }
  return some;
}

/* x's JSON operands become numbers; where an int gives an int, x becomes both. */
bool rs_rsql_mixed_calculate(struct rsql_resolver *r, struct rsql_node *x, bool keeps,
                             rs_rsql_what_fn *what, rs_rsql_finish_fn *finish)
{
  const bool split = keeps && may_split(x);
  struct rsql_node *let = NULL, *all = NULL;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  struct rsql_node *ints = rs_rsql_mixed_copy(r, x), *floats = rs_rsql_mixed_copy(r, x);
  if (ints == NULL || floats == NULL) return false;
  for (size_t i = 0; i < x->n; i++) {
    if (!rs_rsql_is_mixed(x->v[i])) continue;
    const char *why = what(r, x, i);
    floats->v[i] = why != NULL ? rs_rsql_mixed_number(r, x->v[i], why, ".") : NULL;
    if (floats->v[i] == NULL || !rs_rsql_mixed_beside(r, x, i, floats->v[i])) return false;
    ints->v[i] = floats->v[i];
    if (!split || rs_rsql_mixed_number_kind(x->v[i]->type) != TY_JSON) continue;
    ints->v[i] = rs_rsql_mixed_view_of(r, x->v[i], RSQL_INT);
    all = rs_rsql_mixed_both(r, all, rs_rsql_mixed_there(r, ints->v[i]));
    if (all == NULL) return false;
  }
  if (!finish(r, floats)) return false;
  if (!split) {
    *x = *floats;
    return rs_rsql_mixed_bound(r, x, let);
  }
  return finish(r, ints) && rs_rsql_mixed_case(r, x, all, ints, floats, rs_rsql_number_type) &&
         rs_rsql_mixed_bound(r, x, let);
}

/* ---- operators ------------------------------------------------------------------------------- */

const char *rs_rsql_operator_what(struct rsql_resolver *r, const struct rsql_node *x, size_t i)
{
  const char c = x->kind == N_NEGATE ? '-'
                 : x->kind == N_PLUS ? '+'
                                     : (char)x->ops[i > 0 ? i - 1 : 0];
  const char *text = rs_arena_printf(r->arena, "Operator `%c` does not take ", c == 'I' ? '/' : c);
  if (text == NULL) (void)rs_rsql_resolve_oom(r);
  return text;
}

bool rs_rsql_finish_operator(struct rsql_resolver *r, struct rsql_node *x)
{
  x->type = rs_rsql_resolve_type(r, x);
  if (x->kind == N_CHAIN) x->op = rs_rsql_wrong_operand(x);
  return true;
}

/* Operand i as a string. */
bool rs_rsql_mixed_string(struct rsql_resolver *r, struct rsql_node *x, size_t i, const char *what,
                          const char *behind)
{
  if (what == NULL) return rs_rsql_resolve_oom(r);
  struct rsql_node *y = rs_rsql_mixed_view(r, x->v[i], RSQL_STRING,
                                           (struct rsql_type){.kind = TY_STRING}, what, behind);
  if (y == NULL || !rs_rsql_mixed_beside(r, x, i, y)) return false;
  x->v[i] = y;
  return true;
}

/* Like a comparison: null where it is no text. */
static bool like(struct rsql_resolver *r, struct rsql_node *x)
{
  const char *what = rs_arena_printf(r->arena, "Operator `%s` does not take ", x->text);
  for (size_t i = 0; i < x->n; i++) {
    if (!rs_rsql_is_mixed(x->v[i])) continue;
    const bool text = (rs_rsql_type_kinds(x->v[i]->type) & RSQL_STRING) != 0;
    if (text) x->v[i] = rs_rsql_mixed_view_of(r, x->v[i], RSQL_STRING);
    else if (!rs_rsql_mixed_string(r, x, i, what, ".")) return false;
    if (x->v[i] == NULL) return false;
  }
  return true;
}

/* Each type that two JSON values may have is compared by itself. */
static bool compare(struct rsql_resolver *r, struct rsql_node *x, bool *done)
{
  struct rsql_node *let;
  if (!rs_rsql_is_mixed(x->v[0]) || !rs_rsql_is_mixed(x->v[1])) return true;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  x->type = (struct rsql_type){.kind = TY_BOOL};
  *done = true;
  return rs_rsql_mixed_bound(r, x, let);
}

/* ---- casts ----------------------------------------------------------------------------------- */

/* Which kinds of scalars a type can be made of. */
static unsigned castable(enum rsql_kind to)
{
  switch (to) {
    case TY_INT:
    case TY_FLOAT:
    case TY_BOOL: return RSQL_SCALAR;
    case TY_U256: return RSQL_NUMBER | RSQL_STRING;
    case TY_MONTHS: return RSQL_NUMBER | RSQL_STRING | RSQL_MONTHS;
    case TY_MICROS: return RSQL_NUMBER | RSQL_STRING | RSQL_MICROS;
    case TY_DATE:
    case TY_DATETIME:
    case TY_TIMESTAMP: return RSQL_STRING | RSQL_MOMENTS;
    case TY_TIME: return RSQL_STRING | RSQL_DATETIME | RSQL_TIME | RSQL_TIMESTAMP;
    case TY_BYTES: return RSQL_STRING | RSQL_BYTES;
    default: return 0;
  }
}

/* A cast of JSON becomes one of each kind of value that may be there; its text names it often. */
static bool cast(struct rsql_resolver *r, struct rsql_node *x)
{
  const struct rsql_type_name *t = rs_rsql_type_find(x->text);
  const unsigned to = t != NULL ? castable(t->kind) : 0;
  const unsigned kinds = rs_rsql_type_kinds(x->v[0]->type);
  struct rsql_node *let;
  if (t != NULL && t->kind == TY_STRING) {
    x->type = (struct rsql_type){.kind = TY_STRING};
    return rs_rsql_mixed_bind(r, x, &let) && rs_rsql_mixed_bound(r, x, let);
  }
  if (to == 0) return true;
  const struct rsql_type type = {.kind = t->kind};
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  struct rsql_node *y = rs_rsql_mixed_node(r, N_CASE, x->pos, 2 * RSQL_KINDS + 1);
  if (y == NULL) return false;
  y->n = 0;
  y->type = type;
  for (unsigned k = RSQL_BOOL; k <= RSQL_LAST; k <<= 1) {
    if ((kinds & to & k) == 0) continue;
    struct rsql_node *one = rs_rsql_mixed_copy(r, x), *test;
    if (one == NULL) return false;
    one->v[0] = rs_rsql_mixed_view_of(r, x->v[0], k);
    one->type = type;
    test = one->v[0] != NULL ? rs_rsql_mixed_there(r, one->v[0]) : NULL;
    if (test == NULL) return false;
    y->v[y->n++] = test;
    y->v[y->n++] = one;
  }
  const bool try_ = x->op == CAST_TRY || x->op == CAST_TRY_STATIC;
  if ((kinds & ~to) != 0 && !try_) { // what no cast is known of
    const char *behind = rs_arena_printf(r->arena, " to %s.", rs_rsql_kind_name(t->kind));
    if (behind == NULL) return rs_rsql_resolve_oom(r);
    y->v[y->n] = rs_rsql_mixed_view(r, x->v[0], to, (struct rsql_type){.kind = TY_NULL},
                                    "Cannot cast ", behind);
    if (y->v[y->n++] == NULL) return false;
    y->op = 1;
  }
  if (y->n < 2) return true;
  *x = *y;
  return rs_rsql_mixed_bound(r, x, let);
}

/* ---- all of them ----------------------------------------------------------------------------- */

bool rs_rsql_resolve_mixed(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node *x, bool *done)
{
  const enum rsql_node_kind kind = x->kind;
  const bool grouped = at->scope != NULL && at->scope->grouped && !at->scope->row;
  bool some = false;
  *done = false;
  r->grouped = grouped;
  r->keys = grouped && !rs_rsql_mixed_of_rows(x) ? at->scope->keys : NULL;
  if (kind == N_CALL && x->n == 1 && rs_casecmp(x->name, "TYPEOF") == 0 &&
      rs_rsql_asks_side(r, x->v[0])) {
    *done = true;
    return rs_rsql_mixed_type_of(r, x, x->v[0]);
  }
  if (!rs_rsql_mixed_wholes(r, x)) return false;
  if (kind == N_CALL) {
    const bool ok = rs_rsql_mixed_call(r, x, done);
    *done = *done || x->kind != N_CALL;
    return ok;
  }
  if (kind == N_CHAIN && strchr("+-*/%I", x->ops[0]) == NULL) return true;
  for (size_t i = 0; i < x->n; i++) some = some || (x->v[i] != NULL && rs_rsql_is_mixed(x->v[i]));
  if (!some) return true;
  switch (kind) {
    case N_CHAIN:
      if (rs_rsql_mixed_takes_typed(x)) return rs_rsql_mixed_typed(r, x, done);
      if (!rs_rsql_mixed_differ(r, x, done) || *done) return r->rc == RS_OK;
      // falls through
    case N_NEGATE:
    case N_PLUS:
      *done = true;
      return rs_rsql_mixed_calculate(r, x, true, rs_rsql_operator_what, rs_rsql_finish_operator);
    case N_LIKE: return like(r, x);
    case N_COMPARE: return compare(r, x, done);
    case N_CAST: {
      const bool ok = cast(r, x);
      *done = x->kind != N_CAST;
      return ok;
    }
    case N_AT_ZONE:
    case N_EXTRACT: return rs_rsql_mixed_typed(r, x, done);
    default: return true;
  }
}

struct rsql_node *rs_rsql_resolve_array(struct rsql_resolver *r, struct rsql_node *x)
{
  if (!rs_rsql_is_mixed(x)) return x;
  return rs_rsql_mixed_view(r, x, RSQL_ARRAY, rs_rsql_mixed_array(x), "UNNEST takes an array.",
                            NULL);
}
