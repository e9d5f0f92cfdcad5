"""Users, roles of one's own, and that privileges hold: on every route of the server's own table, on
every collection, view, alias and lambda that a statement names, in every list."""
import subprocess
import time

from harness import ADMIN, ORG, ROCKSETD, Server, check_error, main, until

S = Server("--public-lambdas")
WEBHOOK = "https://example.com/x"
COUNT = [0]


def ok(method, path, body=None, key=ADMIN):
    a = S.ask(method, path, body, key=key)
    assert a.status in (200, 202), (method, path, a)
    return a


def bad(status, kind, method, path, body=None, key=ADMIN):
    a = S.ask(method, path, body, key=key)
    check_error(a, status, kind)
    return a


def no(method, path, body=None, key=None):
    return bad(403, "FORBIDDEN", method, path, body, key)


def privileges(words):
    """'QUERY_DATA_WS@sales' -> a privilege."""
    return [dict(zip(("action", "resource_name"), w.split("@"))) for w in words]


def role(*words):
    COUNT[0] += 1
    name = "r%d" % COUNT[0]
    ok("POST", "/roles", {"role_name": name, "privileges": privileges(words)})
    return name


def key(*words, of=None):
    """A key that may this and nothing else."""
    of = of or role(*words)
    name = "k%d" % (time.time_ns())
    return ok("POST", "/users/self/apikeys", {"name": name, "role": of}).data["key"]


def query(text, key, params=None, path="/queries"):
    return S.ask("POST", path, {"sql": {"query": text, "parameters": params}}, key=key)


def rows(text, key, path="/queries"):
    a = query(text, key, path=path)
    assert a.status == 200, (text, a)
    return a.rows


def refused(text, key, path="/queries"):
    check_error(query(text, key, path=path), 403, "FORBIDDEN")


def names(path, key):
    return sorted("%s.%s" % (x.get("workspace"), x.get("name") or x.get("ql_name"))
                  for x in ok("GET", path, key=key).data)


def routes():
    text = subprocess.run([ROCKSETD, "--routes"], check=True, capture_output=True, text=True,
                          timeout=60).stdout
    return [line.split(" ") for line in text.splitlines()]


def setup():
    for ws in ("sales", "secret"):
        ok("POST", "/ws", {"name": ws})
        S.collection("c", [{"_id": "1", "ws": ws}], workspace=ws)
    S.collection("c", [{"_id": "1", "ws": "commons"}])
    ok("POST", "/ws/secret/views", {"name": "v", "query": "select * from secret.c"})
    ok("POST", "/ws/sales/views", {"name": "v", "query": "select ws from secret.c"})
    ok("POST", "/ws/sales/aliases", {"name": "a", "collections": ["secret.c"]})
    ok("POST", "/ws/sales/aliases", {"name": "b", "collections": ["sales.c"]})
    ok("POST", "/virtualinstances", {"name": "vi", "type": "SMALL"})


setup()
SCHEDULES = "/ws/sales/scheduled_lambdas"
RUNNING = {}


def test_schedules_begin():
    """Each by its key's privileges, those of the moment at which it runs."""
    ok("POST", "/ws/sales/lambdas", {"name": "sched", "sql": {"query": "select ws from secret.c"}})
    may = role("EXECUTE_QUERY_LAMBDA_WS@sales", "QUERY_VI")
    may_not = role("EXECUTE_QUERY_LAMBDA_WS@sales", "QUERY_VI")
    nowhere = role("EXECUTE_QUERY_LAMBDA_WS@sales")
    for name, r in (("may", may), ("may not", may_not), ("nowhere", nowhere)):
        RUNNING[name] = ok("POST", SCHEDULES, {"ql_name": "sched", "tag": "latest", "apikey": key(
            of=r), "cron_string": "* * * * *"}).data["rrn"]
    ok("POST", "/roles/" + may_not, {"privileges": privileges(["QUERY_VI"])})


