/*
** Python's format(value, spec): [[fill]align][sign][z][#][0][width][,_][.precision][type].
*/
#include <math.h>
#include "src/python/protocol.h"

#define DIGITS_MAX 5000

struct spec {
  char fill[4];
  size_t nfill;
  char align, sign, group, type;
  bool alt, zero, no_neg_zero, has_precision;
  int64_t width, precision;
};

static enum rs_code number(struct rs_python *j, const char *s, size_t n, size_t *at, int64_t *out)
{
  *out = 0;
  while (*at < n && s[*at] >= '0' && s[*at] <= '9') {
    *out = *out * 10 + (s[(*at)++] - '0');
    if (*out > 100000000) return py_fail(j, "Too many decimal digits in format string");
  }
  return RS_OK;
}

static bool is_align(char c)
{
  return c == '<' || c == '>' || c == '=' || c == '^';
}

static enum rs_code parse(struct rs_python *j, const char *s, size_t n, const char *type_name,
                          struct spec *p)
{
  *p = (struct spec){.fill = " ", .nfill = 1, .width = -1};
  size_t at = 0, next = 0;
  if (n > 0) (void)uni_next(s, &next);
  if (next < n && is_align(s[next])) {
    memcpy(p->fill, s, next);
    p->nfill = next;
    p->align = s[next];
    at = next + 1;
  } else if (n > 0 && is_align(s[0])) {
    p->align = s[0];
    at = 1;
  }
  if (at < n && (s[at] == '+' || s[at] == '-' || s[at] == ' ')) p->sign = s[at++];
  if (at < n && s[at] == 'z') {
    p->no_neg_zero = true;
    at++;
  }
  if (at < n && s[at] == '#') {
    p->alt = true;
    at++;
  }
  if (at < n && s[at] == '0') {
    p->zero = true;
    if (p->align == 0) {
      p->align = '=';
      p->fill[0] = '0';
      p->nfill = 1;
    }
    at++;
  }
  if (at < n && s[at] >= '0' && s[at] <= '9') TRY(number(j, s, n, &at, &p->width));
  if (at < n && (s[at] == ',' || s[at] == '_')) p->group = s[at++];
  if (at < n && (s[at] == ',' || s[at] == '_')) {
    return py_fail(
      j, s[at] == p->group ? "Cannot specify '%c' with '%c'." : "Cannot specify both ',' and '_'.",
      p->group, s[at]);
  }
  if (at < n && s[at] == '.') {
    at++;
    if (at >= n || s[at] < '0' || s[at] > '9')
      return py_fail(j, "Format specifier missing precision");
    p->has_precision = true;
    TRY(number(j, s, n, &at, &p->precision));
  }
  if (at < n) p->type = s[at++];
  if (at < n) {
    return py_fail(j, "Invalid format specifier '%.*s' for object of type '%s'", (int)n, s,
                   type_name);
  }
  bool groups = p->type == 0 || strchr("deEfFgG%", p->type) != NULL ||
                (p->group == '_' && strchr("boxX", p->type) != NULL);
  if (p->group != 0 && !groups)
    return py_fail(j, "Cannot specify '%c' with '%c'.", p->group, p->type);
  return RS_OK;
}

/* text (with sign and digits apart) padded to the width. */
static enum rs_code padded(struct rs_python *j, const struct spec *p, char align, const char *head,
                           size_t nhead, const char *body, size_t nbody, struct rs_buf *b)
{
  size_t len = uni_count(head, nhead) + uni_count(body, nbody);
  size_t pad = p->width > (int64_t)len ? (size_t)p->width - len : 0;
  if (p->align != 0) align = p->align;
  size_t left = align == '>' || align == '=' ? pad : align == '^' ? pad / 2 : 0;
  TRY(py_steps(j, pad / 64));
  if (align == '=') rs_buf_add(b, head, nhead);
  for (size_t i = 0; i < left; i++) rs_buf_add(b, p->fill, p->nfill);
  if (align != '=') rs_buf_add(b, head, nhead);
  rs_buf_add(b, body, nbody);
  for (size_t i = left; i < pad; i++) rs_buf_add(b, p->fill, p->nfill);
  return RS_OK;
}

/* Digits with separators, filled up with zeros to `min` characters. */
static void grouped(struct rs_buf *b, const char *digits, size_t n, char group, size_t size,
                    size_t min)
{
  size_t total = n;
  while (total + (group != 0 ? (total - 1) / size : 0) < min) total++;
  for (size_t i = 0; i < total; i++) {
    if (i > 0 && group != 0 && (total - i) % size == 0) rs_buf_char(b, group);
    rs_buf_char(b, i < total - n ? '0' : digits[i - (total - n)]);
  }
}

