"""rockset_ext in each module that speaks SQLite, in one process; where none can load extensions; beside DuckDB's own module."""
import os
import sqlite3
import subprocess
import sys

import apsw
import pysqlite3
import sqlean

import rockset_ext

QUERY = "SELECT * FROM rockset_query('select 40 + 2 as answer')"


def check(db, name):
    rockset_ext.load(db)
    assert list(db.execute(QUERY)) == [('{"answer":42}',)], name
    try:
        db.execute("SELECT load_extension('x')")
        raise SystemExit(name + ": load_extension() is left enabled")
    except (sqlite3.Error, pysqlite3.Error, sqlean.dbapi2.Error, apsw.Error) as error:
        assert "not authorized" in str(error), error
    print(name)


for module in (sqlite3, pysqlite3, sqlean):
    check(module.connect(":memory:"), module.__name__)
check(apsw.Connection(":memory:"), "apsw")

# python.org's and pyenv's Python: the class has no such method
Without = type("Connection", (), {"__module__": "sqlite3"})
for wrong, words in ((Without(), "built without loadable extensions"), ("app.db", "wants a connection")):
    try:
        rockset_ext.load(wrong)
        raise SystemExit("nothing was refused")
    except rockset_ext.LoadError as error:
        assert words in str(error), error
print("no extensions")

import duckdb  # noqa: E402: after us, in one process

assert duckdb.sql("select 42").fetchone() == (42,)
maps = {line.split()[-1] for line in open("/proc/self/maps") if "duckdb" in line}
assert len(maps) == 1, maps  # one library
print("duckdb")

# before us, and another copy is named: two would not see each other's locks
code = """
import duckdb, rockset_ext, sqlite3
db = sqlite3.connect(":memory:")
rockset_ext.load(db)
print(db.execute("%s").fetchall())
""" % QUERY
other = os.path.join(os.path.dirname(rockset_ext.loadable_path()), "../rockset_ext_duckdb/libduckdb.so")
for env, wanted in (({}, "42"), ({"DUCKDB_LIBRARY": other}, "this process runs DuckDB from")):
    done = subprocess.run([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert wanted in done.stdout, done.stdout
print("one DuckDB")
