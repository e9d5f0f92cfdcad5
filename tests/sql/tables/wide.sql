-- Up to 2,000 columns; of those beyond the 63rd only what the statement reads is fetched
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
CREATE TABLE numbers(n);
INSERT INTO numbers WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 2001) SELECT n FROM s;
SELECT rockset_exec('create table commons.w as select ' || (SELECT group_concat('r*' || n || ' as c' || n) FROM numbers WHERE n <= 2000) || ' from range(3) t(r)') IS NOT '';
SELECT rockset_exec('create table commons.v as select *, 1 as c2001 from commons.w') IS NOT '';
CREATE VIRTUAL TABLE w USING rockset('commons.w');
CREATE VIRTUAL TABLE v USING rockset('commons.v');
CREATE TEMP VIEW last AS SELECT sql FROM rockset_log WHERE sql LIKE '%"w"%' AND sql LIKE 'SELECT%' ORDER BY id DESC LIMIT 1;
SELECT count(*), max(name) FROM pragma_table_xinfo('w');
SELECT c1, c62, c63, c64, c65, c1999, c2000 FROM w WHERE c1 = 2;
SELECT * FROM last;
SELECT sum(c2000) FROM w;
SELECT * FROM last;
SELECT c70 FROM w WHERE c80 > 80 AND c90 + c1 > 0 ORDER BY c1000 DESC LIMIT 1;
SELECT * FROM last;
SELECT count(*) FROM w;
SELECT * FROM last;
.print -- joins, sub-queries, triggers; the same plan by another statement
SELECT a.c100, b.c200 FROM w a JOIN w b ON a.c300 = b.c300 AND b.c2 = 2;
SELECT (SELECT x.c1500 FROM w x WHERE x.c1 = w.c1) + c1 FROM w;
SELECT c64 FROM w WHERE c1 = 1;
SELECT c65 FROM w WHERE c1 = 1;
SELECT * FROM last;
SELECT CASE WHEN c1 = 2 THEN c1800 ELSE c1900 END FROM w ORDER BY 1;
SELECT count(*) FROM (SELECT * FROM w WHERE c70 = 70) AS x;
CREATE TABLE copy(a, b);
CREATE TEMP TRIGGER tr AFTER INSERT ON numbers BEGIN INSERT INTO copy SELECT c1234, c64 FROM main.w; END;
INSERT INTO numbers VALUES(0);
SELECT * FROM copy;
CREATE TABLE whole AS SELECT * FROM w;
SELECT sum(c1), sum(c1000), sum(c2000) FROM whole;
SELECT rockset_exec('create table commons.k as select r as id, ' || (SELECT group_concat('r*' || n || ' as c' || n) FROM numbers WHERE n BETWEEN 1 AND 99) || ' from range(3) t(r)') IS NOT '';
CREATE VIRTUAL TABLE k USING rockset('commons.k', key='id');
UPDATE k SET c90 = 5 WHERE c80 = 80;
SELECT id, c89, c90, c91 FROM k ORDER BY id;
DELETE FROM k WHERE c99 = 198;
BEGIN;
INSERT INTO k(id, c70) VALUES(9, 9);
SELECT id, c70, c71 FROM k ORDER BY id;
ROLLBACK;
SELECT count(*), max(id) FROM k;
.print -- no key: the scans of an OR tell rows by the same columns
SELECT rockset_exec('create table commons.n as select ' || (SELECT group_concat('r % 10000 * ' || n || ' as c' || n) FROM numbers WHERE n BETWEEN 1 AND 70) || ' from range(40000) t(r)') IS NOT '';
CREATE VIRTUAL TABLE n USING rockset('commons.n');
SELECT rockset_analyze('n');
SELECT count(*), sum(c70) FROM n WHERE c67 = 6030 OR c68 = 6120 OR c69 = 6279;
EXPLAIN QUERY PLAN SELECT count(*), sum(c70) FROM n WHERE c67 = 6030 OR c68 = 6120 OR c69 = 6279;
SELECT DISTINCT c70 / 350000 FROM n;
SELECT DISTINCT c70 FROM n WHERE c69 > 689862 ORDER BY c70;
SELECT sql FROM rockset_log WHERE sql LIKE '%"n"%' ORDER BY id DESC LIMIT 1;
.print -- the same text, another program
CREATE TEMP VIEW some AS SELECT c64 FROM w WHERE c1 = 2;
SELECT * FROM some;
DROP VIEW some;
CREATE TEMP VIEW some AS SELECT c66 FROM w WHERE c1 = 2;
SELECT * FROM some;
