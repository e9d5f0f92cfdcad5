#!/bin/sh
# rockset_export: edited, new and deleted rows change their entries in yml and nothing else; a project
# whose every row is written anew gives the same rows when it is imported again.
set -u
cp -r "$FIXTURES/shop" p
q() { sqlite3 -batch "$1" -cmd ".load $ROCKSET_EXT" "$2" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
cat >p/models/more.yml <<'EOF'
# kept: a comment in front
version: 2

models:
  # of stg_orders
  - name: stg_orders   # at its side
    description: >
      Folded
      text
    columns:
      - name: id
        tags: [key]
        tests:
          - not_null: {tags: [strict], where: "id > 0"}
          - unique
    tests:
      - util.some: {expr: "a > 1", name: all_positive}

  # of late
  - name: late
    description: "quoted: text # no comment"
    unknown_key: {a: [1, {b: 2}]}

groups: [{name: team, owner: {name: x, email: y@z}}]

metrics:
  - name: kept
    label: of a measure
    type: simple
    type_params: {measure: total} # as it is
    filter: "{{ Dimension('order__kind') }} = 'x'"
  - {name: twice, label: Two, type: derived, type_params: {expr: a + b, metrics: [{name: kept, alias: a}, {name: kept, alias: b}]}}
semantic_models:
  - {name: sales, model: ref('orders'), entities: [{name: order, type: primary, expr: id}], measures: [{name: total, agg: sum, expr: id}], defaults: {agg_time_dimension: day}}
saved_queries:
  - {name: nightly, query_params: {metrics: [kept], group_by: ["Dimension('order__kind')"]}, exports: [{name: t, config: {export_as: table}}]}
# the end
EOF
q a.db "SELECT rockset_init(); SELECT json_extract(rockset_import('p'), '\$.warnings')"
echo '-- one entry of each kind'
q a.db "UPDATE rockset_models SET description = 'two' || char(10) || 'lines', materialized = 'table', tags = 'a, b' WHERE name = 'late';
UPDATE rockset_tests SET config = '{\"severity\":\"warn\"}' WHERE name = 'all_positive';
DELETE FROM rockset_tests WHERE name = 'not_null_orders_id';
INSERT INTO rockset_tests(name, test, model, column_name) VALUES('mine', 'unique', 'ref(''orders'')', 'other');
UPDATE rockset_sources SET freshness = '{\"warn_after\":{\"count\":1,\"period\":\"day\"}}', loaded_at_field = 'at';
INSERT INTO rockset_sources(source, name, description) VALUES('fresh', 't', 'new');
UPDATE rockset_exposures SET maturity = 'high';
UPDATE rockset_groups SET owner = '{\"name\":\"z\"}';
UPDATE rockset_metrics SET label = 'Twice' WHERE name = 'twice';
UPDATE rockset_semantic_models SET description = 'sold';
INSERT INTO rockset_saved_queries(name, query_params) VALUES('weekly', '{\"metrics\":[\"twice\"]}');
INSERT INTO rockset_models(name, sql, description) VALUES('made', 'select 1', 'by hand');
INSERT INTO rockset_unit_tests(name, model, given, expect) VALUES('u', 'made', '[]', '{\"rows\":[{\"a\":1}]}');
UPDATE rockset_macros SET description = 'told' WHERE name = 'cents';
UPDATE rockset_vars SET value = '2027' WHERE name = 'year';
DELETE FROM rockset_hooks WHERE event = 'on-run-start';
INSERT INTO rockset_hooks(event, position, sql) VALUES('on-run-end', 7, 'select 4');
UPDATE rockset_configs SET config = '{\"materialized\":\"table\",\"owner\":\"x\"}' WHERE fqn = 'shop.staging';
UPDATE rockset_project SET value = '1.1' WHERE key = 'version';"
q a.db "SELECT rockset_export('out')"
diff -r p out
echo '-- what was deleted is left out'
q a.db "DELETE FROM rockset_models WHERE name = 'late'; DELETE FROM rockset_models WHERE name = 'dim' AND version = '1';
DELETE FROM rockset_sources; DELETE FROM rockset_macros WHERE name = 'other'; DELETE FROM rockset_snapshots;
DELETE FROM rockset_seeds; DELETE FROM rockset_groups"
q a.db "SELECT json_extract(rockset_export('out2'), '\$.notes')"
diff -r out out2
echo '-- everything written anew'
trip() {
  rm -rf again all.db b.db
  q all.db "SELECT rockset_init(); SELECT rockset_import('p')" >all.txt
  q all.db "UPDATE rockset_imported SET hash = substr(hash, 1, 32) || 'x' || substr(hash, 34)
    WHERE table_name NOT IN ('rockset_files', 'rockset_packages'); SELECT json_extract(rockset_export('again'), '\$.notes')"
  q b.db "SELECT rockset_init(); SELECT rockset_import('again')" >all.txt
  for t in models sources macros vars project packages configs hooks seeds snapshots tests unit_tests analyses exposures docs groups metrics semantic_models saved_queries; do
    for d in all b; do q $d.db "SELECT * FROM rockset_$t ORDER BY 1, 2" >$d.txt; done
    cmp all.txt b.txt || diff all.txt b.txt
  done
}
trip && echo same
echo '-- lists in one line, JSON, CRLF'
printf 'models: [{name: late, description: x}, {name: stg_orders, config: {tags: [x]}}]\nversion: 2\n' >p/models/more.yml
trip && cat again/models/more.yml
printf '{"models": [{"name": "late", "description": "x"}]}' >p/models/more.yml
trip && cat again/models/more.yml
printf 'models:\r\n- name: late\r\n  description: x\r\n- name: stg_orders\r\n  description: y\r\n' >p/models/more.yml
trip && cat again/models/more.yml
echo '-- tags of a source reach its tests and are not written there'
printf 'sources:\n- name: tagged\n  tags: [a, b]\n  tables:\n  - name: t\n    tags: [b, c]\n    columns:\n    - {name: id, tags: [key], tests: [unique, {not_null: {tags: [own]}}]}\n' >p/models/more.yml
trip && cat again/models/more.yml
q b.db "SELECT name, config FROM rockset_tests WHERE model LIKE '%tagged%'"
