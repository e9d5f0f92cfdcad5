"""rocksetd --models: a project of a SQLite file, its graph, nodes, runs, as the console asks for them."""
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile

from harness import ROCKSETD, Server, check_error, main

EXT = os.path.join(os.path.dirname(os.path.abspath(ROCKSETD)), "rockset_ext.so")
FOLDER = tempfile.mkdtemp(prefix="rocksetd-models-")
FILE = os.path.join(FOLDER, "app.db")


def shell(*statements):
    """In the sqlite3 shell, with the extension."""
    got = subprocess.run(["sqlite3", "-batch", "-bail", "-cmd", ".load " + EXT, FILE], input=";\n".join(statements) + ";\n",
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100)
    assert got.returncode == 0, got.stdout


def make_project():
    shell("SELECT rockset_init()",
          "SELECT rockset_exec('CREATE SCHEMA commons')",
          "SELECT rockset_exec('CREATE TABLE commons.raw AS SELECT 1 AS id, TIMESTAMP ''2001-01-01'' AS loaded')",
          "INSERT INTO rockset_sources(source, name, freshness, loaded_at_field) VALUES "
          "('commons', 'raw', '{\"warn_after\":{\"count\":1,\"period\":\"day\"}}', 'loaded')",
          "INSERT INTO rockset_models(name, sql, materialized, tags, description, columns) VALUES "
          "('orders', 'SELECT * FROM {{ source(''commons'', ''raw'') }}', 'table', 'core', 'All </script> orders', "
          "'[{\"name\":\"id\",\"description\":\"its key\"}]'), "
          "('daily', 'SELECT count(*) AS n FROM {{ ref(''orders'') }}', 'view', NULL, NULL, NULL), "
          "('broken', 'SELECT nothing FROM {{ ref(''orders'') }}', 'view', NULL, NULL, NULL)",
          "INSERT INTO rockset_tests(name, test, model, column_name) VALUES ('few', 'not_null', "
          "'ref(''orders'')', 'id'), ('no_ones', 'accepted_values', 'ref(''daily'')', 'n')",
          "UPDATE rockset_tests SET arguments = '{\"values\":[2]}' WHERE name = 'no_ones'",
          "SELECT * FROM rockset_build('*', '{\"raise\":false}')",
          "SELECT * FROM rockset_freshness('*', '{\"raise\":false}')")


make_project()
S = Server("--models", FILE)


def graph():
    a = S.get("/models")
    assert a.status == 200, a
    return a.data, {n["node"]: n for n in a.data["nodes"]}


def test_graph():
    g, nodes = graph()
    assert g["bad"] == [] and g["project"] == "project", g
    orders = nodes["orders"]
    assert orders["kind"] == "table" and orders["relation"].endswith(".orders"), orders
    assert orders["tags"] == ["core"] and orders["description"] == "All </script> orders"
    assert orders["depends_on"] == [nodes["commons.raw"]["unique_id"]]
    assert orders["last"]["status"] == "success" and orders["last"]["ms"] > 0, orders
    assert nodes["broken"]["last"]["status"] == "error", nodes["broken"]
    assert nodes["broken"]["last"]["message"]
    tests = {n["node"]: n for n in g["nodes"] if n["resource_type"] == "test"}
    assert sorted(t["last"]["status"] for t in tests.values()) == ["fail", "pass"], tests
    assert {t["depends_on"][0] for t in tests.values()} == {orders["unique_id"], nodes["daily"]["unique_id"]}
    raw = nodes["commons.raw"]
    assert raw["freshness"]["status"] == "warn" and "warn_after" in raw["criteria"], raw


def test_node():
    _, nodes = graph()
    n = S.get("/models/nodes/" + nodes["orders"]["unique_id"]).data
    assert n["sql"] == "SELECT * FROM {{ source('commons', 'raw') }}", n
    assert "raw" in n["compiled"][0] and "{{" not in n["compiled"][0], n
    assert "its key" in n["columns"] and n["config"]["materialized"] == "table"
    assert [h["status"] for h in n["history"]] == ["success"]
    check_error(S.get("/models/nodes/model.project.nobody"), 404, "NOTFOUND")


