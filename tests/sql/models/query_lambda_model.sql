-- The materialization query_lambda.
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema commons');
SELECT rockset_exec('create table commons.events as select * from (values (1, ''a''), (2, ''b''), (3, ''c'')) as t(id, v)');
INSERT INTO rockset_models(name, materialized, tags, sql) VALUES('big', 'query_lambda', 'prod, nightly',
  '{{ config(parameters=[{"name":"least","type":"int","value":2}], description="events from an id on") }}
select id, v from {{ source("commons", "events") }} where id >= :least order by id');
SELECT rockset_compile('big');
SELECT json_remove(rockset_materialize('big'), '$.ms');
SELECT name, parameters, description, versions FROM rockset_query_lambdas;
SELECT row FROM rockset_query_lambda('big');
SELECT row FROM rockset_query_lambda('big', '{"least":3}', 'nightly');
-- nothing changed, something changed
SELECT json_extract(rockset_materialize('big'), '$.message');
UPDATE rockset_models SET sql = replace(sql, 'order by id', 'order by id desc');
SELECT json_extract(rockset_materialize('big'), '$.message');
SELECT row FROM rockset_query_lambda('big', NULL, 'prod');
SELECT node, kind, status, rows, message FROM rockset_run('big');
-- of a view's text, for this call
INSERT INTO rockset_models(name, sql) VALUES('v', 'select 1 as one');
SELECT json_remove(rockset_materialize('v', 'query_lambda'), '$.ms');
SELECT row FROM rockset_query_lambda('v');
-- hooks run behind it
UPDATE rockset_models SET config = '{"pre_hook":"create or replace table commons.hooked as select ''pre'' as h","post_hook":"insert into commons.hooked values (''post'')"}' WHERE name = 'v';
SELECT json_extract(rockset_materialize('v', 'query_lambda'), '$.status');
SELECT row FROM rockset_query('select string_agg(h) as h from commons.hooked');
-- errors
UPDATE rockset_models SET config = '{"parameters":{"a":1}}' WHERE name = 'v';
SELECT rockset_materialize('v', 'query_lambda');
UPDATE rockset_models SET config = '{"parameters":[{"name":"a"}]}' WHERE name = 'v';
SELECT rockset_materialize('v', 'query_lambda');
UPDATE rockset_models SET config = '{"swap":"no"}' WHERE name = 'v';
SELECT rockset_materialize('v');
UPDATE rockset_models SET config = '{"swap":false}' WHERE name = 'v';
SELECT json_extract(rockset_materialize('v', 'table'), '$.message');
