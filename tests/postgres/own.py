"""What the conformance suite does not show of PostgreSQL behind its ADBC driver.

Usage: own.py BUILD, with ROCKSET_EXT (the extension) and ROCKSET_POSTGRES (the server's folder).
"""
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time

import server

BUILD, FOLDER = sys.argv[1], os.environ["ROCKSET_POSTGRES"]
passed = failed = 0


def report(good, what, note=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    print("%sok - own: %s" % ("" if good else "not ", what), flush=True)
    if not good:
        print("# " + str(note).replace("\n", "\n# "), flush=True)


def psql(sql, database="postgres"):
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", FOLDER, "-U", "rs",
                           database, "-c", sql], check=True, timeout=60, text=True,
                          stdout=subprocess.PIPE).stdout.strip()


def connect(database="postgres", **fields):
    db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    output = {"type": "adbc", "driver": server.driver(BUILD), "dialect": "postgres", "workspace": "w",
              "username": "rs", "uri": "postgresql:///%s?host=%s" % (database, FOLDER), **fields}
    profile = {"p": {"target": "t", "outputs": {"t": {k: v for k, v in output.items() if v is not None}}}}
    db.execute("SELECT rockset_profile('t', 'p', ?)", (json.dumps(profile),)).fetchall()
    return db


def rows(db, sql, *args):
    return db.execute(sql, args).fetchall()


def error(db, sql, *args):
    try:
        rows(db, sql, *args)
    except sqlite3.Error as e:
        return str(e)
    return ""


def same(got, wanted, what):
    report(got == wanted, what, "%r\nwanted %r" % (got, wanted))


def sent(db):
    return rows(db, "SELECT sql FROM rockset_log")[-1][0]


def types():
    psql("create schema w; create type w.mood as enum ('sad', 'ok'); create table w.t(k int primary key, n numeric,"
         " ch char(4), nest text[][], ip inet, o oid, tz timetz, m w.mood, p point, x xml, r int4range, nums int[])")
    psql("""insert into w.t values (1, 12.5, 'ab', '{{a,b},{c,d}}', '10.0.0.1', 4000000000, '03:04:05+02', 'ok',
         '(1,2)', '<a/>', '[1,5)', '{1,2,NULL}'), (2, 'NaN', null, null, null, null, null, null, null, null, null, null)""")
    db = connect()
    rows(db, "CREATE VIRTUAL TABLE t USING rockset('w.t', key='k')")
    same(rows(db, "SELECT * FROM t WHERE k = 1"),
         [(1, 12.5, "ab  ", '[["a", "b"], ["c", "d"]]', "10.0.0.1/32", 4000000000, "03:04:05+02", "ok", "(1,2)", "<a/>",
           "[1,5)", "[1, 2, null]")], "types that the driver gives as bytes, or flat, are whole")
    same(rows(db, "SELECT k FROM t WHERE ch = 'ab'"), [], "char(n) compares with its blanks, as SQLite sees it")
    same(rows(db, "SELECT n FROM t WHERE k = 2"), [("nan",)], "a numeric NaN is a text")
    same(rows(db, "SELECT row FROM rockset_query('select 1 as a, m, nest from w.t where k = 1')"),
         [('{"a":1,"m":"ok","nest":[["a", "b"], ["c", "d"]]}',)], "so are they in rockset_query")
    same(rows(db, "SELECT c1 FROM rockset_query('show search_path')"), [('w, public',)], "what is no query gives rows")
    same(rows(db, "SELECT native FROM rockset_columns WHERE workspace = 'w' AND relation = 't' AND name IN "
                  "('m', 'ch', 'nums') ORDER BY name"), [("character(4)",), ("mood",), ("integer[]",)],
         "the catalog's own names of types")
    rows(db, "UPDATE t SET nums = '[7, 8]', m = 'sad' WHERE k = 1")
    same(psql("select nums, m from w.t where k = 1"), "{7,8}|sad", "arrays and enums are written")
    report("invalid input value for enum" in error(db, "UPDATE t SET m = 'none' WHERE k = 1"), "a wrong one is refused")
    same(psql("select m from w.t where k = 1"), "sad", "and nothing is written")


