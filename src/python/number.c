/*
** Arithmetic with Python's rules: int of any size, float, bool as int; and the operators on text
** and sequences that share its signs.
*/
#include <math.h>
#include <stdlib.h>
#include "protocol.h"

enum rs_code py_num_to_double(struct rs_python *j, jv v, double *d)
{
  bool overflow = false;
  switch ((int)v.kind) {
    case JV_BOOL: *d = v.u.b; return RS_OK;
    case JV_INT: *d = (double)v.u.i; return RS_OK;
    case JV_FLOAT: *d = v.u.f; return RS_OK;
    case JV_BIGINT:
      *d = big_to_double(jv_bigp(v), &overflow);
      return overflow ? py_fail(j, "int too large to convert to float") : RS_OK;
    default:
      if (jv_decimal_double(v, d)) return RS_OK;
      return py_fail(j, "must be real number, not %s", jv_type_name(v));
  }
}

enum rs_code py_num_to_i64(struct rs_python *j, jv v, int64_t *i)
{
  if (v.kind == JV_INT) {
    *i = v.u.i;
  } else if (v.kind == JV_BOOL) {
    *i = v.u.b;
  } else if (v.kind == JV_BIGINT) {
    *i = jv_bigp(v)->neg ? INT64_MIN : INT64_MAX;
  } else if (v.kind == JV_UNDEFINED) {
    return py_undefined_used(j, v);
  } else {
    return py_fail(j, "'%s' object cannot be interpreted as an integer", jv_type_name(v));
  }
  return RS_OK;
}

/* Exact: an int is never rounded to be compared with a float. */
int py_num_cmp(jv a, jv b, bool *unordered)
{
  *unordered = false;
  if (a.kind == JV_BOOL) a = jv_int(a.u.b);
  if (b.kind == JV_BOOL) b = jv_int(b.u.b);
  if (a.kind == JV_FLOAT && b.kind != JV_FLOAT) return -py_num_cmp(b, a, unordered);
  if (a.kind == JV_INT && b.kind == JV_INT) return a.u.i < b.u.i ? -1 : a.u.i > b.u.i;
  if (b.kind != JV_FLOAT) { // at least one is big
    if (a.kind == JV_INT) return jv_bigp(b)->neg ? 1 : -1;
    if (b.kind == JV_INT) return jv_bigp(a)->neg ? -1 : 1;
    return big_cmp(jv_bigp(a), jv_bigp(b));
  }
  double y = b.u.f;
  if (isnan(y) || (a.kind == JV_FLOAT && isnan(a.u.f))) {
    *unordered = true;
    return 1;
  }
  if (a.kind == JV_FLOAT) return a.u.f < y ? -1 : a.u.f > y;
  if (a.kind == JV_BIGINT) {
    bool overflow;
    double x = big_to_double(jv_bigp(a), &overflow);
    if (overflow || isinf(y)) {
      return isinf(y) ? (y > 0 ? -1 : 1) : jv_bigp(a)->neg ? -1 : 1;
    }
    return x < y ? -1 : x > y;
  }
  if (y >= 9223372036854775808.0) return -1;
  if (y < -9223372036854775808.0) return 1;
  int64_t whole = (int64_t)y;
  if (a.u.i != whole) return a.u.i < whole ? -1 : 1;
  double frac = y - (double)whole;
  return frac > 0 ? -1 : frac < 0;
}

enum rs_code py_num_floor(struct rs_python *j, double d, jv *out)
{
  if (isnan(d)) return py_fail(j, "cannot convert float NaN to integer");
  if (isinf(d)) return py_fail(j, "cannot convert float infinity to integer");
  *out = big_from_double(j, d);
  return out->kind == JV_UNDEFINED ? py_nomem(j) : RS_OK;
}

/* ---- floats -------------------------------------------------------------------------------- */

