"""Builds a project with dbt-duckdb and with rockset_build, and compares what became of each node.

Each node must have the same status and number of failures, in the first build and in a second one
(incremental models, snapshots), and each relation the same rows. PARITY_RESULTS=folder compares a
project of one's own as well; its profile is replaced.
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess

PROFILE = """%s:
  target: dev
  outputs:
    dev: {type: duckdb, path: '%s', schema: main, threads: 2}
"""
FILES = {
    "dbt_project.yml": """name: bakery
version: '1.0'
config-version: 2
profile: bakery
vars: {vat: 0.2}
on-run-start: "create table if not exists main.started as select 1 as n"
on-run-end:
  - "create or replace table main.ended as select {{ results | length > 0 }} as any_result"
  - "create or replace table main.kept as select $${{ graph.kept | dictsort }} {{ graph.tested | dictsort }}$$ as kept"
  - "{% if execute %}{% set d = run_query('select -1.250 as d').rows[0][0].as_tuple() %}{% endif %}
     create or replace table main.parts as select $${{ d }} {{ d.exponent }} {{ d[1] }}$$ as parts"
  - "{% set found = [] %}{% for r in results if r.node.resource_type == 'model' and r.status == 'success' %}
     {% do found.append(r.node.name ~ ': ' ~ r.node.compiled_code) %}{% endfor %}
     create or replace table main.texts as select $${{ found | sort | join('; ') }}$$ as texts"
  - "{% if execute %}create or replace table main.sums as select $${{ graph.nodes['seed.bakery.raw_sales'].checksum }} {{ graph.exposures['exposure.bakery.board'].config }}
     {{ graph.nodes['test.bakery.no_negative'].depends_on.macros }} {{ graph.nodes['model.bakery.uses_eph'].depends_on.macros }}$$ as sums{% endif %}"
models:
  bakery:
    staging: {+materialized: view, +tags: [staging]}
    marts: {+materialized: table}
seeds: {bakery: {raw_breads: {+column_types: {price: 'decimal(10,2)'}}}}
""",
    "seeds/raw_breads.csv": "id,name,price,since\n1,Rye,3.20,2020-01-01\n2,Spelt,4.10,2021-05-05\n3,,2.00,\n",
    "seeds/raw_sales.csv": "id,bread_id,pieces,sold_at\n1,1,2,2024-01-01 08:00:00\n2,1,1,2024-01-02 09:30:00\n"
                           "3,2,5,2024-01-02 10:00:00\n4,9,1,2024-01-03 07:15:00\n5,2,,2024-01-03 08:00:00\n",
    "models/staging/stg_breads.sql": "select id as bread_id, name, price, since from {{ ref('raw_breads') }}",
    "models/staging/stg_sales.sql": "select id as sale_id, bread_id, coalesce(pieces, 0) as pieces, sold_at\n"
                                    "from {{ ref('raw_sales') }}",
    "models/marts/revenue.sql": "select b.bread_id, b.name, sum(s.pieces) as pieces, {{ gross('sum(s.pieces * b.price)') }} as gross\n"
                                "from {{ ref('stg_sales') }} s join {{ ref('stg_breads') }} b using (bread_id) group by 1, 2",
    "models/marts/days.sql": "{{ config(materialized='incremental', unique_key='day') }}\n"
                             "select cast(sold_at as date) as day, count(*) as sales from {{ ref('stg_sales') }}\n"
                             "{% if is_incremental() %}where cast(sold_at as date) >= (select max(day) from {{ this }}){% endif %}\ngroup by 1",
    "models/marts/eph.sql": "{{ config(materialized='ephemeral') }}select 1 as one",
    "models/marts/uses_eph.sql": "{{ config(post_hook=\"create or replace table main.hooked as select *, {{ gross('1') }} as g from {{ this }}\") }}"
                                 "select one + 1 as two from {{ ref('eph') }}",
    "models/marts/broken.sql": "select no_such_column from {{ ref('stg_breads') }}",
    "models/marts/below_broken.sql": "select * from {{ ref('broken') }}",
    "models/marts/below_failed.sql": "select * from {{ ref('bad_keys') }}",
    "models/marts/bad_keys.sql": "select bread_id from {{ ref('stg_sales') }}",
    # stored by models that two threads build, read by a hook at the end
    "macros/keeps.sql": "{% macro keeps(what) %}{% if execute %}{% do graph.setdefault('kept', {}).update({what: [this.name, 1]}) %}"
                        "{% endif %}{% endmacro %}",
    "models/marts/keeps_1.sql": "{{ keeps('a') }}select * from {{ ref('stg_breads') }}",
    "models/marts/keeps_2.sql": "{{ keeps('b') }}select * from {{ ref('stg_sales') }}",
    "models/marts/keeps_3.sql": "{{ keeps('c') }}select * from {{ ref('stg_sales') }}",
    # a materialization of tests
    "macros/tests.sql": "{% materialization test, default %}{% set result = dbt.materialization_test_default() %}"
                        "{% do graph.setdefault('tested', {}).update({model.name: [model.compiled_code, load_result('main').table.rows[0][0] | int]}) %}"
                        "{% do return(result) %}{% endmaterialization %}",
    "models/marts/off.sql": "{{ config(enabled=false) }}select 1",
    "models/marts/contracted.sql": "{{ config(contract={'enforced': true}) }}select 1 as id, 'a' as word",
    "models/marts/contract_broken.sql": "{{ config(contract={'enforced': true}) }}select 1 as id, 2 as word",
    "models/schema.yml": """version: 2
