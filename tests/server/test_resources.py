"""Every resource of the API: what each route answers, and every way it refuses. The last test
checks that no route of the table in handlers.c was left out."""
import ctypes
import json
import os
import re
import tempfile

from harness import ROOT, Server, check_error, main, until

S = Server()
USED = set()
COLL = "/ws/commons/collections"


def ask(method, path, body=None, **more):
    USED.add((method, path.split("?")[0]))
    return S.ask(method, path, body, **more)


def ok(method, path, body=None, **more):
    a = ask(method, path, body, **more)
    assert a.status == 200, (method, path, a)
    return a


def bad(status, kind, method, path, body=None, **more):
    a = ask(method, path, body, **more)
    check_error(a, status, kind)
    return a


def test_root():
    a = ask("GET", "/", key=None)
    assert a.status == 200 and a.json == {"message": "GO ROCKSET!"}, a
    assert ask("GET", "/healthz", key=None).json == {"status": "ok"}


def test_unknown_paths():
    check_error(S.get("/nothing"), 404, "NOTFOUND")
    check_error(S.get("/v1/orgs/other"), 404, "NOTFOUND")
    check_error(S.get("/ws/%zz"), 400, "BADREQUEST")
    check_error(S.get("/ws/a%00b"), 400, "BADREQUEST")
    a = S.ask("PUT", "/ws")
    check_error(a, 405, "METHODNOTALLOWED")
    assert a.headers["Allow"] == "GET, POST", a.headers["Allow"]
    assert S.get("/ws/").status == 200, "a slash at the end means nothing"


def test_workspaces():
    assert [w["name"] for w in ok("GET", "/ws").data] == ["commons"]
    w = ok("POST", "/ws", {"name": "w1", "description": "d"}).data
    assert (w["name"], w["description"], w["collection_count"]) == ("w1", "d", 0)
    assert w["created_at"].endswith("Z")
    assert ok("GET", "/ws/w1").data == w
    bad(409, "ALREADYEXISTS", "POST", "/ws", {"name": "w1"})
    bad(400, "INVALIDINPUT", "POST", "/ws", {"name": "a b"})
    bad(400, "INVALIDINPUT", "POST", "/ws", {})
    bad(404, "NOTFOUND", "POST", "/ws", {"name": "_rockset"})
    ok("POST", "/ws/w1/collections", {"name": "c"})
    assert ok("GET", "/ws/w1").data["collection_count"] == 1
    bad(409, "DEPENDENTRESOURCES", "DELETE", "/ws/w1")
    ok("DELETE", "/ws/w1/collections/c")
    ok("DELETE", "/ws/w1")
    bad(404, "NOTFOUND", "GET", "/ws/w1")
    bad(404, "NOTFOUND", "DELETE", "/ws/w1")
    bad(400, "BADREQUEST", "DELETE", "/ws/commons")
    w = ok("POST", "/ws", {"name": "w1"}).data
    assert w["description"] is None, "nothing is inherited"
    ok("DELETE", "/ws/w1")


def test_collections():
    c = ok("POST", COLL, {"name": "col", "description": "text", "sources": [], "insert_only": False,
                          "retention_secs": None, "storage_compression_type": "LZ4"})
    assert list(c.json) == ["data"]
    c = c.data
    assert (c["name"], c["workspace"], c["status"]) == ("col", "commons", "CREATED")
    assert c["sources"] == [] and c["description"] == "text" and c["stats"]["doc_count"] == 0
    g = ok("GET", COLL + "/col")
    assert g.data["status"] == "READY" and g.data["created_by_apikey_name"]
    assert '"fill_progress":1.0' in g.body and '"doc_count":0' in g.body
    assert "col" in [x["name"] for x in ok("GET", COLL).data]
    assert "col" in [x["name"] for x in ok("GET", "/collections").data]
    assert "_events" in [x["name"] for x in ok("GET", "/collections").data]
    for what in ("collections", "views", "aliases", "lambdas"):
        # dbt-rockset lists what a workspace holds before it asks whether there is one
        assert ok("GET", "/ws/nowhere/" + what).json == {"data": []}, what
    bad(404, "NOTFOUND", "GET", "/ws/nowhere")
    assert ok("PUT", COLL + "/col", {"description": "new"}).data["description"] == "new"
    assert ok("GET", COLL + "/col").data["description"] == "new"
    bad(409, "ALREADYEXISTS", "POST", COLL, {"name": "col"})
    bad(404, "NOTFOUND", "POST", "/ws/nowhere/collections", {"name": "c"})
    bad(400, "INVALIDINPUT", "POST", COLL, {"name": "a/b"})
    for extra in ({"sources": [{"kinesis": {"stream_name": "b"}}]},
                  {"field_mappings": [{"name": "m"}]}):
        bad(501, "NOTIMPLEMENTEDYET", "POST", COLL, dict({"name": "x1"}, **extra))
    bad(400, "QUERY_ERROR", "PUT", COLL + "/col", {"field_mapping_query": {"sql": "x"}})
    d = ok("DELETE", COLL + "/col").data
    assert d["name"] == "col" and d["workspace"] == "commons" and d["sources"] == []
    for method in ("GET", "DELETE"):
        bad(404, "NOTFOUND", method, COLL + "/col")
    bad(404, "NOTFOUND", "PUT", COLL + "/col", {})
    assert ok("POST", COLL, {"name": "col"}).data["description"] is None, "nothing is inherited"
    ok("DELETE", COLL + "/col")


