/*
** Patterns of regular expressions to programs (regex.h): a tree by recursive descent, then code.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/python/unicode.h"
#include "tree.h"

static enum rs_code bad(struct rs_regex_parse *p, size_t at, const char *what)
{
  return rs_fail(p->e, RS_INVALID, "%s at position %zu", what, at);
}

static enum rs_code no_memory(struct rs_regex_parse *p)
{
  return rs_fail(p->e, RS_LIMIT, "a regular expression takes too much memory");
}

static struct rs_regex_tree *new_tree(struct rs_regex_parse *p, enum rs_regex_kind kind)
{
  struct rs_regex_tree *t = rs_arena_calloc(p->arena, sizeof *t);
  if (t != NULL) {
    t->kind = kind;
    t->flags = p->flags;
  }
  return t;
}

static bool more(const struct rs_regex_parse *p)
{
  return p->at < p->n;
}

static bool next_is(const struct rs_regex_parse *p, const char *s)
{
  size_t n = strlen(s);
  if (p->n - p->at < n) return false;
  for (size_t i = 0; i < n; i++)
    if (p->p[p->at + i] != (unsigned char)s[i]) return false;
  return true;
}

static bool eat(struct rs_regex_parse *p, const char *s)
{
  if (!next_is(p, s)) return false;
  p->at += strlen(s);
  return true;
}

/* ---- escapes -------------------------------------------------------------------------------- */

static enum rs_code read_hex(struct rs_regex_parse *p, size_t digits, uint32_t *c)
{
  size_t start = p->at;
  *c = 0;
  for (size_t i = 0; i < digits; i++) {
    int v = more(p) && p->p[p->at] < 0x80 ? rs_hex_value((char)p->p[p->at]) : -1;
    if (v < 0) return bad(p, start - 2, "incomplete escape");
    *c = *c * 16 + (uint32_t)v;
    p->at++;
  }
  return *c <= 0x10FFFF ? RS_OK : bad(p, start - 2, "bad escape");
}

/* A character written with a backslash, which is behind us already; shared by classes. */
static enum rs_code read_char_escape(struct rs_regex_parse *p, uint32_t letter, uint32_t *c)
{
  static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
  const char *known = letter < 0x80 && letter != 0 ? strchr(from, (int)letter) : NULL;
  if (known != NULL) {
    *c = (unsigned char)to[known - from];
    return RS_OK;
  }
  if (letter == 'x') return read_hex(p, 2, c);
  if (letter == 'u') return read_hex(p, 4, c);
  if (letter == 'U') return read_hex(p, 8, c);
  if (letter < 0x80 && rs_hex_value((char)letter) > 9) return bad(p, p->at - 2, "bad escape");
  if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z'))
    return bad(p, p->at - 2, "bad escape");
  *c = letter;
  return RS_OK;
}

static bool is_octal(uint32_t c)
{
  return c >= '0' && c <= '7';
}

/* \0, \012: octal. In front of us is the second digit. */
static uint32_t read_octal(struct rs_regex_parse *p, uint32_t first, size_t max)
{
  uint32_t c = first - '0';
  for (size_t i = 1; i < max && more(p) && is_octal(p->p[p->at]); i++)
    c = c * 8 + p->p[p->at++] - '0';
  return c;
}

/* ---- classes -------------------------------------------------------------------------------- */

#define SET_MAX 512

struct set_maker {
  uint32_t ranges[2 * SET_MAX];
  char classes[16];
  size_t n, nclasses;
};

static enum rs_code add_range(struct rs_regex_parse *p, struct set_maker *m, uint32_t lo,
                              uint32_t hi)
{
  if (m->n >= SET_MAX)
    return rs_fail(p->e, RS_LIMIT, "a class of a regular expression has more than %d parts",
                   SET_MAX);
  m->ranges[2 * m->n] = lo;
  m->ranges[2 * m->n + 1] = hi;
  m->n++;
  return RS_OK;
}

