/*
** Filters about HTML, URLs and JSON.
*/
#include "src/jinja/internal.h"

FILTER(f_escape)
{
  struct rs_buf b;
  *out = v;
  if (is_markup(v)) return RS_OK;
  py_buf_init(j, &b);
  return py_str_end(j, py_text_escape(j, v, &b), &b, STR_MARKUP, out);
}

FILTER(f_forceescape)
{
  struct rs_buf b;
  TRY(py_text_of(j, v, &v));
  py_buf_init(j, &b);
  py_html_escape(&b, v.u.str->s, v.u.str->n);
  return py_str_take(j, &b, STR_MARKUP, out);
}

FILTER(f_safe)
{
  TRY(py_text_of(j, v, out));
  *out = py_str_as(j, *out, STR_MARKUP);
  return RS_OK;
}

/* ---- striptags ----------------------------------------------------------------------------- */

/* Without what stands from `open` to the next `close`, again and again. */
static void cut(struct rs_buf *b, const char *s, size_t n, const char *open, const char *close)
{
  size_t pos = 0;
  for (;;) {
    size_t start = py_find_bytes(s, n, open, strlen(open), pos);
    size_t end = start == NOT_FOUND ? NOT_FOUND : py_find_bytes(s, n, close, strlen(close), start);
    if (end == NOT_FOUND) break;
    rs_buf_add(b, s + pos, start - pos);
    pos = end + strlen(close);
  }
  rs_buf_add(b, s + pos, n - pos);
}

FILTER(f_striptags)
{
  TRY(py_text_of(j, v, &v));
  const struct jv_str *s = v.u.str;
  struct rs_buf bare, tagless, spaced, b;
  py_buf_init(j, &bare);
  py_buf_init(j, &tagless);
  py_buf_init(j, &spaced);
  py_buf_init(j, &b);
  cut(&bare, s->s, s->n, "<!--", "-->");
  cut(&tagless, rs_buf_text(&bare), bare.n, "<", ">");
  // runs of space become one, then references become characters
  const char *t = rs_buf_text(&tagless);
  bool gap = false;
  for (size_t at = 0; at < tagless.n;) {
    size_t from = at;
    uint32_t c = uni_next(t, &at);
    if (uni_space(c)) {
      gap = spaced.n > 0;
      continue;
    }
    if (gap) rs_buf_char(&spaced, ' ');
    gap = false;
    rs_buf_add(&spaced, t + from, at - from);
  }
  py_html_unescape(&b, rs_buf_text(&spaced), spaced.n);
  const struct rs_buf *parts[] = {&bare, &tagless, &spaced};
  enum rs_code rc = RS_OK;
  for (int i = 0; i < 3 && rc == RS_OK; i++) {
    if (parts[i]->rc != RS_OK) rc = py_buf_fail(j, parts[i]);
  }
  rs_buf_free(&bare);
  rs_buf_free(&tagless);
  rs_buf_free(&spaced);
  return py_str_end(j, rc, &b, STR_PLAIN, out);
}

/* ---- urlencode ----------------------------------------------------------------------------- */

static enum rs_code quote(struct rs_python *j, jv v, bool query, struct rs_buf *b)
{
  jv s;
  TRY(py_text_of(j, v, &s));
  for (size_t i = 0; i < s.u.str->n; i++) {
    unsigned char c = (unsigned char)s.u.str->s[i];
    bool plain = c < 128 && (uni_alnum(c) || strchr("_.-~", c) != NULL || (c == '/' && !query));
    if (plain && c != 0) {
      rs_buf_char(b, (char)c);
    } else if (c == ' ' && query) {
      rs_buf_char(b, '+');
    } else {
      rs_buf_printf(b, "%%%02X", c);
    }
  }
  return RS_OK;
}

static enum rs_code quote_pairs(struct rs_python *j, jv v, struct rs_buf *b)
{
  struct jv_iter it;
  if (v.kind == JV_DICT) v = py_view_new(j, v, VIEW_ITEMS);
  TRY(py_iter_open(j, v, &it));
  for (size_t i = 0;; i++) {
    jv pair, list;
    bool done;
    TRY(py_iter_next(j, &it, &pair, &done));
    if (done) return RS_OK;
    if (!py_is_iterable(pair)) {
      return py_fail(j, "cannot unpack non-iterable %s object", jv_type_name(pair));
    }
    TRY(py_iter_list(j, pair, &list));
    if (list.u.seq->n < 2) {
      return py_fail(j, "not enough values to unpack (expected 2, got %zu)", list.u.seq->n);
    }
    if (list.u.seq->n > 2) return py_fail(j, "too many values to unpack (expected 2)");
    if (i > 0) rs_buf_char(b, '&');
    TRY(quote(j, list.u.seq->v[0], true, b));
    rs_buf_char(b, '=');
    TRY(quote(j, list.u.seq->v[1], true, b));
  }
}

