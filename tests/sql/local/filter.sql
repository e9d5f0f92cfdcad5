-- Rows that an index of SQLite finds: only those are sent, and they are not kept
.bail off
CREATE TABLE orders(id INTEGER PRIMARY KEY, customer INTEGER, day TEXT, amount REAL, note, mixed, name TEXT COLLATE NOCASE,
  flag BOOLEAN, big INTEGER, made DATETIME, told);
WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 30000)
INSERT INTO orders SELECT i, i % 1000, date('2020-01-01', '+' || (i / 10) || ' days'), i * 0.5,
  CASE WHEN i < 10 THEN i ELSE NULL END, CASE i % 3 WHEN 0 THEN i WHEN 1 THEN 'm' || i ELSE i / 2.0 END, 'n' || i,
  i % 1500 = 0, i << 40, datetime('2020-01-01', '+' || i || ' hours'), char(233 + i % 100) || i FROM s;
CREATE INDEX by_customer ON orders(customer, day);
CREATE INDEX by_day ON orders(day);
CREATE INDEX by_mixed ON orders(mixed);
CREATE INDEX by_name ON orders(name);
CREATE INDEX by_flag ON orders(flag) WHERE flag;
CREATE INDEX by_big ON orders(big);
CREATE INDEX by_made ON orders(made);
CREATE INDEX by_told ON orders(told);
CREATE TEMP TABLE q(n INTEGER PRIMARY KEY, sql);
INSERT INTO q(sql) VALUES
  ('SELECT amount FROM sqlite.orders WHERE id = 77'),
  ('SELECT count(*), sum(amount) FROM sqlite.orders WHERE customer = 77 AND amount > 5 AND day LIKE ''2021-%'''),
  ('SELECT count(*), max(day) FROM sqlite.orders o WHERE o.day BETWEEN ''2021-03-01'' AND ''2021-03-31'''),
  ('SELECT sum(id) FROM sqlite.orders WHERE (id IN (5, 7, 7)) AND (amount > 0)'),
  ('SELECT sum(x.id) FROM (SELECT 1 AS k) u JOIN sqlite.orders x ON x.id > u.k WHERE x.day < ''2020-01-03'''),
  ('SELECT count(DISTINCT note), count(*) FROM sqlite.orders WHERE id >= 29990'),
  ('SELECT count(*) FROM sqlite.orders WHERE day = ''it''''s none'''),
  ('SELECT count(*), min(made) FROM sqlite.orders WHERE made LIKE ''2021-03%'''),
  ('SELECT count(*), max(told) FROM sqlite.orders WHERE told LIKE ''é%'''),
-- too many rows, no index, more than one kind of values, another collation, numbers that are no exact doubles, OR
  ('SELECT count(*) FROM sqlite.orders WHERE id > 5'),
  ('SELECT count(*) FROM sqlite.orders WHERE amount = 5'),
  ('SELECT count(*) FROM sqlite.orders WHERE day = ''2021-03-01'' OR id = 5'),
  ('SELECT count(*) FROM sqlite.orders WHERE mixed = 3'),
  ('SELECT count(*) FROM sqlite.orders WHERE name = ''N5'''),
  ('SELECT count(*) FROM sqlite.orders WHERE flag'),
  ('SELECT count(*) FROM sqlite.orders WHERE big = 5'),
  ('SELECT count(*) FROM sqlite.orders WHERE id = ''5'''),
  ('SELECT count(*) FROM sqlite.orders WHERE made < ''2020'''),
  ('SELECT count(*) FROM sqlite.orders a, sqlite.orders b WHERE a.id = 5 AND a.id = b.id');
.mode list
SELECT q.n, e.rows, e.sql FROM q, rockset_explain(q.sql) e WHERE e.name LIKE 'sqlite.%' AND e.local LIKE '%an index finds%' ORDER BY 1;
SELECT q.n, e.rows, e.local FROM q, rockset_explain(q.sql) e WHERE e.name LIKE 'sqlite.%' AND e.local NOT LIKE '%an index finds%' ORDER BY 1;
SELECT '== what they give, and what was sent';
SELECT q.n, r.row FROM q, rockset_query(q.sql) r WHERE q.n < 10 ORDER BY q.n;
SELECT sql, rows FROM rockset_log WHERE sql LIKE 'ingest%' ORDER BY 1;
SELECT '== a column has its type though the rows that are sent hold NULL alone';
SELECT * FROM rockset_query('SELECT sum(note) AS s, typeof(sum(note)) AS t FROM sqlite.orders WHERE id = 20000');
SELECT '== within a transaction that writes';
BEGIN;
INSERT INTO orders(id, amount) VALUES (40000, 1);
SELECT * FROM rockset_query('SELECT id, amount FROM sqlite.orders WHERE id >= 30000 ORDER BY id');
ROLLBACK;
SELECT * FROM rockset_query('SELECT id, amount FROM sqlite.orders WHERE id >= 30000 ORDER BY id');
SELECT '== a text among numbers: that column's index is not asked';
UPDATE orders SET customer = 'a text' WHERE id = 3;
SELECT e.rows, e.local FROM q, rockset_explain(q.sql) e WHERE q.n = 2 AND e.name LIKE 'sqlite.%';
SELECT '== a copy of all is used again';
SELECT * FROM rockset_query('SELECT count(*) AS n, sum(amount) AS s FROM sqlite.orders WHERE id > 1');
SELECT e.rows, e.local FROM q, rockset_explain(q.sql) e WHERE q.n = 1 AND e.name LIKE 'sqlite.%';
SELECT '== texts only where the engine compares them byte by byte';
SELECT rockset_exec('SET GLOBAL default_collation = ''NOCASE''');
DELETE FROM orders WHERE id = 2;
UPDATE orders SET day = 'ABC' WHERE id = 5;
SELECT * FROM rockset_query('SELECT id FROM sqlite.orders WHERE day = ''abc''');
SELECT e.local FROM rockset_explain('SELECT id, amount, note FROM sqlite.orders WHERE day = ''abc''') e WHERE e.name LIKE 'sqlite.%';
