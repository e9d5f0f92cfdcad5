/*
** Rows of an INSERT that go to the engine while SQLite still makes them (write.c):
** the complete blocks of one table's queue, in the transaction that COMMIT will end.
**
** The queue keeps all of them until COMMIT, so that this may be given up at any time: what reads
** the queue doesn't notice, and COMMIT then sends everything as if this had never been.
*/
#include "internal.h"

#include "src/engine/changes.h"
#include "src/arrow/abi.h"

static struct write_bulk *bulk_of(struct rs_conn *c)
{
  struct rs_writer *writer = rs_conn_writer(c);
  return writer ? &writer->bulk : NULL;
}

static void give_up(struct write_bulk *y)
{
  rs_bulk_close(y->rows);
  if (y->session) rs_conn_done(y->conn, y->session);
  *y = (struct write_bulk){.off = true};
}

void rs_write_bulk_drop(struct rs_writer *writer)
{
  if (writer && writer->bulk.table) give_up(&writer->bulk);
}

void rs_write_bulk_rewind(struct rs_conn *c, const struct write_table *w, int level)
{
  struct write_bulk *y = bulk_of(c);
  if (y && y->table == w && rs_queue_count_at(w->queue, level) < (size_t)y->given) give_up(y);
}

/* ---- while rows come ------------------------------------------------------------------------- */

static enum rs_code begin_sending(struct write_bulk *y, struct rs_conn *conn, struct write_table *w)
{
  const struct rs_relation rel = {.workspace = w->workspace, .name = w->relation};
  const struct rs_changes changes = {
    .names = w->names, .types = w->types, .n = w->n, .key = w->key};
  const struct rs_where at = rs_write_where(w);
  struct rs_session *s = NULL;
  // whether the table may reach it was asked before its rows were queued
  enum rs_code rc = rs_conn_session_at(conn, &at, false, &s, NULL);
  if (rc != RS_OK) return rc;
  rc = rs_bulk_begin(s, &rel, &changes, &y->rows, NULL);
  if (rc != RS_OK) {
    rs_conn_done(conn, s);
    return rc;
  }
  y->conn = conn;
  y->session = s;
  y->table = w;
  y->given = 0;
  rs_queue_start(w->sender);
  return RS_OK;
}

/* There was room for it. RS_DONE: there is none any more. */
static enum rs_code give_array(struct write_bulk *y, struct ArrowArray *array)
{
  const int64_t rows = array->length;
  enum rs_code rc = rs_bulk_give(y->rows, array, false, NULL);
  if (rc == RS_OK) y->given += rows;
  else array->release(array);
  return rc;
}

/* Gives arrays as long as there is room. RS_BUSY: there is none; RS_DONE: no block is complete. */
static enum rs_code give_arrays(struct write_bulk *y)
{
  enum rs_code rc = rs_bulk_give(y->rows, NULL, false, NULL);
  if (rc == RS_DONE) return RS_CANCELLED;
  while (rc == RS_OK) {
    struct ArrowArray array = {0};
    rc = rs_queue_next_complete(y->table->sender, &array, NULL);
    if (rc == RS_OK) rc = give_array(y, &array);
    if (rc == RS_OK) rc = rs_bulk_give(y->rows, NULL, false, NULL);
  }
  return rc;
}

void rs_write_bulk(struct rs_conn *c, struct write_table *w)
{
  struct write_bulk *y = bulk_of(c);
  if (!y || y->off || (y->table && y->table != w)) return;
  if (y->table && !rs_queue_is_by_column(w->queue)) { // a row that is there has changed, or is gone
    give_up(y);
    return;
  }
  if (!y->table) {
    if (!rs_queue_is_by_column(w->queue) || rs_queue_complete(w->queue) == 0) return;
    y->off = begin_sending(y, c, w) != RS_OK;
    if (y->off) return;
  }
  enum rs_code rc = give_arrays(y);
  if (rc != RS_OK && rc != RS_BUSY && rc != RS_DONE) give_up(y);
}

/* ---- at COMMIT ------------------------------------------------------------------------------- */

enum rs_code rs_write_bulk_finish(struct rs_writer *writer, struct rs_error *e)
{
  struct write_bulk *y = &writer->bulk;
  struct write_table *w = y->table;
  enum rs_code rc;
  while ((rc = rs_bulk_give(y->rows, NULL, true, e)) == RS_OK) {
    struct ArrowArray array = {0};
    rc = rs_queue_next_array(w->sender, &array, e);
    if (rc == RS_OK) rc = give_array(y, &array);
    if (rc != RS_OK) break;
  }
  // when it was over before its rows were, its end tells why
  if (rc == RS_DONE) rc = rs_bulk_end(y->rows, (int64_t)rs_queue_count(w->queue), w->checked, e);
  if (rc == RS_OK) w->written = y->given;
  return rc;
}

void rs_write_bulk_done(struct rs_writer *writer)
{
  struct write_bulk *y = &writer->bulk;
  rs_bulk_close(y->rows);
  rs_conn_done(y->conn, y->session);
  *y = (struct write_bulk){.off = true};
}
