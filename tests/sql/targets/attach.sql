-- rockset_attach, rockset_detach: a workspace as temp virtual tables, all or none
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_load('commons.airports', '@DATA@/airports.csv');
SELECT rockset_load('commons.flights', '@DATA@/flights-2k.json');
SELECT rockset_exec('create view commons.south as select * from commons.airports where latitude < 0') IS NOT '';
SELECT rockset_create_collection('"my ws"."it''s ""a"""');
SELECT rockset_attach('commons');
SELECT name FROM temp.sqlite_schema WHERE type = 'table' ORDER BY 1;
SELECT sql FROM temp.sqlite_schema WHERE name = 'airports';
SELECT count(*) FROM airports;
SELECT count(*) FROM flights;
SELECT count(*) FROM south;

.print -- with a prefix, a pattern, odd names
SELECT rockset_attach('commons', 'c_', 'fl*');
SELECT rockset_attach('my ws', 'm.');
SELECT count(*) FROM c_flights;
SELECT count(*) FROM "m.it's ""a""";
SELECT name FROM temp.sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\_rockset' ESCAPE '\' ORDER BY 1;

.print -- names that are taken: nothing is created
SELECT rockset_attach('commons');
CREATE TABLE x_airports(a);
SELECT rockset_attach('commons', 'x_');
DROP TABLE x_airports;
CREATE VIEW X_FLIGHTS_ROCKSET AS SELECT 1;
SELECT rockset_attach('commons', 'x_');
DROP VIEW X_FLIGHTS_ROCKSET;
ATTACH ':memory:' AS aux1;
CREATE TABLE aux1.x_south(a);
SELECT rockset_attach('commons', 'x_');
DROP TABLE aux1.x_south;
SELECT rockset_create_collection('tricky.json_each');
SELECT rockset_attach('tricky');
SELECT rockset_attach('tricky', 'sqlite_');
SELECT rockset_attach('tricky', 'pragma_');
SELECT rockset_attach('tricky', printf('%.250c', 'a'));
SELECT rockset_create_collection('clash.a');
SELECT rockset_create_collection('clash.a_rockset');
SELECT rockset_attach('clash');
SELECT name FROM temp.sqlite_schema WHERE name LIKE 'x\_%' ESCAPE '\';

.print -- detach
SELECT rockset_detach('commons', 'x_');
SELECT rockset_detach('commons', 'c_');
CREATE VIRTUAL TABLE temp.byhand USING rockset('commons.flights');
SELECT rockset_detach('commons');
SELECT rockset_detach('commons');
SELECT rockset_detach('my ws');
SELECT name FROM temp.sqlite_schema WHERE type = 'table' ORDER BY 1;

.print -- within a transaction, from a statement that reads, from one that writes
BEGIN;
SELECT rockset_attach('commons');
ROLLBACK;
SELECT count(*) FROM temp.sqlite_schema WHERE name = 'airports';
CREATE TABLE list(w);
INSERT INTO list VALUES ('commons');
SELECT rockset_attach(w) FROM list;
SELECT count(*) FROM airports;
SELECT rockset_detach(w) FROM list;
SELECT count(*) FROM temp.sqlite_schema WHERE name = 'airports';
SELECT rockset_detach('commons');
INSERT INTO list SELECT rockset_attach('commons');
SELECT count(*) FROM temp.sqlite_schema WHERE name = 'airports';

.print -- one relation that fails: none is attached
SELECT rockset_exec('create table commons.gone as select 1 as a') IS NOT '';
SELECT rockset_exec('create view commons.zbroken as select a from commons.gone') IS NOT '';
SELECT rockset_exec('drop table commons.gone') IS NOT '';
SELECT rockset_attach('commons', 'z_');
SELECT count(*) FROM temp.sqlite_schema WHERE name LIKE 'z\_%' ESCAPE '\';

.print -- wrong arguments
SELECT rockset_attach(NULL);
SELECT rockset_attach('comons');
SELECT rockset_attach('a.b');
SELECT rockset_attach('commons', 1);
SELECT rockset_attach('commons', '', x'00');
SELECT rockset_detach(7);
SELECT rockset_attach('commons', '', 'nothing*');
