/*
** Names: which collections a statement reads and writes, what the callback may change, and what
** known columns do. Also the values of parameters and their markers.
*/
#include "rsql_fixture.h"

/* ---- collections ----------------------------------------------------------------------------- */

static struct rs_column movies[] = {
  {"_id", "VARCHAR", RS_T_TEXT, false},
  {"Title", "VARCHAR", RS_T_TEXT, false},
  {"year", "BIGINT", RS_T_INT, false},
  {"tags", "VARCHAR[]", RS_T_JSON, false},
  {"steps", "STRUCT(\"name\" VARCHAR, n BIGINT)[]", RS_T_JSON, false},
  {"obj",
   "STRUCT(a STRUCT(\"b c\" DATE), m MAP(VARCHAR, "
   "DECIMAL(5,2)))",
   RS_T_JSON, false},
  {"j", "JSON", RS_T_JSON, false}};
static struct rs_columns catalog = {movies, sizeof movies / sizeof movies[0]};
static struct rs_column odd[] = {
  {.name = "o", .native = "STRUCT(a DOUBLE, b VARCHAR)", .type = RS_T_JSON, .side = RS_SIDE_ODD},
  {.name = "l", .native = "DOUBLE[]", .type = RS_T_JSON, .side = RS_SIDE_ODD}};
static struct rs_columns odd_catalog = {odd, sizeof odd / sizeof odd[0]};

/* alias -> commons.movies, denied -> no, movies -> its columns; counts its calls in *ctx. */
static enum rs_code relation(void *ctx, struct rs_rsql_relation *rel, bool write,
                             struct rs_error *e)
{
  (*(int *)ctx)++;
  assert_false(write && strcmp(rel->name, "target") != 0);
  if (strcmp(rel->name, "denied") == 0) {
    return rs_fail(e, RS_FORBIDDEN, "collection 'denied': not yours");
  }
  if (strcmp(rel->name, "own") == 0) rel->workspace = "_rockset";
  if (strcmp(rel->name, "alias") == 0) {
    rel->workspace = "commons";
    rel->name = "movies";
  }
  if (strcmp(rel->name, "movies") == 0) rel->columns = &catalog;
  if (strcmp(rel->name, "odd") == 0) rel->columns = &odd_catalog;
  return RS_OK;
}

static const char *with_catalog(struct translation *t, const char *sql)
{
  int calls = 0;
  const struct rs_rsql_env env = {.relation = relation, .ctx = &calls};
  return translate_as(t, sql, &env, "duckdb", false);
}

/* `ws.name>ws.name`, `!` for the written one. */
static void expect_collections(const char *sql, const char *list)
{
  struct translation t;
  struct rs_buf b;
  size_t n;
  (void)with_catalog(&t, sql);
  if (t.rc != RS_OK) fail_msg("%s: %s", sql, t.e.text);
  const struct rs_rsql_collection *c = rs_rsql_collections(t.stmt, &n);
  rs_buf_init(&b, 10000);
  for (size_t i = 0; i < n; i++) {
    rs_buf_printf(&b, "%s%s%s.%s", i > 0 ? " " : "", c[i].written ? "!" : "", c[i].workspace,
                  c[i].name);
    if (strcmp(c[i].to_name, c[i].name) != 0) {
      rs_buf_printf(&b, ">%s.%s", c[i].to_workspace, c[i].to_name);
    }
  }
  if (strcmp(rs_buf_text(&b), list) != 0) fail_msg("%s\n%s\nnot %s", sql, rs_buf_text(&b), list);
  rs_buf_free(&b);
  translation_free(&t);
}

