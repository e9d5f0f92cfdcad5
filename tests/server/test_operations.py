"""The operations of Rockset's API, as docs/rocksetd-operations.md lists them: each has a route, each
route that is no operation is named there as well, and each is called on a running server and does
what it says."""
import os
import re
import tempfile

from harness import ADMIN, ORG, ROOT, Server, main, run

FOLDER = os.path.realpath(tempfile.mkdtemp(prefix="rocksetd-operations-"))
with open(os.path.join(FOLDER, "key"), "w") as f:
    f.write("00" * 32)
os.chmod(os.path.join(FOLDER, "key"), 0o600)
os.mkdir(os.path.join(FOLDER, "in"))
with open(os.path.join(FOLDER, "in", "docs.ndjson"), "w") as f:
    f.write('{"_id": "f", "n": 5}\n')
S = Server("--public-lambdas", "--sources", FOLDER, "--source-scan", "1",
           "--integrations-key-file", os.path.join(FOLDER, "key"))
SOURCE = {"s3": {"bucket": "file://in"}, "format_params": {"json": True}}
DONE = {}
with open(os.path.join(ROOT, "docs", "rocksetd-operations.md")) as f:
    PAGE = f.read()
LIST = {name: (method, path.replace("~", ORG, 1)) for name, method, path in
        re.findall(r"^\| `(\w+)` \| (\w+) \| `([^`]*)` \|", PAGE, re.M)}


def do(operation, args=(), body=None, query="", key=ADMIN):
    """The operation with these in the path's places; what it answers."""
    method, path = LIST[operation]
    for a in args:
        path = re.sub(r"\{\w+\}", a, path, count=1)
    assert "{" not in path, (operation, path)
    a = S.ask(method, path + query, body, key=key)
    DONE[operation] = a.status
    assert a.status in (200, 202), (operation, a)
    return a


def names(answer, member="name"):
    return [x[member] for x in answer.data]


def test_list():
    code, out, _ = run("--routes")
    assert code == 0
    routes = {tuple(line.split()[:2]) for line in out.splitlines()}
    listed = {(m, re.sub(r"\{\w+\}", "{}", p)) for m, p in LIST.values()}
    assert len(LIST) == len(listed) == 98, len(LIST)
    # users/self is a route of its own
    assert not listed - routes, listed - routes
    beside = PAGE.split("## Beside them")[1]
    others = {"~" + p[len(ORG):] if p.startswith(ORG) else p for m, p in routes - listed}
    told = {re.sub(r"\{\w+\}", "{}", x.split()[-1]) for x in re.findall(r"`([^`]*)`", beside)}
    assert others == told, others ^ told


def test_workspaces():
    do("createWorkspace", body={"name": "w"})
    assert "w" in names(do("listWorkspaces"))
    assert do("getWorkspace", ["w"]).data["collection_count"] == 0
    do("deleteWorkspace", ["w"])
    assert "w" not in names(do("listWorkspaces"))


def test_collections_and_documents():
    do("createCollection", ["commons"], {"name": "c"})
    assert "c" in names(do("listCollections")) and "c" in names(do("workspaceCollections", ["commons"]))
    at = ["commons", "c"]
    a = do("addDocuments", at, {"data": [{"_id": "1", "n": 1}, {"_id": "2", "n": 2}]})
    assert [x["status"] for x in a.data] == ["ADDED"] * 2
    a = do("patchDocuments", at, {"data": [{"_id": "1", "patch": [
        {"op": "INCREMENT", "path": "/n", "value": 10}]}]})
    assert a.data[0]["status"] == "PATCHED"
    a = do("deleteDocuments", at, {"data": [{"_id": "2"}]})
    assert a.data[0]["status"] == "DELETED"
    assert do("getCollectionOffsets", at, {"name": [a.json["last_offset"]]}).data["passed"] is True
    assert S.sql("select _id, n from c").rows == [{"_id": "1", "n": 11}]
    assert do("getCollection", at).data["stats"]["doc_count"] == 1
    assert do("updateCollection", at, {"description": "d"}).data["description"] == "d"


