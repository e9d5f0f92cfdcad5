/*
** Reading what a query asks for, and choosing how it is answered: streamed, or run into a store and
** paged, or left to run.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "internal.h"
#include "src/json/json.h"

enum { INITIAL_MAX = 100000, PAGE = 10000, CLIENT_MAX_MS = 120000 };

/* ---- the body -------------------------------------------------------------------------------- */

/* A parameter's value as the text that the API means; clients may also send plain JSON. */
static enum rs_code read_value(struct rs_request *q, const cJSON *v, const char **text)
{
  *text = NULL;
  if (v == NULL || cJSON_IsNull(v)) return RS_OK;
  if (cJSON_IsString(v)) {
    *text = v->valuestring;
    return RS_OK;
  }
  char *printed = cJSON_PrintUnformatted(v);
  *text = printed != NULL ? rs_arena_strdup(&q->arena, printed) : NULL;
  cJSON_free(printed);
  return *text != NULL ? RS_OK : rs_nomem(&q->e);
}

static enum rs_code read_param(struct rs_request *q, const cJSON *item, struct rs_query_request *r)
{
  struct rs_query_param p = {NULL, NULL, NULL};
  if (!cJSON_IsObject(item))
    return rs_refuse(q, 400, "INVALIDINPUT",
                     "request body: 'parameters' holds objects with name, type and value");
  enum rs_code rc = rs_request_text(q, item, "name", true, &p.name);
  if (rc == RS_OK) rc = rs_request_text(q, item, "type", false, &p.type);
  if (rc == RS_OK) rc = read_value(q, cJSON_GetObjectItemCaseSensitive(item, "value"), &p.value);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; i < r->nparams; i++) {
    if (!rs_eq(r->params[i].name, p.name)) continue;
    r->params[i] = p;
    return RS_OK;
  }
  r->params[r->nparams++] = p;
  return RS_OK;
}

enum rs_code rs_query_request_params(struct rs_request *q, const cJSON *list,
                                     struct rs_query_request *r)
{
  if (list == NULL || cJSON_IsNull(list)) return RS_OK;
  if (!cJSON_IsArray(list))
    return rs_refuse(q, 400, "INVALIDINPUT", "request body: 'parameters' must be an array");
  size_t n = (size_t)cJSON_GetArraySize(list);
  struct rs_query_param *all = rs_arena_alloc(&q->arena, (r->nparams + n + 1) * sizeof *all);
  if (all == NULL) return rs_nomem(&q->e);
  if (r->nparams > 0) memcpy(all, r->params, r->nparams * sizeof *all);
  r->params = all;
  const cJSON *item;
  cJSON_ArrayForEach(item, list)
  {
    enum rs_code rc = read_param(q, item, r);
    if (rc != RS_OK) return rc;
  }
  return RS_OK;
}

/* Old clients: `paginate`, `initial_paginate_response_doc_count`. */
static enum rs_code read_old_paging(struct rs_request *q, const cJSON *j,
                                    struct rs_query_request *r)
{
  bool paginate = false;
  int64_t first = -1;
  enum rs_code rc = rs_request_bool(q, j, "paginate", &paginate);
  if (rc == RS_OK)
    rc = rs_request_int(q, j, "initial_paginate_response_doc_count", 0, INITIAL_MAX, &first);
  if (rc == RS_OK && r->initial < 0) r->initial = first >= 0 ? first : paginate ? PAGE : -1;
  return rc;
}

