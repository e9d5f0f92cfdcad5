-- Virtual tables over query lambdas.
.mode list
SELECT rockset_load('commons.movies', '@DATA@/movies.json');
SELECT length(rockset_create_query_lambda('top',
  'SELECT Title, "IMDB Rating" AS rating, :note AS note FROM movies WHERE "Major Genre" = :genre ORDER BY rating DESC NULLS LAST, Title LIMIT :n',
  '{"genre":"Drama","n":3}', '{"tag":"prod"}'));
CREATE VIRTUAL TABLE top USING rockset(query_lambda='commons.top', tag='latest');
SELECT name, type, hidden FROM pragma_table_xinfo('top');
-- parameters in the order in which they are declared, those without a default last
SELECT Title, rating FROM top('Comedy', 2, 'x');
SELECT Title, typeof(note_1) FROM top WHERE note_1 = 5 AND rating < 9 ORDER BY Title DESC LIMIT 1;
SELECT count(*), max(rating) FROM top WHERE note_1 = 1 AND n = 10;
SELECT genre, n, note_1 FROM top('Horror', 1, 7);
SELECT v.column1, Title FROM (VALUES ('Comedy'), ('Drama')) v, top(v.column1, 1, 0);
SELECT a.Title, b.rating FROM top('Drama', 2, 1) a JOIN top('Drama', 3, 2) b ON a.Title = b.Title;
-- what is sent
EXPLAIN QUERY PLAN SELECT Title FROM top WHERE note_1 = 1 AND n = 5 AND rating > 9 ORDER BY Title;
SELECT sql FROM rockset_log WHERE sql LIKE '%IMDB Rating%' ORDER BY id DESC LIMIT 1;

-- one without a default that is not given
SELECT * FROM top('Comedy', 2);
EXPLAIN QUERY PLAN SELECT * FROM top('Comedy', 2);
SELECT * FROM top('Comedy', 'many', 1);

-- the tag moves: columns are found by name
SELECT length(rockset_create_query_lambda('top', 'SELECT 9.5 AS rating, ''one'' AS Title, :note AS note, 1 AS more', '{"note":"n"}'));
SELECT Title, rating, note FROM top WHERE note_1 = 'x';
SELECT Title FROM top('Comedy', 2, 'x');
SELECT length(rockset_create_query_lambda('top', 'SELECT 1 AS other, :note AS note'));
SELECT Title FROM top WHERE note_1 = 1;
CREATE VIRTUAL TABLE prod USING rockset(query_lambda='top', tag='prod');
SELECT Title FROM prod('Drama', 1, 1);
ALTER TABLE prod RENAME TO p;
SELECT Title FROM p('Drama', 1, 1);
SELECT name, value FROM p_rockset WHERE role <> 'column' AND value IS NOT NULL AND name <> 'target';
DROP TABLE p;

-- errors
CREATE VIRTUAL TABLE x USING rockset(query_lambda='nosuch');
CREATE VIRTUAL TABLE x USING rockset(query_lambda='top', version='0000000000000000');
CREATE VIRTUAL TABLE x USING rockset(query_lambda='top', tag='a', version='b');
CREATE VIRTUAL TABLE x USING rockset('commons.movies', tag='a');
CREATE VIRTUAL TABLE x USING rockset('commons.movies', query_lambda='top');
CREATE VIRTUAL TABLE x USING rockset(query_lambda='"a');
SELECT rockset_drop_query_lambda('top');
SELECT Title FROM top WHERE note_1 = 1;
DROP TABLE top;
