/*
** Expressions by precedence: OR, AND, NOT, predicates, `||`, sums, products, signs, AT TIME ZONE,
** then `::`, `[..]` and `.field` (see parse.h).
**
** Operators of one level make one flat node, so that a sum of many thousands is no deep tree.
*/
#include <string.h>
#include "parse.h"

enum level { L_OR = 1, L_AND, L_NOT, L_PREDICATE, L_CONCAT, L_SUM, L_PRODUCT, L_UNARY };

static struct rsql_node *binary(struct rsql_parser *p, enum level min);

/* ---- nodes ----------------------------------------------------------------------------------- */

struct rsql_node *rs_rsql_node(struct rsql_parser *p, enum rsql_node_kind kind, size_t pos)
{
  struct rsql_node *x = rs_rsql_new(p, sizeof *x);
  if (x == NULL) return NULL;
  x->kind = kind;
  x->pos = pos;
  return x;
}

struct rsql_node *rs_rsql_node_of(struct rsql_parser *p, enum rsql_node_kind kind, size_t pos,
                                  struct rsql_node *a, struct rsql_node *b, struct rsql_node *c)
{
  struct rsql_node *x = rs_rsql_node(p, kind, pos);
  if (x == NULL) return NULL;
  x->v = rs_rsql_new(p, 3 * sizeof(struct rsql_node *));
  if (x->v == NULL) return NULL;
  x->v[0] = a;
  x->v[1] = b;
  x->v[2] = c;
  x->n = c != NULL ? 3 : b != NULL ? 2 : a != NULL ? 1 : 0;
  return x;
}

bool rs_rsql_exprs(struct rsql_parser *p, struct rsql_node ***v, size_t *n)
{
  struct rsql_list l = {0};
  do {
    struct rsql_node *x = rs_rsql_expr(p);
    if (x == NULL || !rs_rsql_push(p, &l, x)) return false;
  } while (rs_rsql_take_op(p, ','));
  *v = (struct rsql_node **)l.v;
  *n = l.n;
  return true;
}

/* ---- behind a primary ------------------------------------------------------------------------ */

static struct rsql_node *subscript(struct rsql_parser *p, struct rsql_node *x)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  struct rsql_node *from = NULL, *to = NULL;
  // [:n] is a parameter, as Rockset has it; [ : n] the engine's slice
  struct rsql_token next = rs_rsql_peek(p);
  bool param = rs_rsql_at_op(p, ':') && next.start == p->tok.end &&
               (next.kind == TK_WORD || next.kind == TK_INT || next.kind == TK_QUOTED);
  if ((!rs_rsql_at_op(p, ':') || param) && (from = rs_rsql_expr(p)) == NULL) return NULL;
  if (!rs_rsql_at_op(p, ':')) {
    if (!rs_rsql_need_op(p, ']', "`]`")) return NULL;
    return rs_rsql_node_of(p, N_INDEX, pos, x, from, NULL);
  }
  rs_rsql_advance(p);
  if (!rs_rsql_at_op(p, ']') && (to = rs_rsql_expr(p)) == NULL) return NULL;
  if (!rs_rsql_need_op(p, ']', "`]`")) return NULL;
  struct rsql_node *s = rs_rsql_node_of(p, N_SLICE, pos, x, from, to);
  if (s != NULL) s->n = 3;
  return s;
}

static struct rsql_node *field(struct rsql_parser *p, struct rsql_node *x)
{
  size_t pos = p->tok.start;
  rs_rsql_advance(p);
  struct rsql_node *f = rs_rsql_node_of(p, N_FIELD, pos, x, NULL, NULL);
  if (f == NULL) return NULL;
  f->text = rs_rsql_any_name(p, "a field's name behind `.`");
  return f->text != NULL ? f : NULL;
}

static struct rsql_node *postfix(struct rsql_parser *p)
{
  struct rsql_node *x = rs_rsql_primary(p);
  while (x != NULL) {
    size_t pos = p->tok.start;
    if (rs_rsql_at_op(p, '[')) {
      x = subscript(p, x);
    } else if (rs_rsql_at_op(p, '.') && x->kind != N_STAR) {
      x = field(p, x);
    } else if (rs_rsql_take_op(p, OP_CAST)) {
      x = rs_rsql_node_of(p, N_CAST, pos, x, NULL, NULL);
      if (x != NULL && (x->text = rs_rsql_type(p)) == NULL) return NULL;
    } else {
      break;
    }
  }
  return x;
}

static struct rsql_node *at_zone(struct rsql_parser *p)
{
  struct rsql_node *x = postfix(p);
  while (x != NULL && rs_rsql_at(p, "AT")) {
    struct rsql_token next = rs_rsql_peek(p);
    if (!rs_rsql_is_word(&p->x, &next, "TIME")) break;
    size_t pos = p->tok.start;
    rs_rsql_advance(p);
    rs_rsql_advance(p);
    if (!rs_rsql_need(p, "ZONE")) return NULL;
    struct rsql_node *zone = postfix(p);
    if (zone == NULL) return NULL;
    x = rs_rsql_node_of(p, N_AT_ZONE, pos, x, zone, NULL);
  }
  return x;
}

