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
    cmocka_unit_test(test_columns),
    cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
