{#- How fresh a source is: its newest row and the clock of the engine, as one row. -#}
{% macro freshness_sql(source, loaded_at_field, filter) %}
    select
      max({{ loaded_at_field }}) as max_loaded_at,
      current_timestamp as snapshotted_at
    from {{ source }}
    {% if filter %}
    where {{ filter }}
    {% endif %}
{% endmacro %}
