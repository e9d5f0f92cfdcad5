#!/bin/sh
# Databases that a duckdb profile attaches (`attach:`), and models, seeds, snapshots and tests that are
# built there (config `database`): as in the target's own, each in a transaction.
set -u
mkdir p
cat >p/profiles.yml <<END
p:
  target: dev
  outputs:
    dev: {type: duckdb, path: home.duckdb, schema: main, threads: 2,
          attach: [{path: other.duckdb}, {path: third.duckdb, alias: t3}, {path: ':memory:', alias: mem}]}
    far: {type: duckdb, path: other.duckdb, schema: main}
    ro: {type: duckdb, path: home.duckdb, schema: main, attach: [{path: other.duckdb, read_only: true}]}
    nameless: {type: duckdb, path: home.duckdb, schema: home, attach: [{path: other.duckdb}]}
END
export DBT_PROFILES_DIR=$PWD/p
q() {
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('$1', 'p') IS NOT NULL" "$2" 2>&1 |
    sed -e '/^1$/d' -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e 's/ \[remote SQL:.*//'
}
q dev "SELECT rockset_init();
INSERT INTO rockset_models(name, sql, description) VALUES
  ('a', '{{ config(materialized=''table'') }}select 1 as id union all select 2', NULL),
  ('b', '{{ config(database=''other'', materialized=''table'', persist_docs={''relation'': true}) }}select id, id * 2 as twice from {{ ref(''a'') }}', 'twice as much'),
  ('v', '{{ config(database=''other'', schema=''vv'') }}select * from {{ ref(''a'') }} join {{ ref(''b'') }} using (id)', NULL),
  ('i', '{{ config(database=''t3'', materialized=''incremental'', unique_key=''id'') }}select id, {{ is_incremental() }} as inc, ''{{ this }}'' as t from {{ ref(''b'') }}', NULL),
  ('m', '{{ config(database=''t3'', materialized=''incremental'', incremental_strategy=''merge'', unique_key=''id'', on_schema_change=''append_new_columns'', post_hook=''insert into {{ this }}(id, n) select 9, 9'') }}select id, 5 as n {% if is_incremental() %}, 6 as more{% endif %} from {{ ref(''i'') }}', NULL),
  ('h', 'select n from {{ ref(''m'') }}', NULL),
  ('e', '{{ config(database=''t3'', materialized=''ephemeral'') }}select 1 as x', NULL),
  ('mm', '{{ config(database=''mem'', materialized=''table'') }}select x, ''{{ adapter.get_relation(\"t3\", \"main\", \"i\") }} {{ load_relation(ref(\"b\")).type }} {{ adapter.list_relations(\"other\", \"main\") | map(attribute=\"identifier\") | sort | join(\",\") }} {{ adapter.check_schema_exists(\"other\", \"hist\") }} {{ adapter.check_schema_exists(\"home\", \"hist\") }} {{ adapter.get_columns_in_relation(ref(\"m\")) | map(attribute=\"name\") | join(\",\") }}'' as seen from {{ ref(''e'') }} -- depends_on: {{ ref(''b'') }} {{ ref(''m'') }} {{ ref(''snap'') }}', NULL),
  ('c', '{{ config(database=''other'', materialized=''table'', contract={''enforced'': true}) }}select 1::bigint as id', NULL),
  ('n', '{{ config(database=''nowhere'', materialized=''table'') }}select 1 as x', NULL);
