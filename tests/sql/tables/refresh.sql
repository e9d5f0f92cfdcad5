-- rockset_refresh: a table's columns anew, with the arguments of CREATE
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t(_id varchar, a int, b varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.t values (''x'', 1, ''one'')');
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='_id', readonly=1);
CREATE VIEW v AS SELECT * FROM t;
CREATE TEMP VIEW tv AS SELECT * FROM t;
SELECT rockset_refresh('t');
.print -- added: no error, and not there before the call
SELECT rockset_exec('alter table commons.t add column c double default 0.5') IS NOT '';
SELECT * FROM t;
SELECT rockset_refresh('T');
SELECT * FROM t;
SELECT * FROM tv;
SELECT name, type, "notnull", pk FROM pragma_table_xinfo('t');
INSERT INTO t(_id) VALUES('y');
.print -- retyped, gone
SELECT rockset_exec('alter table commons.t alter column a type varchar') IS NOT '';
SELECT b FROM t;
SELECT a FROM t;
SELECT count(*) FROM t;
SELECT rockset_refresh('main.t');
SELECT a, typeof(a) FROM t WHERE a = '1';
SELECT rockset_exec('alter table commons.t drop column b') IS NOT '';
SELECT b FROM t;
SELECT a FROM tv;
SELECT rockset_refresh('t');
SELECT b FROM t;
SELECT * FROM tv;
.print -- temp, attached, names of all kinds
ATTACH ':memory:' AS 'other one';
CREATE VIRTUAL TABLE temp.t USING rockset('commons.t');
CREATE VIRTUAL TABLE [other one].[t.u "q"] USING rockset('commons.t', key='a');
SELECT rockset_exec('alter table commons.t add column d int') IS NOT '';
SELECT rockset_refresh('t'), rockset_refresh('main.t'), rockset_refresh('"other one"."t.u ""q"""');
SELECT rockset_refresh('t.u "q"');
SELECT * FROM temp.t;
SELECT name, pk FROM pragma_table_xinfo('t.u "q"', 'other one');
SELECT rockset_exec('alter table commons.t drop column a') IS NOT '';
SELECT a FROM temp.t;
SELECT a FROM [other one].[t.u "q"];
SELECT rockset_refresh('other one.t.u "q"');
SELECT rockset_refresh('t.u "q"');
DROP TABLE temp.t;
.print -- in a transaction; rolled back
SELECT rockset_exec('alter table commons.t add column e int') IS NOT '';
BEGIN;
SELECT rockset_refresh('main.t');
SELECT * FROM main.t;
ROLLBACK;
SELECT * FROM main.t;
SAVEPOINT s;
SELECT rockset_refresh('t');
SELECT e FROM t;
ROLLBACK TO s;
SELECT e FROM t;
RELEASE s;
BEGIN;
SELECT rockset_refresh('t');
COMMIT;
SELECT * FROM t;
.print -- rows that are queued
CREATE VIRTUAL TABLE w USING rockset('commons.t');
BEGIN;
INSERT INTO w(_id, d) VALUES('z', 5);
SELECT rockset_refresh('w');
COMMIT;
SELECT rockset_refresh('w');
SELECT _id, d FROM w ORDER BY 1;
.print -- writing by an old list of columns: the way out is said, and then it works
SELECT rockset_exec('create table commons.wr(id bigint, a int, b varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.wr values (1, 1, ''one'')') IS NOT '';
CREATE VIRTUAL TABLE wr USING rockset('commons.wr', key='id');
CREATE VIRTUAL TABLE log USING rockset('commons.wr');
SELECT rockset_exec('alter table commons.wr rename b to c') IS NOT '';
INSERT INTO wr VALUES(2, 2, 'two');
UPDATE wr SET b = 'x' WHERE id = 1;
INSERT INTO log(id, b) VALUES(3, 'three');
BEGIN;
INSERT INTO log(id, a) VALUES(3, 3);
COMMIT;
SELECT count(*) FROM wr;
SELECT rockset_refresh('wr');
SELECT rockset_refresh('log');
SELECT rockset_exec('alter table commons.wr alter a type varchar using ''a'' || a') IS NOT '';
UPDATE wr SET a = 5 WHERE id = 1;
INSERT INTO log(id, a) VALUES(4, 4);
SELECT rockset_refresh('wr');
UPDATE wr SET a = 'a5', c = 'y' WHERE id = 1;
SELECT * FROM wr;
SELECT rockset_exec('alter table commons.wr rename to gone') IS NOT '';
INSERT INTO wr VALUES(6, 'six', 'c');
INSERT INTO log(id) VALUES(7);
DROP TABLE wr;
DROP TABLE log;
.print -- a query's table, a view's
CREATE VIRTUAL TABLE q USING rockset(query='select * from commons.t where d = :d');
SELECT rockset_exec('create view commons.vw as select _id, d from commons.t') IS NOT '';
CREATE VIRTUAL TABLE vw USING rockset('commons.vw', key='_id');
SELECT rockset_exec('alter table commons.t add column f int default 7') IS NOT '';
SELECT * FROM q(5);
SELECT rockset_refresh('q');
SELECT * FROM q(5);
SELECT rockset_refresh('vw');
SELECT name, pk FROM pragma_table_xinfo('vw');
.print -- what can't be refreshed
SELECT rockset_refresh('none');
SELECT rockset_refresh(NULL);
SELECT rockset_refresh('');
SELECT rockset_refresh('tv');
SELECT rockset_refresh('t_rockset');
SELECT rockset_refresh('rockset_run');
INSERT INTO temp.sink SELECT 1;
CREATE TABLE sink(a);
INSERT INTO sink SELECT rockset_refresh('t');
SELECT rockset_exec('drop view commons.vw') IS NOT '';
SELECT rockset_refresh('vw');
.print -- while another statement reads
SELECT name, rockset_refresh(name) FROM sqlite_schema WHERE name IN ('t', 'q') ORDER BY name;
SELECT * FROM q(5);
SELECT name FROM sqlite_schema ORDER BY name;
.print -- path columns are kept, by names that no other column has; statistics go
SELECT rockset_exec('create table commons.p as select 1 as id, {city: ''Oslo'', lat: 59.9} as addr, ''a'' as b') IS NOT '';
CREATE VIRTUAL TABLE p USING rockset('commons.p', key='id', columns='B TEXT PATH addr.city, C REAL PATH addr.lat');
SELECT rockset_analyze('p');
SELECT name, value, native FROM p_rockset WHERE role = 'path' OR name IN ('unique', 'rows');
SELECT rockset_exec('alter table commons.p add column C varchar default ''c''') IS NOT '';
SELECT rockset_refresh('p');
SELECT * FROM p WHERE B_1 = 'Oslo';
SELECT name, value, native FROM p_rockset WHERE role = 'path' OR name IN ('unique', 'rows');
SELECT rockset_exec('alter table commons.p drop column addr') IS NOT '';
SELECT B_1 FROM p;
SELECT rockset_refresh('p');
DROP TABLE p;
.print -- and after a run
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES ('m', 'table', 'select 1 as id, {city: ''Oslo''} as addr, ''a'' as b');
SELECT json_extract(rockset_materialize('m'), '$.status');
CREATE VIRTUAL TABLE p USING rockset('commons.m', columns='b TEXT PATH addr.city');
SELECT b, b_1 FROM p;
UPDATE rockset_models SET sql = 'select 1 as id, {city: ''Rome''} as addr, ''c'' as c';
SELECT json_extract(rockset_materialize('m'), '$.status');
SELECT * FROM p;
SELECT b FROM p;
.print -- a row that gets another key is written anew: not without the column that nobody knows
SELECT rockset_exec('create table commons.moved as select 1 as id, ''a'' as v') IS NOT '';
CREATE VIRTUAL TABLE moved USING rockset('commons.moved', key='id');
SELECT rockset_exec('alter table commons.moved add column n int') IS NOT '', rockset_exec('update commons.moved set n = 5');
UPDATE moved SET v = 'b';
UPDATE moved SET id = 2;
SELECT rockset_refresh('moved');
UPDATE moved SET id = 2;
SELECT * FROM moved;
.print -- tables over a query that reads what was built, and over a query lambda
UPDATE rockset_models SET sql = 'select 1 as id, ''x'' as name';
SELECT json_extract(rockset_materialize('m'), '$.status');
CREATE VIRTUAL TABLE mq USING rockset(query='select * from commons."M" where id = :id');
CREATE VIRTUAL TABLE other USING rockset(query='select * from commons.t');
SELECT rockset_create_query_lambda('commons.l', 'select * from commons.m where id >= :least', '[{"name":"least","type":"int","value":"0"}]') IS NOT NULL;
CREATE VIRTUAL TABLE ml USING rockset(query_lambda='commons.l');
CREATE VIRTUAL TABLE temp.mt USING rockset(query='select m.* from commons.m');
SELECT * FROM mq(1), ml, mt;
SELECT rockset_exec('alter table commons.t add column g int') IS NOT '';
UPDATE rockset_models SET sql = 'select 1 as id, ''y'' as title, 2.5 as price';
SELECT json_extract(rockset_materialize('m'), '$.status');
SELECT title, price FROM mq(1);
SELECT title, price FROM ml;
SELECT title, price FROM ml(2);
SELECT title, price FROM mt;
SELECT name, pk FROM pragma_table_xinfo('mq');
.print -- what reads nothing of that was not asked
SELECT g FROM other;
