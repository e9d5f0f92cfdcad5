/*
** Bulk ingestion: the rest of a session's rows becomes an Arrow stream that the driver pulls into a
** new table, or one that is there (AdbcStatementBindStream). Rows of an ADBC engine pass as they
** are, so that UNION, STRUCT and JSON columns keep their types; other rows are converted.
**
** Drivers ignore what a stream's functions return: an error is kept in the input and wins
** afterwards, and the number of rows that left is compared with what arrived.
*/
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "adbc.h"
#include "src/engine/changes.h"

enum { BATCH_ROWS = 16384, BATCH_BYTES = 32 << 20 };

struct input {
  struct rs_rows *src;
  const _Atomic bool *stop;
  bool json;                        /* values of JSON and mixed columns become JSON texts */
  struct rs_buf text;               /* of the row */
  struct rs_arrow_builder *builder; /* NULL: src's batches are Arrow */
  struct ArrowSchema schema;        /* of the builder */
  struct rs_value *row;
  int64_t rows;
  enum rs_code rc;
  struct rs_error error;
};

static const char *input_error(struct ArrowArrayStream *s)
{
  struct input *f = s->private_data;
  return f->rc ? f->error.text : NULL;
}

/* The input belongs to rs_adbc_ingest. */
static void input_release(struct ArrowArrayStream *s)
{
  s->release = NULL;
}

static void lent_release(struct ArrowSchema *s)
{
  s->release = NULL;
}

/* Lent, not copied: it outlives the ingestion; and it can't fail, since drivers don't look. */
static int input_schema(struct ArrowArrayStream *s, struct ArrowSchema *out)
{
  const struct input *f = s->private_data;
  const struct rs_input *arrays = f->src ? f->src->arrays : NULL;
  if (arrays && arrays->schema) *out = *arrays->schema;
  else *out = f->builder ? f->schema : ((const struct rs_adbc_rows *)f->src->impl)->raw;
  out->release = lent_release;
  return 0;
}

/* "300" is not 300. */
enum rs_code rs_adbc_json_row(const struct rs_columns *columns, struct rs_value *row,
                              struct rs_buf *text, struct rs_error *e)
{
  size_t at = 0;
  rs_buf_clear(text);
  for (int pass = 0; pass < 2 && text->rc == RS_OK; pass++) {
    for (size_t c = 0; c < columns->n; c++) {
      struct rs_value *v = &row[c];
      bool json = columns->v[c].type == RS_T_JSON || columns->v[c].type == RS_T_MIXED;
      if (!json || v->kind == RS_NULL) continue;
      if (pass == 1) { // the buffer stays where it is now
        v->kind = RS_TEXT;
        v->s.p = text->p + at;
        v->s.n = strlen(v->s.p);
        at += v->s.n + 1;
        continue;
      }
      switch (v->kind) {
        case RS_BOOL: rs_buf_str(text, v->i != 0 ? "true" : "false"); break;
        case RS_INT: rs_buf_int(text, v->i); break;
        case RS_FLOAT: rs_buf_json_double(text, v->f); break;
        case RS_JSON: rs_buf_add(text, v->s.p, v->s.n); break;
        default: rs_buf_json_str(text, v->s.p, v->s.n); break;
      }
      rs_buf_char(text, 0);
    }
  }
  return rs_buf_error(text, e, "a row");
}

/* Converts rows until the batch is full or the source ends. */
static enum rs_code convert(struct input *f, struct ArrowArray *out)
{
  const struct rs_engine *engine = f->src->session->target->engine;
  enum rs_code rc = RS_OK;
  void *batch = NULL;
  size_t n = 0;
  // Source batches are small (thousands of rows) or of one response: taken whole
  while (!rc && rs_arrow_builder_rows(f->builder) < BATCH_ROWS) {
    rc = rs_rows_pull(f->src, &batch, &n, &f->error);
    if (rc) break;
    for (size_t i = 0; i < n && !rc; i++) {
      for (size_t c = 0; c < f->src->columns.n; c++) engine->get(f->src, batch, i, c, &f->row[c]);
      if (f->json) rc = rs_adbc_json_row(&f->src->columns, f->row, &f->text, &f->error);
      if (!rc)
        rc = f->src->nomem ? rs_nomem(&f->error)
                           : rs_arrow_builder_row(f->builder, f->row, &f->error);
    }
    engine->free_batch(f->src, batch);
    if (rs_arrow_builder_bytes(f->builder) > BATCH_BYTES) break;
  }
  if (rc && rc != RS_DONE) return rc;
  if (rs_arrow_builder_rows(f->builder) == 0) return RS_DONE;
  return rs_arrow_builder_finish(f->builder, out, &f->error);
}

