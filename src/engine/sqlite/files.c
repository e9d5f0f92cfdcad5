/*
** Which files a target has, and whether this process has them open besides (sqlite.h): the open
** descriptors of the process that are one of them, less those that our driver has opened, which are
** counted before and after each opening and closing.
*/
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/profile/fields.h"
#include "sqlite.h"

#define SUFFIX ".db"

/* ---- the files of a target ------------------------------------------------------------------- */

static enum rs_code add_file(struct rs_sqlitedb_files *f, const char *schema, const char *path,
                             struct rs_error *e)
{
  if (!schema || !path) return rs_nomem(e);
  for (size_t i = 0; i < f->n; i++)
    if (rs_casecmp(f->v[i].schema, schema) == 0)
      return RS_OK; // of the profile, before the folder's
  if (f->n == RS_SQLITEDB_FILES)
    return rs_fail(e, RS_LIMIT, "more than %d files can't be attached", RS_SQLITEDB_FILES);
  f->v[f->n++] = (struct rs_sqlitedb_file){schema, path};
  return RS_OK;
}

static enum rs_code add_folder(struct rs_sqlitedb_files *f, const char *folder, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  DIR *d = opendir(folder);
  if (!d) return rs_fail(e, RS_IO, "schema_directory '%s' can't be read", folder);
  for (struct dirent *i; !rc && (i = readdir(d)) != NULL;) {
    size_t n = strlen(i->d_name);
    if (n <= strlen(SUFFIX) || !rs_eq(i->d_name + n - strlen(SUFFIX), SUFFIX)) continue;
    rc = add_file(f, rs_arena_strndup(&f->a, i->d_name, n - strlen(SUFFIX)),
                  rs_arena_printf(&f->a, "%s/%s", folder, i->d_name), e);
  }
  closedir(d);
  return rc;
}

enum rs_code rs_sqlitedb_files(const struct rs_output *o, struct rs_sqlitedb_files *out,
                               struct rs_error *e)
{
  const char *map = rs_output_text(o, "schemas_and_paths", NULL);
  const char *folder = rs_output_text(o, "schema_directory", NULL);
  struct rs_json *j = NULL;
  out->n = 0;
  rs_arena_init(&out->a, 0);
  enum rs_code rc = add_file(out, "main", rs_output_text(o, "path", ""), e);
  if (!rc && map && *map) rc = rs_json_parse(map, strlen(map), 8, &out->a, &j, e);
  for (const struct rs_json *m = rc || !j ? NULL : j->first; m && !rc; m = m->next) {
    const char *path = rs_arena_strndup(&out->a, m->p, m->n);
    rc = add_file(out, rs_arena_strndup(&out->a, m->key, m->nkey),
                  path ? rs_expand_home(&out->a, path) : NULL, e);
  }
  return !rc && folder ? add_folder(out, folder, e) : rc;
}

const char *rs_sqlitedb_file_for(const struct rs_output *o, const char *workspace,
                                 struct rs_arena *a)
{
  const char *folder = rs_output_text(o, "schema_directory", NULL);
  return folder && !strchr(workspace, '/') ? rs_arena_printf(a, "%s/%s" SUFFIX, folder, workspace)
                                           : NULL;
}

/* ---- who has them open ----------------------------------------------------------------------- */

/* By device and inode; of all targets. The mutex is held while a connection opens or closes. */
static struct known {
  dev_t dev;
  ino_t ino;
  size_t ours, others; /* descriptors; others: while one is closed */
  size_t open;         /* all, when it was counted last */
  const char *path;    /* of the target that counts */
} known[1024];
static size_t nknown;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static enum rs_code find_known(const char *path, struct rs_error *e)
{
  struct stat st;
  if (stat(path, &st) != 0) return RS_OK; // not made yet: nobody has it open
  size_t i = 0;
  while (i < nknown && (known[i].dev != st.st_dev || known[i].ino != st.st_ino)) i++;
  if (i == nknown) {
    if (nknown == sizeof known / sizeof *known) return rs_fail(e, RS_LIMIT, "too many files");
    known[nknown++] = (struct known){.dev = st.st_dev, .ino = st.st_ino};
  }
  known[i].path = path;
  return RS_OK;
}

/* Counts the descriptors of all known files; those of the target have a path then. */
static enum rs_code count_open(const struct rs_sqlitedb_files *f, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < nknown; i++) {
    known[i].open = 0;
    known[i].path = NULL;
  }
  for (size_t i = 0; i < f->n && !rc; i++) rc = find_known(f->v[i].path, e);
  DIR *d = rc ? NULL : opendir("/dev/fd");
  if (!rc && !d)
    return rs_fail(e, RS_IO, "/dev/fd can't be read: who has a file open can't be known");
  for (struct dirent *i; d && (i = readdir(d)) != NULL;) {
    struct stat st;
    if (i->d_name[0] == '.' || fstat((int)strtol(i->d_name, NULL, 10), &st) != 0) continue;
    for (size_t k = 0; k < nknown; k++)
      if (known[k].dev == st.st_dev && known[k].ino == st.st_ino) known[k].open++;
  }
  if (d) closedir(d);
  return rc;
}

/* With the mutex. */
static enum rs_code check_files(const struct rs_target *t, struct rs_error *e)
{
  struct rs_sqlitedb_files f;
  enum rs_code rc = rs_sqlitedb_files(t->output, &f, e);
  if (!rc) rc = count_open(&f, e);
  for (size_t i = 0; i < nknown && !rc; i++)
    if (known[i].path && known[i].open > known[i].ours)
      rc = rs_fail(e, RS_FORBIDDEN,
                   "this process has the file '%s' open itself: two SQLite libraries in one "
                   "process drop each other's locks. Close it there, or use it there (ATTACH)",
                   known[i].path);
  rs_arena_free(&f.a);
  return rc;
}

enum rs_code rs_sqlitedb_check_files(const struct rs_target *t, struct rs_error *e)
{
  pthread_mutex_lock(&mutex);
  enum rs_code rc = check_files(t, e);
  pthread_mutex_unlock(&mutex);
  return rc;
}

/* What came since the last look is ours. */
static void take_note(const struct rs_target *t, bool closing)
{
  struct rs_sqlitedb_files f;
  if (rs_sqlitedb_files(t->output, &f, NULL) == RS_OK && count_open(&f, NULL) == RS_OK)
    for (size_t i = 0; i < nknown; i++)
      if (known[i].path && !(closing && known[i].open < known[i].others))
        known[i].ours = known[i].open - (closing ? known[i].others : 0);
  rs_arena_free(&f.a);
}

enum rs_code rs_sqlitedb_opens(struct rs_session *s, bool before, struct rs_error *e)
{
  if (!before) {
    take_note(s->target, false);
    pthread_mutex_unlock(&mutex);
    return RS_OK;
  }
  pthread_mutex_lock(&mutex);
  enum rs_code rc = check_files(s->target, e);
  if (rc) pthread_mutex_unlock(&mutex);
  return rc;
}

void rs_sqlitedb_closes(const struct rs_target *t, bool before)
{
  struct rs_sqlitedb_files f;
  if (!before) {
    take_note(t, true);
    pthread_mutex_unlock(&mutex);
    return;
  }
  pthread_mutex_lock(&mutex);
  if (rs_sqlitedb_files(t->output, &f, NULL) == RS_OK && count_open(&f, NULL) == RS_OK)
    for (size_t i = 0; i < nknown; i++)
      known[i].others = known[i].open > known[i].ours ? known[i].open - known[i].ours : 0;
  rs_arena_free(&f.a);
}
