-- rockset_analyze: the number of rows that the planner works with
.mode list
.nullvalue NULL
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select range as id, range % 7 as k from range(10)') IS NOT '';
CREATE VIRTUAL TABLE t USING rockset('commons.t');
SELECT value FROM t_rockset WHERE name = 'rows';
SELECT rockset_exec('insert into commons.t select range + 10, 1 from range(50000)') IS NOT '';
SELECT rockset_analyze('T');
SELECT value FROM t_rockset WHERE name = 'rows';
SELECT count(*), sum(k) FROM t;
SELECT rockset_analyze('none');
SELECT rockset_analyze(NULL);
BEGIN;
SELECT rockset_analyze('t');
COMMIT;
