/*
** Looking at a file's own views and macros when it is opened (duckdb_open.h).
**
** A DuckDB file may come with an SQLite file from somebody else. Its views run when they are read,
** and its macros run in place of DuckDB's functions of the same name, in statements of ours too. So
** a file is not opened whose definitions call what changes the engine or runs texts as SQL, or
** whose macros take the name of a built-in function and do more than give a value. A profile with
** allow_external_access has chosen its file.
**
** The catalog costs about 20 ms to read, so it is read once for a file as it is: when it is closed
** its size and times are kept, and a file that still has them is not looked at again.
*/
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "../base/mem.h"
#include "duckdb_open.h"
#include "callable.h"

/* By their full names, and with no other function, since the file's own would be called. */
#define DEFINITIONS                                                                  \
  "SELECT 'view', view_name, sql FROM system.main.duckdb_views() WHERE NOT internal" \
  " UNION ALL SELECT 'macro', function_name, macro_definition"                       \
  " FROM system.main.duckdb_functions() WHERE NOT internal AND macro_definition IS NOT NULL"

/* ---- files that are known -------------------------------------------------------------------- */

enum { KNOWN_MAX = 64 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rs_duckdb_seen known[KNOWN_MAX]; /* a ring: an old one is looked at again */
static size_t next_known;

static void look_at(const char *path, struct rs_duckdb_seen *s)
{
  struct stat st;
  char wal[4096];
  memset(s, 0, sizeof *s);
  if (stat(path, &st) != 0) return;
  s->device = st.st_dev;
  s->inode = st.st_ino;
  s->size = st.st_size;
  s->changed = st.st_ctim;
  if (snprintf(wal, sizeof wal, "%s.wal", path) >= (int)sizeof wal) s->size = -1;
  else if (stat(wal, &st) == 0) {
    s->wal_size = st.st_size;
    s->wal_changed = st.st_ctim;
  }
}

static bool same(const struct rs_duckdb_seen *a, const struct rs_duckdb_seen *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size && a->size >= 0 &&
         a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
         a->wal_size == b->wal_size && a->wal_changed.tv_sec == b->wal_changed.tv_sec &&
         a->wal_changed.tv_nsec == b->wal_changed.tv_nsec;
}

bool rs_duckdb_vet_begin(const struct rs_duckdb_config *c)
{
  struct rs_duckdb_seen now;
  bool found = false;
  if (c->external_access) return false;
  if (c->nattached > 0) return true;
  if (c->memory) return false;
  look_at(c->path, &now);
  if (now.inode == 0 && now.wal_size == 0) return false; // it is about to be made
  pthread_mutex_lock(&mutex);
  for (size_t i = 0; i < KNOWN_MAX && !found; i++) found = same(&known[i], &now);
  pthread_mutex_unlock(&mutex);
  return !found;
}

void rs_duckdb_vet_end(const char *path)
{
  struct rs_duckdb_seen now;
  look_at(path, &now);
  if (now.inode == 0) return;
  pthread_mutex_lock(&mutex);
  known[next_known++ % KNOWN_MAX] = now;
  pthread_mutex_unlock(&mutex);
}

/* ---- definitions ----------------------------------------------------------------------------- */

static enum rs_code check(const struct rs_duckdb_config *c, const struct rs_value *kind,
                          const struct rs_value *name, const struct rs_value *sql,
                          struct rs_error *e)
{
  struct rs_callable callable = {
    .dialect = rs_dialect_find("duckdb"), .engine_only = true, .way_out = RS_CALLABLE_FILES};
  struct rs_sqltext one;
  bool macro = kind->s.n == 5;
  // in the place of a function of DuckDB's it must be as harmless as that
  if (macro && rs_callable_find(callable.dialect, name->s.p, name->s.n) != RS_CALL_UNKNOWN)
    callable.engine_only = false;
  char *what = rs_mprintf("%s: its %s '%.*s'", c->path, macro ? "macro" : "view", (int)name->s.n,
                          name->s.p);
  char *text = rs_mprintf(macro ? "SELECT (%.*s\n)" : "%.*s", (int)sql->s.n, sql->s.p);
  enum rs_code rc = what != NULL && text != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) rc = rs_sqltext_one(text, strlen(text), callable.dialect, what, &one, e);
  if (rc == RS_OK) rc = rs_callable_check(&one, &callable, what, NULL, NULL, e);
  rs_free(text);
  rs_free(what);
  return rc;
}

enum rs_code rs_duckdb_vet(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                           struct rs_error *e)
{
  const struct rs_statement st = {.sql = DEFINITIONS};
  struct rs_rows rows = {.session = NULL};
  enum rs_code rc = rs_adbc_query(conn, &st, &rows, e);
  if (rc != RS_OK) return rc;
  void *batch;
  size_t n;
  while ((rc = rs_adbc_next_batch(&rows, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && rc == RS_OK; i++) {
      struct rs_value v[3];
      for (size_t k = 0; k < 3; k++) rs_adbc_get(&rows, batch, i, k, &v[k]);
      if (v[1].kind == RS_TEXT && v[2].kind == RS_TEXT) rc = check(c, &v[0], &v[1], &v[2], e);
    }
    rs_adbc_free_batch(&rows, batch);
    if (rc != RS_OK) break;
  }
  rs_adbc_close_rows(&rows);
  rs_columns_free(&rows.columns);
  return rc == RS_DONE ? RS_OK : rc;
}
