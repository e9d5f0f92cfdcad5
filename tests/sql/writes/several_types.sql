-- A row that gets another key keeps each value's own type, in a field that has several
.mode list
.nullvalue NULL
SELECT writefile('d.ndjson', '{"_id":"a","k":1,"s":{"__rockset_type":"bytes","encoding":"base64","value":"YWI="},"o":{"a":1}}
{"_id":"b","k":2,"s":{"__rockset_type":"date","value":"2020-01-02"},"o":{"__rockset_type":"date","value":"2020-01-02"}}
{"_id":"c","k":3,"s":"text","o":{"__rockset_type":"bytes","encoding":"base64","value":"YWI="}}
{"_id":"d","k":4,"s":{"__rockset_type":"microsecond_interval","value":5000000},"o":"str"}
{"_id":"e","k":5,"s":{"__rockset_type":"month_interval","value":5},"o":7}
{"_id":"f","k":6,"s":{"__rockset_type":"timestamp","value":"2020-01-02T03:04:05Z"},"o":2.5}
{"_id":"g","k":7,"s":{"__rockset_type":"time","value":"03:04:05"},"o":[1,2]}
{"_id":"h","k":8,"s":{"__rockset_type":"datetime","value":"2020-01-02T03:04:05"},"o":true}
') > 0;
SELECT rockset_load('commons.t', 'd.ndjson', '{"documents":true}');
CREATE VIRTUAL TABLE v USING rockset('commons.t', key='k');
SELECT k, s, typeof(s), o, typeof(o) FROM v ORDER BY k;
UPDATE v SET k = k + 10;
BEGIN;
UPDATE v SET k = k + 10;
SELECT k, typeof(s), typeof(o) FROM v WHERE k < 24 ORDER BY k;
UPDATE v SET k = k + 10;
.print -- bytes are written where there have been some
INSERT INTO v(_id, k, s) VALUES ('i', 40, x'6162');
COMMIT;
SELECT * FROM rockset_query('SELECT k, s, TYPEOF(s) AS t, o, TYPEOF(o) AS u FROM commons.t ORDER BY k', NULL, '{"dialect":"rockset"}');
.print -- a term on each of them
SELECT k FROM v WHERE s = 'text';
SELECT k FROM v WHERE s = '2020-01-02 03:04:05' ORDER BY k;
SELECT k FROM v WHERE s = x'6162' ORDER BY k;
SELECT count(*) FROM v WHERE s >= '2020';
.print -- typed values alone
SELECT writefile('e.ndjson', '{"_id":"a","k":1,"s":{"__rockset_type":"date","value":"2020-01-02"}}
{"_id":"b","k":2,"s":{"__rockset_type":"time","value":"03:04:05"}}
') > 0;
SELECT rockset_load('commons.u', 'e.ndjson', '{"documents":true}');
CREATE VIRTUAL TABLE w USING rockset('commons.u', key='k');
UPDATE w SET k = 3 WHERE k = 1;
SELECT * FROM rockset_query('SELECT k, s, TYPEOF(s) AS t FROM commons.u ORDER BY k', NULL, '{"dialect":"rockset"}');
.print -- a type that there is not
UPDATE w SET s = 'text' WHERE k = 3;
.print -- a collection's typed column takes no value of another type, but another way leads into it
SELECT rockset_create_collection('commons.plain');
CREATE TEMP TABLE more(_id, n);
INSERT INTO more VALUES ('1', 1);
SELECT rockset_push('more', 'commons.plain', '{"mode":"append"}');
CREATE VIRTUAL TABLE p USING rockset('commons.plain');
INSERT INTO p(_id, n) VALUES ('2', 'two');
UPDATE more SET _id = '2', n = 'two';
SELECT rockset_push('more', 'commons.plain', '{"mode":"append"}');
SELECT rockset_refresh('p');
INSERT INTO p(_id, n) VALUES ('3', 'three');
SELECT n, typeof(n) FROM p ORDER BY _id;
