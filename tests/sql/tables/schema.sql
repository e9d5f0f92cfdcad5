-- A virtual table as part of a schema: ALTER TABLE RENAME, DROP, transactions, protection, attached
.mode list
.nullvalue NULL
.dbconfig defensive off
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select 1 as a, ''x'' as b') IS NOT '';
.print -- renamed, with a view and a trigger about it
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='a');
CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t RENAME TO u;
PRAGMA legacy_alter_table = 1;
ALTER TABLE t RENAME TO u;
ALTER TABLE u RENAME TO t;
PRAGMA legacy_alter_table = 0;
DROP VIEW v;
CREATE TEMP VIEW v AS SELECT a FROM main.t;
CREATE TABLE log(a);
CREATE TEMP TRIGGER tr AFTER INSERT ON log BEGIN UPDATE log SET a = (SELECT max(a) FROM main.t); END;
ALTER TABLE t RENAME TO u;
SELECT name, sql FROM sqlite_schema WHERE name IN ('u', 'v') UNION ALL SELECT name, sql FROM temp.sqlite_schema WHERE name IN ('tr', 'v');
SELECT count(*) FROM u_rockset;
SELECT * FROM t;
SELECT * FROM u;
INSERT INTO log VALUES(0);
SELECT * FROM log;
.print -- the name is taken, or that of its column list
CREATE TABLE x(a);
CREATE TABLE y_rockset(a);
ALTER TABLE u RENAME TO x;
ALTER TABLE u RENAME TO y;
ALTER TABLE u RENAME TO log;
ALTER TABLE u RENAME TO sqlite_u;
SELECT * FROM u;
SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1;
ALTER TABLE u RENAME TO U;
SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'u%' ORDER BY 1;
ALTER TABLE u ADD COLUMN c;
ALTER TABLE u RENAME COLUMN a TO c;
ALTER TABLE u DROP COLUMN a;
ALTER TABLE u_rockset ADD COLUMN c;
.print -- rolled back
BEGIN;
ALTER TABLE u RENAME TO w;
SELECT * FROM w;
ROLLBACK;
SELECT * FROM w;
SELECT * FROM u;
SAVEPOINT s;
ALTER TABLE u RENAME TO w;
INSERT INTO w VALUES(2, 'y');
SELECT count(*) FROM w;
ALTER TABLE w RENAME TO w2;
DROP TABLE w;
ROLLBACK TO s;
SELECT count(*) FROM u;
RELEASE s;
BEGIN;
DROP TABLE u;
SELECT * FROM u;
ROLLBACK;
SELECT * FROM u;
SAVEPOINT s;
DROP TABLE u;
CREATE VIRTUAL TABLE u USING rockset('commons.t');
SELECT * FROM u;
ROLLBACK TO s;
SELECT * FROM u;
RELEASE s;
SELECT name, pk FROM pragma_table_xinfo('u');
BEGIN;
CREATE VIRTUAL TABLE n USING rockset('commons.t');
SELECT * FROM n;
ROLLBACK;
SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1;
.print -- attached and temp
ATTACH ':memory:' AS aux1;
CREATE VIRTUAL TABLE aux1.u USING rockset('commons.t');
CREATE VIRTUAL TABLE temp.u USING rockset('commons.t');
ALTER TABLE aux1.u RENAME TO v1;
ALTER TABLE temp.u RENAME TO v2;
BEGIN;
ALTER TABLE aux1.v1 RENAME TO v3;
ALTER TABLE v2 RENAME TO v4;
ROLLBACK;
SELECT * FROM aux1.v1, v2, main.u;
SELECT schema, name, type FROM pragma_table_list WHERE type IN ('virtual', 'shadow') AND name NOT GLOB 'rockset_*' ORDER BY 1, 2;
DROP TABLE aux1.v1;
DROP TABLE temp.v2;
SELECT count(*) FROM aux1.sqlite_schema;
SELECT name FROM temp.sqlite_schema WHERE name LIKE 'v%';
DETACH aux1;
.print -- protection
.dbconfig defensive on
INSERT INTO u_rockset(role, name) VALUES('meta', 'x');
UPDATE u_rockset SET type = 'text';
DROP TABLE u_rockset;
CREATE INDEX i ON u_rockset(name);
CREATE TABLE u2_rockset(a);
SELECT rockset_exec('alter table commons.t add column c int') IS NOT '';
SELECT rockset_refresh('u');
SELECT * FROM u;
SELECT rockset_analyze('u');
ALTER TABLE u RENAME TO u3;
SELECT * FROM u3;
CREATE VIRTUAL TABLE d USING rockset('commons.t');
DROP TABLE d;
INSERT INTO u3 VALUES(5, 'z', 1);
SELECT * FROM u3 ORDER BY a;
.dbconfig defensive off
.print -- trusted_schema
PRAGMA trusted_schema = 0;
SELECT count(*) FROM u3;
SELECT * FROM v;
CREATE VIEW vv AS SELECT * FROM u3;
SELECT * FROM vv;
DROP VIEW vv;
SELECT rockset_refresh('u3');
SELECT count(*) FROM u3;
.print -- integrity
PRAGMA integrity_check;
PRAGMA quick_check;