static void float_divmod(double x, double y, double *quot, double *rem)
{
  double mod = fmod(x, y), div = (x - mod) / y;
  if (mod != 0) {
    if ((y < 0) != (mod < 0)) {
      mod += y;
      div -= 1.0;
    }
  } else {
    mod = copysign(0.0, y);
  }
  if (div != 0) {
    double whole = floor(div);
    if (div - whole > 0.5) whole += 1.0;
    *quot = whole;
  } else {
    *quot = copysign(0.0, x / y);
  }
  *rem = mod;
}

static enum rs_code float_pow(struct rs_python *j, double x, double y, jv *out)
{
  if (x == 0 && y < 0) return py_fail(j, "0.0 cannot be raised to a negative power");
  if (x < 0 && isfinite(x) && isfinite(y) && y != floor(y)) {
    return py_fail(j, "complex numbers are not supported");
  }
  double r = pow(x, y);
  if (isinf(r) && isfinite(x) && isfinite(y)) {
    return py_fail(j, "(34, 'Numerical result out of range')");
  }
  *out = jv_float(r);
  return RS_OK;
}

static enum rs_code float_binary(struct rs_python *j, enum op op, jv a, jv b, jv *out)
{
  double x = 0, y = 0, quot, rem;
  TRY(py_num_to_double(j, a, &x));
  TRY(py_num_to_double(j, b, &y));
  switch (op) {
    case OP_ADD: *out = jv_float(x + y); return RS_OK;
    case OP_SUB: *out = jv_float(x - y); return RS_OK;
    case OP_MUL: *out = jv_float(x * y); return RS_OK;
    case OP_DIV:
      if (y == 0) return py_fail(j, "float division by zero");
      *out = jv_float(x / y);
      return RS_OK;
    case OP_FLOORDIV:
    case OP_MOD:
      if (y == 0) {
        return py_fail(j, op == OP_MOD ? "float modulo" : "float floor division by zero");
      }
      float_divmod(x, y, &quot, &rem);
      *out = jv_float(op == OP_MOD ? rem : quot);
      return RS_OK;
    default: return float_pow(j, x, y, out);
  }
}

/* ---- integers ------------------------------------------------------------------------------ */

static size_t int_bits(jv v)
{
  if (v.kind == JV_BIGINT) return big_bits(jv_bigp(v));
  size_t n = 0;
  for (uint64_t m = (uint64_t)v.u.i; m > 0; m >>= 1) n++;
  return n;
}

/* a / b, correctly rounded, of integers that no double holds: the quotient with more bits than a
** double has, the last of them telling of a remainder. */
static enum rs_code big_div(struct rs_python *j, jv a, jv b, jv *out)
{
  bool neg = false;
  jv *const sides[] = {&a, &b};
  for (int i = 0; i < 2; i++) {
    bool minus = sides[i]->kind == JV_BIGINT ? jv_bigp(*sides[i])->neg : sides[i]->u.i < 0;
    if (minus) TRY(big_binary(j, OP_SUB, jv_int(0), *sides[i], sides[i]));
    neg = neg != minus;
  }
  int64_t shift = 66 - ((int64_t)int_bits(a) - (int64_t)int_bits(b));
  jv scale, quot, rem, odd;
  TRY(big_pow(j, jv_int(2), (uint64_t)(shift < 0 ? -shift : shift), &scale));
  TRY(big_binary(j, OP_MUL, shift < 0 ? b : a, scale, shift < 0 ? &b : &a));
  TRY(big_binary(j, OP_FLOORDIV, a, b, &quot));
  TRY(big_binary(j, OP_MOD, a, b, &rem));
  TRY(big_binary(j, OP_MOD, quot, jv_int(2), &odd));
  if (rem.kind != JV_INT || rem.u.i != 0)
    TRY(big_binary(j, OP_ADD, quot, jv_int(1 - odd.u.i), &quot));
  double d;
  TRY(py_num_to_double(j, quot, &d));
  d = ldexp(d, -(int)shift);
  if (isinf(d)) return py_fail(j, "integer division result too large for a float");
  *out = jv_float(neg ? -d : d);
  return RS_OK;
}

