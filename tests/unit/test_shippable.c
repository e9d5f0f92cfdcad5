/*
** Unit tests of src/pushdown/shippable.c: what may be sent, and what a value makes of a term.
*/
#include <stdio.h>
#include <string.h>
#include <math.h>

#include "unit.h"

#include "src/pushdown/pushdown.h"

/* An engine that can do everything, and one that can do little. */
static const struct rs_dialect full = {
  .name = "full",
  .is_nan = "isnan(%s)",
  .as_text = "text(%s)",
  .as_int = "int(%s)",
  .text_bytes = "bytes(%s)",
  .like_number = "number(%s)",
  .lower = "lower(%s)",
  .text_is_binary = true,
  .nulls_order = true,
};
static const struct rs_dialect poor = {.name = "poor"};

/* ---- plan time ------------------------------------------------------------------------------- */

static void test_term(void **state)
{
  (void)state;
  enum { L = RS_SHIP_LOCAL, R = RS_SHIP_RECHECK, X = RS_SHIP_EXACT };
  static const struct {
    enum rs_type type;
    int null, eq, eq_text, lt, lt_text, in; // by operator; _text: against a text literal
  } cases[] = {
    {RS_T_INT, X, X, X, X, X, X},         {RS_T_BOOL, X, X, X, X, X, X},
    {RS_T_FLOAT, X, X, X, X, L, X},       {RS_T_BYTES, X, X, X, X, L, X},
    {RS_T_TEXT, X, R, X, R, X, R},        {RS_T_ENUM, X, R, X, R, X, R},
    {RS_T_DATE, X, X, X, R, X, X},        {RS_T_TIME, X, X, X, R, X, X},
    {RS_T_TIMESTAMP, X, X, X, R, X, X},   {RS_T_UUID, X, X, X, R, X, X},
    {RS_T_HUGEINT, X, L, L, L, L, L},     {RS_T_DECIMAL, X, L, L, L, L, L},
    {RS_T_TIMESTAMPTZ, X, L, L, L, L, L}, {RS_T_JSON, L, L, L, L, L, L},
    {RS_T_MIXED, L, L, L, L, L, L},       {RS_T_OTHER, L, L, L, L, L, L},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    enum rs_type t = cases[i].type;
    enum rs_rhs u = RS_RHS_UNKNOWN, x = RS_RHS_TEXT;
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_ISNULL, u, true), cases[i].null);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_NOTNULL, u, true), cases[i].null);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_EQ, u, true), cases[i].eq);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_ISNOT, u, true), cases[i].eq);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_EQ, x, true), cases[i].eq_text);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_LT, u, true), cases[i].lt);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_GE, x, true), cases[i].lt_text);
    assert_int_equal(rs_shippable_term(&full, t, RS_OP_IN, u, true), cases[i].in);
  }
}

static void test_term_collation(void **state)
{
  (void)state;
  assert_int_equal(rs_shippable_term(&full, RS_T_TEXT, RS_OP_EQ, RS_RHS_TEXT, false),
                   RS_SHIP_LOCAL);
  assert_int_equal(rs_shippable_term(&full, RS_T_DATE, RS_OP_EQ, RS_RHS_TEXT, false),
                   RS_SHIP_LOCAL);
  // numbers and null tests have no collation
  assert_int_equal(rs_shippable_term(&full, RS_T_INT, RS_OP_EQ, RS_RHS_TEXT, false), RS_SHIP_EXACT);
  assert_int_equal(rs_shippable_term(&full, RS_T_TEXT, RS_OP_ISNULL, RS_RHS_UNKNOWN, false),
                   RS_SHIP_EXACT);
}

