/*
** Sidecars through set operations (see resolve.h): the parts get the same ones, so that each value
** stays what it is, an int beside another part's float, too. Where equal rows count once, they are
** merged as the rows of a group are: 7 and 7.0 are one, a float, as its key would be. So are those
** of SELECT DISTINCT.
*/
#include <stdio.h>
#include <string.h>
#include "functions.h"
#include "mixed.h"
#include "src/base/text.h"
#include "types.h"

struct rsql_select *rs_rsql_set_part(const struct rsql_body *b, size_t i)
{
  const struct rsql_body *part = b->v[i];
  while (part->kind == B_QUERY) part = part->query->body;
  return part->kind == B_SELECT ? part->select : NULL;
}

bool rs_rsql_set_wrap(struct rsql_resolver *r, struct rsql_body *b)
{
  for (size_t i = 0; i < b->n; i++) {
    const struct rsql_body *part = b->v[i];
    if (part->kind != B_QUERY || (part->query->limit == NULL && part->query->offset == NULL))
      continue;
    struct rsql_body *to = rs_rsql_resolve_new(r, sizeof *to);
    struct rsql_select *s = rs_rsql_resolve_new(r, sizeof *s);
    struct rsql_item **items = rs_rsql_resolve_new(r, sizeof *items);
    struct rsql_item *it = rs_rsql_resolve_new(r, sizeof *it);
    struct rsql_from **froms = rs_rsql_resolve_new(r, sizeof *froms);
    struct rsql_from *from = rs_rsql_resolve_new(r, sizeof *from);
    struct rsql_rel *rel = rs_rsql_resolve_new(r, sizeof *rel);
    if (r->rc != RS_OK || rel == NULL) return false;
    it->expr = rs_rsql_mixed_node(r, N_STAR, part->pos, 0);
    if (it->expr == NULL) return false;
    items[0] = it;
    *rel = (struct rsql_rel){
      .kind = R_QUERY, .pos = part->pos, .query = part->query, .alias = "rs_part"};
    from->rel = rel;
    froms[0] = from;
    *s = (struct rsql_select){
      .pos = part->pos, .items = items, .nitems = 1, .listed = true, .from = froms, .nfrom = 1};
    *to = (struct rsql_body){.kind = B_SELECT, .pos = part->pos, .select = s};
    b->v[i] = to;
  }
  return true;
}

/* By its columns' names? Then they must be different ones. */
static bool is_merged(const struct rsql_body *b)
{
  return rs_eq(b->ops[0], "UNION") || rs_eq(b->ops[0], "INTERSECT") || rs_eq(b->ops[0], "EXCEPT");
}

bool rs_rsql_set_may_have_sides(const struct rsql_body *b)
{
  if (!is_merged(b) && !rs_eq(b->ops[0], "UNION ALL")) return false;
  for (size_t i = 0; i < b->n; i++) {
    const struct rsql_select *s = rs_rsql_set_part(b, i);
    if (s == NULL || (i > 1 && !rs_eq(b->ops[i - 1], b->ops[0]))) return false;
    for (size_t k = 0; k < s->nitems; k++)
      if (s->items[k]->expr->kind == N_STAR && (s->nitems > 1 || s->items[k]->expr->npath > 1))
        return false;
  }
  return true;
}

/* The one relation of which the star is. */
static const struct rsql_source *source_of(const struct rsql_scope *sc,
                                           const struct rsql_node *star)
{
  const struct rsql_source *s = sc->n == 1 ? sc->v[0] : NULL;
  if (s == NULL || !s->known || s->alias == NULL || s->open_elem != NULL || s->nunnests > 0)
    return NULL;
  return star->npath == 0 || rs_casecmp(s->alias, star->path[0]) == 0 ? s : NULL;
}

