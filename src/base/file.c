/*
** Reading and writing whole files (file.h).
*/
#include "file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "mem.h"

bool rs_is_folder(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static uint64_t stamp(uint64_t h, const char *path)
{
  struct stat st;
  uint64_t parts[5] = {0};
  if (stat(path, &st) == 0) {
    parts[0] = (uint64_t)st.st_ino;
    parts[1] = (uint64_t)st.st_size;
    parts[2] = (uint64_t)st.st_mtim.tv_sec;
    parts[3] = (uint64_t)st.st_mtim.tv_nsec;
    parts[4] = 1;
  }
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    h = (h ^ parts[i]) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  return h;
}

uint64_t rs_file_stamp(const char *path, const char *suffix)
{
  char other[4096];
  uint64_t h = stamp(1, path);
  if (suffix) {
    const int n = snprintf(other, sizeof other, "%s%s", path, suffix);
    if (n < 0 || (size_t)n >= sizeof other) return 0;
    h = stamp(h, other);
  }
  return h ? h : 1;
}

bool rs_is_file(const char *path)
{
  struct stat st;
  return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

static enum rs_code read_all(int fd, char *p, size_t size, size_t *n, struct rs_error *e,
                             const char *path)
{
  *n = 0;
  while (*n < size) {
    ssize_t got = read(fd, p + *n, size - *n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return rs_fail(e, RS_IO, "%s: can't be read: %s", path, strerror(errno));
    if (got == 0) break;
    *n += (size_t)got;
  }
  return RS_OK;
}

enum rs_code rs_file_read(struct rs_arena *a, const char *path, size_t max, const char **text,
                          size_t *n, struct rs_error *e)
{
  struct stat st;
  enum rs_code rc = RS_OK;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return rs_fail(e, RS_IO, "%s: can't be opened: %s", path, strerror(errno));
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    rc = rs_fail(e, RS_INVALID, "%s: is not a plain file", path);
  } else if ((uint64_t)st.st_size > max) {
    rc = rs_fail(e, RS_LIMIT, "%s: larger than %zu MiB", path, max >> 20);
  } else {
    size_t size = (size_t)st.st_size;
    char *p = rs_arena_alloc(a, size + 1);
    rc = p != NULL ? read_all(fd, p, size, n, e, path) : rs_nomem(e);
    if (rc == RS_OK) p[*n] = 0;
    *text = p;
  }
  close(fd);
  return rc;
}

static int by_bytes(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum rs_code rs_folder_names(struct rs_arena *a, const char *path, const char *const **names,
                             size_t *n, struct rs_error *e)
{
  const char **list = NULL;
  size_t cap = 0;
  enum rs_code rc = RS_OK;
  *n = 0;
  DIR *dir = opendir(path);
  if (dir == NULL) return rs_fail(e, RS_IO, "%s: can't be opened: %s", path, strerror(errno));
  for (struct dirent *d; rc == RS_OK && (d = readdir(dir)) != NULL;) {
    if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0) continue;
    char *name = rs_arena_strdup(a, d->d_name);
    if (name == NULL || !rs_grow(&list, &cap, *n + 1, sizeof *list)) rc = rs_nomem(e);
    else list[(*n)++] = name;
  }
  closedir(dir);
  if (rc == RS_OK) {
    const char **copy = rs_arena_alloc(a, (*n + 1) * sizeof *copy);
    if (copy == NULL) rc = rs_nomem(e);
    else if (*n > 0) memcpy(copy, list, *n * sizeof *copy);
    if (rc == RS_OK) qsort(copy, *n, sizeof *copy, by_bytes);
    *names = copy;
  }
  rs_free(list);
  return rc;
}

/* The folders above path; path is changed and restored. */
static enum rs_code make_folders(char *path, struct rs_error *e)
{
  for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
    *p = 0;
    int failed = mkdir(path, 0777) != 0 && errno != EEXIST;
    if (failed) return rs_fail(e, RS_IO, "%s: can't be made: %s", path, strerror(errno));
    *p = '/';
  }
  return RS_OK;
}

static enum rs_code write_to(const char *path, const char *p, size_t n, struct rs_error *e)
{
  FILE *f = fopen(path, "we");
  if (f == NULL) return rs_fail(e, RS_IO, "%s: can't be written: %s", path, strerror(errno));
  size_t done = n > 0 ? fwrite(p, 1, n, f) : 0;
  int failed = done != n;
  if (fclose(f) != 0) failed = 1;
  if (failed) return rs_fail(e, RS_IO, "%s: can't be written: %s", path, strerror(errno));
  return RS_OK;
}

enum rs_code rs_file_write(const char *path, const char *p, size_t n, struct rs_error *e)
{
  char *copy = rs_strdup(path), *aside = rs_mprintf("%s.rockset-new", path);
  enum rs_code rc = copy != NULL && aside != NULL ? make_folders(copy, e) : rs_nomem(e);
  if (rc == RS_OK) rc = write_to(aside, p, n, e);
  if (rc == RS_OK && rename(aside, path) != 0)
    rc = rs_fail(e, RS_IO, "%s: can't be written: %s", path, strerror(errno));
  if (rc != RS_OK && aside != NULL) unlink(aside);
  rs_free(copy);
  rs_free(aside);
  return rc;
}
