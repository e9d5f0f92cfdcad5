/*
** Queries: WITH, SELECT, VALUES, TABLE, set operations, grouping, order, limits (see parse.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "parse.h"

#define ITEMS_MAX 1000 /* CTEs of a query, relations of a FROM: names are looked up one by one */

bool rs_rsql_at_query(const struct rsql_parser *p)
{
  static const char *const words[] = {"SELECT", "WITH", "VALUES", "TABLE", "FROM", NULL};
  return rs_rsql_at_any(p, words);
}

bool rs_rsql_at_query_tail(const struct rsql_parser *p)
{
  static const char *const words[] = {"UNION", "INTERSECT", "EXCEPT", "ORDER",
                                      "LIMIT", "OFFSET",    NULL};
  return rs_rsql_at_any(p, words);
}

/* ---- the select list ------------------------------------------------------------------------- */

/* EXCEPT(a, b) behind a star, as opposed to EXCEPT (SELECT ...) */
static bool except_list_follows(const struct rsql_parser *p)
{
  struct rsql_parser q = *p;
  rs_rsql_advance(&q);
  if (!rs_rsql_take_op(&q, '(')) return false;
  return !rs_rsql_at_query(&q) && !rs_rsql_at_op(&q, '(');
}

static bool except(struct rsql_parser *p, struct rsql_node *star)
{
  if (!rs_rsql_at(p, "EXCEPT") && !rs_rsql_at(p, "EXCLUDE")) return true;
  if (!except_list_follows(p)) return true;
  star->except = rs_rsql_new(p, sizeof *star->except);
  if (star->except == NULL) return false;
  rs_rsql_advance(p);
  return rs_rsql_name_list(p, star->except);
}

static struct rsql_item *item(struct rsql_parser *p)
{
  struct rsql_item *it = rs_rsql_new(p, sizeof *it);
  if (it == NULL) return NULL;
  if (rs_rsql_at_op(p, '*')) {
    it->expr = rs_rsql_node(p, N_STAR, p->tok.start);
    rs_rsql_advance(p);
  } else {
    it->expr = rs_rsql_expr(p);
  }
  if (it->expr == NULL) return NULL;
  if (it->expr->kind == N_STAR) return except(p, it->expr) ? it : NULL;
  if (rs_rsql_take(p, "AS")) it->alias = rs_rsql_any_name(p, "a name behind AS");
  else if (rs_rsql_at_alias(p)) it->alias = rs_rsql_name(p, "a name");
  return p->rc == RS_OK ? it : NULL;
}

static bool items(struct rsql_parser *p, struct rsql_select *s)
{
  struct rsql_list l = {0};
  do {
    if (l.n > 0 && (rs_rsql_at(p, "FROM") || p->tok.kind == TK_END)) break; // a trailing comma
    struct rsql_item *it = item(p);
    if (it == NULL || !rs_rsql_push(p, &l, it)) return false;
  } while (rs_rsql_take_op(p, ','));
  s->items = (struct rsql_item **)l.v;
  s->nitems = l.n;
  return true;
}

/* SELECT *, where it is left out */
static bool all_items(struct rsql_parser *p, struct rsql_select *s)
{
  struct rsql_item *it = rs_rsql_new(p, sizeof *it);
  if (it == NULL || (it->expr = rs_rsql_node(p, N_STAR, s->pos)) == NULL) return false;
  s->items = rs_rsql_new(p, sizeof(struct rsql_item *));
  if (s->items == NULL) return false;
  s->items[0] = it;
  s->nitems = 1;
  return true;
}

static bool from(struct rsql_parser *p, struct rsql_select *s)
{
  struct rsql_list l = {0};
  if (!rs_rsql_take(p, "FROM")) return p->rc == RS_OK;
  size_t pos = p->tok.start;
  do {
    struct rsql_from *f = rs_rsql_from(p);
    if (f == NULL || !rs_rsql_push(p, &l, f)) return false;
  } while (rs_rsql_take_op(p, ','));
  s->from = (struct rsql_from **)l.v;
  s->nfrom = l.n;
  if (l.n > ITEMS_MAX) return rs_rsql_wrong(p, pos, "more than 1000 relations in FROM") != NULL;
  return true;
}

/* ---- GROUP BY -------------------------------------------------------------------------------- */

static struct rsql_group *group(struct rsql_parser *p);

