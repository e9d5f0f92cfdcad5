"""At a terminal a load, a push and a pull of many rows say how far they are; elsewhere they say nothing."""
import os
import pty
import re
import subprocess

def run(rows, to):
    script = """SELECT rockset_exec('create table source as select range as i, ''row '' || range as t from range(%d)');
SELECT rockset_pull('source', 'pulled');
SELECT rockset_push('pulled', 'pushed', '{"key":"i"}');
.headers on
.mode csv
.once rows.csv
SELECT a.i, a.t FROM pulled a;
SELECT rockset_load('loaded', 'rows.csv');
""" % rows
    return subprocess.run(["sqlite3", "-batch", "-cmd", ".load " + os.environ["ROCKSET_EXT"], ":memory:"], input=script, timeout=110,
                          stdout=subprocess.PIPE, stderr=to, text=True)


def at_terminal(rows):
    """What a terminal shows of stderr"""
    main, other = pty.openpty()
    run(rows, other)
    os.close(other)
    shown = b""
    try:
        while piece := os.read(main, 65536):
            shown += piece
    except OSError:  # the other end is closed
        pass
    os.close(main)
    return shown.decode()


ROWS = 2000000
shown = at_terminal(ROWS).replace("\r", "").splitlines()
print("ok 1 - at a terminal" if shown else "not ok 1 - at a terminal: nothing is shown")
odd = [line for line in shown if not re.fullmatch(r"rockset_(load|pull|push): [0-9]+ rows", line)]
print("ok 2 - lines" if not odd else "not ok 2 - lines: %s" % odd[:3])
for n, what in enumerate(("pull", "push", "load"), 3):
    seen = [int(line.split()[1]) for line in shown if what in line]
    good = seen == sorted(seen) and all(n <= ROWS for n in seen)
    print("%s %d - rockset_%s grows up to the rows" % ("ok" if good else "not ok", n, what))
quiet = run(100000, subprocess.PIPE).stderr
print("ok 6 - elsewhere" if quiet == "" else "not ok 6 - elsewhere: " + quiet[:100])
print("1..6")
