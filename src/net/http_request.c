/*
** A request as libcurl wants it: the base URL and what it allows, paths and URLs of requests,
** headers, and all options of a transfer.
*/
#include <arpa/inet.h>
#include <limits.h>
#include <string.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"

/* ---- URLs ----------------------------------------------------------------------------------- */

struct parts {
  CURLU *u;
  char *scheme, *host, *port, *path, *query, *user, *password, *fragment; /* NULL: none */
};

static void free_parts(struct parts *p)
{
  rs_curl.free(p->scheme);
  rs_curl.free(p->host);
  rs_curl.free(p->port);
  rs_curl.free(p->path);
  rs_curl.free(p->query);
  rs_curl.free(p->user);
  rs_curl.free(p->password);
  rs_curl.free(p->fragment);
  rs_curl.url_cleanup(p->u);
}

/* Never shows the URL: it may hold a password. */
static enum rs_code parse(const char *url, struct parts *p, const char *what, struct rs_error *e)
{
  *p = (struct parts){.u = rs_curl.url()};
  if (p->u == NULL) return rs_nomem(e);
  CURLUcode rc = rs_curl.url_set(p->u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
  if (rc == CURLUE_OUT_OF_MEMORY) return rs_nomem(e);
  if (rc != CURLUE_OK)
    return rs_fail(e, RS_INVALID, "%s: not a URL: it should be https://host[:port][/path]", what);
  (void)rs_curl.url_get(p->u, CURLUPART_SCHEME, &p->scheme, 0);
  (void)rs_curl.url_get(p->u, CURLUPART_HOST, &p->host, 0);
  (void)rs_curl.url_get(p->u, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT);
  (void)rs_curl.url_get(p->u, CURLUPART_PATH, &p->path, 0);
  (void)rs_curl.url_get(p->u, CURLUPART_QUERY, &p->query, 0);
  (void)rs_curl.url_get(p->u, CURLUPART_USER, &p->user, 0);
  (void)rs_curl.url_get(p->u, CURLUPART_PASSWORD, &p->password, 0);
  (void)rs_curl.url_get(p->u, CURLUPART_FRAGMENT, &p->fragment, 0);
  if (p->user != NULL || p->password != NULL)
    return rs_fail(e, RS_INVALID,
                   "%s: a URL with user or password: put them into their own fields of"
                   " the profile",
                   what);
  if (p->scheme == NULL || (!rs_eq(p->scheme, "https") && !rs_eq(p->scheme, "http")))
    return rs_fail(e, RS_INVALID, "%s: neither https:// nor http://", what);
  if (p->host == NULL || *p->host == 0 || p->port == NULL || p->path == NULL)
    return rs_fail(e, RS_INVALID, "%s: a URL without a host", what);
  return RS_OK;
}

/* By its literal name: what a name resolves to may change between a check and its use. */
static bool is_local_name(const char *host)
{
  struct in_addr v4;
  if (rs_casecmp(host, "localhost") == 0 || rs_eq(host, "[::1]")) return true;
  return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

enum rs_code http_base_url(struct rs_http *h, struct rs_error *e)
{
  struct parts p = {0};
  if (h->o.base_url == NULL) return rs_fail(e, RS_INVALID, "base URL: missing");
  enum rs_code rc = parse(h->o.base_url, &p, "base URL", e);
  if (rc == RS_OK && (p.query != NULL || p.fragment != NULL))
    rc = rs_fail(e, RS_INVALID, "base URL: has a query string or fragment: leave it out");
  if (rc == RS_OK) {
    size_t n = strlen(p.path);
    while (n > 0 && p.path[n - 1] == '/') n--;
    h->scheme = rs_arena_strdup(&h->arena, p.scheme);
    h->host = rs_arena_strdup(&h->arena, p.host);
    h->port = rs_arena_strdup(&h->arena, p.port);
    h->origin = rs_arena_printf(&h->arena, "%s:%s", p.host, p.port);
    h->prefix = rs_arena_printf(&h->arena, "%s://%s:%s%.*s", p.scheme, p.host, p.port, (int)n,
                                p.path);
    if (!h->scheme || !h->host || !h->port || !h->origin || !h->prefix) rc = rs_nomem(e);
  }
  if (rc == RS_OK) {
    h->is_local = is_local_name(h->host);
    if (rs_eq(h->scheme, "http") && !h->is_local && !h->o.allow_plain)
      rc = rs_fail(e, RS_FORBIDDEN,
                   "%s: plain http would show credentials and data to the network:"
                   " use https (or allow plain http in the profile)",
                   h->origin);
  }
  free_parts(&p);
  return rc;
}

/* Nobody but the server of the base URL may get the credentials. */
static enum rs_code check_same_server(struct rs_http *h, const char *url, struct rs_error *e)
{
  struct parts p = {0};
  char what[300];
  (void)snprintf(what, sizeof what, "%.200s: URL of a request", h->origin);
  enum rs_code rc = parse(url, &p, what, e);
  if (rc == RS_OK &&
      (!rs_eq(p.scheme, h->scheme) || rs_casecmp(p.host, h->host) != 0 || !rs_eq(p.port, h->port)))
    rc = rs_fail(
      e, RS_FORBIDDEN,
      "%s: sent us on to %s://%s:%s, which would get the credentials too: put that address"
      " into the profile, or correct the one that the server gives out (its proxy settings)",
      h->origin, p.scheme, p.host, p.port);
  free_parts(&p);
  return rc;
}

static bool is_clean_url(const char *s)
{
  for (; *s != 0; s++)
    if ((unsigned char)*s <= ' ' || *s == 0x7F) return false;
  return true;
}

static enum rs_code make_url(struct rs_http *h, struct rs_error *e)
{
  const char *path = h->x.r.path;
  if (path != NULL && !is_clean_url(path))
    return rs_fail(e, RS_INVALID, "%s: a path with blanks or control characters: encode it",
                   h->origin);
  if (path != NULL && path[0] != '/') {
    enum rs_code rc = check_same_server(h, path, e);
    if (rc != RS_OK) return rc;
    h->x.url = rs_strdup(path);
  } else {
    h->x.url = rs_mprintf("%s%s", h->prefix, path != NULL ? path : "");
  }
  return h->x.url != NULL ? RS_OK : rs_nomem(e);
}

/* ---- Headers -------------------------------------------------------------------------------- */

static bool is_token(const char *s)
{
  if (s == NULL || *s == 0) return false;
  for (; *s != 0; s++) {
    char c = *s;
    bool is_word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_word && strchr("!#$%&'*+-.^_`|~", c) == NULL) return false;
  }
  return true;
}

enum rs_code http_check_headers(const struct rs_http_header *v, size_t n, struct rs_error *e)
{
  static const char *const ours[] = {"Content-Length", "Transfer-Encoding", "Expect", "Host",
                                     "Connection"};
  for (size_t i = 0; i < n; i++) {
    if (!is_token(v[i].name))
      return rs_fail(e, RS_INVALID, "HTTP header: not a legal name: `%.60s`",
                     v[i].name != NULL ? v[i].name : "");
    for (size_t k = 0; k < sizeof ours / sizeof ours[0]; k++)
      if (rs_casecmp(v[i].name, ours[k]) == 0)
        return rs_fail(e, RS_INVALID, "HTTP header %s: set by the client itself", ours[k]);
    for (const char *p = v[i].value; p != NULL && *p != 0; p++)
      if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7F)
        return rs_fail(e, RS_INVALID,
                       "HTTP header %s: its value holds a line end or another control"
                       " character",
                       v[i].name);
  }
  return RS_OK;
}

