#!/bin/sh
# Virtual tables of attached files: without a profile each file has its own DuckDB file, as if it were
# main; temp and attached databases in memory have main's. A profile that was chosen holds for all.
set -u
mkdir sub
q() {
  file=$1
  shift
  sqlite3 -batch "$file" -cmd ".load $ROCKSET_EXT" "$@" 2>&1 |
    sed -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e "s, \[remote SQL:.*,,; s,$PWD/,,g"
}
for f in A sub/B; do
  q $f.db "SELECT rockset_exec('create schema if not exists commons') * 0;
SELECT rockset_exec('create table commons.items(_id text primary key, v text, n int check (n < 100))');
CREATE VIRTUAL TABLE items USING rockset('commons.items');
INSERT INTO items(_id, v, n) VALUES('1', 'one of $f', 1), ('2', 'two of $f', 2);" >/dev/null
done
ln -s sub/B.db link.db

echo "-- reads, joins, plans, log"
q A.db "ATTACH 'sub/B.db' AS b" "SELECT 'b', * FROM b.items; SELECT 'main', * FROM items;
SELECT a._id, a.v, b.v FROM items a JOIN b.items b USING(_id) WHERE b.n = 2;
SELECT target, sql FROM rockset_log WHERE sql LIKE 'SELECT \"_id\"%' OR sql LIKE 'SELECT \"v\"%' ORDER BY id LIMIT 2;
SELECT target, engine, sql FROM rockset_explain('SELECT v FROM b.items WHERE n = 1');"

echo "-- refresh, analyze, create, rename, drop"
q sub/B.db "SELECT rockset_exec('alter table commons.items add column more int')" >/dev/null
q A.db "ATTACH 'sub/B.db' AS b" "SELECT rockset_refresh('items'), rockset_refresh('b.items');
SELECT rockset_analyze('b.items'), rockset_analyze('items');
CREATE VIRTUAL TABLE b.firsts USING rockset(query='select v from commons.items where n = :n');
SELECT v FROM b.firsts(1);
ALTER TABLE b.firsts RENAME TO seconds; SELECT v FROM b.seconds(2); DROP TABLE b.seconds;
SELECT value FROM b.items_rockset WHERE name = 'target';"
q sub/B.db "SELECT name FROM sqlite_schema ORDER BY 1; SELECT v, more FROM items;"

echo "-- writes"
q A.db "ATTACH 'sub/B.db' AS b" "DELETE FROM b.items WHERE _id = '2'; UPDATE b.items SET v = 'new' WHERE n = 1;
SELECT 'b', v FROM b.items; SELECT 'main', v FROM items;
BEGIN; INSERT INTO items(_id, v) VALUES('3', 'both'); INSERT INTO b.items(_id, v) VALUES('3', 'both');
SELECT count(*) FROM items; SELECT count(*) FROM b.items; COMMIT;
BEGIN; INSERT INTO items(_id, v) VALUES('4', 'none'); INSERT INTO b.items(_id, v) VALUES('4', 'none'); ROLLBACK;
INSERT INTO b.items(_id, v, n) SELECT 'x' || value, 'many', 5 FROM generate_series(1, 20000);
SELECT count(*) FROM items; SELECT count(*) FROM b.items; DELETE FROM b.items WHERE n = 5;"

echo "-- two targets have no transaction in common: what the first one has committed stays"
q A.db <<'END'
ATTACH 'sub/B.db' AS b;
BEGIN;
INSERT INTO b.items(_id, n) VALUES('bad', 200);
INSERT INTO items(_id, v) VALUES('stays', 's');
COMMIT;
ROLLBACK;
SELECT 'main', count(*) FROM items WHERE _id = 'stays';
SELECT 'b', count(*) FROM b.items WHERE _id = 'bad';
SELECT target, error FROM rockset_log WHERE sql = 'ROLLBACK';
END

echo "-- the same file by another path, or as main: the same target, in one transaction"
q A.db "ATTACH 'link.db' AS l" "SELECT count(*) FROM l.items; INSERT INTO l.items(_id) VALUES('link');
SELECT DISTINCT target FROM rockset_log;"
q sub/B.db "ATTACH 'sub/../link.db' AS again" "SELECT count(*) FROM again.items;
SELECT DISTINCT target FROM rockset_log;"
q sub/B.db "DELETE FROM items WHERE _id = 'link'"
ls -d *.duckdb */*.duckdb

echo "-- temp and memory: main's; a file's stays with main in memory"
q A.db "ATTACH ':memory:' AS m" "CREATE VIRTUAL TABLE temp.t USING rockset('commons.items');
CREATE VIRTUAL TABLE m.t USING rockset('commons.items'); SELECT min(v) FROM temp.t; SELECT min(v) FROM m.t;"
q :memory: "ATTACH 'sub/B.db' AS b" "SELECT min(v) FROM b.items; SELECT * FROM rockset_query('select 1 as one');
DETACH b; ATTACH 'A.db' AS b; SELECT min(v) FROM b.items;
SELECT DISTINCT target FROM rockset_log ORDER BY 1;"

echo "-- a profile holds for all"
q A.db "ATTACH 'sub/B.db' AS b" "SELECT rockset_profile(NULL, NULL, '{\"type\":\"duckdb\",\"path\":\"A.db.duckdb\"}') IS NOT NULL;
SELECT min(v) FROM b.items;"

echo "-- a model that main's target builds leaves an attached file's tables alone"
q A.db "ATTACH 'sub/B.db' AS b" "SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('made', 'select 1 as a');
SELECT message FROM rockset_run('made') WHERE status <> 'success';
CREATE VIRTUAL TABLE made USING rockset('commons.made');" >/dev/null
q sub/B.db "SELECT rockset_exec('create table commons.made(z int)') * 0; CREATE VIRTUAL TABLE made USING rockset('commons.made')" >/dev/null
q A.db "ATTACH 'sub/B.db' AS b" "UPDATE rockset_models SET sql = 'select 1 as a, 2 as b' WHERE name = 'made';
SELECT status FROM rockset_run('made'); SELECT * FROM main.made; SELECT name FROM pragma_table_info('made', 'b');
SELECT name FROM b.made_rockset WHERE role = 'column';"
