/*
** Filters on text.
*/
#include <math.h>
#include "src/jinja/internal.h"

FILTER(f_case)
{
  TRY(py_text_of(j, v, &v));
  return py_str_case(j, v, how, out);
}

FILTER(f_string)
{
  return py_text_of(j, v, out);
}

static bool starts_word(uint32_t c)
{
  return c == '-' || c == '(' || c == '{' || c == '[' || c == '<' || uni_space(c);
}

FILTER(f_title)
{
  TRY(py_text_of(j, v, &v));
  const struct jv_str *s = v.u.str;
  struct rs_buf b;
  py_buf_init(j, &b);
  for (size_t at = 0; at < s->n;) {
    size_t from = at, next = at;
    bool gap = starts_word(uni_next(s->s, &next));
    size_t first = next;
    at = next;
    while (at < s->n && starts_word(uni_next(s->s, &next)) == gap) at = next;
    py_case_append(&b, s->s + from, first - from, CASE_UPPER);
    py_case_append(&b, s->s + first, at - first, CASE_LOWER);
  }
  return py_str_take(j, &b, STR_PLAIN, out);
}

FILTER(f_center)
{
  int64_t width = 80;
  TRY(py_text_of(j, v, &v));
  if (is_given(argv[0])) TRY(py_arg_ssize(j, argv[0], &width));
  return py_str_pad(j, v, width, " ", 1, '^', out);
}

FILTER(f_trim)
{
  TRY(py_text_of(j, v, &v));
  return py_str_strip(j, v, argv[0], 3, out);
}

FILTER(f_format)
{
  TRY(py_text_of(j, v, &v));
  if (raw->npos > 0 && raw->nkw > 0) {
    return py_fail(j, "can't handle positional and keyword arguments at the same time");
  }
  jv args = jv_tuple(j, raw->pos, raw->npos);
  if (raw->nkw > 0) {
    args = jv_dict(j);
    for (size_t i = 0; args.kind == JV_DICT && i < raw->nkw; i++) {
      TRY(py_dict_put(j, args.u.dict, raw->kw_keys[i], raw->kw_values[i]));
    }
  }
  return args.kind == JV_UNDEFINED ? py_nomem(j) : py_format_printf(j, v, args, out);
}

static enum rs_code escaped(struct rs_python *j, jv v, jv *out)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  return py_str_end(j, py_text_escape(j, v, &b), &b, STR_MARKUP, out);
}

FILTER(f_replace)
{
  int64_t count = -1;
  if (is_given(argv[2]) && argv[2].kind != JV_NONE) TRY(py_num_to_i64(j, argv[2], &count));
  jv s, from, to;
  TRY(py_text_of(j, v, &s));
  TRY(py_text_of(j, argv[0], &from));
  TRY(py_text_of(j, argv[1], &to));
  enum str_sub sub = STR_PLAIN;
  if (j->eval->autoescape) {
    if (is_markup(from) || (is_markup(to) && !is_markup(s))) TRY(escaped(j, s, &s));
    if (is_markup(s)) {
      sub = STR_MARKUP;
      TRY(escaped(j, to, &to));
    }
  }
  return py_str_replace(j, s.u.str, from.u.str, to.u.str, count, sub, out);
}

