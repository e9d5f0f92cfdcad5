/*
** Python's timedelta (datetime.h): days, seconds, microseconds and arithmetic on them. Counted in
** microseconds of 64 bits: up to 106,751,991 days either way, where Python has 999,999,999.
*/
#include <math.h>
#include "datetime.h"

static const struct jv_class delta_class;

jv rs_delta_value(struct rs_python *j, int64_t us)
{
  int64_t *p = rs_arena_alloc(rs_python_arena(j), sizeof *p);
  if (p == NULL) return jv_undefined();
  *p = us;
  return jv_object(j, &delta_class, p);
}

bool rs_delta_of(jv v, int64_t *us)
{
  const int64_t *p = jv_self(v, &delta_class);
  if (p != NULL) *us = *p;
  return p != NULL;
}

static enum rs_code too_big(struct rs_error *e)
{
  return rs_fail(e, RS_INVALID, "timedelta: more than 106751991 days");
}

/* Days, and what is left as a part of a day that isn't negative. */
static int64_t split(int64_t us, int64_t *rest)
{
  int64_t days = us / US_DAY;
  *rest = us % US_DAY;
  if (*rest < 0) *rest += US_DAY, days--;
  return days;
}

CLASS_CALL(rs_delta_call)
{
  static const char *const names[] = {"days",    "seconds", "microseconds", "milliseconds",
                                      "minutes", "hours",   "weeks",        NULL};
  static const int64_t unit[] = {US_DAY,         US_SECOND,        1,         1000,
                                 60 * US_SECOND, 3600 * US_SECOND, 7 * US_DAY};
  jv v[7];
  int64_t whole = 0, product;
  double fraction = 0;
  enum rs_code rc = jv_bind(args, "timedelta", names, 0, v, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < 7; i++) {
    if (v[i].kind == JV_UNDEFINED) continue;
    if (v[i].kind == JV_INT || v[i].kind == JV_BOOL) {
      int64_t n = v[i].kind == JV_INT ? v[i].u.i : v[i].u.b;
      if (__builtin_mul_overflow(n, unit[i], &product) ||
          __builtin_add_overflow(whole, product, &whole))
        return too_big(e);
    } else if (v[i].kind == JV_FLOAT) {
      fraction += v[i].u.f * (double)unit[i];
    } else {
      return rs_fail(e, RS_INVALID, "unsupported type for timedelta %s component: %s", names[i],
                     jv_type_name(v[i]));
    }
  }
  if (!(fabs(fraction) < 9e18) || __builtin_add_overflow(whole, llrint(fraction), &whole))
    return too_big(e);
  *out = rs_delta_value(j, whole);
  return RS_OK;
}

