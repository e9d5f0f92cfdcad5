/*
** Unit tests of src/sql/locals.c: tables of the caller's own database in a statement.
*/
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/sql/locals.h"

struct found {
  struct rs_arena a;
  struct rs_locals l;
  struct rs_error e;
  enum rs_code rc;
};

static void find(struct found *f, const char *sql)
{
  f->e = (struct rs_error){0};
  rs_arena_init(&f->a, 0);
  f->rc = rs_locals_find(sql, rs_dialect_find("duckdb"), "sqlite", &f->a, &f->l, &f->e);
}

static void end(struct found *f)
{
  rs_locals_free(&f->l);
  rs_arena_free(&f->a);
}

/* The statement with <schema.table> in place of each name. */
static void expect_names(const char *sql, const char *want)
{
  struct found f;
  struct rs_buf b;
  const char *names[16];
  find(&f, sql);
  assert_int_equal(f.rc, RS_OK);
  assert_true(f.l.n <= 16);
  for (size_t i = 0; i < f.l.n; i++) {
    const struct rs_local_name *v = &f.l.v[i];
    names[i] = rs_arena_printf(&f.a, "<%s%s%s>", v->schema ? v->schema : "", v->schema ? "." : "",
                               v->table);
  }
  rs_buf_init(&b, 4096);
  rs_locals_write(sql, &f.l, names, &b);
  assert_string_equal(rs_buf_text(&b), want);
  rs_buf_free(&b);
  end(&f);
}

static void test_names(void **state)
{
  (void)state;
  expect_names("SELECT a FROM sqlite.t", "SELECT a FROM <t>");
  expect_names("SELECT a FROM SQLite . \"t x\" AS y", "SELECT a FROM <t x> AS y");
  expect_names("SELECT a FROM \"sqlite\".\"a\"\"b\"", "SELECT a FROM <a\"b>");
  expect_names("SELECT sqlite.t.a FROM sqlite.aux.t, sqlite.t", "SELECT <t>.a FROM <aux.t>, <t>");
  expect_names("SELECT x FROM (sqlite.a JOIN sqlite.b USING (i)), sqlite.c WHERE sqlite.a.i = 1",
               "SELECT x FROM (<a> JOIN <b> USING (i)), <c> WHERE <a>.i = 1");
  expect_names("INSERT INTO c.t SELECT a FROM sqlite.t ON CONFLICT DO NOTHING",
               "INSERT INTO c.t SELECT a FROM <t> ON CONFLICT DO NOTHING");
  // what is none
  expect_names("SELECT 'FROM sqlite.t' -- FROM sqlite.t",
               "SELECT 'FROM sqlite.t' -- FROM sqlite.t");
  expect_names("WITH sqlite AS (SELECT 1 a) SELECT sqlite.a FROM sqlite",
               "WITH sqlite AS (SELECT 1 a) SELECT sqlite.a FROM sqlite");
  expect_names("SELECT db.sqlite.t FROM db.sqlite.t", "SELECT db.sqlite.t FROM db.sqlite.t");
  expect_names("SELECT a IS DISTINCT FROM b, sqlite.x FROM u AS sqlite",
               "SELECT a IS DISTINCT FROM b, sqlite.x FROM u AS sqlite");
}

/* The conditions of the first relation, the last one first: a>=5; a in 1,2; texts have quotes. */
static void expect_conditions(const char *sql, const char *want)
{
  static const char *const how[] = {
    [RS_LOCAL_EQ] = "=",    [RS_LOCAL_LT] = "<",           [RS_LOCAL_LE] = "<=",
    [RS_LOCAL_GT] = ">",    [RS_LOCAL_GE] = ">=",          [RS_LOCAL_BETWEEN] = " between ",
    [RS_LOCAL_IN] = " in ", [RS_LOCAL_PREFIX] = " begins "};
  struct found f;
  struct rs_buf b;
  find(&f, sql);
  assert_int_equal(f.rc, RS_OK);
  assert_true(f.l.n > 0);
  rs_buf_init(&b, 4096);
  for (const struct rs_local_condition *x = f.l.v[0].conditions; x != NULL; x = x->next) {
    rs_buf_printf(&b, "%s%s%s", b.n > 0 ? "; " : "", x->column, how[x->how]);
    for (size_t i = 0; i < x->n; i++)
      rs_buf_printf(&b, x->texts ? "%s'%s'" : "%s%s", i > 0 ? "," : "", x->v[i]);
  }
  assert_string_equal(rs_buf_text(&b), want);
  rs_buf_free(&b);
  end(&f);
}

