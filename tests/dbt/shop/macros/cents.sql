{% macro cents(column) %}cast(round({{ column }} * 100) as int){% endmacro %}
