/* Options: what is read, and the text of every refusal. */
#include "unit.h"
#include <stdio.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/base/options.h"

static bool flag;
static int64_t count;
static const char *text, *mode, *json;
static struct rs_arena arena;
static struct rs_error e;

static const struct rs_option table[] = {
  {"flag", RS_OPT_BOOL, &flag, NULL}, {"count", RS_OPT_INT, &count, NULL},
  {"text", RS_OPT_TEXT, &text, NULL}, {"mode", RS_OPT_CHOICE, &mode, "create|append|replace"},
  {"json", RS_OPT_JSON, &json, NULL},
};

static enum rs_code parse(const char *options)
{
  return rs_options_read(options, table, sizeof table / sizeof table[0], "rockset_load", &arena,
                         &e);
}

static int setup(void **state)
{
  (void)state;
  flag = false;
  count = -1;
  text = mode = json = "default";
  e = (struct rs_error){0};
  rs_arena_init(&arena, 0);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  rs_arena_free(&arena);
  return 0;
}

static void all_types(void **state)
{
  (void)state;
  assert_int_equal(parse("{\"flag\":true, \"count\":9007199254740992, \"text\":\"a\\u00e9\","
                         "\"mode\":\"append\", \"json\":{\"k\": [1, null]}} "),
                   RS_OK);
  assert_true(flag);
  assert_int_equal(count, INT64_C(9007199254740992));
  assert_string_equal(text, "a\xC3\xA9");
  assert_string_equal(mode, "append");
  assert_string_equal(json, "{\"k\":[1,null]}");
  assert_int_equal(parse("{\"count\":-3,\"json\":null}"), RS_OK);
  assert_int_equal(count, -3);
  assert_string_equal(json, "null");
}

/* Every digit counts, where cJSON only has doubles. */
static void digits(void **state)
{
  (void)state;
  assert_int_equal(parse("{\"count\":9007199254740993}"), RS_OK);
  assert_int_equal(count, INT64_C(9007199254740993));
  assert_int_equal(parse("{\"count\" : -9223372036854775808 }"), RS_OK);
  assert_true(count == INT64_MIN);
  assert_int_equal(parse("{\"count\":9223372036854775807}"), RS_OK);
  assert_true(count == INT64_MAX);
  assert_int_equal(parse("{\"count\":1.5e3,\"flag\":true}"), RS_OK);
  assert_int_equal(count, 1500);
  static const struct {
    const char *options, *json;
  } cases[] = {
    {"{\"json\":9007199254740993}", "9007199254740993"},
    {"{\"json\": -0.1234567890123456789e-10 }", "-0.1234567890123456789e-10"},
    {"{\"json\":123456789012345678901234567890,\"flag\":true}", "123456789012345678901234567890"},
    {" { \"text\" : \"{\\\"[\" , \"json\" : { \"a b\" : [ 1 , -2.50 ] , \"\\\"}\" : \"x y\\\\\" } "
     "}",
     "{\"a b\":[1,-2.50],\"\\\"}\":\"x y\\\\\"}"},
    {"{\"json\":\"a\\u00e9 \tb\"}", "\"a\\u00e9 \\u0009b\""},
    {"\xEF\xBB\xBF{\"json\":[]}", "[]"},
    {"{\"json\":[true,false,null,\"\",{}]}", "[true,false,null,\"\",{}]"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    assert_int_equal(parse(cases[i].options), RS_OK);
    assert_string_equal(json, cases[i].json);
  }
  // cJSON is generous with these; whoever reads them next is not
  static const char *const numbers[] = {"01", "[1.]", "{\"a\":-01.5}", "1e"};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    char options[64];
    (void)snprintf(options, sizeof options, "{\"json\":%s}", numbers[i]);
    assert_int_equal(parse(options), RS_INVALID);
  }
}

static void absent_keeps_the_default(void **state)
{
  (void)state;
  assert_int_equal(parse(NULL), RS_OK);
  assert_int_equal(parse(""), RS_OK);
  assert_int_equal(parse("{}"), RS_OK);
  assert_int_equal(count, -1);
  assert_string_equal(text, "default");
}

static void refusals(void **state)
{
  (void)state;
  static const struct {
    const char *options, *error;
  } cases[] = {
    {"{", "rockset_load: options are not valid JSON near ''"},
    {"{\"flag\":tru}", "rockset_load: options are not valid JSON near 'tru}'"},
    {"{} x", "rockset_load: options are not valid JSON near 'x'"},
    {"[1]", "rockset_load: options must be a JSON object"},
    {"{\"mod\":1}", "rockset_load: unknown option 'mod' (did you mean 'mode'?)"},
    {"{\"Flag\":true}", "rockset_load: unknown option 'Flag' (did you mean 'flag'?)"},
    {"{\"zzzzz\":1}",
     "rockset_load: unknown option 'zzzzz' (legal: flag, count, text, mode, json)"},
    {"{\"flag\":true,\"flag\":true}", "rockset_load: option 'flag' is given twice"},
    {"{\"flag\":1}", "rockset_load: option 'flag' must be true or false"},
    {"{\"flag\":null}", "rockset_load: option 'flag' must be true or false"},
    {"{\"count\":1.5}", "rockset_load: option 'count' must be a whole number"},
    {"{\"count\":\"1\"}", "rockset_load: option 'count' must be a whole number"},
    {"{\"count\":1e300}", "rockset_load: option 'count' must be a whole number of at most 64 bits"},
    {"{\"text\":1}", "rockset_load: option 'text' must be a text"},
    {"{\"text\":\"a\\u0000b\"}", "rockset_load: options must not hold a NUL character"},
    {"{\"mode\":false}", "rockset_load: option 'mode' must be a text"},
    {"{\"mode\":\"repalce\"}",
     "rockset_load: option 'mode': 'repalce' is not one of create, append, "
     "replace (did you mean 'replace'?)"},
    {"{\"mode\":\"\"}", "rockset_load: option 'mode': '' is not one of create, append, replace"},
    {"{\"text\":\"\xFF\"}", "rockset_load: options are not valid UTF-8"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_fails(parse(cases[i].options), e, RS_INVALID, cases[i].error);
  assert_int_equal(parse("{\"text\":\"a\\\\u0000b\"}"), RS_OK); // an escaped backslash, not a NUL
  assert_string_equal(text, "a\\u0000b");
  assert_fails(rs_options_read("{\"a\":1}", NULL, 0, "x", &arena, &e), e, RS_INVALID,
               "x: unknown option 'a' (there are none)");
}

static void arena_limit(void **state)
{
  (void)state;
  rs_arena_init(&arena, 64);
  char options[300] = "{\"text\":\"";
  memset(options + 9, 't', 200);
  memcpy(options + 209, "\"}", 3);
  assert_fails(parse(options), e, RS_LIMIT, "rockset_load: option 'text' is too long");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(all_types, setup, teardown),
    cmocka_unit_test_setup_teardown(digits, setup, teardown),
    cmocka_unit_test_setup_teardown(absent_keeps_the_default, setup, teardown),
    cmocka_unit_test_setup_teardown(refusals, setup, teardown),
    cmocka_unit_test_setup_teardown(arena_limit, setup, teardown),
  };
  return RS_RUN(tests);
}
