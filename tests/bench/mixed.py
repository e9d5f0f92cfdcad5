"""Documents of one type a field beside documents some of which are of another type: rocksetd, the
same queries on both collections, in turn.

Prints for each query the medians on the uniform and on the mixed collection, and their ratio; at
the end the geometric mean. Every answer of the mixed collection is compared with the uniform one's:
the odd documents are left out by what the queries ask for.
"""
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD = os.path.abspath(os.environ.get("BUILD", "build"))
DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "1000000"))
ODD = DOCUMENTS // 100  # documents that have another type in one field each
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
KEY = "bench-admin-key-0123456789abcdef"

CITIES = ["Berlin", "Paris", "Rome", "Oslo", "Madrid", "Vienna", "Prague", "Dublin"]
# by field: a value of another type
OTHERS = {"n": "many", "amount": "a lot", "city": 7, "late": "yes", "at": "never",
          "tags": "none", "address": 3}

# Queries as lambdas of dashboards have them. FROM t: one of the collections.
QUERIES = [
    "SELECT COUNT(*) AS c FROM t WHERE city = 'Berlin'",
    "SELECT COUNT(*) AS c FROM t WHERE n > 500000",
    "SELECT COUNT(*) AS c FROM t WHERE n BETWEEN 1000 AND 200000 AND late = true",
    "SELECT COUNT(*) AS c FROM t WHERE city IN ('Rome', 'Oslo') AND amount >= 50",
    "SELECT city, COUNT(*) AS c FROM t WHERE TYPEOF(city) = 'string' GROUP BY city ORDER BY city",
    "SELECT late, COUNT(*) AS c FROM t WHERE late IN (true, false) GROUP BY late ORDER BY c",
    "SELECT MAX(amount) AS m, MIN(amount) AS l FROM t WHERE amount > 0",
    "SELECT SUM(TRY_CAST(n AS int)) AS s FROM t WHERE n >= 0",
    "SELECT ROUND(AVG(TRY_CAST(amount AS float)), 6) AS a FROM t WHERE amount < 100",
    "SELECT COUNT(DISTINCT n) AS c FROM t WHERE n > 5",
    "SELECT n, city FROM t WHERE n > 10 ORDER BY n DESC LIMIT 20",
    "SELECT city, n FROM t WHERE city > 'O' AND n > 3 ORDER BY city, n LIMIT 50",
    "SELECT UPPER(city) AS u, COUNT(*) AS c FROM t WHERE TYPEOF(city) = 'string' GROUP BY 1 "
    "ORDER BY 1",
    "SELECT COUNT(*) AS c FROM t WHERE TYPEOF(city) = 'string' AND city LIKE 'B%'",
    "SELECT COUNT(*) AS c FROM t WHERE LENGTH(TRY_CAST(city AS string)) > 5 AND n > 5",
    "SELECT COUNT(*) AS c FROM t WHERE CASE WHEN n > 900000 THEN 'high' WHEN n > 1000 THEN 'mid' "
    "ELSE 'low' END = 'high'",
    "SELECT COALESCE(city, '?') AS k, COUNT(*) AS c FROM t WHERE n > 1 AND city > '' GROUP BY 1 "
    "ORDER BY 1",
    "SELECT DATE_TRUNC('HOUR', TIMESTAMP_MILLIS(at)) AS h, COUNT(*) AS c FROM t "
    "WHERE TYPEOF(at) = 'int' GROUP BY 1 ORDER BY 1 LIMIT 24",
    "SELECT COUNT(*) AS c FROM t WHERE at >= 1704672000000",
    "SELECT t.address.zip AS z, COUNT(*) AS c FROM t WHERE t.address.zip < 10050 GROUP BY 1 "
    "ORDER BY 1",
    "SELECT COUNT(*) AS c FROM t WHERE t.address.street = 'Street 7'",
    "SELECT tag, COUNT(*) AS c FROM t, UNNEST(tags AS tag) WHERE TYPEOF(tags) = 'array' "
    "GROUP BY tag ORDER BY tag",
    "SELECT COUNT(*) AS c FROM t WHERE TYPEOF(tags) = 'array' AND ARRAY_CONTAINS(tags, 'a3')",
    "SELECT COUNT(*) AS c FROM t WHERE CASE WHEN TYPEOF(n) = 'int' THEN n % 7 ELSE -1 END = 3",
    "SELECT a.city, COUNT(*) AS c FROM t a JOIN t b ON a.n = b.n WHERE a.n < 50000 AND "
    "b.city = 'Rome' GROUP BY a.city ORDER BY a.city",
]


