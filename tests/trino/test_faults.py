"""Types, faults and the documents API on the cluster that tests/trino/run has started."""
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server"))
from test_lost_answers import Proxy  # noqa: E402

number = failed = 0


def report(good, what, note=""):
    global number, failed
    number, failed = number + 1, failed + (not good)
    print("%sok - trino: %s" % ("" if good else "not ", what), flush=True)
    if not good and note != "":
        print("# " + str(note).replace("\n", "\n# "), flush=True)


def outputs(c):
    base = {"type": "trino", "host": "127.0.0.1", "port": c.port, "user": "test"}
    return {"iceberg": dict(base, database="iceberg", schema="commons", retries=1),
            "memory": dict(base, database="memory", schema="default"),
            "tpch": dict(base, database="tpch", schema="sf1")}


def connect(build, c, target, database=":memory:", **fields):
    db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.path.join(build, "rockset_ext.so"))
    output = dict(outputs(c)[target], **fields)
    profile = json.dumps({"p": {"target": target, "outputs": {target: output}}})
    db.execute("SELECT rockset_profile(?, 'p', ?)", (target, profile)).fetchall()
    return db


def failure(db, sql, *args):
    try:
        return "no error: %r" % (db.execute(sql, args).fetchall()[:5],)
    except sqlite3.Error as e:
        return str(e)


def values(build, c):
    db = connect(build, c, "iceberg")
    cases = [("cast(1 as tinyint)", 1), ("9223372036854775807", 9223372036854775807), ("1.5", 1.5), ("1e0", 1.0),
             ("decimal '12345678901234567890.125'", "12345678901234567890.125"), ("nan()", None),
             ("infinity()", float("inf")), ("real '0.1'", 0.10000000149011612), ("X'00ff'", b"\0\xff"),
             ("timestamp '2020-01-01 01:02:03.50'", "2020-01-01 01:02:03.5"),
             ("timestamp '2020-01-01 01:02:03.123456789012'", "2020-01-01 01:02:03.123456789012"),
             ("timestamp '2020-01-01 01:02:03 UTC'", "2020-01-01 01:02:03"),
             ("timestamp '2020-01-01 01:02:03 +01:00'", "2020-01-01 00:02:03"),
             ("time '01:02:03.100'", "01:02:03.1"), ("date '2020-02-29'", "2020-02-29"),
             ("interval '1' day", "1 00:00:00.000"), ("interval '2' month", "0-2"), ("true", 1), ("null", None),
             ("cast('a' as char(3))", "a  "), ("ipaddress '10.0.0.1'", "10.0.0.1"), ("json '[1, {\"a\": null}]'", '[1,{"a":null}]'),
             ("uuid '12151fd2-7586-11e9-8f9e-2a86e4085a59'", "12151fd2-7586-11e9-8f9e-2a86e4085a59"),
             ("array[decimal '1.5', null]", "[1.5,null]"), ("map(array['k'], array[date '2020-01-01'])", '{"k":"2020-01-01"}'),
             ("cast(row(1, 'x') as row(a bigint, \"b c\" varchar))", '{"a":1,"b c":"x"}'), ("chr(0) || 'x'", "\0x"),
             ("chr(127916)", "\U0001F3AC")]
    for sql, wanted in cases:
        got = db.execute("SELECT c1 FROM rockset_query(?)", ("select " + sql,)).fetchone()[0]
        report(got == wanted and type(got) is type(wanted), sql, repr(got))
    given = ["it's; -- \"x\"", 1.5, -7, None, 0.1, "\U0001F3AC"]
    got = db.execute("SELECT c1, c2, c3, c4, c5, c6 FROM rockset_query('select ?, ?, ?, ?, ?, ?', ?)",
                     (json.dumps(given),)).fetchone()
    report(list(got) == given, "parameters come back as they went", got)


