/*
** The SQL adapter on the real DuckDB: relations, workspaces, materializations, conflicts.
*/
#include "src/sql/statement.h"
#include "sql_fixture.h"

#define REL(w, n) (&(const struct rs_relation){.workspace = w, .name = n})

/* ---- relations ------------------------------------------------------------------------------- */

static void test_kind_and_describe(void **state)
{
  struct fixture *f = *state;
  enum rs_relation_kind kind;
  struct rs_columns c;
  run(f, "CREATE SCHEMA commons");
  run(f, "CREATE TABLE commons.movies (\"Title\" VARCHAR, year INTEGER, score DECIMAL(5,2))");
  run(f, "CREATE VIEW commons.good AS SELECT \"Title\" FROM commons.movies");
  expect_ok(f, rs_session_describe(f->s, REL("commons", "movies"), NULL, &kind, &f->e));
  assert_int_equal(kind, RS_REL_TABLE);
  expect_ok(f, rs_session_describe(f->s, REL("Commons", "GOOD"), NULL, &kind, &f->e));
  assert_int_equal(kind, RS_REL_VIEW);
  expect_ok(f, rs_session_describe(f->s, REL("nosuch", "movies"), NULL, &kind, &f->e));
  assert_int_equal(kind, RS_REL_NONE);
  expect_ok(f, rs_session_describe(f->s, REL("commons", "movies"), &c, &kind, &f->e));
  assert_int_equal(kind, RS_REL_TABLE);
  assert_int_equal(c.n, 3);
  assert_string_equal(c.v[0].name, "Title");
  assert_int_equal(c.v[1].type, RS_T_INT);
  assert_int_equal(c.v[2].type, RS_T_DECIMAL);
  rs_columns_free(&c);
}

static void test_not_found(void **state)
{
  struct fixture *f = *state;
  struct rs_columns c;
  enum rs_relation_kind kind;
  run(f, "CREATE SCHEMA commons");
  run(f, "CREATE TABLE commons.movies (a INTEGER)");
  expect_error(f, rs_session_describe(f->s, REL("commons", "movis"), &c, &kind, &f->e),
               RS_NOT_FOUND,
               "collection 'commons.movis' does not exist in target 'dev'; did you mean "
               "'commons.movies'?");
  expect_error(f, rs_session_describe(f->s, REL("other", "movies"), &c, NULL, &f->e), RS_NOT_FOUND,
               "did you mean 'commons.movies'?");
  expect_error(f, rs_session_describe(f->s, REL("zz", "qqqqqqqq"), &c, NULL, &f->e), RS_NOT_FOUND,
               "collection 'zz.qqqqqqqq' does not exist in target 'dev'");
  assert_null(strstr(f->e.text, "did you mean"));
  // a view whose table is gone names the view
  run(f, "CREATE VIEW commons.v AS SELECT * FROM commons.movies");
  run(f, "DROP TABLE commons.movies");
  expect_error(f, rs_session_describe(f->s, REL("commons", "v"), &c, NULL, &f->e), RS_NOT_FOUND,
               "view 'commons.v': ");
}

static enum rs_code add_relation(void *ctx, const struct rs_relation_info *i)
{
  rs_buf_printf(ctx, "%s.%s:%d:%lld:%s|", i->workspace, i->name, (int)i->kind, (long long)i->rows,
                i->sql != NULL ? i->sql : "-");
  return RS_OK;
}

static enum rs_code add_workspace(void *ctx, const char *name)
{
  rs_buf_printf(ctx, "%s|", name);
  return RS_OK;
}

