"""Ingest transformations: field_mapping_query of collections."""
import threading

import test_values
from harness import Server, check_error, main

COLL = "/ws/commons/collections"


def make(s, name, sql, **definition):
    a = s.post(COLL, dict({"name": name, "field_mapping_query": {"sql": sql}}, **definition))
    assert a.status == 200, a
    assert a.data["field_mapping_query"] == {"sql": sql}, a
    return a.data


def put(s, name, *docs):
    """[_id, `ADDED` or an error's text] of each."""
    a = s.post("%s/%s/docs" % (COLL, name), {"data": list(docs)})
    assert a.status == 200, a
    return [[d["_id"], d["error"]["message"] if d["status"] == "ERROR" else d["status"]]
            for d in a.data]


def documents(s, name, keep=()):
    rows = s.sql("select * from %s order by _id" % name).rows
    return [{k: v for k, v in r.items() if k != "_event_time" or k in keep} for r in rows]


# ---- what comes out ------------------------------------------------------------------------------

def test_select_makes_the_fields():
    with Server() as s:
        make(s, "c", "SELECT a AS b, _input.c.d AS e, UPPER(s) AS s, * EXCEPT(a, gone) FROM _input "
                     "WHERE a > 1 -- and nothing else")
        assert put(s, "c", {"_id": "1", "a": 2, "c": {"d": "x", "z": None}, "s": "y"},
                   {"_id": "2", "a": 1}, {"_id": "3", "a": "text"}, {"_id": "4"},
                   {"_id": "5", "a": 2.5, "gone": 1, "n": None, "big": 2**53 + 1}) == [
            ["1", "ADDED"], ["2", "ADDED"], ["3", "ADDED"], ["4", "ADDED"], ["5", "ADDED"]]
        # a field that is not there stays so; what an expression makes of it is null
        assert documents(s, "c") == [
            {"_id": "1", "b": 2, "c": {"d": "x", "z": None}, "e": "x", "s": "Y"},
            {"_id": "5", "b": 2.5, "n": None, "big": 2**53 + 1, "s": None}]
        got = s.get(COLL + "/c").data
        assert got["field_mapping_query"]["sql"].startswith("SELECT a AS b"), got
        assert got["field_mappings"] == [] and got["stats"]["doc_count"] == 2, got
        # none of them stays
        assert put(s, "c", {"a": 0}) == [[None, "ADDED"]]
        assert len(documents(s, "c")) == 2


def test_ids_and_times():
    with Server() as s:
        make(s, "c", "SELECT ID_HASH(k, day) AS _id, CAST(ts AS timestamp) AS _event_time, v "
                     "FROM _input")
        a = put(s, "c", {"k": 1, "day": "mon", "ts": "2020-01-02T03:04:05Z", "v": 1},
                {"k": 1, "day": "tue", "ts": "2020-01-02T03:04:05Z", "v": 2},
                {"k": 1, "day": "mon", "ts": "2021-01-02T03:04:05Z", "v": 3})
        assert [x[1] for x in a] == ["ADDED", "ADDED", "REPLACED"] and a[0][0] == a[2][0], a
        assert len(a[0][0]) == 32, a
        rows = s.sql("select v, _event_time as t from c order by v").rows
        assert rows == [{"v": 2, "t": "2020-01-02T03:04:05.000000Z"},
                        {"v": 3, "t": "2021-01-02T03:04:05.000000Z"}], rows
        # a document keeps its own of what the statement does not give
        make(s, "d", "SELECT v FROM _input")
        assert put(s, "d", {"_id": "x", "_event_time": 5000000, "v": 1})[0] == ["x", "ADDED"]
        made = put(s, "d", {"v": 1})[0]
        assert made[1] == "ADDED" and len(made[0]) == 36, made
        rows = s.sql("select _event_time as t from d where _id = 'x'").rows
        assert rows == [{"t": "1970-01-01T00:00:05.000000Z"}], rows
        # event_time_info is before it
        make(s, "e", "SELECT _event_time + INTERVAL 1 DAY AS _event_time, at FROM _input",
             event_time_info={"field": "at", "format": "seconds_since_epoch"})
        assert put(s, "e", {"_id": "1", "at": 0}, {"_id": "2", "at": "soon"}) == [
            ["1", "ADDED"], ["2", "the event time 'at' must be a number of seconds since 1970"]]
        rows = s.sql("select _id, _event_time as t from e").rows
        assert rows == [{"_id": "1", "t": "1970-01-02T00:00:00.000000Z"}], rows
        assert put(s, "d", {"_id": 1})[0][1] == "_id must be a string"
        make(s, "f", "SELECT k AS _id FROM _input")
        assert put(s, "f", {"k": 1}, {"k": "a"}) == [[None, "_id must be a string"],
                                                    ["a", "ADDED"]]


