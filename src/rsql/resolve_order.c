/*
** ORDER BY of a query (see resolve.h).
**
** A number stands for a column of the result as Rockset counts them. Engines count the sidecars
** that a star brings along, too, and order by a value of several types as it lies there. So a
** number becomes the column or expression that it stands for, wherever one of both would matter.
*/
#include "src/base/text.h"
#include "resolve.h"
#include "types.h"

/* The number that stands there, or more than `most`. */
static size_t number_of(const struct rsql_node *x, size_t most)
{
  size_t n = 0;
  for (const char *c = x->text; *c != 0 && n <= most; c++) n = 10 * n + (size_t)(*c - '0');
  return n;
}

/* The column a.b; of the result: b alone. NULL: out of memory. */
static struct rsql_node *column(struct rsql_resolver *r, size_t pos, const char *a, const char *b)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  const char **path = rs_rsql_resolve_new(r, 2 * sizeof *path);
  if (x == NULL || path == NULL) return NULL;
  path[0] = a != NULL ? a : b;
  path[1] = b;
  *x = (struct rsql_node){.kind = N_COLUMN, .pos = pos, .path = path, .npath = a != NULL ? 2 : 1};
  return x;
}

/* Column k of the result, which is a relation of its own there. NULL: no name tells it apart. */
static struct rsql_node *listed_column(struct rsql_resolver *r, const struct rsql_node *number,
                                       const struct rsql_source *out, size_t k)
{
  for (size_t i = 0; i < out->n; i++)
    if (i != k && rs_casecmp(out->v[i].name, out->v[k].name) == 0) return NULL;
  struct rsql_node *x = column(r, number->pos, NULL, out->v[k].name);
  if (x != NULL) x->type = out->v[k].type;
  return x;
}

/* The relation whose column is number *k of the star's; *k: of that relation's. NULL: not known. */
static const struct rsql_source *source_of(const struct rsql_scope *sc,
                                           const struct rsql_node *star, size_t *k)
{
  for (size_t i = 0; i < sc->n; i++) {
    const struct rsql_source *s = sc->v[i];
    const bool meant = star->npath == 0 ||
                       (s->alias != NULL && rs_casecmp(s->alias, star->path[0]) == 0);
    if (!meant) continue;
    if (!s->known || s->open_elem != NULL || s->into != NULL) return NULL;
    for (size_t c = 0; c < s->n; c++) {
      if (rs_rsql_is_excepted(star, s->v[c].name)) continue;
      if (*k == 0) {
        *k = c;
        return s;
      }
      --*k;
    }
  }
  return NULL;
}

/* Columns that two relations share are one in a star. */
static bool merges(const struct rsql_select *s)
{
  for (size_t i = 0; i < s->nfrom; i++)
    for (size_t k = 0; k < s->from[i]->n; k++)
      if (s->from[i]->v[k]->natural || s->from[i]->v[k]->using.n > 0) return true;
  return false;
}

/* Does a star of these relations bring sidecars along? */
static bool brings_sides(const struct rsql_resolver *r, const struct rsql_scope *sc)
{
  for (size_t i = 0; r->sides && i < sc->n; i++)
    for (size_t c = 0; c < sc->v[i]->n; c++)
      if (sc->v[i]->v[c].type.side) return true;
  return false;
}

static bool fail_position(struct rsql_resolver *r, const struct rsql_node *number, size_t n)
{
  return rs_rsql_resolve_fail(r, number->pos, RS_INVALID,
                              "ORDER BY: there is no such item: the numbers go from 1 to %zu.", n);
}

/* *x becomes what the item is. */
static bool take_expr(struct rsql_resolver *r, const struct rsql_select *s,
                      const struct rsql_item *it, struct rsql_node **x)
{
  const struct rsql_node *item = it->expr;
  struct rsql_node *copy;
  if (item->kind == N_COLUMN && (s->ngroup > 0 || s->group_all)) {
    // a group's key of several types is known by its name in the result
    const char *name = it->alias != NULL ? it->alias : it->made;
    copy = column(r, (*x)->pos, NULL, name != NULL ? name : item->path[item->npath - 1]);
    if (copy == NULL) return false;
    copy->type = item->type;
    copy->item = item;
    copy->has = true;
  } else {
    copy = rs_rsql_resolve_new(r, sizeof *copy);
    if (copy == NULL) return false;
    *copy = *item;
  }
  *x = copy;
  return true;
}

