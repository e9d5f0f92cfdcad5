/*
** The HTTP client (see http.h): clients, exchanges and their retries.
*/
#include <string.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"
#include "src/base/thread.h"

/* CURLMOPT_QUICK_EXIT by its number, newer than many a header: rs_http_free does not wait for a
** name to be looked up. An older libcurl does not know it. */
#define MULTI_QUICK_EXIT ((CURLMoption)(CURLOPTTYPE_LONG + 21))
#define CONNECT_MS 10000
#define IDLE_MS 60000
#define TRIES 5
#define BACKOFF_CAP 8      /* "seconds" */
#define RETRY_AFTER_CAP 60 /* "seconds" */
#define DRAIN_MS 200       /* for the rest of an answer that is retried */
#define FETCH_STEP HTTP_BUFFER

/* ---- Clients -------------------------------------------------------------------------------- */

static bool copy_text(struct rs_http *h, const char **text)
{
  if (*text == NULL) return true;
  *text = rs_arena_strdup(&h->arena, *text);
  return *text != NULL;
}

static enum rs_code copy_headers(struct rs_http *h, struct rs_error *e)
{
  size_t n = h->o.nheaders;
  const struct rs_http_header *from = h->o.headers;
  enum rs_code rc = http_check_headers(from, n, e);
  if (rc != RS_OK) return rc;
  struct rs_http_header *to = rs_arena_calloc(&h->arena, n > 0 ? n * sizeof *to : 1);
  if (to == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) {
    to[i] = from[i];
    if (!copy_text(h, &to[i].name) || !copy_text(h, &to[i].value)) return rs_nomem(e);
  }
  h->o.headers = to;
  return RS_OK;
}

static enum rs_code copy_options(struct rs_http *h, const struct rs_http_options *o,
                                 struct rs_error *e)
{
  h->o = *o;
  struct rs_http_options *c = &h->o;
  if (c->user_agent == NULL) c->user_agent = "rockset_ext/" RS_VERSION;
  if (c->timeouts.connect == 0) c->timeouts.connect = CONNECT_MS;
  if (c->timeouts.idle == 0) c->timeouts.idle = IDLE_MS;
  if (c->timeouts.total == 0) c->timeouts.total = -1;
  if (c->tries <= 0) c->tries = TRIES;
  if (c->second_ms <= 0) c->second_ms = 1000;
  if (c->retry_after_max <= 0) c->retry_after_max = RETRY_AFTER_CAP;
  if (!copy_text(h, &c->base_url) || !copy_text(h, &c->user_agent) || !copy_text(h, &c->ca_file) ||
      !copy_text(h, &c->ca_dir) || !copy_text(h, &c->cert_file) || !copy_text(h, &c->key_file) ||
      !copy_text(h, &c->key_password) || !copy_text(h, &c->aws.id) ||
      !copy_text(h, &c->aws.secret) || !copy_text(h, &c->aws.region))
    return rs_nomem(e);
  return copy_headers(h, e);
}

/* The whole value, and what follows its scheme: `ApiKey abc` is hidden as abc too. */
static enum rs_code hide_secrets(const struct rs_http_header *v, size_t n, struct rs_error *e)
{
  for (size_t i = 0; i < n; i++) {
    if (!v[i].secret || v[i].value == NULL) continue;
    const char *blank = strchr(v[i].value, ' ');
    if (rs_redact_add(blank != NULL ? blank + 1 : v[i].value) != RS_OK) return rs_nomem(e);
  }
  return RS_OK;
}

enum rs_code rs_http_new(const struct rs_http_options *o, struct rs_http **ph, struct rs_error *e)
{
  *ph = NULL;
  enum rs_code rc = rs_curl_load(e);
  if (rc != RS_OK) return rc;
  struct rs_http *h = rs_calloc(1, sizeof *h);
  if (h == NULL) return rs_nomem(e);
  rs_arena_init(&h->arena, 0);
  rs_buf_init(&h->x.head.text, HTTP_HEAD_MAX);
  atomic_init(&h->cancelled, false);
  h->seed = (uint64_t)rs_now_us() ^ (uint64_t)(uintptr_t)h ^ UINT64_C(0x9E3779B97F4A7C15);
  rc = hide_secrets(o->headers, o->nheaders, e);
  if (rc == RS_OK) rc = copy_options(h, o, e);
  if (rc == RS_OK && h->o.key_password != NULL && rs_redact_add(h->o.key_password) != RS_OK)
    rc = rs_nomem(e);
  if (rc == RS_OK && h->o.aws.secret != NULL && rs_redact_add(h->o.aws.secret) != RS_OK)
    rc = rs_nomem(e);
  if (rc == RS_OK) rc = http_base_url(h, e);
  if (rc == RS_OK) {
    h->multi = rs_curl.multi_init();
    h->easy = h->multi != NULL ? rs_curl.easy_init() : NULL;
    if (h->easy == NULL) rc = rs_nomem(e);
    else (void)rs_curl.multi_setopt(h->multi, MULTI_QUICK_EXIT, 1L);
  }
  if (rc != RS_OK) {
    rs_http_free(h);
    return rc;
  }
  *ph = h;
  return RS_OK;
}

