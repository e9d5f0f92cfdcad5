{#- What is SQLite's own way: no brackets around the query of what is made, no MERGE, no USING, no md5(), times as
    texts. -#}

{% macro sqlite__create_table_as(temporary, relation, sql) -%}
    {%- if contract_is_enforced() and not temporary -%}
    {{ default__create_table_as(temporary, relation, sql) }}
    {%- else -%}
    {{ config.get('sql_header', '') or '' }}
    create {% if temporary %}temporary {% endif %}table {{ relation }} as
{{ sql }}
    {%- endif -%}
{%- endmacro %}
{% macro sqlite__create_view_as(relation, sql) -%}
    {{ config.get('sql_header', '') or '' }}
    create view {{ relation }} as
{{ sql }}
{%- endmacro %}

{#- An UPDATE and an INSERT, in the transaction of the model. -#}
{% macro sqlite__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- set cols = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- set update_columns = get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
    {%- set conditions = [] -%}
    {%- for key in incremental_key_list(unique_key) %}{% do conditions.append("DBT_INTERNAL_SOURCE." ~ key ~ " = DBT_INTERNAL_DEST." ~ key) %}{% endfor -%}
    {%- if conditions -%}
    {%- do conditions.extend(incremental_predicate_list(incremental_predicates)) -%}
    update {{ target }} as DBT_INTERNAL_DEST set
        {% for name in update_columns %}{{ name }} = DBT_INTERNAL_SOURCE.{{ name }}{% if not loop.last %}, {% endif %}{% endfor %}
    from {{ source }} as DBT_INTERNAL_SOURCE where ({{ conditions | join(') and (') }});
    insert into {{ target }} ({{ cols }}) select {{ cols }} from {{ source }} as DBT_INTERNAL_SOURCE
    where not exists (select 1 from {{ target }} as DBT_INTERNAL_DEST where ({{ conditions | join(') and (') }}))
    {%- else -%}
    {{ get_insert_into_sql(target, source, dest_columns) }}
    {%- endif -%}
{%- endmacro %}

{% macro sqlite__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
    {%- set cols = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- set keys = incremental_key_list(unique_key) -%}
    {%- if keys %}
    delete from {{ target }} as DBT_INTERNAL_DEST
    where exists (select 1 from {{ source }} as DBT_INTERNAL_SOURCE
    where {% for key in keys %}{% set key = incremental_key_sql(key, dest_columns) %}{% if not loop.first %} and {% endif -%}
        DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{% endfor %})
    {%- for predicate in incremental_predicate_list(incremental_predicates) %} and {{ predicate }}{% endfor %};
    {%- endif %}
    insert into {{ target }} ({{ cols }}) select {{ cols }} from {{ source }}
{% endmacro %}

{#- The arguments themselves: SQLite has no hash. -#}
{% macro sqlite__snapshot_hash_arguments(args) -%}
    lower(hex({%- for arg in args -%}coalesce(cast({{ arg }} as text), ''){% if not loop.last %} || '|' || {% endif %}{%- endfor -%}))
{%- endmacro %}
{% macro sqlite__snapshot_get_time() -%}strftime('%Y-%m-%d %H:%M:%f', 'now'){%- endmacro %}

{% macro sqlite__current_timestamp() -%}datetime('now'){%- endmacro %}
{% macro sqlite__dateadd(datepart, interval, from_date_or_timestamp) %}
    case when length({{ from_date_or_timestamp }}) > 10
        then datetime({{ from_date_or_timestamp }}, ({{ interval }}) || ' {{ datepart }}s')
        else date({{ from_date_or_timestamp }}, ({{ interval }}) || ' {{ datepart }}s') end
{% endmacro %}
{% macro sqlite__datediff(first_date, second_date, datepart) -%}
    {%- set seconds = {'day': 86400, 'hour': 3600, 'minute': 60, 'second': 1}.get(datepart) -%}
    {%- if not seconds %}{% do exceptions.raise_compiler_error("datediff on SQLite: day, hour, minute or second, not '" ~ datepart ~ "'") %}{% endif -%}
    (cast(strftime('%s', {{ second_date }}) as integer) / {{ seconds }} - cast(strftime('%s', {{ first_date }}) as integer) / {{ seconds }})
{%- endmacro %}
{% macro sqlite__persist_docs(relation, model, for_relation, for_columns) %}
    {% if config.persist_relation_docs() or config.persist_column_docs() %}{% do exceptions.warn("persist_docs: SQLite keeps no comments") %}{% endif %}
{% endmacro %}
{% macro sqlite__apply_grants(relation, grant_config, should_revoke=True) %}{% do no_grants(relation, grant_config) %}{% endmacro %}
