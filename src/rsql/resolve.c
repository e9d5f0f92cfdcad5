/*
** Queries and relations: which collection, CTE or subquery a name means, and which columns each
** has (see resolve.h).
*/
#include "resolve.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "pass.h"
#include "types.h"

#define COLLECTIONS_MAX 1000

/* ---- errors ---------------------------------------------------------------------------------- */

bool rs_rsql_resolve_fail(struct rsql_resolver *r, size_t at, enum rs_code code, const char *fmt,
                          ...)
{
  char why[400];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(why, sizeof why, fmt, ap);
  va_end(ap);
  if (r->rc == RS_OK) r->rc = rs_rsql_fail(r->s->text, r->s->n, at, r->pos, r->e, code, "%s", why);
  return false;
}

bool rs_rsql_resolve_oom(struct rsql_resolver *r)
{
  if (r->rc == RS_OK) r->rc = rs_nomem(r->e);
  return false;
}

void *rs_rsql_resolve_new(struct rsql_resolver *r, size_t n)
{
  void *p = rs_arena_calloc(r->arena, n);
  if (p == NULL) (void)rs_rsql_resolve_oom(r);
  return p;
}

bool rs_rsql_resolve_enter(struct rsql_resolver *r, size_t at)
{
  if (r->rc != RS_OK) return false;
  if (r->depth >= 2 * RS_RSQL_DEPTH_MAX) {
    return rs_rsql_resolve_fail(r, at, RS_LIMIT, "nested deeper than %d levels",
                                2 * RS_RSQL_DEPTH_MAX);
  }
  r->depth++;
  return true;
}

struct rsql_source *rs_rsql_resolve_source(struct rsql_resolver *r, const char *alias, bool known)
{
  struct rsql_source *s = rs_rsql_resolve_new(r, sizeof *s);
  if (s == NULL) return NULL;
  s->alias = alias;
  s->known = known;
  return s;
}

bool rs_rsql_resolve_column(struct rsql_resolver *r, struct rsql_source *s, const char *name,
                            struct rsql_type type)
{
  return rs_rsql_source_add(r->arena, s, name, type) || rs_rsql_resolve_oom(r);
}

/* ---- collections ----------------------------------------------------------------------------- */

static bool not_found(struct rsql_resolver *r, size_t pos, const char *workspace, const char *name)
{
  return rs_rsql_resolve_fail(r, pos, RS_NOT_FOUND, "collection '%s.%s' does not exist", workspace,
                              name);
}

static long find_collection(const struct rs_rsql_stmt *s, const char *workspace, const char *name)
{
  for (size_t i = 0; i < s->ncollections; i++) {
    const struct rs_rsql_collection *c = &s->collections[i];
    if (rs_eq(c->name, name) && rs_eq(c->workspace, workspace)) return (long)i;
  }
  return -1;
}

static bool room_for_collection(struct rsql_resolver *r)
{
  struct rs_rsql_stmt *s = r->s;
  if (s->ncollections < s->collections_cap) return true;
  // rel->collection holds an index until all are known: the array moves
  size_t cap = s->collections_cap > 0 ? s->collections_cap * 2 : 4;
  struct rs_rsql_collection *v = rs_rsql_resolve_new(r, cap * sizeof *v);
  const struct rs_columns **c = v != NULL ? rs_rsql_resolve_new(r, cap * sizeof *c) : NULL;
  if (c == NULL) return false;
  if (s->ncollections > 0) {
    memcpy(v, s->collections, s->ncollections * sizeof *v);
    memcpy(c, s->columns_of, s->ncollections * sizeof *c);
  }
  s->collections = v;
  s->columns_of = c;
  s->collections_cap = cap;
  return true;
}

/* A name that was met before; the other way of naming it is another question. */
static bool name_again(struct rsql_resolver *r, struct rs_rsql_collection *c, size_t pos,
                       bool write)
{
  struct rs_rsql_relation rel = {.workspace = c->workspace, .name = c->name};
  bool *known = write ? &c->written : &c->read;
  if (*known) return true;
  *known = true;
  enum rs_code rc = r->env->relation == NULL ? RS_OK
                                             : r->env->relation(r->env->ctx, &rel, write, r->e);
  if (rc == RS_OK) return true;
  r->rc = rc;
  if (r->pos != NULL) rs_rsql_place(r->s->text, r->s->n, pos, r->pos);
  return false;
}

