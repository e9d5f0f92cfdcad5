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
#include "functions.h"
#include "resolve.h"
#include "strict.h"
#include "types.h"

#define NUMBERS "UNION(\"int\" BIGINT, dbl DOUBLE)"

static const struct rsql_type number_type = {
  .kind = TY_JSON, .native = NUMBERS, .n = sizeof NUMBERS - 1};

/* ---- nodes ----------------------------------------------------------------------------------- */

static struct rsql_node *make(struct rsql_resolver *r, enum rsql_node_kind kind, size_t pos,
                              size_t n)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  struct rsql_node **v = x != NULL ? rs_rsql_resolve_new(r, (n + 1) * sizeof *v) : NULL;
  if (v == NULL) return NULL;
  *x = (struct rsql_node){.kind = kind, .pos = pos, .v = v, .n = n};
  return x;
}

/* The same with operands of its own. */
static struct rsql_node *copy(struct rsql_resolver *r, const struct rsql_node *x)
{
  struct rsql_node *y = make(r, x->kind, x->pos, x->n);
  if (y == NULL) return NULL;
  struct rsql_node **v = y->v;
  *y = *x;
  y->v = v;
  memcpy(v, x->v, x->n * sizeof *v);
  return y;
}

static bool is_mixed(const struct rsql_node *x)
{
  return x->type.kind == TY_JSON;
}

/* x as that type where it is one of these kinds; what: an error of another one, as in N_VIEW. */
static struct rsql_node *view(struct rsql_resolver *r, struct rsql_node *x, unsigned kinds,
                              struct rsql_type type, const char *what, const char *behind)
{
  struct rsql_node *y = make(r, N_VIEW, x->pos, 1);
  if (y == NULL) return NULL;
  y->v[0] = x;
  y->op = (int)kinds;
  y->has = what != NULL;
  y->text = what;
  y->name = behind;
  y->type = type;
  return y;
}

static struct rsql_node *view_of(struct rsql_resolver *r, struct rsql_node *x, unsigned kind)
{
  const enum rsql_kind to = kind == RSQL_BOOL     ? TY_BOOL
                            : kind == RSQL_INT    ? TY_INT
                            : kind == RSQL_STRING ? TY_STRING
                                                  : TY_FLOAT;
  return view(r, x, kind, (struct rsql_type){.kind = to}, NULL, NULL);
}

static struct rsql_node *is_there(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *y = x != NULL ? make(r, N_IS, x->pos, 1) : NULL;
  if (y == NULL) return NULL;
  y->v[0] = x;
  y->text = "NULL";
  y->has = true;
  y->type.kind = TY_BOOL;
  return y;
}

