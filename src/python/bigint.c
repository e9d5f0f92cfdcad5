/*
** Integers of any size: sign and magnitude in 32-bit limbs, schoolbook algorithms. Python refuses
** to print more than 4300 digits, so numbers are small in practice; BITS_MAX bounds the work.
*/
#include <math.h>
#include "protocol.h"

#define BITS_MAX ((size_t)1 << 20)
#define LIMBS_MAX (BITS_MAX / 32)

static struct jv_big *big_alloc(struct rs_arena *a, size_t n)
{
  struct jv_big *b = rs_arena_calloc(a, sizeof *b + (n + 1) * sizeof b->d[0]);
  if (b != NULL) b->n = n;
  return b;
}

static void trim(struct jv_big *b)
{
  while (b->n > 0 && b->d[b->n - 1] == 0) b->n--;
  if (b->n == 0) b->neg = false;
}

/* As JV_INT when it fits. */
static jv as_small(jv v)
{
  const struct jv_big *b = jv_bigp(v);
  if (b->n > 2) return v;
  uint64_t m = b->n > 0 ? b->d[0] : 0;
  if (b->n > 1) m |= (uint64_t)b->d[1] << 32;
  if (!b->neg && m <= INT64_MAX) return jv_int((int64_t)m);
  if (b->neg && m <= (uint64_t)INT64_MAX + 1) return jv_int((int64_t)(0 - m));
  return v;
}

static jv big_value(struct jv_big *b)
{
  trim(b);
  return as_small((jv){.kind = JV_BIGINT, .u.p = b});
}

/* A view of any int value as a big one; `s` holds what is not big already. */
union small_big {
  struct jv_big big;
  unsigned char room[sizeof(struct jv_big) + 2 * sizeof(uint32_t)];
};

static const struct jv_big *big_view(jv v, union small_big *s)
{
  if (v.kind == JV_BIGINT) return jv_bigp(v);
  int64_t i = v.kind == JV_BOOL ? v.u.b : v.u.i;
  uint64_t m = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
  const uint32_t limbs[2] = {(uint32_t)m, (uint32_t)(m >> 32)};
  s->big.neg = i < 0;
  s->big.n = m == 0 ? 0 : limbs[1] != 0 ? 2 : 1;
  memcpy(s->room + offsetof(struct jv_big, d), limbs, sizeof limbs);
  return &s->big;
}

