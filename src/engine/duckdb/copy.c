/*
** A copy of a DuckDB file, for rockset_backup: byte for byte, so that whatever DuckDB keeps in it
** is there.
**
** Opening and closing a file drops all locks that the process has on it, DuckDB's too. So the
** instance is shut (instance.c) while this runs: there are none. What other processes might
** write is kept away by the lock that DuckDB itself takes for reading: its readers go on, a writer
** is waited for. What a crash left in the write-ahead log is put into the file before.
*/
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/thread.h"
#include "duckdb.h"
#include "open.h"

#define BLOCK ((size_t)1 << 20)
#define POLL_MS 20

static enum rs_code no_io(const char *path, const char *what, struct rs_error *e)
{
  return rs_fail(e, errno == ENOENT ? RS_NOT_FOUND : RS_IO, "%s: %s: %s", path, what,
                 strerror(errno));
}

/* Opening it read-write puts the log into the file, closing it removes the log. */
static enum rs_code checkpoint(const struct rs_duckdb_config *c, struct rs_error *e)
{
  struct rs_duckdb_open open;
  if (c->read_only)
    return rs_fail(e, RS_FORBIDDEN,
                   "%s has a write-ahead log, and the profile says read_only: open it once for "
                   "writing",
                   c->path);
  enum rs_code rc = rs_duckdb_open_begin(&open, c, true, e);
  if (!rc) rs_duckdb_open_end(&open);
  return rc;
}

static bool has_log(const char *path, bool *oom)
{
  struct stat st;
  char *log = rs_mprintf("%s.wal", path);
  *oom = log == NULL;
  bool has = log && stat(log, &st) == 0 && st.st_size > 0;
  rs_free(log);
  return has;
}

/* RS_OK: locked as by a reader, without a log. RS_BUSY: not now. */
static enum rs_code try_lock(const struct rs_duckdb_config *c, int fd, struct rs_error *e)
{
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
  bool oom = false;
  if (fcntl(fd, F_SETLK, &lock) != 0)
    return errno == EACCES || errno == EAGAIN
             ? rs_fail(e, RS_BUSY, "%s is being written to by another program", c->path)
             : no_io(c->path, "can't be locked", e);
  if (!has_log(c->path, &oom)) return oom ? rs_nomem(e) : RS_OK;
  return rs_fail(e, RS_BUSY, "%s has a write-ahead log that another program writes", c->path);
}

/* The file, locked, in *fd. */
static enum rs_code lock_file(struct rs_duckdb_link *l, int *fd, struct rs_error *e)
{
  const struct rs_duckdb_config *c = l->config;
  int64_t deadline = rs_now_ms() + c->lock_timeout_ms;
  for (;;) {
    struct rs_error own = {0};
    bool oom = false;
    enum rs_code rc = has_log(c->path, &oom) ? checkpoint(c, &own) : RS_OK;
    if (!rc) {
      *fd = open(c->path, O_RDONLY | O_CLOEXEC);
      rc = *fd >= 0 ? try_lock(c, *fd, &own) : no_io(c->path, "can't be read", &own);
      if (!rc) return RS_OK;
      if (*fd >= 0) close(*fd);
    }
    if (!rc || rc != RS_BUSY || rs_now_ms() >= deadline) {
      if (e) *e = own;
      return rc;
    }
    if (atomic_load(&l->cancelled)) return rs_fail(e, RS_CANCELLED, "interrupted");
    rs_sleep_ms(POLL_MS);
  }
}

static enum rs_code write_all(int out, const char *p, size_t n, const char *to, struct rs_error *e)
{
  while (n > 0) {
    ssize_t k = write(out, p, n);
    if (k < 0 && errno == EINTR) continue;
    if (k < 0) return no_io(to, "can't be written", e);
    p += k;
    n -= (size_t)k;
  }
  return RS_OK;
}

static enum rs_code copy_bytes(struct rs_duckdb_link *l, int in, int out, const char *to,
                               struct rs_error *e)
{
  char *block = rs_malloc(BLOCK);
  enum rs_code rc = block ? RS_OK : rs_nomem(e);
  while (rc == RS_OK) {
    ssize_t n = read(in, block, BLOCK);
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) rc = no_io(l->config->path, "can't be read", e);
    else rc = write_all(out, block, (size_t)n, to, e);
    if (!rc && atomic_load(&l->cancelled)) rc = rs_fail(e, RS_CANCELLED, "interrupted");
  }
  rs_free(block);
  if (!rc && fsync(out) != 0) rc = no_io(to, "can't be written", e);
  return rc;
}

enum rs_code rs_duckdb_copy(struct rs_duckdb_link *l, const char *to, struct rs_error *e)
{
  int in = -1;
  enum rs_code rc = lock_file(l, &in, e);
  if (rc) return rc;
  int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  rc = out >= 0 ? copy_bytes(l, in, out, to, e) : no_io(to, "can't be made", e);
  if (out >= 0 && close(out) != 0 && !rc) rc = no_io(to, "can't be written", e);
  if (rc && out >= 0) (void)unlink(to);
  close(in);
  return rc;
}
