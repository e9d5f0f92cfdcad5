/*
** Cutting files into blocks (import_blocks.c), and the hash of a row (rows.c).
*/
#include "unit.h"
#include <string.h>
#include "src/project/files/import_internal.h"

static void expect(const char *text, const char *blocks)
{
  struct rs_buf got;
  struct rs_block b;
  struct rs_error e = {0};
  size_t at = 0;
  enum rs_code rc;
  rs_buf_init(&got, 10000);
  while ((rc = rs_block_next(text, strlen(text), &at, &b, &e)) == RS_OK)
    rs_buf_printf(&got, "%d %s [%.*s]\n", b.line, b.name, (int)b.ninner, b.inner);
  if (rc != RS_DONE) rs_buf_printf(&got, "%s\n", e.text);
  assert_string_equal(rs_buf_text(&got), blocks);
  rs_buf_free(&got);
}

static void blocks(void **state)
{
  (void)state;
  expect("", "");
  expect("text {{ x }} {% set y = 1 %} {", "");
  expect("{% macro a(x) %}1{% endmacro %}\n\n{%- macro b() -%} 2 {%- endmacro -%}",
         "1 a [1]\n3 b [2]\n");
  expect("{% snapshot a -%}\n 1 {% endsnapshot %}{% snapshot b %} 2\n{%- endsnapshot %}",
         "1 a [1 ]\n2 b [ 2]\n");
  expect("{% macro a(x='%}') %}{{ '{% endmacro %}' }}{% endmacro %}",
         "1 a [{{ '{% endmacro %}' }}]\n");
  expect("{# {% macro no() %} #}{% raw %}{% macro no() %}{% endraw %}{% macro a() %}{% endmacro %}",
         "1 a []\n");
  expect("{% macro a() %}{% raw %}{% endmacro %}{% endraw %}{# {% endmacro %} #}{% endmacro %}",
         "1 a [{% raw %}{% endmacro %}{% endraw %}{# {% endmacro %} #}]\n");
  expect("{% test positive(model) %}t{% endtest %}", "1 test_positive [t]\n");
  expect("{% materialization x, adapter='duckdb' %}m{% endmaterialization %}"
         "{% materialization y, default %}n{% endmaterialization %}",
         "1 materialization_x_duckdb [m]\n1 materialization_y_default [n]\n");
  expect("{% docs d %}don't {{ this {% or %} that{% enddocs %}",
         "1 d [don't {{ this {% or %} that]\n");
  expect("{% snapshot s %}{% if a %}b{% endif %}{% endsnapshot %}",
         "1 s [{% if a %}b{% endif %}]\n");
}

static void broken(void **state)
{
  (void)state;
  expect("\n{% macro a() %}", "line 2: {% macro %} has no {% endmacro %}\n");
  expect("{% macro a(", "line 1: a {% is not closed\n");
  expect("{% macro %}{% endmacro %}", "line 1: {% macro %} lacks a name\n");
  expect("{# never", "line 1: a {# is not closed\n");
  expect("{%", "line 1: a {% is not closed\n");
  expect("{%%}{{", "");
  expect("{% raw %}", "line 1: {% raw %} has no {% endraw %}\n");
}

/* The halves tell a changed text from changed properties; NULL is not ''. */
static void hashes(void **state)
{
  (void)state;
  struct rs_row row = {.table = RS_T_MODEL};
  char one[65], two[65];
  rs_row_set(&row, "name", "m");
  rs_row_set(&row, "sql", "select 1");
  assert_int_equal(rs_row_hash(&row, one, NULL), RS_OK);
  rs_row_set(&row, "sql", "select 2");
  assert_int_equal(rs_row_hash(&row, two, NULL), RS_OK);
  assert_memory_not_equal(one, two, 32);
  assert_memory_equal(one + 32, two + 32, 32);
  rs_row_set(&row, "sql", "select 1");
  rs_row_set(&row, "description", "");
  assert_int_equal(rs_row_hash(&row, two, NULL), RS_OK);
  assert_memory_equal(one, two, 32);
  assert_memory_not_equal(one + 32, two + 32, 32);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(blocks), cmocka_unit_test(broken),
                                     cmocka_unit_test(hashes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
