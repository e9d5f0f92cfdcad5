-- LIMIT: where it is sent and where it must not be
-- The queries of limit.sql with their plans; then their rows with push-down off, and from SQLite's own tables,
-- which must be the same.
.read @FIXTURES@/push_down/setup.sql
.echo on
.eqp on
.read @FIXTURES@/push_down/limit.sql
.eqp off
.echo off
.output @TMP@/on
.read @FIXTURES@/push_down/limit.sql
.output @TMP@/switch
SELECT rockset_push_down(0);
.output @TMP@/off
.read @FIXTURES@/push_down/limit.sql
.read @FIXTURES@/push_down/native.sql
.output @TMP@/native
.read @FIXTURES@/push_down/limit.sql
.output stdout
.print -- rows with push-down on, off, and of native tables:
SELECT readfile('@TMP@/on') = readfile('@TMP@/off'), readfile('@TMP@/on') = readfile('@TMP@/native'), length(readfile('@TMP@/on')) > 50;
