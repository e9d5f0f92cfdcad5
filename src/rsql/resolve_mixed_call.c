/*
** Functions over values of several types, and columns of floats among which there are ints (see
** resolve_mixed.c).
*/
#include <string.h>
#include "src/base/text.h"
#include "functions.h"
#include "lex.h"
#include "mixed.h"
#include "strict.h"
#include "types.h"

#define OBJECTS "UNION(obj JSON)"
#define ARRAYS "UNION(arr JSON)"

/* JSON values that are objects; arrays. */
static const struct rsql_type objects = {
  .kind = TY_JSON, .native = OBJECTS, .n = sizeof OBJECTS - 1};
static const struct rsql_type arrays = {.kind = TY_JSON, .native = ARRAYS, .n = sizeof ARRAYS - 1};

/* ---- functions ------------------------------------------------------------------------------- */

static bool is_extreme(const struct rsql_node *x)
{
  return rs_casecmp(x->name, "GREATEST") == 0 || rs_casecmp(x->name, "LEAST") == 0;
}

/* What GREATEST and LEAST compare, by the arguments whose types are known: a letter, S for texts or
** numbers, 0 for what is neither. */
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
  if ((kinds & RSQL_STRING) == 0) return (kinds & RSQL_NUMBER) != 0 ? 'n' : 0;
  return (kinds & RSQL_NUMBER) != 0 ? 'S' : 's';
}

/* What functions without a row in strict.c's table make of JSON values: its letters, T a truth, v
** what is no null; `+`: and so on. */
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
    {"COALESCE", "v+"},
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
  for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
    const char *letters = rows[k].letters;
    if (rs_casecmp(rows[k].name, x->name) != 0) continue;
    const size_t n = strlen(letters);
    if (letters[n - 1] == '+' && i >= n - 2) return letters[n - 2];
    return i < n ? letters[i] : 0;
  }
  return 0;
}

static const char *argument_what(struct rsql_resolver *r, const struct rsql_node *x, size_t i)
{
  const char letter = letter_of(x, i);
  const char *text = rs_arena_printf(r->arena, "Function `%s`: argument %zu must be %s, not ",
                                     x->name, i + 1,
                                     rs_rsql_letter_name(letter == 'S' ? 'n' : letter));
  if (text == NULL) (void)rs_rsql_resolve_oom(r);
  return text;
}

bool rs_rsql_finish_call(struct rsql_resolver *r, struct rsql_node *x)
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
  struct rsql_node *none = rs_rsql_mixed_node(r, N_COMPARE, x->pos, 2),
                   *zero = rs_rsql_mixed_node(r, N_INT, x->pos, 0);
  struct rsql_node *count = rs_rsql_mixed_copy(r, x), *ints = rs_rsql_mixed_copy(r, x),
                   *all = rs_rsql_mixed_copy(r, x);
  const char *what = argument_what(r, x, 0);
  if (zero == NULL || none == NULL || count == NULL || ints == NULL || all == NULL || what == NULL)
    return false;
  zero->text = "0";
  zero->type.kind = TY_INT;
  count->name = "COUNT";
  count->v[0] = rs_rsql_mixed_view_of(r, x->v[0], RSQL_FLOAT);
  ints->v[0] = rs_rsql_mixed_view_of(r, x->v[0], RSQL_INT);
  all->v[0] = rs_rsql_mixed_number(r, x->v[0], what, ".");
  if (count->v[0] == NULL || ints->v[0] == NULL || all->v[0] == NULL) return false;
  none->v[0] = count;
  none->v[1] = zero;
  none->op = '=';
  none->type.kind = TY_BOOL;
  const char *name = x->name;
  if (!rs_rsql_finish_call(r, count) || !rs_rsql_finish_call(r, ints) ||
      !rs_rsql_finish_call(r, all) ||
      !rs_rsql_mixed_case(r, x, none, ints, all, rs_rsql_number_type))
    return false;
  x->name = name;
  return true;
}

