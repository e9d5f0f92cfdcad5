"""Queries: values and types, parameters, pages, asynchronous ones, cancelling, limits, errors."""
import json
import socket
import threading
import time

from harness import ADMIN, Server, check_error, main, until

S = Server()
SLOW = "select count(*) n from range(100000000000) where md5(CAST(range AS varchar)) = 'x'"


def one(expression):
    return S.sql("select %s as x" % expression).rows[0]["x"]


def test_values():
    typed = lambda t, v: {"__rockset_type": t, "value": v}
    for expression, value in [
            ("1", 1), ("-9223372036854775807", -9223372036854775807), ("9007199254740993",
                                                                       9007199254740993),
            ("true", True), ("null", None), ("'a\"b\\\\'", 'a"b\\\\'), ("1.5", 1.5), ("0.1", 0.1),
            ("1e300", 1e300), ("-2.25", -2.25), ("CAST('nan' AS float)", None),
            ("DATE '2020-01-02'", typed("DATE", "2020-01-02")),
            ("TIME '12:34:56.100'", typed("TIME", "12:34:56.1")),
            ("TIME '12:34:56'", typed("TIME", "12:34:56")),
            ("DATETIME '2020-03-02 10:49:33'", typed("DATETIME", "2020-03-02T10:49:33")),
            ("DATETIME '2020-03-02 10:49:33.5'", typed("DATETIME", "2020-03-02T10:49:33.5")),
            ("TIMESTAMP '2019-11-09T23:14:31.561512Z'", "2019-11-09T23:14:31.561512Z"),
            ("TIMESTAMP '2019-11-09T23:14:31Z'", "2019-11-09T23:14:31.000000Z"),
            ("[1, 2]", [1, 2])]:
        assert one(expression) == value, (expression, one(expression), value)


def test_spelling_of_numbers():
    # an integer never has a point, a float always
    body = S.sql("select 2 as i, 2.0 as f, 100000000.0 as g, -0.5 as h, 1e30 as k").body
    assert '"results":[{"i":2,"f":2.0,"g":100000000.0,"h":-0.5,"k":1e+30}]' in body, body


def test_floats_read_back():
    values = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456.789, 1e9, 999999999.999, 1e-7, 3.3]
    rows = S.sql("select x from (values %s) as t(x)" % ",".join("(%re0)" % v if "e" not in repr(v)
                                                                else "(%r)" % v
                                                                for v in values)).rows
    assert [r["x"] for r in rows] == values, rows


def test_answer_form():
    a = S.sql("select 1 as b, 'x' as a, count(*) from commons._events")
    j = a.json
    assert list(j) == ["query_id", "status", "collections", "column_fields", "results",
                       "results_total_doc_count", "stats"], list(j)
    assert j["status"] == "COMPLETED" and j["collections"] == ["commons._events"]
    assert [c["name"] for c in j["column_fields"]] == ["b", "a", "?count"]
    assert [c["type"] for c in j["column_fields"]] == ["", "", ""], "as the hosted service did"
    assert list(j["results"][0]) == ["b", "a", "?count"], "keys come in the columns' order"
    assert isinstance(j["stats"]["elapsed_time_ms"], int)
    assert "Content-Length" in a.headers, "a small answer has a length"


def test_empty_result_has_columns():
    j = S.sql("select 1 as a where false").json
    assert j["results"] == [] and j["column_fields"] == [{"name": "a", "type": ""}]


def typed(sql):
    a = S.ask("POST", "/queries", {"sql": {"query": sql}}, headers={"Rockset-Column-Types": "1"})
    return a, [c["type"] for c in a.json["column_fields"]]


def test_types_of_columns():
    assert typed("select 1 as b, 'x' as a, [1] as c")[1] == ["int", "string", "array"]
    S.collection("typed")
    assert typed("insert into commons.typed select 1 as n")[1] == ["int"]
    assert typed("describe commons.typed")[1] == ["array", "string", "int", "int"]


