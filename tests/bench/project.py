#!/usr/bin/env python3
"""A generated project, imported, parsed and compiled whole: time, peak memory, and whether it grows
linearly. Each model has a config, two refs, a macro call and a variable.

Usage: project.py BUILD      BENCH_MODELS="1000 5000"; 50000 takes a while
"""
import os
import subprocess
import sys
import tempfile
import time

SCRIPT = """
import resource, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.enable_load_extension(True)
db.load_extension(sys.argv[2])
start = time.perf_counter()
db.execute("SELECT rockset_init()")
db.execute("SELECT rockset_import(?)", (sys.argv[3],)).fetchone()
imported = time.perf_counter()
n = size = 0
for (sql,) in db.execute("SELECT sql FROM rockset_compile('*')"):
    n, size = n + 1, size + len(sql)
end = time.perf_counter()
print(imported - start, end - imported, n, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def write(folder, count):
    os.makedirs(os.path.join(folder, "models"))
    os.makedirs(os.path.join(folder, "macros"))
    with open(os.path.join(folder, "dbt_project.yml"), "w") as f:
        f.write("name: bench\nversion: '1.0'\nconfig-version: 2\nprofile: bench\nvars: {limit: 10}\n")
    with open(os.path.join(folder, "macros", "m.sql"), "w") as f:
        f.write("{% macro cents(c) %}({{ c }} / 100){% endmacro %}\n")
    for i in range(count):
        refs = "{{ ref('m%d') }} a join {{ ref('m%d') }} b using (id)" % (i // 2, i // 3) if i else "t"
        with open(os.path.join(folder, "models", "m%d.sql" % i), "w") as f:
            f.write("{{ config(materialized='%s', tags=['t%d']) }}\n\nselect id, {{ cents('x') }} as y\nfrom %s\n"
                    "limit {{ var('limit') }}\n" % ("table" if i % 2 else "view", i % 7, refs))


def main():
    extension = os.path.join(os.path.abspath(sys.argv[1]), "rockset_ext")
    print("A project: import + parse and compile, peak memory of the process (Python included)")
    for count in map(int, os.environ.get("BENCH_MODELS", "1000 5000").split()):
        with tempfile.TemporaryDirectory() as work:
            write(os.path.join(work, "p"), count)
            out = subprocess.run(["/usr/bin/python3", "-c", SCRIPT, os.path.join(work, "a.db"), extension,
                                  os.path.join(work, "p")], check=True, capture_output=True, text=True)
            imported, compiled, n, cpu, peak = map(float, out.stdout.split())
            assert n == count, (n, count)
            print("  %6d models %8.3f s + %.3f s = %6.1f us a model, %.3f s of CPU, %5.1f MiB" % (
                count, imported, compiled, (imported + compiled) / count * 1e6, cpu, peak), flush=True)


if __name__ == "__main__":
    main()
