/*
** What a person is to know though nothing failed.
**
** Threads: the connection's. Errors: none; a warning that can't be written is dropped.
*/
#ifndef RS_EXT_BASE_WARN_H
#define RS_EXT_BASE_WARN_H
#include "connection.h"

/* Says it in SQLite's log and, as an entry of `target` (NULL: none) about `sql`, in rockset_log;
** at a terminal on stderr, too. rows: of the entry, -1 unknown. */
void rs_conn_warn(struct rs_conn *c, const struct rs_target *target, const char *sql, int64_t rows,
                  const char *text);
#endif
