"""Sources of collections: files below --sources and URLs become documents, new and changed ones are
read, nothing is lost or doubled over restarts, and nothing else can be reached."""
import gzip
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from harness import DATA, Server, check_error, main, until

FOLDER = os.path.realpath(tempfile.mkdtemp(prefix="rocksetd-sources-"))
OUTSIDE = os.path.realpath(tempfile.mkdtemp(prefix="rocksetd-outside-"))
SCAN = ("--source-scan", "1")
PAGES = {}
RELEASE = threading.Event()  # what /hangs waits for
ASKED = []


class Web(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        ASKED.append((self.command, self.path))
        if self.path == "/hangs":
            RELEASE.wait(60)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/a.json")
            self.end_headers()
            return
        body, tag = PAGES.get(self.path, (None, None))
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        if self.command == "GET" and body:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


WEB = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
threading.Thread(target=WEB.serve_forever, daemon=True).start()
HOST = "127.0.0.1:%d" % WEB.server_address[1]


def put(path, content, root=FOLDER):
    at = os.path.join(root, path)
    os.makedirs(os.path.dirname(at), exist_ok=True)
    with open(at + ".tmp~", "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode())
    hidden = os.path.join(os.path.dirname(at), "." + os.path.basename(at))
    os.rename(at + ".tmp~", hidden)
    os.rename(hidden, at)
    return at


def server(*more, **kw):
    return Server("--sources", FOLDER, "--source-hosts", HOST, *SCAN, *more, **kw)


def source(bucket, **more):
    format_params = more.pop("format_params", None)
    x = {"s3": dict(bucket=bucket, **more)}
    if format_params:
        x["format_params"] = format_params
    return x


def make(s, name, *sources, **more):
    a = s.post("/ws/commons/collections", dict(name=name, sources=list(sources), **more))
    assert a.status == 200, a
    return a.data["sources"]


def of(s, name):
    return s.get("/ws/commons/collections/%s/sources" % name).data


def ready(s, name, n, state="WATCHING"):
    """Until its sources rest and the collection has n documents."""
    def rests():
        all_ = of(s, name)
        if any(x["status"]["state"] != state for x in all_):
            return None
        return all_ if count(s, name) == n else None
    try:
        return until(rests, "%s: %s and %d documents" % (name, state, n), 30)
    except AssertionError as e:
        raise AssertionError("%s: %r, %d documents" % (e, of(s, name), count(s, name)))


def count(s, name):
    return s.sql("select count(*) n from commons.%s" % name).rows[0]["n"]


def rows(s, name, order="a"):
    got = s.sql("select * from commons.%s order by %s" % (name, order)).rows
    return [{k: v for k, v in r.items() if k not in ("_id", "_event_time", "_meta")} for r in got]


def test_formats():
    big = 12345678901234567
    put("formats/array.json", json.dumps([{"a": 1, "n": None}, {"a": 2, "big": big}]))
    put("formats/lines.jsonl", '{"a": 3}\n{"a": 4, "o": {"x": "}\\"{"}}\n')
    put("formats/commas.json", '\ufeff{"a": 5}, {"a": 6}')
    put("formats/packed.json.gz", gzip.compress(b'{"a": 7}\n{"a": 8.0}'))
    put("formats/table.csv", 'a,zip\r\n9,"01234"\r\n10,"x, ""y"""\r\n')
    put("formats/tabs.tsv.gz", gzip.compress(b"a\tb\n11\tz\n"))
    put("formats/none.json", "")
    put("formats/none.csv", "")
    put("formats/_SUCCESS", "x")
    put("formats/.hidden.json", "{")
    with server() as s:
        made = make(s, "j", source("file://formats", pattern="*.json*"))
        assert made[0]["status"]["state"] in ("INITIALIZING", "PROCESSING", "WATCHING"), made
        assert len(made[0]["id"]) == 36, made
        got = ready(s, "j", 8)[0]
        assert rows(s, "j")[0] == {"a": 1, "n": None}, rows(s, "j")
        assert rows(s, "j")[1] == {"a": 2, "big": big}
        assert rows(s, "j")[3] == {"a": 4, "o": {"x": '}"{'}}
        assert got["s3"]["object_count_total"] == got["s3"]["object_count_downloaded"] == 5, got
        assert got["status"]["total_processed_items"] == 5 and got["status"]["message"] == "", got
        assert got["status"]["last_processed_item"] and got["status"]["last_processed_at"], got
        assert got["status"]["detected_size_bytes"] == got["s3"]["object_bytes_total"] > 0, got
        make(s, "c", source("file://formats", pattern="*.{csv,tsv.gz}"))
        ready(s, "c", 3)
        assert rows(s, "c", "zip") == [{"a": "9", "zip": "01234"}, {"a": "10", "zip": 'x, "y"'},
                                       {"a": "11", "b": "z"}], rows(s, "c", "zip")


def test_csv_params():
    put("csv/a.txt", "1|2.5|true|2020-01-02|'x|y'\n2|3|false|2021-01-02|\n")
    params = {"separator": "|", "quoteChar": "'", "firstLineAsColumnNames": False,
              "columnNames": ["i", "f", "b", "d", "t"],
              "columnTypes": ["INTEGER", "FLOAT", "BOOLEAN", "DATE", "STRING"]}
    put("plain/a.txt", "1,2\n3,4\n")
    put("latin/a.csv", "a\n\xe4\n".encode("latin-1"))
    put("bad/a.csv", "a,b\n1,2,3,4\n5\n")
    with server() as s:
        made = make(s, "p", source("file://csv", format_params={"csv": params}))
        assert made[0]["format_params"]["csv"] == params, made
        ready(s, "p", 2)
        assert rows(s, "p", "i")[0] == {"i": 1, "f": 2.5, "b": True, "t": "x|y",
                                        "d": {"__rockset_type": "date", "value": "2020-01-02"}} \
            or rows(s, "p", "i")[0]["d"]["value"] == "2020-01-02", rows(s, "p", "i")
        make(s, "u", source("file://plain", format_params={"csv": {}}))
        ready(s, "u", 2)
        assert rows(s, "u", "c1") == [{"c1": "1", "c2": "2"}, {"c1": "3", "c2": "4"}], rows(s, "u", "c1")
        make(s, "l", source("file://latin", format_params={
            "csv": {"encoding": "ISO_8859_1", "firstLineAsColumnNames": True}}))
        ready(s, "l", 1)
        assert rows(s, "l") == [{"a": "\xe4"}]
        make(s, "w", source("file://bad"))
        x = until(lambda: [x for x in of(s, "w") if x["status"]["state"] == "ERROR"], "error")[0]
        assert "a.csv" in x["status"]["message"] and "/dev/fd" not in x["status"]["message"], x
        for bad in ({"xml": {"root_tag": "x"}}, {"avro": {}, "x": 1}, {"bson": True}):
            check_error(s.post("/ws/commons/collections/w/sources",
                               source("file://csv", format_params=bad)),
                        501, "NOTIMPLEMENTEDYET")
        for bad in ({"csv": 1}, {"csv": {"separator": "ab"}}, {"csv": {"encoding": "x"}},
                    {"csv": {"columnNames": ["a", "A"]}}, {"csv": {"columnNames": [1]}},
                    {"csv": {"columnNames": ["a"], "columnTypes": ["x"]}},
                    {"csv": {"columnTypes": ["STRING"]}}, {"csv": {}, "json": True}):
            check_error(s.post("/ws/commons/collections/w/sources",
                               source("file://csv", format_params=bad)), 400, "INVALIDINPUT")


def test_parquet():
    at = os.path.join(FOLDER, "pq")
    os.makedirs(at)
    lib = ("import os,sys,ctypes;l=ctypes.CDLL(os.environ['DUCKDB_LIBRARY']);P=ctypes.c_void_p;"
           "d=P();c=P();l.duckdb_open(None,ctypes.byref(d));l.duckdb_connect(d,ctypes.byref(c));"
           "sys.exit(l.duckdb_query(c,sys.argv[1].encode(),None))")
    subprocess.run([sys.executable, "-c", lib,
                    "copy (select i::int a, (i*1.5)::double f, date '2020-01-01'+i::int d, "
                    "[i,i+1] l, {'x': i} o from range(2500) t(i)) to '%s/.x' (format parquet)" % at], check=True)
    os.rename(at + "/.x", at + "/x.parquet")
    with server() as s:
        make(s, "q", source("file://pq"))
        ready(s, "q", 2500)
        r = s.sql("select * from q where a = 2").rows[0]
        assert r["f"] == 3.0 and r["l"] == [2, 3] and r["o"] == {"x": 2}, r
        assert r["d"]["value"] == "2020-01-03", r


def test_new_and_changed():
    put("live/a.json", '{"_id": "k", "v": 1}{"v": 10}{"v": 11}')
    with server() as s:
        make(s, "live", source("file://live"))
        ready(s, "live", 3)
        ids = {r["v"]: r["_id"] for r in s.sql("select * from live").rows}
        put("live/sub/b.json", '{"v": 20}')
        ready(s, "live", 4)
        put("live/a.json", '{"_id": "k", "v": 2}{"v": 12}{"v": 11}{"v": 13}')
        ready(s, "live", 5)
        now = {r["v"]: r["_id"] for r in s.sql("select * from live").rows}
        assert sorted(now) == [2, 11, 12, 13, 20], now
        assert now[12] == ids[10] and now[11] == ids[11] and now[2] == "k", (ids, now)
        asked = of(s, "live")[0]["status"]["total_processed_items"]
        time.sleep(2.5)
        assert of(s, "live")[0]["status"]["total_processed_items"] == asked == 3, of(s, "live")


def test_errors_of_objects():
    put("wrong/a.json", '{"a": 1}\n{"a": ')
    put("wrong/b.json", '{"a": 2}')
    put("wrong/c.json", '[1, 2]')
    put("wrong/d.json.gz", gzip.compress(b'{"a": 4}' * 1000)[:-10])
    with server() as s:
        make(s, "wrong", source("file://wrong", pattern="[a-c].json"))
        x = ready(s, "wrong", 2, "ERROR")[0]
        assert x["status"]["message"].startswith("a.json: byte"), x
        put("wrong/a.json", '{"a": 1}\n{"a": 3}')
        put("wrong/c.json", '[]')
        x = ready(s, "wrong", 3)[0]
        assert x["status"]["message"] == "", x
        # a document that is refused keeps no other out
        put("wrong/b.json", '{"_id": 5, "a": 2}{"a": 9}')
        until(lambda: "refused" in of(s, "wrong")[0]["status"]["message"], "refused", 30)
        until(lambda: count(s, "wrong") == 4, "the others", 30)
        make(s, "cut", source("file://wrong", prefix="d"))
        until(lambda: of(s, "cut")[0]["status"]["state"] == "ERROR", "cut off", 30)


def test_event_time():
    put("times/a.json", '{"t": 1600000000}{"t": "x"}')
    with server() as s:
        make(s, "times", source("file://times"),
             event_time_info={"field": "t", "format": "seconds_since_epoch"})
        until(lambda: count(s, "times") == 1 and "refused" in of(s, "times")[0]["status"]["message"],
              "one, and one refused", 30)
        r = s.sql("select _event_time from times").rows[0]["_event_time"]
        assert r.startswith("2020-09-13T12:26:40"), r


def test_requests():
    put("req/a.json", '{"a": 1}')
    with server() as s:
        make(s, "r")
        base = "/ws/commons/collections/r/sources"
        assert s.get(base).data == []
        a = s.post(base, source("file://req"))
        assert a.status == 200, a
        one = base + "/" + a.data["id"]
        assert a.data["s3"]["bucket"] == "file://req" and "integration_name" not in a.data
        ready(s, "r", 1)
        assert s.get(one).data["id"] == a.data["id"]
        assert s.get("/ws/commons/collections/r").data["sources"][0]["id"] == a.data["id"]
        all_ = s.get("/collections").data
        assert [c for c in all_ if c["name"] == "r"][0]["sources"][0]["id"] == a.data["id"]
        assert [c for c in all_ if c["name"] == "_events"][0]["sources"] == []
        a = s.ask("PUT", one, {"s3": {"settings": {"s3_scan_frequency": "PT1S"}}})
        assert a.data["s3"]["settings"] == {"s3_scan_frequency": "PT1S"}, a
        for bad in ("PT2H", "PT0S", "x", "", "5"):
            check_error(s.ask("PUT", one, {"s3": {"settings": {"s3_scan_frequency": bad}}}), 400,
                        "INVALIDINPUT")
        # suspended, nothing is read
        a = s.post(one + "/suspend", {"resume_after_duration": "2h"})
        assert a.data["status"]["state"] == "SUSPENDED" and a.data["suspended_at"], a
        assert a.data["resume_at"] > a.data["suspended_at"], a
        put("req/b.json", '{"a": 2}')
        time.sleep(2.5)
        assert count(s, "r") == 1
        a = s.post(one + "/resume")
        assert a.data["status"]["state"] != "SUSPENDED" and "resume_at" not in a.data, a
        ready(s, "r", 2)
        assert s.post(one + "/suspend", {"resume_after_duration": "1s"}).status == 200
        put("req/c.json", '{"a": 3}')
        ready(s, "r", 3)
        assert s.post(one + "/suspend").status == 200
        check_error(s.post(one + "/suspend", {"resume_after_duration": "x"}), 400, "INVALIDINPUT")
        # deleted: its documents stay
        assert s.delete(one).status == 200
        check_error(s.get(one), 404, "NOTFOUND")
        check_error(s.delete(one), 404, "NOTFOUND")
        check_error(s.post(one + "/resume"), 404, "NOTFOUND")
        check_error(s.get("/ws/commons/collections/nope/sources"), 404, "NOTFOUND")
        put("req/d.json", '{"a": 4}')
        time.sleep(1.5)
        assert count(s, "r") == 3 and of(s, "r") == []
        # a collection takes its sources with it
        s.post(base, source("file://req"))
        ready(s, "r", 7)  # another source, other names for its documents
        assert s.delete("/ws/commons/collections/r").status == 200
        s.collection("r")
        assert of(s, "r") == []
        time.sleep(1.5)
        assert count(s, "r") == 0
        key = s.post("/users/self/apikeys", {"name": "ro", "role": "read-only"}).data["key"]
        check_error(s.post(base, source("file://req"), key=key), 403, "FORBIDDEN")
        assert s.get(base, key=key).status == 200


def test_refused():
    with server() as s:
        s.collection("x")
        base = "/ws/commons/collections/x/sources"
        for kind in ("kinesis", "gcs", "dynamodb", "system", "mongodb", "snowflake"):
            check_error(s.post(base, {kind: {"x": 1}}), 501, "NOTIMPLEMENTEDYET")
        for bad in ({}, {"s3": 1}, {"s3": {}}, source("file://", prefix="a", pattern="b"),
                    source("NOT A BUCKET"), source("a"), source("http://u:p@%s/x" % HOST),
                    source("good-bucket", region="x@evil"), source("good..bucket"),
                    source("http://%s/a" % HOST, prefix="x")):
            check_error(s.post(base, bad), 400, "INVALIDINPUT")
        check_error(s.post(base, dict(source("a-bucket"), integration_name="none")), 404, "NOTFOUND")
        check_error(s.post(base, dict(source("file://"), integration_name="x")), 400,
                    "INVALIDINPUT")
        for bad in ("https://127.0.0.1/x", "http://169.254.169.254/latest", "https://example.com/x"):
            check_error(s.post(base, source(bad)), 403, "FORBIDDEN")
        check_error(s.post("/ws/commons/collections", {"name": "y", "sources": 1}), 400,
                    "INVALIDINPUT")
        check_error(s.post("/ws/commons/collections", {"name": "y", "sources": [{"s3": {}}]}), 400,
                    "INVALIDINPUT")
        check_error(s.get("/ws/commons/collections/y"), 404, "NOTFOUND")
        made = s.post("/ws/commons/collections", {"name": "y", "sources": [{"write_api": {}}]})
        assert made.status == 200 and made.data["sources"] == [], made
    with Server() as s:
        s.collection("x")
        base = "/ws/commons/collections/x/sources"
        a = s.post(base, source("file://a"))
        check_error(a, 403, "FORBIDDEN")
        assert "--sources" in a.json["message"], a
        check_error(s.post(base, source("http://%s/a.json" % HOST)), 403, "FORBIDDEN")
        # without a list: public addresses only, whatever the name says
        a = s.post(base, source("https://localhost:%s/a.json" % HOST.split(":")[1]))
        assert a.status == 200, a
        x = until(lambda: [x for x in of(s, "x") if x["status"]["state"] == "ERROR"], "refused")[0]
        assert "public" in x["status"]["message"], x
        assert not ASKED, ASKED


def test_nothing_outside_is_read():
    put("secret.json", '{"secret": 1}', OUTSIDE)
    put("in/ok.json", '{"a": 1}')
    up = os.path.join(FOLDER, "in")
    os.symlink(OUTSIDE, os.path.join(up, "linked"))
    os.symlink(os.path.join(OUTSIDE, "secret.json"), os.path.join(up, "linked.json"))
    os.symlink("../in", os.path.join(up, "loop"))
    os.symlink("/dev/zero", os.path.join(up, "zero.json"))
    os.mkfifo(os.path.join(up, "pipe.json"))
    with server() as s:
        make(s, "inside", source("file://in"))
        x = ready(s, "inside", 1)[0]
        assert x["s3"]["object_count_total"] == 1, x
        base = "/ws/commons/collections/inside/sources"
        name = os.path.basename(OUTSIDE)
        for bad in ("..", "../" + name, "in/../../" + name, "/" + OUTSIDE, OUTSIDE, "./in", "in/",
                    "in//x", "in/./x", ".", "a/..", "in/linked/../../.."):
            check_error(s.post(base, source("file://" + bad)), 400, "INVALIDINPUT")
        for linked in ("in/linked", "in/loop", "in/linked.json", "in/ok.json", "in/pipe.json"):
            a = s.post(base, source("file://" + linked))
            assert a.status == 200, a
            one = base + "/" + a.data["id"]
            x = until(lambda: (lambda d: d if d["status"]["state"] == "ERROR" else None)(
                s.get(one).data), linked, 30)
            assert "link" in x["status"]["message"], x
            assert s.delete(one).status == 200
        # a folder that becomes a link while it is watched
        put("swap/a.json", '{"a": 2}')
        make(s, "swap", source("file://swap"))
        ready(s, "swap", 1)
        shutil.rmtree(os.path.join(FOLDER, "swap"))
        os.symlink(OUTSIDE, os.path.join(FOLDER, "swap"))
        until(lambda: of(s, "swap")[0]["status"]["state"] == "ERROR", "swapped", 30)
        for name in ("inside", "swap"):
            assert s.sql("select * from %s where secret is not null" % name).rows == []


def test_url():
    PAGES["/a.json"] = (b'{"a": 1}{"a": 2}', '"one"')
    PAGES["/t.csv?x=1"] = (b"a\n1\n", None)
    with server() as s:
        make(s, "web", source("http://%s/a.json" % HOST))
        ready(s, "web", 2)
        n = len([x for x in ASKED if x == ("GET", "/a.json")])
        assert n == 1, ASKED
        PAGES["/a.json"] = (b'{"a": 1}{"a": 2}{"a": 3}', '"two"')
        ready(s, "web", 3)
        make(s, "webcsv", source("http://%s/t.csv?x=1" % HOST))
        ready(s, "webcsv", 1)
        for path in ("/none", "/moved"):
            a = s.post("/ws/commons/collections/webcsv/sources", source("http://%s%s" % (HOST, path)))
            one = "/ws/commons/collections/webcsv/sources/" + a.data["id"]
            until(lambda: s.get(one).data["status"]["state"] == "ERROR", path, 30)
        assert ("GET", "/a.json") in ASKED
        PAGES.clear()


def test_a_place_that_hangs():
    put("beside/a.json", '{"a": 1}')
    with server() as s:
        make(s, "hangs", source("http://%s/hangs" % HOST))
        until(lambda: ("HEAD", "/hangs") in ASKED, "asked", 30)
        make(s, "beside", source("file://beside"))  # others go on meanwhile
        ready(s, "beside", 1)
        begun = time.time()
        assert s.stop() == 0
        assert time.time() - begun < 8, time.time() - begun
    RELEASE.set()


def test_restarts():
    n = 30000
    at = put("many/a.jsonl", "".join('{"v": %d}\n' % i for i in range(n)))
    folder = tempfile.mkdtemp(prefix="rocksetd-test-")
    try:
        deaths = 0
        with server(folder=folder) as s:
            make(s, "many", source("file://many"))
            until(lambda: count(s, "many") > 0, "begun", 30)
            if count(s, "many") < n:
                deaths += 1
            s.stop(signal.SIGKILL)
        for _ in range(2):
            with server(folder=folder) as s:
                before = count(s, "many")
                if before < n:
                    until(lambda: count(s, "many") > before, "goes on", 30)
                    deaths += 1
                s.stop(signal.SIGKILL)
        with server(folder=folder) as s:
            x = ready(s, "many", n)[0]
            got = s.sql("select count(distinct v) d, min(v) a, max(v) b from many").rows[0]
            assert got == {"d": n, "a": 0, "b": n - 1}, got
            assert x["s3"]["object_count_downloaded"] == 1, x
            items = x["status"]["total_processed_items"]
            print("# killed %d times amid it" % deaths)
        with server(folder=folder) as s:  # and at rest nothing is read again
            time.sleep(2)
            x = of(s, "many")[0]
            assert x["status"]["total_processed_items"] == items and x["status"]["state"] == "WATCHING", x
            with open(at, "a") as f:
                f.write('{"v": %d}\n' % n)
            ready(s, "many", n + 1)
            begun = time.time()
            assert s.stop() == 0
            assert time.time() - begun < 10
    finally:
        shutil.rmtree(folder, ignore_errors=True)


try:
    main(globals())
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.rmtree(OUTSIDE, ignore_errors=True)
