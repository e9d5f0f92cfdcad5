#!/bin/sh
# A workspace may be called as the database's file is, or as DuckDB calls a database in memory; the
# database has a name of its own, which nobody gets to see. Names that are DuckDB's are refused.
sql() {
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed -e 's/ \[remote SQL:.*//'
}

echo '-- shop.db, hence shop.db.duckdb, and workspace shop'
sql shop.db <<'EOF'
SELECT rockset_exec('create schema shop');
SELECT rockset_exec('create table shop.t as select range as x from range(5)');
CREATE VIRTUAL TABLE t USING rockset('shop.t');
SELECT sum(x) FROM t WHERE x > 1;
SELECT rockset_exec('insert into shop.t values (10)');
SELECT rockset_exec('create view shop.v as select max(x) as m from shop.t');
SELECT c1 FROM rockset_query('select m from shop.v');
SELECT workspace, name FROM rockset_collections;
SELECT rockset_exec('checkpoint');
EOF

echo '-- files: a profile whose path is shop.duckdb'
cat >profiles.yml <<EOF
rockset_ext:
  target: dev
  outputs:
    dev: {type: duckdb, path: '$PWD/shop.duckdb', schema: shop, idle_close: 0}
    reader: {type: duckdb, path: '$PWD/shop.duckdb', schema: shop, idle_close: 0, read_only: true}
EOF
export DBT_PROFILES_DIR=$PWD
printf '{"a": 1}\n{"a": 2}\n' >rows.ndjson
sql app.db <<EOF
SELECT rockset_load('shop.rows', '$PWD/rows.ndjson');
SELECT rockset_load('shop.rows', '$PWD/rows.ndjson', '{"mode":"append"}');
SELECT c1 FROM rockset_query('select sum(a) from "shop"."rows"');
SELECT c1 FROM rockset_query('select sum(a) from rows');
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('m', 'table', 'select * from {{ source("shop", "rows") }}'),
  ('n', 'view', 'select sum(a) as s from {{ target.database }}.{{ ref("m") }}');
SELECT node, message FROM rockset_run('*');
SELECT c1 FROM rockset_query('select s from n');
SELECT c1 FROM rockset_query('select current_setting(''temp_directory'')');
EOF
echo "-- reading leaves the file's bytes"
before=$(cksum <shop.duckdb)
sql app.db <<'EOF'
SELECT json_extract(rockset_profile('reader'), '$.database');
SELECT c1 FROM rockset_query('select sum(a) from shop.rows');
SELECT rockset_exec('create table shop.more as select 1 as a');
EOF
sql app.db <<'EOF'
SELECT c1 FROM rockset_query('select sum(a) from shop.rows');
EOF
[ "$before" = "$(cksum <shop.duckdb)" ] && echo same
ls

echo '-- in memory: workspaces called as the engine calls its databases'
unset DBT_PROFILES_DIR
mv profiles.yml kept.yml
sql :memory: <<EOF
SELECT rockset_load('memory.rows', '$PWD/rows.ndjson');
SELECT c1 FROM rockset_query('select sum(a) from "memory"."rows"');
CREATE VIRTUAL TABLE m USING rockset('memory.rows');
SELECT sum(a) FROM m;
SELECT rockset_load('temp.rows', '$PWD/rows.ndjson');
SELECT rockset_create_workspace('System');
SELECT rockset_create_workspace('_db');
SELECT rockset_exec('create schema temp');
SELECT rockset_exec('create table temp.rows as select 1 as a');
SELECT rockset_drop_workspace('temp');
SELECT name FROM rockset_workspaces;
EOF

echo '-- what errors call it'
mv kept.yml profiles.yml
export DBT_PROFILES_DIR=$PWD
sql app.db <<'EOF'
SELECT c1 FROM rockset_query('select * from shop.main.rows');
SELECT rockset_exec('detach _db');
EOF
