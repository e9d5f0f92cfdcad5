/*
** Looking at a file's own views and macros when it is opened (open.h).
**
** A DuckDB file may come with an SQLite file from somebody else. Its views run when they are read,
** and its macros run in place of DuckDB's functions of the same name, in statements of ours too. So
** a file is not opened whose definitions call what changes the engine, runs texts as SQL or is a
** function of the engine on no list, or whose macros take the name of a built-in function and do
** more than give a value. A profile with allow_external_access has chosen its file.
**
** The catalog costs about 20 ms to read, so it is read once for a file as it is: when it is closed
** its size and times are kept, and a file that still has them is not looked at again.
*/
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "src/base/mem.h"
#include "open.h"
#include "src/sql/callable.h"

/* By their full names, and with no other function, since the file's own would be called. */
#define DEFINITIONS                                                                  \
  "SELECT 'view', view_name, sql FROM system.main.duckdb_views() WHERE NOT internal" \
  " UNION ALL SELECT 'macro', function_name, macro_definition"                       \
  " FROM system.main.duckdb_functions() WHERE NOT internal AND macro_definition IS NOT NULL"

/* ---- files that are known -------------------------------------------------------------------- */

enum { KNOWN_MAX = 64 };

#ifdef __APPLE__
#define st_ctim st_ctimespec
#endif

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

struct vet {
  const struct rs_duckdb_config *c;
  struct rs_adbc_conn *conn;
  struct rs_callable callable;
  struct rs_map names; /* that definitions call and no list has; values: whose they are, owned */
};

/* A row of a query. */
typedef enum rs_code see_row(struct vet *t, const struct rs_value *v, struct rs_error *e);

/* The names from `from` on were added by the definition `what`. */
static enum rs_code own_names(struct vet *t, size_t from, const char *what, struct rs_error *e)
{
  for (size_t i = from; i < t->names.n; i++)
    if ((t->names.v[i].value = rs_strdup(what)) == NULL) return rs_nomem(e);
  return RS_OK;
}

/* Of DEFINITIONS: the kind, the name, the text. */
static enum rs_code see_definition(struct vet *t, const struct rs_value *v, struct rs_error *e)
{
  struct rs_callable callable = t->callable;
  struct rs_sqltext one;
  if (v[1].kind != RS_TEXT || v[2].kind != RS_TEXT) return RS_OK;
  const size_t nname = v[1].s.n, nsql = v[2].s.n;
  bool macro = v[0].s.n == 5;
  size_t from = t->names.n;
  // in the place of a function of DuckDB's it must be as harmless as that
  if (macro && rs_callable_find(callable.dialect, v[1].s.p, nname) != RS_CALL_UNKNOWN)
    callable.engine_only = false;
  char *what = rs_mprintf("%s: its %s '%.*s'", t->c->path, macro ? "macro" : "view", (int)nname,
                          v[1].s.p);
  char *text = rs_mprintf(macro ? "SELECT (%.*s\n)" : "%.*s", (int)nsql, v[2].s.p);
  enum rs_code rc = what != NULL && text != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) rc = rs_sqltext_one(text, strlen(text), callable.dialect, what, &one, e);
  if (rc == RS_OK) rc = rs_callable_check(&one, &callable, what, &t->names, NULL, e);
  if (rc == RS_OK) rc = own_names(t, from, what, e);
  rs_free(text);
  rs_free(what);
  return rc;
}

/* Of rs_callable_ask: a name and, of a macro, its definition. */
static enum rs_code see_answer(struct vet *t, const struct rs_value *v, struct rs_error *e)
{
  size_t from = t->names.n;
  if (v[0].kind != RS_TEXT) return RS_OK;
  const struct rs_map_entry *asked = rs_map_find(&t->names, v[0].s.p, v[0].s.n);
  const char *what = asked != NULL ? asked->value : t->c->path;
  enum rs_code rc = rs_callable_judge(&t->callable, what, &v[0], &v[1], &t->names, e);
  return rc == RS_OK ? own_names(t, from, what, e) : rc;
}

static enum rs_code see_all(struct vet *t, const char *sql, size_t columns, see_row *see,
                            struct rs_error *e)
{
  const struct rs_statement st = {.sql = sql};
  struct rs_rows rows = {.session = NULL};
  enum rs_code rc = rs_adbc_query(t->conn, &st, &rows, e);
  if (rc != RS_OK) return rc;
  void *batch;
  size_t n;
  while ((rc = rs_adbc_next_batch(&rows, &batch, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && rc == RS_OK; i++) {
      struct rs_value v[3];
      for (size_t k = 0; k < columns; k++) rs_adbc_get(&rows, batch, i, k, &v[k]);
      rc = see(t, v, e);
    }
    rs_adbc_free_batch(&rows, batch);
    if (rc != RS_OK) break;
  }
  rs_adbc_close_rows(&rows);
  rs_columns_free(&rows.columns);
  return rc == RS_DONE ? RS_OK : rc;
}

enum rs_code rs_duckdb_vet(struct rs_adbc_conn *conn, const struct rs_duckdb_config *c,
                           struct rs_error *e)
{
  struct vet t = {.c = c,
                  .conn = conn,
                  .callable = {.dialect = rs_dialect_find("duckdb"),
                               .engine_only = true,
                               .way_out = RS_CALLABLE_FILES}};
  rs_map_init(&t.names);
  enum rs_code rc = see_all(&t, DEFINITIONS, 3, see_definition, e);
  for (size_t from = 0; rc == RS_OK && from < t.names.n;) {
    struct rs_buf sql;
    rs_buf_init(&sql, RS_BUF_SQL_MAX);
    rs_callable_ask(&t.callable, &t.names, from, &sql);
    from = t.names.n;
    rc = rs_buf_error(&sql, e, c->path);
    if (rc == RS_OK) rc = see_all(&t, rs_buf_text(&sql), 2, see_answer, e);
    rs_buf_free(&sql);
  }
  for (size_t i = 0; i < t.names.n; i++) rs_free(t.names.v[i].value);
  rs_map_free(&t.names);
  return rc;
}
