-- Rockset SQL as the target's own, and run
SELECT rockset_profile(NULL, NULL, '{"p":{"target":"d","outputs":{"d":{"type":"duckdb","path":":memory:"}}}}') IS NOT NULL;
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select ''a'' as s, 1 as x, timestamp ''2023-07-01 22:30:00'' as _event_time');
SELECT rockset_translate('SELECT LOWER(s) AS s, COUNT(*) FROM t WHERE missing = 1 GROUP BY s');
.print -- for another engine
SELECT rockset_translate('SELECT {''a'': 1} AS o, x + :n AS y FROM t', 'trino');
SELECT rockset_translate('SELECT x / 2 AS y FROM t', 'postgres');
SELECT rockset_translate('SELECT 1', 'oracle9');
SELECT rockset_translate('SELECT (');
SELECT rockset_translate('INSERT INTO t SELECT 1 AS a');
SELECT rockset_translate(NULL);
.print -- run
SELECT row FROM rockset_query('SELECT TYPEOF(_event_time) AS t, IF(x = :n, ''one'') AS y FROM t', '{"n": 1}', '{"dialect":"rockset"}');
SELECT row FROM rockset_query('SELECT :n AS y', '{"m": 1}', '{"dialect":"rockset"}');
SELECT row FROM rockset_query('SELECT :n AS y', NULL, '{"dialect":"rockset"}');
SELECT row FROM rockset_query('SELECT 1', NULL, '{"dialect":"duckdb"}');
SELECT row FROM rockset_query('SELECT LOWER(x) FROM t', NULL, '{"dialect":"rockset"}');
SELECT row FROM rockset_query('SELECT COUT(x) FROM t', NULL, '{"dialect":"rockset"}');
