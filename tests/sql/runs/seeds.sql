-- Seeds: dbt's types, config, full loads; a failed one leaves the old rows.
.mode list
SELECT rockset_init();
INSERT INTO rockset_seeds(name, csv) VALUES
  ('kinds', 'i,n,money,d,t,iso,b,s,void,"a ""b"""
1,1.5,"$1,200",2026-01-31,2026-01-31 10:11:12,2026-01-31T10:11:12Z,true,x,,"multi
line"
-2,2e3,5%,2026-2-1,2026-02-01 1:02:03,2026-01-31T10:11:12.5+02:00,FALSE,null,null,
,,,,,,,,,"it''s"
'),
  ('mixed', 'a,b,c,d,e,f
1,2026-01-01,true,007,2026-01-01,1.0
x,1,1,12,2026-01-01 10:00:00,2.0
'),
  ('big', 'n
1
20000000000
'),
  ('empty', 'a,b
'),
  ('dup', 'a,a,
1,2,3
4
');
SELECT node, kind, status, rows, message FROM rockset_seed('*');
SELECT column_name, column_type FROM (SELECT json_extract(row, '$.column_name') AS column_name, json_extract(row, '$.column_type') AS column_type FROM rockset_query('describe commons.kinds'));
SELECT * FROM rockset_query('select * from commons.kinds order by i nulls last');
SELECT * FROM rockset_query('select column_name, data_type from information_schema.columns where table_schema = ''commons'' and table_name in (''mixed'', ''big'', ' ||
  '''empty'', ''dup'') order by table_name, ordinal_position');
SELECT * FROM rockset_query('select * from commons.dup');
-- config: in the row, and of folders
INSERT INTO rockset_seeds(name, csv, config) VALUES
  ('codes', 'code;n
007;1
8;2
', '{"delimiter":";","column_types":{"code":"varchar(8)"},"schema":"ref","alias":"code_list"}');
SELECT status, message FROM rockset_seed('codes');
SELECT * FROM rockset_query('select * from commons_ref.code_list');
INSERT INTO rockset_configs(resource_type, fqn, config) VALUES('seeds', '', '{"column_types":{"n":"double"}}');
SELECT message FROM rockset_seed('codes big');
SELECT * FROM rockset_query('select typeof(n) as t, code from commons_ref.code_list');
DELETE FROM rockset_configs;
-- models read them; a seed is part of a build
INSERT INTO rockset_models(name, sql) VALUES('reader', 'select count(*) as n from {{ ref("codes") }}');
SELECT node, kind, status FROM rockset_build('+reader');
SELECT node FROM rockset_run('+reader');
SELECT json_extract(rockset_run('codes'), '$.warning');
-- mistakes: the old rows stay
UPDATE rockset_seeds SET csv = 'code;n
1;2;3
' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
UPDATE rockset_seeds SET csv = 'code;n
"1;2
' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
UPDATE rockset_seeds SET csv = '' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
UPDATE rockset_seeds SET csv = 'code
123456789
', config = '{"column_types":{"kode":"text"},"schema":"ref","alias":"code_list"}' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
-- names that differ in case only
UPDATE rockset_seeds SET csv = 'code,Code
1,2
', config = '{}' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
-- all 64 bits
UPDATE rockset_seeds SET csv = 'code,more
9223372036854775807,9223372036854775808
-9223372036854775808,1
' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
SELECT row FROM rockset_query('select code, typeof(code), typeof(more) from commons.codes order by 1');
UPDATE rockset_seeds SET csv = 'code
abc
', config = '{"column_types":{"code":"integer) as x, cast(1 as integer"},"schema":"ref","alias":"code_list"}' WHERE name = 'codes';
SELECT status, substr(message, 1, 60) FROM rockset_seed('codes', '{"raise":false}');
UPDATE rockset_seeds SET config = '{"column_types":{"code":"text) as x; drop table commons.big; select (1"},"schema":"ref","alias":"code_list"}' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
UPDATE rockset_seeds SET config = '{"delimiter":"||","schema":"ref","alias":"code_list"}' WHERE name = 'codes';
SELECT status, message FROM rockset_seed('codes', '{"raise":false}');
SELECT * FROM rockset_query('select * from commons_ref.code_list');
