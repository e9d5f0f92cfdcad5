/*
** Rockset SQL as text for DuckDB and Trino, without a catalog: pairs of texts; and for dialects
** that the translator has no rows for: plain SQL, or an error.
*/
#include "rsql_fixture.h"
#include "src/rsql/functions.h"

struct pair {
  const char *from, *to;
};

static void check(const struct pair *p, size_t n, const char *dialect)
{
  const struct rs_rsql_env env = {0};
  for (size_t i = 0; i < n; i++) {
    struct translation t;
    const char *got = translate_as(&t, p[i].from, &env, dialect, false);
    if (t.rc != RS_OK) fail_msg("%s: %s", p[i].from, t.e.text);
    if (strcmp(got, p[i].to) != 0)
      fail_msg("%s\ngives     %s\nnot       %s", p[i].from, got, p[i].to);
    translation_free(&t);
  }
}

#define CHECK(pairs, dialect) check(pairs, sizeof pairs / sizeof pairs[0], dialect)

static void test_literals(void **state)
{
  static const struct pair pairs[] = {
    {"SELECT 1 AS a", "SELECT 1 AS \"a\""},
    {"SELECT 007 a, 9223372036854775807 b, -9223372036854775808 c",
     "SELECT 7 AS \"a\", 9223372036854775807 AS \"b\", -9223372036854775808 AS \"c\""},
    {"SELECT 1.5 a, 1. b, .5 c, 1e3 d, 1.E-2 e, 9223372036854775809 f",
     "SELECT 1.5e0 AS \"a\", 1e0 AS \"b\", 0.5e0 AS \"c\", 1e3 AS \"d\", 1E-2 AS \"e\", "
     "9223372036854775809e0 AS \"f\""},
    {"SELECT 'it''s \\n' a, U&'\\0061\\+01F600!' b, U&'x0061' UESCAPE 'x' c",
     "SELECT 'it''s \\n' AS \"a\", 'a\xf0\x9f\x98\x80!' AS \"b\", 'a' AS \"c\""},
    {"SELECT X'6869' a, bytes 'h\\x41' b, true c, NULL_VALUE d, UNDEFINED e",
     "SELECT unhex('6869') AS \"a\", encode('h\\x41') AS \"b\", TRUE AS \"c\", NULL AS \"d\", "
     "NULL AS \"e\""},
    {"SELECT DATE '2020-1-2' a, TIME '1:2:3.50' b, DATETIME '2020/1/2 3:4:5' c",
     "SELECT DATE '2020-01-02' AS \"a\", TIME '01:02:03.5' AS \"b\", "
     "TIMESTAMP '2020-01-02 03:04:05' AS \"c\""},
    {"SELECT TIMESTAMP '2020-1-2T3Z' a, TIMESTAMP '2020-1-2 3:04 +0530' b, TIMESTAMP '2020-1-2' c, "
     "TIMESTAMP '2020-1-2 Europe/Rome' d",
     "SELECT TIMESTAMPTZ '2020-01-02 03:00:00+00:00' AS \"a\", "
     "TIMESTAMPTZ '2020-01-02 03:04:00+05:30' AS \"b\", "
     "TIMESTAMPTZ '2020-01-02 00:00:00+00:00' AS \"c\", "
     "TIMESTAMPTZ '2020-01-02 00:00:00 Europe/Rome' AS \"d\""},
    {"SELECT INTERVAL 1 DAY a, INTERVAL -2 HOUR b, INTERVAL '1-2' YEAR TO MONTH c, "
     "INTERVAL '-1 02:03:04.5' DAY TO SECOND d, INTERVAL '2 days' e, INTERVAL :n MINUTE f",
     "SELECT INTERVAL 1 DAY AS \"a\", INTERVAL (-2) HOUR AS \"b\", to_months(14) AS \"c\", "
     "to_microseconds(-93784500000) AS \"d\", INTERVAL '2 days' AS \"e\", "
     "INTERVAL ($1) MINUTE AS \"f\""},
    {"SELECT [1, 'a'] a, ARRAY_CREATE(1, 2) b, {'k': 1, 'it''s': [x]} c, {} d",
     "SELECT json_array(1, 'a') AS \"a\", [1, 2] AS \"b\", {'k': 1, 'it''s': [\"x\"]} AS \"c\", "
     "CAST('{}' AS JSON) AS \"d\""},
  };
  (void)state;
  CHECK(pairs, "duckdb");
}

