/*
** The register of queries: who runs, who waits, what ended lately, and results that are kept to be
** paged through.
**
** A stored result lies in a file without a name (it goes with the process, however that ends), a
** row behind its length; where every 256th row lies is in memory. One mutex guards the register;
** nothing slow happens under it.
*/
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/spill.h"
#include "src/base/text.h"
#include "internal.h"

enum {
  START_MS = 120000,   /* a queued query must have started by then */
  ENDED_MAX = 2000,    /* ended queries that are remembered */
  ENDED_MORE = 250,    /* and so many more before they are counted again */
  SQL_KEPT = 64 << 10, /* bytes of a statement that are */
  WAIT_MS = 50,
  WRITE_BLOCK = 256 << 10
};

struct rs_queries {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  struct rs_query *list; /* the newest first */
  int running, queued, threads, ended;
  int64_t stored_bytes;
  unsigned serial;
};

/* ---- the register ---------------------------------------------------------------------------- */

enum rs_code rs_queries_open(struct rs_backend *v, struct rs_error *e)
{
  v->queries = rs_calloc(1, sizeof *v->queries);
  if (v->queries == NULL) return rs_nomem(e);
  pthread_mutex_init(&v->queries->mutex, NULL);
  rs_cond_init(&v->queries->changed);
  return RS_OK;
}

static void release_query(struct rs_queries *t, struct rs_query *x)
{
  if (--x->refs > 0) return;
  if (x->stored) t->stored_bytes -= x->bytes;
  if (x->fd >= 0) (void)close(x->fd);
  rs_free(x->sql);
  rs_free(x->column_fields);
  rs_free(x->collections);
  rs_free(x->last_offset);
  rs_free(x->lambda);
  rs_free(x->index);
  rs_free(x);
}

static bool has_ended(const struct rs_query *x)
{
  return x->status > RS_Q_RUNNING;
}

/* Forgets what has expired, and the oldest beyond ENDED_MAX. With the mutex. */
static void drop_expired(struct rs_queries *t, int64_t now)
{
  int kept = 0;
  for (struct rs_query **at = &t->list; *at != NULL;) {
    struct rs_query *x = *at;
    bool old = has_ended(x) && (x->expires_us <= now || ++kept > ENDED_MAX);
    if (!old) {
      at = &x->next;
      continue;
    }
    *at = x->next;
    t->ended--;
    release_query(t, x);
  }
}

void rs_queries_sweep(struct rs_backend *v)
{
  pthread_mutex_lock(&v->queries->mutex);
  drop_expired(v->queries, rs_wall_us());
  pthread_mutex_unlock(&v->queries->mutex);
}

void rs_queries_close(struct rs_backend *v)
{
  struct rs_queries *t = v->queries;
  if (t == NULL) return;
  pthread_mutex_lock(&t->mutex);
  while (t->threads > 0) rs_cond_wait_ms(&t->changed, &t->mutex, WAIT_MS);
  drop_expired(t, INT64_MAX);
  pthread_mutex_unlock(&t->mutex);
  pthread_cond_destroy(&t->changed);
  pthread_mutex_destroy(&t->mutex);
  rs_free(t);
  v->queries = NULL;
}

void rs_queries_count(struct rs_backend *v, int *running, int *queued, int64_t *stored_bytes)
{
  struct rs_queries *t = v->queries;
  pthread_mutex_lock(&t->mutex);
  *running = t->running;
  *queued = t->queued;
  *stored_bytes = t->stored_bytes;
  pthread_mutex_unlock(&t->mutex);
}

/* ---- a query's life -------------------------------------------------------------------------- */

/* As the service's: <uuid>:<7 characters>:0 */
static void make_id(struct rs_queries *t, struct rs_query *x)
{
  char uuid[37];
  rs_uuid(uuid);
  (void)snprintf(x->id, sizeof x->id, "%s:%07x:0", uuid, t->serial++ & 0xFFFFFFF);
}