FILTER(f_indent)
{
  int64_t width = 4;
  bool first = false, blank = false;
  const struct jv_str *with = NULL;
  if (is_given(argv[0]) && argv[0].kind == JV_STR) {
    with = argv[0].u.str;
  } else if (is_given(argv[0])) {
    TRY(py_num_to_i64(j, argv[0], &width));
  }
  TRY(py_arg_bool(j, argv[1], &first));
  TRY(py_arg_bool(j, argv[2], &blank));
  if (v.kind == JV_UNDEFINED) return py_undefined_used(j, v);
  if (v.kind == JV_LIST) return py_fail(j, "'list' object has no attribute 'splitlines'");
  if (v.kind == JV_TUPLE) return py_num_binary(j, OP_ADD, v, jv_textn(j, "", 0), out);
  if (v.kind != JV_STR) return py_type_error2(j, "+=", v, jv_textn(j, "", 0));
  jv lines, text;
  TRY(py_num_binary(j, OP_ADD, v, py_str_sub(j, "\n", 1, is_markup(v) ? STR_MARKUP : STR_PLAIN),
                    &text));
  TRY(py_str_lines(j, text, false, &lines));
  if (width > (int64_t)j->opt.max_output) return py_limit(j, "the indentation is too wide");
  struct rs_buf b;
  py_buf_init(j, &b);
  for (size_t i = 0; i < lines.u.seq->n; i++) {
    const struct jv_str *line = lines.u.seq->v[i].u.str;
    if (i > 0) rs_buf_char(&b, '\n');
    if (i == 0 ? first : blank || line->n > 0) {
      if (with != NULL && is_markup(v) && !is_markup(argv[0])) {
        py_html_escape(&b, with->s, with->n);
      } else if (with != NULL) {
        rs_buf_add(&b, with->s, with->n);
      }
      for (int64_t k = 0; with == NULL && k < width && b.rc == RS_OK; k++) rs_buf_char(&b, ' ');
    }
    rs_buf_add(&b, line->s, line->n);
  }
  return py_str_take(j, &b, is_markup(v) ? STR_MARKUP : STR_PLAIN, out);
}

/* A number of characters: a float does as long as it is only compared. */
static enum rs_code arg_width(struct rs_python *j, jv v, int64_t *i, bool *real)
{
  if (v.kind != JV_FLOAT) return py_num_to_i64(j, v, i);
  *real = true;
  *i = isnan(v.u.f) ? -1 : v.u.f > 1e15 ? (int64_t)1e15 : v.u.f < -1 ? -1 : (int64_t)floor(v.u.f);
  return RS_OK;
}

FILTER(f_truncate)
{
  int64_t length = 255, leeway = 5;
  bool kill = false, real = false;
  jv end = jv_text(j, "...");
  if (is_given(argv[0])) TRY(arg_width(j, argv[0], &length, &real));
  TRY(py_arg_bool(j, argv[1], &kill));
  if (is_given(argv[2])) end = argv[2];
  if (is_given(argv[3]) && argv[3].kind != JV_NONE) TRY(arg_width(j, argv[3], &leeway, &real));
  size_t end_len, len;
  TRY(jv_length(j, end, &end_len));
  if (length < (int64_t)end_len) {
    return py_fail(j, "expected length >= %zu, got %lld", end_len, (long long)length);
  }
  if (leeway < 0) return py_fail(j, "expected leeway >= 0, got %lld", (long long)leeway);
  TRY(jv_length(j, v, &len));
  if ((int64_t)len <= length + leeway) {
    *out = v;
    return RS_OK;
  }
  if (real && argv[0].kind == JV_FLOAT) {
    return py_fail(j, "slice indices must be integers or None or have an __index__ method");
  }
  jv cut;
  TRY(py_get_slice(j, v, jv_none(), jv_int(length - (int64_t)end_len), jv_none(), &cut));
  if (!kill && cut.kind == JV_STR) {
    const struct jv_str *s = cut.u.str;
    for (size_t i = s->n; i-- > 0;) { // without the last word
      if (s->s[i] != ' ') continue;
      cut = py_str_like(j, cut, s->s, i);
      break;
    }
  }
  return py_num_binary(j, OP_ADD, cut, end, out);
}

FILTER(f_wordcount)
{
  TRY(py_text_of(j, v, &v));
  int64_t n = 0;
  bool in = false;
  for (size_t at = 0; at < v.u.str->n;) {
    uint32_t c = uni_next(v.u.str->s, &at);
    bool word = uni_alnum(c) || c == '_';
    n += word && !in;
    in = word;
  }
  *out = jv_int(n);
  return RS_OK;
}

/* ---- wordwrap: Python's textwrap.wrap per line --------------------------------------------- */

struct wrap {
  struct rs_python *j;
  const uint32_t *c; /* the line's characters */
  const size_t *at;  /* their byte offsets, and the end's */
  size_t n;
  bool hyphens, break_long;
  size_t width;
};

