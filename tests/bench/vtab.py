"""Virtual tables over the embedded DuckDB: each bar of speed, one table, exit code 1 when one is missed.

1,000,000 rows x 8 columns, beside the same rows in a native SQLite table and beside floors that nobody can
beat (floor.c: DuckDB's own C API, a virtual table that serves rows from memory), all in this process.
The contestants of a case run in turn, BENCH_RUNS times; what is compared are medians of wall-clock time,
and CPU time of the whole process stands beside them, for machines that have other work. Each statement
consumes its rows inside SQLite, so that Python does not count.

BENCH_BY=cpu lets CPU time decide instead, for a machine that is never quiet: it is the same work, but what
two threads do side by side counts twice.

Growth is from BENCH_ROWS to ten times as many. Memory is the peak of a process of its own, at BENCH_ROWS
and at BENCH_MEMORY_ROWS rows, and of an INSERT of BENCH_LOAD_ROWS; BENCH_GROWTH=0 and BENCH_MEMORY=0 leave those out.
"""
import os
import sqlite3
import statistics
import subprocess
import sys
import time

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "9"))
MEMORY_ROWS = int(os.environ.get("BENCH_MEMORY_ROWS", "20000000"))
ONLY = os.environ.get("BENCH_ONLY", "")
BY_CPU = os.environ.get("BENCH_BY") == "cpu"
LOAD_ROWS = int(os.environ.get("BENCH_LOAD_ROWS", "5000000"))
INSERTED, UPSERTED = 100_000, 10_000
BIG_RUNS = max(1, RUNS // 3)

SELECT = ("select range as id, range %% 1000 as k, range * 1.5e0 as price, (range * 7919) %% 100003 as n, "
          "'name ' || range as name, 'city ' || (range %% 5000) as city, "
          "cast(date '2000-01-01' + cast(range %% 3650 as integer) as date) as day, range %% 2 = 0 as flag "
          "from range(%d)")
COLUMNS = "id, k, price, n, name, city, day, flag"
LOCAL = "id INTEGER, k INTEGER, price REAL, n INTEGER, name TEXT, city TEXT, day TEXT, flag INTEGER"
REMOTE = ("id bigint, k bigint, price double, n bigint, name varchar, city varchar, day date, flag boolean")
ALL = "count({0}), sum({1}), sum({2}), max({3}), max(length({4})), max(length({5})), max({6}), sum({7})"
NAMED = ALL.format(*COLUMNS.split(", "))
GROUPED = "select city, count(*), sum(price) from {} group by city"


# ---- measuring ---------------------------------------------------------------------------------------------

class Time:
    """Medians in seconds: wall-clock, CPU of all threads."""

    def __init__(self):
        self.runs = []

    def run(self, work):
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.runs.append((time.perf_counter() - wall, time.process_time() - cpu))
        return result

    @property
    def wall(self):
        return statistics.median(w for w, _ in self.runs)

    @property
    def cpu(self):
        return statistics.median(c for _, c in self.runs)


class Table:
    """What is printed, and whether a bar was missed."""

    def __init__(self):
        self.missed = []
        print(f"{'case':53} {'beside':>20} {'ms':>8} {'CPU':>7} {'ours':>8} {'CPU':>7} {'ratio':>7} {'CPU':>6} "
              f"{'bar':>6}")

    def verdict(self, name, value, bar):
        if bar is None:
            return ""
        if value > bar:
            self.missed.append(name)
        return f"{bar:6.2f} " + ("missed" if value > bar else "ok")

    def times(self, name, beside, other, ours, bar=None):
        """other: one Time or several, whose sum counts."""
        others = other if isinstance(other, list) else [other]
        wall, cpu = sum(o.wall for o in others), sum(o.cpu for o in others)
        ratio = ours.wall / wall
        print(f"{name:53} {beside:>20} {wall * 1000:8.1f} {cpu * 1000:7.0f} {ours.wall * 1000:8.1f} "
              f"{ours.cpu * 1000:7.0f} {ratio:7.2f} {ours.cpu / cpu:6.2f} {self.verdict(name, ours.cpu / cpu if BY_CPU else ratio, bar)}",
              flush=True)

    def value(self, name, unit, value, bar):
        print(f"{name:53} {unit:>20} {'':33} {value:7.2f} {'':6} {self.verdict(name, value, bar)}", flush=True)


def alternate(runs, *works, prepare=None):
    """Runs the contestants in turn; their Times."""
    times = [Time() for _ in works]
    for run in range(runs):
        if prepare:
            prepare(run)
        for t, work in zip(times, works):
            t.result = t.run(work)
    return times


def same(name, a, b):
    def plain(rows):
        return sorted([round(v, 6) if isinstance(v, float) else v for v in row] for row in rows)
    assert plain(a.result) == plain(b.result), f"{name}: the results differ"


def wanted(name):
    return not ONLY or any(part in name for part in ONLY.split("|"))


# ---- connections -------------------------------------------------------------------------------------------

def connect(path, ours=True, floor=None):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    if ours:
        db.load_extension(os.environ["ROCKSET_EXT"])
    if floor:
        db.load_extension(os.environ["BENCH_FLOOR"])
        db.execute("SELECT floor_open(?, ?)", (os.environ["DUCKDB_LIBRARY"], floor))
    return db


def prepare():
    """bench.db with its engine's file, floor.duckdb, and the same rows in all."""
    db = connect("bench.db", floor="floor.duckdb")
    db.execute("SELECT rockset_create_workspace('commons')")
    db.execute("SELECT rockset_exec(?)", ("create table commons.t as " + SELECT % ROWS,))
    db.execute("SELECT floor_exec(?)", ("create table t as " + SELECT % ROWS,))
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t')")
    db.execute("CREATE VIRTUAL TABLE mem USING floor_rows('select * from t')")
    db.execute("CREATE TABLE native AS SELECT * FROM v")
    db.execute(f"CREATE TABLE source({LOCAL})")
    db.execute("INSERT INTO source SELECT * FROM native")
    for name, n in (("source100", INSERTED), ("source10", UPSERTED)):  # a scan of all would count on both sides
        db.execute(f"CREATE TABLE {name}({LOCAL})")
        db.execute(f"INSERT INTO {name} SELECT * FROM native WHERE id < {n}")
    for name, n in (("keys1", 1000), ("keys10", 10000)):
        db.execute(f"CREATE TABLE {name}(id INTEGER)")
        db.execute(f"INSERT INTO {name} SELECT (id * 37) % {ROWS} FROM native LIMIT {n}")
    db.execute("PRAGMA temp_store = memory")
    return db


# ---- reading -----------------------------------------------------------------------------------------------

class Reading:
    """SQL over native tables and virtual ones."""

    def __init__(self, db, table):
        self.db, self.table = db, table

    def sql(self, text):
        return lambda: self.db.execute(text).fetchall()

    def floor(self, text, how="floor_stream"):
        return lambda: self.db.execute(f"SELECT {how}(?)", (text,)).fetchall()

    def beside_native(self, name, text, bar, virtual=None):
        if not wanted(name):
            return
        native, ours = alternate(RUNS, self.sql(text.format("native")), self.sql((virtual or text).format("v")))
        same(name, native, ours)
        self.table.times(name, "native", native, ours, bar)

    def join(self):
        """Beside the better of SQLite's two orders: for tables without statistics it does not always take it."""
        name = "join of 10,000 local keys"
        if not wanted(name):
            return
        join = "SELECT count(price), sum(price) FROM keys10 k JOIN {} t ON t.id = k.id"
        other = "SELECT count(price), sum(price) FROM native t CROSS JOIN keys10 k ON t.id = k.id"
        one, two, ours = alternate(RUNS, self.sql(join.format("native")), self.sql(other), self.sql(join.format("v")))
        native = min(one, two, key=lambda t: t.wall)
        same(name, native, ours)
        self.table.times(name, "native, best order", native, ours, 1.3)

    def scan(self):
        name = "full scan of 8 columns"
        if not wanted(name):
            return
        memory = ALL.format(*(f"c{i}" for i in range(8)))
        native, engine, rows, ours = alternate(
            RUNS, self.sql(f"SELECT {NAMED} FROM native"), self.floor("select * from t"),
            self.sql(f"SELECT {memory} FROM mem"), self.sql(f"SELECT {NAMED} FROM v"))
        same(name, native, ours)
        same(name, native, rows)
        self.table.times(name, "native", native, ours, 1.5)
        self.table.times(name, "engine + memory", [engine, rows], ours, 1.2)
        self.table.times("  the engine's own stream", "native", native, engine)
        self.table.times("  the rows served from memory", "native", native, rows)

    def pushed(self):
        name = "rockset_query, GROUP BY inside"
        if not wanted(name):
            return
        text = GROUPED.format("commons.t")
        query = f"(SELECT c1 AS city, c2 AS n, c3 AS total FROM rockset_query('{text}'))"
        plain = f"({GROUPED.format('native').replace('count(*)', 'count(*) AS n').replace('sum(price)', 'sum(price) AS total')})"
        consume = "SELECT count(city), sum(n), sum(total) FROM {}"
        assert (sorted(self.db.execute(f"SELECT * FROM {query}").fetchall())
                == sorted(self.db.execute(f"SELECT * FROM {plain}").fetchall())), name
        native, engine, ours = alternate(
            RUNS, self.sql(consume.format(plain)), self.floor(GROUPED.format("t")), self.sql(consume.format(query)))
        self.table.times(name, "DuckDB's C API", engine, ours, 1.1)
        self.table.times(name, "native", native, ours, 0.3)

    def first_row(self):
        name = "first row of a full scan"
        if not wanted(name):
            return

        def first():
            cursor = self.db.execute("SELECT * FROM v")
            cursor.fetchone()
            cursor.close()
        engine, ours = alternate(4 * RUNS, self.floor("select * from t", "floor_first"), first)
        self.table.times(name, "DuckDB's C API", engine, ours, 2)

    def all(self):
        self.scan()
        self.beside_native("aggregate of 2 columns", "SELECT sum(price), count(k) FROM {}", 1.3)
        self.pushed()
        self.beside_native("top 10", "SELECT id, price FROM {} ORDER BY price DESC LIMIT 10", 0.3)
        join = "SELECT count(price), sum(price) FROM keys10 k JOIN {} t ON t.id = k.id"
        self.join()
        self.beside_native("left join of 10,000 local keys", join.replace("JOIN", "LEFT JOIN"), 1.3)
        self.beside_native("10,000 keys by IN (SELECT)", join, 0.35,
                           "SELECT count(price), sum(price) FROM {} WHERE id IN (SELECT id FROM keys10)")
        self.beside_native("1,000 keys by IN (SELECT)", "SELECT sum(price) FROM {} WHERE id IN (SELECT id FROM keys1)",
                           None)
        self.beside_native("count(*)", "SELECT count(*) FROM {}", None)
        self.beside_native("filter, 0.1 % of the rows", "SELECT sum(price) FROM {} WHERE k = 7", None)
        self.first_row()


# ---- writing -----------------------------------------------------------------------------------------------

def transaction(db, sql):
    def work():
        db.execute("BEGIN")
        db.execute(sql)
        db.execute("COMMIT")
    return work


def row_by_row(db, table, rows):
    """As an application does it: a prepared statement, its parameters bound for each row."""
    def work():
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO {table}({COLUMNS}) VALUES ({', '.join('?' * len(rows[0]))})", rows)
        db.execute("COMMIT")
    return work


def inserts(db, table, name, key, bar, there=0):
    """The same rows into a new table, or behind others, the COMMIT included.

    New ones each time: DuckDB keeps deleted rows until a checkpoint, and only what goes into a table that
    has none is moved there by COMMIT as it is."""
    if not wanted(name):
        return
    local = LOCAL.replace("id INTEGER", "id INTEGER PRIMARY KEY") if key else LOCAL
    before = f"select * replace (-1 - id as id) from {{}} where id < {there}"

    def renew(_run):
        db.execute("SELECT rockset_exec('drop table if exists commons.w'), floor_exec('drop table if exists w')")
        db.execute("SELECT rockset_exec(?), floor_exec(?)",
                   (f"create table commons.w ({REMOTE})", f"create table w ({REMOTE})"))
        db.execute("DROP TABLE IF EXISTS nat")
        db.execute(f"CREATE TABLE nat({local})")
        if there > 0:
            db.execute("SELECT rockset_exec(?), floor_exec(?)", ("insert into commons.w " + before.format("commons.t"),
                                                                 "insert into w " + before.format("t")))
            db.execute(f"INSERT INTO nat({COLUMNS}) SELECT -1 - id, {COLUMNS[4:]} FROM native WHERE id < {there}")
    renew(0)
    options = ", key='id'" if key else ""
    db.execute(f"CREATE VIRTUAL TABLE w USING rockset('commons.w'{options})")
    db.execute("SELECT floor_keep(?)", (f"select * from t where id < {INSERTED}",))
    take = f"SELECT {COLUMNS} FROM source100"
    sink = "INSERT INTO mem(c0, c1, c2, c3, c4, c5, c6, c7) " + take
    native, engine, calls, ours = alternate(
        RUNS, transaction(db, f"INSERT INTO nat({COLUMNS}) {take}"),
        lambda: db.execute("SELECT floor_append('w')").fetchall(), transaction(db, sink),
        transaction(db, f"INSERT INTO w({COLUMNS}) {take}"), prepare=renew)
    rows = db.execute(take).fetchall()
    native_rows, our_rows = alternate(RUNS, row_by_row(db, "nat", rows), row_by_row(db, "w", rows), prepare=renew)
    check = f"SELECT {NAMED} FROM {{}}"
    assert db.execute(check.format("w")).fetchall() == db.execute(check.format("nat")).fetchall(), name
    table.times(name, "native", native, ours, bar)
    table.times(name, "appender + calls", [engine, calls], ours)
    table.times(name.replace("insert of", "insert, row by row, of"), "native", native_rows, our_rows, bar)
    table.times("  DuckDB's appender, ready chunks", "native", native, engine)
    table.times("  xUpdate that drops its values", "native", native, calls)
    db.execute("DROP TABLE w")
    db.execute("DROP TABLE nat")
    db.execute("SELECT rockset_exec('drop table commons.w'), floor_exec('drop table w')")


def upserts(db, table):
    """10,000 rows, half of them new, into a table of ROWS rows."""
    name = f"upsert of {UPSERTED:,} rows"
    if not wanted(name):
        return
    db.execute("SELECT rockset_exec('create table commons.big as select * from commons.t')")
    db.execute("SELECT floor_exec('create table big as select * from t')")
    db.execute("CREATE VIRTUAL TABLE w USING rockset('commons.big', key='id')")
    db.execute(f"CREATE TABLE nat({LOCAL.replace('id INTEGER', 'id INTEGER PRIMARY KEY')})")
    db.execute("INSERT INTO nat SELECT * FROM source")
    step = max(1, ROWS // (UPSERTED // 2))
    native, engine, ours = Time(), Time(), Time()
    for run in range(RUNS):
        ids = f"CASE WHEN id % 2 THEN {ROWS} + {run * UPSERTED} + id ELSE id / 2 * {step} + {run} END"
        rest = f"k, price + {run}, n, name, city, day, flag"
        take = f"SELECT {ids}, {rest} FROM source10"
        ids = ids.replace("WHEN id % 2", "WHEN id % 2 = 1").replace("id / 2", "id // 2")
        staged = (f"begin; create temp table stage as select {ids} as id, {rest} from t where id < {UPSERTED}; "
                  "delete from big using stage where big.id = stage.id; insert into big select * from stage; "
                  "drop table stage; commit")
        native.run(transaction(db, f"INSERT OR REPLACE INTO nat({COLUMNS}) {take}"))
        engine.run(lambda sql=staged: db.execute("SELECT floor_exec(?)", (sql,)).fetchall())
        ours.run(transaction(db, f"INSERT OR REPLACE INTO w({COLUMNS}) {take}"))
    check = "SELECT count(*), sum(price), sum(id) FROM {}"
    assert db.execute(check.format("w")).fetchall() == db.execute(check.format("nat")).fetchall(), name
    table.times(name, "native", native, ours, 0.7)
    table.times("  stage, DELETE, INSERT in DuckDB", "native", native, engine)
    if wanted("update of one column"):
        native, ours = Time(), Time()
        for run in range(RUNS):
            update = f"UPDATE {{}} SET price = price + 1 WHERE id % 101 = {run}"
            native.run(transaction(db, update.format("nat")))
            ours.run(transaction(db, update.format("w")))
        table.times("update of one column, 1 % of rows", "native", native, ours)
    db.execute("DROP TABLE w")
    db.execute("DROP TABLE nat")
    db.execute("SELECT rockset_exec('drop table commons.big'), floor_exec('drop table big')")


# ---- writing with the keys that tables have ----------------------------------------------------------------

# SQL of the key of row `id`, its type here and in the engine
KEYS = {
    "keyless": ("id", "INTEGER", "bigint"),
    "integer keys": ("id", "INTEGER PRIMARY KEY", "bigint"),
    "text keys in order": ("printf('key-%012d', id)", "TEXT PRIMARY KEY", "varchar"),
    "text keys in random order": ("printf('%08x-key', (id * 2654435761) % 4294967296)", "TEXT PRIMARY KEY", "varchar"),
}


class Writing:
    """A table of the engine, `w`, and a native one with the same key, `nat`; the COMMIT is included.

    Both are new in each run: DuckDB keeps deleted rows until a checkpoint."""

    def __init__(self, db, kind, rows):
        self.db, self.kind, self.rows = db, kind, rows
        self.expression, self.local, self.remote = KEYS[kind]
        db.execute("DROP TABLE IF EXISTS given")
        db.execute(f"CREATE TABLE given({LOCAL.replace('id INTEGER', 'id')})")
        db.execute(f"INSERT INTO given SELECT {self.expression}, {COLUMNS[4:]} FROM source WHERE id < {rows}")
        self.renew()
        key = "" if kind == "keyless" else ", key='id'"
        db.execute(f"CREATE VIRTUAL TABLE w USING rockset('commons.w'{key})")

    def renew(self, _run=0, full=False):
        self.db.execute("SELECT rockset_exec('drop table if exists commons.w'), rockset_exec(?)",
                        (f"create table commons.w ({REMOTE.replace('id bigint', 'id ' + self.remote)})",))
        self.db.execute("DROP TABLE IF EXISTS nat")
        without = " WITHOUT ROWID" if self.local.startswith("TEXT") else ""
        self.db.execute(f"CREATE TABLE nat({LOCAL.replace('id INTEGER', 'id ' + self.local)}){without}")
        if full:
            for name in ("nat", "w"):
                transaction(self.db, f"INSERT INTO {name}({COLUMNS}) SELECT {COLUMNS} FROM given")()

    def full(self, run):
        self.renew(run, True)

    def beside(self, table, name, sql, bar, prepare=None):
        name = f"{name}, {self.rows:,} rows"
        if not wanted(name):
            return
        native, ours = alternate(RUNS if self.rows <= INSERTED else BIG_RUNS, transaction(self.db, sql.format("nat")),
                                 transaction(self.db, sql.format("w")), prepare=prepare or self.renew)
        self.compare(name)
        table.times(name, "native", native, ours, bar)

    def one_by_one(self, table, bar):
        name = f"one by one, {self.kind}, {self.rows:,} rows"
        if not wanted(name):
            return
        rows = self.db.execute(f"SELECT {COLUMNS} FROM given").fetchall()
        native, ours = alternate(RUNS if self.rows <= INSERTED else BIG_RUNS, row_by_row(self.db, "nat", rows),
                                 row_by_row(self.db, "w", rows), prepare=self.renew)
        self.compare(name)
        table.times(name, "native", native, ours, bar)

    def compare(self, name):
        check = "SELECT count(*), sum(price), sum(length(id)), min(id), max(id), sum(n) FROM {}"
        assert self.db.execute(check.format("w")).fetchall() == self.db.execute(check.format("nat")).fetchall(), name

    def close(self):
        self.db.execute("DROP TABLE w")
        self.db.execute("DROP TABLE nat")
        self.db.execute("SELECT rockset_exec('drop table commons.w')")


def keyed_writes(db, table):
    for rows in dict.fromkeys((INSERTED, ROWS)):
        for kind, bar in (("keyless", 1.0), ("integer keys", 1.3), ("text keys in order", 1.6),
                          ("text keys in random order", 1.6)):
            if not any(wanted(f"{verb}, {kind}, {rows:,} rows")
                       for verb in ("INSERT ... SELECT", "one by one", "UPDATE of 10 %", "DELETE of 10 %", "OR REPLACE")):
                continue
            w = Writing(db, kind, rows)
            w.beside(table, f"INSERT ... SELECT, {kind}", f"INSERT INTO {{}}({COLUMNS}) SELECT {COLUMNS} FROM given", bar)
            w.one_by_one(table, 1.3)
            if kind != "keyless":
                w.beside(table, f"UPDATE of 10 %, {kind}", "UPDATE {} SET price = price + 1 WHERE k % 10 = 3", 2, w.full)
                w.beside(table, f"DELETE of 10 %, {kind}",
                         "DELETE FROM {} WHERE id IN (SELECT id FROM given WHERE n % 10 = 3)", 2, w.full)
            if kind == "text keys in random order" and rows == ROWS:
                take = f"SELECT {COLUMNS} FROM given WHERE rowid % {max(1, rows // UPSERTED)} = 1"
                w.beside(table, f"OR REPLACE of {UPSERTED:,}, {kind}", f"INSERT OR REPLACE INTO {{}}({COLUMNS}) {take}",
                         0.7, w.full)
            w.close()


# ---- growth ------------------------------------------------------------------------------------------------

def growth(db, table):
    """Ten times the rows: within 11 times the time."""
    if not wanted("growth") or os.environ.get("BENCH_GROWTH") == "0":
        return
    db.execute("SELECT rockset_exec(?)", ("create table commons.t10 as " + SELECT % (10 * ROWS),))
    db.execute("CREATE VIRTUAL TABLE v10 USING rockset('commons.t10')")
    cases = [("full scan", f"SELECT {NAMED} FROM v"), ("aggregate of 2 columns", "SELECT sum(price), count(k) FROM v"),
             ("rockset_query", f"SELECT * FROM rockset_query('{GROUPED.format('commons.t')}')"),
             ("top 10", "SELECT id, price FROM v ORDER BY price DESC LIMIT 10"),
             ("join of 10,000 keys", "SELECT count(price), sum(price) FROM keys10 k JOIN v t ON t.id = k.id"),
             ("IN (SELECT)", "SELECT count(price) FROM v WHERE id IN (SELECT id FROM keys10)")]
    for name, sql in cases:
        more = (sql.replace("commons.t", "commons.t10").replace("FROM v", "FROM v10").replace("JOIN v", "JOIN v10"))
        one, ten = alternate(3, lambda: db.execute(sql).fetchall(), lambda: db.execute(more).fetchall())
        table.times(f"growth: {name}", f"{ROWS:,} rows", one, ten, 11)
    growth_of_inserts(db, table)


def growth_of_inserts(db, table):
    """Beside them DuckDB's own appender, also for fewer rows: those below a row group (122,880) it writes to its log
    as they are, and compresses them at a checkpoint; others it compresses at once."""
    db.execute("CREATE TABLE times(j INTEGER)")
    db.execute("INSERT INTO times VALUES(0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
    create = f"create table commons.w ({REMOTE})"
    for name, key in (("insert", ""), ("insert with a key", ", key='id'")):
        one, ten = Time(), Time()
        db.execute("SELECT rockset_exec(?)", (create,))
        db.execute(f"CREATE VIRTUAL TABLE w USING rockset('commons.w'{key})")
        for t, n in ((one, 1), (ten, 10)) * 2:
            db.execute("SELECT rockset_exec('drop table commons.w'), rockset_exec(?)", (create,))  # as inserts() has it
            t.run(transaction(db, f"INSERT INTO w({COLUMNS}) SELECT {ROWS} * j + {COLUMNS} "
                                  f"FROM times CROSS JOIN source WHERE j < {n}"))
        table.times(f"growth: {name}", f"{ROWS:,} rows", one, ten, 11)
        db.execute("DROP TABLE w")
        db.execute("SELECT rockset_exec('drop table commons.w')")
    few, one = Time(), Time()
    for t, rows in ((few, INSERTED), (one, ROWS)) * 3:
        db.execute("SELECT floor_exec('drop table if exists w'), floor_exec(?)", (f"create table w ({REMOTE})",))
        db.execute("SELECT floor_keep(?)", (f"select * from t where id < {rows}",))
        t.run(lambda: db.execute("SELECT floor_append('w')").fetchall())
    table.times("  DuckDB's appender, ready chunks", f"{INSERTED:,} rows", few, one)
    db.execute("SELECT floor_exec('drop table w')")


# ---- processes of their own --------------------------------------------------------------------------------

def resident(field):
    """MiB: VmHWM at most so far (resource's figure would be the parent's where that one was larger), VmRSS now."""
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(field)) / 1024


def child(*args):
    out = subprocess.run([sys.executable, __file__, *map(str, args)], check=True, stdout=subprocess.PIPE, text=True)
    return [float(x) for x in out.stdout.split()]


def make(rows):
    """memory.db and its engine's file."""
    db = connect("memory.db")
    db.execute("SELECT rockset_create_workspace('commons')")
    db.execute("SELECT rockset_exec(?)", ("create table commons.t as " + SELECT % rows,))
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t')")
    db.close()


def scan_child(who):
    if who == "ours":
        db = connect("memory.db")
        rows = db.execute(f"SELECT {NAMED} FROM v").fetchall()[0][0]
    else:
        db = connect(":memory:", ours=False, floor="memory.db.duckdb")
        rows = db.execute("SELECT floor_stream('select * from commons.t')").fetchall()[0][0]
    assert rows > 0
    print(resident("VmHWM"))


def insert_child(who):
    """BENCH_LOAD_ROWS rows out of nothing that is held: into a new table, through DuckDB alone or ours."""
    key, how = who.split(":")
    text = "'key-' || {0}" if key == "text" else "{0}"
    if how == "engine":
        db = connect(":memory:", ours=False, floor="load.duckdb")
        db.execute("SELECT floor_exec(?)", (f"create table t as select {text.format('range')} as id, range % 1000 as k, "
                                            f"'name ' || range as name from range({LOAD_ROWS})",))
    else:
        db = connect("load.db")
        db.execute("SELECT rockset_create_workspace('commons')")
        kind = "varchar" if key == "text" else "bigint"
        db.execute("SELECT rockset_exec(?)", (f"create table commons.t (id {kind}, k bigint, name varchar)",))
        given = "" if key == "keyless" else ", key='id'"
        db.execute(f"CREATE VIRTUAL TABLE t USING rockset('commons.t'{given})")
        transaction(db, f"WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x + 1 < {LOAD_ROWS}) "
                        f"INSERT INTO t(id, k, name) SELECT {text.format('x')}, x % 1000, 'name ' || x FROM c")()
    print(resident("VmHWM"))


def memory_of_inserts(table):
    for key, bar in (("keyless", 64), ("integer", 160), ("text", 160)):
        name = f"memory: insert of {LOAD_ROWS:,} rows, {key}"
        if not wanted(name) or os.environ.get("BENCH_MEMORY") == "0":
            continue
        figures = []
        for how in ("engine", "ours"):
            for file in ("load.db", "load.db.duckdb", "load.duckdb"):
                if os.path.exists(file):
                    os.remove(file)
            figures.append(child("insert", f"{key}:{how}")[0])
        table.value(name, f"{figures[1]:.0f} - {figures[0]:.0f} MiB", figures[1] - figures[0], bar)


def load_child():
    db = sqlite3.connect(":memory:")
    db.execute("SELECT 1").fetchall()
    db.enable_load_extension(True)
    before, started = resident("VmRSS"), time.perf_counter()
    db.load_extension(os.environ["ROCKSET_EXT"])
    print((time.perf_counter() - started) * 1000, resident("VmHWM") - before)


def memory(table):
    if not wanted("memory") or os.environ.get("BENCH_MEMORY") == "0":
        return
    for rows in (ROWS, MEMORY_ROWS):
        for file in ("memory.db", "memory.db.duckdb"):
            if os.path.exists(file):
                os.remove(file)
        child("make", rows)
        pairs = [(child("scan", "engine")[0], child("scan", "ours")[0]) for _ in range(3)]
        engine, ours = (statistics.median(p[i] for p in pairs) for i in (0, 1))
        name = f"memory: scan of {rows:,} rows"
        table.value(name, f"{ours:.0f} - {engine:.0f} MiB", ours - engine, 8)
    os.remove("memory.db")
    os.remove("memory.db.duckdb")


def loading(table):
    if not wanted("loading"):
        return
    runs = [child("load") for _ in range(15)]
    table.value("loading the extension", "ms", statistics.median(r[0] for r in runs), 8)
    table.value("loading the extension", "MiB", statistics.median(r[1] for r in runs), 8)


def main():
    if len(sys.argv) > 1:
        {"make": lambda: make(int(sys.argv[2])), "scan": lambda: scan_child(sys.argv[2]),
         "insert": lambda: insert_child(sys.argv[2]), "load": load_child}[sys.argv[1]]()
        return
    print(f"SQLite {sqlite3.sqlite_version}, {ROWS:,} rows, {RUNS} interleaved runs, medians; "
          f"{'CPU time' if BY_CPU else 'wall-clock'} decides; load {os.getloadavg()[0]:.1f}")
    table = Table()
    loading(table)
    memory(table)
    memory_of_inserts(table)
    db = prepare()
    Reading(db, table).all()
    inserts(db, table, f"insert of {INSERTED:,} rows", False, 1.3)
    inserts(db, table, f"insert of {INSERTED:,} rows, keyed", True, 1.3)
    inserts(db, table, f"insert of {INSERTED:,} rows behind as many", False, None, INSERTED)
    upserts(db, table)
    keyed_writes(db, table)
    growth(db, table)
    if table.missed:
        print(f"missed: {', '.join(dict.fromkeys(table.missed))}")
        sys.exit(1)


main()
