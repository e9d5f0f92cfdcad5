-- rockset_init: creates, is idempotent, migrates, leaves the application's own numbers alone.
.mode list
SELECT rockset_compile('m');
SELECT rockset_ls();
SELECT * FROM rockset_run('*');
PRAGMA user_version = 42;
PRAGMA application_id = 99;
SELECT rockset_init();
SELECT rockset_init();
SELECT rockset_init('main');
PRAGMA user_version;
PRAGMA application_id;
SELECT key, value FROM rockset_meta WHERE key = 'schema_version';
SELECT name FROM sqlite_schema WHERE name LIKE 'rockset_%' AND type = 'table' ORDER BY name;
-- another schema
ATTACH ':memory:' AS "o""ther";
SELECT rockset_init('o"ther');
SELECT count(*) FROM "o""ther".sqlite_schema WHERE name LIKE 'rockset_%';
SELECT rockset_init('nope');
-- inside a transaction of the user's own: undone with it
BEGIN;
SELECT rockset_init();
DROP TABLE rockset_vars;
SELECT rockset_ls();
SELECT rockset_init();
SELECT rockset_ls();
ROLLBACK;
-- a table that somebody dropped comes back, rows of others stay
INSERT INTO rockset_models(name, sql) VALUES('m', 'select 1');
DROP TABLE rockset_sources;
SELECT rockset_compile('m');
SELECT rockset_init();
SELECT rockset_compile('m');
-- a newer schema names what it needs
UPDATE rockset_meta SET value = '7' WHERE key = 'schema_version';
UPDATE rockset_meta SET value = '0.9.0' WHERE key = 'needs';
SELECT rockset_compile('m');
SELECT rockset_run('*');
SELECT rockset_init();
-- an older one the function to call
UPDATE rockset_meta SET value = '0' WHERE key = 'schema_version';
SELECT rockset_compile('m');
SELECT rockset_init();
SELECT rockset_compile('m');
UPDATE rockset_meta SET value = 'new' WHERE key = 'schema_version';
SELECT rockset_compile('m');
SELECT rockset_init();
DELETE FROM rockset_meta WHERE key = 'schema_version';
SELECT rockset_init();
SELECT rockset_compile('m');
-- rows by hand: each CHECK says what it wants
INSERT INTO rockset_models(name, sql) VALUES('', 'x');
INSERT INTO rockset_models(name, sql) VALUES('n', 5);
INSERT INTO rockset_models(name, sql) VALUES('n', NULL);
INSERT INTO rockset_models(name, sql, tags) VALUES('n', 'x', '[1');
INSERT INTO rockset_models(name, sql, unique_key) VALUES('n', 'x', '["a"');
INSERT INTO rockset_models(name, sql, config) VALUES('n', 'x', 'no json');
INSERT INTO rockset_models(name, sql, config) VALUES('n', 'x', '[]');
INSERT INTO rockset_models(name, sql, enabled) VALUES('n', 'x', 'yes');
INSERT INTO rockset_vars(name, value, is_json) VALUES('n', 'x', 1);
INSERT INTO rockset_vars(name, value) VALUES('n', x'00');
INSERT INTO rockset_macros(name, sql) VALUES('n', 1);
-- the project's name goes into unique ids
INSERT INTO rockset_project(key, value) VALUES('name', 'shop');
UPDATE rockset_models SET sql = 'select {{ model.unique_id }}';
SELECT rockset_compile('m');
