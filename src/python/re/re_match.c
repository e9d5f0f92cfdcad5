/*
** Matches of `modules.re` (re.h) with Python's methods, and templates of replacements.
*/
#include "re.h"
#include <string.h>

static const struct jv_class match_class;

void rs_re_put(const struct rs_re_subject *s, int64_t from, int64_t to, struct rs_buf *b)
{
  if (s->bytes == s->n) {
    rs_buf_add(b, s->s + from, (size_t)(to - from));
    return;
  }
  for (int64_t i = from; i < to; i++) {
    char utf8[4];
    rs_buf_add(b, utf8, rs_utf8_encode(s->cp[i], utf8));
  }
}

enum rs_code rs_re_part(struct rs_python *j, const struct rs_re_subject *s, int64_t from,
                        int64_t to, jv *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_re_put(s, from, to, &b);
  return rs_text_take(j, &b, "re", out, e);
}

enum rs_code rs_re_match_value(const struct rs_re_scan *s, size_t pos, jv *out, struct rs_error *e)
{
  struct rs_arena *a = rs_python_arena(s->j);
  struct rs_re_match *m = rs_arena_alloc(a, sizeof *m);
  size_t size = (size_t)s->p->re->registers * sizeof *s->regs;
  int64_t *regs = rs_arena_alloc(a, size);
  if (m == NULL || regs == NULL) return rs_nomem(e);
  memcpy(regs, s->regs, size);
  *m = (struct rs_re_match){
    .p = s->p, .subject = s->subject, .regs = regs, .pos = pos, .end = s->end};
  *out = jv_object(s->j, &match_class, m);
  return RS_OK;
}

/* A group's number from a number or a name. */
static enum rs_code group_index(const struct rs_re_match *m, jv key, int *group, struct rs_error *e)
{
  *group = -1;
  if (key.kind == JV_UNDEFINED) *group = 0;
  if (key.kind == JV_INT && key.u.i >= 0 && key.u.i <= m->p->re->groups) *group = (int)key.u.i;
  for (size_t i = 0; jv_is_str(key) && i < m->p->re->nnames; i++)
    if (rs_eq(m->p->re->names[i].name, jv_cstr(key, NULL))) *group = m->p->re->names[i].group;
  return *group >= 0 ? RS_OK : rs_fail(e, RS_INVALID, "no such group");
}

enum rs_code rs_re_group(struct rs_python *j, const struct rs_re_match *m, int group, jv otherwise,
                         jv *out, struct rs_error *e)
{
  if (m->regs[2 * group] < 0 || m->regs[2 * group + 1] < 0) {
    *out = otherwise;
    return RS_OK;
  }
  return rs_re_part(j, m->subject, m->regs[2 * group], m->regs[2 * group + 1], out, e);
}

static NATIVE(match_group)
{
  const struct rs_re_match *m = ctx;
  int group;
  if (args->npos == 0) return rs_re_group(j, m, 0, jv_none(), out, e);
  jv *all = rs_arena_alloc(rs_python_arena(j), args->npos * sizeof *all);
  if (all == NULL) return rs_nomem(e);
  for (size_t i = 0; i < args->npos; i++) {
    enum rs_code rc = group_index(m, args->pos[i], &group, e);
    if (rc == RS_OK) rc = rs_re_group(j, m, group, jv_none(), &all[i], e);
    if (rc != RS_OK) return rc;
  }
  *out = args->npos == 1 ? all[0] : jv_tuple(j, all, args->npos);
  return RS_OK;
}

static NATIVE(match_groups)
{
  const struct rs_re_match *m = ctx;
  static const char *const names[] = {"default", NULL};
  jv otherwise;
  enum rs_code rc = jv_bind(args, "groups", names, 0, &otherwise, e);
  if (!rs_given(otherwise)) otherwise = jv_none();
  size_t n = (size_t)m->p->re->groups;
  jv *all = rs_arena_alloc(rs_python_arena(j), (n + 1) * sizeof *all);
  if (all == NULL) return rs_nomem(e);
  for (size_t i = 0; rc == RS_OK && i < n; i++)
    rc = rs_re_group(j, m, (int)i + 1, otherwise, &all[i], e);
  if (rc == RS_OK) *out = jv_tuple(j, all, n);
  return rc;
}

