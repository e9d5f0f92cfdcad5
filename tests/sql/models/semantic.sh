#!/bin/sh
# Metrics, semantic models, saved queries: rows, checks, nodes, manifest. The members of each are those of
# dbt 1.7's manifest (compared when this was written).
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/"created_at": [0-9.e+]*/"created_at": 0/g; s/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
mkdir -p p/models/sl
printf 'name: p\nversion: "1.0"\nprofile: p\nmetrics: {p: {sl: {+meta: {m: 1}}}}\n' >p/dbt_project.yml
echo "select 1 as id, 2 as amount, current_date as day" >p/models/orders.sql
echo "select 1 as x -- {{ metric('revenue') }} {{ metric('p', 'aov') }}" >p/models/uses.sql
cat >p/models/show.sql <<'END'
{% if execute %}{% for k in ['metrics', 'semantic_models', 'saved_queries'] %}{% for id, n in graph[k].items() %}
-- {{ k }} {{ id }} {{ tojson(n) }}{% endfor %}{% endfor %}
-- {{ graph.nodes['model.p.uses'].metrics }}{% endif %}
select 1
END
cat >p/models/sl/sem.yml <<'END'
semantic_models:
- name: orders
  label: Orders
  description: The orders
  model: ref('orders')
  defaults: {agg_time_dimension: order_day}
  entities: [{name: order, type: primary, expr: id}]
  dimensions: [{name: order_day, type: time, expr: day, type_params: {time_granularity: day}}, {name: kind, type: categorical, expr: "'x'"}]
  measures: [{name: total, agg: sum, expr: amount, description: sum}, {name: cnt, agg: count, expr: 1, create_metric: true}]
metrics:
- {name: revenue, label: Revenue, type: simple, type_params: {measure: total}, description: rev, meta: {a: 1}, tags: [t1], filter: "{{ Dimension('order__kind') }} = 'x'", config: {group: g}}
- {name: aov, label: AOV, type: ratio, type_params: {numerator: revenue, denominator: {name: cnt, alias: kk}}}
- {name: growth, label: G, type: derived, type_params: {expr: "rev_a - rev_p", metrics: [{name: revenue, alias: rev_a}, {name: revenue, alias: rev_p, offset_window: 1 month}]}}
- {name: cum, label: C, type: cumulative, type_params: {measure: {name: total, fill_nulls_with: 0}, window: 7 days}}
groups: [{name: g, owner: {name: x}}]
saved_queries:
- name: sq
  label: SQ
  description: d
  query_params: {metrics: [revenue, cnt], group_by: ["TimeDimension('metric_time', 'day')"], where: ["{{ Dimension('order__kind') }} = 'y'"]}
  exports: [{name: ex, config: {export_as: table, schema: exps}}]
exposures: [{name: e, type: dashboard, owner: {name: x}, depends_on: [metric('revenue'), ref('orders')]}]
END
q "SELECT rockset_init(); SELECT json_extract(rockset_import('p'), '\$.added')"
q "SELECT rockset_compile('uses'); SELECT rockset_compile('show')"
echo '-- selections'
for s in metric:revenue 'metric:*' semantic_model:p.orders saved_query:sq saved_query:sq+ +saved_query:sq orders+ tag:t1 group:g path:models/sl/sem.yml resource_type:saved_query; do
  q "SELECT '$s: ' || group_concat(unique_id, ' ') FROM rockset_ls('$s')"
done
q "SELECT unique_id, depends_on, error FROM rockset_ls('metric:*') LIMIT 2"
q "SELECT unique_id FROM rockset_nodes WHERE resource_type IN ('metric', 'semantic_model', 'saved_query')"
q "SELECT json_extract(rockset_run('orders+'), '\$.status')"
echo '-- manifest.json'
q "SELECT rockset_artifacts('art') IS NOT NULL"
sqlite3 -batch :memory: "SELECT k, (SELECT group_concat(key) FROM json_each(m, '\$.' || k)) FROM
  (SELECT CAST(readfile('art/manifest.json') AS TEXT) AS m), (SELECT 'metrics' AS k UNION ALL SELECT 'semantic_models' UNION ALL SELECT 'saved_queries');
  SELECT p.key, p.value FROM (SELECT CAST(readfile('art/manifest.json') AS TEXT) AS m), json_each(m, '\$.parent_map') AS p WHERE p.value <> '[]';
  SELECT json_extract(m, '\$.group_map') FROM (SELECT CAST(readfile('art/manifest.json') AS TEXT) AS m);"
echo '-- what dbt refuses'
bad() {
  q "SAVEPOINT s; $1; SELECT count(*) FROM rockset_compile('*'); ROLLBACK TO s"
}
bad "UPDATE rockset_metrics SET type_params = '{\"measure\":\"nix\"}' WHERE name = 'revenue'"
bad "UPDATE rockset_metrics SET type_params = '{}' WHERE name = 'cum'"
bad "UPDATE rockset_metrics SET type_params = '{\"numerator\":\"nix\",\"denominator\":\"cnt\"}' WHERE name = 'aov'"
bad "UPDATE rockset_metrics SET type_params = '{\"expr\":\"1\"}' WHERE name = 'growth'"
bad "UPDATE rockset_metrics SET config = '{\"enabled\":false}' WHERE name = 'revenue'"
bad "UPDATE rockset_metrics SET config = '{\"group\":\"h\"}' WHERE name = 'revenue'"
bad "UPDATE rockset_semantic_models SET model = 'orders'"
bad "UPDATE rockset_semantic_models SET model = 'ref(''nix'')'"
bad "UPDATE rockset_saved_queries SET query_params = '{\"metrics\":[\"nix\"]}'"
bad "UPDATE rockset_models SET sql = 'select 1 -- {{ metric(''nix'') }}' WHERE name = 'uses'"
bad "UPDATE rockset_exposures SET depends_on = '[\"metric(''nix'')\"]'"
bad "UPDATE rockset_metrics SET type = 'sum' WHERE name = 'aov'"
for entry in 'metrics: [{name: a, type: simple, type_params: {measure: total}}]' 'metrics: [{name: a, label: A, type_params: {measure: total}}]' \
  'metrics: [{name: a, label: A, type: simple}]' 'semantic_models: [{name: b}]' 'saved_queries: [{name: c}]'; do
  echo "$entry" >p/models/bad.yml
  q "SELECT rockset_import('p')"
done
