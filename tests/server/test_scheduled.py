"""Scheduled query lambdas: what is accepted, and what a real minute's turn does: queries, inserts,
webhooks, failures of each kind; what survives the server's end.

Two servers wait for the same minute together, so that the file takes a little more than one."""
import ctypes
import http.server
import json
import os
import re
import shutil
import signal
import tempfile
import threading
import time

from harness import ADMIN, Server, check_error, main, until

SECRET = "hook-s3cr3t-value"
CALLS = []
RELEASE = threading.Event()  # what /slow waits for
MINUTE = 80


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        CALLS.append((self.path, dict(self.headers), body))
        if self.path == "/slow":
            RELEASE.wait(18)
        status = int(re.search(r"\d{3}", self.path + " 200").group())
        try:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/followed")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")
        except OSError:
            pass  # it has gone

    def log_message(self, *_):
        pass


HOOKS = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=HOOKS.serve_forever, daemon=True).start()
HOOK = "127.0.0.1:%d" % HOOKS.server_address[1]
FOLDER = tempfile.mkdtemp(prefix="rocksetd-test-")
ENV = {"ROCKSETD_WEBHOOK_TEST": HOOK + " Bearer " + SECRET,
       "ROCKSETD_WEBHOOK_OTHER": "hooks.example.com Bearer another-s3cr3t"}
S = OPEN = None
BASE = "/ws/commons/scheduled_lambdas"
MADE = {}


def calls(path):
    return [c for c in CALLS if c[0] == path]


def make(s, **more):
    body = {"ql_name": "q", "tag": "latest", "cron_string": "* * * * *", "apikey": ADMIN}
    return s.post(BASE, {k: v for k, v in dict(body, **more).items() if v is not None})


def made(s, name, **more):
    a = make(s, **more)
    assert a.status == 200, (name, a)
    MADE[name] = a.data["rrn"]
    return a.data


def get(s, name):
    return s.get(BASE + "/" + MADE[name]).data


def key(role):
    a = S.post("/users/self/apikeys", {"name": "k-" + role + str(len(MADE)), "role": role})
    assert a.status == 200, a
    return a.data["name"], a.data["key"]


def add_lambdas(s):
    for name, sql, defaults in (
            ("q", "select :n as n, 'a\"b' as t", [{"name": "n", "type": "int", "value": "7"}]),
            ("ins", "insert into made select 1 as one", []),
            ("gone", "select 1", []),
            ("broken", "select * from there_is_no_such_collection", [])):
        a = s.post("/ws/commons/lambdas", {"name": name, "sql": {"query": sql,
                                                                 "default_parameters": defaults}})
        assert a.status == 200, a


def test_start():
    global S, OPEN
    S = Server("--webhook-hosts", HOOK, folder=FOLDER, env=ENV)
    OPEN = Server()
    add_lambdas(S)
    S.collection("made")
    add_lambdas(OPEN)
    assert S.get("/lambdas/scheduled_lambdas").data == []


def test_refused():
    for more in ({"cron_string": "0 0 30 2 *"}, {"cron_string": "* * * *"},
                 {"cron_string": "61 * * * *"}, {"cron_string": 5}, {"cron_string": None},
                 {"apikey": None}, {"apikey": "no such key"}, {"ql_name": None}, {"tag": None},
                 {"version": "0123456789abcdef"}, {"total_times_to_execute": 0},
                 {"webhook_payload": "{}"}, {"webhook_auth_header": "env:ROCKSETD_WEBHOOK_TEST"}):
        check_error(make(S, **more), 400, "INVALIDINPUT")
    check_error(make(S, ql_name="none"), 404, "NOTFOUND")
    check_error(make(S, tag="none"), 404, "NOTFOUND")
    check_error(S.post("/ws/none/scheduled_lambdas", {
        "ql_name": "q", "tag": "latest", "cron_string": "* * * * *", "apikey": ADMIN}), 404,
        "NOTFOUND")
    a = make(S, cron_string="0 0 31 4 *")
    assert a.json["message"] == \
        "'cron_string': cron string '0 0 31 4 *': there is no such date, in no year", a
    name, text = key("read-only")
    check_error(S.post(BASE, {"ql_name": "q", "tag": "latest", "cron_string": "* * * * *",
                              "apikey": text}, key=text), 403, "FORBIDDEN")
    for method in ("GET", "POST", "DELETE"):
        check_error(S.ask(method, BASE + "/rrn:sl:local:none", {}), 404, "NOTFOUND")


