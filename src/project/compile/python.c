/*
** Python models (compile.h): what dbt reads of one without running it, which is as much as we do
** with it: the calls of dbt.ref, dbt.source and dbt.config, whose arguments have to be literals.
**
** dbt walks Python's syntax tree; here the text is cut into tokens, so that a call is found
** wherever it stands.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "src/project/names/names.h"

#define ARGS_MAX 64 /* of one call */

struct token {
  char kind; /* 'n' name, 's' text, 'o' anything else, one character; 0 at the end */
  const char *p;
  size_t n;
};

struct scan {
  const char *text, *p, *end;
  unsigned depth; /* of brackets */
};

/* One call of dbt: its arguments as they stand there, then as values. */
struct call {
  struct rs_context *c;
  const char *name; /* ref, source, config, config.get */
  struct scan at;   /* behind its bracket */
  jv pos[ARGS_MAX], keys[ARGS_MAX], values[ARGS_MAX];
  size_t npos, nkw;
};

struct model {
  struct rs_context *c;
  jv used, defaults; /* of dbt.config.get() */
  size_t ndefs;
};

bool rs_node_is_python(const struct rs_node *n)
{
  size_t len = n->type == RS_NODE_MODEL && n->row.path != NULL ? strlen(n->row.path) : 0;
  return len > 3 && strcmp(n->row.path + len - 3, ".py") == 0;
}

enum rs_code rs_python_refuse(const struct rs_node *n, struct rs_error *e)
{
  return rs_fail(e, RS_UNSUPPORTED,
                 "model %s: Python models are not built here: write it in SQL, or let dbt build it "
                 "into this target and exclude it from runs",
                 n->name);
}

static enum rs_code fail_at(const struct scan *s, const char *at, struct rs_error *e,
                            const char *text)
{
  int line = 1;
  for (const char *p = s->text; p < at; p++) line += *p == '\n';
  return rs_fail(e, RS_INVALID, "line %d: %s", line, text);
}

/* ---- tokens --------------------------------------------------------------------------------- */

static bool is_word(char c)
{
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' ||
         (unsigned char)c > 127;
}

static void skip_space(struct scan *s)
{
  while (s->p < s->end) {
    if (*s->p == '#')
      while (s->p < s->end && *s->p != '\n') s->p++;
    else if (strchr(" \t\r\n\f\v", *s->p) != NULL && *s->p != 0) s->p++;
    else if (*s->p == '\\' && s->end - s->p > 1 && (s->p[1] == '\n' || s->p[1] == '\r')) s->p++;
    else return;
  }
}

/* Behind the text whose first quote is at p; NULL: it has no end. */
static const char *text_end(const char *p, const char *end)
{
  char quote = *p;
  size_t marks = end - p > 2 && p[1] == quote && p[2] == quote ? 3 : 1;
  for (p += marks; p < end; p++) {
    if (*p == '\\') p++;
    else if (*p == '\n' && marks == 1) return NULL;
    else if (*p == quote && marks == 1) return p + 1;
    else if (*p == quote && end - p > 2 && p[1] == quote && p[2] == quote) return p + 3;
  }
  return NULL;
}

static enum rs_code next(struct scan *s, struct token *t, struct rs_error *e)
{
  skip_space(s);
  *t = (struct token){.p = s->p};
  if (s->p == s->end) return RS_OK;
  while (s->p < s->end && is_word(*s->p)) s->p++;
  size_t word = (size_t)(s->p - t->p);
  bool quote = s->p < s->end && (*s->p == '\'' || *s->p == '"');
  bool prefix = word <= 2;
  for (size_t i = 0; prefix && i < word; i++) prefix = strchr("rbuf", t->p[i] | 32) != NULL;
  t->kind = word > 0 ? 'n' : 'o';
  if (quote && prefix) {
    s->p = text_end(s->p, s->end);
    if (s->p == NULL) return fail_at(s, t->p, e, "a text has no end");
    t->kind = 's';
  } else if (word == 0) {
    if (strchr("([{", *s->p) != NULL) s->depth++;
    if (strchr(")]}", *s->p) != NULL && s->depth > 0) s->depth--;
    s->p++;
  }
  t->n = (size_t)(s->p - t->p);
  return RS_OK;
}

static bool is_name(const struct token *t, const char *name)
{
  return t->kind == 'n' && rs_eqn(name, t->p, t->n);
}

static bool is_op(const struct token *t, char c)
{
  return t->kind == 'o' && *t->p == c;
}

/* ---- a call --------------------------------------------------------------------------------- */

