/* The HTTP client: what is tried again and what is not, waiting, timeouts, cancelling. */
#include "http_fixture.h"
#include "src/net/libcurl.h"

/* ---- Retries -------------------------------------------------------------------------------- */

struct seen {
  int n;
  struct rs_http_retry r[16];
  char reason[16][400];
};

static void note(void *ctx, const struct rs_http_retry *r)
{
  struct seen *seen = ctx;
  if (seen->n == 16) return;
  seen->r[seen->n] = *r;
  (void)snprintf(seen->reason[seen->n++], sizeof seen->reason[0], "%s", r->reason);
}

static struct rs_http *noting_client(struct wire *w, struct seen *seen)
{
  struct rs_http_options o = options(w->url);
  memset(seen, 0, sizeof *seen);
  o.on_retry = note;
  o.retry_ctx = seen;
  return client_of(o);
}

static const struct rs_http_request insert = {.path = "/docs", .body = "[1]", .body_len = 3};
static const struct rs_http_request select_ = {
  .path = "/queries", .body = "{}", .body_len = 2, .idempotent = true};

static void storms_pass(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 503 ;busy\nread\nreply 429 ;slow down\nread\n"
                              "reply 503 ;busy\nread\nreply 200 ;done\nagain\n");
  struct seen seen;
  struct rs_http *h = noting_client(w, &seen);
  int status;
  struct rs_error e = {0};
  // A refusal may be tried again, whatever the request
  assert_int_equal(fetch(h, insert, &status, &e), RS_OK);
  assert_int_equal(status, 200);
  assert_string_equal(got, "done");
  assert_int_equal(seen.n, 3);
  const int statuses[] = {503, 429, 503}, most[] = {20, 40, 80};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(seen.r[i].attempt, i + 1);
    assert_int_equal(seen.r[i].tries, 5);
    assert_int_equal(seen.r[i].status, statuses[i]);
    assert_true(seen.r[i].wait_ms >= 0 && seen.r[i].wait_ms <= most[i]);
  }
  assert_string_equal(seen.reason[1], "HTTP 429");
  // The answers were read to their end: one connection
  assert_int_equal(wire_count(w, "conn "), 1);
  assert_int_equal(stream(h, insert, 100, &status, &e), RS_OK);
  assert_string_equal(got, "done");
  assert_int_equal(wire_count(w, "req "), 8);
  assert_int_equal(seen.n, 6);
  rs_http_free(h);
  wire_stop(w);
}

static void storms_that_stay(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 503 X-Why: full;still busy\nagain\n");
  struct seen seen;
  struct rs_http *h = noting_client(w, &seen);
  assert_int_equal(get(h, "/"), 503);
  assert_string_equal(got, "still busy");
  assert_string_equal(rs_http_header(h, "x-why", 0), "full");
  assert_int_equal(wire_count(w, "req "), 5);
  assert_int_equal(seen.n, 4);
  int64_t most[] = {20, 40, 80, 160};
  for (int i = 0; i < 4; i++) assert_true(seen.r[i].wait_ms <= most[i]);
  rs_http_free(h);
  h = client_once(w);
  assert_int_equal(get(h, "/"), 503);
  assert_int_equal(wire_count(w, "req "), 6);
  rs_http_free(h);
  wire_stop(w);
}

/* Full jitter up to eight seconds, neither always the same nor beyond. */
static void back_off_is_random_and_bounded(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 503 ;\nagain\n");
  struct rs_http_options o = options(w->url);
  struct seen seen = {0};
  o.on_retry = note;
  o.retry_ctx = &seen;
  o.tries = 12;
  o.second_ms = 4;
  struct rs_http *h = client_of(o);
  assert_int_equal(get(h, "/"), 503);
  assert_int_equal(seen.n, 11);
  int different = 0;
  for (int i = 0; i < 11; i++) {
    assert_true(seen.r[i].wait_ms <= (i < 3 ? 4 << i : 32));
    if (i > 0 && seen.r[i].wait_ms != seen.r[i - 1].wait_ms) different++;
  }
  assert_true(different > 0);
  rs_http_free(h);
  wire_stop(w);
}

