"""The trino adapter against a scripted server: faults, and what no healthy cluster shows.

tests/run gives ROCKSET_EXT; the current folder is empty. A real cluster is tests/trino's business.
"""
import json
import os
import sqlite3
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

number = 0


def report(good, what, note=""):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {what}", flush=True)
    if not good and note:
        print("# " + str(note).replace("\n", "\n# "), flush=True)


class Script:
    """What the server answers: on_post(sql) gives the first page, pages[path] the others. An answer is a dict (a
    page), or (status, headers, body); a callable is called for it."""

    def __init__(self):
        self.pages, self.seen = {}, []
        self.on_post = lambda sql: {}
        self.cut = None  # bytes of a page's body that are sent before the connection ends


script = Script()
LOST = "the connection ends without an answer"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, what):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        script.seen.append((self.command, self.path, self.headers, body))
        if what is None:
            what = script.on_post(body) if self.command == "POST" else script.pages.get(self.path, (404, {}, "gone"))
        if callable(what):
            what = what()
        if what is LOST:
            self.close_connection = True
            self.connection.shutdown(2)
            return
        status, headers, text = what if isinstance(what, tuple) else (200, {}, json.dumps(what, separators=(",", ":")))
        data = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name, one)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if script.cut is not None and self.command == "GET":
            self.wfile.write(data[:script.cut])
            self.close_connection = True
        else:
            self.wfile.write(data)

    def do_POST(self):
        self.answer(None)

    def do_GET(self):
        self.answer(None)

    def do_DELETE(self):
        self.answer((204, {}, ""))


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
server.handle_error = lambda *_: None  # clients that hang up are what some tests are about
PORT = server.server_address[1]
URL = "http://127.0.0.1:%d" % PORT
threading.Thread(target=server.serve_forever, daemon=True).start()


def begin(**fields):
    """A connection whose target is the script, which is empty."""
    global script
    script = Script()
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    output = {"type": "trino", "host": "127.0.0.1", "port": PORT, "user": "me", "database": "cat", "schema": "s",
              "retries": 0, **fields}
    profile = {"p": {"target": "t", "outputs": {"t": output}}}
    db.execute("SELECT rockset_profile('t', 'p', ?)", (json.dumps(profile),)).fetchall()
    return db


def columns(**types):
    return [{"name": n, "type": t} for n, t in types.items()]


def result(cols, *pages):
    """POST gives a page without rows; then one page for each list of rows."""
    def page(i):
        p = {"id": "q", "infoUri": URL}
        if i < len(pages) - 1:
            p["nextUri"] = "%s/v1/statement/executing/q/%d" % (URL, i + 1)
        return dict(p, columns=cols, data=pages[i], stats={"state": "RUNNING"})
    for i in range(len(pages)):
        script.pages["/v1/statement/executing/q/%d" % i] = page(i)
    script.on_post = lambda sql: {"id": "q", "nextUri": URL + "/v1/statement/executing/q/0", "stats": {}}


def rows_of(db, sql="select 1", params="null"):
    return db.execute("SELECT c1 FROM rockset_query(?, ?)", (sql, None if params == "null" else params)).fetchall()


def failure(db, sql="select 1"):
    try:
        got = db.execute("SELECT * FROM rockset_query(?)", (sql,)).fetchall()
        return "no error: %r" % (got,)
    except sqlite3.Error as e:
        return str(e)


def methods():
    return [m for m, *_ in script.seen]


def test_pages():
    db = begin()
    result(columns(a="bigint"), [[1], [2]], [], [[3]])
    report(rows_of(db) == [(1,), (2,), (3,)], "a result of several pages, one of them empty")
    report(methods() == ["POST", "GET", "GET", "GET"], "each page is asked for once", methods())
    result(columns(a="bigint"), [[i] for i in range(3)], [[9]] * 20000, [[5]])
    report(len(rows_of(db)) == 20004, "a page of more rows than a batch")


