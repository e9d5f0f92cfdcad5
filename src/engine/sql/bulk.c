/*
** Rows that go into a relation before COMMIT (rs_bulk_*, engine/changes.h), while the caller makes
** more.
**
** One job of the session's I/O thread begins the transaction, looks at the relation and ingests
** what waits. It waits for more by itself, not inside of the engine: an ingestion that waits for
** its rows keeps the engine's worker threads from all other queries. So there are several
** ingestions, each of the arrays that were there.
**
** What an open transaction holds (the file, the relation's lock) others may want: of the same
** process they say so (rs_sql_yields); for all others it is let go when no rows come for a while.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/arrow/abi.h"
#include "src/engine/slots.h"
#include "src/engine/io.h"
#include "sql.h"
#include "changes.h"

enum {
  WAITING_MAX = 4, /* arrays; the caller keeps what is beyond, on disk if it likes */
  WAIT_MS = 1000,  /* the job gives up when it has waited that much longer than the engine worked */
  POLL_MS = 20     /* how soon a waiting owner sees an interrupt */
};

struct rs_bulk {
  struct rs_session *s;
  struct rs_changes changes; /* names and types of the rows; nothing to read */
  struct rs_relation given;  /* where they go: that, */
  struct rs_relation table;  /* or what it stands for */
  struct apply x;
  struct rs_input input;
  struct rs_rows *rows; /* of the input */
  int64_t before;       /* rows of the relation */
  int64_t us, wall;     /* when it began, for the log */
  bool logged;
  pthread_mutex_t mutex; /* guards what follows */
  pthread_cond_t changed;
  struct ArrowArray waiting[WAITING_MAX]; /* a ring */
  size_t first, n;
  bool ended;   /* no more come */
  bool dropped; /* by its owner, who waits */
  bool wanted;  /* another session waits for the relation */
  bool over;    /* the job takes nothing any more */
  bool arrived; /* rs_bulk_end: all of them */
  int64_t sent, worked_ms, waited_ms;
};

/* ---- the job --------------------------------------------------------------------------------- */

/* Why it must stop, if it must. With the mutex. */
static enum rs_code must_stop(const struct rs_bulk *y, struct rs_error *e)
{
  if (y->dropped) return rs_fail(e, RS_CANCELLED, "given up before COMMIT");
  if (y->wanted)
    return rs_fail(e, RS_BUSY, "given up: another session wants or altered a relation");
  return RS_OK;
}

/* The input's: RS_DONE when nothing waits, whether more will come or not. */
static enum rs_code next_array(void *ctx, struct ArrowArray *out, struct rs_error *e)
{
  struct rs_bulk *y = ctx;
  pthread_mutex_lock(&y->mutex);
  enum rs_code rc = must_stop(y, e);
  if (rc == RS_OK && y->n == 0) rc = RS_DONE;
  if (rc == RS_OK) {
    *out = y->waiting[y->first];
    y->first = (y->first + 1) % WAITING_MAX;
    y->n--;
    pthread_cond_signal(&y->changed);
  }
  pthread_mutex_unlock(&y->mutex);
  return rc;
}

static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  (void)ctx;
  (void)row;
  return rs_fail(e, RS_INTERNAL, "rows in bulk are arrays");
}

/* RS_OK: something waits; RS_DONE: nothing will any more. */
static enum rs_code wait_for_rows(struct rs_bulk *y, struct rs_error *e)
{
  const int64_t since = rs_now_ms(), patience = WAIT_MS + y->worked_ms - y->waited_ms;
  pthread_mutex_lock(&y->mutex);
  enum rs_code rc = must_stop(y, e);
  while (rc == RS_OK && y->n == 0) {
    const int64_t left = y->changes.lends ? WAIT_MS : patience - (rs_now_ms() - since);
    if (y->ended) rc = RS_DONE;
    else if (left <= 0) rc = rs_fail(e, RS_BUSY, "given up: no rows came for a while");
    else (void)rs_cond_wait_ms(&y->changed, &y->mutex, left);
    if (rc == RS_OK) rc = must_stop(y, e);
  }
  pthread_mutex_unlock(&y->mutex);
  y->waited_ms += rs_now_ms() - since;
  return rc;
}

