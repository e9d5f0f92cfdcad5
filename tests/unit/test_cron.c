/*
** Crontab's notation: what is read, what is refused and how, and when it comes next.
*/
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "src/value/calendar.h"
#include "src/value/cron.h"

/* "2026-11-21 08:15:30", "2026-11-21 08:15" or "2026-11-21" */
static int64_t seconds(const char *text)
{
  long v[6] = {0};
  char *p = (char *)text;
  for (int i = 0; i < 6 && *p != 0; i++) {
    v[i] = strtol(p, &p, 10);
    if (*p != 0) p++;
  }
  return rs_date_days((int)v[0], (int)v[1], (int)v[2]) * 86400 + v[3] * 3600 + v[4] * 60 + v[5];
}

static void expect_next(const char *cron, const char *after, const char *want)
{
  struct rs_cron c;
  struct rs_error e = {0};
  if (rs_cron_parse(cron, &c, &e) != RS_OK) fail_msg("%s: %s", cron, e.text);
  int64_t got = rs_cron_next(&c, seconds(after));
  if (got == seconds(want)) return;
  const struct rs_date d = rs_days_date(got / 86400);
  fail_msg("%s after %s: %d-%02d-%02d %02d:%02d instead of %s", cron, after, (int)d.year, d.month,
           d.day, (int)(got % 86400 / 3600), (int)(got % 3600 / 60), want);
}

static void expect_refused(const char *cron, const char *want)
{
  struct rs_cron c;
  struct rs_error e = {0};
  if (rs_cron_parse(cron, &c, &e) == RS_OK) fail_msg("%s: is accepted", cron);
  assert_int_equal(e.code, RS_INVALID);
  assert_string_equal(e.text, want);
}

static void test_minutes_and_hours(void **state)
{
  (void)state;
  expect_next("* * * * *", "2026-11-24 02:00:00", "2026-11-24 02:01");
  expect_next("* * * * *", "2026-11-24 02:00:59", "2026-11-24 02:01");
  expect_next("\t*  * *\t* * ", "2026-12-31 23:59:59", "2027-01-01 00:00");
  expect_next("*/15 * * * *", "2026-11-24 02:15:00", "2026-11-24 02:30");
  expect_next("*/45 * * * *", "2026-11-24 02:46", "2026-11-24 03:00");
  expect_next("5-59/20 * * * *", "2026-11-24 02:06", "2026-11-24 02:25");
  expect_next("1,31,31,2 * * * *", "2026-11-24 02:02", "2026-11-24 02:31");
  expect_next("0-4,58 * * * *", "2026-11-24 02:04", "2026-11-24 02:58");
  expect_next("30 9-17/4 * * *", "2026-11-24 09:30", "2026-11-24 13:30");
  expect_next("30 9-17/4 * * *", "2026-11-24 17:30", "2026-11-25 09:30");
  expect_next("59 23 * * *", "2026-11-24 23:59:00", "2026-11-25 23:59");
  expect_next("0 0 * * *", "1969-12-30 12:00", "1969-12-31 00:00");
  expect_next("007 2 * * *", "2026-11-24 02:00", "2026-11-24 02:07");
}

static void test_days_and_months(void **state)
{
  (void)state;
  expect_next("0 0 1 * *", "2026-11-24", "2026-12-01");
  expect_next("0 0 31 * *", "2026-11-24", "2026-12-31");
  expect_next("0 0 31 * *", "2027-01-31", "2027-03-31");
  expect_next("0 12 1 1,JUL *", "2026-11-24", "2027-01-01 12:00");
  expect_next("0 12 1 jan-mar,Dec *", "2026-11-24", "2026-12-01 12:00");
  expect_next("0 0 1 */5 *", "2026-01-01", "2026-06-01");
  expect_next("0 0 29 2 *", "2026-11-24", "2028-02-29");
  expect_next("0 0 29 FEB *", "2096-02-29", "2104-02-29"); // 2100 is no leap year
  expect_next("0 0 29,30 2 *", "2024-02-29", "2028-02-29");
  expect_next("59 23 28-31 2 *", "2027-02-28 23:59", "2028-02-28 23:59");
}

