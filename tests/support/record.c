/*
** The engine `record` (record.h): a wrapper around a target's own engine that writes down what it
** answers, and a stand-in that answers from the file.
**
** Recording copies every batch as it arrives, on the I/O thread: the engine's own `get` may be used
** by one thread only, and the reader's is another one. So the reader gets the copies.
*/
#include "record.h"
#include <string.h>
#include "src/base/mem.h"
#include "src/engine/slots.h"
#include "src/engine/sql/sql.h"
#include "src/engine/sql/control.h"
#include "record_file.h"

/* A target's impl. */
struct recorder {
  struct rs_engine engine; /* the target's own: caps and type are those of the real one */
  struct rs_target *real;  /* NULL: replaying */
  struct rs_tape *tape;
  struct rs_tape_head head;
};

/* A session's impl, of a recording one: what the real engine takes for the session. */
struct inner_session {
  struct rs_session s;
};

/* Rows' impl. */
struct rows {
  struct rs_rows inner; /* recording */
  struct rs_buf line;
  size_t total;
  bool ended;                     /* the last batch or an error was seen */
  struct rs_error error;          /* the latter */
  const struct rs_answer *answer; /* replaying */
  bool given;                     /* its rows were */
};

struct batch {
  struct rs_arena arena;
  const struct rs_value *values; /* row by row */
};

static struct recorder *recorder_of(const struct rs_session *s)
{
  return s->target->impl;
}

static struct rs_session *inner_of(const struct rs_session *s)
{
  return &((struct inner_session *)s->impl)->s;
}

/* ---- batches, of both ------------------------------------------------------------------------ */

static void free_batch(struct rs_rows *rows, void *batch)
{
  struct batch *b = batch;
  (void)rows;
  rs_arena_free(&b->arena);
  rs_free(b);
}

static void get(struct rs_rows *rows, void *batch, size_t row, size_t col, struct rs_value *out)
{
  *out = ((struct batch *)batch)->values[row * rows->columns.n + col];
}

static struct batch *batch_new(void)
{
  struct batch *b = rs_calloc(1, sizeof *b);
  if (b != NULL) rs_arena_init(&b->arena, 0);
  return b;
}

/* Rows never see the end of a failed `execute`: what they have is freed here, in both ways. */
static void rows_free(struct rows *r)
{
  rs_buf_free(&r->line);
  rs_free(r);
}

/* ---- recording ------------------------------------------------------------------------------- */

/* An answer that is no rows. Recording must not hide the answer: its own error counts only when
** there was none. */
static enum rs_code note(struct rs_session *s, const struct rs_question *q, enum rs_code rc,
                         int64_t affected, const char *text, const struct rs_columns *columns,
                         struct rs_error *e)
{
  struct rs_buf line;
  const struct rs_answer a = {
    .code = rc, .error = e->text, .affected = rc == RS_OK ? affected : -2, .text = text};
  rs_tape_begin(&line, q, rc == RS_OK ? columns : NULL);
  enum rs_code written = rs_tape_end(recorder_of(s)->tape, &line, &a, rc == RS_OK ? e : NULL);
  return rc != RS_OK ? rc : written;
}

static enum rs_code record_open(struct rs_session *s, struct rs_error *e)
{
  struct recorder *rec = recorder_of(s);
  struct inner_session *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  x->s.target = rec->real;
  x->s.interrupt = s->interrupt;
  enum rs_code rc = rec->real->engine->session_open(&x->s, e);
  if (rc == RS_OK) s->impl = x;
  else rs_free(x);
  return rc;
}

static void record_close(struct rs_session *s)
{
  recorder_of(s)->real->engine->session_close(inner_of(s));
  rs_free(s->impl);
  s->impl = NULL;
}

/* The reader's rows have a copy of the columns. */
static enum rs_code copy_columns(const struct rs_columns *from, struct rs_columns *to,
                                 struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < from->n; i++) {
    const struct rs_column *c = &from->v[i];
    rc = rs_columns_add(to, c->name, strlen(c->name), c->native, c->type, e);
  }
  return rc;
}

static enum rs_code record_query(struct rs_session *s, const struct rs_statement *st,
                                 const struct rs_question *q, struct rs_rows *rows,
                                 struct rs_error *e)
{
  const struct rs_engine *real = recorder_of(s)->real->engine;
  struct rows *r = rs_calloc(1, sizeof *r);
  if (r == NULL) return rs_nomem(e);
  r->inner.session = inner_of(s);
  enum rs_code rc = real->execute(inner_of(s), st, &r->inner, NULL, e);
  if (rc != RS_OK) {
    rows_free(r);
    return note(s, q, rc, -2, NULL, NULL, e);
  }
  rc = copy_columns(&r->inner.columns, &rows->columns, e);
  rs_tape_begin(&r->line, q, &r->inner.columns);
  rows->impl = r;
  rows->bytes = 0;
  if (rc == RS_OK) return rc;
  real->close_rows(&r->inner);
  rs_columns_free(&r->inner.columns);
  rs_columns_free(&rows->columns);
  rows_free(r);
  rows->impl = NULL;
  return rc;
}

