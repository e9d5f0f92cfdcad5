/*
** Stars of select lists: which columns they stand for, and what EXCEPT leaves of them (see
** resolve.h).
*/
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "resolve.h"
#include "types.h"

bool rs_rsql_is_excepted(const struct rsql_node *star, const char *name)
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
    if (rs_rsql_is_excepted(star, s->v[i].name)) continue;
    type.side = type.side && r->sides;
    if (!type.side && rs_rsql_type_is_boxed(type)) type = rs_rsql_type_json(type);
    const size_t n = out->n;
    if (!rs_rsql_resolve_column(r, out, s->v[i].name, type)) return false;
    // without its sidecar a null looks like what is undefined
    if (out->n > n) out->v[n].optional = s->v[i].optional && type.side == s->v[i].type.side;
  }
  return true;
}

static bool may_have(struct rsql_resolver *r, struct rsql_source *s, const char *name)
{
  const long at = rs_rsql_source_find(r->arena, s, name);
  if (at == -2) (void)rs_rsql_resolve_oom(r);
  if (at != -1) return true;
  if (s->open_elem == NULL) return !s->known;
  bool missing;
  (void)rs_rsql_type_field(s->v[0].type, name, &missing);
  return !missing;
}

/* EXCEPT of a field that no document has is no error; the engine's is, where the columns are known.
** The engine gets the names of the columns. */
static bool trim_except(struct rsql_resolver *r, struct rsql_node *star,
                        struct rsql_source *const *v, size_t n)
{
  if (star->except == NULL) return true;
  struct rsql_names *kept = rs_rsql_resolve_new(r, sizeof *kept);
  if (kept == NULL) return false;
  kept->v = rs_rsql_resolve_new(r, ((n + 1) * star->except->n + 1) * sizeof kept->v[0]);
  if (kept->v == NULL) return false;
  for (size_t i = 0; i < star->except->n; i++) {
    const char *name = star->except->v[i];
    bool has = false;
    for (size_t k = 0; k < n; k++) {
      const long at = rs_rsql_source_find(r->arena, v[k], name);
      if (at == -2) return rs_rsql_resolve_oom(r);
      const bool marked = at >= 0 && rs_field_is_marked(v[k]->v[at].name);
      if (marked) kept->v[kept->n++] = v[k]->v[at].name;
      else has = has || may_have(r, v[k], name);
    }
    if (has) kept->v[kept->n++] = name;
  }
  star->except = kept;
  return true;
}

