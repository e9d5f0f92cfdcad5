/*
** Sending the rows of a table (internal.h): read on this thread into blocks, which the engine takes
** in while the next one is read. An engine that has no memory to lend gets them behind the last
** one, from a queue, as a table of a workspace that is made for them.
**
** SQLite's columns have no types, so the first rows say what they hold. A value that a column can't
** take later on ends the sending, and it begins again with a type that holds it, too.
*/
#include <string.h>
#include "src/arrow/arrow.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/value/text.h"
#include "internal.h"

enum {
  PEEK_ROWS = 4096,
  BLOCK_ROWS = 32768,
  BLOCK_BYTES = 16 << 20,
  QUEUE_MEMORY = 16 << 20 /* of the rows that are to be sent; more lie in a file */
};
#define EXACT_INT 9007199254740992LL /* 2^53: up to here a double is exact */

struct sending {
  struct rs_conn *c;
  struct rs_session *s;
  const struct rs_relation *rel;
  struct rs_local_table *t;
  bool more;
  int64_t after; /* rowid; of more */
  sqlite3_stmt *st;
  const char **names;
  enum rs_type *types;
  unsigned *mixes;
  struct rs_value *row;
  struct rs_arrow_builder *builder;
  struct rs_bulk *bulk;
  struct rs_queue *queue; /* instead of builder and bulk */
  struct rs_queue_reader *reader;
  int64_t rows;
  size_t bytes;
};

/* ---- types ----------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *word)
{
  return text != NULL && rs_casecmpn(text, word, strlen(word)) == 0;
}

/* What the values that were seen come to; of none what was declared. As rockset_push has it, but
** that every value keeps its type where no type holds all. */
static enum rs_type type_of(const struct rs_local_column *c)
{
  const char *d = c->decl;
  switch (c->mix) {
    case 0:
      if (begins(d, "INT") || begins(d, "BIGINT")) return RS_T_INT;
      if (begins(d, "REAL") || begins(d, "FLOA") || begins(d, "DOUB") || begins(d, "NUM") ||
          begins(d, "DEC"))
        return RS_T_FLOAT;
      return begins(d, "BLOB") ? RS_T_BYTES : begins(d, "BOOL") ? RS_T_BOOL : RS_T_TEXT;
    case RS_MIX_INT: return begins(d, "BOOL") && c->bits ? RS_T_BOOL : RS_T_INT;
    case RS_MIX_DOUBLE: return RS_T_FLOAT;
    case RS_MIX_INT | RS_MIX_DOUBLE: return c->whole ? RS_T_FLOAT : RS_T_MIXED;
    case RS_MIX_TEXT: return RS_T_TEXT;
    case RS_MIX_BYTES: return RS_T_BYTES;
    default: return RS_T_MIXED;
  }
}

/* Notes what a value is. True: its column takes more than before. */
static bool see_value(struct rs_local_column *c, sqlite3_stmt *st, int i)
{
  const struct rs_local_column old = *c;
  switch (sqlite3_column_type(st, i)) {
    case SQLITE_INTEGER: {
      const sqlite3_int64 v = sqlite3_column_int64(st, i);
      c->mix |= RS_MIX_INT;
      if (v != 0 && v != 1) c->bits = false;
      if (v > EXACT_INT || v < -EXACT_INT) c->whole = false;
      break;
    }
    case SQLITE_FLOAT: c->mix |= RS_MIX_DOUBLE; break;
    case SQLITE_TEXT: c->mix |= RS_MIX_TEXT; break;
    case SQLITE_BLOB: c->mix |= RS_MIX_BYTES; break;
    default: return false;
  }
  return c->mix != old.mix || c->bits != old.bits || c->whole != old.whole;
}

/* Also of a part, whose rows may hold less than the table does, the table's first ones. */
static enum rs_code peek(struct sending *x, struct rs_error *e)
{
  int step = SQLITE_DONE;
  sqlite3_stmt *st;
  enum rs_code rc = rs_local_select(x->t, "", &st, e);
  if (rc != RS_OK) return rc;
  for (int k = 0; k < PEEK_ROWS && (step = sqlite3_step(st)) == SQLITE_ROW; k++)
    for (size_t i = 0; i < x->t->n; i++) (void)see_value(&x->t->columns[i], st, (int)i);
  if (step != SQLITE_ROW && step != SQLITE_DONE) rc = rs_sqlite_error_of(x->t->db, x->t->name, e);
  sqlite3_finalize(st);
  return rc;
}

