/*
** The lexer and parser of Rockset SQL: what is one statement of which kind, and where errors lie.
*/
#include "rsql_fixture.h"

static void expect_kind(const char *sql, enum rs_rsql_kind kind)
{
  struct translation t;
  (void)translate(&t, sql);
  if (t.rc != RS_OK) fail_msg("%s: %s", sql, t.e.text);
  if (rs_rsql_kind(t.stmt) != kind) {
    const char *why = rs_rsql_pass_reason(t.stmt);
    fail_msg("%s: kind %d %s", sql, (int)rs_rsql_kind(t.stmt), why != NULL ? why : "");
  }
  translation_free(&t);
}

static void test_statements(void **state)
{
  static const char *const selects[] = {
    "SELECT 1",
    " select 1 ; ;; ",
    "-- c\n/* c ; /* */ SELECT 1 -- end",
    "VALUES 1, (2)",
    "VALUES (1, 2), (3, 4)",
    "TABLE a.b",
    "(SELECT 1)",
    "((SELECT 1) UNION ALL (SELECT 2)) ORDER BY 1 LIMIT 1",
    "SELECT ((SELECT 1) UNION (SELECT 2))",
    "SELECT * FROM ((SELECT 1) UNION (SELECT 2)) x",
    "WITH a AS (SELECT 1), b(x) AS (VALUES 1) SELECT * FROM a, b",
    "WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a WHERE n < 3) SELECT * FROM a",
    "SELECT a, b, FROM t",
    "SELECT DISTINCT a FROM t",
    "SELECT ALL a FROM t GROUP BY ALL a, ROLLUP(b, c), CUBE(d), GROUPING SETS((a, b), c, ())",
    "SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (x, y) CROSS JOIN d",
    "SELECT * FROM a NATURAL JOIN b FULL JOIN c ON true RIGHT JOIN d ON false",
    "SELECT * FROM (a JOIN b ON a.x = b.x), LATERAL (SELECT a.x) l, UNNEST(a.l AS e) AS u",
    "SELECT * FROM UNNEST([1, 2] AS e WITH ORDINALITY AS p) t(x, y)",
    "SELECT * FROM UNNEST([1, 2]) WITH ORDINALITY AS t(x, y)",
    "SELECT * FROM t TABLESAMPLE BERNOULLI(10) AS x",
    "SELECT * FROM t HINT(access_path=column_scan) WHERE a HINT(DEBUG)",
    "SELECT * EXCEPT(a, b), t.* EXCEPT (c) FROM t EXCEPT (SELECT 1)",
    "SELECT a FROM t CLUSTER BY a, b",
    "SELECT year, date, text, values, type FROM data AS start WHERE interval > offset",
    "SELECT interval - 1 FROM t",
    "SELECT t.order, t.\"select\" FROM t",
    "SELECT a AS select FROM t",
    "SELECT :a, : b, :1, ?, :\"order\", a::int::string, x[1:2], x[:n], x[:]",
    ("SELECT f(DISTINCT a ORDER BY b DESC NULLS LAST LIMIT 1 OFFSET 2) FILTER (WHERE c) OVER ("
     "PARTITION BY d, e ORDER BY f RANGE BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING) FROM t"),
    "SELECT LEFT('a', 1), RIGHT('b', 1), REPLACE(a, b), IF(a, b, c), DATE(a), TIME(a) FROM t",
    "SELECT a = ANY (SELECT 1), b <> ALL (VALUES 1), c IN (SELECT 2), NOT EXISTS (SELECT 1)",
    "SELECT a NOT LIKE 'x' ESCAPE '!', b NOT BETWEEN 1 AND 2, c IS NOT UNDEFINED, d IS TRUE FROM t",
    "SELECT CASE WHEN a THEN b END, CASE a WHEN 1 THEN 2 ELSE 3 END, CAST(a AS double precision)",
    "SELECT {'a': 1, 'b': {'c': [1, 'x', null]}}, [], {}, ARRAY[1], (1, 2)",
    "SELECT 1., .5, 1.5, 1e3, .5e-2, X'', U&'\\0041!', U&'!0041' UESCAPE '!'",
    "SELECT - - 1, + 1, NOT NOT true, a AT TIME ZONE 'UTC' FROM t",
    "SELECT a FROM TABLE('x') b, TABLE(['w', 'x']) c",
    "FROM t",
    "FROM t SELECT a WHERE a > 1",
    "SELECT list_transform(l, x -> x + 1), list_reduce(l, (a, b) -> a + b) FROM t",
    "SELECT a\xc2\xa0, b FROM t",
    "SELECT * FROM t LIMIT ALL OFFSET 1",
    "OPTION(default_workspace='x')\nSELECT 1",
  };
  (void)state;
  for (size_t i = 0; i < sizeof selects / sizeof selects[0]; i++) {
    expect_kind(selects[i], RS_RSQL_SELECT);
  }
  expect_kind("INSERT INTO a SELECT 1", RS_RSQL_INSERT);
  expect_kind("INSERT INTO a.b(x, y) WITH c AS (SELECT 1) SELECT * FROM c", RS_RSQL_INSERT);
  expect_kind("INSERT INTO a (SELECT 1)", RS_RSQL_INSERT);
  expect_kind("DESCRIBE a.b OPTION(max_field_depth=1)", RS_RSQL_DESCRIBE);
  expect_kind("DESC a", RS_RSQL_DESCRIBE);
  expect_kind("SHOW COLUMNS FROM a", RS_RSQL_DESCRIBE);
  expect_kind("EXPLAIN ANALYZE SELECT 1", RS_RSQL_EXPLAIN);
  expect_kind("SELECT a: 1", RS_RSQL_PASS);
  expect_kind("SELECT * REPLACE (1 AS a) FROM t", RS_RSQL_PASS);
  expect_kind("SELECT [x + 1 FOR x IN l] FROM t", RS_RSQL_PASS);
  expect_kind("SUMMARIZE t", RS_RSQL_PASS);
  expect_kind("DESCRIBE SELECT 1", RS_RSQL_PASS);
}

