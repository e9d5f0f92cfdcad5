-- A profile that only reads: the first statement that writes fails, not COMMIT
.mode list
.once profiles.yml
SELECT 'p: {target: dev, outputs: {dev: {type: duckdb, path: ro.duckdb, schema: main}, ' ||
  'ro: {type: duckdb, path: ro.duckdb, schema: main, read_only: true}}}';
SELECT rockset_profile('dev', 'p', 'profiles.yml') IS NOT NULL;
SELECT rockset_exec('create table main.t(a int)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('main.t');
INSERT INTO t VALUES (1);
SELECT rockset_profile('ro', 'p', 'profiles.yml') IS NOT NULL;
BEGIN;
INSERT INTO t VALUES (2);
COMMIT;
SELECT a FROM t;
