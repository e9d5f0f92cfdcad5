-- rockset_compile as a table: one parse, a row for each model.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, sql, folder) VALUES('a', 'select 1 as n', 'staging/core');
INSERT INTO rockset_models(name, sql, materialized) VALUES('b', 'select * from {{ ref("a") }} where n > {{ var("v", 0) }}', 'table');
INSERT INTO rockset_models(name, sql) VALUES('c', 'select {{ selected_resources | length }}, {{ flags.WHICH }}');
SELECT node, kind, path, sql, message FROM rockset_compile;
SELECT node, sql FROM rockset_compile('+b', '{"vars":{"v":7},"exclude":"a"}');

-- inside a statement that writes
CREATE TABLE kept AS SELECT * FROM rockset_compile('*');
SELECT count(*) FROM kept;

-- a model that fails is a row, and the others go on; "raise" ends there, and so does what can't be
-- parsed; the function goes on failing
UPDATE rockset_models SET sql = 'select {% if execute %}{{ 1 / 0 }}{% endif %}' WHERE name = 'a';
SELECT node, kind, path, sql, message FROM rockset_compile('*');
SELECT count(*), sum(sql IS NULL) FROM rockset_compile('*');
SELECT node FROM rockset_compile('*', '{"raise":true}');
SELECT node, sql IS NULL, message FROM rockset_compile('a', '{"raise":false}');
SELECT rockset_compile('a');
UPDATE rockset_models SET sql = 'select {{ nothing.x }}' WHERE name = 'a';
SELECT node, sql, message FROM rockset_compile('*');
UPDATE rockset_models SET sql = 'select {% if %}' WHERE name = 'a';
SELECT node FROM rockset_compile('*');
SELECT node FROM rockset_compile('nowhere');
SELECT node FROM rockset_compile('*', '{"rise":false}');