static void test_poor_dialect(void **state)
{
  (void)state;
  assert_int_equal(rs_shippable_term(&poor, RS_T_INT, RS_OP_EQ, RS_RHS_UNKNOWN, true),
                   RS_SHIP_EXACT);
  assert_int_equal(rs_shippable_term(&poor, RS_T_BOOL, RS_OP_EQ, RS_RHS_UNKNOWN, true),
                   RS_SHIP_LOCAL);
  assert_int_equal(rs_shippable_term(&poor, RS_T_TEXT, RS_OP_EQ, RS_RHS_TEXT, true), RS_SHIP_LOCAL);
  assert_int_equal(rs_shippable_term(&poor, RS_T_DATE, RS_OP_EQ, RS_RHS_TEXT, true), RS_SHIP_LOCAL);
  assert_false(rs_shippable_order(&poor, RS_T_INT));
}

static void test_order(void **state)
{
  (void)state;
  static const enum rs_type yes[] = {RS_T_INT,  RS_T_BOOL, RS_T_FLOAT,     RS_T_TEXT, RS_T_BYTES,
                                     RS_T_DATE, RS_T_TIME, RS_T_TIMESTAMP, RS_T_UUID, RS_T_ENUM};
  static const enum rs_type no[] = {RS_T_HUGEINT, RS_T_DECIMAL, RS_T_TIMESTAMPTZ,
                                    RS_T_JSON,    RS_T_MIXED,   RS_T_OTHER};
  for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
    assert_true(rs_shippable_order(&full, yes[i]));
  for (size_t i = 0; i < sizeof no / sizeof no[0]; i++)
    assert_false(rs_shippable_order(&full, no[i]));
}

/* ---- run time -------------------------------------------------------------------------------- */

static struct rs_value i64(int64_t i)
{
  return (struct rs_value){.kind = RS_INT, .i = i};
}

static struct rs_value dbl(double f)
{
  return (struct rs_value){.kind = RS_FLOAT, .f = f};
}

static struct rs_value bytes(enum rs_kind kind, const char *p, size_t n)
{
  struct rs_value v = {.kind = kind};
  v.s.p = p;
  v.s.n = n;
  return v;
}

static struct rs_value txt(const char *p)
{
  return bytes(RS_TEXT, p, strlen(p));
}

/* A bound as text: "false", "true", "null", "not null", ">= 11", "= 'a' or null". */
static const char *show(const struct rs_bound *b)
{
  static char out[200];
  static const char *const words[] = {"false", "true", "null", "not null"};
  char value[100] = "";
  if (b->kind < RS_BOUND_CMP) return words[b->kind];
  if (b->kind == RS_BOUND_IN) {
    (void)snprintf(out, sizeof out, "in %zu", b->value.list.n);
    return out;
  }
  const char *kind = "";
  if (b->value.kind == RS_INT) (void)snprintf(value, sizeof value, "%lld", (long long)b->value.i);
  else if (b->value.kind == RS_FLOAT) (void)snprintf(value, sizeof value, "%.17g", b->value.f);
  else {
    kind = b->value.kind == RS_BYTES ? "x" : "";
    (void)snprintf(value, sizeof value, "'%.*s'", (int)b->value.s.n, b->value.s.p);
  }
  (void)snprintf(out, sizeof out, "%s %s%s%s%s%s", rs_op_text(b->op), kind, value,
                 b->kind == RS_BOUND_CMP_OR_NULL ? " or null" : "", b->bytes ? " bytes" : "",
                 b->or_number ? " or number" : "");
  return out;
}

static void check(enum rs_type type, enum rs_op op, struct rs_value v, const char *expected)
{
  struct rs_bound b;
  rs_shippable_bind(&full, type, op, RS_RHS_UNKNOWN, &v, &b);
  assert_string_equal(show(&b), expected);
}

