/*
** What the files of ext/write share: all that a connection writes, and rows sent before COMMIT.
*/
#ifndef RS_EXT_WRITE_INTERNAL_H
#define RS_EXT_WRITE_INTERNAL_H
#include "write.h"

/* Rows that are sent before COMMIT: of one table at most, and only once in a transaction. */
struct write_bulk {
  struct write_table *table; /* NULL: none are */
  struct rs_conn *conn;
  struct rs_session *session; /* in the transaction that COMMIT will end */
  struct rs_bulk *rows;
  int64_t given; /* the first rows of the queue */
  bool off;      /* no more in this transaction */
};

/* All that one SQLite connection writes in its transaction. */
struct rs_writer {
  struct rs_conn *conn;
  unsigned round; /* of xSync: a COMMIT that fails may call it again */
  int joined, synced;
  struct write_table *tables;
  struct write_bulk bulk;
};

/* ---- bulk.c ---------------------------------------------------------------------------------- */

/* COMMIT, when writer->bulk.table is not NULL: sends the rest of that table and waits until all is
** in the relation, w->written rows; the session is in its transaction still, and free for other
** tables. After any error: rs_write_bulk_drop, and all is sent anew. */
enum rs_code rs_write_bulk_finish(struct rs_writer *writer, struct rs_error *e);
/* After the engine's COMMIT. */
void rs_write_bulk_done(struct rs_writer *writer);
/* Rolls back what was sent, if anything. */
void rs_write_bulk_drop(struct rs_writer *writer);
#endif