static void test_conditions(void **state)
{
  (void)state;
  expect_conditions("SELECT a FROM sqlite.t WHERE id = 5", "id=5");
  expect_conditions("SELECT a FROM sqlite.t WHERE \"i d\" >= -5.5 AND 'it''s' < b",
                    "b>'it's'; i d>=-5.5");
  expect_conditions("SELECT a FROM sqlite.t AS x WHERE x.a IN (1, 2) AND x.b IN ('p')",
                    "b in 'p'; a in 1,2");
  expect_conditions("SELECT a FROM sqlite.t WHERE a BETWEEN 1 AND 2 AND b LIKE 'ab%'",
                    "b begins 'ab'; a between 1,2");
  expect_conditions("SELECT a FROM sqlite.t WHERE ((a = 1) AND (b > 2 AND c < 3)) ORDER BY a",
                    "c<3; b>2; a=1");
  expect_conditions("SELECT a FROM sqlite.t WHERE f(a = 1 OR b) AND a = 1 GROUP BY a LIMIT 3",
                    "a=1");
  expect_conditions(
    "SELECT a FROM c JOIN sqlite.t x ON c.i = x.i WHERE x.i = 5 AND y = 6 AND c.i = 7", "i=5");
  expect_conditions("SELECT a FROM c, sqlite.t WHERE t.i = 5", "i=5");
  expect_conditions("CREATE TABLE n AS (SELECT a FROM sqlite.t WHERE i = 5)", "i=5");
  expect_conditions("WITH q AS (SELECT a FROM sqlite.t WHERE i = 5) SELECT * FROM q WHERE i = 6",
                    "i=5");
  expect_conditions("SELECT x FROM u WHERE i = 1 AND EXISTS (SELECT 1 FROM sqlite.t WHERE a = 2)",
                    "a=2");
  // what only looks like one
  static const char *const none[] = {
    "SELECT a FROM sqlite.t",
    "SELECT a FROM sqlite.t WHERE id = 5 OR a = 6",
    "SELECT a FROM sqlite.t WHERE NOT id = 5",
    "SELECT a FROM sqlite.t WHERE id <> 5 AND id != 5 AND id == 5",
    "SELECT a FROM sqlite.t WHERE id = 5 + 1 AND id = 5::text AND id + 1 = 5 AND id = -a",
    "SELECT a FROM sqlite.t WHERE id = 'a' || 'b' AND a = 'x' COLLATE NOCASE AND b = E'x'",
    "SELECT a FROM sqlite.t WHERE a BETWEEN 3 AND id = 5",
    "SELECT a FROM sqlite.t WHERE a NOT BETWEEN 1 AND 2 AND a NOT IN (1) AND a NOT LIKE 'a%'",
    "SELECT a FROM sqlite.t WHERE a LIKE 'a_b%' OR a LIKE '%' AND a LIKE 'a%b'",
    "SELECT a FROM sqlite.t WHERE a IN (1, 'x') AND a IN (SELECT 1) AND a IN ()",
    "SELECT a FROM sqlite.t WHERE CASE WHEN a THEN b AND id = 5 END",
    "SELECT a FROM sqlite.t WHERE (SELECT b FROM u WHERE b AND id = 5)",
    "SELECT a FROM sqlite.t WHERE id = 1234567890123456 AND id = 1e3 AND id = 0x10",
    "SELECT a FROM sqlite.t WHERE current_date = '2026-01-01' AND user = 'x'",
    "SELECT b AS id FROM sqlite.t WHERE id = 5",
    "SELECT a FROM sqlite.t x(id) WHERE x.id = 5",
    "SELECT a FROM sqlite.t x WHERE t.id = 5",
    "SELECT a FROM sqlite.t, u WHERE id = 5",
    "SELECT a FROM sqlite.t x ASOF JOIN u ON x.i >= u.i WHERE x.id = 5",
    "SELECT a FROM sqlite.t TABLESAMPLE 10% WHERE id = 5",
    "SELECT a FROM sqlite.t WHERE id = 5 USING SAMPLE 10",
    "SELECT a FROM sqlite.t HAVING id = 5",
    "INSERT INTO n SELECT a FROM sqlite.t ON CONFLICT DO UPDATE SET a = 1 WHERE id = 5",
    "UPDATE n SET a = 1 FROM sqlite.t WHERE id = 5",
    "FROM sqlite.t WHERE id = 5"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) expect_conditions(none[i], "");
}

