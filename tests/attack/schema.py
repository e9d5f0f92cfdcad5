"""Database files whose tables and indexes call functions of the extension: every function, in every
place of a schema that may hold an expression, in main, temp and attached databases.

The files are made by plain SQLite, with functions of ours as dummies. A victim opens one, loads the
extension, chooses a target (a listener of ours that speaks HTTP) and does ordinary things. Nothing
may come of it: no request, no file, no trust, no other target, no setting, and no row that a CHECK
with such a function let in.
"""
import concurrent.futures
import http.server
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import threading
import attack

# Arguments with which a call would be seen; others are called with texts.
ARGUMENTS = {
    "rockset_analyze": "'t'", "rockset_refresh": "'t'", "rockset_trust": "1", "rockset_lockdown": "2",
    "rockset_cache_memory": "12345", "rockset_push_down": "0", "rockset_local": "'mine'", "rockset_init": "'main'",
    "rockset_docs_generate": "'pwned_files'",
    "rockset_artifacts": "'pwned_files'", "rockset_export": "'pwned_files'",
    "rockset_import": "'project'", "rockset_load": "'commons.pwned','rows.json'",
    "rockset_exec": "'create table commons.pwned(a int)'",
    "rockset_follow": "'keyed','commons.pwned'", "rockset_sync": "", "rockset_unfollow": "'plain'",
    "rockset_push": "'plain','commons.pwned'", "rockset_pull": "'commons.pwned','pwned_table'",
    "rockset_profile": "'d','p','{\"p\":{\"target\":\"d\",\"outputs\":{\"d\":{\"type\":\"duckdb\","
                       "\"path\":\"pwned.duckdb\"}}}}'",
    "rockset_run_operation": "'act'", "rockset_materialize": "'m'", "rockset_compile": "'m'",
    "rockset_diff": "'m'", "rockset_render": "'{{ 1 }}'", "rockset_attach": "'commons','pwned_'",
    "rockset_translate": "'select 1'", "rockset_query_lambda": "'commons.pwned'", "rockset_create_alias": "'commons.a','commons.b'",
    "rockset_create_query_lambda": "'commons.pwned','select 1'",
    "rockset_retry": "", "rockset_version": "", "rockset_last_id": "",
}
HARMLESS = {"rockset_version", "rockset_last_id"}
SPELLINGS = {"plain": "%s", "quoted": '"%s"', "brackets": "[%s]", "backtick": "`%s`", "upper": "%s",
             "comment": "%s /* ( */ -- (\n", "mark": "\ufeff%s"}


class Listener(http.server.BaseHTTPRequestHandler):
    """Answers everything with an empty result, and keeps what came."""

    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        self.server.came.append((self.headers.get("Authorization", ""), self.path + " " + body))
        answer = b'{"data":[],"results":[],"collections":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET

    def log_message(self, *_):
        pass


def call(name, spelling="plain"):
    """How a text of a schema calls this function."""
    word = name.upper() if spelling == "upper" else name
    return SPELLINGS[spelling] % word + "(%s)" % ARGUMENTS.get(name, "'*'")


def plain_sql(name):
    """{place: DDL} where a table `v` or an index of it calls the function."""
    def check(spelling):
        return "CREATE TABLE v(x, CHECK(%s IS NOT 'no'))" % call(name, spelling)
    places = {"check " + s: check(s) for s in SPELLINGS}
    f = call(name)
    places.update({
        "column check": "CREATE TABLE v(x CHECK(%s IS NOT 'no'))" % f,
        "without rowid": "CREATE TABLE v(x PRIMARY KEY, CHECK(%s IS NOT 'no')) WITHOUT ROWID" % f,
        "nested": "CREATE TABLE v(x, CHECK(CASE WHEN x THEN coalesce(%s, 1) ELSE %s END IS NOT 'no'))" % (f, f),
        "virtual column": "CREATE TABLE v(x, y AS (%s))" % f,
        "stored column": "CREATE TABLE v(x, y AS (%s) STORED)" % f,
        "default": "CREATE TABLE v(x, y DEFAULT (%s))" % f,
        "partial index": "CREATE TABLE v(x); CREATE INDEX i ON v(x) WHERE %s" % f,
        "expression index": "CREATE TABLE v(x); CREATE INDEX i ON v(%s)" % f,
        "utf16": 'PRAGMA encoding = "UTF-16"; ' + check("plain"),
    })
    return places