/* Asks the callback once for each name. *index: into s->collections. */
static bool collection(struct rsql_resolver *r, size_t pos, const char *workspace, const char *name,
                       bool write, size_t *index)
{
  struct rs_rsql_stmt *s = r->s;
  long found = find_collection(s, workspace, name);
  if (found >= 0) {
    *index = (size_t)found;
    s->collections[found].uses++;
    return name_again(r, &s->collections[found], pos, write);
  }
  if (rs_rsql_is_hidden(workspace, name)) return not_found(r, pos, workspace, name);
  if (s->ncollections >= COLLECTIONS_MAX) {
    return rs_rsql_resolve_fail(r, pos, RS_LIMIT, "more than %d collections", COLLECTIONS_MAX);
  }
  struct rs_rsql_relation rel = {.workspace = workspace, .name = name};
  if (r->env->relation != NULL) {
    enum rs_code rc = r->env->relation(r->env->ctx, &rel, write, r->e);
    if (rc != RS_OK) {
      r->rc = rc;
      if (r->pos != NULL) rs_rsql_place(s->text, s->n, pos, r->pos);
      return false;
    }
  }
  if (rs_rsql_is_hidden(rel.workspace, rel.name)) return not_found(r, pos, workspace, name);
  if (!room_for_collection(r)) return false;
  struct rs_rsql_pos place;
  rs_rsql_place(s->text, s->n, pos, &place);
  *index = s->ncollections++;
  s->columns_of[*index] = rel.columns;
  s->collections[*index] = (struct rs_rsql_collection){
    workspace, name, rel.workspace, rel.name, write, !write, place.line, place.column, rel.sql, 1};
  return true;
}

/* The workspace that all but the last part of a path name, dots between them. */
static const char *workspace_of(struct rsql_resolver *r, const char *const *path, size_t n)
{
  if (n < 2) return r->workspace;
  struct rs_buf b;
  rs_buf_init(&b, 10000);
  for (size_t i = 0; i + 1 < n; i++) {
    if (i > 0) rs_buf_char(&b, '.');
    rs_buf_str(&b, path[i]);
  }
  char *s = b.rc == RS_OK ? rs_arena_strndup(r->arena, b.p, b.n) : NULL;
  rs_buf_free(&b);
  if (s == NULL) (void)rs_rsql_resolve_oom(r);
  return s;
}

/* Resolves rel's workspace and name; gives its columns. */
static struct rsql_source *collection_source(struct rsql_resolver *r, struct rsql_rel *rel,
                                             bool write)
{
  size_t index = 0;
  if (!collection(r, rel->pos, rel->workspace, rel->name, write, &index)) return NULL;
  const struct rs_rsql_collection *c = &r->s->collections[index];
  struct rs_rsql_collection *copy = rs_rsql_resolve_new(r, sizeof *copy);
  if (copy == NULL) return NULL;
  *copy = *c;
  rel->collection = copy;
  if (rel->alias == NULL && (c->sql != NULL || !rs_eq(c->to_name, c->name)))
    rel->made_alias = rel->name;
  const struct rs_columns *columns = r->s->columns_of[index];
  struct rsql_source *s = rs_rsql_resolve_source(r, rel->alias != NULL ? rel->alias : rel->name,
                                                 false);
  if (s == NULL) return NULL;
  if (rel->alias == NULL) {
    s->workspace = rel->workspace;
    s->name = rel->name;
  }
  s->known = columns != NULL;
  s->documents = c->sql != NULL;
  for (size_t i = 0; columns != NULL && i < columns->n; i++) {
    if (!rs_rsql_resolve_column(r, s, columns->v[i].name, rs_rsql_type_column(&columns->v[i])))
      return NULL;
  }
  return s;
}

/* ---- sources --------------------------------------------------------------------------------- */

/* The same columns under another name, as in WITH x AS ..., FROM x AS y(a, b). */
/* What is seen of a collection alone by position, or in every column, has no sidecars. */
static bool hide_sides(struct rsql_resolver *r, struct rsql_rel *rel, struct rsql_source *s)
{
  if (!rs_rsql_resolve_less(r, s, &rel->less)) return false;
  if (rel->less == NULL) return true;
  rel->rest = rs_rsql_resolve_new(r, sizeof *rel->rest);
  if (rel->rest == NULL) return false;
  rel->rest->v = rs_rsql_resolve_new(r, (s->n + 1) * sizeof *rel->rest->v);
  if (rel->rest->v == NULL) return false;
  for (size_t i = 0; i < s->n; i++) rel->rest->v[rel->rest->n++] = s->v[i].name;
  if (rel->alias == NULL && rel->made_alias == NULL) rel->made_alias = rel->name;
  for (size_t i = 0; i < s->n; i++) s->v[i].type.side = false;
  return true;
}