/* Looks at the relation, in the transaction and under its lock, which the transaction keeps. */
static enum rs_code look(struct rs_bulk *y, struct rs_error *e)
{
  struct rs_session *s = y->s;
  struct rs_sql_lock *lock = NULL;
  bool append = false;
  enum rs_code rc = rs_apply_find(s, &y->x, &y->given, &y->table, e);
  if (rc == RS_OK) rc = rs_sql_lock(s, &y->table, &lock, e);
  if (rc == RS_OK && !y->x.is_table) rc = rs_sql_need_table(s, &y->table, e);
  if (rc == RS_OK) rc = rs_apply_types(s, &y->x, e);
  if (rc == RS_OK) rc = rs_apply_can_append(s, &y->x, &append, e);
  if (rc == RS_OK && !append)
    rc = rs_fail(e, RS_UNSUPPORTED, "rows can't go straight into %s.%s", y->table.workspace,
                 y->table.name);
  if (rc == RS_OK) rc = rs_apply_count(s, &y->x, &y->before, e);
  rs_sql_unlock(lock);
  return rc;
}

/* What waits. */
static enum rs_code ingest_waiting(struct rs_bulk *y, struct rs_error *e)
{
  const int64_t since = rs_now_ms();
  int64_t count = 0;
  enum rs_code rc = y->s->target->engine->ingest(y->s, &y->table, y->rows, &count, e);
  y->sent += count;
  y->worked_ms += rs_now_ms() - since;
  return rc;
}

static enum rs_code ingest(struct rs_bulk *y, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (y->changes.lends == RS_LEND_ROWS) { // the table is made, also of no rows
    rc = ingest_waiting(y, e);
    y->rows->append = true;
  }
  while (rc == RS_OK && (rc = wait_for_rows(y, e)) == RS_OK) rc = ingest_waiting(y, e);
  return rc == RS_DONE ? RS_OK : rc;
}

/* The transaction in which the rows go there. */
static enum rs_code begin(struct rs_bulk *y, struct rs_error *e)
{
  struct rs_session *s = y->s;
  struct rs_sql_lock *lock = NULL;
  enum rs_code rc;
  if (y->changes.lends) {
    rc = rs_session_begin(s, e);
    if (rc == RS_OK)
      rc = rs_sql_run(s, NULL, e, "CREATE SCHEMA IF NOT EXISTS %i.%i", y->table.database,
                      y->table.workspace);
    return rc;
  }
  s->impatient = true;
  rc = rs_session_lock(s, &y->given, &lock, e);
  if (rc == RS_OK) rc = rs_session_begin(s, e);
  if (rc == RS_OK) rc = look(y, e);
  s->impatient = false;
  rs_session_unlock(lock); // the transaction keeps it
  return rc;
}

