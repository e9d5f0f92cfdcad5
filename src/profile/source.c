/*
** Where a profile's text comes from: the search for profiles.yml, a folder, a file, or text itself.
*/
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/base/file.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"

#define SOURCE_MAX ((size_t)1 << 20)
#define FILE_NAME "profiles.yml"

static bool is_same_folder(const char *a, const char *b)
{
  struct stat sa, sb;
  return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

/*
** JSON is YAML but for one thing that occurs: JSON writes characters beyond U+FFFF as two \u
** escapes, which YAML refuses. They become the character itself, which is never longer.
*/
static void join_surrogates(char *text, size_t *n)
{
  const char *end = text + *n;
  char *to = text, joined[4];
  size_t len;
  for (const char *p = text; p < end;) {
    if (*p != '\\' || p + 1 == end) {
      *to++ = *p++;
    } else if (rs_json_escape_char(p, end, joined, &len) == 12) {
      memcpy(to, joined, len);
      to += len;
      p += 12;
    } else {
      *to++ = *p++; /* the backslash and what it escapes, so that `\\u` is not taken for `\u` */
      *to++ = *p++;
    }
  }
  *to = 0;
  *n = (size_t)(to - text);
}

static enum rs_code take_text(struct rs_arena *a, const char *source, struct rs_source *s,
                              struct rs_error *e)
{
  s->argument = true;
  s->file = RS_ARGUMENT;
  s->shown = "the text given";
  s->n = strlen(source);
  if (s->n > SOURCE_MAX) return rs_fail(e, RS_LIMIT, RS_ARGUMENT ": larger than 1 MiB");
  char *text = rs_arena_strndup(a, source, s->n);
  if (!text) return rs_nomem(e);
  join_surrogates(text, &s->n);
  s->text = text;
  return RS_OK;
}

/* ---- finding -------------------------------------------------------------------------------- */

static enum rs_code take_path(struct rs_arena *a, const char *source, struct rs_source *s,
                              struct rs_error *e)
{
  const char *path = rs_expand_home(a, source);
  if (!path) return rs_nomem(e);
  bool folder = rs_is_folder(path);
  s->file = folder ? rs_arena_printf(a, "%s/%s", path, FILE_NAME) : rs_arena_strdup(a, path);
  s->shown = s->file;
  if (!s->file) return rs_nomem(e);
  if (rs_is_file(s->file)) return RS_OK;
  if (folder) return rs_fail(e, RS_NOT_FOUND, "folder '%s' holds no " FILE_NAME, source);
  return rs_fail(e, RS_NOT_FOUND, "there is no file or folder '%s' to read profiles from", source);
}

static enum rs_code take_environment(struct rs_arena *a, const char *dir, struct rs_source *s,
                                     struct rs_error *e)
{
  const char *path = rs_expand_home(a, dir);
  s->file = path ? rs_arena_printf(a, "%s/%s", path, FILE_NAME) : NULL;
  s->shown = s->file;
  if (!s->file) return rs_nomem(e);
  if (rs_is_file(s->file)) return RS_OK;
  return rs_fail(e, RS_NOT_FOUND, "DBT_PROFILES_DIR is '%s', which holds no " FILE_NAME, dir);
}

static enum rs_code search(struct rs_arena *a, struct rs_source *s, struct rs_error *e)
{
  char *space = rs_arena_alloc(a, PATH_MAX);
  if (!space) return rs_nomem(e);
  char *cwd = getcwd(space, PATH_MAX); /* NULL when the folder is gone: nothing is in it then */
  const char *home = rs_home_folder(a);
  const char *dbt = home ? rs_arena_printf(a, "%s/.dbt", home) : NULL;
  const char *here = cwd ? rs_arena_printf(a, "%s/%s", strcmp(cwd, "/") ? cwd : "", FILE_NAME)
                         : NULL;
  const char *there = dbt ? rs_arena_printf(a, "%s/%s", dbt, FILE_NAME) : NULL;
  enum rs_code rc = RS_OK;
  if ((home && !there) || (cwd && !here)) {
    rc = rs_nomem(e);
  } else if (here && rs_is_file(here)) {
    s->file = s->shown = here;
    s->local = !dbt || !is_same_folder(cwd, dbt);
  } else if (there && rs_is_file(there)) {
    s->file = there;
    s->shown = "~/.dbt/" FILE_NAME;
  } else {
    s->missing = "no " FILE_NAME " in the current folder or in ~/.dbt";
  }
  return rc;
}

enum rs_code rs_source_find(struct rs_arena *a, const char *source, struct rs_source *s,
                            struct rs_error *e)
{
  const char *dir = getenv("DBT_PROFILES_DIR");
  enum rs_code rc;
  *s = (struct rs_source){.text = ""};
  if (source) source += strspn(source, " \t\r\n");
  if (source && *source == '{') {
    s->explicit = true;
    return take_text(a, source, s, e);
  }
  if (source && *source) {
    s->explicit = true;
    rc = take_path(a, source, s, e);
  } else if (dir && *dir) {
    rc = take_environment(a, dir, s, e);
  } else {
    rc = search(a, s, e);
  }
  return rc || !s->file ? rc : rs_file_read(a, s->file, SOURCE_MAX, &s->text, &s->n, e);
}
