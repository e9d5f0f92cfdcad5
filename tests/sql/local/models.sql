-- sqlite.<table> in models: as text, and as the source named sqlite
.bail off
CREATE TABLE orders(id INTEGER PRIMARY KEY, region TEXT, amount REAL);
INSERT INTO orders VALUES (1, 'north', 10.5), (2, 'south', 20), (3, 'north', 4.5);
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES
  ('daily', '{{ config(materialized=''table'') }} SELECT region, sum(amount) AS amount FROM {{ source(''sqlite'', ''orders'') }} GROUP BY region'),
  ('big', '{{ config(materialized=''ephemeral'') }} SELECT * FROM sqlite.orders WHERE amount > 5'),
  ('joined', '{{ config(materialized=''incremental'', unique_key=''id'') }} SELECT b.id, b.region, d.amount FROM {{ ref(''big'') }} AS b JOIN {{ ref(''daily'') }} AS d USING (region)'),
  ('seen', '{{ config(materialized=''view'') }} SELECT * FROM sqlite.orders');
INSERT INTO rockset_tests(name, sql) VALUES ('no_negative', 'SELECT * FROM sqlite.orders WHERE amount < 0');
SELECT node, status, rows, message FROM rockset_run('*', '{"raise":false,"threads":2}') ORDER BY node;
SELECT * FROM rockset_query('SELECT * FROM joined ORDER BY id');
SELECT node, status FROM rockset_test('*', '{"raise":false}');
SELECT * FROM rockset_graph ORDER BY 1, 2;
SELECT rockset_compile('daily');
SELECT sql, rows FROM rockset_log WHERE sql LIKE 'ingest%' LIMIT 1;
INSERT INTO orders VALUES (4, 'west', 100);
SELECT json_extract(rockset_materialize('daily'), '$.rows');
SELECT node, status FROM rockset_build('+joined', '{"raise":false}');
SELECT * FROM rockset_query('SELECT * FROM joined ORDER BY id');
-- a target whose relations have a database in front
SELECT rockset_profile('t', 'p', '{"p":{"target":"t","outputs":{"t":{"type":"duckdb","path":"y.duckdb","schema":"commons"}}}}') ->> 'database';
SELECT rockset_compile('daily');
INSERT INTO rockset_sources(source, name, local_table) VALUES ('app', 'sales', 'orders');
INSERT INTO rockset_models(name, materialized, sql) VALUES ('sold', 'table', 'SELECT count(*) AS n FROM {{ source(''app'', ''sales'') }}');
SELECT rockset_compile('sold');
SELECT node, status FROM rockset_run('daily sold') ORDER BY node;
SELECT c1 FROM rockset_query('SELECT n FROM sold');
