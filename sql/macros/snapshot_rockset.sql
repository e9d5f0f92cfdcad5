{#- Snapshots on Rockset's API, which has no transactions and no UPDATE, but replaces documents of one _id: that is
    dbt_scd_id here. Three statements, each a query whose rows are written: rows that changed are closed, rows that
    are gone are closed, rows without an open state are added. One that is stopped between them is completed by the
    next run. -#}

{% macro rockset__snapshot_hash_arguments(args) -%}
    to_hex(md5({%- for arg in args -%}coalesce(cast({{ arg }} as string), ''){% if not loop.last %} || '|' || {% endif %}{%- endfor -%}))
{%- endmacro %}
{% macro rockset__snapshot_get_time() -%}current_timestamp(){%- endmacro %}

{% macro rockset_snapshot_on(strategy, a, b) -%}
    {%- for key in incremental_key_list(strategy.unique_key) %}{% if not loop.first %} and {% endif %}{{ a }}.{{ key }} = {{ b }}.{{ key }}{% endfor -%}
{%- endmacro %}

{% macro rockset_snapshot_names() %}
    {% if snapshot_hard_deletes_kind() == 'new_record' %}
        {% do exceptions.raise_compiler_error("snapshot " ~ model.name ~ ": hard_deletes 'new_record' is not built for Rockset's API: there are ignore and invalidate") %}
    {% endif %}
    {% do return(snapshot_names()) %}
{% endmacro %}

{#- Of a collection the fields are known, of a query they are not. -#}
{% macro rockset_snapshot_fields() %}
    {% set c = snapshot_names() %}
    {% set ours = ['_id', '_event_time', '_meta', c.scd_id, c.updated_at, c.valid_from, c.valid_to] %}
    {% do return(adapter.get_columns_in_relation(this) | map(attribute='name') | reject('in', ours) | list) %}
{% endmacro %}

{% macro rockset_snapshot_build(target_relation, sql) %}
    {%- set strategy = snapshot_strategy("snapshotted_data", "source_data", false) -%}
    {%- set c = rockset_snapshot_names() -%}
    select source_data.*, {{ strategy.scd_id }} as _id, {{ strategy.scd_id }} as {{ c.scd_id }},
        {{ strategy.updated_at }} as {{ c.updated_at }}, {{ strategy.updated_at }} as {{ c.valid_from }},
        {{ snapshot_open_value(strategy.updated_at) }} as {{ c.valid_to }}
    from (
{{ sql }}
    ) source_data
{% endmacro %}

{% macro rockset_snapshot_closings(target_relation, sql) %}
    {%- set strategy = snapshot_strategy("snapshotted_data", "source_data", true) -%}
    {%- set c = rockset_snapshot_names() -%}
    select snapshotted_data.* except({{ c.valid_to }}), {{ rockset_snapshot_time(strategy) }} as {{ c.valid_to }}
    from {{ target_relation }} snapshotted_data join (
{{ sql }}
    ) source_data on {{ rockset_snapshot_on(strategy, "snapshotted_data", "source_data") }}
    where {{ snapshot_is_open('snapshotted_data.') }} and {{ strategy.row_changed }}
{% endmacro %}

{% macro rockset_snapshot_time(strategy) -%}
    {%- if '(' in strategy.updated_at -%}{{ strategy.updated_at }}{%- else -%}source_data.{{ strategy.updated_at }}{%- endif -%}
{%- endmacro %}

{% macro rockset_snapshot_deletes(target_relation, sql) %}
    {%- set strategy = snapshot_strategy("snapshotted_data", "source_data", true) -%}
    {%- set c = rockset_snapshot_names() -%}
    {%- if strategy.invalidate_hard_deletes -%}
    select snapshotted_data.* except({{ c.valid_to }}), {{ snapshot_get_time() }} as {{ c.valid_to }}
    from {{ target_relation }} snapshotted_data left join (
{{ sql }}
    ) source_data on {{ rockset_snapshot_on(strategy, "snapshotted_data", "source_data") }}
    where {{ snapshot_is_open('snapshotted_data.') }} and source_data.{{ incremental_key_list(strategy.unique_key)[0] }} is null
    {%- endif -%}
{% endmacro %}

{% macro rockset_snapshot_inserts(target_relation, sql) %}
    {%- set strategy = snapshot_strategy("snapshotted_data", "source_data", true) -%}
    {%- set c = rockset_snapshot_names() -%}
    {%- set keys = incremental_key_list(strategy.unique_key) -%}
    select q.*, {{ strategy.scd_id }} as _id, {{ strategy.scd_id }} as {{ c.scd_id }},
        {{ strategy.updated_at }} as {{ c.updated_at }}, {{ strategy.updated_at }} as {{ c.valid_from }},
        {{ snapshot_open_value(strategy.updated_at) }} as {{ c.valid_to }}
    from (
        select source_data.* from (
{{ sql }}
        ) source_data left join (
            select {{ keys | join(', ') }} from {{ target_relation }} where {{ snapshot_is_open() }}
        ) snapshotted_data on {{ rockset_snapshot_on(strategy, "snapshotted_data", "source_data") }}
        where snapshotted_data.{{ keys[0] }} is null
    ) q
{% endmacro %}