static enum rs_code record_execute(struct rs_session *s, const struct rs_statement *st,
                                   struct rs_rows *rows, int64_t *affected, struct rs_error *e)
{
  const struct rs_question q = {rows != NULL ? "query" : "exec", st->sql, st->params, st->nparams};
  if (rows != NULL) return record_query(s, st, &q, rows, e);
  int64_t n = -1;
  enum rs_code rc = recorder_of(s)->real->engine->execute(inner_of(s), st, NULL, &n, e);
  if (affected != NULL) *affected = n;
  return note(s, &q, rc, n, NULL, NULL, e);
}

/* Copies the engine's batch, and writes it down. */
static enum rs_code copy_batch(struct rs_rows *rows, void *from, size_t n, struct batch *to,
                               struct rs_error *e)
{
  struct rows *r = rows->impl;
  const struct rs_engine *real = recorder_of(rows->session)->real->engine;
  size_t cols = rows->columns.n;
  struct rs_value *v = rs_arena_alloc(&to->arena, (n * cols + 1) * sizeof *v);
  if (v == NULL) return rs_nomem(e);
  to->values = v;
  for (size_t i = 0; i < n; i++, v += cols) {
    for (size_t c = 0; c < cols; c++) {
      real->get(&r->inner, from, i, c, &v[c]);
      if (v[c].kind < RS_TEXT || v[c].kind > RS_JSON) continue;
      v[c].s.p = rs_arena_strndup(&to->arena, v[c].s.p, v[c].s.n);
      if (v[c].s.p == NULL) return rs_nomem(e);
    }
    rs_tape_add_row(&r->line, to->values + i * cols, cols);
  }
  r->total += n;
  return r->inner.nomem ? rs_nomem(e) : rs_buf_error(&r->line, e, "rows to record");
}

static enum rs_code record_next(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  struct rows *r = rows->impl;
  const struct rs_engine *real = recorder_of(rows->session)->real->engine;
  void *from = NULL;
  *batch = NULL;
  *n = 0;
  enum rs_code rc = real->next_batch(&r->inner, &from, n, e);
  rows->bytes = r->inner.bytes;
  if (rc != RS_OK) {
    r->ended = rc != RS_CANCELLED; // that is a reader who goes away
    if (rc != RS_DONE && r->ended) {
      r->error = *e;
      r->error.code = rc;
    }
    return rc;
  }
  struct batch *b = batch_new();
  rc = b != NULL ? copy_batch(rows, from, *n, b, e) : rs_nomem(e);
  real->free_batch(&r->inner, from);
  if (rc == RS_OK) *batch = b;
  else if (b != NULL) free_batch(rows, b);
  return rc;
}

static void record_close_rows(struct rs_rows *rows)
{
  struct rows *r = rows->impl;
  if (r == NULL) return;
  struct recorder *rec = recorder_of(rows->session);
  const struct rs_answer a = {
    .code = r->error.code, .error = r->error.text, .affected = -2, .cut = !r->ended};
  rec->real->engine->close_rows(&r->inner);
  // nobody is left to be told: a replay will miss it
  (void)rs_tape_end(rec->tape, &r->line, &a, NULL);
  rs_columns_free(&r->inner.columns);
  rows_free(r);
  rows->impl = NULL;
}

static enum rs_code record_columns(struct rs_session *s, const struct rs_statement *st,
                                   struct rs_columns *out, struct rs_error *e)
{
  const struct rs_question q = {"columns", st->sql, st->params, st->nparams};
  enum rs_code rc = recorder_of(s)->real->engine->columns(inner_of(s), st, out, e);
  return note(s, &q, rc, -2, NULL, out, e);
}

static const char *const transacts[] = {"begin", "commit", "rollback"};

/* May be called without a place for an error. */
static enum rs_code record_transact(struct rs_session *s, enum rs_transact what, struct rs_error *e)
{
  struct rs_error own = {0};
  const struct rs_question q = {transacts[what], "", NULL, 0};
  if (e == NULL) e = &own;
  enum rs_code rc = recorder_of(s)->real->engine->transact(inner_of(s), what, e);
  return note(s, &q, rc, -2, NULL, NULL, e);
}

static void record_cancel(struct rs_session *s)
{
  recorder_of(s)->real->engine->cancel(inner_of(s));
}