models:
  - name: stg_breads
    columns:
      - {name: bread_id, tests: [unique, not_null]}
      - name: name
        tests:
          - not_null: {severity: warn}
          - accepted_values: {values: [Rye, Spelt], name: known_breads}
  - name: stg_sales
    columns:
      - name: bread_id
        tests: [{relationships: {to: ref('stg_breads'), field: bread_id, severity: warn, store_failures: true}}]
      - name: pieces
        tests: [{not_null: {where: "sold_at > '2024-01-02'"}}, {above: {than: 0, warn_if: '>0', error_if: '>5'}}]
  - name: bad_keys
    columns: [{name: bread_id, tests: [unique]}]
  - name: contracted
    columns: [{name: id, data_type: integer, constraints: [{type: not_null}]}, {name: word, data_type: varchar}]
  - name: contract_broken
    columns: [{name: id, data_type: integer}, {name: word, data_type: varchar}]
sources:
  - name: raw
    schema: main
    tables: [{name: raw_breads, columns: [{name: id, tests: [unique]}]}]
exposures: [{name: board, type: dashboard, owner: {name: x}, depends_on: [ref('revenue')], config: {meta: {k: 1}}}]
""",
    "macros/gross.sql": "{% macro gross(x) %}round({{ x }} * (1 + {{ var('vat') }}), 2){% endmacro %}",
    "tests/generic/above.sql": "{% test above(model, column_name, than) %}select * from {{ model }} where not {{ column_name }} > {{ than }}{% endtest %}",
    "tests/no_negative.sql": "select * from {{ ref('revenue') }} where pieces < 0",
    "tests/always_fails.sql": "select 1 as n union all select 2",
    "tests/cannot_run.sql": "select * from {{ ref('revenue') }} where nothing_here",
    "snapshots/prices.sql": "{% snapshot prices %}{{ config(target_schema='history', unique_key='bread_id', strategy='check', check_cols=['price']) }}"
                            "select * from {{ ref('stg_breads') }}{% endsnapshot %}",
}


def write(folder):
    for path, text in FILES.items():
        path = os.path.join(folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)


def profile(folder, name, database):
    with open(os.path.join(folder, "profiles.yml"), "w") as f:
        f.write(PROFILE % (name, database))


def by_dbt(python, folder):
    """{unique_id: (status, failures)}. Seeds go first: a source that is a seed's table has no edge to it."""
    for command in ("seed", "build"):
        done = subprocess.run([python, "-c", "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()",
                               "--quiet", command, "--profiles-dir", "."], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True,
                              env=dict(os.environ, DBT_SEND_ANONYMOUS_USAGE_STATS="false"))
    path = os.path.join(folder, "target", "run_results.json")
    if not os.path.exists(path):
        raise SystemExit("dbt build failed in %s:\n%s" % (folder, done.stdout))
    with open(path) as f:
        results = json.load(f)["results"]
    shutil.rmtree(os.path.join(folder, "target"))
    return {r["unique_id"]: (r["status"], r["failures"] or 0) for r in results}