static struct rsql_source *renamed(struct rsql_resolver *r, const struct rsql_source *from,
                                   const char *alias, const struct rsql_names *names)
{
  struct rsql_source *s = rs_rsql_resolve_source(r, alias, from->known);
  if (s == NULL) return NULL;
  if (names->n == 0) {
    *s = *from;
    s->alias = alias;
    s->workspace = s->name = NULL;
    s->cap = s->n; // what is added goes to a copy
    return s;
  }
  for (size_t i = 0; i < names->n || i < from->n; i++) {
    const char *name = i < names->n ? names->v[i] : from->v[i].name;
    if (!rs_rsql_resolve_column(r, s, name, i < from->n ? from->v[i].type : (struct rsql_type){0}))
      return NULL;
  }
  return s;
}

static struct rsql_source *named(struct rsql_resolver *r, const struct rsql_place *at,
                                 struct rsql_rel *rel)
{
  if (rel->npath == 1) {
    for (const struct rsql_ctes *c = at->ctes; c != NULL; c = c->outer) {
      if (rs_casecmp(c->name, rel->path[0]) != 0) continue;
      return renamed(r, c->source, rel->alias != NULL ? rel->alias : rel->path[0], &rel->columns);
    }
  }
  rel->workspace = workspace_of(r, rel->path, rel->npath);
  rel->name = rel->path[rel->npath - 1];
  if (rel->workspace == NULL) return NULL;
  struct rsql_source *s = collection_source(r, rel, false);
  if (s == NULL || rel->columns.n == 0) return s;
  return hide_sides(r, rel, s) ? renamed(r, s, s->alias, &rel->columns) : NULL;
}

/* TABLE('c'), TABLE('ws', 'c'), TABLE(['ws', 'c']) */
static struct rsql_source *table(struct rsql_resolver *r, struct rsql_rel *rel)
{
  struct rsql_node **v = rel->v;
  size_t n = rel->n;
  if (n == 1 && v[0]->kind == N_ARRAY) {
    n = v[0]->n;
    v = v[0]->v;
  }
  if (n == 0) {
    (void)rs_rsql_resolve_fail(r, rel->pos, RS_INVALID, "TABLE() needs a name");
    return NULL;
  }
  const char **path = rs_rsql_resolve_new(r, n * sizeof *path);
  if (path == NULL) return NULL;
  for (size_t i = 0; i < n; i++) {
    bool unknown;
    path[i] = rs_rsql_resolve_text(r, v[i], &unknown);
    if (r->rc != RS_OK) return NULL;
    if (unknown) return rs_rsql_resolve_source(r, rel->alias, false);
  }
  rel->path = path;
  rel->npath = n;
  rel->workspace = workspace_of(r, path, n);
  rel->name = path[n - 1];
  return rel->workspace != NULL ? collection_source(r, rel, false) : NULL;
}

static struct rsql_source *unnest(struct rsql_resolver *r, const struct rsql_place *at,
                                  struct rsql_rel *rel)
{
  if (!rs_rsql_resolve_expr(r, at, rel->v[0])) return NULL;
  rel->v[0] = rs_rsql_resolve_array(r, rel->v[0]);
  if (rel->v[0] == NULL) return NULL;
  rel->type = rel->v[0]->type;
  // an undefined array is written as an empty one of JSON values
  if (rel->type.kind == TY_NULL) rel->type.kind = TY_JSON;
  struct rsql_source *s = rs_rsql_resolve_source(r, rel->alias, true);
  if (s == NULL) return NULL;
  const char *elem = rel->elem;
  if (elem == NULL && rel->columns.n > 0) elem = rel->columns.v[0];
  if (elem == NULL) {
    // the element's fields count as columns; the element itself answers to the relation's name
    elem = rel->alias != NULL ? rel->alias : "unnest";
    if (rel->alias == NULL) s->alias = rel->made_alias = "unnest";
    s->open_elem = rel->made_elem = elem;
    s->known = false;
  }
  if (!rs_rsql_resolve_column(r, s, elem, rs_rsql_type_element(rel->type))) return NULL;
  if (rel->ordinality) {
    const char *ordinal = rel->ordinal;
    if (ordinal == NULL) ordinal = rel->columns.n > 1 ? rel->columns.v[1] : "ordinality";
    rel->ordinal = ordinal;
    if (!rs_rsql_resolve_column(r, s, ordinal, (struct rsql_type){.kind = TY_INT})) return NULL;
  }
  rel->elem = elem;
  return s;
}

