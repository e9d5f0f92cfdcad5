-- sqlite.<table>: what is an error, and what it says
.bail off
CREATE TABLE orders(id INTEGER PRIMARY KEY, region TEXT);
INSERT INTO orders VALUES (1, 'n');
CREATE TABLE bad(t TEXT);
INSERT INTO bad VALUES (CAST(x'ff' AS TEXT));
CREATE VIEW broken AS SELECT * FROM missing_table;
SELECT * FROM rockset_query('SELECT * FROM sqlite.ordres');
SELECT * FROM rockset_query('SELECT * FROM sqlite.attached.orders');
SELECT * FROM rockset_query('SELECT t FROM sqlite.bad');
SELECT * FROM rockset_query('SELECT * FROM sqlite.broken');
SELECT * FROM rockset_query('SELECT regoin FROM sqlite.orders');
SELECT * FROM rockset_query('SELECT rowid, * FROM sqlite.orders');
SELECT rockset_exec('INSERT INTO sqlite.orders VALUES (2, ''x'')');
SELECT rockset_exec('DELETE FROM sqlite.orders');
SELECT rockset_exec('UPDATE sqlite.orders SET region = 1');
SELECT rockset_exec('DROP TABLE sqlite.orders');
SELECT rockset_exec('CREATE VIEW v AS SELECT * FROM sqlite.orders');
SELECT rockset_exec('CREATE MACRO m() AS TABLE SELECT * FROM sqlite.orders');
SELECT count(*) FROM orders;
SELECT rockset_local('no word');
SELECT rockset_local(1);
SELECT rockset_local();
SELECT 'stored SQL: its own file, plain tables';
ATTACH ':memory:' AS aux;
CREATE TABLE aux.secret(x);
INSERT INTO aux.secret VALUES ('s');
CREATE TEMP TABLE private(x);
CREATE VIRTUAL TABLE remote USING rockset(query='SELECT region FROM sqlite.orders');
SELECT * FROM remote;
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('attached', 'table', 'SELECT * FROM sqlite.aux.secret'), ('of_temp', 'table', 'SELECT * FROM sqlite.private'),
  ('virtual', 'table', 'SELECT * FROM sqlite.remote'), ('shadow', 'table', 'SELECT * FROM sqlite.remote_rockset'),
  ('ours', 'table', 'SELECT * FROM sqlite.rockset_models'), ('plain', 'table', 'SELECT * FROM sqlite.orders');
SELECT node, status, message FROM rockset_run('*', '{"raise":false}') ORDER BY node;
SELECT rockset_trust(1);
SELECT node, status, message FROM rockset_run('attached of_temp', '{"raise":false}') ORDER BY node;
