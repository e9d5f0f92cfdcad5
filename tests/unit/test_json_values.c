/* The row slicer's values: numbers, strings, Rockset's typed values, types. */
#include "json_fixture.h"
#include "json_plain.h"
#include <locale.h>

/* One value as the only cell of the only row; the batch is the caller's. */
static struct rs_json_batch *batch_with(const char *json, bool typed, bool decimal)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 24);
  rs_buf_printf(&b, "{\"data\":[[%s]]}", json);
  struct feed f = {.p = b.p, .n = b.n};
  struct rs_json_source s = {feed_read, &f};
  struct rs_json_options o = {
    .what = "result", .rows = "data", .shape = RS_JSON_ARRAYS, .typed = typed};
  struct rs_json_rows *r;
  struct rs_json_batch *batch;
  struct rs_error e = {0};
  size_t n;
  assert_int_equal(rs_json_rows_open(&s, &o, &r, &e), RS_OK);
  if (decimal) {
    assert_int_equal(rs_json_rows_decimal(r, 0, NULL), RS_INVALID); // nothing is picked yet
    assert_int_equal(rs_json_rows_pick(r, NULL, 1, 1, &e), RS_OK);
    assert_int_equal(rs_json_rows_decimal(r, 1, NULL), RS_INVALID);
    assert_int_equal(rs_json_rows_decimal(r, 0, &e), RS_OK);
  }
  if (rs_json_rows_next(r, &batch, &n, &e) != RS_OK) fail_msg("%s: %s", json, e.text);
  rs_json_rows_close(r);
  rs_buf_free(&b);
  return batch;
}

static struct rs_json_batch *batch_of(const char *json, bool typed)
{
  return batch_with(json, typed, false);
}

/* The value as print_value writes it, the same on the second call, and a NUL behind each text. */
static void is_value(const char *json, const char *want)
{
  struct rs_json_batch *b = batch_of(json, true);
  struct rs_buf out;
  struct rs_value v;
  rs_buf_init(&out, 1 << 24);
  for (int i = 0; i < 2; i++) {
    rs_buf_clear(&out);
    assert_true(rs_json_batch_get(b, 0, 0, &v));
    print_value(&out, &v);
    if (strcmp(rs_buf_text(&out), want) != 0) fail_msg("%s: %s, not %s", json, out.p, want);
    if (v.kind != RS_TEXT && v.kind != RS_JSON) continue;
    assert_int_equal(v.s.p[v.s.n], 0);
    if (v.kind == RS_TEXT && v.whole) assert_int_equal(strlen(v.s.p), v.s.n);
  }
  rs_buf_free(&out);
  rs_json_batch_free(b);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void integers(void **state)
{
  (void)state;
  is_value("0", "0");
  is_value("-0", "0");
  is_value("7", "7");
  is_value("-42", "-42");
  is_value("9007199254740993", "9007199254740993");
  // where a cell can no longer hold the integer itself
  is_value("288230376151711743", "288230376151711743");
  is_value("-288230376151711743", "-288230376151711743");
  is_value("288230376151711744", "288230376151711744");
  is_value("-288230376151711744", "-288230376151711744");
  is_value("-288230376151711745", "-288230376151711745");
  is_value("999999999999999999", "999999999999999999");
  is_value("-1000000000000000000", "-1000000000000000000");
  is_value("9223372036854775807", "9223372036854775807");
  is_value("-9223372036854775808", "-9223372036854775808");
  is_value("9223372036854775808", "'9223372036854775808'");
  is_value("-9223372036854775809", "'-9223372036854775809'");
  is_value("99999999999999999999", "'99999999999999999999'");
  is_value("123456789012345678901234567890123456789012345678901234567890",
           "'123456789012345678901234567890123456789012345678901234567890'");
}

static void is_double(const char *json)
{
  struct rs_json_batch *b = batch_of(json, false);
  struct rs_value v;
  double want = strtod(json, NULL);
  assert_true(rs_json_batch_get(b, 0, 0, &v));
  if (isinf(want)) {
    assert_int_equal(v.kind, RS_NULL);
  } else {
    assert_int_equal(v.kind, RS_FLOAT);
    if (memcmp(&v.f, &want, sizeof want) != 0) fail_msg("%s: %.17g, not %.17g", json, v.f, want);
  }
  rs_json_batch_free(b);
}

static void floats(void **state)
{
  (void)state;
  static const char *const forms[] = {
    "0.0",
    "-0.0",
    "0e0",
    "-0e5",
    "1.0",
    "1e0",
    "1E0",
    "1e+2",
    "1e-2",
    "0.1",
    "0.30000000000000004",
    "3.141592653589793",
    "2.2250738585072014e-308",
    "2.2250738585072011e-308",
    "4.9e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "1e-400",
    "1.7976931348623157e308",
    "1.7976931348623159e308",
    "1e400",
    "-1e400",
    "1e22",
    "1e23",
    "9007199254740991e22",
    "9007199254740991.0",
    "900719925474099.1",
    "-900719925474099.1",
    "9.007199254740991",
    "9.007199254740992",
    "-9.007199254740993",
    "0.00000000000000001",
    "0.000000000000000001",
    "-0.000000000000000001",
    "-0.00000",
    "9007199254740992e0",
    "9007199254740993e0",
    "9007199254740993.0",
    "9007199254740992.5",
    "0.9007199254740993",
    "1e-22",
    "1e-23",
    "9007199254740993e-22",
    "5e-1",
    "123456789012345678901234567890.5",
    "0.000000000000000000000000000000000000000000000000000000001",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124",
    "1.00000000000000011102230246251565404236316680908203126",
    "6929495644600919.5",
    "8.988465674311579e307",
    "1e0000000000000000000000000000000000001",
    "1e-0000000000000000000000000000000000001",
    "0e99999999999999999999",
    "1e99999999999999999999",
    "1e-99999999999999999999",
  };
  for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) is_double(forms[i]);
  char text[600];
  memset(text, '1', sizeof text); // longer than any buffer of ours
  memcpy(text + 300, ".5", 2);
  memcpy(text + sizeof text - 6, "e-250", 6);
  is_double(text);
  unsigned long long x = 88172645463325252u;
  for (int i = 0; i < 20000; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    int digits = (int)(x % 19) + 1, exp = (int)(x >> 8 & 0x3F) - 32;
    if (i % 3 == 0)
      (void)snprintf(text, sizeof text, "%.*e", digits, (double)(int64_t)x * pow(10, exp));
    else (void)snprintf(text, sizeof text, "%llu.%llu", x >> (x % 60), x % 1000003);
    is_double(text);
  }
}