def test_names_that_clients_refuse():
    # a collection that SQL made; Python's client would refuse a list that holds it
    S.collection("plain")
    names = [x["name"] for x in S.get("/collections").data]
    assert all(re.match(r"^[A-Za-z0-9_\-.]+$", n) for n in names)


def test_sources():
    S.collection("src")
    assert ok("GET", COLL + "/src/sources").data == []
    bad(501, "NOTIMPLEMENTEDYET", "POST", COLL + "/src/sources", {"kinesis": {"x": 1}})
    bad(403, "FORBIDDEN", "POST", COLL + "/src/sources", {"s3": {"bucket": "file://a"}})
    # tests/server/test_sources.py has the rest
    made = ok("POST", COLL + "/src/sources", {"s3": {"bucket": "https://127.0.0.1:1/x"}}).data["id"]
    for method, tail in (("GET", ""), ("PUT", ""), ("POST", "/suspend"), ("POST", "/resume"),
                         ("DELETE", "")):
        assert ok(method, COLL + "/src/sources/" + made + tail,
                  {} if method in ("PUT", "POST") else None).data["id"] == made
    for method, tail in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/suspend"),
                         ("POST", "/resume")):
        bad(404, "NOTFOUND", method, COLL + "/src/sources/1" + tail)
    bad(404, "NOTFOUND", "GET", COLL + "/nosrc/sources")


def test_commit():
    S.collection("com")
    a = ok("GET", COLL + "/com/offsets/commit")
    assert a.data["passed"] is True
    a = ok("POST", COLL + "/com/offsets/commit", {"name": ["f1:0:14:9:7092", "f1:0:15:9:7092"]})
    assert a.data == {"fence": "f1:0:15:9:7092", "passed": True}
    bad(404, "NOTFOUND", "GET", COLL + "/nocom/offsets/commit")
    bad(400, "INVALIDINPUT", "POST", COLL + "/com/offsets/commit", {"name": [1]})


def test_views():
    S.collection("base", [{"_id": "1", "n": 1}])
    v = ok("POST", "/ws/commons/views", {"name": "v1", "query": "select n from commons.base",
                                         "description": "d"}).data
    assert v["query_sql"] == "select n from commons.base" and v["entities"] == ["commons.base"]
    assert v["path"] == "commons.v1" and v["state"] == "CREATED" and v["owner_email"] is None
    assert S.sql("select * from v1").rows == [{"n": 1}]
    ok("POST", "/ws/commons/views", {"name": "v2", "query": "select n from v1 -- of a view"})
    names = [x["name"] for x in ok("GET", "/ws/commons/views").data]
    assert names.index("v2") < names.index("v1"), "what reads comes before what is read"
    assert len(ok("GET", "/views").data) == len(names)
    assert ok("GET", "/ws/commons/views/v1").data["created_by_apikey_name"]
    v = ok("POST", "/ws/commons/views/v1", {"query": "select n + 1 as n from base"}).data
    assert v["description"] == "d", "kept"
    assert S.sql("select * from v2").rows == [{"n": 2}]
    bad(409, "ALREADYEXISTS", "POST", "/ws/commons/views", {"name": "v1", "query": "select 1"})
    bad(409, "ALREADYEXISTS", "POST", "/ws/commons/views", {"name": "base", "query": "select 1"})
    a = bad(400, "QUERY_ERROR", "POST", "/ws/commons/views", {"name": "v3", "query": "selec 1"})
    assert a.json["line"] == 1
    bad(400, "QUERY_ERROR", "POST", "/ws/commons/views", {"name": "v3", "query": "select nofn(1)"})
    bad(400, "QUERY_ERROR", "POST", "/ws/commons/views", {"name": "v3", "query": "select :p"})
    bad(400, "QUERY_ERROR", "POST", "/ws/commons/views",
        {"name": "v3", "query": "insert into base select 1 as a"})
    bad(404, "NOTFOUND", "POST", "/ws/commons/views/v3", {"query": "select 1"})
    bad(404, "NOTFOUND", "GET", "/ws/commons/views/base")
    assert ok("POST", "/ws/commons/views", {"name": "v4", "query": "SELECT 1"}).data["entities"] == []
    assert ok("DELETE", "/ws/commons/views/v4").data["state"] == "DELETED"
    for name in ("v2", "v1"):
        ok("DELETE", "/ws/commons/views/" + name)
        bad(404, "NOTFOUND", "GET", "/ws/commons/views/" + name)
        bad(404, "NOTFOUND", "DELETE", "/ws/commons/views/" + name)
    ok("POST", "/ws", {"name": "empty"})
    assert ok("GET", "/ws/empty/views").data == []


