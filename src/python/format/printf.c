/*
** Python's % on a string: printf-style formatting with positional arguments or a mapping.
*/
#include <math.h>
#include "src/python/protocol.h"

#define SIZE_LIMIT 1000000

struct printf_state {
  struct rs_python *j;
  jv args;
  size_t next; /* of the positional arguments */
  size_t n;
  bool is_tuple, is_map, markup;
  jv key_value; /* of the last %(key): the one argument that is left then */
};

struct conversion {
  bool minus, plus, space, alt, zero, has_precision;
  int64_t width, precision;
  char type;
};

static enum rs_code next_arg(struct printf_state *p, jv *v)
{
  if (p->next >= p->n) return py_fail(p->j, "not enough arguments for format string");
  *v = is_given(p->key_value) ? p->key_value : p->is_tuple ? p->args.u.seq->v[p->next] : p->args;
  p->next++;
  return RS_OK;
}

static enum rs_code size_arg(struct printf_state *p, const char *s, size_t n, size_t *at,
                             int64_t *out)
{
  *out = 0;
  if (*at < n && s[*at] == '*') {
    jv v;
    ++*at;
    TRY(next_arg(p, &v));
    if (v.kind != JV_INT && v.kind != JV_BOOL) return py_fail(p->j, "* wants int");
    TRY(py_num_to_i64(p->j, v, out));
  }
  while (*at < n && s[*at] >= '0' && s[*at] <= '9') *out = *out * 10 + (s[(*at)++] - '0');
  return *out > SIZE_LIMIT || *out < -SIZE_LIMIT ? py_limit(p->j, "width or precision is too big")
                                                 : RS_OK;
}

static void pad_add(struct rs_buf *b, const struct conversion *c, const char *head, size_t nhead,
                    const char *s, size_t n, bool zeros)
{
  size_t len = uni_count(s, n) + nhead;
  size_t pad = c->width > (int64_t)len ? (size_t)c->width - len : 0;
  if (!c->minus && !zeros) {
    for (size_t i = 0; i < pad; i++) rs_buf_char(b, ' ');
  }
  rs_buf_add(b, head, nhead);
  if (!c->minus && zeros) {
    for (size_t i = 0; i < pad; i++) rs_buf_char(b, '0');
  }
  rs_buf_add(b, s, n);
  if (c->minus) {
    for (size_t i = 0; i < pad; i++) rs_buf_char(b, ' ');
  }
}

static enum rs_code put_text(struct printf_state *p, const struct conversion *c, jv v,
                             struct rs_buf *b)
{
  struct rs_buf t, a;
  py_buf_init(p->j, &t);
  py_buf_init(p->j, &a);
  enum rs_code rc;
  if (c->type == 's') {
    rc = p->markup ? py_text_escape(p->j, v, &t) : py_text_str(p->j, v, &t);
  } else {
    rc = py_text_repr(p->j, v, &a);
    struct rs_buf plain;
    py_buf_init(p->j, &plain);
    if (c->type == 'a') {
      py_text_ascii(&plain, rs_buf_text(&a), a.n);
    } else {
      rs_buf_add(&plain, rs_buf_text(&a), a.n);
    }
    if (p->markup) {
      py_html_escape(&t, rs_buf_text(&plain), plain.n);
    } else {
      rs_buf_add(&t, rs_buf_text(&plain), plain.n);
    }
    if (rc == RS_OK && plain.rc != RS_OK) rc = py_buf_fail(p->j, &plain);
    rs_buf_free(&plain);
  }
  if (rc == RS_OK && (t.rc != RS_OK || a.rc != RS_OK))
    rc = py_buf_fail(p->j, t.rc != RS_OK ? &t : &a);
  if (rc == RS_OK) {
    size_t n = t.n;
    if (c->has_precision) {
      n = 0;
      for (int64_t i = 0; i < c->precision && n < t.n; i++) (void)uni_next(rs_buf_text(&t), &n);
    }
    pad_add(b, c, "", 0, rs_buf_text(&t), n, false);
  }
  rs_buf_free(&t);
  rs_buf_free(&a);
  return rc;
}

