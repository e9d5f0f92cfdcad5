/*
** The Gregorian calendar (calendar.h). Years are counted from March on, so that the leap day is a
** year's last, in eras of 400 years, after which the calendar repeats.
*/
#include "calendar.h"

#define ERA_DAYS 146097
#define EPOCH_DAY 719468 /* 1970-01-01, from 0000-03-01 on */

int rs_month_days(int64_t year, int month)
{
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return days[month - 1] + (month == 2 && leap);
}

bool rs_is_date(int64_t year, int month, int day)
{
  return month >= 1 && month <= 12 && day >= 1 && day <= rs_month_days(year, month);
}

int64_t rs_date_days(int64_t year, int month, int day)
{
  int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
  int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - EPOCH_DAY;
}

struct rs_date rs_days_date(int64_t days)
{
  int64_t n = days + EPOCH_DAY, era = (n >= 0 ? n : n - (ERA_DAYS - 1)) / ERA_DAYS;
  int64_t of_era = n - era * ERA_DAYS; // then: less the leap days before it
  int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / (ERA_DAYS - 1)) / 365;
  int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
  int month = (int)((5 * of_year + 2) / 153);
  struct rs_date d = {.day = (int)(of_year - (153 * month + 2) / 5 + 1)};
  d.month = month < 10 ? month + 3 : month - 9;
  d.year = year + era * 400 + (d.month <= 2);
  return d;
}
