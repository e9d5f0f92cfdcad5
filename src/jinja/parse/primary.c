/*
** The parts of expressions that operators join: literals, names, brackets, calls, subscripts,
** filters and tests, after jinja2/parser.py. The operators: expr.c.
*/
#include <stdio.h>
#include "internal.h"

struct node *jinja_node_new(struct parser *p, enum node_type type, const struct token *at)
{
  struct node *n = rs_arena_calloc(&p->t->arena, sizeof *n);
  if (n == NULL) return jinja_parse_nomem(p);
  n->type = (uint8_t)type;
  n->line = at->line;
  n->col = at->col;
  n->height = 1;
  return n;
}

struct node *jinja_node_up(struct parser *p, struct node *n, const struct node *a,
                           const struct node *b, const struct node *c)
{
  const struct node *child[] = {a, b, c};
  if (p->failed || n == NULL) return NULL;
  for (size_t i = 0; i < 3; i++) {
    if (child[i] != NULL && child[i]->height >= n->height) {
      n->height = (uint16_t)(child[i]->height + 1);
    }
  }
  if (n->height > TREE_HEIGHT_MAX) {
    struct token at = {.line = n->line, .col = n->col};
    return jinja_parse_fail(p, &at, "expression is nested too deeply");
  }
  return n;
}

bool jinja_nodes_add(struct parser *p, struct nodes *l, size_t *cap, struct node *n)
{
  if (n == NULL) return false;
  if (l->n == *cap) {
    size_t more = *cap == 0 ? 4 : *cap * 2;
    struct node **v = jinja_alloc(p, more * sizeof *v);
    if (v == NULL) return false;
    if (l->n > 0) memcpy(v, l->v, l->n * sizeof *v);
    l->v = v;
    *cap = more;
  }
  l->v[l->n++] = n;
  return true;
}

struct node *jinja_node_unary(struct parser *p, enum node_type type, const struct token *at,
                              struct node *a)
{
  if (a == NULL) return NULL;
  struct node *n = jinja_node_new(p, type, at);
  if (n == NULL) return NULL;
  n->u.bin.a = a;
  n->is_const = a->is_const;
  return jinja_node_up(p, n, a, NULL, NULL);
}

/* A node over a list of children. */
struct node *jinja_node_list(struct parser *p, enum node_type type, const struct token *at,
                             struct nodes items)
{
  struct node *n = jinja_node_new(p, type, at);
  if (n == NULL) return NULL;
  n->u.items = items;
  n->is_const = true;
  for (size_t i = 0; i < items.n; i++) {
    n->is_const = n->is_const && items.v[i]->is_const;
    if (jinja_node_up(p, n, items.v[i], NULL, NULL) == NULL) return NULL;
  }
  return n;
}

static struct node *constant(struct parser *p, const struct token *at, jv value)
{
  struct node *n = jinja_node_new(p, N_CONST, at);
  if (n == NULL) return NULL;
  n->u.value = value;
  n->is_const = true;
  return n;
}

/* ---- primary and postfix ------------------------------------------------------------------- */

static struct node *parse_list(struct parser *p)
{
  struct token *at = next_token(p);
  struct nodes items = {0};
  size_t cap = 0;
  while (cur(p)->type != T_RBRACKET) {
    if (items.n > 0 && jinja_expect(p, T_COMMA) == NULL) return NULL;
    if (cur(p)->type == T_RBRACKET) break;
    if (!jinja_nodes_add(p, &items, &cap, jinja_parse_expression(p, true))) return NULL;
  }
  return jinja_expect(p, T_RBRACKET) == NULL ? NULL : jinja_node_list(p, N_LIST, at, items);
}

