{#- Snapshots: each state of a row stays, with the time from which and to which it held. A strategy NAME is the macro
    snapshot_NAME_strategy(node, snapshotted_rel, current_rel, config, target_exists), which gives {unique_key,
    updated_at, row_changed, scd_id, invalidate_hard_deletes}; a project may add its own. -#}

{#- snapshot_build: the first table. snapshot_update: what a further run does to it; gives the number of rows that
    were added or closed. Both get the relation and the snapshot's query. -#}

{% macro snapshot_build(target_relation, sql) %}
    {%- set strategy = snapshot_strategy("snapshotted_data", "source_data", false) -%}
    {{- build_snapshot_table(strategy, sql) -}}
{% endmacro %}

{% macro snapshot_update(target_relation, sql) %}
    {% set there = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | map('lower') | list %}
    {% set missing = [] %}
    {% for name in ['dbt_scd_id', 'dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to'] if name not in there %}
        {% do missing.append(name) %}
    {% endfor %}
    {% if missing %}
        {% do exceptions.raise_compiler_error("Snapshot target is not a snapshot table (missing \"" ~ missing | join('", "') ~ "\")") %}
    {% endif %}
    {% set strategy = snapshot_strategy("snapshotted_data", "source_data", true) %}
    {% set columns = adapter.get_column_schema_from_query(sql) %}
    {% set added = diff_columns(columns, adapter.get_columns_in_relation(target_relation)) %}
    {% set staging = make_temp_relation(target_relation) %}
    {% do adapter.drop_relation(staging) %}
    {% call statement('build_snapshot_staging') %}
        {{ create_table_as(True, staging, snapshot_staging_table(strategy, sql, target_relation, columns)) }}
    {% endcall %}
    {% do alter_relation_add_remove_columns(target_relation, added) %}
    {% set names = columns | map(attribute='name') | list
                   + ['dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to', 'dbt_scd_id'] %}
    {% set count = run_query("select count(*) from " ~ staging).rows[0][0] %}
    {% call statement('main') %}{{ snapshot_merge_sql(target_relation, staging, names) }}{% endcall %}
    {% do post_snapshot(staging) %}
    {% do return(count) %}
{% endmacro %}

{% macro snapshot_strategy(snapshotted_rel, current_rel, target_exists) %}
    {% set name = config.get('strategy') %}
    {% if not name %}{% do snapshot_lacks('strategy', "timestamp or check") %}{% endif %}
    {% if not config.get('unique_key') %}{% do snapshot_lacks('unique_key', "the column that names a row") %}{% endif %}
    {% if config.get('hard_deletes') not in [none, 'ignore', 'invalidate'] %}
        {% do exceptions.raise_compiler_error("snapshot " ~ model.name ~ ": hard_deletes '" ~ config.get('hard_deletes')
                                              ~ "' is not built: there are ignore and invalidate") %}
    {% endif %}
    {% set macro = strategy_dispatch(name) %}
    {% do return(macro(model, snapshotted_rel, current_rel, config, target_exists)) %}
{% endmacro %}

{% macro snapshot_lacks(key, what) %}
    {% do exceptions.raise_compiler_error("Snapshots must be configured with a '" ~ key ~ "': " ~ what) %}
{% endmacro %}

{% macro strategy_dispatch(name) %}
    {% set full = 'snapshot_' ~ name ~ '_strategy' %}
    {% set macro = adapter.find_macro(full) %}
    {% if macro is none %}
        {% do exceptions.raise_compiler_error("Could not find strategy macro '" ~ full ~ "': there are timestamp and check") %}
    {% endif %}
    {% do return(macro) %}
{% endmacro %}

{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, config, target_exists) %}
    {% set primary_key = config.get('unique_key') %}
    {% set updated_at = config.get('updated_at') %}
    {% if not updated_at %}{% do snapshot_lacks('updated_at', "the column that strategy timestamp compares") %}{% endif %}
    {% do return({
        "unique_key": primary_key,
        "updated_at": updated_at,
        "row_changed": "(" ~ snapshotted_rel ~ ".dbt_valid_from < " ~ current_rel ~ "." ~ updated_at ~ ")",
        "scd_id": snapshot_hash_arguments(incremental_key_list(primary_key) + [updated_at]),
        "invalidate_hard_deletes": snapshot_hard_deletes()}) %}
{% endmacro %}

{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, config, target_exists) %}
    {% set check_cols = config.get('check_cols') %}
    {% set primary_key = config.get('unique_key') %}
    {% set updated_at = config.get('updated_at') or snapshot_get_time() %}
    {% if not check_cols or (check_cols is string and check_cols != 'all') %}
        {% do exceptions.raise_compiler_error("Invalid value for 'check_cols': " ~ check_cols ~ ". It is 'all' or a list of columns") %}
    {% endif %}
    {% set new_columns = [] %}
    {% if target_exists %}
        {% set there = adapter.get_columns_in_relation(this) | map(attribute='name') | map('lower') | list %}
        {% if check_cols != 'all' %}{% set found = check_cols %}
        {% elif target.type == 'rockset' %}{% set found = rockset_snapshot_fields() %}
        {% else %}{% set found = get_columns_in_query(sql) %}{% endif %}
        {% set compared = [] %}
        {% for name in found %}
            {% if name | lower in there or target.type == 'rockset' %}{% do compared.append(name if check_cols != 'all' else adapter.quote(name)) %}
            {% else %}{% do new_columns.append(name) %}{% endif %}
        {% endfor %}
        {% set tests = ['true'] if new_columns else [] %}
        {% for name in compared if not new_columns %}
            {% set a = snapshotted_rel ~ "." ~ name %}
            {% set b = current_rel ~ "." ~ name %}
            {% do tests.append(a ~ " != " ~ b ~ " or ((" ~ a ~ " is null) != (" ~ b ~ " is null))") %}
        {% endfor %}
    {% endif %}
    {% do return({
        "unique_key": primary_key,
        "updated_at": updated_at,
        "row_changed": "(" ~ (tests or ['false']) | join(' or ') ~ ")",
        "scd_id": snapshot_hash_arguments(incremental_key_list(primary_key) + [updated_at]),
        "invalidate_hard_deletes": snapshot_hard_deletes()}) %}
{% endmacro %}

