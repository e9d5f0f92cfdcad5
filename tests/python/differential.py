"""Random queries over virtual tables and over native copies of the same rows: the results must be equal.

Usage: differential.py [--queries N] [--seed S] [--apsw] [--show]      ($ROCKSET_EXT names the extension)

Every query is run twice, once with the virtual tables and once with CREATE TABLE native AS SELECT * FROM
virtual. A difference prints the seed, the query, its parameters and both results. The summary counts how
many queries gave rows and which operator met which type in what was sent.
"""
import argparse
import collections
import os
import random
import re
import sqlite3
import sys
import time

ROWS = 90  # few, so that values collide and joins stay small

# Column, DuckDB's type, some literals of it
COLUMNS = [
    ("i", "BIGINT", "0 1 -1 2 10 10 42 9007199254740993 -9007199254740993 "
     "9223372036854775807 -9223372036854775808 2026".split()),
    ("s", "SMALLINT", "0 1 2 3 10 -7 1 2".split()),
    ("h", "HUGEINT", "0 1 10 9223372036854775807 9223372036854775808 "
     "-170141183460469231731687303715884105727".split()),
    ("f", "DOUBLE", "0 '-0' 1 1.5 -1.5 10 0.1 'nan' 'nan' 'inf' '-inf' 9007199254740992 9007199254740994 "
     "9223372036854775807 1e308 5e-324".split()),
    ("r", "FLOAT", "0 1 0.1 0.5 'nan' 16777217 -3.25".split()),
    ("b", "BOOLEAN", ["true", "false"]),
    ("t", "VARCHAR", ["''", "'10'", "'010'", "' 10 '", "'1e1'", "'10.0'", "'abc'", "'ABC'", "'Abc'", "'abcd'",
                      "'Inf'", "'é'", "'zebra'", "'日本'", "'2026-01-01'", "'a' || chr(0) || 'b'", "'😀'",
                      "'9x'", "'-5'", "'it''s \"q\"'"]),
    ("v", "VARCHAR", ["'a'", "'b'", "'c'", "'2026-01-02'", "'5'", "'50'"]),
    ("x", "BLOB", ["''::BLOB", "'\\x00'::BLOB", "'abc'::BLOB", "'\\xff\\xfe'::BLOB", "'10'::BLOB"]),
    ("d", "DATE", ["'2026-01-01'", "'2026-11-21'", "'1969-12-31'", "'0001-01-01'", "'9999-12-31'"]),
    ("c", "TIME", ["'08:15:30'", "'00:00:00'", "'23:59:59.999999'", "'08:15:30.5'"]),
    ("w", "TIMESTAMP", ["'2026-01-01 00:00:00'", "'2026-11-21 08:15:30.5'", "'1969-12-31 23:59:59.999999'",
                        "'2026-01-01 00:00:00.000001'"]),
    ("z", "TIMESTAMPTZ", ["'2026-01-01 00:00:00+00'", "'2026-11-21 08:15:30.25+02'"]),
    ("n", "DECIMAL(18,3)", "0 1 1.5 10 0.1 123456789012345.678".split()),
    ("g", "UUID", ["'00000000-0000-0000-0000-000000000001'", "'ffffffff-ffff-4fff-8fff-ffffffffffff'"]),
    ("e", "ENUM('low', 'mid', 'high', '10')", ["'low'", "'mid'", "'high'", "'10'"]),
    ("j", "JSON", ["'null'", "'1'", "'{\"a\":1}'", "'[1,2]'", "'\"x\"'"]),
    ("m", "UNION(k BIGINT, q DOUBLE, y VARCHAR)", [
        "union_value(k := 10)", "union_value(q := 1.5::DOUBLE)", "union_value(y := 'abc')",
        "union_value(y := '10')", "union_value(k := 1)", "union_value(q := 'nan'::DOUBLE)"]),
    ("l", "INTEGER[]", ["[1, 2]", "[]", "[1, NULL]"]),
]
NAMES = [name for name, _, _ in COLUMNS]
COMMON = ["i", "i", "s", "f", "f", "r", "b", "t", "t", "v", "x", "d", "w"]  # asked for more often

