"""A dbt project made for comparison: one small model per thing that dbt can do in one, named after it.

    write(folder)       the project, its local packages below packages/
"""
import os

# ---- expressions: each is a model of its own ------------------------------------------------------

CONTEXT = {
    "tojson": ["tojson({'b': [1, none, true], 'a': 'é'})", "tojson([1.5, 1e20], sort_keys=true)",
               "tojson({'b': 1, 'a': 2}, sort_keys=true)"],
    "fromjson": ["fromjson('{\"a\": [1, 2.50, null]}')", "fromjson('no', 'otherwise')",
                 "fromjson('{\"a\": {\"b\": 3}}')['a']['b'] + 1"],
    "fromyaml": ["fromyaml('a: yes\\nb: 012\\nc: 1:30\\nd: 2020-01-02')", "fromyaml('[1, ~, 0x1f, 1e3, 1.5e3]')",
                 "fromyaml('a: |\\n  x\\n  y\\n')", "fromyaml('- &x {k: 1}\\n- *x')"],
    "toyaml": ["toyaml({'b': [1, none, true], 'a': 'x: y'})", "toyaml('x')", "toyaml([[1, [2]], {'a': {}}])",
               "toyaml({'b': 1, 'a': 2}, sort_keys=true)"],
    "sets": ["set([1, 2, 2]) | sort", "set_strict((3, 1)) | length", "set(5, 'none')", "set([1]) | list"],
    "zips": ["zip([1, 2], ['a', 'b']) | list", "zip_strict([1], [2]) | list", "zip(5, 6, default='d')"],
    "md5": ["local_md5('abc')", "local_md5('é')", "local_md5('')"],
    "diff": ["diff_of_two_dicts({'A': ['x', 'y']}, {'a': ['X']})", "diff_of_two_dicts({'a': ['b']}, {})"],
    "regex": ["modules.re.match('(\\w+)-(\\d+)', 'ab-12').group(2)", "modules.re.sub('[aeiou]', '_', 'education')",
              "modules.re.findall('[0-9]+', 'a1b22c333')", "modules.re.split(',\\s*', 'a, b,c')",
              "modules.re.search('x', 'abc') is none", "modules.re.compile('b+').sub('-', 'abba')",
              "modules.re.match('(?P<k>a)(?P<v>b)?', 'a').groupdict()"],
    "dates": ["modules.datetime.date(2020, 2, 28) + modules.datetime.timedelta(days=2)",
              "modules.datetime.datetime(2020, 1, 1, 12, 30).strftime('%Y-%m-%d %H:%M %j %a')",
              "modules.datetime.datetime.strptime('2021-03-04', '%Y-%m-%d').isoformat()",
              "(modules.datetime.date(2020, 3, 1) - modules.datetime.date(2020, 2, 1)).days",
              "modules.datetime.datetime(2020, 1, 1).replace(hour=5, month=7)",
              "modules.datetime.datetime.strptime('2021-03-04', '%Y-%m-%d').weekday()"],
    "pytz": ["modules.pytz.timezone('Europe/Berlin').localize(modules.datetime.datetime(2020, 7, 1)).isoformat()",
             "modules.pytz.utc.localize(modules.datetime.datetime(2020, 7, 1))"
             ".astimezone(modules.pytz.timezone('America/New_York')).strftime('%Y-%m-%d %H:%M %Z')"],
    "itertools": ["modules.itertools.product([1, 2], 'ab') | list", "modules.itertools.chain([1], [2, 3]) | list",
                  "modules.itertools.permutations([1, 2, 3], 2) | list",
                  "modules.itertools.combinations('abc', 2) | map('join') | list",
                  "modules.itertools.islice(modules.itertools.count(5, 2), 3) | list",
                  "modules.itertools.zip_longest([1, 2], [3], fillvalue=0) | list",
                  "modules.itertools.accumulate([1, 2, 3]) | list"],
    "flags": ["flags.FULL_REFRESH", "flags.STORE_FAILURES", "flags.nothing", "flags.WHICH", "flags.FAIL_FAST",
              "flags.USE_COLORS is defined", "flags.INDIRECT_SELECTION"],
    "target": ["target.name", "target.schema", "target.type", "target.threads", "target.profile_name",
               "target['name'] == 'dev'", "target.get('nothing', 'x')", "target.target_name", "env.name"],
    "names": ["project_name", "model.name", "model.unique_id", "model.package_name", "model.resource_type",
              "model.fqn", "model.path", "model.original_file_path", "model.alias", "model.schema", "schema",
              "database", "model.language", "model.config.materialized", "model.tags", "model['meta']",
              "model.depends_on.nodes", "model.refs", "model.raw_code | length", "model.checksum.name"],
    "execute": ["execute", "var('number')", "invocation_id | length", "thread_id", "dbt_version",
                "run_started_at.tzinfo is not none", "run_started_at.strftime('%Y') | int > 2000"],
    "vars": ["var('number') + 1", "var('text') | upper", "var('list')[1]", "var('map')['k']", "var('nested')",
             "var('missing', 7)", "var('missing', none)", "var.has_var('text')", "var.has_var('missing')",
             "var('yes')", "var('day')", "var('template')", "var('map').items() | list", "var('float')", "var('null', 'd')"],
    "env": ["env_var('DBT_PARITY_UNSET', 'otherwise')", "env_var('DBT_PARITY_UNSET', '3') | int + 1"],
    "builtins": ["builtins.ref('base')", "builtins.source('raw', 'orders')", "builtins.var('number')"],
    "selfs": ["this", "this.schema", "this.identifier", "this.name", "this.table", "this.database", "this.type is none",
              "this.include(schema=false)", "this.include(database=false, schema=false)", "this.quote(identifier=false)",
              "this.quote(schema=false, identifier=false)", "this.render()", "this.without_identifier()",
              "this.is_table", "this.is_view", "this.is_cte", "this ~ '_x'", "this | upper", "this | string | length",
              "this.identifier ~ '_suffix'", "this.replace_path(identifier='other')",
              "this.incorporate(path={'identifier': 'tmp'})", "this.incorporate(type='view').is_view",
              "this.quoted('a')", "this.path.identifier", "this.quote_policy.schema", "this.include_policy.database",
              "this == this", "this == this.incorporate(path={'identifier': 'x'})", "this.is_materialized_view"],
    "relations": ["api.Relation.create(schema='s', identifier='t')", "api.Relation.create(identifier='t')",
                  "api.Relation.create(database='d', schema='s', identifier='t', type='table').type",
                  "api.Relation.create(schema='s', identifier='t').include(database=true)",
                  "api.Relation.create(database='d', schema='s', identifier='t').include(database=true)",
                  "ref('base').include(schema=false)", "ref('base').identifier", "ref('base').schema",
                  "ref('base').is_cte", "source('raw', 'orders').identifier", "ref('base') ~ ' x'",
                  "[ref('base')] | join(',')", "ref('base') | replace('base', 'x')", "ref('base') == this",
                  "ref('eph_one')", "ref('eph_one').identifier", "ref('eph_one').is_cte"],
    "columns": ["api.Column('a', 'text').name", "api.Column('a', 'varchar', 5).data_type", "api.Column('a', 'text').quoted",
                "api.Column('n', 'numeric', none, 10, 2).data_type", "api.Column.translate_type('string')",
                "api.Column.translate_type('bigint')", "api.Column.numeric_type('numeric', 28, 6)",
                "api.Column.string_type(20)", "api.Column('a', 'text').is_string()", "api.Column('a', 'int').is_number()",
                "api.Column.create('a', 'integer').dtype", "api.Column('a', 'bigint').is_integer()",
                "api.Column('a', 'float').is_float()", "api.Column('a', 'numeric').is_numeric()",
                "api.Column('a', 'varchar', 9).column"],
    "adapter": ["adapter.type()", "adapter.quote('a')", "adapter.dispatch('greet', 'corpus')('x')",
                "adapter.dispatch('only_default')()", "adapter.quote_seed_column('a', true)",
                "adapter.quote_as_configured('a', 'identifier')"],
    "types": ["dbt.type_string()", "dbt.type_timestamp()", "dbt.type_float()", "dbt.type_numeric()", "dbt.type_bigint()",
              "dbt.type_int()", "dbt.type_boolean()", "type_string()"],
    "dates_sql": ["dbt.dateadd('day', 1, 'a')", "dbt.datediff('a', 'b', 'month')", "dbt.date_trunc('week', 'a')",
                  "dbt.last_day('a', 'month')", "dbt.dateadd(datepart='hour', interval=-2, from_date_or_timestamp='t')"],
    "texts_sql": ["dbt.concat(['a', \"'-'\", 'b'])", "dbt.length('a')", "dbt.position(\"'x'\", 'a')",
                  "dbt.replace('a', \"'x'\", \"'y'\")", "dbt.right('a', 3)", "dbt.split_part('a', \"','\", 2)",
                  "dbt.string_literal('abc')", "dbt.escape_single_quotes(\"it's\")", "dbt.hash('a')",
                  "dbt.cast_bool_to_text('a')", "dbt.safe_cast('a', dbt.type_int())"],
    "sets_sql": ["dbt.except()", "dbt.intersect()", "dbt.any_value('a')", "dbt.bool_or('a')", "dbt.listagg('a', \"', '\")",
                 "dbt.listagg('a', \"', '\", 'order by b')", "dbt.listagg('a', \"', '\", 'order by b', 3)",
                 "dbt.array_construct([1, 2])", "dbt.array_construct([], 'text')", "dbt.array_append('a', 1)",
                 "dbt.array_concat('a', 'b')", "dbt.array_construct()"],
    "series": ["dbt.generate_series(5)", "dbt.get_powers_of_two(9)", "dbt.get_empty_subquery_sql('select 1')",
               "dbt.dates_in_range('20200101', '20200103')", "dbt.partition_range('20200101,20200102')",
               "dbt.convert_datetime('2020-01-02', '%Y-%m-%d')"],
    "schemas": ["generate_schema_name(none, model)", "generate_schema_name('x', model)", "generate_alias_name('a', model)",
                "generate_alias_name(none, model)", "dbt.generate_schema_name('y', none)",
                "dbt.default__generate_schema_name('y', none)", "generate_database_name(none, model)",
                "dbt.information_schema_name('d')", "dbt.make_temp_relation(this)", "dbt.make_backup_relation(this, 'table')",
                "dbt.make_intermediate_relation(this)"],
    "get_config": ["config.get('materialized')", "config.get('nothing')", "config.get('nothing', 'x')",
                   "config.get('tags')", "config.require('materialized')", "config.get('meta')", "config.get('persist_docs')",
                   "config.get('on_schema_change')", "config.get('enabled')", "config.get('quoting')",
                   "config.get('contract').enforced", "config.get('docs').show", "config.get('alias') is none",
                   "config.get('full_refresh') is none", "config.get('grants')", "config.persist_relation_docs()",
                   "config.persist_column_docs()", "config.get('column_types')", "config.get('unique_key') is none",
                   "config.get('database') is none", "config.get('schema') is none", "config.get('packages')",
                   "config.get('group') is none", "config.get('access')", "config.get('incremental_strategy') is none"],
    "macros": ["greet('x')", "corpus.greet('y')", "defaults(1)", "defaults(1, c=9)", "extra(1, 2, k=3)", "recursive(4)",
               "value_of('list')", "value_of('dict')['k']", "value_of('none') is none", "quiet()", "nested()", "pkg.m1('a')",
               "pkg.m2('b')", "pkg.dispatched('c')", "overridden()", "pkg.overridden()", "context['project_name']",
               "context.get('nothing') is none", "uses_ref()", "late_default()", "pkg.reads_var()", "cents('a')"],
    "undefined": ["nothing_here", "nothing_here is defined", "nothing_here | default('x')", "[nothing_here]",
                  "model.nothing", "nothing_here | length", "(nothing_here or 'x')", "nothing_here ~ 'a'"],
    "try": ["try_or_compiler_error('bad', modules.re.sub, 'a', 'b', 'cat')", "render('{{ 1 + 1 }}')",
            "render('{{ this }}')", "return is defined", "log('x')", "log('x', info=false)", "adapter is defined",
            "exceptions is defined", "graph is defined", "selected_resources is defined", "dbt_metadata_envs",
            "load_result('nothing') is none", "invocation_args_dict is defined", "sql is none", "compiled_code is none",
            "pre_hooks | length", "post_hooks | length", "validation is defined"],
    "graph": ["graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | map(attribute='name') | sort | first",
              "graph.nodes['model.corpus.base'].name", "graph.sources.values() | map(attribute='name') | sort | list",
              "graph.nodes['model.corpus.base'].config.materialized", "graph.nodes['model.corpus.vip'].tags",
              "graph.nodes['model.corpus.vip'].depends_on.nodes", "graph.sources['source.corpus.raw.orders'].identifier",
              "graph.metrics | length",
              "graph.nodes['model.corpus.base'].columns | list", "graph.nodes['seed.corpus.codes'].resource_type",
              "graph.nodes.values() | selectattr('package_name', 'equalto', 'pkg') | map(attribute='name') | sort | list"],
}

