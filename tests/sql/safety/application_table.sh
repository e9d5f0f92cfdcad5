#!/bin/sh
# The target does not see the application's tables: an error about one of them says so, with the way
# out, wherever SQL is sent; names of DuckDB's own catalogs are no hints.
set -u
q() { sqlite3 -batch a.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'; }
q "CREATE TABLE orders(id, amount); INSERT INTO orders VALUES(1, 5); CREATE VIEW big AS SELECT * FROM orders; SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('total', 'select sum(amount) as total from orders'), ('reader', 'select * from {{ ref(''total'') }}');
INSERT INTO rockset_tests(name, sql) VALUES('none', 'select * from Orders where amount < 0')"
q "SELECT rockset_exec('create table first(a int)')"
q "SELECT * FROM rockset_query('select sum(amount) from orders')"
q "SELECT * FROM rockset_query('select * from BIG')"
q "SELECT rockset_exec('create table x as select * from main.orders')"
q "CREATE VIRTUAL TABLE t USING rockset(query='select * from orders')"
q "SELECT rockset_materialize('total')"
q "SELECT node, status, message FROM rockset_build('*', '{\"raise\":false}')"
q "SELECT node, message FROM rockset_last_run WHERE status = 'error'"
q "SELECT rockset_diff('total')"
echo '-- others'
q "SELECT * FROM rockset_query('select * from odrers')"
q "SELECT rockset_exec('create table orderz(a int)'); SELECT * FROM rockset_query('select * from orderx')"
q "CREATE VIRTUAL TABLE z USING rockset(orderz); SELECT * FROM rockset_query('select * from z')"
q "CREATE TEMP TABLE mine(a); SELECT * FROM rockset_query('select * from mine')"
q "SELECT * FROM rockset_query('select nothing(1)')"
echo '-- the ways out'
q "SELECT rockset_push('orders', 'commons.orders') IS NOT NULL; SELECT rockset_materialize('total') ->> 'status'; SELECT * FROM rockset_query('select total from total')"
