-- Numbers of options, variables and config keep their digits on the way into compiled SQL.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('m', 'select {{ var("n") }}, {{ var("n") + 1 }}, {{ var("deep")["a"][0] }}');
SELECT rockset_compile('m', '{"vars":{"n":9007199254740993,"deep":{"a":[-9007199254740993]}}}');
SELECT rockset_compile('m', '{"vars":{"n":9223372036854775807,"deep":{"a":[123456789012345678901234567890]}}}');
SELECT rockset_compile('m', '{"vars" : { "n" : 0.1 , "deep" : {"a":["\u00e9 x"]} } }');
SELECT rockset_compile('m', '{"vars":{"n":007}}');

-- stored ones
INSERT INTO rockset_vars(name, value, is_json) VALUES('n', 9007199254740993, 0), ('deep', '{"a":[9007199254740993]}', 1);
SELECT rockset_compile('m');

-- config
UPDATE rockset_models SET config = '{"own":9007199254740993,"meta":{"big":123456789012345678901234567890}}',
  sql = 'select {{ config.get("own") }}, {{ config.get("meta").big }}';
SELECT rockset_compile('m');

-- as the table it makes, by the same options
UPDATE rockset_models SET config = NULL, sql = 'select {{ var("n") }} as n';
UPDATE rockset_models SET materialized = 'table';
SELECT json_extract(rockset_materialize('m', NULL, '{"vars":{"n":9007199254740995}}'), '$.status');
SELECT c1, typeof(c1) FROM rockset_query('select n from m');
SELECT node, status FROM rockset_run('m', '{"vars":{"n":9007199254740997},"threads":2}');
SELECT c1 FROM rockset_query('select n from m');

-- parameters
SELECT c1, c2 FROM rockset_query('select ?, ?', '[9007199254740993, -9223372036854775808]');
SELECT c1 FROM rockset_query('select :n', '{"n":9007199254740993}');
SELECT row FROM rockset_query('select 1', NULL, '{"max_rows":9007199254740993}');
