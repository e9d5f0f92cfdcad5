-- Compiling: names of dbt's context, config precedence, ephemeral models, and each error's text.
.mode list
SELECT rockset_init();
INSERT INTO rockset_models(name, sql) VALUES('m', 'select 1 as a');

-- names
UPDATE rockset_models SET sql = 'select {{ this }}, {{ this.schema }}, {{ this.identifier }}, {{ schema }}, {{ model.name }}, {{ model.unique_id }}, {{ project_name }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ target.type }}, {{ target.schema }}, {{ target.name }}, {{ target.threads }}, {{ adapter.type() }}, {{ adapter.quote("a") }}, ' ||
  '{{ execute }}, {{ flags.FULL_REFRESH }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ invocation_id | length }}, {{ run_started_at.strftime("%Y-%m-%d") | length }}, {{ run_started_at.year > 2020 }}, {{ ' ||
  'tojson({"b": 1, "a": [none]}) }}, {{ fromjson("[1, 2]")[1] }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ source("commons", "flights") }}, {{ source("raw", "events") }}, {{ source("raw", "events").include(schema=false) }}, {{ ' ||
  'source("raw", "events").quote(identifier=false) }}';
INSERT INTO rockset_sources(source, name, workspace, identifier) VALUES('raw', 'events', 'landing', 'events_v2');
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ run_query("select 42 as x").columns[0].values() if execute }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{% set q = run_query("select 42 as x, ''a'' as y union all select 43, ''b'' order by 1") %}select {% if execute %}{% for r in q %}{{ r.x ' ||
  '}}{{ r["y"] }}{{ r[0] }} {% endfor %}{{ q.rows | length }} {{ q.column_names }}{% endif %}';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{% call statement("s", fetch_result=true) %}select 7 as seven{% endcall %}select {{ load_result("s").data[0][0] if execute }}';
SELECT rockset_compile('m');
-- variables: stored, typed, from options, templates themselves
INSERT INTO rockset_vars(name, value, is_json) VALUES('n', 5, 0), ('s', 'text {{ 1 + 1 }}', 0), ('list', '[1, true, null]', 1), ('none', NULL, 0);
UPDATE rockset_models SET sql = 'select {{ var("n") + 1 }}, {{ var("s") }}, {{ var("list") }}, {{ var("none") }}, {{ var("other", "default") }}, {{ var.has_var("n") }}';
SELECT rockset_compile('m');
SELECT rockset_compile('m', '{"vars":{"n":12,"other":"given"}}');

-- config: the text over the columns over the column config; tags append, meta merges
UPDATE rockset_models SET tags = 'a b', materialized = 'view', config = '{"meta":{"x":1,"y":1},"tags":["c"],"own":"kept","enabled":true}',
  sql = '{{ config(materialized="table", tags="d", meta={"y": 2}) }}select {{ config.get("materialized") }} {{ config.get("tags") }} {{ config.get("meta") }} {{ ' ||
  'config.get("own") }} {{ config.get("lacking", "default") }} {{ config.require("own") }}';
SELECT rockset_compile('m');
UPDATE rockset_models SET config = '{"materialized":"table"}';
SELECT rockset_compile('m');
UPDATE rockset_models SET config = '{"enabled":false}';
SELECT rockset_compile('m');
UPDATE rockset_models SET config = '{"materialized":"view"}', sql = 'select 1';
SELECT rockset_compile('m');
UPDATE rockset_models SET config = '{"unique_key":1}', materialized = NULL;
SELECT rockset_compile('m');
UPDATE rockset_models SET config = '[1]';
UPDATE rockset_models SET config = NULL, tags = '["a"';
UPDATE rockset_models SET config = NULL, tags = NULL, enabled = 2;
UPDATE rockset_models SET config = NULL, tags = NULL, materialized = NULL;

-- ephemeral models: nested, each once, in front or after WITH, comments as dbt leaves them
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('e1', 'ephemeral', 'select 1 as a'),
  ('e2', 'ephemeral', 'select * from {{ ref("e1") }}'),
  ('both', 'view', '-- a comment
select * from {{ ref("e2") }} join {{ ref("e1") }} using (a)'),
  ('with_with', 'view', 'with x as (select * from {{ ref("e2") }}) select * from x'),
  ('with_recursive', 'view', 'WITH RECURSIVE x as (select * from {{ ref("e1") }}) select * from x'),
  ('no_with', 'view', 'select ''with'' as "with" from (select * from {{ ref("e1") }}) -- with');
SELECT rockset_compile('both');
SELECT rockset_compile('with_with');
SELECT rockset_compile('with_recursive');
SELECT rockset_compile('no_with');
SELECT node, status, message FROM rockset_run('both with_with with_recursive no_with e1');

-- errors
SELECT rockset_compile('bothh');
SELECT rockset_compile(NULL);
SELECT rockset_compile('m', '{"var":1}');
SELECT rockset_compile('m', '{"vars":1}');
UPDATE rockset_models SET sql = 'select {{ 1 +' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select
 {{ foo.bar }}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select
 * from {{ ref("bothh") }}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select
 * from {{ reff("both") }}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{% if execute %}select * from {{ ref("both") }}{% endif %}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ var("nope") }}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ exceptions.raise_compiler_error("no such luck") }}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{{ config(materialized="tabel") }} select 1' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{{ config(materialized="snapshot") }} select 1' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = '{{ config(pre_hook="a", **{"pre-hook": "b"}) }} select 1' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select {{ metric("x") }}' WHERE name = 'm';
