/*
** Queries as text (see emit.h).
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/rsql/emit.h"
#include "src/rsql/scope.h"
#include "src/rsql/strict.h"
#include "src/value/boxed.h"

static void write_from(struct rsql_writer *w, const struct rsql_from *f);

/* ---- relations ------------------------------------------------------------------------------- */

static void alias_of(struct rsql_writer *w, const struct rsql_rel *r)
{
  const char *alias = r->alias != NULL ? r->alias : r->made_alias;
  if (alias == NULL) return;
  rs_rsql_write(w, " AS ");
  rs_rsql_write_name(w, alias);
  rs_rsql_write_names(w, &r->columns);
}

static void sample(struct rsql_writer *w, const struct rsql_rel *r)
{
  if (r->sample == NULL) return;
  rs_rsql_write(w, " TABLESAMPLE ");
  const bool standard = !w->f->sample_percent;
  if (standard) rs_rsql_write(w, rs_eq(r->sample, "bernoulli") ? "BERNOULLI (" : "SYSTEM (");
  rs_rsql_write_expr(w, r->percent);
  if (standard) {
    rs_rsql_write(w, ")");
  } else {
    rs_rsql_write(w, " PERCENT (");
    rs_rsql_write(w, r->sample);
    rs_rsql_write(w, ")");
  }
}

/* A boxed column as JSON, under its name. */
static void write_boxed_name(struct rsql_writer *w, const char *relation, const char *name)
{
  const char *path[] = {relation, name};
  const struct rsql_node x = {.kind = N_COLUMN,
                              .path = relation != NULL ? path : path + 1,
                              .npath = relation != NULL ? 2 : 1};
  rs_rsql_write_boxed(w, &x);
  rs_rsql_write(w, " AS ");
  rs_rsql_write_name(w, name);
}

/* The columns of a collection without its sidecars. */
static void rest_of(struct rsql_writer *w, const struct rsql_rel *r)
{
  if (w->f->star_except != NULL) {
    rs_rsql_write(w, "*");
    rs_rsql_write(w, w->f->star_except);
    rs_rsql_write_names(w, r->less);
    return;
  }
  for (size_t i = 0; i < r->rest->n; i++) {
    if (i > 0) rs_rsql_write(w, ", ");
    if (r->boxed[i]) write_boxed_name(w, NULL, r->rest->v[i]);
    else rs_rsql_write_name(w, r->rest->v[i]);
  }
}

static void named(struct rsql_writer *w, const struct rsql_rel *r)
{
  if (r->collection != NULL) {
    const bool less = r->less != NULL;
    if (less) {
      rs_rsql_write(w, "(SELECT ");
      rest_of(w, r);
      rs_rsql_write(w, " FROM ");
    }
    if (r->collection->sql != NULL) {
      rs_rsql_write(w, "(");
      rs_rsql_write(w, r->collection->sql);
      rs_rsql_write(w, ")");
    } else {
      rs_dialect_relation(w->d, w->b, r->collection->to_workspace, r->collection->to_name);
    }
    if (less) rs_rsql_write(w, ")");
  } else if (r->kind == R_TABLE) {
    rs_rsql_write_fail(w, r->pos, RS_INVALID, "the parameter in TABLE() has no value");
  } else {
    rs_rsql_write_name(w, r->path[0]); // a CTE
  }
}

static void write_rel(struct rsql_writer *w, const struct rsql_rel *r)
{
  if (!rs_rsql_write_enter(w, r->pos)) return;
  rs_rsql_write_unnested(w, r);
  switch (r->kind) {
    case R_UNNEST: rs_rsql_write_unnest(w, r); break;
    case R_CALL: rs_rsql_write_table_call(w, r->call); break;
    case R_QUERY:
      rs_rsql_write(w, r->lateral ? "LATERAL (" : "(");
      rs_rsql_write_query(w, r->query);
      rs_rsql_write(w, ")");
      break;
    case R_NESTED:
      rs_rsql_write(w, "(");
      write_from(w, r->nested);
      rs_rsql_write(w, ")");
      break;
    default: named(w, r); break;
  }
  if (r->kind == R_CALL && r->ordinality) rs_rsql_write(w, " WITH ORDINALITY");
  if (r->kind != R_UNNEST) alias_of(w, r);
  sample(w, r);
  rs_rsql_write_unnested_end(w, r);
  w->depth--;
}

