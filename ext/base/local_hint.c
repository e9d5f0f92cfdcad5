/*
** A relation that the target does not have, where this SQLite database has a table of that name:
** the error says what leads there. The engine tells the name (rs_error.missing), nobody reads its
** text.
*/
#include "connection.h"

bool rs_local_hint(sqlite3 *db, const char *missing, char *out, size_t size)
{
  // A virtual table has its rows elsewhere
  static const char query[] =
    "SELECT type FROM (SELECT type, name, sql FROM main.sqlite_schema UNION ALL"
    " SELECT type, name, sql FROM temp.sqlite_schema) WHERE name = ?1 COLLATE NOCASE"
    " AND type IN ('table', 'view') AND sql NOT LIKE 'CREATE VIRTUAL TABLE%'";
  sqlite3_stmt *st = NULL;
  *out = 0;
  if (*missing == 0 || sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK) return false;
  (void)sqlite3_bind_text(st, 1, missing, -1, SQLITE_STATIC);
  bool found = sqlite3_step(st) == SQLITE_ROW;
  if (found)
    sqlite3_snprintf((int)size, out,
                     ": %s is a %s of SQLite, which the target does not see by that name: read "
                     "it as sqlite.%s, by a source with local_table, or send it with "
                     "rockset_push()",
                     missing, (const char *)sqlite3_column_text(st, 0), missing);
  sqlite3_finalize(st);
  return found;
}

void rs_error_hint(sqlite3 *db, struct rs_error *e)
{
  char hint[RS_LOCAL_HINT];
  if (rs_local_hint(db, e->missing, hint, sizeof hint)) rs_error_append(e, "%s", hint);
  e->missing[0] = 0;
}
