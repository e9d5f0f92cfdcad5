-- feature: files into collections
SELECT rockset_load('commons.people', '@CASES@/people.ndjson');
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
CREATE VIRTUAL TABLE people USING rockset('commons.people');
CREATE VIRTUAL TABLE numbers USING rockset('commons.numbers');
SELECT count(*) FROM people;
SELECT count(*), sum(n), sum(half), count(word), min(day), max(day) FROM numbers;
-- appending replaces what has the same _id
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"append"}');
SELECT count(*) FROM people;
