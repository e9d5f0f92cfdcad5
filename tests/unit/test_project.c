/*
** Projects without an engine: config and its precedence, dbt's names, CTEs, compiling.
*/
#include "project_fixture.h"
#include "src/sql/cte.h"

static char *compile(const struct fixture *f, const char *model, const char *vars)
{
  struct rs_project *p = NULL;
  struct rs_error e = {0};
  struct rs_compiled c = {0};
  enum rs_code rc = fixture_load(f, vars, &p, &e);
  if (rc == RS_OK) rc = rs_project_parse(p, NULL, &e);
  if (rc == RS_OK) rc = fixture_compile(p, model, &c, &e);
  char *text = rs_strdup(rc == RS_OK ? c.text : e.text);
  rs_compiled_free(&c);
  rs_project_free(p);
  assert_non_null(text);
  return text;
}

static void compiles(const struct fixture *f, const char *model, const char *want)
{
  char *got = compile(f, model, NULL);
  assert_string_equal(got, want);
  rs_free(got);
}

/* One model, compiled to `want`. */
#define ONE(want, text, ...)                                                  \
  do {                                                                        \
    const struct rs_store_model one[] = {MODEL("m", text, __VA_ARGS__), {0}}; \
    const struct fixture f = {.models = one};                                 \
    compiles(&f, "m", want);                                                  \
  } while (0)

static void names(void **state)
{
  (void)state;
  ONE("select \"commons\".\"m\" m project.m",
      "select {{ this }} {{ this.name }} {{ model.fqn | join('.') }}", .description = NULL);
  ONE("select commons duckdb True", "select {{ target.schema }} {{ target.type }} {{ execute }}",
      .description = NULL);
  ONE("select \"r\".\"t\" \"t\" r.\"t\"",
      "select {{ source('r', 't') }} {{ source('r', 't').include(schema=false) }} "
      "{{ source('r', 't').quote(schema=false) }}",
      .description = NULL);
  ONE("select True False True",
      "select {{ this == this }} {{ this == source('a', 'b') }} {{ this.is_view == false }}",
      .description = NULL);
  ONE("select \"x\"\"y\"", "select {{ adapter.quote('x\"y') }}", .description = NULL);
}

static void config_precedence(void **state)
{
  (void)state;
  ONE("select table", "{{ config(materialized='table') }}select {{ config.get('materialized') }}",
      .materialized = "incremental");
  ONE("select incremental", "select {{ config.get('materialized') }}",
      .materialized = "incremental");
  ONE("select ephemeral", "select {{ config.get('materialized') }}",
      .config = "{\"materialized\":\"ephemeral\"}");
  ONE("select view", "select {{ config.get('materialized') }}", .description = NULL);
  ONE("select ['a', 'b', 'c']", "{{ config(tags='c') }}select {{ config.get('tags') }}",
      .tags = "b", .config = "{\"tags\":\"a\"}");
  ONE("select {'x': 1, 'y': 3}", "{{ config(meta={'y': 3}) }}select {{ config.get('meta') }}",
      .config = "{\"meta\":{\"x\":1,\"y\":2}}");
  ONE("select own None fallback",
      "select {{ config.get('k') }} {{ config.get('n', 1) }} {{ config.get('z', 'fallback') }}",
      .config = "{\"k\":\"own\",\"n\":null}");
  ONE("select finance \"commons_finance\".\"m\"", "select {{ config.get('schema') }} {{ this }}",
      .config = "{\"workspace\":\"finance\"}");
}

static void config_disagreements(void **state)
{
  (void)state;
  ONE("model m: column materialized says \"view\", but key 'materialized' of column config says "
      "\"table\": keep one of them",
      "select 1", .materialized = "view", .config = "{\"materialized\":\"table\"}");
  ONE("model m: column workspace says \"a\", but key 'schema' of column config says \"b\": keep "
      "one of "
      "them",
      "select 1", .workspace = "a", .config = "{\"workspace\":\"b\"}");
  ONE("select 1", "select 1", .workspace = "a", .config = "{\"schema\":\"a\"}");
  ONE("model m: column config: config: schema and workspace are the same key", "select 1",
      .config = "{\"workspace\":\"b\",\"schema\":\"b\"}");
  ONE("model m: config 'alias' must be a text, not int", "select 1", .config = "{\"alias\":1}");
  ONE("model m: config 'tags' must be a text or a list of texts, not of int", "select 1",
      .config = "{\"tags\":[1]}");
  ONE("model m: config 'pre_hook': a hook needs 'sql'", "select 1",
      .config = "{\"pre_hook\":{\"x\":1}}");
  ONE("select 1", "select 1", .materialized = "streaming_table"); // whoever builds it refuses it
}

