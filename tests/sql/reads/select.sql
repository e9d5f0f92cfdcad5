-- Virtual tables: columns, projection, counts, keys, the shadow table; the SQL that is sent
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.movies(_id varchar, _event_time timestamp, "Title" union(s varchar, i bigint), "Major Genre" varchar, "IMDB Rating" double, "US Gross" bigint)') IS NOT '';
SELECT rockset_exec('insert into commons.movies select ''id'' || range, ''2026-11-21''::timestamp + to_seconds(range),
  case when range = 300 then cast(300 as union(s varchar, i bigint)) else cast(''Film '' || range as union(s varchar, i bigint)) end,
  [''Western'', ''Drama'', null][1 + range % 3], case when range % 10 = 3 then ''nan'' else range % 37 / 4 end, range * 1000 from range(1000)');
CREATE VIRTUAL TABLE movies USING rockset('commons.movies');
SELECT count(*) FROM movies;
EXPLAIN QUERY PLAN SELECT count(*) FROM movies;
SELECT Title, [IMDB Rating] FROM movies WHERE [Major Genre] = 'Western' ORDER BY [IMDB Rating] DESC LIMIT 3;
EXPLAIN QUERY PLAN SELECT Title, [IMDB Rating] FROM movies WHERE [Major Genre] = 'Western' ORDER BY [IMDB Rating] DESC LIMIT 3;

.print -- the key and the time of a collection are hidden, and can be named
SELECT name, type, pk, hidden FROM pragma_table_xinfo('movies') WHERE hidden OR pk;
SELECT count(*) FROM pragma_table_info('movies');
SELECT count(DISTINCT _id), count(_event_time) FROM movies;
EXPLAIN QUERY PLAN SELECT Title FROM movies WHERE _id = 'x';

.print -- only the columns used
EXPLAIN QUERY PLAN SELECT max([IMDB Rating]) FROM movies;
EXPLAIN QUERY PLAN SELECT 1 FROM movies;
EXPLAIN QUERY PLAN SELECT 1 FROM movies LIMIT 3 OFFSET 2;
SELECT 1 FROM movies LIMIT 3 OFFSET 998;
WITH m AS (SELECT Title AS t FROM movies) SELECT count(*) FROM m WHERE t = 'Film 7';
EXPLAIN QUERY PLAN WITH m AS (SELECT Title AS t FROM movies) SELECT count(*) FROM m WHERE t = 'Film 7';

.print -- values of mixed type read as themselves
SELECT Title, typeof(Title) FROM movies WHERE Title IN ('300', 300, 'Film 7') ORDER BY 1;

.print -- no statement is sent by DROP, RENAME and a new connection's look at the columns
CREATE TABLE sent AS SELECT count(*) AS n FROM rockset_log;
ALTER TABLE movies RENAME TO films;
SELECT name FROM sqlite_schema WHERE name LIKE '%_rockset';
SELECT role, name, type, native, hidden FROM films_rockset WHERE role = 'column' AND name LIKE '%IMDB%' OR name = 'relation';
SELECT (SELECT count(*) FROM rockset_log) - n FROM sent;
SELECT count(*) FROM films;
DROP TABLE films;
SELECT count(*) FROM sqlite_schema WHERE name LIKE '%_rockset';

.print -- temp and attached schemas
ATTACH ':memory:' AS "other one";
CREATE VIRTUAL TABLE temp.movies USING rockset('commons.movies');
CREATE VIRTUAL TABLE "other one".movies USING rockset(movies);
SELECT (SELECT count(*) FROM temp.movies), (SELECT count(*) FROM "other one".movies);
ALTER TABLE "other one".movies RENAME TO "more ""movies""";
SELECT count(*) FROM "other one"."more ""movies""";
SELECT name FROM "other one".sqlite_schema ORDER BY 1;
DROP TABLE "other one"."more ""movies""";
DROP TABLE temp.movies;
SELECT (SELECT count(*) FROM temp.sqlite_schema WHERE name LIKE 'movies%') + (SELECT count(*) FROM "other one".sqlite_schema);

.print -- keyless relations, odd names
SELECT rockset_exec('create table commons.odd("a b" int, "A" text, "select" int, "x""y" int, "é" int, "hidden" int)') IS NOT '';
SELECT rockset_exec('insert into commons.odd values (1, ''x'', 2, 3, 4, 5), (1, ''x'', 2, 3, 4, 5)');
CREATE VIRTUAL TABLE odd USING rockset('commons.odd');
.headers on
SELECT * FROM odd;
.headers off
EXPLAIN QUERY PLAN SELECT "x""y", a FROM odd WHERE A = 'x' AND "select" > 1 AND é = 4;
SELECT count(*) FROM (SELECT DISTINCT * FROM odd);
SELECT count(*) FROM odd WHERE rowid IS NOT NULL;
CREATE VIRTUAL TABLE IF NOT EXISTS odd USING rockset('no.such');

.print -- key=, and a relation that has hidden columns only
SELECT rockset_exec('create table commons.keyed("a b" int, c int)') IS NOT '';
SELECT rockset_exec('insert into commons.keyed values (1, 1), (2, 1)');
CREATE VIRTUAL TABLE keyed USING rockset('commons.keyed', key='a b');
SELECT name, pk, hidden FROM pragma_table_xinfo('keyed') WHERE pk;
SELECT count(*) FROM keyed;
SELECT rockset_create_collection('commons.empty');
CREATE VIRTUAL TABLE empty USING rockset('commons.empty');
SELECT name, hidden FROM pragma_table_xinfo('empty');
SELECT * FROM empty;
