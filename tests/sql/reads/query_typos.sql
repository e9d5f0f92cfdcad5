-- What was meant, where a query or its parameters are mistyped.
SELECT * FROM rockset_query('selec 1');
SELECT * FROM rockset_query('wiht a as (select 1) select * from a');
SELECT * FROM rockset_query('set x = 1');
SELECT * FROM rockset_query('delete from commons.t');
SELECT * FROM rockset_query('select ? as x', 'USA');
SELECT * FROM rockset_query('select ? as x', '7');
SELECT * FROM rockset_query('select ? as x', '["USA"');
SELECT * FROM rockset_query('select ? as x', '["USA"]');