static void test_bind_null(void **state)
{
  (void)state;
  static const enum rs_type types[] = {RS_T_INT, RS_T_FLOAT, RS_T_TEXT, RS_T_DATE, RS_T_BYTES};
  struct rs_value null = {.kind = RS_NULL};
  struct rs_bound b;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    check(types[i], RS_OP_EQ, null, "false");
    check(types[i], RS_OP_NE, null, "false");
    check(types[i], RS_OP_LT, null, "false");
    check(types[i], RS_OP_IS, null, "null");
    check(types[i], RS_OP_ISNOT, null, "not null");
    check(types[i], RS_OP_EQ, dbl(NAN), "false"); // SQLite has none, but values may be built
  }
  rs_shippable_bind(&full, RS_T_INT, RS_OP_ISNULL, RS_RHS_UNKNOWN, NULL, &b);
  assert_string_equal(show(&b), "null");
  rs_shippable_bind(&full, RS_T_INT, RS_OP_NOTNULL, RS_RHS_UNKNOWN, NULL, &b);
  assert_string_equal(show(&b), "not null");
}

static void test_bind_int(void **state)
{
  (void)state;
  enum rs_type t = RS_T_INT;
  check(t, RS_OP_EQ, i64(10), "= 10");
  check(t, RS_OP_IS, i64(10), "= 10");
  check(t, RS_OP_ISNOT, i64(10), "<> 10 or null");
  check(t, RS_OP_EQ, dbl(10), "= 10");
  check(t, RS_OP_EQ, dbl(10.5), "false");
  check(t, RS_OP_NE, dbl(10.5), "not null");
  check(t, RS_OP_ISNOT, dbl(10.5), "true");
  check(t, RS_OP_LT, dbl(10.5), "<= 10");
  check(t, RS_OP_LE, dbl(10.5), "<= 10");
  check(t, RS_OP_GT, dbl(10.5), ">= 11");
  check(t, RS_OP_GE, dbl(10.5), ">= 11");
  check(t, RS_OP_LT, dbl(-10.5), "<= -11");
  check(t, RS_OP_GT, dbl(-10.5), ">= -10");
  check(t, RS_OP_LT, dbl(10), "< 10");
  check(t, RS_OP_LT, dbl(9.3e18), "not null");
  check(t, RS_OP_GE, dbl(9223372036854775808.0), "false");
  check(t, RS_OP_LT, dbl(9223372036854775808.0), "not null");
  check(t, RS_OP_GE, dbl(-9223372036854775808.0), ">= -9223372036854775808");
  check(t, RS_OP_GT, dbl(-9.3e18), "not null");
  check(t, RS_OP_EQ, dbl(-9.3e18), "false");
  check(t, RS_OP_LT, dbl(INFINITY), "not null");
  check(t, RS_OP_LT, dbl(-INFINITY), "false");
  // text that affinity left a text, and blobs, stand above all numbers
  check(t, RS_OP_EQ, txt("abc"), "false");
  check(t, RS_OP_LT, txt("abc"), "not null");
  check(t, RS_OP_GT, txt("abc"), "false");
  check(t, RS_OP_NE, txt("abc"), "not null");
  check(t, RS_OP_ISNOT, txt("abc"), "true");
  check(t, RS_OP_GE, bytes(RS_BYTES, "1", 1), "false");
  check(RS_T_BOOL, RS_OP_EQ, i64(1), "= 1");
  check(RS_T_BOOL, RS_OP_GT, dbl(0.5), ">= 1");
}

