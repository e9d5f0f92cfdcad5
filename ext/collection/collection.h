/*
** Virtual tables over a relation, a query or a query lambda of the target: the module `rockset`.
**
**   CREATE VIRTUAL TABLE movies USING rockset('commons.movies');
**
** FILES. internal.h lists them by what they do.
** CALLERS. The entry point registers the module and its functions; a run of models says what it
** built (rs_refresh_built). Everything else comes from SQLite.
** MEMORY. A struct collection lives as long as SQLite has the table connected; a scan holds one
** batch of rows, and what the cache of a join may keep.
** THREADS. The connection's own. xCreate, xFilter, xNext, xUpdate and xSync block on the engine,
** and end early after sqlite3_interrupt().
** ERRORS. "table movies: ...", through zErrMsg.
*/
#ifndef RS_EXT_COLLECTION_COLLECTION_H
#define RS_EXT_COLLECTION_COLLECTION_H
#include "ext/base/connection.h"

int rs_collection_register(struct rs_conn *c); /* schema.c: the module */
int rs_analyze_register(struct rs_conn *c);    /* rockset_analyze */
int rs_refresh_register(struct rs_conn *c);    /* rockset_refresh */
int rs_explain_register(struct rs_conn *c);    /* rockset_explain */

/* A relation or query lambda that was built. */
struct rs_built {
  const char *workspace, *name;
};
/* After a run: refreshes every table over one of these n, if its columns are other ones now. What
** can't be done (the file is locked, or read-only) is left to the error of the table's next use.
** main: where main's tables are read and written, maybe on a connection of its own. */
void rs_refresh_built(struct rs_conn *c, sqlite3 *main, const struct rs_built *built, size_t n);
#endif
