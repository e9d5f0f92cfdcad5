/*
** ADBC drivers behind the engine contract (adbc.h).
**
** A statement is prepared, its parameters are bound as a one-row Arrow batch, and its result is
** pulled batch by batch. Every AdbcError is released where it is turned into ours.
*/
#include "adbc.h"
#include <stdatomic.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"

#define RERUNS 3 /* of a statement that hides its error */

/* ---- drivers and errors ---------------------------------------------------------------------- */

/* The error of a driver call, with room for what version 1.1 adds. */
static struct AdbcError no_error(void)
{
  return (struct AdbcError){.vendor_code = INT32_MIN};
}

enum rs_code rs_adbc_driver_init(struct rs_adbc_driver *d, AdbcDriverInitFunc init,
                                 const char *what, struct rs_error *e)
{
  struct AdbcError a = no_error();
  AdbcStatusCode status = init(RS_ADBC_VERSION_1_1, &d->fn, &a);
  if (status != ADBC_STATUS_OK) {
    if (a.release) a.release(&a);
    a = no_error();
    memset(&d->fn, 0, sizeof d->fn);
    status = init(RS_ADBC_VERSION_1_0, &d->fn, &a);
  }
  if (status == ADBC_STATUS_OK && d->fn.DatabaseNew && d->fn.ConnectionNew && d->fn.StatementNew &&
      d->fn.StatementSetSqlQuery && d->fn.StatementExecuteQuery)
    return RS_OK;
  enum rs_code rc = rs_fail(e, RS_UNSUPPORTED, "%s is no ADBC 1.1 driver%s%s", what,
                            a.message ? ": " : "", a.message ? a.message : "");
  if (a.release) a.release(&a);
  return rc;
}

/* As a C string. */
static void copy_state(const struct AdbcError *a, char out[6])
{
  memcpy(out, a->sqlstate, 5);
  out[5] = 0;
}

/* A detail of the error as a C string, where there is one; drivers of version 1.0 have none. */
static void copy_detail(const struct rs_adbc_driver *d, const struct AdbcError *a, const char *key,
                        char *out, size_t size)
{
  if (!d->fn.ErrorGetDetailCount || !d->fn.ErrorGetDetail) return;
  for (int i = 0, n = d->fn.ErrorGetDetailCount(a); i < n; i++) {
    struct AdbcErrorDetail detail = d->fn.ErrorGetDetail(a, i);
    if (!rs_eq(detail.key, key) || detail.value_length >= size) continue;
    memcpy(out, detail.value, detail.value_length);
    out[detail.value_length] = 0;
  }
}

/* text: the driver's. a: NULL, or the error with its state and details. */
static enum rs_code translate_error(const struct rs_adbc_driver *d, AdbcStatusCode status,
                                    const struct AdbcError *a, const char *text, struct rs_error *e)
{
  char state[6] = "", constraint[128] = "";
  if (a) copy_state(a, state);
  if (a) copy_detail(d, a, "PG_DIAG_CONSTRAINT_NAME", constraint, sizeof constraint);
  const struct rs_adbc_failure f = {status, state, constraint, text};
  return d->translate(&f, e);
}