static const struct rs_http_header *find(const struct rs_http_header *v, size_t n, const char *name)
{
  for (size_t i = 0; i < n; i++)
    if (rs_casecmp(v[i].name, name) == 0) return &v[i];
  return NULL;
}

/* libcurl's notation: `Name: value`, `Name;` for an empty value, `Name:` for none at all. */
static enum rs_code add_header(struct rs_http *h, const char *name, const char *value,
                               struct rs_error *e)
{
  char *line = value == NULL   ? rs_mprintf("%s:", name)
               : value[0] == 0 ? rs_mprintf("%s;", name)
                               : rs_mprintf("%s: %s", name, value);
  struct curl_slist *list = line != NULL ? rs_curl.slist_append(h->x.headers, line) : NULL;
  rs_free(line);
  if (list == NULL) return rs_nomem(e);
  h->x.headers = list;
  return RS_OK;
}

static enum rs_code make_headers(struct rs_http *h, struct rs_error *e)
{
  const struct rs_http_request *r = &h->x.r;
  enum rs_code rc = http_check_headers(r->headers, r->nheaders, e);
  if (rc != RS_OK) return rc;
  for (size_t i = 0; rc == RS_OK && i < h->o.nheaders; i++)
    if (find(r->headers, r->nheaders, h->o.headers[i].name) == NULL)
      rc = add_header(h, h->o.headers[i].name, h->o.headers[i].value, e);
  for (size_t i = 0; rc == RS_OK && i < r->nheaders; i++)
    rc = add_header(h, r->headers[i].name, r->headers[i].value, e);
  // What libcurl would add by itself: a wait for 100 Continue, a type that is not the body's
  // (libcurl would sign, and not send, a header without a value: 7.88)
  bool is_signed = h->o.aws.id != NULL;
  if (rc == RS_OK && !is_signed) rc = add_header(h, "Expect", NULL, e);
  bool typed = find(r->headers, r->nheaders, "Content-Type") != NULL ||
               find(h->o.headers, h->o.nheaders, "Content-Type") != NULL;
  if (rc == RS_OK && !typed && !is_signed) rc = add_header(h, "Content-Type", NULL, e);
  bool coded = find(r->headers, r->nheaders, "Accept-Encoding") != NULL ||
               find(h->o.headers, h->o.nheaders, "Accept-Encoding") != NULL;
  if (rc == RS_OK && !coded)
    rc = add_header(h, "Accept-Encoding", h->o.no_compression ? "identity" : "gzip", e);
  return rc;
}

