"""Documents come back as they went in: through SELECT *, after patches, through a view, after a
restart. Their values are of every type, in fields where others have other types.

VALUES_SEED and VALUES_DOCUMENTS choose other documents, and how many. tests/trino/test_values.py
runs these on a cluster.
"""
import gzip
import json
import os
import random
import tempfile

from harness import Server, main, run

SEED = int(os.environ.get("VALUES_SEED", "1"))
DOCUMENTS = int(os.environ.get("VALUES_DOCUMENTS", "600"))
SIZES = [1, 1, 1, 5, 30, 250]  # of requests with documents
PATCHES, AT_ONCE = 40, 1  # how many, and how many a request
PLACE = None  # arguments that say where the data is, instead of a DuckDB file
TEXTS = ["", "abc", "null", "1", "\u00e9\u4e2d\U0001f600", "a\"b\\c", "line\nbreak", "2020-01-02",
         "true", "n", "sabc", "~{}", "{\"a\":1}", " x ", "a" * 200]
INTS = [0, 1, -1, 2**31, -2**31, 2**53, 2**53 + 1, 2**63 - 1, -2**63, 42]
FLOATS = [0.0, 1.0, -1.5, 1e300, 5e-324, 0.1, 1e22, 2.0**53, -1e-7, 123456789.123456]
# some differ in case alone, some look like names that the engine's columns get
FIELDS = ["a", "b", "c", "d", "e", "with space", "\u00f1", "q\"uote", "select", "n1", "n2", "o", "l",
          "t1", "t2", "A", "N1", "O", "withSpace", "WITH SPACE", "a_1", "A~n1", "\u00d1", "_ID"]
MEMBERS = ["x", "y", "z", "long name", "\u00fc", "X", "Long Name", "\u00dc"]


def typed(name, value, **more):
    return dict({"__rockset_type": name}, **more, value=value)


TYPED = [typed("DATE", "2020-01-02"), typed("DATETIME", "2020-01-02T03:04:05.5"),
         typed("TIME", "03:04:05"), typed("TIME", "03:04:05.25"), typed("MONTH_INTERVAL", 14),
         typed("MICROSECOND_INTERVAL", -1500000), typed("MICROSECOND_INTERVAL", 0),
         typed("TIMESTAMP", "2020-01-02T03:04:05.500000Z"),
         typed("BYTES", "AAE=", encoding="base64"), typed("U256", "18446744073709551616"),
         typed("GEOGRAPHY", {"type": "Point", "coordinates": [1.5, 2]})]
TIMES = TYPED[:4] + [typed("TIMESTAMP", "2020-01-02T03:04:05.500000Z"), typed("DATE", "1969-12-31"),
                     typed("TIMESTAMP", "1969-12-31T23:59:59.999999Z")]


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        r = self.random
        kind = r.randrange(12)
        if kind == 0:
            return None
        if kind == 1:
            return r.random() < .5
        return r.choice(INTS if kind < 5 else FLOATS if kind < 7 else TEXTS if kind < 10 else TYPED)

    def value(self, depth=0):
        r = self.random
        kind = r.randrange(10)
        if kind < 6 or depth > 4:
            return self.scalar()
        if kind < 8:
            return [self.value(depth + 1) for _ in range(r.randrange(4))]
        return {n: self.value(depth + 1) for n in r.sample(MEMBERS, r.randrange(4))}

    def document(self, number):
        """Some fields mostly have one type."""
        r = self.random
        d = {"_id": str(number)}
        for n in r.sample(FIELDS, r.randrange(1, 8)):
            usual = r.random() < .9
            if n == "n1" and usual:
                d[n] = r.choice(INTS)
            elif n == "n2" and usual:
                d[n] = r.choice(FLOATS)
            elif n in ("o", "O") and usual:
                members = MEMBERS[:3] if n == "o" else MEMBERS[:3] + ["X", "Y"]
                d[n] = {m: self.scalar() for m in r.sample(members, r.randrange(4))}
            elif n == "t1":  # dates and times beside scalars; beside anything that has a column of its own
                d[n] = r.choice(TIMES + ["abc", 42, 2.5, None, "2020-01-02"])
            elif n == "t2":
                d[n] = r.choice(TIMES + ["abc", 42, True, None, {"x": 1, "y": [2]}, {"x": 2}, [1, 2], []])
            elif n == "l" and usual:
                d[n] = [r.choice(INTS) for _ in range(3)]
            else:
                d[n] = self.value()
        return d


