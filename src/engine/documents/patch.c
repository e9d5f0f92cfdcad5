/*
** RS_WRITE_PATCH on SQL engines (see documents.c): the fields that the operations name are
** read, the operations applied here, and the fields that changed are updated. All other columns
** stay untouched in the engine, with whatever types they have.
**
** A column can't tell a field that is null from one that is absent: a document's field that the
** collection has counts as there.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "internal.h"

/* A field that some operation names. */
struct touched {
  const char *name;
  int column; /* -1: the collection has none */
  struct rs_doc_type type;
  bool changed;
  size_t at; /* its column, when changed */
};

/* A document of the collection. */
struct target {
  struct rs_json *tree; /* the touched fields; NULL: there is no such document */
  bool *changed;        /* by touched field; NULL: nothing yet */
};

struct patching {
  struct rs_session *s;
  struct rs_doc_write *w;
  struct touched *fields; /* rs_free */
  size_t n, cap;
  struct rs_map by_name;  /* -> index + 1 */
  struct target *targets; /* by index in w->ids */
  struct rs_doc_columns columns;
};

/* ---- which fields ---------------------------------------------------------------------------- */

static const char *const immutable[] = {"_id", "_event_time", "_meta"};

static enum rs_code touch(struct patching *p, const char *name, const char **why,
                          struct rs_error *e)
{
  for (size_t i = 0; i < sizeof immutable / sizeof immutable[0]; i++) {
    if (rs_casecmp(immutable[i], name) != 0) continue; // the engine folds names
    *why = rs_arena_printf(p->w->a, "%s can't be changed", name);
    return *why != NULL ? RS_OK : rs_nomem(e);
  }
  if (name[0] == 0) {
    *why = "a field's name is empty";
    return RS_OK;
  }
  if (rs_map_get(&p->by_name, name) != NULL) return RS_OK;
  if (!rs_grow(&p->fields, &p->cap, p->n + 1, sizeof p->fields[0]) ||
      !rs_map_put(&p->by_name, name, (void *)(p->n + 1))) {
    return rs_nomem(e);
  }
  p->fields[p->n++] = (struct touched){.name = name, .column = -1};
  return RS_OK;
}