static enum rs_code put_int(struct printf_state *p, const struct conversion *c, jv v,
                            struct rs_buf *b)
{
  struct rs_python *j = p->j;
  bool decimal = c->type == 'd' || c->type == 'i' || c->type == 'u';
  if (v.kind == JV_FLOAT && decimal) {
    TRY(py_num_floor(j, trunc(v.u.f), &v));
  } else if (!is_int(v)) {
    if (v.kind == JV_UNDEFINED && decimal) return py_undefined_used(j, v);
    return decimal
             ? py_fail(j, "%%%c format: a real number is required, not %s", c->type,
                       jv_type_name(v))
             : py_fail(j, "%%%c format: an integer is required, not %s", c->type, jv_type_name(v));
  }
  struct rs_buf t;
  py_buf_init(j, &t);
  const char *spec = c->type == 'o' ? "o" : c->type == 'x' ? "x" : c->type == 'X' ? "X" : "d";
  enum rs_code rc = py_format_spec(j, v.kind == JV_BOOL ? jv_int(v.u.b) : v, spec, 1, &t);
  if (rc == RS_OK && t.rc != RS_OK) rc = py_buf_fail(j, &t);
  if (rc == RS_OK) {
    const char *s = rs_buf_text(&t);
    size_t n = t.n, nhead = 0;
    char head[4];
    if (*s == '-') {
      head[nhead++] = '-';
      s++;
      n--;
    } else if (c->plus || c->space) {
      head[nhead++] = c->plus ? '+' : ' ';
    }
    if (c->alt && !decimal) {
      head[nhead++] = '0';
      head[nhead++] = c->type;
    }
    struct rs_buf digits;
    py_buf_init(j, &digits);
    for (int64_t i = c->has_precision ? c->precision - (int64_t)n : 0; i > 0; i--) {
      rs_buf_char(&digits, '0');
    }
    rs_buf_add(&digits, s, n);
    if (digits.rc != RS_OK) rc = py_buf_fail(j, &digits);
    pad_add(b, c, head, nhead, rs_buf_text(&digits), digits.n, c->zero);
    rs_buf_free(&digits);
  }
  rs_buf_free(&t);
  return rc;
}

static enum rs_code put_float(struct printf_state *p, const struct conversion *c, jv v,
                              struct rs_buf *b)
{
  struct rs_python *j = p->j;
  double d;
  if (v.kind == JV_UNDEFINED) return py_undefined_used(j, v);
  TRY(py_num_to_double(j, v, &d));
  int64_t precision = c->has_precision ? c->precision : 6;
  if (precision > 10000) return py_limit(j, "precision is too big");
  char kind = (char)(c->type | 32);
  size_t cap = (size_t)precision + FLOAT_TEXT;
  char *text = py_alloc(j, cap);
  if (text == NULL) return py_nomem(j);
  size_t n = py_float_fixed(text, cap, kind, (int)precision, c->alt, fabs(d)), nhead = 0;
  char head[2];
  if (signbit(d) && !isnan(d)) {
    head[nhead++] = '-';
  } else if (c->plus || c->space) {
    head[nhead++] = c->plus ? '+' : ' ';
  }
  if (c->type < 'a') {
    for (size_t i = 0; i < n; i++) {
      if (text[i] >= 'a' && text[i] <= 'z') text[i] = (char)(text[i] - 32);
    }
  }
  pad_add(b, c, head, nhead, text, n, c->zero);
  return RS_OK;
}

static enum rs_code put_char(struct printf_state *p, const struct conversion *c, jv v,
                             struct rs_buf *b)
{
  char text[4];
  if (v.kind == JV_STR && v.u.str->cps == 1) {
    pad_add(b, c, "", 0, v.u.str->s, v.u.str->n, false);
    return RS_OK;
  }
  if (!is_int(v)) return py_fail(p->j, "%%c requires int or char");
  int64_t i;
  TRY(py_num_to_i64(p->j, v, &i));
  if (i < 0 || i > 0x10FFFF) return py_fail(p->j, "%%c arg not in range(0x110000)");
  pad_add(b, c, "", 0, text, rs_utf8_encode((uint32_t)i, text), false);
  return RS_OK;
}