/* ---- The request ---------------------------------------------------------------------------- */

const char *http_method(const struct rs_http_request *r)
{
  return r->method != NULL ? r->method : r->body != NULL ? "POST" : "GET";
}

enum rs_code http_prepare(struct rs_http *h, struct rs_error *e)
{
  if (!is_token(http_method(&h->x.r)))
    return rs_fail(e, RS_INVALID, "%s: not a legal HTTP method", h->origin);
  if (rs_eq(http_method(&h->x.r), "HEAD") && h->x.r.body != NULL)
    return rs_fail(e, RS_INVALID, "%s: a HEAD request has no body", h->origin);
  enum rs_code rc = make_url(h, e);
  return rc == RS_OK ? make_headers(h, e) : rc;
}

/* The first failure of a row of curl_easy_setopt calls stays. */
#define SET(option, value)                                                            \
  do {                                                                                \
    if (rc == CURLE_OK) rc = rs_curl.easy_setopt(h->easy, CURLOPT_##option, (value)); \
  } while (0)
/* The same for what this libcurl may have been built without. */
#define TRY(option, value) (void)rs_curl.easy_setopt(h->easy, CURLOPT_##option, (value))

#define SMALL_BODY 16384
#define OLD_PROTOCOLS ((CURLoption)(CURLOPTTYPE_LONG + 181)) /* its name is deprecated */

static CURLcode set_callbacks(struct rs_http *h)
{
  CURLcode rc = CURLE_OK;
  SET(HEADERFUNCTION, http_on_header);
  SET(HEADERDATA, h);
  SET(WRITEFUNCTION, http_on_body);
  SET(WRITEDATA, h);
  SET(READFUNCTION, http_on_send);
  SET(READDATA, h);
  SET(SEEKFUNCTION, http_on_seek);
  SET(SEEKDATA, h);
  SET(ERRORBUFFER, h->x.message);
  h->x.refused = false;
  if (h->o.public_only) SET(OPENSOCKETFUNCTION, http_on_socket);
  if (h->o.public_only) SET(OPENSOCKETDATA, h);
  return rc;
}

static CURLcode set_tls(struct rs_http *h)
{
  CURLcode rc = CURLE_OK;
  const struct rs_http_options *o = &h->o;
  SET(SSL_VERIFYPEER, o->insecure ? 0L : 1L);
  SET(SSL_VERIFYHOST, o->insecure ? 0L : 2L);
  TRY(SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  if (o->ca_file != NULL) SET(CAINFO, o->ca_file);
  if (o->ca_dir != NULL) SET(CAPATH, o->ca_dir);
  if (o->cert_file != NULL) SET(SSLCERT, o->cert_file);
  if (o->key_file != NULL) SET(SSLKEY, o->key_file);
  if (o->key_password != NULL) SET(KEYPASSWD, o->key_password);
  TRY(HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  return rc;
}

static CURLcode set_connection(struct rs_http *h)
{
  CURLcode rc = CURLE_OK;
  const struct http_exchange *x = &h->x;
  SET(NOSIGNAL, 1L);
  SET(URL, x->url);
  SET(PATH_AS_IS, 1L);
  // The library may be older than the header: 7.84 and before know only the number of bits
#if LIBCURL_VERSION_NUM >= 0x075500
  if (rs_curl.easy_setopt(h->easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
#endif
    if (rc == CURLE_OK)
      rc = rs_curl.easy_setopt(h->easy, OLD_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#if LIBCURL_VERSION_NUM >= 0x075700
  // A cancel while a name is looked up does not wait for the resolver (it does before 7.87)
  TRY(QUICK_EXIT, 1L);
#endif
  // A proxy between this machine and itself would only see what is none of its business
  if (h->is_local || h->o.public_only) SET(NOPROXY, "*");
  TRY(SUPPRESS_CONNECT_HEADERS, 1L);
  SET(TCP_KEEPALIVE, 1L);
  SET(BUFFERSIZE, (long)HTTP_BUFFER);
  TRY(UPLOAD_BUFFERSIZE, (long)HTTP_BUFFER);
  int64_t connect = x->connect_ms;
  if (x->total_at != HTTP_FOREVER && x->total_ms < connect) connect = x->total_ms;
  SET(CONNECTTIMEOUT_MS, connect > INT_MAX ? (long)INT_MAX : (long)connect);
  if (!x->idempotent) {
    // libcurl sends again by itself when a kept-alive connection breaks without an answer. With a
    // body http_on_seek forbids it; without one only a new connection avoids it. The shorter a
    // connection was idle, the less likely it is dead.
    if (x->r.body_len == 0) SET(FRESH_CONNECT, 1L);
    TRY(MAXAGE_CONN, 5L);
  }
  return rc;
}

static CURLcode set_method(struct rs_http *h)
{
  CURLcode rc = CURLE_OK;
  const struct rs_http_request *r = &h->x.r;
  const char *method = http_method(r);
  bool needs_body = rs_eq(method, "POST") || rs_eq(method, "PUT") || rs_eq(method, "PATCH");
  SET(HTTPHEADER, h->x.headers);
  SET(HEADEROPT, (long)CURLHEADER_SEPARATE); // a proxy gets none of them
  SET(USERAGENT, h->o.user_agent);
  if (rs_eq(method, "HEAD")) {
    SET(NOBODY, 1L);
  } else if (r->body != NULL || needs_body) {
    SET(POST, 1L);
    SET(POSTFIELDSIZE_LARGE, (curl_off_t)h->x.r.body_len);
    // Handed over whole it travels in the same packet as the headers. Not where http_on_seek must
    // be asked before it is sent again, nor where its progress has to be seen.
    if (r->body_len > 0 && r->body_len <= SMALL_BODY && h->x.idempotent)
      SET(POSTFIELDS, (void *)(uintptr_t)r->body);
    if (!rs_eq(method, "POST")) SET(CUSTOMREQUEST, method);
  } else {
    SET(HTTPGET, 1L);
    if (!rs_eq(method, "GET")) SET(CUSTOMREQUEST, method);
  }
  return rc;
}

#define AWS_SIGV4 ((CURLoption)(CURLOPTTYPE_STRINGPOINT + 305)) /* from 7.75 on */

static CURLcode set_signature(struct rs_http *h)
{
  char how[100];
  const char *region = h->o.aws.region;
  if (h->o.aws.id == NULL) return CURLE_OK;
  (void)snprintf(how, sizeof how, "aws:amz:%.60s:s3", region != NULL ? region : "us-east-1");
  CURLcode rc = rs_curl.easy_setopt(h->easy, AWS_SIGV4, how);
  SET(USERNAME, h->o.aws.id);
  SET(PASSWORD, h->o.aws.secret);
  return rc;
}

/* A handle that failed keeps its buffers and refuses a size for them (tried: 7.88, after a name
** without address). Connections are the multi handle's and stay. */
static bool fresh_handle(struct rs_http *h)
{
  CURL *fresh = rs_curl.easy_init();
  if (fresh == NULL) return false;
  rs_curl.easy_cleanup(h->easy);
  h->easy = fresh;
  h->is_spoiled = false;
  return true;
}

enum rs_code http_set_request(struct rs_http *h, struct rs_error *e)
{
  if (!h->is_spoiled) rs_curl.easy_reset(h->easy);
  else if (!fresh_handle(h)) return rs_nomem(e);
  CURLcode rc = set_callbacks(h);
  if (rc == CURLE_OK) rc = set_tls(h);
  if (rc == CURLE_OK) rc = set_connection(h);
  if (rc == CURLE_OK) rc = set_method(h);
  if (rc == CURLE_OK) rc = set_signature(h);
  if (rc == CURLE_OK) return RS_OK;
  if (rc == CURLE_OUT_OF_MEMORY) return rs_nomem(e);
  return rs_fail(e, RS_UNSUPPORTED, "%s: this libcurl can't do it: %s", h->origin,
                 rs_curl.easy_strerror(rc));
}
