/*
** What one SQLite connection writes in its transaction, and sending it (write.h).
**
** THE WAY OF AN UPDATE
**
**   UPDATE movies SET n = n + 1 WHERE id = 7;
**
**   1. SQLite reads the row by a scan of the table (ext/collection/scan.c), which shows the rows
**      that are queued instead of the engine's (overlay.c), and calls xUpdate:
**      rs_collection_update in ext/collection/update.c. Columns that do not change are marked, and
**      go no further.
**   2. The first change of a table in the transaction opens it: update.c asks the target whether
**      the relation takes rows, and rs_write_add, below, makes its queue (src/writes/writes.h).
**   3. update.c turns the values into the column's own types (value.c, number.c) and merges the
**      change with what is queued for the key: the latest stands for all before. What it must know
**      of the target for that (is there such a key, the row's other columns) lookup.c asks, in few
**      requests. rs_queue_add keeps the change. Nothing has been sent.
**   4. COMMIT calls xSync of every table that took part, then commits SQLite's own file, then calls
**      xCommit, whose errors it ignores. So xSync of the last one sends all: rs_write_sync, below.
**      For each target send_to takes a session and begins one transaction under the locks of the
**      relations; send_table gives each queue to rs_session_apply (src/engine), whose SQL engines
**      stage the rows and take them from there, deletes first (src/engine/sql/changes.c); then it
**      commits. An engine without transactions gets one table after the other.
**   5. What was sent is out of its queue (is_sent): a COMMIT that finds SQLite's file busy is
**      repeated, and calls xSync again. When ROLLBACK follows instead, these rows stay in the
**      target: rs_write_stays says so in the log (rockset_log, sqlite3_log).
**   6. xCommit or xRollback: rs_write_leave. The last table to leave frees all queues.
**
** ROLLBACK TO a savepoint cuts the queues (rs_collection_rollback_to). INSERT and DELETE go the
** same way; blocks of many new rows may be sent before COMMIT, into the transaction that COMMIT
** ends (bulk.c). An error about a column that is gone, or has another type, is put in words by
** drift.c.
*/
#include "ext/base/warn.h"
#include "src/engine/changes.h"
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"

#include <string.h>

#define QUEUE_MEMORY ((size_t)16 << 20) /* of a table's queued rows; more lie in a file */

/* ---- tables ---------------------------------------------------------------------------------- */

static enum rs_code queue_new(struct write_table *w, struct rs_error *e)
{
  enum rs_code rc = rs_queue_new(w->n, w->key, QUEUE_MEMORY, &w->queue, e);
  if (rc == RS_OK) rc = rs_queue_by_column(w->queue, w->types, e);
  if (rc == RS_OK) rc = rs_queue_reader_new(w->queue, &w->reader, e);
  if (rc == RS_OK) rc = rs_queue_reader_new(w->queue, &w->sender, e);
  return rc;
}

/* Scans that are under way may go on with it. */
static void queue_drop(struct write_table *w)
{
  rs_queue_reader_free(w->reader);
  rs_queue_reader_free(w->sender);
  rs_queue_free(w->queue);
  w->reader = w->sender = NULL;
  w->queue = NULL;
}

static void table_free(struct write_table *w)
{
  queue_drop(w);
  rs_free(w->keys);
  rs_arena_free(&w->row_arena);
  rs_arena_free(&w->arena);
  rs_free(w);
}

/* rolled_back: scans that are under way must not show the rows any more. */
static void drop_tables(struct rs_writer *writer, bool rolled_back)
{
  rs_write_bulk_drop(writer);
  while (writer->tables) {
    struct write_table *w = writer->tables;
    writer->tables = w->next;
    if (rolled_back && w->queue) rs_queue_clear(w->queue);
    table_free(w);
  }
}

/* With the connection. */
static void free_writer(struct rs_writer *writer)
{
  drop_tables(writer, true);
  rs_free(writer);
}

struct write_table *rs_write_find(struct rs_conn *c, const char *schema, const char *table)
{
  struct rs_writer *writer = rs_conn_writer(c);
  for (struct write_table *w = writer ? writer->tables : NULL; w; w = w->next) {
    if (sqlite3_stricmp(w->schema, schema) == 0 && sqlite3_stricmp(w->table, table) == 0) return w;
  }
  return NULL;
}

struct rs_where rs_write_where(const struct write_table *w)
{
  return (struct rs_where){.named = w->named, .schema = w->schema};
}

