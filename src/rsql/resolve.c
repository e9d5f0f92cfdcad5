/*
** Queries and relations: which collection, CTE or subquery a name means, and which columns each
** has (see resolve.h).
*/
#include "resolve.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "src/base/map.h"
#include "src/base/text.h"
#include "src/value/field_name.h"
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
  const long id = rs_rsql_source_find(r->arena, s, "_id"),
             time = rs_rsql_source_find(r->arena, s, "_event_time");
  if (id == -2 || time == -2) (void)rs_rsql_resolve_oom(r);
  if (id < 0 || time < 0) return s;
  for (size_t i = 0; i < s->n; i++) s->v[i].optional = true;
  return s;
}

/* ---- sources --------------------------------------------------------------------------------- */

/* The same columns under another name, as in WITH x AS ..., FROM x AS y(a, b). */
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
  return rs_rsql_resolve_hide_sides(r, rel, s) ? renamed(r, s, s->alias, &rel->columns) : NULL;
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
  struct rsql_node *array = rel->v[0];
  if (r->env->sides) (void)rs_rsql_type_keep_ints(array);
  rel->v[0] = rs_rsql_resolve_array(r, array);
  if (rel->v[0] == NULL) return NULL;
  rel->type = rel->v[0]->type;
  if (rs_rsql_has_side(array) && !rs_rsql_resolve_elements(r, rel, array)) return NULL;
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
  struct rsql_type type = rs_rsql_type_element(rel->type);
  type.side = rel->tag != NULL;
  if (!rs_rsql_resolve_column(r, s, elem, type)) return NULL;
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
  rel->source = s;
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

/* The engine joins by columns of one name. */
static bool name_using(struct rsql_resolver *r, const struct rsql_scope *sc,
                       const struct rsql_join *j, size_t k)
{
  const char *field = j->using.v[k], *name = NULL;
  for (size_t i = 0; i < sc->n; i++) {
    const long at = rs_rsql_source_find(r->arena, sc->v[i], field);
    if (at == -2) return rs_rsql_resolve_oom(r);
    if (at < 0) continue;
    const char *own = sc->v[i]->v[at].name;
    if (name != NULL && rs_casecmp(name, own) != 0)
      return rs_rsql_resolve_fail(r, j->rel->pos, RS_UNSUPPORTED,
                                  "USING (%s), a field whose name differs from another one in case "
                                  "alone: write ON a.%s = b.%s",
                                  field, field, field);
    name = own;
  }
  if (name != NULL && rs_field_is_marked(name)) j->using.v[k] = name;
  return true;
}

/* USING compares the columns as they are: of a boxed one texts, whatever they stand for. */
static bool check_using(struct rsql_resolver *r, const struct rsql_scope *sc,
                        const struct rsql_join *j)
{
  for (size_t k = 0; k < j->using.n; k++) {
    const char *name = j->using.v[k];
    if (!name_using(r, sc, j, k)) return false;
    for (size_t i = 0; i < sc->n; i++) {
      const long at = rs_rsql_source_find(r->arena, sc->v[i], name);
      if (at == -2) return rs_rsql_resolve_oom(r);
      if (at < 0 || !rs_rsql_type_is_boxed(sc->v[i]->v[at].type)) continue;
      return rs_rsql_resolve_fail(r, j->rel->pos, RS_UNSUPPORTED,
                                  "USING (%s), a field of several types: write ON a.%s = b.%s",
                                  name, name, name);
    }
  }
  return true;
}