/* A query in FROM; names: its columns are counted. */
static bool subquery(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_query *q,
                     const struct rsql_names *names, struct rsql_source **out)
{
  const bool outer = r->sides;
  r->sides = r->env->sides && names->n == 0;
  const bool ok = rs_rsql_resolve_query(r, at, q, out);
  r->sides = outer;
  return ok;
}

static struct rsql_source *table_function(struct rsql_resolver *r, const struct rsql_place *at,
                                          struct rsql_rel *rel)
{
  const char *name = rel->call->name;
  if (rs_rsql_is_forbidden(name, strlen(name))) {
    (void)rs_rsql_resolve_fail(r, rel->pos, RS_NOT_FOUND, "function `%s` not found", name);
    return NULL;
  }
  if (!rs_rsql_resolve_exprs(r, at, rel->call->v, rel->call->n)) return NULL;
  return rs_rsql_resolve_source(r, rel->alias != NULL ? rel->alias : name, false);
}

static bool from(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_from *f);

/* Adds what rel brings to the scope. */
static bool relation(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_rel *rel)
{
  struct rsql_source *s = NULL;
  switch (rel->kind) {
    case R_NAME: s = named(r, at, rel); break;
    case R_TABLE: s = table(r, rel); break;
    case R_UNNEST: s = unnest(r, at, rel); break;
    case R_CALL: s = table_function(r, at, rel); break;
    case R_QUERY:
      if (subquery(r, at, rel->query, &rel->columns, &s)) {
        s = renamed(r, s, rel->alias, &rel->columns);
      }
      break;
    case R_NESTED:
      if (rel->alias == NULL) return from(r, at, rel->nested);
      return rs_rsql_resolve_fail(r, rel->pos, RS_INVALID, "an alias behind a join in brackets");
  }
  if (r->rc != RS_OK || s == NULL) return r->rc == RS_OK ? rs_rsql_resolve_oom(r) : false;
  if (!rs_rsql_scope_add(r->arena, at->scope, s)) return rs_rsql_resolve_oom(r);
  return rs_rsql_resolve_expr(r, at, rel->percent);
}

static bool relation_in(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_rel *rel)
{
  if (!rs_rsql_resolve_enter(r, rel->pos)) return false;
  bool ok = relation(r, at, rel);
  r->depth--;
  return ok;
}

static bool from(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_from *f)
{
  if (!relation_in(r, at, f->rel)) return false;
  for (size_t i = 0; i < f->n; i++) {
    struct rsql_rel *rel = f->v[i]->rel;
    if (!relation_in(r, at, rel)) return false;
    struct rsql_source *last = at->scope->v[at->scope->n - 1];
    // joined by all columns of one name
    if (f->v[i]->natural && rel->collection != NULL && !hide_sides(r, rel, last)) return false;
    if (!rs_rsql_resolve_expr(r, at, f->v[i]->on)) return false;
  }
  return true;
}

/* ---- queries --------------------------------------------------------------------------------- */

static bool group(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_group **v,
                  size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (!rs_rsql_resolve_expr(r, at, v[i]->expr) || !group(r, at, v[i]->v, v[i]->n)) return false;
  }
  return true;
}

