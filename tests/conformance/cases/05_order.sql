-- feature: order and limit
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
CREATE VIRTUAL TABLE v USING rockset('commons.numbers');
SELECT _id, n FROM v ORDER BY n DESC, _id LIMIT 3;
SELECT _id, word FROM v ORDER BY word, _id LIMIT 2;
SELECT _id, word FROM v WHERE word IS NOT NULL ORDER BY word DESC, _id DESC LIMIT 3 OFFSET 2;
SELECT _id, half FROM v ORDER BY half, n, _id LIMIT 3 OFFSET 1999;
SELECT n FROM v WHERE n > 400 ORDER BY n LIMIT 0;
SELECT DISTINCT word FROM v ORDER BY word;
SELECT word, count(*), sum(n) FROM v GROUP BY word ORDER BY 2 DESC, 1 LIMIT 4;
SELECT max(n), min(n), count(DISTINCT n), avg(half) FROM v;
SELECT _id FROM v ORDER BY word COLLATE NOCASE DESC, _id LIMIT 2;
