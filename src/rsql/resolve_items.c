/*
** The select list: names of columns, stars, what a query looks like from outside (see resolve.h).
*/
#include <string.h>
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "functions.h"
#include "resolve.h"
#include "types.h"

/* ---- the select list ------------------------------------------------------------------------- */

/* The name of an item without alias: its own, or one that begins with `?` and may repeat. */
static const char *item_name(struct rsql_resolver *r, const struct rsql_node *x, bool *generated)
{
  *generated = false;
  if (x->kind == N_COLUMN) return x->path[x->npath - 1];
  if (x->kind == N_FIELD) return x->text;
  *generated = true;
  if (x->kind != N_CALL) return "?column";
  char *name = rs_arena_printf(r->arena, "?%s", x->name);
  for (char *c = name; c != NULL && *c != 0; c++) {
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  }
  if (name == NULL) (void)rs_rsql_resolve_oom(r);
  return name;
}

static bool is_excepted(const struct rsql_node *star, const char *name)
{
  for (size_t i = 0; star->except != NULL && i < star->except->n; i++) {
    if (rs_casecmp(star->except->v[i], name) == 0) return true;
  }
  return false;
}

static bool add_star(struct rsql_resolver *r, const struct rsql_node *star,
                     const struct rsql_source *s, struct rsql_source *out)
{
  out->known = out->known && s->known;
  for (size_t i = 0; s->known && i < s->n && out->known; i++) {
    struct rsql_type type = s->v[i].type;
    if (is_excepted(star, s->v[i].name)) continue;
    type.side = type.side && r->sides;
    if (!rs_rsql_resolve_column(r, out, s->v[i].name, type)) return false;
  }
  return true;
}

/* ---- sidecars -------------------------------------------------------------------------------- */

static const char *side_name(struct rsql_resolver *r, const char *name)
{
  const char *side = rs_arena_printf(r->arena, "%s" RS_BOXED_SIDE, name);
  if (side == NULL) (void)rs_rsql_resolve_oom(r);
  return side;
}

static bool add_name(struct rsql_resolver *r, struct rsql_names **names, const char *name)
{
  struct rsql_names *all = rs_rsql_resolve_new(r, sizeof *all);
  const size_t n = *names != NULL ? (*names)->n : 0;
  const char **v = all != NULL ? rs_rsql_resolve_new(r, (n + 1) * sizeof *v) : NULL;
  if (v == NULL) return false;
  if (n > 0) memcpy(v, (*names)->v, n * sizeof *v);
  v[n] = name;
  *all = (struct rsql_names){v, n + 1};
  *names = all;
  return true;
}

bool rs_rsql_resolve_less(struct rsql_resolver *r, const struct rsql_source *s,
                          struct rsql_names **names)
{
  for (size_t i = 0; i < s->n; i++) {
    if (!s->v[i].type.side) continue;
    const char *name = side_name(r, s->v[i].name);
    if (name == NULL || !add_name(r, names, name)) return false;
  }
  return true;
}

/* A star leaves out the sidecars of what it leaves out; all of them, where there may be none. */
static bool except_sides(struct rsql_resolver *r, struct rsql_node *star,
                         struct rsql_source *const *v, size_t n)
{
  struct rsql_names *kept = star->except;
  for (size_t k = 0; k < n; k++) {
    for (size_t i = 0; i < v[k]->n; i++) {
      const struct rsql_column *c = &v[k]->v[i];
      if (!c->type.side || (r->sides && !is_excepted(star, c->name))) continue;
      const char *name = side_name(r, c->name);
      if (name == NULL || !add_name(r, &kept, name)) return false;
    }
  }
  star->except = kept;
  return true;
}

struct rsql_node *rs_rsql_resolve_side(struct rsql_resolver *r, const struct rsql_node *x)
{
  struct rsql_node *side = rs_rsql_resolve_new(r, sizeof *side);
  const char **path = side != NULL ? rs_rsql_resolve_new(r, x->npath * sizeof *path) : NULL;
  if (path == NULL) return NULL;
  memcpy(path, x->path, x->npath * sizeof *path);
  path[x->npath - 1] = side_name(r, x->path[x->npath - 1]);
  if (path[x->npath - 1] == NULL) return NULL;
  *side = (struct rsql_node){
    .kind = N_COLUMN, .op = x->op, .pos = x->pos, .path = path, .npath = x->npath};
  side->type = (struct rsql_type){.kind = TY_STRING};
  return side;
}