def test_aliases():
    S.collection("one", [{"_id": "1", "n": 1}])
    S.collection("two", [{"_id": "1", "n": 2}])
    a = ok("POST", "/ws/commons/aliases", {"name": "al", "collections": ["commons.one"],
                                           "description": "d"}).data
    assert (a["name"], a["collections"], a["state"]) == ("al", ["commons.one"], "CREATED")
    assert S.sql("select n from al").rows == [{"n": 1}]
    assert ok("POST", "/ws/commons/aliases/al", {"collections": ["commons.two"]}).status == 200
    assert S.sql("select n from al").rows == [{"n": 2}]
    a = ok("GET", "/ws/commons/aliases/al").data
    assert a["collections"] == ["commons.two"] and a["description"] == "d"
    assert [x["name"] for x in ok("GET", "/ws/commons/aliases").data] == ["al"]
    assert [x["name"] for x in ok("GET", "/aliases").data] == ["al"]
    c = ok("GET", COLL + "/two").data
    assert [x["name"] for x in c["aliases"]] == ["al"]
    bad(409, "DEPENDENTRESOURCES", "DELETE", COLL + "/two")
    bad(409, "ALREADYEXISTS", "POST", "/ws/commons/aliases", {"name": "al",
                                                              "collections": ["commons.one"]})
    bad(404, "NOTFOUND", "POST", "/ws/commons/aliases", {"name": "x",
                                                         "collections": ["commons.none"]})
    bad(400, "INVALIDINPUT", "POST", "/ws/commons/aliases", {"name": "x", "collections": []})
    bad(404, "NOTFOUND", "POST", "/ws/commons/aliases/none", {"collections": ["commons.one"]})
    S.sql("insert into al select '2' as _id, 3 as n")
    assert S.sql("select count(*) n from two").rows == [{"n": 2}]
    ok("DELETE", "/ws/commons/aliases/al")
    bad(404, "NOTFOUND", "GET", "/ws/commons/aliases/al")
    bad(404, "NOTFOUND", "DELETE", "/ws/commons/aliases/al")


