-- The type table: each type of the engine as SQLite reads it
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.ty(
  bo boolean, t1 tinyint, t2 smallint, t4 integer, t8 bigint, u1 utinyint, u8 ubigint, hu hugeint,
  f4 float, f8 double, de decimal(18,3), d0 decimal(10,0), big decimal(38,2), te varchar, bl blob,
  da date, ti time, ts timestamp, tz timestamptz, tn timestamp_ns, iv interval, uu uuid, en enum(''a'', ''b''),
  js json, li int[], st struct(a int, b varchar), ma map(varchar, int), un union(i int, s varchar), bt bit)') IS NOT '';
SELECT rockset_exec('insert into commons.ty values
  (true, 1, 2, 4, 8, 255, 18446744073709551615, 170141183460469231731687303715884105727,
   0.1, 0.1, 123.456, 42, 123456789012345678901234567890.12, ''é'', ''\x00\xff''::blob,
   ''2026-11-21'', ''08:15:30.5'', ''2026-11-21 08:15:30'', ''2026-11-21 08:15:30+02'', ''2026-11-21 08:15:30.123456789'',
   interval ''1 year 2 days'', ''00000000-0000-0000-0000-000000000001'', ''b'', ''{"a": [1, null]}'', [1, null], {a: 1, b: ''x''},
   map {''k'': 1}, union_value(s := ''u''), ''101''::bit)');
SELECT rockset_exec('insert into commons.ty(bo) values (null)');
CREATE VIRTUAL TABLE ty USING rockset('commons.ty');
SELECT name, type FROM pragma_table_info('ty');
.mode line
SELECT bo, t1, t2, t4, t8, u1, u8, hu, f4, f8, de, d0, big, te, hex(bl), da, ti, ts, tz, tn, iv, uu, en, js, li, st, ma, un, bt FROM ty WHERE bo;
.mode list
SELECT typeof(u8), typeof(hu), typeof(de), typeof(d0), typeof(big), typeof(f4), hex(bl), typeof(un) FROM ty WHERE bo;
SELECT json_extract(js, '$.a[0]'), json_extract(st, '$.b'), json_array(li), json_object('m', ma) FROM ty WHERE bo;
SELECT count(*) FROM ty WHERE coalesce(t1, u8, hu, f4, de, te, bl, da, ti, ts, tz, tn, iv, uu, en, js, li, st, ma, un, bt) IS NULL;