static bool from(struct rsql_resolver *r, const struct rsql_place *at, struct rsql_from *f)
{
  if (!relation_in(r, at, f->rel)) return false;
  for (size_t i = 0; i < f->n; i++) {
    struct rsql_rel *rel = f->v[i]->rel;
    if (!relation_in(r, at, rel)) return false;
    struct rsql_source *last = at->scope->v[at->scope->n - 1];
    // joined by all columns of one name
    if (f->v[i]->natural && rel->collection != NULL && !rs_rsql_resolve_hide_sides(r, rel, last))
      return false;
    if (!check_using(r, at->scope, f->v[i])) return false;
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
  if (!rs_rsql_resolve_unnests(r, s)) return false;
  for (size_t i = 0; i < s->nwindows; i++) {
    if (!rs_rsql_resolve_window(r, at, s->windows[i])) return false;
  }
  if (!rs_rsql_set_distinct(r, at, s) || !rs_rsql_set_all(r, s)) return false;
  at->scope->grouped = s->ngroup > 0 || s->group_all;
  if (s->ngroup > 0 && !rs_rsql_resolve_keys(r, at, s)) return false;
  if (!rs_rsql_resolve_items(r, at, s, out)) return false;
  at->scope->grouped = false;
  if (!rs_rsql_resolve_expr(r, at, s->where)) return false;
  at->scope->grouped = s->ngroup > 0 || s->group_all; // in ORDER BY, too
  at->scope->prefer = PREFER_GROUP;
  const struct rsql_keys *keys = at->scope->keys;
  at->scope->keys = NULL; // what a key is made of is a row's
  if (!group(r, at, s->group, s->ngroup)) return false;
  at->scope->keys = keys;
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
  if (!rs_rsql_set_wrap(r, b)) return false;
  const bool sides = r->sides && rs_rsql_set_may_have_sides(b);
  struct rsql_source **parts = rs_rsql_resolve_new(r, b->n * sizeof(struct rsql_source *));
  if (parts == NULL) return false;
  for (size_t i = 0; i < b->n; i++) {
    struct rsql_scope *scope = rs_rsql_resolve_new(r, sizeof *scope);
    struct rsql_source *part = parts[i] = rs_rsql_resolve_source(r, NULL, true);
    const bool outer = r->sides;
    r->sides = sides; // else the parts have the same columns
    if (sides) rs_rsql_set_part(b, i)->listed = true;
    const bool ok = scope != NULL && part != NULL && body(r, at, b->v[i], part, scope);
    r->sides = outer;
    if (!ok) return false;
    if (i == 0) {
      out->known = part->known;
      for (size_t k = 0; k < part->n; k++) {
        if (!rs_rsql_resolve_column(r, out, part->v[k].name, part->v[k].type)) return false;
        out->v[k].optional = part->v[k].optional;
      }
      continue;
    }
    for (size_t k = 0; k < out->n; k++) {
      const struct rsql_type t = k < part->n ? part->v[k].type : (struct rsql_type){0};
      rs_rsql_set_unite(b, i, k, &out->v[k], t);
      out->v[k].optional = out->v[k].optional && k < part->n && part->v[k].optional;
    }
  }
  return !sides || rs_rsql_set_sides(r, b, parts, out);
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
      if (!r->sides && b->table->collection != NULL && !rs_rsql_resolve_hide_sides(r, b->table, s))
        return false;
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
  return rs_rsql_resolve_query_orders(r, &behind, q, out) &&
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

/* The names that the columns of INSERT INTO t(a, b) have in the engine. */
static bool name_columns(struct rsql_resolver *r, struct rs_rsql_stmt *s)
{
  struct rs_map names;
  bool ok = true;
  rs_map_init(&names);
  for (size_t i = 0; i < s->columns.n && ok && r->env->sides; i++)
    ok = rs_rsql_resolve_name(r, &names, s->columns.v[i], &s->columns.v[i]);
  rs_map_free(&names);
  return ok;
}

/* Are the columns of INSERT INTO t(a, b) the items of one SELECT, each by its place? */
static bool names_items(const struct rs_rsql_stmt *s)
{
  const struct rsql_body *b = s->query != NULL ? s->query->body : NULL;
  if (b == NULL || b->kind != B_SELECT || b->select->nitems != s->columns.n) return false;
  for (size_t i = 0; i < b->select->nitems; i++)
    if (b->select->items[i]->expr->kind == N_STAR) return false;
  return true;
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
  const bool named = s->columns.n > 0 && names_items(s);
  r.sides = env->sides && (s->columns.n == 0 || named); // INSERT INTO t(a, b) counts columns
  if (s->target != NULL) ok = target(&r, s->target, s->kind == RS_RSQL_INSERT);
  ok = ok && name_columns(&r, s);
  if (ok && s->query != NULL && env->sides && s->columns.n > 0 && s->query->body->kind == B_VALUES)
    ok = rs_rsql_resolve_values_sides(&r, s);
  if (ok && s->query != NULL) ok = rs_rsql_resolve_query(&r, &at, s->query, &s->out);
  if (ok && named) ok = rs_rsql_resolve_insert_sides(&r, s);
  if (ok || r.rc != RS_OK) return r.rc;
  return rs_nomem(e);
}

const struct rs_rsql_collection *rs_rsql_collections(const struct rs_rsql_stmt *s, size_t *n)
{
  *n = s->ncollections;
  return s->collections;
}

enum rs_rsql_origin rs_rsql_origin(const struct rs_rsql_stmt *s, size_t i, size_t n,
                                   const char *name)
{
  const struct rsql_source *out = s->out;
  if (s->kind != RS_RSQL_SELECT || out == NULL || !out->known) return RS_RSQL_OTHER;
  if (out->n != n) // columns that USING made one
    for (i = 0; i < out->n && !rs_eq(out->v[i].name, name);) i++;
  if (i >= out->n) return RS_RSQL_OTHER;
  if (out->v[i].optional) return RS_RSQL_OPTIONAL;
  if (s->query->body->kind != B_SELECT) return RS_RSQL_OTHER;
  const struct rsql_select *v = s->query->body->select;
  size_t k = v->nitems;
  while (k > 0 && v->items[k - 1]->column > i) k--;
  const struct rsql_node *x = k > 0 ? v->items[k - 1]->expr : NULL;
  while (x != NULL && (x->kind == N_FIELD || x->kind == N_INDEX)) x = x->v[0];
  return x != NULL && (x->kind == N_COLUMN || x->kind == N_STAR) ? RS_RSQL_FIELD : RS_RSQL_OTHER;
}

const struct rs_rsql_collection *rs_rsql_target(const struct rs_rsql_stmt *s)
{
  return s->target != NULL ? s->target->collection : NULL;
}