JINJA = {
    "loops": "{% for i in range(3) %}{{ loop.index }}{{ ',' if not loop.last }}{% endfor %}",
    "trim": "{%- set a = 1 -%}\n  {{- a }}  {#- c -#}  b\n",
    "raw": "{% raw %}{{ not }} {% if %}{% endraw %}",
    "callers": "{% call wrapped('t') %}inner {{ 1 }}{% endcall %}",
    "call_args": "{% call(x) each([1, 2]) %}<{{ x }}>{% endcall %}",
    "namespaces": "{% set ns = namespace(n=0) %}{% for i in [1, 2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
    "block_set": "{% set q %}select 1{% endset %}{{ q }} as a",
    "filter_block": "{% filter upper %}select{% endfilter %} 1",
    "do": "{% set l = [] %}{% do l.append(1) %}{{ l }}",
    "breaks": "{% for i in range(9) %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "withs": "{% with a = 1 %}{{ a }}{% endwith %}",
    "own_macro": "{% macro own(x) %}[{{ x }}]{% endmacro %}select 1",
    "ifs": "{% if execute %}yes{% else %}no{% endif %} {% if not execute %}no{% elif 1 %}elif{% endif %}",
    "statements": "{% call statement('x', fetch_result=true) %}{% endcall %}a" if False else "a",
    "unicode": "select 'é—☃' as {{ 'ñ' }}",
    "comments": "-- {{ 'in a comment' }}\nselect 1 /* {{ 2 }} */",
    "multi": "{% set cols = ['a', 'b'] %}\nselect\n{% for c in cols %}\n  {{ c }}{% if not loop.last %},{% endif %}\n"
             "{% endfor %}\nfrom t",
    "percent": "select '100%' like '%{{ 'x' }}%'",
    "doubles": "select '{{ \"it''s\" }}', {{ [1, 'a', none, 1.0, true] }}, {{ {'a': (1,)} }}",
    "deep_if": "{% for a in [1,2] %}{% for b in [3,4] %}{{ a * b }} {% endfor %}{% endfor %}",
    "groupby": "{% for g, l in [{'a': 1, 'b': 2}, {'a': 1, 'b': 3}] | groupby('a') %}{{ g }}:{{ l }}{% endfor %}",
}

