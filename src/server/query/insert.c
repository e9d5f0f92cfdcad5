/*
** INSERT INTO: the rows of a query become documents of a collection. One whose definition says how
** documents come in gets them as documents, some at a time; else the engine takes them as they are.
*/
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/engine/callable_session.h"
#include "internal.h"
#include "src/json/json.h"

enum { TOGETHER_MAX = 2000, TOGETHER_BYTES = 8 << 20 };

static enum rs_code append_rows(struct rs_run *r, const char *sql, int64_t *rows)
{
  const struct rs_rsql_collection *to = rs_rsql_target(r->stmt);
  const struct rs_relation rel = {.workspace = to->to_workspace, .name = to->to_name};
  enum rs_code rc = rs_session_add_select(
    r->s, &rel, sql, &(const struct rs_adding){.evolves = true}, rows, &r->problem.e);
  rs_backend_changed(r->backend, true);
  if (rc == RS_OK) rs_usage_note(r->backend, NULL, rel.workspace, rel.name);
  return rc;
}

/* Documents that wait to be written together. */
struct coming {
  struct rs_run *r;
  struct rs_ingest *to;
  struct rs_document docs[TOGETHER_MAX];
  size_t n, bytes;
  struct rs_arena a; /* their texts */
  int64_t taken, refused;
  const char *why; /* the first one's, in the run's arena */
};

static enum rs_code flush(struct coming *c)
{
  struct rs_run *r = c->r;
  if (c->n == 0) return RS_OK;
  if (r->watch != NULL && rs_watch_is_stopped(r->watch)) return RS_CANCELLED;
  enum rs_code rc = r->backend->ingest->write(c->to, c->docs, c->n, &r->problem.e);
  for (size_t i = 0; i < c->n && rc == RS_OK; i++) {
    if (c->docs[i].status != RS_WRITTEN_ERROR) c->taken++;
    else if (c->refused++ == 0)
      c->why = rs_arena_strdup(&r->arena, c->docs[i].error != NULL ? c->docs[i].error : "");
  }
  c->n = c->bytes = 0;
  rs_arena_free(&c->a);
  rs_arena_init(&c->a, 0);
  return rc;
}

static enum rs_code take_row(struct coming *c, struct rs_rows *rows)
{
  struct rs_run *r = c->r;
  struct rs_buf b;
  const char *text;
  rs_buf_init(&b, (size_t)1 << 30);
  rs_writer_row(r->writer, rows, &b);
  const size_t n = b.n;
  enum rs_code rc = rs_arena_take_buf(&c->a, &b, "document", &text, &r->problem.e);
  if (rc != RS_OK) return rc;
  c->docs[c->n++] = (struct rs_document){.json = text, .n = n};
  c->bytes += n;
  return c->n == TOGETHER_MAX || c->bytes >= TOGETHER_BYTES ? flush(c) : RS_OK;
}

static enum rs_code tell_refused(const struct coming *c)
{
  if (c->refused == 0) return RS_OK;
  return rs_fail(&c->r->problem.e, RS_INVALID,
                 "INSERT INTO: %lld of %lld documents were refused, the others are written; the "
                 "first: %s",
                 (long long)c->refused, (long long)(c->refused + c->taken),
                 c->why != NULL ? c->why : "");
}

static enum rs_code send_rows(struct coming *c, const char *sql, size_t n)
{
  struct rs_run *r = c->r;
  struct rs_sqltext one;
  char *text = NULL;
  enum rs_code rc = rs_callable_take(r->s, sql, n, false, "SQL", &one, &text, &r->problem.e);
  const struct rs_statement st = {.sql = text};
  if (rc == RS_OK) rc = rs_session_query(r->s, &st, &r->rows, &r->problem.e);
  rs_free(text);
  if (rc != RS_OK) return rc;
  // no column is hidden: no name begins so
  r->writer = rs_writer_new_documents(rs_rows_columns(r->rows), r->stmt, "\n");
  if (r->writer == NULL) rc = rs_nomem(&r->problem.e);
  while (rc == RS_OK && (rc = rs_rows_next(r->rows, &r->problem.e)) == RS_OK)
    rc = take_row(c, r->rows);
  if (rc == RS_DONE) rc = flush(c);
  rs_rows_close(r->rows);
  r->rows = NULL; // the answer's row is a fixed one
  return rc == RS_OK ? tell_refused(c) : rc;
}

/* As documents that come in, or as the engine adds them. */
static enum rs_code write_rows(struct rs_run *r, const char *sql, size_t n, int64_t *rows)
{
  const struct rs_rsql_collection *target = rs_rsql_target(r->stmt);
  const struct rs_relation rel = {.workspace = target->to_workspace, .name = target->to_name};
  struct rs_ingest *to = NULL;
  enum rs_code rc = r->backend->ingest->open(r->backend, &r->who, &rel, &to, &r->problem.e);
  if (rc != RS_OK || to == NULL) return rc == RS_OK ? append_rows(r, sql, rows) : rc;
  struct coming *c = rs_calloc(1, sizeof *c);
  if (c != NULL) {
    c->r = r;
    c->to = to;
    rs_arena_init(&c->a, 0);
    rc = send_rows(c, sql, n);
    *rows = c->taken;
    rs_arena_free(&c->a);
  } else {
    rc = rs_nomem(&r->problem.e);
  }
  rs_free(c);
  r->backend->ingest->close(to);
  rs_backend_changed(r->backend, false);
  rs_usage_note(r->backend, NULL, rel.workspace, rel.name);
  return rc;
}

enum rs_code rs_run_insert(struct rs_run *r)
{
  struct rs_buf b;
  struct rs_rsql_output out;
  struct rs_rsql_pos pos = {0, 0};
  int64_t rows = 0;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_rsql_emit(r->stmt, rs_target_info(r->backend->target).dialect, true, &b,
                                 &out, &pos, &r->problem.e);
  if (rc == RS_OK) rc = rs_buf_error(&b, &r->problem.e, "INSERT INTO");
  if (rc == RS_OK) rc = rs_run_check_functions(r, rs_buf_text(&b), b.n, &r->problem.e);
  if (rc == RS_OK) rc = write_rows(r, rs_buf_text(&b), b.n, &rows);
  rs_buf_clear(&b);
  if (rc == RS_OK) {
    rs_buf_printf(&b, "{\"num_docs_inserted\":%lld}", (long long)rows);
    rs_run_fixed_row(r, rs_buf_text(&b), b.n);
    struct rs_column count = {"num_docs_inserted", "", RS_T_INT, RS_SIDE_NONE};
    rc = rs_run_fields(r, &(struct rs_columns){&count, 1});
    r->last_offset = rs_fence_now(&r->arena);
    if (b.rc != RS_OK || r->last_offset == NULL) rc = rs_nomem(&r->problem.e);
  }
  rs_buf_free(&b);
  r->problem.line = pos.line;
  r->problem.column = pos.column;
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}
