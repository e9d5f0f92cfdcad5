/*
** Documents by `_id` on Trino (rs_session_write in engine/control.h; trino.h).
**
** Added ones travel into a stage and are merged from there, as an appended file is: one MERGE is
** what readers see. Patched ones are read, changed here, and merged back with the fields that
** changed. Objects and arrays, and what Rockset's types have no column for, are JSON text.
*/
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "src/engine/documents/documents.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

/* Rows on their way to a stage. */
struct sender {
  struct rs_session *s;
  struct rs_relation stage;
  struct rs_trino_batch batch;
};

/* ---- types and values ------------------------------------------------------------------------ */

/* The column that values of a settled type need. */
static enum rs_type column_type(const struct rs_doc_type *t)
{
  static const struct {
    const char *native;
    enum rs_type type;
  } types[] = {{"BOOLEAN", RS_T_BOOL}, {"BIGINT", RS_T_INT},
               {"DOUBLE", RS_T_FLOAT}, {"DATE", RS_T_DATE},
               {"TIME", RS_T_TIME},    {"TIMESTAMP", RS_T_TIMESTAMP},
               {"BLOB", RS_T_BYTES},   {"TIMESTAMP WITH TIME ZONE", RS_T_TIMESTAMPTZ}};
  if (t->form != RS_DOC_LEAF || t->native == NULL) return RS_T_TEXT;
  if ((t->kinds & ~(unsigned)(RS_DOC_INT | RS_DOC_DOUBLE)) == 0) {
    return t->kinds & RS_DOC_DOUBLE     ? RS_T_FLOAT
           : rs_eq(t->native, "BIGINT") ? RS_T_INT
                                        : RS_T_TEXT;
  }
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (rs_eq(types[i].native, t->native)) return types[i].type;
  }
  return RS_T_TEXT;
}

/* Dates and times as Trino's casts read them. */
static void add_datetime(struct rs_buf *b, enum rs_type t, const struct rs_json *j)
{
  char text[RS_JSON_TIME_MAX];
  size_t n = t == RS_T_TIMESTAMP || t == RS_T_TIMESTAMPTZ ? rs_json_timestamp(j->p, j->n, text) : 0;
  rs_buf_json_str(b, n > 0 ? text : j->p, n > 0 ? n : j->n);
}

static void add_node(struct rs_buf *b, enum rs_type t, const struct rs_json *j)
{
  struct rs_buf text;
  if (j == NULL || j->kind == RS_J_NULL) {
    rs_buf_str(b, "null");
  } else if (t == RS_T_BOOL || t == RS_T_INT || t == RS_T_FLOAT) {
    rs_json_write(b, j);
  } else if (j->kind == RS_J_STRING && (j->mark & RS_DOC_MOMENTS) != 0) {
    add_datetime(b, t, j);
  } else if (j->kind == RS_J_STRING) {
    rs_doc_write_text(b, j);
  } else {
    rs_buf_init(&text, RS_BUF_SQL_MAX);
    rs_doc_write_json(&text, j);
    if (text.rc != RS_OK && b->rc == RS_OK) b->rc = text.rc;
    rs_buf_json_str(b, rs_buf_text(&text), text.n);
    rs_buf_free(&text);
  }
}

/* ---- stages ---------------------------------------------------------------------------------- */

static enum rs_code flush_batch(struct sender *x, struct rs_error *e)
{
  struct rs_buf b;
  if (rs_trino_batch_ready(&x->batch) == 0) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(x->s, &b, "INSERT INTO %r ", &x->stage);
  rs_trino_batch_source(x->s, &b, &x->batch);
  enum rs_code rc = rs_sql_run_buf(x->s, &b, NULL, e);
  rs_trino_batch_sent(&x->batch);
  return rc;
}

static enum rs_code row_done(struct sender *x, struct rs_error *e)
{
  enum rs_code rc = rs_trino_batch_row(&x->batch, e);
  return rc == RS_OK && x->batch.full ? flush_batch(x, e) : rc;
}

static enum rs_code open_sender(struct sender *x, struct rs_session *s, struct rs_doc_write *w,
                                const struct rs_trino_field *fields, size_t n, struct rs_error *e)
{
  struct rs_buf b;
  *x = (struct sender){.s = s};
  enum rs_code rc = rs_trino_batch_init(&x->batch, fields, n, e);
  if (rc == RS_OK) rc = rs_trino_aside(w->rel, "stage", w->a, &x->stage, e);
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_trino_batch_create(s, &b, &x->stage, &x->batch);
  return rs_sql_run_buf(s, &b, NULL, e);
}