static void retry_after(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 429 Retry-After: 7;\n"
                              "read\nreply 503 Date: Mon, 01 Jan 2024 00:00:00 GMT|"
                              "Retry-After: Mon, 01 Jan 2024 00:00:09 GMT;\n"
                              "read\nreply 429 Retry-After: 99999999999999999999;\n"
                              "read\nreply 429 Retry-After: soon;\nread\nreply 200 ;ok\nagain\n");
  struct rs_http_options o = options(w->url);
  struct seen seen = {0};
  o.on_retry = note;
  o.retry_ctx = &seen;
  o.second_ms = 5;
  o.retry_after_max = 30;
  struct rs_http *h = client_of(o);
  assert_int_equal(get(h, "/"), 200);
  assert_int_equal(seen.n, 4);
  assert_true(seen.r[0].wait_ms == 35);
  assert_true(seen.r[1].wait_ms == 45);
  assert_true(seen.r[2].wait_ms == 150);
  assert_true(seen.r[3].wait_ms <= 40);
  rs_http_free(h);
  wire_stop(w);
}

/* 502 and 504 do not tell whether the server itself got the request. */
static void gateways(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 502 ;bad\nread\nreply 504 ;late\nread\n"
                              "reply 200 ;ok\nread\nreply 502 ;bad\n"
                              "read\nreply 504 ;late\nread\nreply 500 ;broken\n");
  struct rs_http *h = client(w);
  int status;
  struct rs_error e = {0};
  assert_int_equal(fetch(h, select_, &status, &e), RS_OK);
  assert_int_equal(status, 200);
  assert_int_equal(fetch(h, insert, &status, &e), RS_OK);
  assert_int_equal(status, 502);
  assert_int_equal(fetch(h, insert, &status, &e), RS_OK);
  assert_int_equal(status, 504);
  assert_int_equal(fetch(h, select_, &status, &e), RS_OK);
  assert_int_equal(status, 500);
  assert_int_equal(wire_count(w, "req "), 6);
  rs_http_free(h);
  wire_stop(w);
}

static void refused(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;ok\n");
  char url[64];
  (void)snprintf(url, sizeof url, "%s", w->url);
  wire_stop(w); // nobody listens there any more
  struct rs_http_options o = options(url);
  struct seen seen = {0};
  o.on_retry = note;
  o.retry_ctx = &seen;
  struct rs_http *h = client_of(o);
  struct rs_error e = {0};
  int status;
  char want[300];
  (void)snprintf(want, sizeof want,
                 "%s: can't connect: Connection refused; does the server run, is the port right?"
                 " (5 tries)",
                 rs_http_origin(h));
  assert_fails(fetch(h, insert, &status, &e), e, RS_IO, want);
  assert_true(e.unsent);
  assert_int_equal(seen.n, 4);
  assert_int_equal(seen.r[0].status, 0);
  assert_non_null(strstr(seen.reason[0], "Connection refused"));
  rs_http_free(h);
}

static void no_such_host(void **state)
{
  (void)state;
  struct rs_http_options o = options("https://nowhere.test/v1");
  o.tries = 2;
  struct rs_http *h = client_of(o);
  expect_failure(h, insert, RS_IO,
                 "%s: no such host: its name has no address; check the spelling and the network"
                 " (2 tries)");
  rs_http_free(h);
}

