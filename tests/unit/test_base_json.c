/*
** JSON as a tree: what is read, what is refused, what is written again.
*/
#include "unit.h"
#include <string.h>
#include "src/json/json.h"

static enum rs_code parse(struct rs_arena *a, const char *text, size_t depth, struct rs_json **j,
                          struct rs_error *e)
{
  memset(e, 0, sizeof *e);
  return rs_json_parse(text, strlen(text), depth, a, j, e);
}

static void same(const char *text, const char *want)
{
  struct rs_arena a;
  struct rs_json *j;
  struct rs_error e;
  struct rs_buf b;
  rs_arena_init(&a, 0);
  rs_buf_init(&b, 1 << 20);
  if (parse(&a, text, 10, &j, &e) != RS_OK) fail_msg("%s: %s", text, e.text);
  rs_json_write(&b, j);
  assert_string_equal(rs_buf_text(&b), want);
  rs_buf_free(&b);
  rs_arena_free(&a);
}

static void test_values(void **state)
{
  (void)state;
  same(" null ", "null");
  same("[true,false,[],{}]", "[true,false,[],{}]");
  // numbers keep their text
  same("[0,-0,9223372036854775808,1.50,1e5,-2.5E-3]",
       "[0,-0,9223372036854775808,1.50,1e5,-2.5E-3]");
  same("{ \"a\" : 1 , \"b\":\t[ 2 ] }", "{\"a\":1,\"b\":[2]}");
  same("\"a\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\"", "\"a\xc3\xa9\xf0\x9f\x98\x80\\n\\\"\\\\/\"");
  same("\"\\ud83d x\\udc00\"", "\"\xef\xbf\xbd x\xef\xbf\xbd\"");
  same("{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}");
}

static void test_refused(void **state)
{
  (void)state;
  static const struct {
    const char *text, *why;
  } bad[] = {
    {"", "not valid JSON: a value is expected at byte 1"},
    {"{", "not valid JSON: a name in quotes is expected at byte 2"},
    {"[1,]", "not valid JSON: a value is expected at byte 4"},
    {"[1 2]", "not valid JSON: a comma or ] is expected at byte 4"},
    {"{\"a\" 1}", "not valid JSON: a colon is expected at byte 6"},
    {"01", "not valid JSON: text behind the value at byte 2"},
    {"1.", "not valid JSON: a digit is expected at byte 3"},
    {"-", "not valid JSON: a value is expected at byte 2"},
    {"nul", "not valid JSON: a value is expected at byte 1"},
    {"\"a", "not valid JSON: a string without end at byte 3"},
    {"\"\\x\"", "not valid JSON: an unknown escape at byte 3"},
    {"\"\\u12\"", "not valid JSON: an unknown escape at byte 3"},
    {"\"a\nb\"", "not valid JSON: a control character in a string at byte 3"},
    {"\"\xff\"", "not valid JSON: bad UTF-8 at byte 2"},
    {"1 1", "not valid JSON: text behind the value at byte 3"},
  };
  struct rs_arena a;
  struct rs_json *j;
  struct rs_error e;
  rs_arena_init(&a, 0);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_fails(parse(&a, bad[i].text, 10, &j, &e), e, RS_INVALID, bad[i].why);
  assert_int_equal(parse(&a, "[[[]]]", 3, &j, &e), RS_OK);
  assert_fails(parse(&a, "[[[[]]]]", 3, &j, &e), e, RS_LIMIT, "it is nested deeper than 3 levels");
  rs_arena_free(&a);
}

static void test_tree(void **state)
{
  (void)state;
  struct rs_arena a;
  struct rs_json *j, *copy;
  struct rs_error e;
  int64_t i;
  const char *text;
  rs_arena_init(&a, 0);
  assert_int_equal(parse(&a,
                         "{\"a\":1,\"b\":\"t\",\"a\":-9223372036854775808,"
                         "\"c\":9223372036854775808,\"d\":1.0}",
                         10, &j, &e),
                   RS_OK);
  assert_int_equal(j->n, 5);
  assert_true(rs_json_int(rs_json_get(j, "a"), &i)); // the last one counts
  assert_true(i == INT64_MIN);
  assert_false(rs_json_int(rs_json_get(j, "c"), &i));
  assert_false(rs_json_int(rs_json_get(j, "d"), &i));
  assert_false(rs_json_int(rs_json_get(j, "b"), &i));
  assert_true(rs_json_is(rs_json_get(j, "b"), "t"));
  assert_true(rs_json_text(j, "b", &a, &text));
  assert_string_equal(text, "t");
  assert_true(rs_json_text(j, "a", &a, &text));
  assert_null(text);
  copy = rs_json_copy(&a, j);
  rs_json_remove(j, rs_json_get(j, "d"));
  rs_json_remove(j, j->first);
  rs_json_remove(j, NULL);
  assert_int_equal(j->n, 3);
  assert_int_equal(copy->n, 5);
  rs_json_add(j, rs_json_new_string(&a, "x", 1));
  assert_int_equal(j->last->p[0], 'x');
  assert_int_equal(j->n, 4);
  rs_arena_free(&a);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_values),
    cmocka_unit_test(test_refused),
    cmocka_unit_test(test_tree),
  };
  return RS_RUN(tests);
}
