/*
** Rows of another session, and files, as documents of a collection (rockset.h).
**
** Files are read by a private embedded engine (engine/load/source.c); its rows go the way that an
** ingestion goes: batches of documents, each with its `_id`, until the last offset can be read.
** One batch is built while the one before it is under way, on a thread of its own.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/engine/load/load.h"
#include "src/engine/lock.h"
#include "rockset.h"

#define BATCH_BYTES ((size_t)8 << 20) /* the service takes 10 MiB */

/* A batch on its way. The thread owns it while `busy`, who ingests otherwise. */
struct sender {
  pthread_t thread;
  bool started;
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  bool busy, stop; /* guarded by mutex */
  struct rs_buf body;
  size_t n;
  enum rs_code rc;
  struct rs_error error;
};

struct ingest {
  struct rs_session *s;
  const struct rs_relation *into;
  struct rs_rows *src;
  struct rs_buf body;
  bool has_id, over; /* over: all rows of src were taken */
  size_t n;
  int64_t count;                     /* of what was taken */
  struct rs_rockset_account account; /* by the service; the thread's while it is busy */
  char *offset;                      /* owned: the last one given */
  struct sender sender;
};

/* ---- batches --------------------------------------------------------------------------------- */

static enum rs_code check_statuses(struct ingest *x, size_t n, const cJSON *answer,
                                   struct rs_error *e)
{
  const cJSON *item, *first = NULL;
  size_t answered = 0, refused = 0;
  cJSON_ArrayForEach(item, rs_rockset_data(answer))
  {
    answered++;
    if (rs_eq(rs_remote_text(item, "status"), "REPLACED")) x->account.replaced++;
    if (!rs_eq(rs_remote_text(item, "status"), "ERROR")) continue;
    if (refused++ == 0) first = item;
  }
  if (answered != n) {
    x->account.unknown += n;
    return rs_fail(e, RS_REMOTE, "'%s.%s': the service answered for %zu of %zu documents",
                   x->into->workspace, x->into->name, answered, n);
  }
  x->account.done += n - refused;
  x->account.refused += refused;
  if (refused == 0) return RS_OK;
  const char *why = rs_remote_text(cJSON_GetObjectItemCaseSensitive(first, "error"), "message");
  const char *id = rs_remote_text(first, "_id");
  return rs_fail(e, RS_REMOTE, "'%s.%s': document '%s' was refused: %s", x->into->workspace,
                 x->into->name, id != NULL ? id : "?", why != NULL ? why : "no reason given");
}

/* Sends the sender's batch. */
static enum rs_code post_batch(struct ingest *x, struct rs_error *e)
{
  cJSON *answer = NULL;
  struct rs_buf *body = &x->sender.body;
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  enum rs_code rc = rs_rockset_post_docs(x->s, x->into, RS_WRITE_ADD, body, x->sender.n, &answer,
                                         e);
  if (rc == RS_OK) rc = check_statuses(x, x->sender.n, answer, e);
  else if (rs_rockset_may_be_done(x->s, rc, e)) x->account.unknown += x->sender.n;
  const char *offset = rs_remote_text(answer, "last_offset");
  if (rc == RS_OK && offset != NULL) {
    rs_free(x->offset);
    x->offset = rs_strdup(offset);
    if (x->offset == NULL) rc = rs_nomem(e);
  }
  cJSON_Delete(answer);
  return rc;
}

static void *send_batches(void *arg)
{
  struct ingest *x = arg;
  struct sender *d = &x->sender;
  pthread_mutex_lock(&d->mutex);
  for (;;) {
    while (!d->busy && !d->stop) pthread_cond_wait(&d->changed, &d->mutex);
    if (!d->busy) break;
    pthread_mutex_unlock(&d->mutex);
    d->rc = post_batch(x, &d->error);
    pthread_mutex_lock(&d->mutex);
    d->busy = false;
    (void)pthread_cond_broadcast(&d->changed);
  }
  pthread_mutex_unlock(&d->mutex);
  return NULL;
}

/* Waits for the batch under way, and tells how it went. */
static enum rs_code await_batch(struct ingest *x, struct rs_error *e)
{
  struct sender *d = &x->sender;
  pthread_mutex_lock(&d->mutex);
  while (d->busy) pthread_cond_wait(&d->changed, &d->mutex);
  pthread_mutex_unlock(&d->mutex);
  if (d->rc != RS_OK && e != NULL) *e = d->error;
  return d->rc;
}

