"""The rows that the differential test asks for: in the engine, and as SQLite should see them.

Each value stands here twice, as the engine's literal and as what docs/virtual-tables.md says it reads as, so that
the native tables owe nothing to the code under test. What is drawn comes from the seed.
"""
import json
import math
import struct

ROWS = 40  # few, so that values collide and joins stay small

# What stands behind a name in EXPLAIN QUERY PLAN; its operators are counted
KINDS = {"i": "integer", "s": "integer", "h": "hugeint", "f": "float", "r": "float", "b": "bool", "t": "text",
         "v": "text", "x": "blob", "d": "date", "c": "time", "w": "timestamp", "z": "timestamptz", "n": "decimal",
         "g": "uuid", "e": "enum", "j": "json", "m": "mixed", "l": "array"}


def text_sql(s):
    parts = ["'" + p.replace("'", "''") + "'" for p in s.split("\0")]
    return " || chr(0) || ".join(parts)


def float_sql(f):
    return "'nan'" if f is None else "'inf'" if f == math.inf else "'-inf'" if f == -math.inf else f"'{f!r}'"


def plain(values):
    return [(str(v), v) for v in values]


def floats(values, bits=64):
    """None is NaN; -0.0 reads as SQLite's REAL columns keep it, as 0.0."""
    def kept(f):
        return None if f is None else 0.0 + (struct.unpack("f", struct.pack("f", f))[0] if bits == 32 else f)
    return [(float_sql(f), kept(f)) for f in values]


def texts(values):
    return [(text_sql(v), v) for v in values]


def blobs(values):
    return [("'" + "".join(f"\\x{b:02x}" for b in v) + "'::BLOB", v) for v in values]


# Name, the engine's type, SQLite's declared type, values
COLUMNS = [
    ("i", "BIGINT", "INTEGER", plain([0, 1, -1, 2, 10, 10, 42, 2**53 + 1, -2**53 - 1, 2**63 - 1, -2**63, 2026])),
    ("s", "SMALLINT", "INTEGER", plain([0, 1, 2, 3, 10, -7, 1, 2])),
    ("h", "HUGEINT", "", plain([0, 1, 10, 2**63 - 1]) + [(str(v), str(v)) for v in (2**63, -2**127 + 1)]),
    ("f", "DOUBLE", "REAL", floats([0.0, -0.0, 1.0, 1.5, -1.5, 10.0, 0.1, None, None, math.inf, -math.inf, 2.0**53,
                                    2.0**53 + 2, 2.0**63, 1e308, 5e-324, -2.0**63])),
    ("r", "FLOAT", "REAL", floats([0.0, 1.0, 0.1, 0.5, None, 16777217.0, -3.25, -0.0], 32)),
    ("b", "BOOLEAN", "INTEGER", [("true", 1), ("false", 0)]),
    ("t", "VARCHAR", "TEXT", texts(["", "10", "010", " 10 ", "1e1", "10.0", "abc", "ABC", "Abc", "abcd", "abc ", "Inf",
                                    "é", "zebra", "日本", "2026-01-01", "a\0b", "\0", "😀", "\uffff", "9x", "-5",
                                    "it's \"q\"", "%", "a_c", "[a]"])),
    ("v", "VARCHAR", "TEXT", texts(["a", "b", "c", "2026-01-02", "5", "50"])),
    ("x", "BLOB", "BLOB", blobs([b"", b"\0", b"abc", b"\xff\xfe", b"10"])),
    ("d", "DATE", "TEXT", texts(["2026-01-01", "2026-11-21", "1969-12-31", "0001-01-01", "9999-12-31"])),
    ("c", "TIME", "TEXT", texts(["08:15:30", "00:00:00", "23:59:59.999999", "08:15:30.5"])),
    ("w", "TIMESTAMP", "TEXT", texts(["2026-01-01 00:00:00", "2026-11-21 08:15:30.5", "1969-12-31 23:59:59.999999",
                                      "2026-01-01 00:00:00.000001"])),
    ("z", "TIMESTAMPTZ", "TEXT", [("'2026-01-01 00:00:00+00'", "2026-01-01 00:00:00"),
                                  ("'2026-11-21 08:15:30.25+02'", "2026-11-21 06:15:30.25")]),
    ("n", "DECIMAL(18,3)", "", [(str(v), float(v)) for v in (0, 1, 1.5, 10, 0.1, -2.25)]
     + [("123456789012345.678", "123456789012345.678")]),
    ("g", "UUID", "TEXT", texts(["00000000-0000-0000-0000-000000000001", "ffffffff-ffff-4fff-8fff-ffffffffffff",
                                 "10000000-0000-0000-0000-000000000000"])),
    ("e", "ENUM('low', 'mid', 'high', '10')", "TEXT", texts(["low", "mid", "high", "10"])),
    ("j", "JSON", "", [("'null'", None), ("'1'", 1), ("'{\"a\":1}'", '{"a":1}'), ("'[1,2]'", "[1,2]"),
                       ("'\"x\"'", "x"), ("'2.5'", 2.5)]),
    ("m", "UNION(k BIGINT, q DOUBLE, y VARCHAR)", "",
     [("union_value(k := 10)", 10), ("union_value(q := 1.5::DOUBLE)", 1.5), ("union_value(y := 'abc')", "abc"),
      ("union_value(y := '10')", "10"), ("union_value(k := 1)", 1), ("union_value(q := 'nan'::DOUBLE)", None)]),
    ("l", "INTEGER[]", "", [("[1, 2]", "[1,2]"), ("[]", "[]"), ("[1, NULL]", "[1,null]")]),
]
NAMES = [c[0] for c in COLUMNS]