# What stands on the other side: SQL text, or a Python value that becomes a parameter
LITERALS = """0 1 2 10 -1 1.5 10.0 0.1 0.5 42 2026 9007199254740992 9007199254740993 9007199254740994
9223372036854775807 -9223372036854775808 9223372036854775808 1e19 -1e19 1e999 -1e999 -1.5 16777216 16777217
NULL '' 'abc' 'ABC' 'a' 'b' '10' '010' '1e1' '1.5' ' 10 ' 'x' 'Inf' '2026-01-01' '2026-11-21' '2026' '5' '9x'
'2026-01-01 00:00:00' '2026-11-21 08:15:30.500000' '2026-11-21 08:15:30.5' '08:15:30' '23:59:59.999999'
'low' 'high' 'é' '日本' '00000000-0000-0000-0000-000000000001' x'' x'00' x'616263' x'3130' x'fffe' TRUE FALSE
CAST(10 AS INTEGER) CAST(10 AS TEXT) CAST('10' AS NUMERIC) 5+5 -(-10)""".split()
LITERALS = re.findall(r"'[^']*'|x'[^']*'|CAST\([^)]*\)|[^\s']+", " ".join(LITERALS))
LITERALS += ["CAST(x'ff' AS TEXT)", "CAST(x'610062' AS TEXT)", "'1' || '0'"]
VALUES = [0, 1, 2, 10, -1, 1.5, 10.0, 0.1, 0.5, 2**53, 2**53 + 1, -2**63, 2**63 - 1, float("inf"), -float("inf"),
          1e19, None, "", "abc", "ABC", "10", "010", "1.5", "9x", "a", "c", "2026-01-01", "2026-11-21",
          "2026-01-01 00:00:00", "a\0b", "é", "zebra", ":", "low", b"", b"abc", b"\0", b"10", 9.3e18]
LOCAL = ["li", "lt", "ln", "lr", "lx", "ld"]