SELECT rockset_compile('m');
UPDATE rockset_models SET sql = 'select 1', enabled = 0 WHERE name = 'm';
SELECT rockset_compile('m');
INSERT INTO rockset_models(name, sql) VALUES('of_disabled', 'select * from {{ ref("m") }}');
SELECT rockset_compile('of_disabled');
DELETE FROM rockset_models WHERE name = 'of_disabled';
UPDATE rockset_models SET sql = 'select {{ {% ', enabled = 0 WHERE name = 'm';
SELECT json_array_length(rockset_ls());
INSERT INTO rockset_models(name, sql) VALUES
  ('a', 'select * from {{ ref("c") }}'), ('b', 'select * from {{ ref("a") }}'), ('c', 'select * from {{ ref("b") }}');
SELECT rockset_compile('c');
SELECT rockset_ls('both');
DELETE FROM rockset_models WHERE name IN ('a', 'b', 'c');
INSERT INTO rockset_models(name, alias, sql) VALUES('twin', 'both', 'select 1');
SELECT rockset_ls('both');
DELETE FROM rockset_models WHERE name = 'twin';
INSERT INTO rockset_macros(name, sql) VALUES('x', 'select 1');
SELECT rockset_compile('both');
UPDATE rockset_macros SET sql = '{% macro x() %}{{ nothing.at_all }}{% endmacro %}';
UPDATE rockset_models SET sql = 'select
  {{ x() }}', enabled = 1 WHERE name = 'm';
SELECT rockset_compile('m');
INSERT INTO rockset_models(name, sql) VALUES('nul', CAST(x'73656c65637400' AS BLOB)), ('latin', x'73656c65637420e9');
SELECT rockset_compile('both');
DELETE FROM rockset_models WHERE name = 'latin';
SELECT rockset_compile('both');

-- builtins and context hold each name that dbt 1.7 has there, where a macro has its name, too
DELETE FROM rockset_macros;
DELETE FROM rockset_models WHERE name = 'nul';
INSERT INTO rockset_macros(name, sql) VALUES('ref', '{% macro ref(name) %}mine{% endmacro %}');
UPDATE rockset_models SET config = '{"pre_hook":"select 1"}', sql = '{% set ns = namespace(no=[]) %}
{%- for n in ["adapter", "adapter_macro", "api", "column", "compiled_code", "config", "database", "dbt_metadata_envs",
 "dbt_version", "diff_of_two_dicts", "doc", "env", "env_var", "exceptions", "execute", "flags", "fromjson", "fromyaml",
 "graph", "invocation_args_dict", "invocation_id", "load_result", "local_md5", "log", "metric", "model", "modules",
 "post_hooks", "pre_hooks", "print", "project_name", "ref", "render", "return", "run_started_at", "schema",
 "selected_resources", "set", "set_strict", "source", "sql", "sql_now", "store_raw_result", "store_result",
 "submit_python_job", "target", "this", "thread_id", "tojson", "toyaml", "try_or_compiler_error", "validation", "var",
 "write", "zip", "zip_strict"] -%}
{% if builtins[n] is not defined or builtins.get(n, "absent") == "absent" or context[n] is not defined %}{% do ns.no.append(n) %}{% endif %}
{%- endfor %}select 1 /* missing: {{ ns.no }}; {{ builtins.nosuch is defined }}; {{ builtins.ref("both") }} {{ ref("both") }}; {{ pre_hooks }} {{ sql_now }}
{%- do store_raw_result("r", message="m", rows_affected=3) %} {{ load_result("r").response.rows_affected }} */' WHERE name = 'm';
SELECT rockset_compile('m');
