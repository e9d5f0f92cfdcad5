"""What every class of attacks shares: the inputs are counted, each is tried once, and a class that
tries fewer than it promises has failed.

    import attack
    suite = attack.Suite("schema", minimum=300)
    for sql in crafted():
        suite.tried(sql, why_it_got_through(sql))   # None where the attack achieved nothing
    sys.exit(suite.finish())

The programs are started by `run`, which sets BUILD, and RS_PRELOAD with a sanitizer's runtime.
"""
import os
import subprocess
import sys

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
EXTENSION = os.path.join(BUILD, "rockset_ext.so")
ROCKSETD = os.path.join(BUILD, "rocksetd")
# How a process ends that a sanitizer, a signal or an assertion has stopped
SANITIZER = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


class Suite:
    """Counts the distinct inputs of one class, and those that got through."""

    def __init__(self, name, minimum):
        self.name, self.minimum = name, minimum
        self.inputs, self.failed = set(), 0

    def tried(self, what, got_through=None):
        """`what` is the input, as a text; `got_through` tells what it achieved, None if nothing."""
        if what in self.inputs:
            got_through = "the same input was tried before"
        self.inputs.add(what)
        if got_through:
            self.failed += 1
            print("not ok - %s: %s\n#   %s" % (self.name, shorten(what), got_through), flush=True)

    def finish(self):
        """Prints the counts; returns the exit status."""
        if len(self.inputs) < self.minimum:
            self.failed += 1
            print("not ok - %s: %d distinct inputs, %d are promised"
                  % (self.name, len(self.inputs), self.minimum))
        print("%s: %d distinct inputs, %d failed" % (self.name, len(self.inputs), self.failed))
        return 1 if self.failed else 0


def shorten(text, limit=300):
    text = " ".join(text.split())
    return text if len(text) <= limit else text[:limit] + " ..."


def environment(**more):
    """The environment of a program under test: a home of its own, no profile of the machine."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("DBT_")}
    env.update(LC_ALL="C", TZ="UTC", ASAN_OPTIONS="detect_leaks=1", **more)
    return env


def shell(sql, database=":memory:", folder=None, load=True, arguments=(), timeout=120, **env):
    """Runs SQL in the sqlite3 shell with the extension; returns (exit status, all it printed)."""
    argv = ["sqlite3", "-batch", *arguments]
    if load:
        argv += ["-cmd", ".load " + EXTENSION]
    env = environment(HOME=folder or os.getcwd(), **env)
    if os.environ.get("RS_PRELOAD"):
        env["LD_PRELOAD"] = os.environ["RS_PRELOAD"]
    p = subprocess.run(argv + [database], input=sql, stdout=subprocess.PIPE, encoding="utf-8",
                       errors="replace", stderr=subprocess.STDOUT, cwd=folder, env=env, timeout=timeout)
    return p.returncode, p.stdout


def died(status, output):
    """Why the process did not end by itself, None if it did."""
    if status < 0:
        return "the process died of signal %d" % -status
    for word in SANITIZER:
        if word in output:
            return "%s: %s" % (word, shorten(output[output.index(word):]))
    return None
