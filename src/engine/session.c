/*
** Sessions and rows (engine.h): every engine call is a job of the session's I/O thread, while the
** caller waits, polls for an interrupt and cancels.
**
** One job at a time. A query's next batches are a job that nobody waits for until the rows are
** needed (prefetch.h), so that the engine works while the caller reads the batch before them.
*/
#include "slots.h"
#include "io.h"
#include "lock.h"
#include "statements.h"
#include "src/base/mem.h"
#include "src/base/thread.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_TRIES 10     /* of a transaction that loses against another one */
#define AGAIN_WAIT_MAX 400 /* ms between two tries; starts at 10 and doubles */

/* ---- the log --------------------------------------------------------------------------------- */

void rs_session_log(struct rs_session *s, const char *sql, int64_t started_us, int64_t started_wall,
                    int64_t rows, int64_t bytes, const struct rs_error *e)
{
  const struct rs_log_entry entry = {
    .at_us = started_wall,
    .engine = s->target->engine->type,
    .target = s->target->output->target_name,
    .sql = sql,
    .rows = rows,
    .bytes = bytes,
    .ms = (double)(rs_now_us() - started_us) / 1000.0,
    .error = e && e->code != RS_OK && e->code != RS_DONE ? e->text : NULL,
  };
  rs_log_add(s->log, &entry);
}

/* ---- life ------------------------------------------------------------------------------------ */

enum rs_code rs_session_open(struct rs_target *t, const struct rs_interrupt *interrupt,
                             struct rs_log *log, struct rs_session **ps, struct rs_error *e)
{
  struct rs_session *s = rs_calloc(1, sizeof *s);
  if (!s) return rs_nomem(e);
  s->target = t;
  s->log = log;
  if (interrupt) s->interrupt = *interrupt;
  enum rs_code rc = rs_io_new(s, &s->io, e);
  if (rc == RS_OK) rc = t->engine->session_open(s, e);
  if (rc != RS_OK) {
    rs_io_free(s->io);
    rs_free(s);
    return rc;
  }
  rs_target_retain(t);
  rs_log_retain(log);
  *ps = s;
  return RS_OK;
}

static enum rs_code close_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  (void)arg;
  (void)e;
  if (s->in_transaction && !s->aborted) s->target->engine->transact(s, RS_ROLLBACK, NULL);
  s->target->engine->session_close(s);
  return RS_OK;
}

void rs_session_close(struct rs_session *s)
{
  if (!s) return;
  if (s->rows) rs_rows_close(s->rows);
  rs_io_finish(s->io, close_job);
  rs_sql_unlock_kept(s);
  rs_io_free(s->io);
  rs_target_release(s->target);
  rs_log_release(s->log);
  rs_map_free(&s->tables);
  rs_free(s->workspace);
  rs_free(s);
}

struct rs_target *rs_session_target(struct rs_session *s)
{
  return s->target;
}
void rs_session_cancel(struct rs_session *s)
{
  s->target->engine->cancel(s);
}
struct rs_session_state rs_session_state(const struct rs_session *s)
{
  return (struct rs_session_state){s->in_transaction, s->looks, s->kept};
}

/* ---- transactions ---------------------------------------------------------------------------- */

/* After an error inside a transaction it is rolled back at once, and COMMIT must fail: DuckDB's own
** COMMIT of an aborted transaction succeeds and drops the rows. */
void rs_session_abort(struct rs_session *s, const struct rs_error *e)
{
  if (!s->in_transaction || s->aborted) return;
  s->aborted = true;
  s->abort_again = e && e->again;
  snprintf(s->abort_text, sizeof s->abort_text, "%.500s", e ? e->text : "");
  s->target->engine->transact(s, RS_ROLLBACK, NULL);
}

static enum rs_code begin_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  (void)arg;
  return s->target->engine->transact(s, RS_BEGIN, e);
}

static enum rs_code commit_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  (void)arg;
  enum rs_code rc = s->target->engine->transact(s, RS_COMMIT, e);
  if (rc != RS_OK) s->target->engine->transact(s, RS_ROLLBACK, NULL);
  return rc;
}

static enum rs_code rollback_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  (void)arg;
  return s->target->engine->transact(s, RS_ROLLBACK, e);
}

