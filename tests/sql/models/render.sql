-- rockset_render: any text through the Jinja engine, with dbt's base context.
.mode list
SELECT rockset_render('no tags: {"a": 1}');
SELECT rockset_render('a {{ 1 + 1 }} {{ x }}', '{"x":[1,"a",null,true,1.5,12345678901234567890]}');
SELECT rockset_render('{% for u in users if u.age > 26 %}{{ loop.index }}:{{ u.name | upper }};{% endfor %}', '{"users":[{"name":"Bob","age":30},{"name":"al","age":25},{"name":"Cy","age":27}]}');
SELECT rockset_render(CAST('a blob: {{ "ä" | upper }}' AS BLOB));
SELECT typeof(rockset_render('')), length(rockset_render(''));

-- vars, env, macros
SELECT rockset_render('{{ var("n") + 1 }} {{ var("m", 3) }} {{ var("t") }} {{ var.has_var("n") }} {{ var.has_var("q") }}', NULL, '{"vars":{"n":5,"t":"{{ 1 + 1 }}"}}');
SELECT rockset_render('{{ env_var("A") ~ env_var("B") }} {{ env_var("A") is string }} {{ env_var("HOME", "none here") }}', NULL, '{"env":{"A":1,"B":"x"}}');
SELECT rockset_render('{{ cents("price") }} {{ twice(2) + 1 }}', NULL, '{"macros":["{% macro cents(c) %}({{ c }} / 100){% endmacro %}","{% macro twice(x) %}{{ return(x * 2) }}{% endmacro %}"]}');
SELECT rockset_render('{{ one() }}{{ two() }}', NULL, '{"macros":"{% macro one() %}1{{ two() }}{% endmacro %}{% macro two() %}2{% endmacro %}"}');

-- dbt's base context
SELECT rockset_render('{{ tojson({"b": 1, "a": [none]}) }} {{ fromjson("[1, 2]")[1] }} {{ set([2, 1, 2]) | sort }} {{ set(5, "no set") }} {{ zip([1, 2], "ab") | list }} ' ||
  '{{ zip(5) }} {{ thread_id }} {{ dbt_version }} {{ execute }}');
SELECT rockset_render('{{ run_started_at.year > 2020 }} {{ invocation_id | length }} {{ flags.FULL_REFRESH }} {{ log("not shown") }}|{{ print("shown") }}|');

-- modes
SELECT rockset_render('{{ missing.a.b(1)["c"] }}|{{ execute }}|{{ var("lacking") }}', NULL, '{"mode":"parse"}');
SELECT rockset_render('{{ missing.a }}', NULL, '{"mode":"execute"}');
SELECT rockset_render('{{ x }}', '{"x":{"a":[1,2.5,null]}}', '{"mode":"native"}');
SELECT rockset_render('{{ n }}', '{"n":7}', '{"mode":"native"}') ->> '$' + 1;
SELECT rockset_render('{{ n }} ', '{"n":7}', '{"mode":"native"}');
SELECT rockset_render('{{ "7" | as_number }}', NULL, '{"mode":"native"}');
SELECT rockset_render('{{ missing }}', NULL, '{"mode":"native"}');

-- names that need a model; unless they are given
SELECT rockset_render('{{ ref("m") }}');
SELECT rockset_render('{{ source("a", "b") }}');
SELECT rockset_render('{{ this }}');
SELECT rockset_render('{{ this }} {{ ref("m") }}', '{"this":"t"}', '{"macros":"{% macro ref(x) %}<{{ x }}>{% endmacro %}"}');

-- context has every name that the text itself has, builtins those that are dbt's own
SELECT rockset_render('{{ context["plain"]() }} {{ context.plain() }} {{ context.x }} {{ context["log"]("a") }}{{ context.nosuch is defined }} {{ context["nosuch"] is ' ||
  'defined }} {{ context.get("nosuch", 5) }} {{ context[1] is defined }}', '{"x":7}', '{"macros":"{% macro plain() %}p{% endmacro %}"}');
SELECT rockset_render('{% do context.update({"x": 6, "f": 1}) %}{{ context["x"] }} {{ f }} {{ builtins.tojson([1]) }} {{ builtins["var"]("a", 4) }} {{ ' ||
  'builtins.get("nosuch", 3) }} {{ builtins.nosuch is defined }}');
