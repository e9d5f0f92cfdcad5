/*
** Templates: parsing as a whole, sharing (an atomic count of references), and the parser's small
** helpers on tokens and errors.
*/
#include <stdarg.h>
#include <stdio.h>
#include "internal.h"

void *jinja_parse_fail(struct parser *p, const struct token *at, const char *fmt, ...)
{
  if (p->failed) return NULL;
  p->failed = true;
  char text[2200];
  va_list ap;
  va_start(ap, fmt);
  if (vsnprintf(text, sizeof text, fmt, ap) < 0) text[0] = 0;
  va_end(ap);
  p->rc = rs_fail(p->err, RS_INVALID, "%s line %u, column %u: %s", p->t->name, at->line, at->col,
                  text);
  return NULL;
}

void *jinja_parse_nomem(struct parser *p)
{
  if (!p->failed) p->rc = rs_nomem(p->err);
  p->failed = true;
  return NULL;
}

void *jinja_alloc(struct parser *p, size_t n)
{
  void *block = rs_arena_alloc(&p->t->arena, n);
  return block != NULL ? block : jinja_parse_nomem(p);
}

bool jinja_enter(struct parser *p)
{
  if (p->failed) return false;
  if (p->nest >= PARSE_NEST_MAX) {
    jinja_parse_fail(p, cur(p), "too many nested brackets, expressions or statements (limit %d)",
                     PARSE_NEST_MAX);
    return false;
  }
  p->nest++;
  return true;
}

const char *jinja_token_type_text(enum token_type type)
{
  static const char *const names[] = {[T_EOF] = "end of template",
                                      [T_DATA] = "template data / text",
                                      [T_VAR_BEGIN] = "begin of print statement",
                                      [T_VAR_END] = "end of print statement",
                                      [T_BLOCK_BEGIN] = "begin of statement block",
                                      [T_BLOCK_END] = "end of statement block",
                                      [T_NAME] = "name",
                                      [T_STRING] = "string",
                                      [T_INT] = "integer",
                                      [T_FLOAT] = "float",
                                      [T_ADD] = "+",
                                      [T_SUB] = "-",
                                      [T_MUL] = "*",
                                      [T_DIV] = "/",
                                      [T_FLOORDIV] = "//",
                                      [T_MOD] = "%",
                                      [T_POW] = "**",
                                      [T_TILDE] = "~",
                                      [T_LBRACKET] = "[",
                                      [T_RBRACKET] = "]",
                                      [T_LPAREN] = "(",
                                      [T_RPAREN] = ")",
                                      [T_LBRACE] = "{",
                                      [T_RBRACE] = "}",
                                      [T_EQ] = "==",
                                      [T_NE] = "!=",
                                      [T_GT] = ">",
                                      [T_GE] = ">=",
                                      [T_LT] = "<",
                                      [T_LE] = "<=",
                                      [T_ASSIGN] = "=",
                                      [T_DOT] = ".",
                                      [T_COLON] = ":",
                                      [T_PIPE] = "|",
                                      [T_COMMA] = ",",
                                      [T_SEMICOLON] = ";"};
  return names[type];
}

const char *jinja_token_text(const struct token *t, char *small, size_t cap)
{
  if (t->type != T_NAME) return jinja_token_type_text((enum token_type)t->type);
  size_t n = t->n < cap - 1 ? t->n : cap - 1;
  n = rs_utf8_valid(t->p, n);
  memcpy(small, t->p, n);
  small[n] = 0;
  return small;
}

static struct token *unexpected(struct parser *p, const char *wanted)
{
  char text[80];
  struct token *t = cur(p);
  if (t->type == T_EOF) {
    return jinja_parse_fail(p, t, "unexpected end of template, expected '%s'.", wanted);
  }
  return jinja_parse_fail(p, t, "expected token '%s', got '%s'", wanted,
                          jinja_token_text(t, text, sizeof text));
}

struct token *jinja_expect(struct parser *p, enum token_type type)
{
  if (p->failed) return NULL;
  return cur(p)->type == type ? next_token(p) : unexpected(p, jinja_token_type_text(type));
}

struct token *jinja_expect_name(struct parser *p, const char *name)
{
  if (p->failed) return NULL;
  return tok_is(cur(p), name) ? next_token(p) : unexpected(p, name);
}

bool jinja_skip_name(struct parser *p, const char *name)
{
  if (p->failed || !tok_is(cur(p), name)) return false;
  next_token(p);
  return true;
}