#define VIEW(name, v)          \
  union small_big name##_room; \
  const struct jv_big *name = big_view(v, &name##_room)

static int cmp_mag(const struct jv_big *a, const struct jv_big *b)
{
  if (a->n != b->n) return a->n < b->n ? -1 : 1;
  for (size_t i = a->n; i-- > 0;) {
    if (a->d[i] != b->d[i]) return a->d[i] < b->d[i] ? -1 : 1;
  }
  return 0;
}

int big_cmp(const struct jv_big *a, const struct jv_big *b)
{
  if (a->neg != b->neg) return a->neg ? -1 : 1;
  int c = cmp_mag(a, b);
  return a->neg ? -c : c;
}

static struct jv_big *add_mag(struct rs_python *j, const struct jv_big *a, const struct jv_big *b)
{
  size_t n = (a->n > b->n ? a->n : b->n) + 1;
  struct jv_big *r = big_alloc(&j->arena, n);
  if (r == NULL) return NULL;
  uint64_t carry = 0;
  for (size_t i = 0; i < n; i++) {
    carry += (uint64_t)(i < a->n ? a->d[i] : 0) + (i < b->n ? b->d[i] : 0);
    r->d[i] = (uint32_t)carry;
    carry >>= 32;
  }
  return r;
}

/* |a| - |b| with |a| >= |b| */
static struct jv_big *sub_mag(struct rs_python *j, const struct jv_big *a, const struct jv_big *b)
{
  struct jv_big *r = big_alloc(&j->arena, a->n);
  if (r == NULL) return NULL;
  int64_t borrow = 0;
  for (size_t i = 0; i < a->n; i++) {
    int64_t d = (int64_t)a->d[i] - (i < b->n ? (int64_t)b->d[i] : 0) + borrow;
    borrow = d < 0 ? -1 : 0;
    r->d[i] = (uint32_t)d;
  }
  return r;
}

static struct jv_big *add_signed(struct rs_python *j, const struct jv_big *a,
                                 const struct jv_big *b, bool b_neg)
{
  struct jv_big *r;
  if (a->neg == b_neg) {
    r = add_mag(j, a, b);
    if (r != NULL) r->neg = a->neg;
  } else if (cmp_mag(a, b) >= 0) {
    r = sub_mag(j, a, b);
    if (r != NULL) r->neg = a->neg;
  } else {
    r = sub_mag(j, b, a);
    if (r != NULL) r->neg = b_neg;
  }
  return r;
}

static struct jv_big *mul(struct rs_python *j, const struct jv_big *a, const struct jv_big *b)
{
  struct jv_big *r = big_alloc(&j->arena, a->n + b->n);
  if (r == NULL) return NULL;
  for (size_t i = 0; i < a->n; i++) {
    uint64_t carry = 0;
    for (size_t k = 0; k < b->n; k++) {
      carry += (uint64_t)a->d[i] * b->d[k] + r->d[i + k];
      r->d[i + k] = (uint32_t)carry;
      carry >>= 32;
    }
    r->d[i + b->n] = (uint32_t)carry;
  }
  r->neg = a->neg != b->neg;
  return r;
}

/* Divides in place by one limb, returns the remainder. */
static uint32_t div_limb(struct jv_big *a, uint32_t by)
{
  uint64_t rem = 0;
  for (size_t i = a->n; i-- > 0;) {
    rem = rem << 32 | a->d[i];
    a->d[i] = (uint32_t)(rem / by);
    rem %= by;
  }
  trim(a);
  return (uint32_t)rem;
}

static struct jv_big *big_copy(struct rs_arena *a, const struct jv_big *from, size_t room)
{
  struct jv_big *b = big_alloc(a, from->n + room);
  if (b == NULL) return NULL;
  memcpy(b->d, from->d, from->n * sizeof b->d[0]);
  b->n = from->n;
  b->neg = from->neg;
  return b;
}

/* Knuth's algorithm D on magnitudes: *q = |a| / |b|, *r = |a| % |b|; b has two limbs or more. */
static bool div_long(struct rs_python *j, const struct jv_big *a, const struct jv_big *b,
                     struct jv_big **q, struct jv_big **r)
{
  unsigned shift = (unsigned)__builtin_clz(b->d[b->n - 1]);
  size_t n = b->n, m = a->n - b->n;
  struct jv_big *u = big_alloc(&j->arena, a->n + 1), *v = big_alloc(&j->arena, n);
  *q = big_alloc(&j->arena, m + 1);
  if (u == NULL || v == NULL || *q == NULL) return false;
  for (size_t i = n; i-- > 0;) {
    v->d[i] = b->d[i] << shift;
    if (shift > 0 && i > 0) v->d[i] |= b->d[i - 1] >> (32 - shift);
  }
  for (size_t i = a->n + 1; i-- > 0;) {
    uint64_t hi = i < a->n ? (uint64_t)a->d[i] << shift : 0;
    uint64_t lo = shift > 0 && i > 0 ? a->d[i - 1] >> (32 - shift) : 0;
    u->d[i] = (uint32_t)(hi | lo);
  }
  for (size_t k = m + 1; k-- > 0;) {
    uint64_t top = (uint64_t)u->d[k + n] << 32 | u->d[k + n - 1];
    uint64_t guess = top / v->d[n - 1], rest = top % v->d[n - 1];
    while (guess >> 32 != 0 || guess * v->d[n - 2] > (rest << 32 | u->d[k + n - 2])) {
      guess--;
      rest += v->d[n - 1];
      if (rest >> 32 != 0) break;
    }
    int64_t borrow = 0;
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
      carry += guess * v->d[i];
      int64_t d = (int64_t)u->d[i + k] - (int64_t)(uint32_t)carry + borrow;
      u->d[i + k] = (uint32_t)d;
      borrow = d < 0 ? -1 : 0;
      carry >>= 32;
    }
    int64_t d = (int64_t)u->d[k + n] - (int64_t)carry + borrow;
    u->d[k + n] = (uint32_t)d;
    if (d < 0) { // one too many
      guess--;
      carry = 0;
      for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)u->d[i + k] + v->d[i];
        u->d[i + k] = (uint32_t)carry;
        carry >>= 32;
      }
      u->d[k + n] += (uint32_t)carry;
    }
    (*q)->d[k] = (uint32_t)guess;
  }
  for (size_t i = 0; i < n; i++) {
    u->d[i] >>= shift;
    if (shift > 0) u->d[i] |= u->d[i + 1] << (32 - shift);
  }
  u->n = n;
  *r = u;
  return true;
}

