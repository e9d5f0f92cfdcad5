"""Connections that only read, and connections that are locked down: every function and table of the
extension, and writes to virtual tables, on each kind of them.

What may not be done must leave the target, the folder, the SQLite files and the session as they
were; what may be done must work. A function that is in none of the classes below fails.
"""
import hashlib
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import attack

# What each does, as docs/safety.md classes it, with a call that would leave a mark.
WRITES, FILES, LOCAL, SESSION, ASKS, TELLS, MAKES = (
    "writes", "files", "local", "session", "asks", "tells", "makes")
FUNCTIONS = {
    "rockset_exec": (WRITES, "'create table commons.pwned_{i}(a int)'"),
    "rockset_create_workspace": (WRITES, "'pwned_{i}'"),
    "rockset_create_collection": (WRITES, "'pwned_{i}'"),
    "rockset_create_alias": (WRITES, "'pwned_{i}','commons.items'"),
    "rockset_create_query_lambda": (WRITES, "'pwned_{i}','select 1'"),
    "rockset_drop_workspace": (WRITES, "'spare'"), "rockset_drop_collection": (WRITES, "'spare.c'"),
    "rockset_drop_view": (WRITES, "'spare.v'"), "rockset_drop_alias": (WRITES, "'spare.al'"),
    "rockset_drop_query_lambda": (WRITES, "'commons.lambda'"),
    "rockset_push": (WRITES, "'plain','commons.pwned_{i}'"),
    "rockset_follow": (WRITES, "'keyed','commons.pwned_{i}'"), "rockset_sync": (WRITES, ""),
    "rockset_materialize": (WRITES, "'m'"), "rockset_run": (WRITES, "'m'"), "rockset_build": (WRITES, "'m'"),
    "rockset_seed": (WRITES, "'*'"), "rockset_snapshot": (WRITES, "'*'"), "rockset_test": (WRITES, "'*'"),
    "rockset_clone": (WRITES, "'m','{{\"state\":\"default\"}}'"), "rockset_retry": (WRITES, ""),
    "rockset_freshness": (WRITES, "'*'"), "rockset_run_operation": (WRITES, "'act'"),
    "rockset_load": (FILES, "'commons.pwned_{i}','rows.json'"),
    "rockset_export": (FILES, "'pwned_{i}'"), "rockset_backup": (FILES, "'pwned_{i}'"),
    "rockset_artifacts": (FILES, "'pwned_{i}'"),
    "rockset_docs_generate": (FILES, "'pwned_{i}'"),
    "rockset_import": (FILES, "'project'"),
    "rockset_pull": (LOCAL, "'commons.items','temp.pwned_{i}'"), "rockset_init": (LOCAL, "'main'"),
    "rockset_attach": (LOCAL, "'commons','pwned_'"), "rockset_detach": (LOCAL, "'commons','pwned_'"),
    "rockset_unfollow": (LOCAL, "'plain'"), "rockset_refresh": (LOCAL, "'t'"), "rockset_analyze": (LOCAL, "'t'"),
    "rockset_profile": (SESSION, "NULL,NULL,'{{\"p\":{{\"target\":\"d\",\"outputs\":{{\"d\":{{\"type\":\"duckdb\","
                                 "\"path\":\":memory:\",\"allow_external_access\":true}}}}}}}}'"),
    "rockset_trust": (SESSION, "1"), "rockset_cache_memory": (SESSION, "12345"),
    "rockset_push_down": (SESSION, "0"), "rockset_lockdown": (TELLS, ""),
    "rockset_compile": (ASKS, "'m'"), "rockset_diff": (ASKS, "'m'"),
    "rockset_query_lambda": (ASKS, "'commons.lambda'"), "rockset_translate": (ASKS, "'select 1'"),
    "rockset_ls": (TELLS, "'*'"), "rockset_plan": (TELLS, "'m'"), "rockset_render": (TELLS, "'{{{{ 1 }}}}'"),
    "rockset_local": (SESSION, "'mine'"), "rockset_help": (TELLS, "'version'"), "rockset_version": (TELLS, ""), "rockset_last_id": (TELLS, ""),
}
TABLES = {  # as tables, where that is another class, or there is no function of that name
    "rockset_query": (ASKS, "('select 1 as a')"), "rockset_workspaces": (ASKS, ""), "rockset_collections": (ASKS, ""),
    "rockset_views": (ASKS, ""), "rockset_columns": (ASKS, ""), "rockset_aliases": (ASKS, ""),
    "rockset_query_lambdas": (ASKS, ""), "rockset_debug": (ASKS, ""), "rockset_virtual_instances": (ASKS, ""),
    "rockset_active_queries": (ASKS, ""), "rockset_log": (TELLS, ""), "rockset_graph": (TELLS, ""),
    "rockset_lineage": (TELLS, ""), "rockset_explain": (TELLS, "('SELECT * FROM t')"),
}
WRITTEN = {  # statements on virtual tables
    "own": "INSERT INTO t(_id) VALUES ('pwned_{i}')", "own delete": "DELETE FROM t",
    "other file": "INSERT INTO other.t(_id) VALUES ('pwned_{i}')", "other file delete": "DELETE FROM other.t",
    "temp": "CREATE VIRTUAL TABLE temp.u USING rockset('commons.items'); INSERT INTO u(_id) VALUES ('pwned_{i}')",
}
# open, what is said first, the environment; then the classes that are refused, and those that work
PROFILE = {"DBT_PROFILES_DIR": "own"}
LEVEL_1 = {WRITES, FILES, LOCAL, SESSION}
MODES = {
    "read-only": ("--readonly {db}", "", {}, {WRITES, FILES}, {ASKS, TELLS, MAKES}),
    "immutable": ("'file:{db}?immutable=1'", "", {}, {WRITES, FILES}, {ASKS, TELLS, MAKES}),
    "query_only": ("{db}", "PRAGMA query_only = 1;", {}, {WRITES, FILES, MAKES}, {ASKS, TELLS}),
    "lockdown 1": ("{db}", "SELECT rockset_lockdown(1);", {}, LEVEL_1, {ASKS, TELLS, MAKES}),
    "lockdown 2": ("{db}", "SELECT rockset_lockdown(2);", {}, LEVEL_1 | {ASKS, MAKES}, {TELLS}),
    "ROCKSET_LOCKDOWN=1": ("{db}", "", {"ROCKSET_LOCKDOWN": "1"}, LEVEL_1, {ASKS, TELLS, MAKES}),
    "ROCKSET_LOCKDOWN=2": ("{db}", "", {"ROCKSET_LOCKDOWN": "2"}, LEVEL_1 | {ASKS, MAKES}, {TELLS}),
    # as Datasette's /_memory: writable, without models, a file attached; the target is the user's own profile's
    "ROCKSET_LOCKDOWN=1, in memory": (":memory:", "", {"ROCKSET_LOCKDOWN": "1", **PROFILE}, LEVEL_1, {MAKES}),
    "ROCKSET_LOCKDOWN=2, in memory": (":memory:", "", {"ROCKSET_LOCKDOWN": "2", **PROFILE}, LEVEL_1 | {ASKS, MAKES}, set()),
}
# In this file there is nothing that they could do; what they say there is an error of its own
IDLE = {"rockset_virtual_instances", "rockset_active_queries", "rockset_debug"}

