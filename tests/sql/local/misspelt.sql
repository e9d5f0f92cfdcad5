-- sqlite.<table>: a misspelt column, of which the engine can't know the right name
.bail off
CREATE TABLE orders(id INTEGER PRIMARY KEY, region TEXT, amount REAL);
INSERT INTO orders VALUES (1, 'n', 2.5), (2, 's', 1);
CREATE TABLE customers(id INTEGER PRIMARY KEY, city TEXT);
INSERT INTO customers VALUES (1, 'x');
SELECT * FROM rockset_query('SELECT regoin FROM sqlite.orders');
SELECT * FROM rockset_query('SELECT o."amuont" FROM sqlite.orders o WHERE o.region = ''n''');
SELECT * FROM rockset_query('SELECT o.id, c.citty FROM sqlite.orders o JOIN sqlite.customers c ON c.id = o.id');
SELECT 'a name that is only near to a column';
SELECT * FROM rockset_query('SELECT id AS amounts FROM sqlite.orders ORDER BY amounts');
SELECT rockset_exec('CREATE SCHEMA commons');
SELECT rockset_exec('CREATE TABLE commons.other AS SELECT 7 AS regions, 1 AS id');
SELECT * FROM rockset_query('SELECT t.regions, o.id FROM sqlite.orders o JOIN commons.other t ON t.id = o.id');
SELECT 'an error that is about something else';
SELECT * FROM rockset_query('SELECT id AS "amounts" FROM sqlite.orders JOIN commons.nowhere USING (id)');
SELECT * FROM rockset_query('SELECT nothing_like_it FROM sqlite.orders');
SELECT 'with a parameter, and as a table over a query';
SELECT * FROM rockset_query('SELECT regoin FROM sqlite.orders WHERE id = ?', '[1]');
SELECT * FROM rockset_query('SELECT id AS regions FROM sqlite.orders WHERE id = ?', '[1]');
CREATE VIRTUAL TABLE wrong USING rockset(query='SELECT regoin FROM sqlite.orders');
SELECT 'what is no query gets the words of the engine only, and is done once';
SELECT rockset_exec('CREATE TABLE commons.third AS SELECT regoin FROM sqlite.orders');
SELECT rockset_exec('INSERT INTO commons.other SELECT id AS amounts, id FROM sqlite.orders');
SELECT * FROM rockset_query('SELECT count(*) AS n FROM commons.other');
