"""Virtual instances: what they are, what they hold queries to, mounts, and that all of it is there
after a restart."""
import re
import shutil
import tempfile
import threading
import time

from harness import Server, check_error, main, until

VI = "/virtualinstances"
ONE = {"sql": {"query": "select 1 as n"}}
# no engine plans it away, and none is done with it before it is cancelled
LONG = "select count(*) from range(100000) a, range(100000) b, range(1000) c where a.range % 7 = b.range % 5"


def make(s, name, **more):
    a = s.post(VI, dict({"name": name}, **more))
    assert a.status == 200, a
    return a.data


def query(s, vi, sql, **more):
    return s.post("%s/%s/queries" % (VI, vi), dict({"sql": {"query": sql}}, **more))


def state(s, vi):
    return s.get("%s/%s" % (VI, vi)).data["state"]


def test_create_change_delete():
    with Server() as s:
        v = make(s, "prod_vi", description="d", type="MEDIUM", instance_class="MO_IL",
                 mount_type="LIVE", mount_refresh_interval_seconds=0, auto_suspend_seconds=3600,
                 enable_remount_on_resume=True)
        assert (v["name"], v["description"], v["state"], v["default_vi"]) == (
            "prod_vi", "d", "ACTIVE", False)
        assert v["current_size"] == v["desired_size"] == "MEDIUM"
        assert v["current_instance_class"] == "MO_IL" and v["mount_type"] == "LIVE"
        assert v["auto_suspend_seconds"] == 3600 and v["enable_remount_on_resume"] is True
        assert v["rrn"].endswith(":" + v["id"]) and v["created_at"].endswith("Z")
        for word in (v["id"], v["rrn"], v["rrn"].replace(":", "%3A"), "prod_vi"):
            assert s.get("%s/%s" % (VI, word)).data == v, word
        assert [x["name"] for x in s.get(VI).data] == ["main", "prod_vi"]
        check_error(s.post(VI, {"name": "prod_vi"}), 409, "ALREADYEXISTS")
        check_error(s.post(VI, {"name": "main"}), 409, "ALREADYEXISTS")
        base = VI + "/" + v["id"]
        u = s.post(base, {"name": "other", "new_size": "SMALL", "auto_suspend_enabled": False,
                          "enable_remount_on_resume": False}).data
        assert (u["name"], u["description"], u["current_size"]) == ("other", "d", "SMALL")
        assert "auto_suspend_seconds" not in u and u["enable_remount_on_resume"] is False
        assert u["created_at"] == v["created_at"] and u["id"] == v["id"]
        assert s.get(VI + "/prod_vi").status == 404
        assert s.delete(base).data["state"] == "DELETED"
        check_error(s.get(base), 404, "NOTFOUND")
        check_error(s.delete(base), 404, "NOTFOUND")
        check_error(s.delete(VI + "/main"), 400, "BADREQUEST")
        assert make(s, "prod_vi")["description"] is None, "nothing is inherited"


def test_refused():
    with Server() as s:
        for body in ({}, {"name": "a b"}, {"name": "v", "type": "MICRO"},
                     {"name": "v", "type": 1}, {"name": "v", "auto_suspend_seconds": -1},
                     {"name": "v", "mount_refresh_interval_seconds": 5},
                     {"name": "v", "mount_type": "OTHER"}, {"name": "v", "instance_class": "X"}):
            check_error(s.post(VI, body), 400, "INVALIDINPUT")
        check_error(s.post(VI, {"name": "v", "mount_type": "STATIC"}), 501, "NOTIMPLEMENTEDYET")
        assert len(s.get(VI).data) == 1
        make(s, "v")
        check_error(s.post(VI + "/v", {"auto_scaling_policy": {"enabled": True}}), 501,
                    "NOTIMPLEMENTEDYET")
        assert s.post(VI + "/v", {"auto_scaling_policy": {"enabled": False}}).status == 200
        check_error(s.post(VI + "/v", {"auto_suspend_enabled": True}), 400, "INVALIDINPUT")
        check_error(s.post(VI + "/main", {"name": "x"}), 400, "BADREQUEST")
        assert s.post(VI + "/main", {"description": "x"}).data["description"] == "x"
        read = s.post("/users/self/apikeys", {"name": "r", "role": "read-only"}).data["key"]
        check_error(s.post(VI, {"name": "w"}, key=read), 403, "FORBIDDEN")
        check_error(s.post(VI + "/v/suspend", key=read), 403, "FORBIDDEN")
        assert s.post(VI + "/v/queries", ONE, key=read).status == 200


