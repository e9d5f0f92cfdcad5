-- rockset_workspaces, rockset_collections, rockset_views, rockset_columns
.mode list
.separator ' | '
.nullvalue NULL
.headers on
SELECT rockset_load('commons.airports', '@DATA@/airports.csv') AS n;
SELECT rockset_exec('create schema other') IS NOT '' AS ok;
SELECT rockset_exec('create view other.south as select iata, latitude from commons.airports where latitude < 0') IS NOT '' AS ok;
SELECT rockset_exec('create table other.typed(i integer, h hugeint, d decimal(18,3), s varchar, b blob, dt date, ts timestamptz, l integer[], e enum(''x''), u union(n ' ||
  'int, s varchar))') IS NOT '' AS ok;
SELECT * FROM rockset_workspaces ORDER BY 1;
SELECT * FROM rockset_collections ORDER BY 1, 2;
SELECT * FROM rockset_collections WHERE workspace = 'commons';
SELECT workspace, name, sql LIKE '%latitude < 0%' AS has_sql FROM rockset_views;
SELECT * FROM rockset_columns WHERE workspace = 'commons' AND relation = 'airports' ORDER BY position;
SELECT * FROM rockset_columns WHERE relation = 'south';
SELECT name, type, native FROM rockset_columns WHERE workspace = 'other' AND relation = 'typed';
SELECT workspace, relation, count(*) AS n FROM rockset_columns GROUP BY 1, 2 ORDER BY 1, 2;

.headers off
.print -- terms that are sent, and terms that SQLite keeps
EXPLAIN QUERY PLAN SELECT * FROM rockset_columns WHERE workspace = 'commons' AND relation = 'airports';
EXPLAIN QUERY PLAN SELECT * FROM rockset_columns WHERE workspace = 'COMMONS' COLLATE NOCASE;
SELECT count(*) FROM rockset_columns WHERE workspace = 'COMMONS' COLLATE NOCASE;
SELECT count(*) FROM rockset_columns WHERE workspace = 'nowhere';
SELECT count(*) FROM rockset_columns WHERE workspace = 'commons' AND relation = 'nowhere';
SELECT count(*) FROM rockset_columns WHERE workspace = 5 OR relation = NULL;
SELECT count(*) FROM rockset_columns WHERE workspace = NULL;
SELECT c.relation, count(*) FROM rockset_views v JOIN rockset_columns c ON c.workspace = v.workspace AND c.relation = v.name GROUP BY 1;

.print -- a view that no longer works
SELECT rockset_exec('create table other.gone as select 1 as a') IS NOT '';
SELECT rockset_exec('create view other.broken as select a from other.gone') IS NOT '';
SELECT rockset_exec('drop table other.gone') IS NOT '';
SELECT DISTINCT relation FROM rockset_columns WHERE workspace = 'other' ORDER BY 1;
SELECT * FROM rockset_columns WHERE workspace = 'other' AND relation = 'broken';

.print -- they are read-only
INSERT INTO rockset_workspaces VALUES ('x');
DELETE FROM rockset_log;
CREATE VIRTUAL TABLE mine USING rockset_log;