static void test_days_of_the_week(void **state)
{
  (void)state;
  expect_next("0 8 * * MON", "2026-11-24", "2026-11-30 08:00"); // the 24th is a Tuesday
  expect_next("0 8 * * mon-fri", "2026-11-27 08:00", "2026-11-30 08:00");
  expect_next("0 8 * * 0", "2026-11-24", "2026-11-29 08:00");
  expect_next("0 8 * * 7", "2026-11-24", "2026-11-29 08:00");
  expect_next("0 8 * * 5-7", "2026-11-28 09:00", "2026-11-29 08:00");
  expect_next("0 8 * * FRI-SUN", "2026-11-28 09:00", "2026-11-29 08:00");
  expect_next("0 8 * * 1-5/2", "2026-11-24", "2026-11-25 08:00");
}

static void test_either_day(void **state)
{
  (void)state;
  expect_next("0 0 13 * FRI", "2026-11-24", "2026-11-27"); // a Friday, or the 13th
  expect_next("0 0 13 * FRI", "2026-12-11", "2026-12-13");
  expect_next("0 0 */1 * FRI", "2026-11-24", "2026-11-27"); // a field that begins with a star: both
  expect_next("0 0 13 * */7", "2026-11-24", "2026-12-13");  // 0 and 7: Sundays that are a 13th
  expect_next("0 0 13 * */7", "2026-12-13", "2027-06-13");
  expect_next("0 0 30 2 MON", "2026-02-01", "2026-02-02");   // Mondays of February
  expect_next("0 0 */28 2 */2", "2026-11-24", "2028-02-01"); // the 1st or 29th, Sun Tue Thu or Sat
}

static void test_quartz(void **state)
{
  (void)state;
  expect_next("0 0 0 ? * * *", "2026-11-24", "2026-11-25"); // as Rockset's Go client writes it
  expect_next("0 30 6 ? * MON-FRI", "2026-11-27 07:00", "2026-11-30 06:30");
  expect_next("0 0 8 ? * 1", "2026-11-24", "2026-11-29 08:00"); // 1 is Sunday
  expect_next("0 0 8 ? * 2,7 *", "2026-11-24", "2026-11-28 08:00");
  expect_next("0 */15 9-17 13 * ?", "2026-11-24", "2026-12-13 09:00");
  expect_refused("5 0 0 ? * * *",
                 "cron string '5 0 0 ? * * *': of six or seven fields the first is "
                 "seconds, and it must be 0: nothing runs more often than once a "
                 "minute");
  expect_refused("0 0 0 ? * * 2027",
                 "cron string '0 0 0 ? * * 2027': the seventh field is the year, "
                 "and it must be '*'");
  const char *days = "of six or seven fields either the day of the month or the day of the week is "
                     "'?'";
  char want[200];
  (void)snprintf(want, sizeof want, "cron string '0 0 0 * * *': %s", days);
  expect_refused("0 0 0 * * *", want);
  (void)snprintf(want, sizeof want, "cron string '0 0 0 ? * ?': %s", days);
  expect_refused("0 0 0 ? * ?", want);
  expect_refused("0 0 0 ? * 0", "cron string: day of the week 0: it is from 1 to 7");
  expect_refused("0 0 0 ? * 8 *", "cron string: day of the week 8: it is from 1 to 7");
  expect_refused("0 0 ? * *", "cron string: day of the month '?': a number is missing");
}

