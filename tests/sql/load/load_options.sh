#!/bin/sh
# rockset_load: what the caller knows of CSV files: null, types, delimiter, quote, encoding, skip, header.
set -eu
printf '# made by hand\nyear;dep;arr_delay;name\n2013;1;NA;"a;b"\n2013;2;-;c\n2013;NA;61;\n' >flights.csv
printf "a,b\n1,'x,y'\n2,'say ''z'''\n" >single.csv
printf '1,2\n3,4\n' >nameless.csv
printf 'n\n\351t\351\n' >latin.csv
printf 'a\tb\n1\t"\n' >inch.tsv
printf '{"a":1}\n' >a.ndjson
cat >load.sql <<'SQL'
.mode list
SELECT rockset_load('delays', 'flights.csv', '{"skip":1,"null":["NA","-"]}');
SELECT row FROM rockset_query('select year, dep, arr_delay, name from delays order by 1, 2');
SELECT c1 FROM rockset_query('select count(*) from delays where arr_delay > 60');
.print -- types in any case, as Rockset or DuckDB calls them
SELECT rockset_load('typed', 'flights.csv', '{"skip":1,"null":["NA","-"],"types":{"year":"string","DEP":"Float"}}');
SELECT row FROM rockset_query('select typeof(year) y, typeof(dep) d, typeof(arr_delay) a from typed limit 1');
.print -- quotes
SELECT rockset_load('single', 'single.csv', '{"quote":"''"}');
SELECT row FROM rockset_query('select a, b from single order by a');
SELECT rockset_load('inch', 'inch.tsv', '{"quote":""}');
SELECT row FROM rockset_query('select a, b from inch');
.print -- names
SELECT rockset_load('nameless', 'nameless.csv', '{"header":false}');
SELECT row FROM rockset_query('select * exclude(_id, _event_time) from nameless order by 1');
SELECT rockset_load('latin', 'latin.csv', '{"encoding":"latin-1"}');
SELECT row FROM rockset_query('select n from latin');
.print -- wrong
SELECT rockset_load('x', 'flights.csv', '{"skip":1,"types":{"dep":"fleet"}}');
SELECT rockset_load('x', 'flights.csv', '{"skip":1,"types":{"nosuch":"int"}}');
SELECT rockset_load('x', 'flights.csv', '{"skip":1,"types":{"arr_delay":"int"}}');
SELECT rockset_load('x', 'flights.csv', '{"skip":1,"types":[]}');
SELECT rockset_load('x', 'flights.csv', '{"skip":-1}');
SELECT rockset_load('x', 'flights.csv', '{"skip":1,"delimiter":"||"}');
SELECT rockset_load('whole', 'flights.csv', '{"skip":1,"delimiter":","}');
SELECT rockset_load('x', 'flights.csv', '{"skip":1,"null":1}');
SELECT rockset_load('x', 'flights.csv', '{"header":1}');
SELECT rockset_load('x', 'flights.csv', '{"skip":100}');
SELECT rockset_load('x', 'a.ndjson', '{"null":"NA"}');
SELECT rockset_load('x', 'latin.csv');
SELECT rockset_load('flights.csv', 'x');
SELECT rockset_load('x', 'https://example.test/x.csv');
SQL
sqlite3 -cmd ".load $ROCKSET_EXT" :memory: <load.sql 2>&1 | sed 's, \[remote SQL.*,,'
