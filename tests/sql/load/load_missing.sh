#!/bin/sh
# rockset_load: a column that is text only because of NA, N/A, - ... is loaded with a warning that names it and
# the option; other columns of text come without one.
set -eu
printf 'year,arr,day,name,code,none\n2013,NA,2013-01-01,x,-,NA\n2013,5,N/A,NA,-,NA\n2014,-,2013-01-03,y,-,\n' >w.csv
{ echo 'n,t'; i=0; while [ $i -lt 3000 ]; do echo "$i,$i"; i=$((i + 1)); done; echo 'null,x'; } >late.csv
cat >load.sql <<'SQL'
.log stderr
SELECT rockset_load('w', 'w.csv');
SELECT row FROM rockset_query('select typeof(arr) arr, typeof(day) as day, arr a from w order by 3');
SELECT sql, error FROM rockset_log WHERE error IS NOT NULL;
.print -- it is found at the end of a file, too
SELECT rockset_load('late', 'late.csv');
.print -- not where the caller says what it is
SELECT rockset_load('known', 'w.csv', '{"null":["NA","N/A","-"]}');
SELECT rockset_load('typed', 'w.csv', '{"types":{"ARR":"string","day":"string"}}');
SQL
sqlite3 -cmd ".load $ROCKSET_EXT" :memory: <load.sql 2>&1