static void settle_types(struct sending *x)
{
  for (size_t i = 0; i < x->t->n; i++) {
    x->names[i] = x->t->columns[i].name;
    x->types[i] = type_of(&x->t->columns[i]);
    x->mixes[i] = x->t->columns[i].mix;
  }
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* RS_DONE: the column can't take it as it is, and knows it now. */
static enum rs_code read_value(struct sending *x, size_t i, struct rs_error *e)
{
  struct rs_local_column *c = &x->t->columns[i];
  struct rs_value *v = &x->row[i];
  if (see_value(c, x->st, (int)i) && (type_of(c) != x->types[i] || x->types[i] == RS_T_MIXED))
    return RS_DONE;
  switch (sqlite3_column_type(x->st, (int)i)) {
    case SQLITE_INTEGER:
      v->kind = x->types[i] == RS_T_BOOL ? RS_BOOL : RS_INT;
      v->i = sqlite3_column_int64(x->st, (int)i);
      break;
    case SQLITE_FLOAT:
      v->kind = RS_FLOAT;
      v->f = sqlite3_column_double(x->st, (int)i);
      break;
    case SQLITE_TEXT:
      v->kind = RS_TEXT;
      v->s.p = (const char *)sqlite3_column_text(x->st, (int)i);
      v->s.n = (size_t)sqlite3_column_bytes(x->st, (int)i);
      if (v->s.p == NULL) return rs_nomem(e);
      if (rs_utf8_valid(v->s.p, v->s.n) != v->s.n)
        return rs_fail(e, RS_INVALID,
                       "local table '%s': a text of column '%s' is not valid UTF-8: a view may "
                       "give CAST(\"%s\" AS BLOB) or hex()",
                       x->t->name, c->name, c->name);
      break;
    case SQLITE_BLOB:
      v->kind = RS_BYTES;
      v->s.p = sqlite3_column_blob(x->st, (int)i);
      v->s.n = (size_t)sqlite3_column_bytes(x->st, (int)i);
      if (v->s.p == NULL) v->s.p = "";
      break;
    default: v->kind = RS_NULL; break;
  }
  return RS_OK;
}

static enum rs_code give_block(struct sending *x, struct rs_error *e)
{
  struct ArrowArray array = {0};
  if (rs_arrow_builder_rows(x->builder) == 0) return RS_OK;
  x->bytes += rs_arrow_builder_bytes(x->builder);
  enum rs_code rc = rs_arrow_builder_finish(x->builder, &array, e);
  if (rc == RS_OK) rc = rs_bulk_give(x->bulk, &array, true, e);
  // the engine's end says why
  if (rc == RS_DONE) {
    rc = rs_bulk_end(x->bulk, x->rows, false, e);
    if (rc == RS_OK)
      rc = rs_fail(e, RS_REMOTE, "local table '%s': rows were not taken", x->t->name);
  }
  if (array.release != NULL) array.release(&array);
  return rc;
}

static size_t row_bytes(const struct sending *x)
{
  size_t n = 0;
  for (size_t i = 0; i < x->t->n; i++) {
    const enum rs_kind kind = x->row[i].kind;
    n += kind == RS_TEXT || kind == RS_BYTES ? x->row[i].s.n + 4 : 8;
  }
  return n;
}

/* Over a network a table is not worth any size. */
static enum rs_code queue_row(struct sending *x, struct rs_error *e)
{
  const struct rs_change change = {.kind = RS_CHANGE_ADD, .row = x->row};
  const size_t budget = rs_conn_cache_bytes(x->c);
  x->bytes += row_bytes(x);
  if (x->bytes > budget)
    return rs_fail(e, RS_LIMIT,
                   "local table '%s': what the statement needs of it is more than %zu bytes, to be "
                   "sent to target '%s': rockset_cache_memory(bytes) allows more, rockset_push "
                   "sends it once",
                   x->t->name, budget, rs_target_info(rs_session_target(x->s)).output->target_name);
  return rs_queue_add(x->queue, &change, e);
}

static enum rs_code put_row(struct sending *x, struct rs_error *e)
{
  if (x->queue != NULL) return queue_row(x, e);
  enum rs_code rc = rs_arrow_builder_row(x->builder, x->row, e);
  const bool full = rs_arrow_builder_rows(x->builder) >= BLOCK_ROWS ||
                    (x->rows % 256 == 0 && rs_arrow_builder_bytes(x->builder) > BLOCK_BYTES);
  return rc == RS_OK && full ? give_block(x, e) : rc;
}

static enum rs_code read_rows(struct sending *x, struct rs_error *e)
{
  int step = SQLITE_DONE;
  enum rs_code rc = RS_OK;
  while (rc == RS_OK && (step = sqlite3_step(x->st)) == SQLITE_ROW) {
    for (size_t i = 0; i < x->t->n && rc == RS_OK; i++) rc = read_value(x, i, e);
    if (rc == RS_OK) rc = rs_conn_poll(x->c, ++x->rows, e);
    if (rc == RS_OK) rc = put_row(x, e);
  }
  if (rc == RS_OK && step != SQLITE_DONE) rc = rs_sqlite_error_of(x->t->db, x->t->name, e);
  return rc == RS_OK && x->queue == NULL ? give_block(x, e) : rc;
}

/* ---- sending --------------------------------------------------------------------------------- */

static enum rs_code new_builder(struct sending *x, struct rs_error *e)
{
  enum rs_code rc = rs_arrow_builder_new(x->types, x->names, x->t->n, &x->builder, e);
  for (size_t i = 0; i < x->t->n && rc == RS_OK; i++)
    if (x->types[i] == RS_T_MIXED) rc = rs_arrow_builder_mix(x->builder, i, x->mixes[i], e);
  return rc;
}

/* The queue's next row. */
static enum rs_code next_row(void *ctx, const struct rs_value **row, struct rs_error *e)
{
  struct sending *x = ctx;
  struct rs_change change;
  enum rs_code rc = rs_queue_next(x->reader, &change, NULL, e);
  if (rc == RS_OK) *row = change.row;
  return rc;
}

/* All rows first, then a table of them, or behind those that it has. */
static enum rs_code send_queue(struct sending *x, struct rs_error *e)
{
  const struct rs_input input = {.names = x->names,
                                 .types = x->types,
                                 .n = x->t->n,
                                 .next = next_row,
                                 .ctx = x,
                                 .append = x->more};
  const struct rs_relation workspace = {.workspace = x->rel->workspace};
  int64_t count = 0;
  enum rs_code rc = rs_queue_new(x->t->n, -1, QUEUE_MEMORY, &x->queue, e);
  if (rc == RS_OK) rc = rs_queue_reader_new(x->queue, &x->reader, e);
  if (rc == RS_OK) rc = read_rows(x, e);
  if (rc == RS_OK) rc = rs_session_create(x->s, &workspace, true, e);
  if (rc == RS_OK) rs_queue_start(x->reader);
  if (rc == RS_OK) rc = rs_session_ingest_input(x->s, x->rel, &input, &count, e);
  rs_queue_reader_free(x->reader);
  rs_queue_free(x->queue);
  x->reader = NULL;
  x->queue = NULL;
  return rc;
}

static enum rs_code send_blocks(struct sending *x, struct rs_error *e)
{
  const struct rs_changes changes = {.names = x->names,
                                     .types = x->types,
                                     .n = x->t->n,
                                     .key = -1,
                                     .lends = x->more ? RS_LEND_MORE : RS_LEND_ROWS,
                                     .mixes = x->mixes};
  enum rs_code rc = new_builder(x, e);
  if (rc == RS_OK) rc = rs_bulk_begin(x->s, x->rel, &changes, &x->bulk, e);
  if (rc == RS_OK) rc = read_rows(x, e);
  if (rc == RS_OK) rc = rs_bulk_end(x->bulk, x->rows, false, e);
  if (rc == RS_OK) rc = rs_session_end(x->s, true, e);
  rs_bulk_close(x->bulk);
  rs_arrow_builder_free(x->builder);
  x->bulk = NULL;
  x->builder = NULL;
  return rc;
}

/* Once. RS_DONE: with other types. */
static enum rs_code try_send(struct sending *x, struct rs_error *e)
{
  settle_types(x);
  x->rows = 0;
  x->bytes = 0;
  enum rs_code rc = x->rel->database != NULL ? send_blocks(x, e) : send_queue(x, e);
  sqlite3_reset(x->st);
  return rc;
}

static enum rs_code send(struct sending *x, struct rs_error *e)
{
  const size_t n = x->t->n + 1;
  x->names = rs_calloc(n, sizeof *x->names);
  x->types = rs_calloc(n, sizeof *x->types);
  x->mixes = rs_calloc(n, sizeof *x->mixes);
  x->row = rs_calloc(n, sizeof *x->row);
  if (x->names == NULL || x->types == NULL || x->mixes == NULL || x->row == NULL)
    return rs_nomem(e);
  const char *part = x->t->where != NULL ? x->t->where : "";
  enum rs_code rc = rs_local_select(x->t, x->more ? " WHERE rowid > ?1" : part, &x->st, e);
  if (rc != RS_OK) return rc;
  if (x->more) sqlite3_bind_int64(x->st, 1, x->after);
  if (!x->more) rc = peek(x, e);
  if (rc == RS_OK) rc = try_send(x, e);
  // each time a column takes more
  while (rc == RS_DONE && !x->more) rc = try_send(x, e);
  return rc;
}

enum rs_code rs_local_send(struct rs_conn *c, struct rs_session *s, const struct rs_relation *rel,
                           struct rs_local_table *t, struct rs_local_copy *x, bool more,
                           struct rs_error *e)
{
  struct sending sending = {.c = c, .s = s, .rel = rel, .t = t, .more = more, .after = x->last};
  enum rs_code rc = send(&sending, e);
  sqlite3_finalize(sending.st);
  if (rc == RS_OK) {
    x->rows = sending.rows + (more ? x->rows : 0);
    x->bytes = sending.bytes + (more ? x->bytes : 0);
  }
  rs_free(sending.names);
  rs_free(sending.types);
  rs_free(sending.mixes);
  rs_free(sending.row);
  return rc;
}