static enum rs_code int_div(struct rs_python *j, jv a, jv b, jv *out)
{
  if (b.kind == JV_INT && b.u.i == 0) return py_fail(j, "division by zero");
  const int64_t exact = (int64_t)1 << 53;
  if (a.kind == JV_INT && b.kind == JV_INT && a.u.i > -exact && a.u.i < exact && b.u.i > -exact &&
      b.u.i < exact) {
    *out = jv_float((double)a.u.i / (double)b.u.i);
    return RS_OK;
  }
  if (a.kind == JV_INT && a.u.i == 0) {
    *out = jv_float(b.kind == JV_BIGINT && jv_bigp(b)->neg ? -0.0 : 0.0);
    return RS_OK;
  }
  return big_div(j, a, b, out);
}

static enum rs_code int_binary(struct rs_python *j, enum op op, jv a, jv b, jv *out)
{
  if (a.kind == JV_BOOL) a = jv_int(a.u.b);
  if (b.kind == JV_BOOL) b = jv_int(b.u.b);
  if (op == OP_DIV) return int_div(j, a, b, out);
  if (op == OP_POW) {
    bool negative = b.kind == JV_INT ? b.u.i < 0 : jv_bigp(b)->neg;
    if (negative) return float_binary(j, OP_POW, a, b, out);
    uint64_t n = b.kind == JV_INT ? (uint64_t)b.u.i : UINT64_MAX;
    return big_pow(j, a, n, out);
  }
  if (a.kind == JV_INT && b.kind == JV_INT) {
    int64_t x = a.u.i, y = b.u.i, r;
    bool over = false;
    switch (op) {
      case OP_ADD: over = __builtin_add_overflow(x, y, &r); break;
      case OP_SUB: over = __builtin_sub_overflow(x, y, &r); break;
      case OP_MUL: over = __builtin_mul_overflow(x, y, &r); break;
      default:
        if (y == 0) {
          return py_fail(j, op == OP_MOD ? "integer modulo by zero"
                                         : "integer division or modulo by zero");
        }
        over = x == INT64_MIN && y == -1;
        if (over) break;
        r = x / y;
        if (x % y != 0 && (x < 0) != (y < 0)) r--;
        if (op == OP_MOD) r = x - r * y;
    }
    if (!over) {
      *out = jv_int(r);
      return RS_OK;
    }
  }
  return big_binary(j, op, a, b, out);
}

/* ---- text and sequences -------------------------------------------------------------------- */

static enum rs_code repeat(struct rs_python *j, jv seq, jv times, jv *out)
{
  if (times.kind == JV_BIGINT) return py_fail(j, "cannot fit 'int' into an index-sized integer");
  int64_t n = 0;
  TRY(py_num_to_i64(j, times, &n));
  if (n < 0) n = 0;
  size_t size = seq.kind == JV_STR ? seq.u.str->n : seq.u.seq->n;
  size_t each = seq.kind == JV_STR ? 1 : sizeof(jv);
  if (size > 0 && (uint64_t)n > j->opt.max_memory / each / size) {
    return py_limit(j, "result of the multiplication is too big");
  }
  TRY(py_steps(j, size * (uint64_t)n / 64));
  if (seq.kind == JV_STR) {
    struct rs_buf b;
    py_buf_init(j, &b);
    for (int64_t i = 0; i < n && b.rc == RS_OK && size > 0; i++) rs_buf_add(&b, seq.u.str->s, size);
    return py_str_take(j, &b, is_markup(seq) ? STR_MARKUP : STR_PLAIN, out);
  }
  *out = seq.kind == JV_TUPLE ? py_tuple_new(j, 0) : jv_list(j);
  if (out->kind == JV_UNDEFINED || !py_seq_reserve(j, out->u.seq, size * (size_t)n))
    return py_nomem(j);
  for (int64_t i = 0; i < n && size > 0; i++) {
    memcpy(out->u.seq->v + (size_t)i * size, seq.u.seq->v, size * sizeof(jv));
  }
  out->u.seq->n = size * (size_t)n;
  return RS_OK;
}

