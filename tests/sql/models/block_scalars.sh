#!/bin/sh
# Texts of yml files are templates: what they give has no last line break, as of a block scalar
# (`expression: |`). What is compiled is dbt's (1.7.20).
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//'; }
mkdir -p p/models p/macros
printf 'name: p\nprofile: p\n' >p/dbt_project.yml
echo "select 1 as id" >p/models/m.sql
cat >p/macros/t.sql <<'E'
{% test shows(model, expression, list=none) %}select 1 as n from {{ model }} where [{{ expression }}] and {{ list }}{% endtest %}
E
cat >p/models/s.yml <<'E'
version: 2
models:
  - name: m
    config: {meta: {long: "a\n", two: "b\n\n"}}
    tests:
      - shows:
          name: block
          expression: |
            id > 0
            and id < 3
      - shows:
          name: kept
          expression: |+
            id > 0

          list: ["a\n", "b"]
      - shows: {name: folded, expression: "a\r\nb"}
      - shows: {name: comment, expression: "a {# c #} b"}
      - shows: {name: number, expression: "1\n"}
      - shows: {name: rendered, expression: "{{ 1 + 1 }}\n"}
      - shows: {name: chomped, expression: "id", where: "id > 0\n"}
E
q "SELECT rockset_init(); SELECT json_extract(rockset_import('p'), '\$.warnings')"
q "SELECT node, json_quote(sql) FROM rockset_compile('*', '{\"tests\":true}') ORDER BY path"
q "CREATE TEMP TABLE made AS SELECT rockset_artifacts('art');
SELECT n.value ->> '\$.config.meta' FROM json_each(readfile('art/manifest.json'), '\$.nodes') AS n WHERE n.key = 'model.p.m'"
q "SELECT json_extract(rockset_export('out'), '\$.notes')"
diff -r p out && echo same
