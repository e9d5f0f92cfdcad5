/*
** Texts of dates and times, read part by part: the one reader. It takes the loosest form that
** anybody takes, and says how the text was written: who is stricter looks at that. What is read
** lies on the calendar and on the clock. Written they are by text.h.
**
** Each function reads at the cursor and moves it; false: there is no such part, and the cursor is
** anywhere. Pure functions; nothing blocks.
*/
#ifndef RS_VALUE_TIMETEXT_H
#define RS_VALUE_TIMETEXT_H
#include <stdbool.h>
#include <stddef.h>
#include "calendar.h"

/* What is left of a text that is being read. */
struct rs_timetext_cursor {
  const char *p, *end;
};

struct rs_timetext_date {
  struct rs_date date; /* year 0 too */
  char separator;      /* '-' or '/' */
  int year_digits;     /* 1 to 4 */
  bool narrow;         /* month or day has one digit */
};

struct rs_timetext_clock {
  int hour, minute, second;
  int parts;   /* 1: the hour alone, 2: with minutes, 3: with seconds */
  int us;      /* of the fraction; further digits are cut */
  int digits;  /* of the fraction; 0: there is none */
  char point;  /* in front of it: '.' or ',' */
  bool narrow; /* a part has one digit */
};

/* One of these characters. */
bool rs_timetext_char(struct rs_timetext_cursor *c, const char *any);
/* `least` to `most` digits of a number up to `max`. */
bool rs_timetext_digits(struct rs_timetext_cursor *c, int least, int most, int max, int *v);
/* Y-M-D, Y/M/D */
bool rs_timetext_date(struct rs_timetext_cursor *c, struct rs_timetext_date *d);
/* H[:M[:S[.f]]] */
bool rs_timetext_clock(struct rs_timetext_cursor *c, struct rs_timetext_clock *t);
/* Is it YYYY-MM-DD? */
bool rs_timetext_is_iso(const struct rs_timetext_date *d);
/* Microseconds since midnight. */
int64_t rs_timetext_us(const struct rs_timetext_clock *t);
#endif
