/*
** DuckDB through ADBC in memory: statements, parameters of each kind, errors, transactions, columns
** without running, ingestion from another instance.
*/
#include <errno.h>
#include "src/engine/duckdb/duckdb.h"
#include "src/engine/statements.h"
#include "duck.h"

static struct rs_target *target;
static struct rs_session *s;

static int set_up(void **state)
{
  (void)state;
  target = duck_target(duck_output(":memory:", NULL));
  s = duck_session(target);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rs_session_close(s);
  rs_target_release(target);
  return 0;
}

/* Runs a query with parameters that gives one text. */
static void expect_text(const char *sql, const struct rs_value *params, size_t n, const char *want)
{
  struct rs_statement st = {.sql = sql, .params = params, .nparams = n};
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  struct rs_value v;
  if (rs_session_query(s, &st, &r, &e)) fail_msg("%s", e.text);
  duck_next(r);
  rs_rows_get(r, 0, &v);
  if (!want) {
    assert_int_equal(v.kind, RS_NULL);
  } else {
    assert_int_equal(v.kind, RS_TEXT);
    if (v.s.n != strlen(want) || memcmp(v.s.p, want, v.s.n) != 0)
      fail_msg("%s: %.*s; wanted %s", sql, (int)v.s.n, v.s.p, want);
  }
  rs_rows_close(r);
}

static enum rs_code run(const char *sql, struct rs_error *e)
{
  memset(e, 0, sizeof *e);
  return rs_sql_run(s, NULL, e, "%s", sql);
}

static struct rs_value text_value(const char *t)
{
  return (struct rs_value){.kind = RS_TEXT, .s = {t, strlen(t)}};
}

static void parameters_of_each_kind(void **state)
{
  (void)state;
  struct rs_value i = {.kind = RS_INT, .i = INT64_MIN}, f = {.kind = RS_FLOAT, .f = 0.1},
                  b = {.kind = RS_BOOL, .i = 1}, null = {.kind = RS_NULL},
                  t = text_value("it's 'quoted' 🦆"), x = {.kind = RS_BYTES, .s = {"\0\xff", 2}};
  expect_text("SELECT typeof(?)", &i, 1, "BIGINT");
  expect_text("SELECT CAST(? AS VARCHAR)", &i, 1, "-9223372036854775808");
  expect_text("SELECT typeof($1) || $1", &f, 1, "DOUBLE0.1");
  expect_text("SELECT typeof($1) || $1", &b, 1, "BOOLEANtrue");
  expect_text("SELECT $1 || ''", &t, 1, "it's 'quoted' 🦆");
  expect_text("SELECT typeof($1) || CAST($1 AS VARCHAR)", &x, 1, "BLOB\\x00\\xFF");
  expect_text("SELECT CAST(? AS VARCHAR)", &null, 1, NULL);
  expect_text("SELECT CAST(1 = ? AS VARCHAR)", &null, 1, NULL);
  struct rs_value many[] = {i, f, b, t, null, x};
  expect_text("SELECT CAST([typeof($1), typeof($2), typeof($3), typeof($4), typeof($6)] AS VARCHAR)"
              " || coalesce($5, '')",
              many, 6, "[BIGINT, DOUBLE, BOOLEAN, VARCHAR, BLOB]");
}