static void write_from(struct rsql_writer *w, const struct rsql_from *f)
{
  write_rel(w, f->rel);
  for (size_t i = 0; i < f->n && w->rc == RS_OK; i++) {
    const struct rsql_join *j = f->v[i];
    if (rs_rsql_is_unnested(w, j->rel->source)) continue;
    rs_rsql_write(w, j->natural ? " NATURAL " : " ");
    rs_rsql_write(w, j->type);
    rs_rsql_write(w, " JOIN ");
    write_rel(w, j->rel);
    if (j->on != NULL) {
      rs_rsql_write(w, " ON ");
      rs_rsql_write_filter(w, j->on);
    } else if (j->using.n > 0) {
      rs_rsql_write(w, " USING ");
      rs_rsql_write_names(w, &j->using);
    }
  }
}

/* ---- SELECT ---------------------------------------------------------------------------------- */

/* An object's fields, or one that the engine finds them of. */
static void object_star(struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->text != NULL && w->f->json_casts) {
    rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED,
                       "the fields of `%s` are not known before the query runs: name them",
                       x->path[x->npath - 1]);
    return;
  }
  if (w->plain) {
    rs_rsql_plain_fail(w, x->pos, "the star of an object");
    return;
  }
  for (size_t i = 0; i < x->n && w->rc == RS_OK; i++) {
    const struct rsql_node *v = x->v[i];
    const char *name = x->text != NULL ? x->text : v->name;
    if (name == NULL && v->kind == N_FIELD && v->v[0]->type.kind != TY_ANY) name = v->text;
    if (i > 0) rs_rsql_write(w, ", ");
    const char *rest = rs_rsql_write_until(w, name != NULL ? "$" : w->f->object_star, '$');
    rs_rsql_write_expr(w, v);
    rs_rsql_write(w, rest);
    if (name == NULL) continue;
    rs_rsql_write(w, " AS ");
    rs_rsql_write_name(w, name);
  }
}

/* A column of a star's source, unless EXCEPT names it; boxed: its sidecar is not there, too. */
static void named_column(struct rsql_writer *w, const struct rsql_node *x, const char *name,
                         bool boxed, size_t *written)
{
  if (rs_rsql_is_excepted(x, name)) return;
  if ((*written)++ > 0) rs_rsql_write(w, ", ");
  if (boxed) {
    write_boxed_name(w, x->source->alias, name);
    return;
  }
  if (x->source->alias != NULL) {
    rs_rsql_write_name(w, x->source->alias);
    rs_rsql_write(w, ".");
  }
  rs_rsql_write_name(w, name);
}

/* The columns without those of EXCEPT, for an engine that has no such thing; with their sidecars.
*/
static void named_columns(struct rsql_writer *w, const struct rsql_node *x)
{
  size_t written = 0;
  struct rs_buf side;
  rs_buf_init(&side, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < x->source->n && w->rc == RS_OK; i++) {
    const struct rsql_column *c = &x->source->v[i];
    rs_buf_clear(&side);
    rs_buf_printf(&side, "%s" RS_BOXED_SIDE, c->name);
    if (side.rc != RS_OK) w->rc = side.rc;
    const bool alone = rs_rsql_is_excepted(x, rs_buf_text(&side));
    named_column(w, x, c->name, alone && rs_rsql_type_is_boxed(c->type), &written);
    if (c->type.side) named_column(w, x, rs_buf_text(&side), false, &written);
  }
  rs_buf_free(&side);
  if (written == 0) rs_rsql_write_fail(w, x->pos, RS_INVALID, "EXCEPT leaves no column");
}

static void except(struct rsql_writer *w, const char *name, size_t *written)
{
  if (*written == 0) rs_rsql_write(w, w->f->star_except);
  rs_rsql_write(w, (*written)++ == 0 ? "(" : ", ");
  rs_rsql_write_name(w, name);
}