def test_suspend_and_resume():
    with Server() as s:
        make(s, "v")
        assert s.post(VI + "/v/suspend").data["state"] == "SUSPENDED"
        check_error(s.post(VI + "/v/queries", ONE), 503, "NOT_READY")
        assert "v is suspended" in s.post(VI + "/v/queries", ONE).json["message"]
        assert s.post(VI + "/v/suspend").data["state"] == "SUSPENDED", "twice is once"
        assert s.post("/queries", ONE).status == 200, "another one works on"
        v = s.post(VI + "/v/resume").data
        assert v["state"] == "ACTIVE" and v["resumed_at"].endswith("Z")
        assert s.post(VI + "/v/queries", ONE).rows == [{"n": 1}]
        assert s.get(VI + "/v").data["stats"]["last_queried_ms"] > 1e12


def test_queries_run_on():
    """A suspended instance lets its queries end, and is SUSPENDING until then."""
    with Server() as s:
        make(s, "v", type="LARGE")
        a = query(s, "v", LONG, **{"async": True})
        assert a.status == 200, a
        assert s.post(VI + "/v/suspend").data["state"] == "SUSPENDING"
        s.delete("/queries/" + a.json["query_id"])
        until(lambda: state(s, "v") == "SUSPENDED", "the instance is suspended")


def test_lists_of_queries():
    with Server() as s:
        make(s, "v", type="LARGE")
        ids = {}
        for name in ("v", "main"):
            ids[name] = query(s, name, LONG, **{"async": True}).json["query_id"]
        for name in ("v", "main"):
            listed = [x["query_id"] for x in s.get("%s/%s/queries" % (VI, name)).data]
            assert listed == [ids[name]], (name, listed)
        assert {x["query_id"] for x in s.get("/queries").data} == set(ids.values())
        for i in ids.values():
            s.delete("/queries/" + i)


def test_sizes():
    """A size is a share of what the server allows: of 8 queries SMALL has 2, of 80 rows 20."""
    with Server("--max-running", "8", "--max-rows", "80", "--max-result-bytes", "80000") as s:
        make(s, "v", type="SMALL")
        ids = [query(s, "v", LONG, **{"async": True}).json["query_id"] for _ in range(4)]
        info = lambda: sorted(x["status"] for x in s.get(VI + "/v/queries").data)
        until(lambda: info() == ["QUEUED", "QUEUED", "RUNNING", "RUNNING"], "two of four run")
        assert s.post("/queries", ONE).status == 200, "others have the rest"
        # a larger one at once runs more
        assert s.post(VI + "/v", {"new_size": "MEDIUM"}).data["current_size"] == "MEDIUM"
        until(lambda: info() == ["RUNNING"] * 4, "all four run")
        for i in ids:
            s.delete("/queries/" + i)
        s.post(VI + "/v", {"new_size": "SMALL"})
        assert len(query(s, "v", "select * from range(20)").rows) == 20
        check_error(query(s, "v", "select * from range(21)"), 400, "RESOURCEEXCEEDED")
        assert len(query(s, "main", "select * from range(21)").rows) == 21
        big = "select repeat('x', 1000) as t from range(%d)"
        assert query(s, "v", big % 19, max_initial_results=1).status == 200
        check_error(query(s, "v", big % 30, max_initial_results=1), 400, "RESOURCEEXCEEDED")
        assert query(s, "main", big % 30, max_initial_results=1).status == 200


def test_auto_suspend():
    with Server() as s:
        make(s, "v", auto_suspend_seconds=2, type="LARGE")
        make(s, "w")
        a = query(s, "v", LONG, **{"async": True})
        time.sleep(4)
        assert state(s, "v") == "ACTIVE", "a query that runs is no idleness"
        s.delete("/queries/" + a.json["query_id"])
        until(lambda: state(s, "v") == "SUSPENDED", "the idle instance is suspended", 20)
        assert state(s, "w") == "ACTIVE"
        check_error(s.post(VI + "/v/queries", ONE), 503, "NOT_READY")
        assert s.post(VI + "/v/resume").data["state"] == "ACTIVE"
        assert s.post(VI + "/v/queries", ONE).status == 200
        until(lambda: state(s, "v") == "SUSPENDED", "and again", 20)