def test_values_keep_their_types():
    maker, expected = test_values.Maker(test_values.SEED), {}
    with Server() as s:
        make(s, "c", "SELECT * FROM _input")
        test_values.add(s, maker, expected)
        test_values.compare(s, expected)
        make(s, "t", "SELECT t AS u, l[1] AS first, CAST(t AS string) AS text FROM _input")
        for i, value in enumerate(test_values.TYPED):
            assert put(s, "t", {"_id": str(i), "t": value, "l": [value]})[0][1] == "ADDED"
        for i, value in enumerate(test_values.TYPED):
            r = s.sql("select u, first from t where _id = '%d'" % i).rows[0]
            assert test_values.same(value, r["u"]), (value, r)
            assert test_values.same(value, r["first"]), (value, r)


def test_a_document_does_not_depend_on_others():
    docs = [{"a": 1}, {"a": 2.5}, {"a": "x"}, {"a": [1]}, {"a": None}, {"a": {"b": 1}},
            {"a": {"b": 1.5}}, {"a": True}, {"a": [1, 2.5]}, {"a": 2**63 - 1}]
    sql = "SELECT JSON_FORMAT(a) AS j, TYPEOF(a) AS t, TRY_CAST(a AS int) AS i, a AS a, _id " \
          "FROM _input"
    with Server() as s:
        make(s, "together", sql)
        make(s, "alone", sql)
        docs = [dict(d, _id="%02d" % i) for i, d in enumerate(docs)]
        assert {x[1] for x in put(s, "together", *docs)} == {"ADDED"}
        for d in docs:
            assert put(s, "alone", d) == [[d["_id"], "ADDED"]]
        assert documents(s, "together") == documents(s, "alone")


def test_errors_are_of_one_document():
    with Server() as s:
        make(s, "c", "SELECT STATIC_CAST(n AS int) AS n, UPPER(t) AS t FROM _input")
        docs = [{"_id": str(i), "n": i, "t": "a"} for i in range(500)]
        docs[77]["t"], docs[300]["n"] = 7, "x"
        docs[400] = 5
        statuses = put(s, "c", *docs)
        bad = {i: x[1] for i, x in enumerate(statuses) if x[1] != "ADDED"}
        assert sorted(bad) == [77, 300, 400], bad
        assert "`UPPER`: argument 1 must be string, not int" in bad[77], bad
        assert bad[300].startswith("ingest transformation: "), bad
        assert bad[400] == "a document must be a JSON object", bad
        assert [statuses[i][0] for i in (77, 300, 400)] == ["77", "300", None], statuses
        assert s.sql("select count(*) as n from c").rows == [{"n": 497}]
        # by a collection's alias, too
        a = s.post("/ws/commons/aliases", {"name": "alias", "collections": ["commons.c"]})
        assert a.status == 200, a
        assert put(s, "alias", {"_id": "z", "n": 1, "t": "b", "other": 1}) == [["z", "ADDED"]]
        assert s.sql("select * from c where _id = 'z'").rows[0]["t"] == "B"
        assert "other" not in s.sql("select * from c where _id = 'z'").rows[0]