enum rs_code rs_query_begin(struct rs_backend *v, const struct rs_query_request *r,
                            const struct rs_identity *who, int fd, struct rs_query **pq,
                            struct rs_error *e)
{
  struct rs_vi vi;
  enum rs_code rc = rs_vi_need(v, who, RS_MAY_QUERY_VI, r->instance, e);
  if (rc != RS_OK) return rc;
  struct rs_queries *t = v->queries;
  struct rs_query *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return rs_nomem(e);
  size_t n = strlen(r->sql);
  x->fd = -1;
  x->refs = 2;
  if (n > SQL_KEPT) n = SQL_KEPT;
  x->sql = rs_strndup(r->sql, rs_utf8_valid(r->sql, n));
  x->lambda = rs_strdup(r->lambda);
  if (x->sql == NULL || (r->lambda != NULL && x->lambda == NULL)) {
    x->refs = 1;
    release_query(t, x);
    return rs_nomem(e);
  }
  (void)snprintf(x->by, sizeof x->by, "%s", who->key_name);
  (void)snprintf(x->user, sizeof x->user, "%s", who->user);
  x->submitted_us = rs_wall_us();
  x->started_ms = rs_now_ms();
  rc = rs_vi_enter(v, r->instance, &x->vi, &vi, e);
  if (rc != RS_OK) {
    x->refs = 1;
    release_query(t, x);
    return rc;
  }
  (void)snprintf(x->instance, sizeof x->instance, "%s", vi.id);
  rs_vi_limits(v, vi.size, &x->limits);
  rs_watch_init(&x->watch, v->stopping, fd);
  atomic_store(&x->watch.deadline, rs_now_ms() + r->timeout_ms);
  pthread_mutex_lock(&t->mutex);
  make_id(t, x);
  x->next = t->list;
  t->list = x;
  pthread_mutex_unlock(&t->mutex);
  *pq = x;
  return RS_OK;
}

enum rs_code rs_query_start(struct rs_backend *v, struct rs_query *x, struct rs_error *e)
{
  struct rs_queries *t = v->queries;
  const struct rs_query_limits *l = v->limits;
  enum rs_code rc = RS_OK;
  int64_t until = rs_now_ms() + START_MS;
  bool waits = false;
  pthread_mutex_lock(&t->mutex);
  while (rc == RS_OK && !(t->running < l->running && rs_vi_run(v, x->vi))) {
    if (!waits && t->queued >= l->queued) {
      rc = rs_fail(e, RS_LIMIT, "%d queries run and %d wait: try again later", t->running,
                   t->queued);
    } else if (rs_now_ms() >= until) {
      rc = rs_fail(e, RS_LIMIT, "the query waited for %d s and could not start: try again later",
                   START_MS / 1000);
    } else {
      t->queued += !waits;
      waits = true;
      rs_cond_wait_ms(&t->changed, &t->mutex, WAIT_MS);
      if (rs_watch_is_stopped(&x->watch))
        rc = rs_fail(e, RS_CANCELLED, "query: cancelled before it started");
    }
  }
  t->queued -= waits;
  if (rc == RS_OK) {
    t->running++;
    x->status = RS_Q_RUNNING;
    x->started_ms = rs_now_ms();
  }
  pthread_mutex_unlock(&t->mutex);
  return rc;
}

enum rs_code rs_query_describe(struct rs_backend *v, struct rs_query *x, const struct rs_run *r,
                               struct rs_error *e)
{
  char *fields = rs_strdup(r->column_fields), *collections = rs_strdup(r->collections);
  char *offset = rs_strdup(r->last_offset);
  if (fields == NULL || collections == NULL || (r->last_offset != NULL && offset == NULL)) {
    rs_free(fields);
    rs_free(collections);
    rs_free(offset);
    return rs_nomem(e);
  }
  pthread_mutex_lock(&v->queries->mutex);
  x->column_fields = fields;
  x->collections = collections;
  x->last_offset = offset;
  pthread_mutex_unlock(&v->queries->mutex);
  return RS_OK;
}

