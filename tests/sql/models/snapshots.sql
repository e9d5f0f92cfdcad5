-- Snapshots: what is kept of rows that come, change and go.
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema if not exists commons');
SELECT rockset_exec('create table commons.c as select 1 as id, ''a'' as v, timestamp ''2024-01-01'' as ts union all select 2, ''b'', timestamp ''2024-01-02''');
INSERT INTO rockset_snapshots(name, config, sql) VALUES('st',
  '{"target_schema":"snaps","strategy":"timestamp","unique_key":"id","updated_at":"ts","invalidate_hard_deletes":true}', 'select * from {{ source("commons","c") }}'),
 ('sc', '{"target_schema":"snaps","strategy":"check","unique_key":"id","check_cols":"all"}', 'select id, v from {{ source("commons","c") }}'),
 ('sl', '{"target_schema":"snaps","strategy":"check","unique_key":["id","v"],"check_cols":["ts"]}', 'select * from {{ source("commons","c") }}');
INSERT INTO rockset_models(name, materialized, sql) VALUES('m', 'table', 'select * from {{ ref("st") }}');
SELECT json_remove(rockset_materialize('st'), '$.ms');
SELECT json_remove(rockset_materialize('sc'), '$.ms');
SELECT json_remove(rockset_materialize('sl'), '$.ms');
SELECT row FROM rockset_query('select * from snaps.st order by id');
SELECT rockset_exec('update commons.c set v = ''z'', ts = timestamp ''2024-02-01'' where id = 2');
SELECT rockset_exec('delete from commons.c where id = 1');
SELECT rockset_exec('insert into commons.c values (3, ''n'', timestamp ''2024-03-01'')');
SELECT json_remove(rockset_materialize('st'), '$.ms');
SELECT json_remove(rockset_materialize('st'), '$.ms');
SELECT json_remove(rockset_materialize('sc'), '$.ms');
SELECT json_remove(rockset_materialize('sc'), '$.ms');
SELECT json_remove(rockset_materialize('sl'), '$.ms');
SELECT row FROM rockset_query('select * exclude (dbt_valid_to), dbt_valid_to is null as open from snaps.st order by id, dbt_valid_from');
SELECT row FROM rockset_query('select id, v, dbt_valid_to is null as o from snaps.sc order by id, dbt_valid_from');
SELECT row FROM rockset_query('select id, v, ts, dbt_valid_to is null as o from snaps.sl order by id, dbt_valid_from');
SELECT json_remove(rockset_materialize('m'), '$.ms');
UPDATE rockset_snapshots SET sql = 'select *, 7 as extra from {{ source("commons","c") }}' WHERE name = 'sc';
SELECT json_remove(rockset_materialize('sc'), '$.ms');
SELECT row FROM rockset_query('select id, v, extra, dbt_valid_to is null as o from snaps.sc order by id, dbt_valid_from');
-- full_refresh leaves it alone; a failing hook leaves it as it was; a table that is none is refused
SELECT json_extract(rockset_materialize('sc', NULL, '{"full_refresh":true}'), '$.message');
UPDATE rockset_snapshots SET config = json_set(config, '$.post_hook', 'select error(''late'')'), sql = 'select 9 as id, ''new'' as v, 1 as extra' WHERE name = 'sc';
SELECT json_extract(rockset_materialize('sc', NULL, '{"raise":false}'), '$.status');
SELECT row FROM rockset_query('select count(*) as n from snaps.sc');
SELECT rockset_exec('create table snaps.other as select 1 as id');
INSERT INTO rockset_snapshots(name, config, sql) VALUES('other', '{"target_schema":"snaps","strategy":"check","unique_key":"id","check_cols":"all"}', 'select 1 as id');
SELECT json_remove(rockset_materialize('other'), '$.ms');
UPDATE rockset_snapshots SET config = '{"target_schema":"snaps","strategy":"timestamp","unique_key":"id"}' WHERE name = 'other';
SELECT rockset_exec('drop table snaps.other');
SELECT json_remove(rockset_materialize('other'), '$.ms');
UPDATE rockset_snapshots SET config = '{"target_schema":"snaps","strategy":"check","unique_key":"id","check_cols":"id"}' WHERE name = 'other';
SELECT json_remove(rockset_materialize('other'), '$.ms');
UPDATE rockset_snapshots SET config = '{"target_schema":"snaps","unique_key":"id"}' WHERE name = 'other';
SELECT json_remove(rockset_materialize('other'), '$.ms');
UPDATE rockset_snapshots SET config = '{"target_schema":"snaps","strategy":"check","check_cols":"all"}' WHERE name = 'other';
SELECT json_remove(rockset_materialize('other'), '$.ms');
UPDATE rockset_snapshots SET config = '{"target_schema":"snaps","strategy":"check","check_cols":"all","unique_key":"id","hard_deletes":"keep"}' WHERE name = 'other';
SELECT json_remove(rockset_materialize('other'), '$.ms');
SELECT json_remove(rockset_materialize('other', 'table'), '$.ms');
-- a strategy of the project
INSERT INTO rockset_macros(name, sql) VALUES('snapshot_always_strategy', '{% macro snapshot_always_strategy(node, snapshotted_rel, current_rel, config, target_exists) %}
  {% do return({"unique_key": "id", "updated_at": "now()::timestamp", "row_changed": "true", "scd_id": snapshot_hash_arguments(["id", "now()"]), "invalidate_hard_deletes": false}) %}{% endmacro %}');
UPDATE rockset_snapshots SET config = '{"target_schema":"snaps","strategy":"always","unique_key":"id"}' WHERE name = 'other';
SELECT json_extract(rockset_materialize('other'), '$.message');
SELECT json_extract(rockset_materialize('other'), '$.message');
SELECT row FROM rockset_query('select count(*) as n, count(dbt_valid_to) as closed from snaps.other');
