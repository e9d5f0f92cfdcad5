-- Arguments of CREATE VIRTUAL TABLE ... USING rockset(...): each mistake is named
.mode list
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.t(a int, b text)') IS NOT '';
CREATE VIRTUAL TABLE x USING rockset();
CREATE VIRTUAL TABLE x USING rockset;
CREATE VIRTUAL TABLE x USING rockset('');
CREATE VIRTUAL TABLE x USING rockset('a.b.c');
CREATE VIRTUAL TABLE x USING rockset('commons.tt');
CREATE VIRTUAL TABLE x USING rockset('common.t');
CREATE VIRTUAL TABLE x USING rockset('_rockset.t');
CREATE VIRTUAL TABLE x USING rockset('t', 'u');
CREATE VIRTUAL TABLE x USING rockset('t' 'u');
CREATE VIRTUAL TABLE x USING rockset('t', keys='a');
CREATE VIRTUAL TABLE x USING rockset('t', colour='a');
CREATE VIRTUAL TABLE x USING rockset('t', key='a', KEY='b');
CREATE VIRTUAL TABLE x USING rockset('t', key='');
CREATE VIRTUAL TABLE x USING rockset('t', key=a+b);
CREATE VIRTUAL TABLE x USING rockset('t', key='bb');
CREATE VIRTUAL TABLE x USING rockset('t', columns='a');
CREATE VIRTUAL TABLE x USING rockset(query_lambda='a');
CREATE VIRTUAL TABLE x USING rockset('t', query='select 1');
CREATE VIRTUAL TABLE x USING rockset(query='select 1; select 2');
CREATE VIRTUAL TABLE x USING rockset(query='select 1) union (select 2');
CREATE VIRTUAL TABLE x USING rockset(query='create table u(a int)');
CREATE VIRTUAL TABLE x USING rockset(query='select * from commons.t where a = ?');
CREATE VIRTUAL TABLE x USING rockset(query='select c from commons.t');
SELECT count(*) FROM sqlite_schema;
.print -- these work
CREATE VIRTUAL TABLE x1 USING rockset('t');
CREATE VIRTUAL TABLE x2 USING rockset(t);
CREATE VIRTUAL TABLE x3 USING rockset(commons.t);
CREATE VIRTUAL TABLE x4 USING rockset("commons"."t", key = "a");
CREATE VIRTUAL TABLE x5 USING rockset('"commons"."t"', key=a);
CREATE VIRTUAL TABLE x6 USING rockset(query="select 'it''s' as q, a from commons.t");
SELECT name FROM sqlite_schema WHERE name LIKE 'x_' ORDER BY 1;
SELECT count(*) FROM x6;
.print -- a name that is taken
CREATE TABLE y_rockset(a);
CREATE VIRTUAL TABLE y USING rockset('t');
SELECT name FROM sqlite_schema WHERE name LIKE 'y%';