def test_types_that_rockset_lacks():
    # what compares in its own way is named; whole decimals are integers, all digits come
    j, types = typed(
        "select CAST(CAST('7' AS string) AS hugeint) as h, CAST('1.50' AS decimal(9,2)) as d, "
        "CAST('12345678901234567890123' AS decimal(38,0)) as w, "
        "CAST('00000000-0000-0000-0000-00000000000a' AS uuid) as u, "
        "CAST('-99999999999999999999' AS hugeint) as n, CAST('3' AS decimal(9,0)) as i")
    assert types == ["hugeint", "decimal", "decimal", "uuid", "hugeint", "decimal"], j
    assert '{"h":7,"d":1.5,"w":12345678901234567890123,"u":"00000000-0000-0000-0000-00000000000a",' \
        '"n":"-99999999999999999999","i":3}' in j.body, j.body
    # DESCRIBE speaks Rockset's
    S.collection("odd")
    S.sql("insert into commons.odd select CAST('7' AS hugeint) as h, CAST('1.5' AS decimal(9,2)) as d")
    types = {r["field"][0]: r["type"] for r in S.sql("describe commons.odd").rows}
    assert (types["h"], types["d"]) == ("int", "float"), types


def test_parameters():
    p = lambda t, v: [{"name": "p", "type": t, "value": v}]
    for kind, text, value in [("int", "5", 5), ("float", "1e-05", 1e-05), ("bool", "True", True),
                              ("string", "O'Hara", "O'Hara"), ("", "7", 7),
                              ("date", "2020-1-1", {"__rockset_type": "DATE",
                                                    "value": "2020-01-01"})]:
        rows = S.sql("select :p as x", p(kind, text)).rows
        assert rows == [{"x": value}], (kind, rows)
    assert S.sql("select :p as x", [{"name": "p", "type": "int", "value": 6}]).rows == [{"x": 6}]
    a = S.fails("select :p")
    assert "'p'" in a.json["message"], a
    a = S.fails("select :p", params=p("int", "five"))
    assert "'p'" in a.json["message"], a


def test_errors():
    a = S.fails("selec 1")
    assert (a.json["line"], a.json["column"]) == (1, 1), a
    a = S.fails("select 1\n  from nowhere")
    assert (a.json["line"], a.json["column"]) == (2, 8), a
    assert "nowhere" in a.json["message"] and "remote SQL" not in a.body, a
    a = S.fails("select cout(1)")
    assert a.json["error_id"] == "function_not_found" and "COUT" in a.json["message"].upper(), a
    for known in ("select upper(1, 2, 3)", "select 1 +", "select a from nowhere"):
        e = S.fails(known).json
        assert e["error_id"] == e["trace_id"], e
    S.fails("select 1; select 2")
    S.fails("drop table x")
    S.fails("select * from _rockset.entities")
    S.fails("select CAST('x' AS int)")


def test_bad_bodies():
    for body in ("", "{", "[]", "{}", '{"sql":{}}', '{"sql":{"query":1}}', '{"sql":{"query":"select 1"}} x',
                 '{"sql":{"query":"select 1","parameters":{}}}',
                 '{"sql":{"query":"select 1"},"max_initial_results":-1}',
                 '{"sql":{"query":"select 1"},"timeout_ms":1.5}', b'{"sql":{"query":"\xff"}}'):
        check_error(S.post("/queries", body), 400, "INVALIDINPUT")
    a = S.post("/queries", {"sql": {"query": "select 1", "parameters": None}, "unknown": 1,
                            "async": None, "timeout_ms": None})
    assert a.status == 200, a


def test_content_type():
    a = S.post("/queries", '{"sql":{"query":"select 1"}}', headers={"Content-Type": "image/png"})
    check_error(a, 415, "UNSUPPORTEDMEDIATYPE")


def test_default_row_limit():
    q = {"sql": {"query": "select * from range(100)", "default_row_limit": 3}}
    assert len(S.post("/queries", q).rows) == 3
    q["sql"]["query"] += " limit 5"
    assert len(S.post("/queries", q).rows) == 5


