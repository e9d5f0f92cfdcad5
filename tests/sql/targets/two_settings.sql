-- Two connections of one process whose profiles differ in one setting alone: each has its own.
.bail on
.load @EXT@
SELECT json_extract(rockset_profile('dev', 'p', '{"p":{"target":"dev","outputs":{"dev":
  {"type":"duckdb","path":"@TMP@/x.duckdb"}}}}'), '$.dialect') IS NULL;
SELECT rockset_exec('CREATE TABLE n AS SELECT 1 AS a');
.connection 1
.open :memory:
.load @EXT@
SELECT json_extract(rockset_profile('dev', 'p', '{"p":{"target":"dev","outputs":{"dev":
  {"type":"duckdb","path":"@TMP@/x.duckdb","dialect":"rockset"}}}}'), '$.dialect');
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('m', 'select a, b is undefined as u from n');
SELECT status FROM rockset_run('m');
CREATE VIRTUAL TABLE m USING rockset('m');
SELECT * FROM m;
.connection 0
SELECT name FROM rockset_columns WHERE workspace = 'commons' AND relation = 'm';
