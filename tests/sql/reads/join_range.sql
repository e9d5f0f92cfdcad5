-- Joins by a key and a comparison that changes from row to row: the table is fetched once, the
-- comparison is SQLite's
.mode list
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.n as select i as id, i % 7 as k, case when i % 11 = 0 then null else (i * 37) % 101 end as a, case when i % 13 = 0 then null ' ||
  'else chr(97 + (i % 26)::int) || (i % 5) end as t, i * 0.5 as f from range(400) r(i)') IS NOT '';
CREATE VIRTUAL TABLE n USING rockset('commons.n');
CREATE TABLE l AS SELECT * FROM n;
CREATE TEMP VIEW local(op, n, s, i) AS
  SELECT '<', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a < x.a UNION ALL
  SELECT '<=', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a <= x.a UNION ALL
  SELECT '>', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a > x.a UNION ALL
  SELECT '>=', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a >= x.a + 0.5 UNION ALL
  SELECT '<>', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a <> x.a UNION ALL
  SELECT 'is not', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a IS NOT x.a UNION ALL
  SELECT 'text', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.t > x.t UNION ALL
  SELECT 'real', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.f > x.f UNION ALL
  SELECT 'mixed', count(*), sum(y.id), max(x.id) FROM l x JOIN l y ON y.k = x.k AND y.a > CASE x.id % 3 WHEN 0 THEN 'text' WHEN 1 THEN NULL ELSE x.a END;
CREATE TEMP VIEW remote(op, n, s, i) AS
  SELECT '<', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a < x.a UNION ALL
  SELECT '<=', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a <= x.a UNION ALL
  SELECT '>', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a > x.a UNION ALL
  SELECT '>=', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a >= x.a + 0.5 UNION ALL
  SELECT '<>', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a <> x.a UNION ALL
  SELECT 'is not', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a IS NOT x.a UNION ALL
  SELECT 'text', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.t > x.t UNION ALL
  SELECT 'real', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.f > x.f UNION ALL
  SELECT 'mixed', count(*), sum(y.id), max(x.id) FROM l x JOIN n y ON y.k = x.k AND y.a > CASE x.id % 3 WHEN 0 THEN 'text' WHEN 1 THEN NULL ELSE x.a END;
SELECT l.op, l.n, r.n = l.n AND r.s IS l.s AND r.i IS l.i FROM local l JOIN remote r USING (op);
CREATE TEMP TABLE mark AS SELECT max(id) AS id FROM rockset_log;
SELECT count(*) FROM l x CROSS JOIN n y ON y.k = x.k AND y.a < x.a;
SELECT count(*) < 200 FROM rockset_log, mark WHERE rockset_log.id > mark.id;
SELECT sql FROM rockset_log ORDER BY id DESC LIMIT 1;
