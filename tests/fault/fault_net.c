/* The HTTP client when memory runs out: each scenario runs with its 1st, 2nd, ... allocation of
** ours failing, once and for good, until it gets through. Nothing may leak or crash, a failure is
** RS_NOMEM, and the client works again afterwards. (libcurl's own memory is its own.) */
#include "tests/unit/http_fixture.h"

static struct wire *w;
static struct rs_http *h;

typedef enum rs_code scenario(struct rs_error *e);

static void at_every_allocation(scenario *run)
{
  // What the process keeps: the redaction of the secret
  rs_redact_clear();
  assert_int_equal(rs_redact_add(SECRET), RS_OK);
  for (int sticky = 0; sticky <= 1; sticky++) {
    bool failed = true;
    for (int n = 1; failed; n++) {
      struct rs_error e = {0};
      h = client(w);
      int64_t live = rs_mem_live();
      rs_mem_fail_at(n, sticky);
      enum rs_code rc = run(&e);
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (rc != (failed ? RS_NOMEM : RS_OK) || e.code != rc)
        fail_msg("allocation %d: %s: %s", n, rs_code_name(rc), e.text);
      struct rs_error again = {0};
      if (failed && run(&again) != RS_OK) fail_msg("after allocation %d: %s", n, again.text);
      rs_http_free(h);
      h = NULL;
      // The client itself is gone now as well
      if (rs_mem_live() > live) fail_msg("allocation %d leaks", n);
    }
  }
}

static enum rs_code making(struct rs_error *e)
{
  struct rs_http *other = NULL;
  struct rs_http_options o = options(w->url);
  o.ca_file = "/x";
  o.key_password = "password of the key";
  enum rs_code rc = rs_http_new(&o, &other, e);
  rs_http_free(other);
  return rc;
}

static const struct rs_http_header more[] = {{"X-Secret", "hunter22", true}, {"X-B", "c", false}};
static const struct rs_http_request request = {
  .path = "/x", .headers = more, .nheaders = 2, .body = "{}", .body_len = 2, .idempotent = true};

static enum rs_code fetching(struct rs_error *e)
{
  int status;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = rs_http_fetch(h, &request, &b, &status, e);
  if (rc == RS_OK) assert_int_equal(b.n, 3000);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code streaming(struct rs_error *e)
{
  int status;
  char buf[1000];
  size_t n = 1, total = 0;
  enum rs_code rc = rs_http_open(h, &request, &status, e);
  while (rc == RS_OK && n > 0) {
    rc = rs_http_read(h, buf, sizeof buf, &n, e);
    total += n;
  }
  if (rc == RS_OK) assert_int_equal(total, 3000);
  rs_http_end(h);
  return rc;
}

#define SCENARIO(name)                  \
  static void test_##name(void **state) \
  {                                     \
    (void)state;                        \
    at_every_allocation(name);          \
  }
SCENARIO(making)
SCENARIO(fetching)
SCENARIO(streaming)

static int set_up(void **state)
{
  (void)state;
  char plain[3000], packed[3000];
  static char script[1 << 17];
  memset(plain, 'x', sizeof plain);
  size_t n = gzipped(plain, sizeof plain, packed, sizeof packed);
  // A refusal first, so that the way of a retry is taken
  (void)snprintf(script, sizeof script,
                 "conn *\nread\nreply 503 ;busy\nread\nreply 200 X-Y: z|Content-Encoding: gzip;%s\n"
                 "again\n",
                 escaped(packed, n));
  w = wire_start(script);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  wire_stop(w);
  rs_redact_clear();
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_making),
    cmocka_unit_test(test_fetching),
    cmocka_unit_test(test_streaming),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
