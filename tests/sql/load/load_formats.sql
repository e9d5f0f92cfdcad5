-- rockset_load: every format, counted; globs, .gz, mixed types, nested values, _id and _event_time
.mode list
.separator ' | '
SELECT rockset_load('commons.movies', '@DATA@/movies.json');
SELECT rockset_load('commons.flights', '@DATA@/flights-3m.parquet');
SELECT rockset_load('airports', '@DATA@/airports.csv');
SELECT rockset_load('unemployment', '@DATA@/unemployment.tsv');
SELECT rockset_load('people', '@FIXTURES@/people.ndjson.gz');

.print -- what the engine counts
SELECT c1 FROM rockset_query('select count(*) from commons.movies');
SELECT c1 FROM rockset_query('select count(*) from commons.flights');
SELECT c1 FROM rockset_query('select count(*) from commons.airports');
SELECT c1 FROM rockset_query('select count(*) from commons.unemployment');
SELECT row ->> 'name', row ->> 'born' FROM rockset_query('select * from commons.people order by born');

.print -- a field of several types gives each value as itself
SELECT c1, typeof(c1) FROM rockset_query(
  'select "Title" from commons.movies where "IMDB Votes" in (1071, 220703) order by "IMDB Votes"');
SELECT typeof(c1), count(*) FROM rockset_query('select "Title" from commons.movies') GROUP BY 1;

.print -- collections carry _id (unique text) and _event_time
SELECT c1, c2, c3 FROM rockset_query(
  'select count(*), count(distinct _id), count(_event_time) from commons.movies');
SELECT length(c1), typeof(c1), c2 GLOB '20[0-9][0-9]-[01][0-9]-[0-3][0-9] *'
FROM rockset_query('select _id, _event_time from commons.movies limit 1');

.print -- files that this script writes: csv, tsv, ndjson, json, a glob
.mode csv
.headers on
.output one.csv
SELECT 1 AS a, 'x,"y' AS b, 1.5 AS c, NULL AS d UNION ALL SELECT 2, 'zwei', 2.25, '2020-01-31';
.output two.csv
SELECT 3 AS a, 'drei' AS b, 3 AS c, '2021-02-28' AS d;
.output three.tsv
.mode tabs
SELECT 9007199254740993 AS big, 'tab' AS t;
.output four.txt
.mode list
.headers off
SELECT '{"k":1,"list":[1,2,{"x":null}],"o":{"p":"q"}}';
SELECT '{"k":2,"list":[],"o":{"p":null}}';
.output five.json
SELECT '[{"k":1,"v":1},{"k":2,"v":"two"},{"k":3,"v":true},{"k":4,"v":2.5},{"k":5}]';
.output
.separator ' | '
.nullvalue NULL
SELECT rockset_load('t.csv', '*.csv');
SELECT row FROM rockset_query('select a, b, c, d from t.csv order by a');
SELECT rockset_load('t.tsv', 'three.tsv');
SELECT row FROM rockset_query('select big, t from t.tsv');
SELECT rockset_load('t.nested', 'four.txt', '{"format":"ndjson"}');
SELECT row FROM rockset_query('select k, list, o from t.nested order by k');
SELECT rockset_load('t.mixed', 'five.json');
SELECT c1, c2, typeof(c2) FROM rockset_query('select k, v from t.mixed order by k');

.print -- texts that look like dates
.output six.ndjson
SELECT '{"day":"2024-01-02","o":{"d":"2024-01-02"}}';
.output
SELECT rockset_load('t.dates', 'six.ndjson');
SELECT rockset_load('t.texts', 'six.ndjson', '{"dates":false}');
SELECT c1, c2 FROM rockset_query('select typeof(day), typeof(o) from t.dates');
SELECT c1, c2 FROM rockset_query('select typeof(day), typeof(o) from t.texts');
SELECT rockset_load('t.texts', 'six.ndjson', '{"dates":1}');
