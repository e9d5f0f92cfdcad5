#!/bin/sh
# What projects do that were written for other adapters and for several packages: materializations
# of theirs compile, a package is a map of macros and its variables one of values, quoted columns.
set -u
mkdir -p p/models p/dbt_packages/lib/macros
cat >p/dbt_project.yml <<'YML'
name: p
profile: p
vars: {lib: {wanted: [a, b]}, own: 1}
YML
printf 'name: lib\nvars: {deep: 2}\n' >p/dbt_packages/lib/dbt_project.yml
printf '{%% macro hello() %%}hi{%% endmacro %%}{%% macro twice() %%}2{%% endmacro %%}' \
  >p/dbt_packages/lib/macros/m.sql
printf "{{ config(materialized='streaming_table') }}select 1 as \"Id\"" >p/models/m.sql
cat >p/models/r.sql <<'SQL'
{% set r = api.Relation.create(schema='s', identifier='t', target=target, quote_policy={'schema': false}) -%}
select {{ var('lib').get('wanted') }}, {{ var('lib') }}, '{{ context['lib'].get('hello')() }}',
  {{ lib.get('nothing', 3) }}, {{ 'twice' in lib }}, {{ lib.keys() | list | length }}, {{ r }},
  {{ lib.hello in [lib.twice, lib.hello] }}, {{ lib.hello == lib.twice }}, {{ {lib.hello: 1}[context['lib']['hello']] }},
  {{ modules.re.split('x', 'aXbxc', modules.re.IGNORECASE) }}
from {{ ref('m') }}
SQL
cat >p/models/m.yml <<'YML'
models:
  - name: m
    columns:
      - {name: Id, quote: true, tests: [unique, {accepted_values: {values: [1]}}]}
      - {name: plain, quote: false, tests: [not_null]}
YML
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
q "SELECT rockset_init()"
q "SELECT json_extract(rockset_import('p'), '$.warnings')"
q "SELECT node, sql, message FROM rockset_compile('*', '{\"raise\":false,\"tests\":true}')"
echo '-- tests say the column as SQL has it; the export says it as the file did'
q "SELECT name, column_name FROM rockset_tests ORDER BY 1"
q "UPDATE rockset_models SET description = 'new' WHERE name = 'm'"
q "SELECT json_extract(rockset_export('out'), '$.notes')"
cat out/models/m.yml
echo '-- building what no adapter here knows'
q "SELECT rockset_materialize('m')"
q "SELECT node, status, message FROM rockset_run('m', '{\"raise\":false}')"
