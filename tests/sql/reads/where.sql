-- WHERE: what is sent for each operator and type, and its rows
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.v(k int, i bigint, f double, b boolean, t varchar, x blob, d date, c time, w timestamp, g uuid, e enum(''lo'', ''hi''))') IS NOT '';
SELECT rockset_exec('insert into commons.v values
  (1, 10, 1.5, true, ''abc'', ''ab''::blob, ''2026-01-01'', ''08:15:30'', ''2026-01-01 00:00:00'', ''00000000-0000-0000-0000-000000000001'', ''lo''),
  (2, -5, ''nan'', false, '''', ''''::blob, ''2026-11-21'', ''23:59:59.5'', ''2026-11-21 08:15:30.25'', null, ''hi''),
  (3, 9007199254740993, 9007199254740992, null, ''10'', null, null, null, null, null, null),
  (4, null, ''inf'', true, null, ''\xff''::blob, ''0001-01-01'', ''00:00:00'', ''1969-12-31 23:59:59.999999'', null, ''hi''),
  (5, 9223372036854775807, null, null, ''Abc'', null, ''9999-12-31'', null, null, null, null)');
CREATE VIRTUAL TABLE v USING rockset('commons.v');
.print -- integer
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i = 10;
SELECT k FROM v WHERE i = 10;
SELECT k FROM v WHERE i = '10';
SELECT k FROM v WHERE i = '10.0';
SELECT k FROM v WHERE i = 'abc';
SELECT k FROM v WHERE i < 'abc';
SELECT k FROM v WHERE i < x'00';
SELECT k FROM v WHERE i < 10.5;
SELECT k FROM v WHERE i > 9.5;
SELECT k FROM v WHERE i >= 9223372036854775807.0;
SELECT k FROM v WHERE i <> 10.5;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i <> 10;
SELECT k FROM v WHERE i <> 10;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i IS 10;
SELECT k FROM v WHERE i IS 10;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i IS NOT 10;
SELECT k FROM v WHERE i IS NOT 10;
SELECT k FROM v WHERE i = NULL;
SELECT k FROM v WHERE i IS NOT 10.5;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i IS NULL;
SELECT k FROM v WHERE i IS NULL;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i IS NOT NULL;
SELECT k FROM v WHERE i IS NOT NULL;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i BETWEEN 0 AND 10;
SELECT k FROM v WHERE i BETWEEN 0 AND 10;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i IN (10, -5, NULL, 'x', 10.0);
SELECT k FROM v WHERE i IN (10, -5, NULL, 'x', 10.0);
SELECT k FROM v WHERE i IN (0.5, 'x');
.print -- float: NaN is NULL
EXPLAIN QUERY PLAN SELECT k FROM v WHERE f > 1;
SELECT k FROM v WHERE f > 1;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE f < 1e999;
SELECT k FROM v WHERE f < 1e999;
SELECT k FROM v WHERE f <> 1.5;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE f IS NULL;
SELECT k FROM v WHERE f IS NULL;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE f IS NOT NULL;
SELECT k FROM v WHERE f IS NOT NULL;
SELECT k FROM v WHERE f = 9007199254740993;
SELECT k FROM v WHERE f < 9007199254740993;
SELECT k FROM v WHERE f IS NOT 1.5;
.print -- boolean
EXPLAIN QUERY PLAN SELECT k FROM v WHERE b = 1;
SELECT k FROM v WHERE b = 1;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE b;
SELECT k FROM v WHERE b;
SELECT k FROM v WHERE NOT b;
SELECT k FROM v WHERE b < 0.5;
SELECT k FROM v WHERE b IS TRUE;
.print -- text
EXPLAIN QUERY PLAN SELECT k FROM v WHERE t = 'abc';
SELECT k FROM v WHERE t = 'abc';
SELECT k FROM v WHERE t = 10;
SELECT k FROM v WHERE t >= 'Abc';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE t BETWEEN '1' AND 'a';
SELECT k FROM v WHERE t BETWEEN '1' AND 'a';
SELECT k FROM v WHERE t = '';
SELECT k FROM v WHERE t < x'00';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE t IN ('abc', '10', 10);
SELECT k FROM v WHERE t IN ('abc', '10', 10);
SELECT k FROM v WHERE t > CAST(x'61ff' AS TEXT);
SELECT k FROM v WHERE t < CAST(x'61ff' AS TEXT);
.print -- blob
EXPLAIN QUERY PLAN SELECT k FROM v WHERE x >= x'61';
SELECT k FROM v WHERE x >= x'61';
SELECT k FROM v WHERE x = x'';
SELECT k FROM v WHERE x = 'ab';
SELECT k FROM v WHERE x > 'zz';
.print -- date, time, timestamp, uuid, enum
EXPLAIN QUERY PLAN SELECT k FROM v WHERE d >= '2026-01-01';
SELECT k, d FROM v WHERE d >= '2026-01-01';
SELECT k FROM v WHERE d = '2026-01-01';
SELECT k FROM v WHERE d > 2026;
SELECT k FROM v WHERE d < '2026';
SELECT k, c FROM v WHERE c > '08:15:30';
SELECT k, w FROM v WHERE w <= '2026-01-01 00:00:00';
SELECT k FROM v WHERE g = '00000000-0000-0000-0000-000000000001';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE e = 'hi';
SELECT k FROM v WHERE e = 'hi';
.print -- several terms; OR is not split into scans
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i > 0 AND f > 0 AND t = 'abc';
SELECT k FROM v WHERE i > 0 AND f > 0 AND t = 'abc';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i = 10 OR f = 1.5;
SELECT k FROM v WHERE i = 10 OR f = 1.5;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i = 10 OR i = -5;
SELECT k FROM v WHERE i = 10 OR i = -5;
SELECT sql FROM rockset_log WHERE sql LIKE '%"i" IN%' ORDER BY id DESC LIMIT 1;
.print -- more than 16 terms
SELECT k FROM v WHERE i>0 AND i>1 AND i>2 AND i>3 AND i>4 AND i>5 AND i>6 AND i>7 AND i>8 AND i>9 AND i<>0 AND i<>1 AND i<>2 AND i<>3 AND i<>4 AND i<>5 AND i<>6 AND i<>7 AND i IS NOT 8 AND f < 2;
.print -- nothing is sent when nothing can match
CREATE TABLE sent AS SELECT count(*) AS n FROM rockset_log;
SELECT k FROM v WHERE i = 'abc';
SELECT k FROM v WHERE i = 0.5;
SELECT k FROM v WHERE i IN ('x', 0.5);
SELECT k FROM v WHERE t = NULL;
SELECT k FROM v LIMIT 0;
SELECT (SELECT count(*) FROM rockset_log) - n FROM sent;
