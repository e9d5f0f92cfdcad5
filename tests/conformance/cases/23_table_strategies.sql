-- feature: incremental strategy delete+insert
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
SELECT rockset_init() IS NOT '';
INSERT INTO rockset_models(name, materialized, config, sql) VALUES
  ('by_round', 'incremental', '{"incremental_strategy":"delete+insert","unique_key":"round"}',
   'select _id, {{ var("round") }} as round from {{ source("commons", "numbers") }} where _id < ''{{ var("until") }}''');
SELECT json_extract(rockset_materialize('by_round', NULL, '{"vars":{"round":1,"until":"k0003"}}'), '$.status');
SELECT json_extract(rockset_materialize('by_round', NULL, '{"vars":{"round":2,"until":"k0002"}}'), '$.status');
SELECT json_extract(rockset_materialize('by_round', NULL, '{"vars":{"round":1,"until":"k0001"}}'), '$.status');
SELECT row->>'_id', row->>'round' FROM rockset_query('select _id, round from commons.by_round order by round, _id');
