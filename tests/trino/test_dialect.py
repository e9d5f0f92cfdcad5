"""Models in Rockset's dialect on the cluster."""
import os

from test_faults import connect, failure

SHOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dbt", "shop")
MODELS = [
    ("halves", "view", "select n / 2 as half, IF(late, '{{ target.type }}', 'x') as who, TO_HEX(MD5(_id)) as h "
                       "from {{ source('commons', 'flights') }}"),
    ("part", "ephemeral", "select n, late from {{ source('commons', 'flights') }} where n is not undefined"),
    ("sums", "table", "select sum(n) as s, COUNT_IF(late) as late, 'abc' as t from {{ ref('part') }}"),
    ("late", "incremental", "select _id, n {{ '+ 10 as n, 1 as added' if is_incremental() }} from flights where late"),
    ("keyed", "incremental", "{{ config(unique_key='k') }}select n as k, {{ 1 if is_incremental() else 0 }} as again from flights"),
    ("twice", "table", "select 'same' as _id, 1700000000000000 as _event_time, n from flights"),
    ("bad", "table", "select 1 as a,\n  {{ 1 }} + cout(n) as b\nfrom flights"),
]

number = failed = 0


def report(good, what, note=""):
    global number, failed
    number, failed = number + 1, failed + (not good)
    print("%sok - trino: %s" % ("" if good else "not ", what), flush=True)
    if not good:
        print("# " + str(note).replace("\n", "\n# "), flush=True)


def models(build, c):
    c.query("create table commons.flights as select * from (values (varchar 'a', timestamp '2024-01-01 00:00:00.000000', 1, true), "
            "('b', timestamp '2024-01-02 00:00:00.000000', 2, false), ('c', timestamp '2024-01-03 00:00:00.000000', 3, true)) "
            "as t(_id, _event_time, n, late)")
    db = connect(build, c, "iceberg", dialect="rockset")
    db.execute("SELECT rockset_init()").fetchall()
    db.executemany("INSERT INTO rockset_models(name, materialized, sql) VALUES(?, ?, ?)", MODELS)
    for _ in range(2):
        got = db.execute("SELECT node, status, message FROM rockset_run('*', '{\"raise\":false}')").fetchall()
        wrong = [row for row in got if (row[1] == "success") == (row[0] == "bad")]
        report(len(got) == 6 and not wrong, "models are built", got)
    bad = [row[2] for row in got if row[0] == "bad"][0]
    report(bad.startswith("model bad line 2, column 13: "), "an error tells the place in the model", bad)
    for sql, expected in (
            ("select half, who, lower(h) from commons.halves order by h", [[0, "rockset", "0cc175b9c0f1b6a831c399e269772661"],
             [1, "rockset", "4a8a08f09d37b73795649038408b5f33"], [1, "x", "92eb5ffee6ae2fec3ad71c777531578f"]]),
            ("select s, late, t, length(_id), _event_time > timestamp '2024-01-01' from commons.sums", [[6, 2, "abc", 36, True]]),
            ("select _id, n, added from commons.late order by 1", [["a", 11, 1], ["c", 13, 1]]),
            ("select k, again, _id is null from commons.keyed order by k", [[1, 1, False], [2, 1, False], [3, 1, False]]),
            ("select _id, cast(_event_time as varchar) from commons.twice", [["same", "2023-11-14 22:13:20.000000"]])):
        rows = c.query(sql)
        report(rows == expected, sql, rows)


def project_of_dbt_rockset(build, c):
    c.query("create schema if not exists shop")
    db = connect(build, c, "iceberg", dialect="rockset", schema="shop")
    db.execute("SELECT rockset_init()").fetchall()
    db.execute("SELECT rockset_import(?)", (SHOP,)).fetchall()
    got = db.execute("SELECT node, status, message FROM rockset_build('*', '{\"raise\":false}')").fetchall()
    report(len(got) == 14 and all(row[1] in ("success", "pass") for row in got), "the project of tests/dbt", got)
    rows = db.execute("SELECT row FROM rockset_query_lambda('shop.best_customers')").fetchall()
    report(rows == [('{"name":"Ada","revenue":42.5}',)], "its query lambda", rows or failure(db, "SELECT 1"))


def run(build, c):
    c.empty()
    c.query("create schema if not exists commons")
    for test in (models, project_of_dbt_rockset):
        test(build, c)
    print("%d passed, %d failed" % (number - failed, failed))
    return failed > 0