def moments(build, c):
    """Dates and times are compared by the cluster, and the rows are those of SQLite's own table."""
    db = connect(build, c, "memory")
    db.execute("""SELECT rockset_exec('create table memory.default.moments as select * from (values
        (1, date ''2024-01-01'', timestamp ''2024-01-01 00:00:00'', time ''00:00:00'', time ''00:00:00.0''),
        (2, date ''2024-01-02'', timestamp ''2024-01-01 00:00:00.5'', time ''08:15:30.5'', time ''08:15:30.5''),
        (3, date ''9999-12-31'', timestamp ''2024-01-02 08:15:30'', time ''08:15:30.500001'', time ''08:15:31.0''),
        (4, NULL, NULL, NULL, NULL),
        (5, date ''12000-01-01'', timestamp ''12000-01-01 00:00:00'', time ''23:59:59.999999'', time ''23:59:59.9'')
        ) v(i, d, ts, tm, t1)')""").fetchall()
    db.execute("CREATE VIRTUAL TABLE moments USING rockset('default.moments')")
    db.execute("CREATE TEMP TABLE native AS SELECT * FROM moments")
    wrong, compared, found = [], 0, 0
    bounds = {"d": ("2024-01-01", "2024-02-30", "9999-12-31", "08:15"),
              "ts": ("2024-01-01", "2024-01-01 00:00:00.5", "x"),
              "tm": ("08:15:30", "08:15:30.500", "24:00:00", "08:15"),
              "t1": ("08:15:30.500", "08:15:31")}
    for column in bounds:
        for bound in bounds[column]:
            for op in ("=", "<", ">="):
                where = "%s %s '%s'" % (column, op, bound)
                got, native = (db.execute("SELECT group_concat(i) FROM (SELECT i FROM %s WHERE %s ORDER BY i)" % (t, where))
                               .fetchone()[0] for t in ("moments", "native"))
                compared, found = compared + 1, found + (native is not None)
                if got != native:
                    wrong.append((where, got, native))
    report(not wrong and found > 20, "%d comparisons of dates and times" % compared, (found, wrong))
    sent = db.execute("SELECT sql FROM rockset_log WHERE sql LIKE '%>= TIME ''08:15:30''%' LIMIT 1").fetchone()
    report(sent is not None, "a time is compared by the cluster")
    db.execute("SELECT rockset_exec('drop table memory.default.moments')").fetchall()


def replacing(build, c):
    """Where the connector has no CREATE OR REPLACE, and where what stands there is of another kind."""
    for target, ws in (("iceberg", "commons"), ("memory", "default")):
        db = connect(build, c, target)
        db.execute("SELECT rockset_init()").fetchall()
        db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('m', 'table', 'select 1 as a')")
        seen = []
        for kind, value in (("table", 1), ("table", 2), ("view", 3), ("table", 4)):
            db.execute("UPDATE rockset_models SET sql = 'select %d as a'" % value)
            db.execute("SELECT rockset_materialize('m', ?)", (kind,)).fetchall()
            seen += db.execute("SELECT c1 FROM rockset_query('select a from %s.m')" % ws).fetchone()
        report(seen == [1, 2, 3, 4], "%s: a table, replaced, by a view, by a table" % target, seen)
        db.execute("UPDATE rockset_models SET sql = 'select 1 / 0 as a'")
        error = failure(db, "SELECT rockset_materialize('m', 'table')")
        left = db.execute("SELECT c1 FROM rockset_query('select a from %s.m')" % ws).fetchone()[0]
        report("Division" in error and left == 4, "%s: one that fails leaves the old table" % target, (error, left))
        names = [r[0] for r in c.query("show tables from %s" % ws, target, ws)]
        report(not [n for n in names if n.startswith("__rs")], "%s: nothing is left aside" % target, names)


def cut_in_rename(build, c):
    """What a run that was killed between two renames leaves is put right by the next."""
    c.query("create schema if not exists memory.default", "memory", "default")
    c.query("drop table if exists memory.default.cut", "memory", "default")
    c.query("create table memory.default.__rs_old_cut_6b01b4d1edcd as select 5 as a", "memory", "default")
    db = connect(build, c, "memory")
    db.execute("SELECT rockset_init()").fetchall()
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('cut', 'table', 'select 1 / 0 as a')")
    failure(db, "SELECT rockset_materialize('cut', 'table')")
    report(c.query("select a from memory.default.cut") == [[5]], "a failing run brings the old table back")
    db.execute("UPDATE rockset_models SET sql = 'select 6 as a'")
    db.execute("SELECT rockset_materialize('cut', 'table')").fetchall()
    names = [r[0] for r in c.query("show tables from memory.default")]
    report(c.query("select a from memory.default.cut") == [[6]] and not [n for n in names if n.startswith("__rs_old_cut")],
           "a good one puts the new one there", names)


