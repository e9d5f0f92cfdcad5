/*
** Status and headers of an answer: kept as they come, line by line; then judged, before anybody
** reads the body (see internal.h).
*/
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "src/base/text.h"
#include "src/base/thread.h"

#define RETRY_AFTER_MAX 1000000000 /* seconds; no more digits are read */

void http_head_clear(struct http_head *head)
{
  if (head->text.max == 0) rs_buf_init(&head->text, HTTP_HEAD_MAX);
  rs_buf_clear(&head->text);
  head->status = 0;
  head->in_block = head->complete = head->is_h1 = false;
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* `HTTP/1.1 200 OK`, `HTTP/2 200` */
static void status_line(struct http_head *head, const char *p, size_t n)
{
  http_head_clear(head);
  head->in_block = true;
  head->is_h1 = n > 7 && memcmp(p, "HTTP/1.", 7) == 0;
  size_t at = 5;
  while (at < n && !is_blank(p[at])) at++;
  while (at < n && is_blank(p[at])) at++;
  for (size_t i = 0; i < 3 && at + i < n && p[at + i] >= '0' && p[at + i] <= '9'; i++)
    head->status = head->status * 10 + (p[at + i] - '0');
}

bool http_head_line(struct http_head *head, const char *p, size_t n)
{
  // libcurl 8 hands out a line that the end of the connection cut as well (tried: 8.21): an answer
  // that stops within the empty line would look whole
  if (n == 0 || p[n - 1] != '\n') return true;
  while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r')) n--;
  if (head->complete) return true; // a trailer
  if (!head->in_block) {
    if (n > 5 && memcmp(p, "HTTP/", 5) == 0) status_line(head, p, n);
    return true;
  }
  if (n == 0) {
    head->in_block = false;
    head->complete = head->status >= 200 || head->status == 101;
    return true;
  }
  while (n > 0 && is_blank(p[n - 1])) n--;
  struct rs_buf *b = &head->text;
  if (is_blank(p[0])) { // an obsolete continuation of the last value
    while (n > 0 && is_blank(*p)) p++, n--;
    if (b->n == 0 || b->rc != RS_OK) return b->rc == RS_OK;
    b->p[b->n - 1] = ' ';
  } else {
    const char *colon = memchr(p, ':', n);
    if (colon == NULL) return true;
    rs_buf_add(b, p, (size_t)(colon - p));
    rs_buf_char(b, 0);
    n -= (size_t)(colon + 1 - p);
    p = colon + 1;
    while (n > 0 && is_blank(*p)) p++, n--;
  }
  // A NUL would shift names and values against one another
  const char *nul = memchr(p, 0, n);
  rs_buf_add(b, p, nul != NULL ? (size_t)(nul - p) : n);
  rs_buf_char(b, 0);
  return b->rc == RS_OK;
}

const char *http_head_get(const struct http_head *head, const char *name, size_t i)
{
  const char *p = head->text.p, *end = p + head->text.n;
  if (p == NULL || head->text.rc != RS_OK) return NULL;
  while (p < end) {
    const char *value = p + strlen(p) + 1;
    if (rs_casecmp(p, name) == 0 && i-- == 0) return value;
    p = value + strlen(value) + 1;
  }
  return NULL;
}

/* ---- May the caller have it? ---------------------------------------------------------------- */

/* The host of a Location, without user info, path and query. Not more: they may hold secrets. */
static enum rs_code redirect(struct rs_http *h, struct rs_error *e)
{
  const char *to = http_head_get(&h->x.head, "location", 0);
  char *host = NULL;
  CURLU *u = to != NULL ? rs_curl.url() : NULL;
  if (u != NULL && rs_curl.url_set(u, CURLUPART_URL, to, 0) == CURLUE_OK)
    (void)rs_curl.url_get(u, CURLUPART_HOST, &host, 0);
  enum rs_code rc = rs_fail(
    e, RS_REMOTE,
    "%s: redirected%s%s (HTTP %d): redirects are not followed, they would take the credentials"
    " along; put the final address into the profile",
    h->origin, host != NULL ? " to " : "", host != NULL ? host : "", h->x.head.status);
  rs_curl.free(host);
  rs_curl.url_cleanup(u);
  return rc;
}

static bool has_token(const char *list, const char *word)
{
  size_t n = strlen(word);
  for (const char *p = list; *p != 0; p += strcspn(p, ","), p += *p == ',') {
    while (is_blank(*p)) p++;
    if (rs_casecmpn(p, word, n) == 0 && (p[n] == 0 || p[n] == ',' || is_blank(p[n]))) return true;
  }
  return false;
}

/* A body that only the end of the connection ends may have been cut anywhere. */
static enum rs_code check_framing(struct rs_http *h, struct rs_error *e)
{
  const struct http_head *head = &h->x.head;
  const char *length = http_head_get(head, "content-length", 0), *other;
  for (size_t i = 1; length != NULL && (other = http_head_get(head, "content-length", i)); i++)
    if (!rs_eq(length, other))
      return rs_fail(e, RS_REMOTE,
                     "%s: answered with two different Content-Length headers: one of"
                     " the machines on the way is broken",
                     h->origin);
  bool no_body = rs_eq(http_method(&h->x.r), "HEAD") || head->status == 204 || head->status == 304;
  if (!head->is_h1 || no_body || length != NULL || head->status >= 400) return RS_OK;
  const char *coding = http_head_get(head, "transfer-encoding", 0);
  if (coding != NULL && has_token(coding, "chunked")) return RS_OK;
  return rs_fail(e, RS_REMOTE,
                 "%s: the answer has neither a length nor chunks, so that nobody could"
                 " tell whether it was cut: the server (or a proxy) must speak HTTP/1.1",
                 h->origin);
}

static enum rs_code check_coding(struct rs_http *h, struct rs_error *e)
{
  const struct http_head *head = &h->x.head;
  const char *coding = http_head_get(head, "content-encoding", 0);
  bool more = http_head_get(head, "content-encoding", 1) != NULL;
  h->x.is_gzip = false;
  if (coding == NULL || *coding == 0 || (rs_casecmp(coding, "identity") == 0 && !more))
    return RS_OK;
  if ((rs_casecmp(coding, "gzip") == 0 || rs_casecmp(coding, "x-gzip") == 0) && !more) {
    h->x.is_gzip = true;
    return RS_OK;
  }
  return rs_fail(e, RS_REMOTE, "%s: the answer is encoded as `%.60s`, which was not asked for",
                 h->origin, coding);
}

enum rs_code http_head_check(struct rs_http *h, struct rs_error *e)
{
  int status = h->x.head.status;
  if (status >= 300 && status < 400 && status != 304) return redirect(h, e);
  if (status == 101 || status < 200 || status > 999)
    return rs_fail(e, RS_REMOTE, "%s: answered with HTTP %d, which nobody asked for", h->origin,
                   status);
  enum rs_code rc = check_framing(h, e);
  return rc == RS_OK ? check_coding(h, e) : rc;
}

int64_t http_retry_after(const struct http_head *head)
{
  const char *value = http_head_get(head, "retry-after", 0);
  if (value == NULL || *value == 0) return -1;
  int64_t seconds = 0;
  size_t digits = strspn(value, "0123456789");
  if (value[digits] == 0) {
    for (size_t i = 0; i < digits && seconds < RETRY_AFTER_MAX; i++)
      seconds = seconds * 10 + (value[i] - '0');
    return seconds;
  }
  time_t at = rs_curl.getdate(value, NULL);
  if (at == -1) return -1;
  // By the server's own clock where it tells the time: ours may be wrong
  const char *date = http_head_get(head, "date", 0);
  time_t now = date != NULL ? rs_curl.getdate(date, NULL) : -1;
  if (now == -1) now = (time_t)(rs_wall_us() / 1000000);
  return at > now ? (int64_t)(at - now) : 0;
}
