/*
** Values as text and back (text.h).
*/
#include "text.h"
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif
#include "calendar.h"
#include "src/base/mem.h"
#include "src/base/text.h"

/* ---- numbers --------------------------------------------------------------------------------- */

size_t rs_text_uint128(rs_uint128 v, char *out)
{
  char tmp[40];
  size_t n = 0;
  // 19 digits at a time: division of 128 bits is slow
  while (v > UINT64_MAX) {
    uint64_t low = (uint64_t)(v % 10000000000000000000u);
    v /= 10000000000000000000u;
    for (int i = 0; i < 19; i++, low /= 10) tmp[n++] = (char)('0' + low % 10);
  }
  uint64_t rest = (uint64_t)v;
  do {
    tmp[n++] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest);
  for (size_t i = 0; i < n; i++) out[i] = tmp[n - 1 - i];
  return n;
}

size_t rs_text_decimal(rs_int128 v, int32_t scale, char *out)
{
  char digits[48], *p = out;
  size_t n = rs_text_uint128(v < 0 ? 0 - (rs_uint128)v : (rs_uint128)v, digits);
  size_t frac = scale > 0 ? (size_t)scale : 0;
  if (frac > 38) frac = 38;
  if (v < 0) *p++ = '-';
  if (n > frac) {
    memcpy(p, digits, n - frac);
    p += n - frac;
  } else {
    *p++ = '0';
  }
  if (frac) {
    *p++ = '.';
    for (size_t i = n; i < frac; i++) *p++ = '0';
    size_t k = n < frac ? n : frac;
    memcpy(p, digits + n - k, k);
    p += k;
  }
  return (size_t)(p - out);
}

static locale_t c_locale;
static void make_c_locale(void)
{
  c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

const double rs_pow10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                           1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

double rs_text_strtod(const char *text, char **end)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, make_c_locale);
  return c_locale ? strtod_l(text, end, c_locale) : strtod(text, end);
}

double rs_text_to_double(const char *p, size_t n)
{
  char tmp[128], *text = n < sizeof tmp ? tmp : rs_malloc(n + 1);
  if (!text) return NAN;
  memcpy(text, p, n);
  text[n] = 0;
  double d = rs_text_strtod(text, NULL);
  if (text != tmp) rs_free(text);
  return d;
}

bool rs_text_to_int(const char *p, size_t n, int64_t *i)
{
  bool minus = n > 0 && *p == '-';
  uint64_t u = 0;
  if (n == minus || n - minus > 19) return false; // 19 digits never overflow 64 unsigned bits
  for (size_t k = minus; k < n; k++) {
    if (p[k] < '0' || p[k] > '9') return false;
    u = u * 10 + (uint64_t)(p[k] - '0');
  }
  if (u > (uint64_t)INT64_MAX + minus) return false;
  *i = (int64_t)(minus ? 0 - u : u);
  return true;
}

void rs_value_decimal(rs_int128 v, int32_t scale, struct rs_scratch *s, struct rs_value *out)
{
  char text[RS_VALUE_TEXT_MAX];
  if (scale <= 0 && v >= INT64_MIN && v <= INT64_MAX) {
    out->kind = RS_INT;
    out->i = (int64_t)v;
    return;
  }
  if (scale > 0) {
    rs_int128 m = v;
    int32_t sc = scale;
    // Zeros at the end are no significant digits
    while (sc > 0 && (m > 999999999999999 || m < -999999999999999) && m % 10 == 0) {
      m /= 10;
      sc--;
    }
    if (m <= 999999999999999 && m >= -999999999999999) {
      out->kind = RS_FLOAT;
      // An exact integer divided by an exact power of ten is correctly rounded
      if (sc <= 22) out->f = (double)(int64_t)m / rs_pow10[sc];
      else out->f = rs_text_to_double(text, rs_text_decimal(m, sc, text));
      return;
    }
  }
  size_t n = rs_text_decimal(v, scale, text);
  char *p = rs_scratch_alloc(s, n);
  out->kind = p ? RS_TEXT : RS_NULL;
  if (p) {
    memcpy(p, text, n);
    out->s.p = p;
    out->s.n = n;
  }
}

