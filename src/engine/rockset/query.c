/*
** Statements and lambdas as a stream of rows (rockset.h).
**
** A query is sent synchronously and its answer read while it arrives; more rows than one answer may
** hold come page by page. What outlives the service's limit for synchronous queries (status 408) is
** sent once more as asynchronous, if it only reads.
**
** Stopping: the server names a query's id only in its answer. Until that begins the query is sought
** among those that run (GET ~/queries) by its text, and stopped when just one has it: asking for
** an asynchronous answer each time would make the server store results that can be streamed. Once
** rows arrive the end of the transfer stops what is left to stop, also when a reader has enough.
*/
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "rockset.h"

#define PAGE_ROWS 100000               /* the most that the API gives at once */
#define IDLE_MS ((int64_t)1800 * 1000) /* a query may think for as long as the API lets any run */
#define ASYNC_MS 1800000
#define WAIT_S 1900 /* for an asynchronous one */

static void set_text(char **to, const char *text, size_t n)
{
  rs_free(*to);
  *to = rs_strndup(text, n);
}

/* ---- members of the answer ------------------------------------------------------------------- */

static enum rs_code take_fields(struct rs_rockset_stream *st, const cJSON *fields,
                                struct rs_error *e)
{
  const cJSON *f;
  enum rs_code rc = RS_OK;
  if (st->listed.n > 0) return RS_OK; // pages repeat it
  if (cJSON_GetArraySize(fields) > RS_ANSWER_COLUMNS_MAX)
    return rs_fail(e, RS_LIMIT, "the answer has %d columns, more than %d: name those that you want",
                   cJSON_GetArraySize(fields), RS_ANSWER_COLUMNS_MAX);
  cJSON_ArrayForEach(f, fields)
  {
    const char *name = rs_remote_text(f, "name"), *type = rs_remote_text(f, "type");
    // a row is an object: the second field of a name would be the same as the first
    if (rc != RS_OK || name == NULL || rs_columns_find(&st->listed, name) >= 0) continue;
    if (type == NULL) type = "";
    enum rs_type t = rs_rockset_type(type);
    // the service itself tells no types; that of this field is always known
    if (type[0] == 0 && rs_eq(name, "_event_time")) t = RS_T_TIMESTAMPTZ;
    rc = rs_columns_add(&st->listed, name, strlen(name), type, t, e);
  }
  return rc;
}

static void take_errors(struct rs_rockset_stream *st, const cJSON *errors)
{
  const cJSON *first = cJSON_GetArrayItem(errors, 0);
  const char *message = rs_remote_text(first, "message");
  if (first == NULL) return;
  st->error_code = rs_rockset_code(rs_remote_text(first, "type"),
                                   (int)rs_rockset_int(first, "status_code", 0));
  rs_free(st->error);
  st->error = rs_strdup(message != NULL ? message : "the query failed");
}

/* Warnings are no errors, and rows cannot hold them: the log does. */
static void log_note(struct rs_session *s, const char *sql, const char *fmt, const char *text)
{
  char *note = rs_mprintf(fmt, text);
  rs_remote_log(s, sql, rs_now_us(), rs_wall_us(), -1, -1, note);
  rs_free(note);
}

static void take_warnings(struct rs_rockset_stream *st, const cJSON *warnings)
{
  const cJSON *w;
  cJSON_ArrayForEach(w, warnings)
  {
    if (cJSON_IsString(w)) log_note(st->s, st->sql, "warning: %s", w->valuestring);
  }
}

static enum rs_code take_json(void *ctx, const char *name, const cJSON *v, struct rs_error *e)
{
  struct rs_rockset_stream *st = ctx;
  if (rs_eq(name, "column_fields")) return take_fields(st, v, e);
  if (rs_eq(name, "query_errors")) take_errors(st, v);
  else if (rs_eq(name, "warnings")) take_warnings(st, v);
  else if (rs_eq(name, "results_total_doc_count") && cJSON_IsNumber(v) && v->valuedouble >= 0 &&
           v->valuedouble < 9e18)
    st->total = (int64_t)v->valuedouble;
  else if (rs_eq(name, "pagination")) {
    const char *next = rs_remote_text(v, "next_cursor");
    if (next != NULL && next[0] != 0) set_text(&st->cursor, next, strlen(next));
  } else if (cJSON_IsString(v)) {
    char **to = rs_eq(name, "query_id")      ? &st->query_id
                : rs_eq(name, "status")      ? &st->status
                : rs_eq(name, "last_offset") ? &st->last_offset
                                             : NULL;
    if (to != NULL) set_text(to, v->valuestring, strlen(v->valuestring));
  }
  return RS_OK;
}

