#!/usr/bin/env python3
"""A run of 1,000 small tables on DuckDB with four threads: ours, the same SQL replayed through DuckDB's
library with as many connections, and dbt 2.0.

Usage: runner.py BUILD

BENCH_TABLES   "1000"
BENCH_RUNS     "3": runs for each, in turn
"""
import json
import os
import re
import subprocess
import sys
import tempfile

import others

THREADS = 4
SQL = "select range as id, 'name ' || range as name from range(10)"
SCRIPT = """
import json, resource, sqlite3, sys, time
work, extension, count, sql, threads, record = sys.argv[1:]
db = sqlite3.connect(work + "/a.db", isolation_level=None)
db.enable_load_extension(True)
db.load_extension(extension)
profile = {"bench": {"target": "dev", "outputs": {"dev": {
  "type": "duckdb", "path": work + "/ours.duckdb", "schema": "main", "threads": int(threads)}}}}
db.execute("SELECT rockset_init()")
db.execute("SELECT rockset_profile('dev', 'bench', ?)", (json.dumps(profile),)).fetchone()
db.execute("BEGIN")
for i in range(int(count)):
    db.execute("INSERT INTO rockset_models(name, sql, materialized) VALUES (?, ?, 'table')", ("m%d" % i, sql))
db.execute("COMMIT")
sent, last = [], 0
def take():
    global last
    for id, text in db.execute("SELECT id, sql FROM rockset_log WHERE id > ?", (last,)).fetchall():
        sent.append(text)
        last = id
cpu, wall, n = time.process_time(), time.perf_counter(), 0
for (status,) in db.execute("SELECT status FROM rockset_run('*')"):
    assert status == "success", status
    n += 1
    if int(record) and n % 50 == 0: take() # the log keeps the last thousand
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
if int(record): take()
print(json.dumps({"wall": wall, "cpu": cpu, "n": n, "sent": sent,
  "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def ours(build, count, record):
    with tempfile.TemporaryDirectory() as work:
        out = subprocess.run(["/usr/bin/python3", "-c", SCRIPT, work, os.path.join(build, "rockset_ext"),
                              str(count), SQL, str(THREADS), str(int(record))], check=True,
                             capture_output=True, text=True,
                             env=dict(os.environ, DUCKDB_LIBRARY=others.library(build)))
        got = json.loads(out.stdout)
        assert got["n"] == count, got["n"]
        return got


def write_recording(path, sent):
    """The statements of each table are a transaction: they name it."""
    tables = {}
    for sql in sent:
        found = re.search(r'"(?:__rs_tmp_)?(m\d+)(?:_[0-9a-f]{8})?"', sql)
        if found:
            tables.setdefault(found[1], []).append(sql)
    with open(path, "w") as f:
        for statements in tables.values():
            f.write("%d\n" % len(statements))
            for sql in statements:
                f.write("%d\n%s\n" % (len(sql.encode()), sql))
    return len(tables), sum(map(len, tables.values()))


def replay(build, recording):
    with tempfile.TemporaryDirectory() as work:
        out = subprocess.run([os.path.join(build, "bench", "replay"), others.library(build),
                              os.path.join(work, "replay.duckdb"), str(THREADS), recording], check=True,
                             capture_output=True, text=True).stdout.split()
        return {"wall": float(out[0]), "cpu": float(out[1])}


def dbt_project(folder, count):
    os.makedirs(os.path.join(folder, "models"))
    with open(os.path.join(folder, "dbt_project.yml"), "w") as f:
        f.write("name: bench\nversion: '1.0'\nconfig-version: 2\nprofile: bench\n"
                "flags: {send_anonymous_usage_stats: false}\nmodels: {bench: {+materialized: table}}\n")
    with open(os.path.join(folder, "profiles.yml"), "w") as f:
        f.write("bench: {target: dev, outputs: {dev: {type: duckdb, path: %s, schema: main, threads: %d}}}\n"
                % (os.path.join(folder, "b.duckdb"), THREADS))
    for i in range(count):
        with open(os.path.join(folder, "models", "m%d.sql" % i), "w") as f:
            f.write(SQL + "\n")


def dbt_2(build, count):
    with tempfile.TemporaryDirectory() as work:
        program, env, why = others.dbt_2(build, work)
        if program is None:
            return why
        project = os.path.join(work, "p")
        dbt_project(project, count)
        try:
            c = others.cost([*program, "run", "--threads", str(THREADS), "--profiles-dir", "."], cwd=project, env=env)
        except RuntimeError as e:
            return str(e)
        return {"wall": c.wall, "cpu": c.cpu, "peak": c.peak}


def main():
    build = os.path.abspath(sys.argv[1])
    count, runs = int(os.environ.get("BENCH_TABLES", "1000")), int(os.environ.get("BENCH_RUNS", "3"))
    print("A run of %d small tables on DuckDB, %d threads; best of %d, in turn" % (count, THREADS, runs), flush=True)
    best = {}
    with tempfile.TemporaryDirectory() as work:
        recording = os.path.join(work, "sql")
        tables, statements = write_recording(recording, ours(build, count, True)["sent"])
        assert tables == count, (tables, count)
        for _ in range(runs):
            for name, got in (("ours", ours(build, count, False)), ("replay", replay(build, recording)),
                              ("dbt 2.0", dbt_2(build, count))):
                if isinstance(got, str):
                    best[name] = got
                    continue
                kept = best.setdefault(name, dict(got))
                for key in ("wall", "cpu"):  # each the least seen
                    kept[key] = min(kept[key], got[key])
    for name, got in best.items():
        if isinstance(got, str):
            print("  %-8s skipped: %s" % (name, got))
            continue
        print("  %-8s %7.2f s, %6.2f s of CPU%s%s" % (
            name, got["wall"], got["cpu"], ", %.0f MiB" % got["peak"] if "peak" in got else "",
            "" if name == "ours" else ": ours takes %.2f x the time, %.2f x the CPU" % (
                best["ours"]["wall"] / got["wall"], best["ours"]["cpu"] / got["cpu"])), flush=True)
    print("  (%d statements for %d tables, besides BEGIN and COMMIT)" % (statements, tables))


if __name__ == "__main__":
    main()
