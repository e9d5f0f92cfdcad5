-- An error ends its statement and nothing else: other cursors, the transaction and the session go on
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.t as select range as id, case when range = 7 then ''x'' else ''1'' || range end as s from range(10)') IS NOT '';
SELECT rockset_exec('create view commons.bad as select id, cast(s as int) as n from commons.t') IS NOT '';
SELECT rockset_exec('create view commons.late as select range as id, case when range = 150000 then cast(''x'' || range as int) else 1 end as n from range(200000)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='id');
CREATE VIRTUAL TABLE bad USING rockset('commons.bad');
CREATE VIRTUAL TABLE late USING rockset('commons.late');
CREATE TABLE l(id INTEGER, n INTEGER);
.print -- before the first row, in the middle of rows, behind them
SELECT sum(n) FROM bad;
SELECT count(*) FROM bad WHERE id < 5 AND n > 0;
SELECT count(*), sum(n) > 0 FROM late;
SELECT count(*), sum(n) FROM (SELECT n FROM late LIMIT 10);
SELECT count(*) FROM late WHERE id < 1000;
.print -- a statement of SQLite's that fails leaves no row behind
INSERT INTO l SELECT id, n FROM late;
SELECT count(*) FROM l;
INSERT OR REPLACE INTO l SELECT id, n FROM bad;
SELECT count(*) FROM l;
.print -- inside a transaction: what was done before it stays, and can be committed
BEGIN;
INSERT INTO l VALUES(1, 1);
INSERT INTO t VALUES(20, 'twenty');
SELECT sum(n) FROM bad;
INSERT INTO l SELECT id, n FROM late;
SELECT id, s FROM t WHERE id >= 9 ORDER BY id;
SELECT count(*) FROM l;
COMMIT;
SELECT count(*) FROM l;
SELECT id, s FROM t WHERE id >= 9 ORDER BY id;
.print -- a savepoint around it
BEGIN;
INSERT INTO t VALUES(21, 'a');
SAVEPOINT s;
INSERT INTO t VALUES(22, 'b');
INSERT INTO t SELECT id + 100, n FROM bad;
ROLLBACK TO s;
INSERT INTO t VALUES(23, 'c');
COMMIT;
SELECT id FROM t WHERE id > 20 ORDER BY id;
.print -- a cursor that is open while another one fails
SELECT id, (SELECT count(*) FROM bad WHERE bad.id = t.id AND bad.n >= 0) FROM t WHERE id BETWEEN 5 AND 8 ORDER BY id;
SELECT id, (SELECT count(*) FROM bad WHERE bad.id = t.id) FROM t WHERE id BETWEEN 5 AND 8 ORDER BY id;
SELECT a.id FROM t a WHERE a.id < 3 UNION ALL SELECT n FROM bad WHERE id = 7;
.print -- what fails in SQLite while rows are read
SELECT abs(-9223372036854775808 + id - id) FROM t;
SELECT json_extract(s, '$') FROM t WHERE id = 7;
SELECT id FROM t WHERE id = 7;
.print -- statements that the engine refuses
SELECT rockset_exec('create table commons.t(a int)');
SELECT rockset_exec('insert into commons.t values (1)');
SELECT c1 FROM rockset_query('select * from commons.nowhere');
SELECT rockset_exec('begin');
SELECT rockset_exec('rollback');
SELECT count(*) FROM t;
.print -- the collection goes and comes back
SELECT rockset_exec('alter table commons.t rename to away') IS NOT '';
SELECT count(*) FROM t;
SELECT id FROM t WHERE id = 3;
INSERT INTO t VALUES(30, 'x');
SELECT rockset_exec('alter table commons.away rename to t') IS NOT '';
SELECT count(*) FROM t;
INSERT INTO t VALUES(30, 'x');
SELECT count(*) FROM t;