static void test_names(void **state)
{
  static const struct pair pairs[] = {
    {"SELECT `a b`, \"c\"\"d\", `e``f` FROM `my-ws`.\"x.y\"",
     "SELECT \"a b\", \"c\"\"d\", \"e`f\" FROM \"my-ws\".\"x.y\""},
    {"SELECT a.b.c FROM a.b.c", "SELECT \"a\".\"b\".\"c\" FROM \"a.b\".\"c\""},
    {"SELECT t.x, a.b.t.y FROM a.b.t", "SELECT \"t\".\"x\", \"t\".\"y\" FROM \"a.b\".\"t\""},
    {"SELECT count(*), count(*), COUNT(a), 1 + 1, a.b[1], a FROM t",
     "SELECT count(*) AS \"?count\", count(*) AS \"?count_2\", count(\"a\") AS \"?count_3\", "
     "1::BIGINT + 1::BIGINT AS \"?column\", \"a\".\"b\"[1] AS \"?column_5\", \"a\" FROM "
     "\"commons\".\"t\""},
    {"SELECT f(1).x, CAST(a AS int) FROM t",
     "SELECT (f(1)).\"x\" AS \"x\", CAST(\"a\" AS BIGINT) AS \"?column\" FROM \"commons\".\"t\""},
    {"SELECT \"weird name\"(1), MyFunc(a) FROM t",
     "SELECT \"weird name\"(1) AS \"?weird name\", myfunc(\"a\") AS \"?myfunc\" FROM "
     "\"commons\".\"t\""},
    {"SELECT * FROM TABLE('a b') x, TABLE(['w', 'c'])",
     "SELECT * FROM \"commons\".\"a b\" AS \"x\", \"w\".\"c\""},
    {"SELECT FIELD('a'), FIELD('t', 'b.c') FROM t",
     "SELECT \"a\" AS \"?field\", \"t\".\"b\".\"c\" AS \"?field_2\" FROM \"commons\".\"t\""},
  };
  (void)state;
  CHECK(pairs, "duckdb");
}

static void test_operators(void **state)
{
  static const struct pair pairs[] = {
    {"SELECT a / b * c % d - e + f || g AS x FROM t",
     "SELECT ((\"a\" // \"b\" * \"c\" % \"d\") - \"e\" + \"f\") || \"g\" AS \"x\" FROM "
     "\"commons\".\"t\""},
    {"SELECT (a + b) * c AS x, -(-a) AS y, - -1 AS z FROM t",
     "SELECT (\"a\" + \"b\") * \"c\" AS \"x\", -(-\"a\") AS \"y\", -(-1) AS \"z\" FROM "
     "\"commons\".\"t\""},
    {"SELECT a OR b AND NOT c = d AS x FROM t",
     "SELECT \"a\" OR (\"b\" AND (NOT (\"c\" = \"d\"))) AS \"x\" FROM \"commons\".\"t\""},
    {"SELECT a != b AS x, a <> b AS y, a >= 1 AS z FROM t",
     "SELECT \"a\" <> \"b\" AS \"x\", \"a\" <> \"b\" AS \"y\", \"a\" >= 1 AS \"z\" FROM "
     "\"commons\".\"t\""},
    {"SELECT 1 = 'a' AS x, true <> 1 AS y, 1 = 1.5 AS z",
     "SELECT CAST(NULL AS BOOLEAN) AS \"x\", CAST(NULL AS BOOLEAN) AS \"y\", 1 = 1.5e0 AS \"z\""},
    {"SELECT a IS NOT NULL AS x, a IS UNDEFINED AS y, a IS NOT DISTINCT FROM b AS z FROM t",
     "SELECT \"a\" IS NOT NULL AS \"x\", \"a\" IS NULL AS \"y\", \"a\" IS NOT DISTINCT FROM \"b\" "
     "AS \"z\" FROM \"commons\".\"t\""},
    {"SELECT a[1][2].b.c[ : 3] AS x FROM t",
     "SELECT \"a\"[1][2].\"b\".\"c\"[ : 3] AS \"x\" FROM \"commons\".\"t\""},
    {"SELECT a NOT BETWEEN 1 AND 2 + 3 AS x, a NOT LIKE b || '%' ESCAPE '!' AS y FROM t",
     "SELECT \"a\" NOT BETWEEN 1 AND (2::BIGINT + 3::BIGINT) AS \"x\", \"a\" NOT LIKE (\"b\" || "
     "'%') ESCAPE '!' AS \"y\" FROM \"commons\".\"t\""},
    {"SELECT 2.7::int AS x, a::string AS y, TRY_CAST('x' AS float) AS z FROM t",
     "SELECT CAST(trunc(2.7e0) AS BIGINT) AS \"x\", CAST(\"a\" AS VARCHAR) AS \"y\", "
     "TRY_CAST('x' AS DOUBLE) AS \"z\" FROM \"commons\".\"t\""},
    {"SELECT a AT TIME ZONE 'UTC' AS x, a AT TIME ZONE HOURS(1) AS y FROM t",
     "SELECT \"a\" AT TIME ZONE 'UTC' AS \"x\", (\"a\" AT TIME ZONE 'UTC') + to_hours(1) AS \"y\" "
     "FROM \"commons\".\"t\""},
  };
  (void)state;
  CHECK(pairs, "duckdb");
}