static void test_bind_float(void **state)
{
  (void)state;
  enum rs_type t = RS_T_FLOAT;
  int64_t odd = 9007199254740993; // 2^53 + 1: no double
  check(t, RS_OP_EQ, dbl(0.5), "= 0.5");
  check(t, RS_OP_GT, i64(5), "> 5");
  check(t, RS_OP_EQ, i64(odd), "false");
  check(t, RS_OP_NE, i64(odd), "not null");
  check(t, RS_OP_LT, i64(odd), "<= 9007199254740992");
  check(t, RS_OP_LE, i64(odd), "<= 9007199254740992");
  check(t, RS_OP_GT, i64(odd), ">= 9007199254740994");
  check(t, RS_OP_GE, i64(odd + 2), ">= 9007199254740996");
  check(t, RS_OP_LT, i64(-odd), "<= -9007199254740994");
  check(t, RS_OP_GE, i64(-odd), ">= -9007199254740992");
  check(t, RS_OP_EQ, i64(odd - 1), "= 9007199254740992");
  check(t, RS_OP_GT, i64(INT64_MAX), ">= 9.2233720368547758e+18");
  check(t, RS_OP_LE, i64(INT64_MAX), "<= 9.2233720368547748e+18");
  check(t, RS_OP_EQ, i64(INT64_MIN), "= -9.2233720368547758e+18");
  check(t, RS_OP_LE, dbl(INFINITY), "<= inf");
  check(t, RS_OP_GT, txt("x"), "false");
  check(t, RS_OP_LE, txt("x"), "not null");
}

static void test_bind_text(void **state)
{
  (void)state;
  enum rs_type t = RS_T_TEXT;
  check(t, RS_OP_EQ, txt("a"), "= 'a'");
  check(t, RS_OP_IS, txt(""), "= ''");
  check(t, RS_OP_ISNOT, txt("a"), "<> 'a' or null");
  check(t, RS_OP_GT, txt("1"), "> '1'");
  // from a column of numeric affinity it would be above all that looks like a number
  check(t, RS_OP_LT, txt("1x"), "< '1x' or number");
  check(t, RS_OP_LE, txt(""), "<= '' or number");
  check(t, RS_OP_LT, txt("a"), "< 'a'");
  // a number may compare as a text or make the column's values numbers: only NULL is out
  check(t, RS_OP_EQ, i64(10), "not null");
  check(t, RS_OP_GT, dbl(1.5), "not null");
  check(t, RS_OP_ISNOT, i64(10), "true");
  check(t, RS_OP_EQ, bytes(RS_BYTES, "a", 1), "false");
  check(t, RS_OP_LT, bytes(RS_BYTES, "a", 1), "not null");
  check(t, RS_OP_GT, bytes(RS_BYTES, "a", 1), "false");
  check(t, RS_OP_GT, bytes(RS_TEXT, "a\xff", 2), "> x'a\xff' bytes");
  struct rs_bound b;
  struct rs_value v = txt("1x");
  rs_shippable_bind(&full, t, RS_OP_LT, RS_RHS_TEXT, &v, &b);
  assert_string_equal(show(&b), "< '1x'");
  rs_shippable_bind(&poor, t, RS_OP_LT, RS_RHS_UNKNOWN, &v, &b);
  assert_string_equal(show(&b), "not null");
  v = bytes(RS_TEXT, "a\0b", 3);
  rs_shippable_bind(&full, t, RS_OP_EQ, RS_RHS_TEXT, &v, &b);
  assert_true(b.bytes && b.value.kind == RS_BYTES && b.value.s.n == 3);
  rs_shippable_bind(&poor, t, RS_OP_EQ, RS_RHS_TEXT, &v, &b);
  assert_string_equal(show(&b), "not null");
}

static void test_bind_iso(void **state)
{
  (void)state;
  enum rs_type t = RS_T_DATE;
  check(t, RS_OP_EQ, txt("2026-11-21"), "= '2026-11-21'");
  check(t, RS_OP_LT, txt("2026"), "< '2026'");
  check(t, RS_OP_EQ, i64(2026), "false");
  check(t, RS_OP_NE, i64(2026), "not null");
  check(t, RS_OP_ISNOT, i64(2026), "true");
  check(t, RS_OP_GT, i64(2026), "not null");
  check(t, RS_OP_EQ, bytes(RS_TEXT, "\xff", 1), "false");
  check(t, RS_OP_GT, bytes(RS_TEXT, "\xff", 1), "> x'\xff' bytes");
}

