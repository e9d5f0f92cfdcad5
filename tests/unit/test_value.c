/*
** Values: integers against floats, exactly, by whatever long double is.
*/
#include "unit.h"
#include <math.h>
#include "src/value/value.h"

static void test_int_float(void **state)
{
  (void)state;
  static const struct {
    int64_t i;
    double f;
    int want;
  } cases[] = {
    {0, 0.0, 0},
    {0, -0.0, 0},
    {1, 1.5, -1},
    {2, 1.5, 1},
    {-1, -1.5, 1},
    {-2, -1.5, -1},
    {9007199254740992, 9007199254740992.0, 0},
    {9007199254740993, 9007199254740992.0, 1}, // 2^53 + 1: a double has no such number
    {-9007199254740993, -9007199254740992.0, -1},
    {INT64_MAX, 9223372036854775808.0, -1}, // rounded it would be equal
    {INT64_MAX, 9223372036854774784.0, 1},
    {INT64_MIN, -9223372036854775808.0, 0},
    {INT64_MIN, -9223372036854777856.0, 1},
    {INT64_MAX, INFINITY, -1},
    {INT64_MIN, -INFINITY, 1},
    {0, 5e-324, -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct rs_value a = {.kind = RS_INT, .i = cases[i].i},
                          b = {.kind = RS_FLOAT, .f = cases[i].f};
    assert_int_equal(rs_value_compare(&a, &b), cases[i].want);
    assert_int_equal(rs_value_compare(&b, &a), -cases[i].want);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_int_float)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
