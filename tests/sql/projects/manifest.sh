#!/bin/sh
# What dbt 1.7 writes into manifest.json and its sisters for a project, and we with it: the values here
# are dbt's.
set -u
mkdir -p p/models p/snapshots p/macros p/tests/generic p/seeds
printf 'p: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, schema: main}}}\n' >profiles.yml
cat >p/dbt_project.yml <<'END'
name: museum
version: '1.0'
config-version: 2
profile: p
END
cat >p/models/all.yml <<'END'
version: 2
groups: [{name: night, owner: {name: Nobody, slack: x}}]
models:
  - name: visits
    description: "{{ doc('visitor') }} yes"
    tests:
      - rows_at_least: {n: 1, store_failures: true, name: at_least}
    columns:
      - {name: id, description: "{{ doc('museum', 'visitor') }}", tests: [unique, {not_null: {severity: error, meta: {x: [1]}, where: 'id > 0', limit: 7}}]}
      - {name: n, tests: [{unique: {store_failures: true}}, {unique: {name: u2, store_failures_as: ephemeral, warn_if: '>1'}}]}
  - name: revisits
    columns: [{name: id, tests: [{relationships: {to: ref('visits'), field: id, config: {where: "1 = 1 or 'a\"b' = 'a'"}}}]}]
  - name: halls
    versions: [{v: 1}, {v: 2}]
    columns: [{name: id, tests: [not_null]}]
  - name: deal
    constraints:
      - {type: check, columns: [id], expression: "id > 0", name: ch}
      - {type: primary_key, columns: [id, word]}
    columns:
      - {name: id, data_type: int, constraints: [{type: not_null}, {type: unique, name: uu, warn_unenforced: false}]}
      - {name: word, data_type: "varchar"}
      - {name: n, data_type: DOUBLE, description: d}
  - name: vdeal
    constraints: [{type: check, columns: [id], expression: "id > 0"}]
    config: {contract: {enforced: true, alias_types: false}}
    columns: [{name: id, data_type: integer}]
  - name: loose
    deprecation_date: 2130-01-01
    constraints: [{type: check, columns: [id], expression: "id > 0"}]
exposures:
  - {name: board, type: dashboard, owner: {email: a@b.c}, depends_on: [ref('visits')]}
macros:
  - {name: gross, description: "{{ doc('visitor') }}", arguments: [{name: x, type: number, description: "{{ doc('visitor') }}"}, {name: y}]}
sources:
  - name: raw
    schema: main
    description: "{{ doc('visitor') }}"
    loaded_at_field: seen_at
    freshness: {warn_after: {count: 12, period: hour}}
    tables:
      - {name: visits, freshness: {error_after: {count: 1, period: day}, filter: "n > 0"}, loaded_at_field: null}
      - {name: plain, identifier: visits, freshness: {warn_after: null}}
      - {name: never, identifier: visits, freshness: null}
      - {name: gone, config: {enabled: false}}
  - {name: bare, schema: main, tables: [{name: visits}]}
END
printf '{%% docs visitor %%}\nA visitor, *not* a guest.\n{%% enddocs %%}\n' >p/models/docs.md
printf '{%% docs tags %%}{%% raw %%}{{ ref(1) }}{%% endraw %%}\n {# note #}{{ 1 + 1 }}{{ none_such }} {%% enddocs %%}' >>p/models/docs.md
echo "{{ config(materialized='table') }}select 1 as id, 1 as n, now() at time zone 'UTC' as seen_at" >p/models/visits.sql
echo "select id from {{ ref('visits') }}" >p/models/revisits.sql
echo 'select 1 as id' >p/models/halls_v1.sql
echo 'select 1 as id' >p/models/halls_v2.sql
echo "{{ config(materialized='table', contract={'enforced': true}) }}select cast(1 as integer) as id, 'x' as word, cast(1.5 as double) as n" >p/models/deal.sql
echo 'select cast(1 as integer) as id' >p/models/vdeal.sql
echo 'select 1 as id' >p/models/loose.sql
printf 'code\n01\n' >p/seeds/codes.csv
printf "{%% macro gross(x, y) %%}{{ x }} {{ inner(y) }}{%% endmacro %%}\n{%% macro inner(z) %%}{{ z }}{%% endmacro %%}\n" >p/macros/gross.sql
echo "{% materialization mine, default, supported_languages=['sql', 'python'] %}{% endmaterialization %}" >p/macros/mat.sql
printf '{%% test rows_at_least(model, n) %%}\nselect count(*) as c from {{ model }} having count(*) < {{ n }}\n{%% endtest %%}\n' >p/tests/generic/rows.sql
echo "{{ config(store_failures=true, tags=['z']) }}select * from {{ ref('visits') }} where id < 0" >p/tests/single.sql
cat >p/snapshots/seen.sql <<'END'
{% snapshot seen %}

  {{ config(target_schema='snaps', unique_key='id', strategy='check', check_cols='all') }}
  select id from {{ ref('visits') }}