def test_runs():
    runs = S.get("/models/runs").data
    assert len(runs) == 2 and runs[1]["command"] == "build", runs
    assert runs[1]["counts"]["error"] == 1 and runs[1]["status"] == "error", runs
    run = S.get("/models/runs/" + runs[1]["id"]).data
    assert run["id"] == runs[1]["id"] and len(run["results"]) == 5, run
    assert all(r["at"] for r in run["results"] if r["status"] != "skipped"), run
    check_error(S.get("/models/runs/none"), 404, "NOTFOUND")


def test_what_is_edited_is_seen_and_nothing_is_locked():
    db = sqlite3.connect(FILE, isolation_level=None)
    db.execute("INSERT INTO rockset_models(name, sql) VALUES ('later', 'SELECT 1 AS x')")
    assert "later" in graph()[1]
    db.execute("INSERT INTO rockset_models(name, sql) VALUES ('bad', 'SELECT {{')")
    bad = [n for n in graph()[0]["nodes"] if n["node"] == "bad"] + graph()[0]["bad"]
    assert "error" in bad[0], graph()
    db.execute("DELETE FROM rockset_models WHERE name IN ('later', 'bad')")
    db.execute("BEGIN EXCLUSIVE")  # somebody writes: the server waits, then says so
    check_error(S.get("/models/runs"), 503, "SERVICEUNAVAILABLE")
    db.execute("COMMIT")
    db.close()
    assert S.get("/models/runs").status == 200


def test_a_running_run_is_seen():
    db = sqlite3.connect(FILE)
    db.execute("INSERT INTO rockset_invocations(id, command, started_at, status) VALUES "
               "('live', 'run', '2030-01-01 00:00:00', 'running')")
    db.commit()
    assert S.get("/models/runs").data[0]["status"] == "running"
    db.execute("INSERT INTO rockset_results(invocation_id, unique_id, node, kind, status) VALUES "
               "('live', 'model.project.daily', 'daily', 'view', 'success')")
    db.commit()
    assert [r["status"] for r in S.get("/models/runs/live").data["results"]] == ["success"]
    db.execute("DELETE FROM rockset_results WHERE invocation_id = 'live'")
    db.execute("DELETE FROM rockset_invocations WHERE id = 'live'")
    db.commit()
    db.close()


def test_roles():
    k = S.post("/users/self/apikeys", {"name": "reader", "role": "read-only"}).data["key"]
    for path in ("/models", "/models/runs", "/models/runs/x", "/models/nodes/x"):
        assert S.get(path, key=None).status == 401
        assert S.get(path, key=k).status in (200, 404), path
        assert S.ask("POST", path, {}).status == 405


def refused(path):
    s = Server("--models", path, ready=False)
    assert s.process.wait(60) == 1
    s.process.stdout.close()
    s.err.seek(0)
    said = s.err.read()
    shutil.rmtree(s.folder)
    return said


def test_what_is_no_project():
    empty = os.path.join(FOLDER, "empty.db")
    sqlite3.connect(empty).execute("CREATE TABLE t(x)")
    text = os.path.join(FOLDER, "text.db")
    with open(text, "w") as f:
        f.write("this is no database at all, and long enough to be looked at" * 40)
    assert "rockset_init" in refused(empty), refused(empty)
    assert "not a database" in refused(text)
    assert "unable to open" in refused(os.path.join(FOLDER, "missing.db"))
    assert not os.path.exists(os.path.join(FOLDER, "missing.db")), "it is only read"
    assert "is no file" in refused(FOLDER)


def test_a_crafted_file_runs_nothing():
    path = os.path.join(FOLDER, "crafted.db")
    shutil.copy(FILE, path)
    db = sqlite3.connect(path)
    db.execute("DROP TABLE rockset_vars")
    db.execute("CREATE VIEW rockset_vars AS SELECT '' AS package, '' AS scope, 'x' AS name, "
               "rockset_exec('DROP TABLE commons.orders') AS value, 0 AS is_json")
    db.commit()
    db.close()
    assert "rockset_exec" in refused(path), refused(path)


def test_zz_stops():
    assert S.stop(signal.SIGTERM) == 0
    shutil.rmtree(FOLDER)


main(globals())
