#!/bin/sh
# What templates read of the project: `graph` and `model` have the members that dbt 1.7 gives them,
# in its order. Compared with dbt when this was written; columns that differ: checksums of seeds and
# snapshots, tags of columns in a test's config.
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/"created_at": [0-9.e+]*/"created_at": 0/g; s/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//'; }
mkdir -p p/models/staging p/seeds p/macros p/snapshots p/tests p/analyses
printf 'name: p\nversion: "1.0"\nprofile: p\nvars: {a_var: 1}\non-run-end: "select {{ results | map(attribute=%snode%s) | map(attribute=%soriginal_file_path%s) | list | length }}"\n' \' \' \' \' >p/dbt_project.yml
echo "{{ config(tags=['a'], meta={'k': 1}) }}select 1 as id from {{ source('raw', 't') }}" >p/models/staging/stg.sql
echo "select * from {{ ref('stg') }}" >p/models/m_v1.sql
echo "{{ config(materialized='table', post_hook='select 1') }}select * from {{ ref('m', v=1) }} join {{ ref('sd') }}{{ mac() }}" >p/models/z.sql
echo '{% macro mac() %}{{ mac2() }}{% endmacro %}{% macro mac2() %}{% endmacro %}' >p/macros/m.sql
printf 'id\n1\n' >p/seeds/sd.csv
echo "{% snapshot sn %}{{ config(target_schema='x', unique_key='id', strategy='check', check_cols='all') }}select * from {{ ref('stg') }}{% endsnapshot %}" >p/snapshots/sn.sql
echo "select * from {{ ref('stg') }} where id > 1" >p/tests/sing.sql
echo "select * from {{ ref('stg') }}" >p/analyses/an.sql
echo '{% docs bl %}the block{% enddocs %}' >p/models/d.md
cat >p/models/show.sql <<'END'
-- depends_on: {{ ref('z') }}
{% if execute %}{% for k in graph.keys() %}{% for id, n in graph[k].items() %}
-- {{ k }} {{ id }} {{ tojson(n) }}{% endfor %}{% endfor %}
-- model {{ tojson(model) }}
-- {{ tojson(builtins.ref.config.dependencies) }} {{ builtins.ref.config.vars }}
{% endif %}
select 1 as x
END
cat >p/models/staging/s.yml <<'END'
groups: [{name: g, owner: {name: x, email: e@e}}]
models:
- name: stg
  description: "{{ doc('bl') }}"
  group: g
  access: public
  docs: {show: false}
  columns: [{name: id, description: the id, data_type: "{{ 'int' ~ var('a_var') }}", meta: {a: b}, tags: [ct],
             tests: [unique, {accepted_values: {values: [1, 2], config: {severity: warn}}}]}]
- {name: m, latest_version: 1, versions: [{v: 1, deprecation_date: 2999-01-01}]}
sources:
- {name: raw, description: srcd, loader: L, schema: rs, freshness: {warn_after: {count: 1, period: day}}, loaded_at_field: ts,
   tables: [{name: t, identifier: tt, description: td, tags: [st], meta: {m: 1}, columns: [{name: id, tests: [not_null]}]}]}
exposures:
- {name: e, label: E x, type: dashboard, maturity: high, url: 'http://x', description: "{{ doc('bl') }} x", owner: {name: o, email: a@b},
   depends_on: [ref('z'), "source('raw', 't')"], tags: [et], meta: {x: y}}
END
q "SELECT rockset_init(); SELECT json_extract(rockset_import('p'), '\$.warnings'); SELECT rockset_compile('show')"
echo '-- tests of a column have its tags, whatever config they have of their own'
q "SELECT name FROM rockset_ls('tag:ct') WHERE resource_type = 'test'"
