"""Random statements on two connections: one has virtual tables, the other STRICT native tables of the same names. Each
statement must succeed or fail on both, give the same rows, change as many, and leave the same rows and the same
transaction. Keys of five types, tables in an attached file and in temp, two tables over one relation, temp triggers that
write, cursors that stay open over writes and COMMIT; on DuckDB, and on documents by _id through rocksetd.

    write_twins.py [STEPS [SEED [TARGET]]]     the seed is printed

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

ADMIN_KEY = "twins-admin-key-0123456789"
TEXTS = ["a", "b", "B", "", "é", "10", " 1", "zz", "o'clock", "A", "日本", "😀"]
CONFLICTS = ["", "", "", " OR IGNORE", " OR REPLACE", " OR FAIL", " OR ABORT"]
COLUMNS = {"s": "varchar", "n": "bigint", "f": "double", "d": "date"}
NATIVE = {"varchar": "TEXT", "bigint": "INTEGER", "double": "REAL", "date": "TEXT", "blob": "BLOB"}

TRIGGERS = """
CREATE TEMP TRIGGER added AFTER INSERT ON loc BEGIN
  INSERT OR IGNORE INTO t(id, s, n) VALUES (new.id, new.s, new.n);
  INSERT OR REPLACE INTO u(id, n) VALUES (coalesce(new.s, 'q'), new.n);
END;
CREATE TEMP TRIGGER gone AFTER DELETE ON loc BEGIN
  DELETE FROM t WHERE id = old.id;
  UPDATE u SET n = 9 WHERE id = old.s;
END;
CREATE TEMP TRIGGER changed BEFORE UPDATE ON loc BEGIN
  UPDATE t SET s = new.s WHERE id = old.id;
  INSERT INTO m(id, s) VALUES (new.id, new.s);
  SELECT CASE new.n WHEN 13 THEN RAISE(FAIL, '13') WHEN 14 THEN RAISE(ROLLBACK, '14')
    WHEN 15 THEN RAISE(ABORT, '15') WHEN 16 THEN RAISE(IGNORE) END;
