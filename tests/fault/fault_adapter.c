/* The adapter on DuckDB when memory runs out: each scenario runs with its 1st, 2nd, ...
** allocation of ours failing, once and for good, until it gets through. Nothing may leak or
** crash, and a failure that is told must be RS_NOMEM. (Some failures cost only a log entry or a
** kept statement.) */
#include "tests/unit/duck.h"
#include "src/engine/statements.h"

static struct rs_target *target;
static struct rs_session *s, *other;
static struct rs_log *log_;
static const struct rs_output *to_open;

/* Blocks that a kept statement and its bound parameters may come to hold. Leaks proper: the
** sanitizer. */
enum { SLACK = 40 };

typedef enum rs_code scenario(struct rs_error *e);

static void at_every_allocation(scenario *run)
{
  for (int sticky = 0; sticky <= 1; sticky++) {
    bool failed = true;
    int n = 1;
    for (; failed; n++) {
      struct rs_error e = {0};
      int64_t live = rs_mem_live();
      rs_mem_fail_at(n, sticky);
      enum rs_code rc = run(&e);
      failed = rs_mem_failed();
      rs_mem_fail_at(0, false);
      if (rc != RS_OK && (rc != RS_NOMEM || !failed))
        fail_msg("allocation %d: %s: %s", n, rs_code_name(rc), e.text);
      if (rs_mem_live() > live + SLACK)
        fail_msg("allocation %d: %d blocks leak", n, (int)(rs_mem_live() - live));
    }
  }
}

/* One column of each kind; `rows` of them. */
#define WIDE(rows)                                                                             \
  "SELECT range AS i, 't' || range AS t, DATE '2020-01-01' + range::INTEGER AS d,"             \
  " [1.5, range] AS l, {'a': range, 'b': DATE '2020-01-01'} AS st, '\"a\\u00e9\"'::JSON AS j," \
  " range::HUGEINT * 10000000000000000000 AS h,"                                               \
  " (range::HUGEINT * 1000000000000000000000000000)::VARCHAR::BIGNUM AS bn,"                   \
  " 'x'::ENUM('x', 'y') AS e, range::UNION(n BIGINT, v VARCHAR) AS u, MAP {1: 'a'} AS m"       \
  " FROM range(" rows ")"

static const char wide[] = WIDE("3000"); // two batches