/* The connection breaks: after the request, within headers, within the body; by close and reset. */
static void lost(void **state)
{
  (void)state;
  static const char *const breaks[] = {
    "close", "reset", "cut 20 HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\n",
    "send HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nab\nsleep 20\nreset"};
  for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++) {
    char script[500];
    (void)snprintf(script, sizeof script,
                   "conn\nread\n%s\nconn\nread\n%s\nconn *\nread\nreply 200 ;12345\n", breaks[i],
                   breaks[i]);
    struct wire *w = wire_start(script);
    struct rs_http *h = client(w);
    int status;
    struct rs_error e = {0};
    // Not sent twice, and told so
    assert_int_equal(fetch(h, insert, &status, &e), RS_IO);
    assert_int_equal(wire_count(w, "req "), 1);
    assert_false(e.unsent);
    assert_non_null(
      strstr(e.text, "; the request may have been carried out: look before you send it again"));
    // May be sent twice
    assert_int_equal(fetch(h, select_, &status, &e), RS_OK);
    assert_string_equal(got, "12345");
    assert_int_equal(wire_count(w, "req "), 3);
    rs_http_free(h);
    wire_stop(w);
    if (i == 3) continue;
    // So may a stream that nobody has seen anything of
    w = wire_start(script);
    h = client(w);
    assert_int_equal(stream(h, select_, 100, &status, &e), RS_OK);
    assert_string_equal(got, "12345");
    assert_int_equal(wire_count(w, "req "), 3);
    rs_http_free(h);
    wire_stop(w);
  }
}

/* A stream is not tried again once it was handed out. */
static void streams_break_for_good(void **state)
{
  (void)state;
  struct wire *w = wire_start(
    "conn *\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nab\n"
    "sleep 30\nclose\n");
  struct rs_http *h = client(w);
  int status;
  size_t n;
  char buf[10], want[200];
  struct rs_error e = {0};
  assert_int_equal(rs_http_open(h, &select_, &status, &e), RS_OK);
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_OK);
  assert_int_equal(n, 2);
  (void)snprintf(want, sizeof want,
                 "%s: the answer was cut off; what came is incomplete; try again", w->origin);
  for (int i = 0; i < 3; i++) {
    assert_fails(rs_http_read(h, buf, sizeof buf, &n, &e), e, RS_IO, want);
    assert_int_equal(n, 0);
  }
  rs_http_end(h);
  assert_int_equal(wire_count(w, "req "), 1);
  rs_http_free(h);
  wire_stop(w);
}

/* A kept-alive connection that the server closes just as the next request comes: libcurl by itself
** would send that again. */
static void dead_kept_connection(void **state)
{
  (void)state;
  static const char *const breaks[] = {"close", "reset"};
  for (size_t i = 0; i < 4; i++) {
    char script[200];
    (void)snprintf(script, sizeof script,
                   "conn\nread\nreply 200 ;first\nread\n%s\nconn *\nread\n"
                   "reply 200 ;second\nagain\n",
                   breaks[i % 2]);
    struct wire *w = wire_start(script);
    struct rs_http *h = client(w);
    int status;
    struct rs_error e = {0};
    assert_int_equal(get(h, "/"), 200);
    enum rs_code rc = fetch(h, i < 2 ? insert : select_, &status, &e);
    if (i < 2) {
      assert_int_equal(rc, RS_IO);
      assert_non_null(strstr(e.text, "may have been carried out"));
      assert_int_equal(wire_count(w, "req "), 2);
      assert_int_equal(wire_count(w, "req 1 POST"), 1);
    } else {
      assert_int_equal(rc, RS_OK);
      assert_string_equal(got, "second");
      assert_int_equal(wire_count(w, "req "), 3);
    }
    rs_http_free(h);
    // Without a body there is nothing to rewind: it gets a connection of its own
    h = client(w);
    assert_int_equal(get(h, "/"), 200);
    int before = wire_count(w, "conn ");
    assert_int_equal(
      fetch(h, (struct rs_http_request){.method = "POST", .path = "/resume"}, &status, &e), RS_OK);
    assert_int_equal(wire_count(w, "conn "), before + 1);
    rs_http_free(h);
    wire_stop(w);
  }
}

/* ---- Timeouts ------------------------------------------------------------------------------- */