def test_mounts():
    with Server() as s:
        s.collection("c", [{"_id": "1", "n": 1}])
        s.collection("d", [{"_id": "1"}])
        v = make(s, "v")
        base = VI + "/v/mounts"
        assert s.get(base).data == []
        a = query(s, "v", "select n from c")
        check_error(a, 400, "QUERY_ERROR")
        assert re.search("Collection commons.c is not mounted on virtual instance .*" + v["id"],
                         a.json["message"]), a
        check_error(s.get(base + "/commons.c"), 400, "INVALIDINPUT")
        m = s.post(base, {"collection_paths": ["commons.c"]}).data
        assert [(x["collection_path"], x["state"], x["virtual_instance_id"]) for x in m] == [
            ("commons.c", "ACTIVE", v["id"])]
        assert m[0]["created_at"].endswith("Z") and m[0]["virtual_instance_rrn"] == v["rrn"]
        assert query(s, "v", "select n from c").rows == [{"n": 1}]
        one = s.get(base + "/commons.c").data
        assert one["id"] == m[0]["id"] and one["stats"]["last_queried_ms"] > 1e12
        assert [x["collection_path"] for x in s.get(base).data] == ["commons.c"]
        # live
        s.post("/ws/commons/collections/c/docs", {"data": [{"_id": "2", "n": 2}]})
        assert query(s, "v", "select count(*) as k from c").rows == [{"k": 2}]
        a = s.post(base + "/commons.c/offsets/commit", {"name": ["f1:1:1:1:1"]})
        assert a.data["passed"] is True
        check_error(s.post(base + "/commons.d/offsets/commit", {"name": []}), 400, "INVALIDINPUT")
        # one that is wrong: none of them
        check_error(s.post(base, {"collection_paths": ["commons.d", "commons.no"]}), 404, "NOTFOUND")
        assert len(s.get(base).data) == 1
        assert len(s.post(base, {"collection_paths": ["commons.c", "commons.d"]}).data) == 2
        assert s.get(base + "/commons.c").data["created_at"] == one["created_at"]
        assert s.delete(base + "/commons.d").data["state"] == "DELETING"
        check_error(s.delete(base + "/commons.d"), 400, "INVALIDINPUT")
        check_error(query(s, "v", "select * from c, d"), 400, "QUERY_ERROR")
        # it goes with its collection
        s.delete("/ws/commons/collections/c")
        assert s.get(base).data == []
        s.collection("c")
        check_error(query(s, "v", "select * from c"), 400, "QUERY_ERROR")
        # everything is mounted on main
        assert {"commons.c", "commons.d"} <= {x["collection_path"] for x in s.get(VI + "/main/mounts").data}
        check_error(s.delete(VI + "/main/mounts/commons.c"), 400, "BADREQUEST")


def test_views_and_aliases():
    with Server() as s:
        s.collection("c", [{"_id": "1", "n": 1}])
        s.collection("d", [{"_id": "1", "n": 2}])
        for path, body in (("views", {"name": "v1", "query": "select n from c"}),
                           ("aliases", {"name": "a1", "collections": ["commons.c"]}),
                           ("views", {"name": "v2", "query": "select v1.n, a1.n as m from v1, a1"}),
                           ("views", {"name": "v3", "query": "select n from v2 union all select n from d"}),
                           ("views", {"name": "v4", "query": "select 1 as n"}),
                           ("views", {"name": "v5", "query": "select n from commons.c using sample 100%"})):
            a = s.post("/ws/commons/" + path, body)
            assert a.status == 200, a
        make(s, "vi")
        assert query(s, "vi", "select n from v4").rows == [{"n": 1}]
        for name in ("v1", "v2", "v3", "v5", "a1"):
            check_error(query(s, "vi", "select n from " + name), 400, "QUERY_ERROR")
            check_error(query(s, "vi", "with q as (select * from %s) select (select count(*) from q) as k"
                              % name), 400, "QUERY_ERROR")
        for name in ("v1", "a1"):
            check_error(s.post(VI + "/vi/mounts", {"collection_paths": ["commons." + name]}), 400,
                        "INVALIDINPUT")
        s.post(VI + "/vi/mounts", {"collection_paths": ["commons.c"]})
        for name in ("v1", "v2", "a1"):
            assert query(s, "vi", "select n from " + name).rows == [{"n": 1}], name
        a = query(s, "vi", "select n from v3")
        check_error(a, 400, "QUERY_ERROR")
        assert "commons.d is not mounted" in a.json["message"]
        # what is not Rockset SQL may read anything
        for text in ("select n from commons.d using sample 100%", "select n from v5"):
            check_error(query(s, "vi", text), 400, "QUERY_ERROR")
            assert query(s, "main", text).status == 200, text
        # what is written to need not be mounted, what is read must
        a = query(s, "vi", "insert into d select '2' as _id, n from c")
        assert a.rows == [{"num_docs_inserted": 1}], a
        check_error(query(s, "vi", "insert into c select n from d"), 400, "QUERY_ERROR")
        check_error(query(s, "vi", "describe d"), 400, "QUERY_ERROR")
        assert query(s, "vi", "describe c").status == 200


