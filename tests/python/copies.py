"""Local copies both ways, on DuckDB and through rocksetd: what fails in the middle, interrupts, a table that a
file locks, a million rows in bounded memory, a crafted database.

tests/run gives ROCKSET_EXT (the extension's path; rocksetd is looked for beside it), DUCKDB_LIBRARY; the current
folder is empty.
"""
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time

BUILD = os.path.dirname(os.environ["ROCKSET_EXT"])
ROCKSETD = os.path.join(BUILD, "rocksetd")
KEY = "key-of-the-test-1234"
os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(BUILD, "deps", "duckdb", "libduckdb.so"))
ROWS = 1000000
number = 0


def report(good, what):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)


def connect(name=":memory:", **output):
    db = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=0.2)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    if output:
        profile = {"p": {"target": "dev", "outputs": {"dev": output}}}
        db.execute("SELECT rockset_profile('dev', 'p', ?)", (json.dumps(profile),)).fetchall()
    return db


def one(db, sql, *args):
    return db.execute(sql, args).fetchone()[0]


def push(db, source, to, **options):
    return json.loads(one(db, "SELECT rockset_push(?, ?, ?)", source, to, json.dumps(options)))


def pull(db, source, to, **options):
    return json.loads(one(db, "SELECT rockset_pull(?, ?, ?)", source, to, json.dumps(options)))


def error_of(run, *args, **options):
    try:
        run(*args, **options)
    except sqlite3.Error as e:
        return str(e)
    return None


def make_rows(db, n, table="t"):
    db.execute(f"CREATE TABLE {table}(id INTEGER PRIMARY KEY, a TEXT, r REAL, at TEXT)")
    db.execute(f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {n}) INSERT INTO {table} "
               "SELECT i, 'a text of row ' || i, i * 0.5, printf('%06d', i / 100) FROM c")


def both_ways(db, what):
    """The same rows come back, then only what changed."""
    db.execute("SELECT rockset_init()")
    db.execute("CREATE TABLE o(id INTEGER PRIMARY KEY, name TEXT, amount REAL, j JSON, mix, at TEXT)")
    db.execute("""INSERT INTO o VALUES (1, 'ä', 1.5, '{"a":[1]}', 1, '2026-01-01'), (2, '', -2, NULL, 'x', '2026-01-02'),
                  (3, NULL, NULL, '[]', 2.5, '2026-01-02'), (4, 'd', 1e300, NULL, NULL, NULL)""")
    done = push(db, "o", "commons.o", key="id", cursor="at")
    report(done["inserted"] == 4 and done["updated"] == 0, f"{what}: four rows are sent ({done})")
    db.execute("UPDATE o SET name = 'changed', at = '2026-01-03' WHERE id = 1")
    db.execute("INSERT INTO o(id, name, at) VALUES (5, 'tie', '2026-01-02')")
    done = push(db, "o", "commons.o", key="id", cursor="at")
    report((done["inserted"], done["updated"]) == (1, 4), f"{what}: then what changed, ties too ({done})")
    done = pull(db, "commons.o", "copy")
    report(done["inserted"] == 5, f"{what}: five rows come back ({done})")
    names = "id, name, amount, j, mix, at"
    same = [db.execute(f"SELECT {names} FROM {t} ORDER BY id").fetchall() for t in ("o", "copy")]
    report(same[0] == same[1], f"{what}: the same values {same if same[0] != same[1] else ''}")
    for row in (2, 3):
        db.execute("UPDATE o SET name = 'again' WHERE id = ?", (row,))
        push(db, f"SELECT * FROM o WHERE id = {row}", "commons.o", key="id")
        done = pull(db, "commons.o", "copy")
    report(done["mode"] == "changes" and done["rows"] == 2 and
           one(db, "SELECT count(*) FROM copy WHERE name = 'again'") == 2, f"{what}: then what changed ({done})")
    push(db, "SELECT * FROM o WHERE id < 4", "commons.o", key="id", mode="replace")
    done = pull(db, "commons.o", "copy", mode="full")
    report((done["deleted"], one(db, "SELECT count(*) FROM copy")) == (2, 3), f"{what}: deletes by mode full ({done})")
    text = error_of(push, db, "SELECT id, at, abs(-9223372036854775807 - (id > 2)) AS x FROM o", "commons.o", key="id")
    report(text is not None and "overflow" in text and
           one(db, "SELECT c1 FROM rockset_query('select count(*) from commons.o')") == 3,
           f"{what}: a query that fails changes nothing ({text})")


