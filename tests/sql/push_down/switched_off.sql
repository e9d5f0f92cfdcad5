-- rockset_push_down(0): nothing but columns is asked for, and the rows are the same
.mode list
.separator ' | '
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select range as k, range % 7 as n, ''t'' || range as t from range(30)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t');
SELECT rockset_push_down();
EXPLAIN QUERY PLAN SELECT k, t FROM t WHERE n = 3 ORDER BY k DESC LIMIT 2;
SELECT k, t FROM t WHERE n = 3 ORDER BY k DESC LIMIT 2;
EXPLAIN QUERY PLAN SELECT count(*) FROM t;
SELECT rockset_push_down(0);
EXPLAIN QUERY PLAN SELECT k, t FROM t WHERE n = 3 ORDER BY k DESC LIMIT 2;
SELECT k, t FROM t WHERE n = 3 ORDER BY k DESC LIMIT 2;
EXPLAIN QUERY PLAN SELECT count(*) FROM t;
SELECT count(*) FROM t;
EXPLAIN QUERY PLAN SELECT k FROM t LIMIT 2;
SELECT count(*) FROM (SELECT k FROM t LIMIT 2 OFFSET 29);
.print -- a query still gets its parameters
CREATE VIRTUAL TABLE q USING rockset(query='select * from commons.t where n = :n');
EXPLAIN QUERY PLAN SELECT count(*) FROM q(3) WHERE k > 10;
SELECT count(*) FROM q(3) WHERE k > 10;
SELECT rockset_push_down(1);
SELECT count(*) FROM q(3) WHERE k > 10;
.print -- half of a row value is no exact term: LIMIT stays here
SELECT k FROM t WHERE (n, k) < (2, 5) ORDER BY n, k LIMIT 8;
SELECT k FROM t WHERE (n, k) >= (1, 9) LIMIT 3;
