-- What compiles, parses or compares sends queries only, whatever a template says (docs/safety.md).
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema commons');
SELECT rockset_exec('create table commons.t as select 1 as a');
CREATE TABLE dump(n);
CREATE TEMP VIEW target AS SELECT * FROM rockset_query('select (select count(*) from commons.t) as n, (select count(*) from duckdb_tables()) as tables, (select count(*) ' ||
  'from duckdb_views() where not internal) as views, (select count(*) from duckdb_databases()) as databases, (select string_agg(schema_name, '','' order by schema_name) ' ||
  'from duckdb_schemas() where not internal) as schemas, current_setting(''threads'') > 0 as ok');
SELECT * FROM target;

-- by a statement; by methods of adapter; in config, a macro, a test
INSERT INTO rockset_models(name, sql) VALUES
  ('by_run_query', '{% do run_query("drop table commons.t") %}select 1 as a'),
  ('by_statement', '{% call statement("x") %}insert into commons.t values (3){% endcall %}select 1 as a'),
  ('by_fetch', '{% call statement("x", fetch_result=true) %}update commons.t set a = 2 returning a{% endcall %}select 1 as a'),
  ('by_with', '{% do run_query("with x as (select 1) delete from commons.t") %}select 1 as a'),
  ('by_explain', '{% do run_query("explain analyze delete from commons.t") %}select 1 as a'),
  ('by_copy', '{% do run_query("copy commons.t to ''looking.csv''") %}select 1 as a'),
  ('by_attach', '{% do run_query("attach ''looking.duckdb'' as other") %}select 1 as a'),
  ('by_set', '{% do run_query("set threads = 1") %}select 1 as a'),
  ('by_checkpoint', '{% do run_query("checkpoint") %}select 1 as a'),
  ('by_temp', '{% do run_query("create temp table x as select 1") %}select 1 as a'),
  ('by_two', '{% do run_query("select 1; drop table commons.t") %}select 1 as a'),
  ('by_begin', '{% do run_query("begin") %}select 1 as a'),
  ('by_drop', '{% do adapter.drop_relation(api.Relation.create(schema="commons", identifier="t")) %}select 1 as a'),
  ('by_drop_temp', '{% do adapter.drop_relation(api.Relation.create(identifier="t")) %}select 1 as a'),
  ('by_rename', '{% do adapter.rename_relation(api.Relation.create(schema="commons", identifier="t"), api.Relation.create(schema="commons", identifier="u")) %}select 1 as a'),
  ('by_truncate', '{% do adapter.truncate_relation(api.Relation.create(schema="commons", identifier="t")) %}select 1 as a'),
  ('by_schema', '{% do adapter.create_schema(api.Relation.create(schema="other")) %}select 1 as a'),
  ('by_drop_schema', '{% do adapter.drop_schema(api.Relation.create(schema="commons")) %}select 1 as a'),
  ('by_other_database', '{% do adapter.create_schema(api.Relation.create(database="elsewhere", schema="other")) %}select 1 as a'),
  ('by_put_rows', '{% do adapter.put_rows(api.Relation.create(schema="commons", identifier="t"), "select 2 as a") %}select 1 as a'),
  ('by_columns', '{% do adapter.get_column_schema_from_query("create table commons.x as select 1") %}select 1 as a'),
  ('by_config', '{{ config(alias=adapter.execute("drop table commons.t") | string) }}select 1 as a'),
  ('by_macro', '{{ drops() }}select 1 as a');
INSERT INTO rockset_macros(name, sql) VALUES ('drops', '{% macro drops() %}{% do adapter.execute("drop table commons.t") %}{% endmacro %}');
SELECT name, rockset_compile(name) FROM rockset_models WHERE name = 'by_run_query';
SELECT name, rockset_compile(name) FROM rockset_models WHERE name = 'by_macro';
SELECT name, message FROM rockset_compile('*') c JOIN rockset_models m ON node LIKE '%.' || name ORDER BY m.rowid;
SELECT * FROM rockset_diff('by_drop');
SELECT * FROM rockset_diff('by_statement');
SELECT * FROM target;

-- introspection goes on: queries, and what we ask ourselves
INSERT INTO rockset_models(name, sql) VALUES
  ('looks', '{% if execute %}{% set t = api.Relation.create(schema="commons", identifier="t") %}select {{ run_query("select a from " ~ t).columns[0].values() | list }} as rows,
  {{ dbt_utils_like(t) }} as utils, {{ run_query("describe " ~ t) | length }} as described, {{ run_query("pivot " ~ t ~ " on a using count(*)").column_names | length }} as pivoted,
  {{ adapter.get_columns_in_relation(t) | length }} as columns, ''{{ adapter.get_relation(none, "commons", "t").type }}'' as type,
  {{ adapter.get_column_schema_from_query("select 1 as x, 2 as y") | length }} as asked, {{ adapter.list_relations(none, "commons") | length }} as listed,
  {{ adapter.check_schema_exists(none, "commons") }} as there{% endif %}');
INSERT INTO rockset_macros(name, sql) VALUES ('dbt_utils_like',
  '{% macro dbt_utils_like(t) %}{% call statement("s", fetch_result=true) %}select max(a) from {{ t }}{% endcall %}{{ return(load_result("s").table.columns[0].values()[0]) }}{% endmacro %}');
SELECT rockset_compile('looks');

-- what builds may do all that, and so may a session that is trusted
SELECT status FROM rockset_run('by_statement');
SELECT rockset_materialize('by_put_rows') ->> 'status';
SELECT * FROM target;
SELECT rockset_run_operation('drops');
SELECT * FROM rockset_query('select count(*) as n from duckdb_tables() where table_name = ''t''');
SELECT rockset_exec('create table commons.t as select 1 as a');
SELECT rockset_trust(1);
SELECT rockset_compile('by_run_query');
SELECT * FROM rockset_query('select count(*) as n from duckdb_tables() where table_name = ''t''');
