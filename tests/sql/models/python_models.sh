#!/bin/sh
# Python models: nodes with what dbt (1.7.20) reads of them, so that everything else works; building
# one is an error of it alone.
set -u
q() { sqlite3 -batch p.db -cmd ".load $ROCKSET_EXT" "$1" 2>&1 | sed 's/^[A-Z][a-z]* *e*r*r*o*r*[^:]*: \(stepping, \)*//'; }
mkdir -p p/models/py
printf 'name: p\nprofile: p\nmodels: {p: {+materialized: view, py: {+tags: [folder]}}}\n' >p/dbt_project.yml
cat >p/models/py/x.py <<'E'
"""dbt.ref("not_this") is text."""
import pandas as pd  # dbt.ref("nor_this")
from os import path


def helper(dbt):
    return dbt.source("raw", "t")  # a helper's calls count


def model(dbt, session):
    dbt.config(
        materialized="incremental",  # a comment
        tags=["a", 'b'],
        packages=['numpy==1.2', "pandas"],
        meta={"k": {'n': [1, 2.5, -3, None, True]}, 'raw': r'\d', "long": """two
lines""", "cat": "a" "b"},
    )
    s = f"{dbt.config.get('tags')}"
    days = dbt.config.get("days", 7)
    other = dbt.config.get("other")
    df = dbt.ref("m").join(dbt.ref('p', "n"), on="id")
    more = [dbt.ref("v", v=2), pd.merge(dbt.ref("m"), x.dbt.ref("zz"))]
    if dbt.is_incremental:
        df = df[df.id > session.sql(f"select max(id) from {dbt.this}")]
    return df.limit(days)
E
cat >p/models/py/y.py <<'E'
def model(dbt, session):
    return dbt.ref("m")
E
cat >p/models/s.yml <<'E'
version: 2
models:
  - name: x
    description: in Python
    config: {materialized: view, alias: xx, meta: {yml: 1}}
    columns: [{name: id, tests: [unique]}]
  - {name: v, latest_version: 1, versions: [{v: 1}, {v: 2}]}
sources: [{name: raw, tables: [{name: t}]}]
E
for model in m n v_v1 v_v2; do echo 'select 1 as id' >p/models/$model.sql; done
echo "select * from {{ ref('x') }}" >p/models/child.sql
echo "select * from {{ ref('child') }}" >p/models/grandchild.sql
q "SELECT rockset_init(); SELECT json_extract(rockset_import('p'), '\$.warnings')"
echo '-- nodes'
q "SELECT node, sql FROM rockset_compile('child m') ORDER BY node"
q "SELECT sql = rtrim(readfile('p/models/py/y.py'), char(10)) FROM rockset_compile('y')"
q "SELECT rockset_compile('y')"
q "SELECT count(*) FROM rockset_compile('*')"
q "SELECT unique_id, kind, relation, tags, depends_on FROM rockset_ls('path:models/py x.py')"
q "SELECT parent FROM rockset_graph WHERE child = 'model.p.x' ORDER BY 1"
q "CREATE TEMP TABLE made AS SELECT rockset_artifacts('art');
SELECT n.value ->> 'language', n.value ->> 'path', n.value ->> '\$.checksum.checksum', n.value ->> 'sources', n.value ->> 'unrendered_config',
  n.value ->> '\$.config.meta', n.value ->> '\$.config.materialized', n.value ->> '\$.raw_code' = rtrim(readfile('p/models/py/x.py'), char(10))
  FROM json_each(readfile('art/manifest.json'), '\$.nodes') AS n WHERE n.key = 'model.p.x'"
echo '-- building one is an error of it alone'
q "SELECT node, status, message FROM rockset_build('*', '{\"raise\":false}')"
q "SELECT rockset_materialize('x')"
q "SELECT * FROM rockset_diff('x')"
q "SELECT rockset_run('y')"
q "SELECT * FROM rockset_plan('x y child')"
echo '-- whose table dbt has built is read'
q "SELECT rockset_exec('create table commons.xx as select 42 as id'); SELECT rockset_run('*', '{\"exclude\":\"x y\"}') ->> 'status'; SELECT * FROM rockset_query('select id from commons.grandchild')"
echo '-- export'
q "SELECT rockset_export('out') ->> 'notes'"
diff -r p out && echo same
q "UPDATE rockset_models SET sql = replace(sql, 'ref(\"m\")', 'ref(\"n\")'), description = 'now n' WHERE name = 'y'; SELECT rockset_export('out2') ->> 'written'"
diff p/models/py/y.py out2/models/py/y.py
q "SELECT depends_on FROM rockset_ls('y')"
echo '-- what can not be read'
bad() { q "UPDATE rockset_models SET sql = '$1' WHERE name = 'y'; SELECT error FROM rockset_ls('y')"; }
bad 'def model(dbt, session):
    name = "m"
    return dbt.ref(
      name)'
bad 'def model(dbt, session):
    return dbt.ref("m" + "n")'
bad 'def model(dbt, session):
    dbt.config(**{"alias": "z"})
    return dbt.ref("m")'
bad 'def model(dbt, session):
    return dbt.ref("m"'
bad 'x = """def model(dbt, session)'
bad 'def helper(dbt, session): pass'
bad 'def model(session): pass'
bad 'def model(a, dbt): pass'
bad 'def model(dbt, session,): return dbt.config.get()'
bad 'def model(dbt, session): return f"{{dbt.ref(1)}}"'
bad 'def model(dbt: "x", session=None,):
  return f"{dbt.ref(""m"")}"'
bad 'def model(dbt, session): return dbt.ref("nowhere")'
bad ''
bad '# nothing yet'
q "SELECT rockset_compile('m')"