def same(a, b):
    """Is b how an answer has a? A timestamp may be a plain text there, and so may bytes."""
    if isinstance(a, dict) and isinstance(b, str):
        return a.get("__rockset_type") in ("TIMESTAMP", "BYTES") and b == a["value"]
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b


def compare(s, documents, query="select * from c"):
    got = {x["_id"]: x for x in s.sql(query).rows}
    assert got.keys() == documents.keys(), query
    for key, d in documents.items():
        x = {k: v for k, v in got[key].items() if k != "_event_time"}
        assert same(d, x), "%s: %s\nbecame %s" % (query, json.dumps(d), json.dumps(x))


def add(s, maker, documents):
    number = 0
    while number < DOCUMENTS:
        size = maker.random.choice(SIZES)
        batch = [maker.document(number + k) for k in range(size)]
        if documents and maker.random.random() < .3:
            batch.append(dict(maker.document(0), _id=maker.random.choice(list(documents))))
        number += size
        r = s.post("/ws/commons/collections/c/docs", {"data": batch})
        assert r.status == 200, r
        for d, status in zip(batch, r.data):
            assert status["status"] in ("ADDED", "REPLACED"), status
            documents[d["_id"]] = d


def patch(s, maker, documents):
    r = maker.random
    patches = []
    for key in r.sample(sorted(documents), PATCHES):
        d, operations = dict(documents[key]), []
        if r.random() < .3:  # the document as a whole
            d = dict(maker.document(0), _id=key)
            operations.append({"op": "REPLACE", "path": "", "value": d})
            d = dict(d)
        for f in r.sample(FIELDS, 3):
            if f in d and r.random() < .4:
                operations.append({"op": "REMOVE", "path": "/" + f})
                del d[f]
            else:
                d[f] = maker.value()
                operations.append({"op": "ADD", "path": "/" + f, "value": d[f]})
        documents[key] = d
        patches.append({"_id": key, "patch": operations})
        if len(patches) < AT_ONCE and len(patches) < PATCHES:
            continue
        a = s.ask("PATCH", "/ws/commons/collections/c/docs", {"data": patches})
        assert a.status == 200 and all(x["status"] == "PATCHED" for x in a.data), (a, patches)
        patches = []
    assert patches == []


def test_documents_come_back():
    maker, documents = Maker(SEED), {}
    with Server(place=PLACE) as s:
        s.post("/ws/commons/collections", {"name": "c"})
        add(s, maker, documents)
        compare(s, documents)
        patch(s, maker, documents)
        compare(s, documents)
        s.post("/ws/commons/views", {"name": "v", "query": "select * from commons.c"})
        compare(s, documents, "select * from v")
        compare(s, documents, "with x as (select * from c) select * from x where _id is not null")
        compare(s, documents, "select c.* from c")
        s.stop()
        with Server(database=s.database, place=PLACE) as again:
            compare(again, documents)


def of_one_type(maker):
    """Documents whose fields have one type each: texts like times and dates among them."""
    r = maker.random
    return {str(k): {"_id": str(k), "i": k, "f": k + .5, "time": "12:34:56", "date": "2020-01-02",
                     "customerId": "550e8400-e29b-41d4-a716-446655440000", "list": [k, 1], "none": [],
                     "o": {"name": r.choice(TEXTS), "at": {"time": "01:02:03", "xs": [[0.5]]}},
                     **({"some": [{"x": 1}, {"y": 2}]} if k % 3 else {})} for k in range(30)}


def write_lines(s, name, documents):
    """A file of them, and the arguments that load it."""
    path = os.path.join(s, name + ".ndjson")
    with open(path, "w") as f:
        f.write("".join(json.dumps(d, ensure_ascii=False) + "\n" for d in documents.values()))
    return "--load", "commons.%s=%s" % (name, path)


