/*
** One statement of Trino's client protocol (trino.h).
**
** POST /v1/statement answers with a page; each page names the next one (`nextUri`) until the last,
** which has none, or tells the error. A page is read while it arrives: columns in front of the
** rows, what comes behind them at its end. The server waits by itself for up to a second before it
** answers a page that is not ready.
**
** Trying again: a page may be asked for again until the one behind it was; and a statement that was
** sent begins to run only with the first request for its page, so that one whose answer was lost
** never ran and may be sent once more. From that request on a statement that changes something may
** be done: where no answer tells, the error says that it is not known.
**
** Stopping: DELETE of the next page, by a client of its own that no cancel reaches.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "trino.h"

#define STATEMENT "/v1/statement"
#define REFUSAL_MAX ((size_t)1 << 20)

struct rs_trino_stream {
  struct rs_session *s;
  struct rs_json_rows *json;
  bool writes;
  bool begun;   /* a page was asked for: the server runs it */
  bool reading; /* an exchange is open */
  bool over;    /* the server has given its end, or its error */
  bool listed;  /* columns are known */
  bool held;    /* a page has begun and its rows wait */
  struct rs_arena a;
  struct rs_columns columns;
  struct rs_trino_type *types;
  struct rs_arena request; /* texts of the exchange that is open */
  char *uri;               /* of the page that is read; NULL: the statement's own answer */
  /* what the page has said */
  char *next_uri;
  enum rs_code failed;
  struct rs_error error;
  int64_t updated;
};

/* ---- errors ---------------------------------------------------------------------------------- */

static enum rs_code code_of(const char *name, const char *type)
{
  static const struct {
    const char *name;
    enum rs_code code;
  } names[] = {
    {"TABLE_NOT_FOUND", RS_NOT_FOUND},
    {"SCHEMA_NOT_FOUND", RS_NOT_FOUND},
    {"CATALOG_NOT_FOUND", RS_NOT_FOUND},
    {"NOT_FOUND", RS_NOT_FOUND},
    {"TABLE_ALREADY_EXISTS", RS_EXISTS},
    {"SCHEMA_ALREADY_EXISTS", RS_EXISTS},
    {"ALREADY_EXISTS", RS_EXISTS},
    {"PERMISSION_DENIED", RS_FORBIDDEN},
    {"USER_CANCELED", RS_CANCELLED},
    {"EXCEEDED_TIME_LIMIT", RS_TIMEOUT},
    {"ABANDONED_QUERY", RS_TIMEOUT},
    {"NOT_SUPPORTED", RS_UNSUPPORTED},
    {"CONSTRAINT_VIOLATION", RS_CONSTRAINT},
    {"SCHEMA_NOT_EMPTY", RS_CONSTRAINT},
    {"MERGE_TARGET_ROW_MULTIPLE_MATCHES", RS_CONSTRAINT},
    {"QUERY_TEXT_TOO_LARGE", RS_LIMIT},
    {"QUERY_QUEUE_FULL", RS_RATE_LIMITED},
    {"QUERY_REJECTED", RS_RATE_LIMITED},
    {"TRANSACTION_CONFLICT", RS_BUSY},
    {"ICEBERG_COMMIT_ERROR", RS_BUSY},
    {"SERVER_STARTING_UP", RS_BUSY},
    {"SERVER_SHUTTING_DOWN", RS_BUSY},
  };
  for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++) {
    if (rs_eq(names[i].name, name)) return names[i].code;
  }
  if (rs_eq(type, "USER_ERROR")) return RS_INVALID;
  return rs_eq(type, "INSUFFICIENT_RESOURCES") ? RS_LIMIT : RS_REMOTE;
}

/* "line 1:8: Function 'x' not registered", "line 1:8: Unexpected parameters (...) for function x."
 */
static void keep_function(const char *message, struct rs_error *e)
{
  static const char absent[] = "Function '", types[] = " for function ";
  const char *name = strstr(message, types);
  e->refused = name != NULL ? RS_REFUSED_ARGUMENTS : RS_REFUSED_OTHER;
  if (name != NULL) name += sizeof types - 1;
  else if ((name = strstr(message, absent)) != NULL) name += sizeof absent - 1;
  size_t n = name != NULL ? strcspn(name, "'.") : 0;
  if (n == 0 || n >= sizeof e->function) return;
  memcpy(e->function, name, n);
  e->function[n] = 0;
}

