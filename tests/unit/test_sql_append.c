/* Rows of a query as documents of a collection: rs_session_add_select on the real DuckDB. */
#include "duck.h"
#include "src/engine/control.h"

struct env {
  struct rs_target *t;
  struct rs_session *s;
};

static int set_up(void **state)
{
  static struct env v;
  const struct rs_relation c = {.workspace = "commons", .name = "c"};
  struct rs_error e = {0};
  v.t = duck_target(duck_output(":memory:", (char *)NULL));
  v.s = duck_session(v.t);
  if (rs_session_create(v.s, &c, false, &e)) fail_msg("%s", e.text);
  *state = &v;
  return 0;
}

static int tear_down(void **state)
{
  struct env *v = *state;
  rs_session_close(v->s);
  rs_target_release(v->t);
  return 0;
}

static int64_t append(struct env *v, const char *name, const char *sql)
{
  const struct rs_relation rel = {.workspace = "commons", .name = name};
  struct rs_error e = {0};
  int64_t rows = -1;
  if (rs_session_add_select(v->s, &rel, sql, &(const struct rs_adding){.evolves = true}, &rows, &e))
    fail_msg("%s", e.text);
  return rows;
}

/* How many rows of the collection meet the condition. */
static int64_t count(struct env *v, const char *condition)
{
  char *sql = rs_mprintf("SELECT count(*) FROM commons.c WHERE %s", condition);
  int64_t n = duck_int(v->s, sql);
  rs_free(sql);
  return n;
}

static void gets_what_it_lacks(void **state)
{
  struct env *v = *state;
  assert_int_equal(append(v, "c", "SELECT i AS n FROM range(5) AS t(i)"), 5);
  assert_int_equal(count(v, "n >= 0 AND length(_id) = 36 AND _event_time IS NOT NULL"), 5);
  assert_int_equal(duck_int(v->s, "SELECT count(DISTINCT _id) FROM commons.c"), 5);
  assert_int_equal(append(v, "c", "SELECT [1, 2] AS l, {'a': 1} AS o WHERE true"), 1);
  assert_int_equal(count(v, "l IS NOT NULL AND o.a = 1 AND n IS NULL"), 1);
  assert_int_equal(append(v, "c", "SELECT 1 AS n WHERE false"), 0);
  assert_int_equal(count(v, "true"), 6);
}

static void replaces_by_id(void **state)
{
  struct env *v = *state;
  append(v, "c", "SELECT 'a' AS _id, 1 AS n UNION ALL SELECT 'b', 2");
  append(v, "c", "SELECT 'a' AS _id, 5 AS n");
  assert_int_equal(count(v, "true"), 2);
  assert_int_equal(count(v, "_id = 'a' AND n = 5"), 1);
  // of several rows the last one; rows without an _id are rows of their own
  append(v, "c", "SELECT * FROM (VALUES ('a', 6), ('a', 7), (NULL, 8), (NULL, 9)) AS t(_id, n)");
  assert_int_equal(count(v, "_id = 'a' AND n = 7"), 1);
  assert_int_equal(count(v, "n IN (8, 9) AND _id IS NOT NULL"), 2);
  assert_int_equal(count(v, "n = 6"), 0);
  append(v, "c", "SELECT 17 AS _id, 1 AS n"); // an _id is text
  assert_int_equal(count(v, "_id = '17'"), 1);
}

static void widens_types(void **state)
{
  struct env *v = *state;
  append(v, "c", "SELECT 'a' AS _id, CAST(1 AS INTEGER) AS n");
  append(v, "c", "SELECT 'b' AS _id, CAST(3000000000 AS BIGINT) AS n");
  append(v, "c", "SELECT 'c' AS _id, CAST(1.5 AS DOUBLE) AS n");
  assert_int_equal(count(v, "n = 1.5 OR n = 1 OR n = 3000000000"), 3);
  append(v, "c", "SELECT 'd' AS _id, 'text' AS n");
  assert_int_equal(count(v, "union_tag(n) = 'str'"), 1);
  assert_int_equal(count(v, "union_tag(n) = 'dbl'"), 3);
  append(v, "c", "SELECT 'e' AS _id, NULL AS n"); // a column of nulls has no say
  assert_int_equal(count(v, "n IS NULL"), 1);
}

static void event_times(void **state)
{
  struct env *v = *state;
  append(v, "c", "SELECT 'a' AS _id, TIMESTAMPTZ '2020-01-01 00:00:00+01' AS _event_time");
  append(v, "c", "SELECT 'b' AS _id, CAST(1577833200000000 AS BIGINT) AS _event_time");
  append(v, "c", "SELECT 'c' AS _id, NULL AS _event_time, 1 AS _meta");
  assert_int_equal(count(v, "_event_time = TIMESTAMP '2019-12-31 23:00:00'"), 2);
  assert_int_equal(count(v, "_event_time > TIMESTAMP '2026-01-01'"), 1);
  assert_int_equal(duck_int(v->s, "SELECT count(*) FROM duckdb_columns() "
                                  "WHERE table_name = 'c' AND column_name = '_meta'"),
                   0);
}

static void through_an_alias(void **state)
{
  struct env *v = *state;
  struct rs_error e = {0};
  const char *const to[] = {"commons.c"};
  const struct rs_alias a = {
    .workspace = "commons", .name = "al", .collections = to, .ncollections = 1};
  if (rs_session_put_alias(v->s, &a, RS_PUT_CREATE, &e)) fail_msg("%s", e.text);
  append(v, "al", "SELECT 'a' AS _id, 1 AS fresh");
  assert_int_equal(count(v, "fresh = 1"), 1);
  assert_int_equal(duck_int(v->s, "SELECT count(fresh) FROM commons.al"), 1);
}

static void refuses(void **state)
{
  struct env *v = *state;
  const struct rs_relation none = {.workspace = "commons", .name = "none"},
                           view = {.workspace = "commons", .name = "v"};
  struct rs_error e = {0};
  assert_int_equal(rs_session_add_select(v->s, &none, "SELECT 1 AS a",
                                         &(const struct rs_adding){.evolves = true}, NULL, &e),
                   RS_NOT_FOUND);
  duck_run(v->s, "CREATE VIEW commons.v AS SELECT 1 AS a");
  assert_int_equal(rs_session_add_select(v->s, &view, "SELECT 1 AS a",
                                         &(const struct rs_adding){.evolves = true}, NULL, &e),
                   RS_INVALID);
  // a failure in the middle leaves everything as it was, columns too
  const struct rs_relation c = {.workspace = "commons", .name = "c"};
  assert_int_not_equal(rs_session_add_select(v->s, &c,
                                             "SELECT 1 AS extra, DATE '2020-01-01' AS _event_time, "
                                             "error('no') AS boom",
                                             &(const struct rs_adding){.evolves = true}, NULL, &e),
                       RS_OK);
  assert_int_equal(duck_int(v->s, "SELECT count(*) FROM duckdb_columns() WHERE table_name = 'c'"),
                   2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void)
{
  const struct CMUnitTest tests[] = {TEST(gets_what_it_lacks), TEST(replaces_by_id),
                                     TEST(widens_types),       TEST(event_times),
                                     TEST(through_an_alias),   TEST(refuses)};
  return RS_RUN(tests);
}