def test_every_name_of_the_collection():
    """An alias of it, and any case of both names."""
    with Server() as s:
        make(s, "c", "SELECT a AS b FROM _input")
        assert s.post("/ws/commons/aliases", {"name": "al", "collections": ["commons.c"]}).status == 200
        for i, path in enumerate(("commons/collections/C", "COMMONS/collections/c",
                                  "commons/collections/al", "commons/collections/AL")):
            a = s.post("/ws/%s/docs" % path, {"data": [{"_id": str(i), "a": i}]})
            assert a.status == 200 and a.data[0]["status"] == "ADDED", a
        assert documents(s, "c") == [{"_id": str(i), "b": i} for i in range(4)]


def test_subqueries_and_stars_of_objects():
    with Server() as s:
        make(s, "c", "SELECT (SELECT MAX(x) FROM UNNEST(i.l AS x)) AS top, i.o.*, i.k "
                     "FROM _input i CLUSTER BY k")
        assert put(s, "c", {"_id": "1", "l": [3, 1], "o": {"a": 1, "b": "x"}, "k": 1},
                   {"_id": "2", "k": 2}) == [["1", "ADDED"], ["2", "ADDED"]]
        a = put(s, "c", {"_id": "3", "k": 3}, {"_id": "4", "o": 5})
        assert a[0] == ["3", "ADDED"] and "the fields of `o` are not known" in a[1][1], a
        assert documents(s, "c") == [{"_id": "1", "top": 3, "a": 1, "b": "x", "k": 1},
                                     {"_id": "2", "top": None, "k": 2},
                                     {"_id": "3", "top": None, "k": 3}]


def test_insert_into():
    """Rows of INSERT INTO come in as documents do, many at a time, into rollups as well."""
    with Server() as s:
        day = {"__rockset_type": "DATE", "value": "2020-01-02"}
        s.collection("src", [{"_id": "%04d" % i, "n": i, "shop": "ab"[i % 2], "o": {"p": "x", "i": i},
                              "f": 2.0 if i % 3 else 2, "d": day} for i in range(4100)])
        make(s, "c", "SELECT n * 2 AS twice, * EXCEPT(n) FROM _input WHERE n < 4000")
        a = s.sql("INSERT INTO c SELECT * FROM src")
        assert a.rows == [{"num_docs_inserted": 4100}] and a.json["last_offset"], a
        assert s.sql("select count(*) as c, sum(twice) as t from c").rows == [
            {"c": 4000, "t": 2 * sum(range(4000))}]
        assert documents(s, "c")[3] == {"_id": "0003", "twice": 6, "shop": "b",
                                        "o": {"p": "x", "i": 3}, "f": 2, "d": day}
        s.sql("INSERT INTO c SELECT '0003' AS _id, :n AS n", [{"name": "n", "type": "int", "value": "9"}])
        assert documents(s, "c")[3] == {"_id": "0003", "twice": 18}
        make(s, "r", "SELECT shop, COUNT(*) AS c, SUM(n) AS t FROM _input GROUP BY shop")
        s.sql("INSERT INTO r SELECT shop, n FROM src")
        s.sql("INSERT INTO r SELECT 'a' AS shop, 1000000 AS n")
        s.sql("INSERT INTO r SELECT shop, c, t FROM r WHERE shop = 'none'")
        assert s.sql("select shop, c, t from r order by shop").rows == [
            {"shop": "a", "c": 2051, "t": sum(range(0, 4100, 2)) + 1000000},
            {"shop": "b", "c": 2050, "t": sum(range(1, 4100, 2))}]
        # asynchronously, by an alias, and what only event_time_info asks for
        s.post("/ws/commons/aliases", {"name": "al", "collections": ["commons.r"]})
        a = s.post("/queries", {"sql": {"query": "INSERT INTO al SELECT 'z' AS shop, 1 AS n"},
                                "async": True, "async_options": {"client_timeout_ms": 60000}})
        assert a.json["status"] == "COMPLETED", a
        assert s.sql("select c, t from r where shop = 'z'").rows == [{"c": 1, "t": 1}]
        s.post(COLL, {"name": "e", "event_time_info": {"field": "at", "format": "seconds_since_epoch"}})
        s.sql("INSERT INTO e SELECT 1 AS at")
        assert s.sql("select _event_time from e").rows == [{"_event_time": "1970-01-01T00:00:01.000000Z"}]