static void list_parameters(void **state)
{
  (void)state;
  struct rs_value ints[3000], texts[] = {text_value("a"), {.kind = RS_NULL}, text_value("ccc")},
                              floats[] = {{.kind = RS_FLOAT, .f = 1.5}},
                              nulls[] = {{.kind = RS_NULL}};
  for (int64_t i = 0; i < 3000; i++) ints[i] = (struct rs_value){.kind = RS_INT, .i = i};
  struct rs_value l = {.kind = RS_LIST, .list = {ints, 3000}};
  expect_text("SELECT count(*)::VARCHAR FROM range(10000) t(x) WHERE x IN (SELECT unnest(?))", &l,
              1, "3000");
  expect_text("SELECT typeof(?)", &l, 1, "BIGINT[]");
  l.list.v = texts;
  l.list.n = 3;
  expect_text("SELECT CAST(? AS VARCHAR)", &l, 1, "[a, NULL, ccc]");
  expect_text("SELECT count(*)::VARCHAR FROM (VALUES ('a'), ('b'), ('ccc')) t(x) WHERE x IN "
              "(SELECT unnest($1))",
              &l, 1, "2");
  l.list.v = floats;
  l.list.n = 1;
  expect_text("SELECT CAST(? AS VARCHAR)", &l, 1, "[1.5]");
  l.list.v = nulls;
  expect_text("SELECT count(*)::VARCHAR FROM (VALUES ('a')) t(x) WHERE x IN (SELECT unnest(?))", &l,
              1, "0");
  l.list.n = 0;
  expect_text("SELECT count(*)::VARCHAR FROM (VALUES ('a')) t(x) WHERE x IN (SELECT unnest(?))", &l,
              1, "0");
  expect_text("SELECT count(*)::VARCHAR FROM (VALUES (1)) t(x) WHERE x IN (SELECT unnest(?))", &l,
              1, "0");
}

/* The prepared statement is kept; changed tables and other kinds of parameters don't confuse it. */
static void a_statement_sent_again(void **state)
{
  (void)state;
  duck_run(
    s, "CREATE OR REPLACE TABLE again AS SELECT range AS id, 'v' || range AS v FROM range(100)");
  struct rs_value p = {.kind = RS_INT};
  for (p.i = 0; p.i < 50; p.i++) {
    char want[16];
    snprintf(want, sizeof want, "v%d", (int)p.i);
    expect_text("SELECT v FROM again WHERE id = ?", &p, 1, want);
  }
  struct rs_value f = {.kind = RS_FLOAT, .f = 7}, t = text_value("8");
  expect_text("SELECT v FROM again WHERE id = ?", &f, 1, "v7");
  expect_text("SELECT v FROM again WHERE id = ?", &t, 1, "v8");
  duck_run(s, "CREATE OR REPLACE TABLE again AS SELECT 'w' AS v, 5 AS id");
  p.i = 5;
  expect_text("SELECT v FROM again WHERE id = ?", &p, 1, "w");
  duck_run(s, "DROP TABLE again");
  struct rs_statement st = {.sql = "SELECT v FROM again WHERE id = ?", .params = &p, .nparams = 1};
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  assert_int_equal(rs_session_query(s, &st, &r, &e), RS_NOT_FOUND);
}

static void affected_rows(void **state)
{
  (void)state;
  static const struct {
    const char *sql;
    int64_t want;
  } steps[] = {
    {"CREATE OR REPLACE TABLE aff (i INTEGER)", -1},
    {"INSERT INTO aff SELECT * FROM range(5000)", 5000},
    {"UPDATE aff SET i = i + 1 WHERE i < 10", 10},
    {"UPDATE aff SET i = 0 WHERE i < -10", 0},
    {"DELETE FROM aff WHERE i > 4990", 9},
    {"DELETE FROM aff WHERE false", 0},
    {"DROP TABLE aff", -1},
  };
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
    int64_t n = -7;
    struct rs_error e = {0};
    struct rs_statement st = {.sql = steps[i].sql, .writes = true};
    if (rs_session_exec(s, &st, &n, &e)) fail_msg("%s", e.text);
    if (n != steps[i].want && !(steps[i].want == -1 && n <= 0)) fail_msg("%s: %d", st.sql, (int)n);
  }
}

