"""A run changes the columns of a model; the virtual tables over it have the new ones: in the connection that
ran it, in an open one of the same process, in one of another process, in attached and temp tables.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import ast
import json
import os
import sqlite3
import subprocess
import sys

PROFILE = {"type": "duckdb", "path": os.path.abspath("engine.duckdb"), "idle_close": 0, "lock_timeout": 30}

READER = """
import sys
sys.path.insert(0, sys.argv[1])
import refresh
db = refresh.connect("app.db")
for line in sys.stdin:
    print(refresh.columns(db, "m"), flush=True)
"""


def connect(name):
    db = sqlite3.connect(name, isolation_level=None, timeout=10)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    db.execute("SELECT rockset_profile(NULL, NULL, ?)", (json.dumps(PROFILE),))
    return db


def columns(db, table):
    rows = db.execute(f"SELECT * FROM {table}")
    return ",".join(c[0] for c in rows.description), rows.fetchone()


def error_of(db, sql):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        return str(e)
    return None


def model(db, sql, how):
    db.execute("UPDATE rockset_models SET sql = ? WHERE name = 'm'", (sql,))
    db.execute(how).fetchall()


def check(what, got, wanted, count=[0]):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"
    count[0] += 1
    print(f"ok {count[0]} - {what}")


def one_file(journal):
    db = connect("app.db")
    db.execute(f"PRAGMA journal_mode = {journal}")
    db.execute("SELECT rockset_init()")
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('m', 'table', 'select 1 as a'), "
               "('n', 'view', 'select 1 as x')")
    db.execute("SELECT rockset_run('*')")
    db.execute("CREATE VIRTUAL TABLE m USING rockset('commons.m')")
    db.execute("CREATE VIRTUAL TABLE n USING rockset('commons.n')")
    db.execute("CREATE VIRTUAL TABLE temp.tm USING rockset('m')")
    db.execute("ATTACH ':memory:' AS more")
    db.execute("CREATE VIRTUAL TABLE more.am USING rockset('commons.m', key='a')")
    other = connect("app.db")
    check("another connection", columns(other, "m"), ("a", (1,)))
    child = subprocess.Popen([sys.executable, "-c", READER, os.path.dirname(os.path.abspath(__file__))],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def process():
        child.stdin.write("go\n")
        child.stdin.flush()
        return ast.literal_eval(child.stdout.readline())

    check("another process", process(), ("a", (1,)))
    wanted = ("a,b", (1, "x"))
    model(db, "select 1 as a, 'x' as b", "SELECT * FROM rockset_run('m')")
    check("the runner", columns(db, "m"), wanted)
    check("its temp table", columns(db, "tm"), wanted)
    check("its attached database", columns(db, "am"), wanted)
    check("CREATE's key", db.execute("SELECT name FROM pragma_table_xinfo('am') WHERE pk").fetchall(), [("a",)])
    check("the other connection", columns(other, "m"), wanted)
    check("the other process", process(), wanted)
    schema = db.execute("PRAGMA schema_version").fetchone()
    model(db, "select 1 as a, 'y' as b", "SELECT * FROM rockset_run('*')")
    check("nothing changed: the schema stays", db.execute("PRAGMA schema_version").fetchone(), schema)
    model(db, "select 'z' as b", "SELECT rockset_materialize('m')")
    wanted = ("b", ("z",))
    check("materialize", columns(db, "m"), wanted)
    check("materialize, temp", columns(db, "tm"), wanted)
    check("materialize, another connection", columns(other, "m"), wanted)
    check("materialize, another process", process(), wanted)
    text = error_of(db, "SELECT * FROM am")
    assert text and "rockset_refresh('more.am')" in text, f"a key that is gone: {text}"
    # whoever reads keeps what it reads; afterwards it is new
    rows = other.execute("SELECT b FROM m")
    rows.fetchone()
    model(db, "select 1 as b", "SELECT rockset_run('m')")
    rows.fetchall()
    check("a reader, afterwards", columns(other, "m"), ("b", (1,)))
    child.stdin.close()
    child.wait(timeout=30)
    check("integrity", db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    other.close()
    db.close()


def in_memory():
    db = connect(":memory:")
    db.execute("SELECT rockset_init()")
    db.execute("INSERT INTO rockset_models(name, materialized, sql) VALUES('m', 'table', 'select 1 as a')")
    db.execute("SELECT rockset_run('m')")
    db.execute("CREATE VIRTUAL TABLE m USING rockset('commons.m')")
    model(db, "select 1 as a, 2 as b", "SELECT * FROM rockset_run('m')")
    check("a database in memory", columns(db, "m"), ("a,b", (1, 2)))
    model(db, "select 3 as c", "SELECT rockset_run('m')")
    check("in memory, the function", columns(db, "m"), ("c", (3,)))
    db.close()


def main():
    for journal in ("delete", "wal"):
        os.mkdir(journal)
        os.chdir(journal)
        PROFILE["path"] = os.path.abspath("engine.duckdb")
        one_file(journal)
        os.chdir("..")
    in_memory()


if __name__ == "__main__":
    main()