static void star(struct rsql_writer *w, const struct rsql_node *x)
{
  if (x->has) {
    object_star(w, x);
    return;
  }
  size_t parts = 0;
  for (size_t i = 0; i < x->n; i++) { // one a source
    if (rs_rsql_star_is_empty(x->v[i])) continue;
    if (parts++ > 0) rs_rsql_write(w, ", ");
    star(w, x->v[i]);
  }
  if (x->n > 0 && parts == 0) rs_rsql_write_fail(w, x->pos, RS_INVALID, "EXCEPT leaves no column");
  if (x->n > 0 || rs_rsql_write_elements(w, x)) return;
  const bool less = x->except != NULL && x->except->n > 0;
  if (less && w->f->star_except == NULL && x->source != NULL) {
    named_columns(w, x);
    return;
  }
  rs_rsql_write_path(w, x->path, x->npath);
  rs_rsql_write(w, x->npath > 0 ? ".*" : "*");
  if (less && w->f->star_except == NULL) {
    rs_rsql_write_fail(w, x->pos, RS_UNSUPPORTED, "EXCEPT behind a star: name the columns");
    return;
  }
  size_t written = 0;
  for (size_t i = 0; less && i < x->except->n; i++) except(w, x->except->v[i], &written);
  rs_rsql_write_hidden(w, x->source, except, &written);
  if (written > 0) rs_rsql_write(w, ")");
}

static void items(struct rsql_writer *w, const struct rsql_select *s)
{
  // there are no sidecars elsewhere, and none are made for set operations
  const size_t nsides = w->plain && s->listed ? 0 : s->nsides;
  const struct rsql_group_keys *keys = w->keys;
  for (size_t i = 0; i < s->nitems + nsides && w->rc == RS_OK; i++) {
    const struct rsql_item *it = i < s->nitems ? s->items[i] : s->sides[i - s->nitems];
    if (i > 0) rs_rsql_write(w, ", ");
    w->keys = it->key ? NULL : keys;
    if (it->expr->kind == N_STAR) {
      star(w, it->expr);
      continue;
    }
    if (!rs_rsql_write_group_item(w, keys, it->expr)) {
      if (it->boxed) rs_rsql_write_either(w, it->expr, (struct rsql_type){.kind = TY_JSON});
      else rs_rsql_write_expr(w, it->expr);
    }
    const char *name = it->alias != NULL ? it->alias : it->made;
    if (name == NULL) name = rs_rsql_element_name(w, it->expr);
    if (name == NULL && keys != NULL && it->expr->kind == N_COLUMN)
      name = it->expr->path[it->expr->npath - 1]; // which is in an aggregate
    if (name == NULL && keys != NULL && it->expr->kind == N_FIELD) name = it->expr->text;
    if (name == NULL) continue;
    rs_rsql_write(w, " AS ");
    rs_rsql_write_name(w, name);
  }
}

static void clause(struct rsql_writer *w, const char *word, const struct rsql_node *x)
{
  if (x == NULL) return;
  rs_rsql_write(w, word);
  rs_rsql_write_expr(w, x);
}

static void condition(struct rsql_writer *w, const char *word, const struct rsql_node *x)
{
  if (x == NULL) return;
  rs_rsql_write(w, word);
  rs_rsql_write_filter(w, x);
}

