/* The rockset adapter on a bad network: answers cut anywhere, stalls, refusals. A result is right
** or an error; what writes is never sent twice once it may have arrived; the key is never shown. */
#include "rockset_fixture.h"
#include "src/engine/rockset/rockset.h"

#define REL(n) (&(struct rs_relation){.workspace = "commons", .name = n})
#define ROWS "rows select 1;[{\"a\":1},{\"a\":2}]\n"
#define BODY_AT 70 /* about where the answers' bodies begin */

static struct fixture with_fault(const char *script, const char *fault)
{
  char text[2000];
  (void)snprintf(text, sizeof text, "%sfault %s\n", script, fault);
  return open_at(text);
}

static enum rs_code count_rows(struct fixture *f, const char *sql, int *rows)
{
  const struct rs_statement st = {.sql = sql};
  struct rs_rows *r = NULL;
  f->e = (struct rs_error){0};
  *rows = 0;
  enum rs_code rc = rs_session_query(f->s, &st, &r, &f->e);
  while (rc == RS_OK) {
    rc = rs_rows_next(r, &f->e);
    *rows += rc == RS_OK;
  }
  rs_rows_close(r);
  return rc;
}

/* One server for all cuts: the n-th request is cut at byte n. */
static void cut_queries(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, ROWS);
  for (int i = 0; i < 400; i++) rs_buf_printf(&b, "fault 1 POST /queries;cut %d\n", i);
  struct fixture f = open_at(rs_buf_text(&b));
  rs_buf_free(&b);
  int rows, failed = 0;
  // a head that is cut is asked for again: a query takes as many requests as it needs
  for (int i = 0; i < 400; i++) {
    enum rs_code rc = count_rows(&f, "select 1", &rows);
    if (rc == RS_DONE) assert_int_equal(rows, 2);
    else if (f.e.code != RS_IO) fail_msg("%s: %s", rs_code_name(f.e.code), f.e.text);
    failed += rc != RS_DONE;
    if (wire_count(f.w, "req POST /queries") >= 400) break;
  }
  assert_true(failed > 50); // bodies; heads are asked for again
  assert_int_equal(count_rows(&f, "select 1", &rows), RS_DONE);
  done(&f);
}

static void cut_inserts(void **state)
{
  (void)state;
  for (int at = 0; at<330; at += at> BODY_AT && at < 300 ? 13 : 7) {
    char fault[64];
    (void)snprintf(fault, sizeof fault, "9 POST /queries;cut %d", at);
    struct fixture f = with_fault(ROWS "entity collections commons t {}\n", fault);
    int64_t rows = -1;
    f.e = (struct rs_error){0};
    enum rs_code rc = rs_session_add_select(f.s, REL("t"), "select 1", NULL, &rows, &f.e);
    if (rc == RS_OK) assert_int_equal(rows, 2);
    else if (strstr(f.e.text, "it is not known whether the rows were written") == NULL)
      fail_msg("%s", f.e.text);
    assert_int_equal(wire_count(f.w, "req POST /queries"), 1);
    done(&f);
  }
}

