/*
** Python's decimal.Decimal with its default context (28 digits, half to even): what agate makes of
** the numbers of a query. A value is sign × digits × 10^exp.
**
** Why not libmpdec, which is Python's own: Debian 12 has no package of it, neither shared nor
** static, and its memory is not the evaluation's, which is limited.
**
** Digits lie one a byte, the most significant first: numbers have a few dozen of them.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "protocol.h"

#define PRECISION 28
#define DIGITS_MAX 400               /* of any intermediate result */
#define OPERAND_MAX (DIGITS_MAX / 3) /* so that a product has room */
#define EXP_MAX 999999

struct dec {
  bool neg;
  int exp;
  size_t n; /* at least 1; no zeros in front, but for 0 itself */
  unsigned char d[];
};

/* A working copy: large enough for every intermediate result. */
struct work {
  bool neg;
  int exp;
  size_t n;
  unsigned char d[DIGITS_MAX + 2];
};

static const struct jv_class decimal_class;

static void load(struct work *w, const struct dec *x)
{
  w->neg = x->neg;
  w->exp = x->exp;
  w->n = x->n;
  memcpy(w->d, x->d, x->n);
}

static void trim(struct work *w)
{
  size_t zeros = 0;
  while (zeros + 1 < w->n && w->d[zeros] == 0) zeros++;
  memmove(w->d, w->d + zeros, w->n - zeros);
  w->n -= zeros;
}

static bool is_zero(const struct work *w)
{
  return w->n == 1 && w->d[0] == 0;
}

/* Drops digits until `keep` are left, half to even; `sticky`: something lies below them. */
static void round_to(struct work *w, size_t keep, bool sticky)
{
  if (w->n <= keep) return;
  size_t cut = w->n - keep;
  bool rest = sticky;
  for (size_t i = keep + 1; i < w->n; i++) rest |= w->d[i] != 0;
  unsigned next = w->d[keep];
  bool odd = keep > 0 && w->d[keep - 1] % 2 != 0;
  bool up = next > 5 || (next == 5 && (rest || odd));
  w->exp += (int)cut;
  w->n = keep;
  if (keep == 0) {
    w->d[0] = up;
    w->n = 1;
    return;
  }
  for (size_t i = keep; up && i-- > 0;) {
    up = w->d[i] == 9;
    w->d[i] = (unsigned char)(up ? 0 : w->d[i] + 1);
  }
  if (!up) return;
  memmove(w->d + 1, w->d, keep); // 999 became 1000
  w->d[0] = 1;
  w->n = keep + 1;
  if (keep == PRECISION) w->n = keep, w->exp++;
}

static jv store(struct rs_python *j, struct work *w, bool rounded)
{
  trim(w);
  if (rounded) round_to(w, PRECISION, false);
  struct dec *x = py_alloc(j, sizeof *x + w->n);
  if (x == NULL) return jv_undefined();
  x->neg = w->neg;
  x->exp = w->exp;
  x->n = w->n;
  memcpy(x->d, w->d, w->n);
  return jv_object(j, &decimal_class, x);
}

/* "-12.50", "1e+20"; false: it is no such number, or has too many digits. */
static bool parse(const char *s, size_t n, struct work *w)
{
  const char *end = s + n;
  bool point = false, digits = false;
  *w = (struct work){.neg = s < end && *s == '-'};
  if (s < end && (*s == '-' || *s == '+')) s++;
  for (; s < end && ((*s >= '0' && *s <= '9') || (*s == '.' && !point)); s++) {
    if (*s == '.') {
      point = true;
      continue;
    }
    if (w->n >= DIGITS_MAX / 4) return false;
    digits = true;
    w->d[w->n++] = (unsigned char)(*s - '0');
    w->exp -= point;
  }
  if (!digits) return false;
  if (s < end && (*s == 'e' || *s == 'E')) {
    char *stop;
    long exp = strtol(s + 1, &stop, 10);
    if (stop == s + 1 || labs(exp) > EXP_MAX) return false;
    w->exp += (int)exp;
    s = stop;
  }
  trim(w);
  return s == end;
}

