/*
** Paths into objects and arrays of which a typed column can't tell everything: its sidecar has the
** exact JSON of some rows (value/boxed.h, `~`). A path into such a column has a sidecar, too: the
** tagged text of what is at that path of the exact JSON. So what asks a column's sidecar asks a
** path's likewise, and all else reads the column alone.
*/
#include <stdlib.h>
#include <string.h>
#include "mixed.h"
#include "src/base/text.h"
#include "types.h"

bool rs_rsql_has_parts(const struct rsql_node *x)
{
  const enum rsql_kind k = x->type.kind;
  const unsigned nested = RSQL_ARRAY | RSQL_OBJECT;
  if (k == TY_STRUCT || k == TY_LIST) return x->type.native != NULL;
  return rs_rsql_has_members(x) && (rs_rsql_type_kinds(x->type) & nested) != 0;
}

bool rs_rsql_has_side(const struct rsql_node *x)
{
  if (!x->type.side) return false;
  return x->kind == N_COLUMN ? x->item == NULL : x->kind == N_FIELD || x->kind == N_INDEX;
}

void rs_rsql_note_side(struct rsql_node *x)
{
  const struct rsql_node *base = x->v[0];
  x->type.side = rs_rsql_has_side(base) && rs_rsql_has_parts(base);
}

static struct rsql_node *json_node(struct rsql_resolver *r, enum rsql_node_kind kind,
                                   const struct rsql_node *at, struct rsql_node *of)
{
  struct rsql_node *x = of != NULL ? rs_rsql_mixed_node(r, kind, at->pos, 1) : NULL;
  if (x == NULL) return NULL;
  x->v[0] = of;
  x->type.kind = TY_JSON;
  return x;
}

/* By the name that the documents have. */
static bool spell(struct rsql_resolver *r, struct rsql_node *x, const struct rsql_node *base)
{
  const struct rsql_type t = base->type.kind == TY_STRUCT
                               ? base->type
                               : rs_rsql_type_member(base->type, RSQL_OBJECT);
  struct rs_buf own;
  rs_buf_init(&own, RS_BUF_SQL_MAX);
  if (rs_rsql_type_spell(t, x->text, &own) && own.rc == RS_OK)
    x->text = rs_arena_strdup(r->arena, rs_buf_text(&own));
  const bool ok = own.rc == RS_OK && x->text != NULL;
  rs_buf_free(&own);
  return ok || rs_rsql_resolve_oom(r);
}

struct rsql_node *rs_rsql_resolve_exact(struct rsql_resolver *r, const struct rsql_node *x)
{
  if (x->kind == N_COLUMN || rs_rsql_is_key(r->keys, x))
    return json_node(r, N_EXACT, x, rs_rsql_resolve_side(r, x));
  struct rsql_node *base = rs_rsql_resolve_exact(r, x->v[0]);
  struct rsql_node *y = base != NULL ? rs_rsql_mixed_copy(r, x) : NULL;
  if (y == NULL) return NULL;
  y->v[0] = base;
  y->type = (struct rsql_type){.kind = TY_JSON};
  return x->kind == N_INDEX || spell(r, y, x->v[0]) ? y : NULL;
}

struct rsql_node *rs_rsql_resolve_tag(struct rsql_resolver *r, struct rsql_node *exact,
                                      struct rsql_type of)
{
  struct rsql_node *x = json_node(r, N_TAG, exact, exact);
  if (x == NULL) return NULL;
  x->of = of;
  x->type.kind = TY_STRING;
  return x;
}

struct rsql_node *rs_rsql_resolve_path_side(struct rsql_resolver *r, const struct rsql_node *x)
{
  struct rsql_node *exact = rs_rsql_resolve_exact(r, x);
  return exact != NULL ? rs_rsql_resolve_tag(r, exact, x->type) : NULL;
}

bool rs_rsql_resolve_elements(struct rsql_resolver *r, struct rsql_rel *rel,
                              const struct rsql_node *array)
{
  if (rel->type.kind != TY_LIST || !rs_rsql_has_parts(array)) return true;
  r->keys = NULL;
  struct rsql_node *e = rs_rsql_mixed_node(r, N_COLUMN, array->pos, 0);
  const char **path = e != NULL ? rs_rsql_resolve_new(r, sizeof *path) : NULL;
  if (path == NULL) return false;
  path[0] = RS_RSQL_ELEMENT;
  e->path = path;
  e->npath = 1;
  e->op = 1;
  e->type.kind = TY_JSON;
  rel->exact = rs_rsql_resolve_exact(r, array);
  rel->tag = rs_rsql_resolve_tag(r, e, rs_rsql_type_element(rel->type));
  return rel->exact != NULL && rel->tag != NULL;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static bool is_same(const struct rsql_node *a, const struct rsql_node *b)
{
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case N_COLUMN:
      return a->source != NULL && a->source == b->source && a->item == NULL && b->item == NULL &&
             rs_casecmp(a->path[a->npath - 1], b->path[b->npath - 1]) == 0;
    case N_FIELD: return rs_casecmp(a->text, b->text) == 0 && is_same(a->v[0], b->v[0]);
    case N_INDEX: return is_same(a->v[0], b->v[0]) && is_same(a->v[1], b->v[1]);
    case N_INT: return rs_eq(a->text, b->text);
    default: return false;
  }
}

bool rs_rsql_is_key(const struct rsql_keys *keys, const struct rsql_node *x)
{
  for (size_t i = 0; keys != NULL && i < keys->n; i++)
    if (is_same(keys->v[i], x)) return true;
  return false;
}

