-- feature: models: view, table, ephemeral
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT rockset_init() IS NOT '';
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('grown', 'view', 'select _id, name, born, city from {{ source("commons", "people") }} where born is not null'),
  ('cities', 'ephemeral', 'select city, count(*) as n from {{ ref("grown") }} where city is not null group by city'),
  ('report', 'table', 'select city, n, n * 2 as twice from {{ ref("cities") }}');
SELECT node, kind, status FROM rockset_run('+report');
CREATE VIRTUAL TABLE report USING rockset('commons.report');
SELECT city, n, twice FROM report ORDER BY city;
CREATE VIRTUAL TABLE grown USING rockset('commons.grown');
SELECT _id, name FROM grown ORDER BY _id;
-- again: the table is built anew
UPDATE rockset_models SET sql = 'select city, n + 100 as n, n as twice from {{ ref("cities") }}' WHERE name = 'report';
SELECT json_extract(rockset_materialize('report', 'table'), '$.status');
SELECT city, n, twice FROM report ORDER BY city;
-- one that fails leaves the old table
UPDATE rockset_models SET sql = 'select no_such_function(city) as city from {{ ref("cities") }}' WHERE name = 'report';
SELECT 'status: ' || status FROM rockset_run('report', '{"raise":false}');
SELECT count(*) FROM report;
-- a view becomes a table, and a table a view
UPDATE rockset_models SET materialized = 'table' WHERE name = 'grown';
SELECT status FROM rockset_run('grown');
SELECT count(*) FROM grown;
UPDATE rockset_models SET materialized = 'view' WHERE name = 'grown';
SELECT status FROM rockset_run('grown');
SELECT count(*) FROM grown;