static enum rs_code add_class(struct rs_regex_parse *p, struct set_maker *m, char cls)
{
  if (strchr(m->classes, cls) != NULL) return RS_OK;
  if (m->nclasses + 1 >= sizeof m->classes) return bad(p, p->at, "bad class");
  m->classes[m->nclasses++] = cls;
  return RS_OK;
}

static bool is_class_letter(uint32_t c)
{
  return c != 0 && c < 0x80 && strchr("dDwWsS", (int)c) != NULL;
}

/* One end of a range, or a class: *cls is 0 for a character. */
static enum rs_code read_member(struct rs_regex_parse *p, uint32_t *c, char *cls)
{
  *cls = 0;
  *c = p->p[p->at++];
  if (*c != '\\') return RS_OK;
  if (!more(p)) return bad(p, p->at - 1, "bad escape (end of pattern)");
  uint32_t letter = p->p[p->at++];
  if (is_class_letter(letter)) {
    *cls = (char)letter;
    return RS_OK;
  }
  if (letter >= '0' && letter <= '9') {
    if (!is_octal(letter)) return bad(p, p->at - 2, "bad escape");
    *c = read_octal(p, letter, 3);
    return RS_OK;
  }
  return read_char_escape(p, letter, c);
}

static enum rs_code finish_set(struct rs_regex_parse *p, const struct set_maker *m, bool negate,
                               struct rs_regex_tree **out)
{
  struct rs_regex_set *s = rs_arena_calloc(p->arena, sizeof *s);
  uint32_t *ranges = rs_arena_alloc(p->arena, (2 * m->n + 1) * sizeof *ranges);
  char *classes = rs_arena_strdup(p->arena, m->classes);
  *out = new_tree(p, K_SET);
  if (s == NULL || ranges == NULL || classes == NULL || *out == NULL) return no_memory(p);
  memcpy(ranges, m->ranges, 2 * m->n * sizeof *ranges);
  *s = (struct rs_regex_set){.ranges = ranges, .n = m->n, .classes = classes, .negate = negate};
  (*out)->set = s;
  return RS_OK;
}

/* Behind the opening bracket. */
static enum rs_code parse_set(struct rs_regex_parse *p, struct rs_regex_tree **out)
{
  struct set_maker m = {.n = 0};
  size_t start = p->at - 1;
  bool negate = eat(p, "^");
  for (bool first = true;; first = false) {
    if (!more(p)) return bad(p, start, "unterminated character set");
    if (!first && eat(p, "]")) break;
    uint32_t lo, hi;
    char cls, cls_hi;
    size_t from = p->at;
    enum rs_code rc = read_member(p, &lo, &cls);
    if (rc != RS_OK) return rc;
    bool range = more(p) && p->p[p->at] == '-' && p->at + 1 < p->n && p->p[p->at + 1] != ']';
    if (!range) {
      rc = cls != 0 ? add_class(p, &m, cls) : add_range(p, &m, lo, lo);
    } else {
      p->at++;
      rc = read_member(p, &hi, &cls_hi);
      if (rc == RS_OK && (cls != 0 || cls_hi != 0 || hi < lo))
        rc = bad(p, from, "bad character range");
      if (rc == RS_OK) rc = add_range(p, &m, lo, hi);
    }
    if (rc != RS_OK) return rc;
  }
  return finish_set(p, &m, negate, out);
}

/* ---- groups --------------------------------------------------------------------------------- */

static enum rs_code parse_alternatives(struct rs_regex_parse *p, struct rs_regex_tree **out);

static int flag_of(uint32_t c)
{
  switch (c) {
    case 'i': return RS_RE_IGNORECASE;
    case 'm': return RS_RE_MULTILINE;
    case 's': return RS_RE_DOTALL;
    case 'x': return RS_RE_VERBOSE;
    case 'a': return RS_RE_ASCII;
    case 'u': return RS_RE_UNICODE;
    default: return 0;
  }
}

