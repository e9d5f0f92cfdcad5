/*
** The methods of str: those that look at a text, find in it and split it, and the rows of all;
** those that change it are in str_change.c.
*/
#include "methods.h"

/* ---- case and classes ---------------------------------------------------------------------- */

METHOD(s_case)
{
  return py_str_case(j, self, how, out);
}

static bool all_of(jv s, bool (*test)(uint32_t))
{
  for (size_t i = 0; i < s.u.str->n;) {
    if (!test(uni_next(s.u.str->s, &i))) return false;
  }
  return true;
}

#define CLASS(name, test)                                    \
  METHOD(name)                                               \
  {                                                          \
    *out = jv_bool(self.u.str->n > 0 && all_of(self, test)); \
    return RS_OK;                                            \
  }
CLASS(s_isalnum, uni_alnum)
CLASS(s_isalpha, uni_alpha)
CLASS(s_isdecimal, uni_decimal)
CLASS(s_isdigit, uni_digit)
CLASS(s_isnumeric, uni_numeric)
CLASS(s_isspace, uni_space)

METHOD(s_isprintable)
{
  *out = jv_bool(all_of(self, uni_printable));
  return RS_OK;
}

METHOD(s_isascii)
{
  *out = jv_bool(is_ascii(self.u.str));
  return RS_OK;
}

METHOD(s_isidentifier)
{
  size_t i = 0;
  bool ok = self.u.str->n > 0 && uni_id_start(uni_next(self.u.str->s, &i));
  while (ok && i < self.u.str->n) ok = uni_id_more(uni_next(self.u.str->s, &i));
  *out = jv_bool(ok);
  return RS_OK;
}

/* islower and isupper: some cased characters, and none of the other case. */
METHOD(s_is_case)
{
  bool upper = how == CASE_UPPER, any = false;
  *out = jv_bool(false);
  for (size_t i = 0; i < self.u.str->n;) {
    uint32_t c = uni_next(self.u.str->s, &i);
    if ((upper ? uni_lower(c) : uni_upper(c)) || uni_titled(c)) return RS_OK;
    any = any || (upper ? uni_upper(c) : uni_lower(c));
  }
  *out = jv_bool(any);
  return RS_OK;
}

METHOD(s_istitle)
{
  bool any = false, cased = false, ok = true;
  for (size_t i = 0; ok && i < self.u.str->n;) {
    uint32_t c = uni_next(self.u.str->s, &i);
    if (uni_upper(c) || uni_titled(c)) {
      ok = !cased;
      any = cased = true;
    } else if (uni_lower(c)) {
      ok = cased;
      any = cased = true;
    } else {
      cased = false;
    }
  }
  *out = jv_bool(ok && any);
  return RS_OK;
}

/* ---- finding ------------------------------------------------------------------------------- */

enum rs_code py_need_str(struct rs_python *j, jv v, const struct jv_str **s)
{
  if (v.kind != JV_STR) {
    if (v.kind == JV_UNDEFINED && !py_undef_is_lenient(v)) {
      return py_fail(j, "must be str, not Undefined");
    }
    return py_fail(j, "must be str, not %s", jv_type_name(v));
  }
  *s = v.u.str;
  return RS_OK;
}

struct span {
  size_t from, to; /* bytes */
  int64_t base;    /* code points before `from` */
  bool empty;      /* start lies behind the end */
};

static enum rs_code span_of(struct rs_python *j, const struct jv_str *s, jv start, jv stop,
                            struct span *sp)
{
  int64_t n = (int64_t)s->cps, a = 0, b = n;
  if (is_given(start) && start.kind != JV_NONE) TRY(py_num_to_i64(j, start, &a));
  if (is_given(stop) && stop.kind != JV_NONE) TRY(py_num_to_i64(j, stop, &b));
  if (a < 0) a = a + n < 0 ? 0 : a + n;
  if (b < 0) b = b + n < 0 ? 0 : b + n;
  if (b > n) b = n;
  sp->empty = a > b;
  sp->base = a;
  sp->from = py_str_offset(s, (size_t)(a > n ? n : a));
  sp->to = sp->empty ? sp->from : py_str_offset(s, (size_t)b);
  return RS_OK;
}

