-- Snapshots: names of their columns, what stands in valid_to of a state that holds, rows that are gone.
.mode list
SELECT rockset_init();
SELECT rockset_exec('create schema if not exists commons');
SELECT rockset_exec('create table commons.c as select 1 as id, ''a'' as v, timestamp ''2024-01-01'' as ts union all select 2, ''b'', timestamp ''2024-01-02''');
INSERT INTO rockset_snapshots(name, config, sql) VALUES('s', '{"target_schema":"snaps","strategy":"timestamp","unique_key":"id","updated_at":"ts",
  "hard_deletes":"new_record","dbt_valid_to_current":"timestamp ''9999-12-31''","snapshot_meta_column_names":
  {"dbt_valid_from":"since","dbt_valid_to":"until","dbt_scd_id":"state","dbt_updated_at":"seen","dbt_is_deleted":"gone"}}', 'select * from {{ source("commons","c") }}'),
 ('n', '{"target_schema":"snaps","strategy":"check","unique_key":"id","check_cols":["v"],"hard_deletes":"new_record"}', 'select * from {{ source("commons","c") }}');
SELECT json_extract(rockset_materialize('s'), '$.message'), json_extract(rockset_materialize('n'), '$.message');
SELECT row FROM rockset_query('select * exclude (state) from snaps.s order by id');
.print -- 1 is gone, 2 changes, 3 comes
SELECT rockset_exec('delete from commons.c where id = 1');
SELECT rockset_exec('update commons.c set v = ''z'', ts = timestamp ''2024-02-01'' where id = 2');
SELECT rockset_exec('insert into commons.c values (3, ''n'', timestamp ''2024-03-01'')');
SELECT json_extract(rockset_materialize('s'), '$.message'), json_extract(rockset_materialize('n'), '$.message');
SELECT row FROM rockset_query('select id, v, since = (select max(until) from snaps.s where until < timestamp ''9999-01-01'' and id = 1) as at_end, until = timestamp ' ||
  '''9999-12-31'' as open, gone from snaps.s order by id, since');
SELECT row FROM rockset_query('select id, v, dbt_valid_to is null as open, dbt_is_deleted from snaps.n order by id, dbt_valid_from');
.print -- nothing new
SELECT json_extract(rockset_materialize('s'), '$.message'), json_extract(rockset_materialize('n'), '$.message');
.print -- 1 is back
SELECT rockset_exec('insert into commons.c values (1, ''a'', timestamp ''2024-01-01'')');
SELECT json_extract(rockset_materialize('s'), '$.message'), json_extract(rockset_materialize('n'), '$.message');
SELECT row FROM rockset_query('select id, until = timestamp ''9999-12-31'' as open, gone, count(*) over () as n from snaps.s where id = 1 order by until, gone');
SELECT row FROM rockset_query('select id, v, dbt_valid_to is null as open, dbt_is_deleted from snaps.n where id = 1 order by dbt_valid_from');
.print -- a new column of the query
UPDATE rockset_snapshots SET sql = 'select *, 7 as extra from {{ source("commons","c") }} where id <> 3' WHERE name = 'n';
SELECT json_extract(rockset_materialize('n'), '$.message');
SELECT row FROM rockset_query('select id, extra, dbt_valid_to is null as open, dbt_is_deleted from snaps.n where id = 3 order by dbt_valid_from');
.print -- errors
UPDATE rockset_snapshots SET config = json_set(config, '$.snapshot_meta_column_names', json('{"dbt_valid":"x"}')) WHERE name = 'n';
SELECT rockset_materialize('n');
UPDATE rockset_snapshots SET config = json_set(json_remove(config, '$.snapshot_meta_column_names'), '$.hard_deletes', 'keep') WHERE name = 'n';
SELECT rockset_materialize('n');
UPDATE rockset_snapshots SET config = json_set(config, '$.hard_deletes', 'ignore', '$.invalidate_hard_deletes', json('true')) WHERE name = 'n';
SELECT rockset_materialize('n');
UPDATE rockset_snapshots SET config = json_remove(config, '$.snapshot_meta_column_names') WHERE name = 's';
SELECT rockset_materialize('s');
