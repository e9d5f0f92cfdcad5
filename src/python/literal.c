/*
** ast.literal_eval(): a text that is one Python literal as a value. A text that is none, or needs a
** type that templates don't have here (complex numbers, the Ellipsis), is left to the caller as it
** is.
*/
#include "protocol.h"

#define DEPTH_MAX 90 /* Python's own parser gives up a little later */

struct reader {
  struct rs_python *j;
  const char *s;
  size_t n, at;
  unsigned depth;
};

/* RS_NOT_FOUND throughout: it is no literal. */
#define NONE RS_NOT_FOUND

/* Over space and comments; inside of brackets over line ends, too. */
static void skip(struct reader *r)
{
  while (r->at < r->n) {
    char c = r->s[r->at];
    if (c == '\\' && r->at + 1 < r->n && r->s[r->at + 1] == '\n') {
      r->at += 2;
    } else if (c == '#') {
      while (r->at < r->n && r->s[r->at] != '\n') r->at++;
    } else if (c == ' ' || c == '\t' || c == '\f' || (r->depth > 0 && (c == '\n' || c == '\r'))) {
      r->at++;
    } else {
      return;
    }
  }
}

static bool next_is(struct reader *r, char c)
{
  skip(r);
  return r->at < r->n && r->s[r->at] == c;
}

static bool skip_char(struct reader *r, char c)
{
  if (!next_is(r, c)) return false;
  r->at++;
  return true;
}

static bool is_word(char c)
{
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
         (unsigned char)c > 127;
}

/* ---- numbers -------------------------------------------------------------------------------- */

static enum rs_code number(struct reader *r, jv *out)
{
  size_t from = r->at;
  bool hex = r->at + 1 < r->n && r->s[from] == '0' && (r->s[from + 1] | 32) == 'x';
  bool real = false;
  while (r->at < r->n) {
    char c = r->s[r->at];
    bool exponent = !hex && (c | 32) == 'e';
    real = real || c == '.' || exponent;
    if (!is_word(c) && c != '.') break;
    r->at++;
    if (exponent && r->at < r->n && (r->s[r->at] == '+' || r->s[r->at] == '-')) r->at++;
  }
  jv text = py_str_sub(r->j, r->s + from, r->at - from, STR_PLAIN);
  if (text.kind != JV_STR) return py_nomem(r->j);
  if (!is_ascii(text.u.str)) return NONE;
  if (real && !hex) {
    double d;
    if (!py_num_parse_float(text.u.str, &d)) return NONE;
    *out = jv_float(d);
    return RS_OK;
  }
  return py_num_parse_int(r->j, text.u.str, 0, out) ? RS_OK : NONE;
}

/* ---- texts ---------------------------------------------------------------------------------- */

struct prefix {
  bool bytes, raw;
};

/* The letters before a quote at r->at; false when there is no text. */
static bool read_prefix(struct reader *r, struct prefix *p)
{
  size_t at = r->at;
  *p = (struct prefix){false, false};
  bool u = false;
  for (; at < r->n && r->s[at] != '\'' && r->s[at] != '"'; at++) {
    char c = (char)(r->s[at] | 32);
    if (c == 'u' && at == r->at) u = true;
    else if (c == 'b' && !p->bytes && !u) p->bytes = true;
    else if (c == 'r' && !p->raw && !u) p->raw = true;
    else return false;
  }
  if (at >= r->n) return false;
  r->at = at;
  return true;
}

