-- WHERE: what stays with SQLite
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.v(k int, i bigint, t varchar, h hugeint, n decimal(9,2), j json, m union(a bigint, b varchar), l int[], s struct(a int), z ' ||
  'timestamptz, u interval)') IS NOT '';
SELECT rockset_exec('insert into commons.v values
  (1, 1, ''abc'', 1, 1.5, ''{"a":1}'', union_value(a := 10), [1, 2], {a: 1}, ''2026-01-01 02:00:00+02'', interval 1 day),
  (2, 2, ''ABC'', 170141183460469231731687303715884105727, 2, ''null'', union_value(b := ''x''), [], {a: null}, null, null),
  (3, null, null, null, null, null, null, null, null, null, null)');
CREATE VIRTUAL TABLE v USING rockset('commons.v');
SELECT k, h, typeof(h), n, typeof(n), j, m, typeof(m), l, s, z, u FROM v;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE h > 1;
SELECT k FROM v WHERE h > 1;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE h IS NOT NULL;
SELECT k FROM v WHERE h IS NOT NULL;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE n = 1.5;
SELECT k FROM v WHERE n = 1.5;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE j IS NULL;
SELECT k FROM v WHERE j IS NULL;
SELECT k FROM v WHERE m = 10;
SELECT k FROM v WHERE m = '10';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE z < '2026-06-01' ORDER BY z;
SELECT k FROM v WHERE z < '2026-06-01' ORDER BY z;
.print -- collation, patterns, expressions, other columns
EXPLAIN QUERY PLAN SELECT k FROM v WHERE t = 'abc' COLLATE NOCASE;
SELECT k FROM v WHERE t = 'abc' COLLATE NOCASE;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE t LIKE 'a%';
SELECT k FROM v WHERE t LIKE 'a%';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE t GLOB 'a*';
SELECT k FROM v WHERE t GLOB 'a*';
EXPLAIN QUERY PLAN SELECT k FROM v WHERE length(t) = 3;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i = k;
SELECT k FROM v WHERE i = k;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE i + 1 = 2 AND k < 3;
SELECT k FROM v WHERE i + 1 = 2 AND k < 3;
EXPLAIN QUERY PLAN SELECT k FROM v WHERE NOT (i = 1);
SELECT k FROM v WHERE NOT (i = 1);
.print -- a text column against a column of numeric affinity compares as numbers
SELECT rockset_exec('create table commons.texts(t varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.texts values (''10''), (''010''), ('' 1e1 ''), (''9x''), (''abc'')');
CREATE VIRTUAL TABLE texts USING rockset('commons.texts');
CREATE TABLE numbers(n INTEGER, d DATE);
INSERT INTO numbers VALUES(10, '5x');
SELECT t FROM numbers JOIN texts ON t = n;
SELECT t FROM texts WHERE t IN (SELECT n FROM numbers);
SELECT t FROM texts WHERE t = 10;
SELECT t FROM numbers JOIN texts ON t < d;
SELECT t FROM texts WHERE t < '5x';