/* Hands the batch over. */
static enum rs_code hand_over(struct ingest *x, struct rs_error *e)
{
  struct sender *d = &x->sender;
  if (x->n == 0) return RS_OK;
  rs_buf_str(&x->body, "]}");
  enum rs_code rc = rs_buf_error(&x->body, e, "documents");
  if (rc == RS_OK) rc = await_batch(x, e);
  if (rc != RS_OK) return rc;
  const struct rs_buf body = d->body;
  d->body = x->body;
  d->n = x->n;
  x->body = body;
  rs_buf_clear(&x->body);
  x->count += (int64_t)x->n;
  x->n = 0;
  if (!d->started) d->started = rs_thread_start(&d->thread, send_batches, x);
  if (!d->started) return post_batch(x, e); // one after the other, then
  pthread_mutex_lock(&d->mutex);
  d->busy = true;
  (void)pthread_cond_broadcast(&d->changed);
  pthread_mutex_unlock(&d->mutex);
  return RS_OK;
}

static void sender_end(struct sender *d)
{
  if (d->started) {
    pthread_mutex_lock(&d->mutex);
    d->stop = true;
    (void)pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->mutex);
    (void)pthread_join(d->thread, NULL);
  }
  pthread_cond_destroy(&d->changed);
  pthread_mutex_destroy(&d->mutex);
  rs_buf_free(&d->body);
}

static void add_row(struct ingest *x, void *batch, size_t row)
{
  const struct rs_columns *columns = rs_rows_columns(x->src);
  const struct rs_engine *engine = x->src->session->target->engine;
  struct rs_buf *b = &x->body;
  rs_buf_str(b, x->n == 0 ? "{\"data\":[{" : ",{");
  if (!x->has_id) { // so that a batch may be sent again
    char uuid[37];
    rs_uuid(uuid);
    rs_js_text(b, "_id", uuid);
  }
  for (size_t i = 0; i < columns->n; i++) {
    struct rs_value v;
    engine->get(x->src, batch, row, i, &v);
    enum rs_type type = columns->v[i].type;
    // _event_time is an instant, whatever the source calls it
    if (type == RS_T_TIMESTAMP && rs_eq(columns->v[i].name, "_event_time")) type = RS_T_TIMESTAMPTZ;
    rs_rockset_add_field(b, columns->v[i].name, type, &v);
  }
  rs_buf_char(b, '}');
  x->n++;
}

static enum rs_code copy_rows(struct ingest *x, struct rs_error *e)
{
  enum rs_code rc;
  void *batch;
  size_t n;
  while ((rc = rs_rows_pull(x->src, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && rc == RS_OK; i++) {
      add_row(x, batch, i);
      if (x->src->nomem) rc = rs_nomem(e);
      else if (x->n == rs_rockset_batch_docs || x->body.n >= BATCH_BYTES || x->body.rc != RS_OK)
        rc = hand_over(x, e);
    }
    x->src->session->target->engine->free_batch(x->src, batch);
    if (rc == RS_OK) rc = rs_remote_check(x->s, e);
    if (rc != RS_OK) return rc;
  }
  x->over = rc == RS_DONE;
  if (rc == RS_DONE) rc = hand_over(x, e);
  return rc == RS_OK ? await_batch(x, e) : rc;
}

enum rs_code rs_rockset_ingest(struct rs_session *s, const struct rs_relation *stage,
                               struct rs_rows *src, int64_t *count, struct rs_error *e)
{
  struct rs_rockset_session *session = rs_rockset_session(s);
  struct ingest x = {.s = s, .into = stage, .src = src};
  enum rs_code rc = RS_OK;
  rs_remote_begin(s);
  rs_buf_init(&x.body, (size_t)256 << 20);
  rs_buf_init(&x.sender.body, (size_t)256 << 20);
  pthread_mutex_init(&x.sender.mutex, NULL);
  rs_cond_init(&x.sender.changed);
  x.has_id = rs_columns_find(rs_rows_columns(src), "_id") >= 0;
  if (session->stage == RS_STAGE_CREATE) {
    rc = rs_rockset_need_workspace(s, stage->workspace, e);
    if (rc == RS_OK) rc = rs_rockset_make_collection(s, stage, session->stage_description, e);
  }
  if (rc == RS_OK) rc = copy_rows(&x, e);
  sender_end(&x.sender); // what is under way ends, whatever happened here
  if (rc == RS_OK) rc = rs_rockset_fence(s, stage, x.offset, e);
  x.account.more = !x.over || x.n > 0;
  session->account = x.account;
  if (rc == RS_OK) *count = x.count;
  rs_buf_free(&x.body);
  rs_free(x.offset);
  return rc;
}

/* ---- files ----------------------------------------------------------------------------------- */

struct load_job {
  const struct rs_relation *rel;
  enum rs_push_mode mode;
  struct rs_arena *a;
  struct rs_rockset_found old;
  struct rs_relation into; /* the collection that is written */
  const char *description; /* of a new one; NULL: none */
  char note[sizeof((struct rs_build *)0)->note];
};

/* Where the rows are to go, and what stands under the name now. */
static enum rs_code prepare_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct load_job *j = arg;
  enum rs_code rc = rs_rockset_find(s, j->rel, j->a, &j->old, e);
  j->into = *j->rel;
  if (rc != RS_OK) return rc;
  if (j->old.kind == RS_REL_NONE) return RS_OK;
  const char *what = j->old.kind == RS_REL_VIEW ? "view" : "collection";
  rc = rs_load_refuse(j->rel, j->old.kind, what, j->mode, e);
  if (rc != RS_OK) return rc;
  if (j->mode == RS_PUSH_APPEND) {
    if (j->old.kind == RS_REL_ALIAS) j->into = j->old.collection;
    return RS_OK;
  }
  rc = rs_rockset_sweep(s, j->rel, &j->old, e);
  return rc == RS_OK ? rs_rockset_aside(j->rel, j->a, &j->into, &j->description, e) : rc;
}

