/*
** The calendar: every day of 1,200 years in order, against the C library's where that reaches.
*/
#include "unit.h"
#include <time.h>
#include "src/value/calendar.h"

static void test_days_in_order(void **state)
{
  (void)state;
  int64_t days = rs_date_days(-400, 1, 1);
  for (int64_t year = -400; year < 800; year++)
    for (int month = 1; month <= 12; month++)
      for (int day = 1; day <= rs_month_days(year, month); day++, days++) {
        const struct rs_date d = rs_days_date(days);
        if (rs_date_days(year, month, day) != days || d.year != year || d.month != month ||
            d.day != day)
          fail_msg("%d-%d-%d", (int)year, month, day);
      }
}

static void test_c_library(void **state)
{
  (void)state;
  for (int64_t days = -700000; days < 4000000; days += 17) {
    time_t seconds = days * 86400;
    struct tm tm;
    const struct rs_date d = rs_days_date(days);
    assert_non_null(gmtime_r(&seconds, &tm));
    assert_int_equal(d.year, tm.tm_year + 1900);
    assert_int_equal(d.month, tm.tm_mon + 1);
    assert_int_equal(d.day, tm.tm_mday);
  }
  assert_int_equal(rs_date_days(1970, 1, 1), 0);
  assert_int_equal(rs_days_date(INT64_C(106751991167300)).year, 292277026596); // time_t ends
}

static void test_is_date(void **state)
{
  (void)state;
  assert_true(rs_is_date(2024, 2, 29));
  assert_true(rs_is_date(2000, 2, 29));
  assert_true(rs_is_date(0, 2, 29));
  assert_false(rs_is_date(1900, 2, 29));
  assert_false(rs_is_date(2023, 2, 29));
  assert_false(rs_is_date(2024, 4, 31));
  assert_false(rs_is_date(2024, 0, 1));
  assert_false(rs_is_date(2024, 13, 1));
  assert_false(rs_is_date(2024, 1, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_days_in_order),
    cmocka_unit_test(test_c_library),
    cmocka_unit_test(test_is_date),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