static void close_sender(struct sender *x)
{
  rs_trino_batch_free(&x->batch);
  if (x->stage.name != NULL) rs_trino_drop_anyway(x->s, "TABLE", &x->stage);
}

/* ---- _ids ------------------------------------------------------------------------------------ */

static enum rs_code see_id(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct rs_doc_write *w = ctx;
  struct rs_value v;
  rs_rows_get(r, 0, &v);
  const struct rs_map_entry *m = v.kind == RS_TEXT ? rs_map_find(&w->ids, v.s.p, v.s.n) : NULL;
  return m != NULL ? rs_doc_exists(w, m->value, e) : RS_OK;
}

/* Adds ` WHERE "_id" IN (...)` for the ids from *at on, as many as fit into one statement; moves
** *at. */
static void add_where_ids(const struct rs_session *s, struct rs_buf *b,
                          const struct rs_doc_write *w, size_t *at)
{
  rs_sql_add(s, b, " WHERE %i IN (", "_id");
  for (size_t n = 0; *at < w->ids.n && b->n < RS_TRINO_TEXT_MAX; n++, (*at)++) {
    const struct rs_doc_entry *x = w->ids.v[*at].value;
    const struct rs_value v = {.kind = RS_TEXT, .s = {x->id, x->nid}};
    if (n > 0) rs_buf_str(b, ", ");
    rs_dialect_literal(s->target->dialect, b, &v);
  }
  rs_buf_char(b, ')');
}

static enum rs_code find_ids(struct rs_session *s, struct rs_doc_write *w, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t at = 0; at < w->ids.n && rc == RS_OK;) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_sql_add(s, &b, "SELECT %i FROM %r", "_id", w->rel);
    add_where_ids(s, &b, w, &at);
    rc = rs_sql_each(s, &b, see_id, w, NULL, e);
  }
  return rc;
}

static enum rs_code delete_documents(struct rs_session *s, struct rs_doc_write *w,
                                     struct rs_error *e)
{
  enum rs_code rc = find_ids(s, w, e);
  for (size_t at = 0; at < w->ids.n && rc == RS_OK;) {
    struct rs_buf b;
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_sql_add(s, &b, "DELETE FROM %r", w->rel);
    add_where_ids(s, &b, w, &at);
    w->sent = true;
    rc = rs_sql_run_buf(s, &b, NULL, e);
  }
  return rc;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* The two that every document has. */
static enum rs_code need_system_columns(struct rs_session *s, const struct rs_relation *rel,
                                        struct rs_error *e)
{
  const char *const *types = s->target->dialect->type_names;
  struct rs_columns has;
  enum rs_code rc = rs_sql_columns_of(s, rel, &has, e);
  if (rc != RS_OK) return rc;
  if (rs_sql_find_column(s, &has, "_id") < 0) {
    rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", rel, "_id", types[RS_T_TEXT]);
  }
  if (rc == RS_OK && rs_sql_find_column(s, &has, "_event_time") < 0) {
    rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", rel, "_event_time",
                    types[RS_T_TIMESTAMP]);
  }
  rs_columns_free(&has);
  return rc;
}

static enum rs_code add_document(struct sender *x, const struct rs_doc_entry *d,
                                 struct rs_doc_fields *f, const enum rs_type *types,
                                 const struct rs_json **values, struct rs_error *e)
{
  char now[40], when[RS_JSON_TIME_MAX];
  size_t n = 0;
  const struct rs_json *time = rs_json_get(d->tree, "_event_time");
  if (time != NULL && time->kind == RS_J_STRING) n = rs_json_timestamp(time->p, time->n, when);
  rs_format_timestamp(rs_wall_us(), now);
  rs_buf_json_str(rs_trino_batch_cell(&x->batch, 0), d->id, d->nid);
  rs_buf_json_str(rs_trino_batch_cell(&x->batch, 1), n > 0 ? when : now, n > 0 ? n : strlen(now));
  if (!rs_doc_fields_of(f, d->tree)) return rs_nomem(e);
  memset(values, 0, f->n * sizeof values[0]);
  const struct rs_doc_shape *at = f->shape;
  for (const struct rs_json *m = d->tree->first; m != NULL; m = m->next, at++) {
    if (at->field != RS_DOC_NO_FIELD) values[at->field] = m;
  }
  for (size_t i = 0; i < f->n; i++) {
    add_node(rs_trino_batch_cell(&x->batch, i + 2), types[i], values[i]);
  }
  return row_done(x, e);
}