def test_lambdas():
    base = "/ws/commons/lambdas"
    sql = {"query": "select :a as a, :b as b", "default_parameters": [
        {"name": "b", "type": "int", "value": "5"}, {"name": "a", "type": "string", "value": "x"}]}
    v = ok("POST", base, {"name": "l", "sql": sql, "description": "d", "is_public": False}).data
    assert re.match("^[0-9a-f]{16}$", v["version"]) and v["state"] == "ACTIVE"
    assert v["sql"] == sql and v["collections"] == [] and v["description"] == "d"
    assert v["stats"] is not None and v["created_at"] and v["created_by"]
    bad(409, "ALREADYEXISTS", "POST", base, {"name": "l", "sql": sql})
    bad(400, "QUERY_ERROR", "POST", base, {"name": "m", "sql": {"query": "selec"}})
    bad(400, "INVALIDINPUT", "POST", base, {"name": "m"})
    bad(501, "NOTIMPLEMENTEDYET", "POST", base, {"name": "m", "sql": sql, "is_public": True})
    w = ok("POST", base + "/l/versions", {"sql": {"query": "select 2 as n"}}).data
    assert w["version"] != v["version"] and w["description"] == "d"
    bad(404, "NOTFOUND", "POST", base + "/none/versions", {"sql": sql})
    ok("POST", base + "/made/versions?create=True", {"sql": {"query": "select 1 as one"}})
    assert len(ok("GET", base + "/l/versions").data) == 2
    assert ok("GET", base + "/l/versions/" + v["version"]).data == v
    a = bad(404, "NOTFOUND", "GET", base + "/l/versions/V")
    assert a.json["message"] == 'Query Lambda "l" (version "V") not found in workspace "commons".'
    t = ok("POST", base + "/l/tags", {"tag_name": "prod", "version": v["version"]}).data
    assert t["tag_name"] == "prod" and t["version"]["version"] == v["version"]
    bad(404, "NOTFOUND", "POST", base + "/l/tags", {"tag_name": "x", "version": "V"})
    tags = {t["tag_name"]: t["version"]["version"] for t in ok("GET", base + "/l/tags").data}
    assert tags == {"latest": w["version"], "prod": v["version"]}
    assert ok("GET", base + "/l/tags/prod").data["version"]["version"] == v["version"]
    bad(404, "NOTFOUND", "GET", base + "/l/tags/none")
    a = ok("POST", base + "/l/versions/" + v["version"])
    assert a.rows == [{"a": "x", "b": 5}] and v["version"] in a.json["query_lambda_path"]
    # the virtual instance that runs it
    vi = ok("GET", "/virtualinstances").data[0]
    for known in (vi["id"], vi["rrn"], "main", None):
        assert S.post(base + "/l/tags/latest", {"virtual_instance_id": known}).status == 200, known
    a = S.post(base + "/l/tags/latest", {"virtual_instance_id": "another"})
    check_error(a, 404, "NOTFOUND")
    check_error(S.post(base + "/l/tags/latest", {"virtual_instance_id": 1}), 400, "INVALIDINPUT")
    a = ok("POST", base + "/l/tags/prod", {"parameters": [{"name": "b", "type": "int",
                                                           "value": "6"}]})
    assert a.rows == [{"a": "x", "b": 6}]
    assert ok("POST", base + "/l/tags/latest", {}).rows == [{"n": 2}]
    # when it was run, and how that ended
    def stats(of):
        return ok("GET", base + of).data["stats"]
    until(lambda: stats("/l/versions/" + v["version"])["last_executed"], "an execution is noted")
    s = stats("/l/versions/" + v["version"])
    assert re.match("^20..-..-..T..:..:..Z$", s["last_executed"]) and "@" in s["last_executed_by"]
    assert s["last_execution_error"] is None and s["last_execution_error_message"] is None
    f = ok("POST", base, {"name": "fails", "sql": {"query": "select n from nowhere"}}).data
    assert set(f["stats"].values()) == {None}
    bad(400, "QUERY_ERROR", "POST", base + "/fails/tags/latest")
    s = until(lambda: stats("/fails/versions/" + f["version"])["last_execution_error"] and
              stats("/fails/versions/" + f["version"]), "a failure is noted")
    assert s["last_executed"] == s["last_execution_error"]
    assert "nowhere" in s["last_execution_error_message"]
    assert set(stats("/made/versions/" + ok("GET", base + "/made/versions").data[0]["version"])
               .values()) == {None}
    ok("DELETE", base + "/fails")
    bad(404, "NOTFOUND", "POST", base + "/l/tags/none", {})
    ok("POST", base + "/pg/versions?create=true", {"sql": {"query": "select * from range(2)"}})
    a = ok("POST", base + "/pg/tags/latest", {"paginate": True,
                                              "initial_paginate_response_doc_count": 1})
    assert len(a.rows) == 1 and a.json["pagination"]["next_cursor"]
    listed = ok("GET", base).data
    assert [x["name"] for x in listed] == ["l", "made", "pg"]
    assert listed[0]["version_count"] == 2 and listed[0]["latest_version"]["version"] == w["version"]
    assert len(ok("GET", "/lambdas").data) == 3
    ok("DELETE", base + "/l/tags/prod")
    bad(404, "NOTFOUND", "DELETE", base + "/l/tags/prod")
    bad(400, "BADREQUEST", "DELETE", base + "/l/tags/latest")
    ok("DELETE", base + "/l/version/" + v["version"])
    bad(404, "NOTFOUND", "DELETE", base + "/l/version/" + v["version"])
    for name in ("l", "made", "pg"):
        ok("DELETE", base + "/" + name)
        bad(404, "NOTFOUND", "DELETE", base + "/" + name)
        bad(404, "NOTFOUND", "GET", base + "/" + name + "/tags/latest")
    check_error(S.post("/v1/public/shared_lambdas/x", {}, key=None), 404, "NOTFOUND")
    USED.add(("POST", "/v1/public/shared_lambdas/x"))
    assert ok("GET", "/lambdas/scheduled_lambdas").data == []
    bad(400, "INVALIDINPUT", "POST", "/ws/commons/scheduled_lambdas", {"ql_name": "x"})
    for method in ("GET", "POST", "DELETE"):
        bad(404, "NOTFOUND", method, "/ws/commons/scheduled_lambdas/1")


