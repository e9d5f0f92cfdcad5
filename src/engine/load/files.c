/*
** Which files a load has (see files.h).
*/
#include "files.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/slots.h"
#include "src/engine/statements.h"

/* ---- names ----------------------------------------------------------------------------------- */

static const struct {
  const char *ending, *option;
  enum rs_load_packing packing;
} packings[] = {{".gz", "gzip", RS_PACKED_GZIP},
                {".xz", "xz", RS_PACKED_XZ},
                {".zst", "zstd", RS_PACKED_ZSTD},
                {".zip", "zip", RS_PACKED_ZIP}};

enum rs_load_packing rs_load_packing(const struct rs_load *load, const char *name, size_t *stem)
{
  enum rs_load_packing by_name = RS_PACKED_NOT, by_option = RS_PACKED_NOT;
  size_t n = strlen(name);
  *stem = n;
  for (size_t i = 0; i < sizeof packings / sizeof packings[0]; i++) {
    size_t end = strlen(packings[i].ending);
    if (rs_eq(load->compression, packings[i].option)) by_option = packings[i].packing;
    if (n <= end || rs_casecmp(name + n - end, packings[i].ending) != 0) continue;
    by_name = packings[i].packing;
    *stem = n - end;
  }
  return load->compression != NULL ? by_option : by_name;
}

/* The path as SQL; what would be a pattern in it is none. */
const char *rs_load_file_sql(const struct rs_session *reader, struct rs_arena *a, const char *path)
{
  struct rs_buf name, b;
  rs_buf_init(&name, 1 << 20);
  rs_buf_init(&b, 1 << 20);
  for (const char *p = path; *p != 0; p++)
    rs_buf_printf(&name, strchr("*?[", *p) != NULL ? "[%c]" : "%c", *p);
  rs_sql_add(reader, &b, "%t", rs_buf_text(&name));
  const char *text = name.rc == RS_OK && b.rc == RS_OK ? rs_arena_strdup(a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&name);
  rs_buf_free(&b);
  return text;
}

const char *rs_load_files_sql(const struct rs_session *reader, const struct rs_load_files *f)
{
  struct rs_buf b;
  if (f->pattern != NULL) return f->pattern;
  if (f->n == 1) return rs_load_file_sql(reader, f->a, f->v[0].path);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < f->n; i++) {
    const char *sql = rs_load_file_sql(reader, f->a, f->v[i].path);
    if (sql == NULL) b.rc = RS_NOMEM;
    else rs_buf_printf(&b, "%s%s", i > 0 ? ", " : "[", sql);
  }
  rs_buf_char(&b, ']');
  const char *text = b.rc == RS_OK ? rs_arena_strdup(f->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  return text;
}

static void replace_path(const struct rs_load_file *file, struct rs_error *e)
{
  size_t from = strlen(file->path), to = strlen(file->name);
  for (char *at = e->text; (at = strstr(at, file->path)) != NULL; at += to) {
    size_t rest = strlen(at + from) + 1;
    bool longer = at[from] >= '0' && at[from] <= '9'; // another number
    if (longer || (size_t)(at - e->text) + to + rest > sizeof e->text) return;
    memmove(at + to, at + from, rest);
    memcpy(at, file->name, to);
  }
}

void rs_load_files_name(const struct rs_load_files *f, struct rs_error *e)
{
  for (size_t i = 0; e != NULL && i < f->n; i++)
    if (f->v[i].fd >= 0) replace_path(&f->v[i], e);
}

/* ---- which ----------------------------------------------------------------------------------- */

void rs_load_files_close(struct rs_load_files *f)
{
  for (size_t i = 0; i < f->n; i++)
    if (f->v[i].fd >= 0) (void)close(f->v[i].fd);
  rs_free(f->v);
  *f = (struct rs_load_files){.v = NULL};
}

static enum rs_code add_file(struct rs_load_files *f, const char *path, struct rs_error *e)
{
  struct stat st;
  if (!rs_grow(&f->v, &f->cap, f->n + 1, sizeof f->v[0])) return rs_nomem(e);
  if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
    // they are read more than once
    return rs_fail(e, RS_INVALID, "'%s' is no regular file: write what it gives to one", path);
  }
  f->v[f->n++] = (struct rs_load_file){path, path, -1};
  return RS_OK;
}

/* What programs leave beside the data: `_SUCCESS`, `.part-0.crc`, folders like `_temporary`. */
static bool is_hidden(const struct rs_load_files *f, const char *root, const char *path)
{
  if (!f->folder) return false;
  for (const char *p = path + strlen(root); *p != 0; p++)
    if (p[0] == '/' && (p[1] == '.' || p[1] == '_')) return true;
  return false;
}

