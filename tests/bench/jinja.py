#!/usr/bin/env python3
"""10,000 templates of about 680 bytes with three expressions each, parsed and rendered once: our
engine, minijinja (Rust) and Jinja2 as dbt sets it up (a tenth of them, since it is slow).

Usage: jinja.py BUILD      BENCH_RUNS: the best of so many (5)
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "dbt"))
RUNS = os.environ.get("BENCH_RUNS", "5")
COUNT = 10000
JINJA2 = """
import sys, time
from argparse import Namespace
import dbt.flags
dbt.flags.set_from_args(Namespace(MACRO_DEBUGGING=False), None)
from dbt.clients import jinja
data, at, templates = open(sys.argv[1]).read(), 0, []
while at < len(data):
    line = data.index("\\n", at)
    n = int(data[at:line])
    templates.append(data[line + 1:line + 1 + n])
    at = line + 1 + n
best = 1e9
for _ in range(2):
    start, size = time.perf_counter(), 0
    env = jinja.get_environment()
    for text in templates:
        ctx = {"schema": "commons", "table": "Flights", "limit": 100}
        size += len(env.from_string(text, globals=ctx).render(ctx))
    best = min(best, time.perf_counter() - start)
print(best, size)
"""


def template(i):
    columns = ",\n".join("  t.column_%d_%d as c%d" % (i, k, k) for k in range(23))
    return ("select\n%s\nfrom {{ schema }}.{{ table | upper }} t\nwhere t.id > %d\n"
            "limit {{ limit * %d }}\n" % (columns, i, i % 9 + 1))


def write(path, count):
    with open(path, "w") as f:
        for i in range(count):
            text = template(i)
            f.write("%d\n%s" % (len(text), text))


def measure(*command):
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(out[0]), int(out[1])


def minijinja(build, path):
    if not shutil.which("cargo"):
        return None, "no cargo here"
    target = os.path.join(build, "bench", "minijinja")
    done = subprocess.run(["cargo", "build", "-q", "--release", "--locked", "--target-dir", target,
                           "--manifest-path", os.path.join(HERE, "minijinja", "Cargo.toml")],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return None, "cargo could not build it: " + done.stderr.strip().split("\n")[-1]
    return measure(os.path.join(target, "release", "bench-minijinja"), path, RUNS), None


def jinja2(build, path):
    try:
        from environment import install
        python = os.path.join(install(build), "bin", "python")
    except Exception as e:
        return None, "dbt-core could not be installed: %s" % e
    return measure(python, "-c", JINJA2, path), None


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        all_of_them, tenth = os.path.join(work, "all"), os.path.join(work, "tenth")
        write(all_of_them, COUNT)
        write(tenth, COUNT // 10)
        ours, size = measure(os.path.join(build, "bench", "jinja"), all_of_them, RUNS)
        print("Jinja: %d templates of %d bytes, three expressions each" % (
            COUNT, os.path.getsize(all_of_them) // COUNT))
        print("  %-12s %8.1f us each" % ("ours", ours / COUNT * 1e6))
        for name, (got, why), count in [("minijinja", minijinja(build, all_of_them), COUNT),
                                        ("Jinja2", jinja2(build, tenth), COUNT // 10)]:
            if got is None:
                print("  %-12s skipped: %s" % (name, why))
                continue
            each = got[0] / count
            print("  %-12s %8.1f us each: %.2f x ours" % (name, each * 1e6, each * COUNT / ours))
            if count == COUNT and got[1] != size:
                print("  %-12s gave another text: %d bytes, not %d" % (name, got[1], size))


if __name__ == "__main__":
    main()
