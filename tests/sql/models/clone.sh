#!/bin/sh
# rockset_clone: views of what another target has, as dbt clone makes them. And what no engine here can
# build, each with dbt's error or its own.
set -u
mkdir p
cat >p/profiles.yml <<END
p:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, schema: dev, attach: [{path: lake.duckdb}]}
    prod: {type: duckdb, path: shop.duckdb, schema: main, attach: [{path: lake.duckdb}]}
    else: {type: duckdb, path: elsewhere.duckdb, schema: main}
END
export DBT_PROFILES_DIR=$PWD/p
q() {
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('$1', 'p') IS NOT NULL" "$2" 2>&1 |
    sed -e '/^1$/d' -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e 's/ \[remote SQL:.*//'
}
q prod "SELECT rockset_init();
INSERT INTO rockset_models(name, sql, description) VALUES
  ('a', '{{ config(materialized=''table'', persist_docs={''relation'': true}) }}select 1 as id', 'about a'),
  ('e', '{{ config(materialized=''ephemeral'') }}select * from {{ ref(''a'') }}', NULL),
  ('v', 'select id + 1 as id from {{ ref(''e'') }}', NULL),
  ('l', '{{ config(database=''lake'', materialized=''incremental'') }}select 3 as id', NULL);
INSERT INTO rockset_seeds(name, csv) VALUES('s', 'x
7
');
INSERT INTO rockset_snapshots(name, sql, config) VALUES('snap', 'select * from {{ ref(\"a\") }}',
  '{\"strategy\":\"check\",\"check_cols\":\"all\",\"unique_key\":\"id\"}');
SELECT node, status FROM rockset_build('*') ORDER BY 1;
INSERT INTO rockset_models(name, sql) VALUES ('late', '{{ config(enabled=(target.name == ''dev'')) }}select 1 as id'), ('lost', 'select 1 as id')"
echo '-- a clone'
q dev "SELECT node, kind, status, message FROM rockset_clone('*', '{\"state\":\"prod\",\"raise\":false}') ORDER BY 1;
SELECT * FROM rockset_query('select database_name as d, schema_name as s, view_name as t, sql, comment from duckdb_views() where not internal and view_name not like ''\\_%'' escape ''\\'' order by all');
SELECT * FROM rockset_query('select v.id, a.id as a, l.id as l, s.x from dev.v, dev.a, lake.dev.l, dev.s')"
echo '-- once more; by full_refresh; the same names'
q dev "SELECT node, status, message FROM rockset_clone('a v', '{\"defer\":\"prod\"}') ORDER BY 1;
SELECT node, status FROM rockset_run('a');
SELECT node, status, message FROM rockset_clone('a', '{\"defer\":\"prod\",\"full_refresh\":true}');
SELECT command, status FROM rockset_invocations ORDER BY started_at DESC LIMIT 1;
SELECT json_extract(rockset_clone('a', '{\"state\":\"dev\",\"full_refresh\":true}'), '$.results[0].message');"
q dev "SELECT * FROM rockset_clone('*')"
q dev "SELECT rockset_clone('*', '{\"state\":\"target/prod\"}')"
q dev "SELECT * FROM rockset_clone('a', '{\"state\":\"else\"}')"
q dev "SELECT * FROM rockset_run('a', '{\"state\":\"prod\"}')"
echo '-- what is not there'
q dev "INSERT INTO rockset_models(name, sql) VALUES
  ('mv', '{{ config(materialized=''materialized_view'') }}select 1 as id'),
  ('o', '{{ config(materialized=''incremental'', incremental_strategy=''insert_overwrite'') }}select 1 as id');
SELECT node, status FROM rockset_run('o'); SELECT node, message FROM rockset_run('o mv', '{\"raise\":false}') ORDER BY 1"
mkdir -p proj/models && printf 'name: proj\nversion: "1"\nprofile: p\n' >proj/dbt_project.yml
printf 'def model(dbt, session):\n  return session.sql("select 1 as a")\n' >proj/models/py.py
echo "select * from {{ ref('py') }}" >proj/models/reader.sql
rm p.db
q dev "SELECT rockset_init(); SELECT rockset_import('proj'); SELECT rockset_compile('reader')"
