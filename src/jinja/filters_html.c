/*
** Filters about HTML, URLs and JSON.
*/
#include "internal.h"

#define FILTER(name)                                                                            \
  static enum rs_code name(struct rs_jinja *j, jv v, const jv *argv, const struct jv_args *raw, \
                           jv *out)
#define UNUSED (void)j, (void)v, (void)argv, (void)raw

static enum rs_code taken(struct rs_jinja *j, enum rs_code rc, struct rs_buf *b, enum str_sub sub,
                          jv *out)
{
  if (rc == RS_OK) return str_take(j, b, sub, out);
  rs_buf_free(b);
  return rc;
}

FILTER(f_escape)
{
  UNUSED;
  struct rs_buf b;
  *out = v;
  if (is_markup(v)) return RS_OK;
  j_buf_init(j, &b);
  return taken(j, text_escape(j, v, &b), &b, STR_MARKUP, out);
}

FILTER(f_forceescape)
{
  UNUSED;
  struct rs_buf b;
  TRY(text_of(j, v, &v));
  j_buf_init(j, &b);
  html_escape(&b, v.u.str->s, v.u.str->n);
  return str_take(j, &b, STR_MARKUP, out);
}

FILTER(f_safe)
{
  UNUSED;
  TRY(text_of(j, v, out));
  *out = str_as(j, *out, STR_MARKUP);
  return RS_OK;
}

/* ---- striptags ----------------------------------------------------------------------------- */

static const struct {
  const char *name;
  uint32_t c;
} entities[] = {
  {"amp", '&'},      {"lt", '<'},        {"gt", '>'},       {"quot", '"'},     {"apos", '\''},
  {"nbsp", 0xA0},    {"iexcl", 0xA1},    {"cent", 0xA2},    {"pound", 0xA3},   {"yen", 0xA5},
  {"sect", 0xA7},    {"copy", 0xA9},     {"laquo", 0xAB},   {"reg", 0xAE},     {"deg", 0xB0},
  {"plusmn", 0xB1},  {"micro", 0xB5},    {"para", 0xB6},    {"middot", 0xB7},  {"raquo", 0xBB},
  {"frac12", 0xBD},  {"iquest", 0xBF},   {"times", 0xD7},   {"szlig", 0xDF},   {"auml", 0xE4},
  {"ouml", 0xF6},    {"uuml", 0xFC},     {"Auml", 0xC4},    {"Ouml", 0xD6},    {"Uuml", 0xDC},
  {"eacute", 0xE9},  {"egrave", 0xE8},   {"agrave", 0xE0},  {"ccedil", 0xE7},  {"ndash", 0x2013},
  {"mdash", 0x2014}, {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"ldquo", 0x201C}, {"rdquo", 0x201D},
  {"bull", 0x2022},  {"hellip", 0x2026}, {"euro", 0x20AC},  {"trade", 0x2122}, {"larr", 0x2190},
  {"rarr", 0x2192},  {"ne", 0x2260},     {"le", 0x2264},    {"ge", 0x2265},
};

/* The entity at s[i] (an ampersand): its character and length, 0 when it is none. */
static size_t entity(const char *s, size_t n, size_t i, uint32_t *c)
{
  size_t at = i + 1;
  if (at < n && s[at] == '#') {
    bool hex = at + 1 < n && (s[at + 1] | 32) == 'x';
    at += 1 + hex;
    size_t from = at;
    uint32_t v = 0;
    for (; at < n; at++) {
      char k = s[at], low = (char)(k | 32);
      uint32_t d = k >= '0' && k <= '9'              ? (uint32_t)(k - '0')
                   : hex && low >= 'a' && low <= 'f' ? (uint32_t)(low - 'a') + 10
                                                     : 99;
      if (d == 99) break;
      v = v > 0x110000 ? v : v * (hex ? 16 : 10) + d;
    }
    if (at == from) return 0;
    *c = v == 0 || v > 0x10FFFF || (v >= 0xD800 && v <= 0xDFFF) ? 0xFFFD : v;
    return at - i + (at < n && s[at] == ';');
  }
  for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++) {
    size_t len = strlen(entities[k].name);
    if (len >= n - i || memcmp(s + i + 1, entities[k].name, len) != 0) continue;
    if (i + 1 + len >= n || s[i + 1 + len] != ';') continue;
    *c = entities[k].c;
    return len + 2;
  }
  // the old Latin-1 entities need no semicolon, and may run into the next word
  for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++) {
    size_t len = strlen(entities[k].name);
    if (entities[k].c > 255 || entities[k].c == '\'' || len >= n - i) continue;
    if (memcmp(s + i + 1, entities[k].name, len) != 0) continue;
    *c = entities[k].c;
    return len + 1;
  }
  return 0;
}

