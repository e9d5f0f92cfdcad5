"""Writes through a virtual table over the embedded DuckDB beside the same writes to a native SQLite table.

The rows lie in a local SQLite table, so that both sides read them the same way; COMMIT is part of each
run, and both files are on the same disk. Prints medians of interleaved runs, their ratio and the bar.
"""
import os
import resource
import sqlite3
import statistics
import time

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "7"))
INSERTED, UPSERTED = 100_000, 10_000

COLUMNS = "id, k, price, n, name, city, day, flag"
SOURCE = """CREATE TABLE source(id INTEGER, k INTEGER, price REAL, n INTEGER, name TEXT, city TEXT, day TEXT,
  flag INTEGER)"""
FILL = """INSERT INTO source WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ? - 1)
  SELECT i, i % 1000, i * 1.5, (i * 7919) % 100003, 'name ' || i, 'city ' || (i % 5000),
    date('2000-01-01', (i % 3650) || ' days'), i % 2 FROM s"""
REMOTE = """create table commons.%s (id bigint, k bigint, price double, n bigint, name varchar,
  city varchar, day date, flag boolean)"""


def timed(db, *statements):
    started = time.perf_counter()
    db.execute("BEGIN")
    for sql in statements:
        db.execute(sql)
    db.execute("COMMIT")
    return time.perf_counter() - started


def report(name, native, virtual, bar):
    a, b = statistics.median(native), statistics.median(virtual)
    print(f"{name:40} {a * 1000:10.1f} {b * 1000:11.1f} {b / a:7.2f} {'<= %.2f' % bar if bar else '':>8}",
          flush=True)


def inserts(db, name, key, rows, bar, runs):
    """Each run inserts the same rows into an empty table."""
    native, virtual = [], []
    options = ", key='id'" if key else ""
    db.execute("SELECT rockset_exec(?)", (REMOTE % "w",))
    db.execute(f"CREATE VIRTUAL TABLE w USING rockset('commons.w'{options})")
    db.execute(SOURCE.replace("TABLE source", "TABLE nat").replace(
        "id INTEGER", "id INTEGER PRIMARY KEY" if key else "id INTEGER"))
    take = f"SELECT {COLUMNS} FROM source WHERE id < {rows}"
    for _ in range(runs):
        native.append(timed(db, f"INSERT INTO nat({COLUMNS}) {take}"))
        virtual.append(timed(db, f"INSERT INTO w({COLUMNS}) {take}"))
        assert db.execute("SELECT count(*) FROM w").fetchone()[0] == rows
        db.execute("SELECT rockset_exec('delete from commons.w')")
        db.execute("DELETE FROM nat")
    report(name, native, virtual, bar)
    db.execute("DROP TABLE w")
    db.execute("DROP TABLE nat")
    db.execute("SELECT rockset_exec('drop table commons.w')")


def upserts(db, bar):
    """10,000 rows, half of them new, into a table of ROWS rows."""
    native, virtual = [], []
    db.execute("SELECT rockset_exec(?)", (REMOTE % "big",))
    db.execute("CREATE VIRTUAL TABLE w USING rockset('commons.big', key='id')")
    db.execute(SOURCE.replace("TABLE source", "TABLE nat").replace("id INTEGER", "id INTEGER PRIMARY KEY"))
    db.execute(f"INSERT INTO nat SELECT * FROM source WHERE id < {ROWS}")
    db.execute(f"INSERT INTO w({COLUMNS}) SELECT {COLUMNS} FROM source WHERE id < {ROWS}")
    step = max(1, ROWS // (UPSERTED // 2))
    for run in range(RUNS):
        take = (f"SELECT CASE WHEN id % 2 THEN {ROWS} + {run * UPSERTED} + id ELSE id / 2 * {step} + {run} END, "
                f"k, price + {run}, n, name, city, day, flag FROM source WHERE id < {UPSERTED}")
        native.append(timed(db, f"INSERT OR REPLACE INTO nat({COLUMNS}) {take}"))
        virtual.append(timed(db, f"INSERT OR REPLACE INTO w({COLUMNS}) {take}"))
    wanted = db.execute("SELECT count(*), sum(price), sum(id) FROM nat").fetchone()
    assert db.execute("SELECT count(*), sum(price), sum(id) FROM w").fetchone() == wanted
    report(f"upsert of {UPSERTED:,} rows into {ROWS:,}", native, virtual, bar)
    native, virtual = [], []
    for run in range(RUNS):
        where = f"id % 101 = {run}"
        native.append(timed(db, f"UPDATE nat SET price = price + 1 WHERE {where}"))
        virtual.append(timed(db, f"UPDATE w SET price = price + 1 WHERE {where}"))
    report("update of one column in 1 % of the rows", native, virtual, None)
    db.execute("DROP TABLE w")
    db.execute("DROP TABLE nat")


def main():
    db = sqlite3.connect("write.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    db.execute("SELECT rockset_create_workspace('commons')")
    db.execute(SOURCE)
    db.execute(FILL, (max(ROWS, INSERTED),))
    print(f"SQLite {sqlite3.sqlite_version}, {RUNS} interleaved runs, medians")
    print(f"{'case':40} {'native ms':>10} {'virtual ms':>11} {'ratio':>7} {'bar':>8}")
    inserts(db, f"insert of {INSERTED:,} rows", False, INSERTED, 1.3, RUNS)
    inserts(db, f"insert of {INSERTED:,} rows with a key", True, INSERTED, None, RUNS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    inserts(db, f"insert of {ROWS:,} rows", False, ROWS, None, 1)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"peak memory of that one: {grown / 1024:.0f} MB more than of the others", flush=True)
    upserts(db, 0.7)


main()
