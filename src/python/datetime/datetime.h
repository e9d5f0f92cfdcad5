/*
** Python's dates and times as values: date, datetime, time, timedelta, time zones. For `modules`,
** run_started_at and the cells of query results.
**
** All values live in the arena of their evaluation. Nothing here blocks, but making a time zone
** reads a file of the system's zoneinfo.
*/
#ifndef RS_PYTHON_DATETIME_DATETIME_H
#define RS_PYTHON_DATETIME_DATETIME_H
#include "src/python/native.h"

#define US_SECOND INT64_C(1000000)
#define US_DAY (INT64_C(86400) * US_SECOND)
#define DAY_MAX 3652059  /* the ordinal of 9999-12-31; 1 is 0001-01-01 */
#define EPOCH_DAY 719163 /* of 1970-01-01 */

enum rs_tz_kind {
  RS_TZ_PYTZ_UTC, /* pytz.utc */
  RS_TZ_UTC,      /* datetime.timezone.utc */
  RS_TZ_FIXED,    /* datetime.timezone(timedelta) */
  RS_TZ_OFFSET,   /* pytz.FixedOffset(minutes) */
  RS_TZ_ZONE      /* pytz.timezone(name), as of one offset of it */
};
struct rs_zone;
struct rs_tz {
  enum rs_tz_kind kind;
  const struct rs_zone *zone; /* RS_TZ_ZONE */
  const char *name;           /* of the zone */
  int64_t offset, dst;        /* seconds east of UTC; part of it that is summer time */
  const char *abbr;           /* "EST" */
};

enum rs_datetime_kind { RS_DATE, RS_DATETIME, RS_TIME };
struct rs_datetime {
  enum rs_datetime_kind kind;
  int64_t us;             /* local time since 0001-01-01; of RS_TIME: since midnight */
  const struct rs_tz *tz; /* NULL = naive */
};

/* A datetime taken apart. */
struct rs_fields {
  int year, month, day, hour, minute, second, us;
  int weekday; /* Monday is 0 */
  int yday;    /* from 1 */
};

/* datetime.c */
extern const char *const rs_datetime_names[]; /* of the kinds: "date" */
jv rs_datetime_make(struct rs_python *j, enum rs_datetime_kind kind, int64_t us,
                    const struct rs_tz *tz);
const struct rs_datetime *rs_datetime_of(jv v);
void rs_datetime_fields(const struct rs_datetime *m, struct rs_fields *f);
/* False when it is no date of the calendar, or a time out of its range. */
bool rs_fields_us(const struct rs_fields *f, int64_t *us);
int64_t rs_ymd_day(int year, int month, int day); /* the ordinal, unchecked */
void rs_day_ymd(int64_t day, int *year, int *month, int *day_of_month);
/* Microseconds since 0001-01-01 in UTC; naive: as they are. */
int64_t rs_datetime_utc(const struct rs_datetime *m);
/* "2024-01-02 03:04:05.6" as the engines give it, to a value; false when it isn't one. */
bool rs_datetime_parse(struct rs_python *j, enum rs_datetime_kind kind, const char *s, size_t n,
                       bool is_utc, jv *out);

/* RS_INVALID when it is not between the years 1 and 9999. */
enum rs_code rs_datetime_checked(struct rs_python *j, enum rs_datetime_kind kind, int64_t us,
                                 const struct rs_tz *tz, jv *out, struct rs_error *e);

/* class.c: what the class has, its instances too: min, now() ... */
enum rs_code rs_datetime_class_attr(struct rs_python *j, enum rs_datetime_kind kind,
                                    const char *name, size_t n, jv *out, struct rs_error *e);
/* The datetime in a zone (NULL: local time, naive) of an instant in microseconds since 1970. */
enum rs_code rs_datetime_at(struct rs_python *j, int64_t epoch_us, const struct rs_tz *tz, jv *out,
                            struct rs_error *e);
enum rs_code rs_tz_want(jv v, const struct rs_tz **tz, struct rs_error *e); /* none: NULL */
/* The constructor, or replace() of another one. */
enum rs_code rs_datetime_build(struct rs_python *j, enum rs_datetime_kind kind,
                               const struct rs_datetime *replaced, const struct jv_args *args,
                               jv *out, struct rs_error *e);

/* text.c */
void rs_datetime_iso(const struct rs_datetime *m, char between, const char *spec, struct rs_buf *b);
void rs_datetime_strftime(const struct rs_datetime *m, const char *format, struct rs_buf *b);
enum rs_code rs_datetime_strptime(struct rs_python *j, const char *text, const char *format,
                                  jv *out, struct rs_error *e);
enum rs_code rs_datetime_fromiso(struct rs_python *j, enum rs_datetime_kind kind, const char *s,
                                 jv *out, struct rs_error *e);
void rs_offset_text(int64_t seconds, const char *colon, struct rs_buf *b); /* +02:00 */

/* timedelta.c */
jv rs_delta_value(struct rs_python *j, int64_t us);
bool rs_delta_of(jv v, int64_t *us);
CLASS_CALL(rs_delta_call);
void rs_delta_repr(int64_t us, struct rs_buf *b);
void rs_delta_str(int64_t us, struct rs_buf *b);

/* timezone.c */
extern const struct rs_tz rs_tz_pytz_utc, rs_tz_utc;
jv rs_tz_value(struct rs_python *j, const struct rs_tz *tz);
const struct rs_tz *rs_tz_of(jv v); /* NULL: it is none */
const struct rs_tz *rs_tz_fixed(struct rs_python *j, enum rs_tz_kind kind, int64_t offset);
/* The zone's rule at an instant (UTC seconds since 1970). */
const struct rs_tz *rs_tz_at(struct rs_python *j, const struct rs_tz *tz, int64_t utc);
void rs_tz_repr(const struct rs_tz *tz, struct rs_buf *b);
void rs_tz_str(const struct rs_tz *tz, struct rs_buf *b);
/* Its abbreviation: "EST", "UTC", "UTC+02:00". */
void rs_tz_abbr(const struct rs_tz *tz, struct rs_buf *b);
/* An aware datetime in UTC of microseconds since 1970: run_started_at. */
jv rs_datetime_value(struct rs_python *j, int64_t us);
#endif
