/*
** Whole collections of rows on Trino (trino.h): files, which a private embedded engine reads
** (rs_session_load), and rows of the caller's own (engine/push.h). They go into a stage in batches,
** and the stage becomes the collection, or its rows are merged into it by one statement. Until then
** the old contents stay as they are.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/engine/documents/documents.h"
#include "src/engine/load/load.h"
#include "src/engine/push.h"
#include "src/engine/sql/sql.h"
#include "src/value/field_name.h"
#include "trino.h"

struct job {
  const struct rs_relation *rel;
  struct rs_arena *a;
  enum rs_push_mode mode;
  struct rs_load_source *src; /* files; else */
  const struct rs_push *push; /* rows of the caller's own */
  struct rs_pushed *out;
};

/* The files' rows; those of documents have columns by the names that their fields' columns have. */
static enum rs_code send_rows(struct rs_session *s, struct job *j, const struct rs_relation *stage,
                              struct rs_error *e)
{
  struct rs_load_source src = *j->src;
  struct rs_buf b;
  bool marks = false;
  enum rs_code rc = RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  for (size_t i = 0; i < src.fields.n && src.documents && rc == RS_OK; i++) {
    const char *name = src.fields.v[i].name, *column = name;
    if (rs_field_needs_mark(name, true)) column = rs_field_mark(j->a, name);
    if (column == NULL) rc = rs_nomem(e);
    else rs_sql_add(src.s, &b, "%s%i AS %i", i > 0 ? ", " : "SELECT ", name, column);
    marks = marks || column != name;
  }
  rs_buf_printf(&b, "\nFROM (%s) AS q", src.query);
  if (rc == RS_OK && marks) rc = rs_buf_error(&b, e, "statement");
  if (marks) src.query = rs_buf_text(&b);
  if (rc == RS_OK) rc = rs_load_send(s, &src, stage, &j->out->rows, e);
  rs_buf_free(&b);
  return rc;
}

/* Fills the stage; *has_ids: its rows say what their `_id` is. */
static enum rs_code fill_stage(struct rs_session *s, struct job *j, const struct rs_relation *stage,
                               bool *has_ids, struct rs_error *e)
{
  struct rs_push_rows x;
  if (j->src != NULL && j->src->odd) {
    enum rs_code got = rs_doc_load(s, stage, j->src, &j->out->rows, has_ids, e);
    return got == RS_OK && *has_ids ? rs_trino_check_keys(s, j->rel, stage, &rs_trino_ids, e) : got;
  }
  *has_ids = j->src != NULL && j->src->has_ids;
  if (j->src != NULL) return send_rows(s, j, stage, e);
  enum rs_code rc = rs_push_rows_init(&x, j->push, j->a, e);
  if (rc == RS_OK) rc = rs_session_ingest_input(s, stage, &x.input, &j->out->rows, e);
  *has_ids = rc == RS_OK && x.has_ids;
  // two rows of one `_id` would both be there, or both be merged into one
  return *has_ids ? rs_trino_check_keys(s, j->rel, stage, &rs_trino_ids, e) : rc;
}

static enum rs_code refuse_kind(const struct job *j, enum rs_relation_kind kind, struct rs_error *e)
{
  return j->src != NULL ? rs_load_refuse(j->rel, kind, rs_sql_kind_name(kind), j->mode, e)
                        : rs_sql_push_refuse(j->rel, kind, j->mode, e);
}

static enum rs_code send_collection(struct rs_session *s, void *arg, struct rs_error *e)
{
  struct job *j = arg;
  struct rs_relation stage;
  enum rs_relation_kind kind;
  bool has_ids = false;
  enum rs_code rc = rs_sql_kind(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = rs_trino_repair(s, j->rel, &kind, e);
  if (rc == RS_OK) rc = refuse_kind(j, kind, e);
  if (rc == RS_OK) rc = rs_trino_aside(j->rel, "load", j->a, &stage, e);
  if (rc != RS_OK) return rc;
  bool adds = kind != RS_REL_NONE && (j->mode == RS_PUSH_APPEND || j->mode == RS_PUSH_UPSERT);
  j->out->updated = 0;
  rc = fill_stage(s, j, &stage, &has_ids, e);
  if (rc == RS_OK && adds && j->mode == RS_PUSH_UPSERT)
    rc = rs_sql_push_updates(s, j->rel, &stage, "_id", &j->out->updated, e);
  if (rc == RS_OK && adds && has_ids) rc = rs_sql_check_ids(s, j->rel, &stage, "_id", e);
  if (rc == RS_OK && adds)
    rc = rs_trino_merge(
      s, j->rel, &stage, has_ids ? &rs_trino_ids : &(struct rs_keys){NULL, 0},
      j->src != NULL && j->src->documents ? RS_TRINO_EVOLVE | RS_TRINO_SIDES : RS_TRINO_EVOLVE, e);
  else if (rc == RS_OK) rc = rs_trino_swap(s, j->rel, &stage, false, e);
  if (rc != RS_OK || adds) rs_trino_drop_anyway(s, "TABLE", &stage);
  return rc;
}

enum rs_code rs_trino_load(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_load *options, int64_t *rows, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_load_source src = {.t = NULL};
  struct rs_relation table = *rel;
  struct rs_pushed out = {.rows = -1};
  struct job j = {.rel = &table, .src = &src, .a = &a, .out = &out};
  enum rs_relation_kind kind;
  struct rs_load own = *options;
  rs_arena_init(&a, 0);
  enum rs_code rc = rs_load_mode(options->mode, &j.mode, e);
  if (rc == RS_OK && j.mode == RS_PUSH_APPEND) rc = rs_sql_writable(s, rel, &a, &table, e);
  // before a long reading, and again under the lock
  if (rc == RS_OK) rc = rs_sql_kind(s, &table, &kind, e);
  if (rc == RS_OK) rc = refuse_kind(&j, kind, e);
  if (rc == RS_OK) rc = rs_sql_load_settle(s, &table, kind, j.mode, &own, e);
  if (rc == RS_OK) rc = rs_load_source_open(s, &a, &own, &src, e);
  if (rc == RS_OK && !src.odd) rc = rs_load_check_keys(&src, &table, &a, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, true, send_collection, &j, e);
  rs_load_source_close(&src);
  rs_arena_free(&a);
  if (rc == RS_OK && rows != NULL) *rows = out.rows;
  return rc;
}

enum rs_code rs_trino_push(struct rs_session *s, const struct rs_relation *rel,
                           const struct rs_push *p, struct rs_pushed *out, struct rs_error *e)
{
  struct rs_arena a;
  struct rs_relation table = *rel;
  struct job j = {.rel = &table, .push = p, .mode = p->mode, .out = out, .a = &a};
  enum rs_code rc = RS_OK;
  rs_arena_init(&a, 0);
  if (p->mode != RS_PUSH_CREATE && p->mode != RS_PUSH_REPLACE)
    rc = rs_sql_writable(s, rel, &a, &table, e);
  if (rc == RS_OK) rc = rs_sql_transact(s, &table, true, send_collection, &j, e);
  rs_arena_free(&a);
  return rc;
}
