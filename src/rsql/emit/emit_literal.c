/*
** Literals as text: numbers that stay what they are in Rockset, bytes, dates, intervals (see
** emit.h).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/types.h"

static void text(struct rsql_writer *w, const char *s)
{
  const struct rs_value v = {.kind = RS_TEXT, .s = {s, strlen(s)}};
  rs_dialect_literal(w->d, w->b, &v);
}

/* Without an exponent an engine would take 1.5 for a decimal. */
static void float_(struct rsql_writer *w, const char *s)
{
  if (s[0] == '.') rs_rsql_write(w, "0");
  const char *e = strpbrk(s, "eE");
  size_t n = e != NULL ? (size_t)(e - s) : strlen(s);
  if (n > 0 && s[n - 1] == '.') n--;
  rs_buf_add(w->b, s, n);
  rs_rsql_write(w, e != NULL ? e : "e0");
}

/* Beyond 64 bits it is a float, as in JSON. 2^63 itself is left: it may stand behind a minus. */
static void int_(struct rsql_writer *w, const char *s)
{
  while (s[0] == '0' && s[1] != 0) s++;
  size_t n = strlen(s);
  if (n > 19 || (n == 19 && strcmp(s, "9223372036854775808") > 0)) float_(w, s);
  else rs_rsql_write(w, s);
}

static void bytes(struct rsql_writer *w, const char *hex)
{
  const char *rest = rs_rsql_write_until(w, w->f->hex, '$');
  text(w, hex);
  rs_rsql_write(w, rest);
}

static void time_(struct rsql_writer *w, const struct rsql_node *x, enum rsql_kind kind)
{
  char out[RS_ROCKSET_TIME_MAX];
  const char *wrong = rs_rockset_time(rs_rsql_time_kind(kind), x->text, strlen(x->text), out);
  if (wrong != NULL) {
    rs_rsql_write_fail(w, x->pos, RS_INVALID, "%s", wrong);
    return;
  }
  rs_rsql_write(w, kind == TY_DATE       ? "DATE "
                   : kind == TY_TIME     ? "TIME "
                   : kind == TY_DATETIME ? "TIMESTAMP "
                                         : w->f->timestamp);
  text(w, out);
}

/* name 'text' */
static void typed(struct rsql_writer *w, const struct rsql_node *x)
{
  const struct rsql_type_name *t = rs_rsql_type_find(x->name);
  enum rsql_kind kind = t != NULL ? t->kind : TY_ANY;
  if (kind == TY_DATE || kind == TY_TIME || kind == TY_DATETIME || kind == TY_TIMESTAMP) {
    time_(w, x, kind);
    return;
  }
  if (kind == TY_BYTES && !w->plain) {
    const char *rest = rs_rsql_write_until(w, w->f->text_bytes, '$');
    text(w, x->text);
    rs_rsql_write(w, rest);
    return;
  }
  const char *name = t == NULL ? x->name : rs_rsql_type_text(w, t);
  if (rs_eq(name, "-")) {
    rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED, "%s has no type %s", w->d->name, x->name);
    return;
  }
  rs_rsql_write(w, "CAST(");
  text(w, x->text);
  rs_buf_printf(w->b, " AS %s)", name);
}

void rs_rsql_write_literal(struct rsql_writer *w, const struct rsql_node *x)
{
  switch (x->kind) {
    case N_NULL:
    case N_UNDEFINED: rs_rsql_write(w, "NULL"); break;
    case N_BOOL: rs_rsql_write(w, x->op == 1 ? "TRUE" : "FALSE"); break;
    case N_INT: int_(w, x->text); break;
    case N_FLOAT: float_(w, x->text); break;
    case N_STRING: text(w, x->text); break;
    case N_BYTES: bytes(w, x->text); break;
    case N_TYPED: typed(w, x); break;
    default: rs_rsql_write_fail(w, x->pos, RS_INTERNAL, "an expression of no known kind"); break;
  }
}

/* ---- intervals ------------------------------------------------------------------------------- */

/* Units from the widest on; a month's and a day's multiples do not mix. */
static const struct unit {
  const char *name;
  bool months;
  int64_t size; /* months, or microseconds */
} units[] = {{"YEAR", true, 12},           {"MONTH", true, 1},
             {"DAY", false, 86400000000},  {"HOUR", false, 3600000000},
             {"MINUTE", false, 60000000},  {"SECOND", false, 1000000},
             {"QUARTER", true, 3},         {"WEEK", false, 604800000000},
             {"MILLISECOND", false, 1000}, {"MICROSECOND", false, 1}};