static int input_next(struct ArrowArrayStream *s, struct ArrowArray *out)
{
  struct input *f = s->private_data;
  void *batch = NULL;
  size_t n = 0;
  memset(out, 0, sizeof *out);
  if (f->rc) return f->rc == RS_DONE ? 0 : EIO;
  if (atomic_load(f->stop)) {
    f->rc = rs_fail(&f->error, RS_CANCELLED, "interrupted");
  } else if (!f->src) {
    f->rc = rs_arrow_builder_rows(f->builder) > 0
              ? rs_arrow_builder_finish(f->builder, out, &f->error)
              : RS_DONE;
  } else if (f->src->arrays) {
    f->rc = f->src->arrays->next_array(f->src->arrays->ctx, out, &f->error);
  } else if (f->builder) {
    f->rc = convert(f, out);
  } else {
    f->rc = rs_rows_pull(f->src, &batch, &n, &f->error);
    if (!f->rc) rs_adbc_take_array(f->src, batch, out);
  }
  if (!f->rc) {
    f->rows += out->length;
    return 0;
  }
  return f->rc == RS_DONE ? 0 : EIO;
}

/* Prepares the conversion of rows that are no Arrow batches. */
static enum rs_code input_convert(struct input *f, struct rs_error *e)
{
  size_t n = f->src->columns.n;
  enum rs_code rc = RS_OK;
  enum rs_type *types = rs_calloc(n ? n : 1, sizeof *types);
  const char **names = rs_calloc(n ? n : 1, sizeof *names);
  f->row = rs_calloc(n ? n : 1, sizeof *f->row);
  if (!types || !names || !f->row) rc = rs_nomem(e);
  for (size_t i = 0; i < n && !rc; i++) {
    types[i] = f->src->columns.v[i].type;
    names[i] = f->src->columns.v[i].name;
  }
  if (!rc) rc = rs_arrow_builder_new(types, names, n, &f->builder, e);
  const unsigned *mixes = f->src->arrays ? f->src->arrays->mixes : NULL;
  for (size_t i = 0; i < n && !rc && mixes; i++)
    if (types[i] == RS_T_MIXED) rc = rs_arrow_builder_mix(f->builder, i, mixes[i], e);
  // A table that is there takes values of its own types only
  for (size_t i = 0; i < n && !rc && f->src->append; i++) {
    if (types[i] == RS_T_DATE) rs_arrow_builder_date(f->builder, i);
    if (types[i] == RS_T_TIMESTAMP) rs_arrow_builder_timestamp(f->builder, i);
  }
  if (!rc) rc = rs_arrow_builder_schema(f->builder, &f->schema, e);
  rs_free(types);
  rs_free(names);
  return rc;
}

static enum rs_code set_options(struct rs_adbc_conn *c, struct AdbcStatement *st,
                                const struct rs_relation *stage, const struct rs_rows *src,
                                struct rs_error *e)
{
  const bool append = src && src->append, lent = src && src->lent;
  const struct {
    const char *key, *value;
  } options[] = {
    {RS_ADBC_INGEST_TABLE, stage->name},
    {RS_ADBC_INGEST_CATALOG, lent ? stage->database : NULL},
    {RS_ADBC_INGEST_SCHEMA, stage->workspace},
    {RS_ADBC_INGEST_TEMPORARY, stage->workspace ? NULL : "true"},
    {RS_ADBC_INGEST_MODE, append ? RS_ADBC_INGEST_APPEND
                          : lent ? RS_ADBC_INGEST_REPLACE
                                 : RS_ADBC_INGEST_CREATE},
  };
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    struct AdbcError a = {.vendor_code = INT32_MIN};
    AdbcStatusCode status = options[i].value ? c->driver->fn.StatementSetOption(
                                                 st, options[i].key, options[i].value, &a)
                                             : ADBC_STATUS_OK;
    if (status != ADBC_STATUS_OK) return rs_adbc_fail(c->driver, status, &a, e);
  }
  return RS_OK;
}