static enum rs_code busy(struct rs_session *s, struct rs_error *e)
{
  if (!s->rows) return RS_OK;
  return rs_fail(e, RS_INTERNAL, "a session got a second statement while its rows are open");
}

enum rs_code rs_session_begin(struct rs_session *s, struct rs_error *e)
{
  if (!(rs_session_caps(s) & RS_CAP_TRANSACTIONS)) return rs_engine_lacks(s, "transactions", e);
  enum rs_code rc = rs_look_change(s, "beginning a transaction", e);
  if (rc == RS_OK) rc = busy(s, e);
  if (rc == RS_OK && s->in_transaction)
    rc = rs_fail(e, RS_INTERNAL, "a session began a second transaction");
  if (rc == RS_OK) rc = rs_io_call(s->io, begin_job, NULL, e);
  if (rc == RS_OK) s->in_transaction = true;
  return rc;
}

/* What was ended by an error that its caller may not have looked at. */
static enum rs_code rolled_back(const struct rs_session *s, struct rs_error *e)
{
  enum rs_code rc = rs_fail(e, RS_REMOTE, "the transaction was rolled back after an error: %s",
                            s->abort_text);
  if (e != NULL) e->again = s->abort_again;
  return rc;
}

static enum rs_code commit(struct rs_session *s, struct rs_error *e)
{
  enum rs_code rc = busy(s, e);
  if (rc != RS_OK) return rc;
  if (!s->in_transaction) return rs_fail(e, RS_INTERNAL, "a session committed no transaction");
  bool aborted = s->aborted;
  s->in_transaction = s->aborted = false;
  if (aborted) rc = rolled_back(s, e);
  else rc = rs_io_call_uninterrupted(s->io, commit_job, NULL, e); // cut off it may be done or not
  if (rc == RS_OK) s->kept++;
  rs_sql_unlock_kept(s);
  return rc;
}

static enum rs_code rollback(struct rs_session *s, struct rs_error *e)
{
  if (s->rows) rs_rows_close(s->rows);
  if (!s->in_transaction) return RS_OK;
  bool aborted = s->aborted;
  s->in_transaction = s->aborted = false;
  enum rs_code rc = RS_OK;
  if (!aborted) rc = rs_io_call_uninterrupted(s->io, rollback_job, NULL, e);
  rs_sql_unlock_kept(s);
  return rc;
}

enum rs_code rs_session_end(struct rs_session *s, bool commits, struct rs_error *e)
{
  return commits ? commit(s, e) : rollback(s, e);
}

bool rs_session_again(struct rs_session *s, int tries, struct rs_error *e)
{
  int64_t ms = 10;
  if (!e->again || tries >= AGAIN_TRIES) return false;
  for (int i = 1; i < tries && ms < AGAIN_WAIT_MAX; i++) ms *= 2;
  for (; ms > 0; ms -= 50) {
    rs_sleep_ms(ms < 50 ? ms : 50);
    if (rs_sql_check_interrupt(s, e) != RS_OK) return false;
  }
  return true;
}

/* ---- statements ------------------------------------------------------------------------------ */

struct statement_job {
  const struct rs_statement *st;
  struct rs_rows *rows;
  int64_t affected;
  struct rs_columns *columns;
};

/* A query's first batch is fetched at once: most keyed queries have no other. */
static enum rs_code execute_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct rs_engine *engine = s->target->engine;
  struct statement_job *job = arg;
  struct rs_rows *r = job->rows;
  bool begun;
  enum rs_code rc = rs_look_begin(s, &begun, e);
  if (rc != RS_OK) return rc;
  rc = engine->execute(s, job->st, r, &job->affected, e);
  if (rc == RS_OK && r) {
    void *batch = NULL;
    size_t n = 0;
    rc = engine->next_batch(r, &batch, &n, e);
    if (rc != RS_OK && rc != RS_DONE) engine->close_rows(r);
    else {
      rs_prefetch_first(&r->prefetch, rc, batch, n);
      r->looks = begun;
      return RS_OK;
    }
  }
  if (begun) engine->transact(s, RS_ROLLBACK, NULL);
  if (rc != RS_OK) rs_target_no_file(s->target, e);
  if (rc != RS_OK) rs_session_abort(s, e);
  return rc;
}

