-- Writes of many rows: sizes around what the queue, the engine's vectors and its row groups hold, more than memory
-- keeps, and an error in the middle, after which nothing has arrived
.mode list
.separator ' | '
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.t(id bigint, name varchar, n int check (n <> 13))') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t', key='id');
CREATE TABLE src(id INTEGER PRIMARY KEY, name TEXT, n INTEGER);
WITH RECURSIVE r(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM r WHERE i < 125000) INSERT INTO src SELECT i, 'name ' || i, i % 7 FROM r;
CREATE TABLE sizes(n INTEGER);
.print -- each size once: rows, sums and the last of them
INSERT INTO t SELECT * FROM src WHERE id <= 0;
SELECT count(*), total(id), max(id) FROM t;
INSERT INTO t SELECT * FROM src WHERE id <= 1;
SELECT count(*), total(id), max(name) FROM t;
DELETE FROM t;
INSERT INTO t SELECT * FROM src WHERE id <= 2047;
SELECT count(*), total(id), max(id) FROM t;
DELETE FROM t;
INSERT INTO t SELECT * FROM src WHERE id <= 2048;
SELECT count(*), total(id), max(id) FROM t;
DELETE FROM t;
INSERT INTO t SELECT * FROM src WHERE id <= 2049;
SELECT count(*), total(id), max(id) FROM t;
DELETE FROM t;
INSERT INTO t SELECT * FROM src WHERE id <= 122880;
SELECT count(*), total(id), max(id) FROM t;
DELETE FROM t;
INSERT INTO t SELECT * FROM src WHERE id <= 122881;
SELECT count(*), total(id), max(id) FROM t;
SELECT count(*) FROM src s JOIN t ON t.id = s.id AND t.name = s.name AND t.n = s.n;
.print -- many rows changed and deleted at once
UPDATE t SET n = n + 100 WHERE id <= 2049;
SELECT count(*) FROM t WHERE n >= 100;
DELETE FROM t WHERE id % 3 = 0;
SELECT count(*), total(id) FROM t;
INSERT OR REPLACE INTO t SELECT id, 'again', n FROM src WHERE id <= 6;
INSERT OR IGNORE INTO t SELECT id, 'not again', n FROM src WHERE id <= 9;
SELECT id, name, n FROM t WHERE id <= 10 ORDER BY id;
DELETE FROM t;
.print -- more than the queue keeps in memory: the rest lies in a file
INSERT INTO t SELECT id, name || printf('%.*c', 400, 'x'), n FROM src WHERE id <= 60000;
SELECT count(*), total(length(name)), min(length(name)) FROM t;
DELETE FROM t;
.print -- several statements, one transaction
BEGIN;
INSERT INTO t SELECT * FROM src WHERE id <= 2049;
INSERT INTO t SELECT * FROM src WHERE id > 2049 AND id <= 4097;
UPDATE t SET name = 'changed' WHERE id IN (1, 2049, 4097);
DELETE FROM t WHERE id IN (2, 2050);
SELECT count(*), sum(name = 'changed') FROM t;
COMMIT;
SELECT count(*), sum(name = 'changed') FROM t;
.print -- an error in the middle: nothing of the statement arrives
INSERT INTO t SELECT id, name, CASE id WHEN 6000 THEN 13 ELSE n END FROM src WHERE id BETWEEN 5000 AND 7000;
SELECT count(*), max(id) FROM t;
INSERT INTO t SELECT id, name, CASE id WHEN 6000 THEN 'text' ELSE n END FROM src WHERE id BETWEEN 5000 AND 7000;
SELECT count(*), max(id) FROM t;
INSERT INTO t SELECT CASE id WHEN 6999 THEN 3 ELSE id END, name, n FROM src WHERE id BETWEEN 5000 AND 7000;
SELECT count(*), max(id) FROM t;
INSERT INTO t SELECT CASE id WHEN 6999 THEN 5000 ELSE id END, name, n FROM src WHERE id BETWEEN 5000 AND 7000;
SELECT count(*), max(id) FROM t;
UPDATE t SET n = CASE id WHEN 4000 THEN 13 ELSE n END;
SELECT count(*), sum(n = 13) FROM t;
.print -- and of the transaction, when the engine refuses it at COMMIT; the next one is not touched by that
BEGIN;
INSERT INTO t SELECT * FROM src WHERE id BETWEEN 5000 AND 7000;
INSERT INTO t VALUES(8000, 'bad', 13);
INSERT INTO sizes VALUES(1);
COMMIT;
SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM sizes);
INSERT INTO t SELECT * FROM src WHERE id BETWEEN 5000 AND 7000;
SELECT count(*), max(id) FROM t;