static bool select(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_select *s,
                   struct rsql_source *out)
{
  for (size_t i = 0; i < s->nfrom; i++) {
    if (!from(r, at, s->from[i])) return false;
  }
  for (size_t i = 0; i < s->nwindows; i++) {
    if (!rs_rsql_resolve_window(r, at, s->windows[i])) return false;
  }
  at->scope->grouped = s->ngroup > 0 || s->group_all;
  if (!rs_rsql_resolve_items(r, at, s, out)) return false;
  at->scope->grouped = false;
  if (!rs_rsql_resolve_expr(r, at, s->where)) return false;
  at->scope->grouped = s->ngroup > 0 || s->group_all; // in ORDER BY, too
  at->scope->prefer = PREFER_GROUP;
  if (!group(r, at, s->group, s->ngroup)) return false;
  at->scope->prefer = PREFER_ALIAS; // of ORDER BY, too
  return rs_rsql_resolve_expr(r, at, s->having) && rs_rsql_resolve_expr(r, at, s->qualify) &&
         rs_rsql_resolve_exprs(r, at, s->cluster, s->ncluster);
}

static bool body(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_body *b,
                 struct rsql_source *out, struct rsql_scope *order);

/* The first part's columns; their types where all parts agree. */
static bool set(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_body *b,
                struct rsql_source *out)
{
  for (size_t i = 0; i < b->n; i++) {
    struct rsql_scope *scope = rs_rsql_resolve_new(r, sizeof *scope);
    struct rsql_source *part = rs_rsql_resolve_source(r, NULL, true);
    const bool outer = r->sides;
    r->sides = false; // the parts have the same columns
    const bool ok = scope != NULL && part != NULL && body(r, at, b->v[i], part, scope);
    r->sides = outer;
    if (!ok) return false;
    if (i == 0) {
      out->known = part->known;
      for (size_t k = 0; k < part->n; k++) {
        if (!rs_rsql_resolve_column(r, out, part->v[k].name, part->v[k].type)) return false;
      }
      continue;
    }
    for (size_t k = 0; k < out->n; k++) {
      const struct rsql_type t = k < part->n ? part->v[k].type : (struct rsql_type){0};
      rs_rsql_set_unite(b, i, k, &out->v[k], t);
    }
  }
  return true;
}

/* *order: where ORDER BY looks names up. */
static bool body(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_body *b,
                 struct rsql_source *out, struct rsql_scope *order)
{
  const struct rsql_place inside = {order, at->ctes};
  struct rsql_source *s = NULL;
  *order = (struct rsql_scope){.parent = at->scope};
  switch (b->kind) {
    case B_SELECT: return select(r, &inside, b->select, out);
    case B_VALUES:
      out->known = false;
      if (!rs_rsql_resolve_exprs(r, at, b->values, b->nvalues)) return false;
      b->boxed = rs_rsql_set_differs(b);
      return true;
    case B_TABLE:
      if (!relation_in(r, &inside, b->table)) return false;
      s = order->v[0];
      if (!r->sides && b->table->collection != NULL && !hide_sides(r, b->table, s)) return false;
      *out = *s;
      return true;
    case B_QUERY:
      if (!rs_rsql_resolve_query(r, at, b->query, &s)) return false;
      *out = *s;
      break;
    case B_SET:
      if (!set(r, at, b, out)) return false;
      break;
  }
  if (!rs_rsql_scope_add(r->arena, order, out)) return rs_rsql_resolve_oom(r);
  return true;
}

static bool cte(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_cte *c,
                bool recursive, struct rsql_ctes *link)
{
  struct rsql_source *self = rs_rsql_resolve_source(r, c->name, false), *s = NULL;
  if (self == NULL) return false;
  struct rsql_ctes inner = {at->ctes, c->name, self};
  const struct rsql_place inside = {at->scope, recursive ? &inner : at->ctes};
  if (!subquery(r, &inside, c->query, &c->columns, &s)) return false;
  struct rsql_source *named_source = renamed(r, s, c->name, &c->columns);
  if (named_source == NULL) return false;
  *link = (struct rsql_ctes){at->ctes, c->name, named_source};
  return true;
}

/* ORDER BY of a query: an alias by itself is the engine's to find, which looks for it first. */
static bool query_orders(struct rsql_resolver *r, const struct rsql_place *at,
                         const struct rsql_orders *o)
{
  at->scope->ordering = at->scope->aliases != NULL;
  if (!rs_rsql_resolve_orders(r, at, o)) return false;
  for (size_t i = 0; i < o->n; i++) {
    struct rsql_node *x = o->v[i]->expr;
    if (x->kind != N_COLUMN) continue;
    // but where it becomes a part of the keys of a JSON value
    if (x->type.kind != TY_JSON || o->listed) x->item = NULL;
    x->raw = o->listed; // it is what was selected
  }
  return true;
}

