-- A database file is not trusted: what its models, hooks, macros and variables may not do.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('m', 'select 1');

-- one query, balanced; read nothing but the target
UPDATE rockset_models SET sql = 'select 1; drop table x';
SELECT rockset_compile('m');
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'select 1) as x; drop table y; select * from (select 2';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'select 1 /* never closed';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'select ''never closed';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'drop table x';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'copy (select 1) to ''@TMP@/stolen.csv''';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = ' ';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'select * from read_csv(''/etc/passwd'')';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'select 1; -- a final semicolon is fine';
SELECT json_extract(rockset_materialize('m'), '$.status');

-- an ephemeral model can't break out of its brackets
INSERT INTO rockset_models(name, materialized, sql) VALUES('e', 'ephemeral', 'select 1) select 2 --');
UPDATE rockset_models SET sql = 'select * from {{ ref("e") }}' WHERE name = 'm';
SELECT rockset_compile('m');
DELETE FROM rockset_models WHERE name = 'e';

-- hooks and run_query: one statement each
UPDATE rockset_models SET sql = '{{ config(pre_hook="select 1; select 2") }}select 1';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = '{{ config(post_hook="copy (select 1) to ''@TMP@/stolen.csv''") }}select 1';
SELECT rockset_materialize('m');
UPDATE rockset_models SET sql = 'select {{ run_query("select 1; select 2") }}';
SELECT rockset_compile('m');

-- the environment
UPDATE rockset_models SET sql = 'select {{ env_var("HOME") }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ env_var("HOME", "hidden") }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ env_var("DBT_ENV_SECRET_KEY") }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ env_var("DBT_NOT_SET_ANYWHERE") }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ env_var("DBT_NOT_SET_ANYWHERE", "default") }}';
SELECT rockset_compile('m');
-- through a variable or a macro it is the same
INSERT INTO rockset_vars(name, value) VALUES('v', '{{ env_var("HOME") }}');
UPDATE rockset_models SET sql = 'select {{ var("v") }}';
SELECT rockset_compile('m');

-- hostile templates end
UPDATE rockset_models SET sql = '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}select 1';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ "x" * 1000000000000 }}';
SELECT rockset_compile('m');
INSERT INTO rockset_macros(name, sql) VALUES('r', '{% macro r() %}{{ r() }}{% endmacro %}');
UPDATE rockset_models SET sql = 'select {{ r() }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ "".__class__.__mro__ }} 1';
SELECT rockset_compile('m');
DELETE FROM rockset_macros;
UPDATE rockset_models SET sql = 'select 1';

-- views and triggers of the file reach nothing
CREATE VIEW v1 AS SELECT rockset_compile('m');
SELECT * FROM v1;
CREATE VIEW v2 AS SELECT json_extract(rockset_materialize('m'), '$.status');
SELECT * FROM v2;
CREATE VIEW v3 AS SELECT rockset_run('*');
SELECT * FROM v3;
CREATE VIEW v4 AS SELECT * FROM rockset_run('*');
SELECT * FROM v4;
CREATE TABLE t(x);
CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT rockset_run('*'); END;
INSERT INTO t VALUES(1);
CREATE TEMP VIEW v5 AS SELECT node, status FROM rockset_run('*');
SELECT * FROM v5;

-- rockset_trust lifts just what it says: several statements in hooks, the environment
SELECT rockset_trust(1);
UPDATE rockset_models SET sql = 'select {{ env_var("HOME") | length > 0 }} as home';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ env_var("DBT_ENV_SECRET_KEY") }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select 1; select 2';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{{ config(pre_hook="create table if not exists commons.h(x int); insert into commons.h values (1)") }}select 1 as a';
SELECT json_extract(rockset_materialize('m'), '$.status');
SELECT row FROM rockset_query('select * from commons.h');
-- views of a schema that SQLite itself does not trust (newer shells) stay closed
PRAGMA trusted_schema = 1;
SELECT * FROM v2;
