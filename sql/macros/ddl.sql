{#- Statements that materializations put together: relations made, dropped and renamed, hooks, comments. A
    project may define any of them under the same name, or NAME under ADAPTER__NAME. -#}

{% macro run_hooks(hooks, inside_transaction=True) %}
    {% for hook in hooks if hook.transaction == inside_transaction %}
        {% set text = render(hook.sql) | trim %}
        {% if text %}
            {% call statement(auto_begin=inside_transaction) %}{{ text }}{% endcall %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{% macro make_hook_config(sql, inside_transaction) %}{{ tojson({"sql": sql, "transaction": inside_transaction}) }}{% endmacro %}
{% macro before_begin(sql) %}{{ make_hook_config(sql, inside_transaction=False) }}{% endmacro %}
{% macro in_transaction(sql) %}{{ make_hook_config(sql, inside_transaction=True) }}{% endmacro %}
{% macro after_commit(sql) %}{{ make_hook_config(sql, inside_transaction=False) }}{% endmacro %}

{#- names -#}

{% macro make_intermediate_relation(base_relation, suffix='__dbt_tmp') %}
    {% do return(adapter.dispatch('make_intermediate_relation', 'dbt')(base_relation, suffix)) %}
{% endmacro %}
{% macro default__make_intermediate_relation(base_relation, suffix) %}
    {% do return(base_relation.incorporate(path={"identifier": base_relation.identifier ~ suffix})) %}
{% endmacro %}

{% macro make_temp_relation(base_relation, suffix='__dbt_tmp') %}
    {% do return(adapter.dispatch('make_temp_relation', 'dbt')(base_relation, suffix)) %}
{% endmacro %}
{% macro default__make_temp_relation(base_relation, suffix) %}
    {% do return(base_relation.incorporate(path={"database": none, "schema": none,
                                                 "identifier": base_relation.identifier ~ suffix}, type='table')) %}
{% endmacro %}

{#- Rockset has no temporary collections: the name is one of the workspace's. -#}
{% macro rockset__make_temp_relation(base_relation, suffix) %}
    {% do return(base_relation.incorporate(path={"identifier": base_relation.identifier ~ suffix})) %}
{% endmacro %}

{% macro make_backup_relation(base_relation, backup_relation_type, suffix='__dbt_backup') %}
    {% do return(adapter.dispatch('make_backup_relation', 'dbt')(base_relation, backup_relation_type, suffix)) %}
{% endmacro %}
{% macro default__make_backup_relation(base_relation, backup_relation_type, suffix) %}
    {% do return(base_relation.incorporate(path={"identifier": base_relation.identifier ~ suffix},
                                           type=backup_relation_type)) %}
{% endmacro %}

{#- what is there -#}

{% macro load_relation(relation) %}
    {% do return(adapter.get_relation(database=relation.database, schema=relation.schema,
                                      identifier=relation.identifier)) %}
{% endmacro %}
{#- [is it there, the relation] -#}
{% macro get_or_create_relation(database, schema, identifier, type) %}
    {% do return(adapter.dispatch('get_or_create_relation', 'dbt')(database, schema, identifier, type)) %}
{% endmacro %}
{% macro default__get_or_create_relation(database, schema, identifier, type) %}
    {% set known = adapter.get_relation(database=database, schema=schema, identifier=identifier) %}
    {% if known %}{% do return([true, known]) %}{% endif %}
    {% do return([false, api.Relation.create(database=database, schema=schema, identifier=identifier, type=type)]) %}
{% endmacro %}
{% macro load_cached_relation(relation) %}{% do return(load_relation(relation)) %}{% endmacro %}

{% macro get_columns_in_relation(relation) %}{% do return(adapter.get_columns_in_relation(relation)) %}{% endmacro %}
{% macro get_columns_in_query(select_sql) %}
    {% do return(adapter.get_column_schema_from_query(select_sql) | map(attribute='name') | list) %}
{% endmacro %}
{% macro get_column_schema_from_query(select_sql, select_sql_header=none) %}
    {% do return(adapter.get_column_schema_from_query(select_sql)) %}
{% endmacro %}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
    {{- return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) -}}
{%- endmacro %}
{#- The line breaks are part of what it gives. -#}
{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {%- if select_sql_header is not none %}{{ select_sql_header }}{% endif -%}
    select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}
{% macro get_quoted_csv(column_names) %}
    {%- set quoted = [] -%}
    {%- for name in column_names -%}{%- do quoted.append(adapter.quote(name)) -%}{%- endfor -%}
    {%- do return(quoted | join(', ')) -%}
{% endmacro %}

{#- statements -#}

{% macro set_sql_header(config) -%}{%- do config.set('sql_header', caller()) -%}{%- endmacro %}

{#- In front of what is built without create_table_as and its like. -#}
{% macro run_sql_header(target_relation=none, sql=none) %}
    {% if config.get('sql_header') %}{% call statement('sql_header') %}{{ config.get('sql_header') }}{% endcall %}{% endif %}
{% endmacro %}

{% macro create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code) }}
{%- endmacro %}
{% macro default__create_table_as(temporary, relation, sql) -%}
    {{ config.get('sql_header', '') or '' }}
    {%- if contract_is_enforced() and not temporary -%}
        {%- do get_assert_columns_equivalent(sql) %}
    create table {{ relation }} {{ get_table_columns_and_constraints() }};
    insert into {{ relation }} ({{ get_quoted_csv(model.columns.keys()) }}) {{ get_select_subquery(sql) }}
    {%- else %}
    create {% if temporary %}temporary {% endif %}table {{ relation }} as (
{{ sql }}
    )
    {%- endif -%}
{%- endmacro %}
{% macro get_create_table_as_sql(temporary, relation, sql) -%}{{ create_table_as(temporary, relation, sql) }}{%- endmacro %}

{% macro create_view_as(relation, sql) -%}{{ adapter.dispatch('create_view_as', 'dbt')(relation, sql) }}{%- endmacro %}
{% macro default__create_view_as(relation, sql) -%}
    {{ config.get('sql_header', '') or '' }}
    create view {{ relation }} as (
{{ sql }}
    )
{%- endmacro %}
{% macro get_create_view_as_sql(relation, sql) -%}{{ create_view_as(relation, sql) }}{%- endmacro %}
{% macro get_replace_view_sql(relation, sql) -%}
    create or replace view {{ relation }} as (
{{ sql }}
    )
{%- endmacro %}
{% macro get_create_sql(relation, sql) -%}
    {%- if relation.is_view -%}{{ create_view_as(relation, sql) }}
    {%- else -%}{{ create_table_as(False, relation, sql) }}{%- endif -%}
{%- endmacro %}

{% macro drop_relation(relation) %}{% do adapter.drop_relation(relation) %}{% endmacro %}
{% macro drop_relation_if_exists(relation) %}{% if relation is not none %}{% do adapter.drop_relation(relation) %}{% endif %}{% endmacro %}
{% macro rename_relation(from_relation, to_relation) %}{% do adapter.rename_relation(from_relation, to_relation) %}{% endmacro %}
{% macro truncate_relation(relation) %}{% do adapter.truncate_relation(relation) %}{% endmacro %}
{% macro create_schema(relation) %}{% do adapter.create_schema(relation) %}{% endmacro %}
{% macro drop_schema(relation) %}{% do adapter.drop_schema(relation) %}{% endmacro %}
{% macro create_indexes(relation) %}{% do adapter.dispatch('create_indexes', 'dbt')(relation) %}{% endmacro %}
{% macro default__create_indexes(relation) %}{% endmacro %}
{% macro get_drop_sql(relation) -%}drop {{ relation.type or 'table' }} if exists {{ relation }} cascade{%- endmacro %}
{% macro get_rename_sql(relation, new_name) -%}
    alter {{ relation.type or 'table' }} {{ relation }} rename to {{ adapter.quote(new_name) }}
{%- endmacro %}
{#- `+persist_docs: {relation: true, columns: true}` -#}

{% macro persist_docs(relation, model, for_relation=true, for_columns=true) %}
    {% do adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns) %}
{% endmacro %}
{% macro default__persist_docs(relation, model, for_relation, for_columns) %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% call statement('persist_docs') %}{{ alter_relation_comment(relation, model.description) }}{% endcall %}
    {% endif %}
    {% if for_columns and config.persist_column_docs() and model.columns %}
        {% set text = alter_column_comment(relation, model.columns) %}
        {% if text | trim %}{% call statement('persist_docs') %}{{ text }}{% endcall %}{% endif %}
    {% endif %}
{% endmacro %}
{% macro alter_relation_comment(relation, relation_comment) %}
    {{- adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment) -}}
{% endmacro %}
{% macro default__alter_relation_comment(relation, relation_comment) %}
    {%- set kind = (load_relation(relation) or relation).type or 'table' -%}
    comment on {{ kind }} {{ relation }} is '{{ relation_comment | replace("'", "''") }}'
{%- endmacro %}
{% macro alter_column_comment(relation, column_dict) %}
    {{- adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict) -}}
{% endmacro %}
{% macro default__alter_column_comment(relation, column_dict) %}
    {%- set there = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
    {%- for name, column in column_dict.items() if name | lower in there and column.description %}
    comment on column {{ relation }}.{{ adapter.quote(name) }} is '{{ column.description | replace("'", "''") }}';
    {%- endfor -%}
{%- endmacro %}

{#- What a macro that failed leaves where there is no rollback. -#}
{% macro remove_stage(target_relation, sql) %}
    {% do adapter.drop_relation(make_temp_relation(target_relation)) %}
{% endmacro %}

{#- What is still to be done once one of our own materializations has made its relation. -#}
{% macro build_finish(target_relation, sql) %}
    {% do create_indexes(target_relation) %}
    {% do apply_grants(target_relation, config.get('grants'), grants_remain()) %}
    {% do persist_docs(target_relation, model) %}
{% endmacro %}
