-- Sources with a local_table: with push options they are sent before the models that read them, and only
-- then; without, they are read where they lie.
.mode list
SELECT rockset_init();
CREATE TABLE orders(id INTEGER PRIMARY KEY, amount REAL, updated_at TEXT);
INSERT INTO orders VALUES (1, 1.5, '2026-01-01'), (2, 2.5, '2026-01-02');
CREATE VIEW big AS SELECT * FROM orders WHERE amount > 2;
INSERT INTO rockset_sources(source, name, workspace, local_table, config, meta) VALUES
  ('app', 'orders', 'commons', 'orders', '{"push":{"key":"id","cursor":"updated_at"}}', NULL),
  ('app', 'big', 'commons', NULL, NULL, '{"local_table":"big","push":{}}'),
  ('app', 'by_config', 'commons', NULL, '{"meta":{"local_table":"orders","push":{"mode":"replace"}}}', NULL),
  ('app', 'gone', 'commons', 'nope', '{"push":{}}', NULL);
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('e', 'ephemeral', 'select * from {{ source("app", "orders") }}'),
  ('totals', 'table', 'select count(*) as n, sum(amount) as total from {{ ref("e") }}'),
  ('bigs', 'view', 'select * from {{ source("app", "big") }}'),
  ('others', 'view', 'select * from {{ source("app", "by_config") }}'),
  ('bad', 'view', 'select * from {{ source("app", "gone") }}'),
  ('child', 'view', 'select * from {{ ref("bad") }}');
SELECT '== only what the selected models read, also through ephemeral ones';
SELECT node, kind, status, rows, message FROM rockset_run('totals');
SELECT row FROM rockset_query('select * from commons.totals');
SELECT name FROM rockset_collections ORDER BY name;
SELECT '== unchanged rows are not sent again';
INSERT INTO orders VALUES (3, 10, '2026-01-03');
SELECT node, kind, status, rows, message FROM rockset_run('totals');
SELECT row FROM rockset_query('select * from commons.totals');
SELECT '== by meta, by config';
SELECT node, kind, status, rows FROM rockset_build('bigs others') ORDER BY 1;
SELECT '== one that cannot be sent: what reads it is skipped';
SELECT node, kind, status, rows, message FROM rockset_run('*', '{"raise":false}') ORDER BY status, node;
SELECT rockset_run('bad');
SELECT node, status FROM rockset_run('+child bigs', '{"raise":false,"fail_fast":true}') ORDER BY status, node;
CREATE TABLE nope(a); INSERT INTO nope VALUES (1);
SELECT node, kind, status FROM rockset_retry() ORDER BY node;
SELECT node, kind, status, rows FROM rockset_last_run WHERE kind = 'push';
SELECT '== rockset_materialize';
DELETE FROM orders;
INSERT INTO orders VALUES (4, 4, '2026-01-04');
SELECT json_remove(rockset_materialize('totals'), '$.ms', '$.invocation_id');
SELECT row FROM rockset_query('select * from commons.totals');
SELECT '== tests and seeds send nothing';
SELECT rockset_test('*') ->> 'status';
SELECT '== what a stored name may be';
CREATE VIRTUAL TABLE fts USING rockset('commons.orders');
CREATE VIRTUAL TABLE v USING rockset('commons.orders');
CREATE VIEW through AS SELECT * FROM v;
UPDATE rockset_sources SET local_table = 'fts' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'SELECT * FROM orders' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'rockset_models' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'sqlite_schema' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'through' WHERE name = 'gone';
SELECT rockset_run('bad');
CREATE TEMP TABLE only_temp(a);
UPDATE rockset_sources SET local_table = 'only_temp' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = '' WHERE name = 'gone';

