-- What a field's column can't hold lies beside it (docs/rocksetd.md): not seen, and gone with a new value
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t(_id varchar primary key, n double, "n~x" varchar, other varchar, "lone~x" varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.t values (''a'', 1, ''i1'', ''o'', ''s''), (''b'', null, ''n'', ''o'', null)');
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='_id');
SELECT name FROM pragma_table_info('t');
SELECT * FROM t ORDER BY _id;
.print -- in Rockset's SQL
SELECT * FROM rockset_query('select * from t order by _id', NULL, '{"dialect":"rockset"}');
SELECT * FROM rockset_query('select count(*) as n from t natural join t as u', NULL, '{"dialect":"rockset"}');
.print -- a new value, a new row
UPDATE t SET n = 2 WHERE _id = 'a';
UPDATE t SET other = 'p' WHERE _id = 'b';
INSERT INTO t(_id, n) VALUES ('c', 3);
SELECT * FROM rockset_query('select _id, n, "n~x" from commons.t order by _id');
.print -- rows replaced
INSERT OR REPLACE INTO t(_id, n) VALUES ('b', 4);
SELECT * FROM rockset_query('select _id, n, "n~x" from commons.t order by _id');
