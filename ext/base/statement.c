/*
** SQL of our own for SQLite (statement.h).
*/
#include "statement.h"
#include <stdarg.h>
#include <stddef.h>

int rs_sqlite_exec(sqlite3 *db, const char *format, ...)
{
  va_list ap;
  va_start(ap, format);
  char *sql = sqlite3_vmprintf(format, ap);
  va_end(ap);
  int rc = sql ? sqlite3_exec(db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  return rc;
}

int rs_sqlite_prepare(sqlite3 *db, sqlite3_stmt **st, const char *format, ...)
{
  va_list ap;
  va_start(ap, format);
  char *sql = sqlite3_vmprintf(format, ap);
  va_end(ap);
  *st = NULL;
  int rc = sql ? sqlite3_prepare_v2(db, sql, -1, st, NULL) : SQLITE_NOMEM;
  sqlite3_free(sql);
  return rc;
}
