#!/usr/bin/python3
"""How fast a table of a Trino cluster is scanned through SQLite, beside a client that only pages.

Usage: trino.py BUILD [PORT]    PORT: of a coordinator that runs already; else a cluster is started

The other client follows nextUri over one connection and looks at no row: what curl could do at best.
Bars: a scan >= 0.8 x its rate; a distributed aggregate through rockset_query takes < 50 ms more than
what Trino itself reports for it (queryStats). Loading a file has no bar.

Both clients run in turn, the one that begins too; medians count (of the ratio: over pairs that ran one
after the other), and the first pair does not, since the server compiles what it runs often.
"""
import gzip
import http.client
import json
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trino"))
import cluster  # noqa: E402

QUERY = "SELECT orderkey, custkey, totalprice, orderdate, comment FROM orders"
AGGREGATE = "select orderpriority, count(*), sum(totalprice) from orders group by orderpriority"
TIMES = 5
LOADED = 500000  # rows


def page_through(port, sql, schema):
    """(seconds, bytes, what the server says it took in ms)"""
    start, size = time.time(), 0
    conn = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"X-Trino-User": "bench", "X-Trino-Catalog": "tpch", "X-Trino-Schema": schema,
               "Accept-Encoding": "gzip"}
    conn.request("POST", "/v1/statement", sql, headers)
    while True:
        answer = conn.getresponse()
        body = answer.read()
        size += len(body)
        if answer.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        uri = re.search(rb'"nextUri":"http://[^/"]*([^"]*)"', body[:4000])
        if uri is None:
            return time.time() - start, size, json.loads(body)["stats"]["elapsedTimeMillis"]
        conn.request("GET", uri[1].decode(), headers=headers)


def connect(build, port, schema):
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.path.join(build, "rockset_ext.so"))
    profile = {"p": {"target": "t", "outputs": {"t": {
        "type": "trino", "host": "127.0.0.1", "port": port, "user": "bench",
        "database": "tpch" if schema else "iceberg", "schema": schema or "bench"}}}}
    db.execute("SELECT rockset_profile('t', 'p', ?)", (json.dumps(profile),)).fetchall()
    if schema:
        db.execute("CREATE VIRTUAL TABLE orders USING rockset('%s.orders')" % schema)
    return db


def milliseconds(text):
    """Of a Duration as Trino prints it."""
    number, unit = re.match(r"([0-9.]+)(\w+)", text).groups()
    return float(number) * {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1000, "m": 60000}[unit]


def reported(port, since):
    """What the server says of the latest statement like AGGREGATE that the extension sent, in ms."""
    conn = http.client.HTTPConnection("127.0.0.1", port)
    conn.request("GET", "/v1/query", headers={"X-Trino-User": "bench"})
    ours = [q for q in json.load(conn.getresponse()) if AGGREGATE in q["query"]
            and q["session"].get("source") == "rockset_ext" and q["queryStats"]["createTime"] > since]
    return milliseconds(max(ours, key=lambda q: q["queryStats"]["createTime"])["queryStats"]["elapsedTime"])


def load_rate(build, port):
    """Rows per second of rockset_load into Iceberg, by a CSV of four columns."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "t.csv"), "w") as f:
            f.write("id,name,price,day\n")
            f.writelines("%d,name of number %d,%.2f,2026-01-%02d\n" % (i, i, i / 7, i % 28 + 1) for i in range(LOADED))
        db = connect(build, port, None)
        took, rows = seconds(db, "SELECT rockset_load('bench.t', '%s', '{\"mode\":\"replace\"}')" % os.path.join(folder, "t.csv"))
        return rows[0][0] / took


def seconds(db, sql):
    start = time.time()
    rows = db.execute(sql).fetchall()
    return time.time() - start, rows


def bench(build, port):
    db = connect(build, port, "sf1")
    count = db.execute("SELECT count(*) FROM orders").fetchone()[0]
    scan = "SELECT count(orderkey), count(custkey), count(totalprice), count(orderdate), count(comment) FROM orders"
    ours, theirs = [], []
    ways = [lambda: theirs.append(page_through(port, QUERY, "sf1")[0]),
            lambda: ours.append(seconds(db, scan)[0])]
    for _ in range(TIMES + 1):
        for way in ways:
            way()
        ways.reverse()
    one, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
    ratio = statistics.median(b / a for a, b in zip(ours[1:], theirs[1:]))
    print("scan of %d rows: %.2f s (%.2f M rows/s); paging alone: %.2f s; ratio of a pair %.2f (bar 0.80)"
          % (count, one, count / one / 1e6, other, ratio), flush=True)
    small = connect(build, port, "tiny")
    added = []
    for _ in range(2 * TIMES + 1):
        since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - 1))
        took, _ = seconds(small, "SELECT count(*) FROM rockset_query('%s')" % AGGREGATE)
        added.append(took * 1000 - reported(port, since))
    print("an aggregate by rockset_query: %.0f ms more than Trino reports (median of %d; bar 50)"
          % (statistics.median(added[1:]), 2 * TIMES), flush=True)
    print("rockset_load: %.0f rows/s" % load_rate(build, port))


def main():
    build = os.path.abspath(sys.argv[1])
    if len(sys.argv) > 2:
        return bench(build, int(sys.argv[2]))
    why = cluster.why_not()
    if why:
        return print("skipped: " + why)
    with cluster.Cluster(build) as c:
        bench(build, c.port)


if __name__ == "__main__":
    main()