def test_every_route():
    table = routes()
    assert len(table) > 100, len(table)
    nothing = key()
    keys, tried = {}, 0

    def has(words):
        if words not in keys:
            keys[words] = key(*words.split())
        return keys[words]
    vi = {x["name"]: x for x in ok("GET", "/virtualinstances").data}["vi"]
    for method, path, need in table:
        if need == "none":
            continue
        # what is there, so that nothing but the privilege is in question
        path = path.replace("/ws/{}", "/ws/commons").replace("/virtualinstances/{}",
                                                             "/virtualinstances/vi")
        path = path.replace("/users/{}/", "/users/self/").replace("{}", "nothing")
        if method == "DELETE" and path.endswith("/vi"):
            path = path[:-2] + "main"  # which stays
        at = path.startswith(ORG + "/ws/commons")
        on = path.startswith(ORG + "/virtualinstances/")
        what = (method, path, need)
        a = S.ask(method, path, key=nothing)
        assert a.status == 403 and "lacks the privilege" in a.json["message"], (what, a)
        # a mount is of a collection besides
        more = " LIST_RESOURCES_WS@commons" if "/mounts/" in path else ""
        everywhere = need.endswith("@*ALL*")
        for action in need.replace("@*ALL*", "").split("|"):
            tried += 1
            resources, others = ["*ALL*"], []
            if action.endswith("_WS"):
                resources += [] if everywhere else ["commons", "COMMONS"] if at else ["sales"]
                others += ["sales"] if at or everywhere else []
            elif action.endswith("_VI") and on:
                of = "main" if path.endswith("main") else "vi"
                resources += ["main"] if of == "main" else ["vi", vi["id"], vi["rrn"]]
                others += ["vi" if of == "main" else "main"]
            for r in resources:
                a = S.ask(method, path, key=has(action + "@" + r + more))
                assert a.status not in (401, 403), (what, r, a)
                ok("POST", "/virtualinstances/vi/resume")
            for r in others:
                a = S.ask(method, path, key=has(action + "@" + r))
                assert a.status == 403, (what, r, a)
    assert tried > 100, tried


def test_roles():
    base = "/roles"
    body = {"role_name": "analyst", "description": "d",
            "privileges": privileges(["QUERY_DATA_WS@sales", "LIST_WS_GLOBAL"])}
    r = ok("POST", base, body).data
    assert r["role_name"] == "analyst" and r["description"] == "d" and r["created_at"]
    assert r["owner_email"] == r["created_by"] == "admin@rocksetd.local"
    assert r["privileges"] == [
        {"action": "QUERY_DATA_WS", "cluster": "*ALL*", "resource_name": "sales"},
        {"action": "LIST_WS_GLOBAL", "cluster": "*ALL*", "resource_name": "*ALL*"}]
    assert ok("GET", base + "/analyst").data == r
    assert r in ok("GET", base).data
    bad(409, "ALREADYEXISTS", "POST", base, body)
    for name in ("admin", "member", "read-only", "write", "read"):
        bad(409, "ALREADYEXISTS", "POST", base, {"role_name": name})
    for more in ({"role_name": "a b"}, {"role_name": ""}, {"role_name": 1}, {"privileges": 1},
                 {"privileges": [{"action": "FLY"}]}, {"privileges": [{}]},
                 {"privileges": [{"action": "QUERY_DATA_WS", "cluster": "usw2a1"}]},
                 {"privileges": [{"action": "LIST_WS_GLOBAL", "resource_name": "x"}]}):
        bad(400, "INVALIDINPUT", "POST", base, {"role_name": "x", **more})
    bad(404, "NOTFOUND", "GET", base + "/x")
    u = ok("POST", base + "/analyst", {"description": "e"}).data
    assert u["description"] == "e" and u["privileges"] == r["privileges"]
    u = ok("POST", base + "/analyst", {"privileges": privileges(["QUERY_VI"])}).data
    assert u["description"] == "e" and [p["action"] for p in u["privileges"]] == ["QUERY_VI"]
    for name in ("admin", "member", "read-only"):
        bad(409, "DEPENDENTRESOURCES", "POST", base + "/" + name, {"description": "x"})
        bad(409, "DEPENDENTRESOURCES", "DELETE", base + "/" + name)
    k = key(of="analyst")
    a = bad(409, "DEPENDENTRESOURCES", "DELETE", base + "/analyst")
    assert "API key" in a.json["message"]
    # a change holds for keys that are there
    assert rows("select 1 as n", k) == [{"n": 1}]
    ok("POST", base + "/analyst", {"privileges": []})
    refused("select 1 as n", k)
    for x in ok("GET", "/users/self/apikeys").data:
        if x["role"] == "analyst":
            ok("DELETE", "/users/self/apikeys/" + x["name"])
    assert ok("DELETE", base + "/analyst").data["role_name"] == "analyst"
    bad(404, "NOTFOUND", "DELETE", base + "/analyst")


