/*
** `modules.re`: Python's re over regex.h. Patterns and matches are objects with Python's methods.
*/
#include <string.h>
#include "src/python/protocol.h"
#include "re.h"

static const struct jv_class flag_class;

/* ---- texts and flags ------------------------------------------------------------------------ */

static enum rs_code decode(struct rs_python *j, jv v, const char *what, struct rs_re_subject *s,
                           struct rs_error *e)
{
  if (!jv_is_str(v))
    return rs_fail(e, RS_INVALID, "re.%s(): expected string or bytes-like object, got '%s'", what,
                   jv_type_name(v));
  s->text = v;
  s->s = jv_cstr(v, &s->bytes);
  s->n = jv_len(v);
  uint32_t *cp = rs_arena_alloc(rs_python_arena(j), (s->n + 1) * sizeof *cp);
  if (cp == NULL) return rs_fail(e, RS_LIMIT, "re.%s(): the text is too large", what);
  for (size_t i = 0, at = 0; i < s->n; i++) cp[i] = uni_next(s->s, &at);
  s->cp = cp;
  return py_steps(j, s->n / 16);
}

static const struct {
  const char *name, *letter;
  int64_t flag;
} flags[] = {{"ASCII", "A", RS_RE_ASCII},     {"IGNORECASE", "I", RS_RE_IGNORECASE},
             {"LOCALE", "L", RS_RE_LOCALE},   {"MULTILINE", "M", RS_RE_MULTILINE},
             {"DOTALL", "S", RS_RE_DOTALL},   {"VERBOSE", "X", RS_RE_VERBOSE},
             {"UNICODE", "U", RS_RE_UNICODE}, {"NOFLAG", "NOFLAG", 0}};

static bool flag_value(jv v, int64_t *flag)
{
  const int64_t *p = jv_self(v, &flag_class);
  if (p != NULL) *flag = *p;
  else if (v.kind == JV_INT) *flag = v.u.i;
  else if (v.kind == JV_UNDEFINED) *flag = 0;
  else return false;
  return true;
}

/* A count, for which a flag serves as well: Python's are integers (re.split(p, s, re.I)). */
static enum rs_code want_count(jv v, const char *what, int64_t otherwise, int64_t *n,
                               struct rs_error *e)
{
  if (v.kind == JV_OBJECT && flag_value(v, n)) return RS_OK;
  return rs_want_int(v, what, otherwise, n, e);
}

static void put_flags(int64_t v, struct rs_buf *b)
{
  bool first = true;
  for (size_t i = 0; i < COUNT(flags); i++)
    if ((v & flags[i].flag) != 0) {
      rs_buf_printf(b, "%sre.%s", first ? "" : "|", flags[i].name);
      first = false;
    }
  if (first) rs_buf_str(b, "re.NOFLAG");
}

static CLASS_TEXT(flag_str)
{
  put_flags(*(const int64_t *)self, b);
  return RS_OK;
}

static CLASS_BINOP(flag_binop)
{
  int64_t x, y;
  if (!flag_value(a, &x) || !flag_value(b, &y)) return RS_NOT_FOUND;
  return rs_python_binary(j, op, jv_int(x), jv_int(y), out, e);
}

static const struct jv_class flag_class = {
  .name = "RegexFlag", .str = flag_str, .binop = flag_binop};

/* ---- patterns ------------------------------------------------------------------------------- */