static void test_collections(void **state)
{
  (void)state;
  expect_collections("SELECT 1", "");
  expect_collections("SELECT * FROM b, a, b x, commons.b y", "commons.b commons.a");
  expect_collections("SELECT * FROM x.y.z", "x.y.z");
  expect_collections("SELECT * FROM \"x y\".\"z.w\"", "x y.z.w");
  expect_collections("SELECT * FROM alias JOIN movies ON true",
                     "commons.alias>commons.movies commons.movies");
  expect_collections(
    "SELECT (SELECT 1 FROM a), EXISTS (SELECT 1 FROM b) FROM c WHERE x IN (TABLE d)",
    "commons.c commons.a commons.b commons.d");
  expect_collections("SELECT * FROM TABLE('t'), TABLE(['w', 'u'])", "commons.t w.u");
  expect_collections("INSERT INTO w.target SELECT * FROM a", "!w.target commons.a");
  expect_collections("INSERT INTO target SELECT * FROM target", "!commons.target");
  expect_collections("DESCRIBE w.a", "w.a");
  expect_collections("SELECT * FROM _events", "commons._events");
  expect_collections("OPTION(default_workspace='w') SELECT * FROM a, v.b", "w.a v.b");
  // scopes of WITH
  expect_collections("WITH a AS (SELECT * FROM b) SELECT * FROM a, commons.a",
                     "commons.b commons.a");
  expect_collections("WITH a AS (SELECT * FROM a) SELECT * FROM A", "commons.a");
  expect_collections("WITH RECURSIVE a AS (SELECT * FROM a) SELECT * FROM a", "");
  expect_collections("WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM b", "");
  expect_collections("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a", "commons.a");
  expect_collections("WITH a AS (SELECT 1) SELECT (SELECT 1 FROM a) FROM (SELECT 1 FROM a) x", "");
  expect_collections("INSERT INTO target WITH a AS (SELECT 1) SELECT * FROM a", "!commons.target");
}

static void test_refused(void **state)
{
  static const struct {
    const char *sql;
    enum rs_code code;
    const char *text;
    size_t column;
  } cases[] = {
    {"SELECT * FROM _rockset.x", RS_NOT_FOUND, "collection '_rockset.x' does not exist", 15},
    {"SELECT * FROM \"_ROCKSET\".x", RS_NOT_FOUND, "collection '_ROCKSET.x' does not exist", 15},
    {"INSERT INTO _rockset.x SELECT 1", RS_NOT_FOUND, "'_rockset.x' does not exist", 13},
    {"DESCRIBE _rockset.x", RS_NOT_FOUND, "'_rockset.x' does not exist", 10},
    {"OPTION(default_workspace='_rockset') SELECT * FROM x", RS_NOT_FOUND, "'_rockset.x'", 52},
    {"SELECT * FROM TABLE(['_rockset', 'x'])", RS_NOT_FOUND, "'_rockset.x'", 0},
    {"SELECT * FROM own", RS_NOT_FOUND, "collection 'commons.own' does not exist", 15},
    {"SELECT * FROM information_schema.tables", RS_NOT_FOUND, "does not exist", 15},
    {"SELECT * FROM main.duckdb_tables", RS_NOT_FOUND, "does not exist", 15},
    {"SELECT * FROM read_text('/etc/passwd')", RS_NOT_FOUND, "function `read_text` not found", 15},
    {"SELECT * FROM TABLE(read_csv('x'))", RS_NOT_FOUND, "function `read_csv` not found", 0},
    {"SELECT getenv('HOME')", RS_NOT_FOUND, "function `getenv` not found", 8},
    {"SELECT a, b FROM a, denied", RS_FORBIDDEN, "collection 'denied': not yours", 21},
    {"SELECT * FROM TABLE(1)", RS_INVALID, "a name must be a string literal", 21},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct translation t;
    (void)with_catalog(&t, cases[i].sql);
    if (t.rc != cases[i].code || strstr(t.e.text, cases[i].text) == NULL ||
        (cases[i].column > 0 && t.pos.column != cases[i].column)) {
      fail_msg("%s: %s: %s (column %zu)", cases[i].sql, rs_code_name(t.rc), t.e.text, t.pos.column);
    }
    translation_free(&t);
  }
}

static void test_one_question_each(void **state)
{
  struct translation t;
  int calls = 0;
  const struct rs_rsql_env env = {.relation = relation, .ctx = &calls, .workspace = "w"};
  (void)state;
  (void)translate_as(&t, "SELECT * FROM a, b, a x, w.a y", &env, "duckdb", false);
  assert_int_equal(t.rc, RS_OK);
  assert_int_equal(calls, 2);
  assert_null(rs_rsql_target(t.stmt));
  translation_free(&t);
}

static void test_target(void **state)
{
  struct translation t;
  size_t n;
  (void)state;
  assert_string_equal(with_catalog(&t, "DESCRIBE w.alias OPTION(max_field_depth=1, x='y', z)"), "");
  assert_string_equal(rs_rsql_target(t.stmt)->workspace, "w");
  assert_string_equal(rs_rsql_target(t.stmt)->to_name, "movies");
  const struct rs_rsql_option *o = rs_rsql_options(t.stmt, &n);
  assert_int_equal(n, 3);
  assert_string_equal(o[0].name, "max_field_depth");
  assert_string_equal(o[0].value, "1");
  assert_string_equal(o[1].value, "y");
  assert_string_equal(o[2].value, "true");
  translation_free(&t);
}

