/*
** The documents of an object (see documents.h): unpacking, the choice of the format, and JSON,
** which is cut into documents as it comes; every digit stays.
*/
#include "documents.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "src/base/gunzip.h"
#include "src/base/mem.h"
#include "src/base/spill.h"
#include "src/base/text.h"
#include "src/json/cut.h"

enum { STEP = 1 << 16, DOCUMENT_BYTES = 64 << 20 };

/* ---- JSON ------------------------------------------------------------------------------------ */

static enum rs_code take(void *ctx, const char *json, size_t n, struct rs_error *e)
{
  const struct rs_documents_reader *r = ctx;
  return r->is_stopped(r->ctx) ? rs_fail(e, RS_CANCELLED, "stopped") : r->take(r->ctx, json, n);
}

static enum rs_code cut_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  return rs_json_cut_piece(ctx, p, n, e);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

struct input {
  int fd;
  uint64_t at;
  const struct rs_documents_reader *r;
  rs_gunzip_sink *sink;
  void *ctx;
};

static enum rs_code fill(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e)
{
  struct input *in = ctx;
  ssize_t got;
  if (in->r->is_stopped(in->r->ctx)) return rs_fail(e, RS_CANCELLED, "stopped");
  do got = pread(in->fd, p, cap, (off_t)in->at);
  while (got < 0 && errno == EINTR);
  if (got < 0) return rs_fail(e, RS_IO, "reading: %s", strerror(errno));
  *n = (size_t)got;
  in->at += *n;
  return RS_OK;
}

static enum rs_code sink(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct input *in = ctx;
  return in->sink(in->ctx, p, n, e);
}

static bool is_gzip(int fd)
{
  unsigned char head[2];
  return pread(fd, head, 2, 0) == 2 && head[0] == 0x1F && head[1] == 0x8B;
}

/* The contents, unpacked. */
static enum rs_code pour(struct input *in, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  size_t n = 1;
  if (is_gzip(in->fd)) return rs_gunzip(fill, sink, in, e);
  char *buf = rs_calloc(1, STEP);
  if (buf == NULL) return rs_nomem(e);
  while (rc == RS_OK && n > 0) {
    rc = fill(in, buf, STEP, &n, e);
    if (rc == RS_OK && n > 0) rc = in->sink(in->ctx, buf, n, e);
  }
  rs_free(buf);
  return rc;
}

static enum rs_code read_json(int fd, const struct rs_documents_reader *r, struct rs_error *e)
{
  struct rs_json_cut x;
  rs_json_cut_init(&x, DOCUMENT_BYTES);
  x.take = take;
  x.ctx = (void *)(uintptr_t)r;
  struct input in = {.fd = fd, .r = r, .sink = cut_piece, .ctx = &x};
  enum rs_code rc = pour(&in, e);
  if (rc == RS_OK) rc = rs_json_cut_end(&x, e);
  rs_json_cut_free(&x);
  return rc;
}

struct spool {
  int fd;
  uint64_t at;
};

static enum rs_code add_to_spool(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct spool *s = ctx;
  enum rs_code rc = rs_spill_write(s->fd, s->at, p, n, e);
  s->at += n;
  return rc;
}

static enum rs_code read_rows(const struct rs_format *f, const struct rs_rows_file *file,
                              const struct rs_documents_reader *r, struct rs_error *e)
{
  struct spool s = {-1, 0};
  struct rs_rows_file plain = *file;
  struct input in = {.fd = file->fd, .r = r, .sink = add_to_spool, .ctx = &s};
  if (!is_gzip(file->fd)) return rs_documents_rows(f, file, r, e);
  enum rs_code rc = rs_spill_open(&s.fd, e);
  if (rc != RS_OK) return rc;
  rc = pour(&in, e);
  plain.fd = s.fd;
  if (rc == RS_OK) rc = rs_documents_rows(f, &plain, r, e);
  (void)close(s.fd);
  return rc;
}

/* ---- the format ------------------------------------------------------------------------------ */

static bool ends(const char *name, size_t n, const char *ending)
{
  size_t len = strlen(ending);
  return n > len && rs_casecmpn(name + n - len, ending, len) == 0;
}

enum rs_code rs_documents_read(const struct rs_format *f, const char *name, int fd,
                               const struct rs_documents_reader *r, struct rs_error *e)
{
  size_t n = strlen(name);
  if (ends(name, n, ".gz")) n -= 3;
  struct rs_rows_file file = {name, fd, ends(name, n, ".parquet") || ends(name, n, ".pq"),
                              ends(name, n, ".tsv")};
  if (f->kind == RS_FORMAT_CSV) {
    file.parquet = false;
    return read_rows(f, &file, r, e);
  }
  bool rows = file.parquet || file.tabs || ends(name, n, ".csv");
  if (f->kind == RS_FORMAT_BY_NAME && rows) return read_rows(f, &file, r, e);
  return read_json(fd, r, e);
}