/* The fields of one patch; refuses a patch that is none. */
static enum rs_code touch_all(struct patching *p, struct rs_doc_entry *x, struct rs_error *e)
{
  static const char *const members[] = {"path", "from"};
  const struct rs_json *patch = rs_json_get(x->tree, "patch");
  if (patch == NULL || patch->kind != RS_J_ARRAY) {
    return rs_doc_refuse(p->w, x, "'patch' must be an array of operations", e);
  }
  for (const struct rs_json *op = patch->first; op != NULL; op = op->next) {
    for (size_t i = 0; i < 2; i++) {
      const struct rs_json *path = rs_json_get(op, members[i]);
      const char *why = NULL, *name = NULL;
      // one that is not needed may be there as null
      if (i == 1 && (path == NULL || path->kind != RS_J_STRING)) continue;
      name = rs_patch_field(op, members[i], p->w->a, &why);
      if (name == NULL && why == NULL) return rs_nomem(e);
      enum rs_code rc = name != NULL ? touch(p, name, &why, e) : RS_OK;
      if (rc != RS_OK) return rc;
      if (why != NULL) return rs_doc_refuse(p->w, x, why, e);
    }
  }
  return RS_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum rs_code see_document(struct patching *p, struct rs_rows *r, struct rs_error *e)
{
  struct rs_value v;
  rs_rows_get(r, 0, &v);
  const struct rs_map_entry *m = v.kind == RS_TEXT ? rs_map_find(&p->w->ids, v.s.p, v.s.n) : NULL;
  if (m == NULL) return RS_OK;
  enum rs_code seen = rs_doc_exists(p->w, m->value, e);
  if (seen != RS_OK) return seen;
  struct target *t = &p->targets[m - p->w->ids.v];
  t->tree = rs_json_new(p->w->a, RS_J_OBJECT);
  if (t->tree == NULL) return rs_nomem(e);
  size_t col = 1;
  for (size_t i = 0; i < p->n; i++) {
    const struct touched *f = &p->fields[i];
    struct rs_json *value;
    if (f->column < 0) continue;
    rs_rows_get(r, col++, &v);
    enum rs_code rc = rs_doc_read(p->w->a, &v, &p->columns.v[f->column]->tree, &value, e);
    if (rc != RS_OK) return rc;
    value->key = f->name;
    value->nkey = strlen(f->name);
    rs_json_add(t->tree, value);
  }
  return RS_OK;
}

static enum rs_code read_documents(struct patching *p, struct rs_error *e)
{
  const char *where;
  struct rs_value param;
  struct rs_buf b;
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_doc_where_ids(p->w, &where, &param, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(p->s, &b, "SELECT %i", "_id");
  for (size_t i = 0; i < p->n; i++) {
    struct touched *f = &p->fields[i];
    f->column = rs_doc_columns_find(&p->columns, f->name);
    if (f->column >= 0) rs_sql_add(p->s, &b, ", %i", p->columns.v[f->column]->name);
  }
  rs_sql_add(p->s, &b, " FROM %r WHERE %s", p->w->rel, where);
  rc = rs_buf_error(&b, e, "statement");
  const struct rs_statement st = {.sql = rs_buf_text(&b), .params = &param, .nparams = 1};
  if (rc == RS_OK) rc = rs_session_query(p->s, &st, &r, e);
  while (rc == RS_OK) {
    rc = rs_rows_next(r, e);
    if (rc == RS_OK) rc = see_document(p, r, e);
  }
  rs_rows_close(r);
  rs_buf_free(&b);
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- applying -------------------------------------------------------------------------------- */

static void mark_changed(struct patching *p, bool *changed, const struct rs_json *op,
                         const char *member)
{
  const char *why;
  const char *name = rs_patch_field(op, member, p->w->a, &why);
  if (name != NULL) changed[(uintptr_t)rs_map_get(&p->by_name, name) - 1] = true;
}

static bool is_op(const struct rs_json *op, const char *name)
{
  const struct rs_json *j = rs_json_get(op, "op");
  return strlen(name) == j->n && rs_casecmpn(name, j->p, j->n) == 0;
}

/* All operations of a patch, or none. */
static enum rs_code apply(struct patching *p, struct rs_doc_entry *x, struct rs_error *e)
{
  const struct rs_map_entry *m = rs_map_find(&p->w->ids, x->id, x->nid);
  struct target *t = &p->targets[m - p->w->ids.v];
  const char *why = NULL;
  size_t number = 1;
  if (t->tree == NULL) return rs_doc_refuse(p->w, x, "there is no document of this _id", e);
  struct rs_json *tree = rs_json_copy(p->w->a, t->tree);
  bool *changed = rs_arena_calloc(p->w->a, p->n + 1);
  if (tree == NULL || changed == NULL) return rs_nomem(e);
  if (t->changed != NULL) memcpy(changed, t->changed, p->n);
  const struct rs_json *patch = rs_json_get(x->tree, "patch");
  for (const struct rs_json *op = patch->first; op != NULL; op = op->next, number++) {
    enum rs_code rc = rs_patch_apply(tree, op, p->w->a, &why);
    if (rc == RS_INVALID) {
      why = rs_arena_printf(p->w->a, "operation %zu: %s", number, why);
      return why != NULL ? rs_doc_refuse(p->w, x, why, e) : rs_nomem(e);
    }
    if (rc != RS_OK) return rs_nomem(e);
    if (!is_op(op, "TEST")) mark_changed(p, changed, op, "path");
    if (is_op(op, "MOVE")) mark_changed(p, changed, op, "from");
  }
  t->tree = tree;
  t->changed = changed;
  return RS_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* The types that the changed fields need now. */
static enum rs_code fit_columns(struct patching *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t k = 0; k < p->w->ids.n; k++) {
    const struct target *t = &p->targets[k];
    for (size_t i = 0; i < p->n && t->changed != NULL && rc == RS_OK; i++) {
      const struct rs_json *value = rs_json_get(t->tree, p->fields[i].name);
      if (!t->changed[i]) continue;
      p->fields[i].changed = true;
      if (value != NULL) rc = rs_doc_infer(&p->fields[i].type, value, p->w->a, e);
    }
  }
  for (size_t i = 0; i < p->n && rc == RS_OK; i++) {
    struct touched *f = &p->fields[i];
    if (!f->changed) continue;
    rc = rs_doc_settle(&f->type, true, p->w->a, e);
    if (rc == RS_OK) rc = rs_doc_columns_fit(&p->columns, f->name, &f->type, &f->at, e);
  }
  return rc;
}

/* [{"id":...,"x<column>":true,"c<column>":...},...]; false when nothing changed. */
static bool write_rows(struct patching *p, struct rs_buf *b)
{
  for (size_t k = 0; k < p->w->ids.n; k++) {
    const struct target *t = &p->targets[k];
    const struct rs_map_entry *id = &p->w->ids.v[k];
    if (t->changed == NULL) continue;
    rs_buf_str(b, b->n == 0 ? "[{\"id\":" : ",{\"id\":");
    rs_buf_json_str(b, id->key, id->key_len);
    for (size_t i = 0; i < p->n; i++) {
      const struct touched *f = &p->fields[i];
      const struct rs_json *value = rs_json_get(t->tree, f->name);
      if (!t->changed[i]) continue;
      rs_buf_printf(b, ",\"x%zu\":true", f->at);
      if (value == NULL || value->kind == RS_J_NULL) continue;
      rs_doc_write(b, f->at, value, &p->columns.v[f->at]->tree);
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

static enum rs_code update(struct patching *p, struct rs_error *e)
{
  size_t n = 0, *used = rs_arena_alloc(p->w->a, (p->n + 1) * sizeof *used);
  struct rs_buf rows, sql;
  if (used == NULL) return rs_nomem(e);
  for (size_t i = 0; i < p->n; i++) {
    size_t k = 0;
    if (!p->fields[i].changed) continue;
    while (k < n && used[k] != p->fields[i].at) k++;
    if (k == n) used[n++] = p->fields[i].at;
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
  enum rs_code rc = RS_OK;
  rs_map_init(&p.by_name);
  p.targets = rs_arena_calloc(w->a, (w->ids.n + 1) * sizeof p.targets[0]);
  if (p.targets == NULL) rc = rs_nomem(e);
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    if (w->v[i].tree != NULL) rc = touch_all(&p, &w->v[i], e);
  }
  if (rc == RS_OK) rc = rs_doc_columns_read(&p.columns, s, w->rel, w->a, e);
  if (rc == RS_OK) rc = read_documents(&p, e);
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    if (w->v[i].tree != NULL) rc = apply(&p, &w->v[i], e);
  }
  if (rc == RS_OK) rc = fit_columns(&p, e);
  if (rc == RS_OK) rc = update(&p, e);
  rs_doc_columns_free(&p.columns);
  rs_map_free(&p.by_name);
  rs_free(p.fields);
  return rc;
}
