"""sqlite.<table> on another target than the embedded one: models, types, what is sent again, what is refused, what a
killed program leaves. Runs in an empty folder with ROCKSET_EXT and OUTPUT (changing.py); prints what is wrong.
"""
import json
import os
import signal
import sqlite3
import subprocess
import sys

OUTPUT = json.loads(os.environ["OUTPUT"])
CHILD = """
import json, os, sqlite3, sys, time
sys.path.insert(0, %r)
import local_cases
db = local_cases.connect()
db.execute("SELECT * FROM rockset_query('SELECT count(*) FROM sqlite.orders')").fetchall()
print("there", flush=True)
time.sleep(60)
""" % os.path.dirname(os.path.abspath(__file__))


def connect(path="x.db"):
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    db.execute("SELECT rockset_profile('t', 'p', ?)", [json.dumps({"p": {"target": "t", "outputs": {"t": OUTPUT}}})])
    return db


def ask(db, sql, columns=1):
    got = ", ".join("c%d" % (i + 1) for i in range(columns))
    return db.execute("SELECT %s FROM rockset_query(?)" % got, [sql]).fetchall()


def is_refused(db, sql, *parts):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        missing = [p for p in parts if p not in str(e)]
        assert not missing, (missing, str(e))
        return
    raise AssertionError("not refused: " + sql)


def sendings(db):
    return [n for (n,) in db.execute("SELECT rows FROM rockset_log WHERE sql LIKE 'ingest into sqlite%' ORDER BY rowid").fetchall()]


def workspaces(db):
    return sorted(n for (n,) in db.execute("SELECT name FROM rockset_workspaces").fetchall() if n.startswith("sqlite"))


def test_models(db):
    """A table and an incremental one read them, also as a source; a view can't; a run sees what is committed."""
    db.execute("SELECT rockset_init()")
    db.execute("INSERT INTO rockset_sources(source, name, local_table) VALUES ('app', 'sales', 'orders')")
    db.executemany("INSERT INTO rockset_models(name, materialized, sql) VALUES (?, ?, ?)", [
        ("l_daily", "table", "select region, sum(amount) as amount from {{ source('sqlite', 'orders') }} group by region"),
        ("l_rows", "incremental", "select id, region from sqlite.orders {% if is_incremental() %}"
                                  "where id > (select max(id) from {{ this }}){% endif %}"),
        ("l_source", "table", "select count(*) as n from {{ source('app', 'sales') }}"),
        ("l_seen", "view", "select * from sqlite.orders")])
    rows = dict(db.execute("SELECT node, status FROM rockset_run('l_daily l_rows l_source l_seen', '{\"raise\":false}')").fetchall())
    assert rows == {"l_daily": "success", "l_rows": "success", "l_source": "success", "l_seen": "error"}, rows
    assert ask(db, "select n from commons.l_source") == [(3,)]
    assert ask(db, "select region, amount from commons.l_daily order by region", 2) == [("north", 15.0), ("south", 20.0)]
    db.execute("INSERT INTO orders VALUES (4, 'west', 1)")
    db.execute("SELECT count(*) FROM rockset_run('l_rows')").fetchall()
    assert ask(db, "select id from commons.l_rows order by id") == [(1,), (2,), (3,), (4,)]
    db.execute("CREATE VIRTUAL TABLE v USING rockset(query='select region, count(*) as n from sqlite.orders group by region')")
    assert db.execute("SELECT n FROM v WHERE region = 'north'").fetchall() == [(2,)]
    db.execute("DROP TABLE v")


def test_uncommitted(db):
    db.execute("BEGIN")
    db.execute("INSERT INTO orders VALUES (9, 'east', 2)")
    assert ask(db, "select count(*) from sqlite.orders") == [(5,)]
    db.execute("ROLLBACK")
    assert ask(db, "select count(*) from sqlite.orders") == [(4,)]


