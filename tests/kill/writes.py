#!/usr/bin/env python3
"""kill -9 during writes through a virtual table and during rockset_push: what was written is there whole
or not at all, and what was answered is there. Usage: writes.py BUILD

A child does one step and says where it is ('begin', 'commit', 'done'); it is killed somewhere in
that time, or a little after. The next child starts by saying what it finds: {v: number of rows}. Each
step gives its rows another v, so old, new and mixed are told apart.

duckdb: the embedded engine. rest: rocksetd, killed itself or its client killed; what is written there
is sent per request (an UPDATE: 5,000 rows), so each step here is one request; requests.py has steps of
several. both: the transaction writes SQLite's own file, too.
"""
import json
import os
import random
import select
import sqlite3
import subprocess
import sys
import tempfile
import time

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
os.environ["ROCKSETD"] = os.path.join(BUILD, "rocksetd")
os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(BUILD, "deps", "duckdb", "libduckdb.so"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server"))
from harness import ADMIN, Server  # noqa: E402

ROWS, LIMIT = int(os.environ.get("KILL_ROWS", "3000")), 60
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) " % ROWS
WRITES = {
    "insert": "INSERT INTO t(_id, v) " + NUMBERS + "SELECT '{g}-' || i, {g} FROM n",
    "update": "UPDATE t SET v = {g} WHERE v <> 0",
    "delete": "DELETE FROM t WHERE v <> 0",
}
COLLECTION = "select c1, c2 from rockset_query('select v, count(*) from commons.%s group by 1')"


# ---- the child -----------------------------------------------------------------------------------


def connect(file, url):
    db = sqlite3.connect(file, isolation_level=None, timeout=LIMIT)
    db.enable_load_extension(True)
    db.load_extension(os.path.join(BUILD, "rockset_ext"))
    if url:
        output = {"type": "rockset", "api_key": ADMIN, "api_server": url, "workspace": "commons"}
        profile = {"p": {"target": "dev", "outputs": {"dev": output}}}
        db.execute("SELECT rockset_profile('dev', 'p', ?)", (json.dumps(profile),)).fetchall()
    return db


def prepare(file, url):
    """A collection t for the virtual table, p for pushes; v = 0 is a row that no step touches."""
    db = connect(file, url)
    db.execute("CREATE TABLE own(g INTEGER)")
    db.execute("CREATE TABLE src(_id TEXT PRIMARY KEY, v INTEGER)")
    db.execute("INSERT INTO src " + NUMBERS + "SELECT 'p-' || i, 1 FROM n")
    db.execute("SELECT rockset_push('select ''0'' as _id, 0 as v', 'commons.t', '{\"key\":\"_id\"}')").fetchall()
    db.execute("SELECT rockset_push('src', 'commons.p', '{\"key\":\"_id\"}')").fetchall()
    db.execute("CREATE VIRTUAL TABLE t USING rockset('commons.t')")


def say(*words):
    print(json.dumps(words), flush=True)


def child(file, url):
    """What is there; then steps as they are told, one a line."""
    db = connect(file, url)
    say("found", *[dict(db.execute(COLLECTION % c).fetchall()) for c in "tp"],
        db.execute("SELECT coalesce(max(g), 0) FROM own").fetchone()[0])
    for line in sys.stdin:
        step, own, g = json.loads(line)
        if step in WRITES:
            say("begin")
            db.execute("BEGIN")
            if own:
                db.execute("INSERT INTO own VALUES (?)", (g,))
            db.execute(WRITES[step].format(g=g))
            say("commit")
            sent = "COMMIT", ()
        else:
            db.execute("UPDATE src SET v = ?", (g,))
            say("begin")
            say("commit")
            sent = "SELECT rockset_push('src', 'commons.p', ?)", (json.dumps({"key": "_id", "mode": step}),)
        try:
            db.execute(*sent).fetchall()
            say("done")
        except sqlite3.Error as e:  # rocksetd is killed
            say("failed", str(e))


# ---- the parent ----------------------------------------------------------------------------------