/* The text between quotes, appended to b. */
static enum rs_code read_text(struct reader *r, const struct prefix *p, struct rs_buf *b)
{
  char quote = r->s[r->at];
  size_t marks = r->at + 2 < r->n && r->s[r->at + 1] == quote && r->s[r->at + 2] == quote ? 3 : 1;
  r->at += marks;
  while (r->at < r->n) {
    char c = r->s[r->at];
    if (c == quote && (marks == 1 || (r->n - r->at >= 3 && r->s[r->at + 1] == quote &&
                                      r->s[r->at + 2] == quote))) {
      r->at += marks;
      return RS_OK;
    }
    if (c == '\n' && marks == 1) return NONE;
    if (p->bytes && (unsigned char)c > 127) return NONE;
    bool plain = p->bytes && c == '\\' && r->at + 1 < r->n &&
                 strchr("uUN", r->s[r->at + 1]) != NULL;
    if (c != '\\' || plain || r->at + 1 >= r->n) {
      rs_buf_char(b, c);
      r->at++;
    } else if (p->raw) {
      rs_buf_add(b, r->s + r->at, 2);
      r->at += 2;
    } else {
      char out[4];
      size_t len = 0;
      const char *why;
      size_t took = py_str_unescape(r->s, r->n, r->at + 1, out, &len, &why);
      if (took == 0) return NONE;
      size_t wide = 0;
      if (p->bytes && len == 2) out[0] = (char)uni_next(out, &wide), len = 1; // one byte
      rs_buf_add(b, out, len);
      r->at += 1 + (took == (size_t)-1 ? 0 : took);
    }
  }
  return NONE;
}

/* Texts next to each other are one. */
static enum rs_code texts(struct reader *r, struct prefix p, jv *out)
{
  struct rs_buf b;
  bool bytes = p.bytes;
  py_buf_init(r->j, &b);
  enum rs_code rc = read_text(r, &p, &b);
  for (;;) {
    skip(r);
    if (rc != RS_OK || !read_prefix(r, &p)) break;
    rc = p.bytes == bytes ? read_text(r, &p, &b) : NONE;
  }
  if (rc == RS_OK)
    return bytes ? py_bytes_take(r->j, &b, out) : py_str_take(r->j, &b, STR_PLAIN, out);
  rs_buf_free(&b);
  return rc;
}

/* ---- containers ----------------------------------------------------------------------------- */

static enum rs_code value(struct reader *r, jv *out);

/* What stands between brackets, up to `close`. *comma: whether its last is a comma. */
static enum rs_code items(struct reader *r, char close, jv list, bool *comma)
{
  *comma = false;
  while (!skip_char(r, close)) {
    jv v;
    if (jv_len(list) > 0 && !*comma) return NONE;
    TRY(value(r, &v));
    jv_list_add(r->j, list, v);
    *comma = skip_char(r, ',');
  }
  return r->j->sticky != RS_OK ? py_nomem(r->j) : RS_OK;
}

static enum rs_code braces(struct reader *r, jv *out)
{
  bool comma = true, is_set = false;
  *out = jv_dict(r->j);
  jv set = jv_set(r->j);
  if (out->kind != JV_DICT || set.kind != JV_OBJECT) return py_nomem(r->j);
  while (!skip_char(r, '}')) {
    jv key, v;
    if (!comma) return NONE;
    TRY(value(r, &key));
    if (out->u.dict->live == 0 && py_set_items(set)->live == 0) is_set = !next_is(r, ':');
    if (is_set) {
      TRY(py_dict_put(r->j, py_set_items(set), key, jv_none()));
    } else {
      if (!skip_char(r, ':')) return NONE;
      TRY(value(r, &v));
      TRY(py_dict_put(r->j, out->u.dict, key, v));
    }
    comma = skip_char(r, ',');
  }
  if (is_set) *out = set;
  return RS_OK;
}

static enum rs_code word(struct reader *r, jv *out)
{
  size_t from = r->at;
  while (r->at < r->n && is_word(r->s[r->at])) r->at++;
  const char *s = r->s + from;
  size_t n = r->at - from;
  if (rs_eqn("None", s, n)) *out = jv_none();
  else if (rs_eqn("True", s, n)) *out = jv_bool(true);
  else if (rs_eqn("False", s, n)) *out = jv_bool(false);
  else if (rs_eqn("set", s, n) && skip_char(r, '(') && skip_char(r, ')')) *out = jv_set(r->j);
  else return NONE;
  return RS_OK;
}

