/*
** Statements, after jinja2/parser.py, with the extensions do and loopcontrols and dbt's tags
** materialization, test and docs. One row of a table per tag.
*/
#include <stdio.h>
#include "parser.h"

#define DBT_PREFIX "dbt_macro__" /* dbt renames macros while parsing, and so do we */

static struct node *begin(struct parser *p, enum node_type type)
{
  return node_new(p, type, next_token(p));
}

static bool add_nodes(struct parser *p, struct node *n, const struct nodes *l)
{
  for (size_t i = 0; i < l->n; i++) {
    if (node_up(p, n, l->v[i], NULL, NULL) == NULL) return false;
  }
  return true;
}

/* ---- tags and bodies ----------------------------------------------------------------------- */

static void list_ends(struct rs_buf *b, const char *const *ends)
{
  for (size_t i = 0; ends[i] != NULL; i++) {
    rs_buf_printf(b, "%s'%s'", i > 0 ? " or " : "", ends[i]);
  }
}

/* "Encountered unknown tag ..." (t is its name) or "Unexpected end of template." (t NULL). */
static void *fail_tag(struct parser *p, const struct token *t)
{
  struct rs_buf b;
  rs_buf_init(&b, 2000);
  bool known = false;
  if (t == NULL) {
    rs_buf_str(&b, "Unexpected end of template.");
  } else {
    rs_buf_printf(&b, "Encountered unknown tag '%.*s'.", (int)(t->n < 100 ? t->n : 100), t->p);
    for (const struct end_tags *e = p->ends; e != NULL; e = e->up) {
      for (size_t i = 0; e->names[i] != NULL; i++) known = known || tok_is(t, e->names[i]);
    }
  }
  if (p->ends != NULL) {
    rs_buf_str(&b, known ? " You probably made a nesting mistake. Jinja is expecting this tag, but "
                           "currently looking for "
                         : " Jinja was looking for the following tags: ");
    list_ends(&b, p->ends->names);
    rs_buf_char(&b, '.');
  }
  if (p->ntags > 0) {
    rs_buf_printf(&b, " The innermost block that needs to be closed is '%s'.",
                  p->tag_stack[(p->ntags - 1) % 64]);
  }
  if (b.rc == RS_NOMEM) parse_nomem(p);
  parse_fail(p, t != NULL ? t : cur(p), "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  return NULL;
}

static bool at_end(struct parser *p, const char *const *ends)
{
  for (size_t i = 0; ends != NULL && ends[i] != NULL; i++) {
    if (tok_is(cur(p), ends[i])) return true;
  }
  return false;
}

/*
** Text, expressions and statements up to one of `ends` (not consumed) or the end of the template.
*/
static bool subparse(struct parser *p, const char *const *ends, struct nodes *body)
{
  size_t cap = 0, out_cap = 0;
  struct node *out = NULL;
  while (cur(p)->type != T_EOF && !p->failed) {
    struct token *t = cur(p);
    if (t->type == T_BLOCK_BEGIN) {
      out = NULL;
      next_token(p);
      if (at_end(p, ends)) return true;
      p->level++;
      struct node *n = parse_statement(p);
      p->level--;
      if (!nodes_add(p, body, &cap, n) || expect(p, T_BLOCK_END) == NULL) return false;
      continue;
    }
    if (out == NULL) {
      out = node_new(p, N_OUTPUT, t);
      out_cap = 0;
      if (!nodes_add(p, body, &cap, out)) return false;
      out->op = p->escape;
    }
    next_token(p);
    struct node *n;
    if (t->type == T_DATA) {
      n = node_new(p, N_TEXT, t);
      if (n == NULL) return false;
      n->u.text.p = t->p;
      n->u.text.n = t->n;
      n->is_const = true;
    } else {
      n = parse_tuple(p, (struct tuple_rule){.with_cond = true});
      if (n == NULL || expect(p, T_VAR_END) == NULL) return false;
    }
    if (!nodes_add(p, &out->u.out, &out_cap, n) || node_up(p, out, n, NULL, NULL) == NULL) {
      return false;
    }
  }
  return !p->failed;
}

bool parse_body(struct parser *p, const char *const *ends, struct nodes *out, bool drop_end)
{
  skip_type(p, T_COLON);
  if (expect(p, T_BLOCK_END) == NULL || !enter(p)) return false;
  struct end_tags top = {.names = ends, .up = p->ends};
  p->ends = &top;
  bool ok = subparse(p, ends, out);
  if (ok && cur(p)->type == T_EOF) ok = fail_tag(p, NULL) != NULL;
  p->ends = top.up;
  leave(p);
  if (ok && drop_end) next_token(p);
  return ok;
}

#define ENDS(name, ...) static const char *const name[] = {__VA_ARGS__, NULL}

/* ---- control ------------------------------------------------------------------------------- */

static struct node *parse_if(struct parser *p)
{
  ENDS(ends, "elif", "else", "endif");
  ENDS(else_ends, "endif");
  struct node *first = NULL, *last = NULL;
  struct token *at = cur(p);
  next_token(p);
  for (;;) {
    struct node *n = node_new(p, N_IF, at);
    if (n == NULL) return NULL;
    n->u.branch.test = parse_tuple(p, (struct tuple_rule){0});
    if (n->u.branch.test == NULL || !parse_body(p, ends, &n->u.branch.body, false)) return NULL;
    if (node_up(p, n, n->u.branch.test, NULL, NULL) == NULL) return NULL;
    if (!add_nodes(p, n, &n->u.branch.body)) return NULL;
    // an elif is an if of its own in the list of the first one: no depth for a long chain
    size_t cap = 0;
    if (first == NULL) {
      first = n;
    } else {
      struct nodes *chain = &last->u.branch.otherwise;
      if (!nodes_add(p, chain, &cap, n)) return NULL;
      n->flag = true;
      if (n->height > first->height) first->height = n->height;
    }
    last = n;
    at = next_token(p);
    if (tok_is(at, "elif")) {
      at = cur(p);
      continue;
    }
    if (tok_is(at, "else")) {
      if (!parse_body(p, else_ends, &n->u.branch.otherwise, true)) return NULL;
      if (!add_nodes(p, first, &n->u.branch.otherwise)) return NULL;
    }
    return node_up(p, first, first, NULL, NULL) == NULL ? NULL : first;
  }
}

static struct node *parse_for(struct parser *p)
{
  ENDS(ends, "endfor", "else");
  ENDS(else_ends, "endfor");
  struct node *n = begin(p, N_FOR);
  if (n == NULL) return NULL;
  size_t start = p->at;
  n->u.loop.target = parse_target(p, false, false);
  if (n->u.loop.target == NULL || expect_name(p, "in") == NULL) return NULL;
  n->u.loop.iter = parse_tuple(p, (struct tuple_rule){0});
  if (n->u.loop.iter == NULL) return NULL;
  if (skip_name(p, "if")) {
    n->u.loop.test = parse_expression(p, true);
    if (n->u.loop.test == NULL) return NULL;
    // the test sees variables of its own, so it gets a second copy of the target
    size_t here = p->at;
    p->at = start;
    n->u.loop.test_target = parse_target(p, false, false);
    p->at = here;
    if (n->u.loop.test_target == NULL) return NULL;
  }
  n->flag = skip_name(p, "recursive");
  p->in_loop++;
  bool ok = parse_body(p, ends, &n->u.loop.body, false);
  p->in_loop--;
  if (!ok) return NULL;
  if (tok_is(next_token(p), "else") && !parse_body(p, else_ends, &n->u.loop.otherwise, true)) {
    return NULL;
  }
  if (node_up(p, n, n->u.loop.iter, n->u.loop.test, n->u.loop.target) == NULL) return NULL;
  return add_nodes(p, n, &n->u.loop.body) && add_nodes(p, n, &n->u.loop.otherwise) ? n : NULL;
}

static struct node *parse_loop_control(struct parser *p)
{
  struct token *t = cur(p);
  bool is_break = tok_is(t, "break");
  struct node *n = begin(p, is_break ? N_BREAK : N_CONTINUE);
  if (n != NULL && p->in_loop == 0 && p->late_error == NULL) {
    p->late_error = is_break ? "'break' outside loop" : "'continue' not properly in loop";
    p->late_at = t;
  }
  return n;
}

static struct node *parse_with(struct parser *p)
{
  ENDS(ends, "endwith");
  struct node *n = begin(p, N_WITH);
  if (n == NULL) return NULL;
  size_t tcap = 0, vcap = 0;
  while (cur(p)->type != T_BLOCK_END) {
    if (n->u.with.targets.n > 0 && expect(p, T_COMMA) == NULL) return NULL;
    if (!nodes_add(p, &n->u.with.targets, &tcap, parse_target(p, false, false)) ||
        expect(p, T_ASSIGN) == NULL ||
        !nodes_add(p, &n->u.with.values, &vcap, parse_expression(p, true))) {
      return NULL;
    }
  }
  if (!parse_body(p, ends, &n->u.with.body, true) || !add_nodes(p, n, &n->u.with.values)) {
    return NULL;
  }
  return add_nodes(p, n, &n->u.with.body) ? n : NULL;
}

static struct node *parse_set(struct parser *p)
{
  ENDS(ends, "endset");
  struct node *n = begin(p, N_SET);
  if (n == NULL) return NULL;
  n->u.set.target = parse_target(p, false, true);
  if (n->u.set.target == NULL) return NULL;
  if (skip_type(p, T_ASSIGN)) {
    n->u.set.value = parse_tuple(p, (struct tuple_rule){.with_cond = true});
    return n->u.set.value == NULL ? NULL : node_up(p, n, n->u.set.value, n->u.set.target, NULL);
  }
  n->type = N_SETBLOCK;
  n->u.set.filter = parse_filter_chain(p, NULL, false);
  if (p->failed || !parse_body(p, ends, &n->u.set.body, true)) return NULL;
  if (!add_nodes(p, n, &n->u.set.body)) return NULL;
  return node_up(p, n, n->u.set.filter, n->u.set.target, NULL);
}

static struct node *parse_print(struct parser *p)
{
  struct node *n = begin(p, N_OUTPUT);
  size_t cap = 0;
  if (n == NULL) return NULL;
  n->op = p->escape;
  while (cur(p)->type != T_BLOCK_END) {
    if (n->u.out.n > 0 && expect(p, T_COMMA) == NULL) return NULL;
    if (!nodes_add(p, &n->u.out, &cap, parse_expression(p, true))) return NULL;
  }
  return add_nodes(p, n, &n->u.out) ? n : NULL;
}

static struct node *parse_do(struct parser *p)
{
  struct node *n = begin(p, N_DO);
  if (n == NULL) return NULL;
  n->u.expr = parse_tuple(p, (struct tuple_rule){.with_cond = true});
  return n->u.expr == NULL ? NULL : node_up(p, n, n->u.expr, NULL, NULL);
}

static struct node *parse_filter_block(struct parser *p)
{
  ENDS(ends, "endfilter");
  struct node *n = begin(p, N_FILTERBLOCK);
  if (n == NULL) return NULL;
  n->u.set.filter = parse_filter_chain(p, NULL, true);
  if (n->u.set.filter == NULL || !parse_body(p, ends, &n->u.set.body, true)) return NULL;
  return add_nodes(p, n, &n->u.set.body) ? node_up(p, n, n->u.set.filter, NULL, NULL) : NULL;
}

static struct node *parse_autoescape(struct parser *p)
{
  ENDS(ends, "endautoescape");
  struct node *n = begin(p, N_AUTOESCAPE);
  if (n == NULL) return NULL;
  n->u.escape.value = parse_expression(p, true);
  if (n->u.escape.value == NULL) return NULL;
  uint8_t saved = p->escape;
  const struct node *v = n->u.escape.value;
  bool on = v->type == N_CONST && v->u.value.kind == JV_BOOL && v->u.value.u.b;
  bool known = v->type == N_CONST && v->u.value.kind == JV_BOOL;
  p->escape = !known ? ESC_ASK : on ? ESC_ON : ESC_OFF;
  bool ok = parse_body(p, ends, &n->u.escape.body, true);
  p->escape = saved;
  return ok && add_nodes(p, n, &n->u.escape.body) ? node_up(p, n, v, NULL, NULL) : NULL;
}

/* ---- macros and blocks --------------------------------------------------------------------- */

static bool add_arg(struct parser *p, struct macro *m, size_t *cap, const struct jv_str *name)
{
  if (name == NULL) return false;
  if (m->nargs == *cap) {
    size_t more = *cap == 0 ? 4 : *cap * 2;
    const struct jv_str **v = p_alloc(p, more * sizeof *v);
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
  if (expect(p, T_LPAREN) == NULL) return false;
  while (cur(p)->type != T_RPAREN) {
    if (m->nargs > 0 && expect(p, T_COMMA) == NULL) return false;
    struct node *arg = parse_target(p, true, false);
    if (arg == NULL || !add_arg(p, m, &cap, arg->u.name.name)) return false;
    if (skip_type(p, T_ASSIGN)) {
      if (!nodes_add(p, &m->defaults, &dcap, parse_expression(p, true))) return false;
    } else if (m->defaults.n > 0) {
      parse_fail(p, cur(p), "non-default argument follows default argument");
      return false;
    }
  }
  return expect(p, T_RPAREN) != NULL;
}

static struct macro *macro_new(struct parser *p, struct node *n)
{
  struct macro *m = rs_arena_calloc(&p->t->arena, sizeof *m);
  if (m == NULL) return parse_nomem(p);
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
  if (full == NULL) return parse_nomem(p) != NULL;
  m->plain = str_new(&p->t->arena, plain, strlen(plain));
  m->name = str_new(&p->t->arena, full, strlen(full));
  if (m->plain == NULL || m->name == NULL) return parse_nomem(p) != NULL;
  return true;
}

/* The body up to `ends`; a loop around the macro is not a loop for its body. */
static struct node *macro_body(struct parser *p, struct node *n, const char *const *ends)
{
  struct macro *m = n->u.macro.macro;
  bool top = p->level == 1 && m->name != NULL;
  unsigned in_loop = p->in_loop;
  p->in_loop = 0;
  bool ok = parse_body(p, ends, &m->body, true);
  p->in_loop = in_loop;
  if (!ok || !add_nodes(p, n, &m->body) || !add_nodes(p, n, &m->defaults)) return NULL;
  if (top) {
    if (!rs_grow(&p->macros.v, &p->macros.cap, p->macros.n + 1, sizeof *p->macros.v)) {
      return parse_nomem(p);
    }
    p->macros.v[p->macros.n++] = m;
  }
  return n;
}

static struct node *parse_macro(struct parser *p)
{
  ENDS(ends, "endmacro");
  struct node *n = begin(p, N_MACRO);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? parse_target(p, true, false) : NULL;
  if (name == NULL || !macro_name(p, m, "", name->u.name.name, "", true)) return NULL;
  return parse_signature(p, m) ? macro_body(p, n, ends) : NULL;
}

static struct node *parse_test_block(struct parser *p)
{
  ENDS(ends, "endtest");
  struct node *n = begin(p, N_MACRO);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? parse_target(p, true, false) : NULL;
  if (name == NULL || !parse_signature(p, m)) return NULL;
  return macro_name(p, m, "test_", name->u.name.name, "", true) ? macro_body(p, n, ends) : NULL;
}

static struct node *parse_docs(struct parser *p)
{
  ENDS(ends, "enddocs");
  struct node *n = begin(p, N_MACRO);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? parse_target(p, true, false) : NULL;
  if (name == NULL || !macro_name(p, m, "dbt_docs__", name->u.name.name, "", false)) return NULL;
  return macro_body(p, n, ends);
}

/* supported_languages is an argument whose default is the list given, or ['sql']. */
static bool add_languages(struct parser *p, struct macro *m, struct node *list)
{
  size_t acap = 0, dcap = 0;
  struct token at = {.line = m->line, .col = m->col};
  struct jv_str *name = str_new(&p->t->arena, "supported_languages", 19);
  struct jv_str *sql = str_new(&p->t->arena, "sql", 3);
  if (name == NULL || sql == NULL) return parse_nomem(p) != NULL;
  if (list == NULL) {
    struct node *item = node_new(p, N_CONST, &at);
    list = node_new(p, N_LIST, &at);
    size_t cap = 0;
    if (item == NULL || list == NULL) return false;
    item->u.value = jv_of_str(sql);
    item->is_const = list->is_const = true;
    if (!nodes_add(p, &list->u.items, &cap, item)) return false;
    list->height = 2;
  }
  return add_arg(p, m, &acap, name) && nodes_add(p, &m->defaults, &dcap, list);
}

static struct node *parse_materialization(struct parser *p)
{
  ENDS(ends, "endmaterialization");
  struct node *n = begin(p, N_MACRO), *languages = NULL;
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  struct node *name = m != NULL ? parse_target(p, true, false) : NULL;
  if (name == NULL) return NULL;
  const char *adapter = "default";
  while (skip_type(p, T_COMMA)) {
    struct token *t = cur(p);
    struct node *arg = parse_target(p, true, false);
    if (arg == NULL) return NULL;
    if (tok_is(t, "adapter")) {
      struct node *v = expect(p, T_ASSIGN) != NULL ? parse_expression(p, true) : NULL;
      if (v == NULL) return NULL;
      if (v->type != N_CONST || v->u.value.kind != JV_STR) {
        return parse_fail(p, t, "the adapter of materialization '%s' must be a string",
                          name->u.name.name->s);
      }
      adapter = v->u.value.u.str->s;
    } else if (tok_is(t, "supported_languages")) {
      languages = expect(p, T_ASSIGN) != NULL ? parse_expression(p, true) : NULL;
      if (languages == NULL) return NULL;
    } else if (!tok_is(t, "default")) {
      return parse_fail(p, t, "materialization '%s' received unknown argument '%s'.",
                        name->u.name.name->s, arg->u.name.name->s);
    }
  }
  char *after = rs_arena_printf(&p->t->arena, "_%s", adapter);
  if (after == NULL) return parse_nomem(p);
  if (!add_languages(p, m, languages) ||
      !macro_name(p, m, "materialization_", name->u.name.name, after, true)) {
    return NULL;
  }
  return macro_body(p, n, ends);
}

static struct node *parse_call_block(struct parser *p)
{
  ENDS(ends, "endcall");
  struct node *n = begin(p, N_CALLBLOCK);
  struct macro *m = n != NULL ? macro_new(p, n) : NULL;
  if (m == NULL || (cur(p)->type == T_LPAREN && !parse_signature(p, m))) return NULL;
  struct token at = {.line = n->line, .col = n->col};
  n->u.macro.call = parse_expression(p, true);
  if (n->u.macro.call == NULL) return NULL;
  if (n->u.macro.call->type != N_CALL) return parse_fail(p, &at, "expected call");
  n->op = p->escape;
  if (macro_body(p, n, ends) == NULL) return NULL;
  return node_up(p, n, n->u.macro.call, NULL, NULL);
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

static struct node *parse_block(struct parser *p)
{
  ENDS(ends, "endblock");
  struct node *n = begin(p, N_BLOCK);
  struct block *b = n != NULL ? rs_arena_calloc(&p->t->arena, sizeof *b) : NULL;
  if (b == NULL) return parse_nomem(p);
  struct token *name = expect(p, T_NAME);
  if (name == NULL || (b->name = token_str(p, name)) == NULL) return NULL;
  b->scoped = skip_name(p, "scoped");
  b->required = skip_name(p, "required");
  if (cur(p)->type == T_SUB) {
    return parse_fail(
      p, cur(p),
      "Block names in Jinja have to be valid Python identifiers and may not contain "
      "hyphens, use an underscore instead.");
  }
  unsigned in_loop = p->in_loop;
  p->in_loop = 0;
  bool ok = parse_body(p, ends, &b->body, true);
  p->in_loop = in_loop;
  if (!ok) return NULL;
  if (b->required && !only_space(&b->body)) {
    return parse_fail(p, cur(p), "Required blocks can only contain comments or whitespace");
  }
  skip_name(p, b->name->s);
  for (size_t i = 0; i < p->blocks.n; i++) {
    if (strcmp(p->blocks.v[i]->name->s, b->name->s) == 0) {
      return parse_fail(p, name, "block '%s' defined twice", b->name->s);
    }
  }
  if (!rs_grow(&p->blocks.v, &p->blocks.cap, p->blocks.n + 1, sizeof *p->blocks.v)) {
    return parse_nomem(p);
  }
  p->blocks.v[p->blocks.n++] = b;
  n->u.block.block = b;
  return add_nodes(p, n, &b->body) ? n : NULL;
}

/* ---- tags that need a loader: parsed, and an error when reached ---------------------------- */

static void skip_context(struct parser *p)
{
  if ((tok_is(cur(p), "with") || tok_is(cur(p), "without")) && tok_is(look(p), "context")) {
    next_token(p);
    next_token(p);
  }
}

static struct node *parse_loader(struct parser *p)
{
  struct token *tag = cur(p);
  struct node *n = begin(p, N_LOADER);
  if (n == NULL) return NULL;
  n->u.expr = parse_expression(p, true);
  if (n->u.expr == NULL) return NULL;
  if (tok_is(tag, "include") && tok_is(cur(p), "ignore") && tok_is(look(p), "missing")) {
    next_token(p);
    next_token(p);
  }
  if (tok_is(tag, "import")) {
    if (expect_name(p, "as") == NULL || parse_target(p, true, false) == NULL) return NULL;
  }
  if (tok_is(tag, "from")) {
    if (expect_name(p, "import") == NULL) return NULL;
    bool more = false;
    do {
      skip_context(p);
      if (more && cur(p)->type != T_NAME) break;
      struct token *t = cur(p);
      if (parse_target(p, true, false) == NULL) return NULL;
      if (t->p[0] == '_') {
        return parse_fail(p, t, "names starting with an underline can not be imported");
      }
      if (skip_name(p, "as") && parse_target(p, true, false) == NULL) return NULL;
      more = true;
    } while (skip_type(p, T_COMMA));
  }
  skip_context(p);
  return node_up(p, n, n->u.expr, NULL, NULL);
}

static const struct {
  const char *name;
  struct node *(*parse)(struct parser *p);
} tags[] = {
  {"autoescape", parse_autoescape},
  {"block", parse_block},
  {"break", parse_loop_control},
  {"call", parse_call_block},
  {"continue", parse_loop_control},
  {"do", parse_do},
  {"docs", parse_docs},
  {"extends", parse_loader},
  {"filter", parse_filter_block},
  {"for", parse_for},
  {"from", parse_loader},
  {"if", parse_if},
  {"import", parse_loader},
  {"include", parse_loader},
  {"macro", parse_macro},
  {"materialization", parse_materialization},
  {"print", parse_print},
  {"set", parse_set},
  {"test", parse_test_block},
  {"with", parse_with},
};

struct node *parse_statement(struct parser *p)
{
  struct token *t = cur(p);
  if (t->type != T_NAME) return parse_fail(p, t, "tag name expected");
  for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
    if (!tok_is(t, tags[i].name)) continue;
    p->tag_stack[p->ntags++ % 64] = tags[i].name;
    struct node *n = tags[i].parse(p);
    p->ntags--;
    return n;
  }
  return fail_tag(p, t);
}

bool parse_all(struct parser *p)
{
  if (!subparse(p, NULL, &p->t->body)) return false;
  if (p->late_error != NULL) parse_fail(p, p->late_at, "%s", p->late_error);
  return !p->failed;
}