static void variables(void **state)
{
  (void)state;
  static const struct rs_store_var vars[] = {{.name = "n", .json = "5"},
                                             {.name = "t", .json = "\"a {{ 1 + 1 }}\""},
                                             {.name = "l", .json = "[1, true, null]"},
                                             {0}};
  static const struct rs_store_model models[] = {
    MODEL("m", "select {{ var('n') + 1 }} {{ var('t') }} {{ var('l') }} {{ var('d', 'else') }} "
               "{{ var.has_var('n') }}"),
    {0}};
  const struct fixture f = {.models = models, .vars = vars};
  compiles(&f, "m", "select 6 a 2 [1, True, None] else True");
  char *got = compile(&f, "m", "{\"n\":9,\"d\":\"given\"}");
  assert_string_equal(got, "select 10 a 2 [1, True, None] given True");
  rs_free(got);
  got = compile(&f, "m", "[]");
  assert_string_equal(got, "option 'vars' must be a JSON object");
  rs_free(got);
}

static void macros(void **state)
{
  (void)state;
  static const struct rs_store_macro list[] = {
    MACRO("cents", "{% macro cents(c) %}({{ c }} / 100.0){% endmacro %}{% macro twice(x) %}{{ "
                   "cents(x) }} * 2{% endmacro %}"),
    MACRO(
      "names",
      "{% macro generate_alias_name(custom_alias_name, node) %}p_{{ node.name }}{% endmacro %}"),
    MACRO("d", "{% macro default__kind() %}default{% endmacro %}{% macro duckdb__kind() %}duck{% "
               "endmacro %}"),
    {0}};
  static const struct rs_store_model models[] = {
    MODEL("m",
          "select {{ twice('a') }} {{ project.cents('b') }} {{ adapter.dispatch('kind')() }} {{ "
          "this }} {{ dbt.is_incremental is defined }}",
          .materialized = "table"),
    {0}};
  const struct fixture f = {.models = models, .macros = list};
  char *got = compile(&f, "m", NULL);
  assert_non_null(strstr(got, "select (a / 100.0) * 2 (b / 100.0) duck \"commons\".\"p_m\""));
  rs_free(got);
  static const struct rs_store_macro twins[] = {MACRO("one", "{% macro x() %}1{% endmacro %}"),
                                                MACRO("two", "{% macro x() %}2{% endmacro %}"),
                                                {0}};
  const struct fixture g = {.models = models, .macros = twins};
  compiles(&g, "m", "macro two: macro 'x' is also defined in macro one");
}

/* The project as its templates see it, and what dbt's config has where nobody says anything. */
static void whole_project(void **state)
{
  (void)state;
  ONE("select ['model.project.m'] view ['model.project.m']",
      "select {{ graph.nodes | list if execute }} "
      "{{ graph.nodes['model.project.m'].config.materialized if execute }} "
      "{{ selected_resources }}",
      .description = NULL);
  ONE("select ignore True None x",
      "select {{ config.get('on_schema_change') }} "
      "{{ config.get('enabled') }} {{ config.get('unique_key', 'x') }} "
      "{{ config.get('other', 'x') }}",
      .description = NULL);
  ONE("select ['exposures', 'groups', 'metrics', 'nodes', 'sources', 'semantic_models', "
      "'saved_queries'] 0 []",
      "select {{ graph.keys() | list }} {{ graph.groups | length }} {{ graph.exposures.values() | "
      "list }}",
      .description = NULL);
  ONE("select project project run",
      "select {{ builtins.ref.config.project_name }} {{ builtins.source.current_project }} "
      "{{ builtins.ref.config.args.which }}",
      .description = NULL);
  // dbt's model leaves out what is none; the node of the graph does not
  ONE("select False None True protected",
      "select {{ 'group' in model }} {{ graph.nodes[model.unique_id].group if execute }} "
      "{{ 'patch_path' in graph.nodes[model.unique_id] if execute }} {{ model.access }}",
      .description = NULL);
  ONE("select project True", "select {{ context['project_name'] }} {{ context.get('no') is none }}",
      .description = NULL);
  ONE("select True True ok",
      "select {{ this.quote_policy.schema }} {{ this.path.schema == schema }} "
      "{{ validation.any[none]('ok') }}",
      .description = NULL);
}

/* api.Column and the macros that name types by it */
static void columns(void **state)
{
  (void)state;
  ONE("select TEXT bigint numeric(28,6)",
      "select {{ dbt.type_string() }} {{ dbt.type_bigint() }} {{ dbt.type_numeric() }}",
      .description = NULL);
  ONE("select character varying(5) True \"a\" True False",
      "{% set c = api.Column('a', 'varchar', 5) %}select {{ c.data_type }} {{ c.is_string() }} "
      "{{ c.quoted }} {{ c.can_expand_to(api.Column('b', 'text', 9)) }} {{ c.is_number() }}",
      .description = NULL);
  ONE("select a || b, date_trunc('day', d)",
      "select {{ dbt.concat(['a', 'b']) }}, {{ dbt.date_trunc('day', 'd') }}", .description = NULL);
}

