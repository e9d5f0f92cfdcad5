-- The page's logs and flights, and its table t
SELECT writefile('logs/1.ndjson', '{"day":"2025-12-31"}' || char(10) || '{"day":"2026-01-01"}' || char(10));
.shell gzip logs/1.ndjson
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select ''JFK'' as k');
SELECT rockset_exec('create table commons.flights as select ''JFK'' as origin');
