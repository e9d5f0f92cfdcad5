-- feature: incremental models
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
SELECT rockset_init() IS NOT '';
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('grow', 'incremental', 'select _id, n from {{ source("commons", "numbers") }} where _id < ''{{ var("until") }}''
{%- if is_incremental() %} and _id > (select max(_id) from {{ this }}){% endif %}'),
  ('latest', 'incremental', '{{ config(unique_key="_id") }}
select _id, {{ var("round") }} as round from {{ source("commons", "numbers") }} where _id < ''{{ var("until") }}''');
SELECT status FROM rockset_run('grow', '{"vars":{"until":"k0010"}}');
CREATE VIRTUAL TABLE grow USING rockset('commons.grow');
SELECT count(*), max(_id) FROM grow;
SELECT status FROM rockset_run('grow', '{"vars":{"until":"k0015"}}');
SELECT count(*), count(DISTINCT _id), max(_id) FROM grow;
SELECT status FROM rockset_run('grow', '{"vars":{"until":"k0003"},"full_refresh":true}');
SELECT count(*), max(_id) FROM grow;
SELECT status FROM rockset_run('latest', '{"vars":{"until":"k0004","round":1}}');
SELECT status FROM rockset_run('latest', '{"vars":{"until":"k0002","round":2}}');
SELECT status FROM rockset_run('latest', '{"vars":{"until":"k0006","round":3}}');
CREATE VIRTUAL TABLE latest USING rockset('commons.latest');
SELECT _id, round FROM latest ORDER BY _id;