def test_large_result_streams():
    n = 300000
    a = S.sql("select range as i, md5(CAST(range AS varchar)) as t from range(%d)" % n)
    assert a.headers["Transfer-Encoding"] == "chunked"
    assert len(a.rows) == n and a.json["results_total_doc_count"] == n
    assert a.rows[n - 1]["i"] == n - 1


def test_error_in_the_middle():
    a = S.sql("select CAST(CASE WHEN range = 900000 THEN 'x' ELSE '1' END AS int) as i, "
              "repeat('y', 50) as t from range(1000000)")
    j = a.json
    assert j["query_errors"][0]["type"] == "QUERY_ERROR", j["query_errors"]
    assert j["query_errors"][0]["status_code"] == 400
    assert len(j["results"]) > 1000, len(j["results"])


def test_pages():
    q = {"sql": {"query": "select range as i from range(25)"}, "max_initial_results": 10}
    j = S.post("/queries", q).json
    assert [r["i"] for r in j["results"]] == list(range(10))
    assert j["results_total_doc_count"] == 25 and j["pagination"]["current_page_doc_count"] == 10
    got, cursor = list(j["results"]), j["pagination"]["next_cursor"]
    while cursor:
        a = S.get("/queries/%s/pages?cursor=%s&docs=7" % (j["query_id"], cursor))
        assert a.status == 200, a
        got += a.rows
        cursor = a.json["pagination"]["next_cursor"]
    assert [r["i"] for r in got] == list(range(25))
    a = S.get("/queries/%s/pages" % j["query_id"].replace(":", "%3A"))
    assert len(a.rows) == 25 and a.json["pagination"]["next_cursor"] is None
    a = S.get("/queries/%s/pages?docs=2&offset=20" % j["query_id"])
    assert [r["i"] for r in a.rows] == [20, 21]
    a = S.get("/queries/%s/pages?docs=1&offset=100" % j["query_id"])
    assert a.rows == [] and a.json["pagination"]["start_cursor"] is None
    check_error(S.get("/queries/%s/pages?cursor=nonsense" % j["query_id"]), 400, "INVALIDINPUT")
    check_error(S.get("/queries/%s/pages?docs=100001" % j["query_id"]), 400, "INVALIDINPUT")


def test_pages_of_old_clients():
    # JDBC: in sql, without `paginate`
    q = {"sql": {"query": "select 1 as i union all select 2",
                 "initial_paginate_response_doc_count": 1}}
    j = S.post("/queries", q).json
    assert len(j["results"]) == 1 and j["pagination"]["next_cursor"]
    a = S.get("/queries/%s/pages?cursor=%s&docs=1&offset=0"
              % (j["query_id"], j["pagination"]["next_cursor"]))
    assert len(a.rows) == 1 and a.json["pagination"]["next_cursor"] is None
    assert a.json["pagination"]["current_page_doc_count"] == 1


def test_few_rows_need_no_page():
    j = S.post("/queries", {"sql": {"query": "select 1 as i"}, "max_initial_results": 10}).json
    assert j["results"] == [{"i": 1}] and "pagination" not in j


def test_large_rows_in_pages():
    q = {"sql": {"query": "select repeat('ab', 500000) || range as t from range(20)"},
         "max_initial_results": 3}
    j = S.post("/queries", q).json
    assert len(j["results"]) == 3
    a = S.get("/queries/%s/pages?docs=100" % j["query_id"])
    assert [r["t"][-2:] for r in a.rows][-1] == "19" and len(a.rows) == 20


def test_async():
    q = {"sql": {"query": "select range as i from range(5)"}, "async": True}
    j = S.post("/queries", q).json
    assert j["status"] in ("QUEUED", "RUNNING") and j["results"] == []
    path = "/queries/" + j["query_id"]
    info = until(lambda: S.get(path).data["status"] == "COMPLETED" and S.get(path), "completed")
    data = info.data
    assert info.json["last_offset"] is None and data["sql"] == q["sql"]["query"]
    assert data["expires_at"].endswith("Z") and data["stats"]["result_set_document_count"] == 5
    a = S.get(path + "/pages?cursor=" + data["pagination"]["start_cursor"])
    assert [r["i"] for r in a.rows] == [0, 1, 2, 3, 4]


