{#- Snapshots: each state of a row stays, with the time from which and to which it held. A strategy NAME is the macro
    snapshot_NAME_strategy(node, snapshotted_rel, current_rel, config, target_exists), which gives {unique_key,
    updated_at, row_changed, scd_id, invalidate_hard_deletes}; a project may add its own. -#}

{#- snapshot_build: the first table. snapshot_update: what a further run does to it; gives the number of rows that
    were added or closed. Both get the relation and the snapshot's query. -#}

{% macro snapshot_build(target_relation, sql) %}
    {%- set strategy = snapshot_strategy("snapshotted_data", "source_data", false) -%}
    {{- build_snapshot_table(strategy, sql) -}}
{% endmacro %}

{#- The names of the columns that tell of a state: `snapshot_meta_column_names` changes them. -#}
{% macro snapshot_names() %}
    {% set names = {} %}
    {% set own = config.get('snapshot_meta_column_names') or {} %}
    {% set known = ['dbt_scd_id', 'dbt_updated_at', 'dbt_valid_from', 'dbt_valid_to', 'dbt_is_deleted'] %}
    {% for key in own if key not in known %}
        {% do exceptions.raise_compiler_error("snapshot " ~ model.name ~ ": snapshot_meta_column_names: unknown column '" ~ key
                                              ~ "'; there are " ~ known | join(', ')) %}
    {% endfor %}
    {% for key in known %}{% do names.update({key[4:]: own.get(key) or key}) %}{% endfor %}
    {% do return(names) %}
{% endmacro %}

{#- Of a state that holds valid_to is null, or what `dbt_valid_to_current` says. -#}
{% macro snapshot_open_value(updated_at) -%}
    {%- set current = config.get('dbt_valid_to_current') -%}
    {%- if current %}coalesce(nullif({{ updated_at }}, {{ updated_at }}), {{ current }}){% else %}nullif({{ updated_at }}, {{ updated_at }}){% endif -%}
{%- endmacro %}
{% macro snapshot_is_open(prefix='') -%}
    {%- set valid_to = prefix ~ snapshot_names().valid_to -%}
    {%- set current = config.get('dbt_valid_to_current') -%}
    {%- if current %}({{ valid_to }} is null or {{ valid_to }} = {{ current }}){% else %}{{ valid_to }} is null{% endif -%}
{%- endmacro %}

{% macro snapshot_update(target_relation, sql) %}
    {% set c = snapshot_names() %}
    {% set new_record = snapshot_hard_deletes_kind() == 'new_record' %}
    {% set ours = [c.updated_at, c.valid_from, c.valid_to, c.scd_id] + ([c.is_deleted] if new_record else []) %}
    {% set there = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | map('lower') | list %}
    {% set missing = [] %}
    {% for name in [c.scd_id, c.updated_at, c.valid_from, c.valid_to] + ([c.is_deleted] if new_record else []) if name | lower not in there %}
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
        {{ create_table_as(True, staging, snapshot_staging_table(strategy, sql, target_relation, columns, there)) }}
    {% endcall %}
    {% do alter_relation_add_remove_columns(target_relation, added) %}
    {% set names = columns | map(attribute='name') | list + ours %}
    {% set count = run_query("select count(*) from " ~ staging).rows[0][0] %}
    {% call statement('main') %}{{ snapshot_merge_sql(target_relation, staging, names) }}{% endcall %}
    {% do post_snapshot(staging) %}
    {% do return(count) %}
{% endmacro %}

{% macro snapshot_strategy(snapshotted_rel, current_rel, target_exists) %}
    {% set name = config.get('strategy') %}
    {% if not name %}{% do snapshot_lacks('strategy', "timestamp or check") %}{% endif %}
    {% if not config.get('unique_key') %}{% do snapshot_lacks('unique_key', "the column that names a row") %}{% endif %}
    {% if config.get('hard_deletes') not in [none, 'ignore', 'invalidate', 'new_record'] %}
        {% do exceptions.raise_compiler_error("snapshot " ~ model.name ~ ": hard_deletes '" ~ config.get('hard_deletes')
                                              ~ "' is unknown: there are ignore, invalidate and new_record") %}
    {% elif config.get('hard_deletes') and config.get('invalidate_hard_deletes') is not none %}
        {% do exceptions.raise_compiler_error("snapshot " ~ model.name ~ ": hard_deletes and invalidate_hard_deletes are one config: keep hard_deletes") %}
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
        "row_changed": "(" ~ snapshotted_rel ~ "." ~ snapshot_names().valid_from ~ " < " ~ current_rel ~ "." ~ updated_at ~ ")",
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

{% macro snapshot_hard_deletes() %}{% do return(snapshot_hard_deletes_kind() == 'invalidate') %}{% endmacro %}
{% macro snapshot_hard_deletes_kind() %}
    {% do return(config.get('hard_deletes') or ('invalidate' if config.get('invalidate_hard_deletes') else 'ignore')) %}
{% endmacro %}

{% macro snapshot_hash_arguments(args) -%}{{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}{%- endmacro %}
{% macro default__snapshot_hash_arguments(args) -%}
    md5({%- for arg in args -%}coalesce(cast({{ arg }} as varchar ), ''){% if not loop.last %} || '|' || {% endif %}{%- endfor -%})
{%- endmacro %}

{% macro snapshot_get_time() -%}{{ adapter.dispatch('snapshot_get_time', 'dbt')() }}{%- endmacro %}
{% macro default__snapshot_get_time() -%}current_timestamp{%- endmacro %}
{% macro duckdb__snapshot_get_time() -%}now()::timestamp{%- endmacro %}

{% macro build_snapshot_table(strategy, sql) %}
    {% set c = snapshot_names() %}
    select *,
        {{ strategy.scd_id }} as {{ c.scd_id }},
        {{ strategy.updated_at }} as {{ c.updated_at }},
        {{ strategy.updated_at }} as {{ c.valid_from }},
        {{ snapshot_open_value(strategy.updated_at) }} as {{ c.valid_to }}
        {%- if snapshot_hard_deletes_kind() == 'new_record' %},
        'False' as {{ c.is_deleted }}
        {%- endif %}
    from (
{{ sql }}
    ) as sbq
{% endmacro %}

{#- Rows to come: 'insert' adds one, 'update' and 'delete' close the open one of that id. With new_record a row that is
    gone is closed and followed by one that says so; when the row is back, that one is closed. -#}
{% macro snapshot_staging_table(strategy, source_sql, target_relation, columns, there=none) -%}
    {%- set c = snapshot_names() -%}
    {%- set deletes = 'invalidate' if strategy.invalidate_hard_deletes else snapshot_hard_deletes_kind() -%}
    {%- set keys = incremental_key_list(strategy.unique_key) -%}
    {%- set on = [] -%}
    {%- for key in keys %}{% do on.append("snapshotted_data.dbt_key_" ~ loop.index ~ " = source_data.dbt_key_" ~ loop.index) %}{% endfor -%}
    {%- set on = on | join(' and ') -%}
    {%- set not_deleted = "'False'" if deletes == 'new_record' -%}
    {%- set gone = "source_data.dbt_key_1 is null" ~ (" and snapshotted_data." ~ c.is_deleted ~ " <> 'True'" if not_deleted) -%}
    with snapshot_query as (
{{ source_sql }}
    ),
    snapshotted_data as (
        select *{% for key in keys %}, {{ key }} as dbt_key_{{ loop.index }}{% endfor %}
        from {{ target_relation }} where {{ snapshot_is_open() }}
    ),
    source_data as (
        select *{% for key in keys %}, {{ key }} as dbt_key_{{ loop.index }}{% endfor %},
            {{ strategy.updated_at }} as {{ c.updated_at }}, {{ strategy.scd_id }} as {{ c.scd_id }}
        from snapshot_query
    ),
    changes as (
        select source_data.*, snapshotted_data.{{ c.scd_id }} as dbt_old_scd_id
        from source_data left join snapshotted_data on {{ on }}
        where snapshotted_data.dbt_key_1 is null or {{ strategy.row_changed }}
        {%- if not_deleted %} or snapshotted_data.{{ c.is_deleted }} = 'True'{% endif %}
    )
    select 'insert' as dbt_change_type
        {%- for column in columns %}, {{ column.quoted }}{% endfor %},
        {{ c.updated_at }}, {{ c.updated_at }} as {{ c.valid_from }}, {{ snapshot_open_value(c.updated_at) }} as {{ c.valid_to }}, {{ c.scd_id }}
        {%- if not_deleted %}, {{ not_deleted }} as {{ c.is_deleted }}{% endif %}
    from changes
    union all
    select 'update' as dbt_change_type
        {%- for column in columns %}, {{ column.quoted }}{% endfor %},
        {{ c.updated_at }}, {{ c.updated_at }} as {{ c.valid_from }}, {{ c.updated_at }} as {{ c.valid_to }}, dbt_old_scd_id as {{ c.scd_id }}
        {%- if not_deleted %}, {{ not_deleted }}{% endif %}
    from changes where dbt_old_scd_id is not null
    {%- if deletes != 'ignore' %}
    union all
    select 'delete' as dbt_change_type
        {%- for column in columns %}, source_data.{{ column.quoted }}{% endfor %},
        {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, snapshotted_data.{{ c.scd_id }}
        {%- if not_deleted %}, {{ not_deleted }}{% endif %}
    from snapshotted_data left join source_data on {{ on }}
    where {{ gone }}
    {%- endif %}
    {%- if not_deleted %}
    union all
    select 'insert' as dbt_change_type
        {%- for column in columns %}, {% if column.name | lower in there %}snapshotted_data{% else %}source_data{% endif %}.{{ column.quoted }}{% endfor %},
        {{ snapshot_get_time() }}, {{ snapshot_get_time() }}, snapshotted_data.{{ c.valid_to }},
        {{ snapshot_hash_arguments(['snapshotted_data.' ~ c.scd_id, snapshot_get_time()]) }}, 'True'
    from snapshotted_data left join source_data on {{ on }}
    where {{ gone }}
    {%- endif %}
{%- endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
    {{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}
{%- endmacro %}
{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
    {%- set cols = get_quoted_csv(insert_cols) -%}
    {%- set c = snapshot_names() %}
    update {{ target }} as DBT_INTERNAL_DEST set {{ c.valid_to }} = DBT_INTERNAL_SOURCE.{{ c.valid_to }}
    from {{ source }} as DBT_INTERNAL_SOURCE
    where DBT_INTERNAL_SOURCE.{{ c.scd_id }} = DBT_INTERNAL_DEST.{{ c.scd_id }}
      and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
      and {{ snapshot_is_open('DBT_INTERNAL_DEST.') }};
    insert into {{ target }} ({{ cols }})
    select {{ cols }} from {{ source }} where dbt_change_type = 'insert'
{%- endmacro %}

{% macro post_snapshot(staging_relation) %}{% do adapter.drop_relation(staging_relation) %}{% endmacro %}
