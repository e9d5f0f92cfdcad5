/*
** Documents by `_id` on Trino (rs_session_write in engine/control.h; trino.h).
**
** Added ones travel into a stage and are merged from there, as an appended file is: one MERGE is
** what readers see. Patched ones are read, changed here, and merged back with the fields that
** changed. What a field's column can't tell goes into its sidecar (sides.c).
*/
#include <stdio.h>
#include <string.h>
#include "src/value/text.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/slots.h"
#include "src/engine/sql/sql.h"
#include "src/value/field_name.h"
#include "trino.h"

/* Rows on their way to a stage. */
struct sender {
  struct rs_session *s;
  struct rs_relation stage;
  struct rs_trino_batch batch;
};

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
                                        const struct rs_columns *has, struct rs_error *e)
{
  const char *const *types = s->target->dialect->type_names;
  enum rs_code rc = RS_OK;
  if (rs_sql_find_column(s, has, "_id") < 0) {
    rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", rel, "_id", types[RS_T_TEXT]);
  }
  if (rc == RS_OK && rs_sql_find_column(s, has, "_event_time") < 0) {
    rc = rs_sql_run(s, NULL, e, "ALTER TABLE %r ADD COLUMN %i %s", rel, "_event_time",
                    types[RS_T_TIMESTAMP]);
  }
  return rc;
}

/* Documents on their way. */
struct adding {
  struct rs_session *s;
  struct rs_doc_write *w;
  struct rs_doc_fields *f;
  struct rs_columns has; /* of the collection */
  struct rs_trino_place *places;
  const struct rs_json **values; /* of one document, by field */
  struct sender out;
};

static bool take_values(struct adding *x, const struct rs_doc_entry *d)
{
  if (!rs_doc_fields_of(x->f, d->tree)) return false;
  memset(x->values, 0, x->f->n * sizeof x->values[0]);
  const struct rs_doc_shape *at = x->f->shape;
  for (const struct rs_json *m = d->tree->first; m != NULL; m = m->next, at++) {
    if (at->field != RS_DOC_NO_FIELD) x->values[at->field] = m;
  }
  return true;
}

static bool is_written(const struct rs_doc_write *w, size_t i)
{
  return w->v[i].tree != NULL && w->v[i].last == i;
}

static enum rs_code find_places(struct adding *x, struct rs_error *e)
{
  struct rs_doc_fields *f = x->f;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    rc = rs_trino_place(x->s, x->w->rel, &x->has, f->v[i].name, &f->v[i].type, x->w->a,
                        &x->places[i], e);
    x->places[i].side = x->places[i].side || f->v[i].odd;
  }
  for (size_t i = 0; i < x->w->n && rc == RS_OK; i++) {
    if (!is_written(x->w, i)) continue;
    if (!take_values(x, &x->w->v[i])) return rs_nomem(e);
    for (size_t k = 0; k < f->n; k++)
      if (x->values[k] != NULL) rs_trino_place_see(&x->places[k], x->values[k]);
  }
  return rc;
}

static enum rs_code add_document(struct adding *x, const struct rs_doc_entry *d, struct rs_error *e)
{
  char now[40], when[RS_JSON_TIME_MAX];
  size_t n = 0, at = 2;
  struct rs_trino_batch *b = &x->out.batch;
  const struct rs_json *time = rs_json_get(d->tree, "_event_time");
  if (time != NULL && time->kind == RS_J_STRING) n = rs_json_timestamp(time->p, time->n, when);
  rs_format_timestamp(rs_wall_us(), now);
  rs_buf_json_str(rs_trino_batch_cell(b, 0), d->id, d->nid);
  rs_buf_json_str(rs_trino_batch_cell(b, 1), n > 0 ? when : now, n > 0 ? n : strlen(now));
  if (!take_values(x, d)) return rs_nomem(e);
  for (size_t i = 0; i < x->f->n; i++) rs_trino_place_add(&x->places[i], b, &at, x->values[i]);
  return row_done(&x->out, e);
}

