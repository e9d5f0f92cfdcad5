"""An interrupt ends a scan, a query inside the engine and a run of models within a second, and the engine
stops working: sqlite3_interrupt() from another thread, and Ctrl-C in the shell.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import signal
import sqlite3
import subprocess
import threading
import time

# A statement that keeps DuckDB busy for minutes before its first row
SLOW = "select count(*) from range(1000000000) a, range(1000) b where hash(a.range, b.range) = 1"
SQLITE_INTERRUPT = 9
LIMIT = 1.0  # seconds from the interrupt to the error


def connect(name):
    db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    return db


def cpu():
    times = os.times()
    return times.user + times.system


def interrupted(db, what, sql, *args):
    at = []

    def stop():
        at.append(time.monotonic())
        db.interrupt()

    timer = threading.Timer(0.7, stop)
    timer.start()
    try:
        db.execute(sql, args).fetchall()
    except sqlite3.OperationalError as e:
        # sqlite_errorcode: since Python 3.11
        assert getattr(e, "sqlite_errorcode", SQLITE_INTERRUPT) == SQLITE_INTERRUPT, f"{what}: {e}"
    else:
        raise AssertionError(f"{what}: was not interrupted")
    took = time.monotonic() - at[0]
    assert took < LIMIT, f"{what}: ended {took:.2f} s after the interrupt"
    before = cpu()
    time.sleep(0.4)
    assert cpu() - before < 0.2, f"{what}: the engine goes on working"
    # and the connection can be used as before
    assert db.execute("SELECT c1 FROM rockset_query('select 42')").fetchall() == [(42,)], what


def control_c():
    shell = subprocess.Popen(["sqlite3", "-batch", "-cmd", f".load {os.environ['ROCKSET_EXT']}", ":memory:"],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, start_new_session=True)
    shell.stdin.write(".print started\n" f"SELECT * FROM rockset_query('{SLOW}');\n")
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
    db.execute("SELECT rockset_init()")
    db.execute("SELECT rockset_exec('create schema commons')")
    db.execute(f"SELECT rockset_exec('create view commons.slow as {SLOW}')")
    db.execute("CREATE VIRTUAL TABLE slow USING rockset('commons.slow')")
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES (?, 'table', ?), (?, 'view', ?)",
               ("heavy", SLOW, "after", "select * from {{ ref('heavy') }}"))
    interrupted(db, "a query", "SELECT * FROM rockset_query(?)", SLOW)
    interrupted(db, "a scan", "SELECT * FROM slow")
    interrupted(db, "exec", "SELECT rockset_exec(?)", f"create table commons.x as {SLOW}")
    interrupted(db, "materialize", "SELECT rockset_materialize('heavy')")
    interrupted(db, "a run", "SELECT * FROM rockset_run('*')")
    states = db.execute("SELECT node, status FROM rockset_results ORDER BY rowid DESC LIMIT 2").fetchall()
    assert ("after", "skipped") in states, f"what an interrupt left undone is not recorded: {states}"
    left = db.execute("SELECT name FROM rockset_collections WHERE workspace = 'commons'").fetchall()
    assert left == [], f"interrupted statements left {left}"
    db.close()
    control_c()
    print("ok")


main()
