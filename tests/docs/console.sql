-- A project to show
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES ('one', 'select 1 as x');
