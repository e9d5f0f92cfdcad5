"""Aliases of several collections: the documents of all, each value as it is in its collection,
whatever columns these get; read with the privileges for all, written by nobody."""
from harness import Server, check_error, main

S = Server()
AT = "/ws/commons/aliases"
COLL = "/ws/commons/collections"


def put(name, *docs):
    a = S.post(COLL + "/%s/docs" % name, {"data": list(docs)})
    assert a.status == 200 and all(x["error"] is None for x in a.data), a


def documents(name="every"):
    rows = S.sql("select * from %s order by _id" % name).rows
    for r in rows:
        del r["_event_time"]
    return rows


DOCS = {"a": [{"_id": "1", "n": 1, "x": 5, "o": {"p": 1, "q": None}, "f": 1.5, "z": None},
              {"_id": "2", "x": 7, "l": [1, 2]}],
        "b": [{"_id": "3", "x": "five", "o": {"p": "text"}, "f": 2, "b": True},
              {"_id": "4", "x": 2.5, "n": None, "o": 3, "l": ["a"],
               "d": {"__rockset_type": "DATE", "value": "2020-01-02"}}],
        "c": [{"_id": "5", "d": "no date", "n": 2}, {"_id": "1", "x": False}]}


def test_documents():
    for name, docs in DOCS.items():
        S.collection(name, docs)
    a = S.post(AT, {"name": "every", "collections": ["commons.a", "b", "commons.c"]})
    assert a.status == 200 and a.data["collections"] == ["commons.a", "commons.b", "commons.c"], a
    assert S.get(AT + "/every").data == a.data and S.get("/aliases").data == [a.data]
    want = sorted((d for docs in DOCS.values() for d in docs), key=lambda d: d["_id"])
    by = lambda d: (d["_id"], repr(sorted(d.items(), key=str)))
    assert sorted(documents(), key=by) == sorted(want, key=by), documents()


def test_queries():
    assert S.sql("select _id, typeof(x) as t from every where x is not null order by _id, t").rows == [
        {"_id": "1", "t": "bool"}, {"_id": "1", "t": "int"}, {"_id": "2", "t": "int"},
        {"_id": "3", "t": "string"}, {"_id": "4", "t": "float"}]
    assert S.sql("select typeof(f) as t, f from every where f is not null order by f").rows == [
        {"t": "float", "f": 1.5}, {"t": "int", "f": 2}]
    assert S.sql("select count(*) as n, sum(n) as s from every").rows == [{"n": 6, "s": 3}]
    a = S.sql("select every.n from every join c on every._id = c._id where c.n = 2")
    assert a.rows == [{"n": 2}] and a.json["collections"] == ["commons.every", "commons.c"], a


def test_columns_that_come():
    """New fields, and fields whose type becomes another one."""
    put("c", {"_id": "6", "n": "text", "new": 1})
    put("a", {"_id": "7", "new": "one", "n": 3})
    got = {d["_id"]: d for d in documents()}
    assert got["6"] == {"_id": "6", "n": "text", "new": 1}, got["6"]
    assert got["7"] == {"_id": "7", "n": 3, "new": "one"}, got["7"]
    S.sql("insert into b select '8' as _id, 9 as new, [1] as n")
    got = {d["_id"]: d for d in documents()}
    assert got["8"] == {"_id": "8", "new": 9, "n": [1]}, got["8"]
    assert got["7"] == {"_id": "7", "n": 3, "new": "one"}, got["7"]
    a = S.ask("PATCH", COLL + "/b/docs", {"data": [{"_id": "8", "patch": [
        {"op": "ADD", "path": "/new", "value": {"deep": None}}]}]})
    assert a.data[0]["status"] == "PATCHED", a
    assert {d["_id"]: d for d in documents()}["8"] == {"_id": "8", "new": {"deep": None}, "n": [1]}


def test_refused():
    check_error(S.post(AT, {"name": "x", "collections": ["a", "none"]}), 404, "NOTFOUND")
    for c in ([], ["a", "commons.a"], ["a", 1], ["a", ""], ["a", "every"], "a"):
        check_error(S.post(AT, {"name": "x", "collections": c}), 400, "INVALIDINPUT")
    check_error(S.post(AT, {"name": "x", "collections": ["a", "_rockset.docs"]}), 404, "NOTFOUND")
    # nobody knows to which of them
    for method, doc in (("POST", {"_id": "1"}), ("DELETE", {"_id": "1"}),
                        ("PATCH", {"_id": "1", "patch": []})):
        a = S.ask(method, COLL + "/every/docs", {"data": [doc]})
        check_error(a, 400, "INVALIDINPUT")
        assert "write to one of them" in a.json["message"], a
    assert "alias of 3 collections" in S.fails("insert into every select 1 as n").json["message"]
    for name in DOCS:
        check_error(S.delete(COLL + "/" + name), 409, "DEPENDENTRESOURCES")
    for name in DOCS:
        assert [x["name"] for x in S.get(COLL + "/" + name).data["aliases"]] == ["every"]


def test_privileges():
    S.post("/ws", {"name": "secret"})
    S.collection("s", [{"_id": "s", "n": 1}], workspace="secret")
    S.post("/roles", {"role_name": "some", "privileges": [
        {"action": a, "resource_name": "commons"} for a in (
            "QUERY_DATA_WS", "CREATE_ALIAS_WS", "LIST_RESOURCES_WS")] + [
        {"action": "QUERY_VI", "resource_name": "main"}]})
    key = S.post("/users/self/apikeys", {"name": "k", "role": "some"}).data["key"]
    assert S.post(AT, {"name": "both", "collections": ["commons.a", "secret.s"]}).status == 200
    q = {"sql": {"query": "select count(*) from both"}}
    check_error(S.post("/queries", q, key=key), 403, "FORBIDDEN")
    check_error(S.post(AT, {"name": "own", "collections": ["a", "secret.s"]}, key=key), 403,
                "FORBIDDEN")
    assert S.post(AT, {"name": "own", "collections": ["a", "b"]}, key=key).status == 200
    assert S.post("/queries", {"sql": {"query": "select 1 from own limit 1"}}, key=key).status == 200
    assert S.delete(AT + "/both").status == 200 and S.delete(AT + "/own").status == 200


def test_mounts():
    vi = S.post("/virtualinstances", {"name": "m"}).data["id"]
    S.post("/virtualinstances/%s/mounts" % vi, {"collection_paths": ["commons.a", "commons.b"]})
    q = {"sql": {"query": "select count(*) as n from every"}}
    a = S.post("/virtualinstances/%s/queries" % vi, q)
    assert a.status == 400 and "commons.c is not mounted" in a.body, a
    S.post("/virtualinstances/%s/mounts" % vi, {"collection_paths": ["commons.c"]})
    assert S.post("/virtualinstances/%s/queries" % vi, q).status == 200


def test_switch():
    """From several to one and back: to one can be written."""
    assert S.post(AT + "/every", {"collections": ["c"]}).data["collections"] == ["commons.c"]
    n = len(documents("c"))
    S.sql("insert into every select '9' as _id")
    assert len(documents()) == len(documents("c")) == n + 1
    assert S.delete(COLL + "/a").status == 200
    a = S.post(AT + "/every", {"collections": ["c", "b"], "description": "two"}).data
    assert a["collections"] == ["commons.c", "commons.b"] and a["description"] == "two", a
    assert len(documents()) == n + 1 + len(documents("b"))
    assert S.delete(AT + "/every").status == 200 and S.get(AT).data == []


def test_zz_stop():
    S.__exit__()


main(globals())
