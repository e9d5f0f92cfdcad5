/* The YAML reader: what scalars mean, aliases and merges, limits, and the text of every refusal. */
#include "unit.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/arena.h"
#include "src/base/buf.h"
#include "src/yaml/yaml.h"

static struct rs_arena arena;
static struct rs_error e;

static int setup(void **state)
{
  (void)state;
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

static enum rs_code parse(const char *text, const struct rs_yaml **root)
{
  return rs_yaml_parse("f.yml", text, strlen(text), &arena, root, &e);
}

static const struct rs_yaml *read_ok(const char *text)
{
  const struct rs_yaml *root = NULL;
  enum rs_code rc = parse(text, &root);
  if (rc) print_error("%s\n", e.text);
  assert_int_equal(rc, RS_OK);
  assert_non_null(root);
  return root;
}

static const struct rs_yaml *scalar(const char *text)
{
  return read_ok(text);
}

static void fails(const char *text, enum rs_code code, const char *message)
{
  const struct rs_yaml *root = NULL;
  assert_fails(parse(text, &root), e, code, message);
}

/* ---- scalars -------------------------------------------------------------------------------- */

static void words(void **state)
{
  (void)state;
  static const char *const yes[] = {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"};
  static const char *const no[] = {"no", "No", "NO", "false", "False", "FALSE", "off", "OFF"};
  static const char *const text[] = {"y", "n", "yEs", "tRUE", "nUll", "'yes'", "\"no\"", "none"};
  for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
    assert_int_equal(scalar(yes[i])->kind, RS_YAML_BOOL);
    assert_int_equal(scalar(yes[i])->i, 1);
  }
  for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
    assert_int_equal(scalar(no[i])->kind, RS_YAML_BOOL);
    assert_int_equal(scalar(no[i])->i, 0);
  }
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
    assert_int_equal(scalar(text[i])->kind, RS_YAML_TEXT);
  }
  assert_int_equal(scalar("~")->kind, RS_YAML_NULL);
  assert_int_equal(scalar("null")->kind, RS_YAML_NULL);
  assert_int_equal(scalar("")->kind, RS_YAML_NULL);
  assert_int_equal(scalar("# only a comment\n")->kind, RS_YAML_NULL);
  assert_int_equal(rs_yaml_get(scalar("a:\nb: 1"), "a")->kind, RS_YAML_NULL);
}

/* What PyYAML 6's safe_load makes of each. */
static void integers(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    int64_t value;
  } good[] = {{"0", 0},
              {"-17", -17},
              {"+5", 5},
              {"1_000", 1000},
              {"012", 10},
              {"-010", -8},
              {"0x1F", 31},
              {"-0xff", -255},
              {"0b101", 5},
              {"1:30", 90},
              {"-1:00:00", -3600},
              {"9223372036854775807", INT64_MAX},
              {"-9223372036854775808", INT64_MIN}};
  static const char *const text[] = {"09", "1:60", "0o17", "1e5", "0x", "1-2", "_1", "127.0.0.1"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_int_equal(scalar(good[i].text)->kind, RS_YAML_INT);
    assert_int_equal(scalar(good[i].text)->i, good[i].value);
    assert_string_equal(scalar(good[i].text)->text, good[i].text);
  }
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
    assert_int_equal(scalar(text[i])->kind, RS_YAML_TEXT);
  }
  assert_int_equal(scalar("9223372036854775808")->kind, RS_YAML_FLOAT);
  assert_int_equal(scalar("99999999999999999999999")->kind, RS_YAML_FLOAT);
}

static void floats(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    double value;
  } good[] = {{"0.5", 0.5}, {"-1.25", -1.25}, {".5", 0.5}, {"5.", 5}, {"1.5e+3", 1500}};
  static const char *const text[] = {"1.5e3", ".", "1.2.3", "-.5", "+.5", "e.5"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_int_equal(scalar(good[i].text)->kind, RS_YAML_FLOAT);
    assert_true(fabs(scalar(good[i].text)->f - good[i].value) < 1e-12);
  }
  for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
    assert_int_equal(scalar(text[i])->kind, RS_YAML_TEXT);
  }
  assert_true(isnan(scalar(".nan")->f));
  assert_true(isinf(scalar("-.inf")->f) && scalar("-.inf")->f < 0);
}

