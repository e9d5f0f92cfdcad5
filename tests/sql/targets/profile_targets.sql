-- Runs that choose another target, defer to it, or read no rows.
.mode list
SELECT 'profile ' || (rockset_profile('dev', 'shop', '{"shop": {"outputs": {
  "dev": {"type": "duckdb", "path": "shop.duckdb", "schema": "dev_ana"},
  "prod": {"type": "duckdb", "path": "shop.duckdb", "schema": "prod"},
  "apart": {"type": "duckdb", "path": "apart.duckdb", "schema": "prod"}}}}') ->> 'name');
SELECT rockset_init();
SELECT rockset_exec('create schema raw');
SELECT rockset_exec('create table raw.orders as select range as id, range * 10 as amount from range(5)');
INSERT INTO rockset_models(name, materialized, sql) VALUES
 ('stg', 'table', 'select * from {{ source("raw", "orders") }}'),
 ('mid', 'ephemeral', 'select id, amount + 1 as amount from {{ ref("stg") }}'),
 ('total', 'table', 'select count(*) as n, sum(amount) as amount from {{ ref("mid") }}');
SELECT json_extract(rockset_run('*', '{"target": "prod", "progress": false}'), '$.status');
SELECT workspace, name FROM rockset_collections ORDER BY 1, 2;
SELECT node, status FROM rockset_run('total', '{"raise": false}');
SELECT node, status, rows, message FROM rockset_run('total', '{"defer": "prod"}');
SELECT rockset_compile('total', '{"defer": "prod"}');
SELECT rockset_compile('total', '{"empty": true}');
SELECT node, status, rows, message FROM rockset_build('*', '{"empty": true}');
SELECT c1, c2 FROM rockset_query('select * from dev_ana.total');
SELECT rockset_compile('total', '{"defer": "prod"}');
SELECT rockset_compile('total', '{"defer": "prod", "favor_state": true}');
SELECT rockset_compile('total', '{"defer": "apart"}');
SELECT rockset_compile('total', '{"defer": "nowhere"}');
SELECT node, sql FROM rockset_compile('total', '{"defer": "prod", "favor_state": true}');
SELECT part, name, change, old, new FROM rockset_diff('total', 'prod');
SELECT rockset_materialize('total', 'table', '{"target": "prod", "empty": true}') ->> 'message';
SELECT c1, c2 FROM rockset_query('select * from prod.total');
-- a retry goes where the run went
UPDATE rockset_models SET sql = 'select * from nowhere' WHERE name = 'stg';
SELECT node, status FROM rockset_run('*', '{"target": "prod", "raise": false}');
UPDATE rockset_models SET sql = 'select 7 as id, 8 as amount' WHERE name = 'stg';
SELECT node, status, message FROM rockset_retry();
