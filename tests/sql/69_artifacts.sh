#!/bin/sh
# The files that dbt's ecosystem reads; make test-artifacts has them parsed by its own parser.
set -u
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
q "SELECT rockset_init(); SELECT json_extract(rockset_import('$FIXTURES/shop'), '\$.warnings')"
q "SELECT rockset_create_workspace('commons'); SELECT rockset_exec('create table commons.raw_orders as select 1 as id')" >/dev/null
q "SELECT json_extract(rockset_run('+stg_orders um dim use_dim'), '\$.status')"
q "SELECT rockset_artifacts('out')"
cat out/compiled/shop/models/staging/stg_orders.sql
echo
q "SELECT key FROM json_each(readfile('out/manifest.json'), '\$.nodes') ORDER BY 1"
q "SELECT key, value FROM json_each(readfile('out/manifest.json'), '\$.parent_map') ORDER BY 1"
q "SELECT value ->> 'status', value ->> 'unique_id' FROM json_each(readfile('out/run_results.json'), '\$.results') ORDER BY 2"
q "SELECT key, json_extract(value, '\$.columns') FROM json_each(readfile('out/catalog.json'), '\$.nodes') ORDER BY 1"
echo '-- refused'
q "INSERT INTO rockset_models(name, sql, path) VALUES('away', 'select 1', '../away.sql'); SELECT rockset_run('away') IS NULL"
q "SELECT rockset_artifacts('out')"
ls
