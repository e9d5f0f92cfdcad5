/*
** rockset_ext: the public C interface, for programs that link librockset_ext.a statically.
**
**   sqlite3_auto_extension((void (*)(void))sqlite3_rocksetext_init);   every connection from now on
**   sqlite3_rocksetext_init(db, &zErr, NULL);                          this connection
**
** Programs that load the shared object need nothing of this: `.load rockset_ext`, or
** sqlite3_load_extension(db, "rockset_ext", NULL, &zErr).
**
** Everything else is SQL: docs/functions.md.
*/
#ifndef ROCKSET_EXT_H
#define ROCKSET_EXT_H

#include <sqlite3.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ROCKSET_EXT_VERSION "0.1.0"

struct sqlite3_api_routines;

/*
** Registers the functions, modules and temp tables on one connection. Touches no network, no file
** and no engine. Returns an SQLite result code; on failure *pzErrMsg is text for sqlite3_free().
** pApi is NULL in a statically linked program.
*/
int sqlite3_rocksetext_init(sqlite3 *db, char **pzErrMsg, const struct sqlite3_api_routines *pApi);

#ifdef __cplusplus
}
#endif
#endif