def test_inserted_values_come_in():
    """With a list of columns, by VALUES and by set operations; nulls inside of objects, too."""
    with Server() as s:
        s.collection("src", [{"_id": "1", "a": None, "n": 1, "o": {"k": None}}, {"_id": "2", "n": 2.5}])
        make(s, "c", "SELECT *, 1 AS one FROM _input")
        s.sql("INSERT INTO c(_id, x, y, z) SELECT _id, a, n, o FROM src")
        s.sql("INSERT INTO c(_id, x, y) VALUES ('3', 'v', null), ('4', null, null)")
        s.sql("INSERT INTO c(_id, x) SELECT '5', 'u' UNION ALL SELECT '6', 'w'")
        s.sql("INSERT INTO c SELECT '7' AS _id, {'a': null, 'b': [null, 1]} AS z")
        assert documents(s, "c") == [
            {"_id": "1", "x": None, "y": 1, "z": {"k": None}, "one": 1}, {"_id": "2", "y": 2.5, "one": 1},
            {"_id": "3", "x": "v", "y": None, "one": 1}, {"_id": "4", "x": None, "y": None, "one": 1},
            {"_id": "5", "x": "u", "one": 1}, {"_id": "6", "x": "w", "one": 1},
            {"_id": "7", "z": {"a": None, "b": [None, 1]}, "one": 1}], documents(s, "c")


def test_insert_into_that_is_refused():
    with Server() as s:
        s.collection("src", [{"_id": "1", "k": "x"}, {"_id": "2", "k": 2}, {"_id": "3", "k": "z"}])
        make(s, "c", "SELECT UPPER(k) AS k FROM _input")
        a = s.fails("INSERT INTO c SELECT * FROM src")
        assert "1 of 3 documents were refused, the others are written" in a.json["message"], a
        assert "`UPPER`: argument 1 must be string, not int" in a.json["message"], a
        assert documents(s, "c") == [{"_id": "1", "k": "X"}, {"_id": "3", "k": "Z"}]
        s.fails("INSERT INTO c SELECT * FROM nothing")
        s.fails("INSERT INTO nothing SELECT * FROM src")
        s.fails("INSERT INTO c SELECT NO_SUCH(k) AS k FROM src")
        assert len(documents(s, "c")) == 2


# ---- what is refused -----------------------------------------------------------------------------

def refused(s, sql, column, *texts, kind="QUERY_ERROR"):
    a = s.post(COLL, {"name": "refused", "field_mapping_query": {"sql": sql}})
    check_error(a, 400, kind)
    assert a.json["message"].startswith("field_mapping_query: "), a
    assert (a.json["line"], a.json["column"]) == (1 if column else None, column), a
    for text in texts:
        assert text in a.json["message"], a
    assert s.get(COLL + "/refused").status == 404


