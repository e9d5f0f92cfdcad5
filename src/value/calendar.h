/*
** The proleptic Gregorian calendar: dates to days since 1970-01-01 and back, for any year (0 is 1
** BC). Pure functions; nothing blocks or allocates.
*/
#ifndef RS_VALUE_CALENDAR_H
#define RS_VALUE_CALENDAR_H
#include <stdbool.h>
#include <stdint.h>

struct rs_date {
  int64_t year;
  int month, day; /* from 1 */
};

int rs_month_days(int64_t year, int month);
/* Is there such a day? Any numbers may be asked for. */
bool rs_is_date(int64_t year, int month, int day);
/* Days since 1970-01-01. month: 1 to 12; a day beyond the month's end counts on. */
int64_t rs_date_days(int64_t year, int month, int day);
/* The inverse; for |days| < 2^60. */
struct rs_date rs_days_date(int64_t days);
#endif
