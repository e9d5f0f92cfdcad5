/*
** The graph: edges, the order of building, cycles, unknown and disabled refs.
*/
#include "project_fixture.h"

static void order_is(const struct rs_project *p, const char *want)
{
  struct rs_buf got;
  rs_buf_init(&got, 1 << 20);
  for (size_t i = 0; i < p->norder; i++)
    rs_buf_printf(&got, "%s%s", i > 0 ? " " : "", p->order[i]->name);
  assert_string_equal(rs_buf_text(&got), want);
  rs_buf_free(&got);
}

static void fails(const struct rs_store_model *models, enum rs_code code, const char *text)
{
  struct fixture f = {.models = models};
  struct rs_project *p;
  struct rs_error e = {0};
  assert_fails(fixture_parse(&f, &p, &e), e, code, text);
}

static void parents_first_then_by_name(void **state)
{
  (void)state;
  static const struct rs_store_model models[] = {
    MODEL("a", "select * from {{ ref('d') }}, {{ ref('b') }}"),
    MODEL("b", "select 1"),
    MODEL("c", "select 1"),
    MODEL("d", "select * from {{ ref('c') }}, {{ source('s', 't') }}"),
    {0}};
  struct fixture f = {.models = models};
  struct rs_project *p;
  struct rs_error e = {0};
  assert_int_equal(fixture_parse(&f, &p, &e), RS_OK);
  order_is(p, "b c s.t d a");
  for (size_t i = 0; i < p->norder; i++) assert_int_equal(p->order[i]->order, i);
  struct rs_node *d;
  assert_int_equal(rs_project_model(p, "d", &d, &e), RS_OK);
  assert_int_equal(d->nparents, 2);
  assert_int_equal(d->nchildren, 1);
  rs_project_free(p);
}

static void only_ancestors_of_a_root(void **state)
{
  (void)state;
  static const struct rs_store_model models[] = {MODEL("a", "select * from {{ ref('b') }}"),
                                                 MODEL("b", "select 1"),
                                                 MODEL("broken", "{{ nope"),
                                                 MODEL("c", "select * from {{ ref('broken') }}"),
                                                 {0}};
  struct fixture f = {.models = models};
  struct rs_project *p;
  struct rs_node *a;
  struct rs_error e = {0};
  assert_int_equal(fixture_load(&f, NULL, &p, &e), RS_OK);
  assert_int_equal(rs_project_model(p, "a", &a, &e), RS_OK);
  assert_int_equal(rs_project_parse(p, a, &e), RS_OK);
  order_is(p, "b a");
  rs_project_free(p);
}

static void cycles_have_a_path(void **state)
{
  (void)state;
  static const struct rs_store_model one[] = {MODEL("a", "{{ ref('a') }}"), {0}};
  static const struct rs_store_model three[] = {
    MODEL("x", "select 1"),           MODEL("c", "{{ ref('x') }} {{ ref('b') }}"),
    MODEL("b", "{{ ref('a') }}"),     MODEL("a", "{{ ref('c') }}"),
    MODEL("below", "{{ ref('a') }}"), {0}};
  static const struct rs_store_model by_hook[] = {
    MODEL("a", "{{ ref('b') }}"),
    MODEL("b", "select 1", .config = "{\"post_hook\":\"{{ ref('a') }}\"}"),
    {0}};
  fails(one, RS_INVALID, "models refer to each other in a cycle: a -> a");
  fails(three, RS_INVALID, "models refer to each other in a cycle: a -> c -> b -> a");
  fails(by_hook, RS_INVALID, "models refer to each other in a cycle: a -> b -> a");
}

static void refs_that_lead_nowhere(void **state)
{
  (void)state;
  static const struct rs_store_model unknown[] = {
    MODEL("orders", "select 1"), MODEL("b", "select\n{{ ref('ordres') }}"), {0}};
  static const struct rs_store_model disabled[] = {MODEL("a", "select 1", .materialized = "view"),
                                                   MODEL("b", "{{ ref('a') }}"),
                                                   {.name = "off", .sql = "x", .nsql = 1},
                                                   MODEL("c", "{{ ref('off') }}"),
                                                   {0}};
  static const struct rs_store_model package[] = {MODEL("b", "{{ ref('shop', 'b') }}"), {0}};
  fails(unknown, RS_NOT_FOUND,
        "model b line 2: ref('ordres'): no model 'ordres' (did you mean 'orders'?)");
  fails(disabled, RS_INVALID, "model c line 1: ref('off'): that model is disabled");
  fails(package, RS_NOT_FOUND,
        "model b line 1: ref('b'): there is no package 'shop' (this project is 'project')");
}

static void one_relation_one_model(void **state)
{
  (void)state;
  static const struct rs_store_model twins[] = {
    MODEL("a", "select 1"), MODEL("b", "select 1", .alias = "a"), {0}};
  static const struct rs_store_model apart[] = {
    MODEL("a", "select 1"),
    MODEL("b", "select 1", .alias = "a", .workspace = "finance"),
    MODEL("c", "select 1", .alias = "a", .materialized = "ephemeral"),
    {0}};
  struct fixture f = {.models = apart};
  struct rs_project *p;
  struct rs_error e = {0};
  fails(twins, RS_INVALID, "models a and b are both commons.a: give one of them an alias");
  assert_int_equal(fixture_parse(&f, &p, &e), RS_OK);
  rs_project_free(p);
}

/* A long chain: no recursion by depth, and linear time. */
static void long_chains(void **state)
{
  (void)state;
  enum { N = 5000 };
  struct rs_store_model *models = rs_calloc(N + 1, sizeof *models);
  assert_non_null(models);
  for (size_t i = 0; i < N; i++) {
    models[i].name = rs_mprintf("m%zu", i);
    models[i].sql = i > 0 ? rs_mprintf("select * from {{ ref('m%zu') }}", i - 1)
                          : rs_strdup("select 1");
    models[i].nsql = strlen(models[i].sql);
    models[i].enabled = true;
  }
  struct fixture f = {.models = models};
  struct rs_project *p;
  struct rs_error e = {0};
  assert_int_equal(fixture_parse(&f, &p, &e), RS_OK);
  assert_int_equal(p->norder, N);
  assert_string_equal(p->order[N - 1]->name, "m4999");
  rs_project_free(p);
  for (size_t i = 0; i < N; i++) {
    rs_free((char *)(uintptr_t)models[i].name);
    rs_free((char *)(uintptr_t)models[i].sql);
  }
  rs_free(models);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(parents_first_then_by_name), cmocka_unit_test(only_ancestors_of_a_root),
    cmocka_unit_test(cycles_have_a_path),         cmocka_unit_test(refs_that_lead_nowhere),
    cmocka_unit_test(one_relation_one_model),     cmocka_unit_test(long_chains)};
  return RS_RUN(tests);
}