def collation():
    psql("create database icu template template0 locale_provider icu icu_locale 'en-US' locale 'C.UTF-8'")
    psql("create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
         "create schema w; create table w.c(k int, t text, i text collate ci, f float8);"
         "insert into w.c values (1, 'a', 'X', 1), (2, 'B', 'x', 'NaN'), (3, 'Z', 'y', null), (4, 'ä', 'Y', -1)", "icu")
    db = connect("icu")
    rows(db, "CREATE VIRTUAL TABLE c USING rockset('w.c')")
    rows(db, "CREATE TABLE l AS SELECT * FROM c")
    for sql in ("SELECT t FROM %s ORDER BY t", "SELECT t FROM %s ORDER BY t DESC LIMIT 2", "SELECT k FROM %s WHERE i = 'x'",
                "SELECT k FROM %s WHERE t < 'a' ORDER BY k", "SELECT k FROM %s WHERE i IN ('X', 'y') ORDER BY k",
                "SELECT k FROM %s ORDER BY f, k", "SELECT k FROM %s ORDER BY f DESC, k LIMIT 3",
                "SELECT k FROM %s WHERE f > 0", "SELECT k FROM %s WHERE f IS NULL ORDER BY k",
                "SELECT max(t), min(t) FROM %s"):
        same(rows(db, sql % "c"), rows(db, sql % "l"), "as SQLite has it: " + sql % "c")
    rows(db, "SELECT t FROM c WHERE t > 'B' ORDER BY t LIMIT 1")
    report("COLLATE \"C\" > 'B'" in sent(db) and "LIMIT 1" in sent(db), "filter, order and limit are sent", sent(db))


def views():
    db = connect()
    rows(db, "SELECT rockset_init()")
    rows(db, "INSERT INTO rockset_models(name, materialized, sql) VALUES ('base', 'table', 'select 1 as a, 2 as b'),"
             "('reader', 'view', 'select a from {{ ref(''base'') }}')")
    rows(db, "SELECT * FROM rockset_run('*')")
    rows(db, "UPDATE rockset_models SET sql = 'select 5 as a, 6 as c' WHERE name = 'base'")
    rows(db, "SELECT rockset_materialize('base')")
    same(psql("select a from w.reader"), "5", "a view that reads a replaced table stays and reads the new one")
    rows(db, "UPDATE rockset_models SET sql = 'select 7 as z' WHERE name = 'base'")
    rows(db, "SELECT rockset_materialize('base')")
    same(psql("select z from w.base"), "7", "one that can't read it any more does not stop it")
    rows(db, "UPDATE rockset_models SET sql = 'select 1/0 as z' WHERE name = 'base'")
    report("division by zero" in error(db, "SELECT rockset_materialize('base')"), "a failure says why")
    same(psql("select z from w.base"), "7", "and leaves the old table")


def atomic():
    psql("create table w.a(k int primary key, v text); insert into w.a values (1, 'one'), (2, 'two')")
    db = connect()
    rows(db, "CREATE VIRTUAL TABLE a USING rockset('w.a', key='k')")
    rows(db, "BEGIN")
    rows(db, "INSERT INTO a(k, v) VALUES (3, 'three')")
    rows(db, "DELETE FROM a WHERE k = 1")
    same(psql("select count(*) from w.a"), "2", "others see a transaction's writes with its end")
    rows(db, "COMMIT")
    same(psql("select string_agg(v, ',' order by k) from w.a"), "two,three", "and all of them")
    rows(db, "BEGIN")
    rows(db, "UPDATE a SET v = 'x'")
    rows(db, "ROLLBACK")
    same(psql("select count(*) from w.a where v = 'x'"), "0", "a rollback writes nothing")
    report(error(db, "INSERT INTO a(k, v) VALUES (9, 'nine'), (3, 'again')"), "a key that is there is refused")
    same(psql("select count(*) from w.a where k = 9"), "0", "with the rows beside it")
    rows(db, "INSERT OR REPLACE INTO a(k, v) VALUES (3, 'new')")
    same(psql("select v from w.a where k = 3"), "new", "OR REPLACE replaces")


def interrupt():
    db = connect()
    timer = threading.Timer(0.7, db.interrupt)
    timer.start()
    began = time.time()
    text = error(db, "SELECT c1 FROM rockset_query('select pg_sleep(30)')")
    report("interrupt" in text and time.time() - began < 10, "an interrupt ends the statement", text)
    end = time.time() + 5
    while time.time() < end and psql("select count(*) from pg_stat_activity where query like 'COPY (select pg_sleep%' "
                                     "and state = 'active'") != "0":
        time.sleep(0.1)
    report(time.time() < end, "in the server, too")
    same(rows(db, "SELECT c1 FROM rockset_query('select 1')"), [(1,)], "and the next one runs")
    cursor = db.execute("SELECT c1 FROM rockset_query('select generate_series(1, 5000000)')")
    cursor.fetchone()
    cursor.close()
    same(rows(db, "SELECT c1 FROM rockset_query('select 2')"), [(2,)], "as after rows that were not read to their end")


