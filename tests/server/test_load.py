"""Many at a time: documents of several connections for one collection, calls of a query lambda, and
what is remembered between requests."""
import http.client
import json
import os
import threading

from harness import ADMIN, ORG, Server, check_error, main

COLL = "/ws/commons/collections"


def together(n, fn):
    """fn(0) ... fn(n - 1), each on a thread of its own; every one must come to its end."""
    failures = []

    def run(i):
        try:
            fn(i)
        except Exception as e:  # told by the main thread
            failures.append(repr(e))
    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
        assert not t.is_alive()
    assert not failures, failures


def threads_of(server):
    return len(os.listdir("/proc/%d/task" % server.process.pid))


def test_documents_of_many():
    with Server() as s:
        s.collection("c")

        def write(i):
            c = s.connect()
            for k in range(20):
                # every other connection writes what another one writes too
                docs = [{"_id": "%d-%d" % (i, k), "n": i}, {"_id": "shared-%d" % k, "i%d" % i: k},
                        {"n": k}]
                c.request("POST", ORG + COLL + "/c/docs", json.dumps({"data": docs}),
                          {"Authorization": "ApiKey " + ADMIN})
                r = c.getresponse()
                a = json.loads(r.read())
                assert r.status == 200, a
                got = [d["status"] for d in a["data"]]
                assert got in (["ADDED", "ADDED", "ADDED"], ["ADDED", "REPLACED", "ADDED"]), got
                assert [d["_id"] for d in a["data"]][:2] == ["%d-%d" % (i, k), "shared-%d" % k]
                assert a["last_offset"]
            c.close()
        together(8, write)
        rows = s.sql("select count(*) n, count(distinct _id) ids from c").rows
        assert rows == [{"n": 8 * 20 * 2 + 20, "ids": 8 * 20 * 2 + 20}], rows


def test_each_gets_its_own_answer():
    """Documents that are refused, and other operations, among those that gather."""
    with Server() as s:
        s.collection("c", [{"_id": "old", "x": 1}])

        def write(i):
            for k in range(10):
                if i == 0:
                    a = s.post(COLL + "/c/docs", {"data": [{"_id": 5}, {"_id": "0-%d" % k}]})
                    assert [d["status"] for d in a.data] == ["ERROR", "ADDED"], a
                    assert a.data[0]["error"]["message"] == "_id must be a string", a
                elif i == 1:
                    patch = [{"op": "REPLACE", "path": "/x", "value": k}]
                    a = s.ask("PATCH", COLL + "/c/docs", {"data": [{"_id": "old", "patch": patch}]})
                    assert [d["status"] for d in a.data] == ["PATCHED"], a
                elif i == 2:
                    a = s.ask("DELETE", COLL + "/c/docs", {"data": [{"_id": "0-%d" % k}]})
                    assert [d["status"] for d in a.data] == ["DELETED"], a
                elif i == 3:
                    check_error(s.post(COLL + "/c/docs", '{"data":[{]}'), 400, "INVALIDINPUT")
                else:
                    a = s.post(COLL + "/c/docs", {"data": [{"_id": "%d-%d" % (i, k)}]})
                    assert a.data[0]["status"] == "ADDED", a
        together(6, write)
        assert s.sql("select x from c where _id = 'old'").rows == [{"x": 9}]
        assert s.sql("select count(*) n from c where _id like '4-%' or _id like '5-%'").rows == [
            {"n": 20}]


def test_many_documents_at_once():
    """By way of a stage: every kind of value, refused ones, the same _id twice."""
    with Server() as s:
        s.collection("c")
        docs = [{"_id": str(i), "i": i, "f": i + 0.5, "b": i % 2 == 0, "s": "text %d" % i,
                 "mixed": [i, "s", 1.5, True][i % 4], "list": [i], "o": {"k": i},
                 "d": {"__rockset_type": "date", "value": "2020-01-02"}} for i in range(500)]
        docs[7] = {"_id": 7}
        docs[8] = {"_id": "9", "i": -1}
        a = s.post(COLL + "/c/docs", {"data": docs})
        got = [d["status"] for d in a.data]
        assert got[7] == "ERROR" and got[8] == "ADDED" and got[9] == "REPLACED", got[:12]
        assert got[:7] + got[10:] == ["ADDED"] * 497
        rows = s.sql("select i, f, b, s, mixed, list, o, d from c where i in (1, 2, 3, 4) "
                     "order by i").rows
        assert rows == [dict({k: v for k, v in d.items() if k != "_id"},
                             d={"__rockset_type": "DATE", "value": "2020-01-02"})
                        for d in docs[1:5]], rows
        a = s.ask("DELETE", COLL + "/c/docs", {"data": [{"_id": str(i)} for i in range(100, 600)]})
        assert [d["status"] for d in a.data] == ["DELETED"] * 500
        assert s.sql("select count(*) n from c").rows == [{"n": 98}]


