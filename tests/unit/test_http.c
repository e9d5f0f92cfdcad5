/* The HTTP client: requests as they are sent, answers as they are read, ends of bodies, limits. */
#include "http_fixture.h"

/* ---- Requests ------------------------------------------------------------------------------- */

static void sends_what_was_asked(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;ok\nagain\n");
  struct rs_http_options o = options(NULL);
  char url[100];
  (void)snprintf(url, sizeof url, "%s/api/", w->url);
  o.base_url = url;
  struct rs_http *h = client_of(o);
  assert_int_equal(get(h, "/v1/x?a=b%20c"), 200);
  assert_string_equal(got, "ok");
  assert_int_equal(wire_count(w, "req 1 GET /api/v1/x?a=b%20c\n"), 1);
  assert_true(wire_has(w, "hdr 1 Authorization: ApiKey " SECRET "\n"));
  assert_true(wire_has(w, "hdr 1 Accept-Encoding: gzip\n"));
  assert_true(wire_has(w, "hdr 1 User-Agent: rockset_ext/" RS_VERSION "\n"));
  char host[100];
  (void)snprintf(host, sizeof host, "hdr 1 Host: %s\n", w->origin);
  assert_true(wire_has(w, host));
  assert_false(wire_has(w, "content-type"));
  assert_false(wire_has(w, "content-length"));
  assert_int_equal(get(h, NULL), 200);
  assert_int_equal(wire_count(w, "req 1 GET /api\n"), 1);
  // An absolute URL of the same server
  char next[200];
  (void)snprintf(next, sizeof next, "%s/other/path?x", w->url);
  assert_int_equal(get(h, next), 200);
  assert_int_equal(wire_count(w, "req 1 GET /other/path?x\n"), 1);
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

static void sends_bodies(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;ok\nagain\n");
  struct rs_http *h = client(w);
  int status;
  struct rs_error e = {0};
  const struct rs_http_header headers[] = {{"content-type", "application/json", false},
                                           {"x-fixed", "other", false},
                                           {"X-Empty", "", false},
                                           {"Accept", NULL, false}};
  struct rs_http_request r = {
    .path = "/p", .headers = headers, .nheaders = 4, .body = "{\"a\":1}", .body_len = 7};
  assert_int_equal(fetch(h, r, &status, &e), RS_OK);
  assert_int_equal(wire_count(w, "req 1 POST /p\n"), 1);
  assert_int_equal(wire_count(w, "body 1 7 {\"a\":1}\n"), 1);
  assert_true(wire_has(w, "content-type: application/json\n"));
  assert_true(wire_has(w, "x-fixed: other\n") && !wire_has(w, "x-fixed: fixed\n"));
  assert_true(wire_has(w, "X-Empty:\n"));
  assert_false(wire_has(w, "Accept: "));
  assert_false(wire_has(w, "Expect"));
  const struct {
    const char *method, *body, *seen;
  } cases[] = {{"POST", NULL, "POST /m\n"},
               {"PUT", "abc", "PUT /m\n"},
               {"DELETE", NULL, "DELETE /m\n"},
               {"DELETE", "[1]", "DELETE /m\n"},
               {"PATCH", "x", "PATCH /m\n"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    r = (struct rs_http_request){.method = cases[i].method,
                                 .path = "/m",
                                 .body = cases[i].body,
                                 .body_len = cases[i].body != NULL ? strlen(cases[i].body) : 0,
                                 .idempotent = true};
    assert_int_equal(fetch(h, r, &status, &e), RS_OK);
    assert_true(wire_has(w, cases[i].seen));
  }
  assert_int_equal(wire_count(w, "body 1 3 [1]\n"), 1);
  assert_int_equal(wire_count(w, "body 1 3 abc\n"), 1);
  assert_true(wire_has(w, "Content-Length: 0\n")); // POST without a body says so
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

/* Larger than every buffer on the way. */
static void sends_large_bodies(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;ok\nagain\n");
  struct rs_http *h = client(w);
  size_t n = (size_t)5 << 20;
  char *body = test_malloc(n);
  memset(body, 'x', n);
  int status;
  struct rs_error e = {0};
  assert_int_equal(
    fetch(h, (struct rs_http_request){.path = "/", .body = body, .body_len = n}, &status, &e),
    RS_OK);
  assert_int_equal(wire_count(w, "body 1 5242880 "), 1);
  assert_string_equal(got, "ok");
  test_free(body);
  rs_http_free(h);
  wire_stop(w);
}

static void one_connection_for_all(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;a\nread\nsend HTTP/1.1 200 "
                              "OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                              "3\\r\\nabc\\r\\n0\\r\\n\\r\\n\nread\nreply 404 ;no\nread\nsend "
                              "HTTP/1.1 204 None\\r\\n\\r\\n\nagain\n");
  struct rs_http *h = client(w);
  const int want[] = {200, 200, 404, 204};
  int status;
  struct rs_error e = {0};
  for (int i = 0; i < 200; i++) {
    struct rs_http_request r = {.path = "/", .method = i % 3 == 0 ? "POST" : "GET", .body = NULL};
    if (i % 3 == 0) r.body = "x", r.body_len = 1;
    if (i % 2 == 0) assert_int_equal(fetch(h, r, &status, &e), RS_OK);
    else assert_int_equal(stream(h, r, 65536, &status, &e), RS_OK);
    assert_int_equal(status, want[i % 4]);
  }
  assert_int_equal(wire_count(w, "req "), 200);
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

static void escapes(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1000);
  rs_http_escape(&b, "aZ0-._~ /?&=%+:\xC3\xA9", 17);
  rs_http_escape(&b, "\0", 1);
  assert_string_equal(rs_buf_text(&b), "aZ0-._~%20%2F%3F%26%3D%25%2B%3A%C3%A9%00");
  rs_buf_free(&b);
}

/* ---- Answers -------------------------------------------------------------------------------- */

static void headers_by_name(void **state)
{
  (void)state;
  struct wire *w = wire_start(
    "conn *\nread\nsend HTTP/1.1 100 Continue\\r\\nX-Early: 1\\r\\n\\r\\n"
    "HTTP/1.1 103 Early Hints\\r\\nX-Early: 2\\r\\n\\r\\n"
    "HTTP/1.1 200 OK\\r\\nX-Many: one\\r\\nx-many:  two \\r\\nX-Folded: a\\r\\n   "
    "b\\r\\nX-Empty:\\r\\n"
    "X-MANY: th:ree\\r\\nTransfer-Encoding: chunked\\r\\nTrailer: X-Trail\\r\\n\\r\\n"
    "2\\r\\nhi\\r\\n0\\r\\nX-Trail: t\\r\\n\\r\\n\nagain\n");
  struct rs_http *h = client(w);
  assert_null(rs_http_header(h, "x-many", 0));
  assert_int_equal(get(h, "/"), 200);
  assert_string_equal(got, "hi");
  assert_string_equal(rs_http_header(h, "x-many", 0), "one");
  assert_string_equal(rs_http_header(h, "X-Many", 1), "two");
  assert_string_equal(rs_http_header(h, "X-mANY", 2), "th:ree");
  assert_null(rs_http_header(h, "X-Many", 3));
  assert_string_equal(rs_http_header(h, "X-Folded", 0), "a b");
  assert_string_equal(rs_http_header(h, "X-Empty", 0), "");
  assert_null(rs_http_header(h, "X-Early", 0));
  assert_null(rs_http_header(h, "X-Trail", 0));
  assert_int_equal(get(h, "/"), 200);
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

static void answers_without_body(void **state)
{
  (void)state;
  struct wire *w = wire_start(
    "conn *\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n\n"
    "read\nsend HTTP/1.1 204 None\\r\\n\\r\\n\n"
    "read\nsend HTTP/1.1 304 Same\\r\\nETag: x\\r\\n\\r\\n\n"
    "read\nsend HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\n"
    "Content-Length: 0\\r\\n\\r\\n\nagain\n");
  struct rs_http *h = client(w);
  int status;
  struct rs_error e = {0};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(stream(h, (struct rs_http_request){.method = "HEAD"}, 10, &status, &e), RS_OK);
    assert_string_equal(rs_http_header(h, "content-length", 0), "5");
    assert_string_equal(got, "");
    assert_int_equal(get(h, "/"), 204);
    assert_int_equal(get(h, "/"), 304);
    assert_int_equal(get(h, "/"), 200);
    assert_string_equal(got, "");
  }
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

static void streams_in_any_step(void **state)
{
  (void)state;
  char packed[4096], plain[20000], script[40000];
  for (size_t i = 0; i < sizeof plain; i++) plain[i] = (char)('a' + i * i % 23);
  size_t n = gzipped(plain, sizeof plain, packed, sizeof packed);
  size_t at = (size_t)snprintf(
    script, sizeof script,
    "conn *\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Encoding: gzip\\r\\n"
    "Content-Length: %zu\\r\\n\\r\\n%s\nread\nfill 0\n"
    "send HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n\n",
    n, escaped(packed, n));
  (void)snprintf(script + at, sizeof script - at, "fill 100000\nagain\n");
  struct wire *w = wire_start(script);
  struct rs_http *h = client(w);
  const size_t steps[] = {1, 7, 4096, 16383, 16384, 65536, 200000};
  int status;
  struct rs_error e = {0};
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    assert_int_equal(stream(h, (struct rs_http_request){0}, steps[i], &status, &e), RS_OK);
    assert_int_equal(strlen(got), sizeof plain);
    assert_memory_equal(got, plain, sizeof plain);
    assert_int_equal(stream(h, (struct rs_http_request){0}, steps[i], &status, &e), RS_OK);
    assert_int_equal(strlen(got), 100000);
    for (size_t k = 0; k < 100000; k += 64) assert_memory_equal(got + k, "0123456789abcdef", 16);
  }
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

/* Ended early, the rest of a short body is taken along, a long one costs the connection. */
static void ends_early(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn 1\nread\nreply 200 ;short\nread\n"
                              "send HTTP/1.1 200 OK\\r\\nContent-Length: 100000000\\r\\n\\r\\n\n"
                              "fill 100000000\nconn *\nread\nreply 200 ;next\nagain\n");
  struct rs_http *h = client(w);
  int status;
  size_t n;
  char buf[8];
  struct rs_error e = {0};
  const struct rs_http_request r = {.path = "/"};
  assert_int_equal(rs_http_open(h, &r, &status, &e), RS_OK);
  assert_int_equal(rs_http_read(h, buf, 2, &n, &e), RS_OK);
  assert_memory_equal(buf, "sh", 2);
  rs_http_end(h);
  assert_int_equal(rs_http_open(h, &r, &status, &e), RS_OK);
  assert_int_equal(wire_count(w, "conn "), 1);
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_OK);
  assert_int_equal(n, sizeof buf);
  assert_int_equal(get(h, "/"), 200); // which ends the open one
  assert_string_equal(got, "next");
  assert_int_equal(wire_count(w, "conn "), 2);
  assert_int_equal(wire_count(w, "sent "), 0);
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_INTERNAL);
  rs_http_end(h);
  rs_http_end(h);
  rs_http_free(h);
  wire_stop(w);
}

