-- One column of each type, and rows at the edges of what SQLite holds exactly
CREATE TEMP TABLE made AS SELECT
rockset_exec('CREATE SCHEMA IF NOT EXISTS commons'),
rockset_exec('CREATE TABLE commons.types(
  _id VARCHAR, tiny TINYINT, ubig UBIGINT, huge HUGEINT, real4 FLOAT, money DECIMAL(18,3),
  wide DECIMAL(38,10), whole DECIMAL(38,0), uid UUID, mood ENUM (''sad'', ''ok'', ''happy''),
  raw BLOB, day DATE, clock TIME, secs TIMESTAMP_S, micros TIMESTAMP, zoned TIMESTAMPTZ,
  span INTERVAL, bits BIT, pair STRUCT(a HUGEINT, b DECIMAL(20,2)), list HUGEINT[],
  mix UNION("int" BIGINT, str VARCHAR), flag BOOLEAN)'),
rockset_exec('INSERT INTO commons.types VALUES
  (''a'', -128, 0, -170141183460469231731687303715884105728, 0.1, -0.125,
   1234567890123456.7890000001, 99999999999999999999999999999999999999,
   ''00000000-0000-0000-0000-000000000001'', ''happy'', ''\x00\xff''::BLOB, ''0001-01-01'',
   ''00:00:00'', ''1969-12-31 23:59:59'', ''2026-11-21 08:15:30.5'', ''2026-11-21 08:15:30.5+02'',
   INTERVAL 3 DAY, ''0101'', {a: 1, b: 0.5}, [1, NULL], 5, true),
  (''b'', 127, 18446744073709551615, 9223372036854775807, 2, 12.5, 2.5, 12,
   ''ffffffff-ffff-ffff-ffff-ffffffffffff'', ''sad'', ''''::BLOB, ''9999-12-31'', ''23:59:59.999999'',
   ''2020-02-29 00:00:00'', ''2020-02-29 00:00:00'', ''2020-02-29 00:00:00+00'', INTERVAL 1 MONTH,
   ''1'', {a: 170141183460469231731687303715884105727, b: 12.25},
   [170141183460469231731687303715884105727], ''five'', false),
  (''c'', 0, 9223372036854775808, 100, 16777216, 100, 100, 9007199254740993,
   ''0000abcd-0000-4000-8000-00000000000a'', ''ok'', ''abc''::BLOB, ''2026-11-21'', ''12:00:00'',
   ''2026-11-21 12:00:00'', ''2026-11-21 12:00:00'', ''2026-11-21 12:00:00+00'', INTERVAL 90 SECOND,
   ''1111'', {a: NULL, b: NULL}, [], NULL, NULL),
  (''d'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL),
  (''e'', 12, 12, 12, 12, 12, 12, 12, NULL, ''ok'', ''\x0c''::BLOB, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, 12, NULL)');