void rs_delta_str(int64_t us, struct rs_buf *b)
{
  int64_t rest, days = split(us, &rest);
  int fraction = (int)(rest % US_SECOND);
  int seconds = (int)(rest / US_SECOND);
  if (days != 0)
    rs_buf_printf(b, "%lld day%s, ", (long long)days, days == 1 || days == -1 ? "" : "s");
  rs_buf_printf(b, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (fraction != 0) rs_buf_printf(b, ".%06d", fraction);
}

void rs_delta_repr(int64_t us, struct rs_buf *b)
{
  int64_t rest, days = split(us, &rest);
  const struct {
    const char *name;
    int64_t value;
  } parts[] = {{"days", days}, {"seconds", rest / US_SECOND}, {"microseconds", rest % US_SECOND}};
  bool any = false;
  rs_buf_str(b, "datetime.timedelta(");
  for (size_t i = 0; i < COUNT(parts); i++) {
    if (parts[i].value == 0) continue;
    rs_buf_printf(b, "%s%s=%lld", any ? ", " : "", parts[i].name, (long long)parts[i].value);
    any = true;
  }
  rs_buf_str(b, any ? ")" : "0)");
}

static CLASS_TEXT(delta_str)
{
  rs_delta_str(*(const int64_t *)self, b);
  return RS_OK;
}

static CLASS_TEXT(delta_repr)
{
  rs_delta_repr(*(const int64_t *)self, b);
  return RS_OK;
}

static NATIVE(total_seconds)
{
  *out = jv_float((double)*(const int64_t *)ctx / 1e6);
  return RS_OK;
}

static CLASS_GETATTR(delta_getattr)
{
  int64_t rest, days = split(*(const int64_t *)self, &rest);
  if (rs_eqn("days", name, n)) *out = jv_int(days);
  else if (rs_eqn("seconds", name, n)) *out = jv_int(rest / US_SECOND);
  else if (rs_eqn("microseconds", name, n)) *out = jv_int(rest % US_SECOND);
  else if (rs_eqn("total_seconds", name, n))
    *out = jv_func(j, "total_seconds", total_seconds, self);
  else return RS_NOT_FOUND;
  return RS_OK;
}

/* Half to even, as Python divides. */
static int64_t divide(int64_t a, int64_t b)
{
  if (b < 0) a = -a, b = -b;
  int64_t q = a / b, r = a % b;
  if (r < 0) r += b, q--;
  if (2 * r > b || (2 * r == b && (q & 1) != 0)) q++;
  return q;
}

static int64_t floor_div(int64_t a, int64_t b)
{
  int64_t q = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

static enum rs_code two_deltas(struct rs_python *j, char op, bool floored, int64_t x, int64_t y,
                               jv *out, struct rs_error *e)
{
  int64_t r;
  if (op == '+' || op == '-') {
    if (op == '+' ? __builtin_add_overflow(x, y, &r) : __builtin_sub_overflow(x, y, &r))
      return too_big(e);
    *out = rs_delta_value(j, r);
    return RS_OK;
  }
  if (op != '/' && op != '%') return RS_NOT_FOUND;
  if (y == 0) return rs_fail(e, RS_INVALID, "integer division or modulo by zero");
  if (op == '%') *out = rs_delta_value(j, x - y * floor_div(x, y));
  else *out = floored ? jv_int(floor_div(x, y)) : jv_float((double)x / (double)y);
  return RS_OK;
}

static enum rs_code scaled(struct rs_python *j, char op, bool floored, int64_t x, jv by, jv *out,
                           struct rs_error *e)
{
  int64_t r;
  if (op == '*' && by.kind == JV_INT) {
    if (__builtin_mul_overflow(x, by.u.i, &r)) return too_big(e);
  } else if (op == '/' && by.kind == JV_INT) {
    if (by.u.i == 0) return rs_fail(e, RS_INVALID, "integer division or modulo by zero");
    r = floored ? floor_div(x, by.u.i) : divide(x, by.u.i);
  } else if ((op == '*' || (op == '/' && !floored)) && by.kind == JV_FLOAT) {
    if (op == '/' && by.u.f == 0) return rs_fail(e, RS_INVALID, "float division by zero");
    double d = op == '*' ? (double)x * by.u.f : (double)x / by.u.f;
    if (!(fabs(d) < 9e18)) return too_big(e);
    r = llrint(d);
  } else {
    return RS_NOT_FOUND;
  }
  *out = rs_delta_value(j, r);
  return RS_OK;
}

static CLASS_BINOP(delta_binop)
{
  int64_t x = 0, y = 0;
  bool floored = rs_eq(op, "//"), is_a = rs_delta_of(a, &x), is_b = rs_delta_of(b, &y);
  if (rs_eq(op, "**") || rs_eq(op, "<=>")) return RS_NOT_FOUND;
  if (is_a && is_b) return two_deltas(j, *op, floored, x, y, out, e);
  if (is_a) return scaled(j, *op, floored, x, b, out, e);
  return *op == '*' ? scaled(j, '*', false, y, a, out, e) : RS_NOT_FOUND;
}

static bool delta_equal(void *a, void *b)
{
  return *(const int64_t *)a == *(const int64_t *)b;
}

static int delta_compare(void *a, void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static uint32_t delta_hash(void *self)
{
  uint64_t x = (uint64_t) * (const int64_t *)self;
  return (uint32_t)(x ^ (x >> 32));
}

static bool delta_truth(void *self)
{
  return *(const int64_t *)self != 0;
}

static jv delta_keep(struct rs_python *to, void *self)
{
  return rs_delta_value(to, *(const int64_t *)self);
}

static const struct jv_class delta_class = {.name = "datetime.timedelta",
                                            .getattr = delta_getattr,
                                            .str = delta_str,
                                            .repr = delta_repr,
                                            .binop = delta_binop,
                                            .equal = delta_equal,
                                            .compare = delta_compare,
                                            .hash = delta_hash,
                                            .truth = delta_truth,
                                            .keep = delta_keep};
