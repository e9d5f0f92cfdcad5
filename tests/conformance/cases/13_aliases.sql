-- feature: aliases
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT rockset_load('commons.numbers', '@CASES@/numbers.csv', '{"mode":"replace"}');
SELECT rockset_create_alias('commons.current', 'commons.people') IS NOT '';
SELECT alias, collection FROM (SELECT workspace || '.' || name AS alias, collection FROM rockset_aliases);
CREATE VIRTUAL TABLE cur USING rockset('commons.current');
SELECT count(*), max(born) FROM cur;
SELECT c1 FROM rockset_query('select count(*) from commons.current');
SELECT rockset_create_alias('commons.current', 'commons.numbers') IS NOT '';
SELECT c1 FROM rockset_query('select count(*) from commons.current');
SELECT rockset_drop_alias('commons.current') IS NOT '';
SELECT count(*) FROM rockset_aliases;