static void write_select(struct rsql_writer *w, const struct rsql_select *s)
{
  const struct rsql_narrowed *outer = w->narrowed, *narrowed = rs_rsql_narrow(w, s);
  const struct rsql_group_keys *keys = rs_rsql_group_keys(w, s);
  w->keys = keys;
  const bool merges = rs_rsql_merges_distinct(w, s);
  rs_rsql_write(w, s->distinct && !merges ? "SELECT DISTINCT " : "SELECT ");
  items(w, s);
  w->keys = NULL;
  for (size_t i = 0; i < s->nfrom && w->rc == RS_OK; i++) {
    if (rs_rsql_is_unnested(w, s->from[i]->rel->source)) continue;
    rs_rsql_write(w, i == 0 ? " FROM " : ", ");
    w->narrowed = narrowed;
    write_from(w, s->from[i]);
  }
  w->narrowed = outer;
  condition(w, " WHERE ", narrowed != NULL ? rs_rsql_narrowed(w, narrowed, NULL) : s->where);
  if (w->plain && s->group_all) rs_rsql_plain_fail(w, s->pos, "GROUP BY ALL");
  if (w->plain && s->qualify != NULL) rs_rsql_plain_fail(w, s->pos, "QUALIFY");
  if (s->group_all) rs_rsql_write(w, " GROUP BY ALL");
  if (merges) {
    rs_rsql_write(w, " GROUP BY ");
    rs_rsql_write_distinct(w, s, keys);
  }
  if (s->ngroup > 0) {
    rs_rsql_write(w, " GROUP BY ");
    if (rs_eq(s->group_quantifier, "DISTINCT ")) {
      if (w->f->group_distinct) rs_rsql_write(w, "DISTINCT ");
      else rs_rsql_write_fail(w, s->pos, RS_UNSUPPORTED, "GROUP BY DISTINCT");
    }
    rs_rsql_write_groups(w, s, keys, s->group, s->ngroup);
  }
  w->keys = keys;
  condition(w, " HAVING ", s->having);
  for (size_t i = 0; i < s->nwindows && w->rc == RS_OK; i++) {
    rs_rsql_write(w, i == 0 ? " WINDOW " : ", ");
    rs_rsql_write_name(w, s->windows[i]->name);
    rs_rsql_write(w, " AS ");
    rs_rsql_write_window(w, s->windows[i]);
  }
  condition(w, " QUALIFY ", s->qualify);
  w->keys = NULL;
  // CLUSTER BY says how rows are stored: no engine's query has it
}

/* ---- bodies ---------------------------------------------------------------------------------- */

static void values(struct rsql_writer *w, const struct rsql_body *b)
{
  // their names are col0, col1 ... in every engine
  const bool names = !w->plain && w->f->set == RS_FORMS_TRINO;
  rs_rsql_write(w, names ? "SELECT * FROM (VALUES " : "VALUES ");
  for (size_t i = 0; i < b->nvalues && w->rc == RS_OK; i++) {
    const struct rsql_node *x = b->values[i];
    if (i > 0) rs_rsql_write(w, ", ");
    if (x->kind != N_ROW) rs_rsql_write(w, "(");
    if (b->boxed) rs_rsql_write_either(w, x, (struct rsql_type){.kind = TY_JSON});
    else rs_rsql_write_expr(w, x);
    if (x->kind != N_ROW) rs_rsql_write(w, ")");
  }
  if (!names) return;
  const struct rsql_node *first = b->values[0];
  rs_rsql_write(w, ") AS \"rs_values\"(");
  for (size_t i = 0; i == 0 || (first->kind == N_ROW && i < first->n); i++)
    rs_buf_printf(w->b, "%s\"col%zu\"", i > 0 ? ", " : "", i);
  rs_rsql_write(w, ")");
}

/* Rockset reads set operations from left to right; elsewhere INTERSECT binds tighter. */
static void set(struct rsql_writer *w, const struct rsql_body *b)
{
  bool mixed = false;
  for (size_t i = 1; i + 1 < b->n; i++) {
    mixed = mixed || (b->ops[i][0] == 'I' && b->ops[i - 1][0] != 'I');
  }
  for (size_t i = 2; mixed && i < b->n; i++) rs_rsql_write(w, "(");
  for (size_t i = 0; i < b->n && w->rc == RS_OK; i++) {
    if (i > 0) {
      if (mixed && i > 1) rs_rsql_write(w, ")");
      rs_rsql_write(w, " ");
      rs_rsql_write(w, b->ops[i - 1]);
      rs_rsql_write(w, " ");
    }
    rs_rsql_write_body(w, b->v[i]);
  }
}

void rs_rsql_write_body(struct rsql_writer *w, const struct rsql_body *b)
{
  switch (b->kind) {
    case B_SELECT: write_select(w, b->select); break;
    case B_VALUES: values(w, b); break;
    case B_TABLE:
      rs_rsql_write(w, "SELECT * FROM ");
      write_rel(w, b->table);
      break;
    case B_QUERY: rs_rsql_write_subquery(w, b->query); break;
    case B_SET:
      if (b->merged != NULL) rs_rsql_write_merged(w, b);
      else set(w, b);
      break;
  }
}

