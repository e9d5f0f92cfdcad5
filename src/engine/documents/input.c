/*
** Documents as rows of a query (rs_session_input in engine/control.h): each field is a column of
** the type that a new collection of just these documents would give it, with a sidecar where one is
** needed. Nothing is asked of the engine: the rows are the query's one parameter.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "internal.h"

enum { NUMBER, ID, TIME, NSYSTEM }; /* the columns in front of the fields */

struct reading {
  struct rs_session *s;
  struct rs_doc_write *w;
  struct rs_doc_fields *f;
  struct rs_doc_columns c;
  struct rs_doc_rows *out;
};

static enum rs_code add_column(struct reading *x, const char *name, const struct rs_doc_type *t,
                               struct rs_error *e)
{
  struct rs_doc_column *c = rs_arena_calloc(x->w->a, sizeof *c);
  if (c == NULL || name == NULL || !rs_grow(&x->c.v, &x->c.cap, x->c.n + 1, sizeof x->c.v[0]))
    return rs_nomem(e);
  c->name = name;
  c->tree = *t;
  rs_doc_learn_exact(&c->tree);
  x->c.v[x->c.n++] = c;
  return RS_OK;
}

static enum rs_code add_text_column(struct reading *x, const char *name, const char *native,
                                    struct rs_error *e)
{
  return add_column(x, name, &(struct rs_doc_type){.native = native}, e);
}

/* A name that no field has. */
static const char *number_name(struct reading *x)
{
  const char *name = RS_INPUT_NUMBER;
  for (size_t i = 0; i < x->f->n && name != NULL; i++) {
    if (rs_casecmp(x->f->v[i].name, name) != 0) continue;
    name = rs_arena_printf(x->w->a, "%s~", name);
    i = SIZE_MAX; // from the start
  }
  return name;
}

/* Fields with a value that their column can't tell get a sidecar. */
static enum rs_code add_sides(struct reading *x, struct rs_error *e)
{
  struct rs_doc_fields *f = x->f;
  bool *odd = rs_arena_calloc(x->w->a, x->c.n + 1);
  if (odd == NULL) return rs_nomem(e);
  for (size_t i = 0; i < x->w->n; i++) {
    if (x->w->v[i].tree == NULL) continue;
    if (!rs_doc_fields_of(f, x->w->v[i].tree)) return rs_nomem(e);
    const struct rs_doc_shape *at = f->shape;
    for (const struct rs_json *m = x->w->v[i].tree->first; m != NULL; m = m->next, at++) {
      if (at->field == RS_DOC_NO_FIELD) continue;
      const size_t column = NSYSTEM + at->field;
      odd[column] = odd[column] || !rs_doc_is_exact(m, &x->c.v[column]->tree);
    }
  }
  const size_t n = x->c.n;
  enum rs_code rc = RS_OK;
  for (size_t i = NSYSTEM; i < n && rc == RS_OK; i++) {
    if (!odd[i]) continue;
    x->c.v[i]->side = x->c.n + 1;
    rc = add_text_column(x, rs_arena_printf(x->w->a, "%s" RS_BOXED_SIDE, x->c.v[i]->name),
                         "VARCHAR", e);
    if (rc == RS_OK) x->c.v[x->c.n - 1]->is_side = true;
  }
  return rc;
}

static enum rs_code make_columns(struct reading *x, struct rs_error *e)
{
  const char *number = number_name(x);
  enum rs_code rc = add_text_column(x, number, "BIGINT", e);
  if (rc == RS_OK) rc = add_text_column(x, "_id", "VARCHAR", e);
  if (rc == RS_OK) rc = add_text_column(x, "_event_time", "TIMESTAMP WITH TIME ZONE", e);
  for (size_t i = 0; i < x->f->n && rc == RS_OK; i++)
    rc = add_column(x, rs_doc_columns_name(&x->c, x->f->v[i].name), &x->f->v[i].type, e);
  return rc == RS_OK ? add_sides(x, e) : rc;
}