def test_values():
    db = begin()
    cases = [
        ("decimal(10, 2)", "12.50", 12.5), ("decimal(38, 3)", "12345678901234567890.125", "12345678901234567890.125"),
        ("decimal(20, 0)", "18446744073709551615", "18446744073709551615"), ("decimal(5, 0)", "-17", -17),
        ("double", "NaN", None), ("double", "-Infinity", float("-inf")), ("double", 2, 2.0),
        ("real", 0.1, 0.10000000149011612), ("varbinary", "AP8=", b"\x00\xff"), ("varbinary", "", b""),
        ("timestamp(3)", "2020-01-01 01:02:03.500", "2020-01-01 01:02:03.5"),
        ("timestamp(6)", "2020-01-01 01:02:03.000000", "2020-01-01 01:02:03"),
        ("timestamp(9)", "2020-01-01 01:02:03.123456789", "2020-01-01 01:02:03.123456789"),
        ("timestamp(3) with time zone", "2020-01-01 01:02:03.000 UTC", "2020-01-01 01:02:03"),
        ("timestamp(3) with time zone", "2020-01-01 01:02:03.250 +05:30", "2019-12-31 19:32:03.25"),
        ("timestamp(0) with time zone", "2020-01-01 01:02:03 Europe/Berlin", "2020-01-01 01:02:03 Europe/Berlin"),
        ("time(6)", "01:02:03.120000", "01:02:03.12"), ("time(0) with time zone", "01:02:03+01:00", "01:02:03+01:00"),
        ("interval day to second", "2 00:00:00.000", "2 00:00:00.000"), ("char(3)", "a  ", "a  "),
        ("json", '{"a":1}', '{"a":1}'), ("array(integer)", [1, None], "[1,null]"),
        ("array(decimal(3, 1))", ["1.5", None], "[1.5,null]"), ("map(varchar, double)", {"a": "NaN"}, '{"a":null}'),
        ('row(a bigint, "b ""c" varchar)', [1, "x"], '{"a":1,"b \\"c":"x"}'), ("row(bigint, bigint)", [1, 2], "[1,2]"),
        ("array(row(t timestamp(3) with time zone, j json))", [["2020-01-01 00:00:00.000 UTC", "[1]"]],
         '[{"t":"2020-01-01 00:00:00","j":[1]}]'),
        ("row(at timestamp(3), d interval day to second)", ["2020-01-01 00:00:00.100", "0 00:00:01.000"],
         '{"at":"2020-01-01 00:00:00.1","d":"0 00:00:01.000"}'),
        ("Geometry", "POINT (1 2)", "POINT (1 2)"), ("unknown", None, None), ("uuid", "u", "u"), ("boolean", True, 1),
    ]
    for native, sent, wanted in cases:
        result(columns(a=native), [[sent]])
        got = rows_of(db)[0][0]
        report(got == wanted and type(got) is type(wanted), "%s %r" % (native, sent), repr(got))


def test_parameters():
    db = begin()
    result(columns(a="bigint"), [[1]])
    rows_of(db, "select 'it''s', ?, ?, ? -- x", '["a\'b", 1, 1.5]')
    report(script.seen[0][3] == "EXECUTE IMMEDIATE 'select ''it''''s'', ?, ?, ?' USING 'a''b', 1, 1.5e0",
           "parameters are typed literals behind EXECUTE IMMEDIATE", script.seen[0][3])