static bool aggregates(const struct rsql_node *x)
{
  if (x == NULL) return false;
  if (x->kind == N_CALL && x->call->over == NULL && rs_rsql_function_aggregates(x->name))
    return true;
  for (size_t i = 0; i < x->n; i++)
    if (aggregates(x->v[i])) return true;
  return false;
}

/* Are its rows those of its relations? */
static bool is_plain(const struct rsql_select *s)
{
  if (s->ngroup > 0 || s->group_all || s->having != NULL) return false;
  for (size_t i = 0; i < s->nitems; i++)
    if (aggregates(s->items[i]->expr)) return false;
  return true;
}

/* The sidecar of an item that is a column by itself; its column is the last of out. */
static bool add_side(struct rsql_resolver *r, struct rsql_select *s, const struct rsql_item *it,
                     struct rsql_source *out)
{
  const struct rsql_node *x = it->expr;
  if (x->kind != N_COLUMN || !x->type.side || !out->known || out->n == 0) return true;
  struct rsql_item *side = rs_rsql_resolve_new(r, sizeof *side);
  if (side == NULL) return false;
  side->expr = rs_rsql_resolve_side(r, x);
  side->alias = side_name(r, out->v[out->n - 1].name);
  if (side->expr == NULL || side->alias == NULL) return false;
  s->sides[s->nsides++] = side;
  out->v[out->n - 1].type.side = true;
  return true;
}

/* ---- stars ----------------------------------------------------------------------------------- */

static bool may_have(struct rsql_resolver *r, struct rsql_source *s, const char *name)
{
  if (rs_rsql_source_find(r->arena, s, name) != -1) return true;
  if (s->open_elem == NULL) return !s->known;
  bool missing;
  (void)rs_rsql_type_field(s->v[0].type, name, &missing);
  return !missing;
}

/* EXCEPT of a field that no document has is no error; the engine's is, where the columns are known.
*/
static bool trim_except(struct rsql_resolver *r, struct rsql_node *star,
                        struct rsql_source *const *v, size_t n)
{
  if (star->except == NULL) return true;
  struct rsql_names *kept = rs_rsql_resolve_new(r, sizeof *kept);
  if (kept == NULL) return false;
  kept->v = rs_rsql_resolve_new(r, (star->except->n + 1) * sizeof kept->v[0]);
  if (kept->v == NULL) return false;
  for (size_t i = 0; i < star->except->n; i++) {
    bool has = false;
    for (size_t k = 0; k < n && !has; k++) has = may_have(r, v[k], star->except->v[i]);
    if (has) kept->v[kept->n++] = star->except->v[i];
  }
  star->except = kept;
  return true;
}

/* a.*, or the fields of the object a.b */
static struct rsql_node *star_of(struct rsql_resolver *r, size_t pos, const char *a, const char *b)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  const char **path = x != NULL ? rs_rsql_resolve_new(r, 2 * sizeof *path) : NULL;
  if (path == NULL) return NULL;
  path[0] = a;
  path[1] = b;
  *x = (struct rsql_node){.kind = N_STAR, .pos = pos, .path = path, .npath = b != NULL ? 2 : 1};
  return x;
}

/* Is the element of this UNNEST an object whose fields a star stands for? */
static bool is_open_object(const struct rsql_source *s)
{
  return s->open_elem != NULL && s->v[0].type.kind == TY_STRUCT;
}

/* Adds object.name to the star's items. */
static bool add_field(struct rsql_resolver *r, struct rsql_node *star, size_t cap,
                      const struct rsql_node *object, const char *name, struct rsql_type type)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  struct rsql_node **v = x != NULL ? rs_rsql_resolve_new(r, sizeof *v) : NULL;
  if (v == NULL) return false;
  if (star->n == cap) return true; // can't be: a field takes two bytes of the type's text
  v[0] = (struct rsql_node *)object;
  *x = (struct rsql_node){.kind = N_FIELD, .pos = star->pos, .text = name, .v = v, .n = 1};
  x->type = type;
  star->v[star->n++] = x;
  return true;
}

/* The fields of an object by name, without those of EXCEPT. */
static bool list_fields(struct rsql_resolver *r, struct rsql_node *star,
                        const struct rsql_node *object, struct rsql_source *out)
{
  const size_t cap = object->type.n;
  struct rsql_type field;
  struct rs_buf b;
  star->v = rs_rsql_resolve_new(r, (cap + 1) * sizeof *star->v);
  if (star->v == NULL) return false;
  bool ok = true;
  rs_buf_init(&b, 1 << 20);
  for (size_t at = 0; ok && rs_rsql_type_next(object->type, &at, &b, &field); rs_buf_clear(&b)) {
    const char *name = b.rc == RS_OK ? rs_arena_strdup(r->arena, rs_buf_text(&b)) : NULL;
    if (name == NULL) ok = rs_rsql_resolve_oom(r);
    else if (!is_excepted(star, name))
      ok = add_field(r, star, cap, object, name, field) &&
           rs_rsql_resolve_column(r, out, name, field);
  }
  rs_buf_free(&b);
  if (!ok || star->n > 0) return ok;
  return rs_rsql_resolve_fail(r, star->pos, RS_INVALID, "EXCEPT leaves no field of the object");
}

