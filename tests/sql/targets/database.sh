#!/bin/sh
# A model's own `database:` is printed by ref and this as dbt-duckdb prints it; what would be built in
# another database than the target's is refused.
set -u
printf 'p: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, schema: main}, far: {type: duckdb, path: other.duckdb, schema: main}}}\n' >profiles.yml
q() {
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('$1', 'p', 'profiles.yml')" "$2" 2>&1 |
    grep -v '^{"type"' | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'
}
q dev "SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES
  ('a', '{{ config(database=''other'', materialized=''table'') }}select 1 as id -- {{ this }}'),
  ('b', 'select * from {{ ref(''a'') }} -- {{ ref(''a'').database }} {{ this }} {{ model.relation_name }}'),
  ('c', '{{ config(database=''shop'') }}select 2 as x -- {{ this }}'),
  ('e', '{{ config(database=''other'', materialized=''ephemeral'') }}select 1 as y'),
  ('f', 'select * from {{ ref(''e'') }}');
SELECT sql FROM rockset_compile('*');
SELECT node, status, message FROM rockset_run('*', '{\"raise\":false}');
SELECT rockset_materialize('a')"
echo '-- where it is the target'"'"'s it is built'
q far "SELECT rockset_compile('a'); SELECT node, status, message FROM rockset_run('a')"
echo '-- a macro of the project says it for all'
q dev "INSERT INTO rockset_macros(name, sql) VALUES('generate_database_name',
  '{% macro generate_database_name(custom_database_name=none, node=none) %}{{ custom_database_name or (\"far_\" ~ node.name) }}{% endmacro %}');
SELECT rockset_compile('f'); SELECT rockset_compile('b')"
echo '-- without a profile there is one database, and it has no name'
sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "DELETE FROM rockset_macros; SELECT rockset_compile('a'); SELECT rockset_compile('b')" 2>&1
sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT node, status, message FROM rockset_run('a', '{\"raise\":false}')" 2>&1
echo '-- nor where a workspace took it: its own is meant by it still'
printf 'p: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb, schema: shop}}}\n' >profiles.yml
q dev "SELECT rockset_compile('c'); SELECT node, status, message FROM rockset_run('c a', '{\"raise\":false}') ORDER BY 1"
