#!/usr/bin/python3
"""docs/rockset-sql-functions.md: what each function and operator gives for each kind of argument.

  tests/rsql/functions_page.py BUILD [duckdb|trino]    asks that engine and writes its part of the page

check() is what tests/rsql/run makes of it: the engine gives what the rules and the page say, and on
Trino the value that DuckDB gives.
"""
import concurrent.futures
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "server"))
sys.path.insert(0, HERE)
import grid

PAGE = os.path.join(HERE, "..", "..", "docs", "rockset-sql-functions.md")
ENGINES = ("duckdb", "trino")
TOGETHER = 40  # so many calls in one query
HEAD = """# Rockset SQL: functions and kinds

What each function and operator gives when one of its arguments is of another kind, by engine. Written by
`tests/rsql/functions_page.py`, which asks the engines; `make test` compares DuckDB's part.

`v` a value, `n` null, `e` an error, `-` the engine has no form of it. One letter: it is the same for a literal, a field of
one type and a field that holds values of all these kinds; else the letters of the three, in that order. Behind the first
argument only literals are asked. What stands behind a `/` is Trino's, where it is not DuckDB's. A value of the right kind may be
an error, too: `FROM_HEX('abc')`.

| call | argument | %s |
|---|---|%s|
""" % (" | ".join(grid.NAMES), "---|" * len(grid.NAMES))


# ---- the page ----------------------------------------------------------------------------------

def label(name):
    cell = grid.Cell(name, 0, "int", "literal")
    given = [a.lstrip("%") for a in grid.CALLS.get(name) or grid.OPERATORS[name]]
    if name in grid.SYMBOLS:
        return "`%s`" % (grid.SYMBOLS[name] % tuple(given)).replace("|", "\\|")
    return "`%s%s`" % (name, "" if cell.of_rows else "(%s)" % ", ".join(given))


def read():
    """{(name, place, kind, form, engine): letter} of the page."""
    found, names = {}, {}
    if not os.path.exists(PAGE):
        return found
    for name in list(grid.OPERATORS) + list(grid.CALLS):
        names[label(name)] = name
    with open(PAGE) as f:
        for line in f:
            words = [w.strip() for w in line.strip().strip("|").replace("\\|", "\0").split("|")]
            name = names.get(words[0].replace("\0", "\\|"))
            if name is None or len(words) != 2 + len(grid.NAMES):
                continue
            for kind, text in zip(grid.NAMES, words[2:]):
                parts = text.split("/")
                for engine, letters in zip(ENGINES, [parts[0], parts[-1]]):
                    for i, form in enumerate(grid.FORMS):
                        found[name, int(words[1]) - 1, kind, form, engine] = letters[min(i, len(letters) - 1)]
    return found


def write(letters):
    lines = []
    for name in list(grid.OPERATORS) + sorted(grid.CALLS):
        for place in range(len(grid.CALLS.get(name) or grid.OPERATORS[name])):
            words = [label(name), str(place + 1)]
            for kind in grid.NAMES:
                both = []
                for engine in ENGINES:
                    own = [letters.get((name, place, kind, form, engine)) for form in grid.FORMS]
                    own = "".join(x for x in own if x)
                    both.append(own[:1] if len(set(own)) == 1 else own)
                same = both[1] in ("", both[0])
                words.append(both[0] if same else "/".join(both))
            lines.append("| %s |\n" % " | ".join(words))
    with open(PAGE, "w") as f:
        f.write(HEAD + "".join(lines))


# ---- an engine's answers -----------------------------------------------------------------------

