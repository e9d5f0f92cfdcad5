/*
** The bytes of a body as the caller gets them: as they come, or out of gzip.
**
** gzip is unpacked here and not by libcurl, which takes a packed body that stops in the middle for
** a whole one (tried: 7.88), and which unpacks all that it has read at once, however large. Here
** the end is verified by gzip's own check sum and length, and no more is unpacked than fits the
** caller's buffer.
*/
#include <string.h>
#include "http_internal.h"
#include "../base/mem.h"

static void *zalloc(void *ctx, unsigned count, unsigned size)
{
  (void)ctx;
  return rs_calloc(count, size);
}

static void zfree(void *ctx, void *p)
{
  (void)ctx;
  rs_free(p);
}

void http_body_reset(struct http_exchange *x)
{
  if (x->z_on) (void)inflateEnd(&x->z);
  x->z_on = x->z_full = x->z_member_end = x->is_gzip = false;
  x->raw_at = x->raw_n = 0;
}

static enum rs_code fill_raw(struct rs_http *h)
{
  struct http_exchange *x = &h->x;
  if (x->raw == NULL && (x->raw = rs_malloc(HTTP_BUFFER)) == NULL) return rs_nomem(&x->failed);
  x->raw_at = x->raw_n = 0;
  return http_fill(h, x->raw, HTTP_BUFFER, &x->raw_n);
}

static enum rs_code z_begin(struct rs_http *h)
{
  struct http_exchange *x = &h->x;
  int rc;
  if (x->z_on) {
    rc = inflateReset(&x->z); // a further member behind the first one
  } else {
    x->z = (z_stream){.zalloc = zalloc, .zfree = zfree};
    rc = inflateInit2(&x->z, 16 + MAX_WBITS); // 16: gzip only
    x->z_on = rc == Z_OK;
  }
  x->z_member_end = false;
  return rc == Z_OK ? RS_OK : rs_nomem(&x->failed);
}

/* Unpacks once; *n may stay 0. */
static enum rs_code z_step(struct rs_http *h, char *buf, size_t cap, size_t *n)
{
  struct http_exchange *x = &h->x;
  if (!x->z_on || x->z_member_end) {
    enum rs_code rc = z_begin(h);
    if (rc != RS_OK) return rc;
  }
  unsigned room = cap < HTTP_BUFFER * 16 ? (unsigned)cap : (unsigned)HTTP_BUFFER * 16;
  x->z.next_in = (unsigned char *)x->raw + x->raw_at;
  x->z.avail_in = (unsigned)(x->raw_n - x->raw_at);
  x->z.next_out = (unsigned char *)buf;
  x->z.avail_out = room;
  int z = inflate(&x->z, Z_NO_FLUSH);
  x->raw_at = x->raw_n - x->z.avail_in;
  *n = room - x->z.avail_out;
  x->z_full = x->z.avail_out == 0; // there may be more without further input
  if (z == Z_STREAM_END) {
    x->z_member_end = true;
    x->z_full = false;
  } else if (z == Z_MEM_ERROR) {
    return rs_nomem(&x->failed);
  } else if (z != Z_OK && z != Z_BUF_ERROR) {
    return rs_fail(&x->failed, RS_REMOTE, "%s: can't unpack the answer: not valid gzip (%s)",
                   h->origin, x->z.msg != NULL ? x->z.msg : "unknown form");
  }
  return RS_OK;
}

static enum rs_code read_gzip(struct rs_http *h, char *buf, size_t cap, size_t *n)
{
  struct http_exchange *x = &h->x;
  for (*n = 0; *n == 0;) {
    enum rs_code rc;
    if (x->raw_at == x->raw_n && !x->z_full) {
      rc = fill_raw(h);
      if (rc != RS_OK) return rc;
      if (x->raw_n == 0 && x->z_on && !x->z_member_end)
        return rs_fail(&x->failed, RS_IO,
                       "%s: the answer was cut off: its gzip data stop before"
                       " their end; try again",
                       h->origin);
      if (x->raw_n == 0) return RS_OK;
    }
    rc = z_step(h, buf, cap, n);
    if (rc != RS_OK) return rc;
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