enum rs_code rs_adbc_fail(const struct rs_adbc_driver *d, AdbcStatusCode status,
                          struct AdbcError *a, struct rs_error *e)
{
  enum rs_code rc = translate_error(d, status, a, a->message ? a->message : "", e);
  if (a->release) a->release(a);
  return rc;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void drop_kept(struct rs_adbc_conn *c, struct rs_adbc_kept *k)
{
  struct AdbcError a = no_error();
  if (!k->sql) return;
  c->driver->fn.StatementRelease(&k->st, &a);
  if (a.release) a.release(&a);
  rs_free(k->sql);
  k->sql = NULL;
}

enum rs_code rs_adbc_connect(struct rs_adbc_conn *c, const struct rs_adbc_driver *d,
                             struct AdbcDatabase *db, struct rs_error *e)
{
  struct AdbcError a = no_error();
  memset(c, 0, sizeof *c);
  c->driver = d;
  AdbcStatusCode status = d->fn.ConnectionNew(&c->c, &a);
  if (status != ADBC_STATUS_OK) return rs_adbc_fail(d, status, &a, e);
  status = d->fn.ConnectionInit(&c->c, db, &a);
  if (status == ADBC_STATUS_OK) {
    c->open = true;
    return RS_OK;
  }
  enum rs_code rc = rs_adbc_fail(d, status, &a, e);
  a = no_error();
  d->fn.ConnectionRelease(&c->c, &a);
  if (a.release) a.release(&a);
  return rc;
}

void rs_adbc_disconnect(struct rs_adbc_conn *c)
{
  struct AdbcError a = no_error();
  if (!c->open) return;
  for (size_t i = 0; i < RS_ADBC_KEPT; i++) drop_kept(c, &c->kept[i]);
  c->driver->fn.ConnectionRelease(&c->c, &a);
  if (a.release) a.release(&a);
  c->open = false;
}

void rs_adbc_cancel(struct rs_adbc_conn *c)
{
  struct AdbcError a = no_error();
  if (!c->driver->fn.ConnectionCancel) return;
  c->driver->fn.ConnectionCancel(&c->c, &a);
  if (a.release) a.release(&a);
}

/* ---- statements ------------------------------------------------------------------------------ */

static void release_statement(struct rs_adbc_conn *c, struct AdbcStatement *st)
{
  struct AdbcError a = no_error();
  c->driver->fn.StatementRelease(st, &a);
  if (a.release) a.release(&a);
}

/* A statement with its text set, which prepares it. */
static enum rs_code prepare(struct rs_adbc_conn *c, const char *sql, struct AdbcStatement *st,
                            struct rs_error *e)
{
  const struct AdbcDriver *fn = &c->driver->fn;
  struct AdbcError a = no_error();
  memset(st, 0, sizeof *st);
  AdbcStatusCode status = fn->StatementNew(&c->c, st, &a);
  if (status != ADBC_STATUS_OK) return rs_adbc_fail(c->driver, status, &a, e);
  struct rs_buf other;
  rs_buf_init(&other, RS_BUF_SQL_MAX);
  bool another = c->driver->rewrite != NULL && c->driver->rewrite(sql, &other) && other.rc == RS_OK;
  status = fn->StatementSetSqlQuery(st, another ? rs_buf_text(&other) : sql, &a);
  rs_buf_free(&other);
  if (status == ADBC_STATUS_OK && c->option && fn->StatementSetOption)
    status = fn->StatementSetOption(st, c->option, "false", &a);
  if (status == ADBC_STATUS_OK && fn->StatementPrepare) status = fn->StatementPrepare(st, &a);
  if (status == ADBC_STATUS_OK) return RS_OK;
  enum rs_code rc = rs_adbc_fail(c->driver, status, &a, e);
  release_statement(c, st);
  return rc;
}

static enum rs_code bind(struct rs_adbc_conn *c, struct AdbcStatement *st,
                         const struct rs_statement *s, struct rs_error *e)
{
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct AdbcError a = no_error();
  enum rs_code rc = rs_arrow_params(s->params, s->nparams, &schema, &array, e);
  if (rc) return rc;
  // Moves both structs, whatever it returns
  AdbcStatusCode status = c->driver->fn.StatementBind(st, &array, &schema, &a);
  if (status == ADBC_STATUS_OK) return RS_OK;
  if (array.release) array.release(&array);
  if (schema.release) schema.release(&schema);
  return rs_adbc_fail(c->driver, status, &a, e);
}

static struct rs_adbc_kept *find_kept(struct rs_adbc_conn *c, const char *sql)
{
  for (size_t i = 0; i < RS_ADBC_KEPT; i++)
    if (c->kept[i].sql && rs_eq(c->kept[i].sql, sql)) return &c->kept[i];
  return NULL;
}

/* Prepares (or takes the one kept) and binds. The statement is released by done_with. */
static enum rs_code ready(struct rs_adbc_conn *c, const struct rs_statement *s,
                          struct AdbcStatement *st, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  struct rs_adbc_kept *k = s->nparams ? find_kept(c, s->sql) : NULL;
  if (k) {
    *st = k->st;
    rs_free(k->sql);
    k->sql = NULL;
  } else {
    rc = prepare(c, s->sql, st, e);
  }
  if (!rc && s->nparams) {
    rc = bind(c, st, s, e);
    if (rc) release_statement(c, st);
  }
  return rc;
}

/* Keeps a statement with parameters that ran well (its text), releases any other (NULL). */
static void done_with(struct rs_adbc_conn *c, const char *sql, struct AdbcStatement *st)
{
  if (sql) {
    size_t i = 0;
    while (i < RS_ADBC_KEPT && c->kept[i].sql) i++;
    if (i == RS_ADBC_KEPT) i = c->oldest++ % RS_ADBC_KEPT;
    drop_kept(c, &c->kept[i]);
    c->kept[i].sql = rs_strdup(sql);
    if (c->kept[i].sql) {
      c->kept[i].st = *st;
      return;
    }
  }
  release_statement(c, st);
}

/* Runs it. The stream is released (release == NULL) when there was no statement in the text. The
** statement lives as long as its stream: done_with, also after an error of the stream. */
static enum rs_code run(struct rs_adbc_conn *c, const struct rs_statement *s,
                        struct AdbcStatement *st, struct ArrowArrayStream *stream,
                        int64_t *affected, struct rs_error *e)
{
  struct AdbcError a = no_error();
  memset(stream, 0, sizeof *stream);
  enum rs_code rc = ready(c, s, st, e);
  if (rc) return rc;
  AdbcStatusCode status = c->driver->fn.StatementExecuteQuery(st, stream, affected, &a);
  if (status != ADBC_STATUS_OK) rc = rs_adbc_fail(c->driver, status, &a, e);
  else if (!stream->release) rc = rs_fail(e, RS_INVALID, "there is no statement in the text");
  if (rc) release_statement(c, st);
  return rc;
}

/* ---- streams --------------------------------------------------------------------------------- */

/* The error of a stream's last call: the text when the driver has one. */
static enum rs_code stream_error(const struct rs_adbc_driver *d, struct ArrowArrayStream *s,
                                 const char *otherwise, struct rs_error *e)
{
  const char *text = s->get_last_error(s);
  AdbcStatusCode status = ADBC_STATUS_UNKNOWN;
  const struct AdbcError *a = d->fn.ErrorFromArrayStream ? d->fn.ErrorFromArrayStream(s, &status)
                                                         : NULL;
  return translate_error(d, status, a, text && *text ? text : otherwise, e);
}

static enum rs_code stream_schema(const struct rs_adbc_driver *d, struct ArrowArrayStream *s,
                                  struct ArrowSchema *raw, struct rs_arrow_schema *out,
                                  struct rs_columns *columns, struct rs_error *e)
{
  if (s->get_schema(s, raw) != 0)
    return stream_error(d, s,
                        "the result has a column of a type that can't leave the engine "
                        "(VARIANT?): cast it",
                        e);
  return rs_arrow_schema_init(out, raw, columns, e);
}

/* What INSERT, UPDATE and DELETE give: one BIGINT called Count. */
static bool is_count(struct ArrowArrayStream *s)
{
  struct ArrowSchema schema = {0};
  bool is = s->get_schema(s, &schema) == 0 && schema.n_children == 1 &&
            rs_eq(schema.children[0]->name, "Count") && rs_eq(schema.children[0]->format, "l");
  if (schema.release) schema.release(&schema);
  return is;
}

/* For a driver that counts so. */
static enum rs_code exec_without_stream(struct rs_adbc_conn *c, const struct rs_statement *st,
                                        int64_t *affected, struct rs_error *e)
{
  struct AdbcStatement s;
  struct AdbcError a = no_error();
  int64_t count = -1;
  enum rs_code rc = ready(c, st, &s, e);
  if (rc) return rc;
  AdbcStatusCode status = c->driver->fn.StatementExecuteQuery(&s, NULL, &count, &a);
  if (status != ADBC_STATUS_OK) rc = rs_adbc_fail(c->driver, status, &a, e);
  done_with(c, !rc && st->nparams ? st->sql : NULL, &s);
  if (affected) *affected = count;
  return rc;
}

enum rs_code rs_adbc_exec(struct rs_adbc_conn *c, const struct rs_statement *st, int64_t *affected,
                          struct rs_error *e)
{
  if (c->driver->counts) return exec_without_stream(c, st, affected, e);
  struct ArrowArrayStream stream;
  struct ArrowArray array = {0};
  struct AdbcStatement s;
  int64_t count = -1;
  enum rs_code rc = run(c, st, &s, &stream, &count, e);
  if (rc) return rc;
  // DuckDB says -1 also for an UPDATE that changed no row
  bool counts = count < 0 && is_count(&stream);
  for (;;) {
    array.release = NULL;
    if (stream.get_next(&stream, &array) != 0) {
      rc = stream_error(c->driver, &stream, "the statement failed", e);
      break;
    }
    if (!array.release) break;
    if (counts && array.length == 1 && array.n_children == 1)
      count = ((const int64_t *)array.children[0]->buffers[1])[array.children[0]->offset];
    array.release(&array);
  }
  stream.release(&stream);
  done_with(c, !rc && st->nparams ? st->sql : NULL, &s);
  if (affected) *affected = count;
  return rc;
}

/* The schema of a query's stream: it is begun and given up. */
static enum rs_code schema_by_running(struct rs_adbc_conn *c, struct AdbcStatement *s,
                                      struct ArrowSchema *schema, struct rs_error *e)
{
  struct ArrowArrayStream stream = {0};
  struct AdbcError a = no_error();
  AdbcStatusCode status = c->driver->fn.StatementExecuteQuery(s, &stream, NULL, &a);
  if (status != ADBC_STATUS_OK) return rs_adbc_fail(c->driver, status, &a, e);
  enum rs_code rc = RS_OK;
  if (stream.get_schema(&stream, schema) != 0)
    rc = stream_error(c->driver, &stream, "the query has no columns", e);
  stream.release(&stream);
  return rc;
}

enum rs_code rs_adbc_columns(struct rs_adbc_conn *c, const struct rs_statement *st,
                             struct rs_columns *out, struct rs_error *e)
{
  struct AdbcStatement s;
  struct AdbcError a = no_error();
  struct ArrowSchema schema = {0};
  struct rs_arrow_schema resolved;
  enum rs_code rc = prepare(c, st->sql, &s, e);
  if (rc) return rc;
  if (c->driver->fn.StatementExecuteSchema) {
    AdbcStatusCode status = c->driver->fn.StatementExecuteSchema(&s, &schema, &a);
    if (status != ADBC_STATUS_OK) rc = rs_adbc_fail(c->driver, status, &a, e);
  } else {
    rc = schema_by_running(c, &s, &schema, e);
  }
  if (!rc) {
    rc = rs_arrow_schema_init(&resolved, &schema, out, e);
    if (!rc) rs_arrow_schema_free(&resolved);
  }
  if (schema.release) schema.release(&schema);
  release_statement(c, &s);
  return rc;
}

/* The stream is over, and with it its statement. */
static void end_stream(struct rs_adbc_rows *r, bool well)
{
  if (!r->open) return;
  r->open = false;
  if (r->stream.release) r->stream.release(&r->stream);
  done_with(r->conn, well ? r->sql : NULL, &r->statement);
}

/* ---- rows ------------------------------------------------------------------------------------ */

struct rs_adbc_batch {
  struct ArrowArray array;
  struct rs_arrow_texts *texts; /* that the views read instead of the array's; NULL: none */
  struct rs_arrow_view views[];
};

enum rs_code rs_adbc_query(struct rs_adbc_conn *c, const struct rs_statement *st,
                           struct rs_rows *rows, struct rs_error *e)
{
  struct rs_adbc_rows *r = rs_calloc(1, sizeof *r);
  int64_t affected = -1;
  if (!r) return rs_nomem(e);
  r->driver = c->driver;
  r->conn = c;
  rs_scratch_init(&r->scratch);
  if (st->nparams) r->sql = rs_strdup(st->sql); // without it the statement isn't kept
  enum rs_code rc = run(c, st, &r->statement, &r->stream, &affected, e);
  r->open = !rc;
  if (!rc) rc = stream_schema(c->driver, &r->stream, &r->raw, &r->schema, &rows->columns, e);
  if (!rc) {
    rows->impl = r;
    rows->bytes = 0;
    return RS_OK;
  }
  end_stream(r, false);
  if (r->raw.release) r->raw.release(&r->raw);
  rs_columns_free(&rows->columns);
  rs_free(r->sql);
  rs_free(r);
  return rc;
}

bool rs_adbc_is_over(const struct rs_rows *rows)
{
  const struct rs_adbc_rows *r = rows->impl;
  return !r->open;
}

/*
** An error in one thread of an engine may reach us as the interrupt by which the others were
** stopped. The statement is run again until it names its error, which is mostly the first time.
** RS_CANCELLED when it does not.
*/
static enum rs_code find_error(struct rs_adbc_rows *r, struct rs_error *e)
{
  enum rs_code rc = RS_CANCELLED;
  for (int i = 0; i < RERUNS && rc == RS_CANCELLED && !atomic_load(r->cancelled); i++) {
    struct AdbcError a = no_error();
    if (r->stream.release) r->stream.release(&r->stream);
    memset(&r->stream, 0, sizeof r->stream);
    AdbcStatusCode status = r->driver->fn.StatementExecuteQuery(&r->statement, &r->stream, NULL,
                                                                &a);
    if (e) *e = (struct rs_error){0};
    rc = status != ADBC_STATUS_OK ? rs_adbc_fail(r->driver, status, &a, e) : RS_OK;
    while (!rc) {
      struct ArrowArray array = {0};
      if (r->stream.get_next(&r->stream, &array) != 0)
        rc = stream_error(r->driver, &r->stream, "the stream of rows broke", e);
      else if (!array.release) rc = RS_DONE;
      else array.release(&array);
    }
  }
  return rc == RS_DONE ? RS_CANCELLED : rc;
}

enum rs_code rs_adbc_next_batch(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  struct rs_adbc_rows *r = rows->impl;
  enum rs_code rc = RS_OK;
  *batch = NULL;
  *n = 0;
  if (!r->open) return RS_DONE;
  size_t cols = r->schema.root.nchildren;
  struct rs_adbc_batch *b = rs_malloc(sizeof *b + (cols ? cols : 1) * sizeof *b->views);
  if (!b) rc = rs_nomem(e);
  while (!rc) {
    b->array.release = NULL;
    if (r->stream.get_next(&r->stream, &b->array) != 0)
      rc = stream_error(r->driver, &r->stream, "the stream of rows broke", e);
    else if (!b->array.release) rc = RS_DONE;
    else if (b->array.length > 0) break;
    else b->array.release(&b->array);
  }
  if (rc == RS_CANCELLED && r->cancelled) rc = find_error(r, e);
  if (rc) {
    rs_free(b);
    end_stream(r, rc == RS_DONE);
    return rc;
  }
  rs_arrow_batch_open(&r->schema, &b->array, b->views);
  b->texts = rows->pulled ? NULL : rs_arrow_texts_new(b->views, cols, b->array.length);
  rows->bytes += rs_arrow_batch_bytes(&r->schema, &b->array);
  *batch = b;
  *n = (size_t)b->array.length;
  return RS_OK;
}

void rs_adbc_free_batch(struct rs_rows *rows, void *batch)
{
  struct rs_adbc_batch *b = batch;
  struct rs_adbc_rows *r = rows->impl;
  // A later batch may lie at the same address
  if (r->scratch_batch == b) r->scratch_batch = NULL;
  if (b->array.release) b->array.release(&b->array);
  rs_arrow_texts_free(b->texts);
  rs_free(b);
}

void rs_adbc_take_array(struct rs_rows *rows, void *batch, struct ArrowArray *out)
{
  struct rs_adbc_batch *b = batch;
  *out = b->array;
  b->array.release = NULL;
  rs_adbc_free_batch(rows, b);
}

void rs_adbc_get(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out)
{
  struct rs_adbc_rows *r = rows->impl;
  const struct rs_adbc_batch *b = batch;
  if (r->scratch_row != row || r->scratch_batch != b) {
    r->scratch_row = row;
    r->scratch_batch = b;
    rs_scratch_reset(&r->scratch);
  }
  rs_arrow_get(&b->views[col], (int64_t)row, &r->scratch, out);
  if (r->scratch.nomem) rows->nomem = true;
}

void rs_adbc_show(struct rs_rows *rows, void *batch)
{
  struct rs_adbc_rows *r = rows->impl;
  const struct rs_adbc_batch *b = batch;
  rows->views = b->views;
  rows->scratch = &r->scratch;
}

void rs_adbc_close_rows(struct rs_rows *rows)
{
  struct rs_adbc_rows *r = rows->impl;
  if (!r) return;
  end_stream(r, false);
  rs_free(r->sql);
  if (r->raw.release) r->raw.release(&r->raw);
  rs_arrow_schema_free(&r->schema);
  rs_scratch_free(&r->scratch);
  rs_free(r);
  rows->impl = NULL;
}
