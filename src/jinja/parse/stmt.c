/*
** Statements, after jinja2/parser.py, with the extensions do and loopcontrols and dbt's tags
** materialization, test and docs. One row of a table per tag. Macros and blocks: macro.c.
*/
#include <stdio.h>
#include "internal.h"

struct node *jinja_statement_begin(struct parser *p, enum node_type type)
{
  return jinja_node_new(p, type, next_token(p));
}

bool jinja_nodes_up(struct parser *p, struct node *n, const struct nodes *l)
{
  for (size_t i = 0; i < l->n; i++) {
    if (jinja_node_up(p, n, l->v[i], NULL, NULL) == NULL) return false;
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
  if (b.rc == RS_NOMEM) jinja_parse_nomem(p);
  jinja_parse_fail(p, t != NULL ? t : cur(p), "%s", rs_buf_text(&b));
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
      struct node *n = jinja_parse_statement(p);
      p->level--;
      if (!jinja_nodes_add(p, body, &cap, n) || jinja_expect(p, T_BLOCK_END) == NULL) return false;
      continue;
    }
    if (out == NULL) {
      out = jinja_node_new(p, N_OUTPUT, t);
      out_cap = 0;
      if (!jinja_nodes_add(p, body, &cap, out)) return false;
      out->op = p->escape;
    }
    next_token(p);
    struct node *n;
    if (t->type == T_DATA) {
      n = jinja_node_new(p, N_TEXT, t);
      if (n == NULL) return false;
      n->u.text.p = t->p;
      n->u.text.n = t->n;
      n->is_const = true;
    } else {
      n = jinja_parse_tuple(p, (struct tuple_rule){.with_cond = true});
      if (n == NULL || jinja_expect(p, T_VAR_END) == NULL) return false;
    }
    if (!jinja_nodes_add(p, &out->u.out, &out_cap, n) ||
        jinja_node_up(p, out, n, NULL, NULL) == NULL) {
      return false;
    }
  }
  return !p->failed;
}

bool jinja_parse_body(struct parser *p, const char *const *ends, struct nodes *out, bool drop_end)
{
  jinja_skip_type(p, T_COLON);
  if (jinja_expect(p, T_BLOCK_END) == NULL || !jinja_enter(p)) return false;
  struct end_tags top = {.names = ends, .up = p->ends};
  p->ends = &top;
  bool ok = subparse(p, ends, out);
  if (ok && cur(p)->type == T_EOF) ok = fail_tag(p, NULL) != NULL;
  p->ends = top.up;
  leave(p);
  if (ok && drop_end) next_token(p);
  return ok;
}

/* ---- control ------------------------------------------------------------------------------- */

static struct node *parse_if(struct parser *p)
{
  ENDS(ends, "elif", "else", "endif");
  ENDS(else_ends, "endif");
  struct node *first = NULL, *last = NULL;
  struct token *at = cur(p);
  next_token(p);
  for (;;) {
    struct node *n = jinja_node_new(p, N_IF, at);
    if (n == NULL) return NULL;
    n->u.branch.test = jinja_parse_tuple(p, (struct tuple_rule){0});
    if (n->u.branch.test == NULL || !jinja_parse_body(p, ends, &n->u.branch.body, false))
      return NULL;
    if (jinja_node_up(p, n, n->u.branch.test, NULL, NULL) == NULL) return NULL;
    if (!jinja_nodes_up(p, n, &n->u.branch.body)) return NULL;
    // an elif is an if of its own in the list of the first one: no depth for a long chain
    size_t cap = 0;
    if (first == NULL) {
      first = n;
    } else {
      struct nodes *chain = &last->u.branch.otherwise;
      if (!jinja_nodes_add(p, chain, &cap, n)) return NULL;
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
      if (!jinja_parse_body(p, else_ends, &n->u.branch.otherwise, true)) return NULL;
      if (!jinja_nodes_up(p, first, &n->u.branch.otherwise)) return NULL;
    }
    return jinja_node_up(p, first, first, NULL, NULL) == NULL ? NULL : first;
  }
}