static void test_bind_bytes(void **state)
{
  (void)state;
  enum rs_type t = RS_T_BYTES;
  check(t, RS_OP_EQ, bytes(RS_BYTES, "ab", 2), "= x'ab'");
  check(t, RS_OP_ISNOT, bytes(RS_BYTES, "", 0), "<> x'' or null");
  check(t, RS_OP_EQ, txt("ab"), "false");
  check(t, RS_OP_GT, txt("ab"), "not null");
  check(t, RS_OP_LT, i64(1), "false");
  check(t, RS_OP_NE, i64(1), "not null");
}

static const char *list(enum rs_type type, struct rs_value *items, size_t n)
{
  static struct rs_bound b;
  rs_shippable_bind_list(&full, type, items, n, &b);
  return show(&b);
}

static void test_bind_list(void **state)
{
  (void)state;
  struct rs_value null = {.kind = RS_NULL};
  struct rs_value a[] = {null, i64(1), dbl(1), dbl(1.5), i64(2), txt("x"), i64(2)};
  assert_string_equal(list(RS_T_INT, a, 7), "in 2");
  assert_true(a[0].i == 1 && a[1].i == 2);
  struct rs_value b[] = {null, dbl(1.5), txt("x")};
  assert_string_equal(list(RS_T_INT, b, 3), "false");
  assert_string_equal(list(RS_T_INT, b, 0), "false");
  struct rs_value c[] = {txt("a"), txt("a"), txt("b"), null, bytes(RS_BYTES, "c", 1)};
  assert_string_equal(list(RS_T_TEXT, c, 5), "in 2");
  // a number came from a column of numeric affinity: texts that look like it match
  struct rs_value d[] = {txt("a"), i64(1)};
  assert_string_equal(list(RS_T_TEXT, d, 2), "not null");
  struct rs_value e[] = {i64(1), txt("2026-11-21"), bytes(RS_TEXT, "a\0", 2)};
  assert_string_equal(list(RS_T_DATE, e, 3), "in 1");
  struct rs_value f[] = {txt("a"), bytes(RS_TEXT, "\xff", 1)};
  assert_string_equal(list(RS_T_TEXT, f, 2), "in 1");
  struct rs_value g[] = {txt("a"), bytes(RS_TEXT, "a\0b", 3)};
  assert_string_equal(list(RS_T_TEXT, g, 2), "not null");
}

static const char *pattern(enum rs_op op, struct rs_value v)
{
  static char room[64], text[80];
  struct rs_bound b;
  rs_shippable_bind_pattern(op, &v, room, &b);
  if (b.kind == RS_BOUND_FALSE) return "false";
  if (b.kind == RS_BOUND_NOT_NULL) return "not null";
  assert_int_equal(b.kind, RS_BOUND_LIKE);
  assert_int_equal(b.fold, op == RS_OP_LIKE);
  (void)snprintf(text, sizeof text, "%.*s", (int)b.value.s.n, b.value.s.p);
  return text;
}

static void test_bind_pattern(void **state)
{
  (void)state;
  struct rs_value null = {.kind = RS_NULL};
  // whatever a text has behind a NUL SQLite does not see: any text may go on
  assert_string_equal(pattern(RS_OP_LIKE, txt("abc")), "abc%");
  assert_string_equal(pattern(RS_OP_LIKE, txt("a_c%")), "a%c%");
  assert_string_equal(pattern(RS_OP_LIKE, txt("%b%")), "%b%");
  assert_string_equal(pattern(RS_OP_LIKE, txt("a*b?[c")), "a*b?[c%");
  assert_string_equal(pattern(RS_OP_LIKE, txt("a\\b")), "a%b%"); // an engine's escape
  assert_string_equal(pattern(RS_OP_LIKE, bytes(RS_TEXT, "ab\0c", 4)), "ab%");
  assert_string_equal(pattern(RS_OP_LIKE, txt("%_%")), "not null");
  assert_string_equal(pattern(RS_OP_LIKE, txt("")), "not null");
  assert_string_equal(pattern(RS_OP_LIKE, i64(12)), "not null");
  assert_string_equal(pattern(RS_OP_LIKE, bytes(RS_TEXT, "\xff", 1)), "not null");
  assert_string_equal(pattern(RS_OP_LIKE, null), "false");
  assert_string_equal(pattern(RS_OP_GLOB, txt("abc*")), "abc%");
  assert_string_equal(pattern(RS_OP_GLOB, txt("a%b_c?d*")), "a%b%c%d%");
  assert_string_equal(pattern(RS_OP_GLOB, txt("ab[cd]e*")), "ab%");
}