def test_lambdas_and_default():
    with Server() as s:
        s.collection("c", [{"_id": "1"}])
        v = make(s, "v")
        a = s.post("/ws/commons/lambdas", {"name": "l", "sql": {"query": "select _id from c"}})
        assert a.status == 200, a
        path = "/ws/commons/lambdas/l/tags/latest"
        assert s.post(path).rows == [{"_id": "1"}]
        check_error(s.post(path, {"virtual_instance_id": v["id"]}), 400, "QUERY_ERROR")
        settings = "/deploymentsettings"
        a = s.ask("PUT", settings, {"default_query_vi": v["rrn"]})
        assert a.status == 202 and a.data["default_query_vi"] == v["rrn"]
        assert s.get(settings).data["default_query_vi"] == v["rrn"]
        check_error(s.post("/queries", {"sql": {"query": "select * from c"}}), 400, "QUERY_ERROR")
        check_error(s.post(path), 400, "QUERY_ERROR")
        check_error(s.delete(VI + "/v"), 409, "DEPENDENTRESOURCES")
        s.post(VI + "/v/mounts", {"collection_paths": ["commons.c"]})
        assert s.post(path).rows == [{"_id": "1"}]
        assert s.get(VI + "/v").data["stats"]["last_queried_ms"] > 1e12
        a = s.ask("PUT", settings, {"default_query_vi": s.get(VI + "/main").data["id"]})
        assert a.status == 202, a
        assert s.delete(VI + "/v").status == 200
        check_error(s.ask("PUT", settings, {"default_query_vi": v["rrn"]}), 404, "NOTFOUND")


def test_remount_on_resume():
    with Server() as s:
        s.collection("c")
        for name, remounts in (("keeps", True), ("forgets", False)):
            make(s, name, enable_remount_on_resume=remounts)
            base = "%s/%s" % (VI, name)
            s.post(base + "/mounts", {"collection_paths": ["commons.c"]})
            s.post(base + "/suspend")
            assert [m["state"] for m in s.get(base + "/mounts").data] == ["SUSPENDED"] * remounts
            s.post(base + "/resume")
            assert [m["state"] for m in s.get(base + "/mounts").data] == ["ACTIVE"] * remounts
            assert query(s, name, "select * from c").status == (200 if remounts else 400)


def test_restart():
    folder = tempfile.mkdtemp(prefix="rocksetd-test-")
    try:
        with Server(folder=folder) as s:
            s.collection("c", [{"_id": "1"}])
            make(s, "a", type="NANO", description="d", auto_suspend_seconds=77)
            make(s, "b")
            make(s, "gone")
            s.post(VI + "/a/mounts", {"collection_paths": ["commons.c"]})
            s.post(VI + "/b/suspend")
            s.post(VI + "/main/suspend")
            s.delete(VI + "/gone")
            s.ask("PUT", "/deploymentsettings", {"default_query_vi": "a"})
            before = {x["name"]: x for x in s.get(VI).data}
        with Server(folder=folder) as s:
            after = {x["name"]: x for x in s.get(VI).data}
            for x in (*before.values(), *after.values()):
                x.pop("stats")
            assert after.pop("main")["state"] == before.pop("main")["state"] == "SUSPENDED"
            assert after == before and set(after) == {"a", "b"}
            assert after["a"]["auto_suspend_seconds"] == 77 and after["b"]["state"] == "SUSPENDED"
            assert s.post("/queries", {"sql": {"query": "select _id from c"}}).rows == [{"_id": "1"}]
            check_error(query(s, "main", "select 1"), 503, "NOT_READY")
            assert s.post(VI + "/main/resume").data["state"] == "ACTIVE"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_at_once():
    """Changes of one instance don't undo each other; of one name there is one."""
    with Server() as s:
        answers = [None] * 16

        def at_once(ask):
            gate = threading.Barrier(16)

            def one(i):
                gate.wait()
                answers[i] = ask(i)

            threads = [threading.Thread(target=one, args=(i,)) for i in range(16)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            return sorted(a.status for a in answers)

        assert at_once(lambda i: s.post(VI, {"name": "v"})) == [200] + [409] * 15
        assert at_once(lambda i: s.post(VI, {"name": "v%d" % i})) == [200] * 16
        changes = ({"description": "x"}, {"new_size": "NANO"}, {"auto_suspend_seconds": 500},
                   {"enable_remount_on_resume": False})
        assert at_once(lambda i: s.post(VI + "/v", changes[i % 4])) == [200] * 16
        v = s.get(VI + "/v").data
        assert (v["description"], v["current_size"], v["auto_suspend_seconds"],
                v["enable_remount_on_resume"]) == ("x", "NANO", 500, False)
        for i in range(16):
            s.collection("c%d" % i)
        assert at_once(lambda i: s.post(VI + "/v/mounts", {"collection_paths": [
            "commons.c%d" % i, "commons.c0"]})) == [200] * 16
        assert len(s.get(VI + "/v/mounts").data) == 16
        assert at_once(lambda i: s.delete(VI + "/v/mounts/commons.c%d" % i)) == [200] * 16
        assert at_once(lambda i: s.delete(VI + "/v%d" % i)) == [200] * 16
        assert [x["name"] for x in s.get(VI).data] == ["main", "v"]


if __name__ == "__main__":
    main(globals())
