"""The process: its command line, keys and roles, signals, what a kill leaves, logs, TLS."""
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time
import http.client

from harness import ADMIN, DATA, ORG, ROCKSETD, ROOT, Server, check_error, main, run, until

SLOW = "select count(*) n from range(100000000000) where md5(CAST(range AS varchar)) = 'x'"


# ---- the command line ----------------------------------------------------------------------------

def test_help_and_version():
    status, out, _ = run("--help")
    assert status == 0 and "--database" in out and "--max-body" in out
    status, out, _ = run("--version")
    assert status == 0 and re.fullmatch(r"rocksetd \d+\.\d+\.\d+\n", out), out


def test_bad_arguments():
    for args, text in [
            ([], "--database"), (["--datbase", "x"], "did you mean --database?"),
            (["--database"], "value is missing"),
            (["--database", "x", "--profile", "p"], "exclude each other"),
            (["--database", "x", "--listen", "127.0.0.1:70000"], "0 to 65535"),
            (["--database", "x", "--listen", "::1:80"], "[::1]:8080"),
            (["--database", "x", "--listen", "0.0.0.0:0"], "--allow-plain-http"),
            (["--database", "x", "--tls-cert", "c"], "go together"),
            (["--database", "x", "--max-body", "12k"], "whole number"),
            (["--database", "x", "--load", "nothing"], "WORKSPACE.COLLECTION=FILE"),
            (["--database", "x", "--load-options", "{}"], "behind the --load"),
            (["--database", "x", "--load", "a.b=c", "--load-options", "{}", "--load-options", "{}"],
             "write it once"),
            (["--database", "x", "--load", "a.b=c", "--load-options", '{"nul":"NA"}'], "'null'"),
            (["--database", "x", "--load", "a.b=c", "--load-options", '{"header":2}'],
             "--load-options: option 'header' is true or false"),
            (["--database", "x", "--load", "a.b=c", "--load-options", '{"mode":"append"}'],
             "leaves a collection alone"),
            (["--database", "x", "--role", "admin"], "key create"),
            (["key"], "key create"),
            (["key", "create", "--database", "x", "--role", "king"], "admin, write or read")]:
        status, _, err = run(*args)
        assert status == 2 and text in err, (args, status, err)


def test_what_can_not_be_opened():
    for args, text in [
            (["--database", "/nonexistent/x.duckdb"], "/nonexistent/x.duckdb"),
            (["--database", ":memory:", "--load", "a.b=/nonexistent.json", "--listen",
              "127.0.0.1:0"], "/nonexistent.json"),
            (["--profiles-dir", "/nonexistent"], "/nonexistent"),
            (["--database", ":memory:", "--tls-cert", "/nonexistent", "--tls-key", "x"],
             "/nonexistent")]:
        status, _, err = run(*args)
        assert status == 1 and text in err, (args, status, err)
    with tempfile.TemporaryDirectory() as folder:  # the shell's file, not the one beside it
        file = os.path.join(folder, "app.db")
        db = sqlite3.connect(file)
        db.execute("CREATE TABLE t(a)")
        db.close()
        for args in (["--database", file], ["key", "create", "--database", file]):
            status, _, err = run(*args)
            assert status == 1 and file + " is a SQLite database" in err and file + ".duckdb" in err, (args, status, err)
    status, _, err = run("--database", ":memory:", env={"ROCKSETD_ADMIN_KEY": "short"})
    assert status == 1 and "at least 8" in err, err


def test_port_in_use():
    with Server() as s:
        status, _, err = run("--database", ":memory:", "--listen", "127.0.0.1:%d" % s.port)
        assert status == 1 and "can't listen" in err and "--listen" in err, err


def test_profile():
    with Server() as s:
        s.stop()
        with open(os.path.join(s.folder, "profiles.yml"), "w") as f:
            f.write("local:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n"
                    "      path: %s/other.duckdb\n" % s.folder)
        p = subprocess.Popen([ROCKSETD, "--profiles-dir", s.folder, "--profile", "local", "--listen",
                              "127.0.0.1:0", "--quiet"], stdout=subprocess.PIPE, text=True)
        try:
            assert "listening on" in p.stdout.readline()
        finally:
            p.terminate()
            assert p.wait(30) == 0
            p.stdout.close()
        assert os.path.exists(os.path.join(s.folder, "other.duckdb"))


