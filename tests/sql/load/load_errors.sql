-- rockset_load: the error of each wrong argument, option and file; nothing is created by them
.mode list
.output broken.json
SELECT '[{"a":1},{"a":';
.output
SELECT rockset_load(NULL, 'x.json');
SELECT rockset_load('t', NULL);
SELECT rockset_load(1, 'x.json');
SELECT rockset_load('t', 2.5);
SELECT rockset_load('t', '');
SELECT rockset_load('', 'x.json');
SELECT rockset_load('a.b.c', 'x.json');
SELECT rockset_load('"a', 'x.json');
SELECT rockset_load('_rockset.t', 'x.json');
SELECT rockset_load('t', 'x.json', '{"mod":"append"}');
SELECT rockset_load('t', 'x.json', '{"mode":"apend"}');
SELECT rockset_load('t', 'x.json', '{"mode":1}');
SELECT rockset_load('t', 'x.json', '{"format":"xml"}');
SELECT rockset_load('t', 'x.json', '[1]');
SELECT rockset_load('t', 'x.json', 'mode=append');
SELECT rockset_load('t', 'missing.json');
SELECT rockset_load('t', 'broken.json');
SELECT rockset_load('t', 'broken.unknown');
SELECT rockset_load('t', 'broken.json', '{"format":"parquet"}');
SELECT rockset_load('t', '@DATA@/airports.csv', '{"id_field":"iato"}');
SELECT rockset_load('t');
.print -- an open transaction
BEGIN;
SELECT rockset_load('t', '@DATA@/airports.csv');
ROLLBACK;
.print -- nothing was created
SELECT workspace, name FROM rockset_collections;
