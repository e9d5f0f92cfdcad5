/* Profile type adbc, any driver: errors of drivers as ours; a library that is found, opened, asked
** for its version; sessions on it. The driver is DuckDB's library, which is one. */
#include "src/engine/adbc/driver.h"
#include "src/engine/statements.h"
#include "duck.h"

#define translated(status, state, text, code, want)                    \
  do {                                                                 \
    struct rs_error e_ = {0};                                          \
    const struct rs_adbc_failure f_ = {(status), (state), "", (text)}; \
    assert_fails(rs_adbc_translate(&f_, &e_), e_, code, want);         \
  } while (0)

static void codes_by_sqlstate(void **state)
{
  (void)state;
  static const struct {
    const char *sqlstate;
    enum rs_code code;
  } cases[] = {
    {"42P01", RS_NOT_FOUND},   {"42703", RS_INVALID},    {"42601", RS_INVALID},
    {"3F000", RS_NOT_FOUND},   {"42P07", RS_EXISTS},     {"42P06", RS_EXISTS},
    {"42710", RS_EXISTS},      {"23505", RS_CONSTRAINT}, {"23502", RS_CONSTRAINT},
    {"2BP01", RS_CONSTRAINT},  {"28P01", RS_AUTH},       {"42501", RS_FORBIDDEN},
    {"25006", RS_FORBIDDEN},   {"40001", RS_BUSY},       {"40P01", RS_BUSY},
    {"55P03", RS_BUSY},        {"08006", RS_IO},         {"57P01", RS_IO},
    {"0A000", RS_UNSUPPORTED}, {"53200", RS_LIMIT},      {"54000", RS_LIMIT},
  };
  // the state is the standard's: it counts, whatever the driver's own status is
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    translated(ADBC_STATUS_INTERNAL, cases[i].sqlstate, "x", cases[i].code, "x");
  translated(ADBC_STATUS_IO, "57014", "canceling statement", RS_CANCELLED, "interrupted");
}

/* What may be tried again, what was unknown, what was refused: by the state; the message counts
** only where states are too coarse. */
static void consequences_by_sqlstate(void **state)
{
  (void)state;
  static const struct {
    const char *sqlstate, *constraint, *text;
    bool again, unknown;
    enum rs_refused refused;
  } cases[] = {
    {"40001", "", "could not serialize access", true, false, RS_REFUSED_OTHER},
    {"40P01", "", "deadlock detected", true, false, RS_REFUSED_OTHER},
    {"40003", "", "statement completion unknown", false, true, RS_REFUSED_OTHER},
    {"08006", "", "deadlock detected", false, true, RS_REFUSED_OTHER},
    {"23505", "pg_type_typname_nsp_index",
     "duplicate key value violates unique constraint \"pg_type_typname_nsp_index\"", true, false,
     RS_REFUSED_OTHER},
    {"23505", "conflict", "duplicate key value violates unique constraint \"conflict\"", false,
     false, RS_REFUSED_OTHER},
    {"23505", "own", "duplicate key \"pg_type_typname_nsp_index\"", false, false, RS_REFUSED_OTHER},
    {"XX000", "", "tuple concurrently updated", true, false, RS_REFUSED_OTHER},
    {"42601", "", "tuple concurrently updated", false, false, RS_REFUSED_OTHER},
    {"P0001", "", "TransactionContext Error: Conflict on update!", false, false, RS_REFUSED_OTHER},
    {"42809", "", "\"v\" is not a table", false, false, RS_REFUSED_KIND},
    {"42P17", "", "infinite recursion detected", false, false, RS_REFUSED_RECURSION},
    {"42601", "", "infinite recursion", false, false, RS_REFUSED_OTHER},
    // DuckDB's library has no states
    {"", "", "TransactionContext Error: Conflict on update!", true, false, RS_REFUSED_OTHER},
    {"", "", "TransactionContext Error: Failed to commit: write-write conflict on key", true, false,
     RS_REFUSED_OTHER},
    {"", "", "TransactionContext Error: Failed to commit: duplicate key \"Conflict on\"", false,
     false, RS_REFUSED_OTHER},
    {"", "", "Invalid Input Error: TransactionContext Error: Conflict on update!", false, false,
     RS_REFUSED_OTHER},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct rs_error e = {0};
    const struct rs_adbc_failure f = {ADBC_STATUS_INTERNAL, cases[i].sqlstate, cases[i].constraint,
                                      cases[i].text};
    (void)rs_adbc_translate(&f, &e);
    assert_int_equal(e.again, cases[i].again);
    assert_int_equal(e.unknown, cases[i].unknown);
    assert_int_equal(e.refused, cases[i].refused);
  }
}