def test_loaded_files_are_the_documents():
    """As lines, as an array that is packed, beside files of one type a field. Numbers are fit for _id."""
    with tempfile.TemporaryDirectory(prefix="rocksetd-loads-") as folder:
        maker = Maker(SEED + 2)
        nasty = {str(k): maker.document(k) for k in range(min(DOCUMENTS, 1000))}
        plain = of_one_type(maker)
        packed = os.path.join(folder, "packed.json.gz")
        with gzip.open(packed, "wt") as f:
            json.dump(list(nasty.values()), f, indent=1)
        numbered = {k: dict({n: v for n, v in d.items() if n != "_id"}, key=int(k)) for k, d in nasty.items()}
        with Server(*write_lines(folder, "c", nasty), *write_lines(folder, "plain", plain),
                    "--load", "commons.packed=" + packed, *write_lines(folder, "numbered", numbered),
                    "--load-options", '{"id_field":"key"}', place=PLACE) as s:
            compare(s, nasty)
            compare(s, nasty, "select * from packed")
            compare(s, plain, "select * from plain")
            compare(s, {k: dict(d, _id=k) for k, d in numbered.items()}, "select * from numbered")
            more = maker.document(0)
            s.post("/ws/commons/collections/plain/docs", {"data": [dict(more, _id="more")]})
            compare(s, dict(plain, more=dict(more, _id="more")), "select * from plain")


def test_loaded_batch_by_batch():
    """A file of several batches whose last lines have fields and types that no line before has."""
    with tempfile.TemporaryDirectory(prefix="rocksetd-loads-") as folder:
        documents = {str(k): {"_id": str(k), "n": k, "text": "x" * 500} for k in range(40000)}
        documents["odd"] = {"_id": "odd", "n": "x", "text": None, "new": {"a": None}}
        documents["odder"] = {"_id": "odder", "n": 1.0, "new": [1, None, 2.5]}
        with Server(*write_lines(folder, "c", documents)) as s:
            assert "40002 rows" in s.stderr(), s.stderr()
            assert s.sql("select count(*) as n, sum(n) as s from c where _id < 'o'").rows == [
                {"n": 40000, "s": sum(range(40000))}]
            compare(s, {k: documents[k] for k in ("odd", "odder", "7")},
                    "select * from c where _id in ('odd', 'odder', '7')")


def test_loads_that_are_refused():
    with tempfile.TemporaryDirectory(prefix="rocksetd-loads-") as folder:
        for documents, options, text in (
                ({1: {"_id": "a", "n": None}, 2: {"_id": "a"}}, None, "_id"),
                ({1: {"n": None}, 2: {"n": 1, "_id": [1]}}, None, "record 2: _id must be a string"),
                ({1: {"n": None, "k": 1}, 2: {"n": 1}}, '{"id_field":"k"}', "record 2: there is no 'k' to be _id"),
                ({1: {"t": typed("DATE", "x")}}, None, "record 1: "),
                ({1: {"t~x": 1}}, None, "record 1: a field's name may not end in '~x'"),
                ({1: {"n": None}}, '{"documents":true,"dates":true}', "give one of them"),
                ({1: {"n": None}}, '{"documents":1}', "option 'documents' is true or false")):
            load = write_lines(folder, "c", documents)
            code, _, out = run("--database", ":memory:", *load, *(("--load-options", options) if options else ()))
            assert code != 0 and text in out, (code, out, text)


def test_members_that_are_not_there():
    """Whichever of an object's members are there, at any depth, beside texts that look like others."""
    texts = ["null", "\":null,\"", "a\\", "}", "n"]
    documents = {}
    for i in range(16):
        def some(members):
            return {m: v for k, (m, v) in enumerate(members.items()) if i >> k & 1}
        text = texts[i % len(texts)]
        o = some({"a": i, "b": text, "c\":null": 0.5, "d": [text]})
        documents[str(i)] = {"_id": str(i), "o": o, "l": [o, {"a": i}], "deep": some({"x": o, "y": o}),
                             "days": some({"first": TYPED[0], "n": i, "last": TYPED[0]})}
    with Server() as s:
        s.post("/ws/commons/collections", {"name": "c"})
        r = s.post("/ws/commons/collections/c/docs", {"data": list(documents.values())})
        assert [x["status"] for x in r.data] == ["ADDED"] * 16, r
        compare(s, documents)
        compare(s, documents, "select _id, o, l, deep, days from c")


def test_inserted_rows_are_the_documents():
    """Into a new collection, and into one whose fields have other types."""
    maker, documents, others = Maker(SEED + 1), {}, {}
    with Server(place=PLACE) as s:
        for name in ("c", "d", "e"):
            s.post("/ws/commons/collections", {"name": name})
        add(s, maker, documents)
        s.sql("insert into d select * from c")
        compare(s, documents, "select * from d")
        s.sql("insert into d select * from c where n1 is not undefined")
        compare(s, documents, "select * from d")
        for i in range(20):
            others["e%d" % i] = dict(Maker(SEED + i).document(0), _id="e%d" % i)
        s.post("/ws/commons/collections/e/docs", {"data": list(others.values())})
        s.sql("insert into e select * from c")
        compare(s, dict(documents, **others), "select * from e")
        s.sql("insert into commons.e with x as (select * from commons.d) select * from x limit 30")
        compare(s, dict(documents, **others), "select * from e")


