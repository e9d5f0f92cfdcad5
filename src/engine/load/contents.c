/*
** Contents of files, unpacked, and temporary files for them (see files.h).
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/spill.h"
#include "src/base/text.h"
#include "src/base/unpack.h"
#include "src/base/zip.h"
#include "src/engine/slots.h"
#include "src/engine/statements.h"
#include "files.h"

#define PIECE ((size_t)256 << 10)

struct source {
  struct rs_session *s;
  int fd;
  rs_gunzip_sink *sink;
  void *ctx;
};

static enum rs_code read_some(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e)
{
  struct source *x = ctx;
  ssize_t got = -1;
  do {
    enum rs_code rc = rs_sql_check_interrupt(x->s, e);
    if (rc != RS_OK) return rc;
    got = read(x->fd, p, cap);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return rs_fail(e, RS_IO, "%s", strerror(errno));
  *n = (size_t)got;
  return RS_OK;
}

static enum rs_code pass_on(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct source *x = ctx;
  return x->sink(x->ctx, p, n, e);
}

static enum rs_code read_plain(struct source *x, struct rs_error *e)
{
  char *piece = rs_malloc(PIECE);
  if (piece == NULL) return rs_nomem(e);
  enum rs_code rc;
  size_t n;
  do {
    n = 0;
    rc = read_some(x, piece, PIECE, &n, e);
    if (rc == RS_OK && n > 0) rc = x->sink(x->ctx, piece, n, e);
  } while (rc == RS_OK && n > 0);
  rs_free(piece);
  return rc;
}

/* ---- zip ------------------------------------------------------------------------------------- */

#define NAMED_MAX 10 /* members that an error lists */

static enum rs_code no_member(const struct rs_zip *z, const char *wanted, struct rs_arena *a,
                              struct rs_error *e)
{
  struct rs_buf b;
  const char **names = rs_arena_alloc(a, (z->n + 1) * sizeof names[0]);
  if (names == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_ERROR_MAX);
  for (size_t i = 0; i < z->n; i++) {
    names[i] = z->v[i].name;
    if (i < NAMED_MAX) rs_buf_printf(&b, "%s'%s'", i > 0 ? ", " : "", names[i]);
  }
  if (z->n > NAMED_MAX) rs_buf_printf(&b, " and %zu more", z->n - NAMED_MAX);
  const char *near = wanted != NULL ? rs_nearest(wanted, names, z->n) : NULL;
  enum rs_code rc;
  if (z->n == 0) rc = rs_fail(e, RS_INVALID, "no file is in it");
  else if (wanted == NULL)
    rc = rs_fail(e, RS_INVALID, "%zu files are in it: name one by the option `member`: %s", z->n,
                 rs_buf_text(&b));
  else if (near != NULL)
    rc = rs_fail(e, RS_NOT_FOUND, "no file '%s' is in it; did you mean '%s'?", wanted, near);
  else
    rc = rs_fail(e, RS_NOT_FOUND, "no file '%s' is in it, which has %s", wanted, rs_buf_text(&b));
  rs_buf_free(&b);
  return rc;
}

static enum rs_code find_member(const struct rs_load *load, int fd, struct rs_arena *a,
                                struct rs_zip *z, const struct rs_zip_member **m,
                                struct rs_error *e)
{
  enum rs_code rc = rs_zip_open(fd, a, z, e);
  if (rc != RS_OK) return rc;
  *m = load->member != NULL ? rs_zip_find(z, load->member) : NULL;
  if (load->member == NULL && z->n == 1) *m = &z->v[0];
  return *m != NULL ? RS_OK : no_member(z, load->member, a, e);
}

static enum rs_code name_file(const struct rs_load_file *file, enum rs_code rc, struct rs_error *e)
{
  if (rc != RS_OK && rc != RS_NOMEM && rc != RS_CANCELLED)
    (void)rs_error_prefix(e, "file '%s'", file->name);
  return rc;
}

static enum rs_code open_file(const struct rs_load_file *file, int *fd, struct rs_error *e)
{
  *fd = rs_eq(file->path, "-") ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                               : open(file->path, O_RDONLY | O_CLOEXEC);
  return *fd >= 0 ? RS_OK : rs_fail(e, RS_IO, "%s", strerror(errno));
}

