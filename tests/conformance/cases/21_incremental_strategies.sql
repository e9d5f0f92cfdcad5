-- feature: incremental strategies append and merge, new columns, full refresh
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
SELECT rockset_init() IS NOT '';
INSERT INTO rockset_models(name, materialized, config, sql) VALUES
  ('grow', 'incremental', '{"incremental_strategy":"append","on_schema_change":"append_new_columns"}',
   'select _id, n{% if var("more") %}, {{ var("round") }} as round{% endif %} from {{ source("commons", "numbers") }}
    where _id > ''{{ var("from") }}'' and _id < ''{{ var("until") }}'''),
  ('latest', 'incremental', '{"incremental_strategy":"merge","unique_key":"_id"}',
   'select _id, {{ var("round") }} as round from {{ source("commons", "numbers") }} where _id < ''{{ var("until") }}''');
CREATE TABLE step(n, v);
INSERT INTO step VALUES
  (1, '{"vars":{"round":1,"more":false,"from":"k0000","until":"k0003"}}'),
  (2, '{"vars":{"round":2,"more":true,"from":"k0003","until":"k0005"}}'),
  (3, '{"vars":{"round":3,"more":true,"from":"k0004","until":"k0007"}}'),
  (4, '{"full_refresh":true,"vars":{"round":4,"more":true,"from":"k0000","until":"k0002"}}');
SELECT n, json_extract(rockset_materialize('grow', NULL, v), '$.status'),
  json_extract(rockset_materialize('latest', NULL, v), '$.status') FROM step WHERE n < 3;
SELECT row->>'_id', row->>'round' FROM rockset_query('select _id, round from commons.grow order by _id');
SELECT row->>'_id', row->>'round' FROM rockset_query('select _id, round from commons.latest order by _id');
SELECT n, json_extract(rockset_materialize('latest', NULL, v), '$.status') FROM step WHERE n = 3;
SELECT row->>'_id', row->>'round' FROM rockset_query('select _id, round from commons.latest order by _id');
SELECT n, json_extract(rockset_materialize('grow', NULL, v), '$.status'),
  json_extract(rockset_materialize('latest', NULL, v), '$.status') FROM step WHERE n = 4;
SELECT row->>'_id', row->>'round' FROM rockset_query('select _id, round from commons.grow order by _id');
-- a strategy that nobody has
UPDATE rockset_models SET config = '{"incremental_strategy":"insert_overwrite"}' WHERE name = 'grow';
SELECT json_extract(rockset_materialize('grow', NULL, json_set(v, '$.raise', json('false'))), '$.message') LIKE '%insert_overwrite%' FROM step WHERE n = 3;
