/*
** Names of columns and the names of their fields: each field has one column, whatever an engine
** makes of the letters' case.
*/
#include "unit.h"
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/value/field_name.h"

static void expect_mark(struct rs_arena *a, const char *field, const char *column)
{
  assert_string_equal(rs_field_mark(a, field), column);
  assert_string_equal(rs_field_of(a, column), field);
  assert_true(rs_field_is(column, field));
}

static void test_marks(void **state)
{
  struct rs_arena a;
  (void)state;
  rs_arena_init(&a, 0);
  expect_mark(&a, "A", "A~n1");
  expect_mark(&a, "a", "a~n0");
  expect_mark(&a, "customerId", "customerId~n001");
  expect_mark(&a, "STATUS", "STATUS~nf3");
  expect_mark(&a, "x~n1", "x~n1~n0");
  expect_mark(&a, "\xc3\x84", "\xc3\x84~uc384");
  expect_mark(&a, "\xc3\xa4 A", "\xc3\xa4 A~n8");
  assert_string_equal(rs_field_of(&a, "customerid~n001"), "customerId");
  assert_true(rs_field_is("CUSTOMERID~n001", "customerId"));
  assert_false(rs_field_is("customerId~n001", "customerid"));
  assert_false(rs_field_is("customerId", "customerid"));
  rs_arena_free(&a);
}

/* No marks: of digits that are none, of letters that are none, with a zero too many, of half a
** byte, with nothing in front. */
static void test_no_marks(void **state)
{
  static const char *const names[] = {"",     "a",      "a_1",     "a~x",    "a~n",  "~n1",
                                      "a~n2", "a~ng",   "1~n1",    "a~n10",  "a~N1", "a~u6",
                                      "a~u",  "a~n1~x", "a~u6100", "a~u61 ", "a~1",  "~"};
  struct rs_arena a;
  (void)state;
  rs_arena_init(&a, 0);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    assert_false(rs_field_is_marked(names[i]));
    assert_string_equal(rs_field_of(&a, names[i]), names[i]);
    assert_false(rs_field_needs_mark(names[i], false));
  }
  rs_arena_free(&a);
}

static void test_needs(void **state)
{
  (void)state;
  assert_true(rs_field_needs_mark("x~n1", false));
  assert_true(rs_field_needs_mark("_ID", false));
  assert_true(rs_field_needs_mark("_Event_time", false));
  assert_false(rs_field_needs_mark("_id", true));
  assert_false(rs_field_needs_mark("customerId", false));
  assert_true(rs_field_needs_mark("customerId", true));
  assert_true(rs_field_needs_mark("\xc3\x84", true));          // A with dots
  assert_true(rs_field_needs_mark("x\xf0\x90\x90\x80", true)); // of Deseret
  assert_false(rs_field_needs_mark("\xc3\xa4\xc5\xa1\xe4\xb8\xad\xff\xc3", true));
}

static void random_name(char *name)
{
  static const char *const parts[] = {"a",    "A", "~", "n",        "N",        "0", "1", "~n1",
                                      "~u61", "b", "B", "\xc3\x84", "\xc3\xa4", "x", " "};
  const int n = 1 + rand() % 12;
  size_t at = 0;
  for (int i = 0; i < n; i++) {
    const char *part = parts[(size_t)rand() % (sizeof parts / sizeof *parts)];
    memcpy(name + at, part, strlen(part) + 1);
    at += strlen(part);
  }
}

static void test_random(void **state)
{
  (void)state;
  srand(7);
  for (int i = 0; i < 20000; i++) {
    struct rs_arena a;
    struct rs_buf b;
    char name[100], other[100];
    rs_arena_init(&a, 0);
    rs_buf_init(&b, 1000);
    random_name(name);
    random_name(other);
    char *column = rs_arena_strdup(&a, rs_field_mark(&a, name));
    assert_true(rs_field_is_marked(column));
    for (int k = 0; k < 2; k++) { // as it is, and in lower case
      assert_string_equal(rs_field_of(&a, column), name);
      assert_true(rs_field_is(column, name));
      assert_int_equal(rs_field_is(column, other), rs_eq(name, other));
      for (char *c = column; *c != 0; c++) *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    }
    if (!rs_eq(name, other)) assert_int_not_equal(rs_casecmp(column, rs_field_mark(&a, other)), 0);
    rs_field_add(&b, column);
    assert_string_equal(rs_buf_text(&b), name);
    rs_buf_free(&b);
    rs_arena_free(&a);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_marks), cmocka_unit_test(test_no_marks),
                                     cmocka_unit_test(test_needs), cmocka_unit_test(test_random)};
  return RS_RUN(tests);
}