static bool nullif(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *let;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  struct rsql_node *same = rs_rsql_mixed_node(r, N_COMPARE, x->pos, 2),
                   *null = rs_rsql_mixed_node(r, N_NULL, x->pos, 0);
  if (same == NULL || null == NULL) return false;
  same->v[0] = x->v[0];
  same->v[1] = x->v[1];
  same->op = '=';
  same->type.kind = TY_BOOL;
  null->type.kind = TY_NULL;
  return rs_rsql_mixed_case(r, x, same, null, x->v[0], x->v[0]->type) &&
         rs_rsql_mixed_bound(r, x, let);
}

/* What the arrays of a column are read as. Of elements that are no arrays ARRAY_FLATTEN would be
** refused by the engine for all rows. */
static struct rsql_type array_for(const struct rsql_node *x, const struct rsql_node *y)
{
  const struct rsql_type t = rs_rsql_mixed_array(y);
  const bool nested = rs_rsql_is_nested(rs_rsql_type_element(t).kind);
  const bool flat = rs_casecmp(x->name, "ARRAY_FLATTEN") == 0 && !nested;
  return flat ? (struct rsql_type){.kind = TY_JSON} : t;
}

static bool argument(struct rsql_resolver *r, struct rsql_node *x, size_t i, char letter)
{
  const struct rsql_type json = x->v[i]->type;
  const unsigned kinds = rs_rsql_type_kinds(json);
  if (letter == 0) return true;
  const char *what = strchr("snilcbB", letter) != NULL ? argument_what(r, x, i) : NULL;
  struct rsql_node *y = x->v[i];
  switch (letter) {
    case 's':
    case 'b': return rs_rsql_mixed_string(r, x, i, what, ".");
    case 'n':
      // of a text or array it counts something
      if (i == 0 || letter_of(x, 0) == 'n') {
        y = rs_rsql_mixed_number(r, y, what, ".");
        break;
      } // falls through
    case 'i':
      y = rs_rsql_mixed_view(r, y, RSQL_INT, (struct rsql_type){.kind = TY_INT}, what, ".");
      break;
    case 'l': y = rs_rsql_mixed_view(r, y, RSQL_ARRAY, array_for(x, y), what, "."); break;
    case 'B':
      y = rs_rsql_mixed_view(r, y, RSQL_BOOL, (struct rsql_type){.kind = TY_BOOL}, what, ".");
      break;
    case 'T': y = rs_rsql_mixed_view_of(r, y, RSQL_BOOL); break;
    case 'c':
      if ((kinds & ~(unsigned)RSQL_SCALAR) == 0) return rs_rsql_mixed_string(r, x, i, what, ".");
      y = rs_rsql_mixed_view(r, y, RSQL_STRING | RSQL_ARRAY | RSQL_OBJECT, json, what, ".");
      break;
    case 'v':
      if (rs_rsql_has_members(y)) return true; // no null is a value there
      y = rs_rsql_mixed_view(r, y, RSQL_ALL, json, NULL, NULL);
      break;
    default: return true;
  }
  if (y == NULL || !rs_rsql_mixed_beside(r, x, i, y)) return false;
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

/* Is operand i, or a text of it, what x gives or a part of that? */
static bool gives(const struct rsql_node *x, size_t i)
{
  static const char *const functions[] = {
    "ANY_VALUE",   "ARBITRARY", "ARRAY_AGG",  "ARRAY_CONCAT", "COALESCE",  "FIRST_VALUE", "IF",
    "JSON_FORMAT", "LAG",       "LAST_VALUE", "LEAD",         "NTH_VALUE", "NULLIF",
  };
  static const char *const firsts[] = {"ARRAY_DISTINCT", "ARRAY_FLATTEN", "ARRAY_MAX",
                                       "ARRAY_MIN",      "ARRAY_REMOVE",  "ELEMENT_AT",
                                       "MAX_BY",         "MIN_BY",        "SLICE"};
  switch (x->kind) {
    case N_ARRAY: return true;
    case N_OBJECT: return i % 2 == 1;
    case N_CAST: {
      const struct rsql_type_name *t = rs_rsql_type_find(x->text);
      return t != NULL && (t->kind == TY_STRING || t->kind == TY_JSON);
    }
    case N_CASE: return (i >= x->has && (i - x->has) % 2 == 1) || (x->op == 1 && i + 1 == x->n);
    case N_CALL:
      return is_in(x->name, functions, sizeof functions / sizeof functions[0]) ||
             (i == 0 && is_in(x->name, firsts, sizeof firsts / sizeof firsts[0]));
    default: return false;
  }
}

/* Does operand i's being an int or a float make a difference? */
static bool tells_number(const struct rsql_node *x, size_t i)
{
  static const char *const functions[] = {
    "BITWISE_AND_AGG", "BITWISE_OR_AGG", "CONCAT", "MAX", "MIN", "SUM",
  };
  switch (x->kind) {
    case N_CHAIN: return x->ops[0] != 'A' && x->ops[0] != 'O';
    case N_NEGATE:
    case N_PLUS: return true;
    case N_CALL:
      return is_in(x->name, functions, sizeof functions / sizeof functions[0]) || is_extreme(x) ||
             rs_rsql_argument_letter(x->name, i) != 0 || gives(x, i);
    default: return gives(x, i);
  }
}

/* Do a null, or ints among floats, inside of operand i make a difference? */
static bool tells_parts(const struct rsql_node *x, size_t i)
{
  static const char *const functions[] = {"ITEMS", "KEYS", "LENGTH", "VALUES"};
  const bool object = x->v[i]->type.kind == TY_STRUCT;
  return gives(x, i) || (object && x->kind == N_CALL &&
                         is_in(x->name, functions, sizeof functions / sizeof functions[0]));
}

/* Is it an aggregate, over the rows of a group? */
bool rs_rsql_mixed_of_rows(const struct rsql_node *x)
{
  return x->kind == N_CALL && x->call->over == NULL && rs_rsql_function_aggregates(x->name);
}

bool rs_rsql_mixed_wholes(struct rsql_resolver *r, struct rsql_node *x)
{
  for (size_t i = 0; i < x->n; i++) {
    struct rsql_node *a = x->v[i];
    if (a == NULL || !rs_rsql_has_side(a)) continue;
    if (r->grouped && !rs_rsql_mixed_of_rows(x) && !rs_rsql_asks_key(r, a)) continue;
    const bool number = a->type.kind == TY_FLOAT;
    if (number ? !tells_number(x, i) : !rs_rsql_has_parts(a) || !tells_parts(x, i)) continue;
    struct rsql_node *y = rs_rsql_mixed_node(r, N_WHOLE, a->pos, 2);
    if (y == NULL) return false;
    y->v[0] = a;
    y->v[1] = number ? rs_rsql_resolve_side(r, a) : rs_rsql_resolve_exact(r, a);
    y->type = number                      ? rs_rsql_number_type
              : a->type.kind == TY_STRUCT ? objects
              : a->type.kind == TY_LIST   ? arrays
                                          : a->type;
    y->type.side = false;
    if (y->v[1] == NULL) return false;
    x->v[i] = y;
  }
  return true;
}

static struct rsql_node *text(struct rsql_resolver *r, size_t pos, const char *value)
{
  struct rsql_node *x = rs_rsql_mixed_node(r, N_STRING, pos, 0);
  if (x == NULL) return NULL;
  x->text = value;
  x->type.kind = TY_STRING;
  return x;
}

/* TYPEOF of a column with a sidecar: that one's letter tells (value/boxed.h), or the column. */
bool rs_rsql_mixed_type_of(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node *column)
{
  static const char *const letters[][2] = {
    {"n", "null"},  {"i", "int"},       {"d", "date"},           {"c", "datetime"},
    {"h", "time"},  {"z", "timestamp"}, {"m", "month_interval"}, {"u", "microsecond_interval"},
    {"y", "bytes"}, {"g", "geography"}, {"v", "u256"},           {"s", "string"},
    {"f", "float"}, {"b", "bool"},      {"a", "array"},          {"o", "object"},
  };
  const size_t n = sizeof letters / sizeof letters[0];
  struct rsql_node *own = rs_rsql_mixed_copy(r, x), *letter = rs_rsql_mixed_copy(r, x),
                   *inner = rs_rsql_mixed_node(r, N_CASE, x->pos, 3);
  struct rsql_node *y = rs_rsql_mixed_node(r, N_CASE, x->pos, 2 * n + 2),
                   *one = rs_rsql_mixed_node(r, N_INT, x->pos, 0);
  if (own == NULL || letter == NULL || inner == NULL || y == NULL || one == NULL) return false;
  own->v[0] = column;
  one->text = "1";
  one->type.kind = TY_INT;
  struct rsql_node **v = rs_rsql_resolve_new(r, 3 * sizeof *v);
  if (v == NULL) return false;
  v[0] = rs_rsql_resolve_side(r, column);
  v[1] = v[2] = one;
  letter->name = "SUBSTR";
  letter->v = v;
  letter->n = 3;
  if (v[0] == NULL || !rs_rsql_finish_call(r, own) || !rs_rsql_finish_call(r, letter) ||
      !rs_rsql_mixed_case(r, inner, rs_rsql_mixed_there(r, column), own,
                          text(r, x->pos, "undefined"), own->type))
    return false;
  y->v[0] = letter;
  for (size_t i = 0; i < n; i++) {
    y->v[2 * i + 1] = text(r, x->pos, letters[i][0]);
    y->v[2 * i + 2] = text(r, x->pos, letters[i][1]);
    if (y->v[2 * i + 1] == NULL || y->v[2 * i + 2] == NULL) return false;
  }
  y->v[2 * n + 1] = inner;
  y->has = true;
  y->op = 1;
  y->type = own->type;
  *x = *y;
  return true;
}

/* The greatest or least of floats and ints: which of both it is tells its type. */
static bool extreme(struct rsql_resolver *r, struct rsql_node *x, int op)
{
  struct rsql_node *test = rs_rsql_mixed_node(r, N_COMPARE, x->pos, 2),
                   *ints = rs_rsql_mixed_copy(r, x), *all = rs_rsql_mixed_copy(r, x);
  if (test == NULL || ints == NULL || all == NULL) return false;
  ints->v[0] = rs_rsql_mixed_view_of(r, x->v[0], RSQL_INT);
  all->v[0] = x->v[0]->v[0];
  if (ints->v[0] == NULL || !rs_rsql_finish_call(r, ints) || !rs_rsql_finish_call(r, all))
    return false;
  test->v[0] = ints;
  test->v[1] = all;
  test->op = op;
  test->type.kind = TY_BOOL;
  return rs_rsql_mixed_case(r, x, test, ints, all, rs_rsql_number_type);
}

/* ---- MAX and MIN of scalars ------------------------------------------------------------------ */

/* The aggregate x of its operand's values of these kinds alone. */
static struct rsql_node *extreme_of(struct rsql_resolver *r, const struct rsql_node *x,
                                    unsigned kind)
{
  struct rsql_node *y = rs_rsql_mixed_copy(r, x);
  if (y == NULL) return NULL;
  y->v[0] = rs_rsql_mixed_view_of(r, x->v[0], kind);
  return y->v[0] != NULL && rs_rsql_finish_call(r, y) ? y : NULL;
}

/* Appends the greatest or least of the numbers of these kinds, an int or a float as it was. */
static bool extreme_number(struct rsql_resolver *r, const struct rsql_node *x, unsigned kinds,
                           int op, struct rsql_node *all)
{
  struct rsql_node *ints = (kinds & RSQL_INT) != 0 ? extreme_of(r, x, RSQL_INT) : NULL;
  struct rsql_node *floats = (kinds & RSQL_FLOAT) != 0 ? extreme_of(r, x, RSQL_FLOAT) : NULL;
  if ((kinds & RSQL_INT) != 0 && ints == NULL) return false;
  if ((kinds & RSQL_FLOAT) != 0 && floats == NULL) return false;
  if (ints != NULL && floats != NULL) { // without any floats the comparison is no truth
    struct rsql_node *test = rs_rsql_mixed_node(r, N_COMPARE, x->pos, 2),
                     *either = rs_rsql_mixed_node(r, N_CASE, x->pos, 3);
    if (test == NULL || either == NULL) return false;
    test->v[0] = ints;
    test->v[1] = floats;
    test->op = op;
    test->type.kind = TY_BOOL;
    if (!rs_rsql_mixed_case(r, either, test, ints, floats, rs_rsql_number_type)) return false;
    all->v[all->n++] = either;
  } else if (floats != NULL) {
    all->v[all->n++] = floats;
  }
  if (ints != NULL) all->v[all->n++] = ints;
  return true;
}

/* MAX and MIN of a column of scalars: the kinds rank bool, number, string, then typed values, so
** the first kind of which there are any has it. An engine counts each of them without looking at a
** JSON value. */
static bool extreme_of_scalars(struct rsql_resolver *r, struct rsql_node *x, bool max, bool *done)
{
  const unsigned kinds = rs_rsql_type_kinds(x->v[0]->type);
  static const unsigned ranks[] = {RSQL_BOOL,     RSQL_NUMBER, RSQL_STRING,    RSQL_DATE,
                                   RSQL_DATETIME, RSQL_TIME,   RSQL_TIMESTAMP, RSQL_BYTES,
                                   RSQL_MONTHS,   RSQL_MICROS};
  const int n = sizeof ranks / sizeof ranks[0];
  struct rsql_node *all = rs_rsql_mixed_node(r, N_CALL, x->pos, RSQL_KINDS);
  struct rsql_call *c = rs_rsql_resolve_new(r, sizeof *c);
  if (all == NULL || c == NULL) return false;
  *c = (struct rsql_call){0};
  all->name = "COALESCE";
  all->call = c;
  all->n = 0;
  for (int rank = 0; rank < n; rank++) {
    const unsigned kind = ranks[max ? n - 1 - rank : rank];
    if (kind == RSQL_NUMBER) {
      if (!extreme_number(r, x, kinds, max ? OP_GE : OP_LE, all)) return false;
      continue;
    }
    if ((kinds & kind) == 0) continue;
    all->v[all->n] = extreme_of(r, x, kind);
    if (all->v[all->n++] == NULL) return false;
  }
  if (all->n < 2) return true;
  if (!rs_rsql_finish_call(r, all)) return false;
  if ((kinds & RSQL_TYPED) != 0 && all->n > 1) {
    all->type = (struct rsql_type){.kind = TY_JSON};
    *done = true; // by its arguments an engine would have to choose
  }
  *x = *all;
  return true;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* GREATEST and LEAST of texts where all are, else of numbers. */
static bool any_extreme(struct rsql_resolver *r, struct rsql_node *x)
{
  struct rsql_node *let, *all = NULL;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  struct rsql_node *texts = rs_rsql_mixed_copy(r, x), *numbers = rs_rsql_mixed_copy(r, x);
  if (texts == NULL || numbers == NULL) return false;
  for (size_t i = 0; i < x->n; i++) {
    if (!rs_rsql_is_mixed(x->v[i])) continue;
    texts->v[i] = rs_rsql_mixed_view_of(r, x->v[i], RSQL_STRING);
    all = texts->v[i] != NULL ? rs_rsql_mixed_both(r, all, rs_rsql_mixed_there(r, texts->v[i]))
                              : NULL;
    if (all == NULL) return false;
  }
  return rs_rsql_finish_call(r, texts) &&
         rs_rsql_mixed_calculate(r, numbers, true, argument_what, rs_rsql_finish_call) &&
         rs_rsql_mixed_case(r, x, all, texts, numbers, (struct rsql_type){.kind = TY_JSON}) &&
         rs_rsql_mixed_bound(r, x, let);
}

/* So many of its arguments, from the first on, get a name where they are heavy ones: a check or the
** function's form would write them again and again. Not those that may not be asked at all, rows of
** an aggregate, what the digests are chosen by, and what becomes a text behind this. */
static size_t bound_of(const struct rsql_node *x)
{
  if (rs_rsql_mixed_of_rows(x) || x->call->over != NULL || x->call->distinct) return 0;
  if (rs_casecmp(x->name, "COALESCE") == 0 || rs_casecmp(x->name, "TRY") == 0) return 0;
  if (rs_casecmp(x->name, "IF") == 0) return 1;
  return letter_of(x, 0) != 'b' && !rs_rsql_takes_texts(x) ? x->n : 0;
}

static bool bind(struct rsql_resolver *r, struct rsql_node *x, struct rsql_node **let)
{
  const size_t n = x->n;
  x->n = bound_of(x);
  const bool ok = rs_rsql_mixed_bind(r, x, let);
  x->n = n;
  return ok;
}

/* LENGTH of bytes, or of what else has one. */
static bool length(struct rsql_resolver *r, struct rsql_node *x)
{
  const struct rsql_type type = x->type;
  const char *name = x->name;
  struct rsql_node *let;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  struct rsql_node *one = rs_rsql_mixed_copy(r, x), *rest = rs_rsql_mixed_copy(r, x);
  struct rsql_node *bytes = rs_rsql_mixed_view_of(r, x->v[0], RSQL_BYTES);
  struct rsql_node *there = bytes != NULL ? rs_rsql_mixed_there(r, bytes) : NULL;
  if (one == NULL || rest == NULL || there == NULL) return false;
  one->v[0] = bytes;
  if (!rs_rsql_finish_call(r, one) || !argument(r, rest, 0, 'c') || !rs_rsql_finish_call(r, rest) ||
      !rs_rsql_mixed_case(r, x, there, one, rest, type))
    return false;
  x->name = name;
  return rs_rsql_mixed_bound(r, x, let);
}

static bool is_of_members(const struct rsql_node *x)
{
  static const char *const names[] = {"ITEMS", "KEYS", "VALUES"};
  return x->n == 1 && is_in(x->name, names, sizeof names / sizeof names[0]);
}

/* Typed values are objects in JSON, whose members are no value's. */
static bool without_typed(struct rsql_resolver *r, struct rsql_node *x)
{
  const unsigned kinds = rs_rsql_type_kinds(x->v[0]->type);
  if ((kinds & RSQL_TYPED) == 0) return true;
  x->v[0] = rs_rsql_mixed_view(r, x->v[0], kinds & ~(unsigned)RSQL_TYPED,
                               (struct rsql_type){.kind = TY_JSON}, NULL, NULL);
  return x->v[0] != NULL;
}

bool rs_rsql_mixed_call(struct rsql_resolver *r, struct rsql_node *x, bool *done)
{
  bool some = false;
  for (size_t i = 0; i < x->n; i++) some = some || rs_rsql_is_mixed(x->v[i]);
  if (!some) return true;
  const bool max = rs_casecmp(x->name, "MAX") == 0, min = rs_casecmp(x->name, "MIN") == 0;
  if (x->n == 1 && (max || min) && !x->call->distinct) {
    const struct rsql_node *a = x->v[0];
    if (a->kind == N_WHOLE) return extreme(r, x, max ? OP_GE : OP_LE);
    const bool scalars = (rs_rsql_type_kinds(a->type) & RSQL_NESTED) == 0;
    if (a->kind == N_COLUMN && a->item == NULL && scalars)
      return extreme_of_scalars(r, x, max, done);
  }
  if (rs_casecmp(x->name, "NULLIF") == 0 && x->n == 2) return nullif(r, x);
  if (rs_rsql_mixed_takes_typed(x)) return rs_rsql_mixed_typed(r, x, done);
  if (rs_casecmp(x->name, "LENGTH") == 0 && x->n == 1 && rs_rsql_is_mixed(x->v[0]) &&
      (rs_rsql_type_kinds(x->v[0]->type) & RSQL_BYTES) != 0)
    return length(r, x);
  if (rs_casecmp(x->name, "ABS") == 0 && x->n == 1)
    return rs_rsql_mixed_calculate(r, x, true, argument_what, rs_rsql_finish_call);
  if (rs_casecmp(x->name, "SUM") == 0 && x->n == 1 &&
      rs_rsql_mixed_number_kind(x->v[0]->type) == TY_JSON)
    return sum(r, x);
  if (is_extreme(x) && letter_of(x, 0) == 'S') return any_extreme(r, x);
  if (is_extreme(x) && letter_of(x, 0) == 'n')
    return rs_rsql_mixed_calculate(r, x, true, argument_what, rs_rsql_finish_call);
  struct rsql_node *let = NULL;
  if (!bind(r, x, &let)) return false;
  if (is_of_members(x) && !without_typed(r, x)) return false;
  for (size_t i = 0; i < x->n; i++) {
    if (!rs_rsql_is_mixed(x->v[i])) continue;
    if (!argument(r, x, i, letter_of(x, i))) return false;
  }
  return let == NULL || (rs_rsql_finish_call(r, x) && rs_rsql_mixed_bound(r, x, let));
}