/* A sanitizer keeps what was freed. */
#if defined(__SANITIZE_ADDRESS__)
#define GROWTH ((size_t)1 << 30)
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GROWTH ((size_t)1 << 30)
#endif
#endif
#ifndef GROWTH
#define GROWTH ((size_t)4 << 20)
#endif

static size_t resident(void)
{
  char text[200] = {0};
  FILE *f = fopen("/proc/self/statm", "r");
  if (f == NULL) return 0;
  if (fgets(text, sizeof text, f) == NULL) text[0] = 0;
  (void)fclose(f);
  char *end;
  (void)strtol(text, &end, 10);
  return (size_t)strtol(end, NULL, 10) * 4096;
}

/* The server waits while nobody reads, and memory does not grow with the body. */
static void holds_the_server_back(void **state)
{
  (void)state;
  static char buf[65536];
  const size_t size = (size_t)200 << 20;
  char script[300];
  (void)snprintf(
    script, sizeof script,
    "conn *\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %zu\\r\\n\\r\\n\nfill %zu\n"
    "read\nsend HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n\n"
    "chunks %zu 1000\nsend 0\\r\\n\\r\\n\nagain\n",
    size, size, size / 1000);
  struct wire *w = wire_start(script);
  struct rs_http *h = client(w);
  struct rs_error e = {0};
  int status;
  for (int round = 0; round < 2; round++) {
    size_t n = 1, total = 0;
    assert_int_equal(rs_http_open(h, &(struct rs_http_request){0}, &status, &e), RS_OK);
    assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_OK);
    total = n;
    size_t before = resident();
    rs_sleep_ms(200);
    assert_int_equal(wire_count(w, "sent "), round);
    while (n > 0) {
      assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_OK);
      total += n;
    }
    assert_int_equal(total, round == 0 ? size : size / 1000 * 1000);
    assert_true(resident() < before + GROWTH);
    rs_http_end(h);
  }
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  wire_stop(w);
}