static void test_queries(void **state)
{
  static const struct pair pairs[] = {
    {"VALUES 1, (2), (3, 4)", "VALUES (1), (2), (3, 4)"},
    {"TABLE a.b", "SELECT * FROM \"a\".\"b\""},
    {"SELECT 1 a UNION SELECT 2 INTERSECT SELECT 3 EXCEPT ALL SELECT 4",
     "((SELECT 1 AS \"a\" UNION SELECT 2 AS \"?column\") INTERSECT SELECT 3 AS \"?column\") EXCEPT "
     "ALL SELECT 4 AS \"?column\""},
    {"(SELECT 1 a LIMIT 1) UNION ALL SELECT 2 b ORDER BY 1 DESC NULLS LAST LIMIT 3 OFFSET 4",
     "SELECT \"rs_part\".\"a\" FROM (SELECT 1 AS \"a\" LIMIT 1) AS \"rs_part\" UNION ALL SELECT 2 "
     "AS \"b\" ORDER BY \"a\" DESC NULLS LAST LIMIT 3 "
     "OFFSET 4"},
    {"WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM a) SELECT n FROM a",
     "WITH RECURSIVE \"a\"(\"n\") AS (SELECT 1 AS \"?column\" UNION ALL SELECT \"n\" + 1 AS "
     "\"?column\" FROM \"a\") SELECT \"n\" FROM \"a\""},
    {"SELECT t.l FROM c, UNNEST(c.labels AS l) AS t",
     "SELECT \"t\".\"l\" FROM \"commons\".\"c\", UNNEST(\"c\".\"labels\") AS \"t\"(\"l\")"},
    {"SELECT t.l, t.p FROM c CROSS JOIN UNNEST(c.labels AS l WITH ORDINALITY AS p) AS t",
     "SELECT \"t\".\"l\", \"t\".\"p\" FROM \"commons\".\"c\" CROSS JOIN UNNEST(\"c\".\"labels\") "
     "WITH ORDINALITY AS \"t\"(\"l\", \"p\")"},
    {"SELECT s.name FROM c, UNNEST(c.steps) s",
     "SELECT \"s\".\"s\".\"name\" AS \"name\" FROM \"commons\".\"c\", UNNEST(\"c\".\"steps\") AS "
     "\"s\"(\"s\")"},
    {"SELECT * EXCEPT(a, \"b c\") FROM t HINT(access_path=column_scan) WHERE x HINT(DEBUG)",
     "SELECT * EXCLUDE (\"a\", \"b c\") FROM \"commons\".\"t\" WHERE \"x\""},
    {"SELECT a FROM t TABLESAMPLE BERNOULLI(10) x GROUP BY ALL a, ROLLUP(b), () HAVING c "
     "QUALIFY d CLUSTER BY e",
     "SELECT \"a\" FROM \"commons\".\"t\" AS \"x\" TABLESAMPLE 10 PERCENT (bernoulli) GROUP BY "
     "\"a\", ROLLUP (\"b\"), () HAVING \"c\" QUALIFY \"d\""},
    {"SELECT ARRAY_AGG(a ORDER BY b LIMIT 2 OFFSET 1) x, COUNT_IF(a) FILTER (WHERE b) OVER () y "
     "FROM t",
     "SELECT (array_agg(\"a\" ORDER BY \"b\"))[1 + 1 : 2 + 1] AS \"x\", "
     "CAST(coalesce(count_if(\"a\") FILTER (WHERE \"b\") OVER (), 0) AS BIGINT) AS \"y\" FROM "
     "\"commons\".\"t\""},
    {"SELECT a, FROM t", "SELECT \"a\" FROM \"commons\".\"t\""},
    {"EXPLAIN SELECT a FROM t", "EXPLAIN SELECT \"a\" FROM \"commons\".\"t\""},
    {"INSERT INTO w.t(x, y) SELECT a, 1 FROM u",
     "SELECT * FROM (SELECT \"a\", 1 AS \"?column\" FROM \"commons\".\"u\") AS \"rs_rows\"(\"x\", "
     "\"y\")"},
    {"INSERT INTO t WITH c AS (SELECT 1 a) SELECT * FROM c",
     "WITH \"c\" AS (SELECT 1 AS \"a\") SELECT * FROM \"c\""},
    {"OPTION(default_workspace='w') SELECT a FROM t;", "SELECT \"a\" FROM \"w\".\"t\""},
    {"SELECT x -> '$.a' AS y, f(a := 1, b -> b + 1) AS z FROM t",
     "SELECT \"x\" -> '$.a' AS \"y\", f(\"a\" := 1, \"b\" -> \"b\" + 1) AS \"z\" FROM "
     "\"commons\".\"t\""},
  };
  (void)state;
  CHECK(pairs, "duckdb");
}