class Asked:
    """What one engine gives: letters, values and errors by the key of a cell."""

    def __init__(self, server, space):
        self.server, self.space = server, space
        self.letters, self.values = {}, {}
        server.post("/ws", {"name": space})
        for collection, lines in grid.documents():
            a = server.post("/ws/%s/collections" % space, {"name": collection})
            assert a.status == 200, a
            a = server.post("/ws/%s/collections/%s/docs" % (space, collection), json.dumps({"data": lines}))
            assert a.status == 200, a

    def ask(self, some):
        """One query; where it fails, its halves."""
        items = ", ".join("%s AS x%d" % (c.sql, i) for i, c in enumerate(some))
        a = self.server.post("/queries", {"sql": {
            "query": "OPTION(default_workspace='%s') SELECT %s %s" % (self.space, items, some[0].relation)}})
        if a.status == 200:
            row = a.json["results"][0]
            for i, c in enumerate(some):
                self.values[c.key()] = row.get("x%d" % i)
                self.letters[c.key()] = "n" if row.get("x%d" % i) is None else "v"
        elif len(some) > 1:
            self.ask(some[:len(some) // 2])
            self.ask(some[len(some) // 2:])
        else:
            message = self.values[some[0].key()] = a.json["message"]
            self.letters[some[0].key()] = "-" if "has no form in" in message else "e"

    def ask_all(self, cells, expected):
        """expected(cell): a letter, or None; what is known to fail is asked by itself."""
        groups, alone = {}, []
        for c in cells:
            if expected(c) in ("e", "-"):
                alone.append([c])
            else:
                groups.setdefault((c.relation, c.of_rows, " OVER " in c.sql), []).append(c)
        for group in groups.values():
            alone += [group[i:i + TOGETHER] for i in range(0, len(group), TOGETHER)]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(self.ask, alone))


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    return type(a) is type(b) and a == b


def check(server, engine, space, other=None):
    """(passed, failed); other: a server on DuckDB, whose values Trino's must be."""
    page, cells = read(), list(grid.cells())
    asked = Asked(server, space)
    asked.ask_all(cells, lambda c: page.get(c.key() + (engine,)))
    beside = Asked(other, space) if other else None
    if beside:
        beside.ask_all(cells, lambda c: page.get(c.key() + ("duckdb",)))
    failed = 0
    for c in cells:
        letter, value = asked.letters[c.key()], asked.values[c.key()]
        problem, rule = None, c.rule()
        if letter != page.get(c.key() + (engine,)):
            problem = "is %s, the page says %s" % (letter, page.get(c.key() + (engine,)))
        elif rule == "null" and letter != "n":
            problem = "is no null"
        elif rule not in (None, "null") and letter != "n" and (letter != "e" or rule not in value):
            problem = "is no error that names " + rule
        elif beside and letter == "v" and beside.letters[c.key()] == "v" and not same(value, beside.values[c.key()]):
            problem = "DuckDB gives %s" % json.dumps(beside.values[c.key()])
        if problem:
            failed += 1
            print("not ok - %s %s %s (argument %d, %s)\n# %s: %s" % (
                engine, c.sql, c.relation, c.place + 1, c.form, problem, json.dumps(value)), flush=True)
    print("%s - %s functions: %d cases" % ("not ok" if failed else "ok", engine, len(cells)), flush=True)
    return [len(cells) - failed, failed]


def main():
    build, engine = os.path.abspath(sys.argv[1]), (sys.argv[2:] or ["duckdb"])[0]
    os.environ.setdefault("ROCKSETD", os.path.join(build, "rocksetd"))
    os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(build, "deps", "duckdb", "libduckdb.so"))
    import harness
    place = None
    if engine == "trino":
        place = ("--profiles-dir", os.environ["ROCKSET_TRINO_PROFILES"], "--target", "iceberg")
    letters = read()
    with harness.Server(place=place) as server:
        asked = Asked(server, "page_%d" % os.getpid())
        asked.ask_all(list(grid.cells()), lambda c: letters.get(c.key() + (engine,)) or ("e" if "`" in (c.rule() or "") else None))
    letters.update((key + (engine,), letter) for key, letter in asked.letters.items())
    write(letters)


if __name__ == "__main__":
    main()
