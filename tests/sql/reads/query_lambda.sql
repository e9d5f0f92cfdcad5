-- Query lambdas: stored queries in Rockset SQL, with versions, tags and parameters.
.mode list
SELECT rockset_load('commons.movies', '@DATA@/movies.json');
SELECT length(rockset_create_query_lambda('top',
  'SELECT Title, "IMDB Rating" AS rating FROM movies WHERE "Major Genre" = :genre ORDER BY rating DESC NULLS LAST, Title LIMIT :n',
  '{"genre":"Drama","n":3}', '{"description":"the best of a genre","tag":"prod"}'));
SELECT workspace, name, length(version), parameters, description, versions FROM rockset_query_lambdas;

-- as a table
SELECT row FROM rockset_query_lambda('commons.top');
SELECT c1, c2 FROM rockset_query_lambda('top', '{"genre":"Comedy","n":2}');
SELECT c2, typeof(c2) FROM rockset_query_lambda('top', '{"n":"1"}', 'prod');
SELECT count(*) FROM rockset_query_lambda('top', '{"n":null}');
-- as a value
SELECT rockset_query_lambda('top', '{"n":1}');
SELECT json_array(json(rockset_query_lambda('top', '{"n":1}')), 5);
SELECT g.column1, json_extract(rockset_query_lambda('top', json_object('genre', g.column1)), '$[0].Title') FROM (VALUES ('Horror'), ('Musical'), ('None')) g;
-- what is sent
SELECT sql FROM rockset_log WHERE sql LIKE 'SELECT "Title"%' ORDER BY id LIMIT 1;

-- a new version: latest moves, prod stays
SELECT length(rockset_create_query_lambda('top', 'SELECT :a + :b AS sum, :d AS day', '{"a":1,"b":2.5,"d":{"__rockset_type":"date","value":"2020-1-2"}}'));
SELECT row FROM rockset_query_lambda('top');
SELECT row FROM rockset_query_lambda('top', '{"d":"2026-11-21","a":7}');
SELECT row FROM rockset_query_lambda('top', '{"n":1}', 'prod');
SELECT versions, sql FROM rockset_query_lambdas;

-- errors
SELECT * FROM rockset_query_lambda('top', '{"c":1}');
SELECT * FROM rockset_query_lambda('top', '{"d":"soon"}');
SELECT * FROM rockset_query_lambda('top', '[1]');
SELECT * FROM rockset_query_lambda('top', NULL, 'dev');
SELECT * FROM rockset_query_lambda('top', NULL, '0123456789abcdef');
SELECT * FROM rockset_query_lambda('nosuch');
SELECT * FROM rockset_query_lambda;
SELECT c5 FROM rockset_query_lambda('top');
SELECT rockset_query_lambda(NULL);
SELECT rockset_create_query_lambda('bad', '');
SELECT rockset_create_query_lambda('bad', 'SELECT 1', '5');
SELECT rockset_create_query_lambda('bad', 'SELECT 1', '{}', '{"tags":"x"}');
SELECT length(rockset_create_query_lambda('bad', 'SELECT * FROM movis'));
SELECT rockset_query_lambda('bad');
SELECT length(rockset_create_query_lambda('bad', 'SELECT 1 +'));
SELECT rockset_query_lambda('bad');
SELECT length(rockset_create_query_lambda('bad', 'SELECT :p AS p'));
SELECT rockset_query_lambda('bad');
SELECT rockset_query_lambda('bad', '{"p":[1,{"k":2}]}');

-- gone
SELECT rockset_drop_query_lambda('top', 'prod');
SELECT rockset_drop_query_lambda('top', 'latest');
SELECT rockset_drop_query_lambda('top', version) FROM rockset_query_lambdas WHERE name = 'top';
SELECT versions, rockset_query_lambda('top', '{"n":1}') FROM rockset_query_lambdas WHERE name = 'top';
SELECT rockset_drop_query_lambda('top');
SELECT rockset_drop_query_lambda('top');
SELECT name FROM rockset_query_lambdas;

-- what runs
SELECT name, state, is_default FROM rockset_virtual_instances;
SELECT count(*) FROM rockset_active_queries;

-- a name that is not there: the nearest one of the workspace
SELECT * FROM rockset_query_lambda('badd');
SELECT * FROM rockset_query_lambda('elsewhere.badd');
SELECT rockset_drop_query_lambda('bed');