static void floats_in_any_locale(void **state)
{
  (void)state;
  static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
  const char *set = NULL;
  for (size_t i = 0; i < 3 && set == NULL; i++) set = setlocale(LC_NUMERIC, locales[i]);
  struct rs_json_batch *b = batch_of("0.30000000000000004", false);
  struct rs_value v;
  assert_true(rs_json_batch_get(b, 0, 0, &v));
  assert_true(v.kind == RS_FLOAT && v.f > 0.3);
  rs_json_batch_free(b);
  (void)setlocale(LC_NUMERIC, "C");
  if (set == NULL) skip(); // no locale with a decimal comma here
}

/* ---- strings and the rest -------------------------------------------------------------------- */

static void strings(void **state)
{
  (void)state;
  is_value("\"\"", "''");
  is_value("\"abc\"", "'abc'");
  is_value("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'\"\\/\b\f\n\r\t'");
  is_value("\"a\\u00e9\\u20AC\\uD83D\\uDE00z\"", "'a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z'");
  is_value("\"\\ud800\"", "'\xEF\xBF\xBD'");
  is_value("\"\\udc00x\"", "'\xEF\xBF\xBDx'");
  is_value("\"\\ud800\\ud83d\\ude00\"", "'\xEF\xBF\xBD\xF0\x9F\x98\x80'");
  is_value("\"\\ud800\\n\\ud800\\u0041\"", "'\xEF\xBF\xBD\n\xEF\xBF\xBD"
                                           "A'");
  is_value("\"\\uFFFF\\uFFFD\"", "'\xEF\xBF\xBF\xEF\xBF\xBD'");
  struct rs_json_batch *b = batch_of("\"a\\u0000b\"", false);
  struct rs_value v;
  assert_true(rs_json_batch_get(b, 0, 0, &v) && v.kind == RS_TEXT);
  assert_int_equal(v.s.n, 3);
  assert_memory_equal(v.s.p, "a\0b", 3);
  rs_json_batch_free(b);
}

static void other_values(void **state)
{
  (void)state;
  is_value("null", "null");
  is_value("true", "true");
  is_value("false", "false");
  is_value("[1, \"\\n\"]", "`[1, \"\\n\"]`");
  is_value("{\"a\":{}}", "`{\"a\":{}}`");
}

/* ---- typed values ---------------------------------------------------------------------------- */

#define TYPED(t, v) "{\"__rockset_type\":\"" t "\",\"value\":" v "}"

