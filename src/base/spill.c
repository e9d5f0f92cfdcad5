/*
** Temporary files (spill.h).
*/
#include "spill.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "mem.h"

static enum rs_code file_error(struct rs_error *e, const char *what)
{
  return rs_fail(e, RS_IO, "temporary file of the rows to be written: %s: %s", what,
                 strerror(errno));
}

/* Unlinked at once. */
enum rs_code rs_spill_open(int *fd, struct rs_error *e)
{
  const char *dir = getenv("TMPDIR");
  char *path = rs_mprintf("%s/rockset_XXXXXX", dir != NULL && dir[0] != 0 ? dir : "/tmp");
  if (path == NULL) return rs_nomem(e);
  *fd = mkostemp(path, O_CLOEXEC);
  enum rs_code rc = *fd >= 0 ? RS_OK : file_error(e, "can't be made");
  if (rc == RS_OK) (void)unlink(path);
  rs_free(path);
  return rc;
}

enum rs_code rs_spill_write(int fd, uint64_t at, const void *p, size_t n, struct rs_error *e)
{
  const char *from = p;
  while (n > 0) {
    ssize_t done = pwrite(fd, from, n, (off_t)at);
    if (done > 0) {
      from += done;
      at += (uint64_t)done;
      n -= (size_t)done;
    } else if (done == 0 || errno != EINTR) {
      return file_error(e, "can't be written");
    }
  }
  return RS_OK;
}

enum rs_code rs_spill_read(int fd, uint64_t at, void *p, size_t n, struct rs_error *e)
{
  char *to = p;
  while (n > 0) {
    ssize_t got = pread(fd, to, n, (off_t)at);
    if (got > 0) {
      to += got;
      at += (uint64_t)got;
      n -= (size_t)got;
    } else if (got == 0 || errno != EINTR) {
      return file_error(e, "can't be read");
    }
  }
  return RS_OK;
}
