#!/bin/sh
# rockset_import: a project's files become rows; a second import changes only what differs; rows
# edited by hand are conflicts; errors name file and line and change nothing.
set -u
cp -r "$FIXTURES/shop" p
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
import() { q "SELECT rockset_import('p'${1:+, '$1'})"; }
q "SELECT rockset_import('p')"
q "SELECT rockset_init()"
echo '-- everything'
import
q "SELECT resource_type, package, name, version, path FROM rockset_nodes;
SELECT * FROM rockset_vars; SELECT * FROM rockset_configs; SELECT * FROM rockset_hooks;
SELECT key, value FROM rockset_project; SELECT name, path FROM rockset_packages;
SELECT * FROM rockset_docs; SELECT package, name, sql FROM rockset_macros;
SELECT name, test, model, column_name, arguments, config FROM rockset_tests;
SELECT name, version, config, description, columns, latest_version, folder FROM rockset_models;
SELECT source, name, workspace, identifier FROM rockset_sources; SELECT * FROM rockset_exposures;"
echo '-- nothing new'
import
echo '-- a row edited by hand is kept, and is not removed with its file'
q "UPDATE rockset_models SET sql = 'select 7' WHERE name = 'orders';
UPDATE rockset_seeds SET csv = 'a' WHERE name = 'codes'; INSERT INTO rockset_models(name, sql) VALUES('mine', 'select 1')"
rm p/seeds/codes.csv p/tests/positive.sql
printf 'select 8' >p/models/staging/stg_orders.sql
printf 'select 9' >p/models/mine.sql
import
q "SELECT name, sql FROM rockset_models WHERE name IN ('mine', 'orders', 'stg_orders')"
echo '-- force'
import '{"force":true}'
q "SELECT name FROM rockset_seeds; SELECT name, sql FROM rockset_models WHERE name = 'mine'"
echo '-- another folder: its rows are its own'
mkdir -p other/models
printf 'name: other\n' >other/dbt_project.yml
printf 'select 1' >other/models/third.sql
q "DELETE FROM rockset_project WHERE key = 'name'; SELECT rockset_import('other')"
q "SELECT count(*) FROM rockset_models"
echo '-- errors'
before=$(sqlite3 a.db .dump)
q "SELECT rockset_import('nowhere')"
q "SELECT rockset_import('p', '{\"forse\":1}')"
try() { echo "$2" >"p/$1"; import; rm "p/$1"; }
try models/bad.yml 'models: [{name: orders}, {description: x}]'
try models/bad.yml 'models: 7'
try models/bad.yml 'models: [{name: x'
try models/bad.yml 'models: [{name: um, versions: [{v: 3}]}]'
try macros/bad.sql '{% macro open(x) %} no end'
try macros/bad.sql '{% macro cents(x) %}{% endmacro %}'
mkdir p/models/deep
try models/deep/orders.sql 'select 1'
try packages.yml 'packages: [{package: dbt-labs/dbt_utils, version: 1.0.0}]'
try packages.yml 'packages: [{local: ../none}]'
cp p/dbt_project.yml keep.yml
echo 'model-path: [x]' >>p/dbt_project.yml
import
cp keep.yml p/dbt_project.yml
[ "$(sqlite3 a.db .dump)" = "$before" ] && echo 'as before'
