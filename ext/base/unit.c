/*
** Units of writing, and the second connection to a database file (unit.h).
*/
#include <string.h>
#include "unit.h"

#define SIDE_WAIT_MS 50 /* for a lock; a run does not stand still for its records */

/* ---- units ----------------------------------------------------------------------------------- */

int rs_unit_begin(struct rs_unit *u, sqlite3 *db, bool immediate)
{
  u->db = db;
  u->own = sqlite3_get_autocommit(db) != 0;
  const char *sql = !u->own ? "SAVEPOINT rockset_unit" : immediate ? "BEGIN IMMEDIATE" : "BEGIN";
  return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int rs_unit_end(struct rs_unit *u, int rc)
{
  if (rc == SQLITE_OK)
    rc = sqlite3_exec(u->db, u->own ? "COMMIT" : "RELEASE rockset_unit", NULL, NULL, NULL);
  if (rc == SQLITE_OK) return rc;
  if (!u->own)
    sqlite3_exec(u->db, "ROLLBACK TO rockset_unit; RELEASE rockset_unit", NULL, NULL, NULL);
  else if (!sqlite3_get_autocommit(u->db)) // some failures have rolled back already
    sqlite3_exec(u->db, "ROLLBACK", NULL, NULL, NULL);
  return rc;
}

enum rs_code rs_unit_close(struct rs_unit *u, enum rs_code rc, const char *what, struct rs_error *e)
{
  int done = rs_unit_end(u, rc == RS_OK ? SQLITE_OK : SQLITE_ERROR);
  if (rc != RS_OK || done == SQLITE_OK) return rc;
  return rs_fail(e, rs_code_of_sqlite(done), "%s: %s", what, sqlite3_errstr(done));
}

/* ---- the second connection ------------------------------------------------------------------- */

/* Can it read the file? An encrypted one says no; one that is locked just now says yes. */
static bool can_read(sqlite3 *db)
{
  int rc = sqlite3_exec(db, "SELECT 1 FROM main.sqlite_schema LIMIT 1", NULL, NULL, NULL);
  return rc == SQLITE_OK || rc == SQLITE_BUSY;
}

void rs_side_open(struct rs_conn *c, struct rs_side *s)
{
  sqlite3 *own = rs_conn_db(c), *db = NULL;
  const char *file = sqlite3_db_filename(own, "main");
  char *vfs = NULL;
  *s = (struct rs_side){.own = own};
  if (file == NULL || *file == 0) return;
  sqlite3_file_control(own, "main", SQLITE_FCNTL_VFSNAME, &vfs);
  // "shim/unix" names a stack of which only the parts can be opened
  const char *name = vfs != NULL && strchr(vfs, '/') == NULL ? vfs : NULL;
  if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, name) == SQLITE_OK && can_read(db)) {
    sqlite3_busy_timeout(db, SIDE_WAIT_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    s->apart = db;
  } else {
    sqlite3_close(db);
  }
  sqlite3_free(vfs);
}

sqlite3 *rs_side_db(const struct rs_side *s)
{
  if (s->apart == NULL || sqlite3_txn_state(s->own, "main") != SQLITE_TXN_NONE) return s->own;
  return s->apart;
}

void rs_side_close(struct rs_side *s)
{
  sqlite3_close(s->apart);
  s->apart = NULL;
}