FILTER(f_striptags)
{
  UNUSED;
  TRY(text_of(j, v, &v));
  const struct jv_str *s = v.u.str;
  struct rs_buf bare, b;
  j_buf_init(j, &bare);
  size_t pos = 0;
  for (;;) {
    size_t start = find_bytes(s->s, s->n, "<", 1, pos), end;
    if (start == NOT_FOUND) break;
    bool comment = s->n - start >= 4 && memcmp(s->s + start, "<!--", 4) == 0;
    end = comment ? find_bytes(s->s, s->n, "-->", 3, start + 4)
                  : find_bytes(s->s, s->n, ">", 1, start);
    if (end == NOT_FOUND) break;
    rs_buf_add(&bare, s->s + pos, start - pos);
    pos = end + (comment ? 3 : 1);
  }
  rs_buf_add(&bare, s->s + pos, s->n - pos);
  // runs of space become one, then entities become characters
  j_buf_init(j, &b);
  const char *t = rs_buf_text(&bare);
  bool gap = false;
  for (size_t at = 0; at < bare.n;) {
    size_t from = at;
    uint32_t c = uni_next(t, &at);
    if (uni_space(c)) {
      gap = b.n > 0;
      continue;
    }
    if (gap) rs_buf_char(&b, ' ');
    gap = false;
    size_t len = c == '&' ? entity(t, bare.n, from, &c) : 0;
    if (len > 0) {
      char text[4];
      rs_buf_add(&b, text, rs_utf8_encode(c, text));
      at = from + len;
    } else {
      rs_buf_add(&b, t + from, at - from);
    }
  }
  enum rs_code rc = bare.rc != RS_OK ? j_buf_fail(j, &bare) : RS_OK;
  rs_buf_free(&bare);
  return taken(j, rc, &b, STR_PLAIN, out);
}

/* ---- urlencode ----------------------------------------------------------------------------- */

