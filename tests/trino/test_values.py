"""Documents come back as they went in on the cluster that tests/trino/run has started: the tests of
tests/server/test_values.py, with fewer and larger requests, since each costs a second or two.

VALUES_SEED and VALUES_DOCUMENTS choose other documents, and how many.
"""
import importlib.util
import json
import os
import sys
import tempfile
import time
import traceback

import test_faults

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "server")
number = failed = 0


def server_tests(build, place):
    """The module of the same name that belongs to rocksetd's tests."""
    os.environ.setdefault("ROCKSETD", os.path.join(build, "rocksetd"))
    os.environ.setdefault("DUCKDB_LIBRARY",
                          os.path.join(build, "deps", "duckdb", "libduckdb.so"))
    if SERVER not in sys.path:
        sys.path.append(SERVER)
    spec = importlib.util.spec_from_file_location("server_values",
                                                  os.path.join(SERVER, "test_values.py"))
    values = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(values)
    values.PLACE = place
    many = int(os.environ.get("VALUES_DOCUMENTS", "0"))
    values.DOCUMENTS = many or 100
    values.SIZES = [1, 40, 250, 1000] if many else [1, 30, 60]
    values.PATCHES, values.AT_ONCE = (200, 50) if many else (20, 10)
    return values


def case(c, test, what):
    global number, failed
    number += 1
    c.empty()
    try:
        test()
        print("ok - trino: " + what, flush=True)
    except Exception:
        failed += 1
        print("not ok - trino: %s\n# %s" % (what, traceback.format_exc().replace("\n", "\n# ")), flush=True)


def virtual_table(build, c, values):
    """It shows each value as what it is, and what it writes leaves nothing of the value before."""
    with values.Server(place=values.PLACE) as s:
        s.collection("c", [{"_id": "1", "a": None, "f": 1, "o": {"k": None}}, {"_id": "2", "a": [1], "f": 2.5, "o": {}},
                           {"_id": "3", "a": 7, "f": 9007199254740993, "o": {"k": 1}}, {"_id": "4", "a": "7", "f": 3}])
        db = test_faults.connect(build, c, "iceberg")
        db.execute("CREATE VIRTUAL TABLE c USING rockset('commons.c')")
        names = [x[0] for x in db.execute("SELECT * FROM c").description]
        assert sorted(names) == ["a", "f", "o"], names
        rows = db.execute("SELECT a, f, o FROM c ORDER BY _id").fetchall()
        expected = [(None, 1, '{"k":null}'), ("[1]", 2.5, "{}"), (7, 9007199254740993, '{"k":1}'), ("7", 3, None)]
        assert repr(rows) == repr(expected), rows
        rows = db.execute("SELECT _id FROM c WHERE a = 7 OR f > 9007199254740992").fetchall()
        assert rows == [("3",)], rows
        assert db.execute("SELECT _id FROM c WHERE a = '7' AND f = 3").fetchall() == [("4",)]
        assert db.execute("SELECT _id FROM c WHERE a > 'a' OR f < 2").fetchall() == [("1",)]
        db.execute("UPDATE c SET a = 'x' WHERE _id IN ('1', '2')")
        db.execute("UPDATE c SET f = 5 WHERE _id = '2'")
        db.execute("UPDATE c SET _id = '9' WHERE _id = '3'")
        rows = [(x["a"], x.get("f")) for x in s.sql("select _id, a, f from c order by _id").rows]
        assert repr(rows) == repr([("x", 1), ("x", 5), ("7", 3), (7, 9007199254740993)]), rows


def late_values(build, c, values):
    """Values of other types that come after the table was made: it shows them, or asks for rockset_refresh."""
    with values.Server(place=values.PLACE) as s:
        s.collection("l", [{"_id": "1", "k": 1, "f": 1.5, "s": "x", "n": 1}, {"_id": "2", "k": 2, "f": 2.5, "s": "y", "n": 2}])
        db = test_faults.connect(build, c, "iceberg")
        db.execute("CREATE VIRTUAL TABLE l USING rockset('commons.l')")
        assert db.execute("SELECT f, s, n FROM l WHERE f > 2").fetchall() == [(2.5, "y", 2)]
        s.post("/v1/orgs/self/ws/commons/collections/l/docs",
               {"data": [{"_id": "3", "k": 3, "f": 7, "s": {"__rockset_type": "DATE", "value": "2020-01-02"}, "n": "text"}]})
        time.sleep(1.1)
        assert repr(db.execute("SELECT k, f FROM l WHERE f > 2 ORDER BY k").fetchall()) == "[(2, 2.5), (3, 7)]"
        assert db.execute("SELECT k FROM l WHERE s = '2020-01-02'").fetchall() == [(3,)]
        for sql in ("SELECT n FROM l", "SELECT k FROM l WHERE n = 'text'", "SELECT count(*) FROM l WHERE n > 1"):
            try:
                got = db.execute(sql).fetchall()
            except Exception as e:
                got = str(e)
            assert "column 'n'" in got and "SELECT rockset_refresh('l')" in got, (sql, got)
        db.execute("SELECT rockset_refresh('l')")
        assert db.execute("SELECT k FROM l WHERE n > 1 ORDER BY k").fetchall() == [(2,), (3,)]


def run(build, c):
    global number, failed
    number = failed = 0
    with tempfile.TemporaryDirectory(prefix="rockset-trino-values-") as folder:
        with open(os.path.join(folder, "profiles.yml"), "w") as f:
            json.dump({"rockset_ext": {"target": "iceberg", "outputs": test_faults.outputs(c)}}, f)
        values = server_tests(build, ("--profiles-dir", folder, "--target", "iceberg"))
        case(c, values.test_documents_come_back, "documents come back as they went in")
        case(c, values.test_null_is_not_undefined, "null is not undefined")
        case(c, values.test_types_are_told, "each value has its type")
        case(c, values.test_loaded_files_are_the_documents, "loaded files are the documents")
        case(c, values.test_inserted_rows_are_the_documents, "INSERT INTO keeps every value")
        case(c, values.test_inserted_columns_keep_values, "INSERT INTO t(a, b) does so, too")
        case(c, lambda: late_values(build, c, values), "values that come later")
        case(c, lambda: virtual_table(build, c, values), "a virtual table shows each value, and writes it")
    print("trino values: %d passed, %d failed" % (number - failed, failed))
    return 1 if failed else 0
