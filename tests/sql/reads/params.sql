-- Bound parameters of every type against columns of every type, prepared once
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.p(k int, i bigint, f double, t varchar, x blob)') IS NOT '';
SELECT rockset_exec('insert into commons.p values (1, 10, 10, ''10'', ''10''::blob), (2, 2, 2.5, ''abc'', ''''::blob), (3, null, null, null, null)');
CREATE VIRTUAL TABLE p USING rockset('commons.p');
CREATE TABLE v(id INTEGER PRIMARY KEY, v);
INSERT INTO v(v) VALUES (10), (10.0), ('10'), ('10.0'), (2.5), ('abc'), (x'3130'), (x''), (NULL), (9223372036854775807), (1e300);
EXPLAIN QUERY PLAN SELECT (SELECT group_concat(k) FROM p WHERE i = v) FROM v;
SELECT v, typeof(v),
  (SELECT group_concat(k) FROM p WHERE i = v), (SELECT group_concat(k) FROM p WHERE f = v),
  (SELECT group_concat(k) FROM p WHERE t = v), (SELECT group_concat(k) FROM p WHERE x = v),
  (SELECT group_concat(k) FROM p WHERE i < v), (SELECT group_concat(k) FROM p WHERE f < v),
  (SELECT group_concat(k) FROM p WHERE t < v), (SELECT group_concat(k) FROM p WHERE x < v),
  (SELECT group_concat(k) FROM p WHERE i IS v), (SELECT group_concat(k) FROM p WHERE i IS NOT v)
FROM v ORDER BY id;
CREATE TABLE native AS SELECT * FROM p;
.print -- the same over a native table
SELECT v, typeof(v),
  (SELECT group_concat(k) FROM native WHERE i = v), (SELECT group_concat(k) FROM native WHERE f = v),
  (SELECT group_concat(k) FROM native WHERE t = v), (SELECT group_concat(k) FROM native WHERE x = v),
  (SELECT group_concat(k) FROM native WHERE i < v), (SELECT group_concat(k) FROM native WHERE f < v),
  (SELECT group_concat(k) FROM native WHERE t < v), (SELECT group_concat(k) FROM native WHERE x < v),
  (SELECT group_concat(k) FROM native WHERE i IS v), (SELECT group_concat(k) FROM native WHERE i IS NOT v)
FROM v ORDER BY id;