def test_users():
    base = "/users"
    reads = role("QUERY_DATA_WS@sales", "QUERY_VI", "GET_CURRENT_USER_GLOBAL",
                 "CREATE_API_KEY_GLOBAL")
    body = {"email": "ann@x.org", "roles": [reads], "first_name": "Ann", "last_name": "X"}
    u = ok("POST", base, body).data
    assert u["state"] == "NEW" and u["roles"] == [reads] and u["first_name"] == "Ann"
    bad(409, "ALREADYEXISTS", "POST", base, body)
    bad(409, "ALREADYEXISTS", "POST", base, dict(body, email="ANN@X.ORG"))
    for more in ({"email": "x"}, {"email": 1}, {"roles": None}, {"roles": "x"}, {"roles": [1]},
                 {"roles": ["king"]}, {"email": "a b@c"}):
        bad(400, "INVALIDINPUT", "POST", base, {"email": "b@x.org", "roles": [], **more})
    assert ok("GET", base + "/ann%40x.org").json["email"] == "ann@x.org"
    bad(404, "NOTFOUND", "GET", base + "/bob%40x.org")
    # keys of hers: made by who gives out roles, then by herself
    k = ok("POST", base + "/self/apikeys", {"name": "ann", "created_by": "ann@x.org"}).data
    assert k["created_by"] == "ann@x.org" and k["role"] is None
    k = k["key"]
    me = ok("GET", base + "/self", key=k).json
    assert me["email"] == "ann@x.org" and me["roles"] == [reads] and me["state"] == "ACTIVE"
    assert rows("select ws from sales.c", k) == [{"ws": "sales"}]
    refused("select ws from secret.c", k)
    second = ok("POST", base + "/self/apikeys", {"name": "ann2"}, key=k).data
    assert second["created_by"] == "ann@x.org"
    assert sorted(x["name"] for x in ok("GET", base + "/self/apikeys", key=k).data) == ["ann",
                                                                                     "ann2"]
    assert "ann" not in [x["name"] for x in ok("GET", base + "/self/apikeys").data]
    assert len(ok("GET", base + "/ann%40x.org/apikeys").data) == 2
    no("GET", base + "/admin%40rocksetd.local/apikeys", key=k)
    no("POST", base + "/self/apikeys", {"name": "x", "created_by": "admin@rocksetd.local"}, key=k)
    no("POST", base + "/self/apikeys", {"name": "x", "role": "admin"}, key=k)
    bad(404, "NOTFOUND", "DELETE", base + "/self/apikeys/ann", key=ADMIN)
    # what is hers to be told
    p = {"data": [{"notificationType": "CREATE_API_KEY"}]}
    assert ok("GET", base + "/self/preferences", key=k).data == []
    assert ok("POST", base + "/self/preferences", p, key=k).json == p
    assert ok("GET", base + "/self/preferences", key=k).json == p
    assert ok("GET", base + "/self/preferences").data == []
    bad(400, "INVALIDINPUT", "POST", base + "/self/preferences", {"data": [1]}, key=k)
    assert ok("POST", base + "/self/preferences", {"data": []}).data == []
    bad(409, "DEPENDENTRESOURCES", "DELETE", "/roles/" + reads)
    # roles are taken away: at once
    u = ok("POST", base + "/ann%40x.org", {"roles": ["read-only"], "last_name": "Y"}).json
    assert u["roles"] == ["read-only"] and u["last_name"] == "Y" and u["first_name"] == "Ann"
    assert rows("select ws from secret.c", k) == [{"ws": "secret"}]
    no("POST", base + "/self/apikeys", {"name": "ann3"}, key=k)
    # the first one stays, and an admin
    bad(409, "DEPENDENTRESOURCES", "DELETE", base + "/admin%40rocksetd.local")
    bad(409, "DEPENDENTRESOURCES", "POST", base + "/admin%40rocksetd.local", {"roles": ["member"]})
    bad(409, "DEPENDENTRESOURCES", "POST", base + "/self", {"roles": []})
    assert ok("DELETE", base + "/ann%40x.org").data["email"] == "ann@x.org"
    bad(401, "AUTHEXCEPTION", "GET", base + "/self", key=k)
    bad(404, "NOTFOUND", "DELETE", base + "/ann%40x.org")