static enum rs_code keyed(struct printf_state *p, const char *s, size_t n, size_t *at, jv *v)
{
  if (!p->is_map) return py_fail(p->j, "format requires a mapping");
  size_t from = ++*at;
  int open = 1;
  for (; *at < n && open > 0; ++*at) open += s[*at] == '(' ? 1 : s[*at] == ')' ? -1 : 0;
  if (open > 0) return py_fail(p->j, "incomplete format key");
  jv key = py_str_sub(p->j, s + from, *at - 1 - from, STR_PLAIN);
  if (p->args.kind == JV_DICT) {
    size_t hit;
    TRY(py_dict_find(p->j, p->args.u.dict, key, &hit));
    if (hit == DICT_NONE) return py_fail_repr(p->j, "%s", key);
    *v = p->args.u.dict->vals[hit];
    return RS_OK;
  }
  if (p->args.kind == JV_LIST) {
    return py_fail(p->j, "list indices must be integers or slices, not str");
  }
  return py_get_item(p->j, p->args, key, v);
}

/* What stands behind a percent sign at s[*at]. */
static enum rs_code one(struct printf_state *p, const char *s, size_t n, size_t *at,
                        struct rs_buf *b)
{
  struct conversion c = {.width = 0};
  jv v = jv_absent();
  size_t start = *at;
  if (*at < n && s[*at] == '(') {
    TRY(keyed(p, s, n, at, &p->key_value));
    p->next = 0;
    p->n = 1;
  }
  for (; *at < n; ++*at) {
    char f = s[*at];
    if (f == '-') c.minus = true;
    else if (f == '+') c.plus = true;
    else if (f == ' ') c.space = true;
    else if (f == '#') c.alt = true;
    else if (f == '0') c.zero = true;
    else break;
  }
  TRY(size_arg(p, s, n, at, &c.width));
  if (c.width < 0) {
    c.minus = true;
    c.width = -c.width;
  }
  if (*at < n && s[*at] == '.') {
    ++*at;
    c.has_precision = true;
    TRY(size_arg(p, s, n, at, &c.precision));
    if (c.precision < 0) c.precision = 0;
  }
  if (*at < n && (s[*at] == 'h' || s[*at] == 'l' || s[*at] == 'L')) ++*at;
  if (*at >= n) return py_fail(p->j, "incomplete format");
  size_t index = *at;
  uint32_t type = uni_next(s, at);
  if (type == '%' && index == start) {
    rs_buf_char(b, '%');
    return RS_OK;
  }
  if (type > 127 || strchr("diouxXeEfFgGcrsa", (int)type) == NULL || type == 0) {
    return py_fail(p->j, "unsupported format character '%.*s' (0x%x) at index %zu",
                   (int)(*at - index), s + index, type, uni_count(s, index));
  }
  c.type = (char)type;
  TRY(next_arg(p, &v));
  switch (c.type) {
    case 's':
    case 'r':
    case 'a': return put_text(p, &c, v, b);
    case 'c': return put_char(p, &c, v, b);
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X': return put_int(p, &c, v, b);
    default: return put_float(p, &c, v, b);
  }
}

enum rs_code py_format_printf(struct rs_python *j, jv fmt, jv args, jv *out)
{
  const struct jv_str *s = fmt.u.str;
  struct printf_state p = {.j = j,
                           .args = args,
                           .is_tuple = args.kind == JV_TUPLE,
                           .markup = is_markup(fmt),
                           .key_value = jv_absent()};
  p.n = p.is_tuple ? args.u.seq->n : 1;
  p.is_map = args.kind == JV_DICT || args.kind == JV_LIST || args.kind == JV_UNDEFINED ||
             (args.kind == JV_OBJECT && args.u.obj->cls->getitem != NULL) ||
             py_range_of(args) != NULL;
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < s->n && rc == RS_OK;) {
    const char *percent = memchr(s->s + i, '%', s->n - i);
    size_t end = percent != NULL ? (size_t)(percent - s->s) : s->n;
    rs_buf_add(&b, s->s + i, end - i);
    i = end + 1;
    if (percent == NULL) break;
    if (i >= s->n) {
      rc = py_fail(j, "incomplete format");
    } else {
      rc = j_step(j);
      if (rc == RS_OK) rc = one(&p, s->s, s->n, &i, &b);
    }
  }
  if (rc == RS_OK && p.next < p.n && !p.is_map) {
    rc = py_fail(j, "not all arguments converted during string formatting");
  }
  if (rc == RS_OK && memchr(s->s, '%', s->n) == NULL) { // Python gives the very same text then
    rs_buf_free(&b);
    *out = fmt;
    return RS_OK;
  }
  return py_str_end(j, rc, &b, p.markup ? STR_MARKUP : STR_PLAIN, out);
}
