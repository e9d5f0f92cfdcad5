/*
** Texts of dates and times as Rockset reads them.
*/
#ifndef RS_VALUE_ROCKSET_TIME_H
#define RS_VALUE_ROCKSET_TIME_H
#include <stddef.h>

enum rs_time_kind { RS_TIME_DATE, RS_TIME_TIME, RS_TIME_DATETIME, RS_TIME_TIMESTAMP };

#define RS_ROCKSET_TIME_MAX 128 /* bytes of a canonical text, NUL included */

/*
** One-digit months, days and hours are fine; a timestamp's zone is Z, an offset or a name, UTC when
** there is none. out: 2020-01-02, 03:04:05.5, 2020-01-02 03:04:05.5; a timestamp gets its zone at
** the end (+00:00,
** -07:00, America/New_York behind a blank). Returns NULL, or what is wrong.
*/
const char *rs_rockset_time(enum rs_time_kind kind, const char *p, size_t n,
                            char out[RS_ROCKSET_TIME_MAX]);
#endif