/* sign + prefix + integer digits + rest, with grouping and zero fill. */
static enum rs_code finish(struct rs_python *j, const struct spec *p, bool neg, const char *prefix,
                           const char *digits, size_t n, const char *rest, size_t nrest,
                           size_t group_size, struct rs_buf *b)
{
  char head[4];
  size_t nhead = 0;
  if (neg) {
    head[nhead++] = '-';
  } else if (p->sign == '+' || p->sign == ' ') {
    head[nhead++] = p->sign;
  }
  for (const char *c = prefix; *c != 0; c++) head[nhead++] = *c;
  size_t min = 0;
  bool zeros = p->align == '=' && p->nfill == 1 && p->fill[0] == '0' && p->group != 0;
  if (zeros && p->width > (int64_t)(nhead + nrest)) min = (size_t)p->width - nhead - nrest;
  if (min > j->opt.max_output) return py_limit(j, "the formatted number is too long");
  struct rs_buf body;
  rs_buf_init(&body, j->opt.max_output);
  grouped(&body, digits, n, p->group, group_size, min);
  rs_buf_add(&body, rest, nrest);
  enum rs_code rc = body.rc != RS_OK
                      ? py_buf_fail(j, &body)
                      : padded(j, p, '>', head, nhead, rs_buf_text(&body), body.n, b);
  rs_buf_free(&body);
  return rc;
}

static enum rs_code bad_type(struct rs_python *j, char type, jv v)
{
  return py_fail(j, "Unknown format code '%c' for object of type '%s'", type, jv_type_name(v));
}

static void upper(char *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (s[i] >= 'a' && s[i] <= 'z') s[i] = (char)(s[i] - 32);
  }
}

/* ---- floats -------------------------------------------------------------------------------- */

/* Drops the zeros at the end of the digits of %g-like text, keeps one after the point. */
static size_t general(char *text, size_t cap, double d, int precision, bool alt)
{
  // no type but a precision: as 'g', except that a whole number keeps ".0"
  if (precision == 0) precision = 1;
  char e[FLOAT_TEXT];
  (void)py_float_fixed(e, sizeof e, 'e', precision - 1, false, d);
  const char *mark = strchr(e, 'e');
  int exp = mark != NULL ? (int)rs_text_strtod(mark + 1, NULL) : 0;
  size_t n = py_float_fixed(text, cap, 'g', precision, alt, d);
  if (exp < -4 || exp >= precision - 1) { // one digit less than 'g' allows
    if (strchr(text, 'e') != NULL || exp < precision - 1) return n;
    n = py_float_fixed(text, cap, 'e', precision - 1, alt, d);
    if (alt) return n;
    char *exp_at = strchr(text, 'e'), *end = exp_at;
    if (exp_at == NULL) return n;
    if (strchr(text, '.') != NULL) {
      while (end[-1] == '0') end--;
      if (end[-1] == '.') end--;
    }
    memmove(end, exp_at, strlen(exp_at) + 1);
    return strlen(text);
  }
  if (strchr(text, '.') == NULL && strchr(text, 'e') == NULL && n + 2 < cap) {
    memcpy(text + n, ".0", 3);
    n += 2;
  }
  return n;
}

static enum rs_code format_float(struct rs_python *j, jv v, double d, struct spec *p,
                                 struct rs_buf *b)
{
  char type = p->type == 'n' || p->type == 0 ? 'g' : p->type;
  bool percent = type == '%', big = type == 'E' || type == 'F' || type == 'G';
  if (percent) {
    d *= 100.0;
    type = 'f';
  }
  if (strchr("eEfFgG", type) == NULL) return bad_type(j, p->type, v);
  if (big) type = (char)(type + 32);
  int64_t precision = p->has_precision ? p->precision : 6;
  if (precision > DIGITS_MAX) return py_fail(j, "precision too big");
  size_t cap = (size_t)precision + FLOAT_TEXT;
  char *text = py_alloc(j, cap);
  if (text == NULL) return py_nomem(j);
  double m = fabs(d);
  size_t n;
  if (!isfinite(d)) {
    n = py_float_fixed(text, cap, 'g', 6, false, m);
  } else if (p->type == 0 && !p->has_precision) {
    n = py_float_repr(m, text);
    char *e = strchr(text, 'e');
    if (p->alt && e != NULL && strchr(text, '.') == NULL) { // 1e+22 with its point
      memmove(e + 1, e, strlen(e) + 1);
      *e = '.';
      n++;
    }
  } else if (p->type == 0) {
    n = general(text, cap, m, (int)precision, p->alt);
  } else {
    n = py_float_fixed(text, cap, type, (int)precision, p->alt, m);
  }
  if (big) upper(text, n);
  if (percent) memcpy(text + n++, "%", 2);
  bool neg = signbit(d) && !isnan(d);
  if (p->no_neg_zero && neg && strpbrk(text, "123456789i") == NULL) neg = false;
  size_t whole = 0;
  while (whole < n && text[whole] >= '0' && text[whole] <= '9') whole++;
  if (!isfinite(d)) p->group = 0;
  if (!isfinite(d)) return finish(j, p, neg, "", text, n, "", 0, 3, b);
  return finish(j, p, neg, "", text, whole, text + whole, n - whole, 3, b);
}