/* What others are told of the columns. */
static enum rs_code tell_columns(struct reading *x, struct rs_error *e)
{
  struct rs_columns *to = &x->out->columns;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < x->c.n && rc == RS_OK; i++) {
    const struct rs_doc_column *c = x->c.v[i];
    struct rs_buf type;
    if (c->is_side) continue;
    rs_buf_init(&type, RS_BUF_SQL_MAX);
    rs_doc_type_sql(x->s, &type, &c->tree);
    rc = rs_buf_error(&type, e, "type");
    const bool mixed = rs_starts(rs_buf_text(&type), "UNION(");
    if (rc == RS_OK)
      rc = rs_columns_add(to, c->name, strlen(c->name), rs_buf_text(&type),
                          mixed ? RS_T_MIXED : RS_T_OTHER, e);
    if (rc == RS_OK) to->v[to->n - 1].side = c->side > 0;
    rs_buf_free(&type);
  }
  return rc;
}

static enum rs_code write_row(struct reading *x, struct rs_buf *b, size_t i)
{
  const struct rs_doc_entry *entry = &x->w->v[i];
  const struct rs_json *t = rs_json_get(entry->tree, "_event_time");
  rs_buf_printf(b, "%s{\"c%d\":%zu", b->n == 0 ? "[" : ",", NUMBER, i);
  if (!entry->made) {
    rs_buf_printf(b, ",\"c%d\":", ID);
    rs_buf_json_str(b, entry->id, entry->nid);
  }
  if (t != NULL && t->kind == RS_J_STRING)
    rs_buf_printf(b, ",\"c%d\":\"%.*s\"", TIME, (int)t->n, t->p);
  if (!rs_doc_fields_of(x->f, entry->tree)) return RS_NOMEM;
  const struct rs_doc_shape *at = x->f->shape;
  for (const struct rs_json *m = entry->tree->first; m != NULL; m = m->next, at++) {
    if (at->field == RS_DOC_NO_FIELD) continue;
    const struct rs_doc_column *c = x->c.v[NSYSTEM + at->field];
    if (m->kind != RS_J_NULL) rs_doc_write(b, NSYSTEM + at->field, m, &c->tree);
    if (!rs_doc_is_exact(m, &c->tree)) rs_doc_write_side(b, m, c);
  }
  rs_buf_char(b, '}');
  return RS_OK;
}

static enum rs_code write_rows(struct reading *x, struct rs_error *e)
{
  struct rs_buf b;
  const char *text = NULL;
  enum rs_code rc = RS_OK;
  rs_buf_init(&b, (size_t)1 << 30);
  for (size_t i = 0; i < x->w->n && rc == RS_OK && b.rc == RS_OK; i++)
    if (x->w->v[i].tree != NULL) rc = write_row(x, &b, i);
  if (rc != RS_OK) (void)rs_nomem(e);
  rs_buf_str(&b, b.n == 0 ? "[]" : "]");
  const size_t n = b.n;
  if (rc == RS_OK) rc = rs_arena_take_buf(x->w->out, &b, "documents", &text, e);
  else rs_buf_free(&b);
  x->out->param = (struct rs_value){.kind = RS_TEXT, .s = {text, n}};
  return rc;
}

static enum rs_code write_query(struct reading *x, struct rs_error *e)
{
  struct rs_buf b;
  size_t *used = rs_arena_alloc(x->w->a, (x->c.n + 1) * sizeof *used);
  if (used == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < x->c.n; i++) {
    const char *value = rs_doc_value_sql(x->w->a, i, &x->c.v[i]->tree);
    used[i] = i;
    if (value == NULL) b.rc = RS_NOMEM;
    else rs_sql_add(x->s, &b, "%s%s AS %i", i == 0 ? "SELECT " : ", ", value, x->c.v[i]->name);
  }
  rs_buf_str(&b, " FROM ");
  rs_doc_columns_source(&x->c, &b, used, x->c.n, "");
  return rs_arena_take_buf(x->w->out, &b, "statement", &x->out->sql, e);
}

enum rs_code rs_doc_input(struct rs_session *s, struct rs_doc_write *w, struct rs_doc_fields *f,
                          struct rs_doc_rows *out, struct rs_error *e)
{
  struct reading x = {.s = s, .w = w, .f = f, .c = {.s = s, .a = w->a}, .out = out};
  enum rs_code rc = make_columns(&x, e);
  if (rc == RS_OK) rc = tell_columns(&x, e);
  if (rc == RS_OK) rc = write_rows(&x, e);
  if (rc == RS_OK) rc = write_query(&x, e);
  if (rc == RS_OK) out->number = out->columns.v[NUMBER].name;
  rs_doc_columns_free(&x.c);
  return rc;
}