def test_nobody_gives_more_than_he_has():
    k = key("CREATE_API_KEY_GLOBAL", "CREATE_ROLE_GLOBAL", "UPDATE_ROLE_GLOBAL",
            "INVITE_USER_GLOBAL", "GRANT_REVOKE_ROLE_GLOBAL", "DELETE_USER_GLOBAL",
            "QUERY_DATA_WS@sales", "QUERY_VI@main")
    for words in (["QUERY_DATA_WS@secret"], ["QUERY_DATA_WS"], ["ALL_GLOBAL_ACTIONS"],
                  ["QUERY_VI"], ["WRITE_DATA_WS@sales"], ["ALL_WORKSPACE_ACTIONS@sales"]):
        no("POST", "/roles", {"role_name": "more", "privileges": privileges(words)}, key=k)
    less = {"role_name": "less", "privileges": privileges(["QUERY_DATA_WS@sales"])}
    ok("POST", "/roles", less, key=k)
    no("POST", "/roles/less", {"privileges": privileges(["QUERY_DATA_WS@secret"])}, key=k)
    big = role("QUERY_DATA_WS@secret", "QUERY_DATA_WS@sales")
    # less of what was there, but nothing new
    ok("POST", "/roles/" + big, {"privileges": privileges(["QUERY_DATA_WS@secret"])}, key=k)
    for r in ("admin", "member", "read-only", big):
        no("POST", "/users/self/apikeys", {"name": "more", "role": r}, key=k)
        no("POST", "/users", {"email": "m@x.org", "roles": [r]}, key=k)
    ok("POST", "/users", {"email": "m@x.org", "roles": ["less"]}, key=k)
    no("POST", "/users/m%40x.org", {"roles": ["admin"]}, key=k)
    ok("POST", "/users", {"email": "boss@x.org", "roles": ["admin"]})
    no("DELETE", "/users/boss%40x.org", key=k)
    no("POST", "/users/self/apikeys", {"name": "more", "created_by": "boss@x.org"}, key=k)
    ok("DELETE", "/users/boss%40x.org")
    # without a role: that of who makes it, though the user may everything
    weak = ok("POST", "/users/self/apikeys", {"name": "weak"}, key=k).data
    assert weak["created_by"] == "admin@rocksetd.local"
    refused("select * from secret.c", weak["key"])
    assert rows("select ws from sales.c", weak["key"]) == [{"ws": "sales"}]
    # nor does it touch those that have more
    ok("POST", "/users/self/apikeys", {"name": "strong", "role": "read-only"})
    no("DELETE", "/users/self/apikeys/strong", key=k)
    no("POST", "/users/self/apikeys/strong", {"state": "SUSPENDED"}, key=k)
    ok("DELETE", "/users/self/apikeys/weak", key=k)
    ok("DELETE", "/users/m%40x.org", key=k)


def test_statements():
    k = key("QUERY_DATA_WS@sales", "QUERY_VI")
    assert rows("select ws from sales.c", k) == [{"ws": "sales"}]
    assert rows("select ws from SALES.c", k) == [{"ws": "sales"}]
    assert rows("select * from sales.b", k)[0]["ws"] == "sales"
    assert rows("select 1 as n", k) == [{"n": 1}]
    # a view shows what its maker may read
    assert rows("select * from sales.v", k) == [{"ws": "secret"}]
    for text in ("select * from secret.c", "select * from SECRET.C", 'select * from "secret"."c"',
                 "select * from secret.v", "select * from c", "select * from secret.nothing",
                 "select * from commons.c", "select * from sales.a", "select * from SALES.A",
                 "select * from sales.c x join secret.c y on true",
                 "select (select count(*) from secret.c) as n",
                 "select * from sales.c where ws in (select ws from secret.c)",
                 "with x as (select * from secret.c) select * from x",
                 "select ws from sales.c union all select ws from secret.c",
                 "select * from (select * from secret.c) x", "describe secret.c",
                 "explain select * from secret.c", "table secret.c", "from secret.c",
                 "select * from c option(default_workspace='secret')",
                 "select * from commons._events", "select * from _events",
                 "select * exclude (ws) from sales.c pivot (count(*) for ws in ('x'))",
                 "insert into sales.c select * from sales.c",
                 "insert into secret.c select 1 as a"):
        a = query(text, k)
        assert a.status in (403, 400) and '"results"' not in a.body, (text, a)
        assert a.status == 403 or "secret" not in text, (text, a)
        refused(text, k) if a.status == 403 else None
    a = S.ask("POST", "/queries", {"sql": {"query": "select * from table(:t)", "parameters": [
        {"name": "t", "type": "string", "value": "secret.c"}]}}, key=k)
    assert a.status in (400, 403) and '"results"' not in a.body, a
    # validation, pages and asynchronous ones go the same way
    no("POST", "/queries/validations", {"sql": {"query": "select * from secret.c"}}, key=k)
    for more in ({"async": True, "async_options": {"client_timeout_ms": 30000}},
                 {"max_initial_results": 1}):
        a = S.ask("POST", "/queries", dict({"sql": {"query": "select * from secret.c"}}, **more),
                  key=k)
        check_error(a, 403, "FORBIDDEN")
        a = S.ask("POST", "/queries", dict({"sql": {"query": "select ws from sales.c"}}, **more),
                  key=k)
        assert a.rows == [{"ws": "sales"}], a
    whole = key("QUERY_DATA_WS", "QUERY_VI")
    assert rows("select ws from sales.a", whole) == [{"ws": "secret"}]
    assert query("select count(*) as n from _events", whole).rows[0]["n"] >= 0


