/*
** xz and Zstandard (see unpack.h). What is used of the libraries is declared here from their public
** interfaces, so that no header of theirs is needed to build.
*/
#include "unpack.h"
#include <pthread.h>
#include "library.h"
#include "mem.h"

enum { PIECE = 65536 };
#define MEMORY_MAX ((uint64_t)256 << 20)

static pthread_mutex_t mutex =
  PTHREAD_MUTEX_INITIALIZER; /* of the functions' addresses, and of whether they are known */

/* Once for the process. */
static enum rs_code open_once(bool *done, const struct rs_library *library,
                              const struct rs_symbol *symbols, size_t n, struct rs_error *e)
{
  pthread_mutex_lock(&mutex);
  enum rs_code rc = *done ? RS_OK : rs_library_open(library, symbols, n, e);
  *done = *done || rc == RS_OK;
  pthread_mutex_unlock(&mutex);
  return rc;
}

struct pieces {
  rs_gunzip_fill *fill;
  rs_gunzip_sink *sink;
  void *ctx;
  uint64_t taken;
  char in[PIECE], out[PIECE];
};

static struct pieces *new_pieces(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx)
{
  struct pieces *p = rs_malloc(sizeof *p);
  if (p == NULL) return NULL;
  p->fill = fill;
  p->sink = sink;
  p->ctx = ctx;
  p->taken = 0;
  return p;
}

static enum rs_code fail_at(const struct pieces *p, struct rs_error *e, const char *kind,
                            const char *what)
{
  return rs_fail(e, RS_INVALID, "its %s data %s at byte %llu", kind, what,
                 (unsigned long long)p->taken);
}

/* ---- xz -------------------------------------------------------------------------------------- */

struct lzma_allocator {
  void *(*alloc)(void *ctx, size_t count, size_t size);
  void (*free)(void *ctx, void *p);
  void *ctx;
};

struct lzma_stream {
  const uint8_t *next_in;
  size_t avail_in;
  uint64_t total_in;
  uint8_t *next_out;
  size_t avail_out;
  uint64_t total_out;
  const struct lzma_allocator *allocator;
  void *internal;
  void *reserved_pointers[4];
  uint64_t reserved_ints[2];
  size_t reserved_sizes[2];
  int reserved_enums[2];
};

enum {
  LZMA_OK = 0,
  LZMA_STREAM_END = 1,
  LZMA_MEM_ERROR = 5,
  LZMA_MEMLIMIT_ERROR = 6,
  LZMA_FORMAT_ERROR = 7,
  LZMA_OPTIONS_ERROR = 8,
  LZMA_BUF_ERROR = 10,
  LZMA_CONCATENATED = 8,
  LZMA_RUN = 0,
  LZMA_FINISH = 3
};

static struct {
  int (*begin)(struct lzma_stream *s, uint64_t memory, uint32_t flags);
  int (*code)(struct lzma_stream *s, int action);
  void (*end)(struct lzma_stream *s);
} lzma;

static enum rs_code open_lzma(struct rs_error *e)
{
  static const struct rs_library library = {
    .name = "liblzma",
    .files = {"liblzma.so.5", "liblzma.5.dylib", "liblzma.so"},
    .use = "xz files",
    .packages = "apt-get install liblzma5 (Debian, Ubuntu), dnf install xz-libs (Fedora, RHEL), "
                "zypper install liblzma5 (openSUSE), pacman -S xz (Arch); or unpack them (xz -d)",
    .version = "lzma_version_string"};
  const struct rs_symbol symbols[] = {
    {"lzma_stream_decoder", &lzma.begin}, {"lzma_code", &lzma.code}, {"lzma_end", &lzma.end}};
  static bool done;
  return open_once(&done, &library, symbols, sizeof symbols / sizeof symbols[0], e);
}

static void *take_memory(void *ctx, size_t count, size_t size)
{
  (void)ctx;
  return rs_calloc(count, size);
}

static void give_memory(void *ctx, void *p)
{
  (void)ctx;
  rs_free(p);
}

