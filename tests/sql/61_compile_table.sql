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

-- errors: the first one ends the query, or is a row
UPDATE rockset_models SET sql = 'select {{ nothing.x }}' WHERE name = 'c';
SELECT node FROM rockset_compile('*');
SELECT node, sql IS NULL, message FROM rockset_compile('c', '{"raise":false}');
SELECT node FROM rockset_compile('nowhere');
SELECT node FROM rockset_compile('*', '{"rise":false}');
