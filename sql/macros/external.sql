{#- dbt-duckdb's `external`: a model's rows go into a file (parquet, csv, json), its relation is a view of that. The
    profile must allow access to files. -#}

{% macro external_location(relation, config) -%}
    {{ adapter.external_root() }}/{{ relation.identifier }}
    {%- set options = config.get('options') -%}
    {%- if options is not mapping or not options.get('partition_by') %}.{{ config.get('format') or 'parquet' }}{% endif -%}
{%- endmacro %}

{#- COPY's options: what the config says, over what follows from the file's name. -#}
{% macro external_options(config, location) %}
    {% set said, options, last = config.get('options') or {}, {}, location.split('/')[-1] %}
    {% if said is not mapping %}
        {% do exceptions.raise_compiler_error("config 'options' must be a map of COPY's options, as in {'compression': 'zstd'}") %}
    {% endif %}
    {% for key in said %}{% do options.update({key | lower: render(said[key] | string)}) %}{% endfor %}
    {% for key in ['format', 'delimiter'] if config.get(key) %}{% do options.update({key: render(config.get(key))}) %}{% endfor %}
    {% if 'format' not in options %}
        {% set named = last.split('.')[-1] | lower if '.' in last else 'csv' if 'delimiter' in options else 'parquet' %}
        {% do options.update({'format': named}) %}
    {% endif %}
    {% if options.format not in ['parquet', 'csv', 'json'] %}
        {% do exceptions.raise_compiler_error("config 'format' must be parquet, csv or json, not '" ~ options.format ~ "' (location " ~ location ~ ")") %}
    {% endif %}
    {% if options.format == 'csv' and 'header' not in options %}{% do options.update({'header': '1'}) %}{% endif %}
    {% do return(options) %}
{% endmacro %}

{#- In quotes, where it is not. -#}
{% macro external_text(value) -%}
    {{ value if value.startswith("'") and value | length > 1 else "'" ~ value | replace("'", "''") ~ "'" }}
{%- endmacro %}

{% macro external_write_sql(relation, location, options) -%}
    {%- set words = [] -%}
    {%- for key, value in options.items() -%}
        {%- if key == 'partition_by' and ',' in value and not value.startswith('(') %}{% set value = '(' ~ value ~ ')' %}
        {%- elif key in ['delimiter', 'delim', 'sep', 'quote', 'escape', 'null', 'nullstr'] %}{% set value = external_text(value) %}{% endif -%}
        {%- do words.append(key ~ ' ' ~ value) -%}
    {%- endfor -%}
    copy {{ relation }} to '{{ location | replace("'", "''") }}' ({{ words | join(', ') }})
{%- endmacro %}

{% macro external_read_sql(location, options) -%}
    {%- set readers = {'parquet': 'read_parquet', 'csv': 'read_csv', 'json': 'read_json'} -%}
    {%- set words = {'delimiter': 'delim', 'delim': 'delim', 'sep': 'delim', 'null': 'nullstr', 'nullstr': 'nullstr',
                     'quote': 'quote', 'escape': 'escape', 'header': 'header'} if options.format == 'csv' else {} -%}
    {%- set rest = [] -%}
    {%- for key in options if key in words -%}
        {%- set value = 'true' if key == 'header' and options[key] | lower in ['', '1', 'true']
                        else 'false' if key == 'header' else external_text(options[key]) -%}
        {%- do rest.append(', ' ~ words[key] ~ ' = ' ~ value) -%}
    {%- endfor -%}
    {%- set by = options.get('partition_by', '') -%}
    {%- set files = location ~ ('/*' * by.split(',') | length ~ '/*.' ~ options.format if by else '') -%}
    select * from {{ readers[options.format] }}('{{ files | replace("'", "''") }}'{{ rest | join }})
{%- endmacro %}

{#- Of no rows a file does not tell the types, and no partition is written. -#}
{% macro external_no_rows_sql(stage) -%}
    {%- set columns = [] -%}
    {%- for row in run_query('select column_name, column_type from (describe ' ~ stage ~ ')').rows -%}
        {%- do columns.append('null::' ~ row[1] ~ ' as ' ~ adapter.quote(row[0])) -%}
    {%- endfor -%}
    select {{ columns | join(', ') }} where false
{%- endmacro %}

{% materialization external, adapter='duckdb' %}
    {% for key in ['plugin', 'glue_register'] if config.get(key) %}
        {% do exceptions.raise_compiler_error("config '" ~ key ~ "' of an external model can't be done here: leave it out") %}
    {% endfor %}
    {% set location = render(config.get('location') or external_location(this, config)) | trim %}
    {% set options = external_options(config, location) %}
    {% set stage = make_temp_relation(this) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks) }}
    {% call statement(auto_begin=True) %}{{ create_table_as(True, stage, sql) }}{% endcall %}
    {% set rows = run_query('select count(*) from ' ~ stage).rows[0][0] %}
    {% call statement('main') %}{{ external_write_sql(stage, location, options) }}{% endcall %}
    {% set shown = external_read_sql(location, options) if rows else external_no_rows_sql(stage) %}
    {% set old = load_relation(this) %}
    {% if old is not none and not old.is_view %}{% do adapter.drop_relation(old) %}{% endif %}
    {% call statement() %}create or replace view {{ this }} as ({{ shown }}){% endcall %}
    {% call statement() %}drop table {{ stage }}{% endcall %}
    {% do persist_docs(this, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {% do return({'relations': [this.incorporate(type='view')]}) %}
{% endmaterialization %}

{#- What a source prints whose meta has `external_location`: a text with the source's values in it. -#}
{% macro external_source_sql(said) %}
    {% if 'plugin' in said %}
        {% do exceptions.raise_compiler_error("meta 'plugin': plugins of dbt-duckdb are Python; write an external_location, as in \"read_csv('data/{name}.csv')\"") %}
    {% elif 'external_location' not in said %}
        {% do return(none) %}
    {% endif %}
    {% set formatter, text = said.get('formatter', 'newstyle'), said.external_location %}
    {% if formatter == 'newstyle' %}{% set text = text.format(**said) %}
    {% elif formatter == 'oldstyle' %}{% set text = text % said %}
    {% elif formatter == 'template' %}
        {% set parts = modules.re.split('\\$(\\$|[A-Za-z_][A-Za-z_0-9]*|\\{[A-Za-z_][A-Za-z_0-9]*\\})', text) %}
        {% set words = [] %}
        {% for part in parts %}
            {% do words.append(part if loop.index0 is even or part == '$' else said[part.strip('{}')]) %}
        {% endfor %}
        {% set text = words | join %}
    {% else %}
        {% do exceptions.raise_compiler_error("Formatter " ~ formatter ~ " not recognized. Must be one of 'newstyle', 'oldstyle', or 'template'.") %}
    {% endif %}
    {% do return(text if '(' in text or text.startswith("'") else "'" ~ text ~ "'") %}
{% endmacro %}

{#- For on-run-start, where the database is a new one (in memory): views of the files of external models that the
    run reads and does not build. -#}
{% macro register_upstream_external_models() %}
    {% if not execute %}{% do return('') %}{% endif %}
    {% set met = [] %}
    {% for id in selected_resources if id in graph.nodes %}
        {% for up in graph.nodes[id].depends_on.nodes if up in graph.nodes and up not in selected_resources and up not in met %}
            {% set node = graph.nodes[up] %}
            {% do met.append(up) %}
            {% if node.config.materialized == 'external' %}
                {% set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='view') %}
                {% set location = render(node.config.get('location') or external_location(relation, node.config)) | trim %}
                {% do adapter.create_schema(relation) %}
                {% call statement() %}create or replace view {{ relation }} as ({{ external_read_sql(location, external_options(node.config, location)) }}){% endcall %}
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