def test_session():
    db = begin(roles={"cat": "admin"}, session_properties={"query_max_run_time": "5m"}, client_tags=["a", "b"],
               http_headers={"X-Mine": "1"}, timezone="Europe/Berlin")
    changes = {"X-Trino-Set-Session": ["join_type=a%2Cb%3D", "gone=1"], "X-Trino-Set-Catalog": "other",
               "X-Trino-Set-Schema": "s2", "X-Trino-Added-Prepare": "p=select+%3F", "X-Trino-Set-Role": "sys=NONE",
               "X-Trino-Started-Transaction-Id": "tx1"}
    script.on_post = lambda sql: (200, changes, '{"id":"q","stats":{}}')
    db.execute("SELECT rockset_exec('set session x = 1')").fetchall()
    first = script.seen[-1][2]
    script.on_post = lambda sql: (200, {"X-Trino-Clear-Session": "gone", "X-Trino-Deallocated-Prepare": "p",
                                        "X-Trino-Clear-Transaction-Id": "true"}, '{"id":"q","stats":{}}')
    db.execute("SELECT rockset_exec('reset session x')").fetchall()
    second = script.seen[-1][2]
    db.execute("SELECT rockset_exec('reset session x')").fetchall()
    third = script.seen[-1][2]
    report(first["X-Trino-Catalog"] == "cat" and first["X-Trino-Schema"] == "s" and first["X-Trino-User"] == "me" and
           first["X-Trino-Time-Zone"] == "Europe/Berlin" and first["X-Trino-Client-Tags"] == "a,b" and
           first["X-Mine"] == "1" and first.get_all("X-Trino-Role") == ["cat=ROLE%7Badmin%7D"] and
           first.get_all("X-Trino-Session") == ["query_max_run_time=5m"], "a session begins as the profile says", first)
    report("PARAMETRIC_DATETIME" in first["X-Trino-Client-Capabilities"] and
           first.get("X-Trino-Query-Data-Encoding") is None, "what we can is announced, and no more")
    report(second["X-Trino-Catalog"] == "other" and second["X-Trino-Schema"] == "s2" and
           sorted(second.get_all("X-Trino-Session")) == ["gone=1", "join_type=a%2Cb%3D", "query_max_run_time=5m"] and
           second.get_all("X-Trino-Prepared-Statement") == ["p=select%20%3F"] and
           second["X-Trino-Transaction-Id"] == "tx1" and len(second.get_all("X-Trino-Role")) == 2,
           "what the server set is sent with the next statement", second)
    report(sorted(third.get_all("X-Trino-Session")) == ["join_type=a%2Cb%3D", "query_max_run_time=5m"] and
           third.get("X-Trino-Prepared-Statement") is None and third["X-Trino-Transaction-Id"] == "NONE",
           "what it cleared is not", third)


def test_credentials():
    db = begin(method="ldap", password="s3cret-pass", http_scheme="http")
    script.on_post = lambda sql: (401, {}, "no entry for s3cret-pass")
    error = failure(db)
    report(script.seen[0][2]["Authorization"] == "Basic bWU6czNjcmV0LXBhc3M=", "ldap is HTTP's Basic")
    report("refuses the credentials" in error and "s3cret" not in error, "401: the text names the way out", error)
    db = begin(method="jwt", jwt_token="tok-en-123", http_scheme="http")
    result(columns(a="bigint"), [[1]])
    rows_of(db)
    report(all(s[2]["Authorization"] == "Bearer tok-en-123" for s in script.seen), "jwt: a bearer token everywhere")
    db = begin(method="oauth", http_scheme="http")
    report("jwt_token" in failure(db), "oauth without a token says what to do")
    db = begin(method="kerberos", http_scheme="http")
    report("is not built" in failure(db), "kerberos is refused")


def test_retries():
    db = begin(retries=2)
    result(columns(a="bigint"), [[1]], [[2]])
    again = script.pages["/v1/statement/executing/q/1"]
    storm = [429, 502, 503, 504]
    for status in storm:
        script.seen.clear()
        left = [status]
        script.pages["/v1/statement/executing/q/1"] = lambda: (left.pop(), {}, "busy") if left else again
        report(rows_of(db) == [(1,), (2,)] and len(script.seen) == 4, "a page is asked for again after %d" % status,
               methods())
    left, first = [503, 502], script.on_post
    script.on_post = lambda sql: (left.pop(), {}, "busy") if left else first(sql)
    script.pages["/v1/statement/executing/q/1"] = again
    report(rows_of(db) == [(1,), (2,)], "so is a statement: it does not run before its page is asked for")
    db = begin(retries=1)
    script.on_post = lambda sql: (503, {}, "<html>down\nfor today</html>")
    start = time.time()
    error = failure(db)
    report("503" in error and "down for today" in error and time.time() - start < 10 and len(script.seen) == 2,
           "a storm without an end is an error in the end", error)


