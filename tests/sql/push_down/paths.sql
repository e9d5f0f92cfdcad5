-- Path columns: values from inside of objects, filtered and ordered in the engine
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema ws') IS NOT '';
SELECT rockset_exec('create table ws.p as select * from (values
  (1, {city: ''Oslo'', geo: {lat: 59.9, tags: [''a'', ''b'']}}, ''{"x": {"n": 5, "ok": true, "a b": "q", "z": null}}''::json),
  (2, {city: ''Rome'', geo: {lat: 41.9, tags: [''b'']}}, ''{"x": {"n": "6", "ok": false, "a b": 1}}''::json),
  (3, {city: ''Oslo'', geo: null}, ''{"x": {"n": "six", "ok": null}}''::json),
  (4, null, ''{"x": 3}''::json), (5, {city: null, geo: {lat: 1, tags: []}}, null)) t(id, address, doc)') IS NOT '';
CREATE VIRTUAL TABLE p USING rockset('ws.p', columns='city TEXT PATH address.city, lat REAL PATH address.geo.lat,
  tag PATH address.geo.tags[1], geo TEXT PATH address.geo, n INTEGER PATH doc.x.n, ok BOOLEAN PATH doc."x".ok, "a b" TEXT PATH doc.x."a b"');
SELECT name, type FROM pragma_table_info('p');
SELECT role, name, type, native FROM p_rockset WHERE role = 'path';
.echo on
.eqp on
.read @FIXTURES@/push_down/paths.sql
.eqp off
.echo off
.output @TMP@/on
.read @FIXTURES@/push_down/paths.sql
.output @TMP@/switch
SELECT rockset_push_down(0);
.output @TMP@/off
.read @FIXTURES@/push_down/paths.sql
CREATE TABLE np AS SELECT * FROM p;
ALTER TABLE p RENAME TO vp;
ALTER TABLE np RENAME TO p;
.output @TMP@/native
.read @FIXTURES@/push_down/paths.sql
.output stdout
.print -- rows with push-down on, off, and of a native table:
SELECT readfile('@TMP@/on') = readfile('@TMP@/off'), readfile('@TMP@/on') = readfile('@TMP@/native'), length(readfile('@TMP@/on')) > 50;
.print -- what is refused
INSERT INTO vp(id, city) VALUES(9, 'Bergen');
SELECT rockset_analyze('vp');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='city TEXT PATH adress.city');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='city TEXT address.city');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='city TEXT PATH address');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='city TEXT PATH address[x]');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='city TEXT PATH address.city, ');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='city TEXT PATH address.city lat');
CREATE VIRTUAL TABLE x USING rockset(query='select 1 as a', columns='city TEXT PATH a.b');
CREATE VIRTUAL TABLE x USING rockset('ws.p', columns='id TEXT PATH address.city');
SELECT id, id_1 FROM x WHERE id = 1;