static enum rs_code on_member(void *ctx, const char *name, size_t name_n, const char *json,
                              size_t n, struct rs_error *e)
{
  static const char *const wanted[] = {"column_fields",
                                       "query_errors",
                                       "warnings",
                                       "results_total_doc_count",
                                       "pagination",
                                       "query_id",
                                       "status",
                                       "last_offset",
                                       NULL};
  (void)name_n;
  return rs_remote_member(wanted, take_json, ctx, name, json, n, e);
}

/* ---- sending --------------------------------------------------------------------------------- */

/* What a query has in its `sql`, and a lambda at the top. */
static void add_params(struct rs_buf *b, const struct rs_rockset_query *q)
{
  if (q->nparams + q->nnamed > 0) {
    rs_js_open(b, "parameters", '[');
    for (size_t i = 0; i < q->nparams; i++) {
      char name[32];
      (void)snprintf(name, sizeof name, "p%zu", i + 1);
      rs_rockset_add_param(b, name, NULL, &q->params[i]);
    }
    for (size_t i = 0; i < q->nnamed; i++)
      rs_rockset_add_param(b, q->named[i].name, q->named[i].type, &q->named[i].value);
    rs_js_close(b, ']');
  }
  if (q->row_limit > 0) rs_js_int(b, "default_row_limit", q->row_limit);
}

/* A lambda's path names no virtual instance: its body does, by id. An RRN ends in it. */
static void add_instance(struct rs_buf *b, const char *vi)
{
  const char *colon = strncmp(vi, "rrn:", 4) == 0 ? strrchr(vi, ':') : NULL;
  rs_js_text(b, "virtual_instance_id", colon != NULL ? colon + 1 : vi);
}

static void write_body(struct rs_buf *b, const struct rs_rockset_query *q, const char *vi,
                       bool async)
{
  rs_buf_char(b, '{');
  if (q->path == NULL) {
    rs_js_open(b, "sql", '{');
    rs_js_text(b, "query", q->sql);
    add_params(b, q);
    rs_buf_char(b, '}');
  } else {
    add_params(b, q);
    if (vi != NULL) add_instance(b, vi);
  }
  if (async) {
    rs_js_open(b, "async_options", '{');
    rs_js_int(b, "client_timeout_ms", 1000);
    if (!q->writes) {
      rs_js_close(b, '}');
      rs_js_bool(b, "async", true);
    }
    rs_js_int(b, "timeout_ms", ASYNC_MS);
    if (q->writes) { // dbt-rockset asks for an asynchronous INSERT INTO by these alone
      rs_js_int(b, "max_initial_results", 1);
      rs_js_close(b, '}');
    }
  }
  if (!q->writes) rs_js_int(b, "max_initial_results", PAGE_ROWS);
  rs_buf_char(b, '}');
}

static void write_path(struct rs_buf *b, struct rs_session *s, const struct rs_rockset_query *q)
{
  const char *vi = rs_rockset_target(s)->vi;
  if (q->path != NULL) rs_buf_str(b, q->path);
  else if (vi != NULL) rs_rockset_path(b, "/virtualinstances/%s/queries", vi);
  else rs_rockset_path(b, "/queries");
}

/* Opens an exchange whose answer is rows. */
static enum rs_code open_rows(struct rs_rockset_stream *st, const struct rs_http_request *r,
                              int *status, struct rs_error *e)
{
  struct rs_http *client = NULL;
  enum rs_code rc = rs_rockset_open(st->s, r, 0, &client, status, e);
  if (rc == RS_OK && *status >= 400) rc = rs_rockset_refused(client, *status, e);
  else if (rc == RS_OK) st->client = client;
  return rc;
}