/* ---- integers ------------------------------------------------------------------------------ */

static enum rs_code format_int(struct rs_python *j, jv v, struct spec *p, struct rs_buf *b)
{
  if (v.kind == JV_BOOL) v = jv_int(v.u.b);
  if (p->type != 0 && strchr("eEfFgG%", p->type) != NULL) {
    double d;
    TRY(py_num_to_double(j, v, &d));
    return format_float(j, v, d, p, b);
  }
  if (p->has_precision) return py_fail(j, "Precision not allowed in integer format specifier");
  if (p->no_neg_zero) {
    return py_fail(j, "Negative zero coercion (z) not allowed in integer format specifier");
  }
  if (p->type == 'c') {
    if (p->sign != 0) return py_fail(j, "Sign not allowed with integer format specifier 'c'");
    if (p->alt) {
      return py_fail(j, "Alternate form (#) not allowed with integer format specifier 'c'");
    }
    if (v.kind != JV_INT || v.u.i < 0 || v.u.i > 0x10FFFF) {
      return py_fail(j, "%%c arg not in range(0x110000)");
    }
    char text[4];
    return padded(j, p, '>', "", 0, text, rs_utf8_encode((uint32_t)v.u.i, text), b);
  }
  unsigned base = p->type == 'b'                     ? 2
                  : p->type == 'o'                   ? 8
                  : p->type == 'x' || p->type == 'X' ? 16
                                                     : 10;
  if (base == 10 && p->type != 0 && p->type != 'd' && p->type != 'n')
    return bad_type(j, p->type, v);
  jv big = v;
  char small[70];
  char *text;
  size_t n;
  bool neg;
  if (big.kind == JV_BIGINT) {
    neg = jv_bigp(big)->neg;
    if (base == 10 && big_bits(jv_bigp(big)) > 14284) return py_text_str(j, big, b);
    text = big_text(j, jv_bigp(big), base, &n);
    if (text == NULL) return py_nomem(j);
    text += neg;
    n -= neg;
  } else {
    neg = v.u.i < 0;
    uint64_t m = neg ? 0 - (uint64_t)v.u.i : (uint64_t)v.u.i;
    text = small + sizeof small;
    do {
      *--text = "0123456789abcdef"[m % base];
      m /= base;
    } while (m > 0);
    n = (size_t)(small + sizeof small - text);
  }
  if (p->type == 'X') upper(text, n);
  const char *prefix = !p->alt || base == 10 ? ""
                       : base == 2           ? "0b"
                       : base == 8           ? "0o"
                       : p->type == 'X'      ? "0X"
                                             : "0x";
  return finish(j, p, neg, prefix, text, n, "", 0, base == 10 ? 3 : 4, b);
}

static enum rs_code format_text(struct rs_python *j, jv v, const struct spec *p, struct rs_buf *b)
{
  if (p->sign != 0)
    return py_fail(j, p->sign == ' ' ? "Space not allowed in string format specifier"
                                     : "Sign not allowed in string format specifier");
  if (p->no_neg_zero) {
    return py_fail(j, "Negative zero coercion (z) not allowed in string format specifier");
  }
  if (p->alt) return py_fail(j, "Alternate form (#) not allowed in string format specifier");
  if (p->align == '=' && !p->zero) {
    return py_fail(j, "'=' alignment not allowed in string format specifier");
  }
  if (p->group != 0) return py_fail(j, "Cannot specify '%c' with 's'.", p->group);
  if (p->type != 0 && p->type != 's') return bad_type(j, p->type, v);
  struct spec q = *p;
  if (q.align == '=') q.align = '<';
  const struct jv_str *s = v.u.str;
  size_t n = p->has_precision && p->precision < (int64_t)s->cps
               ? py_str_offset(s, (size_t)p->precision)
               : s->n;
  return padded(j, &q, '<', "", 0, s->s, n, b);
}

enum rs_code py_format_spec(struct rs_python *j, jv v, const char *spec, size_t n, struct rs_buf *b)
{
  struct spec p;
  if (v.kind == JV_OBJECT && v.u.obj->cls->format != NULL) {
    return v.u.obj->cls->format(j, v.u.obj->self, spec, n, b, j->err);
  }
  if (n == 0) return py_text_str(j, v, b);
  if (v.kind != JV_STR && !is_num(v)) {
    return py_fail(j, "unsupported format string passed to %s.__format__", jv_type_name(v));
  }
  TRY(parse(j, spec, n, jv_type_name(v), &p));
  if (p.width > (int64_t)j->opt.max_output) return py_limit(j, "the formatted text is too long");
  if (v.kind == JV_STR) return format_text(j, v, &p, b);
  return v.kind == JV_FLOAT ? format_float(j, v, v.u.f, &p, b) : format_int(j, v, &p, b);
}
