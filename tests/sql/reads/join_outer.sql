-- RIGHT and FULL JOIN (SQLite 3.39): SQLite scans the right table twice and must recognise its rows
.mode list
.separator ' | '
.nullvalue NULL
SELECT rockset_exec('create schema commons') IS NOT '';
SELECT rockset_exec('create table commons.city(id int, name varchar, country varchar)') IS NOT '';
CREATE VIRTUAL TABLE keyed USING rockset('commons.city', key='id');
SELECT rockset_exec('insert into commons.city values (1, ''Oslo'', ''no''), (2, ''Bergen'', ''no''), (3, ''Rome'', ''it''), (3, ''Rome'', ''it''), (4, null, null)');
CREATE VIRTUAL TABLE city USING rockset('commons.city');
CREATE TABLE pick(id INTEGER, code TEXT);
INSERT INTO pick VALUES(1, 'no'), (3, 'it'), (9, 'xx'), (NULL, NULL);
SELECT pick.id, name FROM pick RIGHT JOIN city ON city.id = pick.id ORDER BY 2, 1;
SELECT pick.id, name FROM pick FULL JOIN city ON city.id = pick.id ORDER BY 2, 1;
SELECT pick.id, name FROM city FULL JOIN pick ON city.id = pick.id ORDER BY 2, 1;
SELECT pick.id, name FROM pick RIGHT JOIN keyed ON keyed.country = pick.code ORDER BY 2, 1;
SELECT count(*) FROM pick RIGHT JOIN city ON 0;
SELECT count(*) FROM pick RIGHT JOIN keyed ON pick.id > 100;
SELECT a.name, b.name FROM city a FULL JOIN city b ON a.id = b.id + 1 ORDER BY 1, 2;