static void errors_have_a_code_and_one_line(void **state)
{
  (void)state;
  struct rs_error e;
  duck_run(s, "CREATE OR REPLACE TABLE err (i INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
  static const struct {
    enum rs_code code;
    const char *sql, *text;
  } all[] = {
    {RS_INVALID, "SELEC 1",
     "Parser Error: syntax error at or near \"SELEC\" [remote SQL: SELEC 1]"},
    {RS_NOT_FOUND, "SELECT * FROM er",
     "Catalog Error: Table with name er does not exist!; Did you mean \"err\"?"
     " [remote SQL: SELECT * FROM er]"},
    {RS_EXISTS, "CREATE TABLE err (x INTEGER)",
     "Catalog Error: Table with name \"err\" already exists! [remote SQL: CREATE TABLE err (x "
     "INTEGER)]"},
    {RS_INVALID, "SELECT zz FROM err", NULL},
    {RS_CONSTRAINT, "INSERT INTO err VALUES (1, 1), (1, 2)", NULL},
    {RS_CONSTRAINT, "INSERT INTO err VALUES (3, NULL)",
     "Constraint Error: NOT NULL constraint failed: err.n [remote SQL: INSERT INTO err VALUES (3, "
     "NULL)]"},
    {RS_REMOTE, "SELECT 'abc'::INTEGER",
     "Conversion Error: Could not convert string 'abc' to INT32"
     " [remote SQL: SELECT 'abc'::INTEGER]"},
    {RS_REMOTE, "SELECT error('boom')",
     "Invalid Input Error: boom [remote SQL: SELECT error('boom')]"},
    {RS_FORBIDDEN, "SELECT * FROM read_csv('/etc/passwd')", NULL},
    {RS_FORBIDDEN, "COPY err TO '/tmp/rs-never.csv'", NULL},
    {RS_INVALID, "SELECT 1; DROP TABLE err", NULL},
    {RS_INVALID, "-- nothing", NULL},
    {RS_INVALID, "begin",
     "BEGIN as a statement: a transaction has its own functions [remote SQL: begin]"},
    {RS_INVALID, "", NULL},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    enum rs_code rc = run(all[i].sql, &e);
    if (rc != all[i].code || (all[i].text && strcmp(e.text, all[i].text) != 0) ||
        strchr(e.text, '\n'))
      fail_msg("%s: %s: %s", all[i].sql, rs_code_name(rc), e.text);
  }
  assert_int_equal(duck_int(s, "SELECT count(*) FROM err"), 0);
  // External access can't be had back
  assert_int_not_equal(run("SET enable_external_access = true", &e), RS_OK);
  assert_int_not_equal(run("LOAD spatial", &e), RS_OK);
}

static void an_error_in_the_middle_of_a_stream(void **state)
{
  (void)state;
  // with several threads one may fail before another has made the first row
  struct rs_target *t = duck_target(duck_output(":memory:", "settings", "{\"threads\":1}", NULL));
  struct rs_session *x = duck_session(t);
  struct rs_error e = {0};
  struct rs_rows *r = duck_query(
    x, "SELECT CASE WHEN range = 500000 THEN error('late') ELSE range::VARCHAR END"
       " FROM range(1000000)");
  int64_t n = 0;
  enum rs_code rc;
  while ((rc = rs_rows_next(r, &e)) == RS_OK) n++;
  assert_int_equal(rc, RS_REMOTE);
  assert_true(n < 500000);
  assert_non_null(strstr(e.text, "Invalid Input Error: late [remote SQL: SELECT CASE"));
  assert_null(strstr(e.text, "pending"));
  // The error stays
  memset(&e, 0, sizeof e);
  assert_int_equal(rs_rows_next(r, &e), RS_REMOTE);
  rs_rows_close(r);
  assert_int_equal(duck_int(x, "SELECT 1"), 1);
  rs_session_close(x);
  rs_target_release(t);
}

/* The stream of the next query says that it was interrupted, as DuckDB does when another thread's
** error was quicker than the thread that fetches. */
static struct AdbcDriver *driver;
static AdbcStatusCode (*real_query)(struct AdbcStatement *, struct ArrowArrayStream *, int64_t *,
                                    struct AdbcError *);
static int queries;

static int get_nothing(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
  (void)stream, (void)out;
  return EINTR;
}

static const char *say_interrupted(struct ArrowArrayStream *stream)
{
  (void)stream;
  return "INTERRUPT Error: Interrupted!";
}

static AdbcStatusCode interrupted_query(struct AdbcStatement *st, struct ArrowArrayStream *out,
                                        int64_t *affected, struct AdbcError *a)
{
  AdbcStatusCode status = real_query(st, out, affected, a);
  if (queries++ == 0 && status == ADBC_STATUS_OK) {
    out->get_next = get_nothing;
    out->get_last_error = say_interrupted;
  }
  return status;
}

static void expect_hidden(struct rs_session *x, const char *sql, const char *want)
{
  struct rs_statement st = {.sql = sql};
  struct rs_rows *r = NULL;
  struct rs_error e = {0};
  queries = 0;
  assert_int_equal(rs_session_query(x, &st, &r, &e), RS_REMOTE); // it fetches the first rows, too
  assert_null(r);
  if (!strstr(e.text, want)) fail_msg("%s; wanted %s", e.text, want);
  assert_int_equal(queries, 2);
}

static void an_error_that_another_thread_keeps_to_itself(void **state)
{
  (void)state;
  const struct rs_adbc_driver *d;
  struct rs_error e = {0};
  // one thread: it does not come to the error before the first rows are taken
  struct rs_target *t = duck_target(duck_output(":memory:", "settings", "{\"threads\":1}", NULL));
  struct rs_session *x = duck_session(t);
  assert_int_equal(rs_duckdb_library(NULL, &d, &e), RS_OK);
  assert_int_equal(duck_int(x, "SELECT 1"), 1); // it is open
  driver = (struct AdbcDriver *)&d->fn;
  real_query = driver->StatementExecuteQuery;
  driver->StatementExecuteQuery = interrupted_query;
  // it is run again and says why
  expect_hidden(
    x,
    "SELECT CASE WHEN range = 500000 THEN error('why') ELSE range::VARCHAR END FROM range(1000000)",
    "Invalid Input Error: why [remote SQL: SELECT CASE");
  // and when it then works: rows were lost, which is not told as an interrupt
  expect_hidden(x, "SELECT * FROM range(9)", "failed in another thread of DuckDB");
  driver->StatementExecuteQuery = real_query;
  assert_int_equal(duck_int(x, "SELECT 1"), 1);
  rs_session_close(x);
  rs_target_release(t);
}

static void out_of_memory_is_a_limit(void **state)
{
  (void)state;
  struct rs_target *t = duck_target(duck_output(":memory:", "settings",
                                                "{\"memory_limit\":\"20MB\",\"threads\":1,"
                                                "\"max_temp_directory_size\":\"0B\"}",
                                                NULL));
  struct rs_session *x = duck_session(t);
  struct rs_error e = {0};
  assert_int_equal(duck_int(x, "SELECT current_setting('threads')"), 1);
  assert_int_equal(rs_sql_run(x, NULL, &e, "%s",
                              "CREATE TABLE t AS SELECT list(range::VARCHAR || 'some text') FROM"
                              " range(10000000) GROUP BY range"),
                   RS_LIMIT);
  assert_non_null(strstr(e.text, "Out of Memory Error: "));
  rs_session_close(x);
  rs_target_release(t);
}

static void settings_and_extensions(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_target *t = duck_target(duck_output(
    ":memory:", "settings", "{\"TimeZone\":\"Asia/Tokyo\",\"default_null_order\":\"nulls_first\"}",
    "extensions", "[\"icu\",\"json\"]", NULL));
  struct rs_session *x = duck_session(t);
  assert_int_equal(duck_int(x, "SELECT current_setting('TimeZone') = 'Asia/Tokyo'"), 1);
  assert_int_equal(
    duck_int(x, "SELECT upper(current_setting('default_null_order')) LIKE 'NULLS%FIRST%'"), 1);
  rs_session_close(x);
  rs_target_release(t);
  t = duck_target(duck_output(":memory:", "extensions", "[\"no_such_thing\"]", NULL));
  x = duck_session(t);
  assert_int_not_equal(rs_sql_run(x, NULL, &e, "%s", "SELECT 1"), RS_OK);
  assert_non_null(
    strstr(e.text, ":memory:: extension no_such_thing (it must be built in or installed;"));
  rs_session_close(x);
  rs_target_release(t);
  t = duck_target(duck_output(":memory:", "settings", "{\"no_such_setting\":1}", NULL));
  x = duck_session(t);
  assert_int_not_equal(rs_sql_run(x, NULL, &e, "%s", "SELECT 1"), RS_OK);
  assert_non_null(
    strstr(e.text, "setting no_such_setting: Catalog Error: unrecognized configuration"));
  rs_session_close(x);
  rs_target_release(t);
}

static void transactions(void **state)
{
  (void)state;
  struct rs_error e = {0};
  duck_run(s, "CREATE OR REPLACE TABLE tx (i INTEGER PRIMARY KEY)");
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  duck_run(s, "INSERT INTO tx VALUES (1)");
  assert_true(rs_session_state(s).in_transaction);
  assert_int_equal(rs_session_end(s, false, &e), RS_OK);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM tx"), 0);
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  duck_run(s, "INSERT INTO tx VALUES (1)");
  assert_int_equal(rs_session_end(s, true, &e), RS_OK);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM tx"), 1);
  assert_int_equal(rs_session_end(s, true, &e), RS_INTERNAL);
}

/* DuckDB's own COMMIT of an aborted transaction succeeds and drops the rows. */
static void an_error_ends_the_transaction(void **state)
{
  (void)state;
  struct rs_error e = {0};
  duck_run(s, "CREATE OR REPLACE TABLE tx (i INTEGER PRIMARY KEY)");
  static const char *const bad[] = {"INSERT INTO tx VALUES (5), (5)", "SELECT * FROM nope",
                                    "SELEC"};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(rs_session_begin(s, &e), RS_OK);
    duck_run(s, "INSERT INTO tx VALUES (1)");
    assert_int_not_equal(run(bad[i], &e), RS_OK);
    assert_int_equal(run("INSERT INTO tx VALUES (2)", &e), RS_REMOTE);
    assert_non_null(strstr(e.text, "transaction was rolled back after an error: "));
    assert_true(rs_session_state(s).in_transaction);
    assert_int_equal(rs_session_end(s, true, &e), RS_REMOTE);
    assert_non_null(strstr(e.text, "transaction was rolled back after an error: "));
    assert_false(rs_session_state(s).in_transaction);
    assert_int_equal(duck_int(s, "SELECT count(*) FROM tx"), 0);
  }
  // In the middle of a stream too
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  duck_run(s, "INSERT INTO tx VALUES (1)");
  struct rs_rows *r = duck_query(
    s, "SELECT CASE WHEN range = 1000000 THEN error('x') ELSE 1 END FROM range(3000000)");
  while (rs_rows_next(r, &e) == RS_OK) continue;
  rs_rows_close(r);
  assert_int_equal(rs_session_end(s, true, &e), RS_REMOTE);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM tx"), 0);
  // ROLLBACK of it is fine
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  assert_int_not_equal(run("SELEC", &e), RS_OK);
  assert_int_equal(rs_session_end(s, false, &e), RS_OK);
}

