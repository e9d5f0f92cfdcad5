/*
** Writing through virtual tables: what one SQLite connection writes in its transaction, from
** xUpdate to the engine's COMMIT. The way of an UPDATE is written down in write.c.
**
** CALLERS. ext/collection only: it knows the table, turns SQLite's values into changes, and says
** what the table is (struct rs_write_spec) when its first row comes.
** MEMORY. A table's queue keeps a bounded part of its rows, the rest lies in a file. All is freed
** when SQLite's transaction ends. Texts of a spec are copied.
** THREADS. The connection's own. rs_write_sync, rs_write_knows_all and rs_write_explain block; the
** others wait for nothing.
** ERRORS. Those of COMMIT open with the table's name; RS_BUSY "... COMMIT first" where rows that
** are queued would be missed.
**
** A queue belongs to a table of the connection by its name: SQLite may connect a table anew in the
** middle of a transaction.
*/
#ifndef RS_EXT_WRITE_WRITE_H
#define RS_EXT_WRITE_WRITE_H
#include "src/base/arena.h"
#include "src/writes/writes.h"
#include "ext/base/connection.h"

/* ---- tables (write.c) ------------------------------------------------------------------------ */

/* A table with rows that are queued or were sent in this transaction. */
struct write_table {
  struct write_table *next;
  struct rs_arena arena;            /* texts and arrays below */
  const char *schema, *table;       /* in SQLite */
  const char *named;                /* its target, NULL: the session's own */
  const char *workspace, *relation; /* in the target */
  const char *way_out;              /* the end of an error about columns that changed */
  const char **names;
  enum rs_type *types;
  size_t n;
  int key;
  struct rs_queue *queue;         /* NULL, and no readers: all was sent */
  struct rs_queue_reader *reader; /* of xUpdate */
  struct rs_queue_reader *sender;
  bool checked;             /* not only rows were added whose keys can't exist */
  bool incomplete;          /* patches may be queued without the row's other columns */
  bool knows_all;           /* the relation has no other columns: it was asked for them */
  int64_t sent;             /* changes that are in the target already */
  int64_t written;          /* while they are sent: of this round */
  struct rs_sql_lock *lock; /* while they are sent: of the relation; or NULL */
  struct rs_value *row;     /* scratch of xUpdate: n values, and what they borrow */
  bool *mask;
  struct rs_arena row_arena;
  int event_time; /* the column _event_time, -1: none */
  /* what is known of the keys in the target: hashes, open addressing */
  uint64_t *keys;
  size_t nkeys, nslots;
  bool keys_known, keys_unknown; /* all are there; there are too many */
  int lookups;
};

/* What a table is to its writes. */
struct rs_write_spec {
  const char *schema, *table; /* in SQLite */
  const char *named;          /* its target, NULL: the session's own */
  const char *workspace, *relation;
  const char *way_out;
  const char *const *names;
  const enum rs_type *types;
  size_t n;
  int key; /* -1: none */
};

/* The table of that name, NULL: it has written nothing in this transaction. */
struct write_table *rs_write_find(struct rs_conn *c, const char *schema, const char *table);
/* Makes one, or gives one that COMMIT has sent a queue again. RS_BUSY: another table writes to the
** same relation. */
enum rs_code rs_write_add(struct rs_conn *c, const struct rs_write_spec *spec,
                          struct write_table **pw, struct rs_error *e);
/* Its target: rs_conn_session_at. */
struct rs_where rs_write_where(const struct write_table *w);

/* Any table with queued rows; NULL: there is none. */
const struct write_table *rs_write_any(struct rs_conn *c);
/* RS_BUSY, `COMMIT first`: reading would miss rows of w. */
enum rs_code rs_write_refuse(const struct write_table *w, struct rs_error *e);
/* The same when a table has rows queued for that relation. */
enum rs_code rs_write_check(struct rs_conn *c, const struct rs_where *at, const char *workspace,
                            const char *relation, struct rs_error *e);

/* ---- the transaction (write.c) --------------------------------------------------------------- */

/* The part of one virtual table in it. */
struct rs_write_part {
  bool joined;
  unsigned synced_round;
};
void rs_write_join(struct rs_conn *c, struct rs_write_part *part);
void rs_write_leave(struct rs_conn *c, struct rs_write_part *part, bool rolled_back);
/* Says what a rollback leaves in the target. w may be NULL. */
void rs_write_stays(struct rs_conn *c, struct write_table *w);
/* xSync: sends when it is the last one's. */
enum rs_code rs_write_sync(struct rs_conn *c, struct rs_write_part *part, struct rs_error *e);

/* ---- bulk.c ---------------------------------------------------------------------------------- */

/* The queue has a new change: begins to send rows, or goes on, when there are enough; gives up when
** they are not only new rows any more. Waits for nothing, and tells no error: COMMIT will. */
void rs_write_bulk(struct rs_conn *c, struct write_table *w);
/* A savepoint is about to take rows of w back: gives up when some of them were sent. */
void rs_write_bulk_rewind(struct rs_conn *c, const struct write_table *w, int level);
/* ---- drift.c --------------------------------------------------------------------------------- */

/* Writing w's rows, or asking for what they need, failed: when a column is gone or has another type
** the error says that, and the way out. The session is in no transaction. */
void rs_write_explain(struct rs_session *s, const struct write_table *w, struct rs_error *e);

/* Before a row gets another key, and is written anew: RS_INVALID when the relation has columns that
** the table does not know. Asks once in a transaction. */
enum rs_code rs_write_knows_all(struct rs_conn *c, struct write_table *w, struct rs_error *e);

#endif
