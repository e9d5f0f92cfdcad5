{#- Materialized views: PostgreSQL's with their indexes, Trino's where the connector has them. What is there is refreshed; its
    query changes with full_refresh only, as in dbt. -#}

{#- What there is to do with the one that is there: it is done here, or "create" is the answer. -#}
{% macro materialized_view_update(target_relation, sql) %}
    {% do assert_materialized_views() %}
    {% set there = load_cached_relation(target_relation) is not none and is_materialized_view(target_relation) %}
    {% if not there or should_full_refresh() %}{% do return('create') %}{% endif %}
    {% set changes = get_materialized_view_configuration_changes(target_relation, config) %}
    {% set wanted = config.get('on_configuration_change') or 'apply' %}
    {% if not changes %}
        {% call statement('main') %}{{ refresh_materialized_view(target_relation) }}{% endcall %}
        {% do return('refresh') %}
    {% elif wanted == 'apply' %}
        {% for one in changes %}{% call statement('main') %}{{ one }}{% endcall %}{% endfor %}
        {% do return('alter') %}
    {% elif wanted == 'continue' %}
        {% do exceptions.warn("Configuration changes were identified and `on_configuration_change` was set to `continue` for `" ~ target_relation ~ "`") %}
        {% do return('skip') %}
    {% elif wanted == 'fail' %}
        {% do exceptions.raise_compiler_error("Configuration changes were identified and `on_configuration_change` was set to `fail` for `" ~ target_relation ~ "`") %}
    {% endif %}
    {% do exceptions.raise_compiler_error("config 'on_configuration_change' is apply, continue or fail, not '" ~ wanted ~ "'") %}
{% endmacro %}

{#- The first sentence is dbt's. -#}
{% macro assert_materialized_views() %}{% do adapter.dispatch('assert_materialized_views', 'dbt')() %}{% endmacro %}
{% macro default__assert_materialized_views() %}
    {% do exceptions.raise_compiler_error("`get_create_materialized_view_as_sql` has not been implemented for this adapter. Target '" ~ target.name
        ~ "' (type " ~ target.type ~ ") has no materialized views: materialize it as a table") %}
{% endmacro %}
{% macro postgres__assert_materialized_views() %}{% endmacro %}
{% macro trino__assert_materialized_views() %}{% endmacro %}

{% macro is_materialized_view(relation) %}{% do return(adapter.dispatch('is_materialized_view', 'dbt')(relation)) %}{% endmacro %}
{% macro default__is_materialized_view(relation) %}{% do return(False) %}{% endmacro %}
{% macro postgres__is_materialized_view(relation) %}
    {% set found = run_query("select 1 from pg_matviews where schemaname = '" ~ relation.schema ~ "' and matviewname = '" ~ relation.identifier ~ "'") %}
    {% do return(found.rows | length > 0) %}
{% endmacro %}
{% macro trino__is_materialized_view(relation) %}
    {% set found = run_query("select 1 from system.metadata.materialized_views where catalog_name = '" ~ relation.database | lower
                             ~ "' and schema_name = '" ~ relation.schema | lower ~ "' and name = '" ~ relation.identifier | lower ~ "'") %}
    {% do return(found.rows | length > 0) %}
{% endmacro %}

{% macro refresh_materialized_view(relation) %}{% do return(adapter.dispatch('refresh_materialized_view', 'dbt')(relation)) %}{% endmacro %}
{% macro default__refresh_materialized_view(relation) %}refresh materialized view {{ relation }}{% endmacro %}

{#- A list of statements; none: nothing but the rows may have changed. -#}
{% macro get_materialized_view_configuration_changes(existing_relation, new_config) %}
    {% do return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) %}
{% endmacro %}
{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) %}{% do return([]) %}{% endmacro %}
{% macro postgres__get_materialized_view_configuration_changes(existing_relation, new_config) %}
    {% set changes, kept, wanted = [], [], [] %}
    {% for one in new_config.get('indexes') or [] %}{% do wanted.append(postgres_index(existing_relation, one)) %}{% endfor %}
    {% for row in run_query(get_show_indexes_sql(existing_relation)).rows %}
        {% set there = row[1] ~ ' ' ~ row[2] ~ ' ' ~ row[3] %}
        {% if there in wanted | map(attribute='what') %}{% do kept.append(there) %}
        {% else %}{% do changes.append("drop index " ~ adapter.quote(existing_relation.schema) ~ "." ~ adapter.quote(row[0])) %}{% endif %}
    {% endfor %}
    {% for one in wanted if one.what not in kept %}{% do changes.append(one.sql) %}{% endfor %}
    {% do return(changes) %}
{% endmacro %}

{#- `+indexes: [{columns: [a, b], unique: true, type: hash}]` -#}

{% macro get_show_indexes_sql(relation) %}{% do return(adapter.dispatch('get_show_indexes_sql', 'dbt')(relation)) %}{% endmacro %}
{% macro postgres__get_show_indexes_sql(relation) %}
    select i.relname as name, m.amname as method, ix.indisunique as "unique",
        (select string_agg(a.attname, ',' order by k.n) from unnest(ix.indkey) with ordinality as k(col, n)
         join pg_attribute as a on a.attrelid = t.oid and a.attnum = k.col) as column_names
    from pg_index as ix join pg_class as i on i.oid = ix.indexrelid join pg_am as m on m.oid = i.relam
    join pg_class as t on t.oid = ix.indrelid join pg_namespace as n on n.oid = t.relnamespace
    where t.relname = '{{ relation.identifier }}' and n.nspname = '{{ relation.schema }}' and t.relkind in ('r', 'm') order by 1
{% endmacro %}

{#- What an entry means, to be compared with what is there, and the statement that makes it. -#}
{% macro postgres_index(relation, index) %}
    {% if index is not mapping or not index.get('columns') %}
        {% do exceptions.raise_compiler_error("config 'indexes': an entry is a map with columns (a list), and maybe unique, type") %}
    {% endif %}
    {% set columns = [index.columns] if index.columns is string else index.columns %}
    {% set what = (index.get('type') or 'btree') | lower ~ ' ' ~ (index.get('unique') or False) ~ ' ' ~ columns | join(',') %}
    {% set quoted = [] %}
    {% for one in columns %}{% do quoted.append(adapter.quote(one)) %}{% endfor %}
    {% set sql = "create " ~ ("unique " if index.get('unique') else "") ~ "index if not exists " ~ adapter.quote(local_md5(relation ~ what)) ~ " on " ~ relation
                 ~ (" using " ~ index.type if index.get('type') else "") ~ " (" ~ quoted | join(', ') ~ ")" %}
    {% do return({'what': what, 'sql': sql}) %}
{% endmacro %}
{% macro postgres__create_indexes(relation) %}
    {% for one in config.get('indexes') or [] %}
        {% call statement('indexes') %}{{ postgres_index(relation, one).sql }}{% endcall %}
    {% endfor %}
{% endmacro %}