static bool is_of_key(const struct rsql_keys *keys, const struct rsql_node *x)
{
  while (!rs_rsql_is_key(keys, x)) {
    if (x->kind != N_FIELD && x->kind != N_INDEX) return false;
    x = x->v[0];
  }
  return true;
}

const struct rsql_node *rs_rsql_key_of(const struct rsql_select *s, const struct rsql_node *x)
{
  const size_t k = x->kind == N_INT ? strtoul(x->text, NULL, 10) : 0;
  for (size_t i = 0; i < s->nitems; i++) {
    const struct rsql_item *it = s->items[i];
    if (it->expr->kind == N_STAR && k > 0) return x;
    const bool alias = x->kind == N_COLUMN && x->npath == 1 && it->alias != NULL &&
                       rs_casecmp(it->alias, x->path[0]) == 0;
    if (alias || i + 1 == k) return it->expr;
  }
  return x;
}

static bool add_keys(struct rsql_resolver *r, const struct rsql_place *at,
                     const struct rsql_select *s, struct rsql_group *const *v, size_t n,
                     struct rsql_keys *keys)
{
  struct rsql_node **all = rs_rsql_resolve_new(r, (keys->n + n + 1) * sizeof(struct rsql_node *));
  if (all == NULL) return false;
  if (keys->n > 0) memcpy(all, keys->v, keys->n * sizeof(struct rsql_node *));
  keys->v = all;
  for (size_t i = 0; i < n; i++) {
    keys->sets = keys->sets || v[i]->kind != G_EXPR;
    const struct rsql_node *x = v[i]->kind == G_EXPR ? rs_rsql_key_of(s, v[i]->expr) : NULL;
    if (x == NULL || x->kind != N_COLUMN) continue;
    struct rsql_node *key = rs_rsql_mixed_copy(r, x);
    if (key == NULL || !rs_rsql_resolve_expr(r, at, key)) return false;
    if (rs_rsql_has_side(key)) keys->v[keys->n++] = key;
  }
  for (size_t i = 0; i < n; i++)
    if (v[i]->kind != G_EXPR && !add_keys(r, at, s, v[i]->v, v[i]->n, keys)) return false;
  return true;
}

bool rs_rsql_resolve_keys(struct rsql_resolver *r, const struct rsql_place *at,
                          const struct rsql_select *s)
{
  struct rsql_keys *keys = rs_rsql_resolve_new(r, sizeof *keys);
  if (keys == NULL || !add_keys(r, at, s, s->group, s->ngroup, keys)) return false;
  at->scope->keys = keys->n > 0 ? keys : NULL;
  return true;
}

bool rs_rsql_asks_side(const struct rsql_resolver *r, const struct rsql_node *x)
{
  if (!rs_rsql_has_side(x)) return false;
  // of texts the sidecar is a part of the key
  return !is_of_key(r->keys, x) || !rs_rsql_type_is_boxed(x->type);
}

bool rs_rsql_asks_key(const struct rsql_resolver *r, const struct rsql_node *x)
{
  return rs_rsql_asks_side(r, x) && is_of_key(r->keys, x);
}

static struct rsql_node *aggregate(struct rsql_resolver *r, const char *name, struct rsql_node *of)
{
  struct rsql_node *x = rs_rsql_mixed_node(r, N_CALL, of->pos, 1);
  struct rsql_call *c = x != NULL ? rs_rsql_resolve_new(r, sizeof *c) : NULL;
  if (c == NULL) return NULL;
  x->v[0] = of;
  x->name = name;
  x->call = c;
  x->type = of->type;
  return x;
}

/* GROUPING(key) = 0: the row is no sum over several keys, in which the key is null. */
static struct rsql_node *is_grouped(struct rsql_resolver *r, struct rsql_node *key)
{
  struct rsql_node *call = aggregate(r, "GROUPING", key),
                   *zero = rs_rsql_mixed_node(r, N_INT, key->pos, 0),
                   *test = rs_rsql_mixed_node(r, N_COMPARE, key->pos, 2);
  if (call == NULL || zero == NULL || test == NULL || !rs_rsql_finish_call(r, call)) return NULL;
  zero->text = "0";
  zero->type.kind = TY_INT;
  test->v[0] = call;
  test->v[1] = zero;
  test->op = '=';
  test->type.kind = TY_BOOL;
  return test;
}

struct rsql_node *rs_rsql_resolve_group_side(struct rsql_resolver *r, struct rsql_node *key,
                                             struct rsql_node *of)
{
  const bool sets = r->keys != NULL && r->keys->sets;
  struct rsql_node *none = rs_rsql_mixed_node(r, N_IS, of->pos, 1),
                   *test = rs_rsql_mixed_node(r, N_NOT, of->pos, 1),
                   *some = none != NULL ? aggregate(r, "BOOL_OR", none) : NULL,
                   *least = aggregate(r, "MIN", of), *x = rs_rsql_mixed_node(r, N_CASE, of->pos, 2);
  if (some == NULL || test == NULL || least == NULL || x == NULL) return NULL;
  none->v[0] = of;
  none->text = "NULL";
  none->type.kind = some->type.kind = test->type.kind = TY_BOOL;
  test->v[0] = some;
  struct rsql_node *grouped = sets ? is_grouped(r, key) : NULL;
  if (sets && grouped == NULL) return NULL;
  x->v[0] = rs_rsql_mixed_both(r, grouped, test);
  if (x->v[0] == NULL) return NULL;
  x->v[1] = least;
  x->type = of->type;
  return x;
}
