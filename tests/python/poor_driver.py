"""Targets whose ADBC driver lacks transactions, upsert or ingestion (tests/wire/poor_driver.c): what
is served another way, what is refused and how, and that nothing is left half written.

tests/run gives ROCKSET_EXT (the extension's path); the current folder is empty.
"""
import json
import os
import sqlite3
import subprocess
import sys

BUILD = os.path.dirname(os.path.abspath(os.environ["ROCKSET_EXT"]))
DRIVER = os.path.join(BUILD, "wire", "adbc_driver_poor.so")
LIBRARY = os.environ.get("DUCKDB_LIBRARY") or os.path.join(BUILD, "deps", "duckdb", "libduckdb.so")
NO_TRANSACTIONS = "target 't' (type adbc) has no transactions, and "


def connect():
    db = sqlite3.connect("app.db", isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(os.environ["ROCKSET_EXT"])
    return db


def one(db, sql, *args):
    return db.execute(sql, args).fetchone()[0]


def remote(db, sql):
    return db.execute("SELECT c1 FROM rockset_query(?)", (sql,)).fetchall()


def count(db, table):
    return remote(db, "select count(*) from commons." + table)[0][0]


def stages(db):
    return remote(db, "select table_name from information_schema.tables where table_name like '!_!_rs!_%' escape '!'")


def refused(db, sql, *parts):
    try:
        db.execute(sql).fetchall()
    except sqlite3.Error as e:
        for part in parts:
            assert part in str(e), str(e)
        return
    raise AssertionError("not refused: " + sql)


def declare(db):
    db.execute("SELECT rockset_exec('create schema if not exists commons')")
    db.execute("SELECT rockset_exec('create table if not exists commons.t(id bigint, s varchar)')")
    db.execute("SELECT rockset_init(), rockset_profile('t')")
    db.execute("CREATE VIRTUAL TABLE v USING rockset('commons.t', key='id')")


def write(db):
    db.execute("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) "
               "INSERT INTO v SELECT i, 'row ' || i FROM c")
    assert count(db, "t") == 3000
    assert remote(db, "select s from commons.t where id = 2999") == [("row 2999",)]
    db.execute("UPDATE v SET s = 'it''s ' || id WHERE id <= 10")
    assert remote(db, "select s from commons.t where id = 7") == [("it's 7",)]
    db.execute("DELETE FROM v WHERE id > 2000")
    assert count(db, "t") == 2000
    assert stages(db) == [], stages(db)


def models(db):
    """A table, a view in its place, a table again; a seed; rows that are added."""
    db.execute("INSERT INTO rockset_models(name, sql) VALUES ('m', 'select 1 as a, ''x'' as b')")
    for kind in ("table", "table", "view", "table"):
        one(db, "SELECT rockset_materialize('m', ?)", kind)
        assert remote(db, "select a from commons.m") == [(1,)]
    db.execute("UPDATE rockset_models SET sql = 'select no_such_column' WHERE name = 'm'")
    for kind in ("table", "view"):
        refused(db, "SELECT rockset_materialize('m', '%s')" % kind, "no_such_column")
        assert remote(db, "select a from commons.m") == [(1,)], "the old one went"
    db.execute("UPDATE rockset_models SET sql = 'select 2 as a, ''y'' as b' WHERE name = 'm'")
    one(db, "SELECT rockset_materialize('m', 'incremental')")
    assert remote(db, "select count(*) from commons.m") == [(2,)]


def upsert_model(db):
    db.execute("INSERT INTO rockset_models(name, sql) VALUES ('k', "
               "'{{ config(unique_key=''a'') }} select 1 as a, ''x'' as b')")
    one(db, "SELECT rockset_materialize('k', 'incremental')")
    db.execute("UPDATE rockset_models SET sql = '{{ config(unique_key=''a'') }} select 1 as a, ''y'' as b' "
               "WHERE name = 'k'")


def load(db, mode="create"):
    with open("rows.csv", "w") as f:
        f.write("id,when,x\n" + "".join("%d,2024-01-%02d,%s\n" % (i, i % 28 + 1, i / 4) for i in range(2500)))
    return "SELECT rockset_load('l', 'rows.csv', json_object('mode', '%s'))" % mode


def nothing_missing(db):
    write(db)
    models(db)


def no_ingest(db):
    """Rows go as INSERT statements."""
    write(db)
    models(db)
    upsert_model(db)
    one(db, "SELECT rockset_materialize('k', 'incremental')")
    assert remote(db, "select b from commons.k") == [("y",)]
    db.execute(load(db)).fetchall()
    assert count(db, "l") == 2500
    types = remote(db, "select string_agg(data_type, ' ' order by ordinal_position) "
                       "from information_schema.columns where table_name = 'l'")
    assert types == [("VARCHAR TIMESTAMP BIGINT DATE DOUBLE",)], types
    assert remote(db, "select sum(x) from commons.l") == [(sum(i / 4 for i in range(2500)),)]
    assert stages(db) == [], stages(db)


def no_upsert(db):
    """Rows are replaced without any such statement: DELETE and INSERT in one transaction."""
    write(db)
    db.execute("INSERT OR REPLACE INTO v VALUES (1, 'again'), (4000, 'new')")
    assert remote(db, "select s from commons.t where id in (1, 4000) order by 1") == [("again",), ("new",)]
    upsert_model(db)
    one(db, "SELECT rockset_materialize('k', 'incremental')")
    assert remote(db, "select b from commons.k") == [("y",)]
    assert stages(db) == []
    refused(db, "SELECT rockset_exec('insert into commons.t values (1, ''x'') on conflict do nothing')", "no upsert")


def no_transactions(db):
    write(db)
    models(db)
    refused(db, "INSERT OR REPLACE INTO v VALUES (1, 'again'), (4000, 'new')", NO_TRANSACTIONS,
            "writing rows that are added, changed and deleted together", "one kind at a time")
    assert remote(db, "select s from commons.t where id in (1, 4000)") == [("it's 1",)]
    refused(db, "INSERT INTO v VALUES (5000, 'x'), (3, 'is there')", "UNIQUE constraint failed")
    assert count(db, "t") == 2000 and stages(db) == [], "half of it, or a stage, is there"
    db.execute("INSERT INTO v VALUES (5000, 'x')")
    upsert_model(db)
    refused(db, "SELECT rockset_materialize('k', 'incremental')", NO_TRANSACTIONS,
            "replacing rows by key could be left half done: build the table anew")
    assert remote(db, "select b from commons.k") == [("x",)]
    refused(db, load(db), NO_TRANSACTIONS, "loading files")
    assert stages(db) == []


def nothing_at_all(db):
    no_transactions(db)


def an_insert_fails(db):
    """The third INSERT of a stage: what came before it goes again."""
    refused(db, "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) "
                "INSERT INTO v SELECT i, 'row ' || i FROM c", "the disk is full")
    assert count(db, "t") == 0 and stages(db) == [], stages(db)
    write(db)


CASES = [
    (nothing_missing, ""), (no_ingest, "ingest"), (no_upsert, "upsert"),
    (no_transactions, "transactions"), (nothing_at_all, "transactions upsert ingest"),
    (an_insert_fails, "ingest insert=3"), (an_insert_fails, "transactions ingest insert=3"),
]


def main():
    if len(sys.argv) > 1:
        case, db = CASES[int(sys.argv[1])][0], connect()
        declare(db)
        case(db)
        return 0
    if not os.path.exists(DRIVER):
        print("# no " + DRIVER + ": make test-programs")
        return 1
    output = {"type": "adbc", "driver": DRIVER, "dialect": "duckdb", "workspace": "commons"}
    failed = 0
    for i, (case, missing) in enumerate(CASES):
        for name in ("app.db", "t.duckdb"):
            if os.path.exists(name):
                os.unlink(name)
        output["options"] = {"path": os.path.abspath("t.duckdb")}
        with open("profiles.yml", "w") as f:
            json.dump({"rockset_ext": {"target": "t", "outputs": {"t": output}}}, f)
        env = dict(os.environ, POOR_LIBRARY=LIBRARY, POOR_LACKS=missing, DBT_PROFILES_DIR=os.getcwd())
        ran = subprocess.run([sys.executable, os.path.abspath(__file__), str(i)], env=env,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100)
        failed |= ran.returncode != 0
        print("%sok %d - %s, without: %s" % ("not " if ran.returncode else "", i + 1, case.__name__,
                                             missing or "nothing"))
        if ran.returncode:
            print("# " + ran.stdout.decode(errors="replace").replace("\n", "\n# "))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
