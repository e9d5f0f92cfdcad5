"""Models in another catalog of the cluster: `database` of a model, a seed, a source."""
import test_models
from test_faults import failure
from test_models import build_one, project, report


def catalogs(build, c):
    db = project(build, c, [
        ("a", "table", {}, "select 1 as id union all select 2"),
        ("b", "table", {"database": "memory"}, "select id, id * 2 as twice from {{ ref('a') }}"),
        ("v", "view", {"database": "memory", "schema": "vv"}, "select * from {{ ref('a') }} join {{ ref('b') }} using (id)"),
        ("i", "incremental", {"database": "memory", "incremental_strategy": "append"},
         "select id, {{ is_incremental() }} as more from {{ ref('b') }}"),
        ("k", "table", {}, "select twice from {{ ref('v') }}"),
        ("far", "table", {"database": "nowhere"}, "select 1 as id")])
    db.execute("INSERT INTO rockset_seeds(name, csv, config) VALUES('s', 'x,y\n1,a\n2,b\n', '{\"database\":\"memory\"}')")
    wanted = [("a", "success"), ("b", "success"), ("far", "error"), ("i", "success"), ("k", "success"), ("s", "success"),
              ("v", "success")]
    for turn in ("first", "second"):
        got = sorted(db.execute("SELECT node, status FROM rockset_build('*', '{\"raise\":false}')").fetchall())
        report(got == wanted, "a %s build over two catalogs" % turn,
               db.execute("SELECT node, status, message FROM rockset_results WHERE status <> 'success'").fetchall())
    report(c.query("select twice from memory.commons.b order by 1") == [[2], [4]], "a table of another catalog")
    report(c.query("select * from memory.commons_vv.v order by 1") == [[1, 2], [2, 4]], "a view there reads both",
           c.query("show create view memory.commons_vv.v"))
    got = c.query("select id, more from memory.commons.i order by 1, 2")
    report(got == [[1, False], [1, True], [2, False], [2, True]], "an incremental one grows there", got)
    report(c.query("select * from memory.commons.s order by 1") == [[1, "a"], [2, "b"]], "a seed lies there")
    left = [n for (n,) in c.query("show tables from memory.commons") if n.startswith("__rs")]
    report(not left, "no stage is left", left)
    error = failure(db, "SELECT rockset_materialize('far')")
    report("Catalog 'nowhere'" in error, "a catalog that is not there is the cluster's error", error)
    db.execute("UPDATE rockset_models SET materialized = 'view' WHERE name = 'b'")
    db.execute("UPDATE rockset_models SET materialized = 'table' WHERE name = 'v'")
    build_one(db, "b")
    build_one(db, "v")
    kinds = c.query("select table_name, table_type from memory.information_schema.tables where table_name in ('b', 'v') order by 1")
    report(kinds == [["b", "VIEW"], ["v", "BASE TABLE"]], "a view for a table, a table for a view", kinds)


def materialized(build, c):
    db = project(build, c, [("base", "table", {}, "select {{ var('n', 1) }} as a"),
                            ("mv", "materialized_view", {}, "select a from {{ ref('base') }}")])
    build_one(db, "base")
    said = [build_one(db, "mv")["message"]]
    build_one(db, "base", vars={"n": 2})
    said.append(build_one(db, "mv")["message"])
    db.execute("UPDATE rockset_models SET sql = 'select a + 10 as a from {{ ref(''base'') }}' WHERE name = 'mv'")
    said.append(build_one(db, "mv", full_refresh=True)["message"])
    report(said == ["created materialized view commons.mv", "refreshed materialized view commons.mv",
                    "created materialized view commons.mv"], "a materialized view is made, refreshed, made anew", said)
    report(c.query("select a from commons.mv") == [[12]], "and reads the new table")
    db.execute("UPDATE rockset_models SET materialized = 'table', sql = 'select 5 as a' WHERE name = 'mv'")
    build_one(db, "mv")
    report(c.query("select a from commons.mv") == [[5]], "a table for a materialized view")
    db.execute("UPDATE rockset_models SET materialized = 'materialized_view' WHERE name = 'mv'")
    build_one(db, "mv")
    report(c.query("select name from system.metadata.materialized_views") == [["mv"]], "and back")
    c.query("drop materialized view commons.mv")


def run(build, c):
    test_models.number = test_models.failed = 0
    c.empty()
    for test in (catalogs, materialized):
        try:
            test(build, c)
        except Exception as e:
            report(False, test.__name__, e)
    for name in ("b", "v", "i", "s"):
        for what in ("view", "table"):
            for schema in ("commons", "commons_vv"):
                try:
                    c.query("drop %s if exists memory.%s.%s" % (what, schema, name))
                except Exception:
                    pass
    print("%d passed, %d failed" % (test_models.number - test_models.failed, test_models.failed))
    return 1 if test_models.failed else 0