MAKE = """SELECT rockset_init() IS NULL;
INSERT INTO rockset_models(name, sql) VALUES('m', 'select 1 as a');
INSERT INTO rockset_macros(name, sql) VALUES('act',
  '{% macro act() %}{% do run_query("create table commons.pwned_act(a int)") %}{% endmacro %}');
CREATE TABLE plain(a); INSERT INTO plain VALUES (1); CREATE TABLE keyed(id INTEGER PRIMARY KEY);
SELECT rockset_create_collection('items'); SELECT rockset_create_collection('spare.c');
SELECT rockset_exec('insert into commons.items(_id) values (''a'')') IS NULL;
SELECT rockset_exec('create view spare.v as select 1 as a') IS NULL;
SELECT rockset_create_alias('spare.al', 'spare.c'); SELECT rockset_create_query_lambda('commons.lambda', 'select 1');
CREATE VIRTUAL TABLE t USING rockset('commons.items');
"""
STATE = """SELECT name FROM rockset_workspaces; SELECT workspace, name FROM rockset_collections;
SELECT workspace, name FROM rockset_views; SELECT workspace, name FROM rockset_aliases;
SELECT workspace, name FROM rockset_query_lambdas; SELECT _id FROM t;"""


def failed(said):
    """Is there an error of the shell's? `Errors:` is a word of rockset_help's."""
    return re.search(r"rror( near|:| in )", said) is not None