void rs_query_end(struct rs_backend *v, struct rs_query *x, enum rs_code rc,
                  const struct rs_problem *p)
{
  struct rs_queries *t = v->queries;
  if (x->lambda != NULL) rs_lambda_uses_note(v, x->lambda, x->user, rc, p);
  pthread_mutex_lock(&t->mutex);
  bool ran = x->status == RS_Q_RUNNING;
  t->running -= ran;
  rs_vi_leave(v, x->vi, ran);
  x->vi = NULL;
  if (rc != RS_OK) x->problem = *p;
  x->ended_ms = rs_now_ms();
  x->expires_us = rs_wall_us() + v->limits->keep_ms * 1000;
  x->status = rc == RS_OK ? RS_Q_COMPLETED : rc == RS_CANCELLED ? RS_Q_CANCELLED : RS_Q_ERROR;
  x->watch.fd = -1;
  t->ended++;
  if (t->ended > ENDED_MAX + ENDED_MORE) drop_expired(t, rs_wall_us());
  pthread_cond_broadcast(&t->changed);
  pthread_mutex_unlock(&t->mutex);
}

void rs_query_release(struct rs_backend *v, struct rs_query *x)
{
  if (x == NULL) return;
  pthread_mutex_lock(&v->queries->mutex);
  release_query(v->queries, x);
  pthread_mutex_unlock(&v->queries->mutex);
}

struct rs_query *rs_query_find(struct rs_backend *v, const char *id)
{
  pthread_mutex_lock(&v->queries->mutex);
  struct rs_query *x = v->queries->list;
  while (x != NULL && !rs_eq(x->id, id)) x = x->next;
  if (x != NULL) x->refs++;
  pthread_mutex_unlock(&v->queries->mutex);
  return x;
}

struct rs_query *rs_query_active(struct rs_backend *v, size_t i)
{
  pthread_mutex_lock(&v->queries->mutex);
  struct rs_query *x = v->queries->list;
  for (; x != NULL; x = x->next)
    if (!has_ended(x) && i-- == 0) break;
  if (x != NULL) x->refs++;
  pthread_mutex_unlock(&v->queries->mutex);
  return x;
}

bool rs_queries_are_active(struct rs_backend *v)
{
  struct rs_query *x = rs_query_active(v, 0);
  rs_query_release(v, x);
  return x != NULL;
}

bool rs_query_wait(struct rs_backend *v, struct rs_query *x, int64_t ms, struct rs_watch *watch)
{
  struct rs_queries *t = v->queries;
  int64_t until = rs_now_ms() + ms;
  pthread_mutex_lock(&t->mutex);
  while (!has_ended(x) && rs_now_ms() < until && !(watch != NULL && rs_watch_is_stopped(watch))) {
    int64_t left = until - rs_now_ms();
    rs_cond_wait_ms(&t->changed, &t->mutex, left < WAIT_MS ? left : WAIT_MS);
  }
  bool ended = has_ended(x);
  pthread_mutex_unlock(&t->mutex);
  return ended;
}

/* ---- as JSON --------------------------------------------------------------------------------- */

const char *rs_query_status_name(enum rs_query_status status)
{
  static const char *const names[] = {"QUEUED", "RUNNING", "COMPLETED", "ERROR", "CANCELLED"};
  return names[status];
}

void rs_query_write_errors(struct rs_buf *b, const struct rs_problem *p)
{
  rs_js_open(b, "query_errors", '[');
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "type", p->type);
  rs_js_text(b, "message", p->e.text);
  rs_js_int(b, "status_code", p->status);
  rs_js_close(b, '}');
  rs_js_close(b, ']');
}

static void write_cursor(struct rs_buf *b, const char *key, int64_t row)
{
  if (row >= 0) rs_js_printf(b, key, "r%llx", (unsigned long long)row);
  else rs_js_raw(b, key, NULL);
}

void rs_query_write_pagination(struct rs_buf *b, int64_t from, int64_t next, int64_t got)
{
  rs_js_open(b, "pagination", '{');
  write_cursor(b, "start_cursor", from);
  write_cursor(b, "next_cursor", next);
  rs_js_int(b, "next_cursor_offset", 0);
  rs_js_int(b, "current_page_doc_count", got);
  rs_js_close(b, '}');
}

/* ---- spools ---------------------------------------------------------------------------------- */

static enum rs_code open_spool(struct rs_query *x, struct rs_error *e)
{
  enum rs_code rc = rs_spill_open(&x->fd, e);
  x->stored = rc == RS_OK;
  return rc == RS_OK ? rc : rs_error_prefix(e, "stored result");
}