# By the letter of a query's placeholder: how the virtual table is declared, and whose rows it has
TABLES = {
    "A": ("'diff.a'", "a"),                               # no key
    "B": ("'diff.b'", "b"),                               # keyed by _id
    "C": ("'diff.c'", "c"),                               # no key, and rows that are there twice
    "Q": ("query='select * from diff.a'", "a"),           # a query without key
    "D": ("query='select * from diff.b', key='k'", "b"),  # a query with a key
    "P": ("query='select * from diff.b where k >= :low'", "b"),  # needs its parameter
    "O": ("'diff.o', columns='i INTEGER PATH o.i, f REAL PATH o.\"f f\"[1], b BOOLEAN PATH o.in.b, t PATH o.in.t'", "o"),
}
PARAMETER = "P"

# What stands in JSON, and what path columns make of it; a Python value stands for itself
INSIDE = {
    "i": [("i", v) for v in (0, 1, -1, 2, 10, 42, 2**53 + 1, 2**63 - 1, -2**63)] + [("10", 10), ("six", None), (True, None)],
    "f": [("f", v) for v in (0.0, 1.5, -1.5, 10.0, 0.1, 1e300)] + [(2, 2.0), ("1.5", 1.5), ("x", None), ([1], None)],
    "b": [(True, 1), (False, 0), ("true", 1), ("x", None), ({"a": 1}, None)],
    "t": [("t", v) for v in ("", "10", "010", "abc", "ABC", "abc ", "é", "zebra", "it's \"q\"", "%", "2026-01-01")]
    + [(10, "10"), (1.5, "1.5"), (True, "true"), ([1, 2], "[1,2]"), ({"a": None}, '{"a":null}')],
}


