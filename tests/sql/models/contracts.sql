-- Contracts, comments, grants; materializations that a project defines.
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema if not exists commons');
INSERT INTO rockset_models(name, materialized, config, columns, constraints, description, sql) VALUES('m', 'table',
  '{"contract":{"enforced":true},"persist_docs":{"relation":true,"columns":true},"grants":{"select":["x"]}}',
  '[{"name":"id","data_type":"int","constraints":[{"type":"not_null"},{"type":"primary_key"}],"description":"it''s the ' ||
  'id"},{"name":"v","data_type":"varchar","constraints":[{"type":"check","expression":"v <> ''bad''"}]}]', '[{"type":"unique","columns":["id","v"]}]', 'about m', 'select ''a'' as v, 1 as id');
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT row FROM rockset_query('select comment, (select string_agg(comment) from duckdb_columns where table_name = ''m'') as cols from duckdb_tables where table_name = ''m''');
SELECT row FROM rockset_query('select constraint_text from duckdb_constraints() where table_name = ''m''');
UPDATE rockset_models SET sql = 'select ''bad'' as v, 1 as id';
SELECT json_extract(rockset_materialize('m', NULL, '{"raise":false}'), '$.message') LIKE '%constraint failed%';
UPDATE rockset_models SET sql = 'select ''bad'' as v, null::int as id';
SELECT json_extract(rockset_materialize('m', NULL, '{"raise":false}'), '$.message') LIKE '%constraint failed%';
UPDATE rockset_models SET sql = 'select 1 as v, 2::bigint as id, 3 as more';
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT json_remove(rockset_materialize('m', 'view'), '$.ms');
UPDATE rockset_models SET sql = 'select ''b'' as v, 2 as id';
SELECT json_remove(rockset_materialize('m', 'view'), '$.ms');
SELECT json_remove(rockset_materialize('m', 'incremental'), '$.ms');
UPDATE rockset_models SET config = json_set(config, '$.unique_key', 'id', '$.incremental_strategy', 'merge');
SELECT json_remove(rockset_materialize('m', 'incremental'), '$.ms');
SELECT row FROM rockset_query('select * from commons.m');
UPDATE rockset_models SET columns = '[{"name":"id"}]';
SELECT json_remove(rockset_materialize('m', 'incremental'), '$.ms');
-- custom
INSERT INTO rockset_macros(name, sql) VALUES('c', '{% materialization twice, default %}
{%- set target_relation = this.incorporate(type="table") -%}
{%- set existing = load_cached_relation(this) -%}
{%- set tmp = make_intermediate_relation(target_relation) -%}
{%- set backup = make_backup_relation(target_relation, "table") -%}
{{ drop_relation_if_exists(load_cached_relation(tmp)) }}
{{ run_hooks(pre_hooks, inside_transaction=False) }}
{{ run_hooks(pre_hooks, inside_transaction=True) }}
{% call statement("main") %}{{ get_create_table_as_sql(False, tmp, sql) }}; insert into {{ tmp }} select * from {{ tmp }}{% endcall %}
{% if existing is not none %}{{ adapter.rename_relation(existing, backup) }}{% endif %}
{{ adapter.rename_relation(tmp, target_relation) }}
{% do persist_docs(target_relation, model) %}
{{ run_hooks(post_hooks, inside_transaction=True) }}
{{ adapter.commit() }}
{{ drop_relation_if_exists(backup) }}
{{ run_hooks(post_hooks, inside_transaction=False) }}
{{ return({"relations": [target_relation]}) }}
{% endmaterialization %}');
INSERT INTO rockset_models(name, materialized, config, sql) VALUES ('k', 'twice',
  '{"pre_hook":"create table if not exists commons.log as select 1 as a", "post_hook":[{"sql":"insert into commons.log select 2","transaction":false}]}', 'select 1 as a union all select 2');
SELECT json_remove(rockset_materialize('k'), '$.ms');
SELECT json_remove(rockset_materialize('k'), '$.ms');
SELECT row FROM rockset_query('select count(*) as n, (select count(*) from commons.log) as l from commons.k');
SELECT status, message FROM rockset_run('k');
SELECT json_remove(rockset_materialize('m', 'twicee'), '$.ms');
UPDATE rockset_models SET sql = 'select error(''boom'') as a' WHERE name = 'k';
SELECT json_extract(rockset_materialize('k', NULL, '{"raise":false}'), '$.message') LIKE '%boom%';
SELECT row FROM rockset_query('select count(*) as n from commons.k');
SELECT workspace, name FROM rockset_collections;
-- one that does not say what it made; one that takes the place of ours
UPDATE rockset_macros SET sql = '{% materialization twice, default %}{% call statement("main") %}select 1{% endcall %}{% endmaterialization %}' WHERE name = 'c';
UPDATE rockset_models SET sql = 'select 1 as a' WHERE name = 'k';
SELECT json_remove(rockset_materialize('k'), '$.ms');
INSERT INTO rockset_macros(name, sql) VALUES('d',
  '{% materialization view, adapter="duckdb" %}{% call statement("main") %}create or replace view {{ this }} as (select 42 as own){% endcall %}{{ return({"relations": ' ||
  '[this]}) }}{% endmaterialization %}');
INSERT INTO rockset_models(name, sql) VALUES('own', 'select 1 as a');
SELECT json_extract(rockset_materialize('own'), '$.message');
SELECT row FROM rockset_query('select * from commons.own');
-- its workspace is made before
UPDATE rockset_models SET workspace = 'new' WHERE name = 'own';
SELECT json_extract(rockset_materialize('own'), '$.message');
-- comments of a seed and its columns
INSERT INTO rockset_seeds(name, csv, description, columns, config) VALUES('noted', 'id,v
1,2
', 'about noted', '[{"name":"id","description":"the id"}]', '{"persist_docs":{"relation":true,"columns":true},"grants":{"select":["x"]}}');
SELECT status, message FROM rockset_seed('noted');
SELECT row FROM rockset_query('select comment from duckdb_tables() where table_name = ''noted'' union all select comment from duckdb_columns() where table_name = ' ||
  '''noted'' and comment is not null order by 1');
