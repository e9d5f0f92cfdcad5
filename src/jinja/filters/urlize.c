/*
** |urlize: URLs and mail addresses in text become links, after jinja2.utils.urlize.
*/
#include <stdlib.h>
#include "src/jinja/internal.h"

struct link {
  int64_t limit;           /* -1: none */
  bool bad_limit, limited; /* the limit is no number; it was asked for */
  struct rs_buf rel, target;
  jv schemes; /* list */
};

static bool is_word(uint32_t c)
{
  return uni_alnum(c) || c == '_';
}

static bool starts(const char *s, size_t n, const char *what, bool fold)
{
  size_t m = strlen(what);
  return m <= n && (fold ? rs_casecmpn(s, what, m) == 0 : memcmp(s, what, m) == 0);
}

/* [\w%-] labels up to the end of a host name; returns where it ends. */
static size_t host_end(const char *s, size_t n, size_t at)
{
  while (at < n) {
    size_t next = at;
    uint32_t c = uni_next(s, &next);
    if (!is_word(c) && c != '%' && c != '-' && c != '.') break;
    at = next;
  }
  return at;
}

/* (:digits{1,5})? ([/?#]\S*)? up to the end */
static bool tail_ok(const char *s, size_t n, size_t at)
{
  if (at < n && s[at] == ':') {
    size_t k = at + 1;
    while (k < n && k < at + 6 && s[k] >= '0' && s[k] <= '9') k++;
    if (k == at + 1) return false;
    at = k;
  }
  return at == n || s[at] == '/' || s[at] == '?' || s[at] == '#' || (at + 1 == n && s[at] == '\n');
}