void rs_http_free(struct rs_http *h)
{
  if (h == NULL) return;
  struct http_sigpipe guard;
  rs_http_end(h);
  http_sigpipe_hold(&guard); // closing a TLS connection writes
  rs_curl.easy_cleanup(h->easy);
  (void)rs_curl.multi_cleanup(h->multi);
  http_sigpipe_release(&guard);
  rs_buf_free(&h->x.head.text);
  rs_free(h->x.raw);
  rs_arena_free(&h->arena);
  rs_free(h);
}

void rs_http_cancel(struct rs_http *h)
{
  atomic_store(&h->cancelled, true);
  (void)rs_curl.multi_wakeup(h->multi);
}

void rs_http_rearm(struct rs_http *h)
{
  atomic_store(&h->cancelled, false);
}

/* ---- Retries -------------------------------------------------------------------------------- */

/* A random number of 0..most (full jitter: many clients that failed together must not come back
** together). */
static int64_t jitter(struct rs_http *h, int64_t most)
{
  h->seed ^= h->seed << 13;
  h->seed ^= h->seed >> 7;
  h->seed ^= h->seed << 17;
  return (int64_t)((h->seed >> 11) % ((uint64_t)most + 1));
}

static int64_t back_off(struct rs_http *h, bool has_answer)
{
  int64_t seconds = 1;
  for (int i = 1; i < h->x.attempt && seconds < BACKOFF_CAP; i++) seconds *= 2;
  if (seconds > BACKOFF_CAP) seconds = BACKOFF_CAP;
  int64_t wait = jitter(h, seconds * h->o.second_ms);
  int64_t asked = has_answer ? http_retry_after(&h->x.head) : -1;
  if (asked > h->o.retry_after_max) asked = h->o.retry_after_max;
  if (asked >= 0 && asked * h->o.second_ms > wait) wait = asked * h->o.second_ms;
  return wait;
}

/* 502 and 504 come from a machine in front of the server, which may have got the request. */
static bool is_retry_status(const struct http_exchange *x)
{
  int status = x->head.status;
  return status == 429 || status == 503 || (x->idempotent && (status == 502 || status == 504));
}

/* Whether there is one more try, and waits for it. *rc: RS_OK, or what the wait ended with; kept
** where there is none. */
static bool try_again(struct rs_http *h, bool has_answer, enum rs_code *rc)
{
  struct http_exchange *x = &h->x;
  if (has_answer ? !is_retry_status(x)
                 : x->reached != HTTP_UNSENT && (x->reached != HTTP_LOST || !x->idempotent))
    return false;
  if (x->attempt >= h->o.tries) return false;
  int64_t wait = back_off(h, has_answer);
  if (x->total_at != HTTP_FOREVER && rs_now_ms() + wait >= x->total_at) return false;
  char text[32];
  (void)snprintf(text, sizeof text, "HTTP %d", x->head.status);
  struct rs_http_retry info = {x->attempt, h->o.tries, has_answer ? x->head.status : 0,
                               has_answer ? text : x->failed.text, wait};
  if (has_answer) http_drain(h, DRAIN_MS);
  http_stop(h);
  if (h->o.on_retry != NULL) h->o.on_retry(h->o.retry_ctx, &info);
  x->failed.code = RS_OK; // it is forgotten: reads look here
  *rc = http_pause(h, wait);
  return true;
}

/* Tries until there is an answer that is the caller's: its headers are in, its body is to come. */
static enum rs_code answer(struct rs_http *h)
{
  struct http_exchange *x = &h->x;
  for (;;) {
    x->attempt++;
    enum rs_code rc = http_start(h);
    if (rc == RS_OK) rc = http_wait_head(h);
    bool has_answer = rc == RS_OK;
    if (!try_again(h, has_answer, &rc)) {
      if (rc == RS_OK) rc = http_head_check(h, &x->failed);
      return rc;
    }
    if (rc != RS_OK) return rc;
  }
}

/* ---- Exchanges ------------------------------------------------------------------------------ */

static int64_t limit(int64_t of_request, int64_t of_client)
{
  int64_t ms = of_request != 0 ? of_request : of_client;
  return ms < 0 ? HTTP_FOREVER : ms;
}

static enum rs_code begin_exchange(struct rs_http *h, const struct rs_http_request *r)
{
  struct http_exchange *x = &h->x;
  rs_http_end(h);
  http_head_clear(&x->head);
  x->r = *r;
  if (r->body == NULL) x->r.body_len = 0;
  const char *method = http_method(r);
  x->idempotent = r->idempotent || rs_eq(method, "GET") || rs_eq(method, "HEAD");
  x->connect_ms = limit(r->timeouts.connect, h->o.timeouts.connect);
  x->idle_ms = limit(r->timeouts.idle, h->o.timeouts.idle);
  x->total_ms = limit(r->timeouts.total, h->o.timeouts.total);
  x->total_at = x->total_ms == HTTP_FOREVER ? HTTP_FOREVER : rs_now_ms() + x->total_ms;
  x->attempt = 0;
  x->was_sent = x->ended = false;
  x->reached = HTTP_NOT_LOST;
  x->failed.code = RS_OK;
  x->failed.unsent = false;
  enum rs_code rc = hide_secrets(r->headers, r->nheaders, &x->failed);
  if (rc == RS_OK) rc = http_prepare(h, &x->failed);
  return rc;
}

