"""A virtual table over the embedded DuckDB beside the same rows in a native SQLite table.

1,000,000 rows x 8 columns. Each case is one SQL statement that consumes its rows inside SQLite, so that
Python's own cost does not count. Prints, for each case, the median of both and their ratio.
"""
import os
import sqlite3
import statistics
import time

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "7"))

MAKE = """create table commons.t as
  select range as id, range %% 1000 as k, range * 1.5e0 as price, (range * 7919) %% 100003 as n,
         'name ' || range as name, 'city ' || (range %% 5000) as city,
         cast(date '2000-01-01' + cast(range %% 3650 as integer) as date) as day, range %% 2 = 0 as flag
  from range(%d)"""

ALL = ("count(id), sum(k), sum(price), max(n), max(length(name)), max(length(city)), max(day), "
       "sum(flag)")

CASES = [
    ("full scan, 8 columns", f"SELECT {ALL} FROM {{}}", None),
    ("aggregate of 2 columns", "SELECT sum(price), count(k) FROM {}", None),
    ("count(*)", "SELECT count(*) FROM {}", None),
    ("filter, 0.1 % of rows", "SELECT sum(price) FROM {} WHERE k = 7", None),
    ("top 10", "SELECT id, price FROM {} ORDER BY price DESC LIMIT 10", None),
    ("GROUP BY inside the engine", "SELECT city, count(*), sum(price) FROM {} GROUP BY city",
     "SELECT c1, c2, c3 FROM rockset_query("
     "'select city, count(*), sum(price) from commons.t group by city')"),
    ("join of 10,000 local keys", "SELECT count(price), sum(price) FROM keys10 k JOIN {} t ON t.id = k.id", None),
    ("left join of 10,000 local keys", "SELECT count(price), sum(price) FROM keys10 k LEFT JOIN {} t ON t.id = k.id",
     None),
    ("10,000 keys: IN (SELECT)", "SELECT count(price), sum(price) FROM keys10 k JOIN {0} t ON t.id = k.id",
     "SELECT count(price), sum(price) FROM v WHERE id IN (SELECT id FROM keys10)"),
    ("1,000 keys of 1M: IN (SELECT)", "SELECT sum(price) FROM {} WHERE id IN (SELECT id FROM keys)", None),
]


def timed(db, sql):
    started = time.perf_counter()
    rows = db.execute(sql).fetchall()
    return time.perf_counter() - started, rows


def main():
    db = sqlite3.connect("bench.db", isolation_level=None)
    db.enable_load_extension(True)
    started = time.perf_counter()
    db.load_extension(os.environ["ROCKSET_EXT"])
    print(f"loading the extension: {(time.perf_counter() - started) * 1000:.1f} ms")
    db.execute("SELECT rockset_create_workspace('commons')")
    db.execute("SELECT rockset_exec(?)", (MAKE % ROWS,))
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t')")
    db.execute("CREATE TABLE native AS SELECT * FROM v")
    db.execute("CREATE TABLE keys AS SELECT (id * 37) % 1000000 AS id FROM native LIMIT 1000")
    db.execute("CREATE TABLE keys10 AS SELECT (id * 37) % 1000000 AS id FROM native LIMIT 10000")
    print(f"SQLite {sqlite3.sqlite_version}, {ROWS:,} rows, {RUNS} interleaved runs, medians")
    print(f"{'case':32} {'native ms':>10} {'virtual ms':>11} {'ratio':>7}")
    for name, sql, remote in CASES:
        native, virtual = [], []
        for _ in range(RUNS):
            seconds, wanted = timed(db, sql.format("native"))
            native.append(seconds)
            seconds, got = timed(db, remote or sql.format("v"))
            virtual.append(seconds)
            assert sorted(map(repr, got)) == sorted(map(repr, wanted)), f"{name}: the results differ"
        a, b = statistics.median(native), statistics.median(virtual)
        print(f"{name:32} {a * 1000:10.1f} {b * 1000:11.1f} {b / a:7.2f}")


main()