static enum rs_code send_query(struct rs_rockset_stream *st, const struct rs_rockset_query *q,
                               bool async, int *status, struct rs_error *e)
{
  static const struct rs_http_header json[] = {{"Content-Type", "application/json", false}};
  struct rs_buf body, path;
  *status = 0;
  rs_buf_init(&body, RS_BUF_SQL_MAX + (RS_BUF_SQL_MAX >> 1));
  rs_buf_init(&path, 1 << 16);
  write_body(&body, q, rs_rockset_target(st->s)->vi, async);
  write_path(&path, st->s, q);
  enum rs_code rc = rs_buf_error(&body, e, "statement");
  if (rc == RS_OK) rc = rs_buf_error(&path, e, "path of a request");
  if (rc == RS_OK) {
    const struct rs_http_request r = {
      .method = "POST",
      .path = rs_buf_text(&path),
      .headers = json,
      .nheaders = 1,
      .body = rs_buf_text(&body),
      .body_len = body.n,
      .idempotent = !q->writes,
      .timeouts = {.idle = IDLE_MS},
    };
    rc = open_rows(st, &r, status, e);
  }
  rs_buf_free(&body);
  rs_buf_free(&path);
  return rc;
}

/* ---- stopping -------------------------------------------------------------------------------- */

/* The id of the one query that runs with this text; returns owned, NULL: none, or several. */
static char *find_running(struct rs_session *s, const char *sql)
{
  const struct rs_rockset_call get = {.flags = RS_REST_CALM};
  cJSON *answer = NULL;
  const cJSON *q, *found = NULL;
  size_t n = 0;
  if (rs_rockset_call(s, &get, &answer, NULL, "/queries") != RS_OK) return NULL;
  cJSON_ArrayForEach(q, rs_rockset_data(answer))
  {
    const char *text = rs_remote_text(q, "sql");
    if (!rs_eq(text, sql)) continue;
    found = q;
    n++;
  }
  const char *id = n == 1 ? rs_remote_text(found, "query_id") : NULL;
  char *copy = id != NULL ? rs_strdup(id) : NULL;
  cJSON_Delete(answer);
  return copy;
}

static void stop_query(struct rs_rockset_stream *st)
{
  char *found = NULL;
  if (st->client != NULL) rs_http_end(st->client);
  st->client = NULL;
  if (st->query_id == NULL && st->path == NULL) found = find_running(st->s, st->sql);
  const char *id = st->query_id != NULL ? st->query_id : found;
  if (id != NULL) (void)rs_rockset_delete(st->s, RS_REST_CALM, NULL, "/queries/%s", id);
  rs_free(found);
}

/* ---- the stream ------------------------------------------------------------------------------ */

static enum rs_code read_body(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  struct rs_rockset_stream *st = ctx;
  return rs_http_read(st->client, buf, cap, n, e);
}

/* Reads the answer of the open exchange: the first document, or the next one. */
static enum rs_code start_document(struct rs_rockset_stream *st, struct rs_error *e)
{
  const struct rs_json_source source = {read_body, st};
  if (st->json != NULL) return rs_json_rows_restart(st->json, &source, e);
  const struct rs_json_options options = {
    .what = "query result",
    .rows = "results",
    .shape = RS_JSON_OBJECTS,
    .typed = true,
    .member = on_member,
    .ctx = st,
  };
  return rs_json_rows_open(&source, &options, &st->json, e);
}

static enum rs_code open_page(struct rs_rockset_stream *st, struct rs_error *e)
{
  struct rs_buf path;
  int status;
  if (st->query_id == NULL) return rs_fail(e, RS_REMOTE, "the answer has pages but no query_id");
  if (st->client != NULL) rs_http_end(st->client);
  st->client = NULL;
  rs_buf_init(&path, 1 << 20);
  rs_rockset_path(&path, "/queries/%s", st->query_id);
  rs_buf_printf(&path, "/pages?docs=%d", PAGE_ROWS);
  if (st->cursor != NULL) {
    rs_buf_str(&path, "&cursor=");
    rs_http_escape(&path, st->cursor, strlen(st->cursor));
  }
  rs_free(st->cursor);
  st->cursor = NULL;
  enum rs_code rc = rs_buf_error(&path, e, "path of a request");
  if (rc == RS_OK) {
    const struct rs_http_request r = {
      .method = "GET", .path = rs_buf_text(&path), .idempotent = true};
    rc = open_rows(st, &r, &status, e);
  }
  rs_buf_free(&path);
  return rc == RS_OK ? start_document(st, e) : rc;
}

static bool is_pending(const struct rs_rockset_stream *st)
{
  return rs_eq(st->status, "QUEUED") || rs_eq(st->status, "RUNNING");
}