def test_events():
    def labels():
        rows = S.sql("select label, kind, type, details, collections, api_key_name, user_email, "
                     "_event_time from _events order by _event_time").rows
        assert all(r["_event_time"] and "@" in r["user_email"] and r["type"] == "INFO"
                   and "'ROCKSETD_ADMIN_KEY'" in r["details"] for r in rows), rows
        return [(r["label"], r["kind"], r["collections"], r["api_key_name"]) for r in rows]
    ok("POST", "/users/self/apikeys", {"name": "noted"})
    before = len(labels())
    ok("POST", COLL, {"name": "noted"})
    bad(409, "ALREADYEXISTS", "POST", COLL, {"name": "noted"})
    bad(404, "NOTFOUND", "DELETE", COLL + "/not_there")
    ok("DELETE", COLL + "/noted")
    ok("DELETE", "/users/self/apikeys/noted")
    bad(404, "NOTFOUND", "DELETE", "/users/self/apikeys/noted")
    assert labels()[before - 1:] == [
        ("API_KEY_CREATED", "API_KEY", None, "noted"),
        ("COLLECTION_CREATED", "COLLECTION", ["commons.noted"], None),
        ("COLLECTION_DROPPED", "COLLECTION", ["commons.noted"], None),
        ("API_KEY_DELETED", "API_KEY", None, "noted")], labels()


def test_instances():
    v = ok("GET", "/virtualinstances").data[0]
    assert v["name"] == "main" and v["state"] == "ACTIVE" and v["default_vi"] is True
    for name in (v["id"], v["rrn"], v["rrn"].replace(":", "%3A")):
        assert ok("GET", "/virtualinstances/" + name).data["id"] == v["id"]
    base = "/virtualinstances/" + v["id"]
    bad(404, "NOTFOUND", "GET", "/virtualinstances/other")
    ok("POST", "/virtualinstances", {"name": "x"})
    ok("DELETE", "/virtualinstances/x")
    bad(400, "BADREQUEST", "POST", base, {"name": "x"})
    bad(400, "BADREQUEST", "DELETE", base)
    q = {"sql": {"query": "select 1 as n"}}
    assert ok("POST", base + "/queries", q).rows == [{"n": 1}]
    bad(404, "NOTFOUND", "POST", "/virtualinstances/other/queries", q)
    assert ok("GET", base + "/queries").data == []
    assert ok("POST", base + "/suspend").data["state"] == "SUSPENDED"
    bad(503, "NOT_READY", "POST", base + "/queries", q)
    check_error(S.post("/queries", q), 503, "NOT_READY")
    assert ok("POST", base + "/resume").data["state"] == "ACTIVE"
    S.collection("mo")
    assert "commons.mo" in [m["collection_path"] for m in ok("GET", base + "/mounts").data]
    m = ok("POST", base + "/mounts", {"collection_paths": ["commons.mo"]}).data
    assert m[0]["collection_path"] == "commons.mo" and m[0]["state"] == "ACTIVE"
    bad(404, "NOTFOUND", "POST", base + "/mounts", {"collection_paths": ["commons.none"]})
    assert ok("GET", base + "/mounts/commons.mo").data["virtual_instance_id"] == v["id"]
    a = bad(400, "INVALIDINPUT", "GET", base + "/mounts/commons.none")
    assert re.search("Collection .* is not mounted on virtual instance .*", a.json["message"])
    bad(400, "BADREQUEST", "DELETE", base + "/mounts/commons.mo")
    a = ok("POST", base + "/mounts/commons.mo/offsets/commit", {"name": ["f1:1:1:1:1"]})
    assert a.data["passed"] is True