/* sql, code, line, column, text */
struct wrong {
  const char *sql;
  enum rs_code code;
  size_t line, column;
  const char *text;
};

static void test_errors(void **state)
{
  static const struct wrong wrongs[] = {
    {"", RS_INVALID, 1, 1, "SQL: no statement"},
    {" -- x", RS_INVALID, 1, 1, "SQL: no statement"},
    {"SELEC 1", RS_INVALID, 1, 1,
     "SQL: unexpected `SELEC`, expected SELECT, WITH, INSERT INTO or DESCRIBE at line 1, column 1"},
    {"DELETE FROM t", RS_INVALID, 1, 1, "SQL: unexpected `DELETE`, expected SELECT"},
    {"SELECT 1; SELECT 2", RS_INVALID, 1, 11,
     "SQL: unexpected `SELECT`, expected the end at line 1, column 11"},
    {"SELECT\n  f(1,\n  2", RS_INVALID, 3, 4,
     "SQL: the statement ends too early, expected `,` or `)` at line 3, column 4"},
    {"SELECT a FROM", RS_INVALID, 1, 14, "expected a relation"},
    {"SELECT * FROM t WHERE", RS_INVALID, 1, 22, "expected an expression"},
    {"SELECT * FROM t WHERE (a", RS_INVALID, 1, 25, "expected `,` or `)`"},
    {"SELECT 'a\xc3\xa4', 'x", RS_INVALID, 1, 14, "the string is not closed"},
    {"SELECT \"x", RS_INVALID, 1, 8, "the quoted name is not closed"},
    {"SELECT 1 /* x", RS_INVALID, 1, 10, "the comment is not closed"},
    {"SELECT `a b", RS_INVALID, 1, 8, "the quoted name is not closed"},
    {"SELECT X'0g'", RS_INVALID, 1, 8, "X'..' needs pairs of hex digits"},
    {"SELECT U&'\\00'", RS_INVALID, 1, 8, "a bad escape in a U&'..' string"},
    {"SELECT U&'\\0000'", RS_INVALID, 1, 8, "a bad escape in a U&'..' string"},
    {"SELECT (1 FROM t", RS_INVALID, 1, 11, "unexpected `FROM`, expected `,` or `)`"},
    {"INSERT INTO t", RS_INVALID, 1, 14, "expected SELECT, VALUES, TABLE or a query in ()"},
    {"INSERT t SELECT 1", RS_INVALID, 1, 8, "unexpected `t`, expected INTO"},
    {"DESCRIBE", RS_INVALID, 1, 9, "expected the name of a collection"},
    {"CREATE TABLE x (a int)", RS_INVALID, 1, 1, "unexpected `CREATE`"},
    {"SELECT DATE '2020-13-01'", RS_INVALID, 1, 8, "a date is written YYYY-M-D at line 1"},
    {"SELECT 1,\n DATETIME '2020-1-1T'", RS_INVALID, 2, 2, "a datetime is written"},
    {"SELECT INTERVAL '1' YEAR TO MONTH", RS_INVALID, 1, 8, "does not fit YEAR TO MONTH"},
    {"SELECT INTERVAL '854775808 1' DAY TO HOUR", RS_INVALID, 1, 8, "does not fit DAY TO HOUR"},
    {"SELECT INTERVAL '106751991 23' DAY TO HOUR", RS_INVALID, 1, 8, "does not fit DAY TO HOUR"},
    {"SELECT 1 + t.* FROM t", RS_INVALID, 1, 12, "a star can't be part of an expression"},
    {"SELECT *", RS_INVALID, 1, 8, "a star without FROM"},
    {"SELECT SCORE() FROM t", RS_UNSUPPORTED, 1, 8, "function `SCORE` has no form in"},
    {"SELECT SPLIT('a') FROM t", RS_INVALID, 1, 8, "function `SPLIT` takes at least 2 arguments"},
    {"SELECT TO_HEX(b) OVER () FROM t", RS_INVALID, 1, 8, "function `TO_HEX` is no aggregate"},
    {"SELECT a\x80", RS_INVALID, 1, 9, "bytes that are no UTF-8"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
    const struct wrong *w = &wrongs[i];
    struct translation t;
    (void)translate(&t, w->sql);
    if (t.rc != w->code || strstr(t.e.text, w->text) == NULL || t.pos.line != w->line ||
        t.pos.column != w->column) {
      fail_msg("%s: %s: %s (%zu, %zu)", w->sql, rs_code_name(t.rc), t.e.text, t.pos.line,
               t.pos.column);
    }
    translation_free(&t);
  }
}

static void test_nul(void **state)
{
  struct translation t = {.rc = RS_OK};
  (void)state;
  rs_arena_init(&t.arena, 0);
  expect_error(&t, rs_rsql_parse("SELECT 1\0 2", 11, &t.arena, &t.stmt, &t.pos, &t.e), RS_INVALID,
               "a NUL byte at line 1, column 9");
  rs_arena_free(&t.arena);
}

/* n times `open`, then a middle, then n times `close` */
static char *nested(const char *begin, const char *open, size_t n, const char *middle,
                    const char *close)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 26);
  rs_buf_str(&b, begin);
  for (size_t i = 0; i < n; i++) rs_buf_str(&b, open);
  rs_buf_str(&b, middle);
  for (size_t i = 0; i < n; i++) rs_buf_str(&b, close);
  return rs_buf_take(&b);
}