static enum rs_code finish_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct load_job *j = arg;
  return rs_rockset_switch(s, j->rel, &j->into, j->note, e);
}

static enum rs_code discard_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct load_job *j = arg;
  (void)e;
  rs_rockset_discard(s, &j->into);
  return RS_OK;
}

/* Where rows come from: files, or a input of the caller's. */
static enum rs_code ingest_rows(struct rs_session *s, const struct load_job *j,
                                const struct rs_load_source *src, const struct rs_input *input,
                                int64_t *rows, struct rs_error *e)
{
  if (input != NULL) return rs_session_ingest_input(s, &j->into, input, rows, e);
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_load_rows(src, &r, e);
  if (rc == RS_OK) rc = rs_session_ingest(s, &j->into, r, rows, e);
  rs_rows_close(r);
  return rc;
}

static enum rs_code copy_rows_to(struct rs_session *s, struct load_job *j,
                                 const struct rs_load_source *src, const struct rs_input *input,
                                 int64_t *rows, struct rs_error *e)
{
  struct rs_rockset_session *session = rs_rockset_session(s);
  bool exists = j->mode == RS_PUSH_APPEND && j->old.kind != RS_REL_NONE;
  bool aside = j->description != NULL;
  session->account = (struct rs_rockset_account){0};
  session->stage = exists ? RS_STAGE_EXISTS : RS_STAGE_CREATE;
  session->stage_description = j->description;
  enum rs_code rc = ingest_rows(s, j, src, input, rows, e);
  // a collection of its own is removed again
  if (rc != RS_OK && exists) rs_rockset_tell(&j->into, RS_WRITE_ADD, &session->account, e);
  session->stage = RS_STAGE_CREATE;
  session->stage_description = NULL;
  bool switching = rc == RS_OK && aside;
  if (switching) rc = rs_remote_do(s, finish_job, j, e);
  // what failed half-way is removed; documents that were added to what was there stay
  if (rc != RS_OK && !exists && !switching && rc != RS_EXISTS)
    (void)rs_io_call_uninterrupted(s->io, discard_job, j, NULL);
  return rc;
}

enum rs_code rs_rockset_load(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_load *load, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_load_source src = {.t = NULL};
  struct rs_sql_lock *lock = NULL;
  struct load_job j = {.rel = rel, .a = &a};
  int64_t count = -1;
  struct rs_load own = *load;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_load_mode(load->mode, &j.mode, e);
  if (rc == RS_OK) rc = rs_load_settle(s, false, false, &own, e);
  if (rc == RS_OK) rc = rs_sql_lock(s, rel, &lock, e);
  if (rc == RS_OK) rc = rs_remote_do(s, prepare_job, &j, e);
  if (rc == RS_OK) rc = rs_load_source_open(s, &a, &own, &src, e);
  if (rc == RS_OK) rc = rs_load_check_keys(&src, rel, &a, e);
  if (rc == RS_OK) rc = copy_rows_to(s, &j, &src, NULL, &count, e);
  rs_load_source_close(&src);
  rs_sql_unlock(lock);
  rs_arena_free(&a);
  if (rc == RS_OK && rows != NULL) *rows = count;
  return rc;
}

/* ---- rows of the caller's own ---------------------------------------------------------------- */

enum rs_code rs_rockset_push(struct rs_session *s, const struct rs_relation *rel,
                             const struct rs_push *push, struct rs_pushed *out, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_sql_lock *lock = NULL;
  struct load_job j = {.rel = rel, .a = &a, .mode = push->mode};
  if (push->mode == RS_PUSH_UPSERT) j.mode = RS_PUSH_APPEND; // `_id` decides
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_sql_lock(s, rel, &lock, e);
  if (rc == RS_OK) rc = rs_remote_do(s, prepare_job, &j, e);
  push->rewind(push->input.ctx);
  if (rc == RS_OK) rc = copy_rows_to(s, &j, NULL, &push->input, &out->rows, e);
  rs_sql_unlock(lock);
  // the documents of a new collection replace none
  if (rc == RS_OK) out->updated = (int64_t)rs_rockset_session(s)->account.replaced;
  rs_arena_free(&a);
  return rc;
}
