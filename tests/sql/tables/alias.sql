-- Aliases: a second name of a collection, moved at once.
.mode list
SELECT rockset_exec('create schema commons');
SELECT rockset_exec('create table commons.y2025 as select ''a'' as _id, now()::timestamp as _event_time, 1 as x');
SELECT rockset_exec('create table commons.y2026 as select ''a'' as _id, now()::timestamp as _event_time, 2 as x, ''new'' as y');
SELECT rockset_create_alias('commons.current', 'y2025');
CREATE VIRTUAL TABLE current USING rockset('commons.current');
SELECT x FROM current WHERE x > 0;
SELECT workspace, name, collection, description IS NULL, length(created_at) FROM rockset_aliases;
-- no collection, no view
SELECT name FROM rockset_collections;
SELECT name FROM rockset_views;
SELECT name, type FROM rockset_columns WHERE workspace = 'commons' AND relation = 'current';

-- moved: the same table shows the other collection
SELECT rockset_create_alias('current', 'commons.y2026');
SELECT x FROM current;
SELECT collection FROM rockset_aliases WHERE workspace = 'commons';
-- what is sent for it
SELECT sql FROM rockset_log WHERE sql LIKE 'CREATE OR REPLACE VIEW%';

-- loads into an alias go to its collection
SELECT rockset_load('current', '@FIXTURES@/people.ndjson.gz', '{"mode":"append"}') > 0;
SELECT c1 > 1 FROM rockset_query('select count(*) from commons.y2026');

-- errors
SELECT rockset_create_alias('y2025', 'y2026');
SELECT rockset_create_alias('other', 'y2027');
SELECT rockset_create_alias('other', 'current');
SELECT rockset_create_alias('other', NULL);
SELECT rockset_drop_alias('y2025');
SELECT rockset_drop_collection('y2026');
SELECT rockset_drop_collection('current');
SELECT rockset_drop_view('current');
BEGIN;
SELECT rockset_drop_alias('current');
COMMIT;
CREATE TABLE local(a);
CREATE TRIGGER t AFTER INSERT ON local BEGIN SELECT rockset_drop_alias('current'); END;
INSERT INTO local VALUES (1);

SELECT rockset_drop_alias('current');
SELECT rockset_drop_collection('y2026');
SELECT count(*) FROM rockset_aliases;
SELECT x FROM current;
