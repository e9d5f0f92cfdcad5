-- Incremental models: what strategies do to a table that is there, on_schema_change, microbatches.
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema if not exists commons');
SELECT rockset_exec('create table commons.ev as select 1 as id, ''a'' as v union all select 2, ''b''');
INSERT INTO rockset_models(name, materialized, config, sql) VALUES('m', 'incremental', '{"incremental_strategy":"merge","unique_key":"id"}', 'select * from {{ source("commons","ev") }}');
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT rockset_exec('update commons.ev set v = ''z'' where id = 2');
SELECT rockset_exec('insert into commons.ev values (3, ''n'')');
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT row FROM rockset_query('select * from commons.m order by 1');
UPDATE rockset_models SET config='{"incremental_strategy":"delete+insert","unique_key":["id"],"on_schema_change":"append_new_columns"}', sql =
  'select *, 5::decimal(10,2) as d from {{ source("commons","ev") }} where id > 1';
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT row FROM rockset_query('select * from commons.m order by 1');
UPDATE rockset_models SET config='{"incremental_strategy":"append","on_schema_change":"sync_all_columns"}', sql = 'select id, 5::double as d from {{ source("commons","ev") }} where id > 1';
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT row FROM rockset_query('select * from commons.m order by 1');
UPDATE rockset_models SET config='{"incremental_strategy":"append","on_schema_change":"fail"}', sql = 'select id, 5::double as d, 4 as n from {{ source("commons","ev") }} where id > 1';
SELECT json_remove(rockset_materialize('m'), '$.ms');
UPDATE rockset_models SET config='{"incremental_strategy":"append"}';
SELECT json_remove(rockset_materialize('m'), '$.ms');
UPDATE rockset_models SET config='{"incremental_strategy":"insert_overwrite"}';
SELECT json_remove(rockset_materialize('m'), '$.ms');
UPDATE rockset_models SET config='{"incremental_strategy":"nope"}';
SELECT json_remove(rockset_materialize('m'), '$.ms');
UPDATE rockset_models SET config='{}';
SELECT json_remove(rockset_materialize('m'), '$.ms');

-- merge: only some columns, a predicate, both configs at once
INSERT INTO rockset_models(name, materialized, alias, config, sql) VALUES('part', 'incremental', 'part',
  '{"incremental_strategy":"merge","unique_key":"id","merge_update_columns":["a"]}', 'select 1 as id, ''new'' as a, ''new'' as b union all select 3, ''new'', ''new''');