static void test_trino(void **state)
{
  static const struct pair pairs[] = {
    {"SELECT a / 2 x, 1.5 y, [1, 2] z, X'00' v, a::int w FROM t LIMIT 3 OFFSET 4",
     "SELECT \"a\" / 2 AS \"x\", 1.5e0 AS \"y\", ARRAY[1, 2] AS \"z\", X'00' AS \"v\", CAST(\"a\" "
     "AS bigint) AS \"w\" FROM \"commons\".\"t\" OFFSET 4 LIMIT 3"},
    {"SELECT a[1] x, INTERVAL -1 DAY y, TRUNC(a) z, 2.5::int v FROM t TABLESAMPLE BERNOULLI(5)",
     "SELECT element_at(\"a\", 1) AS \"x\", INTERVAL '-1' DAY AS \"y\", truncate(CAST(\"a\" AS "
     "double)) AS \"z\", CAST(truncate(2.5e0) AS bigint) AS \"v\" FROM \"commons\".\"t\" "
     "TABLESAMPLE BERNOULLI (5)"},
    {"SELECT :a x, ARRAY_CONTAINS(l, :b) y, :a z FROM t",
     "SELECT ? AS \"x\", coalesce(contains(\"l\", ?), \"l\" IS NULL AND NULL) AS \"y\", ? AS \"z\" "
     "FROM "
     "\"commons\".\"t\""},
    {"SELECT UNIX_SECONDS(a) x, EXTRACT(DAYOFWEEK FROM a) y FROM t",
     "SELECT CAST(floor(to_unixtime(\"a\")) AS bigint) AS \"x\", (day_of_week(\"a\") % 7 + 1) AS "
     "\"y\" FROM \"commons\".\"t\""},
  };
  (void)state;
  CHECK(pairs, "trino");
}

/* x holds texts of which its sidecar tells the types. */
static enum rs_code boxed_columns(void *ctx, struct rs_rsql_relation *rel, bool write,
                                  struct rs_error *e)
{
  static struct rs_column v[] = {{"x", "varchar", RS_T_TEXT, RS_SIDE_TYPES}};
  static const struct rs_columns columns = {v, 1};
  (void)ctx;
  (void)write;
  (void)e;
  rel->columns = &columns;
  return RS_OK;
}

static void test_boxed(void **state)
{
  static const struct pair pairs[] = {
    {"SELECT x FROM t WHERE x IS NOT NULL",
     "SELECT \"x\", \"x~x\" AS \"x~x\" FROM \"commons\".\"t\" WHERE \"x\" IS NOT NULL"},
    {"SELECT CAST(x AS string) s FROM t WHERE x = 'a' GROUP BY x",
     "SELECT CASE substr(min(nullif(\"x~x\", 'n')), 1, 1) WHEN 'z' THEN "
     "replace(substr(min(nullif(\"x~x\", 'n')), 2), ' ', 'T') || 'Z' WHEN 'c' THEN "
     "replace(substr(min(nullif(\"x~x\", 'n')), 2), ' ', 'T') WHEN 'y' THEN "
     "from_utf8(from_base64(substr(min(nullif(\"x~x\", 'n')), 2))) ELSE max(\"x\") END AS \"s\" "
     "FROM \"commons\".\"t\" WHERE CASE WHEN coalesce(substr(nullif(\"x~x\", 'n'), 1, 1), CASE "
     "WHEN \"x\" IS NOT NULL THEN 's' END) IN ('s') THEN \"x\" END = 'a' GROUP BY CASE WHEN "
     "substr(nullif(\"x~x\", 'n'), 1, 1) IN ('i', 'f') THEN NULL ELSE \"x\" END, CASE WHEN "
     "substr(nullif(\"x~x\", 'n'), 1, 1) = 'f' AND TRY_CAST(substr(nullif(\"x~x\", 'n'), 2) AS "
     "double) = truncate(TRY_CAST(substr(nullif(\"x~x\", 'n'), 2) AS double)) AND "
     "abs(TRY_CAST(substr(nullif(\"x~x\", 'n'), 2) AS double)) < 9e18 THEN 'i' || "
     "CAST(CAST(TRY_CAST(substr(nullif(\"x~x\", 'n'), 2) AS double) AS bigint) AS varchar) ELSE "
     "nullif(\"x~x\", 'n') END"},
    {"SELECT x.a.b c FROM t",
     "SELECT json_extract(CASE nullif(\"x~x\", 'n') WHEN 'o' THEN \"x\" END, "
     "'$[\"a\"][\"b\"]') AS \"c\" FROM \"commons\".\"t\""},
  };
  const struct rs_rsql_env env = {.relation = boxed_columns, .sides = true};
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct translation t;
    assert_string_equal(translate_as(&t, pairs[i].from, &env, "trino", false), pairs[i].to);
    translation_free(&t);
  }
  struct translation t;
  (void)translate_as(&t, "SELECT 1 y FROM t JOIN u USING (x)", &env, "trino", false);
  assert_int_equal(t.rc, RS_UNSUPPORTED);
  assert_non_null(strstr(t.e.text, "USING (x)"));
  translation_free(&t);
  (void)translate_as(&t, "SELECT x FROM t GROUP BY ROLLUP(x)", &env, "trino", false);
  assert_int_equal(t.rc, RS_UNSUPPORTED);
  translation_free(&t);
}