def test_statements_that_are_none():
    with Server() as s:
        s.collection("other")
        refused(s, "SELECT", 7, "ends too early")
        refused(s, "SELECT a FROM other", 15, "nothing to read but _input")
        refused(s, "SELECT a FROM _input, other", 23, "can't be joined")
        refused(s, "SELECT a FROM _input JOIN other USING (a)", 27, "JOIN")
        refused(s, "SELECT (SELECT 1 FROM other) AS a FROM _input", 23, "not 'commons.other'")
        refused(s, "SELECT (SELECT 1 FROM _input) AS a FROM _input", 1, "subquery")
        refused(s, "SELECT a FROM _input ORDER BY a", 31, "ORDER BY is not possible")
        refused(s, "SELECT a FROM _input LIMIT 2", 28, "LIMIT is not possible")
        refused(s, "SELECT DISTINCT a FROM _input", 1, "DISTINCT is not possible")
        refused(s, "SELECT a FROM _input UNION SELECT a FROM _input", 28, "UNION")
        refused(s, "WITH x AS (SELECT 1) SELECT a FROM _input", 12, "WITH is not possible")
        refused(s, "SELECT ROW_NUMBER() OVER () AS n FROM _input", 8, "window function")
        refused(s, "SELECT :p AS a FROM _input", None, "no parameters", "'p'")
        refused(s, "SELECT NO_SUCH(a) AS a FROM _input", 8, "`NO_SUCH`")
        refused(s, "SELECT read_text('/etc/passwd') AS a FROM _input", 8, "read_text")
        refused(s, "INSERT INTO other SELECT a FROM _input", 1, "other statements")
        refused(s, "SELECT a AS \"~number\" FROM _input", 8, "'~'")
        a = s.post(COLL, {"name": "m", "field_mappings": [{"name": "m"}]})
        check_error(a, 501, "NOTIMPLEMENTEDYET")
        assert "field_mapping_query" in a.json["message"], a


def test_an_alias_is_no_field():
    """Nobody knows the fields of _input: a name means a document's field also where it has none."""
    with Server() as s:
        make(s, "c", "SELECT UPPER(a) AS b, b AS c FROM _input WHERE d IS NULL")
        assert put(s, "c", {"_id": "1", "a": "x"}, {"_id": "2", "a": "x", "b": "y"}) == [
            ["1", "ADDED"], ["2", "ADDED"]]
        put(s, "c", {"_id": "3", "a": "x"})
        assert documents(s, "c") == [{"_id": "1", "b": "X"}, {"_id": "2", "b": "X", "c": "y"},
                                     {"_id": "3", "b": "X"}]


# ---- rollups -------------------------------------------------------------------------------------

DAILY = ("SELECT shop, TIME_BUCKET(DAYS(1), CAST(at AS timestamp)) AS day, COUNT(*) AS n, "
         "SUM(x) AS total, AVG(x) AS mean, MIN(x) AS lo, MAX(at) AS latest, COUNT_IF(x > 2) AS many, "
         "BOOL_OR(x > 2) AS some, BOOL_AND(x > 0) AS every FROM _input WHERE x IS NOT NULL "
         "GROUP BY shop, day")


def totals(s, name):
    return {r["shop"]: {k: v for k, v in r.items() if k not in ("_id", "_event_time", "shop", "day")}
            for r in s.sql("select * from %s" % name).rows}


