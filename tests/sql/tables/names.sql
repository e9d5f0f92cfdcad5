-- Names with any characters, of tables and columns; names that differ in case only
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons."q""uo.te"(" lead" int, "trail " int, "a""b" int, "a.b" int, "a''b" int, "new
line" int, "🚀" int, "select" int, "rowid" int, "_rowid_" int, "oid" int, "order by" int, "[x]" int, "`y`" int, "%s" int, "\" int, "?1" int, ":p" int)') IS NOT '';
SELECT rockset_exec('insert into commons."q""uo.te" values (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18), (0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0)');
CREATE VIRTUAL TABLE "t ""1"".x
'y' 🚀" USING rockset('commons."q""uo.te"');
SELECT * FROM "t ""1"".x
'y' 🚀" WHERE " lead" = 1;
SELECT "trail ", "a""b", "a.b", "a'b", "new
line", "🚀", "select", "rowid", "_rowid_", "oid", "order by", "[x]", "`y`", "%s", "\", "?1", ":p" FROM "t ""1"".x
'y' 🚀"
 WHERE " lead" = 1 AND "trail " = 2 AND "a""b" = 3 AND "a.b" = 4 AND "a'b" = 5 AND "new
line" = 6 AND "🚀" = 7 AND "select" = 8 AND "rowid" = 9 AND "_rowid_" = 10 AND "oid" = 11 AND "order by" = 12 AND "[x]" = 13 AND "`y`" = 14 AND "%s" = 15 AND "\" = 16 AND "?1" = 17 AND ":p" = 18
 ORDER BY "a""b", "🚀", "new
line" LIMIT 1;
SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name;
SELECT rockset_refresh('t "1".x
''y'' 🚀');
SELECT rockset_refresh('main."t ""1"".x
''y'' 🚀"');
SELECT rockset_analyze('t "1".x
''y'' 🚀');
ALTER TABLE "t ""1"".x
'y' 🚀" RENAME TO "'; DROP TABLE x; --";
SELECT "new
line" FROM "'; DROP TABLE x; --" ORDER BY 1;
SELECT rockset_exec('alter table commons."q""uo.te" drop column "🚀"') IS NOT '';
SELECT "🚀" FROM "'; DROP TABLE x; --";
SELECT rockset_refresh('''; DROP TABLE x; --');
SELECT count(*) FROM pragma_table_xinfo('''; DROP TABLE x; --');
DROP TABLE "'; DROP TABLE x; --";
SELECT count(*) FROM sqlite_schema;
.print -- writes
SELECT rockset_exec('create table commons.w("_id" varchar, "rowid" int, "new
line" varchar, "a""b" double, "🚀" varchar)') IS NOT '';
CREATE VIRTUAL TABLE w USING rockset('commons.w', key='_id');
INSERT INTO w("_id", "rowid", "new
line", "a""b", "🚀") VALUES('k', 1, 'x', 0.5, 'y'), ('l', 2, 'x', 1.5, 'z');
UPDATE w SET "rowid" = "rowid" + 10, "🚀" = "new
line" WHERE "a""b" = 1.5;
DELETE FROM w WHERE "rowid" = 1;
SELECT *, "_id" FROM w;
.print -- in case only: the later one gets _1, unless that is taken
CREATE VIRTUAL TABLE c USING rockset(query='select 1 as a, 2 as "A", 3 as "a_1", 4 as "É", 5 as "é"');
SELECT name FROM pragma_table_xinfo('c');
SELECT * FROM c WHERE a = 1;
SELECT * FROM c WHERE A_1 = 2 AND "é" = 5;
.print -- a column whose name has a mark that tells its field's
CREATE VIRTUAL TABLE m USING rockset(query='select 1 as "a", 2 as "A~n1", 3 as "customerid~n001"');
SELECT name FROM pragma_table_xinfo('m');
SELECT "A_1", customerId FROM m WHERE "A_1" = 2 AND customerid = 3;
SELECT * FROM rockset_query('select 1 as "a", 2 as "A~n1", 3 as "customerid~n001"');
.print -- empty, and parameters
CREATE VIRTUAL TABLE e USING rockset(query='select 1 as "", :a as "a", :select as "Select"');
CREATE VIRTUAL TABLE e USING rockset(query='select 1 as " ", cast(:a as varchar) as "a", cast(:select as varchar) as "Select"');
SELECT name, hidden FROM pragma_table_xinfo('e');
SELECT *, " " FROM e('x', 'y') WHERE a = 'x' AND "select" = 'y';
SELECT rockset_refresh('e');
.print -- hidden columns of a collection; one of them alone is none
SELECT rockset_exec('create table commons.h("_id" varchar, "_event_time" timestamp, "_meta" json, v int)') IS NOT '';
SELECT rockset_exec('insert into commons.h values (''a'', ''2026-11-21'', ''{"x":1}'', 1)');
CREATE VIRTUAL TABLE h USING rockset('commons.h');
SELECT * FROM h;
SELECT _id, _event_time, _meta, v FROM h WHERE _event_time > '2026' AND _id = 'a';
SELECT name, hidden, pk FROM pragma_table_xinfo('h');
INSERT INTO h(v) VALUES(2);
SELECT count(*), count(_id), count(_event_time) FROM h;
SELECT rockset_exec('create table commons.only("_id" varchar, "_event_time" timestamp)') IS NOT '';
CREATE VIRTUAL TABLE only1 USING rockset('commons.only');
SELECT name, hidden, pk FROM pragma_table_xinfo('only1');
