-- Materializations: views, tables, incremental models, hooks; failures leave the old relation.
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema if not exists commons');
SELECT rockset_exec('create table commons.events as select 1 as id, ''a'' as v union all select 2, ''b''') ;
CREATE VIEW temp.rels AS SELECT workspace || '.' || name || ' ' || 'view' AS r FROM rockset_views
  UNION ALL SELECT workspace || '.' || name || ' table' FROM rockset_collections WHERE name NOT LIKE 'events';

-- view, table, and back
INSERT INTO rockset_models(name, sql) VALUES('m', 'select * from {{ source("commons", "events") }}');
SELECT json_remove(rockset_materialize('m'), '$.ms');
SELECT r FROM rels;
SELECT json_remove(rockset_materialize('m', 'table'), '$.ms');
SELECT r FROM rels;
SELECT json_remove(rockset_materialize('m', 'view'), '$.ms');
SELECT json_remove(rockset_materialize('m', 'ephemeral'), '$.ms');
SELECT r FROM rels;
-- the kind of this call is what the template sees
UPDATE rockset_models SET sql = 'select ''{{ config.get("materialized") }} {{ is_incremental() }}'' as what';
SELECT json_extract(rockset_materialize('m', 'table'), '$.status');
SELECT row FROM rockset_query('select * from commons.m');
SELECT json_extract(rockset_materialize('m', 'incremental', '{"full_refresh":true}'), '$.message');
SELECT json_extract(rockset_materialize('m', 'incremental'), '$.message');
SELECT row FROM rockset_query('select * from commons.m order by 1');
SELECT rockset_materialize('m', 'tabel');
SELECT rockset_materialize('m', 'snapshot');
SELECT rockset_materialize('m', 'view', '{"fresh":1}');

-- incremental: creates, appends, rebuilds
INSERT INTO rockset_models(name, materialized, sql) VALUES('inc', 'incremental',
  'select id, v from {{ source("commons", "events") }}{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}');
SELECT json_extract(rockset_materialize('inc'), '$.message');
SELECT json_extract(rockset_materialize('inc'), '$.message');
SELECT rockset_exec('insert into commons.events values (3, ''c''), (4, ''d'')');
SELECT rockset_compile('inc');
SELECT json_extract(rockset_materialize('inc'), '$.message');
SELECT row FROM rockset_query('select count(*) as n, max(id) as m from commons.inc');
SELECT json_extract(rockset_materialize('inc', NULL, '{"full_refresh":true}'), '$.message');
UPDATE rockset_models SET config = '{"full_refresh":false}' WHERE name = 'inc';
SELECT json_extract(rockset_materialize('inc', NULL, '{"full_refresh":true}'), '$.message');
-- a view in its place is replaced
UPDATE rockset_models SET config = NULL WHERE name = 'inc';
SELECT json_extract(rockset_materialize('inc', 'view'), '$.message');
SELECT json_extract(rockset_materialize('inc'), '$.message');

-- incremental by key: a text, a list
INSERT INTO rockset_models(name, materialized, unique_key, sql) VALUES('ups', 'incremental', 'id',
  'select id, v || ''{{ var("suffix", "") }}'' as v from {{ source("commons", "events") }}{% if is_incremental() %} where id >= 3{% endif %}');
SELECT json_extract(rockset_materialize('ups'), '$.message');
SELECT json_extract(rockset_materialize('ups', NULL, '{"vars":{"suffix":"!"}}'), '$.message');
SELECT row FROM rockset_query('select * from commons.ups order by id');
UPDATE rockset_models SET unique_key = '["id", "v"]' WHERE name = 'ups';
SELECT json_extract(rockset_materialize('ups', NULL, '{"vars":{"suffix":"?"}}'), '$.message');
SELECT row FROM rockset_query('select count(*) as n from commons.ups');
UPDATE rockset_models SET unique_key = 'lacking' WHERE name = 'ups';
SELECT rockset_materialize('ups');
SELECT row FROM rockset_query('select count(*) as n from commons.ups');

-- a failure leaves the old relation and its rows
INSERT INTO rockset_models(name, materialized, sql) VALUES('keep', 'table', 'select 1 as one');
SELECT json_extract(rockset_materialize('keep'), '$.message');
UPDATE rockset_models SET sql = 'select error(''boom'') as one' WHERE name = 'keep';
SELECT json_extract(x, '$.status'), json_extract(x, '$.message') LIKE 'model keep: %boom%' FROM (SELECT rockset_materialize('keep', NULL, '{"raise":false}') AS x);
SELECT row FROM rockset_query('select * from commons.keep');

-- hooks: in one transaction with the swap, in their order
SELECT rockset_exec('create table commons.audit(what varchar)');
INSERT INTO rockset_models(name, materialized, config, sql) VALUES('hooked', 'table',
  '{"pre_hook":"insert into commons.audit values (''before {{ this.identifier }}'')","post_hook":["insert into commons.audit select ''rows '' || count(*) from {{ this ' ||
  '}}",{"sql":"insert into commons.audit values (''apart'')","transaction":false}]}',
  'select 1 as a union all select 2');
SELECT json_extract(rockset_materialize('hooked'), '$.message');
SELECT row FROM rockset_query('select * from commons.audit');
UPDATE rockset_models SET sql = '{{ config(post_hook="select error(''late'')") }}select 3 as a' WHERE name = 'hooked';
SELECT json_extract(rockset_materialize('hooked', NULL, '{"raise":false}'), '$.message') LIKE 'post_hook of model hooked: %late%';
SELECT row FROM rockset_query('select count(*) as n from commons.audit');
SELECT row FROM rockset_query('select count(*) as n from commons.hooked');
-- an empty hook is not sent; a hook that is JSON text
UPDATE rockset_models SET config = '{"pre_hook":["{% if false %}nonsense{% endif %}","{\"sql\":\"insert into commons.audit values (''json'')\",\"transaction\":false}"]}', sql =
  'select 4 as a' WHERE name = 'hooked';
SELECT json_extract(rockset_materialize('hooked'), '$.message');
SELECT row FROM rockset_query('select count(*) as n from commons.audit where what = ''json''');

-- what is upstream and missing is built first, through ephemeral models; what is there is left alone
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('u1', 'table', 'select 1 as a'), ('u2', 'ephemeral', 'select * from {{ ref("u1") }}'), ('u3', 'view', 'select * from {{ ref("u2") }}'),
  ('u4', 'table', 'select * from {{ ref("u3") }}, {{ ref("keep") }}');
SELECT json_extract(x, '$.message'), json_extract(x, '$.built_first') FROM (SELECT rockset_materialize('u4') AS x);
SELECT json_extract(x, '$.message'), json_extract(x, '$.built_first') FROM (SELECT rockset_materialize('u4') AS x);
-- what was made aside is gone
SELECT count(*) FROM rockset_collections WHERE name LIKE '\_\_%' ESCAPE '\';

-- refusals
BEGIN;
SELECT rockset_materialize('m');
COMMIT;
SELECT rockset_materialize('nope');
SELECT rockset_materialize('m', '', '');
SELECT command, selection, status FROM rockset_invocations WHERE status <> 'success' ORDER BY rowid;