ACTIONS = """INSERT INTO {v}(x) VALUES (7);
INSERT OR REPLACE INTO {v}(x) VALUES (8);
UPDATE {v} SET x = x + 1;
UPDATE {v} SET x = 9 WHERE rowid = 1;
SELECT * FROM {v};
REINDEX;
PRAGMA integrity_check;
ALTER TABLE {v} ADD COLUMN z CHECK(z IS NULL);
ALTER TABLE {v} RENAME COLUMN x TO w;
VACUUM;
"""


class Class:
    def __init__(self, folder):
        self.folder = folder
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
        self.server.came = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.suite = attack.Suite("schema", 300)
        self.lock = threading.Lock()
        self.base = os.path.join(folder, "base.db")
        status, out = attack.shell("""SELECT rockset_init() IS NOT NULL;
            INSERT INTO rockset_models(name, sql) VALUES('m', 'select 1 as a');
            INSERT INTO rockset_macros(name, sql) VALUES('act',
              '{% macro act() %}{% do run_query("create table commons.pwned(a int)") %}{% endmacro %}');
            CREATE TABLE plain(a); INSERT INTO plain VALUES (1); CREATE TABLE keyed(id INTEGER PRIMARY KEY);
            SELECT rockset_create_collection('items');
            SELECT rockset_exec('insert into commons.items(_id) values (''a'')');
            CREATE VIRTUAL TABLE t USING rockset('commons.items');""", self.base, folder)
        if "rror" in out:
            sys.exit("base.db: " + out)
        _, out = attack.shell("SELECT name, max(narg) FROM pragma_function_list "
                              "WHERE name GLOB 'rockset_*' GROUP BY 1;")
        self.functions = [line.split("|")[0] for line in out.splitlines() if line.startswith("rockset_")]

    def craft(self, path, sql=None, table=None, name=None):
        """A copy of the base with more tables, or with a CHECK in the text of one of ours."""
        shutil.copy(self.base, path)
        if table == "t_rockset":
            shutil.copy(self.base + ".duckdb", path + ".duckdb")
        if sql and sql.startswith("PRAGMA"):
            os.remove(path)
        db = sqlite3.connect(path)
        for f in self.functions:
            db.create_function(f, -1, lambda *a: 1, deterministic=True)
        if sql:
            db.executescript(sql + "; INSERT INTO v(x) VALUES (1);")
        if table:
            db.execute("PRAGMA writable_schema = 1")
            old, = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
            new = re.sub(r"\)([^)]*)$", r", CHECK(%s IS NOT 'no'))\1" % call(name).replace("\\", r"\\"), old)
            db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (new, table))
        if name and not table:  # a view that hides what is there
            db.execute("PRAGMA writable_schema = 1")
            db.execute("INSERT INTO sqlite_schema VALUES('view', 'sqlite_schema', 'sqlite_schema', 0, "
                       "'CREATE VIEW sqlite_schema AS SELECT 0 AS type, 0 AS name, 0 AS tbl_name, "
                       "0 AS rootpage, 0 AS sql WHERE 0')")
        db.commit()
        db.close()

    def victims(self, name):
        """Of one function: (place, file, statements before .load, statements after it)."""
        number = 0
        for place, sql in plain_sql(name).items():
            number += 1
            path = "%s.%d.db" % (name, number)
            self.craft(os.path.join(self.folder, path), sql)
            yield "main " + place, path, "", ACTIONS.format(v="v")
            # what SQLite resolved before it knew the functions
            if "check" not in place or place == "check plain":
                yield "main, read before " + place, path, "SELECT count(*) FROM v;\n", ACTIONS.format(v="v")
            if place in ("check plain", "check quoted", "virtual column", "partial index"):
                attached = "ATTACH '%s' AS \"a b\";\n" % path
                yield "attached " + place, ":memory:", "", attached + ACTIONS.format(v='"a b".v')
        path = name + ".hidden.db"
        self.craft(os.path.join(self.folder, path), plain_sql(name)["check plain"], None, name)
        yield "main, hidden by a view", path, "", ACTIONS.format(v="v")
        for table in ("rockset_models", "rockset_invocations"):
            path = "%s.%s.db" % (name, table)
            self.craft(os.path.join(self.folder, path), None, table, name)
            yield "main " + table, path, "", (
                "INSERT INTO rockset_models(name, sql) VALUES('n', 'select 2 as b');\n"
                "UPDATE rockset_models SET sql = 'select 3 as b';\nPRAGMA integrity_check;\n"
                "INSERT INTO rockset_invocations(id, command) VALUES ('i', 'run');\n")
        path = name + ".shadow.db"
        self.craft(os.path.join(self.folder, path), None, "t_rockset", name)
        yield "main shadow table", path, "", (
            "SELECT rockset_refresh('t');\nSELECT rockset_analyze('t');\nUPDATE t_rockset SET rowid = rowid;\n"
            "INSERT INTO t_rockset DEFAULT VALUES;\nSELECT _id FROM t;\nPRAGMA integrity_check;\n"
            "ALTER TABLE t RENAME TO t2;\n")
        typed = "CREATE TEMP TABLE v(x, CHECK(%s IS NOT 'no'));\n" % call(name)
        yield "temp check", ":memory:", "", typed + ACTIONS.format(v="v")

    def run(self, name):
        """Tries one function in one shell, a connection for each place."""
        listed, script = list(self.victims(name)), ".bail off\n"
        for i, (place, path, before, after) in enumerate(listed):
            profile = ('{"p":{"target":"d","outputs":{"d":{"type":"rockset","api_key":"%s-%d",'
                       '"api_server":"http://127.0.0.1:%d"}}}}' % (name, i, self.server.server_port))
            shadow = "shadow" in place
            script += ".open %s\n%s.load %s\n.print =%d begin\n" % (path, before, attack.EXTENSION, i)
            if not shadow:
                script += "SELECT rockset_profile('d', 'p', '%s') IS NULL;\n" % profile
            script += after + ".print =%d end\n" % i
            script += "SELECT 'trust', rockset_trust();\nSELECT 'set', rockset_cache_memory(), " \
                      "rockset_push_down(), rockset_lockdown(), rockset_local();\nSELECT 'rows', count(*) FROM v WHERE " \
                      "rowid > 1;\nSELECT 'made', name FROM pragma_table_list WHERE name GLOB '*pwned*';\n"
            if shadow:
                script += "SELECT 'made', name FROM rockset_collections WHERE name GLOB '*pwned*';\n"
            else:
                script += "SELECT rockset_exec('select 42');\n"
        folder = self.folder
        status, out = attack.shell(script, ":memory:", folder, load=False)
        crashed = attack.died(status, out)
        came = [c for c in list(self.server.came) if name + "-" in c[0]]
        with self.lock:
            for i, (place, path, _, _) in enumerate(listed):
                why = self.judge(name, i, place, out, came)
                self.suite.tried("%s: %s" % (place, call(name)), why or crashed)
            made = [f for f in os.listdir(folder) if "pwned" in f]
            if made:
                self.suite.tried("%s: files" % name, "made %s" % made)

    def judge(self, name, i, place, out, came):
        """What the attack achieved, None if nothing."""
        part = out.partition("=%d begin" % i)[2].partition("=%d begin" % (i + 1))[0]
        told = part.partition("=%d end" % i)[2]
        if "set|" not in told:
            return "the process did not get there: " + part[-300:]
        if "trust|0" not in told:
            return "the file is trusted"
        if "set|67108864|1|0|sqlite" not in told:
            return "a setting changed"
        if "made|" in told:
            return "it made something: " + told
        if "check" in place and name not in HARMLESS and "rows|0" not in told and "no such" not in told:
            return "a CHECK let a row in, so its function ran: " + told
        requests = [what for who, what in came if who.endswith("%s-%d" % (name, i))]
        others = [what for what in requests if "select 42" not in what]
        if others:
            return "a request was sent: " + others[0]
        if "shadow" not in place and not requests:
            return "the session's own statement went to another target: " + told
        return None


def main():
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "rows.json"), "w") as f:
            f.write('[{"a":1}]')
        os.mkdir(os.path.join(folder, "project"))
        c = Class(folder)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(c.run, c.functions))
        c.server.shutdown()
        return c.suite.finish()


sys.exit(main())
