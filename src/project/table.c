/*
** The rows of run_query() as a template sees them, after agate's Table: columns, rows, column_names;
** rows are read by position, by name or as an attribute; a column has name and values().
**
** The whole result is held, within the memory limit of the evaluation.
*/
#include <string.h>
#include "../base/text.h"
#include "context.h"

struct table {
  jv names; /* tuple of texts */
  jv rows;  /* list of Row objects */
  size_t ncols;
};

struct row {
  const struct table *t;
  jv *v;
};

struct column {
  const struct table *t;
  size_t at;
};

/* Position of a column by name, or by index (negative: from the end); -1 = none. */
static int64_t find_column(const struct table *t, jv key)
{
  if (key.kind == JV_INT) {
    int64_t at = key.u.i < 0 ? key.u.i + (int64_t)t->ncols : key.u.i;
    return at >= 0 && at < (int64_t)t->ncols ? at : -1;
  }
  if (!jv_is_str(key)) return -1;
  for (size_t i = 0; i < t->ncols; i++)
    if (rs_eq(jv_cstr(jv_item(t->names, i), NULL), jv_cstr(key, NULL))) return (int64_t)i;
  return -1;
}

/* ---- rows ------------------------------------------------------------------------------------- */

static enum rs_code row_values(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                               struct rs_error *e)
{
  const struct row *r = self;
  (void)args, (void)e;
  *out = jv_tuple(j, r->v, r->t->ncols);
  return RS_OK;
}

static enum rs_code row_keys(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  const struct row *r = self;
  (void)j, (void)args, (void)e;
  *out = r->t->names;
  return RS_OK;
}

static enum rs_code row_dict(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  const struct row *r = self;
  (void)args, (void)e;
  *out = jv_dict(j);
  for (size_t i = 0; i < r->t->ncols; i++) jv_dict_setv(j, *out, jv_item(r->t->names, i), r->v[i]);
  return RS_OK;
}

static enum rs_code row_getitem(struct rs_jinja *j, void *self, jv key, jv *out, struct rs_error *e)
{
  const struct row *r = self;
  (void)j, (void)e;
  int64_t at = find_column(r->t, key);
  if (at < 0) return RS_NOT_FOUND;
  *out = r->v[at];
  return RS_OK;
}

static enum rs_code row_getattr(struct rs_jinja *j, void *self, const char *name, size_t n, jv *out,
                                struct rs_error *e)
{
  if (rs_eqn("values", name, n)) *out = jv_func(j, "values", row_values, self);
  else if (rs_eqn("keys", name, n)) *out = jv_func(j, "keys", row_keys, self);
  else if (rs_eqn("dict", name, n)) *out = jv_func(j, "dict", row_dict, self);
  else return row_getitem(j, self, jv_textn(j, name, n), out, e);
  return RS_OK;
}

static enum rs_code row_iter(struct rs_jinja *j, void *self, jv *out, struct rs_error *e)
{
  const struct row *r = self;
  (void)e;
  *out = jv_list(j);
  for (size_t i = 0; i < r->t->ncols; i++) jv_list_add(j, *out, r->v[i]);
  return RS_OK;
}

static const struct jv_class row_class = {
  .name = "Row", .getattr = row_getattr, .getitem = row_getitem, .iter = row_iter};

/* ---- columns ---------------------------------------------------------------------------------- */

static enum rs_code column_iter(struct rs_jinja *j, void *self, jv *out, struct rs_error *e)
{
  const struct column *c = self;
  (void)e;
  *out = jv_list(j);
  for (size_t i = 0; i < jv_len(c->t->rows); i++) {
    const struct row *r = jv_self(jv_item(c->t->rows, i), &row_class);
    jv_list_add(j, *out, r->v[c->at]);
  }
  return RS_OK;
}

