"""rocksetd under load: a query lambda and document writes, by wrk over loopback.

Every answer is checked by wrk's Lua script while it runs: a wrong one is counted, and the documents
that were answered with 200 are counted in the collection afterwards. Prints throughput, latencies and
wrong answers; nothing is asserted but that there are none.
"""
import http.client
import json
import os
import re
import subprocess
import sys
import time

BUILD = os.environ["BUILD"]
SECONDS = os.environ.get("BENCH_SECONDS", "10")
KEY = "bench-admin-key-0123456789abcdef"

COMMON = """
wrk.method = "POST"
wrk.headers["Authorization"] = "ApiKey %s"
wrk.headers["Content-Type"] = "application/json"
wrong, right = 0, 0
local threads = {}
function setup(thread)
  thread:set("id", #threads)
  table.insert(threads, thread)
end
function done(summary, latency, requests)
  local bad, good = 0, 0
  for _, t in ipairs(threads) do bad = bad + t:get("wrong"); good = good + t:get("right") end
  io.write(string.format("figures %%d %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), bad, good))
end
""" % KEY

# each request asks for another key, so no cache can answer; connections' answers come in order
LAMBDA = COMMON + """
math.randomseed(os.time())
function request()
  local k = math.random(0, 99999)
  return wrk.format(nil, "/v1/orgs/self/ws/commons/lambdas/by_id/tags/latest", nil,
    '{"parameters":[{"name":"id","type":"int","value":"' .. k .. '"}]}')
end
function response(status, headers, body)
  local id, twice = body:match('"results":%%[{"id":(%%d+),"twice":(%%d+)}%%]')
  if status == 200 and id and tonumber(twice) == 2 * tonumber(id) then right = right + 1
  else wrong = wrong + 1 end
end
""".replace("%%", "%")

WRITES = COMMON + """
local n = 0
function request()
  local docs = {}
  for i = 1, BATCH do
    n = n + 1
    docs[i] = string.format('{"_id":"%d-%d","n":%d,"name":"name %d","flag":true}', id, n, n, n)
  end
  return wrk.format(nil, "/v1/orgs/self/ws/commons/collections/written/docs", nil,
    '{"data":[' .. table.concat(docs, ",") .. ']}')
end
function response(status, headers, body)
  local _, added = body:gsub('"status":"ADDED"', "")
  if status == 200 and added == BATCH then right = right + added else wrong = wrong + 1 end
end
"""


class Api:
    def __init__(self, port):
        self.port = port

    def __call__(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        c.request(method, "/v1/orgs/self" + path, json.dumps(body) if body is not None else None,
                  {"Authorization": "ApiKey " + KEY, "Content-Type": "application/json"})
        r = c.getresponse()
        text = r.read()
        if r.status != 200:
            sys.exit("%s %s: %d %s" % (method, path, r.status, text.decode()))
        return json.loads(text)


def start_server():
    log = open("rocksetd.log", "w+")
    p = subprocess.Popen([os.path.join(BUILD, "rocksetd"), "--listen", "127.0.0.1:0", "--database",
                          "bench.duckdb", "--access-log", "access.log"], stdout=log, stderr=log,
                         env=dict(os.environ, ROCKSETD_ADMIN_KEY=KEY))
    for _ in range(400):
        log.seek(0)
        port = re.search(r"127\.0\.0\.1:(\d+)", log.read())
        if port:
            return p, int(port[1])
        time.sleep(0.025)
    p.kill()
    sys.exit("rocksetd does not start")


def load(name, script, port, connections):
    with open("script.lua", "w") as f:
        f.write(script)
    text = subprocess.run(["wrk", "-t2", "-c%d" % connections, "-d%ss" % SECONDS, "-s", "script.lua",
                           "http://127.0.0.1:%d" % port], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    found = re.search(r"figures (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)", text)
    if not found:
        sys.exit(text)
    requests, us, p50, p99, wrong, right = map(int, found.groups())
    print(f"{name:44} {connections:5} {requests / us * 1e6:10.0f} {p50 / 1000:8.2f} {p99 / 1000:8.2f} "
          f"{wrong:6}", flush=True)
    return wrong, right


def main():
    server, port = start_server()
    api = Api(port)
    bad = 0
    try:
        rows = [{"_id": str(i), "id": i, "twice": 2 * i} for i in range(100000)]
        api("POST", "/ws/commons/collections", {"name": "keyed"})
        api("POST", "/ws/commons/collections", {"name": "written"})
        for i in range(0, len(rows), 10000):
            api("POST", "/ws/commons/collections/keyed/docs", {"data": rows[i:i + 10000]})
        api("POST", "/ws/commons/lambdas", {"name": "by_id", "sql": {
            "query": "select id, twice from commons.keyed where id = :id",
            "default_parameters": [{"name": "id", "type": "int", "value": "0"}]}})
        print(f"{'':44} {'conns':>5} {'requests/s':>10} {'p50 ms':>8} {'p99 ms':>8} {'wrong':>6}")
        for connections in (2, 16, 64):
            bad += load("query lambda, one row of 100,000 by key", LAMBDA, port, connections)[0]
        total = 0
        for batch, connections in ((1, 16), (100, 4), (1000, 2)):
            # each run starts its ids anew: the collection is made anew as well
            api("DELETE", "/ws/commons/collections/written")
            api("POST", "/ws/commons/collections", {"name": "written"})
            wrong, right = load("documents, %d a request" % batch,
                                "BATCH = %d\n" % batch + WRITES, port, connections)
            there = api("POST", "/queries", {"sql": {"query": "select count(*) as n from written"}})
            there = there["results"][0]["n"]
            # what was under way when wrk stopped may be there as well
            if there < right:
                print("%d documents were answered with 200, %d are there" % (right, there))
                wrong += 1
            bad += wrong
            total += there
    finally:
        server.terminate()
        server.wait(30)
    print("%d documents written, %d wrong answers" % (total, bad))
    return bad > 0


sys.exit(main())
