/*
** The gate that every function and table of ours goes through, before it does anything.
**
** gate.c holds the one table of what each of them does, and registers them; a name that is not in
** the table can't be registered. The gate refuses (RS_FORBIDDEN unless said, with the way out)
**   - after rockset_lockdown(), what its level forbids;
**   - on a connection that only reads, what changes something outside of SQLite;
**   - while a statement that writes runs, what writes to tables of SQLite (RS_BUSY);
**   - in a statement on a file with a table or an index whose text calls one of our functions, all
**     functions, since it may be that text that calls (schema_scan.c).
** Reading a user's own virtual table costs two comparisons.
*/
#ifndef RS_EXT_BASE_GATE_H
#define RS_EXT_BASE_GATE_H
#include "connection.h"

/* What a function or table does beyond reading SQLite and this connection's own state. */
enum rs_does {
  RS_READS_TARGET = 1, /* sends queries */
  RS_WRITES_TARGET = 2,
  RS_FILES = 4, /* reads or writes files */
  RS_WRITES_SQLITE = 8,
  RS_CHOOSES = 16,  /* where this connection works */
  RS_SETS = 32,     /* with arguments: changes this connection's settings */
  RS_TRUSTS = 64,   /* with arguments: lifts what keeps the file harmless */
  RS_OWN = 128,     /* is the user's own virtual table, not a function that looks like one */
  RS_HARMLESS = 256 /* may be used in views, triggers and CHECKs of any file */
};

#define RS_LOCKDOWN_MAX 2

/* Of one connection (rs_conn_gate). */
struct rs_gate {
  int lockdown;  /* rockset_lockdown(): 0, 1 or 2; never falls */
  char *seen;    /* the schemas that were looked at, by their versions; NULL: none yet */
  char *finding; /* the table or index there that calls a function of ours; NULL: none does */
};

/* Reads ROCKSET_LOCKDOWN. RS_INVALID when it is no level. */
enum rs_code rs_gate_init(struct rs_gate *g, struct rs_error *e);
void rs_gate_free(struct rs_gate *g);

/* schema_scan.c */

/* RS_FORBIDDEN "<what>: ..." when a table or an index of a schema that statements of this
** connection work on calls a function of ours. Schemas that did not change are not read again. */
enum rs_code rs_schema_check(struct rs_conn *c, const char *what, struct rs_error *e);
/* Is the only statement that runs a SELECT that reads no table, view or function as one? Then
** nothing that is stored in a file can be what calls us. */
bool rs_schema_is_idle(struct rs_conn *c);
/* Is this the name of one of our functions or tables? In any case; gate.c. */
bool rs_gate_knows(const char *name, size_t n);
#endif
