/*
** The dialect table: identifiers, literals and markers as text.
*/
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "src/sql/dialect.h"

static struct rs_buf buf;

static int setup(void **state)
{
  (void)state;
  rs_buf_init(&buf, 1 << 20);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  rs_buf_free(&buf);
  return 0;
}

static const char *literal_of(const char *dialect, const struct rs_value *v)
{
  rs_buf_clear(&buf);
  rs_dialect_literal(rs_dialect_find(dialect), &buf, v);
  assert_int_equal(buf.rc, RS_OK);
  return rs_buf_text(&buf);
}

static const char *literal(const struct rs_value *v)
{
  return literal_of("duckdb", v);
}

static struct rs_value text(const char *p, size_t n)
{
  return (struct rs_value){.kind = RS_TEXT, .s = {p, n}};
}

static void test_find(void **state)
{
  (void)state;
  assert_string_equal(rs_dialect_find("duckdb")->name, "duckdb");
  assert_string_equal(rs_dialect_find("ansi")->name, "ansi");
  assert_null(rs_dialect_find("nosuch"));
  for (int i = 0; i <= RS_T_OTHER; i++) assert_non_null(rs_dialect_find("duckdb")->type_names[i]);
}

static void test_identifiers(void **state)
{
  (void)state;
  const struct rs_dialect *d = rs_dialect_find("duckdb");
  rs_dialect_relation(d, &buf, "we\"ird", "a.b c;--\n\"\"");
  assert_string_equal(rs_buf_text(&buf), "\"we\"\"ird\".\"a.b c;--\n\"\"\"\"\"");
  rs_buf_clear(&buf);
  rs_dialect_ident(d, &buf, "");
  assert_string_equal(rs_buf_text(&buf), "\"\"");
}

static void test_markers(void **state)
{
  (void)state;
  rs_dialect_param(rs_dialect_find("duckdb"), &buf, 12);
  rs_dialect_param(rs_dialect_find("ansi"), &buf, 12);
  assert_string_equal(rs_buf_text(&buf), "$12?");
}

static void test_scalars(void **state)
{
  (void)state;
  struct rs_value v = {.kind = RS_NULL};
  assert_string_equal(literal(&v), "NULL");
  v = (struct rs_value){.kind = RS_BOOL, .i = 1};
  assert_string_equal(literal(&v), "TRUE");
  v.i = 0;
  assert_string_equal(literal(&v), "FALSE");
  v = (struct rs_value){.kind = RS_INT, .i = 42};
  assert_string_equal(literal(&v), "42");
  v.i = INT64_MIN;
  assert_string_equal(literal(&v), "-9223372036854775808");
  v = (struct rs_value){.kind = RS_JSON, .s = {"[\"a'b\"]", 7}};
  assert_string_equal(literal(&v), "'[\"a''b\"]'::JSON");
}

static void test_texts(void **state)
{
  (void)state;
  struct rs_value v = text("it's ''", 7);
  assert_string_equal(literal(&v), "'it''s '''''");
  v = text("", 0);
  assert_string_equal(literal(&v), "''");
  v = text("a\\'b", 4); // a backslash is no escape
  assert_string_equal(literal(&v), "'a\\''b'");
  v = text("a\0b", 3);
  assert_string_equal(literal(&v), "('a'||chr(0)||'b')");
  v = text("\0\0", 2);
  assert_string_equal(literal(&v), "(''||chr(0)||''||chr(0)||'')");
}

static void test_blobs(void **state)
{
  (void)state;
  struct rs_value v = {.kind = RS_BYTES, .s = {"\xAA\0'", 3}};
  assert_string_equal(literal(&v), "'\\xaa\\x00\\x27'::BLOB");
  assert_string_equal(literal_of("ansi", &v), "X'aa0027'");
  v.s.n = 0;
  assert_string_equal(literal(&v), "''::BLOB");
}

static void test_doubles(void **state)
{
  (void)state;
  static const struct {
    double v;
    const char *text;
  } cases[] = {{1.5, "1.5e0"},
               {1, "1e0"},
               {-0.0, "-0e0"},
               {0.1, "0.1e0"},
               {1e300, "1e+300"},
               {NAN, "'nan'::DOUBLE"},
               {INFINITY, "'inf'::DOUBLE"},
               {-INFINITY, "'-inf'::DOUBLE"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rs_value v = {.kind = RS_FLOAT, .f = cases[i].v};
    assert_string_equal(literal(&v), cases[i].text);
  }
  static const double exact[] = {
    DBL_MAX, DBL_MIN, 4.9e-324, 1.0 / 3, 0.1 + 0.2, 9007199254740993.0, -123456789.123456789};
  for (size_t i = 0; i < sizeof exact / sizeof exact[0]; i++) {
    struct rs_value v = {.kind = RS_FLOAT, .f = exact[i]};
    assert_true(strtod(literal(&v), NULL) == exact[i]);
    assert_non_null(strchr(literal(&v), 'e'));
  }
}

/* A host that set a locale with a decimal comma must not change what is sent. */
static void test_double_in_other_locale(void **state)
{
  (void)state;
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8"};
  const char *set = NULL;
  for (size_t i = 0; i < 4 && set == NULL; i++) set = setlocale(LC_NUMERIC, names[i]);
  struct rs_value v = {.kind = RS_FLOAT, .f = 1.25};
  assert_string_equal(literal(&v), "1.25e0");
  setlocale(LC_NUMERIC, "C");
}

/* a - -5 must not become a comment, whoever wrote the minus in front. */
static void test_minus(void **state)
{
  (void)state;
  struct rs_value v = {.kind = RS_INT, .i = -5}, f = {.kind = RS_FLOAT, .f = -0.5};
  rs_buf_str(&buf, "a-");
  rs_dialect_literal(rs_dialect_find("duckdb"), &buf, &v);
  rs_buf_str(&buf, "-");
  rs_dialect_literal(rs_dialect_find("duckdb"), &buf, &f);
  assert_string_equal(rs_buf_text(&buf), "a- -5- -0.5e0");
}

static void test_lists(void **state)
{
  (void)state;
  struct rs_value items[] = {{.kind = RS_INT, .i = 1}, {.kind = RS_INT, .i = 2}};
  struct rs_value v = {.kind = RS_LIST, .list = {items, 2}};
  assert_string_equal(literal(&v), "(1, 2)");
  v.list.n = 0;
  assert_string_equal(literal(&v), "(NULL)");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
    T(test_find),  T(test_identifiers), T(test_markers), T(test_scalars),
    T(test_texts), T(test_blobs),       T(test_doubles), T(test_double_in_other_locale),
    T(test_minus), T(test_lists),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