def test_load():
    movies = os.path.join(DATA, "movies.json")
    with Server("--load", "commons.movies=" + movies, "--load", "w2.m=" + movies) as s:
        assert s.sql("select count(*) n from movies").rows == [{"n": 3201}]
        assert s.sql("select count(*) n from w2.m").rows == [{"n": 3201}]
        s.sql("insert into movies select 'x' as _id")
        s.stop()
        with Server("--load", "commons.movies=" + movies, folder=s.folder) as t:
            assert t.sql("select count(*) n from movies").rows == [{"n": 3202}], "loaded once"


def test_load_options():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.csv")
        with open(path, "w") as f:
            f.write("a;b\n1;NA\n2;7\n")
        options = '{"null": "NA", "delimiter": ";", "types": {"a": "TEXT"}, "id_field": "a"}'
        with Server("--load", "commons.t=" + path, "--load-options", options,
                    "--load", "commons.plain=" + path, "--load-options",
                    '{"delimiter": ";"}') as s:
            rows = s.sql("select _id, a, b from t order by a").rows
            assert rows == [{"_id": "1", "a": "1", "b": None}, {"_id": "2", "a": "2", "b": 7}], rows
            rows = s.sql("select a, b from plain order by a").rows
            assert rows == [{"a": 1, "b": "NA"}, {"a": 2, "b": "7"}], "each has its own options"


def test_load_keeps_texts():
    """What looks like a date is a string of the document, unless dates are asked for."""
    doc = {"_id": "1", "_event_time": "2024-01-01T02:00:00+02:00", "at": "2024-01-02T03:04:05Z",
           "day": "2024-01-02", "o": {"d": "2024-01-02"}, "l": ["2024-01-02"]}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("t.ndjson", json.dumps(doc) + "\n"), ("t.json", json.dumps([doc]))):
            path = os.path.join(folder, name)
            with open(path, "w") as f:
                f.write(text)
            with Server("--load", "commons.t=" + path, "--load", "commons.dates=" + path,
                        "--load-options", '{"dates": true}') as s:
                rows = s.sql("select * from t").rows
                assert rows == [dict(doc, _event_time="2024-01-01T00:00:00.000000Z")], rows
                rows = s.sql("select typeof(day) as d, typeof(at) as a from dates").rows
                assert rows == [{"d": "date", "a": "datetime"}], rows


# ---- keys ----------------------------------------------------------------------------------------

def test_no_key_no_entry():
    with Server() as s:
        for header in (None, "ApiKey wrong", "ApiKey", "Basic " + ADMIN, ADMIN, "ApiKey " + ADMIN[:-1],
                       "ApiKey " + ADMIN + "x"):
            a = s.get("/ws", key=None, headers={"Authorization": header} if header else {})
            check_error(a, 401, "AUTHEXCEPTION")
            assert ADMIN not in a.body and a.headers["WWW-Authenticate"], a
        for header in ("ApiKey ", "apikey ", "APIKEY  ", "bearer "):
            assert s.get("/ws", headers={"Authorization": header + ADMIN}).status == 200
        # a stranger does not learn which paths there are
        check_error(s.get("/nothing", key=None), 401, "AUTHEXCEPTION")
        assert s.get("/", key=None).status == 200
        a = s.post("/queries", {"sql": {"query": "select 1"}}, key=None)
        check_error(a, 401, "AUTHEXCEPTION")
    with Server("--metrics-public") as s:
        assert s.get("/metrics", key=None).status == 200


