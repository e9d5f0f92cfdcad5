-- The main job, on real data: tables, models, compile, materialize, run, read back.
.mode list
SELECT rockset_init();
SELECT rockset_load('commons.movies', '@DATA@/movies.json', '{"mode":"replace"}');
SELECT rockset_load('commons.flights', '@DATA@/flights-2k.json', '{"mode":"replace"}');

INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('stg_flights', 'view',  'select * from {{ source("commons","flights") }} where delay is not null'),
  ('delays',      'table', 'select origin, count(*) as n, avg(delay) as mean_delay from {{ ref("stg_flights") }} group by origin');
SELECT rockset_compile('delays');

-- alone, with what it reads and the target lacks
SELECT json_remove(rockset_materialize('delays', 'table'), '$.ms');
SELECT json_remove(rockset_materialize('delays', 'table'), '$.ms');
SELECT node, kind, status, rows, message FROM rockset_run('+delays');
UPDATE rockset_models SET tags = 'nightly, core' WHERE name = 'delays';
SELECT json_extract(x, '$.status'), json_extract(x, '$.success'), json_extract(x, '$.results[0].message')
  FROM (SELECT rockset_run('tag:nightly') AS x);

CREATE VIRTUAL TABLE delays USING rockset('commons.delays');
SELECT count(*), sum(n) FROM delays;
SELECT origin, n FROM delays ORDER BY n DESC, origin LIMIT 3;

-- ref, config, for, set, a macro of the project, a variable, a model from a BLOB
INSERT INTO rockset_macros(name, sql) VALUES('average', '{% macro average(column) %}round(avg({{ column }}), 2){% endmacro %}');
INSERT INTO rockset_vars(name, value) VALUES('least', 3);
INSERT INTO rockset_models(name, sql) VALUES('by_origin', CAST('
{{ config(materialized="table", tags=["report"]) }}
{% set measures = ["delay", "distance"] %}
select origin,
{% for m in measures %}
  {{ average(m) }} as mean_{{ m }}{{ "," if not loop.last }}
{% endfor %}
from {{ ref("stg_flights") }}
group by origin having count(*) >= {{ var("least") }}
' AS BLOB));
SELECT rockset_compile('by_origin');
SELECT node, kind, status, rows > 0 AS has_rows FROM rockset_run('by_origin');

-- where the model goes: workspace and alias
INSERT INTO rockset_models(name, sql, workspace, alias) VALUES('revenue', 'select 1 as eur', 'finance', 'revenue_eur');
SELECT json_extract(rockset_materialize('revenue'), '$.relation');
INSERT INTO rockset_macros(name, sql) VALUES('generate_schema_name',
  '{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or target.schema }}{% endmacro %}');
SELECT json_extract(rockset_materialize('revenue'), '$.relation');
-- both are lists of models, and what was run is in tables
SELECT json_extract(value, '$.node'), json_extract(value, '$.kind'), json_extract(value, '$.relation'),
       json_extract(value, '$.tags'), json_extract(value, '$.depends_on') FROM json_each(rockset_ls());
SELECT command, selection, status, finished_at >= started_at AS ended FROM rockset_invocations ORDER BY rowid;
SELECT count(*), count(compiled), count(DISTINCT invocation_id) FROM rockset_results;
