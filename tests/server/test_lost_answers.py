"""Answers to documents that get lost between rocksetd and its target: nothing is sent twice, nobody
is told a failure for what was written, and what is not known is told as that.

One rocksetd stands in front of another one, with a proxy between them that hands requests on and
swallows some of the answers. Such a target has no transactions, as Trino has none.
"""
import http.client
import json
import os
import socketserver
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler

from harness import ADMIN, Server, main


class Proxy:
    """Hands requests to `port`. `swallow(method, path)` says of which the answer is lost; all are
    `late` by so many seconds."""

    def __init__(self, port):
        proxy = self
        self.swallow = lambda method, path: False
        self.writes = self.late = 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def hand_on(self):
                n = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(n)
                if self.path.endswith("/docs"):
                    proxy.writes += 1
                    time.sleep(0.1)  # others gather
                c = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                c.request(self.command, self.path, body, dict(self.headers))
                r = c.getresponse()
                text = r.read()
                c.close()
                time.sleep(proxy.late)
                if proxy.swallow(self.command, self.path):
                    self.close_connection = True
                    self.connection.shutdown(2)
                    return
                self.send_response(r.status)
                self.send_header("Content-Type", "application/json")
                if r.getheader("Content-Encoding"):
                    self.send_header("Content-Encoding", r.getheader("Content-Encoding"))
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = hand_on

            def log_message(self, *_):
                pass

        class Threaded(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, *_):
                pass  # who asked has gone

        self.server = Threaded(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Pair:
    """back: the target; front: what clients talk to."""

    def __enter__(self):
        self.back = Server().__enter__()
        self.proxy = Proxy(self.back.port).__enter__()
        self.folder = tempfile.TemporaryDirectory()
        output = {"type": "rockset", "api_key": ADMIN, "workspace": "commons",
                  "api_server": "http://127.0.0.1:%d" % self.proxy.port}
        with open(os.path.join(self.folder.name, "profiles.yml"), "w") as f:
            json.dump({"p": {"target": "t", "outputs": {"t": output}}}, f)
        self.front = Server(place=("--profiles-dir", self.folder.name, "--profile",
                                   "p")).__enter__()
        return self

    def __exit__(self, *what):
        try:
            self.front.__exit__(*what)
        finally:
            self.proxy.__exit__()
            self.back.__exit__(*what)
            self.folder.cleanup()


def together(pair, method, bodies):
    """All at once, the first one a little before; answers in the order of the bodies."""
    answers = [None] * len(bodies)

    def send(i):
        answers[i] = pair.front.ask(method, "/ws/commons/collections/c/docs", {"data": bodies[i]})

    threads = [threading.Thread(target=send, args=(i,)) for i in range(len(bodies))]
    for i, t in enumerate(threads):
        t.start()
        if i == 0:
            time.sleep(0.05)
    for t in threads:
        t.join()
    return answers


def fates(answers, good):
    """By _id: True written, None not known."""
    known = {}
    for a in answers:
        assert a.status in (200, 408, 500, 502), a
        for d in a.json.get("data", []):
            known[d["_id"]] = True if d["status"] in good else None
            if known[d["_id"]] is None:
                assert d["error"]["type"] == "UNKNOWN", a
        if a.status != 200:
            assert "not known" in a.json["message"], a
    return known


def test_patches_are_applied_once():
    with Pair() as pair:
        pair.back.collection("c", [{"_id": str(i), "n": 0} for i in range(12)])
        pair.proxy.swallow = lambda method, path: method == "PATCH"
        answers = together(pair, "PATCH", [
            [{"_id": str(i), "patch": [{"op": "increment", "path": "/n", "value": 1}]}]
            for i in range(12)])
        known = fates(answers, ("PATCHED",))
        assert len(known) == 12 and not any(known.values()), known
        assert pair.proxy.writes < 12, "they were not written together: nothing was tried"
        rows = {r["_id"]: r["n"] for r in pair.back.sql("select _id, n from c").rows}
        assert rows == {str(i): 1 for i in range(12)}, rows


def test_documents_are_not_doubled():
    """Without an _id each: the one that was made is told, and is that of the document."""
    with Pair() as pair:
        pair.back.collection("c")
        lost = []

        def swallow(method, path):
            if method == "POST" and path.endswith("/docs"):
                lost.append(path)
                return True
            return False

        pair.proxy.swallow = swallow
        answers = together(pair, "POST", [[{"n": i}, {"n": 100 + i}] for i in range(10)])
        assert lost
        known = fates(answers, ("ADDED", "REPLACED"))
        rows = pair.back.sql("select _id, n from c").rows
        assert sorted(r["n"] for r in rows) == sorted(list(range(10)) + list(range(100, 110))), rows
        assert set(known) == {r["_id"] for r in rows}, (known, rows)


def test_one_of_them_is_refused():
    """A common write that the target refuses as a whole is done one by one: no other's error."""
    with Pair() as pair:
        pair.back.collection("c")
        answers = together(pair, "POST", [[{"_id": str(i), "n": i}] for i in range(6)] + [[{"_id": 7}]])
        assert [a.status for a in answers] == [200] * 7, answers
        assert [a.data[0]["status"] for a in answers] == ["ADDED"] * 6 + ["ERROR"], answers
        assert pair.back.sql("select count(*) n from c").rows == [{"n": 6}]


if __name__ == "__main__":
    main(globals())