SELECT '== without push options: nothing is sent to a collection';
DELETE FROM rockset_models;
UPDATE rockset_sources SET local_table = 'nope' WHERE name = 'gone';
CREATE TABLE "o""d.d; DROP TABLE orders --"(a);
INSERT INTO "o""d.d; DROP TABLE orders --" VALUES ('odd');
CREATE TABLE "{{ it's }} a name"(a);
INSERT INTO "{{ it's }} a name" VALUES ('template');
INSERT INTO rockset_sources(source, name, workspace, local_table, config, meta, quoting, loaded_at_field, freshness) VALUES
  ('here', 'orders', 'commons', 'ORDERS', NULL, NULL, NULL, 'cast(updated_at as timestamp)', '{"warn_after":{"count":1,"period":"day"}}'),
  ('here', 'by_config', NULL, NULL, '{"meta":{"local_table":"big"}}', NULL, NULL, NULL, NULL),
  ('here', 'odd', NULL, 'o"d.d; DROP TABLE orders --', '{"enabled":true}', NULL, '{"database":false,"schema":false,"identifier":false}', NULL, NULL),
  ('here', 'template', '{{ target.name }}', '{{ it''s }} a name', NULL, NULL, NULL, NULL, NULL);
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('e', 'ephemeral', 'select * from {{ source("here", "orders") }}'),
  ('totals', 'table', 'select count(*) as n, sum(amount) as total from {{ ref("e") }}'),
  ('bigs', 'incremental', 'select b.id from {{ source("here", "by_config") }} as b, {{ source("app", "orders") }} as o where b.id = o.id'),
  ('odds', 'table', 'select o.a, t.a as t from {{ source("here", "odd") }} o cross join {{ source("here", "template").include(database=false) }} t'),
  ('cols', 'table', 'select {% for c in adapter.get_columns_in_relation(source("here", "orders")) %}{{ c.name }}{{ ", " if not loop.last }}{% endfor %} from {{ source("here", "orders") }}'),
  ('seen', 'view', 'select * from {{ source("here", "orders") }}');
INSERT INTO rockset_tests(name, test, model, column_name, arguments) VALUES
  ('all_there', 'not_null', 'source(''here'', ''orders'')', 'id', NULL),
  ('known', 'accepted_values', 'source(''here'', ''odd'')', 'a', '{"values":["even"]}');
INSERT INTO orders VALUES (5, 5, '2026-01-05');
SELECT node, kind, status, rows, message FROM rockset_run('*', '{"raise":false,"threads":2}') ORDER BY 2 <> 'push', 1;
SELECT row FROM rockset_query('select * from commons.totals');
SELECT row FROM rockset_query('select * from commons.bigs order by id');
SELECT row FROM rockset_query('select * from commons.odds');
SELECT row FROM rockset_query('select * from commons.cols order by id');
SELECT 'orders', count(*) FROM orders;
SELECT node, status FROM rockset_freshness('source:here', '{"raise":false}');
SELECT node, status, failures FROM rockset_test('*', '{"raise":false}') ORDER BY node;
SELECT node, kind, status FROM rockset_run('source:here.odd+', '{"raise":false}');
SELECT json_remove(rockset_materialize('totals'), '$.ms', '$.invocation_id');
SELECT * FROM rockset_graph WHERE parent LIKE 'source.%' ORDER BY 1, 2;
SELECT name, relation FROM rockset_ls('source:here');
SELECT rockset_compile('odds');
SELECT rockset_local('mine');
SELECT rockset_compile('odds');
SELECT node, status FROM rockset_run('odds');
SELECT rockset_local('sqlite');
SELECT '== what a name may be: the same';
INSERT INTO rockset_models(name, materialized, sql) VALUES ('bad', 'table', 'select * from {{ source("app", "gone") }}');
UPDATE rockset_sources SET config = NULL WHERE name = 'gone';
UPDATE rockset_sources SET local_table = 'nope_at_all' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'fts' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'SELECT * FROM orders' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'rockset_models' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'sqlite_schema' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'through' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = 'only_temp' WHERE name = 'gone';
SELECT rockset_run('bad');
UPDATE rockset_sources SET local_table = NULL, meta = '{"local_table":""}' WHERE name = 'gone';
SELECT rockset_run('bad');