SHAPES = {
    "plain": "select 1 as n", "crlf_plain": "select 1,\r\n 2", "crlf_tag": "select {{ 1 }},\r\n 2",
    "blank_ends": "\n\n  select 1  \n\n\n", "config_top": "{{ config(materialized='table') }}\n\nselect 1",
    "semicolonless": "select 1 -- end", "comment_first": "/* a */\n-- b\nselect 1",
    "newlines": "select\n\n\n{{ 1 }}\n\n\n", "tabs": "\tselect\t{{ 1 }}\t", "form_feed": "select 1\f{{ 2 }}",
}

EPHEMERAL = {
    "eph_one": "select 1 as a", "eph_two": "select * from {{ ref('eph_one') }}",
    "eph_three": "with x as (select * from {{ ref('eph_two') }}) select * from x",
    "eph_other": "-- first\nselect 2 as a", "eph_recursive": "with recursive r as (select 1) select * from r",
    "eph_config": "{{ config(tags=['e']) }}\n\nselect 3 as a\n", "eph_trailing": "select 4 as a -- done",
}
USES = [
    "select * from {{ ref('eph_one') }}", "select * from {{ ref('eph_two') }}", "select * from {{ ref('eph_three') }}",
    "with a as (select 1) select * from a, {{ ref('eph_one') }}",
    "WITH a as (select 1), b as (select 2) select * from {{ ref('eph_two') }}",
    "with recursive a as (select 1) select * from {{ ref('eph_one') }}",
    "-- comment\nselect * from {{ ref('eph_one') }} join {{ ref('eph_other') }} using (a)",
    "/* with */ with a as (select 1) select * from {{ ref('eph_one') }}",
    "{{ config(materialized='table') }}\n\nselect * from {{ ref('eph_three') }}, {{ ref('eph_two') }}",
    "select * from (with z as (select 1) select * from z) q, {{ ref('eph_one') }}",
    "select 'with' as w from {{ ref('eph_one') }}", "\n\n  with a as (select 1)\nselect * from {{ ref('eph_one') }}",
    "select * from {{ ref('eph_recursive') }}", "select * from {{ ref('eph_config') }}",
    "select * from {{ ref('eph_trailing') }}", "(select * from {{ ref('eph_one') }})",
    "select * from {{ ref('eph_one') }} where a in (select a from {{ ref('eph_one') }})",
    "with eph as (select * from {{ ref('eph_other') }})\n\n, b as (select 1)\nselect * from eph",
    "select case when a = 1 then 'x' end from {{ ref('eph_one') }}\n-- with trailing\n",
]

