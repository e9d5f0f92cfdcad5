/*
** A collection's columns under documents (see internal.h): what they are, and DDL where documents
** need more. The old rows keep their values: dates and integers among texts, whatever the new type.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/engine/load/load.h"
#include "src/value/field_name.h"
#include "internal.h"

int rs_doc_columns_find(const struct rs_doc_columns *c, const char *name)
{
  for (size_t i = 0; i < c->n; i++) {
    if (rs_casecmp(c->v[i]->name, name) == 0) return (int)i;
  }
  return -1;
}

int rs_doc_columns_field(const struct rs_doc_columns *c, const char *field)
{
  for (size_t i = 0; i < c->n; i++) {
    if (!c->v[i]->is_side && rs_field_is(c->v[i]->name, field)) return (int)i;
  }
  return -1;
}

const char *rs_doc_columns_name(const struct rs_doc_columns *c, const char *field)
{
  const bool taken = rs_field_needs_mark(field, false) || rs_doc_columns_find(c, field) >= 0;
  return taken ? rs_field_mark(c->a, field) : field;
}

void rs_doc_columns_free(struct rs_doc_columns *c)
{
  rs_free(c->v);
  c->v = NULL;
  c->n = c->cap = 0;
}

static struct rs_doc_column *append_column(struct rs_doc_columns *c, const char *name,
                                           const char *quoted, const char *type)
{
  struct rs_doc_column *col = rs_arena_calloc(c->a, sizeof *col);
  if (col == NULL || name == NULL || quoted == NULL || type == NULL ||
      !rs_grow(&c->v, &c->cap, c->n + 1, sizeof c->v[0])) {
    return NULL;
  }
  col->name = name;
  col->quoted = quoted;
  col->type = type;
  c->v[c->n++] = col;
  return col;
}

static const char *text_of(struct rs_doc_columns *c, struct rs_buf *b)
{
  const char *text = b->rc == RS_OK ? rs_arena_strdup(c->a, rs_buf_text(b)) : NULL;
  rs_buf_free(b);
  return text;
}

static const char *quote_name(struct rs_doc_columns *c, const char *name)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(c->s, &b, "%i", name);
  return text_of(c, &b);
}

static const char *type_text(struct rs_doc_columns *c, const struct rs_doc_type *t)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_doc_type_sql(c->s, &b, t);
  return text_of(c, &b);
}

static enum rs_code add_column(struct rs_doc_columns *c, const char *name, const char *type,
                               struct rs_error *e)
{
  struct rs_doc_column *col = append_column(c, name, quote_name(c, name), type);
  if (col == NULL) return rs_nomem(e);
  return rs_sql_run(c->s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", c->rel, name, type);
}

enum rs_code rs_doc_columns_side(struct rs_doc_columns *c, size_t column, struct rs_error *e)
{
  struct rs_doc_column *col = c->v[column];
  if (col->side > 0) return RS_OK;
  const char *name = rs_arena_printf(c->a, "%s" RS_BOXED_SIDE, col->name);
  enum rs_code rc = name != NULL ? add_column(c, name, "VARCHAR", e) : rs_nomem(e);
  if (rc != RS_OK) return rc;
  col->side = c->n;
  c->v[c->n - 1]->is_side = true;
  return rs_doc_parse_type("VARCHAR", c->a, &c->v[c->n - 1]->tree, e);
}

/* The old values that the new type can't tell go to the sidecar. */
static enum rs_code keep_values(struct rs_doc_columns *c, struct rs_doc_column *col,
                                struct rs_doc_type *old, struct rs_error *e)
{
  struct rs_buf b;
  size_t at = 0;
  while (c->v[at] != col) at++;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  const bool lost = rs_doc_kept_sql(c->s, &b, col->quoted, old, &col->tree);
  const char *expr = text_of(c, &b);
  if (expr == NULL) return rs_nomem(e);
  if (!lost) return RS_OK;
  enum rs_code rc = rs_doc_columns_side(c, at, e);
  if (rc != RS_OK) return rc;
  const struct rs_doc_column *side = c->v[col->side - 1];
  expr = rs_arena_printf(c->a, "coalesce(%s, %s)", side->quoted, expr);
  return expr != NULL ? rs_load_alter(c->s, c->rel, side->name, "VARCHAR", expr, e) : rs_nomem(e);
}

/* The old values in the new type. */
static const char *cast_values(struct rs_doc_columns *c, const struct rs_doc_column *col,
                               const struct rs_doc_type *old)
{
  const bool json = col->tree.form == RS_DOC_LEAF && rs_eq(col->tree.native, "JSON");
  struct rs_buf b;
  if (!json || old->form == RS_DOC_LEAF)
    return rs_doc_cast_sql(c->a, col->quoted, col->type, &col->tree);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_doc_json_sql(c->s, &b, col->quoted, old);
  return text_of(c, &b);
}

/* Gives the column its tree's type. One that holds nothing but nulls simply takes that of `doc`:
** its type was a guess. */
static enum rs_code alter_column(struct rs_doc_columns *c, struct rs_doc_column *col,
                                 const struct rs_doc_type *doc, struct rs_error *e)
{
  bool has_values = true;
  enum rs_code rc = rs_load_has_values(c->s, c->rel, col->name, &has_values, e);
  if (rc != RS_OK) return rc;
  const char *expr = "NULL";
  struct rs_doc_type old;
  if (!has_values && doc != NULL) col->tree = *doc;
  rc = rs_doc_parse_type(col->type, c->a, &old, e);
  if (rc == RS_OK && has_values) rc = keep_values(c, col, &old, e);
  if (rc != RS_OK) return rc;
  if (has_values) expr = cast_values(c, col, &old);
  const char *type = type_text(c, &col->tree);
  if (expr == NULL || type == NULL) return rs_nomem(e);
  col->type = type;
  return rs_load_alter(c->s, c->rel, col->name, type, expr, e);
}