def test_events_of_what_one_may_read():
    admins = rows("select label, collections[1] as c from _events where collections is not null", ADMIN)
    assert {r["c"] for r in admins} >= {"sales.c", "secret.c", "commons.c"}, admins
    k = key("QUERY_DATA_WS@sales", "QUERY_DATA_WS@commons", "QUERY_VI")
    seen = lambda key, text="select collections[1] as c from _events e where collections is not null": {
        r["c"] for r in rows(text, key)}
    assert seen(k) == {r["c"] for r in admins if not r["c"].startswith("secret.")}, seen(k)
    assert seen(k, "with x as (select * from commons._events) select x.collections[1] as c from x "
                   "join _events y on x._id = y._id where x.collections is not null") == seen(k)
    assert rows("select count(*) as n from _EVENTS where collections[1] like '%secret%'", k) == [{"n": 0}]
    # nothing by other ways
    no("POST", "/queries", {"sql": {"query": "describe _events"}}, k)
    ok("POST", "/ws/commons/aliases", {"name": "ev", "collections": ["commons._events"]})
    no("POST", "/queries", {"sql": {"query": "select * from ev"}}, k)
    ok("DELETE", "/ws/commons/aliases/ev")
    no("POST", "/queries", {"sql": {"query": "select * from _events"}}, key("QUERY_DATA_WS@sales", "QUERY_VI"))


def test_not_rockset_sql():
    text = "select * exclude (ws) from secret.c"
    k = key("QUERY_DATA_WS@secret", "QUERY_VI")
    whole = key("QUERY_DATA_WS", "QUERY_VI")
    for text in ("from secret.c", "summarize secret.c", "pivot secret.c on ws using count(*)"):
        if query(text, ADMIN).status == 200:
            assert query(text, whole).status == 200
            a = query(text, k)
            assert a.status == 403 or (a.status == 200 and text == "from secret.c"), (text, a)
    for text in ("select * from duckdb_tables()", "select * from information_schema.tables",
                 "select * from query_table('secret.c')", "show tables", "show all tables"):
        a = query(text, key("QUERY_DATA_WS@sales", "QUERY_VI"))
        assert a.status in (400, 403, 404), (text, a)


def test_writing():
    k = key("WRITE_DATA_WS@sales", "QUERY_VI")
    both = key("WRITE_DATA_WS@sales", "QUERY_DATA_WS@sales", "QUERY_VI")
    docs = {"data": [{"_id": "9", "ws": "new"}]}
    ok("POST", "/ws/sales/collections/c/docs", docs, k)
    ok("POST", "/ws/sales/collections/b/docs", docs, k)
    no("POST", "/ws/secret/collections/c/docs", docs, k)
    no("POST", "/ws/commons/collections/c/docs", docs, k)
    for method in ("POST", "DELETE"):
        no(method, "/ws/sales/collections/a/docs", docs, k)
        no(method, "/ws/sales/collections/A/docs", docs, k)
        no(method, "/ws/SALES/collections/a/docs", docs, k)
    no("PATCH", "/ws/sales/collections/a/docs",
       {"data": [{"_id": "1", "patch": [{"op": "replace", "path": "/ws", "value": "x"}]}]}, k)
    assert query("insert into sales.c select '8' as _id, 'x' as ws", k).status == 200
    refused("insert into sales.a select '8' as _id", k)
    refused("insert into secret.c select '8' as _id", k)
    refused("insert into sales.c select * from sales.c", k)
    refused("insert into sales.c select * from sales.b", k)
    assert query("insert into sales.c select * from sales.c", both).status == 200
    refused("insert into sales.c select * from secret.c", both)
    ok("DELETE", "/ws/sales/collections/c/docs", {"data": [{"_id": "8"}, {"_id": "9"}]}, k)
    assert rows("select count(*) as n from secret.c", ADMIN) == [{"n": 1}]


