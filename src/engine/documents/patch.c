/*
** RS_WRITE_PATCH on DuckDB (see internal.h): the fields that the operations name are read, the
** operations applied (patch_plan.c), and the fields that changed are updated. All other columns
** stay untouched in the engine, with whatever types they have.
**
** A field whose column is NULL, with nothing beside it, is not there.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/value/field_name.h"
#include "internal.h"

struct patching {
  struct rs_session *s;
  struct rs_doc_write *w;
  struct rs_doc_patches plan;
  struct rs_doc_columns columns;
};

/* ---- reading --------------------------------------------------------------------------------- */

static enum rs_code read_field(void *ctx, size_t column, struct rs_rows *r, size_t *at,
                               struct rs_json **out, struct rs_error *e)
{
  const struct patching *p = ctx;
  const struct rs_doc_column *c = p->columns.v[column];
  struct rs_value v, side;
  rs_rows_get(r, (*at)++, &v);
  enum rs_code rc = RS_OK;
  *out = NULL;
  if (v.kind != RS_NULL) rc = rs_doc_read(p->w->a, &v, &c->tree, out, e);
  if (rc != RS_OK || c->side == 0) return rc;
  rs_rows_get(r, (*at)++, &side);
  return side.kind == RS_NULL ? RS_OK : rs_doc_unbox(p->w->a, &v, &side, out, e);
}

static enum rs_code read_documents(struct patching *p, struct rs_error *e)
{
  const char *where;
  struct rs_value param;
  struct rs_buf b;
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_doc_where_ids(p->w, &where, &param, e);
  for (size_t i = 0; i < p->columns.n && rc == RS_OK; i++) {
    if (p->columns.v[i]->is_side) continue;
    const char *field = rs_field_of(p->w->a, p->columns.v[i]->name);
    rc = field != NULL ? rs_doc_patches_column(&p->plan, field, e) : rs_nomem(e);
  }
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(p->s, &b, "SELECT %i", "_id");
  for (size_t i = 0; i < p->plan.n; i++) {
    struct rs_doc_touched *f = &p->plan.fields[i];
    f->column = rs_doc_columns_field(&p->columns, f->name);
    if (f->column < 0) continue;
    const struct rs_doc_column *c = p->columns.v[f->column];
    rs_sql_add(p->s, &b, ", %i", c->name);
    if (c->side > 0) rs_sql_add(p->s, &b, ", %i", p->columns.v[c->side - 1]->name);
  }
  rs_sql_add(p->s, &b, " FROM %r WHERE %s", p->w->rel, where);
  rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b), .params = &param, .nparams = 1};
  if (rc == RS_OK) rc = rs_session_query(p->s, &st, &r, e);
  while (rc == RS_OK) {
    rc = rs_rows_next(r, e);
    if (rc == RS_OK) rc = rs_doc_patches_see(&p->plan, r, read_field, p, e);
  }
  rs_rows_close(r);
  rs_buf_free(&b);
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The field of a document that has changed; NULL: it has none. */
static const struct rs_json *changed_value(const struct patching *p, size_t k, size_t i)
{
  const struct rs_doc_patched *t = &p->plan.docs[k];
  if (t->changed == NULL || !t->changed[i]) return NULL;
  return rs_json_get(t->tree, p->plan.fields[i].name);
}

/* Sidecars for what the columns can't tell. */
static enum rs_code fit_sides(struct patching *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t k = 0; k < p->w->ids.n; k++) {
    for (size_t i = 0; i < p->plan.n && rc == RS_OK; i++) {
      const struct rs_json *value = changed_value(p, k, i);
      const size_t at = p->plan.fields[i].at;
      if (value == NULL || rs_doc_is_exact(value, &p->columns.v[at]->tree)) continue;
      rc = rs_doc_columns_side(&p->columns, at, e);
    }
  }
  return rc;
}

/* The types that the changed fields need now. */
static enum rs_code fit_columns(struct patching *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t k = 0; k < p->w->ids.n; k++) {
    const bool *changed = p->plan.docs[k].changed;
    for (size_t i = 0; i < p->plan.n && changed != NULL && rc == RS_OK; i++) {
      const struct rs_json *value = changed_value(p, k, i);
      if (!changed[i]) continue;
      p->plan.fields[i].changed = true;
      if (value != NULL) rc = rs_doc_infer(&p->plan.fields[i].type, value, p->w->a, e);
    }
  }
  for (size_t i = 0; i < p->plan.n && rc == RS_OK; i++) {
    struct rs_doc_touched *f = &p->plan.fields[i];
    if (!f->changed) continue;
    rc = rs_doc_settle(&f->type, true, p->w->a, e);
    if (rc == RS_OK) rc = rs_doc_columns_fit(&p->columns, f->name, &f->type, &f->at, e);
    if (rc == RS_OK) rs_doc_learn_exact(&p->columns.v[f->at]->tree);
  }
  return rc == RS_OK ? fit_sides(p, e) : rc;
}

