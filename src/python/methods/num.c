/*
** The methods of int and float, one row each.
*/
#include <math.h>
#include "methods.h"

static enum rs_code as_self(jv self, jv *out)
{
  *out = self.kind == JV_BOOL ? jv_int(self.u.b) : self;
  return RS_OK;
}
METHOD(i_conjugate)
{
  return as_self(self, out);
}

METHOD(i_bit_length)
{
  uint64_t m = 0;
  (void)as_self(self, &self);
  if (self.kind == JV_BIGINT) {
    *out = jv_int((int64_t)big_bits(jv_bigp(self)));
    return RS_OK;
  }
  m = self.u.i < 0 ? 0 - (uint64_t)self.u.i : (uint64_t)self.u.i;
  *out = jv_int(m == 0 ? 0 : 64 - __builtin_clzll(m));
  return RS_OK;
}

METHOD(i_bit_count)
{
  int64_t n = 0;
  (void)as_self(self, &self);
  if (self.kind == JV_BIGINT) {
    for (size_t i = 0; i < jv_bigp(self)->n; i++) n += __builtin_popcount(jv_bigp(self)->d[i]);
  } else {
    n = __builtin_popcountll(self.u.i < 0 ? 0 - (uint64_t)self.u.i : (uint64_t)self.u.i);
  }
  *out = jv_int(n);
  return RS_OK;
}

METHOD(i_ratio)
{
  jv pair[2] = {jv_none(), jv_int(1)};
  TRY(as_self(self, &pair[0]));
  *out = jv_tuple(j, pair, 2);
  return RS_OK;
}

#define P ROW_POSITIONAL
static const struct row int_rows[] = {
  {"as_integer_ratio", i_ratio, "", 0, P, "int.as_integer_ratio"},
  {"bit_count", i_bit_count, "", 0, P, "int.bit_count"},
  {"bit_length", i_bit_length, "", 0, P, "int.bit_length"},
  {"conjugate", i_conjugate, "", 0, P, "int.conjugate"},
};
const struct rows py_methods_int = {int_rows, sizeof int_rows / sizeof int_rows[0]};

METHOD(f_is_integer)
{
  *out = jv_bool(isfinite(self.u.f) && self.u.f == floor(self.u.f));
  return RS_OK;
}

METHOD(f_ratio)
{
  int exp;
  if (isnan(self.u.f)) return py_fail(j, "cannot convert NaN to integer ratio");
  if (isinf(self.u.f)) return py_fail(j, "cannot convert Infinity to integer ratio");
  double m = frexp(self.u.f, &exp);
  for (int i = 0; i < 300 && m != floor(m); i++) {
    m *= 2.0;
    exp--;
  }
  jv num, scale, pair[2];
  TRY(py_num_floor(j, m, &num));
  TRY(py_num_binary(j, OP_POW, jv_int(2), jv_int(exp < 0 ? -exp : exp), &scale));
  pair[0] = num;
  pair[1] = exp < 0 ? scale : jv_int(1);
  if (exp > 0) TRY(py_num_binary(j, OP_MUL, num, scale, &pair[0]));
  *out = jv_tuple(j, pair, 2);
  return RS_OK;
}

METHOD(f_hex)
{
  struct rs_buf b;
  rs_buf_init(&b, 200);
  double d = fabs(self.u.f);
  if (!isfinite(d)) {
    rs_buf_str(&b, isnan(d) ? "nan" : self.u.f < 0 ? "-inf" : "inf");
    return py_str_take(j, &b, STR_PLAIN, out);
  }
  int exp = 0;
  double m = d == 0 ? 0 : frexp(d, &exp) * 2.0;
  exp = d == 0 ? 0 : exp - 1;
  if (exp < -1022) { // subnormal
    m = ldexp(m, exp + 1022);
    exp = -1022;
  }
  uint64_t frac = (uint64_t)ldexp(m - floor(m), 52);
  rs_buf_printf(&b, "%s0x%d.%0*llxp%c%d", signbit(self.u.f) ? "-" : "", (int)m, d == 0 ? 1 : 13,
                (unsigned long long)frac, exp < 0 ? '-' : '+', exp < 0 ? -exp : exp);
  return py_str_take(j, &b, STR_PLAIN, out);
}

static const struct row float_rows[] = {
  {"as_integer_ratio", f_ratio, "", 0, P, "float.as_integer_ratio"},
  {"conjugate", i_conjugate, "", 0, P, "float.conjugate"},
  {"hex", f_hex, "", 0, P, "float.hex"},
  {"is_integer", f_is_integer, "", 0, P, "float.is_integer"},
};
const struct rows py_methods_float = {float_rows, sizeof float_rows / sizeof float_rows[0]};