class Generator:
    """Makes queries; {A} and {B} stand for the tables."""

    def __init__(self, rng, version, held):
        self.rng, self.version = rng, version
        self.held = held  # by column: values that it holds
        self.params = []

    def pick(self, *choices):
        return self.rng.choice(choices)

    def column(self, alias=""):
        return alias + self.rng.choice(COMMON if self.rng.random() < 0.6 else NAMES)

    def value(self):
        if self.rng.random() < 0.5:
            return self.rng.choice(LITERALS)
        self.params.append(self.rng.choice(VALUES))
        return "?"

    def near(self, column):
        """A value that the column holds, so that comparisons meet something."""
        name, r = column.split(".")[-1], self.rng.random()
        if r < 0.3:
            return f"(SELECT {name} FROM nb WHERE {name} IS NOT NULL ORDER BY k LIMIT 1 OFFSET {self.rng.randrange(40)})"
        held = self.rng.choice(self.held[name])
        if r < 0.7 and not isinstance(held, float):  # a literal; of a float only a parameter is exact
            return str(held) if isinstance(held, int) else f"x'{held.hex()}'" if isinstance(held, bytes) else \
                "'" + held.replace("'", "''") + "'" if "\0" not in held else f"CAST(x'{held.encode().hex()}' AS TEXT)"
        self.params.append(held)
        return "?"

    def other(self, column):
        return self.near(column) if self.rng.random() < 0.6 else self.value()

    def term(self, alias=""):
        c, r = self.column(alias), self.rng.random()
        if r < 0.45:
            return f"{c} {self.pick('=', '=', '<>', '<', '<=', '>', '>=', 'IS', 'IS NOT', '==')} {self.other(c)}"
        if r < 0.5:
            return f"{self.other(c)} {self.pick('=', '<', '>=', '<>')} {c}"
        if r < 0.6:
            return f"{c} IS {self.pick('', 'NOT ')}NULL"
        if r < 0.7:
            return f"{c} {self.pick('', '', 'NOT ')}BETWEEN {self.other(c)} AND {self.other(c)}"
        if r < 0.8:
            items = ", ".join(self.other(c) for _ in range(self.rng.randrange(1, 6)))
            return f"{c} {self.pick('', '', '', 'NOT ')}IN ({items})"
        if r < 0.85:
            return f"{c} {self.pick('', 'NOT ')}IN (SELECT {self.pick(*LOCAL)} FROM loc)"
        if r < 0.9:
            return f"{c} {self.pick('LIKE', 'GLOB')} {self.pattern()}"
        if r < 0.93:
            return f"{c} = {self.other(c)} COLLATE {self.pick('NOCASE', 'RTRIM', 'BINARY')}"
        d = self.column(alias)
        if r < 0.95:
            return f"{c} {self.pick('=', '<', '>', 'IS')} {d}"
        if r < 0.96:
            return f"({c}, {d}) {self.pick('=', '<', '>=')} ({self.other(c)}, {self.other(d)})"
        if r < 0.97:
            # with text columns SQLite itself loses rows: docs/virtual-tables.md, "Rules"
            return f"({alias}i, {alias}s) IN (SELECT {self.pick(*LOCAL)}, {self.pick(*LOCAL)} FROM loc)"
        return f"{self.pick('length', 'typeof', 'upper', 'hex')}({c}) {self.pick('=', '>')} {self.value()}"

    def pattern(self):
        if self.rng.random() < 0.3:
            self.params.append(self.rng.choice(["a*", "a%", "I*", "2026%", "%", "1*"]))
            return "?"
        return self.pick("'a*'", "'A%'", "'I*'", "'2026-*'", "'1%'", "'%b%'")

    def where(self, alias=""):
        r = self.rng.random()
        if r < 0.1:
            return "1"
        if r < 0.55:
            return self.term(alias)
        if r < 0.7:
            return " AND ".join(self.term(alias) for _ in range(self.rng.randrange(2, 4)))
        if r < 0.9:
            return " OR ".join(self.term(alias) for _ in range(self.rng.randrange(2, 4)))
        if r < 0.95:
            return f"({self.term(alias)} OR {self.term(alias)}) AND {self.term(alias)}"
        return f"NOT ({self.term(alias)})"

    def columns(self, alias="", n=4):
        return ", ".join(self.column(alias) for _ in range(self.rng.randrange(1, n)))

    def order(self, alias="", n=3):
        return ", ".join(self.column(alias) + self.pick("", "", " ASC", " DESC", " DESC")
                         for _ in range(self.rng.randrange(1, n)))

    def limit(self):
        r, n = self.rng.random(), self.rng.choice([0, 1, 3, 5, 20, 200, -1])
        if r < 0.3:
            self.params.append(n)
            return " LIMIT ?"
        return f" LIMIT {n}" + (f" OFFSET {self.rng.choice([0, 1, 4, 30, -2])}" if r < 0.7 else "")

    def plain(self):
        t = self.pick("{A}", "{B}", "{C}")
        columns = self.pick("*", self.columns(), "k, " + self.columns())
        return "bag", f"SELECT {columns} FROM {t} WHERE {self.where()}"

    def ordered(self):
        t = self.pick("{A}", "{B}", "{C}")
        return "list", f"SELECT k, {self.columns()} FROM {t} WHERE {self.where()} ORDER BY {self.order()}, k" + \
            self.pick("", " DESC")

    def limited(self):
        t = self.pick("{A}", "{B}", "{C}")
        if self.rng.random() < 0.1:  # two columns of one table: a term that virtual tables are not told of
            return "list", f"SELECT k, i FROM {t} WHERE {self.pick('i = s', 'f = i', 's >= b')} ORDER BY k{self.limit()}"
        kind, order = self.pick(("list", f" ORDER BY {self.order()}, k"), ("list", " ORDER BY k"), ("count", ""))
        columns = self.columns()
        if self.rng.random() < 0.5:  # exact terms only, so that LIMIT is sent
            c = self.pick("i", "s", "f", "b", "x", "d", "w")
            where = f"{c} {self.pick('=', '<>', 'IS NOT')} {self.value()}" if self.rng.random() < 0.7 else "1"
        else:
            where = self.where()
        return kind, f"SELECT k, {columns} FROM {t} WHERE {where}{order}{self.limit()}"

    def aggregate(self):
        t = self.pick("{A}", "{B}", "{C}")
        c, g = self.column(), self.column()
        what = self.pick("count(*)", f"count({c})", f"min({c}), count(*)", f"max({c})", f"min({c})", "sum(s), total(s)",
                         f"count(DISTINCT {c})", f"max({c}), min({self.column()})")
        if self.rng.random() < 0.4:
            return "bag", f"SELECT {what} FROM {t}" + (f" WHERE {self.where()}" if self.rng.random() < 0.7 else "")
        having = f" HAVING count(*) > {self.rng.randrange(3)}" if self.rng.random() < 0.3 else ""
        return "bag", f"SELECT {g}, {what} FROM {t} WHERE {self.where()} GROUP BY {g}{having}" + \
            self.pick("", f" ORDER BY {g}")

    def distinct(self):
        t, c = self.pick("{A}", "{B}", "{C}"), self.columns()
        return "bag", f"SELECT DISTINCT {c} FROM {t} WHERE {self.where()}" + self.pick("", f" ORDER BY {c}")

    def join(self):
        left, right = self.pick("{A}", "{B}", "{C}"), self.pick("{A}", "{B}", "{C}")
        kinds = ["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN"]
        if self.version >= (3, 39):
            kinds += ["RIGHT JOIN", "FULL JOIN"]
        if self.rng.random() < 0.6:
            c = self.column("p.")
            on = f"{c} {self.pick('=', '=', '=', '<', 'IS', '>=')} q.{self.pick(*LOCAL)}"
            first, second = self.pick((f"{left} p", "loc q"), ("loc q", f"{left} p"))
        else:
            c = self.column()
            on = f"p.{c} {self.pick('=', '=', 'IS')} q.{self.pick(c, self.column())}"
            first, second = f"{left} p", f"{right} q"
        if self.rng.random() < 0.3:
            on += f" AND {self.term('p.')}"
        where = self.where("p.") if self.rng.random() < 0.7 else "1"
        columns = self.pick("count(*)", "p.k, " + self.columns("p."), "p.k, q.k")
        return "bag", f"SELECT {columns} FROM {first} {self.rng.choice(kinds)} {second} ON {on} WHERE {where}"

    def nested(self):
        t, u = self.pick("{A}", "{B}", "{C}"), self.pick("{A}", "{B}")
        c, r = self.column(), self.rng.random()
        if r < 0.3:
            return "bag", f"SELECT k, {c} FROM {t} WHERE {c} {self.pick('IN', 'NOT IN')} " \
                f"(SELECT {self.pick(c, self.column())} FROM {u} WHERE {self.where()})"
        if r < 0.6:
            return "bag", f"SELECT li, (SELECT count(*) FROM {t} WHERE {c} {self.pick('=', '<', '>')} " \
                f"{self.pick(*LOCAL)}) FROM loc"
        if r < 0.8:
            return "bag", f"SELECT k FROM loc WHERE EXISTS (SELECT 1 FROM {t} p WHERE p.{c} = {self.pick(*LOCAL)} " \
                f"AND {self.term('p.')})"
        return "bag", f"SELECT lt, (SELECT {c} FROM {t} p WHERE p.{self.column()} >= {self.pick(*LOCAL)} " \
            f"ORDER BY {c}, k LIMIT 1) FROM loc"

    def compound(self):
        c, d = self.column(), self.column()
        op = self.pick("UNION ALL", "UNION", "EXCEPT", "INTERSECT")
        text = f"SELECT {c} FROM {{A}} WHERE {self.where()} {op} SELECT {d} FROM {{B}} WHERE {self.where()}"
        if self.rng.random() < 0.4:
            return "bag", text
        if op == "UNION ALL" and self.rng.random() < 0.5:
            return "count", text + self.limit()
        return "list", text + f" ORDER BY 1{self.limit() if self.rng.random() < 0.5 else ''}"

    def query(self):
        self.params = []
        kinds = [self.plain, self.plain, self.plain, self.ordered, self.limited, self.limited, self.aggregate,
                 self.distinct, self.join, self.join, self.nested, self.compound]
        kind, sql = self.rng.choice(kinds)()
        assert sql.count("?") == len(self.params), sql
        return kind, sql, self.params