def by_us(build, folder, name, database):
    subprocess.run(["sqlite3", "-batch", database, "-cmd", ".load " + os.path.join(build, "rockset_ext.so"),
                    "SELECT rockset_init(); SELECT rockset_profile('dev', '%s', '%s/profiles.yml');"
                    "SELECT rockset_import('%s'); SELECT rockset_trust(1);"
                    "SELECT rockset_seed('*', '{\"raise\":false}');"
                    "SELECT rockset_build('*', '{\"raise\":false}')" % (name, folder, folder)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with sqlite3.connect(database) as db:
        rows = db.execute("SELECT unique_id, status, coalesce(failures, 0) FROM rockset_results WHERE invocation_id = "
                          "(SELECT id FROM rockset_invocations ORDER BY rowid DESC LIMIT 1) AND kind <> 'operation'")
        return {i: (status, failures) for i, status, failures in rows}


def relations(python, database):
    """{schema.name: its rows}, times of the build left out."""
    script = """
import duckdb, json, sys
db = duckdb.connect(sys.argv[1], read_only=True)
found = {}
for schema, name in db.execute("select table_schema, table_name from information_schema.tables "
                               "where table_schema not like '\\\\_%' escape '\\\\'").fetchall():
    rows = db.execute('select * from "%s"."%s"' % (schema, name))
    names = [c[0] for c in rows.description]
    keep = [i for i, c in enumerate(names) if c not in ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")]
    found[schema + "." + name] = [[names[i] for i in keep]] + sorted([str(r[i]) for i in keep] for r in rows.fetchall())
print(json.dumps(found))
"""
    return json.loads(subprocess.run([python, "-c", script, database], check=True, stdout=subprocess.PIPE).stdout)


def differences(theirs, ours):
    return ["%s: dbt: %r, ours: %r" % (k, theirs.get(k), ours.get(k))
            for k in sorted(set(theirs) | set(ours)) if theirs.get(k) != ours.get(k)]


def change_seeds(folder):
    """Something happens between the builds."""
    path = os.path.join(folder, "seeds", "raw_breads.csv")
    if not os.path.exists(path):
        return
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("4.10", "4.40") + "4,Corn,1.00,2024-01-01\n")


def compare(build, python, folder, tmp):
    """Prints one line for each build; True when all is equal."""
    with open(os.path.join(folder, "dbt_project.yml")) as f:
        name = re.search(r"^profile: *['\"]?([^'\"\n#]+)", f.read(), re.M).group(1).strip()
    what = os.path.basename(folder.rstrip("/"))
    good = True
    for i in (1, 2):
        # the files have one stem: relations carry it
        paths = [os.path.join(tmp, who, "data.duckdb") for who in ("dbt", "ours")]
        for path in paths:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        profile(folder, name, paths[0])
        theirs = by_dbt(python, folder)
        profile(folder, name, paths[1])
        ours = by_us(build, folder, name, os.path.join(tmp, what + ".db"))
        bad = differences(theirs, ours) + differences(relations(python, paths[0]), relations(python, paths[1]))
        print("%s - build %d of %s: %d results" % ("not ok" if bad else "ok", i, what, len(theirs)), flush=True)
        for line in bad[:40]:
            print("# " + line[:400])
        good = good and not bad and len(theirs) > 0
        change_seeds(folder)
    for path in paths:
        os.remove(path)
    return good
