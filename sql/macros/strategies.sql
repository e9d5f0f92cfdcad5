{#- Incremental models: what happens to a table that is there already. A strategy NAME is the macro
    get_incremental_NAME_sql(arg_dict), which gives the statements; a project may add its own. -#}

{#- Called for every incremental model on a target with transactions, inside one; gives the number of rows. -#}
{% macro incremental_update(target_relation, sql) %}
    {% set strategy = config.get('incremental_strategy') or 'default' %}
    {% set unique_key = config.get('unique_key') %}
    {% set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), 'ignore') %}
    {% set predicates = config.get('predicates', none) or config.get('incremental_predicates', none) %}
    {% if (strategy == 'append' or (strategy == 'default' and not unique_key)) and on_schema_change == 'ignore' %}
        {#- the rows go in directly -#}
        {% do run_sql_header() %}
        {% set source = "(\n" ~ sql ~ "\n)" %}
        {% set source_columns = adapter.get_column_schema_from_query(sql) %}
        {% set dest_columns = incremental_sync_columns(on_schema_change, source_columns, target_relation) %}
        {% set cols = get_quoted_csv(dest_columns | map(attribute='name')) %}
        {% do return(adapter.put_rows(target_relation, "select " ~ cols ~ " from " ~ source ~ " as q")) %}
    {% endif %}
    {% set macro = adapter.get_incremental_strategy_macro(context, strategy) %}
    {% set temp_relation = make_temp_relation(target_relation) %}
    {% do adapter.drop_relation(temp_relation) %}
    {% call statement('create_temp') %}{{ create_table_as(True, temp_relation, sql) }}{% endcall %}
    {% set source_columns = adapter.get_columns_in_relation(temp_relation) %}
    {% set dest_columns = incremental_sync_columns(on_schema_change, source_columns, target_relation) %}
    {% set count = run_query("select count(*) from " ~ temp_relation).rows[0][0] %}
    {% call statement('main') -%}
        {{ macro({'target_relation': target_relation, 'temp_relation': temp_relation, 'unique_key': unique_key,
                  'dest_columns': dest_columns, 'incremental_predicates': predicates}) }}
    {%- endcall %}
    {% do adapter.drop_relation(temp_relation) %}
    {% do return(count) %}
{% endmacro %}

{#- on_schema_change -#}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
    {% if on_schema_change is none %}{% do return(default) %}{% endif %}
    {% if on_schema_change not in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] %}
        {% do exceptions.warn("on_schema_change '" ~ on_schema_change ~ "' is unknown: there are ignore, fail, "
                              ~ "append_new_columns, sync_all_columns; '" ~ default ~ "' is taken") %}
        {% do return(default) %}
    {% endif %}
    {% do return(on_schema_change) %}
{% endmacro %}

{% macro diff_columns(source_columns, target_columns) %}
    {% set names = target_columns | map(attribute='name') | map('lower') | list %}
    {% set found = [] %}
    {% for column in source_columns if column.name | lower not in names %}{% do found.append(column) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro diff_column_data_types(source_columns, target_columns) %}
    {% set found = [] %}
    {% for column in source_columns %}
        {% for other in target_columns if other.name | lower == column.name | lower and other.dtype != column.dtype %}
            {% do found.append({'column_name': other.name, 'new_type': column.dtype, 'old_type': other.dtype}) %}
        {% endfor %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro alter_relation_add_remove_columns(relation, add_columns=none, remove_columns=none) %}
    {% for column in add_columns or [] %}
        {% call statement() %}alter table {{ relation }} add column {{ column.quoted }} {{ column.dtype }}{% endcall %}
    {% endfor %}
    {% for column in remove_columns or [] %}
        {% call statement() %}alter table {{ relation }} drop column {{ column.quoted }}{% endcall %}
    {% endfor %}
{% endmacro %}

{% macro alter_column_type(relation, column_name, new_column_type) %}
    {% call statement() %}alter table {{ relation }} alter column {{ adapter.quote(column_name) }} set data type {{ new_column_type }}{% endcall %}
{% endmacro %}

{#- Brings the table into the form that on_schema_change wants; gives the columns to write. -#}
{% macro incremental_sync_columns(on_schema_change, source_columns, target_relation) %}
    {% set target_columns = adapter.get_columns_in_relation(target_relation) %}
    {% set added = diff_columns(source_columns, target_columns) %}
    {% set removed = diff_columns(target_columns, source_columns) %}
    {% set types = diff_column_data_types(source_columns, target_columns) %}
    {% if on_schema_change == 'ignore' %}
        {% if added %}
            {% do exceptions.warn("column " ~ (added | map(attribute='name') | join(', ')) ~ " of the query is not in "
                                  ~ target_relation.schema ~ "." ~ target_relation.identifier
                                  ~ ": left out; config on_schema_change says what to do") %}
        {% endif %}
        {% if removed %}
            {% do exceptions.raise_compiler_error("the query lacks column " ~ (removed | map(attribute='name') | join(', '))
                                                  ~ " of " ~ target_relation.schema ~ "." ~ target_relation.identifier) %}
        {% endif %}
        {% do return(target_columns) %}
    {% elif not added and not removed and not types %}
        {% do return(target_columns) %}
    {% elif on_schema_change == 'fail' %}
        {% do exceptions.raise_compiler_error(
            "The source and target schemas on this incremental model are out of sync! Columns of the query that the table "
            ~ "lacks: " ~ (added | map(attribute='name') | list) ~ "; columns of the table that the query lacks: "
            ~ (removed | map(attribute='name') | list) ~ "; types that differ: " ~ types
            ~ ". Set on_schema_change to append_new_columns or sync_all_columns, run with full_refresh, or alter the "
            ~ "table by hand") %}
    {% elif on_schema_change == 'append_new_columns' %}
        {% do alter_relation_add_remove_columns(target_relation, added) %}
    {% else %}
        {% do alter_relation_add_remove_columns(target_relation, added, removed) %}
        {% for one in types %}{% do alter_column_type(target_relation, one.column_name, one.new_type) %}{% endfor %}
    {% endif %}
    {% do return(source_columns) %}
{% endmacro %}

{#- strategies -#}

{% macro get_incremental_default_sql(arg_dict) %}{% do return(adapter.dispatch('get_incremental_default_sql', 'dbt')(arg_dict)) %}{% endmacro %}
{% macro default__get_incremental_default_sql(arg_dict) %}
    {% do return(get_incremental_delete_insert_sql(arg_dict) if arg_dict.unique_key else get_incremental_append_sql(arg_dict)) %}
{% endmacro %}

{% macro get_incremental_append_sql(arg_dict) %}{% do return(adapter.dispatch('get_incremental_append_sql', 'dbt')(arg_dict)) %}{% endmacro %}
{% macro default__get_incremental_append_sql(arg_dict) %}
    {% do return(get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns)) %}
{% endmacro %}

{% macro get_incremental_delete_insert_sql(arg_dict) %}{% do return(adapter.dispatch('get_incremental_delete_insert_sql', 'dbt')(arg_dict)) %}{% endmacro %}
{% macro default__get_incremental_delete_insert_sql(arg_dict) %}
    {% do return(get_delete_insert_merge_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.unique_key,
                                             arg_dict.dest_columns, arg_dict.incremental_predicates)) %}
{% endmacro %}

{% macro get_incremental_merge_sql(arg_dict) %}{% do return(adapter.dispatch('get_incremental_merge_sql', 'dbt')(arg_dict)) %}{% endmacro %}
{% macro default__get_incremental_merge_sql(arg_dict) %}
    {% do return(get_merge_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.unique_key,
                               arg_dict.dest_columns, arg_dict.incremental_predicates)) %}
{% endmacro %}