static enum rs_code fail_literal(const struct call *call, const char *p, size_t n,
                                 struct rs_error *e)
{
  enum { SHOWN = 60 };
  char what[SHOWN + 60];
  while (n > 0 && strchr(" \t\r\n", *p) != NULL) p++, n--;
  snprintf(what, sizeof what, "dbt.%s() takes literals only, not %.*s", call->name,
           (int)rs_utf8_valid(p, n < SHOWN ? n : SHOWN), p);
  return fail_at(&call->at, p, e, what);
}

/* `'x'` or `name='x'`: what stands in front of the comma or the last bracket. */
static enum rs_code put_argument(struct call *call, const char *p, size_t n, struct rs_error *e)
{
  struct rs_python *j = call->c->j;
  struct scan s = {.text = call->at.text, .p = p, .end = p + n};
  struct token name, sign;
  bool ok = false;
  jv v;
  enum rs_code rc = next(&s, &name, e);
  if (rc == RS_OK && name.kind == 0) return RS_OK; // behind a last comma
  if (rc == RS_OK) rc = next(&s, &sign, e);
  if (rc != RS_OK) return rc;
  bool keyword = name.kind == 'n' && is_op(&sign, '=');
  const char *from = keyword ? s.p : p;
  rc = jv_literal(j, from, (size_t)(p + n - from), &v, &ok, e);
  if (rc != RS_OK) return rc;
  if (!ok) return fail_literal(call, from, (size_t)(p + n - from), e);
  if (call->npos == ARGS_MAX || call->nkw == ARGS_MAX)
    return fail_at(&call->at, p, e, "a call has too many arguments");
  if (!keyword) {
    call->pos[call->npos++] = v;
    return RS_OK;
  }
  call->keys[call->nkw] = jv_textn(j, name.p, name.n);
  call->values[call->nkw++] = v;
  return RS_OK;
}

static enum rs_code read_arguments(struct call *call, struct scan *s, struct rs_error *e)
{
  unsigned depth = s->depth; // inside of the call's bracket
  const char *from = s->p;
  struct token t;
  for (;;) {
    enum rs_code rc = next(s, &t, e);
    if (rc == RS_OK && t.kind == 0) rc = fail_at(s, from, e, "a bracket is not closed");
    if (rc != RS_OK) return rc;
    bool closed = s->depth < depth;
    if (!closed && (s->depth > depth || !is_op(&t, ','))) continue;
    rc = put_argument(call, from, (size_t)(t.p - from), e);
    if (rc != RS_OK || closed) return rc;
    from = s->p;
  }
}

/* dbt notes which configs a model reads, and what it takes where there are none. */
static enum rs_code note_get(struct model *m, const struct call *call, struct rs_error *e)
{
  if (call->npos == 0 || call->npos > 2)
    return fail_at(&call->at, call->at.p, e,
                   "dbt.config.get() takes the name of a config, and a default");
  jv_list_add(m->c->j, m->used, call->pos[0]);
  jv_list_add(m->c->j, m->defaults, call->npos == 2 ? call->pos[1] : jv_none());
  return RS_OK;
}

static enum rs_code call_name(struct rs_context *c, const char *name, const struct jv_args *args,
                              struct rs_error *e)
{
  jv callee, out;
  enum rs_code rc = rs_names_get(c, name, strlen(name), &callee, e);
  return rc == RS_OK ? rs_python_call(c->j, callee, args, &out, e) : rc;
}

/* Behind the name `dbt`: `.ref(...)`; *s stays where it is when no such call stands there. */
static enum rs_code read_call(struct model *m, struct scan *s, struct rs_error *e)
{
  static const char *const names[] = {"ref", "source", "config"};
  struct call call = {.c = m->c};
  struct scan next_scan = *s;
  struct token t;
  enum rs_code rc = next(&next_scan, &t, e);
  if (rc != RS_OK || !is_op(&t, '.')) return rc;
  rc = next(&next_scan, &t, e);
  for (size_t i = 0; rc == RS_OK && i < 3; i++)
    if (is_name(&t, names[i])) call.name = names[i];
  if (rc == RS_OK && call.name != NULL) rc = next(&next_scan, &t, e);
  if (rc == RS_OK && rs_eq(call.name, "config") && is_op(&t, '.')) {
    rc = next(&next_scan, &t, e);
    call.name = rc == RS_OK && is_name(&t, "get") ? "config.get" : NULL;
    if (rc == RS_OK && call.name != NULL) rc = next(&next_scan, &t, e);
  }
  if (rc != RS_OK || call.name == NULL || !is_op(&t, '(')) return rc;
  *s = next_scan;
  call.at = next_scan;
  rc = read_arguments(&call, s, e);
  if (rc != RS_OK) return rc;
  const struct jv_args args = {.pos = call.pos,
                               .npos = call.npos,
                               .kw_keys = call.keys,
                               .kw_values = call.values,
                               .nkw = call.nkw};
  return rs_eq(call.name, "config.get") ? note_get(m, &call, e)
                                        : call_name(m->c, call.name, &args, e);
}