# Configs that stand in the text; what is read back is the whole of it
CONFIGS = [
    "materialized='table'", "materialized='incremental', unique_key='id'", "materialized='incremental', unique_key=['a', 'b']",
    "alias='other_name_{n}'", "schema='marts'", "schema='marts', alias='s_{n}'", "tags='one'", "tags=['one', 'two']", "meta={'owner': 'me'}",
    "meta={'a': {'b': 1}}, tags=['z']", "enabled=true", "persist_docs={'relation': true}",
    "on_schema_change='append_new_columns'", "incremental_strategy='append', materialized='incremental'",
    "full_refresh=false", "custom_key='v'", "custom_list=[1, 2]", "custom_map={'k': [1]}", "pre_hook='select 1'",
    "post_hook=['select 1', 'select 2']", "pre_hook={'sql': 'select 3', 'transaction': false}", "grants={'select': ['a']}",
    "docs={'show': false}", "column_types={'a': 'int'}", "quoting={'identifier': false}", "access='public'",
    "sql_header='set x = 1'", "workspace='ws_marts'", "packages=['x']", "contract={'enforced': false}",
    "merge_update_columns=['a']", "incremental_predicates=['a > 1']", "materialized=var('kind', 'view')",
    "tags=var('list')", "schema=target.name", "alias=model.name ~ '_x'", "meta={'v': var('number')}",
]