static NATIVE(match_groupdict)
{
  const struct rs_re_match *m = ctx;
  static const char *const names[] = {"default", NULL};
  jv otherwise, text;
  enum rs_code rc = jv_bind(args, "groupdict", names, 0, &otherwise, e);
  if (!rs_given(otherwise)) otherwise = jv_none();
  *out = jv_dict(j);
  for (size_t i = 0; rc == RS_OK && i < m->p->re->nnames; i++) {
    rc = rs_re_group(j, m, m->p->re->names[i].group, otherwise, &text, e);
    if (rc == RS_OK) jv_dict_set(j, *out, m->p->re->names[i].name, text);
  }
  return rc;
}

static enum rs_code find_span(const struct rs_re_match *m, const struct jv_args *args,
                              int64_t span[2], struct rs_error *e)
{
  int group = 0;
  enum rs_code rc = args->npos > 0 ? group_index(m, args->pos[0], &group, e) : RS_OK;
  if (rc == RS_OK) memcpy(span, &m->regs[2 * group], 2 * sizeof *span);
  return rc;
}

static NATIVE(match_start)
{
  int64_t span[2];
  enum rs_code rc = find_span(ctx, args, span, e);
  if (rc == RS_OK) *out = jv_int(span[0]);
  return rc;
}

static NATIVE(match_end)
{
  int64_t span[2];
  enum rs_code rc = find_span(ctx, args, span, e);
  if (rc == RS_OK) *out = jv_int(span[1]);
  return rc;
}

static NATIVE(match_span)
{
  int64_t span[2];
  enum rs_code rc = find_span(ctx, args, span, e);
  jv pair[2];
  if (rc != RS_OK) return rc;
  for (int i = 0; i < 2; i++) pair[i] = jv_int(span[i]);
  *out = jv_tuple(j, pair, 2);
  return RS_OK;
}

/* The group that closed last: of two that end alike, the one around the other. */
static int last_group(const struct rs_re_match *m)
{
  int last = 0;
  for (int i = 1; i <= m->p->re->groups; i++) {
    const int64_t *a = &m->regs[2 * i], *b = &m->regs[2 * last];
    if (a[0] < 0 || a[1] < 0) continue;
    if (last == 0 || a[1] > b[1] || (a[1] == b[1] && a[0] >= b[1])) last = i;
  }
  return last;
}

/* One character of a template \1 \g<name> \n; *p is behind the backslash. */
static enum rs_code expand_escape(struct rs_python *j, const struct rs_re_match *m, const char **p,
                                  struct rs_buf *b, struct rs_error *e)
{
  static const char from[] = "abfnrtv\\", to[] = "\a\b\f\n\r\t\v\\";
  jv key = jv_undefined(), text;
  char c = *(*p)++;
  if (c >= '0' && c <= '9') {
    int64_t n = c - '0';
    if (c == '0') {
      int octal = 0;
      for (int i = 0; i < 2 && **p >= '0' && **p <= '7'; i++) octal = octal * 8 + *(*p)++ - '0';
      rs_buf_char(b, (char)octal);
      return RS_OK;
    }
    if (**p >= '0' && **p <= '9') n = n * 10 + *(*p)++ - '0';
    key = jv_int(n);
  } else if (c == 'g') {
    const char *end = **p == '<' ? strchr(*p, '>') : NULL;
    if (end == NULL) return rs_fail(e, RS_INVALID, "re: missing group name in the replacement");
    key = jv_textn(j, *p + 1, (size_t)(end - *p) - 1);
    const char *digits = jv_cstr(key, NULL);
    if (*digits >= '0' && *digits <= '9') {
      int64_t n = 0;
      for (; *digits >= '0' && *digits <= '9' && n < 1000; digits++) n = n * 10 + *digits - '0';
      key = jv_int(n);
    }
    *p = end + 1;
  } else {
    const char *known = c != 0 ? strchr(from, c) : NULL;
    if (known != NULL) rs_buf_char(b, to[known - from]);
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == 0)
      return rs_fail(e, RS_INVALID, "re: bad escape \\%c in the replacement", c == 0 ? ' ' : c);
    else rs_buf_char(b, '\\'), rs_buf_char(b, c);
    return RS_OK;
  }
  int group;
  enum rs_code rc = group_index(m, key, &group, e);
  if (rc != RS_OK) return rs_fail(e, RS_INVALID, "re: invalid group reference in the replacement");
  rc = rs_re_group(j, m, group, jv_text(j, ""), &text, e);
  if (rc == RS_OK) {
    size_t n;
    const char *s = jv_cstr(text, &n);
    rs_buf_add(b, s, n);
  }
  return rc;
}

