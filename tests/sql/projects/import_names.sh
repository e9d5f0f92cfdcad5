#!/bin/sh
# What dbt takes of a project: files of one name of which all but one are disabled, tests that share
# a name, versions with columns and tests of their own, fixture files, snapshots in yml, a source's
# own database.
set -u
mkdir -p p/models/old p/models/new p/tests/fixtures
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
cat >p/dbt_project.yml <<'EOF'
name: p
profile: p
models: {p: {old: {+enabled: "{{ var('old', false) }}"}, new: {+enabled: "{{ not var('old', false) }}"}}}
EOF
echo "select 1 as id, 'old' as which" >p/models/old/m.sql
echo "select 1 as id, 'new' as which" >p/models/new/m.sql
echo "select * from {{ ref('m') }}" >p/models/reader.sql
echo "select 1 as id, 2 as b, 3 as c" >p/models/v_v1.sql
echo "select 1 as id, 2 as b" >p/models/v_v2.sql
printf 'id,which\n1,given\n' >p/tests/fixtures/rows.csv
echo "select 1 as id, 'given' as which" >p/tests/fixtures/expected.sql
cat >p/models/schema.yml <<'EOF'
models:
  - name: m
    description: both
    columns: [{name: id, tests: [{unique: {name: named}}]}]
  - name: reader
    columns: [{name: id, tests: [{unique: {name: named}}]}]
  - name: v
    columns: [{name: id, tests: [unique]}, {name: b}, {name: c}]
    versions:
      - v: 1
      - v: 2
        columns: [{include: all, exclude: [c, id]}, {name: id, tests: [not_null]}]
        tests: [{dbt_is: {x: 1}}]
snapshots:
  - name: yml_snap
    relation: ref('reader')
    config: {strategy: check, unique_key: id, check_cols: all}
unit_tests:
  - name: from_files
    model: reader
    given: [{input: ref('m'), format: csv, fixture: rows}]
    expect: {format: sql, fixture: expected}
sources:
  - name: away
    database: archive
    schema: old
    tables: [{name: t}]
EOF
echo "select * from {{ source('away', 't') }}" >p/models/from_away.sql
q "SELECT rockset_init()"
q "SELECT json_remove(rockset_import('p'), '\$.added')"
q "SELECT name, version, path, description FROM rockset_models WHERE name = 'm'"
q "SELECT name, test, model, column_name FROM rockset_tests; SELECT name, version, columns FROM rockset_models WHERE name = 'v'"
q "SELECT given, expect FROM rockset_unit_tests; SELECT name, sql, path FROM rockset_snapshots"
q "DELETE FROM rockset_tests WHERE test = 'dbt_is'"
echo '-- one of them is enabled'
q "SELECT node, path, sql FROM rockset_compile('m reader from_away') ORDER BY node"
q "SELECT node, path, sql FROM rockset_compile('m reader', '{\"vars\":{\"old\":true}}') ORDER BY node"
q "SELECT rockset_compile('reader'); SELECT rockset_compile('m', '{\"vars\":{\"old\":true}}')"
q "SELECT node, kind, status, message FROM rockset_build('+reader yml_snap') ORDER BY node, message"
q "SELECT unique_id, path FROM rockset_ls('m', '{\"resource_type\":\"model\"}')"
q "SELECT rockset_compile('reader', '{\"vars\":{\"old\":\"x\"}}')"
echo '-- analyses are compiled, not run; a bad one hinders nobody'
mkdir -p p/analyses/deep
echo "select count(*) from {{ ref('reader') }}" >p/analyses/deep/counted.sql
q "SELECT json_extract(rockset_import('p'), '\$.added'); SELECT rockset_compile('counted')"
q "SELECT node, kind, path, sql FROM rockset_compile('counted')"
q "SELECT rockset_materialize('counted')"
q "INSERT INTO rockset_analyses(name, sql) VALUES('bad', 'select {{ ref(''zz'') }}'); SELECT node, status FROM rockset_run('reader')"
q "SELECT rockset_compile('bad')"
q "SELECT node, message FROM rockset_compile('*', '{\"raise\":false}') WHERE sql IS NULL; DELETE FROM rockset_analyses WHERE name = 'bad'"
echo '-- export'
q "SELECT json_extract(rockset_export('out'), '\$.notes')"
diff -r p out && echo same
q "UPDATE rockset_unit_tests SET description = 'told', expect = json_set(expect, '\$.rows', 'select 2 as id')"
q "SELECT json_extract(rockset_export('out3'), '\$.notes')"
sed -n '/^unit_tests/,/^sources/p' out3/models/schema.yml
echo '-- errors'
sed -i 's/fixture: rows/fixture: none/' p/models/schema.yml
q "SELECT rockset_import('p')"
echo '-- both enabled'
sed -i 's/fixture: none/fixture: rows/; s/old: {+enabled.*/old: {+enabled: true}}}/' p/models/schema.yml p/dbt_project.yml
q "SELECT json_extract(rockset_import('p'), '\$.conflicts')"
q "SELECT rockset_compile('reader')"
q "SELECT count(*) FROM rockset_compile('*')"