def test_errors():
    db = begin()
    result(columns(a="bigint"), [[1]], [[2]])
    script.pages["/v1/statement/executing/q/1"] = {"id": "q", "error": {
        "message": "line 1:8: Division by zero", "errorName": "DIVISION_BY_ZERO", "errorType": "USER_ERROR"}}
    got = []
    try:
        for row in db.execute("SELECT c1 FROM rockset_query('select 1')"):
            got.append(row)
        error = "none"
    except sqlite3.Error as e:
        error = str(e)
    report("Division by zero (DIVISION_BY_ZERO)" in error and "[remote SQL: select 1]" in error,
           "an error in mid-result is the statement's", error)
    report("DELETE" not in methods(), "nothing is stopped that has ended")
    for text, wanted in (("<html>", "JSON"), ('{"id":"q"', "cut off"), ('[]', "expected '{'"),
                         ('{"columns":[{"name":"a","type":"bigint"}],"data":[[1,2]]}', ""),
                         ('{"data":[[1]]}', "before their columns"), ('{"columns":[{"name":"a"}]}', "no type")):
        db = begin()
        script.on_post = lambda sql: (200, {}, text)
        error = failure(db)
        report("no error" not in error and wanted in error, "no page: " + text, error)
    db = begin()
    result(columns(a="bigint"), [[1]])
    script.pages.clear()
    report("does not know the statement any more" in failure(db), "a statement that is gone")
    db = begin(port=1)
    report("127.0.0.1:1" in failure(db), "no server", failure(db))
    db = begin()
    try:
        db.execute("SELECT rockset_exec('commit')").fetchall()
        error = "no error"
    except sqlite3.Error as e:
        error = str(e)
    report("each statement is a transaction of its own" in error and not script.seen, "transactions are refused here", error)


def test_cuts():
    db = begin()
    result(columns(a="bigint"), [[1], [2]], [[3], [4]])
    kept, bad = script.pages["/v1/statement/executing/q/1"], []

    def last(n):
        script.cut = n
        return kept
    for n in range(len(json.dumps(kept, separators=(",", ":")))):
        script.cut = None
        script.pages["/v1/statement/executing/q/1"] = lambda n=n: last(n)
        error = failure(db)
        if "no error" in error:
            bad.append((n, error))
    script.cut = None
    report(not bad, "a page cut at any byte is an error, never a short result", bad[:3])
    script.pages["/v1/statement/executing/q/1"] = kept
    report(rows_of(db) == [(1,), (2,), (3,), (4,)], "the next statement works")


