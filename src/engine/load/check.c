/*
** The contents of a file, piece by piece, for the checks of check.h.
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "src/base/gunzip.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "check.h"
#include "src/engine/statements.h"

#define PIECE ((size_t)256 << 10) /* bytes: small enough for a cache, an interrupt is seen after */

struct stream {
  struct rs_session *s;
  int fd;
  rs_load_piece *fn;
  void *ctx;
  bool begun, bom;
};

static enum rs_code read_some(void *ctx, char *p, size_t cap, size_t *n, struct rs_error *e)
{
  struct stream *st = ctx;
  enum rs_code rc = rs_sql_check_interrupt(st->s, e);
  ssize_t got = -1;
  if (rc != RS_OK) return rc;
  do got = read(st->fd, p, cap);
  while (got < 0 && errno == EINTR);
  if (got < 0) return rs_fail(e, RS_IO, "%s", strerror(errno));
  *n = (size_t)got;
  return RS_OK;
}

static enum rs_code pass_on(void *ctx, const char *p, size_t n, struct rs_error *e)
{
  struct stream *st = ctx;
  if (!st->begun) {
    st->begun = true;
    if (n >= 2 && (memcmp(p, "\xFF\xFE", 2) == 0 || memcmp(p, "\xFE\xFF", 2) == 0)) {
      return rs_fail(e, RS_INVALID, "it is UTF-16: write it as UTF-8");
    }
    st->bom = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0;
    if (st->bom) {
      p += 3;
      n -= 3;
    }
  }
  return n > 0 ? st->fn(st->ctx, p, n, e) : RS_OK;
}

static enum rs_code read_plain(struct stream *st, struct rs_error *e)
{
  char *piece = rs_malloc(PIECE);
  if (piece == NULL) return rs_nomem(e);
  size_t n;
  enum rs_code rc;
  do {
    n = 0;
    rc = read_some(st, piece, PIECE, &n, e);
    if (rc == RS_OK && n > 0) rc = pass_on(st, piece, n, e);
  } while (rc == RS_OK && n > 0);
  rs_free(piece);
  return rc;
}

enum rs_code rs_load_pieces(struct rs_session *s, const char *path, rs_load_piece *fn, void *ctx,
                            bool *bom, struct rs_error *e)
{
  struct stream st = {.s = s, .fn = fn, .ctx = ctx};
  size_t n = strlen(path);
  bool packed = n > 3 && rs_casecmp(path + n - 3, ".gz") == 0;
  enum rs_code rc;
  st.fd = open(path, O_RDONLY | O_CLOEXEC);
  if (st.fd < 0) rc = rs_fail(e, RS_IO, "%s", strerror(errno));
  else rc = packed ? rs_gunzip(read_some, pass_on, &st, e) : read_plain(&st, e);
  if (st.fd >= 0) (void)close(st.fd);
  if (rc == RS_DONE) rc = RS_OK;
  if (bom != NULL) *bom = st.bom;
  if (rc != RS_OK && rc != RS_NOMEM && rc != RS_CANCELLED) {
    (void)rs_error_prefix(e, "file '%s'", path);
  }
  return rc;
}