static struct node *parse_for(struct parser *p)
{
  ENDS(ends, "endfor", "else");
  ENDS(else_ends, "endfor");
  struct node *n = jinja_statement_begin(p, N_FOR);
  if (n == NULL) return NULL;
  size_t start = p->at;
  n->u.loop.target = jinja_parse_target(p, false, false);
  if (n->u.loop.target == NULL || jinja_expect_name(p, "in") == NULL) return NULL;
  n->u.loop.iter = jinja_parse_tuple(p, (struct tuple_rule){0});
  if (n->u.loop.iter == NULL) return NULL;
  if (jinja_skip_name(p, "if")) {
    n->u.loop.test = jinja_parse_expression(p, true);
    if (n->u.loop.test == NULL) return NULL;
    // the test sees variables of its own, so it gets a second copy of the target
    size_t here = p->at;
    p->at = start;
    n->u.loop.test_target = jinja_parse_target(p, false, false);
    p->at = here;
    if (n->u.loop.test_target == NULL) return NULL;
  }
  n->flag = jinja_skip_name(p, "recursive");
  p->in_loop++;
  bool ok = jinja_parse_body(p, ends, &n->u.loop.body, false);
  p->in_loop--;
  if (!ok) return NULL;
  if (tok_is(next_token(p), "else") &&
      !jinja_parse_body(p, else_ends, &n->u.loop.otherwise, true)) {
    return NULL;
  }
  if (jinja_node_up(p, n, n->u.loop.iter, n->u.loop.test, n->u.loop.target) == NULL) return NULL;
  return jinja_nodes_up(p, n, &n->u.loop.body) && jinja_nodes_up(p, n, &n->u.loop.otherwise) ? n
                                                                                             : NULL;
}

static struct node *parse_loop_control(struct parser *p)
{
  struct token *t = cur(p);
  bool is_break = tok_is(t, "break");
  struct node *n = jinja_statement_begin(p, is_break ? N_BREAK : N_CONTINUE);
  if (n != NULL && p->in_loop == 0 && p->late_error == NULL) {
    p->late_error = is_break ? "'break' outside loop" : "'continue' not properly in loop";
    p->late_at = t;
  }
  return n;
}

static struct node *parse_with(struct parser *p)
{
  ENDS(ends, "endwith");
  struct node *n = jinja_statement_begin(p, N_WITH);
  if (n == NULL) return NULL;
  size_t tcap = 0, vcap = 0;
  while (cur(p)->type != T_BLOCK_END) {
    if (n->u.with.targets.n > 0 && jinja_expect(p, T_COMMA) == NULL) return NULL;
    if (!jinja_nodes_add(p, &n->u.with.targets, &tcap, jinja_parse_target(p, false, false)) ||
        jinja_expect(p, T_ASSIGN) == NULL ||
        !jinja_nodes_add(p, &n->u.with.values, &vcap, jinja_parse_expression(p, true))) {
      return NULL;
    }
  }
  if (!jinja_parse_body(p, ends, &n->u.with.body, true) ||
      !jinja_nodes_up(p, n, &n->u.with.values)) {
    return NULL;
  }
  return jinja_nodes_up(p, n, &n->u.with.body) ? n : NULL;
}

static struct node *parse_set(struct parser *p)
{
  ENDS(ends, "endset");
  struct node *n = jinja_statement_begin(p, N_SET);
  if (n == NULL) return NULL;
  n->u.set.target = jinja_parse_target(p, false, true);
  if (n->u.set.target == NULL) return NULL;
  if (jinja_skip_type(p, T_ASSIGN)) {
    n->u.set.value = jinja_parse_tuple(p, (struct tuple_rule){.with_cond = true});
    return n->u.set.value == NULL ? NULL
                                  : jinja_node_up(p, n, n->u.set.value, n->u.set.target, NULL);
  }
  n->type = N_SETBLOCK;
  n->u.set.filter = jinja_parse_filter_chain(p, NULL, false);
  if (p->failed || !jinja_parse_body(p, ends, &n->u.set.body, true)) return NULL;
  if (!jinja_nodes_up(p, n, &n->u.set.body)) return NULL;
  return jinja_node_up(p, n, n->u.set.filter, n->u.set.target, NULL);
}

static struct node *parse_print(struct parser *p)
{
  struct node *n = jinja_statement_begin(p, N_OUTPUT);
  size_t cap = 0;
  if (n == NULL) return NULL;
  n->op = p->escape;
  while (cur(p)->type != T_BLOCK_END) {
    if (n->u.out.n > 0 && jinja_expect(p, T_COMMA) == NULL) return NULL;
    if (!jinja_nodes_add(p, &n->u.out, &cap, jinja_parse_expression(p, true))) return NULL;
  }
  return jinja_nodes_up(p, n, &n->u.out) ? n : NULL;
}

