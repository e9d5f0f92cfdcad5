-- What stored SQL may call and name: functions without effects, users' own, nothing hidden, no files.
.mode list
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select range a from range(3)');
SELECT rockset_exec('create macro commons.plus(x) as x + 1');
SELECT rockset_exec('create macro commons.runs(x) as (select count(*) from query(''select 1''))');
SELECT rockset_exec('create macro commons.around(x) as commons.runs(x)');

.print -- what changes the engine, however it is said
CREATE VIRTUAL TABLE a USING rockset(query='select 1 as a from enable_peg_parser()');
CREATE VIRTUAL TABLE a USING rockset(query='select 1 as a from "Enable_Peg_Parser" /* a /* b */ */ ()');
CREATE VIRTUAL TABLE a USING rockset(query='with a as (from system.main.enable_logging()) select * from a');
CREATE VIRTUAL TABLE a USING rockset(query='select nextval(''s'')');
CREATE VIRTUAL TABLE a USING rockset(query='select * from query(''select 1'')');

.print -- users' own functions are what they are made of
CREATE VIRTUAL TABLE own USING rockset(query='select plus(a) as v from commons.t');
SELECT * FROM own;
CREATE VIRTUAL TABLE a USING rockset(query='select runs(a) as v from commons.t');
CREATE VIRTUAL TABLE a USING rockset(query='select around(a) as v from commons.t');
CREATE VIRTUAL TABLE names USING rockset(query='with q(x, y) as (select 1, 2) select * from q t(a, b)');
SELECT * FROM names;

.print -- files, by function and by name
CREATE VIRTUAL TABLE a USING rockset(query='select * from read_csv(''a.csv'')');
CREATE VIRTUAL TABLE a USING rockset(query='select * from commons.t, ''a.csv''');
CREATE VIRTUAL TABLE a USING rockset(query='from "b.tmp/a"."csv"');
CREATE VIRTUAL TABLE units USING rockset(query='select 1 as "km/h", ''a/b.csv'' as f, extract(year from date ''2020-01-01'') as y');
SELECT * FROM units;

.print -- what is hidden is neither listed nor read
SELECT rockset_exec('create schema if not exists hidden');
CREATE VIRTUAL TABLE a USING rockset(query='from "_ROCKSET".aliases');
CREATE VIRTUAL TABLE a USING rockset(query='show all tables');
CREATE VIRTUAL TABLE a USING rockset(query='from (describe)');
CREATE VIRTUAL TABLE a USING rockset(query='from duckdb_tables');
CREATE VIRTUAL TABLE a USING rockset('information_schema.tables');
CREATE VIRTUAL TABLE listed USING rockset(query='select table_schema, tables.table_name from information_schema.tables where table_schema <> ''main'' order by all');
SELECT * FROM listed;

.print -- models and hooks
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES ('m', 'select * from enable_logging()');
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{{ config(pre_hook="set threads = 1") }}select 1 as a';
SELECT json_extract(rockset_materialize('m'), '$.status');
UPDATE rockset_models SET sql = '{{ config(pre_hook="set variable x = 1") }}select getvariable(''x'') as a';
SELECT json_extract(rockset_materialize('m'), '$.status');
UPDATE rockset_models SET sql = '{{ config(schema="_rockset") }}select 1 as a';
INSERT INTO rockset_macros(name, sql) VALUES ('generate_schema_name', '{% macro generate_schema_name(custom, node) %}{{ custom or target.schema }}{% endmacro %}');
SELECT json_extract(rockset_materialize('m'), '$.status');
DELETE FROM rockset_macros;

.print -- trust lifts it
UPDATE rockset_models SET sql = 'select nextval(''commons.s'') as n';
SELECT rockset_exec('create sequence commons.s');
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
SELECT rockset_trust(1);
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');

.print -- but no files by name, and nothing of a hidden schema
UPDATE rockset_models SET sql = 'select * from "a.duckdb.tmp/x.csv"';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
UPDATE rockset_models SET sql = 'select * from read_csv(''a.duckdb.tmp/x.csv'')';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
UPDATE rockset_models SET sql = '{{ config(pre_hook="copy commons.t to ''a.duckdb.tmp/x.csv''") }}select 1 as a';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
UPDATE rockset_models SET sql = 'select * from "_Rockset".aliases';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
INSERT INTO rockset_macros(name, sql) VALUES ('generate_schema_name', '{% macro generate_schema_name(custom, node) %}{{ custom or target.schema }}{% endmacro %}');
UPDATE rockset_models SET sql = '{{ config(schema="_rockset") }}select 1 as a';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
DELETE FROM rockset_macros;
CREATE VIRTUAL TABLE a USING rockset(query='from _rockset.aliases');
CREATE VIRTUAL TABLE a USING rockset('_rockset.aliases');
UPDATE rockset_models SET sql = '{{ config(pre_hook="set threads = 1") }}select count(*) > 0 as a from duckdb_tables';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