/* The failure as the caller gets it. */
static enum rs_code give_error(struct rs_http *h, enum rs_code rc, struct rs_error *e)
{
  struct http_exchange *x = &h->x;
  if (rc == RS_OK) return RS_OK;
  x->failed.code = rc;
  x->failed.unsent = !x->was_sent;
  if (e != NULL) *e = x->failed;
  return rc;
}

/* The same, and the exchange is over. */
static enum rs_code fail(struct rs_http *h, enum rs_code rc, struct rs_error *e)
{
  struct http_exchange *x = &h->x;
  http_stop(h);
  if (rc != RS_NOMEM && x->attempt > 1 && x->reached != HTTP_NOT_LOST)
    (void)rs_fail(&x->failed, rc, "%s (%d tries)", x->failed.text, x->attempt);
  (void)give_error(h, rc, e);
  rs_http_end(h);
  return rc;
}

enum rs_code rs_http_open(struct rs_http *h, const struct rs_http_request *r, int *status,
                          struct rs_error *e)
{
  *status = 0;
  enum rs_code rc = begin_exchange(h, r);
  if (rc == RS_OK) rc = answer(h);
  if (rc != RS_OK) return fail(h, rc, e);
  h->x.failed.code = RS_OK; // of a try before: the body's reads would give it
  h->x.is_open = true;
  *status = h->x.head.status;
  return RS_OK;
}

enum rs_code rs_http_read(struct rs_http *h, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  struct http_exchange *x = &h->x;
  *n = 0;
  if (!x->is_open) return rs_fail(e, RS_INTERNAL, "%s: read without an open exchange", h->origin);
  if (x->failed.code != RS_OK) return give_error(h, x->failed.code, e);
  if (x->ended) return RS_OK;
  enum rs_code rc = http_body_read(h, buf, cap, n);
  if (rc != RS_OK) http_stop(h);
  else if (*n == 0) x->ended = true;
  return give_error(h, rc, e);
}

void rs_http_end(struct rs_http *h)
{
  struct http_exchange *x = &h->x;
  if (x->is_open && !x->ended && x->failed.code == RS_OK) http_drain(h, 0);
  http_stop(h);
  http_body_reset(x);
  x->is_open = false;
  rs_free(x->url);
  x->url = NULL;
  rs_curl.slist_free_all(x->headers);
  x->headers = NULL;
  if (h->easy != NULL) rs_curl.easy_reset(h->easy); // it points at what was just freed
}

static enum rs_code collect(struct rs_http *h, struct rs_buf *body)
{
  rs_buf_clear(body);
  for (;;) {
    // Only what still fits is asked for, and at the maximum one byte: is there more?
    char more;
    size_t left = body->max - body->n, n = 0;
    size_t step = left < FETCH_STEP ? left : FETCH_STEP;
    char *to = step > 0 ? rs_buf_reserve(body, step) : &more;
    if (to == NULL) return rs_nomem(&h->x.failed);
    enum rs_code rc = http_body_read(h, to, step > 0 ? step : 1, &n);
    if (rc != RS_OK || n == 0) {
      if (body->p != NULL) body->p[body->n] = 0;
      return rc;
    }
    if (step == 0)
      return rs_fail(&h->x.failed, RS_LIMIT, "%s: the answer is longer than %zu bytes", h->origin,
                     body->max);
    body->n += n;
    body->p[body->n] = 0;
  }
}

enum rs_code rs_http_fetch(struct rs_http *h, const struct rs_http_request *r, struct rs_buf *body,
                           int *status, struct rs_error *e)
{
  struct http_exchange *x = &h->x;
  *status = 0;
  rs_buf_clear(body);
  enum rs_code rc = begin_exchange(h, r);
  while (rc == RS_OK) {
    rc = answer(h);
    if (rc != RS_OK) break;
    rc = collect(h, body);
    if (rc == RS_OK) {
      *status = x->head.status;
      rs_http_end(h);
      return RS_OK;
    }
    if (!try_again(h, false, &rc)) break;
  }
  rs_buf_clear(body);
  return fail(h, rc, e);
}

/* ---- What is known -------------------------------------------------------------------------- */

const char *rs_http_header(const struct rs_http *h, const char *name, size_t i)
{
  return h->x.head.complete ? http_head_get(&h->x.head, name, i) : NULL;
}

const char *rs_http_origin(const struct rs_http *h)
{
  return h->origin;
}

void rs_http_escape(struct rs_buf *b, const char *s, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    char c = s[i];
    bool is_plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    (c != 0 && strchr("-._~", c) != NULL);
    if (is_plain) rs_buf_char(b, c);
    else rs_buf_printf(b, "%%%02X", (unsigned)(unsigned char)c);
  }
}