{% macro snapshot_hard_deletes() %}
    {% do return(config.get('invalidate_hard_deletes') or config.get('hard_deletes') == 'invalidate') %}
{% endmacro %}

{% macro snapshot_hash_arguments(args) -%}{{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}{%- endmacro %}
{% macro default__snapshot_hash_arguments(args) -%}
    md5({%- for arg in args -%}coalesce(cast({{ arg }} as varchar ), ''){% if not loop.last %} || '|' || {% endif %}{%- endfor -%})
{%- endmacro %}

{% macro snapshot_get_time() -%}{{ adapter.dispatch('snapshot_get_time', 'dbt')() }}{%- endmacro %}
{% macro default__snapshot_get_time() -%}current_timestamp{%- endmacro %}
{% macro duckdb__snapshot_get_time() -%}now()::timestamp{%- endmacro %}

{% macro build_snapshot_table(strategy, sql) %}
    select *,
        {{ strategy.scd_id }} as dbt_scd_id,
        {{ strategy.updated_at }} as dbt_updated_at,
        {{ strategy.updated_at }} as dbt_valid_from,
        nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}) as dbt_valid_to
    from (
{{ sql }}
    ) as sbq
{% endmacro %}

{#- Rows to come: 'insert' adds one, 'update' and 'delete' close the open one of dbt_scd_id. -#}
{% macro snapshot_staging_table(strategy, source_sql, target_relation, columns) -%}
    {%- set keys = incremental_key_list(strategy.unique_key) -%}
    {%- set on = [] -%}
    {%- for key in keys %}{% do on.append("snapshotted_data.dbt_key_" ~ loop.index ~ " = source_data.dbt_key_" ~ loop.index) %}{% endfor -%}
    {%- set on = on | join(' and ') -%}
    with snapshot_query as (
{{ source_sql }}
    ),
    snapshotted_data as (
        select *{% for key in keys %}, {{ key }} as dbt_key_{{ loop.index }}{% endfor %}
        from {{ target_relation }} where dbt_valid_to is null
    ),
    source_data as (
        select *{% for key in keys %}, {{ key }} as dbt_key_{{ loop.index }}{% endfor %},
            {{ strategy.updated_at }} as dbt_updated_at, {{ strategy.scd_id }} as dbt_scd_id
        from snapshot_query
    ),
    changes as (
        select source_data.*, snapshotted_data.dbt_scd_id as dbt_old_scd_id
        from source_data left join snapshotted_data on {{ on }}
        where snapshotted_data.dbt_key_1 is null or {{ strategy.row_changed }}
    )
    select 'insert' as dbt_change_type
        {%- for column in columns %}, {{ column.quoted }}{% endfor %},
        dbt_updated_at, dbt_updated_at as dbt_valid_from, nullif(dbt_updated_at, dbt_updated_at) as dbt_valid_to, dbt_scd_id
    from changes
    union all
    select 'update' as dbt_change_type
        {%- for column in columns %}, {{ column.quoted }}{% endfor %},
        dbt_updated_at, dbt_updated_at as dbt_valid_from, dbt_updated_at as dbt_valid_to, dbt_old_scd_id as dbt_scd_id
    from changes where dbt_old_scd_id is not null
    {%- if strategy.invalidate_hard_deletes %}
    union all
    select 'delete' as dbt_change_type
        {%- for column in columns %}, source_data.{{ column.quoted }}{% endfor %},
        {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, snapshotted_data.dbt_scd_id
    from snapshotted_data left join source_data on {{ on }}
    where source_data.dbt_key_1 is null
    {%- endif %}
{%- endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
    {{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}
{%- endmacro %}
{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set cols = get_quoted_csv(insert_cols) -%}
    update {{ target }} as DBT_INTERNAL_DEST set dbt_valid_to = DBT_INTERNAL_SOURCE.dbt_valid_to
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.dbt_scd_id = DBT_INTERNAL_DEST.dbt_scd_id
      and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
      and DBT_INTERNAL_DEST.dbt_valid_to is null;
    insert into {{ target }} ({{ cols }})
    select {{ cols }} from {{ source }} where dbt_change_type = 'insert'
{%- endmacro %}

{% macro post_snapshot(staging_relation) %}{% do adapter.drop_relation(staging_relation) %}{% endmacro %}
