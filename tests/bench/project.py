#!/usr/bin/env python3
"""A generated project, imported, parsed and compiled whole: time, peak memory, and whether it grows
linearly; how much a second import touches; the same project with dbt-core 1.7 and dbt 2.0.
Each model has a config, two refs, a macro call and a variable.

Usage: project.py BUILD

BENCH_MODELS   "5000 10000 20000 50000": sizes for ours
BENCH_DBT      "5000": the size for dbt ("" = without); dbt-core takes minutes
BENCH_RUNS     "3": runs for each, in turn with dbt 2.0's
"""
import json
import os
import subprocess
import sys
import tempfile

import others

SCRIPT = """
import json, resource, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.enable_load_extension(True)
db.load_extension(sys.argv[2])
base_cpu = time.process_time()
start = time.perf_counter()
db.execute("SELECT rockset_init()")
db.execute("SELECT rockset_import(?)", (sys.argv[3],)).fetchone()
imported = time.perf_counter()
n = sum(1 for _ in db.execute("SELECT sql FROM rockset_compile('*')"))
end = time.perf_counter()
db.commit()
print(json.dumps({"import": imported - start, "compile": end - imported, "models": n,
  "cpu": time.process_time() - base_cpu,
  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

# What an import of the same folder changes, counted by SQLite itself
AGAIN = """
import json, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
db.enable_load_extension(True)
db.load_extension(sys.argv[2])
before, start = db.total_changes, time.process_time()
report = json.loads(db.execute("SELECT rockset_import(?)", (sys.argv[3],)).fetchone()[0])
print(json.dumps({"rows": db.total_changes - before, "cpu": time.process_time() - start,
  "added": len(report["added"]), "changed": report["changed"], "unchanged": report["unchanged"]}))
db.commit()
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


def ask(script, *arguments):
    return json.loads(subprocess.run(["/usr/bin/python3", "-c", script, *arguments], check=True,
                                     capture_output=True, text=True).stdout)


def ours(work, extension):
    database = os.path.join(work, "a.db")
    if os.path.exists(database):
        os.remove(database)
    return ask(SCRIPT, database, extension, os.path.join(work, "p"))


def sizes(extension, runs):
    for count in map(int, os.environ.get("BENCH_MODELS", "5000 10000 20000 50000").split()):
        with tempfile.TemporaryDirectory() as work:
            write(os.path.join(work, "p"), count)
            got = [ours(work, extension) for _ in range(runs if count <= 10000 else 1)]
            assert all(g["models"] == count for g in got)
            g = min(got, key=lambda g: g["cpu"])
            print("  %6d models %7.3f s + %.3f s, %.3f s of CPU: %5.1f us a model, %5.1f MiB" % (
                count, g["import"], g["compile"], g["cpu"], g["cpu"] / count * 1e6, g["peak"]), flush=True)


def again(work, extension):
    """An unchanged project, then one with one changed model."""
    project, database = os.path.join(work, "p"), os.path.join(work, "a.db")
    for what in ("nothing", "one model"):
        if what != "nothing":
            with open(os.path.join(project, "models", "m1.sql"), "a") as f:
                f.write("-- changed\n")
        g = ask(AGAIN, database, extension, project)
        print("  imported again, %s changed: %d rows written, %d added, changed %s, %d unchanged, "
              "%.3f s of CPU" % (what, g["rows"], g["added"], g["changed"], g["unchanged"], g["cpu"]),
              flush=True)


def profile(folder, text):
    with open(os.path.join(folder, "profiles.yml"), "w") as f:
        f.write("bench: {target: dev, outputs: {dev: {%s}}}\n" % text)


def compare(build, extension, count, runs):
    with tempfile.TemporaryDirectory() as work:
        project = os.path.join(work, "p")
        write(project, count)
        program, env, why = others.dbt_2(build, work)
        best, best_2 = None, None
        for _ in range(runs):  # in turn: the machine may have other work
            g = ours(work, extension)
            best = g if best is None or g["cpu"] < best["cpu"] else best
            if program is not None:
                profile(project, "type: duckdb, path: %s, schema: main, threads: 4" % os.path.join(work, "b.duckdb"))
                try:
                    c = others.cost([*program, "compile", "--no-partial-parse", "--profiles-dir", "."],
                                    cwd=project, env=env)
                    best_2 = c if best_2 is None or c.cpu < best_2.cpu else best_2
                except RuntimeError as e:
                    program, why = None, str(e)
        mine = best["import"] + best["compile"]
        print("  %d models: ours %12.3f s, %8.3f s of CPU, %6.0f MiB" % (
            count, mine, best["cpu"], best["peak"]), flush=True)
        again(work, extension)

        def told(name, c):
            print("  %-14s %s: %.1f x the time, %.1f x the CPU" % (name, c, c.wall / mine, c.cpu / best["cpu"]),
                  flush=True)
        if best_2 is not None:
            told("dbt 2.0", best_2)
        else:
            print("  dbt 2.0        skipped: %s" % why)
        command, why = others.dbt_core(build)
        if command is None:
            print("  dbt-core 1.7   skipped: %s" % why)
            return
        profile(project, "type: rockset, api_key: x, api_server: api.usw2a1.rockset.com, workspace: commons")
        told("dbt-core 1.7", others.cost([*command, "compile", "--no-partial-parse", "--no-populate-cache",
                                          "--profiles-dir", "."], cwd=project))


def main():
    build = os.path.abspath(sys.argv[1])
    extension, runs = os.path.join(build, "rockset_ext"), int(os.environ.get("BENCH_RUNS", "3"))
    print("A project: import + parse and compile, peak memory of the process (Python included)")
    sizes(extension, runs)
    if os.environ.get("BENCH_DBT", "5000"):
        compare(build, extension, int(os.environ.get("BENCH_DBT", "5000")), runs)


if __name__ == "__main__":
    main()
