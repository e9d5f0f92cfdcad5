/*
** Values as text and back: dates, times, numbers, UUIDs, JSON scalars. What is written is byte for
** byte what DuckDB's CAST AS VARCHAR writes, since filters are pushed down in that form.
**
** Nothing depends on the locale. Pure functions; nothing blocks. Texts have no NUL behind them,
** unless it says so.
*/
#ifndef RS_VALUE_TEXT_H
#define RS_VALUE_TEXT_H
#include <stddef.h>
#include <stdint.h>
#include "src/base/scratch.h"
#include "value.h"

/* ---- each writes at most the bytes said, and returns how many -------------------------------- */

enum { RS_VALUE_TEXT_MAX = 80 };
typedef __int128 rs_int128; /* gcc and clang */
typedef unsigned __int128 rs_uint128;

size_t rs_text_date(int64_t days, char *out);                                     /* <= 24 */
size_t rs_text_time(int64_t t, int64_t per_second, char *out);                    /* <= 32 */
size_t rs_text_timestamp(int64_t t, int64_t per_second, char *out);               /* <= 64 */
size_t rs_text_timetz(uint64_t bits, char *out);                                  /* <= 48 */
size_t rs_text_interval(int32_t months, int32_t days, int64_t micros, char *out); /* <= 80 */
size_t rs_text_uint128(rs_uint128 v, char *out);                                  /* <= 40 */
size_t rs_text_decimal(rs_int128 v, int32_t scale, char *out);                    /* <= 80 */
size_t rs_text_uuid(const uint8_t p[16], char *out);                              /* 36 */
/* "2026-11-21 08:15:30.123456" (UTC) and a NUL for microseconds since 1970, with a fraction of six
** digits or none. */
void rs_format_timestamp(int64_t us, char out[40]);
/* REAL where 15 digits hold it, else TEXT of all digits in the scratch. */
void rs_value_decimal(rs_int128 v, int32_t scale, struct rs_scratch *s, struct rs_value *out);
/* TEXT of a big-endian number of any length, its bytes complemented when negative. */
void rs_value_bignum(const uint8_t *b, size_t n, bool negative, struct rs_scratch *s,
                     struct rs_value *out);
/* JSON text: arrays and objects stay RS_JSON, scalars become themselves. */
void rs_value_json(const char *p, size_t n, struct rs_scratch *s, struct rs_value *out);
/* The double that the text of a JSON number means, in any locale. */
double rs_text_to_double(const char *p, size_t n);
/* strtod of the C locale, whatever the host has set. */
double rs_text_strtod(const char *text, char **end);
/* An integer of 64 bits; false: the text is none. */
bool rs_text_to_int(const char *p, size_t n, int64_t *i);
/* 10 to so many, all exact. */
extern const double rs_pow10[23];
#endif