static enum rs_code join_two(struct rs_python *j, jv a, jv b, jv *out)
{
  if (a.kind == JV_STR) {
    struct rs_buf buf;
    py_buf_init(j, &buf);
    bool markup = is_markup(a) || is_markup(b);
    const jv both[] = {a, b};
    for (int i = 0; i < 2; i++) {
      const struct jv_str *s = both[i].u.str;
      if (markup && !is_markup(both[i])) {
        py_html_escape(&buf, s->s, s->n);
      } else {
        rs_buf_add(&buf, s->s, s->n);
      }
    }
    return py_str_take(j, &buf, markup ? STR_MARKUP : STR_PLAIN, out);
  }
  *out = py_tuple_new(j, 0);
  if (out->kind != JV_TUPLE) return py_nomem(j);
  out->kind = a.kind;
  size_t n = a.u.seq->n + b.u.seq->n;
  if (!py_seq_reserve(j, out->u.seq, n)) return py_nomem(j);
  if (a.u.seq->n > 0) memcpy(out->u.seq->v, a.u.seq->v, a.u.seq->n * sizeof(jv));
  if (b.u.seq->n > 0) memcpy(out->u.seq->v + a.u.seq->n, b.u.seq->v, b.u.seq->n * sizeof(jv));
  out->u.seq->n = n;
  return py_steps(j, n / 16);
}

static const char *op_sign(enum op op)
{
  switch (op) {
    case OP_ADD: return "+";
    case OP_SUB: return "-";
    case OP_MUL: return "*";
    case OP_DIV: return "/";
    case OP_FLOORDIV: return "//";
    case OP_MOD: return "%";
    default: return "**";
  }
}

/* Two values that no operator is for. */
static enum rs_code refuse_binary(struct rs_python *j, enum op op, jv a, jv b)
{
  return py_type_error2(j, op == OP_POW ? "** or pow()" : op_sign(op), a, b);
}

static enum rs_code object_binary(struct rs_python *j, enum op op, jv a, jv b, jv *out)
{
  const jv side[] = {a, b};
  for (int i = 0; i < 2; i++) {
    if (side[i].kind != JV_OBJECT || side[i].u.obj->cls->binop == NULL) continue;
    enum rs_code rc = side[i].u.obj->cls->binop(j, op_sign(op), a, b, out, j->err);
    if (rc != RS_NOT_FOUND) return rc;
  }
  return refuse_binary(j, op, a, b);
}

enum rs_code py_num_binary(struct rs_python *j, enum op op, jv a, jv b, jv *out)
{
  if (is_num(a) && is_num(b)) {
    return a.kind == JV_FLOAT || b.kind == JV_FLOAT ? float_binary(j, op, a, b, out)
                                                    : int_binary(j, op, a, b, out);
  }
  if (op == OP_MOD && a.kind == JV_STR) return py_format_printf(j, a, b, out);
  if (a.kind == JV_UNDEFINED) return py_undefined_used(j, a);
  if (b.kind == JV_UNDEFINED) return py_undefined_used(j, b);
  bool seq_a = a.kind == JV_STR || a.kind == JV_LIST || a.kind == JV_TUPLE;
  bool seq_b = b.kind == JV_STR || b.kind == JV_LIST || b.kind == JV_TUPLE;
  if (op == OP_MUL && seq_a && is_int(b)) return repeat(j, a, b, out);
  if (op == OP_MUL && seq_b && is_int(a)) return repeat(j, b, a, out);
  if (op == OP_ADD && seq_a && a.kind == b.kind) return join_two(j, a, b, out);
  if (op == OP_SUB && py_set_items(a) != NULL && py_set_items(b) != NULL)
    return py_set_filter(j, a, b, false, out);
  bool seq = (op == OP_MUL && (seq_a || seq_b)) || (op == OP_ADD && seq_a);
  jv other = seq_a ? b : a;
  bool own = other.kind == JV_OBJECT && other.u.obj->cls->binop != NULL;
  if ((a.kind == JV_OBJECT || b.kind == JV_OBJECT) && (!seq || own)) {
    return object_binary(j, op, a, b, out);
  }
  if (op == OP_ADD && a.kind == JV_STR) {
    return py_fail(j, "can only concatenate str (not \"%s\") to str", jv_type_name(b));
  }
  if (op == OP_ADD && seq_a) {
    return py_fail(j, "can only concatenate %s (not \"%s\") to %s", jv_type_name(a),
                   jv_type_name(b), jv_type_name(a));
  }
  if (op == OP_MUL && (seq_a || seq_b)) {
    return py_fail(j, "can't multiply sequence by non-int of type '%s'",
                   jv_type_name(seq_b && !seq_a ? a : b));
  }
  return refuse_binary(j, op, a, b);
}