FILTER(f_urlencode)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  bool one = v.kind == JV_STR || !py_is_iterable(v);
  return py_str_end(j, one ? quote(j, v, false, &b) : quote_pairs(j, v, &b), &b, STR_PLAIN, out);
}

/* ---- xmlattr, tojson ----------------------------------------------------------------------- */

static enum rs_code attributes(struct rs_python *j, const struct jv_dict *d, bool space,
                               struct rs_buf *b)
{
  for (size_t i = 0; py_dict_next(d, &i); i++) {
    jv key = d->keys[i], value = d->vals[i];
    if (value.kind == JV_NONE || value.kind == JV_UNDEFINED) continue;
    if (key.kind != JV_STR) {
      return py_fail(j, "expected string or bytes-like object, got '%s'", jv_type_name(key));
    }
    if (strpbrk(key.u.str->s, " \t\n\r\f\v/>=") != NULL) {
      return py_fail_repr(j, "Invalid character in attribute name: %s", key);
    }
    if (b->n > 0 || space) rs_buf_char(b, ' ');
    TRY(py_text_escape(j, key, b));
    rs_buf_str(b, "=\"");
    TRY(py_text_escape(j, value, b));
    rs_buf_char(b, '"');
  }
  return RS_OK;
}

FILTER(f_xmlattr)
{
  bool space = true;
  TRY(py_arg_bool(j, argv[0], &space));
  if (v.kind == JV_UNDEFINED && !py_undef_is_lenient(v)) return py_undefined_used(j, v);
  if (v.kind == JV_UNDEFINED) v = jv_dict(j);
  if (v.kind != JV_DICT) {
    return py_fail(j, "'%s' object has no attribute 'items'", jv_type_name(v));
  }
  struct rs_buf b;
  py_buf_init(j, &b);
  return py_str_end(j, attributes(j, v.u.dict, space, &b), &b,
                    j->eval->autoescape ? STR_MARKUP : STR_PLAIN, out);
}

FILTER(f_tojson)
{
  const struct jv_str *indent = NULL;
  if (v.kind == JV_STR) {
    // Python's encoder does not look at it
  } else if (is_given(argv[0]) && argv[0].kind == JV_STR) {
    indent = argv[0].u.str;
  } else if (is_given(argv[0]) && argv[0].kind != JV_NONE) {
    static const char blanks[101] = "                                                  "
                                    "                                                  ";
    int64_t width = 0;
    TRY(py_num_to_i64(j, argv[0], &width));
    if (width > (int64_t)sizeof blanks - 1) return py_limit(j, "the indentation is too wide");
    indent = py_str_new(&j->arena, blanks, width < 0 ? 0 : (size_t)width);
    if (indent == NULL) return py_nomem(j);
  }
  struct rs_buf raw_text, b;
  py_buf_init(j, &raw_text);
  py_buf_init(j, &b);
  enum rs_code rc = py_text_json(j, v, true, indent, &raw_text);
  const char *s = rs_buf_text(&raw_text);
  size_t from = 0;
  for (size_t i = 0; rc == RS_OK && i < raw_text.n; i++) {
    if (s[i] != '<' && s[i] != '>' && s[i] != '&' && s[i] != '\'') continue;
    rs_buf_add(&b, s + from, i - from);
    rs_buf_printf(&b, "\\u%04x", (unsigned char)s[i]);
    from = i + 1;
  }
  if (rc == RS_OK) rs_buf_add(&b, s + from, raw_text.n - from);
  if (rc == RS_OK && raw_text.rc != RS_OK) rc = py_buf_fail(j, &raw_text);
  rs_buf_free(&raw_text);
  return py_str_end(j, rc, &b, STR_MARKUP, out);
}

static const struct row rows[] = {
  {"e", f_escape, "", 0, 0, "escape"},
  {"escape", f_escape, "", 0, 0, "escape"},
  {"forceescape", f_forceescape, "", 0, 0, "do_forceescape"},
  {"safe", f_safe, "", 0, 0, "do_mark_safe"},
  {"striptags", f_striptags, "", 0, 0, "do_striptags"},
  {"tojson", f_tojson, "indent", 0, ROW_ENV, "do_tojson"},
  {"urlencode", f_urlencode, "", 0, 0, "do_urlencode"},
  {"urlize", jinja_filter_urlize, "trim_url_limit nofollow target rel extra_schemes", 0, ROW_ENV,
   "do_urlize"},
  {"xmlattr", f_xmlattr, "autospace", 0, ROW_ENV, "do_xmlattr"},
};
const struct rows jinja_filters_html = {rows, sizeof rows / sizeof rows[0]};
