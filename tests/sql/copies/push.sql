-- rockset_push: types, modes, keys, a cursor with ties, JSON, what is refused.
.mode list
SELECT rockset_init();
CREATE TABLE orders(id INTEGER PRIMARY KEY, name TEXT, amount REAL, ok BOOLEAN, data JSON, b BLOB, mix, num NUMERIC,
  none TEXT, [odd "name] TEXT, updated_at TEXT);
CREATE INDEX orders_updated ON orders(updated_at);
INSERT INTO orders VALUES
  (1, 'a', 1.5, 1, '{"a":1}', x'00ff', 1, 1, NULL, 'x', '2026-01-01'),
  (2, 'grün', 2, 0, '[1,2]', NULL, 'two', 2.5, NULL, '', '2026-01-02'),
  (3, NULL, NULL, NULL, NULL, NULL, 2.5, 562949953421312, NULL, NULL, '2026-01-02');
SELECT '== a table: types are the values''';
SELECT rockset_push('orders', 'commons.orders');
CREATE VIRTUAL TABLE v USING rockset('commons.orders');
SELECT name, type FROM pragma_table_xinfo('v') WHERE name NOT IN ('_id', '_event_time');
SELECT typeof(id), name, amount, typeof(ok), ok, data, hex(b), typeof(mix), mix, num, [odd "name], updated_at FROM v
  ORDER BY id;
SELECT column_name || ' ' || column_type FROM (SELECT row ->> 'column_name' AS column_name,
  row ->> 'column_type' AS column_type FROM rockset_query('describe commons.orders'));
SELECT '== modes';
SELECT rockset_push('orders', 'commons.orders', '{"mode":"create"}');
SELECT rockset_push('select id, name from orders -- all', 'commons.orders', '{"mode":"append"}');
SELECT count(*), count(amount), count(DISTINCT _id) FROM v;
SELECT rockset_push('SELECT id, name || ''!'' AS name, 1 AS extra FROM orders WHERE id < 3;', 'commons.orders');
SELECT row FROM rockset_query('select * exclude (_id, _event_time) from commons.orders order by id');
SELECT '== by a key';
SELECT rockset_push('orders', 'commons.keyed', '{"key":"id"}');
UPDATE orders SET name = 'b' WHERE id = 2;
INSERT INTO orders(id, name) VALUES (4, 'd');
SELECT rockset_push('SELECT * FROM orders WHERE id IN (2, 4)', 'commons.keyed', '{"key":"id"}');
SELECT row FROM rockset_query('select _id, id, name, mix from commons.keyed order by id');
SELECT rockset_push('SELECT id, name, updated_at FROM orders', 'commons.two', '{"key":["id","name"]}');
SELECT rockset_push('SELECT id, coalesce(name, ''"n"'') AS name FROM orders', 'commons.two', '{"key":["id","name"]}');
SELECT row FROM rockset_query('select _id from commons.two order by id');
SELECT '== a type that does not hold the new values is widened, a new column is added';
SELECT rockset_push('SELECT 5 AS id, ''x'' AS amount, 1 AS newer', 'commons.keyed', '{"key":"id"}');
SELECT row FROM rockset_query('select id, amount, newer from commons.keyed order by id');
SELECT '== what changed by a cursor';
SELECT rockset_push('orders', 'commons.changes', '{"key":"id","cursor":"updated_at"}');
INSERT INTO orders(id, name, updated_at) VALUES (5, 'tie', '2026-01-02'), (6, 'late', '2026-01-01'), (7, 'new', '2026-01-03');
SELECT rockset_push('orders', 'commons.changes', '{"key":"id","cursor":"updated_at"}');
SELECT row ->> 'ids' FROM rockset_query('select string_agg(id, '','' order by id) as ids from commons.changes');
SELECT rockset_push('orders', 'commons.changes', '{"key":"id","cursor":"updated_at"}');
DELETE FROM orders WHERE updated_at IS NULL;
SELECT direction, local, remote, target, "cursor", key, mark, rows, copied_at > '2026' FROM rockset_copies;
SELECT '== what has been sent is gone: all of it is sent; and by mode replace';
SELECT rockset_drop_collection('commons.changes');
SELECT rockset_push('orders', 'commons.changes', '{"key":"id","cursor":"updated_at"}') ->> 'inserted';
SELECT rockset_push('orders', 'commons.changes', '{"key":"id","cursor":"updated_at","mode":"replace"}') ->> 'rows';
SELECT rockset_push('SELECT * FROM orders WHERE 0', 'commons.changes', '{"key":"id","cursor":"updated_at"}') ->> 'rows';
SELECT '== round trip of _id and _event_time';
SELECT rockset_push('SELECT ''k'' AS _id, ''2026-01-02 03:04:05'' AS _event_time, 1 AS a', 'commons.own');
SELECT rockset_push('SELECT ''k2'' AS _id, 1767225600000000 AS _event_time, 1 AS a', 'commons.own', '{"mode":"append"}');
SELECT row FROM rockset_query('select * from commons.own order by _id');
SELECT '== JSON';
SELECT rockset_push('SELECT ''{"x":[1]}'' AS j, ''[2]'' AS k', 'commons.j', '{"json":["j","k"]}');
SELECT row FROM rockset_query('select j, k, typeof(j) as t from commons.j');
SELECT rockset_push('SELECT ''{"x":'' AS j', 'commons.j', '{"json":"j"}');
SELECT '== refused';
SELECT rockset_push('orders', 'commons.r', '{"cursor":"updated_at"}');
SELECT rockset_push('orders', 'commons.r', '{"mode":"upsert"}');
SELECT rockset_push('orders', 'commons.r', '{"mode":"append","key":"id","cursor":"updated_at"}');
SELECT rockset_push('orders', 'commons.r', '{"key":"nope"}');
SELECT rockset_push('orders', 'commons.r', '{"key":"id","cursor":"nope"}');
SELECT rockset_push('orders', 'commons.r', '{"keys":"id"}');
SELECT rockset_push('orders', 'commons.r', '{"key":[]}');
SELECT rockset_push('nope', 'commons.r');
SELECT rockset_push('DELETE FROM orders', 'commons.r');
SELECT rockset_push('SELECT 1; DELETE FROM orders', 'commons.r');
SELECT rockset_push('WITH x AS (SELECT 1) DELETE FROM orders', 'commons.r');
SELECT rockset_push('SELECT 1 AS a, 2 AS A', 'commons.r');
SELECT rockset_push('SELECT x''00'' AS a UNION ALL SELECT 1', 'commons.r');
SELECT rockset_push('SELECT 9007199254740993 AS a UNION ALL SELECT 1.5', 'commons.r');
SELECT rockset_push('SELECT 1 AS id UNION ALL SELECT 1', 'commons.r', '{"key":"id"}');
SELECT rockset_push('SELECT NULL AS id', 'commons.r', '{"key":"id"}');
SELECT rockset_push('SELECT CAST(x''ff'' AS TEXT) AS a', 'commons.r');
SELECT rockset_push(NULL, 'commons.r');
BEGIN;
SELECT rockset_push('orders', 'commons.r');
COMMIT;
SELECT rockset_exec('create view commons.a_view as select 1 as a') IS NULL;
SELECT rockset_push('orders', 'commons.a_view', '{"mode":"append"}');
SELECT rockset_exec('create table commons.no_id as select 1 as id') IS NULL;
SELECT rockset_push('orders', 'commons.no_id', '{"key":"id"}');
CREATE VIEW stored AS SELECT rockset_push('orders', 'commons.r') AS x;
SELECT * FROM stored;
SELECT name FROM rockset_collections ORDER BY name;
.print -- a whole collection is written once where no column needs more; else from a stage
CREATE TABLE whole(id INTEGER PRIMARY KEY, name TEXT, r REAL, ok BOOLEAN, bl BLOB, empty TEXT);
WITH RECURSIVE c(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM c WHERE i < 3000) INSERT INTO whole SELECT i, CASE i % 5 WHEN 0 THEN NULL ELSE 'n' || i END, i / 2.0, i % 2, CAST(i AS BLOB), NULL FROM c;
CREATE TEMP TABLE place AS SELECT max(id) AS id FROM rockset_log;
SELECT rockset_push('whole', 'commons.whole', '{"key":"id"}');
SELECT rockset_push('SELECT name, r FROM whole', 'commons.nokey');
SELECT rockset_exec('create view commons.over_whole as select count(*) as n, count(name) as names, sum(r) as r, count(distinct _id) as ids, max(_event_time) > ' ||
  'now()::timestamp - interval 1 hour as recent from commons.whole') IS NOT '';
DELETE FROM whole WHERE id > 2500;
SELECT rockset_push('whole', 'commons.whole', '{"key":"id","mode":"replace"}');
SELECT count(*), sum(sql LIKE 'ingest into%'), sum(sql LIKE 'CREATE TABLE%AS (%') FROM rockset_log, place WHERE rockset_log.id > place.id AND (sql LIKE 'ingest%' OR sql LIKE 'CREATE TABLE%');
SELECT * FROM rockset_query('select n, names, r, ids, recent from commons.over_whole');
SELECT c1, c2, c3 FROM rockset_query('select count(*), count(distinct _id), min(length(_id)) from commons.nokey');
SELECT c1, c2 FROM rockset_query('select name, type from pragma_table_info(''commons.whole'')');
SELECT rockset_push('SELECT id, json_array(id) AS j FROM whole LIMIT 3', 'commons.whole', '{"key":"id","mode":"replace","json":["j"]}');
SELECT count(*) FROM rockset_log, place WHERE rockset_log.id > place.id AND sql LIKE 'CREATE TABLE%AS (%';
SELECT name FROM rockset_collections WHERE name LIKE '\_\_%' ESCAPE '\';