def test_organization():
    o = ok("GET", "/v1/orgs/self").data
    assert o["id"] and o["clusters"][0]["cluster_type"] == "PUBLIC"
    vi = ok("GET", "/deploymentsettings").data["default_query_vi"]
    a = ask("PUT", "/deploymentsettings", {"default_query_vi": vi})
    assert a.status == 202 and a.data["default_query_vi"] == vi
    bad(404, "NOTFOUND", "PUT", "/deploymentsettings", {"default_query_vi": "rrn:vi:x:y"})


def test_users_and_roles():
    u = ok("GET", "/users/self").json
    assert u["email"] and u["roles"] == ["admin"] and u["state"] == "ACTIVE"
    assert ok("GET", "/users").data[0]["email"] == u["email"]
    assert ok("GET", "/users/" + u["email"].replace("@", "%40")).json["email"] == u["email"]
    bad(404, "NOTFOUND", "GET", "/users/nobody")
    # test_access.py has the rest
    assert ok("POST", "/users", {"email": "a@b.c", "roles": ["member"]}).data["state"] == "NEW"
    assert ok("POST", "/users/a%40b.c", {"first_name": "A"}).json["first_name"] == "A"
    assert ok("DELETE", "/users/a%40b.c").data["roles"] == ["member"]
    assert ok("GET", "/users/self/preferences").data == []
    assert ok("POST", "/users/self/preferences", {"data": []}).data == []
    assert ok("POST", "/roles", {"role_name": "x"}).data["privileges"] == []
    assert ok("POST", "/roles/x", {"description": "d"}).data["description"] == "d"
    assert ok("DELETE", "/roles/x").data["role_name"] == "x"
    roles = ok("GET", "/roles").data
    assert [r["role_name"] for r in roles] == ["admin", "member", "read-only"]
    assert ok("GET", "/roles/member").data == roles[1]
    bad(404, "NOTFOUND", "GET", "/roles/none")


def test_integrations():
    assert ok("GET", "/integrations").data == []
    a = bad(501, "NOTIMPLEMENTEDYET", "POST", "/integrations", {"name": "x", "kinesis": {"x": 1}})
    assert "S3" in a.json["message"]
    key = {"aws_access_key": {"aws_access_key_id": "I", "aws_secret_access_key": "hidden secret"}}
    a = bad(409, "BADREQUEST", "POST", "/integrations", {"name": "x", "s3": key})
    assert "--integrations-key-file" in a.json["message"] and "hidden" not in a.body
    for method in ("GET", "PUT", "DELETE"):
        bad(404, "NOTFOUND", method, "/integrations/x", {} if method == "PUT" else None)
    # by a server of its own, which has a key; tests/s3 asks a bucket
    with Server(env={"ROCKSETD_INTEGRATIONS_KEY": "0f" * 32}) as s:
        made = s.post("/integrations", {"name": "x", "s3": key})
        assert made.status == 200 and "hidden" not in made.body, made
        assert s.get("/integrations").data == [s.get("/integrations/x").data] == [made.data]
        a = s.ask("PUT", "/integrations/x", {"description": "d", "s3": key})
        assert a.data["description"] == "d" and "hidden" not in a.body, a
        assert s.delete("/integrations/x").status == 200
        assert s.get("/integrations").data == []


