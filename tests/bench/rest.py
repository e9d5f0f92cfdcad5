"""A virtual table over Rockset's REST API beside other ways to take the same answer.

1,000,000 rows x 8 columns come from rocksetd once; after that a relay on loopback serves the recorded
bodies as fast as the kernel copies them, so that what is measured is the reader and not the server. Each
case is a process of its own: medians of its time and of its peak memory.

  curl          downloads the body and drops it
  curl, cJSON   ... and parses it into a tree, visiting every value (BUILD/bench/cjson)
  Python client rockset 2.1.2, when `make test-clients` has installed it
"""
import http.client
import http.server
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.environ["BUILD"]
ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
KEY = "bench-admin-key-0123456789abcdef"

MAKE = """create table commons.t as
  select range as id, range %% 1000 as k, range * 1.5e0 as price, (range * 7919) %% 100003 as n,
         'name ' || range as name, 'city ' || (range %% 5000) as city,
         cast(cast(date '2000-01-01' + cast(range %% 3650 as integer) as date) as varchar) as day,
         range %% 2 = 0 as flag
  from range(%d)"""

ALL = ("SELECT count(id), count(k), count(price), count(n), count(name), count(city), count(day), "
       "count(flag) FROM v")
# SQLite's own work on the values, twice what reading them takes
SUMS = ("SELECT count(id), sum(k), sum(price), max(n), max(length(name)), max(length(city)), max(day), "
        "sum(flag) FROM v")
TWO = "SELECT sum(price), count(k) FROM v"

SCAN = """
import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.enable_load_extension(True)
db.load_extension(os.environ["ROCKSET_EXT"])
db.execute("SELECT rockset_profile('dev', 'p', ?)", (sys.argv[2],)).fetchall()
if len(sys.argv) == 4:
    db.execute("SELECT count(*) FROM v WHERE id < 0").fetchall()  # connect, as every case has
    started = time.perf_counter()
    rows = db.execute(sys.argv[3]).fetchall()
    print(time.perf_counter() - started, repr(rows), file=sys.stderr)
else:
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t')")
"""

CLIENT = """
import sys, time
from enum import Enum
from rockset import RocksetClient
class Host(str, Enum):
    here = sys.argv[1]
client = RocksetClient(api_key=sys.argv[2], host=Host.here)
started = time.perf_counter()
rows = client.sql(sys.argv[3]).results
print(time.perf_counter() - started, len(rows), file=sys.stderr)
"""


class Relay(http.server.BaseHTTPRequestHandler):
    """Forwards to rocksetd; what a query answered is kept in a file and served from there."""

    protocol_version = "HTTP/1.1"
    upstream, kept, lock, folder, asked = None, {}, threading.Lock(), None, []

    def log_message(self, *args):
        pass

    def answer(self):
        n = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(n)
        key = (self.command, self.path, body)
        with self.lock:
            if key not in self.kept:
                self.kept[key] = self.ask(body)
            status, path = self.kept[key]
        size = os.path.getsize(path)
        self.asked.append((self.command, self.path, body, size))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.flush()
        with open(path, "rb") as f:
            self.connection.sendfile(f)

    do_GET = do_POST = do_DELETE = answer

    def ask(self, body):
        c = http.client.HTTPConnection("127.0.0.1", self.upstream)
        c.request(self.command, self.path, body or None,
                  {"Authorization": "ApiKey " + KEY, "Content-Type": "application/json"})
        r = c.getresponse()
        path = os.path.join(self.folder, "body%d" % len(self.kept))
        with open(path, "wb") as f:
            while chunk := r.read(1 << 20):
                f.write(chunk)
        return r.status, path


