/*
** Parameters: their names, their values as the API sends them, their markers and literals.
*/
#include "rsql_fixture.h"

/* ---- values ---------------------------------------------------------------------------------- */

struct given {
  const char *type, *text;
  enum rs_rsql_type as;
  const char *value; /* as add_value writes it; NULL: RS_INVALID */
};

static void test_values(void **state)
{
  static const struct given cases[] = {
    {"int", "123", RS_RSQL_INT, "123"},
    {"INT", " -9223372036854775808 ", RS_RSQL_INT, "-9223372036854775808"},
    {"int", "9223372036854775808", RS_RSQL_INT, NULL},
    {"int", "1.0", RS_RSQL_INT, NULL},
    {"int", "", RS_RSQL_INT, NULL},
    {"float", "1e-05", RS_RSQL_FLOAT, "1e-05"},
    {"float", "123", RS_RSQL_FLOAT, "123"},
    {"float", "-.5", RS_RSQL_FLOAT, "-0.5"},
    {"float", "inf", RS_RSQL_FLOAT, "inf"},
    {"float", "0x10", RS_RSQL_FLOAT, NULL},
    {"float", "1e", RS_RSQL_FLOAT, NULL},
    {"bool", "True", RS_RSQL_BOOL, "true"},
    {"bool", "false", RS_RSQL_BOOL, "false"},
    {"bool", "1", RS_RSQL_BOOL, "true"},
    {"bool", "2", RS_RSQL_BOOL, NULL},
    {"string", " 12 ", RS_RSQL_STRING, "' 12 '"},
    {"string", "", RS_RSQL_STRING, "''"},
    {"date", "2020-1-1", RS_RSQL_DATE, "'2020-01-01'"},
    {"date", "2020-02-30", RS_RSQL_DATE, NULL},
    {"date", "2020-01-01 10:00:00", RS_RSQL_DATE, NULL},
    {"datetime", "2020-1-2 3:4:5.123456", RS_RSQL_DATETIME, "'2020-01-02 03:04:05.123456'"},
    {"datetime", "2020-01-02T03:04:05", RS_RSQL_DATETIME, "'2020-01-02 03:04:05'"},
    {"datetime", "2020-01-02", RS_RSQL_DATETIME, "'2020-01-02 00:00:00'"},
    {"datetime", "2020-01-02 03:04:05Z", RS_RSQL_DATETIME, NULL},
    {"time", "3:4:5.5", RS_RSQL_TIME, "'03:04:05.5'"},
    {"time", "24:00:00", RS_RSQL_TIME, NULL},
    {"timestamp", "2020-1-2", RS_RSQL_TIMESTAMP, "'2020-01-02 00:00:00+00:00'"},
    {"timestamp", "2020-1-2T3:4Z", RS_RSQL_TIMESTAMP, "'2020-01-02 03:04:00+00:00'"},
    {"timestamp", "2020-1-2 3", RS_RSQL_TIMESTAMP, "'2020-01-02 03:00:00+00:00'"},
    {"timestamp", "2020-1-2 3:4:5.25-07:30", RS_RSQL_TIMESTAMP, "'2020-01-02 03:04:05.25-07:30'"},
    {"timestamp", "2020-1-2 3:4:5 America/New_York", RS_RSQL_TIMESTAMP,
     "'2020-01-02 03:04:05 America/New_York'"},
    {"timestamp", "1584691545374000", RS_RSQL_TIMESTAMP, "'2020-03-20 08:05:45.374000+00:00'"},
    {"timestamp", "2020-1-2 x'y", RS_RSQL_TIMESTAMP, NULL},
    {"null", "None", RS_RSQL_NULL, "NULL"},
    {"string", NULL, RS_RSQL_NULL, "NULL"},
    {"array", "[1, \"a\"]", RS_RSQL_ARRAY, "[1, \"a\"]"},
    {"array", "{}", RS_RSQL_ARRAY, NULL},
    {"object", "{\"a\": 1}", RS_RSQL_OBJECT, "{\"a\": 1}"},
    {"object", "{'a': 1}", RS_RSQL_OBJECT, NULL}, // Python's repr is no JSON
    {"object", "{} x", RS_RSQL_OBJECT, NULL},
    {"object", "{\"__rockset_type\":\"Date\",\"value\":\"2020-1-2\"}", RS_RSQL_DATE,
     "'2020-01-02'"},
    {"object", "{\"__rockset_type\":\"timestamp\",\"value\":1584691545374000}", RS_RSQL_TIMESTAMP,
     "'2020-03-20 08:05:45.374000+00:00'"},
    {"object", "{\"__rockset_type\":\"nope\",\"value\":1}", RS_RSQL_OBJECT, NULL},
    {"object", "{\"__rockset_type\":\"object\",\"value\":{\"__rockset_type\":\"int\",\"value\":1}}",
     RS_RSQL_OBJECT, NULL},
    {"bytes", "aGk=", RS_RSQL_BYTES, "hi"},
    {"bytes", "aGk", RS_RSQL_BYTES, "hi"},
    {"bytes", "a", RS_RSQL_BYTES, NULL},
    {"bytes", "a*==", RS_RSQL_BYTES, NULL},
    {"u256", "115792089237316195423570985008687907853269984665640564039457584007913129639935",
     RS_RSQL_U256,
     "'115792089237316195423570985008687907853269984665640564039457584007913129639935'"},
    {"u256", "-1", RS_RSQL_U256, NULL},
    {"month_interval", "14", RS_RSQL_MONTH_INTERVAL, "14"},
    {"microsecond_interval", "1500000", RS_RSQL_MICROSECOND_INTERVAL, "1500000"},
    // no type, an unknown one
    {NULL, "12", RS_RSQL_INT, "12"},
    {"", "-12", RS_RSQL_INT, "-12"},
    {"integral", "1.5", RS_RSQL_FLOAT, "1.5"},
    {NULL, "9223372036854775808", RS_RSQL_FLOAT, "9.22337e+18"},
    {NULL, "true", RS_RSQL_BOOL, "true"},
    {NULL, "null", RS_RSQL_NULL, "NULL"},
    {NULL, "2020-01-01", RS_RSQL_STRING, "'2020-01-01'"},
    {NULL, "", RS_RSQL_STRING, "''"},
    {NULL, "[1]", RS_RSQL_ARRAY, "[1]"},
    {NULL, "[1", RS_RSQL_STRING, "'[1'"},
    {NULL, "\"a\\n\"", RS_RSQL_STRING, "'a\n'"},
    {NULL, "{\"__rockset_type\":\"date\",\"value\":\"2020-1-2\"}", RS_RSQL_DATE, "'2020-01-02'"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const struct given *c = &cases[i];
    struct rs_arena arena;
    struct rs_rsql_value v;
    struct rs_error e = {0};
    struct rs_buf b;
    rs_arena_init(&arena, 0);
    rs_buf_init(&b, 1000);
    enum rs_code rc = rs_rsql_param_value("p", c->type, c->text,
                                          c->text != NULL ? strlen(c->text) : 0, &arena, &v, &e);
    if ((rc == RS_OK) != (c->value != NULL)) fail_msg("%s %s: %s", c->type, c->text, e.text);
    if (rc == RS_OK) {
      add_value(&b, &v.v);
      if (v.type != c->as || strcmp(rs_buf_text(&b), c->value) != 0) {
        fail_msg("%s %s: type %d, %s", c->type, c->text, (int)v.type, rs_buf_text(&b));
      }
    } else {
      assert_int_equal(rc, RS_INVALID);
      assert_non_null(strstr(e.text, "parameter 'p': "));
    }
    rs_buf_free(&b);
    rs_arena_free(&arena);
  }
}

static void test_error_text(void **state)
{
  struct rs_arena arena;
  struct rs_rsql_value v;
  struct translation t = {.rc = RS_OK};
  (void)state;
  rs_arena_init(&arena, 0);
  expect_error(&t, rs_rsql_param_value("start", "date", "2020-13-1", 9, &arena, &v, &t.e),
               RS_INVALID, "parameter 'start': `2020-13-1` is no date, expected YYYY-M-D");
  expect_error(&t, rs_rsql_param_value("n", "int", "a\xff", 2, &arena, &v, &t.e), RS_INVALID,
               "parameter 'n': the value is no UTF-8");
  rs_arena_free(&arena);
}

/* ---- names and markers ----------------------------------------------------------------------- */

static void expect_names(const char *sql, const char *list)
{
  struct translation t;
  struct rs_buf b;
  size_t n;
  rs_buf_init(&b, 1000);
  (void)translate(&t, sql);
  if (t.rc != RS_OK) fail_msg("%s: %s", sql, t.e.text);
  const char *const *names = rs_rsql_params(t.stmt, &n);
  for (size_t i = 0; i < n; i++) rs_buf_printf(&b, "%s%s", i > 0 ? " " : "", names[i]);
  assert_string_equal(rs_buf_text(&b), list);
  rs_buf_free(&b);
  translation_free(&t);
}

static void test_names(void **state)
{
  (void)state;
  expect_names("SELECT 1", "");
  expect_names("SELECT :b, :a, :b FROM t WHERE x = :c LIMIT :a", "b a c");
  expect_names("SELECT : p, :\"order\", :1, :2", "p order 1 2");
  expect_names("SELECT ?, ?, :2", "1 2");
  expect_names("SELECT ':x', \":y\", {'k': :z}, l[:a], l[1::int] -- :c\n FROM t", "z a");
}

static void test_markers(void **state)
{
  const struct rs_rsql_value v[] = {
    {RS_RSQL_DATE, {.kind = RS_TEXT, .s = {"2020-01-02", 10}}},
    {RS_RSQL_INT, {.kind = RS_INT, .i = -5}},
    {RS_RSQL_NULL, {.kind = RS_NULL}},
    {RS_RSQL_STRING, {.kind = RS_TEXT, .s = {"it's", 4}}},
    {RS_RSQL_TIMESTAMP, {.kind = RS_TEXT, .s = {"2020-01-02 00:00:00+00:00", 25}}},
    {RS_RSQL_MICROSECOND_INTERVAL, {.kind = RS_INT, .i = 7}},
    {RS_RSQL_ARRAY, {.kind = RS_JSON, .s = {"[1]", 3}}},
  };
  const struct rs_rsql_env env = {.values = v};
  static const char sql[] = "SELECT :d + :i a, :d b, :n c, :s d, :t e, :m f, :l[1] g, -:i h";
  struct translation t;
  (void)state;
  assert_string_equal(
    translate_as(&t, sql, &env, "duckdb", false),
    "SELECT CAST($1 AS DATE) + $2 AS \"a\", CAST($1 AS DATE) AS \"b\", NULL AS "
    "\"c\", $3 AS \"d\", CAST($4 AS TIMESTAMPTZ) AS \"e\", to_microseconds($5) AS "
    "\"f\", json_extract(CAST($6 AS JSON), '$[0]') AS \"g\", -$2 AS \"h\"");
  static const size_t order[] = {0, 1, 3, 4, 5, 6};
  assert_int_equal(t.out.norder, 6);
  assert_memory_equal(t.out.order, order, sizeof order);
  translation_free(&t);
  assert_string_equal(translate_as(&t, "SELECT :d a, :i b, :d c, :s d", &env, "ansi", false),
                      "SELECT CAST(? AS DATE) AS \"a\", ? AS \"b\", CAST(? AS DATE) AS \"c\", NULL "
                      "AS \"d\"");
  assert_int_equal(t.out.norder, 3);
  assert_int_equal(t.out.order[2], 0);
  translation_free(&t);
  assert_string_equal(translate_as(&t, sql, &env, "duckdb", true),
                      "SELECT CAST('2020-01-02' AS DATE) + (-5) AS \"a\", CAST('2020-01-02' AS "
                      "DATE) AS \"b\", NULL AS \"c\", 'it''s' AS \"d\", CAST('2020-01-02 "
                      "00:00:00+00:00' AS TIMESTAMPTZ) AS \"e\", to_microseconds(7) AS \"f\", "
                      "json_extract(CAST('[1]'::JSON AS JSON), '$[0]') AS \"g\", -(-5) AS \"h\"");
  assert_int_equal(t.out.norder, 0);
  translation_free(&t);
}

static void test_names_by_parameter(void **state)
{
  const struct rs_rsql_value v[] = {{RS_RSQL_STRING, {.kind = RS_TEXT, .s = {"movies", 6}}},
                                    {RS_RSQL_STRING, {.kind = RS_TEXT, .s = {"a.b", 3}}}};
  const struct rs_rsql_env env = {.values = v}, unknown = {0};
  static const char sql[] = "SELECT FIELD(:f2) a FROM TABLE(['w', :f1]) t";
  static const char ordered[] = "SELECT 1 a FROM TABLE(:t) WHERE FIELD(:f) = 1";
  struct translation t;
  size_t n;
  (void)state;
  assert_string_equal(translate_as(&t, ordered, &env, "duckdb", false),
                      "SELECT 1 AS \"a\" FROM \"commons\".\"movies\" WHERE NULL = 1");
  translation_free(&t);
  (void)translate_as(&t, sql, &unknown, "duckdb", false); // a validation has no values
  assert_int_equal(t.rc, RS_INVALID);
  assert_non_null(strstr(t.e.text, "the parameter in TABLE() has no value"));
  (void)rs_rsql_collections(t.stmt, &n);
  assert_int_equal(n, 0);
  translation_free(&t);
}

/* Bound and written, a value is the same to the engine. */
static void test_on_engine(void **state)
{
  struct fixture *f = *state;
  static const char *const given[][3] = {
    {"int", "42", "42"},
    {"float", "1.5", "1.5"},
    {"bool", "True", "true"},
    {"string", "it's", "'it's'"},
    {"date", "2020-1-2", "'2020-01-02'"},
    {"time", "1:2:3", "'01:02:03'"},
    {"datetime", "2020-1-2 3:4:5.5", "'2020-01-02 03:04:05.5'"},
    {"timestamp", "2020-1-2T3:4:5+02:00", "'2020-01-02 01:04:05'"},
    {"array", "[1,\"a\"]", "[1,\"a\"]"},
    {"null", "", "NULL"},
    {"bytes", "aGk=", "hi"},
  };
  for (size_t i = 0; i < 2 * sizeof given / sizeof given[0]; i++) {
    const char *const *g = given[i / 2];
    struct rs_arena arena;
    struct rs_rsql_value v;
    struct translation t;
    struct rs_rows *r = NULL;
    struct rs_value got;
    rs_arena_init(&arena, 0);
    expect_ok(f, rs_rsql_param_value("p", g[0], g[1], strlen(g[1]), &arena, &v, &f->e));
    const struct rs_rsql_env env = {.values = &v};
    const char *sql = translate_as(&t, "SELECT :p", &env, "duckdb", i % 2);
    assert_int_equal(t.rc, RS_OK);
    const struct rs_statement st = {.sql = sql, .params = &v.v, .nparams = t.out.norder};
    expect_ok(f, rs_session_query(f->s, &st, &r, &f->e));
    expect_ok(f, rs_rows_next(r, &f->e));
    rs_rows_get(r, 0, &got);
    rs_buf_clear(&f->got);
    add_value(&f->got, &got);
    if (strcmp(rs_buf_text(&f->got), g[2]) != 0) fail_msg("%s: %s", sql, rs_buf_text(&f->got));
    rs_rows_close(r);
    translation_free(&t);
    rs_arena_free(&arena);
  }
}

int main(void)
{
  const struct CMUnitTest pure[] = {
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_error_text),
    cmocka_unit_test(test_names),
    cmocka_unit_test(test_markers),
    cmocka_unit_test(test_names_by_parameter),
  };
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_on_engine, in_memory, fixture_close),
  };
  int bad = cmocka_run_group_tests(pure, NULL, NULL);
  if (!have_library()) return bad;
  return bad + cmocka_run_group_tests(tests, NULL, NULL);
}