def state(folder):
    """The target, the folder and the SQLite files, as texts."""
    _, out = attack.shell(STATE, os.path.join(folder, "base.db"), folder)
    files = sorted(f for f in os.listdir(folder) if not f.endswith((".wal", "-journal", "-wal", "-shm")))
    digests = []
    for f in ("base.db", "other.db"):
        db = sqlite3.connect("file:%s?mode=ro" % os.path.join(folder, f), uri=True)
        text = "\n".join(str(r) for r in db.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY 2"))
        text += str(db.execute("SELECT * FROM t_rockset").fetchall())
        text += str([db.execute("SELECT * FROM " + t).fetchall() for t in ("plain", "rockset_models", "rockset_invocations")])
        digests.append(hashlib.sha256(text.encode()).hexdigest())
        db.close()
    return out, "\n".join(files), "\n".join(digests)


def inputs(functions, modules):
    """(name, class, statement)"""
    for name in functions:
        kind, arguments = FUNCTIONS.get(name, (None, ""))
        yield name + "()", kind, "SELECT %s(%s)" % (name, arguments), name
    for name in modules:
        kind, arguments = TABLES.get(name) or FUNCTIONS.get(name, (None, ""))
        if name in FUNCTIONS and name not in TABLES:
            arguments = "(%s)" % arguments
        yield name, kind, "SELECT * FROM %s%s" % (name, arguments), name
    for name, sql in WRITTEN.items():
        yield "virtual table, " + name, WRITES, sql, name
    yield "virtual table, reading", TELLS, "SELECT _id FROM t", ""
    yield "virtual table, made", MAKES, "CREATE VIRTUAL TABLE temp.q USING rockset(query='select 1 as a')", ""


def try_mode(suite, mode, listed, base):
    opened, first, env, refused, working = MODES[mode]
    with tempfile.TemporaryDirectory() as folder:
        for f in os.listdir(base):
            (shutil.copytree if os.path.isdir(os.path.join(base, f)) else shutil.copy)(
                os.path.join(base, f), os.path.join(folder, f))
        before, script = state(folder), ""
        for i, (what, kind, sql, _) in enumerate(listed):
            script += ".open %s\n.load %s\n%s\n" % (opened.format(db="base.db"), attack.EXTENSION, first)
            script += "ATTACH 'other.db' AS other;\n.print =%d begin\n%s;\n.print =%d end\n" % (i, sql.format(i=i), i)
            script += "SELECT 'session', rockset_trust(), rockset_cache_memory(), rockset_push_down(), rockset_local();\n"
        status, out = attack.shell(script, ":memory:", folder, load=False, **env)
        after = state(folder)
        changed = [b for a, b in zip(before, after) if a != b]
        crashed = attack.died(status, out)
        for i, (what, kind, sql, name) in enumerate(listed):
            part = out.partition("=%d begin\n" % i)[2].partition("=%d begin" % (i + 1))[0]
            said, _, told = part.partition("=%d end\n" % i)
            why = crashed
            if kind is None:
                why = "in no class of this test"
            elif "session|" not in told:
                why = "the process did not get there: " + part
            elif kind in refused and not failed(said):
                why = "it was done: " + said
            elif kind in refused and "lockdown" in mode.lower() and "locked down at level" not in said:
                why = "what refuses it is not the lockdown: " + said
            elif kind == SESSION and SESSION in refused and "session|0|67108864|1|sqlite" not in told:
                why = "the session is another one: " + told
            elif name == "rockset_profile" and not failed(said):
                why = "it chose a target that may read files: " + said
            elif kind in working and failed(said) and name not in IDLE:
                why = "it is refused, though it only reads: " + said
            elif any("pwned_%d\n" % i in c + "\n" for c in changed):
                why = "it left its mark"
            suite.tried("%s: %s" % (mode, what), why)
        if changed:
            suite.tried("%s: the whole" % mode, "it changed: %s" % " / ".join(changed))


def make(folder):
    """The files that the functions work on."""
    with open(os.path.join(folder, "rows.json"), "w") as f:
        f.write('[{"a":1}]')
    for name in ("project", "own"):
        os.mkdir(os.path.join(folder, name))
    with open(os.path.join(folder, "own", "profiles.yml"), "w") as f:
        f.write("rockset_ext: {target: d, outputs: {d: {type: duckdb, path: base.db.duckdb}}}")
    for name in ("base.db", "other.db"):
        _, out = attack.shell(MAKE, os.path.join(folder, name), folder)
        if failed(out):
            sys.exit(name + ": " + out)


def main():
    suite = attack.Suite("reading", 300)
    with tempfile.TemporaryDirectory() as base:
        make(base)
        _, out = attack.shell("SELECT DISTINCT 'f', name FROM pragma_function_list WHERE name GLOB 'rockset_*';"
                              "SELECT 'm', name FROM pragma_module_list WHERE name GLOB 'rockset_*' AND "
                              "name NOT GLOB '*_module';")
        names = [line.split("|") for line in sorted(out.split())]
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../ext/base/gate.c")) as f:
            gated = set(re.findall(r'^  {"(rockset_\w+)"', f.read(), re.M))
        if not gated or gated != {name for _, name in names}:
            sys.exit("ext/base/gate.c has other names: %s" % (gated ^ {name for _, name in names}))
        listed = list(inputs([n for k, n in names if k == "f"], [n for k, n in names if k == "m"]))
        for mode in MODES:
            try_mode(suite, mode, listed, base)
    return suite.finish()


if __name__ == "__main__":
    sys.exit(main())