OBJECTS = {"pre_hook": " | length", "post_hook": " | length", "docs": ".show", "contract": ".enforced"}

MACROS = {
    "basic.sql": """{% macro greet(name) %}{{ return(adapter.dispatch('greet', 'corpus')(name)) }}{% endmacro %}
{% macro default__greet(name) %}hello {{ name }}{% endmacro %}
{% macro default__only_default() %}only{% endmacro %}
{% macro defaults(a, b=2, c=a) %}{{ a }},{{ b }},{{ c }}{% endmacro %}
{% macro extra(a) %}{{ a }} {{ varargs }} {{ kwargs }}{% endmacro %}
{% macro recursive(n) %}{{ n }}{% if n > 0 %} {{ recursive(n - 1) }}{% endif %}{% endmacro %}
{% macro value_of(kind) %}{% if kind == 'list' %}{{ return([1, 2]) }}{% elif kind == 'dict' %}{% do return({'k': 'v'}) %}{% endif %}{{ return(none) }}{% endmacro %}
{% macro quiet() %}{% set x = 1 %}{% endmacro %}
{% macro nested() %}
  {%- set inner -%}
    {{ greet('in') }}
  {%- endset -%}
  ({{ inner }})
{%- endmacro %}
{% macro wrapped(tag) %}<{{ tag }}>{{ caller() }}</{{ tag }}>{% endmacro %}
{% macro each(items) %}{% for i in items %}{{ caller(i) }}{% endfor %}{% endmacro %}
{% macro overridden() %}root{% endmacro %}
{% macro uses_ref() %}{{ ref('base') }}{% endmacro %}
{% macro late_default(a=var('number')) %}{{ a }}{% endmacro %}
""",
    "nested/cents.sql": "{# a comment #}\n\n{%- macro cents(c, scale=2) -%}\n  ({{ c }} / 100)::numeric(16, {{ scale }})\n{%- endmacro -%}\n",
}