static struct node *parse_dict(struct parser *p)
{
  struct token *at = next_token(p);
  struct nodes items = {0};
  size_t cap = 0;
  while (cur(p)->type != T_RBRACE) {
    if (items.n > 0 && jinja_expect(p, T_COMMA) == NULL) return NULL;
    if (cur(p)->type == T_RBRACE) break;
    if (!jinja_nodes_add(p, &items, &cap, jinja_parse_expression(p, true))) return NULL;
    if (jinja_expect(p, T_COLON) == NULL) return NULL;
    if (!jinja_nodes_add(p, &items, &cap, jinja_parse_expression(p, true))) return NULL;
  }
  return jinja_expect(p, T_RBRACE) == NULL ? NULL : jinja_node_list(p, N_DICT, at, items);
}

static struct node *parse_strings(struct parser *p)
{
  struct token *first = next_token(p);
  if (cur(p)->type != T_STRING) return constant(p, first, first->value);
  struct rs_buf b;
  rs_buf_init(&b, (size_t)1 << 30);
  rs_buf_add(&b, first->value.u.str->s, first->value.u.str->n);
  while (cur(p)->type == T_STRING) {
    const struct jv_str *more = next_token(p)->value.u.str;
    rs_buf_add(&b, more->s, more->n);
  }
  struct jv_str *s = b.rc == RS_OK ? py_str_new(&p->t->arena, rs_buf_text(&b), b.n) : NULL;
  rs_buf_free(&b);
  return s == NULL ? jinja_parse_nomem(p) : constant(p, first, jv_of_str(s));
}

static struct node *parse_name(struct parser *p, bool with_namespace)
{
  struct token *t = next_token(p);
  if (tok_is(t, "true") || tok_is(t, "True")) return constant(p, t, jv_bool(true));
  if (tok_is(t, "false") || tok_is(t, "False")) return constant(p, t, jv_bool(false));
  if (tok_is(t, "none") || tok_is(t, "None")) return constant(p, t, jv_none());
  bool ns = with_namespace && cur(p)->type == T_DOT;
  struct node *n = jinja_node_new(p, ns ? N_NSREF : N_NAME, t);
  if (n == NULL) return NULL;
  n->u.name.name = jinja_token_str(p, t);
  if (ns) {
    next_token(p);
    struct token *attr = jinja_expect(p, T_NAME);
    if (attr == NULL) return NULL;
    n->u.name.attr = jinja_token_str(p, attr);
  }
  return p->failed ? NULL : n;
}

struct node *jinja_parse_primary(struct parser *p, bool with_namespace)
{
  struct token *t = cur(p);
  struct node *n = NULL;
  switch (t->type) {
    case T_NAME: return parse_name(p, with_namespace);
    case T_STRING: return parse_strings(p);
    case T_INT:
    case T_FLOAT: next_token(p); return constant(p, t, t->value);
    default: break;
  }
  if (!jinja_enter(p)) return NULL;
  if (t->type == T_LPAREN) {
    next_token(p);
    n = jinja_parse_tuple(p, (struct tuple_rule){.with_cond = true, .explicit_parens = true});
    if (n != NULL && jinja_expect(p, T_RPAREN) == NULL) n = NULL;
  } else if (t->type == T_LBRACKET) {
    n = parse_list(p);
  } else if (t->type == T_LBRACE) {
    n = parse_dict(p);
  } else {
    char text[80];
    jinja_parse_fail(p, t, "unexpected '%s'", jinja_token_text(t, text, sizeof text));
  }
  leave(p);
  return n;
}

struct node *jinja_parse_tuple(struct parser *p, struct tuple_rule rule)
{
  struct token *at = cur(p);
  struct nodes items = {0};
  size_t cap = 0;
  bool is_tuple = false;
  for (;;) {
    if (items.n > 0 && jinja_expect(p, T_COMMA) == NULL) return NULL;
    struct token *t = cur(p);
    // Jinja means to stop at `in` and `recursive` too, but its check never matches
    if (t->type == T_VAR_END || t->type == T_BLOCK_END || t->type == T_RPAREN) break;
    struct node *n = rule.simplified ? jinja_parse_primary(p, rule.with_namespace)
                                     : jinja_parse_expression(p, rule.with_cond);
    if (!jinja_nodes_add(p, &items, &cap, n)) return NULL;
    if (cur(p)->type != T_COMMA) break;
    is_tuple = true;
  }
  if (!is_tuple) {
    if (items.n > 0) return items.v[0];
    if (!rule.explicit_parens) {
      char text[80];
      return jinja_parse_fail(p, cur(p), "Expected an expression, got '%s'",
                              jinja_token_text(cur(p), text, sizeof text));
    }
  }
  return jinja_node_list(p, N_TUPLE, at, items);
}