/* Without an engine a template that asks it fails, and says so; errors name the model. */
static void errors(void **state)
{
  (void)state;
  ONE(
    "model m: macros/statement.sql line 6, column 45: the engine can't be asked here (called from "
    "model m line 1)",
    "select {{ run_query('select 1') }}", .description = NULL);
  ONE("model m line 1, column 11: 'load_agate_table' of dbt's context is not built yet",
      "select {{ load_agate_table() }}", .description = NULL);
  ONE("model m: a second statement at line 1, column 11", "select 1; select 2",
      .description = NULL);
  ONE("model m: a model must be a query, but its SQL begins with UPDATE", "update t set a = 1",
      .description = NULL);
  ONE("select 1; -- done", "select 1; -- done", .description = NULL);
}

static void ephemeral_models(void **state)
{
  (void)state;
  static const struct rs_store_model models[] = {
    MODEL("e1", "select 1 as a;", .materialized = "ephemeral"),
    MODEL("e2", "select * from {{ ref('e1') }}", .materialized = "ephemeral"),
    MODEL("m", "select * from {{ ref('e2') }} join {{ ref('e1') }} using (a)"),
    MODEL("bad", "select 1) select 2 --", .materialized = "ephemeral"),
    MODEL("n", "select * from {{ ref('bad') }}"),
    {0}};
  const struct fixture f = {.models = models};
  compiles(&f, "m",
           "with __dbt__cte__e1 as (\nselect 1 as a\n),  __dbt__cte__e2 as (\nselect * from "
           "__dbt__cte__e1\n) select * from __dbt__cte__e2 join __dbt__cte__e1 using (a)");
  compiles(&f, "n", "model bad: unbalanced bracket: ) at line 1, column 9");
}

static void injects(const char *sql, const char *want)
{
  const struct rs_cte ctes[] = {{" A as (\nx\n)", 11}, {" B as (\ny\n)", 11}};
  struct rs_buf out;
  rs_buf_init(&out, 1 << 16);
  rs_cte_inject(sql, strlen(sql), rs_dialect_find("duckdb"), ctes, 2, &out);
  assert_string_equal(rs_buf_text(&out), want);
  rs_buf_free(&out);
}

/* Each result is that of dbt-core's own function, inject_ctes_into_sql, over sqlparse 0.5.3. */
static void cte_injection(void **state)
{
  (void)state;
#define AB " A as (\nx\n),  B as (\ny\n)"
  injects("select 1", "with" AB " select 1");
  injects("\n  select 1", "\n  with" AB " select 1");
  injects("-- c\nselect 1", "with" AB " -- c\nselect 1");
  injects("with z as (select 1) select 2", "with " AB ", z as (select 1) select 2");
  injects("-- c\nWITH\n  z as (select 1) select 2",
          "-- c\nWITH\n  " AB ", z as (select 1) select 2");
  injects("with recursive z as (select 1) select 2",
          "with recursive " AB ", z as (select 1) select 2");
  injects("select 'with' as \"with\" /* with */ from (with q as (select 1) select 2)",
          "with" AB " select 'with' as \"with\" /* with */ from (with q as (select 1) select 2)");
  injects("select E'\\\'; with'", "with" AB " select E'\\\'; with'");
  injects("select without, with_x", "with" AB " select without, with_x");
  injects("select ';' ; select 2", "with" AB " select ';' ; ");
  injects("select 1; -- done\n", "with" AB " select 1; -- done\n");
  injects("select 1;\n-- done", "with" AB " select 1;");
  injects("with /* c */ z as (select 1) select 2", "with " AB ", /* c */ z as (select 1) select 2");
  injects("with -- c\n z as (select 1) select 2", "with " AB ", -- c\n z as (select 1) select 2");
  injects("(with z as (select 1) select * from z)",
          "with" AB " (with z as (select 1) select * from z)");
#undef AB
}

static void statements_end(void **state)
{
  (void)state;
  const struct rs_dialect *d = rs_dialect_find("duckdb");
  const char *sql = "select ';' /* ; */, (1;2) -- ;\n; x";
  assert_int_equal(rs_statement_end(sql, strlen(sql), d), strlen(sql) - 2);
  assert_int_equal(rs_statement_end("select 1", 8, d), 8);
  assert_int_equal(rs_statement_end("$$;$$; y", 8, d), 6);
  assert_true(rs_statement_blank(" \n;; ", 5));
  assert_false(rs_statement_blank(" -- x", 5));
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(names),
                                     cmocka_unit_test(config_precedence),
                                     cmocka_unit_test(config_disagreements),
                                     cmocka_unit_test(variables),
                                     cmocka_unit_test(macros),
                                     cmocka_unit_test(whole_project),
                                     cmocka_unit_test(columns),
                                     cmocka_unit_test(errors),
                                     cmocka_unit_test(ephemeral_models),
                                     cmocka_unit_test(cte_injection),
                                     cmocka_unit_test(statements_end)};
  return RS_RUN(tests);
}
