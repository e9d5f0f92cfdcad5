/*
** Values through Arrow, against DuckDB itself: each value's own text is what DuckDB's CAST AS
** VARCHAR gives, each type has its name and class; and rows back into Arrow.
*/
#include "duck.h"
#include <locale.h>
#include <math.h>
#include "src/value/text.h"
#include "src/arrow/arrow.h"

static struct rs_target *target;
static struct rs_session *session;

static int set_up(void **state)
{
  (void)state;
  target = duck_target(duck_output(":memory:", NULL));
  session = duck_session(target);
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  rs_session_close(session);
  rs_target_release(target);
  return 0;
}

/* A value as text, for comparing: "null", 1, 1.5, 'text', x'00', json:[1]. */
static const char *show(const struct rs_value *v)
{
  static char text[4096];
  struct rs_buf b;
  rs_buf_init(&b, sizeof text - 1);
  switch (v->kind) {
    case RS_NULL: rs_buf_str(&b, "null"); break;
    case RS_BOOL: rs_buf_str(&b, v->i ? "true" : "false"); break;
    case RS_INT: rs_buf_printf(&b, "%lld", (long long)v->i); break;
    case RS_FLOAT: rs_buf_printf(&b, "%.17g", v->f); break;
    case RS_TEXT: rs_buf_printf(&b, "'%.*s'", (int)v->s.n, v->s.p); break;
    case RS_JSON: rs_buf_printf(&b, "json:%.*s", (int)v->s.n, v->s.p); break;
    case RS_BYTES:
      rs_buf_str(&b, "x'");
      for (size_t i = 0; i < v->s.n; i++) rs_buf_printf(&b, "%02x", (unsigned char)v->s.p[i]);
      rs_buf_str(&b, "'");
      break;
    case RS_LIST: rs_buf_str(&b, "list"); break;
  }
  snprintf(text, sizeof text, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  return text;
}

struct sample {
  const char *sql, *native;
  enum rs_type type;
  const char *value;
};

static void check_samples(const struct sample *v, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    char sql[2048];
    struct rs_value x;
    // The value twice in one row (between NULLs) and once behind a NULL row: validity and offsets
    snprintf(sql, sizeof sql,
             "SELECT x, x AS y FROM (VALUES (1, NULL), (2, %s), (3, NULL)) t(i, x) ORDER BY i",
             v[i].sql);
    struct rs_rows *r = duck_query(session, sql);
    const struct rs_column *c = &rs_rows_columns(r)->v[0];
    if (strcmp(c->native, v[i].native) != 0 || c->type != v[i].type)
      fail_msg("%s: %s, %s; wanted %s, %s", v[i].sql, c->native, rs_type_name(c->type), v[i].native,
               rs_type_name(v[i].type));
    duck_next(r);
    rs_rows_get(r, 0, &x);
    assert_int_equal(x.kind, RS_NULL);
    duck_next(r);
    struct rs_value y;
    rs_rows_get(r, 0, &x);
    rs_rows_get(r, 1, &y);
    if (strcmp(show(&x), v[i].value) != 0)
      fail_msg("%s: %s; wanted %s", v[i].sql, show(&x), v[i].value);
    assert_string_equal(show(&y), v[i].value);
    duck_next(r);
    rs_rows_get(r, 1, &x);
    assert_int_equal(x.kind, RS_NULL);
    struct rs_error e = {0};
    assert_int_equal(rs_rows_next(r, &e), RS_DONE);
    rs_rows_close(r);
  }
}
#define CHECK(samples) check_samples(samples, sizeof samples / sizeof *samples)