static const char *relations(struct fixture *f, const char *workspace)
{
  rs_buf_clear(&f->got);
  expect_ok(f, rs_session_relations(f->s, NULL, workspace, add_relation, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static const char *workspaces(struct fixture *f)
{
  rs_buf_clear(&f->got);
  expect_ok(f, rs_session_workspaces(f->s, NULL, add_workspace, &f->got, &f->e));
  return rs_buf_text(&f->got);
}

static void test_lists(void **state)
{
  struct fixture *f = *state;
  assert_string_equal(workspaces(f), "");
  run(f, "CREATE SCHEMA b");
  run(f, "CREATE SCHEMA a");
  run(f, "CREATE SCHEMA _rockset");
  run(f, "CREATE TABLE _rockset.secret (a INTEGER)");
  run(f, "CREATE TEMP TABLE temporary (a INTEGER)");
  run(f, "CREATE TABLE b.t AS SELECT * FROM range(7)");
  run(f, "CREATE TABLE b.__rs_tmp_t_12345678 (a INTEGER)");
  run(f, "CREATE VIEW b.v AS SELECT 1 AS one");
  run(f, "CREATE VIEW b.\"as\"(x, \"y \"\"z\") AS SELECT 1, 2");
  assert_string_equal(workspaces(f), "a|b|");
  assert_string_equal(relations(f, NULL),
                      "b.as:2:-1:SELECT * FROM (SELECT 1, 2) AS v(x, \"y \"\"z\")|b.t:1:7:-|"
                      "b.v:2:-1:SELECT 1 AS one|");
  assert_string_equal(relations(f, "a"), "");
  run(f, "CREATE TABLE main.x (a INTEGER)"); // main is listed once it holds something
  assert_string_equal(workspaces(f), "a|b|main|");
  assert_string_equal(relations(f, "MAIN"), "main.x:1:0:-|");
}

/* The callbacks may use the session. */
static enum rs_code ask_inside(void *ctx, const struct rs_relation_info *i)
{
  struct fixture *f = ctx;
  enum rs_relation_kind kind;
  return rs_session_describe(f->s, REL(i->workspace, i->name), NULL, &kind, &f->e);
}

static void test_session_in_callback(void **state)
{
  struct fixture *f = *state;
  run(f, "CREATE TABLE x (a INTEGER)");
  expect_ok(f, rs_session_relations(f->s, NULL, NULL, ask_inside, f, &f->e));
}

/* ---- literals and parameters ----------------------------------------------------------------- */

static void test_literals_read_back(void **state)
{
  struct fixture *f = *state;
  static const struct {
    struct rs_value v;
    const char *type;
  } cases[] = {
    {{.kind = RS_INT, .i = INT64_MIN}, "BIGINT"},
    {{.kind = RS_INT, .i = INT64_MAX}, "BIGINT"},
    {{.kind = RS_FLOAT, .f = 0.1}, "DOUBLE"},
    {{.kind = RS_FLOAT, .f = 4.9e-324}, "DOUBLE"},
    {{.kind = RS_FLOAT, .f = 1.7976931348623157e308}, "DOUBLE"},
    {{.kind = RS_FLOAT, .f = 1.5}, "DOUBLE"},
    {{.kind = RS_BOOL, .i = 1}, "BOOLEAN"},
    {{.kind = RS_TEXT, .s = {"it's \\ \0 $$ \xE2\x82\xAC", 15}}, "VARCHAR"},
    {{.kind = RS_BYTES, .s = {"\0\xFF'\\x", 5}}, "BLOB"},
    {{.kind = RS_JSON, .s = {"{\"a\":\"'\"}", 9}}, "JSON"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rs_buf b;
    rs_buf_init(&b, 1 << 16);
    rs_buf_str(&b, "SELECT typeof(x), x FROM (SELECT ");
    rs_dialect_literal(rs_dialect_find("duckdb"), &b, &cases[i].v);
    rs_buf_str(&b, " AS x)");
    struct rs_rows *r = NULL;
    struct rs_value type, v;
    const struct rs_value *want = &cases[i].v;
    const struct rs_statement st = {.sql = rs_buf_text(&b)};
    expect_ok(f, rs_session_query(f->s, &st, &r, &f->e));
    expect_ok(f, rs_rows_next(r, &f->e));
    rs_rows_get(r, 0, &type);
    assert_true(rs_eqn(cases[i].type, type.s.p, type.s.n));
    rs_rows_get(r, 1, &v);
    assert_int_equal(v.kind, want->kind);
    if (v.kind == RS_FLOAT) {
      assert_true(v.f == want->f);
    } else if (v.kind == RS_INT || v.kind == RS_BOOL) {
      assert_true(v.i == want->i);
    } else {
      assert_int_equal(v.s.n, want->s.n);
      assert_memory_equal(v.s.p, want->s.p, v.s.n);
    }
    rs_rows_close(r);
    rs_buf_free(&b);
  }
}

static void test_parameters_bind(void **state)
{
  struct fixture *f = *state;
  const char *sql = "SELECT ?2 || ?1 || ?2, '?'";
  struct rs_buf b;
  struct rs_map names;
  size_t *order, n;
  rs_buf_init(&b, 1 << 16);
  rs_map_init(&names);
  expect_ok(f, rs_sqltext_params(sql, strlen(sql), rs_dialect_find("duckdb"), &b, &names, &order,
                                 &n, &f->e));
  const struct rs_value given[] = {{.kind = RS_TEXT, .s = {"a", 1}},
                                   {.kind = RS_TEXT, .s = {"b", 1}}};
  struct rs_value params[2];
  assert_int_equal(n, 2);
  for (size_t i = 0; i < n; i++) params[i] = given[order[i]];
  struct rs_rows *r = NULL;
  struct rs_value v;
  const struct rs_statement st = {.sql = rs_buf_text(&b), .params = params, .nparams = n};
  expect_ok(f, rs_session_query(f->s, &st, &r, &f->e));
  expect_ok(f, rs_rows_next(r, &f->e));
  rs_rows_get(r, 0, &v);
  assert_true(rs_eqn("bab", v.s.p, v.s.n));
  rs_rows_close(r);
  rs_free(order);
  rs_map_free(&names);
  rs_buf_free(&b);
}

/* ---- workspaces and collections -------------------------------------------------------------- */

static void test_workspaces(void **state)
{
  struct fixture *f = *state;
  expect_ok(f, rs_session_create(f->s, RS_WORKSPACE("we\"ird ws"), false, &f->e));
  expect_ok(f, rs_session_create(f->s, RS_WORKSPACE("we\"ird ws"), true, &f->e));
  expect_error(f, rs_session_create(f->s, RS_WORKSPACE("we\"ird ws"), false, &f->e), RS_EXISTS,
               "workspace 'we\"ird ws' exists");
  expect_ok(f, rs_session_create(f->s, REL("we\"ird ws", "c.1"), false, &f->e));
  expect_error(f, rs_session_drop(f->s, RS_WORKSPACE("we\"ird ws"), RS_REL_NONE, 0, &f->e),
               RS_CONSTRAINT, "workspace 'we\"ird ws' holds 1 collection or view ('c.1')");
  expect_ok(f,
            rs_session_drop(f->s, RS_WORKSPACE("we\"ird ws"), RS_REL_NONE, RS_DROP_CASCADE, &f->e));
  expect_error(
    f, rs_session_drop(f->s, RS_WORKSPACE("we\"ird ws"), RS_REL_NONE, RS_DROP_CASCADE, &f->e),
    RS_NOT_FOUND, "workspace 'we\"ird ws' does not exist in target 'dev'");
  expect_ok(f, rs_session_create(f->s, RS_WORKSPACE("empty"), false, &f->e));
  expect_ok(f, rs_session_drop(f->s, RS_WORKSPACE("empty"), RS_REL_NONE, 0, &f->e));
}

static void test_collections(void **state)
{
  struct fixture *f = *state;
  struct rs_columns c;
  enum rs_relation_kind kind;
  expect_ok(f, rs_session_create(f->s, REL("new", "c"), false, &f->e));
  expect_ok(f, rs_session_describe(f->s, REL("new", "c"), &c, &kind, &f->e));
  assert_int_equal(c.n, 2);
  assert_string_equal(c.v[0].name, "_id");
  assert_int_equal(c.v[0].type, RS_T_TEXT);
  assert_string_equal(c.v[1].name, "_event_time");
  assert_int_equal(c.v[1].type, RS_T_TIMESTAMP);
  rs_columns_free(&c);
  expect_error(f, rs_session_create(f->s, REL("new", "C"), false, &f->e), RS_EXISTS,
               "collection 'new.C' exists");
  run(f, "CREATE VIEW new.v AS SELECT 1 AS a");
  expect_error(f, rs_session_create(f->s, REL("new", "v"), false, &f->e), RS_EXISTS,
               "view 'new.v' exists");
  expect_ok(f, rs_session_drop(f->s, REL("new", "v"), RS_REL_NONE, 0, &f->e));
  expect_ok(f, rs_session_drop(f->s, REL("new", "c"), RS_REL_NONE, 0, &f->e));
  expect_ok(f, rs_session_drop(f->s, REL("new", "c"), RS_REL_NONE, RS_DROP_IF_EXISTS, &f->e));
  expect_error(f, rs_session_drop(f->s, REL("new", "c"), RS_REL_NONE, 0, &f->e), RS_NOT_FOUND,
               "'new.c'");
}

/* ---- replace --------------------------------------------------------------------------------- */

static void replace(struct fixture *f, const char *sql, int64_t want)
{
  int64_t rows = -2;
  expect_ok(f, rs_session_replace(f->s, REL("w", "t"), sql, NULL, &rows, &f->e));
  assert_int_equal(rows, want);
}

static void test_replace_table(void **state)
{
  struct fixture *f = *state;
  replace(f, "SELECT 1 AS a", 1); // makes the workspace
  run(f, "CREATE INDEX i ON w.t(a)");
  replace(f, "SELECT a + 1 AS a FROM w.t UNION ALL SELECT 9 -- comment", 2); // reads itself
  expect_answer(f, "SELECT a FROM w.t ORDER BY a", "2; 9");
  replace(f, "WITH x AS (SELECT 5 AS a) SELECT * FROM x WHERE false", 0);
  replace(f, "FROM range(3) r(a)", 3);
  replace(f, "VALUES (1), (2)", 2);
  run(f, "DROP TABLE w.t");
  run(f, "CREATE VIEW w.t AS SELECT 1 AS a");
  replace(f, "SELECT a, 'x' AS b FROM w.t", 1); // view to table, reading the view
  expect_answer(f, "SELECT * FROM w.t", "1 'x'");
  expect_ok(f, rs_session_replace(f->s, REL("w", "t"), "SELECT 7 AS a", NULL, NULL, &f->e));
  assert_string_equal(relations(f, NULL), "w.t:1:1:-|");
}

/* What a session believes of a workspace or of a name is no more than a guess. */
static void test_replace_guesses(void **state)
{
  struct fixture *f = *state;
  struct rs_session *other = open_session(f->t);
  replace(f, "SELECT 1 AS a", 1);
  run_on(other, "DROP SCHEMA w CASCADE");
  replace(f, "SELECT 2 AS a", 1);
  expect_answer(f, "SELECT a FROM w.t", "2");
  // a view that looks like a table: it has row numbers
  run_on(other, "DROP TABLE w.t");
  run_on(other, "CREATE VIEW w.t AS SELECT 7 AS rowid");
  replace(f, "SELECT range AS a FROM range(3)", 3);
  expect_answer(f, "SELECT count(*) FROM w.t", "3");
  run_on(other, "DROP TABLE w.t");
  replace(f, "SELECT 4 AS a WHERE false", 0);
  expect_answer(f, "SELECT count(*) FROM w.t", "0");
  rs_session_close(other);
}

static void test_replace_fails(void **state)
{
  struct fixture *f = *state;
  replace(f, "SELECT 1 AS a", 1);
  int64_t rows;
  static const struct {
    const char *sql;
    enum rs_code code;
  } bad[] = {
    {"SELECT CAST(x AS INTEGER) FROM (SELECT CASE WHEN range = 90000 THEN 'x' ELSE '1' END AS x"
     " FROM range(100000))",
     RS_REMOTE},
    {"SELECT error('boom') AS a", RS_REMOTE},
    {"SELECT nosuch FROM w.t", RS_INVALID},
    {"SELECT * FROM w.nosuch", RS_NOT_FOUND},
    {"SELECT (1", RS_INVALID},
    {"SELECT 1); DROP TABLE w.t; SELECT (1", RS_INVALID},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    expect_error(f, rs_session_replace(f->s, REL("w", "t"), bad[i].sql, NULL, &rows, &f->e),
                 bad[i].code, "");
    expect_answer(f, "SELECT a FROM w.t", "1");
    assert_false(rs_session_state(f->s).in_transaction);
    // a view is not run: only what binding sees fails
    expect_error(f, rs_session_replace(f->s, REL("w", "v"), bad[i].sql, RS_AS_VIEW, NULL, &f->e),
                 i < 2 ? RS_OK : bad[i].code, "");
    expect_ok(
      f, rs_session_drop(f->s, REL("w", "v"), RS_REL_NONE, i >= 2 ? RS_DROP_IF_EXISTS : 0, &f->e));
  }
  assert_string_equal(relations(f, NULL), "w.t:1:1:-|");
}

static void test_replace_view(void **state)
{
  struct fixture *f = *state;
  const struct rs_relation *v = REL("w", "v");
  expect_ok(f, rs_session_replace(f->s, v, "SELECT 1 AS a", RS_AS_VIEW, NULL, &f->e));
  expect_ok(f, rs_session_replace(f->s, v, "SELECT 2 AS b -- c", RS_AS_VIEW, NULL, &f->e));
  expect_answer(f, "SELECT b FROM w.v", "2");
  expect_error(f,
               rs_session_replace(f->s, v, "SELECT b + 1 AS b FROM w.v", RS_AS_VIEW, NULL, &f->e),
               RS_INVALID, "view 'w.v': a view can't read the relation that it replaces");
  expect_answer(f, "SELECT b FROM w.v", "2");
  run(f, "DROP VIEW w.v");
  run(f, "CREATE TABLE w.v AS SELECT 3 AS c");
  expect_error(f, rs_session_replace(f->s, v, "SELECT * FROM w.v", RS_AS_VIEW, NULL, &f->e),
               RS_NOT_FOUND, "a view can't read the relation that it replaces");
  expect_answer(f, "SELECT c FROM w.v", "3");
  expect_ok(f,
            rs_session_replace(f->s, v, "SELECT 4 AS d", RS_AS_VIEW, NULL, &f->e)); // table to view
  expect_answer(f, "SELECT d FROM w.v", "4");
  expect_error(
    f, rs_session_replace(f->s, REL("w", "n"), "SELECT * FROM w.n", RS_AS_VIEW, NULL, &f->e),
    RS_NOT_FOUND, "n");
}

static void test_weird_names(void **state)
{
  struct fixture *f = *state;
  static const char *const names[] = {
    "a b",  "a\"b", "a.b", "select", "a'b", "\xC3\xA9\xE2\x82\xAC",
    "x;--", "%s%n", "\n",  "[]",     "a\\b"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const struct rs_relation rel = {.workspace = names[i], .name = names[i]};
    enum rs_relation_kind kind;
    int64_t rows;
    expect_ok(f, rs_session_replace(f->s, &rel, "SELECT 1 AS k, 2 AS v", NULL, &rows, &f->e));
    expect_ok(f, rs_session_add_select(f->s, &rel, "SELECT 3 AS v, 2 AS k", NULL, &rows, &f->e));
    const char *key = "k";
    expect_ok(f, rs_session_add_select(f->s, &rel, "SELECT 2 AS k, 9 AS v",
                                       &(const struct rs_adding){.keys = &key, .nkeys = 1}, &rows,
                                       &f->e));
    expect_ok(f, rs_session_describe(f->s, &rel, NULL, &kind, &f->e));
    assert_int_equal(kind, RS_REL_TABLE);
    expect_ok(f, rs_session_replace(f->s, &rel, "SELECT 1 AS k", RS_AS_VIEW, NULL, &f->e));
    expect_ok(f, rs_session_drop(f->s, &rel, RS_REL_NONE, 0, &f->e));
    expect_ok(f, rs_session_drop(f->s, RS_WORKSPACE(names[i]), RS_REL_NONE, 0, &f->e));
  }
}

/* ---- insert and upsert ----------------------------------------------------------------------- */

static void test_insert_select(void **state)
{
  struct fixture *f = *state;
  const struct rs_relation *t = REL("w", "t");
  int64_t rows = -2;
  replace(f, "SELECT 1 AS a, 'x' AS b", 1);
  expect_ok(f, rs_session_add_select(f->s, t, "SELECT 'y' AS \"B\", 2 AS a", NULL, &rows, &f->e));
  assert_int_equal(rows, 1);
  expect_answer(f, "SELECT * FROM w.t ORDER BY a", "1 'x'; 2 'y'");
  expect_error(f, rs_session_add_select(f->s, t, "SELECT 1 AS a, 2 AS c", NULL, &rows, &f->e),
               RS_INVALID, "the query gives column 'c' that 'w.t' lacks; it lacks column 'b'");
  expect_error(f, rs_session_add_select(f->s, t, "SELECT 1 AS a", NULL, &rows, &f->e), RS_INVALID,
               "the query lacks column 'b' of 'w.t'");
  expect_error(
    f, rs_session_add_select(f->s, t, "SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d", NULL, &rows, &f->e),
    RS_INVALID, "the query gives columns 'c', 'd' that 'w.t' lacks");
  expect_error(f, rs_session_add_select(f->s, t, "SELECT 'no' AS a, 'b' AS b", NULL, &rows, &f->e),
               RS_REMOTE, "Could not convert");
  expect_error(f, rs_session_add_select(f->s, REL("w", "tt"), "SELECT 1", NULL, &rows, &f->e),
               RS_NOT_FOUND, "did you mean 'w.t'?");
  run(f, "CREATE VIEW w.v AS SELECT 1 AS a");
  expect_error(f, rs_session_add_select(f->s, REL("w", "v"), "SELECT 1 AS a", NULL, &rows, &f->e),
               RS_INVALID, "'w.v' is a view");
  expect_answer(f, "SELECT count(*) FROM w.t", "2");
}

static void test_upsert(void **state)
{
  struct fixture *f = *state;
  const struct rs_relation *t = REL("w", "t");
  const char *const keys[] = {"k", "l"}, *nosuch = "nosuch";
  int64_t rows = -2;
  replace(f, "SELECT * FROM (VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30)) AS x(k, l, v)", 3);
  expect_ok(
    f, rs_session_add_select(f->s, t, "SELECT * FROM (VALUES (99, 'b', 1), (5, 'z', 5)) x(v,l,k)",
                             &(const struct rs_adding){.keys = keys, .nkeys = 2}, &rows, &f->e));
  assert_int_equal(rows, 2);
  expect_answer(f, "SELECT k, l, v FROM w.t ORDER BY k, l",
                "1 'a' 10; 1 'b' 99; 2 'a' 30; 5 'z' 5");
  expect_error(
    f,
    rs_session_add_select(f->s, t, "SELECT * FROM (VALUES (1,'q',1), (1,'q',2)) x(k,l,v)",
                          &(const struct rs_adding){.keys = keys, .nkeys = 2}, &rows, &f->e),
    RS_CONSTRAINT, "'w.t': two rows have one key: k = '1', l = 'q'");
  expect_error(f,
               rs_session_add_select(f->s, t, "SELECT 1 AS k, NULL AS l, 1 AS v",
                                     &(const struct rs_adding){.keys = keys, .nkeys = 2}, &rows,
                                     &f->e),
               RS_CONSTRAINT, "'w.t': a row has no key: 'l' is NULL");
  expect_error(f,
               rs_session_add_select(f->s, t, "SELECT 1 AS k, 'l' AS l, 1 AS v",
                                     &(const struct rs_adding){.keys = &nosuch, .nkeys = 1}, &rows,
                                     &f->e),
               RS_INVALID, "key column 'nosuch' does not exist in 'w.t'");
  expect_error(f,
               rs_session_add_select(f->s, t, "SELECT 1 AS k",
                                     &(const struct rs_adding){.keys = keys, .nkeys = 2}, &rows,
                                     &f->e),
               RS_INVALID, "lacks columns 'l', 'v'");
  expect_error(f,
               rs_session_add_select(f->s, t, "SELECT 1 AS k",
                                     &(const struct rs_adding){.keys = keys, .nkeys = 0}, &rows,
                                     &f->e),
               RS_INVALID, "needs a key");
  // two texts that are one number to the relation are one key
  expect_error(
    f,
    rs_session_add_select(f->s, t, "SELECT * FROM (VALUES ('1','q',1), ('01','q',2)) x(k,l,v)",
                          &(const struct rs_adding){.keys = keys, .nkeys = 2}, &rows, &f->e),
    RS_CONSTRAINT, "two rows have one key");
  expect_answer(f, "SELECT count(*), sum(v) FROM w.t", "4 144");
  expect_ok(f, rs_session_add_select(f->s, t, "SELECT 1 AS k, 'a' AS l, 0 AS v WHERE false",
                                     &(const struct rs_adding){.keys = keys, .nkeys = 2}, &rows,
                                     &f->e));
  assert_int_equal(rows, 0);
  expect_answer(f, "SELECT count(*) FROM duckdb_tables() WHERE temporary", "0");
}

/* ---- transactions and threads ---------------------------------------------------------------- */

static void test_in_callers_transaction(void **state)
{
  struct fixture *f = *state;
  const char *key = "a";
  int64_t rows;
  replace(f, "SELECT 1 AS a", 1);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  replace(f, "SELECT 2 AS a", 1);
  expect_ok(f, rs_session_add_select(f->s, REL("w", "t"), "SELECT 3 AS a", NULL, &rows, &f->e));
  expect_error(f,
               rs_session_add_select(f->s, REL("w", "t"), "SELECT NULL AS a",
                                     &(const struct rs_adding){.keys = &key, .nkeys = 1}, &rows,
                                     &f->e),
               RS_CONSTRAINT, "NULL");
  expect_ok(f, rs_session_add_select(f->s, REL("w", "t"), "SELECT 4 AS a",
                                     &(const struct rs_adding){.keys = &key, .nkeys = 1}, &rows,
                                     &f->e));
  expect_ok(f, rs_session_replace(f->s, REL("w", "v"), "SELECT 1 AS a", RS_AS_VIEW, NULL, &f->e));
  assert_true(rs_session_state(f->s).in_transaction);
  expect_answer(f, "SELECT a FROM w.t ORDER BY a", "2; 3; 4");
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  assert_string_equal(relations(f, NULL), "w.t:1:1:-|");
  expect_answer(f, "SELECT a FROM w.t", "1");
}

struct worker {
  struct rs_target *t;
  struct rs_relation rel;
  int n, id;
  int64_t failures;
  struct rs_error e;
};

static void *replace_often(void *arg)
{
  struct worker *w = arg;
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  if (rs_session_open(w->t, NULL, NULL, &s, &e) != RS_OK) w->failures = 1000;
  for (int i = 0; i < w->n && s != NULL; i++) {
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT %d AS id, * FROM range(%d)", w->id, 1000 + i);
    int64_t rows;
    enum rs_code rc = i % 5 == 4 ? rs_session_replace(s, &w->rel, sql, RS_AS_VIEW, NULL, &e)
                                 : rs_session_replace(s, &w->rel, sql, NULL, &rows, &e);
    if (rc != RS_OK) {
      w->failures++;
      w->e = e;
    }
  }
  rs_session_close(s);
  return NULL;
}

/* Two threads replace the same relation, two more others in a workspace that all four have to make;
** a reader sees a complete relation at any time. */
static void test_threads(void **state)
{
  struct fixture *f = *state;
  // a machine that is busy with other things must not run into the time limit for a file's lock
  struct rs_target *t = f->path[0] != 0 ? open_target_with(f->path, "lock_timeout", 120000) : f->t;
  struct rs_session *reader = open_session(t);
  struct worker w[4] = {{t, {.workspace = "tt", .name = "same"}, 20, 0, 0, {0}},
                        {t, {.workspace = "tt", .name = "Same"}, 20, 1, 0, {0}},
                        {t, {.workspace = "tt", .name = "other1"}, 20, 2, 0, {0}},
                        {t, {.workspace = "tt", .name = "other2"}, 20, 3, 0, {0}}};
  pthread_t threads[4];
  run(f, "CREATE SCHEMA u");
  for (size_t i = 0; i < 4; i++) assert_true(rs_thread_start(&threads[i], replace_often, &w[i]));
  struct rs_relation same = {.workspace = "tt", .name = "same"};
  enum rs_relation_kind kind = RS_REL_NONE;
  for (int64_t until = rs_now_ms() + 60000; kind == RS_REL_NONE && rs_now_ms() < until;) {
    expect_ok(f, rs_session_describe(reader, &same, NULL, &kind, &f->e));
    if (kind == RS_REL_NONE) rs_sleep_ms(5);
  }
  for (int i = 0; i < 30; i++) {
    expect_ok(f, rs_session_describe(reader, &same, NULL, &kind, &f->e));
    assert_int_not_equal(kind, RS_REL_NONE); // once there it never goes away
    assert_string_equal(ask_on(reader, &f->got, "SELECT count(DISTINCT id) FROM tt.same"), "1");
  }
  rs_session_close(reader);
  for (size_t i = 0; i < 4; i++) (void)pthread_join(threads[i], NULL);
  for (size_t i = 0; i < 4; i++) {
    if (w[i].failures != 0) fail_msg("worker %zu: %s", i, w[i].e.text);
  }
  if (t != f->t) rs_target_release(t);
  expect_answer(
    f, "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE '\\_\\_rs%' ESCAPE '\\'", "0");
}

/* An insert that commits while the table is rebuilt from itself must not vanish. */
static void *insert_often(void *arg)
{
  struct worker *w = arg;
  struct rs_session *s = NULL;
  struct rs_error e = {0};
  if (rs_session_open(w->t, NULL, NULL, &s, &e) != RS_OK) w->failures = 1000;
  for (int i = 0; i < w->n && s != NULL; i++) {
    int64_t rows;
    if (rs_session_add_select(s, &w->rel, "SELECT 1 AS a", NULL, &rows, &e) != RS_OK) {
      w->failures++;
      w->e = e;
    }
  }
  rs_session_close(s);
  return NULL;
}

static void test_no_lost_rows(void **state)
{
  struct fixture *f = *state;
  replace(f, "SELECT 1 AS a WHERE false", 0);
  struct worker w = {f->t, {.workspace = "w", .name = "t"}, 60, 0, 0, {0}};
  // the other thread's target is another one of the same file
  if (f->path[0] != 0) w.t = open_target_as("other", f->path);
  pthread_t thread;
  assert_true(rs_thread_start(&thread, insert_often, &w));
  for (int i = 0; i < 20; i++) {
    expect_ok(f, rs_session_replace(f->s, REL("w", "t"), "SELECT a FROM w.t", NULL, NULL, &f->e));
  }
  (void)pthread_join(thread, NULL);
  if (w.failures != 0) fail_msg("%s", w.e.text);
  if (w.t != f->t) rs_target_release(w.t);
  expect_answer(f, "SELECT count(*) FROM w.t", "60");
}

static void *roll_back_later(void *arg)
{
  rs_sleep_ms(150);
  (void)rs_session_end(arg, false, NULL);
  return NULL;
}

/* A conflict with somebody's transaction is waited out; in a caller's transaction it is told. */
static void test_conflict(void **state)
{
  struct fixture *f = *state;
  struct rs_session *other = open_session(f->t);
  pthread_t thread;
  replace(f, "SELECT 1 AS a", 1);
  expect_ok(f, rs_session_begin(f->s, &f->e));
  ask(f, "SELECT * FROM w.t");
  expect_ok(f, rs_session_begin(other, &f->e));
  run_on(other, "DROP TABLE w.t");
  assert_int_not_equal(rs_session_replace(f->s, REL("w", "t"), "SELECT 2 AS a", NULL, NULL, &f->e),
                       RS_OK);
  assert_non_null(strstr(f->e.text, "conflict"));
  expect_ok(f, rs_session_end(f->s, false, &f->e));
  assert_true(rs_thread_start(&thread, roll_back_later, other));
  replace(f, "SELECT 3 AS a", 1);
  (void)pthread_join(thread, NULL);
  rs_session_close(other);
  expect_answer(f, "SELECT a FROM w.t", "3");
}

static bool yes(void *ctx)
{
  (void)ctx;
  return true;
}

/* A session that waits for a lock ends when its owner is interrupted. */
static void test_interrupt(void **state)
{
  struct fixture *f = *state;
  struct rs_session *s;
  struct rs_interrupt interrupt = {.is_interrupted = yes, .ctx = NULL};
  expect_ok(f, rs_session_open(f->t, &interrupt, NULL, &s, &f->e));
  expect_error(
    f, rs_session_replace(s, REL("w", "t"), "SELECT * FROM range(100000000000)", NULL, NULL, &f->e),
    RS_CANCELLED, "interrupted");
  rs_session_close(s);
}

int main(void)
{
  if (!have_library()) return 0;
#define T(name) cmocka_unit_test_setup_teardown(name, in_memory, fixture_close)
#define F(name) cmocka_unit_test_setup_teardown(name, in_file, fixture_close)
  const struct CMUnitTest tests[] = {
    T(test_kind_and_describe),
    T(test_not_found),
    T(test_lists),
    T(test_session_in_callback),
    T(test_literals_read_back),
    T(test_parameters_bind),
    T(test_workspaces),
    T(test_collections),
    T(test_replace_table),
    T(test_replace_fails),
    T(test_replace_view),
    T(test_weird_names),
    T(test_insert_select),
    T(test_upsert),
    T(test_in_callers_transaction),
    T(test_threads),
    T(test_no_lost_rows),
    T(test_interrupt),
    T(test_conflict),
    F(test_conflict),
    F(test_lists),
    F(test_replace_table),
    T(test_replace_guesses),
    F(test_replace_guesses),
    F(test_replace_fails),
    F(test_upsert),
    F(test_threads),
    F(test_no_lost_rows),
    F(test_in_callers_transaction),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
