"""Writes that are disturbed: an engine that refuses, a busy COMMIT that is repeated or rolled back, a
file that another process holds, a process that is killed in the middle of a commit.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import signal
import sqlite3
import subprocess
import sys
import time

KILLED = """
import os, sqlite3, sys
db = sqlite3.connect("app.db", isolation_level=None)
db.enable_load_extension(True)
db.load_extension(os.environ["ROCKSET_EXT"])
db.execute("BEGIN")
db.execute("DELETE FROM v WHERE id <= 1000")
db.execute("WITH RECURSIVE c(i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM c WHERE i < 110000) "
           "INSERT INTO v SELECT i, 'new' FROM c")
print("committing", flush=True)
db.execute("COMMIT")
print("done", flush=True)
"""


def connect(timeout=0.1):
    db = sqlite3.connect("app.db", isolation_level=None, timeout=timeout)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    return db


def one(db, sql):
    return db.execute(sql).fetchone()[0]


def remote(db, sql="select count(*) from commons.t"):
    return db.execute("SELECT c1 FROM rockset_query(?)", (sql,)).fetchone()[0]


def error_of(db, sql):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        return str(e)
    return None


def engine_refuses(db):
    db.execute("SELECT rockset_exec('create table commons.c(id bigint, n integer check (n < 10))')")
    db.execute("CREATE VIRTUAL TABLE c USING rockset('commons.c', key='id')")
    db.execute("CREATE TABLE local(a)")
    db.execute("BEGIN")
    db.execute("INSERT INTO local VALUES (1)")
    db.execute("INSERT INTO v VALUES (900001, 'x')")
    db.execute("INSERT INTO c VALUES (1, 5), (2, 50)")
    text = error_of(db, "COMMIT")
    assert text and "CHECK" in text and text.startswith("table c:"), text
    assert not db.in_transaction, "a COMMIT that the engine refused left the transaction open"
    assert one(db, "SELECT count(*) FROM local") == 0, "SQLite committed what the engine refused"
    assert remote(db, "select count(*) from commons.c") == 0, "half of a transaction is there"
    assert remote(db, "select count(*) from commons.t where id > 900000") == 0
    db.execute("INSERT INTO c VALUES (1, 5)")
    assert remote(db, "select count(*) from commons.c") == 1, "the table is of no use afterwards"


def busy_commit(db):
    """A reader of SQLite's own file makes COMMIT busy, after the engine has committed."""
    reader = sqlite3.connect("app.db", isolation_level=None)
    for end, left in (("COMMIT", 1), ("ROLLBACK", 0)):
        db.execute("DELETE FROM local")
        before = remote(db)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM local").fetchall()
        db.execute("BEGIN")
        db.execute("INSERT INTO local VALUES (1)")
        db.execute(f"INSERT INTO v VALUES (80000{left}, 'busy')")
        for _ in range(2):
            text = error_of(db, "COMMIT")
            assert text and "locked" in text, f"COMMIT beside a reader: {text}"
        assert db.in_transaction
        reader.execute("COMMIT")
        db.execute(end)
        assert one(db, "SELECT count(*) FROM local") == left
        assert remote(db) == before + 1, "the row was sent twice, or taken back"
        told = one(db, "SELECT count(*) FROM rockset_log WHERE sql = 'ROLLBACK' AND error LIKE "
                       "'%1 change of commons.t%they stay there'")
        assert told == (end == "ROLLBACK"), "a rollback after the engine's commit said nothing"
    reader.close()


def killed(db):
    """Whenever it dies, all of its changes are there or none."""
    outcomes = set()
    before = remote(db, "select count(*) from commons.t")
    db.close()
    for delay in (0, 0.05, 0.15, 0.3):
        child = subprocess.Popen([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "committing\n"
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait()
        db = connect()
        n = remote(db)
        assert n in (before, before - 1000 + 100000), f"killed after {delay} s: {n} rows"
        outcomes.add(n == before)
        db.close()
        if n != before:
            break
    return connect()


def two_processes():
    """Each writes its own rows, in turns that nobody arranges."""
    code = KILLED.split('db.execute("BEGIN")')[0] + """
first = int(sys.argv[1])
for i in range(10):
    for attempt in range(300):
        try:
            db.execute("INSERT INTO v VALUES (?, 'p')", (first + i,))
            break
        except sqlite3.OperationalError as e:
            if "lock" not in str(e):
                raise
"""
    children = [subprocess.Popen([sys.executable, "-c", code, str(first)], stderr=subprocess.PIPE,
                                 text=True) for first in (500000, 600000)]
    for child in children:
        _, err = child.communicate(timeout=100)
        assert child.returncode == 0, err


def main():
    db = connect()
    db.execute("SELECT rockset_exec('create schema commons')")
    db.execute("SELECT rockset_exec('create table commons.t as select range as id, ''old'' as s from "
               "range(1, 10001)')")
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t', key='id')")
    engine_refuses(db)
    busy_commit(db)
    before = remote(db)
    db.close()
    two_processes()
    db = connect()
    assert remote(db) == before + 20, "rows of two processes are missing"
    assert remote(db, "select count(distinct id) from commons.t") == before + 20
    killed(db)


main()