static enum rs_code column_values(struct rs_jinja *j, void *self, const struct jv_args *args,
                                  jv *out, struct rs_error *e)
{
  (void)args;
  jv list;
  enum rs_code rc = column_iter(j, self, &list, e);
  if (rc != RS_OK) return rc;
  size_t n = jv_len(list);
  jv *items = rs_arena_alloc(rs_jinja_arena(j), (n + 1) * sizeof *items);
  if (items == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) items[i] = jv_item(list, i);
  *out = jv_tuple(j, items, n);
  return RS_OK;
}

static enum rs_code column_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                   jv *out, struct rs_error *e)
{
  const struct column *c = self;
  (void)e;
  if (rs_eqn("name", name, n)) *out = jv_item(c->t->names, c->at);
  else if (rs_eqn("index", name, n)) *out = jv_int((int64_t)c->at);
  else if (rs_eqn("values", name, n)) *out = jv_func(j, "values", column_values, self);
  else return RS_NOT_FOUND;
  return RS_OK;
}

static enum rs_code column_getitem(struct rs_jinja *j, void *self, jv key, jv *out,
                                   struct rs_error *e)
{
  const struct column *c = self;
  (void)j, (void)e;
  int64_t n = (int64_t)jv_len(c->t->rows), at = key.kind == JV_INT ? key.u.i : n;
  if (at < 0) at += n;
  if (at < 0 || at >= n) return RS_NOT_FOUND;
  const struct row *r = jv_self(jv_item(c->t->rows, (size_t)at), &row_class);
  *out = r->v[c->at];
  return RS_OK;
}

static const struct jv_class column_class = {
  .name = "Column", .getattr = column_getattr, .getitem = column_getitem, .iter = column_iter};

static jv column_value(struct rs_jinja *j, const struct table *t, size_t at)
{
  struct column *c = rs_arena_alloc(rs_jinja_arena(j), sizeof *c);
  if (c == NULL) return jv_undefined();
  *c = (struct column){.t = t, .at = at};
  return jv_object(j, &column_class, c);
}

static enum rs_code columns_getitem(struct rs_jinja *j, void *self, jv key, jv *out,
                                    struct rs_error *e)
{
  (void)e;
  int64_t at = find_column(self, key);
  if (at < 0) return RS_NOT_FOUND;
  *out = column_value(j, self, (size_t)at);
  return RS_OK;
}

static enum rs_code columns_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                    jv *out, struct rs_error *e)
{
  return columns_getitem(j, self, jv_textn(j, name, n), out, e);
}

static enum rs_code columns_iter(struct rs_jinja *j, void *self, jv *out, struct rs_error *e)
{
  const struct table *t = self;
  (void)e;
  *out = jv_list(j);
  for (size_t i = 0; i < t->ncols; i++) jv_list_add(j, *out, column_value(j, t, i));
  return RS_OK;
}

static const struct jv_class columns_class = {.name = "MappedSequence",
                                              .getattr = columns_getattr,
                                              .getitem = columns_getitem,
                                              .iter = columns_iter};

/* ---- tables ----------------------------------------------------------------------------------- */

static enum rs_code print_table(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  (void)self, (void)args, (void)e;
  *out = jv_text(j, "");
  return RS_OK;
}

static enum rs_code table_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                  jv *out, struct rs_error *e)
{
  const struct table *t = self;
  (void)e;
  if (rs_eqn("rows", name, n)) *out = t->rows;
  else if (rs_eqn("column_names", name, n)) *out = t->names;
  else if (rs_eqn("columns", name, n)) *out = jv_object(j, &columns_class, self);
  else if (rs_eqn("print_table", name, n)) *out = jv_func(j, "print_table", print_table, self);
  else return RS_NOT_FOUND;
  return RS_OK;
}

static enum rs_code table_iter(struct rs_jinja *j, void *self, jv *out, struct rs_error *e)
{
  const struct table *t = self;
  (void)j, (void)e;
  *out = t->rows;
  return RS_OK;
}

