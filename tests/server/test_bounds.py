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


def correlated(n, inner="a"):
    for i in range(n):
        inner = "(select max(x%d.a) from t x%d where x%d.a > %s)" % (i, i, i, inner)
    return inner


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
    "aliases that name one another": (lambda n: "select a as x0" + "".join(
        ", x%d + x%d as \"X%d\"" % (i - 1, i - 1, i) for i in range(1, n)) + " from t", 10, 18, "aliases"),
    "aliases in front": (lambda n: "select x0: a" + "".join(
        ", x%d: x%d + x%d" % (i, i - 1, i - 1) for i in range(1, n)) + " from t", 10, 18, "aliases"),
    "aliases without AS": (lambda n: "select a x0, b: 1" + "".join(
        ", abs(x%d + x%d) x%d" % (i - 1, i - 1, i) for i in range(1, n)) + " from t", 10, 18, "aliases"),
    "lambdas in lambdas": (lambda n: "select a: " + "".join("list_transform([1], lambda x%d: " % i for i in range(n)) +
                           "x0" + ")" * n, 12, 30, "lambdas"),
    "arrows in arrows": (lambda n: "select a: " + "".join("list_transform([1], x%d -> " % i for i in range(n)) +
                         "x0" + ")" * n, 1, 30, "lambdas"),
    "subqueries in subqueries": (lambda n: "select " + correlated(n) + " as m from t", 8, 15, "subqueries"),
    "subqueries in ON": (lambda n: "select count(*) from t join t u on u.a = " + correlated(n, "u.a"), 8, 15, "subqueries"),
    "stars": (lambda n: "select x: 1, " + many(n, "*", ", ") + " from t", 100, 101, "`*`"),
    "stars of one table": (lambda n: "select x: 1, " + many(n, "t.*", ", ") + " from t", 100, 101, "`*`"),
    "stars upon stars": (lambda n: "select x: 1, %s from (select %s from (select %s from t) q) r" %
                         ((many(n, "*", ", "),) * 3), 4, 40, "`*`"),
    "COLUMNS of calls": (lambda n: "select x: 1, " + many(n, "min(columns(*))", ", ") + " from t", 100, 200, "`*`"),
    "COLUMNS": (lambda n: "select x: 1, " + many(n, "columns(*)", ", ") + " from t", 100, 200, "`*`"),
    "windows": (lambda n: "select x: 1, " + many(n, "sum(a) over (partition by a + # order by a) as c#", ", ") + " from t",
                100, 301, "window functions"),
    "group items": (lambda n: "select count(*) from t group by " + many(n, "a + #", ", "), 1000, 2100, "GROUP BY"),
    "group items in brackets": (lambda n: "select x: count(*) from t group by grouping sets ((" +
                                many(n, "a + #", ", ") + "))", 50, 2100, "GROUP BY"),
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
                 "select " + many(150, "a is null or c is null or null is null", ", ") + " from t",
                 "select " + many(150, "case when a = # then null else interval 1 day end", ", ") + " from t",
                 "with " + many(20, "q# as (select *, coalesce(a, 0) + # as x, a as y from t)", ", ") +
                 " select " + many(20, "q#.*", ", ") + " from " + many(20, "q#", ", "),
                 "select " + many(1000, "a + # as x", ", ") + ", x + x as y from t",
                 "select a from t where a in (" + many(3000, "#", ", ") + ") order by a",
                 "select a from t order by " + many(120, "a + #", ", ")):
        a = S.post("/queries", {"sql": {"query": text}})
        assert a.status == 200, a


def view(name, text, workspace="commons"):
    return S.post("/ws/%s/views" % workspace, {"name": name, "query": text})


def refused(a, what):
    assert a.status == 400 and a.json["type"] == "RESOURCEEXCEEDED" and what in a.json["message"], a


# how a view names the one before it; which bound is passed
DOUBLES = {
    "join": ("select x.a from @ x join @ y on x.a = y.a", "joins"),
    "comma": ("select x.a from @ x, commons.@ y", "joins"),
    "union": ("select a from @ union all select a from @", "UNION"),
    "own": ("select a: x.a from \"@\" x join commons.\"@\" y on x.a = y.a", "joins"),
    "case": ("select a: (select max(a) from @) + (select min(a) from @) from (select 1)", "subqueries"),
}


def test_views_that_double():
    """What views hold counts wherever they are named, however the view or the statement is written."""
    for kind, (text, what) in DOUBLES.items():
        assert view(kind + "0", "select a from t").status == 200
        made = 0
        begun = time.monotonic()
        for i in range(1, 16):
            a = view("%s%d" % (kind, i), text.replace("@", "%s%d" % (kind, i - 1)))
            if a.status != 200:
                break
            made = i
        refused(a, what)
        assert "views that one statement names" in a.json["message"], a
        assert 4 <= made <= 11, (kind, made)
        assert time.monotonic() - begun < 30, kind
        S.sql("select count(*) as n from %s%d" % (kind, made))
        for q in ("select count(*) as n from ", "select n: count(*) from ", "select n: 1 from t, "):
            over = ", ".join("%s%d v%d" % (kind, made, k) for k in range(4))
            refused(S.post("/queries", {"sql": {"query": q + over}}), what)


def test_views_that_grow_from_below():
    """A view that becomes larger makes those upon it larger: they are measured anew."""
    S.post("/ws", {"name": "lower"})
    a = view("base", "select a from commons.t", "lower")
    assert a.status == 200, a
    last = "lower.base"
    for i in range(6):
        assert view("g%d" % i, "select x.a from %s x join %s y on x.a = y.a" % (last, last)).status == 200
        last = "commons.g%d" % i
    S.sql("select * from g5")
    a = S.post("/ws/lower/views/base", {"query": "select t.a from commons.t " + many(
        20, "join commons.t u# on u#.a = t.a", " ")})
    assert a.status == 200, a
    refused(S.post("/queries", {"sql": {"query": "select * from g5"}}), "joins")
    refused(S.post("/queries", {"sql": {"query": "select x: a from g5"}}), "joins")
    S.sql("select * from g1")


def test_views_as_projects_have_them():
    """A hundred views in a row, each with CTEs of its own, are no doubling."""
    assert view("chain0", "select a, c from (select a, 1 as c from t) q").status == 200
    for i in range(1, 100):
        a = view("chain%d" % i, "with source as (select * from chain%d), renamed as (select a + 1 as a, c as c, "
                 "a + c as d from source) select a, c from renamed" % (i - 1))
        assert a.status == 200, a
    S.sql("select x.a from chain99 x join chain98 y on x.a = y.a")


def test_zzz_stop():
    S.__exit__()


main(globals())
