/*
** SQL of our own for SQLite, made by a format of sqlite3_mprintf's (%w a name, %Q a literal).
**
** Threads: the connection's own. Both return SQLite's code: SQLITE_NOMEM, also when the text could
** not be made.
*/
#ifndef RS_EXT_BASE_STATEMENT_H
#define RS_EXT_BASE_STATEMENT_H
#include "sqlite.h"

/* Runs it, without rows. */
int rs_sqlite_exec(sqlite3 *db, const char *format, ...);
/* Prepares it; *st is NULL after a failure. */
int rs_sqlite_prepare(sqlite3 *db, sqlite3_stmt **st, const char *format, ...);
#endif