static bool copy_columns(struct write_table *w, const struct rs_write_spec *spec)
{
  w->n = spec->n;
  w->key = spec->key;
  w->event_time = -1;
  w->names = rs_arena_calloc(&w->arena, (w->n + 1) * sizeof *w->names);
  w->types = rs_arena_calloc(&w->arena, (w->n + 1) * sizeof *w->types);
  w->row = rs_arena_calloc(&w->arena, (w->n + 1) * sizeof *w->row);
  w->mask = rs_arena_calloc(&w->arena, (w->n + 1) * sizeof *w->mask);
  if (!w->names || !w->types || !w->row || !w->mask) return false;
  for (size_t i = 0; i < w->n; i++) {
    w->names[i] = rs_arena_strdup(&w->arena, spec->names[i]);
    w->types[i] = spec->types[i];
    if (!w->names[i]) return false;
    if (rs_eq(w->names[i], "_event_time")) w->event_time = (int)i;
  }
  return true;
}

static enum rs_code table_new(const struct rs_write_spec *spec, struct write_table **pw,
                              struct rs_error *e)
{
  struct write_table *w = rs_calloc(1, sizeof *w);
  if (!w) return rs_nomem(e);
  rs_arena_init(&w->arena, 0);
  rs_arena_init(&w->row_arena, 0);
  w->schema = rs_arena_strdup(&w->arena, spec->schema);
  w->table = rs_arena_strdup(&w->arena, spec->table);
  w->workspace = rs_arena_strdup(&w->arena, spec->workspace);
  w->relation = rs_arena_strdup(&w->arena, spec->relation);
  w->way_out = rs_arena_strdup(&w->arena, spec->way_out);
  if (spec->named) w->named = rs_arena_strdup(&w->arena, spec->named);
  bool ok = w->schema && w->table && w->workspace && w->relation && w->way_out &&
            (w->named || !spec->named) && copy_columns(w, spec);
  enum rs_code rc = ok ? queue_new(w, e) : rs_nomem(e);
  if (rc == RS_OK) *pw = w;
  else table_free(w);
  return rc;
}

enum rs_code rs_write_add(struct rs_conn *c, const struct rs_write_spec *spec,
                          struct write_table **pw, struct rs_error *e)
{
  struct rs_writer *writer = rs_conn_writer(c);
  struct write_table *w = *pw = rs_write_find(c, spec->schema, spec->table);
  const struct rs_where at = {.named = spec->named, .schema = spec->schema};
  if (w && w->queue) return RS_OK;
  if (w) { // a COMMIT sent it, and was refused by SQLite
    enum rs_code made = queue_new(w, e);
    if (made != RS_OK) queue_drop(w);
    return made;
  }
  if (!writer) return rs_fail(e, RS_INTERNAL, "a row is written outside a transaction");
  enum rs_code rc = rs_write_check(c, &at, spec->workspace, spec->relation, e);
  if (rc == RS_OK) rc = table_new(spec, &w, e);
  if (rc != RS_OK) return rc;
  w->next = writer->tables;
  writer->tables = w;
  *pw = w;
  return RS_OK;
}

/* ---- what is queued -------------------------------------------------------------------------- */

static const struct write_table *any_queued(const struct rs_writer *writer)
{
  const struct write_table *w = writer ? writer->tables : NULL;
  while (w && rs_queue_count(w->queue) == 0) w = w->next;
  return w;
}

static const char *queued_table(const struct rs_writer *writer)
{
  const struct write_table *w = any_queued(writer);
  return w ? w->table : NULL;
}

const struct write_table *rs_write_any(struct rs_conn *c)
{
  return any_queued(rs_conn_writer(c));
}

enum rs_code rs_write_refuse(const struct write_table *w, struct rs_error *e)
{
  return rs_fail(e, RS_BUSY,
                 "rows of %s.%s are queued by this transaction through table \"%s\", and only that "
                 "table shows them: COMMIT first",
                 w->workspace, w->relation, w->table);
}

/* Has the table rows to send to that target? */
static bool is_queued_for(struct rs_conn *c, const struct write_table *w, const struct rs_where *at)
{
  const struct rs_where own = rs_write_where(w);
  return rs_queue_count(w->queue) > 0 && rs_conn_same_where(c, &own, at);
}

enum rs_code rs_write_check(struct rs_conn *c, const struct rs_where *at, const char *workspace,
                            const char *relation, struct rs_error *e)
{
  const struct rs_writer *writer = rs_conn_writer(c);
  for (const struct write_table *w = writer ? writer->tables : NULL; w; w = w->next) {
    if (rs_casecmp(w->workspace, workspace) == 0 && rs_casecmp(w->relation, relation) == 0 &&
        is_queued_for(c, w, at))
      return rs_write_refuse(w, e);
  }
  return RS_OK;
}

/* ---- taking part ----------------------------------------------------------------------------- */

static const struct rs_writer_calls writer_calls = {
  .drop = free_writer, .queued = queued_table, .yield = rs_write_bulk_drop};

