"""Scans that are under way while the transaction they began in ends: they go on with the rows that they saw after
COMMIT, lose them after ROLLBACK, and the tables are good for more.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import sqlite3


def connect():
    db = sqlite3.connect("c.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    return db


def begin(db, order):
    """Five rows, of which one is changed and one is new in this transaction; two are read."""
    db.execute("DELETE FROM v")
    db.execute("INSERT INTO v VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')")
    db.execute("BEGIN")
    db.execute("UPDATE v SET s = 'C' WHERE id = 3")
    db.execute("INSERT INTO v VALUES (5, 'e')")
    cursor = db.execute(f"SELECT id, s FROM v{order}")
    return cursor, [cursor.fetchone(), cursor.fetchone()]


def after_commit(db, order):
    cursor, rows = begin(db, order)
    db.execute("COMMIT")
    assert sorted(rows + cursor.fetchall()) == [(1, "a"), (2, "b"), (3, "C"), (4, "d"), (5, "e")]


def after_more(db, order):
    """What is written later is another transaction's."""
    cursor, rows = begin(db, order)
    db.execute("COMMIT")
    db.execute("BEGIN")
    db.execute("INSERT INTO v VALUES (6, 'f')")
    db.execute("DELETE FROM v WHERE id = 5")
    assert sorted(rows + cursor.fetchall()) == [(1, "a"), (2, "b"), (3, "C"), (4, "d"), (5, "e")]
    db.execute("COMMIT")
    assert db.execute("SELECT group_concat(id) FROM (SELECT id FROM v ORDER BY id)").fetchall() == [("1,2,3,4,6",)]


def after_rollback(db, order, sql):
    cursor, rows = begin(db, order)
    try:
        db.execute(sql)
        refused = False
    except sqlite3.IntegrityError:
        refused = True
    assert refused == (sql != "ROLLBACK")
    assert not db.in_transaction
    try:
        rows += cursor.fetchall()
    except sqlite3.Error:
        pass  # SQLite may end it
    # Python has read one row ahead
    assert not {(3, "C"), (5, "e")} & set(rows[3:]), rows
    assert db.execute("SELECT * FROM v ORDER BY id").fetchall() == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def busy(db):
    """COMMIT sends the rows, SQLite refuses it, more is written, and COMMIT is repeated."""
    reader = sqlite3.connect("c.db", isolation_level=None)
    db.execute("CREATE TABLE local(a)")
    cursor, rows = begin(db, "")
    db.execute("INSERT INTO local VALUES (1)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM local").fetchall()
    try:
        db.execute("COMMIT")
        raise AssertionError("COMMIT beside a reader")
    except sqlite3.OperationalError:
        pass
    db.execute("SAVEPOINT s")
    db.execute("INSERT INTO v VALUES (7, 'g'), (8, 'h')")
    db.execute("ROLLBACK TO s")
    db.execute("UPDATE v SET s = 'E' WHERE id = 5")
    assert sorted(rows + cursor.fetchall())[2:] == [(3, "C"), (4, "d"), (5, "e")]
    reader.execute("COMMIT")
    db.execute("COMMIT")
    assert db.execute("SELECT * FROM v ORDER BY id").fetchall()[2:] == [(3, "C"), (4, "d"), (5, "E")]


def main():
    db = connect()
    db.execute("SELECT rockset_exec('create schema commons')")
    db.execute("SELECT rockset_exec('create table commons.t(id bigint, s varchar)')")
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t', key='id')")
    for order in ("", " ORDER BY id", " ORDER BY id DESC", " WHERE s <> 'q' ORDER BY s"):
        after_commit(db, order)
        after_more(db, order)
        after_rollback(db, order, "ROLLBACK")
        after_rollback(db, order, "INSERT OR ROLLBACK INTO v VALUES (1, 'again')")
        after_rollback(db, order, "UPDATE OR ROLLBACK v SET id = 2 WHERE id = 5")
    busy(db)
    db.close()


main()