enum rs_code rs_python_binary(struct rs_python *j, const char *op, jv a, jv b, jv *out,
                              struct rs_error *e)
{
  struct rs_error *saved = j->err;
  enum rs_code rc = RS_INTERNAL;
  bool less = false;
  j->err = e;
  if (rs_eq(op, "<")) {
    rc = jv_lt(j, a, b, &less);
    *out = jv_bool(less);
  }
  for (enum op i = OP_ADD; i <= OP_POW; i++)
    if (rs_eq(op, op_sign(i))) rc = py_num_binary(j, i, a, b, out);
  j->err = saved;
  return rc;
}

enum rs_code py_num_unary(struct rs_python *j, enum op op, jv a, jv *out)
{
  if (a.kind == JV_FLOAT) {
    *out = op == OP_NEG ? jv_float(-a.u.f) : a;
    return RS_OK;
  }
  if (is_int(a))
    return op == OP_NEG ? int_binary(j, OP_SUB, jv_int(0), a, out)
                        : int_binary(j, OP_ADD, jv_int(0), a, out);
  if (a.kind == JV_UNDEFINED) return py_undefined_used(j, a);
  if (a.kind == JV_OBJECT && a.u.obj->cls->binop != NULL) { // Decimal, timedelta
    return object_binary(j, OP_MUL, a, jv_int(op == OP_NEG ? -1 : 1), out);
  }
  return py_fail(j, "bad operand type for unary %s: '%s'", op == OP_NEG ? "-" : "+",
                 jv_type_name(a));
}

/* ---- round() ------------------------------------------------------------------------------- */

static enum rs_code round_int(struct rs_python *j, jv v, int64_t digits, jv *out)
{
  *out = v.kind == JV_BOOL ? jv_int(v.u.b) : v;
  if (digits >= 0) return RS_OK;
  if (digits < -5000) {
    *out = jv_int(0);
    return RS_OK;
  }
  // half to even on a power of ten
  jv unit, rem, twice, base;
  bool u;
  TRY(big_pow(j, jv_int(10), (uint64_t)-digits, &unit));
  TRY(py_num_binary(j, OP_MOD, *out, unit, &rem));
  TRY(py_num_binary(j, OP_SUB, *out, rem, &base));
  TRY(py_num_binary(j, OP_MUL, rem, jv_int(2), &twice));
  int c = py_num_cmp(twice, unit, &u);
  if (c == 0) {
    jv half;
    TRY(py_num_binary(j, OP_FLOORDIV, base, unit, &half));
    TRY(py_num_binary(j, OP_MOD, half, jv_int(2), &half));
    c = half.u.i == 0 ? -1 : 1;
  }
  *out = base;
  return c > 0 ? py_num_binary(j, OP_ADD, base, unit, out) : RS_OK;
}

enum rs_code py_num_round(struct rs_python *j, jv v, jv digits, jv *out)
{
  int64_t n = 0;
  TRY(py_num_to_i64(j, digits, &n));
  if (is_int(v)) return round_int(j, v, n, out);
  double d = v.u.f;
  *out = v;
  // more digits than a double holds; or the number is smaller than the unit
  if (!isfinite(d) || n > 323) return RS_OK;
  if (n < -308) {
    *out = jv_float(copysign(0.0, d));
    return RS_OK;
  }
  char text[FLOAT_TEXT];
  if (n >= 0) {
    (void)py_float_fixed(text, sizeof text, 'f', (int)n, false, d); // exact, half to even
    double r = rs_text_strtod(text, NULL);
    *out = jv_float(r);
    return RS_OK;
  }
  double unit = pow(10.0, (double)-n), r = round(d / unit);
  if (fabs(d / unit - r) == 0.5) r = 2.0 * round(d / unit / 2.0);
  r *= unit;
  if (isinf(r)) return py_fail(j, "rounded value too large to represent");
  *out = jv_float(r);
  return RS_OK;
}