static enum rs_code get_pattern(struct rs_python *j, jv v, jv flag,
                                const struct rs_re_pattern **out, struct rs_error *e)
{
  int64_t bits;
  if (!flag_value(flag, &bits))
    return rs_fail(e, RS_INVALID, "re: flags must be a flag such as re.I, not %s",
                   jv_type_name(flag));
  *out = jv_self(v, &rs_re_pattern_class);
  if (*out != NULL) {
    if (bits == 0) return RS_OK;
    return rs_fail(e, RS_INVALID, "cannot process flags argument with a compiled pattern");
  }
  if (!jv_is_str(v))
    return rs_fail(e, RS_INVALID, "first argument must be string or compiled pattern");
  if ((bits & RS_RE_LOCALE) != 0)
    return rs_fail(e, RS_INVALID, "re: cannot use LOCALE flag with a str pattern");
  struct rs_re_subject s;
  struct rs_re_pattern *p = rs_arena_calloc(rs_python_arena(j), sizeof *p);
  if (p == NULL) return rs_nomem(e);
  enum rs_code rc = decode(j, v, "compile", &s, e);
  if (rc == RS_OK) rc = rs_regex_compile(s.cp, s.n, (int)bits, rs_python_arena(j), &p->re, e);
  if (rc == RS_INVALID || rc == RS_UNSUPPORTED)
    rs_error_prefix(e, "regular expression '%s'", jv_cstr(v, NULL));
  p->source = v;
  *out = p;
  return rc;
}

static enum rs_code poll(void *ctx, uint64_t steps)
{
  return py_steps(ctx, steps);
}

static enum rs_code scan_open(struct rs_python *j, const struct rs_re_pattern *p,
                              const struct rs_re_subject *subject, enum rs_re_mode mode,
                              struct rs_re_scan *s, struct rs_error *e)
{
  *s = (struct rs_re_scan){.j = j, .p = p, .subject = subject, .end = subject->n, .mode = mode};
  s->regs = rs_arena_alloc(rs_python_arena(j), (size_t)p->re->registers * sizeof *s->regs);
  return s->regs != NULL ? RS_OK : rs_nomem(e);
}

/* The next match into s->regs; RS_NOT_FOUND when there is none. */
static enum rs_code scan_next(struct rs_re_scan *s, struct rs_error *e)
{
  struct rs_regex_run run = {.re = s->p->re,
                             .text = s->subject->cp,
                             .end = s->end,
                             .full = s->mode == RS_RE_FULLMATCH,
                             .poll = poll,
                             .ctx = s->j};
  const struct rs_regex_insn *first = &s->p->re->code[0];
  bool literal = first->op == RX_CHAR && !first->ignore_case;
  for (size_t at = s->at; at <= s->end; at++) {
    run.some = s->advance && at == s->at;
    if (!literal || (at < s->end && s->subject->cp[at] == first->c)) {
      enum rs_code rc = rs_regex_match(&run, at, s->regs, e);
      if (rc == RS_OK) {
        s->at = (size_t)s->regs[1];
        s->advance = s->regs[1] == s->regs[0];
      }
      if (rc != RS_NOT_FOUND) return rc;
    }
    if (s->mode != RS_RE_SEARCH) break;
    if (at % 1024 == 1023) {
      enum rs_code rc = py_steps(s->j, 64);
      if (rc != RS_OK) return rc;
    }
  }
  return RS_NOT_FOUND;
}

/* ---- functions ------------------------------------------------------------------------------ */

/* What every function has: a pattern (bound, or the first argument) and a text. */
struct call {
  const struct rs_re_pattern *p;
  struct rs_re_subject *subject;
  jv v[5];
};

/* names: of the arguments behind the pattern, with `flags` last; a method has no flags. */
static enum rs_code bind(struct rs_python *j, void *ctx, const struct jv_args *args,
                         const char *what, const char *const *names, size_t required,
                         size_t text_at, struct call *c, struct rs_error *e)
{
  const char *all[8] = {"pattern"};
  size_t n = 0;
  while (names[n] != NULL) all[n + 1] = names[n], n++;
  const struct rs_re_pattern *bound = ctx;
  jv v[8];
  enum rs_code rc;
  if (bound == NULL) {
    all[n + 1] = "flags";
    all[n + 2] = NULL;
    rc = jv_bind(args, what, all, required + 1, v, e);
    if (rc == RS_OK) rc = get_pattern(j, v[0], v[n + 1], &c->p, e);
  } else {
    c->p = bound;
    all[n + 1] = NULL;
    rc = jv_bind(args, what, all + 1, required, v + 1, e);
  }
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < n; i++) c->v[i] = v[i + 1];
  c->subject = rs_arena_alloc(rs_python_arena(j), sizeof *c->subject);
  if (c->subject == NULL) return rs_nomem(e);
  return decode(j, c->v[text_at], what, c->subject, e);
}

