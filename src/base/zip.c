/*
** Zip files (see zip.h). The directory at the end says where everything is; of a member's own
** header only its length is read.
*/
#include "zip.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mem.h"
#include "text.h"

enum {
  PIECE = 65536,
  END_SIZE = 22, /* the directory's end record, without the comment */
  END64_SIZE = 56,
  LOCATOR_SIZE = 20,
  ENTRY_SIZE = 46,
  LOCAL_SIZE = 30,
  STORED = 0,
  DEFLATED = 8
};
#define DIRECTORY_MAX ((uint64_t)64 << 20)

/* ---- bytes ----------------------------------------------------------------------------------- */

static uint64_t number(const unsigned char *p, int bytes)
{
  uint64_t x = 0;
  for (int i = bytes - 1; i >= 0; i--) x = x << 8 | p[i];
  return x;
}

static enum rs_code damaged(struct rs_error *e, const char *what)
{
  return rs_fail(e, RS_INVALID, "its zip data are damaged or cut off: %s", what);
}

static enum rs_code read_at(int fd, uint64_t at, void *p, size_t n, struct rs_error *e)
{
  char *to = p;
  while (n > 0) {
    ssize_t got = pread(fd, to, n, (off_t)at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return rs_fail(e, RS_IO, "%s", strerror(errno));
    if (got == 0) return damaged(e, "something is said to lie behind the end");
    to += got;
    at += (uint64_t)got;
    n -= (size_t)got;
  }
  return RS_OK;
}

/* ---- directory ------------------------------------------------------------------------------- */

struct directory {
  uint64_t file, at, size, count;
};

static enum rs_code read_end64(int fd, uint64_t end, struct directory *d, struct rs_error *e)
{
  unsigned char locator[LOCATOR_SIZE], record[END64_SIZE];
  if (end < LOCATOR_SIZE) return damaged(e, "its directory is nowhere");
  enum rs_code rc = read_at(fd, end - LOCATOR_SIZE, locator, sizeof locator, e);
  if (rc == RS_OK && memcmp(locator, "PK\6\7", 4) != 0)
    return RS_OK; // the numbers are what they are
  if (rc == RS_OK) rc = read_at(fd, number(locator + 8, 8), record, sizeof record, e);
  if (rc == RS_OK && memcmp(record, "PK\6\6", 4) != 0)
    rc = damaged(e, "its directory is not where it is said to be");
  if (rc != RS_OK) return rc;
  d->count = number(record + 32, 8);
  d->size = number(record + 40, 8);
  d->at = number(record + 48, 8);
  return RS_OK;
}

/* The end record: the last one in the file, with a comment of up to 64 KB behind it. */
static enum rs_code find_end(int fd, struct directory *d, struct rs_error *e)
{
  struct stat st;
  if (fstat(fd, &st) != 0) return rs_fail(e, RS_IO, "%s", strerror(errno));
  d->file = (uint64_t)st.st_size;
  size_t n = d->file < END_SIZE + 65535 ? (size_t)d->file : END_SIZE + 65535;
  unsigned char *tail = rs_malloc(n + 1);
  if (tail == NULL) return rs_nomem(e);
  enum rs_code rc = read_at(fd, d->file - n, tail, n, e);
  size_t i = n >= END_SIZE ? n - END_SIZE + 1 : 0;
  while (rc == RS_OK && i > 0 && memcmp(tail + i - 1, "PK\5\6", 4) != 0) i--;
  if (rc == RS_OK && i == 0)
    rc = rs_fail(e, RS_INVALID, "it is no zip file, or it is cut off: it has no directory");
  if (rc == RS_OK) {
    const unsigned char *end = tail + i - 1;
    d->count = number(end + 10, 2);
    d->size = number(end + 12, 4);
    d->at = number(end + 16, 4);
    if (number(end + 4, 2) != number(end + 6, 2) && number(end + 4, 2) != 0xFFFF)
      rc = rs_fail(e, RS_UNSUPPORTED, "it is one of several parts of a zip file: join them");
    else if (d->count == 0xFFFF || d->size == UINT32_MAX || d->at == UINT32_MAX)
      rc = read_end64(fd, d->file - n + i - 1, d, e);
  }
  rs_free(tail);
  if (rc == RS_OK && (d->at > d->file || d->size > d->file - d->at))
    rc = damaged(e, "its directory lies behind the end");
  if (rc == RS_OK && d->size > DIRECTORY_MAX)
    rc = rs_fail(e, RS_LIMIT, "its directory is larger than 64 MB");
  return rc;
}

/* The 64-bit numbers of those that are all ones in 32 bits, in this order. */
static bool take_zip64(struct rs_zip_member *m, const unsigned char *extra, size_t n)
{
  uint64_t *const wide[] = {&m->size, &m->packed, &m->at};
  bool needed = m->size == UINT32_MAX || m->packed == UINT32_MAX || m->at == UINT32_MAX;
  for (size_t at = 0; needed && at + 4 <= n;) {
    size_t size = (size_t)number(extra + at + 2, 2), from = at + 4;
    if (size > n - from) return false;
    at = from + size;
    if (number(extra + from - 4, 2) != 1) continue;
    for (size_t i = 0; i < 3; i++) {
      if (*wide[i] != UINT32_MAX) continue;
      if (from + 8 > at) return false;
      *wide[i] = number(extra + from, 8);
      from += 8;
    }
    return true;
  }
  return !needed;
}

static bool is_wanted(const char *name, size_t n)
{
  return n > 0 && name[n - 1] != '/' && !rs_casestarts(name, n, "__macosx/") &&
         memchr(name, 0, n) == NULL;
}

static enum rs_code read_entries(const unsigned char *p, const struct directory *d,
                                 struct rs_arena *a, struct rs_zip *z, struct rs_error *e)
{
  uint64_t most = d->size / ENTRY_SIZE;
  uint64_t count = d->count < most ? d->count : most;
  if (d->count > most) return damaged(e, "its directory is too short");
  z->v = rs_arena_calloc(a, (size_t)(count + 1) * sizeof z->v[0]);
  if (z->v == NULL) return rs_nomem(e);
  size_t at = 0, size = (size_t)d->size;
  for (uint64_t i = 0; i < count; i++) {
    const unsigned char *h = p + at;
    if (size - at < ENTRY_SIZE || memcmp(h, "PK\1\2", 4) != 0)
      return damaged(e, "its directory is not one");
    size_t name = (size_t)number(h + 28, 2), extra = (size_t)number(h + 30, 2);
    size_t all = ENTRY_SIZE + name + extra + (size_t)number(h + 32, 2);
    if (all > size - at) return damaged(e, "its directory is too short");
    at += all;
    if (!is_wanted((const char *)h + ENTRY_SIZE, name)) continue;
    struct rs_zip_member *m = &z->v[z->n];
    *m = (struct rs_zip_member){.at = number(h + 42, 4),
                                .packed = number(h + 20, 4),
                                .size = number(h + 24, 4),
                                .crc = (uint32_t)number(h + 16, 4),
                                .method = (unsigned)number(h + 10, 2),
                                .encrypted = (h[8] & 1) != 0};
    m->name = rs_arena_strndup(a, (const char *)h + ENTRY_SIZE, name);
    if (m->name == NULL) return rs_nomem(e);
    if (!take_zip64(m, h + ENTRY_SIZE + name, extra))
      return damaged(e, "a member's size is missing");
    z->n++;
  }
  return RS_OK;
}

enum rs_code rs_zip_open(int fd, struct rs_arena *a, struct rs_zip *z, struct rs_error *e)
{
  struct directory d = {0};
  *z = (struct rs_zip){.fd = fd};
  enum rs_code rc = find_end(fd, &d, e);
  if (rc != RS_OK) return rc;
  unsigned char *p = rs_malloc((size_t)d.size + 1);
  if (p == NULL) return rs_nomem(e);
  rc = read_at(fd, d.at, p, (size_t)d.size, e);
  if (rc == RS_OK) rc = read_entries(p, &d, a, z, e);
  rs_free(p);
  return rc;
}

const struct rs_zip_member *rs_zip_find(const struct rs_zip *z, const char *name)
{
  for (size_t i = 0; i < z->n; i++)
    if (rs_eq(z->v[i].name, name)) return &z->v[i];
  return NULL;
}

/* ---- a member -------------------------------------------------------------------------------- */

struct member {
  struct rs_gunzip_stream g;
  uint64_t at, left; /* packed bytes that are to be read */
  uint64_t size;     /* unpacked ones that came */
  unsigned long crc;
  char in[PIECE], out[PIECE];
};

static enum rs_code pass_on(struct member *x, const struct rs_zip_member *m, const char *p,
                            size_t n, rs_gunzip_sink *sink, void *ctx, struct rs_error *e)
{
  x->size += n;
  if (x->size > m->size) return damaged(e, "a member is longer than it is said to be");
  x->crc = crc32(x->crc, (const unsigned char *)p, (unsigned)n);
  return sink(ctx, p, n, e);
}

static enum rs_code fill(int fd, struct member *x, size_t *n, struct rs_error *e)
{
  *n = x->left < PIECE ? (size_t)x->left : PIECE;
  enum rs_code rc = read_at(fd, x->at, x->in, *n, e);
  x->at += *n;
  x->left -= *n;
  return rc;
}

static enum rs_code read_stored(const struct rs_zip *z, const struct rs_zip_member *m,
                                struct member *x, rs_gunzip_sink *sink, void *ctx,
                                struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  while (rc == RS_OK && x->left > 0) {
    size_t n;
    rc = fill(z->fd, x, &n, e);
    if (rc == RS_OK) rc = pass_on(x, m, x->in, n, sink, ctx, e);
  }
  return rc;
}

static enum rs_code read_deflated(const struct rs_zip *z, const struct rs_zip_member *m,
                                  struct member *x, rs_gunzip_sink *sink, void *ctx,
                                  struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  const char *p = x->in;
  x->g.raw = true;
  for (size_t n = 0, got; rc == RS_OK;) {
    if (n == 0 && !x->g.is_full) {
      if (x->left == 0) break;
      p = x->in;
      rc = fill(z->fd, x, &n, e);
    }
    if (rc == RS_OK) rc = rs_gunzip_step(&x->g, &p, &n, x->out, PIECE, &got, e);
    if (rc == RS_OK && got > 0) rc = pass_on(x, m, x->out, got, sink, ctx, e);
    if (x->g.on && !x->g.is_inside) break;
  }
  if (rc == RS_OK && x->g.is_inside) rc = damaged(e, "a member ends too soon");
  rs_gunzip_end(&x->g);
  return rc;
}

enum rs_code rs_zip_read(const struct rs_zip *z, const struct rs_zip_member *m,
                         rs_gunzip_sink *sink, void *ctx, struct rs_error *e)
{
  unsigned char local[LOCAL_SIZE];
  if (m->encrypted)
    return rs_fail(e, RS_FORBIDDEN, "'%s' is protected by a password: unpack it with one", m->name);
  if (m->method != STORED && m->method != DEFLATED)
    return rs_fail(e, RS_UNSUPPORTED,
                   "'%s' is packed by method %u, not deflate: unpack the file, or pack it anew",
                   m->name, m->method);
  enum rs_code rc = read_at(z->fd, m->at, local, sizeof local, e);
  if (rc == RS_OK && memcmp(local, "PK\3\4", 4) != 0)
    rc = damaged(e, "a member is not where it is said to be");
  if (rc != RS_OK) return rc;
  struct member *x = rs_malloc(sizeof *x);
  if (x == NULL) return rs_nomem(e);
  x->g = (struct rs_gunzip_stream){.on = false};
  x->at = m->at + LOCAL_SIZE + number(local + 26, 2) + number(local + 28, 2);
  x->left = m->packed;
  x->size = 0;
  x->crc = crc32(0, NULL, 0);
  rc = m->method == STORED ? read_stored(z, m, x, sink, ctx, e)
                           : read_deflated(z, m, x, sink, ctx, e);
#ifdef RS_FUZZ // what changes a byte would hardly find the sum of it
  x->crc = m->crc;
#endif
  if (rc == RS_OK && (x->size != m->size || (uint32_t)x->crc != m->crc))
    rc = rs_fail(e, RS_INVALID, "'%s' in it is damaged: its checksum or length differs", m->name);
  rs_free(x);
  return rc;
}