def test_async_finishes_while_asked():
    # dbt sends async_options alone
    q = {"sql": {"query": "select 1 as i"},
         "async_options": {"client_timeout_ms": 30000, "timeout_ms": 1800000,
                           "max_initial_results": 1}}
    j = S.post("/queries", q).json
    assert j["status"] == "COMPLETED" and j["results"] == [{"i": 1}], j


def test_async_error():
    j = S.post("/queries", {"sql": {"query": "select CAST('x' AS int) from range(9)"},
                            "async": True}).json
    path = "/queries/" + j["query_id"]
    data = until(lambda: S.get(path).data["status"] == "ERROR" and S.get(path).data, "an error")
    assert data["query_errors"][0]["type"] == "QUERY_ERROR", data
    check_error(S.get(path + "/pages"), 400, "QUERY_ERROR")


def test_cancel():
    j = S.post("/queries", {"sql": {"query": SLOW}, "async": True}).json
    path = "/queries/" + j["query_id"]
    until(lambda: S.get(path).data["status"] == "RUNNING", "running")
    assert j["query_id"] in [x["query_id"] for x in S.get("/queries").data]
    check_error(S.get(path + "/pages"), 503, "NOT_READY")
    a = S.ask("DELETE", path)
    assert a.status == 200 and a.data["status"] == "CANCELLED", a
    assert S.get("/queries").data == []
    a = S.ask("DELETE", path)
    assert a.status == 200 and a.data["status"] == "CANCELLED", "its final state"
    check_error(S.ask("DELETE", "/queries/none"), 404, "NOTFOUND")


def test_cancel_of_one_that_is_waited_for():
    got = []
    t = threading.Thread(target=lambda: got.append(S.post("/queries", {"sql": {"query": SLOW}})))
    t.start()
    running = until(lambda: S.get("/queries").data, "running")
    S.ask("DELETE", "/queries/" + running[0]["query_id"])
    t.join(30)
    check_error(got[0], 400, "QUERY_CANCELLED")


def test_timeout():
    start = time.time()
    S.fails(SLOW, 408, "QUERY_TIMEOUT", timeout_ms=500)
    assert time.time() - start < 10
    S.fails(SLOW, 408, "QUERY_TIMEOUT", timeout_ms=500, max_initial_results=5)


def test_disconnect_cancels():
    body = json.dumps({"sql": {"query": SLOW}})
    s = socket.create_connection(("127.0.0.1", S.port))
    s.sendall(("POST /v1/orgs/self/queries HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey %s\r\n"
               "Content-Length: %d\r\n\r\n%s" % (ADMIN, len(body), body)).encode())
    until(lambda: S.get("/queries").data, "running")
    s.close()
    until(lambda: S.get("/queries").data == [], "cancelled", 10)


def test_disconnect_in_a_stream():
    body = json.dumps({"sql": {"query": "select range as i, repeat('x', 100) t from range(50000000)"}})
    s = socket.create_connection(("127.0.0.1", S.port))
    s.sendall(("POST /v1/orgs/self/queries HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey %s\r\n"
               "Content-Length: %d\r\n\r\n%s" % (ADMIN, len(body), body)).encode())
    assert s.recv(1000).startswith(b"HTTP/1.1 200")
    assert len(S.get("/queries").data) == 1
    s.close()
    until(lambda: S.get("/queries").data == [], "cancelled", 10)


def test_validation():
    a = S.post("/queries/validations", {"sql": {"query": "select :b, :a from _events"}})
    assert a.json == {"collections": ["commons._events"], "parameters": ["b", "a"]}, a
    check_error(S.post("/queries/validations", {"sql": {"query": "select from"}}), 400,
                "QUERY_ERROR")


