/* The HTTP client: whom it talks to and what it lets out. TLS, plain http, proxies, secrets. */
#include <arpa/inet.h>
#include "http_fixture.h"
#include "src/net/public.h"

static char certs[PATH_MAX], ca[PATH_MAX + 16];

static struct rs_http_options tls_options(struct wire *w)
{
  struct rs_http_options o = options(w->url);
  o.ca_file = ca;
  o.tries = 2;
  return o;
}

static const char script[] = "conn *\nread\nreply 200 ;ok\nagain\n";

static void good_certificate(void **state)
{
  (void)state;
  struct wire *w = wire_start_tls(script, certs, "good", false);
  struct rs_http *h = client_of(tls_options(w));
  for (int i = 0; i < 20; i++) assert_int_equal(get(h, "/"), 200);
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

static void bad_certificates(void **state)
{
  (void)state;
  static const struct {
    const char *cert, *want;
  } cases[] = {
    {"expired",
     "%s: certificate not accepted: it has expired; have it renewed (or set this machine's clock)"},
    {"other", "%s: certificate not accepted: it is for another host; use the name that it was made"
              " for"},
    {"self", "%s: certificate not accepted: it is not from an authority known here; name its CA"
             " file in the profile"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct wire *w = wire_start_tls(script, certs, cases[i].cert, false);
    struct rs_http_options o = tls_options(w);
    struct rs_http *h = client_of(o);
    expect_failure(h, (struct rs_http_request){0}, RS_FORBIDDEN, cases[i].want);
    assert_int_equal(wire_count(w, "conn "), 1); // does not get better by trying again
    rs_http_free(h);
    o.insecure = true;
    h = client_of(o);
    assert_int_equal(get(h, "/"), 200);
    rs_http_free(h);
    wire_stop(w);
  }
  // A good one from an authority that this machine does not know
  struct wire *w = wire_start_tls(script, certs, "good", false);
  struct rs_http_options o = tls_options(w);
  o.ca_file = NULL;
  struct rs_http *h = client_of(o);
  expect_failure(h, (struct rs_http_request){0}, RS_FORBIDDEN, cases[2].want);
  assert_int_equal(wire_count(w, "req "), 0);
  rs_http_free(h);
  wire_stop(w);
}

static void bad_ca_file(void **state)
{
  (void)state;
  struct wire *w = wire_start_tls(script, certs, "good", false);
  struct rs_http_options o = tls_options(w);
  o.ca_file = "/nowhere/ca.pem";
  struct rs_http *h = client_of(o);
  struct rs_error e = {0};
  int status;
  assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_INVALID);
  assert_non_null(strstr(e.text, ": can't read the CA file or folder of the profile: "));
  rs_http_free(h);
  wire_stop(w);
}

static void client_certificate(void **state)
{
  (void)state;
  char cert[PATH_MAX + 16], key[PATH_MAX + 16];
  (void)snprintf(cert, sizeof cert, "%s/client.pem", certs);
  (void)snprintf(key, sizeof key, "%s/client.key", certs);
  struct wire *w = wire_start_tls(script, certs, "good", true);
  struct rs_http_options o = tls_options(w);
  struct rs_http *h = client_of(o);
  struct rs_error e = {0};
  int status;
  assert_int_not_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_OK);
  assert_int_equal(wire_count(w, "req "), 0);
  rs_http_free(h);
  o.cert_file = cert;
  o.key_file = key;
  h = client_of(o);
  assert_int_equal(get(h, "/"), 200);
  rs_http_free(h);
  o.cert_file = "/nowhere/client.pem";
  h = client_of(o);
  assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_INVALID);
  assert_non_null(strstr(e.text, ": can't use the client certificate of the profile: "));
  rs_http_free(h);
  wire_stop(w);
}

/* TLS cut off without a farewell, in mid-body and at its end; the other side gone while we write,
** which must not raise SIGPIPE. */
static void tls_breaks(void **state)
{
  (void)state;
  struct wire *w = wire_start_tls(
    "conn\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nhalf\nclose\n"
    "conn\nread\nreply 200 ;whole\nclose\n"
    "conn\nread\nreset\n"
    "conn *\nsleep 50\nreset\n",
    certs, "good", false);
  struct rs_http_options o = tls_options(w);
  o.tries = 1;
  struct rs_http *h = client_of(o);
  struct rs_error e = {0};
  int status;
  assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_IO);
  assert_int_equal(get(h, "/"), 200);
  assert_string_equal(got, "whole");
  assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_IO);
  size_t n = (size_t)20 << 20;
  char *body = test_calloc(1, n);
  struct rs_http_request r = {.body = body, .body_len = n};
  assert_int_equal(fetch(h, r, &status, &e), RS_IO);
  assert_non_null(strstr(e.text, "; the request may have been carried out"));
  test_free(body);
  rs_http_free(h);
  wire_stop(w);
}