bool rs_rsql_set_list(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_select *s)
{
  const struct rsql_node *star = s->nitems == 1 ? s->items[0]->expr : NULL;
  if (star == NULL || star->kind != N_STAR) return true;
  const struct rsql_source *source = source_of(sc, star);
  r->sides = r->sides && source != NULL; // until the next part
  if (source == NULL) return true;
  struct rsql_item **v = rs_rsql_resolve_new(r, (source->n + 1) * sizeof *v);
  size_t n = 0;
  if (v == NULL) return false;
  for (size_t i = 0; i < source->n; i++) {
    if (rs_rsql_is_excepted(star, source->v[i].field)) continue;
    struct rsql_item *it = v[n++] = rs_rsql_resolve_new(r, sizeof *it);
    const char **path = it != NULL ? rs_rsql_resolve_new(r, 2 * sizeof *path) : NULL;
    if (path == NULL) return false;
    it->expr = rs_rsql_mixed_node(r, N_COLUMN, star->pos, 0);
    if (it->expr == NULL) return false;
    path[0] = source->alias;
    path[1] = source->v[i].field;
    it->expr->path = path;
    it->expr->npath = 2;
    it->optional = source->v[i].optional;
  }
  if (n == 0) return true; // the star says so
  s->items = v;
  s->nitems = n;
  return true;
}

/* ---- SELECT DISTINCT ------------------------------------------------------------------------- */

/* Is it the same for all rows? */
static bool is_constant(const struct rsql_node *x)
{
  if (x == NULL) return true;
  int min = 0, max = 0; // of a function of the engine's own nothing is known
  if (x->kind == N_COLUMN || x->kind == N_STAR || x->query != NULL ||
      (x->kind == N_CALL && (x->call->over != NULL || rs_rsql_function_aggregates(x->name) ||
                             !rs_rsql_function_known(x->name, &min, &max))))
    return false;
  for (size_t i = 0; i < x->n; i++)
    if (!is_constant(x->v[i])) return false;
  return true;
}

/* May values that are equal differ? */
static bool may_differ(struct rsql_type t)
{
  return t.side || t.kind == TY_JSON;
}

/* The star, where it is of one relation that has such columns, becomes these. */
static bool list_distinct(struct rsql_resolver *r, const struct rsql_scope *sc,
                          struct rsql_select *s)
{
  const struct rsql_node *star = s->nitems == 1 ? s->items[0]->expr : NULL;
  const struct rsql_source *source = star != NULL && star->kind == N_STAR ? source_of(sc, star)
                                                                          : NULL;
  bool some = false;
  for (size_t i = 0; source != NULL && i < source->n; i++)
    some = some || may_differ(source->v[i].type);
  return !some || rs_rsql_set_list(r, sc, s);
}

/* The item at that place, from 1, as a group's key. */
static struct rsql_group *key_at(struct rsql_resolver *r, size_t pos, size_t place)
{
  char text[24];
  (void)snprintf(text, sizeof text, "%zu", place);
  struct rsql_group *key = rs_rsql_resolve_new(r, sizeof *key);
  struct rsql_node *number = rs_rsql_mixed_node(r, N_INT, pos, 0);
  if (key == NULL || number == NULL) return NULL;
  number->text = rs_arena_strdup(r->arena, text);
  number->type.kind = TY_INT;
  *key = (struct rsql_group){.kind = G_EXPR, .expr = number};
  if (number->text == NULL) (void)rs_rsql_resolve_oom(r);
  return number->text != NULL ? key : NULL;
}

