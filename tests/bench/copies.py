"""Local copies over the embedded DuckDB, 1,000,000 rows x 8 columns: rockset_push and rockset_pull beside the same
rows written by INSERT ... SELECT through a virtual table, and beside a copy of a native SQLite table.

Prints medians of interleaved runs and their ratio to the native copy. BENCH_ROWS, BENCH_RUNS.
"""
import os
import sqlite3
import statistics
import time

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "3"))
COLUMNS = "id, k, price, n, name, city, day, flag"
TABLE = "(id INTEGER PRIMARY KEY, k INTEGER, price REAL, n INTEGER, name TEXT, city TEXT, day TEXT, flag INTEGER)"
FILL = """INSERT INTO source WITH RECURSIVE s(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM s WHERE i < ? - 1)
  SELECT i, i % 1000, i * 1.5, (i * 7919) % 100003, 'name ' || i, 'city ' || (i % 5000),
    date('2000-01-01', (i % 3650) || ' days'), i % 2 FROM s"""


def main():
    db = sqlite3.connect("copies.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    run = lambda *sql: [db.execute(s).fetchall() for s in sql]
    run("PRAGMA journal_mode = WAL", "SELECT rockset_init()", f"CREATE TABLE source{TABLE}")
    db.execute(FILL, (ROWS,))
    run("SELECT rockset_push('source', 'commons.t')", "CREATE VIRTUAL TABLE t USING rockset('commons.t')",
        """SELECT rockset_exec('create table commons.w(id bigint, k bigint, price double, n bigint, name varchar,
           city varchar, day varchar, flag bigint)')""", "CREATE VIRTUAL TABLE w USING rockset('commons.w')")
    query = f"select {COLUMNS} from commons.t"
    cases = {
        "copy of a native table": (f"CREATE TABLE x{TABLE}", f"INSERT INTO x SELECT {COLUMNS} FROM source"),
        "INSERT INTO native SELECT FROM virtual": (f"CREATE TABLE x{TABLE}", f"INSERT INTO x SELECT {COLUMNS} FROM t"),
        "rockset_pull": (None, f"SELECT rockset_pull('{query}', 'x', '{{\"key\":\"id\"}}')"),
        "INSERT INTO virtual SELECT FROM native": (
            "SELECT rockset_exec('delete from commons.w')", f"INSERT INTO w({COLUMNS}) SELECT {COLUMNS} FROM source"),
        "rockset_push": (None, "SELECT rockset_push('source', 'commons.p')"),
        "rockset_push by key": (None, "SELECT rockset_push('source', 'commons.pk', '{\"key\":\"id\",\"mode\":\"replace\"}')"),
    }
    took = {name: [] for name in cases}
    for _ in range(RUNS):
        for name, (before, timed) in cases.items():
            db.execute("DROP TABLE IF EXISTS x")
            if before:
                run(before)
            started = time.perf_counter()
            run(timed)
            took[name].append(time.perf_counter() - started)
    base = statistics.median(took["copy of a native table"])
    print(f"local copies, {ROWS} rows x 8 columns        {'ms':>10} {'ratio':>7}")
    for name, times in took.items():
        print(f"{name:40} {statistics.median(times) * 1000:10.1f} {statistics.median(times) / base:7.2f}")


main()