def test_queries():
    q = do("query", body={"sql": {"query": "select x from unnest([1, 2, 3] as x)"},
                          "max_initial_results": 1}).json
    assert len(q["results"]) == 1 and q["results_total_doc_count"] == 3
    assert do("getQuery", [q["query_id"]]).data["status"] == "COMPLETED"
    assert len(do("getQueryResults", [q["query_id"]]).json["results"]) == 3
    assert do("cancelQuery", [q["query_id"]]).data["query_id"] == q["query_id"]
    assert do("listActiveQueries").data == []
    assert do("validate", body={"sql": {"query": "select n from c where n = :p"}}).json == {
        "collections": ["commons.c"], "parameters": ["p"]}


def test_lambdas():
    sql = {"query": "select n from c where n > :p",
           "default_parameters": [{"name": "p", "type": "int", "value": "3"}]}
    v = do("createQueryLambda", ["commons"], {"name": "l", "sql": sql, "is_public": True}).data
    at = ["commons", "l"]
    assert names(do("listAllQueryLambdas")) == ["l"]
    assert names(do("listQueryLambdasInWorkspace", ["commons"])) == ["l"]
    w = do("updateQueryLambda", at, {"sql": {"query": "select 2 as two"}}).data
    assert names(do("listQueryLambdaVersions", at), "version") == [v["version"], w["version"]]
    assert do("getQueryLambdaVersion", at + [v["version"]]).data["sql"] == sql
    assert do("executeQueryLambda", at + [v["version"]], {}).rows == [{"n": 11}]
    assert do("createQueryLambdaTag", at, {"tag_name": "t", "version": v["version"]}).data[
        "tag_name"] == "t"
    assert sorted(names(do("listQueryLambdaTags", at), "tag_name")) == ["latest", "t"]
    assert do("getQueryLambdaTagVersion", at + ["latest"]).data["version"]["version"] == w["version"]
    assert do("executeQueryLambdaByTag", at + ["t"], {"parameters": [
        {"name": "p", "type": "int", "value": "11"}]}).rows == []
    assert do("executePublicQueryLambdaWithParams", [v["public_access_id"]], {},
              key=None).rows == [{"n": 11}]
    key = do("createApiKey", body={"name": "of schedule"}).data["key"]
    x = do("createScheduledLambda", ["commons"], {"ql_name": "l", "tag": "latest", "apikey": key,
                                                  "cron_string": "0 0 1 1 *"}).data
    one = ["commons", x["rrn"]]
    assert do("getScheduledLambda", one).data["cron_string"] == "0 0 1 1 *"
    assert do("updateScheduledLambda", one, {"total_times_to_execute": 3}).data[
        "total_times_to_execute"] == 3
    do("deleteScheduledLambda", one)
    do("deleteQueryLambdaTag", at + ["t"])
    do("deleteQueryLambdaVersion", at + [v["version"]])
    assert names(do("listQueryLambdaVersions", at), "version") == [w["version"]]
    do("deleteQueryLambda", at)
    assert do("listAllQueryLambdas").data == []


def test_views():
    do("createView", ["commons"], {"name": "v", "query": "select n from c"})
    at = ["commons", "v"]
    assert names(do("listViews")) == names(do("workspaceViews", ["commons"])) == ["v"]
    do("updateView", at, {"query": "select n + 1 as n from c"})
    assert do("getView", at).data["entities"] == ["commons.c"]
    assert S.sql("select n from v").rows == [{"n": 12}]
    do("deleteView", at)


def test_aliases():
    do("createAlias", ["commons"], {"name": "a", "collections": ["commons.c"]})
    at = ["commons", "a"]
    assert names(do("listAliases")) == names(do("workspaceAliases", ["commons"])) == ["a"]
    assert S.sql("select n from a").rows == [{"n": 11}]
    do("updateAlias", at, {"collections": ["commons._events"]})
    assert do("getAlias", at).data["collections"] == ["commons._events"]
    do("deleteAlias", at)


