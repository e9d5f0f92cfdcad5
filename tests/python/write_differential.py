"""Random INSERT, UPDATE, DELETE, SAVEPOINT, ROLLBACK and COMMIT on a virtual table and on a native
table with the same rows: every statement must succeed or fail on both, and leave the same rows. The
same, with INSERTs alone, on tables without a key.

    write_differential.py [STEPS [SEED]]     the seed is printed

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import os
import random
import sqlite3
import sys
import time

TEXTS = ["a", "b", "B", "", "é", "10", " 1", "zz", "o'clock", None]
CONFLICTS = ["", "", "", " OR IGNORE", " OR REPLACE", " OR FAIL", " OR ABORT", " OR ROLLBACK"]


class Pair:
    def __init__(self, rng):
        self.rng = rng
        self.db = db = sqlite3.connect("w.db", isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(os.environ["ROCKSET_EXT"])
        db.execute("SELECT rockset_exec('create schema commons')")
        db.execute("SELECT rockset_exec('create table commons.t(id bigint, s varchar, n bigint, "
                   "f double, d date)')")
        db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t', key='id')")
        # SQLite takes virtual tables without a key's order of its own: WITHOUT ROWID as they are
        db.execute("CREATE TABLE t(id INTEGER NOT NULL PRIMARY KEY, s TEXT, n INTEGER, f REAL, "
                   "d TEXT) WITHOUT ROWID")
        self.depth = 0
        self.log = []
        self.failures = 0

    def run(self, sql):
        """The statement on both; @T stands for the table."""
        results = []
        for name in ("t", "v"):
            try:
                results.append((None, self.db.execute(sql.replace("@T", name)).fetchall()))
            except sqlite3.Error as e:
                results.append((type(e).__name__, str(e)))
            if "@T" not in sql:
                results *= 2
                break
            if name == "t" and results[0][0] and not self.db.in_transaction and self.depth:
                # OR ROLLBACK ended the transaction on both: there is nothing to run it in
                self.depth = 0
                results.append(results[0])
                break
        self.log.append(sql)
        native, remote = results
        if native[0]:
            self.failures += 1
        assert (native[0] is None) == (remote[0] is None), f"{sql}: {native} and {remote}"
        if native[0] is None and "SELECT" in sql[:7]:
            assert native[1] == remote[1], f"{sql}:\n{native[1]}\n{remote[1]}"
        return native

    def value(self):
        r = self.rng
        text = r.choice(TEXTS)
        quoted = "NULL" if text is None else "'" + text.replace("'", "''") + "'"
        n = r.choice(["NULL", "0", "-1", "7", "9007199254740993", "9223372036854775807"])
        f = r.choice(["NULL", "0", "1.5", "-2.25", "1e300"])
        d = r.choice(["NULL", "'2026-01-02'", "'1969-12-31'"])
        return quoted, n, f, d

    def key(self):
        return self.rng.randrange(40)

    def where(self):
        r = self.rng
        return r.choice([
            lambda: f"id = {self.key()}",
            lambda: f"id BETWEEN {self.key()} AND {self.key()}",
            lambda: f"id IN ({self.key()}, {self.key()}, {self.key()})",
            lambda: "s = 'a'", lambda: "s > 'a'", lambda: "s IS NULL", lambda: "n > 0",
            lambda: "f < 1", lambda: "d >= '2026-01-01'", lambda: "s LIKE '%b%'",
            lambda: "n IS NOT 7 AND id % 2 = 0", lambda: "id > 30 OR s = 'zz'"])()

    def write(self):
        r = self.rng
        conflict = r.choice(CONFLICTS)
        if conflict == " OR ROLLBACK" and not (self.depth and r.random() < 0.2):
            conflict = ""
        kind = r.random()
        if kind < 0.5:
            rows = ", ".join("(%d, %s, %s, %s, %s)" % ((self.key(),) + self.value())
                             for _ in range(r.choice([1, 1, 1, 2, 5])))
            return f"INSERT{conflict} INTO @T VALUES {rows}"
        if kind < 0.8:
            s, n, f, d = self.value()
            change = r.choice([f"s = {s}", f"n = {n}, f = {f}", f"d = {d}", "s = s || '!'",
                               f"id = {self.key()}", "id = id + 1", f"id = {self.key()}, s = {s}"])
            # several rows that move have no order on a virtual table
            where = f"id = {self.key()}" if "id =" in change else self.where()
            return f"UPDATE{conflict} @T SET {change} WHERE {where}"
        return f"DELETE FROM @T WHERE {self.where()}"

    def read(self):
        r = self.rng
        order = r.choice(["id", "id DESC", "s, id", "f DESC, id", "n, id DESC", "d, id"])
        limit = r.choice(["", " LIMIT 3", " LIMIT 4 OFFSET 2"])
        return r.choice([
            f"SELECT * FROM @T WHERE {self.where()} ORDER BY {order}{limit}",
            f"SELECT id, s FROM @T ORDER BY {order}{limit}",
            "SELECT count(*) FROM @T", f"SELECT count(*), sum(id), min(s), max(n) FROM @T WHERE {self.where()}"])

    def transact(self):
        r = self.rng
        if not self.db.in_transaction:
            self.depth = 0
            return self.run("BEGIN")
        kind = r.random()
        if kind < 0.35:
            self.depth += 1
            return self.run(f"SAVEPOINT s{self.depth}")
        if kind < 0.6 and self.depth:
            level = r.randrange(1, self.depth + 1)
            self.run(f"ROLLBACK TO s{level}")
            self.depth = level
            return None
        if kind < 0.7 and self.depth:
            level = r.randrange(1, self.depth + 1)
            self.depth = level - 1
            return self.run(f"RELEASE s{level}")
        self.depth = 0
        return self.run("ROLLBACK" if kind < 0.82 else "COMMIT")

    def same(self):
        sql = "SELECT * FROM @T ORDER BY id"
        native, remote = (self.db.execute(sql.replace("@T", n)).fetchall() for n in ("t", "v"))
        assert native == remote, f"the rows differ:\n{native}\n{remote}"

    def step(self):
        kind = self.rng.random()
        if kind < 0.55:
            self.run(self.write())
        elif kind < 0.8:
            self.run(self.read())
        else:
            self.transact()
        self.same()


class Keyless:
    """INSERTs into tables without a key, beside savepoints and reads; some of thousands of rows."""

    COLUMNS = "b BOOLEAN, i INTEGER, f REAL, s TEXT, x BLOB, d TEXT"

    def __init__(self, rng):
        self.rng = rng
        self.db = db = sqlite3.connect("k.db", isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(os.environ["ROCKSET_EXT"])
        db.execute("SELECT rockset_exec('create schema commons')")
        db.execute("SELECT rockset_exec('create table commons.t(b boolean, i bigint, f double, s varchar, "
                   "x blob, d date)')")
        db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t')")
        db.execute(f"CREATE TABLE t({self.COLUMNS})")
        self.depth = 0

    def both(self, sql):
        return [self.db.execute(sql.replace("@T", name)).fetchall() for name in ("t", "v")]

    def insert(self):
        n = self.rng.choice([1, 1, 3, 50, 2000, 20000])
        k = self.rng.randrange(1000)
        self.both(f"""INSERT INTO @T WITH RECURSIVE n(n) AS (SELECT {k} UNION ALL SELECT n + 1 FROM n
          WHERE n < {k + n - 1}) SELECT nullif(n % 3, 2), nullif(n * 9007199254740993 % 71, 5), nullif(n, 3) / 4.0,
          nullif(substr('aé''o', 1, n % 5) || n, 'a7'), CASE WHEN n % 4 THEN zeroblob(n % 3) END,
          CASE WHEN n % 6 THEN date('0400-02-27', n || ' days') END FROM n""")

    def refused(self):
        """A row in the middle that does not fit: nothing of the statement stays."""
        try:
            self.db.execute("INSERT INTO v(s, d) VALUES ('x', '2026-01-01'), ('y', '2026-02-30')")
        except sqlite3.Error:
            return
        raise AssertionError("2026-02-30 was taken")

    def transact(self):
        r = self.rng
        if not self.db.in_transaction:
            self.depth = 0
            self.db.execute("BEGIN")
        elif r.random() < 0.4:
            self.depth += 1
            self.db.execute(f"SAVEPOINT s{self.depth}")
        elif r.random() < 0.5 and self.depth:
            self.depth = r.randrange(1, self.depth + 1)
            self.db.execute(f"ROLLBACK TO s{self.depth}")
        else:
            self.db.execute(r.choice(["COMMIT", "COMMIT", "ROLLBACK"]))

    def same(self):
        order = "ORDER BY i, s, f, d, x, b"
        for sql in (f"SELECT * FROM @T WHERE i % 5 = 1 {order} LIMIT 50", "SELECT * FROM @T WHERE d IS NULL AND i > 60 "
                    + order + " LIMIT 50", "SELECT count(*), sum(i), sum(f), max(s), max(d), sum(b), max(x) FROM @T"):
            native, remote = self.both(sql)
            assert native == remote, f"{sql}\n{native}\n{remote}"


def keyless(rng, steps):
    k = Keyless(rng)
    for _ in range(steps):
        kind = rng.random()
        if kind < 0.5:
            k.insert()
        elif kind < 0.6:
            k.refused()
        else:
            k.transact()
        k.same()
    if k.db.in_transaction:
        k.db.execute("COMMIT")
    k.same()


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time() * 1000) % 1000000
    print(f"seed {seed}, {steps} steps", flush=True)
    keyless(random.Random(seed), steps // 10)
    pair = Pair(random.Random(seed))
    try:
        for _ in range(steps):
            pair.step()
        if pair.db.in_transaction:
            pair.run("COMMIT")
        pair.same()
        other = sqlite3.connect("w.db", isolation_level=None)
        other.enable_load_extension(True)
        other.load_extension(os.environ["ROCKSET_EXT"])
        assert other.execute("SELECT * FROM v ORDER BY id").fetchall() == pair.db.execute(
            "SELECT * FROM t ORDER BY id").fetchall(), "what was committed differs"
    except AssertionError:
        print("\n".join(pair.log[-25:]))
        raise
    assert pair.failures > steps // 100, "too few statements failed to tell anything"
    print(f"{pair.failures} statements failed on both")


main()