static struct node *parse_subscribed(struct parser *p)
{
  struct token *at = cur(p);
  struct node *part[3] = {NULL, NULL, NULL};
  if (cur(p)->type != T_COLON) {
    part[0] = jinja_parse_expression(p, true);
    if (part[0] == NULL || cur(p)->type != T_COLON) return part[0];
  }
  next_token(p);
  for (int i = 1; i < 3; i++) {
    enum token_type type = cur(p)->type;
    if (type != T_COLON && type != T_RBRACKET && type != T_COMMA) {
      part[i] = jinja_parse_expression(p, true);
      if (part[i] == NULL) return NULL;
    }
    if (i == 2 || !jinja_skip_type(p, T_COLON)) break;
  }
  struct node *n = jinja_node_new(p, N_SLICE, at);
  if (n == NULL) return NULL;
  n->u.slice.start = part[0];
  n->u.slice.stop = part[1];
  n->u.slice.step = part[2];
  n->is_const = (part[0] == NULL || part[0]->is_const) && (part[1] == NULL || part[1]->is_const) &&
                (part[2] == NULL || part[2]->is_const);
  return jinja_node_up(p, n, part[0], part[1], part[2]);
}

static struct node *get_node(struct parser *p, const struct token *at, struct node *obj,
                             struct node *arg, const struct jv_str *attr)
{
  struct node *n = jinja_node_new(p, attr != NULL ? N_GETATTR : N_GETITEM, at);
  if (n == NULL) return NULL;
  n->u.get.obj = obj;
  n->u.get.arg = arg;
  n->u.get.attr = attr;
  n->is_const = obj->is_const && (arg == NULL || arg->is_const);
  bool plain = obj->type == N_NAME || obj->type == N_CALL || obj->type == N_GETATTR ||
               obj->type == N_GETITEM;
  if (arg != NULL && arg->type == N_SLICE && (obj->is_const || !plain)) p->t->odd_slices = true;
  return jinja_node_up(p, n, obj, arg, NULL);
}

static struct node *parse_subscript(struct parser *p, struct node *obj)
{
  struct token *at = next_token(p);
  if (at->type == T_DOT) {
    struct token *attr = next_token(p);
    if (attr->type == T_NAME) {
      const struct jv_str *name = jinja_token_str(p, attr);
      return name == NULL ? NULL : get_node(p, at, obj, NULL, name);
    }
    if (attr->type != T_INT) return jinja_parse_fail(p, attr, "expected name or number");
    struct node *arg = constant(p, attr, attr->value);
    return arg == NULL ? NULL : get_node(p, at, obj, arg, NULL);
  }
  struct nodes items = {0};
  size_t cap = 0;
  if (!jinja_enter(p)) return NULL;
  while (cur(p)->type != T_RBRACKET && !p->failed) {
    if (items.n > 0 && jinja_expect(p, T_COMMA) == NULL) break;
    if (!jinja_nodes_add(p, &items, &cap, parse_subscribed(p))) break;
  }
  leave(p);
  if (p->failed || jinja_expect(p, T_RBRACKET) == NULL) return NULL;
  struct node *arg = items.n == 1 ? items.v[0] : jinja_node_list(p, N_TUPLE, at, items);
  return arg == NULL ? NULL : get_node(p, at, obj, arg, NULL);
}

struct arg_caps {
  size_t pos, kw, kwv;
};

static bool bad_args(struct parser *p, const struct token *at)
{
  jinja_parse_fail(p, at, "invalid syntax for function call expression");
  return false;
}