def lost_answers(build, c):
    """What the client builds on: a statement runs once its first page is asked for, and not before. Its answers are lost then."""
    c.query("create or replace table commons.lost(a bigint)")
    request = urllib.request.Request("http://127.0.0.1:%d/v1/statement" % c.port, b"insert into iceberg.commons.lost values 1",
                                     {"X-Trino-User": "test"})
    page = json.load(urllib.request.urlopen(request, timeout=60))
    time.sleep(5)
    report("nextUri" in page and c.query("select count(*) from commons.lost") == [[0]],
           "a statement whose page nobody asked for does not run", page)
    with Proxy(c.port) as proxy:
        db = connect(build, c, "iceberg", port=proxy.port, retries=1)
        seen = []

        def swallow(method, path):
            seen.append((method, path))
            if method == "POST":
                return seen.count(("POST", path)) == 1
            return method == "GET" and "/executing/" in path
        proxy.swallow = swallow
        error = failure(db, "SELECT rockset_exec('insert into commons.lost values 2')")
        posts = [m for m, _ in seen].count("POST")
        report("it is not known whether it was done" in error and posts == 2,
               "a lost answer of POST is asked for again, one of a page that runs is told", (error, seen))
        got = None
        for _ in range(20):
            got = c.query("select a, count(*) from commons.lost group by 1")
            if c.query("select count(*) from system.runtime.queries where state not in ('FINISHED', 'FAILED') and "
                       "query like 'insert into commons.lost%'") == [[0]]:
                break
            time.sleep(0.5)
        report(got in ([], [[2, 1]]), "its row is there once or not at all", got)
        proxy.swallow = lambda method, path: method == "GET" and seen.append(path) is None and seen.count(path) == 1
        seen.clear()
        got = db.execute("SELECT rockset_exec('insert into commons.lost values 3')").fetchall()
        rows = c.query("select count(*) from commons.lost where a = 3")
        report(got == [(1,)] and rows == [[1]] and len(seen) > len(set(seen)),
               "each page's answer is lost once: the statement ran once", (got, rows, seen))


def worker_dies(build, c):
    db = connect(build, c, "tpch")
    ice = connect(build, c, "iceberg")
    c.query("create schema if not exists commons")
    c.query("create or replace table commons.big as select 1 as a")
    ice.execute("SELECT rockset_init()").fetchall()
    ice.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('big', 'table', "
                "'select l.* from tpch.sf1.lineitem l cross join tpch.sf1.nation')")
    threading.Timer(4, c.kill, ["worker"]).start()
    start = time.time()
    outcome = []
    builder = threading.Thread(target=lambda: outcome.append(failure(ice, "SELECT rockset_materialize('big', 'table')")))
    builder.start()
    error = failure(db, "SELECT count(c1 || c2) FROM rockset_query('select l.comment, n.comment as other from lineitem l "
                        "cross join nation n')")
    builder.join()
    report("no error" not in error and "[remote SQL" in error, "a worker killed in mid-query is a clear error", error)
    print("# after %.1f s: %s" % (time.time() - start, error[:200]))
    report("no error" not in outcome[0], "and in mid-build", outcome[0])
    c.restart_worker()
    report(c.query("select * from commons.big") == [[1]], "the old table is intact")
    ice.execute("UPDATE rockset_models SET sql = 'select 2 as a'")
    ice.execute("SELECT rockset_materialize('big', 'table')").fetchall()
    report(c.query("select * from commons.big") == [[2]], "the next run replaces it")


def interrupting(build, c):
    db = connect(build, c, "tpch")
    threading.Timer(2, db.interrupt).start()
    start = time.time()
    error = failure(db, "SELECT * FROM rockset_query('select count(*) from lineitem a join lineitem b on a.comment <> b.comment')")
    took = time.time() - start
    report("interrupt" in error and took < 6, "an interrupt ends a running statement", (error, took))
    for _ in range(50):
        left = c.query("select count(*) from system.runtime.queries where state in ('RUNNING', 'QUEUED') and "
                       "query like 'select count(*) from lineitem a%'")
        if left == [[0]]:
            break
        time.sleep(0.2)
    report(left == [[0]], "on the cluster too", left)