/* A name up to `close`; in the arena. */
static enum rs_code read_name(struct rs_regex_parse *p, uint32_t close, const char **out)
{
  size_t start = p->at;
  char text[256];
  size_t n = 0;
  while (more(p) && p->p[p->at] != close) {
    uint32_t c = p->p[p->at];
    bool ok = p->at == start ? uni_id_start(c) || c == '_' : uni_id_more(c) || c == '_';
    if (!ok) return bad(p, start, "bad character in group name");
    if (n + 5 > sizeof text) return bad(p, start, "group name is too long");
    n += rs_utf8_encode(c, text + n);
    p->at++;
  }
  if (!more(p)) return bad(p, start, "missing ), unterminated name");
  if (n == 0) return bad(p, start, "missing group name");
  p->at++;
  *out = rs_arena_strndup(p->arena, text, n);
  return *out != NULL ? RS_OK : no_memory(p);
}

static int group_of(const struct rs_regex_parse *p, const char *name)
{
  for (size_t i = 0; i < p->re->nnames; i++)
    if (rs_eq(p->re->names[i].name, name)) return p->re->names[i].group;
  return -1;
}

static enum rs_code add_name(struct rs_regex_parse *p, const char *name, int group, size_t at)
{
  if (group_of(p, name) >= 0) return bad(p, at, "redefinition of group name");
  if (p->re->nnames == p->cap_names) {
    size_t cap = p->cap_names * 2 + 8;
    struct rs_regex_name *more_names = rs_arena_alloc(p->arena, cap * sizeof *more_names);
    if (more_names == NULL) return no_memory(p);
    if (p->re->nnames > 0) memcpy(more_names, p->re->names, p->re->nnames * sizeof *more_names);
    p->re->names = more_names;
    p->cap_names = cap;
  }
  p->re->names[p->re->nnames++] = (struct rs_regex_name){.name = name, .group = group};
  return RS_OK;
}

static enum rs_code finish_group(struct rs_regex_parse *p, size_t start)
{
  return eat(p, ")") ? RS_OK : bad(p, start, "missing ), unterminated subpattern");
}

static enum rs_code parse_capture(struct rs_regex_parse *p, const char *name, size_t start,
                                  struct rs_regex_tree **out)
{
  int group = ++p->groups;
  if (group >= (int)sizeof p->open) return bad(p, start, "too many groups");
  enum rs_code rc = name != NULL ? add_name(p, name, group, start) : RS_OK;
  if (rc != RS_OK) return rc;
  *out = new_tree(p, K_GROUP);
  if (*out == NULL) return no_memory(p);
  (*out)->group = group;
  p->open[group] = true;
  int flags = p->flags;
  rc = parse_alternatives(p, &(*out)->a);
  p->flags = flags;
  p->open[group] = false;
  return rc == RS_OK ? finish_group(p, start) : rc;
}

static enum rs_code parse_inner(struct rs_regex_parse *p, enum rs_regex_kind kind, size_t start,
                                struct rs_regex_tree **out)
{
  int flags = p->flags;
  *out = new_tree(p, kind);
  if (*out == NULL) return no_memory(p);
  enum rs_code rc = parse_alternatives(p, &(*out)->a);
  p->flags = flags;
  return rc == RS_OK ? finish_group(p, start) : rc;
}

/* (?flags) and (?flags-flags:...) */
static enum rs_code parse_flags(struct rs_regex_parse *p, size_t start, struct rs_regex_tree **out)
{
  int on = 0, off = 0;
  bool minus = false;
  for (;; p->at++) {
    if (!more(p)) return bad(p, p->at, "missing -, : or )");
    uint32_t c = p->p[p->at];
    if (c == ')' || c == ':') break;
    if (c == '-' && !minus) {
      minus = true;
      continue;
    }
    int flag = flag_of(c);
    if (flag == 0)
      return bad(p, start, c == 'L' ? "locale matching is not supported" : "unknown extension");
    if (minus) off |= flag;
    else on |= flag;
  }
  bool global = p->p[p->at++] == ')';
  if (global) {
    if (minus) return bad(p, start, "missing :");
    // (?i)(?s) are two of them at the start
    if (start != p->global_end)
      return bad(p, start, "global flags not at the start of the expression");
    p->global_end = p->at;
    p->flags |= on;
    p->re->flags |= on;
    *out = new_tree(p, K_EMPTY);
    return *out != NULL ? RS_OK : no_memory(p);
  }
  int saved = p->flags;
  p->flags = (p->flags | on) & ~off;
  enum rs_code rc = parse_alternatives(p, out);
  p->flags = saved;
  return rc == RS_OK ? finish_group(p, start) : rc;
}

