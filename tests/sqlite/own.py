"""A target of type sqlite: its values and filters against SQLite alone, files that the process has
open, several processes, schemas that are files.

tests/sqlite/run gives ROCKSET_EXT and ROCKSET_SQLITE_DRIVER.
"""
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

VALUES = [None, 0, 1, -1, 7, 2**53 + 1, 2**63 - 1, -2**63, 0.5, -1.5, 1e300, 5e-324, 2.0**53, 0.1, float("inf"),
          -float("inf"), 1.7976931348623157e308, "", "a", "A", "b", "ab", "1", "01", "1.0", " 1", "1e0", "é", "x'y",
          "2020-01-01", "\U0001f600", b"", b"a", b"\x00\xff", b"1"]
COLUMNS = [("i", "INTEGER"), ("t", "TEXT"), ("r", "REAL"), ("b", "BLOB"), ("n", "NUMERIC"), ("a", ""),
           ("nc", "TEXT COLLATE NOCASE"), ("d", "DATE"), ("v", "VARCHAR(10)"), ("bo", "BOOLEAN")]
OPERATORS = ["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"]


def profile(folder, **fields):
    output = dict({"type": "sqlite", "path": os.path.join(folder, "main.db"),
                   "driver": os.environ["ROCKSET_SQLITE_DRIVER"]}, **fields)
    output = {k: v for k, v in output.items() if v is not None}
    with open(os.path.join(folder, "profiles.yml"), "w") as f:
        json.dump({"rockset_ext": {"target": "t", "outputs": {"t": output}}}, f)
    os.environ["DBT_PROFILES_DIR"] = folder