enum rs_code rs_re_expand(struct rs_python *j, const struct rs_re_match *m, const char *template,
                          struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (const char *p = template; rc == RS_OK && *p != 0;) {
    size_t plain = strcspn(p, "\\");
    rs_buf_add(b, p, plain);
    p += plain;
    if (*p == '\\') {
      p++;
      rc = expand_escape(j, m, &p, b, e);
    }
  }
  return rc;
}

static NATIVE(match_expand)
{
  struct rs_buf b;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "expand() takes a text");
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_re_expand(j, ctx, jv_cstr(args->pos[0], NULL), &b, e);
  if (rc == RS_OK) return rs_text_take(j, &b, "expand()", out, e);
  rs_buf_free(&b);
  return rc;
}

static CLASS_GETATTR(match_getattr)
{
  static const struct rs_method methods[] = {
    {"group", match_group},  {"groups", match_groups}, {"groupdict", match_groupdict},
    {"start", match_start},  {"end", match_end},       {"span", match_span},
    {"expand", match_expand}};
  const struct rs_re_match *m = self;
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  int last = last_group(m);
  if (rs_eqn("string", name, n)) *out = m->subject->text;
  else if (rs_eqn("re", name, n))
    *out = jv_object(j, &rs_re_pattern_class, (void *)(uintptr_t)m->p);
  else if (rs_eqn("pos", name, n)) *out = jv_int((int64_t)m->pos);
  else if (rs_eqn("endpos", name, n)) *out = jv_int((int64_t)m->end);
  else if (rs_eqn("lastindex", name, n)) *out = last > 0 ? jv_int(last) : jv_none();
  else if (rs_eqn("lastgroup", name, n)) {
    *out = jv_none();
    for (size_t i = 0; i < m->p->re->nnames; i++)
      if (m->p->re->names[i].group == last) *out = jv_text(j, m->p->re->names[i].name);
  } else {
    return RS_NOT_FOUND;
  }
  return RS_OK;
}

static CLASS_GETITEM(match_getitem)
{
  int group;
  if (group_index(self, key, &group, NULL) != RS_OK) return RS_NOT_FOUND;
  return rs_re_group(j, self, group, jv_none(), out, e);
}

static CLASS_TEXT(match_str)
{
  const struct rs_re_match *m = self;
  jv text;
  enum rs_code rc = rs_re_group(j, m, 0, jv_none(), &text, e);
  rs_buf_printf(b, "<re.Match object; span=(%lld, %lld), match=", (long long)m->regs[0],
                (long long)m->regs[1]);
  if (rc == RS_OK) rc = jv_repr_to(j, text, b, e);
  rs_buf_char(b, '>');
  return rc;
}

static const struct jv_class match_class = {
  .name = "re.Match", .getattr = match_getattr, .getitem = match_getitem, .str = match_str};

enum rs_code rs_re_match_texts(struct rs_python *j, const struct rs_re_match *m, jv *out,
                               struct rs_error *e)
{
  jv empty = jv_text(j, "");
  struct jv_args args = {.pos = &empty, .npos = 1};
  const int groups = m->p->re->groups;
  if (groups <= 1) return rs_re_group(j, m, groups, empty, out, e);
  return match_groups(j, (void *)(uintptr_t)m, &args, out, e);
}