static void not_tls(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nsend HTTP/1.1 400 Plain\\r\\n\\r\\n\n");
  char url[100];
  (void)snprintf(url, sizeof url, "https://%s", w->origin);
  struct rs_http *h = client_of(options(url));
  struct rs_error e = {0};
  int status;
  assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_IO);
  assert_non_null(strstr(e.text, ": can't agree on TLS: "));
  assert_non_null(strstr(e.text, "; is it an https server?"));
  assert_true(e.unsent);
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

/* ---- addresses ------------------------------------------------------------------------------ */

static bool is_public(const char *text)
{
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
  if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
    return rs_address_is_public((const struct sockaddr *)&v4);
  assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
  return rs_address_is_public((const struct sockaddr *)&v6);
}

static void public_addresses(void **state)
{
  (void)state;
  static const char *const yes[] = {
    "1.1.1.1",     "9.255.255.255", "11.0.0.0",    "100.63.255.255",  "100.128.0.0",
    "169.253.1.1", "172.15.0.1",    "172.32.0.1",  "192.0.1.1",       "192.167.255.255",
    "198.17.0.1",  "198.20.0.1",    "203.0.112.1", "223.255.255.255", "2606:4700::1111",
    "2001:4860::", "2003::1",       "2a00::1",
  };
  static const char *const no[] = {
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:1.1.1.1",
    "::7f00:1",
    "64:ff9b::a00:1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
  };
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
    if (!is_public(yes[i])) fail_msg("%s is public", yes[i]);
  for (size_t i = 0; i < sizeof no / sizeof *no; i++)
    if (is_public(no[i])) fail_msg("%s is not public", no[i]);
}

/* By number or by name, one try, nothing of it sent; not even to a proxy. */
static void public_only(void **state)
{
  (void)state;
  struct wire *w = wire_start(script);
  const char *port = strrchr(w->origin, ':');
  static const char *const hosts[] = {"127.0.0.1", "localhost", "0x7f000001", "2130706433"};
  assert_int_equal(setenv("http_proxy", w->url, 1), 0);
  for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
    char url[100], want[200];
    (void)snprintf(url, sizeof url, "http://%s%s", hosts[i], port);
    struct rs_http_options o = options(url);
    o.public_only = o.allow_plain = true;
    struct rs_http *h = client_of(o);
    (void)snprintf(want, sizeof want,
                   "%s: not connected: its address is not one of the public internet",
                   rs_http_origin(h));
    struct rs_error e = {0};
    int status;
    assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_FORBIDDEN);
    assert_string_equal(e.text, want);
    assert_true(e.unsent);
    rs_http_free(h);
  }
  assert_int_equal(unsetenv("http_proxy"), 0);
  assert_int_equal(wire_count(w, "conn "), 0);
  wire_stop(w);
}

/* ---- URLs ----------------------------------------------------------------------------------- */