static void with(struct rsql_writer *w, const struct rsql_query *q)
{
  for (size_t i = 0; i < q->nwith && w->rc == RS_OK; i++) {
    const struct rsql_cte *c = q->with[i];
    rs_rsql_write(w, i > 0 ? ", " : q->recursive ? "WITH RECURSIVE " : "WITH ");
    rs_rsql_write_name(w, c->name);
    rs_rsql_write_names(w, &c->columns);
    rs_rsql_write(w, " AS (");
    rs_rsql_write_query(w, c->query);
    rs_rsql_write(w, ")");
  }
  if (q->nwith > 0) rs_rsql_write(w, " ");
}

/* Does the query order by values of several types, which need keys, where it can't write them for
** itself: by what is listed, or where an engine orders by no JSON value? */
static bool orders_by_json(const struct rsql_writer *w, const struct rsql_orders *o)
{
  bool some = false;
  for (size_t i = 0; i < o->n; i++) some = some || o->v[i]->expr->type.kind == TY_JSON;
  return some && !w->plain && (o->listed || w->f->json_casts);
}

/* An order by what is selected: the column of that name. */
static struct rsql_node *selected(struct rsql_writer *w, const struct rsql_node *x, bool listed)
{
  struct rsql_node *y = rs_arena_alloc(w->s->arena, sizeof *y);
  if (y == NULL) {
    w->rc = w->rc == RS_OK ? rs_nomem(w->e) : w->rc;
    return NULL;
  }
  *y = *x;
  const bool boxed = rs_rsql_type_is_boxed(x->type) && (x->item == NULL || x->item->raw);
  if (x->kind != N_COLUMN || x->type.kind != TY_JSON || (!listed && (x->item == NULL || boxed)))
    return y;
  y->path += y->npath - 1;
  y->npath = 1;
  y->item = NULL;
  y->raw = y->has = false;
  if (!boxed && w->f->json_casts) y->type = rs_rsql_type_json(y->type);
  return y;
}

/* By JSON values, whose keys are expressions. An order of what is DISTINCT, or of a set operation,
** may be by nothing but its columns: all of it is a relation then. */
static void json_orders(struct rsql_writer *w, const struct rsql_orders *o)
{
  struct rsql_orders by = {.n = o->n};
  struct rsql_order *v = rs_arena_alloc(w->s->arena, (o->n + 1) * sizeof *v);
  by.v = rs_arena_alloc(w->s->arena, (o->n + 1) * sizeof *by.v);
  if (v == NULL || by.v == NULL) {
    w->rc = w->rc == RS_OK ? rs_nomem(w->e) : w->rc;
    return;
  }
  for (size_t i = 0; i < o->n; i++) {
    v[i] = *o->v[i];
    v[i].expr = selected(w, o->v[i]->expr, o->listed);
    if (v[i].expr == NULL) return;
    by.v[i] = &v[i];
  }
  rs_rsql_write_orders(w, &by);
}

void rs_rsql_write_query(struct rsql_writer *w, const struct rsql_query *q)
{
  if (!rs_rsql_write_enter(w, q->pos)) return;
  const struct rsql_group_keys *around = w->keys;
  w->keys = NULL;
  with(w, q);
  const bool alike = w->alike;
  const struct rsql_select *s = q->body->kind == B_SELECT ? q->body->select : NULL;
  if (s != NULL && (s->distinct || s->ngroup > 0 || s->group_all)) w->alike = true;
  const bool json = orders_by_json(w, &q->order), listed = json && q->order.listed;
  if (listed) rs_rsql_write(w, "SELECT * FROM (");
  rs_rsql_write_body(w, q->body);
  if (listed) {
    rs_rsql_write(w, ") AS \"rs_listed\"");
    w->alike = alike;
  } else if (s != NULL) {
    w->keys = rs_rsql_group_keys(w, s);
  }
  if (q->order.n > 0) {
    rs_rsql_write(w, " ");
    if (json) json_orders(w, &q->order);
    else rs_rsql_write_orders(w, &q->order);
  }
  w->alike = alike;
  w->keys = around;
  if (w->f->offset_first) clause(w, " OFFSET ", q->offset);
  clause(w, " LIMIT ", q->limit);
  if (!w->f->offset_first) clause(w, " OFFSET ", q->offset);
  w->depth--;
}

void rs_rsql_write_subquery(struct rsql_writer *w, const struct rsql_query *q)
{
  rs_rsql_write(w, "(");
  rs_rsql_write_query(w, q);
  rs_rsql_write(w, ")");
}
