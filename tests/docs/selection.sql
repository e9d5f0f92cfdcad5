SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('stg_flights', 'view', 'select 1 as delay'), ('daily', 'table', 'select * from {{ ref("stg_flights") }}');
SELECT rockset_run('+daily');
UPDATE rockset_models SET sql = 'select 2 as delay' WHERE name = 'stg_flights';