static enum rs_code add_documents(struct rs_session *s, struct rs_doc_write *w,
                                  struct rs_doc_fields *f, struct rs_error *e)
{
  struct sender x = {.s = s};
  struct rs_trino_field *fields = rs_arena_calloc(w->a, (f->n + 2) * sizeof *fields);
  enum rs_type *types = rs_arena_calloc(w->a, (f->n + 1) * sizeof *types);
  const struct rs_json **values = rs_arena_calloc(w->a, (f->n + 1) * sizeof *values);
  if (fields == NULL || types == NULL || values == NULL) return rs_nomem(e);
  fields[0] = rs_trino_field("_id", RS_T_TEXT, NULL);
  fields[1] = rs_trino_field("_event_time", RS_T_TIMESTAMP, NULL);
  for (size_t i = 0; i < f->n; i++) {
    types[i] = column_type(&f->v[i].type);
    fields[i + 2] = rs_trino_field(f->v[i].name, types[i], NULL);
  }
  enum rs_code rc = need_system_columns(s, w->rel, e);
  if (rc == RS_OK) rc = find_ids(s, w, e);
  if (rc == RS_OK) rc = open_sender(&x, s, w, fields, f->n + 2, e);
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    const struct rs_doc_entry *d = &w->v[i];
    if (d->tree != NULL && d->last == i) rc = add_document(&x, d, f, types, values, e);
  }
  if (rc == RS_OK) rc = flush_batch(&x, e);
  if (rc == RS_OK) w->sent = true;
  if (rc == RS_OK) rc = rs_trino_merge(s, w->rel, &x.stage, &rs_trino_ids, RS_TRINO_EVOLVE, e);
  close_sender(&x);
  return rc;
}

/* ---- patching -------------------------------------------------------------------------------- */

struct patching {
  struct rs_doc_write *w;
  struct rs_doc_patches plan;
  struct rs_columns has; /* of the collection */
};

/* The mark that a string of the column carries, so that it goes back as what it was. */
static unsigned mark_of(enum rs_type t)
{
  return t == RS_T_DATE          ? RS_DOC_DATE
         : t == RS_T_TIME        ? RS_DOC_TIME
         : t == RS_T_TIMESTAMP   ? RS_DOC_DATETIME
         : t == RS_T_TIMESTAMPTZ ? RS_DOC_TIMESTAMP
                                 : 0;
}

/* A value that was read, as documents have it. Text that is an object or an array is one: there is
** no other column for them. NULL: out of memory. */
static struct rs_json *node_of(struct rs_arena *a, const struct rs_column *c,
                               const struct rs_value *v)
{
  struct rs_json *j = NULL;
  char *text = NULL;
  switch (v->kind) {
    case RS_NULL: return rs_json_new(a, RS_J_NULL);
    case RS_BOOL:
      j = rs_json_new(a, RS_J_BOOL);
      if (j != NULL) j->truth = v->i != 0;
      return j;
    case RS_INT: text = rs_arena_printf(a, "%lld", (long long)v->i); break;
    case RS_FLOAT: text = rs_arena_printf(a, "%.17g", v->f); break;
    default: text = rs_arena_strndup(a, v->s.p, v->s.n); break;
  }
  if (text == NULL) return NULL;
  if (v->kind == RS_INT || v->kind == RS_FLOAT) {
    j = rs_json_new(a, RS_J_NUMBER);
    if (j == NULL) return NULL;
    j->p = text;
    j->n = strlen(text);
    j->mark = v->kind == RS_INT ? RS_DOC_INT : RS_DOC_DOUBLE;
    return j;
  }
  const char *why;
  bool nested = v->s.n > 1 && (text[0] == '{' || text[0] == '[');
  if (nested && rs_json_parse(text, v->s.n, RS_DOC_DEPTH_MAX, a, &j, NULL) == RS_OK &&
      rs_doc_prepare(j, a, &why) == RS_OK) {
    return j;
  }
  j = rs_json_new_string(a, text, v->s.n);
  if (j != NULL) j->mark = mark_of(c->type);
  return j;
}

static enum rs_code read_field(void *ctx, size_t column, struct rs_rows *r, size_t *at,
                               struct rs_json **out, struct rs_error *e)
{
  const struct patching *p = ctx;
  struct rs_value v;
  rs_rows_get(r, (*at)++, &v);
  *out = node_of(p->w->a, &p->has.v[column], &v);
  return *out != NULL ? RS_OK : rs_nomem(e);
}

