-- feature: snapshots: timestamp, check, hard deletes
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT rockset_init() IS NOT '';
-- a model stands for data that changes from run to run
INSERT INTO rockset_models(name, materialized, sql) VALUES('there', 'table',
  'select _id, name, case when _id = ''p2'' then ''{{ var("city") }}'' else city end as town,
   case when _id = ''p2'' then {{ var("at") }} else 1 end as changed
   from {{ source("commons", "people") }} where _id > ''{{ var("from") }}'' and _id < ''{{ var("until") }}''');
INSERT INTO rockset_snapshots(name, config, sql) VALUES
  ('by_time', '{"target_schema":"commons","strategy":"timestamp","unique_key":"person","updated_at":"changed","invalidate_hard_deletes":false}',
   'select _id as person, town, changed from {{ ref("there") }}'),
  ('by_value', '{"target_schema":"commons","strategy":"check","unique_key":"person","check_cols":["town"],"invalidate_hard_deletes":true}',
   'select _id as person, town from {{ ref("there") }}'),
  ('by_all', '{"target_schema":"commons","strategy":"check","unique_key":["person"],"check_cols":"all","updated_at":"changed"}',
   'select _id as person, town, changed from {{ ref("there") }}');
CREATE TABLE round(n, v);
INSERT INTO round VALUES
  (1, '{"vars":{"city":"New York","at":1,"from":"p0","until":"p3"}}'),
  (2, '{"vars":{"city":"New York","at":1,"from":"p0","until":"p3"}}'),
  (3, '{"vars":{"city":"Boston","at":3,"from":"p1","until":"p4"}}');
SELECT n, json_extract(rockset_materialize('there', NULL, v), '$.status'),
  json_extract(rockset_materialize('by_time', NULL, v), '$.status'),
  json_extract(rockset_materialize('by_value', NULL, v), '$.status'),
  json_extract(rockset_materialize('by_all', NULL, v), '$.status') FROM round;
SELECT row->>'person', row->>'town', row->>'changed', row->>'dbt_valid_from', row->>'dbt_valid_to' FROM
  rockset_query('select person, town, changed, dbt_valid_from, dbt_valid_to from commons.by_time order by person, changed');
SELECT row->>'person', row->>'town', row->>'open' FROM
  rockset_query('select person, town, case when dbt_valid_to is null then ''open'' else ''closed'' end as open from commons.by_value order by person, 3, 2');
SELECT row->>'person', row->>'town', row->>'dbt_valid_from', row->>'dbt_valid_to' FROM
  rockset_query('select person, town, dbt_valid_from, dbt_valid_to from commons.by_all order by person, dbt_valid_from');
-- each state has a name of its own, and what reads the snapshot is built after it
SELECT row->>'n' FROM rockset_query('select count(distinct dbt_scd_id) as n from commons.by_time');
INSERT INTO rockset_models(name, materialized, sql) VALUES('states', 'table', 'select person, count(*) as n from {{ ref("by_time") }} group by person');
SELECT json_extract(rockset_materialize('states', NULL, v), '$.status') FROM round WHERE n = 3;
SELECT row->>'person', row->>'n' FROM rockset_query('select person, n from commons.states order by person');
-- what is wrong with it is told
UPDATE rockset_snapshots SET config = '{"target_schema":"commons","strategy":"sometimes","unique_key":"person"}' WHERE name = 'by_all';
SELECT rockset_materialize('by_all', NULL, v) FROM round WHERE n = 3;