static enum rs_code fail_xz(const struct pieces *p, int status, struct rs_error *e)
{
  switch (status) {
    case LZMA_MEM_ERROR: return rs_nomem(e);
    case LZMA_MEMLIMIT_ERROR:
      return rs_fail(e, RS_LIMIT, "its xz data need more than 256 MB to be unpacked: unpack it");
    case LZMA_FORMAT_ERROR: return fail_at(p, e, "xz", "do not begin as such");
    case LZMA_OPTIONS_ERROR: return fail_at(p, e, "xz", "are packed in an unknown way");
    case LZMA_BUF_ERROR: return fail_at(p, e, "xz", "are cut off");
    default: return fail_at(p, e, "xz", "are damaged");
  }
}

static enum rs_code step_xz(struct pieces *p, struct lzma_stream *s, struct rs_error *e)
{
  int action = LZMA_RUN, status = LZMA_OK;
  enum rs_code rc = RS_OK;
  while (rc == RS_OK && status == LZMA_OK) {
    if (s->avail_in == 0 && action == LZMA_RUN) {
      size_t n = 0;
      rc = p->fill(p->ctx, p->in, PIECE, &n, e);
      if (rc != RS_OK) break;
      if (n == 0 && p->taken == 0) return RS_OK; // no data at all
      if (n == 0) action = LZMA_FINISH;
      s->next_in = (const uint8_t *)p->in;
      s->avail_in = n;
      p->taken += n;
    }
    s->next_out = (uint8_t *)p->out;
    s->avail_out = PIECE;
    status = lzma.code(s, action);
    size_t got = PIECE - s->avail_out;
    if (got > 0) rc = p->sink(p->ctx, p->out, got, e);
  }
  p->taken -= s->avail_in;
  if (rc == RS_OK && status != LZMA_STREAM_END) rc = fail_xz(p, status, e);
  return rc;
}

enum rs_code rs_unpack_xz(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx, struct rs_error *e)
{
  const struct lzma_allocator memory = {take_memory, give_memory, NULL};
  struct lzma_stream s = {.allocator = &memory};
  enum rs_code rc = open_lzma(e);
  if (rc != RS_OK) return rc;
  struct pieces *p = new_pieces(fill, sink, ctx);
  if (p == NULL) return rs_nomem(e);
  int status = lzma.begin(&s, MEMORY_MAX, LZMA_CONCATENATED);
  rc = status == LZMA_OK ? step_xz(p, &s, e) : fail_xz(p, status, e);
  lzma.end(&s);
  rs_free(p);
  return rc;
}

/* ---- Zstandard ------------------------------------------------------------------------------- */

struct zstd_in {
  const void *p;
  size_t n, at;
};
struct zstd_out {
  void *p;
  size_t n, at;
};

static struct {
  void *(*begin)(void);
  size_t (*end)(void *s);
  size_t (*code)(void *s, struct zstd_out *out, struct zstd_in *in);
  unsigned (*is_error)(size_t status);
  const char *(*text)(size_t status);
} zstd;

static enum rs_code open_zstd(struct rs_error *e)
{
  static const struct rs_library library = {
    .name = "libzstd",
    .files = {"libzstd.so.1", "libzstd.1.dylib", "libzstd.so"},
    .use = "zst files",
    .packages = "apt-get install libzstd1 (Debian, Ubuntu), dnf install libzstd (Fedora, RHEL), "
                "zypper install libzstd1 (openSUSE), pacman -S zstd (Arch); or unpack them "
                "(zstd -d)",
    .version = "ZSTD_versionString"};
  const struct rs_symbol symbols[] = {{"ZSTD_createDStream", &zstd.begin},
                                      {"ZSTD_freeDStream", &zstd.end},
                                      {"ZSTD_decompressStream", &zstd.code},
                                      {"ZSTD_isError", &zstd.is_error},
                                      {"ZSTD_getErrorName", &zstd.text}};
  static bool done;
  return open_once(&done, &library, symbols, sizeof symbols / sizeof symbols[0], e);
}

