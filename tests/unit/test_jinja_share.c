/*
** Values that several evaluations share: what one stores the others see, and it lives on when its
** evaluation is gone (best run with sanitizers).
*/
#include "test_jinja.h"
#include "src/base/mem.h"

static struct rs_share *share;
static jv root;

static struct rs_python *user(void)
{
  struct rs_python *j = rs_jinja_new(NULL);
  assert_non_null(j);
  rs_share_use(share, j);
  rs_jinja_global(j, "g", root);
  return j;
}

static void shows(struct rs_python *j, const char *text, const char *expected)
{
  struct rs_error e = {0};
  struct rs_buf out;
  rs_buf_init(&out, (size_t)1 << 20);
  const char *got = run(j, TEXT, text, &out, &e) == RS_OK ? rs_buf_text(&out) : e.text;
  if (strcmp(got, expected) != 0) fail_msg("%s\n  gives    %s\n  expected %s", text, got, expected);
  rs_buf_free(&out);
}

/* One evaluation from its beginning to the collection. */
static void once(const char *text, const char *expected)
{
  struct rs_python *j = user();
  struct rs_error e = {0};
  shows(j, text, expected);
  assert_int_equal(rs_share_collect(share, &e), RS_OK);
  rs_jinja_free(j);
}

static int setup(void **state)
{
  static const char text[] = "{\"nodes\": {\"a\": {\"n\": 1, \"tags\": [\"x\"]}}}";
  struct rs_error e = {0};
  (void)state;
  share = rs_share_new((size_t)64 << 20);
  assert_non_null(share);
  return jv_from_json(rs_share_maker(share), text, sizeof text - 1, &root, &e) == RS_OK ? 0 : -1;
}

static int teardown(void **state)
{
  (void)state;
  rs_share_free(share);
  return 0;
}

static void test_lives_on(void **state)
{
  (void)state;
  once("{% do g.setdefault('c', {}).update({'k': ['text', 1.5, 2 ** 70, (1, 'two'), none]}) %}",
       "");
  once("{{ g.c }}", "{'k': ['text', 1.5, 1180591620717411303424, (1, 'two'), None]}");
  once("{% do g.nodes.a.tags.append('y' ~ 'z') %}{% do g.nodes.a.tags.insert(0, 'w') %}", "");
  once("{{ g.nodes.a.tags }}{% do g.nodes.a.tags.sort(reverse=true) %}{{ g.nodes.a.tags }}",
       "['w', 'x', 'yz']['yz', 'x', 'w']");
  once("{% do g.c.k.pop() %}{% do g.c.clear() %}{% do g.update(c={'again': 'a' * 3}) %}", "");
  once("{{ g.c }}{% do g.pop('c') %}{{ g | list }}", "{'again': 'aaa'}['nodes']");
}

/* An object is one object, whichever way it is reached. */
static void test_identity(void **state)
{
  (void)state;
  once(
    "{% set x = {} %}{% do g.update({'one': x, 'two': [x]}) %}{% do x.update({'late': 'a' ~ 1}) %}"
    "{{ g.one }}",
    "{'late': 'a1'}");
  once("{% do g.two[0].update({'more': [g.one]}) %}{{ g.one is sameas g.two[0] }}", "True");
  once("{{ g.one | list }}{{ g.one.more[0] is sameas g.one }}", "['late', 'more']True");
}

/* Lists as deep as a template can make them need no stack. */
static void test_deep(void **state)
{
  (void)state;
  once("{% do g.update({'deep': []}) %}{% set ns = namespace(at=g.deep) %}"
       "{% for i in range(20000) %}{% set next = [i] %}{% do ns.at.append(next) %}"
       "{% set ns.at = next %}{% endfor %}",
       "");
  once("{% set ns = namespace(at=g.deep[0]) %}"
       "{% for i in range(19999) %}{% set ns.at = ns.at[1] %}{% endfor %}{{ ns.at }}",
       "[19999]");
}

static void test_growth(void **state)
{
  (void)state;
  for (int i = 0; i < 300; i++)
    once("{% do g.setdefault('rows', []).append('row ' ~ (g.rows | length)) %}"
         "{% do g.setdefault('by', {}).update({'k' ~ (g.by | length): g.rows | length}) %}",
         "");
  once("{{ g.rows | length }} {{ g.rows[299] }} {{ g.by.k299 }} {{ g.by | length }}",
       "300 row 299 300 300");
}

static void test_objects(void **state)
{
  (void)state;
  once(
    "{% set ns = namespace(a=['n' ~ 1]) %}"
    "{% do g.update({'ns': ns, 'r': range(3), 'up': ('x' ~ 'y').upper, 'v': {'a' ~ 1: 2}.items(),"
    " 'b': ('b' ~ 'y').encode()}) %}",
    "");
  once("{{ g.ns.a }}{{ g.r | list }}{{ g.up() }}{{ g.v | list }}{{ g.b }}",
       "['n1'][0, 1, 2]XY[('a1', 2)]b'by'");
  // these hang on what is gone
  once("{% do g.update({'gen': [1] | map('string'), 'undef': nothing}) %}", "");
  once("{{ g.gen }}|{{ g.undef is defined }}", "|False");
  once("{{ g.gen.x }}",
       "t line 1, column 9: a 'generator' that another node stored does not outlive that node");
}

/* Until the collection the others have the very objects, also after their evaluation's end. */
static void test_together(void **state)
{
  struct rs_error e = {0};
  (void)state;
  struct rs_python *a = user(), *b = user();
  shows(a, "{% set x = {'s': 'a' ~ 1} %}{% do g.update({'x': x}) %}", "");
  shows(b, "{% do g.x.update({'t': 'b' ~ 2}) %}{{ g.x }}", "{'s': 'a1', 't': 'b2'}");
  rs_jinja_retire(a);
  shows(b, "{{ g.x }}{% do g.x.update({'u': [g.x.s]}) %}", "{'s': 'a1', 't': 'b2'}");
  assert_int_equal(rs_share_collect(share, &e), RS_OK);
  rs_jinja_free(a);
  rs_jinja_free(b);
  once("{{ g.x }}", "{'s': 'a1', 't': 'b2', 'u': ['a1']}");
}

static void test_limit(void **state)
{
  struct rs_error e = {0};
  (void)state;
  struct rs_python *j = user();
  shows(j, "{% do g.update({'big': ['x' * 40000000, 'y' * 40000000]}) %}", "");
  assert_int_equal(rs_share_collect(share, &e), RS_LIMIT);
  assert_string_equal(e.text, "shared values need more than 67108864 bytes of memory");
  rs_jinja_free(j);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {TEST(test_lives_on), TEST(test_identity), TEST(test_deep),
                                     TEST(test_growth),   TEST(test_objects),  TEST(test_together),
                                     TEST(test_limit)};
  return cmocka_run_group_tests_name("jinja_share", tests, NULL, NULL);
}
