{#- The four generic tests that are always there, and what wraps a test's query. A project, or a
    package through dispatch, may have its own. -#}
{% test unique(model, column_name) %}
    {% set macro = adapter.dispatch('test_unique', 'dbt') %}
    {{ macro(model, column_name) }}
{% endtest %}

{% test not_null(model, column_name) %}
    {% set macro = adapter.dispatch('test_not_null', 'dbt') %}
    {{ macro(model, column_name) }}
{% endtest %}

{% test accepted_values(model, column_name, values, quote=True) %}
    {% set macro = adapter.dispatch('test_accepted_values', 'dbt') %}
    {{ macro(model, column_name, values, quote) }}
{% endtest %}

{% test relationships(model, column_name, to, field) %}
    {% set macro = adapter.dispatch('test_relationships', 'dbt') %}
    {{ macro(model, column_name, to, field) }}
{% endtest %}

{% macro default__test_unique(model, column_name) %}

select
    {{ column_name }} as unique_field,
    count(*) as n_records

from {{ model }}
where {{ column_name }} is not null
group by {{ column_name }}
having count(*) > 1

{% endmacro %}

{% macro default__test_not_null(model, column_name) %}

{% set column_list = '*' if should_store_failures() else column_name %}

select {{ column_list }}
from {{ model }}
where {{ column_name }} is null

{% endmacro %}

{% macro default__test_accepted_values(model, column_name, values, quote=True) %}

with all_values as (

    select
        {{ column_name }} as value_field,
        count(*) as n_records

    from {{ model }}
    group by {{ column_name }}

)

select *
from all_values
where value_field not in (
    {% for value in values -%}
        {% if quote -%}
        '{{ value }}'
        {%- else -%}
        {{ value }}
        {%- endif -%}
        {%- if not loop.last -%},{%- endif %}
    {%- endfor %}
)

{% endmacro %}

{% macro default__test_relationships(model, column_name, to, field) %}

with child as (
    select {{ column_name }} as from_field
    from {{ model }}
    where {{ column_name }} is not null
),

parent as (
    select {{ field }} as to_field
    from {{ to }}
)

select
    from_field

from child
left join parent
    on child.from_field = parent.to_field

where parent.to_field is null

{% endmacro %}

{% macro should_store_failures() %}
    {% set stored = config.get('store_failures') %}
    {% set stored_as = config.get('store_failures_as') %}
    {% if stored_as is not none %}
        {% set stored = stored_as != 'ephemeral' %}
    {% elif stored is none %}
        {% set stored = flags.STORE_FAILURES %}
    {% endif %}
    {% do return(stored) %}
{% endmacro %}

{% macro get_where_subquery(relation) -%}
    {% do return(adapter.dispatch('get_where_subquery', 'dbt')(relation)) %}
{%- endmacro %}

{% macro default__get_where_subquery(relation) -%}
    {% set where = config.get('where', '') %}
    {% if not where %}{% do return(relation) %}{% endif %}
    {%- set filtered -%}
        (select * from {{ relation }} where {{ where }}) dbt_subquery
    {%- endset -%}
    {% do return(filtered) %}
{%- endmacro %}

{% macro get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  {{ adapter.dispatch('get_test_sql', 'dbt')(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}

{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    select
      {{ fail_calc }} as failures,
      {{ fail_calc }} {{ warn_if }} as should_warn,
      {{ fail_calc }} {{ error_if }} as should_error
    from (
      {{ main_sql }}
      {{ "limit " ~ limit if limit != none }}
    ) dbt_internal_test
{%- endmacro %}

{#- What a materialization of tests in a project or package calls for the rest: we run tests by
    ourselves where there is none. -#}
{% materialization test, default %}
    {% set relations = [] %}
    {% set main_sql = sql %}
    {% if should_store_failures() %}
        {% set kind = config.get('store_failures_as') or 'table' %}
        {% if kind not in ['table', 'view'] %}
            {{ exceptions.raise_compiler_error("config 'store_failures_as' must be 'table', 'view' or 'ephemeral', not '" ~ kind ~ "'") }}
        {% endif %}
        {% set target = this.incorporate(type=kind) %}
        {% set old = load_relation(target) %}
        {% if old is not none %}{% do adapter.drop_relation(old) %}{% endif %}
        {% call statement(auto_begin=True) %}create {{ kind }} {{ target }} as {{ sql }}{% endcall %}
        {% do relations.append(target) %}
        {% set main_sql = "select * from " ~ target %}
        {% do adapter.commit() %}
    {% endif %}
    {% call statement('main', fetch_result=True) -%}
        {{ get_test_sql(main_sql, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), config.get('limit')) }}
    {%- endcall %}
    {% do return({'relations': relations}) %}
{% endmaterialization %}
