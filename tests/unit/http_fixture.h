/* What the tests of the HTTP client share: a client of a scripted server, and short ways to ask. */
#ifndef RS_TESTS_HTTP_FIXTURE_H
#define RS_TESTS_HTTP_FIXTURE_H
#include "unit.h"
#include <dlfcn.h>
#include <netdb.h>
#include <zlib.h>
#include "src/base/redact.h"
#include "src/base/text.h"
#include "src/net/http.h"
#include "tests/wire/wire.h"

/* Stands in front of the C library's, for libcurl: names of tests never reach a network. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service,
                                                       const struct addrinfo *hints,
                                                       struct addrinfo **result);
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result)
{
  int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  const char *test = name != NULL ? strstr(name, ".test") : NULL;
  if (test != NULL && strncmp(name, "slow.", 5) == 0) rs_sleep_ms(3000);
  if (test != NULL) return EAI_NONAME;
  *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
  return real(name, service, hints, result);
}

#define SECRET "s3cr3t-key"

/* Back-off 50 times faster than in earnest, limits that a hanging test runs into. */
__attribute__((unused)) static struct rs_http_options options(const char *url)
{
  static const struct rs_http_header headers[] = {
    {"Authorization", "ApiKey " SECRET, true},
    {"X-Fixed", "fixed", false},
  };
  return (struct rs_http_options){.base_url = url,
                                  .headers = headers,
                                  .nheaders = 2,
                                  .second_ms = 20,
                                  .timeouts = {.idle = 10000, .total = 60000}};
}

__attribute__((unused)) static struct rs_http *client_of(struct rs_http_options o)
{
  struct rs_error e = {0};
  struct rs_http *h = NULL;
  if (rs_http_new(&o, &h, &e) != RS_OK) fail_msg("%s", e.text);
  return h;
}

__attribute__((unused)) static struct rs_http *client(struct wire *w)
{
  return client_of(options(w->url));
}

/* One try only. */
__attribute__((unused)) static struct rs_http *client_once(struct wire *w)
{
  struct rs_http_options o = options(w->url);
  o.tries = 1;
  return client_of(o);
}

/* The last whole body. */
static char got[1 << 20];

/* Fetches into `got`; the code. */
__attribute__((unused)) static enum rs_code fetch(struct rs_http *h, struct rs_http_request r,
                                                  int *status, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, sizeof got - 1);
  enum rs_code rc = rs_http_fetch(h, &r, &b, status, e);
  (void)snprintf(got, sizeof got, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  return rc;
}

__attribute__((unused)) static int get(struct rs_http *h, const char *path)
{
  struct rs_error e = {0};
  int status;
  if (fetch(h, (struct rs_http_request){.path = path}, &status, &e) != RS_OK)
    fail_msg("%s", e.text);
  return status;
}

/* Opens and reads all into `got`, `step` bytes at a time. */
__attribute__((unused)) static enum rs_code stream(struct rs_http *h, struct rs_http_request r,
                                                   size_t step, int *status, struct rs_error *e)
{
  size_t at = 0, n;
  got[0] = 0;
  enum rs_code rc = rs_http_open(h, &r, status, e);
  while (rc == RS_OK) {
    rc = rs_http_read(h, got + at, step, &n, e);
    if (rc == RS_OK && n == 0) break;
    at += n;
    got[at] = 0;
  }
  rs_http_end(h);
  return rc;
}

/* A request that fails so; `want` has %s for host:port. */
__attribute__((unused)) static void expect_failure(struct rs_http *h, struct rs_http_request r,
                                                   enum rs_code code, const char *want)
{
  struct rs_error e = {0};
  int status = -1;
  char text[1000];
  const char *at = strstr(want, "%s"), *origin = rs_http_origin(h);
  if (at != NULL)
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - want), want, origin, at + 2);
  else (void)snprintf(text, sizeof text, "%s", want);
  enum rs_code rc = fetch(h, r, &status, &e);
  assert_string_equal(e.text, text);
  assert_int_equal(rc, code);
  assert_int_equal(e.code, code);
  assert_int_equal(status, 0);
  assert_string_equal(got, "");
}

/* Bytes as the script language writes them; static, the next call overwrites. */
__attribute__((unused)) static const char *escaped(const char *p, size_t n)
{
  static char text[1 << 16];
  size_t at = 0;
  for (size_t i = 0; i < n && at + 5 < sizeof text; i++)
    at += (size_t)snprintf(text + at, sizeof text - at, "\\x%02x", (unsigned)(unsigned char)p[i]);
  return text;
}

/* Packs as gzip; returns the size. */
__attribute__((unused)) static size_t gzipped(const char *p, size_t n, char *out, size_t cap)
{
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (unsigned char *)(uintptr_t)p;
  z.avail_in = (unsigned)n;
  z.next_out = (unsigned char *)out;
  z.avail_out = (unsigned)cap;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  size_t size = z.total_out;
  assert_int_equal(deflateEnd(&z), Z_OK);
  return size;
}
#endif
