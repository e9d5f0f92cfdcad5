/*
** The tables of sql/schema.sql in a database file: made, migrated, checked (rockset_init).
**
** Threads: the connection's own. No engine is reached.
*/
#ifndef RS_EXT_BASE_TABLES_H
#define RS_EXT_BASE_TABLES_H
#include "connection.h"

#ifndef RS_SCHEMA_VERSION   /* a test builds the extension of the next version */
#define RS_SCHEMA_VERSION 4 /* of sql/schema.sql; migrate-N.sql makes N out of N-1 */
#endif

/* rockset_init(schema): creates or migrates in one savepoint. *what: "created", "is up to date"
** ..., static. */
enum rs_code rs_tables_init(struct rs_conn *c, const char *schema, const char **what,
                            struct rs_error *e);
/* The tables are there, of this version. */
enum rs_code rs_tables_check(sqlite3 *db, struct rs_error *e);
#endif