static enum rs_code columns_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct statement_job *job = arg;
  enum rs_code rc = s->target->engine->columns(s, job->st, job->columns, e);
  if (rc != RS_OK) rs_target_no_file(s->target, e);
  if (rc != RS_OK) rs_session_abort(s, e);
  return rc;
}

static enum rs_code refuse_aborted(struct rs_session *s, struct rs_error *e)
{
  enum rs_code rc = busy(s, e);
  return rc == RS_OK && s->aborted ? rolled_back(s, e) : rc;
}

/* May the session run it? *sent is the statement with the owner's tables in it, its text in b,
** which the caller frees. */
static enum rs_code admit(struct rs_session *s, const struct rs_statement *st,
                          struct rs_statement *sent, struct rs_buf *b, struct rs_error *e)
{
  rs_buf_init(b, RS_BUF_SQL_MAX);
  *sent = *st;
  enum rs_code rc = refuse_aborted(s, e);
  if (rc == RS_OK) rc = rs_look_statement(s, st, e);
  if (rc != RS_OK || s->interrupt.localize == NULL) return rc;
  rc = s->interrupt.localize(s->interrupt.ctx, s, st->sql, b, e);
  if (rc == RS_DONE) return RS_OK;
  if (rc == RS_OK) rc = rs_buf_error(b, e, "statement");
  if (rc == RS_OK) sent->sql = rs_buf_text(b);
  return rc;
}

enum rs_code rs_session_exec(struct rs_session *s, const struct rs_statement *st, int64_t *affected,
                             struct rs_error *e)
{
  struct rs_error own = {0};
  if (!e) e = &own;
  struct rs_statement sent;
  struct rs_buf text;
  struct statement_job job = {.st = &sent, .affected = -1};
  enum rs_code rc = admit(s, st, &sent, &text, e);
  if (rc == RS_OK) {
    int64_t us = rs_now_us(), wall = rs_wall_us();
    rc = rs_io_call(s->io, execute_job, &job, e);
    if (rc != RS_OK) rs_error_sql(e, sent.sql);
    else if (st->writes && !s->in_transaction) s->kept++;
    rs_session_log(s, sent.sql, us, wall, job.affected, -1, rc == RS_OK ? NULL : e);
  }
  if (rc == RS_OK && affected) *affected = job.affected;
  rs_buf_free(&text);
  return rc;
}

enum rs_code rs_session_columns(struct rs_session *s, const struct rs_statement *st,
                                struct rs_columns *out, struct rs_error *e)
{
  struct rs_statement sent;
  struct rs_buf text;
  struct statement_job job = {.st = &sent, .columns = out};
  memset(out, 0, sizeof *out);
  enum rs_code rc = admit(s, st, &sent, &text, e);
  if (rc == RS_OK) {
    rc = rs_io_call(s->io, columns_job, &job, e);
    if (rc != RS_OK) {
      rs_error_sql(e, sent.sql);
      rs_columns_free(out);
    }
  }
  rs_buf_free(&text);
  return rc;
}

static enum rs_code learn_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  (void)arg;
  return s->target->engine->learn(s, e);
}

unsigned rs_session_caps(struct rs_session *s)
{
  if (s->target->engine->learn && !s->learned) (void)rs_io_call(s->io, learn_job, NULL, NULL);
  return s->learned ? s->caps : s->target->engine->traits.caps;
}

static enum rs_code version_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  return s->target->engine->version(s, arg, e);
}

enum rs_code rs_session_version(struct rs_session *s, char **version, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1024);
  enum rs_code rc = busy(s, e);
  if (rc == RS_OK) rc = rs_io_call(s->io, version_job, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "version");
  if (rc == RS_OK) *version = rs_buf_take(&b);
  else rs_buf_free(&b);
  return rc;
}

static enum rs_code copy_file_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  return s->target->engine->copy_file(s, arg, e);
}

enum rs_code rs_session_copy_file(struct rs_session *s, const char *to, struct rs_error *e)
{
  enum rs_code rc = refuse_aborted(s, e);
  if (rc != RS_OK) return rc;
  if (!s->target->engine->copy_file) return rs_engine_lacks(s, "file of this machine", e);
  if (!s->target->file) return rs_fail(e, RS_NOT_FOUND, "the target's database is in memory");
  union {
    const char *in;
    void *arg;
  } path = {.in = to};
  return rs_io_call(s->io, copy_file_job, path.arg, e);
}