static enum rs_code own_error(const struct rs_rockset_stream *st, struct rs_error *e)
{
  if (st->error != NULL) return rs_fail(e, st->error_code, "%s", st->error);
  if (rs_eq(st->status, "ERROR")) return rs_fail(e, RS_REMOTE, "the query failed");
  if (rs_eq(st->status, "CANCELLED"))
    return rs_fail(e, RS_CANCELLED, "the query was cancelled on the server");
  return RS_OK;
}

/* Waits for an asynchronous query's end; what it tells becomes the stream's. */
static enum rs_code await_end(struct rs_rockset_stream *st, struct rs_error *e)
{
  struct rs_rockset_poll poll = {0};
  enum rs_code rc = RS_OK;
  if (st->query_id == NULL) return rs_fail(e, RS_REMOTE, "the answer has no query_id");
  while (rc == RS_OK && is_pending(st)) {
    cJSON *answer = NULL;
    rc = rs_rockset_pause(st->s, &poll, WAIT_S, e, "query %s has not ended", st->query_id);
    if (rc == RS_OK) rc = rs_rockset_get(st->s, &answer, e, "/queries/%s", st->query_id);
    if (rc != RS_OK) break;
    const cJSON *info = rs_rockset_data(answer);
    const char *status = rs_remote_text(info, "status");
    const char *offset = rs_remote_text(answer, "last_offset");
    if (offset == NULL) offset = rs_remote_text(info, "last_offset");
    set_text(&st->status, status != NULL ? status : "", status != NULL ? strlen(status) : 0);
    if (offset != NULL) set_text(&st->last_offset, offset, strlen(offset));
    take_errors(st, cJSON_GetObjectItemCaseSensitive(info, "query_errors"));
    cJSON_Delete(answer);
  }
  return rc == RS_OK ? own_error(st, e) : rc;
}

/* Everything of one document has arrived: RS_OK when another one follows. */
static enum rs_code end_of_document(struct rs_rockset_stream *st, struct rs_error *e)
{
  if (st->client != NULL) rs_http_end(st->client);
  st->client = NULL;
  enum rs_code rc = own_error(st, e);
  if (rc != RS_OK) return rc;
  if (is_pending(st)) {
    rc = await_end(st, e);
    if (rc == RS_OK && st->writes) return RS_DONE; // it stores no rows
    return rc == RS_OK ? open_page(st, e) : rc;
  }
  if (st->cursor != NULL) return open_page(st, e);
  if (st->total >= 0 && st->rows < st->total && !st->writes) {
    return rs_fail(e, RS_REMOTE, "the service gave %lld of %lld rows and no way to the others",
                   (long long)st->rows, (long long)st->total);
  }
  if (!rs_json_rows_seen(st->json)) {
    return rs_fail(e, RS_REMOTE, "the answer is no query result: it has no 'results'");
  }
  return RS_DONE;
}

/* A statement that writes is never sent again once it may have arrived: did it run? */
static enum rs_code say_unknown(const struct rs_rockset_stream *st, enum rs_code rc,
                                struct rs_error *e)
{
  bool lost = rc == RS_IO || rc == RS_TIMEOUT || rc == RS_REMOTE;
  if (!st->writes || !lost || e == NULL || e->unsent || own_error(st, NULL) != RS_OK) return rc;
  e->unknown = true;
  (void)rs_error_prefix(e, "it is not known whether the rows were written");
  return rc;
}

/* Up to the first row, or to the end. */
static enum rs_code read_head(struct rs_rockset_stream *st, struct rs_error *e)
{
  enum rs_code rc = start_document(st, e);
  while (rc == RS_OK) {
    rc = rs_json_rows_head(st->json, e);
    if (rc != RS_DONE) return rc;
    rc = end_of_document(st, e);
  }
  if (rc != RS_DONE) return rc;
  st->over = true;
  return RS_OK;
}

