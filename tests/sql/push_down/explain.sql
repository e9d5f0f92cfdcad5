-- rockset_explain: what each virtual table of a statement sends, and why the rest is kept
.nullvalue NULL
.output @TMP@/setup
.read @FIXTURES@/push_down/setup.sql
.output stdout
.mode line
.print -- one table: sent exactly, sent and checked again, kept
SELECT * FROM rockset_explain('SELECT k FROM w WHERE i = 10 AND t = k AND t GLOB ''a?*'' AND t COLLATE NOCASE = ''X'' AND h > 5 AND f < ''9x'' AND j = ''1'' AND length(t) > 2 ORDER BY k LIMIT 5');
.print -- a LIMIT that is sent, one that is not, and why
SELECT sql, exact, ordering, limited, rows FROM rockset_explain('SELECT k FROM w WHERE i = 10 ORDER BY k LIMIT 5');
SELECT sql, ordering, limited FROM rockset_explain('SELECT k FROM w WHERE t = 10 ORDER BY k LIMIT 5');
SELECT sql, ordering, limited FROM rockset_explain('SELECT k FROM w ORDER BY h LIMIT 5');
SELECT sql, ordering FROM rockset_explain('SELECT max(k) FROM w');
SELECT sql, ordering FROM rockset_explain('SELECT DISTINCT i FROM w');
.print -- several tables, a subquery, an IN, a table of SQLite's own
SELECT name, sql, exact, rechecked, local FROM
  rockset_explain('SELECT e.name, d.title FROM emp e JOIN dept d ON d.code = e.dept WHERE e.id IN (SELECT boss FROM emp WHERE salary > ?) AND EXISTS (SELECT 1 FROM loc WHERE n = e.id)');
.print -- statements that write; OR, a scan for each branch or one; a query's parameter
SELECT name, sql FROM rockset_explain('INSERT INTO loc(n) SELECT id FROM emp WHERE dept = ''r''');
SELECT name, sql, exact FROM rockset_explain('DELETE FROM emp WHERE id = 3');
SELECT name, sql FROM rockset_explain('SELECT k FROM w WHERE i = 10 OR t = ''abc''');
CREATE VIRTUAL TABLE q USING rockset(query='select id, name from ws.emp where dept = :d');
SELECT name, sql, exact FROM rockset_explain('SELECT name FROM q(''r'') WHERE id > 1');
SELECT name, sql, exact FROM rockset_explain('SELECT name FROM q');
.print -- nothing is run, no virtual table: no row
SELECT * FROM rockset_explain('DELETE FROM loc');
SELECT count(*) FROM loc;
.mode list
.print -- with push-down off
SELECT rockset_push_down(0), rockset_push_down();
SELECT sql, local, ordering, limited FROM rockset_explain('SELECT k FROM w WHERE i = 10 ORDER BY k LIMIT 5');
SELECT rockset_push_down(1);
.print -- like() of one's own, and PRAGMA case_sensitive_like
PRAGMA case_sensitive_like = 1;
SELECT sql, local FROM rockset_explain('SELECT k FROM w WHERE t LIKE ''abc''');
SELECT k FROM w WHERE t LIKE 'abc' ORDER BY k LIMIT 9;
.print -- errors
SELECT * FROM rockset_explain('PRAGMA case_sensitive_like = 0');
SELECT * FROM rockset_explain(NULL);
SELECT * FROM rockset_explain('SELECT * FROM nothing');
SELECT * FROM rockset_explain('SELECT k FROM w; SELECT 1');
SELECT count(*) FROM rockset_explain('/* a comment */ SELECT k FROM w; -- and one');
SELECT rockset_push_down('x');
