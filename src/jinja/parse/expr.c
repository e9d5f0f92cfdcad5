/*
** Expressions, after jinja2/parser.py: the same precedences, the same messages. Each level of
** nesting is counted, so that no input can exhaust the stack. Operators and targets; what they
** join: primary.c.
*/
#include "internal.h"

static struct node *binary(struct parser *p, enum node_type type, const struct token *at,
                           struct node *a, struct node *b)
{
  if (a == NULL || b == NULL) return NULL;
  struct node *n = jinja_node_new(p, type, at);
  if (n == NULL) return NULL;
  n->u.bin.a = a;
  n->u.bin.b = b;
  n->is_const = a->is_const && b->is_const;
  return jinja_node_up(p, n, a, b, NULL);
}

/* ---- operators, tightest first ------------------------------------------------------------- */

static struct node *parse_unary(struct parser *p, bool with_filter)
{
  struct token *t = cur(p);
  struct node *n;
  if (t->type == T_SUB || t->type == T_ADD) {
    next_token(p);
    if (!jinja_enter(p)) return NULL;
    n = jinja_node_unary(p, t->type == T_SUB ? N_NEG : N_POS, t, parse_unary(p, false));
    leave(p);
  } else {
    n = jinja_parse_primary(p, false);
  }
  n = jinja_parse_postfix(p, n);
  return with_filter ? jinja_parse_filter_expr(p, n) : n;
}

static struct node *parse_pow(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_unary(p, true);
  while (n != NULL && jinja_skip_type(p, T_POW)) {
    n = binary(p, N_POW, at, n, parse_unary(p, true));
    at = cur(p);
  }
  return n;
}

static struct node *parse_math2(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_pow(p);
  while (n != NULL) {
    enum token_type t = cur(p)->type;
    enum node_type type = t == T_MUL ? N_MUL : t == T_DIV ? N_DIV : t == T_MOD ? N_MOD : N_FLOORDIV;
    if (t != T_MUL && t != T_DIV && t != T_MOD && t != T_FLOORDIV) break;
    next_token(p);
    n = binary(p, type, at, n, parse_pow(p));
    at = cur(p);
  }
  return n;
}

static struct node *parse_concat(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_math2(p);
  if (n == NULL || cur(p)->type != T_TILDE) return n;
  struct nodes items = {0};
  size_t cap = 0;
  if (!jinja_nodes_add(p, &items, &cap, n)) return NULL;
  while (jinja_skip_type(p, T_TILDE)) {
    if (!jinja_nodes_add(p, &items, &cap, parse_math2(p))) return NULL;
  }
  n = jinja_node_list(p, N_CONCAT, at, items);
  if (n != NULL) n->op = p->escape;
  return n;
}

static struct node *parse_math1(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_concat(p);
  while (n != NULL && (cur(p)->type == T_ADD || cur(p)->type == T_SUB)) {
    enum node_type type = next_token(p)->type == T_ADD ? N_ADD : N_SUB;
    n = binary(p, type, at, n, parse_concat(p));
    at = cur(p);
  }
  return n;
}

static bool comparison(struct parser *p, enum cmp_op *op)
{
  switch (cur(p)->type) {
    case T_EQ: *op = CMP_EQ; break;
    case T_NE: *op = CMP_NE; break;
    case T_LT: *op = CMP_LT; break;
    case T_LE: *op = CMP_LE; break;
    case T_GT: *op = CMP_GT; break;
    case T_GE: *op = CMP_GE; break;
    default:
      if (tok_is(cur(p), "in")) {
        *op = CMP_IN;
      } else if (tok_is(cur(p), "not") && tok_is(look(p), "in")) {
        next_token(p);
        *op = CMP_NOTIN;
      } else {
        return false;
      }
  }
  next_token(p);
  return true;
}

/*
** items[0] op1 items[1] op2 ...; the operator is kept in a wrapper-free way: node->op of the
** operand is free only for constants made here, so each operand gets a one-child N_COMPARE.
*/
static struct node *parse_compare(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_math1(p);
  enum cmp_op op;
  if (n == NULL || !comparison(p, &op)) return n;
  struct nodes items = {0};
  size_t cap = 0;
  if (!jinja_nodes_add(p, &items, &cap, n)) return NULL;
  do {
    struct token *t = cur(p);
    struct nodes one = {0};
    size_t one_cap = 0;
    if (!jinja_nodes_add(p, &one, &one_cap, parse_math1(p))) return NULL;
    struct node *operand = jinja_node_list(p, N_COMPARE, t, one);
    if (operand == NULL) return NULL;
    operand->op = (uint8_t)op;
    if (!jinja_nodes_add(p, &items, &cap, operand)) return NULL;
  } while (comparison(p, &op));
  return jinja_node_list(p, N_COMPARE, at, items);
}