def test_documents():
    S.collection("docs")
    path = COLL + "/docs/docs"
    a = ok("POST", path, {"data": [{"_id": "1", "n": 1, "big": 9007199254740993}, {"n": 2.5},
                                   {"_id": "3", "o": {"a": [1, {"b": None}]}, "n": "text"}]})
    assert [d["status"] for d in a.data] == ["ADDED"] * 3 and a.json["last_offset"].startswith("f")
    assert a.data[0]["_id"] == "1" and len(a.data[1]["_id"]) == 36 and a.data[0]["error"] is None
    assert a.data[0]["_collection"] == "commons.docs"
    rows = S.sql("select * from docs order by _id").rows
    by = {r["_id"]: r for r in rows}
    assert by["1"]["n"] == 1 and by["1"]["big"] == 9007199254740993 and by["3"]["n"] == "text", rows
    assert by["3"]["o"]["a"][0] == 1, rows
    a = ok("POST", path, {"data": [{"_id": "1", "n": 7}]})
    assert a.data[0]["status"] == "REPLACED"
    a = ok("PATCH", path, {"data": [{"_id": "1", "patch": [{"op": "REPLACE", "path": "/n",
                                                            "value": 8, "from": None}]}]})
    assert a.data[0]["status"] == "PATCHED", a
    assert S.sql("select n, big from docs where _id='1'").rows == [{"n": 8, "big": None}]
    a = ok("DELETE", path, {"data": [{"_id": "1"}, {"_id": "nothing"}]})
    assert [d["status"] for d in a.data] == ["DELETED", "DELETED"]
    assert S.sql("select count(*) n from docs").rows == [{"n": 2}]
    a = ok("POST", path, {"data": [5, {"_id": 7}, {"_id": "ok"}]})
    assert [d["status"] for d in a.data] == ["ERROR", "ERROR", "ADDED"], a
    assert a.data[0]["error"]["message"] and a.data[0]["error"]["type"] == "INVALIDINPUT"
    assert ok("POST", path, {"data": []}).data == []
    for body in ("", "[]", "{}", '{"data":{}}', '{"data":[{]}', '{"data":[{}]} x', '{"data":[{},]}',
                 '{"data":[{"a":01}]}', '{"data":[{"a":"\t"}]}', b'{"data":[{"a":"\xff"}]}'):
        bad(400, "INVALIDINPUT", "POST", path, body)
    bad(404, "NOTFOUND", "POST", COLL + "/nodocs/docs", {"data": [{}]})
    for name in ("PATCH", "DELETE"):
        bad(404, "NOTFOUND", name, COLL + "/nodocs/docs", {"data": [{"_id": "1"}]})
    a = bad(400, "INVALIDINPUT", "POST", path, {"data": [{}] * 20001})
    assert "20000" in a.json["message"]


def make_tables(path, *statements):
    """A DuckDB file that somebody else wrote."""
    duckdb, db, c = ctypes.CDLL(os.environ["DUCKDB_LIBRARY"]), ctypes.c_void_p(), ctypes.c_void_p()
    assert duckdb.duckdb_open(path.encode(), ctypes.byref(db)) == 0
    assert duckdb.duckdb_connect(db, ctypes.byref(c)) == 0
    for text in statements:
        assert duckdb.duckdb_query(c, text.encode(), None) == 0, text
    duckdb.duckdb_disconnect(ctypes.byref(c))
    duckdb.duckdb_close(ctypes.byref(db))


