#!/usr/bin/env python3
"""Documents that rocksetd has answered with 200 are there after kill -9: several writers, the server
killed again and again in the middle of it. Usage: documents.py BUILD
"""
import http.client
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
os.environ["ROCKSETD"] = os.path.join(BUILD, "rocksetd")
os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(BUILD, "deps", "duckdb", "libduckdb.so"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server"))
from harness import ADMIN, ORG, Server  # noqa: E402

KILLS, DOCUMENTS, WRITERS, BATCH, LIMIT = 12, 60000, 4, 250, 300
DOCS = ORG + "/ws/commons/collections/c/docs"


def write(server, writer, answered, stop):
    """Batches until the server is gone; `answered` gets what was answered with 200."""
    c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    head = {"Authorization": "ApiKey " + ADMIN, "Content-Type": "application/json"}
    try:
        while not stop.is_set():
            start = len(answered)
            docs = [{"_id": "%d-%d" % (writer, start + i), "w": writer, "n": start + i}
                    for i in range(random.choice((1, 10, BATCH)))]
            c.request("POST", DOCS, json.dumps({"data": docs}), head)
            r = c.getresponse()
            text = r.read()
            if r.status != 200:
                break
            good = [d["_id"] for d in json.loads(text)["data"] if d["status"] in ("ADDED", "REPLACED")]
            answered.extend(good)
    except (OSError, http.client.HTTPException, ValueError):
        pass  # killed
    finally:
        c.close()


def missing(server, answered):
    rows = server.sql("select _id, w, n from c").rows
    there = {r["_id"] for r in rows if r["_id"] == "%d-%d" % (r["w"], r["n"])}
    assert len(rows) == len({r["_id"] for r in rows}), "an _id is there twice"
    return [i for ids in answered for i in ids if i not in there]


def main():
    begin, kills, failed = time.monotonic(), 0, 0
    answered = [[] for _ in range(WRITERS)]
    with tempfile.TemporaryDirectory() as folder:
        with Server(folder=folder) as s:
            s.collection("c")
        while kills < KILLS or sum(map(len, answered)) < DOCUMENTS:
            if time.monotonic() - begin > LIMIT:
                break
            with Server(folder=folder) as s:
                stop = threading.Event()
                threads = [threading.Thread(target=write, args=(s, i, answered[i], stop))
                           for i in range(WRITERS)]
                for t in threads:
                    t.start()
                time.sleep(random.uniform(0.5, 3))
                s.process.send_signal(signal.SIGKILL)
                s.process.wait()
                stop.set()
                for t in threads:
                    t.join()
                kills += 1
            with Server(folder=folder) as s:
                lost = missing(s, answered)
            failed += bool(lost)
            print("%sok %d - %d documents answered before kill %d are there%s" % (
                "not " if lost else "", kills, sum(map(len, answered)), kills,
                ": %d lost, %s" % (len(lost), lost[:3]) if lost else ""), flush=True)
    total = sum(map(len, answered))
    enough = kills >= KILLS and total >= DOCUMENTS
    print("%sok %d - %d documents over %d kills" % ("" if enough else "not ", kills + 1, total, kills))
    return 1 if failed or not enough else 0


if __name__ == "__main__":
    sys.exit(main())