static void numbers(void **state)
{
  (void)state;
  static const struct sample s[] = {
    {"true", "BOOLEAN", RS_T_BOOL, "true"},
    {"false", "BOOLEAN", RS_T_BOOL, "false"},
    {"(-128)::TINYINT", "TINYINT", RS_T_INT, "-128"},
    {"255::UTINYINT", "UTINYINT", RS_T_INT, "255"},
    {"(-32768)::SMALLINT", "SMALLINT", RS_T_INT, "-32768"},
    {"65535::USMALLINT", "USMALLINT", RS_T_INT, "65535"},
    {"(-2147483648)::INTEGER", "INTEGER", RS_T_INT, "-2147483648"},
    {"4294967295::UINTEGER", "UINTEGER", RS_T_INT, "4294967295"},
    {"(-9223372036854775808)::BIGINT", "BIGINT", RS_T_INT, "-9223372036854775808"},
    {"9223372036854775807::UBIGINT", "UBIGINT", RS_T_HUGEINT, "9223372036854775807"},
    {"9223372036854775808::UBIGINT", "UBIGINT", RS_T_HUGEINT, "'9223372036854775808'"},
    {"18446744073709551615::UBIGINT", "UBIGINT", RS_T_HUGEINT, "'18446744073709551615'"},
    {"42::HUGEINT", "HUGEINT", RS_T_HUGEINT, "42"},
    {"(-9223372036854775808)::HUGEINT", "HUGEINT", RS_T_HUGEINT, "-9223372036854775808"},
    {"(-9223372036854775809)::HUGEINT", "HUGEINT", RS_T_HUGEINT, "'-9223372036854775809'"},
    {"170141183460469231731687303715884105727::HUGEINT", "HUGEINT", RS_T_HUGEINT,
     "'170141183460469231731687303715884105727'"},
    {"(-170141183460469231731687303715884105728)::HUGEINT", "HUGEINT", RS_T_HUGEINT,
     "'-170141183460469231731687303715884105728'"},
    {"340282366920938463463374607431768211455::UHUGEINT", "UHUGEINT", RS_T_HUGEINT,
     "'340282366920938463463374607431768211455'"},
    {"7::UHUGEINT", "UHUGEINT", RS_T_HUGEINT, "7"},
    {"'0'::BIGNUM", "BIGNUM", RS_T_HUGEINT, "0"},
    {"'-300'::BIGNUM", "BIGNUM", RS_T_HUGEINT, "-300"},
    {"'9223372036854775807'::BIGNUM", "BIGNUM", RS_T_HUGEINT, "9223372036854775807"},
    {"'-9223372036854775809'::BIGNUM", "BIGNUM", RS_T_HUGEINT, "'-9223372036854775809'"},
    {"'123456789012345678901234567890123456789012345678901234567890'::BIGNUM", "BIGNUM",
     RS_T_HUGEINT, "'123456789012345678901234567890123456789012345678901234567890'"},
    {"'-1000000000000000000000000000000'::BIGNUM", "BIGNUM", RS_T_HUGEINT,
     "'-1000000000000000000000000000000'"},
    {"1.5::FLOAT", "FLOAT", RS_T_FLOAT, "1.5"},
    {"0.1::DOUBLE", "DOUBLE", RS_T_FLOAT, "0.10000000000000001"},
    {"'nan'::DOUBLE", "DOUBLE", RS_T_FLOAT, "null"},
    {"'nan'::FLOAT", "FLOAT", RS_T_FLOAT, "null"},
    {"'infinity'::DOUBLE", "DOUBLE", RS_T_FLOAT, "inf"},
    {"'-infinity'::FLOAT", "FLOAT", RS_T_FLOAT, "-inf"},
    {"1.5::DECIMAL(4,1)", "DECIMAL(4,1)", RS_T_DECIMAL, "1.5"},
    {"(-0.05)::DECIMAL(9,2)", "DECIMAL(9,2)", RS_T_DECIMAL, "-0.050000000000000003"},
    {"42::DECIMAL(18,0)", "DECIMAL(18,0)", RS_T_DECIMAL, "42"},
    {"99999999999999999999::DECIMAL(38,0)", "DECIMAL(38,0)", RS_T_DECIMAL,
     "'99999999999999999999'"},
    {"100000000000000000000::DECIMAL(38,0)", "DECIMAL(38,0)", RS_T_DECIMAL,
     "'100000000000000000000'"},
    {"1.00000000000000000000::DECIMAL(38,20)", "DECIMAL(38,20)", RS_T_DECIMAL, "1"},
    {"123456789012345.600::DECIMAL(18,3)", "DECIMAL(18,3)", RS_T_DECIMAL, "'123456789012345.600'"},
    {"12345678901234.500::DECIMAL(18,3)", "DECIMAL(18,3)", RS_T_DECIMAL, "12345678901234.5"},
    {"0.00000000000000000000000000000000000001::DECIMAL(38,38)", "DECIMAL(38,38)", RS_T_DECIMAL,
     "9.9999999999999996e-39"},
    {"(-0.12345678901234567)::DECIMAL(38,20)", "DECIMAL(38,20)", RS_T_DECIMAL,
     "'-0.12345678901234567000'"},
    {"0::DECIMAL(38,30)", "DECIMAL(38,30)", RS_T_DECIMAL, "0"},
  };
  CHECK(s);
}

