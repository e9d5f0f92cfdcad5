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
#include "src/json/scan.h"

enum { STEP = 1 << 16, DOCUMENT_BYTES = 64 << 20 };

/* ---- JSON ------------------------------------------------------------------------------------ */

struct cut {
  const struct rs_documents_reader *r;
  struct rs_buf b;   /* the document that is being read */
  uint64_t at;       /* bytes in front of this piece */
  uint64_t document; /* how many there were */
  int depth;         /* of brackets within it; 0: outside */
  int arrays;        /* around it */
  bool in_string, escaped;
};

static enum rs_code malformed(const struct cut *x, uint64_t at, const char *what,
                              struct rs_error *e)
{
  return rs_fail(e, RS_INVALID, "byte %llu, document %llu: %s", (unsigned long long)at + 1,
                 (unsigned long long)x->document + 1, what);
}

/* The document has come to its last bracket: what lies between has not been looked at. */
static enum rs_code give(struct cut *x, uint64_t at, struct rs_error *e)
{
  size_t n = x->b.n;
  enum rs_json_token kind;
  struct rs_json_figures figures;
  char *pad = rs_buf_reserve(&x->b, RS_JSON_PAD);
  if (pad == NULL) return rs_nomem(e);
  memset(pad, 0, RS_JSON_PAD);
  struct rs_json_scan s = {.end = x->b.p + n};
  const char *end = rs_json_value(&s, x->b.p, 0, &kind, &figures);
  if (end != x->b.p + n) return malformed(x, at, "malformed JSON", e);
  if (x->r->is_stopped(x->r->ctx)) return rs_fail(e, RS_CANCELLED, "stopped");
  enum rs_code rc = x->r->take(x->r->ctx, x->b.p, n);
  x->document++;
  rs_buf_clear(&x->b);
  return rc;
}

/* How many of the n bytes at p belong to the document; depth 0 afterwards: it ends with them. */
static size_t run_of(struct cut *x, const char *p, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    char c = p[i];
    if (x->in_string) {
      if (x->escaped) x->escaped = false;
      else if (c == '\\') x->escaped = true;
      else if (c == '"') x->in_string = false;
    } else if (c == '"') {
      x->in_string = true;
    } else if (c == '{' || c == '[') {
      x->depth++;
    } else if ((c == '}' || c == ']') && --x->depth == 0) {
      return i + 1;
    }
  }
  return n;
}

static enum rs_code outside(struct cut *x, char c, uint64_t at, struct rs_error *e)
{
  if (c == '[') x->arrays++;
  else if (c == ']' && x->arrays > 0) x->arrays--;
  else if (c != ',') return malformed(x, at, "a JSON object, {...}, is needed", e);
  if (x->arrays > 1) return malformed(x, at, "an array within an array: objects are needed", e);
  return RS_OK;
}

static enum rs_code cut_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct cut *x = ctx;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < n && rc == RS_OK;) {
    if (x->depth == 0 && p[i] != '{') {
      uint64_t at = x->at + i;
      bool mark = at < 3 && (unsigned char)p[i] == (unsigned char)"\xEF\xBB\xBF"[at];
      if (strchr(" \t\r\n", p[i]) == NULL || p[i] == 0) rc = mark ? RS_OK : outside(x, p[i], at, e);
      i++;
      continue;
    }
    size_t len = run_of(x, p + i, n - i);
    rs_buf_add(&x->b, p + i, len);
    i += len;
    if (x->b.rc == RS_LIMIT) return malformed(x, x->at + i, "a document of more than 64 MiB", e);
    if (x->b.rc != RS_OK) return rs_nomem(e);
    if (x->depth == 0) rc = give(x, x->at + i, e);
  }
  x->at += n;
  return rc;
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
  struct cut x = {.r = r};
  struct input in = {.fd = fd, .r = r, .sink = cut_piece, .ctx = &x};
  rs_buf_init(&x.b, DOCUMENT_BYTES);
  enum rs_code rc = pour(&in, e);
  if (rc == RS_OK && (x.depth > 0 || x.arrays > 0)) rc = malformed(&x, x.at, "it is cut off", e);
  rs_buf_free(&x.b);
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