def connect(path=":memory:"):
    db = sqlite3.connect(path, isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    db.execute("SELECT rockset_profile('t')")
    return db


def refused(db, sql, *parts):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        for part in parts:
            assert part in str(e), str(e)
        return
    raise AssertionError("not refused: " + sql)


def same(a, b):
    return [[(type(v), v) for v in row] for row in a] == [[(type(v), v) for v in row] for row in b]


def fill(folder, rows, seed=7):
    """The same table in the target's file and in memory here."""
    chance = random.Random(seed)
    data = [[k] + [chance.choice(VALUES) for _ in COLUMNS] for k in range(rows)]
    create = "CREATE TABLE t(k INTEGER PRIMARY KEY, %s)" % ", ".join("%s %s" % c for c in COLUMNS)
    plain = sqlite3.connect(":memory:", isolation_level=None)
    files = [sqlite3.connect(os.path.join(folder, "main.db")), plain]
    for db in files:
        db.execute(create)
        db.executemany("INSERT INTO t VALUES (%s)" % ", ".join("?" * (len(COLUMNS) + 1)), data)
        db.commit()
    files[0].close()
    return plain


def values(folder):
    """Each value as it is, whatever its column was declared to hold; a first batch of one kind only."""
    profile(folder)
    plain = fill(folder, 3000)
    db = connect()
    db.execute("CREATE VIRTUAL TABLE t USING rockset('main.t', key='k')")
    names = "k, " + ", ".join(c for c, _ in COLUMNS)
    assert same(db.execute("SELECT %s FROM t ORDER BY k" % names), plain.execute("SELECT %s FROM t ORDER BY k" % names))
    db.execute("SELECT rockset_exec('create table late(x)')")
    db.execute("SELECT rockset_exec('with recursive c(i) as (select 1 union all select i + 1 from c where i < 5000) "
               "insert into late select case when i < 4000 then i else ''text '' || i end from c')")
    db.execute("CREATE VIRTUAL TABLE late USING rockset('main.late')")
    assert db.execute("SELECT count(*), sum(typeof(x) = 'text') FROM late").fetchone() == (5000, 1001)
    rows = db.execute("SELECT c1, c2, c3 FROM rockset_query('select 1, null, x''00ff''')").fetchall()
    assert same(rows, [(1, None, b"\x00\xff")]), rows


def filters(folder):
    """Filters, orders and aggregates that are pushed down, against SQLite alone."""
    profile(folder)
    plain = fill(folder, 400)
    db = connect()
    db.execute("CREATE VIRTUAL TABLE t USING rockset('main.t', key='k')")
    chance, n = random.Random(11), 0
    declared = dict(COLUMNS)
    for _ in range(1500):
        c = chance.choice(COLUMNS)[0]
        # what has no collation of its own here compares by bytes: the virtual table's column says BINARY
        left = c + (" COLLATE BINARY" if "NOCASE" in declared[c] else "")
        # of a column without a type the virtual table knows no affinity either
        op, v = chance.choice(OPERATORS), chance.choice(VALUES)
        where = "%s %s ?" % (left, op)
        args = [v]
        if chance.random() < 0.3:
            c2 = chance.choice(["i", "r", "k"])
            where += " AND %s BETWEEN ? AND ?" % c2
            args += [chance.choice(VALUES), chance.choice(VALUES)]
        if chance.random() < 0.2:
            args = [chance.choice(VALUES) for _ in range(4)]
            where = "%s IN (?, ?, ?, ?)" % left
        tail = chance.choice(["ORDER BY k", "ORDER BY k LIMIT 5", "ORDER BY r DESC, k", "ORDER BY i, k LIMIT 3"])
        what = chance.choice(["k", "k, " + c, "k, typeof(%s)" % c])
        sql = "SELECT %s FROM t WHERE %s %s" % (what, where, tail)
        if chance.random() < 0.2:
            sql = "SELECT count(*), min(k), max(r), count(%s) FROM t WHERE %s" % (c, where)
        if c in ("n", "d", "bo") and not affine(args):
            continue
        got, wanted = db.execute(sql, args).fetchall(), plain.execute(sql, args).fetchall()
        assert same(got, wanted), (sql, args, got[:5], wanted[:5])
        n += 1
    assert n > 1000, n


def affine(args):
    """Would NUMERIC affinity, which a column of several types has not here, leave the values as they are?"""
    return not any(isinstance(a, str) and a.strip()[:1] in "0123456789-+." and a.strip() for a in args)


def writes(folder):
    profile(folder)
    db = connect()
    db.execute("SELECT rockset_exec('create table t(k integer primary key, s text, r real, b blob)')")
    db.execute("CREATE VIRTUAL TABLE v USING rockset('main.t', key='k')")
    plain = sqlite3.connect(":memory:", isolation_level=None)
    plain.execute("create table v(k integer primary key, s text, r real, b blob)")
    for sql in ("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) "
                "INSERT INTO v SELECT i, 'it''s ' || i, i / 8.0, CASE WHEN i % 2 THEN x'00' END FROM c",
                "UPDATE v SET s = 'changed', r = r + 1 WHERE k % 3 = 0", "DELETE FROM v WHERE k > 2900",
                "INSERT OR REPLACE INTO v VALUES (1, 'again', 0.1, x'ff'), (9000, 'new', 1e300, NULL)"):
        for one in (db, plain):
            one.execute(sql)
    assert same(db.execute("SELECT * FROM v ORDER BY k"), plain.execute("SELECT * FROM v ORDER BY k"))
    refused(db, "INSERT INTO v VALUES (1, 'x', 0, NULL)", "UNIQUE constraint failed")
    db.execute("BEGIN")
    db.execute("DELETE FROM v")
    db.execute("ROLLBACK")
    assert db.execute("SELECT count(*) FROM v").fetchone() == (2901,)
    db.close()
    with sqlite3.connect(os.path.join(folder, "main.db")) as file:
        assert same(file.execute("SELECT * FROM t ORDER BY k"), plain.execute("SELECT * FROM v ORDER BY k"))
        assert file.execute("SELECT count(*) FROM sqlite_schema WHERE name LIKE '!_!_rs%' ESCAPE '!'").fetchone() == (0,)


def open_files(folder):
    """A file that the process has open is refused, by whatever name, before it is opened or later."""
    open_here = "this process has the file"
    profile(folder, schemas_and_paths={"other": os.path.join(folder, "other.db")})
    main, other = os.path.join(folder, "main.db"), os.path.join(folder, "other.db")
    for path in (main, other):
        with sqlite3.connect(path) as file:
            file.execute("CREATE TABLE t(a)")
        file.close()
    db = connect(main)  # the host's own file
    refused(db, "SELECT rockset_exec('select 1')", open_here, main)
    db.close()
    db = connect()
    db.execute("ATTACH ? AS o", (other,))
    refused(db, "SELECT rockset_exec('select 1')", open_here, other)
    db.execute("DETACH o")
    os.symlink(main, os.path.join(folder, "link.db"))
    outside = sqlite3.connect(os.path.join(folder, "link.db"))
    outside.execute("SELECT * FROM t")
    refused(db, "SELECT rockset_exec('select 1')", open_here)
    outside.close()
    db.execute("SELECT rockset_exec('insert into t values (1)')")
    second = connect()  # our own do not count
    second.execute("SELECT rockset_exec('insert into other.t values (1)')")
    outside = sqlite3.connect(main)
    outside.execute("SELECT * FROM t").fetchall()
    refused(db, "SELECT rockset_exec('insert into t values (2)')", open_here, main)
    outside.close()
    second.close()
    db.execute("SELECT rockset_exec('insert into t values (3)')")
    for sql in ("attach ''x.db'' as x", "detach other"):
        refused(db, "SELECT rockset_exec('%s')" % sql, "is not possible on a target of type sqlite")


def other_processes(folder):
    """A lock of another process is waited for, as long as lock_timeout says."""
    profile(folder, lock_timeout=0.5)
    db = connect()
    db.execute("SELECT rockset_exec('create table t(a)')")
    hold = ("import sqlite3, time; d = sqlite3.connect('%s', isolation_level=None); d.execute('BEGIN IMMEDIATE'); "
            "print(1, flush=True); time.sleep(float('%s')); d.execute('COMMIT')")
    for seconds, waits in (("0.2", True), ("30", False)):
        p = subprocess.Popen([sys.executable, "-c", hold % (os.path.join(folder, "main.db"), seconds)], stdout=subprocess.PIPE)
        p.stdout.readline()
        began = time.time()
        if waits:
            db.execute("SELECT rockset_exec('insert into t values (1)')")
        else:
            refused(db, "SELECT rockset_exec('insert into t values (2)')", "database is locked")
        assert time.time() - began < 20
        p.kill()
        p.wait()
        p.stdout.close()
    assert db.execute("SELECT c1 FROM rockset_query('select count(*) from t')").fetchone() == (1,)
    # a column that another one adds, to the target's own file and to another one's
    os.mkdir(os.path.join(folder, "d"))
    profile(folder, schema_directory=os.path.join(folder, "d"))
    db = connect()
    db.execute("SELECT rockset_create_workspace('more')")
    db.execute("SELECT rockset_exec('create table more.t as select 1 as a')")
    for table, file in (("t", "main.db"), ("more.t", "d/more.db")):
        for column in "xyz":
            db.execute("SELECT * FROM rockset_query('select * from %s')" % table).fetchall()
            other = sqlite3.connect(os.path.join(folder, file))
            other.execute("ALTER TABLE t ADD COLUMN %s DEFAULT 7" % column)
            other.close()
            (row,) = db.execute("SELECT row FROM rockset_query('select * from %s')" % table).fetchone()
            assert json.loads(row)[column] == 7, (table, row)


def schemas(folder):
    """Schemas are files; new ones are made in schema_directory only, and other sessions see them."""
    profile(folder)
    db = connect()
    refused(db, "SELECT rockset_create_workspace('more')", "target 't' has no schema 'more'", "schema_directory")
    db.close()
    os.mkdir(os.path.join(folder, "d"))
    profile(folder, schema_directory=os.path.join(folder, "d"))
    db, other = connect(), connect()
    assert other.execute("SELECT c1 FROM rockset_query('select 1')").fetchone() == (1,)
    db.execute("SELECT rockset_create_workspace('more')")
    db.execute("SELECT rockset_exec('create table more.t as select 5 as a')")
    assert other.execute("SELECT c1 FROM rockset_query('select a from more.t')").fetchone() == (5,)
    refused(db, "SELECT rockset_drop_workspace('more', 1)", "schema 'more' is a file")
    refused(db, "SELECT rockset_exec('create view more.v as select * from main.x')", "cannot reference objects in database main")


def tree(folder):
    return sorted(os.path.join(d, f) for d, _, files in os.walk(folder) for f in files if not f.endswith("-journal"))


def stored_sql(folder):
    """What a stored statement calls or names: every function and module that the driver has, every way to write a file."""
    work = os.path.join(folder, "work")
    os.mkdir(work)
    profile(folder)
    db = connect(os.path.join(folder, "app.db"))
    db.execute("SELECT rockset_init()")
    db.execute("SELECT rockset_exec('create table t as select 1 as a')")
    db.execute("INSERT INTO rockset_models(name, sql) VALUES ('m', 'select 1 as a')")
    db.execute("SELECT rockset_materialize('m', 'table')")
    before = tree(folder)

    def run(sql, config=None):
        db.execute("UPDATE rockset_models SET sql = ?, config = ? WHERE name = 'm'", (sql, config))
        try:
            db.execute("SELECT rockset_materialize('m', 'table')").fetchall()
            return ""
        except sqlite3.Error as e:
            return str(e)

    def listed(sql):
        return [r[0] for r in db.execute("SELECT c1 FROM rockset_query(?)", (sql,))]

    leak = os.path.join(work, "leak")
    functions = listed("select distinct name from pragma_function_list order by 1")
    assert len(functions) > 100 and "load_extension" in functions
    called = 0
    for name in functions:
        errors = [run('select "%s"(%s) as a from t' % (name, args)) for args in ("", "'%s'" % leak, "a, '%s'" % leak)]
        refusals = sum(": function %s() " % name in e for e in errors)
        assert refusals in (0, 3), (name, errors)
        called += refusals == 0
        assert refusals or not re.search("load|token|compile|sqlite_log|file|edit|eval|serial", name), name
    assert called > 80, called
    modules = listed("select name from pragma_module_list order by 1")
    assert len(modules) > 5
    for name in modules:
        error = run("select * from %s('%s')" % (name, leak))
        assert name in ("json_each", "json_tree", "jsonb_each", "jsonb_tree") \
            or "function %s() " % name in error or "`%s` shows what is hidden" % name in error, (name, error)
        error = run("select 1 as a", json.dumps({"pre_hook": "create virtual table main.z using %s(x)" % name}))
        assert "`virtual` is the engine's own" in error, (name, error)
    for name in ("dbstat", "sqlite_dbpage", "sqlite_schema", "main.sqlite_master", "pragma_database_list"):
        assert run("select * from %s" % name), name
    text = "char(%s)" % ",".join(str(ord(c)) for c in leak)
    writers = ["vacuum into '%s'" % leak, "vacuum main into %s" % text, "vacuum into (select %s)" % text, "/**/ VACUUM main INTO lower(%s)" % text,
               "vacuum into ''||%s" % text, "attach '%s' as x" % leak, "attach database %s as x" % text, "pragma temp_store_directory='%s'" % work,
               "pragma main.journal_mode=off", "select 1; vacuum into %s" % text, "explain vacuum into %s" % text]
    for sql in writers:
        for hook in (sql, {"sql": sql, "transaction": False}):
            for when in ("pre_hook", "post_hook"):
                assert run("select 1 as a", json.dumps({when: hook})), (sql, hook)
    assert tree(folder) == before, tree(folder)
    db.close()


def uris(folder):
    """No schema is a URI or in memory: such a file would be opened under a name that nobody looks for."""
    app = os.path.join(folder, "app.db")
    with sqlite3.connect(app) as file:
        file.execute("CREATE TABLE t(a)")
    for bad in ("file:" + app, "FILE:" + app, "file:" + app + "?mode=ro", ":memory:", ":memory:x", ""):
        for fields in ({"path": bad}, {"schemas_and_paths": {"main": bad}, "path": None},
                       {"schemas_and_paths": {"main": os.path.join(folder, "main.db"), "u": bad}, "path": None},
                       {"schemas_and_paths": {"u": bad}}):
            profile(folder, **fields)
            db = sqlite3.connect(app, isolation_level=None)
            db.enable_load_extension(True)
            db.load_extension(os.environ["ROCKSET_EXT"])
            refused(db, "SELECT rockset_profile('t')", "schemas_and_paths" if "schemas_and_paths" in fields else "path")
            db.close()


def no_catalog(folder):
    """The driver as an engine of which only the dialect ansi is known: what needs a catalog says why there is none."""
    profile(folder, type="adbc", dialect="ansi", uri=os.path.join(folder, "other.db"), schema="main", path=None)
    db = connect()
    db.execute("SELECT rockset_exec('create table t(a integer)')")
    assert db.execute("SELECT c1 FROM rockset_query('select count(*) from t')").fetchall() == [(0,)]
    for sql in ("CREATE VIRTUAL TABLE v USING rockset('main.t')", "SELECT * FROM rockset_collections",
                "SELECT * FROM rockset_workspaces"):
        refused(db, sql, "no such table: information_schema", "dialect ansi", "only rockset_query and rockset_exec work")
    db.close()


def local_tables(folder):
    """A copy would be a file that each connection attaches: there are none here."""
    profile(folder)
    db = connect()
    db.execute("CREATE TABLE orders(a)")
    refused(db, "SELECT * FROM rockset_query('select * from sqlite.orders')", "can't read tables of this database", "rockset_push")
    db.close()


def main():
    failed, cases = 0, (values, filters, writes, open_files, other_processes, schemas, stored_sql, uris, no_catalog, local_tables)
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(folder)
                problem = None
            except Exception:  # each case is told of
                import traceback
                problem = traceback.format_exc()
        failed += problem is not None
        print("%sok - sqlite: %s" % ("not " if problem else "", case.__name__), flush=True)
        if problem:
            print("# " + problem.replace("\n", "\n# "), flush=True)
    print("%d passed, %d failed" % (len(cases) - failed, failed))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
