/*
** Dates, times, datetimes, timestamps, bytes and intervals in fields that have values of other
** types, too (see resolve_mixed.c): what takes them gets the kinds that it takes, each as a plain
** column of its type. Where a field may have several such kinds, there is one expression for each.
*/
#include <string.h>
#include "src/base/text.h"
#include "functions.h"
#include "lex.h"
#include "mixed.h"
#include "strict.h"
#include "types.h"

#define INSTANTS (RSQL_DATETIME | RSQL_TIMESTAMP)

/* ---- what is taken --------------------------------------------------------------------------- */

/* Functions, their arguments from `first` to `last`, and the kinds that these take; n: of so many
** arguments, 0: of any number. */
static const struct {
  const char *name;
  size_t n, first, last;
  unsigned kinds;
} takers[] = {
  {"DATE", 1, 0, 0, RSQL_MOMENTS},           {"DATE", 2, 0, 0, INSTANTS},
  {"DATE_DIFF", 0, 1, 2, RSQL_MOMENTS},      {"DATE_TRUNC", 0, 1, 1, RSQL_MOMENTS},
  {"DATETIME", 1, 0, 0, RSQL_MOMENTS},       {"DATETIME", 2, 0, 0, INSTANTS},
  {"DURATION_MICROS", 0, 0, 0, RSQL_MICROS}, {"DURATION_MILLIS", 0, 0, 0, RSQL_MICROS},
  {"DURATION_MONTHS", 0, 0, 0, RSQL_MONTHS}, {"DURATION_SECONDS", 0, 0, 0, RSQL_MICROS},
  {"FORMAT_DATE", 0, 1, 1, RSQL_MOMENTS},    {"FORMAT_DATETIME", 0, 1, 1, RSQL_MOMENTS},
  {"FORMAT_ISO8601", 1, 0, 0, RSQL_TIMES},   {"FORMAT_ISO8601", 2, 0, 0, INSTANTS},
  {"FORMAT_TIME", 0, 1, 1, RSQL_TIME},       {"FORMAT_TIMESTAMP", 0, 1, 1, INSTANTS},
  {"TIME", 1, 0, 0, INSTANTS | RSQL_TIME},   {"TIME", 2, 0, 0, INSTANTS},
  {"TIME_BUCKET", 0, 0, 0, RSQL_INTERVALS},  {"TIME_BUCKET", 0, 1, 2, RSQL_MOMENTS},
  {"UNIX_MICROS", 0, 0, 0, RSQL_MOMENTS},    {"UNIX_MILLIS", 0, 0, 0, RSQL_MOMENTS},
  {"UNIX_SECONDS", 0, 0, 0, RSQL_MOMENTS},
};

static bool is_interval(enum rsql_kind k)
{
  return k == TY_MONTHS || k == TY_MICROS || k == TY_INTERVAL;
}

/* The greatest or least of typed values, where one argument tells which. */
static unsigned taken_by_extreme(const struct rsql_node *x)
{
  unsigned kinds = 0;
  for (size_t i = 0; i < x->n; i++) kinds |= rs_rsql_typed_bit(x->v[i]->type.kind);
  return kinds;
}

static unsigned taken_by_call(const struct rsql_node *x, size_t i)
{
  if (rs_casecmp(x->name, "GREATEST") == 0 || rs_casecmp(x->name, "LEAST") == 0)
    return taken_by_extreme(x);
  for (size_t k = 0; k < sizeof takers / sizeof takers[0]; k++)
    if (rs_casecmp(takers[k].name, x->name) == 0 && (takers[k].n == 0 || takers[k].n == x->n) &&
        i >= takers[k].first && i <= takers[k].last)
      return takers[k].kinds;
  const bool bytes = (rs_rsql_type_kinds(x->v[i]->type) & RSQL_BYTES) != 0;
  if (rs_rsql_argument_letter(x->name, i) != 'b') return 0;
  const struct rsql_function *f = rs_rsql_function_find(x->name, x->v, x->n);
  const bool texts = f != NULL && f->in == 'b'; // or the text of them
  if (!bytes) return rs_casecmp(x->name, "FROM_UTF8") == 0 ? RSQL_BYTES : 0;
  return texts ? RSQL_BYTES | RSQL_STRING : RSQL_BYTES;
}

