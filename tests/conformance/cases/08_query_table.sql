-- feature: tables over a query
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
CREATE VIRTUAL TABLE byyear USING rockset(query='select born, count(*) as n from commons.people group by born');
SELECT born, n FROM byyear WHERE n > 1;
SELECT born, n FROM byyear WHERE born > 1850 ORDER BY born;
CREATE VIRTUAL TABLE bycity USING rockset(query='select name, born from commons.people where city = :city and born > :after');
SELECT name, born FROM bycity('London', 1800);
SELECT count(*) FROM bycity('London', 1900);