def test_webhook_urls():
    for url in ("ftp://x/", "file:///etc/passwd", "https://", "https://u:p@x/", "https://x y/",
                "https://x/a b", "https://x/#f", "https://x:0/", "https://x:99999/",
                "https://x\\@y/", "https://[::1/", "https://x%2ey/", "gopher://x", "x.example.com"):
        check_error(make(OPEN, webhook_url=url), 400, "INVALIDINPUT")
    # without a list: https only; with one: nothing else
    check_error(make(OPEN, webhook_url="http://hooks.example.com/x"), 403, "FORBIDDEN")
    check_error(make(OPEN, webhook_url="http://" + HOOK), 403, "FORBIDDEN")
    for url in ("https://hooks.example.com/x", "http://127.0.0.1:1/", "http://localhost/",
                "http://127.0.0.1.example.com/", "https://169.254.169.254/latest/meta-data"):
        check_error(make(S, webhook_url=url), 403, "FORBIDDEN")
    for payload in ("{", "{{QUERY_RESULTS}}}", '"', "{{QUERY_RESULT}}"):
        check_error(make(S, webhook_url="http://%s/" % HOOK, webhook_payload=payload), 400,
                    "INVALIDINPUT")
    # a secret is never taken in clear, nor one that is for another host, or is not there
    for auth, status in (("bearer xyz", 400), ("env:HOME", 400), ("env:ROCKSETD_ADMIN_KEY", 400),
                         ("env:ROCKSETD_WEBHOOK_NONE", 400), ("env:ROCKSETD_WEBHOOK_OTHER", 403)):
        a = make(S, webhook_url="http://%s/" % HOOK, webhook_auth_header=auth)
        check_error(a, status, "INVALIDINPUT" if status == 400 else "FORBIDDEN")
        assert "xyz" not in a.body and "s3cr3t" not in a.body, a
    assert S.get("/lambdas/scheduled_lambdas").data == []


def test_made():
    hook = "http://%s/" % HOOK
    d = made(S, "plain", webhook_url=hook + "plain?x=1")
    assert re.match("^rrn:sl:local:[0-9a-f-]{36}$", d["rrn"])
    assert (d["ql_name"], d["tag"], d["workspace"]) == ("q", "latest", "commons")
    assert d["execution_count"] == 0 and d["cron_string"] == "* * * * *"
    assert re.match(r"^20..-..-..T..:..:00Z$", d["next_execution_date"]), d
    assert "apikey" not in d and "last_query_id" not in d and "query_execution_status" not in d
    assert get(S, "plain") == d
    assert S.get(BASE + "/" + d["rrn"].split(":")[-1]).data == d
    assert S.get(BASE + "/" + d["rrn"].replace(":", "%3A")).data == d
    check_error(S.get("/ws/other/scheduled_lambdas/" + d["rrn"]), 404, "NOTFOUND")
    made(S, "filled", webhook_url=hook + "filled",
         webhook_auth_header="env:ROCKSETD_WEBHOOK_TEST",
         webhook_payload='{"text": "query {{QUERY_ID}}: {{QUERY_RESULTS}}", "id": {{QUERY_ID}}, '
                         '"rows": {{QUERY_RESULTS}}, "no \\"quotes\\"": "{{OTHER}}"}')
    version = S.get("/ws/commons/lambdas/ins/versions").data[0]["version"]
    made(S, "insert", ql_name="ins", tag=None, version=version, total_times_to_execute=1)
    made(S, "broken", ql_name="broken", webhook_url=hook + "never")
    made(S, "gone", ql_name="gone")
    assert S.ask("DELETE", "/ws/commons/lambdas/gone").status == 200
    reader, text = key("read-only")
    made(S, "may not", ql_name="ins", apikey=text)
    dropped, text = key("admin")
    made(S, "dropped key", apikey=text)
    assert S.ask("DELETE", "/users/self/apikeys/" + dropped).status == 200
    made(S, "later", cron_string="0 0 29 2 *")
    assert "-02-29T00:00:00Z" in get(S, "later")["next_execution_date"]
    made(S, "slow", webhook_url=hook + "slow")
    for status in ("404", "302", "500"):
        made(S, "hook " + status, webhook_url=hook + status)
    d = made(S, "deleted", webhook_url=hook + "deleted")
    assert S.ask("DELETE", BASE + "/" + d["rrn"]).data["rrn"] == d["rrn"]
    check_error(S.get(BASE + "/" + d["rrn"]), 404, "NOTFOUND")
    for name, url in (("loopback", "https://%s/x" % HOOK), ("metadata", "https://169.254.169.254/"),
                      ("name", "https://localhost:%s/x" % HOOK.split(":")[1]),
                      ("number", "https://2130706433/")):
        made(OPEN, name, webhook_url=url)
    listed = S.get("/lambdas/scheduled_lambdas").data
    assert len(listed) == len([n for n in MADE if n not in ("deleted", "loopback", "metadata",
                                                            "name", "number")])


