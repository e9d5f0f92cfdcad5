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
q "SELECT key, json_extract(value, '\$.unrendered_config') FROM json_each(readfile('out/manifest.json'), '\$.nodes') ORDER BY 1"
echo '-- tests and sources'
q "UPDATE rockset_sources SET freshness = '{\"warn_after\":{\"count\":1,\"period\":\"hour\"},\"error_after\":{\"count\":1,\"period\":\"day\"}}', loaded_at_field = 'id', workspace = 'commons', identifier = 'seen';
  INSERT INTO rockset_sources(source, name, workspace, identifier, freshness, loaded_at_field) VALUES
  ('raw', 'void', 'commons', 'seen', '{\"error_after\":{\"count\":1,\"period\":\"day\"},\"filter\":\"1 = 0\"}', 'id'),
  ('raw', 'gone', 'commons', 'seen', '{\"error_after\":{\"count\":1,\"period\":\"day\"}}', 'nope')"
q "SELECT rockset_exec('create table commons.seen as select now()::timestamp - interval 2 hour as id')" >/dev/null
q "SELECT node, status FROM rockset_freshness('*', '{\"raise\":false}') ORDER BY 1"
q "SELECT node, status FROM rockset_test('source_unique_raw_orders_id')"
q "SELECT json_extract(rockset_artifacts('out'), '\$.notes')"
q "SELECT value ->> 'unique_id', value ->> 'status', value ->> 'failures' FROM json_each(readfile('out/run_results.json'), '\$.results') ORDER BY 1"
q "SELECT value ->> 'unique_id', value ->> 'status', value ->> 'criteria', substr(value ->> 'error', 1, 30),
  CASE WHEN value ->> 'max_loaded_at' LIKE '0001-%' THEN value ->> 'max_loaded_at' ELSE abs((julianday(value ->> 'snapshotted_at') - julianday(value ->> 'max_loaded_at')) * 86400 - 7200) < 60 END,
  value ->> 'max_loaded_at_time_ago_in_s' >= 7200 FROM json_each(readfile('out/sources.json'), '\$.results') ORDER BY 1"
echo '-- refused'
q "INSERT INTO rockset_models(name, sql, path) VALUES('away', 'select 1', '../away.sql'); SELECT rockset_run('away') IS NULL"
q "SELECT rockset_artifacts('out')"
ls