struct ingest_job {
  const struct rs_relation *stage;
  struct rs_rows *src;
  int64_t count;
};

static enum rs_code ingest_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct ingest_job *job = arg;
  enum rs_code rc = s->target->engine->ingest(s, job->stage, job->src, &job->count, e);
  if (rc != RS_OK) rs_session_abort(s, e);
  return rc;
}

enum rs_code rs_session_ingest(struct rs_session *s, const struct rs_relation *stage,
                               struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  struct rs_error own = {0};
  if (!e) e = &own;
  struct ingest_job job = {.stage = stage, .src = src, .count = -1};
  enum rs_code rc = refuse_aborted(s, e);
  if (rc == RS_OK) rc = rs_look_change(s, "taking in rows", e);
  if (rc != RS_OK) return rc;
  if (!s->target->engine->ingest)
    return rs_fail(e, RS_UNSUPPORTED, "target '%s' (%s) can't take a stream of rows",
                   s->target->output->target_name, s->target->engine->type);
  /* The engine reads src's batches itself, on this session's thread: none may be in flight. */
  rs_prefetch_settle(&src->prefetch);
  int64_t us = rs_now_us(), wall = rs_wall_us();
  s->source = src->session;
  rc = rs_io_call(s->io, ingest_job, &job, e);
  s->source = NULL;
  char text[256];
  snprintf(text, sizeof text, "ingest into %s.%s", stage->workspace ? stage->workspace : "temp",
           stage->name);
  rs_session_log(s, text, us, wall, job.count, -1, rc == RS_OK ? NULL : e);
  if (rc == RS_OK) *count = job.count;
  return rc;
}

struct stage_job {
  const char *name;
  struct rs_arrow_builder *rows;
};

static enum rs_code stage_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct stage_job *job = arg;
  enum rs_code rc = s->target->engine->stage(s, job->name, job->rows, e);
  if (rc != RS_OK) rs_session_abort(s, e);
  return rc;
}

bool rs_session_can_stage(const struct rs_session *s)
{
  return s->target->engine->stage != NULL;
}

