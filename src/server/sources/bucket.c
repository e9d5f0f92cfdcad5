/*
** Buckets of S3, and of servers that speak its protocol (--s3-endpoint).
**
** Requests are signed by libcurl (SigV4). Amazon's own servers are reached by the bucket's region;
** the endpoint is the operator's, so it may be any address. Names come percent-encoded in the
** lists, so nothing of XML has to be known but its tags.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/redact.h"
#include "src/base/text.h"

enum { CONNECT_MS = 10000, IDLE_MS = 30000, TRIES = 4, PAGE_BYTES = 32 << 20, PAGES_MAX = 1100 };

#define REGION "us-east-1"

/* ---- opening --------------------------------------------------------------------------------- */

static bool is_of(const char *text, const char *more, size_t least, size_t most)
{
  size_t n = strlen(text);
  for (const char *p = text; *p != 0; p++)
    if (!(*p >= 'a' && *p <= 'z') && !(*p >= '0' && *p <= '9') && strchr(more, *p) == NULL)
      return false;
  return n >= least && n <= most;
}

static enum rs_code check_names(const struct rs_place_spec *s, struct rs_error *e)
{
  if (!is_of(s->bucket, ".-", 3, 63) || strstr(s->bucket, "..") != NULL || s->bucket[0] == '.' ||
      s->bucket[0] == '-')
    return rs_fail(
      e, RS_INVALID,
      "s3.bucket '%.100s': a bucket's name has 3 to 63 lower-case letters, digits, '-' "
      "and '.'; file://FOLDER and https://... are places of rocksetd's own",
      s->bucket);
  if (s->region != NULL && !is_of(s->region, "-", 1, 40))
    return rs_fail(e, RS_INVALID,
                   "s3.region '%.60s': lower-case letters, digits and '-': us-west-2", s->region);
  return RS_OK;
}

static enum rs_code find_server(struct rs_place *p, const char *region, struct rs_error *e)
{
  struct rs_url u;
  const char *endpoint = p->all->s3_endpoint, *bucket = p->spec.bucket;
  if (endpoint != NULL) {
    enum rs_code rc = rs_url_read(endpoint, "--s3-endpoint", "an integration has the key",
                                  &p->arena, &u, e);
    if (rc != RS_OK) return rc;
    p->origin = rs_arena_printf(&p->arena, "%s://%s:%d", u.tls ? "https" : "http", u.host.name,
                                u.host.port);
    p->path = rs_arena_printf(&p->arena, "/%s", bucket);
  } else if (strchr(bucket, '.') != NULL) {
    // Amazon's certificate holds for one name in front of the host, and a dot makes it two
    p->origin = rs_arena_printf(&p->arena, "https://s3.%s.amazonaws.com", region);
    p->path = rs_arena_printf(&p->arena, "/%s", bucket);
  } else {
    p->origin = rs_arena_printf(&p->arena, "https://%s.s3.%s.amazonaws.com", bucket, region);
    p->path = "";
  }
  return p->origin != NULL && p->path != NULL ? RS_OK : rs_nomem(e);
}

