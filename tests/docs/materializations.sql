SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES
  ('raw_visits', 'select timestamp ''2024-01-01 10:00:00'' as seen_at union all select timestamp ''2024-02-01 00:00:00'''),
  ('visits', 'select * from {{ ref("raw_visits") }}');
SELECT rockset_create_workspace('shop');
SELECT rockset_exec('create table shop.customers as select 1 as id, timestamp ''2026-01-01'' as changed_at');