static struct rsql_group *group_of(struct rsql_parser *p, enum rsql_group_kind kind)
{
  struct rsql_group *g = rs_rsql_new(p, sizeof *g);
  struct rsql_list l = {0};
  if (g == NULL || !rs_rsql_need_op(p, '(', "`(`")) return NULL;
  g->kind = kind;
  while (!rs_rsql_at_op(p, ')')) {
    struct rsql_group *x = group(p);
    if (x == NULL || !rs_rsql_push(p, &l, x)) return NULL;
    if (!rs_rsql_take_op(p, ',')) break;
  }
  g->v = (struct rsql_group **)l.v;
  g->n = l.n;
  return rs_rsql_need_op(p, ')', "`,` or `)`") ? g : NULL;
}

/* () and (a, b) are sets; (a) + 1 is an expression, as is ROLLUP's (a, b), which emits alike. */
static bool empty_set(const struct rsql_parser *p)
{
  struct rsql_token next = rs_rsql_peek(p);
  return rs_rsql_at_op(p, '(') && next.kind == TK_OP && next.op == ')';
}

static struct rsql_group *group_inner(struct rsql_parser *p)
{
  if (rs_rsql_take(p, "ROLLUP")) return group_of(p, G_ROLLUP);
  if (rs_rsql_take(p, "CUBE")) return group_of(p, G_CUBE);
  if (rs_rsql_at(p, "GROUPING")) {
    struct rsql_token next = rs_rsql_peek(p);
    if (rs_rsql_is_word(&p->x, &next, "SETS")) {
      rs_rsql_advance(p);
      rs_rsql_advance(p);
      return group_of(p, G_SETS);
    }
  }
  if (empty_set(p)) return group_of(p, G_SET);
  struct rsql_group *g = rs_rsql_new(p, sizeof *g);
  if (g == NULL) return NULL;
  g->kind = G_EXPR;
  g->expr = rs_rsql_expr(p);
  return g->expr != NULL ? g : NULL;
}

static struct rsql_group *group(struct rsql_parser *p)
{
  if (!rs_rsql_enter(p)) return NULL;
  struct rsql_group *g = group_inner(p);
  rs_rsql_leave(p);
  return g;
}

static bool group_by(struct rsql_parser *p, struct rsql_select *s)
{
  struct rsql_list l = {0};
  if (!rs_rsql_take(p, "GROUP")) return p->rc == RS_OK;
  if (!rs_rsql_need(p, "BY")) return false;
  if (rs_rsql_take(p, "ALL")) {
    s->group_quantifier = "ALL ";
    // the engine's GROUP BY ALL stands alone
    s->group_all = p->tok.kind == TK_END || rs_rsql_at_op(p, ')') || rs_rsql_at_op(p, ';') ||
                   rs_rsql_at(p, "HAVING") || rs_rsql_at_query_tail(p);
    if (s->group_all) return true;
  } else if (rs_rsql_take(p, "DISTINCT")) {
    s->group_quantifier = "DISTINCT ";
  }
  do {
    struct rsql_group *g = group(p);
    if (g == NULL || !rs_rsql_push(p, &l, g)) return false;
  } while (rs_rsql_take_op(p, ','));
  s->group = (struct rsql_group **)l.v;
  s->ngroup = l.n;
  return true;
}

/* ---- SELECT ---------------------------------------------------------------------------------- */

static bool clause(struct rsql_parser *p, const char *word, struct rsql_node **out)
{
  if (!rs_rsql_take(p, word)) return p->rc == RS_OK;
  *out = rs_rsql_expr(p);
  return *out != NULL;
}

/* WINDOW name AS (...), ...: the engines' own */
static bool windows(struct rsql_parser *p, struct rsql_select *s)
{
  struct rsql_list l = {0};
  struct rsql_token next = rs_rsql_peek(p);
  bool name = next.kind == TK_WORD || next.kind == TK_QUOTED;
  if (!name || !rs_rsql_take(p, "WINDOW")) return p->rc == RS_OK;
  do {
    const char *called = rs_rsql_name(p, "a window's name");
    if (called == NULL || !rs_rsql_need(p, "AS")) return false;
    struct rsql_window *w = rs_rsql_window(p);
    if (w == NULL || !rs_rsql_push(p, &l, w)) return false;
    w->name = called;
  } while (rs_rsql_take_op(p, ','));
  s->windows = (struct rsql_window **)l.v;
  s->nwindows = l.n;
  return true;
}