static void test_explain(void **state)
{
  struct translation t;
  struct rs_rsql_pos pos = {0, 0};
  struct rs_error e = {0};
  (void)state;
  (void)with_catalog(&t, "SELECT COUNT(*),\n COUT(1), cout(2) FROM movies");
  (void)rs_fail(&e, RS_NOT_FOUND, "Scalar Function with name cout does not exist!");
  (void)snprintf(e.function, sizeof e.function, "cout");
  rs_rsql_explain(t.stmt, &pos, &e);
  assert_string_equal(e.text, "Function `COUT` not found.");
  assert_int_equal(e.code, RS_NOT_FOUND);
  assert_int_equal(pos.line, 2);
  assert_int_equal(pos.column, 2);
  // one of the text that is sent is none of the user's
  (void)rs_fail(&e, RS_INVALID, "line 1:84: Function 'list_has' not registered");
  (void)snprintf(e.function, sizeof e.function, "list_has");
  rs_rsql_explain(t.stmt, &pos, &e);
  assert_string_equal(e.text, "Function 'list_has' not registered");
  // raised by the text itself, about its first byte
  (void)rs_fail(&e, RS_REMOTE, "Invalid Input Error: [rsql 0:no [x]]; and more");
  rs_rsql_explain(t.stmt, &pos, &e);
  assert_string_equal(e.text, "no [x]");
  assert_int_equal(pos.line, 1);
  assert_int_equal(pos.column, 1);
  (void)rs_fail(&e, RS_REMOTE, "[rsql 99999999999999999999:");
  rs_rsql_explain(t.stmt, &pos, &e);
  assert_string_equal(e.text, "[rsql 99999999999999999999:");
  translation_free(&t);
}

/* ---- columns --------------------------------------------------------------------------------- */

