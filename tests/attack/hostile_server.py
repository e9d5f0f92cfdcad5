"""A REST server that lies: every answer that Rockset's API and a Trino coordinator give our client, spoilt in every way:
each field by each wrong value, wrong lengths, bombs, headers without end, pages without end, redirects, error bodies with
escapes, texts that are no UTF-8, chunks that are none. The client may refuse an answer or read it right; it may not
die, hang, show a secret or a terminal's escapes, take memory without bound, or take a part for the whole.

One server for all; a case is named in the statement (`case:17`), which is how the server knows what to answer.
"""
import gzip
import http
import json
import os
import re
import resource
import socket
import subprocess
import sys
import tempfile
import threading
import time

import attack

SECRET = "sesame-hostile-key-0123456789"
EACH_S = 12 * float(os.environ.get("RS_SLOW", "1"))  # the longest that one case may take
INTERRUPT_S = EACH_S / 12  # from Ctrl-C to the end of the shell
MEMORY = 3 << 30  # of a shell; a sanitizer's own is beyond counting
AT_ONCE = 60  # cases for one shell
ROW = {"a": 1, "b": "x"}
HUGE = 10**400
WRONG = {  # JSON texts, put in the place of a value; None: the member goes
    "missing": None, "null": "null", "number": "7", "string": '"s"', "array": "[]", "object": "{}",
    "huge": "1" + "0" * 400, "negative": "-9223372036854775809", "nan": "NaN", "true": "true", "nested": "[[[{}]]]",
    "float": "1e999", "long": '"' + "y" * 70000 + '"', "nul": '"a\\u0000b"', "escape": '"\\u001b[31mred\\u009b"',
    "half": '"\\ud800"', "duplicate": "duplicate"}
ROCKSET = {"query_id": "q1", "status": "COMPLETED", "collections": ["commons.t"],
           "column_fields": [{"name": "a", "type": "int"}, {"name": "b", "type": "string"}], "results": [ROW],
           "results_total_doc_count": 1, "stats": {"elapsed_time_ms": 1}, "warnings": [], "query_errors": [],
           "last_offset": "f1:0:0:1", "pagination": {"current_page_doc_count": 1, "next_cursor": None}}
TRINO = {"id": "q1", "infoUri": "http://x/q1", "columns": [{"name": "a", "type": "bigint",
         "typeSignature": {"rawType": "bigint", "arguments": []}}, {"name": "b", "type": "varchar",
         "typeSignature": {"rawType": "varchar", "arguments": []}}], "data": [[1, "x"]],
         "stats": {"state": "FINISHED", "queued": False}, "warnings": [], "updateCount": None}
REFUSAL = {"message": "no", "type": "INVALIDINPUT", "line": 1, "column": 2, "trace_id": "t", "error_id": "e"}
TRINO_ERROR = {"error": {"message": "no", "errorCode": 1, "errorName": "SYNTAX_ERROR", "errorType": "USER_ERROR",
                         "errorLocation": {"lineNumber": 1, "columnNumber": 2}, "failureInfo": {"type": "x"}}}


