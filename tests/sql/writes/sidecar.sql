-- What a field's column can't hold lies beside it (docs/rocksetd.md): each value is shown as what it is
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t(_id varchar primary key, n double, "n~x" varchar, other varchar, "lone~x" varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.t values (''a'', 1, ''i1'', ''o'', ''s''), (''b'', null, ''n'', ''o'', null)');
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='_id');
SELECT name, type FROM pragma_table_info('t');
SELECT * FROM t ORDER BY _id;
.print -- in Rockset's SQL
SELECT * FROM rockset_query('select * from t order by _id', NULL, '{"dialect":"rockset"}');
SELECT * FROM rockset_query('select count(*) as n from t natural join t as u', NULL, '{"dialect":"rockset"}');
.print -- a new value, a new row
UPDATE t SET n = 2 WHERE _id = 'a';
UPDATE t SET other = 'p' WHERE _id = 'b';
INSERT INTO t(_id, n) VALUES ('c', 3), ('d', 3.5);
SELECT * FROM rockset_query('select _id, n, "n~x" from commons.t order by _id');
.print -- rows replaced
INSERT OR REPLACE INTO t(_id, n) VALUES ('b', 4.5);
SELECT * FROM rockset_query('select _id, n, "n~x" from commons.t order by _id');
.print -- a row that gets another key keeps its values
BEGIN;
UPDATE t SET other = 'q' WHERE _id = 'a';
SELECT _id, n, other FROM t WHERE n < 3;
UPDATE t SET _id = 'z' WHERE _id = 'a';
SELECT _id, n, other FROM t WHERE n < 3;
COMMIT;
SELECT * FROM rockset_query('select _id, n, "n~x" from commons.t order by _id');

.print -- documents
SELECT writefile('docs.ndjson', '{"_id":"1","f":1,"s":"a","z":"a","o":{"a":1,"b":null}}
{"_id":"2","f":2.5,"s":{"__rockset_type":"DATE","value":"2020-01-02"},"z":null,"o":{"a":1.5}}
{"_id":"3","f":9007199254740993,"s":"a","z":"c","o":{}}
{"_id":"4","f":null,"s":null,"z":"d","o":null}
{"_id":"5"}
') > 0;
SELECT rockset_load('commons.docs', 'docs.ndjson', '{"documents":true}');
CREATE VIRTUAL TABLE docs USING rockset('commons.docs');
SELECT name, type FROM pragma_table_info('docs');
SELECT *, typeof(f), typeof(s), typeof(o) FROM docs ORDER BY _id;
.print -- what is sent: the sidecar with its column, and every row whose value lies there
EXPLAIN QUERY PLAN SELECT _id, f FROM docs WHERE f > 2;
SELECT f FROM docs WHERE f > 9007199254740992;
EXPLAIN QUERY PLAN SELECT _id FROM docs WHERE s = '2020-01-02' LIMIT 1;
SELECT _id FROM docs WHERE s = '2020-01-02' LIMIT 1;
SELECT rechecked, ordering, limited FROM rockset_explain('SELECT f FROM docs WHERE f > 2 ORDER BY f LIMIT 1');
.print -- one that holds nulls alone is not looked at
EXPLAIN QUERY PLAN SELECT _id, z FROM docs WHERE z < 'd' ORDER BY z LIMIT 2;
SELECT z FROM docs WHERE z < 'd' ORDER BY z LIMIT 2;
.print -- types and their shares
SELECT name, type, types FROM rockset_columns WHERE workspace = 'commons' AND relation = 'docs' ORDER BY position;
SELECT * FROM rockset_columns WHERE workspace = 'commons' AND relation = 'docs' AND name = 'f';
SELECT rockset_exec('create view commons.seen as select f from commons.docs') IS NOT '';
SELECT name, types FROM rockset_columns WHERE relation = 'seen';
SELECT name FROM rockset_columns WHERE types LIKE '%date%';
SELECT rockset_exec('create table commons.marked(_id varchar primary key, a bigint, "A~n1" varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.marked values (''1'', 2, ''x'')') IS NOT '';
SELECT name, types FROM rockset_columns WHERE relation = 'marked';
.print -- a value of another type comes later
SELECT rockset_exec('update commons.docs set "z~x" = ''dz'' where _id = ''4''') IS NOT '';
SELECT z FROM docs WHERE z >= 'd';
EXPLAIN QUERY PLAN SELECT z FROM docs WHERE z >= 'd';
SELECT rockset_exec('update commons.docs set z = null, "z~x" = ''i7'' where _id = ''5''') IS NOT '';
SELECT z FROM docs WHERE _id = '5';
SELECT count(*) FROM docs WHERE z > 'x';
UPDATE docs SET z = 'w' WHERE _id = '5';
SELECT _id FROM docs WHERE _id > '3' ORDER BY 1;
SELECT rockset_refresh('docs'), rockset_refresh('docs');
SELECT z, typeof(z) FROM docs WHERE _id = '5';
.print -- one that goes
SELECT rockset_exec('alter table commons.docs drop column "z~x"') IS NOT '';
SELECT z FROM docs WHERE _id = '1';
UPDATE docs SET z = 'new' WHERE _id = '1';
SELECT rockset_refresh('docs');
SELECT z FROM docs WHERE _id = '1';
.print -- one that came since: a row that moves would lose it
SELECT rockset_exec('alter table commons.docs add column "z~x" varchar') IS NOT '';
UPDATE docs SET _id = '9' WHERE _id = '1';
.print -- a list that was changed by hand
.dbconfig defensive off
INSERT INTO docs_rockset(position, role, name, value) VALUES (500, 'meta', 'sidecar', 'nothing');
PRAGMA writable_schema = RESET;
SELECT * FROM docs;
