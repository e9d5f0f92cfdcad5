#!/bin/sh
# A target of type rockset through the shell, at a stand-in for the service: what is sent for a virtual
# table, a query, a model, and what the user reads when something is wrong.
set -u

script=$(
  cat <<'END'
types
rows SELECT \* FROM "commons"."movies";[{"_id":"1","title":"Heat","year":1995,"rating":8.3,"seen":{"__rockset_type":"DATE","value":"2020-02-29"}}]
rows SELECT count;[{"?count":2}]
rows FROM "commons"."movies";[{"title":"Heat","year":1995,"rating":8.3},{"title":"Ran","year":1985,"rating":null}]
rows select kind;[{"kind":"a","list":[1,{"b":2}],"at":{"__rockset_type":"DATETIME","value":"2020-03-02T10:49:33"}}]
rows select year;[{"year":1985,"n":1},{"year":1995,"n":1}]
entity collections commons movies {"docs":{"1":{},"2":{}}}
entity views commons recent {"query":"select 1"}
fault 1 POST /queries.*;status 400 QUERY_ERROR Function `COUT` not found.
END
)
mkfifo in
python=/usr/bin/python3
LD_PRELOAD= $python "$FIXTURES/../wire/rockset.py" <in >served.txt 2>&1 &
server=$!
exec 3>in
{ printf '%s\n' "$script" | wc -c; printf '%s\n' "$script"; } >&3
i=0
while ! grep -q '^port ' served.txt 2>/dev/null && [ $i -lt 200 ]; do
  i=$((i + 1))
  sleep 0.05
done
port=$(sed -n 's/^port //p' served.txt)
mkdir -p .dbt
cat >.dbt/profiles.yml <<END
rockset_ext:
  target: dev
  outputs:
    dev:
      type: rockset
      api_key: secret-of-the-test
      api_server: http://127.0.0.1:$port
END

# the shell's lines that differ from run to run
plain() {
  sed -e "s/127\.0\.0\.1:$port/HOST/g" -e 's/__[0-9a-f]\{8\}/__########/g' \
    -e 's/ by [^ ]*\/[0-9]*"/ by HOST\/PID"/'
}

sqlite3 -batch -cmd ".load $ROCKSET_EXT" shop.db <<'END' 2>&1 | plain
SELECT rockset_profile('dev') IS NULL;
SELECT row FROM rockset_query('select cout(*)');
SELECT step, status, detail FROM rockset_debug WHERE step IN ('connection', 'workspace');
CREATE VIRTUAL TABLE movies USING rockset('commons.movies');
.schema movies
SELECT * FROM rockset_columns WHERE relation = 'movies';
EXPLAIN QUERY PLAN SELECT title FROM movies WHERE year > 1990 AND rating >= 8 AND seen = '2020-02-29'
  ORDER BY rating DESC LIMIT 5;
SELECT title, year, rating FROM movies WHERE year > 1980 AND title IN ('Heat', 'Ran') AND rating IS NOT 7;
SELECT count(*) FROM movies;
SELECT row FROM rockset_query('select kind where x = ? and y = ?', json_array('it''s', 2.5));
SELECT * FROM rockset_collections;
SELECT * FROM rockset_views;
SELECT rockset_init();
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('years', 'table', 'select year, count(*) as n from {{ source("commons", "movies") }} group by year');
SELECT node, status, rows, message FROM rockset_run('years');
SELECT sql, rows, error FROM rockset_log WHERE sql LIKE '%INSERT%' OR error IS NOT NULL;
END
echo '-- what the service was asked (a table looks at its columns again after a second: once here)'
sed -n 's/^req //p' served.txt | awk '!/movies $|"default_row_limit":1/ || !seen[$0]++' | plain
exec 3>&-
wait $server