/* ---- the model ------------------------------------------------------------------------------ */

/* Behind `def model`: (dbt, session). */
static enum rs_code check_parameters(struct scan s, struct rs_error *e)
{
  size_t n = 0, commas = 0;
  struct token t, first = {0};
  enum rs_code rc = next(&s, &t, e);
  unsigned depth = s.depth;
  if (rc != RS_OK || !is_op(&t, '(')) return rc;
  for (bool last = false; rc == RS_OK && !last;) {
    rc = next(&s, &t, e);
    last = t.kind == 0 || s.depth < depth;
    if (n++ == 0) first = t;
    // (dbt, session,) has two
    if (!last && s.depth == depth && is_op(&t, ',')) commas++;
    else if (last && n > 1 && commas > 0 && t.p[-1] == ',') commas--;
  }
  if (rc == RS_OK && (commas != 1 || !is_name(&first, "dbt")))
    rc = fail_at(&s, first.p, e, "def model must take two arguments, dbt and a session");
  return rc;
}

static enum rs_code read_tokens(struct model *m, struct scan s, struct rs_error *e);

/* What stands in the braces of an f"..." is no text. */
static enum rs_code read_braces(struct model *m, const struct scan *s, const struct token *t,
                                struct rs_error *e)
{
  const char *quote = strpbrk(t->p, "'\""), *end = t->p + t->n, *p, *from = NULL;
  enum rs_code rc = RS_OK;
  unsigned depth = 0;
  if (memchr(t->p, 'f', (size_t)(quote - t->p)) == NULL &&
      memchr(t->p, 'F', (size_t)(quote - t->p)) == NULL)
    return RS_OK;
  for (p = quote; rc == RS_OK && p < end; p++) {
    if (*p == '{' && depth++ == 0) from = p + 1;
    if (*p == '}' && depth > 0 && --depth == 0)
      rc = read_tokens(m, (struct scan){.text = s->text, .p = from, .end = p}, e);
  }
  return rc;
}

/* Every call in [s.p, s.end). */
static enum rs_code read_tokens(struct model *m, struct scan s, struct rs_error *e)
{
  struct token t, before = {0};
  for (;; before = t) {
    enum rs_code rc = next(&s, &t, e);
    if (rc != RS_OK || t.kind == 0) return rc;
    if (t.kind == 's') rc = read_braces(m, &s, &t, e);
    if (is_name(&t, "dbt") && !is_op(&before, '.')) rc = read_call(m, &s, e);
    bool def = is_name(&before, "def") && (before.p == s.text || before.p[-1] == '\n');
    if (rc == RS_OK && def && is_name(&t, "model")) {
      m->ndefs++;
      rc = check_parameters(s, e);
    }
    if (rc != RS_OK) return rc;
  }
}

enum rs_code rs_python_read(struct rs_context *c, const char *text, size_t n, struct rs_error *e)
{
  struct scan s = {.text = text, .p = text, .end = text + n};
  struct model m = {.c = c, .used = jv_list(c->j), .defaults = jv_list(c->j)};
  jv keys[2] = {jv_text(c->j, "materialized")}, values[2] = {jv_text(c->j, "table")};
  struct jv_args args = {.kw_keys = keys, .kw_values = values, .nkw = 1};
  if (memmem(text, n, "{{", 2) != NULL || memmem(text, n, "{%", 2) != NULL)
    return rs_fail(e, RS_INVALID, "no templates are allowed in a Python model");
  enum rs_code rc = call_name(c, "config", &args, e); // what a Python model is by itself
  if (rc == RS_OK) rc = read_tokens(&m, s, e);
  skip_space(&s);
  if (rc == RS_OK && m.ndefs != 1 && s.p < s.end)
    rc = rs_fail(e, RS_INVALID, "a Python model has one function model(dbt, session), not %zu",
                 m.ndefs);
  if (rc != RS_OK || jv_len(m.used) == 0) return rc;
  keys[0] = jv_text(c->j, "config_keys_used");
  keys[1] = jv_text(c->j, "config_keys_defaults");
  values[0] = m.used;
  values[1] = m.defaults;
  args.nkw = 2;
  return call_name(c, "config", &args, e);
}
