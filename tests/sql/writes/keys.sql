-- keys that don't identify a row: what is keyed, and writes that would touch other rows
.mode list
.nullvalue NULL
SELECT rockset_init() IS NOT '';
CREATE TEMP TABLE o(_id, who);
INSERT INTO o VALUES('o1', 'ann'), ('o2', 'bob');
CREATE TEMP TABLE l(_id, o, item);
INSERT INTO l VALUES('l1', 'o1', 'ink'), ('l2', 'o1', 'pen'), ('l3', 'o2', 'cap');
SELECT rockset_push('o', 'commons.orders') IS NOT '', rockset_push('l', 'commons.lines') IS NOT '';
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('joined', 'table', 'select o.*, l.item from commons.orders o join commons.lines l on l.o = o._id'),
  ('copied', 'table', 'select * from commons.orders'),
  ('named', 'table', '{{ config(unique_key="_id") }} select * from commons.orders'),
  ('lies', 'table', '{{ config(unique_key="_id") }} select o.*, l.item from commons.orders o join commons.lines l on l.o = o._id'),
  ('other', 'table', '{{ config(unique_key="item") }} select o.*, l.item from commons.orders o join commons.lines l on l.o = o._id'),
  ('bare', 'table', 'select * exclude (_id, _event_time) from commons.orders');
SELECT message FROM rockset_run('*');
CREATE VIRTUAL TABLE joined USING rockset('commons.joined');
CREATE VIRTUAL TABLE copied USING rockset('commons.copied');
CREATE VIRTUAL TABLE named USING rockset('commons.named');
CREATE VIRTUAL TABLE lies USING rockset('commons.lies');
CREATE VIRTUAL TABLE other USING rockset('commons.other');
CREATE VIRTUAL TABLE orders USING rockset('commons.orders');
.print -- collections, and results whose model names a key that holds
SELECT m.name, (SELECT name FROM pragma_table_xinfo(m.name) WHERE pk) FROM pragma_table_list m WHERE m.type = 'virtual' AND m.name IN ('joined', 'copied', 'named', 'lies',
  'other', 'orders') ORDER BY 1;