enum rs_code rs_query_request_options(struct rs_request *q, const cJSON *j,
                                      struct rs_query_request *r)
{
  const struct rs_query_limits *l = q->backend->limits;
  // dbt sends async_options alone and means asynchronous
  const cJSON *a;
  int64_t initial = -1, timeout = 0;
  enum rs_code rc = rs_request_object(q, j, "async_options", false, &a);
  r->async = a != NULL;
  if (rc == RS_OK) rc = rs_request_bool(q, j, "async", &r->async);
  if (rc == RS_OK && a != NULL)
    rc = rs_request_int(q, a, "client_timeout_ms", 0, INT32_MAX, &r->client_ms);
  if (rc == RS_OK && a != NULL) rc = rs_request_int(q, a, "timeout_ms", 0, INT32_MAX, &timeout);
  if (rc == RS_OK && a != NULL)
    rc = rs_request_int(q, a, "max_initial_results", 0, INITIAL_MAX, &initial);
  if (rc == RS_OK) rc = rs_request_int(q, j, "timeout_ms", 0, INT32_MAX, &timeout);
  if (rc == RS_OK) rc = rs_request_int(q, j, "max_initial_results", 0, INITIAL_MAX, &initial);
  if (rc == RS_OK && initial >= 0) r->initial = initial;
  if (rc == RS_OK) rc = read_old_paging(q, j, r);
  int64_t most = r->async ? l->async_ms : l->timeout_ms;
  r->timeout_ms = timeout > 0 && timeout < most ? timeout : most;
  if (r->client_ms > CLIENT_MAX_MS) r->client_ms = CLIENT_MAX_MS;
  r->types = rs_request_header(q, RS_TYPES_HEADER) != NULL;
  return rc;
}

