-- Keyed lookups of joins: asked once, the whole table fetched once when that is cheaper, and never stale
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select range as id, range % 10 as k, ''n'' || range as name from range(2000)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t');
CREATE TABLE same(id INTEGER);
INSERT INTO same WITH RECURSIVE s(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM s WHERE i < 199) SELECT i % 2 FROM s;
CREATE TABLE many(id INTEGER, name TEXT);
INSERT INTO many WITH RECURSIVE s(i) AS (VALUES(0) UNION ALL SELECT i + 1 FROM s WHERE i < 799) SELECT i * 3, 'n' || i FROM s;
CREATE TEMP TABLE seen(n INTEGER);
INSERT INTO seen SELECT max(id) FROM rockset_log;
.print -- two keys, 200 times
SELECT count(*), count(t.name) FROM same LEFT JOIN t ON t.id = same.id;
SELECT count(*) - 1 <= 4 FROM rockset_log WHERE id > (SELECT max(n) FROM seen);
.print -- 800 keys: far fewer requests
INSERT INTO seen SELECT max(id) FROM rockset_log;
SELECT count(*), count(t.name) FROM many LEFT JOIN t ON t.id = many.id;
SELECT count(*) < 400, max(rows) FROM rockset_log WHERE id > (SELECT max(n) FROM seen);
.print -- a correlated subquery, by a text, with a LIMIT of its own
INSERT INTO seen SELECT max(id) FROM rockset_log;
SELECT sum((SELECT id FROM t WHERE t.name = many.name)) FROM many;
SELECT count(*) < 400, max(rows) FROM rockset_log WHERE id > (SELECT max(n) FROM seen);
.print -- a second term, which does not change, is sent; rows come in the order of the engine
SELECT group_concat(t.id) FROM same LEFT JOIN t ON t.k = same.id AND t.id < 30 WHERE same.rowid = 2;
SELECT sum(t.id), count(*) FROM many LEFT JOIN t ON t.id = many.id AND t.k = 3;
.print -- without memory for it
SELECT rockset_cache_memory(0);
INSERT INTO seen SELECT max(id) FROM rockset_log;
SELECT count(*), count(t.name) FROM same LEFT JOIN t ON t.id = same.id;
SELECT count(*) >= 200 FROM rockset_log WHERE id > (SELECT max(n) FROM seen);
SELECT rockset_cache_memory(20000);
SELECT count(*), count(t.name) FROM many LEFT JOIN t ON t.id = many.id;
.print -- with memory for the rows that a term leaves
INSERT INTO seen SELECT max(id) FROM rockset_log;
SELECT count(*), count(t.name) FROM many LEFT JOIN t ON t.id = many.id AND t.k = 3;
SELECT count(*) < 400, max(rows) FROM rockset_log WHERE id > (SELECT max(n) FROM seen);
SELECT rockset_cache_memory(67108864), rockset_cache_memory();
SELECT rockset_cache_memory('much');
.print -- what is written meanwhile, by the third row, is seen
SELECT count(t.name), count(CASE WHEN same.rowid = 3 THEN rockset_exec('update commons.t set name = null where id = 1') IS NULL END)
  FROM same LEFT JOIN t ON t.id = same.id WHERE same.rowid < 9;
