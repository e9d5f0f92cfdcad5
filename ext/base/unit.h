/*
** Writing to the user's own database file: units of writing, and a second connection to it.
**
** Threads: the connection's own. Errors: SQLite's codes, but for rs_unit_close.
*/
#ifndef RS_EXT_BASE_UNIT_H
#define RS_EXT_BASE_UNIT_H
#include "connection.h"

/*
** One unit of writing: a transaction of its own, or a savepoint in the one that the user has open.
** A COMMIT that finds a reader leaves its transaction open and the database locked for others,
** which a rollback to a savepoint would not end: hence ROLLBACK where the transaction is ours.
*/
struct rs_unit {
  sqlite3 *db;
  bool own;
};
int rs_unit_begin(struct rs_unit *u, sqlite3 *db, bool immediate);
/* rc: of what was done in it. Returns the first failure; everything is undone then. */
int rs_unit_end(struct rs_unit *u, int rc);
/* The same with codes of ours: "<what>: <why>" when what succeeded can't be committed. */
enum rs_code rs_unit_close(struct rs_unit *u, enum rs_code rc, const char *what,
                           struct rs_error *e);

/*
** A second connection to main's file, for what is read and written while a SELECT of ours runs: as
** long as that statement is active, its own connection keeps the locks of whatever is done inside
** it, and after an interrupt it refuses everything.
*/
struct rs_side {
  sqlite3 *own;
  sqlite3 *apart; /* NULL: there is none, e.g. of a database in memory */
};
void rs_side_open(struct rs_conn *c, struct rs_side *s);
void rs_side_close(struct rs_side *s);
/* The one to use now: the first where there is no other, or where it is reading main anyhow and
** would lock the other out. */
sqlite3 *rs_side_db(const struct rs_side *s);
#endif
