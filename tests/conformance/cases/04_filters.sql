-- feature: filters
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
CREATE VIRTUAL TABLE v USING rockset('commons.numbers');
CREATE TABLE l AS SELECT _id, n, half, word, day FROM v;
-- each line: rows by the engine, and the difference to the same by SQLite alone
.mode list
SELECT 'n = 7', count(*), count(*) - (SELECT count(*) FROM l WHERE n = 7) FROM v WHERE n = 7;
SELECT 'n <> 7', count(*), count(*) - (SELECT count(*) FROM l WHERE n <> 7) FROM v WHERE n <> 7;
SELECT 'n < -490', count(*), count(*) - (SELECT count(*) FROM l WHERE n < -490) FROM v WHERE n < -490;
SELECT 'n >= 500.5', count(*), count(*) - (SELECT count(*) FROM l WHERE n >= 500.5) FROM v WHERE n >= 500.5;
SELECT 'n BETWEEN', count(*), count(*) - (SELECT count(*) FROM l WHERE n BETWEEN 3 AND 9) FROM v WHERE n BETWEEN 3 AND 9;
SELECT 'n = text', count(*), count(*) - (SELECT count(*) FROM l WHERE n = '7') FROM v WHERE n = '7';
SELECT 'n = abc', count(*), count(*) - (SELECT count(*) FROM l WHERE n = 'abc') FROM v WHERE n = 'abc';
SELECT 'n < text', count(*), count(*) - (SELECT count(*) FROM l WHERE n < 'abc') FROM v WHERE n < 'abc';
SELECT 'n IN', count(*), count(*) - (SELECT count(*) FROM l WHERE n IN (1, 2, NULL, 'x', 3.0)) FROM v WHERE n IN (1, 2, NULL, 'x', 3.0);
SELECT 'n IN select', count(*), count(*) - (SELECT count(*) FROM l WHERE n IN (SELECT n + 1 FROM l)) FROM v WHERE n IN (SELECT n + 1 FROM l);
SELECT 'half > 100', count(*), count(*) - (SELECT count(*) FROM l WHERE half > 100) FROM v WHERE half > 100;
SELECT 'half = 1', count(*), count(*) - (SELECT count(*) FROM l WHERE half = 1) FROM v WHERE half = 1;
SELECT 'word =', count(*), count(*) - (SELECT count(*) FROM l WHERE word = 'Gamma') FROM v WHERE word = 'Gamma';
SELECT 'word <', count(*), count(*) - (SELECT count(*) FROM l WHERE word < 'b') FROM v WHERE word < 'b';
SELECT 'word > ä', count(*), count(*) - (SELECT count(*) FROM l WHERE word >= 'ä') FROM v WHERE word >= 'ä';
SELECT 'word = 5', count(*), count(*) - (SELECT count(*) FROM l WHERE word = 5) FROM v WHERE word = 5;
SELECT 'word IS NULL', count(*), count(*) - (SELECT count(*) FROM l WHERE word IS NULL) FROM v WHERE word IS NULL;
SELECT 'word NOT NULL', count(*), count(*) - (SELECT count(*) FROM l WHERE word IS NOT NULL) FROM v WHERE word IS NOT NULL;
SELECT 'word IS', count(*), count(*) - (SELECT count(*) FROM l WHERE word IS 'z') FROM v WHERE word IS 'z';
SELECT 'word IS NOT', count(*), count(*) - (SELECT count(*) FROM l WHERE word IS NOT 'z') FROM v WHERE word IS NOT 'z';
SELECT 'nocase', count(*), count(*) - (SELECT count(*) FROM l WHERE word = 'z' COLLATE NOCASE) FROM v WHERE word = 'z' COLLATE NOCASE;
SELECT 'like', count(*), count(*) - (SELECT count(*) FROM l WHERE word LIKE 'A%') FROM v WHERE word LIKE 'A%';
SELECT 'day >=', count(*), count(*) - (SELECT count(*) FROM l WHERE day >= '2020-05-01') FROM v WHERE day >= '2020-05-01';
SELECT 'or', count(*), count(*) - (SELECT count(*) FROM l WHERE n = 7 OR word = 'z') FROM v WHERE n = 7 OR word = 'z';
SELECT 'and', count(*), count(*) - (SELECT count(*) FROM l WHERE n > 7 AND word = 'z' AND half < 50) FROM v WHERE n > 7 AND word = 'z' AND half < 50;
SELECT 'expression', count(*), count(*) - (SELECT count(*) FROM l WHERE n % 7 = 3 AND n > 0) FROM v WHERE n % 7 = 3 AND n > 0;
