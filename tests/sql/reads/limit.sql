-- LIMIT and OFFSET: sent only where every term is exact and the order is sent; right in every case
.mode list
.separator ' | '
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.n as select range::bigint as k, range % 7 as r, (range % 5)::varchar as t, range / 4.0 as f from range(100)') IS NOT '';
CREATE VIRTUAL TABLE n USING rockset('commons.n');
.print -- sent
EXPLAIN QUERY PLAN SELECT k FROM n LIMIT 3;
SELECT k FROM n LIMIT 3;
EXPLAIN QUERY PLAN SELECT k FROM n WHERE r = 3 ORDER BY k DESC LIMIT 3 OFFSET 2;
SELECT k FROM n WHERE r = 3 ORDER BY k DESC LIMIT 3 OFFSET 2;
SELECT sql FROM rockset_log ORDER BY id DESC LIMIT 1;
EXPLAIN QUERY PLAN SELECT k FROM n WHERE r IN (1, 2) ORDER BY k LIMIT 3;
SELECT k FROM n WHERE r IN (1, 2) ORDER BY k LIMIT 3;
EXPLAIN QUERY PLAN SELECT k FROM n WHERE t = '3' ORDER BY k LIMIT 3;
SELECT k FROM n WHERE t = '3' ORDER BY k LIMIT 3;
SELECT k FROM n ORDER BY k LIMIT -1 OFFSET 98;
SELECT k FROM n ORDER BY k LIMIT 2 OFFSET -5;
SELECT k FROM n LIMIT 0;
SELECT k FROM n WHERE r = 0.5 LIMIT 3;
SELECT count(*) FROM (SELECT k FROM n LIMIT 10);
.param init
.param set :n 2
.param set :o 3
SELECT k FROM n ORDER BY k LIMIT :n OFFSET :o;
SELECT sql FROM rockset_log ORDER BY id DESC LIMIT 1;
.print -- not sent: a term that is rechecked, a local one, an order that can't be sent
.param set :t "'3'"
EXPLAIN QUERY PLAN SELECT k FROM n WHERE t = :t ORDER BY k LIMIT 3;
SELECT k FROM n WHERE t = :t ORDER BY k LIMIT 3 OFFSET 1;
EXPLAIN QUERY PLAN SELECT k FROM n WHERE length(t) = 1 LIMIT 3;
EXPLAIN QUERY PLAN SELECT k FROM n WHERE t LIKE '3%' LIMIT 3;
SELECT k FROM n WHERE t LIKE '3%' ORDER BY k LIMIT 3;
EXPLAIN QUERY PLAN SELECT k FROM n ORDER BY -k LIMIT 3;
SELECT k FROM n ORDER BY -k LIMIT 3;
EXPLAIN QUERY PLAN SELECT k FROM n WHERE r = 1 OR t = '2' LIMIT 3;
SELECT k FROM n WHERE r = 1 OR t = '2' ORDER BY k LIMIT 3;
EXPLAIN QUERY PLAN SELECT DISTINCT r FROM n LIMIT 3;
SELECT count(*) FROM (SELECT DISTINCT r FROM n LIMIT 3);
EXPLAIN QUERY PLAN SELECT r, count(*) FROM n GROUP BY r LIMIT 1;
SELECT r, count(*) FROM n GROUP BY r LIMIT 1;
EXPLAIN QUERY PLAN SELECT a.k FROM n a, n b WHERE a.k = b.k LIMIT 3;
.print -- compound selects share one LIMIT and one OFFSET
SELECT k FROM n WHERE r = 1 UNION ALL SELECT k FROM n WHERE r = 2 LIMIT 3 OFFSET 14;
SELECT count(*) FROM (SELECT k FROM n WHERE r = 1 UNION ALL SELECT k FROM n WHERE r = 2 LIMIT 20 OFFSET 10);
SELECT k FROM n WHERE r = 1 UNION SELECT k FROM n WHERE r = 2 ORDER BY 1 LIMIT 3 OFFSET 1;