void rs_write_join(struct rs_conn *c, struct rs_write_part *part)
{
  struct rs_writer *writer = rs_conn_writer(c);
  if (part->joined) return;
  if (!writer) {
    writer = rs_calloc(1, sizeof *writer);
    if (!writer) return; // rs_write_add says so
    writer->conn = c;
    rs_conn_set_writer(c, writer, &writer_calls);
  }
  if (writer->joined == 0) writer->round++;
  writer->joined++;
  part->joined = true;
}

void rs_write_stays(struct rs_conn *c, struct write_table *w)
{
  char text[400];
  struct rs_target *target;
  if (!w || w->sent == 0) return;
  sqlite3_snprintf(sizeof text, text,
                   "table %s: the transaction was rolled back after %lld change%s of %s.%s had "
                   "been committed in the target: they stay there",
                   w->table, (long long)w->sent, w->sent == 1 ? "" : "s", w->workspace,
                   w->relation);
  const struct rs_where at = rs_write_where(w);
  if (rs_conn_target_at(c, &at, false, &target, NULL) != RS_OK) target = NULL;
  rs_conn_warn(c, target, "ROLLBACK", w->sent, text);
  w->sent = 0;
}

void rs_write_leave(struct rs_conn *c, struct rs_write_part *part, bool rolled_back)
{
  struct rs_writer *writer = rs_conn_writer(c);
  if (!part->joined || !writer) return;
  rs_conn_touch(c);
  *part = (struct rs_write_part){0};
  writer->joined--;
  if (writer->joined > 0) return;
  writer->synced = 0;
  drop_tables(writer, rolled_back);
  writer->bulk = (struct write_bulk){0};
}

/* ---- sending --------------------------------------------------------------------------------- */

static void source_rewind(void *ctx)
{
  rs_queue_start(((struct write_table *)ctx)->sender);
}

static enum rs_code source_next(void *ctx, struct rs_change *out, struct rs_error *e)
{
  return rs_queue_next(((struct write_table *)ctx)->sender, out, NULL, e);
}

static enum rs_code source_next_array(void *ctx, struct ArrowArray *out, struct rs_error *e)
{
  return rs_queue_next_array(((struct write_table *)ctx)->sender, out, e);
}

/* How rows are sent (struct rs_changes). */
struct sending {
  bool refused, by_insert;
  const struct write_table *failed;
};

static enum rs_code send_table(struct rs_session *s, struct write_table *w, struct sending *how,
                               int64_t *written, struct rs_error *e)
{
  const struct rs_relation rel = {.workspace = w->workspace, .name = w->relation};
  const bool by_column = rs_queue_is_by_column(w->queue);
  const struct rs_changes changes = {.names = w->names,
                                     .types = w->types,
                                     .n = w->n,
                                     .key = w->key,
                                     .fresh = w->checked ? 0 : (int64_t)rs_queue_count(w->queue),
                                     .adds = by_column ? (int64_t)rs_queue_count(w->queue) : 0,
                                     .rewind = source_rewind,
                                     .next = source_next,
                                     .next_array = by_column ? source_next_array : NULL,
                                     .ctx = w,
                                     .refused = &how->refused,
                                     .by_insert = how->by_insert};
  enum rs_code rc = rs_session_apply(s, &rel, &changes, written, e);
  how->failed = rc != RS_OK ? w : NULL;
  if (rc != RS_OK) rs_error_prefix(e, "table %s", w->table);
  return rc;
}

static void is_sent(struct write_table *w, int64_t written)
{
  w->sent += written;
  queue_drop(w);
}

/* In the session's transaction, all queues but the one that is there already, and COMMIT. */
static enum rs_code send_rest(struct rs_session *s, struct rs_writer *writer,
                              const struct rs_where *at, const struct write_table *there,
                              struct sending *how, struct rs_error *e)
{
  struct write_table *w;
  enum rs_code rc = RS_OK;
  for (w = writer->tables; w && rc == RS_OK; w = w->next) {
    if (w == there) continue;
    w->written = 0;
    if (is_queued_for(writer->conn, w, at)) rc = send_table(s, w, how, &w->written, e);
  }
  if (rc == RS_OK) rc = rs_session_end(s, true, e);
  else (void)rs_session_end(s, false, NULL);
  for (w = writer->tables; w && rc == RS_OK; w = w->next) {
    if (is_queued_for(writer->conn, w, at)) is_sent(w, w->written);
  }
  return rc;
}

