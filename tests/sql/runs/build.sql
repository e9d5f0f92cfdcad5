-- rockset_build and its kin: order, hooks around a run, operations, unit tests, freshness, retry.
.mode list
SELECT rockset_init();
INSERT INTO rockset_seeds(name, csv) VALUES('raw', 'id,name
1,Ann
1,Bob
');
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('stg', 'table', 'select * from {{ ref("raw") }}'),
  ('other', 'table', 'select 1 as id'),
  ('joined', 'table', 'select * from {{ ref("stg") }} join {{ ref("other") }} using (id)'),
  ('below', 'view', 'select * from {{ ref("joined") }}'),
  ('apart', 'view', 'select 1 as a');
INSERT INTO rockset_tests(name, test, model, column_name, arguments) VALUES
  ('stg_unique', 'unique', 'stg', 'id', NULL),
  ('both', 'relationships', 'stg', 'id', '{"to":"ref(''other'')","field":"id"}'),
  ('joined_not_null', 'not_null', 'joined', 'id', NULL);
-- a failed test keeps what reads its model from being built; a failed model its tests
SELECT node, kind, status, failures, message FROM rockset_build('*', '{"threads":1,"raise":false}');
SELECT rockset_build('stg+', '{"threads":1}');
SELECT node, status FROM rockset_retry('{"raise":false}');
UPDATE rockset_seeds SET csv = 'id,name
1,Ann
';
SELECT node, status FROM rockset_build('raw stg');
SELECT node, status FROM rockset_run('joined', '{"raise":false}');
UPDATE rockset_models SET sql = 'select nope' WHERE name = 'other';
SELECT node, status FROM rockset_build('*', '{"threads":1,"raise":false}');
UPDATE rockset_models SET sql = 'select 1 as id' WHERE name = 'other';
SELECT node, status FROM rockset_retry;
SELECT json_extract(x, '$.status'), json_array_length(x, '$.results') FROM (SELECT rockset_retry() AS x);
SELECT rockset_retry('{"nope":1}');
SELECT command, status FROM rockset_invocations ORDER BY rowid DESC LIMIT 2;

-- hooks around every command
INSERT INTO rockset_hooks(event, position, sql) VALUES
  ('on-run-start', 0, 'create table if not exists commons.audit(what text)'),
  ('on-run-start', 1, '{# nothing to send #}'),
  ('on-run-end', 0, 'insert into commons.audit {% for r in results %}select ''{{ r.node.unique_id }} {{ r.status }} {{ r.failures }}''{{ " union all " if not loop.last }}{% endfor %}'),
  ('on-run-end', 1, 'insert into commons.audit values (''{{ schemas | join(",") }} {{ database_schemas | length }} {{ flags.WHICH }}'')');
SELECT node, kind, status, message FROM rockset_run('apart');
SELECT node, status FROM rockset_test('stg_unique');
SELECT * FROM rockset_query('select * from commons.audit');
UPDATE rockset_hooks SET sql = 'insert into commons.nowhere values (1)' WHERE event = 'on-run-start' AND position = 1;
SELECT node, status, substr(message, 1, 60) FROM rockset_run('apart', '{"raise":false}');
UPDATE rockset_hooks SET sql = 'select 1; select 2' WHERE event = 'on-run-start' AND position = 1;
SELECT rockset_run('apart');
DELETE FROM rockset_hooks WHERE event = 'on-run-start';
UPDATE rockset_hooks SET sql = '{{ exceptions.raise_compiler_error("no end") }}' WHERE position = 0;
UPDATE rockset_hooks SET sql = '{% if execute %}{{ exceptions.raise_compiler_error("no end") }}{% endif %}' WHERE position = 0;
SELECT node, status, message FROM rockset_run('apart', '{"raise":false}');
DELETE FROM rockset_hooks;

-- operations
INSERT INTO rockset_macros(name, sql) VALUES
  ('make', '{% macro make(a, b=2) %}{% do run_query("create or replace table commons.made as select " ~ a ~ " as a") %}{% set t = run_query("select a + " ~ b ~ " as x ' ||
  'from commons.made") %}{{ return({"x": t.rows[0][0], "of": ref("stg").identifier, "which": flags.WHICH}) }}{% endmacro %}'),
  ('say', '{% macro say(who) %}hello {{ who }}{% endmacro %}');
SELECT rockset_run_operation('make', '{"a":40}');
SELECT rockset_run_operation('project.say', '{"who":"you"}');
SELECT rockset_run_operation('say');
SELECT rockset_run_operation('sag');
SELECT rockset_run_operation('nowhere.say');
SELECT rockset_run_operation('make', '{"c":1}');
SELECT rockset_run_operation('make', '[1]');
BEGIN;
SELECT rockset_run_operation('say');
SELECT * FROM rockset_build('*');
ROLLBACK;

-- unit tests
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('eph', 'ephemeral', 'select id, upper(name) as name from {{ ref("stg") }}'),
  ('top', 'incremental', 'select e.id, e.name, {{ var("k", 1) }} as k, s.v from {{ ref("eph") }} e left join {{ source("shop", "vals") }} s on s.id = e.id {% if ' ||
  'is_incremental() %} where e.id > (select coalesce(max(id), 0) from {{ this }}) {% endif %}');
INSERT INTO rockset_unit_tests(name, model, given, expect, overrides) VALUES
  ('good', 'top', '[{"input":"ref(''eph'')","rows":[{"id":1,"name":"A''x"},{"id":2,"name":null}]},' ||
  '{"input":"source(''shop'',''vals'')","format":"csv","rows":"id,v\n1,x\n2,\n"},{"input":"this","rows":[{"id":1}]}]',
    '{"rows":[{"id":2,"name":null,"k":7,"v":null}]}', '{"macros":{"is_incremental":true},"vars":{"k":7}}'),
  ('bad', 'top', '[{"input":"ref(''eph'')","format":"sql","rows":"select 5 as id, ''q'' as name"},{"input":"source(''shop'',''vals'')","format":"csv","rows":"id,v\n1,x"}]',
    '{"rows":[{"id":2,"name":"q"}]}', NULL),
  ('lacks', 'top', '[]', '{"rows":[]}', NULL),
  ('typed', 'joined', '[{"input":"ref(''stg'')","rows":[{"id":"3","name":"x"}]},{"input":"ref(''other'')","rows":[{"id":3}]}]', '{"format":"csv","rows":"id,name\n3,x"}', NULL),
  ('none', 'joined', '[{"input":"ref(''stg'')","rows":[]},{"input":"ref(''other'')","rows":[]}]', '{"rows":[]}', NULL),
  ('misspelt', 'joined', '[{"input":"ref(''stg'')","rows":[{"idd":3}]},{"input":"ref(''other'')"}]', '{"rows":[]}', NULL),
  ('several', 'joined', '[{"input":"ref(''stg'')","format":"sql","rows":"select 1); drop table commons.stg; select (1"},{"input":"ref(''other'')"}]', '{"rows":[]}', NULL),
  ('file', 'joined', '[{"input":"ref(''stg'')","fixture":"f"}]', '{"rows":[]}', NULL);
SELECT node, kind, status, failures, message FROM rockset_test('resource_type:unit_test', '{"raise":false}');
DELETE FROM rockset_unit_tests WHERE name NOT IN ('bad', 'typed');
SELECT node, status, message FROM rockset_build('top joined', '{"threads":1,"raise":false}');
DELETE FROM rockset_models WHERE name = 'top';
SELECT rockset_test('*');
DELETE FROM rockset_unit_tests;
-- macros by the names of their packages; dbt's own go by both
INSERT INTO rockset_macros(name, sql) VALUES('mine', '{% macro mine() %}real{% endmacro %}');
INSERT INTO rockset_models(name, sql) VALUES('mocked',
  'select {{ dbt.string_literal("a") }} as a, {{ string_literal("b") }} as b, ''{{ project.mine() }}'' as c, ''{{ mine() }}'' as d, {{ dbt.type_int() }} ''1'' as e');
INSERT INTO rockset_unit_tests(name, model, given, expect, overrides) VALUES('packaged', 'mocked', '[]', '{"rows":[{"a":"x","b":"x","c":"y","d":"z","e":1}]}',
  '{"macros":{"dbt.string_literal":"''x''","project.mine":"y","mine":"z"}}');
SELECT node, status, message FROM rockset_test('packaged', '{"raise":false}');
DELETE FROM rockset_unit_tests;
DELETE FROM rockset_models WHERE name = 'mocked';

-- freshness
SELECT rockset_exec('create table commons.ev as select timestamp ''2020-01-01 00:00:00'' as seen, 1 as kind union all select now()::timestamp - interval 2 hour, 2');
INSERT INTO rockset_sources(source, name, workspace, identifier, freshness, loaded_at_field) VALUES
  ('raw', 'ok', 'commons', 'ev', '{"error_after":{"count":1,"period":"day"}}', 'seen'),
  ('raw', 'late', 'commons', 'ev', '{"warn_after":{"count":1,"period":"hour"},"error_after":{"count":1,"period":"day"}}', 'seen'),
  ('raw', 'old', 'commons', 'ev', '{"error_after":{"count":1,"period":"day"},"filter":"kind = 1"}', 'seen'),
  ('raw', 'void', 'commons', 'ev', '{"error_after":{"count":1,"period":"day"},"filter":"kind = 3"}', 'seen'),
  ('raw', 'gone', 'commons', 'ev', '{"error_after":{"count":1,"period":"day"}}', 'nope'),
  ('raw', 'odd', 'commons', 'ev', '{"error_after":{"count":1,"period":"week"}}', 'seen'),
  ('raw', 'unasked', 'commons', 'ev', NULL, NULL);
SELECT node, kind, status, CASE status WHEN 'runtime error' THEN substr(message, 1, 70) ELSE message LIKE 'loaded at % s ago' END FROM rockset_freshness('*', '{"raise":false}');
SELECT json_extract(rockset_freshness('source:raw.old', '{"raise":false}'), '$.status');
SELECT rockset_freshness('source:raw.odd');
SELECT node, status FROM rockset_retry('{"raise":false}');
