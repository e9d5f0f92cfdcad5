#!/usr/bin/env python3
"""10,000 templates of about 680 bytes with three expressions each, parsed and rendered once: our
engine, minijinja (Rust) and Jinja2 as dbt sets it up (a tenth of them, since it is slow).

The best of BENCH_RUNS (10) runs in each of three rounds, in turn: the machine may have other work.
What a process took of the CPU for all of its runs is told beside it.

Usage: jinja.py BUILD
"""
import os
import shutil
import subprocess
import sys
import tempfile

import others

HERE = os.path.dirname(os.path.abspath(__file__))
RUNS = os.environ.get("BENCH_RUNS", "10")
ROUNDS = 3
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
    start, size = time.process_time(), 0
    env = jinja.get_environment()
    for text in templates:
        ctx = {"schema": "commons", "table": "Flights", "limit": 100}
        size += len(env.from_string(text, globals=ctx).render(ctx))
    best = min(best, time.process_time() - start)
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


def build_minijinja(build):
    """(program, None) or (None, why not)"""
    if not shutil.which("cargo"):
        return None, "no cargo here"
    target = os.path.join(build, "bench", "minijinja")
    done = subprocess.run(["cargo", "build", "-q", "--release", "--locked", "--target-dir", target,
                           "--manifest-path", os.path.join(HERE, "minijinja", "Cargo.toml")],
                          capture_output=True, text=True)
    if done.returncode != 0:
        return None, "cargo could not build it: " + done.stderr.strip().split("\n")[-1]
    return os.path.join(target, "release", "bench-minijinja"), None


class Best:
    """Of several processes that do the same work several times each."""

    def __init__(self, count):
        self.count, self.seconds, self.cpu, self.size = count, 1e9, 1e9, 0

    def add(self, *command):
        c = others.cost(command)
        seconds, self.size = float(c.out.split()[0]), int(c.out.split()[1])
        self.seconds = min(self.seconds, seconds / self.count)
        self.cpu = min(self.cpu, c.cpu / self.count / int(RUNS))


def main():
    build = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        all_of_them, tenth = os.path.join(work, "all"), os.path.join(work, "tenth")
        write(all_of_them, COUNT)
        write(tenth, COUNT // 10)
        rust, why_rust = build_minijinja(build)
        python, why_python = others.dbt_core(build)
        ours, mini, jinja2 = Best(COUNT), Best(COUNT), Best(COUNT // 10)
        for i in range(ROUNDS):
            ours.add(os.path.join(build, "bench", "jinja"), all_of_them, RUNS)
            if rust:
                mini.add(rust, all_of_them, RUNS)
            if python and i == 0:
                jinja2.add(python[0], "-c", JINJA2, tenth)
        print("Jinja: %d templates of %d bytes, three expressions each" % (
            COUNT, os.path.getsize(all_of_them) // COUNT))
        print("  %-12s %8.2f us each, %.2f of CPU" % ("ours", ours.seconds * 1e6, ours.cpu * 1e6))
        if rust:
            print("  %-12s %8.2f us each, %.2f of CPU: ours takes %.2f x the time, %.2f x the CPU" % (
                "minijinja", mini.seconds * 1e6, mini.cpu * 1e6, ours.seconds / mini.seconds, ours.cpu / mini.cpu))
            if mini.size != ours.size:
                print("  %-12s gave another text: %d bytes, not %d" % ("minijinja", mini.size, ours.size))
        else:
            print("  %-12s skipped: %s" % ("minijinja", why_rust))
        if python:
            print("  %-12s %8.1f us of CPU each: %.0f x ours" % (
                "Jinja2", jinja2.seconds * 1e6, jinja2.seconds / ours.cpu))
        else:
            print("  %-12s skipped: %s" % ("Jinja2", why_python))


if __name__ == "__main__":
    main()
