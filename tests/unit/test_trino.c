/*
** The trino adapter's types and values (src/engine/trino/trino.h), without a server.
*/
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include "src/engine/trino/trino.h"
#include "src/base/text.h"

struct parsed {
  struct rs_arena a;
  struct rs_trino_type t;
};

static void parse(struct parsed *p, const char *text)
{
  rs_arena_init(&p->a, 0);
  assert_int_equal(rs_trino_type_parse(text, &p->a, &p->t, NULL), RS_OK);
}

static void test_types(void **state)
{
  static const struct {
    const char *text;
    enum rs_type type;
  } cases[] = {
    {"bigint", RS_T_INT},
    {"DOUBLE", RS_T_FLOAT},
    {"decimal(38,0)", RS_T_HUGEINT},
    {"decimal(38, 1)", RS_T_DECIMAL},
    {"varchar(5)", RS_T_TEXT},
    {"char(5)", RS_T_OTHER},
    {"timestamp(3)", RS_T_TIMESTAMP},
    {"timestamp(3) with time zone", RS_T_TIMESTAMPTZ},
    {"timestamp with time zone", RS_T_TIMESTAMPTZ},
    {"time(3) with time zone", RS_T_OTHER},
    {"interval day to second", RS_T_OTHER},
    {"INTERVAL YEAR TO MONTH", RS_T_OTHER},
    {"array(bigint)", RS_T_JSON},
    {"map(varchar(1), array(row(a bigint)))", RS_T_JSON},
    {"unknown", RS_T_OTHER},
    // what nobody has described is text
    {"", RS_T_OTHER},
    {"array(bigint", RS_T_OTHER},
    {"array()", RS_T_OTHER},
    {"map(bigint)", RS_T_OTHER},
    {"row(a bigint))", RS_T_OTHER},
    {"row(\"a bigint", RS_T_OTHER},
    {"bigint bigint", RS_T_OTHER},
    {"decimal(", RS_T_OTHER},
    {"tdigest", RS_T_OTHER},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct parsed p;
    parse(&p, cases[i].text);
    if (p.t.type != cases[i].type) fail_msg("%s: %s", cases[i].text, rs_type_name(p.t.type));
    rs_arena_free(&p.a);
  }
}

static void test_fields(void **state)
{
  struct parsed p;
  (void)state;
  parse(&p, "row(a bigint, \"b \"\"c\" timestamp(3) with time zone, timestamp(3) with time zone, "
            "interval day to second, d interval day to second, e row(f varchar))");
  static const char *const names[] = {"a", "b \"c", NULL, NULL, "d", "e"};
  static const enum rs_type types[] = {RS_T_INT,   RS_T_TIMESTAMPTZ, RS_T_TIMESTAMPTZ,
                                       RS_T_OTHER, RS_T_OTHER,       RS_T_JSON};
  const struct rs_trino_type *c = p.t.children;
  assert_int_equal(p.t.nchildren, 6);
  for (size_t i = 0; i < 6; i++, c = c->next) {
    assert_int_equal(c->type, types[i]);
    assert_true(rs_eq(c->name, names[i]));
  }
  rs_arena_free(&p.a);
}

/* Brackets nested too deep are no reason to run out of stack. */
static void test_depth(void **state)
{
  struct rs_buf b;
  struct parsed p;
  (void)state;
  rs_buf_init(&b, 1 << 20);
  for (int i = 0; i < 10000; i++) rs_buf_str(&b, "array(");
  rs_buf_str(&b, "bigint");
  for (int i = 0; i < 10000; i++) rs_buf_char(&b, ')');
  parse(&p, rs_buf_text(&b));
  assert_int_equal(p.t.type, RS_T_OTHER);
  rs_arena_free(&p.a);
  rs_buf_free(&b);
}

