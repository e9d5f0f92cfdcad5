/*
** FROM: relations, joins, UNNEST, LATERAL, TABLE(...), samples (see parse.h).
*/
#include <string.h>
#include "parse.h"

static bool alias(struct rsql_parser *p, struct rsql_rel *r)
{
  if (rs_rsql_take(p, "AS")) r->alias = rs_rsql_any_name(p, "a name behind AS");
  else if (rs_rsql_at_alias(p)) r->alias = rs_rsql_name(p, "a name");
  if (p->rc != RS_OK) return false;
  return r->alias == NULL || !rs_rsql_at_op(p, '(') || rs_rsql_name_list(p, &r->columns);
}

static bool sample(struct rsql_parser *p, struct rsql_rel *r)
{
  if (r->sample != NULL || !rs_rsql_take(p, "TABLESAMPLE")) return p->rc == RS_OK;
  if (rs_rsql_take(p, "BERNOULLI")) r->sample = "bernoulli";
  else if (rs_rsql_need(p, "SYSTEM")) r->sample = "system";
  else return false;
  if (!rs_rsql_need_op(p, '(', "`(`") || (r->percent = rs_rsql_value(p)) == NULL) return false;
  return rs_rsql_need_op(p, ')', "`)`");
}

static struct rsql_rel *new_rel(struct rsql_parser *p, enum rsql_rel_kind kind)
{
  struct rsql_rel *r = rs_rsql_new(p, sizeof *r);
  if (r == NULL) return NULL;
  r->kind = kind;
  r->pos = p->tok.start;
  return r;
}

/* TABLE(name), TABLE([workspace, name]), TABLE(f(...)) as other engines call table functions */
struct rsql_rel *rs_rsql_table_call(struct rsql_parser *p)
{
  struct rsql_rel *r = new_rel(p, R_TABLE);
  if (r == NULL || !rs_rsql_exprs(p, &r->v, &r->n)) return NULL;
  if (!rs_rsql_need_op(p, ')', "`)`")) return NULL;
  if (r->n == 1 && r->v[0]->kind == N_CALL) {
    r->kind = R_CALL;
    r->call = r->v[0];
  }
  return r;
}

/* Inside and outside of the bracket: WITH ORDINALITY [AS] name */
static bool ordinality(struct rsql_parser *p, struct rsql_rel *r, bool inside)
{
  if (!rs_rsql_take(p, "WITH")) return p->rc == RS_OK;
  if (!rs_rsql_need(p, "ORDINALITY")) return false;
  r->ordinality = true;
  if (!inside) return true;
  bool as = rs_rsql_take(p, "AS");
  if (as || rs_rsql_at_name(p)) r->ordinal = rs_rsql_any_name(p, "a name");
  return p->rc == RS_OK;
}

static struct rsql_rel *unnest(struct rsql_parser *p)
{
  struct rsql_rel *r = new_rel(p, R_UNNEST);
  rs_rsql_advance(p);
  if (r == NULL || !rs_rsql_need_op(p, '(', "`(`")) return NULL;
  if ((r->v = rs_rsql_new(p, sizeof(struct rsql_node *))) == NULL) return NULL;
  if ((r->v[0] = rs_rsql_expr(p)) == NULL) return NULL;
  r->n = 1;
  if (rs_rsql_take(p, "AS")) r->elem = rs_rsql_any_name(p, "a name behind AS");
  else if (rs_rsql_at_name(p)) r->elem = rs_rsql_name(p, "a name");
  if (p->rc != RS_OK || !ordinality(p, r, true) || !rs_rsql_need_op(p, ')', "`)`")) return NULL;
  return ordinality(p, r, false) ? r : NULL;
}

static struct rsql_rel *query_rel(struct rsql_parser *p, struct rsql_query *first)
{
  struct rsql_rel *r = new_rel(p, R_QUERY);
  if (r == NULL) return NULL;
  r->query = first != NULL ? rs_rsql_query_on(p, first) : rs_rsql_query(p);
  return r->query != NULL && rs_rsql_need_op(p, ')', "`)`") ? r : NULL;
}

/* What stands behind `(`: a query, a join, or both nested. */
static struct rsql_rel *brackets(struct rsql_parser *p)
{
  if (rs_rsql_at_query(p)) return query_rel(p, NULL);
  struct rsql_from *f = rs_rsql_from(p);
  if (f == NULL) return NULL;
  // ((SELECT 1) UNION (SELECT 2))
  if (f->n == 0 && f->rel->kind == R_QUERY && f->rel->alias == NULL && rs_rsql_at_query_tail(p)) {
    return query_rel(p, f->rel->query);
  }
  if (!rs_rsql_need_op(p, ')', "`)`")) return NULL;
  if (f->n == 0 && f->rel->alias == NULL) return f->rel; // brackets around one relation
  struct rsql_rel *r = new_rel(p, R_NESTED);
  if (r != NULL) r->nested = f;
  return r;
}

