/*
** What a name without a workspace means: the profile's workspace, then DuckDB's main; whenever the
** workspace comes or goes, in whichever session.
*/
#include "sql_fixture.h"

#define WHERE "SELECT table_schema FROM information_schema.tables WHERE table_name = 'x'"

static void test_comes_and_goes(void **state)
{
  struct fixture *f = *state;
  struct rs_session *other = open_session(f->t);
  expect_answer(f, "SELECT current_schema()", "'main'");
  run(f, "CREATE TABLE main.x AS SELECT 'main' AS a");
  expect_ok(f, rs_session_create(other, RS_WORKSPACE("commons"), false, &f->e));
  run(f, "CREATE TABLE x AS SELECT 'commons' AS a");
  expect_answer(f, "SELECT a FROM x", "'commons'");
  assert_string_equal(ask_on(other, &f->got, "SELECT a FROM x"), "'commons'");
  run(f, "CREATE TABLE main.lonely AS SELECT 1 AS a");
  expect_answer(f, "SELECT a FROM lonely", "1"); // what is in main alone is found
  expect_ok(f,
            rs_session_drop(other, RS_WORKSPACE("commons"), RS_REL_NONE, RS_DROP_CASCADE, &f->e));
  expect_answer(f, "SELECT a FROM x", "'main'");
  run(f, "CREATE TABLE main.y AS SELECT 1 AS a");
  run(f, "CREATE SCHEMA \"Commons\""); // whatever its case
  run(f, "CREATE TABLE x AS SELECT 'again' AS a");
  assert_string_equal(ask_on(other, &f->got, "SELECT a FROM x"), "'again'");
  expect_answer(f, WHERE " ORDER BY 1", "'Commons'; 'main'");
  expect_answer(f, "SELECT table_schema FROM information_schema.tables WHERE table_name = 'y'",
                "'main'");
  rs_session_close(other);
}

static void test_in_transaction(void **state)
{
  struct fixture *f = *state;
  struct rs_session *other = open_session(f->t);
  run(f, "CREATE TABLE main.x AS SELECT 'main' AS a");
  expect_ok(f, rs_session_begin(other, &f->e));
  run_on(other, "CREATE SCHEMA commons");
  expect_answer(f, "SELECT a FROM x", "'main'"); // nothing of it is to be seen
  assert_string_equal(ask_on(other, &f->got, "SELECT a FROM x"), "'main'");
  expect_ok(f, rs_session_end(other, true, &f->e));
  run(f, "CREATE TABLE x AS SELECT 'commons' AS a");
  assert_string_equal(ask_on(other, &f->got, "SELECT a FROM x"), "'commons'");
  expect_ok(f, rs_session_begin(other, &f->e));
  run_on(other, "DROP SCHEMA commons CASCADE");
  expect_answer(f, "SELECT a FROM x", "'commons'");
  expect_ok(f, rs_session_end(other, false, &f->e));
  assert_string_equal(ask_on(other, &f->got, "SELECT a FROM x"), "'commons'");
  rs_session_close(other);
}

/* What is created by its name alone makes the workspace; what says where, or lies in none, does
** not. */
static void test_makes(void **state)
{
  struct fixture *f = *state;
  run(f, "CREATE TEMP TABLE t (a INTEGER)");
  run(f, "CREATE TABLE main.x (a INTEGER)");
  run(f, "CREATE INDEX i ON main.x (a)");
  expect_answer(f, "SELECT current_schema()", "'main'");
  run(f, "CREATE OR REPLACE VIEW v AS SELECT 1 AS x");
  expect_answer(f, "SELECT current_schema()", "'commons'");
  expect_answer(f, "SELECT table_schema FROM information_schema.tables WHERE table_name = 'v'",
                "'commons'");
}

/* The file is closed and opened again; its name is the workspace's. */
static void test_file(void **state)
{
  struct fixture *f = *state;
  char folder[] = "/tmp/rs-default-XXXXXX", path[64];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(path, sizeof path, "%s/commons.duckdb", folder);
  struct rs_target *t = open_target_with(path, "idle_close", 0);
  struct rs_session *s = open_session(t);
  run_on(s, "CREATE TABLE main.x AS SELECT 'main' AS a");
  assert_string_equal(ask_on(s, &f->got, "SELECT a FROM x"), "'main'");
  run_on(s, "CREATE SCHEMA commons");
  run_on(s, "CREATE TABLE x AS SELECT 'commons' AS a");
  for (int i = 0; i < 3; i++) {
    assert_string_equal(ask_on(s, &f->got, "SELECT a, current_schema() FROM x"),
                        "'commons' 'commons'");
  }
  rs_session_close(s);
  rs_target_release(t);
  (void)remove(path);
  (void)rmdir(folder);
}

int main(void)
{
  if (!have_library()) return 0;
#define T(name) cmocka_unit_test_setup_teardown(name, in_memory, fixture_close)
#define F(name) cmocka_unit_test_setup_teardown(name, in_file, fixture_close)
  const struct CMUnitTest tests[] = {
    T(test_comes_and_goes), F(test_comes_and_goes), T(test_in_transaction), F(test_in_transaction),
    T(test_makes),          F(test_makes),          T(test_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