def test_lost():
    """A statement that changes something, and an answer that does not come."""
    unknown, insert = "it is not known whether it was done", "insert into t values (1)"

    def run(db, sql=insert):
        script.seen.clear()
        try:
            return repr(db.execute("SELECT rockset_exec(?)", (sql,)).fetchall())
        except sqlite3.Error as e:
            return str(e)
    db = begin()
    first = "/v1/statement/executing/q/0"
    end = {"id": "q", "columns": columns(rows="bigint"), "data": [[1]], "updateCount": 1, "stats": {}}
    for sql in (insert, "create table t as select 1 as a", "with x as (select 1 as a) delete from t", "merge into t using u on true "
                "when matched then delete"):
        result(columns(rows="bigint"), [[1]])
        script.pages[first] = end
        script.cut = 0
        error = run(db, sql)
        script.cut = None
        report(unknown in error and "[remote SQL: " + sql[:20] in error and methods().count("POST") == 1,
               "the answer of a page is lost: it is told, and not sent again: " + sql, (error, methods()))
    for what in ((502, {}, "bad gateway"), (503, {}, "busy"), (404, {}, "gone"), (401, {}, "who"), (200, {}, "<html>"), (200, {}, "[]"),
                 (200, {}, json.dumps(end)[:-9])):
        script.pages[first] = what
        error = run(db)
        report(unknown in error and methods().count("POST") == 1, "so is it with a page that is none: %r" % (what,), (error, methods()))
    script.pages[first] = (200, {}, json.dumps({"id": "q", "nextUri": URL + first + "9", "stats": {}}))
    error = run(db)
    report(unknown in error, "and with a later page", error)
    script.pages[first] = {"id": "q", "error": {"message": "no", "errorName": "NOT_SUPPORTED", "errorType": "USER_ERROR"}}
    error = run(db)
    report(unknown not in error and "no (NOT_SUPPORTED)" in error, "what the server refuses is known", error)
    script.pages[first] = (502, {}, "bad gateway")
    report("no error" not in failure(db) and unknown not in failure(db), "so is what a query did: nothing")
    for what in ((503, {}, "busy"), (200, {}, "<html>"), (200, {}, '{"id":"q"')):
        script.on_post = lambda sql: what
        error = run(db)
        report("error" not in error[:2] and unknown not in error and methods() == ["POST"],
               "a statement whose first page nobody asked for never ran: %r" % (what,), (error, methods()))

    # the answer of POST is lost once: it never ran, and goes again; its page is lost once: the page alone does
    db, left = begin(retries=2), [1]
    result(columns(rows="bigint"), [[1]])
    script.pages[first] = end
    good = script.on_post
    script.on_post = lambda sql: LOST if left and left.pop() else good(sql)
    got = run(db)
    report(got == "[(1,)]" and methods() == ["POST", "POST", "GET"], "a statement whose own answer is lost goes again: it never ran",
           (got, methods()))
    script.on_post, left = good, [1]
    script.pages[first] = lambda: LOST if left and left.pop() else end
    got = run(db)
    report(got == "[(1,)]" and methods() == ["POST", "GET", "GET"], "of one that runs the page is asked for again, and nothing else",
           (got, methods()))
    script.pages[first] = LOST
    error = run(db)
    report(unknown in error and methods()[:4] == ["POST", "GET", "GET", "GET"] and methods().count("POST") == 1,
           "until it is given up", (error, methods()))


def test_other_host():
    db = begin(method="jwt", jwt_token="tok-en-123", http_scheme="http")
    stolen = []

    class Thief(BaseHTTPRequestHandler):
        def do_GET(self):
            stolen.append(self.headers)
            self.send_error(500)
        do_DELETE = do_GET

        def log_message(self, *_):
            pass
    thief = ThreadingHTTPServer(("127.0.0.1", 0), Thief)
    threading.Thread(target=thief.serve_forever, daemon=True).start()
    script.on_post = lambda sql: {"id": "q", "nextUri": "http://127.0.0.1:%d/x" % thief.server_address[1]}
    error = failure(db)
    report("no error" not in error and not stolen, "a page on another server is refused, and nobody asked", error)
    thief.shutdown()


def test_stopping():
    db = begin()
    slow = threading.Event()
    result(columns(a="bigint"), [[1]], [[2]])
    script.pages["/v1/statement/executing/q/1"] = lambda: slow.wait(20) and {}
    threading.Timer(0.5, db.interrupt).start()
    start = time.time()
    error = failure(db)
    took = time.time() - start
    for _ in range(100):
        if "DELETE" in methods():
            break
        time.sleep(0.02)
    report("interrupt" in error and took < 3, "an interrupt ends the wait for a page", (error, took))
    report(("DELETE", "/v1/statement/executing/q/1") in [s[:2] for s in script.seen], "and the statement on the server",
           methods())
    slow.set()
    db = begin()
    result(columns(a="bigint"), [[1]] * 3, [[2]] * 3, [[3]])
    slow = threading.Event()
    script.pages["/v1/statement/executing/q/2"] = lambda: slow.wait(5) and {}
    got = db.execute("SELECT c1 FROM rockset_query('select 1') LIMIT 1").fetchall()
    report(got == [(1,)] and "DELETE" in methods(), "a reader who has enough stops it too", methods())
    slow.set()


for test in (test_pages, test_values, test_parameters, test_session, test_credentials, test_retries, test_errors,
             test_cuts, test_lost, test_other_host, test_stopping):
    test()
print("1..%d" % number)
