#!/usr/bin/python3
"""A stand-in for Rockset's REST API v1, for faults and for orders of requests that no healthy server
shows: everything happens late, some requests fail. It knows no SQL.

Usage: rockset.py        (wire.h with wire_program = "rockset.py" runs it)

Standard input: a line with the script's length in bytes, then the script. Runs until standard input
ends. Standard output: `port N`, then `req METHOD PATH BODY` for each request, before it is answered.

The script, one command a line; REGEX must match all of `METHOD PATH` (fault) or be found in the
statement (rows, answer):
    lag N                    entities are ready, gone, moved ... only after N more requests
    rows REGEX;JSON          the rows of a statement, a JSON array of objects
    answer REGEX;JSON        the whole answer to a statement
    fault N[@K] REGEX;ACTION for N requests, behind the first K: `status CODE TYPE TEXT`, `cut BYTES` of
                             the whole answer, `drop` (closes without an answer, having done its
                             work), `stall` (likewise), `body TEXT` (instead of the answer's), `none`
                             DELETE /faults ends all faults
    cuts N REGEX             the same as N pairs of faults: the i-th answer is cut at byte i from 0
                             on, the one behind it is whole
    entity KIND WS NAME JSON an alias, collection or view that is there already
    types                    column_fields name the types of the first row, as rocksetd does
    list no|late|first       column_fields: not at all, behind the rows, in front (the default)
    page N                   rows in one answer, whatever the client asks for
"""
import json
import re
import sys
import threading
import urllib.parse
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.RLock()
ws, entities, queries, settings = {"commons": 1}, {}, {}, {"lag": 0, "list": "first", "page": 10**9}
rules, faults = [], []