{% macro get_incremental_insert_overwrite_sql(arg_dict) %}{% do return(adapter.dispatch('get_incremental_insert_overwrite_sql', 'dbt')(arg_dict)) %}{% endmacro %}
{% macro default__get_incremental_insert_overwrite_sql(arg_dict) %}
    {% do exceptions.raise_compiler_error("The incremental strategy 'insert_overwrite' is not valid for this adapter: target '" ~ target.name
        ~ "' (type " ~ target.type ~ ") has no partitions: take delete+insert, merge or microbatch") %}
{% endmacro %}

{% macro get_incremental_microbatch_sql(arg_dict) %}{% do return(adapter.dispatch('get_incremental_microbatch_sql', 'dbt')(arg_dict)) %}{% endmacro %}
{% macro default__get_incremental_microbatch_sql(arg_dict) %}
    {% set column = adapter.quote(config.get('event_time')) %}
    {% set cols = get_quoted_csv(arg_dict.dest_columns | map(attribute='name')) %}
    delete from {{ arg_dict.target_relation }}
    where {{ column }} >= '{{ model.batch.event_time_start }}' and {{ column }} < '{{ model.batch.event_time_end }}'
    {%- for predicate in incremental_predicate_list(arg_dict.incremental_predicates) %} and {{ predicate }}{% endfor %};
    insert into {{ arg_dict.target_relation }} ({{ cols }}) select {{ cols }} from {{ arg_dict.temp_relation }}
{% endmacro %}

