#!/usr/bin/python3
"""What a statement may be: just below each bound it is answered, just above it is refused at once,
by an error that names the bound. Engines plan without looking at the clock.
"""
import time
from harness import Server, main

COLL = "/ws/commons/collections"
S = Server().__enter__()
S.collection("t")
S.post(COLL + "/t/docs", {"data": [{"_id": "1", "a": 1, "b": True}]})
WORK = "square of its depth"


def many(n, text, between):
    return between.join(text.replace("#", str(i)) for i in range(n))


def nested(n, opening, inner, closing):
    return opening * n + inner + closing * n


CTES = "with c0 as %s (select a from t), c1 as %s (select * from c0 union all select * from c0) select count(*) n from c1"
# what it is: (a text of size n, below, above, words of the error)
CLASSES = {
    "unions": (lambda n: many(n + 1, "select #", " union all "), 500, 501, "UNION"),
    "unions without ALL": (lambda n: many(n + 1, "select #", " union "), 500, 5000, "UNION"),
    "intersections": (lambda n: many(n + 1, "select 1", " intersect "), 50, 51, "joins"),
    "differences": (lambda n: many(n + 1, "select #", " except "), 50, 51, "joins"),
    "joins": (lambda n: "select count(*) from t t0 " + "".join(
        "join t t%d on t%d.a = t%d.a " % (i, i - 1, i) for i in range(1, n + 1)), 45, 51, "joins"),
    "joins USING": (lambda n: "select count(*) from t t0 " + many(n, "join t u# using (a)", " "), 45, 51, "joins"),
    "commas": (lambda n: "select count(*) from " + many(n + 1, "t t#", ", ") + " where " +
               many(n + 1, "t#.a = t0.a", " and "), 40, 51, "joins"),
    "joins in the engine's own SQL": (lambda n: "select a: count(*) from t t0 " +
                                      many(n, "left join t u# on u#.a = t0.a", " "), 50, 51, "joins"),
    "subqueries": (lambda n: "select " + many(n - 1, "(select max(a) from t x where x.a < t.a + #) s#", ", ") +
                   " from t", 60, 101, "queries"),
    "derived tables": (lambda n: nested(n - 1, "select a from (", "select a from t", ") q"), 100, 101, "queries"),
    "a chain of CTEs": (lambda n: "with c0 as (select a from t)" + "".join(
        ", c%d as (select a from c%d)" % (i, i - 1) for i in range(1, n - 1)) +
        " select * from c%d" % (n - 2), 100, 101, "queries"),
    "brackets": (lambda n: "select a: " + nested(n, "(", "1", ")"), 300, 500, WORK),
    "CASE in CASE": (lambda n: "select " + nested(n, "case when b then ", "0", " else 1 end") + " from t", 200, 450, WORK),
    "a sum": (lambda n: "select " + many(n, "a", " + ") + " from t", 200, 450, WORK),
    "a sum of CASEs": (lambda n: "select " + many(n, "case when b then 1 else 0 end", " + ") + " from t", 200, 900, WORK),
    "many sums": (lambda n: "select " + many(n, many(100, "a", " + "), ", ") + " from t", 20, 200, WORK),
    "texts in a row": (lambda n: "select a: " + many(n, "'x'", " || "), 300, 450, WORK),
    "functions": (lambda n: "select " + nested(n, "abs(", "a", ")") + " from t", 200, 450, WORK),
    "casts": (lambda n: "select a: 1" + "::int" * n, 300, 900, WORK),
    "templates that double": (lambda n: "select " + nested(n, "greatest(1, ", "a", ")") + " from t", 8, 16, "conditions"),
    "conditions": (lambda n: "select 1 from t where " + many(n + 1, "a = #", " or "), 4000, 5001, "conditions"),
    "CTEs that are copied": (lambda n: CTES % ((n and "not materialized",) * 2) if n else CTES % ("", ""),
                             0, 1, "NOT MATERIALIZED"),
    "IN": (lambda n: "select 1 from t where a in (" + many(n, "1", ", ") + ")", 90000, 101000, "words and signs"),
    "VALUES": (lambda n: "select count(*) n from (values " + many(n, "(1)", ", ") + ") v(a)", 45000, 51000, "words and signs"),
    "PIVOT": (lambda n: "pivot t on a in (1, 2) using sum(" + many(n, "a", " + ") + ")", 100, 450, WORK),
    "bytes": (lambda n: "select '" + "x" * n + "'", 4000000, 5000000, "limit is 4194304"),
}


def check(name):
    make, below, above, words = CLASSES[name]
    a = S.post("/queries", {"sql": {"query": make(below)}})
    assert a.status == 200, (name, below, a)
    begun = time.monotonic()
    a = S.post("/queries", {"sql": {"query": make(above)}})
    took = time.monotonic() - begun
    assert a.status == 400 and a.json["type"] == "RESOURCEEXCEEDED", (name, above, a)
    assert words in a.json["message"], (name, a)
    assert took < 5, (name, "refused after %.1f s" % took)


for _name in CLASSES:
    globals()["test_" + _name.replace(" ", "_").replace("'", "")] = lambda n=_name: check(n)


def test_what_only_looks_like_much():
    """A comma of a select list, of functions and of orders joins nothing, and a sum ends with it."""
    for text in ("select " + many(3000, "a + # as c#", ", ") + " from t",
                 "select " + many(120, "a is distinct from #", ", ") + " from t",
                 "select " + many(120, "extract(year from current_date()) as y#", ", ") + " from t",
                 "select a from t order by " + many(120, "a + #", ", ")):
        a = S.post("/queries", {"sql": {"query": text}})
        assert a.status == 200, a


def test_zzz_stop():
    S.__exit__()


main(globals())