def lost():
    db = connect()
    same(rows(db, "SELECT c1 FROM rockset_query('select 1')"), [(1,)], "connected")
    psql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'rs' "
         "and datname = 'postgres'")
    first = error(db, "SELECT c1 FROM rockset_query('select 1')")
    report(first == "" or "connection" in first, "a lost connection is told, or none is noticed", first)
    same(rows(db, "SELECT c1 FROM rockset_query('select 3')"), [(3,)], "the next statement connects anew")


def access():
    db = connect(password="s3cret-word", uri="postgresql://127.0.0.1:1/x", username="me")
    text = error(db, "SELECT c1 FROM rockset_query('select 1')")
    report("refused" in text and "s3cret" not in text, "no secret in an error", text)
    text = error(connect(driver="/no/such/driver.so"), "SELECT c1 FROM rockset_query('select 1')")
    report("/no/such/driver.so" in text and "can't be loaded" in text, "a driver that is not there", text)
    text = error(connect(options={"adbc.no.such": "1"}), "SELECT c1 FROM rockset_query('select 1')")
    report("adbc.no.such" in text, "an option that the driver does not know", text)
    text = error(connect(), "SELECT c1 FROM rockset_query('select 1; drop table w.t')")
    report(text, "one statement only")
    text = json.dumps(rows(connect(), "SELECT * FROM rockset_debug"))
    report("PostgreSQL" in text, "rockset_debug names the server", text)


def duckdb_driver():
    """Any driver: DuckDB's own library as one, with its dialect and with none."""
    library = os.path.join(BUILD, "deps", "duckdb", "libduckdb.so")
    for dialect in ("duckdb", None):
        db = connect(driver=library, entrypoint="duckdb_adbc_init", uri=None, username=None, dialect=dialect,
                     workspace="main", options={"path": ":memory:"})
        same(rows(db, "SELECT c1, c2 FROM rockset_query('select 42, ''x''')"), [(42, "x")],
             "another driver, dialect %s" % (dialect or "ansi"))


def model(db, name, kind, sql, **config):
    rows(db, "INSERT OR REPLACE INTO rockset_models(name, materialized, sql, config) VALUES (?, ?, ?, ?)", name, kind, sql,
         json.dumps(config))


def build(db, name, **options):
    return json.loads(rows(db, "SELECT rockset_materialize(?, NULL, ?)", name, json.dumps(options))[0][0])


def privileges(table):
    return psql("select grantee || ':' || privilege_type from information_schema.role_table_grants where table_schema = 'w'"
                " and table_name = '%s' and grantee <> 'rs' order by 1" % table).split()


def grants():
    psql("create role ann; create role bob; create role carl")
    db = connect()
    rows(db, "SELECT rockset_init()")
    model(db, "given", "incremental", "select 1 as id", grants={"select": ["ann", "bob"], "insert": "bob"})
    build(db, "given")
    same(privileges("given"), ["ann:SELECT", "bob:INSERT", "bob:SELECT"], "grants: what the config names")
    psql("grant delete on w.given to ann")
    model(db, "given", "incremental", "select 1 as id", grants={"select": ["bob", "carl"]})
    build(db, "given")
    same(privileges("given"), ["bob:SELECT", "carl:SELECT"], "what it does not name any more is revoked")
    before = len(rows(db, "SELECT sql FROM rockset_log"))
    build(db, "given")
    log = [s.strip() for (s,) in rows(db, "SELECT sql FROM rockset_log")[before:]]
    shown = [s for s in log if "role_table_grants" in s]
    report(len(shown) == 1 and not [s for s in log if s.startswith("revoke select")], "an incremental one is asked first", log)
    model(db, "given", "table", "select 2 as id", grants={"select": ["ann"]})
    before = len(rows(db, "SELECT sql FROM rockset_log"))
    build(db, "given")
    log = [s for (s,) in rows(db, "SELECT sql FROM rockset_log")[before:]]
    report(not [s for s in log if "role_table_grants" in s] and privileges("given") == ["ann:SELECT"],
           "a new table has none: nothing is asked", log)
    model(db, "given", "table", "select 3 as id", grants={"select": ["nobody_there"]})
    text = error(db, "SELECT rockset_materialize('given')")
    report("nobody_there" in text and psql("select id from w.given") == "2" and privileges("given") == ["ann:SELECT"],
           "a role that is not there: an error, the old table stays", text)
    model(db, "given", "view", "select 4 as id", grants={"select": ["ann"], "+select": ["bob"]})
    build(db, "given")
    same(privileges("given"), ["ann:SELECT", "bob:SELECT"], "+select adds to the list")


