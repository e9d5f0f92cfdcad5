-- Dates and times: what is sent beside the comparison of texts, and 924 comparisons with each type of DuckDB's with
-- texts of all sorts, whose rows must be those of SQLite's own table.
SELECT rockset_create_workspace('c');
SELECT rockset_exec('create table c.t as select * from (values
  (1, date ''2024-01-01'', timestamp ''2024-01-01 00:00:00'', timestamp_ns ''2024-01-01 00:00:00.123456789'',
   timestamp_s ''2024-01-01 00:00:05'', timestamp_ms ''2024-01-01 00:00:05.5'', time ''00:00:00''),
  (2, date ''2024-01-02'', timestamp ''2024-01-01 00:00:00.5'', NULL, NULL, NULL, time ''08:15:30.5''),
  (3, date ''0044-03-15 (BC)'', timestamp ''0044-03-15 (BC) 01:02:03'', NULL, NULL, NULL, time ''08:15:30''),
  (4, date ''5000-01-01 (BC)'', timestamp ''5000-01-01 (BC)'', NULL, NULL, NULL, time ''08:15:30.500001''),
  (5, date ''infinity'', timestamp ''infinity'', NULL, NULL, NULL, time ''23:59:59.999999''),
  (6, date ''-infinity'', timestamp ''-infinity'', NULL, NULL, NULL, NULL),
  (7, date ''12000-01-01'', timestamp ''12000-01-01'', timestamp_ns ''1999-01-01'', timestamp_s ''12000-01-01'',
   timestamp_ms ''12000-01-01'', time ''24:00:00'')) v(i, d, ts, ns, s, ms, tm)');
CREATE VIRTUAL TABLE t USING rockset('c.t');
CREATE TEMP TABLE n AS SELECT * FROM t;
EXPLAIN QUERY PLAN SELECT i FROM t WHERE d >= '2024-01-01';
SELECT i FROM t WHERE d >= '2024-01-01' AND d < '2024-01-02';
SELECT i FROM t WHERE ts = '2024-01-01 00:00:00.5';
SELECT i FROM t WHERE ts > '2024-01-01' AND ts <= '2024-01-02';
SELECT i FROM t WHERE ns < '2024-01-01 00:00:01'; -- its range is too narrow for the bound of all years
SELECT i FROM t WHERE d > '2024-02-30'; -- no date: the texts alone
SELECT i FROM t WHERE tm >= '08:15:30' AND tm < '08:15:30.5';
SELECT i FROM t WHERE tm > '8:15'; -- no time
SELECT sql FROM rockset_log WHERE sql LIKE 'SELECT "i"%' ORDER BY id;
CREATE TEMP TABLE compared(op, bound, col, engine, local);
.output @TMP@/all.sql
WITH col(c) AS (VALUES ('d'), ('ts'), ('ns'), ('s'), ('ms'), ('tm')),
  op(o) AS (VALUES ('='), ('<'), ('<='), ('>'), ('>='), ('<>'), ('IS')),
  bound(b) AS (VALUES ('2024-01-01'), ('2024-01-01 00:00:00'), ('2024-01-01 00:00:00.5'), ('2024-01-01 00:00:00.500'),
    ('2024-01-01 00:00:05'), ('2024-01-01T00:00:05'), ('2024-02-30'), ('2024'), ('0044-03-15'), ('0001-01-01'),
    ('9999-12-31'), ('12000-01-01'), ('x'), ('2024-01-01 00:00:00.1234567'), ('08:15:30'), ('08:15:30.500'), ('08:15:30.50001'), ('00:00:00'), ('24:00:00'),
    ('23:59:59.9999999'), ('08:15'), ('08:15:60'))
SELECT printf('INSERT INTO compared SELECT %Q, %Q, %Q, (SELECT group_concat(i) FROM t WHERE %s %s %Q), '
  || '(SELECT group_concat(i) FROM n WHERE %s %s %Q);', o, b, c, c, o, b, c, o, b) FROM col, op, bound;
.output stdout
.read @TMP@/all.sql
SELECT count(*), sum(engine IS local), sum(engine IS NOT NULL) > 200 FROM compared;
SELECT * FROM compared WHERE engine IS NOT local;
