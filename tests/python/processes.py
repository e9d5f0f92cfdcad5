"""Two processes on one DuckDB file: readers share it, a writer is waited for, an idle file is released,
and an error about a locked file names who holds it.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import json
import os
import sqlite3
import subprocess
import sys
import time

HOLDER = """
import os, sqlite3, sys, time
db = sqlite3.connect("app.db", isolation_level=None)
db.enable_load_extension(True)
db.load_extension(os.environ["ROCKSET_EXT"])
mode, seconds = sys.argv[1], float(sys.argv[2])
if mode == "read":
    db.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.t USING rockset('commons.t')")
    rows = db.execute("SELECT x FROM temp.t")
    rows.fetchone()
else:
    db.execute("SELECT rockset_exec('insert into commons.t values (-1)')")
print("holding", flush=True)
time.sleep(seconds)
"""


def connect(name="other.db", **fields):
    db = sqlite3.connect(name, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    profile = {"type": "duckdb", "path": os.path.abspath("app.db.duckdb"), **fields}
    db.execute("SELECT rockset_profile(NULL, NULL, ?)", (json.dumps(profile),))
    return db


def holder(mode, seconds):
    child = subprocess.Popen([sys.executable, "-c", HOLDER, mode, str(seconds)],
                             stdout=subprocess.PIPE, text=True)
    line = child.stdout.readline()
    assert line == "holding\n", f"the holder said {line!r}"
    return child


def rows(db, sql="select count(*) from commons.t"):
    return db.execute("SELECT c1 FROM rockset_query(?)", (sql,)).fetchone()[0]


def error_of(db, sql):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        return str(e)
    return None


def main():
    db = connect("app.db")
    db.execute("SELECT rockset_exec('create schema commons')")
    db.execute("SELECT rockset_exec('create table commons.t as select range as x from range(3000000)')")
    db.close()

    child = holder("read", 4)
    db = connect()
    assert rows(db) == 3000000, "a second reader was refused"
    # A writer can't get in while the other process reads
    impatient = connect("third.db", lock_timeout=0.3)
    started = time.monotonic()
    text = error_of(impatient, "SELECT rockset_exec('insert into commons.t values (1)')")
    assert text is not None, "a write went through although another process reads the file"
    assert str(child.pid) in text, f"the error does not name process {child.pid}: {text}"
    assert "lock_timeout" in text and "rocksetd" in text, f"the error names no way out: {text}"
    assert time.monotonic() - started < 3, "lock_timeout 0.3 s was not kept"
    impatient.close()
    # A patient one waits until the reader has gone
    text = error_of(db, "SELECT rockset_exec('insert into commons.t values (1)')")
    assert text is None, f"a write did not wait for the reader: {text}"
    child.wait()
    assert rows(db) == 3000001

    # The writer above is idle now: after idle_close its file is free for another process
    child = holder("write", 3)
    assert child.poll() is None
    # which in turn lets go of it although it lives on
    started = time.monotonic()
    assert rows(db) == 3000002, "the other process's row is missing"
    assert time.monotonic() - started < 2.5, "the file was not released when idle"
    child.wait()
    db.close()
    print("ok")


main()