def materialized():
    db = connect()
    rows(db, "SELECT rockset_init()")
    kind = "select relkind from pg_class where relname = 'mv' and relnamespace = 'w'::regnamespace"
    model(db, "mbase", "table", "select 1 as a, 2 as b")
    model(db, "mv", "materialized_view", "select a, b from {{ ref('mbase') }}", indexes=[{"columns": ["a"], "unique": True}])
    model(db, "over", "view", "select a from {{ ref('mv') }}")
    for name in ("mbase", "mv", "over"):
        said = build(db, name)
        report(said["status"] == "success", "built " + name, said)
    same((psql(kind), psql("select a, b from w.mv")), ("m", "1|2"), "a materialized view")
    psql("update w.mbase set b = 3")
    same((build(db, "mv")["message"], psql("select b from w.mv")), ("refreshed materialized view w.mv", "3"), "is refreshed")
    model(db, "mbase", "table", "select 1 as a, 4 as b")
    build(db, "mbase")
    same((psql(kind), psql("select b from w.mv"), psql("select count(*) from pg_indexes where tablename = 'mv'")), ("m", "4", "1"),
         "a table that it reads is replaced: it is made anew, with its index")
    model(db, "mv", "materialized_view", "select a + 10 as a, b from {{ ref('mbase') }}", indexes=[{"columns": ["a", "b"], "type": "btree"}],
          on_configuration_change="fail")
    text = error(db, "SELECT rockset_materialize('mv')")
    report("was set to `fail`" in text, "on_configuration_change: fail", text)
    model(db, "mv", "materialized_view", "select a + 10 as a, b from {{ ref('mbase') }}", indexes=[{"columns": ["a", "b"], "type": "btree"}],
          on_configuration_change="continue")
    said = build(db, "mv")
    report("was set to `continue`" in said["warning"] and said["message"].startswith("skipped"), "continue", said)
    model(db, "mv", "materialized_view", "select a + 10 as a, b from {{ ref('mbase') }}", indexes=[{"columns": ["a", "b"], "type": "btree"}])
    said = build(db, "mv")["message"]
    index = psql("select indexdef from pg_indexes where tablename = 'mv'")
    report(said.startswith("altered") and index.endswith("USING btree (a, b)") and "UNIQUE" not in index, "apply", (said, index))
    same(psql("select a from w.mv"), "1", "its query is changed")
    build(db, "mv", full_refresh=True)
    same((psql("select a from w.mv"), psql("select a from w.over")), ("11", "11"), "by full_refresh; a view over it remains")
    model(db, "mv", "table", "select 5 as a")
    build(db, "mv")
    same((psql(kind), psql("select a from w.over")), ("r", "5"), "a table for a materialized view")
    model(db, "mv", "view", "select 6 as a")
    build(db, "mv")
    model(db, "mv", "materialized_view", "select 7 as a", grants={"select": ["ann"]})
    build(db, "mv")
    same((psql(kind), psql("select a from w.over")), ("m", "7"), "a materialized view for a view")
    rows(db, "SELECT rockset_drop_view('over')")
    text = error(db, "SELECT rockset_drop_view('mv')")
    same(psql(kind), "", "dropped by its kind " + text)
    model(db, "dbl", "table", "select 1 as a", database="elsewhere")
    text = error(db, "SELECT rockset_materialize('dbl')")
    report("cross-db references not allowed in postgres ('elsewhere'" in text.lower(), "another database: dbt's error", text)


for test in (types, collation, views, grants, materialized, atomic, interrupt, lost, access, duckdb_driver):
    try:
        test()
    except Exception as e:
        report(False, test.__name__, "%s: %s" % (type(e).__name__, e))
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