static enum rs_code parse_look(struct rs_regex_parse *p, bool behind, bool negate, size_t start,
                               struct rs_regex_tree **out)
{
  enum rs_code rc = parse_inner(p, K_LOOK, start, out);
  if (rc == RS_OK) {
    (*out)->behind = behind;
    (*out)->negate = negate;
  }
  return rc;
}

static enum rs_code parse_named_ref(struct rs_regex_parse *p, size_t start,
                                    struct rs_regex_tree **out)
{
  const char *name;
  enum rs_code rc = read_name(p, ')', &name);
  if (rc != RS_OK) return rc;
  int group = group_of(p, name);
  if (group < 0) return bad(p, start + 4, "unknown group name");
  if (p->open[group]) return bad(p, start + 4, "cannot refer to an open group");
  *out = new_tree(p, K_REF);
  if (*out == NULL) return no_memory(p);
  (*out)->group = group;
  return RS_OK;
}

/* Behind the opening parenthesis. */
static enum rs_code parse_group(struct rs_regex_parse *p, struct rs_regex_tree **out)
{
  size_t start = p->at - 1;
  const char *name;
  if (!eat(p, "?")) return parse_capture(p, NULL, start, out);
  if (eat(p, "P<")) {
    enum rs_code rc = read_name(p, '>', &name);
    return rc == RS_OK ? parse_capture(p, name, start, out) : rc;
  }
  if (eat(p, "P=")) return parse_named_ref(p, start, out);
  if (eat(p, ":")) return parse_inner(p, K_PLAIN, start, out);
  if (eat(p, ">")) return parse_inner(p, K_ATOMIC, start, out);
  if (eat(p, "=")) return parse_look(p, false, false, start, out);
  if (eat(p, "!")) return parse_look(p, false, true, start, out);
  if (eat(p, "<=")) return parse_look(p, true, false, start, out);
  if (eat(p, "<!")) return parse_look(p, true, true, start, out);
  if (eat(p, "#")) {
    while (more(p) && p->p[p->at] != ')') p->at++;
    if (!more(p)) return bad(p, start, "missing ), unterminated comment");
    p->at++;
    *out = new_tree(p, K_EMPTY);
    return *out != NULL ? RS_OK : no_memory(p);
  }
  if (next_is(p, "("))
    return rs_fail(p->e, RS_UNSUPPORTED,
                   "conditional groups '(?(1)a|b)' are not supported: write two alternatives");
  return parse_flags(p, start, out);
}

/* ---- atoms and repetition ------------------------------------------------------------------- */

static enum rs_code make_at(struct rs_regex_parse *p, enum rs_regex_at where,
                            struct rs_regex_tree **out)
{
  *out = new_tree(p, K_AT);
  if (*out == NULL) return no_memory(p);
  (*out)->min = (int)where;
  return RS_OK;
}

static enum rs_code make_char(struct rs_regex_parse *p, uint32_t c, struct rs_regex_tree **out)
{
  *out = new_tree(p, K_CHAR);
  if (*out == NULL) return no_memory(p);
  (*out)->c = c;
  return RS_OK;
}