def test_rollup():
    with Server() as s:
        make(s, "r", DAILY)
        assert put(s, "r", {"_id": "1", "shop": "a", "at": "2020-01-01T05:00:00Z", "x": 1},
                   {"shop": "a", "at": "2020-01-01T06:00:00Z", "x": 2.5}, {"shop": "b"},
                   {"_id": "bad", "shop": "b", "x": "text"},
                   {"shop": "b", "at": "2020-01-02T06:00:00Z", "x": 2}, {"_id": 7}) == [
            ["1", "ADDED"], [None, "ADDED"], [None, "ADDED"],
            ["bad", "ingest transformation: Function `SUM` does not take values of these types."],
            [None, "ADDED"], [None, "_id must be a string"]]
        got = totals(s, "r")
        assert got["a"] == {"n": 2, "total": 3.5, "mean": 1.75, "mean~sum": 3.5, "mean~count": 2,
                            "lo": 1, "latest": "2020-01-01T06:00:00Z", "many": 1, "some": True,
                            "every": True}, got
        before = {r["shop"]: r for r in s.sql("select * from r").rows}
        s.stop()
        with Server(database=s.database) as again:
            put(again, "r", {"shop": "a", "at": "2020-01-01T04:00:00Z", "x": -1},
                {"shop": "c", "at": "2020-01-01T04:00:00Z", "x": 2**62},
                {"shop": "c", "at": "2020-01-01T04:00:00Z", "x": 2**62 - 1})
            got = totals(again, "r")
            assert got["a"] == {"n": 3, "total": 2.5, "mean": 2.5 / 3, "mean~sum": 2.5,
                                "mean~count": 3, "lo": -1, "latest": "2020-01-01T06:00:00Z",
                                "many": 1, "some": True, "every": False}, got
            assert got["c"]["total"] == 2**63 - 1 and got["c"]["n"] == 2, got
            after = {r["shop"]: r for r in again.sql("select * from r").rows}
            assert after["b"] == before["b"], (before, after)
            for name in ("_id", "_event_time", "day"):
                assert after["a"][name] == before["a"][name], (before, after)
            # one document a group, which stays
            assert again.get(COLL + "/r").data["stats"]["doc_count"] == 3
            body = {"data": [{"_id": after["a"]["_id"],
                              "patch": [{"op": "REPLACE", "path": "/n", "value": 1}]}]}
            a = again.ask("PATCH", COLL + "/r/docs", body)
            check_error(a, 400, "INVALIDINPUT")
            assert "rollup" in a.json["message"], a
            for sql in ("SELECT * FROM _input", "", "SELECT COUNT(*) AS n FROM _input"):
                a = again.ask("PUT", COLL + "/r", {"field_mapping_query": {"sql": sql}})
                check_error(a, 400, "INVALIDINPUT")
            a = again.ask("PUT", COLL + "/r", {"field_mapping_query": {"sql": DAILY},
                                               "description": "d"})
            assert a.status == 200 and a.data["description"] == "d", a


def test_rollup_groups():
    with Server() as s:
        make(s, "all_of_it", "SELECT COUNT(*) AS n, SUM(x) AS x FROM _input")
        for i in range(3):
            put(s, "all_of_it", {}, {"x": i})
        assert [{k: r[k] for k in ("n", "x")} for r in documents(s, "all_of_it")] == [
            {"n": 6, "x": 3}]
        # what tells a group has its type; null is as good as undefined
        make(s, "k", "SELECT k, COUNT(*) AS n FROM _input GROUP BY 1 CLUSTER BY k")
        for _ in range(2):
            put(s, "k", {"k": 1}, {"k": 1.0}, {"k": "1"}, {"k": None}, {}, {"k": [1]},
                {"k": {"__rockset_type": "date", "value": "2020-01-02"}}, {"k": {"a": 1}})
        assert sorted((repr(r.get("k")), r["n"]) for r in documents(s, "k")) == [
            ("'1'", 2), ("1", 2), ("1.0", 2), ("None", 4), ("[1]", 2),
            ("{'__rockset_type': 'DATE', 'value': '2020-01-02'}", 2), ("{'a': 1}", 2)], documents(
                s, "k")
        make(s, "t", "SELECT _event_time, UPPER(_input.k) AS k, MIN(v) AS v FROM _input "
                     "GROUP BY UPPER(_input.k), _event_time")
        put(s, "t", {"_event_time": 5000000, "k": "a", "v": 2})
        put(s, "t", {"_event_time": 5000000, "k": "A", "v": 1.5}, {"_event_time": 6000000, "k": "A"})
        assert s.sql("select k, v, _event_time as t from t order by t").rows == [
            {"k": "A", "v": 1.5, "t": "1970-01-01T00:00:05.000000Z"},
            {"k": "A", "v": None, "t": "1970-01-01T00:00:06.000000Z"}]


