"""An interrupt ends whatever waits for the engine within a second, and the engine stops working: scans, joins, copies
into local tables, queries, INSERT ... SELECT, COMMIT, materializations, runs; on DuckDB and on rocksetd, which is
started for it. By sqlite3_interrupt() from another thread, and by Ctrl-C in the shell.

tests/run gives ROCKSET_EXT (the extension's path; rocksetd is looked for beside it); the current folder is empty.
"""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.request

SQLITE_INTERRUPT = 9
LIMIT = 1.0  # seconds from the interrupt to the error
ROCKSETD = os.path.join(os.path.dirname(os.environ["ROCKSET_EXT"]), "rocksetd")
KEY = "interrupt-admin-key-0123456789"
MODELS = "INSERT INTO rockset_models(name, materialized, sql) VALUES (?, 'table', ?), (?, 'view', ?)"
LOCAL = "WITH RECURSIVE n(k) AS (VALUES(1) UNION ALL SELECT k + 1 FROM n WHERE k < {}) SELECT k, 'name' || k FROM n"


def connect(name):
    db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    return db


class DuckDB:
    # keeps the engine busy for minutes before the first row
    slow = "select count(*) as n from range(1000000000) a, range(1000) b where hash(a.range, b.range) = 1"
    # gives rows for minutes
    many = "select range as k, 'x' || range as t from range(100000000000)"
    # keeps it busy for every :k
    keyed = "select count(*) as n from range(1000000000) a, range(1000) b where hash(a.range, b.range) = cast(:k as bigint)"
    exec = "create table commons.x as " + slow

    def table(self, db):
        db.execute("SELECT rockset_exec('create table commons.target(k bigint primary key, t varchar)')").fetchall()

    def busy(self):
        before = sum(os.times()[:2])
        time.sleep(0.4)
        return sum(os.times()[:2]) - before >= 0.2


