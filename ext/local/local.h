/*
** Tables of this connection's own database in statements for the target: `sqlite.orders`,
** `sqlite.aux.orders` (docs/local-tables.md).
**
** Before a statement is sent, the tables that it names are sent, as the connection sees them, and
** the names in the text become those of the copies. A copy is used again as long as nothing can
** have changed; any doubt sends the rows again.
**
** FILES. localize.c: one statement, and what it names; table.c: a table, its columns, the state
** that it is in; send.c: its rows; copies.c: which copies there are; misspelt.c: which column was
** meant.
** CALLERS. The connection calls localize for its sessions (rs_conn_set_local); a run of models does
** for those of its workers, on the connection's thread.
** MEMORY. Rows stream; what they come to lies in the engine.
** THREADS. The connection's own. Blocks while rows are sent.
*/
#ifndef RS_EXT_LOCAL_LOCAL_H
#define RS_EXT_LOCAL_LOCAL_H
#include "ext/base/connection.h"

/* What the hook of a session does (struct rs_interrupt). `stored`: the schema whose text the
** statement is, of which it may name plain tables and views only; NULL: it was typed. */
enum rs_code rs_local_localize(struct rs_conn *c, struct rs_session *s, const char *stored,
                               const char *sql, struct rs_buf *out, struct rs_error *e);
/* "sqlite", or what rockset_local() chose. Borrowed until it chooses again. */
const char *rs_local_prefix(struct rs_conn *c);
int rs_local_register(struct rs_conn *c); /* functions.c: rockset_local */
#endif