def test_views_and_aliases():
    k = key("ALL_WORKSPACE_ACTIONS@sales", "QUERY_VI")
    view = "/ws/sales/views"
    for text in ("select * from secret.c", "select * from secret.v", "select * from sales.a",
                 "select * from sales.c x join secret.c y on true", "from secret.c",
                 "select * from _events"):
        no("POST", view, {"name": "w", "query": text}, k)
    ok("POST", view, {"name": "w", "query": "select ws from sales.c"}, k)
    no("POST", view + "/w", {"query": "select * from secret.c"}, k)
    assert rows("select * from sales.w", k) == [{"ws": "sales"}]
    no("POST", "/ws/secret/views", {"name": "w", "query": "select 1 as n"}, k)
    # what an admin made over what is not his he may read, not change into something else
    no("POST", view + "/v", {"query": "select * from secret.c"}, k)
    alias = "/ws/sales/aliases"
    no("POST", alias, {"name": "z", "collections": ["secret.c"]}, k)
    no("POST", alias, {"name": "z", "collections": ["c"]}, k)
    ok("POST", alias, {"name": "z", "collections": ["sales.c"]}, k)
    no("POST", alias + "/z", {"collections": ["SECRET.c"]}, k)
    ok("DELETE", alias + "/z", None, k)
    ok("DELETE", view + "/w", None, k)


def test_lambdas():
    ok("POST", "/ws/sales/lambdas", {"name": "l", "sql": {"query": "select ws from secret.c"}})
    ok("POST", "/ws/sales/lambdas", {"name": "w", "sql": {
        "query": "insert into sales.c select '7' as _id"}})
    k = key("EXECUTE_QUERY_LAMBDA_WS@sales", "QUERY_VI@main")
    run = "/ws/sales/lambdas/%s/tags/latest"
    assert ok("POST", run % "l", {}, k).rows == [{"ws": "secret"}]
    a = S.ask("POST", run % "l", {"async_options": {"client_timeout_ms": 30000}}, key=k)
    assert a.status == 200 and a.rows == [{"ws": "secret"}], a
    no("POST", run % "w", {}, k)  # writing needs one's own
    no("POST", run % "l", {"virtual_instance_id": "vi"}, k)
    no("GET", run % "l", None, k)
    refused("select ws from secret.c", k)
    # who makes one lends what he has, no more
    maker = key("ALL_WORKSPACE_ACTIONS@sales", "QUERY_VI")
    ok("POST", "/ws/sales/lambdas", {"name": "m", "sql": {"query": "select ws from secret.c"}},
       maker)
    for who in (k, maker, ADMIN):
        no("POST", run % "m", {}, who)
    ok("POST", "/ws/sales/lambdas/m/versions", {"sql": {"query": "select ws from sales.c"}}, maker)
    assert ok("POST", run % "m", {}, k).rows == [{"ws": "sales"}]
    # which collection it reads the caller says: the maker's rights bound it
    ok("POST", "/ws/sales/lambdas/m/versions", {"sql": {
        "query": "select ws from table(:t)",
        "default_parameters": [{"name": "t", "type": "string", "value": "sales.c"}]}}, maker)
    a = S.ask("POST", run % "m", {"parameters": [{"name": "t", "type": "string",
                                                  "value": "secret.c"}]}, key=ADMIN)
    assert a.status in (400, 403), a
    # a maker whose key is gone lends nothing: one's own rights count
    made = ok("POST", "/users/self/apikeys", {"name": "short-lived", "role": "admin"}).data["key"]
    ok("POST", "/ws/sales/lambdas", {"name": "s", "is_public": True, "sql": {
        "query": "select ws from secret.c"}}, made)
    public = ok("GET", run % "s").data["version"]["public_access_id"]
    shared = "/v1/public/shared_lambdas/" + public
    assert S.post(shared, {}, key=None).rows == [{"ws": "secret"}]
    assert ok("POST", run % "s", {}, k).rows == [{"ws": "secret"}]
    ok("DELETE", "/users/self/apikeys/short-lived")
    no("POST", run % "s", {}, k)
    check_error(S.post(shared, {}, key=None), 403, "FORBIDDEN")
    assert ok("POST", run % "s", {}, ADMIN).rows == [{"ws": "secret"}]
    # and who takes his name is not he
    time.sleep(1.1)
    ok("POST", "/users/self/apikeys", {"name": "short-lived", "role": "admin"})
    no("POST", run % "s", {}, k)


