{#- Contracts: `contract: {enforced: true}` in a model's config. Its columns and their types must be those of the
    query; a table is then made with the constraints that are written down. -#}

{#- Text for CREATE TABLE's brackets; '' where there is no contract. Called for every table, view and incremental
    model that has one. -#}
{% macro contract_columns(target_relation, sql) %}
    {%- if contract_is_enforced() -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {{- get_columns_and_constraints() -}}
    {%- endif -%}
{% endmacro %}

{% macro contract_is_enforced() %}
    {% set contract = config.get('contract') %}
    {% do return(contract is mapping and contract.enforced) %}
{% endmacro %}

{% macro get_assert_columns_equivalent(sql) %}
    {% set columns = model.columns %}
    {% if not columns %}
        {% do exceptions.raise_compiler_error("Contract enforcement failed: model " ~ model.name ~ " has an enforced contract and no columns: list them, each with its data_type") %}
    {% endif %}
    {% set casts = [] %}
    {% for name, column in columns.items() %}
        {% if not column.data_type %}
            {% do exceptions.raise_compiler_error(
              "Contract enforcement failed: `data_type` values must be defined for all columns and NOT be null or blank: "
              ~ "column " ~ name ~ " of model " ~ model.name ~ " has none") %}
        {% endif %}
        {% do casts.append("cast(null as " ~ column.data_type ~ ") as " ~ adapter.quote(name)) %}
    {% endfor %}
    {% set wanted = adapter.get_column_schema_from_query("select " ~ casts | join(", ")) %}
    {% set given = adapter.get_column_schema_from_query(sql) %}
    {% set rows = [] %}
    {% for column in given %}
        {% set other = (wanted | selectattr('name', 'equalto', column.name) | list or [none])[0] %}
        {% if other is none %}
            {% do rows.append([column.name, column.dtype, '', 'missing in contract']) %}
        {% elif contract_type(other.dtype) != contract_type(column.dtype) %}
            {% do rows.append([column.name, column.dtype, other.dtype, 'data type mismatch']) %}
        {% endif %}
    {% endfor %}
    {% set names = given | map(attribute='name') | list %}
    {% for column in wanted if column.name not in names %}
        {% do rows.append([column.name, '', column.dtype, 'missing in definition']) %}
    {% endfor %}
    {% if rows %}
        {% do exceptions.raise_compiler_error(
          "This model has an enforced contract that failed.\nPlease ensure the name, data_type, and number of columns "
          ~ "in your contract match the columns in your model's definition.\n\n" ~ contract_table(rows | sort(attribute=0))) %}
    {% endif %}
{% endmacro %}

{#- A type as contracts compare it. -#}
{% macro contract_type(name) %}{% do return(adapter.dispatch('contract_type', 'dbt')(name)) %}{% endmacro %}
{% macro default__contract_type(name) %}{% do return(name) %}{% endmacro %}

{% macro contract_table(rows) %}
    {%- set head = ['column_name', 'definition_type', 'contract_type', 'mismatch_reason'] -%}
    {%- set widths = [] -%}
    {%- for i in range(4) -%}
        {%- do widths.append(([head] + rows) | map(attribute=i) | map('length') | max) -%}
    {%- endfor -%}
    {%- set lines = [] -%}
    {%- for row in [head, none] + rows -%}
        {%- set cells = [] -%}
        {%- for i in range(4) -%}
            {%- do cells.append(row[i].ljust(widths[i]) if row is not none else '-' * widths[i]) -%}
        {%- endfor -%}
        {%- do lines.append('| ' ~ cells | join(' | ') ~ ' |') -%}
    {%- endfor -%}
    {%- do return(lines | join('\n')) -%}
{% endmacro %}

{#- Columns in the contract's order, then what holds for the table. -#}
{% macro get_columns_and_constraints() %}
    {%- set parts = [] -%}
    {%- for name, column in model.columns.items() -%}
        {%- do parts.append(([adapter.quote(name), column.data_type] + contract_constraints(column.constraints, none)) | join(' ')) -%}
    {%- endfor -%}
    {%- do return((parts + contract_constraints(model.constraints, true)) | join(', ')) -%}
{% endmacro %}

{% macro get_table_columns_and_constraints() -%}
    ({{ get_columns_and_constraints() }})
{%- endmacro %}

{% macro contract_supports(type) %}{% do return(adapter.dispatch('contract_supports', 'dbt')(type)) %}{% endmacro %}
{% macro default__contract_supports(type) %}{% do return(true) %}{% endmacro %}

{% macro contract_constraints(constraints, of_table) %}
    {% set texts = [] %}
    {% for c in constraints or [] %}
        {% set cols = "(" ~ get_quoted_csv(c.columns or []) ~ ")" if of_table else "" %}
        {% set name = "constraint " ~ adapter.quote(c.name) ~ " " if of_table and c.name else "" %}
        {% if not contract_supports(c.type) %}
            {% do exceptions.warn("constraint " ~ c.type ~ " of model " ~ model.name ~ " is left out: target '" ~ target.name
                                  ~ "' (type " ~ target.type ~ ") has no such thing") %}
        {% elif c.type == 'not_null' and of_table %}
            {% do exceptions.raise_compiler_error("constraint not_null of model " ~ model.name ~ " belongs to a column") %}
        {% elif c.type == 'not_null' %}{% do texts.append('not null') %}
        {% elif c.type == 'unique' %}{% do texts.append(name ~ 'unique ' ~ cols) %}
        {% elif c.type == 'primary_key' %}{% do texts.append(name ~ 'primary key ' ~ cols) %}
        {% elif c.type == 'check' %}{% do texts.append(name ~ 'check (' ~ c.expression ~ ')') %}
        {% elif c.type == 'foreign_key' %}
            {% do texts.append(name ~ ('foreign key ' ~ cols ~ ' ' if of_table else '') ~ 'references ' ~ c.expression) %}
        {% elif c.type == 'custom' %}{% do texts.append(name ~ c.expression) %}
        {% else %}
            {% do exceptions.raise_compiler_error("model " ~ model.name ~ ": unknown constraint type '" ~ c.type
                ~ "': there are not_null, unique, primary_key, check, foreign_key, custom") %}
        {% endif %}
    {% endfor %}
    {% do return(texts) %}
{% endmacro %}

{% macro get_select_subquery(sql) %}
    select {{ get_quoted_csv(model.columns.keys()) }} from (
{{ sql }}
    ) as model_subq
{%- endmacro %}