/* Counts the bytes as stored; RS_LIMIT when that is more than may be. */
static enum rs_code count_stored(struct rs_backend *v, struct rs_query *x, int64_t bytes,
                                 struct rs_problem *p)
{
  const struct rs_query_limits *l = &x->limits;
  struct rs_queries *t = v->queries;
  pthread_mutex_lock(&t->mutex);
  x->bytes += bytes;
  t->stored_bytes += bytes;
  bool one = x->bytes > l->result_bytes, all = t->stored_bytes > l->stored_bytes;
  if (all) drop_expired(t, rs_wall_us());
  pthread_mutex_unlock(&t->mutex);
  if (!one && !all) return RS_OK;
  p->status = 400;
  p->type = "RESOURCEEXCEEDED";
  return rs_fail(&p->e, RS_LIMIT, "stored result: %s more than %lld bytes",
                 one ? "it is" : "all of them together are",
                 (long long)(one ? l->result_bytes : l->stored_bytes));
}

/* One row behind its length. RS_DONE: no further one. */
static enum rs_code store_row(struct rs_query *x, struct rs_run *r, struct rs_buf *b)
{
  uint32_t size = 0;
  size_t at = b->n;
  if (x->rows % RS_INDEX_STEP == 0) {
    if (!rs_grow(&x->index, &x->index_cap, x->nindex + 1, sizeof x->index[0]))
      return rs_nomem(&r->problem.e);
    x->index[x->nindex++] = x->bytes + (int64_t)at;
  }
  rs_buf_add(b, (const char *)&size, sizeof size);
  enum rs_code rc = rs_run_row(r, b);
  if (rc == RS_OK) {
    size = (uint32_t)(b->n - at - sizeof size);
    memcpy(b->p + at, &size, sizeof size);
    x->rows++;
  } else {
    b->n = at;
  }
  return rc;
}

enum rs_code rs_query_store(struct rs_backend *v, struct rs_query *x, struct rs_run *r)
{
  struct rs_buf b;
  rs_buf_init(&b, (size_t)512 << 20);
  enum rs_code rc = open_spool(x, &r->problem.e);
  bool more = true;
  while (rc == RS_OK && more) {
    rc = store_row(x, r, &b);
    more = rc == RS_OK;
    if (rc == RS_DONE) rc = RS_OK;
    if (rc != RS_OK || (more && b.n < WRITE_BLOCK)) continue;
    int64_t bytes = (int64_t)b.n;
    rc = rs_spill_write(x->fd, (uint64_t)x->bytes, b.p, b.n, &r->problem.e);
    rs_buf_clear(&b);
    if (rc != RS_OK) (void)rs_error_prefix(&r->problem.e, "stored result");
    if (rc == RS_OK) rc = count_stored(v, x, bytes, &r->problem);
  }
  rs_buf_free(&b);
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}

enum rs_code rs_query_page(struct rs_query *x, int64_t from, int64_t n, int64_t max_bytes,
                           struct rs_buf *b, int64_t *got, struct rs_error *e)
{
  *got = 0;
  if (from >= x->rows || n <= 0 || x->bytes == 0) return RS_OK;
  const char *p = mmap(NULL, (size_t)x->bytes, PROT_READ, MAP_SHARED, x->fd, 0);
  if (p == MAP_FAILED) return rs_fail(e, RS_IO, "stored result: %s", strerror(errno));
  int64_t at = x->index[from / RS_INDEX_STEP], row = from - from % RS_INDEX_STEP;
  size_t before = b->n;
  while (row < x->rows && *got < n && (int64_t)(b->n - before) < max_bytes) {
    uint32_t size;
    memcpy(&size, p + at, sizeof size);
    if (row >= from) {
      if (*got > 0) rs_buf_char(b, ',');
      rs_buf_add(b, p + at + sizeof size, size);
      (*got)++;
    }
    at += (int64_t)sizeof size + size;
    row++;
  }
  (void)munmap((void *)(uintptr_t)p, (size_t)x->bytes);
  return rs_buf_error(b, e, "page");
}

/* ---- runs apart ------------------------------------------------------------------------------ */

struct job {
  struct rs_backend *backend;
  struct rs_query *x;
  struct rs_identity who;
  struct rs_query_request r;
  struct rs_arena arena;
};