static bool is_ws(uint32_t c)
{
  return c == ' ' || (c >= 9 && c <= 13);
}

static bool is_word(uint32_t c)
{
  return uni_alnum(c) || c == '_';
}

static bool is_letter(uint32_t c)
{
  return is_word(c) && !uni_decimal(c);
}

static bool is_punct(uint32_t c)
{
  return is_word(c) || (c < 128 && strchr("!\"'&.,?", (int)c) != NULL && c != 0);
}

/* A run of two dashes or more from i that a word character follows; its end, or 0. */
static size_t em_dash(const struct wrap *w, size_t i)
{
  size_t k = i;
  while (k < w->n && w->c[k] == '-') k++;
  return k >= i + 2 && k < w->n && is_word(w->c[k]) && i > 0 && is_punct(w->c[i - 1]) ? k : 0;
}

/* May a line break after the hyphen at i? */
static bool breaks_after(const struct wrap *w, size_t i)
{
  const uint32_t *c = w->c;
  bool before = (i >= 2 && is_letter(c[i - 1]) && is_letter(c[i - 2])) ||
                (i >= 3 && is_punct(c[i - 1]) && c[i - 2] == '-' && is_letter(c[i - 3]));
  if (!before || i + 1 >= w->n || !is_letter(c[i + 1])) return false;
  size_t k = i + 2 < w->n && c[i + 2] == '-' ? i + 3 : i + 2;
  return k < w->n && is_letter(c[k]);
}

/* The end of the chunk that starts at i. */
static size_t chunk_end(const struct wrap *w, size_t i)
{
  size_t k = i;
  if (is_ws(w->c[i])) {
    while (k < w->n && is_ws(w->c[k])) k++;
    return k;
  }
  if (!w->hyphens) {
    while (k < w->n && !is_ws(w->c[k])) k++;
    return k;
  }
  if (w->c[i] == '-' && em_dash(w, i) != 0) return em_dash(w, i);
  for (k = i + 1; k < w->n && !is_ws(w->c[k]); k++) {
    if (w->c[k] != '-') continue;
    if (breaks_after(w, k)) return k + 1;
    if (em_dash(w, k) != 0) return k;
  }
  return k;
}

static bool blank(const struct wrap *w, size_t from, size_t to)
{
  for (size_t i = from; i < to; i++) {
    if (!uni_space(w->c[i])) return false;
  }
  return true;
}

/* How much of a chunk that is too long for any line goes on this one. */
static size_t long_word(const struct wrap *w, size_t from, size_t to, size_t used)
{
  size_t space = w->width - used, end = space;
  if (w->hyphens && to - from > space) {
    for (size_t k = space; k-- > 1;) { // rfind('-') before the space left ends
      if (w->c[from + k] != '-') continue;
      for (size_t i = 0; i < k; i++) {
        if (w->c[from + i] != '-') end = k + 1;
      }
      break;
    }
  }
  return from + end < to ? from + end : to;
}

/*
** Lines of one paragraph as (from, to) pairs are contiguous: chunks are only dropped at the edges.
*/
static enum rs_code wrap_line(struct wrap *w, const char *text, jv lines)
{
  size_t i = 0;
  bool any = false;
  while (i < w->n) {
    TRY(j_step(w->j));
    size_t end = chunk_end(w, i);
    if (any && blank(w, i, end)) {
      i = end;
      if (i >= w->n) break;
      end = chunk_end(w, i);
    }
    size_t from = i, last = i; // `last` starts the line's last chunk
    while (i < w->n && end - from <= w->width) {
      last = i;
      i = end;
      if (i < w->n) end = chunk_end(w, i);
    }
    bool full = false; // a long word was to follow, but not one character of it fits
    if (i < w->n && end - i > w->width) {
      if (w->break_long) {
        size_t cut = long_word(w, i, end, i - from);
        full = cut == i;
        if (!full) last = i;
        i = cut;
      } else if (i == from) {
        last = i;
        i = end;
      }
    }
    size_t to = !full && i > last && blank(w, last, i) ? last : i;
    if (to > from || i == from) {
      if (to > from) {
        jv_list_add(w->j, lines,
                    py_str_sub(w->j, text + w->at[from], w->at[to] - w->at[from], STR_PLAIN));
        any = true;
      }
    }
    if (i == from) break; // no progress is possible
  }
  return RS_OK;
}

