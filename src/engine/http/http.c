/*
** Sessions over HTTP (http.h).
*/
#include "http.h"
#include <stdio.h>
#include <string.h>
#include "src/base/base64.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "src/json/rows.h"

#define CALM_LEAST_MS 20 /* of a request that comes when that is over */
#define READ_STEP 16384

struct rs_remote *rs_remote_of(const struct rs_session *s)
{
  return s->impl;
}

/* ---- life ------------------------------------------------------------------------------------ */

enum rs_code rs_remote_open(struct rs_session *s, rs_remote_client client, int tries,
                            struct rs_error *e)
{
  struct rs_remote *x = s->impl;
  if (pthread_mutex_init(&x->mutex, NULL) != 0) return rs_nomem(e);
  if (rs_cond_init(&x->wake) != 0) {
    (void)pthread_mutex_destroy(&x->mutex);
    return rs_nomem(e);
  }
  x->client = client; // says that mutex and condition are there
  return client(s, tries, &x->http, e);
}

void rs_remote_close(struct rs_remote *x)
{
  rs_http_free(x->http);
  rs_http_free(x->calm);
  if (x->client == NULL) return;
  (void)pthread_cond_destroy(&x->wake);
  (void)pthread_mutex_destroy(&x->mutex);
}

/* ---- cancel and waits ------------------------------------------------------------------------ */

void rs_remote_cancel(struct rs_session *s)
{
  struct rs_remote *x = s->impl;
  pthread_mutex_lock(&x->mutex);
  if (!x->cancelled) x->cancelled_ms = rs_now_ms();
  x->cancelled = true;
  (void)pthread_cond_broadcast(&x->wake);
  pthread_mutex_unlock(&x->mutex);
  rs_http_cancel(x->http);
}

void rs_remote_begin(struct rs_session *s)
{
  struct rs_remote *x = s->impl;
  pthread_mutex_lock(&x->mutex);
  x->cancelled = false;
  pthread_mutex_unlock(&x->mutex);
  rs_http_rearm(x->http);
}

enum rs_code rs_remote_check(struct rs_session *s, struct rs_error *e)
{
  return rs_remote_sleep(s, 0, e);
}

enum rs_code rs_remote_sleep(struct rs_session *s, int64_t ms, struct rs_error *e)
{
  struct rs_remote *x = s->impl;
  int64_t until = rs_now_ms() + ms;
  pthread_mutex_lock(&x->mutex);
  for (int64_t left = ms; left > 0 && !x->cancelled; left = until - rs_now_ms()) {
    (void)rs_cond_wait_ms(&x->wake, &x->mutex, left);
  }
  bool cancelled = x->cancelled;
  pthread_mutex_unlock(&x->mutex);
  return cancelled ? rs_fail(e, RS_CANCELLED, "interrupted") : RS_OK;
}

struct job {
  rs_io_fn fn;
  void *arg;
};

static enum rs_code run_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  rs_remote_begin(s);
  return j->fn(s, j->arg, e);
}

enum rs_code rs_remote_do(struct rs_session *s, rs_io_fn fn, void *arg, struct rs_error *e)
{
  struct rs_error own = {0};
  struct job j = {fn, arg};
  if (s->rows != NULL) {
    return rs_fail(e, RS_INTERNAL, "a session got a second request while its rows are open");
  }
  return rs_io_call(s->io, run_job, &j, e != NULL ? e : &own);
}

enum rs_code rs_remote_calm(struct rs_session *s, struct rs_http **client, int64_t *ms,
                            struct rs_error *e)
{
  struct rs_remote *x = s->impl;
  enum rs_code rc = x->calm != NULL ? RS_OK : x->client(s, 1, &x->calm, e);
  *client = x->calm;
  if (ms == NULL) return rc;
  pthread_mutex_lock(&x->mutex);
  int64_t left = x->cancelled ? x->cancelled_ms + RS_REMOTE_CALM_MS - rs_now_ms()
                              : RS_REMOTE_CALM_MS;
  pthread_mutex_unlock(&x->mutex);
  *ms = left > CALM_LEAST_MS ? left : CALM_LEAST_MS;
  return rc;
}

/* ---- answers --------------------------------------------------------------------------------- */