SELECT rockset_render('{{ context.this }}');
SELECT rockset_render('{{ context["ref"]("m") }}');
SELECT rockset_render('{{ builtins.ref.config }}');
SELECT rockset_render('{{ builtins["adapter"].execute("select 1") }}');
SELECT rockset_render('{{ context.nosuch() }}{{ builtins.this }}', NULL, '{"mode":"parse"}');
SELECT rockset_render('{{ builtins.this }}', NULL, '{"mode":"parse"}');

-- errors name the line
SELECT rockset_render('a
{{ missing.x }}');
SELECT rockset_render('a

{% if %}');
SELECT rockset_render('{{ f(0) }}', NULL, '{"macros":"{% macro f(x) %}\n{{ 1 / x }}{% endmacro %}"}');
SELECT rockset_render('{{ x }}', NULL, '{"macros":"{% macro f( %}"}');
SELECT rockset_render('{{ x }}', NULL, '{"macros":["no macro"]}');
SELECT rockset_render('{{ x }}', NULL, '{"macros":[1]}');
SELECT rockset_render('{{ x }}', '[1]');
SELECT rockset_render('{{ x }}', '{"x":');
SELECT rockset_render('{{ x }}', NULL, '{"mode":"fast"}');
SELECT rockset_render('{{ x }}', NULL, '{"modes":"parse"}');
SELECT rockset_render('{{ x }}', NULL, '{"vars":[1]}');
SELECT rockset_render('{{ x }}', NULL, '{"env":1}');
SELECT rockset_render('{{ var("x") }}');
SELECT rockset_render('{{ env_var("A") }}', NULL, '{"env":{}}');
SELECT rockset_render('{{ x | tojson }}{{ f }}', '{"x":1}', '{"mode":"native","macros":"{% macro f() %}{% endmacro %}"}');
SELECT rockset_render('{{ f }}', NULL, '{"mode":"native","macros":"{% macro f() %}{% endmacro %}"}');
SELECT rockset_render(NULL);
SELECT rockset_render(5);
SELECT rockset_render();

-- no macros
SELECT rockset_render('{{ 1 + 1 }}', NULL, '{"macros":""}');
SELECT rockset_render('{{ 1 + 1 }}', NULL, '{"macros":"\n  "}');
SELECT rockset_render('{{ f() }}', NULL, '{"macros":["", "{% macro f() %}f{% endmacro %}"]}');
SELECT rockset_render('{{ 1 + 1 }}', NULL, '{"macros":"text"}');

-- YAML as PyYAML has it: of a repeated key the last value, sets
SELECT rockset_render('{{ fromyaml("a: 1\nb: 2\na: 3") }}');
SELECT rockset_render('{{ fromyaml("a: [") }}');
SELECT rockset_render('{{ toyaml({"s": set(["a", "b"])}) }}');
SELECT rockset_render('{{ toyaml(set(["b", "a"]), sort_keys=true) }}{{ toyaml(set([])) }}');
SELECT rockset_render('{{ toyaml([set(["a"]), {"x": set(["y"])}, set([("t", 1)])]) }}');

-- what only a model has
SELECT rockset_render('{{ context.selected_resources }}');
SELECT rockset_render('{{ selected_resources is defined }}');

-- limits end it
SELECT rockset_render('{% for i in range(100000) %}{% for k in range(100000) %}{% endfor %}{% endfor %}');
SELECT rockset_render('{{ "x" * 300000000 }}');

-- the environment: DBT_* only, no secrets; direct only
SELECT rockset_render('{{ env_var("HOME") }}');
SELECT rockset_render('{{ env_var("DBT_NOT_SET_ANYWHERE", "default") }}');
SELECT rockset_render('{{ env_var("DBT_ENV_SECRET_KEY") }}');
SELECT rockset_render('{{ env_var("DBT_ENV_SECRET_KEY") }}', NULL, '{"env":{"DBT_ENV_SECRET_KEY":"k"}}');
CREATE VIEW v AS SELECT rockset_render('x') AS t;
SELECT * FROM v;
CREATE TEMP VIEW w AS SELECT rockset_render('{{ 2 * 3 }}') AS t;
SELECT * FROM w;
SELECT rockset_trust(1);
SELECT rockset_render('{{ env_var("HOME") | length > 0 }}');
SELECT * FROM v;