/* ---- dialects without rows of their own ------------------------------------------------------ */

/* A table with a column for each letter of functions.h: its name is c_ and the letter's code. */
static enum rs_code typed_columns(void *ctx, struct rs_rsql_relation *rel, bool write,
                                  struct rs_error *e)
{
  static struct rs_column v[] = {
    {.name = "c_115", .native = "VARCHAR"},
    {.name = "c_98", .native = "BLOB"},
    {.name = "c_108", .native = "BIGINT[]"},
    {.name = "c_74", .native = "JSON[]"},
    {.name = "c_109", .native = "MAP(VARCHAR, BIGINT)"},
    {.name = "c_111", .native = "STRUCT(a BIGINT)"},
    {.name = "c_106", .native = "JSON"},
    {.name = "c_105", .native = "BIGINT"},
    {.name = "c_110", .native = "DOUBLE"},
    {.name = "c_100", .native = "DATE"},
    {.name = "c_116", .native = "TIMESTAMP"},
    {.name = "c_122", .native = "TIMESTAMPTZ"},
    {.name = "c_104", .native = "TIME"},
    {.name = "c_118", .native = "INTERVAL"},
    {.name = "c_86", .native = "INTERVAL"},
    {.name = "c_102", .native = "DOUBLE"},
    {.name = "c_66", .native = "BOOLEAN"},
    {.name = "c_117", .native = "UHUGEINT"},
    {.name = "c_46", .native = "UUID"},
  };
  static const struct rs_columns columns = {.v = v, .n = sizeof v / sizeof v[0]};
  (void)ctx, (void)write, (void)e;
  rel->columns = &columns;
  return RS_OK;
}

static const struct rs_rsql_env typed_env = {.relation = typed_columns};

/* What the functions that every engine has become. */
static const struct pair plain_functions[] = {
  {"ABS(c_110)", "abs(\"c_110\")"},
  {"ACOS(c_110)", "acos(\"c_110\")"},
  {"ARRAY_AGG(c_46)", "array_agg(\"c_46\")"},
  {"ASIN(c_110)", "asin(\"c_110\")"},
  {"ATAN(c_110)", "atan(\"c_110\")"},
  {"AVG(c_110)", "avg(\"c_110\")"},
  {"BOOL_AND(c_46)", "every(\"c_46\")"},
  {"CEIL(c_110)", "ceil(\"c_110\")"},
  {"CEILING(c_110)", "ceiling(\"c_110\")"},
  {"COALESCE(c_46)", "coalesce(\"c_46\")"},
  {"CONCAT(c_115)", "(\"c_115\")"},
  {"COS(c_110)", "cos(\"c_110\")"},
  {"COSH(c_110)", "cosh(\"c_110\")"},
  {"COUNT()", "count()"},
  {"COUNT_IF(c_46)", "count(CASE WHEN \"c_46\" THEN 1 END)"},
  {"CUME_DIST()", "cume_dist()"},
  {"CURRENT_TIMESTAMP()", "CURRENT_TIMESTAMP"},
  {"DENSE_RANK()", "dense_rank()"},
  {"EVERY(c_46)", "every(\"c_46\")"},
  {"EXP(c_110)", "exp(\"c_110\")"},
  {"FIRST_VALUE(c_46)", "first_value(\"c_46\")"},
  {"FLOOR(c_110)", "floor(\"c_110\")"},
  {"GROUPING(c_46)", "grouping(\"c_46\")"},
  {"LAG(c_46)", "lag(\"c_46\")"},
  {"LAG(c_46, c_46, c_46)", "lag(\"c_46\", \"c_46\", \"c_46\")"},
  {"LAST_VALUE(c_46)", "last_value(\"c_46\")"},
  {"LEAD(c_46)", "lead(\"c_46\")"},
  {"LEAD(c_46, c_46, c_46)", "lead(\"c_46\", \"c_46\", \"c_46\")"},
  {"LENGTH(c_46)", "char_length(\"c_46\")"},
  {"LN(c_110)", "ln(\"c_110\")"},
  {"LOG10(c_110)", "log10(\"c_110\")"},
  {"LOWER(c_115)", "lower(\"c_115\")"},
  {"MAX(c_46)", "max(\"c_46\")"},
  {"MIN(c_46)", "min(\"c_46\")"},
  {"NOW()", "CURRENT_TIMESTAMP"},
  {"NTH_VALUE(c_46, c_46)", "nth_value(\"c_46\", \"c_46\")"},
  {"NTILE(c_46)", "ntile(\"c_46\")"},
  {"NULLIF(c_46, c_46)", "nullif(\"c_46\", \"c_46\")"},
  {"PERCENT_RANK()", "percent_rank()"},
  {"POW(c_110, c_110)", "power(\"c_110\", \"c_110\")"},
  {"POWER(c_110, c_110)", "power(\"c_110\", \"c_110\")"},
  {"RANK()", "rank()"},
  {"REPLACE(c_115, c_115, c_115)", "replace(\"c_115\", \"c_115\", \"c_115\")"},
  {"ROW_NUMBER()", "row_number()"},
  {"SIN(c_110)", "sin(\"c_110\")"},
  {"SINH(c_110)", "sinh(\"c_110\")"},
  {"SQRT(c_110)", "sqrt(\"c_110\")"},
  {"STDDEV_SAMP(c_46)", "stddev_samp(\"c_46\")"},
  {"STRPOS(c_115, c_115)", "position(\"c_115\" IN \"c_115\")"},
  {"SUBSTR(c_115, c_115)", "substring(\"c_115\", \"c_115\")"},
  {"SUBSTR(c_115, c_115, c_115)", "substring(\"c_115\", \"c_115\", \"c_115\")"},
  {"SUBSTRING(c_115, c_115)", "substring(\"c_115\", \"c_115\")"},
  {"SUBSTRING(c_115, c_115, c_115)", "substring(\"c_115\", \"c_115\", \"c_115\")"},
  {"SUM(c_105)", "CAST(sum(\"c_105\") AS BIGINT)"},
  {"SUM(c_110)", "sum(\"c_110\")"},
  {"TAN(c_110)", "tan(\"c_110\")"},
  {"TANH(c_110)", "tanh(\"c_110\")"},
  {"UPPER(c_115)", "upper(\"c_115\")"},
};