static void refused_inserts(void **state)
{
  (void)state;
  static const struct {
    const char *fault;
    enum rs_code code;
    int sent;
  } cases[] = {
    {"2 POST /queries;status 429 RATELIMITEXCEEDED slow down", RS_OK, 3},
    {"2 POST /queries;status 503 SERVICEUNAVAILABLE later", RS_OK, 3},
    {"9 POST /queries;status 429 RATELIMITEXCEEDED slow down", RS_RATE_LIMITED, 3},
    {"9 POST /queries;status 502 INTERNALERROR bad gateway", RS_REMOTE, 1},
    {"9 POST /queries;status 504 INTERNALERROR gateway timeout", RS_REMOTE, 1},
    {"9 POST /queries;status 408 QUERY_TIMEOUT too long", RS_TIMEOUT, 1},
    {"9 POST /queries;drop", RS_IO, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct fixture f = with_fault(ROWS "entity collections commons t {}\n", cases[i].fault);
    f.e = (struct rs_error){0};
    enum rs_code rc = rs_session_add_select(f.s, REL("t"), "select 1", NULL, NULL, &f.e);
    if (rc != cases[i].code) fail_msg("%s: %s", rs_code_name(rc), f.e.text);
    assert_int_equal(wire_count(f.w, "req POST /queries"), cases[i].sent);
    done(&f);
  }
}

static void storms(void **state)
{
  (void)state;
  int rows;
  struct fixture f = with_fault(ROWS, "2 POST /queries;status 503 NOT_READY wait");
  assert_int_equal(count_rows(&f, "select 1", &rows), RS_DONE);
  assert_int_equal(wire_count(f.w, "req POST /queries"), 3);
  done(&f);
  f = with_fault(ROWS, "9 POST /queries;status 429 RATELIMITEXCEEDED enough");
  assert_int_equal(count_rows(&f, "select 1", &rows), RS_RATE_LIMITED);
  assert_int_equal(wire_count(f.w, "req POST /queries"), 3);
  done(&f);
  f = with_fault(ROWS, "9 POST /queries;status 500 INTERNALERROR broken");
  assert_int_equal(count_rows(&f, "select 1", &rows), RS_REMOTE);
  assert_int_equal(wire_count(f.w, "req POST /queries"), 1);
  done(&f);
  f = with_fault(ROWS "entity collections commons t {}\n", "2 GET .*;status 503 NOT_READY wait");
  enum rs_relation_kind kind;
  expect_ok(&f, rs_session_describe(f.s, REL("t"), NULL, &kind, &f.e));
  assert_int_equal(kind, RS_REL_TABLE);
  done(&f);
}

/* A page that does not come whole ends the rows with an error, not early. */
static void half_pages(void **state)
{
  (void)state;
  for (int at = 0; at < 260; at += 11) {
    char fault[64];
    int rows;
    (void)snprintf(fault, sizeof fault, "9 GET .*/pages.*;cut %d", at);
    struct fixture f = with_fault(
      "page 2\nrows x;[{\"a\":1},{\"a\":2},{\"a\":3},{\"a\":4},{\"a\":5}]\n", fault);
    enum rs_code rc = count_rows(&f, "x", &rows);
    if (rc == RS_DONE) assert_int_equal(rows, 5);
    else assert_int_equal(f.e.code, RS_IO);
    if (rc != RS_DONE) assert_int_equal(rows % 2, 0); // whole pages, every row of them
    done(&f);
  }
}

static void lost_documents(void **state)
{
  (void)state;
  struct rs_arena a;
  struct rs_document d[2] = {{.json = "{}", .n = 2}, {.json = "{\"_id\":\"a\"}", .n = 11}};
  struct rs_document p = {.json = "{\"_id\":\"a\",\"patch\":[]}", .n = 22};
  rs_arena_init(&a, 0);
  // documents have an _id, so they may be sent again
  struct fixture f = with_fault("entity collections commons c {}\n", "2 POST .*/docs;drop");
  expect_ok(&f, rs_session_write(f.s, REL("c"), RS_WRITE_ADD, d, 2, &a, NULL, &f.e));
  assert_int_equal(wire_count(f.w, "req POST"), 3);
  assert_int_equal(d[0].status, RS_WRITTEN_REPLACED); // the lost request had done its work
  done(&f);
  f = with_fault("entity collections commons c {}\n", "9 PATCH .*/docs;drop");
  expect_error(&f, rs_session_write(f.s, REL("c"), RS_WRITE_PATCH, &p, 1, &a, NULL, &f.e), RS_IO,
               "documents: 0 patched, 1 not known (sent, but not answered): ");
  assert_int_equal(wire_count(f.w, "req PATCH"), 1);
  assert_int_equal(p.status, RS_WRITTEN_UNKNOWN);
  done(&f);
  f = with_fault("entity collections commons c {}\n",
                 "1 PATCH .*/docs;status 429 RATELIMITEXCEEDED slow");
  expect_ok(&f, rs_session_write(f.s, REL("c"), RS_WRITE_PATCH, &p, 1, &a, NULL, &f.e));
  assert_int_equal(p.status, RS_WRITTEN_PATCHED);
  done(&f);
  rs_arena_free(&a);
}

/* ---- stalls ---------------------------------------------------------------------------------- */

static bool soon(void *ctx)
{
  int64_t *at = ctx;
  if (*at == 0) *at = rs_now_ms() + 200;
  return rs_now_ms() >= *at;
}

static void stalls(void **state)
{
  (void)state;
  static const char *const faults[] = {"9 POST /queries;stall", "9 GET .*/pages.*;stall"};
  for (int i = 0; i < 2; i++) {
    struct fixture f = with_fault("page 1\n" ROWS, faults[i]);
    int64_t at = 0;
    int rows;
    const struct rs_interrupt hook = {.is_interrupted = soon, .ctx = &at};
    rs_session_close(f.s);
    expect_ok(&f, rs_session_open(f.t, &hook, f.log, &f.s, &f.e));
    int64_t before = rs_now_ms();
    assert_int_equal(count_rows(&f, "select 1", &rows), RS_CANCELLED);
    assert_true(rs_now_ms() - before < 3000);
    assert_int_equal(wire_count(f.w, "req DELETE /queries/"), i == 0); // rows arrive: no need
    done(&f);
  }
}

/* An early close ends the transfer at once, although the server has more to say. */
static void closed_early(void **state)
{
  (void)state;
  struct fixture f = with_fault("page 1\n" ROWS, "9 GET .*/pages.*;stall");
  const struct rs_statement st = {.sql = "select 1"};
  struct rs_rows *r = NULL;
  expect_ok(&f, rs_session_query(f.s, &st, &r, &f.e));
  expect_ok(&f, rs_rows_next(r, &f.e));
  int64_t before = rs_now_ms();
  rs_rows_close(r);
  assert_true(rs_now_ms() - before < 3000);
  done(&f);
}

/* ---- secrets --------------------------------------------------------------------------------- */

static enum rs_code see_entry(void *ctx, const struct rs_log_entry *entry)
{
  rs_buf_printf(ctx, "%s|%s\n", entry->sql, entry->error != NULL ? entry->error : "");
  return RS_OK;
}

static void secrets(void **state)
{
  (void)state;
  int rows;
  struct fixture f = with_fault(ROWS "entity collections commons t {}\n",
                                "2 POST /queries;status 503 NOT_READY ApiKey " KEY " and " KEY);
  assert_int_equal(count_rows(&f, "select 1", &rows), RS_DONE);
  enum rs_relation_kind kind;
  expect_ok(&f, rs_session_describe(f.s, REL("t"), NULL, &kind, &f.e));
  rs_buf_clear(&f.got);
  expect_ok(&f, rs_log_each(f.log, see_entry, &f.got, &f.e));
  assert_non_null(strstr(rs_buf_text(&f.got), "(retry)|try 1 of 3 failed"));
  assert_non_null(strstr(rs_buf_text(&f.got), "GET ~/ws/commons/collections/t|"));
  assert_null(strstr(rs_buf_text(&f.got), KEY));
  done(&f);
}

int main(void)
{
  rs_rockset_second_ms = 2;
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(cut_queries),     cmocka_unit_test(cut_inserts),
    cmocka_unit_test(refused_inserts), cmocka_unit_test(storms),
    cmocka_unit_test(half_pages),      cmocka_unit_test(lost_documents),
    cmocka_unit_test(stalls),          cmocka_unit_test(closed_early),
    cmocka_unit_test(secrets),
  };
  return RS_RUN(tests);
}