class Apsw:
    """Just enough of sqlite3's interface over apsw, whose wheel brings an SQLite of its own."""

    def __init__(self):
        import apsw
        self.db = apsw.Connection(":memory:")
        (getattr(self.db, "enable_load_extension", None) or self.db.enableloadextension)(True)
        self.load_extension = getattr(self.db, "load_extension", None) or self.db.loadextension
        sqlite3.Error = apsw.Error
        sqlite3.sqlite_version = apsw.sqlitelibversion()
        sqlite3.sqlite_version_info = tuple(map(int, sqlite3.sqlite_version.split(".")))

    def enable_load_extension(self, on):
        pass

    def execute(self, sql, params=()):
        def same_text(v):
            return v.encode() if isinstance(v, str) else v

        rows = [tuple(map(same_text, row)) for row in self.db.cursor().execute(sql, tuple(params))]
        return type("Rows", (), {"fetchall": lambda _: rows, "fetchone": lambda _: rows[0],
                                 "__iter__": lambda _: iter(rows)})()


def load(extension, apsw):
    db = Apsw() if apsw else sqlite3.connect(":memory:", isolation_level=None)
    db.text_factory = bytes
    db.enable_load_extension(True)
    db.load_extension(extension)
    return db


def fill(db, rng):
    def engine(sql):
        db.execute("SELECT rockset_exec(?)", (sql,)).fetchall()

    columns = ", ".join(f'"{name}" {kind}' for name, kind, _ in COLUMNS)
    engine("CREATE SCHEMA IF NOT EXISTS diff")
    for table in ("a", "b", "c"):
        key = "_id VARCHAR, " if table == "b" else ""
        engine(f"CREATE TABLE diff.{table}(k BIGINT, {key}{columns})")
        rows = []
        for k in range(ROWS):
            values = [str(k)] + ([f"'id{k}'"] if key else [])
            for _, kind, literals in COLUMNS:
                v = "NULL" if rng.random() < 0.12 else rng.choice(literals)
                values.append(f"CAST({v} AS {kind})" if not kind.startswith("UNION") else v)
            rows.append("(" + ", ".join(values) + ")")
        if table == "c":  # rows that are there twice
            rows += rows[:20]
        engine(f"INSERT INTO diff.{table} VALUES " + ", ".join(rows))
        db.execute(f"CREATE VIRTUAL TABLE v{table} USING rockset('diff.{table}')")
        db.execute(f"CREATE TABLE n{table} AS SELECT * FROM v{table}")
        want = db.execute(f"SELECT count(*) FROM n{table}").fetchone()[0]
        assert want == len(rows), (table, want, len(rows))
    db.execute("CREATE TABLE loc(k INTEGER PRIMARY KEY, li INTEGER, lt TEXT, ln NUMERIC, lr REAL, lx, ld DATE)")
    pool = VALUES + [3, 5, "3", "2026-01-02", "b", 9007199254740994.0]
    for k in range(14):
        db.execute("INSERT INTO loc VALUES(?,?,?,?,?,?,?)", [k] + [rng.choice(pool) for _ in range(6)])


