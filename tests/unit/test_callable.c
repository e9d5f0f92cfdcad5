/*
** What stored SQL may call and name (callable.h): the ways to write a call, a file or a name,
** without an engine; and the time that a long statement takes.
*/
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include "src/sql/callable.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

static struct rs_callable rules(const char *dialect)
{
  return (struct rs_callable){.dialect = rs_dialect_find(dialect)};
}

static enum rs_code judge(const struct rs_callable *g, const char *sql, struct rs_map *unknown,
                          struct rs_buf *out, struct rs_error *e)
{
  struct rs_sqltext one;
  enum rs_code rc = rs_sqltext_one(sql, strlen(sql), g->dialect, "q", &one, e);
  return rc == RS_OK ? rs_callable_check(&one, g, "q", unknown, out, e) : rc;
}

static void accepts_by(const struct rs_callable *g, const char *sql)
{
  struct rs_error e = {0};
  if (judge(g, sql, NULL, NULL, &e) != RS_OK) fail_msg("refused: %s: %s", sql, e.text);
}

static void refuses_by(const struct rs_callable *g, const char *sql, const char *why)
{
  struct rs_error e = {0};
  if (judge(g, sql, NULL, NULL, &e) != RS_FORBIDDEN) fail_msg("not refused: %s: %s", sql, e.text);
  if (strstr(e.text, why) == NULL) fail_msg("%s: %s", sql, e.text);
}

static void accepts(const char *sql)
{
  const struct rs_callable g = rules("duckdb");
  accepts_by(&g, sql);
}

static void refuses(const char *sql, const char *why)
{
  const struct rs_callable g = rules("duckdb");
  refuses_by(&g, sql, why);
}

static void test_calls(void **state)
{
  (void)state;
  static const char *const ways[] = {
    "select enable_logging()",
    "select Enable_LOGGING (1)",
    "select \"enable_logging\"()",
    "select main.enable_logging()",
    "select system . \"main\" . \"ENABLE_LOGGING\" ( )",
    "select enable_logging/*x*/()",
    "select enable_logging /* a /* b */ c */ -- d\n ( )",
    "select 'x'.enable_logging()",
    "select a.b.enable_logging().upper()",
    "select [1].list_transform(lambda x: enable_logging(x))",
    "select list_transform([1], x -> enable_logging(x))",
    "select [enable_logging(x) for x in [1]]",
    "select {'a': enable_logging()}",
    "from enable_logging()",
    "from (from enable_logging())",
    "from t, lateral (select * from enable_logging())",
    "with a as materialized (from enable_logging()) from a",
    "pivot (from enable_logging()) on a using count(*)",
    "pivot t on a using enable_logging(b)",
    "unpivot (from enable_logging()) on columns(*)",
    "select columns(c -> enable_logging(c)) from t",
    "select a, $$;$$, enable_logging() from t",
    "select count(*) filter (where enable_logging()) over (order by a) from t",
    "values (1), (enable_logging())",
    "select 1 union all select 2 from enable_logging()",
    "explain select enable_logging()",
    "insert into t select * from enable_logging()",
    "insert into t (a) values (enable_logging())",
    "create table x as select * from enable_logging()",
    "create view x (a) as select * from enable_logging()",
    "create macro m() as enable_logging()",
    "update t set a = enable_logging()",
    "delete from t where enable_logging()",
  };
  for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
    refuses(ways[i], "changes the engine itself");
  refuses("select query('select 1')", "runs a text as SQL");
  refuses("select nextval('s')", "changes something");
  refuses("from histogram('_rock' || 'set.t', v)", "names a table by a text");
  refuses("select current_setting('x')", "shows settings");
  refuses("select read_text('x')", "reads files");
}

