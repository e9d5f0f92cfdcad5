"""What the benchmarks compare with, and how its cost is taken.

dbt-core 1.7 is the one of make test-dbt; dbt 2.0 (Rust) is pinned in requirements.txt. Both are
installed into BUILD/deps when a benchmark first asks for them; where they can't be, it says so.
"""
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "dbt"))
from environment import install  # noqa: E402


class Cost:
    """Of a process and of those that it waited for."""

    def __init__(self, wall, usage, out):
        self.wall, self.out = wall, out
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024

    def __str__(self):
        return "%8.2f s, %8.2f s of CPU, %6.0f MiB" % (self.wall, self.cpu, self.peak)


def cost(command, cwd=None, env=None):
    """Runs it to its end; a failure ends the benchmark with what it said."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, env=dict(os.environ, **(env or {})),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as p:
        out = p.stdout.read()
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode != 0:
        raise RuntimeError("%s failed: %s" % (os.path.basename(command[0]), out[-2000:]))
    return Cost(time.perf_counter() - start, usage, out)


def library(build):
    return os.path.realpath(os.environ.get("DUCKDB_LIBRARY") or
                            os.path.join(build, "deps", "duckdb", "libduckdb.so"))


def dbt_core(build):
    """(program and its first arguments, None) or (None, why not)"""
    try:
        python = os.path.join(install(build), "bin", "python")
    except Exception as e:  # no network, no pip: the benchmark goes on without it
        return None, "dbt-core 1.7 could not be installed: %s" % e
    return [python, os.path.join(HERE, "..", "parity_project", "oracle.py"), "--quiet"], None


def dbt_2(build, work):
    """(program, environment, None) or (None, None, why not). It looks for DuckDB as an ADBC driver,
    in a folder of descriptions, and would else fetch one: ours says where the library is."""
    try:
        env = install(build, "dbt2", os.path.join(HERE, "requirements.txt"))
    except Exception as e:
        return None, None, "dbt 2.0 could not be installed: %s" % e
    drivers = os.path.join(work, "drivers")
    os.makedirs(drivers, exist_ok=True)
    with open(os.path.join(drivers, "duckdb.toml"), "w") as f:
        f.write('manifest_version = 1\nname = "DuckDB"\nversion = "1"\n[ADBC]\nversion = "1.1.0"\n'
                '[Driver]\nentrypoint = "duckdb_adbc_init"\nshared = "%s"\n' % library(build))
    return [os.path.join(env, "bin", "dbt")], {"ADBC_DRIVER_PATH": drivers}, None