FILTER(f_wordwrap)
{
  int64_t width = 79;
  struct wrap w = {.j = j, .hyphens = true, .break_long = true};
  TRY(py_arg_bool(j, argv[1], &w.break_long));
  TRY(py_arg_bool(j, argv[3], &w.hyphens));
  jv sep = is_given(argv[2]) && argv[2].kind != JV_NONE ? argv[2] : jv_text(j, "\n");
  if (v.kind == JV_UNDEFINED && !py_undef_is_lenient(v)) return py_undefined_used(j, v);
  if (v.kind == JV_UNDEFINED) v = jv_textn(j, "", 0);
  if (v.kind != JV_STR) {
    return py_fail(j, "'%s' object has no attribute 'splitlines'", jv_type_name(v));
  }
  if (sep.kind != JV_STR)
    return py_fail(j, "'%s' object has no attribute 'join'", jv_type_name(sep));
  jv paragraphs, lines = jv_list(j);
  TRY(py_str_lines(j, v, false, &paragraphs));
  // nobody looks at the width of no text
  if (paragraphs.u.seq->n > 0 && is_given(argv[0])) TRY(py_num_to_i64(j, argv[0], &width));
  uint32_t *c = py_alloc(j, (v.u.str->cps + 1) * sizeof *c);
  size_t *at = py_alloc(j, (v.u.str->cps + 1) * sizeof *at);
  if (c == NULL || at == NULL || lines.kind != JV_LIST) return py_nomem(j);
  w.c = c;
  w.at = at;
  if (width > INT32_MAX) width = INT32_MAX;
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < paragraphs.u.seq->n; i++) {
    const struct jv_str *s = paragraphs.u.seq->v[i].u.str;
    if (width <= 0) {
      rc = py_fail(j, "invalid width %lld (must be > 0)", (long long)width);
      break;
    }
    w.width = (size_t)width;
    w.n = 0;
    for (size_t k = 0; k < s->n;) {
      at[w.n] = k;
      c[w.n++] = uni_next(s->s, &k);
    }
    at[w.n] = s->n;
    lines.u.seq->n = 0;
    rc = wrap_line(&w, s->s, lines);
    if (i > 0) rs_buf_add(&b, sep.u.str->s, sep.u.str->n);
    for (size_t k = 0; k < lines.u.seq->n; k++) {
      const struct jv_str *line = lines.u.seq->v[k].u.str;
      if (k > 0) rs_buf_add(&b, sep.u.str->s, sep.u.str->n);
      rs_buf_add(&b, line->s, line->n);
    }
  }
  return py_str_end(j, rc, &b, STR_PLAIN, out);
}

static const struct row rows[] = {
  {"capitalize", f_case, "", 0, ROW_HOW(CASE_CAPITALIZE), "do_capitalize"},
  {"center", f_center, "width", 0, 0, "do_center"},
  {"format", f_format, NULL, 0, 0, "do_format"},
  {"indent", f_indent, "width first blank", 0, 0, "do_indent"},
  {"lower", f_case, "", 0, ROW_HOW(CASE_LOWER), "do_lower"},
  {"replace", f_replace, "old new count", 2, ROW_ENV, "do_replace"},
  {"string", f_string, "", 0, 0, "soft_str"},
  {"title", f_title, "", 0, 0, "do_title"},
  {"trim", f_trim, "chars", 0, 0, "do_trim"},
  {"truncate", f_truncate, "length killwords end leeway", 0, ROW_ENV, "do_truncate"},
  {"upper", f_case, "", 0, ROW_HOW(CASE_UPPER), "do_upper"},
  {"wordcount", f_wordcount, "", 0, 0, "do_wordcount"},
  {"wordwrap", f_wordwrap, "width break_long_words wrapstring break_on_hyphens", 0, ROW_ENV,
   "do_wordwrap"},
};
const struct rows jinja_filters_text = {rows, sizeof rows / sizeof rows[0]};
