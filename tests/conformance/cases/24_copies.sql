-- feature: local copies: rockset_push, rockset_pull
SELECT rockset_init() IS NOT NULL;
CREATE TABLE orders(id INTEGER PRIMARY KEY, city TEXT, amount REAL, tags JSON, note, updated_at TEXT);
INSERT INTO orders VALUES (1, 'Ulm', 5, '{"a":[1]}', 'x', '2026-01-01'), (2, 'Bärlin''s', 7.25, NULL, NULL, '2026-01-02'),
  (3, NULL, NULL, '[]', 'z', '2026-01-02');
SELECT rockset_push('orders', 'commons.orders', '{"key":"id","cursor":"updated_at"}') ->> '$.inserted';
UPDATE orders SET city = 'Neu-Ulm', updated_at = '2026-01-03' WHERE id = 1;
INSERT INTO orders VALUES (4, 'tie', 1, NULL, NULL, '2026-01-02');
SELECT p ->> '$.inserted', p ->> '$.updated' FROM
  (SELECT rockset_push('orders', 'commons.orders', '{"key":"id","cursor":"updated_at"}') AS p);
SELECT rockset_pull('commons.orders', 'orders_copy') ->> '$.rows';
SELECT o._id, o.id, o.city, o.amount, json(o.tags), o.note, o.updated_at FROM orders_copy o ORDER BY o.id;
SELECT count(*) FROM orders o JOIN orders_copy c ON c.id = o.id WHERE o.city IS c.city AND o.amount IS c.amount
  AND json(o.tags) IS json(c.tags) AND o.note IS c.note AND o.updated_at IS c.updated_at;
-- a new field becomes a column, an integer column real
SELECT rockset_push('SELECT 9 AS id, ''Nine'' AS city, 9 AS more', 'commons.orders', '{"key":"id"}') ->> '$.inserted';
SELECT rockset_push('SELECT 9 AS id, 0.5 AS more', 'commons.orders', '{"key":"id"}') ->> '$.updated';
SELECT c1, c2 IS NULL, c3 FROM rockset_query('select id, city, more from commons.orders where _id = ''9''');
-- keyless: appended, replaced
SELECT rockset_push('SELECT 1 AS n UNION ALL SELECT 2', 'commons.plain') ->> '$.rows';
SELECT rockset_push('SELECT 3 AS n', 'commons.plain', '{"mode":"append"}') ->> '$.rows';
SELECT c1, c2, c3 FROM rockset_query('select count(*), sum(n), count(distinct _id) from commons.plain');
SELECT rockset_push('SELECT * FROM orders WHERE id < 3', 'commons.orders', '{"key":"id","mode":"replace"}') ->> '$.rows';
SELECT p ->> '$.deleted', p ->> '$.rows' FROM (SELECT rockset_pull('commons.orders', 'orders_copy', '{"mode":"full"}') AS p);
SELECT rockset_pull('select city, amount from commons.orders', 'totals') ->> '$.rows';
SELECT city, amount FROM totals ORDER BY city;
.bail off
SELECT rockset_push('SELECT 1 AS id UNION ALL SELECT 1', 'commons.plain', '{"key":"id"}');