enum rs_code rs_rockset_run(struct rs_session *s, const struct rs_rockset_query *q,
                            struct rs_rockset_stream **ps, struct rs_error *e)
{
  int status = 0;
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  e->unsent = false;
  struct rs_rockset_stream *st = rs_calloc(1, sizeof *st);
  if (st == NULL) return rs_nomem(e);
  st->s = s;
  st->writes = q->writes;
  st->total = st->inserted = -1;
  st->sql = rs_strdup(q->sql);
  st->path = rs_strdup(q->path);
  enum rs_code rc = st->sql != NULL ? RS_OK : rs_nomem(e);
  if (rc == RS_OK) rc = send_query(st, q, q->writes && rs_rockset_target(s)->async, &status, e);
  if (rc == RS_TIMEOUT && status == 408 && !q->writes) {
    log_note(s, q->sql, "%s", "too long for a synchronous query: sent as an asynchronous one");
    rc = send_query(st, q, true, &status, e);
  }
  if (rc == RS_OK) rc = read_head(st, e);
  if (rc == RS_CANCELLED) stop_query(st);
  if (rc != RS_OK) {
    if (status < 400) rc = say_unknown(st, rc, e); // else it is the service that says no
    rs_rockset_close(st);
    return rc;
  }
  *ps = st;
  return RS_OK;
}

/* num_docs_inserted is a row of its own */
static void note_inserted(struct rs_rockset_stream *st, struct rs_json_batch *b)
{
  const char *const *names;
  size_t n = rs_json_batch_columns(b, &names);
  for (size_t i = 0; i < n; i++) {
    struct rs_value v;
    if (!rs_eq(names[i], "num_docs_inserted")) continue;
    if (rs_json_batch_get(b, 0, i, &v) && v.kind == RS_INT) st->inserted = v.i;
  }
}

enum rs_code rs_rockset_next(struct rs_rockset_stream *st, struct rs_json_batch **batch, size_t *n,
                             struct rs_error *e)
{
  enum rs_code rc = st->over ? RS_DONE : RS_OK;
  while (rc == RS_OK) {
    rc = rs_json_rows_next(st->json, batch, n, e);
    if (rc == RS_OK) {
      st->rows += (int64_t)*n;
      if (st->writes) note_inserted(st, *batch);
      return RS_OK;
    }
    if (rc == RS_DONE) rc = end_of_document(st, e);
  }
  st->over = true;
  if (rc == RS_CANCELLED && is_pending(st)) stop_query(st);
  return rc == RS_DONE ? rc : say_unknown(st, rc, e);
}

void rs_rockset_close(struct rs_rockset_stream *st)
{
  if (st == NULL) return;
  if (st->client != NULL) rs_http_end(st->client);
  rs_json_rows_close(st->json);
  rs_columns_free(&st->listed);
  rs_free(st->sql);
  rs_free(st->path);
  rs_free(st->query_id);
  rs_free(st->status);
  rs_free(st->last_offset);
  rs_free(st->cursor);
  rs_free(st->error);
  rs_free(st);
}

enum rs_code rs_rockset_project(struct rs_rockset_stream *st, const struct rs_columns *c,
                                struct rs_error *e)
{
  const char **names = rs_calloc(c->n + 1, sizeof *names);
  if (names == NULL) return rs_nomem(e);
  for (size_t i = 0; i < c->n; i++) names[i] = c->v[i].name;
  enum rs_code rc = rs_json_rows_project(st->json, names, c->n, e);
  rs_free(names);
  for (size_t i = 0; i < c->n && rc == RS_OK; i++) {
    if (c->v[i].type == RS_T_DECIMAL) rc = rs_json_rows_decimal(st->json, i, e);
  }
  return rc;
}

enum rs_code rs_rockset_each(struct rs_session *s, const char *sql, rs_rockset_row_fn fn, void *ctx,
                             struct rs_error *e)
{
  const struct rs_rockset_query q = {.sql = sql};
  struct rs_rockset_stream *st = NULL;
  struct rs_json_batch *b = NULL;
  size_t n = 0;
  int64_t us = rs_now_us(), wall = rs_wall_us();
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  enum rs_code rc = rs_rockset_run(s, &q, &st, e);
  while (rc == RS_OK && (rc = rs_rockset_next(st, &b, &n, e)) == RS_OK) {
    for (size_t i = 0; i < n && rc == RS_OK; i++) rc = fn(ctx, b, i, e);
    rs_json_batch_free(b);
  }
  rs_remote_log(s, sql, us, wall, st != NULL ? st->rows : -1,
                st != NULL ? rs_json_rows_bytes(st->json) : -1, rc != RS_DONE ? e->text : NULL);
  rs_rockset_close(st);
  return rc == RS_DONE ? RS_OK : rc;
}
