#!/bin/sh
# Tests that share a name: the ids, names, paths and parents are dbt's (1.7.20), which tells them
# apart by the digits of their ids and by the folders of their yml files.
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//'; }
mkdir -p p/models/a p/models/b p/macros
printf 'name: p\nprofile: p\n' >p/dbt_project.yml
echo "select 1 as id, cast(null as varchar) as c" >p/models/a/m.sql
echo "select * from {{ ref('m') }}" >p/models/b/n.sql
echo "{% test a_test_with_a_long_name_so_that_all_is_shortened(model, column_name, pattern, x) %}
select 1 from {{ model }} where '{{ pattern }}' = '{{ x }}'{% endtest %}" >p/macros/t.sql
cat >p/models/a/s.yml <<'E'
models:
  - name: m
    columns:
      - name: id
        tests:
          - unique: {name: named}
          - not_null: {name: "odd #2"}
      - name: c
        tests:
          - unique: {name: named}
          - accepted_values: {values: ['a']}
          - accepted_values: {values: [[1, true, null, 2.50], x]}
          - accepted_values: {values: ['a 2']}
          - accepted_values: {values: ['a_2']}
          - relationships: {to: ref('n'), field: c}
          - relationships: {to: ref("n"), field: c}
          - a_test_with_a_long_name_so_that_all_is_shortened: {pattern: 'a+', x: 1}
          - a_test_with_a_long_name_so_that_all_is_shortened: {pattern: 'a*', x: 1}
E
cat >p/models/b/s.yml <<'E'
models:
  - name: n
    columns:
      - name: id
        tests:
          - unique: {name: named}
          - not_null: {name: "odd #2"}
E
cat >dbt.txt <<'E'
test.p.a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1.30363cac55|a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1|a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1|models/a/s.yml a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1.sql|["model.p.m"]
test.p.a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1.3ddd7c9ddc|a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1|a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1|models/a/s.yml a_test_with_a_long_name_so_that_all_is_shortened_m_c__a___1.sql|["model.p.m"]
test.p.accepted_values_m_c___1_True_None_2_5___x.aeb69639f3|accepted_values_m_c___1_True_None_2_5___x|accepted_values_m_c___1_True_None_2_5___x|models/a/s.yml accepted_values_m_c___1_True_None_2_5___x.sql|["model.p.m"]
test.p.accepted_values_m_c__a.64b4ecbc6a|accepted_values_m_c__a|accepted_values_m_c__a|models/a/s.yml accepted_values_m_c__a.sql|["model.p.m"]
test.p.accepted_values_m_c__a_2.b4d66123cd|accepted_values_m_c__a_2|accepted_values_m_c__a_2|models/a/s.yml accepted_values_m_c__a_2.sql|["model.p.m"]
test.p.accepted_values_m_c__a_2.d653a4ceae|accepted_values_m_c__a_2|accepted_values_m_c__a_2|models/a/s.yml accepted_values_m_c__a_2.sql|["model.p.m"]
test.p.named.5470008fc8|named|named|models/a/s.yml named.sql|["model.p.m"]
test.p.named.9f5ad8ac55|named|named|models/a/s.yml named.sql|["model.p.m"]
test.p.named.d5638c2ffc|named|named|models/b/s.yml named.sql|["model.p.n"]
test.p.odd #2.7862ccaa5a|odd #2|odd #2|models/a/s.yml odd #2.sql|["model.p.m"]
test.p.odd #2.cc88cf5bdd|odd #2|odd #2|models/b/s.yml odd #2.sql|["model.p.n"]
test.p.relationships_m_c__c__ref_n_.1cc65dd2cf|relationships_m_c__c__ref_n_|relationships_m_c__c__ref_n_|models/a/s.yml relationships_m_c__c__ref_n_.sql|["model.p.m", "model.p.n"]
test.p.relationships_m_c__c__ref_n_.ee380bbd42|relationships_m_c__c__ref_n_|relationships_m_c__c__ref_n_|models/a/s.yml relationships_m_c__c__ref_n_.sql|["model.p.m", "model.p.n"]
E
q "SELECT rockset_init(); SELECT json_remove(rockset_import('p'), '\$.added')"
echo '-- rows'
q "SELECT name, model, column_name FROM rockset_tests ORDER BY name"
echo '-- nodes are what dbt makes of them'
ids() {
  q "CREATE TEMP TABLE made AS SELECT rockset_artifacts('art');
SELECT n.key, n.value ->> 'name', n.value ->> 'alias', n.value ->> 'original_file_path' || ' ' || (n.value ->> 'path'),
    (SELECT '[' || group_concat('\"' || value || '\"', ', ') || ']' FROM (SELECT value FROM json_each(n.value, '\$.depends_on.nodes') ORDER BY 1))
    FROM json_each(readfile('art/manifest.json'), '\$.nodes') AS n
    WHERE n.key LIKE 'test.%' ORDER BY 1" >ours.txt
  diff dbt.txt ours.txt && echo same
}
ids
q "SELECT unique_id, name, path FROM rockset_ls('*', '{\"resource_type\":\"test\"}') ORDER BY 1" >ls.txt
cut -d'|' -f1,2 dbt.txt >want.txt
cut -d'|' -f1,2 ls.txt | diff want.txt - && echo same
q "SELECT parent, child FROM rockset_graph WHERE child LIKE 'test.p.named.%' ORDER BY 2"
echo '-- runs'
q "SELECT node, kind, status FROM rockset_build('*') WHERE status <> 'pass' ORDER BY node"
q "SELECT rockset_test('named') ->> 'pass'"
q "SELECT unique_id, node, status FROM rockset_last_run ORDER BY 1"
q "SELECT rockset_artifacts('art')" >written.txt
(cd art && find compiled -name '*.sql' | LC_ALL=C sort)
echo '-- the export brings the names back'
q "SELECT rockset_export('out') ->> 'notes'; UPDATE rockset_imported SET hash = substr(hash, 1, 32) || 'x' || substr(hash, 34) WHERE table_name = 'rockset_tests'"
diff -r p out && echo same
q "SELECT rockset_export('again') ->> 'notes'"
rm p.db
q "SELECT rockset_init(); SELECT json_remove(rockset_import('again'), '\$.added')"
ids
echo '-- rows of the time when a second one was x_2: the next import makes them what they are'
rm p.db
sed '0,/name: named/s//name: named_2/' p/models/a/s.yml >old.yml
cp p/models/a/s.yml new.yml
cp old.yml p/models/a/s.yml
q "SELECT rockset_init(); SELECT json_remove(rockset_import('p'), '\$.added')"
cp new.yml p/models/a/s.yml
q "SELECT rockset_import('p')"
ids