static enum rs_code record_version(struct rs_session *s, struct rs_buf *out, struct rs_error *e)
{
  const struct rs_question q = {"version", "", NULL, 0};
  enum rs_code rc = recorder_of(s)->real->engine->version(inner_of(s), out, e);
  return note(s, &q, rc, -2, rc == RS_OK ? rs_buf_text(out) : NULL, NULL, e);
}

static enum rs_code record_ingest(struct rs_session *s, const struct rs_relation *stage,
                                  struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  const struct rs_question q = {"ingest", stage->name, NULL, 0};
  enum rs_code rc = recorder_of(s)->real->engine->ingest(inner_of(s), stage, src, count, e);
  return note(s, &q, rc, *count, NULL, NULL, e);
}

static void record_target_close(struct rs_target *t)
{
  struct recorder *rec = t->impl;
  rs_tape_close(rec->tape);
  if (rec->real != NULL) rs_target_release(rec->real);
  rs_free(rec);
  t->impl = NULL;
}

static const struct rs_engine record_engine = {
  .target_close = record_target_close,
  .session_open = record_open,
  .session_close = record_close,
  .execute = record_execute,
  .next_batch = record_next,
  .free_batch = free_batch,
  .get = get,
  .close_rows = record_close_rows,
  .columns = record_columns,
  .transact = record_transact,
  .cancel = record_cancel,
  .version = record_version,
  .ingest = record_ingest,
  .relations = &rs_sql_relation_ops, // made of the statements above
  .control = &rs_sql_control_ops,
};

/* ---- replaying ------------------------------------------------------------------------------- */

static enum rs_code replay_open(struct rs_session *s, struct rs_error *e)
{
  (void)s, (void)e;
  return RS_OK;
}

static void replay_close(struct rs_session *s)
{
  (void)s;
}

/* The recorded answer; an error that came before any column is the error of this call. */
static enum rs_code answer_to(struct rs_session *s, const struct rs_question *q,
                              const struct rs_answer **a, struct rs_error *e)
{
  enum rs_code rc = rs_tape_find(recorder_of(s)->tape, q, a, e);
  if (rc != RS_OK || (*a)->code == RS_OK || (*a)->columns.n > 0) return rc;
  return rs_fail(e, (*a)->code, "%s", (*a)->error);
}

static enum rs_code replay_execute(struct rs_session *s, const struct rs_statement *st,
                                   struct rs_rows *rows, int64_t *affected, struct rs_error *e)
{
  const struct rs_question q = {rows != NULL ? "query" : "exec", st->sql, st->params, st->nparams};
  const struct rs_answer *a;
  enum rs_code rc = answer_to(s, &q, &a, e);
  if (rc != RS_OK) return rc;
  if (rows == NULL) {
    if (affected != NULL) *affected = a->affected;
    return RS_OK;
  }
  struct rows *r = rs_calloc(1, sizeof *r);
  rc = r != NULL ? copy_columns(&a->columns, &rows->columns, e) : rs_nomem(e);
  if (rc != RS_OK) {
    rs_columns_free(&rows->columns);
    rs_free(r);
    return rc;
  }
  r->answer = a;
  rows->impl = r;
  rows->bytes = 0;
  return RS_OK;
}

static enum rs_code replay_next(struct rs_rows *rows, void **batch, size_t *n, struct rs_error *e)
{
  struct rows *r = rows->impl;
  const struct rs_answer *a = r->answer;
  *batch = NULL;
  *n = 0;
  if (!r->given && a->nrows > 0) {
    struct batch *b = batch_new();
    if (b == NULL) return rs_nomem(e);
    b->values = a->values;
    r->given = true;
    *batch = b;
    *n = a->nrows;
    return RS_OK;
  }
  if (a->code != RS_OK) return rs_fail(e, a->code, "%s", a->error);
  if (a->cut)
    return rs_fail(e, RS_NOT_FOUND,
                   "the recording holds the first %zu rows only: its reader wanted no more",
                   a->nrows);
  return RS_DONE;
}

static void replay_close_rows(struct rs_rows *rows)
{
  rs_free(rows->impl);
  rows->impl = NULL;
}

static enum rs_code replay_columns(struct rs_session *s, const struct rs_statement *st,
                                   struct rs_columns *out, struct rs_error *e)
{
  const struct rs_question q = {"columns", st->sql, st->params, st->nparams};
  const struct rs_answer *a;
  enum rs_code rc = answer_to(s, &q, &a, e);
  return rc == RS_OK ? copy_columns(&a->columns, out, e) : rc;
}

static enum rs_code replay_step(struct rs_session *s, const char *op, struct rs_error *e)
{
  const struct rs_question q = {op, "", NULL, 0};
  const struct rs_answer *a;
  return answer_to(s, &q, &a, e);
}

static enum rs_code replay_transact(struct rs_session *s, enum rs_transact what, struct rs_error *e)
{
  return replay_step(s, transacts[what], e);
}