/* pos and endpos of a pattern's methods. */
static enum rs_code bounds(const struct call *c, struct rs_re_scan *s, struct rs_error *e)
{
  int64_t pos, end, n = (int64_t)c->subject->n;
  enum rs_code rc = want_count(c->v[1], "re: pos", 0, &pos, e);
  if (rc == RS_OK) rc = want_count(c->v[2], "re: endpos", n, &end, e);
  if (rc != RS_OK) return rc;
  if (pos < 0) pos = 0;
  if (end > n) end = n;
  s->at = (size_t)(pos > n ? n + 1 : pos);
  s->end = (size_t)(end < 0 ? 0 : end);
  return RS_OK;
}

static const char *const text_names[] = {"string", NULL};
static const char *const place_names[] = {"string", "pos", "endpos", NULL};

static enum rs_code open_scan(struct rs_python *j, void *ctx, const struct jv_args *args,
                              const char *what, enum rs_re_mode mode, struct rs_re_scan *s,
                              struct rs_error *e)
{
  struct call c = {.p = NULL};
  enum rs_code rc = bind(j, ctx, args, what, ctx != NULL ? place_names : text_names, 1, 0, &c, e);
  if (rc == RS_OK) rc = scan_open(j, c.p, c.subject, mode, s, e);
  if (rc == RS_OK && ctx != NULL) rc = bounds(&c, s, e);
  return rc;
}

static enum rs_code find_one(struct rs_python *j, void *ctx, const struct jv_args *args,
                             const char *what, enum rs_re_mode mode, jv *out, struct rs_error *e)
{
  struct rs_re_scan s;
  enum rs_code rc = open_scan(j, ctx, args, what, mode, &s, e);
  size_t pos = rc == RS_OK ? s.at : 0;
  if (rc == RS_OK) rc = scan_next(&s, e);
  if (rc == RS_NOT_FOUND) {
    *out = jv_none();
    return RS_OK;
  }
  return rc == RS_OK ? rs_re_match_value(&s, pos, out, e) : rc;
}

static NATIVE(re_search)
{
  return find_one(j, ctx, args, "search", RS_RE_SEARCH, out, e);
}

static NATIVE(re_match)
{
  return find_one(j, ctx, args, "match", RS_RE_MATCH, out, e);
}

static NATIVE(re_fullmatch)
{
  return find_one(j, ctx, args, "fullmatch", RS_RE_FULLMATCH, out, e);
}

