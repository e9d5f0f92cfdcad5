/*
** One transfer through libcurl's multi interface: the callbacks, and the one loop that waits.
**
** Pull style: libcurl may hand out bytes only while somebody reads (x.dst); otherwise it is paused,
** its buffer and the kernel's fill, and the server waits.
*/
#include <signal.h>
#include <string.h>
#include "internal.h"
#include "src/base/thread.h"

#define DRAIN_MAX ((size_t)64 << 10) /* a longer rest is not worth keeping the connection */
#define POLL_MAX 1000                /* ms; libcurl has timers of its own besides */

/* ---- SIGPIPE -------------------------------------------------------------------------------- */

/* CURLOPT_NOSIGNAL also makes libcurl leave SIGPIPE alone, and a TLS library that writes to a
** closed connection would then end the host. Its handler is not ours to change: the signal is
** blocked in this thread, and one that came is taken away. */
void http_sigpipe_hold(struct http_sigpipe *s)
{
  sigset_t pending, pipe, old;
  sigemptyset(&pending);
  sigpending(&pending);
  s->was_pending = sigismember(&pending, SIGPIPE) == 1;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigemptyset(&old);
  (void)pthread_sigmask(SIG_BLOCK, &pipe, &old);
  s->was_blocked = sigismember(&old, SIGPIPE) == 1;
}

void http_sigpipe_release(const struct http_sigpipe *s)
{
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  if (!s->was_pending) (void)rs_signal_wait(&pipe, 0);
  if (!s->was_blocked) (void)pthread_sigmask(SIG_UNBLOCK, &pipe, NULL);
}

/* ---- Callbacks ------------------------------------------------------------------------------ */

size_t http_on_header(char *p, size_t size, size_t n, void *ctx)
{
  struct http_exchange *x = &((struct rs_http *)ctx)->x;
  x->moved_at = rs_now_ms();
  return http_head_line(&x->head, p, size * n) ? size * n : 0;
}

