#!/bin/sh
# VACUUM, VACUUM INTO, .dump and restore, backup: a copy of the file has the tables, and needs no
# engine for it. PRAGMA integrity_check looks at the column lists, from SQLite 3.44 on.
sql() {
  db=$1
  shift
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" "$db" "$@" 2>&1
}

sql a.db <<'END'
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select 1 as a, ''x'' as b') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='a');
CREATE VIRTUAL TABLE "odd ""name""" USING rockset(query='select a as " ", b from commons.t where a = :a');
SELECT rockset_exec('create table commons.s as select {c: 1, d: 2} as s') IS NOT '';
CREATE VIRTUAL TABLE p USING rockset('commons.s', columns='S INTEGER PATH s.c');
CREATE TABLE plain(x);
INSERT INTO plain VALUES(1);
VACUUM;
SELECT * FROM t;
VACUUM INTO 'into.db';
.backup backup.db
.output dump.sql
.dump
END
sqlite3 -batch restored.db <dump.sql && echo 'restored without the extension'
sqlite3 -batch a.db VACUUM && echo 'vacuumed without the extension'
echo '-- without an engine'
for f in a into backup restored; do
  DUCKDB_LIBRARY=/nonexistent sql $f.db "SELECT '$f', group_concat(name) FROM pragma_table_xinfo('t')" \
    "SELECT count(*) FROM t_rockset" 'PRAGMA integrity_check'
done
echo '-- with that of a.db'
for f in into backup restored; do
  cp a.db.duckdb $f.db.duckdb
  sql $f.db 'SELECT * FROM t' 'SELECT * FROM "odd ""name"""(1)' "SELECT rockset_refresh('t')"
done

echo '-- the column list is damaged'
newer() { # what older versions of SQLite do not look at
  [ "$(sqlite3 :memory: 'SELECT sqlite_version() >= '\''3.44'\''')" = 1 ]
}
damage() {
  cp a.db d.db
  sqlite3 d.db "$1"
  if newer; then sql d.db 'PRAGMA integrity_check' 'PRAGMA quick_check'; else echo "$2"; echo "$2"; fi
}
damage "UPDATE t_rockset SET type = 'nonsense' WHERE role = 'column'" \
  "table t: its column list \"t_rockset\" is damaged: SELECT rockset_refresh('t')"
damage 'DROP TABLE t_rockset' "table t: its column list \"t_rockset\" is missing: SELECT rockset_refresh('t')"
damage "UPDATE t_rockset SET value = 'u' WHERE name = 'relation'" \
  "table t: its column list \"t_rockset\" is not what its CREATE VIRTUAL TABLE says: SELECT rockset_refresh('t')"
damage "UPDATE t_rockset SET value = 'b' WHERE name = 'key'" \
  "table t: its column list \"t_rockset\" is not what its CREATE VIRTUAL TABLE says: SELECT rockset_refresh('t')"
damage "UPDATE \"odd \"\"name\"\"_rockset\" SET value = 'select 2' WHERE name = 'query'" \
  "table odd \"name\": its column list \"odd \"name\"_rockset\" is not what its CREATE VIRTUAL TABLE says: SELECT rockset_refresh('\"odd \"\"name\"\"\"')"
as_written="table p: its column list \"p_rockset\" is not what its CREATE VIRTUAL TABLE says: SELECT rockset_refresh('p')"
damage "UPDATE p_rockset SET native = 's.d' WHERE role = 'path'" "$as_written"
damage "UPDATE p_rockset SET role = 'column' WHERE role = 'path'" "$as_written"
damaged="table p: its column list \"p_rockset\" is damaged: SELECT rockset_refresh('p')"
damage "UPDATE p_rockset SET native = 's.' WHERE role = 'path'" "$damaged"
damage "UPDATE p_rockset SET type = 'other' WHERE role = 'path'" "$damaged"
cp a.db.duckdb d.db.duckdb
sql d.db 'SELECT * FROM p'
sql d.db "SELECT rockset_refresh('p')" 'SELECT * FROM p'