static struct rsql_node *signed_value(struct rsql_parser *p)
{
  if (!rs_rsql_at_op(p, '-') && !rs_rsql_at_op(p, '+')) return at_zone(p);
  size_t pos = p->tok.start;
  enum rsql_node_kind kind = p->tok.op == '-' ? N_NEGATE : N_PLUS;
  rs_rsql_advance(p);
  if (!rs_rsql_enter(p)) return NULL;
  struct rsql_node *x = signed_value(p);
  rs_rsql_leave(p);
  return x != NULL ? rs_rsql_node_of(p, kind, pos, x, NULL, NULL) : NULL;
}

/* ---- predicates ------------------------------------------------------------------------------ */

static struct rsql_node *quantified(struct rsql_parser *p, struct rsql_node *x, size_t pos, int op)
{
  const char *word = rs_rsql_at(p, "ALL") ? "ALL" : "ANY";
  rs_rsql_advance(p);
  rs_rsql_advance(p); // the bracket
  struct rsql_node *q = rs_rsql_node_of(p, N_QUANT, pos, x, NULL, NULL);
  if (q == NULL) return NULL;
  q->op = op;
  q->text = word;
  q->query = rs_rsql_query(p);
  return q->query != NULL && rs_rsql_need_op(p, ')', "`)`") ? q : NULL;
}

static struct rsql_node *comparison(struct rsql_parser *p, struct rsql_node *x)
{
  static const char *const words[] = {"ALL", "ANY", "SOME", NULL};
  size_t pos = p->tok.start;
  int op = p->tok.op;
  rs_rsql_advance(p);
  if (rs_rsql_at_any(p, words)) {
    struct rsql_parser ahead = *p;
    rs_rsql_advance(&ahead);
    if (rs_rsql_take_op(&ahead, '(') && rs_rsql_at_query(&ahead)) return quantified(p, x, pos, op);
  }
  struct rsql_node *y = binary(p, L_CONCAT);
  if (y == NULL) return NULL;
  struct rsql_node *c = rs_rsql_node_of(p, N_COMPARE, pos, x, y, NULL);
  if (c != NULL) c->op = op;
  return c;
}

static struct rsql_node *in_list(struct rsql_parser *p, struct rsql_node *x, size_t pos)
{
  struct rsql_node *in = rs_rsql_node(p, N_IN, pos);
  struct rsql_list l = {0};
  if (in == NULL || !rs_rsql_push(p, &l, x) || !rs_rsql_need_op(p, '(', "`(`")) return NULL;
  if (rs_rsql_at_query(p)) {
    in->query = rs_rsql_query(p);
    if (in->query == NULL) return NULL;
  } else {
    do {
      struct rsql_node *y = rs_rsql_expr(p);
      if (y == NULL || !rs_rsql_push(p, &l, y)) return NULL;
    } while (rs_rsql_take_op(p, ','));
  }
  in->v = (struct rsql_node **)l.v;
  in->n = l.n;
  return rs_rsql_need_op(p, ')', "`,` or `)`") ? in : NULL;
}

static struct rsql_node *like(struct rsql_parser *p, struct rsql_node *x, size_t pos)
{
  const char *word = rs_rsql_text(p, &p->tok, true);
  rs_rsql_advance(p);
  struct rsql_node *y = binary(p, L_CONCAT), *escape = NULL;
  if (word == NULL || y == NULL) return NULL;
  if (rs_rsql_take(p, "ESCAPE") && (escape = binary(p, L_CONCAT)) == NULL) return NULL;
  struct rsql_node *l = rs_rsql_node_of(p, N_LIKE, pos, x, y, escape);
  if (l != NULL) l->text = word;
  return l;
}

static struct rsql_node *between(struct rsql_parser *p, struct rsql_node *x, size_t pos)
{
  struct rsql_node *a = binary(p, L_CONCAT);
  if (a == NULL || !rs_rsql_need(p, "AND")) return NULL;
  struct rsql_node *b = binary(p, L_CONCAT);
  return b != NULL ? rs_rsql_node_of(p, N_BETWEEN, pos, x, a, b) : NULL;
}

static struct rsql_node *is(struct rsql_parser *p, struct rsql_node *x, size_t pos)
{
  static const char *const words[] = {"NULL", "UNDEFINED", "TRUE", "FALSE", NULL};
  rs_rsql_advance(p);
  bool negated = rs_rsql_take(p, "NOT");
  struct rsql_node *y;
  if (rs_rsql_take(p, "DISTINCT")) {
    if (!rs_rsql_need(p, "FROM")) return NULL;
    struct rsql_node *other = binary(p, L_CONCAT);
    if (other == NULL) return NULL;
    y = rs_rsql_node_of(p, N_DISTINCT_FROM, pos, x, other, NULL);
  } else if (rs_rsql_at_any(p, words)) {
    y = rs_rsql_node_of(p, N_IS, pos, x, NULL, NULL);
    if (y != NULL && (y->text = rs_rsql_text(p, &p->tok, true)) == NULL) return NULL;
    rs_rsql_advance(p);
  } else {
    return rs_rsql_unexpected(p, "NULL, UNDEFINED, TRUE, FALSE or DISTINCT FROM");
  }
  if (y != NULL) y->has = negated;
  return y;
}