def test_inserted_values_of_another_type():
    with Server() as s:
        s.collection("c", [{"_id": "1", "n": 1, "o": {"a": 1}, "d": "x"}])
        s.sql("insert into c select '2' as _id, 2.5 as n, 'x' as o, DATE '2020-01-02' as d")
        s.sql("insert into c(_id, n) select '3', 'three'")
        assert s.sql("select _id, n, o, d from c order by _id").rows == [
            {"_id": "1", "n": 1, "o": {"a": 1}, "d": "x"},
            {"_id": "2", "n": 2.5, "o": "x", "d": typed("DATE", "2020-01-02")},
            {"_id": "3", "n": "three", "o": None, "d": None}]
        assert s.sql("select typeof(n) as t from c order by _id").rows == [
            {"t": "int"}, {"t": "float"}, {"t": "string"}]


def test_inserted_columns_keep_values():
    """INSERT INTO d(a, b): each column with what its item's column alone can't tell."""
    maker, documents = Maker(SEED + 3), {}
    with Server(place=PLACE) as s:
        for name in ("c", "d", "e", "f", "h"):
            s.post("/ws/commons/collections", {"name": name})
        add(s, maker, documents)
        s.sql("insert into d(_id, first, second, n) select _id, a, n2, n1 from c")
        expected = {k: dict({"_id": k}, **{n: d[f] for f, n in (("a", "first"), ("n2", "second"), ("n1", "n"))
                                           if f in d}) for k, d in documents.items()}
        compare(s, expected, "select * from d")
        s.sql("insert into e(n1, _id, o) with x as (select * from c) select x.n2, x._id, x.a from x order by _id")
        compare(s, {k: dict({"_id": k}, **{n: d[f] for f, n in (("n2", "n1"), ("a", "o")) if f in d})
                    for k, d in documents.items()}, "select * from e")
        s.sql("insert into f(_id, x, y, z) values ('1', 1, 'x', -7), ('2', 2.5, null, 0.5), ('3', null, 'z', null)")
        s.sql("insert into f(_id, x, y) select '4', null, 'y'")
        s.sql("insert into f select '5' as _id, null as x, 2.5 as z")
        compare(s, {"1": {"_id": "1", "x": 1, "y": "x", "z": -7}, "2": {"_id": "2", "x": 2.5, "y": None, "z": .5},
                    "3": {"_id": "3", "x": None, "y": "z", "z": None}, "4": {"_id": "4", "x": None, "y": "y"},
                    "5": {"_id": "5", "x": None, "z": 2.5}}, "select * from f")
        # a count of columns that does not fit is told, and nothing is written
        s.fails("insert into h(a, b) select a from c", kind="QUERY_ERROR")
        assert s.sql("select count(*) as n from h").rows == [{"n": 0}]


def test_null_is_not_undefined():
    with Server(place=PLACE) as s:
        s.collection("c", [{"_id": "1", "a": None, "n": 1}, {"_id": "2", "n": 2.5},
                           {"_id": "3", "a": "x", "o": {"k": None}}])
        assert s.sql("select _id from c where a is undefined").rows == [{"_id": "2"}]
        assert s.sql("select count(*) as n from c where a is null").rows == [{"n": 2}]
        assert s.sql("select x.b from (select a as b, _id from c) x where x.b is not undefined"
                     " order by x._id").rows == [{"b": None}, {"b": "x"}]
        assert s.sql("select * except (a) from c where _id = '1'").rows[0].keys() == {
            "_id", "_event_time", "n"}
        rows = s.sql("select n from c union all select n from c order by n limit 2").rows
        assert [x["n"] for x in rows] == [1, 1], rows
        assert s.sql("select distinct n from c where n = 1").rows == [{"n": 1}]
        assert s.sql("select o from c where _id = '3'").rows == [{"o": {"k": None}}]
        assert s.sql("select x from (select * from c) as t(i, e, x, n, o) where i = '3'").rows == [
            {"x": "x"}]