static bool is_plain(const char *from, const char *to)
{
  for (size_t i = 0; i < sizeof plain_functions / sizeof plain_functions[0]; i++) {
    const struct pair *p = &plain_functions[i];
    if (strcmp(p->from, from) == 0 && strcmp(p->to, to) == 0) return true;
  }
  return false;
}

static bool try_function(const struct rsql_function *f, int n, const char *dialect)
{
  char sql[400];
  int at = snprintf(sql, sizeof sql, "%s(", f->name);
  for (int i = 0; i < n; i++) {
    char letter = f->when != NULL && (int)strlen(f->when) > i ? f->when[i] : f->in;
    if (letter == 0) letter = '.';
    at += snprintf(sql + at, sizeof sql - (size_t)at, "%sc_%d", i > 0 ? ", " : "", letter);
  }
  (void)snprintf(sql + at, sizeof sql - (size_t)at, ")");
  char all[440];
  (void)snprintf(all, sizeof all, "SELECT %s AS x FROM t", sql);
  struct translation t;
  const char *got = translate_as(&t, all, &typed_env, dialect, false);
  const bool good = t.rc == RS_OK;
  if (good) {
    const char *const end = strstr(got, " AS \"x\" FROM \"commons\".\"t\"");
    assert_non_null(end);
    char text[400];
    (void)snprintf(text, sizeof text, "%.*s", (int)(end - got - 7), got + 7);
    if (!is_plain(sql, text)) fail_msg("%s: %s becomes %s", dialect, sql, text);
  } else if (t.rc != RS_UNSUPPORTED || strstr(t.e.text, dialect) == NULL ||
             strstr(t.e.text, f->name) == NULL) {
    fail_msg("%s: %s: %d %s", dialect, sql, (int)t.rc, t.e.text);
  }
  translation_free(&t);
  return good;
}

static void test_functions_elsewhere(void **state)
{
  size_t n, passed = 0;
  const struct rsql_function *f = rs_rsql_functions(&n);
  (void)state;
  for (size_t i = 0; i < n; i++) {
    passed += try_function(&f[i], f[i].min, "postgres");
    if (f[i].max > f[i].min) passed += try_function(&f[i], f[i].max, "postgres");
    (void)try_function(&f[i], f[i].min, "ansi");
  }
  assert_true(passed >= sizeof plain_functions / sizeof plain_functions[0]);
}

