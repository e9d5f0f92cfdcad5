-- rockset_analyze: the number of rows that the planner works with
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select range as id, range % 7 as k from range(10)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t');
SELECT value FROM t_rockset WHERE name = 'rows';
SELECT rockset_exec('insert into commons.t select range + 10, 1 from range(50000)') IS NOT '';
SELECT rockset_analyze('T');
SELECT value FROM t_rockset WHERE name = 'rows';
SELECT count(*), sum(k) FROM t;
SELECT rockset_analyze('none');
SELECT rockset_analyze(NULL);
BEGIN;
SELECT rockset_analyze('t');
COMMIT;
.print -- distinct values and NULLs of the columns; a key that is unique
SELECT rockset_exec('create table commons.orders as select range as id, range % 4000 as customer, range % 2 as paid, case when range % 4 = 0 then ''x'' end as note, ' ||
  '''{}''::json as j from range(10000)') IS NOT '';
SELECT rockset_exec('create table commons.customer as select range as _id, range % 2 as active, ''n'' || range as name from range(40000)') IS NOT '';
CREATE VIRTUAL TABLE orders USING rockset('commons.orders');
CREATE VIRTUAL TABLE customer USING rockset('commons.customer', key='_id');
.print -- before: the smaller table first
EXPLAIN QUERY PLAN SELECT count(*) FROM orders o JOIN customer c ON c._id = o.customer WHERE o.paid = 1 AND c.name = 'n7';
SELECT rockset_analyze('orders'), rockset_analyze('customer');
SELECT name, value FROM orders_rockset WHERE role = 'column' AND name IN ('paid', 'note', 'j');
SELECT name, value FROM customer_rockset WHERE name IN ('_id', 'unique');
.print -- after: the one customer first, then that customer's orders
EXPLAIN QUERY PLAN SELECT count(*) FROM orders o JOIN customer c ON c._id = o.customer WHERE o.paid = 1 AND c.name = 'n7';
SELECT count(*) FROM orders o JOIN customer c ON c._id = o.customer WHERE o.paid = 1 AND c.name = 'n7';
.print -- and the estimates: a key's row, half of the rows, the NULLs
SELECT exact, rows FROM rockset_explain('SELECT name FROM customer WHERE _id = 5');
SELECT exact, rows FROM rockset_explain('SELECT id FROM orders WHERE paid = 1');
SELECT exact, rows FROM rockset_explain('SELECT id FROM orders WHERE note IS NULL');
.print -- a key that is not unique: filtered scans stay too dear for one scan per branch of an OR
SELECT rockset_exec('create table commons.twice as select range % 20000 as id, range % 1000 as a, range % 1001 as b from range(20000)') IS NOT '';
CREATE VIRTUAL TABLE twice USING rockset('commons.twice', key='id');
SELECT rockset_exec('insert into commons.twice select range % 20000 as id, range % 1000 as a, range % 1001 as b from range(20000, 40000)');
SELECT rockset_analyze('twice');
SELECT name, value FROM twice_rockset WHERE name = 'unique';
EXPLAIN QUERY PLAN SELECT count(*) FROM twice WHERE a = 7 OR b = 9;
SELECT count(*) FROM twice WHERE a = 7 OR b = 9;
.print -- a key that the engine enforces
SELECT rockset_exec('create table commons.pk(id int primary key, v varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.pk select range, ''v'' || range from range(50000)');
CREATE VIRTUAL TABLE pk USING rockset('commons.pk', key='id');
SELECT name, value FROM pk_rockset WHERE name = 'enforced';
EXPLAIN QUERY PLAN SELECT v FROM pk WHERE id = 7 OR v = 'v9';
SELECT v FROM pk WHERE id = 7 OR v = 'v9' ORDER BY id;
.print -- of temp, of an attached database, with a dot in the name
ATTACH ':memory:' AS "my db";
CREATE VIRTUAL TABLE temp.customer USING rockset('commons.customer', key='_id');
CREATE VIRTUAL TABLE "my db"."a.b" USING rockset('commons.pk', key='id');
CREATE VIRTUAL TABLE temp.q USING rockset(query='select * from commons.pk where id < 10');
SELECT rockset_exec('insert into commons.pk select range, ''x'' from range(50000, 60000)');
SELECT rockset_analyze('temp.customer'), rockset_analyze('"my db"."a.b"'), rockset_analyze('a.b'), rockset_analyze('q');
SELECT name, value FROM temp.customer_rockset WHERE name = 'rows' UNION ALL SELECT name, value FROM "my db"."a.b_rockset" WHERE name = 'rows' UNION ALL SELECT name, value FROM
  temp.q_rockset WHERE name = 'rows';
SELECT rows FROM rockset_explain('SELECT v FROM "a.b"');
SELECT rows FROM rockset_explain('SELECT name FROM temp.customer WHERE _id = 5');
SELECT rockset_analyze('main.q');
SELECT rockset_analyze('sqlite_schema');
CREATE TABLE plain(a);
SELECT rockset_analyze('plain');
.print -- as often as one likes
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 120) SELECT sum(rockset_analyze('pk')) = 120 * rockset_analyze('pk') FROM r;
SELECT count(*) FROM pk_rockset WHERE name IN ('rows', 'unique');
.print -- not within a statement that writes
CREATE TABLE n AS SELECT rockset_analyze('pk') FROM pk LIMIT 3;
CREATE TEMP TABLE n AS SELECT rockset_refresh('pk') FROM pk LIMIT 3;
INSERT INTO plain SELECT status FROM rockset_run('*');
INSERT INTO plain VALUES (1) RETURNING rockset_pull('commons.pk', 'copy');
SELECT count(*) FROM plain, pk WHERE id = 7;
