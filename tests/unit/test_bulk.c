/*
** Rows that go to DuckDB before their end is known (sql/bulk.c): they arrive, or nothing of them
** stays; what others want they get; what can't go ahead is soon over.
*/
#include "duck.h"
#include "src/engine/sql/sql.h"

#define REL(n) (&(const struct rs_relation){.workspace = "main", .name = n})
enum { ROWS = 3000, PATIENCE_MS = 20000 };

static struct rs_target *target;
static struct rs_session *s, *other;
static bool interrupted;

static bool hook(void *ctx)
{
  (void)ctx;
  return interrupted;
}

static const char *const names[] = {"n"};
static const enum rs_type types[] = {RS_T_INT};

static struct rs_bulk *begin_with(const char *table, int key)
{
  const struct rs_changes c = {.names = names, .types = types, .n = 1, .key = key};
  struct rs_bulk *y = NULL;
  struct rs_error e = {0};
  if (rs_bulk_begin(s, REL(table), &c, &y, &e) != RS_OK) fail_msg("%s", e.text);
  return y;
}

static struct rs_bulk *begin(const char *table)
{
  return begin_with(table, -1);
}

/* ROWS numbers from `from` on. */
static void give(struct rs_bulk *y, int64_t from)
{
  struct rs_arrow_builder *b = NULL;
  struct ArrowArray a;
  assert_int_equal(rs_arrow_builder_new(types, names, 1, &b, NULL), RS_OK);
  for (int64_t i = 0; i < ROWS; i++) {
    const struct rs_value v = {.kind = RS_INT, .i = from + i};
    assert_int_equal(rs_arrow_builder_row(b, &v, NULL), RS_OK);
  }
  assert_int_equal(rs_arrow_builder_finish(b, &a, NULL), RS_OK);
  rs_arrow_builder_free(b);
  if (rs_bulk_give(y, &a, false, NULL) != RS_OK) a.release(&a); // it was over in between
}

/* More than it lets wait: when one of them is taken it has begun, and has the relation. */
static void give_until_taken(struct rs_bulk *y)
{
  while (rs_bulk_give(y, NULL, false, NULL) == RS_OK) give(y, 0);
  assert_int_equal(rs_bulk_give(y, NULL, true, NULL), RS_OK);
}

static void until_over(struct rs_bulk *y)
{
  const int64_t end = rs_now_ms() + PATIENCE_MS;
  while (rs_bulk_give(y, NULL, false, NULL) != RS_DONE) {
    if (rs_now_ms() > end) fail_msg("it is not over");
    rs_sleep_ms(5);
  }
}

