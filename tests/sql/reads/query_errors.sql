-- rockset_query: errors of arguments, parameters, columns and statements that write
.mode list
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select 1 as a') IS NOT '';
.print -- arguments
SELECT * FROM rockset_query;
SELECT * FROM rockset_query();
SELECT * FROM rockset_query(NULL);
SELECT * FROM rockset_query(1);
SELECT * FROM rockset_query('');
SELECT * FROM rockset_query('select 1', 1);
SELECT * FROM rockset_query('select 1', NULL, '{"max_row":1}');
SELECT * FROM rockset_query('select 1', NULL, '{"max_rows":-1}');
SELECT * FROM rockset_query('select 1', NULL, '{"max_rows":"1"}');

.print -- columns that the result lacks, also when there is no row
SELECT c3 FROM rockset_query('select 1, 2');
SELECT c2 FROM rockset_query('select 1 where false');
SELECT c33 FROM rockset_query('select 1');

.print -- parameters
SELECT * FROM rockset_query('select ?');
SELECT * FROM rockset_query('select :a');
SELECT * FROM rockset_query('select ?, ?', '[1]');
SELECT * FROM rockset_query('select ?', '[1, 2]');
SELECT * FROM rockset_query('select ?2', '[1, 2]');
SELECT * FROM rockset_query('select 1', '[1, 2]');
SELECT * FROM rockset_query('select 1', '{"a":1}');
SELECT * FROM rockset_query('select :origin', '{"orgin":1}');
SELECT * FROM rockset_query('select :a, :b', '{"a":1}');
SELECT * FROM rockset_query('select :a', '{"a":1,"a":2}');
SELECT * FROM rockset_query('select :a', '[1]');
SELECT * FROM rockset_query('select ?', '{"a":1}');
SELECT * FROM rockset_query('select ?, :a', '[1]');
SELECT * FROM rockset_query('select ?', '[1');
SELECT * FROM rockset_query('select ?', '1');
SELECT * FROM rockset_query('select ?', '[9223372036854775808]');
SELECT * FROM rockset_query('select ?', '[1e999]');

.print -- statements that write
SELECT * FROM rockset_query('insert into commons.t values (2)');
SELECT * FROM rockset_query('delete from commons.t');
SELECT * FROM rockset_query('drop table commons.t');
SELECT * FROM rockset_query('attach ''x.db''');
SELECT * FROM rockset_query('with x as (select 1) delete from commons.t');
SELECT * FROM rockset_query('with x as (select 1 as a) insert into commons.t select a from x');
SELECT * FROM rockset_query('explain analyze delete from commons.t');
SELECT * FROM rockset_query('explain (analyze) delete from commons.t');
SELECT * FROM rockset_query('select 1; drop table commons.t');
SELECT * FROM rockset_query('select 1) union (select 2');

.print -- what the engine says
SELECT * FROM rockset_query('select * from commons.nowhere');
SELECT * FROM rockset_query('select nosuch from commons.t');
SELECT * FROM rockset_query('selec 1');
SELECT * FROM rockset_query('select case when range = 5000 then error(''late'') end from range(10000)');

.print -- the row is still there
SELECT row FROM rockset_query('select * from commons.t');