.print -- without a key rows are not taken for others
DELETE FROM joined WHERE item = 'ink';
UPDATE lies SET who = 'x' WHERE item = 'ink';
SELECT _id, item FROM joined ORDER BY 2;
SELECT count(*) FROM (SELECT DISTINCT _id FROM joined);
SELECT count(*) FROM joined WHERE _id = 'o1' OR item = 'pen';
SELECT json_extract(rockset_pull('commons.joined', 'mine'), '$.rows');
SELECT count(*) FROM mine;
.print -- with one they are
UPDATE other SET who = 'cat' WHERE item = 'ink';
SELECT item, who FROM other ORDER BY 1;
DELETE FROM named WHERE _id = 'o1';
SELECT _id FROM named;
.print -- a key that is given is checked
CREATE VIRTUAL TABLE k USING rockset('commons.joined', key='_id');
CREATE VIRTUAL TABLE k USING rockset(query='select 1 as a union all select null', key='a');
CREATE VIRTUAL TABLE k USING rockset(query='select cast(:n as int) as a', key='a');
CREATE VIRTUAL TABLE k USING rockset('commons.joined', key='item');
.print -- and repeats afterwards: nothing is written
SELECT rockset_exec('insert into commons.joined select * from commons.joined where item = ''pen''');
UPDATE k SET who = 'zoe' WHERE item = 'pen';
DELETE FROM k WHERE item = 'pen';
DELETE FROM k;
UPDATE k SET who = 'zoe' WHERE item = 'cap';
BEGIN;
UPDATE k SET who = 'tom' WHERE item = 'cap';
DELETE FROM k WHERE item = 'pen';
INSERT INTO k(item, who) VALUES('pen', 'new');
COMMIT;
SELECT item, who FROM joined ORDER BY 1, 2;
.print -- OR REPLACE aside
INSERT OR REPLACE INTO k(item, who) VALUES('pen', 'new');
SELECT item, who FROM k ORDER BY 1, 2;
.print -- what came and went in one transaction
BEGIN;
INSERT INTO k(item, who) VALUES('hat', 'kim');
DELETE FROM k WHERE item = 'hat';
INSERT INTO k(item, who) VALUES('hat', 'lea');
UPDATE k SET who = 'max' WHERE item = 'hat';
DELETE FROM k WHERE item = 'cap';
INSERT INTO k(item, who) VALUES('cap', 'moe');
COMMIT;
SELECT item, who FROM k ORDER BY 1, 2;
.print -- the next build of a key that repeats now: the table says so
UPDATE rockset_models SET sql = 'select o.*, ''one'' as item from commons.orders o' WHERE name = 'joined';
SELECT message FROM rockset_run('joined');
SELECT count(*) FROM k;
SELECT rockset_refresh('k');
UPDATE rockset_models SET sql = 'select o.*, o.who as item from commons.orders o' WHERE name = 'joined';
SELECT message FROM rockset_run('joined');
SELECT item FROM k ORDER BY 1;
.print -- a list of columns of an older version, which says less
.output /dev/null
.dbconfig defensive off
.output
UPDATE orders_rockset SET value = NULL WHERE name = 'proven';
DELETE FROM orders_rockset WHERE name = 'proven';
DELETE FROM named_rockset WHERE name = 'proven';
INSERT INTO copied_rockset VALUES(50, 'meta', 'key', '_id', NULL, NULL, NULL, NULL);
PRAGMA writable_schema = RESET;
UPDATE orders SET who = 'ann 2' WHERE _id = 'o1';
SELECT DISTINCT _id FROM copied;
INSERT INTO copied(_id, who) VALUES('o3', 'x');
SELECT rockset_refresh('copied');
SELECT count(*) FROM (SELECT DISTINCT _id FROM copied);
.print -- documents are not written by an _id that repeats
SELECT rockset_push('o', 'commons.lies', '{"key":"_id","mode":"upsert"}');
SELECT rockset_push('o', 'commons.lies', '{"mode":"append"}');
SELECT count(*) FROM lies;
.print -- a collection again
SELECT json_extract(rockset_push('o', 'commons.lies', '{"mode":"replace"}'), '$.rows');
SELECT rockset_refresh('lies') > 0;
DELETE FROM lies WHERE _id = 'o1';
SELECT _id FROM lies;
.print -- a constraint of the engine is one where it refuses NULL
SELECT rockset_exec('create table commons.u(_id varchar unique, a int)') IS NOT '', rockset_exec('create table commons.p(_id varchar unique not null, a int)') IS NOT '';
CREATE VIRTUAL TABLE u USING rockset('commons.u');
CREATE VIRTUAL TABLE p USING rockset('commons.p');
SELECT count(*) FROM pragma_table_xinfo('u') WHERE pk;
SELECT count(*) FROM pragma_table_xinfo('p') WHERE pk;
.print -- a snapshot keeps several states of an _id
INSERT INTO rockset_snapshots(name, sql, config) VALUES('history', 'select * from commons.orders', '{"unique_key":"_id","strategy":"check","check_cols":["who"]}');
SELECT message FROM rockset_snapshot('history');
CREATE VIRTUAL TABLE history USING rockset('commons.history');
UPDATE orders SET who = 'ann 3' WHERE _id = 'o1';
SELECT message FROM rockset_snapshot('history');
SELECT _id, who, dbt_valid_to IS NULL FROM history ORDER BY 1, 2;
DELETE FROM history WHERE dbt_valid_to IS NOT NULL;
CREATE VIRTUAL TABLE states USING rockset('commons.history', key='dbt_scd_id');
DELETE FROM states WHERE dbt_valid_to IS NOT NULL;
SELECT _id, who, dbt_valid_to IS NULL FROM history ORDER BY 1, 2;
.print -- the _id that was made
SELECT rockset_last_id();
INSERT INTO orders(who) VALUES('new');
SELECT rockset_last_id() = (SELECT _id FROM orders WHERE who = 'new'), length(rockset_last_id());
INSERT INTO orders(_id, who) VALUES('mine', 'newer') RETURNING _id;
SELECT rockset_last_id();
CREATE TABLE plain(a INTEGER PRIMARY KEY);
INSERT INTO plain VALUES(17);
INSERT INTO orders(who) VALUES('newest') RETURNING _id;
SELECT last_insert_rowid(), rockset_last_id() = (SELECT _id FROM orders WHERE who = 'newest');
SELECT rockset_exec('create table commons.numbers(id bigint primary key, v varchar)') IS NOT '';
CREATE VIRTUAL TABLE numbers USING rockset('commons.numbers', key='id');
INSERT INTO numbers VALUES(41, 'a'), (42, 'b');
SELECT last_insert_rowid(), rockset_last_id(), typeof(rockset_last_id());
