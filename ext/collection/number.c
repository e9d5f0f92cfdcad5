/*
** Numbers that are written to columns of more digits than SQLite's own numbers have: decimals and
** integers beyond 64 bits. They become what the engine will give back: rounded to the scale,
** without zeros and signs that mean nothing (update.c).
*/
#include "src/value/text.h"
#include "internal.h"
#include "src/arrow/arrow.h"
#include "src/base/text.h"

#include <string.h>

#define EXPONENT_MAX 100000 /* beyond any column */
#define DIGITS_MAX 39       /* of 128 bits */
#define UINT128_MAX (~(rs_uint128)0)

/* What a column holds. */
struct holds {
  int precision; /* decimal digits; 0: the limits below */
  int scale;     /* -1: each value's own */
  bool whole;    /* a fraction is an error */
  bool any;      /* there are no limits */
  rs_uint128 top, bottom;
};

/* A number's text: from its first digit that is not 0, points among them. */
struct digits {
  bool negative;
  const char *p;
  size_t n;      /* digits */
  int64_t power; /* of ten, of the last one */
};

/* The number that a text begins with, of a column's declaration. */
static int small_number(const char *p)
{
  int n = 0;
  for (; *p >= '0' && *p <= '9' && n < 1000; p++) n = n * 10 + (*p - '0');
  return n;
}

static struct holds holds_of(const char *native)
{
  static const struct {
    const char *name;
    rs_uint128 top, bottom;
  } integers[] = {{"UBIGINT", UINT64_MAX, 0},
                  {"HUGEINT", UINT128_MAX >> 1, (UINT128_MAX >> 1) + 1},
                  {"UHUGEINT", UINT128_MAX, 0},
                  {"BIGNUM", 0, 0}};
  for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
    if (!rs_eq(native, integers[i].name)) continue;
    return (struct holds){.whole = true,
                          .any = integers[i].top == 0,
                          .top = integers[i].top,
                          .bottom = integers[i].bottom};
  }
  const char *open = strchr(native, '('), *comma = open ? strchr(open, ',') : NULL;
  if (!open) return (struct holds){.scale = -1, .any = true};
  return (struct holds){.precision = small_number(open + 1),
                        .scale = comma ? small_number(comma + 1) : 0};
}

/* False: it is no number. */
static bool read_digits(const char *p, size_t n, struct digits *d)
{
  const char *end = p + n;
  bool point = false, any = false;
  long exponent = 0;
  *d = (struct digits){.negative = p < end && *p == '-'};
  if (p < end && (*p == '-' || *p == '+')) p++;
  for (; p < end && ((*p >= '0' && *p <= '9') || (*p == '.' && !point)); p++) {
    if (*p == '.') {
      point = true;
      continue;
    }
    any = true;
    d->power -= point;
    if (d->n == 0 && *p == '0') continue;
    if (d->n++ == 0) d->p = p;
  }
  if (any && p < end && (*p == 'e' || *p == 'E')) {
    p++;
    bool minus = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+')) p++;
    any = p < end;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
      if (exponent < EXPONENT_MAX) exponent = exponent * 10 + (*p - '0');
    }
    d->power += minus ? -exponent : exponent;
  }
  return any && p == end;
}

/* d * 10^scale, rounded half away from zero. False: too large. *rest: digits were lost. */
static bool scaled(const struct digits *d, int scale, rs_uint128 *out, bool *rest)
{
  const int64_t keep = d->n == 0 ? 0 : (int64_t)d->n + d->power + scale;
  const char *p = d->p;
  rs_uint128 x = 0;
  *rest = false;
  if (keep > DIGITS_MAX) return false;
  for (int64_t k = 0; k < keep || k < (int64_t)d->n; k++) {
    unsigned digit = 0;
    if (k < (int64_t)d->n) {
      if (*p == '.') p++;
      digit = (unsigned)(*p++ - '0');
    }
    if (k >= keep) {
      *rest = *rest || digit != 0;
      if (k == keep && digit >= 5) {
        if (x == UINT128_MAX) return false;
        x++;
      }
      continue;
    }
    if (x > (UINT128_MAX - digit) / 10) return false;
    x = x * 10 + digit;
  }
  *out = x;
  return true;
}

static bool in_range(const struct holds *h, bool negative, rs_uint128 x)
{
  rs_uint128 power = 1;
  if (h->any) return true;
  if (h->precision == 0) return x <= (negative ? h->bottom : h->top);
  for (int i = 0; i < h->precision && i < DIGITS_MAX - 1; i++) power *= 10;
  return x < power;
}

static enum rs_code give_text(struct rs_arena *a, const char *p, size_t n, struct rs_value *out,
                              struct rs_error *e)
{
  out->kind = RS_TEXT;
  out->s.n = n;
  out->s.p = rs_arena_strndup(a, p, n);
  return out->s.p ? RS_OK : rs_nomem(e);
}

/* As a column of the type gives it (src/arrow/decode.c). */
static enum rs_code give_number(bool negative, rs_uint128 x, int scale, struct rs_arena *a,
                                struct rs_value *out, struct rs_error *e)
{
  struct rs_scratch scratch;
  char text[64];
  if (!negative && x > UINT128_MAX >> 1)
    return give_text(a, text, rs_text_uint128(x, text), out, e);
  rs_scratch_init(&scratch);
  rs_value_decimal((rs_int128)(negative ? 0 - x : x), scale, &scratch, out);
  enum rs_code rc = scratch.nomem ? rs_nomem(e) : RS_OK;
  if (rc == RS_OK && out->kind == RS_TEXT) rc = give_text(a, out->s.p, out->s.n, out, e);
  rs_scratch_free(&scratch);
  return rc;
}

enum rs_code rs_collection_number(const char *native, const char *p, size_t n, struct rs_arena *a,
                                  struct rs_value *out, const char **why, struct rs_error *e)
{
  struct holds h = holds_of(native);
  struct digits d;
  rs_uint128 x;
  bool rest;
  *why = "is not a number";
  if (!read_digits(p, n, &d)) return RS_INVALID;
  if (h.scale < 0) h.scale = d.power < 0 ? (int)-d.power : 0;
  const bool fits = h.scale < DIGITS_MAX && scaled(&d, h.scale, &x, &rest);
  // an engine's number without limits, beyond what is computed here
  if (!fits && h.any && !memchr(p, 'e', n) && !memchr(p, 'E', n)) return give_text(a, p, n, out, e);
  *why = "is out of its range";
  if (!fits || !in_range(&h, d.negative && x > 0, x)) return RS_INVALID;
  *why = "is not an integer";
  if (h.whole && rest) return RS_INVALID;
  return give_number(d.negative, x, h.scale, a, out, e);
}