class Data:
    """The rows of a seed; `lossy`: the target has no infinities (they read as NULL)."""

    def __init__(self, rng, lossy=False):
        self.lossy = lossy
        self.rows = {}  # by relation: [(engine's literals, values)]
        for table in "abc":
            rows = [self.row(rng, k, table == "b") for k in range(ROWS)]
            self.rows[table] = rows + rows[:10] if table == "c" else rows
        self.rows["o"] = [self.inside(rng, *row) for row in self.rows["a"]]
        self.local = [self.local_row(rng, k) for k in range(8)]

    def row(self, rng, k, keyed):
        literals, values = [str(k)], [k]
        if keyed:
            literals.append(f"'id{k}'")
            values.append(f"id{k}")
        for _, kind, _, choices in COLUMNS:
            literal, value = ("NULL", None) if rng.random() < 0.12 else rng.choice(choices)
            literals.append(literal if kind.startswith("UNION") else f"CAST({literal} AS {kind})")
            values.append(None if self.lossy and value in (math.inf, -math.inf) else value)
        return literals, values

    def inside(self, rng, literals, values):
        """The row with INSIDE's columns at its end, taken out of an object o behind k."""
        found, seen = {}, []
        for name, choices in INSIDE.items():
            stored, value = rng.choice(choices)
            stored = value if stored == name else stored
            way = rng.random()  # missing, null or there
            if way < 0.15:
                value = None
            if way < 0.1:
                stored = None
            if not 0.1 <= way < 0.15:
                found[name] = stored
            seen.append(value)
        o = {"i": found["i"]} if "i" in found else {}
        o["f f"] = ["x", found["f"]] if "f" in found else rng.choice([["x"], None, {"1": 7}])
        o["in"] = {n: found[n] for n in "bt" if n in found}
        text = json.dumps(o, ensure_ascii=False, separators=(",", ":"))
        kept = [at for at, name in enumerate(["k"] + NAMES) if name not in INSIDE and name != "k"]
        return ([literals[0], f"CAST({text_sql(text)} AS JSON)"] + [literals[at] for at in kept],
                [values[0], text] + [values[at] for at in kept] + seen)

    def local_row(self, rng, k):
        pool = [0, 1, 2, 10, -1, 3, 5, 1.5, 10.0, 0.1, 2**53, 2**53 + 1, -2**63, 2**63 - 1, math.inf, None, "", "abc",
                "10", "010", "1.5", "9x", "a", "b", "2026-01-01", "2026-01-02", "a\0b", "é", b"", b"abc", "low", "3"]
        return [k] + [rng.choice(pool) for _ in range(6)]

    def held(self):
        """By column: the values that it holds, NULL aside."""
        result = {"k": list(range(ROWS))}
        for at, name in enumerate(NAMES):
            found = {repr(v[at + 1]): v[at + 1] for _, v in self.rows["a"] + self.rows["c"]}
            result[name] = [v for v in found.values() if v is not None] or [0]
        return result

    def engine_sql(self):
        """Statements in the engine's own SQL that make the relations."""
        yield "CREATE SCHEMA IF NOT EXISTS diff"
        for table, rows in self.rows.items():
            key = {"b": "_id VARCHAR, ", "o": "o JSON, "}.get(table, "")
            columns = ", ".join(f'"{name}" {kind}' for name, kind, _, _ in COLUMNS if table != "o" or name not in INSIDE)
            yield f"CREATE TABLE diff.{table}(k BIGINT, {key}{columns})"
            yield f"INSERT INTO diff.{table} VALUES " + ", ".join("(" + ", ".join(r) + ")" for r, _ in rows)

    def make(self, db):
        """The virtual tables (v...) and the native ones (n..., and those that are local in any case)."""
        for letter, (arguments, relation) in TABLES.items():
            virtual, native = "v" + letter.lower(), "n" + letter.lower()
            db.execute(f"CREATE VIRTUAL TABLE {virtual} USING rockset({arguments})")
            if letter == PARAMETER:
                continue
            keys = {"B": "_id", "D": "k"}
            columns = [("k", "INTEGER")] + ([("_id", "TEXT")] if relation == "b" else [])
            own = [(name, declared) for name, _, declared, _ in COLUMNS]
            columns += [("o", "")] * (relation == "o") + [c for c in own if relation != "o" or c[0] not in INSIDE]
            columns += [c for c in own if relation == "o" and c[0] in INSIDE]
            seen = [(r[1], r[2]) for r in db.execute(f"PRAGMA table_info({virtual})")]
            assert seen in (columns, []), f"{virtual} is declared as {seen}"
            key = keys.get(letter)
            db.execute(f"CREATE TABLE {native}(" + ", ".join(
                f"{name} {declared}{' NOT NULL PRIMARY KEY' if name == key else ''}" for name, declared in columns) +
                f"){' WITHOUT ROWID' if key else ''}")
            marks = ", ".join("?" * len(columns))
            db.executemany(f"INSERT INTO {native} VALUES({marks})", [values for _, values in self.rows[relation]])
        db.execute("CREATE TABLE loc(k INTEGER PRIMARY KEY, li INTEGER, lt TEXT, ln NUMERIC, lr REAL, lx, ld DATE)")
        db.executemany("INSERT INTO loc VALUES(?,?,?,?,?,?,?)", self.local)
        # keys in runs: u stays for a while and then changes, s varies from row to row. A run is long enough for a
        # table to be fetched whole within it, on a fast machine too: that takes lookups of some milliseconds
        db.execute("CREATE TABLE runs(k INTEGER PRIMARY KEY, u INTEGER, s INTEGER, t TEXT, v TEXT)")
        db.executemany("INSERT INTO runs VALUES(?,?,?,?,?)", [
            (k, k // 32 % 2, (0, 1, 2, 3, 10, -7, *range(20, 46))[k % 32], ("abc", "10", "", "é")[k % 4],
             "abc5"[k // 6 % 4]) for k in range(96)])
