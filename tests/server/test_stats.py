"""What a collection's stats say, and what stands in the way of deleting a collection."""
import shutil
import tempfile
import time

from harness import Server, check_error, main

WS = "/ws/commons"
COLL = WS + "/collections"


def stats(s, name):
    return s.get(COLL + "/" + name).data["stats"]


def listed(s, name):
    return [c["stats"] for c in s.get("/collections").data if c["name"] == name][0]


def test_stats():
    folder = tempfile.mkdtemp(prefix="rocksetd-test-")
    try:
        with Server(folder=folder) as s:
            s.collection("c")
            x = stats(s, "c")
            assert (x["doc_count"], x["last_queried_ms"], x["last_updated_ms"]) == (0, 0, 0)
            before = int(time.time() * 1000)
            s.post(COLL + "/c/docs", {"data": [{"_id": str(i), "t": "x" * 100 + str(i)}
                                               for i in range(2000)]})
            written = stats(s, "c")
            assert written["doc_count"] == 2000 and written["last_queried_ms"] == 0
            assert before <= written["last_updated_ms"] <= time.time() * 1000
            s.sql("select count(*) as n from c")
            x = stats(s, "c")
            assert written["last_updated_ms"] <= x["last_queried_ms"] <= time.time() * 1000
            assert x["last_updated_ms"] == written["last_updated_ms"]
            assert listed(s, "c")["last_queried_ms"] == x["last_queried_ms"]
            assert all(isinstance(v, (float if k == "fill_progress" else int)) for k, v in x.items())
            # INSERT INTO is a write of its target and a query of its source
            time.sleep(0.01)
            s.collection("d")
            s.sql("insert into d select _id, t from c")
            assert stats(s, "d")["last_updated_ms"] > x["last_queried_ms"]
            assert stats(s, "d")["last_queried_ms"] == 0
            assert stats(s, "c")["last_queried_ms"] > x["last_queried_ms"]
            # what is only checked is not run
            was = stats(s, "c")["last_queried_ms"]
            s.post("/queries/validations", {"sql": {"query": "select * from c"}})
            s.post(WS + "/views", {"name": "v", "query": "select * from c"})
            assert stats(s, "c")["last_queried_ms"] == was
        with Server(folder=folder) as s:
            x = stats(s, "c")
            assert x["doc_count"] == 2000, x
            assert (x["last_queried_ms"], x["last_updated_ms"]) == (0, 0), "since the start"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_names_with_dots_and_quotes():
    with Server() as s:
        s.post("/ws", {"name": "w.x-1"})
        s.collection("a.b-c", [{"_id": "1"}], workspace="w.x-1")
        x = s.get("/ws/w.x-1/collections/a.b-c").data["stats"]
        assert x["doc_count"] == 1 and x["last_updated_ms"] > 0


def test_dependents():
    with Server() as s:
        s.post("/ws", {"name": "other"})
        for name in ("c", "free"):
            s.collection(name)
        s.post(WS + "/aliases", {"name": "a", "collections": ["commons.c"]})
        s.post("/ws/other/views", {"name": "v", "query": "select * from commons.C"})
        s.post(WS + "/views", {"name": "w", "query": "select * from a, other.v"})
        s.post(WS + "/lambdas", {"name": "l", "sql": {"query": "select * from free"}})

        def refused(path, by):
            a = s.delete(path)
            check_error(a, 409, "DEPENDENTRESOURCES")
            assert by in a.json["message"], a

        refused(COLL + "/c", "view 'other.v'")
        refused("/ws/other/views/v", "view 'commons.w'")
        refused(WS + "/aliases/a", "view 'commons.w'")
        assert s.sql("select count(*) as n from w").rows == [{"n": 0}], "nothing is broken"
        # a query lambda is no obstacle: it fails when it is run
        assert s.delete(COLL + "/free").status == 200
        check_error(s.post(WS + "/lambdas/l/tags/latest"), 400, "QUERY_ERROR")
        # in order
        for path in (WS + "/views/w", "/ws/other/views/v"):
            assert s.delete(path).status == 200, path
        refused(COLL + "/c", "alias 'commons.a'")
        assert s.delete(WS + "/aliases/a").status == 200
        assert s.delete(COLL + "/c").status == 200
        # a view that reads something else by now
        s.collection("e")
        s.post(WS + "/views", {"name": "x", "query": "select * from e"})
        refused(COLL + "/e", "view 'commons.x'")
        assert s.post(WS + "/views/x", {"query": "select 1 as one"}).status == 200
        assert s.delete(COLL + "/e").status == 200


def test_who_made_it():
    """created_by and creator_email: whose key it was, also of another one's objects."""
    with Server() as s:
        s.post("/users", {"email": "ann@example.com", "roles": ["admin"]})
        key = s.post("/users/self/apikeys", {"name": "hers", "created_by": "ann@example.com"}).data["key"]
        def shown():
            lam = s.get("/ws/w/lambdas").data[0]
            return [s.get("/ws/w").data["created_by"], s.get(W + "/collections/c").data["created_by"],
                    s.get("/ws/w/collections").data[0]["created_by"],
                    s.get(W + "/views/v").data["creator_email"], s.get(W + "/aliases/a").data["creator_email"],
                    lam["last_updated_by"], lam["latest_version"]["created_by"],
                    [v for v in s.get("/virtualinstances").data if v["name"] == "i"][0]["created_by"]]
        W = "/ws/w"
        for path, body in (("/ws", {"name": "w"}), (W + "/collections", {"name": "c"}),
                           (W + "/views", {"name": "v", "query": "select 1 as x"}),
                           (W + "/aliases", {"name": "a", "collections": ["w.c"]}),
                           (W + "/lambdas", {"name": "l", "sql": {"query": "select 1 as x"}}),
                           ("/virtualinstances", {"name": "i"})):
            a = s.post(path, body, key=key)
            assert a.status == 200, a
        assert shown() == ["ann@example.com"] * 8, shown()
        run = s.post(W + "/lambdas/l/tags/latest", {}, key=key).json
        assert s.get("/queries/" + run["query_id"]).data["executed_by"] == "ann@example.com"
        v = s.get(W + "/lambdas/l/tags/latest").data["version"]
        assert v["stats"]["last_executed_by"] == "ann@example.com" and v["stats"]["last_executed"], v
        s.post(W + "/lambdas/l/tags/latest", {})
        v = s.get(W + "/lambdas/l/tags/latest").data["version"]
        assert v["stats"]["last_executed_by"] == "admin@rocksetd.local", v
        assert s.get("/ws/commons").data["created_by"] == "admin@rocksetd.local"
        # nobody else is named when the key goes, nor when another one gets its name
        s.delete("/users/ann@example.com/apikeys/hers")
        assert shown() == [None] * 8, shown()


def test_sizes():
    with Server() as s:
        doc = {"n": 1, "text": "x" * 100}
        s.collection("c", [dict(doc, _id="%04d" % i) for i in range(1000)])
        z = s.get("/ws/commons/collections/c").data["stats"]
        assert z["doc_count"] == 1000, z
        assert 140000 < z["total_size"] == z["bytes_inserted"] < 250000, z
        s.collection("e")
        assert s.get("/ws/commons/collections/e").data["stats"]["total_size"] == 0


if __name__ == "__main__":
    main(globals())