static void typed_values(void **state)
{
  (void)state;
  is_value(TYPED("DATE", "\"2020-01-02\""), "'2020-01-02'");
  is_value(TYPED("date", "\"2020-01-02\""), "'2020-01-02'");
  is_value("{ \"value\" : \"2020-01-02\" , \"x\" : [\"}\", {\"value\":1}], \"__rockset_type\" : "
           "\"Date\" }",
           "'2020-01-02'");
  is_value(TYPED("TIME", "\"12:34:56\""), "'12:34:56'");
  is_value(TYPED("TIME", "\"12:34:56.123456\""), "'12:34:56.123456'");
  is_value(TYPED("TIME", "\"12:34:56.120000\""), "'12:34:56.12'");
  is_value(TYPED("TIME", "\"12:34:50.000\""), "'12:34:50'");
  is_value(TYPED("DATETIME", "\"2020-03-02T10:49:33\""), "'2020-03-02 10:49:33'");
  is_value(TYPED("DATETIME", "\"2020-03-02T10:49:33.100000\""), "'2020-03-02 10:49:33.1'");
  is_value(TYPED("DATETIME", "\"soon\""), "'soon'");
  is_value(TYPED("TIMESTAMP", "1584691545374000"), "'2020-03-20 08:05:45.374'");
  is_value(TYPED("TIMESTAMP", "0"), "'1970-01-01 00:00:00'");
  is_value(TYPED("TIMESTAMP", "-1"), "'1969-12-31 23:59:59.999999'");
  is_value(TYPED("TIMESTAMP", "\"2019-11-09T23:14:31.561512Z\""), "'2019-11-09 23:14:31.561512'");
  is_value(TYPED("BYTES", "\"AAE=\""), "x'0001'");
  is_value(TYPED("BYTES", "\"\""), "x''");
  is_value(TYPED("BYTES", "\"+\\/+\\u002f\""), "x'fbffbf'");
  is_value("{\"__rockset_type\":\"bytes\",\"encoding\":\"base64\",\"value\":\"aGk=\"}", "x'6869'");
  is_value(TYPED("BYTES", "\"no base64!\""), "x'6e6f2062617365363421'");
  is_value(TYPED("BYTES", "\"A===\""), "x'413d3d3d'");
  is_value(TYPED("U256", "\"115792089237316195423570985008687907853\""),
           "'115792089237316195423570985008687907853'");
  is_value(TYPED("MONTH_INTERVAL", "40"), "40");
  is_value(TYPED("MICROSECOND_INTERVAL", "-1500000"), "-1500000");
  is_value(TYPED("GEOGRAPHY", "{\"type\":\"Point\",\"coordinates\":[34.0,12.0]}"),
           "`{\"type\":\"Point\",\"coordinates\":[34.0,12.0]}`");
}

/* What is no typed value stays the object it is. */
static void not_typed(void **state)
{
  (void)state;
  static const char *const objects[] = {
    "{}",
    "{\"value\":1}",
    "{\"__rockset_type\":\"DATE\"}",
    TYPED("DATE", "1"),
    TYPED("DAT", "\"2020-01-02\""),
    TYPED("DATES", "\"2020-01-02\""),
    TYPED("MONTH_INTERVAL", "1.5"),
    TYPED("MONTH_INTERVAL", "\"1\""),
    TYPED("TIMESTAMP", "null"),
    TYPED("TIMESTAMP", "1.5"),
    TYPED("GEOGRAPHY", "\"POINT\""),
    "{\"__rockset_type\":5,\"value\":\"x\"}",
    "{\"__rockset_type\":\"BYTES\",\"encoding\":\"hex\",\"value\":\"00\"}",
    "{\"a\":{\"__rockset_type\":\"DATE\",\"value\":\"2020-01-02\"}}",
  };
  char want[200];
  for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
    (void)snprintf(want, sizeof want, "`%s`", objects[i]);
    is_value(objects[i], want);
  }
  struct rs_json_batch *b = batch_of(TYPED("DATE", "\"2020-01-02\""), false); // not asked for
  struct rs_value v;
  assert_true(rs_json_batch_get(b, 0, 0, &v) && v.kind == RS_JSON);
  rs_json_batch_free(b);
}

static void typed_alone(void **state)
{
  (void)state;
  char text[] = TYPED("DATETIME", "\"2020-03-02T10:49:33\""), no[] = "{\"a\":1}";
  struct rs_value v;
  assert_true(rs_json_typed(text, sizeof text - 1, &v));
  assert_true(v.kind == RS_TEXT && v.s.n == 19);
  assert_memory_equal(v.s.p, "2020-03-02 10:49:33", 19);
  assert_false(rs_json_typed(no, sizeof no - 1, &v));
  assert_string_equal(no, "{\"a\":1}");
}