def test_schedules():
    base = "/ws/sales/scheduled_lambdas"
    body = {"ql_name": "sched", "tag": "latest", "cron_string": "0 0 1 1 *"}
    x = ok("POST", base, dict(body, apikey=ADMIN)).data["rrn"]
    k = key("ALL_WORKSPACE_ACTIONS@sales")
    no("POST", base + "/" + x, {"webhook_url": WEBHOOK}, k)
    no("POST", base + "/" + x, {}, k)
    assert ok("POST", base + "/" + x, {"total_times_to_execute": 3}).data["rrn"] == x
    ok("POST", base + "/" + x, {"apikey": k}, k)  # by his own from now on
    ok("POST", base + "/" + x, {"total_times_to_execute": 4}, k)
    ok("DELETE", base + "/" + x, None, k)


def test_lists():
    ok("POST", "/ws/secret/lambdas", {"name": "hidden", "sql": {"query": "select 1"}})
    k = key("LIST_RESOURCES_WS@sales", "LIST_VI_GLOBAL", "QUERY_VI")
    for what in ("collections", "views", "aliases", "lambdas"):
        shown = names("/" + what, k)
        assert shown and all(n.startswith("sales.") for n in shown), (what, shown)
        assert any(n.startswith("secret.") for n in names("/" + what, ADMIN)) or what == "aliases"
        no("GET", "/ws/secret/" + what, None, k)
    assert len(ok("GET", "/lambdas/scheduled_lambdas", None, k).data) == len(RUNNING)
    other = key("LIST_RESOURCES_WS@secret")
    assert ok("GET", "/lambdas/scheduled_lambdas", None, other).data == []
    for vi in ("main", "vi"):
        for m in ok("GET", "/virtualinstances/%s/mounts" % vi, None, k).data:
            assert m["collection_path"].startswith("sales."), m
    no("GET", "/virtualinstances/main/mounts/secret.c", None, k)
    ok("GET", "/virtualinstances/main/mounts/sales.c", None, k)
    # of a collection the aliases that one may see
    c = key("LIST_RESOURCES_WS@secret")
    assert ok("GET", "/ws/secret/collections/c", None, c).data["aliases"] == []
    assert len(ok("GET", "/ws/secret/collections/c").data["aliases"]) == 1
    nothing = key("LIST_RESOURCES_WS@elsewhere")
    for what in ("collections", "views", "aliases", "lambdas"):
        assert ok("GET", "/" + what, None, nothing).data == []


def test_mounting():
    k = key("UPDATE_VI@vi", "QUERY_DATA_WS@sales", "LIST_RESOURCES_WS@sales")
    base = "/virtualinstances/%s/mounts"
    ok("POST", base % "vi", {"collection_paths": ["sales.c"]}, k)
    no("POST", base % "vi", {"collection_paths": ["secret.c"]}, k)
    no("POST", base % "vi", {"collection_paths": ["sales.c", "secret.nothing"]}, k)
    no("POST", base % "main", {"collection_paths": ["sales.c"]}, k)
    ok("DELETE", base % "vi" + "/sales.c", None, k)