/* ---- numbers from text --------------------------------------------------------------------- */

static int digit_of(uint32_t c)
{
  int d = uni_decimal_value(c);
  if (d >= 0) return d;
  if (c < 128 && ((c | 32) >= 'a' && (c | 32) <= 'z')) return (int)(c | 32) - 'a' + 10;
  return 99;
}

bool py_num_parse_int(struct rs_python *j, const struct jv_str *s, int64_t base, jv *out)
{
  size_t from = 0, to = s->n, at;
  while (from < to) {
    at = from;
    if (!uni_space(uni_next(s->s, &at))) break;
    from = at;
  }
  while (to > from) {
    at = to;
    if (!uni_space(uni_prev(s->s, &at))) break;
    to = at;
  }
  bool neg = false;
  if (from < to && (s->s[from] == '+' || s->s[from] == '-')) neg = s->s[from++] == '-';
  if (base != 0 && (base < 2 || base > 36)) return false;
  bool zero_only = false;
  bool prefixed = false;
  if (from + 1 < to && s->s[from] == '0') {
    char mark = (char)(s->s[from + 1] | 32);
    int64_t b = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    if (b != 0 && (base == b || base == 0)) {
      base = b;
      from += 2;
      prefixed = true;
    } else if (base == 0) {
      zero_only = true;
    }
  }
  if (base == 0) base = 10;
  char *digits = rs_malloc(to - from + 1);
  if (digits == NULL) {
    (void)py_nomem(j);
    return false;
  }
  size_t n = 0;
  bool ok = true, under = !prefixed;
  for (at = from; ok && at < to;) {
    uint32_t c = uni_next(s->s, &at);
    if (c == '_' && !under) {
      under = true;
      continue;
    }
    int d = digit_of(c);
    ok = d < base && !(zero_only && d != 0);
    digits[n++] = (char)(d < 10 ? '0' + d : 'a' + d - 10);
    under = false;
  }
  ok = ok && n > 0 && !under && (n <= 4300 || (base & (base - 1)) == 0);
  if (ok) *out = big_from_digits(&j->arena, digits, n, (unsigned)base, neg);
  rs_free(digits);
  return ok && out->kind != JV_UNDEFINED;
}

bool py_num_parse_float(const struct jv_str *s, double *d)
{
  char small[512];
  size_t n = 0;
  bool digit = false; // was the last one a digit: may an underscore follow
  for (size_t at = 0; at < s->n;) {
    uint32_t c = uni_next(s->s, &at);
    if (uni_space(c) && n == 0) continue;
    if (uni_space(c)) { // only space may follow
      size_t rest = at;
      while (rest < s->n) {
        if (!uni_space(uni_next(s->s, &rest))) return false;
      }
      break;
    }
    int v = uni_decimal_value(c);
    if (c == '_') {
      if (!digit || at >= s->n || !uni_decimal((uint32_t)(unsigned char)s->s[at])) return false;
      digit = false;
      continue;
    }
    if (n + 1 >= sizeof small || (v < 0 && c >= 128)) return false;
    digit = v >= 0;
    small[n++] = v >= 0 ? (char)('0' + v) : (char)c;
  }
  small[n] = 0;
  // Python knows no hexadecimal floats and no nan(...)
  for (size_t i = 0; i < n; i++) {
    if (small[i] == 'x' || small[i] == 'X' || small[i] == '(') return false;
  }
  if (n == 0) return false;
  char *end;
  *d = rs_text_strtod(small, &end);
  return *end == 0;
}
