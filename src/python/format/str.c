/*
** str.format through the sandbox (string.Formatter): replacement fields with paths, conversions and
** nested specifications.
*/
#include <stdio.h>
#include "src/python/protocol.h"

struct formatter {
  struct rs_python *j;
  const struct jv_args *args;
  jv map; /* of format_map, else absent */
  bool escape;
  int64_t next; /* automatic numbering; -1 once fields are numbered by hand */
};

static enum rs_code format_text(struct formatter *f, const char *s, size_t n, int depth,
                                struct rs_buf *b);

static bool all_digits(const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
  }
  return n > 0;
}

static enum rs_code first_value(struct formatter *f, const char *s, size_t n, jv *out)
{
  struct rs_python *j = f->j;
  if (all_digits(s, n)) {
    size_t i = 0;
    for (size_t k = 0; k < n && i < 1000000; k++) i = i * 10 + (size_t)(s[k] - '0');
    if (i >= f->args->npos) return py_fail(j, "tuple index out of range");
    *out = f->args->pos[i];
    return RS_OK;
  }
  jv key = py_str_sub(j, s, n, STR_PLAIN);
  if (is_given(f->map)) {
    if (f->map.kind == JV_DICT) {
      size_t at = py_dict_find_str(f->map.u.dict, s, n);
      if (at == DICT_NONE) return py_fail_repr(j, "%s", key);
      *out = f->map.u.dict->vals[at];
      return RS_OK;
    }
    return py_get_item(j, f->map, key, out);
  }
  for (size_t i = 0; i < f->args->nkw; i++) {
    const struct jv_str *k = f->args->kw_keys[i].u.str;
    if (k->n == n && memcmp(k->s, s, n) == 0) {
      *out = f->args->kw_values[i];
      return RS_OK;
    }
  }
  return py_fail_repr(j, "%s", key);
}

/* name, then .attr and [item] steps. */
static enum rs_code field_value(struct formatter *f, const char *s, size_t n, jv *out)
{
  struct rs_python *j = f->j;
  size_t at = 0;
  while (at < n && s[at] != '.' && s[at] != '[') at++;
  TRY(first_value(f, s, at, out));
  while (at < n) {
    size_t from = at + 1, end = from;
    bool item = s[at] == '[';
    if (item) {
      while (end < n && s[end] != ']') end++;
      if (end >= n) return py_fail(j, "Missing ']' in format string");
    } else {
      while (end < n && s[end] != '.' && s[end] != '[') end++;
    }
    if (end == from) return py_fail(j, "Empty attribute in format string");
    jv key = py_str_sub(j, s + from, end - from, STR_PLAIN);
    if (key.kind != JV_STR) return py_nomem(j);
    if (item && all_digits(s + from, end - from)) {
      (void)py_num_parse_int(j, key.u.str, 10, &key);
    }
    TRY(item ? py_get_item(j, *out, key, out) : py_get_attr(j, *out, key.u.str, out));
    at = item ? end + 1 : end;
    if (item && at < n && s[at] != '.' && s[at] != '[') {
      return py_fail(j, "Only '.' or '[' may follow ']' in format field specifier");
    }
  }
  return RS_OK;
}

static enum rs_code convert(struct rs_python *j, char how, jv *v)
{
  if (how == 0) return RS_OK;
  struct rs_buf b, c;
  py_buf_init(j, &b);
  py_buf_init(j, &c);
  enum rs_code rc;
  if (how == 's') {
    rc = py_text_str(j, *v, &b);
  } else if (how == 'r' || how == 'a') {
    rc = py_text_repr(j, *v, how == 'r' ? &b : &c);
    if (how == 'a') py_text_ascii(&b, rs_buf_text(&c), c.n);
  } else {
    rc = py_fail(j, "Unknown conversion specifier %c", how);
  }
  if (rc == RS_OK && c.rc != RS_OK) rc = py_buf_fail(j, &c);
  rs_buf_free(&c);
  if (rc == RS_OK) return py_str_take(j, &b, STR_PLAIN, v);
  rs_buf_free(&b);
  return rc;
}

