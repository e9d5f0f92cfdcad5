/*
** A program that links librockset_ext.a statically: every connection gets the extension through
** sqlite3_auto_extension. Prints nothing and exits 0 when all holds.
*/
#include "ext/rockset_ext.h"

#include <stdio.h>
#include <string.h>

static int failures;

static void expect(sqlite3 *db, const char *sql, const char *wanted)
{
  sqlite3_stmt *stmt = NULL;
  char got[512] = "(no row)";
  if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK) {
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
      const unsigned char *text = sqlite3_column_text(stmt, 0);
      snprintf(got, sizeof got, "%s", text ? (const char *)text : "NULL");
    } else if (rc != SQLITE_DONE) {
      snprintf(got, sizeof got, "error: %s", sqlite3_errmsg(db));
    }
  } else {
    snprintf(got, sizeof got, "error: %s", sqlite3_errmsg(db));
  }
  sqlite3_finalize(stmt);
  if (strcmp(got, wanted) != 0) {
    failures++;
    fprintf(stderr, "embed: %s\n  wanted %s\n  got    %s\n", sql, wanted, got);
  }
}

int main(void)
{
  sqlite3 *db[2] = {0};
  if (sqlite3_auto_extension((void (*)(void))sqlite3_rocksetext_init) != SQLITE_OK) return 1;
  for (int i = 0; i < 2; i++) {
    if (sqlite3_open(":memory:", &db[i]) != SQLITE_OK) {
      fprintf(stderr, "embed: open: %s\n", sqlite3_errmsg(db[i]));
      return 1;
    }
  }
  expect(db[0], "SELECT rockset_version() LIKE 'rockset_ext " ROCKSET_EXT_VERSION "%'", "1");
  expect(db[0], "SELECT rockset_exec('create schema if not exists commons')", "NULL");
  expect(db[0], "SELECT rockset_exec('create table commons.t as select 42 as x')", "1");
  expect(db[0], "CREATE VIRTUAL TABLE t USING rockset('commons.t')", "(no row)");
  expect(db[0], "SELECT x FROM t", "42");
  /* Databases in memory are private to their connection, as SQLite's own are */
  expect(db[1], "CREATE VIRTUAL TABLE t USING rockset('commons.t')",
         "error: table t: collection 'commons.t' does not exist in target 'default'");
  /* Closing with work prepared and a session open leaks nothing (the sanitizer build watches) */
  for (int i = 0; i < 2; i++) {
    if (sqlite3_close(db[i]) != SQLITE_OK) {
      fprintf(stderr, "embed: close: %s\n", sqlite3_errmsg(db[i]));
      failures++;
    }
  }
  sqlite3_reset_auto_extension();
  return failures > 0;
}
