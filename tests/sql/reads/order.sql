-- ORDER BY: sent when all of it can be, with SQLite's order of NULL; GROUP BY and DISTINCT need no more
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.v(k int, f double, t varchar, d date, b boolean, m union(a bigint, b varchar))') IS NOT '';
SELECT rockset_exec('insert into commons.v values
  (1, ''nan'', ''b'', ''2026-01-01'', true, union_value(a := 2)), (2, null, ''B'', null, false, union_value(b := ''x'')),
  (3, ''-inf'', null, ''10000-01-01'', null, null), (4, 2.5, ''é'', ''0001-01-01'', true, union_value(a := 1)),
  (5, ''inf'', '''', ''2026-11-21'', false, union_value(a := 10)), (6, -2.5, ''z'', null, null, null)');
CREATE VIRTUAL TABLE v USING rockset('commons.v');
EXPLAIN QUERY PLAN SELECT k, f FROM v ORDER BY f, k;
SELECT k, f FROM v ORDER BY f, k;
EXPLAIN QUERY PLAN SELECT k, f FROM v ORDER BY f DESC, k DESC;
SELECT k, f FROM v ORDER BY f DESC, k DESC;
SELECT k, t FROM v ORDER BY t;
SELECT k, t FROM v ORDER BY t DESC;
EXPLAIN QUERY PLAN SELECT k, d FROM v ORDER BY d, k;
SELECT k, d FROM v ORDER BY d, k;
EXPLAIN QUERY PLAN SELECT k FROM v ORDER BY b DESC, k;
SELECT k FROM v ORDER BY b DESC, k;
.print -- not sent: mixed values, expressions, NULLS LAST, collation
EXPLAIN QUERY PLAN SELECT k FROM v ORDER BY m, k;
SELECT k FROM v ORDER BY m, k;
EXPLAIN QUERY PLAN SELECT k FROM v ORDER BY f + 1;
EXPLAIN QUERY PLAN SELECT k FROM v ORDER BY f NULLS LAST;
SELECT k FROM v ORDER BY f NULLS LAST, k;
EXPLAIN QUERY PLAN SELECT k FROM v ORDER BY t COLLATE NOCASE;
SELECT k FROM v ORDER BY t COLLATE NOCASE, k;
.print -- GROUP BY, DISTINCT, min and max
EXPLAIN QUERY PLAN SELECT b, count(*) FROM v GROUP BY b;
SELECT b, count(*) FROM v GROUP BY b;
SELECT f, count(*) FROM v GROUP BY f;
EXPLAIN QUERY PLAN SELECT DISTINCT b FROM v;
SELECT DISTINCT b FROM v ORDER BY b DESC;
SELECT min(f), max(f) FROM v;
SELECT max(t) FROM v;
SELECT min(t) FROM v;