def test_changed():
    p = BASE + "/" + MADE["later"]
    for body in ({"cron_string": "* * * * *"}, {"ql_name": "x"}, {"apikey": "none"},
                 {"total_times_to_execute": -1}, {"webhook_payload": "{}"},
                 {"resume_permanent_error": 1}):
        check_error(S.post(p, body), 400, "INVALIDINPUT")
    check_error(S.post(p, {"webhook_url": "https://elsewhere.example.com/"}), 403, "FORBIDDEN")
    d = S.post(p, {"total_times_to_execute": 3, "webhook_url": "http://%s/l" % HOOK,
                   "webhook_payload": "[]", "apikey": ADMIN}).data
    assert d["total_times_to_execute"] == 3 and d["webhook_payload"] == "[]", d
    assert d == get(S, "later")
    d = S.post(p, {"webhook_url": "", "webhook_payload": ""}).data
    assert "webhook_url" not in d and "webhook_payload" not in d


def test_the_minute():
    names = ["plain", "filled", "insert", "broken", "gone", "may not", "dropped key", "hook 404",
             "hook 302", "hook 500"]

    def ran(s, name):
        d = get(s, name)
        return d["execution_count"] > 0 and ("last_query_id" in d or "query_execution_status" in d)
    until(lambda: all(ran(S, n) for n in names), "every schedule has run", MINUTE)
    until(lambda: all("webhook_execution_status" in get(OPEN, n)
                      for n in ("loopback", "metadata", "name", "number")), "and its webhook", 30)
    until(lambda: len(S.sql("select 1 from _events where kind = 'QUERY'").rows) >= len(names), "events are written", 30)


def test_queries():
    d = get(S, "plain")
    assert d["execution_count"] >= 1 and "query_execution_status" not in d, d
    assert "webhook_execution_status" not in d and d["last_completion_date"].endswith("Z"), d
    assert d["next_execution_date"] > d["last_completion_date"]
    # the result is kept, as any other
    a = S.get("/queries/%s/pages" % d["last_query_id"])
    assert a.rows == [{"n": 7, "t": 'a"b'}], a
    info = S.get("/queries/" + d["last_query_id"]).data
    assert info["status"] == "COMPLETED" and ":n" in info["sql"]
    assert S.sql("select one from made").rows == [{"one": 1}]
    d = get(S, "insert")
    assert d["execution_count"] == 1 and "next_execution_date" not in d, "its one time is over"
    stats = S.get("/ws/commons/lambdas/q/tags/latest").data["version"]["stats"]
    assert stats["last_executed"] and not stats["last_execution_error"]


def test_failures():
    for name, why in (("broken", "there_is_no_such_collection"), ("gone", "is there no more"),
                      ("may not", "lacks the privilege WRITE_DATA_WS"),
                      ("dropped key", "is there no more")):
        d = get(S, name)
        assert d["query_execution_status"]["state"] == "ERROR", d
        assert why in d["query_execution_status"]["message"], d
        assert "next_execution_date" not in d and d["execution_count"] == 1, d
        assert "last_completion_date" not in d and "webhook_execution_status" not in d, d
    assert not calls("/never"), "a failed query has no result to tell of"
    assert S.sql("select count(*) n from made").rows == [{"n": 1}]
    # resumed: it is due again, and says so until it has run
    d = S.post(BASE + "/" + MADE["broken"], {"resume_permanent_error": True}).data
    assert d["resume_permanent_error"] is True and d["next_execution_date"], d


