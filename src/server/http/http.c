/*
** libmicrohttpd's side: a thread per connection, bodies gathered up to their limit, the route's
** handler called once the body is in, answers from memory or streamed.
**
** A refusal waits until the body was read (a client that is still sending would lose the answer to
** a reset), except where its length is announced as too large.
*/
#include "internal.h"
#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"

enum { STREAM_BLOCK = 64 << 10, CONNECTION_MEMORY = 160 << 10, OUT_MAX = 256 << 20 };

/* ---- requests -------------------------------------------------------------------------------- */

static struct rs_request *begin_request(struct rs_http *h, struct MHD_Connection *conn,
                                        const char *url, const char *method)
{
  struct rs_request *q = rs_calloc(1, sizeof *q);
  if (q == NULL) return NULL;
  q->http = h;
  q->server = h->app->server;
  q->keys = h->app->keys;
  q->backend = h->app->backend;
  q->resources = h->app->resources;
  q->models = h->app->models;
  q->conn = conn;
  q->method = method;
  q->started_us = rs_now_us();
  rs_uuid(q->trace_id);
  rs_arena_init(&q->arena, 0);
  rs_buf_init(&q->body, (size_t)h->config->limits.body);
  rs_buf_init(&q->out, OUT_MAX);
  q->path = rs_strdup(url);
  const union MHD_ConnectionInfo *info = MHD_get_connection_info(conn,
                                                                 MHD_CONNECTION_INFO_CONNECTION_FD);
  const union MHD_ConnectionInfo *peer = MHD_get_connection_info(
    conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  q->peer = peer != NULL ? peer->socket_context : NULL;
  rs_connection_phase(q->peer, RS_PHASE_BODY);
  rs_watch_init(&q->watch, h->stopping, info != NULL ? (int)info->connect_fd : -1);
  if (q->path != NULL) {
    atomic_fetch_add(&h->active, 1);
    return q;
  }
  rs_arena_free(&q->arena);
  rs_free(q);
  return NULL;
}

static void end_request(struct rs_request *q)
{
  struct rs_http *h = q->http;
  if (q->stream != NULL) {
    q->rows = q->stream->rows;
    q->stream->close(q->stream);
  }
  h->app->finished(q);
  rs_access_write(h->access, q);
  cJSON_Delete(q->json);
  rs_buf_free(&q->body);
  rs_buf_free(&q->out);
  rs_arena_free(&q->arena);
  rs_free(q->path);
  rs_free(q);
  atomic_fetch_sub(&h->active, 1);
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void write_error(struct rs_request *q, enum rs_code rc)
{
  int status;
  const char *type;
  rs_status_of(rc, &status, &type);
  if (q->status == 0 || q->status == 200) q->status = status;
  if (q->type == NULL) q->type = type;
  if (rc == RS_CANCELLED && atomic_load(&q->watch.why) == RS_STOP_SHUTDOWN) {
    q->status = 503;
    q->type = "SERVICEUNAVAILABLE";
  }
  rs_error_hide_sql(&q->e); // for the log of who runs the server, not for its clients
  rs_buf_clear(&q->out);
  rs_js_open(&q->out, NULL, '{');
  rs_js_text(&q->out, "message", q->e.text[0] != 0 ? q->e.text : rs_code_name(rc));
  rs_js_text(&q->out, "type", q->type);
  if (q->line > 0) {
    rs_js_int(&q->out, "line", (int64_t)q->line);
    rs_js_int(&q->out, "column", (int64_t)q->column);
  } else {
    rs_js_raw(&q->out, "line", NULL);
    rs_js_raw(&q->out, "column", NULL);
  }
  const bool no_function = q->e.function[0] != 0 && q->e.refused != RS_REFUSED_ARGUMENTS;
  rs_js_text(&q->out, "error_id", no_function ? "function_not_found" : q->trace_id);
  rs_js_text(&q->out, "trace_id", q->trace_id);
  if (q->query_id[0] != 0) rs_js_text(&q->out, "query_id", q->query_id);
  if (q->error_data != NULL) {
    rs_js_open(&q->out, "data", '[');
    rs_buf_str(&q->out, q->error_data);
    rs_js_close(&q->out, ']');
  }
  rs_js_close(&q->out, '}');
}

/* ---- answers --------------------------------------------------------------------------------- */

static ssize_t read_stream(void *ctx, uint64_t pos, char *buf, size_t max)
{
  struct rs_request *q = ctx;
  (void)pos;
  long n = q->stream->read(q->stream, buf, max);
  if (n < 0) return MHD_CONTENT_READER_END_WITH_ERROR;
  if (n == 0) return MHD_CONTENT_READER_END_OF_STREAM;
  q->bytes += n;
  return n;
}

static enum MHD_Result send_answer(struct rs_request *q, const char *allow)
{
  struct MHD_Response *r;
  if (q->stream != NULL) {
    r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, q, NULL);
  } else {
    // stays in q until the connection is done with it
    r = MHD_create_response_from_buffer(q->out.n, q->out.p, MHD_RESPMEM_PERSISTENT);
    q->bytes = (int64_t)q->out.n;
  }
  if (r == NULL) return MHD_NO;
  const char *type = q->content_type != NULL ? q->content_type : "application/json";
  bool ok = MHD_add_response_header(r, "Content-Type", type) == MHD_YES;
  ok = ok && MHD_add_response_header(r, "x-rockset-trace-id", q->trace_id) == MHD_YES;
  if (allow != NULL) ok = ok && MHD_add_response_header(r, "Allow", allow) == MHD_YES;
  for (const struct rs_http_header *h = q->headers; h != NULL && h->name != NULL; h++)
    ok = ok && MHD_add_response_header(r, h->name, h->value) == MHD_YES;
  if (q->status == 401)
    ok = ok && MHD_add_response_header(r, "WWW-Authenticate", "ApiKey") == MHD_YES;
  if (atomic_load(q->http->stopping) || q->close)
    ok = ok && MHD_add_response_header(r, "Connection", "close") == MHD_YES;
  // its clock restarts: what the handler took is no idle time
  unsigned seconds = (unsigned)(q->http->config->limits.idle_ms / 1000);
  (void)MHD_set_connection_option(q->conn, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
  enum MHD_Result done = ok ? MHD_queue_response(q->conn, (unsigned)q->status, r) : MHD_NO;
  MHD_destroy_response(r);
  return done;
}

static enum MHD_Result answer_error(struct rs_request *q, enum rs_code rc, const char *allow)
{
  write_error(q, rc);
  if (q->out.rc != RS_OK) return MHD_NO;
  return send_answer(q, allow);
}

/* ---- the way of a request -------------------------------------------------------------------- */

static enum rs_code check_request(struct rs_request *q, char allow[64])
{
  enum rs_code rc = rs_route_find(q, allow);
  if (atomic_load(q->http->stopping))
    return rs_refuse(q, 503, "SERVICEUNAVAILABLE", "rocksetd is stopping");
  bool open = q->route != NULL && q->route->need.action == RS_MAY_NOTHING;
  if (open) return rc;
  // a stranger learns nothing of which paths there are
  enum rs_code known = rs_request_identify(q);
  if (known != RS_OK) return known;
  if (rc == RS_NOT_FOUND) return rs_refuse(q, 404, "NOTFOUND", "no such path: %s", q->path);
  if (rc == RS_UNSUPPORTED)
    return rs_refuse(q, 405, "METHODNOTALLOWED", "%s does not know %s; it knows %s", q->path,
                     q->method, allow);
  if (rc != RS_OK) return rs_refuse(q, 400, "BADREQUEST", "malformed path: %s", q->path);
  rc = rs_gate_check_url(q);
  return rc == RS_OK ? q->http->app->permit(q) : rc;
}

/* Everything that can be said without the body. It may ask a slow engine, or wait for a session:
** that is no idleness of who sends. */
static void admit_request(struct rs_request *q, char allow[64])
{
  unsigned seconds = (unsigned)(q->http->config->limits.idle_ms / 1000);
  (void)MHD_set_connection_option(q->conn, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
  rs_connection_phase(q->peer, RS_PHASE_ANSWER);
  (void)check_request(q, allow);
  rs_connection_phase(q->peer, RS_PHASE_BODY);
  (void)MHD_set_connection_option(q->conn, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

struct framing {
  int lengths, encodings;
  bool chunked;
};

static enum MHD_Result see_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
  struct framing *f = ctx;
  (void)kind;
  f->lengths += rs_casecmp(name, "Content-Length") == 0;
  if (rs_casecmp(name, "Transfer-Encoding") != 0) return MHD_YES;
  f->encodings++;
  f->chunked = value != NULL && rs_casecmp(value, "chunked") == 0;
  return MHD_YES;
}

/* Where a request ends must be said once: what stands in front of the server may read it
** otherwise. */
static enum rs_code check_framing(struct rs_request *q)
{
  struct framing f = {0, 0, false};
  (void)MHD_get_connection_values(q->conn, MHD_HEADER_KIND, see_header, &f);
  if (f.lengths > 1)
    return rs_refuse(q, 400, "BADREQUEST", "Content-Length: it is there %d times", f.lengths);
  if (f.lengths > 0 && f.encodings > 0)
    return rs_refuse(q, 400, "BADREQUEST",
                     "Content-Length and Transfer-Encoding exclude each other");
  if (f.encodings > 1 || (f.encodings == 1 && !f.chunked))
    return rs_refuse(q, 400, "BADREQUEST", "Transfer-Encoding: 'chunked' is understood, once");
  return RS_OK;
}

static enum rs_code check_content_type(struct rs_request *q)
{
  const char *type = rs_request_header(q, "Content-Type");
  if (type == NULL || q->body.n == 0) return RS_OK;
  if (strncasecmp(type, "application/json", 16) == 0) return RS_OK;
  // what curl -d says by itself
  if (strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0) return RS_OK;
  if (strncasecmp(type, "text/", 5) == 0) return RS_OK;
  return rs_refuse(q, 415, "UNSUPPORTEDMEDIATYPE", "Content-Type '%s': send application/json",
                   type);
}

static enum MHD_Result dispatch_request(struct rs_request *q, const char *allow)
{
  enum rs_code rc = q->e.code;
  if (rc == RS_OK && q->too_large)
    rc = rs_refuse(q, 413, "CONTENTTOOLARGE", "request body: longer than %lld bytes",
                   (long long)q->http->config->limits.body);
  // what follows may take long, and is no idleness
  (void)MHD_set_connection_option(q->conn, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
  rs_connection_phase(q->peer, RS_PHASE_ANSWER);
  if (rc == RS_OK) rc = check_content_type(q);
  if (rc == RS_OK) {
    rc = q->route->handler(q);
    q->http->app->handled(q);
  }
  if (rc == RS_OK && q->stream == NULL && q->out.rc != RS_OK)
    rc = rs_buf_error(&q->out, &q->e, "answer");
  if (rc != RS_OK) return answer_error(q, rc, q->status == 405 ? allow : NULL);
  if (q->status == 0) q->status = 200;
  return send_answer(q, NULL);
}

static bool announces_too_much(struct rs_request *q)
{
  const char *text = rs_request_header(q, "Content-Length");
  int64_t n = 0;
  for (; text != NULL && *text >= '0' && *text <= '9'; text++) {
    n = n * 10 + (*text - '0');
    if (n > q->http->config->limits.body) return true;
  }
  return false;
}

static enum MHD_Result take_piece(void *ctx, struct MHD_Connection *conn, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **state)
{
  struct rs_http *h = ctx;
  struct rs_request *q = *state;
  char allow[64] = "";
  (void)version;
  if (q == NULL) {
    q = begin_request(h, conn, url, method);
    if (q == NULL) return MHD_NO;
    *state = q;
    // q->e says how it went
    if (check_framing(q) != RS_OK) {
      q->close = true; // nobody knows where it ends
      return dispatch_request(q, NULL);
    }
    admit_request(q, allow);
    if (q->e.code == RS_OK && announces_too_much(q)) {
      q->too_large = true;
      return dispatch_request(q, NULL);
    }
    return MHD_YES;
  }
  if (*size > 0) {
    // a refused request's body is read and dropped
    if (q->e.code == RS_OK && !q->too_large) {
      rs_buf_add(&q->body, data, *size);
      if (q->body.rc == RS_LIMIT) q->too_large = true;
      else if (q->body.rc != RS_OK) return MHD_NO;
    }
    rs_connection_received(q->peer, *size);
    q->bytes += (int64_t)*size;
    // but nobody may send for ever
    if (q->bytes > 4 * h->config->limits.body + (1 << 20)) return MHD_NO;
    *size = 0;
    return MHD_YES;
  }
  q->bytes = 0;
  if (q->status == 405) (void)rs_route_find(q, allow);
  return dispatch_request(q, allow);
}

static void complete_request(void *ctx, struct MHD_Connection *conn, void **state,
                             enum MHD_RequestTerminationCode how)
{
  (void)ctx;
  (void)conn;
  (void)how;
  if (*state == NULL) return;
  struct rs_connection *peer = ((struct rs_request *)*state)->peer;
  end_request(*state);
  rs_connection_phase(peer, RS_PHASE_HEAD);
  *state = NULL;
}

static enum MHD_Result accept_from(void *ctx, const struct sockaddr *at, socklen_t size)
{
  const struct rs_http *h = ctx;
  (void)size;
  return rs_connections_admit(h->connections, at) ? MHD_YES : MHD_NO;
}

static const struct sockaddr *address_of(struct MHD_Connection *conn)
{
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(conn,
                                                              MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return i != NULL ? i->client_addr : NULL;
}

static void note_connection(void *ctx, struct MHD_Connection *conn, void **state,
                            enum MHD_ConnectionNotificationCode how)
{
  struct rs_http *h = ctx;
  if (how == MHD_CONNECTION_NOTIFY_CLOSED) {
    rs_connection_end(*state);
    *state = NULL;
    return;
  }
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(conn,
                                                              MHD_CONNECTION_INFO_CONNECTION_FD);
  if (i != NULL) *state = rs_connection_begin(h->connections, (int)i->connect_fd, address_of(conn));
}

/* Paths are decoded segment by segment, once they have been cut at their slashes. */
static size_t leave_escapes(void *ctx, struct MHD_Connection *conn, char *text)
{
  (void)ctx;
  (void)conn;
  return strlen(text);
}

static void log_nothing(void *ctx, const char *fmt, va_list ap)
{
  (void)ctx;
  (void)fmt;
  (void)ap;
}

/* ---- start and stop -------------------------------------------------------------------------- */

static enum rs_code read_file(const char *path, char **text, struct rs_error *e)
{
  struct rs_buf b;
  char piece[4096];
  rs_buf_init(&b, 1 << 20);
  FILE *f = fopen(path, "re");
  if (f == NULL) return rs_fail(e, RS_IO, "%s: %s", path, strerror(errno));
  for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;) rs_buf_add(&b, piece, n);
  bool bad = ferror(f) != 0;
  (void)fclose(f);
  if (bad) {
    rs_buf_free(&b);
    return rs_fail(e, RS_IO, "%s: can't be read", path);
  }
  enum rs_code rc = rs_buf_error(&b, e, path);
  if (rc == RS_OK) *text = rs_buf_take(&b);
  else rs_buf_free(&b);
  return rc == RS_OK && *text == NULL ? rs_nomem(e) : rc;
}

static enum rs_code listen_on(const struct rs_http_config *c, int *pfd, int *port,
                              struct rs_error *e)
{
  char number[16];
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
  (void)snprintf(number, sizeof number, "%d", c->port);
  int bad = getaddrinfo(c->host, number, &hints, &found);
  if (bad != 0) return rs_fail(e, RS_INVALID, "--listen %s: %s", c->host, gai_strerror(bad));
  int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
  if (fd >= 0) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  bad = fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 128) != 0;
  freeaddrinfo(found);
  struct sockaddr_storage at;
  socklen_t size = sizeof at;
  if (bad || getsockname(fd, (struct sockaddr *)&at, &size) != 0) {
    enum rs_code rc = rs_fail(e, RS_IO, "can't listen on %s port %d: %s%s", c->host, c->port,
                              strerror(errno),
                              errno == EADDRINUSE ? "; --listen HOST:PORT names another" : "");
    if (fd >= 0) (void)close(fd);
    return rc;
  }
  *port = ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port
                                         : ((struct sockaddr_in *)&at)->sin_port);
  *pfd = fd;
  return RS_OK;
}

static void close_server(struct rs_http *h)
{
  if (h->daemon != NULL) MHD_stop_daemon(h->daemon);
  rs_connections_close(h->connections);
  rs_access_close(h->access);
  rs_free(h->cert);
  rs_free(h->key);
  rs_free(h);
}

static enum rs_code start_daemon(struct rs_http *h, int fd, struct rs_error *e)
{
  const struct rs_http_limits *l = &h->config->limits;
  struct MHD_OptionItem options[13];
  size_t n = 0;
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_nothing, NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_SOCKET, fd, NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_LIMIT, (intptr_t)l->connections,
                                         NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY,
                                         NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_CONNECTION_TIMEOUT,
                                         (intptr_t)(l->idle_ms / 1000), NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)complete_request,
                                         NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escapes,
                                         NULL};
  options[n++] = (struct MHD_OptionItem){MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)note_connection,
                                         h};
  if (h->cert != NULL) {
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, h->cert};
    options[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, h->key};
  }
  options[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
  unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                   MHD_USE_ITC | MHD_USE_ERROR_LOG;
  if (h->cert != NULL) flags |= MHD_USE_TLS;
  h->daemon = MHD_start_daemon(flags, 0, accept_from, h, take_piece, h, MHD_OPTION_ARRAY, options,
                               MHD_OPTION_END);
  if (h->daemon != NULL) return RS_OK;
  (void)close(fd);
  if (h->cert != NULL)
    return rs_fail(e, RS_INVALID,
                   "can't serve TLS: --tls-cert and --tls-key must be PEM files that belong "
                   "together");
  return rs_fail(e, RS_IO, "can't start the HTTP server");
}

