/*
** Sessions and rows over the real DuckDB: streaming in bounded memory, prefetch, cancellation, the
** log, misuse; the target registry.
*/
#include "duck.h"
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define SANITIZED 0
#endif

static struct rs_target *target;

static int set_up(void **state)
{
  (void)state;
  target = duck_target(duck_output(":memory:", NULL));
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rs_target_release(target);
  return 0;
}

/* Never ends within a test's patience. */
static const char endless[] = "SELECT count(*) FROM range(1000000000000) WHERE hash(range) = 42";

static long rss_mb(void)
{
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_maxrss / 1024;
}

/* Every row once and in order, whatever the speed of the reader. */
static void rows_arrive_in_order(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  struct rs_rows *r = duck_query(s, "SELECT range AS i, 'text ' || range AS t FROM range(200000)");
  struct rs_error e = {0};
  struct rs_value v, t;
  enum rs_code rc;
  int64_t n = 0;
  while ((rc = rs_rows_next(r, &e)) == RS_OK) {
    char want[32];
    rs_rows_get(r, 0, &v);
    rs_rows_get(r, 1, &t);
    assert_int_equal(v.i, n);
    int k = snprintf(want, sizeof want, "text %d", (int)n);
    assert_int_equal(t.s.n, k);
    assert_memory_equal(t.s.p, want, (size_t)k);
    if (n++ % 20000 == 0) rs_sleep_ms(2);
  }
  assert_int_equal(rc, RS_DONE);
  assert_int_equal(n, 200000);
  assert_int_equal(rs_rows_next(r, &e), RS_DONE);
  rs_rows_close(r);
  rs_session_close(s);
}

static void three_million_rows_in_bounded_memory(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  assert_int_equal(duck_int(s, "SELECT 1"), 1);
  long before = rss_mb();
  struct rs_rows *r = duck_query(
    s, "SELECT range AS i, 'some text of a certain length ' || range AS t,"
       " range * 1.5 AS d FROM range(3000000)");
  struct rs_error e = {0};
  struct rs_value v;
  int64_t n = 0, sum = 0;
  while (rs_rows_next(r, &e) == RS_OK) {
    for (size_t c = 0; c < 3; c++) rs_rows_get(r, c, &v);
    rs_rows_get(r, 0, &v);
    sum += v.i;
    n++;
  }
  assert_int_equal(e.code, RS_OK);
  assert_int_equal(n, 3000000);
  assert_true(sum == (int64_t)2999999 * 1500000);
  // Materialized it would be more than 200 MB. A sanitizer keeps freed memory: nothing to see there
  if (!SANITIZED) assert_in_range(rss_mb() - before, 0, 100);
  assert_true(r->bytes > 100000000);
  rs_rows_close(r);
  rs_session_close(s);
}

static void no_rows_and_no_columns_of_interest(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  struct rs_error e = {0};
  struct rs_rows *r = duck_query(s, "SELECT 1 AS a, 'x' AS b WHERE false");
  assert_int_equal(rs_rows_columns(r)->n, 2);
  assert_int_equal(rs_rows_next(r, &e), RS_DONE);
  assert_int_equal(rs_rows_next(r, &e), RS_DONE);
  rs_rows_close(r);
  // A query that changes something and tells of it
  duck_run(s, "CREATE OR REPLACE TABLE ret (i INTEGER)");
  struct rs_statement st = {.sql = "INSERT INTO ret SELECT * FROM range(5) RETURNING i * 2",
                            .writes = true};
  assert_int_equal(rs_session_query(s, &st, &r, &e), RS_OK);
  for (int i = 0; i < 5; i++) duck_next(r);
  assert_int_equal(rs_rows_next(r, &e), RS_DONE);
  rs_rows_close(r);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM ret"), 5);
  rs_session_close(s);
}

static void one_thing_at_a_time(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  struct rs_error e = {0};
  struct rs_rows *r = duck_query(s, "SELECT * FROM range(100000)");
  duck_next(r);
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT 1"), RS_INTERNAL);
  assert_string_equal(e.text, "a session got a second statement while its rows are open");
  assert_int_equal(rs_session_begin(s, &e), RS_INTERNAL);
  // Other sessions are free
  struct rs_session *other = duck_session(target);
  assert_int_equal(duck_int(other, "SELECT 2"), 2);
  rs_session_close(other);
  duck_next(r);
  // A session closes its rows
  rs_session_close(s);
}

/* ---- cancelling ------------------------------------------------------------------------------ */

static void *cancel_soon(void *arg)
{
  rs_sleep_ms(200);
  rs_session_cancel(arg);
  return NULL;
}

