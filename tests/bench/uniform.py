"""Collections whose fields have one type each: rocksetd of two builds, in turn.

tests/bench/run BUILD uniform OTHER_BUILD. Each build's server loads the same documents and answers
the same queries, one build after the other, BENCH_RUNS times, each time the other one first. What
counts are medians of the server's CPU time (all threads), which other work on the machine moves
least; medians of wall-clock time stand beside them. The geometric mean of each kind of work is to
be at most BENCH_BAR of OTHER_BUILD's: exit code 1 where it is not. OTHER_BUILD may be BUILD, which
shows what the machine itself adds.

BENCH_ONLY: a pattern of the cases to run.
"""
import json
import math
import os
import re
import statistics
import sys
import tempfile
import time

import mixed

BUILDS = {"before": os.environ["BENCH_OTHER"], "now": mixed.BUILD}
DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "300000"))
RUNS = int(os.environ.get("BENCH_RUNS", "21"))
ONLY = os.environ.get("BENCH_ONLY", "")
BAR = float(os.environ.get("BENCH_BAR", "1.03"))
BATCH = 5000  # documents of one request
ENOUGH = 40  # milliseconds: shorter queries run several times for one measurement

CASES = [
    ("scan", "SELECT n, amount, city FROM t"),
    ("scan", "SELECT * FROM t LIMIT 30000"),
    ("scan", "SELECT address, tags FROM t LIMIT 100000"),
    ("scan", "SELECT parts FROM t LIMIT 100000"),
    ("scan", "SELECT n, city FROM t ORDER BY n DESC LIMIT 20"),
    ("filter", "SELECT COUNT(*) AS c FROM t WHERE n > 100000 AND late = true"),
    ("filter", "SELECT COUNT(*) AS c FROM t WHERE city IN ('Rome', 'Oslo') AND amount >= 50"),
    ("filter", "SELECT COUNT(*) AS c FROM t WHERE city LIKE 'B%' OR UPPER(city) = 'ROME'"),
    ("filter", "SELECT COUNT(*) AS c FROM t WHERE t.address.zip < 10050"),
    ("filter", "SELECT COUNT(*) AS c FROM t WHERE ARRAY_CONTAINS(tags, 'a3')"),
    ("filter", "SELECT n, city FROM t WHERE n BETWEEN 1000 AND 9000"),
    ("aggregate", "SELECT city, COUNT(*) AS c, SUM(n) AS s FROM t GROUP BY city ORDER BY city"),
    ("aggregate", "SELECT MAX(amount) AS m, MIN(amount) AS l, AVG(n) AS a FROM t"),
    ("aggregate", "SELECT COUNT(DISTINCT n) AS c FROM t"),
    ("aggregate", "SELECT t.address.zip AS z, COUNT(*) AS c FROM t GROUP BY 1 ORDER BY 1"),
    ("aggregate", "SELECT DATE_TRUNC('HOUR', TIMESTAMP_MILLIS(at)) AS h, COUNT(*) AS c FROM t "
     "GROUP BY 1 ORDER BY 1"),
    ("aggregate", "SELECT tag, COUNT(*) AS c FROM t, UNNEST(tags AS tag) GROUP BY tag ORDER BY tag"),
]


def document(i):
    """One of mixed.py's, with an object that has not all members each time."""
    parts = {"left": i % 7, "name": "part %d" % (i % 100), "right": i % 5 / 4}
    return {**mixed.document(i), "parts": {k: v for k, v in parts.items() if i % 3 or k != "name"}}


class Side:
    """One build: its server, and by case what each run took: (CPU, wall-clock) in milliseconds."""

    def __init__(self, build, work):
        self.build, self.work, self.taken = os.path.abspath(build), work, {}
        self.collections = 0
        os.mkdir(work)

    def cpu(self):
        # the CPU clock of a process, all threads, as clock_getcpuclockid() names it
        return time.clock_gettime(~self.server.process.pid << 3 | 2) * 1000

    def start(self, files):
        for name in os.listdir(self.work):
            os.remove(os.path.join(self.work, name))
        self.server = mixed.Server(self.work, files, self.build)

    def note(self, case, cpu, wall):
        self.taken.setdefault(case, []).append((cpu, wall))

    def load(self, case, files, without=None):
        """A new server over a new file loads the files; it goes on running. What the case `without`
        took counts for nothing."""
        if hasattr(self, "server"):
            self.server.stop()
        start = time.perf_counter()
        self.start(files)
        cpu, wall = self.cpu(), (time.perf_counter() - start) * 1000
        less = [median(self, without, which) if without else 0 for which in (0, 1)]
        self.note(case, cpu - less[0], wall - less[1])

    def add(self, case, documents):
        self.collections += 1
        name = "added%d" % self.collections
        self.server.post("/ws/commons/collections", {"name": name})
        cpu, start = self.cpu(), time.perf_counter()
        mixed.add(self.server, name, documents, BATCH)
        self.note(case, self.cpu() - cpu, (time.perf_counter() - start) * 1000)

    def query(self, sql, times):
        cpu, start = self.cpu(), time.perf_counter()
        for _ in range(times):
            rows = self.server.query(sql)[0]
        self.note(sql, (self.cpu() - cpu) / times, (time.perf_counter() - start) * 1000 / times)
        return rows