enum rs_code rs_remote_read(struct rs_http *client, struct rs_buf *body, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  size_t n = 1;
  while (rc == RS_OK && n > 0) {
    char *to = rs_buf_reserve(body, READ_STEP);
    n = 0;
    rc = to != NULL ? rs_http_read(client, to, READ_STEP, &n, e) : rs_buf_error(body, e, "answer");
    if (rc == RS_OK) body->n += n;
  }
  rs_http_end(client);
  if (body->p != NULL) body->p[body->n] = 0;
  return rc;
}

void rs_remote_first_line(const struct rs_buf *body, char *out, size_t cap)
{
  size_t n = 0;
  for (size_t i = 0; i < body->n && n < cap - 1; i++) {
    unsigned char c = (unsigned char)body->p[i];
    if (c >= 32) out[n++] = (char)c;
    else if (n > 0 && out[n - 1] != ' ') out[n++] = ' ';
  }
  out[rs_utf8_valid(out, n)] = 0;
}

enum rs_code rs_remote_member(const char *const *wanted, rs_remote_member_fn fn, void *ctx,
                              const char *name, const char *json, size_t n, struct rs_error *e)
{
  while (*wanted != NULL && !rs_eq(*wanted, name)) wanted++;
  if (*wanted == NULL) return RS_OK;
  cJSON *v = cJSON_ParseWithLength(json, n);
  // its parser tells neither: half a surrogate pair, or no memory
  enum rs_code rc = v != NULL ? fn(ctx, name, v, e)
                              : rs_fail(e, RS_REMOTE, "'%s' of the answer can't be read", name);
  cJSON_Delete(v);
  return rc;
}

const char *rs_remote_text(const cJSON *object, const char *name)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* ---- the log --------------------------------------------------------------------------------- */

void rs_remote_log(struct rs_session *s, const char *sql, int64_t started_us, int64_t wall_us,
                   int64_t rows, int64_t bytes, const char *error)
{
  const struct rs_log_entry entry = {
    .at_us = wall_us,
    .engine = s->target->engine->type,
    .target = s->target->output->target_name,
    .sql = sql,
    .rows = rows,
    .bytes = bytes,
    .ms = (double)(rs_now_us() - started_us) / 1000.0,
    .error = error,
  };
  rs_log_add(s->log, &entry);
}

void rs_remote_retry(void *ctx, const struct rs_http_retry *r)
{
  struct rs_session *s = ctx;
  char text[256];
  if (r->status == 0 || r->status == 502 || r->status == 504) rs_remote_of(s)->unanswered = true;
  (void)snprintf(text, sizeof text, "try %d of %d failed: %s; again in %lld ms", r->attempt,
                 r->tries, r->reason != NULL ? r->reason : "", (long long)r->wait_ms);
  rs_remote_log(s, "(retry)", rs_now_us(), rs_wall_us(), -1, -1, text);
}

/* ---- rows ------------------------------------------------------------------------------------ */

enum rs_code rs_remote_copy_columns(const struct rs_columns *from, struct rs_columns *to,
                                    struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < from->n && rc == RS_OK; i++) {
    const struct rs_column *c = &from->v[i];
    rc = rs_columns_add(to, c->name, strlen(c->name), c->native, c->type, e);
  }
  return rc;
}

struct rs_buf *rs_remote_scratch(size_t n)
{
  struct rs_buf *scratch = rs_calloc(n + 1, sizeof *scratch);
  for (size_t i = 0; scratch != NULL && i < n; i++) rs_buf_init(&scratch[i], (size_t)1 << 30);
  return scratch;
}

void rs_remote_free_scratch(struct rs_buf *scratch, size_t n)
{
  for (size_t i = 0; scratch != NULL && i < n; i++) rs_buf_free(&scratch[i]);
  rs_free(scratch);
}

/* In the scratch: the cell may be read again. */
bool rs_remote_bytes(struct rs_buf *scratch, struct rs_value *v)
{
  size_t n = 0;
  rs_buf_clear(scratch);
  rs_buf_add(scratch, v->s.p, v->s.n);
  if (scratch->rc != RS_OK) return false;
  if (v->s.n > 0 && !rs_base64_decode(scratch->p, scratch->n, &n)) return true;
  v->kind = RS_BYTES;
  v->s.p = rs_buf_text(scratch);
  v->s.n = n;
  return true;
}

void rs_remote_free_batch(struct rs_rows *rows, void *batch)
{
  (void)rows;
  rs_json_batch_free(batch);
}