END"""


def quoted(text):
    if text is None:
        return "NULL"
    return f"CAST(x'{text.encode().hex()}' AS TEXT)" if "\0" in text else "'" + text.replace("'", "''") + "'"


def number(r):
    return str(r.randrange(30))


def text_key(r):
    return quoted(r.choice(TEXTS) + r.choice(["", "x", "y"]))


def real_key(r):
    return r.choice(["0.1", "1.5", "-2.25", "1e300", "3", "-7", "0.30000000000000004", "9e999", "1e-5"])


# table: (type of its key, its random literals)
DUCKDB = {
    "t": ("bigint", number), "u": ("varchar", text_key), "w": ("date", lambda r: f"'2026-01-{r.randrange(1, 29):02}'"),
    "x": ("blob", lambda r: f"x'{r.randrange(30):02x}'"), "y": ("double", real_key),
    "aux.a": ("bigint", number), "temp.m": ("bigint", number)}
DOCUMENTS = {name: ("varchar", text_key if name == "u" else lambda r: f"'{r.randrange(30)}'")
             for name in ("t", "u", "w", "aux.a", "temp.m")}


def connect(path, extension):
    db = sqlite3.connect(path, isolation_level=None, cached_statements=0)
    if extension:
        db.enable_load_extension(True)
        db.load_extension(os.environ["ROCKSET_EXT"])
        db.execute("SELECT rockset_trust(1)")  # triggers write to virtual tables
    return db


class Twins:
    def __init__(self, rng, target, folder):
        self.rng, self.documents = rng, target == "rocksetd"
        self.tables = DOCUMENTS if self.documents else DUCKDB
        self.texts = TEXTS if self.documents else TEXTS + ["a\0b"]  # an _id holds no NUL
        self.depth = self.failures = 0
        self.server, self.misfits = None, False
        self.log = []
        os.mkdir(folder)
        self.folder = folder
        self.native, self.virtual = connect(f"{folder}/n.db", False), connect(f"{folder}/v.db", True)
        self.both = (self.native, self.virtual)

    def make(self):
        folder = self.folder
        for db, side in zip(self.both, "nv"):
            db.execute(f"ATTACH '{folder}/{side}-aux.db' AS aux")
        self.make_relations(folder)
        for name, (kind, _) in self.tables.items():
            relation = name.split(".")[-1]
            self.virtual.execute(f"CREATE VIRTUAL TABLE {name} USING rockset('commons.{relation}', key='{self.key_name}')")
            columns = ", ".join(f"{c} {NATIVE[t]}" for c, t in COLUMNS.items())
            self.native.execute(f"CREATE TABLE {name}({self.key_name} {NATIVE[kind]} NOT NULL PRIMARY KEY, {columns}) "
                                "STRICT, WITHOUT ROWID")
        self.virtual.execute("CREATE VIRTUAL TABLE second USING rockset('commons.t')")
        self.native.execute("CREATE VIEW second AS SELECT * FROM t")
        for db in self.both:
            db.execute("CREATE TABLE loc(id INTEGER PRIMARY KEY, s TEXT, n INTEGER)")
            for trigger in TRIGGERS.split(";\nCREATE"):
                db.execute(self.fit(trigger if "CREATE" in trigger else "CREATE" + trigger))
            db.execute("INSERT INTO loc VALUES (99, NULL, NULL)")
            db.execute(self.fit("DELETE FROM t"))
            db.execute(self.fit("DELETE FROM u"))

    @property
    def key_name(self):
        return "_id" if self.documents else "id"

    def make_relations(self, folder):
        columns = ", ".join(f"{c} {t}" for c, t in COLUMNS.items())
        statements = ["create schema commons"] + [
            f"create table commons.{name.split('.')[-1]}({self.key_name} {kind}, {columns})"
            for name, (kind, _) in self.tables.items()]
        if not self.documents:
            # one target for both files: without a profile an attached one has its own
            self.virtual.execute("SELECT rockset_profile(NULL, NULL, json_object('type', 'duckdb', 'path', ?))",
                                 (f"{folder}/v.duckdb",)).fetchall()
            for sql in statements:
                self.virtual.execute("SELECT rockset_exec(?)", (sql,)).fetchall()
            return
        path = f"{folder}/r.duckdb"
        code = "import json, os, sqlite3, sys\n" \
            "db = sqlite3.connect(':memory:')\ndb.enable_load_extension(True)\ndb.load_extension(os.environ['ROCKSET_EXT'])\n" \
            "db.execute('SELECT rockset_profile(?, ?, ?)', ('d', 'p', json.dumps({'p': {'target': 'd', 'outputs': {'d': " \
            "{'type': 'duckdb', 'path': sys.argv[1]}}}}))).fetchall()\n" \
            "for sql in sys.argv[2:]: db.execute('SELECT rockset_exec(?)', (sql,)).fetchall()\n"
        subprocess.run([sys.executable, "-c", code, path, *statements], check=True)
        self.server = subprocess.Popen(
            [os.path.join(os.path.dirname(os.environ["ROCKSET_EXT"]), "rocksetd"), "--database", path, "--listen",
             "127.0.0.1:0", "--quiet"], env=dict(os.environ, ROCKSETD_ADMIN_KEY=ADMIN_KEY), stdout=subprocess.PIPE, text=True)
        url = self.server.stdout.readline().split()[-1]
        self.virtual.execute("SELECT rockset_profile('d', 'p', ?)", (json.dumps({"p": {"target": "d", "outputs": {
            "d": {"type": "rockset", "api_key": ADMIN_KEY, "api_server": url}}}}),)).fetchall()

    def close(self):
        for db in self.both:
            db.close()
        if self.server:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(20)

    # ---- running ----

    def fit(self, sql):
        """Documents are known by _id, and have no infinities."""
        if not self.documents:
            return sql
        sql = re.sub(r"(?<![.\w])id\b|(?<=[ (][pqtuwam]\.)id\b|(?<=temp\.m\.)id\b", "_id", sql).replace("9e999", "9e99")
        own = sql.startswith(("INSERT", "UPDATE", "DELETE")) and re.match(r"\S+( OR \S+)?( INTO| FROM)? loc\b", sql)
        sql = sql.replace("SELECT _id FROM loc", "SELECT id FROM loc")
        return sql.replace("_id", "id") if own else sql

    @staticmethod
    def one(db, sql):
        try:
            return None, db.execute(sql).fetchall()
        except sqlite3.Error as e:
            return str(e), []

    def run(self, sql):
        sql = self.fit(sql)
        virtual = self.one(self.virtual, sql)
        self.log.append(sql + (f"  -- {virtual[0]}" if virtual[0] else ""))
        if virtual[0] and "COMMIT first" in virtual[0]:  # of two tables over one relation
            return
        native = self.one(self.native, sql)
        self.failures += native[0] is not None
        assert (native[0] is None) == (virtual[0] is None), f"{sql}: {native[0]} and {virtual[0]}"
        assert repr(native[1]) == repr(virtual[1]), f"{sql}:\n{native[1]}\n{virtual[1]}"
        assert self.native.in_transaction == self.virtual.in_transaction, f"{sql}: in a transaction or not"
        if not self.native.in_transaction:
            self.depth = 0
        if native[0] is None and sql.split()[0] in ("INSERT", "UPDATE", "DELETE", "WITH"):
            # a virtual table with an integer key sets it; its twin, WITHOUT ROWID, does not
            rowid = "last_insert_rowid()" if re.match(r"INSERT( OR \S+)? INTO loc\b", sql) else "0"
            changes = [self.one(db, f"SELECT changes(), iif(changes() > 0, {rowid}, 0)") for db in self.both]
            assert changes[0] == changes[1], f"{sql}: {changes}"

    # ---- statements ----

    def table(self):
        return self.rng.choice(list(self.tables) + ["t", "t"])

    def key(self, table):
        return self.tables[table][1](self.rng)

    def value(self, column):
        r = self.rng
        misfit = {"s": ["x'61'"], "n": ["'abc'", "1.5"], "f": ["'z'"], "d": []}[column] if self.misfits else []
        return r.choice(misfit + {
            "s": [quoted(r.choice(self.texts)), quoted(r.choice(self.texts)), "NULL", "7", "1.5"],
            "n": ["NULL", "0", "-1", "7", "9007199254740993", "9223372036854775807", "-9223372036854775808", "'12'", "3.0"],
            "f": ["NULL", "0", "1.5", "-2.25", "1e300", "9e999", "-9e999", "'2.5'", "4", "0.1"],
            "d": ["NULL", "'2026-01-02'", "'1969-12-31'", "'0001-01-01'", "'9999-12-31'"]}[column])

    def row(self, table, null_key=0.03):
        key = "NULL" if not self.documents and self.rng.random() < null_key else self.key(table)
        return "(" + ", ".join([key] + [self.value(c) for c in COLUMNS]) + ")"

    def where(self, table, alias=""):
        k, a = (lambda: self.key(table)), alias
        return self.rng.choice([
            f"{a}id = {k()}", f"{a}id BETWEEN {k()} AND {k()}", f"{a}id IN ({k()}, {k()}, {k()})", f"{a}id >= {k()}",
            f"{a}s = 'a'", f"{a}s > 'a'", f"{a}s IS NULL", f"{a}n > 0", f"{a}n IS NOT NULL", f"{a}f < 1", f"{a}n IS NOT 7",
            f"{a}f IN (0, 1.5, 9e999)", f"{a}d >= '2026-01-01'", f"{a}s LIKE '%b%'", f"{a}s GLOB 'a*'", f"{a}s <> 'a'",
            f"{a}s = 'zz' OR {a}n = 7", f"{a}id = {k()} OR {a}s = 'a'", f"({a}n, {a}f) >= (0, 1)", "1", f"NOT {a}n = 7",
            f"{a}id IN (SELECT id FROM loc)", f"{a}s IN (SELECT s FROM loc)", f"{a}s = 'B' COLLATE NOCASE",
            f"EXISTS (SELECT 1 FROM loc WHERE loc.s = {a}s)", f"{a}n + 0 > 3"])

    def insert(self, t, conflict):
        r = self.rng
        names = ", ".join(["id"] + list(COLUMNS))
        way = r.random()
        if way < 0.1:  # one row: of several SQLite would keep those before a value of the wrong type
            self.misfits = True
            row = self.row(t)
            self.misfits = False
            return f"INSERT INTO {t}({names}) VALUES {row}"
        if way < 0.7:
            return f"INSERT{conflict} INTO {t}({names}) VALUES " + ", ".join(self.row(t) for _ in range(r.choice([1, 1, 2, 5])))
        if way < 0.8:
            some = r.sample(list(COLUMNS), r.randrange(3))
            values = ", ".join([self.key(t)] + [self.value(c) for c in some])
            return f"INSERT{conflict} INTO {t}({', '.join(['id'] + some)}) VALUES ({values})"
        source = r.choice([name for name in self.tables if self.tables[name][0] == self.tables["t"][0] and name != "u"])
        key = r.choice(["id + 100", "id", "200 - id", "id + 50"])
        return f"INSERT{conflict} INTO t({names}) SELECT {key}, {', '.join(COLUMNS)} FROM {source} " \
            f"WHERE {self.where(source)} ORDER BY id{r.choice(['', ' LIMIT 3'])}"

    def update(self, t, conflict):
        r = self.rng
        way, some = r.random(), r.sample(list(COLUMNS), r.choice([1, 1, 2, 3]))
        own = {"s": "s || '!'", "n": "n", "f": "f", "d": "d"}
        changes = ", ".join(f"{c} = " + (self.value(c) if r.random() < 0.7 else own[c]) for c in some)
        if way < 0.25:
            return f"UPDATE{conflict} {t} SET {changes}, id = {self.key(t)} WHERE id = {self.key(t)}"
        if way < 0.32:  # several keys that move must not meet: virtual tables have no order
            return f"UPDATE {t if t in ('t', 'aux.a', 'temp.m') else 't'} SET id = {r.choice(['id + 1000', '-id - 1'])} " \
                "WHERE id >= 0 AND id < 1000"
        if way < 0.4:
            return f"UPDATE{conflict} {t} SET s = l.s, n = l.n FROM loc l WHERE l.id = {t.split('.')[-1]}.n"
        if way < 0.46:
            return f"UPDATE {t} SET n = (SELECT count(*) FROM {t} WHERE {self.where(t)}) WHERE {self.where(t)}"
        if way < 0.52:
            return f"WITH x AS (SELECT id, n FROM {t} WHERE {self.where(t)}) UPDATE {t} SET s = 'cte' WHERE id IN " \
                "(SELECT id FROM x)"
        return f"UPDATE{conflict} {t} SET {changes} WHERE {self.where(t)}"

    def write(self):
        r, t = self.rng, self.table()
        conflict = " OR ROLLBACK" if r.random() < 0.02 else r.choice(CONFLICTS)
        way = r.random()
        if way < 0.42:
            return self.insert(t, conflict)
        if way < 0.7:
            return self.update(t, conflict)
        if way < 0.8:
            return f"DELETE FROM {t} WHERE " + r.choice([
                self.where(t), self.where(t), f"id IN (SELECT id FROM {t} WHERE {self.where(t)} ORDER BY id LIMIT 2)"])
        if way < 0.81:
            return f"DELETE FROM {t}"
        if way < 0.9:
            return f"INSERT{conflict} INTO loc VALUES ({r.randrange(20)}, {self.value('s')}, {r.choice(['1', 'NULL', '7'])})"
        if way < 0.95:
            return f"UPDATE{conflict} loc SET n = {r.choice([1, 2, 13, 15, 16, 14 if r.random() < 0.2 else 3])}, " \
                f"s = {quoted(r.choice(self.texts))} WHERE id BETWEEN {r.randrange(20)} AND {r.randrange(20)}"
        return f"DELETE FROM loc WHERE id < {r.randrange(20)} AND id > {r.randrange(10)}"

    def read(self):
        r, t, other = self.rng, self.table(), self.table()
        order = r.choice(["id", "id DESC", "s, id", "f DESC, id", "n, id DESC", "d, id", "s COLLATE NOCASE, id"])
        limit = r.choice(["", " LIMIT 3", " LIMIT 4 OFFSET 2", " LIMIT -1 OFFSET 3", " LIMIT 0"])
        names = "id, s, n, f, d"
        return r.choice([
            f"SELECT {names} FROM {t} WHERE {self.where(t)} ORDER BY {order}{limit}",
            f"SELECT id, s FROM {t} ORDER BY {order}{limit}", f"SELECT count(*) FROM {t}",
            f"SELECT count(*), sum(n % 1000), min(s), max(n), max(id), min(d) FROM {t} WHERE {self.where(t)}",
            f"SELECT DISTINCT n FROM {t} WHERE {self.where(t)} ORDER BY n{limit}",
            f"SELECT s, count(*) FROM {t} GROUP BY s ORDER BY s",
            f"SELECT p.id, q.id FROM {t} p JOIN {other} q ON p.s = q.s AND q.n = p.n ORDER BY 1, 2",
            f"SELECT p.id, q.id, q.s FROM {t} p LEFT JOIN {other} q ON p.n = q.n AND {self.where(other, 'q.')} ORDER BY 1, 2",
            f"SELECT id, (SELECT count(*) FROM {other} q WHERE q.n = p.n) FROM {t} p ORDER BY 1",
            f"SELECT id FROM {t} WHERE s = 'a' EXCEPT SELECT id FROM {other} WHERE n > 1 ORDER BY 1",
            f"SELECT id, row_number() OVER (ORDER BY n, id) FROM {t} ORDER BY 1",
            "SELECT id, s FROM second ORDER BY id", "SELECT count(*) FROM second WHERE n = 7"])

    def transact(self):
        r = self.rng
        if not self.virtual.in_transaction:
            if r.random() < 0.15:
                self.depth = 1
                return self.run("SAVEPOINT s1")
            return self.run(r.choice(["BEGIN", "BEGIN IMMEDIATE"]))
        way = r.random()
        if way < 0.35:
            self.depth += 1
            return self.run(f"SAVEPOINT s{self.depth}")
        if way < 0.75 and self.depth:
            level, release = r.randrange(1, self.depth + 1), way > 0.62
            self.depth = level - release
            return self.run(f"{'RELEASE' if release else 'ROLLBACK TO'} s{level}")
        return self.run("ROLLBACK" if way < 0.85 else "COMMIT")

    def over_writes(self):
        """A cursor that stays open while others write and transactions end: its rows are nobody's promise, the tables' are."""
        sql = self.fit(f"SELECT id, s, n FROM {(t := self.table())} WHERE {self.where(t)}")
        self.log.append("-- open: " + sql)
        try:
            cursors = [db.execute(sql) for db in self.both]
        except sqlite3.Error as e:
            assert "COMMIT first" in str(e), e
            return
        for _ in range(3):
            self.run(self.write())
            if self.rng.random() < 0.5:
                self.transact()
        for cursor in cursors:
            try:
                cursor.fetchall()
            except sqlite3.Error as e:
                self.log.append(f"-- it ends: {e}")

    def same(self):
        for t in self.tables:
            self.run(f"SELECT id, s, n, f, d FROM {t} ORDER BY id")

    def go(self, steps):
        for n in range(steps):
            way = self.rng.random()
            if way < 0.55:
                self.run(self.write())
            elif way < 0.77:
                self.run(self.read())
            elif way < 0.96:
                self.transact()
            else:
                self.over_writes()
            if n % 3 == 0:
                self.same()
        if self.virtual.in_transaction:
            self.run("COMMIT")
        self.same()


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time() * 1000) % 1000000
    print(f"seed {seed}, {steps} steps", flush=True)
    failures = 0
    for target in sys.argv[3:] or ("duckdb", "rocksetd"):
        count = steps if target == "duckdb" else steps // 3  # a request takes milliseconds
        twins = Twins(random.Random(seed), target, target)
        try:
            twins.make()
            twins.go(count)
            failures += twins.failures
            print(f"{target}: {twins.failures} statements failed on both")
        except AssertionError:
            print(target + "\n" + "\n".join(twins.log[-25:]))
            raise
        finally:
            twins.close()
    assert failures > steps // 100, "too few statements failed to tell anything"


main()
