"""Your own tables in statements for the engine (sqlite.<table>), beside SQLite, DuckDB over a table of its own, and
DuckDB's SQLite scanner in a process of its own. The bars of docs/performance.md are asserted: exit code 1 when one is
missed.

    python3 local.py BUILD       BENCH_ROWS (1,000,000 rows of 8 columns), BENCH_RUNS (5)

Medians of runs that take turns; the file is in the page cache. "first": a new connection that has sent nothing yet, the
engine's file is open; "again": the same statement once more; "1,000 more": after so many rows were appended.
"""
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "dbt"))
from environment import install  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
MORE = 1000
FILL = """INSERT INTO orders WITH RECURSIVE s(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM s WHERE i < ?)
  SELECT i, (i * 7919) % 97, (i * 31) % (? / 10), 'city ' || ((i * 104729) % 50), i * 1.25, (i * 13) % 1000,
    date('2020-01-01', (i % 1500) || ' days'), CASE i % 11 WHEN 0 THEN NULL ELSE 'note ' || i END FROM s"""
GROUP = ("SELECT kind, city, count(*) AS n, sum(price) AS price, avg(units) AS units FROM %s GROUP BY kind, city "
         "ORDER BY kind, city")
JOIN = ("SELECT p.grade, count(*) AS n, sum(o.price) AS price FROM %s o JOIN %s p ON p.code = o.person "
        "GROUP BY p.grade ORDER BY p.grade")
FEW = "SELECT count(*) AS n, sum(price) AS price FROM %s WHERE id BETWEEN 5000 AND 5999"
SCAN = "SELECT count(kind), count(city), count(price), count(units) FROM orders"


def connect(load=True):
    db = sqlite3.connect("app.db", isolation_level=None)
    if load:
        db.enable_load_extension(True)
        db.load_extension(os.path.join(BUILD, "rockset_ext.so"))
        db.execute("SELECT rockset_cache_memory(8000000000)")
        db.execute("SELECT * FROM rockset_query('SELECT 1')").fetchall()
    return db


