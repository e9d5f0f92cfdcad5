#!/bin/sh
# A duckdb profile's relations print as dbt-duckdb's do, with the file's stem in front, and such names
# run: compiled ones and those that somebody wrote by hand. Quoting is the project's.
cat >profiles.yml <<END
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: '$PWD/shop.duckdb'}
    same: {type: duckdb, path: '$PWD/shop.duckdb', schema: shop}
    memory: {type: duckdb}
END
export DBT_PROFILES_DIR=$PWD
sql() {
  sqlite3 -batch -cmd ".load $ROCKSET_EXT" app.db 2>&1 | sed -e 's/ \[remote SQL:.*//'
}
sql <<'END'
SELECT rockset_init();
SELECT rockset_profile('dev', 'shop') IS NOT NULL;
INSERT INTO rockset_models(name, materialized, sql) VALUES
  ('a', 'table', 'select 1 as n'),
  ('b', 'view', 'select {{ ref("a") }}.n, ''{{ this }}'' as t from {{ ref("a") }}'),
  ('eph', 'ephemeral', 'select n from {{ ref("b") }}'),
  ('c', 'incremental', 'select * from {{ ref("eph") }}'),
  ('known', 'view', 'select ''{{ this is mapping }} {{ this.get("metadata").type }} {{ this["schema"] }}'' as x'),
  ('none_there', 'view', 'select {{ adapter.get_columns_in_relation(this.incorporate(path={"identifier": "no"})) | length }} as n');
INSERT INTO rockset_tests(name, test, model, column_name) VALUES
  ('unique_a_n', 'unique', 'a', 'n'),
  ('not_null_a_a_column_with_a_name_that_is_long_enough_to_be_shortened', 'not_null', 'a',
   'a_column_with_a_name_that_is_long_enough_to_be_shortened');
SELECT node, sql FROM rockset_compile('a b c known');
SELECT path FROM rockset_compile('a', '{"tests":true}');
SELECT node, status, message FROM rockset_build('*', '{"exclude":"not_null_a_a_column_with_a_name_that_is_long_enough_to_be_shortened"}');
SELECT c1 FROM rockset_query('select x from known');
SELECT c1 FROM rockset_query('select n from none_there');
SELECT c1 FROM rockset_query('select "shop"."commons"."b"."n" from "shop"."commons"."b"');
SELECT rockset_create_workspace('shop');
INSERT INTO rockset_project(key, value) VALUES ('quoting', '{"database":false,"identifier":false}');
SELECT rockset_compile('b');
SELECT rockset_profile('same', 'shop') IS NOT NULL;
SELECT rockset_compile('b');
SELECT rockset_profile('memory', 'shop') IS NOT NULL;
SELECT rockset_compile('b');
SELECT node, status FROM rockset_run('a b');
END

echo '-- what packages rely on'
sqlite3 -batch -cmd ".load $ROCKSET_EXT" :memory: <<'END'
SELECT rockset_render('{{ modules.re.search("a(?i)b", "ab") }}');
SELECT rockset_render('{{ modules.re.search("(?i)(?s)^.*WITH", "a\nwith") is none }}');
SELECT rockset_render('{{ m() }}', NULL, json_object('macros', '{% macro s() %}{{ caller() }}{% endmacro %}{% macro m() %}{% call s() %}{{ return([]) }}{% endcall %}{{ return([1]) }}{% endmacro %}'));
END
