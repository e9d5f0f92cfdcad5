/*
** Files as documents of a new table (documents.h): batches of them go the way that documents go
** (struct rs_doc_ops), so that each is what a call of rs_session_write would make of it.
**
** The files are read twice: first for the types of all fields, since DuckDB can't add a column to a
** table that got rows in the same transaction. `_id` may be a number, and may be another field;
** which of them occur twice is for the caller to see, once all are there. A record that can't be a
** document ends the load.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/load/load.h"
#include "src/engine/slots.h"
#include "internal.h"

#define BATCH_BYTES ((size_t)8 << 20)
#define BATCH_MOST 50000

struct loading {
  struct rs_session *s;
  const struct rs_relation *rel;
  const struct rs_load_source *src;
  struct rs_buf text;       /* of this batch */
  struct rs_document *docs; /* json: where it begins in text, + 1 */
  size_t *at, n, cap, cap_at;
  int64_t rows;
  bool has_ids;
  struct rs_arena a;
  struct rs_doc_fields fields; /* of all records */
  bool knows;                  /* their types; the records are written */
};

/* What is wrong with a record of the batch. */
static enum rs_code refuse(struct loading *x, size_t i, struct rs_error *e)
{
  return rs_fail(
    e, RS_INVALID,
    "record %lld: %s (the load option {\"documents\":false} reads it as a row of typed "
    "columns)",
    (long long)x->rows + (long long)i + 1, x->docs[i].error);
}

/* Takes the batch's values into account. */
static enum rs_code learn(struct loading *x, const struct rs_doc_write *w, struct rs_error *e)
{
  struct rs_doc_fields *f = &x->fields;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < w->n && rc == RS_OK; i++) {
    if (!rs_doc_fields_of(f, w->v[i].tree)) return rs_nomem(e);
    const struct rs_doc_shape *at = f->shape;
    for (const struct rs_json *m = w->v[i].tree->first; m != NULL && rc == RS_OK;
         m = m->next, at++) {
      if (at->field == RS_DOC_NO_FIELD) continue;
      struct rs_doc_field *field = &f->v[at->field];
      field->odd = field->odd || rs_doc_has_null(m);
      rc = rs_doc_infer(&field->type, m, &x->a, e);
    }
  }
  return rc;
}

static enum rs_code send_batch(struct loading *x, struct rs_error *e)
{
  struct rs_doc_call j;
  struct rs_arena out;
  if (x->n == 0) return RS_OK;
  for (size_t i = 0; i < x->n; i++) x->docs[i].json = rs_buf_text(&x->text) + x->at[i];
  rs_arena_init(&out, 0);
  enum rs_code rc = rs_doc_call_load(&j, x->docs, x->n, x->src->load->id_field, &out, e);
  j.w.rel = x->rel;
  for (size_t i = 0; i < x->n && rc == RS_OK; i++) {
    x->has_ids = x->has_ids || !j.w.v[i].made;
    if (j.w.v[i].tree == NULL) rc = refuse(x, i, e);
  }
  x->fields.known = 0; // its names lie in the batch before
  if (rc == RS_OK)
    rc = x->knows ? x->s->target->engine->documents->add(x->s, &j.w, &x->fields, e)
                  : learn(x, &j.w, e);
  rs_doc_call_free(&j);
  rs_arena_free(&out);
  x->rows += (int64_t)x->n;
  x->n = 0;
  rs_buf_clear(&x->text);
  if (rc == RS_OK && x->knows && x->src->load->progress != NULL)
    x->src->load->progress(x->src->load->progress_ctx, x->rows);
  return rc;
}

static enum rs_code take_record(void *ctx, const char *json, size_t n, struct rs_error *e)
{
  struct loading *x = ctx;
  if (!rs_grow(&x->docs, &x->cap, x->n + 1, sizeof x->docs[0]) ||
      !rs_grow(&x->at, &x->cap_at, x->n + 1, sizeof x->at[0]))
    return rs_nomem(e);
  x->at[x->n] = x->text.n;
  x->docs[x->n++] = (struct rs_document){.n = n};
  rs_buf_add(&x->text, json, n);
  if (x->text.rc != RS_OK) return rs_buf_error(&x->text, e, "documents");
  return x->text.n < BATCH_BYTES && x->n < BATCH_MOST ? RS_OK : send_batch(x, e);
}

static enum rs_code read_files(struct loading *x, struct rs_error *e)
{
  x->rows = 0;
  enum rs_code rc = rs_load_records(x->src, take_record, x, e);
  if (rc == RS_OK && (rc = send_batch(x, e)) != RS_OK) (void)rs_error_prefix(e, "%s", x->src->what);
  if (rc == RS_OK && x->rows != x->src->most)
    rc = rs_fail(e, RS_INVALID,
                 "%s: %lld records were read where %lld are: it was written to meanwhile",
                 x->src->what, (long long)x->rows, (long long)x->src->most);
  return rc;
}

/* The table, with the columns of all fields and their sidecars. */
static enum rs_code make_table(struct loading *x, struct rs_error *e)
{
  const char *const *types = x->s->target->dialect->type_names;
  struct rs_doc_fields *f = &x->fields;
  struct rs_doc_write none = {.rel = x->rel, .a = &x->a, .out = &x->a};
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < f->n && rc == RS_OK; i++) {
    rc = rs_doc_settle(&f->v[i].type, true, &x->a, e);
    rs_doc_learn_exact(&f->v[i].type);
    f->v[i].odd = rs_doc_needs_side(&f->v[i].type, f->v[i].odd);
  }
  if (rc == RS_OK)
    rc = rs_sql_run(x->s, NULL, e, "CREATE TABLE %r (%i %s, %i %s)", x->rel, "_id",
                    types[RS_T_TEXT], "_event_time", types[RS_T_TIMESTAMP]);
  rs_map_init(&none.ids);
  if (rc == RS_OK) rc = x->s->target->engine->documents->add(x->s, &none, f, e);
  x->knows = true;
  return rc;
}

enum rs_code rs_doc_load(struct rs_session *s, const struct rs_relation *rel,
                         const struct rs_load_source *src, int64_t *rows, bool *has_ids,
                         struct rs_error *e)
{
  struct loading x = {.s = s, .rel = rel, .src = src};
  rs_buf_init(&x.text, (size_t)1 << 30);
  rs_arena_init(&x.a, 0);
  rs_doc_fields_init(&x.fields, &x.a);
  enum rs_code rc = read_files(&x, e);
  if (rc == RS_OK) rc = make_table(&x, e);
  if (rc == RS_OK) rc = read_files(&x, e);
  rs_buf_free(&x.text);
  rs_free(x.docs);
  rs_free(x.at);
  rs_doc_fields_free(&x.fields);
  rs_arena_free(&x.a);
  *rows = x.rows;
  *has_ids = x.has_ids;
  return rc;
}
