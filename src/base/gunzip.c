/*
** gzip data by zlib, with our allocator and errors (see gunzip.h).
*/
#include "gunzip.h"
#include <string.h>
#include "mem.h"

enum { PIECE = 65536, STEP_MAX = 1 << 30 };

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

/* ---- by steps -------------------------------------------------------------------------------- */

static enum rs_code begin_member(struct rs_gunzip_stream *g, struct rs_error *e)
{
  int rc;
  if (g->on) {
    rc = inflateReset(&g->z);
  } else {
    g->z = (z_stream){.zalloc = zalloc, .zfree = zfree};
    rc = inflateInit2(&g->z, g->raw ? -MAX_WBITS : 16 + MAX_WBITS); // 16: gzip only
    g->on = rc == Z_OK;
  }
  g->is_inside = rc == Z_OK;
  return rc == Z_OK ? RS_OK : rs_nomem(e);
}

/* Some writers fill the last block of a device with zeros. */
static void skip_zeros(struct rs_gunzip_stream *g, const char **p, size_t *n)
{
  for (; *n > 0 && **p == 0; ++*p, --*n) g->taken++;
}

static enum rs_code wrong(const struct rs_gunzip_stream *g, struct rs_error *e)
{
  static const char *const texts[][2] = {
    {"incorrect header check", "do not begin as such"},
    {"incorrect data check", "do not match their checksum"},
    {"incorrect length check", "do not match their length"},
    {"unknown compression method", "are packed in an unknown way"},
    {"unknown header flags set", "are packed in an unknown way"},
  };
  const char *what = "are damaged";
  for (size_t i = 0; g->z.msg != NULL && i < sizeof texts / sizeof texts[0]; i++)
    if (strcmp(g->z.msg, texts[i][0]) == 0) what = texts[i][1];
  return rs_fail(e, RS_INVALID, "its %s data %s at byte %llu", g->raw ? "packed" : "gzip", what,
                 (unsigned long long)g->taken);
}

enum rs_code rs_gunzip_step(struct rs_gunzip_stream *g, const char **p, size_t *n, char *out,
                            size_t cap, size_t *got, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  *got = 0;
  if (!g->is_inside && g->on) skip_zeros(g, p, n);
  if (!g->is_inside) {
    g->is_full = false;
    if (*n > 0) rc = begin_member(g, e);
    if (!g->is_inside) return rc;
  }
  unsigned in = *n < STEP_MAX ? (unsigned)*n : STEP_MAX;
  unsigned room = cap < STEP_MAX ? (unsigned)cap : STEP_MAX;
  g->z.next_in = (const unsigned char *)*p;
  g->z.avail_in = in;
  g->z.next_out = (unsigned char *)out;
  g->z.avail_out = room;
  int z = inflate(&g->z, Z_NO_FLUSH);
  in -= g->z.avail_in;
  *p += in;
  *n -= in;
  g->taken += in;
  *got = room - g->z.avail_out;
  g->is_inside = z != Z_STREAM_END;
  g->is_full = g->is_inside && g->z.avail_out == 0;
  if (z == Z_MEM_ERROR) return rs_nomem(e);
  // Z_BUF_ERROR: it wants more data
  if (z != Z_OK && z != Z_BUF_ERROR && z != Z_STREAM_END) return wrong(g, e);
  return RS_OK;
}

void rs_gunzip_end(struct rs_gunzip_stream *g)
{
  if (g->on) (void)inflateEnd(&g->z);
  *g = (struct rs_gunzip_stream){.on = false};
}

/* ---- all of it ------------------------------------------------------------------------------- */

struct pieces {
  struct rs_gunzip_stream g;
  char in[PIECE], out[PIECE];
};

enum rs_code rs_gunzip(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx, struct rs_error *e)
{
  struct pieces *x = rs_malloc(sizeof *x);
  if (x == NULL) return rs_nomem(e);
  x->g = (struct rs_gunzip_stream){.on = false};
  enum rs_code rc = RS_OK;
  const char *p = x->in;
  for (size_t n = 0, got; rc == RS_OK;) {
    if (n == 0 && !x->g.is_full) {
      p = x->in;
      rc = fill(ctx, x->in, PIECE, &n, e);
      if (rc == RS_OK && n == 0) break;
    }
    if (rc == RS_OK) rc = rs_gunzip_step(&x->g, &p, &n, x->out, PIECE, &got, e);
    if (rc == RS_OK && got > 0) rc = sink(ctx, x->out, got, e);
  }
  if (rc == RS_OK && x->g.is_inside) {
    rc = rs_fail(e, RS_INVALID, "its gzip data are cut off at byte %llu",
                 (unsigned long long)x->g.taken);
  }
  rs_gunzip_end(&x->g);
  rs_free(x);
  return rc;
}
