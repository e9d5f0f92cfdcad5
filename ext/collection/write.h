/*
** Internal header of writing through the module `rockset`: what its files share.
**
**   value.c    values on their way to a column
**   number.c   numbers of many digits among them
**   write.c    xUpdate, xBegin ... xRollbackTo
**   lookup.c   what a write asks the engine: keys that exist, rows
**   overlay.c  queued rows in the scans of their transaction
**   ext/write/session.c       the tables that one SQLite connection writes to; xSync
**   ext/write/early.c         rows that go to the engine before COMMIT
**
** HOW IT WORKS. xUpdate queues changes (src/writes/writes.h); what is sent before COMMIT
** (ext/write/early.c) is in a transaction of the engine that nobody sees, and may be dropped.
** SQLite calls xSync of every table that took part, then commits its own file, then xCommit, whose
** errors it ignores. The last of our tables to be synced sends the queues of all, in one
** transaction where the engine has them. A COMMIT that finds the file busy has called xSync
** already, and calls it again when it is repeated: what was sent is out of the queues by then.
** When ROLLBACK follows instead, the rows that were sent stay; the log (rockset_log, sqlite3_log)
** says so.
**
** A queue belongs to a table of the connection by its name, not to a struct collection: SQLite may
** connect a table anew in the middle of a transaction.
*/
#ifndef RS_EXT_COLLECTION_WRITE_H
#define RS_EXT_COLLECTION_WRITE_H
#include "vtab.h"
#include "src/writes/writes.h"

/* ---- value.c ---------------------------------------------------------------------- */

/* *out borrows from v or the arena. RS_INVALID: it does not fit the column. */
enum rs_code rs_collection_convert(const struct collection_column *col, sqlite3_value *v,
                                   struct rs_arena *a, struct rs_value *out, struct rs_error *e);

/* ---- number.c --------------------------------------------------------------------- */

/* The number of a text, as a column gives it that is a decimal or holds more digits than SQLite's
** numbers. RS_INVALID: it does not fit; *why says how, e nothing. */
enum rs_code rs_collection_number(const char *native, const char *p, size_t n, struct rs_arena *a,
                                  struct rs_value *out, const char **why, struct rs_error *e);

/* ---- ext/write/session.c --------------------------------------------------------------------- */