def held(db):
    """By column: the values of a native table; blobs stay bytes, text is text again."""
    result = {}
    for name in NAMES + ["k"]:
        rows = db.execute(f"SELECT DISTINCT typeof({name}), {name} FROM nb WHERE {name} IS NOT NULL ORDER BY 1, 2")
        result[name] = [v.decode() if kind == b"text" else v for kind, v in rows]
    return result


def run(db, sql, params):
    try:
        return db.execute(sql, params).fetchall()
    except sqlite3.Error as e:
        return f"error: {e}"


def canonical(rows):
    return sorted(repr(row) for row in rows)


def show(rows, other):
    """An error, or how many rows and the first ones that the other side lacks."""
    if isinstance(rows, str) or isinstance(other, str):
        return rows if isinstance(rows, str) else f"{len(rows)} rows"
    lacking = collections.Counter(map(repr, rows)) - collections.Counter(map(repr, other))
    return f"{len(rows)} rows, of its own: {list(lacking.elements())[:4]}"


def same(kind, virtual, native, db, sql, params):
    if isinstance(virtual, str) or isinstance(native, str):
        return isinstance(virtual, str) and isinstance(native, str) and "table v" not in virtual
    if kind == "list":
        return [repr(r) for r in virtual] == [repr(r) for r in native]
    if kind == "count":  # any rows will do: as many, and each of them one that may be there
        full = run(db, sql[:sql.rindex(" LIMIT")], params[:len(params) - ("LIMIT ?" in sql)])
        allowed = collections.Counter(repr(r) for r in full)
        return len(virtual) == len(native) and not collections.Counter(repr(r) for r in virtual) - allowed
    return canonical(virtual) == canonical(native)