static void cancelled_from_another_thread(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  struct rs_error e = {0};
  pthread_t t;
  assert_int_equal(duck_int(s, "SELECT 1"), 1);
  int64_t from = rs_now_ms();
  assert_true(rs_thread_start(&t, cancel_soon, s));
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", endless), RS_CANCELLED);
  assert_in_range(rs_now_ms() - from, 150, 1200);
  pthread_join(t, NULL);
  assert_non_null(strstr(e.text, "interrupted [remote SQL: SELECT count(*)"));
  // Usable afterwards
  assert_int_equal(duck_int(s, "SELECT 3"), 3);
  rs_session_cancel(s);
  assert_int_equal(duck_int(s, "SELECT 4"), 4);
  rs_session_close(s);
}

static bool is_over(void *ctx)
{
  return rs_now_ms() >= *(int64_t *)ctx;
}

static void interrupted_by_the_hook(void **state)
{
  (void)state;
  int64_t until = INT64_MAX;
  struct rs_interrupt hook = {.is_interrupted = is_over, .ctx = &until};
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  assert_int_equal(rs_session_open(target, &hook, NULL, &s, &e), RS_OK);
  assert_int_equal(duck_int(s, "SELECT 1"), 1);
  int64_t from = rs_now_ms();
  until = from + 200;
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", endless), RS_CANCELLED);
  assert_in_range(rs_now_ms() - from, 150, 1200);
  // One that fails before anybody asks: its transaction may be aborted by the interrupt
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT * FROM nowhere"), RS_CANCELLED);
  until = INT64_MAX;
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT * FROM nowhere"), RS_NOT_FOUND);
  assert_int_equal(duck_int(s, "SELECT 1"), 1);
  // In the middle of a stream, whose next row takes for ever
  struct rs_rows *r = duck_query(
    s, "SELECT range FROM range(100000000000) WHERE range < 600000 OR hash(range) = 42");
  from = rs_now_ms();
  until = from + 200;
  enum rs_code rc;
  while ((rc = rs_rows_next(r, &e)) == RS_OK) continue;
  assert_int_equal(rc, RS_CANCELLED);
  assert_in_range(rs_now_ms() - from, 0, 1200);
  until = INT64_MAX;
  rs_rows_close(r);
  // A write that is interrupted leaves nothing
  duck_run(s, "CREATE OR REPLACE TABLE cut (i BIGINT)");
  until = rs_now_ms() + 200;
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s",
                              "INSERT INTO cut SELECT range FROM range(1000000000000)"
                              " WHERE hash(range) % 1000003 = 42"),
                   RS_CANCELLED);
  until = INT64_MAX;
  assert_int_equal(duck_int(s, "SELECT count(*) FROM cut"), 0);
  rs_session_close(s);
}

/* Closing early cancels what is being fetched: LIMIT-like readers don't wait for the rest. */
static void an_early_close_is_quick(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  for (int i = 0; i < 20; i++) {
    struct rs_rows *r = duck_query(s,
                                   "SELECT range FROM range(100000000000) WHERE range < 1000000 OR"
                                   " hash(range) = 42");
    duck_next(r);
    for (int k = 0; k < i * 40000; k++) duck_next(r);
    int64_t from = rs_now_ms();
    rs_rows_close(r);
    assert_in_range(rs_now_ms() - from, 0, 500);
    assert_int_equal(duck_int(s, "SELECT 1"), 1);
  }
  rs_session_close(s);
}

/* Interrupts once it was asked so often (0: never). */
struct patience {
  int asked, enough;
};

static bool has_enough(void *ctx)
{
  struct patience *p = ctx;
  return ++p->asked >= p->enough && p->enough > 0;
}

/* An ingestion's interrupt reaches the source too. It comes while the ingestion runs, however slow
** everything is: only that call asks the hook. */
static void an_ingestion_is_interrupted(void **state)
{
  (void)state;
  struct rs_target *t = duck_target(duck_output(":memory:", NULL));
  struct rs_session *source = duck_session(t), *s = NULL;
  struct patience patience = {0, 0};
  struct rs_interrupt hook = {.is_interrupted = has_enough, .ctx = &patience};
  struct rs_error e = {0};
  struct rs_relation stage = {.workspace = "main", .name = "never"};
  int64_t count;
  assert_int_equal(rs_session_open(target, &hook, NULL, &s, &e), RS_OK);
  assert_int_equal(duck_int(s, "SELECT 1"), 1); // connects
  struct rs_rows *r = duck_query(
    source, "SELECT range FROM range(100000000000) WHERE range < 600000 OR hash(range) = 42");
  patience = (struct patience){0, 4};
  assert_int_equal(rs_session_ingest(s, &stage, r, &count, &e), RS_CANCELLED);
  assert_true(patience.asked >= 4);
  patience.enough = 0;
  rs_rows_close(r);
  assert_int_equal(duck_int(s, "SELECT 1"), 1);
  assert_int_equal(duck_int(source, "SELECT 1"), 1);
  rs_session_close(source);
  rs_session_close(s);
  rs_target_release(t);
}

/* ---- the log --------------------------------------------------------------------------------- */

struct seen {
  int n;
  struct {
    int64_t rows, bytes;
    double ms;
    char sql[256], error[256], engine[16], target[16];
  } v[20];
};

