"""What the tests of rocksetd share: starting one on a free port, talking to it, reporting in TAP.

ROCKSETD names the program, DUCKDB_LIBRARY the engine, DATA the folder of data files. Every wait is
bounded, and every server that is started is stopped.
"""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROCKSETD = os.environ.get("ROCKSETD", os.path.join(ROOT, "build", "rocksetd"))
DATA = os.environ.get("DATA", os.path.join(ROOT, "build", "deps", "vega-datasets", "data"))
os.environ.setdefault("DUCKDB_LIBRARY",
                      os.path.join(ROOT, "build", "deps", "duckdb", "libduckdb.so"))
ORG = "/v1/orgs/self"
ADMIN = "an admin key for tests"
WAIT = 60


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def rows(self):
        return self.json["results"]

    @property
    def data(self):
        return self.json["data"]

    def __repr__(self):
        return "%d %r" % (self.status, self.body[:600])


class Server:
    """One rocksetd; `with Server(...) as s:` stops it."""

    def __init__(self, *args, database=None, env=None, key=ADMIN, folder=None, ready=True,
                 place=None):
        """place: the arguments that say where the data is, instead of a DuckDB file."""
        self.folder = folder or tempfile.mkdtemp(prefix="rocksetd-test-")
        self.own_folder = folder is None
        self.database = database or os.path.join(self.folder, "data.duckdb")
        self.key = key
        environment = dict(os.environ, TMPDIR=self.folder, **(env or {}))
        if key:
            environment["ROCKSETD_ADMIN_KEY"] = key
        self.log = os.path.join(self.folder, "access.log")
        self.err = open(os.path.join(self.folder, "stderr"), "w+")
        self.process = subprocess.Popen(
            [ROCKSETD, *(place or ("--database", self.database)), "--listen", "127.0.0.1:0",
             "--access-log", self.log, *args], stdout=subprocess.PIPE, stderr=self.err, env=environment, text=True)
        self.used = set()
        self.port = None
        if ready:
            line = self.process.stdout.readline()
            assert "listening on " in line, "did not start: %r %s" % (line, self.stderr())
            self.url = line.split("listening on ")[1].strip()
            self.port = int(self.url.rsplit(":", 1)[1])

    def stderr(self):
        self.err.flush()
        with open(self.err.name) as f:
            return f.read()

    def connect(self, timeout=WAIT):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, key="", headers=None, timeout=WAIT):
        """A request of its own connection. body: an object becomes JSON, bytes and text stay."""
        head = dict(headers or {})
        key = self.key if key == "" else key
        if key:
            head.setdefault("Authorization", "ApiKey " + key)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None:
            head.setdefault("Content-Type", "application/json")
        c = self.connect(timeout)
        try:
            c.request(method, path if path.startswith("/v1") or path in ("/", "/healthz", "/metrics")
                      else ORG + path, body, head)
            r = c.getresponse()
            return Answer(r.status, r.headers, r.read().decode())
        finally:
            c.close()

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)

    def delete(self, path, **more):
        return self.ask("DELETE", path, **more)

    def sql(self, text, params=None, **more):
        """A query that must succeed."""
        key = more.pop("key", "")
        a = self.post("/queries", dict({"sql": {"query": text, "parameters": params}}, **more),
                      key=key)
        assert a.status == 200, (text, a)
        return a

    def fails(self, text, status=400, kind="QUERY_ERROR", params=None, **more):
        a = self.post("/queries", dict({"sql": {"query": text, "parameters": params}}, **more))
        check_error(a, status, kind)
        return a

    def collection(self, name, docs=None, workspace="commons"):
        a = self.post("/ws/%s/collections" % workspace, {"name": name})
        assert a.status == 200, a
        if docs:
            a = self.post("/ws/%s/collections/%s/docs" % (workspace, name), {"data": docs})
            assert a.status == 200, a

    def stop(self, how=signal.SIGTERM, wait=WAIT):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(wait)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("did not stop within %d s" % wait)
        self.process.stdout.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            code = self.stop()
            text = self.stderr()
            assert "Sanitizer" not in text and "runtime error" not in text, text
            assert code in (0, -signal.SIGKILL), (code, text[-2000:])
        finally:
            self.err.close()
            if self.own_folder:
                shutil.rmtree(self.folder, ignore_errors=True)


def check_error(a, status, kind):
    """The API's error object, whole."""
    assert a.status == status, a
    assert a.headers["Content-Type"] == "application/json", dict(a.headers)
    e = a.json
    assert e["type"] == kind, a
    assert isinstance(e["message"], str) and e["message"], a
    assert isinstance(e["trace_id"], str) and len(e["trace_id"]) == 36, a
    for name in ("line", "column"):
        assert e[name] is None or isinstance(e[name], int), a


def until(condition, what, seconds=WAIT):
    end = time.time() + seconds
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("not within %d s: %s" % (seconds, what))


def run(*args, env=None):
    """The program to its end: status, output, errors."""
    p = subprocess.run([ROCKSETD, *args], capture_output=True, text=True, timeout=WAIT,
                       env=dict(os.environ, **(env or {})))
    return p.returncode, p.stdout, p.stderr


def main(names):
    """Runs every function test_* of the module in order and reports in TAP."""
    tests = [(n, f) for n, f in names.items() if n.startswith("test_") and callable(f)]
    if len(sys.argv) > 1:
        tests = [(n, f) for n, f in tests if n in sys.argv[1:]]
    print("1..%d" % len(tests))
    failed = 0
    for i, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d - %s" % (i, name), flush=True)
        except Exception:
            failed += 1
            print("not ok %d - %s" % (i, name))
            print("# " + traceback.format_exc().replace("\n", "\n# "), flush=True)
    sys.exit(1 if failed else 0)