static void times_out(void **state)
{
  (void)state;
  static const struct {
    const char *script;
    struct rs_http_timeouts t;
    const char *want;
  } cases[] = {
    {"stall",
     {.idle = 60},
     "%s: nothing came for 60 ms, the idle time limit: the server is stuck or busy; raise the"
     " timeout or try again"},
    {"send HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nhalf\nstall",
     {.idle = 60},
     "%s: nothing came for 60 ms, the idle time limit: the server is stuck or busy; raise the"
     " timeout or try again"},
    {"send HTTP/1.1 200 OK\\r\\nContent-Len\nstall",
     {.idle = 60},
     "%s: nothing came for 60 ms, the idle time limit: the server is stuck or busy; raise the"
     " timeout or try again"},
    {"stall",
     {.total = 80},
     "%s: not finished within 80 ms, the total time limit: raise the timeout"},
    {"send HTTP/1.1 200 OK\\r\\nContent-Length: 90\\r\\n\\r\\n\nslow 10 "
     "12345678901234567890123456789012345678901234567890",
     {.total = 80},
     "%s: not finished within 80 ms, the total time limit: raise the timeout"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char script[300];
    (void)snprintf(script, sizeof script, "conn *\nread\n%s\n", cases[i].script);
    struct wire *w = wire_start(script);
    struct rs_http *h = client(w);
    int64_t begin = rs_now_ms();
    expect_failure(h, (struct rs_http_request){.timeouts = cases[i].t}, RS_TIMEOUT, cases[i].want);
    assert_true(rs_now_ms() - begin < 8000);
    assert_true(wire_wait(w, "req ", 1));
    rs_sleep_ms(50);
    assert_int_equal(wire_count(w, "req "), 1); // a timeout is not tried again
    rs_http_free(h);
    wire_stop(w);
  }
}

/* Bytes that come slowly are no silence; nor is the time that the caller takes. */
static void slow_is_not_idle(void **state)
{
  (void)state;
  struct wire *w = wire_start(
    "conn *\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n\n"
    "slow 150 1234567890\nagain\n");
  struct rs_http_options o = options(w->url);
  o.timeouts.idle = 1000;
  struct rs_http *h = client_of(o);
  assert_int_equal(get(h, "/"), 200);
  assert_string_equal(got, "1234567890");
  int status;
  size_t n;
  char buf[1];
  struct rs_error e = {0};
  assert_int_equal(rs_http_open(h, &(struct rs_http_request){0}, &status, &e), RS_OK);
  rs_sleep_ms(1300);
  for (int i = 0; i < 10; i++) {
    assert_int_equal(rs_http_read(h, buf, 1, &n, &e), RS_OK);
    assert_int_equal(n, 1);
  }
  rs_http_end(h);
  rs_http_free(h);
  wire_stop(w);
}

/* A TLS handshake that nobody answers counts as connecting, and is tried again. */
static void connection_times_out(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nstall\n");
  char url[100];
  (void)snprintf(url, sizeof url, "https://%s", w->origin);
  struct rs_http_options o = options(url);
  o.tries = 2;
  o.timeouts = (struct rs_http_timeouts){.connect = 80, .idle = 5000};
  struct rs_http *h = client_of(o);
  expect_failure(h, insert, RS_TIMEOUT,
                 "%s: no connection within 80 ms: is the host up, does a firewall stand between?"
                 " (2 tries)");
  assert_true(wire_wait(w, "conn ", 2));
  rs_http_free(h);
  wire_stop(w);
}

static void total_bounds_retries(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 503 Retry-After: 30;busy\nagain\n");
  struct rs_http_options o = options(w->url);
  o.second_ms = 1000;
  struct rs_http *h = client_of(o);
  int status;
  struct rs_error e = {0};
  int64_t begin = rs_now_ms();
  // The wait would not end in time: the answer as it is, now
  assert_int_equal(fetch(h, (struct rs_http_request){.timeouts = {.total = 8000}}, &status, &e),
                   RS_OK);
  assert_int_equal(status, 503);
  assert_string_equal(got, "busy");
  assert_true(rs_now_ms() - begin < 8000);
  assert_int_equal(wire_count(w, "req "), 1);
  rs_http_free(h);
  wire_stop(w);
}

/* ---- Cancelling ----------------------------------------------------------------------------- */

struct canceller {
  struct rs_http *h;
  struct wire *w;
  const char *after; /* a line of the server's log; NULL: none */
  int64_t delay, at;
};

static void *cancel_soon(void *ctx)
{
  struct canceller *c = ctx;
  if (c->after != NULL && !wire_wait(c->w, c->after, 1)) return NULL;
  rs_sleep_ms(c->delay);
  c->at = rs_now_us();
  rs_http_cancel(c->h);
  return NULL;
}

/* Fetches while another thread cancels; how long the cancel took, in microseconds. */
static int64_t cancelled_after(struct rs_http *h, struct wire *w, const char *after)
{
  struct canceller c = {h, w, after, 50, 0};
  pthread_t t;
  struct rs_error e = {0};
  int status;
  char want[200];
  assert_true(rs_thread_start(&t, cancel_soon, &c));
  enum rs_code rc = fetch(h, select_, &status, &e);
  int64_t took = rs_now_us();
  pthread_join(t, NULL);
  took -= c.at;
  (void)snprintf(want, sizeof want, "%s: cancelled", rs_http_origin(h));
  assert_string_equal(e.text, want);
  assert_int_equal(rc, RS_CANCELLED);
  print_message("cancel took %lld us\n", (long long)took);
  return took;
}

#define SOON \
  500000 /* generous: other work shares the machine; a missed cancel takes 5 s and more */

static void cancels(void **state)
{
  (void)state;
  static const struct {
    const char *script, *after;
  } cases[] = {
    {"conn\nread\nstall\n", "req "},
    {"conn\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nhalf\nstall\n", "req "},
    {"conn\nread\nreply 503 Retry-After: 50;\nread\nreply 200 ;alive\n", "req "},
    {"conn\nread\nsend HTTP/1.1 503 No\\r\\nContent-Length: 9\\r\\n\\r\\n\nstall\n", "req "},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char script[300];
    (void)snprintf(script, sizeof script, "%sconn *\nread\nreply 200 ;alive\nagain\n",
                   cases[i].script);
    struct wire *w = wire_start(script);
    struct rs_http_options o = options(w->url);
    o.second_ms = 1000;
    struct rs_http *h = client_of(o);
    assert_true(cancelled_after(h, w, cases[i].after) < SOON);
    // Told once, then forgotten: the request that stops the statement goes through
    assert_int_equal(get(h, "/"), 200);
    assert_string_equal(got, "alive");
    rs_http_free(h);
    wire_stop(w);
  }
}

static void cancels_connecting(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nstall\n");
  char url[100];
  (void)snprintf(url, sizeof url, "https://%s", w->origin);
  struct rs_http *h = client_of(options(url));
  assert_true(cancelled_after(h, w, "conn ") < SOON);
  rs_http_free(h);
  wire_stop(w);
}

/* The thread that looks the name up goes on by itself. */
static void cancels_name_lookup(void **state)
{
  (void)state;
  struct rs_http *h = client_of(options("https://slow.test"));
  if (rs_curl.version_info(CURLVERSION_NOW)->version_num < 0x075700) {
    rs_http_free(h);
    skip(); // an older libcurl waits for its thread
  }
  assert_true(cancelled_after(h, NULL, NULL) < SOON);
  int64_t begin = rs_now_ms();
  rs_http_free(h);
  assert_true(rs_now_ms() - begin < 1000);
}

static void cancels_reads(void **state)
{
  (void)state;
  struct wire *w = wire_start(
    "conn *\nread\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\n\\r\\nhalf\n"
    "stall\n");
  struct rs_http *h = client(w);
  struct canceller c = {h, w, "req ", 100, 0};
  pthread_t t;
  struct rs_error e = {0};
  int status;
  size_t n;
  char buf[10];
  assert_int_equal(rs_http_open(h, &select_, &status, &e), RS_OK);
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_OK);
  assert_int_equal(n, 4);
  assert_true(rs_thread_start(&t, cancel_soon, &c));
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_CANCELLED);
  assert_true(rs_now_us() - c.at < SOON);
  pthread_join(t, NULL);
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_CANCELLED); // it stays broken
  rs_http_end(h);
  rs_http_free(h);
  wire_stop(w);
}

