/*
** Selections: what each form of dbt's grammar picks, and the text of each error.
*/
#include "project_fixture.h"

/*  raw.a -> stg_a -> int_c -> mart_e -> mart_f      alone
**             \                /
**  raw.b -> stg_b -> int_d ---'      */
static const struct rs_store_model models[] = {
  MODEL("stg_a", "{{ source('raw', 'a') }}", .tags = "daily"),
  MODEL("stg_b", "{{ source('raw', 'b') }}", .tags = "daily, core", .materialized = "table",
        .config = "{\"meta\":{\"owner\":\"ann\"}}"),
  MODEL("int_c", "{{ ref('stg_a') }}", .tags = "[\"core\"]", .materialized = "ephemeral"),
  MODEL("int_d", "{{ ref('stg_a') }} {{ ref('stg_b') }}", .workspace = "finance"),
  MODEL("mart_e", "{{ ref('int_c') }} {{ ref('int_d') }}",
        .config = "{\"limit\":5,\"flag\":true,\"list\":[\"x\",\"y\"]}"),
  MODEL("mart_f", "{{ ref('mart_e') }}"),
  MODEL("alone", "select 1"),
  {.name = "off", .sql = "select 1", .nsql = 8},
  {0}};
static const struct fixture fixture = {.models = models};
static struct rs_project *project;

static int load(void **state)
{
  struct rs_error e = {0};
  (void)state;
  return fixture_parse(&fixture, &project, &e) == RS_OK ? 0 : -1;
}

static int unload(void **state)
{
  (void)state;
  rs_project_free(project);
  return 0;
}

static enum rs_code pick(const char *selection, const char *exclude, struct rs_buf *out,
                         struct rs_error *e)
{
  struct rs_node **nodes = NULL;
  size_t n;
  struct rs_buf warnings;
  rs_buf_init(&warnings, RS_ERROR_MAX);
  rs_buf_init(out, 1 << 16);
  enum rs_code rc = rs_select(project, selection, exclude, &nodes, &n, &warnings, e);
  for (size_t i = 0; i < n; i++) rs_buf_printf(out, "%s%s", i > 0 ? " " : "", nodes[i]->name);
  if (warnings.n > 0) rs_buf_printf(out, "(%s)", rs_buf_text(&warnings));
  rs_buf_free(&warnings);
  rs_free(nodes);
  return rc;
}

static void picks(const char *selection, const char *exclude, const char *want)
{
  struct rs_buf got;
  struct rs_error e = {0};
  assert_int_equal(pick(selection, exclude, &got, &e), RS_OK);
  if (strcmp(rs_buf_text(&got), want) != 0) print_error("selection %s\n", selection);
  assert_string_equal(rs_buf_text(&got), want);
  rs_buf_free(&got);
}

static void refuses(const char *selection, enum rs_code code, const char *text)
{
  struct rs_buf got;
  struct rs_error e = {0};
  assert_fails(pick(selection, NULL, &got, &e), e, code, text);
  rs_buf_free(&got);
}

#define ALL "alone stg_a stg_b int_c int_d mart_e mart_f"

static void names_and_wildcards(void **state)
{
  (void)state;
  picks("*", NULL, ALL);
  picks("alone", NULL, "alone");
  picks("stg_*", NULL, "stg_a stg_b");
  picks("*_[ab]", NULL, "stg_a stg_b");
  picks("mart_?", NULL, "mart_e mart_f");
  picks("project", NULL, ALL);
  picks("project.alone", NULL, "alone");
  picks("fqn:alone", NULL, "alone");
  picks("package:this", NULL, ALL);
  picks("resource_type:model", NULL, ALL);
}