static void tags(void **state)
{
  (void)state;
  assert_int_equal(scalar("!!str 12")->kind, RS_YAML_TEXT);
  assert_int_equal(scalar("!!int '12'")->i, 12);
  assert_int_equal(scalar("!!float 3")->kind, RS_YAML_FLOAT);
  assert_int_equal(scalar("! 12")->kind, RS_YAML_INT);
  fails("a: !!int x", RS_INVALID,
        "f.yml line 1: a value is not what its tag 'tag:yaml.org,2002:int' says");
  fails("a:\n  b: !vault |\n    x", RS_INVALID, "f.yml line 2: unknown tag '!vault'");
  fails("!!set {a}", RS_INVALID, "f.yml line 1: unknown tag 'tag:yaml.org,2002:set'");
}

/* ---- lists and maps ------------------------------------------------------------------------- */

static void structure(void **state)
{
  (void)state;
  const struct rs_yaml *v = read_ok("a: [1, two]\nb:\n  c: |\n    x\n    y\n  1: z\n");
  assert_int_equal(v->kind, RS_YAML_MAP);
  assert_int_equal(v->count, 2);
  const struct rs_yaml *a = rs_yaml_get(v, "a"), *b = rs_yaml_get(v, "b");
  assert_int_equal(a->kind, RS_YAML_LIST);
  assert_int_equal(a->count, 2);
  assert_int_equal(a->items[0]->i, 1);
  assert_string_equal(a->items[1]->text, "two");
  assert_int_equal(b->line, 3);
  assert_string_equal(rs_yaml_get(b, "c")->text, "x\ny\n");
  assert_string_equal(rs_yaml_get(b, "1")->text, "z");
  assert_int_equal(rs_yaml_get(b, "1")->line, 6);
  assert_null(rs_yaml_get(b, "none"));
  assert_null(rs_yaml_get(a, "none"));
  assert_null(rs_yaml_get(NULL, "none"));
}

static void json(void **state)
{
  (void)state;
  const struct rs_yaml *v = read_ok("{\"a\":{\"b\":[1,true,null,\"\\u00e9\\/\"]},\n\t\"c\":-1}");
  const struct rs_yaml *b = rs_yaml_get(rs_yaml_get(v, "a"), "b");
  assert_int_equal(b->items[1]->kind, RS_YAML_BOOL);
  assert_int_equal(b->items[2]->kind, RS_YAML_NULL);
  assert_string_equal(b->items[3]->text, "\xc3\xa9/");
  assert_int_equal(rs_yaml_get(v, "c")->i, -1);
  assert_int_equal(rs_yaml_get(v, "c")->line, 2);
}

static void aliases_and_merges(void **state)
{
  (void)state;
  const struct rs_yaml *v = read_ok("base: &b {x: 1, y: 2}\n"
                                    "more: &m {y: 3, z: 4}\n"
                                    "one: {<<: *b, y: 9}\n"
                                    "two: {<<: [*b, *m], w: 0}\n"
                                    "same: *b\n"
                                    "text: {'<<': 5}\n");
  const struct rs_yaml *one = rs_yaml_get(v, "one"), *two = rs_yaml_get(v, "two");
  assert_int_equal(one->count, 2);
  assert_int_equal(rs_yaml_get(one, "x")->i, 1);
  assert_int_equal(rs_yaml_get(one, "y")->i, 9);
  assert_int_equal(two->count, 4);
  assert_int_equal(rs_yaml_get(two, "y")->i, 2);
  assert_int_equal(rs_yaml_get(two, "z")->i, 4);
  assert_ptr_equal(rs_yaml_get(v, "same"), rs_yaml_get(v, "base"));
  assert_int_equal(rs_yaml_get(rs_yaml_get(v, "text"), "<<")->i, 5);

  fails("a: *x", RS_INVALID, "f.yml line 1: alias '*x' has no anchor before it");
  fails("a: &x\n  - 1\n  - *x", RS_INVALID,
        "f.yml line 3: alias '*x' stands inside its own anchor");
  fails("a: 1\n<<: 2", RS_INVALID, "f.yml line 2: '<<' takes a map or a list of maps");
  fails("a: 1\n<<: [2]", RS_INVALID, "f.yml line 2: '<<' takes a map or a list of maps");
}