/* Floored, as Python's // and %. b is not zero. */
static enum rs_code divmod(struct rs_python *j, const struct jv_big *a, const struct jv_big *b,
                           jv *quot, jv *rem)
{
  struct jv_big *q, *r;
  if (cmp_mag(a, b) < 0) {
    q = big_alloc(&j->arena, 0);
    r = big_copy(&j->arena, a, 0);
  } else if (b->n == 1) {
    q = big_copy(&j->arena, a, 0);
    r = big_alloc(&j->arena, 1);
    if (q != NULL && r != NULL) r->d[0] = div_limb(q, b->d[0]);
  } else if (!div_long(j, a, b, &q, &r)) {
    return py_nomem(j);
  }
  if (q == NULL || r == NULL) return py_nomem(j);
  trim(q);
  trim(r);
  bool mixed = a->neg != b->neg;
  if (mixed && r->n > 0) {
    struct jv_big *one = big_alloc(&j->arena, 1);
    if (one == NULL) return py_nomem(j);
    one->d[0] = 1;
    q->neg = r->neg = false;
    q = add_mag(j, q, one);
    r = sub_mag(j, b, r);
    if (q == NULL || r == NULL) return py_nomem(j);
  }
  q->neg = mixed;
  r->neg = b->neg;
  *quot = big_value(q);
  *rem = big_value(r);
  return RS_OK;
}

enum rs_code big_binary(struct rs_python *j, enum op op, jv va, jv vb, jv *out)
{
  VIEW(a, va);
  VIEW(b, vb);
  struct jv_big *r = NULL;
  jv other;
  TRY(py_steps(j, (a->n + b->n) / 8));
  switch (op) {
    case OP_ADD: r = add_signed(j, a, b, b->neg); break;
    case OP_SUB: r = add_signed(j, a, b, !b->neg); break;
    case OP_MUL:
      if (a->n + b->n > LIMBS_MAX) return py_limit(j, "integer is too big");
      TRY(py_steps(j, a->n * b->n / 16));
      r = mul(j, a, b);
      break;
    case OP_FLOORDIV:
    case OP_MOD:
      if (b->n == 0) {
        return py_fail(j, op == OP_MOD ? "integer modulo by zero"
                                       : "integer division or modulo by zero");
      }
      TRY(py_steps(j, a->n * b->n / 16));
      return op == OP_FLOORDIV ? divmod(j, a, b, out, &other) : divmod(j, a, b, &other, out);
    default: return py_fail(j, "unsupported operation on integers");
  }
  if (r == NULL) return py_nomem(j);
  *out = big_value(r);
  return RS_OK;
}

enum rs_code big_pow(struct rs_python *j, jv base, uint64_t n, jv *out)
{
  VIEW(b, base);
  size_t bits = b->n == 0 ? 0 : big_bits(b);
  if (bits > 1 && n > BITS_MAX / bits) return py_limit(j, "integer is too big");
  jv result = jv_int(1);
  while (n > 0) {
    if (n & 1) TRY(py_num_binary(j, OP_MUL, result, base, &result));
    n >>= 1;
    if (n > 0) TRY(py_num_binary(j, OP_MUL, base, base, &base));
  }
  *out = result;
  return RS_OK;
}

size_t big_bits(const struct jv_big *a)
{
  return a->n == 0 ? 0 : a->n * 32 - (size_t)__builtin_clz(a->d[a->n - 1]);
}

