/*
** One object behind a URL.
*/
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "src/base/text.h"

enum { CONNECT_MS = 10000, IDLE_MS = 30000, TRIES = 3 };

enum rs_code rs_web_open(struct rs_place *p, struct rs_error *e)
{
  struct rs_url u;
  const struct rs_hosts *hosts = &p->all->hosts;
  enum rs_code rc = rs_url_read(p->spec.bucket, "s3.bucket",
                                "rocksetd keeps none for URLs: serve the object without one, or "
                                "from a bucket of S3, for which an integration has the key",
                                &p->arena, &u, e);
  if (rc == RS_OK) rc = rs_hosts_check(hosts, &u, "s3.bucket", e);
  if (rc != RS_OK) return rc;
  p->path = u.path;
  p->origin = rs_arena_printf(&p->arena, "%s://%s:%d", u.tls ? "https" : "http", u.host.name,
                              u.host.port);
  if (p->origin == NULL) return rs_nomem(e);
  bool listed = rs_hosts_hold(hosts, &u);
  const struct rs_http_options o = {.base_url = p->origin,
                                    .user_agent = "rocksetd/" RS_VERSION,
                                    .timeouts = {.connect = CONNECT_MS, .idle = IDLE_MS},
                                    .allow_plain = listed,
                                    .public_only = !listed,
                                    .no_compression = true,
                                    .tries = TRIES};
  return rs_http_new(&o, &p->http, e);
}

/* The last segment, without the query string: what the format is told by. */
static const char *name_of(struct rs_place *p)
{
  size_t n = strcspn(p->path, "?"), from = n;
  while (from > 0 && p->path[from - 1] != '/') from--;
  return n > from ? rs_arena_strndup(&p->names, p->path + from, n - from) : "/";
}

enum rs_code rs_web_list(struct rs_place *p, struct rs_error *e)
{
  int status = 0;
  struct rs_buf none;
  const struct rs_http_request r = {.method = "HEAD", .path = p->path};
  const char *name = name_of(p);
  if (name == NULL) return rs_nomem(e);
  rs_buf_init(&none, 1 << 16);
  enum rs_code rc = rs_http_fetch(p->http, &r, &none, &status, e);
  rs_buf_free(&none);
  if (rc != RS_OK) return rc;
  if (status != 200 && status != 405 && status != 501) return rs_place_status(p, name, status, e);
  const char *size = status == 200 ? rs_http_header(p->http, "Content-Length", 0) : NULL;
  const char *version = status == 200 ? rs_place_version(p, &p->names) : "";
  if (version == NULL) return rs_nomem(e);
  return rs_place_add(p, name, version, size != NULL ? strtoll(size, NULL, 10) : -1, e);
}
