-- Views and triggers of a database file may not use a virtual table, temp ones may
.mode list
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.t(a int)') IS NOT '';
SELECT rockset_exec('insert into commons.t values (1), (2)');
CREATE VIRTUAL TABLE t USING rockset('commons.t');
CREATE VIEW v AS SELECT * FROM t;
SELECT * FROM v;
CREATE TEMP VIEW tv AS SELECT a + 1 FROM t;
SELECT * FROM tv;
CREATE TABLE x(a);
CREATE TRIGGER tr AFTER INSERT ON x BEGIN INSERT INTO x SELECT a FROM t; END;
INSERT INTO x VALUES(0);
DROP TRIGGER tr;
CREATE TEMP TRIGGER tr AFTER INSERT ON x BEGIN UPDATE x SET a = (SELECT max(a) FROM t); END;
INSERT INTO x VALUES(0);
SELECT * FROM x;
PRAGMA trusted_schema = 0;
SELECT count(*) FROM t;
SELECT * FROM v;