enum rs_code rs_load_member(const struct rs_load *load, const struct rs_load_file *file,
                            struct rs_arena *a, const char **member, struct rs_error *e)
{
  struct rs_zip z;
  const struct rs_zip_member *m = NULL;
  int fd;
  enum rs_code rc = open_file(file, &fd, e);
  if (rc == RS_OK) rc = find_member(load, fd, a, &z, &m, e);
  if (fd >= 0) (void)close(fd);
  if (rc == RS_OK) *member = m->name;
  return name_file(file, rc, e);
}

static enum rs_code interruptible(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct source *x = ctx;
  enum rs_code rc = rs_sql_check_interrupt(x->s, e);
  return rc == RS_OK ? x->sink(x->ctx, p, n, e) : rc;
}

static enum rs_code read_zip(const struct rs_load *load, struct source *x, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_zip z;
  const struct rs_zip_member *m = NULL;
  rs_arena_init(&a, 0);
  enum rs_code rc = find_member(load, x->fd, &a, &z, &m, e);
  if (rc == RS_OK) rc = rs_zip_read(&z, m, interruptible, x, e);
  rs_arena_free(&a);
  return rc;
}

/* ---- all of it ------------------------------------------------------------------------------- */

enum rs_code rs_load_contents(struct rs_session *s, const struct rs_load *load,
                              const struct rs_load_file *file, rs_gunzip_sink *sink, void *ctx,
                              struct rs_error *e)
{
  struct source x = {.s = s, .sink = sink, .ctx = ctx};
  size_t stem;
  enum rs_code rc = open_file(file, &x.fd, e);
  if (rc != RS_OK) return name_file(file, rc, e);
  switch (rs_load_packing(load, file->name, &stem)) {
    case RS_PACKED_GZIP: rc = rs_gunzip(read_some, pass_on, &x, e); break;
    case RS_PACKED_XZ: rc = rs_unpack_xz(read_some, pass_on, &x, e); break;
    case RS_PACKED_ZSTD: rc = rs_unpack_zstd(read_some, pass_on, &x, e); break;
    case RS_PACKED_ZIP: rc = read_zip(load, &x, e); break;
    case RS_PACKED_NOT:
    default: rc = read_plain(&x, e);
  }
  (void)close(x.fd);
  return name_file(file, rc == RS_DONE ? RS_OK : rc, e);
}

/* ---- temporary files ------------------------------------------------------------------------- */

enum rs_code rs_load_spool_add(struct rs_load_spool *x, const char *p, size_t n, struct rs_error *e)
{
  enum rs_code rc = x->fd < 0 ? rs_spill_open(&x->fd, e) : RS_OK;
  if (rc == RS_OK) rc = rs_spill_write(x->fd, x->at, p, n, e);
  x->at += n;
  return rc;
}

enum rs_code rs_load_spooled(struct rs_load_files *f, struct rs_load_file *file,
                             struct rs_load_spool *x, struct rs_error *e)
{
  enum rs_code rc = rs_load_spool_add(x, "", 0, e); // there may have been nothing
  const char *path = rc == RS_OK ? rs_arena_printf(f->a, "/dev/fd/%d", x->fd) : NULL;
  if (rc == RS_OK && path == NULL) rc = rs_nomem(e);
  if (rc != RS_OK) {
    if (x->fd >= 0) (void)close(x->fd);
    return rc;
  }
  if (file->fd >= 0) (void)close(file->fd);
  file->fd = x->fd;
  file->path = path;
  f->pattern = NULL;
  return RS_OK;
}

static enum rs_code add_piece(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  return rs_load_spool_add(ctx, p, n, e);
}

enum rs_code rs_load_spool(struct rs_session *s, const struct rs_load *load,
                           struct rs_load_files *f, struct rs_load_file *file, struct rs_error *e)
{
  struct rs_load_spool x = {.fd = -1};
  enum rs_code rc = rs_load_contents(s, load, file, add_piece, &x, e);
  if (rc == RS_OK) return rs_load_spooled(f, file, &x, e);
  if (x.fd >= 0) (void)close(x.fd);
  return rc;
}
