/* Any ADBC driver when memory runs out, on a PostgreSQL server that tests/postgres/run has started
** (ROCKSET_POSTGRES, its folder; ROCKSET_POSTGRES_DRIVER): each scenario runs with its 1st, 2nd,
** ... allocation of ours failing, once and for good, until it gets through. Nothing may leak or
** crash, a failure that is told must be RS_NOMEM, and what a failed one was to replace is still
** there. */
#include "tests/unit/duck.h"
#include "push_rows.h"

#define REL(n) (&(struct rs_relation){.workspace = "faults", .name = n})
enum { SLACK = 40 }; // the connection's own: kept statements, the workspace that was there last

typedef enum rs_code scenario(struct rs_session *s, struct rs_error *e);

static struct rs_target *target;
static const char *folder, *driver;

static const struct rs_output *make_output(const char *name)
{
  char uri[600];
  (void)snprintf(uri, sizeof uri, "postgresql:///postgres?host=%s&application_name=%s", folder,
                 name);
  struct rs_output *o = (struct rs_output *)(uintptr_t)duck_output(
    "", "driver", driver, "dialect", "postgres", "uri", uri, "username", "rs", NULL);
  o->type = "adbc";
  o->workspace = "faults";
  return o;
}

static void at_every_allocation(scenario *run)
{
  for (int sticky = 0; sticky <= 1; sticky++) {
    bool failed = true;
    int n = 1;
    struct rs_session *s = duck_session(target);
    duck_run(s, "SELECT 1"); // connected
    for (; failed; n++) {
      struct rs_error e = {0};
      int64_t live = rs_mem_live();
      rs_mem_fail_at(n, sticky);
      enum rs_code rc = run(s, &e);
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (rc != RS_OK && (rc != RS_NOMEM || !failed))
        fail_msg("allocation %d: %s: %s", n, rs_code_name(rc), e.text);
      if (rs_mem_live() > live + SLACK) fail_msg("allocation %d leaks", n);
      assert_false(rs_session_state(s).in_transaction);
    }
    assert_true(n > 10);
    rs_session_close(s);
  }
}

/* ---- scenarios ------------------------------------------------------------------------------- */

static const struct rs_output *apart; /* of a database that nobody else has opened */

/* The driver, its database with the credentials in the uri, a connection. */
static enum rs_code connecting(struct rs_session *s, struct rs_error *e)
{
  struct rs_session *other = NULL;
  struct rs_target *t = NULL;
  const struct rs_statement st = {.sql = "SELECT 1"};
  (void)s;
  enum rs_code rc = rs_target_open(apart, &t, e);
  if (rc == RS_OK) rc = rs_session_open(t, NULL, NULL, &other, e);
  if (rc == RS_OK) rc = rs_session_exec(other, &st, NULL, e);
  rs_session_close(other);
  rs_target_release(t);
  return rc;
}

static enum rs_code read_all(struct rs_session *s, const struct rs_statement *st,
                             struct rs_error *e)
{
  struct rs_rows *r = NULL;
  enum rs_code rc = rs_session_query(s, st, &r, e);
  while (rc == RS_OK && (rc = rs_rows_next(r, e)) == RS_OK) {
    for (size_t i = 0; i < rs_rows_columns(r)->n; i++) {
      struct rs_value v;
      rs_rows_get(r, i, &v);
    }
  }
  rs_rows_close(r);
  return rc == RS_DONE ? RS_OK : rc;
}

/* Types that are asked for as text, and parameters. */
static enum rs_code querying(struct rs_session *s, struct rs_error *e)
{
  const struct rs_value p[] = {{.kind = RS_INT, .i = 1}, {.kind = RS_TEXT, .s = {"abc", 3}}};
  const struct rs_statement plain = {
    .sql = "SELECT 1.5::numeric AS n, ARRAY[1,2] AS a, '{\"a\":1}'::jsonb AS j, now() AS t, "
           "'x'::bytea AS b, ROW(1, 'x') AS r"};
  const struct rs_statement bound = {
    .sql = "SELECT $1::bigint + 1, $2::text", .params = p, .nparams = 2};
  enum rs_code rc = read_all(s, &plain, e);
  return rc == RS_OK ? read_all(s, &bound, e) : rc;
}

