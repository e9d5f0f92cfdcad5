-- What a user does first: one statement a line, so that each client can read it
SELECT rockset_version();
SELECT rockset_load('commons.cities', 'cities.csv', '{"mode":"replace"}') || ' cities';
CREATE VIRTUAL TABLE cities USING rockset('commons.cities');
SELECT name FROM cities WHERE country = 'Japan' ORDER BY people DESC LIMIT 1;
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES ('countries', 'select country, sum(people) as people from {{ source("commons", "cities") }} group by country');
SELECT rockset_materialize('countries', 'table') ->> 'status';
CREATE VIRTUAL TABLE countries USING rockset('commons.countries');
SELECT country || ' ' || people FROM countries ORDER BY people DESC LIMIT 1;