static void test_no_calls(void **state)
{
  (void)state;
  accepts("select 'enable_logging()', \"enable_logging\", enable_logging from t /* query('x') */");
  accepts("select $$query('x')$$, E'it\\'s query(1)', count(*) from t");
  accepts("select cast(a as decimal(10, 2)), b in (1, 2), exists (select 1) from t where (a)");
  accepts("select sum(a) over (partition by b), list_transform([1], lambda x: x + 1) from t");
  accepts("select histogram(a) from t");
  // texts near lists of tables
  accepts("select * from (values ('a', 'b'), ('c', 'd')) v(x, y), lateral (values ('e'), ('f')) w");
  accepts("with v(a) as (values ('a'), ('b')) from v union all values ('c'), ('d')");
  accepts("from t, unnest(['a', 'b']), json_each('{}') where a in ('a', 'b') group by 'a', 'b'");
  accepts("from t pivot (count(*) for k in ('a', 'b')) order by ('a'), 'b' limit 1");
  accepts("pivot t on k in ('a', 'b') using sum(v) group by g");
  accepts("select a from t join u on (('a') = u.b) qualify a in ('a', 'b') offset 1");
  accepts("insert into t select a from s on conflict (a) do update set b = 'x', c = ('y')");
  accepts("update t set a = 'x', b = ('y') from s, u where s.a = 'z'");
  accepts("merge into t using s on t.a = s.a when matched then update set b = 'x', c = ('y') "
          "when not matched then insert (a, b) values ('a', 'b')");
  accepts("delete from t using s, u where t.a in ('a', 'b')");
  accepts("select extract(year from a), trim(both 'x/y.z' from a), a is distinct from 'b' from t");
  accepts("select \"\xC3\xA9t\xC3\xA9\" as \xC3\xA9, upper(\"\xC3\xA9\") from \"\xE6\x97\xA5\"");
  accepts("insert into read_events (a, b) values (1, 2)");
  accepts("create table if not exists raw.postgres_x (a int)");
  accepts("create or replace view raw.show (a) as select 1");
  accepts("create index i on raw.postgres_x (a)");
  accepts("create unique index if not exists i on postgres_x (a, lower(b))");
  accepts("create index on only raw.read_x (a)");
  refuses("create index i on t (read_text('x'))", "reads files");
  refuses("create table x as select 1 from t join u on read_text('x') = 1", "reads files");
  refuses("insert into t select 1 as index from u join w on read_text('x') = 1", "reads files");
}

static void test_unknown(void **state)
{
  (void)state;
  const struct rs_callable g = rules("duckdb");
  struct rs_error e = {0};
  struct rs_map unknown;
  rs_map_init(&unknown);
  const char *sql = "select Mine(1), x.\"MINE\"(2), \xC3\xA9(3), upper('a') from t q(a, b)";
  assert_int_equal(judge(&g, sql, &unknown, NULL, &e), RS_OK);
  assert_int_equal(unknown.n, 3);
  assert_string_equal(unknown.v[0].key, "mine");
  assert_string_equal(unknown.v[1].key, "\xC3\xA9");
  assert_string_equal(unknown.v[2].key, "q");
  rs_map_free(&unknown);
}

static void test_unterminated(void **state)
{
  (void)state;
  static const char *const open[] = {
    "select 'a",        "select \"enable_logging", "select /* enable_logging()",
    "select $$a",       "select (enable_logging",  "select upper('a'",
    "select [1, {'a':", "select 1; select 2",      "select )",
  };
  const struct rs_callable g = rules("duckdb");
  for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
    struct rs_error e = {0};
    if (judge(&g, open[i], NULL, NULL, &e) != RS_INVALID) fail_msg("%s: %s", open[i], e.text);
  }
}

static void test_names(void **state)
{
  (void)state;
  refuses("from _rockset.x", "does not exist");
  refuses("from \"_db\" . \"_RockSet\" . x", "does not exist");
  refuses("from '/a/x.csv'", "is a file");
  refuses("from t, 'x.csv'", "is a file");
  refuses("from \"/a/x\".\"csv\"", "names a file");
  refuses("summarize 'x.csv'", "is a file");
  refuses("from duckdb_tables", "shows what is hidden");
  refuses("from main.duckdb_tables", "shows what is hidden");
  refuses("from system . main . \"DuckDB_Tables\"", "shows what is hidden");
  refuses("from pg_class", "shows what is hidden");
  refuses("from pg_toast.pg_toast_1", "shows what is hidden");
  refuses("from pg_toast_temp_1.x", "shows what is hidden");
  refuses("from pg_catalog.pg_class", "shows what is hidden");
  refuses("from (describe)", "lists what is hidden");
  accepts("from pg_prod.users");
  accepts("from raw . pg_users");
  accepts("from \"db\".\"pg_prod\".\"pg_users\" pg_u");
}