static void texts(void **state)
{
  (void)state;
  static const struct sample s[] = {
    {"''", "VARCHAR", RS_T_TEXT, "''"},
    {"'Grüße, 世界 🦆'", "VARCHAR", RS_T_TEXT, "'Grüße, 世界 🦆'"},
    {"'\\x00\\xAA'::BLOB", "BLOB", RS_T_BYTES, "x'00aa'"},
    {"''::BLOB", "BLOB", RS_T_BYTES, "x''"},
    {"'010111001'::BIT", "BIT", RS_T_OTHER, "'010111001'"},
    {"'10101010'::BIT", "BIT", RS_T_OTHER, "'10101010'"},
    {"'eeccb8c5-9943-b2bb-bb5e-222f4e14b687'::UUID", "UUID", RS_T_UUID,
     "'eeccb8c5-9943-b2bb-bb5e-222f4e14b687'"},
    {"'00000000-0000-0000-0000-000000000001'::UUID", "UUID", RS_T_UUID,
     "'00000000-0000-0000-0000-000000000001'"},
    {"'b'::ENUM('a', 'b')", "ENUM", RS_T_ENUM, "'b'"},
  };
  CHECK(s);
}

/* Many rows: texts come written out, a NUL behind each; a column with a NUL in a text doesn't. */
static void texts_written_out(void **state)
{
  (void)state;
  struct rs_rows *r = duck_query(
    session,
    "SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE repeat('ab', i % 5) END, DATE '2000-01-01' + i,"
    " TIMESTAMP '2000-01-01' + to_seconds(i), ('e' || i % 3)::ENUM('e0', 'e1', 'e2'),"
    " 'x' || CASE WHEN i = 200 THEN chr(0) ELSE '' END || i, 'b'::BLOB,"
    " '00000000-0000-0000-0000-000000000001'::UUID FROM range(300) t(j), (SELECT j::INTEGER) u(i)");
  struct rs_error e = {0};
  for (int i = 0; i < 300; i++) {
    struct rs_value v[8];
    char want[40];
    duck_next(r);
    for (size_t c = 0; c < 8; c++) rs_rows_get(r, c, &v[c]);
    assert_int_equal(v[0].i, i);
    if (i % 7 == 0) assert_int_equal(v[1].kind, RS_NULL);
    snprintf(want, sizeof want, "'%.*s'", i % 5 * 2, "abababab");
    if (i % 7 != 0) assert_string_equal(show(&v[1]), want);
    snprintf(want, sizeof want, "'2000-01-01 00:%02d:%02d'", i / 60, i % 60);
    assert_string_equal(show(&v[3]), want);
    snprintf(want, sizeof want, "'e%d'", i % 3);
    assert_string_equal(show(&v[4]), want);
    snprintf(want, sizeof want, i == 200 ? "x%c%d" : "x%.0d%d", 0, i);
    assert_int_equal(v[5].s.n, i == 200 ? 5 : strlen(want));
    assert_memory_equal(v[5].s.p, want, v[5].s.n);
    assert_false(v[5].whole);
    assert_int_equal(v[6].kind, RS_BYTES);
    assert_string_equal(show(&v[7]), "'00000000-0000-0000-0000-000000000001'");
    for (size_t c = 1; c < 8; c++) {
      if (c == 5 || v[c].kind != RS_TEXT) continue;
      assert_true(v[c].whole);
      assert_int_equal(strlen(v[c].s.p), v[c].s.n);
    }
  }
  assert_int_equal(rs_rows_next(r, &e), RS_DONE);
  rs_rows_close(r);
}