static void codes_by_status(void **state)
{
  (void)state;
  static const struct {
    AdbcStatusCode status;
    enum rs_code code;
  } cases[] = {
    {ADBC_STATUS_NOT_IMPLEMENTED, RS_UNSUPPORTED},
    {ADBC_STATUS_NOT_FOUND, RS_NOT_FOUND},
    {ADBC_STATUS_ALREADY_EXISTS, RS_EXISTS},
    {ADBC_STATUS_INVALID_ARGUMENT, RS_INVALID},
    {ADBC_STATUS_INTEGRITY, RS_CONSTRAINT},
    {ADBC_STATUS_IO, RS_IO},
    {ADBC_STATUS_TIMEOUT, RS_TIMEOUT},
    {ADBC_STATUS_UNAUTHENTICATED, RS_AUTH},
    {ADBC_STATUS_UNAUTHORIZED, RS_FORBIDDEN},
    {ADBC_STATUS_UNKNOWN, RS_REMOTE},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    translated(cases[i].status, "", "x", cases[i].code, "x");
}

static void one_line_of_text(void **state)
{
  (void)state;
  translated(ADBC_STATUS_INVALID_ARGUMENT, "42703",
             "[libpq] Failed to execute query: could not begin COPY: ERROR:  column \"b\" does not "
             "exist\nLINE 1: COPY (SELECT b) TO STDOUT\n              ^\n\nQuery was: SELECT b",
             RS_INVALID, "column \"b\" does not exist");
  translated(ADBC_STATUS_IO, "", "[libpq] Failed to connect:\n\tconnection refused\n", RS_IO,
             "Failed to connect:; connection refused");
  translated(ADBC_STATUS_INTERNAL, "", "ERROR: too long\nDETAIL: more\n. SQLSTATE: XX000",
             RS_REMOTE, "too long; DETAIL: more");
  translated(ADBC_STATUS_INTERNAL, "", "", RS_REMOTE, "the driver failed without saying why");
  translated(ADBC_STATUS_INTERNAL, "", "[no end", RS_REMOTE, "[no end");
}

/* An output of type adbc: its options as in duck_output. */
#define adbc_output(...) with_type(duck_output("", __VA_ARGS__))
static const struct rs_output *with_type(const struct rs_output *o)
{
  ((struct rs_output *)(uintptr_t)o)->type = "adbc";
  return o;
}

static const char *library(void)
{
  const char *path = getenv("DUCKDB_LIBRARY");
  return path != NULL ? path : "build/deps/duckdb/libduckdb.so";
}

static enum rs_code try_open(const struct rs_output *o, struct rs_error *e)
{
  struct rs_target *t = duck_target(o);
  struct rs_session *s = duck_session(t);
  enum rs_code rc = rs_sql_run(s, NULL, e, "%s", "SELECT 1");
  rs_session_close(s);
  rs_target_release(t);
  return rc;
}

static void libraries(void **state)
{
  (void)state;
  struct rs_error e = {0};
  assert_int_equal(try_open(adbc_output("driver", "/no/such/libx.so", NULL), &e), RS_IO);
  assert_non_null(strstr(e.text, "target 'dev': driver '/no/such/libx.so' can't be loaded: "));
  e = (struct rs_error){0};
  // a bare name is the linker's; the entry is derived from it
  assert_int_equal(try_open(adbc_output("driver", "adbc_driver_of_nobody", NULL), &e), RS_IO);
  e = (struct rs_error){0};
  assert_int_equal(try_open(adbc_output("driver", "libz.so.1", NULL), &e), RS_UNSUPPORTED);
  assert_non_null(strstr(e.text, "has no function ZInit: give the profile its `entrypoint`"));
  e = (struct rs_error){0};
  assert_int_equal(
    try_open(adbc_output("driver", library(), "entrypoint", "no_such_init", NULL), &e),
    RS_UNSUPPORTED);
  assert_non_null(strstr(e.text, "has no function no_such_init"));
}

static void options(void **state)
{
  (void)state;
  struct rs_error e = {0};
  assert_int_equal(try_open(adbc_output("driver", library(), "entrypoint", "duckdb_adbc_init",
                                        "options", "{\"path\":\":memory:\",\"threads\":1}", NULL),
                            &e),
                   RS_OK);
  assert_int_equal(try_open(adbc_output("driver", library(), "entrypoint", "duckdb_adbc_init",
                                        "options", "{\"no_such_setting\":true}", NULL),
                            &e),
                   RS_REMOTE);
  assert_non_null(strstr(e.text, "no_such_setting"));
  e = (struct rs_error){0};
  const struct rs_output *o = adbc_output("driver", library(), "dialect", "none", NULL);
  struct rs_target *t = NULL;
  assert_fails(rs_target_open(o, &t, &e), e, RS_INVALID, "dialect 'none' is not known");
  rs_output_release(o);
}

static struct rs_target *any_target(const char *dialect)
{
  return duck_target(adbc_output("driver", library(), "entrypoint", "duckdb_adbc_init", "options",
                                 "{\"path\":\":memory:\"}", "dialect", dialect, NULL));
}

static void statements(void **state)
{
  (void)state;
  struct rs_target *t = any_target("ansi");
  struct rs_session *s = duck_session(t);
  struct rs_error e = {0};
  struct rs_columns c = {NULL, 0};
  int64_t n = 0;
  char *version = NULL;
  assert_int_equal(rs_session_version(s, &version, &e), RS_OK);
  assert_non_null(strstr(version, "duckdb"));
  rs_free(version);
  duck_run(s, "CREATE TABLE t AS SELECT 1 AS a, 'x' AS b");
  struct rs_statement st = {.sql = "INSERT INTO t VALUES (2, 'y'), (3, NULL)", .writes = true};
  assert_int_equal(rs_session_exec(s, &st, &n, &e), RS_OK);
  assert_int_equal(n, 2);
  assert_int_equal(duck_int(s, "SELECT sum(a) FROM t"), 6);
  st = (struct rs_statement){.sql = "SELECT b, a + 0.5 AS h FROM t -- the end"};
  assert_int_equal(rs_session_columns(s, &st, &c, &e), RS_OK);
  assert_int_equal(c.n, 2);
  assert_string_equal(c.v[1].name, "h");
  rs_columns_free(&c);
  // a transaction that nobody knows of, and two statements at once
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "BEGIN"), RS_INVALID);
  assert_non_null(strstr(e.text, "BEGIN as a statement: a transaction has its own functions"));
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT 1; SELECT 2"), RS_INVALID);
  e = (struct rs_error){0};
  assert_int_equal(rs_sql_run(s, NULL, &e, "%s", "SELECT * FROM nowhere") == RS_OK, 0);
  assert_non_null(strstr(e.text, "nowhere"));
  assert_non_null(strstr(e.text, "[remote SQL: SELECT * FROM nowhere]"));
  rs_session_close(s);
  rs_target_release(t);
}

