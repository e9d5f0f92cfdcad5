/*
** One statement, from Rockset SQL to rows as JSON text.
*/
#include <stdio.h>
#include <string.h>
#include "src/engine/callable_session.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"
#include "src/json/json.h"

void rs_run_init(struct rs_run *r, struct rs_backend *v, struct rs_session *s,
                 struct rs_watch *watch, const struct rs_identity *who)
{
  memset(r, 0, sizeof *r);
  r->backend = v;
  r->s = s;
  r->watch = watch;
  r->who = *who;
  rs_arena_init(&r->arena, 0);
  rs_buf_init(&r->fixed, (size_t)256 << 20);
}

void rs_run_close(struct rs_run *r)
{
  rs_rows_close(r->rows);
  rs_writer_free(r->writer);
  rs_buf_free(&r->fixed);
  rs_view_sizes_release(r->view_sizes);
  rs_arena_free(&r->arena);
}

#define WATCH_ROWS 500

/* ---- failures -------------------------------------------------------------------------------- */

static enum rs_code explain_stop(struct rs_run *r)
{
  struct rs_problem *p = &r->problem;
  switch (atomic_load(&r->watch->why)) {
    case RS_STOP_DEADLINE:
      p->status = 408;
      p->type = "QUERY_TIMEOUT";
      return rs_fail(&p->e, RS_TIMEOUT,
                     "query: its time is over: timeout_ms asks for more, up to "
                     "the server's limit");
    case RS_STOP_SHUTDOWN:
      p->status = 503;
      p->type = "SERVICEUNAVAILABLE";
      return rs_fail(&p->e, RS_CANCELLED, "query: cancelled: rocksetd is stopping");
    default:
      p->status = 400;
      p->type = "QUERY_CANCELLED";
      return rs_fail(&p->e, RS_CANCELLED, "query: cancelled");
  }
}

enum rs_code rs_run_failed(struct rs_run *r, enum rs_code rc)
{
  struct rs_problem *p = &r->problem;
  if (p->status != 0) return rc;
  rs_error_hide_sql(&p->e);
  if (r->stmt != NULL && p->line == 0) {
    struct rs_rsql_pos pos = {0, 0};
    rs_rsql_explain(r->stmt, &pos, &p->e);
    p->line = pos.line;
    p->column = pos.column;
    if (rc != RS_CANCELLED && p->e.code != RS_OK) rc = p->e.code;
  }
  if (rc == RS_CANCELLED) return explain_stop(r);
  rs_status_of(rc, &p->status, &p->type);
  switch (rc) {
    // what a statement says is wrong, or its data
    case RS_INVALID:
    case RS_NOT_FOUND:
    case RS_EXISTS:
    case RS_CONSTRAINT:
    case RS_REMOTE:
      p->status = 400;
      p->type = "QUERY_ERROR";
      break;
    default: break;
  }
  return rc;
}

enum rs_code rs_problem_refuse(struct rs_request *q, const struct rs_problem *p, enum rs_code rc)
{
  q->status = p->status;
  q->type = p->type;
  q->line = p->line;
  q->column = p->column;
  q->e = p->e;
  q->e.code = rc;
  return rc;
}

