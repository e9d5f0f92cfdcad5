-- sqlite.<table>: what a statement for the target reads of this database
.bail off
CREATE TABLE orders(id INTEGER PRIMARY KEY, region TEXT, amount REAL, paid BOOLEAN, note);
INSERT INTO orders VALUES
  (1, 'north', 10.5, 1, 'a'), (2, 'south', 20, 0, 2), (3, 'north', 4.5, 1, 2.5), (4, NULL, NULL, NULL, NULL), (5, 'süd', 1e300, 0, x'00ff');
CREATE VIEW north AS SELECT id, amount FROM orders WHERE region = 'north';
CREATE TEMP TABLE picks(id INTEGER, why TEXT);
INSERT INTO picks VALUES (1, 'first'), (5, 'last');
ATTACH ':memory:' AS aux;
CREATE TABLE aux.orders(id INTEGER PRIMARY KEY, x TEXT);
INSERT INTO aux.orders VALUES (1, 'other');

SELECT 'columns that are named';
SELECT * FROM rockset_query('SELECT region, count(*) AS n, sum(amount) AS s FROM sqlite.orders WHERE id < 5 GROUP BY region ORDER BY region');
SELECT 'all of them';
SELECT * FROM rockset_query('SELECT * FROM sqlite.orders ORDER BY id');
SELECT 'each value has its own type';
SELECT CASE typeof(c1) WHEN 'blob' THEN hex(c1) ELSE c1 END, typeof(c1) FROM rockset_query('SELECT note FROM sqlite.orders ORDER BY id');
SELECT 'names in front of columns, joins, views, temp, attached';
SELECT * FROM rockset_query('SELECT sqlite.orders.id, north.amount, p.why, o.x FROM sqlite.orders JOIN sqlite.north USING (id) LEFT JOIN sqlite.picks p
  ON p.id = sqlite.orders.id, sqlite.aux.orders o ORDER BY 1');
SELECT 'a whole row as a value, quoted names, comments';
SELECT * FROM rockset_query('SELECT o FROM "sqlite"."picks" /* sqlite.nothing */ AS o ORDER BY o.id -- FROM sqlite.nothing');
SELECT 'a row count alone';
SELECT * FROM rockset_query('SELECT count(*) AS n FROM sqlite.orders');
SELECT 'rowid';
SELECT * FROM rockset_query('SELECT rowid, why FROM sqlite.picks ORDER BY rowid');
SELECT 'FROM first, sub-queries, EXISTS, CTEs';
SELECT * FROM rockset_query('FROM sqlite.picks ORDER BY id');
SELECT * FROM rockset_query('WITH n AS (SELECT id FROM sqlite.north) SELECT id FROM n WHERE EXISTS (SELECT 1 FROM sqlite.picks WHERE picks.id = n.id)');
SELECT 'an alias or a CTE called sqlite is no such name';
SELECT * FROM rockset_query('WITH sqlite AS (SELECT 1 AS orders) SELECT sqlite.orders FROM sqlite');
SELECT 'with a collection';
SELECT rockset_create_collection('commons.paid');
SELECT rockset_exec('INSERT INTO commons.paid (_id) SELECT CAST(id AS VARCHAR) FROM sqlite.orders WHERE paid');
SELECT * FROM rockset_query('SELECT o.id, o.region FROM sqlite.orders o JOIN commons.paid p ON p._id = CAST(o.id AS VARCHAR) ORDER BY 1');
SELECT 'a table over a query';
CREATE VIRTUAL TABLE totals USING rockset(query='SELECT region, sum(amount) AS s FROM sqlite.orders WHERE id < 5 GROUP BY region');
SELECT * FROM totals ORDER BY region;
SELECT 'parameters';
SELECT * FROM rockset_query('SELECT id FROM sqlite.orders WHERE region = ? ORDER BY id', '["north"]');
SELECT 'what was sent';
SELECT sql, rows FROM rockset_log WHERE sql LIKE 'ingest into sqlite%';
