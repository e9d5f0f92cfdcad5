#!/bin/sh
# A database whose engine is missing, or whose profile is broken, still opens; its virtual tables can be
# dropped; each touch gives a clear error.
set -u
run() {
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" app.db "$@" 2>&1
}

echo '-- a database with a virtual table and a model'
run "SELECT rockset_init();
     SELECT rockset_exec('create schema commons');
     SELECT rockset_exec('create table commons.t as select 1 as a, 2 as b');
     CREATE VIRTUAL TABLE t USING rockset('commons.t');
     CREATE VIRTUAL TABLE u USING rockset(query='select a from commons.t');
     INSERT INTO rockset_models(name, sql) VALUES ('m', 'select 1 as x');
     SELECT * FROM t;" >first 2>&1
tail -n 1 first

echo '-- no library'
DUCKDB_LIBRARY=$HOME/nowhere/libduckdb.so
export DUCKDB_LIBRARY
run 'SELECT * FROM t'
run 'SELECT rockset_compile('"'m'"')'
run 'SELECT rockset_materialize('"'m'"')'
run 'SELECT name FROM pragma_table_info('"'t'"')'
run 'ALTER TABLE t RENAME TO t2; DROP TABLE t2; SELECT count(*) FROM sqlite_schema WHERE name GLOB '"'t*'"
unset DUCKDB_LIBRARY

echo '-- a broken profile'
printf 'rockset_ext:\n  target: dev\n  outputs:\n    dev: {type: duckdb, pathh: x.duckdb}\n' >profiles.yml
run 'SELECT * FROM u'
run 'SELECT rockset_version() IS NOT NULL'
run 'DROP TABLE u; SELECT count(*) FROM sqlite_schema WHERE name GLOB '"'u*'"

echo '-- a target outside this process is not contacted before this session chose it'
printf 'rockset:\n  outputs:\n    default: {type: trino, host: 127.0.0.1, port: 1, user: u, database: c, schema: s}\n' >profiles.yml
cat >make.sql <<'END'
SELECT rockset_profile('dev', 'p', '{"p":{"outputs":{"dev":{"type":"duckdb","path":"app.db.duckdb"}}}}') IS NOT NULL;
CREATE VIRTUAL TABLE v USING rockset('commons.t');
SELECT * FROM v;
END
run <make.sql
run 'SELECT * FROM v'
true # the error above is what is shown