jv jv_decimal(struct rs_python *j, const char *text, size_t n)
{
  struct work w;
  return parse(text, n, &w) ? store(j, &w, false) : jv_none();
}

/* ---- text ----------------------------------------------------------------------------------- */

static void put_text(const struct dec *x, struct rs_buf *b)
{
  int left = x->exp + (int)x->n;
  int point = x->exp <= 0 && left > -6 ? left : 1;
  if (x->neg) rs_buf_char(b, '-');
  if (point <= 0) {
    rs_buf_str(b, "0.");
    for (int i = point; i < 0; i++) rs_buf_char(b, '0');
  }
  for (size_t i = 0; i < x->n; i++) {
    if (point > 0 && i == (size_t)point) rs_buf_char(b, '.');
    rs_buf_char(b, (char)('0' + x->d[i]));
  }
  if (left != point) rs_buf_printf(b, "E%+d", left - point);
}

static CLASS_TEXT(decimal_str)
{
  put_text(self, b);
  return RS_OK;
}

static CLASS_TEXT(decimal_repr)
{
  rs_buf_str(b, "Decimal('");
  put_text(self, b);
  rs_buf_str(b, "')");
  return RS_OK;
}

bool jv_decimal_double(jv v, double *d)
{
  const struct dec *x = jv_self(v, &decimal_class);
  struct rs_buf b;
  if (x == NULL) return false;
  rs_buf_init(&b, 4 * DIGITS_MAX);
  put_text(x, &b);
  *d = rs_text_strtod(rs_buf_text(&b), NULL);
  rs_buf_free(&b);
  return true;
}

/* ---- arithmetic ----------------------------------------------------------------------------- */

/* x × 10^k as digits: exp becomes smaller by k. */
static bool shift(struct work *w, int k)
{
  if (k < 0 || w->n + (size_t)k > DIGITS_MAX) return false;
  memset(w->d + w->n, 0, (size_t)k);
  w->n += (size_t)k;
  w->exp -= k;
  trim(w);
  return true;
}

/* Of the digits alone. */
static int compare_digits(const struct work *a, const struct work *b)
{
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  return memcmp(a->d, b->d, a->n);
}

/* One exponent for both. Where they lie too far apart the smaller one is nothing. */
static void align(struct work *a, struct work *b)
{
  struct work *high = a->exp > b->exp ? a : b, *low = high == a ? b : a;
  if (is_zero(high)) high->exp = low->exp;
  else if (!shift(high, high->exp - low->exp)) {
    shift(high, (int)(DIGITS_MAX / 2) - (int)high->n);
    *low = (struct work){.neg = low->neg, .exp = high->exp, .n = 1};
  }
}

static void add_digits(struct work *a, const struct work *b)
{
  struct work sum = {.neg = a->neg, .exp = a->exp};
  size_t n = (a->n > b->n ? a->n : b->n) + 1;
  unsigned carry = 0;
  sum.n = n;
  for (size_t i = 0; i < n; i++) {
    unsigned digit = carry;
    if (i < a->n) digit += a->d[a->n - 1 - i];
    if (i < b->n) digit += b->d[b->n - 1 - i];
    sum.d[n - 1 - i] = (unsigned char)(digit % 10);
    carry = digit / 10;
  }
  trim(&sum);
  *a = sum;
}

/* a -= b, where b is not the greater one. */
static void subtract_digits(struct work *a, const struct work *b)
{
  int borrow = 0;
  for (size_t i = 0; i < a->n; i++) {
    int digit = a->d[a->n - 1 - i] - borrow - (i < b->n ? b->d[b->n - 1 - i] : 0);
    borrow = digit < 0;
    a->d[a->n - 1 - i] = (unsigned char)(digit + 10 * borrow);
  }
  trim(a);
}

static void add(struct work *a, struct work *b)
{
  align(a, b);
  if (a->neg == b->neg) {
    add_digits(a, b);
  } else if (compare_digits(a, b) >= 0) {
    subtract_digits(a, b);
    if (is_zero(a)) a->neg = false;
  } else {
    subtract_digits(b, a);
    *a = *b;
  }
}

