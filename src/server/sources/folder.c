/*
** Files below the folder that the operator has opened (--sources).
**
** A path is walked folder by folder, each opened below the one before without following a symbolic
** link, and no name of it is `..`: so nothing else can be reached, whatever is renamed meanwhile.
** Only regular files count. What begins with a dot or `_` is what programs leave beside the data.
*/
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"

enum { DEPTH_MAX = 32, PATH_BYTES = 4096 };

#ifdef __APPLE__
#define MTIME st_mtimespec
#else
#define MTIME st_mtim
#endif

static bool is_clean(const char *path)
{
  if (*path == 0) return true;
  for (const char *p = path;;) {
    size_t n = strcspn(p, "/");
    if (n == 0 || n > 255 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
      return false;
    if (p[n] == 0) return true;
    p += n + 1;
  }
}

enum rs_code rs_folder_check(const struct rs_places *all, const char *path, struct rs_error *e)
{
  if (all->folder == NULL)
    return rs_fail(e, RS_FORBIDDEN,
                   "s3.bucket 'file://...': this server reads no files: start it with --sources "
                   "DIR, the folder below which sources may read");
  if (!is_clean(path) || strlen(path) > PATH_BYTES)
    return rs_fail(e, RS_INVALID,
                   "s3.bucket 'file://%.200s': a path below the server's --sources is needed, "
                   "without '.', '..', empty names or a slash at its ends: file://logs/2026",
                   path);
  return RS_OK;
}

/* The folder at `path` below the one of at; -1 and errno. `path` is clean. */
static int open_below(int at, const char *path)
{
  char name[256];
  int fd = at;
  for (const char *p = path; *p != 0;) {
    size_t n = strcspn(p, "/");
    memcpy(name, p, n);
    name[n] = 0;
    int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int why = errno;
    if (fd != at) (void)close(fd);
    errno = why;
    if (next < 0) return -1;
    fd = next;
    p += n + (p[n] == '/');
  }
  return fd != at ? fd : openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum rs_code refuse(const char *path, struct rs_error *e)
{
  if (errno == ELOOP || errno == ENOTDIR)
    return rs_fail(e, RS_FORBIDDEN,
                   "file://%s: it, or a folder on the way to it, is a symbolic link or no folder: "
                   "links are not followed",
                   path);
  return rs_fail(e, errno == ENOENT ? RS_NOT_FOUND : RS_IO, "file://%s: %s", path, strerror(errno));
}

static enum rs_code open_folder(const struct rs_place *p, const char *path, int *fd,
                                struct rs_error *e)
{
  int root = open(p->all->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return rs_fail(e, RS_IO, "--sources %s: %s", p->all->folder, strerror(errno));
  *fd = open_below(root, path);
  enum rs_code rc = *fd < 0 ? refuse(path, e) : RS_OK;
  (void)close(root);
  return rc;
}

static const char *version_of(const struct stat *st, char out[120])
{
  (void)snprintf(out, 120, "%lld.%09ld %lld %llu", (long long)st->MTIME.tv_sec,
                 (long)st->MTIME.tv_nsec, (long long)st->st_size, (unsigned long long)st->st_ino);
  return out;
}

static enum rs_code list_below(struct rs_place *p, int fd, const char *path, int depth,
                               struct rs_error *e);

static enum rs_code see_entry(struct rs_place *p, int fd, const char *path, const char *name,
                              int depth, struct rs_error *e)
{
  struct stat st;
  char version[120];
  enum rs_code rc = RS_OK;
  if (name[0] == '.' || name[0] == '_') return RS_OK;
  if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) return RS_OK; // it has gone
  if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) return RS_OK;
  size_t n = strlen(name);
  if (rs_utf8_valid(name, n) != n) return RS_OK; // nobody could name it
  char *whole = rs_mprintf("%s%s%s", path, *path != 0 ? "/" : "", name);
  if (whole == NULL) return rs_nomem(e);
  if (S_ISREG(st.st_mode)) {
    rc = rs_place_add(p, whole, version_of(&st, version), st.st_size, e);
  } else if (depth < DEPTH_MAX) {
    int below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0) rc = list_below(p, below, whole, depth + 1, e);
  }
  rs_free(whole);
  return rc;
}

/* Takes fd. */
static enum rs_code list_below(struct rs_place *p, int fd, const char *path, int depth,
                               struct rs_error *e)
{
  struct dirent *d;
  enum rs_code rc = RS_OK;
  DIR *dir = fdopendir(fd);
  if (dir == NULL) {
    (void)close(fd);
    return rs_nomem(e);
  }
  while (rc == RS_OK && (d = readdir(dir)) != NULL)
    rc = see_entry(p, fd, path, d->d_name, depth, e);
  (void)closedir(dir);
  return rc;
}

enum rs_code rs_folder_list(struct rs_place *p, struct rs_error *e)
{
  int fd;
  enum rs_code rc = open_folder(p, p->path, &fd, e);
  return rc == RS_OK ? list_below(p, fd, "", 0, e) : rc;
}

enum rs_code rs_folder_fetch(struct rs_place *p, const struct rs_object *o, int *fd,
                             struct rs_object *is, struct rs_error *e)
{
  struct stat st;
  char version[120];
  int at = -1;
  const char *slash = strrchr(o->name, '/');
  const char *base = slash != NULL ? slash + 1 : o->name;
  *fd = -1;
  *is = *o;
  char *folder = rs_mprintf("%s%s%.*s", p->path, *p->path != 0 && slash != NULL ? "/" : "",
                            slash != NULL ? (int)(slash - o->name) : 0, o->name);
  if (folder == NULL) return rs_nomem(e);
  enum rs_code rc = open_folder(p, folder, &at, e);
  rs_free(folder);
  if (rc != RS_OK) return rc;
  // what has become a pipe meanwhile must not keep us waiting
  *fd = openat(at, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (*fd < 0) rc = refuse(o->name, e);
  (void)close(at);
  if (rc != RS_OK) return rc;
  if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    (void)close(*fd);
    *fd = -1;
    return rs_fail(e, RS_FORBIDDEN, "file://%s: it is no regular file", o->name);
  }
  is->version = rs_arena_strdup(&p->names, version_of(&st, version));
  is->size = st.st_size;
  if (is->version != NULL) return RS_OK;
  (void)close(*fd);
  *fd = -1;
  return rs_nomem(e);
}
