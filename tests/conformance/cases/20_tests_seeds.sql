-- feature: seeds, data tests, unit tests, builds
.mode list
SELECT rockset_init() IS NOT '';
INSERT INTO rockset_seeds(name, csv) VALUES('raw_people', 'id,name,score,born,ok
1,Ann,1.5,2001-02-03,true
2,Bob,2,2001-02-04,false
3,,,,
');
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('people', 'table', 'select id, name, score from {{ ref("raw_people") }}'),
  ('report', 'view', 'select count(*) as n from {{ ref("people") }}');
INSERT INTO rockset_tests(name, test, model, column_name, arguments, config) VALUES
  ('id_unique', 'unique', 'people', 'id', NULL, NULL),
  ('name_not_null', 'not_null', 'people', 'name', NULL, '{"severity":"warn","store_failures":true}'),
  ('names', 'accepted_values', 'people', 'name', '{"values":["Ann","Bob"]}', '{"where":"id < 3"}'),
  ('related', 'relationships', 'people', 'id', '{"to":"ref(''raw_people'')","field":"id"}', NULL);
INSERT INTO rockset_tests(name, sql) VALUES('single', 'select * from {{ ref("report") }} where n <> 3');
INSERT INTO rockset_unit_tests(name, model, given, expect) VALUES
  ('counts', 'report', '[{"input":"ref(''people'')","rows":[{"id":1},{"id":2}]}]', '{"rows":[{"n":2}]}');
SELECT node, kind, status, rows, message FROM rockset_seed('*');
CREATE VIRTUAL TABLE raw_people USING rockset('commons.raw_people');
SELECT id, name, score, born, ok FROM raw_people ORDER BY id;
SELECT node, kind, status, failures FROM rockset_build('*', '{"threads":1}');
SELECT node, status, failures FROM rockset_test('*', '{"threads":1}');
UPDATE rockset_seeds SET csv = 'id,name
1,Ann
1,Bob
';
UPDATE rockset_models SET sql = 'select id, name from {{ ref("raw_people") }}' WHERE name = 'people';
SELECT node, status, failures FROM rockset_build('*', '{"threads":1,"raise":false}');
SELECT count(*) FROM raw_people;
SELECT status FROM rockset_retry('{"threads":1,"raise":false}');