static void test_patterns(void **state)
{
  (void)state;
  assert_true(rs_shippable_is_prefix("abc*", 4));
  assert_true(rs_shippable_is_prefix("*", 1));
  assert_false(rs_shippable_is_prefix("abc", 3));
  assert_false(rs_shippable_is_prefix("ab*c", 4));
  assert_false(rs_shippable_is_prefix("a?*", 3));
  assert_false(rs_shippable_is_prefix("a%*", 3));
  assert_false(rs_shippable_is_prefix("", 0));
  assert_int_equal(rs_shippable_term(&full, RS_T_TEXT, RS_OP_GLOB, RS_RHS_PREFIX, true),
                   RS_SHIP_EXACT);
  assert_int_equal(rs_shippable_term(&full, RS_T_TEXT, RS_OP_GLOB, RS_RHS_TEXT, true),
                   RS_SHIP_RECHECK);
  assert_int_equal(rs_shippable_term(&full, RS_T_INT, RS_OP_GLOB, RS_RHS_PREFIX, true),
                   RS_SHIP_RECHECK);
  assert_int_equal(rs_shippable_term(&full, RS_T_TEXT, RS_OP_LIKE, RS_RHS_TEXT, false),
                   RS_SHIP_RECHECK);
  assert_int_equal(rs_shippable_term(&full, RS_T_FLOAT, RS_OP_LIKE, RS_RHS_TEXT, true),
                   RS_SHIP_LOCAL);
  assert_int_equal(rs_shippable_term(&poor, RS_T_TEXT, RS_OP_LIKE, RS_RHS_TEXT, true),
                   RS_SHIP_LOCAL);
  assert_null(rs_shippable_why(&full, RS_T_INT, RS_OP_EQ, RS_RHS_UNKNOWN, true));
  assert_non_null(
    strstr(rs_shippable_why(&full, RS_T_TEXT, RS_OP_EQ, RS_RHS_TEXT, false), "collation"));
}

/* SELECT DISTINCT a ORDER BY <another expression than a> is an error on PostgreSQL. */
static void test_plain_order(void **state)
{
  (void)state;
  struct rs_dialect wrapped = full;
  wrapped.as_binary = "(%s)::bytes";
  assert_true(rs_shippable_plain_order(&full, RS_T_TEXT));
  assert_false(rs_shippable_plain_order(&wrapped, RS_T_TEXT));
  assert_true(rs_shippable_plain_order(&wrapped, RS_T_INT));
  assert_false(rs_shippable_plain_order(&full, RS_T_FLOAT));
  assert_false(rs_shippable_plain_order(&poor, RS_T_INT));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_term),         cmocka_unit_test(test_term_collation),
    cmocka_unit_test(test_poor_dialect), cmocka_unit_test(test_order),
    cmocka_unit_test(test_bind_null),    cmocka_unit_test(test_bind_int),
    cmocka_unit_test(test_bind_float),   cmocka_unit_test(test_bind_text),
    cmocka_unit_test(test_bind_iso),     cmocka_unit_test(test_bind_bytes),
    cmocka_unit_test(test_bind_list),    cmocka_unit_test(test_bind_pattern),
    cmocka_unit_test(test_patterns),     cmocka_unit_test(test_plain_order),
  };
  return RS_RUN(tests);
}