def fill():
    db = connect()
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE orders(id INTEGER PRIMARY KEY, kind INTEGER, person INTEGER, city TEXT, price REAL, "
               "units INTEGER, day TEXT, note TEXT)")
    db.execute(FILL, (1, ROWS, ROWS))
    # no key: what SQLite joins without an index of its own
    db.execute("CREATE TABLE people(code INTEGER, grade TEXT)")
    db.execute("INSERT INTO people WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ? - 1) "
               "SELECT i, 'grade ' || (i % 20) FROM s", (ROWS // 10,))
    for table in ("orders", "people"):
        db.execute("SELECT rockset_push('%s', 'commons.%s')" % (table, table)).fetchall()
    db.close()


def timed(db, sql):
    start = time.perf_counter()
    rows = db.execute(sql).fetchall()
    return time.perf_counter() - start, rows


def engine(sql):
    return "SELECT * FROM rockset_query('%s')" % sql.replace("'", "''")


def scanner(statements):
    """Seconds, first and again, of each; None: it can't be had."""
    try:
        python = os.path.join(install(BUILD, "scanner", os.path.join(HERE, "scanner.txt")), "bin", "python")
    except Exception as e:
        print("DuckDB's scanner could not be installed: %s" % e)
        return None
    out = subprocess.run([python, os.path.join(HERE, "scanner.py"), "app.db"], input="\n".join(statements) + "\n",
                         text=True, stdout=subprocess.PIPE, check=True).stdout.split()
    return [(float(a), float(b)) for a, b in zip(out[::2], out[1::2])]


def main():
    os.chdir(tempfile.mkdtemp())
    fill()
    took = {}

    def note(name, seconds):
        took.setdefault(name, []).append(seconds)

    group, join = GROUP % "sqlite.orders", JOIN % ("sqlite.orders", "sqlite.people")
    plain = connect(load=False)
    bytes_kept, arrow = 0, 0
    for run in range(RUNS):
        note("scan", timed(plain, SCAN)[0])
        seconds, expected = timed(plain, GROUP % "orders")
        note("group sqlite", seconds)
        note("few sqlite", timed(plain, FEW % "orders")[0])
        db = connect()
        note("few", timed(db, engine(FEW % "sqlite.orders"))[0])
        db.close()
        db = connect()
        note("group first", timed(db, engine(group))[0])
        again, rows = timed(db, engine(group))
        note("group again", again)
        if len(rows) != len(expected):
            raise SystemExit("%d rows instead of %d" % (len(rows), len(expected)))
        note("group own", timed(db, engine(GROUP % "commons.orders"))[0])
        note("group again", timed(db, engine(group))[0])
        note("group own", timed(db, engine(GROUP % "commons.orders"))[0])
        if run == 0:
            note("join sqlite", timed(plain, JOIN % ("orders", "people"))[0])
        db.close()
        db = connect()
        note("join first", timed(db, engine(join))[0])
        note("join again", timed(db, engine(join))[0])
        note("join own", timed(db, engine(JOIN % ("commons.orders", "commons.people")))[0])
        db.close()
        db = connect()
        timed(db, engine(group))
        top = db.execute("SELECT max(id) FROM orders").fetchone()[0]
        db.execute(FILL, (top + 1, top + MORE, ROWS))
        note("group more", timed(db, engine(group))[0])
        note("group after", timed(db, engine(group))[0])
        if run == RUNS - 1:  # 8-byte numbers, texts with offsets of 4 bytes
            arrow = db.execute("SELECT sum(24 + 4 + length(city)) FROM orders").fetchone()[0]
            (bytes_kept,) = db.execute("SELECT c1 FROM rockset_query('SELECT sum(memory_usage_bytes)::BIGINT FROM "
                                       "duckdb_memory() WHERE tag IN (''IN_MEMORY_TABLE'', ''BASE_TABLE'')')").fetchone()
        db.close()
    beside = scanner([(GROUP % "app.orders"), JOIN % ("app.orders", "app.people")])
    m = {name: statistics.median(times) * 1000 for name, times in took.items()}

    def line(what, name, scan=None):
        print("| %s | %.0f | %.0f | %.1f | %.1f | %s |" % (
            what, m[name + " sqlite"], m[name + " first"], m[name + " again"], m[name + " own"],
            "%.0f, %.0f" % (scan[0] * 1000, scan[1] * 1000) if scan else "-"))

    print("%d rows of 8 columns; milliseconds, medians of %d" % (ROWS, RUNS))
    print("| | SQLite | first | again | DuckDB, own table | DuckDB's scanner, first and again |")
    print("|---|---|---|---|---|---|")
    line("GROUP BY two columns, three aggregates", "group", beside and beside[0])
    line("join with %d rows, GROUP BY" % (ROWS // 10), "join", beside and beside[1])
    print("SQLite's scan of the four columns: %.0f ms; after %d more rows: %.1f ms; then again %.1f ms; copies: %.1f MB, as Arrow "
          "%.1f MB" % (m["scan"], MORE, m["group more"], m["group after"], bytes_kept / 1e6, arrow / 1e6))
    print("1,000 rows that the primary key finds, first: %.1f ms, SQLite itself %.1f ms" % (m["few"], m["few sqlite"]))
    bars = [("again, to DuckDB's own table", m["group again"] / m["group own"], 1.3),
            ("again, to SQLite", m["group again"] / m["group sqlite"], 0.1),
            ("first, to SQLite's scan + 0.3 s a million rows", m["group first"] / (1.2 * m["scan"] + 300 * ROWS / 1e6), 1),
            ("first, to SQLite's GROUP BY", m["group first"] / m["group sqlite"], 1),
            ("join first, to SQLite", m["join first"] / m["join sqlite"], 1),
            ("join again, to SQLite", m["join again"] / m["join sqlite"], 0.05),
            ("%d more rows, to again" % MORE, m["group more"] / m["group again"], 1.5),
            ("memory, to Arrow", bytes_kept / arrow, 1)]
    missed = 0
    for what, ratio, bar in bars:
        missed += ratio > bar
        print("%-50s %6.3f  bar %g%s" % (what, ratio, bar, "" if ratio <= bar else "  MISSED"))
    return 1 if missed else 0


sys.exit(main())
