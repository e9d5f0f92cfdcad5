-- rockset_log: what was sent, with rows and errors
.mode list
.separator ' | '
.nullvalue NULL
.print -- asks no engine: nothing was sent yet
SELECT count(*) FROM rockset_log;
SELECT c1 FROM rockset_query('select 41 + ?', '[1]');
SELECT count(*) FROM rockset_query('select * from range(5000)');
SELECT * FROM rockset_query('select nosuch');
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t(a int)') IS NOT '';
SELECT rockset_exec('insert into commons.t values (1), (2)');
SELECT engine, target, sql, rows, bytes > 0, ms >= 0, error IS NOT NULL FROM rockset_log
 WHERE sql NOT LIKE '%duckdb_%' AND sql NOT LIKE '%information_schema%';
SELECT count(*) FROM rockset_log WHERE at NOT GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9] [0-2][0-9]:*';
.print -- the last 1,000 are kept
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
SELECT sum(c1) FROM n, rockset_query('select ?', json_array(i));
SELECT count(*), max(id) - min(id) FROM rockset_log;