UPDATE rockset_models SET columns = '[{\"name\":\"id\",\"data_type\":\"bigint\",\"constraints\":[{\"type\":\"not_null\"}]}]' WHERE name = 'c';
INSERT INTO rockset_seeds(name, csv, config) VALUES('s', 'a,b
1,x
2,y
', '{\"database\":\"other\"}');
INSERT INTO rockset_snapshots(name, sql, config) VALUES('snap', 'select * from {{ ref(\"b\") }}',
  '{\"target_database\":\"other\",\"target_schema\":\"hist\",\"strategy\":\"check\",\"check_cols\":\"all\",\"unique_key\":\"id\"}');
INSERT INTO rockset_sources(source, name, database, workspace) VALUES('o', 's', 'other', 'main');
INSERT INTO rockset_tests(name, test, model, column_name, config) VALUES('u', 'unique', 'b', 'id', NULL),
  ('nn', 'unique', 'm', 'n', '{\"store_failures\":true,\"database\":\"other\",\"severity\":\"warn\"}');"
echo '-- a build'
q dev "SELECT node, status, message FROM rockset_build('*', '{\"raise\":false}') ORDER BY node;
SELECT * FROM rockset_query('select * from mem.main.mm');"
echo '-- once more'
q dev "SELECT node, status, message FROM rockset_build('*', '{\"exclude\":\"n mm\"}') ORDER BY node;
SELECT * FROM rockset_query('select database_name as d, schema_name as s, table_name as t, comment from duckdb_tables() order by all');
SELECT * FROM rockset_query('select database_name as d, schema_name as s, view_name as t, sql from duckdb_views() where not internal order by all');
SELECT * FROM rockset_query('select * from t3.main.m order by all');
SELECT node, relation FROM rockset_results WHERE node IN ('b', 'nn') ORDER BY 1 LIMIT 1"
echo '-- a view for a table, a table for a view; what fails leaves what was there'
q dev "UPDATE rockset_models SET sql = replace(sql, 'materialized=''table''', 'materialized=''view''') WHERE name = 'b';
UPDATE rockset_models SET sql = replace(sql, 'schema=''vv''', 'schema=''vv'', materialized=''table''') WHERE name = 'v';
SELECT node, status, message FROM rockset_run('b v');
UPDATE rockset_models SET sql = replace(sql, 'select *', 'select 1/0::int as z, error(''no'') as y, *') WHERE name = 'v';
SELECT node, status FROM rockset_run('v', '{\"raise\":false}');
SELECT * FROM rockset_query('select count(*) as n from other.main_vv.v')"
echo '-- one file, two targets of one process'
q dev "SELECT * FROM rockset_query('select count(*) as n from other.main.s');
SELECT rockset_profile('far', 'p') IS NOT NULL;
SELECT rockset_exec('insert into main.s values (3, ''z'')');
SELECT rockset_profile('dev', 'p') IS NOT NULL;
SELECT rockset_exec('insert into other.main.s values (4, ''z'')');
SELECT rockset_profile('far', 'p') IS NOT NULL;
SELECT * FROM rockset_query('select count(*) as n from main.s')"
echo '-- a hook that writes to another database is refused by DuckDB'
q dev "UPDATE rockset_models SET sql = '{{ config(database=''other'', materialized=''table'', post_hook=''insert into {{ ref(\"a\") }} select 7'') }}select 1 as id' WHERE name = 'b';
SELECT status, message FROM rockset_run('b', '{\"raise\":false}'); SELECT count(*) FROM rockset_query('from home.main.a')"
echo '-- read_only; the names of databases; tables over them'
q ro "SELECT node, status, message FROM rockset_run('b', '{\"raise\":false}');
SELECT * FROM rockset_query('select count(*) as n from other.main.s');"
q dev "SELECT rockset_create_workspace('other')"
q dev "CREATE VIRTUAL TABLE temp.t USING rockset('other.main.s')"
q dev "CREATE VIRTUAL TABLE temp.t USING rockset(query='select * from other.main.s'); SELECT count(*) FROM temp.t"
q nameless "SELECT rockset_compile('a'); SELECT sql FROM rockset_compile('v')"
echo '-- profiles'
p() {
  sqlite3 -batch :memory: -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile(NULL, NULL, '{\"type\":\"duckdb\",\"path\":\"home.duckdb\",\"attach\":$1}')
    IS NOT NULL; SELECT * FROM rockset_query('select database_name as d from duckdb_databases() where not internal order by 1')" 2>&1 |
    sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' # shells differ
}
p '[]'
p '[{"path":"other.duckdb","alias":"x","type":null,"options":{"block_size":262144}}]'
p '[{"path":"new.duckdb","options":{"block_size":16384}}]'
p '[{"alias":"x"}]'
p '["other.duckdb"]'
p '[{"path":"other.duckdb","alais":"x"}]'
p '[{"path":"home.duckdb"}]'
p '[{"path":"other.duckdb","alias":"commons"}]'
p '[{"path":"other.duckdb"},{"path":"third.duckdb","alias":"OTHER"}]'
p '[{"path":"md:x"}]'
p '[{"path":"x.db","secret":"s"}]'
p '[{"path":"missing.duckdb","read_only":true}]'
p '[{"path":"other.duckdb","type":"sqlite","options":{"type":"x"}}]'
p '[{"path":"other.duckdb","type":"x y"}]'
p '[{"path":"dbname=x password=hunter22","type":"nosuch"}]' | sed 's/Extension.*/.../'
cd p && printf 'p: {target: dev, outputs: {dev: {type: duckdb, path: ../home.duckdb, attach: [{path: x.db, type: sqlite}]}}}\n' >profiles.yml
unset DBT_PROFILES_DIR
sqlite3 -batch :memory: -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('dev', 'p')" 2>&1 || true