/* Makes x CASE WHEN a THEN b ELSE c END of that type; of numbers c is right for all. */
static bool become_case(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *a,
                        struct rsql_node *b, struct rsql_node *c, struct rsql_type type)
{
  struct rsql_node *y = make(r, N_CASE, x->pos, 3);
  if (y == NULL || a == NULL || b == NULL || c == NULL) return false;
  y->v[0] = a;
  y->v[1] = b;
  y->v[2] = c;
  y->op = 1;
  y->type = type;
  y->text = type.native == number_type.native ? "number" : NULL;
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
static bool is_light(const struct rsql_resolver *r, const struct rsql_node *x)
{
  if (x->kind == N_WHOLE) return true;
  if (!r->grouped && x->kind == N_CASE && x->text != NULL &&
      x->v[2]->kind != N_CALL) { // one level of numbers
    for (size_t i = 0; i < x->v[2]->n; i++)
      if (has_split(x->v[2]->v[i])) return false;
    return x->v[2]->n <= 2;
  }
  if (x->kind == N_FIELD) return is_light(r, x->v[0]);
  if (x->kind == N_INDEX && (x->v[1]->kind == N_INT || x->v[1]->kind == N_STRING))
    return is_light(r, x->v[0]);
  return (x->kind == N_COLUMN && (x->item == NULL || x->item->kind == N_COLUMN)) ||
         x->kind == N_PARAM || x->kind == N_BOUND;
}

/* The operands of x that are JSON and heavy get a name; *let: what binds them, with room for its
** body, NULL when there are none. */
static bool bind(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node **let)
{
  *let = NULL;
  for (size_t i = 0; i < x->n; i++) {
    if (!is_mixed(x->v[i]) || is_light(r, x->v[i])) continue;
    if (*let == NULL) {
      *let = make(r, N_LET, x->pos, x->n + 1);
      if (*let == NULL) return false;
      (*let)->n = 1;
      (*let)->text = rs_arena_printf(r->arena, "rs_j%u", ++r->lets);
      if ((*let)->text == NULL) return rs_rsql_resolve_oom(r);
    }
    struct rsql_node *b = make(r, N_BOUND, x->v[i]->pos, 1);
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
static bool bound(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *let)
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
static bool beside(struct rsql_resolver *r, const struct rsql_node *x, size_t i,
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
    if (is_light(r, other)) v[y->n++] = other;
  }
  return true;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* What calculations take a JSON value for: TY_JSON, an int or a float. */
static enum rsql_kind number_kind(struct rsql_type t)
{
  if (t.kind != TY_JSON) return t.kind;
  const unsigned kinds = rs_rsql_type_kinds(t) & RSQL_NUMBER;
  return kinds == RSQL_NUMBER ? TY_JSON : kinds == RSQL_FLOAT ? TY_FLOAT : TY_INT;
}

/* As a number; `what` as in view(). */
static struct rsql_node *number(struct rsql_resolver *r, struct rsql_node *x, const char *what,
                                const char *behind)
{
  const bool is_int = number_kind(x->type) == TY_INT;
  const struct rsql_type type = {.kind = is_int ? TY_INT : TY_FLOAT};
  return view(r, x, is_int ? RSQL_INT : RSQL_NUMBER, type, what, behind);
}

/* Are all of x's operands ints or JSON values of which some may be ints and some floats? */
static bool may_split(const struct rsql_node *x)
{
  bool some = false;
  for (size_t i = 0; i < x->n; i++) {
    const enum rsql_kind k = number_kind(x->v[i]->type);
    if (k != TY_JSON && k != TY_INT) return false;
    some = some || k == TY_JSON;
  }
  return some;
}

typedef const char *what_fn(struct rsql_resolver *r, const struct rsql_node *x, size_t i);
typedef bool finish_fn(struct rsql_resolver *r, struct rsql_node *x);

/* x's JSON operands become numbers; where an int gives an int, x becomes both. */
static bool calculate(struct rsql_resolver *r, struct rsql_node *x, bool keeps, what_fn *what,
                      finish_fn *finish)
{
  const bool split = keeps && may_split(x);
  struct rsql_node *let = NULL, *all = NULL;
  if (split && !bind(r, x, &let)) return false;
  struct rsql_node *ints = copy(r, x), *floats = copy(r, x);
  if (ints == NULL || floats == NULL) return false;
  for (size_t i = 0; i < x->n; i++) {
    if (!is_mixed(x->v[i])) continue;
    const char *why = what(r, x, i);
    floats->v[i] = why != NULL ? number(r, x->v[i], why, ".") : NULL;
    if (floats->v[i] == NULL || !beside(r, x, i, floats->v[i])) return false;
    ints->v[i] = floats->v[i];
    if (!split || number_kind(x->v[i]->type) != TY_JSON) continue;
    ints->v[i] = view_of(r, x->v[i], RSQL_INT);
    struct rsql_node *test = is_there(r, ints->v[i]);
    struct rsql_node *and = test != NULL && all != NULL ? make(r, N_CHAIN, x->pos, 2) : test;
    if (and == NULL) return false;
    if (all != NULL) {
      and->v[0] = all;
      and->v[1] = test;
      and->type.kind = TY_BOOL;
      and->ops = (unsigned char *)rs_arena_strdup(r->arena, "A");
      if (and->ops == NULL) return rs_rsql_resolve_oom(r);
    }
    all = and;
  }
  if (!finish(r, floats)) return false;
  if (!split) {
    *x = *floats;
    return true;
  }
  return finish(r, ints) && become_case(r, x, all, ints, floats, number_type) && bound(r, x, let);
}

/* ---- operators ------------------------------------------------------------------------------- */

static const char *operator_what(struct rsql_resolver *r, const struct rsql_node *x, size_t i)
{
  const char c = x->kind == N_NEGATE ? '-'
                 : x->kind == N_PLUS ? '+'
                                     : (char)x->ops[i > 0 ? i - 1 : 0];
  const char *text = rs_arena_printf(r->arena, "Operator `%c` does not take ", c == 'I' ? '/' : c);
  if (text == NULL) (void)rs_rsql_resolve_oom(r);
  return text;
}

static bool finish_operator(struct rsql_resolver *r, struct rsql_node *x)
{
  x->type = rs_rsql_resolve_type(r, x);
  if (x->kind == N_CHAIN) x->op = rs_rsql_wrong_operand(x);
  return true;
}

/* Operand i as a string. */
static bool take_string(struct rsql_resolver *r, struct rsql_node *x, size_t i, const char *what,
                        const char *behind)
{
  if (what == NULL) return rs_rsql_resolve_oom(r);
  struct rsql_node *y = view(r, x->v[i], RSQL_STRING, (struct rsql_type){.kind = TY_STRING}, what,
                             behind);
  if (y == NULL || !beside(r, x, i, y)) return false;
  x->v[i] = y;
  return true;
}

/* Like a comparison: null where it is no text. */
static bool like(struct rsql_resolver *r, struct rsql_node *x)
{
  const char *what = rs_arena_printf(r->arena, "Operator `%s` does not take ", x->text);
  for (size_t i = 0; i < x->n; i++) {
    if (!is_mixed(x->v[i])) continue;
    const bool text = (rs_rsql_type_kinds(x->v[i]->type) & RSQL_STRING) != 0;
    if (text) x->v[i] = view_of(r, x->v[i], RSQL_STRING);
    else if (!take_string(r, x, i, what, ".")) return false;
    if (x->v[i] == NULL) return false;
  }
  return true;
}

/* ---- casts ----------------------------------------------------------------------------------- */

/* Which kinds of scalars a type can be made of. */
static unsigned castable(enum rsql_kind to)
{
  switch (to) {
    case TY_INT:
    case TY_FLOAT:
    case TY_BOOL: return RSQL_SCALAR;
    case TY_U256:
    case TY_MONTHS:
    case TY_MICROS: return RSQL_NUMBER | RSQL_STRING;
    case TY_DATE:
    case TY_TIME:
    case TY_DATETIME:
    case TY_TIMESTAMP:
    case TY_BYTES: return RSQL_STRING;
    default: return 0;
  }
}

/* A cast of JSON becomes one of each kind of value that may be there. */
static bool cast(struct rsql_resolver *r, struct rsql_node *x)
{
  const struct rsql_type_name *t = rs_rsql_type_find(x->text);
  const unsigned to = t != NULL ? castable(t->kind) : 0;
  const unsigned kinds = rs_rsql_type_kinds(x->v[0]->type);
  struct rsql_node *let;
  if (to == 0) return true;
  const struct rsql_type type = {.kind = t->kind};
  if (!bind(r, x, &let)) return false;
  struct rsql_node *y = make(r, N_CASE, x->pos, 9);
  if (y == NULL) return false;
  y->n = 0;
  y->type = type;
  for (unsigned k = RSQL_BOOL; k <= RSQL_STRING; k <<= 1) {
    if ((kinds & to & k) == 0) continue;
    struct rsql_node *one = copy(r, x), *test;
    if (one == NULL) return false;
    one->v[0] = view_of(r, x->v[0], k);
    one->type = type;
    test = one->v[0] != NULL ? is_there(r, one->v[0]) : NULL;
    if (test == NULL) return false;
    y->v[y->n++] = test;
    y->v[y->n++] = one;
  }
  const bool try_ = x->op == CAST_TRY || x->op == CAST_TRY_STATIC;
  if ((kinds & ~to) != 0 && !try_) { // what no cast is known of
    const char *behind = rs_arena_printf(r->arena, " to %s.", rs_rsql_kind_name(t->kind));
    if (behind == NULL) return rs_rsql_resolve_oom(r);
    y->v[y->n] = view(r, x->v[0], to, (struct rsql_type){.kind = TY_NULL}, "Cannot cast ", behind);
    if (y->v[y->n++] == NULL) return false;
    y->op = 1;
  }
  if (y->n < 2) return true;
  *x = *y;
  return bound(r, x, let);
}

/* ---- functions ------------------------------------------------------------------------------- */

static bool is_extreme(const struct rsql_node *x)
{
  return rs_casecmp(x->name, "GREATEST") == 0 || rs_casecmp(x->name, "LEAST") == 0;
}

/* What GREATEST and LEAST compare, by the arguments whose types are known: a letter; 0: open. */
static char extreme_letter(const struct rsql_node *x)
{
  unsigned kinds = RSQL_ALL;
  for (size_t i = 0; i < x->n; i++) {
    const enum rsql_kind k = x->v[i]->type.kind;
    if (rs_rsql_is_number(k)) return 'n';
    if (k == TY_STRING) return 's';
    if (k == TY_JSON) kinds &= rs_rsql_type_kinds(x->v[i]->type);
    else if (k != TY_NULL) return 0;
  }
  return (kinds & ~(unsigned)RSQL_NUMBER) == 0 ? 'n' : kinds == RSQL_STRING ? 's' : 0;
}

/* What functions without a row in strict.c's table make of JSON values: its letters, T a truth, v
** what is no null. */
static char letter_of(const struct rsql_node *x, size_t i)
{
  static const struct {
    const char *name, *letters;
  } rows[] = {
    {"AVG", "n"},
    {"BITWISE_AND_AGG", "i"},
    {"BITWISE_OR_AGG", "i"},
    {"BOOL_AND", "B"},
    {"BOOL_OR", "B"},
    {"COALESCE", "vvvvvvvvvvvvvvvvvvvv"},
    {"COUNT", "v"},
    {"COUNT_IF", "T"},
    {"EVERY", "B"},
    {"GEOMETRIC_MEAN", "n"},
    {"IF", "T"},
    {"STDDEV_SAMP", "n"},
    {"SUM", "n"},
  };
  const char letter = rs_rsql_argument_letter(x->name, i);
  if (letter != 0) return letter;
  if (is_extreme(x)) return extreme_letter(x);
  // a text or its words
  const bool words = (rs_rsql_type_kinds(x->v[i]->type) & RSQL_ARRAY) != 0;
  if (rs_casecmp(x->name, "CONTAINS") == 0 && !words) return 's';
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
    if (rs_casecmp(rows[k].name, x->name) == 0 && i < strlen(rows[k].letters))
      return rows[k].letters[i];
  return 0;
}

static const char *argument_what(struct rsql_resolver *r, const struct rsql_node *x, size_t i)
{
  const char *text = rs_arena_printf(r->arena, "Function `%s`: argument %zu must be %s, not ",
                                     x->name, i + 1, rs_rsql_letter_name(letter_of(x, i)));
  if (text == NULL) (void)rs_rsql_resolve_oom(r);
  return text;
}

static bool finish_call(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_call *c = rs_rsql_resolve_new(r, sizeof *c);
  if (c == NULL) return false;
  *c = *x->call;
  x->call = c;
  c->known = rs_rsql_function_find(x->name, x->v, x->n);
  x->type = c->known != NULL ? rs_rsql_function_type(c->known, x->v, x->n) : (struct rsql_type){0};
  x->op = rs_rsql_wrong_argument(x);
  return true;
}

/* SUM of ints is an int, unless there is a float among them: both are counted. */
static bool sum(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *none = make(r, N_COMPARE, x->pos, 2), *zero = make(r, N_INT, x->pos, 0);
  struct rsql_node *count = copy(r, x), *ints = copy(r, x), *all = copy(r, x);
  const char *what = argument_what(r, x, 0);
  if (zero == NULL || none == NULL || count == NULL || ints == NULL || all == NULL || what == NULL)
    return false;
  zero->text = "0";
  zero->type.kind = TY_INT;
  count->name = "COUNT";
  count->v[0] = view_of(r, x->v[0], RSQL_FLOAT);
  ints->v[0] = view_of(r, x->v[0], RSQL_INT);
  all->v[0] = number(r, x->v[0], what, ".");
  if (count->v[0] == NULL || ints->v[0] == NULL || all->v[0] == NULL) return false;
  none->v[0] = count;
  none->v[1] = zero;
  none->op = '=';
  none->type.kind = TY_BOOL;
  const char *name = x->name;
  if (!finish_call(r, count) || !finish_call(r, ints) || !finish_call(r, all) ||
      !become_case(r, x, none, ints, all, number_type))
    return false;
  x->name = name;
  return true;
}

static bool nullif(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *let;
  if (!bind(r, x, &let)) return false;
  struct rsql_node *same = make(r, N_COMPARE, x->pos, 2), *null = make(r, N_NULL, x->pos, 0);
  if (same == NULL || null == NULL) return false;
  same->v[0] = x->v[0];
  same->v[1] = x->v[1];
  same->op = '=';
  same->type.kind = TY_BOOL;
  null->type.kind = TY_NULL;
  return become_case(r, x, same, null, x->v[0], x->v[0]->type) && bound(r, x, let);
}

static bool argument(struct rsql_resolver *r, struct rsql_node *x, size_t i, char letter)
{
  const struct rsql_type json = x->v[i]->type;
  const unsigned kinds = rs_rsql_type_kinds(json);
  const char *what = strchr("snilcbB", letter) != NULL ? argument_what(r, x, i) : NULL;
  struct rsql_node *y = x->v[i];
  switch (letter) {
    case 's':
    case 'b': return take_string(r, x, i, what, ".");
    case 'n':
      // of a text or array it counts something
      if (i == 0 || letter_of(x, 0) == 'n') {
        y = number(r, y, what, ".");
        break;
      } // falls through
    case 'i': y = view(r, y, RSQL_INT, (struct rsql_type){.kind = TY_INT}, what, "."); break;
    case 'l': y = view(r, y, RSQL_ARRAY, (struct rsql_type){.kind = TY_JSON}, what, "."); break;
    case 'B': y = view(r, y, RSQL_BOOL, (struct rsql_type){.kind = TY_BOOL}, what, "."); break;
    case 'T': y = view_of(r, y, RSQL_BOOL); break;
    case 'c':
      if ((kinds & ~(unsigned)RSQL_SCALAR) == 0) return take_string(r, x, i, what, ".");
      y = view(r, y, RSQL_STRING | RSQL_ARRAY | RSQL_OBJECT, json, what, ".");
      break;
    case 'v':
      if ((kinds & ~(unsigned)RSQL_SCALAR) == 0) return true; // no null is a value there
      y = view(r, y, RSQL_ALL, json, NULL, NULL);
      break;
    default: return true;
  }
  if (y == NULL || !beside(r, x, i, y)) return false;
  x->v[i] = y;
  return true;
}

/* ---- floats among which there are ints ----------------------------------------------------- */

static bool is_in(const char *name, const char *const *names, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (rs_casecmp(names[i], name) == 0) return true;
  return false;
}

/* Does operand i's being an int or a float make a difference? */
static bool tells(const struct rsql_node *x, size_t i)
{
  static const char *const functions[] = {
    "ARBITRARY", "BITWISE_AND_AGG", "BITWISE_OR_AGG", "ARRAY_AGG",
    "COALESCE",  "CONCAT",          "FIRST_VALUE",    "IF",
    "LAG",       "LAST_VALUE",      "LEAD",           "MAX",
    "MIN",       "NTH_VALUE",       "NULLIF",         "SUM",
    "TYPEOF",
  };
  static const char *const firsts[] = {"MAX_BY", "MIN_BY"};
  switch (x->kind) {
    case N_CHAIN: return x->ops[0] != 'A' && x->ops[0] != 'O';
    case N_NEGATE:
    case N_PLUS:
    case N_ARRAY: return true;
    case N_OBJECT: return i % 2 == 1;
    case N_CAST: {
      const struct rsql_type_name *t = rs_rsql_type_find(x->text);
      return t != NULL && t->kind == TY_STRING;
    }
    case N_CASE: return (i >= x->has && (i - x->has) % 2 == 1) || (x->op == 1 && i + 1 == x->n);
    case N_CALL:
      return is_in(x->name, functions, sizeof functions / sizeof functions[0]) ||
             (i == 0 && is_in(x->name, firsts, sizeof firsts / sizeof firsts[0])) ||
             is_extreme(x) || rs_rsql_argument_letter(x->name, i) != 0;
    default: return false;
  }
}

/* Is it an aggregate, over the rows of a group? */
static bool is_of_rows(const struct rsql_node *x)
{
  return x->kind == N_CALL && x->call->over == NULL && rs_rsql_function_aggregates(x->name);
}

/* Operands that are columns of floats get their ints back. */
static bool take_wholes(struct rsql_resolver *r, struct rsql_node *x)
{
  for (size_t i = 0; i < x->n; i++) {
    struct rsql_node *a = x->v[i];
    if (a == NULL || a->kind != N_COLUMN || a->type.kind != TY_FLOAT || !a->type.side ||
        a->item != NULL || !tells(x, i))
      continue;
    struct rsql_node *y = make(r, N_WHOLE, a->pos, 2);
    if (y == NULL) return false;
    y->v[0] = a;
    y->v[1] = rs_rsql_resolve_side(r, a);
    y->type = number_type;
    if (y->v[1] == NULL) return false;
    x->v[i] = y;
  }
  return true;
}

/* What is NULL counts as null. */
static bool type_of(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *type = copy(r, x), *null = make(r, N_STRING, x->pos, 0);
  if (type == NULL || null == NULL || !finish_call(r, type)) return false;
  null->text = "null";
  null->type.kind = TY_STRING;
  return become_case(r, x, is_there(r, x->v[0]->v[0]), type, null, null->type);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool call(struct rsql_resolver *r, struct rsql_node *x)
{
  bool some = false;
  for (size_t i = 0; i < x->n; i++) some = some || is_mixed(x->v[i]);
  if (!some) return true;
  if (rs_casecmp(x->name, "TYPEOF") == 0 && x->v[0]->kind == N_WHOLE) return type_of(r, x);
  if (rs_casecmp(x->name, "NULLIF") == 0 && x->n == 2) return nullif(r, x);
  if (rs_casecmp(x->name, "ABS") == 0 && x->n == 1)
    return calculate(r, x, true, argument_what, finish_call);
  if (rs_casecmp(x->name, "SUM") == 0 && x->n == 1 && number_kind(x->v[0]->type) == TY_JSON)
    return sum(r, x);
  if (is_extreme(x) && letter_of(x, 0) == 'n')
    return calculate(r, x, true, argument_what, finish_call);
  for (size_t i = 0; i < x->n; i++) {
    if (!is_mixed(x->v[i])) continue;
    if (!argument(r, x, i, letter_of(x, i))) return false;
  }
  return true;
}

bool rs_rsql_resolve_mixed(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_node *x, bool *done)
{
  const enum rsql_node_kind kind = x->kind;
  const bool grouped = at->scope != NULL && at->scope->grouped;
  bool some = false;
  *done = false;
  r->grouped = grouped;
  if ((!grouped || is_of_rows(x)) && !take_wholes(r, x)) return false;
  if (kind == N_CALL) {
    const bool ok = call(r, x);
    *done = x->kind != N_CALL;
    return ok;
  }
  if (kind == N_CHAIN && strchr("+-*/%I", x->ops[0]) == NULL) return true;
  for (size_t i = 0; i < x->n; i++) some = some || (x->v[i] != NULL && is_mixed(x->v[i]));
  if (!some) return true;
  switch (kind) {
    case N_CHAIN:
    case N_NEGATE:
    case N_PLUS: *done = true; return calculate(r, x, true, operator_what, finish_operator);
    case N_LIKE: return like(r, x);
    case N_CAST: {
      const bool ok = cast(r, x);
      *done = x->kind != N_CAST;
      return ok;
    }
    case N_EXTRACT:
      x->v[0] = view(r, x->v[0], 0, (struct rsql_type){.kind = TY_TIMESTAMP},
                     "EXTRACT does not take ", ".");
      return x->v[0] != NULL;
    default: return true;
  }
}

struct rsql_node *rs_rsql_resolve_array(struct rsql_resolver *r, struct rsql_node *x)
{
  if (!is_mixed(x)) return x;
  return view(r, x, RSQL_ARRAY, (struct rsql_type){.kind = TY_JSON}, "UNNEST takes an array.",
              NULL);
}