/* obj.path.*: the fields of an object. */
static bool object_star(struct rsql_resolver *r, const struct rsql_place *at,
                        struct rsql_node *star, struct rsql_source *out)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  struct rsql_node **v = x != NULL ? rs_rsql_resolve_new(r, sizeof *v) : NULL;
  if (v == NULL) return false;
  *x = (struct rsql_node){
    .kind = N_COLUMN, .pos = star->pos, .path = star->path, .npath = star->npath};
  star->has = true;
  if (!rs_rsql_resolve_expr(r, at, x)) return false;
  if (x->type.kind == TY_STRUCT && x->type.native != NULL) return list_fields(r, star, x, out);
  if (x->type.kind != TY_ANY && x->type.kind != TY_STRUCT)
    return rs_rsql_resolve_fail(r, star->pos, RS_UNSUPPORTED,
                                "the fields of `%s` are not known before the query runs: name them",
                                star->path[star->npath - 1]);
  v[0] = x;
  star->v = v;
  star->n = 1;
  out->known = false;
  if (star->except == NULL || star->except->n == 0) return true;
  return rs_rsql_resolve_fail(r, star->pos, RS_UNSUPPORTED,
                              "EXCEPT behind the fields of an object: name the fields");
}

/* A plain star over an UNNEST of objects becomes one star a source. */
static bool split_star(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *star,
                       struct rsql_source *out)
{
  const struct rsql_scope *sc = at->scope;
  bool open = false;
  for (size_t i = 0; i < sc->n; i++) {
    if (sc->v[i]->alias == NULL) return true;
    open = open || is_open_object(sc->v[i]);
  }
  if (!open) return true;
  star->v = rs_rsql_resolve_new(r, sc->n * sizeof(struct rsql_node *));
  if (star->v == NULL) return false;
  star->n = sc->n;
  for (size_t i = 0; i < sc->n; i++) {
    const struct rsql_source *s = sc->v[i];
    star->v[i] = star_of(r, star->pos, s->alias, is_open_object(s) ? s->open_elem : NULL);
    if (star->v[i] == NULL) return false;
    star->v[i]->except = star->except;
    if (!trim_except(r, star->v[i], &sc->v[i], 1) || !except_sides(r, star->v[i], &sc->v[i], 1))
      return false;
    if (is_open_object(s) && !object_star(r, at, star->v[i], out)) return false;
  }
  return true;
}

static bool resolve_star(struct rsql_resolver *r, const struct rsql_place *at,
                         struct rsql_node *star, struct rsql_source *out)
{
  const struct rsql_scope *sc = at->scope;
  if (star->npath == 0) {
    if (sc->n == 0) return rs_rsql_resolve_fail(r, star->pos, RS_INVALID, "a star without FROM");
    for (size_t i = 0; i < sc->n; i++) {
      if (!add_star(r, star, sc->v[i], out)) return false;
    }
    if (sc->n == 1 && sc->v[0]->known) star->source = sc->v[0];
    return trim_except(r, star, sc->v, sc->n) && except_sides(r, star, sc->v, sc->n) &&
           split_star(r, at, star, out);
  }
  for (size_t i = 0; i < sc->n; i++) {
    struct rsql_source *s = sc->v[i];
    bool by_name = s->alias != NULL && rs_casecmp(s->alias, star->path[star->npath - 1]) == 0;
    if (!by_name || (star->npath > 1 && s->workspace == NULL)) continue;
    if (star->npath == 2 && rs_casecmp(s->workspace, star->path[0]) != 0) continue;
    star->path += star->npath - 1;
    star->npath = 1;
    if (is_open_object(s)) {
      struct rsql_node *made = star_of(r, star->pos, s->alias, s->open_elem);
      if (made == NULL) return false;
      star->path = made->path;
      star->npath = 2;
      return object_star(r, at, star, out);
    }
    star->source = s->known ? s : NULL;
    return trim_except(r, star, &sc->v[i], 1) && except_sides(r, star, &sc->v[i], 1) &&
           add_star(r, star, s, out);
  }
  return object_star(r, at, star, out);
}

