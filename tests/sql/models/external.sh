#!/bin/sh
# dbt-duckdb's materialization `external`: a file beside a view of it.
set -u
mkdir p out
cat >p/profiles.yml <<END
p:
  target: dev
  outputs:
    dev: {type: duckdb, path: home.duckdb, schema: main, allow_external_access: true, external_root: out}
    fresh: {type: duckdb, path: fresh.duckdb, schema: main, allow_external_access: true, external_root: out}
    shut: {type: duckdb, path: home.duckdb, schema: main}
    rockset: {type: rockset, api_server: 'http://127.0.0.1:1', api_key: x}
END
export DBT_PROFILES_DIR=$PWD/p
q() {
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('$1', 'p') IS NOT NULL; $2" 2>&1 |
    sed -e '/^1$/d' -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e 's/ \[remote SQL:.*//'
}
q dev "SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES
  ('plain', '{{ config(materialized=''external'') }}select i as id, ''n'' || i as name from range(3) t(i)'),
  ('text', '{{ config(materialized=''external'', location=\"out/it''s.csv\", delimiter=''|'', options={''null'': ''-''}) }}select 1 as a, null as b, ''x|y'' as c'),
  ('lines', '{{ config(materialized=''external'', format=''json'') }}select * from {{ ref(''plain'') }}'),
  ('parts', '{{ config(materialized=''external'', options={''partition_by'': ''y, m'', ''overwrite_or_ignore'': ''1'', ''compression'': ''zstd''}) }}select 1 as v, 2024 as y, 5 as m union all select 2, 2025, 6'),
  ('none', '{{ config(materialized=''external'', location=''out/{{ this.name }}_rows.parquet'', pre_hook=''create or replace table hooked as select 1 as x'', post_hook=''insert into hooked select count(*) + 5 from {{ this }}'') }}select 1.5::decimal(5,2) as d, {''a'': 1} as s where false'),
  ('above', 'select count(*) as n, (select sum(v) from {{ ref(''parts'') }}) as v from {{ ref(''plain'') }}');"
echo '-- built, and once more'
q dev "SELECT node, status, message FROM rockset_run('*', '{\"raise\":false}') ORDER BY node;
SELECT node, status FROM rockset_run('*') ORDER BY node;"
find out -type f | sort
cat "out/it's.csv" out/lines.json
echo '-- what is there'
q dev "SELECT * FROM rockset_query('select * from main.text'); SELECT * FROM rockset_query('select * from lines order by id');
SELECT * FROM rockset_query('select * from parts order by v'); SELECT * FROM rockset_query('select * from above');
SELECT * FROM rockset_query('select * from hooked'); SELECT * FROM rockset_query('describe \"none\"');
SELECT * FROM rockset_query('select table_name, table_type from information_schema.tables order by 1');
CREATE VIRTUAL TABLE v USING rockset('main.plain'); SELECT * FROM v WHERE id > 1;"
echo '-- a table of that name goes'
q dev "UPDATE rockset_models SET sql = replace(sql, 'external', 'table') WHERE name = 'plain'; SELECT message FROM rockset_run('plain');
UPDATE rockset_models SET sql = replace(sql, '''table''', '''external''') WHERE name = 'plain'; SELECT message FROM rockset_run('plain');"
echo '-- a new database shows the files of what is not built in it'
q fresh "INSERT INTO rockset_hooks(event, sql) VALUES('on-run-start', '{{ register_upstream_external_models() }}');
SELECT node, status FROM rockset_run('above'); SELECT * FROM rockset_query('select * from above');"
echo '-- refused'
q shut "DELETE FROM rockset_hooks; SELECT message FROM rockset_run('plain', '{\"raise\":false}');"
q rockset "SELECT message FROM rockset_run('plain', '{\"raise\":false}');"
for c in "format='xls'" "location='out/a.txt'" "options=['x']" "plugin='excel'"; do
  q dev "UPDATE rockset_models SET sql = '{{ config(materialized=''external'', $(echo "$c" | sed "s/'/''/g")) }}select 1 as x' WHERE name = 'plain';
SELECT message FROM rockset_run('plain', '{\"raise\":false}');"
done
echo '-- sources that are files'
mkdir -p s/models s/data
printf 'name: s\nversion: "1.0"\nconfig-version: 2\nprofile: p\n' >s/dbt_project.yml
printf 'id,seen\n1,2024-01-01\n2,2024-02-01\n' >s/data/visits.csv
printf 'id\n7\n' >s/data/raw_b.csv
cat >s/models/s.yml <<'END'
sources:
  - name: files
    meta: {external_location: "{{ 's/' ~ 'data' }}/{identifier}.csv"}
    tables:
      - {name: visits, loaded_at_field: seen, freshness: {warn_after: {count: 1, period: day}},
         columns: [{name: id, tests: [unique, not_null]}]}
      - {name: b, identifier: raw_b}
      - {name: call, meta: {external_location: "read_csv('s/data/%(name)s.csv', header = true)", formatter: oldstyle}}
      - {name: dollars, identifier: visits, meta: {external_location: "s/data/$identifier.csv$$${dir}", dir: x, formatter: template}}
      - {name: config, config: {external_location: "'{schema}/x'"}}
      - {name: odd, meta: {formatter: c}}
      - {name: lacks, meta: {external_location: "{none_such}"}}
      - {name: plug, meta: {plugin: excel}}
END
echo "select v.*, b.id as b from {{ source('files', 'visits') }} v, {{ source('files', 'b') }} as b" >s/models/m.sql
echo "{{ source('files', 'call') }} {{ source('files', 'dollars') }} {{ source('files', 'config').render() }}" >s/models/texts.sql
for t in odd lacks plug; do echo "select * from {{ source('files', '$t') }}" >s/models/$t.sql; done
rm -f p.db
q dev "SELECT rockset_init(); SELECT json_extract(rockset_import('s'), '\$.warnings'); SELECT sql FROM rockset_compile('texts');
SELECT node, status, message FROM rockset_build('m source:files.visits+1') ORDER BY 1; SELECT * FROM rockset_query('select * from main.m order by id');
SELECT node, status FROM rockset_freshness('*');"
for t in odd lacks plug; do q dev "SELECT rockset_compile('$t');"; done