static enum rs_code pass_to_driver(struct rs_adbc_conn *c, const struct rs_relation *stage,
                                   struct input *f, int64_t *arrived, struct rs_error *e)
{
  const struct AdbcDriver *fn = &c->driver->fn;
  struct AdbcStatement st = {0};
  struct AdbcError a = {.vendor_code = INT32_MIN};
  struct ArrowArrayStream stream = {input_schema, input_next, input_error, input_release, f};
  AdbcStatusCode status = fn->StatementNew(&c->c, &st, &a);
  if (status != ADBC_STATUS_OK) return rs_adbc_fail(c->driver, status, &a, e);
  enum rs_code rc = set_options(c, &st, stage, f->src, e);
  if (!rc) {
    status = fn->StatementBindStream(&st, &stream, &a);
    if (status == ADBC_STATUS_OK) status = fn->StatementExecuteQuery(&st, NULL, arrived, &a);
    if (status != ADBC_STATUS_OK) rc = rs_adbc_fail(c->driver, status, &a, e);
  }
  a = (struct AdbcError){.vendor_code = INT32_MIN};
  fn->StatementRelease(&st, &a);
  if (a.release) a.release(&a);
  return rc;
}

static enum rs_code check_count(const struct rs_relation *stage, int64_t sent, int64_t arrived,
                                struct rs_error *e)
{
  if (arrived < 0 || arrived == sent) return RS_OK;
  return rs_fail(e, RS_REMOTE, "%lld rows were sent to %s.%s and %lld arrived", (long long)sent,
                 stage->workspace ? stage->workspace : "temp", stage->name, (long long)arrived);
}

enum rs_code rs_adbc_stage(struct rs_adbc_conn *c, const char *name, struct rs_arrow_builder *rows,
                           const _Atomic bool *stop, struct rs_error *e)
{
  struct rs_relation stage = {.workspace = NULL, .name = name};
  struct input *f = rs_calloc(1, sizeof *f);
  int64_t arrived = -1;
  if (!f) return rs_nomem(e);
  f->builder = rows;
  f->stop = stop;
  enum rs_code rc = rs_arrow_builder_schema(rows, &f->schema, e);
  if (!rc) rc = pass_to_driver(c, &stage, f, &arrived, e);
  if (f->rc && f->rc != RS_DONE) {
    rc = f->rc;
    if (e) *e = f->error;
  }
  if (!rc) rc = check_count(&stage, f->rows, arrived, e);
  if (f->schema.release) f->schema.release(&f->schema);
  rs_free(f);
  return rc;
}

enum rs_code rs_adbc_ingest(struct rs_adbc_conn *c, const struct rs_relation *stage,
                            struct rs_rows *src, enum rs_adbc_pass pass, const _Atomic bool *stop,
                            int64_t *count, struct rs_error *e)
{
  struct input *f = rs_calloc(1, sizeof *f);
  int64_t arrived = -1;
  if (!f) return rs_nomem(e);
  f->src = src;
  f->stop = stop;
  enum rs_code rc = RS_OK;
  f->json = pass == RS_ADBC_JSON;
  rs_buf_init(&f->text, RS_BUF_SQL_MAX * 16);
  const bool own = src->arrays && src->arrays->schema;
  if (!own && (pass != RS_ADBC_AS_IS || !src->session->target->engine->arrow_rows))
    rc = input_convert(f, e);
  if (!rc) rc = pass_to_driver(c, stage, f, &arrived, e);
  // The input's own error is the cause of whatever the driver made of it
  if (f->rc && f->rc != RS_DONE) {
    rc = f->rc;
    if (e) *e = f->error;
  }
  if (!rc) rc = check_count(stage, f->rows, arrived, e);
  *count = f->rows;
  if (f->schema.release) f->schema.release(&f->schema);
  rs_arrow_builder_free(f->builder);
  rs_buf_free(&f->text);
  rs_free(f->row);
  rs_free(f);
  return rc;
}