/* Rows that are closed early leave the transaction as it is. */
static void early_close_in_a_transaction(void **state)
{
  (void)state;
  struct rs_error e = {0};
  duck_run(s, "CREATE OR REPLACE TABLE tx (i INTEGER)");
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  duck_run(s, "INSERT INTO tx VALUES (1)");
  struct rs_rows *r = duck_query(s, "SELECT * FROM range(10000000)");
  duck_next(r);
  rs_rows_close(r);
  if (rs_session_end(s, true, &e)) fail_msg("%s", e.text);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM tx"), 1);
}

static void columns_without_running(void **state)
{
  (void)state;
  struct rs_columns c = {0};
  struct rs_error e = {0};
  struct rs_statement st = {
    .sql = "SELECT error('never')::INTEGER AS a, $1::DATE AS \"B\", [1.5] AS c"};
  if (rs_session_columns(s, &st, &c, &e)) fail_msg("%s", e.text);
  assert_int_equal(c.n, 3);
  assert_string_equal(c.v[0].name, "a");
  assert_string_equal(c.v[1].name, "B");
  assert_string_equal(c.v[1].native, "DATE");
  assert_int_equal(c.v[2].type, RS_T_JSON);
  assert_int_equal(rs_columns_find(&c, "b"), -1);
  rs_columns_free(&c);
  st.sql = "SELECT nope";
  assert_int_equal(rs_session_columns(s, &st, &c, &e), RS_INVALID);
}

