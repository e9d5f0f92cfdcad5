/*
** Which column, alias or field a name in an expression means (see resolve.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "src/value/field_name.h"
#include "functions.h"
#include "lex.h"
#include "resolve.h"
#include "types.h"

void rs_rsql_resolve_undefined(struct rsql_node *x)
{
  x->kind = N_UNDEFINED;
  x->type = (struct rsql_type){.kind = TY_NULL};
}

/* Does a.b.c begin with the name of this source? Returns how many parts that takes. */
static size_t source_parts(const struct rsql_source *s, const struct rsql_node *x)
{
  if (s->alias != NULL && rs_casecmp(s->alias, x->path[0]) == 0) return 1;
  if (s->workspace == NULL) return 0;
  // the workspace may have dots of its own: my.ws.coll.field
  const char *w = s->workspace;
  for (size_t i = 0; i + 1 < x->npath; i++) {
    size_t n = strlen(x->path[i]);
    if (strlen(w) < n || rs_casecmpn(w, x->path[i], n) != 0) return 0;
    w += n;
    if (*w == 0) return rs_casecmp(s->name, x->path[i + 1]) == 0 ? i + 2 : 0;
    if (*w++ != '.') return 0;
  }
  return 0;
}

/* Makes x the field `name` of what it was. */
static struct rsql_node *wrap_field(struct rsql_resolver *r, struct rsql_node *x, const char *name)
{
  struct rsql_node *inner = rs_rsql_resolve_new(r, sizeof *inner);
  struct rsql_node **v = inner != NULL ? rs_rsql_resolve_new(r, sizeof *v) : NULL;
  if (v == NULL) return NULL;
  *inner = *x;
  v[0] = inner;
  *x = (struct rsql_node){.kind = N_FIELD, .pos = inner->pos, .text = name, .v = v, .n = 1};
  return inner;
}

/* An older file has `_event_time` as the engine's civil time, in UTC. It is an instant, always. */
static bool is_old_instant(const struct rsql_node *x, struct rsql_type type)
{
  return type.kind == TY_DATETIME && rs_eq(x->path[x->npath - 1], "_event_time");
}

static bool take_instant(struct rsql_resolver *r, struct rsql_node *x)
{
  if (!is_old_instant(x, x->type)) return true;
  struct rsql_node *v = rs_rsql_resolve_new(r, 2 * sizeof *v);
  struct rsql_node **operands = v != NULL ? rs_rsql_resolve_new(r, 2 * sizeof *operands) : NULL;
  if (operands == NULL) return false;
  v[0] = *x;
  v[1] = (struct rsql_node){.kind = N_STRING, .pos = x->pos, .text = "UTC"};
  v[1].type = (struct rsql_type){.kind = TY_STRING};
  operands[0] = &v[0];
  operands[1] = &v[1];
  *x = (struct rsql_node){.kind = N_AT_ZONE, .has = true, .pos = x->pos, .v = operands, .n = 2};
  x->type = (struct rsql_type){.kind = TY_TIMESTAMP};
  return true;
}

/* A member that no object has but as a null is in the exact JSON alone. */
static bool take_exact(struct rsql_resolver *r, struct rsql_node *x)
{
  r->keys = NULL;
  struct rsql_node *exact = rs_rsql_resolve_exact(r, x);
  if (exact != NULL) *x = *exact;
  return exact != NULL;
}

#define FIELDS_MAX 100 /* the deepest path into an object */

/* x's path names relation and column by its first `names` parts; the rest are fields. */
static bool take_fields(struct rsql_resolver *r, struct rsql_node *x, size_t names,
                        struct rsql_type type)
{
  const char **path = x->path;
  size_t n = x->npath;
  if (n - names > FIELDS_MAX) {
    return rs_rsql_resolve_fail(r, x->pos, RS_LIMIT, "a path of more than %d fields", FIELDS_MAX);
  }
  x->type = type;
  x->npath = names;
  x->op = (int)names;
  if (n == names) return take_instant(r, x);
  for (size_t i = names; i < n; i++) {
    bool missing;
    struct rsql_type t = rs_rsql_field_type(x, path[i], &missing);
    const bool exact = missing && !r->grouped && rs_rsql_has_side(x) && rs_rsql_has_parts(x);
    if (missing && !exact) {
      rs_rsql_resolve_undefined(x);
      return true;
    }
    if (wrap_field(r, x, path[i]) == NULL) return false;
    x->type = t;
    if (exact && !take_exact(r, x)) return false;
    rs_rsql_note_side(x);
  }
  return true;
}