/* How long f of a JSON value becomes that is made of f of one, so many times; 0: it is refused. */
static size_t nested_length(const struct rsql_function *f, int levels, const char *dialect)
{
  char x[9000] = "JSON_PARSE(c_115)", sql[8000];
  for (int i = 0; i < levels; i++) {
    int at = snprintf(sql, sizeof sql, "JSON_PARSE(CAST(%s(%.7000s", f->name, x);
    for (int k = 1; k < f->min; k++) {
      char letter = f->when != NULL && (int)strlen(f->when) > k ? f->when[k] : f->in;
      at += snprintf(sql + at, sizeof sql - (size_t)at, ", c_%d", letter != 0 ? letter : '.');
    }
    (void)snprintf(x, sizeof x, "%s) AS string))", sql);
  }
  (void)snprintf(sql, sizeof sql, "SELECT %.7900s AS x FROM t", x);
  struct translation t;
  const char *got = translate_as(&t, sql, &typed_env, dialect, false);
  const size_t length = t.rc == RS_OK ? strlen(got) : 0;
  translation_free(&t);
  return length;
}

/* A form that names its argument often must not double the text with each level. */
static void test_nested_functions(void **state)
{
  static const char *const dialects[] = {"duckdb", "trino"};
  size_t n, asked = 0;
  const struct rsql_function *f = rs_rsql_functions(&n);
  (void)state;
  for (size_t i = 0; i < 2 * n; i++) {
    const struct rsql_function *g = &f[i / 2];
    const char *dialect = dialects[i % 2];
    const size_t one = nested_length(g, 1, dialect), two = nested_length(g, 2, dialect),
                 five = two != 0 ? nested_length(g, 5, dialect) : 0;
    if (g->min == 0 || five == 0 || rs_rsql_function_aggregates(g->name)) continue;
    asked++;
    if (five > one + 8 * (two - one))
      fail_msg("%s: %s: 1, 2 and 5 levels are %zu, %zu, %zu bytes", dialect, g->name, one, two,
               five);
  }
  assert_true(asked > 200);
}