enum rs_code rs_query_request_read(struct rs_request *q, struct rs_query_request *r)
{
  const cJSON *j;
  memset(r, 0, sizeof *r);
  r->row_limit = r->initial = -1;
  enum rs_code rc = rs_request_json(q, false, &j);
  if (rc != RS_OK) return rc;
  const cJSON *sql;
  rc = rs_request_object(q, j, "sql", true, &sql);
  if (rc == RS_OK) rc = rs_request_text(q, sql, "query", true, &r->sql);
  if (rc == RS_OK)
    rc = rs_query_request_params(q, cJSON_GetObjectItemCaseSensitive(sql, "parameters"), r);
  if (rc == RS_OK) rc = rs_request_int(q, sql, "default_row_limit", 0, INT32_MAX, &r->row_limit);
  if (rc == RS_OK) rc = read_old_paging(q, sql, r);
  return rc == RS_OK ? rs_query_request_options(q, j, r) : rc;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* A stored result's first part; one still running has no rows. */
static enum rs_code answer_stored(struct rs_request *q, struct rs_query *x,
                                  const struct rs_query_request *r, bool ended)
{
  struct rs_buf *b = &q->out;
  int64_t got = 0, n = r->initial >= 0 ? r->initial : PAGE;
  // it may end meanwhile; this answer has no rows all the same
  enum rs_query_status now = x->status == RS_Q_QUEUED ? RS_Q_QUEUED : RS_Q_RUNNING;
  enum rs_query_status status = ended ? RS_Q_COMPLETED : now;
  enum rs_code rc = RS_OK;
  rs_js_open(b, NULL, '{');
  rs_js_text(b, "query_id", x->id);
  rs_js_text(b, "status", rs_query_status_name(status));
  rs_js_raw(b, "collections", ended ? x->collections : "[]");
  rs_js_raw(b, "column_fields", ended ? x->column_fields : "[]");
  rs_js_open(b, "results", '[');
  if (ended) rc = rs_query_page(x, 0, n, (int64_t)100 << 20, b, &got, &q->e);
  rs_js_close(b, ']');
  rs_js_int(b, "results_total_doc_count", ended ? x->rows : 0);
  rs_js_open(b, "stats", '{');
  rs_js_int(b, "elapsed_time_ms", (ended ? x->ended_ms : rs_now_ms()) - x->started_ms);
  rs_js_int(b, "throttled_time_micros", 0);
  rs_js_close(b, '}');
  if (ended && (got < x->rows || r->async))
    rs_query_write_pagination(b, x->rows > 0 ? 0 : -1, got < x->rows ? got : -1, got);
  if (ended && x->last_offset != NULL) rs_js_text(b, "last_offset", x->last_offset);
  if (r->lambda != NULL) rs_js_text(b, "query_lambda_path", r->lambda);
  rs_js_close(b, '}');
  q->rows = got;
  return rc;
}

static enum rs_code run_apart(struct rs_request *q, struct rs_query *x,
                              const struct rs_query_request *r)
{
  struct rs_backend *v = q->backend;
  enum rs_code rc = rs_query_spawn(v, x, r, &q->who, &q->e);
  if (rc == RS_OK) {
    bool ended = rs_query_wait(v, x, r->async ? r->client_ms : r->timeout_ms + 1000, &q->watch);
    // who is not asynchronous waits for it, or nobody wants it any more
    if (!ended && !r->async) {
      rs_watch_stop(&x->watch, RS_STOP_CANCEL);
      (void)rs_query_wait(v, x, INT32_MAX, NULL);
      ended = true;
    }
    if (ended && x->status != RS_Q_COMPLETED) {
      rc = x->problem.e.code != RS_OK ? x->problem.e.code : RS_INTERNAL;
      rs_problem_refuse(q, &x->problem, rc);
    } else {
      rc = answer_stored(q, x, r, ended);
    }
  }
  rs_query_release(v, x);
  return rc;
}

static enum rs_code run_here(struct rs_request *q, struct rs_query *x,
                             const struct rs_query_request *r)
{
  struct rs_backend *v = q->backend;
  struct rs_run *run = rs_calloc(1, sizeof *run);
  enum rs_code rc = run != NULL ? RS_OK : rs_nomem(&q->e);
  struct rs_problem problem = {.status = 429, .type = "RESOURCEEXCEEDED"};
  bool started = false;
  if (rc == RS_OK) {
    rc = rs_query_start(v, x, &problem.e);
    started = rc == RS_OK;
    if (rc == RS_OK) rc = rs_pool_take(v, &x->watch, &q->pooled, &problem.e);
    if (rc != RS_OK && started) rs_status_of(rc, &problem.status, &problem.type);
  }
  if (rc != RS_OK) {
    if (rc == RS_CANCELLED) {
      problem.status = atomic_load(&x->watch.why) == RS_STOP_DEADLINE ? 408 : 400;
      problem.type = problem.status == 408 ? "QUERY_TIMEOUT" : "QUERY_CANCELLED";
    }
    rs_query_end(v, x, rc, &problem);
    rs_query_release(v, x);
    rs_free(run);
    return rs_problem_refuse(q, &problem, rc);
  }
  rs_run_init(run, v, q->pooled->s, &x->watch, &q->who);
  run->instance = x->instance;
  rc = rs_run_prepare(run, r);
  if (rc == RS_OK) rc = rs_run_open(run, r);
  if (rc == RS_OK) rc = rs_query_describe(v, x, run, &run->problem.e);
  if (rc == RS_OK) return rs_stream_answer(q, x, run);
  rs_run_failed(run, rc);
  rs_problem_refuse(q, &run->problem, rc);
  rs_query_end(v, x, rc, &run->problem);
  rs_run_close(run);
  rs_free(run);
  rs_query_release(v, x);
  return rc;
}

enum rs_code rs_query_answer(struct rs_request *q, const struct rs_query_request *r)
{
  struct rs_query *x = NULL;
  bool apart = r->async || r->initial >= 0;
  // it gets one that its own watch can stop
  rs_request_session_end(q);
  enum rs_code rc = rs_query_begin(q->backend, r, &q->who, apart ? -1 : q->watch.fd, &x, &q->e);
  if (rc == RS_BUSY) { // the instance is suspended
    q->status = 503;
    q->type = "NOT_READY";
  }
  if (rc != RS_OK) return rc;
  (void)snprintf(q->query_id, sizeof q->query_id, "%s", x->id);
  return apart ? run_apart(q, x, r) : run_here(q, x, r);
}