def test_webhooks():
    (_, head, body), = calls("/plain?x=1")[:1]
    assert head["Content-Type"] == "application/json" and "Authorization" not in head
    assert head["User-Agent"].startswith("rocksetd/")
    j = json.loads(body)
    assert j["results"] == [{"n": 7, "t": 'a"b'}] and list(j) == ["query_id", "results"]
    (_, head, body), = calls("/filled")[:1]
    assert head["Authorization"] == "Bearer " + SECRET
    j = json.loads(body)
    assert j["rows"] == [{"n": 7, "t": 'a"b'}] and j['no "quotes"'] == "{{OTHER}}"
    assert j["text"] == "query %s: %s" % (j["id"], '[{"n":7,"t":"a\\"b"}]'), j
    for status, state in (("404", "ERROR"), ("500", "WARNING"), ("302", "ERROR")):
        d = get(S, "hook " + status)
        assert d["webhook_execution_status"]["state"] == state, d
        assert HOOK in d["webhook_execution_status"]["message"], d
        assert "query_execution_status" not in d and "next_execution_date" in d, d
        assert len(calls("/" + status)) <= d["execution_count"], "told once"
    assert not calls("/followed") and not calls("/deleted")
    for name in ("loopback", "metadata", "name", "number"):
        d = get(OPEN, name)
        assert d["webhook_execution_status"]["state"] == "ERROR", d
        assert "not one of the public internet" in d["webhook_execution_status"]["message"], d
    assert not calls("/x")


def test_events():
    rows = S.sql("select * from _events where kind = 'QUERY'").rows
    assert all(r["user_email"] and r["_event_time"] for r in rows)
    assert {"QUERY_SUCCESS", "QUERY_ERROR"} == {r["label"] for r in rows}
    bad = [r for r in rows if (r.get("query_lambda") or "").startswith("commons.broken:")]
    assert bad[0]["type"] == "ERROR" and "there_is_no_such_collection" in bad[0]["details"], bad
    assert MADE["broken"] in bad[0]["details"]
    hook = [r for r in rows if MADE["hook 404"] in r["details"]][0]
    assert hook["type"] == "WARNING" and "its webhook failed" in hook["details"], hook
    good = [r for r in rows if MADE["insert"] in r["details"]]
    assert [r["type"] for r in good] == ["INFO"] and good[0]["query_id"], good


def start_again():
    global S
    S = Server("--webhook-hosts", HOOK, folder=FOLDER, env=ENV)


def end(how):
    """What it has shown."""
    S.stop(how)
    shown = S.stderr()
    S.err.close()
    return shown


def test_stopped_while_a_webhook_waits():
    before = {n: get(S, n) for n in ("insert", "dropped key", "later")}
    assert calls("/slow")
    began = time.time()
    shown = end(signal.SIGTERM)
    assert time.time() - began < 9, "it does not wait for the webhook"
    assert SECRET not in shown and ADMIN not in shown
    RELEASE.set()
    start_again()
    for name, d in before.items():
        assert get(S, name) == d, name
    d = get(S, "slow")
    assert d["webhook_execution_status"]["state"] == "WARNING", d
    assert "query_execution_status" not in d and "next_execution_date" in d, d


def execute(sql):
    """In the file that no server has."""
    lib = ctypes.CDLL(os.environ["DUCKDB_LIBRARY"])
    db, connection, result = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.create_string_buffer(256)
    assert lib.duckdb_open(os.path.join(FOLDER, "data.duckdb").encode(), ctypes.byref(db)) == 0
    assert lib.duckdb_connect(db, ctypes.byref(connection)) == 0
    assert lib.duckdb_query(connection, sql.encode(), result) == 0
    lib.duckdb_destroy_result(result)
    lib.duckdb_disconnect(ctypes.byref(connection))
    lib.duckdb_close(ctypes.byref(db))


def test_after_a_crash():
    d = get(S, "later")
    end(signal.SIGKILL)
    # as if its time had come while there was no server
    execute("update _rockset.entities set body = replace(body, '\"next\":', '\"next\":60,\"x\":') "
            "where kind = 'schedule' and name = '%s'" % d["rrn"].split(":")[-1])
    start_again()
    until(lambda: "-02-29T" in get(S, "later").get("next_execution_date", ""), "it is passed over")
    assert get(S, "later") == d, "and not made up"
    # nothing keeps a secret
    for root, _, files in os.walk(FOLDER):
        for f in files:
            with open(os.path.join(root, f), "rb") as x:
                text = x.read()
            assert SECRET.encode() not in text and ADMIN.encode() not in text, f
    everything = json.dumps(S.get("/lambdas/scheduled_lambdas").data) + \
        json.dumps(S.sql("select * from _events").rows)
    assert SECRET not in everything and ADMIN not in everything


def test_stop():
    S.stop()
    OPEN.stop()
    HOOKS.shutdown()
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.rmtree(OPEN.folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main(globals())
    finally:
        for server in (S, OPEN):
            if server is not None and server.process.poll() is None:
                server.process.kill()