static void multiply(struct work *a, const struct work *b)
{
  struct work product = {.neg = a->neg != b->neg, .exp = a->exp + b->exp, .n = a->n + b->n};
  for (size_t i = a->n; i-- > 0;) {
    unsigned carry = 0;
    for (size_t k = b->n; k-- > 0;) {
      unsigned digit = product.d[i + k + 1] + (unsigned)a->d[i] * b->d[k] + carry;
      product.d[i + k + 1] = (unsigned char)(digit % 10);
      carry = digit / 10;
    }
    product.d[i] = (unsigned char)(product.d[i] + carry);
  }
  trim(&product);
  *a = product;
}

/* Digits of a through those of b; a becomes the quotient, *rest the remainder. */
static void divide_digits(struct work *a, const struct work *b, struct work *rest)
{
  struct work quotient = {.neg = a->neg, .exp = a->exp, .n = a->n};
  *rest = (struct work){.n = 1};
  for (size_t i = 0; i < a->n; i++) {
    rest->d[rest->n++] = a->d[i];
    trim(rest);
    while (compare_digits(rest, b) >= 0) {
      subtract_digits(rest, b);
      quotient.d[i]++;
    }
  }
  trim(&quotient);
  *a = quotient;
}

static bool divide(struct work *a, const struct work *b)
{
  struct work rest;
  bool neg = a->neg != b->neg;
  int ideal = a->exp - b->exp, more = (int)b->n - (int)a->n + PRECISION + 1;
  if (is_zero(a)) {
    *a = (struct work){.neg = neg, .exp = ideal, .n = 1};
    return true;
  }
  if (more > 0 && !shift(a, more)) return false;
  a->exp -= b->exp;
  divide_digits(a, b, &rest);
  a->neg = neg;
  if (!is_zero(&rest)) {
    if (a->d[a->n - 1] % 5 == 0) a->d[a->n - 1]++; // never a tie by chance
    return true;
  }
  while (a->exp < ideal && a->n > 1 && a->d[a->n - 1] == 0) a->n--, a->exp++;
  return true;
}

/* Quotient towards zero and remainder with the sign of a, as Decimal has them. */
static bool divide_whole(struct work *a, struct work *b, struct work *rest)
{
  bool neg = a->neg != b->neg, sign = a->neg;
  align(a, b);
  int exp = a->exp;
  divide_digits(a, b, rest);
  rest->neg = sign;
  rest->exp = exp;
  a->neg = neg;
  a->exp = 0;
  return a->n <= PRECISION;
}

static bool power(struct work *a, int64_t times)
{
  struct work base = *a;
  *a = (struct work){.n = 1, .d = {1}};
  if (times > 9999) return false;
  for (; times > 0; times--) {
    multiply(a, &base);
    round_to(a, PRECISION + 10, false);
    if (abs(a->exp) > EXP_MAX) return false;
  }
  return true;
}

/* An operand: a Decimal or an integer; false for anything else. */
static bool operand(struct rs_python *j, jv v, struct work *w)
{
  const struct dec *x = jv_self(v, &decimal_class);
  if (x != NULL) {
    load(w, x);
    round_to(w, OPERAND_MAX, false);
    return true;
  }
  if (!is_int(v)) return false;
  struct rs_buf b;
  rs_buf_init(&b, 4 * DIGITS_MAX);
  if (v.kind == JV_BOOL) v = jv_int(v.u.b);
  bool ok = jv_str_to(j, v, &b, NULL) == RS_OK && parse(rs_buf_text(&b), b.n, w);
  rs_buf_free(&b);
  return ok;
}

static int order(struct work *a, struct work *b)
{
  bool zero_a = is_zero(a), zero_b = is_zero(b);
  if (zero_a || zero_b) return zero_a && zero_b ? 0 : zero_a ? (b->neg ? 1 : -1) : a->neg ? -1 : 1;
  if (a->neg != b->neg) return a->neg ? -1 : 1;
  int sign = a->neg ? -1 : 1, top_a = a->exp + (int)a->n, top_b = b->exp + (int)b->n;
  if (top_a != top_b) return top_a < top_b ? -sign : sign;
  align(a, b);
  int c = compare_digits(a, b);
  return c < 0 ? -sign : c > 0 ? sign : 0;
}

