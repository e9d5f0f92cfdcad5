/*
** Sidecars in queries: hidden, selected beside their columns, and written (see resolve.h).
*/
#include <string.h>
#include "src/base/text.h"
#include "src/value/boxed.h"
#include "functions.h"
#include "mixed.h"
#include "types.h"

const char *rs_rsql_side_name(struct rsql_resolver *r, const char *name)
{
  const char *side = rs_arena_printf(r->arena, "%s" RS_BOXED_SIDE, name);
  if (side == NULL) (void)rs_rsql_resolve_oom(r);
  return side;
}

static bool add_name(struct rsql_resolver *r, struct rsql_names **names, const char *name)
{
  for (size_t i = 0; *names != NULL && i < (*names)->n; i++)
    if (rs_casecmp((*names)->v[i], name) == 0) return true;
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

static bool names_of_sides(struct rsql_resolver *r, const struct rsql_source *s,
                           struct rsql_names **names)
{
  for (size_t i = 0; i < s->n; i++) {
    if (!s->v[i].type.side) continue;
    const char *name = rs_rsql_side_name(r, s->v[i].name);
    if (name == NULL || !add_name(r, names, name)) return false;
  }
  return true;
}

bool rs_rsql_resolve_hide_sides(struct rsql_resolver *r, struct rsql_rel *rel,
                                struct rsql_source *s)
{
  if (!names_of_sides(r, s, &rel->less)) return false;
  if (rel->less == NULL) return true;
  rel->rest = rs_rsql_resolve_new(r, sizeof *rel->rest);
  if (rel->rest == NULL) return false;
  rel->rest->v = rs_rsql_resolve_new(r, (s->n + 1) * sizeof *rel->rest->v);
  if (rel->rest->v == NULL) return false;
  for (size_t i = 0; i < s->n; i++) rel->rest->v[rel->rest->n++] = s->v[i].name;
  if (rel->alias == NULL && rel->made_alias == NULL) rel->made_alias = rel->name;
  rel->boxed = rs_rsql_resolve_new(r, (s->n + 1) * sizeof *rel->boxed);
  if (rel->boxed == NULL) return false;
  for (size_t i = 0; i < s->n; i++) {
    rel->boxed[i] = rs_rsql_type_is_boxed(s->v[i].type);
    if (rel->boxed[i]) s->v[i].type = rs_rsql_type_json(s->v[i].type);
    s->v[i].optional = s->v[i].optional && !s->v[i].type.side;
    s->v[i].type.side = false;
  }
  return true;
}

bool rs_rsql_resolve_except_sides(struct rsql_resolver *r, struct rsql_node *star,
                                  struct rsql_source *const *v, size_t n)
{
  struct rsql_names *kept = star->except;
  for (size_t k = 0; k < n; k++) {
    for (size_t i = 0; i < v[k]->n; i++) {
      const struct rsql_column *c = &v[k]->v[i];
      v[k]->beside = v[k]->beside || c->type.side;
      if (!c->type.side || (r->sides && !rs_rsql_is_excepted(star, c->name))) continue;
      const char *name = rs_rsql_side_name(r, c->name);
      if (name == NULL || !add_name(r, &kept, name)) return false;
    }
  }
  star->except = kept;
  return true;
}

struct rsql_node *rs_rsql_resolve_side(struct rsql_resolver *r, const struct rsql_node *x)
{
  const struct rsql_keys *keys = r->keys;
  if (rs_rsql_is_key(keys, x)) {
    r->keys = NULL;
    struct rsql_node *of = rs_rsql_resolve_side(r, x);
    r->keys = keys;
    struct rsql_node *key = rs_rsql_mixed_copy(r, x);
    return of != NULL && key != NULL ? rs_rsql_resolve_group_side(r, key, of) : NULL;
  }
  if (x->kind != N_COLUMN) return rs_rsql_resolve_path_side(r, x);
  struct rsql_node *side = rs_rsql_resolve_new(r, sizeof *side);
  const char **path = side != NULL ? rs_rsql_resolve_new(r, x->npath * sizeof *path) : NULL;
  if (path == NULL) return NULL;
  memcpy(path, x->path, x->npath * sizeof *path);
  path[x->npath - 1] = rs_rsql_side_name(r, x->path[x->npath - 1]);
  if (path[x->npath - 1] == NULL) return NULL;
  if (x->source != NULL) ((struct rsql_source *)x->source)->beside = true;
  *side = (struct rsql_node){
    .kind = N_COLUMN, .op = x->op, .pos = x->pos, .path = path, .npath = x->npath};
  side->source = x->source;
  side->type = (struct rsql_type){.kind = TY_STRING};
  return side;
}

static struct rsql_node *tag_side(struct rsql_resolver *r, size_t pos, const char *tag)
{
  struct rsql_node *side = rs_rsql_resolve_new(r, sizeof *side);
  if (side == NULL) return NULL;
  *side = (struct rsql_node){.kind = N_STRING, .pos = pos, .text = tag};
  side->type = (struct rsql_type){.kind = TY_STRING};
  return side;
}

static enum rsql_node_kind literal_kind(const struct rsql_node *x)
{
  return x->kind == N_NEGATE ? x->v[0]->kind : x->kind;
}

/* Rows of VALUES whose value k is NULL in one of them, or an int in one and a float in another, get
** its sidecar as one more value; *some: they did. */
static bool values_side(struct rsql_resolver *r, struct rsql_body *b, size_t k, bool *some)
{
  bool ints = false, floats = false;
  *some = false;
  for (size_t i = 0; i < b->nvalues; i++) {
    const enum rsql_node_kind kind = literal_kind(b->values[i]->v[k]);
    *some = *some || kind == N_NULL;
    ints = ints || kind == N_INT;
    floats = floats || kind == N_FLOAT;
  }
  *some = *some || (ints && floats);
  for (size_t i = 0; i < b->nvalues && *some; i++) {
    struct rsql_node *row = b->values[i], *x = row->v[k];
    struct rsql_node **v = rs_rsql_resolve_new(r, (row->n + 1) * sizeof *v);
    const enum rsql_node_kind kind = literal_kind(x);
    struct rsql_node *side = tag_side(r, x->pos, kind == N_NULL ? "n" : "i");
    if (v == NULL || side == NULL) return false;
    if (kind != N_NULL && (kind != N_INT || !floats))
      *side = (struct rsql_node){.kind = N_NULL, .pos = x->pos};
    memcpy(v, row->v, row->n * sizeof *v);
    v[row->n++] = side;
    row->v = v;
  }
  return true;
}

/* The items' sidecars get the columns' names, too. */
bool rs_rsql_resolve_insert_sides(struct rsql_resolver *r, struct rs_rsql_stmt *s)
{
  const struct rsql_select *q = s->query->body->select;
  const char **v = rs_rsql_resolve_new(r, (s->columns.n + q->nsides) * sizeof *v);
  if (v == NULL) return false;
  memcpy(v, s->columns.v, s->columns.n * sizeof *v);
  for (size_t i = 0; i < q->nsides; i++) {
    const char *name = rs_rsql_side_name(r, s->columns.v[q->sides[i]->of]);
    if (name == NULL) return false;
    v[s->columns.n + i] = name;
  }
  s->columns = (struct rsql_names){v, s->columns.n + q->nsides};
  return true;
}

bool rs_rsql_resolve_values_sides(struct rsql_resolver *r, struct rs_rsql_stmt *s)
{
  struct rsql_body *b = s->query->body;
  const size_t n = s->columns.n;
  for (size_t i = 0; i < b->nvalues; i++)
    if (b->values[i]->kind != N_ROW || b->values[i]->n != n) return true;
  for (size_t k = 0; k < n; k++) {
    bool some;
    if (!values_side(r, b, k, &some)) return false;
    const char **names = some ? rs_rsql_resolve_new(r, (s->columns.n + 1) * sizeof *names) : NULL;
    const char *side = some ? rs_rsql_side_name(r, s->columns.v[k]) : NULL;
    if (!some) continue;
    if (names == NULL || side == NULL) return false;
    memcpy(names, s->columns.v, s->columns.n * sizeof *names);
    names[s->columns.n] = side;
    s->columns = (struct rsql_names){names, s->columns.n + 1};
  }
  return true;
}

bool rs_rsql_resolve_is_plain(const struct rsql_select *s)
{
  if (s->ngroup > 0 || s->group_all || s->having != NULL) return false;
  for (size_t i = 0; i < s->nitems; i++)
    if (rs_rsql_aggregates(s->items[i]->expr, false)) return false;
  return true;
}

bool rs_rsql_resolve_add_side(struct rsql_resolver *r, struct rsql_select *s, size_t i,
                              struct rsql_source *out)
{
  const struct rsql_node *x = s->items[i]->expr;
  // what is null in a row that is inserted is null in the document
  const bool null = x->kind == N_NULL && r->s->kind == RS_RSQL_INSERT &&
                    s == r->s->query->body->select;
  if (out->n == 0 || !out->known || (!null && !rs_rsql_has_side(x))) return true;
  const bool key = !null && x->type.kind != TY_JSON && rs_rsql_asks_key(r, x);
  if (!rs_rsql_resolve_is_plain(s) && !key) return true;
  struct rsql_item *side = rs_rsql_resolve_new(r, sizeof *side);
  if (side == NULL) return false;
  side->expr = null ? tag_side(r, x->pos, "n") : rs_rsql_resolve_side(r, x);
  side->alias = rs_rsql_side_name(r, out->v[out->n - 1].name);
  if (side->expr == NULL || side->alias == NULL) return false;
  side->of = i;
  s->sides[s->nsides++] = side;
  out->v[out->n - 1].type.side = true;
  return true;
}
