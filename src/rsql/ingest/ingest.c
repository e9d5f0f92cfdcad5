/*
** What an ingest transformation may be (see ingest.h).
*/
#include "internal.h"
#include "src/base/text.h"
#include "src/rsql/functions.h"

enum rs_code rs_rsql_ingest_wrong(const struct rsql_ingest *x, size_t at, const char *text)
{
  return rs_rsql_fail(x->s->text, x->s->n, at, x->pos, x->e, RS_INVALID,
                      "an ingest transformation is one SELECT ... FROM _input: %s", text);
}

/* ---- expressions ----------------------------------------------------------------------------- */

const struct rsql_node *rs_rsql_ingest_many(const struct rsql_node *x)
{
  if (x == NULL) return NULL;
  const bool call = x->kind == N_CALL && x->call != NULL;
  if (call && (x->call->over != NULL || rs_rsql_function_aggregates(x->name))) return x;
  const struct rsql_node *found = NULL;
  for (size_t i = 0; i < x->n && found == NULL; i++) found = rs_rsql_ingest_many(x->v[i]);
  return found;
}

enum rs_code rs_rsql_ingest_row(const struct rsql_ingest *x, const struct rsql_node *expr)
{
  const struct rsql_node *many = rs_rsql_ingest_many(expr);
  if (many == NULL) return RS_OK;
  return rs_rsql_ingest_wrong(x, many->pos,
                              many->call->over != NULL
                                ? "a window function would need other documents than its own"
                                : "an aggregate can't stand here");
}

/* ---- clauses --------------------------------------------------------------------------------- */

static enum rs_code check_query(const struct rsql_ingest *x, const struct rsql_query *q)
{
  if (q->nwith > 0) return rs_rsql_ingest_wrong(x, q->with[0]->query->pos, "WITH is not possible");
  if (q->body->kind != B_SELECT)
    return rs_rsql_ingest_wrong(x, q->body->pos,
                                "VALUES, TABLE, UNION and the like are not possible");
  if (q->order.n > 0)
    return rs_rsql_ingest_wrong(x, q->order.v[0]->expr->pos, "ORDER BY is not possible");
  if (q->limit != NULL) return rs_rsql_ingest_wrong(x, q->limit->pos, "LIMIT is not possible");
  if (q->offset != NULL) return rs_rsql_ingest_wrong(x, q->offset->pos, "OFFSET is not possible");
  return RS_OK;
}

static bool is_input(const struct rsql_rel *r)
{
  return r->kind == R_NAME && r->npath == 1 && rs_casecmp(r->path[0], RS_RSQL_INPUT) == 0;
}

static enum rs_code check_from(const struct rsql_ingest *x, const struct rsql_select *v)
{
  if (v->nfrom == 0) return rs_rsql_ingest_wrong(x, v->pos, "FROM _input is missing");
  const struct rsql_from *f = v->from[0];
  if (!is_input(f->rel))
    return rs_rsql_ingest_wrong(x, f->rel->pos,
                                "there is nothing to read but _input, the documents");
  if (f->n > 0) return rs_rsql_ingest_wrong(x, f->v[0]->rel->pos, "JOIN is not possible");
  if (v->nfrom > 1) return rs_rsql_ingest_wrong(x, v->from[1]->rel->pos, "_input can't be joined");
  if (f->rel->sample != NULL)
    return rs_rsql_ingest_wrong(x, f->rel->pos, "TABLESAMPLE is not possible");
  if (f->rel->columns.n > 0)
    return rs_rsql_ingest_wrong(x, f->rel->pos, "the fields of _input have their own names");
  return RS_OK;
}

static enum rs_code check_groups(const struct rsql_ingest *x, const struct rsql_select *v)
{
  if (v->distinct) return rs_rsql_ingest_wrong(x, v->pos, "DISTINCT is not possible");
  if (v->qualify != NULL)
    return rs_rsql_ingest_wrong(x, v->qualify->pos, "QUALIFY is not possible");
  if (v->nwindows > 0) return rs_rsql_ingest_wrong(x, v->pos, "WINDOW is not possible");
  if (v->having == NULL) return RS_OK;
  return rs_rsql_ingest_wrong(x, v->having->pos,
                              "HAVING is not possible: of a group more may come");
}

static enum rs_code check_items(const struct rsql_ingest *x, const struct rsql_select *v)
{
  const bool rollup = rs_rsql_ingest_is_rollup(x->s);
  enum rs_code rc = v->nitems > 0 ? RS_OK
                                  : rs_rsql_ingest_wrong(x, v->pos, "the list of fields is empty");
  for (size_t i = 0; i < v->nitems && rc == RS_OK; i++) {
    const char *name = v->items[i]->alias;
    if (!rollup) rc = rs_rsql_ingest_row(x, v->items[i]->expr);
    if (rc == RS_OK && name != NULL && (name[0] == 0 || name[0] == '~'))
      rc = rs_rsql_ingest_wrong(x, v->items[i]->expr->pos,
                                "a field's name is not empty, and begins with no '~'");
  }
  if (rc == RS_OK && rollup) rc = rs_rsql_ingest_check_rollup(x, v);
  return rc == RS_OK ? rs_rsql_ingest_row(x, v->where) : rc;
}