def document(i):
    return {"_id": str(i), "n": i, "amount": i % 9973 / 7 + 0.25, "city": CITIES[i % 8],
            "late": i % 3 == 0, "at": 1704067200000 + i % 2419200 * 1000,
            "tags": ["a%d" % (i % 5), "b%d" % (i % 3)],
            "address": {"zip": 10000 + i % 100, "street": "Street %d" % (i % 11)}}


class Server:
    """rocksetd over a new file, with both collections loaded."""

    def __init__(self, work, files, build=BUILD):
        loads = [x for name, path in files.items() for x in ("--load", "commons.%s=%s" % (name, path))]
        self.log = open(os.path.join(work, "log"), "w+")
        self.process = subprocess.Popen(
            [os.path.join(build, "rocksetd"), "--listen", "127.0.0.1:0",
             "--database", os.path.join(work, "bench.duckdb")] + loads,
            stdout=self.log, stderr=self.log, env=dict(os.environ, ROCKSETD_ADMIN_KEY=KEY))
        for _ in range(12000):
            self.log.seek(0)
            found = re.search(r"listening on (http://127\.0\.0\.1:\d+)", self.log.read())
            if found:
                self.url = found[1] + "/v1/orgs/self"
                return
            time.sleep(0.01)
        self.stop()
        sys.exit("rocksetd does not start")

    def post(self, path, body):
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(),
            {"Authorization": "ApiKey " + KEY, "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            sys.exit("%s %s: %s" % (path, str(body)[:300], e.read().decode()))

    def query(self, sql):
        """The rows, and how long it took, in milliseconds."""
        start = time.perf_counter()
        rows = self.post("/queries", {"sql": {"query": sql}})["results"]
        return rows, (time.perf_counter() - start) * 1000

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def add(server, name, documents, batch=2000):
    for i in range(0, len(documents), batch):
        statuses = server.post("/ws/commons/collections/%s/docs" % name,
                               {"data": documents[i:i + batch]})["data"]
        wrong = [s for s in statuses if s["status"] != "ADDED"]
        if wrong:
            sys.exit("%s: %s" % (name, wrong[0]))


def odd_documents():
    """Documents without the other fields: no query meets them but by the odd one."""
    fields = list(OTHERS)
    return [{"_id": "odd%d" % i, fields[i % len(fields)]: OTHERS[fields[i % len(fields)]]}
            for i in range(ODD)]


def measure(server):
    ratios = []
    wrong = 0
    print("%-72s %9s %9s %6s" % ("%s documents" % f"{DOCUMENTS:,}", "one type", "several", "ratio"))
    for sql in QUERIES:
        times = {"uniform": [], "mixed": []}
        rows = {}
        for _ in range(RUNS + 1):
            for name, taken in times.items():
                rows[name], ms = server.query(re.sub(r"\bt\b(?=( a| b)?( JOIN| ON| WHERE|,))", name, sql)
                                              .replace("t.address", name + ".address"))
                taken.append(ms)
        one, several = (statistics.median(taken[1:]) for taken in times.values())
        ratios.append(several / one)
        print("%-72.72s %9.1f %9.1f %6.2f" % (sql, one, several, several / one), flush=True)
        if rows["uniform"] != rows["mixed"]:
            wrong += 1
            print("  another answer: %.300s\n  instead of:     %.300s" % (rows["mixed"], rows["uniform"]))
    print("geometric mean of %d queries: %.2f" % (len(ratios), math.exp(
        statistics.fmean(map(math.log, ratios)))))
    return wrong


def main():
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "documents.ndjson")
        with open(path, "w") as f:
            for i in range(DOCUMENTS):
                f.write(json.dumps(document(i)) + "\n")
        server = Server(work, {"uniform": path, "mixed": path})
        try:
            add(server, "mixed", odd_documents())
            return measure(server)
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
