-- feature: rockset_query
SELECT rockset_load('commons.people', '@CASES@/people.ndjson', '{"mode":"replace"}');
SELECT row FROM rockset_query('select name, born from commons.people where born = 1906');
SELECT c1, c2 FROM rockset_query('select city, count(*) as n from commons.people group by city order by n desc, city limit 1');
SELECT c1 FROM rockset_query('select name from commons.people where born > ? and active = ? order by name', '[1900, true]');
SELECT c1 FROM rockset_query('select name from commons.people where city = :c or born = :b order by name', '{"c":"London","b":1930}');
SELECT c1 FROM rockset_query('select :x', '{"x":"it''s; -- a \"text\""}');
SELECT c1, typeof(c1), c2, typeof(c2), c3 FROM rockset_query('select 1, 1.5, cast(null as int)');
SELECT count(*) FROM rockset_query('select * from commons.people where born < 0');