static enum rs_code fail_at(struct rs_run *r, const struct rs_rsql_pos *pos, enum rs_code rc)
{
  if (rc == RS_OK) return rc;
  r->problem.line = pos->line;
  r->problem.column = pos->column;
  return rs_run_failed(r, rc);
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Tells the translator a relation's columns: fields that it lacks are then undefined, not errors.
** */
static enum rs_code describe_relation(void *ctx, struct rs_rsql_relation *rel, bool write,
                                      struct rs_error *e)
{
  struct rs_run *r = ctx;
  const struct rs_columns *columns = NULL;
  enum rs_relation_kind kind;
  const struct rs_relation name = {.workspace = rel->workspace, .name = rel->name};
  enum rs_code rc = rs_run_check_access(r, rel->workspace, rel->name, write, e);
  const bool part = !write && rs_run_sees_part(r, rel->workspace, rel->name);
  if (rc == RS_OK && part && r->kind == RS_RSQL_DESCRIBE)
    rc = rs_run_need_all(r, rel->workspace, rel->name, e);
  // to describe a view is to plan it
  if (rc == RS_OK) rc = rs_run_check_view(r, rel->workspace, rel->name, e);
  if (rc == RS_OK) rc = rs_columns_of(r->backend, r->s, &name, &r->arena, &columns, &kind, e);
  if (rc == RS_OK && kind == RS_REL_ALIAS)
    rc = rs_run_check_alias(r, rel->workspace, rel->name, write, e);
  if (rc == RS_OK && write && kind == RS_REL_VIEW)
    rc = rs_fail(e, RS_INVALID, "'%s.%s' is a view: nothing can be inserted into it",
                 rel->workspace, rel->name);
  if (rc == RS_OK && !write) rc = rs_run_check_mounts(r, rel->workspace, rel->name, kind, e);
  if (rc == RS_OK && !write && r->instance != NULL)
    rs_usage_note(r->backend, r->instance, rel->workspace, rel->name);
  if (rc == RS_OK && !write) rel->columns = columns;
  if (rc == RS_OK && part) rc = rs_run_filter_events(r, columns, &rel->sql, e);
  return rc;
}

void rs_run_write_collections(const struct rs_rsql_stmt *stmt, struct rs_buf *b)
{
  size_t n = 0;
  const struct rs_rsql_collection *v = rs_rsql_collections(stmt, &n);
  rs_js_open(b, NULL, '[');
  for (size_t i = 0; i < n; i++) rs_js_printf(b, NULL, "%s.%s", v[i].workspace, v[i].name);
  rs_js_close(b, ']');
}

static enum rs_code list_collections(struct rs_run *r)
{
  struct rs_buf b;
  rs_buf_init(&b, 16 << 20);
  rs_run_write_collections(r->stmt, &b);
  enum rs_code rc = rs_arena_take_buf(&r->arena, &b, "collections", &r->collections, &r->problem.e);
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}

static enum rs_code resolve_names(struct rs_run *r)
{
  struct rs_rsql_pos pos = {0, 0};
  const struct rs_rsql_env env = {.relation = describe_relation,
                                  .ctx = r,
                                  .values = r->values,
                                  .sides = true,
                                  .splices = r->splices,
                                  .lower = rs_target_info(r->backend->target).dialect->lower_names,
                                  .views = rs_run_views(r)};
  enum rs_code rc = rs_run_check_known(r, &r->problem.e);
  if (rc == RS_OK) rc = rs_run_check_pass(r, &r->problem.e);
  if (rc == RS_OK) rc = rs_rsql_resolve(r->stmt, &env, &pos, &r->problem.e);
  return rc == RS_OK ? list_collections(r) : fail_at(r, &pos, rc);
}

static enum rs_code parse_text(struct rs_run *r, const char *sql)
{
  struct rs_rsql_pos pos = {0, 0};
  enum rs_code rc = rs_rsql_parse(sql, strlen(sql), &r->arena, &r->stmt, &pos, &r->problem.e);
  if (rc != RS_OK) return fail_at(r, &pos, rc);
  r->kind = rs_rsql_kind(r->stmt);
  return RS_OK;
}

enum rs_code rs_run_check(struct rs_run *r, const char *sql)
{
  enum rs_code rc = parse_text(r, sql);
  return rc == RS_OK ? resolve_names(r) : rc;
}

/* ---- parameters ------------------------------------------------------------------------------ */

static enum rs_code read_params(struct rs_run *r, const struct rs_query_request *q)
{
  size_t n = 0;
  const char *const *names = rs_rsql_params(r->stmt, &n);
  struct rs_rsql_value *values = rs_arena_calloc(&r->arena, (n + 1) * sizeof values[0]);
  if (values == NULL) return rs_run_failed(r, rs_nomem(&r->problem.e));
  for (size_t i = 0; i < n; i++) {
    const struct rs_query_param *found = NULL;
    for (size_t k = 0; k < q->nparams; k++)
      if (rs_eq(q->params[k].name, names[i])) found = &q->params[k];
    if (found == NULL)
      return rs_run_failed(r, rs_fail(&r->problem.e, RS_INVALID,
                                      "parameter '%s': it has no value: give one in 'parameters'",
                                      names[i]));
    enum rs_code rc = rs_rsql_param_value(found->name, found->type, found->value,
                                          found->value != NULL ? strlen(found->value) : 0,
                                          &r->arena, &values[i], &r->problem.e);
    if (rc != RS_OK) return rs_run_failed(r, rc);
  }
  r->values = values;
  return RS_OK;
}

enum rs_code rs_run_prepare(struct rs_run *r, const struct rs_query_request *q)
{
  r->splices = true;
  r->maker = q->maker;
  r->maker_name = q->maker_name;
  enum rs_code rc = parse_text(r, q->sql);
  if (rc == RS_OK) rc = read_params(r, q);
  return rc == RS_OK ? resolve_names(r) : rc;
}

/* ---- sending --------------------------------------------------------------------------------- */

static enum rs_code order_params(struct rs_run *r, const struct rs_rsql_output *out,
                                 struct rs_value **params)
{
  *params = rs_arena_alloc(&r->arena, (out->norder + 1) * sizeof **params);
  if (*params == NULL) return rs_nomem(&r->problem.e);
  for (size_t i = 0; i < out->norder; i++) (*params)[i] = r->values[out->order[i]].v;
  return RS_OK;
}

/* The text that is sent; inlined: parameters as literals. */
static enum rs_code emit_text(struct rs_run *r, int64_t row_limit, bool inlined, struct rs_buf *b,
                              struct rs_rsql_output *out)
{
  struct rs_buf text;
  struct rs_rsql_pos pos = {0, 0};
  struct rs_error *e = &r->problem.e;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_rsql_emit(r->stmt, rs_target_info(r->backend->target).dialect, inlined,
                                 &text, out, &pos, e);
  if (rc != RS_OK) {
    r->problem.line = pos.line;
    r->problem.column = pos.column;
  }
  bool pass = r->kind == RS_RSQL_PASS;
  // a text that is not understood can't get out of its brackets
  if (pass) rs_buf_str(b, "SELECT * FROM (\n");
  rs_buf_add(b, rs_buf_text(&text), text.n);
  if (pass) rs_buf_str(b, "\n) AS q");
  if (row_limit >= 0 && r->kind != RS_RSQL_EXPLAIN && !rs_rsql_has_limit(r->stmt))
    rs_buf_printf(b, "\nLIMIT %lld", (long long)row_limit);
  rs_buf_free(&text);
  if (rc == RS_OK) rc = rs_buf_error(b, e, "query");
  return rc == RS_OK ? rs_run_check_functions(r, rs_buf_text(b), b->n, e) : rc;
}

static enum rs_code open_rows(struct rs_run *r, const struct rs_query_request *q)
{
  struct rs_buf b;
  struct rs_rsql_output out = {NULL, 0};
  struct rs_value *params = NULL;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = emit_text(r, q->row_limit, false, &b, &out);
  if (rc == RS_OK) rc = order_params(r, &out, &params);
  struct rs_sqltext one;
  char *text = NULL;
  // functions that only the engine knows are asked for there
  if (rc == RS_OK)
    rc = rs_callable_take(r->s, rs_buf_text(&b), b.n, false, "SQL", &one, &text, &r->problem.e);
  if (rc == RS_OK) {
    const struct rs_statement st = {.sql = text, .params = params, .nparams = out.norder};
    rc = rs_session_query(r->s, &st, &r->rows, &r->problem.e);
  }
  rs_free(text);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_run_columns(struct rs_run *r, struct rs_columns *out)
{
  struct rs_buf b;
  struct rs_rsql_output order = {NULL, 0};
  if (r->kind == RS_RSQL_DESCRIBE) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = emit_text(r, -1, true, &b, &order);
  const struct rs_statement st = {.sql = rs_buf_text(&b)};
  if (rc == RS_OK) rc = rs_session_columns(r->s, &st, out, &r->problem.e);
  rs_buf_free(&b);
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}

enum rs_code rs_run_fields(struct rs_run *r, const struct rs_columns *columns)
{
  struct rs_buf b;
  rs_buf_init(&b, 64 << 20);
  rs_writer_fields(columns, r->stmt, r->types, &b);
  return rs_arena_take_buf(&r->arena, &b, "column_fields", &r->column_fields, &r->problem.e);
}

enum rs_code rs_run_open(struct rs_run *r, const struct rs_query_request *q)
{
  enum rs_code rc;
  r->types = q->types;
  if (r->kind == RS_RSQL_INSERT) return rs_run_insert(r);
  if (r->kind == RS_RSQL_DESCRIBE) return rs_run_describe(r);
  rc = open_rows(r, q);
  if (rc != RS_OK) return rs_run_failed(r, rc);
  rc = rs_run_fields(r, rs_rows_columns(r->rows));
  r->writer = rs_writer_new(rs_rows_columns(r->rows), r->stmt);
  if (rc == RS_OK && r->writer == NULL) rc = rs_nomem(&r->problem.e);
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}

/* ---- rows ------------------------------------------------------------------------------------ */

void rs_run_fixed_row(struct rs_run *r, const char *json, size_t n)
{
  uint32_t size = (uint32_t)n;
  rs_buf_add(&r->fixed, (const char *)&size, sizeof size);
  rs_buf_add(&r->fixed, json, n);
}

enum rs_code rs_run_row(struct rs_run *r, struct rs_buf *b)
{
  if (r->rows == NULL) {
    uint32_t size;
    if (r->fixed_at >= r->fixed.n) return RS_DONE;
    memcpy(&size, r->fixed.p + r->fixed_at, sizeof size);
    rs_buf_add(b, r->fixed.p + r->fixed_at + sizeof size, size);
    r->fixed_at += sizeof size + size;
    return RS_OK;
  }
  // rows that are always there already never wait, so that the session never asks for a stop
  if (++r->unwatched >= WATCH_ROWS) {
    r->unwatched = 0;
    if (r->watch != NULL && rs_watch_is_stopped(r->watch)) return rs_run_failed(r, RS_CANCELLED);
  }
  enum rs_code rc = rs_rows_next(r->rows, &r->problem.e);
  if (rc == RS_DONE) return rc;
  if (rc == RS_OK) {
    rs_writer_row(r->writer, r->rows, b);
    rc = rs_buf_error(b, &r->problem.e, "row");
  }
  return rc == RS_OK ? rc : rs_run_failed(r, rc);
}