/* ORDER BY 3 of two items would be by a sidecar behind them. */
static bool check_positions(struct rsql_resolver *r, const struct rsql_query *q)
{
  const struct rsql_select *s = q->body->kind == B_SELECT ? q->body->select : NULL;
  if (s == NULL || s->nsides == 0) return true;
  for (size_t i = 0; i < s->nitems; i++)
    if (s->items[i]->expr->kind == N_STAR) return true;
  for (size_t i = 0; i < q->order.n; i++) {
    const struct rsql_node *x = q->order.v[i]->expr;
    size_t at = 0;
    if (x->kind != N_INT) continue;
    for (const char *c = x->text; *c != 0 && at <= s->nitems; c++)
      at = 10 * at + (size_t)(*c - '0');
    if (at > s->nitems)
      return rs_rsql_resolve_fail(r, x->pos, RS_INVALID,
                                  "ORDER BY: there is no such item: the numbers go from 1 to %zu.",
                                  s->nitems);
  }
  return true;
}

static bool query(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_query *q,
                  struct rsql_source *out)
{
  struct rsql_place inside = *at;
  struct rsql_scope *order = rs_rsql_resolve_new(r, sizeof *order);
  struct rsql_ctes *links = rs_rsql_resolve_new(r, (q->nwith + 1) * sizeof *links);
  if (order == NULL || links == NULL) return false;
  for (size_t i = 0; i < q->nwith; i++) {
    if (!cte(r, &inside, q->with[i], q->recursive, &links[i])) return false;
    inside.ctes = &links[i];
  }
  if (!body(r, &inside, q->body, out, order)) return false;
  const struct rsql_place behind = {order, inside.ctes};
  q->order.listed = q->body->kind == B_SET ||
                    (q->body->kind == B_SELECT && q->body->select->distinct);
  return check_positions(r, q) && query_orders(r, &behind, &q->order) &&
         rs_rsql_resolve_expr(r, at, q->limit) && rs_rsql_resolve_expr(r, at, q->offset);
}

bool rs_rsql_resolve_query(struct rsql_resolver *r, const struct rsql_place *at,
                           struct rsql_query *q, struct rsql_source **out)
{
  if (!rs_rsql_resolve_enter(r, q->pos)) return false;
  struct rsql_source *s = rs_rsql_resolve_source(r, NULL, true);
  bool ok = s != NULL && query(r, at, q, s);
  r->depth--;
  if (ok && out != NULL) *out = s;
  return ok;
}

/* ---- statements ------------------------------------------------------------------------------ */

static bool target(struct rsql_resolver *r, struct rsql_rel *rel, bool write)
{
  rel->workspace = workspace_of(r, rel->path, rel->npath);
  rel->name = rel->path[rel->npath - 1];
  return rel->workspace != NULL && collection_source(r, rel, write) != NULL;
}

enum rs_code rs_rsql_resolve(struct rs_rsql_stmt *s, const struct rs_rsql_env *env,
                             struct rs_rsql_pos *pos, struct rs_error *e)
{
  struct rsql_resolver r = {.s = s, .env = env, .arena = s->arena, .pos = pos, .e = e};
  r.workspace = s->workspace != NULL     ? s->workspace
                : env->workspace != NULL ? env->workspace
                                         : "commons";
  if (pos != NULL) *pos = (struct rs_rsql_pos){0, 0};
  if (s->resolved) return rs_fail(e, RS_INTERNAL, "SQL: resolved twice");
  s->resolved = true;
  s->values = env->values;
  s->views = env->views;
  const struct rsql_place at = {NULL, NULL};
  bool ok = true;
  r.sides = env->sides && s->columns.n == 0; // INSERT INTO t(a, b) counts columns
  if (s->target != NULL) ok = target(&r, s->target, s->kind == RS_RSQL_INSERT);
  if (ok && s->query != NULL) ok = rs_rsql_resolve_query(&r, &at, s->query, NULL);
  if (ok || r.rc != RS_OK) return r.rc;
  return rs_nomem(e);
}

const struct rs_rsql_collection *rs_rsql_collections(const struct rs_rsql_stmt *s, size_t *n)
{
  *n = s->ncollections;
  return s->collections;
}

const struct rs_rsql_collection *rs_rsql_target(const struct rs_rsql_stmt *s)
{
  return s->target != NULL ? s->target->collection : NULL;
}