/* A table with rows that are queued or were sent in this transaction. */
struct write_table {
  struct write_table *next;
  struct rs_arena arena;            /* texts and arrays below */
  const char *schema, *table;       /* in SQLite */
  const char *named;                /* its target, NULL: the session's own */
  const char *workspace, *relation; /* in the target */
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

/* Rows that are sent before COMMIT: of one table at most, and only once in a transaction. */
struct write_early {
  struct write_table *table; /* NULL: none are */
  struct rs_conn *conn;
  struct rs_session *session; /* in the transaction that COMMIT will end */
  struct rs_early *rows;
  int64_t given; /* the first rows of the queue */
  bool off;      /* no more in this transaction */
};

/* All that one SQLite connection writes in its transaction. */
struct rs_writer {
  struct rs_conn *conn;
  unsigned round; /* of xSync: a COMMIT that fails may call it again */
  int joined, synced;
  struct write_table *tables;
  struct write_early early;
};

/* The table's queue, NULL: it has none in this transaction. */
struct write_table *rs_write_find(const struct collection *c);
/* Its target: rs_conn_session_at. */
struct rs_where rs_write_where(const struct write_table *w);
/* The same, made when there is none. RS_BUSY: another table writes to the same relation. */
enum rs_code rs_write_table(struct collection *c, struct write_table **pw, struct rs_error *e);
/* The table takes part in SQLite's transaction, and does no more. */
void rs_write_join(struct collection *c);
void rs_write_leave(struct collection *c, bool rolled_back);
/* Tells what a rollback leaves in the target. w may be NULL. */
void rs_write_stays(struct collection *c, struct write_table *w);
/* xSync: sends when it is the last one's. */
enum rs_code rs_write_sync(struct collection *c, struct rs_error *e);
/* Reading c now would miss rows that are queued elsewhere: RS_BUSY, `COMMIT first`. */
enum rs_code rs_write_check_read(struct collection *c, struct rs_error *e);

/* ---- ext/write/early.c ----------------------------------------------------------------------- */

/* The queue has a new change: begins to send rows, or goes on, when there are enough; gives up when
** they are not only new rows any more. Waits for nothing, and tells no error: COMMIT will. */
void rs_write_early(struct collection *c, struct write_table *w);
/* A savepoint is about to take rows of w back: gives up when some of them were sent. */
void rs_write_early_rewind(struct collection *c, const struct write_table *w, int level);
/* COMMIT, when writer->early.table is not NULL: sends the rest of that table and waits until all is
** in the relation, w->written rows; the session is in its transaction still, and free for other
** tables. After any error: rs_write_early_drop, and all is sent anew. */
enum rs_code rs_write_early_finish(struct rs_writer *writer, struct rs_error *e);
/* After the engine's COMMIT. */
void rs_write_early_done(struct rs_writer *writer);
/* Rolls back what was sent, if anything. */
void rs_write_early_drop(struct rs_writer *writer);

/* ---- ext/write/drift.c ----------------------------------------------------------------------- */

/* Writing w's rows, or asking for what they need, failed: when a column is gone or has another type
** the error says that, and the way out. The session is in no transaction. */
void rs_write_explain(struct rs_conn *conn, struct rs_session *s, const struct write_table *w,
                      struct rs_error *e);

/* Before a row gets another key, and is written anew: RS_INVALID when the relation has columns that
** the table does not know. Asks once in a transaction. */
enum rs_code rs_write_knows_all(struct collection *c, struct write_table *w, struct rs_error *e);

/* ---- lookup.c --------------------------------------------------------------------- */

/* Does the target hold a row of that key? Asks key by key at first, then reads all keys once. When
** there are too many of them: false, and COMMIT will tell. */
enum rs_code rs_write_exists(struct collection *c, struct write_table *w,
                             const struct rs_value *key, bool *exists, struct rs_error *e);
/* Gives fn every row of the target that has one of the keys (all columns, in order). */
typedef enum rs_code (*rs_write_row_fn)(void *ctx, const struct rs_value *row, struct rs_error *e);
enum rs_code rs_write_fetch(struct collection *c, struct write_table *w,
                            const struct rs_value *keys, size_t n, rs_write_row_fn fn, void *ctx,
                            struct rs_error *e);
/* Reads the other columns of rows that are patched, so that queued rows are whole. */
enum rs_code rs_write_complete(struct collection *c, struct write_table *w, struct rs_error *e);

/* ---- write.c ---------------------------------------------------------------------- */

int rs_collection_update(sqlite3_vtab *pVtab, int argc, sqlite3_value **argv,
                         sqlite3_int64 *pRowid);
int rs_collection_begin(sqlite3_vtab *pVtab);
int rs_collection_sync(sqlite3_vtab *pVtab);
int rs_collection_commit(sqlite3_vtab *pVtab);
int rs_collection_rollback(sqlite3_vtab *pVtab);
int rs_collection_savepoint(sqlite3_vtab *pVtab, int level);
int rs_collection_release(sqlite3_vtab *pVtab, int level);
int rs_collection_rollback_to(sqlite3_vtab *pVtab, int level);

/* ---- overlay.c -------------------------------------------------------------------- */

/*
** A scan of a table that has queued changes: the engine's rows without those whose key is queued,
** and the queued rows that pass the plan's terms, in the plan's order. The engine is asked without
** count, LIMIT and OFFSET; they are applied here.
*/
struct overlay;
/* Fills `scan`, which the caller sends with the values of `values`. RS_OK with *po NULL: nothing is
** queued. bounds as in rs_scan_values. Returns owned (rs_overlay_free). */
enum rs_code rs_overlay_new(struct collection *c, const struct collection_plan *plan,
                            struct rs_scan *scan, struct rs_scan_values *values,
                            struct overlay **po, struct rs_error *e);
void rs_overlay_free(struct overlay *o);
/* Steps; r: the engine's rows. RS_DONE at the end. */
enum rs_code rs_overlay_next(struct overlay *o, struct rs_rows *r, struct rs_error *e);
/* A data column of the current row. */
void rs_overlay_get(struct overlay *o, struct rs_rows *r, int column, struct rs_value *out);
/* Is that column known of the current row? */
bool rs_overlay_has(const struct overlay *o, int column);
#endif