{% macro get_insert_into_sql(target_relation, temp_relation, dest_columns) %}
    {%- set cols = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    insert into {{ target_relation }} ({{ cols }}) select {{ cols }} from {{ temp_relation }}
{% endmacro %}

{% macro incremental_predicate_list(predicates) %}
    {% if predicates is none or predicates is undefined %}{% do return([]) %}{% endif %}
    {% do return([predicates] if predicates is string else predicates) %}
{% endmacro %}

{#- A key that is a column is quoted as one that needs it; anything else is SQL, such as a || b. -#}
{% macro incremental_key_sql(key, dest_columns) %}
    {% set found = dest_columns | selectattr('name', 'equalto', key) | list %}
    {% do return(found[0].quoted if found else key) %}
{% endmacro %}

{% macro incremental_key_list(unique_key) %}
    {% if not unique_key %}{% do return([]) %}{% endif %}
    {% do return([unique_key] if unique_key is string else unique_key) %}
{% endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
    {{- adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates) -}}
{% endmacro %}
{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
    {%- set cols = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- if unique_key is string and unique_key %}
    {#- any expression will do; the predicates are about the table alone -#}
    {%- set key = incremental_key_sql(unique_key, dest_columns) %}
    delete from {{ target }} as DBT_INTERNAL_DEST
    where ({{ key }}) in (select ({{ key }}) from {{ source }} as DBT_INTERNAL_SOURCE)
    {%- for predicate in incremental_predicate_list(incremental_predicates) %} and {{ predicate }}{% endfor %};
    {%- elif unique_key %}
    delete from {{ target }} as DBT_INTERNAL_DEST using {{ source }} as DBT_INTERNAL_SOURCE
    where {% for key in unique_key %}{% set key = incremental_key_sql(key, dest_columns) %}{% if not loop.first %} and {% endif -%}
        DBT_INTERNAL_SOURCE.{{ key }} = DBT_INTERNAL_DEST.{{ key }}{% endfor %}
    {%- for predicate in incremental_predicate_list(incremental_predicates) %} and {{ predicate }}{% endfor %};
    {%- endif %}
    insert into {{ target }} ({{ cols }}) select {{ cols }} from {{ source }}
{% endmacro %}

{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
    {% if merge_update_columns and merge_exclude_columns %}
        {% do exceptions.raise_compiler_error("Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config") %}
    {% endif %}
    {% if merge_update_columns %}{% do return(merge_update_columns) %}{% endif %}
    {% set excluded = (merge_exclude_columns or []) | map('lower') | list %}
    {% set found = [] %}
    {% for column in dest_columns if column.name | lower not in excluded %}{% do found.append(column.quoted) %}{% endfor %}
    {% do return(found) %}
{% endmacro %}

{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
    {{- adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates) -}}
{% endmacro %}
{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
    {%- set keys = incremental_key_list(unique_key) -%}
    {%- set cols = get_quoted_csv(dest_columns | map(attribute='name')) -%}
    {%- set update_columns = get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'), dest_columns) -%}
    {%- set conditions = [] -%}
    {%- for key in keys %}{% do conditions.append("DBT_INTERNAL_SOURCE." ~ key ~ " = DBT_INTERNAL_DEST." ~ key) %}{% endfor -%}
    {%- if not keys %}{% do conditions.append("false") %}{% endif -%}
    {%- do conditions.extend(incremental_predicate_list(incremental_predicates)) -%}
    merge into {{ target }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on ({{ conditions | join(') and (') }})
    {%- if keys %}
    when matched then update set
        {% for name in update_columns %}{{ name }} = DBT_INTERNAL_SOURCE.{{ name }}{% if not loop.last %}, {% endif %}{% endfor %}
    {%- endif %}
    when not matched then insert ({{ cols }}) values (
        {%- for column in dest_columns %}DBT_INTERNAL_SOURCE.{{ column.quoted }}{% if not loop.last %}, {% endif %}{% endfor %})
{% endmacro %}