static enum rs_code step_zstd(struct pieces *p, void *s, struct rs_error *e)
{
  struct zstd_in in = {p->in, 0, 0};
  size_t status = 0; // 0: a frame has ended
  bool full = false; // there may be more without more data
  for (;;) {
    if (in.at == in.n && !full) {
      size_t n = 0;
      enum rs_code rc = p->fill(p->ctx, p->in, PIECE, &n, e);
      if (rc != RS_OK) return rc;
      if (n == 0) return status == 0 ? RS_OK : fail_at(p, e, "zstd", "are cut off");
      in = (struct zstd_in){p->in, n, 0};
      p->taken += n;
    }
    struct zstd_out out = {p->out, PIECE, 0};
    status = zstd.code(s, &out, &in);
    if (zstd.is_error(status) != 0)
      return rs_fail(e, RS_INVALID, "its zstd data are damaged at byte %llu (%s)",
                     (unsigned long long)p->taken, zstd.text(status));
    full = out.at == out.n && status != 0;
    if (out.at == 0) continue;
    enum rs_code rc = p->sink(p->ctx, p->out, out.at, e);
    if (rc != RS_OK) return rc;
  }
}

enum rs_code rs_unpack_zstd(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx,
                            struct rs_error *e)
{
  enum rs_code rc = open_zstd(e);
  if (rc != RS_OK) return rc;
  struct pieces *p = new_pieces(fill, sink, ctx);
  void *s = p != NULL ? zstd.begin() : NULL;
  rc = s != NULL ? step_zstd(p, s, e) : rs_nomem(e);
  if (s != NULL) (void)zstd.end(s);
  rs_free(p);
  return rc;
}

/* ---- LZ4 ------------------------------------------------------------------------------------- */

#define LZ4_VERSION 100 /* of its frames */

static struct {
  size_t (*begin)(void **s, unsigned version);
  size_t (*end)(void *s);
  size_t (*code)(void *s, void *out, size_t *nout, const void *in, size_t *nin,
                 const void *options);
  unsigned (*is_error)(size_t status);
} lz4;

static enum rs_code open_lz4(struct rs_error *e)
{
  static const struct rs_library library = {
    .name = "liblz4",
    .files = {"liblz4.so.1", "liblz4.1.dylib", "liblz4.so"},
    .use = "buffers packed with LZ4",
    .packages = "apt-get install liblz4-1 (Debian, Ubuntu), dnf install lz4-libs (Fedora, RHEL), "
                "zypper install liblz4-1 (openSUSE), pacman -S lz4 (Arch); or write them unpacked",
    .version = "LZ4_versionString"};
  const struct rs_symbol symbols[] = {{"LZ4F_createDecompressionContext", &lz4.begin},
                                      {"LZ4F_freeDecompressionContext", &lz4.end},
                                      {"LZ4F_decompress", &lz4.code},
                                      {"LZ4F_isError", &lz4.is_error}};
  static bool done;
  return open_once(&done, &library, symbols, sizeof symbols / sizeof symbols[0], e);
}

static enum rs_code step_lz4(struct pieces *p, void *s, struct rs_error *e)
{
  size_t status = 0, at = 0, n = 0; // status 0: a frame has ended
  bool full = false;
  for (;;) {
    if (at == n && !full) {
      enum rs_code rc = p->fill(p->ctx, p->in, PIECE, &n, e);
      if (rc != RS_OK) return rc;
      if (n == 0) return status == 0 ? RS_OK : fail_at(p, e, "LZ4", "are cut off");
      at = 0;
      p->taken += n;
    }
    size_t got = PIECE, used = n - at;
    status = lz4.code(s, p->out, &got, p->in + at, &used, NULL);
    if (lz4.is_error(status) != 0) return fail_at(p, e, "LZ4", "are damaged");
    at += used;
    full = got == PIECE && status != 0;
    enum rs_code rc = got > 0 ? p->sink(p->ctx, p->out, got, e) : RS_OK;
    if (rc != RS_OK) return rc;
  }
}

enum rs_code rs_unpack_lz4(rs_gunzip_fill *fill, rs_gunzip_sink *sink, void *ctx,
                           struct rs_error *e)
{
  void *s = NULL;
  enum rs_code rc = open_lz4(e);
  if (rc != RS_OK) return rc;
  struct pieces *p = new_pieces(fill, sink, ctx);
  bool begun = p != NULL && lz4.is_error(lz4.begin(&s, LZ4_VERSION)) == 0;
  rc = begun ? step_lz4(p, s, e) : rs_nomem(e);
  if (begun) (void)lz4.end(s);
  rs_free(p);
  return rc;
}