struct listing {
  struct rs_load_files *f;
  const char *root; /* of a folder: its path without a slash at the end */
};

static enum rs_code see_file(void *ctx, struct rs_rows *r, struct rs_error *e)
{
  struct listing *l = ctx;
  const char *path = NULL;
  enum rs_code rc = rs_sql_text(r, 0, l->f->a, &path, e);
  if (rc != RS_OK || path == NULL || is_hidden(l->f, l->root, path)) return rc;
  return add_file(l->f, path, e);
}

static enum rs_code list_files(struct rs_session *reader, struct rs_load_files *f, const char *sql,
                               const char *root, struct rs_error *e)
{
  struct listing l = {f, root};
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_printf(&b, "SELECT file FROM glob(%s) ORDER BY file", sql);
  return rs_sql_each(reader, &b, see_file, &l, NULL, e);
}

static enum rs_code find_in_folder(struct rs_session *reader, const char *path,
                                   struct rs_load_files *f, struct rs_error *e)
{
  size_t n = strlen(path);
  while (n > 1 && path[n - 1] == '/') n--;
  const char *root = rs_arena_strndup(f->a, path, n);
  const char *sql = root != NULL ? rs_load_file_sql(reader, f->a, root) : NULL;
  const char *all = sql != NULL ? rs_arena_printf(f->a, "%s || '/**'", sql) : NULL;
  if (all == NULL) return rs_nomem(e);
  f->folder = true;
  enum rs_code rc = list_files(reader, f, all, root, e);
  if (rc == RS_OK && f->n == 0) rc = rs_fail(e, RS_NOT_FOUND, "no file is in folder '%s'", path);
  return rc;
}

static enum rs_code find_by_pattern(struct rs_session *reader, const char *path,
                                    struct rs_load_files *f, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_sql_add(reader, &b, "%t", path);
  f->pattern = b.rc == RS_OK ? rs_arena_strdup(f->a, rs_buf_text(&b)) : NULL;
  rs_buf_free(&b);
  if (f->pattern == NULL) return rs_nomem(e);
  enum rs_code rc = list_files(reader, f, f->pattern, NULL, e);
  if (rc == RS_OK && f->n == 0) rc = rs_fail(e, RS_NOT_FOUND, "no file matches '%s'", path);
  return rc;
}

static enum rs_code take_stdin(struct rs_session *reader, const struct rs_load *load,
                               struct rs_load_files *f, struct rs_error *e)
{
  const struct rs_load as_is = {.compression = "none"};
  if (load->format == NULL)
    return rs_fail(e, RS_INVALID,
                   "standard input ('-') has no name that tells the format: give the option "
                   "`format`");
  if (isatty(STDIN_FILENO))
    return rs_fail(e, RS_INVALID, "standard input ('-') is a terminal: pipe a file into it");
  if (!rs_grow(&f->v, &f->cap, 1, sizeof f->v[0])) return rs_nomem(e);
  f->v[f->n++] = (struct rs_load_file){"standard input", "-", -1};
  return rs_load_spool(reader, &as_is, f, &f->v[0], e);
}

enum rs_code rs_load_files_find(struct rs_session *reader, const struct rs_load *load,
                                struct rs_load_files *f, struct rs_error *e)
{
  struct stat st;
  const char *home = getenv("HOME"), *path = load->path;
  if (rs_eq(path, "-")) return take_stdin(reader, load, f, e);
  if (rs_casestarts(path, strlen(path), "http://") || rs_casestarts(path, strlen(path), "https://"))
    return rs_fail(e, RS_UNSUPPORTED,
                   "'%s' is a URL, which is not fetched: save it as a file (curl -O) and name that",
                   path);
  if (path[0] == '~' && path[1] == '/' && home != NULL) {
    path = rs_arena_printf(f->a, "%s%s", home, path + 1);
    if (path == NULL) return rs_nomem(e);
  }
  int failed = stat(path, &st) == 0 ? 0 : errno;
  if (failed != 0 && strpbrk(path, "*?[") != NULL) return find_by_pattern(reader, path, f, e);
  if (failed == 0 && access(path, R_OK) != 0) failed = errno;
  if (failed != 0) return rs_fail(e, RS_NOT_FOUND, "file '%s': %s", path, strerror(failed));
  return S_ISDIR(st.st_mode) ? find_in_folder(reader, path, f, e) : add_file(f, path, e);
}