static enum rs_code describing(struct rs_session *s, struct rs_error *e)
{
  struct rs_columns c = {NULL, 0};
  enum rs_relation_kind kind;
  enum rs_code rc = rs_session_describe(s, REL("base"), &c, &kind, e);
  rs_columns_free(&c);
  return rc;
}

/* Two views, one of which reads the other, read what is replaced. */
static enum rs_code replacing(struct rs_session *s, struct rs_error *e)
{
  struct rs_build how = {.in_place = false};
  int64_t rows;
  return rs_session_replace(s, REL("base"), "SELECT 1 AS a, 'x' AS b", &how, &rows, e);
}

static enum rs_code replacing_a_view(struct rs_session *s, struct rs_error *e)
{
  return rs_session_replace(s, REL("over"), "SELECT a, a AS more FROM faults.base", RS_AS_VIEW,
                            NULL, e);
}

/* ---- rows of our own ------------------------------------------------------------------------- */

static enum rs_code pushing(struct rs_session *s, struct rs_error *e)
{
  return push_rows(s, REL("pushed"), RS_PUSH_REPLACE, e);
}

static enum rs_code upserting(struct rs_session *s, struct rs_error *e)
{
  return push_rows(s, REL("pushed"), RS_PUSH_UPSERT, e);
}

/* ---- tests ----------------------------------------------------------------------------------- */

#define TEST(name, check)                        \
  static void test_##name(void **state)          \
  {                                              \
    (void)state;                                 \
    at_every_allocation(name);                   \
    struct rs_session *s = duck_session(target); \
    assert_int_equal(duck_int(s, check), 1);     \
    rs_session_close(s);                         \
  }

TEST(connecting, "SELECT 1")
TEST(querying, "SELECT 1")
TEST(describing, "SELECT 1")
TEST(replacing, "SELECT count(*) FROM faults.base, faults.over, faults.above")
TEST(replacing_a_view, "SELECT sum(more) FROM faults.above")
TEST(pushing, "SELECT count(*) / 3 FROM faults.of_pushed")
TEST(upserting, "SELECT count(DISTINCT _id) / 3 FROM faults.of_pushed WHERE n < 3")

static int set_up(void **state)
{
  (void)state;
  struct rs_error e = {0};
  target = duck_target(make_output("test"));
  apart = make_output("apart");
  struct rs_session *s = duck_session(target);
  duck_run(s, "DROP SCHEMA IF EXISTS faults CASCADE");
  duck_run(s, "CREATE SCHEMA faults");
  duck_run(s, "CREATE TABLE faults.base AS SELECT 1 AS a, 'x' AS b");
  duck_run(s, "CREATE VIEW faults.over AS SELECT a, a AS more FROM faults.base");
  duck_run(s, "CREATE VIEW faults.above AS SELECT a, more FROM faults.over");
  if (push_rows(s, REL("pushed"), RS_PUSH_REPLACE, &e)) fail_msg("%s", e.text);
  duck_run(s, "CREATE VIEW faults.of_pushed AS SELECT _id, n FROM faults.pushed");
  rs_session_close(s);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  struct rs_session *s = duck_session(target);
  duck_run(s, "DROP SCHEMA faults CASCADE");
  rs_session_close(s);
  rs_target_release(target);
  rs_output_release(apart);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_connecting),       cmocka_unit_test(test_querying),
    cmocka_unit_test(test_describing),       cmocka_unit_test(test_replacing),
    cmocka_unit_test(test_replacing_a_view), cmocka_unit_test(test_pushing),
    cmocka_unit_test(test_upserting),
  };
  folder = getenv("ROCKSET_POSTGRES");
  driver = getenv("ROCKSET_POSTGRES_DRIVER");
  if (folder == NULL || driver == NULL) {
    print_message("skipped: no PostgreSQL server: make test-postgres starts one\n");
    return 0;
  }
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
