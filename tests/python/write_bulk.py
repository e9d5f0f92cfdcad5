"""Rows of an INSERT that go to DuckDB before COMMIT are in nobody's way: not in that of another process or connection
that wants the file or the relation, of a scan of the same file, of an interrupt, of a connection that is closed in the
middle. And nothing is lost when they have to be taken back.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import sqlite3
import subprocess
import sys
import threading
import time

ROWS = 100_000
LOCAL = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {} - 1) SELECT i, 'name ' || i AS name FROM n"
INSERT = "INSERT INTO t SELECT * FROM temp.source"
OTHER = """
import os, sqlite3
db = sqlite3.connect("app.db", isolation_level=None)
db.enable_load_extension(True)
db.load_extension(os.environ["ROCKSET_EXT"])
db.execute("SELECT rockset_exec('insert into commons.t values (-1, NULL)')").fetchall()
"""


def connect(name="app.db"):
    db = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    db.execute(f"CREATE TEMP TABLE source AS {LOCAL.format(ROWS)}")
    return db


def connect_other():
    """Another database with the same DuckDB file."""
    db = connect("other.db")
    db.execute("SELECT rockset_profile(NULL, NULL, ?)",
               ('{"type": "duckdb", "path": "%s"}' % os.path.abspath("app.db.duckdb"),)).fetchall()
    return db


def one(db, sql):
    return db.execute(sql).fetchone()[0]


def ingestions(db):
    """Those since the last call: how many, and how many of them were given up."""
    db.execute("CREATE TEMP TABLE IF NOT EXISTS seen(id)")
    last = one(db, "SELECT coalesce(max(id), 0) FROM seen")
    all = db.execute("SELECT id, error FROM rockset_log WHERE sql LIKE 'ingest into%' AND id > ?", (last,)).fetchall()
    db.executemany("INSERT INTO seen VALUES (?)", [(id,) for id, _ in all])
    return len(all), sum(error is not None for _, error in all)


def holds(db, rows):
    assert one(db, "SELECT count(*) FROM t") == rows, "rows are there that should not be, or are missing"


def timed(limit, work):
    started = time.monotonic()
    result = work()
    took = time.monotonic() - started
    assert took < limit, f"took {took:.2f} s"
    return result


def goes_in_bulk(db):
    db.execute("BEGIN")
    db.execute(INSERT)
    holds(db, ROWS)  # read while the engine has them
    db.execute("ROLLBACK")
    assert ingestions(db) == (1, 1), "rows waited for COMMIT"
    holds(db, 0)
    db.execute(INSERT)
    ingestions(db)
    holds(db, ROWS)


def another_process(db):
    db.execute("BEGIN")
    db.execute(INSERT)
    # it waits 5 seconds for a locked file
    subprocess.run([sys.executable, "-c", OTHER], check=True, timeout=60)
    db.execute("COMMIT")
    sent, given_up = ingestions(db)
    assert (sent, given_up) == (2, 1), (sent, given_up)
    holds(db, 2 * ROWS + 1)


def another_connection(db):
    other = connect_other()
    other.execute("CREATE VIRTUAL TABLE t USING rockset('commons.t')")
    db.execute("BEGIN")
    db.execute(INSERT)
    timed(4, lambda: other.execute("INSERT INTO t VALUES (-2, 'other')"))  # a lock is waited for as long as it works
    db.execute("COMMIT")
    holds(db, 3 * ROWS + 2)
    assert one(other, "SELECT count(*) FROM t") == 3 * ROWS + 2
    db.execute("BEGIN")
    db.execute(INSERT)
    other.execute("SELECT rockset_exec('alter table commons.t rename to old')").fetchall()
    other.execute("SELECT rockset_exec('create table commons.t(id bigint, name varchar)')").fetchall()
    db.execute("COMMIT")
    holds(db, ROWS)  # the relation that has the name at COMMIT
    other.close()
    ingestions(db)


def key_of_another_connection(db):
    """It comes when the keys that are there were read and nothing has gone ahead: COMMIT finds it."""
    other = connect_other()
    other.execute("SELECT rockset_exec('create table commons.k as select -1 as id, ''x'' as name')").fetchall()
    db.execute("CREATE VIRTUAL TABLE k USING rockset('commons.k', key='id')")

    def bring(i, key):
        if i == 5000 and key is not None:
            other.execute(f"SELECT rockset_exec('insert into commons.k values ({key}, NULL)')").fetchall()
        return i

    db.create_function("bring", 2, bring)
    for key, expected in ((60_000, "UNIQUE constraint failed: id '60000' exists already"), (None, None)):
        ingestions(db)
        db.execute("BEGIN")
        db.execute("INSERT INTO k SELECT bring(i, ?1), name FROM temp.source WHERE i <> 60000 OR ?1 IS NOT NULL", (key,))
        try:
            db.execute("COMMIT")
            assert expected is None, "the key is there twice"
        except sqlite3.Error as e:
            assert expected and expected in str(e), e
            assert not db.in_transaction
            assert one(db, "SELECT count(*) FROM k") == 2
        assert ingestions(db)[0] >= 1, "rows waited for COMMIT"
    assert one(db, "SELECT count(*) FROM k") == ROWS + 1
    other.close()


def scan_of_the_same_file(db):
    time.sleep(2.5)  # the file is closed, and opened for reading by what follows
    timed(4, lambda: db.execute("INSERT INTO t SELECT id, name FROM t"))
    holds(db, 2 * ROWS)
    ingestions(db)


def interrupted(db):
    db.execute("BEGIN")
    db.execute(INSERT)
    stopped = []

    def stop():
        stopped.append(time.monotonic())
        db.interrupt()

    timer = threading.Timer(0.5, stop)
    timer.start()
    try:
        db.execute(f"INSERT INTO t {LOCAL.format(10**12)}").fetchall()
        assert False, "was not interrupted"
    except sqlite3.OperationalError as e:
        assert "interrupted" in str(e), e
    took = time.monotonic() - stopped[0]
    timer.join()
    assert took < 1, f"took {took:.2f} s"
    if db.in_transaction:  # SQLite rolls all of it back, or the statement
        holds(db, 3 * ROWS)
        db.execute("ROLLBACK")
    holds(db, 2 * ROWS)


def closed_in_the_middle():
    db = connect()
    db.execute("BEGIN")
    db.execute(INSERT)
    db.close()
    db = connect()
    holds(db, 2 * ROWS)
    return db


def beyond_memory(db):
    """More than the queue keeps in memory, whose file must not take what the engine reads."""
    db.execute("SELECT rockset_exec('delete from commons.t')").fetchall()
    for _ in range(3):
        db.execute("BEGIN")
        for _ in range(3):
            db.execute("INSERT INTO t SELECT i, name || ? FROM temp.source", ("x" * 150,))
        db.execute("SAVEPOINT s")
        db.execute("INSERT INTO t SELECT -1, name FROM temp.source")
        db.execute("ROLLBACK TO s")
        db.execute("COMMIT")
    assert db.execute("SELECT count(*), count(DISTINCT id), sum(id), sum(length(name)) FROM t").fetchone() == (
        9 * ROWS, ROWS, 9 * (ROWS - 1) * ROWS // 2, 9 * one(db, "SELECT sum(length(name) + 150) FROM temp.source"))


def main():
    db = connect()
    db.execute("SELECT rockset_exec('create schema commons')").fetchall()
    db.execute("SELECT rockset_exec('create table commons.t(id bigint, name varchar)')").fetchall()
    db.execute("CREATE VIRTUAL TABLE t USING rockset('commons.t')")
    goes_in_bulk(db)
    another_process(db)
    another_connection(db)
    key_of_another_connection(db)
    scan_of_the_same_file(db)
    interrupted(db)
    db.close()
    db = closed_in_the_middle()
    beyond_memory(db)
    db.close()


main()
