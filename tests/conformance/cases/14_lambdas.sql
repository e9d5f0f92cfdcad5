-- feature: query lambdas
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT rockset_create_query_lambda('commons.born_after',
  'select name, born from commons.people where born > :year and active = :active order by born',
  '[{"name":"year","type":"int","value":"1900"},{"name":"active","type":"bool","value":"true"}]') IS NOT '';
SELECT c1, c2 FROM rockset_query_lambda('commons.born_after');
SELECT c1, c2 FROM rockset_query_lambda('commons.born_after', '{"year":1800}');
CREATE VIRTUAL TABLE born_after USING rockset(query_lambda='commons.born_after', tag='latest');
SELECT name, born FROM born_after(1800, 0);
SELECT name, born FROM born_after(1800) WHERE born > 1850;
SELECT name FROM rockset_query_lambdas;
SELECT rockset_drop_query_lambda('commons.born_after') IS NOT '';
SELECT count(*) FROM rockset_query_lambdas;
