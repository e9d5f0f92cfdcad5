/*
** INSERT INTO: the rows of a query become documents of a collection.
*/
#include "src/base/text.h"
#include "internal.h"
#include "src/json/json.h"

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
  if (rc == RS_OK) rc = append_rows(r, rs_buf_text(&b), &rows);
  rs_buf_clear(&b);
  if (rc == RS_OK) {
    rs_buf_printf(&b, "{\"num_docs_inserted\":%lld}", (long long)rows);
    rs_run_fixed_row(r, rs_buf_text(&b), b.n);
    r->column_fields = "[{\"name\":\"num_docs_inserted\",\"type\":\"int\"}]";
    r->last_offset = rs_fence_now(&r->arena);
    if (b.rc != RS_OK || r->last_offset == NULL) rc = rs_nomem(&r->problem.e);
  }
  rs_buf_free(&b);
  r->problem.line = pos.line;
  r->problem.column = pos.column;
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}