/* Of the columns that a star leaves out, those that s may have. */
static bool part_except(struct rsql_resolver *r, struct rsql_node *part, struct rsql_source *s)
{
  struct rsql_names *kept = rs_rsql_resolve_new(r, sizeof *kept);
  const size_t n = part->except != NULL ? part->except->n : 0;
  if (kept == NULL) return false;
  kept->v = rs_rsql_resolve_new(r, (n + 1) * sizeof kept->v[0]);
  if (kept->v == NULL) return false;
  for (size_t i = 0; i < n; i++) {
    const char *name = part->except->v[i], *field = rs_field_of(r->arena, name);
    const long at = field != NULL ? rs_rsql_source_find(r->arena, s, field) : -2;
    if (at == -2) return rs_rsql_resolve_oom(r);
    if (at >= 0 ? rs_casecmp(s->v[at].name, name) == 0 : may_have(r, s, name))
      kept->v[kept->n++] = name;
  }
  if (n > 0) part->except = kept;
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

/* Adds object.name to the star's items, and its sidecar. */
static bool add_field(struct rsql_resolver *r, struct rsql_node *star, size_t cap,
                      const struct rsql_node *object, const char *name, struct rsql_type *type)
{
  struct rsql_node *x = rs_rsql_resolve_new(r, sizeof *x);
  struct rsql_node **v = x != NULL ? rs_rsql_resolve_new(r, sizeof *v) : NULL;
  if (v == NULL) return false;
  if (star->n == cap) return true; // can't be: a field takes two bytes of the type's text
  v[0] = (struct rsql_node *)object;
  *x = (struct rsql_node){.kind = N_FIELD, .pos = star->pos, .text = name, .v = v, .n = 1};
  x->type = *type;
  rs_rsql_note_side(x);
  star->v[star->n++] = x;
  type->side = x->type.side && r->sides;
  if (!type->side || star->n == cap) return true;
  struct rsql_node *side = rs_rsql_resolve_side(r, x);
  if (side == NULL) return false;
  side->name = rs_arena_printf(r->arena, "%s" RS_BOXED_SIDE, name);
  star->v[star->n++] = side;
  return side->name != NULL || rs_rsql_resolve_oom(r);
}

/* The fields of an object by name, without those of EXCEPT. */
static bool list_fields(struct rsql_resolver *r, struct rsql_node *star,
                        const struct rsql_node *object, struct rsql_source *out)
{
  const bool members = rs_rsql_has_members(object);
  const struct rsql_type type = members ? rs_rsql_type_member(object->type, RSQL_OBJECT)
                                        : object->type;
  const size_t cap = type.n;
  struct rsql_type field;
  struct rs_buf b;
  star->v = rs_rsql_resolve_new(r, (cap + 1) * sizeof *star->v);
  if (star->v == NULL) return false;
  bool ok = true;
  rs_buf_init(&b, 1 << 20);
  for (size_t at = 0; ok && rs_rsql_type_next(type, &at, &b, &field); rs_buf_clear(&b)) {
    const char *name = b.rc == RS_OK ? rs_arena_strdup(r->arena, rs_buf_text(&b)) : NULL;
    if (name == NULL) ok = rs_rsql_resolve_oom(r);
    else if (!rs_rsql_is_excepted(star, name))
      ok = add_field(r, star, cap, object, name, &field) &&
           rs_rsql_resolve_column(r, out, name, field);
  }
  rs_buf_free(&b);
  if (!ok || star->n > 0) return ok;
  return rs_rsql_resolve_fail(r, star->pos, RS_INVALID, "EXCEPT leaves no field of the object");
}

/* Is it the select list of the statement's own rows, which take members as they come? */
static bool may_splice(const struct rsql_resolver *r, const struct rsql_place *at,
                       const struct rsql_node *object)
{
  const struct rsql_body *b = r->s->query->body;
  return (rs_rsql_type_kinds(object->type) & RSQL_OBJECT) != 0 && r->env->splices &&
         r->s->kind == RS_RSQL_SELECT && b->kind == B_SELECT && b->select == at->scope->select;
}

static bool splice(struct rsql_resolver *r, struct rsql_node *star, struct rsql_node *object,
                   struct rsql_source *out)
{
  star->v = rs_rsql_resolve_new(r, sizeof *star->v);
  if (star->v == NULL) return false;
  star->v[0] = object;
  star->n = 1;
  star->text = rs_arena_printf(r->arena, RS_RSQL_SPLICED "%zu", star->pos);
  out->known = false;
  return star->text != NULL || rs_rsql_resolve_oom(r);
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
  r->keys = NULL;
  const bool member = rs_rsql_has_members(x) &&
                      rs_rsql_type_member(x->type, RSQL_OBJECT).kind == TY_STRUCT;
  if (member || (x->type.kind == TY_STRUCT && x->type.native != NULL))
    return list_fields(r, star, x, out);
  if (x->type.kind == TY_JSON && may_splice(r, at, x)) return splice(r, star, x, out);
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

/* A plain star over an UNNEST of objects, or one that the engine may read in a select list, becomes
** one star a source. */
static bool split_star(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_node *star,
                       struct rsql_source *out)
{
  const struct rsql_scope *sc = at->scope;
  bool open = false;
  for (size_t i = 0; i < sc->n; i++) {
    if (sc->v[i]->alias == NULL) return true;
    open = open || is_open_object(sc->v[i]) || sc->v[i]->into != NULL;
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
    star->v[i]->source = s->known || s->into != NULL ? s : NULL;
    if (!part_except(r, star->v[i], sc->v[i]) ||
        !rs_rsql_resolve_except_sides(r, star->v[i], &sc->v[i], 1))
      return false;
    if (is_open_object(s) && !object_star(r, at, star->v[i], out)) return false;
  }
  return true;
}

bool rs_rsql_resolve_star(struct rsql_resolver *r, const struct rsql_place *at,
                          struct rsql_node *star, struct rsql_source *out)
{
  const struct rsql_scope *sc = at->scope;
  if (star->npath == 0) {
    if (sc->n == 0) return rs_rsql_resolve_fail(r, star->pos, RS_INVALID, "a star without FROM");
    if (!trim_except(r, star, sc->v, sc->n)) return false;
    for (size_t i = 0; i < sc->n; i++) {
      if (!add_star(r, star, sc->v[i], out)) return false;
    }
    if (sc->n == 1 && sc->v[0]->known) star->source = sc->v[0];
    return rs_rsql_resolve_except_sides(r, star, sc->v, sc->n) && split_star(r, at, star, out);
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
    star->source = s->known || s->into != NULL ? s : NULL;
    return trim_except(r, star, &sc->v[i], 1) && add_star(r, star, s, out) &&
           rs_rsql_resolve_except_sides(r, star, &sc->v[i], 1);
  }
  return object_star(r, at, star, out);
}

/* Does the alias take the place of a star's field? One with a mark does so where a relation has
** this very field; without one the engine takes it for any of that name. False: out of memory. */
static bool replaces(struct rsql_resolver *r, const struct rsql_scope *sc, const char *alias,
                     const char *field, bool *does)
{
  *does = !rs_field_is_marked(alias);
  for (size_t i = 0; i < sc->n && !*does; i++) {
    const long at = rs_rsql_source_find(r->arena, sc->v[i], field);
    if (at == -2) return rs_rsql_resolve_oom(r);
    *does = at >= 0 && rs_eq(sc->v[i]->v[at].field, field);
  }
  return true;
}

bool rs_rsql_resolve_yield(struct rsql_resolver *r, const struct rsql_scope *sc,
                           const struct rsql_select *s, struct rsql_node *star)
{
  struct rsql_names *names = rs_rsql_resolve_new(r, sizeof *names);
  if (names == NULL) return false;
  const size_t old = star->except != NULL ? star->except->n : 0;
  names->v = rs_rsql_resolve_new(r, (old + s->nitems) * sizeof names->v[0]);
  if (names->v == NULL) return false;
  for (size_t i = 0; i < old; i++) names->v[names->n++] = star->except->v[i];
  for (size_t i = 0; i < s->nitems; i++) {
    const char *alias = s->items[i]->alias;
    if (alias == NULL) continue;
    const char *field = r->env->sides ? rs_field_of(r->arena, alias) : alias;
    bool does;
    if (field == NULL) return rs_rsql_resolve_oom(r);
    if (!replaces(r, sc, alias, field, &does)) return false;
    if (does) names->v[names->n++] = field;
  }
  star->except = names;
  return true;
}