/* One field: the text between its braces. */
static enum rs_code field(struct formatter *f, const char *s, size_t n, int depth, struct rs_buf *b)
{
  struct rs_python *j = f->j;
  size_t name = 0;
  int brackets = 0;
  while (name < n && ((s[name] != '!' && s[name] != ':') || brackets > 0)) {
    if (s[name] == '[') brackets = 1;
    if (s[name] == ']') brackets = 0;
    if (s[name] == '{') return py_fail(j, "unexpected '{' in field name");
    name++;
  }
  size_t at = name;
  char how = 0;
  if (at < n && s[at] == '!') {
    if (at + 1 >= n) return py_fail(j, "end of string while looking for conversion specifier");
    how = s[at + 1];
    at += 2;
    if (at < n && s[at] != ':') return py_fail(j, "expected ':' after conversion specifier");
  }
  if (at < n) at++;
  jv v;
  char number[24];
  const char *field_name = s;
  size_t nname = name;
  if (name == 0) {
    if (f->next < 0) {
      return py_fail(j,
                     "cannot switch from manual field specification to automatic field numbering");
    }
    nname = (size_t)snprintf(number, sizeof number, "%lld", (long long)f->next++);
    field_name = number;
  } else if (all_digits(s, name)) {
    if (f->next > 0) {
      return py_fail(j,
                     "cannot switch from manual field specification to automatic field numbering");
    }
    f->next = -1;
  }
  TRY(field_value(f, field_name, nname, &v));
  TRY(convert(j, how, &v));
  struct rs_buf spec, text;
  py_buf_init(j, &spec);
  py_buf_init(j, &text);
  enum rs_code rc = format_text(f, s + at, n - at, depth - 1, &spec);
  if (rc == RS_OK && spec.rc != RS_OK) rc = py_buf_fail(j, &spec);
  if (rc == RS_OK && f->escape && is_markup(v)) {
    rc = spec.n > 0 ? py_fail(j, "Unsupported format specification for Markup.")
                    : py_text_escape(j, v, b);
  } else if (rc == RS_OK) {
    rc = py_format_spec(j, v, rs_buf_text(&spec), spec.n, f->escape ? &text : b);
    if (rc == RS_OK && text.rc != RS_OK) rc = py_buf_fail(j, &text);
    if (rc == RS_OK && f->escape) py_html_escape(b, rs_buf_text(&text), text.n);
  }
  rs_buf_free(&spec);
  rs_buf_free(&text);
  return rc;
}

static enum rs_code format_text(struct formatter *f, const char *s, size_t n, int depth,
                                struct rs_buf *b)
{
  struct rs_python *j = f->j;
  if (depth < 0) return n == 0 ? RS_OK : py_fail(j, "Max string recursion exceeded");
  for (size_t i = 0; i < n;) {
    char c = s[i];
    if (c != '{' && c != '}') {
      size_t from = i;
      while (i < n && s[i] != '{' && s[i] != '}') i++;
      rs_buf_add(b, s + from, i - from);
      continue;
    }
    if (i + 1 < n && s[i + 1] == c) {
      rs_buf_char(b, c);
      i += 2;
      continue;
    }
    if (c == '}' || i + 1 >= n) return py_fail(j, "Single '%c' encountered in format string", c);
    size_t end = i + 1;
    int open = 1;
    for (; end < n; end++) {
      if (s[end] == '{') open++;
      if (s[end] == '}' && --open == 0) break;
    }
    if (open > 0) {
      size_t k = i + 1;
      while (k < n && s[k] != '{' && s[k] != ':' && s[k] != '!') k++;
      return py_fail(j, k >= n || s[k] == '!' ? "expected '}' before end of string"
                        : s[k] == ':'         ? "unmatched '{' in format spec"
                                              : "unexpected '{' in field name");
    }
    TRY(j_step(j));
    TRY(field(f, s + i + 1, end - i - 1, depth, b));
    i = end + 1;
  }
  return RS_OK;
}

enum rs_code py_format_str(struct rs_python *j, jv fmt, const struct jv_args *a, jv map, jv *out)
{
  struct formatter f = {.j = j, .args = a, .map = map, .escape = is_markup(fmt)};
  struct rs_buf b;
  py_buf_init(j, &b);
  return py_str_end(j, format_text(&f, fmt.u.str->s, fmt.u.str->n, 2, &b), &b,
                    f.escape ? STR_MARKUP : STR_PLAIN, out);
}