static void graph_operators(void **state)
{
  (void)state;
  picks("+int_d", NULL, "stg_a stg_b int_d");
  picks("int_d+", NULL, "int_d mart_e mart_f");
  picks("+int_d+", NULL, "stg_a stg_b int_d mart_e mart_f");
  picks("1+mart_e", NULL, "int_c int_d mart_e");
  picks("0+mart_e", NULL, "mart_e");
  picks("stg_a+1", NULL, "stg_a int_c int_d");
  picks("1+int_d+1", NULL, "stg_a stg_b int_d mart_e");
  picks("@stg_b", NULL, "stg_a stg_b int_c int_d mart_e mart_f");
  picks("99999999999999999999+mart_e", NULL, "stg_a stg_b int_c int_d mart_e");
}

static void methods(void **state)
{
  (void)state;
  picks("tag:daily", NULL, "stg_a stg_b");
  picks("tag:c*", NULL, "stg_b int_c");
  picks("config.materialized:view", NULL, "alone stg_a int_d mart_e mart_f");
  picks("config.schema:finance", NULL, "int_d");
  picks("config.workspace:finance", NULL, "int_d");
  picks("config.tags:core", NULL, "stg_b int_c");
  picks("config.meta.owner:ann", NULL, "stg_b");
  picks("config.meta:owner", NULL, "stg_b");
  picks("config.limit:5", NULL, "mart_e");
  picks("config.flag:true", NULL, "mart_e");
  picks("config.list:y", NULL, "mart_e");
  picks("source:raw+", NULL, "stg_a stg_b int_c int_d mart_e mart_f");
  picks("source:raw.a+1", NULL, "stg_a");
  picks("source:raw", NULL, "");
}

static void sets(void **state)
{
  (void)state;
  picks("alone stg_a", NULL, "alone stg_a");
  picks("  alone \n alone ", NULL, "alone");
  picks("tag:daily,tag:core", NULL, "stg_b");
  picks("tag:daily+,mart_*", NULL, "mart_e mart_f");
  picks("*", "stg_a+", "alone stg_b");
  picks("*", "tag:daily mart_*", "alone int_c int_d");
  picks("tag:none", NULL, "('tag:none' matches no node)");
  picks("x* y*", NULL, "('x*' matches no node; 'y*' matches no node)");
}

static void errors(void **state)
{
  (void)state;
  refuses("alon", RS_NOT_FOUND, "selection 'alon': no model 'alon' (did you mean 'alone'?)");
  refuses("+off", RS_NOT_FOUND, "selection '+off': model off is disabled");
  refuses("+", RS_INVALID, "selection '+': nothing is named");
  refuses("tag:", RS_INVALID, "selection 'tag:': nothing is named");
  refuses("@alone+", RS_INVALID, "selection '@alone+': @ includes the children: leave out the +");
  refuses("alone,,alone", RS_INVALID,
          "selection 'alone,,alone': a comma joins two parts without space: 'tag:a,tag:b'");
  refuses("tga:x", RS_INVALID,
          "selection: unknown method 'tga:' (did you mean 'tag:'?); there are fqn:, tag:, "
          "config.KEY:, path:, file:, source:, package:, resource_type:, group:, access:, "
          "version:, exposure:, metric:, semantic_model:, saved_query:, "
          "test_name:, test_type:, unit_test:, state:, result:, "
          "source_status:, selector:");
  refuses("result:error", RS_NOT_FOUND, "selection 'result:error': nothing has been run yet");
  refuses("state:odd", RS_INVALID,
          "selection 'state:odd': there are new, old, modified, unmodified, modified.body, "
          "modified.configs, modified.relation, modified.macros, "
          "modified.persisted_descriptions, modified.contract");
  refuses("test_type:odd", RS_INVALID,
          "selection 'test_type:odd': there are generic, singular, data, unit");
  refuses("selector:x", RS_NOT_FOUND,
          "no selectors: this project has no selectors.yml, or it was not imported");
  refuses("config:x", RS_INVALID, "selection 'config:' lacks the key: 'config.materialized:view'");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(names_and_wildcards),
                                     cmocka_unit_test(graph_operators), cmocka_unit_test(methods),
                                     cmocka_unit_test(sets), cmocka_unit_test(errors)};
  return cmocka_run_group_tests(tests, load, unload);
}