class Rocksetd:
    slow = "select count(*) as n from generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    many = "select i as k, 'x' as t from generate_series(1, 500000000) t(i)"
    keyed = "select count(*) as n from generate_series(1, 1000000) a(i), generate_series(1, 1000000) b where a.i <> :k"
    exec = "insert into commons.target " + slow

    def __init__(self):
        self.process = subprocess.Popen([ROCKSETD, "--database", os.path.abspath("i.duckdb"), "--listen", "127.0.0.1:0",
                                         "--quiet"], env=dict(os.environ, ROCKSETD_ADMIN_KEY=KEY), text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.url = self.process.stdout.readline().split()[-1]

    def choose(self, db):
        profile = {"p": {"target": "d", "outputs": {"d": {"type": "rockset", "api_key": KEY, "api_server": self.url,
                                                          "workspace": "commons"}}}}
        db.execute("SELECT rockset_profile('d', 'p', ?)", (json.dumps(profile),)).fetchall()

    def table(self, db):
        with open("target.json", "w", encoding="utf-8") as f:
            f.write('{"_id": "0", "k": 0, "t": "x"}\n')
        db.execute("SELECT rockset_load('commons.target', 'target.json')").fetchall()

    def busy(self):
        """Does the service work on a query still?"""
        request = urllib.request.Request(self.url + "/v1/orgs/self/queries", headers={"Authorization": "ApiKey " + KEY})
        until = time.monotonic() + 10
        while time.monotonic() < until:
            if not json.load(urllib.request.urlopen(request, timeout=30))["data"]:
                return False
            time.sleep(0.1)
        return True

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def interrupted(db, target, what, sql, *args, after=0.4, may_end=False):
    what = f"{type(target).__name__}: {what}"
    at = []

    def stop():
        at.append(time.monotonic())
        db.interrupt()

    timer = threading.Timer(after, stop)
    timer.start()
    try:
        for _ in db.execute(sql, args):  # not kept: some give rows without end
            pass
    except sqlite3.OperationalError as e:
        # sqlite_errorcode: since Python 3.11
        assert getattr(e, "sqlite_errorcode", SQLITE_INTERRUPT) == SQLITE_INTERRUPT, f"{what}: {e}"
    else:
        timer.cancel()
        assert may_end, f"{what}: was not interrupted"
        timer.join()
    took = time.monotonic() - at[0] if at else 0
    assert took < LIMIT, f"{what}: ended {took:.2f} s after the interrupt"
    assert not target.busy(), f"{what}: the engine goes on working"
    # and the connection can be used as before
    assert db.execute("SELECT row FROM rockset_query('select 42 as n')").fetchall() == [('{"n":42}',)], what
    print(f"# {what}: {took:.2f} s", flush=True)


def scans(db, target):
    for name in ("many", "keyed"):
        db.execute(f"CREATE VIRTUAL TABLE {name} USING rockset(query='{getattr(target, name)}')".replace("'x'", "''x''"))
    db.execute("CREATE TABLE keys(k INTEGER)")
    db.executemany("INSERT INTO keys VALUES(?)", [(-k,) for k in range(1, 9)])
    interrupted(db, target, "a query", "SELECT * FROM rockset_query(?)", target.slow)
    interrupted(db, target, "a query's rows", "SELECT * FROM rockset_query(?)", target.many)
    interrupted(db, target, "a scan", "SELECT * FROM keyed(1)")
    interrupted(db, target, "a scan's rows", "SELECT * FROM many")
    interrupted(db, target, "a filter of them", "SELECT k FROM many WHERE k % 2 = 3")
    interrupted(db, target, "a join's lookup", "SELECT * FROM keys JOIN keyed ON keyed.k = keys.k")
    interrupted(db, target, "a join's scan", "SELECT count(*) FROM keys JOIN many ON many.k < keys.k")
    interrupted(db, target, "a copy", "CREATE TABLE copy AS SELECT * FROM many")
    interrupted(db, target, "INSERT of a scan", "INSERT INTO keys SELECT k FROM many")
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'copy'").fetchone() == (0,)
    assert db.execute("SELECT count(*) FROM keys").fetchone() == (8,), "an interrupted INSERT left rows"


def writes(db, target):
    target.table(db)
    db.execute("CREATE VIRTUAL TABLE target USING rockset('commons.target')")
    rows = db.execute("SELECT count(*) FROM target").fetchone()[0]
    interrupted(db, target, "INSERT ... SELECT", "INSERT INTO target(k, t) " + LOCAL.format(10**9))
    interrupted(db, target, "INSERT of a remote scan", "INSERT INTO target(k, t) SELECT k, t FROM many")
    assert db.execute("SELECT count(*) FROM target").fetchone()[0] == rows, "an interrupted INSERT left rows"
    db.execute("BEGIN")
    db.execute("INSERT INTO target(k, t) " + LOCAL.format(300000))
    interrupted(db, target, "COMMIT", "COMMIT", after=0.2, may_end=True)
    if db.in_transaction:
        db.execute("ROLLBACK")


def runs(db, target):
    db.execute("SELECT rockset_init()").fetchall()
    db.execute(MODELS, ("heavy", target.slow, "after", "select * from {{ ref('heavy') }}"))
    interrupted(db, target, "exec", "SELECT rockset_exec(?)", target.exec)
    interrupted(db, target, "materialize", "SELECT rockset_materialize('heavy')")
    interrupted(db, target, "a run", "SELECT * FROM rockset_run('*')")
    states = db.execute("SELECT node, status FROM rockset_results ORDER BY rowid DESC LIMIT 2").fetchall()
    assert ("after", "skipped") in states, f"what an interrupt left undone is not recorded: {states}"
    left = [r[0] for r in db.execute("SELECT name FROM rockset_collections WHERE workspace = 'commons'")
            if r[0][0] != "_"]  # rocksetd's own
    assert left in ([], ["target"]), f"interrupted statements left {left}"


def control_c():
    shell = subprocess.Popen(["sqlite3", "-batch", "-cmd", f".load {os.environ['ROCKSET_EXT']}", ":memory:"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, start_new_session=True)
    shell.stdin.write(".print started\n" f"SELECT * FROM rockset_query('{DuckDB.slow}');\n")
    shell.stdin.flush()
    time.sleep(1.5)
    # tests/run puts a wrapper in front of the shell: the whole group gets it, as from a terminal
    os.killpg(shell.pid, signal.SIGINT)
    started = time.monotonic()
    out, _ = shell.communicate(timeout=30)
    took = time.monotonic() - started
    assert "interrupt" in out, f"Ctrl-C: the shell said {out!r}"
    assert took < 2 * LIMIT, f"Ctrl-C: the shell ended {took:.2f} s after it"


def main():
    db = connect("app.db")
    db.execute("SELECT rockset_create_workspace('commons')").fetchall()
    target = DuckDB()
    for part in (scans, writes, runs):
        part(db, target)
    db.close()
    if os.path.exists(ROCKSETD):
        target = Rocksetd()
        try:
            with contextlib.closing(connect("remote.db")) as db:
                target.choose(db)
                for part in (scans, writes, runs):
                    part(db, target)
        finally:
            target.stop()
    control_c()
    print("ok")


main()
