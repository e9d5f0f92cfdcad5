/*
** Queries: POST, validation, what runs, states, pages, cancelling.
*/
#include <stdlib.h>
#include <string.h>
#include "src/base/text.h"
#include "src/server/auth/auth.h"
#include "internal.h"

enum { PAGE = 10000, PAGE_MAX = 100000 };

enum rs_code rs_post_query_on(struct rs_request *q, const char *instance)
{
  struct rs_query_request r;
  enum rs_code rc = rs_query_request_read(q, &r);
  r.instance = instance;
  return rc == RS_OK ? rs_query_answer(q, &r) : rc;
}

enum rs_code rs_post_query(struct rs_request *q)
{
  return rs_post_query_on(q, NULL);
}

/* What the translator can't know (functions, types) the engine says, where no parameter is open. */
static enum rs_code ask_engine(struct rs_run *run)
{
  struct rs_columns columns = {NULL, 0};
  enum rs_code rc = rs_run_columns(run, &columns);
  rs_columns_free(&columns);
  return rc;
}

enum rs_code rs_validate_query(struct rs_request *q)
{
  struct rs_query_request r;
  struct rs_session *s;
  struct rs_run run;
  enum rs_code rc = rs_query_request_read(q, &r);
  if (rc == RS_OK) rc = rs_request_session(q, &s);
  if (rc != RS_OK) return rc;
  rs_run_init(&run, q->backend, s, &q->watch, &q->who);
  run.splices = true;
  rc = rs_run_check(&run, r.sql);
  size_t n = 0;
  const char *const *names = rc == RS_OK ? rs_rsql_params(run.stmt, &n) : NULL;
  if (rc == RS_OK && n == 0) rc = ask_engine(&run);
  if (rc == RS_OK) {
    rs_js_open(&q->out, NULL, '{');
    rs_js_raw(&q->out, "collections", run.collections);
    rs_js_open(&q->out, "parameters", '[');
    for (size_t i = 0; i < n; i++) rs_js_text(&q->out, NULL, names[i]);
    rs_buf_str(&q->out, "]}");
  } else {
    rs_problem_refuse(q, &run.problem, rc);
  }
  rs_run_close(&run);
  return rc;
}

/* ---- what is known of them ------------------------------------------------------------------- */

static void write_info(struct rs_buf *b, const char *key, const struct rs_query *x)
{
  char text[40];
  bool done = x->status == RS_Q_COMPLETED;
  rs_js_open(b, key, '{');
  rs_js_text(b, "query_id", x->id);
  rs_js_text(b, "status", rs_query_status_name(x->status));
  rs_js_text(b, "executed_by", x->user);
  rs_js_time(x->submitted_us, text);
  rs_js_text(b, "submitted_at", text);
  rs_js_time(x->expires_us, text);
  if (done) rs_js_text(b, "expires_at", text);
  rs_js_text(b, "sql", x->sql);
  if (x->last_offset != NULL) rs_js_text(b, "last_offset", x->last_offset);
  if (done && x->stored) {
    rs_js_open(b, "pagination", '{');
    rs_js_text(b, "start_cursor", x->rows > 0 ? "r0" : NULL);
    rs_js_close(b, '}');
  }
  if (x->status > RS_Q_COMPLETED) rs_query_write_errors(b, &x->problem);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "elapsed_time_ms",
            (x->status > RS_Q_RUNNING ? x->ended_ms : rs_now_ms()) - x->started_ms);
  rs_js_int(b, "throttled_time_ms", 0);
  rs_js_int(b, "result_set_bytes_size", x->bytes);
  rs_js_int(b, "result_set_document_count", x->rows);
  rs_js_int(b, "result_set_file_count", x->stored ? 1 : 0);
  rs_js_close(b, '}');
  rs_js_close(b, '}');
}

enum rs_code rs_list_queries_of(struct rs_request *q, const char *instance)
{
  rs_data_open(q, '[');
  struct rs_query *x;
  for (size_t i = 0; (x = rs_query_active(q->backend, i)) != NULL; i++) {
    bool is_there = instance == NULL || rs_eq(x->instance, instance);
    if (is_there && rs_query_is_visible(q->backend, &q->who, x)) write_info(&q->out, NULL, x);
    rs_query_release(q->backend, x);
  }
  rs_data_close(q, ']');
  return RS_OK;
}

enum rs_code rs_list_queries(struct rs_request *q)
{
  return rs_list_queries_of(q, NULL);
}

static enum rs_code find_query(struct rs_request *q, struct rs_query **x)
{
  *x = rs_query_find(q->backend, q->arg[0]);
  if (*x != NULL && rs_query_is_visible(q->backend, &q->who, *x)) return RS_OK;
  if (*x != NULL) rs_query_release(q->backend, *x);
  return rs_refuse(q, 404, "NOTFOUND", "Query '%s' not found: it never was, or has expired.",
                   q->arg[0]);
}

