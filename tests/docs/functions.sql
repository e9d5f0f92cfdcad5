-- The page's logs and flights, and its table t
SELECT writefile('logs/1.ndjson', '{"day":"2025-12-31"}' || char(10) || '{"day":"2026-01-01"}' || char(10));
.shell gzip logs/1.ndjson
SELECT writefile('quakes.geojson', '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"mag":4.5}}]}');
SELECT writefile('sales/year=2024/month=1/x.csv', 'amount' || char(10) || '7' || char(10));
SELECT rockset_create_workspace('commons');
SELECT rockset_exec('create table commons.t as select ''JFK'' as k');
SELECT rockset_exec('create table commons.flights as select ''JFK'' as origin');