def test_types_are_told():
    """Of each value by itself, by TYPEOF and in an answer; a star without a field leaves its sidecar out."""
    values = {"null": None, "int": 2**53 + 1, "string": "[1", "float": 1.0, "bool": False, "array": [1, 1.0, None],
              "object": {"k": None, "A": 1, "a": 2.0}, "date": TYPED[0], "datetime": TYPED[1], "time": TYPED[2],
              "bytes": TYPED[8], "geography": TYPED[10]}
    with Server(place=PLACE) as s:
        s.collection("c", [{"_id": "none", "v": 1}])
        for name in ("int", "float", "string", "array"):  # the column's type changes, old values stay
            d = {"_id": name, "a": values[name], "v": 1.5}
            assert s.post("/ws/commons/collections/c/docs", {"data": [d]}).data[0]["status"] == "ADDED"
        r = s.post("/ws/commons/collections/c/docs", {"data": [{"_id": k, "a": v} for k, v in values.items()]})
        assert r.status == 200, r
        got = {x["_id"]: x for x in s.sql("select _id, a from c").rows}
        for name, value in values.items():
            assert same(value, got[name]["a"]), (name, got[name])
        undefined = s.sql("select _id from c where a is undefined").rows
        assert undefined == [{"_id": "none"}], undefined
        told = {x["_id"]: x["t"] for x in s.sql("select _id, typeof(a) as t from c").rows}
        assert told == dict({k: k for k in values}, none="undefined"), told
        told = {x["_id"]: x["t"] for x in s.sql("select _id, typeof(v) as t from c").rows}
        assert told == dict({k: "undefined" for k in values}, none="int"), told
        rows = s.sql("select * from (select * except (a) from c) x where x._id = 'int'").rows
        assert rows[0].keys() == {"_id", "_event_time"}, rows
        rows = s.sql("select count(*) as n from c where _id in (select x._id from (select * from c) x)").rows
        assert rows == [{"n": len(values) + 1}], rows


def test_natural_join_sees_no_sidecars():
    with Server() as s:
        s.collection("c", [{"_id": "1", "a": None, "n": 1}, {"_id": "2", "n": 2.5}])
        assert s.sql("select a.n from c as a natural join c as b where a._id = '1'").rows == []


def test_several_types_in_a_field():
    """Each query but for the value of another type answers as without it."""
    with Server() as s:
        s.collection("c", [{"_id": str(i), "n": i, "s": "t%d" % i, "b": i > 2} for i in range(1, 12)])
        s.collection("c2", [{"_id": "1", "n": 1}])
        before = {q: s.sql(q).rows for q in (
            "select count(*) as x from c where n > 3", "select n from c where n between 2 and 4",
            "select min(n) as x from c", "select n from c order by n limit 11",
            "select count(*) as x from c where s like 't%'", "select count(*) as x from c where b",
            "select count(*) as x from c where not b", "select sum(n) as x from c where n < 5",
            "select lower(s) as x from c where _id < '3' order by _id",
            "select case when b then 1 else 0 end as x from c where _id < '3' order by _id",
            "select a.n from c as a join c2 on a.n = c2.n")}
        s.post("/ws/commons/collections/c/docs",
               {"data": [{"_id": "z", "n": "odd", "s": 7, "b": "odd"}]})
        for q, rows in before.items():
            assert s.sql(q).rows == rows, (q, s.sql(q).rows, rows)
        assert s.sql("select max(n) as x from c").rows == [{"x": "odd"}]
        assert s.sql("select typeof(n) as t, count(*) as x from c group by typeof(n) order by t").rows \
            == [{"t": "int", "x": 11}, {"t": "string", "x": 1}]
        assert s.sql("select n from c order by n desc limit 2").rows == [{"n": "odd"}, {"n": 11}]
        s.fails("select sum(n) from c")


def test_zones_by_name_are_refused():
    with Server() as s:
        s.collection("c")
        for zone in ("Europe/Berlin", "Etc/GMT+1", "2y0", "_0", " 00"):
            value = {"__rockset_type": "TIMESTAMP", "value": "2020-01-02T03:04:05.2" + zone}
            d = s.post("/ws/commons/collections/c/docs", {"data": [{"_id": "1", "t": value}]}).data[0]
            assert d["status"] == "ERROR", (zone, d)
        for zone in ("Z", "+02:00", "-01"):
            value = {"__rockset_type": "TIMESTAMP", "value": "2020-01-02T03:04:05.2" + zone}
            d = s.post("/ws/commons/collections/c/docs", {"data": [{"_id": zone, "t": value}]}).data[0]
            assert d["status"] == "ADDED", (zone, d)


if __name__ == "__main__":
    main(globals())
