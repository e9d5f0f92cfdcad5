"""Nobody reaches what is hidden through rocksetd: every route of its own table, each argument of its
path, each member of its body and its query string, with every spelling of a hidden name, for every
role. Each must be answered as what is not there, and the hidden schema be the same afterwards.

The routes come from `rocksetd --routes`: one that is added is tried without an edit here.
"""
import ctypes
import http.client
import json
import os
import subprocess
import sys
import urllib.parse

import attack

os.environ["ROCKSETD"] = attack.ROCKSETD
os.environ.setdefault("DUCKDB_LIBRARY",
                      os.path.join(attack.BUILD, "deps", "duckdb", "libduckdb.so"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server"))
from harness import ORG, Server  # noqa: E402

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
# As they stand in a name; in a path they are percent-encoded besides
NAMES = ["_rockset", "_ROCKSET", "_Rockset", '"_rockset"', "_rockset.entities",
         '"_rockset"."entities"', "_rockset.", "._rockset", "commons._rockset",
         "commons/../_rockset", "_rockset/entities", " _rockset", "_rockset ", "[_rockset]",
         "`_rockset`", "'_rockset'", "_db._rockset.entities", "information_schema",
         "INFORMATION_SCHEMA.tables", "pg_catalog", "pg_catalog.pg_class", "__rs_stage_1"]
FIELDS = ["name", "workspace", "collection", "collections", "collection_paths", "sources",
          "tag_name", "version", "integration", "integration_name", "virtual_instance_id",
          "default_workspace", "path", "new_name", "target"]
SECRET = "hash"  # in every document of a key, and in no answer
TEXTS = ["select * from _rockset.entities", 'select * from "_rockset"."entities"',
         'select * from "_ROCKSET".entities', "select * from _rockset . entities",
         "select * from /**/_rockset/**/./**/entities", "select * from _db._rockset.entities",
         "select x.* from (select * from _rockset.entities) x", "table _rockset.entities",
         "with a as (select * from _rockset.entities) select * from a",
         "select (select count(*) from _rockset.entities)", "from _rockset.entities",
         "select * from commons.c join _rockset.entities on true",
         "select * from information_schema.tables", "describe _rockset.entities"]


class Duck:
    """DuckDB's file while no server has it."""

    def __init__(self, path):
        self.lib = ctypes.CDLL(os.environ["DUCKDB_LIBRARY"])
        self.db, self.connection = ctypes.c_void_p(), ctypes.c_void_p()
        self.lib.duckdb_value_varchar.restype = ctypes.c_void_p
        for count in (self.lib.duckdb_row_count, self.lib.duckdb_column_count):
            count.restype = ctypes.c_uint64
        assert self.lib.duckdb_open(path.encode(), ctypes.byref(self.db)) == 0
        assert self.lib.duckdb_connect(self.db, ctypes.byref(self.connection)) == 0

    def rows(self, sql):
        result = ctypes.create_string_buffer(256)
        assert self.lib.duckdb_query(self.connection, sql.encode(), result) == 0, sql
        rows = []
        for i in range(self.lib.duckdb_row_count(result)):
            row = []
            for k in range(self.lib.duckdb_column_count(result)):
                text = self.lib.duckdb_value_varchar(result, ctypes.c_uint64(k), ctypes.c_uint64(i))
                row.append(ctypes.string_at(text).decode() if text else None)
            rows.append(tuple(row))
        self.lib.duckdb_destroy_result(result)
        return rows

    def close(self):
        self.lib.duckdb_disconnect(ctypes.byref(self.connection))
        self.lib.duckdb_close(ctypes.byref(self.db))


def dump(path):
    """What no request of this class may change: the hidden table, and which relations there are."""
    duck = Duck(path)
    try:
        return (duck.rows("select kind, workspace, name, sub, body from _rockset.entities order by all"),
                duck.rows("select schema_name, table_name from duckdb_tables() order by all"),
                duck.rows("select schema_name, view_name from duckdb_views() where not internal "
                          "order by all"),
                duck.rows("select * from commons.c order by all"))
    finally:
        duck.close()


class Client:
    """One connection, opened anew where the server closes it."""

    def __init__(self, server, key):
        self.server, self.key = server, key
        self.open = None

    def ask(self, method, path, body=None):
        head = {"Content-Type": "application/json"}
        if self.key:
            head["Authorization"] = "ApiKey " + self.key
        for last in (False, True):
            if self.open is None:
                self.open = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            try:
                self.open.request(method, path, body, head)
                answer = self.open.getresponse()
                return answer.status, answer.read().decode("utf-8", "replace")
            except (http.client.HTTPException, OSError):
                self.open.close()
                self.open = None
                if last:
                    raise
        return None


def routes():
    text = subprocess.run([attack.ROCKSETD, "--routes"], check=True, capture_output=True,
                          text=True, timeout=60, env=attack.environment()).stdout
    return [line.split(" ") for line in text.splitlines()]


def fill(path, args):
    """The route's {} in order; as they are."""
    for arg in args:
        path = path.replace("{}", arg, 1)
    return path


def visible(path):
    """Arguments of the route that are there."""
    args, segments = [], path.split("/")
    for before, segment in zip(segments, segments[1:]):
        if segment == "{}":
            args.append({"ws": "commons", "collections": "c", "views": "v", "aliases": "a",
                         "lambdas": "l", "tags": "latest", "virtualinstances": "main",
                         "mounts": "commons.c", "users": "self"}.get(before, "x"))
    return args


def spellings(name):
    """Of one segment of a path."""
    yield urllib.parse.quote(name, safe="")
    yield "".join("%%%02x" % b for b in name.encode())
    yield urllib.parse.quote(name, safe="").replace("_", "%5F")
    if "/" not in name and " " not in name and '"' not in name and "`" not in name:
        yield name


def judge(role, status, text, right):
    if SECRET in text or '"prefix"' in text:
        return "it shows what is hidden: %s" % attack.shorten(text)
    if role in ("nobody", "stranger"):
        return None if status in (401, 404) else "status %d without a key" % status
    return None if status in right else "status %d: %s" % (status, attack.shorten(text))


def paths(suite, clients, table):
    """A hidden name in each place of each path, by each method."""
    known = {}
    for method, path, _ in table:
        known.setdefault(path, set()).add(method)
    turn = 0
    for path, methods in known.items():
        for place in range(path.count("{}")):
            for name in NAMES:
                for written in spellings(name):
                    args = visible(path)
                    args[place] = written
                    for method in sorted(methods) + [METHODS[turn % len(METHODS)]]:
                        turn += 1
                        role = list(clients)[turn % len(clients)]
                        if method not in methods and not (method == "HEAD" and "GET" in methods):
                            right = (404, 405)
                        else:
                            right = (404,)
                        request = fill(path, args)
                        what = "%s: %s %s" % (role, method, request)
                        if what in suite.inputs:
                            continue
                        status, text = clients[role].ask(method, request, "{}" if method in
                                                         ("POST", "PUT", "PATCH") else None)
                        suite.tried(what, judge(role, status, text, right))


def every_role(suite, clients, table):
    """The plainest spelling, for all roles: the order of the walk above gives each one a part."""
    for method, path, _ in table:
        for place in range(path.count("{}")):
            args = visible(path)
            args[place] = "_rockset"
            for role, client in clients.items():
                what = "%s: %s %s, the path" % (role, method, fill(path, args))
                status, text = client.ask(method, fill(path, args),
                                          '{"name":"x","data":[{"_id":"x"}]}')
                suite.tried(what, judge(role, status, text, (404,)))


def bodies(suite, clients, table):
    """A hidden name in each member of a body. What answers without reading the body may go on."""
    turn = 0
    for method, path, _ in table:
        if method not in ("POST", "PUT", "PATCH") or path.endswith("/docs"):
            continue
        request = fill(path, visible(path))
        if "/suspend" in path:
            continue  # of the instance: it reads no body, and all else would be 503
        for field in FIELDS:
            for value in (lambda n: n, lambda n: [n], lambda n: [{"name": n}]):
                turn += 1
                name = NAMES[turn % len(NAMES)]
                role = ("admin", "member", "read-only")[turn % 3]
                body = {"name": "fresh", "sql": {"query": "select 1"}, "query": "select 1",
                        field: value(name)}
                body = json.dumps(body)
                status, text = clients[role].ask(method, request, body)
                right = (404, 403, 501, 400)
                got = judge(role, status, text, right)
                if status == 200 and clients[role].ask(method, request)[1].split(",")[0] == \
                        text.split(",")[0]:
                    got = None  # the same without a body
                suite.tried("%s: %s %s %s" % (role, method, request, body), got)
    for name in NAMES:
        for field, request in (("name", "/ws"), ("name", "/ws/commons/collections"),
                               ("name", "/ws/commons/views"), ("name", "/ws/commons/aliases"),
                               ("name", "/ws/commons/lambdas"), ("name", "/users/self/apikeys"),
                               ("collections", "/ws/commons/aliases"),
                               ("collections", "/ws/commons/aliases/a"),
                               ("collection_paths", "/virtualinstances/main/mounts"),
                               ("tag_name", "/ws/commons/lambdas/l/tags")):
            value = name if field in ("name", "tag_name") else [name]
            body = json.dumps({"name": "fresh", "query": "select 1", "version": "latest",
                               "sql": {"query": "select 1"}, "collections": ["commons.c"],
                               field: value})
            status, text = clients["admin"].ask("POST", ORG + request, body)
            suite.tried("admin: POST %s %s, must be 404" % (request, body),
                        judge("admin", status, text, (404,)))


def query_strings(suite, clients, table):
    for method, path, role in table:
        if method != "GET" or role == "none":
            continue
        for field in ("fence", "cursor", "workspace", "collection"):
            request = "%s?%s=%s" % (fill(path, visible(path)), field, "%5frockset.entities")
            if "member: GET " + request in suite.inputs:
                continue  # two routes that end in the same path
            status, text = clients["member"].ask("GET", request)
            suite.tried("member: GET " + request, judge("member", status, text, (404, 403)))


def statements(suite, clients):
    """Texts of queries, and of what stores them."""
    for text in TEXTS:
        for role in ("admin", "member", "read-only"):
            for path, body in (("/queries", {"sql": {"query": text}}),
                               ("/queries", {"sql": {"query": text}, "async": True,
                                             "async_options": {"client_timeout_ms": 10000}}),
                               ("/queries/validations", {"sql": {"query": text}}),
                               ("/virtualinstances/main/queries", {"sql": {"query": text}}),
                               ("/ws/commons/views", {"name": "fresh", "query": text}),
                               ("/ws/commons/views/v", {"query": text}),
                               ("/ws/commons/lambdas", {"name": "fresh", "sql": {"query": text}}),
                               ("/ws/commons/lambdas/l/versions", {"sql": {"query": text}})):
                body = json.dumps(body)
                status, answer = clients[role].ask("POST", ORG + path, body)
                suite.tried("%s: POST %s %s" % (role, path, body),
                            judge(role, status, answer, (400, 403, 404)))
    for text in ("insert into _rockset.entities select 1 a", "insert into _rockset.fresh select 1 a"):
        status, answer = clients["member"].ask("POST", ORG + "/queries",
                                               json.dumps({"sql": {"query": text}}))
        suite.tried("member: " + text, judge("member", status, answer, (400, 404)))


def made_by_hand(suite, clients):
    """An alias of the hidden table and a view over it, which somebody with the file has made."""
    for role in ("admin", "member", "read-only", "one"):
        for method, path, body in (
                ("POST", "/ws/commons/collections/sly/docs", {"data": [{"_id": "x", "kind": "api_key"}]}),
                ("DELETE", "/ws/commons/collections/sly/docs", {"data": [{"_id": "x"}]}),
                ("PATCH", "/ws/commons/collections/sly/docs",
                 {"data": [{"_id": "x", "patch": [{"op": "remove", "path": "/kind"}]}]}),
                ("POST", "/queries", {"sql": {"query": "insert into sly select 'api_key' as kind"}}),
                ("POST", "/queries", {"sql": {"query": "select * from sly"}}),
                ("POST", "/queries", {"sql": {"query": "select * from sly_view"}}),
                ("POST", "/queries", {"sql": {"query": "select * from sly_twice"}}),
                ("POST", "/ws/commons/views", {"name": "fresh", "query": "select * from sly_view"})):
            status, text = clients[role].ask(method, ORG + path, json.dumps(body))
            suite.tried("%s: %s %s %s" % (role, method, path, json.dumps(body)),
                        judge(role, status, text, (400, 403, 404)))


def furnish(server):
    """What there is to see, and a key for each role."""
    server.collection("c", [{"_id": "1", "a": 1}])
    for path, body in (("/ws/commons/views", {"name": "v", "query": "select a from commons.c"}),
                       ("/ws/commons/aliases", {"name": "a", "collections": ["commons.c"]}),
                       ("/ws/commons/lambdas", {"name": "l", "sql": {"query": "select 1 x"}})):
        answer = server.post(path, body)
        assert answer.status == 200, answer
    keys = {}
    for role in ("admin", "member", "read-only"):
        answer = server.post("/users/self/apikeys", {"name": "for " + role, "role": role})
        assert answer.status == 200, answer
        keys[role] = answer.data["key"]
    privileges = [{"action": a, "resource_name": "commons"} for a in
                  ("ALL_WORKSPACE_ACTIONS",)] + [{"action": "QUERY_VI", "resource_name": "main"}]
    assert server.post("/roles", {"role_name": "one", "privileges": privileges}).status == 200
    keys["one"] = server.post("/users/self/apikeys", {"name": "of one", "role": "one"}).data["key"]
    return keys


def main():
    suite = attack.Suite("routes", minimum=300)
    with Server() as server:
        keys = furnish(server)
        assert server.stop() == 0
        duck = Duck(server.database)
        duck.rows("create view commons.sly as select * from _rockset.entities")
        duck.rows("create view commons.sly_view as select name, body from _rockset.entities")
        duck.rows("create view commons.sly_twice as select body from commons.sly_view")
        duck.rows("""insert into _rockset.entities (kind, workspace, name, sub, body) values ('alias',
          'commons', 'sly', '',
          '{"collection_workspace":"_rockset","collection_name":"entities"}')""")
        duck.close()
        before = dump(server.database)
        assert any(row[0] == "api_key" and SECRET in row[4] for row in before[0])
        again = Server(folder=server.folder)
        with again:
            keys.update(nobody=None, stranger="a key that nobody made")
            clients = {role: Client(again, key) for role, key in keys.items()}
            table = routes()
            paths(suite, clients, table)
            every_role(suite, clients, table)
            bodies(suite, clients, table)
            query_strings(suite, clients, table)
            statements(suite, clients)
            made_by_hand(suite, clients)
            status, text = clients["read-only"].ask("GET", ORG + "/ws/commons/collections/_events")
            suite.tried("commons._events is Rockset's own", None if status == 200 else text)
        after = dump(server.database)
        suite.tried("the hidden schema afterwards", None if after == before else
                    "it changed: %s" % sorted(set(map(str, after)) ^ set(map(str, before))))
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