def test_insert_and_fence():
    S.collection("ins")
    a = S.sql("insert into commons.ins select 'k1' as _id, 5 as n")
    assert a.rows == [{"num_docs_inserted": 1}], a
    offset = a.json["last_offset"]
    info = S.get("/queries/" + a.json["query_id"])
    assert info.json["last_offset"] == offset and info.data["last_offset"] == offset
    a = S.get("/ws/commons/collections/ins/offsets/commit?fence=" + offset)
    assert a.data == {"fence": offset, "passed": True} and a.json["offsets"]["commit"], a
    a = S.post("/ws/commons/collections/ins/offsets/commit", {"name": [offset]})
    assert a.data["passed"] is True
    check_error(S.get("/ws/commons/collections/ins/offsets/commit?fence=x"), 400, "INVALIDINPUT")


def test_insert_has_no_schema():
    S.collection("free")
    S.sql("insert into free select 'a' as _id, 1 as n")
    S.sql("insert into free with x as (select 'a' as _id, 'text' as n) select * from x")
    assert S.sql("select n from free where _id = 'a'").rows == [{"n": "text"}], "replaced"
    S.sql("insert into free select 'b' as _id, 2.5 as n, [1] as more, DATE '2020-01-01' as d")
    rows = S.sql("select * from free order by _id").rows
    assert rows[1]["n"] == 2.5 and rows[1]["more"] == [1] and "more" not in rows[0], rows
    assert list(rows[0])[:2] == ["_id", "_event_time"]
    a = S.sql("insert into free select range as k from range(10)")
    assert a.rows == [{"num_docs_inserted": 10}]
    assert S.sql("select count(distinct _id) as n from free").rows == [{"n": 12}]
    S.sql("insert into free select 'd' as _id, i as k from (values (1), (2), (3)) as t(i)")
    assert S.sql("select k from free where _id = 'd'").rows == [{"k": 3}], "the last one wins"
    a = S.sql("insert into free select :x as _id, :y as k",
              [{"name": "x", "type": "string", "value": "p'"}, {"name": "y", "type": "int",
                                                                "value": "9"}])
    assert S.sql("select k from free where _id = 'p'''").rows == [{"k": 9}]
    S.fails("insert into missing select 1 as a")


def test_insert_into_view():
    S.post("/ws/commons/views", {"name": "iv", "query": "select 1 as a"})
    S.fails("insert into iv select 1 as a")


def test_describe():
    S.collection("des", [
        {"_id": "1", "s": "x", "n": 1, "o": {"a": 1, "b": {"c": "t"}}, "l": [1, 2], "m": 1},
        {"_id": "2", "s": "y", "n": 2, "o": {"a": 2}, "l": [], "m": "text"},
        {"_id": "3", "n": 3, "lo": [{"k": 1}, {"k": None}, {"k": 3}], "m": 2.5, "j": {"q": 1}},
        {"_id": "4", "j": [1], "only": None}])
    a = S.sql('DESCRIBE commons."des"')
    rows = {(tuple(r["field"]), r["type"]): (r["occurrences"], r["total"]) for r in a.rows}
    assert [list(r) for r in a.rows][0] == ["field", "type", "occurrences", "total"]
    assert rows == {(("_event_time",), "timestamp"): (4, 4), (("_id",), "string"): (4, 4),
                    (("_meta",), "object"): (4, 4), (("s",), "string"): (2, 4),
                    (("n",), "int"): (3, 4), (("o",), "object"): (2, 4),
                    (("o", "a"), "int"): (2, 2), (("o", "b"), "object"): (1, 2),
                    (("o", "b", "c"), "string"): (1, 1), (("l",), "array"): (2, 4),
                    (("l", "*"), "int"): (2, 2), (("lo",), "array"): (1, 4),
                    (("lo", "*"), "object"): (3, 3), (("lo", "*", "k"), "int"): (2, 3),
                    (("m",), "int"): (1, 4), (("m",), "string"): (1, 4), (("m",), "float"): (1, 4),
                    (("j",), "object"): (1, 4), (("j",), "array"): (1, 4),
                    (("j", "q"), "int"): (1, 1), (("j", "*"), "int"): (1, 1),
                    (("only",), "null"): (1, 4)}, rows
    # each value counts by its own type, wherever it is kept
    S.collection("shares", [
        {"_id": "1", "f": 1.5, "t": "x", "o": {"p": 1, "q": None}, "n": 1},
        {"_id": "2", "f": 2, "t": {"__rockset_type": "date", "value": "2020-01-02"}, "o": {"p": 2},
         "n": None},
        {"_id": "3", "f": None, "t": "y", "n": "many"},
        {"_id": "4", "f": 2.5, "t": 7}])
    rows = {(".".join(r["field"]), r["type"]): r["occurrences"]
            for r in S.sql("describe shares").rows if r["field"][0][0] != "_"}
    assert rows == {("f", "float"): 2, ("f", "int"): 1, ("f", "null"): 1, ("t", "string"): 2,
                    ("t", "date"): 1, ("t", "int"): 1, ("o", "object"): 2, ("o.p", "int"): 2,
                    ("n", "int"): 1, ("n", "null"): 1, ("n", "string"): 1}, rows
    a = S.sql('describe "commons"."des" OPTION(max_field_depth=1)')
    fields = [r["field"] for r in a.rows]
    assert fields == sorted(fields) and all(len(f) == 1 for f in fields), fields
    S.collection("nothing")
    assert [r["field"] for r in S.sql("describe nothing").rows] == [["_event_time"], ["_id"],
                                                                    ["_meta"]]
    S.fails("describe nowhere")