/* The value of a cell that json_rows gave as text (or JSON), as text. */
static void check(const char *type, enum rs_kind kind, const char *cell, enum rs_kind becomes,
                  const char *wanted)
{
  struct parsed p;
  struct rs_buf scratch;
  struct rs_value v = {.kind = kind, .s = {cell, strlen(cell)}};
  parse(&p, type);
  rs_buf_init(&scratch, 1 << 20);
  assert_true(rs_trino_value(&p.t, &scratch, &v));
  if (v.kind != becomes) fail_msg("%s %s: kind %d", type, cell, (int)v.kind);
  if (wanted != NULL && !rs_eqn(wanted, v.s.p, v.s.n)) {
    fail_msg("%s %s: %.*s", type, cell, (int)v.s.n, v.s.p);
  }
  rs_buf_free(&scratch);
  rs_arena_free(&p.a);
}

static void test_values(void **state)
{
  (void)state;
  check("decimal(18, 0)", RS_TEXT, "9223372036854775807", RS_INT, NULL);
  check("decimal(20, 0)", RS_TEXT, "9223372036854775808", RS_TEXT, "9223372036854775808");
  check("decimal(17, 2)", RS_TEXT, "123456789012345.60", RS_TEXT, "123456789012345.60");
  check("decimal(17, 2)", RS_TEXT, "000000000000001.50", RS_FLOAT, NULL);
  check("double", RS_TEXT, "NaN", RS_NULL, NULL);
  check("double", RS_TEXT, "-Infinity", RS_FLOAT, NULL);
  check("varbinary", RS_TEXT, "AP8=", RS_BYTES, NULL);
  check("varbinary", RS_TEXT, "no base64!", RS_TEXT, "no base64!");
  check("time(6)", RS_TEXT, "01:02:03.000000", RS_TEXT, "01:02:03");
  check("timestamp(12)", RS_TEXT, "2020-01-01 00:00:00.000000000010", RS_TEXT,
        "2020-01-01 00:00:00.00000000001");
  check("timestamp(3)", RS_TEXT, "+12000-01-01 00:00:00.500", RS_TEXT, "12000-01-01 00:00:00.5");
  check("date", RS_TEXT, "+12000-01-01", RS_TEXT, "12000-01-01");
  check("date", RS_TEXT, "-0001-01-01", RS_TEXT, "-0001-01-01");
  check("array(date)", RS_JSON, "[\"+12000-01-01\",\"2020-01-01\"]", RS_JSON,
        "[\"12000-01-01\",\"2020-01-01\"]");
  check("timestamp(3) with time zone", RS_TEXT, "2020-01-01 00:00:00.100 +14:00", RS_TEXT,
        "2019-12-31 10:00:00.1");
  check("timestamp(3) with time zone", RS_TEXT, "", RS_TEXT, "");
  check("timestamp(3) with time zone", RS_TEXT, "2020-01-01 00:00:00.100 +", RS_TEXT,
        "2020-01-01 00:00:00.100 +");
  check("json", RS_TEXT, "{\"a\":1}", RS_JSON, "{\"a\":1}");
  check("array(double)", RS_JSON, "[\"NaN\",1.5,null]", RS_JSON, "[null,1.5,null]");
  check("row(a decimal(3, 1), b varbinary)", RS_JSON, "[\"1.5\",\"AA==\"]", RS_JSON,
        "{\"a\":1.5,\"b\":\"AA==\"}");
  // fewer values than fields, and more
  check("row(a decimal(3, 1), b json)", RS_JSON, "[\"1.5\"]", RS_JSON, "{\"a\":1.5}");
  check("row(a json)", RS_JSON, "[null,1]", RS_JSON, "{\"a\":null}");
  check("map(varchar, row(x json))", RS_JSON, "{\"k\":[\"[1]\"]}", RS_JSON, "{\"k\":{\"x\":[1]}}");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_types),
    cmocka_unit_test(test_fields),
    cmocka_unit_test(test_depth),
    cmocka_unit_test(test_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