static void json_columns(void **state)
{
  (void)state;
  static const struct sample s[] = {
    {"'[1, 2]'::JSON", "JSON", RS_T_JSON, "json:[1, 2]"},
    {"'{\"a\": 1}'::JSON", "JSON", RS_T_JSON, "json:{\"a\": 1}"},
    {"' {} '::JSON", "JSON", RS_T_JSON, "json:{}"},
    {"'\"text\"'::JSON", "JSON", RS_T_JSON, "'text'"},
    {"'\"a\\\"b\\\\\\u00e9\\ud83e\\udd86\\n\"'::JSON", "JSON", RS_T_JSON, "'a\"b\\é🦆\n'"},
    {"'12'::JSON", "JSON", RS_T_JSON, "12"},
    {"'-9223372036854775808'::JSON", "JSON", RS_T_JSON, "-9223372036854775808"},
    {"'9223372036854775808'::JSON", "JSON", RS_T_JSON, "9.2233720368547758e+18"},
    {"'0.1'::JSON", "JSON", RS_T_JSON, "0.10000000000000001"},
    {"'1e3'::JSON", "JSON", RS_T_JSON, "1000"},
    {"'true'::JSON", "JSON", RS_T_JSON, "true"},
    {"'false'::JSON", "JSON", RS_T_JSON, "false"},
    {"'null'::JSON", "JSON", RS_T_JSON, "null"},
  };
  CHECK(s);
}

static void nested(void **state)
{
  (void)state;
  static const struct sample s[] = {
    {"[1, NULL, 3]", "INTEGER[]", RS_T_JSON, "json:[1,null,3]"},
    {"[]::VARCHAR[]", "VARCHAR[]", RS_T_JSON, "json:[]"},
    {"[[1], [], [2, 3]]", "INTEGER[][]", RS_T_JSON, "json:[[1],[],[2,3]]"},
    {"[1.5, 2.5]::DOUBLE[2]", "DOUBLE[2]", RS_T_JSON, "json:[1.5,2.5]"},
    {"{'a': 1, 'B c': 'x\"y'}", "STRUCT(a INTEGER, \"B c\" VARCHAR)", RS_T_JSON,
     "json:{\"a\":1,\"B c\":\"x\\\"y\"}"},
    {"{'a': NULL, 'b': {'c': [true, false]}}", "STRUCT(a INTEGER, b STRUCT(c BOOLEAN[]))",
     RS_T_JSON, "json:{\"a\":null,\"b\":{\"c\":[true,false]}}"},
    {"MAP {'k': 1, 'l': NULL}", "MAP(VARCHAR, INTEGER)", RS_T_JSON, "json:{\"k\":1,\"l\":null}"},
    {"MAP {1: 'a'}", "MAP(INTEGER, VARCHAR)", RS_T_JSON, "json:{\"1\":\"a\"}"},
    {"[DATE '2020-02-29', NULL]", "DATE[]", RS_T_JSON, "json:[\"2020-02-29\",null]"},
    {"[1.50::DECIMAL(5,2), 123456789012345678.25]", "DECIMAL(20,2)[]", RS_T_JSON,
     "json:[1.5,123456789012345678.25]"},
    {"['nan'::DOUBLE, 'inf', 0.1]", "DOUBLE[]", RS_T_JSON, "json:[null,null,0.1]"},
    {"['\\x00A'::BLOB]", "BLOB[]", RS_T_JSON, "json:[\"\\\\x00A\"]"},
    {"['{\"x\": 1}'::JSON, '\"s\"']", "JSON[]", RS_T_JSON, "json:[{\"x\": 1},\"s\"]"},
    {"[170141183460469231731687303715884105727::HUGEINT]", "HUGEINT[]", RS_T_JSON,
     "json:[170141183460469231731687303715884105727]"},
    {"['a'::ENUM('a', 'b')]", "ENUM[]", RS_T_JSON, "json:[\"a\"]"},
    {"union_value(num := 2)::UNION(num INTEGER, str VARCHAR)", "UNION(num INTEGER, str VARCHAR)",
     RS_T_MIXED, "2"},
    {"'two'::UNION(num INTEGER, str VARCHAR)", "UNION(num INTEGER, str VARCHAR)", RS_T_MIXED,
     "'two'"},
    {"[1]::UNION(l INTEGER[], d DATE)", "UNION(l INTEGER[], d DATE)", RS_T_JSON, "json:[1]"},
    {"DATE '2020-01-02'::UNION(l INTEGER[], d DATE)", "UNION(l INTEGER[], d DATE)", RS_T_JSON,
     "'2020-01-02'"},
    {"[1::UNION(num INTEGER, str VARCHAR), 'x']", "UNION(num INTEGER, str VARCHAR)[]", RS_T_JSON,
     "json:[1,\"x\"]"},
  };
  CHECK(s);
}