static void timestamps(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
    {"2019-11-09T23:14:31.561512Z", "2019-11-09 23:14:31.561512"},
    {"2019-11-09T23:14:31.000000Z", "2019-11-09 23:14:31"},
    {"2019-11-09T23:14:31.5Z", "2019-11-09 23:14:31.5"},
    {"2019-11-09T23:14:31.1234567Z", "2019-11-09 23:14:31.123456"},
    {"2019-11-09 23:14:31", "2019-11-09 23:14:31"},
    {"2019-11-09T23:14Z", "2019-11-09 23:14:00"},
    {"2019-11-09T23:14:31+01:30", "2019-11-09 21:44:31"},
    {"2019-12-31T23:14:31-0100", "2020-01-01 00:14:31"},
    {"2019-11-09T23:14:31+01", "2019-11-09 22:14:31"},
    {"2020-02-29", "2020-02-29 00:00:00"},
    {"1970-01-01", "1970-01-01 00:00:00"},
    {"1969-12-31T23:59:59.999999Z", "1969-12-31 23:59:59.999999"},
    {"0001-01-01T00:00:00Z", "0001-01-01 00:00:00"},
    {"9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999"},
    {"2000-03-01T00:00:00Z", "2000-03-01 00:00:00"},
    {"1900-02-28T23:00:00-01:00", "1900-03-01 00:00:00"},
    {"2019-02-29", ""},
    {"1900-02-29", ""},
    {"2019-13-01", ""},
    {"2019-00-01", ""},
    {"2019-01-00", ""},
    {"2019-1-1", ""},
    {"2019-01-01T", ""},
    {"2019-01-01T24:00:00", ""},
    {"2019-01-01T23:60:00", ""},
    {"2019-01-01T23:59:60", ""},
    {"2019-01-01T23:59:59.", ""},
    {"2019-01-01T23:59:59x", ""},
    {"2019-01-01T23:59:59Zx", ""},
    {"2019-01-01T23:59:59+", ""},
    {"2019-01-01T23:59:59+01:", ""},
    {"12019-01-01", ""},
    {"", ""},
    {"soon", ""},
  };
  char out[RS_JSON_TIME_MAX], json[100];
  struct rs_value v;
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    const char *text = pairs[i][0], *want = pairs[i][1];
    size_t n = rs_json_timestamp(text, strlen(text), out);
    if (n != strlen(want) || memcmp(out, want, n) != 0)
      fail_msg("%s: %.*s, not %s", text, (int)n, out, want);
    if (n == 0) want = text; // in a batch it then is the text that it was
    (void)snprintf(json, sizeof json, "\"%s\"", text);
    struct rs_json_batch *b = batch_of(json, true);
    for (int again = 0; again < 2; again++) {
      assert_true(rs_json_batch_timestamp(b, 0, 0, &v));
      assert_int_equal(v.kind, RS_TEXT);
      assert_int_equal(v.s.n, strlen(want));
      assert_memory_equal(v.s.p, want, v.s.n);
    }
    rs_json_batch_free(b);
  }
}

static void timestamps_of_other_values(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
    {"1584691545374000", "'2020-03-20 08:05:45.374'"},
    {"0", "'1970-01-01 00:00:00'"},
    {"-62135596800000000", "'0001-01-01 00:00:00'"},
    {"-62135596800000001", "-62135596800000001"},
    {"253402300799999999", "'9999-12-31 23:59:59.999999'"},
    {"253402300800000000", "253402300800000000"},
    {"1.5", "1.5f"},
    {"null", "null"},
    {"[1]", "`[1]`"},
    {TYPED("TIMESTAMP", "1"), "'1970-01-01 00:00:00.000001'"},
    {TYPED("DATE", "\"2020-01-02\""), "'2020-01-02'"},
  };
  struct rs_buf out;
  struct rs_value v;
  rs_buf_init(&out, 1000);
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct rs_json_batch *b = batch_of(pairs[i][0], true);
    assert_true(rs_json_batch_timestamp(b, 0, 0, &v));
    rs_buf_clear(&out);
    print_value(&out, &v);
    assert_string_equal(out.p, pairs[i][1]);
    rs_json_batch_free(b);
  }
  rs_buf_free(&out);
}