/* The same of a column of that name, by whatever name of its field x has it. */
static bool take_column(struct rsql_resolver *r, struct rsql_node *x, size_t names,
                        const struct rsql_column *c)
{
  if (rs_field_is_marked(c->name)) {
    const char **path = rs_rsql_resolve_new(r, x->npath * sizeof *path);
    if (path == NULL) return false;
    memcpy(path, x->path, x->npath * sizeof *path);
    path[names - 1] = c->name;
    x->path = path;
  }
  return take_fields(r, x, names, c->type);
}

/* Reads x as source.column...; the first `parts` name the source. */
static bool in_source(struct rsql_resolver *r, struct rsql_node *x, struct rsql_source *s,
                      size_t parts)
{
  if (parts > 1) { // ws.coll.x: the relation's own name is enough, and survives renaming
    x->path += parts - 1;
    x->npath -= parts - 1;
  }
  x->source = s;
  long i = rs_rsql_source_find(r->arena, s, x->path[1]);
  if (i == -2) return rs_rsql_resolve_oom(r);
  if (i < 0 && s->open_elem != NULL) {
    // t.f of UNNEST(objects) AS t is t's element's field f
    const char **path = rs_rsql_resolve_new(r, (x->npath + 1) * sizeof *path);
    if (path == NULL) return false;
    path[0] = x->path[0];
    path[1] = s->open_elem;
    memcpy(path + 2, x->path + 1, (x->npath - 1) * sizeof *path);
    x->path = path;
    x->npath++;
    return take_fields(r, x, 2, s->v[0].type);
  }
  if (i >= 0) return take_column(r, x, 2, &s->v[i]);
  if (s->known) rs_rsql_resolve_undefined(x);
  else x->op = (int)x->npath;
  return true;
}

/* How many of the scope's sources may have a field of that name? */
static size_t may_have_field(struct rsql_resolver *r, const struct rsql_scope *sc, const char *name)
{
  size_t n = 0;
  for (size_t i = 0; i < sc->n; i++) {
    const long at = rs_rsql_source_find(r->arena, sc->v[i], name);
    if (at == -2) (void)rs_rsql_resolve_oom(r);
    n += !sc->v[i]->known || at != -1;
  }
  return n;
}

/* Are the elements JSON values, one of whose fields is meant since nothing else has that name? */
static bool may_be_within(struct rsql_resolver *r, const struct rsql_scope *sc,
                          const struct rsql_source *s, const char *name)
{
  if (s->open_elem == NULL || s->alias == NULL || s->v[0].type.kind != TY_JSON) return false;
  if (may_have_field(r, sc, name) != 1) return false;
  for (const struct rsql_scope *o = sc->parent; o != NULL; o = o->parent)
    if (may_have_field(r, o, name) > 0) return false;
  return true;
}

static bool has_param(const struct rsql_node *x)
{
  if (x == NULL || x->kind == N_PARAM) return x != NULL;
  for (size_t i = 0; i < x->n; i++)
    if (has_param(x->v[i])) return true;
  return false;
}

/* x's first part as an alias of the select list. *done: it is one. */
static bool as_alias(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_node *x,
                     bool *done)
{
  *done = false;
  if (sc->aliases == NULL) return true;
  long at = rs_rsql_source_find(r->arena, sc->aliases, x->path[0]);
  if (at == -2) return rs_rsql_resolve_oom(r);
  if (at < 0 || (size_t)at >= sc->visible) return true;
  const struct rsql_node *item = sc->select->items[at]->expr;
  const size_t fields = may_have_field(r, sc, x->path[0]);
  const bool both = fields > 0;
  // x of `SELECT a.x` is no alias, but tells which x is meant where two relations have one, or none
  if (sc->select->items[at]->alias == NULL && (fields == 1 || sc->prefer == PREFER_FIELD))
    return true;
  if (sc->prefer == PREFER_GROUP && both && rs_rsql_aggregates(item, true)) return true;
  *done = true;
  // without a preference an engine that knows aliases there looks for the field first, too
  x->item = both && sc->prefer == PREFER_FIELD ? NULL : item;
  x->has = both || sc->select->items[at]->alias == NULL;
  r->s->repeats = r->s->repeats || (sc->grouped && has_param(item));
  x->position = (size_t)at + 1;
  for (long i = 0; i < at; i++)
    if (sc->select->items[i]->expr->kind == N_STAR) x->position = 0;
  return take_column(r, x, 1, &sc->aliases->v[at]);
}