static struct node *parse_not(struct parser *p)
{
  struct token *t = cur(p);
  if (!tok_is(t, "not")) return parse_compare(p);
  next_token(p);
  if (!jinja_enter(p)) return NULL;
  struct node *n = jinja_node_unary(p, N_NOT, t, parse_not(p));
  leave(p);
  return n;
}

static struct node *parse_and(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_not(p);
  while (n != NULL && jinja_skip_name(p, "and")) {
    n = binary(p, N_AND, at, n, parse_not(p));
    at = cur(p);
  }
  return n;
}

static struct node *parse_or(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_and(p);
  while (n != NULL && jinja_skip_name(p, "or")) {
    n = binary(p, N_OR, at, n, parse_and(p));
    at = cur(p);
  }
  return n;
}

static struct node *parse_cond(struct parser *p)
{
  struct token *at = cur(p);
  struct node *n = parse_or(p);
  while (n != NULL && jinja_skip_name(p, "if")) {
    struct node *test = parse_or(p), *no = NULL;
    if (test != NULL && jinja_skip_name(p, "else")) {
      if (jinja_enter(p)) {
        no = parse_cond(p);
        leave(p);
      }
      if (no == NULL) test = NULL;
    }
    struct node *c = test == NULL ? NULL : jinja_node_new(p, N_COND, at);
    if (c == NULL) return NULL;
    c->u.cond.test = test;
    c->u.cond.yes = n;
    c->u.cond.no = no;
    c->is_const = test->is_const && n->is_const && no != NULL && no->is_const;
    n = jinja_node_up(p, c, test, n, no);
    at = cur(p);
  }
  return n;
}

struct node *jinja_parse_expression(struct parser *p, bool with_cond)
{
  if (p->failed || !jinja_enter(p)) return NULL;
  struct node *n = with_cond ? parse_cond(p) : parse_or(p);
  leave(p);
  return n;
}

/* Turns what was parsed into something to jinja_assign to; false when it can't be. */
static bool mark_target(struct node *n)
{
  if (n->type == N_NSREF) return true;
  if (n->type == N_NAME) return n->u.name.store = true;
  if (n->type != N_TUPLE) return false;
  n->is_const = false;
  for (size_t i = 0; i < n->u.items.n; i++) {
    if (!mark_target(n->u.items.v[i])) return false;
  }
  return true;
}

/* The class of Jinja's parser for a node that can't be assigned to. */
static const char *class_name(const struct node *n)
{
  static const char *const names[] = {
    [N_CONST] = "const",   [N_TUPLE] = "tuple",     [N_LIST] = "list",
    [N_DICT] = "dict",     [N_COND] = "condexpr",   [N_AND] = "and",
    [N_OR] = "or",         [N_NOT] = "not",         [N_COMPARE] = "compare",
    [N_CONCAT] = "concat", [N_ADD] = "add",         [N_SUB] = "sub",
    [N_MUL] = "mul",       [N_DIV] = "div",         [N_FLOORDIV] = "floordiv",
    [N_MOD] = "mod",       [N_POW] = "pow",         [N_NEG] = "neg",
    [N_POS] = "pos",       [N_GETATTR] = "getattr", [N_GETITEM] = "getitem",
    [N_CALL] = "call",     [N_FILTER] = "filter",   [N_TEST] = "test"};
  const char *name = n->type < sizeof names / sizeof names[0] ? names[n->type] : NULL;
  return name != NULL ? name : "name";
}

struct node *jinja_parse_target(struct parser *p, bool name_only, bool with_namespace)
{
  struct node *n;
  struct token *t = cur(p);
  if (name_only) {
    if (jinja_expect(p, T_NAME) == NULL) return NULL;
    n = jinja_node_new(p, N_NAME, t);
    if (n == NULL) return NULL;
    n->u.name.name = jinja_token_str(p, t);
    n->u.name.store = true;
    if (tok_is(t, "true") || tok_is(t, "false") || tok_is(t, "none") || tok_is(t, "True") ||
        tok_is(t, "False") || tok_is(t, "None")) {
      return jinja_parse_fail(p, t, "can't assign to 'name'");
    }
    return p->failed ? NULL : n;
  }
  n = jinja_parse_tuple(p,
                        (struct tuple_rule){.simplified = true, .with_namespace = with_namespace});
  if (n != NULL && !mark_target(n)) {
    return jinja_parse_fail(p, t, "can't assign to '%s'", class_name(n));
  }
  return n;
}