def test_ids_that_repeat():
    """Documents are written by _id; where it stands for several rows none of them is touched."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.duckdb")
        make_tables(path, "create schema commons", "create table commons.j (_id varchar, "
                    "_event_time timestamptz, n bigint)", "insert into commons.j values "
                    "('a', now(), 1), ('a', now(), 2), ('b', now(), 3)")
        with Server(database=path) as s:
            def rows():
                return [(r["_id"], r["n"]) for r in s.sql("select _id, n from j order by _id, n").rows]
            docs = COLL + "/j/docs"
            patch = {"_id": "a", "patch": [{"op": "REPLACE", "path": "/n", "value": 9}]}
            for method, d in (("POST", {"_id": "a", "n": 9}), ("PATCH", patch), ("DELETE", {"_id": "a"})):
                a = s.ask(method, docs, {"data": [d]})
                assert "several rows have _id 'a'" in a.body, (method, a)
                assert rows() == [("a", 1), ("a", 2), ("b", 3)], method
            a = s.ask("DELETE", docs, {"data": [{"_id": "b"}]})
            assert a.status == 200 and rows() == [("a", 1), ("a", 2)], a


def test_typed_documents():
    S.collection("typed")
    t = lambda k, v: {"__rockset_type": k, "value": v}
    S.post(COLL + "/typed/docs", {"data": [{"_id": "1", "d": t("date", "2020-01-02"),
                                            "dt": t("datetime", "2020-03-02T10:49:33"),
                                            "ts": t("timestamp", 1584691545374000),
                                            "_event_time": "2001-08-28T00:23:41Z"}]})
    row = S.sql("select * from typed").rows[0]
    assert row["d"] == t("DATE", "2020-01-02"), row
    assert row["dt"] == t("DATETIME", "2020-03-02T10:49:33"), row
    assert row["ts"] == "2020-03-20T08:05:45.374000Z", row
    assert row["_event_time"] == "2001-08-28T00:23:41.000000Z", row


def test_metrics():
    check_error(ask("GET", "/metrics", key=None), 401, "AUTHEXCEPTION")
    a = ask("GET", "/metrics")
    assert a.status == 200 and a.headers["Content-Type"].startswith("text/plain")
    assert 'rocksetd_requests_total{method="GET",route="/v1/orgs/self/ws",status="200"}' in a.body
    assert 'route="/v1/orgs/self/ws",le="+Inf"}' in a.body
    assert "rocksetd_queries_running 0" in a.body


def test_queries_routes():
    j = S.post("/queries", {"sql": {"query": "select 1"}, "max_initial_results": 1}).json
    ok("GET", "/queries/" + j["query_id"])
    ok("GET", "/queries/" + j["query_id"] + "/pages")
    ok("DELETE", "/queries/" + j["query_id"])
    ok("GET", "/queries")
    ok("POST", "/queries", {"sql": {"query": "select 1"}})
    ok("POST", "/queries/validations", {"sql": {"query": "select 1"}})


def test_models():
    for path in ("/models", "/models/nodes/model.p.x", "/models/runs", "/models/runs/x"):
        assert "--models FILE" in bad(404, "NOTFOUND", "GET", path).json["message"]


def test_api_keys():
    base = "/users/self/apikeys"
    k = ok("POST", base, {"name": "k1", "role": "read-only"}).data
    assert len(k["key"]) == 64 and k["role"] == "read-only" and k["state"] == "ACTIVE"
    assert S.get("/ws", key=k["key"]).status == 200
    g = ok("GET", base + "/k1?reveal=True").data
    assert g["key"] == k["key"][:6], "never again the whole"
    assert "k1" in [x["name"] for x in ok("GET", base).data]
    bad(409, "ALREADYEXISTS", "POST", base, {"name": "k1"})
    bad(400, "INVALIDINPUT", "POST", base, {"name": "k2", "role": "emperor"})
    bad(400, "INVALIDINPUT", "POST", base, {"name": "k2", "expiry_time": "tomorrow"})
    ok("POST", base + "/k1", {"state": "SUSPENDED"})
    check_error(S.get("/ws", key=k["key"]), 401, "AUTHEXCEPTION")
    ok("POST", base + "/k1", {"state": "ACTIVE", "expiry_time": "2001-01-01T00:00:00Z"})
    check_error(S.get("/ws", key=k["key"]), 401, "AUTHEXCEPTION")
    ok("POST", base + "/k1", {"clear_expiry_time": True})
    assert S.get("/ws", key=k["key"]).status == 200
    ok("DELETE", base + "/k1")
    check_error(S.get("/ws", key=k["key"]), 401, "AUTHEXCEPTION")
    bad(404, "NOTFOUND", "DELETE", base + "/k1")
    bad(404, "NOTFOUND", "GET", base + "/k1")
    bad(403, "FORBIDDEN", "DELETE", base + "/ROCKSETD_ADMIN_KEY")
    bad(404, "NOTFOUND", "GET", "/users/nobody/apikeys")


def test_zy_every_route_was_asked():
    with open(os.path.join(ROOT, "src", "server", "handlers.c")) as f:
        text = f.read()
    defines = dict(re.findall(r"#define (\w+) (.*)", text))

    def value(expression):
        return "".join(a if a else value(defines[b])
                       for a, b in re.findall(r'"([^"]*)"|(\w+)', expression))
    missing, silent, uncounted = [], [], []
    with open(S.log) as f:
        logged = {(x["method"], x["route"]) for x in map(json.loads, f)}
    counted = set(re.findall(r'rocksetd_requests_total\{method="(\w+)",route="([^"]*)"',
                             S.get("/metrics").body))
    rows = re.findall(r'\{"([A-Z]+)",\s*([^,]+), rs_\w+,', text)
    assert len(rows) > 90, len(rows)
    for method, path in rows:
        pattern = value(path).replace("/v1/orgs/self", "(/v1/orgs/self)?", 1).replace("{}", "[^/]+")
        if not any(m == method and re.fullmatch(pattern, p) for m, p in USED):
            missing.append((method, path))
        if (method, value(path)) not in logged:
            silent.append((method, path))
        if (method, value(path)) not in counted:
            uncounted.append((method, path))
    assert not missing, missing
    # each has its line in the access log and its count
    assert not silent, silent
    assert not uncounted, uncounted


def test_zz_stop():
    S.__exit__()


main(globals())
