/*
** Rockset SQL as text for DuckDB and Trino, without a catalog: pairs of texts.
*/
#include "rsql_fixture.h"

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
     "(SELECT 1 AS \"a\" LIMIT 1) UNION ALL SELECT 2 AS \"b\" ORDER BY 1 DESC NULLS LAST LIMIT 3 "
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
     "SELECT ? AS \"x\", coalesce(contains(\"l\", ?), false) AS \"y\", ? AS \"z\" FROM "
     "\"commons\".\"t\""},
    {"SELECT UNIX_SECONDS(a) x, EXTRACT(DAYOFWEEK FROM a) y FROM t",
     "SELECT CAST(floor(to_unixtime(\"a\")) AS bigint) AS \"x\", (day_of_week(\"a\") % 7 + 1) AS "
     "\"y\" FROM \"commons\".\"t\""},
  };
  (void)state;
  CHECK(pairs, "trino");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_literals), cmocka_unit_test(test_names), cmocka_unit_test(test_operators),
    cmocka_unit_test(test_queries),  cmocka_unit_test(test_trino),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