/* \1 .. \99, or octal. */
static enum rs_code parse_digits(struct rs_regex_parse *p, uint32_t first,
                                 struct rs_regex_tree **out)
{
  size_t start = p->at - 2;
  if (first == '0') return make_char(p, read_octal(p, first, 3), out);
  int group = (int)(first - '0');
  if (more(p) && p->p[p->at] >= '0' && p->p[p->at] <= '9') {
    if (is_octal(first) && is_octal(p->p[p->at]) && p->at + 1 < p->n && is_octal(p->p[p->at + 1]))
      return make_char(p, read_octal(p, first, 3), out);
    group = group * 10 + (int)(p->p[p->at++] - '0');
  }
  if (group > p->groups) return bad(p, start, "invalid group reference");
  if (p->open[group]) return bad(p, start, "cannot refer to an open group");
  *out = new_tree(p, K_REF);
  if (*out == NULL) return no_memory(p);
  (*out)->group = group;
  return RS_OK;
}

static enum rs_code parse_escape(struct rs_regex_parse *p, struct rs_regex_tree **out)
{
  if (!more(p)) return bad(p, p->at - 1, "bad escape (end of pattern)");
  uint32_t c = p->p[p->at++];
  if (c >= '0' && c <= '9') return parse_digits(p, c, out);
  if (is_class_letter(c)) {
    struct set_maker m = {.classes = {(char)c}, .nclasses = 1};
    return finish_set(p, &m, false, out);
  }
  switch (c) {
    case 'A': return make_at(p, RX_START, out);
    case 'Z': return make_at(p, RX_FINAL, out);
    case 'b': return make_at(p, RX_WORD, out);
    case 'B': return make_at(p, RX_NOT_WORD, out);
    default: break;
  }
  uint32_t literal;
  enum rs_code rc = read_char_escape(p, c, &literal);
  return rc == RS_OK ? make_char(p, literal, out) : rc;
}

static enum rs_code parse_atom(struct rs_regex_parse *p, struct rs_regex_tree **out)
{
  size_t start = p->at;
  uint32_t c = p->p[p->at++];
  switch (c) {
    case '.': *out = new_tree(p, K_ANY); return *out != NULL ? RS_OK : no_memory(p);
    case '^': return make_at(p, p->flags & RS_RE_MULTILINE ? RX_LINE_START : RX_START, out);
    case '$': return make_at(p, p->flags & RS_RE_MULTILINE ? RX_LINE_END : RX_END, out);
    case '(': return parse_group(p, out);
    case '[': return parse_set(p, out);
    case '\\': return parse_escape(p, out);
    case '*':
    case '+':
    case '?': return bad(p, start, "nothing to repeat");
    default: return make_char(p, c, out);
  }
}

/* {2}, {2,}, {,3}, {2,3}; anything else is text. */
static bool read_counts(struct rs_regex_parse *p, int *min, int *max)
{
  size_t at = p->at;
  long lo = 0, hi = -1;
  bool any = false, comma = false;
  for (; at < p->n && p->p[at] >= '0' && p->p[at] <= '9'; at++, any = true)
    if (lo < 100000) lo = lo * 10 + (long)(p->p[at] - '0');
  if (at < p->n && p->p[at] == ',') {
    comma = true;
    at++;
    for (; at < p->n && p->p[at] >= '0' && p->p[at] <= '9'; at++) {
      if (hi < 0) hi = 0;
      if (hi < 100000) hi = hi * 10 + (long)(p->p[at] - '0');
    }
  }
  if (at >= p->n || p->p[at] != '}' || (!any && !comma)) return false;
  p->at = at + 1;
  *min = (int)lo;
  *max = comma ? (int)hi : (int)lo;
  return true;
}

