/*
** The select list: names of columns, stars, what a query looks like from outside (see resolve.h),
** and how columns are kept and found by name (see scope.h).
*/
#include <string.h>
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "src/value/field_name.h"
#include "functions.h"
#include "resolve.h"
#include "types.h"

/* ---- sources (scope.h) ----------------------------------------------------------------------- */

/* Of the name in lower case: the engines take Title and TITLE for one column. */
static unsigned hash(const char *name)
{
  unsigned h = 2166136261u;
  for (; *name != 0; name++) {
    unsigned char c = (unsigned char)*name;
    if (c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
    h = (h ^ c) * 16777619u;
  }
  return h;
}

static bool make_slots(struct rs_arena *a, struct rsql_source *s)
{
  size_t n = 16;
  while (n < s->n * 2) n *= 2;
  s->slots = rs_arena_calloc(a, n * sizeof *s->slots);
  if (s->slots == NULL) return false;
  s->nslots = n;
  for (size_t i = 0; i < s->n; i++) {
    size_t at = hash(s->v[i].field) & (n - 1);
    while (s->slots[at] != 0) at = (at + 1) & (n - 1);
    s->slots[at] = (unsigned)i + 1;
  }
  return true;
}

bool rs_rsql_source_add(struct rs_arena *a, struct rsql_source *s, const char *name,
                        struct rsql_type type)
{
  if (s->n >= RS_RSQL_COLUMNS_MAX) {
    s->known = false;
    return true;
  }
  if (s->n == s->cap) {
    size_t cap = s->cap > 0 ? s->cap * 2 : 8;
    struct rsql_column *v = rs_arena_alloc(a, cap * sizeof *v);
    if (v == NULL) return false;
    if (s->n > 0) memcpy(v, s->v, s->n * sizeof *v);
    s->v = v;
    s->cap = cap;
  }
  const char *field = rs_field_of(a, name);
  if (field == NULL) return false;
  s->v[s->n++] = (struct rsql_column){name, field, type, false};
  s->slots = NULL;
  return true;
}

long rs_rsql_source_find(struct rs_arena *a, struct rsql_source *s, const char *name)
{
  if (s->n == 0) return -1;
  if (s->slots == NULL && !make_slots(a, s)) return -2;
  long found = -1;
  for (size_t at = hash(name) & (s->nslots - 1); s->slots[at] != 0;
       at = (at + 1) & (s->nslots - 1)) {
    long i = (long)s->slots[at] - 1;
    if (rs_eq(s->v[i].field, name)) return i;
    if (found < 0 && rs_casecmp(s->v[i].field, name) == 0) found = i;
  }
  return found;
}

const struct rsql_source *rs_rsql_unnest_into(const struct rsql_source *s)
{
  return s->into != NULL && !s->into->whole ? s->into : NULL;
}

bool rs_rsql_scope_add(struct rs_arena *a, struct rsql_scope *sc, struct rsql_source *s)
{
  if (sc->n == sc->cap) {
    size_t cap = sc->cap > 0 ? sc->cap * 2 : 4;
    struct rsql_source **v = rs_arena_alloc(a, cap * sizeof *v);
    if (v == NULL) return false;
    if (sc->n > 0) memcpy(v, sc->v, sc->n * sizeof *v);
    sc->v = v;
    sc->cap = cap;
  }
  sc->v[sc->n++] = s;
  return true;
}

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

/* Beside a star, an alias that the engine would take for one of its fields gets a mark. */
static bool mark_alias(struct rsql_resolver *r, const struct rsql_scope *sc, struct rsql_item *it)
{
  bool marks = false;
  for (size_t i = 0; i < sc->n; i++) {
    struct rsql_source *v = sc->v[i];
    const long found = rs_rsql_source_find(r->arena, v, it->alias);
    if (found == -2) return rs_rsql_resolve_oom(r);
    marks = marks || (found >= 0 && (!rs_eq(v->v[found].field, it->alias) ||
                                     rs_field_is_marked(v->v[found].name)));
  }
  if (!marks) return true;
  it->alias = rs_field_mark(r->arena, it->alias);
  return it->alias != NULL || rs_rsql_resolve_oom(r);
}

/* The names that aliases have in the engine. */
static bool name_aliases(struct rsql_resolver *r, const struct rsql_place *at,
                         const struct rsql_select *s, struct rs_map *names)
{
  bool star = false;
  for (size_t i = 0; i < s->nitems; i++) star = star || s->items[i]->expr->kind == N_STAR;
  for (size_t i = 0; i < s->nitems && r->env->sides; i++) {
    struct rsql_item *it = s->items[i];
    if (it->alias == NULL) continue;
    const char *own = it->alias;
    if (star && !mark_alias(r, at->scope, it)) return false;
    if (!rs_rsql_resolve_name(r, names, own, &it->alias)) return false;
  }
  return true;
}

/* An item by the name of its column or field, which the engine would take for an item in front of
** it, gets an alias. */
static bool name_item(struct rsql_resolver *r, struct rs_map *names, struct rsql_item *it,
                      bool plain, const char **name)
{
  const char *field = plain ? rs_field_of(r->arena, *name) : *name, *own = *name;
  if (field == NULL) return rs_rsql_resolve_oom(r);
  if (!rs_rsql_resolve_name(r, names, field, name)) return false;
  if (!rs_eq(own, *name)) it->made = *name;
  return true;
}

/* Is it a column, or a field of objects and of nothing else? */
static bool is_plain_path(const struct rsql_node *x)
{
  while (x->kind == N_FIELD && x->v[0]->type.kind == TY_STRUCT) x = x->v[0];
  return x->kind == N_COLUMN;
}

static bool item(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_item *it,
                 struct rs_map *used, struct rs_map *names, size_t position,
                 struct rsql_source *out)
{
  struct rsql_node *x = it->expr;
  if (x->kind == N_STAR) return rs_rsql_resolve_star(r, at, x, out);
  bool generated = false;
  const char *name = it->alias != NULL ? it->alias : item_name(r, x, &generated);
  if (name == NULL || !rs_rsql_resolve_expr(r, at, x)) return false;
  if (it->alias == NULL) {
    // what is still a plain column or field keeps its name in the engine
    bool own = !generated && (x->kind == N_COLUMN || x->kind == N_FIELD);
    if (!own || !is_plain_path(x)) it->made = name;
    if (generated && !unique_name(r, used, it, position)) return false;
    if (it->made != NULL) name = it->made;
    const bool plain = own && x->kind == N_COLUMN;
    if (plain) name = x->path[x->npath - 1];
    if (!generated && r->env->sides && !name_item(r, names, it, plain, &name)) return false;
  }
  const struct rsql_select *s = at->scope->select;
  if (r->env->sides) (void)rs_rsql_type_keep_ints(x);
  struct rsql_type type = x->type;
  // a text without its sidecar would be taken for one
  const bool alone = !type.side || !r->sides || !out->known;
  type.side = false;
  x->raw = x->kind == N_COLUMN && rs_rsql_resolve_is_plain(s) &&
           !(rs_rsql_type_is_boxed(type) && alone);
  if (!x->raw && (rs_rsql_type_is_union(type) || rs_rsql_type_is_boxed(type))) {
    type = rs_rsql_type_json(type);
    if (it->alias == NULL) it->made = name;
  }
  const size_t n = out->n;
  if (!rs_rsql_resolve_column(r, out, name, type)) return false;
  if (out->n > n) out->v[n].optional = it->optional;
  return true;
}

/* Do all relations have known columns, so that a name too many in EXCEPT is found? */
static bool all_known(const struct rsql_scope *sc)
{
  bool known = sc->n > 0;
  for (size_t i = 0; i < sc->n; i++) known = known && sc->v[i]->known;
  return known;
}

/* Is item i an expression that is a group's key by its place or alias? It is a row's. */
static bool is_row_key(const struct rsql_select *s, size_t i)
{
  const struct rsql_node *item = s->items[i]->expr;
  for (size_t k = 0; k < s->ngroup && item->kind != N_COLUMN; k++)
    if (s->group[k]->kind == G_EXPR && rs_rsql_key_of(s, s->group[k]->expr) == item) return true;
  return false;
}

bool rs_rsql_resolve_items(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_select *s, struct rsql_source *out)
{
  struct rs_map used, names;
  struct rsql_scope *sc = at->scope;
  if (s->listed && !rs_rsql_set_list(r, sc, s)) return false;
  rs_map_init(&used);
  rs_map_init(&names);
  sc->aliases = rs_rsql_resolve_source(r, NULL, false);
  sc->select = s;
  bool ok = sc->aliases != NULL && name_aliases(r, at, s, &names);
  for (size_t i = 0; ok && i < s->nitems; i++) {
    const struct rsql_item *it = s->items[i];
    const bool field = it->expr->kind == N_COLUMN && it->expr->npath > 1;
    const char *own = field ? it->expr->path[it->expr->npath - 1] : "";
    ok = rs_rsql_resolve_column(r, sc->aliases, it->alias != NULL ? it->alias : own,
                                (struct rsql_type){0});
  }
  const bool sides = r->sides && (sc->keys != NULL || rs_rsql_resolve_is_plain(s));
  if (ok && sides) {
    s->sides = rs_rsql_resolve_new(r, (s->nitems + 1) * sizeof *s->sides);
    ok = s->sides != NULL;
  }
  bool yields = all_known(sc) && s->nitems > 1;
  for (size_t i = 0; ok && i < s->nitems; i++) {
    sc->visible = i;
    struct rsql_node *x = s->items[i]->expr;
    if (yields && x->kind == N_STAR) ok = rs_rsql_resolve_yield(r, sc, s, x);
    s->items[i]->column = out->n;
    const struct rsql_keys *keys = sc->keys;
    sc->row = s->items[i]->key = is_row_key(s, i);
    if (sc->row) sc->keys = NULL;
    ok = ok && item(r, at, s->items[i], &used, &names, i + 1, out);
    sc->row = false;
    sc->keys = keys;
    r->keys = sc->keys;
    if (ok && sides) ok = rs_rsql_resolve_add_side(r, s, i, out);
    r->keys = NULL;
    if (!ok || i >= sc->aliases->n) continue;
    if (x->kind == N_COLUMN && s->items[i]->alias == NULL && out->n > 0)
      sc->aliases->v[i].name = out->v[out->n - 1].name;
    struct rsql_type *type = &sc->aliases->v[i].type;
    *type = s->items[i]->expr->type;
    type->side = false;
    if (!s->items[i]->expr->raw) *type = rs_rsql_type_json(*type);
  }
  sc->visible = s->nitems;
  rs_map_free(&used);
  rs_map_free(&names);
  return ok;
}
