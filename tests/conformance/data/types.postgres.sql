-- types.sql in PostgreSQL's types: integers beyond 64 bits are numeric, several types are jsonb
CREATE TEMP TABLE made AS SELECT
rockset_exec('CREATE SCHEMA IF NOT EXISTS commons'),
rockset_exec('CREATE TYPE commons.mood AS ENUM (''sad'', ''ok'', ''happy'')'),
rockset_exec('CREATE TABLE commons.types(
  _id text, tiny smallint, ubig numeric, huge numeric, real4 real, money numeric(18,3),
  wide numeric(38,10), whole numeric(38,0), uid uuid, mood commons.mood,
  raw bytea, day date, clock time, secs timestamp(0), micros timestamp, zoned timestamptz,
  span interval, bits varbit, pair jsonb, list numeric[], mix jsonb, flag boolean)'),
rockset_exec('INSERT INTO commons.types VALUES
  (''a'', -128, 0, -170141183460469231731687303715884105728, 0.1, -0.125,
   1234567890123456.7890000001, 99999999999999999999999999999999999999,
   ''00000000-0000-0000-0000-000000000001'', ''happy'', decode(''00ff'', ''hex''), ''0001-01-01'',
   ''00:00:00'', ''1969-12-31 23:59:59'', ''2026-11-21 08:15:30.5'', ''2026-11-21 08:15:30.5+02'',
   INTERVAL ''3 days'', ''0101'', ''{"a": 1, "b": 0.5}'', ''{1,NULL}'', ''5'', true),
  (''b'', 127, 18446744073709551615, 9223372036854775807, 2, 12.5, 2.5, 12,
   ''ffffffff-ffff-ffff-ffff-ffffffffffff'', ''sad'', '''', ''9999-12-31'', ''23:59:59.999999'',
   ''2020-02-29 00:00:00'', ''2020-02-29 00:00:00'', ''2020-02-29 00:00:00+00'', INTERVAL ''1 month'',
   ''1'', ''{"a": 170141183460469231731687303715884105727, "b": 12.25}'',
   ''{170141183460469231731687303715884105727}'', ''"five"'', false),
  (''c'', 0, 9223372036854775808, 100, 16777216, 100, 100, 9007199254740993,
   ''0000abcd-0000-4000-8000-00000000000a'', ''ok'', ''abc'', ''2026-11-21'', ''12:00:00'',
   ''2026-11-21 12:00:00'', ''2026-11-21 12:00:00'', ''2026-11-21 12:00:00+00'', INTERVAL ''90 seconds'',
   ''1111'', ''{"a": null, "b": null}'', ''{}'', NULL, NULL),
  (''d'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL),
  (''e'', 12, 12, 12, 12, 12, 12, 12, NULL, ''ok'', decode(''0c'', ''hex''), NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, ''12'', NULL)');
