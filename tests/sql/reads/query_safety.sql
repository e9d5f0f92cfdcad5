-- A database file's own views and triggers can't reach the target; files are out of a query's reach
.mode list
SELECT rockset_create_workspace('commons');
.output secret.txt
SELECT 'secret';
.output secret.csv
SELECT 'a';
SELECT 'secret';
.output
.print -- DuckDB has external access off
SELECT * FROM rockset_query('select * from read_text(''secret.txt'')');
SELECT * FROM rockset_query('select * from read_csv(''secret.csv'')');
SELECT * FROM rockset_query('select * from ''secret.csv''');
SELECT rockset_exec('copy (select 1) to ''out.csv''');
SELECT rockset_exec('attach ''other.duckdb''');
SELECT rockset_exec('load httpfs');
SELECT rockset_exec('set enable_external_access = true');
SELECT * FROM rockset_query('select getenv(''HOME'')');

.print -- views and triggers of the main schema
CREATE VIEW v1 AS SELECT * FROM rockset_query('select 1');
SELECT * FROM v1;
CREATE VIEW v2 AS SELECT rockset_exec('create table commons.x(a int)');
SELECT * FROM v2;
CREATE VIEW v3 AS SELECT rockset_load('x', '/etc/passwd', '{"format":"csv"}');
SELECT * FROM v3;
CREATE VIEW v4 AS SELECT rockset_attach('commons');
SELECT * FROM v4;
CREATE VIEW v5 AS SELECT rockset_drop_workspace('commons', 1);
SELECT * FROM v5;
CREATE VIEW v6 AS SELECT * FROM rockset_log;
SELECT * FROM v6;
CREATE VIEW v7 AS SELECT * FROM rockset_workspaces;
SELECT * FROM v7;
CREATE TABLE t(a);
CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT rockset_exec('create table commons.x(a int)'); END;
INSERT INTO t VALUES (1);
DROP TRIGGER tr;
CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT row FROM rockset_query('select 1'); END;
INSERT INTO t VALUES (1);
CREATE TABLE u(a, b AS (rockset_exec('select 1')));
CREATE TABLE w(a DEFAULT (rockset_exec('select 1')));
INSERT INTO w DEFAULT VALUES;
CREATE INDEX i ON t(rockset_exec('select 1'));

.print -- trusted_schema does not matter
PRAGMA trusted_schema = 1;
SELECT * FROM v1;
SELECT * FROM v2;

.print -- temp views are the session's own
CREATE TEMP VIEW tv AS SELECT c1 FROM rockset_query('select 1');
SELECT * FROM tv;
CREATE TEMP VIEW te AS SELECT rockset_exec('create table commons.mine(a int)') IS NOT '';
SELECT * FROM te;

.print -- a table of the file called json_each changes no parameter
CREATE TABLE json_each(key, type, value);
INSERT INTO json_each VALUES (0, 'text', 'forged');
SELECT c1 FROM rockset_query('select ?', '["real"]');

.print -- rockset_trust(1) lifts it for this session
SELECT rockset_trust(1);
SELECT * FROM v1;
SELECT workspace, name FROM rockset_collections;