static enum rs_code send_documents(struct adding *x, struct rs_error *e)
{
  struct rs_doc_write *w = x->w;
  struct rs_trino_field *fields = rs_arena_calloc(w->a, (2 * x->f->n + 2) * sizeof *fields);
  size_t n = 2;
  if (fields == NULL) return rs_nomem(e);
  fields[0] = rs_trino_field("_id", RS_T_TEXT, NULL);
  fields[1] = rs_trino_field("_event_time", RS_T_TIMESTAMP, NULL);
  for (size_t i = 0; i < x->f->n; i++) rs_trino_place_fields(&x->places[i], fields, &n);
  enum rs_code rc = open_sender(&x->out, x->s, w, fields, n, e);
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    if (is_written(w, i)) rc = add_document(x, &w->v[i], e);
  }
  if (rc == RS_OK) rc = flush_batch(&x->out, e);
  if (rc == RS_OK) w->sent = true;
  if (rc == RS_OK)
    rc = rs_trino_merge(x->s, w->rel, &x->out.stage, &rs_trino_ids, RS_TRINO_EVOLVE, e);
  close_sender(&x->out);
  return rc;
}

static enum rs_code add_documents(struct rs_session *s, struct rs_doc_write *w,
                                  struct rs_doc_fields *f, struct rs_error *e)
{
  struct adding x = {.s = s, .w = w, .f = f};
  x.places = rs_arena_calloc(w->a, (f->n + 1) * sizeof x.places[0]);
  x.values = rs_arena_calloc(w->a, (f->n + 1) * sizeof x.values[0]);
  if (x.places == NULL || x.values == NULL) return rs_nomem(e);
  enum rs_code rc = rs_sql_columns_of(s, w->rel, &x.has, e);
  if (rc == RS_OK) rc = need_system_columns(s, w->rel, &x.has, e);
  if (rc == RS_OK) rc = find_ids(s, w, e);
  if (rc == RS_OK) rc = find_places(&x, e);
  if (rc == RS_OK) rc = send_documents(&x, e);
  rs_columns_free(&x.has);
  return rc;
}

/* ---- patching -------------------------------------------------------------------------------- */

struct patching {
  struct rs_doc_write *w;
  struct rs_doc_patches plan;
  struct rs_columns has; /* of the collection */
  int *sides;            /* by column: its sidecar; -1: it has none */
  bool *is_side;
  struct rs_trino_place *places; /* by field */
};

static enum rs_code find_sides(struct rs_session *s, struct patching *p, struct rs_error *e)
{
  const size_t n = p->has.n;
  p->sides = rs_arena_calloc(p->w->a, (n + 1) * sizeof p->sides[0]);
  p->is_side = rs_arena_calloc(p->w->a, n + 1);
  if (p->sides == NULL || p->is_side == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    const char *name = rs_trino_side_name(p->w->a, p->has.v[i].name);
    if (name == NULL) return rs_nomem(e);
    p->sides[i] = rs_sql_find_column(s, &p->has, name);
    if (p->sides[i] >= 0) p->is_side[p->sides[i]] = true;
  }
  return RS_OK;
}