static enum rs_code find_in(struct rs_python *j, jv self, const jv *argv, bool last, int64_t *at)
{
  const struct jv_str *s = self.u.str, *what;
  struct span sp;
  TRY(py_need_str(j, argv[0], &what));
  TRY(span_of(j, s, argv[1], argv[2], &sp));
  *at = -1;
  size_t hit = NOT_FOUND;
  if (!sp.empty && !last) hit = py_find_bytes(s->s, sp.to, what->s, what->n, sp.from);
  if (!sp.empty && last && what->n <= sp.to - sp.from) {
    for (size_t i = sp.to - what->n + 1; i-- > sp.from && hit == NOT_FOUND;) {
      if (memcmp(s->s + i, what->s, what->n) == 0) hit = i;
    }
  }
  if (hit != NOT_FOUND) *at = sp.base + (int64_t)uni_count(s->s + sp.from, hit - sp.from);
  return RS_OK;
}

enum { FIND_LAST = 1, FIND_MUST = 2 };

METHOD(s_find)
{
  int64_t at;
  TRY(find_in(j, self, argv, (how & FIND_LAST) != 0, &at));
  if ((how & FIND_MUST) != 0 && at < 0) return py_fail(j, "substring not found");
  *out = jv_int(at);
  return RS_OK;
}

METHOD(s_count)
{
  const struct jv_str *s = self.u.str, *what;
  struct span sp;
  TRY(py_need_str(j, argv[0], &what));
  TRY(span_of(j, s, argv[1], argv[2], &sp));
  int64_t n = 0;
  if (!sp.empty && what->n == 0) {
    n = (int64_t)uni_count(s->s + sp.from, sp.to - sp.from) + 1;
  } else if (!sp.empty) {
    for (size_t at = sp.from; (at = py_find_bytes(s->s, sp.to, what->s, what->n, at)) != NOT_FOUND;
         at += what->n) {
      n++;
    }
  }
  *out = jv_int(n);
  return RS_OK;
}

/* startswith; endswith: at the end. */
enum { AT_START, AT_END };

METHOD(s_affix)
{
  bool end = how == AT_END;
  const char *name = end ? "endswith" : "startswith";
  struct span sp;
  TRY(span_of(j, self.u.str, argv[1], argv[2], &sp));
  const jv *v = argv;
  size_t n = 1;
  if (argv[0].kind == JV_TUPLE) {
    v = argv[0].u.seq->v;
    n = argv[0].u.seq->n;
  }
  *out = jv_bool(false);
  for (size_t i = 0; i < n; i++) {
    if (v[i].kind != JV_STR) {
      return v == argv
               ? py_fail(j, "%s first arg must be str or a tuple of str, not %s", name,
                         jv_type_name(v[i]))
               : py_fail(j, "tuple for %s must only contain str, not %s", name, jv_type_name(v[i]));
    }
    const struct jv_str *w = v[i].u.str;
    if (sp.empty || w->n > sp.to - sp.from) continue;
    const char *at = self.u.str->s + (end ? sp.to - w->n : sp.from);
    if (memcmp(at, w->s, w->n) == 0) *out = jv_bool(true);
  }
  return RS_OK;
}

/* ---- splitting and joining ----------------------------------------------------------------- */

static void add_part(struct rs_python *j, jv list, jv self, size_t from, size_t to)
{
  jv_list_add(j, list, py_str_like(j, self, self.u.str->s + from, to - from));
}

static enum rs_code split_space(struct rs_python *j, jv self, int64_t max, jv list)
{
  const struct jv_str *s = self.u.str;
  size_t at = 0;
  for (;;) {
    TRY(j_step(j));
    size_t next = at;
    while (at < s->n && uni_space(uni_next(s->s, &next))) at = next;
    if (at >= s->n) return RS_OK;
    if (max == 0) { // the rest as it is
      add_part(j, list, self, at, s->n);
      return RS_OK;
    }
    size_t from = at;
    next = at;
    while (at < s->n && !uni_space(uni_next(s->s, &next))) at = next;
    add_part(j, list, self, from, at);
    if (max > 0) max--;
  }
}

static enum rs_code rsplit_space(struct rs_python *j, jv self, int64_t max, jv list)
{
  const struct jv_str *s = self.u.str;
  size_t at = s->n;
  for (;;) {
    TRY(j_step(j));
    size_t p = at;
    while (at > 0 && uni_space(uni_prev(s->s, &p))) at = p;
    if (at == 0) break;
    size_t to = at;
    if (max == 0) {
      add_part(j, list, self, 0, to);
      break;
    }
    p = at;
    while (at > 0 && !uni_space(uni_prev(s->s, &p))) at = p;
    add_part(j, list, self, at, to);
    if (max > 0) max--;
  }
  return RS_OK;
}