static void test_postgres(void **state)
{
  static const struct pair pairs[] = {
    {"SELECT a / 2 x, a + 2147483647 y, 1.5 z FROM t WHERE a % 2 = 0 AND NOT b || 'x' LIKE '%y'",
     "SELECT \"a\" / 2 AS \"x\", \"a\" + 2147483647 AS \"y\", 1.5e0 AS \"z\" FROM "
     "\"commons\".\"t\" WHERE ((\"a\" % 2) = 0) AND (NOT ((\"b\" || 'x') LIKE '%y'))"},
    {"SELECT c_105 + 2147483647 x, c_105 / 2 y FROM t",
     "SELECT \"c_105\" + CAST(2147483647 AS BIGINT) AS \"x\", \"c_105\" / 2 AS \"y\" FROM "
     "\"commons\".\"t\""},
    {"SELECT DATE '2020-1-2' a, TIMESTAMP '2020-1-2T3Z' b, DATETIME '2020-1-2 3:4:5' c",
     "SELECT DATE '2020-01-02' AS \"a\", TIMESTAMP WITH TIME ZONE '2020-01-02 03:00:00+00:00' AS "
     "\"b\", TIMESTAMP '2020-01-02 03:04:05' AS \"c\""},
    {"SELECT CAST(a AS int) x, CAST(c_110 AS int) y, CAST(a AS string) z, CAST(a AS float) v, "
     "CAST(a AS timestamp) w FROM t",
     "SELECT CAST(NULL AS bigint) AS \"x\", CAST(CASE WHEN \"c_110\" < 0 THEN ceil(\"c_110\") ELSE "
     "floor(\"c_110\") END AS BIGINT) AS \"y\", CAST(NULL AS text) AS \"z\", CAST(NULL AS double "
     "precision) AS \"v\", CAST(NULL AS timestamp with time zone) AS \"w\" FROM \"commons\".\"t\""},
    {"SELECT EXTRACT(YEAR FROM a) x, EXTRACT(SECOND FROM a) y FROM t",
     "SELECT CAST(extract(year FROM \"a\") AS BIGINT) AS \"x\", CAST(floor(extract(second FROM "
     "\"a\")) AS BIGINT) AS \"y\" FROM \"commons\".\"t\""},
    {"SELECT CASE WHEN a IS NOT NULL THEN 1 ELSE 2 END x FROM t LEFT JOIN u USING (a) "
     "WHERE a IN (1, 2) AND b BETWEEN 1 AND 3 AND EXISTS (SELECT 1 a FROM v) "
     "GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 DESC NULLS LAST LIMIT 3 OFFSET 4",
     "SELECT CASE WHEN \"a\" IS NOT NULL THEN 1 ELSE 2 END AS \"x\" FROM \"commons\".\"t\" LEFT "
     "JOIN \"commons\".\"u\" USING (\"a\") WHERE (\"a\" IN (1, 2)) AND (\"b\" BETWEEN 1 AND 3) AND "
     "EXISTS (SELECT 1 AS \"a\" FROM \"commons\".\"v\") GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 "
     "DESC NULLS LAST LIMIT 3 OFFSET 4"},
    {"SELECT a FROM t TABLESAMPLE BERNOULLI(5)",
     "SELECT \"a\" FROM \"commons\".\"t\" TABLESAMPLE BERNOULLI (5)"},
    {"SELECT sum(c_105) OVER (PARTITION BY c_115 ORDER BY c_105) x, count(*) FILTER (WHERE c_66) y "
     "FROM t",
     "SELECT CAST(sum(\"c_105\") OVER (PARTITION BY \"c_115\" ORDER BY \"c_105\") AS BIGINT) AS "
     "\"x\", count(*) FILTER (WHERE \"c_66\") AS \"y\" FROM \"commons\".\"t\""},
    {"SELECT to_char(a, 'YYYY') x, a -> 'b' y FROM t",
     "SELECT to_char(\"a\", 'YYYY') AS \"x\", \"a\" -> 'b' AS \"y\" FROM \"commons\".\"t\""},
    {"SELECT c_106 FROM t WHERE c_115 = 'a'",
     "SELECT \"c_106\" FROM \"commons\".\"t\" WHERE \"c_115\" = 'a'"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const struct rs_rsql_env env = {0};
    const bool typed = strstr(pairs[i].from, "c_") != NULL;
    struct translation t;
    const char *got = translate_as(&t, pairs[i].from, typed ? &typed_env : &env, "postgres", false);
    if (t.rc != RS_OK) fail_msg("%s: %s", pairs[i].from, t.e.text);
    if (strcmp(got, pairs[i].to) != 0)
      fail_msg("%s\ngives     %s\nnot       %s", pairs[i].from, got, pairs[i].to);
    translation_free(&t);
  }
}

static void test_refused_elsewhere(void **state)
{
  static const struct pair pairs[] = {
    // and what the error names
    {"SELECT X'00' a", "bytes"},
    {"SELECT bytes 'x' a", "BYTES"},
    {"SELECT INTERVAL 1 DAY a", "INTERVAL"},
    {"SELECT [1, 2] a", "array"},
    {"SELECT {'a': 1} a", "object"},
    {"SELECT c_108[1] x FROM t", "element"},
    {"SELECT c_108[1:2] x FROM t", "[from:to]"},
    {"SELECT c_111.a x FROM t", "field"},
    {"SELECT c_106.a x FROM t", "field"},
    {"SELECT f(1).a x", "field"},
    {"SELECT c_122 AT TIME ZONE 'UTC' x FROM t", "AT TIME ZONE"},
    {"SELECT f(a -> a + 1, b := 1) x FROM t", ""},
    {"SELECT 1 // 2 x", "//"},
    {"SELECT TRY_CAST(c_115 AS int) x FROM t", "TRY_CAST"},
    {"SELECT CAST(c_116 AS string) x FROM t", "CAST"},
    {"SELECT CAST(c_108 AS string) x FROM t", "CAST"},
    {"SELECT CAST(c_115 AS bytes) x FROM t", "BYTES"},
    {"SELECT CAST(c_115 AS array) x FROM t", "ARRAY"},
    {"SELECT u.x FROM t, UNNEST(t.c_108 AS x) AS u", "UNNEST"},
    {"SELECT upper_of(c_115) FROM t GROUP BY ALL", "GROUP BY ALL"}, // which may be an aggregate
    {"SELECT c_115 FROM t QUALIFY c_66", "QUALIFY"},
    {"SELECT ARRAY_AGG(c_105 LIMIT 2) x FROM t", "LIMIT"},
    {"SELECT EXTRACT(DAYOFWEEK FROM c_122) x FROM t", "DAYOFWEEK"},
    {"SELECT c_115 FROM t WHERE c_106 = 1", "JSON"},
    {"SELECT c_115 FROM t WHERE c_106 IS NULL", "JSON"},
    {"SELECT c_115 || c_106 x FROM t", "JSON"},
    {"SELECT * EXCEPT(c_115) FROM t JOIN t u USING (c_105)", "EXCEPT"},
  };
  static const char *const dialects[] = {"postgres", "ansi"};
  (void)state;
  for (size_t i = 0; i < 2 * (sizeof pairs / sizeof pairs[0]); i++) {
    const struct pair *p = &pairs[i / 2];
    const char *dialect = dialects[i % 2];
    struct translation t;
    const char *got = translate_as(&t, p->from, &typed_env, dialect, false);
    if (t.rc != RS_UNSUPPORTED)
      fail_msg("%s: %s: %d %s%s", dialect, p->from, (int)t.rc, t.e.text, got);
    if (strstr(t.e.text, p->to) == NULL)
      fail_msg("%s: %s does not name %s", p->from, t.e.text, p->to);
    translation_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_literals),
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_operators),
    cmocka_unit_test(test_queries),
    cmocka_unit_test(test_trino),
    cmocka_unit_test(test_boxed),
    cmocka_unit_test(test_functions_elsewhere),
    cmocka_unit_test(test_nested_functions),
    cmocka_unit_test(test_postgres),
    cmocka_unit_test(test_refused_elsewhere),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