static void replay_cancel(struct rs_session *s)
{
  (void)s; // nothing takes long
}

static enum rs_code replay_version(struct rs_session *s, struct rs_buf *out, struct rs_error *e)
{
  const struct rs_question q = {"version", "", NULL, 0};
  const struct rs_answer *a;
  enum rs_code rc = answer_to(s, &q, &a, e);
  if (rc == RS_OK && a->text != NULL) rs_buf_str(out, a->text);
  return rc;
}

/* The source is read to its end, as by an engine, and must have as many rows as before. */
static enum rs_code replay_ingest(struct rs_session *s, const struct rs_relation *stage,
                                  struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  const struct rs_question q = {"ingest", stage->name, NULL, 0};
  const struct rs_answer *a;
  enum rs_code rc = answer_to(s, &q, &a, e);
  int64_t got = 0;
  while (rc == RS_OK) {
    void *batch = NULL;
    size_t n = 0;
    rc = rs_rows_pull(src, &batch, &n, e);
    if (rc == RS_OK) src->session->target->engine->free_batch(src, batch);
    got += (int64_t)n;
  }
  if (rc != RS_DONE) return rc;
  *count = got;
  if (got == a->affected) return RS_OK;
  return rs_fail(e, RS_NOT_FOUND, "an ingestion into %s was recorded with %lld rows, not %lld",
                 stage->name, (long long)a->affected, (long long)got);
}

static const struct rs_engine replay_engine = {
  .target_close = record_target_close,
  .session_open = replay_open,
  .session_close = replay_close,
  .execute = replay_execute,
  .next_batch = replay_next,
  .free_batch = free_batch,
  .get = get,
  .close_rows = replay_close_rows,
  .columns = replay_columns,
  .transact = replay_transact,
  .cancel = replay_cancel,
  .version = replay_version,
  .ingest = replay_ingest,
  .relations = &rs_sql_relation_ops,
  .control = &rs_sql_control_ops,
};

/* ---- targets --------------------------------------------------------------------------------- */

/* Takes the recorder. */
static enum rs_code make_target(struct recorder *rec, const struct rs_engine *engine,
                                const struct rs_output *o, struct rs_target **pt,
                                struct rs_error *e)
{
  struct rs_target *t = rs_calloc(1, sizeof *t);
  if (t == NULL) return rs_nomem(e);
  rec->engine = *engine;
  // all recordings are one place, for relation locks
  t->place = rs_strdup(rec->real != NULL ? rec->real->place : "recording");
  rec->engine.type = rec->head.engine;
  rec->engine.traits.caps = rec->head.caps;
  rec->engine.traits.request_cost = rec->head.request_cost;
  t->dialect = rs_dialect_find(rec->head.dialect);
  if (t->dialect == NULL || t->place == NULL) {
    rs_free(t->place);
    rs_free(t);
    return rs_fail(e, RS_UNSUPPORTED, "a recording of dialect '%s', which this version lacks",
                   rec->head.dialect);
  }
  t->engine = &rec->engine;
  t->output = o;
  t->impl = rec;
  t->refs = 1;
  rs_output_retain(o);
  *pt = t;
  return RS_OK;
}

enum rs_code rs_record_wrap(struct rs_target *real, const char *path, struct rs_target **pt,
                            struct rs_error *e)
{
  if (real->engine->relations == NULL || real->engine->relations->replace != rs_sql_replace)
    return rs_fail(e, RS_UNSUPPORTED, "recording: type '%s' is no SQL engine", real->engine->type);
  struct recorder *rec = rs_calloc(1, sizeof *rec);
  if (rec == NULL) return rs_nomem(e);
  rec->head = (struct rs_tape_head){.engine = real->engine->type,
                                    .dialect = real->dialect->name,
                                    .caps = real->engine->traits.caps,
                                    .request_cost = real->engine->traits.request_cost};
  rec->real = real;
  enum rs_code rc = rs_tape_create(path, &rec->head, &rec->tape, e);
  if (rc == RS_OK) rc = make_target(rec, &record_engine, real->output, pt, e);
  if (rc != RS_OK) {
    rs_tape_close(rec->tape);
    rs_free(rec);
    return rc;
  }
  rs_target_retain(real);
  return RS_OK;
}

enum rs_code rs_record_open(const struct rs_output *o, const char *path, struct rs_target **pt,
                            struct rs_error *e)
{
  struct recorder *rec = rs_calloc(1, sizeof *rec);
  if (rec == NULL) return rs_nomem(e);
  enum rs_code rc = rs_tape_read(path, &rec->head, &rec->tape, e);
  if (rc == RS_OK) rc = make_target(rec, &replay_engine, o, pt, e);
  if (rc == RS_OK) return RS_OK;
  rs_tape_close(rec->tape);
  rs_free(rec);
  return rc;
}
