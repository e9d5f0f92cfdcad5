/*
** The tables of sql/schema.sql (tables.h).
**
** The schema's version is a row of rockset_meta: user_version and application_id are the
** application's. Everybody who reads the tables checks it first, since a newer or an older
** extension may have written them.
*/
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/buf.h"
#include "src/base/embedded.h"
#include "src/base/mem.h"
#include "statement.h"
#include "tables.h"
#include "unit.h"

/* ---- the version ----------------------------------------------------------------------------- */

static enum rs_code run_sql(sqlite3 *db, const char *sql, struct rs_error *e)
{
  if (sql == NULL) return rs_nomem(e);
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return RS_OK;
  return rs_sqlite_error_of(db, "rockset_init", e);
}

/* The first text of a prepared statement, which is finalized; NULL when there is none. prepared:
** SQLite's code. Owned (rs_free). */
static enum rs_code take_text(sqlite3 *db, int prepared, sqlite3_stmt *st, char **out,
                              struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  *out = NULL;
  int step = prepared == SQLITE_OK ? sqlite3_step(st) : prepared;
  if (step == SQLITE_ROW && sqlite3_column_type(st, 0) != SQLITE_NULL) {
    *out = rs_strdup((const char *)sqlite3_column_text(st, 0));
    if (*out == NULL) rc = rs_nomem(e);
  } else if (step == SQLITE_NOMEM) {
    rc = rs_nomem(e);
  } else if (step != SQLITE_ROW && step != SQLITE_DONE) {
    rc = rs_sqlite_error_of(db, "rockset_meta", e);
  }
  sqlite3_finalize(st);
  return rc;
}

static enum rs_code read_meta(sqlite3 *db, const char *schema, const char *key, char **out,
                              struct rs_error *e)
{
  sqlite3_stmt *st;
  int rc = rs_sqlite_prepare(db, &st, "SELECT value FROM \"%w\".rockset_meta WHERE key = %Q",
                             schema, key);
  return take_text(db, rc, st, out, e);
}

/* The schema's version; 0 when there are no tables. */
static enum rs_code read_version(sqlite3 *db, const char *schema, int64_t *version,
                                 struct rs_error *e)
{
  char *text = NULL;
  *version = 0;
  sqlite3_stmt *st;
  int found = rs_sqlite_prepare(
    db, &st, "SELECT name FROM \"%w\".sqlite_schema WHERE name = 'rockset_meta'", schema);
  enum rs_code rc = take_text(db, found, st, &text, e);
  if (rc != RS_OK || text == NULL) return rc;
  rs_free(text);
  rc = read_meta(db, schema, "schema_version", &text, e);
  if (rc != RS_OK || text == NULL) return rc;
  char *end;
  *version = strtoll(text, &end, 10);
  if (end == text || *end != 0 || *version < 0)
    rc = rs_fail(e, RS_INVALID, "rockset_meta: schema_version is '%s', which is no version", text);
  rs_free(text);
  return rc;
}

static enum rs_code fail_newer(sqlite3 *db, const char *schema, int64_t version, struct rs_error *e)
{
  char *needs = NULL;
  enum rs_code rc = read_meta(db, schema, "needs", &needs, e);
  if (rc != RS_OK) return rc;
  rs_fail(e, RS_UNSUPPORTED,
          "the rockset_* tables have schema %" PRId64 ", which needs rockset_ext %s or newer; this "
          "is %s, with schema %d",
          version, needs != NULL ? needs : "(unknown)", RS_VERSION, RS_SCHEMA_VERSION);
  rs_free(needs);
  return RS_UNSUPPORTED;
}

/* ---- rockset_init ---------------------------------------------------------------------------- */

/* The text of a file of sql/ for another schema than main: each `main.rockset_` becomes that. */
static enum rs_code run_file(sqlite3 *db, const char *name, const char *schema, struct rs_error *e)
{
  static const char mark[] = "main.rockset_";
  const struct rs_embedded *f = rs_embedded_find(name);
  if (f == NULL) return rs_fail(e, RS_INTERNAL, "sql/%s is missing from this build", name);
  char *quoted = sqlite3_mprintf("\"%w\".rockset_", schema);
  if (quoted == NULL) return rs_nomem(e);
  struct rs_buf sql;
  rs_buf_init(&sql, RS_BUF_SQL_MAX);
  const char *p = f->text, *at;
  while ((at = strstr(p, mark)) != NULL) {
    rs_buf_add(&sql, p, (size_t)(at - p));
    rs_buf_str(&sql, quoted);
    p = at + sizeof mark - 1;
  }
  rs_buf_str(&sql, p);
  enum rs_code rc = rs_buf_error(&sql, e, name);
  if (rc == RS_OK) rc = run_sql(db, rs_buf_text(&sql), e);
  rs_buf_free(&sql);
  sqlite3_free(quoted);
  return rc;
}

static enum rs_code migrate(sqlite3 *db, const char *schema, int64_t from, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (int64_t v = from + 1; from > 0 && rc == RS_OK && v <= RS_SCHEMA_VERSION; v++) {
    char name[40];
    sqlite3_snprintf(sizeof name, name, "migrate-%lld.sql", (long long)v);
    rc = run_file(db, name, schema, e);
  }
  // Makes everything in a new database, and what somebody dropped in an old one
  if (rc == RS_OK) rc = run_file(db, "schema.sql", schema, e);
  if (rc != RS_OK || from == RS_SCHEMA_VERSION) return rc;
  char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO \"%w\".rockset_meta(key, value) VALUES"
                              "('schema_version', '%d'), ('needs', %Q)",
                              schema, RS_SCHEMA_VERSION, RS_VERSION);
  rc = run_sql(db, sql, e);
  sqlite3_free(sql);
  return rc;
}

enum rs_code rs_tables_init(struct rs_conn *c, const char *schema, const char **what,
                            struct rs_error *e)
{
  sqlite3 *db = rs_conn_db(c);
  int64_t version;
  if (sqlite3_db_readonly(db, schema) < 0)
    return rs_fail(e, RS_NOT_FOUND, "rockset_init: no database '%s' is attached", schema);
  struct rs_unit unit;
  if (rs_unit_begin(&unit, db, false) != SQLITE_OK)
    return rs_sqlite_error_of(db, "rockset_init", e);
  enum rs_code rc = read_version(db, schema, &version, e);
  if (rc == RS_OK && version > RS_SCHEMA_VERSION) {
    rc = fail_newer(db, schema, version, e);
    rs_error_prefix(e, "rockset_init");
  }
  if (rc == RS_OK) rc = migrate(db, schema, version, e);
  rc = rs_unit_close(&unit, rc, "rockset_init", e);
  *what = version == 0 ? "created" : version < RS_SCHEMA_VERSION ? "migrated" : "is up to date";
  return rc;
}

enum rs_code rs_tables_check(sqlite3 *db, struct rs_error *e)
{
  int64_t version;
  enum rs_code rc = read_version(db, "main", &version, e);
  if (rc != RS_OK) return rc;
  if (version == 0)
    return rs_fail(e, RS_NOT_FOUND,
                   "this database has no rockset_* tables yet: run SELECT rockset_init()");
  if (version < RS_SCHEMA_VERSION)
    return rs_fail(e, RS_INVALID,
                   "the rockset_* tables have the older schema %" PRId64 " (now %d): run SELECT "
                   "rockset_init()",
                   version, RS_SCHEMA_VERSION);
  return version > RS_SCHEMA_VERSION ? fail_newer(db, "main", version, e) : RS_OK;
}