def documents(build, c):
    key = "trino-test-admin-key-0123456789"
    folder = tempfile.mkdtemp(prefix="rockset-trino-docs-")
    with open(os.path.join(folder, "profiles.yml"), "w") as f:
        json.dump({"rockset_ext": {"target": "iceberg", "outputs": outputs(c)}}, f)
    server = subprocess.Popen([os.path.join(build, "rocksetd"), "--listen", "127.0.0.1:0", "--profiles-dir", folder, "--target",
                               "iceberg", "--quiet"], env=dict(os.environ, ROCKSETD_ADMIN_KEY=key), stdout=subprocess.PIPE,
                              text=True)
    url = server.stdout.readline().split()[-1] + "/v1/orgs/self"

    def call(method, path, body=None):
        r = urllib.request.Request(url + path, method=method, data=json.dumps(body).encode() if body else None,
                                   headers={"Authorization": "ApiKey " + key, "Content-Type": "application/json"})
        return json.load(urllib.request.urlopen(r, timeout=60))

    def rows(sql):
        return call("POST", "/queries", {"sql": {"query": sql}})["results"]

    def statuses(answer):
        return [d["status"] for d in answer["data"]]
    try:
        docs = "/ws/docs/collections/c/docs"
        call("POST", "/ws", {"name": "docs"})
        call("POST", "/ws/docs/collections", {"name": "c"})
        got = statuses(call("POST", docs, {"data": [
            {"_id": "1", "a": 1, "b": "it's", "o": {"x": [1, 2]},
             "t": {"__rockset_type": "timestamp", "value": "2020-01-01T00:00:00Z"}},
            {"_id": "2", "a": 2}, {"a": 3}, {"_id": 7}]}))
        report(got == ["ADDED", "ADDED", "ADDED", "ERROR"], "documents: added, and one refused", got)
        got = statuses(call("POST", docs, {"data": [{"_id": "1", "a": 1.5, "b": "new"}, {"_id": "3", "c": True}]}))
        report(got == ["REPLACED", "ADDED"], "replaced by _id; a new field", got)
        got = rows("select _id, a, b, c, o from docs.c where _id in ('1', '2', '3') order by _id")
        report(got == [{"_id": "1", "a": 1.5, "b": "new", "c": None, "o": None}, {"_id": "2", "a": 2, "b": None, "c": None, "o": None},
                       {"_id": "3", "a": None, "b": None, "c": True, "o": None}] and isinstance(got[1]["a"], int), "integers and floats stay what they are", got)
        got = call("PATCH", docs, {"data": [
            {"_id": "2", "patch": [{"op": "INCREMENT", "path": "/a", "value": 1}, {"op": "ADD", "path": "/o", "value": {"y": 2}}]},
            {"_id": "1", "patch": [{"op": "REMOVE", "path": "/b"}]}, {"_id": "none", "patch": []}]})
        report(statuses(got) == ["PATCHED", "PATCHED", "ERROR"], "patched", got)
        got = rows("select _id, a, b, o from docs.c where _id in ('1', '2') order by _id")
        report(got == [{"_id": "1", "a": 1.5, "b": None, "o": None}, {"_id": "2", "a": 3, "b": None, "o": {"y": 2}}],
               "with what was not patched as it was", got)
        call("POST", docs, {"data": [{"_id": "3", "a": "text"}]})
        got = rows("select _id, a from docs.c where _id in ('1', '3') order by _id")
        report(got == [{"_id": "1", "a": 1.5}, {"_id": "3", "a": "text"}], "a text among numbers leaves them numbers", got)
        got = statuses(call("DELETE", docs, {"data": [{"_id": "1"}, {"_id": "gone"}]}))
        report(got == ["DELETED", "DELETED"] and rows("select count(*) as n from docs.c") == [{"n": 3}], "deleted", got)
        many = [{"_id": "m%d" % i, "v": "quote ' " * 20, "i": i} for i in range(8000)]
        got = set(statuses(call("POST", docs, {"data": many})))
        report(got == {"ADDED"} and rows("select count(*) as n, sum(i) as s from docs.c") == [{"n": 8003, "s": 31996000}],
               "more documents than one statement holds", got)
        call("POST", "/ws/docs/aliases", {"name": "al", "collections": ["docs.c"]})
        call("POST", docs, {"data": [{"_id": "fresh", "newest": 1}]})
        got = rows("select _id, newest from docs.al where _id = 'fresh'")
        report(got == [{"_id": "fresh", "newest": 1}], "an alias shows a column that came later", got)
        names = [r[0] for r in c.query("show tables from docs") if r[0] != "al"]
        report(names == ["c"], "no stage is left", names)
    except urllib.error.HTTPError as e:
        report(False, "documents", e.read().decode())
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def slow_cluster(build, c):
    """rocksetd asks it for the keys before it reads a body: that is not the client's time."""
    os.environ.setdefault("ROCKSETD", os.path.join(build, "rocksetd"))
    from harness import Server
    with tempfile.TemporaryDirectory(prefix="rockset-trino-slow-") as folder, Proxy(c.port) as proxy:
        output = dict(outputs(c)["iceberg"], port=proxy.port)
        with open(os.path.join(folder, "profiles.yml"), "w") as f:
            json.dump({"rockset_ext": {"target": "iceberg", "outputs": {"iceberg": output}}}, f)
        with Server("--head-timeout", "1", place=("--profiles-dir", folder)) as server:
            proxy.late = 0.7
            time.sleep(2)  # what is known of the keys is old
            try:
                status = server.ask("POST", "/queries", {"sql": {"query": "select 1 as x"}}, timeout=120).status
            except OSError as e:
                status = repr(e)
            proxy.late = 0
            report(status == 200, "a request is answered, however slow the cluster is", status)


def run(build, c):
    c.empty()
    c.query("create schema if not exists commons")
    for test in (values, moments, replacing, cut_in_rename, interrupting, lost_answers, documents, slow_cluster, worker_dies):
        test(build, c)
    print("%d passed, %d failed" % (number - failed, failed))
    return failed > 0