{% endsnapshot %}
{% snapshot seen_two -%}
{{ config(target_schema='snaps', unique_key='id', strategy='check', check_cols='all') }}
 select id from {{ ref('visits') }}
{%- endsnapshot %}
END
q() {
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('dev', 'p', 'profiles.yml')" "$1" 2>&1 |
    grep -v '^{"type"' | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'
}
m() { q "SELECT key, $2 FROM json_each(readfile('out/manifest.json'), '\$.$1') WHERE key NOT LIKE 'macro.dbt.%' AND ($3) ORDER BY 1"; }
q "SELECT rockset_init(); SELECT json_extract(rockset_import('p'), '\$.warnings')"
q "SELECT node, status FROM rockset_build('*') ORDER BY 1; SELECT node, status FROM rockset_freshness('*', '{\"raise\":false}') ORDER BY 1;
SELECT json_array_length(rockset_artifacts('out'), '\$.written') > 4"
echo '-- contracts'
m nodes "value ->> 'contract', value ->> 'constraints', value -> 'columns' -> 'id' ->> 'constraints', value ->> 'deprecation_date'" \
  "value ->> 'resource_type' = 'model' AND value ->> 'alias' NOT LIKE 'halls%'"
echo '-- tests'
m nodes "value ->> 'raw_code', value ->> 'relation_name', value -> 'config' ->> 'store_failures', value -> 'config' ->> 'store_failures_as', value ->> 'attached_node', value ->> 'file_key_name'" \
  "value ->> 'resource_type' = 'test'"
echo '-- snapshots'
m nodes "quote(value ->> 'raw_code')" "value ->> 'resource_type' = 'snapshot'"
echo '-- descriptions'
m nodes "value ->> 'description', value -> 'columns' -> 'id' ->> 'description'" "value ->> 'name' = 'visits'"
m sources "value ->> 'source_description', value ->> 'freshness', value ->> 'loaded_at_field'" "1"
m disabled "value -> 0 ->> 'config'" 1
m macros "value ->> 'path', value ->> 'description', value ->> 'arguments', value ->> 'patch_path', value ->> 'supported_languages', value -> 'depends_on' ->> 'macros'" 1
m docs "value ->> 'block_contents'" "key NOT LIKE 'doc.dbt.%'"
m groups "value ->> 'owner'" 1
m exposures "value ->> 'owner', value ->> 'config'" 1
echo '-- the run and what is there'
q "SELECT value ->> 'unique_id', value ->> 'relation_name', value ->> 'compiled' FROM json_each(readfile('out/run_results.json'), '\$.results') WHERE value ->> 'unique_id' NOT LIKE '%hall%' ORDER BY 1"
q "SELECT key, value -> 'metadata' ->> 'database' FROM json_each(readfile('out/catalog.json'), '\$.nodes') WHERE key LIKE '%visits%' OR key LIKE 'test%' ORDER BY 1"
echo '-- a macro says what is not there'
q "UPDATE rockset_macros SET description = 'the {{ doc(''nope'') }}' WHERE name = 'inner'; SELECT node FROM rockset_run('loose')"
q "SELECT rockset_artifacts('out')"
q "UPDATE rockset_macros SET description = NULL, arguments = '[{\"name\":\"z\",\"description\":\"{{ doc(''away'', ''nope'') }}\"}]' WHERE name = 'inner'; SELECT count(*) FROM rockset_compile('*')"
echo '-- docs know no names'
q "UPDATE rockset_docs SET text = 'see {{ ref(''x'') }}' WHERE name = 'tags'; SELECT count(*) FROM rockset_compile('*')"
echo '-- tags of a column and of its config'
mkdir -p t/models
echo 'select 1 as id, 2 as n' >t/models/a.sql
cat >t/models/a.yml <<'END'
models:
  - name: a
    columns:
      - {name: id, tags: [own], config: {tags: [pii, more]}, tests: [unique, {not_null: {tags: mine}}]}
      - {name: n, config: {tags: pii}, tests: [unique]}
sources:
  - {name: s, tables: [{name: a, columns: [{name: id, config: {tags: [pii]}, tests: [unique]}]}]}
END
for asked in '">=1.10.0"' '[">=1.10.0", "<2.0.0"]' '">=1.7.0"'; do
  printf 'name: t\nversion: "1.0"\nconfig-version: 2\nrequire-dbt-version: %s\n' "$asked" >t/dbt_project.yml
  rm -f p.db
  q "SELECT rockset_init(); SELECT json_extract(rockset_import('t'), '\$.warnings');
SELECT name, config FROM rockset_tests ORDER BY 1; SELECT group_concat(name, ' ') FROM (SELECT name FROM rockset_ls('tag:pii') ORDER BY 1)"
done
