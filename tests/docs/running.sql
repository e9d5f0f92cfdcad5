-- The models of models.md, of which the views are there; a second target in the same file
.shell cp ../demo/app.db.duckdb .
SELECT rockset_profile('dev', NULL, '{"target":"dev","outputs":{"dev":{"type":"duckdb","path":"app.db.duckdb"},
  "prod":{"type":"duckdb","path":"app.db.duckdb","workspace":"prod"}}}') IS NULL;
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('stg_flights', 'view',  'select * from {{ source("commons", "flights") }} where delay is not null'),
  ('delays',      'table', 'select origin, count(*) as n from {{ ref("stg_flights") }} group by origin');
SELECT rockset_run('stg_flights');
SELECT rockset_run('*', '{"target":"prod"}');