/* Are all columns meant, and is a word there? */
static void expect_columns(const char *sql, bool all, const char *word)
{
  struct found f;
  find(&f, sql);
  assert_int_equal(f.rc, RS_OK);
  if (f.l.all != all) fail_msg("%s: all is %d", sql, f.l.all);
  if (word != NULL) assert_non_null(rs_map_find(&f.l.words, word, strlen(word)));
  end(&f);
}

static void test_columns(void **state)
{
  (void)state;
  static const char *const all[] = {"SELECT * FROM sqlite.t",
                                    "SELECT t.* EXCLUDE (a) FROM sqlite.t",
                                    "SELECT DISTINCT ON (a) * FROM sqlite.t",
                                    "FROM sqlite.t",
                                    "SELECT t FROM sqlite.t",
                                    "SELECT y FROM sqlite.t AS y",
                                    "SELECT sqlite.t FROM sqlite.t",
                                    "SELECT y['a'] FROM sqlite.t y",
                                    "SELECT b FROM sqlite.t AS y(a, b)",
                                    "SELECT COLUMNS('a.*') FROM sqlite.t",
                                    "SELECT 1 FROM sqlite.t NATURAL JOIN sqlite.u",
                                    "SUMMARIZE sqlite.t",
                                    "TABLE sqlite.t",
                                    "SELECT a FROM sqlite.t UNION ALL FROM sqlite.t",
                                    "PIVOT sqlite.t ON a USING sum(b)",
                                    "SELECT count(*), (SELECT * FROM sqlite.t) FROM x"};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) expect_columns(all[i], true, NULL);
  expect_columns("SELECT count(*), sum(Amount * 2) FROM sqlite.t AS y WHERE y.b = 1", false,
                 "amount");
  expect_columns("SELECT a * -1, b*c, 2 * (a + 1), a ** 2 FROM sqlite.t", false, "c");
  expect_columns("SELECT count(*) FROM sqlite.t ORDER BY \"Ä b\" LIMIT 1", false, "Ä b");
}

static void expect_refused(const char *sql, const char *part)
{
  struct found f;
  find(&f, sql);
  assert_int_equal(f.rc, RS_UNSUPPORTED);
  assert_non_null(strstr(f.e.text, part));
  end(&f);
}

static void test_refused(void **state)
{
  (void)state;
  expect_refused("INSERT INTO sqlite.t VALUES (1)", "only read");
  expect_refused("UPDATE sqlite.t SET a = 1", "only read");
  expect_refused("DELETE FROM sqlite.t WHERE a = 1", "only read");
  expect_refused("DROP TABLE IF EXISTS sqlite.t", "only read");
  expect_refused("CREATE TABLE sqlite.t AS SELECT 1", "only read");
  expect_refused("CREATE OR REPLACE VIEW v AS SELECT a FROM sqlite.t", "view or a macro");
  expect_refused("CREATE MACRO m() AS TABLE SELECT a FROM sqlite.t", "view or a macro");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_conditions),
    cmocka_unit_test(test_columns),
    cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