def test_concurrent_queries():
    failed = []

    def work(i):
        for k in range(10):
            a = S.post("/queries", {"sql": {"query": "select %d as i, sum(range) as s "
                                            "from range(100000)" % i}})
            if a.status != 200 or a.rows != [{"i": i, "s": 4999950000}]:
                failed.append(a)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert not failed, failed[0]


def test_limits():
    with Server("--max-running", "1", "--max-queued", "0", "--max-rows", "1000",
                "--max-result-bytes", "100000", "--query-timeout", "1", "--max-body",
                "2000") as s:
        j = s.post("/queries", {"sql": {"query": SLOW}, "async": True}).json
        until(lambda: s.get("/queries/" + j["query_id"]).data["status"] == "RUNNING", "running")
        s.fails("select 1", 429, "RESOURCEEXCEEDED")
        s.ask("DELETE", "/queries/" + j["query_id"])
        s.fails("select * from range(1001)", 400, "RESOURCEEXCEEDED")
        assert len(s.sql("select * from range(1000)").rows) == 1000
        s.fails("select repeat('x', 1000) as t from range(200)", 400, "RESOURCEEXCEEDED",
                max_initial_results=10)
        s.fails(SLOW, 408, "QUERY_TIMEOUT")
        check_error(s.post("/queries", "x" * 3000), 413, "CONTENTTOOLARGE")
        j = s.post("/queries", {"sql": {"query": "select repeat('x', 1000) t from range(200)"},
                                "async": True}).json
        until(lambda: s.get("/queries/" + j["query_id"]).data["status"] == "ERROR", "too large")


def test_queued_query_runs_later():
    with Server("--max-running", "1") as s:
        j = s.post("/queries", {"sql": {"query": SLOW}, "async": True}).json
        until(lambda: s.get("/queries/" + j["query_id"]).data["status"] == "RUNNING", "running")
        k = s.post("/queries", {"sql": {"query": "select 1"}, "async": True}).json
        assert k["status"] == "QUEUED", k
        s.ask("DELETE", "/queries/" + j["query_id"])
        until(lambda: s.get("/queries/" + k["query_id"]).data["status"] == "COMPLETED", "completed")


def test_results_expire():
    with Server("--keep-results", "1") as s:
        j = s.post("/queries", {"sql": {"query": "select * from range(5)"},
                                "max_initial_results": 1}).json
        assert s.get("/queries/%s/pages" % j["query_id"]).status == 200
        until(lambda: s.get("/queries/" + j["query_id"]).status == 404, "expired", 10)


def test_zzz_stop():
    S.__exit__()


main(globals())
