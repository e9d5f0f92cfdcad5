"""A collection with sidecars (docs/rocksetd.md, documents and their values) through a virtual table, and a native table with
the same values: random queries, INSERT, UPDATE, DELETE and transactions must give the same, value and type.

    sidecars.py [STEPS [SEED]]     the seed is printed

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import json
import os
import random
import sqlite3
import sys
import time

FAR = 9007199254740993  # no double is that integer
COLUMNS = "k, f, s, t, m, u, z, o"


def typed(kind, value):
    return {"__rockset_type": kind, "value": value}


# What a document has (MISSING: no field), and what SQLite sees of it.
MISSING = object()
FLOATS = [(1, 1), (1.0, 1.0), (2, 2), (2.5, 2.5), (-3, -3), (FAR, FAR), (FAR - 1.0, FAR - 1.0), (-FAR, -FAR), (10, 10),
          (1e300, 1e300), (0, 0), (None, None), (MISSING, None)]
TEXTS = [("a", "a"), ("b", "b"), ("B", "B"), ("", ""), ("10", "10"), ("2020-01-02", "2020-01-02"), ("é", "é"),
         (typed("DATE", "2020-01-02"), "2020-01-02"), (typed("TIME", "03:04:05"), "03:04:05"),
         (typed("DATETIME", "2020-01-02T03:04:05.5"), "2020-01-02 03:04:05.5"),
         (typed("TIMESTAMP", "2020-01-02T03:04:05Z"), "2020-01-02 03:04:05"),
         ({"__rockset_type": "BYTES", "encoding": "base64", "value": "YWI="}, b"ab"), (None, None), (MISSING, None)]
TIMES = [(typed("DATETIME", "2020-01-02T03:04:05"), "2020-01-02 03:04:05"), (typed("DATE", "2020-01-02"), "2020-01-02"),
         (typed("DATE", "1969-12-31"), "1969-12-31"), (typed("DATETIME", "2020-01-02T00:00:00"), "2020-01-02 00:00:00"),
         (None, None), (MISSING, None)]
MIXED = [(1, 1), (2.5, 2.5), (2.0, 2.0), ("a", "a"), ("10", "10"), (10, 10), (True, 1), (typed("DATE", "2020-01-02"), "2020-01-02"),
         (None, None), (MISSING, None)]
UNION = [(1, 1), (2.5, 2.5), (2.0, 2.0), ("a", "a"), ("10", "10"), (10, 10), (True, 1), (False, 0), (" 10 ", " 10 "),
         ("1e1", "1e1"), ("Inf", "Inf"), ("", ""), (FAR, FAR), (FAR - 1.0, FAR - 1.0), (-3, -3), ("é", "é"), ("!", "!"),
         (None, None), (MISSING, None)]
NULLS = [("a", "a"), ("b", "b"), ("zz", "zz"), (None, None), (MISSING, None)]
OBJECTS = [({"a": 1.5, "b": "x"}, '{"a":1.5,"b":"x"}'), ({"a": 1}, '{"a":1}'), ({"b": None}, '{"b":null}'), ({}, "{}"),
           (None, None), (MISSING, None)]
FIELDS = {"f": FLOATS, "s": TEXTS, "t": TIMES, "m": MIXED, "u": UNION, "z": NULLS, "o": OBJECTS}


class Pair:
    def __init__(self, rng, rows):
        self.rng = rng
        self.db = db = sqlite3.connect("s.db", isolation_level=None)
        db.enable_load_extension(True)
        db.load_extension(os.environ["ROCKSET_EXT"])
        db.execute("CREATE TABLE t(k INTEGER NOT NULL PRIMARY KEY, f, s, t, m, u, z TEXT, o) WITHOUT ROWID")
        docs = []
        for k in range(rows):
            doc, row = {"_id": f"d{k}", "k": k}, [k]
            for name, values in FIELDS.items():
                # each value comes at least once: what a column is does not depend on the seed
                value, shown = values[k] if k < len(values) else rng.choice(values)
                if value is not MISSING:
                    doc[name] = value
                row.append(shown)
            docs.append(doc)
            db.execute("INSERT INTO t VALUES(?,?,?,?,?,?,?,?)", row)
        with open("docs.ndjson", "w") as out:
            out.writelines(json.dumps(d) + "\n" for d in docs)
        db.execute("SELECT rockset_load('commons.t', 'docs.ndjson', '{\"documents\":true}')").fetchall()
        db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t', key='k')")
        # what joins meet
        db.execute("CREATE TABLE w(n INTEGER, r REAL, c TEXT, x)")
        db.execute(f"INSERT INTO w VALUES (1, 1.0, 'a', 1), (2, 2.5, '10', '10'), ({FAR}, {FAR - 1}.0, '2020-01-02', 10), "
                   "(NULL, NULL, NULL, NULL), (10, 10.0, 'é', 2.5), (0, 0.0, '', x'6162')")
        # so many that a table is fetched at once; the last is another text than its column has
        db.execute("INSERT INTO w(n, c) WITH i(i) AS (SELECT 20 UNION ALL SELECT i + 1 FROM i WHERE i < 45) "
                   "SELECT i, 'v' || i FROM i UNION ALL SELECT 99, '2020-01-02 03:04:05'")
        self.sent = set()

    def both(self, sql):
        return [self.db.execute(sql.replace("@T", name)).fetchall() for name in ("t", "v")]

    def compare(self, sql):
        native, remote = self.both(sql)
        assert native == remote, f"{sql}\n{native}\n{remote}"
        for row in self.db.execute("EXPLAIN QUERY PLAN " + sql.replace("@T", "v")):
            for name in FIELDS:
                if f'"{name}~x" <> ' in row[3] or name in "mus" and f'WHERE "{name}"' in row[3]:
                    self.sent.add(name)

    def same(self):
        types = ", ".join(f"typeof({c})" for c in FIELDS)
        self.compare(f"SELECT {COLUMNS}, {types} FROM @T ORDER BY k")

    def literal(self, name):
        r = self.rng
        value = r.choice(FIELDS[name])[1] if name != "o" else r.choice([None, "{}", '{"a":1}'])
        if r.random() < 0.2:
            value = r.choice([1, 10, 2.5, "a", "2020-01-02"])
        if isinstance(value, bytes):
            return "x'" + value.hex() + "'"
        return "NULL" if value is None else repr(value) if not isinstance(value, str) else "'" + value + "'"

    def term(self):
        r = self.rng
        c = r.choice(list(FIELDS))
        v = self.literal(c)
        searched = r.choice(["a%", "%2020%", "%", "1%", "A", "I%"])
        return r.choice([f"{c} = {v}", f"{c} <> {v}", f"{c} < {v}", f"{c} <= {v}", f"{c} > {v}", f"{c} >= {v}", f"{c} IS {v}",
                         f"{c} IS NOT {v}", f"{c} IS NULL", f"{c} IS NOT NULL", f"{c} IN ({v}, {self.literal(c)})",
                         f"{c} IN (SELECT {r.choice('nrcx')} FROM w)", f"{c} LIKE '{searched}'",
                         f"{c} GLOB '{searched.replace('%', '*')}'", f"{c} BETWEEN {v} AND {self.literal(c)}",
                         f"k < {r.randrange(80)}", f"z = 'a'"])

    def where(self):
        terms = [self.term() for _ in range(self.rng.choice([1, 1, 1, 2, 3]))]
        return self.rng.choice([" AND ", " AND ", " OR "]).join(terms)

    def query(self):
        r = self.rng
        c = r.choice(list(FIELDS))
        few = r.choice(["", " LIMIT 3", " LIMIT 4 OFFSET 2"])
        order = r.choice(["k", "k DESC", f"{c}, k", f"{c} DESC, k"])
        other = r.choice("nrcx")
        return r.choice([
            f"SELECT {COLUMNS} FROM @T WHERE {self.where()} ORDER BY {order}{few}",
            f"SELECT k, {c}, typeof({c}) FROM @T WHERE {self.where()} ORDER BY {order}{few}",
            f"SELECT count(*) FROM (SELECT k FROM @T WHERE {self.where()}{few})",
            f"SELECT count(*), count({c}), max({c}), min({c}) FROM @T WHERE {self.where()}",
            f"SELECT {c}, count(*), sum(k) FROM @T GROUP BY {c} ORDER BY 1",
            f"SELECT DISTINCT {c} FROM @T WHERE {self.where()} ORDER BY 1{few}", f"SELECT count(DISTINCT {c}) FROM @T",
            f"SELECT w.n, w.c, k, {c} FROM w JOIN @T ON {c} = w.{other} ORDER BY w.rowid, k",
            f"SELECT w.n, k, {c} FROM w LEFT JOIN @T ON {c} = w.{other} AND {self.term()} ORDER BY w.rowid, k",
            f"SELECT w.n, (SELECT count(*) FROM @T WHERE {c} > w.{other}) FROM w ORDER BY w.rowid",
            f"SELECT a.k, b.k FROM @T AS a JOIN @T AS b ON a.{c} = b.{c} AND a.k < b.k ORDER BY 1, 2 LIMIT 30"])

    def write(self):
        r = self.rng
        k, new = r.randrange(90), r.randrange(60, 90)
        f = r.choice(["1", "2.5", str(FAR), "NULL", "-7"])
        s = r.choice(["'a'", "'new'", "NULL"])
        t = r.choice(["'2021-02-03 04:05:06'", "NULL"])
        m = r.choice(["1", "2.5", "'text'", "NULL"])
        where = r.choice([f"k = {k}", f"k BETWEEN {k} AND {k + 3}", "f > 2", "s = 'a'", "f = 1 AND k > 20"])
        return r.choice([
            f"INSERT OR REPLACE INTO @T(k, f, s, t, m, u, z) VALUES ({new}, {f}, {s}, {t}, {m}, {m}, 'z')",
            f"INSERT OR IGNORE INTO @T(k, f, z) VALUES ({new}, {f}, {s})",
            f"UPDATE @T SET f = {f} WHERE {where}", f"UPDATE @T SET f = f + 1 WHERE {where} AND abs(f) < 1e15",
            f"UPDATE @T SET s = {s}, m = {m}, u = {m} WHERE {where}", f"UPDATE @T SET t = {t}, z = {s} WHERE {where}",
            f"UPDATE @T SET z = {s} WHERE {where}", f"UPDATE OR REPLACE @T SET k = {new} WHERE k = {k}",
            f"UPDATE OR REPLACE @T SET k = {new}, f = {f} WHERE k = {k}", f"DELETE FROM @T WHERE k = {k}"])

    def step(self):
        r = self.rng
        kind = r.random()
        if kind < 0.75:
            return self.compare(self.query())
        if kind < 0.92:
            return self.both(self.write()) and self.same()
        if not self.db.in_transaction:
            return self.db.execute("BEGIN")
        self.db.execute(r.choice(["COMMIT", "COMMIT", "ROLLBACK"]))
        return self.same()


def members():
    """A UNION whose members have names and types that must be read with care."""
    db = sqlite3.connect("m.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    obj = '"o,(" struct("x,y" bigint, z varchar)'
    for sql in (f"""create table t(_id varchar primary key, u union("a b" bigint, "q""x" varchar, {obj}, "it's" double,
                 d date, n decimal(5,2)))""",
                """insert into t values ('1', 5::bigint), ('2', 'five'), ('3', {'x,y': 1, 'z': 'w'}::struct("x,y" bigint, z varchar)),
                 ('4', 5.5::double), ('5', date '2020-01-02'), ('6', null), ('7', 5.25::decimal(5,2)), ('8', 'inf'::double)"""):
        db.execute("SELECT rockset_exec(?)", (sql,)).fetchall()
    db.execute("CREATE VIRTUAL TABLE t USING rockset('t', key='_id')")
    db.execute("CREATE TABLE n AS SELECT _id, u FROM t")
    for term in ("u = 5", "u > 5", "u = 'five'", "u = '2020-01-02'", "u IS NULL", "u IN (5, 'five', 5.5)", "u BETWEEN 5 AND 6",
                 "u LIKE 'f%' LIMIT 9", "u >= '{'", "u = 5.25", "u GLOB 'I*' LIMIT 9", "u IS 5", "u < 'g'", "u > x'61'",
                 "u COLLATE NOCASE = 'FIVE'"):
        native, remote = [sorted(db.execute(f"SELECT _id, u FROM {t} WHERE {term}")) for t in ("n", "t")]
        assert native == remote, f"{term}\n{native}\n{remote}"
    db.close()


def main():
    members()
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time() * 1000) % 1000000
    print(f"seed {seed}, {steps} steps", flush=True)
    pair = Pair(random.Random(seed), 60)
    pair.same()
    pair.compare("SELECT w.n, k, s FROM w LEFT JOIN @T ON s = w.c ORDER BY w.rowid, k")
    for _ in range(steps):
        pair.step()
    if pair.db.in_transaction:
        pair.db.execute("COMMIT")
    pair.same()
    # other columns' terms are SQLite's alone, and of nulls nothing is to be known
    assert pair.sent == {"f", "s", "t", "m", "u"}, f"terms with a sidecar were sent of {pair.sent}"


main()
