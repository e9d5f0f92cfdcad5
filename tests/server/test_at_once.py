"""Definitions that come at once: none may be lost, and none refused because another one was faster.
Each route that defines, changes or drops something is asked 16 times at the same moment, for
different names and for one name, which one request alone may get."""
import collections
import threading

from harness import Server, main

N = 16
WS = "/ws/commons"
TEXT = {"sql": {"query": "select 1 as a"}}


def together(asks):
    """The answers to requests that are sent at once."""
    answers, gate = [None] * len(asks), threading.Barrier(len(asks))

    def ask(i, one):
        gate.wait()
        answers[i] = one()

    threads = [threading.Thread(target=ask, args=x) for x in enumerate(asks)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert None not in answers
    return answers


def counts(answers):
    return dict(collections.Counter(a.status for a in answers))


def each(s, method, path, body=None, n=N):
    """One request for each of n names: `path` and `body` are told the name. All must succeed."""
    answers = together([lambda i=i: s.ask(method, path("n%d" % i), body and body("n%d" % i))
                        for i in range(n)])
    assert counts(answers) == {200: n}, [a for a in answers if a.status != 200]
    return answers


def same(s, method, path, body, others):
    """N requests for one name: one succeeds, the others get that status; None: all succeed."""
    answers = together([lambda: s.ask(method, path, body)] * N)
    expected = {200: 1, others: N - 1} if others else {200: N}
    assert counts(answers) == expected, (expected, counts(answers), answers)


def test_workspaces():
    with Server() as s:
        # more than DuckDB's first transactions: nothing of the server's own is there yet
        each(s, "POST", lambda n: "/ws", lambda n: {"name": n, "description": n}, 24)
        assert {w["name"] for w in s.get("/ws").data} == {"commons", *("n%d" % i for i in range(24))}
        assert all(w["description"] == w["name"] for w in s.get("/ws").data if w["name"] != "commons")
        same(s, "POST", "/ws", {"name": "one"}, 409)
        each(s, "DELETE", lambda n: "/ws/" + n)
        same(s, "DELETE", "/ws/one", None, 404)


def test_collections():
    with Server() as s:
        base = WS + "/collections"
        each(s, "POST", lambda n: base, lambda n: {"name": n, "description": n})
        assert s.get(WS).data["collection_count"] == N + 1
        same(s, "POST", base, {"name": "one"}, 409)
        each(s, "PUT", lambda n: base + "/" + n, lambda n: {"description": n + "!"})
        assert all(s.get(base + "/n%d" % i).data["description"] == "n%d!" % i for i in range(N))
        same(s, "PUT", base + "/one", {"description": "d"}, None)
        each(s, "DELETE", lambda n: base + "/" + n)
        same(s, "DELETE", base + "/one", None, 404)


def test_views():
    with Server() as s:
        base = WS + "/views"
        each(s, "POST", lambda n: base, lambda n: {"name": n, "query": "select '%s' as a" % n})
        same(s, "POST", base, {"name": "one", "query": "select 1 as a"}, 409)
        each(s, "POST", lambda n: base + "/" + n, lambda n: {"query": "select '%s!' as a" % n})
        assert all(s.sql("select a from n%d" % i).rows == [{"a": "n%d!" % i}] for i in range(N))
        same(s, "POST", base + "/one", {"query": "select 2 as a"}, None)
        assert s.sql("select a from one").rows == [{"a": 2}]
        each(s, "DELETE", lambda n: base + "/" + n)
        same(s, "DELETE", base + "/one", None, 404)


def test_aliases():
    with Server() as s:
        base = WS + "/aliases"
        for name in ("c", "d"):
            s.collection(name)
        each(s, "POST", lambda n: base, lambda n: {"name": n, "collections": ["commons.c"]})
        same(s, "POST", base, {"name": "one", "collections": ["commons.c"]}, 409)
        each(s, "POST", lambda n: base + "/" + n, lambda n: {"collections": ["commons.d"]})
        assert {x["collections"][0] for x in s.get(base).data if x["name"] != "one"} == {"commons.d"}
        same(s, "POST", base + "/one", {"collections": ["commons.d"]}, None)
        each(s, "DELETE", lambda n: base + "/" + n)
        same(s, "DELETE", base + "/one", None, 404)


def test_lambdas():
    with Server() as s:
        base = WS + "/lambdas"
        made = each(s, "POST", lambda n: base, lambda n: dict(TEXT, name=n))
        version = {a.data["name"]: a.data["version"] for a in made}
        same(s, "POST", base, dict(TEXT, name="one"), 409)
        each(s, "POST", lambda n: base + "/" + n + "/versions", lambda n: TEXT)
        each(s, "POST", lambda n: base + "/" + n + "/tags",
             lambda n: {"tag_name": "t", "version": version[n]})
        assert all(s.get(base + "/n%d/tags/t" % i).data["version"]["version"] == version["n%d" % i]
                   for i in range(N))
        # versions and tags of one lambda
        same(s, "POST", base + "/one/versions", TEXT, None)
        assert len(s.get(base + "/one/versions").data) == N + 1
        one = s.get(base + "/one/tags/latest").data["version"]["version"]
        each(s, "POST", lambda n: base + "/one/tags", lambda n: {"tag_name": n, "version": one})
        each(s, "DELETE", lambda n: base + "/one/tags/" + n)
        each(s, "DELETE", lambda n: base + "/" + n + "/version/" + version[n])
        each(s, "DELETE", lambda n: base + "/" + n)
        same(s, "DELETE", base + "/one", None, 404)


def test_keys():
    with Server() as s:
        base = "/users/self/apikeys"
        each(s, "POST", lambda n: base, lambda n: {"name": n, "role": "read-only"})
        same(s, "POST", base, {"name": "one"}, 409)
        each(s, "POST", lambda n: base + "/" + n, lambda n: {"state": "SUSPENDED"})
        each(s, "DELETE", lambda n: base + "/" + n)
        same(s, "DELETE", base + "/one", None, 404)


def test_all_kinds_at_once():
    """And while documents are written to what is defined."""
    with Server() as s:
        s.collection("c")
        asks = []
        for i in range(N):
            n = "n%d" % i
            asks += [
                lambda n=n: s.post("/ws", {"name": n}),
                lambda n=n: s.post(WS + "/collections", {"name": "c" + n}),
                lambda n=n: s.post(WS + "/views", {"name": "v" + n, "query": "select * from c"}),
                lambda n=n: s.post(WS + "/aliases", {"name": "a" + n, "collections": ["commons.c"]}),
                lambda n=n: s.post(WS + "/lambdas", dict(TEXT, name=n)),
                lambda n=n: s.post(WS + "/collections/c/docs", {"data": [{"_id": n, n: 1}]}),
            ]
        answers = together(asks)
        assert counts(answers) == {200: 6 * N}, [a for a in answers if a.status != 200]
        assert s.sql("select count(*) as n from c").rows == [{"n": N}]


if __name__ == "__main__":
    main(globals())
