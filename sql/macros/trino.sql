{#- What strategies, snapshots, contracts and comments are on Trino, where each statement commits by itself: whatever
    changes a table that is there is one MERGE, so that readers see all of it or nothing. -#}

{#- A stage is a table of the same workspace; nothing lists names that begin so. -#}
{% macro trino__make_temp_relation(base_relation, suffix) %}
    {% do return(base_relation.incorporate(path={"identifier": "__rs_dbt_" ~ base_relation.identifier}, type='table')) %}
{% endmacro %}

{% macro trino__create_table_as(temporary, relation, sql) -%}
    {{ config.get('sql_header', '') or '' }}
    create table {{ relation }} as (
{{ sql }}
    )
{%- endmacro %}

{#- MERGE wants a key. -#}
{% macro trino__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- if incremental_key_list(unique_key) -%}
        {{ default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) }}
    {%- else -%}
        {{ get_insert_into_sql(target, source, dest_columns) }}
    {%- endif -%}
{%- endmacro %}

{#- Rows go out by `conditions` and all rows of the source come in, at once: the source comes twice, as what names rows
    that go (`goes` is a SELECT of it, each row different) and as what comes. -#}
{% macro trino_replace_rows(target, source, goes, goes_columns, conditions, dest_columns) -%}
    {%- set quoted = dest_columns | map(attribute='quoted') | list -%}
    merge into {{ target }} as DBT_INTERNAL_DEST using (
        select true as dbt_goes
            {%- for name in goes_columns %}, {{ name }} as dbt_key_{{ loop.index }}{% endfor %}
            {%- for name in quoted %}, null as dbt_new_{{ loop.index }}{% endfor %}
        from ({{ goes }}) as dbt_gone
        union all
        select false
            {%- for name in goes_columns %}, null{% endfor %}
            {%- for name in quoted %}, {{ name }}{% endfor %}
        from {{ source }}
    ) as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.dbt_goes and {{ conditions | join(' and ') }}
    when matched then delete
    when not matched and not DBT_INTERNAL_SOURCE.dbt_goes then insert ({{ quoted | join(', ') }})
        values ({% for name in quoted %}DBT_INTERNAL_SOURCE.dbt_new_{{ loop.index }}{% if not loop.last %}, {% endif %}{% endfor %})
{%- endmacro %}

{% macro trino__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
    {%- set keys = [] -%}
    {%- for key in incremental_key_list(unique_key) %}{% do keys.append(incremental_key_sql(key, dest_columns)) %}{% endfor -%}
    {%- if not keys -%}
        {{ get_insert_into_sql(target, source, dest_columns) }}
    {%- else -%}
        {%- set conditions = [] -%}
        {%- for key in keys %}{% do conditions.append("DBT_INTERNAL_DEST." ~ key ~ " = DBT_INTERNAL_SOURCE.dbt_key_" ~ loop.index) %}{% endfor -%}
        {%- for one in incremental_predicate_list(incremental_predicates) %}{% do conditions.append("(" ~ one ~ ")") %}{% endfor -%}
        {{ trino_replace_rows(target, source, "select distinct " ~ keys | join(', ') ~ " from " ~ source, keys, conditions, dest_columns) }}
    {%- endif -%}
{%- endmacro %}

{% macro trino__get_incremental_microbatch_sql(arg_dict) %}
    {% set at = "DBT_INTERNAL_DEST." ~ adapter.quote(config.get('event_time')) %}
    {% set conditions = [at ~ " >= timestamp '" ~ model.batch.event_time_start ~ "'", at ~ " < timestamp '" ~ model.batch.event_time_end ~ "'"] %}
    {% for one in incremental_predicate_list(arg_dict.incremental_predicates) %}{% do conditions.append("(" ~ one ~ ")") %}{% endfor %}
    {% do return(trino_replace_rows(arg_dict.target_relation, arg_dict.temp_relation, "select 1 as one", [], conditions, arg_dict.dest_columns)) %}
{% endmacro %}

{#- snapshots -#}

{% macro trino__snapshot_hash_arguments(args) -%}
    lower(to_hex(md5(to_utf8({%- for arg in args -%}coalesce(cast({{ arg }} as varchar), ''){% if not loop.last %} || '|' || {% endif %}{%- endfor -%}))))
{%- endmacro %}
{% macro trino__snapshot_get_time() -%}cast(current_timestamp(6) at time zone 'UTC' as timestamp(6)){%- endmacro %}

{% macro trino__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set cols = get_quoted_csv(insert_cols) -%}
    {%- set c = snapshot_names() -%}
    merge into {{ target }} as DBT_INTERNAL_DEST using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ c.scd_id }} = DBT_INTERNAL_DEST.{{ c.scd_id }}
      and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete') and {{ snapshot_is_open('DBT_INTERNAL_DEST.') }}
    when matched then update set {{ c.valid_to }} = DBT_INTERNAL_SOURCE.{{ c.valid_to }}
    when not matched and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert' then insert ({{ cols }})
        values ({% for name in insert_cols %}DBT_INTERNAL_SOURCE.{{ adapter.quote(name) }}{% if not loop.last %}, {% endif %}{% endfor %})
{%- endmacro %}

{#- contracts: of constraints connectors know NOT NULL; lengths and precisions are not compared, as dbt-trino has it -#}

{% macro trino__contract_type(name) %}{% do return(name.split('(')[0]) %}{% endmacro %}
{% macro trino__contract_supports(type) %}{% do return(type in ['not_null', 'custom']) %}{% endmacro %}

{#- `+grants: {select: [user]}`: what the config names is granted, what it does not name is revoked. -#}
{% macro trino__apply_grants(relation, grant_config, should_revoke) %}
    {% if not grant_config %}{% do return('') %}{% endif %}
    {% set catalog = adapter.quote(relation.database) ~ "." if relation.database else "" %}
    {% set there = run_query("select lower(privilege_type), grantee from " ~ catalog ~ "information_schema.table_privileges where table_schema = '"
                             ~ relation.schema | lower ~ "' and table_name = '" ~ relation.identifier | lower ~ "' and grantor <> grantee") %}
    {% for row in there.rows if should_revoke and row[1] not in incremental_key_list(grant_config.get(row[0])) %}
        {% call statement('grants') %}revoke {{ row[0] }} on table {{ relation }} from {{ adapter.quote(row[1]) }}{% endcall %}
    {% endfor %}
    {% for privilege, grantees in grant_config.items() %}
        {% for grantee in incremental_key_list(grantees) %}
            {% call statement('grants') %}grant {{ privilege }} on table {{ relation }} to {{ adapter.quote(grantee) }}{% endcall %}
        {% endfor %}
    {% endfor %}
{% endmacro %}

{% macro trino__current_timestamp() -%}current_timestamp{%- endmacro %}
{% macro trino__dateadd(datepart, interval, from_date_or_timestamp) %}
    date_add('{{ datepart }}', {{ interval }}, {{ from_date_or_timestamp }})
{% endmacro %}
{% macro trino__datediff(first_date, second_date, datepart) -%}
    date_diff('{{ datepart }}', cast({{ first_date }} as timestamp), cast({{ second_date }} as timestamp))
{%- endmacro %}