/* dbt reads last_offset at the top and takes null for: not yet. */
static enum rs_code answer_info(struct rs_request *q, const struct rs_query *x)
{
  rs_js_open(&q->out, NULL, '{');
  write_info(&q->out, "data", x);
  rs_js_text(&q->out, "last_offset", x->last_offset);
  rs_js_close(&q->out, '}');
  return RS_OK;
}

enum rs_code rs_get_query(struct rs_request *q)
{
  struct rs_query *x;
  enum rs_code rc = find_query(q, &x);
  if (rc != RS_OK) return rc;
  rc = answer_info(q, x);
  rs_query_release(q->backend, x);
  return rc;
}

enum rs_code rs_cancel_query(struct rs_request *q)
{
  struct rs_query *x;
  enum rs_code rc = find_query(q, &x);
  if (rc != RS_OK) return rc;
  if (!rs_eq(q->who.key_name, x->by) &&
      !rs_rights_everywhere(q->who.rights, RS_MAY_WRITE_DATA_WS)) {
    rs_query_release(q->backend, x);
    return rs_refuse(q, 403, "FORBIDDEN",
                     "API key '%s' cancels its own queries, no others: that needs the privilege "
                     "WRITE_DATA_WS on *ALL*",
                     q->who.key_name);
  }
  rs_watch_stop(&x->watch, RS_STOP_CANCEL);
  // its runner looks ten times a second; one that streams to a client that does not read may not
  (void)rs_query_wait(q->backend, x, 2000, &q->watch);
  rc = answer_info(q, x);
  rs_query_release(q->backend, x);
  return rc;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static enum rs_code number_arg(struct rs_request *q, const char *name, int64_t max, int64_t *value)
{
  const char *text = rs_request_query_arg(q, name);
  char *end = NULL;
  if (text == NULL || *text == 0) return RS_OK;
  long long v = strtoll(text, &end, 10);
  if (*end != 0 || v < 0 || v > max)
    return rs_refuse(q, 400, "INVALIDINPUT", "'%s' must be an integer from 0 to %lld", name,
                     (long long)max);
  *value = v;
  return RS_OK;
}

static enum rs_code read_cursor(struct rs_request *q, int64_t *from)
{
  const char *text = rs_request_query_arg(q, "cursor");
  char *end = NULL;
  *from = 0;
  if (text == NULL || *text == 0) return RS_OK;
  if (*text == 'r' && strlen(text) <= 16) *from = strtoll(text + 1, &end, 16);
  if (end == NULL || *end != 0 || end == text + 1 || *from < 0)
    return rs_refuse(q, 400, "INVALIDINPUT", "cursor '%.40s' is not one of this server", text);
  return RS_OK;
}

static enum rs_code write_page(struct rs_request *q, struct rs_query *x, int64_t from, int64_t n)
{
  struct rs_buf *b = &q->out;
  int64_t got = 0;
  rs_js_open(b, NULL, '{');
  rs_js_open(b, "results", '[');
  enum rs_code rc = rs_query_page(x, from, n, (int64_t)100 << 20, b, &got, &q->e);
  rs_js_close(b, ']');
  rs_js_int(b, "results_total_doc_count", x->rows);
  bool more = got > 0 && from + got < x->rows;
  rs_query_write_pagination(b, got > 0 ? from : -1, more ? from + got : -1, got);
  rs_js_close(b, '}');
  q->rows = got;
  return rc;
}

static enum rs_code check_pages(struct rs_request *q, const struct rs_query *x)
{
  if (x->status < RS_Q_COMPLETED)
    return rs_refuse(q, 503, "NOT_READY", "Query '%s' has not ended yet.", x->id);
  if (x->status != RS_Q_COMPLETED)
    return rs_refuse(q, 400, x->problem.type, "Query '%s' failed: %s", x->id, x->problem.e.text);
  if (!x->stored)
    return rs_refuse(q, 400, "BADREQUEST",
                     "Query '%s' has no stored result: its rows were in the answer. "
                     "max_initial_results asks for pages.",
                     x->id);
  return RS_OK;
}

enum rs_code rs_get_query_page(struct rs_request *q)
{
  struct rs_query *x;
  int64_t from, n = PAGE, offset = 0;
  enum rs_code rc = read_cursor(q, &from);
  if (rc == RS_OK) rc = number_arg(q, "docs", PAGE_MAX, &n);
  if (rc == RS_OK) rc = number_arg(q, "offset", 1000000000, &offset);
  if (rc == RS_OK) rc = find_query(q, &x);
  if (rc != RS_OK) return rc;
  rc = check_pages(q, x);
  if (rc == RS_OK) rc = write_page(q, x, from + offset, n);
  rs_query_release(q->backend, x);
  return rc;
}
