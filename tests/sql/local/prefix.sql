-- rockset_local: another word than sqlite, where the target has that name itself
.bail off
CREATE TABLE orders(id INTEGER PRIMARY KEY, region TEXT);
INSERT INTO orders VALUES (1, 'n');
SELECT rockset_create_workspace('sqlite');
SELECT * FROM rockset_query('SELECT region FROM sqlite.orders');
SELECT rockset_local('mine');
SELECT * FROM rockset_query('SELECT region FROM mine.orders');
SELECT rockset_exec('CREATE TABLE sqlite.own AS SELECT * FROM mine.orders');
SELECT * FROM rockset_query('SELECT o.region FROM sqlite.own AS o JOIN mine.orders USING (id)');
SELECT rockset_local('sqlite');
SELECT * FROM rockset_query('SELECT region FROM sqlite.own');