def test_roles():
    fixed = {"read": {"GET_ORG_GLOBAL", "GET_CURRENT_USER_GLOBAL", "LIST_USERS_GLOBAL",
                      "LIST_VI_GLOBAL", "LIST_WS_GLOBAL", "LIST_INTEGRATIONS_GLOBAL",
                      "LIST_ROLES_GLOBAL", "LIST_RESOURCES_WS", "QUERY_DATA_WS",
                      "EXECUTE_QUERY_LAMBDA_WS", "QUERY_VI"}}
    with Server() as s:
        keys = {}
        for role in ("read", "write", "admin"):
            keys[role] = s.post("/users/self/apikeys", {"name": role, "role": role}).data["key"]
        rows = [line.split(" ") for line in run("--routes")[1].splitlines()]
        assert len(rows) > 90
        for method, path, needs in rows:
            path = path.replace("{}", "nothing")
            needs = set(needs.replace("@*ALL*", "").split("|"))
            write = {n for n in needs if n.endswith("_WS")} | {"CREATE_WS_GLOBAL"}
            may = {"read": needs & (fixed["read"] | {"none"}), "admin": True,
                   "write": needs & (fixed["read"] | {"none"} | write)}
            for role in ("read", "write", "admin"):
                a = s.ask(method, path, key=keys[role])
                if may[role]:
                    assert a.status not in (401, 403), (method, path, role, a)
                else:
                    check_error(a, 403, "FORBIDDEN")
        s.collection("c")
        insert = "insert into c select 1 as a"
        a = s.post("/queries", {"sql": {"query": insert}}, key=keys["read"])
        check_error(a, 403, "FORBIDDEN")
        assert s.sql(insert, key=keys["write"]).status == 200
        a = s.post("/queries", {"sql": {"query": insert}, "async_options": {"client_timeout_ms":
                                                                          9000}}, key=keys["read"])
        check_error(a, 403, "FORBIDDEN")
        s.post("/ws/commons/lambdas", {"name": "l", "sql": {"query": insert}})
        a = s.post("/ws/commons/lambdas/l/tags/latest", {}, key=keys["read"])
        check_error(a, 403, "FORBIDDEN")
        # a reader stops its own queries only
        j = s.post("/queries", {"sql": {"query": SLOW}, "async": True}).json
        check_error(s.ask("DELETE", "/queries/" + j["query_id"], key=keys["read"]), 403, "FORBIDDEN")
        assert s.ask("DELETE", "/queries/" + j["query_id"], key=keys["write"]).status == 200
        j = s.post("/queries", {"sql": {"query": SLOW}, "async": True}, key=keys["read"]).json
        assert s.ask("DELETE", "/queries/" + j["query_id"], key=keys["read"]).status == 200


def test_key_create():
    with Server(key=None) as s:
        assert "no API key yet" in s.stderr()
        status, out, err = run("key", "create", "--database", s.database)
        assert status == 1 and out == "" and "locked" in err and "apikeys" in err, err
        s.stop()
        made = {}
        for role in ("admin", "write", "read"):
            status, out, err = run("key", "create", "--database", s.database, "--role", role,
                                   "--name", "of " + role)
            assert status == 0 and re.fullmatch("[0-9a-f]{64}\n", out), (out, err)
            assert out.strip() not in err
            made[role] = out.strip()
        status, _, err = run("key", "create", "--database", s.database, "--name", "of read")
        assert status == 1 and "exists already" in err, err
        with open(s.database, "rb") as f:
            content = f.read()
        assert made["admin"].encode() not in content, "only the hash is kept"
        with Server(key=None, folder=s.folder) as t:
            assert "no API key yet" not in t.stderr()
            assert t.get("/ws", key=made["read"]).status == 200
            check_error(t.post("/ws", {"name": "x"}, key=made["read"]), 403, "FORBIDDEN")
            assert t.post("/ws", {"name": "x"}, key=made["write"]).status == 200
            check_error(t.get("/users/self/apikeys", key=made["write"]), 403, "FORBIDDEN")
            assert len(t.get("/users/self/apikeys", key=made["admin"]).data) == 3