/* Field k of an object's star, which has sidecars between them. */
static struct rsql_node *field_of(struct rsql_resolver *r, const struct rsql_node *star, size_t k)
{
  for (size_t i = 0; i < star->n; i++) {
    if (star->v[i]->kind != N_FIELD || k-- > 0) continue;
    struct rsql_node *copy = rs_rsql_resolve_new(r, sizeof *copy);
    if (copy != NULL) *copy = *star->v[i];
    return copy;
  }
  return NULL;
}

/* What column k of a select list is made of; in *x, which stays where the engine counts as well. */
static bool take_item(struct rsql_resolver *r, const struct rsql_place *at,
                      const struct rsql_select *s, size_t k, struct rsql_node **x)
{
  size_t i = s->nitems, before = 0; // items whose columns are in front of it; stars among them
  while (i > 0 && s->items[i - 1]->column > k) i--;
  if (i == 0) return true;
  for (size_t j = 0; j < i; j++) before += s->items[j]->expr->kind == N_STAR;
  const struct rsql_node *item = s->items[i - 1]->expr;
  const bool shifted = before > 0 && brings_sides(r, at->scope);
  if (item->kind != N_STAR) {
    return shifted || item->type.kind == TY_JSON ? take_expr(r, s, s->items[i - 1], x) : true;
  }
  size_t of = k - s->items[i - 1]->column;
  struct rsql_node *field = item->has ? field_of(r, item, of) : NULL;
  if (field != NULL) *x = field;
  if (field != NULL || r->rc != RS_OK) return r->rc == RS_OK;
  const struct rsql_source *source = merges(s) ? NULL : source_of(at->scope, item, &of);
  if (source != NULL) {
    const struct rsql_column *c = &source->v[of];
    if (!shifted && c->type.kind != TY_JSON) return true;
    *x = column(r, (*x)->pos, source->alias, c->field);
    return *x != NULL && rs_rsql_resolve_expr(r, at, *x);
  }
  if (!shifted) return true;
  return rs_rsql_resolve_fail(r, (*x)->pos, RS_UNSUPPORTED,
                              "ORDER BY %s: which column of the star that is, is not known before "
                              "the query runs: write its name",
                              (*x)->text);
}

static bool take_number(struct rsql_resolver *r, const struct rsql_place *at,
                        const struct rsql_query *q, const struct rsql_source *out,
                        struct rsql_node **x)
{
  const size_t n = number_of(*x, out->n);
  const struct rsql_select *s = q->body->kind == B_SELECT ? q->body->select : NULL;
  if (!out->known || n == 0) return true;
  if (n > out->n) return fail_position(r, *x, out->n);
  if (q->order.listed || s == NULL) {
    struct rsql_node *column = listed_column(r, *x, out, n - 1);
    if (column != NULL) *x = column;
    return r->rc == RS_OK;
  }
  return take_item(r, at, s, n - 1, x);
}

/* The field that a path names, less its relation. */
static const char *const *path_of(const struct rsql_node *x, size_t *n)
{
  const char *relation = x->source->alias;
  const bool named = x->npath > 1 && relation != NULL && rs_casecmp(x->path[0], relation) == 0;
  *n = x->npath - named;
  return x->path + named;
}

static bool is_field(const struct rsql_node *a, const struct rsql_node *b)
{
  if (b->kind != N_COLUMN || a->source == NULL || a->source != b->source) return false;
  size_t n, m;
  const char *const *p = path_of(a, &n), *const *q = path_of(b, &m);
  bool same = n == m;
  for (size_t i = 0; same && i < n; i++) same = rs_eq(p[i], q[i]);
  return same;
}