static void dates_read_as_duckdb_casts_them(void **state)
{
  (void)state;
  static const struct {
    const char *type;
    const char *const values[14];
  } all[] = {
    {"DATE",
     {"1970-01-01", "2026-11-21", "0001-01-01", "0044-03-15 (BC)", "9999-12-31", "10000-01-01",
      "5877642-06-25 (BC)", "5881580-07-10", "infinity", "-infinity", "1600-02-29", "1969-12-31"}},
    {"TIME",
     {"00:00:00", "23:59:59.999999", "08:15:30.5", "08:15:30.000001", "24:00:00", "01:02:03.120"}},
    {"TIME_NS",
     {"00:00:00", "08:15:30.5", "08:15:30.000001", "08:15:30.000000001", "08:15:30.12345678"}},
    {"TIMESTAMP",
     {"1970-01-01 00:00:00", "2026-11-21 08:15:30.123456", "2026-11-21 08:15:30.1",
      "1969-12-31 23:59:59.999999", "0044-03-15 (BC) 10:00:00.25", "infinity", "-infinity",
      "290309-12-22 (BC) 00:00:00", "294247-01-10 04:00:54.775806", "10000-01-01 00:00:01"}},
    {"TIMESTAMP_S", {"2026-11-21 08:15:30", "1969-12-31 23:59:59", "infinity", "-infinity"}},
    {"TIMESTAMP_MS",
     {"2026-11-21 08:15:30.123", "1969-12-31 23:59:59.999", "infinity", "-infinity"}},
    {"TIMESTAMP_NS",
     {"2026-11-21 08:15:30.123456789", "2026-11-21 08:15:30.12", "1969-12-31 23:59:59.999999999",
      "2026-11-21 08:15:30.000000100", "infinity", "-infinity"}},
    {"TIME WITH TIME ZONE",
     {"08:15:30+00", "08:15:30.5-07:30", "08:15:30+15:59:59", "23:59:59.123-15:59:59"}},
    {"INTERVAL",
     {"1 year 2 months 3 days 04:05:06.5", "-1 month", "0 seconds", "-00:00:00.000001", "2 years",
      "1 day", "300 hours", "-13 months 5 days -2 hours", "1 microsecond"}},
  };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    for (size_t k = 0; k < 14 && all[i].values[k]; k++) {
      char sql[512];
      struct rs_value x, text;
      snprintf(sql, sizeof sql, "SELECT x, CAST(x AS VARCHAR) FROM (SELECT CAST('%s' AS %s) AS x)",
               all[i].values[k], all[i].type);
      struct rs_rows *r = duck_query(session, sql);
      assert_string_equal(rs_rows_columns(r)->v[0].native, all[i].type);
      duck_next(r);
      rs_rows_get(r, 0, &x);
      rs_rows_get(r, 1, &text);
      assert_int_equal(x.kind, RS_TEXT);
      char ours[128];
      snprintf(ours, sizeof ours, "%s", show(&x));
      if (strcmp(ours, show(&text)) != 0)
        fail_msg("%s %s: %s, DuckDB: %s", all[i].type, all[i].values[k], ours, show(&text));
      rs_rows_close(r);
    }
}

