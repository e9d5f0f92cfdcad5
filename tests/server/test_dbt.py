"""The requests that dbt-rockset 1.7.4 makes, in its order, and what it reads of the answers with no
default: a missing key would be an exception there."""
import json

from harness import Server, check_error, main

S = Server()
COMMENT = '/* {"app": "dbt"} */'
# its own requests, beside those of the Python client
RAW = {"authorization": "apikey " + S.key, "Accept": "*/*"}


def ask(method, path, body=None):
    return S.ask(method, path, body, key=None, headers=RAW)


def exists(kind, name):
    a = ask("GET", "/ws/an_ws/%s/%s" % (kind, name))
    assert a.status in (200, 404), a
    return a.status == 200


def make_collection(name):
    a = ask("POST", "/ws/an_ws/collections", {"name": name})
    assert a.status == 200 and a.data["name"] == name and a.data["workspace"] == "an_ws"
    assert exists("collections", name)
    assert ask("GET", "/ws/an_ws/collections/" + name).data["status"] == "READY"


def wait_for(name, offset):
    a = ask("GET", "/ws/an_ws/collections/%s/offsets/commit?fence=%s" % (name, offset))
    assert a.data["passed"] is True and a.json["offsets"]["commit"]


def insert(name, sql, options=None):
    body = {"sql": {"query": 'INSERT INTO "an_ws"."%s" %s' % (name, sql)}}
    j = ask("POST", "/queries", dict(body, **(options or {}))).json
    assert j["query_id"] and j["status"] == "COMPLETED" and len(j["results"]) == 1, j
    info = ask("GET", "/queries/" + j["query_id"]).json
    assert info["data"]["status"] == "COMPLETED" and info["last_offset"] is not None
    wait_for(name, info["last_offset"])
    return j["results"][0]["num_docs_inserted"]


def test_start_of_a_run():
    assert S.sql("SELECT 1").rows
    assert "an_ws" not in [w["name"] for w in ask("GET", "/ws").data]
    assert ask("POST", "/ws", {"name": "an_ws"}).status == 200
    assert "an_ws" in [w["name"] for w in ask("GET", "/ws").data]
    assert ask("GET", "/ws/an_ws/collections").data == []
    assert ask("GET", "/ws/an_ws/views").data == []


def test_seed():
    assert not exists("views", "seed") and not exists("collections", "seed")
    make_collection("seed")
    rows = [{"id": float(i), "name": "n%d" % i, "day": "2020-01-0%d" % (i + 1)} for i in range(5)]
    j = ask("POST", "/ws/an_ws/collections/seed/docs", {"data": rows}).json
    wait_for("seed", j["last_offset"])
    assert S.sql(COMMENT + " /* Placeholder Query */ SELECT 3;").rows


def test_table():
    assert not exists("collections", "t") and not exists("aliases", "t") and not exists("views", "t")
    make_collection("t")
    n = insert("t", 'WITH __dbt__cte__e AS (\n select * from "an_ws"."seed"\n) '
               "select id, name from __dbt__cte__e where id > 1")
    assert n == 3
    # asynchronously
    n = insert("t", 'select 9 as id, 1.5 as extra', {"async_options": {
        "client_timeout_ms": 30000, "timeout_ms": 1800000, "max_initial_results": 1}})
    assert n == 1 and S.sql('select count(*) n from "an_ws"."t"').rows == [{"n": 4}]


def test_view():
    a = ask("POST", "/ws/an_ws/views", {"name": "v", "description": "Created via dbt", "query":
                                        COMMENT + ' select * from "an_ws"."t" where id > 2'})
    assert a.status == 200 and ask("GET", "/ws/an_ws/views/v").data["state"] == "CREATED"
    assert ask("POST", "/ws/an_ws/views/v", {"query": 'select id from "an_ws"."t"'}).status == 200
    ask("POST", "/ws/an_ws/views", {"name": "a_view_of_v", "query": 'select * from "an_ws"."v"'})
    views = ask("GET", "/ws/an_ws/views").data
    assert all(v["workspace"] == "an_ws" for v in views)
    assert {v["name"]: v["entities"] for v in views} == {"v": ["an_ws.t"],
                                                         "a_view_of_v": ["an_ws.v"]}


def test_tests():
    sql = (COMMENT + "\n select count(*) as failures, count(*) != 0 as should_warn, "
           "count(*) != 0 as should_error from (\n select id from \"an_ws\".\"t\" where id is null"
           "\n) dbt_internal_test")
    assert S.sql(sql).rows == [{"failures": 0, "should_warn": False, "should_error": False}]


def test_docs_generate():
    for c in ask("GET", "/ws/an_ws/collections").data:
        assert isinstance(c["stats"]["doc_count"], int) and c["stats"]["bytes_inserted"] == 0
        for row in S.sql('DESCRIBE "an_ws"."%s"' % c["name"]).rows:
            assert row["field"] and row["type"] and row["occurrences"] >= 0


def test_query_lambda():
    assert ask("GET", "/ws/an_ws/lambdas/q/tags/latest").status == 404
    body = {"sql": {"query": "select :p as x", "default_parameters": [
        {"name": "p", "type": "string", "value": "v"}]}, "description": "Created via DBT",
            "is_public": False}
    v = ask("POST", "/ws/an_ws/lambdas", dict(body, name="q")).data["version"]
    assert ask("POST", "/ws/an_ws/lambdas/q/versions", body).data["version"] != v
    assert ask("POST", "/ws/an_ws/lambdas/q/tags", {"tag_name": "dev", "version": v}).status == 200


def test_drop_schema():
    dropped = []

    def drop_view(name):
        for v in ask("GET", "/ws/an_ws/views").data:
            if "an_ws." + name in v["entities"]:
                drop_view(v["name"])
        a = ask("DELETE", "/ws/an_ws/views/" + name)
        assert a.status == 200, (name, dropped, a)
        dropped.append(name)
    # the list is taken once: a view that was dropped with another must not come again
    for v in ask("GET", "/ws/an_ws/views").data:
        drop_view(v["name"])
    for a in ask("GET", "/ws/an_ws/aliases").data:
        ask("DELETE", "/ws/an_ws/aliases/" + a["name"])
    for c in ask("GET", "/ws/an_ws/collections").data:
        assert ask("DELETE", "/ws/an_ws/collections/" + c["name"]).status == 200
    for q in ask("GET", "/ws/an_ws/lambdas").data:
        assert ask("DELETE", "/ws/an_ws/lambdas/" + q["name"]).status == 200
        assert ask("GET", "/ws/an_ws/lambdas/%s/tags/latest" % q["name"]).status == 404
    assert ask("GET", "/ws/an_ws").data["collection_count"] == 0
    assert ask("DELETE", "/ws/an_ws").status == 200
    check_error(ask("GET", "/ws/an_ws"), 404, "NOTFOUND")


def test_zz_stop():
    S.__exit__()


main(globals())
