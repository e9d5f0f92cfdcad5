/*
** Case, white space and padding of text: what methods and filters share.
*/
#include "protocol.h"

static void put(struct rs_buf *b, const uint32_t *c, size_t n)
{
  char out[4];
  for (size_t i = 0; i < n; i++) rs_buf_add(b, out, rs_utf8_encode(c[i], out));
}

/* Is the sigma at byte `at` the end of a word? (Unicode's Final_Sigma, as Python has it.) */
static bool final_sigma(const char *s, size_t n, size_t at, size_t after)
{
  size_t i = at;
  bool before = false;
  while (i > 0) {
    uint32_t c = uni_prev(s, &i);
    if (uni_ignorable(c)) continue;
    before = uni_cased(c);
    break;
  }
  if (!before) return false;
  while (after < n) {
    uint32_t c = uni_next(s, &after);
    if (uni_ignorable(c)) continue;
    return !uni_cased(c);
  }
  return true;
}

static size_t lower_at(const char *s, size_t n, size_t at, size_t after, uint32_t c,
                       uint32_t out[3])
{
  if (c == 0x3A3) {
    out[0] = final_sigma(s, n, at, after) ? 0x3C2 : 0x3C3;
    return 1;
  }
  return uni_to_lower(c, out);
}

void py_case_append(struct rs_buf *b, const char *s, size_t n, int how)
{
  uint32_t out[3];
  bool cased = false;
  for (size_t at = 0; at < n;) {
    size_t start = at, k;
    uint32_t c = uni_next(s, &at);
    bool first = how == CASE_CAPITALIZE ? start == 0 : how == CASE_TITLE && !cased;
    if (how == CASE_UPPER || (how == CASE_SWAP && uni_lower(c))) {
      k = uni_to_upper(c, out);
    } else if (how == CASE_FOLD) {
      k = uni_to_fold(c, out);
    } else if (first) {
      k = uni_to_title(c, out);
    } else if (how == CASE_SWAP && !uni_upper(c)) {
      out[0] = c;
      k = 1;
    } else {
      k = lower_at(s, n, start, at, c, out);
    }
    put(b, out, k);
    if (how == CASE_TITLE) cased = uni_cased(c);
  }
}

enum rs_code py_str_case(struct rs_python *j, jv s, int how, jv *out)
{
  const struct jv_str *str = s.u.str;
  struct rs_buf b;
  py_buf_init(j, &b);
  TRY(py_steps(j, str->n / 32));
  if (is_ascii(str) && (how == CASE_UPPER || how == CASE_LOWER)) {
    char *to = rs_buf_reserve(&b, str->n);
    for (size_t i = 0; to != NULL && i < str->n; i++) {
      char c = str->s[i];
      bool flip = how == CASE_UPPER ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
      to[i] = flip ? (char)(c ^ 32) : c;
    }
    if (to != NULL) b.n += str->n;
  } else {
    py_case_append(&b, str->s, str->n, how);
  }
  return py_str_take(j, &b, is_markup(s) ? STR_MARKUP : STR_PLAIN, out);
}

static bool in_set(uint32_t c, const struct jv_str *set)
{
  if (set == NULL) return uni_space(c);
  for (size_t i = 0; i < set->n;) {
    if (uni_next(set->s, &i) == c) return true;
  }
  return false;
}

/* sides: 1 left, 2 right, 3 both. */
enum rs_code py_str_strip(struct rs_python *j, jv s, jv chars, int sides, jv *out)
{
  const struct jv_str *str = s.u.str, *set = NULL;
  if (is_given(chars) && chars.kind != JV_NONE) {
    if (chars.kind != JV_STR) {
      return py_fail(j, "%s arg must be None or str",
                     sides == 1   ? "lstrip"
                     : sides == 2 ? "rstrip"
                                  : "strip");
    }
    set = chars.u.str;
  }
  size_t from = 0, to = str->n;
  while ((sides & 1) != 0 && from < to) {
    size_t at = from;
    if (!in_set(uni_next(str->s, &at), set)) break;
    from = at;
  }
  while ((sides & 2) != 0 && to > from) {
    size_t at = to;
    if (!in_set(uni_prev(str->s, &at), set)) break;
    to = at;
  }
  *out = from == 0 && to == str->n ? s : py_str_like(j, s, str->s + from, to - from);
  if (s.u.str->sub > STR_MARKUP) *out = py_str_as(j, *out, STR_PLAIN);
  return RS_OK;
}