static enum rs_code query(struct rs_error *e)
{
  struct rs_value list[] = {{.kind = RS_TEXT, .s = {"ab", 2}}, {.kind = RS_NULL}};
  struct rs_value p[] = {{.kind = RS_INT, .i = 1},
                         {.kind = RS_TEXT, .s = {"abc", 3}},
                         {.kind = RS_LIST, .list = {list, 2}},
                         {.kind = RS_NULL}};
  struct rs_statement st = {.sql = "SELECT ? + 1, ? || 'x', ?, ?::DATE", .params = p, .nparams = 4};
  struct rs_rows *r = NULL;
  struct rs_value v;
  enum rs_code rc = rs_session_query(s, &st, &r, e);
  if (rc == RS_OK) {
    while ((rc = rs_rows_next(r, e)) == RS_OK)
      for (size_t c = 0; c < 4; c++) rs_rows_get(r, c, &v);
    rs_rows_close(r);
  }
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code every_type(struct rs_error *e)
{
  struct rs_statement st = {.sql = wide};
  struct rs_rows *r = NULL;
  struct rs_value v;
  enum rs_code rc = rs_session_query(s, &st, &r, e);
  if (rc == RS_OK) {
    // All of the first rows, then the end of it
    for (int i = 0; (rc = rs_rows_next(r, e)) == RS_OK; i++)
      for (size_t c = 0; i < 2 && c < rs_rows_columns(r)->n; c++) rs_rows_get(r, c, &v);
    rs_rows_close(r);
  }
  return rc == RS_DONE ? RS_OK : rc;
}

static enum rs_code changes(struct rs_error *e)
{
  int64_t n;
  struct rs_statement st = {.sql = "INSERT INTO t SELECT range FROM range(10)", .writes = true};
  enum rs_code rc = rs_session_begin(s, e);
  if (rc != RS_OK) return rc;
  rc = rs_session_exec(s, &st, &n, e);
  enum rs_code end = rc == RS_OK ? rs_session_end(s, true, e) : rs_session_end(s, false, NULL);
  return rc != RS_OK ? rc : end;
}

static enum rs_code columns(struct rs_error *e)
{
  struct rs_columns c = {0};
  struct rs_statement st = {.sql = wide};
  enum rs_code rc = rs_session_columns(s, &st, &c, e);
  if (rc == RS_OK) rs_columns_free(&c);
  return rc;
}

static enum rs_code ingest_of(struct rs_session *from, const char *sql, struct rs_error *e)
{
  struct rs_rows *r = NULL;
  struct rs_statement st = {.sql = sql};
  struct rs_relation stage = {.workspace = "main", .name = "stage"};
  int64_t count;
  enum rs_code rc = rs_session_query(from, &st, &r, e);
  if (rc == RS_OK) {
    rc = rs_session_ingest(s, &stage, r, &count, e);
    rs_rows_close(r);
  }
  return rc;
}

static void ingestion(bool arrow, const char *sql)
{
  static struct rs_engine plain;
  const struct rs_engine *real = other->target->engine;
  plain = *real;
  plain.arrow_rows = arrow;
  other->target->engine = &plain;
  bool failed = true;
  for (int n = 1; failed; n++) {
    struct rs_error e = {0};
    int64_t live = rs_mem_live();
    rs_mem_fail_at(n, false);
    enum rs_code rc = ingest_of(other, sql, &e);
    failed = rs_mem_failed();
    rs_mem_fail_at(0, false);
    duck_run(s, "DROP TABLE IF EXISTS stage");
    if (rc != RS_OK && (rc != RS_NOMEM || !failed)) fail_msg("allocation %d: %s", n, e.text);
    if (rs_mem_live() > live + SLACK)
      fail_msg("allocation %d: %d blocks leak", n, (int)(rs_mem_live() - live));
  }
  other->target->engine = real;
}

static void ingest_arrow(void **state)
{
  (void)state;
  ingestion(true, wide);
}

static void ingest_converted(void **state)
{
  (void)state;
  ingestion(false, WIDE("3")); // a conversion allocates for values, too
}

static enum rs_code opening(struct rs_error *e)
{
  struct rs_target *t = NULL;
  struct rs_session *x = NULL;
  enum rs_code rc = rs_target_open(to_open, &t, e);
  if (rc == RS_OK) rc = rs_session_open(t, NULL, log_, &x, e);
  if (rc == RS_OK) rc = rs_sql_run(x, NULL, e, "%s", "SELECT 1");
  rs_session_close(x);
  rs_target_release(t);
  return rc;
}

#define SCENARIO(name)                  \
  static void test_##name(void **state) \
  {                                     \
    (void)state;                        \
    at_every_allocation(name);          \
  }
SCENARIO(query)
SCENARIO(every_type)
SCENARIO(changes)
SCENARIO(columns)
SCENARIO(opening)

static int set_up(void **state)
{
  (void)state;
  log_ = rs_log_new();
  to_open = duck_output(":memory:", "settings", "{\"threads\":2,\"TimeZone\":\"UTC\"}",
                        "extensions", "[\"icu\"]", NULL);
  target = duck_target(duck_output(":memory:", NULL));
  struct rs_target *t = duck_target(duck_output(":memory:", "settings", "{\"threads\":1}", NULL));
  s = duck_session(target);
  other = duck_session(t);
  rs_target_release(t);
  duck_run(s, "CREATE TABLE t (i INTEGER)");
  duck_run(other, "SELECT 1");
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rs_session_close(other);
  rs_session_close(s);
  rs_target_release(target);
  rs_log_release(log_);
  rs_output_release(to_open);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_query),   cmocka_unit_test(test_every_type),
    cmocka_unit_test(test_changes), cmocka_unit_test(test_columns),
    cmocka_unit_test(ingest_arrow), cmocka_unit_test(ingest_converted),
    cmocka_unit_test(test_opening),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