def failures():
    db = connect("app.db")
    db.execute("SELECT rockset_init()")
    make_rows(db, 300000)
    push(db, "t", "commons.t", key="id")
    # the local database is full in the middle
    pages = one(db, "PRAGMA page_count")
    db.execute(f"PRAGMA max_page_count = {pages + 100}")
    text = error_of(pull, db, "commons.t", "full_disk")
    db.execute("PRAGMA max_page_count = 1000000000")
    report(text is not None and "full" in text and not db.in_transaction and
           one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'full_disk'") == 0, f"disk full: nothing stays ({text})")
    # somebody else writes to it
    other = sqlite3.connect("app.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    text = error_of(pull, db, "commons.t", "locked")
    report(text is not None and "locked" in text and not db.in_transaction, f"locked: {text}")
    text = error_of(push, db, "t", "commons.t2", key="id", cursor="at")
    report(text is not None and "300000 rows were sent" in text, f"locked: the place is not kept ({text})")
    other.execute("ROLLBACK")
    # an interrupt ends it at once and leaves nothing
    for what, run in (("pull", lambda: pull(db, "commons.t", "cut")),
                      ("pull in a transaction", lambda: pull(db, "commons.t", "cut")),
                      ("push", lambda: push(db, "t", "commons.cut", key="id")),
                      ("push while it is sent", lambda: push(db, "SELECT * FROM t", "commons.cut"))):
        if "transaction" in what:
            db.execute("BEGIN")
        timer = threading.Timer(0.15 if "sent" not in what else 0.2, db.interrupt)
        began = time.time()
        timer.start()
        text = error_of(run)
        took = time.time() - began
        timer.join()
        # SQLite ends a transaction only if the interrupt hits a statement that writes
        gone = one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'cut'") == 0 and "cut" not in str(
            db.execute("SELECT name FROM rockset_collections").fetchall())
        if db.in_transaction:
            db.execute("ROLLBACK")
        # a fast machine may be done before it, or be in the engine's COMMIT: then SQLite says so, not we
        done = text in (None, "interrupted")
        report(took < 3 and (done or ("interrupted" in text and gone)),
               f"{what}: interrupted after {took:.2f} s ({text})")
        if text is None:
            db.execute("DROP TABLE IF EXISTS cut")
            db.execute("SELECT rockset_drop_collection('commons.cut') FROM rockset_collections WHERE name = 'cut'")
    # batches: what was committed is not fetched again
    timer = threading.Timer(0.4, db.interrupt)
    timer.start()
    text = error_of(pull, db, "select * exclude (_id, _event_time) from commons.t", "slow", key="id", cursor="at", batch=5000)
    timer.join()
    had = one(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'slow'") and one(db, "SELECT count(*) FROM slow")
    done = pull(db, "select * exclude (_id, _event_time) from commons.t", "slow", key="id", cursor="at", batch=5000)
    report(one(db, "SELECT count(*) FROM slow") == 300000 and had % 5000 == 0 and
           done["rows"] <= 300000 - had + 200, f"batches: {had} rows were kept, then {done['rows']} came ({text})")
    db.close()


MEMORY = """
import json, os, resource, sys
sys.path.insert(0, sys.argv[1])
import copies
db = copies.connect("memory.db", type="duckdb", path="memory.duckdb", threads=1,
                    settings={"memory_limit": "100MB", "threads": 1, "preserve_insertion_order": False})
db.execute("SELECT rockset_init()")
copies.make_rows(db, copies.ROWS)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
done = copies.push(db, "t", "commons.t", key="id")
pushed = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
back = copies.pull(db, "select * exclude (_id, _event_time) from commons.t", "back", key="id")
pulled = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
same = copies.one(db, "SELECT count(*) FROM (SELECT * FROM t EXCEPT SELECT * FROM back)") == 0
print(json.dumps({"rows": [done["rows"], back["inserted"]], "same": same, "mb": [before >> 10, pushed >> 10, pulled >> 10]}))
"""


def memory():
    here = os.path.dirname(os.path.abspath(__file__))
    run = subprocess.run([sys.executable, "-c", MEMORY, here], capture_output=True, text=True, timeout=300)
    if run.returncode != 0:
        report(False, f"a million rows: {run.stderr[-600:]}")
        return
    got = json.loads(run.stdout)
    report(got["rows"] == [ROWS, ROWS] and got["same"], f"a million rows go and come back ({got})")
    # DuckDB's own 100 MB, its code, our queue of 16 MB and its index of keys
    report(got["mb"][1] < 400 and got["mb"][2] < 400, f"in bounded memory: {got['mb']} MB")


def crafted(config):
    """A file of somebody else's: its local_table must not leave for a target that this session did not choose."""
    if os.path.exists("crafted.db"):
        os.remove("crafted.db")
    db = connect("crafted.db")
    db.execute("SELECT rockset_init()")
    db.execute("CREATE TABLE secrets(a)")
    db.execute("INSERT INTO secrets VALUES ('mine')")
    db.execute("INSERT INTO rockset_sources(source, name, local_table, config) VALUES ('s', 'loot', 'secrets', ?)", (config,))
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES ('m', 'table', 'select * from {{ source(\"s\", \"loot\") }}')")
    db.close()
    os.makedirs(".dbt", exist_ok=True)
    with open(".dbt/profiles.yml", "w") as f:
        f.write("rockset_ext:\n  target: dev\n  outputs:\n    dev:\n      type: rockset\n      api_key: k\n"
                "      api_server: http://127.0.0.1:1\n")
    os.environ["HOME"] = os.getcwd()
    db = connect("crafted.db")
    for sql in ("SELECT rockset_run('*')", "SELECT rockset_build('m')", "SELECT rockset_materialize('m')",
                "SELECT * FROM rockset_run('*')"):
        text = error_of(lambda: db.execute(sql).fetchall())
        report(text is not None and "rockset_profile" in text and "127.0.0.1" not in text, f"crafted: {sql}: {text}")
    report(one(db, "SELECT count(*) FROM rockset_log") == 0, "crafted: nothing was sent")
    db.execute("CREATE VIEW v AS SELECT rockset_push('secrets', 'a.b'), rockset_pull('a.b', 'c')")
    db.execute("CREATE TRIGGER tr AFTER INSERT ON secrets BEGIN SELECT rockset_push('secrets', 'a.b'); END")
    for sql in ("SELECT * FROM v", "INSERT INTO secrets VALUES (2)"):
        text = error_of(lambda: db.execute(sql).fetchall())
        report(text is not None and "unsafe use" in text, f"crafted: {sql}: {text}")
    db.close()
    os.remove(".dbt/profiles.yml")


def through_rocksetd():
    if not os.path.exists(ROCKSETD):
        report(True, "rocksetd # SKIP not built")
        return
    env = dict(os.environ, ROCKSETD_ADMIN_KEY=KEY)
    server = subprocess.Popen([ROCKSETD, "--database", "served.duckdb", "--listen", "127.0.0.1:0", "--quiet"], env=env,
                              stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        db = connect(type="rockset", api_key=KEY, api_server=url, workspace="commons")
        both_ways(db, "rocksetd")
        make_rows(db, 30000)
        push(db, "t", "commons.t", key="id")
        server.kill()
        server.wait()
        text = error_of(push, db, "t", "commons.t", key="id", cursor="at")
        report(text is not None, f"rocksetd is gone: {text}")
        report(one(db, "SELECT count(*) FROM rockset_copies WHERE remote = 'commons.t'") == 0, "no place is kept then")
        db.execute("CREATE TABLE kept(_id TEXT PRIMARY KEY, a)")
        text = error_of(pull, db, "commons.t", "copy2")
        report(text is not None and not db.in_transaction, f"nor can be pulled: {text}")
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def main():
    both_ways(connect(), "duckdb")
    failures()
    crafted('{"push":{}}')
    crafted(None)
    through_rocksetd()
    memory()


if __name__ == "__main__":
    main()
