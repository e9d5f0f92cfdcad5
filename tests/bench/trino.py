#!/usr/bin/python3
"""How fast a table of a Trino cluster is scanned through SQLite, beside a client that only pages.

Usage: trino.py BUILD [PORT]    PORT: of a coordinator that runs already; else a cluster is started

The other client follows nextUri over one connection and looks at no row: what curl could do at best.
Bar: a scan >= 0.8 x its rate; what rockset_query adds to the planning of an aggregate < 50 ms.
"""
import http.client
import json
import os
import re
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trino"))
import cluster  # noqa: E402

QUERY = "SELECT orderkey, custkey, totalprice, orderdate, comment FROM orders"
AGGREGATE = "select orderpriority, count(*), sum(totalprice) from orders group by orderpriority"
TIMES = 5


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
            import gzip
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
        "type": "trino", "host": "127.0.0.1", "port": port, "user": "bench", "database": "tpch", "schema": schema}}}}
    db.execute("SELECT rockset_profile('t', 'p', ?)", (json.dumps(profile),)).fetchall()
    db.execute("CREATE VIRTUAL TABLE orders USING rockset('%s.orders')" % schema)
    return db


def seconds(db, sql):
    start = time.time()
    rows = db.execute(sql).fetchall()
    return time.time() - start, rows


def bench(build, port):
    db = connect(build, port, "sf1")
    count = db.execute("SELECT count(*) FROM orders").fetchone()[0]
    scan = "SELECT count(orderkey), count(custkey), count(totalprice), count(orderdate), count(comment) FROM orders"
    ours, theirs = [], []
    for _ in range(TIMES):  # in turn, so that both see the same weather
        theirs.append(page_through(port, QUERY, "sf1")[0])
        ours.append(seconds(db, scan)[0])
    best, other = min(ours), min(theirs)
    print("scan of %d rows: %.2f s (%.2f M rows/s); paging alone: %.2f s; ratio %.2f (bar 0.80)"
          % (count, best, count / best / 1e6, other, other / best))
    small = connect(build, port, "tiny")
    added = []
    for _ in range(2 * TIMES):
        ms = page_through(port, AGGREGATE, "tiny")[0] * 1000
        took, _ = seconds(small, "SELECT count(*) FROM rockset_query('%s')" % AGGREGATE)
        added.append(took * 1000 - ms)
    added.sort()
    print("an aggregate by rockset_query: %.0f ms more than paging alone (median; bar 50)" % added[TIMES])


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