static bool parse_keyword(struct parser *p, struct call_args *a, struct arg_caps *caps)
{
  const struct jv_str *name = jinja_token_str(p, next_token(p));
  next_token(p);
  if (name == NULL) return false;
  size_t n = a->kwv.n;
  for (size_t i = 0; i < n; i++) {
    if (rs_eq(a->kw[i]->s, name->s)) {
      jinja_parse_fail(p, cur(p), "keyword argument repeated: %s", name->s);
      return false;
    }
  }
  if (n == caps->kw) {
    size_t more = n == 0 ? 4 : n * 2;
    const struct jv_str **v = jinja_alloc(p, more * sizeof *v);
    if (v == NULL) return false;
    if (n > 0) memcpy(v, a->kw, n * sizeof *v);
    a->kw = v;
    caps->kw = more;
  }
  a->kw[n] = name;
  return jinja_nodes_add(p, &a->kwv, &caps->kwv, jinja_parse_expression(p, true));
}

/* One argument; `open` is the parenthesis, where Jinja reports wrong orders. */
static bool parse_arg(struct parser *p, const struct token *open, struct call_args *a,
                      struct arg_caps *caps)
{
  struct token *t = cur(p);
  if (t->type == T_MUL) {
    if (a->star != NULL || a->star2 != NULL) return bad_args(p, open);
    next_token(p);
    return (a->star = jinja_parse_expression(p, true)) != NULL;
  }
  if (t->type == T_POW) {
    if (a->star2 != NULL) return bad_args(p, open);
    next_token(p);
    return (a->star2 = jinja_parse_expression(p, true)) != NULL;
  }
  if (t->type == T_NAME && look(p)->type == T_ASSIGN) {
    return a->star2 == NULL ? parse_keyword(p, a, caps) : bad_args(p, open);
  }
  if (a->star != NULL || a->star2 != NULL || a->kwv.n > 0) return bad_args(p, open);
  return jinja_nodes_add(p, &a->pos, &caps->pos, jinja_parse_expression(p, true));
}

static bool parse_call_args(struct parser *p, struct call_args *a)
{
  struct token *open = jinja_expect(p, T_LPAREN);
  struct arg_caps caps = {0};
  if (open == NULL || !jinja_enter(p)) return false;
  bool more = false, ok = true;
  while (ok && cur(p)->type != T_RPAREN) {
    if (more) {
      ok = jinja_expect(p, T_COMMA) != NULL;
      if (!ok || cur(p)->type == T_RPAREN) break;
    }
    ok = parse_arg(p, open, a, &caps);
    more = true;
  }
  leave(p);
  return ok && !p->failed && jinja_expect(p, T_RPAREN) != NULL;
}

static struct node *finish_call(struct parser *p, struct node *n)
{
  const struct call_args *a = &n->u.call.args;
  bool c = n->u.call.target == NULL ? false : n->u.call.target->is_const;
  if (jinja_node_up(p, n, n->u.call.target, a->star, a->star2) == NULL) return NULL;
  c = c && (a->star == NULL || a->star->is_const) && (a->star2 == NULL || a->star2->is_const);
  for (size_t i = 0; i < a->pos.n; i++) {
    c = c && a->pos.v[i]->is_const;
    if (jinja_node_up(p, n, a->pos.v[i], NULL, NULL) == NULL) return NULL;
  }
  for (size_t i = 0; i < a->kwv.n; i++) {
    c = c && a->kwv.v[i]->is_const;
    if (jinja_node_up(p, n, a->kwv.v[i], NULL, NULL) == NULL) return NULL;
  }
  n->is_const = c && n->type != N_CALL && n->u.call.row != NULL && p->escape != ESC_ASK &&
                (n->u.call.row->flags & ROW_CONTEXT) == 0;
  return n;
}

static struct node *parse_call(struct parser *p, struct node *callee)
{
  struct node *n = jinja_node_new(p, N_CALL, cur(p));
  if (n == NULL) return NULL;
  n->u.call.target = callee;
  return parse_call_args(p, &n->u.call.args) ? finish_call(p, n) : NULL;
}

