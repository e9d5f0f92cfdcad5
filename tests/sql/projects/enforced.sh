#!/bin/sh
# What dbt refuses in a project although every file of it can be read: private models read from
# outside of their group, packages that restrict access, groups and docs that are not there ...
set -u
plain='s/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//; s/ ([0-9]*)$//'
# project NAME: a fresh folder; file PATH <text
project() {
  dir=$1
  mkdir -p "$dir/models" "$dir/dbt_packages/util/models"
  printf 'name: p\nversion: "1.0"\nprofile: p\n' >"$dir/dbt_project.yml"
  printf 'name: util\nversion: "1.0"\n' >"$dir/dbt_packages/util/dbt_project.yml"
  echo 'select 1 as id' >"$dir/models/a.sql"
  echo "select * from {{ ref('a') }}" >"$dir/models/b.sql"
}
file() { cat >"$dir/$1"; }
q() {
  rm -f p.db
  sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "SELECT rockset_init(); SELECT rockset_import('$dir')" \
    "$1" 2>&1 | grep -v '^schema\|^{"added' | sed "$plain"
}
all="SELECT path, sql FROM rockset_compile('*')"
groups='groups: [{name: g, owner: {name: x}}, {name: h, owner: {name: x}}]'

echo '-- a private model: read from its group, from another one, from none; by a test of it'
project same
printf '%s\nmodels: [{name: a, access: private, group: g, columns: [{name: id, tests: [unique]}]}, {name: b, group: g}]' "$groups" |
  file models/s.yml
q "$all; SELECT count(*) FROM json_each(rockset_ls('resource_type:test'))"
project other
printf '%s\nmodels: [{name: a, access: private, group: g}, {name: b, config: {group: h}}]' "$groups" | file models/s.yml
q "$all"
project none
printf '%s\nmodels: [{name: a, access: private, columns: [{name: id, tests: [unique]}]}]' "$groups" | file models/s.yml
rm none/models/b.sql
q "$all"
q "SELECT name, error FROM rockset_ls('*')"
project shown
printf '%s\nmodels: [{name: a, access: private, group: g}]\nexposures: [{name: e, type: dashboard, owner: {name: x}, depends_on: [ref("a")]}]' "$groups" |
  file models/s.yml
rm shown/models/b.sql
q "$all"

echo '-- restrict-access: protected models of a package are its own, private ones nobody else'"'"'s'
project restricted
echo 'restrict-access: true' >>restricted/dbt_packages/util/dbt_project.yml
printf 'packages: [{local: dbt_packages/util}]' | file packages.yml
echo 'select 2' >restricted/dbt_packages/util/models/inner.sql
echo "select * from {{ ref('inner') }}" >restricted/dbt_packages/util/models/open.sql
printf 'models: [{name: open, access: public}]' >restricted/dbt_packages/util/models/s.yml
echo "select * from {{ ref('open') }}" >restricted/models/b.sql
q "$all"
echo "select * from {{ ref('util', 'inner') }}" >restricted/models/b.sql
q "$all"

echo '-- groups, docs, versions that are not there; a public model without a relation'
project group
printf '%s\nmodels: [{name: a, group: nix}]' "$groups" | file models/s.yml
q "$all"
project docs
printf '{%% docs a_doc %%}\nAll of "it".\n{%% enddocs %%}' | file models/d.md
printf 'models: [{name: a, description: "x {{ doc(%sa_doc%s) }}", columns: [{name: id, description: "{{ doc(%sp%s, %sa_doc%s) }}"}]}]' \' \' \' \' \' \' |
  file models/s.yml
echo '-- {{ model.description }} {{ model.columns.id.description }}' >>docs/models/a.sql
q "SELECT rockset_compile('a')"
printf 'models: [{name: a, description: "{{ doc(%snix%s) }}"}]' \' \' | file models/s.yml
q "$all"
printf 'models: [{name: a, columns: [{name: id, description: "{{ doc(%sp%s, %snix%s) }}"}]}]' \' \' \' \' | file models/s.yml
q "$all"
printf 'sources: [{name: s, tables: [{name: t, description: "{{ doc(%snix%s) }}"}]}]' \' \' | file models/s.yml
q "$all"
project versions
mv versions/models/a.sql versions/models/a_v1.sql
printf 'models: [{name: a, latest_version: 3, versions: [{v: 1}]}]' | file models/s.yml
q "$all"
printf 'models: [{name: a, versions: [{v: 1}]}]' | file models/s.yml
q "UPDATE rockset_models SET latest_version = '3' WHERE name = 'a'; $all"
project ephemeral
printf 'models: [{name: a, access: public, config: {materialized: ephemeral}}]' | file models/s.yml
q "$all"

echo '-- two tests that are one'
project twice
printf 'models: [{name: a, columns: [{name: id, tests: [unique, {unique: {where: id > 1}}]}]}]' | file models/s.yml
q "$all"

echo '-- a date of deprecation, of a version, too'
project old
mv old/models/a.sql old/models/a_v1.sql
echo 'select 2' >old/models/a_v2.sql
echo 'select 3' >old/models/c.sql
echo "select * from {{ ref('c') }} union all select * from {{ ref('a', v=1) }}" >old/models/b.sql
printf 'models: [{name: c, deprecation_date: 2020-01-01}, {name: a, latest_version: 2, versions: [{v: 1, deprecation_date: 2999-01-01}, {v: 2}]}]' |
  file models/s.yml
q "SELECT rockset_compile('b')"
q "SELECT rockset_run('b', '{\"warn_error\":true}')"