SELECT rockset_exec('create table commons.part as select i as id, ''old'' as a, ''old'' as b from range(1, 3) t(i)');
SELECT json_extract(rockset_materialize('part'), '$.message');
SELECT row FROM rockset_query('select * from commons.part order by id');
UPDATE rockset_models SET config = '{"incremental_strategy":"merge","unique_key":["id"],"merge_exclude_columns":["a"],"incremental_predicates":["DBT_INTERNAL_DEST.id < 2"]}' WHERE name = 'part';
SELECT json_extract(rockset_materialize('part'), '$.message');
SELECT row FROM rockset_query('select * from commons.part order by id, b');
UPDATE rockset_models SET config = '{"incremental_strategy":"merge","unique_key":["id"],"merge_exclude_columns":["a"],"merge_update_columns":["b"]}' WHERE name = 'part';
SELECT json_remove(rockset_materialize('part'), '$.ms');
-- a strategy of the project
INSERT INTO rockset_macros(name, sql) VALUES('get_incremental_only_three_sql', '{% macro get_incremental_only_three_sql(arg_dict) %}delete from {{ arg_dict.target_relation }};
  insert into {{ arg_dict.target_relation }} select * from {{ arg_dict.temp_relation }} where id = 3{% endmacro %}');
UPDATE rockset_models SET config = '{"incremental_strategy":"only_three"}' WHERE name = 'part';
SELECT json_extract(rockset_materialize('part'), '$.status');
SELECT row FROM rockset_query('select * from commons.part order by id');
-- without a strategy and with a key: as delete+insert, so that a key may come twice, be NULL or an expression
INSERT INTO rockset_models(name, materialized, config, sql) VALUES('keyed', 'incremental', '{"unique_key":"id"}', 'select 1 as id, ''a'' as k, 1 as v union all select null, ''n'', 2');
SELECT json_extract(rockset_materialize('keyed'), '$.message');
UPDATE rockset_models SET sql = 'select 1 as id, ''x'' as k, 3 as v union all select 1, ''y'', 4 union all select null, ''n'', 5' WHERE name = 'keyed';
SELECT json_extract(rockset_materialize('keyed'), '$.message');
SELECT row FROM rockset_query('select * from commons.keyed order by v');
UPDATE rockset_models SET config = '{"incremental_strategy":"default","unique_key":"id || ''-'' || k","incremental_predicates":"v > 3"}', sql =
  'select 1 as id, ''x'' as k, 6 as v union all select 1, ''y'', 7' WHERE name = 'keyed';
SELECT json_extract(rockset_materialize('keyed'), '$.message');
SELECT row FROM rockset_query('select * from commons.keyed order by v');
UPDATE rockset_models SET config = '{"unique_key":["id","k"]}', sql = 'select 1 as id, ''x'' as k, 8 as v' WHERE name = 'keyed';
SELECT json_extract(rockset_materialize('keyed'), '$.message');
SELECT row FROM rockset_query('select * from commons.keyed order by v');
-- append_new_columns: what the query lacks is NULL
UPDATE rockset_models SET config = '{"on_schema_change":"append_new_columns"}', sql = 'select 9 as id, true as more, 9 as v' WHERE name = 'keyed';
SELECT json_extract(rockset_materialize('keyed'), '$.message');
SELECT row FROM rockset_query('select * from commons.keyed order by v');
-- a failure changes nothing, hooks included
UPDATE rockset_models SET config = '{"incremental_strategy":"delete+insert","unique_key":"id","post_hook":"select error(''late'')"}' WHERE name = 'part';
SELECT json_extract(rockset_materialize('part', NULL, '{"raise":false}'), '$.status');
SELECT row FROM rockset_query('select * from commons.part order by id');
UPDATE rockset_models SET config = '{"on_schema_change":"maybe"}' WHERE name = 'part';
SELECT json_remove(rockset_materialize('part'), '$.ms');

-- microbatch: what is read is cut to the batch, all batches are there at once
SELECT rockset_exec('create table commons.times as select now()::timestamp - interval (i) day as ts, i from range(6) t(i)');
INSERT INTO rockset_models(name, materialized, config, sql) VALUES('times_v', 'view', '{"event_time":"ts"}', 'select * from {{ source("commons","times") }}'),
 ('mb', 'incremental', json_object('incremental_strategy', 'microbatch', 'event_time', 'ts', 'begin', date('now', '-3 day'), 'batch_size', 'day', 'lookback', 2),
  'select ts, i, ''{{ model.batch.id if model.batch else "" }}'' as b from {{ ref("times_v") }} as s');
SELECT message FROM rockset_run('+mb', '{"raise":false}') WHERE node = 'mb';
SELECT row FROM rockset_query('select count(*) as n, count(distinct b) as batches, bool_and(strftime(ts, ''%Y%m%d'') = b) as cut from commons.mb');
SELECT rockset_exec('insert into commons.times select ts, 100 + i from commons.times');
SELECT message FROM rockset_run('mb', '{"raise":false}');
SELECT row FROM rockset_query('select count(*) as n, count(*) filter (where i >= 100) as late from commons.mb');
SELECT rockset_compile('mb');
UPDATE rockset_models SET config = json_set(config, '$.batch_size', 'week') WHERE name = 'mb';
SELECT json_remove(rockset_materialize('mb'), '$.ms');
UPDATE rockset_models SET config = json_remove(config, '$.begin') WHERE name = 'mb';
SELECT json_remove(rockset_materialize('mb'), '$.ms');

-- sql_header goes in front of what is built, and of what is added
INSERT INTO rockset_models(name, materialized, config, sql) VALUES('headed', 'table', '{"sql_header":"set variable foo = 4;"}', 'select getvariable(''foo'') as v');
SELECT json_extract(rockset_materialize('headed'), '$.message');
SELECT row FROM rockset_query('select * from commons.headed');
UPDATE rockset_models SET materialized = 'incremental', config = NULL, sql = '{% call set_sql_header(config) %}set variable foo = 5;{% endcall %}select getvariable(''foo'') as v'
  WHERE name = 'headed';
SELECT json_extract(rockset_materialize('headed', NULL, '{"full_refresh":true}'), '$.message');
SELECT json_extract(rockset_materialize('headed'), '$.message');
SELECT row FROM rockset_query('select * from commons.headed order by v');