/* ---- ingestion ------------------------------------------------------------------------------- */

static const char everything[] =
  "SELECT range AS i, range::VARCHAR AS t, CASE WHEN range %% 2 = 0 THEN range::UNION(num BIGINT, "
  "str VARCHAR)"
  " ELSE ('s' || range)::UNION(num BIGINT, str VARCHAR) END AS u, {'a': range, 'b': [range, NULL]} "
  "AS st,"
  " MAP {'k': range} AS m, ('{\"x\":' || range || '}')::JSON AS j, range::HUGEINT * "
  "100000000000000000000 AS h,"
  " (range / 4)::DECIMAL(18,3) AS d, DATE '2020-01-01' + (range %% 1000)::INTEGER AS dt,"
  " make_timestamp(range * 1000000) AS ts, range %% 2 = 0 AS b, range::VARCHAR::BLOB AS bl,"
  " CASE WHEN range %% 3 > 0 THEN range * 1.5 END AS n, md5(range::VARCHAR)::UUID AS uu, "
  "'101'::BIT "
  "AS bt,"
  " to_days((range %% 100)::INTEGER) AS iv, [1.5, range]::DOUBLE[2] AS ar FROM range(%d)";

static void ingest_keeps_types(void **state)
{
  (void)state;
  static const int sizes[] = {0, 1, 10, 100000};
  struct rs_target *t = duck_target(duck_output(":memory:", NULL));
  struct rs_session *other = duck_session(t);
  for (size_t k = 0; k < 4; k++) {
    char sql[2048];
    struct rs_error e = {0};
    int64_t count = -7;
    struct rs_relation stage = {.workspace = "main", .name = "stage"};
    snprintf(sql, sizeof sql, everything, sizes[k]);
    duck_run(s, "DROP TABLE IF EXISTS stage");
    struct rs_rows *r = duck_query(other, sql);
    if (rs_session_ingest(s, &stage, r, &count, &e)) fail_msg("%s", e.text);
    rs_rows_close(r);
    assert_int_equal(count, sizes[k]);
    assert_int_equal(duck_int(s, "SELECT count(*) FROM stage"), sizes[k]);
    // Each value and type is what the query gives here
    char compare[4096];
    snprintf(
      compare, sizeof compare,
      "SELECT count(*) FROM (SELECT i, t, u::VARCHAR, st, m::VARCHAR, j::VARCHAR, h, d, dt, ts, b,"
      " bl, n, uu, bt, iv, ar FROM stage EXCEPT SELECT i, t, u::VARCHAR, st, m::VARCHAR, "
      "j::VARCHAR, h, d, dt, ts, b,"
      " bl, n, uu, bt, iv, ar FROM (%s))",
      sql);
    assert_int_equal(duck_int(s, compare), 0);
    snprintf(compare, sizeof compare, "CREATE OR REPLACE VIEW wanted AS %s", sql);
    duck_run(s, compare);
    assert_int_equal(
      duck_int(s,
               "SELECT count(*) FROM (SELECT column_name, data_type FROM information_schema.columns"
               " WHERE table_name = 'stage' EXCEPT SELECT column_name, data_type FROM"
               " information_schema.columns WHERE table_name = 'wanted')"),
      0);
    assert_int_equal(
      duck_int(s, "SELECT count(*) FROM stage WHERE u = 's7'::UNION(num BIGINT, str VARCHAR)"),
      sizes[k] > 7);
  }
  rs_session_close(other);
  rs_target_release(t);
}