enum rs_code rs_http_start(const struct rs_http_config *c, const struct rs_http_app *app,
                           const rs_stopping *stopping, struct rs_http **ph, struct rs_error *e)
{
  struct rs_http *h = rs_calloc(1, sizeof *h);
  if (h == NULL) return rs_nomem(e);
  h->config = c;
  h->app = app;
  h->stopping = stopping;
  int fd = -1, port = 0;
  enum rs_code rc = rs_access_open(c, &h->access, e);
  if (rc == RS_OK) rc = rs_connections_open(&c->limits, &h->connections, e);
  if (rc == RS_OK && c->tls_cert != NULL) rc = read_file(c->tls_cert, &h->cert, e);
  if (rc == RS_OK && c->tls_cert != NULL) rc = read_file(c->tls_key, &h->key, e);
  if (rc == RS_OK && c->tls_cert != NULL && MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
    rc = rs_fail(e, RS_UNSUPPORTED,
                 "--tls-cert: this rocksetd was built without TLS (that of the wheel is): have a "
                 "proxy do TLS in front of it, or use Debian's package or a build from source");
  if (rc == RS_OK) rc = listen_on(c, &fd, &port, e);
  if (rc == RS_OK) {
    bool v6 = strchr(c->host, ':') != NULL;
    (void)snprintf(h->url, sizeof h->url, "%s://%s%s%s:%d", h->cert != NULL ? "https" : "http",
                   v6 ? "[" : "", c->host, v6 ? "]" : "", port);
    rc = start_daemon(h, fd, e);
  }
  if (rc == RS_OK) *ph = h;
  else close_server(h);
  return rc;
}

const char *rs_http_url(const struct rs_http *h)
{
  return h->url;
}

bool rs_http_is_active(const struct rs_http *h)
{
  return atomic_load(&h->active) != 0;
}

void rs_http_quiesce(struct rs_http *h)
{
  int fd = (int)MHD_quiesce_daemon(h->daemon);
  if (fd >= 0) (void)close(fd);
}

void rs_http_stop(struct rs_http *h)
{
  if (h != NULL) close_server(h);
}

void rs_http_sweep(struct rs_http *h)
{
  rs_connections_sweep(h->connections);
}
