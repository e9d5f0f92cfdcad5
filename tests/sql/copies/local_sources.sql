-- Sources with a local_table: sent before the models that read them, and only then.
.mode list
SELECT rockset_init();
CREATE TABLE orders(id INTEGER PRIMARY KEY, amount REAL, updated_at TEXT);
INSERT INTO orders VALUES (1, 1.5, '2026-01-01'), (2, 2.5, '2026-01-02');
CREATE VIEW big AS SELECT * FROM orders WHERE amount > 2;
INSERT INTO rockset_sources(source, name, workspace, local_table, config, meta) VALUES
  ('app', 'orders', 'commons', 'orders', '{"push":{"key":"id","cursor":"updated_at"}}', NULL),
  ('app', 'big', 'commons', NULL, NULL, '{"local_table":"big"}'),
  ('app', 'by_config', 'commons', NULL, '{"meta":{"local_table":"orders","push":{"mode":"replace"}}}', NULL),
  ('app', 'gone', 'commons', 'nope', NULL, NULL);
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