def alternate(sides, work):
    """Each side in turn, RUNS times; who was first is second the next time."""
    for i in range(RUNS):
        for side in sides if i % 2 else sides[::-1]:
            work(side)


def median(side, case, which):
    return statistics.median(taken[which] for taken in side.taken[case])


def show(sides, case):
    """The line of one case; returns the ratio of CPU times."""
    cpu, wall = ([median(side, case, which) for side in sides] for which in (0, 1))
    # what two runs that follow each other say, too: the machine's speed is the same for both
    pairs = statistics.median(now[0] / before[0] for before, now in
                              zip(sides[0].taken[case], sides[1].taken[case]))
    print("%-62.62s %8.1f %8.1f %6.3f %6.3f %8.1f %8.1f %6.3f" %
          (case, *cpu, cpu[1] / cpu[0], pairs, *wall, wall[1] / wall[0]), flush=True)
    return cpu[1] / cpu[0]


def plain(value):
    """A value without members that are null: builds before the sidecars wrote those that are not there."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if v is not None}
    return value


def comparable(rows):
    """An answer without what differs between two loads of the same documents."""
    return [{k: plain(v) for k, v in row.items() if k != "_event_time"} for row in rows]


def query_all(sides, ratios):
    wrong = 0
    for kind, sql in CASES:
        if not re.search(ONLY, kind + " " + sql):
            continue
        text = re.sub(r"FROM t\b", "FROM commons.t", sql)
        answers = [comparable(side.server.query(text)[0]) for side in sides]
        if answers[0] != answers[1]:
            wrong += 1
            print("another answer: %.300s\n  instead of:   %.300s" % (answers[1], answers[0]))
        took = max(side.server.query(text)[1] for side in sides)
        times = max(1, min(20, math.ceil(ENOUGH / took)))
        alternate(sides, lambda side: side.query(text, times))
        ratios.setdefault(kind, []).append(show(sides, text))
    return wrong


def load_all(sides, ratios, path):
    empty = "start of a server, which is not in the next line"
    alternate(sides, lambda side: side.load(empty, {}))
    show(sides, empty)
    case = "--load of %s documents" % f"{DOCUMENTS:,}"
    alternate(sides, lambda side: side.load(case, {"t": path}, empty))
    ratios["load"] = [show(sides, case)]
    case = "%s documents by POST, %d a request" % (f"{DOCUMENTS // 10:,}", BATCH)
    documents = [document(i) for i in range(DOCUMENTS // 10)]
    alternate(sides, lambda side: side.add(case, documents))
    ratios["load"].append(show(sides, case))


def main():
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "documents.ndjson")
        with open(path, "w") as f:
            for i in range(DOCUMENTS):
                f.write(json.dumps(document(i)) + "\n")
        sides = [Side(build, os.path.join(work, name)) for name, build in BUILDS.items()]
        print("%-62s %15s %21s %15s" % ("medians of %d runs; %s documents" % (RUNS, f"{DOCUMENTS:,}"),
                                        "CPU ms before", "now  ratio in pairs", "wall ms before"))
        ratios = {}
        try:
            if re.search(ONLY, "load"):
                load_all(sides, ratios, path)
            else:
                for side in sides:
                    side.load("start", {"t": path})
            wrong = query_all(sides, ratios)
        finally:
            for side in sides:
                if hasattr(side, "server"):
                    side.server.stop()
    missed = 0
    for kind, of in ratios.items():
        mean = math.exp(statistics.fmean(map(math.log, of)))
        missed += mean > BAR
        print("%-10s geometric mean of %2d ratios of CPU time: %.3f, bar %.2f: %s" %
              (kind, len(of), mean, BAR, "missed" if mean > BAR else "ok"))
    return 1 if wrong or missed else 0


sys.exit(main())
