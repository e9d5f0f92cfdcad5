#!/bin/sh
# The examples of rockset_help, in its order: each runs.
cat >movies.csv <<'CSV'
id,title,genre,stars
1,Alien,horror,5
2,Big,comedy,4
3,Cube,horror,NA
CSV
mkdir -p project/models project/macros
echo "select 1 as x" >project/models/one.sql
printf 'name: p\nprofile: shop\nversion: "1.0"\n' >project/dbt_project.yml
dev='"type":"duckdb","path":"shop.duckdb"'
both='{"shop":{"outputs":{"dev":{'$dev'},"prod":{'$dev',"schema":"prod"}}}}'
{
  echo ".load $ROCKSET_EXT"
  echo ".bail off"
  echo "SELECT rockset_init();"
  echo "INSERT INTO rockset_models(name, sql) VALUES ('genres', 'select genre, count(*) as n from commons.movies group by 1');"
  echo "INSERT INTO rockset_macros(name, sql) VALUES ('hello', '{% macro hello(name) %}{{ return(\"hello \" ~ name) }}{% endmacro %}');"
  sed -n 's/^  > //p' "$FIXTURES/../../sql/help.txt" |
    sed -e "s/^SELECT rockset_drop_view/SELECT rockset_exec('create view commons.recent as select 1 as a');\n&/" \
      -e "s/^SELECT .* FROM rockset_clone/SELECT rockset_profile('dev', 'shop', '$both');\n&/"
} >examples.sql
sqlite3 app.db <examples.sql 2>errors >/dev/null
cat errors
echo "$(sed -n 's/^  > //p' "$FIXTURES/../../sql/help.txt" | wc -l | tr -d ' ') examples"