/* A float counts with all of its digits, as Python compares it. */
static enum rs_code compare_mixed(struct rs_python *j, jv a, jv b, jv *out)
{
  struct work w[2];
  const jv side[2] = {a, b};
  for (int i = 0; i < 2; i++) {
    char text[120];
    if (side[i].kind == JV_FLOAT) {
      if (!isfinite(side[i].u.f)) return RS_NOT_FOUND;
      int n = snprintf(text, sizeof text, "%.90e", side[i].u.f);
      if (!parse(text, (size_t)n, &w[i])) return RS_NOT_FOUND;
    } else if (!operand(j, side[i], &w[i])) {
      return RS_NOT_FOUND;
    }
  }
  *out = jv_int(order(&w[0], &w[1]));
  return RS_OK;
}

static enum rs_code decimal_power(struct rs_python *j, struct work *a, const struct work *b,
                                  jv *out, struct rs_error *e)
{
  int64_t times = 0;
  for (size_t i = 0; i < b->n && times < 10000; i++) times = times * 10 + b->d[i];
  for (int i = 0; i < b->exp && times < 10000; i++) times *= 10;
  if (b->exp < 0 || !power(a, times))
    return rs_fail(e, RS_UNSUPPORTED,
                   "a Decimal's power must be a whole number up to 9999, and its result printable");
  if (b->neg) {
    struct work one = {.n = 1, .d = {1}};
    if (is_zero(a)) return rs_fail(e, RS_INVALID, "[<class 'decimal.DivisionByZero'>]");
    divide(&one, a);
    *a = one;
  }
  *out = store(j, a, true);
  return RS_OK;
}

static enum rs_code decimal_binop(struct rs_python *j, const char *op, jv left, jv right, jv *out,
                                  struct rs_error *e)
{
  struct work a, b, rest;
  if (rs_eq(op, "<=>")) return compare_mixed(j, left, right, out);
  if (!operand(j, left, &a) || !operand(j, right, &b)) return RS_NOT_FOUND;
  bool zero = is_zero(&b), divides = *op == '/' || *op == '%';
  if (divides && zero)
    return rs_fail(e, RS_INVALID, "%s",
                   is_zero(&a)  ? "[<class 'decimal.DivisionUndefined'>]"
                   : *op == '%' ? "[<class 'decimal.InvalidOperation'>]"
                                : "[<class 'decimal.DivisionByZero'>]");
  bool ok = true;
  if (rs_eq(op, "+")) add(&a, &b);
  else if (rs_eq(op, "-")) {
    b.neg = !b.neg;
    add(&a, &b);
  } else if (rs_eq(op, "*")) multiply(&a, &b);
  else if (rs_eq(op, "/")) ok = divide(&a, &b);
  else if (rs_eq(op, "//")) ok = divide_whole(&a, &b, &rest);
  else if (rs_eq(op, "%")) {
    ok = divide_whole(&a, &b, &rest);
    a = rest;
  } else if (rs_eq(op, "**")) return decimal_power(j, &a, &b, out, e);
  else return RS_NOT_FOUND;
  if (!ok) return rs_fail(e, RS_INVALID, "[<class 'decimal.DivisionImpossible'>]");
  if (abs(a.exp) > EXP_MAX) return rs_fail(e, RS_INVALID, "[<class 'decimal.Overflow'>]");
  *out = store(j, &a, true);
  return RS_OK;
}

/* ---- the object ----------------------------------------------------------------------------- */

static int decimal_compare(void *x, void *y)
{
  struct work a, b;
  load(&a, x);
  load(&b, y);
  return order(&a, &b);
}

static bool decimal_equal(void *a, void *b)
{
  return decimal_compare(a, b) == 0;
}

/* 1.50 and 1.5 are one key. */
static uint32_t decimal_hash(void *self)
{
  const struct dec *x = self;
  size_t n = x->n;
  while (n > 1 && x->d[n - 1] == 0) n--;
  return py_str_hash((const char *)x->d, n);
}

static bool decimal_truth(void *self)
{
  const struct dec *x = self;
  return x->n != 1 || x->d[0] != 0;
}