static enum rs_code read_field(void *ctx, size_t column, struct rs_rows *r, size_t *at,
                               struct rs_json **out, struct rs_error *e)
{
  const struct patching *p = ctx;
  const bool sided = p->sides[column] >= 0;
  struct rs_value v, side;
  rs_rows_get(r, (*at)++, &v);
  if (sided) rs_rows_get(r, (*at)++, &side);
  return rs_trino_place_read(p->w->a, &p->has.v[column], &v, sided ? &side : NULL, out, e);
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
  if (rc == RS_OK) rc = find_sides(s, p, e);
  for (size_t i = 0; i < p->has.n && rc == RS_OK; i++) {
    const char *field = rs_field_of(p->w->a, p->has.v[i].name);
    if (field == NULL) rc = rs_nomem(e);
    else if (!p->is_side[i]) rc = rs_doc_patches_column(&p->plan, field, e);
  }
  for (size_t at = 0; at < p->w->ids.n && rc == RS_OK;) {
    rs_buf_init(&b, RS_BUF_SQL_MAX);
    rs_sql_add(s, &b, "SELECT %i", "_id");
    for (size_t i = 0; i < p->plan.n; i++) {
      struct rs_doc_touched *f = &p->plan.fields[i];
      f->column = rs_columns_field(&p->has, f->name);
      if (f->column < 0) continue;
      rs_sql_add(s, &b, ", %i", p->has.v[f->column].name);
      const int side = p->sides[f->column];
      if (side >= 0) rs_sql_add(s, &b, ", %i", p->has.v[side].name);
    }
    rs_sql_add(s, &b, " FROM %r", p->w->rel);
    add_where_ids(s, &b, p->w, &at);
    rc = rs_sql_each(s, &b, see_document, p, NULL, e);
  }
  return rc;
}

/* A touched field of a document that has changed; NULL: it has none. */
static const struct rs_json *changed_value(const struct patching *p, size_t k, size_t i)
{
  if (p->plan.docs[k].changed == NULL) return NULL;
  return rs_json_get(p->plan.docs[k].tree, p->plan.fields[i].name);
}

/* What the touched fields need now; *n: so many fields of a batch. */
static enum rs_code find_patch_places(struct rs_session *s, struct patching *p,
                                      struct rs_trino_field *fields, size_t *n, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < p->plan.n && rc == RS_OK; i++) {
    struct rs_doc_touched *f = &p->plan.fields[i];
    for (size_t k = 0; k < p->w->ids.n && rc == RS_OK; k++) {
      const struct rs_json *v = changed_value(p, k, i);
      if (v != NULL) rc = rs_doc_infer(&f->type, v, p->w->a, e);
    }
    if (rc == RS_OK) rc = rs_doc_settle(&f->type, true, p->w->a, e);
    if (rc == RS_OK)
      rc = rs_trino_place(s, p->w->rel, &p->has, f->name, &f->type, p->w->a, &p->places[i], e);
    for (size_t k = 0; k < p->w->ids.n && rc == RS_OK; k++) {
      const struct rs_json *v = changed_value(p, k, i);
      if (v != NULL) rs_trino_place_see(&p->places[i], v);
    }
    if (rc == RS_OK) rs_trino_place_fields(&p->places[i], fields, n);
  }
  return rc;
}

/* The touched fields of the changed documents, into a stage and from there back. */
static enum rs_code write_back(struct rs_session *s, struct patching *p, struct rs_error *e)
{
  struct sender x = {.s = s};
  struct rs_trino_field *fields = rs_arena_calloc(p->w->a, (2 * p->plan.n + 1) * sizeof *fields);
  size_t n = 1;
  p->places = rs_arena_calloc(p->w->a, (p->plan.n + 1) * sizeof p->places[0]);
  if (fields == NULL || p->places == NULL) return rs_nomem(e);
  fields[0] = rs_trino_field("_id", RS_T_TEXT, NULL);
  enum rs_code rc = find_patch_places(s, p, fields, &n, e);
  if (rc == RS_OK) rc = open_sender(&x, s, p->w, fields, n, e);
  for (size_t k = 0; k < p->w->ids.n && rc == RS_OK; k++) {
    size_t at = 1;
    if (p->plan.docs[k].changed == NULL) continue;
    rs_buf_json_str(rs_trino_batch_cell(&x.batch, 0), p->w->ids.v[k].key, p->w->ids.v[k].key_len);
    for (size_t i = 0; i < p->plan.n; i++)
      rs_trino_place_add(&p->places[i], &x.batch, &at, changed_value(p, k, i));
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
  enum rs_code rc = rs_doc_patches_open(&p.plan, w, e);
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