static enum rs_code work(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct rs_bulk *y = arg;
  struct rs_error own = {0}; // statements inside of the job use its own
  enum rs_code rc = begin(y, &own);
  if (rc == RS_OK) rc = ingest(y, &own);
  pthread_mutex_lock(&y->mutex);
  const bool awaited = y->ended || y->dropped; // then the owner does what is to be done
  y->over = true;
  pthread_cond_signal(&y->changed);
  pthread_mutex_unlock(&y->mutex);
  if (rc != RS_OK && !awaited) {
    rs_session_abort(s, &own);
    rs_sql_unlock_kept(s);
  }
  if (e != NULL) *e = own;
  return rc;
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* Another session's thread (rs_sql_yields). */
static void is_wanted(void *ctx)
{
  struct rs_bulk *y = ctx;
  pthread_mutex_lock(&y->mutex);
  y->wanted = true;
  pthread_cond_signal(&y->changed);
  pthread_mutex_unlock(&y->mutex);
}

static void free_bulk(struct rs_bulk *y)
{
  for (; y->n > 0; y->n--) {
    y->waiting[y->first].release(&y->waiting[y->first]);
    y->first = (y->first + 1) % WAITING_MAX;
  }
  rs_input_close(y->rows);
  rs_arena_free(&y->x.a);
  (void)pthread_cond_destroy(&y->changed);
  (void)pthread_mutex_destroy(&y->mutex);
  rs_free(y);
}

static bool fits(struct rs_session *s)
{
  const struct rs_engine *engine = s->target->engine;
  return engine->relations != NULL && engine->relations->apply == rs_sql_apply &&
         rs_sql_catalog_of(s)->by_name &&
         (~rs_session_caps(s) & (RS_CAP_TRANSACTIONS | RS_CAP_INGEST)) == 0;
}

static struct rs_bulk *make(struct rs_session *s, const struct rs_relation *rel,
                            const struct rs_changes *c)
{
  struct rs_bulk *y = rs_calloc(1, sizeof *y);
  if (y == NULL) return NULL;
  if (pthread_mutex_init(&y->mutex, NULL) != 0 || rs_cond_init(&y->changed) != 0) {
    rs_free(y);
    return NULL;
  }
  rs_arena_init(&y->x.a, 0);
  y->s = s;
  y->changes = *c;
  y->given = y->table = *rel;
  y->x.c = &y->changes;
  y->x.rel = &y->table;
  y->x.dialect = s->target->dialect;
  y->x.adds = 1; // and more
  y->us = rs_now_us();
  y->wall = rs_wall_us();
  return y;
}

enum rs_code rs_bulk_begin(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_changes *c, struct rs_bulk **out, struct rs_error *e)
{
  if (c->lends ? !(rs_session_caps(s) & RS_CAP_LENDS) : !fits(s))
    return rs_fail(e, RS_UNSUPPORTED, "rows can't be sent before COMMIT");
  struct rs_bulk *y = make(s, rel, c);
  if (y == NULL) return rs_nomem(e);
  y->input = (struct rs_input){.names = c->names,
                               .types = c->types,
                               .n = c->n,
                               .next = next_row,
                               .ctx = y,
                               .next_array = next_array,
                               .append = c->lends != RS_LEND_ROWS,
                               .lent = c->lends != RS_LEND_NONE,
                               .mixes = c->mixes};
  enum rs_code rc = rs_input_open(&y->input, &y->rows, e);
  // a job that waits for rows must not run on the thread that is to give them
  if (rc == RS_OK && !rs_io_start(s->io)) rc = rs_nomem(e);
  if (rc != RS_OK) {
    free_bulk(y);
    return rc;
  }
  if (c->lends) s->lends = rel->database;
  else rs_sql_yields(s, is_wanted, y);
  rs_io_submit(s->io, work, y);
  *out = y;
  return RS_OK;
}

/* ---- giving ---------------------------------------------------------------------------------- */

/* Waits for room; the mutex is held, but not all the time. */
static enum rs_code await_room(struct rs_bulk *y, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  while (rc == RS_OK && !y->over && y->n == WAITING_MAX) {
    if (rs_cond_wait_ms(&y->changed, &y->mutex, POLL_MS)) continue;
    pthread_mutex_unlock(&y->mutex); // the hook is the host's code
    rc = rs_sql_check_interrupt(y->s, e);
    pthread_mutex_lock(&y->mutex);
  }
  return rc;
}

enum rs_code rs_bulk_give(struct rs_bulk *y, struct ArrowArray *a, bool waits, struct rs_error *e)
{
  // also where the engine is never waited for
  enum rs_code rc = waits ? rs_sql_check_interrupt(y->s, e) : RS_OK;
  pthread_mutex_lock(&y->mutex);
  if (waits && rc == RS_OK) rc = await_room(y, e);
  if (rc == RS_OK && y->over) rc = RS_DONE;
  if (rc == RS_OK && y->n == WAITING_MAX) rc = RS_BUSY;
  if (rc == RS_OK && a != NULL) {
    y->waiting[(y->first + y->n) % WAITING_MAX] = *a;
    y->n++;
    a->release = NULL;
    pthread_cond_signal(&y->changed);
  }
  pthread_mutex_unlock(&y->mutex);
  return rc;
}

/* ---- its end --------------------------------------------------------------------------------- */

static void log_it(struct rs_bulk *y, const struct rs_error *e)
{
  char text[256];
  if (y->logged) return;
  y->logged = true;
  const char *database = y->changes.lends ? y->table.database : "";
  (void)snprintf(text, sizeof text, "ingest into %s%s%s.%s", database, *database ? "." : "",
                 y->table.workspace, y->table.name);
  rs_session_log(y->s, text, y->us, y->wall, y->sent, -1, e);
}

/* The keys that came against those that were there. DuckDB gives the rows of the open transaction
** row ids from a number on that no stored row has; where that is not so, the rows can't be known
** apart, and must be sent the other way. */
static enum rs_code check_keys(struct rs_bulk *y, int64_t rows, struct rs_error *e)
{
  static const char new_rows[] = "36028797018960000";
  const char *key = y->changes.names[y->changes.key];
  struct rs_buf b;
  int64_t n = 0;
  bool known = true;
  if (y->before == 0) return RS_OK;
  for (size_t i = 0; i < y->changes.n; i++)
    known = known && rs_casecmp(y->changes.names[i], "rowid") != 0; // it would hide the other
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(y->s, &b, "SELECT count(*) FROM %r WHERE rowid >= %s", &y->table, new_rows);
  enum rs_code rc = rs_sql_int(y->s, &b, &n, e);
  if (rc == RS_OK && (n != rows || !known))
    return rs_fail(e, RS_UNSUPPORTED, "the rows that are new can't be known from the others");
  if (rc != RS_OK) return rc;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_sql_add(y->s, &b,
             "SELECT count(*) FROM %r AS n JOIN %r AS o ON n.%i = o.%i "
             "WHERE n.rowid >= %s AND o.rowid < %s",
             &y->table, &y->table, key, key, new_rows, new_rows);
  rc = rs_sql_int(y->s, &b, &n, e);
  if (rc == RS_OK && n > 0)
    rc = rs_fail(e, RS_CONSTRAINT, "UNIQUE constraint failed: a %s exists already", key);
  return rc;
}

enum rs_code rs_bulk_end(struct rs_bulk *y, int64_t rows, bool checked, struct rs_error *e)
{
  struct rs_error own = {0};
  int64_t after;
  if (e == NULL) e = &own;
  rs_sql_yields(y->s, NULL, NULL);
  pthread_mutex_lock(&y->mutex);
  const bool over = y->over; // it failed, and may be rolling back, which nothing should cancel
  y->ended = true;
  pthread_cond_signal(&y->changed);
  pthread_mutex_unlock(&y->mutex);
  if (over) rs_io_settle(y->s->io);
  enum rs_code rc = over ? rs_io_result(y->s->io, e) : rs_io_wait(y->s->io, e);
  log_it(y, e);
  after = y->before + y->sent;
  if (rc == RS_OK && !y->changes.lends) rc = rs_apply_count(y->s, &y->x, &after, e);
  if (rc == RS_OK && (y->sent != rows || after - y->before != rows)) {
    rc = rs_fail(e, RS_REMOTE, "%lld rows were sent to %s.%s and %lld arrived", (long long)rows,
                 y->table.workspace, y->table.name, (long long)(after - y->before));
  }
  if (rc == RS_OK && checked && y->changes.key >= 0) rc = check_keys(y, rows, e);
  y->arrived = rc == RS_OK;
  return rc;
}

void rs_bulk_close(struct rs_bulk *y)
{
  if (y == NULL) return;
  struct rs_error e = {0};
  struct rs_session *s = y->s;
  if (!y->arrived || s->in_transaction) {
    rs_sql_yields(s, NULL, NULL);
    pthread_mutex_lock(&y->mutex);
    y->dropped = true;
    pthread_cond_signal(&y->changed);
    // with the mutex: not a rollback that the job does by itself
    if (!y->over) s->target->engine->cancel(s);
    pthread_mutex_unlock(&y->mutex);
    rs_io_settle(s->io);
    (void)rs_io_result(s->io, &e);
    log_it(y, &e);
    (void)rs_session_end(s, false, NULL);
  }
  s->lends = NULL;
  free_bulk(y);
}