static int64_t count(struct rs_session *by, const char *table)
{
  char sql[100];
  (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
  struct rs_rows *r = duck_query(by, sql);
  struct rs_value v;
  duck_next(r);
  rs_rows_get(r, 0, &v);
  rs_rows_close(r);
  return v.i;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void test_all_arrive(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_bulk *y = begin("t");
  for (int64_t i = 0; i < 40; i++) {
    assert_int_equal(rs_bulk_give(y, NULL, true, &e), RS_OK);
    give(y, i * ROWS);
  }
  assert_int_equal(count(other, "t"), 0); // nobody else sees them
  if (rs_bulk_end(y, 40 * ROWS, false, &e) != RS_OK) fail_msg("%s", e.text);
  assert_int_equal(count(s, "t"), 40 * ROWS); // the session is free for other work
  assert_int_equal(rs_session_end(s, true, &e), RS_OK);
  rs_bulk_close(y);
  assert_int_equal(count(other, "t"), 40 * ROWS);
}

static void test_wrong_count(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_bulk *y = begin("t");
  give(y, 0);
  assert_int_equal(rs_bulk_end(y, ROWS + 1, false, &e), RS_REMOTE);
  assert_non_null(strstr(e.text, "3001 rows were sent to main.t and 3000 arrived"));
  rs_bulk_close(y);
  assert_int_equal(count(s, "t"), 0);
}

/* Keys that were there are found, among those that are stored and those that are not yet. */
static void test_keys(void **state)
{
  (void)state;
  struct rs_error e = {0};
  for (int64_t there = -1; there < 4 * ROWS; there += 1000) {
    const bool taken = there >= 0 && there < 3 * ROWS;
    char sql[100];
    (void)snprintf(sql, sizeof sql, "INSERT INTO t VALUES (%lld), (-1), (-1), (NULL)",
                   (long long)there);
    duck_run(s, "DELETE FROM t");
    duck_run(s, sql);
    for (int checked = 0; checked < 2; checked++) {
      struct rs_bulk *y = begin_with("t", 0);
      for (int64_t i = 0; i < 3; i++) give(y, i * ROWS);
      enum rs_code rc = rs_bulk_end(y, 3 * ROWS, checked, &e);
      if (checked && taken) {
        assert_int_equal(rc, RS_CONSTRAINT);
        assert_string_equal(e.text, "UNIQUE constraint failed: a n exists already");
      } else if (rc != RS_OK) {
        fail_msg("%s", e.text);
      }
      rs_bulk_close(y);
      assert_int_equal(count(s, "t"), 4);
    }
  }
  duck_run(s, "DELETE FROM t");
}

/* A column that hides the engine's row ids: the rows have to be sent the other way. */
static void test_keys_not_told(void **state)
{
  (void)state;
  static const char *const rowid[] = {"rowid"};
  const struct rs_changes c = {.names = rowid, .types = types, .n = 1};
  struct rs_bulk *y = NULL;
  struct rs_error e = {0};
  duck_run(s, "CREATE TABLE main.hidden(rowid BIGINT)");
  duck_run(s, "INSERT INTO hidden VALUES (1)");
  assert_int_equal(rs_bulk_begin(s, REL("hidden"), &c, &y, &e), RS_OK);
  give(y, INT64_C(36028797018960000));
  assert_int_equal(rs_bulk_end(y, ROWS, true, &e), RS_UNSUPPORTED);
  rs_bulk_close(y);
  duck_run(s, "DROP TABLE hidden");
}

static void test_dropped(void **state)
{
  (void)state;
  for (int i = 0; i < 20; i++) {
    struct rs_bulk *y = begin("t");
    for (int k = 0; k < i % 4; k++) give(y, 0);
    if (i % 3 == 0) rs_sleep_ms(i);
    rs_bulk_close(y);
    assert_false(rs_session_state(s).in_transaction);
    assert_int_equal(count(s, "t"), 0);
  }
}

static void test_wanted(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_bulk *y = begin("t");
  give_until_taken(y);
  // it would wait for a transaction that nobody ends
  const int64_t from = rs_now_ms();
  if (rs_session_add_select(other, REL("t"), "SELECT 7 AS n", NULL, NULL, &e))
    fail_msg("%s", e.text);
  assert_true(rs_now_ms() - from < 4000);
  until_over(y);
  assert_int_not_equal(rs_bulk_end(y, ROWS, false, &e), RS_OK);
  assert_non_null(strstr(e.text, "another session wants or altered"));
  rs_bulk_close(y);
  assert_int_equal(count(s, "t"), 1);
}

static void test_altered(void **state)
{
  (void)state;
  struct rs_bulk *y = begin("t");
  give_until_taken(y);
  duck_run(other, "ALTER TABLE t RENAME TO u");
  duck_run(other, "CREATE TABLE main.t(n BIGINT)");
  until_over(y);
  rs_bulk_close(y);
  assert_int_equal(count(s, "u"), 0);
  duck_run(other, "DROP TABLE u");
}

static void test_no_rows_for_a_while(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_bulk *y = begin("t");
  give(y, 0);
  const int64_t from = rs_now_ms();
  until_over(y);
  assert_in_range(rs_now_ms() - from, 900, PATIENCE_MS);
  // the lock is free before its owner knows of it
  if (rs_session_add_select(other, REL("t"), "SELECT 7 AS n", NULL, NULL, &e))
    fail_msg("%s", e.text);
  rs_bulk_close(y);
  assert_int_equal(count(s, "t"), 1);
}

static void test_does_not_fit(void **state)
{
  (void)state;
  static const char *const tables[] = {"keyed", "missing", "wide", "narrow"};
  struct rs_error e = {0};
  duck_run(s, "CREATE TABLE main.keyed(n BIGINT PRIMARY KEY)");
  duck_run(s, "CREATE TABLE main.wide(n BIGINT, m BIGINT)");
  duck_run(s, "CREATE TABLE main.narrow(n INTEGER)");
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    struct rs_bulk *y = begin(tables[i]);
    until_over(y);
    assert_int_not_equal(rs_bulk_end(y, 0, false, &e), RS_OK);
    rs_bulk_close(y);
  }
}

/* It waits for no lock, and not for the end of a transaction that has one. */
static void test_locked(void **state)
{
  (void)state;
  struct rs_error e = {0};
  assert_int_equal(rs_session_begin(other, &e), RS_OK);
  assert_int_equal(rs_session_add_select(other, REL("t"), "SELECT 7 AS n", NULL, NULL, &e), RS_OK);
  struct rs_bulk *y = begin("t");
  const int64_t from = rs_now_ms();
  until_over(y);
  assert_true(rs_now_ms() - from < 900);
  assert_int_equal(rs_bulk_end(y, 0, false, &e), RS_BUSY);
  rs_bulk_close(y);
  assert_int_equal(rs_session_end(other, true, &e), RS_OK);
}

static void test_refused(void **state)
{
  (void)state;
  struct rs_error e = {0};
  duck_run(s, "CREATE TABLE main.checked(n BIGINT CHECK (n <> 5000))");
  struct rs_bulk *y = begin("checked");
  give(y, 0);
  give(y, 4000);
  assert_int_not_equal(rs_bulk_end(y, 2 * ROWS, false, &e), RS_OK);
  rs_bulk_close(y);
  assert_int_equal(count(s, "checked"), 0);
}

static void test_interrupted(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_bulk *y = begin("t");
  interrupted = true;
  const int64_t from = rs_now_ms();
  while (rs_bulk_give(y, NULL, true, &e) == RS_OK && rs_now_ms() - from < 1000) give(y, 0);
  interrupted = false;
  assert_int_equal(e.code, RS_CANCELLED);
  rs_bulk_close(y);
  assert_int_equal(count(s, "t"), 0);
}

/* ---- all of them ----------------------------------------------------------------------------- */

static int set_up(void **state)
{
  (void)state;
  const struct rs_interrupt i = {.is_interrupted = hook, .ctx = NULL};
  target = duck_target(duck_output(":memory:", "lock_timeout", "5000", NULL));
  assert_int_equal(rs_session_open(target, &i, NULL, &s, NULL), RS_OK);
  other = duck_session(target);
  duck_run(s, "CREATE TABLE main.t(n BIGINT)");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rs_session_close(other);
  rs_session_close(s);
  rs_target_release(target);
  return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
    TEST(test_all_arrive),    TEST(test_wrong_count),
    TEST(test_dropped),       TEST(test_keys),
    TEST(test_keys_not_told), TEST(test_wanted),
    TEST(test_altered),       TEST(test_no_rows_for_a_while),
    TEST(test_does_not_fit),  TEST(test_locked),
    TEST(test_refused),       TEST(test_interrupted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
