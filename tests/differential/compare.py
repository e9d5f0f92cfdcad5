"""Runs one query over virtual and over native tables, and compares; shrinks a query that differs."""
import collections
import random
import re
import sqlite3
import time

from data import KINDS, TABLES
from generate import Query, Source
from targets import version

PLACE = re.compile(r"\{([A-Z])(?::(\d+))?\}")
# A term in what EXPLAIN QUERY PLAN prints; `"f" IN (?1)`, `CAST("d" AS VARCHAR) = ?1`
SENT = re.compile(r'(lower\()?(?:CAST\()?"(\w)"(?: AS \w+\))?\)? (=|<>|<=|>=|<|>|IS NOT NULL|IS NULL|IS NOT|IS|IN|LIKE) ?')
INSIDE = re.compile(r" WHERE .*(?:to_json|typeof)\(.* \(?\?1")  # a path column's term
OPERATORS = ["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "IN", "LIKE", "GLOB", "IS NULL", "IS NOT NULL"]
COMPARED = ["integer", "float", "bool", "text", "enum", "blob", "date", "time", "timestamp", "uuid"]
SEARCHED = ["integer", "text", "enum", "date", "time", "timestamp", "uuid"]  # with LIKE and GLOB
NULL_TESTED = COMPARED + ["hugeint", "decimal", "timestamptz"]
CACHES = (0, 3000, 64 << 20)  # what joins keep of their lookups: nothing, too little for a table, enough
SHRINK_TRIES, SHRINK_SECONDS = 400, 15


def due(operator, kind):
    """Can the operator be sent for the type?"""
    return kind in SEARCHED if operator in ("LIKE", "GLOB") else kind in COMPARED or operator.endswith("NULL")


def virtual_sql(sql):
    return PLACE.sub(lambda m: f"v{m[1].lower()}" + (f"({m[2]})" if m[2] else ""), sql)


def native_sql(sql):
    return PLACE.sub(lambda m: f"(SELECT * FROM nb WHERE k >= {m[2]})" if m[2] else f"n{m[1].lower()}", sql)


def fetch(db, sql, params):
    try:
        return db.execute(sql, params).fetchall()
    except sqlite3.Error as e:
        return f"error: {e}"


def counter(rows):
    return collections.Counter(map(repr, rows))


class Comparer:
    def __init__(self, db, held, slow, version):
        self.db, self.held, self.slow, self.version = db, held, slow, version
        self.memory = None

    def set(self, memory, push_down):
        if memory != self.memory:
            self.db.execute("SELECT rockset_cache_memory(?)", (memory,)).fetchall()
        self.memory = memory
        self.db.execute("SELECT rockset_push_down(?)", (push_down,)).fetchall()

    def query(self, source):
        return Query(source, self.held, self.version, self.slow)

    def native(self, query, sql=None):
        """SQLite 3.40 finds no row by `t = 'abc' COLLATE RTRIM` where it makes an index of its own for that."""
        self.db.execute("PRAGMA automatic_index = 0")
        rows = fetch(self.db, native_sql(sql or query.sql), query.params)
        self.db.execute("PRAGMA automatic_index = 1")
        return rows

    def virtual(self, query):
        return fetch(self.db, virtual_sql(query.sql), query.params)

    def same(self, query, virtual, native):
        if isinstance(virtual, str) or isinstance(native, str):
            return isinstance(virtual, str) and isinstance(native, str) and "table v" not in virtual
        if query.how == "list":
            return list(map(repr, virtual)) == list(map(repr, native))
        if query.how == "bag":
            return counter(virtual) == counter(native)
        # any rows will do: as many, and each of them one that may be there
        full = self.native(query, query.full)
        return len(virtual) == len(native) and not counter(virtual) - counter(full)

    def plan(self, query):
        rows = fetch(self.db, "EXPLAIN QUERY PLAN " + virtual_sql(query.sql), query.params)
        return rows if isinstance(rows, str) else [row[3] for row in rows]

    def differs(self, drawn):
        """The query of these draws when it still differs."""
        source = Source(given=drawn)
        try:
            query = self.query(source)
        except (IndexError, ValueError):
            return None, None
        return (query, source.drawn) if not self.same(query, self.virtual(query), self.native(query)) else (None, None)

    def shrink(self, drawn):
        """Drops draws, then makes them smaller, while the query goes on to differ."""
        best, tries, until = list(drawn), 0, time.monotonic() + SHRINK_SECONDS

        def attempt(candidate):
            nonlocal best, tries
            tries += 1
            query, used = self.differs(candidate)
            while used and used[-1] == 0:
                used.pop()
            if query and (len(used), used) < (len(best), best):
                best = used
                return True
            return False

        again = True
        while again and tries < SHRINK_TRIES and time.monotonic() < until:
            again = False
            for size in (16, 8, 4, 2, 1):
                at = len(best) - size
                while at >= 0 and tries < SHRINK_TRIES and time.monotonic() < until:
                    again |= attempt(best[:at] + best[at + size:])
                    at -= 1
            for at in range(len(best)):
                for value in (0, 1, best[at] // 2 if at < len(best) else 0):
                    if at < len(best) and value < best[at] and tries < SHRINK_TRIES:
                        again |= attempt(best[:at] + [value] + best[at + 1:])
        return self.query(Source(given=best))

    def describe(self, query):
        """What a person needs to see of a query that differs."""
        def own(rows, other):
            if isinstance(rows, str) or isinstance(other, str):
                return rows if isinstance(rows, str) else f"{len(rows)} rows"
            lacking = list((counter(rows) - counter(other)).elements())
            return f"{len(rows)} rows, of its own: {lacking[:4]}"

        virtual, native = self.virtual(query), self.native(query)
        yield f"virtual  {virtual_sql(query.sql)}"
        yield f"native   {native_sql(query.sql)}"
        yield f"         compared as a {query.how}, parameters {query.params}"
        plan = self.plan(query)
        for line in [plan] if isinstance(plan, str) else plan:
            yield f"plan     {line}"
        yield f"virtual  {own(virtual, native)}"
        yield f"native   {own(native, virtual)}"


class Result:
    """What a run counts; they add up, and travel as JSON."""

    FIELDS = ("queries", "off", "with_rows", "errors", "limits", "orders", "different")

    def __init__(self, found=None):
        self.n = collections.Counter(found["n"] if found else {})
        self.sent = collections.Counter(found["sent"] if found else {})  # "operator kind"

    def plain(self):
        return {"n": self.n, "sent": self.sent}

    def add(self, other):
        self.n.update(other.n)
        self.sent.update(other.sent)


def check_data(db, data):
    """The virtual tables hold the values that docs/virtual-tables.md promises; returns what does not."""
    wrong = []
    for letter in TABLES:
        if letter == "P":
            continue
        rows = [fetch(db, f"SELECT * FROM {side}{letter.lower()}", ()) for side in "vn"]
        if isinstance(rows[0], str) or counter(rows[0]) != counter(rows[1]):
            lacking = rows[0] if isinstance(rows[0], str) else list((counter(rows[0]) - counter(rows[1])).elements())[:2]
            wrong.append(f"v{letter.lower()} reads otherwise than its data: {lacking}")
    return wrong


def run(db, data, seed, count, slow, off_every=4, stop_after=5, report=print):
    """Compares `count` queries of the seed; every off_every-th one with push-down off, too."""
    result, comparer = Result(), Comparer(db, data.held(), slow, version(db))
    for problem in check_data(db, data):
        result.n["different"] += 1
        report("# " + problem)
    rng, memory = random.Random(seed), random.Random(seed)
    for n in range(count):
        if result.n["different"] >= stop_after:
            break
        source = Source(rng)
        query = comparer.query(source)
        keep = memory.choice(CACHES)
        native = comparer.native(query)
        result.n["queries"] += 1
        result.n["errors"] += isinstance(native, str)
        result.n["with_rows"] += not isinstance(native, str) and len(native) > 0
        for push_down in (1, 0) if off_every and n % off_every == 0 else (1,):
            comparer.set(keep, push_down)
            result.n["off"] += not push_down
            virtual = comparer.virtual(query)
            if not comparer.same(query, virtual, native):
                result.n["different"] += 1
                smaller = comparer.shrink(source.drawn)
                report(f"# query {n} of part {seed}, push-down {push_down}, cache {keep}, differs:")
                for line in comparer.describe(smaller):
                    report("#   " + line)
                if isinstance(virtual, str):  # it may not fail again
                    report("#   at first " + virtual)
                if smaller.sql != query.sql:
                    report(f"#   was      {virtual_sql(query.sql)} {query.params}")
                break
            if push_down:
                plan = " ".join(comparer.plan(query)) if not isinstance(native, str) else ""
                result.n["limits"] += " LIMIT ?" in plan
                result.n["orders"] += " ORDER BY " in plan
                for lower, column, operator in SENT.findall(plan):
                    if operator == "LIKE" and not lower:
                        operator = "GLOB"  # goes as the engine's LIKE, which tells case
                    if column in KINDS:
                        result.sent[f"{operator} {KINDS[column]}"] += 1
                result.n["paths"] += INSIDE.search(plan) is not None
    return result