static enum rs_code table_getitem(struct rs_jinja *j, void *self, jv key, jv *out,
                                  struct rs_error *e)
{
  const struct table *t = self;
  (void)j, (void)e;
  int64_t n = (int64_t)jv_len(t->rows), at = key.kind == JV_INT ? key.u.i : n;
  if (at < 0) at += n;
  if (at < 0 || at >= n) return RS_NOT_FOUND;
  *out = jv_item(t->rows, (size_t)at);
  return RS_OK;
}

static const struct jv_class table_class = {
  .name = "Table", .getattr = table_getattr, .getitem = table_getitem, .iter = table_iter};

static struct table *new_table(struct rs_context *c, size_t ncols)
{
  struct table *t = rs_arena_calloc(rs_jinja_arena(c->j), sizeof *t);
  if (t == NULL) return NULL;
  t->ncols = ncols;
  t->names = jv_tuple(c->j, NULL, 0);
  t->rows = jv_list(c->j);
  return t;
}

jv rs_table_empty(struct rs_context *c)
{
  struct table *t = new_table(c, 0);
  return t != NULL ? jv_object(c->j, &table_class, t) : jv_undefined();
}

jv rs_table_data(struct rs_context *c, jv v)
{
  const struct table *t = jv_self(v, &table_class);
  jv data = jv_list(c->j);
  for (size_t i = 0; t != NULL && i < jv_len(t->rows); i++) {
    const struct row *r = jv_self(jv_item(t->rows, i), &row_class);
    jv_list_add(c->j, data, jv_tuple(c->j, r->v, t->ncols));
  }
  return data;
}

/* An engine's value as a template's: JSON becomes lists and dicts. */
static enum rs_code from_value(struct rs_jinja *j, const struct rs_value *v, jv *out)
{
  switch (v->kind) {
    case RS_BOOL: *out = jv_bool(v->i != 0); return RS_OK;
    case RS_INT: *out = jv_int(v->i); return RS_OK;
    case RS_FLOAT: *out = jv_float(v->f); return RS_OK;
    case RS_TEXT:
    case RS_BYTES: *out = jv_textn(j, v->s.p, v->s.n); return RS_OK;
    case RS_JSON:
      if (jv_from_json(j, v->s.p, v->s.n, out, NULL) != RS_OK) *out = jv_textn(j, v->s.p, v->s.n);
      return RS_OK;
    default: *out = jv_none(); return RS_OK;
  }
}

enum rs_code rs_table_value(struct rs_context *c, struct rs_rows *rows, jv *out, struct rs_error *e)
{
  const struct rs_columns *cols = rs_rows_columns(rows);
  struct table *t = new_table(c, cols->n);
  jv *names = rs_arena_alloc(rs_jinja_arena(c->j), (cols->n + 1) * sizeof *names);
  if (t == NULL || names == NULL) return rs_nomem(e);
  for (size_t i = 0; i < cols->n; i++) names[i] = jv_text(c->j, cols->v[i].name);
  t->names = jv_tuple(c->j, names, cols->n);
  enum rs_code rc;
  while ((rc = rs_rows_next(rows, e)) == RS_OK) {
    struct row *r = rs_arena_alloc(rs_jinja_arena(c->j), sizeof *r);
    jv *v = rs_arena_alloc(rs_jinja_arena(c->j), (cols->n + 1) * sizeof *v);
    if (r == NULL || v == NULL)
      return rs_fail(e, RS_LIMIT, "the rows of a query in a template take too much memory");
    for (size_t i = 0; i < cols->n; i++) {
      struct rs_value cell;
      rs_rows_get(rows, i, &cell);
      from_value(c->j, &cell, &v[i]);
    }
    *r = (struct row){.t = t, .v = v};
    jv_list_add(c->j, t->rows, jv_object(c->j, &row_class, r));
  }
  if (rc != RS_DONE) return rc;
  *out = jv_object(c->j, &table_class, t);
  return RS_OK;
}