static void cancels_ahead_of_time(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;ok\nagain\n");
  struct rs_http *h = client(w);
  char buf[10];
  size_t n;
  int status;
  struct rs_error e = {0};
  rs_http_cancel(h);
  rs_http_cancel(h);
  expect_failure(h, select_, RS_CANCELLED, "%s: cancelled");
  assert_int_equal(wire_count(w, "conn "), 0);
  assert_int_equal(get(h, "/"), 200);
  rs_http_cancel(h);
  assert_int_equal(rs_http_open(h, &select_, &status, &e), RS_CANCELLED);
  assert_true(e.unsent);
  assert_int_equal(rs_http_open(h, &select_, &status, &e), RS_OK);
  rs_http_cancel(h); // between open and read
  assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_CANCELLED);
  rs_http_end(h);
  assert_int_equal(get(h, "/"), 200);
  // Between two requests of one statement it is kept, too
  assert_int_equal(rs_http_open(h, &select_, &status, &e), RS_OK);
  do assert_int_equal(rs_http_read(h, buf, sizeof buf, &n, &e), RS_OK);
  while (n > 0);
  rs_http_cancel(h);
  rs_http_end(h);
  assert_int_equal(rs_http_open(h, &select_, &status, &e), RS_CANCELLED);
  // A new statement does not want a cancel of the last
  rs_http_cancel(h);
  rs_http_rearm(h);
  assert_int_equal(get(h, "/"), 200);
  rs_http_free(h);
  wire_stop(w);
}