enum rs_code rs_bucket_open(struct rs_place *p, struct rs_error *e)
{
  bool own = p->all->s3_endpoint != NULL;
  const char *region = p->spec.region != NULL ? p->spec.region : REGION;
  enum rs_code rc = check_names(&p->spec, e);
  if (rc == RS_OK) rc = find_server(p, region, e);
  if (rc == RS_OK && p->spec.secret != NULL && rs_redact_add(p->spec.secret) != RS_OK)
    rc = rs_nomem(e);
  if (rc != RS_OK) return rc;
  const struct rs_http_header headers[] = {{"x-amz-content-sha256", "UNSIGNED-PAYLOAD", false}};
  const struct rs_http_options o = {.base_url = p->origin,
                                    .user_agent = "rocksetd/" RS_VERSION,
                                    .headers = headers,
                                    .nheaders = 1,
                                    .timeouts = {.connect = CONNECT_MS, .idle = IDLE_MS},
                                    .allow_plain = own,
                                    .public_only = !own,
                                    .no_compression = true,
                                    .aws = {p->spec.key_id, p->spec.secret, region},
                                    .tries = TRIES};
  return rs_http_new(&o, &p->http, e);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* The text between <tag> and </tag>, from p on, before `end`; NULL: there is none. */
static const char *element(const char *p, const char *end, const char *tag, size_t *n)
{
  char open[48], close[48];
  (void)snprintf(open, sizeof open, "<%s>", tag);
  (void)snprintf(close, sizeof close, "</%s>", tag);
  const char *from = memmem(p, (size_t)(end - p), open, strlen(open));
  if (from == NULL) return NULL;
  from += strlen(open);
  const char *to = memmem(from, (size_t)(end - from), close, strlen(close));
  if (to == NULL) return NULL;
  *n = (size_t)(to - from);
  return from;
}

static enum rs_code malformed(const struct rs_place *p, struct rs_error *e)
{
  return rs_fail(e, RS_REMOTE,
                 "%s: bucket '%s': its list can't be read: is it a server of S3's "
                 "protocol?",
                 rs_http_origin(p->http), p->spec.bucket);
}

/* %XX and + decoded; NULL: it is no name that can be used. */
static char *decode(struct rs_arena *a, const char *s, size_t n)
{
  char *out = rs_arena_alloc(a, n + 1);
  size_t len = 0;
  if (out == NULL) return NULL;
  for (size_t i = 0; i < n; i++) {
    char c = s[i] == '+' ? ' ' : s[i];
    if (c == '%' && i + 2 < n && rs_hex_value(s[i + 1]) >= 0 && rs_hex_value(s[i + 2]) >= 0) {
      c = (char)(rs_hex_value(s[i + 1]) * 16 + rs_hex_value(s[i + 2]));
      i += 2;
    }
    out[len++] = c;
  }
  out[len] = 0;
  return out;
}

/* The quotes of an ETag are &quot; in a list, and plain in a header. */
static const char *version_of(struct rs_arena *a, const char *s, size_t n)
{
  static const char quote[] = "&quot;";
  const size_t q = sizeof quote - 1;
  if (n >= 2 * q && memcmp(s, quote, q) == 0)
    return rs_arena_printf(a, "\"%.*s\"", (int)(n - 2 * q), s + q);
  return rs_arena_strndup(a, s, n);
}

static enum rs_code add_object(struct rs_place *p, const char *from, const char *end,
                               struct rs_error *e)
{
  size_t nkey, ntag, nsize;
  const char *key = element(from, end, "Key", &nkey), *tag = element(from, end, "ETag", &ntag);
  const char *size = element(from, end, "Size", &nsize);
  if (key == NULL || tag == NULL || size == NULL) return malformed(p, e);
  const char *name = decode(&p->names, key, nkey);
  const char *version = version_of(&p->names, tag, ntag);
  if (name == NULL || version == NULL) return rs_nomem(e);
  size_t n = strlen(name);
  if (n == 0 || name[n - 1] == '/') return RS_OK; // what stands for a folder
  if (rs_utf8_valid(name, n) != n) return RS_OK;
  return rs_place_add(p, name, version, strtoll(size, NULL, 10), e);
}

static void add_query(struct rs_buf *b, const char *name, const char *value)
{
  rs_buf_printf(b, "%c%s=", strchr(rs_buf_text(b), '?') != NULL ? '&' : '?', name);
  rs_http_escape(b, value, strlen(value));
}

/* What all names that the pattern lets through begin with. */
static size_t fixed_part(const char *pattern)
{
  return strcspn(pattern, "*?[{\\");
}

/* One page; *token: of the next one, NULL: it was the last. */
static enum rs_code list_page(struct rs_place *p, const char *prefix, const char **token,
                              struct rs_buf *path, struct rs_buf *body, struct rs_error *e)
{
  int status = 0;
  rs_buf_clear(path);
  rs_buf_printf(path, "%s/", p->path);
  // in the order of their names, as the signature has them
  if (*token != NULL) add_query(path, "continuation-token", *token);
  add_query(path, "encoding-type", "url");
  add_query(path, "list-type", "2");
  if (prefix != NULL && *prefix != 0) add_query(path, "prefix", prefix);
  const struct rs_http_request r = {.path = rs_buf_text(path)};
  enum rs_code rc = rs_buf_error(path, e, "request");
  if (rc == RS_OK) rc = rs_http_fetch(p->http, &r, body, &status, e);
  if (rc != RS_OK) return rc;
  if (status != 200) return rs_place_status(p, p->spec.bucket, status, e);
  const char *at = rs_buf_text(body), *end = at + body->n;
  size_t n;
  if (memmem(at, body->n, "<ListBucketResult", 17) == NULL) return malformed(p, e);
  const char *next = element(at, end, "NextContinuationToken", &n);
  *token = next != NULL ? rs_arena_strndup(&p->names, next, n) : NULL;
  if (next != NULL && *token == NULL) return rs_nomem(e);
  for (const char *one; rc == RS_OK && (one = element(at, end, "Contents", &n)) != NULL;) {
    rc = add_object(p, one, one + n, e);
    at = one + n;
  }
  return rc;
}

enum rs_code rs_bucket_list(struct rs_place *p, struct rs_error *e)
{
  struct rs_buf path, body;
  const char *token = NULL, *prefix = p->spec.prefix;
  rs_buf_init(&path, 1 << 16);
  rs_buf_init(&body, PAGE_BYTES);
  if (p->spec.pattern != NULL) {
    prefix = rs_arena_strndup(&p->names, p->spec.pattern, fixed_part(p->spec.pattern));
    if (prefix == NULL) return rs_nomem(e);
  }
  enum rs_code rc = RS_OK;
  int pages = 0;
  do {
    rc = list_page(p, prefix, &token, &path, &body, e);
    if (rc == RS_OK && ++pages > PAGES_MAX) rc = malformed(p, e);
  } while (rc == RS_OK && token != NULL);
  rs_buf_free(&path);
  rs_buf_free(&body);
  return rc;
}

/* ---- objects --------------------------------------------------------------------------------- */

enum rs_code rs_bucket_fetch(struct rs_place *p, const struct rs_object *o, int *fd,
                             struct rs_object *is, struct rs_error *e)
{
  struct rs_buf path;
  rs_buf_init(&path, 1 << 16);
  rs_buf_str(&path, p->path);
  for (const char *s = o->name;;) {
    size_t n = strcspn(s, "/");
    rs_buf_char(&path, '/');
    rs_http_escape(&path, s, n);
    if (s[n] == 0) break;
    s += n + 1;
  }
  *fd = -1;
  const struct rs_http_request r = {.path = rs_buf_text(&path)};
  enum rs_code rc = rs_buf_error(&path, e, "request");
  if (rc == RS_OK) rc = rs_place_download(p, &r, o, fd, is, e);
  rs_buf_free(&path);
  return rc;
}
