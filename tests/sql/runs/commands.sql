-- One grammar of selections for every command: tests that come along, selectors, state, results, freshness.
.mode list
SELECT rockset_init();
INSERT INTO rockset_seeds(name, csv) VALUES('raw', 'id
1
1
');
INSERT INTO rockset_models(name, materialized, sql, tags) VALUES
  ('stg', 'table', 'select * from {{ ref("raw") }}', 'daily'),
  ('other', 'table', 'select 1 as id', 'weekly'),
  ('joined', 'table', 'select * from {{ ref("stg") }} join {{ ref("other") }} using (id)', 'daily');
INSERT INTO rockset_tests(name, test, model, column_name, arguments) VALUES
  ('stg_unique', 'unique', 'stg', 'id', NULL),
  ('both', 'relationships', 'stg', 'id', '{"to":"ref(''other'')","field":"id"}'),
  ('other_not_null', 'not_null', 'other', 'id', NULL);
INSERT INTO rockset_tests(name, sql) VALUES('lone', 'select * from {{ ref("other") }} where id > 1');
INSERT INTO rockset_unit_tests(name, model, given, expect) VALUES
  ('joins', 'joined', '[{"input":"ref(''stg'')","rows":[{"id":1}]},{"input":"ref(''other'')","rows":[{"id":1}]}]', '{"rows":[{"id":1}]}');
-- a unit test's parent is what it tests, though it waits for what that reads
SELECT parent, child FROM rockset_graph WHERE child LIKE 'unit_test.%';
-- any parent, all of them, all or what they read, none
SELECT 'eager', node FROM rockset_build('tag:daily raw', '{"raise":false}');
SELECT 'cautious', node FROM rockset_build('other', '{"indirect_selection":"cautious"}');
SELECT 'buildable', node FROM rockset_build('stg', '{"indirect_selection":"buildable","raise":false}');
SELECT 'empty', node FROM rockset_build('other', '{"indirect_selection":"empty"}');
SELECT rockset_test('other', '{"indirect_selection":"no"}');
-- results and nodes have one id
SELECT count(*), count(n.unique_id) FROM rockset_results r LEFT JOIN rockset_ls('*') n USING (unique_id);
-- names of tests, their kinds, what they test
SELECT node, status FROM rockset_test('test_type:singular');
SELECT node FROM rockset_test('test_name:unique test_type:unit', '{"raise":false}');
SELECT node FROM rockset_test('*', '{"exclude":"stg joined"}');
SELECT node FROM rockset_test('lone,other');
SELECT rockset_test('lonee');
SELECT node FROM rockset_seed('+joined');
-- what failed in the run before
SELECT node, status FROM rockset_build('*', '{"raise":false}') WHERE status <> 'success';
SELECT unique_id FROM rockset_ls('result:fail result:skipped');
SELECT node FROM rockset_test('result:fail', '{"raise":false}');
-- what is new: a test that has passed is not
SELECT unique_id FROM rockset_ls('state:new');
UPDATE rockset_seeds SET csv = 'id
1
';
SELECT node FROM rockset_build('state:modified+ state:new');
SELECT unique_id FROM rockset_ls('state:new state:modified');
-- retry: what failed, whatever selected it
UPDATE rockset_seeds SET csv = 'id
2
2
';
SELECT node, status FROM rockset_build('tag:daily raw', '{"exclude":"other","indirect_selection":"cautious","raise":false}');
SELECT node, status FROM rockset_retry('{"raise":false}');
-- selectors.yml
INSERT INTO rockset_files(path, hash, content) VALUES('selectors.yml', '', 'selectors:
  - name: weekly
    definition: "tag:weekly"
');
SELECT node FROM rockset_run('*', '{"selector":"weekly"}');
SELECT node FROM rockset_test(NULL, '{"selector":"weekly","indirect_selection":"cautious"}');
SELECT rockset_run('joined', '{"selector":"weekly"}');
SELECT rockset_run(' ');
-- sources whose data is fresh
INSERT INTO rockset_sources(source, name, workspace, identifier, freshness, loaded_at_field) VALUES
  ('ev', 'ok', 'commons', 'seen', '{"error_after":{"count":1,"period":"day"}}', 'loaded'),
  ('ev', 'old', 'commons', 'seen', '{"error_after":{"count":1,"period":"day"},"filter":"kind = 1"}', 'loaded');
SELECT rockset_exec('create table commons.seen as select timestamp ''2020-01-01 00:00:00'' as loaded, 1 as kind union all select now()::timestamp - interval 2 hour, 2');
SELECT unique_id FROM rockset_ls('source_status:pass');
SELECT node, status FROM rockset_freshness('*', '{"raise":false}');
SELECT unique_id FROM rockset_ls('source_status:pass');
SELECT unique_id FROM rockset_ls('source_status:error');
-- tags of sources; configs that nobody said; a severity in any case
INSERT INTO rockset_sources(source, name, tags) VALUES('events', 'visits', '["hot","raw"]');
INSERT INTO rockset_models(name, sql) VALUES('reader', 'select * from {{ source("events","visits") }}');
SELECT unique_id FROM rockset_ls('tag:hot');
SELECT unique_id FROM rockset_ls('tag:ra*+');
UPDATE rockset_tests SET config = '{"severity":"WARN"}' WHERE name = 'other_not_null';
SELECT unique_id FROM rockset_ls('config.severity:warn');
SELECT unique_id FROM rockset_ls('config.severity:error,other');
SELECT unique_id FROM rockset_ls('config.contract.enforced:false,reader config.on_schema_change:ignore,reader');
