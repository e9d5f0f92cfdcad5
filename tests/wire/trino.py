#!/usr/bin/python3
"""A stand-in for a Trino coordinator, for tests in C: it knows no SQL, each statement has two pages.

Usage: trino.py        (wire.h with wire_program = "trino.py" runs it)

Standard input: a line with the script's length in bytes, then the script. Runs until standard input
ends. Standard output: `port N`.

The script, one command a line, of which the first counts whose REGEX is found in the statement:
    rows REGEX;NAME TYPE! NAME TYPE;JSON      its rows, an array of arrays; $1: the
                                              REGEX's first group
    error REGEX;NAME;TEXT                     its error
Any other statement changes one row.
"""
import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

rules, pages, number = [], {}, [0]
lock = threading.Lock()


def page_for(sql):
    for kind, pattern, *rest in rules:
        found = re.search(pattern, sql, re.S)
        if not found:
            continue
        if kind == "error":
            return {"error": {"message": rest[1], "errorName": rest[0], "errorType": "USER_ERROR"}}
        columns = [c.split(" ", 1) for c in rest[0].split("! ")]
        return {"columns": [{"name": n, "type": t} for n, t in columns], "data": json.loads(found.expand(rest[1].replace("\\", "\\\\").replace("$1", "\\1")))}
    return {"columns": [{"name": "rows", "type": "bigint"}], "data": [[1]], "updateCount": 1}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, page):
        data = json.dumps(page).encode() if page is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        sql = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with lock:
            number[0] += 1
            path = "/v1/statement/%d" % number[0]
            pages.clear()
            pages[path] = page_for(sql)
        self.answer(200, {"id": "q", "nextUri": "http://%s%s" % (self.headers["Host"], path)})

    def do_GET(self):
        if self.path == "/v1/info":
            return self.answer(200, {"nodeVersion": {"version": "476"}})
        page = pages.get(self.path)
        return self.answer(200 if page else 404, page and dict({"id": "q"}, **page))

    def do_DELETE(self):
        self.answer(204, None)


def main():
    for line in sys.stdin.buffer.read(int(sys.stdin.buffer.readline())).decode().splitlines():
        kind, rest = line.split(" ", 1)
        rules.append([kind] + rest.split(";", 2))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # clients that hang up are what some tests are about
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write("port %d\n" % server.server_address[1])
    sys.stdout.flush()
    sys.stdin.buffer.read()


main()