size_t http_on_body(char *p, size_t size, size_t n, void *ctx)
{
  struct http_exchange *x = &((struct rs_http *)ctx)->x;
  n *= size;
  x->moved_at = rs_now_ms();
  if (x->discard) {
    x->dropped += n;
    return x->dropped <= DRAIN_MAX ? n : 0;
  }
  if (x->dst == NULL || n > x->cap - x->n) {
    x->paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  memcpy(x->dst + x->n, p, n);
  x->n += n;
  return n;
}

size_t http_on_send(char *p, size_t size, size_t n, void *ctx)
{
  struct http_exchange *x = &((struct rs_http *)ctx)->x;
  size_t left = x->r.body_len - x->body_sent;
  n = n * size < left ? n * size : left;
  x->moved_at = rs_now_ms();
  if (n > 0) memcpy(p, x->r.body + x->body_sent, n);
  x->body_sent += n;
  return n;
}

/* libcurl rewinds when it sends a request again by itself: a kept-alive connection turned out dead.
** The server may have acted on the request nevertheless. */
int http_on_seek(void *ctx, curl_off_t offset, int origin)
{
  struct http_exchange *x = &((struct rs_http *)ctx)->x;
  if (!x->idempotent || origin != SEEK_SET || offset < 0 || (size_t)offset > x->r.body_len)
    return CURL_SEEKFUNC_FAIL;
  x->body_sent = (size_t)offset;
  return CURL_SEEKFUNC_OK;
}

/* ---- Waiting -------------------------------------------------------------------------------- */

enum rs_code http_cancelled(struct rs_http *h)
{
  if (!atomic_exchange(&h->cancelled, false)) return RS_OK;
  return rs_fail(&h->x.failed, RS_CANCELLED, "%s: cancelled", h->origin);
}

long http_sent(struct rs_http *h)
{
  long sent = 0;
  (void)rs_curl.easy_getinfo(h->easy, CURLINFO_REQUEST_SIZE, &sent);
  return sent;
}

static void take_out(struct rs_http *h)
{
  if (!h->x.running) return;
  if (http_sent(h) > 0) h->x.was_sent = true;
  h->x.running = false;
  h->is_spoiled = !h->x.done || h->x.result != CURLE_OK;
  (void)rs_curl.multi_remove_handle(h->multi, h->easy);
}

/* libcurl's turn, without waiting. False: libcurl itself is broken, x.failed says how. */
static bool perform(struct rs_http *h)
{
  int running = 0, left = 0;
  CURLMsg *msg;
  CURLMcode mc = rs_curl.multi_perform(h->multi, &running);
  if (mc != CURLM_OK) {
    if (mc == CURLM_OUT_OF_MEMORY) (void)rs_nomem(&h->x.failed);
    else
      (void)rs_fail(&h->x.failed, RS_INTERNAL, "%s: libcurl: %s", h->origin,
                    rs_curl.multi_strerror(mc));
    return false;
  }
  while ((msg = rs_curl.multi_info_read(h->multi, &left)) != NULL)
    if (msg->msg == CURLMSG_DONE) {
      h->x.done = true;
      h->x.result = msg->data.result;
    }
  return true;
}

/* libcurl limits the connecting itself; from there on the limits are ours, since only we know
** whether anybody is waiting for a byte. */
static enum rs_code check_time(struct rs_http *h, int64_t *wait)
{
  struct http_exchange *x = &h->x;
  int64_t now = rs_now_ms();
  curl_off_t connected = 0;
  *wait = POLL_MAX;
  if (x->total_at != HTTP_FOREVER) {
    if (now >= x->total_at)
      return rs_fail(&x->failed, RS_TIMEOUT,
                     "%s: not finished within %lld ms, the total time limit: raise the timeout",
                     h->origin, (long long)x->total_ms);
    if (x->total_at - now < *wait) *wait = x->total_at - now;
  }
  (void)rs_curl.easy_getinfo(h->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
  if (connected == 0) x->moved_at = now;
  if (x->idle_ms != HTTP_FOREVER) {
    int64_t left = x->idle_ms - (now - x->moved_at);
    if (left <= 0)
      return rs_fail(
        &x->failed, RS_TIMEOUT,
        "%s: nothing came for %lld ms, the idle time limit: the server is stuck or busy;"
        " raise the timeout or try again",
        h->origin, (long long)x->idle_ms);
    if (left < *wait) *wait = left;
  }
  return RS_OK;
}

/* Until there are headers (want_head) or bytes, or libcurl has finished. */
static enum rs_code run_transfer(struct rs_http *h, bool want_head)
{
  struct http_exchange *x = &h->x;
  for (;;) {
    enum rs_code rc = http_cancelled(h);
    if (rc != RS_OK) return rc;
    if (!perform(h)) return x->failed.code;
    if (x->done || (want_head ? x->head.complete : x->n > 0)) return RS_OK;
    int64_t wait;
    rc = check_time(h, &wait);
    if (rc != RS_OK) return rc;
    (void)rs_curl.multi_poll(h->multi, NULL, 0, (int)wait, NULL);
  }
}

enum rs_code http_start(struct rs_http *h)
{
  struct http_exchange *x = &h->x;
  enum rs_code rc = http_cancelled(h);
  if (rc != RS_OK) return rc;
  x->done = x->paused = x->discard = false;
  x->result = CURLE_OK;
  x->message[0] = 0;
  x->reached = HTTP_NOT_LOST;
  x->dropped = x->body_sent = 0;
  http_head_clear(&x->head);
  http_body_reset(x);
  rc = http_set_request(h, &x->failed);
  if (rc != RS_OK) return rc;
  x->moved_at = rs_now_ms();
  if (rs_curl.multi_add_handle(h->multi, h->easy) != CURLM_OK) return rs_nomem(&x->failed);
  x->running = true;
  return RS_OK;
}

enum rs_code http_wait_head(struct rs_http *h)
{
  struct http_sigpipe guard;
  struct http_exchange *x = &h->x;
  http_sigpipe_hold(&guard);
  enum rs_code rc = run_transfer(h, true);
  // libcurl takes headers that stop in the middle for an answer
  if (rc == RS_OK && x->result == CURLE_OK && !x->head.complete) x->result = CURLE_PARTIAL_FILE;
  if (rc == RS_OK && x->result != CURLE_OK) rc = http_error_curl(h, &x->failed);
  if (rc != RS_OK || x->done) take_out(h);
  http_sigpipe_release(&guard);
  return rc;
}

enum rs_code http_fill(struct rs_http *h, char *dst, size_t cap, size_t *n)
{
  struct http_sigpipe guard;
  struct http_exchange *x = &h->x;
  *n = 0;
  x->dst = dst;
  x->cap = cap;
  x->n = 0;
  x->moved_at = rs_now_ms(); // the server is not to blame for the time that the caller took
  http_sigpipe_hold(&guard);
  enum rs_code rc = RS_OK;
  if (x->paused && !x->done) {
    x->paused = false;
    CURLcode c = rs_curl.easy_pause(h->easy, CURLPAUSE_CONT); // calls http_on_body
    if (c != CURLE_OK) {
      x->done = true;
      x->result = c;
    }
  }
  if (x->n == 0 && !x->done) rc = run_transfer(h, false);
  // What came before a failure is good; the next call tells of the failure
  if (rc == RS_OK && x->n == 0 && x->result != CURLE_OK) rc = http_error_curl(h, &x->failed);
  if (rc != RS_OK || x->done) take_out(h);
  http_sigpipe_release(&guard);
  *n = x->n;
  x->dst = NULL;
  return rc;
}

void http_drain(struct rs_http *h, int64_t ms)
{
  struct http_sigpipe guard;
  struct http_exchange *x = &h->x;
  int64_t until = rs_now_ms() + ms, left = ms;
  if (!x->running) return;
  http_sigpipe_hold(&guard);
  x->discard = true;
  bool ok = !x->paused || rs_curl.easy_pause(h->easy, CURLPAUSE_CONT) == CURLE_OK;
  while (ok && perform(h) && !x->done && !atomic_load(&h->cancelled)) {
    left = until - rs_now_ms();
    if (left <= 0) break;
    (void)rs_curl.multi_poll(h->multi, NULL, 0, (int)left, NULL);
  }
  take_out(h);
  http_sigpipe_release(&guard);
}

void http_stop(struct rs_http *h)
{
  struct http_sigpipe guard;
  if (!h->x.running) return;
  http_sigpipe_hold(&guard);
  take_out(h);
  http_sigpipe_release(&guard);
}

enum rs_code http_pause(struct rs_http *h, int64_t ms)
{
  int64_t until = rs_now_ms() + ms, left;
  for (;;) {
    enum rs_code rc = http_cancelled(h);
    if (rc != RS_OK) return rc;
    left = until - rs_now_ms();
    if (left <= 0) return RS_OK;
    (void)rs_curl.multi_poll(h->multi, NULL, 0, (int)(left < 60000 ? left : 60000), NULL);
  }
}
