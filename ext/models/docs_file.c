/*
** A file that holds a project, for a program that knows no SQLite (store.h): opened for each
** question, read-only, and closed. So any thread may ask, nothing is kept between two questions,
** and nobody's lock is in the way of who writes.
**
** SAFETY
**   None of our functions is registered on the connection, and SQLite trusts nothing of its schema:
**   a crafted file has nothing to call. Its templates are rendered within their limits, untrusted,
**   and no engine is asked.
*/
#ifdef SQLITE_CORE
#include "internal.h"

enum { WAIT_MS = 2000 };

static enum rs_code open_file(const struct rs_store_file *f, sqlite3 **db, struct rs_error *e)
{
  int rc = sqlite3_open_v2(f->path, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
  if (rc == SQLITE_OK) {
    (void)sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_busy_timeout(*db, WAIT_MS);
    // one state for all that is asked; this reads the first page, so that no database is found out
    rc = sqlite3_exec(*db, "BEGIN; SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
  }
  if (rc == SQLITE_OK) return RS_OK;
  if (*db == NULL) return rs_nomem(e);
  return rs_sqlite_error_of(*db, f->path, e);
}

static int register_nothing(struct rs_conn *c)
{
  (void)c;
  return SQLITE_OK;
}

static enum rs_code read_nodes(struct rs_conn *c, const struct rs_store_file *f,
                               enum rs_store_part part, const char *id, struct rs_buf *out,
                               struct rs_error *e)
{
  const struct rs_nodes_options o = {.keep_bad = true};
  struct rs_nodes n = {0};
  enum rs_code rc = RS_OK;
  if (f->profiles != NULL || f->profile != NULL || f->target != NULL)
    rc = rs_conn_choose(c, f->target, f->profile, f->profiles, e);
  if (rc != RS_OK) return rc;
  rc = rs_nodes_load(&n, c, rs_conn_db(c), f->path, &o, e);
  if (rc == RS_OK && part == RS_STORE_NODE) rc = rs_docs_node(&n, id, out, e);
  else if (rc == RS_OK) rc = rs_docs_graph(&n, out, e);
  rs_nodes_end(&n);
  return rc;
}

enum rs_code rs_store_file_read(const struct rs_store_file *f, enum rs_store_part part,
                                const char *id, struct rs_buf *out, struct rs_error *e)
{
  sqlite3 *db = NULL;
  struct rs_conn *c = NULL;
  enum rs_code rc = open_file(f, &db, e);
  if (rc == RS_OK && part == RS_STORE_RUNS) rc = rs_docs_runs(db, out, e);
  else if (rc == RS_OK && part == RS_STORE_RUN) rc = rs_docs_run(db, id, out, e);
  else if (rc == RS_OK) {
    c = rs_conn_new(db, register_nothing);
    rc = c != NULL ? read_nodes(c, f, part, id, out, e) : rs_nomem(e);
  }
  if (c != NULL) rs_conn_unref(c);
  (void)sqlite3_close(db);
  return rc;
}
#else
typedef int rs_docs_file_is_of_a_linked_sqlite_only;
#endif