static size_t unit_of(const char *name)
{
  size_t i = 0;
  while (!rs_eq(units[i].name, name)) i++;
  return i;
}

static void whole(struct rsql_writer *w, int64_t v, bool months)
{
  if (w->f->interval_literals) {
    rs_buf_printf(w->b, months ? "INTERVAL '%lld' MONTH" : "INTERVAL '%lld.%06lld' SECOND",
                  (long long)(months ? v : v / 1000000), (long long)llabs(v % 1000000));
  } else {
    rs_buf_printf(w->b, months ? "to_months(%lld)" : "to_microseconds(%lld)", (long long)v);
  }
}

/* '1-2' YEAR TO MONTH, '3 4:05:06.5' DAY TO SECOND */
static void range(struct rsql_writer *w, const struct rsql_node *x, const char *s)
{
  size_t from = unit_of(x->text), to = unit_of(x->name);
  bool minus = *s == '-';
  if (minus) s++;
  int64_t sum = 0;
  bool ok = from < to && to <= 5 && units[from].months == units[to].months;
  for (size_t i = from; ok && i <= to; i++) {
    int64_t v = 0;
    size_t digits = 0;
    for (; *s >= '0' && *s <= '9' && digits < 9; s++, digits++) v = v * 10 + (*s - '0');
    ok = digits > 0 && !__builtin_mul_overflow(v, units[i].size, &v) &&
         !__builtin_add_overflow(sum, v, &sum);
    if (i == 5 && *s == '.') {
      int64_t scale = 100000, us = 0;
      for (s++; *s >= '0' && *s <= '9'; s++, scale /= 10) us += (*s - '0') * scale;
      ok = ok && !__builtin_add_overflow(sum, us, &sum);
    }
    if (i < to && *s != 0) s++; // one character between the parts
  }
  if (!ok || *s != 0) {
    rs_rsql_write_fail(w, x->pos, RS_INVALID, "the interval does not fit %s TO %s", x->text,
                       x->name);
    return;
  }
  whole(w, minus ? -sum : sum, units[from].months);
}

/* The text of a constant number, else NULL. */
static const char *constant(const struct rsql_node *v, bool *minus)
{
  *minus = v->kind == N_NEGATE;
  if (*minus) v = v->v[0];
  return v->kind == N_INT || v->kind == N_FLOAT || v->kind == N_STRING ? v->text : NULL;
}

void rs_rsql_write_interval(struct rsql_writer *w, const struct rsql_node *x)
{
  bool minus;
  const char *s = constant(x->v[0], &minus);
  if (x->text == NULL) { // '2 days'
    rs_rsql_write(w, "INTERVAL ");
    rs_rsql_write_expr(w, x->v[0]);
    return;
  }
  if (x->name != NULL) {
    if (s != NULL && x->v[0]->kind == N_STRING) range(w, x, s);
    else rs_rsql_write_fail(w, x->pos, RS_INVALID, "%s TO %s needs a text", x->text, x->name);
    return;
  }
  const struct unit *u = &units[unit_of(x->text)];
  if (w->f->interval_literals) {
    if (s != NULL) rs_buf_printf(w->b, "INTERVAL '%s%s' %s", minus ? "-" : "", s, u->name);
    else {
      rs_rsql_write_operand(w, x->v[0]);
      rs_buf_printf(w->b, " * INTERVAL '1' %s", u->name);
    }
    return;
  }
  if (s != NULL && strpbrk(s, ".eE") != NULL && !u->months) { // DuckDB drops the fraction
    rs_rsql_write(w, "to_microseconds(CAST(");
    rs_rsql_write_operand(w, x->v[0]);
    rs_buf_printf(w->b, " * %lld AS BIGINT))", (long long)u->size);
    return;
  }
  bool plain = x->v[0]->kind == N_INT || x->v[0]->kind == N_STRING;
  rs_rsql_write(w, plain ? "INTERVAL " : "INTERVAL (");
  rs_rsql_write_expr(w, x->v[0]);
  rs_buf_printf(w->b, plain ? " %s" : ") %s", u->name);
}