static const char *const columns[][2] = {
  {"SELECT Title, missing, _meta FROM movies",
   "SELECT \"Title\", NULL AS \"missing\", NULL AS \"_meta\" FROM \"commons\".\"movies\""},
  {"SELECT m.missing, n.x FROM movies m, other n",
   "SELECT NULL AS \"missing\", \"n\".\"x\" FROM \"commons\".\"movies\" AS \"m\", "
   "\"commons\".\"other\" AS \"n\""},
  {"SELECT missing FROM movies, other", // it may be other's
   "SELECT \"missing\" FROM \"commons\".\"movies\", \"commons\".\"other\""},
  {"SELECT alias.Title, commons.alias.year FROM alias",
   "SELECT \"alias\".\"Title\", \"alias\".\"year\" FROM \"commons\".\"movies\" AS \"alias\""},
  {"SELECT obj.a.`b c`, obj.zz, obj.m.k, obj.a.`b c`.d FROM movies",
   "SELECT \"obj\".\"a\".\"b c\", NULL AS \"zz\", \"obj\".\"m\"['k'] AS \"k\", "
   "NULL AS \"d\" FROM \"commons\".\"movies\""},
  // a scalar has neither fields nor elements
  {"SELECT Title.x, Title[1] AS y, obj.a[2] AS z, obj.a.`b c`[1].d AS w FROM movies",
   "SELECT NULL AS \"x\", NULL AS \"y\", NULL AS \"z\", NULL AS \"w\" FROM "
   "\"commons\".\"movies\""},
  {"SELECT j.a.b[1].c FROM movies",
   "SELECT json_extract(\"j\", '$.\"a\".\"b\"[0].\"c\"') AS \"c\" FROM "
   "\"commons\".\"movies\""},
  {"SELECT s.name, n, zz FROM movies m, UNNEST(m.steps) s",
   "SELECT \"s~1\".\"name\", \"s~1\".\"n\", \"zz\" FROM (SELECT *, unnest(\"m\".\"steps\") "
   "AS \"s~1\" FROM \"commons\".\"movies\" AS \"m\") AS \"m\""},
  {"SELECT s.* FROM movies m, UNNEST(m.steps) s",
   "SELECT \"s~1\".\"name\" AS \"name\", \"s~1\".\"n\" AS \"n\" FROM (SELECT *, "
   "unnest(\"m\".\"steps\") AS \"s~1\" FROM \"commons\".\"movies\" AS \"m\") AS \"m\""},
  {"SELECT *, 1 AS year FROM movies",
   "SELECT * EXCLUDE (\"year\"), 1 AS \"year\" FROM \"commons\".\"movies\""},
  {"SELECT * EXCEPT(year, missing) FROM movies",
   "SELECT * EXCLUDE (\"year\") FROM \"commons\".\"movies\""},
  {"SELECT obj.a.* FROM movies",
   "SELECT \"obj\".\"a\".\"b c\" AS \"b c\" FROM \"commons\".\"movies\""},
  {"SELECT x.y, x.Title, x.z FROM (SELECT year AS y, * FROM movies) x",
   "SELECT \"x\".\"y\", \"x\".\"Title\", NULL AS \"z\" FROM (SELECT \"year\" AS \"y\", * "
   "FROM \"commons\".\"movies\") AS \"x\""},
  {"WITH c(p, q) AS (SELECT year, Title FROM movies) SELECT p, q, r FROM c",
   "WITH \"c\"(\"p\", \"q\") AS (SELECT \"year\", \"Title\" FROM \"commons\".\"movies\") SELECT "
   "\"p\", \"q\", NULL AS \"r\" FROM \"c\""},
  {"SELECT year y, y + 1 z, x FROM movies WHERE y > 1 GROUP BY y ORDER BY z, x",
   "SELECT \"year\" AS \"y\", \"y\" + 1::BIGINT AS \"z\", NULL AS \"x\" FROM "
   "\"commons\".\"movies\" WHERE \"y\" > 1 GROUP BY \"y\" ORDER BY \"z\", (SELECT NULL)"},
  {"SELECT (SELECT max(m.year + b) FROM other o) v FROM movies m",
   "SELECT (SELECT max(\"m\".\"year\" + \"b\") AS \"?max\" FROM \"commons\".\"other\" AS \"o\") AS "
   "\"v\" FROM \"commons\".\"movies\" AS \"m\""},
  {"SELECT LENGTH(tags) a, LENGTH(Title) b, SUM(year) c, year = '1' d FROM movies",
   "SELECT len(\"tags\") AS \"a\", length(\"Title\") AS \"b\", CAST(sum(\"year\") AS BIGINT) AS "
   "\"c\", CAST(NULL AS BOOLEAN) AS \"d\" FROM \"commons\".\"movies\""},
  {"SELECT FIELD('movies', 'obj.zz') a FROM movies",
   "SELECT NULL AS \"a\" FROM \"commons\".\"movies\""},
  // comparisons, joins and orders read the typed column, whatever lies beside it
  {"SELECT COUNT(*) n FROM odd x JOIN odd y ON x.o.a = y.o.a WHERE x.o.a > 5 AND y.l[1] IS NULL "
   "ORDER BY MIN(x.o.b)",
   "SELECT count(*) AS \"n\" FROM \"commons\".\"odd\" AS \"x\" INNER JOIN \"commons\".\"odd\" AS "
   "\"y\" ON \"x\".\"o\".\"a\" = \"y\".\"o\".\"a\" WHERE (\"x\".\"o\".\"a\" > 5) AND "
   "(\"y\".\"l\"[1] IS NULL) ORDER BY min(\"x\".\"o\".\"b\")"},
  {"SELECT e FROM odd, UNNEST(odd.l AS e) WHERE e > 5",
   "SELECT \"e~1\" AS \"e\" FROM (SELECT *, unnest(\"odd\".\"l\") AS \"e~1\" FROM "
   "\"commons\".\"odd\") AS \"odd\" WHERE \"e~1\" > 5"},
  {"SELECT o.b IS UNDEFINED AS u FROM odd",
   "SELECT (\"o\".\"b\" IS NULL AND json_extract(CASE WHEN \"o~x\" >= '~' THEN "
   "CAST(substr(\"o~x\", 2) AS JSON) END, '$.\"b\"') IS NULL) AS \"u\" FROM "
   "\"commons\".\"odd\""},
};

static void test_columns(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
    struct translation t;
    const char *got = with_catalog(&t, columns[i][0]);
    if (t.rc != RS_OK) fail_msg("%s: %s", columns[i][0], t.e.text);
    if (strcmp(got, columns[i][1]) != 0) {
      fail_msg("%s\ngives %s\nnot   %s", columns[i][0], got, columns[i][1]);
    }
    translation_free(&t);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_collections),       cmocka_unit_test(test_refused),
    cmocka_unit_test(test_one_question_each), cmocka_unit_test(test_target),
    cmocka_unit_test(test_explain),           cmocka_unit_test(test_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