def places(value, at=()):
    """The path of every member and element of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield at + (key,)
        yield from places(below, at + (key,))


def spoil(value, path, text):
    """JSON of value with the text in place of what lies at path."""
    if not path:
        return text
    parts = []
    for key, below in (value.items() if isinstance(value, dict) else enumerate(value)):
        name = json.dumps(key) + ":" if isinstance(value, dict) else ""
        if key != path[0]:
            parts.append(name + json.dumps(below))
        elif len(path) > 1:
            parts.append(name + spoil(below, path[1:], text))
        elif text == "duplicate":
            parts += [name + json.dumps(below), name + json.dumps(below)]
        elif text is not None:
            parts.append(name + text)
    return ("{%s}" if isinstance(value, dict) else "[%s]") % ",".join(parts)


def answer(body, status=200, headers=(), length=None):
    body = body if isinstance(body, bytes) else body.encode()
    head = "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\n" % (
        status, http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else "x",
        len(body) if length is None else length)
    return head.encode() + b"".join(h.encode("latin-1") + b"\r\n" for h in headers) + b"\r\n" + body


class Case:
    """`give` is what the server sends, or a function of (socket, request's path). `may` tells what rows are right: any
    of these lists; none: it must be refused; None: whatever they are. {w} in `sql` is the case's word, which its requests hold."""

    account = kind = None  # an Account, and what it holds when no error is told

    def __init__(self, engine, name, give, may=(), sql="SELECT row FROM rockset_query('select ''{w}''')"):
        self.engine, self.name, self.give, self.may, self.sql = engine, name, give, may, sql


COLLECTION = {"name": "t", "workspace": "commons", "status": "READY", "created_at": "2024-01-01T00:00:00Z",
              "description": "d", "retention_secs": None, "stats": {"doc_count": 1, "total_size": 2}, "aliases": []}
ALIAS = {"name": "a", "workspace": "commons", "state": "ACTIVE", "collections": ["commons.t"], "description": "d",
         "creator_email": "e", "created_at": "2024-01-01T00:00:00Z", "modified_at": "2024-01-01T00:00:00Z"}
VERSION = {"workspace": "commons", "name": "l", "version": "0123456789abcdef", "created_by": "e", "state": "ACTIVE",
           "created_at": "2024-01-01T00:00:00Z", "description": "d", "collections": ["commons.t"],
           "sql": {"query": "select 1", "default_parameters": [{"name": "p", "type": "int", "value": "1"}]}}
LAMBDA = {"workspace": "commons", "name": "l", "latest_version": VERSION, "version_count": 1, "collections": ["commons.t"],
          "last_updated": "2024-01-01T00:00:00Z", "last_updated_by": "e"}
VIEW = {"name": "v", "workspace": "commons", "path": "commons.v", "query_sql": "select 1", "state": "SYNCED", "entities": [],
        "description": "d", "creator_email": "e", "created_at": "2024-01-01T00:00:00Z", "modified_at": "2024-01-01T00:00:00Z"}
DOC = {"_id": "1", "_collection": "t", "status": "ADDED", "error": None, "patch_id": "p"}
FIELDS = {**ROCKSET, "column_fields": [{"name": "field", "type": "array"}, {"name": "type", "type": "string"},
                                       {"name": "occurrences", "type": "int"}, {"name": "total", "type": "int"}],
          "results": [{"field": ["_id"], "type": "string", "occurrences": 1, "total": 1},
                      {"field": ["a"], "type": "int", "occurrences": 1, "total": 1}], "results_total_doc_count": 2}
ROWS = "CREATE VIRTUAL TABLE temp.{w} USING rockset('commons.{w}', key='_id'); "
COMMONS = "/v1/orgs/self/ws/commons/"
# The requests that do something else than run a query: what tells them, a right answer, the statements that send them
ROUTES = [
    ("list of collections", r"GET /v1/orgs/self/ws/case\d+/collections ", {"data": [COLLECTION]},
     "SELECT * FROM rockset_collections WHERE workspace = '{w}'"),
    ("list of aliases", r"GET /v1/orgs/self/ws/case\d+/aliases ", {"data": [ALIAS]},
     "SELECT * FROM rockset_aliases WHERE workspace = '{w}'"),
    ("list of views", r"GET /v1/orgs/self/ws/case\d+/views ", {"data": [VIEW]},
     "SELECT * FROM rockset_collections WHERE workspace = '{w}'"),
    ("list of lambdas", r"GET /v1/orgs/self/ws/case\d+/lambdas ", {"data": [LAMBDA]},
     "SELECT * FROM rockset_query_lambdas WHERE workspace = '{w}'"),
    ("workspace", "GET /v1/orgs/self/ws/case\\d+ ", {"data": {"name": "w", "collection_count": 0}},
     "SELECT rockset_create_workspace('{w}')"),
    ("new lambda", "POST %slambdas" % COMMONS, {"data": VERSION}, "SELECT rockset_create_query_lambda('{w}', 'select 1')"),
    ("lambda", "GET %slambdas/" % COMMONS, {"data": {"tag_name": "latest", "version": VERSION}},
     "SELECT row FROM rockset_query_lambda('{w}')"),
    ("collection", "GET %scollections/" % COMMONS, {"data": COLLECTION}, ROWS + "SELECT 1"),
    ("describe", "POST /v1/orgs/self/queries ", FIELDS, ROWS + "SELECT 1"),
    ("documents", r"POST %scollections/case\d+/docs" % COMMONS, {"data": [DOC], "last_offset": "f1:0:0:1"},
     ROWS + "INSERT INTO temp.{w}(_id, a) VALUES ('1', 2)"),
    ("patches", r"PATCH %scollections/case\d+/docs" % COMMONS, {"data": [{**DOC, "status": "PATCHED"}], "last_offset": "f1:0:0:1"},
     ROWS + "UPDATE temp.{w} SET a = 3 WHERE _id = '1'"),
    ("deletes", r"DELETE %scollections/case\d+/docs" % COMMONS, {"data": [{**DOC, "status": "DELETED"}], "last_offset": "f1:0:0:1"},
     ROWS + "DELETE FROM temp.{w} WHERE _id = '1'"),
    ("new collection", "POST %scollections " % COMMONS, {"data": COLLECTION}, "SELECT rockset_create_collection('{w}')"),
]
SOME = ("missing", "null", "number", "object", "huge", "escape", "half")  # a case costs several requests


def right(line):
    """What an honest server says to a request."""
    for _, request, body, _ in ROUTES:
        if re.match(request, line):
            return answer(json.dumps(body))
    return answer(json.dumps(REFUSAL), 404)


def control():
    """Each answer of the REST API besides those to queries, spoilt; the others of the same statement are right."""
    def giver(request, spoilt):
        return lambda sock, line: sock.sendall(spoilt if re.match(request, line) else right(line))
    for name, request, base, sql in ROUTES:
        text = json.dumps(base)
        bad = [("cut", answer(text[:len(text) // 2], length=len(text))), ("half", answer(text[:len(text) // 2])),
               ("longer than it is", answer(text, length=len(text) + 5)), ("nothing", answer("")), ("a number", answer("1"))]
        bad += [("%s is %s" % (".".join(map(str, path)), word), answer(spoil(base, path, WRONG[word])))
                for path in places(base) for word in SOME]
        for what, spoilt in bad:
            yield Case("rockset", "%s: %s" % (name, what), giver(request, spoilt), None, sql)


INSERTED = {**ROCKSET, "column_fields": [{"name": "num_docs_inserted", "type": "int"}], "results": [{"num_docs_inserted": 1}]}
COMMITTED = {"data": {"passed": True, "name": "n", "offset": {"fence": "f1:0:0:1"}}}


class Account:
    """An honest server's collections, aliases and views, for one case."""

    def __init__(self):
        self.there = {"collections": {"t": COLLECTION}, "aliases": {}, "views": {}}

    def answer(self, line, body):
        """(object, status)"""
        method, path = line.split(" ")[:2]
        parts = path.split("?")[0].split("/")[4:]
        if parts[0] == "queries":
            if method == "POST" and parts[1:] != ["validations"]:
                return INSERTED, 200
            return {"collections": [], "parameters": []}, 200
        if parts[0] == "views":
            return {"data": list(self.there["views"].values())}, 200
        if parts[2:] == []:
            return {"data": {"name": "commons", "collection_count": 1}}, 200
        kind, name = parts[2], (parts[3:] + [None])[0]
        if parts[4:] == ["offsets", "commit"]:
            return COMMITTED, 200
        if method == "POST":
            told = json.loads(body)
            name = name or told["name"]
            self.there[kind][name] = {**{"collections": COLLECTION, "aliases": ALIAS, "views": VIEW}[kind],
                                      **{k: told[k] for k in ("collections", "description") if k in told}, "name": name}
        elif not name:
            return {"data": list(self.there[kind].values())}, 200
        held = self.there[kind].pop(name, None) if method == "DELETE" else self.there[kind].get(name)
        return ({"data": held}, 200) if held else ({"message": "none", "type": "NOTFOUND"}, 404)

    def lacks(self, kind, name):
        """Why it is not so that `kind` is there, or is gone; None: it is so."""
        alias, held = self.there["aliases"].get(name), self.there["collections"]
        if kind == "table" and (not alias or alias["collections"][0].split(".")[1] not in held):
            return "the table is not there"
        if kind in ("aliases", "views") and name not in self.there[kind]:
            return "it is not there"
        return "it is still there" if kind == "gone" and any(name in v for v in self.there.values()) else None


MODEL = ("SELECT rockset_init(); INSERT OR REPLACE INTO rockset_models(name, materialized, sql) "
         "VALUES('{w}', '%s', 'select 1'); SELECT rockset_materialize('{w}')")
TABLE, VIEW_MODEL, AGAIN = MODEL % "table", MODEL % "view", "; SELECT rockset_materialize('{w}')"
A_COLLECTION = "SELECT rockset_create_collection('{w}')"
AN_ALIAS = "SELECT rockset_create_collection('{w}_c'); SELECT rockset_create_alias('{w}', 'commons.{w}_c')"
# Statements of several requests, each of which needs what the others have made: the request whose answer is spoilt, which
# one of them (0: the first), a right answer, the statements, what is there afterwards
FLOWS = [
    ("build: its name, found", r"GET %saliases/case" % COMMONS, 3, {"data": ALIAS}, TABLE + AGAIN, "table"),
    ("build: new collection", r"POST %scollections " % COMMONS, 0, {"data": COLLECTION}, TABLE, "table"),
    ("build: collection awaited", r"GET %scollections/case\d+__\w+ " % COMMONS, 0, {"data": COLLECTION}, TABLE, "table"),
    ("build: rows", "POST /v1/orgs/self/queries ", 0, INSERTED, TABLE, "table"),
    ("build: offset awaited", r"GET %scollections/case\d+__\w+/offsets/commit" % COMMONS, 0, COMMITTED, TABLE, "table"),
    ("build: new alias", r"POST %saliases " % COMMONS, 0, {"data": ALIAS}, TABLE, "table"),
    ("build: alias awaited", r"GET %saliases/case" % COMMONS, 2, {"data": ALIAS}, TABLE, "table"),
    ("build: alias moves", r"POST %saliases/case" % COMMONS, 0, {"data": ALIAS}, TABLE + AGAIN, "table"),
    ("build: move awaited", r"GET %saliases/case" % COMMONS, 5, {"data": ALIAS}, TABLE + AGAIN, "table"),
    ("build: old collection", r"DELETE %scollections/case" % COMMONS, 0, {"data": COLLECTION}, TABLE + AGAIN, "table"),
    ("view: new", r"POST %sviews " % COMMONS, 0, {"data": VIEW}, VIEW_MODEL, "views"),
    ("view: awaited", r"GET %sviews/case" % COMMONS, 1, {"data": VIEW}, VIEW_MODEL, "views"),
    ("view: changes", r"POST %sviews/case" % COMMONS, 0, {"data": VIEW}, VIEW_MODEL + AGAIN, "views"),
    ("view: dropped", r"DELETE %sviews/case" % COMMONS, 0, {"data": VIEW}, VIEW_MODEL + "; SELECT rockset_drop_view('{w}')", "gone"),
    ("alias: new", r"POST %saliases " % COMMONS, 0, {"data": ALIAS}, AN_ALIAS, "aliases"),
    ("alias: dropped", r"DELETE %saliases/case" % COMMONS, 0, {"data": ALIAS}, AN_ALIAS + "; SELECT rockset_drop_alias('{w}')", "gone"),
    ("collection: dropped", r"DELETE %scollections/case" % COMMONS, 0, {"data": COLLECTION},
     A_COLLECTION + "; SELECT rockset_drop_collection('{w}')", "gone"),
]


def flow(name, request, nth, sql, kind, spoilt):
    """A case in which the nth answer to the request is spoilt(a right one, its status); nth None: each of them."""
    def give(sock, line):
        value, status = case.account.answer(line, sock.body)
        if re.match(request, line):
            case.matched += 1
            if nth is None or case.matched == nth + 1:
                return sock.sendall(spoilt(value, status))
        sock.sendall(answer(json.dumps(value), status))
    case = Case("rockset", name, give, None, sql)
    case.account, case.kind, case.matched, case.nth = Account(), kind, 0, nth or 0
    return case


def flows():
    def cut(value, status):
        text = json.dumps(value)
        return answer(text[:len(text) // 2], status, length=len(text))
    for name, request, nth, base, sql, kind in FLOWS:
        def bad(what, spoilt):
            return flow("%s: %s" % (name, what), request, nth, sql, kind, spoilt)
        yield bad("cut", cut)
        yield bad("nothing", lambda v, status: answer(""))
        yield bad("an array", lambda v, status: answer("[]"))
        yield bad("of another name", lambda v, status, base=base: answer(json.dumps(base)))
        for status in (400, 401, 404, 409, 500, 503):
            yield bad("status %d" % status, lambda v, _, status=status: answer(json.dumps({**REFUSAL, "message": SECRET}), status))
        for path in places(base):
            for word in SOME:
                yield bad("%s is %s" % (".".join(map(str, path)), word),
                          lambda v, status, path=path, word=word: answer(spoil(v, path, WRONG[word]), status))


def whole(engine):
    return {"rockset": ROCKSET, "trino": TRINO}[engine]


def fields(engine):
    base = whole(engine)
    rows = "results" if engine == "rockset" else "data"
    for path in places(base):
        for word, text in WRONG.items():
            may = [[ROW]]
            if path[0] == rows:
                if word in ("missing", "array", "null") and path == (rows,):
                    may = [[]] if engine == "trino" or word == "array" else []
                elif len(path) > 1 and word != "duplicate":
                    may = None  # another value: whatever it is
                elif word != "duplicate":
                    may = []
                else:
                    may = None
            elif path[0] in ("column_fields", "columns"):
                may = None  # other names and types
            yield Case(engine, "%s is %s" % (".".join(map(str, path)), word), answer(spoil(base, path, text)), may)
    refusal = REFUSAL if engine == "rockset" else TRINO_ERROR
    for path in places(refusal):
        for word, text in WRONG.items():
            may = [[]] if engine == "trino" else []
            status = 400 if engine == "rockset" else 200
            yield Case(engine, "refusal's %s is %s" % (".".join(map(str, path)), word),
                       answer(spoil(refusal, path, text), status), may)


def transport(engine):
    text = json.dumps(whole(engine)).encode()
    for at in range(0, len(text), 9):
        yield Case(engine, "cut at byte %d" % at, answer(text[:at], length=len(text)))
        yield Case(engine, "ends at byte %d" % at, answer(text[:at]))
    for more in (1, 100, 1 << 40):
        yield Case(engine, "Content-Length %d too long" % more, answer(text, length=len(text) + more))
    for length in ("-1", "99999999999999999999", "abc", "0x10", "1,2", "", "18446744073709551616"):
        yield Case(engine, "Content-Length %r" % length, answer(text, length=length), [[ROW]])
    yield Case(engine, "two lengths", answer(text, headers=["Content-Length: 3"]), [[ROW]])
    yield Case(engine, "length and chunks", answer(text, headers=["Transfer-Encoding: chunked"]), [[ROW]])
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"zz\r\n", b"ffffffffffffffff\r\n{}", b"-5\r\n{}\r\n", b"5\r\nabc", b"\r\n\r\n", b"5;" + b"x" * 100000,
                 b"%x\r\n%s\r\n" % (len(text), text), b"%x\r\n%s0\r\n\r\n" % (len(text), text), b"1\r\n{\r\n" * 1000):
        yield Case(engine, "chunks %r ... %r" % (body[:20], body[-9:]), chunked + body)
    packed = gzip.compress(text)
    for what, body in (("bomb", gzip.compress(b'{"x":"' + b"a" * (600 << 20))[:2 << 20]), ("cut", packed[:-9]),
                       ("wrong sum", packed[:-8] + b"12345678"), ("no gzip", text), ("head alone", packed[:10]),
                       ("twice", gzip.compress(packed)), ("bomb of brackets", gzip.compress(b"[" * (50 << 20)))):
        yield Case(engine, "gzip: " + what, answer(body, headers=["Content-Encoding: gzip"]))
    for encoding in ("br", "deflate", "identity, gzip", "x" * 5000):
        yield Case(engine, "encoding %s" % encoding[:20], answer(text, headers=["Content-Encoding: " + encoding]), [[ROW]])
    for what, head in (("one of 3 MB", ["X: " + "h" * (3 << 20)]), ("50,000", ["X%d: y" % i for i in range(50000)]),
                       ("no colon", ["nonsense"]), ("NUL", ["X: a\0b"]), ("folded", ["X: a\r\n b"]),
                       ("escape", ["X: \x1b[31m"])):
        yield Case(engine, "headers: " + what, answer(text, headers=head), [[ROW]])
    for first in (b"", b"\0", b"HTTP/9.9 200 OK", b"HTTP/1.1 abc", b"HTTP/1.1 200", b"SSH-2.0-x", b"HTTP/1.1 -1 x", b"\x16\x03\x01",
                  b"HTTP/1.1 200 " + b"x" * 300000, b"ICY 200 OK", b"HTTP/0.9 200 OK", b"<html>", b"HTTP/1.1 99999 x"):
        yield Case(engine, "first line %r" % first[:20], first + b"\r\n\r\n" + text, [[ROW]])
    for what, body in (("deep arrays", b"[" * 200000), ("deep objects", b'{"a":' * 200000), ("no UTF-8", b'{"results":[{"a":"\xff\xfe"}]'),
                       ("NULs", b"\0" * 5000), ("a number", b"1"), ("a text", b'"x"'), ("null", b"null"), ("nothing", b""),
                       ("blanks", b" " * 5000), ("html", b"<html>" + b"x" * 5000), ("10 MB of digits", b'{"x":' + b"9" * (10 << 20)),
                       ("BOM", b"\xef\xbb\xbf" + b"{}"), ("two documents", b"{}{}"), ("junk behind", text + b"junk")):
        yield Case(engine, "body: " + what, answer(body), [[], [ROW]] if what in ("two documents", "BOM") and engine == "trino" else
                   [[ROW]] if what == "junk behind" else [[]] if engine == "trino" and what == "two documents" else [])
    secret = "api key %s" % SECRET
    for status in sorted({*range(100, 600, 7), 204, 205, 206, 304, 401, 403, 404, 408, 409, 410, 429, 500, 502, 503, 504}):
        if status >= 200:
            yield Case(engine, "status %d" % status, answer(json.dumps(REFUSAL), status), [[]] if status < 300 else [])
    for what, body in (("escapes", "\x1b[2J\x1b]0;title\x07\x9b31m"), ("secret", secret), ("no UTF-8", b"\xff\xfe\xc0\x80\xed\xa0\x80"),
                       ("NUL", "a\0b"), ("10 MB", "z" * (10 << 20)), ("secret in JSON", json.dumps({"message": secret})),
                       ("escapes in JSON", json.dumps({"message": "\x1b[2J\u009b31m\x07", "type": "\x1b[0m"})),
                       ("10 MB in JSON", json.dumps({"message": "z" * (10 << 20)})), ("format", json.dumps({"message": "%s%n%s%n"}))):
        for status in (400, 401, 500):
            yield Case(engine, "error %d: %s" % (status, what), answer(body, status))
    for status in (301, 302, 303, 307, 308):
        for where in ("file:///etc/passwd", "http://127.0.0.1:1/", "gopher://127.0.0.1/", "//evil.invalid/x", "/elsewhere",
                      "dict://127.0.0.1:11211/stats", "javascript:x", ""):
            yield Case(engine, "redirect %d to %s" % (status, where), answer(b"", status, ["Location: " + where]))
    columns = ({"column_fields": [{"name": "c%d" % i, "type": "int"} for i in range(40000)],
                "results": [{"c%d" % i: i for i in range(40000)}]} if engine == "rockset" else
               {"columns": [{"name": "c%d" % i, "type": "bigint"} for i in range(40000)], "data": [list(range(40000))]})
    yield Case(engine, "40,000 columns", answer(json.dumps({**whole(engine), **columns})))


def never():
    """What is waited for never comes: an interrupt ends it."""
    def without(change):
        return lambda value, status: answer(json.dumps({"data": {**value.get("data", {}), **change}}), status)
    for name, request, sql, change in (
            ("collection", r"GET %scollections/case\d+__\w+ " % COMMONS, TABLE, {"status": "CREATED"}),
            ("offset", r"GET %scollections/case\d+__\w+/offsets/commit" % COMMONS, TABLE, {"passed": False}),
            ("alias", r"GET %saliases/case" % COMMONS, TABLE, {"collections": ["commons.old"]}),
            ("view", r"GET %sviews/case" % COMMONS, VIEW_MODEL, {"state": "SYNCING"})):
        yield flow("never: " + name, request, None, sql, None, without(change))


def endless(engine):
    """Pages that never end, and such as drip: what is wrong is told within the limit, or at the interrupt."""
    def pages(sock, path, n=[0]):
        n[0] += 1
        body = dict(whole(engine))
        if engine == "rockset":
            body["pagination"] = {"next_cursor": "c", "current_page_doc_count": 0}
            body["results"] = []
            body["results_total_doc_count"] = 1
        else:
            body = {"id": "q1", "nextUri": "http://%s/v1/statement/%s" % (sock.host, sock.tag), "stats": {"state": "RUNNING"}}
        sock.sendall(answer(json.dumps(body)))

    def drip(sock, path):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(600):
            sock.sendall(b" ")
            time.sleep(0.1)

    def silent(sock, path):
        time.sleep(60)

    def dripping_head(sock, path):
        for _ in range(600):
            sock.sendall(b"H")
            time.sleep(0.1)
    for name, give in (("the same page for ever", pages), ("a byte at a time", drip), ("silence", silent),
                       ("a head a byte at a time", dripping_head)):
        yield Case(engine, name, give)


class Connection:
    """A socket with the host and the case of the request that is answered."""

    def __init__(self, sock, host, tag, body):
        self.sock, self.host, self.tag, self.body = sock, host, tag, body

    def sendall(self, data):
        self.sock.sendall(data)


class Server:
    def __init__(self, cases):
        self.cases, self.asked = cases, {}
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            sock, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def request(self, sock):
        head = b""
        while b"\r\n\r\n" not in head:
            part = sock.recv(65536)
            if not part:
                return None
            head += part
        head, _, body = head.partition(b"\r\n\r\n")
        n = re.search(rb"content-length: *(\d+)", head, re.I)
        while n and len(body) < int(n.group(1)):
            part = sock.recv(65536)
            if not part:
                return None
            body += part
        return head.split(b"\r\n")[0].decode("latin-1"), body.decode("utf-8", "replace")

    def serve(self, sock):
        try:
            asked = self.request(sock)
            tag = re.search(r"case:?(\d+)", " ".join(asked)) if asked else None
            if tag:
                number = int(tag.group(1))
                self.asked[number] = self.asked.get(number, 0) + 1
                give = self.cases[number].give
                account = self.cases[number].account
                if asked[0].startswith("DELETE") and "/docs" not in asked[0] and not account:
                    sock.sendall(answer("{}", 204 if self.cases[number].engine == "trino" else 200))
                elif callable(give):
                    give(Connection(sock, "127.0.0.1:%d" % self.port, "case%d" % number, asked[1]), asked[0])
                else:
                    sock.sendall(give)
            elif asked:
                there = "/ws/commons " in asked[0]
                sock.sendall(answer(json.dumps({"data": {"name": "commons"} if there else [], "message": "none"}), 200 if there else 404))
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        finally:
            sock.close()


def limits():
    if not os.environ.get("RS_PRELOAD"):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def profile(port):
    return json.dumps({"p": {"target": "rockset", "outputs": {
        "rockset": {"type": "rockset", "api_key": SECRET, "api_server": "http://127.0.0.1:%d" % port, "workspace": "commons"},
        "trino": {"type": "trino", "method": "jwt", "jwt_token": SECRET, "user": "u", "host": "127.0.0.1", "port": port, "catalog": "c", "schema": "s",
                  "http_scheme": "http", "retries": 0}}}})


class Run:
    """One shell for some cases of an engine, a line of SQL each, so that an error's line tells its case."""

    def __init__(self, cases, numbers, port, interrupt):
        self.numbers, self.interrupt, self.got, self.errors, self.times = numbers, interrupt, {}, {}, {}
        self.folder = tempfile.mkdtemp(prefix="hostile")
        env = attack.environment(HOME=self.folder)
        if os.environ.get("RS_PRELOAD"):
            env["LD_PRELOAD"] = os.environ["RS_PRELOAD"]
        self.p = subprocess.Popen(["sqlite3", "-batch", "-cmd", ".load " + attack.EXTENSION, ":memory:"], env=env, cwd=self.folder,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limits)
        lines = ["SELECT rockset_profile('%s', 'p', '%s') IS NULL;" % (cases[numbers[0]].engine, profile(port))]
        for n in numbers:
            lines.append("SELECT '@%d ' || strftime('%%s', 'now') || substr(strftime('%%f', 'now'), 3);" % n)
            lines.append(cases[n].sql.replace("{w}", "case%d" % n) + ";")
        lines.append("SELECT '@end ' || strftime('%s', 'now') || substr(strftime('%f', 'now'), 3);")
        self.lines = lines
        self.timer = threading.Timer(EACH_S + (0 if interrupt else EACH_S * 4), self.p.kill)
        self.timer.start()
        if interrupt:
            threading.Timer(2, lambda: self.p.poll() is None and self.p.send_signal(2)).start()
        start = time.time()
        self.out, self.err = self.p.communicate("\n".join(lines).encode())
        self.took = time.time() - start
        self.timer.cancel()
        os.rmdir(self.folder)
        self.read()

    def read(self):
        last, since = None, 0.0
        for line in self.out.decode("utf-8", "replace").split("\n"):
            mark = re.match(r"@(\w+) ([\d.]+)$", line)
            if mark:
                if last is not None:
                    self.times[last] = float(mark.group(2)) - since
                last, since = (int(mark.group(1)) if mark.group(1) != "end" else None), float(mark.group(2))
            elif line and last is not None:
                self.got.setdefault(last, []).append(line)
        self.last = last
        at = None
        for line in self.err.decode("utf-8", "replace").split("\n"):
            mark = re.match(r"(?:Runtime |Parse )?[Ee]rror:? (?:near|in|at) line (\d+)", line)
            if mark:
                at = (int(mark.group(1)) - 1) // 2 - 1 if int(mark.group(1)) > 2 else None
                at = self.numbers[at] if at is not None and 0 <= at < len(self.numbers) else None
            if at is not None:
                self.errors[at] = self.errors.get(at, "") + line


def judge(case, n, run, port):
    """What the case achieved; None: nothing."""
    got, error = run.got.get(n, []), run.errors.get(n)
    died = attack.died(run.p.returncode, run.err.decode("utf-8", "replace"))
    if re.search(r": (interrupted|cancelled while running)\b", error or "") and run.interrupt and not died:
        return None  # the shell reads no further
    if n not in run.times:
        return (died or "the shell ended") + ": " + run.err[-300:].decode("utf-8", "replace") if run.last == n or died else "not reached"
    shown = "\n".join(got) + (error or "")
    if SECRET in shown:
        return "shows the secret: " + shown[:200]
    if error and re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", error):
        return "the error holds control characters: " + ascii(error[:200])
    if run.times[n] > EACH_S:
        return "took %.1f s" % run.times[n]
    if error:
        return "no cause is told: " + error if re.search(r"(line \d+: *|out of memory *)(\(\d+\))?$", error) else None
    if case.account and case.matched <= case.nth:
        return "the request was not sent"
    if case.may is None:
        return case.account and case.account.lacks(case.kind, "case%d" % n)
    try:
        rows = [json.loads(r) for r in got]
    except ValueError:
        return "a row that is no JSON: " + shown[:200]
    return None if rows in case.may else "gives %s" % (shown[:200] or "no rows, without an error")


def main():
    suite = attack.Suite("hostile server", minimum=300)
    cases = [c for engine in ("rockset", "trino") for part in (fields, transport) for c in part(engine)] + list(control()) + list(flows())
    first_endless = len(cases)
    cases += [c for engine in ("rockset", "trino") for c in endless(engine)] + list(never())
    server = Server(cases)
    todo = []
    for engine in ("rockset", "trino"):
        numbers = [i for i, c in enumerate(cases[:first_endless]) if c.engine == engine]
        todo += [(numbers[i:i + AT_ONCE], False) for i in range(0, len(numbers), AT_ONCE)]
    todo += [([i], True) for i in range(first_endless, len(cases))]
    results, lock = {}, threading.Lock()

    def work():
        while True:
            with lock:
                if not todo:
                    return
                numbers, interrupt = todo.pop()
            run = Run(cases, numbers, server.port, interrupt)
            left = []
            for n in numbers:
                why = judge(cases[n], n, run, server.port)
                if why == "not reached":
                    left.append(n)
                    continue
                if why is None and not server.asked.get(n):
                    why = "the server was not asked"
                if interrupt and why is None and run.took > 2 + INTERRUPT_S:
                    why = "%.1f s from the interrupt to the end" % (run.took - 2)
                results[n] = why
            if left:
                with lock:
                    todo.append((left, interrupt))
    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for n, case in enumerate(cases):
        suite.tried("%s: %s" % (case.engine, case.name), results[n])
    return suite.finish()


sys.exit(main())