/* [{"id":...,"x<column>":true,"c<column>":...},...]; false when nothing changed. */
static bool write_rows(struct patching *p, struct rs_buf *b)
{
  for (size_t k = 0; k < p->w->ids.n; k++) {
    const struct rs_doc_patched *t = &p->plan.docs[k];
    const struct rs_map_entry *id = &p->w->ids.v[k];
    if (t->changed == NULL) continue;
    rs_buf_str(b, b->n == 0 ? "[{\"id\":" : ",{\"id\":");
    rs_buf_json_str(b, id->key, id->key_len);
    for (size_t i = 0; i < p->plan.n; i++) {
      const struct rs_doc_touched *f = &p->plan.fields[i];
      const struct rs_doc_column *c = p->columns.v[f->at];
      const struct rs_json *value = changed_value(p, k, i);
      if (!t->changed[i]) continue;
      rs_buf_printf(b, ",\"x%zu\":true", f->at);
      if (c->side > 0) rs_buf_printf(b, ",\"x%zu\":true", c->side - 1);
      if (value == NULL) continue;
      if (value->kind != RS_J_NULL) rs_doc_write(b, f->at, value, &c->tree);
      if (!rs_doc_is_exact(value, &c->tree)) rs_doc_write_side(b, value, c);
    }
    rs_buf_char(b, '}');
  }
  rs_buf_char(b, ']');
  return b->n > 1;
}

static void update_sql(struct patching *p, const size_t *used, size_t n, struct rs_buf *b)
{
  struct rs_buf more;
  rs_buf_init(&more, RS_BUF_SQL_MAX);
  rs_buf_str(&more, "\"id\":\"VARCHAR\"");
  rs_sql_add(p->s, b, "UPDATE %r AS t SET ", p->w->rel);
  for (size_t i = 0; i < n; i++) {
    const struct rs_doc_column *col = p->columns.v[used[i]];
    const char *expr = rs_doc_value_sql(p->w->a, used[i], &col->tree);
    if (expr == NULL) b->rc = RS_NOMEM;
    rs_sql_add(p->s, b, i > 0 ? ", %i = CASE WHEN " : "%i = CASE WHEN ", col->name);
    rs_buf_printf(b, RS_DOC_ROW ".x%zu THEN %s ELSE t.", used[i], expr != NULL ? expr : "");
    rs_sql_add(p->s, b, "%i END", col->name);
    rs_buf_printf(&more, ",\"x%zu\":\"BOOLEAN\"", used[i]);
  }
  rs_buf_str(b, " FROM ");
  rs_doc_columns_source(&p->columns, b, used, n, rs_buf_text(&more));
  rs_sql_add(p->s, b, " WHERE t.%i = " RS_DOC_ROW ".id", "_id");
  if (more.rc != RS_OK) b->rc = more.rc;
  rs_buf_free(&more);
}

static enum rs_code update_rows(struct patching *p, struct rs_error *e)
{
  size_t n = 0, *used = rs_arena_alloc(p->w->a, (2 * p->plan.n + 1) * sizeof *used);
  struct rs_buf rows, sql;
  if (used == NULL) return rs_nomem(e);
  for (size_t i = 0; i < p->plan.n; i++) {
    size_t k = 0;
    if (!p->plan.fields[i].changed) continue;
    while (k < n && used[k] != p->plan.fields[i].at) k++;
    if (k < n) continue;
    used[n++] = p->plan.fields[i].at;
    const size_t side = p->columns.v[p->plan.fields[i].at]->side;
    if (side > 0) used[n++] = side - 1;
  }
  rs_buf_init(&rows, (size_t)1 << 30);
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  enum rs_code rc = RS_OK;
  if (n > 0 && write_rows(p, &rows)) {
    update_sql(p, used, n, &sql);
    rc = rs_buf_error(&rows, e, "documents");
    if (rc == RS_OK) rc = rs_buf_error(&sql, e, "statement");
    const struct rs_value param = {.kind = RS_TEXT, .s = {rows.p, rows.n}};
    const struct rs_statement st = {
      .sql = rs_buf_text(&sql), .params = &param, .nparams = 1, .writes = true};
    if (rc == RS_OK) rc = rs_session_exec(p->s, &st, NULL, e);
  }
  rs_buf_free(&rows);
  rs_buf_free(&sql);
  return rc;
}

enum rs_code rs_doc_patch(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e)
{
  struct patching p = {.s = s, .w = w};
  enum rs_code rc = rs_doc_patches_open(&p.plan, w, e);
  if (rc == RS_OK) rc = rs_doc_columns_read(&p.columns, s, w->rel, w->a, e);
  if (rc == RS_OK) rc = read_documents(&p, e);
  if (rc == RS_OK) rc = rs_doc_patches_apply(&p.plan, e);
  if (rc == RS_OK) rc = fit_columns(&p, e);
  if (rc == RS_OK) rc = update_rows(&p, e);
  rs_doc_columns_free(&p.columns);
  rs_doc_patches_free(&p.plan);
  return rc;
}
