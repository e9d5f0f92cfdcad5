-- A relation that changed after CREATE VIRTUAL TABLE: errors that name the column and the way out
.mode list
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.ch(a int, b varchar, c double)') IS NOT '';
SELECT rockset_exec('insert into commons.ch values (1, ''x'', 0.5)');
CREATE VIRTUAL TABLE ch USING rockset('commons.ch');
SELECT * FROM ch;
.print -- an added column is no error
SELECT rockset_exec('alter table commons.ch add column d int') IS NOT '';
SELECT * FROM ch;
.print -- one that has another type
SELECT rockset_exec('alter table commons.ch alter column a type varchar') IS NOT '';
SELECT a, typeof(a) FROM ch;
SELECT * FROM ch WHERE a = 1;
SELECT * FROM ch ORDER BY a;
.print -- one that is gone
SELECT rockset_exec('alter table commons.ch drop column c') IS NOT '';
SELECT b FROM ch;
SELECT c FROM ch;
SELECT * FROM ch;
.print -- the relation is gone
SELECT rockset_exec('drop table commons.ch') IS NOT '';
SELECT * FROM ch;
SELECT count(*) FROM ch;
DROP TABLE ch;
SELECT count(*) FROM sqlite_schema;
.print -- writes are refused
SELECT rockset_exec('create table commons.ro(_id varchar, a int)') IS NOT '';
CREATE VIRTUAL TABLE ro USING rockset('commons.ro', readonly=1);
INSERT INTO ro VALUES('x', 1);
UPDATE ro SET a = 2;
DELETE FROM ro;
.print -- errors of the engine name the table and the statement
CREATE VIRTUAL TABLE bad USING rockset(query='select cast(n as int) as b from (values (''1''), (''x'')) as v(n)');
SELECT b FROM bad;