/* 20,000 random values of a type: ours equals DuckDB's text. */
static void compare_random(const char *expr, const char *text)
{
  char sql[1024];
  snprintf(sql, sizeof sql,
           "SELECT x, %s, i FROM (SELECT i, %s AS x FROM (SELECT range AS i, hash(range) AS h,"
           " hash(range + 1000000) AS g FROM range(20000)))",
           text, expr);
  struct rs_rows *r = duck_query(session, sql);
  struct rs_error e = {0};
  struct rs_value x, y;
  enum rs_code rc;
  int64_t n = 0;
  while ((rc = rs_rows_next(r, &e)) == RS_OK) {
    rs_rows_get(r, 0, &x);
    rs_rows_get(r, 1, &y);
    if (x.kind != RS_TEXT || x.s.n != y.s.n || memcmp(x.s.p, y.s.p, x.s.n) != 0)
      fail_msg("%s: %.*s, DuckDB: %.*s", expr, (int)x.s.n, x.s.p, (int)y.s.n, y.s.p);
    n++;
  }
  assert_int_equal(rc, RS_DONE);
  assert_int_equal(n, 20000);
  rs_rows_close(r);
}

static void random_dates(void **state)
{
  (void)state;
  const char *cast = "CAST(x AS VARCHAR)";
  compare_random("DATE '1970-01-01' + (h % 4000000)::INTEGER - 2000000", cast);
  compare_random("make_timestamp((h % 400000000000000000)::BIGINT - 200000000000000000)", cast);
  compare_random("make_timestamp((h % 40000000000)::BIGINT * 1000000)", cast);
  compare_random("make_timestamp_ns((h % 9000000000000000000)::BIGINT - 4500000000000000000)",
                 cast);
  compare_random("make_timestamp((h % 400000000000000)::BIGINT)::TIMESTAMP_MS", cast);
  compare_random("TIME '00:00:00' + to_microseconds((h % 86400000000)::BIGINT)", cast);
  compare_random("to_microseconds((h % 90000000000000)::BIGINT - 45000000000000)"
                 " + to_months((g % 1000)::INTEGER - 500) + to_days((h % 1000)::INTEGER - 500)",
                 cast);
  compare_random("(h::HUGEINT * (g % 1000000000)::HUGEINT + 9223372036854775808)", cast);
  compare_random(
    "(h % 1000000000000000000 + 100000000000000000)::DECIMAL(38,9) + 0.000000001::DECIMAL(38,9)",
    cast);
}

/* Correctly rounded, whatever the locale: the same double as DuckDB's own cast. */
static void decimals_become_the_nearest_double(void **state)
{
  (void)state;
  (void)setlocale(LC_ALL, "de_DE.UTF-8");
  struct rs_rows *r = duck_query(
    session,
    "SELECT x, CAST(CAST(x AS VARCHAR) AS DOUBLE) FROM (SELECT ((hash(range) % 1000000000000000)"
    "::DECIMAL(38,0) / 1)::DECIMAL(38,0)::DECIMAL(38,7) / 10000000 AS y, (hash(range) % 999999999)"
    "::DECIMAL(18,0)::DECIMAL(18,6) * 0.001::DECIMAL(4,3) AS x FROM range(5000))");
  struct rs_error e = {0};
  struct rs_value x, y;
  enum rs_code rc;
  while ((rc = rs_rows_next(r, &e)) == RS_OK) {
    rs_rows_get(r, 0, &x);
    rs_rows_get(r, 1, &y);
    assert_int_equal(x.kind, RS_FLOAT);
    assert_true(x.f == y.f);
  }
  assert_int_equal(rc, RS_DONE);
  rs_rows_close(r);
  assert_true(rs_text_to_double("1.25e-3", 7) == 1.25e-3);
  (void)setlocale(LC_ALL, "C");
}

static void timestamptz_is_utc_without_offset(void **state)
{
  (void)state;
  struct rs_value v;
  struct rs_rows *r = duck_query(
    session, "SELECT TIMESTAMPTZ '2026-11-21 08:15:30.25+02', 'infinity'::TIMESTAMPTZ");
  duck_next(r);
  assert_int_equal(rs_rows_columns(r)->v[0].type, RS_T_TIMESTAMPTZ);
  assert_string_equal(rs_rows_columns(r)->v[0].native, "TIMESTAMP WITH TIME ZONE");
  rs_rows_get(r, 0, &v);
  assert_string_equal(show(&v), "'2026-11-21 06:15:30.25'");
  rs_rows_get(r, 1, &v);
  assert_string_equal(show(&v), "'infinity'");
  rs_rows_close(r);
}