/* name.x */
static bool put_in_front(struct rsql_resolver *r, struct rsql_node *x, const char *name)
{
  const char **path = rs_rsql_resolve_new(r, (x->npath + 1) * sizeof *path);
  if (path == NULL) return false;
  path[0] = name;
  memcpy(path + 1, x->path, x->npath * sizeof *path);
  x->path = path;
  x->npath++;
  x->op = 2;
  return true;
}

/* x, a field of s and of that type, gets its relation's name where the engine would take it for an
** alias or for the select list's item: in ORDER BY, and in HAVING, where an item may be written out
** as in the select list. x->op: the parts that name it. */
static bool qualify(struct rsql_resolver *r, const struct rsql_scope *sc,
                    const struct rsql_source *s, struct rsql_node *x, struct rsql_type type)
{
  x->op = 1;
  if (!(sc->ordering || sc->grouped) || s->alias == NULL || sc->aliases == NULL) return true;
  // what is selected of a boxed column may be JSON under its name
  if (sc->ordering && (is_old_instant(x, type) || rs_rsql_type_is_boxed(type)))
    return put_in_front(r, x, s->alias);
  long at = rs_rsql_source_find(r->arena, sc->aliases, x->path[0]);
  if (at == -2) return rs_rsql_resolve_oom(r);
  if (at >= 0 && !sc->ordering && sc->select->items[at]->alias == NULL) return true;
  return at < 0 || put_in_front(r, x, s->alias);
}

/* x's first part as a column of one of the scope's sources. *done: it is one. */
static bool as_column(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_node *x,
                      bool *done, bool *open)
{
  *open = false;
  if (sc->prefer != PREFER_FIELD && (!as_alias(r, sc, x, done) || *done)) return r->rc == RS_OK;
  *done = true;
  for (size_t i = 0; i < sc->n; i++) {
    struct rsql_source *s = sc->v[i];
    long at = rs_rsql_source_find(r->arena, s, x->path[0]);
    if (at == -2) return rs_rsql_resolve_oom(r);
    if (at >= 0) {
      x->source = s;
      return qualify(r, sc, s, x, s->v[at].type) && take_column(r, x, (size_t)x->op, &s->v[at]);
    }
    if (s->open_elem != NULL && s->alias != NULL && s->v[0].type.kind == TY_STRUCT) {
      bool missing;
      (void)rs_rsql_type_field(s->v[0].type, x->path[0], &missing);
      if (!missing) {
        return put_in_front(r, x, s->alias) && in_source(r, x, s, 1);
      }
    }
    if (may_be_within(r, sc, s, x->path[0]))
      return put_in_front(r, x, s->alias) && in_source(r, x, s, 1);
    *open = *open || !s->known;
  }
  for (size_t i = 0; i < sc->n; i++) {
    if (!sc->v[i]->documents || sc->prefer != PREFER_FIELD) continue;
    *done = false;
    return true;
  }
  return as_alias(r, sc, x, done);
}

static bool is_lambda_name(const struct rsql_scope *sc, const char *name)
{
  for (size_t i = 0; sc->lambda != NULL && i < sc->lambda->npath; i++) {
    if (rs_casecmp(sc->lambda->path[i], name) == 0) return true;
  }
  return false;
}

bool rs_rsql_resolve_name_of(struct rsql_resolver *r, const struct rsql_place *at,
                             struct rsql_node *x)
{
  bool any = false; // was there a scope at all
  r->grouped = at->scope != NULL && at->scope->grouped && !at->scope->row;
  for (const struct rsql_scope *sc = at->scope; sc != NULL; sc = sc->parent) {
    any = any || sc->n > 0;
    if (is_lambda_name(sc, x->path[0])) return take_fields(r, x, 1, (struct rsql_type){0});
    for (size_t i = 0; i < sc->n; i++) {
      size_t parts = source_parts(sc->v[i], x);
      if (parts > 0 && x->npath > parts) return in_source(r, x, sc->v[i], parts);
    }
    bool done, open;
    if (!as_column(r, sc, x, &done, &open) || done) return r->rc == RS_OK;
    for (size_t i = 0; i < sc->n && x->npath == 1; i++) {
      if (source_parts(sc->v[i], x) == 1) { // the whole row
        x->op = 1;
        sc->v[i]->whole = true;
        if (sc->v[i]->into != NULL) sc->v[i]->into->whole = true;
        return true;
      }
    }
    if (open) {
      x->op = (int)x->npath;
      return true;
    }
  }
  if (any) rs_rsql_resolve_undefined(x);
  else x->op = (int)x->npath; // no relation: the engine says that there is no such column
  return true;
}
