#!/bin/sh
# An imported project compiles to what dbt-core 1.7.20 with dbt-rockset makes of it, byte for byte
# (tests/parity_project/expected is dbt's own; make test-parity-project compares with dbt itself).
set -u
parity=$FIXTURES/../parity_project
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
q "SELECT rockset_init(); SELECT json_extract(rockset_import('$FIXTURES/shop'), '\$.warnings')"
sh "$parity/compile.sh" a.db ours
diff -r ours "$parity/expected" && echo 'as dbt'
echo '-- graph'
q "SELECT value FROM json_each(rockset_ls('*'))"
q "SELECT json_extract(value, '\$.node') FROM json_each(rockset_ls('package:util'))"
q "SELECT json_extract(value, '\$.node') FROM json_each(rockset_ls('shop.staging'))"
q "SELECT json_extract(value, '\$.node') FROM json_each(rockset_ls('tag:stg'))"
echo '-- not models'
q "SELECT rockset_compile('snap')"
q "SELECT rockset_compile('codes')"
q "SELECT json_extract(rockset_run('codes'), '\$.warning')"
q "SELECT json_extract(rockset_run('snap'), '\$.warning')"
echo '-- packages, versions, variables'
q "SELECT rockset_compile('dim.v3')"
q "SELECT rockset_compile('um')"
q "SELECT rockset_compile('shop.um')"
q "SELECT rockset_compile('util.um', '{\"vars\":{\"depth\":9}}')"
q "SELECT rockset_compile('unused', '{\"vars\":{\"off_is_on\":\"True\"}}')"
q "UPDATE rockset_models SET sql = 'select * from {{ ref(\"shop\", \"um\") }}' WHERE name = 'orders';
SELECT rockset_compile('orders')"
q "UPDATE rockset_models SET sql = 'select * from {{ ref(\"nope\", \"um\") }}' WHERE name = 'orders';
SELECT rockset_compile('orders')"
q "UPDATE rockset_models SET sql = 'select {{ twice(1) }}' WHERE name = 'orders'; SELECT rockset_compile('orders')"
echo '-- the project over its packages, and over the text of their models'
q "UPDATE rockset_models SET sql = '{{ config(schema=\"mine\", alias=\"uu\") }}select 1' WHERE name = 'um';
SELECT json_extract(value, '\$.relation') FROM json_each(rockset_ls('um'))"
q "UPDATE rockset_sources SET config = '{\"enabled\":false}'; SELECT rockset_compile('stg_orders')"
q "INSERT INTO rockset_seeds(name, csv) VALUES('orders', 'a'); SELECT rockset_ls()"