static void expect_deep(char *sql, enum rs_code code)
{
  struct translation t;
  assert_non_null(sql);
  (void)translate(&t, sql);
  if (t.rc != code) fail_msg("%.40s: %s: %s", sql, rs_code_name(t.rc), t.e.text);
  if (code == RS_LIMIT) assert_non_null(strstr(t.e.text, "nested deeper than"));
  translation_free(&t);
  rs_free(sql);
}

static void test_depth(void **state)
{
  (void)state;
  expect_deep(nested("SELECT ", "(", 400, "1", ")"), RS_OK);
  expect_deep(nested("SELECT ", "(", 600, "1", ")"), RS_LIMIT);
  expect_deep(nested("SELECT ", "- ", 100000, "1", ""), RS_LIMIT);
  expect_deep(nested("SELECT ", "NOT ", 100000, "1", ""), RS_LIMIT);
  expect_deep(nested("SELECT ", "[", 100000, "1", "]"), RS_LIMIT);
  expect_deep(nested("SELECT ", "f(", 100000, "1", ")"), RS_LIMIT);
  expect_deep(nested("SELECT ", "(SELECT ", 100000, "1", ")"), RS_LIMIT);
  expect_deep(nested("SELECT 1", "[1]", 100000, "", ""), RS_LIMIT);
  expect_deep(nested("SELECT 1", "::int", 100000, "", ""), RS_LIMIT);
  expect_deep(nested("SELECT 1", " IS NULL", 100000, "", ""), RS_LIMIT);
  expect_deep(nested("SELECT * FROM ", "(", 100000, "t", ")"), RS_LIMIT);
  expect_deep(nested("SELECT 1 FROM t GROUP BY ", "ROLLUP(", 100000, "a", ")"), RS_LIMIT);
}

/* Long is not deep: it is read; what no engine should plan is refused when it is written. */
static void expect_long(char *sql, const char *bound)
{
  struct translation t;
  assert_non_null(sql);
  (void)translate(&t, sql);
  assert_non_null(t.stmt);
  assert_int_equal(t.rc, bound == NULL ? RS_OK : RS_LIMIT);
  if (bound != NULL && strstr(t.e.text, bound) == NULL) fail_msg("%.40s: %s", sql, t.e.text);
  translation_free(&t);
  rs_free(sql);
}