enum rs_code rs_session_stage(struct rs_session *s, const char *name, struct rs_arrow_builder *rows,
                              struct rs_error *e)
{
  struct rs_error own = {0};
  if (!e) e = &own;
  struct stage_job job = {name, rows};
  enum rs_code rc = refuse_aborted(s, e);
  if (rc == RS_OK) rc = rs_look_change(s, "taking in rows", e);
  if (rc != RS_OK) return rc;
  int64_t us = rs_now_us(), wall = rs_wall_us(), n = rs_arrow_builder_rows(rows);
  rc = rs_io_call(s->io, stage_job, &job, e);
  char text[256];
  snprintf(text, sizeof text, "ingest into temp.%s", name);
  rs_session_log(s, text, us, wall, n, -1, rc == RS_OK ? NULL : e);
  return rc;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum rs_code fetch(void *ctx, void **batch, size_t *n, struct rs_error *e)
{
  struct rs_rows *r = ctx;
  enum rs_code rc = r->session->target->engine->next_batch(r, batch, n, e);
  if (rc != RS_OK && rc != RS_DONE) rs_session_abort(r->session, e);
  return rc;
}

static void rows_free(struct rs_rows *r)
{
  rs_columns_free(&r->columns);
  rs_free(r->sql);
  rs_free(r);
}

enum rs_code rs_session_query(struct rs_session *s, const struct rs_statement *st,
                              struct rs_rows **pr, struct rs_error *e)
{
  struct rs_error own = {0};
  if (!e) e = &own;
  struct rs_statement sent;
  struct rs_buf text;
  struct rs_rows *r = NULL;
  enum rs_code rc = admit(s, st, &sent, &text, e);
  if (rc == RS_OK) r = rs_calloc(1, sizeof *r);
  if (rc == RS_OK && (!r || !(r->sql = rs_strdup(sent.sql)))) rc = rs_nomem(e);
  rs_buf_free(&text);
  if (rc != RS_OK) {
    rs_free(r);
    return rc;
  }
  sent.sql = r->sql;
  const size_t depth = s->target->engine->prefetch;
  rs_prefetch_init(&r->prefetch, s->io, fetch, r, depth > 0 ? depth : 1);
  r->session = s;
  r->bytes = -1;
  r->started_us = rs_now_us();
  r->started_wall = rs_wall_us();
  struct statement_job job = {.st = &sent, .rows = r};
  rc = rs_io_call(s->io, execute_job, &job, e);
  if (rc != RS_OK) {
    rs_error_sql(e, r->sql);
    rs_session_log(s, r->sql, r->started_us, r->started_wall, -1, -1, e);
    rows_free(r);
    return rc;
  }
  s->rows = r;
  *pr = r;
  return RS_OK;
}

const struct rs_columns *rs_rows_columns(const struct rs_rows *r)
{
  return &r->columns;
}

/* Makes the next batch the current one. */
static enum rs_code next_batch(struct rs_rows *r, struct rs_error *e)
{
  void *batch = NULL;
  size_t n = 0;
  enum rs_code rc = rs_prefetch_take(&r->prefetch, &batch, &n, NULL);
  if (rc != RS_OK) {
    if (rc != RS_DONE && !r->done) rs_error_sql(&r->prefetch.error, r->sql);
    r->done = true;
    return rs_prefetch_over(&r->prefetch, e);
  }
  if (r->batch) r->session->target->engine->free_batch(r, r->batch);
  r->batch = batch;
  r->batch_rows = n;
  r->row = 0;
  if (r->session->target->engine->show) r->session->target->engine->show(r, batch);
  return RS_OK;
}

enum rs_code rs_rows_pull(struct rs_rows *r, void **batch, size_t *n, struct rs_error *e)
{
  *batch = NULL;
  *n = 0;
  r->pulled = true;
  if (r->done) return RS_DONE;
  enum rs_code rc = RS_OK;
  if (!rs_prefetch_left(&r->prefetch, batch, n)) {
    rc = rs_prefetch_over(&r->prefetch, e);
    if (rc == RS_OK) rc = r->session->target->engine->next_batch(r, batch, n, e);
  }
  if (rc != RS_OK) r->done = true;
  r->total += (int64_t)*n;
  if (rc == RS_OK && r->progress != NULL) r->progress(r->progress_ctx, r->total);
  return rc;
}

enum rs_code rs_rows_next(struct rs_rows *r, struct rs_error *e)
{
  if (r->scratch != NULL) {
    if (r->scratch->nomem) r->nomem = true;
    rs_scratch_reset(r->scratch);
  }
  if (r->nomem) return rs_nomem(e);
  if (r->row >= r->batch_rows) {
    enum rs_code rc = next_batch(r, e);
    if (rc != RS_OK) {
      r->row = r->batch_rows;
      return rc;
    }
    if (r->progress != NULL) r->progress(r->progress_ctx, r->total);
  }
  r->row++;
  r->total++;
  return RS_OK;
}

void rs_rows_get(struct rs_rows *r, size_t col, struct rs_value *out)
{
  out->whole = false;
  out->of = 0;
  if (r->views != NULL) rs_arrow_get(&r->views[col], (int64_t)r->row - 1, r->scratch, out);
  else r->session->target->engine->get(r, r->batch, r->row - 1, col, out);
}

void rs_rows_close(struct rs_rows *r)
{
  if (!r) return;
  struct rs_session *s = r->session;
  /* An interrupt would end the whole transaction in the engine: there the batch is waited for,
  ** unless the user loses patience. */
  rs_prefetch_stop(&r->prefetch, !s->in_transaction);
  void *left;
  size_t n;
  if (r->batch) s->target->engine->free_batch(r, r->batch);
  while (rs_prefetch_left(&r->prefetch, &left, &n)) s->target->engine->free_batch(r, left);
  s->target->engine->close_rows(r);
  rs_session_log(s, r->sql, r->started_us, r->started_wall, r->total, r->bytes, &r->prefetch.error);
  if (r->looks) (void)rs_io_call_uninterrupted(s->io, rollback_job, NULL, NULL);
  s->rows = NULL;
  rows_free(r);
}