struct node *jinja_parse_postfix(struct parser *p, struct node *n)
{
  while (n != NULL) {
    enum token_type type = cur(p)->type;
    if (type == T_DOT || type == T_LBRACKET) {
      n = parse_subscript(p, n);
    } else if (type == T_LPAREN) {
      n = parse_call(p, n);
    } else {
      break;
    }
  }
  return n;
}

/* ---- filters and tests --------------------------------------------------------------------- */

/* The name of a filter or test (dots allowed) and its row. */
static struct node *row_node(struct parser *p, enum node_type type, const struct token *line)
{
  struct token *t = jinja_expect(p, T_NAME);
  if (t == NULL) return NULL;
  struct node *n = jinja_node_new(p, type, line != NULL ? line : t);
  if (n == NULL) return NULL;
  struct rs_buf b;
  rs_buf_init(&b, 4096);
  rs_buf_add(&b, t->p, t->n);
  while (!p->failed && jinja_skip_type(p, T_DOT)) {
    struct token *more = jinja_expect(p, T_NAME);
    if (more == NULL) break;
    rs_buf_char(&b, '.');
    rs_buf_add(&b, more->p, more->n);
  }
  struct jv_str *name = b.rc == RS_OK ? py_str_new(&p->t->arena, rs_buf_text(&b), b.n) : NULL;
  rs_buf_free(&b);
  if (name == NULL) return jinja_parse_nomem(p);
  n->u.call.name = name;
  n->u.call.row = type == N_FILTER ? jinja_filter_find(name->s, name->n)
                                   : py_row_find(&jinja_tests_all, name->s, name->n);
  return p->failed ? NULL : n;
}

struct node *jinja_parse_filter_chain(struct parser *p, struct node *target, bool start_inline)
{
  struct node *n = target;
  while (cur(p)->type == T_PIPE || start_inline) {
    if (!start_inline) next_token(p);
    start_inline = false;
    struct node *f = row_node(p, N_FILTER, NULL);
    if (f == NULL) return NULL;
    f->u.call.target = n;
    f->op = p->escape;
    if (cur(p)->type == T_LPAREN && !parse_call_args(p, &f->u.call.args)) return NULL;
    n = finish_call(p, f);
    if (n == NULL) return NULL;
  }
  return n;
}

static struct node *parse_test(struct parser *p, struct node *value)
{
  struct token *at = next_token(p);
  bool negated = jinja_skip_name(p, "not");
  struct node *n = row_node(p, N_TEST, at);
  if (n == NULL) return NULL;
  n->u.call.target = value;
  struct token *t = cur(p);
  bool starts = t->type == T_NAME || t->type == T_STRING || t->type == T_INT ||
                t->type == T_FLOAT || t->type == T_LBRACKET || t->type == T_LBRACE;
  if (t->type == T_LPAREN) {
    if (!parse_call_args(p, &n->u.call.args)) return NULL;
  } else if (starts && !tok_is(t, "else") && !tok_is(t, "or") && !tok_is(t, "and")) {
    if (tok_is(t, "is")) return jinja_parse_fail(p, t, "You cannot chain multiple tests with is");
    size_t cap = 0;
    struct node *arg = jinja_parse_postfix(p, jinja_parse_primary(p, false));
    if (!jinja_nodes_add(p, &n->u.call.args.pos, &cap, arg)) return NULL;
  }
  n = finish_call(p, n);
  return negated ? jinja_node_unary(p, N_NOT, at, n) : n;
}

struct node *jinja_parse_filter_expr(struct parser *p, struct node *n)
{
  while (n != NULL) {
    struct token *t = cur(p);
    if (t->type == T_PIPE) {
      n = jinja_parse_filter_chain(p, n, false);
    } else if (tok_is(t, "is")) {
      n = parse_test(p, n);
    } else if (t->type == T_LPAREN) {
      n = parse_call(p, n);
    } else {
      break;
    }
  }
  return n;
}