/* Through a float, but without a specification: as it prints. */
static CLASS_FORMAT(decimal_format)
{
  const struct dec *x = self;
  double d = 0;
  if (n == 0 || rs_eqn(",", spec, n)) {
    put_text(x, b);
    return RS_OK;
  }
  jv_decimal_double(jv_object(j, &decimal_class, self), &d);
  return py_format_spec(j, jv_float(d), spec, n, b);
}

bool decimal_round(struct rs_python *j, jv v, int64_t digits, jv *out)
{
  const struct dec *x = jv_self(v, &decimal_class);
  struct work w;
  if (x == NULL) return false;
  load(&w, x);
  int64_t places = digits > 100 ? 100 : digits < -100 ? -100 : digits;
  int64_t keep = (int64_t)w.n + w.exp + places;
  if (-places > w.exp) {
    if (keep < 0) w = (struct work){.neg = w.neg, .n = 1};
    else round_to(&w, (size_t)keep, false);
    w.exp = (int)-places;
  } else if (!shift(&w, w.exp + (int)places)) {
    return false;
  }
  *out = store(j, &w, false);
  return true;
}

#define IS_METHOD(fn, test)                                                                   \
  static enum rs_code fn(struct rs_python *j, void *ctx, const struct jv_args *args, jv *out, \
                         struct rs_error *e)                                                  \
  {                                                                                           \
    const struct dec *x = ctx;                                                                \
    (void)j, (void)args, (void)e, (void)x;                                                    \
    *out = jv_bool(test);                                                                     \
    return RS_OK;                                                                             \
  }
IS_METHOD(never, false)
IS_METHOD(always, true)
IS_METHOD(is_signed, x->neg)
IS_METHOD(is_zero_method, !decimal_truth(ctx))

static NATIVE(normalize)
{
  struct work w;
  load(&w, ctx);
  if (is_zero(&w)) w.exp = 0;
  while (w.n > 1 && w.d[w.n - 1] == 0) w.n--, w.exp++;
  *out = store(j, &w, true);
  return RS_OK;
}

static const struct tuple_type decimal_tuple = {
  "DecimalTuple", {"sign", "digits", "exponent"}, true};

static NATIVE(as_tuple)
{
  const struct dec *x = ctx;
  jv digits = py_tuple_new(j, x->n);
  *out = py_tuple_new(j, 3);
  if (digits.kind != JV_TUPLE || out->kind != JV_TUPLE) return py_nomem(j);
  for (size_t i = 0; i < x->n; i++) digits.u.seq->v[i] = jv_int(x->d[i]);
  const jv parts[] = {jv_int(x->neg), digits, jv_int(x->exp)};
  memcpy(out->u.seq->v, parts, sizeof parts);
  out->u.seq->type = &decimal_tuple;
  return RS_OK;
}

static CLASS_GETATTR(decimal_getattr)
{
  static const struct {
    const char *name;
    jv_native fn;
  } methods[] = {{"is_nan", never},        {"is_infinite", never},      {"is_finite", always},
                 {"is_signed", is_signed}, {"is_zero", is_zero_method}, {"normalize", normalize},
                 {"as_tuple", as_tuple}};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (rs_eqn(methods[i].name, name, n)) {
      *out = jv_func(j, methods[i].name, methods[i].fn, self);
      return RS_OK;
    }
  if (!rs_eqn("real", name, n)) return RS_NOT_FOUND;
  *out = jv_object(j, &decimal_class, self);
  return RS_OK;
}

static jv decimal_keep(struct rs_python *to, void *self)
{
  const struct dec *x = self;
  struct dec *copy = py_alloc(to, sizeof *x + x->n);
  if (copy == NULL) return jv_undefined();
  memcpy(copy, x, sizeof *x + x->n);
  return jv_object(to, &decimal_class, copy);
}

static const struct jv_class decimal_class = {.name = "decimal.Decimal",
                                              .getattr = decimal_getattr,
                                              .str = decimal_str,
                                              .repr = decimal_repr,
                                              .truth = decimal_truth,
                                              .equal = decimal_equal,
                                              .hash = decimal_hash,
                                              .compare = decimal_compare,
                                              .binop = decimal_binop,
                                              .format = decimal_format,
                                              .is_number = true,
                                              .keep = decimal_keep};