class Child:
    def __init__(self, file, url):
        self.p = subprocess.Popen([sys.executable, os.path.abspath(__file__), BUILD, "child", file, url or ""],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self.unread = b""
        found = self.hear(LIMIT)
        assert found and found[0] == "found", found
        self.found = [{int(v): n for v, n in rows.items()} for rows in found[1:3]] + found[3:]

    def hear(self, seconds):
        """The next line; None: no line in that time, or no child."""
        end = time.monotonic() + seconds
        while b"\n" not in self.unread:
            if not select.select([self.p.stdout], [], [], max(0, end - time.monotonic()))[0]:
                return None
            more = os.read(self.p.stdout.fileno(), 4096)
            if not more:
                return None
            self.unread += more
        line, self.unread = self.unread.split(b"\n", 1)
        return json.loads(line)

    def tell(self, *step):
        self.p.stdin.write(json.dumps(step).encode() + b"\n")

    def kill(self):
        self.p.kill()
        self.p.wait()
        heard = []
        while (word := self.hear(0)) is not None:
            heard += word
        self.p.stdin.close()
        self.p.stdout.close()
        return heard


class Place:
    """A SQLite file and its engine. url: of rocksetd, which is started anew for each child."""

    def __init__(self, folder, rest):
        self.folder, self.rest, self.server = folder, rest, None
        self.file = os.path.join(folder, "app.db")
        with self:
            prepare_in_child(self.file, self.url)

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server.port if self.server else None

    def __enter__(self):
        if self.rest:
            self.server = Server(folder=self.folder)
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.__exit__(None, None, None)
            self.server = None


def prepare_in_child(file, url):
    subprocess.run([sys.executable, os.path.abspath(__file__), BUILD, "prepare", file, url or ""],
                   check=True, timeout=LIMIT)


def after(step, g, found):
    """What the collections hold when the step is done."""
    t, p, own = dict(found[0]), dict(found[1]), found[2]
    rest = sum(n for v, n in t.items() if v)
    if step == "insert":
        t[g] = ROWS
    elif step in WRITES:
        t = {0: 1, **({g: rest} if step == "update" and rest else {})}
    else:
        p = {g: ROWS}
    return [t, p, own]


def choose(steps, counts, found, most):
    """The step that was done least; one that has rows to touch, and not too many of them."""
    rest = sum(n for v, n in found[0].items() if v)
    good = [s for s in steps if s not in WRITES or (rest < most if s == "insert" else rest > 0)]
    return min(good, key=lambda s: counts[s])


def measure(place, steps, g):
    """How long each step takes uncut, warm: up to COMMIT (or the push), and that itself."""
    times = {}
    with place:
        c = Child(place.file, place.url)
        for step in list(steps) * 2:
            g += 1
            c.tell(step, 0, g)
            at = []
            for word in ("begin", "commit", "done"):
                heard = c.hear(LIMIT)
                assert heard == [word], (step, heard)
                at.append(time.monotonic())
            times[step] = [at[1] - at[0], at[2] - at[1]]
        c.kill()
    return times, g


class Report:
    number = failed = 0

    def __call__(self, good, what):
        self.number += 1
        self.failed += not good
        print("%sok %d - %s" % ("" if good else "not ", self.number, what), flush=True)


def kills(report, place, name, steps, number, own=False):
    """Kills, spread over each step's time and a little beyond; the checks that follow them."""
    times, g = measure(place, steps, 1)
    counts = dict.fromkeys(steps, 0)
    was = {"old": 0, "new": 0, "answered": 0, "new, SQLite old": 0}
    wrong, expected, done = [], None, 0
    while True:
        with place:
            c = Child(place.file, place.url)
            if expected:
                check(c.found, expected, was, wrong)
                # where the machine is slower or faster than it was, the kills go after it
                times[expected[0]][1] *= 0.6 if c.found[:2] == expected[2][:2] else 2
            if done == number:
                c.kill()
                break
            step = choose(steps, counts, c.found, 1 if place.rest else 3 * ROWS)
            old, g = c.found, g + 1
            c.tell(step, int(own), g)
            assert c.hear(LIMIT) == ["begin"]
            if done % 4:  # in COMMIT, or after it
                assert c.hear(LIMIT) == ["commit"]
            time.sleep(random.random() * times[step][1 if done % 4 else 0])
            if place.server and done % 2:
                place.server.process.kill()
                place.server.process.wait()
            heard = c.kill()
            counts[step] += 1
            done += 1
            expected = (step, old, after(step, g, old), "done" in heard, g if own else None)
    report(not wrong, "%s: %d kills (%s): %s%s" % (
        name, done, ", ".join("%d %s" % (n, s) for s, n in counts.items()),
        ", ".join("%d %s" % (n, s) for s, n in was.items()), ": %s" % wrong[:3] if wrong else ""))
    report(was["old"] and was["new"], "%s: kills before and after it took effect" % name)


def check(found, expected, was, wrong):
    step, old, new, answered, g = expected
    is_new, is_old = found[:2] == new[:2], found[:2] == old[:2]
    was["old"] += is_old
    was["new"] += is_new
    was["answered"] += answered
    if not (is_new or is_old) or (answered and not is_new):
        wrong.append((step, "answered" if answered else "", old, found))
    if g is not None:
        was["new, SQLite old"] += is_new and found[2] != g
        if found[2] == g and not is_new or answered and found[2] != g:
            wrong.append((step, "SQLite's own file is ahead", old, found))


def between(report, place):
    """The engine commits first: a reader keeps SQLite's own COMMIT waiting, and there the kill comes."""
    with place:
        c = Child(place.file, None)
        old = c.found
        reader = sqlite3.connect(place.file, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM own").fetchall()
        c.tell("insert", 1, 10 ** 6)
        assert c.hear(LIMIT) == ["begin"] and c.hear(LIMIT) == ["commit"]
        waits = c.hear(3) is None
        c.kill()
        reader.close()
        c = Child(place.file, None)
        found = c.found
        c.kill()
    report(waits and found[:2] == after("insert", 10 ** 6, old)[:2] and found[2] == old[2],
           "killed between the two commits: the engine has the rows, SQLite's own file has not")


def main():
    report = Report()
    for rest in (False, True):
        engine = "rest" if rest else "duckdb"
        with tempfile.TemporaryDirectory() as folder:
            place = Place(folder, rest)
            kills(report, place, engine + ", virtual table", list(WRITES), 18 if rest else 36)
            kills(report, place, engine + ", push", ["replace", "upsert"], 12)
            if not rest:
                kills(report, place, "both", list(WRITES), 18, own=True)
                between(report, place)
    return 1 if report.failed else 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        {"child": child, "prepare": prepare}[sys.argv[2]](sys.argv[3], sys.argv[4])
    else:
        sys.exit(main())