PROJECT = """name: corpus
version: '1.0'
config-version: 2
profile: shop
packages-install-path: dbt_packages
dispatch:
  - macro_namespace: dispatchable
    search_order: [corpus, pkg]
vars:
  number: 5
  text: some text
  list: [a, b]
  map: {k: v, n: 1}
  nested: {a: [{b: c}]}
  "yes": yes
  day: '2020-01-02'
  float: 1.50
  template: "{{ var('text') }} and {{ target.name }}"
  pkg: {depth: 3}
models:
  +persist_docs: {columns: true}
  corpus:
    +tags: root
    +meta: {level: root}
    configs:
      +tags: [configs]
      +meta: {folder: configs}
    folders:
      +schema: folders
      +materialized: table
      deep:
        +schema: "deep_{{ target.name }}"
        +tags: ["t_{{ target.name }}"]
        +enabled: true
      switched:
        +enabled: false
    ephemeral:
      +materialized: ephemeral
  pkg:
    +schema: from_root
seeds:
  corpus: {+schema: seeded, codes: {+column_types: {a: text}}}
snapshots:
  +target_schema: snaps
on-run-start: ["select 1 -- {{ target.name }}"]
on-run-end: "select 2"
"""

PROPERTIES = """version: 2
sources:
  - name: raw
    schema: commons
    tables:
      - name: orders
        identifier: raw_orders
      - name: people
  - name: quoted
    schema: "{{ target.schema }}_q"
    quoting: {identifier: false}
    tables:
      - name: things
      - name: others
        quoting: {identifier: true, schema: false}
models:
  - name: base
    description: "{{ doc('base') }}"
    columns: [{name: n, description: a number, tests: [not_null]}]
  - name: vip
    config: {tags: [yml], materialized: table, meta: {from: yml}}
  - name: yml_alias
    config: {alias: "from_{{ target.name }}", schema: yml}
  - name: yml_in_file
    config: {materialized: table, alias: loses}
  - name: ver
    latest_version: 2
    config: {materialized: table}
    versions:
      - v: 1
      - v: 2
        config: {alias: ver_two}
      - v: 3
        defined_in: ver_third
exposures:
  - {name: dash, type: dashboard, owner: {name: me}, depends_on: [ref('base')]}
groups:
  - {name: finance, owner: {name: me}}
"""