static enum rs_code lock_all(struct rs_session *s, struct rs_writer *writer,
                             const struct rs_where *at, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (struct write_table *w = writer->tables; w && rc == RS_OK; w = w->next) {
    const struct rs_relation rel = {.workspace = w->workspace, .name = w->relation};
    w->lock = NULL;
    if (!is_queued_for(writer->conn, w, at)) continue;
    rc = rs_session_lock(s, &rel, &w->lock, e);
    if (rc != RS_OK) rs_error_prefix(e, "table %s", w->table);
  }
  return rc;
}

static void unlock_all(struct rs_writer *writer)
{
  for (struct write_table *w = writer->tables; w; w = w->next) {
    rs_session_unlock(w->lock);
    w->lock = NULL;
  }
}

/* One transaction of the target for all its queues, under the locks of their relations, so that it
** sees all keys that are there. */
static enum rs_code send_together(struct rs_session *s, struct rs_writer *writer,
                                  const struct rs_where *at, struct sending *how,
                                  struct rs_error *e)
{
  enum rs_code rc = lock_all(s, writer, at, e);
  if (rc == RS_OK) rc = rs_session_begin(s, e);
  if (rc == RS_OK) rc = send_rest(s, writer, at, NULL, how, e);
  if (how->refused) { // nothing is there: once more, to learn which constraint it was
    *e = (struct rs_error){0};
    *how = (struct sending){.by_insert = true};
    rc = rs_session_begin(s, e);
    if (rc == RS_OK) rc = send_rest(s, writer, at, NULL, how, e);
  }
  unlock_all(writer);
  return rc;
}

/* The same where a table's first rows were sent before COMMIT. */
static enum rs_code send_after_bulk(struct rs_writer *writer, const struct rs_where *at,
                                    struct rs_error *e)
{
  const struct write_bulk *y = &writer->bulk;
  struct sending how = {.refused = false};
  enum rs_code rc = rs_write_bulk_finish(writer, e);
  if (rc == RS_OK) rc = send_rest(y->session, writer, at, y->table, &how, e);
  if (rc == RS_OK) rs_write_bulk_done(writer);
  else rs_write_bulk_drop(writer);
  return rc;
}

/* Without transactions: what is sent stays, whatever happens to the others. */
static enum rs_code send_one_by_one(struct rs_session *s, struct rs_writer *writer,
                                    const struct rs_where *at, struct sending *how,
                                    struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (struct write_table *w = writer->tables; w && rc == RS_OK; w = w->next) {
    int64_t written = 0;
    if (!is_queued_for(writer->conn, w, at)) continue;
    rc = send_table(s, w, how, &written, e);
    if (rc == RS_OK) is_sent(w, written);
    else w->sent += written;
  }
  return rc;
}

/* The table that failed may be another one by now than the one we know. */
static void explain_failure(struct rs_session *s, const struct write_table *w, struct rs_error *e)
{
  struct rs_error found = {.code = e->code};
  if (w == NULL) return; // it was the transaction
  rs_write_explain(s, w, &found);
  if (found.text[0] == 0) return;
  *e = found;
  rs_error_prefix(e, "table %s", w->table);
}

/* What is queued for one target; several of them have no transaction in common. */
static enum rs_code send_to(struct rs_writer *writer, const struct rs_where *at, struct rs_error *e)
{
  struct rs_session *s = NULL;
  if (writer->bulk.table && is_queued_for(writer->conn, writer->bulk.table, at)) {
    enum rs_code rc = send_after_bulk(writer, at, e);
    // an error that may come from that is none: sent anew, it shows itself
    if (rc == RS_OK || rc == RS_CANCELLED) return rc;
    *e = (struct rs_error){0};
  }
  // whether the table may reach it was asked before its rows were queued
  enum rs_code rc = rs_conn_session_at(writer->conn, at, false, &s, e);
  if (rc != RS_OK) return rc;
  bool together = rs_session_caps(s) & RS_CAP_TRANSACTIONS;
  struct sending how = {.refused = false};
  rc = together ? send_together(s, writer, at, &how, e) : send_one_by_one(s, writer, at, &how, e);
  if (rc != RS_OK) explain_failure(s, how.failed, e);
  rs_conn_done(writer->conn, s);
  return rc;
}

enum rs_code rs_write_sync(struct rs_conn *c, struct rs_write_part *part, struct rs_error *e)
{
  struct rs_writer *writer = rs_conn_writer(c);
  if (!part->joined || !writer) return RS_OK;
  if (part->synced_round != writer->round) {
    part->synced_round = writer->round;
    writer->synced++;
  }
  if (writer->synced < writer->joined) return RS_OK;
  writer->round++;
  writer->synced = 0;
  enum rs_code rc = RS_OK;
  const struct write_table *w;
  while (rc == RS_OK && (w = rs_write_any(c))) {
    const struct rs_where at = rs_write_where(w);
    rc = send_to(writer, &at, e);
  }
  return rc;
}