/* Is s[from..to) a chain of labels that ends in a top-level domain of letters? */
static bool domain_ok(const char *s, size_t from, size_t to, bool known_only)
{
  static const char *const tlds[] = {"com", "net", "int", "edu", "gov", "org", "info", "mil"};
  size_t dot = to;
  while (dot > from && s[dot - 1] != '.') dot--;
  size_t len = to - dot;
  if (dot == from && known_only) return false;
  for (size_t i = from; i < dot; i++) { // no empty label
    if (s[i] == '.' && (i == from || s[i - 1] == '.')) return false;
  }
  if (known_only) {
    if (dot - from < 3) return false;
    for (size_t i = 0; i < sizeof tlds / sizeof tlds[0]; i++) {
      if (strlen(tlds[i]) == len && rs_casecmpn(s + dot, tlds[i], len) == 0) return true;
    }
    return false;
  }
  if (len > 4 && rs_casecmpn(s + dot, "xn--", 4) == 0) return true;
  if (len < 2 || len > 63) return false;
  for (size_t i = dot; i < to; i++) {
    if (!((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z')) return false;
  }
  return true;
}

static bool ip_ok(const char *s, size_t from, size_t to)
{
  int dots = 0, run = 0;
  for (size_t i = from; i < to; i++) {
    if (s[i] == '.') {
      if (run == 0) return false;
      dots++;
      run = 0;
    } else if (s[i] >= '0' && s[i] <= '9' && run < 3) {
      run++;
    } else {
      return false;
    }
  }
  return dots == 3 && run > 0;
}

static bool is_url(const char *s, size_t n)
{
  size_t skip = starts(s, n, "https://", true) ? 8 : starts(s, n, "http://", true) ? 7 : 0;
  bool www = skip == 0 && starts(s, n, "www.", true);
  if (skip > 0 && skip < n && s[skip] == '[') {
    const char *close = memchr(s + skip, ']', n - skip);
    return close != NULL && tail_ok(s, n, (size_t)(close - s) + 1);
  }
  size_t from = www ? 4 : skip, to = host_end(s, n, from);
  if (to == from || !tail_ok(s, n, to)) return false;
  if (skip > 0 || www) {
    if (domain_ok(s, from, to, false)) return true;
    if (skip > 0 && ip_ok(s, from, to)) return true;
  }
  return domain_ok(s, from, to, true);
}

/* ^\S+@\w[\w.-]*\.\w+$ */
static bool is_mail(const char *s, size_t n)
{
  for (size_t at = n; at-- > 1;) {
    if (s[at] != '@') continue;
    size_t i = at + 1, last_dot = 0;
    bool ok = i < n;
    for (size_t k = i; ok && k < n;) {
      size_t here = k;
      uint32_t c = uni_next(s, &k);
      ok = is_word(c) || (here > i && (c == '.' || c == '-'));
      if (c == '.') last_dot = here;
    }
    if (!ok || last_dot == 0 || last_dot + 1 >= n) continue;
    bool word = true;
    for (size_t k = last_dot + 1; k < n;) word = is_word(uni_next(s, &k)) && word;
    if (word) return true;
  }
  return false;
}

static void anchor(struct rs_buf *b, struct link *l, const char *before, const char *s, size_t n,
                   bool trim)
{
  size_t shown = n;
  bool cut = false;
  if (trim) l->limited = true;
  if (trim && l->limit >= 0 && (int64_t)uni_count(s, n) > l->limit) {
    shown = 0;
    for (int64_t i = 0; i < l->limit; i++) (void)uni_next(s, &shown);
    cut = true;
  }
  rs_buf_printf(b, "<a href=\"%s", before);
  rs_buf_add(b, s, n);
  rs_buf_char(b, '"');
  rs_buf_add(b, rs_buf_text(&l->rel), l->rel.n);
  rs_buf_add(b, rs_buf_text(&l->target), l->target.n);
  rs_buf_char(b, '>');
  rs_buf_add(b, s, shown);
  if (cut) rs_buf_str(b, "...");
  rs_buf_str(b, "</a>");
}

static void mail(struct rs_buf *b, const char *s, size_t n, size_t shown_from)
{
  rs_buf_printf(b, "<a href=\"%s", shown_from == 0 ? "mailto:" : "");
  rs_buf_add(b, s, n);
  rs_buf_str(b, "\">");
  rs_buf_add(b, s + shown_from, n - shown_from);
  rs_buf_str(b, "</a>");
}

static void middle(struct rs_buf *b, struct link *l, const char *s, size_t n)
{
  if (is_url(s, n)) {
    bool scheme = starts(s, n, "https://", false) || starts(s, n, "http://", false);
    anchor(b, l, scheme ? "" : "https://", s, n, true);
    return;
  }
  if (starts(s, n, "mailto:", false) && is_mail(s + 7, n - 7)) {
    mail(b, s, n, 7);
    return;
  }
  if (n > 0 && memchr(s, '@', n) != NULL && !starts(s, n, "www.", false) && s[0] != '@' &&
      memchr(s, ':', n) == NULL && is_mail(s, n)) {
    mail(b, s, n, 0);
    return;
  }
  for (size_t i = 0; i < l->schemes.u.seq->n; i++) {
    jv scheme = l->schemes.u.seq->v[i];
    if (scheme.kind == JV_STR && n > scheme.u.str->n && starts(s, n, scheme.u.str->s, false)) {
      anchor(b, l, "", s, n, false);
      return;
    }
  }
  rs_buf_add(b, s, n);
}

/* How many bytes of "&gt;" or a single closing character end at `to`; 0 for none. */
static size_t closer(const char *s, size_t from, size_t to)
{
  if (to > from && strchr(")>.,\n", s[to - 1]) != NULL && s[to - 1] != 0) return 1;
  return to - from >= 4 && memcmp(s + to - 4, "&gt;", 4) == 0 ? 4 : 0;
}

static size_t occurrences(const char *s, size_t n, const char *what)
{
  size_t count = 0, m = strlen(what);
  for (size_t at = 0; (at = py_find_bytes(s, n, what, m, at)) != NOT_FOUND; at += m) count++;
  return count;
}

static void word(struct rs_buf *b, struct link *l, const char *s, size_t n)
{
  static const char *const pairs[3][2] = {{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}};
  size_t from = 0, to = n, len;
  for (;;) {
    if (from < n && (s[from] == '(' || s[from] == '<')) {
      from++;
    } else if (n - from >= 4 && memcmp(s + from, "&lt;", 4) == 0) {
      from += 4;
    } else {
      break;
    }
  }
  while ((len = closer(s, from, to)) > 0) to -= len;
  // a bracket that was opened inside belongs to the link
  for (int i = 0; i < 3; i++) {
    size_t open = occurrences(s + from, to - from, pairs[i][0]);
    if (open <= occurrences(s + from, to - from, pairs[i][1])) continue;
    size_t can = occurrences(s + to, n - to, pairs[i][1]);
    for (size_t k = open < can ? open : can; k > 0; k--) {
      to = py_find_bytes(s, n, pairs[i][1], strlen(pairs[i][1]), to) + strlen(pairs[i][1]);
    }
  }
  rs_buf_add(b, s, from);
  middle(b, l, s + from, to - from);
  rs_buf_add(b, s + to, n - to);
}

static int by_text(const void *a, const void *b)
{
  const jv *x = a, *y = b;
  return strcmp(x->u.str->s, y->u.str->s);
}

/* rel="...": the words given, nofollow and noopener, sorted, once each. */
static enum rs_code rel_attr(struct rs_python *j, jv rel, bool nofollow, struct rs_buf *b)
{
  jv words = jv_list(j), text;
  if (words.kind != JV_LIST) return py_nomem(j);
  if (is_given(rel) && rel.kind != JV_NONE) {
    TRY(py_text_of(j, rel, &text));
    const char *s = text.u.str->s;
    while (*s != 0) {
      size_t n = strcspn(s, " \t\n\r\f\v");
      if (n > 0) jv_list_add(j, words, py_str_sub(j, s, n, STR_PLAIN));
      s += n + (s[n] != 0);
    }
  }
  if (nofollow) jv_list_add(j, words, jv_text(j, "nofollow"));
  jv_list_add(j, words, jv_text(j, "noopener"));
  TRY(j_step(j));
  struct jv_seq *w = words.u.seq;
  qsort(w->v, w->n, sizeof *w->v, by_text);
  rs_buf_str(b, " rel=\"");
  for (size_t i = 0, shown = 0; i < w->n; i++) {
    if (i > 0 && by_text(&w->v[i], &w->v[i - 1]) == 0) continue;
    if (shown++ > 0) rs_buf_char(b, ' ');
    py_html_escape(b, w->v[i].u.str->s, w->v[i].u.str->n);
  }
  rs_buf_char(b, '"');
  return RS_OK;
}

static enum rs_code prepare(struct rs_python *j, struct link *l, const jv *argv)
{
  bool nofollow = false;
  l->limit = -1;
  // what is no number is found out with the first link
  l->bad_limit = is_given(argv[0]) && argv[0].kind != JV_NONE && !is_int(argv[0]);
  if (is_given(argv[0]) && is_int(argv[0])) TRY(py_num_to_i64(j, argv[0], &l->limit));
  TRY(py_arg_bool(j, argv[1], &nofollow));
  TRY(rel_attr(j, argv[3], nofollow, &l->rel));
  if (is_given(argv[2]) && argv[2].kind != JV_NONE) {
    rs_buf_str(&l->target, " target=\"");
    TRY(py_text_escape(j, argv[2], &l->target));
    rs_buf_char(&l->target, '"');
  }
  l->schemes = jv_list(j);
  if (is_given(argv[4]) && argv[4].kind != JV_NONE) TRY(py_iter_list(j, argv[4], &l->schemes));
  for (size_t i = 0; i < l->schemes.u.seq->n; i++) {
    jv s = l->schemes.u.seq->v[i];
    const char *colon = s.kind == JV_STR ? strchr(s.u.str->s, ':') : NULL;
    bool ok = colon != NULL && colon - s.u.str->s >= 2 &&
              (rs_eq(colon, ":") || rs_eq(colon, ":/") || rs_eq(colon, "://"));
    if (!ok) return py_fail_repr(j, "%s is not a valid URI scheme prefix.", s);
  }
  return l->schemes.kind == JV_LIST ? RS_OK : py_nomem(j);
}

SHARED_FILTER(jinja_filter_urlize)
{
  struct link l = {.limit = -1};
  struct rs_buf text, b;
  py_buf_init(j, &l.rel);
  py_buf_init(j, &l.target);
  py_buf_init(j, &text);
  py_buf_init(j, &b);
  enum rs_code rc = prepare(j, &l, argv);
  if (rc == RS_OK) rc = py_text_escape(j, v, &text);
  const struct rs_buf *const parts[] = {&text, &l.rel, &l.target};
  for (int i = 0; rc == RS_OK && i < 3; i++) {
    if (parts[i]->rc != RS_OK) rc = py_buf_fail(j, parts[i]);
  }
  const char *s = rs_buf_text(&text);
  for (size_t at = 0; rc == RS_OK && at < text.n;) {
    size_t from = at, next = at;
    while (at < text.n && !uni_space(uni_next(s, &next))) at = next;
    word(&b, &l, s + from, at - from);
    from = next = at;
    while (at < text.n && uni_space(uni_next(s, &next))) at = next;
    rs_buf_add(&b, s + from, at - from);
    rc = j_step(j);
  }
  rs_buf_free(&l.rel);
  rs_buf_free(&l.target);
  rs_buf_free(&text);
  if (rc == RS_OK && l.bad_limit && l.limited) {
    rc = py_fail(j, "'>' not supported between instances of 'int' and '%s'", jv_type_name(argv[0]));
  }
  return py_str_end(j, rc, &b, j->eval->autoescape ? STR_MARKUP : STR_PLAIN, out);
}
