/*
** The access log: one JSON line for each request, when it is over. Paths are logged, query strings,
** bodies and headers are not.
*/
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "internal.h"
#include "src/json/json.h"

struct rs_access_log {
  int fd;
};

enum rs_code rs_access_open(const struct rs_http_config *c, struct rs_access_log **pl,
                            struct rs_error *e)
{
  const char *path = c->access_log;
  *pl = NULL;
  if (c->quiet) return RS_OK;
  struct rs_access_log *l = rs_calloc(1, sizeof *l);
  if (l == NULL) return rs_nomem(e);
  l->fd = STDERR_FILENO;
  if (path != NULL) l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (l->fd < 0) {
    rs_free(l);
    return rs_fail(e, RS_IO, "--access-log %s: %s", path, strerror(errno));
  }
  *pl = l;
  return RS_OK;
}

void rs_access_close(struct rs_access_log *l)
{
  if (l != NULL && l->fd > STDERR_FILENO) (void)close(l->fd);
  rs_free(l);
}

void rs_access_write(struct rs_access_log *l, const struct rs_request *q)
{
  char now[40];
  struct rs_buf b;
  if (l == NULL) return;
  rs_buf_init(&b, 1 << 16);
  rs_js_time(rs_wall_us(), now);
  rs_js_open(&b, NULL, '{');
  rs_js_text(&b, "time", now);
  rs_js_text(&b, "method", q->method);
  rs_js_text(&b, "path", q->path);
  rs_js_text(&b, "route", q->route != NULL ? q->route->path : NULL);
  rs_js_int(&b, "status", q->status);
  rs_js_int(&b, "us", rs_now_us() - q->started_us);
  rs_js_int(&b, "bytes", q->bytes);
  rs_js_int(&b, "rows", q->rows);
  if (q->who.key_name[0] != 0) rs_js_text(&b, "key", q->who.key_name);
  if (q->query_id[0] != 0) rs_js_text(&b, "query_id", q->query_id);
  rs_js_text(&b, "trace_id", q->trace_id);
  rs_js_close(&b, '}');
  // redaction works on NUL-terminated text and never makes it longer
  if (b.rc == RS_OK) {
    rs_redact(b.p, b.n + 1);
    b.n = strlen(b.p);
    rs_buf_char(&b, '\n');
  }
  // one write, so that lines of several threads stay whole; a full disk must not stop the server
  if (b.rc == RS_OK) {
    ssize_t ignored = write(l->fd, b.p, b.n);
    (void)ignored;
  }
  rs_buf_free(&b);
}