static bool is_text(const char *a, const char *b)
{
  return a == b || (a != NULL && b != NULL && rs_eq(a, b));
}

/* Are both the same expression? Of what a query or window stands in that is not asked. */
static bool is_same(const struct rsql_node *a, const struct rsql_node *b)
{
  if (a == NULL || b == NULL) return a == b;
  if (a->kind != b->kind || a->query != NULL || b->query != NULL) return false;
  if (a->kind == N_COLUMN) return is_field(a, b);
  if (a->call != NULL && (a->call->over != NULL || b->call == NULL || b->call->over != NULL ||
                          a->call->filter != NULL || a->call->distinct != b->call->distinct))
    return false;
  bool same = a->op == b->op && a->has == b->has && a->n == b->n && is_text(a->name, b->name) &&
              is_text(a->text, b->text) && is_text((const char *)a->ops, (const char *)b->ops);
  for (size_t i = 0; same && i < a->n; i++) same = is_same(a->v[i], b->v[i]);
  return same;
}

/* What is selected of what is DISTINCT becomes the column of the result: where that is a relation
** of its own, nothing else is known. */
static bool take_selected(struct rsql_resolver *r, const struct rsql_select *s,
                          const struct rsql_source *out, struct rsql_node **x)
{
  for (size_t i = 0; out->known && i < s->nitems; i++) {
    const struct rsql_item *it = s->items[i];
    if (it->column >= out->n || !is_same(*x, it->expr)) continue;
    struct rsql_node *column = listed_column(r, *x, out, it->column);
    if (column == NULL) return r->rc == RS_OK;
    // of merged rows it is the group's; what is made of columns of several types is JSON
    const struct rsql_type own = (*x)->type;
    if (!s->merged) column->type = (*x)->kind == N_COLUMN ? own : rs_rsql_type_json(own);
    *x = column;
    break;
  }
  return true;
}

/* What is a group's key becomes that one, which an engine knows by its text: names are written with
** their relation in ORDER BY alone. */
static void take_keys(const struct rsql_select *s, struct rsql_node **x)
{
  for (size_t i = 0; i < s->ngroup; i++) {
    struct rsql_node *key = s->group[i]->kind == G_EXPR ? s->group[i]->expr : NULL;
    if (key == NULL || key->kind == N_COLUMN || key->kind == N_INT || !is_same(*x, key)) continue;
    *x = key;
    return;
  }
  for (size_t i = 0; i < (*x)->n; i++)
    if ((*x)->v[i] != NULL) take_keys(s, &(*x)->v[i]);
}

bool rs_rsql_resolve_query_orders(struct rsql_resolver *r, const struct rsql_place *at,
                                  struct rsql_query *q, const struct rsql_source *out)
{
  struct rsql_orders *o = &q->order;
  o->listed = q->body->kind == B_SET || q->body->kind == B_QUERY ||
              (q->body->kind == B_SELECT && (q->body->select->distinct || q->body->select->merged));
  // an alias by itself is the engine's to find, which looks for it first
  at->scope->ordering = at->scope->aliases != NULL;
  if (!rs_rsql_resolve_orders(r, at, o)) return false;
  for (size_t i = 0; i < o->n; i++) {
    struct rsql_node **x = &o->v[i]->expr;
    if ((*x)->kind == N_INT && !take_number(r, at, q, out, x)) return false;
    const struct rsql_select *s = q->body->kind == B_SELECT ? q->body->select : NULL;
    if (o->listed && s != NULL && (*x)->item == NULL && !take_selected(r, s, out, x)) return false;
    if (s != NULL && (*x)->query == NULL) take_keys(s, x);
    if ((*x)->kind != N_COLUMN) continue;
    // but where it becomes a part of the keys of a JSON value
    if ((*x)->type.kind != TY_JSON || o->listed) (*x)->item = NULL;
    (*x)->raw = o->listed; // it is what was selected
  }
  return true;
}