static void transactions(void **state)
{
  (void)state;
  struct rs_target *t = any_target("duckdb");
  struct rs_session *s = duck_session(t), *other = duck_session(t);
  struct rs_error e = {0};
  duck_run(s, "CREATE TABLE t (a BIGINT)");
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  duck_run(s, "INSERT INTO t VALUES (1)");
  assert_int_equal(duck_int(other, "SELECT count(*) FROM t"), 0);
  assert_int_equal(rs_session_end(s, false, &e), RS_OK);
  assert_int_equal(duck_int(s, "SELECT count(*) FROM t"), 0);
  assert_int_equal(rs_session_begin(s, &e), RS_OK);
  duck_run(s, "INSERT INTO t VALUES (2)");
  if (rs_session_end(s, true, &e)) fail_msg("%s", e.text);
  assert_int_equal(duck_int(other, "SELECT a FROM t"), 2);
  // each statement by itself again
  duck_run(s, "INSERT INTO t VALUES (3)");
  assert_int_equal(duck_int(other, "SELECT count(*) FROM t"), 2);
  rs_session_close(other);
  rs_session_close(s);
  rs_target_release(t);
}

static void rows_that_arrive(void **state)
{
  (void)state;
  struct rs_target *t = any_target("duckdb"), *from = duck_target(duck_output(":memory:", NULL));
  struct rs_session *s = duck_session(t), *source = duck_session(from);
  struct rs_error e = {0};
  int64_t n = 0;
  struct rs_rows *r = duck_query(
    source, "SELECT range AS a, 'text ' || range AS b, DATE '2020-01-01' AS d FROM range(30000)");
  assert_int_equal(
    rs_session_ingest(s, &(struct rs_relation){.workspace = "main", .name = "into"}, r, &n, &e),
    RS_OK);
  assert_int_equal(n, 30000);
  rs_rows_close(r);
  assert_int_equal(duck_int(s, "SELECT count(DISTINCT b) + count(d) FROM main.into"), 60000);
  rs_session_close(source);
  rs_session_close(s);
  rs_target_release(from);
  rs_target_release(t);
}

static void rows_given_up(void **state)
{
  (void)state;
  struct rs_target *t = any_target("ansi");
  struct rs_session *s = duck_session(t);
  struct rs_rows *r = duck_query(s, "SELECT range FROM range(100000000)");
  duck_next(r);
  rs_rows_close(r); // the rest is not read
  assert_int_equal(duck_int(s, "SELECT 7"), 7);
  rs_session_close(s);
  rs_target_release(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(codes_by_sqlstate),
    cmocka_unit_test(codes_by_status),
    cmocka_unit_test(consequences_by_sqlstate),
    cmocka_unit_test(codes_by_status),
    cmocka_unit_test(one_line_of_text),
    cmocka_unit_test(libraries),
    cmocka_unit_test(options),
    cmocka_unit_test(statements),
    cmocka_unit_test(transactions),
    cmocka_unit_test(rows_that_arrive),
    cmocka_unit_test(rows_given_up),
  };
  return RS_RUN(tests);
}
