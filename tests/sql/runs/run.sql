-- rockset_run: the table and the function.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('base', 'table', 'select * from range(3) t(a)'),
  ('mid', 'ephemeral', 'select a + 1 as a from {{ ref("base") }}'),
  ('left_one', 'view', 'select * from {{ ref("mid") }}'),
  ('right_one', 'incremental', 'select * from {{ ref("mid") }}'),
  ('top', 'table', 'select * from {{ ref("left_one") }} union all select * from {{ ref("right_one") }}');

SELECT rockset_run();
SELECT * FROM rockset_run;
SELECT * FROM rockset_run(NULL);
SELECT * FROM rockset_run(' ');
SELECT rockset_run('topp');
SELECT rockset_run('*', '{"thread":1}');
SELECT rockset_run('*', '{"threads":0.5}');
SELECT rockset_run('*', '{"threads":1000}');
SELECT rockset_run('*', '{"threads":0}');
SELECT rockset_run('*', 'not json');

SELECT node, kind, status, rows, ms > 0 AS timed, message FROM rockset_run('*');
SELECT json_remove(x, '$.invocation_id', '$.ms', '$.results') FROM (SELECT rockset_run('top', '{"full_refresh":true}') AS x);
SELECT node, message FROM rockset_run('+top', '{"exclude":"base top"}');
SELECT node, message FROM rockset_run('right_one', '{"full_refresh":true}');
-- each column is there for itself; arguments are readable
SELECT selection, options, node FROM rockset_run('base', '{"threads":2}');
SELECT count(*) FROM rockset_run('*', '{"threads":4}');
SELECT count(*) > 0, sum(worker BETWEEN 1 AND 4) = count(*) FROM rockset_results
  WHERE invocation_id = (SELECT id FROM rockset_invocations ORDER BY rowid DESC LIMIT 1) AND status = 'success';
-- a cursor runs once: the inner side of a join replays
SELECT count(*) FROM (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3) LEFT JOIN rockset_run('base');
SELECT count(*) FROM rockset_invocations WHERE selection = 'base' AND options IS NULL;
-- arguments from another table: one run each
SELECT r.node, r.status FROM (SELECT 'base' AS s UNION ALL SELECT 'left_one') AS t CROSS JOIN rockset_run(t.s) AS r;
-- closed early: the rest is cancelled and recorded as skipped
SELECT node, status FROM rockset_run('*') LIMIT 1;
SELECT i.status, i.message, sum(r.status = 'success') > 0, count(*) FROM rockset_invocations i JOIN rockset_results r ON r.invocation_id = i.id
  WHERE i.rowid = (SELECT max(rowid) FROM rockset_invocations) GROUP BY 1, 2;

-- failures: rows first, then the error; what depends on them is skipped, also through what was not selected
UPDATE rockset_models SET sql = 'select nope from range(3)' WHERE name = 'base';
INSERT INTO rockset_models(name, sql) VALUES('apart', 'select 1 as a');
SELECT node, status, substr(message, 1, 40) FROM rockset_run('*', '{"threads":1,"raise":false}');
SELECT node, status, substr(message, 1, 40) FROM rockset_run('base top', '{"raise":false}');
SELECT json_extract(x, '$.status'), json_extract(x, '$.error'), json_extract(x, '$.skipped') FROM (SELECT rockset_run('*', '{"raise":false}') AS x);
SELECT count(*), sum(status = 'skipped') FROM rockset_run('*', '{"raise":false}');
INSERT INTO rockset_models(name, sql) VALUES('zz', 'select 1 as a'), ('aa', '{% if execute %}{{ exceptions.raise_compiler_error("not today") }}{% endif %}select 1');
SELECT node, status, message FROM rockset_run('aa zz');
SELECT rockset_run('aa zz');
SELECT node, status, substr(message, 1, 48) FROM rockset_run('aa zz apart', '{"fail_fast":true}');
SELECT status, substr(message, 1, 60) FROM rockset_invocations WHERE selection = 'aa zz apart';
SELECT node, status FROM rockset_results WHERE node = 'zz';
-- a broken model anywhere: nothing runs
UPDATE rockset_models SET sql = '{{ nope' WHERE name = 'aa';
SELECT rockset_run('apart');
DELETE FROM rockset_models WHERE name IN ('aa', 'base', 'mid', 'left_one', 'right_one', 'top');

-- no transaction may be open
BEGIN;
SELECT * FROM rockset_run('*');
SELECT rockset_run('*');
ROLLBACK;
SELECT node, status FROM rockset_run('*');

-- warnings of templates
UPDATE rockset_models SET sql = 'select {{ exceptions.warn("old column") }} 1 as a' WHERE name = 'zz';
SELECT node, message FROM rockset_run('zz');
SELECT node, status, message FROM rockset_run('zz', '{"warn_error":true,"raise":false}');

-- the table is temp, its rows too many to be made twice; loading again is fine
SELECT name, schema FROM pragma_table_list WHERE name = 'rockset_run';
.load @EXT@
SELECT node, status FROM rockset_run('zz');
DROP TABLE temp.rockset_run;
SELECT * FROM rockset_run('zz');
CREATE VIRTUAL TABLE temp.rockset_run USING rockset_run_module;
SELECT node, status FROM rockset_run('zz');
SELECT * FROM rockset_run_module('zz');
-- a selection without a test: a warning
SELECT json_extract(rockset_test('zz'), '$.warning');