/* Beside an interval, or for `-` a date or time of the same kind. Two JSON values that may both be
** numbers are left to rs_rsql_mixed_differ(). */
static unsigned taken_by_chain(const struct rsql_node *x, size_t i)
{
  const unsigned own = rs_rsql_type_kinds(x->v[i]->type);
  unsigned kinds = 0;
  for (size_t k = 0; k < x->n; k++) {
    const struct rsql_node *other = x->v[k];
    if (strchr("+-", x->ops[k > 0 ? k - 1 : 0]) == NULL) return 0;
    if (k == i) continue;
    const unsigned beside = rs_rsql_typed_bit(other->type.kind);
    const unsigned intervals = beside != 0 ? beside : RSQL_INTERVALS;
    if (is_interval(other->type.kind)) kinds |= RSQL_MOMENTS | (own & intervals);
    else if (other->type.kind == TY_JSON && x->n == 2 && x->ops[0] == '-') {
      const unsigned others = rs_rsql_type_kinds(other->type);
      if ((own & RSQL_NUMBER) == 0 || (others & RSQL_NUMBER) == 0)
        kinds |= own & others & RSQL_MOMENTS;
    } else {
      const bool added = i > 0 || x->ops[0] == '+';
      if ((beside & RSQL_TIMES) != 0 && added) kinds |= own & RSQL_INTERVALS;
      if (x->ops[0] == '-') kinds |= beside & RSQL_TIMES;
    }
  }
  return (kinds & RSQL_MOMENTS) == RSQL_MOMENTS && (own & RSQL_MOMENTS) == 0 ? RSQL_TIME : kinds;
}

/* Parts of a day; the others are of a date. */
static bool is_part_of_day(const char *part)
{
  static const char *const parts[] = {"MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR"};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
    if (rs_eq(parts[i], part)) return true;
  return false;
}

/* The kinds of typed values of which operand i, a JSON value, is to be one; 0: of something else.
*/
static unsigned taken(const struct rsql_node *x, size_t i)
{
  if (x->v[i]->type.kind != TY_JSON) return 0;
  switch (x->kind) {
    case N_CALL: return taken_by_call(x, i);
    case N_CHAIN: return taken_by_chain(x, i);
    case N_AT_ZONE: return i == 0 ? RSQL_MOMENTS : 0;
    case N_EXTRACT: return is_part_of_day(x->text) ? RSQL_TIMES : RSQL_MOMENTS;
    default: return 0;
  }
}

bool rs_rsql_mixed_takes_typed(const struct rsql_node *x)
{
  for (size_t i = 0; i < x->n; i++)
    if (taken(x, i) != 0) return true;
  return false;
}

/* ---- views ----------------------------------------------------------------------------------- */

static bool finish(struct rsql_resolver *r, struct rsql_node *x)
{
  return x->kind == N_CALL ? rs_rsql_finish_call(r, x) : rs_rsql_finish_operator(r, x);
}

static const char *name_of(unsigned kinds)
{
  if (kinds == RSQL_TIME) return "a time";
  if ((kinds & RSQL_BYTES) != 0) return rs_rsql_letter_name('b');
  if ((kinds & RSQL_TIMES) != 0) return "a date, datetime or timestamp";
  if (kinds == RSQL_MONTHS) return "a month_interval";
  return kinds == RSQL_MICROS ? "a microsecond_interval" : "an interval";
}

/* The words in front of the type that is refused. */
static const char *refusal(struct rsql_resolver *r, const struct rsql_node *x, size_t i)
{
  const char *text = NULL;
  switch (x->kind) {
    case N_CHAIN: return rs_rsql_operator_what(r, x, i);
    case N_AT_ZONE: return "AT TIME ZONE does not take ";
    case N_EXTRACT: return "EXTRACT does not take ";
    default:
      text = rs_arena_printf(r->arena, "Function `%s`: argument %zu must be %s, not ", x->name,
                             i + 1, name_of(taken(x, i)));
  }
  if (text == NULL) (void)rs_rsql_resolve_oom(r);
  return text;
}

/* Operand i as one kind, or NULL; refuse: another value that is there is an error. */
static struct rsql_node *view(struct rsql_resolver *r, const struct rsql_node *x, size_t i,
                              unsigned kind, bool refuse)
{
  const char *what = refuse ? refusal(r, x, i) : NULL;
  if (refuse && what == NULL) return NULL;
  const struct rsql_type type = {.kind = kind != 0 ? rs_rsql_kind_of_bit(kind) : TY_TIMESTAMP};
  struct rsql_node *y = rs_rsql_mixed_view(r, x->v[i], kind, type, what, refuse ? "." : NULL);
  return y != NULL && rs_rsql_mixed_beside(r, x, i, y) ? y : NULL;
}

static bool take(struct rsql_resolver *r, struct rsql_node *x, size_t from);

