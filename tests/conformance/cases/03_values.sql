-- feature: values of every kind
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
CREATE VIRTUAL TABLE people USING rockset('commons.people');
SELECT _id, name, typeof(name), born, typeof(born) FROM people ORDER BY _id;
SELECT _id, score, typeof(score), active, typeof(active) FROM people ORDER BY _id;
SELECT _id, mixed, typeof(mixed) FROM people ORDER BY _id;
SELECT _id, big, typeof(big) FROM people ORDER BY _id;
SELECT _id, json_extract(tags, '$[0]'), json_array_length(tags) FROM people ORDER BY _id;
SELECT _id, json_extract(address, '$.zip'), json_extract(address, '$.no') FROM people ORDER BY _id;
SELECT count(*) FROM people WHERE _event_time > '2020-01-01';