static void ingest_failures(void **state)
{
  (void)state;
  struct rs_target *t = duck_target(duck_output(":memory:", NULL));
  struct rs_session *other = duck_session(t);
  struct rs_error e = {0};
  int64_t count = -7;
  struct rs_relation stage = {.workspace = "main", .name = "stage2"},
                     taken = {.workspace = "main", .name = "taken"},
                     nowhere = {.workspace = "no_schema", .name = "x"};
  duck_run(s, "CREATE OR REPLACE TABLE main.taken (i INTEGER)");
  struct rs_rows *r = duck_query(other, "SELECT 1 AS x");
  assert_int_equal(rs_session_ingest(s, &taken, r, &count, &e), RS_EXISTS);
  rs_rows_close(r);
  r = duck_query(other, "SELECT 1 AS x");
  assert_int_not_equal(rs_session_ingest(s, &nowhere, r, &count, &e), RS_OK);
  rs_rows_close(r);
  // The source breaks: its error is the one told, and in a transaction nothing stays
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  r = duck_query(
    other, "SELECT CASE WHEN range = 1000000 THEN error('source broke')::BIGINT ELSE range END AS x"
           " FROM range(3000000)");
  assert_int_equal(rs_session_ingest(s, &stage, r, &count, &e), RS_REMOTE);
  assert_non_null(strstr(e.text, "source broke"));
  rs_rows_close(r);
  assert_int_equal(rs_session_end(s, false, &e), RS_OK);
  assert_int_equal(
    duck_int(s, "SELECT count(*) FROM information_schema.tables WHERE table_name = 'stage2'"), 0);
  // In a transaction that ends well
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  r = duck_query(other, "SELECT range AS x FROM range(5000)");
  duck_run(s, "CREATE SCHEMA IF NOT EXISTS sub");
  stage.workspace = "sub";
  if (rs_session_ingest(s, &stage, r, &count, &e)) fail_msg("%s", e.text);
  rs_rows_close(r);
  assert_int_equal(rs_session_end(s, true, &e), RS_OK);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM sub.stage2"), 5000);
  rs_session_close(other);
  rs_target_release(t);
}