SENT = re.compile(r'(?:CAST\()?"(\w)"(?: AS \w+\))? (=|<>|<=|>=|<|>|IS NOT NULL|IS NULL|IS NOT|IS|IN)')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--apsw", action="store_true", help="with apsw's SQLite in place of Python's")
    parser.add_argument("--show", action="store_true", help="print each query")
    args = parser.parse_args()
    rng, memory = random.Random(args.seed), random.Random(args.seed)
    db = load(os.environ["ROCKSET_EXT"], args.apsw)
    fill(db, rng)
    started = time.monotonic()
    generator = Generator(rng, sqlite3.sqlite_version_info, held(db))
    sent, different, with_rows, errors, limits = collections.Counter(), 0, 0, 0, 0
    for n in range(args.queries):
        kind, sql, params = generator.query()
        virtual_sql, native_sql = (re.sub(r"\{([ABC])\}", lambda m: prefix + m[1].lower(), sql) for prefix in "vn")
        if args.show:
            print(f"# {n}: {virtual_sql} {params}", flush=True)
        # what joins keep of their lookups: nothing, too little for a table, enough
        db.execute("SELECT rockset_cache_memory(?)", (memory.choice((0, 3000, 64 << 20)),)).fetchall()
        virtual, native = run(db, virtual_sql, params), run(db, native_sql, params)
        errors += isinstance(native, str)
        with_rows += not isinstance(native, str) and len(native) > 0 and native not in ([(0,)], [(None,)])
        if not same(kind, virtual, native, db, native_sql, params):
            different += 1
            print(f"# query {n} of seed {args.seed} differs: {virtual_sql}\n#   parameters {params}")
            for row in db.execute("EXPLAIN QUERY PLAN " + virtual_sql, params) if not isinstance(virtual, str) else ():
                print(f"#   {row[3].decode()}")
            print(f"#   virtual {show(virtual, native)}")
            print(f"#   native  {show(native, virtual)}")
            if different >= 20:
                break
        elif not isinstance(virtual, str):
            plan = b" ".join(row[3] for row in db.execute("EXPLAIN QUERY PLAN " + virtual_sql, params)).decode()
            limits += " LIMIT ?" in plan
            sent.update(SENT.findall(plan.replace("?", "")))
    seconds = time.monotonic() - started
    share = 100 * with_rows / max(1, args.queries)
    print(f"# SQLite {sqlite3.sqlite_version}, seed {args.seed}: {args.queries} queries, {different} differences, "
          f"{share:.0f} % with rows, {errors} errors in both, {sum(sent.values())} terms sent "
          f"({len(sent)} of operator × column), {limits} limits sent, {seconds:.1f} s")
    good = different == 0 and share >= 60 and limits > 0
    print(f"{'ok' if good else 'not ok'} 1 - virtual tables answer as native tables do")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
