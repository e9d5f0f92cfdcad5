#!/bin/sh
# Models in Rockset's dialect on DuckDB: config 'dialect', and `dialect: rockset` in the profile.
set -u
mkdir p
cat >p/profiles.yml <<END
p:
  target: dev
  outputs:
    dev: {type: duckdb, path: shop.duckdb, dialect: rockset}
    own: {type: duckdb, path: shop.duckdb}
    rest: {type: rockset, api_server: 'http://127.0.0.1:1', api_key: x}
    odd: {type: duckdb, path: shop.duckdb, dialect: oracle}
END
export DBT_PROFILES_DIR=$PWD/p
q() {
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('$1', 'p') IS NOT NULL; $2" 2>&1 |
    sed -e '/^1$/d' -e 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//' -e 's/ \[remote SQL:.*//'
}
q dev "SELECT rockset_init();
SELECT rockset_exec('create schema commons');
SELECT rockset_exec('create table commons.flights as select * from (values
  (''a'', timestamp ''2024-01-01'', 1, true), (''b'', timestamp ''2024-01-02'', 2, false), (''c'', timestamp ''2024-01-03'', 3, true))
  as t(_id, _event_time, n, late)');
INSERT INTO rockset_macros(name, sql) VALUES('who', '{% macro who() %}{{ return(adapter.dispatch(''who'')()) }}{% endmacro %}
  {% macro default__who() %}default{% endmacro %}
  {% macro rockset__who() %}rockset{% endmacro %}
  {% macro duckdb__who() %}duckdb{% endmacro %}');
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('halves', 'view', 'select n / 2 as half, IF(late, ''{{ who() }}'', ''{{ target.type }}'') as who, TO_HEX(MD5(_id)) as digest
    from {{ source(\"commons\", \"flights\") }}'),
  ('counts', 'table', 'select half, COUNT(*) as n, ARRAY_AGG(who) as whos from {{ ref(\"halves\") }} group by half'),
  ('part', 'ephemeral', 'select n, late from {{ source(\"commons\", \"flights\") }} where n is not undefined'),
  ('sums', 'table', 'select sum(n) as s, COUNT_IF(late) as late from {{ ref(\"part\") }}'),
  ('engine', 'view', '{{ config(dialect=\"engine\") }} select count(*)::int as n, ''{{ target.type }} {{ who() }}'' as t from {{ ref(\"halves\") }}');"
echo '-- built; what is compiled, and what is sent'
q dev "SELECT node, status, message FROM rockset_run('*') ORDER BY node;
SELECT rockset_compile('sums');
SELECT rockset_translate(rockset_compile('sums'));
SELECT row FROM rockset_query('select * from commons.halves order by digest');
SELECT row FROM rockset_query('select half, n, whos from commons.counts order by half');
SELECT row FROM rockset_query('select s, late from commons.sums');
SELECT row FROM rockset_query('select * from commons.engine');"
echo '-- as rockset_query gives it'
q dev "SELECT row FROM rockset_query(rockset_compile('sums'), NULL, '{\"dialect\":\"rockset\"}');"
echo '-- said by the model alone: refs print as Rockset has them; a test is in the dialect of its model'
q own "UPDATE rockset_models SET config = json_object('dialect', 'rockset') WHERE name IN ('halves', 'counts', 'part', 'sums');
INSERT INTO rockset_tests(name, test, model, column_name) VALUES('unique_digest', 'unique', 'ref(''halves'')', 'digest');
INSERT INTO rockset_tests(name, sql) VALUES('none_is_late', '{{ config(dialect=\"rockset\") }} select * from {{ ref(\"sums\") }} where IF(late > 5, true, false)');
SELECT rockset_compile('halves');
SELECT rockset_compile('engine');
SELECT node, status, message FROM rockset_build('*') ORDER BY node;"
echo '-- diff, hooks, run_query'
q own "SELECT part, name, change, old, new FROM rockset_diff('sums');
INSERT INTO rockset_models(name, materialized, config, sql) VALUES('hooked', 'view', json('{\"dialect\":\"rockset\",
  \"pre_hook\":\"create or replace table commons.log as select 0 as n, null::varchar as _id\",
  \"post_hook\":[\"insert into log select LENGTH(''abc'') as n, IF(true, ''x'', ''y'') as _id\", \"insert into log select 4 as n, ''x'' as _id\"]}'),
  'select {% if execute %}{{ run_query(\"select COUNT_IF(late) from flights\").rows[0][0] }}{% endif %} as n');
SELECT node, status FROM rockset_run('hooked');
SELECT row FROM rockset_query('select h.n, l._id, l.n as m from commons.hooked h, commons.log l order by m');"
echo '-- tables are collections; incremental models add documents'
q dev "INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('late', 'incremental', 'select _id, n {{ ''+ 10 as n, IF(late, 1, 0) as added'' if is_incremental() }} from flights where late'),
  ('tally', 'incremental', 'select COUNT(*) as n from flights {{ ''where late'' if is_incremental() }}'),
  ('keyed', 'incremental', '{{ config(unique_key=''k'') }} select n as k, {{ 1 if is_incremental() else 0 }} as again from flights {{ ''where n > 1'' if is_incremental() }}'),
  ('twice', 'table', 'select ''same'' as _id, 1700000000000000 as _event_time, n from flights');
SELECT node, message FROM rockset_run('late tally keyed twice', '{\"threads\":1}') ORDER BY node;
SELECT node, message FROM rockset_run('late tally keyed twice', '{\"threads\":1}') ORDER BY node;
SELECT row FROM rockset_query('select _id, n, added, typeof(_event_time) as t from commons.late order by 1');
SELECT row FROM rockset_query('select length(_id) as l, n, abs(date_diff(''minute'', _event_time, now() at time zone ''UTC'')) < 10 as age from commons.tally order by n');
SELECT row FROM rockset_query('select k, again, _id is null as none from commons.keyed order by k');
SELECT row FROM rockset_query('select _id, _event_time from commons.twice');
CREATE VIRTUAL TABLE temp.late USING rockset('commons.late');
UPDATE late SET n = 0 WHERE _id = 'a';
SELECT _id, n, added FROM late ORDER BY _id;
SELECT json_extract(rockset_materialize('late', NULL, '{\"full_refresh\":true}'), '\$.message');"
echo '-- snapshots, microbatches, unit tests, stored failures'
q dev "INSERT INTO rockset_snapshots(name, sql, config) VALUES('states', 'select _id as id, IF(late, ''late'', ''fine'') as state from flights',
  '{\"target_schema\":\"commons\",\"strategy\":\"check\",\"unique_key\":\"id\",\"check_cols\":\"all\"}');
INSERT INTO rockset_models(name, materialized, sql) VALUES('days', 'incremental', '{{ config(incremental_strategy=''microbatch'', event_time=''_event_time'',
  begin=''2024-01-01'', batch_size=''year'') }} select _event_time, n, IF(late, 1, 0) as late from {{ ref(''stamped'') }}'),
  ('stamped', 'view', '{{ config(event_time=''_event_time'') }} select * from flights');
INSERT INTO rockset_unit_tests(name, model, given, expect) VALUES('adds_up', 'sums',
  '[{\"input\":\"ref(''part'')\",\"rows\":[{\"n\":2,\"late\":true},{\"n\":3,\"late\":false}]}]', '{\"rows\":[{\"s\":5,\"late\":1}]}');
INSERT INTO rockset_tests(name, config, sql) VALUES('stored', '{\"store_failures\":true,\"severity\":\"warn\"}', 'select n, TO_HEX(MD5(_id)) as h from flights where IF(late, true, false)');
SELECT node, status, replace(message, strftime('%Y') - 2023, 'N') FROM rockset_build('states days stamped sums stored') ORDER BY node;
SELECT rockset_exec('update commons.flights set late = not late where n = 2');
SELECT rockset_materialize('states') ->> 'message';
SELECT row FROM rockset_query('select id, state, dbt_valid_to is null as open from commons.states order by 1, 3');
SELECT row FROM rockset_query('select n, late, _id is null as none from commons.days order by 1');"
echo '-- columns, operations, hooks around a run'
q dev "INSERT INTO rockset_macros(name, sql) VALUES('ask', '{% macro ask() %}{{ return(run_query(''select COUNT_IF(late) from flights'').rows[0][0] ~ '' '' ~ target.type) }}{% endmacro %}');
SELECT rockset_run_operation('ask');
INSERT INTO rockset_hooks(event, position, sql) VALUES('on-run-end', 1, 'insert into log select COUNT_IF(late) as n, ''end'' as _id from flights');
INSERT INTO rockset_models(name, sql) VALUES('typed', 'select {% for c in adapter.get_columns_in_relation(source(''commons'', ''flights'')) %}''{{ c.dtype }} {{ c.is_string() }}'' as {{ adapter.quote(c.name) }}, {% endfor %}1 as one');
SELECT rockset_compile('typed');
SELECT status FROM rockset_run('typed');
SELECT row FROM rockset_query('select n from commons.log where _id = ''end''');
DELETE FROM rockset_hooks;"
echo '-- a project says it, in dbt_project.yml and in a yml file'
mkdir -p shop/models/raw
cat >shop/dbt_project.yml <<END
name: shop
version: "1.0"
profile: p
models:
  shop: {+dialect: rockset, raw: {+dialect: engine}}
END
echo "select 1 as n, '{{ target.type }}' as type" >shop/models/raw/first.sql
echo "select n / 2 as half, type, '{{ target.type }}' as own from {{ ref('first') }}" >shop/models/second.sql
echo "select count_if(half = 0)::int as n, '{{ target.type }}' as type from {{ ref('second') }}" >shop/models/third.sql
echo "models: [{name: third, config: {dialect: duckdb}}]" >shop/models/all.yml
sed 's/^p:/shop:/' p/profiles.yml >p/more && cat p/more >>p/profiles.yml
sqlite3 -batch s.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_profile('own', 'shop') IS NOT NULL; SELECT rockset_init();
SELECT json_extract(rockset_import('shop'), '\$.warnings');
SELECT node, status FROM rockset_run('*');
SELECT row FROM rockset_query('select half, s.type, own, n, t.type as engine from commons.second s, commons.third t');" 2>&1
echo '-- seeds are collections'
q dev "INSERT INTO rockset_seeds(name, csv) VALUES('planes', '_id,day,seats
p1,2024-02-01,100
p2,2024-02-02,'), ('bare', 'a
1
2');
SELECT node, status FROM rockset_build('planes bare') ORDER BY node;
SELECT row FROM rockset_query('select _id, day, typeof(day) as t, seats from commons.planes order by 1');
SELECT row FROM rockset_query('select a, length(_id) as l, typeof(_event_time) as t from commons.bare order by 1');"
echo '-- query lambdas'
q own "INSERT INTO rockset_models(name, materialized, sql) VALUES('top', 'query_lambda', '{{ config(parameters=[{\"name\":\"least\",\"type\":\"int\",\"value\":2}]) }}
select IF(late, ''late'', ''fine'') as state, ''{{ target.type }}'' as t from {{ ref(''flights_view'') }} where n >= :least order by n'),
  ('flights_view', 'view', 'select * from {{ source(''commons'', ''flights'') }}');
SELECT node, message FROM rockset_run('+top') ORDER BY node;
SELECT row FROM rockset_query_lambda('top');
SELECT row FROM rockset_query_lambda('top', '{\"least\":3}');
UPDATE rockset_models SET sql = 'select COUT(n) from {{ ref(''flights_view'') }}, nowhere' WHERE name = 'top';
SELECT json_remove(rockset_materialize('top'), '\$.ms');"
echo '-- mistakes'
for sql in "select 1 as a,
  {{ 1 }} + cout(half) as b
from {{ ref('halves') }}" \
  "select {{ 2 }} as a,
  CAST(digest AS int) as b from {{ ref('halves') }}" \
  "select 1 as a
from {{ ref('halves') }} where (" \
  "select * from {{ 'nowhere' }}" \
  "{{ config(dialect='engine') }}select * from {{ ref('part') }}" \
  "{{ config(dialect='oracle') }}select 1" \
  "select * from {{ ref('halves') }} where n = :n" \
  "select lag(n) over (order by n) as g from {{ 'halves' }}, x"; do
  sql=$(printf %s "$sql" | sed "s/'/''/g")
  q dev "DELETE FROM rockset_models WHERE name = 'bad'; INSERT INTO rockset_models(name, materialized, sql) VALUES('bad', 'table', '$sql');
  SELECT rockset_materialize('bad');"
done
q odd 'SELECT 0'
