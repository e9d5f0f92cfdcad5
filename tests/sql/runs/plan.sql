-- Plans, state: and result: selections, rockset_diff: what would be built, why, and with what effect.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, unique_key, sql) VALUES
('e','ephemeral',NULL,'select 1 as id'),
('base','table','id','select * from (values (1, ''a''), (2, ''b'')) t(id, x)'),
('top','view',NULL,'select count(*) as n from {{ ref("base") }} where id in (select id from {{ ref("e") }})');
SELECT node, status FROM rockset_run('*');
SELECT unique_id, change FROM rockset_plan('*');
SELECT * FROM rockset_diff('base');
UPDATE rockset_models SET sql='select * from (values (1, ''a'', 5), (2, ''c'', 6), (3, ''d'', 7)) t(id, x, y)' WHERE name='base';
SELECT unique_id, change, reason FROM rockset_plan('*');
SELECT * FROM rockset_diff('base');
SELECT rockset_diff('top');
SELECT node, status FROM rockset_run('state:modified');
SELECT unique_id, change, reason FROM rockset_plan('*');
SELECT node, status FROM rockset_last_run;
select unique_id from rockset_ls('result:success');
UPDATE rockset_models SET sql='select 2 as id' WHERE name='e';
SELECT unique_id, change, reason FROM rockset_plan('*');
-- macros, configs, relations
INSERT INTO rockset_macros(name, sql) VALUES('one', '{% macro one() %}{{ two() }}{% endmacro %}'), ('two', '{% macro two() %}1{% endmacro %}');
INSERT INTO rockset_models(name, sql) VALUES('m', '{{ config(tags="t") }}select {{ one() }} as id');
SELECT node, status FROM rockset_run('+m e+');
SELECT group_concat(unique_id) FROM rockset_plan('*') WHERE change <> 'unchanged';
UPDATE rockset_macros SET sql = '{% macro two() %}2{% endmacro %}' WHERE name = 'two';
SELECT unique_id, change, reason FROM rockset_plan('m');
SELECT group_concat(node) FROM (SELECT name AS node FROM rockset_ls('state:modified.macros'));
UPDATE rockset_models SET sql = '{{ config(tags="u") }}select {{ one() }} as id' WHERE name = 'm';
SELECT unique_id, change FROM rockset_plan('m');
UPDATE rockset_models SET alias = 'mm' WHERE name = 'm';
SELECT unique_id, change FROM rockset_plan('m');
SELECT name FROM rockset_ls('state:modified.relation');
SELECT name FROM rockset_ls('state:unmodified', '{"resource_type":"model"}') ORDER BY 1;
-- built as something else for once, it is not what the next run makes of it
SELECT json_extract(rockset_materialize('base', 'view'), '$.warning');
SELECT node, kind, change, reason FROM rockset_plan('base top');
SELECT name FROM rockset_ls('state:modified.configs');
SELECT json_extract(rockset_materialize('base'), '$.kind');
SELECT node, kind, change FROM rockset_plan('base');
-- lists
SELECT parent, child FROM rockset_graph ORDER BY 1, 2;
SELECT ancestor, distance FROM rockset_lineage WHERE node = 'model.project.top' ORDER BY 1;
SELECT unique_id FROM rockset_nodes ORDER BY 1;
-- rows that can't be used are listed with the reason, and a run still refuses them
INSERT INTO rockset_models(name, sql) VALUES('broken', 'select {{ ref("nope") }}'), ('syntax', 'select {{ 1 + }}');
INSERT INTO rockset_macros(name, sql) VALUES('odd', 'no macro');
INSERT INTO rockset_tests(name, sql) VALUES('lost', 'select * from {{ ref("gone") }}');
SELECT name, error FROM rockset_ls WHERE error IS NOT NULL ORDER BY 1;
SELECT rockset_plan('*');
-- errors
DELETE FROM rockset_macros WHERE name = 'odd';
DELETE FROM rockset_models WHERE name IN ('broken', 'syntax');
SELECT rockset_plan();
SELECT rockset_plan(NULL);
SELECT rockset_diff('e');
SELECT rockset_diff('base', 'prod');
SELECT rockset_ls('*', '{"indirect_selection":"lazy"}');
SELECT rockset_ls('*', '{"resource_type":"table"}');
SELECT * FROM rockset_ls('selector:x');