static NATIVE(re_findall)
{
  struct rs_re_scan s;
  enum rs_code rc = open_scan(j, ctx, args, "findall", RS_RE_SEARCH, &s, e);
  *out = jv_list(j);
  while (rc == RS_OK && (rc = scan_next(&s, e)) == RS_OK) {
    struct rs_re_match m = {.p = s.p, .subject = s.subject, .regs = s.regs};
    jv item;
    rc = rs_re_match_texts(j, &m, &item, e);
    if (rc == RS_OK) jv_list_add(j, *out, item);
  }
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

static NATIVE(re_finditer)
{
  struct rs_re_scan s;
  jv list = jv_list(j), item;
  enum rs_code rc = open_scan(j, ctx, args, "finditer", RS_RE_SEARCH, &s, e);
  size_t pos = rc == RS_OK ? s.at : 0;
  while (rc == RS_OK && (rc = scan_next(&s, e)) == RS_OK) {
    rc = rs_re_match_value(&s, pos, &item, e);
    if (rc == RS_OK) jv_list_add(j, list, item);
  }
  *out = list;
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

/* The text or the function's result in place of one match. */
static enum rs_code replacement(const struct rs_re_scan *s, jv repl, struct rs_buf *b,
                                struct rs_error *e)
{
  jv match, text;
  struct rs_re_match m = {.p = s->p, .subject = s->subject, .regs = s->regs};
  if (jv_is_str(repl)) return rs_re_expand(s->j, &m, jv_cstr(repl, NULL), b, e);
  enum rs_code rc = rs_re_match_value(s, 0, &match, e);
  struct jv_args one = {.pos = &match, .npos = 1};
  if (rc == RS_OK) rc = rs_python_call(s->j, repl, &one, &text, e);
  return rc == RS_OK ? jv_str_to(s->j, text, b, e) : rc;
}

static enum rs_code substitute(struct rs_python *j, void *ctx, const struct jv_args *args,
                               const char *what, jv *out, int64_t *made, struct rs_error *e)
{
  static const char *const names[] = {"repl", "string", "count", NULL};
  struct call c = {.p = NULL};
  struct rs_re_scan s;
  struct rs_buf b;
  int64_t max = 0, last = 0;
  *made = 0;
  enum rs_code rc = bind(j, ctx, args, what, names, 2, 1, &c, e);
  if (rc == RS_OK) rc = want_count(c.v[2], "re: count", 0, &max, e);
  if (rc == RS_OK) rc = scan_open(j, c.p, c.subject, RS_RE_SEARCH, &s, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  while ((max <= 0 || *made < max) && (rc = scan_next(&s, e)) == RS_OK) {
    rs_re_put(c.subject, last, s.regs[0], &b);
    last = s.regs[1];
    rc = replacement(&s, c.v[0], &b, e);
    if (rc == RS_OK) rc = rs_buf_error(&b, e, "re.sub()");
    if (rc != RS_OK) break;
    ++*made;
  }
  if (rc == RS_OK || rc == RS_NOT_FOUND) {
    rs_re_put(c.subject, last, (int64_t)c.subject->n, &b);
    return rs_text_take(j, &b, "re.sub()", out, e);
  }
  rs_buf_free(&b);
  return rc;
}

static NATIVE(re_sub)
{
  int64_t made;
  return substitute(j, ctx, args, "sub", out, &made, e);
}

static NATIVE(re_subn)
{
  int64_t made;
  jv pair[2];
  enum rs_code rc = substitute(j, ctx, args, "subn", &pair[0], &made, e);
  if (rc != RS_OK) return rc;
  pair[1] = jv_int(made);
  *out = jv_tuple(j, pair, 2);
  return RS_OK;
}

static NATIVE(re_split)
{
  static const char *const names[] = {"string", "maxsplit", NULL};
  struct call c = {.p = NULL};
  struct rs_re_scan s;
  int64_t max = 0, made = 0, last = 0;
  jv item;
  enum rs_code rc = bind(j, ctx, args, "split", names, 1, 0, &c, e);
  if (rc == RS_OK) rc = want_count(c.v[1], "re: maxsplit", 0, &max, e);
  if (rc == RS_OK) rc = scan_open(j, c.p, c.subject, RS_RE_SEARCH, &s, e);
  if (rc != RS_OK) return rc;
  *out = jv_list(j);
  for (; (max <= 0 || made < max) && (rc = scan_next(&s, e)) == RS_OK; made++) {
    struct rs_re_match m = {.p = s.p, .subject = s.subject, .regs = s.regs};
    rc = rs_re_part(j, c.subject, last, s.regs[0], &item, e);
    if (rc != RS_OK) return rc;
    jv_list_add(j, *out, item);
    last = s.regs[1];
    for (int g = 1; rc == RS_OK && g <= c.p->re->groups; g++) {
      rc = rs_re_group(j, &m, g, jv_none(), &item, e);
      jv_list_add(j, *out, item);
    }
    if (rc != RS_OK) return rc;
  }
  if (rc != RS_OK && rc != RS_NOT_FOUND) return rc;
  rc = rs_re_part(j, c.subject, last, (int64_t)c.subject->n, &item, e);
  jv_list_add(j, *out, item);
  return rc;
}

static NATIVE(re_escape)
{
  static const char special[] = "()[]{}?*+-|^$\\.&~# \t\n\r\v\f";
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "re.escape() takes a text");
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (const char *p = jv_cstr(args->pos[0], NULL); *p != 0; p++) {
    if (strchr(special, *p) != NULL) rs_buf_char(&b, '\\');
    rs_buf_char(&b, *p);
  }
  return rs_text_take(j, &b, "re.escape()", out, e);
}

static NATIVE(re_compile)
{
  static const char *const names[] = {"pattern", "flags", NULL};
  jv v[2];
  const struct rs_re_pattern *p;
  enum rs_code rc = jv_bind(args, "compile", names, 1, v, e);
  if (rc == RS_OK) rc = get_pattern(j, v[0], v[1], &p, e);
  if (rc == RS_OK) *out = jv_object(j, &rs_re_pattern_class, (void *)(uintptr_t)p);
  return rc;
}

static NATIVE(re_purge)
{
  return RS_OK;
}

static const struct rs_method functions[] = {
  {"search", re_search},   {"match", re_match},       {"fullmatch", re_fullmatch},
  {"sub", re_sub},         {"subn", re_subn},         {"split", re_split},
  {"findall", re_findall}, {"finditer", re_finditer}, {"escape", re_escape},
  {"compile", re_compile}, {"purge", re_purge}};
#define BOUND 8 /* the first ones are a pattern's methods too */

static CLASS_GETATTR(pattern_getattr)
{
  const struct rs_re_pattern *p = self;
  if (rs_method_find(j, self, functions, BOUND, name, n, out) == RS_OK) return RS_OK;
  if (rs_eqn("pattern", name, n)) *out = p->source;
  else if (rs_eqn("flags", name, n))
    *out = jv_int(p->re->flags | (p->re->flags & RS_RE_ASCII ? 0 : RS_RE_UNICODE));
  else if (rs_eqn("groups", name, n)) *out = jv_int(p->re->groups);
  else if (rs_eqn("groupindex", name, n)) {
    *out = jv_dict(j);
    for (size_t i = 0; i < p->re->nnames; i++)
      jv_dict_set(j, *out, p->re->names[i].name, jv_int(p->re->names[i].group));
  } else {
    return RS_NOT_FOUND;
  }
  return RS_OK;
}

static CLASS_TEXT(pattern_str)
{
  const struct rs_re_pattern *p = self;
  rs_buf_str(b, "re.compile(");
  enum rs_code rc = jv_repr_to(j, p->source, b, e);
  if ((p->re->flags & ~RS_RE_UNICODE) != 0) {
    rs_buf_str(b, ", ");
    put_flags(p->re->flags & ~RS_RE_UNICODE, b);
  }
  rs_buf_char(b, ')');
  return rc;
}

const struct jv_class rs_re_pattern_class = {
  .name = "re.Pattern", .getattr = pattern_getattr, .str = pattern_str};

jv rs_module_re(struct rs_python *j)
{
  jv dict = jv_dict(j);
  for (size_t i = 0; i < COUNT(functions); i++)
    jv_dict_set(j, dict, functions[i].name, jv_func(j, functions[i].name, functions[i].fn, NULL));
  for (size_t i = 0; i < COUNT(flags); i++) {
    jv flag = jv_object(j, &flag_class, (void *)(uintptr_t)&flags[i].flag);
    jv_dict_set(j, dict, flags[i].letter, flag);
    jv_dict_set(j, dict, flags[i].name, flag);
  }
  return dict;
}
