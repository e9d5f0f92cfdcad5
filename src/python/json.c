/*
** JSON as Python's json module writes and reads it: ", " and ": ", ASCII only, NaN and Infinity.
*/
#include <math.h>
#include "protocol.h"

#define DEPTH_MAX 200

struct writer {
  struct rs_python *j;
  struct rs_buf *b;
  bool sort;
  const struct jv_str *indent; /* NULL: on one line */
};

static void json_str(struct rs_buf *b, const char *s, size_t n)
{
  rs_buf_char(b, '"');
  size_t from = 0;
  for (size_t at = 0; at < n;) {
    size_t start = at;
    uint32_t c = uni_next(s, &at);
    if (c >= 32 && c < 127 && c != '"' && c != '\\') continue;
    rs_buf_add(b, s + from, start - from);
    from = at;
    const char *shortly = c == '"'    ? "\\\""
                          : c == '\\' ? "\\\\"
                          : c == '\n' ? "\\n"
                          : c == '\r' ? "\\r"
                          : c == '\t' ? "\\t"
                          : c == '\f' ? "\\f"
                          : c == '\b' ? "\\b"
                                      : NULL;
    if (shortly != NULL) {
      rs_buf_str(b, shortly);
    } else if (c < 0x10000) {
      rs_buf_printf(b, "\\u%04x", c);
    } else {
      rs_buf_printf(b, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
                    0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  rs_buf_add(b, s + from, n - from);
  rs_buf_char(b, '"');
}

static void json_float(struct rs_buf *b, double d)
{
  char text[FLOAT_TEXT];
  if (isnan(d)) {
    rs_buf_str(b, "NaN");
  } else if (isinf(d)) {
    rs_buf_str(b, d > 0 ? "Infinity" : "-Infinity");
  } else {
    rs_buf_add(b, text, py_float_repr(d, text));
  }
}

static void newline(struct writer *w, unsigned depth)
{
  if (w->indent == NULL) return;
  rs_buf_char(w->b, '\n');
  for (unsigned i = 0; i < depth; i++) rs_buf_add(w->b, w->indent->s, w->indent->n);
}

static enum rs_code write_value(struct writer *w, jv v, unsigned depth);

static enum rs_code write_key(struct writer *w, jv key)
{
  jv text;
  switch ((int)key.kind) {
    case JV_STR: break;
    case JV_BOOL: rs_buf_str(w->b, key.u.b ? "\"true\"" : "\"false\""); return RS_OK;
    case JV_NONE: rs_buf_str(w->b, "\"null\""); return RS_OK;
    case JV_FLOAT:
      rs_buf_char(w->b, '"');
      json_float(w->b, key.u.f);
      rs_buf_char(w->b, '"');
      return RS_OK;
    case JV_INT:
    case JV_BIGINT: break;
    default:
      return py_fail(w->j, "keys must be str, int, float, bool or None, not %s", jv_type_name(key));
  }
  TRY(py_text_of(w->j, key, &text));
  json_str(w->b, text.u.str->s, text.u.str->n);
  return RS_OK;
}

static enum rs_code write_dict(struct writer *w, const struct jv_dict *d, unsigned depth)
{
  if (d->live == 0) {
    rs_buf_str(w->b, "{}");
    return RS_OK;
  }
  jv keys = jv_list(w->j), vals = jv_list(w->j);
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    jv_list_add(w->j, keys, d->keys[i]);
    jv_list_add(w->j, vals, d->vals[i]);
  }
  TRY(j_step(w->j));
  if (w->sort) TRY(py_seq_sort(w->j, vals.u.seq, keys.u.seq->v, false));
  if (w->sort) {
    jv sorted = jv_tuple(w->j, keys.u.seq->v, keys.u.seq->n);
    if (sorted.kind != JV_TUPLE) return py_nomem(w->j);
    TRY(py_seq_sort(w->j, sorted.u.seq, keys.u.seq->v, false));
    keys = sorted;
  }
  rs_buf_char(w->b, '{');
  for (size_t i = 0; i < keys.u.seq->n; i++) {
    if (i > 0) rs_buf_str(w->b, w->indent == NULL ? ", " : ",");
    newline(w, depth + 1);
    TRY(write_key(w, keys.u.seq->v[i]));
    rs_buf_str(w->b, ": ");
    TRY(write_value(w, vals.u.seq->v[i], depth + 1));
  }
  newline(w, depth);
  rs_buf_char(w->b, '}');
  return RS_OK;
}

static enum rs_code write_value(struct writer *w, jv v, unsigned depth)
{
  TRY(j_step(w->j));
  if (depth > DEPTH_MAX) return py_fail(w->j, "Circular reference detected");
  switch ((int)v.kind) {
    case JV_NONE: rs_buf_str(w->b, "null"); return RS_OK;
    case JV_BOOL: rs_buf_str(w->b, v.u.b ? "true" : "false"); return RS_OK;
    case JV_INT:
    case JV_BIGINT: return py_text_str(w->j, v, w->b);
    case JV_FLOAT: json_float(w->b, v.u.f); return RS_OK;
    case JV_STR: json_str(w->b, v.u.str->s, v.u.str->n); return RS_OK;
    case JV_LIST:
    case JV_TUPLE:
      if (v.u.seq->n == 0) {
        rs_buf_str(w->b, "[]");
        return RS_OK;
      }
      rs_buf_char(w->b, '[');
      for (size_t i = 0; i < v.u.seq->n; i++) {
        if (i > 0) rs_buf_str(w->b, w->indent == NULL ? ", " : ",");
        newline(w, depth + 1);
        TRY(write_value(w, v.u.seq->v[i], depth + 1));
      }
      newline(w, depth);
      rs_buf_char(w->b, ']');
      return RS_OK;
    case JV_DICT: return write_dict(w, v.u.dict, depth);
    default: {
      const char *name = jv_type_name(v), *dot = strrchr(name, '.'); // without its module
      return py_fail(w->j, "Object of type %s is not JSON serializable",
                     dot != NULL ? dot + 1 : name);
    }
  }
}

enum rs_code py_text_json(struct rs_python *j, jv v, bool sort_keys, const struct jv_str *indent,
                          struct rs_buf *b)
{
  struct writer w = {.j = j, .b = b, .sort = sort_keys, .indent = indent};
  return write_value(&w, v, 0);
}

enum rs_code jv_json_to(struct rs_python *j, jv v, bool sort_keys, struct rs_buf *b,
                        struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  enum rs_code rc = py_text_json(j, v, sort_keys, NULL, b);
  if (rc == RS_OK) rc = rs_buf_error(b, e, "JSON text");
  j->err = saved;
  return rc;
}

/* ---- reading ------------------------------------------------------------------------------- */

struct reader {
  struct rs_python *j;
  const char *s;
  size_t n, at;
};

static enum rs_code read_value(struct reader *r, jv *out, unsigned depth);

static enum rs_code bad(struct reader *r, const char *what, size_t at)
{
  size_t line = 1, start = 0;
  for (size_t i = 0; i < at; i++) {
    if (r->s[i] == '\n') {
      line++;
      start = i + 1;
    }
  }
  return py_fail(r->j, "%s: line %zu column %zu (char %zu)", what, line,
                 uni_count(r->s + start, at - start) + 1, uni_count(r->s, at));
}

static void space(struct reader *r)
{
  while (r->at < r->n && (r->s[r->at] == ' ' || r->s[r->at] == '\n' || r->s[r->at] == '\t' ||
                          r->s[r->at] == '\r')) {
    r->at++;
  }
}

/* The escape after a backslash at r->at. */
static enum rs_code read_escape(struct reader *r, struct rs_buf *b)
{
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char c = r->at < r->n ? r->s[r->at] : 0;
  const char *hit = c != 0 ? strchr(from, c) : NULL;
  if (hit != NULL) {
    rs_buf_char(b, to[hit - from]);
    r->at++;
    return RS_OK;
  }
  if (c != 'u') return bad(r, "Invalid \\escape", r->at - 1);
  char out[4];
  size_t len, used = rs_json_escape_char(r->s + r->at - 1, r->s + r->n, out, &len);
  if (used == 0) return bad(r, "Invalid \\uXXXX escape", r->at);
  r->at += used - 1;
  rs_buf_add(b, out, len);
  return RS_OK;
}

static enum rs_code read_str(struct reader *r, jv *out)
{
  size_t open = r->at++, from = r->at;
  struct rs_buf b;
  py_buf_init(r->j, &b);
  enum rs_code rc = RS_OK;
  while (rc == RS_OK) {
    if (r->at >= r->n) {
      rc = bad(r, "Unterminated string starting at", open);
      break;
    }
    unsigned char c = (unsigned char)r->s[r->at];
    if (c == '"') break;
    if (c < 32) {
      rc = bad(r, "Invalid control character at", r->at);
    } else if (c == '\\') {
      rs_buf_add(&b, r->s + from, r->at - from);
      r->at++;
      rc = read_escape(r, &b);
      from = r->at;
    } else {
      r->at++;
    }
  }
  if (rc == RS_OK) {
    rs_buf_add(&b, r->s + from, r->at - from);
    r->at++;
    return py_str_take(r->j, &b, STR_PLAIN, out);
  }
  rs_buf_free(&b);
  return rc;
}

static enum rs_code read_number(struct reader *r, jv *out)
{
  size_t from = r->at, i = from;
  bool is_float = false;
#define DIGIT(k) ((k) < r->n && r->s[k] >= '0' && r->s[k] <= '9')
  if (r->s[i] == '-') i++;
  if (!DIGIT(i)) return bad(r, "Expecting value", from);
  if (r->s[i] == '0') {
    i++;
  } else {
    while (DIGIT(i)) i++;
  }
  if (i < r->n && r->s[i] == '.' && DIGIT(i + 1)) {
    is_float = true;
    i++;
    while (DIGIT(i)) i++;
  }
  if (i < r->n && (r->s[i] == 'e' || r->s[i] == 'E')) {
    size_t k = i + 1;
    if (k < r->n && (r->s[k] == '+' || r->s[k] == '-')) k++;
    if (DIGIT(k)) {
      is_float = true;
      i = k;
      while (DIGIT(i)) i++;
    }
  }
#undef DIGIT
  r->at = i;
  jv text = py_str_sub(r->j, r->s + from, i - from, STR_PLAIN);
  if (text.kind != JV_STR) return py_nomem(r->j);
  if (is_float) {
    *out = jv_float(rs_text_strtod(text.u.str->s, NULL));
    return RS_OK;
  }
  if (py_num_parse_int(r->j, text.u.str, 10, out)) return RS_OK;
  return r->j->sticky != RS_OK ? py_nomem(r->j) : bad(r, "integer is too big", from);
}

static enum rs_code read_list(struct reader *r, jv *out, unsigned depth)
{
  *out = jv_list(r->j);
  r->at++;
  space(r);
  if (r->at < r->n && r->s[r->at] == ']') {
    r->at++;
    return RS_OK;
  }
  for (;;) {
    jv item;
    TRY(read_value(r, &item, depth + 1));
    jv_list_add(r->j, *out, item);
    space(r);
    if (r->at < r->n && r->s[r->at] == ']') break;
    if (r->at >= r->n || r->s[r->at] != ',') return bad(r, "Expecting ',' delimiter", r->at);
    r->at++;
    space(r);
  }
  r->at++;
  return RS_OK;
}

static enum rs_code read_dict(struct reader *r, jv *out, unsigned depth)
{
  static const char want_name[] = "Expecting property name enclosed in double quotes";
  *out = jv_dict(r->j);
  if (out->kind != JV_DICT) return py_nomem(r->j);
  r->at++;
  space(r);
  if (r->at < r->n && r->s[r->at] == '}') {
    r->at++;
    return RS_OK;
  }
  for (;;) {
    jv key, value;
    if (r->at >= r->n || r->s[r->at] != '"') return bad(r, want_name, r->at);
    TRY(read_str(r, &key));
    space(r);
    if (r->at >= r->n || r->s[r->at] != ':') return bad(r, "Expecting ':' delimiter", r->at);
    r->at++;
    space(r);
    TRY(read_value(r, &value, depth + 1));
    TRY(py_dict_put(r->j, out->u.dict, key, value));
    space(r);
    if (r->at < r->n && r->s[r->at] == '}') break;
    if (r->at >= r->n || r->s[r->at] != ',') return bad(r, "Expecting ',' delimiter", r->at);
    r->at++;
    space(r);
  }
  r->at++;
  return RS_OK;
}

static enum rs_code read_value(struct reader *r, jv *out, unsigned depth)
{
  static const struct {
    const char *text;
    int kind;
  } words[] = {{"null", 0}, {"true", 1},     {"false", 2},
               {"NaN", 3},  {"Infinity", 4}, {"-Infinity", 5}};
  TRY(j_step(r->j));
  if (depth > DEPTH_MAX) return py_limit(r->j, "JSON text is nested too deeply");
  if (r->at >= r->n) return bad(r, "Expecting value", r->at);
  char c = r->s[r->at];
  if (c == '"') return read_str(r, out);
  if (c == '[') return read_list(r, out, depth);
  if (c == '{') return read_dict(r, out, depth);
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t n = strlen(words[i].text);
    if (n > r->n - r->at || memcmp(r->s + r->at, words[i].text, n) != 0) continue;
    r->at += n;
    *out = i == 0   ? jv_none()
           : i < 3  ? jv_bool(i == 1)
           : i == 3 ? jv_float((double)NAN)
                    : jv_float(i == 4 ? (double)INFINITY : -(double)INFINITY);
    return RS_OK;
  }
  if (c == '-' || (c >= '0' && c <= '9')) return read_number(r, out);
  return bad(r, "Expecting value", r->at);
}

enum rs_code jv_from_json(struct rs_python *j, const char *p, size_t n, jv *out, struct rs_error *e)
{
  struct rs_error *saved = j->err;
  j->err = e;
  *out = jv_none();
  jv text = jv_textn(j, p, n); // valid UTF-8 from here on
  enum rs_code rc = text.kind == JV_STR ? RS_OK : py_nomem(j);
  if (rc == RS_OK) {
    struct reader r = {.j = j, .s = text.u.str->s, .n = text.u.str->n};
    space(&r);
    rc = read_value(&r, out, 0);
    space(&r);
    if (rc == RS_OK && r.at < r.n) rc = bad(&r, "Extra data", r.at);
  }
  j->err = saved;
  return rc;
}