/* Each next time against the C library's calendar, minute by minute. */
static void test_every_minute(void **state)
{
  (void)state;
  struct rs_cron c;
  struct rs_error e = {0};
  assert_int_equal(rs_cron_parse("*/7 3,15 10-20 2,11 TUE", &c, &e), RS_OK);
  int64_t at = seconds("2026-01-01"), end = seconds("2028-12-31");
  int64_t next = rs_cron_next(&c, at - 1);
  for (; at < end; at += 60) {
    time_t t = at;
    struct tm tm;
    assert_non_null(gmtime_r(&t, &tm));
    bool due = tm.tm_min % 7 == 0 && (tm.tm_hour == 3 || tm.tm_hour == 15) &&
               ((tm.tm_mday >= 10 && tm.tm_mday <= 20) || tm.tm_wday == 2) &&
               (tm.tm_mon == 1 || tm.tm_mon == 10);
    assert_true(due == (next == at));
    if (due) next = rs_cron_next(&c, at);
  }
}

static void test_refused(void **state)
{
  (void)state;
  static const char five[] =
    "five fields are needed: minute, hour, day of the month, month, day of the week";
  char want[200];
  (void)snprintf(want, sizeof want, "cron string '': %s", five);
  expect_refused("", want);
  (void)snprintf(want, sizeof want, "cron string '* * * *': %s", five);
  expect_refused("* * * *", want);
  expect_refused("* * * * * * * *", "cron string '* * * * * * * *': there is something behind the "
                                    "five fields, or the seven with seconds and a year");
  expect_refused("60 * * * *", "cron string: minute 60: it is from 0 to 59");
  expect_refused("* 24 * * *", "cron string: hour 24: it is from 0 to 23");
  expect_refused("* * 0 * *", "cron string: day of the month 0: it is from 1 to 31");
  expect_refused("* * * 13 *", "cron string: month 13: it is from 1 to 12");
  expect_refused("* * * * 8", "cron string: day of the week 8: it is from 0 to 7");
  expect_refused("* * * 0 *", "cron string: month 0: it is from 1 to 12");
  expect_refused("9999999999 * * * *", "cron string: minute 999: it is from 0 to 59");
  expect_refused("30-10 * * * *",
                 "cron string: minute '30-10': a range begins with its smaller end");
  expect_refused("5/15 * * * *",
                 "cron string: minute '5/15': a step belongs to a range: '*/15' or '5-59/15'");
  expect_refused("*/0 * * * *", "cron string: minute '*/0': a step is at least 1");
  expect_refused("*/ * * * *", "cron string: minute '*/': a number is missing");
  expect_refused("1, * * * *", "cron string: minute '1,': a number is missing");
  expect_refused("-5 * * * *", "cron string: minute '-5': a number is missing");
  expect_refused("MON * * * *", "cron string: minute 'MON': a number is missing");
  expect_refused("*5 * * * *", "cron string: minute '*5': write numbers, ranges, lists and steps: "
                               "'1,15', '9-17', '*/10'");
  expect_refused("* * * * MONDAY",
                 "cron string: day of the week 'MONDAY': write numbers or names of three letters, "
                 "ranges and lists: '1-5', 'MON,FRI'");
  expect_refused("* * L * *", "cron string: day of the month 'L': a number is missing");
  (void)snprintf(want, sizeof want, "cron string '@daily': %s", five);
  expect_refused("@daily", want);
}

static void test_impossible(void **state)
{
  (void)state;
  expect_refused("0 0 30 2 *", "cron string '0 0 30 2 *': there is no such date, in no year");
  expect_refused("* * 31 2,4,6,9,11 *",
                 "cron string '* * 31 2,4,6,9,11 *': there is no such date, in no year");
  expect_refused("0 0 30 2 */2", "cron string '0 0 30 2 */2': there is no such date, in no year");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_minutes_and_hours),
    cmocka_unit_test(test_days_and_months),
    cmocka_unit_test(test_days_of_the_week),
    cmocka_unit_test(test_either_day),
    cmocka_unit_test(test_quartz),
    cmocka_unit_test(test_every_minute),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_impossible),
  };
  return RS_RUN(tests);
}