/* Every index width, many values, NULLs between. */
static void enums_of_any_width(void **state)
{
  (void)state;
  duck_run(session, "CREATE TYPE e16 AS ENUM (SELECT 'v' || range FROM range(1000))");
  duck_run(session, "CREATE TYPE e32 AS ENUM (SELECT 'v' || range FROM range(70000))");
  static const char *const queries[] = {
    "SELECT ('v' || (range * 7 % 1000))::e16 AS x, 'v' || (range * 7 % 1000) FROM range(3000)",
    "SELECT ('v' || (range * 7 % 70000))::e32, 'v' || (range * 7 % 70000) FROM range(30000)",
    ("SELECT CASE WHEN range % 3 > 0 THEN ('v' || (range % 1000))::e16 END,"
     " CASE WHEN range % 3 > 0 THEN 'v' || (range % 1000) END FROM range(5000)"),
  };
  for (size_t i = 0; i < 3; i++) {
    struct rs_rows *r = duck_query(session, queries[i]);
    struct rs_error e = {0};
    struct rs_value x, y;
    while (rs_rows_next(r, &e) == RS_OK) {
      rs_rows_get(r, 0, &x);
      rs_rows_get(r, 1, &y);
      assert_int_equal(x.kind, y.kind);
      if (x.kind == RS_TEXT) {
        assert_int_equal(x.s.n, y.s.n);
        assert_memory_equal(x.s.p, y.s.p, x.s.n);
      }
    }
    assert_int_equal(e.code, RS_OK);
    rs_rows_close(r);
  }
}

/* Several formatted columns of a row are valid together; a long nested value doesn't move them. */
static void values_of_a_row_live_together(void **state)
{
  (void)state;
  struct rs_rows *r = duck_query(session, "SELECT DATE '2020-01-01' + range::INTEGER AS a, "
                                          "list_transform(range(3000), x -> DATE '2020-01-01'"
                                          " + x::INTEGER), make_timestamp(range * 1000000) AS b, "
                                          "(range + 0.5)::DECIMAL(38,20) * 1.1 FROM range(50)");
  struct rs_error e = {0};
  struct rs_value v[4];
  for (int i = 0; rs_rows_next(r, &e) == RS_OK; i++) {
    char want[64];
    for (size_t c = 0; c < 4; c++) rs_rows_get(r, c, &v[c]);
    snprintf(want, sizeof want, "1970-01-01 00:00:%02d", i);
    assert_int_equal(v[2].s.n, strlen(want));
    assert_memory_equal(v[2].s.p, want, strlen(want));
    assert_int_equal(v[0].s.n, 10);
    assert_memory_equal(v[0].s.p, "2020-0", 6);
    assert_int_equal(v[1].kind, RS_JSON);
    assert_int_equal(v[1].s.n, 1 + 3000 * 13);
    assert_memory_equal(v[1].s.p, "[\"2020-01-01\",\"2020-01-02\"", 26);
  }
  rs_rows_close(r);
}

/* A slice: offset 3 in the batch, and 2 more in a child, over hand-made arrays. */
static void sliced_arrays(void **state)
{
  (void)state;
  enum rs_type types[] = {RS_T_INT, RS_T_TEXT, RS_T_BOOL};
  const char *names[] = {"a", "b", "c"};
  struct rs_arrow_builder *b = NULL;
  struct rs_error e = {0};
  assert_int_equal(rs_arrow_builder_new(types, names, 3, &b, &e), RS_OK);
  for (int64_t i = 0; i < 20; i++) {
    char text[16];
    int n = snprintf(text, sizeof text, "t%d", (int)i);
    struct rs_value row[3] = {{.kind = i % 4 ? RS_INT : RS_NULL, .i = i},
                              {.kind = i % 5 ? RS_TEXT : RS_NULL, .s = {text, (size_t)n}},
                              {.kind = RS_BOOL, .i = i % 3 == 0}};
    assert_int_equal(rs_arrow_builder_row(b, row, &e), RS_OK);
  }
  struct ArrowSchema schema;
  struct ArrowArray array;
  struct rs_arrow_schema s;
  struct rs_arrow_view views[3];
  struct rs_scratch scratch;
  struct rs_columns columns = {0};
  rs_scratch_init(&scratch);
  assert_int_equal(rs_arrow_builder_schema(b, &schema, &e), RS_OK);
  assert_int_equal(rs_arrow_builder_finish(b, &array, &e), RS_OK);
  assert_int_equal(rs_arrow_schema_init(&s, &schema, &columns, &e), RS_OK);
  assert_int_equal(columns.n, 3);
  assert_string_equal(columns.v[1].name, "b");
  array.offset = 3;
  array.length = 12;
  for (int i = 0; i < 3; i++) array.children[i]->offset = 2;
  rs_arrow_batch_open(&s, &array, views);
  for (int64_t i = 0; i < 12; i++) {
    struct rs_value v;
    int64_t k = i + 5;
    char want[16];
    rs_arrow_get(&views[0], i, &scratch, &v);
    snprintf(want, sizeof want, k % 4 ? "%d" : "null", (int)k);
    assert_string_equal(show(&v), want);
    rs_arrow_get(&views[1], i, &scratch, &v);
    snprintf(want, sizeof want, k % 5 ? "'t%d'" : "null", (int)k);
    assert_string_equal(show(&v), want);
    rs_arrow_get(&views[2], i, &scratch, &v);
    assert_string_equal(show(&v), k % 3 == 0 ? "true" : "false");
  }
  array.release(&array);
  schema.release(&schema);
  rs_arrow_schema_free(&s);
  rs_columns_free(&columns);
  rs_arrow_builder_free(b);
  rs_scratch_free(&scratch);
}

