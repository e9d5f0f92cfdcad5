"""Documents come back as they went in on the cluster that tests/trino/run has started: the tests of
tests/server/test_values.py, with fewer and larger requests, since each costs a second or two.

VALUES_SEED and VALUES_DOCUMENTS choose other documents, and how many.
"""
import importlib.util
import json
import os
import sys
import tempfile
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
    """It shows no sidecar, and its UPDATE is about the value that counts."""
    with values.Server(place=values.PLACE) as s:
        s.collection("c", [{"_id": "1", "a": None}, {"_id": "2", "a": [1]}, {"_id": "3", "a": 7}])
        db = test_faults.connect(build, c, "iceberg")
        db.execute("CREATE VIRTUAL TABLE c USING rockset('commons.c')")
        names = [x[0] for x in db.execute("SELECT * FROM c").description]
        assert "a" in names and "a~x" not in names, names
        db.execute("UPDATE c SET a = 'x' WHERE _id IN ('1', '2')")
        rows = s.sql("select _id, a from c order by _id").rows
        assert [x["a"] for x in rows] == ["x", "x", 7], rows


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
        case(c, lambda: virtual_table(build, c, values), "an UPDATE by a virtual table clears the sidecar")
    print("trino values: %d passed, %d failed" % (number - failed, failed))
    return 1 if failed else 0
