-- Joins: keys sent to the inner table, IN in one request, outer joins, OR
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.city(id int, name varchar, country varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.city values (1, ''Oslo'', ''no''), (2, ''Bergen'', ''no''), (3, ''Rome'', ''it''), (3, ''Rome'', ''it''), (4, null, null)');
SELECT rockset_exec('create table commons.country(_id varchar, name varchar)') IS NOT '';
SELECT rockset_exec('insert into commons.country values (''no'', ''Norway''), (''it'', ''Italy''), (''fr'', ''France'')');
CREATE VIRTUAL TABLE city USING rockset('commons.city');
CREATE VIRTUAL TABLE country USING rockset('commons.country');
CREATE TABLE pick(id INTEGER, code TEXT);
INSERT INTO pick VALUES(1, 'no'), (3, 'it'), (9, 'xx'), (NULL, NULL);
.print -- IN (SELECT ...) is one request
EXPLAIN QUERY PLAN SELECT name FROM city WHERE id IN (SELECT id FROM pick);
SELECT name FROM city WHERE id IN (SELECT id FROM pick) ORDER BY name;
SELECT sql, rows FROM rockset_log ORDER BY id DESC LIMIT 1;
SELECT count(*) FROM city WHERE id IN (WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n);
SELECT sql, rows FROM rockset_log ORDER BY id DESC LIMIT 1;
SELECT name FROM city WHERE id NOT IN (SELECT id FROM pick WHERE id IS NOT NULL);
.print -- joins
SELECT pick.id, name FROM pick JOIN city USING (id) ORDER BY 1, 2;
SELECT pick.id, name FROM pick LEFT JOIN city USING (id) ORDER BY 1, 2;
SELECT pick.id, city.name FROM pick LEFT JOIN city ON city.id = pick.id WHERE city.name IS NULL ORDER BY 1;
SELECT pick.id, city.name FROM pick LEFT JOIN city ON city.id = pick.id AND city.name IS NOT NULL ORDER BY 1, 2;
SELECT city.name, country.name FROM city JOIN country ON country._id = city.country ORDER BY 1, 2;
SELECT city.name, country.name FROM city LEFT JOIN country ON country._id = city.country ORDER BY 1, 2;
SELECT a.name, b.name FROM city a, city b WHERE a.country = b.country AND a.name < b.name;
.print -- a correlated subquery
SELECT id, (SELECT count(*) FROM city WHERE city.id = pick.id) FROM pick ORDER BY id;
SELECT code FROM pick WHERE EXISTS (SELECT 1 FROM country WHERE _id = code) ORDER BY 1;
.print -- rows that match both sides of OR come once, equal rows as often as they are there
EXPLAIN QUERY PLAN SELECT name FROM city WHERE id = 3 OR country = 'it' OR name = 'Rome';
SELECT name FROM city WHERE id = 3 OR country = 'it' OR name = 'Rome';
SELECT count(*) FROM pick JOIN city ON city.id = pick.id OR city.country = pick.code;
SELECT count(*) FROM city, pick, country WHERE (city.id = 3 OR city.name = 'Oslo') AND pick.id = city.id AND country._id = pick.code;
