/*
** Requests of the control plane, what an error answer means, and waits that a cancel ends
** (rockset.h).
**
** Each request is an entry of the log, as a statement is: `POST ~/ws/commons/aliases {...}`.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/base/thread.h"
#include "rockset.h"

#define ROOT "/v1/orgs/self"
#define ANSWER_MAX ((size_t)64 << 20)
#define REFUSAL_MAX ((size_t)1 << 20)
#define LOG_BODY 600 /* bytes of a body that the log shows */
#define BROKEN_TRIES 3
#define POLL_MIN_MS 100
#define POLL_MAX_MS 3000

/* ---- errors ---------------------------------------------------------------------------------- */

enum rs_code rs_rockset_code(const char *type, int status)
{
  static const struct {
    const char *type;
    enum rs_code code;
  } types[] = {
    {"AUTHEXCEPTION", RS_AUTH},
    {"FORBIDDEN", RS_FORBIDDEN},
    {"NOTFOUND", RS_NOT_FOUND},
    {"ALREADYEXISTS", RS_EXISTS},
    {"DEPENDENTRESOURCES", RS_CONSTRAINT},
    {"CONFLICT", RS_BUSY},
    {"CREATING", RS_BUSY},
    {"NOT_READY", RS_BUSY},
    {"RATELIMITEXCEEDED", RS_RATE_LIMITED},
    {"RESOURCEEXCEEDED", RS_LIMIT},
    {"CONTENTTOOLARGE", RS_LIMIT},
    {"QUERY_TIMEOUT", RS_TIMEOUT},
    {"QUERY_CANCELLED", RS_CANCELLED},
    {"QUERY_ERROR", RS_INVALID},
    {"INVALIDINPUT", RS_INVALID},
    {"BADREQUEST", RS_INVALID},
    {"NOTIMPLEMENTEDYET", RS_UNSUPPORTED},
  };
  static const struct {
    int status;
    enum rs_code code;
  } statuses[] = {
    {400, RS_INVALID},     {401, RS_AUTH}, {403, RS_FORBIDDEN}, {404, RS_NOT_FOUND},
    {408, RS_TIMEOUT},     {409, RS_BUSY}, {413, RS_LIMIT},     {429, RS_RATE_LIMITED},
    {501, RS_UNSUPPORTED}, {503, RS_BUSY},
  };
  for (size_t i = 0; type != NULL && i < sizeof types / sizeof types[0]; i++) {
    if (rs_casecmp(types[i].type, type) == 0) return types[i].code;
  }
  for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
    if (statuses[i].status == status) return statuses[i].code;
  }
  return RS_REMOTE;
}

/* The text of an answer that is no error object: a proxy's page, say. */
static enum rs_code foreign_refusal(const struct rs_http *client, int status,
                                    const struct rs_buf *body, struct rs_error *e)
{
  char first[200];
  rs_remote_first_line(body, first, sizeof first);
  return rs_fail(e, rs_rockset_code(NULL, status), "%s: HTTP status %d%s%s", rs_http_origin(client),
                 status, first[0] != 0 ? ": " : " without an explanation", first);
}

static enum rs_code read_refusal(const struct rs_http *client, int status,
                                 const struct rs_buf *body, struct rs_error *e)
{
  cJSON *j = cJSON_ParseWithLength(rs_buf_text(body), body->n);
  const char *message = rs_remote_text(j, "message"), *type = rs_remote_text(j, "type");
  enum rs_code rc = rs_rockset_code(type, status);
  int64_t line = rs_rockset_int(j, "line", 0), column = rs_rockset_int(j, "column", 0);
  char position[64]; // some messages have it
  (void)snprintf(position, sizeof position, "line %lld, column %lld", (long long)line,
                 (long long)column);
  if (message == NULL) {
    rc = foreign_refusal(client, status, body, e);
  } else if (line > 0 && strstr(message, position) == NULL) {
    rc = rs_fail(e, rc, "%s (%s)", message, position);
  } else if (status == 401) {
    rc = rs_fail(e, rc, "%s: %s; check api_key in the profile", rs_http_origin(client), message);
  } else {
    rc = rs_fail(e, rc, "%s", message);
  }
  cJSON_Delete(j);
  return rc;
}

