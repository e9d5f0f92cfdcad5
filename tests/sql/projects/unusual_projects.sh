#!/bin/sh
# What public projects do: properties of another package's nodes, tests of what is not there,
# arguments that hold a config, keys that are there twice. Names, texts and statuses are dbt's.
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//'; }
node() { q "SELECT '$1', n.value ->> 'schema', n.value ->> 'alias', n.value ->> 'relation_name', n.value ->> 'patch_path', n.value ->> 'tags', n.value ->> 'docs', n.value ->> '\$.config.severity'
  FROM json_each(readfile('art/manifest.json'), '\$.$2') AS n WHERE n.key LIKE '$1'"; }
mkdir -p p/models/staging p/tests p/macros p/analyses p/dbt_packages/lib/models p/dbt_packages/lib/seeds
cat >p/dbt_project.yml <<'E'
name: met
version: "1.0"
version: "1.1"
quoting: {identifier: false}
models: {met: {+schema: fine, +docs: {node_color: gold}}}
tests: {met: {staging: {+tags: [folder]}}}
sources: {met: {staging: {+enabled: "{{ var('open', true) }}"}}}
E
echo 'name: lib' >p/dbt_packages/lib/dbt_project.yml
echo 'select 1 as n' >p/dbt_packages/lib/models/lib_model.sql
printf 'id\n1\n' >p/dbt_packages/lib/seeds/lib_seed.csv
echo "select 1 as id, 2 as b" >p/models/staging/stg.sql
echo "select * from {{ ref('lib_model') }}" >p/models/uses.sql
echo "{{ put('word', [1]) }}{{ see('word') }} {{ context.get('word') }}" >p/analyses/names.sql
echo "{% macro put(k, v) %}{% do context.update({k: v}) %}{% do context.update(more=v) %}{% endmacro %}
{% macro see(k) %}{{ word }}{{ more }}{% endmacro %}" >p/macros/m.sql
echo "select * from {{ ref('not_there') }}" >p/tests/lost.sql
cat >p/models/staging/s.yml <<'E'
sources:
- name: raw
  tags: [b, a]
  tables: [{name: plain, tags: [a], columns: [{name: id, tests: [not_null]}]}]
models:
- {name: lib_model, description: patched, config: {materialized: ephemeral}}
- {name: lib_seed, columns: [{name: id, tests: [unique]}]}
- name: stg
  tags: [ignored]
  columns:
  - name: id
    tests:
    - not_null: {severity: warn}
    - accepted_values: {arguments: {values: [1, .5], config: {where: "id > 0", severity: warn, store_failures: true}}}
    - relationships: {to: ref('gone'), field: id}
    - nowhere.strange
    description: |
      the last line
E
q "SELECT rockset_init()"
q "SELECT value FROM json_each(rockset_import('p'), '\$.warnings')"
echo '-- compiled'
q "SELECT node || ' ' || sql FROM rockset_compile('*', '{\"raise\":false}') ORDER BY 1" | sed 's/ *$//'
echo '-- what is passed over is listed'
q "SELECT name, error FROM rockset_ls('*') WHERE error IS NOT NULL ORDER BY 1"
echo '-- a row that was written by hand is an error'
q "INSERT INTO rockset_tests(name, sql) VALUES('mine', 'select * from {{ ref(''never'') }}'); SELECT rockset_test('stg')"
q "DELETE FROM rockset_tests WHERE name = 'mine'; SELECT node, status FROM rockset_build('*', '{\"raise\":false}') ORDER BY 1" 2>/dev/null
echo '-- manifest: schema, alias, relation, properties, tags, docs, severity'
q "SELECT rockset_artifacts('art', '{\"catalog\":false}')" >/dev/null 2>&1
for n in model.lib.lib_model model.met.stg test.met.source% test.met.not_null% test.met.accepted% test.met.unique%; do node "$n" nodes; done
q "SELECT value ->> 'fqn', value ->> 'tags', value ->> 'freshness' FROM json_each(readfile('art/manifest.json'), '\$.sources')"
q "SELECT name, description FROM rockset_models WHERE package = 'lib'; SELECT patch_path FROM rockset_models WHERE package = 'lib'; SELECT columns ->> '\$[0].description' FROM rockset_models WHERE name = 'stg'"
q "SELECT name FROM rockset_ls('path:models/staging/s.yml') WHERE resource_type = 'model'"
echo '-- export writes the files as they were, and says what it can not'
q "UPDATE rockset_models SET description = 'other' WHERE name = 'lib_model'; SELECT rockset_export('q')"
cmp p/models/staging/s.yml q/models/staging/s.yml && echo the same
echo '-- a variable closes the sources below staging'
q "INSERT INTO rockset_vars(name, value, is_json) VALUES('open', 'false', 1); SELECT count(*) FROM rockset_ls('source:*')" 2>/dev/null