def test_bodies():
    with Server() as s:
        s.collection("c")
        for text in ('', '{', '[]', '{"data"', '{"data":', '{"data":[', '{"data":[{}', '{"data":[{},',
                     '{"data":[{},]}', '{"data":[,]}', '{"data":[{}]', '{"data":[{}],}',
                     '{"data":[{}]} x', '{"data":[{} {}]}', '{"data":{}}', '{"data":1}', '{}',
                     '{"x":[1,}', '{data:[]}', '{"data":[{}],"x":}', '{"data" [{}]}'):
            check_error(s.post(COLL + "/c/docs", text), 400, "INVALIDINPUT")
        for text, n in (('{"data":[]}', 0), (' { "x" : 1 , "data" : [ {"_id":"a"} , {} ] , "y":[] } ', 2),
                        ('{"data":[{},{}],"data":[{"_id":"b"}]}', 1)):
            a = s.post(COLL + "/c/docs", text)
            assert a.status == 200 and len(a.data) == n, (text, a)
        assert s.sql("select count(*) n from c").rows == [{"n": 3}]


def test_lambda_gives_back_what_it_takes():
    with Server() as s:
        s.post("/ws/commons/lambdas", {"name": "one", "sql": {"query": "select 1 as x"}})
        path = "/ws/commons/lambdas/one/tags/latest"
        c = http.client.HTTPConnection("127.0.0.1", s.port, timeout=60)

        def call(n):
            for _ in range(n):
                c.request("POST", ORG + path, "{}", {"Authorization": "ApiKey " + ADMIN})
                a = json.loads(c.getresponse().read())
                assert a["results"] == [{"x": 1}], a
        call(5)
        before = threads_of(s)
        call(50)
        c.close()
        assert threads_of(s) <= before + 2, (before, threads_of(s))


def test_what_is_remembered_is_true():
    with Server() as s:
        lambdas = "/ws/commons/lambdas"
        s.post(lambdas, {"name": "l", "sql": {"query": "select 1 as x"}})
        path = lambdas + "/l/tags/latest"
        assert s.post(path).rows == [{"x": 1}]
        old = s.post(path).json["query_lambda_path"].split(":")[1]
        s.ask("POST", lambdas + "/l/versions", {"sql": {"query": "select 2 as x"}})
        assert s.post(path).rows == [{"x": 2}]
        assert s.post(lambdas + "/l/versions/" + old).rows == [{"x": 1}]
        s.post(lambdas + "/l/tags", {"tag_name": "prod", "version": old})
        assert s.post(lambdas + "/l/tags/prod").rows == [{"x": 1}]
        s.ask("DELETE", lambdas + "/l")
        check_error(s.post(path), 404, "NOTFOUND")
        # a collection that goes and comes again, with other fields, and as an alias
        s.collection("c", [{"_id": "1", "a": 1}])
        assert s.ask("DELETE", COLL + "/c").status == 200
        check_error(s.post(COLL + "/c/docs", {"data": [{}]}), 404, "NOTFOUND")
        s.collection("c", [{"_id": "1", "a": "text"}])
        s.post(COLL + "/c/docs", {"data": [{"_id": "2", "b": 1}]})
        assert s.sql("select _id, a, b from c order by _id").rows == [
            {"_id": "1", "a": "text", "b": None}, {"_id": "2", "a": None, "b": 1}]
        assert s.ask("DELETE", COLL + "/c").status == 200
        s.collection("real")
        s.post("/ws/commons/aliases", {"name": "c", "collections": ["commons.real"]})
        a = s.post(COLL + "/c/docs", {"data": [{"_id": "3"}]})
        assert a.status == 200, a
        assert s.sql("select _id from real").rows == [{"_id": "3"}]


main(globals())
