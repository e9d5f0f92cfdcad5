-- INSERT, UPDATE, DELETE on a keyed collection: what is sent, conflicts, types.
CREATE TEMP TABLE done AS SELECT rockset_exec('create schema commons');
INSERT INTO done SELECT rockset_exec('create table commons.t(id bigint, name varchar, d date,
  ts timestamptz, j json, l integer[], f double, b boolean, amount decimal(10,2), bl blob, small tinyint,
  m union(int bigint, dbl double, str varchar))');
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='id');
-- what was sent since the last look, without what asks for names
CREATE TEMP TABLE seen(id); INSERT INTO seen SELECT max(id) FROM rockset_log;
.headers off
SELECT '== insert';
INSERT INTO t(id, name, d, ts, j, l, f, b, amount, bl, small, m) VALUES
  (1, 'a', '2026-01-02', '2026-01-02T10:00:00+02:00', '{"a":1}', '[1,2]', 1, 1, 1.25, x'00ff', 5, 7),
  (2, 'b', NULL, '2026-01-02', '[]', NULL, '2.5', 'false', '12345678.90', 'text', '6', 'seven');
SELECT id, name, d, ts, j, l, f, b, amount, hex(bl), small, m, typeof(m) FROM t ORDER BY id;
SELECT replace(substr(sql, 1, 9), char(10), ' '), rows FROM rockset_log
  WHERE id > (SELECT max(id) FROM seen) AND sql LIKE 'in%';
SELECT '== conflicts';
INSERT INTO t(id, name) VALUES (3, 'c'), (2, 'twice');
INSERT INTO t(id, name) VALUES (3, 'c'), (3, 'twice');
INSERT OR IGNORE INTO t(id, name) VALUES (2, 'ignored'), (3, 'c');
INSERT OR REPLACE INTO t(id, name) VALUES (2, 'replaced'), (4, 'd');
INSERT OR FAIL INTO t(id, name) VALUES (5, 'e'), (2, 'fails'), (6, 'f');
INSERT INTO t(name) VALUES ('no key');
SELECT id, name, f FROM t ORDER BY id;
UPDATE t SET id = 1 WHERE id = 3;
UPDATE OR IGNORE t SET id = 1 WHERE id = 3;
UPDATE OR REPLACE t SET id = 4, name = name || '+' WHERE id = 3;
SELECT id, name FROM t ORDER BY id;
SELECT '== update: only what changes is sent';
DELETE FROM seen; INSERT INTO seen SELECT max(id) FROM rockset_log;
UPDATE t SET name = upper(name), f = f + 1 WHERE id = 1;
SELECT substr(sql, 1, 90) FROM rockset_log WHERE id > (SELECT max(id) FROM seen) AND sql LIKE 'UPDATE%';
UPDATE t SET id = 100 WHERE id = 1;
SELECT id, name, d, ts, j, l, f, b, amount, hex(bl), small, m FROM t ORDER BY id;
CREATE TABLE loc(i, n); INSERT INTO loc VALUES (2, 'two'), (4, 'four');
UPDATE t SET name = loc.n FROM loc WHERE loc.i = t.id;
SELECT id, name FROM t ORDER BY id;
SELECT '== delete';
DELETE FROM t WHERE name LIKE 'f%';
SELECT count(*) FROM t;
DELETE FROM t;
SELECT count(*), changes() FROM t;
SELECT '== values that do not fit';
.bail off
INSERT INTO t(id) VALUES ('abc');
INSERT INTO t(id) VALUES (1.5);
INSERT INTO t(id, small) VALUES (1, 128);
INSERT INTO t(id, d) VALUES (1, '2026-02-30');
INSERT INTO t(id, ts) VALUES (1, 'yesterday');
INSERT INTO t(id, j) VALUES (1, '{"a":');
INSERT INTO t(id, b) VALUES (1, 2);
INSERT INTO t(id, f) VALUES (1, 'x');
INSERT INTO t(id, amount) VALUES (1, '1,5');
INSERT INTO t(id, bl) VALUES (1, 5);
INSERT INTO t(id, m) VALUES (1, x'00');
SELECT '== refused by SQLite';
INSERT INTO t(id, name) VALUES (1, 'a') ON CONFLICT(id) DO UPDATE SET name = 'b';
DELETE FROM t RETURNING id;
UPDATE t SET name = 'x' RETURNING id;
INSERT INTO t(id, name) VALUES (1, 'returned') RETURNING id, name;
SELECT id, name FROM t;