/* Messages of the parser and the analyzer name the line themselves: "line 1:8: ...". */
static void take_error(struct rs_trino_stream *st, const cJSON *error)
{
  const char *message = rs_remote_text(error, "message"),
             *name = rs_remote_text(error, "errorName");
  st->over = true;
  st->failed = rs_fail(&st->error, code_of(name, rs_remote_text(error, "errorType")), "%s%s%s%s",
                       message != NULL ? message : "the statement failed", name != NULL ? " (" : "",
                       name != NULL ? name : "", name != NULL ? ")" : "");
  if (rs_eq(name, "FUNCTION_NOT_FOUND") && message != NULL) keep_function(message, &st->error);
  st->error.again = rs_eq(name, "TRANSACTION_CONFLICT") || rs_eq(name, "ICEBERG_COMMIT_ERROR");
}

/* An answer that is no page: a proxy's, or the server's before it knows the statement. */
static enum rs_code read_refusal(struct rs_trino_stream *st, struct rs_http *h, int status,
                                 bool page, struct rs_error *e)
{
  char first[300];
  struct rs_buf body;
  rs_buf_init(&body, REFUSAL_MAX);
  enum rs_code rc = rs_remote_read(h, &body, e);
  rs_remote_first_line(&body, first, sizeof first);
  rs_buf_free(&body);
  st->reading = false;
  if (rc == RS_CANCELLED || rc == RS_NOMEM) return rc;
  const char *origin = rs_http_origin(h), *colon = first[0] != 0 ? ": " : "";
  if (status == 401) {
    return rs_fail(e, RS_AUTH,
                   "%s: refuses the credentials (HTTP status 401)%s%s; check method, "
                   "user, password or jwt_token in the profile",
                   origin, colon, first);
  }
  if (page && (status == 404 || status == 410)) {
    st->over = true;
    return rs_fail(e, RS_REMOTE,
                   "%s: does not know the statement any more (HTTP status %d): it was stopped, or "
                   "the coordinator was restarted",
                   origin, status);
  }
  rc = status == 403   ? RS_FORBIDDEN
       : status == 429 ? RS_RATE_LIMITED
       : status == 503 ? RS_BUSY
       : status == 400 ? RS_INVALID
                       : RS_REMOTE;
  return rs_fail(e, rc, "%s: HTTP status %d%s%s", origin, status, colon, first);
}

/* ---- members of a page ----------------------------------------------------------------------- */

static enum rs_code take_columns(struct rs_trino_stream *st, const cJSON *list, struct rs_error *e)
{
  const cJSON *item;
  size_t n = (size_t)cJSON_GetArraySize(list);
  if (st->listed || !cJSON_IsArray(list)) return RS_OK; // every page repeats them
  if (n > RS_ANSWER_COLUMNS_MAX)
    return rs_fail(e, RS_LIMIT,
                   "the answer has %zu columns, more than %d: name those that you want", n,
                   RS_ANSWER_COLUMNS_MAX);
  st->types = rs_arena_calloc(&st->a, (n + 1) * sizeof st->types[0]);
  if (st->types == NULL) return rs_nomem(e);
  cJSON_ArrayForEach(item, list)
  {
    const char *name = rs_remote_text(item, "name"), *type = rs_remote_text(item, "type");
    struct rs_trino_type *t = &st->types[st->columns.n];
    if (name == NULL || type == NULL) {
      return rs_fail(e, RS_REMOTE, "a column of the answer has no name or no type");
    }
    enum rs_code rc = rs_trino_type_parse(type, &st->a, t, e);
    if (rc == RS_OK) rc = rs_columns_add(&st->columns, name, strlen(name), type, t->type, e);
    if (rc != RS_OK) return rc;
  }
  st->listed = true;
  size_t *all = rs_arena_alloc(&st->a, (n + 1) * sizeof all[0]);
  if (all == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n; i++) all[i] = i;
  return rs_json_rows_pick(st->json, all, n, n, e);
}

static void take_warnings(struct rs_trino_stream *st, const cJSON *list)
{
  const cJSON *item;
  cJSON_ArrayForEach(item, list)
  {
    const char *message = rs_remote_text(item, "message");
    if (message != NULL && st->next_uri == NULL)
      rs_remote_log(st->s, "(warning)", rs_now_us(), rs_wall_us(), -1, -1, message);
  }
}