enum rs_code rs_rsql_ingest_check(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos,
                                  struct rs_error *e)
{
  const struct rsql_ingest x = {s, pos, e};
  if (pos != NULL) *pos = (struct rs_rsql_pos){0, 0};
  if (s->kind == RS_RSQL_PASS) {
    if (pos != NULL) *pos = s->reason_at;
    return rs_fail(e, RS_INVALID, "%s", s->reason);
  }
  if (s->kind != RS_RSQL_SELECT || s->query == NULL)
    return rs_rsql_ingest_wrong(&x, 0, "other statements are not possible");
  if (s->nparams > 0)
    return rs_fail(e, RS_INVALID, "an ingest transformation has no parameters: '%s' has no value",
                   s->params[0]);
  enum rs_code rc = check_query(&x, s->query);
  if (rc != RS_OK) return rc;
  const struct rsql_select *v = s->query->body->select;
  rc = check_from(&x, v);
  if (rc == RS_OK) rc = check_groups(&x, v);
  return rc == RS_OK ? check_items(&x, v) : rc;
}

/* ---- additions ------------------------------------------------------------------------------- */

enum rs_code rs_rsql_ingest_add(struct rs_rsql_stmt *s, const char *column, const char *name,
                                struct rs_error *e)
{
  struct rs_arena *a = s->arena;
  struct rsql_select *v = s->query->body->select;
  const struct rsql_rel *input = v->from[0]->rel;
  struct rsql_item **items = rs_arena_alloc(a, (v->nitems + 1) * sizeof *items);
  struct rsql_item *item = rs_arena_calloc(a, sizeof *item);
  struct rsql_node *x = rs_arena_calloc(a, sizeof *x);
  const char **path = rs_arena_alloc(a, 2 * sizeof *path);
  if (items == NULL || item == NULL || x == NULL || path == NULL) return rs_nomem(e);
  path[0] = input->alias != NULL ? input->alias : input->path[0];
  path[1] = column;
  *x = (struct rsql_node){.kind = N_COLUMN, .pos = input->pos, .path = path, .npath = 2};
  *item = (struct rsql_item){.expr = x, .alias = name};
  for (size_t i = 0; i < v->nitems; i++) items[i] = v->items[i];
  items[v->nitems++] = item;
  v->items = items;
  return RS_OK;
}

/* The field that the star's path begins with; NULL: it is all of `_input`. */
static const char *object_of(const struct rsql_rel *input, const struct rsql_node *star)
{
  const char *name = input->alias != NULL ? input->alias : input->path[0];
  const bool named = star->npath > 0 && rs_casecmp(star->path[0], name) == 0;
  return star->npath > named ? star->path[named] : NULL;
}

enum rs_code rs_rsql_ingest_no_objects(struct rs_rsql_stmt *s, const struct rs_columns *columns,
                                       const char *name, struct rs_error *e)
{
  const struct rsql_select *v = s->query->body->select;
  for (size_t i = 0; i < v->nitems; i++) {
    struct rsql_item *it = v->items[i];
    const char *object = it->expr->kind == N_STAR ? object_of(v->from[0]->rel, it->expr) : NULL;
    bool has = object == NULL;
    for (size_t k = 0; k < columns->n && !has; k++)
      has = rs_casecmp(columns->v[k].name, object) == 0;
    if (has) continue;
    *it->expr = (struct rsql_node){.kind = N_NULL, .pos = it->expr->pos};
    it->alias = rs_arena_printf(s->arena, "%s%zu", name, i);
    if (it->alias == NULL) return rs_nomem(e);
  }
  return RS_OK;
}

enum rs_code rs_rsql_ingest_check_once(const struct rs_rsql_stmt *s, struct rs_rsql_pos *pos,
                                       struct rs_error *e)
{
  const struct rsql_ingest x = {s, pos, e};
  if (s->ncollections == 1 && s->collections[0].uses == 1) return RS_OK;
  return rs_rsql_ingest_wrong(&x, s->query->body->select->pos,
                              "_input can't be read in a subquery, too");
}

static const char *name_of(const struct rsql_item *it)
{
  if (it->alias != NULL || it->made != NULL) return it->alias != NULL ? it->alias : it->made;
  if (it->expr->kind == N_FIELD) return it->expr->text;
  return it->expr->kind == N_COLUMN ? it->expr->path[it->expr->npath - 1] : "";
}

static bool is_field(const struct rsql_node *x)
{
  while (x->kind == N_FIELD || x->kind == N_INDEX) x = x->v[0];
  return x->kind == N_COLUMN || x->kind == N_UNDEFINED;
}

bool rs_rsql_ingest_is_computed(const struct rs_rsql_stmt *s, const char *column)
{
  const struct rsql_select *v = s->query->body->select;
  if (v == NULL) return true; // VALUES, or several SELECTs
  for (size_t i = 0; i < v->nitems; i++) {
    const struct rsql_item *it = v->items[i];
    // INSERT INTO t(a, b) has its own names for them
    const char *name = i < s->columns.n ? s->columns.v[i] : name_of(it);
    if (it->expr->kind != N_STAR && rs_eq(name, column)) return !is_field(it->expr);
  }
  return false;
}

bool rs_rsql_ingest_has_star(const struct rs_rsql_stmt *s)
{
  const struct rsql_select *v = s->query->body->select;
  for (size_t i = 0; i < v->nitems; i++)
    if (v->items[i]->expr->kind == N_STAR) return true;
  return false;
}
