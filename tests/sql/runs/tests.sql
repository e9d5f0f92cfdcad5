-- Data tests: generic and singular, rows written by hand; severity, limits, stored failures.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('customers', 'table', 'select * from (values (1, ''Ann''), (2, ''Bob''), (2, null)) t(id, name)'),
  ('orders', 'view', 'select 1 as oid, 1 as customer_id union all select 2, 9'),
  ('part', 'ephemeral', 'select * from {{ ref("customers") }} where id = 1'),
  ('off', 'view', 'select 1 as a');
UPDATE rockset_models SET enabled = 0 WHERE name = 'off';
INSERT INTO rockset_tests(name, test, model, column_name, arguments, config) VALUES
  ('id_unique', 'unique', 'ref(''customers'')', 'id', NULL, NULL),
  ('id_not_null', 'not_null', 'customers', 'id', NULL, NULL),
  ('name_not_null', 'not_null', '{{ ref("customers") }}', 'name', NULL, '{"severity":"warn"}'),
  ('of_part', 'unique', 'part', 'id', NULL, NULL),
  ('related', 'relationships', 'orders', 'customer_id', '{"to":"ref(''customers'')","field":"id"}', NULL),
  ('names', 'accepted_values', 'customers', 'name', '{"values":["Ann","{{ var(''other'', ''Bob'') }}"]}', NULL),
  ('ids', 'accepted_values', 'customers', 'id', '{"values":[1],"quote":false}', '{"where":"id < 3","error_if":">5"}'),
  ('disabled', 'unique', 'off', 'a', NULL, NULL);
INSERT INTO rockset_tests(name, sql, config) VALUES
  ('single', 'select * from {{ ref("orders") }} where oid > 1; ', NULL),
  ('summed', '{{ config(fail_calc="sum(oid)", error_if=">3") }} select * from {{ ref("orders") }}', NULL),
  ('limited', 'select * from {{ ref("customers") }}', '{"limit":2,"severity":"WARN"}');
SELECT node, status FROM rockset_run('*');
SELECT node, kind, status, rows, failures, message FROM rockset_test('*', '{"raise":false}');
SELECT node FROM rockset_test('orders', '{"raise":false}');
SELECT node FROM rockset_test('customers', '{"raise":false,"exclude":"related id_unique"}');
SELECT node, status FROM rockset_test('name_not_null', '{"warn_error":true,"raise":false}');
SELECT rockset_test('id_unique related id_not_null');
SELECT json_remove(x, '$.invocation_id', '$.ms', '$.results') FROM (SELECT rockset_test('*', '{"raise":false}') AS x);
SELECT node, status, failures, message FROM rockset_results WHERE node = 'related' LIMIT 1;
SELECT compiled FROM rockset_results WHERE node IN ('id_unique', 'ids') GROUP BY node;
-- the rows that fail are kept where somebody can look at them
UPDATE rockset_tests SET config = '{"store_failures":true}' WHERE name = 'name_not_null';
SELECT status, message FROM rockset_test('name_not_null', '{"raise":false}');
SELECT * FROM rockset_query('select * from commons_dbt_test__audit.name_not_null');
UPDATE rockset_tests SET config = '{"store_failures_as":"view","schema":"kept","alias":"nulls"}' WHERE name = 'name_not_null';
SELECT status, message FROM rockset_test('name_not_null', '{"raise":false}');
SELECT * FROM rockset_query('select * from commons_kept.nulls');
SELECT status, message FROM rockset_test('id_not_null', '{"store_failures":true}');
-- a project's own tests, its own macros in place of ours
INSERT INTO rockset_macros(name, sql) VALUES
  ('even', '{% test even(model, column_name, factor=2) %}select * from {{ model }} where {{ column_name }} % {{ factor }} <> 0{% endtest %}'),
  ('ours', '{% macro default__test_not_null(model, column_name) %}select 1 as a from {{ model }} where false{% endmacro %}');
INSERT INTO rockset_tests(name, test, model, column_name, arguments) VALUES
  ('even_ids', 'even', 'customers', 'id', NULL), ('thirds', 'even', 'customers', 'id', '{"factor":3}');
SELECT node, status, failures FROM rockset_test('even_ids thirds', '{"raise":false}');
-- mistakes
INSERT INTO rockset_tests(name, test, model) VALUES('x', 'unique', NULL);
INSERT INTO rockset_tests(name, test, model) VALUES('x', 'unqiue', 'customers');
SELECT rockset_test('*');
UPDATE rockset_tests SET test = 'nowhere.unique' WHERE name = 'x';
SELECT rockset_test('*');
UPDATE rockset_tests SET test = 'unique', model = 'custoners' WHERE name = 'x';
SELECT rockset_test('*');
DELETE FROM rockset_tests WHERE name = 'x';
INSERT INTO rockset_tests(name, test, model, column_name, config) VALUES('sev', 'unique', 'customers', 'id', '{"severity":"fatal"}'),
  ('nil', 'unique', 'part', 'id', '{"fail_calc":"max(n_records)"}'), ('gone', 'unique', 'customers', 'nope', NULL);
SELECT status, substr(message, 1, 90) FROM rockset_test('sev nil gone', '{"raise":false}');
SELECT rockset_test('');
SELECT rockset_test('customerz');
-- what a test is given overrides the config() of its macro
INSERT INTO rockset_macros(name, sql) VALUES('test_soft', '{% test soft(model) %}{{ config(severity="warn", error_if=">100", tags=["own"]) }}select * from {{ model }}{% endtest %}');
INSERT INTO rockset_tests(name, test, model, config) VALUES('softly', 'soft', 'orders', NULL), ('hard', 'soft', 'orders', '{"severity":"error","error_if":">0","tags":["given"]}');
SELECT node, status, message FROM rockset_test('softly hard', '{"raise":false}');
SELECT name, tags FROM rockset_ls('softly hard');
-- a name that is not there: the nearest test or model
SELECT rockset_test('sofly');
SELECT rockset_test('ordres');
SELECT rockset_test('nothing_like_it');