static enum rs_code see_document(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct patching *p = ctx;
  return rs_doc_patches_see(&p->plan, r, read_field, p, e);
}

static enum rs_code read_documents(struct rs_session *s, struct patching *p, struct rs_error *e)
{
  struct rs_buf b;
  enum rs_code rc = rs_sql_columns_of(s, p->w->rel, &p->has, e);
  for (size_t i = 0; i < p->has.n && rc == RS_OK; i++) {
    rc = rs_doc_patches_column(&p->plan, p->has.v[i].name, e);
  }
  for (size_t at = 0; at < p->w->ids.n && rc == RS_OK;) {
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_sql_add(s, &b, "SELECT %i", "_id");
    for (size_t i = 0; i < p->plan.n; i++) {
      struct rs_doc_touched *f = &p->plan.fields[i];
      f->column = rs_sql_find_column(s, &p->has, f->name);
      if (f->column >= 0) rs_sql_add(s, &b, ", %i", p->has.v[f->column].name);
    }
    rs_sql_add(s, &b, " FROM %r", p->w->rel);
    add_where_ids(s, &b, p->w, &at);
    rc = rs_sql_each(s, &b, see_document, p, NULL, e);
  }
  return rc;
}

/* The touched fields of the changed documents, into a stage and from there back. */
static enum rs_code write_back(struct rs_session *s, struct patching *p, struct rs_error *e)
{
  struct sender x = {.s = s};
  struct rs_trino_field *fields = rs_arena_calloc(p->w->a, (p->plan.n + 1) * sizeof *fields);
  if (fields == NULL) return rs_nomem(e);
  fields[0] = rs_trino_field("_id", RS_T_TEXT, NULL);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < p->plan.n && rc == RS_OK; i++) {
    struct rs_doc_touched *f = &p->plan.fields[i];
    for (size_t k = 0; k < p->w->ids.n && rc == RS_OK; k++) {
      const struct rs_json *v = p->plan.docs[k].changed != NULL
                                  ? rs_json_get(p->plan.docs[k].tree, f->name)
                                  : NULL;
      if (v != NULL) rc = rs_doc_infer(&f->type, v, p->w->a, e);
    }
    if (rc == RS_OK) rc = rs_doc_settle(&f->type, true, p->w->a, e);
    f->sent = column_type(&f->type);
    fields[i + 1] = rs_trino_field(f->name, f->sent, NULL);
  }
  if (rc == RS_OK) rc = open_sender(&x, s, p->w, fields, p->plan.n + 1, e);
  for (size_t k = 0; k < p->w->ids.n && rc == RS_OK; k++) {
    if (p->plan.docs[k].changed == NULL) continue;
    rs_buf_json_str(rs_trino_batch_cell(&x.batch, 0), p->w->ids.v[k].key, p->w->ids.v[k].key_len);
    for (size_t i = 0; i < p->plan.n; i++) {
      add_node(rs_trino_batch_cell(&x.batch, i + 1), p->plan.fields[i].sent,
               rs_json_get(p->plan.docs[k].tree, p->plan.fields[i].name));
    }
    rc = row_done(&x, e);
  }
  if (rc == RS_OK) rc = flush_batch(&x, e);
  if (rc == RS_OK) p->w->sent = true;
  if (rc == RS_OK)
    rc = rs_trino_merge(s, p->w->rel, &x.stage, &rs_trino_ids, RS_TRINO_EVOLVE | RS_TRINO_PARTIAL,
                        e);
  close_sender(&x);
  return rc;
}

static enum rs_code patch_documents(struct rs_session *s, struct rs_doc_write *w,
                                    struct rs_error *e)
{
  struct patching p = {.w = w};
  bool any = false;
  enum rs_code rc = rs_doc_patches_open(&p.plan, w, true, e);
  if (rc == RS_OK) rc = read_documents(s, &p, e);
  if (rc == RS_OK) rc = rs_doc_patches_apply(&p.plan, e);
  for (size_t k = 0; k < w->ids.n && rc == RS_OK; k++) any = any || p.plan.docs[k].changed != NULL;
  if (rc == RS_OK && any && p.plan.n > 0) rc = write_back(s, &p, e);
  rs_columns_free(&p.has);
  rs_doc_patches_free(&p.plan);
  return rc;
}

const struct rs_doc_ops rs_trino_doc_ops = {
  .add = add_documents,
  .patch = patch_documents,
  .remove = delete_documents,
};