static void run_job(struct job *j)
{
  struct rs_backend *v = j->backend;
  struct rs_pooled *p = NULL;
  struct rs_run run;
  rs_run_init(&run, v, NULL, &j->x->watch, &j->who);
  run.instance = j->x->instance;
  enum rs_code rc = rs_query_start(v, j->x, &run.problem.e);
  if (rc == RS_LIMIT) {
    run.problem.status = 429;
    run.problem.type = "RESOURCEEXCEEDED";
  }
  if (rc == RS_OK) rc = rs_pool_take(v, &j->x->watch, &p, &run.problem.e);
  if (rc == RS_OK) {
    run.s = p->s;
    rc = rs_run_prepare(&run, &j->r);
  }
  if (rc == RS_OK) rc = rs_run_open(&run, &j->r);
  if (rc == RS_OK) rc = rs_query_describe(v, j->x, &run, &run.problem.e);
  if (rc == RS_OK) rc = rs_query_store(v, j->x, &run);
  if (rc != RS_OK) rs_run_failed(&run, rc);
  rs_rows_close(run.rows);
  run.rows = NULL;
  rs_pool_give(v, p);
  rs_query_end(v, j->x, rc, &run.problem);
  rs_run_close(&run);
}

static void *job_main(void *arg)
{
  struct job *j = arg;
  struct rs_backend *v = j->backend;
  run_job(j);
  rs_query_release(v, j->x);
  rs_arena_free(&j->arena);
  rs_free(j);
  pthread_mutex_lock(&v->queries->mutex);
  v->queries->threads--;
  pthread_cond_broadcast(&v->queries->changed);
  pthread_mutex_unlock(&v->queries->mutex);
  return NULL;
}

static bool copy_rights(struct job *j, const struct rs_rights **rights)
{
  const struct rs_rights *from = *rights;
  *rights = rs_rights_copy(from, &j->arena);
  return from == NULL || *rights != NULL;
}

static bool copy_request(struct job *j, const struct rs_query_request *r)
{
  struct rs_query_request *to = &j->r;
  *to = *r;
  to->params = rs_arena_alloc(&j->arena, (r->nparams + 1) * sizeof to->params[0]);
  bool ok = to->params != NULL && rs_arena_keep(&j->arena, &to->sql) &&
            rs_arena_keep(&j->arena, &to->lambda) && rs_arena_keep(&j->arena, &to->maker_name) &&
            copy_rights(j, &to->maker) && copy_rights(j, &j->who.rights);
  for (size_t i = 0; ok && i < r->nparams; i++) {
    to->params[i] = r->params[i];
    ok = rs_arena_keep(&j->arena, &to->params[i].name) &&
         rs_arena_keep(&j->arena, &to->params[i].type) &&
         rs_arena_keep(&j->arena, &to->params[i].value);
  }
  return ok;
}

enum rs_code rs_query_spawn(struct rs_backend *v, struct rs_query *x,
                            const struct rs_query_request *r, const struct rs_identity *who,
                            struct rs_error *e)
{
  struct rs_queries *t = v->queries;
  struct rs_problem p = {.status = 500, .type = "INTERNALERROR"};
  struct job *j = rs_calloc(1, sizeof *j);
  enum rs_code rc = RS_OK;
  if (j == NULL) rc = rs_nomem(&p.e);
  if (rc == RS_OK) {
    j->backend = v;
    j->x = x;
    j->who = *who;
    rs_arena_init(&j->arena, 0);
    if (!copy_request(j, r)) rc = rs_nomem(&p.e);
  }
  if (rc == RS_OK) {
    pthread_t thread;
    pthread_mutex_lock(&t->mutex);
    x->refs++;
    t->threads++;
    if (rs_thread_start(&thread, job_main, j)) {
      (void)pthread_detach(thread);
    } else {
      x->refs--;
      t->threads--;
      rc = rs_fail(&p.e, RS_IO, "query: the system gives no thread");
    }
    pthread_mutex_unlock(&t->mutex);
  }
  if (rc == RS_OK) return rc;
  if (j != NULL) {
    rs_arena_free(&j->arena);
    rs_free(j);
  }
  rs_query_end(v, x, rc, &p);
  *e = p.e;
  return rc;
}