static enum rs_code take_json(void *ctx, const char *name, const cJSON *v, struct rs_error *e)
{
  struct rs_trino_stream *st = ctx;
  if (rs_eq(name, "columns")) return take_columns(st, v, e);
  if (rs_eq(name, "error")) take_error(st, v);
  if (rs_eq(name, "warnings")) take_warnings(st, v);
  if (rs_eq(name, "updateCount") && cJSON_IsNumber(v) && v->valuedouble >= 0 &&
      v->valuedouble < 9e18)
    st->updated = (int64_t)v->valuedouble;
  if (rs_eq(name, "nextUri") && cJSON_IsString(v)) {
    rs_free(st->next_uri);
    st->next_uri = rs_strdup(v->valuestring);
    if (st->next_uri == NULL) return rs_nomem(e);
  }
  return RS_OK;
}

static enum rs_code on_member(void *ctx, const char *name, size_t name_n, const char *json,
                              size_t n, struct rs_error *e)
{
  static const char *const wanted[] = {"nextUri",     "columns",  "error",
                                       "updateCount", "warnings", NULL};
  (void)name_n;
  return rs_remote_member(wanted, take_json, ctx, name, json, n, e);
}

/* ---- pages ----------------------------------------------------------------------------------- */

static enum rs_code read_body(void *ctx, char *buf, size_t cap, size_t *n, struct rs_error *e)
{
  struct rs_trino_stream *st = ctx;
  return rs_http_read(rs_remote_of(st->s)->http, buf, cap, n, e);
}

/* Sends a request and looks at status and headers; the page's body is to be read then. */
static enum rs_code open_page(struct rs_trino_stream *st, const struct rs_http_request *r,
                              struct rs_error *e)
{
  struct rs_trino_session *x = rs_trino_session(st->s);
  int status = 0;
  enum rs_code rc = rs_remote_check(st->s, e);
  if (rc != RS_OK) return rc;
  const bool page = r->body == NULL;
  rc = rs_http_open(x->remote.http, r, &status, e);
  if (page && (rc == RS_OK || !e->unsent)) st->begun = true;
  if (rc != RS_OK) return rc;
  st->reading = true;
  if (status != 200) return read_refusal(st, x->remote.http, status, page, e);
  return rs_trino_state_update(&x->state, x->remote.http, e);
}

/* A page was read to its end. RS_DONE: it was the last one. */
static enum rs_code end_page(struct rs_trino_stream *st, struct rs_error *e)
{
  rs_http_end(rs_remote_of(st->s)->http);
  st->reading = false;
  rs_arena_free(&st->request);
  if (st->failed != RS_OK) {
    if (e != NULL) *e = st->error;
    return st->failed;
  }
  st->over = st->next_uri == NULL;
  return st->over ? RS_DONE : RS_OK;
}

static enum rs_code next_page(struct rs_trino_stream *st, struct rs_error *e)
{
  const struct rs_json_source source = {read_body, st};
  rs_free(st->uri);
  st->uri = st->next_uri;
  st->next_uri = NULL; // the page tells the one behind it
  const struct rs_http_request r = {.path = st->uri, .idempotent = true};
  enum rs_code rc = open_page(st, &r, e);
  return rc == RS_OK ? rs_json_rows_restart(st->json, &source, e) : rc;
}

/* A statement that changes something and whose end nobody has said: is it done? */
static enum rs_code say_unknown(const struct rs_trino_stream *st, enum rs_code rc,
                                struct rs_error *e)
{
  if (rc == RS_OK || rc == RS_DONE || rc == RS_NOMEM) return rc;
  if (!st->writes || !st->begun || st->failed != RS_OK) return rc;
  e->unknown = true;
  e->unsent = false; // of the request: the statement was sent
  if (rc != RS_CANCELLED) (void)rs_error_prefix(e, "it is not known whether it was done");
  return rc;
}

/* Until rows arrive, or the columns are known, or the statement has ended (RS_DONE). */
static enum rs_code find_columns(struct rs_trino_stream *st, struct rs_error *e)
{
  for (;;) {
    enum rs_code rc = rs_json_rows_head(st->json, e);
    if (rc == RS_OK && !st->listed) {
      return rs_fail(e, RS_REMOTE, "%s: sends rows before their columns",
                     rs_http_origin(rs_remote_of(st->s)->http));
    }
    st->held = rc == RS_OK;
    if (rc == RS_DONE) rc = end_page(st, e);
    if (rc != RS_OK || st->listed) return rc;
    rc = next_page(st, e);
    if (rc != RS_OK) return rc;
  }
}

