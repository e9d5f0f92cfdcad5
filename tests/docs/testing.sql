SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('stg_flights', 'view', 'select ''JFK'' as origin, 1 as delay'),
  ('airports', 'view', 'select ''ORD'' as code'),
  ('delays', 'table', 'select origin, count(*) as n from {{ ref("stg_flights") }} group by origin');
SELECT rockset_run('*');
