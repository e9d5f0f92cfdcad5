"""Public query lambdas: who knows the id of a version runs it without a key, where the server allows
it, and does nothing else by it."""
import shutil
import tempfile

from harness import Server, check_error, main

BASE = "/ws/commons/lambdas"
SHARED = "/v1/public/shared_lambdas/"
FOLDER = tempfile.mkdtemp(prefix="rocksetd-test-")
S = Server("--public-lambdas", folder=FOLDER)
SQL = {"query": "select :n as n from range(3)",
       "default_parameters": [{"name": "n", "type": "int", "value": "7"}]}
IDS = {}


def run(public_id, body=None, server=None):
    return (server or S).post(SHARED + public_id, body, key=None)


def test_run():
    v = S.post(BASE, {"name": "p", "sql": SQL, "is_public": True}).data
    IDS["p"] = v["public_access_id"]
    assert len(IDS["p"]) == 36
    a = run(IDS["p"])
    assert a.status == 200 and a.rows == [{"n": 7}] * 3, a
    assert a.json["query_lambda_path"] == "commons.p:" + v["version"]
    a = run(IDS["p"], {"parameters": [{"name": "n", "type": "int", "value": "8"}],
                       "default_row_limit": 1})
    assert a.rows == [{"n": 8}], a
    # nothing of what needs a key to go on with it
    a = run(IDS["p"], {"async": True, "max_initial_results": 1, "virtual_instance_id": "none"})
    assert a.json["status"] == "COMPLETED" and len(a.rows) == 3 and "pagination" not in a.json, a
    check_error(run(IDS["p"], {"parameters": 5}), 400, "INVALIDINPUT")
    check_error(S.get("/queries/" + a.json["query_id"], key=None), 401, "AUTHEXCEPTION")
    for other in ("x", "0" * 36, v["version"], IDS["p"].upper(), "commons.p:" + v["version"]):
        if other != IDS["p"]:
            check_error(run(other), 404, "NOTFOUND")


def test_shown():
    w = S.post(BASE, {"name": "private", "sql": SQL}).data
    assert w["public_access_id"] is None
    v = S.get(BASE + "/p/tags/latest").data["version"]
    assert v["public_access_id"] == IDS["p"]
    assert S.get(BASE + "/p/versions/" + v["version"]).data["public_access_id"] == IDS["p"]
    for path in ("/lambdas", BASE):
        assert {x["name"]: x["latest_version"]["public_access_id"] for x in S.get(path).data} == {
            "p": IDS["p"], "private": None}, path
    # each version is public or not by itself
    u = S.post(BASE + "/p/versions", {"description": "second"}).data
    assert u["public_access_id"] is None
    t = S.post(BASE + "/p/versions", {"sql": {"query": "select 3 as three"}, "is_public": True}).data
    assert t["public_access_id"] not in (None, IDS["p"])
    assert run(t["public_access_id"]).rows == [{"three": 3}] and run(IDS["p"]).status == 200
    assert [x["public_access_id"] for x in S.get(BASE + "/p/versions").data] == [
        IDS["p"], None, t["public_access_id"]]
    IDS["third"] = t["public_access_id"]


def test_only_reads():
    S.collection("c")
    v = S.post(BASE, {"name": "w", "is_public": True,
                      "sql": {"query": "insert into c select 1 as a"}}).data
    a = run(v["public_access_id"])
    assert a.status in (400, 403) and "WRITE_DATA_WS" in a.json["message"], a
    assert S.sql("select * from c").rows == []
    check_error(S.post(BASE, {"name": "x", "sql": SQL, "is_public": "yes"}), 400, "INVALIDINPUT")


def test_gone():
    v = S.get(BASE + "/p/versions").data[2]
    assert S.ask("DELETE", BASE + "/p/version/" + v["version"]).status == 200
    check_error(run(IDS["third"]), 404, "NOTFOUND")
    assert run(IDS["p"]).status == 200
    assert S.ask("DELETE", BASE + "/p").status == 200
    check_error(run(IDS["p"]), 404, "NOTFOUND")
    IDS["again"] = S.post(BASE, {"name": "p", "sql": SQL, "is_public": True}).data[
        "public_access_id"]
    check_error(run(IDS["p"]), 404, "NOTFOUND")
    assert run(IDS["again"]).status == 200


def test_not_allowed():
    S.stop()
    with Server(folder=FOLDER) as s:
        check_error(run(IDS["again"], server=s), 404, "NOTFOUND")
        assert s.get(BASE + "/p/tags/latest").data["version"]["public_access_id"] is None
        a = s.post(BASE, {"name": "n", "sql": SQL, "is_public": True})
        check_error(a, 501, "NOTIMPLEMENTEDYET")
        assert "--public-lambdas" in a.json["message"]
    with Server("--public-lambdas", folder=FOLDER) as s:
        assert run(IDS["again"], server=s).rows == [{"n": 7}] * 3
    shutil.rmtree(FOLDER, ignore_errors=True)


if __name__ == "__main__":
    main(globals())