/* A file by its name, in each place of a table; tests/attack/files.py finds those of queries. */
static void test_files(void **state)
{
  (void)state;
  static const char *const names[] = {"'d/x.csv'",    "\"d/x.csv\"",         "\"d/x\".csv",
                                      "E'd/x.csv'",   "$$d/x.csv$$",         "\"d/x\" . \"csv\"",
                                      "\"d\\x.csv\"", "\"d/\".\"a\".\"csv\""};
  static const char *const places[] = {
    "from %s",
    "table %s",
    "from a: %s",
    "from \"a\" : %s",
    "from t, a: %s",
    "from only %s",
    "from only (%s)",
    "table only %s",
    "from t as set, %s",
    "from t values, %s",
    "from main.where, %s",
    "from update set, %s",
    "from t trim, %s",
    "select 1 as distinct from %s",
    "select x.distinct from t x, %s",
    "from (%s cross join t)",
    "from t join u on a is distinct from 1, %s",
    "from t join u on mode() within group (order by a) = 1, %s",
    "summarize %s",
    "describe %s",
    "show %s",
    "pivot %s on a",
    "unpivot a: %s on b",
    "select 1 union table %s",
    "update %s set a = 1",
    "update only %s set a = 1",
    "update t set a = 1 from u, %s",
    "delete from %s",
    "delete from only %s",
    "delete from t using %s",
    "delete from t using (%s cross join u)",
    "delete from t using u, %s",
    "merge into t using %s on true when matched then delete",
    "with c as (select 1) merge into t using %s on true when matched then delete",
    "insert into t table %s",
    "insert into trim (from %s)",
    "insert into t as position (from %s)",
    "insert into main.trim (from %s)",
    "create index i on %s (a)",
    "create unique index i on only %s (a)",
    "create table x as table %s",
    "create table x as from t values, %s",
    "create view x as from a: %s",
    "create macro m() as table from %s",
    "analyze %s",
    "vacuum %s",
    "vacuum analyze %s",
    "vacuum (analyze) %s",
    "truncate %s",
    "truncate table %s",
  };
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    for (size_t j = 0; j < sizeof names / sizeof names[0]; j++) {
      char *sql = rs_mprintf(places[i], names[j]);
      refuses(sql, "file");
      rs_free(sql);
    }
}

/* A quoted name elsewhere is a column or an alias, whatever is in it. */
static void test_no_files(void **state)
{
  (void)state;
  static const char *const places[] = {
    "select a as %s, sum(b) %s from t x group by %s having %s > 1 order by %s, a",
    "select t.%s, count(%s), [%s] from t where %s = 1 or a in (%s)",
    "from t join u using (a, %s) join w on t.%s = w.%s and u.%s is distinct from %s",
    "with c(%s) as (select 1) select case when %s then %s end from c",
    "select trim(both from %s), extract(year from %s), cast(%s as int)::text from t",
    "select row_number() over (partition by %s order by %s) from t window %s as (order by %s)",
    "select * exclude (%s) from t",
    "pivot t on %s in (1) using sum(%s) group by %s",
    "create table x (%s int, a int)",
    "create table x as select a as %s from t where %s > 1",
    "create index i on t (%s)",
    "alter table t drop column %s",
    "update t set %s = 1 where %s = 2",
    "insert into t (%s) select %s from u on conflict (a) do update set %s = 1, %s = 2",
    "merge into t using u on t.%s = u.%s when matched then update set %s = u.%s",
    "delete from t where %s = 1 returning %s",
  };
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    const char *n = "\"w/o U.S.\"";
    char *sql = rs_mprintf(places[i], n, n, n, n, n);
    accepts(sql);
    rs_free(sql);
  }
  refuses("delete from t using u where exists (from \"w/o U.S.\")", "names a file");
}

static void test_statements(void **state)
{
  (void)state;
  refuses("set threads = 1", "is a setting");
  refuses("pragma threads = 1", "is no statement of stored SQL");
  refuses("call x()", "is no statement of stored SQL");
  refuses("copy t to 'x'", "works with files");
  refuses("select 1 as a into t", "makes a table of a query");
  refuses("with d as (delete from t returning *) from d", "changes data within a query");
  accepts("set variable x = 1");
}

/* Trust lifts functions and statements; files and the hidden schema stay. */
static void test_trusted(void **state)
{
  (void)state;
  struct rs_callable g = rules("duckdb");
  g.trusted = true;
  accepts_by(&g, "select nextval('s'), current_setting('x') from duckdb_tables()");
  accepts_by(&g, "from query('select 1'), information_schema.sequences, pg_class");
  accepts_by(&g, "set threads = 1");
  accepts_by(&g, "call x()");
  accepts_by(&g, "show all tables");
  refuses_by(&g, "from _rockset.x", "does not exist");
  refuses_by(&g, "from 'x.csv'", "is a file");
  refuses_by(&g, "from \"a.tmp/x.csv\"", "names a file");
  refuses_by(&g, "from read_csv('x')", "reads files");
  refuses_by(&g, "copy t to 'x'", "works with files");
  g.files = true;
  accepts_by(&g, "copy t to 'x'");
  accepts_by(&g, "from read_csv('x'), 'y.csv'");
  refuses_by(&g, "from _rockset.x", "does not exist");
}

static void test_view(void **state)
{
  (void)state;
  const struct rs_callable g = rules("duckdb");
  struct rs_error e = {0};
  struct rs_buf out;
  rs_buf_init(&out, 1 << 20);
  assert_int_equal(judge(&g, "select * from a.information_schema.tables where 1", NULL, &out, &e),
                   0);
  assert_string_equal(rs_buf_text(&out),
                      "select * from (SELECT * FROM a.information_schema.tables WHERE "
                      "table_schema <> '_rockset') AS tables where 1");
  rs_buf_free(&out);
}