static void decimals(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {
    {"2.50", "2.5f"},
    {"-0.125", "-0.125f"},
    {"12", "12"},
    {"99999999999999999999", "'99999999999999999999'"},
    {"999999999999999.00", "999999999999999f"},
    {"9.007199254740991", "'9.007199254740991'"},
    {"-0.001234567890123456", "'-0.001234567890123456'"},
    {"100000000000000.5", "'100000000000000.5'"},
    {"10000000000000.50", "10000000000000.5f"},
    {"1234567890123450.00", "'1234567890123450.00'"},
    {"0.000000000000000000000015", "1.5e-23f"},
    {"-1234567890123456.7890000001", "'-1234567890123456.7890000001'"},
    {"1234567890123456.5e0", "1234567890123456.5f"},
    {"\"x\"", "'x'"},
    {"null", "null"},
  };
  struct rs_buf out;
  struct rs_value v;
  rs_buf_init(&out, 1000);
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
    struct rs_json_batch *b = batch_with(pairs[i][0], true, true);
    for (int times = 0; times < 2; times++) {
      assert_true(rs_json_batch_decimal(b, 0, 0, &v));
      rs_buf_clear(&out);
      print_value(&out, &v);
      assert_string_equal(out.p, pairs[i][1]);
    }
    rs_json_batch_free(b);
  }
  rs_buf_free(&out);
}

static void types(void **state)
{
  (void)state;
  static const struct {
    const char *json;
    enum rs_json_token kind;
  } cases[] = {
    {"null", RS_JSON_NULL},
    {"true", RS_JSON_TRUE},
    {"1", RS_JSON_SMALL},
    {"9223372036854775808", RS_JSON_INT},
    {"1.0", RS_JSON_DECIMAL},
    {"\"a\"", RS_JSON_STRING},
    {"\"\\n\"", RS_JSON_STRING},
    {"[]", RS_JSON_NESTED},
    {"{}", RS_JSON_NESTED},
    {TYPED("DATE", "\"2020-01-02\""), RS_JSON_DATE},
    {TYPED("TIME", "\"12:34:56\""), RS_JSON_TIME},
    {TYPED("DATETIME", "\"2020-03-02T10:49:33\""), RS_JSON_DATETIME},
    {TYPED("TIMESTAMP", "0"), RS_JSON_TIMESTAMP},
    {TYPED("BYTES", "\"AAE=\""), RS_JSON_BYTES},
    {TYPED("U256", "\"1\""), RS_JSON_U256},
    {TYPED("MONTH_INTERVAL", "1"), RS_JSON_INT},
    {TYPED("GEOGRAPHY", "{}"), RS_JSON_NESTED},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct rs_json_batch *b = batch_of(cases[i].json, true);
    struct rs_value v;
    assert_true(rs_json_batch_get(b, 0, 0, &v));
    assert_int_equal(rs_json_cell_kind(b->cells[0]), cases[i].kind);
    rs_json_batch_free(b);
  }
}

/* However a text came about and whatever was asked before: it is whole unless it has a NUL. */
static void whole_texts(void **state)
{
  static const struct {
    const char *json;
    size_t n;
    bool has_nul;
  } cases[] = {
    {"\"\"", 0, false},
    {"\"ab\"", 2, false},
    {"\"a\\tb\"", 3, false},
    {"\"a\\u0000b\"", 3, true},
    {"\"\\u0000\"", 1, true},
    {"123456789012345678901234567890", 30, false},
    {TYPED("DATE", "\"2020-01-02\""), 10, false},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (int before = 0; before < 2; before++) {
      struct rs_json_batch *b = batch_of(cases[i].json, true);
      struct rs_value v;
      if (before == 1) assert_true(rs_json_batch_decimal(b, 0, 0, &v));
      for (int again = 0; again < 3; again++) {
        assert_true(rs_json_batch_get(b, 0, 0, &v));
        assert_int_equal(v.kind, RS_TEXT);
        assert_int_equal(v.s.n, cases[i].n);
        assert_int_equal(v.s.p[v.s.n], 0);
        if (v.whole == true) assert_false(cases[i].has_nul);
      }
      rs_json_batch_free(b);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(finds_what_is_not_plain),
    cmocka_unit_test(integers),
    cmocka_unit_test(floats),
    cmocka_unit_test(floats_in_any_locale),
    cmocka_unit_test(strings),
    cmocka_unit_test(other_values),
    cmocka_unit_test(typed_values),
    cmocka_unit_test(not_typed),
    cmocka_unit_test(typed_alone),
    cmocka_unit_test(timestamps),
    cmocka_unit_test(timestamps_of_other_values),
    cmocka_unit_test(decimals),
    cmocka_unit_test(types),
    cmocka_unit_test(whole_texts),
  };
  return RS_RUN(tests);
}