static enum rs_code split_on(struct rs_python *j, jv self, const struct jv_str *sep, int64_t max,
                             jv list)
{
  const struct jv_str *s = self.u.str;
  size_t at = 0;
  while (max != 0) {
    TRY(j_step(j));
    size_t hit = py_find_bytes(s->s, s->n, sep->s, sep->n, at);
    if (hit == NOT_FOUND) break;
    add_part(j, list, self, at, hit);
    at = hit + sep->n;
    if (max > 0) max--;
  }
  add_part(j, list, self, at, s->n);
  return RS_OK;
}

static size_t find_last(const struct jv_str *s, size_t to, const struct jv_str *what)
{
  if (what->n > to) return NOT_FOUND;
  for (size_t i = to - what->n + 1; i-- > 0;) {
    if (s->s[i] == what->s[0] && memcmp(s->s + i, what->s, what->n) == 0) return i;
  }
  return NOT_FOUND;
}

static enum rs_code rsplit_on(struct rs_python *j, jv self, const struct jv_str *sep, int64_t max,
                              jv list)
{
  const struct jv_str *s = self.u.str;
  size_t to = s->n;
  while (max != 0) {
    TRY(j_step(j));
    size_t hit = find_last(s, to, sep);
    if (hit == NOT_FOUND) break;
    add_part(j, list, self, hit + sep->n, to);
    to = hit;
    if (max > 0) max--;
  }
  add_part(j, list, self, 0, to);
  return RS_OK;
}

METHOD(s_split)
{
  bool right = how == AT_END;
  int64_t max = -1;
  const struct jv_str *sep = NULL;
  if (is_given(argv[0]) && argv[0].kind != JV_NONE) TRY(py_need_str(j, argv[0], &sep));
  if (is_given(argv[1])) TRY(py_arg_ssize(j, argv[1], &max));
  if (sep != NULL && sep->n == 0) return py_fail(j, "empty separator");
  jv list = jv_list(j);
  if (list.kind != JV_LIST) return py_nomem(j);
  if (sep == NULL) {
    TRY(right ? rsplit_space(j, self, max, list) : split_space(j, self, max, list));
  } else {
    TRY(right ? rsplit_on(j, self, sep, max, list) : split_on(j, self, sep, max, list));
  }
  if (right) py_seq_reverse(list.u.seq);
  *out = list;
  return RS_OK;
}

METHOD(s_splitlines)
{
  bool keep = false;
  TRY(py_arg_bool(j, argv[0], &keep));
  return py_str_lines(j, self, keep, out);
}

METHOD(s_partition)
{
  bool last = how == AT_END;
  const struct jv_str *s = self.u.str, *sep;
  TRY(py_need_str(j, argv[0], &sep));
  if (sep->n == 0) return py_fail(j, "empty separator");
  size_t hit = last ? find_last(s, s->n, sep) : py_find_bytes(s->s, s->n, sep->s, sep->n, 0);
  bool found = hit != NOT_FOUND;
  size_t a = found ? hit : last ? 0 : s->n, b = found ? hit + sep->n : a;
  const jv v[] = {py_str_like(j, self, s->s, a), py_str_like(j, self, sep->s, found ? sep->n : 0),
                  py_str_like(j, self, s->s + b, s->n - b)};
  *out = jv_tuple(j, v, 3);
  return RS_OK;
}