/* Digits of a big-endian number of any length, by repeated division by 10^9. */
void rs_value_bignum(const uint8_t *b, size_t n, bool negative, struct rs_scratch *s,
                     struct rs_value *out)
{
  size_t limbs_max = n / 3 + 2, limbs = 0; // 10^9 holds more than 3.7 bytes
  size_t room = limbs_max * 9 + 2;
  uint32_t *limb = (uint32_t *)rs_malloc(limbs_max * sizeof *limb);
  char *text = rs_scratch_alloc(s, room);
  if (!limb || !text) {
    rs_free(limb);
    s->nomem = true;
    out->kind = RS_NULL;
    return;
  }
  for (size_t i = 0; i < n; i++) {
    uint64_t carry = b[i];
    if (negative) carry = (uint8_t)~b[i];
    for (size_t k = 0; k < limbs; k++) {
      carry += (uint64_t)limb[k] << 8;
      limb[k] = (uint32_t)(carry % 1000000000u);
      carry /= 1000000000u;
    }
    if (carry) limb[limbs++] = (uint32_t)carry;
  }
  char *p = text + room;
  for (size_t k = 0; k < limbs; k++) {
    uint32_t x = limb[k];
    for (int d = 0; d < 9 && (x || k + 1 < limbs); d++, x /= 10) *--p = (char)('0' + x % 10);
  }
  if (limbs == 0) *--p = '0';
  if (negative && limbs) *--p = '-';
  rs_free(limb);
  out->kind = RS_TEXT;
  out->s.p = p;
  out->s.n = (size_t)(text + room - p);
}

size_t rs_text_uuid(const uint8_t p[16], char *out)
{
  char hex[33];
  rs_hex(p, 16, hex);
  static const int parts[] = {8, 4, 4, 4, 12};
  size_t from = 0, n = 0;
  for (int i = 0; i < 5; i++) {
    if (i) out[n++] = '-';
    memcpy(out + n, hex + from, (size_t)parts[i]);
    n += (size_t)parts[i];
    from += (size_t)parts[i];
  }
  return n;
}

/* ---- dates and times ------------------------------------------------------------------------- */

static char *two(char *p, int64_t v)
{
  *p++ = (char)('0' + v / 10 % 10);
  *p++ = (char)('0' + v % 10);
  return p;
}

static char *number(char *p, int64_t v, int width)
{
  char tmp[24];
  int n = 0;
  do {
    tmp[n++] = (char)('0' + v % 10);
    v /= 10;
  } while (v);
  while (n < width) tmp[n++] = '0';
  while (n > 0) *p++ = tmp[--n];
  return p;
}

static int64_t floor_div(int64_t a, int64_t b)
{
  int64_t q = a / b;
  return q - (a % b < 0);
}