def run(argv, env=None):
    """Seconds that the process printed (else its whole life), its peak memory in MB, its text."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as err:
        p = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=err, env=env)
        _, status, usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        err.seek(0)
        text = err.read().strip()
    if p.returncode != 0:
        sys.exit("%s\n%s" % (argv[0], text))
    said = re.match(r"([\d.]+) (.*)", text)
    return (float(said[1]) if said else seconds), usage.ru_maxrss / 1024, said[2] if said else ""


def start_server(folder):
    env = dict(os.environ, ROCKSETD_ADMIN_KEY=KEY)
    log = open(os.path.join(folder, "rocksetd.log"), "w+")
    p = subprocess.Popen([os.path.join(BUILD, "rocksetd"), "--listen", "127.0.0.1:0", "--database",
                          os.path.join(folder, "bench.duckdb")], env=env, stdout=log, stderr=log)
    for _ in range(200):
        log.seek(0)
        port = re.search(r"127\.0\.0\.1:(\d+)", log.read())
        if port:
            return p, int(port[1])
        time.sleep(0.05)
    p.kill()
    sys.exit("rocksetd does not start")


def main():
    folder = os.getcwd()
    # the table is made by the engine itself, before the server holds its file
    subprocess.run(["/usr/bin/python3", "-c", SCAN.replace('"CREATE VIRTUAL TABLE v USING rockset(\'commons.t\')"',
                    '"SELECT rockset_create_workspace(\'commons\')").fetchall(); '
                    'db.execute("SELECT rockset_exec(?)", (os.environ["MAKE"],)'),
                    ":memory:", json.dumps({"p": {"outputs": {"dev": {"type": "duckdb", "path":
                        os.path.join(folder, "bench.duckdb")}}}})],
                   env=dict(os.environ, MAKE=MAKE % ROWS), check=True)
    server, upstream = start_server(folder)
    try:
        measure(folder, upstream)
    finally:
        server.terminate()
        server.wait(30)


def record(argv):
    """The requests that a scan needs for its rows, and the bytes of their answers."""
    Relay.asked.clear()
    run(argv)
    first = next(i for i, a in enumerate(Relay.asked) if a[3] > 1 << 20)
    needed = [a for a in Relay.asked[first:] if a[3] > 1 << 20]
    return needed, sum(a[3] for a in needed)


def curl(url, requests, name, output, then=""):
    """All of them by one curl, over one connection."""
    parts = []
    for i, (method, path, body, _) in enumerate(requests):
        data = ""
        if body:
            with open("%s%d.json" % (name, i), "wb") as f:
                f.write(body)
            data = "-H 'Content-Type: application/json' --data-binary @%s%d.json " % (name, i)
        parts.append("-sf -X %s -H 'Authorization: ApiKey %s' %s'%s%s' %s" %
                     (method, KEY, data, url, path, output))
    return ["sh", "-c", "curl " + " --next ".join(parts) + then]


def measure(folder, upstream):
    Relay.upstream, Relay.folder = upstream, folder
    relay = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
    relay.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=relay.serve_forever, daemon=True).start()
    url = "http://127.0.0.1:%d" % relay.server_port
    profile = json.dumps({"p": {"outputs": {"dev": {
        "type": "rockset", "api_key": KEY, "api_server": url, "workspace": "commons"}}}})
    scan = ["/usr/bin/python3", "-c", SCAN, os.path.join(folder, "vt.db"), profile]
    run(scan)
    whole, whole_size = record(scan + [ALL])
    two, two_size = record(scan + [TWO])
    cases = [
        ("curl, 8 columns", curl(url, whole, "whole", "-o /dev/null")),
        ("curl, 2 columns", curl(url, two, "two", "-o /dev/null")),
        ("virtual table, 8 columns", scan + [ALL]),
        ("virtual table, 2 columns", scan + [TWO]),
        ("virtual table, 8, sums", scan + [SUMS]),
        ("curl, cJSON", curl(url, whole, "tree", "", " | " + BUILD + "/bench/cjson")),
    ]
    python = os.path.join(BUILD, "deps", "clients", "python", "bin", "python")
    if os.path.exists(python):
        sql = json.loads(whole[0][2])["sql"]["query"]
        cases.append(("Python client", [python, "-c", CLIENT, url, KEY, sql]))
    times, memory, said = {}, {}, {}
    for i in range(RUNS):
        for name, argv in cases:
            if i > 1 and name in ("curl, cJSON", "Python client"):
                continue  # slow ones twice
            seconds, mb, text = run(argv)
            times.setdefault(name, []).append(seconds)
            memory.setdefault(name, []).append(mb)
            assert said.setdefault(name, text) == text, name
    base = statistics.median(times["curl, 8 columns"])
    print(f"{ROWS:,} rows x 8 columns over loopback HTTP: {whole_size / 1e6:.0f} MB, "
          f"2 columns: {two_size / 1e6:.0f} MB, in {len(whole)} pages")
    print(f"{'case':28} {'ms':>8} {'x curl':>7} {'peak MB':>8}")
    for name, _ in cases:
        t = statistics.median(times[name])
        print(f"{name:28} {t * 1000:8.0f} {t / base:7.2f} {statistics.median(memory[name]):8.0f}")
    ours = statistics.median(times["virtual table, 8 columns"])
    for name in ("curl, cJSON", "Python client"):
        if name in times:
            print(f"virtual table, 8 columns: {statistics.median(times[name]) / ours:.1f} x faster than {name}")


main()