def say(*words):
    """In one piece, whatever PYTHONUNBUFFERED says."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Refused(Exception):
    def __init__(self, status, kind, text):
        super().__init__(text)
        self.status, self.kind, self.text = status, kind, text


def add(kind, w, name, **more):
    e = {"workspace": w, "name": name, "description": None, "created_at": "2026-01-02T03:04:05Z",
         "late": settings["lag"], "docs": {}, "gone": None, **more}
    entities[kind, w, name] = e
    return e


def load(script):
    for line in script.split("\n"):
        word, _, rest = line.partition(" ")
        regex, _, value = rest.partition(";")
        if word in ("rows", "answer"):
            rules.append((word, re.compile(regex), json.loads(value)))
        elif word == "fault":
            n, _, regex = regex.partition(" ")
            n, _, behind = n.partition("@")
            faults.append([int(n), re.compile(regex), value, int(behind or 0)])
        elif word == "cuts":
            n, _, regex = rest.partition(" ")
            for i in range(int(n)):
                faults.append([1, re.compile(regex), f"cut {i}", 0])
                faults.append([1, re.compile(regex), "none", 0])
        elif word == "entity":
            kind, w, name, value = rest.split(" ", 3)
            add(kind, w, name, **{"late": 0, **json.loads(value)})
        elif word in ("lag", "page"):
            settings[word] = int(rest)
        elif word in ("list", "types"):
            settings[word] = rest or True


def public(kind, e):
    out = {k: e[k] for k in ("workspace", "name", "description", "created_at")}
    if kind == "collections":
        out.update(status="READY" if e["late"] <= 0 else "CREATED", stats={"doc_count": len(e["docs"])})
    elif kind == "views":
        out.update(query_sql=e["query"], state="CREATED" if e["late"] <= 0 else "SYNCING",
                   entities=e.get("entities", []))
    elif kind == "aliases":
        out.update(collections=e["collections"] if e["late"] <= 0 else e.get("before") or [],
                   state="CREATED")
    return out


def find(kind, w, name):
    e = entities.get((kind, w, name))
    if e is not None and e["gone"] is not None:
        e["gone"] -= 1
        if e["gone"] < 0:
            del entities[kind, w, name]
            e = None
    if e is None:
        raise Refused(404, "NOTFOUND", f"{kind} '{w}.{name}' not found")
    e["late"] -= 1
    return e


def collection_of(w, name):
    alias = entities.get(("aliases", w, name))
    if alias:
        w, name = alias["collections"][0].rsplit(".", 1)
    return find("collections", w, name)


NAME = r'"((?:[^"]|"")*)"\."((?:[^"]|"")*)"'


BLANK = r"(?:\s|--[^\n]*\n|/\*.*?\*/)"
INSERT = re.compile(rf'{BLANK}*INSERT{BLANK}+INTO{BLANK}+("[^"]+"|\w+){BLANK}*\.{BLANK}*("[^"]+"|\w+)', re.I)


def rows_of(sql):
    for word, regex, value in rules:
        if word == "rows" and regex.search(sql):
            return value
    m = re.search(NAME, sql)
    if not m:
        raise Refused(400, "QUERY_ERROR", "no rule for this statement")
    return list(collection_of(m[1], m[2])["docs"].values())


def type_name(v):
    if isinstance(v, dict):
        return v.get("__rockset_type", "object").lower()
    return {bool: "bool", int: "int", float: "float", str: "string", list: "array"}.get(type(v), "null")


def describe(sql):
    m = re.match("DESCRIBE " + NAME, sql)
    docs = list(collection_of(m[1], m[2])["docs"].values())
    seen = {}
    for d in docs:
        for k, v in d.items():
            t = type_name(v)
            seen[k, t] = seen.get((k, t), 0) + 1
    return [{"field": [k], "type": t, "occurrences": n, "total": len(docs)}
            for (k, t), n in sorted(seen.items())]


def insert(sql):
    m = INSERT.match(sql)
    rows = rows_of(sql[m.end():])
    docs = collection_of(m[1].strip('"'), m[2].strip('"'))["docs"]
    for r in rows:
        docs[r.get("_id") or str(uuid.uuid4())] = r
    return len(rows)


def answer(q, rows, first, page=False):
    n = min(settings["page"], q["most"] or 10**9) if not page else settings["page"]
    part = rows[first:first + n]
    fields = [{"name": k, "type": type_name(v) if settings.get("types") else ""}
              for k, v in (rows[0] if rows else {}).items()]
    out = {} if page else {"query_id": q["id"], "status": "COMPLETED", "collections": []}
    if settings["list"] == "first" and not page:
        out["column_fields"] = fields
    out["results"] = part
    if settings["list"] == "late" and not page:
        out["column_fields"] = fields
    out["results_total_doc_count"] = len(rows)
    if first + n < len(rows):
        out["pagination"] = {"next_cursor": f"c/{first + n}=", "current_page_doc_count": len(part)}
    if q.get("offset"):
        out["last_offset"] = q["offset"]
    return out


def run(body):
    sql = body["sql"]["query"].strip()
    for word, regex, value in rules:
        if word == "answer" and regex.search(sql):
            return value
    q = {"id": f"{uuid.uuid4()}:abcdefg:0", "sql": sql, "late": settings["lag"], "offset": None,
         "most": body.get("max_initial_results")}
    queries[q["id"]] = q
    if INSERT.match(sql):
        q["rows"] = [{"num_docs_inserted": insert(sql)}]
        q["offset"] = "f1:0:0:1:2"
    elif sql.startswith("DESCRIBE"):
        q["rows"] = describe(sql)
    else:
        q["rows"] = rows_of(sql)
    if "async_options" in body and q["late"] > 0:
        return {"query_id": q["id"], "status": "RUNNING", "results": []}
    return answer(q, q["rows"], 0)


def query_info(q):
    q["late"] -= 1
    done = q["late"] <= 0
    return {"data": {"query_id": q["id"], "status": "COMPLETED" if done else "RUNNING", "sql": q["sql"]},
            **({"last_offset": q["offset"]} if done and q["offset"] else {})}


def documents(method, c, body):
    out = []
    for d in body["data"]:
        if d.get("bad"):
            out.append({"_id": d["_id"], "status": "ERROR",
                        "error": {"type": "INVALIDINPUT", "message": "bad document"}})
            continue
        known = d["_id"] in c["docs"]
        if method == "POST":
            c["docs"][d["_id"]] = d
        elif method == "DELETE":
            c["docs"].pop(d["_id"], None)
        status = {"POST": "REPLACED" if known else "ADDED", "DELETE": "DELETED", "PATCH": "PATCHED"}
        out.append({"_collection": c["name"], "_id": d["_id"], "status": status[method], "error": None})
    return {"data": out, "last_offset": "f1:0:0:1:9"}


def change(kind, w, name, body):
    """Creates (name None) or updates."""
    if name is None:
        if w not in ws:
            raise Refused(404, "NOTFOUND", f"workspace '{w}' not found")
        if any((k, w, body["name"]) in entities for k in ("collections", "aliases", "views")):
            raise Refused(409, "ALREADYEXISTS", f"'{body['name']}' exists")
        e = add(kind, w, body["name"])
        if kind == "views":
            e["entities"] = [f"{a}.{b}" for a, b in re.findall(NAME, body["query"])]
    else:
        e = find(kind, w, name)
        e["before"], e["late"] = e.get("collections"), settings["lag"]
    e.update(body)
    return {"data": public(kind, e)}


def version_of(e, n):
    v = e["versions"][n]
    return {"workspace": e["workspace"], "name": e["name"], "version": f"{n:016x}", "sql": v["sql"],
            "description": v.get("description"), "created_at": f"2026-01-02T03:04:{n:02}Z", "created_by": "me"}


def lambdas(method, w, name, what, which, body):
    if name is None and method == "POST" or method == "POST" and what == "versions" and which is None:
        if name is None and ("lambdas", w, body["name"]) in entities:
            raise Refused(409, "ALREADYEXISTS", f"lambda '{body['name']}' exists")
        e = add("lambdas", w, body["name"], versions=[], tags={}) if name is None else find("lambdas", w, name)
        e["versions"].append(body)
        e["tags"]["latest"] = len(e["versions"]) - 1
        return {"data": version_of(e, e["tags"]["latest"])}
    if name is None:
        return {"data": [{"workspace": v, "name": n, "version_count": len(e["versions"]),
                          "latest_version": version_of(e, e["tags"]["latest"])}
                         for (k, v, n), e in entities.items() if k == "lambdas" and w in (None, v)]}
    e = find("lambdas", w, name)
    if what is None or what == "version":
        if method == "DELETE" and what is None:
            del entities["lambdas", w, name]
        return {"data": {"name": name}}
    if what == "tags" and method == "POST" and which is None:
        e["tags"][body["tag_name"]] = int(body["version"], 16)
        return {"data": {"tag_name": body["tag_name"]}}
    if which is None:
        return {"data": [version_of(e, n) for n in reversed(range(len(e["versions"])))] if what == "versions" else
                [{"tag_name": t, "version": version_of(e, n)} for t, n in e["tags"].items()]}
    if what == "tags" and which not in e["tags"]:
        raise Refused(404, "NOTFOUND", f"tag '{which}' not found")
    n = e["tags"][which] if what == "tags" else int(which, 16)
    if method == "DELETE":
        e["tags"].pop(which, None)
    if method == "POST":
        return run({**body, "sql": e["versions"][n]["sql"]})
    return {"data": {"tag_name": which, "version": version_of(e, n)} if what == "tags" else version_of(e, n)}


def control(method, path, query, body):
    parts = path.strip("/").split("/") if path != "/" else []
    if parts == []:
        return {"data": {"id": "org1", "display_name": "Test"}}
    if parts[0] == "queries" or parts[:1] == ["virtualinstances"] and parts[2:] == ["queries"]:
        rest = parts[1:] if parts[0] == "queries" else []
        if rest == ["validations"]:
            return {"collections": [], "parameters": []}
        if method == "POST":
            return run(body)
        if not rest:
            return {"data": [query_info(dict(q)) ["data"] | {"status": "RUNNING"} for q in queries.values()]}
        q = queries.get(rest[0])
        if q is None:
            raise Refused(404, "NOTFOUND", "query not found")
        if method == "DELETE":
            return {"data": {"query_id": q["id"], "status": "CANCELLED"}}
        if rest[1:] == ["pages"]:
            at = int(query.get("cursor", ["c/0="])[0][2:-1])
            return answer(q, q["rows"], at, page=True)
        return query_info(q)
    if parts[0] == "lambdas":
        return lambdas(method, None, None, None, None, body)
    if parts == ["faults"]:
        faults.clear()
        return {}
    if parts[0] in ("collections", "aliases", "views"):
        return {"data": [public(k, e) for (k, _, _), e in entities.items() if k == parts[0]]}
    if parts[0] == "virtualinstances":
        return {"data": [{"id": "v1", "name": "main", "state": "ACTIVE", "current_size": "SMALL",
                          "default_vi": True}]}
    if parts[0] != "ws":
        raise Refused(404, "NOTFOUND", "no such path")
    if len(parts) == 1:
        if method == "POST":
            ws[body["name"]] = 1
        return {"data": [{"name": w} for w in ws]}
    w, kind, name, what = (parts + [None] * 3)[1:5]
    if kind is None:
        if w not in ws:
            raise Refused(404, "NOTFOUND", f"workspace '{w}' not found")
        if method == "DELETE":
            del ws[w]
        return {"data": {"name": w}}
    if kind == "lambdas":
        return lambdas(method, w, name, what, (parts + [None] * 6)[5], body)
    if what == "docs":
        return documents(method, find(kind, w, name), body)
    if what == "offsets":
        e = find(kind, w, name)
        e["fence"] = e.get("fence", settings["lag"]) - 1
        return {"data": {"fence": query["fence"][0], "passed": e["fence"] < 0}, "offsets": {}}
    if method == "GET" and name is None:
        return {"data": [public(k, e) for (k, v, _), e in entities.items() if k == kind and v == w]}
    if method == "POST":
        return change(kind, w, name, body)
    e = find(kind, w, name)
    if method == "DELETE":
        readers = [v for (k, _, _), v in entities.items()
                   if k == "views" and f"{w}.{name}" in v.get("entities", [])]
        if readers:
            raise Refused(409, "DEPENDENTRESOURCES", f"'{w}.{name}' is read by views")
        e["gone"] = settings["lag"]
    return {"data": public(kind, e)}


def fault_of(what):
    """What happens to this request, or ''."""
    for fault in faults:
        if fault[0] > 0 and fault[1].fullmatch(what):
            if fault[3] > 0:
                fault[3] -= 1
                continue
            fault[0] -= 1
            return fault[2]
    return ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        with lock:
            target = self.path.removeprefix("/v1/orgs/self") or "/"
            say("req", self.command, target, body.replace("\n", "\\n"))
            action = fault_of(f"{self.command} {target}")
            status, out = 200, None
            try:
                if self.headers.get("Authorization") != "ApiKey secret-of-the-test":
                    raise Refused(401, "AUTHEXCEPTION", "unknown API key")
                if action.startswith("status "):
                    _, code, kind, text = action.split(" ", 3)
                    raise Refused(int(code), kind, text)
                path, _, query = target.partition("?")
                path = "/".join(urllib.parse.unquote(p) for p in path.split("/"))
                out = control(self.command, path, urllib.parse.parse_qs(query), json.loads(body or "null"))
            except Refused as e:
                status = e.status
                out = {"message": e.text, "type": e.kind, "line": None, "column": None}
        text = action[5:].encode() if action.startswith("body ") else json.dumps(out).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n"
        whole = head.encode() + text
        say("len", self.command, target, len(whole))
        if action.startswith("cut "):
            whole = whole[:int(action[4:])]
        if action == "stall":
            while not self.rfile.closed and self.connection.fileno() >= 0:
                self.connection.settimeout(60)
                if not self.connection.recv(1):
                    break
        if action not in ("drop", "stall"):
            self.wfile.write(whole)
        if action and not action.startswith(("status", "body", "none")):
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = serve


class Server(ThreadingHTTPServer):
    def handle_error(self, request, address):
        kind = sys.exc_info()[0]
        if not issubclass(kind, (ConnectionError, TimeoutError)):
            super().handle_error(request, address)


def main():
    load(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())).decode())
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say("port", server.server_address[1])
    sys.stdin.buffer.read()


main()
