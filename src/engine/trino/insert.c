/*
** Rows of another session, maybe of another engine, into a table (rs_session_ingest; trino.h):
** statements of bounded size, each of which the server commits by itself. Whoever reads the table
** before all of them are done sees a part: that is why it is a stage.
*/
#include <math.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/sql/sql.h"
#include "trino.h"

/* ---- fields ---------------------------------------------------------------------------------- */

struct rs_trino_field rs_trino_field(const char *name, enum rs_type t, const char *type)
{
  const struct rs_dialect *d = rs_dialect_find("trino");
  struct rs_trino_field f = {name, type != NULL ? type : d->type_names[t], "VARCHAR", "%s"};
  switch (t) {
    case RS_T_BOOL: f.wire = "BOOLEAN"; break;
    case RS_T_INT: f.wire = "BIGINT"; break;
    case RS_T_FLOAT: f.wire = "DOUBLE"; break;
    case RS_T_BYTES: f.expr = "from_base64(%s)"; break;
    case RS_T_TIMESTAMPTZ: f.expr = "%s || ' UTC'"; break;
    default: break;
  }
  return f;
}

/* Appends a row's value to JSON text. */
static void add_value(struct rs_buf *b, enum rs_type t, const struct rs_value *v)
{
  bool quote = t != RS_T_FLOAT;
  switch (v->kind) {
    case RS_NULL: rs_buf_str(b, "null"); break;
    case RS_BOOL:
      rs_buf_printf(b, t == RS_T_BOOL ? "%s" : "\"%s\"", v->i != 0 ? "true" : "false");
      break;
    case RS_INT:
      rs_buf_printf(b, t == RS_T_INT || t == RS_T_FLOAT ? "%lld" : "\"%lld\"", (long long)v->i);
      break;
    case RS_FLOAT:
      if (isinf(v->f)) {
        rs_buf_str(b, v->f > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        break;
      }
      if (quote) rs_buf_char(b, '"');
      rs_buf_json_double(b, v->f);
      if (quote) rs_buf_char(b, '"');
      break;
    case RS_BYTES:
      rs_buf_char(b, '"');
      rs_base64_add(b, v->s.p, v->s.n);
      rs_buf_char(b, '"');
      break;
    case RS_TEXT:
    case RS_JSON: rs_buf_json_str(b, v->s.p, v->s.n); break;
    case RS_LIST: b->rc = b->rc == RS_OK ? RS_INTERNAL : b->rc; break;
  }
}

/* ---- ingestion ------------------------------------------------------------------------------- */

struct ingest {
  struct rs_session *s;
  const struct rs_relation *into;
  struct rs_rows *src;
  struct rs_trino_field *fields;
  struct rs_trino_batch batch;
  int64_t count;
};

/* On the I/O thread: runs the statement in b to its end and frees it. */
static enum rs_code run_here(struct rs_session *s, struct rs_buf *b, int64_t *affected,
                             struct rs_error *e)
{
  struct rs_trino_stream *st = NULL;
  enum rs_code rc = rs_buf_error(b, e, "statement");
  if (rc == RS_OK) rc = rs_trino_run(s, rs_buf_text(b), true, &st, e);
  if (rc == RS_OK) rc = rs_trino_drain(st, e);
  if (rc == RS_OK && affected != NULL) *affected = rs_trino_updated(st);
  rs_trino_close(st);
  rs_buf_free(b);
  return rc;
}

/* What DuckDB calls it is what Trino calls it, for these. */
static const char *own_type(const struct rs_column *c)
{
  return c->type == RS_T_DECIMAL && rs_casecmpn(c->native, "decimal(", 8) == 0 ? c->native : NULL;
}

/* What the columns are, and their table where rows are not for one that is there. */
static enum rs_code make_table(struct ingest *x, struct rs_error *e)
{
  const struct rs_columns *columns = rs_rows_columns(x->src);
  struct rs_buf b;
  for (size_t i = 0; i < columns->n; i++) {
    const struct rs_column *c = &columns->v[i];
    x->fields[i] = rs_trino_field(c->name, c->type, own_type(c));
  }
  if (x->src->append) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_trino_batch_create(x->s, &b, x->into, &x->batch);
  return run_here(x->s, &b, NULL, e);
}

static enum rs_code flush_batch(struct ingest *x, struct rs_error *e)
{
  struct rs_buf b;
  int64_t added = -1;
  size_t n = rs_trino_batch_ready(&x->batch);
  if (n == 0) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(x->s, &b, "INSERT INTO %r ", x->into);
  rs_trino_batch_source(x->s, &b, &x->batch);
  enum rs_code rc = run_here(x->s, &b, &added, e);
  if (rc == RS_OK && added >= 0 && added != (int64_t)n) {
    rc = rs_fail(e, RS_REMOTE, "'%s.%s': %lld of %zu rows arrived", x->into->workspace,
                 x->into->name, (long long)added, n);
  }
  x->count += (int64_t)n;
  rs_trino_batch_sent(&x->batch);
  return rc;
}

static enum rs_code add_row(struct ingest *x, void *batch, size_t row, struct rs_error *e)
{
  const struct rs_columns *columns = rs_rows_columns(x->src);
  const struct rs_engine *engine = x->src->session->target->engine;
  for (size_t i = 0; i < columns->n; i++) {
    struct rs_value v;
    engine->get(x->src, batch, row, i, &v);
    add_value(rs_trino_batch_cell(&x->batch, i), columns->v[i].type, &v);
  }
  if (x->src->nomem) return rs_nomem(e);
  enum rs_code rc = rs_trino_batch_row(&x->batch, e);
  return rc == RS_OK && x->batch.full ? flush_batch(x, e) : rc;
}

static enum rs_code copy_rows(struct ingest *x, struct rs_error *e)
{
  enum rs_code rc;
  void *batch;
  size_t n;
  while ((rc = rs_rows_pull(x->src, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && rc == RS_OK; i++) rc = add_row(x, batch, i, e);
    x->src->session->target->engine->free_batch(x->src, batch);
    if (rc == RS_OK) rc = rs_remote_check(x->s, e);
    if (rc != RS_OK) return rc;
  }
  return rc == RS_DONE ? flush_batch(x, e) : rc;
}

enum rs_code rs_trino_ingest(struct rs_session *s, const struct rs_relation *stage,
                             struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  struct ingest x = {.s = s, .into = stage, .src = src};
  x.fields = rs_calloc(rs_rows_columns(src)->n + 1, sizeof x.fields[0]);
  if (x.fields == NULL) return rs_nomem(e);
  rs_remote_begin(s);
  enum rs_code rc = rs_trino_batch_init(&x.batch, x.fields, rs_rows_columns(src)->n, e);
  if (rc == RS_OK) rc = make_table(&x, e);
  if (rc == RS_OK) rc = copy_rows(&x, e);
  if (rc == RS_OK) *count = x.count;
  rs_trino_batch_free(&x.batch);
  rs_free(x.fields);
  return rc;
}