bool jinja_skip_type(struct parser *p, enum token_type type)
{
  if (p->failed || cur(p)->type != type) return false;
  next_token(p);
  return true;
}

const struct jv_str *jinja_token_str(struct parser *p, const struct token *t)
{
  struct jv_str *s = py_str_new(&p->t->arena, t->p, t->n);
  return s != NULL ? s : jinja_parse_nomem(p);
}

/* ---- the template -------------------------------------------------------------------------- */

/* dbt looks for any of {{ {% {# #} }} %} before it renders at all. */
static bool has_tags(const char *s, size_t n)
{
  const char *end = s + n, *p = s;
  while (p < end && (p = memchr(p, '{', (size_t)(end - p))) != NULL) {
    if (++p < end && (*p == '{' || *p == '%' || *p == '#')) return true;
  }
  p = n > 0 ? s + 1 : end;
  while (p < end && (p = memchr(p, '}', (size_t)(end - p))) != NULL) {
    if (p[-1] == '}' || p[-1] == '%' || p[-1] == '#') return true;
    p++;
  }
  return false;
}

/* Newlines become LF, one at the end goes; bytes that are no UTF-8 become U+FFFD. */
static bool normalize(struct parser *p, const char *s, size_t n)
{
  bool clean = uni_valid(s, n);
  if (clean && (n == 0 || memchr(s, '\r', n) == NULL)) {
    p->src = s;
    p->n = n > 0 && s[n - 1] == '\n' ? n - 1 : n;
    return true;
  }
  if (n > ((size_t)1 << 40)) return jinja_parse_nomem(p) != NULL;
  char *to = jinja_alloc(p, n * 3 + 1);
  if (to == NULL) return false;
  size_t len = 0;
  for (size_t i = 0; i < n;) {
    size_t took = 1;
    if (s[i] == '\r') {
      to[len++] = '\n';
      took = i + 1 < n && s[i + 1] == '\n' ? 2 : 1;
    } else if ((unsigned char)s[i] < 0x80) {
      to[len++] = s[i];
    } else {
      uint32_t c = rs_utf8_decode(s + i, n - i, &took);
      len += rs_utf8_encode(c, to + len);
    }
    i += took;
  }
  p->src = to;
  p->n = len > 0 && to[len - 1] == '\n' ? len - 1 : len;
  return true;
}

static bool keep_lists(struct parser *p)
{
  struct rs_template *t = p->t;
  t->macros = jinja_alloc(p, (p->macros.n + 1) * sizeof *t->macros);
  t->blocks = jinja_alloc(p,
                          (p->blocks.n + 1) * sizeof *t->blocks); // filled by jinja_bind_symbols()
  if (t->macros == NULL || t->blocks == NULL) return false;
  if (p->macros.n > 0) memcpy(t->macros, p->macros.v, p->macros.n * sizeof *t->macros);
  t->nmacros = p->macros.n;
  return true;
}

enum rs_code rs_template_parse(const char *name, const char *text, size_t n,
                               struct rs_template **pt, struct rs_error *e)
{
  *pt = NULL;
  struct rs_template *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return rs_nomem(e);
  t->refs = 1;
  rs_arena_init(&t->arena, 0);
  struct parser p = {.t = t, .err = e};
  t->name = rs_arena_strdup(&t->arena, name != NULL ? name : "template");
  t->text = rs_arena_strndup(&t->arena, text, n);
  t->text_n = n;
  if (t->name == NULL || t->text == NULL) {
    jinja_parse_nomem(&p);
  } else {
    t->is_plain = !has_tags(t->text, n);
    if (normalize(&p, t->text, n) && jinja_lex(&p) && jinja_parse_all(&p) && keep_lists(&p))
      jinja_bind_symbols(&p);
  }
  rs_free(p.v);
  rs_free(p.macros.v);
  rs_free(p.blocks.v);
  if (p.failed) {
    rs_template_release(t);
    return p.rc;
  }
  *pt = t;
  return RS_OK;
}

void rs_template_retain(struct rs_template *t)
{
  if (t != NULL) __atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
}

void rs_template_release(struct rs_template *t)
{
  if (t == NULL || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) > 0) return;
  rs_arena_free(&t->arena);
  rs_free(t);
}

const char *rs_template_name(const struct rs_template *t)
{
  return t->name;
}

const char *rs_template_macro(const struct rs_template *t, size_t i)
{
  return i < t->nmacros ? t->macros[i]->plain->s : NULL;
}