PLAIN = {
    "base": "select 1 as n", "vip": "select {{ config.get('tags') }}, {{ config.get('meta') }}, '{{ ref('base') }}'",
    "yml_alias": "select '{{ this }}'", "yml_in_file": "{{ config(alias='wins') }}select '{{ this }}', '{{ config.get('materialized') }}'",
    "ver_v1": "select 1 as v", "ver_v2": "select 2 as v", "ver_third": "select 3 as v, '{{ this }}', '{{ model.version }}'",
    "use_ver": "select * from {{ ref('ver') }}, {{ ref('ver', v=1) }}, {{ ref('ver', version='3') }}",
    "use_ver_two": "select '{{ ref('ver', v=2).identifier }}', '{{ ref('corpus', 'ver', v=3) }}'",
    "use_package": "select * from {{ ref('pkg', 'pm') }}, {{ ref('pm_two') }}",
    "use_sources": "select * from {{ source('raw', 'orders') }}, {{ source('raw', 'people') }}",
    "use_quoted": "select * from {{ source('quoted', 'things') }}, {{ source('quoted', 'others') }}",
    "use_seed": "select * from {{ ref('codes') }}, {{ ref('snap') }}, {{ ref('snap_two') }}",
    "folders/in_folder": "select '{{ this }}', '{{ config.get('materialized') }}'",
    "folders/deep/in_deep": "select '{{ this }}', {{ config.get('tags') }}",
    "folders/deep/more/in_more": "{{ config(schema='own') }}select '{{ this }}'",
    "folders/switched/disabled": "select 1",
    "use_folders": "select * from {{ ref('in_folder') }}, {{ ref('in_deep') }}, {{ ref('in_more') }}",
    "guarded": "select {% if execute %}{% set x = graph.nodes | length > 0 %}{{ x }}{% endif %}",
    "depends": "-- depends_on: {{ ref('base') }}\n{% if execute %}select * from {{ ref('base') }}{% endif %}",
    "incremental": "{{ config(materialized='incremental') }}\nselect 1{% if false %} where x > (select max(x) from {{ this }}){% endif %}",
    "two_configs": "{{ config(tags=['a'], meta={'x': 1}) }}{{ config(tags='b', meta={'y': 2}, materialized='table') }}"
                   "select {{ config.get('tags') }}, {{ config.get('meta') }}",
    "dict_config": "{{ config({'materialized': 'table', 'tags': ['d']}) }}select '{{ config.get('materialized') }}'",
    "configs/in_configs": "{{ config(tags='own', meta={'own': 1}) }}select {{ config.get('tags') }}, {{ config.get('meta') }}",
    "dispatching": "select '{{ adapter.dispatch('who', 'dispatchable')() }}'",
    "macro_config": "{{ set_config() }}select '{{ config.get('materialized') }}'",
    "two_refs_one_name": "select * from {{ ref('base') }} union all select * from {{ ref('corpus', 'base') }}",
}

