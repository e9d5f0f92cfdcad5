#!/usr/bin/env python3
"""rocksetd under mixed load for SOAK_SECONDS: queries, documents, lambdas, schema changes, cancels,
slow and broken clients. Fails for a wrong answer, a lost document, or memory that is not flat:
after a warm-up (a quarter of the time) it may grow by a quarter and 64 MB. Usage: soak.py BUILD
"""
import os
import random
import socket
import sys
import threading
import time

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
os.environ["ROCKSETD"] = os.path.join(BUILD, "rocksetd")
os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(BUILD, "deps", "duckdb", "libduckdb.so"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server"))
from harness import Server  # noqa: E402

SECONDS = float(os.environ.get("SOAK_SECONDS") or 3600)
IDS = 2000  # of each writer: memory of the data itself stays bounded


class Soak:
    def __init__(self, server):
        self.s, self.stop, self.mutex = server, threading.Event(), threading.Lock()
        self.done, self.wrong = {}, []

    def check(self, what, good, more=""):
        with self.mutex:
            self.done[what] = self.done.get(what, 0) + 1
            if not good:
                self.wrong.append("%s: %s" % (what, str(more)[:300]))

    def run(self, work, number):
        x = random.Random(number)
        state = {"n": 0, "number": number, "docs": {}}
        while not self.stop.is_set():
            state["n"] += 1
            try:
                work(self, x, state)
            except Exception as e:  # a server that does not answer is a wrong answer
                self.check(work.__name__, False, repr(e))
        return state


def queries(k, x, state):
    n = x.randrange(1, 5000)
    a = k.s.post("/queries", {"sql": {"query": "select count(*) c, sum(i) s from unnest(range(:n)) t(i)"
                                      if x.random() < 0.1 else "select :n + 1 c, :n * 2 s",
                                      "parameters": [{"name": "n", "type": "int", "value": str(n)}]}})
    if a.status == 200 and a.rows[0]["c"] == n + 1:
        return k.check("queries", a.rows[0]["s"] == 2 * n, a)
    k.check("queries", a.status == 400 or (a.status == 200 and a.rows == [{"c": n, "s": n * (n - 1) // 2}]), a)


def documents(k, x, state):
    """Each writer has a collection's part of its own, and knows what is there."""
    mine, docs = state["number"], state["docs"]
    ids = ["%d-%d" % (mine, x.randrange(IDS)) for _ in range(x.choice((1, 5, 50)))]
    ids = list(dict.fromkeys(ids))
    path = "/ws/commons/collections/c/docs"
    if x.random() < 0.2:
        a = k.s.ask("DELETE", path, {"data": [{"_id": i} for i in ids]})
        for i in ids:
            docs.pop(i, None)
    else:
        value = state["n"]
        a = k.s.post(path, {"data": [{"_id": i, "w": mine, "v": value} for i in ids]})
        docs.update((i, value) for i in ids)
    k.check("documents", a.status == 200, a)
    if state["n"] % 20 == 0:
        rows = k.s.sql("select _id, v from c where w = %d" % mine).rows
        k.check("documents read", {r["_id"]: r["v"] for r in rows} == docs,
                "%d rows, %d expected" % (len(rows), len(docs)))


def lambdas(k, x, state):
    name = "l%d" % state["number"]
    n = state["n"]
    if n % 50 == 1:
        a = k.s.post("/ws/commons/lambdas/%s/versions?create=true" % name,
                     {"sql": {"query": "select :a + %d r" % n, "default_parameters": [
                         {"name": "a", "type": "int", "value": "1"}]}})
        state["add"] = n
    else:
        a = k.s.post("/ws/commons/lambdas/%s/tags/latest" % name,
                     {"parameters": [{"name": "a", "type": "int", "value": str(n)}]})
        return k.check("lambdas", a.status == 200 and a.rows == [{"r": n + state["add"]}], a)
    k.check("lambdas", a.status == 200, a)
    if n % 1000 == 1:
        a = k.s.ask("DELETE", "/ws/commons/lambdas/" + name)
        state["n"] = 0
        k.check("lambdas", a.status == 200, a)


def schema(k, x, state):
    name = "t%d" % state["number"]
    for method, path, body in (("POST", "/ws/commons/collections", {"name": name}),
                               ("POST", "/ws/commons/collections/%s/docs" % name,
                                {"data": [{"_id": "1", "f%d" % state["n"]: state["n"]}]}),
                               ("POST", "/ws/commons/views", {"name": name + "v", "query": "select * from " + name}),
                               ("DELETE", "/ws/commons/views/%sv" % name, None),
                               ("DELETE", "/ws/commons/collections/" + name, None)):
        a = k.s.ask(method, path, body)
        k.check("schema", a.status == 200, a)
    time.sleep(0.1)


def cancels(k, x, state):
    a = k.s.post("/queries", {"sql": {"query": "select count(*) n from range(100000000000) "
                                      "where md5(CAST(range AS varchar)) = 'x'"}, "async": True})
    k.check("cancels", a.status == 200, a)
    time.sleep(x.random() / 2)
    a = k.s.ask("DELETE", "/queries/" + a.json["query_id"])
    k.check("cancels", a.status == 200, a)
    time.sleep(0.5)


def broken(k, x, state):
    """Garbage, half requests, clients that leave before the answer, and slow ones."""
    head = b"POST /v1/orgs/self/queries HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey " + k.s.key.encode()
    data = x.choice((b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\nHo", head + b"\r\nContent-Length: 99\r\n\r\n{",
                     head + b"\r\nContent-Length: 42\r\n\r\n" + b'{"sql":{"query":"select 1 from range(99)"}}'[:42]))
    with socket.create_connection(("127.0.0.1", k.s.port), timeout=10) as c:
        try:
            c.sendall(data)
            time.sleep(x.choice((0, 0, 0, 0.05, 0.05, 4)))  # 4: it is shut down
        except OSError:
            pass
    a = k.s.get("/healthz")
    k.check("broken clients", a.status == 200, a)


def memory(server):
    with open("/proc/%d/status" % server.process.pid) as f:
        return [int(line.split()[1]) // 1024 for line in f if line.startswith("VmRSS")][0]


def main():
    # long enough for a client's own threads on a busy machine
    with Server("--head-timeout", "3", "--quiet") as server:
        server.collection("c", [{"_id": "first", "w": -1, "v": 0}])
        k = Soak(server)
        jobs = [queries, queries, documents, documents, lambdas, schema, cancels, broken, broken]
        states, threads = [None] * len(jobs), []

        def work(i, job):
            states[i] = k.run(job, i)

        for i, job in enumerate(jobs):
            threads.append(threading.Thread(target=work, args=(i, job)))
            threads[-1].start()
        time.sleep(SECONDS / 4)
        warm = memory(server)
        k.stop.wait(SECONDS * 3 / 4)
        k.stop.set()
        for t in threads:
            t.join()
        end, bound = memory(server), warm + warm // 4 + 64
        for state, job in zip(states, jobs):
            if job is documents:
                rows = server.sql("select _id, v from c where w = %d" % state["number"]).rows
                k.check("documents at the end", {r["_id"]: r["v"] for r in rows} == state["docs"],
                        "%d rows, %d expected" % (len(rows), len(state["docs"])))
        k.check("memory", end <= bound, "%d MB, at most %d" % (end, bound))
    print("# RSS after warm-up %d MB, at the end %d MB (at most %d)" % (warm, end, bound))
    for what, n in sorted(k.done.items()):
        print("# %s: %d" % (what, n))
    for text in k.wrong[:20]:
        print("not ok - " + text)
    print("%d passed, %d failed" % (sum(k.done.values()) - len(k.wrong), len(k.wrong)))
    return 1 if k.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