def test_no_secrets_in_logs():
    with Server() as s:
        k = s.post("/users/self/apikeys", {"name": "n", "role": "admin"}).data["key"]
        s.get("/ws?secret=hidden", key=k)
        s.get("/" + ADMIN.replace(" ", "%20"))
        s.sql("select 'private'")
        s.stop()
        with open(s.log) as f:
            text = f.read()
        text += s.stderr()
        for secret in (k, ADMIN, "hidden", "private"):
            assert secret not in text, secret
        lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        made, read, missing, asked = [next(x for x in lines if x["path"].endswith(end)) for end in (
            "/apikeys", "/ws", "tests", "/queries")]  # a line is written behind its answer, in whatever order
        assert len(lines) == 4 and [x["status"] for x in (made, read, missing, asked)] == [200, 200, 404, 200], lines
        assert made["route"] == "/v1/orgs/self/users/self/apikeys" and read["key"] == "n"
        assert asked["query_id"] and asked["rows"] == 1


# ---- bodies and connections -----------------------------------------------------------------------

def test_body_limits():
    with Server("--max-body", "5000") as s:
        s.collection("c")
        path = "/ws/commons/collections/c/docs"
        check_error(s.post(path, {"data": [{"t": "x" * 6000}]}), 413, "CONTENTTOOLARGE")
        # no length announced
        c = s.connect()
        c.request("POST", ORG + path, iter([b'{"data":[{"t":"' + b"x" * 6000, b'"}]}']),
                  {"Authorization": "ApiKey " + ADMIN, "Transfer-Encoding": "chunked"},
                  encode_chunked=True)
        r = c.getresponse()
        assert r.status == 413 and json.loads(r.read())["type"] == "CONTENTTOOLARGE"
        c.close()
        assert s.post(path, {"data": [{"t": "x" * 3000}]}).status == 200
    with Server("--max-documents", "2") as s:
        s.collection("c")
        check_error(s.post("/ws/commons/collections/c/docs", {"data": [{}, {}, {}]}), 400,
                    "INVALIDINPUT")


def test_keep_alive():
    with Server() as s:
        c = s.connect()
        for i in range(20):
            c.request("GET", ORG + "/ws", headers={"Authorization": "ApiKey " + ADMIN})
            r = c.getresponse()
            assert r.status == 200 and json.loads(r.read())["data"]
            first = c.sock if i == 0 else first
            assert c.sock is first, "one connection"
        c.close()


def test_idle_connections_end():
    with Server("--idle-timeout", "1") as s:
        sock = socket.create_connection(("127.0.0.1", s.port), timeout=20)
        assert sock.recv(1) == b""
        sock.close()
        # what takes longer than that is not idle
        a = s.sql("select count(*) n from range(8000000) where md5(CAST(range AS varchar)) = 'x'")
        assert a.rows == [{"n": 0}]