/* What DuckDB sends only when told to: string views, list views, 64-bit offsets, plain
** extensions. */
static void other_layouts(void **state)
{
  (void)state;
  static const char *const settings[] = {
    "SET arrow_output_version = '1.5'",      "SET produce_arrow_string_view = true",
    "SET arrow_output_list_view = true",     "SET arrow_large_buffer_size = true",
    "SET arrow_lossless_conversion = false",
  };
  for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
    struct rs_value v;
    duck_run(session, settings[i]);
    struct rs_rows *r = duck_query(
      session,
      "SELECT 'short', 'a text of more than twelve bytes', ['x', NULL, 'another long enough text'],"
      " 'bytes that are longer'::BLOB, 12.5::DECIMAL(4,1), 12.5::DECIMAL(12,1), true, 5::HUGEINT, "
      "NULL");
    duck_next(r);
    static const char *const want[] = {"'short'",
                                       "'a text of more than twelve bytes'",
                                       "json:[\"x\",null,\"another long enough text\"]",
                                       "x'6279746573207468617420617265206c6f6e676572'",
                                       "12.5",
                                       "12.5",
                                       "true",
                                       "5",
                                       "null"};
    for (size_t c = 0; c < 9; c++) {
      rs_rows_get(r, c, &v);
      if (strcmp(show(&v), want[c]) != 0)
        fail_msg("%s: %s; wanted %s", settings[i], show(&v), want[c]);
    }
    rs_rows_close(r);
  }
  duck_run(session, "RESET arrow_output_version");
  duck_run(session, "RESET produce_arrow_string_view");
  duck_run(session, "RESET arrow_output_list_view");
  duck_run(session, "RESET arrow_large_buffer_size");
  duck_run(session, "SET arrow_lossless_conversion = true");
}

static void unsupported_types_say_so(void **state)
{
  (void)state;
  struct rs_error e = {0};
  struct rs_rows *r = NULL;
  struct rs_statement st = {.sql = "SELECT 1::VARIANT AS v"};
  assert_int_equal(rs_session_query(session, &st, &r, &e), RS_REMOTE);
  assert_non_null(strstr(e.text, "(VARIANT?): cast it"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers),
    cmocka_unit_test(texts),
    cmocka_unit_test(texts_written_out),
    cmocka_unit_test(json_columns),
    cmocka_unit_test(nested),
    cmocka_unit_test(dates_read_as_duckdb_casts_them),
    cmocka_unit_test(random_dates),
    cmocka_unit_test(decimals_become_the_nearest_double),
    cmocka_unit_test(timestamptz_is_utc_without_offset),
    cmocka_unit_test(enums_of_any_width),
    cmocka_unit_test(values_of_a_row_live_together),
    cmocka_unit_test(sliced_arrays),
    cmocka_unit_test(other_layouts),
    cmocka_unit_test(unsupported_types_say_so),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
