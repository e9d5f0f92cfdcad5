/*
** Times that come again, in crontab's notation: five fields, minute, hour, day of the month, month,
** day of the week, in UTC.
**
** A field is `*` or a list of numbers and ranges (`1,15`, `9-17`), each range, `*` too, with a step
** if need be (`9-17/2`). Months and weekdays also have names (`JAN`, `mon-fri`); Sunday is 0 and 7.
** Where both days are restricted, either one will do; where one of the fields begins with `*`, both
** must hold: as crontab has always had it.
**
** Six or seven fields are Quartz's notation, as Rockset's Go client writes it: seconds before them,
** which must be 0, maybe a year behind them, which must be `*`; `?` for one of the two days;
** weekdays from 1, Sunday, to 7.
**
** Pure functions; nothing blocks or allocates.
*/
#ifndef RS_VALUE_CRON_H
#define RS_VALUE_CRON_H
#include <stdbool.h>
#include <stdint.h>
#include "src/base/error.h"

struct rs_cron {
  uint64_t minutes, hours, days, months, weekdays; /* a bit for each number */
  bool either; /* a day of the month or of the week, instead of both */
};

/* RS_INVALID: what is wrong in which field; also where no such date ever comes (30 February). */
enum rs_code rs_cron_parse(const char *text, struct rs_cron *c, struct rs_error *e);
/* The first time behind `after`, both in seconds since 1970. */
int64_t rs_cron_next(const struct rs_cron *c, int64_t after);
#endif
