#!/usr/bin/python3
"""One odd document changes nothing for the others.

The cases of tests/rsql run a second time: each collection holds one more document, whose fields are
all of another type than anywhere else, and its queries run over what that document is left out of
again. What they give must be what they give without it. RULES lists the queries that may differ,
and why. The odd values are a string, an int, a float, a bool, an object, an array, a timestamp, bytes, an
interval and a null in turn, and some of these inside of objects. Of the cases that rules.py makes each kind gets one quarter; ODD_ALL=1: all.
"""
import importlib.util
import json
import os
import sys
from importlib.machinery import SourceFileLoader

HERE = os.path.dirname(os.path.abspath(__file__))
RSQL = os.path.join(HERE, "..", "rsql")
SLOW = 4 if os.environ.get("RS_PRELOAD") else 1  # a sanitized build gets so much less
sys.path.insert(0, HERE)
sys.path.insert(0, RSQL)
import harness

loader = SourceFileLoader("rsql_run", os.path.join(RSQL, "run"))
cases = importlib.util.module_from_spec(importlib.util.spec_from_loader("rsql_run", loader))
loader.exec_module(cases)

ODD = {"string": "odd", "int": 77, "float": 0.25, "bool": True, "object": {"odd": 1}, "array": ["odd"],
       "null": None, "timestamp": {"__rockset_type": "TIMESTAMP", "value": "2020-01-02T03:04:05Z"},
       "bytes": {"__rockset_type": "BYTES", "encoding": "base64", "value": "b2Rk"},
       "interval": {"__rockset_type": "MICROSECOND_INTERVAL", "value": 77000000}}

TIMES = ("DATE", "TIME", "DATETIME", "TIMESTAMP")

# A part of the query, the odd types it is about (None: all), and why its answer may be another one.
RULES = [
    ("SELECT d.s.* FROM", ("object",), "where some document has an object there its fields are known"),
    ("SELECT c.o.in.* FROM", None, "what is not always an object has the fields that each object has"),
    ("COALESCE(x, f) AS e", None,
     "an int beside a float stays one, as in Rockset, where of two plain columns it is a float"),
    (" LIKE ", None, "LIKE is null of what is no text, and refused where there is no text at all"),
    ("GROUP BY x", ("float",), "ints and floats of one value are one group, whose key is a float"),
    ("GROUP BY n UNION ALL", ("float",), "beside another type a group's key is a float"),
    ("UNION ALL SELECT NULL", None, "of several types a null of a set operation is undefined"),
    (" ALL (SELECT n FROM e)", None, "ALL and ANY are asked of the odd value, too"),
]


def kind_of(v):
    if isinstance(v, bool):
        return "bool"
    if isinstance(v, dict) and "__rockset_type" in v:
        return "time" if v["__rockset_type"].upper() in TIMES else "typed"
    names = {int: "int", float: "float", str: "string", list: "array", dict: "object"}
    return names.get(type(v), "null")


def odd_fields(objects, kind):
    """Values of that kind for all fields of these objects that have none of it."""
    kinds = {}
    for one in objects:
        for name, value in one.items():
            kinds.setdefault(name, set()).add(kind_of(value))
    return {name: ODD[kind] for name, of in kinds.items()
            if not name.startswith("_") and kind not in of and not (kind == "timestamp" and "time" in of)
            and not (kind in ("bytes", "interval") and "typed" in of)}


def odd_document(lines, kind):
    """A document of all fields that have no value of that kind; None: there is no such field. "in
    string": of those inside of objects."""
    documents = [json.loads(line) for line in lines]
    if not kind.startswith("in "):
        odd = odd_fields(documents, kind)
        return dict(odd, _id="odd") if odd else None
    objects = {}
    for document in documents:
        for name, value in document.items():
            if kind_of(value) == "object":
                objects.setdefault(name, []).append(value)
    odd = {name: odd_fields(of, kind[3:]) for name, of in objects.items()}
    odd = {name: fields for name, fields in odd.items() if fields}
    return dict(odd, _id="odd") if odd else None


def may_differ(case, kind):
    return any(part in case.sql and (kinds is None or kind in kinds) for part, kinds, _ in RULES)


class Odd:
    """The cases of one file beside one odd document."""

    def __init__(self, server, name, kind):
        self.server, self.kind, self.any = server, kind, False
        self.space = "%s_%s" % (name, kind.replace(" ", "_"))
        server.post("/ws", {"name": self.space})

    def add(self, collection, lines):
        odd = odd_document(lines, self.kind)
        self.any = self.any or odd is not None
        if odd is None:
            cases.add_documents(self.server, self.space, collection, lines)
            return
        cases.add_documents(self.server, self.space, collection + "_all", lines + [json.dumps(odd)])
        query = "SELECT * FROM \"%s\".%s_all WHERE _id <> 'odd'" % (self.space, collection)
        a = self.server.post("/ws/%s/views" % self.space, {"name": collection, "query": query})
        assert a.status == 200, a

    def run(self, found, every):
        """(passed, failed, left out) of each so many-th case."""
        counts = [0, 0, 0]
        for number, case in enumerate(found):
            if not self.any or number % every != len(self.kind) % every:
                continue
            counts = [sum(c) for c in zip(counts, self.one(case))]
        return counts

    def one(self, case):
        size = len(case.parts or [case])
        if not case.parts and may_differ(case, self.kind):
            return 0, 0, 1
        head = "OPTION(default_workspace='%s') " % self.space
        sql = case.sql
        case.sql, case.shift, case.at = head + sql, len(head), None
        error = case.error
        if error is not None:  # of two wrong arguments the other one may be named
            case.error = error.split(": argument ")[0]
        problem = case.wrong(self.server, "duckdb")
        case.sql, case.error = sql, error
        if problem and case.parts:
            counts = [self.one(part) for part in case.parts]
            return [sum(c) for c in zip(*counts)]
        if problem:
            print("# odd %s: %s %s\n#   %s" % (self.kind, case.place, sql.strip(),
                                            problem.replace("\n", "\n#   ")), flush=True)
        return (0, 1, 0) if problem else (size, 0, 0)


def run_kind(kind):
    total = [0, 0, 0]
    folder = os.path.join(RSQL, "cases")
    with harness.Server() as server:
        for name in sorted(os.listdir(folder)) + ["rules"]:
            odd = Odd(server, name.split(".")[0], kind)
            found = cases.cases_of_rules(odd.add, "duckdb") if name == "rules" else \
                cases.cases_of(os.path.join(folder, name), odd.add)
            every = 4 if name == "rules" and not os.environ.get("ODD_ALL") else 1
            total = [sum(c) for c in zip(total, odd.run(found, every * SLOW))]
    print("# odd %s: %d as before, %d not, %d by a rule" % (kind, *total), flush=True)
    assert total[0] > (100 if kind.startswith("in ") else 1000) // SLOW, total
    assert total[1] == 0, total


def test_timestamp():
    run_kind("timestamp")


def test_string():
    run_kind("string")


def test_int():
    run_kind("int")


def test_float():
    run_kind("float")


def test_bool():
    run_kind("bool")


def test_object():
    run_kind("object")


def test_array():
    run_kind("array")


def test_bytes():
    run_kind("bytes")


def test_interval():
    run_kind("interval")


def test_null():
    run_kind("null")


def test_in_objects():
    for kind in ("string", "float", "timestamp"):
        run_kind("in " + kind)


if __name__ == "__main__":
    harness.main(globals())
