-- Selections. Each line: the selection, and the models in the order of building.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, tags, materialized, workspace, config, sql) VALUES
  ('stg_a', 'daily', 'view', NULL, NULL, 'select * from {{ source("raw", "a") }}'),
  ('stg_b', 'daily,core', 'table', NULL, '{"meta":{"owner":"ann"}}', 'select * from {{ source("raw", "b") }}'),
  ('int_c', '["core"]', 'ephemeral', NULL, NULL, 'select * from {{ ref("stg_a") }}'),
  ('int_d', NULL, 'table', 'finance', NULL, 'select * from {{ ref("stg_a") }}, {{ ref("stg_b") }}'),
  ('mart_e', 'nightly', 'incremental', NULL, '{"meta":{"owner":"bob"},"limit":5,"flag":true}', 'select * from {{ ref("int_c") }}, {{ ref("int_d") }}'),
  ('mart_f', NULL, 'view', NULL, NULL, 'select * from {{ ref("mart_e") }}'),
  ('alone', NULL, 'view', NULL, NULL, 'select 1'),
  ('off', NULL, 'view', NULL, NULL, 'select * from {{ ref("alone") }}');
UPDATE rockset_models SET enabled = 0 WHERE name = 'off';
CREATE TEMP TABLE s(selection);
INSERT INTO s VALUES
  ('*'), ('alone'), ('stg_*'), ('mart_?'), ('*_[ab]'), ('project.alone'), ('fqn:alone'), ('project'), ('package:this'),
  ('+int_d'), ('int_d+'), ('+int_d+'), ('1+mart_e'), ('2+mart_e'), ('0+mart_e'), ('stg_a+1'), ('1+int_d+1'), ('@stg_b'), ('@int_d'),
  ('tag:daily'), ('tag:core'), ('tag:c*'), ('tag:daily,tag:core'), ('tag:daily tag:nightly'), ('tag:daily+,mart_*'),
  ('config.materialized:view'), ('config.materialized:incremental+'), ('config.schema:finance'), ('config.workspace:finance'), ('config.tags:core'),
  ('config.meta.owner:ann'), ('config.meta:owner'), ('config.limit:5'), ('config.flag:true'),
  ('source:raw'), ('source:raw+'), ('source:raw.a+1'), ('source:project.raw.b+1'), ('resource_type:model'), ('resource_type:source+,tag:core'),
  ('alone  stg_a'), ('alone alone'), ('tag:nope'), ('nope*');
SELECT selection || ' => ' || coalesce((SELECT group_concat(json_extract(value, '$.node'), ' ') FROM json_each(rockset_ls(selection))), '') FROM s;

-- errors
SELECT rockset_ls('alon');
SELECT rockset_ls('off');
SELECT rockset_ls('+');
SELECT rockset_ls('@stg_a+');
SELECT rockset_ls('tagg:x');
SELECT rockset_ls('tag:');
SELECT rockset_ls('a,,b');
SELECT rockset_ls('alone, stg_a');
SELECT rockset_ls('path:models/a.sql');
SELECT rockset_ls('state:modified');
SELECT rockset_ls('config:x');
SELECT rockset_run('*', '{"exclude":"nope"}');
-- exclude subtracts
SELECT rockset_exec('create schema raw');
SELECT rockset_exec('create table raw.a as select 1 as x');
SELECT rockset_exec('create table raw.b as select 1 as y');
SELECT group_concat(node, ' ') FROM rockset_run('stg_*', '{"exclude":"tag:core"}');