/* The predicates behind x; x itself when there is none. *more: one was read. */
static struct rsql_node *predicate(struct rsql_parser *p, struct rsql_node *x, bool *more)
{
  size_t pos = p->tok.start;
  *more = true;
  if (p->tok.kind == TK_OP) {
    int op = p->tok.op;
    if (op == '=' || op == '<' || op == '>' || op == OP_NE || op == OP_LE || op == OP_GE) {
      return comparison(p, x);
    }
    *more = false;
    return x;
  }
  if (rs_rsql_at(p, "IS")) return is(p, x, pos);
  bool negated = rs_rsql_take(p, "NOT");
  struct rsql_node *y;
  if (rs_rsql_take(p, "IN")) y = in_list(p, x, pos);
  else if (rs_rsql_take(p, "BETWEEN")) y = between(p, x, pos);
  else if (rs_rsql_at(p, "LIKE") || rs_rsql_at(p, "ILIKE")) y = like(p, x, pos);
  else if (negated) return rs_rsql_unexpected(p, "IN, LIKE or BETWEEN behind NOT");
  else {
    *more = false;
    return x;
  }
  if (y != NULL) y->has = negated;
  return y;
}

/* ---- operators ------------------------------------------------------------------------------- */

static enum level level_of(const struct rsql_parser *p, int *op)
{
  *op = 0;
  if (p->tok.kind == TK_OP) {
    *op = p->tok.op;
    switch (p->tok.op) {
      case OP_CONCAT:
      case OP_ARROW:
      case OP_ARROW2: return L_CONCAT;
      case '+':
      case '-': return L_SUM;
      case '*':
      case '/':
      case '%':
      case OP_IDIV: return L_PRODUCT;
      default: return 0;
    }
  }
  if (rs_rsql_at(p, "OR")) *op = 'O';
  if (rs_rsql_at(p, "AND")) *op = 'A';
  return *op == 'O' ? L_OR : *op == 'A' ? L_AND : 0;
}

/* Operators as they lie in ops[]: one byte each. */
static unsigned char packed(int op)
{
  switch (op) {
    case OP_CONCAT: return '|';
    case OP_ARROW: return '>';
    case OP_ARROW2: return 'G';
    case OP_IDIV: return 'I';
    default: return (unsigned char)op;
  }
}

/* first op y op z ...: all operators of one level. */
static struct rsql_node *chain(struct rsql_parser *p, struct rsql_node *first, enum level level)
{
  struct rsql_node *x = rs_rsql_node(p, N_CHAIN, p->tok.start);
  struct rsql_list l = {0};
  if (x == NULL || !rs_rsql_push(p, &l, first)) return NULL;
  struct rs_buf ops;
  rs_buf_init(&ops, RS_RSQL_TEXT_MAX);
  int op;
  struct rsql_node *y = first;
  while (y != NULL && level_of(p, &op) == level) {
    rs_buf_char(&ops, (char)packed(op));
    rs_rsql_advance(p);
    y = binary(p, level + 1);
    if (y != NULL && !rs_rsql_push(p, &l, y)) y = NULL;
  }
  if (y != NULL) {
    x->v = (struct rsql_node **)l.v;
    x->n = l.n;
    x->op = (int)level;
    x->ops = ops.rc == RS_OK ? (unsigned char *)rs_arena_strndup(p->arena, ops.p, ops.n) : NULL;
    if (x->ops == NULL) y = rs_rsql_oom(p);
  }
  rs_buf_free(&ops);
  return y != NULL ? x : NULL;
}

/* Operators of level `min` and tighter ones. */
static struct rsql_node *binary(struct rsql_parser *p, enum level min)
{
  if (p->rc != RS_OK || !rs_rsql_enter(p)) return NULL;
  struct rsql_node *x;
  if (min <= L_NOT && rs_rsql_at(p, "NOT")) {
    size_t pos = p->tok.start;
    rs_rsql_advance(p);
    x = binary(p, L_NOT);
    if (x != NULL) x = rs_rsql_node_of(p, N_NOT, pos, x, NULL, NULL);
  } else {
    x = signed_value(p);
  }
  while (x != NULL) {
    int op;
    enum level level = level_of(p, &op);
    if (level >= min && level != 0) {
      x = chain(p, x, level);
    } else if (min <= L_PREDICATE) {
      bool more;
      x = predicate(p, x, &more);
      if (!more) break;
    } else {
      break;
    }
  }
  rs_rsql_leave(p);
  return x;
}

struct rsql_node *rs_rsql_expr(struct rsql_parser *p)
{
  return binary(p, L_OR);
}

struct rsql_node *rs_rsql_value(struct rsql_parser *p)
{
  return binary(p, L_CONCAT);
}