static void base_urls(void **state)
{
  (void)state;
  static const struct {
    const char *url;
    enum rs_code code;
    const char *want; /* the error, or host:port */
  } cases[] = {
    {"https://api.usw2a1.rockset.com", RS_OK, "api.usw2a1.rockset.com:443"},
    {"https://example.test:8443/x/y/", RS_OK, "example.test:8443"},
    {"http://localhost:8080", RS_OK, "localhost:8080"},
    {"http://127.0.0.1", RS_OK, "127.0.0.1:80"},
    {"http://127.9.8.7:1", RS_OK, "127.9.8.7:1"},
    {"http://[::1]:1", RS_OK, "[::1]:1"},
    {"http://example.test", RS_FORBIDDEN,
     "example.test:80: plain http would show credentials and data to the network: use https (or"
     " allow plain http in the profile)"},
    {"http://127.0.0.1.example.test", RS_FORBIDDEN, NULL},
    {"http://localhost.example.test", RS_FORBIDDEN, NULL},
    {"http://128.0.0.1", RS_FORBIDDEN, NULL},
    {"http://[::2]", RS_FORBIDDEN, NULL},
    {"http://0.0.0.0", RS_FORBIDDEN, NULL},
    {"https://joe:hunter22@example.test", RS_INVALID,
     "base URL: a URL with user or password: put them into their own fields of the profile"},
    {"https://example.test/?apikey=hunter22", RS_INVALID,
     "base URL: has a query string or fragment: leave it out"},
    {"https://example.test/#x", RS_INVALID,
     "base URL: has a query string or fragment: leave it out"},
    {"ftp://example.test", RS_INVALID, "base URL: neither https:// nor http://"},
    {"file:///etc/passwd", RS_INVALID, "base URL: neither https:// nor http://"},
    {"example.test", RS_INVALID, "base URL: not a URL: it should be https://host[:port][/path]"},
    {"https://exa mple.test", RS_INVALID,
     "base URL: not a URL: it should be https://host[:port][/path]"},
    {"https://example.test:99999", RS_INVALID,
     "base URL: not a URL: it should be https://host[:port][/path]"},
    {"", RS_INVALID, "base URL: not a URL: it should be https://host[:port][/path]"},
    {NULL, RS_INVALID, "base URL: missing"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct rs_error e = {0};
    struct rs_http *h = NULL;
    struct rs_http_options o = options(cases[i].url);
    enum rs_code rc = rs_http_new(&o, &h, &e);
    if (rc != cases[i].code) fail_msg("%s: %s", cases[i].url, e.text);
    if (rc == RS_OK) assert_string_equal(rs_http_origin(h), cases[i].want);
    else if (cases[i].want != NULL) assert_string_equal(e.text, cases[i].want);
    assert_null(strstr(e.text, "hunter22"));
    rs_http_free(h);
    if (rc != RS_FORBIDDEN) continue;
    o.allow_plain = true;
    assert_int_equal(rs_http_new(&o, &h, &e), RS_OK);
    rs_http_free(h);
  }
}

/* Trino hands out absolute URLs; the credentials go only to the server of the profile. */
static void only_this_server(void **state)
{
  (void)state;
  struct wire *w = wire_start(script), *other = wire_start(script);
  struct rs_http *h = client(w);
  char url[200], want[500];
  (void)snprintf(url, sizeof url, "%s/v1?slug=hunter22", other->url);
  (void)snprintf(
    want, sizeof want,
    "%%s: sent us on to http://%s, which would get the credentials too: put that address"
    " into the profile, or correct the one that the server gives out (its proxy"
    " settings)",
    other->origin);
  expect_failure(h, (struct rs_http_request){.path = url}, RS_FORBIDDEN, want);
  (void)snprintf(url, sizeof url, "http://joe:hunter22@%s/", w->origin);
  expect_failure(h, (struct rs_http_request){.path = url}, RS_INVALID,
                 "%s: URL of a request: a URL with user or password: put them into their own fields"
                 " of the profile");
  (void)snprintf(url, sizeof url, "https://%s/", w->origin);
  struct rs_error e = {0};
  int status;
  assert_int_equal(fetch(h, (struct rs_http_request){.path = url}, &status, &e), RS_FORBIDDEN);
  expect_failure(h, (struct rs_http_request){.path = "relative"}, RS_INVALID,
                 "%s: URL of a request: not a URL: it should be https://host[:port][/path]");
  const char *dirty[] = {"/a b", "/a\r\nX-Evil: 1", "/\x7F", "/a\tb"};
  for (size_t i = 0; i < 4; i++)
    expect_failure(h, (struct rs_http_request){.path = dirty[i]}, RS_INVALID,
                   "%s: a path with blanks or control characters: encode it");
  // What looks like another host is a path here
  assert_int_equal(get(h, "//evil.test/../x/%2E%2E"), 200);
  assert_int_equal(wire_count(w, "req 1 GET //evil.test/../x/%2E%2E\n"), 1);
  assert_int_equal(wire_count(other, "conn "), 0);
  rs_http_free(h);
  wire_stop(other);
  wire_stop(w);
}

static void bad_requests(void **state)
{
  (void)state;
  struct wire *w = wire_start(script);
  struct rs_http *h = client(w);
  static const struct {
    struct rs_http_header header;
    const char *want;
  } cases[] = {
    {{"X-A", "b\r\nX-Evil: 1", false},
     "HTTP header X-A: its value holds a line end or another control character"},
    {{"X-A: b\r\nX", "y", false}, "HTTP header: not a legal name: `X-A: b\r\nX`"},
    {{"", "y", false}, "HTTP header: not a legal name: ``"},
    {{NULL, "y", false}, "HTTP header: not a legal name: ``"},
    {{"content-length", "1", false}, "HTTP header Content-Length: set by the client itself"},
    {{"Transfer-Encoding", "chunked", false},
     "HTTP header Transfer-Encoding: set by the client itself"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    expect_failure(h, (struct rs_http_request){.headers = &cases[i].header, .nheaders = 1},
                   RS_INVALID, cases[i].want);
  expect_failure(h, (struct rs_http_request){.method = "GET / HTTP/1.1\r\n"}, RS_INVALID,
                 "%s: not a legal HTTP method");
  expect_failure(h, (struct rs_http_request){.method = "HEAD", .body = ""}, RS_INVALID,
                 "%s: a HEAD request has no body");
  assert_int_equal(wire_count(w, "conn "), 0);
  rs_http_free(h);
  wire_stop(w);
}

/* ---- Proxies -------------------------------------------------------------------------------- */

static void proxies(void **state)
{
  (void)state;
  struct wire *proxy = wire_start("conn *\nread\nreply 403 ;by the proxy\n"),
              *w = wire_start(script);
  setenv("http_proxy", proxy->url, 1);
  setenv("https_proxy", proxy->url, 1);
  struct rs_http *h = client(w);
  assert_int_equal(get(h, "/"), 200); // not for this machine
  assert_int_equal(wire_count(proxy, "conn "), 0);
  rs_http_free(h);
  struct rs_http_options o = options("https://example.test");
  o.tries = 1;
  h = client_of(o);
  struct rs_error e = {0};
  int status;
  assert_int_equal(fetch(h, (struct rs_http_request){.path = "/secret-path"}, &status, &e), RS_IO);
  assert_int_equal(wire_count(proxy, "req 1 CONNECT example.test:443\n"), 1);
  assert_false(wire_has(proxy, SECRET)); // nor what it would ask there
  assert_false(wire_has(proxy, "secret-path"));
  rs_http_free(h);
  setenv("no_proxy", "example.test", 1);
  o.timeouts.connect = 50;
  h = client_of(o);
  assert_int_not_equal(fetch(h, (struct rs_http_request){0}, &status, &e), RS_OK);
  assert_int_equal(wire_count(proxy, "conn "), 1);
  rs_http_free(h);
  unsetenv("http_proxy");
  unsetenv("https_proxy");
  unsetenv("no_proxy");
  wire_stop(w);
  wire_stop(proxy);
}

/* ---- Secrets -------------------------------------------------------------------------------- */

static void note(void *ctx, const struct rs_http_retry *r)
{
  struct rs_buf *b = ctx;
  rs_buf_printf(b, "%s\n", r->reason);
}

/* A server that says everything back, in every failure there is: no error shows a secret. */
static void secrets_stay_in(void **state)
{
  (void)state;
  static const char *const answers[] = {
    "send HTTP/1.1 302 ApiKey " SECRET "\\r\\nLocation: https://x:" SECRET "@h.test/?k=" SECRET
    "\\r\\n\\r\\n",
    "send " SECRET "\\r\\n\\r\\n",
    "send HTTP/1.1 200 OK\\r\\nContent-Encoding: " SECRET "\\r\\nContent-Length: 0\\r\\n\\r\\n",
    "send HTTP/1.1 200 OK\\r\\nContent-Length: " SECRET "\\r\\n\\r\\n",
    "reset",
    "stall",
  };
  for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
    char text[500];
    struct rs_buf log;
    rs_buf_init(&log, 100000);
    (void)snprintf(text, sizeof text, "conn *\nread\n%s\n", answers[i]);
    struct wire *w = wire_start(text);
    struct rs_http_options o = options(w->url);
    o.on_retry = note;
    o.retry_ctx = &log;
    o.tries = 2;
    o.timeouts.idle = 50;
    struct rs_http *h = client_of(o);
    struct rs_error e = {0};
    int status;
    assert_int_not_equal(
      fetch(h, (struct rs_http_request){.path = "/ws?token=" SECRET}, &status, &e), RS_OK);
    assert_null(strstr(e.text, SECRET));
    assert_null(strstr(e.text, "token"));
    assert_null(strstr(rs_buf_text(&log), SECRET));
    rs_http_free(h);
    rs_buf_free(&log);
    wire_stop(w);
  }
  // Elsewhere it is known as a secret too
  char text[100] = "echo of " SECRET;
  rs_redact(text, sizeof text);
  assert_string_equal(text, "echo of " RS_REDACTED);
}

static int set_up(void **state)
{
  (void)state;
  wire_certs(certs);
  (void)snprintf(ca, sizeof ca, "%s/ca.pem", certs);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  wire_remove(certs);
  rs_redact_clear();
  return 0;
}

int main(void)
{
  (void)signal(SIGPIPE, SIG_DFL);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(good_certificate), cmocka_unit_test(bad_certificates),
    cmocka_unit_test(bad_ca_file),      cmocka_unit_test(client_certificate),
    cmocka_unit_test(tls_breaks),       cmocka_unit_test(not_tls),
    cmocka_unit_test(base_urls),        cmocka_unit_test(only_this_server),
    cmocka_unit_test(bad_requests),     cmocka_unit_test(proxies),
    cmocka_unit_test(public_addresses), cmocka_unit_test(public_only),
    cmocka_unit_test(secrets_stay_in),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