static enum rs_code parse_repeat(struct rs_regex_parse *p, struct rs_regex_tree **t)
{
  int min, max;
  size_t start = p->at;
  if (eat(p, "*")) min = 0, max = -1;
  else if (eat(p, "+")) min = 1, max = -1;
  else if (eat(p, "?")) min = 0, max = 1;
  else {
    p->at++; // the brace
    if (!read_counts(p, &min, &max)) {
      p->at = start;
      return RS_DONE;
    }
    if (max >= 0 && max < min) return bad(p, start, "min repeat greater than max repeat");
  }
  if ((*t)->kind == K_REPEAT) return bad(p, start, "multiple repeat");
  if ((*t)->kind == K_AT || (*t)->kind == K_EMPTY) return bad(p, start, "nothing to repeat");
  struct rs_regex_tree *r = new_tree(p, K_REPEAT);
  if (r == NULL) return no_memory(p);
  r->a = *t;
  r->min = min;
  r->max = max;
  r->how = eat(p, "?") ? LAZY : eat(p, "+") ? POSSESSIVE : GREEDY;
  *t = r;
  return RS_OK;
}

/* White space and comments under the flag X. */
static void skip_verbose(struct rs_regex_parse *p)
{
  while ((p->flags & RS_RE_VERBOSE) && more(p)) {
    uint32_t c = p->p[p->at];
    if (c == '#') {
      while (more(p) && p->p[p->at] != '\n') p->at++;
    } else if (c == 0 || c >= 0x80 || strchr(" \t\n\r\f\v", (int)c) == NULL) {
      return;
    } else {
      p->at++;
    }
  }
}

static enum rs_code parse_sequence(struct rs_regex_parse *p, struct rs_regex_tree **out)
{
  *out = new_tree(p, K_CAT);
  if (*out == NULL) return no_memory(p);
  struct rs_regex_tree **end = &(*out)->a;
  for (;;) {
    skip_verbose(p);
    if (!more(p) || p->p[p->at] == '|' || p->p[p->at] == ')') return RS_OK;
    struct rs_regex_tree *t;
    enum rs_code rc = parse_atom(p, &t);
    while (rc == RS_OK) {
      skip_verbose(p);
      uint32_t c = more(p) ? p->p[p->at] : 0;
      if (c != '*' && c != '+' && c != '?' && c != '{') break;
      rc = parse_repeat(p, &t);
    }
    if (rc != RS_OK && rc != RS_DONE) return rc;
    *end = t;
    end = &t->next;
  }
}

static enum rs_code parse_alternatives(struct rs_regex_parse *p, struct rs_regex_tree **out)
{
  if (++p->depth > RS_REGEX_DEPTH_MAX)
    return rs_fail(p->e, RS_LIMIT, "a regular expression is nested more than %d deep",
                   RS_REGEX_DEPTH_MAX);
  enum rs_code rc = parse_sequence(p, out);
  if (rc == RS_OK && more(p) && p->p[p->at] == '|') {
    struct rs_regex_tree *alt = new_tree(p, K_ALT);
    if (alt == NULL) return no_memory(p);
    alt->a = *out;
    struct rs_regex_tree **end = &alt->a->next;
    *out = alt;
    while (rc == RS_OK && eat(p, "|")) {
      rc = parse_sequence(p, end);
      if (rc == RS_OK) end = &(*end)->next;
    }
  }
  p->depth--;
  return rc;
}

enum rs_code rs_regex_compile(const uint32_t *pattern, size_t n, int flags, struct rs_arena *a,
                              struct rs_regex **pr, struct rs_error *e)
{
  struct rs_error own = {0};
  struct rs_regex_parse p = {
    .p = pattern, .n = n, .flags = flags, .arena = a, .e = e != NULL ? e : &own};
  p.re = rs_arena_calloc(a, sizeof *p.re);
  if (p.re == NULL) return no_memory(&p);
  p.re->flags = flags;
  struct rs_regex_tree *t;
  enum rs_code rc = parse_alternatives(&p, &t);
  if (rc == RS_OK && p.at < n) rc = bad(&p, p.at, "unbalanced parenthesis");
  if (rc != RS_OK) return rc;
  p.re->groups = p.groups;
  p.re->registers = 2 * (p.groups + 1);
  rc = rs_regex_emit(&p, t);
  *pr = p.re;
  return rc;
}