/* What has no sign. */
static enum rs_code atom(struct reader *r, jv *out)
{
  bool comma = false;
  struct prefix p;
  skip(r);
  if (r->at >= r->n) return NONE;
  char c = r->s[r->at], next = r->at + 1 < r->n ? r->s[r->at + 1] : ' ';
  if ((c >= '0' && c <= '9') || (c == '.' && next >= '0' && next <= '9')) return number(r, out);
  if (read_prefix(r, &p)) return texts(r, p, out);
  if (c != '(' && c != '[' && c != '{') return word(r, out);
  if (r->depth >= DEPTH_MAX) return NONE;
  r->at++;
  r->depth++;
  enum rs_code rc;
  if (c == '{') {
    rc = braces(r, out);
  } else {
    *out = jv_list(r->j);
    rc = out->kind == JV_LIST ? items(r, c == '[' ? ']' : ')', *out, &comma) : py_nomem(r->j);
    if (rc == RS_OK && c == '(') {
      if (jv_len(*out) == 1 && !comma) *out = jv_item(*out, 0);
      else out->kind = JV_TUPLE;
    }
  }
  r->depth--;
  return rc;
}

static enum rs_code value(struct reader *r, jv *out)
{
  skip(r);
  char sign = r->at < r->n ? r->s[r->at] : ' ';
  if (sign != '-' && sign != '+') return atom(r, out);
  r->at++;
  if (next_is(r, '-') || next_is(r, '+')) return NONE; // one sign is a literal's most
  TRY(atom(r, out));
  if (!is_num(*out) || out->kind == JV_BOOL) return NONE;
  return sign == '-' ? py_num_unary(r->j, OP_NEG, *out, out) : RS_OK;
}

enum rs_code py_literal_eval(struct rs_python *j, const struct jv_str *s, jv *out, bool *ok)
{
  struct reader r = {.j = j, .s = s->s, .n = s->n};
  *ok = false;
  if (memchr(s->s, 0, s->n) != NULL) return RS_OK;
  while (r.at < r.n && (r.s[r.at] == ' ' || r.s[r.at] == '\t')) r.at++;
  while (r.at < r.n && (r.s[r.at] == '\n' || r.s[r.at] == '\r')) r.at++;
  if (r.at > 0 && r.at < r.n && r.s[r.at - 1] == '\n' && strchr(" \t", r.s[r.at]) != NULL)
    return RS_OK; // an indented line
  enum rs_code rc = value(&r, out);
  if (rc == RS_OK && skip_char(&r, ',')) { // a tuple without brackets
    jv list = jv_list(j);
    bool comma;
    if (list.kind != JV_LIST) return py_nomem(j);
    jv_list_add(j, list, *out);
    for (comma = true; rc == RS_OK && comma && !next_is(&r, '\n') && r.at < r.n;) {
      rc = value(&r, out);
      jv_list_add(j, list, *out);
      comma = skip_char(&r, ',');
    }
    list.kind = JV_TUPLE;
    *out = list;
  }
  if (rc == RS_NOT_FOUND) return RS_OK;
  if (rc != RS_OK) return rc;
  r.depth = 1; // line ends behind it mean nothing
  skip(&r);
  *ok = r.at == r.n;
  return RS_OK;
}

enum rs_code jv_literal(struct rs_python *j, const char *s, size_t n, jv *out, bool *ok,
                        struct rs_error *e)
{
  struct reader r = {.j = j, .s = s, .n = n, .depth = 1};
  *ok = false;
  if (memchr(s, 0, n) != NULL) return RS_OK;
  enum rs_code rc = value(&r, out);
  if (rc == RS_NOT_FOUND) return RS_OK;
  if (rc != RS_OK) return rs_nomem(e);
  skip(&r);
  *ok = r.at == r.n;
  return RS_OK;
}