static void test_length(void **state)
{
  (void)state;
  expect_long(nested("SELECT 1", " + 1", 300, "", ""), NULL);
  expect_long(nested("SELECT 1", " + 1", 100000, "", ""), "square of its depth");
  expect_long(nested("SELECT 1", " OR a = 1", 4000, " FROM t", ""), NULL);
  expect_long(nested("SELECT 1", " OR a = 1", 50000, " FROM t", ""), "conditions");
  expect_long(nested("SELECT 1", " UNION ALL SELECT 1", 500, "", ""), NULL);
  expect_long(nested("SELECT 1", " UNION ALL SELECT 1", 20000, "", ""), "UNION");
  expect_long(nested("SELECT 1", ", 1", 40000, "", ""), NULL);
}

/* A template that names an argument twice doubles with each level: bounded, not endless. */
static void test_growth(void **state)
{
  struct translation t;
  char *sql = nested("SELECT ", "GREATEST(1, ", 60, "a", ")");
  (void)state;
  (void)translate(&t, sql);
  assert_int_equal(t.rc, RS_LIMIT);
  translation_free(&t);
  rs_free(sql);
}

static void test_size(void **state)
{
  struct translation t;
  char *sql = nested("SELECT '", "x", RS_RSQL_TEXT_MAX, "'", "");
  (void)state;
  (void)translate(&t, sql);
  assert_int_equal(t.rc, RS_LIMIT);
  assert_non_null(strstr(t.e.text, "the limit is 4194304"));
  translation_free(&t);
  rs_free(sql);
}

/* ---- statements of the engine ---------------------------------------------------------------- */

static void test_pass(void **state)
{
  struct translation t;
  (void)state;
  assert_string_equal(translate(&t, " SELECT a: :p, 'x:y', :p + :q ; -- end"),
                      "SELECT a: $1, 'x:y', $1 + $2");
  assert_int_equal(rs_rsql_kind(t.stmt), RS_RSQL_PASS);
  assert_string_equal(rs_rsql_pass_reason(t.stmt),
                      "SQL: unexpected `:`, expected the end at line 1, column 10");
  assert_int_equal(t.pos.line, 0); // resolving and writing it went well
  size_t n;
  const char *const *names = rs_rsql_params(t.stmt, &n);
  assert_int_equal(n, 2);
  assert_string_equal(names[0], "p");
  assert_string_equal(names[1], "q");
  assert_int_equal(t.out.norder, 2);
  translation_free(&t);
  const struct rs_rsql_value values[] = {{RS_RSQL_DATE, {.kind = RS_TEXT, .s = {"2020-01-02", 10}}},
                                         {RS_RSQL_INT, {.kind = RS_INT, .i = -1}}};
  const struct rs_rsql_env env = {.values = values};
  assert_string_equal(translate_as(&t, "SELECT a: :p, :q", &env, "duckdb", true),
                      "SELECT a: (CAST('2020-01-02' AS DATE)), ((-1))");
  translation_free(&t);
}

static void test_not_passed(void **state)
{
  static const char *const hidden[] = {
    "SELECT a: 1 FROM _rockset.x",
    "SELECT a: 1 FROM \"_ROCKSET\".x",
    "SELECT a: 1 FROM query('SELECT 1')",
    "SELECT a: 1 FROM \"query\" ('SELECT 1')",
    "SELECT a: 1 FROM read_csv('x')",
    "SELECT a: 1 FROM duckdb_tables",
    "SELECT a: 1 FROM information_schema.x",
    "SELECT a: getenv('HOME')",
    "SELECT a: 'x'.read_text()",
    "SELECT a: f('_rockset.x')",
    "SELECT a: 1 FROM checkpoint()",
    "SELECT a: 1 FROM sqlite_master",
  };
  struct translation t;
  (void)state;
  for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
    (void)translate(&t, hidden[i]);
    if (t.rc != RS_NOT_FOUND) fail_msg("%s: %s: %s", hidden[i], rs_code_name(t.rc), t.e.text);
    translation_free(&t);
  }
  // two statements, writing, open ends: the parser's error stands
  static const char *const refused[] = {"SELECT a: 1; DROP TABLE x",
                                        "SELECT a: (1",
                                        "UPDATE t SET a = 1",
                                        "WITH a AS (SELECT 1) DELETE FROM t",
                                        "COPY t TO 'x'",
                                        "PRAGMA x",
                                        "SHOW TABLES",
                                        "CALL x()"};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    (void)translate(&t, refused[i]);
    if (t.rc != RS_INVALID) fail_msg("%s: %s: %s", refused[i], rs_code_name(t.rc), t.e.text);
    translation_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_statements), cmocka_unit_test(test_errors),
    cmocka_unit_test(test_nul),        cmocka_unit_test(test_depth),
    cmocka_unit_test(test_length),     cmocka_unit_test(test_growth),
    cmocka_unit_test(test_size),       cmocka_unit_test(test_pass),
    cmocka_unit_test(test_not_passed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