static struct rsql_rel *named(struct rsql_parser *p)
{
  struct rsql_rel *r = new_rel(p, R_NAME);
  if (r == NULL || !rs_rsql_path(p, &r->path, &r->npath, "a relation")) return NULL;
  if (rs_rsql_at_op(p, ':')) {
    p->rc = rs_rsql_fail(p->x.p, p->x.n, p->tok.start, p->pos, p->e, RS_UNSUPPORTED,
                         "names of a collection's fields (`%s:field`) are not read: select the "
                         "fields in a subquery",
                         r->path[r->npath - 1]);
    return NULL;
  }
  if (r->npath > 1 || !rs_rsql_at_op(p, '(')) return r;
  r->kind = R_CALL;
  r->call = rs_rsql_call(p, r->path[0], r->pos);
  if (r->call == NULL) return NULL;
  return ordinality(p, r, false) ? r : NULL;
}

static struct rsql_rel *primary(struct rsql_parser *p)
{
  struct rsql_token next = rs_rsql_peek(p);
  bool bracket = next.kind == TK_OP && next.op == '(';
  if (rs_rsql_take_op(p, '(')) return brackets(p);
  if (rs_rsql_at(p, "UNNEST")) return unnest(p);
  if (bracket && rs_rsql_take(p, "TABLE")) {
    rs_rsql_advance(p);
    return rs_rsql_table_call(p);
  }
  if (rs_rsql_at(p, "LATERAL") && (bracket || rs_rsql_is_word(&p->x, &next, "UNNEST"))) {
    rs_rsql_advance(p);
    if (rs_rsql_at(p, "UNNEST")) return unnest(p); // it may look to its left anyway
    rs_rsql_advance(p);
    struct rsql_rel *r = query_rel(p, NULL);
    if (r != NULL) r->lateral = true;
    return r;
  }
  return named(p);
}

static struct rsql_rel *relation_inner(struct rsql_parser *p)
{
  struct rsql_rel *r = primary(p);
  if (r == NULL || !rs_rsql_skip_hints(p) || !sample(p, r) || !alias(p, r) || !sample(p, r)) {
    return NULL;
  }
  return rs_rsql_skip_hints(p) ? r : NULL;
}

static struct rsql_rel *relation(struct rsql_parser *p)
{
  if (p->rc != RS_OK || !rs_rsql_enter(p)) return NULL;
  struct rsql_rel *r = relation_inner(p);
  rs_rsql_leave(p);
  return r;
}

/* The words of a join; NULL: none begins here. */
static const char *join_type(struct rsql_parser *p, bool *natural)
{
  static const char *const outer[] = {"LEFT", "RIGHT", "FULL"};
  const char *type = NULL;
  if (rs_rsql_take(p, "CROSS")) return rs_rsql_need(p, "JOIN") ? "CROSS" : NULL;
  *natural = rs_rsql_take(p, "NATURAL");
  if (rs_rsql_take(p, "INNER")) type = "INNER";
  for (int i = 0; i < 3 && type == NULL; i++) {
    if (!rs_rsql_take(p, outer[i])) continue;
    type = outer[i];
    (void)rs_rsql_take(p, "OUTER");
  }
  if (type == NULL && !*natural && !rs_rsql_at(p, "JOIN")) return NULL;
  return rs_rsql_need(p, "JOIN") ? (type != NULL ? type : "INNER") : NULL;
}

static struct rsql_join *join(struct rsql_parser *p)
{
  bool natural = false;
  const char *type = join_type(p, &natural);
  struct rsql_join *j = type != NULL ? rs_rsql_new(p, sizeof *j) : NULL;
  if (j == NULL) return NULL;
  j->type = type;
  j->natural = natural;
  if (!rs_rsql_skip_hints(p) || (j->rel = relation(p)) == NULL) return NULL;
  if (natural || strcmp(type, "CROSS") == 0) return j;
  if (rs_rsql_take(p, "ON")) j->on = rs_rsql_expr(p);
  else if (rs_rsql_take(p, "USING")) (void)rs_rsql_name_list(p, &j->using);
  else (void)rs_rsql_unexpected(p, "ON or USING");
  return p->rc == RS_OK && rs_rsql_skip_hints(p) ? j : NULL;
}

struct rsql_from *rs_rsql_from(struct rsql_parser *p)
{
  struct rsql_from *f = rs_rsql_new(p, sizeof *f);
  struct rsql_list l = {0};
  if (f == NULL || (f->rel = relation(p)) == NULL) return NULL;
  for (;;) {
    struct rsql_join *j = join(p);
    if (j == NULL) break;
    if (!rs_rsql_push(p, &l, j)) return NULL;
  }
  f->v = (struct rsql_join **)l.v;
  f->n = l.n;
  if (l.n > 1000) return rs_rsql_wrong(p, f->rel->pos, "more than 1000 joins");
  return p->rc == RS_OK ? f : NULL;
}