static enum rs_code see(void *ctx, const struct rs_log_entry *x)
{
  struct seen *s = ctx;
  assert_in_range(s->n, 0, 19);
  snprintf(s->v[s->n].sql, 256, "%s", x->sql);
  snprintf(s->v[s->n].error, 256, "%s", x->error ? x->error : "");
  snprintf(s->v[s->n].engine, 16, "%s", x->engine);
  snprintf(s->v[s->n].target, 16, "%s", x->target);
  s->v[s->n].rows = x->rows;
  s->v[s->n].bytes = x->bytes;
  s->v[s->n++].ms = x->ms;
  return RS_OK;
}

static void statements_are_logged(void **state)
{
  (void)state;
  struct rs_log *log = rs_log_new();
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  struct seen seen = {0};
  assert_int_equal(rs_session_open(target, NULL, log, &s, &e), RS_OK);
  duck_run(s, "CREATE OR REPLACE TABLE lg AS SELECT range AS i FROM range(3000)");
  duck_run(s, "DELETE FROM lg WHERE i < 10");
  struct rs_rows *r = duck_query(s, "SELECT i FROM lg");
  while (rs_rows_next(r, &e) == RS_OK) continue;
  rs_rows_close(r);
  assert_int_not_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT * FROM nope"), RS_OK);
  rs_session_close(s);
  assert_int_equal(rs_log_each(log, see, &seen, &e), RS_OK);
  assert_int_equal(seen.n, 4);
  assert_string_equal(seen.v[0].engine, "duckdb");
  assert_string_equal(seen.v[0].target, "dev");
  assert_int_equal(seen.v[1].rows, 10);
  assert_string_equal(seen.v[2].sql, "SELECT i FROM lg");
  assert_int_equal(seen.v[2].rows, 2990);
  assert_int_equal(seen.v[2].bytes, 2990 * 8);
  assert_true(seen.v[2].ms > 0);
  assert_string_equal(seen.v[2].error, "");
  assert_non_null(strstr(seen.v[3].error, "Table with name nope does not exist"));
  rs_log_release(log);
}

/* ---- targets --------------------------------------------------------------------------------- */

static void unbuilt_types(void **state)
{
  (void)state;
  static const struct rs_output other = {
    .type = "other", .profile_name = "p", .target_name = "prod", .workspace = "w"};
  struct rs_target *t = NULL;
  struct rs_error e = {0};
  assert_fails(rs_target_open(&other, &t, &e), e, RS_UNSUPPORTED,
               "target 'prod': there is no adapter for type 'other'");
  assert_null(t);
}

static void what_a_target_tells(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  struct rs_error e = {0};
  char *v = NULL;
  assert_string_equal(rs_target_info(target).dialect->name, "duckdb");
  assert_string_equal(rs_target_info(target).output->workspace, "commons");
  assert_true(rs_session_caps(s) & RS_CAP_TRANSACTIONS);
  assert_true(rs_output_traits(rs_target_info(target).output)->request_cost > 1000);
  assert_ptr_equal(rs_session_target(s), target);
  assert_int_equal(rs_session_version(s, &v, &e), RS_OK);
  assert_int_equal(strncmp(v, "DuckDB v1.", 10), 0);
  rs_free(v);
  rs_session_close(s);
}

struct reader {
  pthread_t thread;
  int64_t sum;
};

static void *read_all(void *arg)
{
  struct reader *x = arg;
  struct rs_session *s = NULL;
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  struct rs_value v;
  struct rs_statement st = {.sql = "SELECT range FROM range(300000)"};
  if (rs_session_open(target, NULL, NULL, &s, &e)) return NULL;
  for (int i = 0; i < 3; i++) {
    if (rs_session_query(s, &st, &r, &e)) break;
    while (rs_rows_next(r, &e) == RS_OK) {
      rs_rows_get(r, 0, &v);
      x->sum += v.i;
    }
    rs_rows_close(r);
  }
  rs_session_close(s);
  return NULL;
}

static void many_sessions(void **state)
{
  (void)state;
  struct reader x[6] = {0};
  for (int i = 0; i < 6; i++) assert_true(rs_thread_start(&x[i].thread, read_all, &x[i]));
  for (int i = 0; i < 6; i++) {
    pthread_join(x[i].thread, NULL);
    assert_true(x[i].sum == 3 * (int64_t)299999 * 150000);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(three_million_rows_in_bounded_memory),
    cmocka_unit_test(rows_arrive_in_order),
    cmocka_unit_test(no_rows_and_no_columns_of_interest),
    cmocka_unit_test(one_thing_at_a_time),
    cmocka_unit_test(cancelled_from_another_thread),
    cmocka_unit_test(interrupted_by_the_hook),
    cmocka_unit_test(an_early_close_is_quick),
    cmocka_unit_test(an_ingestion_is_interrupted),
    cmocka_unit_test(statements_are_logged),
    cmocka_unit_test(unbuilt_types),
    cmocka_unit_test(what_a_target_tells),
    cmocka_unit_test(many_sessions),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
