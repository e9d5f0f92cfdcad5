#!/bin/sh
# A database file whose column list is damaged or missing, whose engine is missing, or whose profile
# is broken still opens; its virtual tables say what is wrong and can be dropped
sql() {
  sqlite3 -batch "$1" -cmd ".load $ROCKSET_EXT" "$2" 2>&1 |
    sed 's/^[A-Za-z ]*rror[^:]*: \(in prepare, \|stepping, \)*/Error: /'
}

sql a.db "SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.t(a int)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t');
CREATE VIRTUAL TABLE u USING rockset('commons.t');
CREATE VIRTUAL TABLE w USING rockset('commons.t');
CREATE VIRTUAL TABLE q USING rockset(query='select 1 as a');
CREATE VIRTUAL TABLE z USING rockset('commons.t');"
sqlite3 a.db "PRAGMA writable_schema = 1;
DROP TABLE t_rockset;
UPDATE u_rockset SET type = 'nonsense' WHERE role = 'column';
DROP TABLE w_rockset; CREATE VIEW w_rockset AS SELECT 1;
UPDATE q_rockset SET value = 'select 1); drop table commons.t; (select 1' WHERE name = 'query';
UPDATE z_rockset SET value = '9' WHERE name = 'format';"
cp a.db b.db && cp a.db.duckdb b.db.duckdb
echo '-- their columns are asked for anew; a view stays where it is'
for t in t u w q z; do
  sql b.db "SELECT rockset_refresh('$t')"
  sql b.db "SELECT * FROM $t"
done
rm b.db b.db.duckdb
for t in t u w q z; do
  echo "-- $t"
  sql a.db "SELECT * FROM $t"
  sql a.db "SELECT count(*) FROM $t WHERE a = 1"
  sql a.db "ALTER TABLE $t RENAME TO ${t}2"
  sql a.db "DROP TABLE ${t}2"
done
sql a.db "SELECT type, name FROM sqlite_schema ORDER BY 2"

echo '-- no engine'
sql b.db "SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.t(a int)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t');
CREATE VIRTUAL TABLE u USING rockset('commons.t');"
export DUCKDB_LIBRARY=/nonexistent/libduckdb.so
sql b.db 'SELECT name FROM pragma_table_info('\''t'\'')'
sql b.db 'SELECT * FROM t' | sed 's/[^ ]*libduckdb[^ ]*//g' | cut -c 1-60
sql b.db 'DROP TABLE t; SELECT name FROM sqlite_schema'
echo '-- a broken profile'
mkdir p
echo 'rockset_ext: [' >p/profiles.yml
export DBT_PROFILES_DIR=$PWD/p
sql b.db 'SELECT * FROM u' | sed 's|\.yml.*|.yml|'
sql b.db 'ALTER TABLE u RENAME TO u2; DROP TABLE u2; SELECT count(*) FROM sqlite_schema'