def test_sent_again(db):
    """Nothing for an unchanged table, the new rows for one that grew."""
    sql = "select count(*), sum(amount) from sqlite.orders"
    ask(db, sql, 2)
    before = len(sendings(db))
    ask(db, sql, 2)
    assert len(sendings(db)) == before, sendings(db)
    db.execute("INSERT INTO orders VALUES (5, 'west', 3), (6, 'west', 4)")
    assert ask(db, sql, 2) == [(6, 43.0)], ask(db, sql, 2)
    assert sendings(db)[before:] == [2], sendings(db)
    db.execute("UPDATE orders SET amount = 5 WHERE id = 6")
    assert ask(db, sql, 2) == [(6, 44.0)]
    assert sendings(db)[before:] == [2, 6], sendings(db)


def test_types(db):
    db.execute("CREATE TABLE kinds(i INTEGER, r REAL, t TEXT, b BLOB, ok BOOLEAN, none TEXT)")
    db.execute("INSERT INTO kinds VALUES (9223372036854775807, -0.5, 'grün ''x''', x'00ff', 1, NULL), (NULL, 1e300, '', x'', 0, NULL)")
    got = ask(db, "select i, r, t, b, none from sqlite.kinds order by r", 5)
    assert got == [(9223372036854775807, -0.5, "grün 'x'", b"\x00\xff", None), (None, 1e300, "", b"", None)], got
    assert ask(db, "select count(*) from sqlite.kinds where ok") == [(1,)]
    db.execute("CREATE TABLE bad(t TEXT)")
    db.execute("INSERT INTO bad VALUES (CAST(x'ff' AS TEXT))")
    is_refused(db, "SELECT * FROM rockset_query('select t from sqlite.bad')", "'t'", "UTF-8")


def test_refused(db):
    """Too large a table; none of that name; a statement that writes. Nothing is left of them."""
    before = workspaces(db)
    db.execute("CREATE TABLE large(x TEXT)")
    db.execute("INSERT INTO large VALUES (replace(hex(zeroblob(5000)), '0', 'x'))")
    (budget,) = db.execute("SELECT rockset_cache_memory(1000)").fetchone()
    is_refused(db, "SELECT * FROM rockset_query('select x from sqlite.large')", "local table 'large'", "target 't'", "rockset_push")
    db.execute("SELECT rockset_cache_memory(64000000)")
    assert ask(db, "select length(x) from sqlite.large") == [(10000,)]
    is_refused(db, "SELECT * FROM rockset_query('select * from sqlite.ordres')", "ordres", "orders")
    is_refused(db, "SELECT rockset_exec('delete from sqlite.orders')", "sqlite.orders")
    assert len(workspaces(db)) <= len(before) + 1, (before, workspaces(db))
    assert budget


def test_killed(db):
    """What a killed program leaves has the name that the page says, and is in nobody's way."""
    before = workspaces(db)
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    left = set(workspaces(db)) - set(before)
    assert len(left) == 1 and all(n.split("_")[1].isdigit() and len(n.split("_")[2]) == 8 for n in left), left
    assert ask(db, "select count(*) from sqlite.orders") == [(6,)]
    for name in left:
        db.execute("SELECT rockset_drop_workspace(?, 1)", [name]).fetchall()
    assert not left & set(workspaces(db)), workspaces(db)


def main():
    bad = 0
    db = connect()
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE orders(id INTEGER PRIMARY KEY, region TEXT, amount REAL)")
    db.execute("INSERT INTO orders VALUES (1, 'north', 10.5), (2, 'south', 20), (3, 'north', 4.5)")
    for test in (test_models, test_uncommitted, test_sent_again, test_types, test_refused, test_killed):
        try:
            test(db)
        except (AssertionError, sqlite3.Error) as e:
            bad += 1
            print("not ok - sqlite.<table>: %s: %s: %s" % (test.__name__, type(e).__name__, e))
    db.close()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