/* The same for the years 1 to 9999, without signs and loops: dates are in many rows. */
static char *civil_fast(char *p, uint32_t z)
{
  uint32_t era = z / 146097, doe = z - era * 146097;
  uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  uint32_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9;
  uint32_t year = yoe + era * 400 + (month <= 2), low = year % 100, high = year / 100;
  const uint32_t parts[] = {high, low, month, day};
  for (int i = 0; i < 4; i++) {
    *p++ = (char)('0' + parts[i] / 10);
    *p++ = (char)('0' + parts[i] % 10);
    if (i == 1 || i == 2) *p++ = '-';
  }
  return p;
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar; years before 1 are written as BC. */
static char *civil(char *p, int64_t days)
{
  // 0001-03-01 to 9999-12-31
  if (days >= -719103 && days <= 2932896) return civil_fast(p, (uint32_t)(days + 719468));
  const struct rs_date d = rs_days_date(days);
  bool bc = d.year <= 0;
  p = number(p, bc ? 1 - d.year : d.year, 4);
  *p++ = '-';
  p = two(p, d.month);
  *p++ = '-';
  p = two(p, d.day);
  if (bc) {
    memcpy(p, " (BC)", 5);
    p += 5;
  }
  return p;
}

/* HH:MM:SS and the fraction without zeros at its end; t >= 0. */
static char *clock_text(char *p, int64_t t, int64_t per_second)
{
  int64_t sec = t / per_second, frac = t % per_second;
  p = two(p, sec / 3600);
  *p++ = ':';
  p = two(p, sec / 60 % 60);
  *p++ = ':';
  p = two(p, sec % 60);
  if (frac) {
    *p++ = '.';
    for (int64_t unit = per_second / 10; frac; unit /= 10) {
      *p++ = (char)('0' + frac / unit);
      frac %= unit;
    }
  }
  return p;
}

static size_t infinity_text(bool negative, char *out)
{
  memcpy(out, "-infinity", 9);
  if (negative) return 9;
  memcpy(out, "infinity", 8);
  return 8;
}

size_t rs_text_date(int64_t days, char *out)
{
  if (days == INT32_MAX || days == -INT32_MAX) return infinity_text(days < 0, out);
  return (size_t)(civil(out, days) - out);
}

size_t rs_text_time(int64_t t, int64_t per_second, char *out)
{
  return (size_t)(clock_text(out, t < 0 ? 0 : t, per_second) - out);
}

size_t rs_text_timestamp(int64_t t, int64_t per_second, char *out)
{
  if (t == INT64_MAX || t == -INT64_MAX) return infinity_text(t < 0, out);
  int64_t day = floor_div(t, per_second * 86400);
  char *p = civil(out, day);
  *p++ = ' ';
  // Computed from the remainder: day * units may be below INT64_MIN
  int64_t rest = t % (per_second * 86400);
  if (rest < 0) rest += per_second * 86400;
  return (size_t)(clock_text(p, rest, per_second) - out);
}

void rs_format_timestamp(int64_t us, char out[40])
{
  const int64_t day_us = INT64_C(86400000000);
  int64_t days = floor_div(us, day_us), rest = us % day_us;
  if (rest < 0) rest += day_us;
  const struct rs_date d = rs_days_date(days); // not gmtime: its years do not reach as far
  int seconds = (int)(rest / 1000000), fraction = (int)(rest % 1000000);
  int n = snprintf(out, 40, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d", d.year, d.month, d.day,
                   seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0 && n > 0 && n < 40)
    (void)snprintf(out + n, (size_t)(40 - n), ".%06d", fraction);
}

/* DuckDB's TIMETZ: microseconds << 24 | (max offset - offset in seconds). */
size_t rs_text_timetz(uint64_t bits, char *out)
{
  int64_t offset = 57599 - (int64_t)(bits & 0xFFFFFF); // 15:59:59 is the largest offset
  char *p = clock_text(out, (int64_t)(bits >> 24), 1000000);
  *p++ = offset < 0 ? '-' : '+';
  if (offset < 0) offset = -offset;
  p = two(p, offset / 3600);
  if (offset % 3600 / 60) {
    *p++ = ':';
    p = two(p, offset % 3600 / 60);
  }
  if (offset % 60) {
    *p++ = ':';
    p = two(p, offset % 60);
  }
  return (size_t)(p - out);
}

static char *interval_part(char *p, const char *out, int64_t v, const char *unit)
{
  if (v == 0) return p;
  if (p != out) *p++ = ' ';
  if (v < 0) *p++ = '-';
  p = number(p, v < 0 ? -v : v, 1);
  *p++ = ' ';
  size_t n = strlen(unit);
  memcpy(p, unit, n);
  p += n;
  if (v != 1 && v != -1) *p++ = 's';
  return p;
}

size_t rs_text_interval(int32_t months, int32_t days, int64_t micros, char *out)
{
  char *p = out;
  p = interval_part(p, out, months / 12, "year");
  p = interval_part(p, out, months % 12, "month");
  p = interval_part(p, out, days, "day");
  if (micros == 0 && p != out) return (size_t)(p - out);
  if (p != out) *p++ = ' ';
  if (micros < 0) *p++ = '-';
  uint64_t u = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
  uint64_t hours = u / 3600000000u;
  p = number(p, (int64_t)hours, 2);
  char tail[40];
  size_t n = (size_t)(clock_text(tail, (int64_t)(u % 3600000000u), 1000000) - tail);
  memcpy(p, tail + 2, n - 2); // ":MM:SS.ffffff" behind an hour of our own
  return (size_t)(p + n - 2 - out);
}

/* ---- JSON scalars ---------------------------------------------------------------------------- */

/* A string between its quotes. Without escapes it is borrowed. */
static void json_string(const char *p, size_t n, struct rs_scratch *s, struct rs_value *out)
{
  out->kind = RS_TEXT;
  out->s.p = p;
  out->s.n = n;
  if (!memchr(p, '\\', n)) return;
  char *to = rs_scratch_alloc(s, n);
  if (!to) {
    out->kind = RS_NULL;
    return;
  }
  out->s.n = rs_json_unescape(p, n, to);
  out->s.p = to;
}

static void json_number(const char *p, size_t n, struct rs_value *out)
{
  out->kind = RS_INT;
  if (rs_text_to_int(p, n, &out->i)) return;
  out->f = rs_text_to_double(p, n);
  out->kind = isnan(out->f) ? RS_NULL : RS_FLOAT;
}

void rs_value_json(const char *p, size_t n, struct rs_scratch *s, struct rs_value *out)
{
  while (n && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) p++, n--;
  while (n && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\n' || p[n - 1] == '\r')) n--;
  out->kind = RS_JSON;
  out->s.p = p;
  out->s.n = n;
  if (n == 0) out->kind = RS_NULL;
  else if (*p == '"' && n >= 2) json_string(p + 1, n - 2, s, out);
  else if (rs_eqn("null", p, n)) out->kind = RS_NULL;
  else if (rs_eqn("true", p, n) || rs_eqn("false", p, n)) {
    out->kind = RS_BOOL;
    out->i = n == 4;
  } else if (*p == '-' || (*p >= '0' && *p <= '9')) json_number(p, n, out);
}
