-- Required keys: a parameter is a column that each plan must give a value to. SQLite finds an order of tables
-- that does, whichever way the join is written; where none does the error names the parameter
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.fl as select * from (values (''JFK'', ''LAX'', 5), (''JFK'', ''SFO'', -3), (''LAX'', ''JFK'', 12), (null, ''SFO'', 1)) t(origin, dest, delay)') IS NOT '';
CREATE VIRTUAL TABLE f USING rockset(query='select dest, delay from commons.fl where origin is not distinct from :airport');
CREATE VIRTUAL TABLE g USING rockset(query='select origin, delay from commons.fl where dest = :dest_in and delay >= :least');
CREATE TABLE a(code TEXT, least INTEGER);
INSERT INTO a VALUES('JFK', 0), ('LAX', 10), ('SFO', NULL), (NULL, 1);
.print -- the order of tables follows the keys
EXPLAIN QUERY PLAN SELECT * FROM f, a WHERE f.airport = a.code;
EXPLAIN QUERY PLAN SELECT * FROM a, f WHERE f.airport = a.code;
EXPLAIN QUERY PLAN SELECT * FROM g, f, a WHERE f.airport = a.code AND g.dest_in = f.dest AND g.least = a.least;
SELECT code, dest, origin FROM g, f, a WHERE f.airport = a.code AND g.dest_in = f.dest AND g.least = a.least ORDER BY 1, 2, 3;
SELECT code, dest FROM f CROSS JOIN a ON f.airport = a.code;
SELECT code, dest FROM a CROSS JOIN f ON f.airport = a.code ORDER BY 1, 2;
SELECT code, dest FROM a LEFT JOIN f ON f.airport = a.code ORDER BY 1, 2;
SELECT code, dest FROM f LEFT JOIN a ON f.airport = a.code;
SELECT code, dest FROM f('JFK') LEFT JOIN a ON f.dest = a.code ORDER BY 1, 2;
.print -- a value, several values, none
SELECT dest FROM f(NULL);
SELECT dest FROM f WHERE airport IS NULL;
SELECT dest FROM f WHERE airport IN ('JFK', 'LAX', 'JFK') ORDER BY 1;
SELECT dest FROM f WHERE airport IN (SELECT code FROM a) ORDER BY 1;
SELECT dest FROM f WHERE airport = (SELECT code FROM a WHERE least = 10);
SELECT dest FROM f WHERE airport = 'JFK' OR airport = 'LAX' ORDER BY 1;
SELECT dest FROM f WHERE airport = 'JFK' AND airport = 'LAX';
SELECT dest FROM f WHERE airport LIKE 'J%';
SELECT dest FROM f WHERE airport = 'JFK' OR dest = 'SFO';
SELECT dest FROM f WHERE coalesce(airport, 'JFK') = 'JFK';
SELECT origin FROM g('SFO');
SELECT origin FROM g WHERE least = 0;
SELECT origin FROM g('SFO', -10) ORDER BY 1;
.print -- correlated, in a CTE, in a temp view
SELECT code, (SELECT group_concat(dest, '+') FROM (SELECT dest FROM f WHERE airport = code ORDER BY dest)) FROM a ORDER BY code;
SELECT code FROM a WHERE EXISTS (SELECT 1 FROM f WHERE airport = code AND dest = 'SFO') ORDER BY code;
SELECT (SELECT count(*) FROM f WHERE airport > code) FROM a;
WITH x AS MATERIALIZED (SELECT airport, dest FROM f WHERE airport IN ('JFK', 'LAX')) SELECT * FROM x ORDER BY 1, 2;
CREATE TEMP VIEW v AS SELECT code, dest FROM a JOIN f ON f.airport = a.code;
SELECT * FROM v WHERE code = 'LAX';
CREATE TEMP VIEW lacking AS SELECT * FROM f;
SELECT * FROM lacking;
SELECT dest FROM lacking WHERE dest = 'LAX';
.print -- the same with push-down off
SELECT rockset_push_down(0);
SELECT code, dest, origin FROM g, f, a WHERE f.airport = a.code AND g.dest_in = f.dest AND g.least = a.least ORDER BY 1, 2, 3;
SELECT dest FROM f WHERE airport IN (SELECT code FROM a) ORDER BY 1;
SELECT * FROM f;
