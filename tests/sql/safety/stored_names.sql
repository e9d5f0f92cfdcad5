-- What a project may be called: names that only look like the engine's are its own.
.mode list
SELECT rockset_exec('create schema pg_prod');
SELECT rockset_exec('create schema raw');
SELECT rockset_exec('create table pg_prod.users as select 1 as id');
SELECT rockset_exec('create table raw.pg_orders as select 2 as id');
SELECT rockset_exec('create table raw.duckdb_orders as select 3 as id');
SELECT rockset_exec('create table raw.postgres_items(id int)');
CREATE VIRTUAL TABLE a USING rockset(query='select u.id + o.id + d.id as n from pg_prod.users u, "raw"."pg_orders" o, raw.duckdb_orders d');
SELECT * FROM a;
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES ('m',
  '{{ config(materialized="table", pre_hook=["create table if not exists raw.read_events (id int)", "insert into raw.postgres_items (id) values (7)", "create or replace ' ||
  'view raw.show (x) as select 8"]) }}select id from raw.postgres_items');
SELECT json_extract(rockset_materialize('m'), '$.status');

.print -- the engine's stay refused
CREATE VIRTUAL TABLE b USING rockset(query='from main.duckdb_tables');
CREATE VIRTUAL TABLE b USING rockset(query='from system.duckdb_tables');
CREATE VIRTUAL TABLE b USING rockset(query='from system.main . "DuckDB_Tables"');
CREATE VIRTUAL TABLE b USING rockset(query='from pg_class');
CREATE VIRTUAL TABLE b USING rockset(query='from pg_catalog.pg_class');
UPDATE rockset_models SET sql = '{{ config(pre_hook="insert into raw.postgres_items (id) select count(*) from read_csv (''a.csv'')") }}select 1 as a';
SELECT json_extract(rockset_materialize('m'), '$.status');
