-- The main job, end to end, on real data. `make demo` runs it through the sqlite3 shell, in a folder
-- with the files named below (movies.json, flights-3m.parquet) and the extension loaded.
.bail on
.mode list
.headers off

.print == 1. Tables for models; files become collections in an embedded DuckDB beside demo.db
SELECT rockset_init();
SELECT 'movies loaded:  ' || rockset_load('commons.movies', 'movies.json', '{"mode":"replace"}');
SELECT 'flights loaded: ' || rockset_load('commons.flights', 'flights-3m.parquet', '{"mode":"replace"}');

.print
.print == 2. Collections are virtual tables; count(*), filters, order and limit go to the engine
CREATE VIRTUAL TABLE movies USING rockset('commons.movies');
CREATE VIRTUAL TABLE flights USING rockset('commons.flights');
SELECT count(*) || ' movies' FROM movies;
SELECT count(*) || ' flights' FROM flights;
SELECT Title, [IMDB Rating] FROM movies
 WHERE [Major Genre] = 'Drama' ORDER BY [IMDB Rating] DESC, Title LIMIT 5;
.print -- what is sent for it:
EXPLAIN QUERY PLAN
SELECT Title, [IMDB Rating] FROM movies WHERE [Major Genre] = 'Drama' ORDER BY [IMDB Rating] DESC LIMIT 5;
.print -- a field of mixed types keeps each value's own type:
SELECT Title, typeof(Title), [IMDB Rating] FROM movies WHERE Title IN (300, 'The Land Girls') ORDER BY 1;

.print
.print == 3. Models live in SQLite tables: view, ephemeral, table, incremental
INSERT INTO rockset_macros(name, sql) VALUES
  ('minutes', '{% macro minutes(column, digits=1) %}round(avg({{ column }}), {{ digits }}){% endmacro %}');
INSERT INTO rockset_models(name, materialized, tags, sql) VALUES
  ('stg_flights', 'view', 'nightly',
   'select * from {{ source("commons", "flights") }} where delay is not null'),
  ('busy_airports', 'ephemeral', 'nightly',
   'select origin, count(*) as n from {{ ref("stg_flights") }} group by origin having count(*) > 50000'),
  ('delays', 'table', 'nightly',
   '{{ config(tags=["report"]) }}
{%- set buckets = [15, 60] %}
select f.origin, count(*) as n, {{ minutes("f.delay") }} as mean_delay
{%- for b in buckets %},
  sum(case when f.delay > {{ b }} then 1 else 0 end) as over_{{ b }}
{%- endfor %}
from {{ ref("stg_flights") }} f join {{ ref("busy_airports") }} b on b.origin = f.origin
group by f.origin'),
  ('daily', 'incremental', 'nightly',
   'select cast(date as date) as day, count(*) as n, {{ minutes("delay", 2) }} as mean_delay
from {{ ref("stg_flights") }}
where date < timestamp ''{{ var("until", "2001-06-01") }}''
{%- if is_incremental() %}
  and cast(date as date) > (select max(day) from {{ this }})
{%- endif %}
group by 1');

.print -- the SQL that delays becomes:
SELECT rockset_compile('delays');

.print
.print == 4. Run the graph: a row per model as it finishes
SELECT node, kind, status, rows, message FROM rockset_run('tag:nightly');
.print -- once more, with a month of new data: the incremental model adds only the new days
SELECT node, kind, status, rows, message
  FROM rockset_run('daily', '{"vars":{"until":"2001-07-01"}}');

.print
.print == 5. Read the results back through virtual tables
CREATE VIRTUAL TABLE delays USING rockset('commons.delays');
CREATE VIRTUAL TABLE daily USING rockset('commons.daily');
SELECT origin, n, mean_delay, over_15, over_60 FROM delays ORDER BY mean_delay DESC, origin LIMIT 5;
SELECT count(*) || ' days, the last ' || max(day) FROM daily;

.print
.print == 6. An aggregate inside the engine, joined with a local table
CREATE TABLE airports(code TEXT PRIMARY KEY, city TEXT);
INSERT INTO airports VALUES ('ORD','Chicago'), ('ATL','Atlanta'), ('DFW','Dallas'), ('LAX','Los Angeles');
SELECT city, c2 AS flights
  FROM rockset_query('select origin, count(*) from commons.flights group by origin')
  JOIN airports ON code = c1
 ORDER BY flights DESC;