enum rs_code rs_rockset_refused(struct rs_http *client, int status, struct rs_error *e)
{
  struct rs_buf body;
  rs_buf_init(&body, REFUSAL_MAX);
  enum rs_code rc = rs_remote_read(client, &body, e);
  // an explanation that was cut off is still an explanation, a cancel is not
  if (rc == RS_CANCELLED || rc == RS_NOMEM || body.rc == RS_NOMEM) {
    if (body.rc == RS_NOMEM) rc = rs_nomem(e);
  } else {
    rc = read_refusal(client, status, &body, e);
  }
  rs_buf_free(&body);
  return rc;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* What is unreachable for good should not look like an accident of the network. */
static enum rs_code say_closed(struct rs_session *s, enum rs_code rc, struct rs_error *e)
{
  if (e == NULL || !rs_rockset_target(s)->closed || (rc != RS_IO && rc != RS_TIMEOUT)) return rc;
  (void)rs_error_append(e, "; Rockset's hosted service closed in 2024: run rocksetd and set "
                           "api_server to it, or use type: duckdb in the profile");
  return rc;
}

enum rs_code rs_rockset_open(struct rs_session *s, const struct rs_http_request *r, unsigned flags,
                             struct rs_http **client, int *status, struct rs_error *e)
{
  struct rs_http_request request = *r;
  struct rs_error own = {0};
  enum rs_code rc = RS_OK;
  if (e == NULL) e = &own;
  *client = rs_remote_of(s)->http;
  if (flags & RS_REST_CALM) rc = rs_remote_calm(s, client, &request.timeouts.total, e);
  else rc = rs_remote_check(s, e);
  if (rc != RS_OK) e->unsent = true;
  if (rc != RS_OK) return rc;
  rc = rs_http_open(*client, &request, status, e);
  return rc == RS_OK ? RS_OK : say_closed(s, rc, e);
}

static void log_call(struct rs_session *s, const struct rs_rockset_call *c, const char *path,
                     int64_t started_us, int64_t wall_us, int64_t bytes, const struct rs_error *e)
{
  struct rs_buf b;
  if (s->log == NULL) return;
  rs_buf_init(&b, 16384);
  rs_buf_printf(&b, "%s ~%s", c->method != NULL ? c->method : "GET", path + strlen(ROOT));
  if (c->note != NULL) {
    rs_buf_printf(&b, " (%s)", c->note);
  } else if (c->body != NULL) {
    size_t n = c->body->n > LOG_BODY ? rs_utf8_valid(c->body->p, LOG_BODY) : c->body->n;
    rs_buf_char(&b, ' ');
    rs_buf_add(&b, rs_buf_text(c->body), n);
    if (n < c->body->n) rs_buf_str(&b, " ...");
  }
  rs_remote_log(s, rs_buf_text(&b), started_us, wall_us, -1, bytes, e != NULL ? e->text : NULL);
  rs_buf_free(&b);
}

static enum rs_code read_answer(struct rs_http *client, int status, cJSON **answer, int64_t *bytes,
                                struct rs_error *e)
{
  struct rs_buf body;
  if (status >= 400) return rs_rockset_refused(client, status, e);
  rs_buf_init(&body, ANSWER_MAX);
  enum rs_code rc = rs_remote_read(client, &body, e);
  *bytes = (int64_t)body.n;
  if (rc == RS_OK && answer != NULL) {
    *answer = cJSON_ParseWithLength(body.p, body.n);
    if (!cJSON_IsObject(*answer)) {
      cJSON_Delete(*answer);
      *answer = NULL;
      rc = rs_fail(e, RS_REMOTE, "%s: the answer is no JSON object", rs_http_origin(client));
    }
  }
  rs_buf_free(&body);
  return rc;
}

bool rs_rockset_may_be_done(struct rs_session *s, enum rs_code rc, const struct rs_error *e)
{
  if (rc == RS_OK || e->unsent) return false;
  bool no_answer = rc == RS_IO || rc == RS_TIMEOUT || rc == RS_REMOTE || rc == RS_CANCELLED ||
                   rc == RS_NOMEM;
  return no_answer || rs_remote_of(s)->unanswered;
}

static enum rs_code send_once(struct rs_session *s, const struct rs_rockset_call *c,
                              const char *path, cJSON **answer, struct rs_error *e)
{
  static const struct rs_http_header json[] = {{"Content-Type", "application/json", false}};
  struct rs_http *client;
  int status = 0;
  int64_t us = rs_now_us(), wall = rs_wall_us(), bytes = -1;
  struct rs_http_request r = {.method = c->method != NULL ? c->method : "GET", .path = path};
  if (c->body != NULL) {
    r.body = rs_buf_text(c->body);
    r.body_len = c->body->n;
    r.headers = json;
    r.nheaders = 1;
  }
  r.idempotent = (c->flags & RS_REST_SAFE) != 0;
  e->unsent = false;
  enum rs_code rc = rs_rockset_open(s, &r, c->flags, &client, &status, e);
  if (rc == RS_OK) rc = read_answer(client, status, answer, &bytes, e);
  log_call(s, c, path, us, wall, bytes, rc == RS_OK || rc == RS_NOT_FOUND ? NULL : e);
  if (rc == RS_IO && status != 0) rs_remote_of(s)->unanswered = true;
  return rc == RS_IO && status != 0 ? RS_DONE : rc;
}

/* The client repeats what gets no answer; an answer that breaks off in its body is repeated here.
** RS_DONE of send_once: that. */
static enum rs_code send_again(struct rs_session *s, const struct rs_rockset_call *c,
                               const char *path, cJSON **answer, struct rs_error *e)
{
  struct rs_error own = {0};
  bool safe = (c->flags & RS_REST_SAFE) != 0;
  int tries = safe && (c->flags & RS_REST_CALM) == 0 ? BROKEN_TRIES : 1;
  if (e == NULL) e = &own;
  rs_remote_of(s)->unanswered = false;
  enum rs_code rc = send_once(s, c, path, answer, e);
  for (int i = 1; rc == RS_DONE && i < tries; i++) {
    rc = rs_remote_sleep(s, rs_rockset_second_ms << (i - 1), e);
    if (rc == RS_OK) rc = send_once(s, c, path, answer, e);
  }
  if (rc == RS_DONE) rc = RS_IO;
  bool explained = safe || (c->flags & RS_REST_COUNTED) != 0;
  e->unknown = rc != RS_OK && !safe && rs_rockset_may_be_done(s, rc, e);
  if (e->unknown && !explained && rc != RS_CANCELLED)
    (void)rs_error_prefix(e, "it is not known whether it was done");
  return rc;
}

/* Offsets are full of colons, which a query string may hold as they are: so dbt-rockset sends them,
** and not every server decodes them there. */
static void add_query_value(struct rs_buf *b, const char *value)
{
  while (*value != 0) {
    size_t n = strcspn(value, ":");
    rs_http_escape(b, value, n);
    value += n;
    if (*value == ':') rs_buf_char(b, *value++);
  }
}

/* fmt with each %s and %v percent-encoded. A %s that is NULL ends the path in front of its
** slash. */
static void add_path(struct rs_buf *b, const char *fmt, va_list ap)
{
  rs_buf_str(b, ROOT);
  for (; *fmt != 0; fmt++) {
    if (fmt[0] != '%' || (fmt[1] != 's' && fmt[1] != 'v')) {
      rs_buf_char(b, *fmt);
      continue;
    }
    const char *part = va_arg(ap, const char *);
    if (part == NULL) {
      if (b->rc == RS_OK) b->p[--b->n] = 0;
      return;
    }
    if (fmt[1] == 'v') add_query_value(b, part);
    else rs_http_escape(b, part, strlen(part));
    fmt++;
  }
}

void rs_rockset_path(struct rs_buf *b, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  add_path(b, fmt, ap);
  va_end(ap);
}

struct send_job {
  const struct rs_rockset_call *call;
  const char *path;
  cJSON **answer;
};

static enum rs_code send_job(struct rs_session *s, void *arg, struct rs_error *e)
{
  const struct send_job *j = arg;
  return send_again(s, j->call, j->path, j->answer, e);
}

static enum rs_code vcall(struct rs_session *s, const struct rs_rockset_call *c, cJSON **answer,
                          struct rs_error *e, const char *fmt, va_list ap)
{
  struct rs_buf path;
  if (answer != NULL) *answer = NULL;
  rs_buf_init(&path, 1 << 16);
  add_path(&path, fmt, ap);
  enum rs_code rc = rs_buf_error(&path, e, "path of a request");
  if (rc == RS_OK && c->body != NULL) rc = rs_buf_error(c->body, e, "body of a request");
  struct send_job j = {c, rs_buf_text(&path), answer};
  if (rc == RS_OK && (c->flags & RS_REST_JOB)) rc = rs_remote_do(s, send_job, &j, e);
  else if (rc == RS_OK) rc = send_job(s, &j, e);
  rs_buf_free(&path);
  return rc;
}

enum rs_code rs_rockset_call(struct rs_session *s, const struct rs_rockset_call *c, cJSON **answer,
                             struct rs_error *e, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  enum rs_code rc = vcall(s, c, answer, e, fmt, ap);
  va_end(ap);
  return rc;
}

enum rs_code rs_rockset_get(struct rs_session *s, cJSON **answer, struct rs_error *e,
                            const char *fmt, ...)
{
  const struct rs_rockset_call get = {.flags = RS_REST_SAFE};
  va_list ap;
  va_start(ap, fmt);
  enum rs_code rc = vcall(s, &get, answer, e, fmt, ap);
  va_end(ap);
  return rc;
}

enum rs_code rs_rockset_list(struct rs_session *s, unsigned flags, const char *workspace,
                             const char *what, cJSON **answer, struct rs_error *e)
{
  const struct rs_rockset_call get = {.flags = flags | RS_REST_SAFE};
  return workspace == NULL ? rs_rockset_call(s, &get, answer, e, "/%s", what)
                           : rs_rockset_call(s, &get, answer, e, "/ws/%s/%s", workspace, what);
}

void rs_rockset_begin(struct rs_buf *body)
{
  rs_buf_init(body, RS_BUF_SQL_MAX * 2);
  rs_js_open(body, NULL, '{');
}

enum rs_code rs_rockset_post(struct rs_session *s, struct rs_buf *body, unsigned flags,
                             cJSON **answer, struct rs_error *e, const char *fmt, ...)
{
  const struct rs_rockset_call call = {.method = "POST", .body = body, .flags = flags};
  va_list ap;
  rs_js_close(body, '}');
  va_start(ap, fmt);
  enum rs_code rc = vcall(s, &call, answer, e, fmt, ap);
  va_end(ap);
  rs_buf_free(body);
  return rc;
}

enum rs_code rs_rockset_delete(struct rs_session *s, unsigned flags, struct rs_error *e,
                               const char *fmt, ...)
{
  const struct rs_rockset_call call = {.method = "DELETE", .flags = flags | RS_REST_SAFE};
  va_list ap;
  va_start(ap, fmt);
  enum rs_code rc = vcall(s, &call, NULL, e, fmt, ap);
  va_end(ap);
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

/* ---- waits ----------------------------------------------------------------------------------- */

enum rs_code rs_rockset_pause(struct rs_session *s, struct rs_rockset_poll *p, int64_t limit_s,
                              struct rs_error *e, const char *fmt, ...)
{
  if (p->waited_ms >= limit_s * 1000) {
    va_list ap;
    char what[512];
    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return rs_fail(e, RS_TIMEOUT, "%s after %lld s", what, (long long)limit_s);
  }
  p->wait_ms = p->wait_ms == 0 ? POLL_MIN_MS : p->wait_ms * 2;
  if (p->wait_ms > POLL_MAX_MS) p->wait_ms = POLL_MAX_MS;
  p->waited_ms += p->wait_ms;
  return rs_remote_sleep(s, p->wait_ms, e);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

const cJSON *rs_rockset_data(const cJSON *answer)
{
  return cJSON_GetObjectItemCaseSensitive(answer, "data");
}

int64_t rs_rockset_int(const cJSON *object, const char *name, int64_t otherwise)
{
  const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
  if (!cJSON_IsNumber(item) || !(item->valuedouble > -9e18 && item->valuedouble < 9e18)) {
    return otherwise;
  }
  return (int64_t)item->valuedouble;
}

/* Lists come newest first or in no order: sorted by what their items are called. */
static int compare_members(const void *a, const void *b)
{
  const cJSON *x = *(const cJSON *const *)a, *y = *(const cJSON *const *)b;
  static const char *const members[] = {"workspace", "name", "tag_name", "created_at"};
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
    const char *p = rs_remote_text(x, members[i]), *q = rs_remote_text(y, members[i]);
    int c = p != NULL && q != NULL ? strcmp(p, q) : 0;
    if (c != 0) return c;
  }
  return 0;
}

const cJSON **rs_rockset_sorted(const cJSON *answer, size_t *n)
{
  const cJSON *item, *list = rs_rockset_data(answer);
  const cJSON **v = rs_calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(const cJSON *));
  *n = 0;
  if (v == NULL) return NULL;
  cJSON_ArrayForEach(item, list) v[(*n)++] = item;
  if (*n > 1) qsort(v, *n, sizeof(const cJSON *), compare_members);
  return v;
}