/* The two that every document has. */
static enum rs_code need_system_columns(struct rs_doc_columns *c, struct rs_error *e)
{
  int id = rs_doc_columns_find(c, "_id"), time = rs_doc_columns_find(c, "_event_time");
  enum rs_code rc = RS_OK;
  if (id < 0) {
    rc = add_column(c, "_id", c->s->target->dialect->type_names[RS_T_TEXT], e);
  } else if (!rs_eq(c->v[id]->type, "VARCHAR")) {
    c->v[id]->tree = (struct rs_doc_type){.kinds = RS_DOC_TEXT, .native = "VARCHAR"};
    rc = alter_column(c, c->v[id], NULL, e);
  }
  if (rc == RS_OK && time < 0) {
    rc = add_column(c, "_event_time", c->s->target->dialect->type_names[RS_T_TIMESTAMP], e);
  }
  for (size_t i = 0; i < c->n && rc == RS_OK; i++) {
    rc = rs_doc_parse_type(c->v[i]->type, c->a, &c->v[i]->tree, e);
  }
  return rc;
}

/* Which columns are the sidecars of which. */
static enum rs_code find_sides(struct rs_doc_columns *c, struct rs_error *e)
{
  for (size_t i = 0; i < c->n; i++) {
    size_t n = rs_boxed_side_of(c->v[i]->name);
    if (n == 0) continue;
    const char *name = rs_arena_strndup(c->a, c->v[i]->name, n);
    if (name == NULL) return rs_nomem(e);
    int main = rs_doc_columns_find(c, name);
    if (main < 0) continue;
    c->v[main]->side = i + 1;
    c->v[i]->is_side = true;
  }
  return RS_OK;
}

enum rs_code rs_doc_columns_read(struct rs_doc_columns *c, struct rs_session *s,
                                 const struct rs_relation *rel, struct rs_arena *a,
                                 struct rs_error *e)
{
  struct rs_load_fields fields = {NULL, 0, 0};
  struct rs_buf b;
  *c = (struct rs_doc_columns){.s = s, .rel = rel, .a = a};
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(s, &b, "SELECT * FROM %r", rel);
  enum rs_code rc = rs_buf_error(&b, e, "statement");
  if (rc == RS_OK) rc = rs_load_describe(s, a, rs_buf_text(&b), &fields, e);
  rs_buf_free(&b);
  for (size_t i = 0; i < fields.n && rc == RS_OK; i++) {
    const struct rs_load_field *f = &fields.v[i];
    if (append_column(c, f->name, f->expr, f->type) == NULL) rc = rs_nomem(e);
  }
  rs_free(fields.v);
  if (rc == RS_OK) rc = need_system_columns(c, e);
  return rc == RS_OK ? find_sides(c, e) : rc;
}

enum rs_code rs_doc_columns_fit(struct rs_doc_columns *c, const char *field,
                                const struct rs_doc_type *t, size_t *at, struct rs_error *e)
{
  int found = rs_doc_columns_field(c, field);
  bool changed = false;
  if (found < 0) {
    *at = c->n;
    const char *type = type_text(c, t), *name = rs_doc_columns_name(c, field);
    enum rs_code rc = type != NULL && name != NULL ? add_column(c, name, type, e) : rs_nomem(e);
    if (rc == RS_OK) c->v[*at]->tree = *t;
    return rc;
  }
  *at = (size_t)found;
  struct rs_doc_column *col = c->v[found];
  enum rs_code rc = rs_doc_widen(c->s, &col->tree, t, c->a, &changed, e);
  return rc == RS_OK && changed ? alter_column(c, col, t, e) : rc;
}

enum rs_code rs_doc_columns_turn(struct rs_doc_columns *c, size_t at, const struct rs_doc_type *t,
                                 struct rs_error *e)
{
  struct rs_doc_column *col = c->v[at];
  const char *type = type_text(c, t);
  if (type == NULL) return rs_nomem(e);
  if (rs_eq(type, col->type)) return RS_OK;
  col->tree = *t;
  return alter_column(c, col, NULL, e);
}

void rs_doc_columns_source(const struct rs_doc_columns *c, struct rs_buf *b, const size_t *used,
                           size_t n, const char *more)
{
  struct rs_buf structure;
  rs_buf_init(&structure, RS_BUF_SQL_MAX);
  rs_buf_printf(&structure, "[{%s", more);
  for (size_t i = 0; i < n; i++) {
    rs_doc_type_structure(&structure, used[i], &c->v[used[i]]->tree);
  }
  rs_buf_str(&structure, "}]");
  rs_buf_str(b, "(SELECT unnest(from_json(");
  rs_dialect_param(c->s->target->dialect, b, 1);
  rs_sql_add(c->s, b, ", %t)) AS rs_row) AS rs_rows", rs_buf_text(&structure));
  if (structure.rc != RS_OK && b->rc == RS_OK) b->rc = structure.rc;
  rs_buf_free(&structure);
}
