/*
** Values as text: Python's str() and repr(), and HTML escaping.
*/
#include <math.h>
#include <stdio.h>
#include "protocol.h"

#define DEPTH_MAX 200

/* The containers being printed, to show a cycle as [...]. */
struct above {
  const void *p;
  const struct above *up;
  unsigned depth;
};

static enum rs_code repr_at(struct rs_python *j, jv v, struct rs_buf *b, const struct above *up);

void py_text_repr_str(struct rs_buf *b, const char *s, size_t n)
{
  bool single = memchr(s, '\'', n) != NULL, twice = memchr(s, '"', n) != NULL;
  char quote = single && !twice ? '"' : '\'';
  rs_buf_char(b, quote);
  size_t from = 0, at = 0;
  while (at < n) {
    size_t start = at;
    uint32_t c = uni_next(s, &at);
    if (c != '\\' && c != (unsigned char)quote && uni_printable(c)) continue;
    rs_buf_add(b, s + from, start - from);
    from = at;
    if (c == '\\' || c == (unsigned char)quote) {
      rs_buf_char(b, '\\');
      rs_buf_char(b, (char)c);
    } else if (c == '\n' || c == '\r' || c == '\t') {
      rs_buf_str(b, c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t");
    } else {
      rs_buf_printf(b, c < 256 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }
  }
  rs_buf_add(b, s + from, n - from);
  rs_buf_char(b, quote);
}

void py_text_ascii(struct rs_buf *b, const char *s, size_t n)
{
  for (size_t at = 0; at < n;) {
    uint32_t c = uni_next(s, &at);
    if (c < 128) {
      rs_buf_char(b, (char)c);
    } else {
      rs_buf_printf(b, c < 256 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    }
  }
}

static enum rs_code int_text(struct rs_python *j, jv v, struct rs_buf *b)
{
  if (v.kind == JV_INT) {
    char text[24];
    char *p = text + sizeof text;
    uint64_t m = v.u.i < 0 ? 0 - (uint64_t)v.u.i : (uint64_t)v.u.i;
    do {
      *--p = (char)('0' + m % 10);
      m /= 10;
    } while (m > 0);
    if (v.u.i < 0) *--p = '-';
    rs_buf_add(b, p, (size_t)(text + sizeof text - p));
    return RS_OK;
  }
  size_t n;
  if (big_bits(jv_bigp(v)) > 14284) { // 4300 digits, Python's own limit
    return py_fail(j, "Exceeds the limit (4300 digits) for integer string conversion; use "
                      "sys.set_int_max_str_digits() to increase the limit");
  }
  char *text = big_text(j, jv_bigp(v), 10, &n);
  if (text == NULL) return py_nomem(j);
  rs_buf_add(b, text, n);
  return RS_OK;
}

static enum rs_code repr_items(struct rs_python *j, jv v, struct rs_buf *b, const struct above *up)
{
  bool list = v.kind == JV_LIST;
  const struct tuple_type *t = list ? NULL : v.u.seq->type;
  bool named = t != NULL && t->shows;
  if (named) rs_buf_str(b, t->name);
  rs_buf_char(b, list ? '[' : '(');
  for (size_t i = 0; i < v.u.seq->n; i++) {
    if (i > 0) rs_buf_str(b, ", ");
    if (named) rs_buf_printf(b, "%s=", t->fields[i]);
    TRY(repr_at(j, v.u.seq->v[i], b, up));
  }
  if (!list && v.u.seq->n == 1) rs_buf_char(b, ',');
  rs_buf_char(b, list ? ']' : ')');
  return RS_OK;
}

static enum rs_code repr_dict(struct rs_python *j, const struct jv_dict *d, struct rs_buf *b,
                              const struct above *up)
{
  bool first = true;
  rs_buf_char(b, '{');
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    if (!first) rs_buf_str(b, ", ");
    first = false;
    TRY(repr_at(j, d->keys[i], b, up));
    rs_buf_str(b, ": ");
    TRY(repr_at(j, d->vals[i], b, up));
  }
  rs_buf_char(b, '}');
  return RS_OK;
}

/* The methods of str that Markup has as Python functions of its own. */
static bool markup_has(const char *name)
{
  static const char *const builtin[] = {
    "count",   "encode",    "endswith", "find",         "index",   "isalnum",   "isalpha",
    "isascii", "isdecimal", "isdigit",  "isidentifier", "islower", "isnumeric", "isprintable",
    "isspace", "istitle",   "isupper",  "maketrans",    "rfind",   "rindex",    "startswith"};
  for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++) {
    if (rs_eq(name, builtin[i])) return false;
  }
  return true;
}

static enum rs_code func_repr(struct rs_python *j, const struct jv_func *f, struct rs_buf *b)
{
  if (f->kind == FN_MACRO) {
    if (f->name != NULL) {
      rs_buf_printf(b, "<Macro '%s'>", f->name);
    } else {
      rs_buf_str(b, "<Macro anonymous>");
    }
  } else if (f->kind == FN_METHOD && is_markup(f->self) && markup_has(f->row->name)) {
    rs_buf_printf(b, "<bound method Markup.%s of ", f->row->name);
    TRY(py_text_repr(j, f->self, b));
    rs_buf_char(b, '>');
  } else if (f->kind == FN_METHOD) {
    bool is_static = rs_eq(f->row->name, "maketrans") || rs_eq(f->row->name, "fromkeys");
    rs_buf_printf(b, "<built-in method %s of %s object " ADDRESS ">", f->row->name,
                  is_static ? "type" : jv_type_name(f->self));
  } else if (f->repr != NULL) {
    rs_buf_str(b, f->repr);
  } else {
    rs_buf_printf(b, "<function %s " ADDRESS ">", f->name);
  }
  return RS_OK;
}

static enum rs_code object_text(struct rs_python *j, jv v, struct rs_buf *b, bool repr)
{
  const struct jv_class *c = v.u.obj->cls;
  if (repr && c->repr != NULL) return c->repr(j, v.u.obj->self, b, j->err);
  if (c->str != NULL) return c->str(j, v.u.obj->self, b, j->err);
  if (c->repr != NULL) return c->repr(j, v.u.obj->self, b, j->err);
  rs_buf_printf(b, "<%s%s object " ADDRESS ">", py_type_module(v), jv_type_name(v));
  return RS_OK;
}

static enum rs_code repr_at(struct rs_python *j, jv v, struct rs_buf *b, const struct above *up)
{
  static const char *const cycles[] = {"[...]", "(...)", "{...}"};
  TRY(j_step(j));
  if (v.kind == JV_LIST || v.kind == JV_TUPLE || v.kind == JV_DICT) {
    struct above here = {.p = v.u.p, .up = up, .depth = up != NULL ? up->depth + 1 : 1};
    if (here.depth > DEPTH_MAX) return py_limit(j, "value is nested too deeply");
    for (const struct above *a = up; a != NULL; a = a->up) {
      if (a->p == v.u.p) {
        rs_buf_str(b, cycles[v.kind - JV_LIST]);
        return RS_OK;
      }
    }
    return v.kind == JV_DICT ? repr_dict(j, v.u.dict, b, &here) : repr_items(j, v, b, &here);
  }
  switch (v.kind) {
    case JV_UNDEFINED: rs_buf_str(b, "Undefined"); return RS_OK;
    case JV_STR: {
      bool markup = is_markup(v);
      if (markup) rs_buf_str(b, "Markup(");
      py_text_repr_str(b, v.u.str->s, v.u.str->n);
      if (markup) rs_buf_char(b, ')');
      return RS_OK;
    }
    case JV_OBJECT: {
      // an object may hold values that hold it: its printing counts as a level
      if (j->nest >= NEST_MAX) return py_limit(j, "value is nested too deeply");
      j->nest += 10;
      enum rs_code rc = object_text(j, v, b, true);
      j->nest -= 10;
      return rc;
    }
    default: return py_text_str(j, v, b);
  }
}

enum rs_code py_text_repr(struct rs_python *j, jv v, struct rs_buf *b)
{
  return repr_at(j, v, b, NULL);
}

enum rs_code py_text_str(struct rs_python *j, jv v, struct rs_buf *b)
{
  char text[FLOAT_TEXT];
  switch ((int)v.kind) {
    case JV_UNDEFINED: return RS_OK;
    case JV_NONE: rs_buf_add(b, "None", 4); return RS_OK;
    case JV_BOOL: rs_buf_str(b, v.u.b ? "True" : "False"); return RS_OK;
    case JV_INT:
    case JV_BIGINT: return int_text(j, v, b);
    case JV_FLOAT: rs_buf_add(b, text, py_float_repr(v.u.f, text)); return RS_OK;
    case JV_STR: rs_buf_add(b, v.u.str->s, v.u.str->n); return RS_OK;
    case JV_LIST:
    case JV_TUPLE:
    case JV_DICT: return repr_at(j, v, b, NULL);
    case JV_FUNC: return func_repr(j, v.u.func, b);
    case JV_OBJECT: {
      if (j->nest >= NEST_MAX) return py_limit(j, "value is nested too deeply");
      j->nest += 10;
      enum rs_code rc = object_text(j, v, b, false);
      j->nest -= 10;
      return rc;
    }
    default: return RS_OK;
  }
}

enum rs_code py_text_of(struct rs_python *j, jv v, jv *out)
{
  if (v.kind == JV_STR) {
    *out = v;
    return RS_OK;
  }
  struct rs_buf b;
  py_buf_init(j, &b);
  return py_str_end(j, py_text_str(j, v, &b), &b, STR_PLAIN, out);
}

void py_html_escape(struct rs_buf *b, const char *s, size_t n)
{
  size_t from = 0;
  for (size_t i = 0; i < n; i++) {
    const char *to = s[i] == '&'    ? "&amp;"
                     : s[i] == '<'  ? "&lt;"
                     : s[i] == '>'  ? "&gt;"
                     : s[i] == '"'  ? "&#34;"
                     : s[i] == '\'' ? "&#39;"
                                    : NULL;
    if (to == NULL) continue;
    rs_buf_add(b, s + from, i - from);
    rs_buf_str(b, to);
    from = i + 1;
  }
  rs_buf_add(b, s + from, n - from);
}

enum rs_code py_text_escape(struct rs_python *j, jv v, struct rs_buf *b)
{
  if (is_markup(v)) {
    rs_buf_add(b, v.u.str->s, v.u.str->n);
    return RS_OK;
  }
  jv s;
  TRY(py_text_of(j, v, &s));
  py_html_escape(b, s.u.str->s, s.u.str->n);
  return RS_OK;
}
