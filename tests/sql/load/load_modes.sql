-- rockset_load: create, append (new fields, widened types), replace, id_field
.mode list
.separator ' | '
.nullvalue NULL
.output a.ndjson
SELECT '{"id":"a","n":1,"s":"one"}';
SELECT '{"id":"b","n":2,"s":"two"}';
.output b.ndjson
SELECT '{"id":"c","n":2.5,"s":3,"extra":[1,2]}';
.output c.ndjson
SELECT '{"id":"a","n":10,"other":true}';
.output d.ndjson
SELECT '{"id":"x","n":1}';
SELECT '{"id":"x","n":2}';
.output e.ndjson
SELECT '{"_id":"own","n":7}';
.output

.print -- create, then the same again
SELECT rockset_load('w.c', 'a.ndjson', '{"id_field":"id"}');
SELECT rockset_load('w.c', 'a.ndjson', '{"id_field":"id"}');
SELECT row FROM rockset_query('select _id, n, s from w.c order by _id');

.print -- append: a new field becomes a column, int widens to real, text and int become mixed
SELECT rockset_load('w.c', 'b.ndjson', '{"mode":"append","id_field":"id"}');
SELECT row FROM rockset_query('select _id, n, s, extra from w.c order by _id');
SELECT c1, typeof(c1) FROM rockset_query('select s from w.c order by _id');

.print -- append into a collection that is not there yet makes it
SELECT rockset_load('w.new', 'a.ndjson', '{"mode":"append"}');

.print -- append: a row whose _id exists already replaces that row, as in Rockset
SELECT rockset_load('w.c', 'c.ndjson', '{"mode":"append","id_field":"id"}');
SELECT row FROM rockset_query('select _id, n, s, extra, other from w.c order by _id');

.print -- replace
SELECT rockset_load('w.c', 'c.ndjson', '{"mode":"replace","id_field":"id"}');
SELECT row FROM rockset_query('select _id, n, other from w.c order by _id');

.print -- a replace that fails leaves the old rows
SELECT rockset_load('w.c', 'd.ndjson', '{"mode":"replace","id_field":"id"}');
SELECT rockset_load('w.c', 'missing.ndjson', '{"mode":"replace"}');
SELECT row FROM rockset_query('select _id, n, other from w.c order by _id');

.print -- a field _id is the id without being told
SELECT rockset_load('w.e', 'e.ndjson');
SELECT row FROM rockset_query('select _id, n from w.e');