def test_rollup_at_once():
    with Server() as s:
        make(s, "r", "SELECT k, COUNT(*) AS n, SUM(x) AS x FROM _input GROUP BY k")
        failed = []

        def work():
            for _ in range(5):
                a = s.post(COLL + "/r/docs", {"data": [{"k": i % 7, "x": i} for i in range(50)]})
                if a.status != 200:
                    failed.append(a)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not failed, failed
        assert s.sql("select sum(n) as n, sum(x) as x, count(*) as c from r").rows == [
            {"n": 2000, "x": 40 * sum(range(50)), "c": 7}]


def test_rollups_that_are_none():
    with Server() as s:
        refused(s, "SELECT k, COUNT(*) FROM _input GROUP BY k", 11, "AS ...")
        refused(s, "SELECT COUNT(DISTINCT k) AS n FROM _input", 8, "DISTINCT")
        refused(s, "SELECT * FROM _input GROUP BY k", 8, "star")
        refused(s, "SELECT SUM(x) / COUNT(*) AS a FROM _input", 8, "in queries")
        refused(s, "SELECT k FROM _input GROUP BY k HAVING COUNT(*) > 1", 49, "HAVING")
        refused(s, "SELECT COUNT(*) AS n FROM _input GROUP BY k", 43, "select it")
        refused(s, "SELECT k, UPPER(k) AS u FROM _input GROUP BY k", 11, "GROUP BY as it is")
        refused(s, "SELECT ARRAY_AGG(k) AS n FROM _input", 8, "COUNT_IF")
        refused(s, "SELECT k AS _id, COUNT(*) AS n FROM _input GROUP BY k", 8, "the system's")
        refused(s, "SELECT k, COUNT(*) AS n FROM _input GROUP BY ROLLUP(k)", 1, "GROUPING SETS")
        refused(s, "SELECT COUNT(*) AS n FROM _input WHERE COUNT(*) > 1", 40, "aggregate")


# ---- changes -------------------------------------------------------------------------------------

def test_it_can_be_changed():
    with Server() as s:
        s.collection("c", [{"_id": "1", "a": 1}])
        assert "field_mapping_query" not in s.get(COLL + "/c").data
        sql = "SELECT a + 1 AS a FROM _input"
        a = s.ask("PUT", COLL + "/c", {"field_mapping_query": {"sql": sql}, "description": "d"})
        assert a.status == 200 and a.data["field_mapping_query"] == {"sql": sql}, a
        assert a.data["description"] == "d", a
        put(s, "c", {"_id": "2", "a": 1})
        a = s.ask("PUT", COLL + "/c", {"field_mapping_query": {"sql": "SELECT x y z"}})
        check_error(a, 400, "QUERY_ERROR")
        a = s.ask("PUT", COLL + "/c", {"description": "e"})
        assert a.status == 200 and a.data["field_mapping_query"] == {"sql": sql}, a
        put(s, "c", {"_id": "3", "a": 2})
        # a patch is about the document that there is
        a = s.ask("PATCH", COLL + "/c/docs",
                  {"data": [{"_id": "3", "patch": [{"op": "ADD", "path": "/b", "value": 9}]}]})
        assert a.data[0]["status"] == "PATCHED", a
        s.sql("INSERT INTO c SELECT '4' AS _id, 7 AS a")
        s.stop()
        with Server(database=s.database) as again:
            put(again, "c", {"_id": "5", "a": 4})
            a = again.ask("PUT", COLL + "/c", {"field_mapping_query": {"sql": ""}})
            assert a.status == 200 and "field_mapping_query" not in a.data, a
            put(again, "c", {"_id": "6", "a": 6})
            assert documents(again, "c") == [
                {"_id": "1", "a": 1}, {"_id": "2", "a": 2}, {"_id": "3", "a": 3, "b": 9},
                {"_id": "4", "a": 8}, {"_id": "5", "a": 5}, {"_id": "6", "a": 6}]


if __name__ == "__main__":
    main(globals())
