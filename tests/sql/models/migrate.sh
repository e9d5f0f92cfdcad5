#!/bin/sh
# A database of an older schema: every entry point names the way out, rockset_init() migrates in one
# transaction. build/next holds the extension of a next version, with tests/fixtures/sql/migrate-5.sql.
set -u
NEXT=${ROCKSET_EXT%/*}/next/rockset_ext.so
old() { sqlite3 -batch "$1" -cmd ".load $ROCKSET_EXT" "$2" 2>&1; }
new() { sqlite3 -batch "$1" -cmd ".load $NEXT" "$2" 2>&1; }
# one statement each: the shell's lines of an error differ between versions
each() {
  how=$1 db=$2
  shift 2
  for statement; do
    "$how" "$db" "$statement" | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'
  done
}
everything() {
  each "$1" "$2" "SELECT rockset_compile('daily')" "SELECT rockset_ls('*')" \
    "SELECT rockset_materialize('daily')" "SELECT rockset_run('*')" "SELECT * FROM rockset_run('*')"
}
schema() {
  sqlite3 -batch "$1" "SELECT sql FROM sqlite_schema WHERE name LIKE 'rockset_%' ORDER BY name"
}

sqlite3 -batch shop.db <"$FIXTURES/schema-4.sql"
sqlite3 -batch shop.db 'PRAGMA user_version = 42; PRAGMA application_id = 99;'

echo '-- the fixture is what rockset_init() makes: another schema needs another version'
old made.db 'SELECT rockset_init()'
schema made.db >made.txt
schema shop.db >fixture.txt
diff made.txt fixture.txt && echo same
old shop.db "SELECT rockset_init(); SELECT rockset_compile('daily')"

shape() {
  sqlite3 -batch "$1" "SELECT m.name, x.cid, x.name, x.type, x.\"notnull\", x.pk FROM sqlite_schema AS m,
    pragma_table_xinfo(m.name) AS x WHERE m.name LIKE 'rockset_%' ORDER BY 1, 2"
}
rows() { sqlite3 -batch "$1" .dump | grep '^INSERT'; }
for v in 1 2 3; do
  echo "-- from schema $v: nothing is lost, and it is then what a new database has"
  sqlite3 -batch one.db <"$FIXTURES/schema-$v.sql"
  each old one.db "SELECT rockset_run('*')"
  old one.db "SELECT rockset_init(); SELECT rockset_compile('daily')"
  shape one.db >one.txt
  shape made.db | diff one.txt - && echo same
  rows one.db >one.txt
  rows shop.db | diff one.txt - && echo 'the same rows'
  sqlite3 -batch one.db "UPDATE rockset_sources SET local_table = ''" 2>&1 | grep -o 'CHECK.*[a-z_]'
  sqlite3 -batch one.db "SELECT count(*) FROM rockset_nodes"
  rm one.db
done

echo '-- older than the extension'
everything new shop.db
cp shop.db before.db

echo '-- a migration that fails half-way leaves everything as it was'
sqlite3 -batch shop.db 'CREATE TABLE rockset_owners(mine)'
each new shop.db 'SELECT rockset_init()'
sqlite3 -batch shop.db "SELECT value FROM rockset_meta WHERE key = 'schema_version';
SELECT count(*) FROM pragma_table_info('rockset_models') WHERE name = 'owner';
DROP TABLE rockset_owners;"
[ "$(sqlite3 shop.db .dump)" = "$(sqlite3 before.db .dump)" ] && echo 'as before'

echo '-- one that is rolled back, too'
new shop.db "BEGIN; SELECT rockset_init(); SELECT rockset_compile('daily'); ROLLBACK;"
[ "$(sqlite3 shop.db .dump)" = "$(sqlite3 before.db .dump)" ] && echo 'as before'

echo '-- migrated'
new shop.db 'SELECT rockset_init(); SELECT rockset_init();'
new shop.db "SELECT rockset_compile('daily');
SELECT name, owner, tags, config FROM rockset_models ORDER BY name;
SELECT * FROM rockset_owners;
SELECT count(*) FROM rockset_sources; SELECT count(*) FROM rockset_vars;
SELECT node, r.status FROM rockset_results AS r JOIN rockset_invocations ON id = invocation_id;
SELECT value FROM rockset_meta WHERE key = 'schema_version';
PRAGMA user_version; PRAGMA application_id; PRAGMA integrity_check;"

echo '-- an attached database alone'
cp before.db attached.db
new other.db "ATTACH 'attached.db' AS \"the other\"; SELECT rockset_init('the other');
SELECT count(*) FROM \"the other\".rockset_owners; SELECT count(*) FROM main.sqlite_schema;"

echo '-- newer than the extension'
sqlite3 -batch shop.db "UPDATE rockset_meta SET value = '0.2.0' WHERE key = 'needs'"
everything old shop.db
each old shop.db 'SELECT rockset_init()'
