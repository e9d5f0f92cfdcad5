/*
** Rollups: transformations with aggregates (see ingest.h). Totals of some documents are added to
** those of others, so that each item must be an aggregate for which that can be done, or what tells
** the group.
*/
#include "internal.h"
#include <string.h>
#include "src/base/text.h"
#include "src/value/text.h"

static const struct {
  const char *name;
  enum rs_rollup_op op;
} aggregates[] = {
  {"COUNT", RS_ROLLUP_ADD},  {"COUNT_IF", RS_ROLLUP_ADD}, {"SUM", RS_ROLLUP_ADD},
  {"AVG", RS_ROLLUP_AVG},    {"MIN", RS_ROLLUP_MIN},      {"MAX", RS_ROLLUP_MAX},
  {"BOOL_OR", RS_ROLLUP_OR}, {"BOOL_AND", RS_ROLLUP_AND}, {"EVERY", RS_ROLLUP_AND},
};
enum { NAGGREGATES = sizeof aggregates / sizeof aggregates[0] };

bool rs_rsql_ingest_is_rollup(const struct rs_rsql_stmt *s)
{
  const struct rsql_select *v = s->query->body->select;
  if (v->ngroup > 0 || v->group_all) return true;
  for (size_t i = 0; i < v->nitems; i++) {
    const struct rsql_node *many = rs_rsql_ingest_many(v->items[i]->expr);
    if (many != NULL && many->call->over == NULL) return true;
  }
  return false;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static bool same_calls(const struct rsql_call *a, const struct rsql_call *b)
{
  if (a == NULL || b == NULL) return a == b;
  return a->distinct == b->distinct && a->star == b->star && a->filter == NULL &&
         b->filter == NULL && a->over == NULL && b->over == NULL && a->order.n == 0 &&
         b->order.n == 0;
}

static bool same_texts(const char *a, const char *b)
{
  return a == NULL || b == NULL ? a == b : rs_eq(a, b);
}

/* The path of a field, less the name of `_input` in front. */
static const char *const *path_of(const struct rsql_rel *input, const struct rsql_node *x,
                                  size_t *n)
{
  const char *name = input->alias != NULL ? input->alias : input->path[0];
  const bool named = x->npath > 1 && rs_casecmp(x->path[0], name) == 0;
  *n = x->npath - named;
  return x->path + named;
}

static bool same_paths(const struct rsql_rel *input, const struct rsql_node *a,
                       const struct rsql_node *b)
{
  size_t na, nb;
  const char *const *p = path_of(input, a, &na), *const *q = path_of(input, b, &nb);
  if (na != nb) return false;
  for (size_t i = 0; i < na; i++)
    if (!rs_eq(p[i], q[i])) return false;
  return true;
}

static bool same(const struct rsql_rel *input, const struct rsql_node *a, const struct rsql_node *b)
{
  if (a == NULL || b == NULL) return a == b;
  if (a->kind != b->kind || a->query != NULL || b->query != NULL) return false;
  if (a->kind == N_COLUMN) return same_paths(input, a, b);
  if (a->op != b->op || a->has != b->has || a->n != b->n || !same_texts(a->text, b->text) ||
      !same_calls(a->call, b->call))
    return false;
  if (a->name == NULL || b->name == NULL ? a->name != b->name : rs_casecmp(a->name, b->name) != 0)
    return false;
  for (size_t i = 0; i < a->n; i++)
    if (!same(input, a->v[i], b->v[i])) return false;
  for (size_t i = 0; a->kind == N_CHAIN && i + 1 < a->n; i++)
    if (a->ops[i] != b->ops[i]) return false;
  return true;
}

/* Does GROUP BY mean item number i by this? */
static bool is_group_of(const struct rsql_select *v, const struct rsql_node *group, size_t i)
{
  const struct rsql_item *it = v->items[i];
  int64_t position;
  if (group->kind == N_INT)
    return rs_text_to_int(group->text, strlen(group->text), &position) &&
           position == (int64_t)i + 1;
  if (group->kind == N_COLUMN && group->npath == 1 && it->alias != NULL &&
      rs_casecmp(group->path[0], it->alias) == 0)
    return true;
  return same(v->from[0]->rel, group, it->expr);
}

static bool is_grouped(const struct rsql_select *v, size_t item)
{
  for (size_t k = 0; k < v->ngroup; k++)
    if (is_group_of(v, v->group[k]->expr, item)) return true;
  return false;
}

static bool is_selected(const struct rsql_select *v, const struct rsql_node *group)
{
  for (size_t i = 0; i < v->nitems; i++)
    if (rs_rsql_ingest_many(v->items[i]->expr) == NULL && is_group_of(v, group, i)) return true;
  return false;
}

/* ---- items ----------------------------------------------------------------------------------- */

static bool find_op(const struct rsql_node *x, enum rs_rollup_op *op)
{
  for (size_t i = 0; i < NAGGREGATES; i++) {
    if (x->kind != N_CALL || rs_casecmp(x->name, aggregates[i].name) != 0) continue;
    *op = aggregates[i].op;
    return true;
  }
  return false;
}

static enum rs_code check_aggregate(const struct rsql_ingest *x, const struct rsql_node *expr,
                                    const struct rsql_node *many)
{
  enum rs_rollup_op op;
  if (many->call->over != NULL) return rs_rsql_ingest_row(x, expr);
  if (!find_op(many, &op))
    return rs_rsql_ingest_wrong(x, many->pos,
                                "a rollup has COUNT, COUNT_IF, SUM, AVG, MIN, MAX, BOOL_AND and "
                                "BOOL_OR: others can't be added to what is there");
  if (many != expr)
    return rs_rsql_ingest_wrong(x, many->pos,
                                "of a rollup an aggregate is an item by itself: calculate with "
                                "it in queries");
  if (many->call->distinct)
    return rs_rsql_ingest_wrong(x, many->pos,
                                "a rollup does not know which values there were: DISTINCT is not "
                                "possible");
  for (size_t i = 0; i < many->n; i++) {
    enum rs_code rc = rs_rsql_ingest_row(x, many->v[i]);
    if (rc != RS_OK) return rc;
  }
  return rs_rsql_ingest_row(x, many->call->filter);
}

static const char *name_of(const struct rsql_item *it)
{
  if (it->alias != NULL) return it->alias;
  return it->expr->kind == N_COLUMN ? it->expr->path[it->expr->npath - 1] : NULL;
}

static enum rs_code check_item(const struct rsql_ingest *x, const struct rsql_select *v, size_t i)
{
  const struct rsql_node *expr = v->items[i]->expr, *many = rs_rsql_ingest_many(expr);
  const char *name = name_of(v->items[i]);
  if (expr->kind == N_STAR)
    return rs_rsql_ingest_wrong(x, expr->pos, "a rollup has no star: name the fields");
  if (name == NULL)
    return rs_rsql_ingest_wrong(x, expr->pos, "give the rollup's field a name: AS ...");
  if (rs_eq(name, "_id"))
    return rs_rsql_ingest_wrong(x, expr->pos, "the _id of a rollup's documents is the system's");
  for (size_t k = 0; k < i; k++)
    if (rs_casecmp(name, name_of(v->items[k])) == 0)
      return rs_rsql_ingest_wrong(x, expr->pos, "two of the rollup's fields have one name");
  if (many != NULL) return check_aggregate(x, expr, many);
  if (is_grouped(v, i)) return RS_OK;
  return rs_rsql_ingest_wrong(x, expr->pos,
                              "a rollup's field is an aggregate, or named in GROUP BY as it is");
}

enum rs_code rs_rsql_ingest_check_rollup(const struct rsql_ingest *x, const struct rsql_select *v)
{
  enum rs_code rc = RS_OK;
  if (v->group_all) return rs_rsql_ingest_wrong(x, v->pos, "GROUP BY ALL is not possible");
  for (size_t i = 0; i < v->ngroup; i++)
    if (v->group[i]->kind != G_EXPR || v->group_quantifier != NULL)
      return rs_rsql_ingest_wrong(x, v->pos,
                                  "ROLLUP, CUBE, GROUPING SETS and the like are not possible");
  for (size_t i = 0; i < v->nitems && rc == RS_OK; i++) rc = check_item(x, v, i);
  for (size_t i = 0; i < v->ngroup && rc == RS_OK; i++)
    if (!is_selected(v, v->group[i]->expr))
      rc = rs_rsql_ingest_wrong(x, v->group[i]->expr->pos,
                                "what a rollup groups by is one of its fields, too: select it");
  return rc;
}

/* ---- what is added --------------------------------------------------------------------------- */

/* AVG(x) AS name once more, as another aggregate: parsed again, since a tree is resolved once. */
static struct rsql_item *again(const struct rs_rsql_stmt *s, size_t item, const char *aggregate,
                               const char *suffix, struct rs_error *e)
{
  struct rs_rsql_stmt *copy;
  if (rs_rsql_parse(s->text, s->n, s->arena, &copy, NULL, e) != RS_OK) return NULL;
  struct rsql_item *it = copy->query->body->select->items[item];
  it->expr->name = aggregate;
  it->alias = rs_arena_printf(s->arena, "%s%s", it->alias, suffix);
  return it->alias != NULL ? it : NULL;
}

enum rs_code rs_rsql_ingest_rollup(struct rs_rsql_stmt *s, const struct rs_rollup_item **items,
                                   size_t *n, struct rs_error *e)
{
  struct rsql_select *v = s->query->body->select;
  const size_t given = v->nitems;
  struct rs_rollup_item *out = rs_arena_calloc(s->arena, (3 * given + 1) * sizeof *out);
  struct rsql_item **all = rs_arena_calloc(s->arena, (3 * given + 1) * sizeof *all);
  if (out == NULL || all == NULL) return rs_nomem(e);
  *items = out;
  *n = given;
  for (size_t i = 0; i < given; i++) {
    all[i] = v->items[i];
    out[i].name = name_of(all[i]);
    out[i].op = RS_ROLLUP_KEY;
    (void)find_op(all[i]->expr, &out[i].op);
  }
  for (size_t i = 0; i < given; i++) {
    if (out[i].op != RS_ROLLUP_AVG) continue;
    struct rsql_item *sum = again(s, i, "SUM", RS_ROLLUP_SUM, e);
    struct rsql_item *count = again(s, i, "COUNT", RS_ROLLUP_COUNT, e);
    if (sum == NULL || count == NULL) return rs_nomem(e);
    out[*n] = (struct rs_rollup_item){sum->alias, RS_ROLLUP_ADD};
    all[(*n)++] = sum;
    out[*n] = (struct rs_rollup_item){count->alias, RS_ROLLUP_ADD};
    all[(*n)++] = count;
  }
  v->items = all;
  v->nitems = *n;
  return RS_OK;
}