static struct node *parse_do(struct parser *p)
{
  struct node *n = jinja_statement_begin(p, N_DO);
  if (n == NULL) return NULL;
  n->u.expr = jinja_parse_tuple(p, (struct tuple_rule){.with_cond = true});
  return n->u.expr == NULL ? NULL : jinja_node_up(p, n, n->u.expr, NULL, NULL);
}

static struct node *parse_filter_block(struct parser *p)
{
  ENDS(ends, "endfilter");
  struct node *n = jinja_statement_begin(p, N_FILTERBLOCK);
  if (n == NULL) return NULL;
  n->u.set.filter = jinja_parse_filter_chain(p, NULL, true);
  if (n->u.set.filter == NULL || !jinja_parse_body(p, ends, &n->u.set.body, true)) return NULL;
  return jinja_nodes_up(p, n, &n->u.set.body) ? jinja_node_up(p, n, n->u.set.filter, NULL, NULL)
                                              : NULL;
}

static struct node *parse_autoescape(struct parser *p)
{
  ENDS(ends, "endautoescape");
  struct node *n = jinja_statement_begin(p, N_AUTOESCAPE);
  if (n == NULL) return NULL;
  n->u.escape.value = jinja_parse_expression(p, true);
  if (n->u.escape.value == NULL) return NULL;
  uint8_t saved = p->escape;
  const struct node *v = n->u.escape.value;
  bool on = v->type == N_CONST && v->u.value.kind == JV_BOOL && v->u.value.u.b;
  bool known = v->type == N_CONST && v->u.value.kind == JV_BOOL;
  p->escape = !known ? ESC_ASK : on ? ESC_ON : ESC_OFF;
  bool ok = jinja_parse_body(p, ends, &n->u.escape.body, true);
  p->escape = saved;
  return ok && jinja_nodes_up(p, n, &n->u.escape.body) ? jinja_node_up(p, n, v, NULL, NULL) : NULL;
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
  struct node *n = jinja_statement_begin(p, N_LOADER);
  if (n == NULL) return NULL;
  n->u.expr = jinja_parse_expression(p, true);
  if (n->u.expr == NULL) return NULL;
  if (tok_is(tag, "include") && tok_is(cur(p), "ignore") && tok_is(look(p), "missing")) {
    next_token(p);
    next_token(p);
  }
  if (tok_is(tag, "import")) {
    if (jinja_expect_name(p, "as") == NULL || jinja_parse_target(p, true, false) == NULL)
      return NULL;
  }
  if (tok_is(tag, "from")) {
    if (jinja_expect_name(p, "import") == NULL) return NULL;
    bool more = false;
    do {
      skip_context(p);
      if (more && cur(p)->type != T_NAME) break;
      struct token *t = cur(p);
      if (jinja_parse_target(p, true, false) == NULL) return NULL;
      if (t->p[0] == '_') {
        return jinja_parse_fail(p, t, "names starting with an underline can not be imported");
      }
      if (jinja_skip_name(p, "as") && jinja_parse_target(p, true, false) == NULL) return NULL;
      more = true;
    } while (jinja_skip_type(p, T_COMMA));
  }
  skip_context(p);
  return jinja_node_up(p, n, n->u.expr, NULL, NULL);
}

static const struct {
  const char *name;
  struct node *(*parse)(struct parser *p);
} tags[] = {
  {"autoescape", parse_autoescape}, {"block", jinja_parse_block},
  {"break", parse_loop_control},    {"call", jinja_parse_call_block},
  {"continue", parse_loop_control}, {"do", parse_do},
  {"docs", jinja_parse_docs},       {"extends", parse_loader},
  {"filter", parse_filter_block},   {"for", parse_for},
  {"from", parse_loader},           {"if", parse_if},
  {"import", parse_loader},         {"include", parse_loader},
  {"macro", jinja_parse_macro},     {"materialization", jinja_parse_materialization},
  {"print", parse_print},           {"set", parse_set},
  {"test", jinja_parse_test_block}, {"with", parse_with},
};

struct node *jinja_parse_statement(struct parser *p)
{
  struct token *t = cur(p);
  if (t->type != T_NAME) return jinja_parse_fail(p, t, "tag name expected");
  for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
    if (!tok_is(t, tags[i].name)) continue;
    p->tag_stack[p->ntags++ % 64] = tags[i].name;
    struct node *n = tags[i].parse(p);
    p->ntags--;
    return n;
  }
  return fail_tag(p, t);
}

bool jinja_parse_all(struct parser *p)
{
  if (!subparse(p, NULL, &p->t->body)) return false;
  if (p->late_error != NULL) jinja_parse_fail(p, p->late_at, "%s", p->late_error);
  return !p->failed;
}