static enum rs_code next_batch(struct rs_trino_stream *st, struct rs_json_batch **b, size_t *n,
                               struct rs_error *e)
{
  for (;;) {
    if (!st->held) {
      if (st->over) return RS_DONE;
      enum rs_code rc = next_page(st, e);
      if (rc != RS_OK) return rc;
      st->held = true;
    }
    enum rs_code rc = rs_json_rows_next(st->json, b, n, e);
    if (rc != RS_DONE) return rc;
    st->held = false;
    rc = end_page(st, e);
    if (rc != RS_OK) return rc;
  }
}

enum rs_code rs_trino_next(struct rs_trino_stream *st, struct rs_json_batch **b, size_t *n,
                           struct rs_error *e)
{
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  return say_unknown(st, next_batch(st, b, n, e), e);
}

enum rs_code rs_trino_drain(struct rs_trino_stream *st, struct rs_error *e)
{
  struct rs_json_batch *b = NULL;
  enum rs_code rc;
  size_t n;
  while ((rc = rs_trino_next(st, &b, &n, e)) == RS_OK) rs_json_batch_free(b);
  return rc == RS_DONE ? RS_OK : rc;
}

/* ---- life ------------------------------------------------------------------------------------ */

static enum rs_code send_statement(struct rs_trino_stream *st, const char *sql, struct rs_error *e)
{
  struct rs_http_request r = {.path = STATEMENT, .idempotent = true};
  struct rs_http_header *headers;
  enum rs_code rc = rs_trino_state_headers(&rs_trino_session(st->s)->state, &st->request, &headers,
                                           &r.nheaders, e);
  if (rc != RS_OK) return rc;
  r.headers = headers;
  r.body_len = strlen(sql);
  r.body = rs_arena_strndup(&st->request, sql, r.body_len);
  return r.body != NULL ? open_page(st, &r, e) : rs_nomem(e);
}

/* Tells the server that nobody wants the rest. What it answers does not matter. */
static void stop_statement(struct rs_trino_stream *st)
{
  struct rs_http *calm;
  const char *uri = st->next_uri != NULL ? st->next_uri : st->uri;
  struct rs_buf body;
  int status;
  if (st->over || uri == NULL) return;
  if (rs_remote_calm(st->s, &calm, NULL, NULL) != RS_OK) return;
  const struct rs_http_request r = {
    .method = "DELETE", .path = uri, .timeouts = {.total = RS_REMOTE_CALM_MS}};
  rs_buf_init(&body, 1 << 16);
  (void)rs_http_fetch(calm, &r, &body, &status, NULL);
  rs_buf_free(&body);
}

void rs_trino_close(struct rs_trino_stream *st)
{
  if (st == NULL) return;
  if (st->reading) rs_http_end(rs_remote_of(st->s)->http);
  stop_statement(st);
  rs_json_rows_close(st->json);
  rs_columns_free(&st->columns);
  rs_free(st->next_uri);
  rs_free(st->uri);
  rs_arena_free(&st->request);
  rs_arena_free(&st->a);
  rs_free(st);
}

enum rs_code rs_trino_run(struct rs_session *s, const char *sql, bool writes,
                          struct rs_trino_stream **pst, struct rs_error *e)
{
  struct rs_trino_stream *st = rs_calloc(1, sizeof *st);
  struct rs_error own = {0};
  if (e == NULL) e = &own;
  if (st == NULL) return rs_nomem(e);
  const struct rs_json_source source = {read_body, st};
  const struct rs_json_options options = {.what = "trino: result",
                                          .rows = "data",
                                          .shape = RS_JSON_ARRAYS,
                                          .member = on_member,
                                          .ctx = st};
  st->s = s;
  st->writes = writes;
  st->updated = -1;
  rs_arena_init(&st->a, 0);
  rs_arena_init(&st->request, 0);
  enum rs_code rc = rs_json_rows_open(&source, &options, &st->json, e);
  if (rc == RS_OK) rc = send_statement(st, sql, e);
  if (rc == RS_OK) rc = say_unknown(st, find_columns(st, e), e);
  if (rc == RS_DONE) rc = RS_OK;
  if (rc != RS_OK) rs_trino_close(st);
  else *pst = st;
  return rc;
}

const struct rs_columns *rs_trino_columns(const struct rs_trino_stream *st)
{
  return &st->columns;
}
const struct rs_trino_type *rs_trino_types(const struct rs_trino_stream *st)
{
  return st->types;
}
int64_t rs_trino_received(const struct rs_trino_stream *st)
{
  return rs_json_rows_bytes(st->json);
}
int64_t rs_trino_updated(const struct rs_trino_stream *st)
{
  return st->updated;
}
