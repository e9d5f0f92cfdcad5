/*
** Statements that give a body a name: macro, call, block and dbt's materialization, test and docs,
** after jinja2/parser.py and dbt's own extensions.
*/
#include <stdio.h>
#include "internal.h"

#define DBT_PREFIX "dbt_macro__" /* dbt renames macros while parsing, and so do we */

static bool add_arg(struct parser *p, struct macro *m, size_t *cap, const struct jv_str *name)
{
  if (name == NULL) return false;
  if (m->nargs == *cap) {
    size_t more = *cap == 0 ? 4 : *cap * 2;
    const struct jv_str **v = jinja_alloc(p, more * sizeof *v);
    if (v == NULL) return false;
    if (m->nargs > 0) memcpy(v, m->args, m->nargs * sizeof *v);
    m->args = v;
    *cap = more;
  }
  m->args[m->nargs++] = name;
  return true;
}

static bool parse_signature(struct parser *p, struct macro *m)
{
  size_t cap = 0, dcap = 0;
  if (jinja_expect(p, T_LPAREN) == NULL) return false;
  while (cur(p)->type != T_RPAREN) {
    if (m->nargs > 0 && jinja_expect(p, T_COMMA) == NULL) return false;
    struct node *arg = jinja_parse_target(p, true, false);
    if (arg == NULL || !add_arg(p, m, &cap, arg->u.name.name)) return false;
    if (jinja_skip_type(p, T_ASSIGN)) {
      if (!jinja_nodes_add(p, &m->defaults, &dcap, jinja_parse_expression(p, true))) return false;
    } else if (m->defaults.n > 0) {
      jinja_parse_fail(p, cur(p), "non-default argument follows default argument");
      return false;
    }
  }
  return jinja_expect(p, T_RPAREN) != NULL;
}

static struct macro *macro_new(struct parser *p, struct node *n)
{
  struct macro *m = rs_arena_calloc(&p->t->arena, sizeof *m);
  if (m == NULL) return jinja_parse_nomem(p);
  m->line = n->line;
  m->col = n->col;
  n->u.macro.macro = m;
  return m;
}

/* Names a macro in dbt's way: prefix, kind and adapter around the name that was written. */
static bool macro_name(struct parser *p, struct macro *m, const char *before,
                       const struct jv_str *name, const char *after, bool prefixed)
{
  char *plain = rs_arena_printf(&p->t->arena, "%s%s%s", before, name->s, after);
  char *full = plain == NULL || !prefixed ? plain
                                          : rs_arena_printf(&p->t->arena, DBT_PREFIX "%s", plain);
  if (full == NULL) return jinja_parse_nomem(p) != NULL;
  m->plain = py_str_new(&p->t->arena, plain, strlen(plain));
  m->name = py_str_new(&p->t->arena, full, strlen(full));
  if (m->plain == NULL || m->name == NULL) return jinja_parse_nomem(p) != NULL;
  return true;
}

/* The body up to `ends`; a loop around the macro is not a loop for its body. */
static struct node *macro_body(struct parser *p, struct node *n, const char *const *ends)
{
  struct macro *m = n->u.macro.macro;
  bool top = p->level == 1 && m->name != NULL;
  unsigned in_loop = p->in_loop;
  p->in_loop = 0;
  bool ok = jinja_parse_body(p, ends, &m->body, true);
  p->in_loop = in_loop;
  if (!ok || !jinja_nodes_up(p, n, &m->body) || !jinja_nodes_up(p, n, &m->defaults)) return NULL;
  if (top) {
    if (!rs_grow(&p->macros.v, &p->macros.cap, p->macros.n + 1, sizeof *p->macros.v)) {
      return jinja_parse_nomem(p);
    }
    p->macros.v[p->macros.n++] = m;
  }
  return n;
}

struct node *jinja_parse_macro(struct parser *p)
{
  ENDS(ends, "endmacro");
  struct node *n = jinja_statement_begin(p, N_MACRO);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? jinja_parse_target(p, true, false) : NULL;
  if (name == NULL || !macro_name(p, m, "", name->u.name.name, "", true)) return NULL;
  return parse_signature(p, m) ? macro_body(p, n, ends) : NULL;
}

struct node *jinja_parse_test_block(struct parser *p)
{
  ENDS(ends, "endtest");
  struct node *n = jinja_statement_begin(p, N_MACRO);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? jinja_parse_target(p, true, false) : NULL;
  if (name == NULL || !parse_signature(p, m)) return NULL;
  return macro_name(p, m, "test_", name->u.name.name, "", true) ? macro_body(p, n, ends) : NULL;
}

struct node *jinja_parse_docs(struct parser *p)
{
  ENDS(ends, "enddocs");
  struct node *n = jinja_statement_begin(p, N_MACRO);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? jinja_parse_target(p, true, false) : NULL;
  if (name == NULL || !macro_name(p, m, "dbt_docs__", name->u.name.name, "", false)) return NULL;
  return macro_body(p, n, ends);
}