static enum rs_code quote(struct rs_jinja *j, jv v, bool query, struct rs_buf *b)
{
  jv s;
  TRY(text_of(j, v, &s));
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

static enum rs_code quote_pairs(struct rs_jinja *j, jv v, struct rs_buf *b)
{
  struct jv_iter it;
  if (v.kind == JV_DICT) v = view_new(j, v, VIEW_ITEMS);
  TRY(iter_open(j, v, &it));
  for (size_t i = 0;; i++) {
    jv pair, list;
    bool done;
    TRY(iter_next(j, &it, &pair, &done));
    if (done) return RS_OK;
    if (!is_iterable(pair)) {
      return j_fail(j, "cannot unpack non-iterable %s object", jv_type_name(pair));
    }
    TRY(iter_list(j, pair, &list));
    if (list.u.seq->n < 2) {
      return j_fail(j, "not enough values to unpack (expected 2, got %zu)", list.u.seq->n);
    }
    if (list.u.seq->n > 2) return j_fail(j, "too many values to unpack (expected 2)");
    if (i > 0) rs_buf_char(b, '&');
    TRY(quote(j, list.u.seq->v[0], true, b));
    rs_buf_char(b, '=');
    TRY(quote(j, list.u.seq->v[1], true, b));
  }
}

FILTER(f_urlencode)
{
  UNUSED;
  struct rs_buf b;
  j_buf_init(j, &b);
  bool one = v.kind == JV_STR || !is_iterable(v);
  return taken(j, one ? quote(j, v, false, &b) : quote_pairs(j, v, &b), &b, STR_PLAIN, out);
}

/* ---- xmlattr, tojson ----------------------------------------------------------------------- */

static enum rs_code attributes(struct rs_jinja *j, const struct jv_dict *d, bool space,
                               struct rs_buf *b)
{
  for (size_t i = 0; dict_next(d, &i); i++) {
    jv key = d->keys[i], value = d->vals[i];
    if (value.kind == JV_NONE || value.kind == JV_UNDEFINED) continue;
    if (key.kind != JV_STR) {
      return j_fail(j, "expected string or bytes-like object, got '%s'", jv_type_name(key));
    }
    if (strpbrk(key.u.str->s, " \t\n\r\f\v/>=") != NULL) {
      return j_fail_repr(j, "Invalid character in attribute name: %s", key);
    }
    if (b->n > 0 || space) rs_buf_char(b, ' ');
    TRY(text_escape(j, key, b));
    rs_buf_str(b, "=\"");
    TRY(text_escape(j, value, b));
    rs_buf_char(b, '"');
  }
  return RS_OK;
}

FILTER(f_xmlattr)
{
  UNUSED;
  bool space = true;
  TRY(arg_bool(j, argv[0], &space));
  if (v.kind == JV_UNDEFINED && !undef_is_lenient(v)) return j_undefined_used(j, v);
  if (v.kind == JV_UNDEFINED) v = jv_dict_new(j);
  if (v.kind != JV_DICT) {
    return j_fail(j, "'%s' object has no attribute 'items'", jv_type_name(v));
  }
  struct rs_buf b;
  j_buf_init(j, &b);
  return taken(j, attributes(j, v.u.dict, space, &b), &b, j->autoescape ? STR_MARKUP : STR_PLAIN,
               out);
}

FILTER(f_tojson)
{
  UNUSED;
  int64_t indent = -1;
  if (is_given(argv[0]) && argv[0].kind != JV_NONE) {
    TRY(arg_int(j, argv[0], &indent));
    if (indent < 0) indent = 0;
    if (indent > 100) return j_limit(j, "the indentation is too wide");
  }
  struct rs_buf raw_text, b;
  j_buf_init(j, &raw_text);
  j_buf_init(j, &b);
  enum rs_code rc = text_json(j, v, true, (int)indent, &raw_text);
  const char *s = rs_buf_text(&raw_text);
  size_t from = 0;
  for (size_t i = 0; rc == RS_OK && i < raw_text.n; i++) {
    if (s[i] != '<' && s[i] != '>' && s[i] != '&' && s[i] != '\'') continue;
    rs_buf_add(&b, s + from, i - from);
    rs_buf_printf(&b, "\\u%04x", (unsigned char)s[i]);
    from = i + 1;
  }
  if (rc == RS_OK) rs_buf_add(&b, s + from, raw_text.n - from);
  if (rc == RS_OK && raw_text.rc != RS_OK) rc = j_buf_fail(j, &raw_text);
  rs_buf_free(&raw_text);
  return taken(j, rc, &b, STR_MARKUP, out);
}

static const struct row rows[] = {
  {"e", f_escape, "", 0, 0, "escape"},
  {"escape", f_escape, "", 0, 0, "escape"},
  {"forceescape", f_forceescape, "", 0, 0, "do_forceescape"},
  {"safe", f_safe, "", 0, 0, "do_mark_safe"},
  {"striptags", f_striptags, "", 0, 0, "do_striptags"},
  {"tojson", f_tojson, "indent", 0, ROW_ENV, "do_tojson"},
  {"urlencode", f_urlencode, "", 0, 0, "do_urlencode"},
  {"urlize", filter_urlize, "trim_url_limit nofollow target rel extra_schemes", 0, ROW_ENV,
   "do_urlize"},
  {"xmlattr", f_xmlattr, "autospace", 0, ROW_ENV, "do_xmlattr"},
};
const struct rows filters_html = {rows, sizeof rows / sizeof rows[0]};
