-- rockset_exec: rows affected, parameters, what it refuses
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t(a bigint, b varchar, c double, d boolean)') IS NOT '';
SELECT rockset_exec('insert into commons.t values (1, ''one'', 1.5, true), (2, ''two'', 2.5, false)');
SELECT rockset_exec('insert into commons.t values (?, ?, ?, ?)', '[9223372036854775807, "ünï ''q''", 1e-300, null]');
SELECT rockset_exec('insert into commons.t(a, b) values (:a, :a || '':b'' || :b)', '{"b":"é","a":"4"}');
SELECT rockset_exec('update commons.t set c = c * 2 where a < ?', '[3]');
SELECT rockset_exec('delete from commons.t where b = :b;  -- a comment behind it', '{"b":"one"}');
SELECT row FROM rockset_query('select * from commons.t order by a');

.print -- SQL from a file is a blob
.output up.sql
SELECT 'update commons.t set d = true';
.output
SELECT rockset_exec(CAST(readfile('up.sql') AS BLOB));

.print -- one statement only
SELECT rockset_exec('delete from commons.t; delete from commons.t');
SELECT rockset_exec('delete from commons.t where b = '';''; select 1');
SELECT rockset_exec('delete from commons.t where (a = 1');
SELECT rockset_exec('');
SELECT rockset_exec(' -- nothing');
SELECT rockset_exec('select ''open');

.print -- transactions and session state
SELECT rockset_exec('BEGIN');
SELECT rockset_exec('/* c */ commit');
SELECT rockset_exec('rollback');
SELECT rockset_exec('start transaction');
SELECT rockset_exec('use memory');
BEGIN;
SELECT rockset_exec('delete from commons.t');
COMMIT;

.print -- wrong arguments
SELECT rockset_exec(NULL);
SELECT rockset_exec(1);
SELECT rockset_exec('delete from commons.t where a = ?', 5);
SELECT rockset_exec('delete from commons.t where a = ?');
SELECT rockset_exec('delete from commons.nowhere');

.print -- nothing of all this deleted a row
SELECT c1 FROM rockset_query('select count(*) from commons.t');