def test_instances():
    k = key("QUERY_VI@vi")
    on = "/virtualinstances/%s/queries"
    refused("select 1 as n", k)  # the default one counts, too
    refused("select 1 as n", k, on % "main")
    assert rows("select 1 as n", k, on % "vi") == [{"n": 1}]
    vi = ok("GET", "/virtualinstances/vi").data
    by_id = key("QUERY_VI@" + vi["id"])
    by_rrn = key("QUERY_VI@" + vi["rrn"])
    for who in (k, by_id, by_rrn):
        for word in ("vi", vi["id"], vi["rrn"]):
            assert rows("select 1 as n", who, on % word) == [{"n": 1}]
    ok("PUT", "/deploymentsettings", {"default_query_vi": vi["rrn"]})
    assert rows("select 1 as n", k) == [{"n": 1}]
    ok("PUT", "/deploymentsettings",
       {"default_query_vi": "rrn:vi:local:30370000-0000-4000-8000-000000000001"})
    refused("select 1 as n", k)
    no("GET", on % "main", None, k)
    ok("POST", "/virtualinstances/vi", {"name": "vi2"})
    refused("select 1 as n", k, on % "vi2")
    assert rows("select 1 as n", by_id, on % "vi2") == [{"n": 1}]
    ok("POST", "/virtualinstances/vi2", {"name": "vi"})


def test_queries_of_others():
    k = key("QUERY_DATA_WS@sales", "QUERY_VI")
    a = S.ask("POST", "/queries", {"sql": {"query": "select ws from secret.c"},
                                   "max_initial_results": 1})
    path = "/queries/" + a.json["query_id"]
    for method, p in (("GET", path), ("GET", path + "/pages"), ("DELETE", path)):
        bad(404, "NOTFOUND", method, p, None, k)
    own = S.ask("POST", "/queries", {"sql": {"query": "select ws from sales.c"},
                                     "max_initial_results": 1}, key=k).json["query_id"]
    assert ok("GET", "/queries/%s/pages" % own, None, k).rows == [{"ws": "sales"}]
    long = ok("POST", "/queries", {"sql": {
        "query": "select count(*) from range(10000000) a, range(10000000) b"}, "async": True})
    assert ok("GET", "/queries", None, k).data == []
    assert len(ok("GET", "/queries").data) == 1
    no("DELETE", "/queries/" + long.json["query_id"], None, key("QUERY_DATA_WS", "QUERY_VI"))
    ok("DELETE", "/queries/" + long.json["query_id"])


def test_metrics():
    assert S.get("/metrics", key=key("GET_METRICS_GLOBAL")).status == 200
    check_error(S.get("/metrics", key=key("LIST_WS_GLOBAL")), 403, "FORBIDDEN")


def test_integrations_are_not_for_every_source():
    """A source reads with the integration's keys, so that its name alone must not be enough."""
    body = {"integration_name": "lake", "s3": {"bucket": "b"}}
    new = {"name": "fed", "sources": [body]}
    makes = ("UPDATE_COLLECTION_WS@commons", "CREATE_COLLECTION_WS@commons")
    for words in (makes, makes + ("CREATE_COLLECTION_INTEGRATION@other",)):
        k = key(*words)
        no("POST", "/ws/commons/collections/_events/sources", body, key=k)
        no("POST", "/ws/commons/collections", new, key=k)
    for word in ("CREATE_COLLECTION_INTEGRATION@lake", "ALL_INTEGRATION_ACTIONS"):
        k = key(*makes, word)
        bad(404, "NOTFOUND", "POST", "/ws/commons/collections/_events/sources", body, key=k)
        bad(404, "NOTFOUND", "POST", "/ws/commons/collections", new, key=k)


def test_schedules_ran():
    def of(name):
        return ok("GET", SCHEDULES + "/" + RUNNING[name]).data
    until(lambda: of("may").get("last_completion_date"), "it has run", 80)
    for name, lacks in (("may not", "EXECUTE_QUERY_LAMBDA_WS"), ("nowhere", "QUERY_VI")):
        x = until(lambda n=name: of(n).get("query_execution_status"), "it has failed", 80)
        assert x["state"] == "ERROR" and lacks in x["message"], x
        assert "last_completion_date" not in of(name)


def test_zy_restart():
    """Everything is in the target; no secret is."""
    k = key("QUERY_DATA_WS@sales", "QUERY_VI")
    ok("POST", "/users", {"email": "kept@x.org", "roles": ["member"]})
    S.stop()
    with open(S.database, "rb") as f:
        assert k.encode() not in f.read()
    with Server(folder=S.folder) as t:
        a = t.post("/queries", {"sql": {"query": "select ws from sales.c limit 1"}}, key=k)
        assert a.status == 200, a
        a = t.post("/queries", {"sql": {"query": "select ws from secret.c"}}, key=k)
        check_error(a, 403, "FORBIDDEN")
        assert t.get("/users/kept%40x.org").json["roles"] == ["member"]


def test_zz_stop():
    S.__exit__()


main(globals())
