-- feature: path columns
SELECT rockset_load('commons.paths', '@CASES@/paths.ndjson');
CREATE VIRTUAL TABLE p USING rockset('commons.paths', columns='city TEXT PATH address.city, lat REAL PATH address.geo.lat,
  tag PATH address.geo.tags[1], n INTEGER PATH doc.n, ok BOOLEAN PATH doc."ok", "a b" TEXT PATH doc."a b",
  m INTEGER PATH doc.l[1].m, seven INTEGER PATH doc.l[1][0], first TEXT PATH tags[0], of_text TEXT PATH name.x,
  of_text_0 TEXT PATH name[0], none REAL PATH doc.none.at.all[3]');
.mode list
.nullvalue NULL
SELECT name, type FROM pragma_table_info('p') WHERE name NOT IN ('address', 'doc', 'tags', '_id', '_event_time') ORDER BY 1;
SELECT _id, city, typeof(city), lat, typeof(lat) FROM p ORDER BY _id;
SELECT _id, n, typeof(n), ok, typeof(ok) FROM p ORDER BY _id;
SELECT _id, "a b", typeof("a b"), tag, m, seven FROM p ORDER BY _id;
SELECT _id, first, of_text, of_text_0, none FROM p ORDER BY _id;
-- filters and orders
SELECT _id FROM p WHERE city = 'Oslo' ORDER BY lat DESC, _id;
SELECT _id FROM p WHERE city > 'O' ORDER BY city, _id;
SELECT _id FROM p WHERE city IS NULL ORDER BY _id;
SELECT _id FROM p WHERE city IS NOT NULL AND lat IS NULL ORDER BY _id;
SELECT _id FROM p WHERE n = 5 ORDER BY _id;
SELECT _id FROM p WHERE n >= 6 ORDER BY n DESC, _id LIMIT 2;
SELECT _id FROM p WHERE n IN (5, 6, -9223372036854775808, 9007199254740993) ORDER BY _id;
SELECT _id FROM p WHERE ok = 1 ORDER BY _id;
SELECT _id FROM p WHERE ok ORDER BY _id;
SELECT _id FROM p WHERE lat BETWEEN 50 AND 55 ORDER BY _id;
SELECT _id FROM p WHERE "a b" GLOB 'q*' OR "a b" LIKE '%1%' ORDER BY _id;
SELECT city, count(*), sum(lat) FROM p GROUP BY city ORDER BY city;
SELECT DISTINCT ok FROM p ORDER BY ok;
SELECT a._id, b._id FROM p a JOIN p b ON a.city = b.city AND a._id < b._id;
-- such a table is read only
UPDATE p SET city = 'x' WHERE _id = 'a';
CREATE VIRTUAL TABLE q USING rockset('commons.paths', columns='x TEXT PATH nowhere.x');