bool rs_rsql_set_distinct(struct rsql_resolver *r, const struct rsql_place *at,
                          struct rsql_select *s)
{
  if (!s->distinct || !r->env->sides || s->nfrom == 0 || s->ngroup > 0 || s->group_all ||
      s->having != NULL || s->qualify != NULL)
    return true;
  if (!list_distinct(r, at->scope, s)) return false;
  struct rsql_group **v = rs_rsql_resolve_new(r, s->nitems * sizeof *v);
  size_t n = 0;
  bool some = false;
  if (v == NULL) return false;
  for (size_t i = 0; i < s->nitems; i++) {
    const struct rsql_node *x = s->items[i]->expr;
    if (is_constant(x)) continue;
    if (x->kind != N_COLUMN) return true; // of what is made of columns rows may stay that differ
    struct rsql_node *own = rs_rsql_mixed_copy(r, x);
    if (own == NULL || !rs_rsql_resolve_expr(r, at, own)) return false;
    some = some || may_differ(own->type);
    v[n] = key_at(r, x->pos, i + 1);
    if (v[n++] == NULL) return false;
  }
  if (!some) return true;
  s->distinct = false;
  s->merged = true;
  s->group = v;
  s->ngroup = n;
  return true;
}

/* ---- GROUP BY ALL ---------------------------------------------------------------------------- */

