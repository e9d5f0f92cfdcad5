-- Tables over a query, with its parameters as arguments
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.fl(origin varchar, dest varchar, delay int)') IS NOT '';
SELECT rockset_exec('insert into commons.fl values (''JFK'', ''LAX'', 5), (''JFK'', ''SFO'', -3), (''LAX'', ''JFK'', 12), (''LAX'', ''SFO'', null)');
CREATE VIRTUAL TABLE by_origin USING rockset(query='select origin, count(*) as n, avg(delay) as mean from commons.fl group by origin -- all');
SELECT * FROM by_origin ORDER BY origin;
EXPLAIN QUERY PLAN SELECT * FROM by_origin WHERE n > 1 ORDER BY origin DESC LIMIT 1;
SELECT * FROM by_origin WHERE n > 1 ORDER BY origin DESC LIMIT 1;
SELECT count(*) FROM by_origin;
.print -- parameters
CREATE VIRTUAL TABLE flights USING rockset(query='select dest, delay, cast(:late as int) as late from commons.fl where origin = :airport and coalesce(delay, 0) < :late');
SELECT name, hidden FROM pragma_table_xinfo('flights');
SELECT * FROM flights(100, 'JFK');
EXPLAIN QUERY PLAN SELECT dest FROM flights(100, 'JFK') WHERE delay > 0;
SELECT dest, airport FROM flights(100, 'JFK') WHERE delay > 0;
SELECT dest FROM flights WHERE airport = 'LAX' AND late_1 = 100;
SELECT dest FROM flights(100) WHERE airport IN ('LAX', 'JFK') ORDER BY 1;
SELECT dest FROM flights(100, 'JFK') WHERE airport = 'LAX';
SELECT count(*) FROM flights(NULL, 'JFK');
SELECT count(*) FROM flights(100, 'JFK') WHERE dest = 'LAX' OR delay < 0;
CREATE TABLE airports(code TEXT, late INTEGER);
INSERT INTO airports VALUES('JFK', 100), ('LAX', 0), ('SFO', 1);
SELECT code, dest FROM airports a JOIN flights f ON f.airport = a.code AND f.late_1 = a.late ORDER BY 1, 2;
SELECT code, dest FROM flights f JOIN airports a ON f.airport = a.code AND f.late_1 = a.late ORDER BY 1, 2;
SELECT code, dest FROM airports a LEFT JOIN flights(100) f ON f.airport = a.code ORDER BY 1, 2;
SELECT code, (SELECT count(*) FROM flights(100, code)) FROM airports ORDER BY 1;
.print -- a parameter without a value
SELECT * FROM flights;
SELECT * FROM flights(100);
SELECT * FROM flights WHERE airport > 'A' AND late_1 = 3;
SELECT * FROM flights a JOIN flights b ON a.airport = b.airport AND a.late_1 = b.late_1;
SELECT * FROM flights(1, 2, 3);
.print -- a value that the query can't take
SELECT * FROM flights('x', 'JFK');