/* CASE WHEN operand i is a date THEN x of dates WHEN it is ... ELSE an error END */
static bool split(struct rsql_resolver *r, struct rsql_node *x, size_t i, unsigned kinds)
{
  struct rsql_node *y = rs_rsql_mixed_node(r, N_CASE, x->pos, 2 * RSQL_KINDS + 1);
  if (y == NULL) return false;
  y->n = 0;
  y->op = 1;
  y->type.kind = TY_NULL;
  for (unsigned k = RSQL_BOOL; k <= RSQL_LAST; k <<= 1) {
    if ((kinds & k) == 0) continue;
    struct rsql_node *one = rs_rsql_mixed_copy(r, x), *is = view(r, x, i, k, false);
    if (one == NULL || is == NULL) return false;
    one->v[i] = is;
    if (!take(r, one, i + 1)) return false;
    y->v[y->n] = rs_rsql_mixed_there(r, is);
    if (y->v[y->n++] == NULL) return false;
    y->v[y->n++] = one;
    const bool first = y->type.kind == TY_NULL, same = y->type.kind == one->type.kind;
    y->type = first ? one->type : same ? y->type : (struct rsql_type){.kind = TY_JSON};
  }
  y->v[y->n] = view(r, x, i, 0, true);
  if (y->v[y->n++] == NULL) return false;
  y->v[y->n - 1]->type.kind = TY_NULL;
  *x = *y;
  return true;
}

/* The operands from `from` on. */
static bool take(struct rsql_resolver *r, struct rsql_node *x, size_t from)
{
  for (size_t i = from; i < x->n; i++) {
    const unsigned all = taken(x, i), kinds = all & rs_rsql_type_kinds(x->v[i]->type);
    if (all == 0) continue;
    if ((kinds & (kinds - 1)) != 0) return split(r, x, i, kinds);
    struct rsql_node *y = view(r, x, i, kinds, true);
    if (y == NULL) return false;
    x->v[i] = y;
  }
  return finish(r, x);
}

/* The dates that both operands of a `-` have beside numbers, by what is known of their columns. */
static unsigned beside_numbers(const struct rsql_node *x)
{
  if (x->kind != N_CHAIN || x->n != 2 || x->ops[0] != '-') return 0;
  for (size_t i = 0; i < 2; i++)
    if (!rs_rsql_type_is_union(x->v[i]->type) && !rs_rsql_type_is_boxed(x->v[i]->type)) return 0;
  const unsigned a = rs_rsql_type_kinds(x->v[0]->type), b = rs_rsql_type_kinds(x->v[1]->type);
  return (a & RSQL_NUMBER) != 0 && (b & RSQL_NUMBER) != 0 ? a & b & INSTANTS : 0;
}

/* CASE WHEN a is a timestamp THEN a - b of timestamps WHEN ... ELSE a - b of numbers END */
bool rs_rsql_mixed_differ(struct rsql_resolver *r, struct rsql_node *x, bool *done)
{
  const unsigned kinds = beside_numbers(x);
  if (kinds == 0) return true;
  struct rsql_node *y = rs_rsql_mixed_node(r, N_CASE, x->pos, 2 * 2 + 1);
  struct rsql_node *rest = rs_rsql_mixed_copy(r, x);
  if (y == NULL || rest == NULL) return false;
  y->n = 0;
  y->op = 1;
  y->type.kind = TY_JSON;
  for (unsigned k = RSQL_DATETIME; k <= RSQL_TIMESTAMP; k <<= 1) {
    if ((kinds & k) == 0) continue;
    struct rsql_node *times = rs_rsql_mixed_copy(r, x), *is = view(r, x, 0, k, false);
    if (times == NULL || is == NULL) return false;
    times->v[0] = is;
    y->v[y->n] = rs_rsql_mixed_there(r, is);
    if (y->v[y->n++] == NULL || !take(r, times, 1)) return false;
    y->v[y->n++] = times;
  }
  if (!rs_rsql_mixed_calculate(r, rest, true, rs_rsql_operator_what, rs_rsql_finish_operator))
    return false;
  y->v[y->n++] = rest;
  *x = *y;
  *done = true;
  return true;
}

bool rs_rsql_mixed_typed(struct rsql_resolver *r, struct rsql_node *x, bool *done)
{
  struct rsql_node *let;
  if (!rs_rsql_mixed_takes_typed(x)) return true;
  if (!rs_rsql_mixed_bind(r, x, &let)) return false;
  *done = true;
  return take(r, x, 0) && rs_rsql_mixed_bound(r, x, let);
}
