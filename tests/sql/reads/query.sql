-- rockset_query: rows of any query as JSON and as typed columns
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_load('commons.flights', '@DATA@/flights-2k.json');
.print -- groups run in the engine
SELECT c1, c2 FROM rockset_query(
  'select origin, count(*) from commons.flights group by 1 order by 2 desc, 1 limit 3');
SELECT row FROM rockset_query(
  'select origin, count(*) as n from commons.flights group by 1 order by 2 desc, 1 limit 3');

.print -- every type as JSON and as itself
CREATE TEMP TABLE types AS SELECT 'select
  true as b, 9223372036854775807 as i, -9223372036854775808 as least, 0.1::double as f,
  1e300::double as big, ''nan''::double as nan, ''inf''::double as inf, ''a"b\c'' || chr(10) as s, null as n,
  date ''2026-11-21'' as d, time ''08:15:30'' as t, timestamp ''2026-11-21 08:15:30.5'' as ts,
  1.50::decimal(10,2) as dec, 170141183460469231731687303715884105727::hugeint as huge,
  ''\x00\xFF''::blob as x, [1, 2] as list, {''a'': 1, ''b'': ''c''} as o,
  ''550e8400-e29b-41d4-a716-446655440000''::uuid as u' AS sql;
SELECT row FROM types, rockset_query(types.sql);
SELECT json_valid(row), json_type(row, '$.list'), json_type(row, '$.i'), row ->> '$.i' = 9223372036854775807
FROM types, rockset_query(types.sql);
SELECT typeof(c1), typeof(c2), typeof(c4), typeof(c6), c7, typeof(c8), typeof(c10), c10, c11, c12, c13, c14,
  hex(c15), c16, c17, c18
FROM types, rockset_query(types.sql);

.print -- the row is JSON for SQLite's functions
SELECT json_array(row) FROM rockset_query('select 1 as a');
SELECT json_array(c1) FROM rockset_query('select [1, 2] as a');

.print -- names that occur again
SELECT row FROM rockset_query('select 1 as a, 2 as a, 3 as a_1, 4 as a, 5 as "q""\"');

.print -- parameters
SELECT c1, c2 FROM rockset_query('select ? || ''?'', ?', '["x", 2]');
SELECT c1, c2, c3, typeof(c3) FROM rockset_query('select :a, :a || ''y'', :b', '{"a":"x","b":1.0}');
SELECT c1, c2, c3, c4 FROM rockset_query('select ?2, ?1, ?2, ?3', '[1, "two", null]');
SELECT c1, typeof(c1), c2, c3, c4 FROM rockset_query('select ?::bigint, ?, ?, ?', '[9007199254740993, true, {"k":[1]}, "µ"]');

.print -- in joins, with arguments from outside; temp views
SELECT a.value, q.c1 FROM json_each('["LAX","SFO"]') a, rockset_query(
  'select count(*) from commons.flights where origin = ?', json_array(a.value)) q;
CREATE TEMP VIEW busy AS SELECT row ->> 'origin' AS origin, row ->> 'n' AS n FROM rockset_query(
  'select origin, count(*) n from commons.flights group by all order by n desc, origin limit 2');
SELECT * FROM busy;

.print -- other statements that read
SELECT row ->> 'name' FROM rockset_query('show all tables');
SELECT row ->> 'column_name' FROM rockset_query('describe commons.flights') LIMIT 2;
SELECT c1 FROM rockset_query('values (1), (2)');
SELECT c1 FROM rockset_query('from range(2)');
SELECT c1 FROM rockset_query('with x as (select 1 as a) select a + 1 from x');
SELECT c1 FROM rockset_query('with "update" as (select 1 as a) select a + 1 from "update"');
SELECT count(*) FROM rockset_query('explain select 1');
SELECT c1 FROM rockset_query('select 42; -- done');

.print -- no rows, no columns asked for, rowids, LIMIT, max_rows
SELECT count(*) FROM rockset_query('select 1 where false');
SELECT count(*) FROM rockset_query('select * from range(100000)');
SELECT rowid, c1 FROM rockset_query('select * from range(1000000000000)') LIMIT 2;
SELECT c1 FROM rockset_query('select * from range(1000000000000)', NULL, '{"max_rows":2}');
SELECT count(*) FROM rockset_query('select 1', NULL, '{"max_rows":0}');
SELECT sql, params, options FROM rockset_query('select 1', '[]', '{"max_rows":5}');