static struct rsql_select *select(struct rsql_parser *p)
{
  struct rsql_select *s = rs_rsql_new(p, sizeof *s);
  if (s == NULL) return NULL;
  s->pos = p->tok.start;
  // FROM t [SELECT ...] is the engine's own
  const bool from_first = rs_rsql_at(p, "FROM");
  if (from_first && !from(p, s)) return NULL;
  if (!from_first || rs_rsql_at(p, "SELECT")) {
    rs_rsql_advance(p);
    s->distinct = rs_rsql_take(p, "DISTINCT");
    if (!s->distinct) (void)rs_rsql_take(p, "ALL");
    if (!items(p, s)) return NULL;
  } else if (!all_items(p, s)) {
    return NULL;
  }
  if ((!from_first && !from(p, s)) || !rs_rsql_skip_hints(p) || !clause(p, "WHERE", &s->where) ||
      !group_by(p, s) || !clause(p, "HAVING", &s->having) || !windows(p, s) ||
      !clause(p, "QUALIFY", &s->qualify)) {
    return NULL;
  }
  if (rs_rsql_take(p, "CLUSTER")) {
    if (!rs_rsql_need(p, "BY") || !rs_rsql_exprs(p, &s->cluster, &s->ncluster)) return NULL;
  }
  return p->rc == RS_OK ? s : NULL;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static struct rsql_body *new_body(struct rsql_parser *p, enum rsql_body_kind kind)
{
  struct rsql_body *b = rs_rsql_new(p, sizeof *b);
  if (b == NULL) return NULL;
  b->kind = kind;
  b->pos = p->tok.start;
  return b;
}

static struct rsql_body *table(struct rsql_parser *p)
{
  struct rsql_body *b = new_body(p, B_TABLE);
  rs_rsql_advance(p);
  if (b == NULL) return NULL;
  if (rs_rsql_take_op(p, '(')) {
    b->table = rs_rsql_table_call(p);
    return b->table != NULL ? b : NULL;
  }
  if ((b->table = rs_rsql_new(p, sizeof *b->table)) == NULL) return NULL;
  b->table->kind = R_NAME;
  b->table->pos = p->tok.start;
  if (!rs_rsql_path(p, &b->table->path, &b->table->npath, "the name of a collection")) return NULL;
  return b;
}

static struct rsql_body *term(struct rsql_parser *p)
{
  struct rsql_body *b;
  if (rs_rsql_at(p, "SELECT") || rs_rsql_at(p, "FROM")) {
    b = new_body(p, B_SELECT);
    if (b != NULL) b->select = select(p);
    return b != NULL && b->select != NULL ? b : NULL;
  }
  if (rs_rsql_at(p, "VALUES")) {
    b = new_body(p, B_VALUES);
    rs_rsql_advance(p);
    return b != NULL && rs_rsql_exprs(p, &b->values, &b->nvalues) ? b : NULL;
  }
  if (rs_rsql_at(p, "TABLE")) return table(p);
  if (!rs_rsql_at_op(p, '('))
    return rs_rsql_unexpected(p, "SELECT, VALUES, TABLE or a query in ()");
  b = new_body(p, B_QUERY);
  rs_rsql_advance(p);
  if (b == NULL || (b->query = rs_rsql_query(p)) == NULL) return NULL;
  return rs_rsql_need_op(p, ')', "`)`") ? b : NULL;
}

/* UNION, UNION ALL ...; NULL: none here */
static const char *set_operator(struct rsql_parser *p)
{
  static const char *const words[] = {"UNION", "INTERSECT", "EXCEPT"};
  static const char *const all[] = {"UNION ALL", "INTERSECT ALL", "EXCEPT ALL"};
  for (int i = 0; i < 3; i++) {
    if (!rs_rsql_take(p, words[i])) continue;
    if (rs_rsql_take(p, "ALL")) return all[i];
    (void)rs_rsql_take(p, "DISTINCT");
    return words[i];
  }
  return NULL;
}

static struct rsql_body *body(struct rsql_parser *p, struct rsql_body *first)
{
  const char *op = set_operator(p);
  if (op == NULL) return first;
  struct rsql_body *b = new_body(p, B_SET);
  struct rsql_list parts = {0}, ops = {0};
  if (b == NULL || !rs_rsql_push(p, &parts, first)) return NULL;
  for (; op != NULL; op = set_operator(p)) {
    struct rsql_body *next = term(p);
    if (next == NULL || !rs_rsql_push(p, &parts, next)) return NULL;
    if (!rs_rsql_push(p, &ops, (void *)(uintptr_t)op)) return NULL;
  }
  b->v = (struct rsql_body **)parts.v;
  b->n = parts.n;
  b->ops = (const char **)ops.v;
  return b;
}

/* ---- WITH, ORDER BY, LIMIT ------------------------------------------------------------------- */

static bool with(struct rsql_parser *p, struct rsql_query *q)
{
  struct rsql_list l = {0};
  if (!rs_rsql_take(p, "WITH")) return p->rc == RS_OK;
  size_t pos = p->tok.start;
  q->recursive = rs_rsql_take(p, "RECURSIVE");
  do {
    struct rsql_cte *c = rs_rsql_new(p, sizeof *c);
    if (c == NULL || (c->name = rs_rsql_name(p, "the name of a query")) == NULL) return false;
    if (rs_rsql_at_op(p, '(') && !rs_rsql_name_list(p, &c->columns)) return false;
    if (!rs_rsql_need(p, "AS") || !rs_rsql_need_op(p, '(', "`(`")) return false;
    if ((c->query = rs_rsql_query(p)) == NULL || !rs_rsql_need_op(p, ')', "`)`")) return false;
    if (!rs_rsql_push(p, &l, c)) return false;
  } while (rs_rsql_take_op(p, ','));
  q->with = (struct rsql_cte **)l.v;
  q->nwith = l.n;
  if (l.n > ITEMS_MAX) return rs_rsql_wrong(p, pos, "more than 1000 queries in WITH") != NULL;
  return true;
}

bool rs_rsql_orders(struct rsql_parser *p, struct rsql_orders *out)
{
  struct rsql_list l = {0};
  do {
    struct rsql_order *o = rs_rsql_new(p, sizeof *o);
    if (o == NULL || (o->expr = rs_rsql_expr(p)) == NULL) return false;
    if (rs_rsql_take(p, "ASC")) o->dir = "ASC";
    else if (rs_rsql_take(p, "DESC")) o->dir = "DESC";
    if (rs_rsql_take(p, "NULLS")) {
      if (rs_rsql_take(p, "FIRST")) o->nulls = "FIRST";
      else if (rs_rsql_need(p, "LAST")) o->nulls = "LAST";
      else return false;
    }
    if (!rs_rsql_push(p, &l, o)) return false;
  } while (rs_rsql_take_op(p, ','));
  out->v = (struct rsql_order **)l.v;
  out->n = l.n;
  return true;
}

static bool tail(struct rsql_parser *p, struct rsql_query *q)
{
  if (rs_rsql_take(p, "ORDER")) {
    if (!rs_rsql_need(p, "BY") || !rs_rsql_orders(p, &q->order)) return false;
  }
  if (!rs_rsql_skip_hints(p)) return false;
  // either order: Rockset has LIMIT first, the engines take both
  for (int i = 0; i < 2; i++) {
    if (rs_rsql_take(p, "LIMIT") && !rs_rsql_take(p, "ALL")) {
      if ((q->limit = rs_rsql_value(p)) == NULL) return false;
    }
    if (rs_rsql_take(p, "OFFSET")) {
      if ((q->offset = rs_rsql_value(p)) == NULL) return false;
      if (!rs_rsql_take(p, "ROWS")) (void)rs_rsql_take(p, "ROW");
    }
  }
  return rs_rsql_skip_hints(p);
}

static struct rsql_query *query(struct rsql_parser *p, struct rsql_query *first)
{
  struct rsql_query *q = rs_rsql_new(p, sizeof *q);
  if (q == NULL) return NULL;
  q->pos = p->tok.start;
  if (first != NULL) {
    struct rsql_body *b = new_body(p, B_QUERY);
    if (b == NULL) return NULL;
    b->query = first;
    q->body = body(p, b);
  } else {
    if (!with(p, q)) return NULL;
    struct rsql_body *b = term(p);
    if (b != NULL) q->body = body(p, b);
  }
  return q->body != NULL && tail(p, q) ? q : NULL;
}

struct rsql_query *rs_rsql_query_on(struct rsql_parser *p, struct rsql_query *first)
{
  if (!rs_rsql_enter(p)) return NULL;
  struct rsql_query *q = query(p, first);
  rs_rsql_leave(p);
  return q;
}

struct rsql_query *rs_rsql_query(struct rsql_parser *p)
{
  return p->rc == RS_OK ? rs_rsql_query_on(p, NULL) : NULL;
}