/* Rows of an engine that has no Arrow: converted in batches. */
extern const struct rs_engine rs_adbc_duckdb_engine;
static struct rs_engine plain;
static void rows_of_another_engine(void **state)
{
  (void)state;
  struct rs_target *t = duck_target(duck_output(":memory:", NULL));
  struct rs_session *other = duck_session(t);
  struct rs_error e = {0};
  int64_t count = -7;
  struct rs_relation stage = {.workspace = "main", .name = "converted"};
  plain = rs_adbc_duckdb_engine;
  plain.arrow_rows = false;
  t->engine = &plain;
  char sql[2048];
  snprintf(sql, sizeof sql, everything, 40000);
  struct rs_rows *r = duck_query(other, sql);
  if (rs_session_ingest(s, &stage, r, &count, &e)) fail_msg("%s", e.text);
  rs_rows_close(r);
  assert_int_equal(count, 40000);
  assert_int_equal(
    duck_int(s, "SELECT count(*) FROM converted WHERE i = t::BIGINT AND (b = (i % 2 = 0)) AND"
                " (n IS NULL) = (i % 3 = 0) AND bl = i::VARCHAR::BLOB AND j = '{\"x\":' || i || '}'"
                " AND st = '{\"a\":' || i || ',\"b\":[' || i || ',null]}'"),
    40000);
  assert_int_equal(
    duck_int(s, "SELECT typeof(u) = 'VARCHAR' AND typeof(i) = 'BIGINT' AND typeof(n) = 'VARCHAR'"
                " AND typeof(b) = 'BOOLEAN' AND typeof(bl) = 'BLOB' FROM converted LIMIT 1"),
    1);
  rs_session_close(other);
  rs_target_release(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(parameters_of_each_kind),
    cmocka_unit_test(list_parameters),
    cmocka_unit_test(a_statement_sent_again),
    cmocka_unit_test(affected_rows),
    cmocka_unit_test(errors_have_a_code_and_one_line),
    cmocka_unit_test(an_error_in_the_middle_of_a_stream),
    cmocka_unit_test(an_error_that_another_thread_keeps_to_itself),
    cmocka_unit_test(out_of_memory_is_a_limit),
    cmocka_unit_test(settings_and_extensions),
    cmocka_unit_test(transactions),
    cmocka_unit_test(an_error_ends_the_transaction),
    cmocka_unit_test(early_close_in_a_transaction),
    cmocka_unit_test(columns_without_running),
    cmocka_unit_test(ingest_keeps_types),
    cmocka_unit_test(ingest_failures),
    cmocka_unit_test(rows_of_another_engine),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