/* supported_languages is an argument whose default is the list given, or ['sql']. */
static bool add_languages(struct parser *p, struct macro *m, struct node *list)
{
  size_t acap = 0, dcap = 0;
  struct token at = {.line = m->line, .col = m->col};
  struct jv_str *name = py_str_new(&p->t->arena, "supported_languages", 19);
  struct jv_str *sql = py_str_new(&p->t->arena, "sql", 3);
  if (name == NULL || sql == NULL) return jinja_parse_nomem(p) != NULL;
  if (list == NULL) {
    struct node *item = jinja_node_new(p, N_CONST, &at);
    list = jinja_node_new(p, N_LIST, &at);
    size_t cap = 0;
    if (item == NULL || list == NULL) return false;
    item->u.value = jv_of_str(sql);
    item->is_const = list->is_const = true;
    if (!jinja_nodes_add(p, &list->u.items, &cap, item)) return false;
    list->height = 2;
  }
  return add_arg(p, m, &acap, name) && jinja_nodes_add(p, &m->defaults, &dcap, list);
}

struct node *jinja_parse_materialization(struct parser *p)
{
  ENDS(ends, "endmaterialization");
  struct node *n = jinja_statement_begin(p, N_MACRO), *languages = NULL;
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? jinja_parse_target(p, true, false) : NULL;
  if (name == NULL) return NULL;
  const char *adapter = "default";
  while (jinja_skip_type(p, T_COMMA)) {
    struct token *t = cur(p);
    struct node *arg = jinja_parse_target(p, true, false);
    if (arg == NULL) return NULL;
    if (tok_is(t, "adapter")) {
      struct node *v = jinja_expect(p, T_ASSIGN) != NULL ? jinja_parse_expression(p, true) : NULL;
      if (v == NULL) return NULL;
      if (v->type != N_CONST || v->u.value.kind != JV_STR) {
        return jinja_parse_fail(p, t, "the adapter of materialization '%s' must be a string",
                                name->u.name.name->s);
      }
      adapter = v->u.value.u.str->s;
    } else if (tok_is(t, "supported_languages")) {
      languages = jinja_expect(p, T_ASSIGN) != NULL ? jinja_parse_expression(p, true) : NULL;
      if (languages == NULL) return NULL;
    } else if (!tok_is(t, "default")) {
      return jinja_parse_fail(p, t, "materialization '%s' received unknown argument '%s'.",
                              name->u.name.name->s, arg->u.name.name->s);
    }
  }
  char *after = rs_arena_printf(&p->t->arena, "_%s", adapter);
  if (after == NULL) return jinja_parse_nomem(p);
  if (!add_languages(p, m, languages) ||
      !macro_name(p, m, "materialization_", name->u.name.name, after, true)) {
    return NULL;
  }
  return macro_body(p, n, ends);
}

struct node *jinja_parse_call_block(struct parser *p)
{
  ENDS(ends, "endcall");
  struct node *n = jinja_statement_begin(p, N_CALLBLOCK);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  if (m == NULL || (cur(p)->type == T_LPAREN && !parse_signature(p, m))) return NULL;
  struct token at = {.line = n->line, .col = n->col};
  n->u.macro.call = jinja_parse_expression(p, true);
  if (n->u.macro.call == NULL) return NULL;
  if (n->u.macro.call->type != N_CALL) return jinja_parse_fail(p, &at, "expected call");
  n->op = p->escape;
  if (macro_body(p, n, ends) == NULL) return NULL;
  return jinja_node_up(p, n, n->u.macro.call, NULL, NULL);
}

static bool only_space(const struct nodes *body)
{
  for (size_t i = 0; i < body->n; i++) {
    if (body->v[i]->type != N_OUTPUT) return false;
    for (size_t k = 0; k < body->v[i]->u.out.n; k++) {
      const struct node *t = body->v[i]->u.out.v[k];
      if (t->type != N_TEXT) return false;
      for (size_t at = 0; at < t->u.text.n;) {
        if (!uni_space(uni_next(t->u.text.p, &at))) return false;
      }
    }
  }
  return true;
}

struct node *jinja_parse_block(struct parser *p)
{
  ENDS(ends, "endblock");
  struct node *n = jinja_statement_begin(p, N_BLOCK);
  struct block *b = n != NULL ? rs_arena_calloc(&p->t->arena, sizeof *b) : NULL;
  if (b == NULL) return jinja_parse_nomem(p);
  struct token *name = jinja_expect(p, T_NAME);
  if (name == NULL || (b->name = jinja_token_str(p, name)) == NULL) return NULL;
  b->scoped = jinja_skip_name(p, "scoped");
  b->required = jinja_skip_name(p, "required");
  if (cur(p)->type == T_SUB) {
    return jinja_parse_fail(
      p, cur(p),
      "Block names in Jinja have to be valid Python identifiers and may not contain "
      "hyphens, use an underscore instead.");
  }
  unsigned in_loop = p->in_loop;
  p->in_loop = 0;
  bool ok = jinja_parse_body(p, ends, &b->body, true);
  p->in_loop = in_loop;
  if (!ok) return NULL;
  if (b->required && !only_space(&b->body)) {
    return jinja_parse_fail(p, cur(p), "Required blocks can only contain comments or whitespace");
  }
  jinja_skip_name(p, b->name->s);
  if (!rs_grow(&p->blocks.v, &p->blocks.cap, p->blocks.n + 1, sizeof *p->blocks.v)) {
    return jinja_parse_nomem(p);
  }
  p->blocks.v[p->blocks.n++] = b;
  n->u.block.block = b;
  return jinja_nodes_up(p, n, &b->body) ? n : NULL;
}