/* Generated names are unique within their select list: rows are objects. */
static bool unique_name(struct rsql_resolver *r, struct rs_map *used, struct rsql_item *it,
                        size_t position)
{
  if (rs_map_get(used, it->made) != NULL) {
    it->made = rs_arena_printf(r->arena, "%s_%zu", it->made, position);
    if (it->made == NULL) return rs_rsql_resolve_oom(r);
  }
  return rs_map_put(used, it->made, it) || rs_rsql_resolve_oom(r);
}

static bool item(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_item *it,
                 struct rs_map *used, size_t position, struct rsql_source *out)
{
  struct rsql_node *x = it->expr;
  if (x->kind == N_STAR) return resolve_star(r, at, x, out);
  bool generated = false;
  const char *name = it->alias != NULL ? it->alias : item_name(r, x, &generated);
  if (name == NULL || !rs_rsql_resolve_expr(r, at, x)) return false;
  if (it->alias == NULL) {
    // what is still a plain column or field keeps its name in the engine
    bool own = !generated && (x->kind == N_COLUMN || x->kind == N_FIELD);
    if (!own || (x->kind == N_FIELD && x->v[0]->type.kind != TY_STRUCT)) it->made = name;
    if (generated && !unique_name(r, used, it, position)) return false;
    if (it->made != NULL) name = it->made;
  }
  const struct rsql_select *s = at->scope->select;
  struct rsql_type type = x->type;
  type.side = false;
  x->raw = x->kind == N_COLUMN && is_plain(s);
  if (!x->raw && rs_rsql_type_is_union(type)) {
    type.native = NULL;
    if (it->alias == NULL) it->made = name;
  }
  return rs_rsql_resolve_column(r, out, name, type);
}

/* An item that is named explicitly wins over a star's field of that name: rows are objects. */
static bool yield_to_items(struct rsql_resolver *r, const struct rsql_select *s,
                           struct rsql_node *star)
{
  struct rsql_names *names = rs_rsql_resolve_new(r, sizeof *names);
  if (names == NULL) return false;
  const size_t old = star->except != NULL ? star->except->n : 0;
  names->v = rs_rsql_resolve_new(r, (old + s->nitems) * sizeof names->v[0]);
  if (names->v == NULL) return false;
  for (size_t i = 0; i < old; i++) names->v[names->n++] = star->except->v[i];
  for (size_t i = 0; i < s->nitems; i++) {
    if (s->items[i]->alias != NULL) names->v[names->n++] = s->items[i]->alias;
  }
  star->except = names;
  return true;
}

/* Do all relations have known columns, so that a name too many in EXCEPT is found? */
static bool all_known(const struct rsql_scope *sc)
{
  bool known = sc->n > 0;
  for (size_t i = 0; i < sc->n; i++) known = known && sc->v[i]->known;
  return known;
}

bool rs_rsql_resolve_items(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_select *s, struct rsql_source *out)
{
  struct rs_map used;
  struct rsql_scope *sc = at->scope;
  rs_map_init(&used);
  sc->aliases = rs_rsql_resolve_source(r, NULL, false);
  sc->select = s;
  bool ok = sc->aliases != NULL;
  for (size_t i = 0; ok && i < s->nitems; i++) {
    const struct rsql_item *it = s->items[i];
    const bool field = it->expr->kind == N_COLUMN && it->expr->npath > 1;
    const char *own = field ? it->expr->path[it->expr->npath - 1] : "";
    ok = rs_rsql_resolve_column(r, sc->aliases, it->alias != NULL ? it->alias : own,
                                (struct rsql_type){0});
  }
  const bool sides = r->sides && is_plain(s);
  if (ok && sides) {
    s->sides = rs_rsql_resolve_new(r, (s->nitems + 1) * sizeof *s->sides);
    ok = s->sides != NULL;
  }
  bool yields = all_known(sc) && s->nitems > 1;
  for (size_t i = 0; ok && i < s->nitems; i++) {
    sc->visible = i;
    struct rsql_node *x = s->items[i]->expr;
    if (yields && x->kind == N_STAR) ok = yield_to_items(r, s, x);
    ok = ok && item(r, at, s->items[i], &used, i + 1, out);
    if (ok && sides) ok = add_side(r, s, s->items[i], out);
    if (i >= sc->aliases->n) continue;
    struct rsql_type *type = &sc->aliases->v[i].type;
    *type = s->items[i]->expr->type;
    type->side = false;
    if (!s->items[i]->expr->raw && rs_rsql_type_is_union(*type)) type->native = NULL;
  }
  sc->visible = s->nitems;
  rs_map_free(&used);
  return ok;
}
