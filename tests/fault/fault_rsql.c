/* src/rsql/ when memory runs out: translating runs with its 1st, 2nd, ... allocation failing, once
** and for good, until it gets through. Each failure is RS_NOMEM, and nothing leaks. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/rsql/rsql.h"

static const char *const texts[] = {
  "WITH RECURSIVE a(x) AS (SELECT year AS y FROM movies UNION ALL SELECT :p + 1), b AS (TABLE t) "
  "SELECT *, count(*), sum(j.a[1].b), f(x -> x + 1), {'k': [1, 'a']}, CAST(s AS int) AS z, "
  "INTERVAL '1-2' YEAR TO MONTH, DATE '2020-1-2', FIELD('t', 'a.b'), GREATEST(i, 2, s) "
  "FROM ws.t LEFT JOIN UNNEST(t.l AS e WITH ORDINALITY AS p) AS u ON e = ?, TABLE(['ws', 'x']) q "
  "WHERE i IN (1, 2) AND EXISTS (SELECT u.e) GROUP BY ROLLUP(i), GROUPING SETS((i), ()) "
  "HAVING sum(i) OVER (PARTITION BY s ORDER BY i ROWS 1 PRECEDING) > 1 ORDER BY i DESC LIMIT :n",
  "INSERT INTO a.b.c(x, y) SELECT * EXCEPT(i), SEARCH(HAS_TERM(l, 'x')) OPTION(match_all=false), "
  "u.* FROM t, UNNEST(t.l) u",
  "SELECT a b c, :p, ['x'] FROM t",
  "SELECT o.* EXCEPT(b), _event_time, LOWER(5) + 'a', {'k': 1}.k, CASE s WHEN 1 THEN 1 ELSE 'a' "
  "END "
  "FROM t WHERE _event_time > TIMESTAMP '2020-01-01Z' ORDER BY _event_time",
  "SELECT m + 1, (m + 1) * 2 - m, SUM(m), MAX(f), TYPEOF(f), TYPEOF(m), f + 1, CAST(m AS date), "
  "UPPER(m), NULLIF(m, 1), GREATEST(m, m), COALESCE(m, 'a') * 1.5, m LIKE 'a', m = j, "
  "EXTRACT(DAY FROM m) FROM t JOIN t q ON t.m = q.m WHERE m IN (SELECT m FROM t) ORDER BY m, 1",
  "SELECT TYPEOF(d.a), d.zz IS UNDEFINED AS z, d.a + 1, CAST(d.a AS string) AS c, d.*, TYPEOF(e), "
  "CONTAINS(m, 'a') AS k, ARRAY_FLATTEN(ARRAY_AGG(m)) AS g FROM t, UNNEST(t.l AS e) "
  "GROUP BY TYPEOF(d.a)",
  "(SELECT i AS a, f AS b FROM t LIMIT 1) UNION ALL SELECT s, i FROM t UNION ALL SELECT m, null",
  "SELECT * FROM t UNION ALL SELECT * FROM t",
  "SELECT DISTINCT m, UPPER(s) FROM t ORDER BY m, UPPER(s)",
  "SELECT COALESCE(m, 0) AS c, COUNT(*) FROM t GROUP BY c HAVING COALESCE(m, 0) = 1 ORDER BY c",
  "SELECT m, COALESCE(m, 0), COUNT(*) FROM t GROUP BY ALL",
  "SELECT DISTINCT COALESCE(m, 0), s FROM t",
  "SELECT DATE_TRUNC('day', w), w - w, w + INTERVAL 1 DAY, MAX(w), CAST(w AS timestamp), w > DATE "
  "'2020-01-02', w AT TIME ZONE 'UTC', CAST(w AS string), [w, 1], GREATEST(w, CURRENT_TIMESTAMP()) "
  "FROM t WHERE w IN (SELECT CURRENT_DATE()) AND EXTRACT(HOUR FROM w) > 1 ORDER BY w",
  "SELECT f, s FROM t UNION SELECT i, s FROM t UNION SELECT f, null FROM t",
  "SELECT DISTINCT y, m, j, CONCAT('a', CAST(m AS string)) AS c FROM t ORDER BY m, c",
  "SELECT LENGTH(y), TO_HEX(y), CURRENT_DATE() + y, DURATION_MICROS(y), [1, 2.5, y] AS l, "
  "COUNT(DISTINCT m) AS n, ROW_NUMBER() OVER (PARTITION BY y) AS r FROM t WHERE y = bytes 'a'",
  "SELECT y, GROUPING(y) AS g FROM t GROUP BY ROLLUP(y) HAVING TYPEOF(y) = 'int'",
  "SELECT f FROM t WHERE ARRAY_MAX(SLICE(j, 1, 2)) > 1 GROUP BY ROLLUP(f) EXCEPT SELECT i FROM t",
  "OPTION(default_workspace='x') DESCRIBE c OPTION(max_field_depth = 1)",
};

static struct rs_column columns[] = {
  {"i", "BIGINT", RS_T_INT, false},
  {"s", "VARCHAR", RS_T_TEXT, false},
  {"j", "JSON", RS_T_JSON, false},
  {"l", "STRUCT(a INTEGER)[]", RS_T_JSON, false},
  {"o", "STRUCT(a INTEGER, \"b\" VARCHAR)", RS_T_JSON, false},
  {"_event_time", "TIMESTAMP", RS_T_TIMESTAMP, false},
  {"m", "UNION(\"int\" BIGINT, dbl DOUBLE, str VARCHAR)", RS_T_MIXED, false},
  {"w", "UNION(\"int\" BIGINT, str VARCHAR, date DATE, ts TIMESTAMP WITH TIME ZONE)", RS_T_MIXED,
   false},
  {"y", "UNION(\"int\" BIGINT, dbl DOUBLE, bin BLOB, us INTERVAL)", RS_T_MIXED, true},
  {"d", "STRUCT(a DOUBLE)", RS_T_JSON, true},
  {"f", "DOUBLE", RS_T_FLOAT, true}};
static struct rs_columns catalog = {columns, sizeof columns / sizeof columns[0]};

static enum rs_code relation(void *ctx, struct rs_rsql_relation *rel, bool write,
                             struct rs_error *e)
{
  (void)ctx, (void)write, (void)e;
  if (strcmp(rel->name, "t") == 0) rel->columns = &catalog;
  return RS_OK;
}

static enum rs_code translate(const char *text, bool inlined, struct rs_error *e)
{
  struct rs_arena arena;
  struct rs_rsql_stmt *s;
  struct rs_rsql_output out;
  struct rs_buf b;
  struct rs_rsql_value values[4];
  const struct rs_rsql_env env = {.relation = relation, .values = values, .sides = inlined};
  rs_arena_init(&arena, 0);
  rs_buf_init(&b, 1 << 20);
  enum rs_code rc = rs_rsql_parse(text, strlen(text), &arena, &s, NULL, e);
  for (int i = 0; i < 4 && rc == RS_OK; i++) {
    static const char *const types[] = {"int", "timestamp", "int", "bytes"};
    rc = rs_rsql_param_value("p", types[i], "12", 2, &arena, &values[i], e);
    if (i == 3) break;
  }
  if (rc == RS_OK) rc = rs_rsql_resolve(s, &env, NULL, e);
  if (rc == RS_OK) {
    rc = rs_rsql_emit(s, rs_dialect_find("duckdb"), inlined, &b, &out, NULL, e);
  }
  rs_buf_free(&b);
  rs_arena_free(&arena);
  return rc;
}

static void test_every_allocation(void **state)
{
  (void)state;
  for (size_t i = 0; i < 2 * sizeof texts / sizeof texts[0]; i++) {
    for (int sticky = 0; sticky <= 1; sticky++) {
      bool failed = true;
      int n = 1;
      for (; failed; n++) {
        struct rs_error e = {0};
        int64_t live = rs_mem_live();
        rs_mem_fail_at(n, sticky);
        enum rs_code rc = translate(texts[i / 2], i % 2, &e);
        failed = rs_mem_failed();
        rs_mem_fail_at(0, false);
        if (rc != (failed ? RS_NOMEM : RS_OK)) {
          fail_msg("%zu, allocation %d: %s: %s", i, n, rs_code_name(rc), e.text);
        }
        if (rs_mem_live() != live) fail_msg("%zu, allocation %d: a block leaks", i, n);
      }
      assert_true(n > 2);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_allocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
