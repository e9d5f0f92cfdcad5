/*
** Asking the engine anew what a virtual table shows.
**
**   SELECT rockset_refresh('movies')            'temp.movies', 'other.movies', '"a db"."a.b"'
**
** The column list in "<table>_rockset" is written anew, and the schema's cookie moves on: every
** connection, of other processes too, reads the schema again before its next statement and
** connects the table with the new columns. The arguments of CREATE stay as they are.
**
** Threads: the connection's own. Blocking: the engine is asked.
*/
#ifndef RS_EXT_COLLECTION_REFRESH_H
#define RS_EXT_COLLECTION_REFRESH_H
#include "vtab.h"

/* `name` as it is written. *changed: how many columns came, went, or have another type, place or
** name. */
enum rs_code rs_refresh_table(struct rs_conn *conn, const char *name, int *changed,
                              struct rs_error *e);

/* After a run: refreshes every table over a relation that one of the results built, if its columns
** are other ones now. What can't be done (the file is locked, or read-only) is left to the error of
** the table's next use. */
struct rs_side;
struct rs_result;
void rs_refresh_built(struct rs_conn *conn, const struct rs_side *side,
                      const struct rs_result *results, size_t n);
#endif