static void test_other_engines(void **state)
{
  (void)state;
  const struct rs_callable pg = rules("postgres"), trino = rules("trino");
  refuses_by(&pg, "select pg_read_file('x')", "reads files");
  refuses_by(&pg, "select lo_import('x')", "reads files");
  refuses_by(&pg, "select * from dblink('x', 'y')", "runs a text");
  refuses_by(&pg, "select set_config('a', 'b', false)", "changes something");
  refuses_by(&trino, "select * from table(pg.system.query(query => 'drop table x'))",
             "runs a text");
  refuses_by(&trino, "select * from table(mine(1))", "not known");
  accepts_by(&trino, "select * from table(sequence(1, 3))");
  // catalogs that show no content
  accepts_by(&pg, "select 1 from pg_matviews, pg_catalog.pg_class as c");
  refuses_by(&pg, "select 1 from pg_catalog.pg_authid", "shows what is hidden");
  accepts_by(&trino, "select 1 from system.metadata.materialized_views");
  refuses_by(&pg, "select 1 from pg_views", "shows what is hidden");
  refuses_by(&trino, "select 1 from system.metadata.table_comments", "shows what is hidden");
}

/* SQLite: VACUUM writes a file by any expression, modules and page tables show any schema. */
static void test_sqlite(void **state)
{
  (void)state;
  struct rs_callable g = rules("sqlite");
  static const char *const files[] = {
    "vacuum into 'x'",          "vacuum main into char(47)", "VACUUM\n/* */INTO(select 'x')",
    "vacuum \"main\" into 'x'", "explain vacuum into 'x'",
  };
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    refuses_by(&g, files[i], i == 4 ? "" : "writes a file, which stored SQL may not");
  refuses_by(&g, "create virtual table z using fts5(a)", "is the engine's own to change");
  refuses_by(&g, "select * from dbstat('u')", "shows what is hidden");
  refuses_by(&g, "select * from \"sqlite_dbpage\"", "shows what is hidden");
  refuses_by(&g, "select load_extension('x')", "changes the engine itself");
  refuses_by(&g, "select sqlite_compileoption_get(1)", "shows settings");
  refuses_by(&g, "attach 'x' as y", "works with files");
  accepts_by(&g,
             "insert into t select json_extract(a, '$.x'), glob('a*', b) from json_each('[1]')");
  accepts_by(&g, "select sqlite_version(), \"into\" from t");
  g.trusted = true;
  refuses_by(&g, "vacuum into 'x'", "writes a file, which stored SQL may not");
  g.files = true;
  accepts_by(&g, "vacuum into 'x'");
}

/* Milliseconds of processor time for `bytes` of calls; names: how many. */
static double time_of(size_t bytes, size_t *names)
{
  const struct rs_callable g = rules("duckdb");
  struct rs_error e = {0};
  struct rs_buf sql, out;
  struct rs_map unknown;
  rs_map_init(&unknown);
  rs_buf_init(&sql, 4 << 20);
  rs_buf_init(&out, 4 << 20);
  rs_buf_str(&sql, "select 1");
  for (size_t i = 0; sql.n < bytes; i++)
    rs_buf_printf(&sql, ",\n  mine_%zu(\"a\".b, upper(trim('x'))) /* c */ as n%zu", i, i);
  rs_buf_str(&sql, " from information_schema.tables");
  struct timespec a, b;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  assert_int_equal(judge(&g, rs_buf_text(&sql), &unknown, &out, &e), RS_OK);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  *names = unknown.n;
  rs_buf_free(&sql);
  rs_buf_free(&out);
  rs_map_free(&unknown);
  return 1e3 * (double)(b.tv_sec - a.tv_sec) + 1e-6 * (double)(b.tv_nsec - a.tv_nsec);
}

static void test_time(void **state)
{
  (void)state;
  size_t names;
  double model = time_of(50 << 10, &names);
  assert_true(names > 500);
  double long_one = time_of(1 << 20, &names);
  assert_true(names > 10000);
  printf("# a model of 50 KB: %.1f ms; a statement of 1 MB: %.0f ms\n", model, long_one);
  assert_true(long_one < 1000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_calls),         cmocka_unit_test(test_no_calls),
    cmocka_unit_test(test_unknown),       cmocka_unit_test(test_unterminated),
    cmocka_unit_test(test_names),         cmocka_unit_test(test_files),
    cmocka_unit_test(test_no_files),      cmocka_unit_test(test_statements),
    cmocka_unit_test(test_trusted),       cmocka_unit_test(test_view),
    cmocka_unit_test(test_other_engines), cmocka_unit_test(test_sqlite),
    cmocka_unit_test(test_time),
  };
  return RS_RUN(tests);
}