size_t py_find_bytes(const char *s, size_t n, const char *what, size_t m, size_t from)
{
  if (from > n || m > n - from) return NOT_FOUND;
  if (m == 0) return from;
  const char *hit = memmem(s + from, n - from, what, m);
  return hit != NULL ? (size_t)(hit - s) : NOT_FOUND;
}

enum rs_code py_str_replace(struct rs_python *j, const struct jv_str *s, const struct jv_str *from,
                            const struct jv_str *to, int64_t count, enum str_sub sub, jv *out)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  size_t at = 0;
  TRY(py_steps(j, s->n / 32));
  if (from->n == 0) { // between all characters
    int64_t left = count < 0 ? INT64_MAX : count;
    for (;;) {
      if (left-- <= 0) break;
      rs_buf_add(&b, to->s, to->n);
      if (at >= s->n) break;
      size_t end = at;
      (void)uni_next(s->s, &end);
      rs_buf_add(&b, s->s + at, end - at);
      at = end;
    }
    rs_buf_add(&b, s->s + at, s->n - at);
    return py_str_take(j, &b, sub, out);
  }
  while (count != 0) {
    size_t hit = py_find_bytes(s->s, s->n, from->s, from->n, at);
    if (hit == NOT_FOUND) break;
    rs_buf_add(&b, s->s + at, hit - at);
    rs_buf_add(&b, to->s, to->n);
    at = hit + from->n;
    if (count > 0) count--;
  }
  rs_buf_add(&b, s->s + at, s->n - at);
  return py_str_take(j, &b, sub, out);
}

/* splitlines() */
static bool line_end(uint32_t c)
{
  return c == '\n' || c == '\r' || c == 0x0B || c == 0x0C || (c >= 0x1C && c <= 0x1E) ||
         c == 0x85 || c == 0x2028 || c == 0x2029;
}

enum rs_code py_str_lines(struct rs_python *j, jv s, bool keep, jv *list)
{
  const struct jv_str *str = s.u.str;
  *list = jv_list(j);
  size_t from = 0;
  for (size_t at = 0; at < str->n;) {
    size_t end = at;
    uint32_t c = uni_next(str->s, &at);
    if (!line_end(c)) continue;
    TRY(j_step(j));
    if (c == '\r' && at < str->n && str->s[at] == '\n') at++;
    jv_list_add(j, *list, py_str_like(j, s, str->s + from, (keep ? at : end) - from));
    from = at;
  }
  if (from < str->n) jv_list_add(j, *list, py_str_like(j, s, str->s + from, str->n - from));
  return list->kind == JV_LIST ? j_step(j) : py_nomem(j);
}

/* how: '<' left-justified, '>' right-justified, '^' centered as str.center does. */
enum rs_code py_str_pad(struct rs_python *j, jv s, int64_t width, const char *fill, size_t nfill,
                        int how, jv *out)
{
  const struct jv_str *str = s.u.str;
  if (width <= (int64_t)str->cps) {
    *out = s.u.str->sub > STR_MARKUP ? py_str_as(j, s, STR_PLAIN) : s;
    return RS_OK;
  }
  uint64_t pad = (uint64_t)width - str->cps, left = how == '>' ? pad : 0;
  if (how == '^') left = pad / 2 + (pad & (uint64_t)width & 1); // Python's way to be off center
  TRY(py_steps(j, pad / 64));
  if (pad > j->opt.max_output)
    return py_limit(j, "the text is padded to more than %zu bytes", j->opt.max_output);
  struct rs_buf b;
  py_buf_init(j, &b);
  for (uint64_t i = 0; i < left; i++) rs_buf_add(&b, fill, nfill);
  rs_buf_add(&b, str->s, str->n);
  for (uint64_t i = left; i < pad; i++) rs_buf_add(&b, fill, nfill);
  return py_str_take(j, &b, is_markup(s) ? STR_MARKUP : STR_PLAIN, out);
}