/* Rounded half to even, as Python does. */
double big_to_double(const struct jv_big *a, bool *overflow)
{
  *overflow = false;
  size_t bits = big_bits(a);
  if (bits == 0) return 0;
  if (bits > 1024) {
    *overflow = true;
    return 0;
  }
  // the top 64 bits, with a sticky last bit
  uint64_t top = 0;
  bool sticky = false;
  size_t drop = bits > 64 ? bits - 64 : 0;
  for (size_t i = 0; i < a->n; i++) {
    for (size_t k = 0; k < 32; k++) {
      size_t at = i * 32 + k;
      if ((a->d[i] >> k & 1) == 0) continue;
      if (at < drop) {
        sticky = true;
      } else {
        top |= (uint64_t)1 << (at - drop);
      }
    }
  }
  size_t width = bits < 64 ? bits : 64, cut = width > 53 ? width - 53 : 0;
  if (cut > 0) {
    uint64_t half = (uint64_t)1 << (cut - 1), low = top & (((uint64_t)1 << cut) - 1);
    top >>= cut;
    if (low > half || (low == half && (sticky || (top & 1)))) top++;
  }
  double d = ldexp((double)top, (int)(drop + cut));
  if (isinf(d)) *overflow = true;
  return a->neg ? -d : d;
}

jv big_from_double(struct rs_python *j, double d)
{
  d = trunc(d);
  if (d >= -9223372036854775808.0 && d < 9223372036854775808.0) return jv_int((int64_t)d);
  int exp;
  double m = frexp(fabs(d), &exp); // d = m * 2^exp, 64 <= exp
  uint64_t mant = (uint64_t)ldexp(m, 53);
  size_t shift = (size_t)exp - 53, n = (size_t)exp / 32 + 1;
  struct jv_big *b = big_alloc(&j->arena, n);
  if (b == NULL) {
    (void)py_nomem(j);
    return jv_undefined();
  }
  for (size_t i = 0; i < 53; i++) {
    size_t at = shift + i;
    if (mant >> i & 1) b->d[at / 32] |= (uint32_t)1 << (at % 32);
  }
  b->neg = d < 0;
  return big_value(b);
}

/* Digits of a base up to 36, already checked. JV_UNDEFINED when out of memory. */
jv big_from_digits(struct rs_arena *a, const char *p, size_t n, unsigned base, bool neg)
{
  uint64_t small = 0;
  size_t i = 0;
  for (; i < n && small < ((uint64_t)1 << 57); i++) {
    char c = p[i];
    small = small * base + (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
  }
  if (i == n && small <= INT64_MAX) return jv_int(neg ? -(int64_t)small : (int64_t)small);
  struct jv_big *b = big_alloc(a, n / 5 + 2); // at most 5.2 bits a digit
  if (b == NULL) return jv_undefined();
  b->n = 0;
  for (i = 0; i < n; i++) {
    char c = p[i];
    uint64_t carry = (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    for (size_t k = 0; k < b->n; k++) {
      carry += (uint64_t)b->d[k] * base;
      b->d[k] = (uint32_t)carry;
      carry >>= 32;
    }
    if (carry != 0) b->d[b->n++] = (uint32_t)carry;
  }
  b->neg = neg;
  return big_value(b);
}

/* The digits in a base (with a minus sign), from the arena; NULL when out of memory. */
char *big_text(struct rs_python *j, const struct jv_big *a, unsigned base, size_t *n)
{
  size_t cap = a->n * 32 + 2, at = cap;
  char *text = py_alloc(j, cap + 1);
  struct jv_big *work = big_copy(&j->arena, a, 0);
  if (text == NULL || work == NULL) return NULL;
  text[cap] = 0;
  uint32_t chunk = base, digits = 1; // the highest power of the base in one limb
  while ((uint64_t)chunk * base <= UINT32_MAX) {
    chunk *= base;
    digits++;
  }
  do {
    uint32_t rem = div_limb(work, chunk);
    for (uint32_t k = 0; k < digits && (work->n > 0 || rem > 0); k++) {
      text[--at] = "0123456789abcdef"[rem % base];
      rem /= base;
    }
  } while (work->n > 0);
  if (at == cap) text[--at] = '0';
  if (a->neg) text[--at] = '-';
  *n = cap - at;
  return text + at;
}