bool rs_rsql_set_all(struct rsql_resolver *r, struct rsql_select *s)
{
  if (!s->group_all) return true;
  struct rsql_group **v = rs_rsql_resolve_new(r, s->nitems * sizeof *v);
  size_t n = 0;
  if (v == NULL) return false;
  for (size_t i = 0; i < s->nitems; i++) {
    const struct rsql_node *x = s->items[i]->expr;
    if (!rs_rsql_functions_known(x)) return true; // one may be an aggregate of the engine's own
    if (rs_rsql_aggregates(x, true)) continue;
    v[n] = key_at(r, x->pos, i + 1);
    if (v[n++] == NULL) return false;
  }
  if (n == 0) return true;
  s->group_all = false;
  s->group = v;
  s->ngroup = n;
  return true;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static struct rsql_item *side_of(const struct rsql_select *s, size_t k)
{
  for (size_t i = 0; i < s->nsides; i++)
    if (s->sides[i]->of == k) return s->sides[i];
  return NULL;
}

static struct rsql_node *text(struct rsql_resolver *r, size_t pos, const char *value)
{
  struct rsql_node *x = rs_rsql_mixed_node(r, N_STRING, pos, 0);
  if (x == NULL) return NULL;
  x->text = value;
  x->type.kind = TY_STRING;
  return x;
}

/* 'i' || x, behind what its own sidecar says. */
static struct rsql_node *int_side(struct rsql_resolver *r, struct rsql_node *x,
                                  struct rsql_node *own)
{
  struct rsql_node *chain = rs_rsql_mixed_node(r, N_CHAIN, x->pos, 2),
                   *cast = rs_rsql_mixed_node(r, N_CAST, x->pos, 1), *both;
  if (chain == NULL || cast == NULL) return NULL;
  cast->v[0] = x;
  cast->text = "STRING";
  cast->type.kind = chain->type.kind = TY_STRING;
  chain->v[0] = text(r, x->pos, "i");
  chain->v[1] = cast;
  chain->ops = (unsigned char *)rs_arena_strdup(r->arena, "|");
  if (chain->ops == NULL) (void)rs_rsql_resolve_oom(r);
  if (chain->v[0] == NULL || chain->ops == NULL) return NULL;
  if (own == NULL) return chain;
  both = rs_rsql_mixed_node(r, N_CASE, x->pos, 3);
  struct rsql_node *there = rs_rsql_mixed_there(r, own);
  if (both == NULL || !rs_rsql_mixed_case(r, both, there, own, chain, chain->type)) return NULL;
  return both;
}

/* The sidecar of a part's item beside values of that type. */
static struct rsql_node *part_side(struct rsql_resolver *r, const struct rsql_select *s, size_t k,
                                   const struct rsql_column *c, enum rsql_kind as)
{
  const struct rsql_item *own = side_of(s, k);
  struct rsql_node *x = s->items[k]->expr;
  if (c->type.kind == TY_INT && as == TY_FLOAT)
    return int_side(r, x, own != NULL ? own->expr : NULL);
  if (own != NULL) return own->expr;
  if (x->kind == N_NULL) return text(r, x->pos, "n");
  return rs_rsql_mixed_node(r, N_NULL, x->pos, 0);
}

/* Does column k need one? */
static bool needs_side(const struct rsql_body *b, struct rsql_source *const *parts, size_t k,
                       enum rsql_kind as)
{
  bool some = false;
  for (size_t i = 0; i < b->n; i++) {
    const struct rsql_select *s = rs_rsql_set_part(b, i);
    if (parts[i]->n <= k || s->nitems != parts[i]->n) return false;
    if (s->items[k]->boxed) return false; // as JSON each value tells its type
    const struct rsql_type t = parts[i]->v[k].type;
    some = some || t.side || (t.kind == TY_INT && as == TY_FLOAT);
  }
  return some;
}

/* What is boxed becomes all that its sidecar tells, as an element of an array does. */
static bool box(struct rsql_resolver *r, const struct rsql_select *s, size_t k)
{
  struct rsql_node *array = rs_rsql_mixed_node(r, N_ARRAY, s->pos, 1);
  if (array == NULL) return false;
  array->v[0] = s->items[k]->expr;
  r->grouped = !rs_rsql_resolve_is_plain(s);
  r->keys = NULL;
  const bool ok = rs_rsql_mixed_wholes(r, array);
  s->items[k]->expr = array->v[0];
  return ok;
}

static bool add_side(struct rsql_resolver *r, struct rsql_select *s, size_t k,
                     const struct rsql_column *c, const struct rsql_column *as,
                     struct rsql_item ***v)
{
  struct rsql_item *it = rs_rsql_resolve_new(r, sizeof *it);
  if (it == NULL) return false;
  it->expr = part_side(r, s, k, c, as->type.kind);
  it->alias = rs_rsql_side_name(r, as->name);
  it->of = k;
  *(*v)++ = it;
  return it->expr != NULL && it->alias != NULL;
}

/* Where two columns have one name nothing can be said of one of them. */
static bool has_twins(const struct rsql_source *out)
{
  for (size_t k = 0; k < out->n; k++)
    for (size_t i = 0; i < k; i++)
      if (rs_casecmp(out->v[i].name, out->v[k].name) == 0) return true;
  return false;
}

static bool merge(struct rsql_resolver *r, struct rsql_body *b, const struct rsql_source *out)
{
  bool some = false;
  for (size_t k = 0; k < out->n; k++) some = some || may_differ(out->v[k].type);
  if (!some || !is_merged(b)) return true;
  struct rsql_source *columns = rs_rsql_resolve_new(r, sizeof *columns);
  if (columns == NULL) return false;
  *columns = *out;
  b->merged = columns;
  return true;
}

bool rs_rsql_set_sides(struct rsql_resolver *r, struct rsql_body *b,
                       struct rsql_source *const *parts, struct rsql_source *out)
{
  const bool twins = is_merged(b) && has_twins(out);
  for (size_t k = 0; k < out->n; k++)
    out->v[k].type.side = !twins && needs_side(b, parts, k, out->v[k].type.kind);
  for (size_t i = 0; i < b->n; i++) {
    struct rsql_select *s = rs_rsql_set_part(b, i);
    struct rsql_item **v = rs_rsql_resolve_new(r, (out->n + 1) * sizeof *v), **end = v;
    if (v == NULL) return false;
    for (size_t k = 0; k < out->n; k++) {
      if (out->v[k].type.side) {
        if (!add_side(r, s, k, &parts[i]->v[k], &out->v[k], &end)) return false;
      } else if (k < s->nitems && s->items[k]->boxed) {
        if (!box(r, s, k)) return false;
      } else if (k < s->nitems && rs_rsql_type_is_boxed(s->items[k]->expr->type)) {
        s->items[k]->expr->raw = false; // a text alone would be taken for one
        if (s->items[k]->alias == NULL && s->items[k]->made == NULL)
          s->items[k]->made = parts[i]->v[k].name;
      }
    }
    s->sides = v;
    s->nsides = (size_t)(end - v);
  }
  return twins || merge(r, b, out);
}
