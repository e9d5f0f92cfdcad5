/*
** The bytes of a body as the caller gets them: as they come, or out of gzip.
**
** gzip is unpacked here and not by libcurl, which takes a packed body that stops in the middle for
** a whole one (tried: 7.88), and which unpacks all that it has read at once, however large. Here
** the end is verified by gzip's own check sum and length, and no more is unpacked than fits the
** caller's buffer.
*/
#include <string.h>
#include "internal.h"
#include "src/base/mem.h"

void http_body_reset(struct http_exchange *x)
{
  rs_gunzip_end(&x->gunzip);
  x->is_gzip = false;
  x->raw_at = x->raw_n = 0;
}

static enum rs_code fill_raw(struct rs_http *h)
{
  struct http_exchange *x = &h->x;
  if (x->raw == NULL && (x->raw = rs_malloc(HTTP_BUFFER)) == NULL) return rs_nomem(&x->failed);
  x->raw_at = x->raw_n = 0;
  return http_fill(h, x->raw, HTTP_BUFFER, &x->raw_n);
}

static enum rs_code read_gzip(struct rs_http *h, char *buf, size_t cap, size_t *n)
{
  struct http_exchange *x = &h->x;
  for (*n = 0; *n == 0;) {
    enum rs_code rc;
    if (x->raw_at == x->raw_n && !x->gunzip.is_full) {
      rc = fill_raw(h);
      if (rc != RS_OK) return rc;
      if (x->raw_n == 0 && x->gunzip.is_inside)
        return rs_fail(&x->failed, RS_IO,
                       "%s: the answer was cut off: its gzip data stop before"
                       " their end; try again",
                       h->origin);
      if (x->raw_n == 0) return RS_OK;
    }
    const char *p = x->raw + x->raw_at;
    size_t left = x->raw_n - x->raw_at;
    struct rs_error own = {0};
    rc = rs_gunzip_step(&x->gunzip, &p, &left, buf, cap, n, &own);
    x->raw_at = x->raw_n - left;
    if (rc == RS_NOMEM) return rs_nomem(&x->failed);
    if (rc != RS_OK)
      return rs_fail(&x->failed, RS_REMOTE, "%s: can't unpack the answer: %s", h->origin, own.text);
  }
  return RS_OK;
}

enum rs_code http_body_read(struct rs_http *h, char *buf, size_t cap, size_t *n)
{
  struct http_exchange *x = &h->x;
  enum rs_code rc = http_cancelled(h);
  if (rc != RS_OK) return rc;
  if (x->is_gzip) return read_gzip(h, buf, cap, n);
  // libcurl hands out pieces of up to this size, whole or not at all
  if (x->raw_at == x->raw_n && cap >= CURL_MAX_WRITE_SIZE) return http_fill(h, buf, cap, n);
  if (x->raw_at == x->raw_n) {
    rc = fill_raw(h);
    if (rc != RS_OK) return rc;
  }
  *n = x->raw_n - x->raw_at < cap ? x->raw_n - x->raw_at : cap;
  if (*n > 0) memcpy(buf, x->raw + x->raw_at, *n);
  x->raw_at += *n;
  return RS_OK;
}