METHOD(s_join)
{
  struct jv_iter it;
  if (!py_is_iterable(argv[0])) return py_fail(j, "can only join an iterable");
  TRY(py_iter_open(j, argv[0], &it));
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc;
  for (size_t i = 0;; i++) {
    jv v;
    bool done;
    rc = py_iter_next(j, &it, &v, &done);
    if (rc != RS_OK || done) break;
    if (i > 0) rs_buf_add(&b, self.u.str->s, self.u.str->n);
    if (is_markup(self)) {
      rc = py_text_escape(j, v, &b);
    } else if (v.kind == JV_STR) {
      rs_buf_add(&b, v.u.str->s, v.u.str->n);
    } else {
      rc = py_fail(j, "sequence item %zu: expected str instance, %s found", i, jv_type_name(v));
    }
    if (rc != RS_OK) break;
  }
  return py_str_end(j, rc, &b, is_markup(self) ? STR_MARKUP : STR_PLAIN, out);
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define P ROW_POSITIONAL
static const struct row rows[] = {
  {"capitalize", s_case, "", 0, P | ROW_HOW(CASE_CAPITALIZE), "str.capitalize"},
  {"casefold", s_case, "", 0, P | ROW_HOW(CASE_FOLD), "str.casefold"},
  {"center", py_s_pad, "width fillchar", 1, P | ROW_HOW('^'), "center"},
  {"count", s_count, "sub start end", 1, P, "count"},
  {"encode", py_s_encode, "encoding errors", 0, 0, "encode"},
  {"endswith", s_affix, "suffix start end", 1, P | ROW_HOW(AT_END), "endswith"},
  {"expandtabs", py_s_expandtabs, "tabsize", 0, 0, "expandtabs"},
  {"find", s_find, "sub start end", 1, P, "find"},
  {"format", py_s_format, NULL, 0, 0, "format"},
  {"format_map", py_s_format_map, "mapping", 1, P, "format_map"},
  {"index", s_find, "sub start end", 1, P | ROW_HOW(FIND_MUST), "index"},
  {"isalnum", s_isalnum, "", 0, P, "str.isalnum"},
  {"isalpha", s_isalpha, "", 0, P, "str.isalpha"},
  {"isascii", s_isascii, "", 0, P, "str.isascii"},
  {"isdecimal", s_isdecimal, "", 0, P, "str.isdecimal"},
  {"isdigit", s_isdigit, "", 0, P, "str.isdigit"},
  {"isidentifier", s_isidentifier, "", 0, P, "str.isidentifier"},
  {"islower", s_is_case, "", 0, P | ROW_HOW(CASE_LOWER), "str.islower"},
  {"isnumeric", s_isnumeric, "", 0, P, "str.isnumeric"},
  {"isprintable", s_isprintable, "", 0, P, "str.isprintable"},
  {"isspace", s_isspace, "", 0, P, "str.isspace"},
  {"istitle", s_istitle, "", 0, P, "str.istitle"},
  {"isupper", s_is_case, "", 0, P | ROW_HOW(CASE_UPPER), "str.isupper"},
  {"join", s_join, "iterable", 1, P, "str.join"},
  {"ljust", py_s_pad, "width fillchar", 1, P | ROW_HOW('<'), "ljust"},
  {"lower", s_case, "", 0, P | ROW_HOW(CASE_LOWER), "str.lower"},
  {"lstrip", py_s_strip, "chars", 0, P | ROW_HOW(1), "lstrip"},
  {"maketrans", py_s_maketrans, "x y z", 1, P, "maketrans"},
  {"partition", s_partition, "sep", 1, P, "str.partition"},
  {"removeprefix", py_s_removeprefix, "prefix", 1, P, "str.removeprefix"},
  {"removesuffix", py_s_removesuffix, "suffix", 1, P, "str.removesuffix"},
  {"replace", py_s_replace, "old new count", 2, P, "replace"},
  {"rfind", s_find, "sub start end", 1, P | ROW_HOW(FIND_LAST), "rfind"},
  {"rindex", s_find, "sub start end", 1, P | ROW_HOW(FIND_LAST | FIND_MUST), "rindex"},
  {"rjust", py_s_pad, "width fillchar", 1, P | ROW_HOW('>'), "rjust"},
  {"rpartition", s_partition, "sep", 1, P | ROW_HOW(AT_END), "str.rpartition"},
  {"rsplit", s_split, "sep maxsplit", 0, ROW_HOW(AT_END), "rsplit"},
  {"rstrip", py_s_strip, "chars", 0, P | ROW_HOW(2), "rstrip"},
  {"split", s_split, "sep maxsplit", 0, 0, "split"},
  {"splitlines", s_splitlines, "keepends", 0, 0, "splitlines"},
  {"startswith", s_affix, "prefix start end", 1, P | ROW_HOW(AT_START), "startswith"},
  {"strip", py_s_strip, "chars", 0, P | ROW_HOW(3), "strip"},
  {"swapcase", s_case, "", 0, P | ROW_HOW(CASE_SWAP), "str.swapcase"},
  {"title", s_case, "", 0, P | ROW_HOW(CASE_TITLE), "str.title"},
  {"translate", py_s_translate, "table", 1, P, "str.translate"},
  {"upper", s_case, "", 0, P | ROW_HOW(CASE_UPPER), "str.upper"},
  {"zfill", py_s_zfill, "width", 1, P, "str.zfill"},
};
const struct rows py_methods_str = {rows, sizeof rows / sizeof rows[0]};