/* ---- Ends of bodies ------------------------------------------------------------------------- */

static const char text_of_body[] =
  "{\"results\":[{\"a\":1},{\"a\":2}],\"note\":\"the whole answer\"}";

/* Every answer that the body can come as; unescaped. */
static size_t answer_as(int form, char *out, size_t cap)
{
  char packed[300];
  size_t plain = sizeof text_of_body - 1, n = gzipped(text_of_body, plain, packed, sizeof packed);
  const char *body = form < 2 ? text_of_body : packed;
  if (form < 2) n = plain;
  int at = snprintf(out, cap, "HTTP/1.1 200 OK\r\nX-A: b\r\n%s",
                    form < 2 ? "" : "Content-Encoding: gzip\r\n");
  if (form % 2 == 0) {
    at += snprintf(out + at, cap - (size_t)at, "Content-Length: %zu\r\n\r\n", n);
    memcpy(out + at, body, n);
    return (size_t)at + n;
  }
  at += snprintf(out + at, cap - (size_t)at, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n", n / 2);
  memcpy(out + at, body, n / 2);
  at += (int)(n / 2);
  at += snprintf(out + at, cap - (size_t)at, "\r\n%zx\r\n", n - n / 2);
  memcpy(out + at, body + n / 2, n - n / 2);
  at += (int)(n - n / 2);
  at += snprintf(out + at, cap - (size_t)at, "\r\n0\r\n\r\n");
  return (size_t)at;
}

static void check_cut(enum rs_code rc, const struct rs_error *e, size_t at, size_t n)
{
  if (rc == RS_OK) {
    assert_string_equal(got, text_of_body);
    return;
  }
  if (rc != RS_IO && rc != RS_REMOTE) fail_msg("cut at %zu of %zu: %s", at, n, e->text);
  if (at == n) fail_msg("not cut at all: %s", e->text);
  assert_non_null(strstr(e->text, "127.0.0.1:"));
  assert_int_equal(strncmp(got, text_of_body, strlen(got)), 0);
}

static void cut_at_every_byte(void **state)
{
  int form = *(const int *)*state;
  char whole[1000];
  static char script[1 << 20];
  size_t n = answer_as(form, whole, sizeof whole), at = 0;
  // Twice each: for a stream and for a whole body; a third one must come through by a retry
  for (size_t cut = 0; cut <= n; cut++)
    for (int i = 0; i < 4; i++)
      at += (size_t)snprintf(script + at, sizeof script - at, "conn\nread\ncut %zu %s\n",
                             i < 3 ? cut : n, escaped(whole, n));
  struct wire *w = wire_start(script);
  int complete = 0;
  for (size_t cut = 0; cut <= n; cut++) {
    struct rs_error e = {0};
    int status;
    // A client each: connections are counted by the script
    struct rs_http *h = client_once(w);
    enum rs_code rc = stream(h, (struct rs_http_request){0}, 1 + cut % 50, &status, &e);
    check_cut(rc, &e, cut, n);
    if (rc == RS_OK) complete++;
    rs_http_free(h);
    h = client_once(w);
    check_cut(fetch(h, (struct rs_http_request){0}, &status, &e), &e, cut, n);
    rs_http_free(h);
    h = client(w);
    if (fetch(h, (struct rs_http_request){0}, &status, &e) != RS_OK) fail_msg("%s", e.text);
    assert_string_equal(got, text_of_body);
    // without a try again the fourth connection's turn is still to come
    if (wire_count(w, "conn ") < 4 * ((int)cut + 1)) assert_int_equal(get(h, "/"), 200);
    assert_true(wire_wait(w, "conn ", 4 * ((int)cut + 1)));
    rs_http_free(h);
  }
  assert_true(complete >= 1 && complete <= 5);
  wire_stop(w);
}

/* The framing is right, what is in it is not: libcurl itself would not notice. */
static void gzip_cut_inside(void **state)
{
  (void)state;
  char packed[300];
  static char script[1 << 18];
  size_t n = gzipped(text_of_body, sizeof text_of_body - 1, packed, sizeof packed), at = 0;
  for (size_t cut = 1; cut <= n; cut++)
    at += (size_t)snprintf(script + at, sizeof script - at,
                           "conn\nread\nreply 200 Content-Encoding: gzip|Connection: close;%s\n",
                           escaped(packed, cut));
  struct wire *w = wire_start(script);
  for (size_t cut = 1; cut <= n; cut++) {
    struct rs_http *h = client_once(w);
    if (cut < n)
      expect_failure(h, (struct rs_http_request){0}, RS_IO,
                     "%s: the answer was cut off: its gzip data stop before their end; try again");
    else assert_int_equal(get(h, "/"), 200);
    rs_http_free(h);
  }
  assert_string_equal(got, text_of_body);
  wire_stop(w);
}

static void gzip_forms(void **state)
{
  (void)state;
  char packed[600];
  static char script[1 << 16];
  size_t n = gzipped("first ", 6, packed, sizeof packed);
  size_t two = n + gzipped("second", 6, packed + n, sizeof packed - n);
  size_t at = (size_t)snprintf(script, sizeof script,
                               "conn\nread\nreply 200 Content-Encoding: X-GZIP;%s\n"
                               "read\nreply 200 Content-Encoding: Identity;plain\n",
                               escaped(packed, two));
  packed[n - 8] ^= 1; // the check sum
  (void)snprintf(script + at, sizeof script - at,
                 "read\nreply 200 Content-Encoding: gzip;%s\n"
                 "conn\nread\nreply 200 Content-Encoding: gzip;plain\n"
                 "conn\nread\nreply 200 Content-Encoding: gzip, gzip;x\n",
                 escaped(packed, n));
  struct wire *w = wire_start(script);
  struct rs_http_options o = options(w->url);
  o.no_compression = true;
  struct rs_http *h = client_of(o);
  const struct rs_http_request r = {0};
  assert_int_equal(get(h, "/"), 200);
  assert_string_equal(got, "first second");
  assert_true(wire_has(w, "Accept-Encoding: identity\n"));
  assert_int_equal(get(h, "/"), 200);
  assert_string_equal(got, "plain");
  expect_failure(
    h, r, RS_REMOTE,
    "%s: can't unpack the answer: its gzip data do not match their checksum at byte 22");
  assert_int_equal(wire_count(w, "conn "), 1);
  rs_http_free(h);
  h = client_of(o);
  expect_failure(h, r, RS_REMOTE,
                 "%s: can't unpack the answer: its gzip data do not begin as such at byte 2");
  rs_http_free(h);
  h = client_of(o);
  expect_failure(h, r, RS_REMOTE,
                 "%s: the answer is encoded as `gzip, gzip`, which was not asked for");
  rs_http_free(h);
  wire_stop(w);
}

static void unverifiable_ends(void **state)
{
  (void)state;
  struct wire *w = wire_start(
    "conn\nread\nsend HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\nmay be all of it\n"
    "conn\nread\nsend HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\nmay be all of it\n"
    "conn\nread\nsend HTTP/1.0 403 No\\r\\n\\r\\na proxy's page\n"
    "conn\nread\nsend HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok\n");
  struct rs_http *h = client(w);
  const char want[] = "%s: the answer has neither a length nor chunks, so that nobody could tell"
                      " whether it was cut: the server (or a proxy) must speak HTTP/1.1";
  expect_failure(h, (struct rs_http_request){0}, RS_REMOTE, want);
  expect_failure(h, (struct rs_http_request){0}, RS_REMOTE, want);
  assert_int_equal(get(h, "/"), 403);
  assert_string_equal(got, "a proxy's page");
  assert_int_equal(get(h, "/"), 200);
  rs_http_free(h);
  wire_stop(w);
}

/* ---- What is not HTTP, or too much ---------------------------------------------------------- */

static void malformed_answers(void **state)
{
  (void)state;
  static const struct {
    const char *send;
    enum rs_code code;
    const char *want; /* NULL: any text */
  } cases[] = {
    {"garbage\\r\\n\\r\\n", RS_REMOTE,
     "%s: what came is not HTTP; is this the right server and port?"},
    {"SSH-2.0-OpenSSH_9.2\\r\\n", RS_REMOTE,
     "%s: what came is not HTTP; is this the right server and port?"},
    {"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nxyz\\r\\n", RS_REMOTE,
     "%s: the answer's chunks are malformed; is this the right server and port?"},
    {"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n2\\r\\nabcdef\\r\\n0\\r\\n\\r\\n",
     RS_REMOTE, "%s: the answer's chunks are malformed; is this the right server and port?"},
    {"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: 3\\r\\n\\r\\nabc", RS_REMOTE,
     NULL}, // by us, or by libcurl from 8.20 or so on
    {"HTTP/1.1 200 OK\\r\\nContent-Encoding: br\\r\\nContent-Length: 1\\r\\n\\r\\nx", RS_REMOTE,
     "%s: the answer is encoded as `br`, which was not asked for"},
    {"HTTP/1.1 302 Found\\r\\nLocation: https://u:pw@evil.test/x?token=t\\r\\nContent-Length: "
     "0\\r\\n\\r\\n",
     RS_REMOTE,
     "%s: redirected to evil.test (HTTP 302): redirects are not followed, they would take the"
     " credentials along; put the final address into the profile"},
    {"HTTP/1.1 307 Temporary\\r\\nContent-Length: 0\\r\\n\\r\\n", RS_REMOTE,
     "%s: redirected (HTTP 307): redirects are not followed, they would take the credentials along;"
     " put the final address into the profile"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char script[1000];
    (void)snprintf(script, sizeof script, "conn *\nread\nsend %s\n", cases[i].send);
    struct wire *w = wire_start(script);
    struct rs_http *h = client(w);
    struct rs_error e = {0};
    int status;
    if (cases[i].want != NULL) {
      expect_failure(h, (struct rs_http_request){0}, cases[i].code, cases[i].want);
    } else {
      assert_int_equal(fetch(h, (struct rs_http_request){0}, &status, &e), cases[i].code);
      assert_non_null(strstr(e.text, w->origin));
    }
    assert_int_equal(wire_count(w, "req "), 1); // none of it gets better by trying again
    rs_http_free(h);
    wire_stop(w);
  }
}

static void large_headers(void **state)
{
  (void)state;
  static char script[1 << 20];
  static const size_t lines[] = {1000, 4000};
  for (size_t i = 0; i < 2; i++) {
    size_t at = (size_t)snprintf(script, sizeof script, "conn *\nread\nsend HTTP/1.1 200 OK\\r\\n");
    for (size_t k = 0; k < lines[i]; k++)
      at += (size_t)snprintf(script + at, sizeof script - at, "X-%zu: %060zu\\r\\n", k, k);
    (void)snprintf(script + at, sizeof script - at, "Content-Length: 2\\r\\n\\r\\nok\n");
    struct wire *w = wire_start(script);
    struct rs_http *h = client_once(w);
    if (i == 0) {
      assert_int_equal(get(h, "/"), 200);
      assert_string_equal(rs_http_header(h, "X-999", 0) + 57, "999");
    } else {
      expect_failure(h, (struct rs_http_request){0}, RS_LIMIT,
                     "%s: the answer's headers are larger than 262144 bytes");
    }
    rs_http_free(h);
    wire_stop(w);
  }
}

static void bodies_have_a_maximum(void **state)
{
  (void)state;
  char packed[4096];
  static char script[1 << 17];
  size_t size = (size_t)1 << 20;
  char *zeros = test_calloc(1, size);
  size_t n = gzipped(zeros, size, packed, sizeof packed);
  (void)snprintf(script, sizeof script,
                 "conn *\nread\nreply 200 ;1234567890\nread\nreply 200 ;1234567890\nread\n"
                 "reply 200 Content-Encoding: gzip;%s\n",
                 escaped(packed, n));
  test_free(zeros);
  struct wire *w = wire_start(script);
  struct rs_http *h = client(w);
  struct rs_buf b;
  struct rs_error e = {0};
  int status;
  char want[200];
  rs_buf_init(&b, 10);
  assert_int_equal(rs_http_fetch(h, &(struct rs_http_request){0}, &b, &status, &e), RS_OK);
  assert_string_equal(rs_buf_text(&b), "1234567890");
  b.max = 9;
  (void)snprintf(want, sizeof want, "%s: the answer is longer than 9 bytes", w->origin);
  assert_fails(rs_http_fetch(h, &(struct rs_http_request){0}, &b, &status, &e), e, RS_LIMIT, want);
  assert_int_equal(b.n, 0);
  rs_buf_free(&b);
  rs_http_free(h);
  h = client(w);
  rs_buf_init(&b, 100000);
  (void)get(h, "/"), (void)get(h, "/");
  (void)snprintf(want, sizeof want, "%s: the answer is longer than 100000 bytes", w->origin);
  assert_fails(rs_http_fetch(h, &(struct rs_http_request){0}, &b, &status, &e), e, RS_LIMIT, want);
  assert_true(b.cap <= 200000);
  rs_buf_free(&b);
  rs_http_free(h);
  wire_stop(w);
}

int main(void)
{
  (void)signal(SIGPIPE, SIG_DFL);
  static int forms[] = {0, 1, 2, 3};
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sends_what_was_asked),
    cmocka_unit_test(sends_bodies),
    cmocka_unit_test(sends_large_bodies),
    cmocka_unit_test(one_connection_for_all),
    cmocka_unit_test(escapes),
    cmocka_unit_test(headers_by_name),
    cmocka_unit_test(answers_without_body),
    cmocka_unit_test(streams_in_any_step),
    cmocka_unit_test(ends_early),
    cmocka_unit_test(holds_the_server_back),
    {"cut_at_every_byte: length", cut_at_every_byte, NULL, NULL, &forms[0]},
    {"cut_at_every_byte: chunks", cut_at_every_byte, NULL, NULL, &forms[1]},
    {"cut_at_every_byte: gzip, length", cut_at_every_byte, NULL, NULL, &forms[2]},
    {"cut_at_every_byte: gzip, chunks", cut_at_every_byte, NULL, NULL, &forms[3]},
    cmocka_unit_test(gzip_cut_inside),
    cmocka_unit_test(gzip_forms),
    cmocka_unit_test(unverifiable_ends),
    cmocka_unit_test(malformed_answers),
    cmocka_unit_test(large_headers),
    cmocka_unit_test(bodies_have_a_maximum),
  };
  return RS_RUN(tests);
}
