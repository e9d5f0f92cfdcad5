"""DuckDB's own SQLite scanner: statements over an attached SQLite file, in a process of its own, timed.

scanner.py FILE < statements, one a line: prints the seconds of each, first and second time. Needs the packages of
scanner.txt; local.py calls it.
"""
import os
import sys
import time

import duckdb
import duckdb_extension_sqlite_scanner as package


def main():
    folder = os.path.dirname(package.__file__)
    found = [os.path.join(at, f) for at, _, files in os.walk(folder) for f in files if f.endswith(".duckdb_extension")]
    db = duckdb.connect(":memory:")
    db.execute("LOAD '%s'" % found[0])
    db.execute("ATTACH '%s' AS app (TYPE sqlite, READ_ONLY)" % sys.argv[1])
    for sql in sys.stdin:
        for _ in range(2):
            start = time.perf_counter()
            db.execute(sql).fetchall()
            print(time.perf_counter() - start, flush=True)


main()