PACKAGE = {
    "dbt_project.yml": "name: pkg\nversion: '1.0'\nconfig-version: 2\nvars: {depth: 1, own: mine}\n"
                       "models: {pkg: {+materialized: table, +tags: [p]}}\n",
    "models/pm.sql": "select '{{ this }}', {{ config.get('tags') }}, '{{ config.get('materialized') }}', {{ var('depth') }}",
    "models/pm_two.sql": "{{ config(schema='loses') }}select '{{ this }}', '{{ overridden() }}', '{{ m2(1) }}', '{{ var('own') }}', {{ ref('pm') }}",
    "models/pm_three.sql": "select '{{ generate_alias_name(none, model) }}', '{{ project_name }}', '{{ greet is defined }}'",
    "macros/m.sql": "{% macro m1(x) %}pkg-m1 {{ x }}{% endmacro %}\n{% macro m2(x) %}{{ m1(x) }}{% endmacro %}\n"
                    "{% macro dispatched(x) %}{{ adapter.dispatch('dispatched', 'pkg')(x) }}{% endmacro %}\n"
                    "{% macro default__dispatched(x) %}pkg {{ x }}{% endmacro %}\n"
                    "{% macro overridden() %}package{% endmacro %}\n{% macro default__who() %}pkg{% endmacro %}\n"
                    "{% macro reads_var() %}{{ var('depth', 'none') }}{% endmacro %}\n",
}

EXTRA_MACROS = """{% macro m1(x) %}root-m1 {{ x }}{% endmacro %}
{% macro default__dispatched(x) %}root {{ x }}{% endmacro %}
{% macro default__who() %}corpus{% endmacro %}
{% macro set_config() %}{{ config(materialized='table') }}{% endmacro %}
"""

OTHER = {
    "seeds/codes.csv": "a,b\n1,x\n2,y\n",
    "snapshots/snap.sql": "{% snapshot snap %}{{ config(unique_key='n', strategy='check', check_cols='all') }}"
                          "select * from {{ ref('base') }}{% endsnapshot %}\n"
                          "{% snapshot snap_two %}{{ config(unique_key='n', strategy='timestamp', updated_at='t', "
                          "target_schema='other') }}select 1{% endsnapshot %}\n",
    "tests/singular.sql": "select * from {{ ref('base') }} where n < 0\n",
    "analyses/count.sql": "select count(*) from {{ ref('base') }}\n",
    "models/docs.md": "{% docs base %}\nThe *base*.\n{% enddocs %}\n",
    "packages.yml": "packages:\n  - local: packages/pkg\n",
}


# Models whose difference is only told: none
NOT_YET = set()


def models():
    """{path below models/: text}"""
    found = {}
    for group, expressions in CONTEXT.items():
        for i, e in enumerate(expressions):
            found["expressions/%s/%s_%d" % (group, group, i)] = "select [{{ %s }}]" % e
    for group in (JINJA, SHAPES):
        for name, text in group.items():
            found["texts/" + name] = text if text.strip().startswith(("select", "/*", "--", "{{")) else "select [" + text + "]"
    for name, text in EPHEMERAL.items():
        found["ephemeral/" + name] = text
    for i, text in enumerate(USES):
        found["uses/use_eph_%d" % i] = text
    for i, config in enumerate(CONFIGS):
        keys = [c.split("=")[0].strip() for c in config.replace("{n}", "").split(", ") if c.split("=")[0].strip().isidentifier()]
        # dbt has objects of its own for some: their items, then
        keys = [k for k in keys if k != "workspace"]  # ours gives it back, dbt-rockset does not
        reads = "".join(", {{ config.get('%s')%s }}" % (k, OBJECTS.get(k, "")) for k in keys)
        found["configs/config_%d" % i] = "{{ config(%s) }}\n\nselect '{{ this }}', {{ model.config.tags }}, " \
            "{{ model.config.meta }}%s" % (config.replace("{n}", str(i)), reads)
        found["configs/config_ref_%d" % i] = "select * from {{ ref('config_%d') }}" % i
    found.update(PLAIN)
    return found


def write(folder):
    def put(path, text):
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", newline="") as f:
            f.write(text)
    put("dbt_project.yml", PROJECT)
    put("models/properties.yml", PROPERTIES)
    for path, text in models().items():
        put("models/%s.sql" % path, text)
    for path, text in MACROS.items():
        put("macros/" + path, text)
    put("macros/extra.sql", EXTRA_MACROS)
    for path, text in OTHER.items():
        put(path, text)
    for path, text in PACKAGE.items():
        put("packages/pkg/" + path, text)
    return len(models())