/* More keys than are searched one by one. */
static void many_keys(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  for (int i = 0; i < 2000; i++) rs_buf_printf(&b, "k%d: %d\n", i, i);
  const struct rs_yaml *v = read_ok(rs_buf_text(&b));
  assert_int_equal(v->count, 2000);
  assert_int_equal(rs_yaml_get(v, "k1999")->i, 1999);
  rs_buf_str(&b, "k7: again\n");
  fails(rs_buf_text(&b), RS_INVALID, "f.yml line 2001: key 'k7' is there twice (first on line 8)");
  rs_buf_free(&b);
}

static void refusals(void **state)
{
  (void)state;
  fails("a: 1\nb: 2\na: 3\n", RS_INVALID, "f.yml line 3: key 'a' is there twice (first on line 1)");
  fails("a: {{ x }}", RS_INVALID,
        "f.yml line 1: a key must be a scalar (a value that starts with '{{' needs quotes)");
  fails("--- 1\n--- 2\n", RS_INVALID, "f.yml line 2: only one document ('---') is allowed");
  fails("a: \"x\\0y\"", RS_INVALID, "f.yml line 1: a text holds a NUL character");
  fails("a: [1, 2\nb: 3\n", RS_INVALID,
        "f.yml line 2: did not find expected ',' or ']' while parsing a flow sequence");
  fails("a: 1\n b: 2\n", RS_INVALID,
        "f.yml line 2: mapping values are not allowed in this context");
  fails("a: \x01", RS_INVALID, "f.yml line 1: control characters are not allowed");
}

/* ---- limits --------------------------------------------------------------------------------- */

static void billion_laughs(void **state)
{
  (void)state;
  fails("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
        "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
        "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
        "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
        "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n"
        "g: &g [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]\n"
        "h: &h [*g, *g, *g, *g, *g, *g, *g, *g, *g, *g]\n",
        RS_LIMIT, "f.yml line 7: its aliases stand for more than 32 MiB");
}

/* The same with merges: many maps that each take in one large map. */
static void merge_bomb(void **state)
{
  (void)state;
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  rs_buf_str(&b, "a: &a {");
  for (int i = 0; i < 10000; i++) rs_buf_printf(&b, "k%d,", i);
  rs_buf_str(&b, "}\nb:\n");
  for (int i = 0; i < 10000; i++) rs_buf_str(&b, "- {<<: *a}\n");
  const struct rs_yaml *root = NULL;
  assert_int_equal(parse(rs_buf_text(&b), &root), RS_LIMIT);
  assert_non_null(strstr(e.text, "its aliases stand for more than 32 MiB"));
  rs_buf_free(&b);
}

static void depth(void **state)
{
  (void)state;
  char text[200];
  memset(text, '[', 64);
  memset(text + 64, ']', 64);
  text[128] = 0;
  read_ok(text);
  memset(text, '[', 65);
  text[65] = 0;
  fails(text, RS_LIMIT, "f.yml line 1: lists and maps nest deeper than 64");
}

static void memory_limit(void **state)
{
  (void)state;
  struct rs_arena small;
  const struct rs_yaml *root = NULL;
  rs_arena_init(&small, 64);
  assert_fails(rs_yaml_parse("f.yml", "[1, 2, 3]", 9, &small, &root, &e), e, RS_LIMIT,
               "f.yml: needs more memory than a YAML text may");
  rs_arena_free(&small);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(words, setup, teardown),
    cmocka_unit_test_setup_teardown(integers, setup, teardown),
    cmocka_unit_test_setup_teardown(floats, setup, teardown),
    cmocka_unit_test_setup_teardown(tags, setup, teardown),
    cmocka_unit_test_setup_teardown(structure, setup, teardown),
    cmocka_unit_test_setup_teardown(json, setup, teardown),
    cmocka_unit_test_setup_teardown(aliases_and_merges, setup, teardown),
    cmocka_unit_test_setup_teardown(many_keys, setup, teardown),
    cmocka_unit_test_setup_teardown(refusals, setup, teardown),
    cmocka_unit_test_setup_teardown(billion_laughs, setup, teardown),
    cmocka_unit_test_setup_teardown(merge_bomb, setup, teardown),
    cmocka_unit_test_setup_teardown(depth, setup, teardown),
    cmocka_unit_test_setup_teardown(memory_limit, setup, teardown),
  };
  return RS_RUN(tests);
}
