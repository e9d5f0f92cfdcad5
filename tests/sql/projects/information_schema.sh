#!/bin/sh
# DuckDB 1.5 has information_schema in its own catalog alone. A name with a database in front, as
# packages of dbt write it, is answered by the rows of that database.
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('dev', 'p') IS NOT NULL" "$1" 2>&1 | sed '/^1$/d; s/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
r() { q "SELECT * FROM rockset_query('$(echo "$1" | sed "s/'/''/g")')"; }
mkdir p
cat >p/profiles.yml <<'E'
p:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, schema: commons, attach: [{path: other.duckdb}]}
E
export DBT_PROFILES_DIR=$PWD/p
q "SELECT rockset_init()"
q "SELECT rockset_exec('create schema if not exists commons'); SELECT rockset_exec('create table commons.orders_1(id int)'); SELECT rockset_exec('create table commons.orders_2(id int, x text)');
SELECT rockset_exec('create schema other.stage'); SELECT rockset_exec('create table other.stage.orders_9(id int)')"
r "select table_schema, table_name from shop.information_schema.tables order by 2"
r "select t.table_name from other.information_schema.tables as t order by 1"
r 'select tables.table_name from "OTHER"."Information_Schema".tables where table_name like $$orders%$$'
r "select a.table_name, b.column_name from shop.information_schema.tables a join shop.information_schema.columns b using (table_schema, table_name) order by 1, 2"
r "select schema_name from other.information_schema.schemata where schema_name = 'stage'"
r "select count(*) > 2 as c from information_schema.tables"
r "select count(*) as c from system.information_schema.tables where table_catalog = 'other'"
echo '-- no names'
r "select 'other.information_schema.tables' as a, \$\$ shop.information_schema.tables \$\$ as b /* shop.information_schema.tables */ -- shop.information_schema.x"
r "select x.information_schema.tables as t from (select {'information_schema': {'tables': 7}} as x)"
echo '-- models and macros'
q "INSERT INTO rockset_macros(name, sql) VALUES('names', '{% macro names(pattern, database=target.database) %}{% set found = run_query(\"select distinct table_schema as \" ~ adapter.quote(\"table_schema\") ~ \", table_name from \" ~ database ~ \".information_schema.tables where table_name ilike ''\" ~ pattern ~ \"'' order by 2\") %}{% if execute %}{{ return(found.columns[1].values()) }}{% endif %}{{ return([]) }}{% endmacro %}');
INSERT INTO rockset_models(name, sql) VALUES('both', '{% for n in names(\"orders_%\") %}select ''{{ n }}'' as n{% if not loop.last %} union all {% endif %}{% endfor %}'),
 ('listed', 'select table_name from {{ target.database }}.information_schema.tables where table_name like ''orders%''')"
q "SELECT rockset_compile('both'); SELECT rockset_run('both listed') ->> 'status'; SELECT * FROM rockset_query('select table_name from commons.listed order by 1')"