def test_malformed_http():
    with Server() as s:
        for text in (b"garbage\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                     b"GET " + b"/x" * 100000 + b" HTTP/1.1\r\n\r\n", b"\x00\x01\x02"):
            sock = socket.create_connection(("127.0.0.1", s.port), timeout=10)
            sock.sendall(text)
            sock.shutdown(socket.SHUT_WR)
            try:
                while sock.recv(4096):
                    pass
            except ConnectionResetError:
                pass
            sock.close()
        assert s.get("/", key=None).status == 200


# ---- stopping ------------------------------------------------------------------------------------

def in_background(work):
    got = []
    t = threading.Thread(target=lambda: got.append(work()))
    t.start()
    return t, got


def test_sigterm_lets_finish():
    with Server("--stop-grace", "60") as s:
        query = "select count(*) n from range(20000000) where md5(CAST(range AS varchar)) = 'x'"
        t, got = in_background(lambda: s.post("/queries", {"sql": {"query": query}}))
        until(lambda: s.get("/queries").data, "running")
        assert s.stop() == 0
        t.join(10)
        assert got[0].status == 200 and got[0].rows == [{"n": 0}], got
        assert not os.path.exists(s.database + ".wal"), "all is in the file"


def test_sigterm_ends_what_is_slow():
    with Server("--stop-grace", "1") as s:
        t, got = in_background(lambda: s.post("/queries", {"sql": {"query": SLOW}}))
        s.post("/queries", {"sql": {"query": SLOW}, "async": True})
        until(lambda: len(s.get("/queries").data) == 2, "running")
        start = time.time()
        assert s.stop(signal.SIGINT) == 0
        assert time.time() - start < 20
        t.join(10)
        check_error(got[0], 503, "SERVICEUNAVAILABLE")


def test_no_new_work_while_stopping():
    with Server("--stop-grace", "5") as s:
        c = s.connect()
        c.request("GET", ORG + "/ws", headers={"Authorization": "ApiKey " + ADMIN})
        c.getresponse().read()
        s.post("/queries", {"sql": {"query": SLOW}, "async": True})
        s.process.send_signal(signal.SIGTERM)
        until(lambda: "stopping" in s.stderr(), "stopping")
        time.sleep(0.2)
        c.request("GET", ORG + "/ws", headers={"Authorization": "ApiKey " + ADMIN})
        r = c.getresponse()
        assert r.status == 503 and json.loads(r.read())["type"] == "SERVICEUNAVAILABLE"
        c.close()
        try:
            socket.create_connection(("127.0.0.1", s.port), timeout=5).close()
            raise AssertionError("a new connection")
        except ConnectionRefusedError:
            pass
        s.process.send_signal(signal.SIGTERM)  # the second one: at once
        assert s.process.wait(20) == 0


def test_kill_loses_nothing_that_was_answered():
    with Server() as s:
        s.collection("c")
        acknowledged = []

        def write(thread):
            for i in range(10000):
                name = "%d-%d" % (thread, i)
                try:
                    a = s.post("/ws/commons/collections/c/docs", {"data": [{"_id": name, "n": i}]})
                except OSError:
                    return
                except http.client.HTTPException:
                    return
                if a.status == 200:
                    acknowledged.append(name)
        threads = [threading.Thread(target=write, args=(t,)) for t in range(4)]
        for t in threads:
            t.start()
        until(lambda: len(acknowledged) > 100, "100 documents")
        s.sql("insert into c select 'inserted' as _id")
        s.stop(signal.SIGKILL)
        for t in threads:
            t.join(30)
        with Server(folder=s.folder) as t:
            there = {r["_id"] for r in t.sql("select _id from c").rows}
            lost = [x for x in acknowledged if x not in there]
            assert not lost and "inserted" in there, lost[:5]


def test_file_called_as_a_workspace():
    with tempfile.TemporaryDirectory() as folder:
        with Server(folder=folder, database=os.path.join(folder, "shop.duckdb")) as t:
            for name in ("shop", "memory"):
                assert t.post("/ws", {"name": name}).status == 200
                t.collection("orders", [{"_id": "1", "n": 5}, {"_id": "2", "n": 6}], name)
                assert t.sql("select sum(n) n from %s.orders" % name).rows == [{"n": 11}]
                a = t.ask("PATCH", "/ws/%s/collections/orders/docs" % name,
                          {"data": [{"_id": "1", "patch": [{"op": "REPLACE", "path": "/n",
                                                            "value": 8, "from": None}]}]})
                assert a.data[0]["status"] == "PATCHED", a
                assert t.sql("select n from %s.orders where _id = '1'" % name).rows == [{"n": 8}]
            a = t.post("/ws", {"name": "temp"})
            check_error(a, 400, "INVALIDINPUT")


# ---- TLS -----------------------------------------------------------------------------------------

def test_tls():
    with Server() as plain:
        folder = plain.folder
        cert, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key,
                        "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True,
                       capture_output=True)
        plain.stop()
        status, _, err = run("--database", ":memory:", "--listen", "127.0.0.1:0", "--tls-cert", key,
                             "--tls-key", cert)
        assert status == 1 and "--tls-cert" in err, err
        if "built without TLS" in err:  # as that of a wheel is
            return
        with Server("--tls-cert", cert, "--tls-key", key, folder=folder) as s:
            assert s.url.startswith("https://")
            context = ssl.create_default_context(cafile=cert)
            c = http.client.HTTPSConnection("localhost", s.port, context=context, timeout=30)
            body = json.dumps({"sql": {"query": "select range i, repeat('x', 50) t from range(99999)"}})
            c.request("POST", ORG + "/queries", body, {"Authorization": "ApiKey " + ADMIN})
            r = c.getresponse()
            assert r.status == 200 and len(json.loads(r.read())["results"]) == 99999
            c.close()


main(globals())