/* Cancels that come at any moment: each is told at most once, and the client goes on. */
static void *cancel_often(void *ctx)
{
  struct canceller *c = ctx;
  for (int i = 0; i < 300; i++) {
    rs_http_cancel(c->h);
    rs_sleep_ms(1);
  }
  return NULL;
}

static void cancels_at_any_moment(void **state)
{
  (void)state;
  struct wire *w = wire_start("conn *\nread\nreply 200 ;0123456789\nagain\n");
  struct rs_http *h = client(w);
  struct canceller c = {.h = h};
  pthread_t t;
  struct rs_error e = {0};
  int status, told = 0;
  assert_true(rs_thread_start(&t, cancel_often, &c));
  int64_t until = rs_now_ms() + 250;
  for (int i = 0; rs_now_ms() < until; i++) {
    enum rs_code rc = i % 2 ? fetch(h, select_, &status, &e) : stream(h, select_, 3, &status, &e);
    if (rc == RS_CANCELLED) told++;
    else if (rc != RS_OK) fail_msg("%s", e.text);
    else assert_string_equal(got, "0123456789");
  }
  pthread_join(t, NULL);
  assert_true(told > 0 && told <= 300);
  rs_http_rearm(h);
  assert_int_equal(get(h, "/"), 200);
  rs_http_free(h);
  wire_stop(w);
}

int main(void)
{
  (void)signal(SIGPIPE, SIG_DFL);
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(storms_pass),
    cmocka_unit_test(storms_that_stay),
    cmocka_unit_test(back_off_is_random_and_bounded),
    cmocka_unit_test(retry_after),
    cmocka_unit_test(gateways),
    cmocka_unit_test(refused),
    cmocka_unit_test(no_such_host),
    cmocka_unit_test(lost),
    cmocka_unit_test(streams_break_for_good),
    cmocka_unit_test(dead_kept_connection),
    cmocka_unit_test(times_out),
    cmocka_unit_test(slow_is_not_idle),
    cmocka_unit_test(connection_times_out),
    cmocka_unit_test(total_bounds_retries),
    cmocka_unit_test(cancels),
    cmocka_unit_test(cancels_connecting),
    cmocka_unit_test(cancels_name_lookup),
    cmocka_unit_test(cancels_reads),
    cmocka_unit_test(cancels_ahead_of_time),
    cmocka_unit_test(cancels_at_any_moment),
  };
  return RS_RUN(tests);
}
