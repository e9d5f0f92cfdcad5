-- feature: joins
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
CREATE VIRTUAL TABLE v USING rockset('commons.numbers');
CREATE VIRTUAL TABLE p USING rockset('commons.people');
CREATE TABLE words(w TEXT, note TEXT);
INSERT INTO words VALUES ('z', 'last'), ('alpha', 'first'), ('none', 'missing');
SELECT note, count(v.n) FROM words LEFT JOIN v ON v.word = w GROUP BY note ORDER BY note;
SELECT count(*) FROM v a JOIN v b ON a.n = b.n AND a._id < b._id;
SELECT p.name, count(*) FROM p JOIN v ON v.n = p.born - 1500 GROUP BY p._id ORDER BY p._id;
SELECT w FROM words WHERE EXISTS (SELECT 1 FROM v WHERE v.word = w AND v.n > 450) ORDER BY w;
SELECT count(*) FROM v WHERE _id IN (SELECT _id FROM v WHERE n > 490);
SELECT a.name, b.name FROM p a LEFT JOIN p b ON a.born = b.born AND a._id <> b._id ORDER BY a._id;