def test_sources_and_integrations():
    do("createIntegration", body={"name": "i", "s3": {"aws_access_key": {
        "aws_access_key_id": "ID1", "aws_secret_access_key": "a secret"}}})
    assert names(do("listIntegrations")) == ["i"]
    assert "a secret" not in do("getIntegration", ["i"]).body
    assert do("updateIntegration", ["i"], {"description": "d"}).data["description"] == "d"
    do("deleteIntegration", ["i"])
    # tests/kafka asks a broker
    x = do("createIntegration", body={"name": "k", "kafka": {"bootstrap_servers": "SSL://127.0.0.1:1"}}).data
    assert x["kafka"]["bootstrap_servers"] == "SSL://127.0.0.1:1", x
    topic = do("createSource", ["commons", "c"], {"integration_name": "k", "kafka": {"kafka_topic_name": "t"}}).data
    assert topic["kafka"]["status"]["state"] == "NO_DOCS_YET", topic
    do("deleteSource", ["commons", "c", topic["id"]])
    do("deleteIntegration", ["k"])
    at = ["commons", "c"]
    x = do("createSource", at, SOURCE).data
    one = at + [x["id"]]
    assert names(do("listCollectionSources", at), "id") == [x["id"]]
    do("suspendSource", one)
    assert do("getSource", one).data["status"]["state"] == "SUSPENDED"
    do("resumeSource", one)
    do("updateSource", one, SOURCE)
    do("deleteSource", one)


def test_instances():
    x = do("createVirtualInstance", body={"name": "i", "type": "SMALL"}).data
    at = [x["id"]]
    assert "i" in names(do("listVirtualInstances"))
    assert do("getVirtualInstance", at).data["current_size"] == "SMALL"
    assert do("setVirtualInstance", at, {"new_size": "MEDIUM"}).data["current_size"] == "MEDIUM"
    do("mountCollection", at, {"collection_paths": ["commons.c"]})
    assert names(do("listCollectionMounts", at), "collection_path") == ["commons.c"]
    assert do("getCollectionMount", at + ["commons.c"]).data["state"] == "ACTIVE"
    assert do("getMountOffsets", at + ["commons.c"], {"name": []}).json["data"]["passed"] is True
    assert do("queryVirtualInstance", at, {"sql": {"query": "select n from c where _id = '1'"}}).rows == \
        [{"n": 11}]
    assert do("getVirtualInstanceQueries", at).data == []
    do("unmountCollection", at + ["commons.c"])
    assert do("suspendVirtualInstance", at).data["state"] in ("SUSPENDING", "SUSPENDED")
    assert do("resumeVirtualInstance", at).data["state"] in ("RESUMING", "ACTIVE")
    do("updateDeploymentSettings", body={"default_query_vi": x["rrn"]})
    assert x["id"] in do("getDeploymentSettings").data["default_query_vi"]
    main_rrn = [v["rrn"] for v in do("listVirtualInstances").data if v["name"] == "main"][0]
    do("updateDeploymentSettings", body={"default_query_vi": main_rrn})
    do("deleteVirtualInstance", at)


def test_people():
    assert do("getOrganization").data["clusters"]
    do("createRole", body={"role_name": "r", "privileges": [{"action": "QUERY_DATA_WS",
                                                             "resource_name": "commons"}]})
    assert "r" in names(do("listRoles"), "role_name")
    do("updateRole", ["r"], {"description": "d"})
    assert do("getRole", ["r"]).data["description"] == "d"
    do("createUser", body={"email": "ann@example.com", "roles": ["r"]})
    assert "ann@example.com" in names(do("listUsers"), "email")
    assert do("getUser", ["ann@example.com"]).json["roles"] == ["r"]
    do("updateUser", ["ann@example.com"], {"first_name": "Ann", "roles": ["read-only"]})
    do("createApiKey", body={"name": "hers", "created_by": "ann@example.com"})
    assert names(do("listApiKeys", ["ann@example.com"])) == ["hers"]
    one = ["ann@example.com", "hers"]
    assert do("updateApiKey", one, {"state": "SUSPENDED"}).data["state"] == "SUSPENDED"
    assert do("getApiKey", one).data["state"] == "SUSPENDED"
    do("deleteApiKey", one)
    do("deleteUser", ["ann@example.com"])
    do("deleteRole", ["r"])
    assert "@" in do("getCurrentUser").json["email"]
    p = {"data": [{"notificationType": "CREATE_API_KEY"}]}
    do("updateUnsubscribePreferences", body=p)
    assert do("listUnsubscribePreferences").data == p["data"]


def test_the_end():
    do("deleteCollection", ["commons", "c"])
    assert set(DONE) == set(LIST), set(LIST) - set(DONE)
    refused = [name for name, status in DONE.items() if status == 501]
    assert len(refused) == 0, refused


def test_zz_stop():
    S.__exit__()


main(globals())
