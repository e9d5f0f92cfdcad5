#!/usr/bin/python3
"""docs/rockset-sql-functions.md: what each function and operator gives for each kind of argument.

  tests/rsql/functions_page.py BUILD [duckdb|trino] [SECONDS]    asks that engine, for so long at most, and
                                                                 writes its part of the page

check() is what tests/rsql/run makes of it: DuckDB gives what the rules and the page say. Of Trino's
answers main() prints those that are not DuckDB's.
"""
import concurrent.futures
import json
import os
import sys
import time

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

`v` a value, `n` null, `e` an error, `-` the engine has no form of it, nothing: not asked. One letter: it is the same for a
literal, a field of one type and a field that holds values of all these kinds; else the letters of the three, in that
order. Behind the first argument only literals are asked, on Trino everywhere. A value of the right kind may be
an error, too: `FROM_HEX('abc')`.
"""
TITLES = {"duckdb": "DuckDB", "trino": "Trino"}


# ---- the page ----------------------------------------------------------------------------------

def label(name):
    given = [a.lstrip("%") for a in grid.CALLS.get(name) or grid.OPERATORS[name]]
    if name in grid.SYMBOLS:
        return "`%s`" % (grid.SYMBOLS[name] % tuple(given)).replace("|", "\\|")
    return "`%s(%s)`" % (name, ", ".join(given).replace(" OVER (ORDER BY _id)", ""))


def read():
    """{(name, place, kind, form, engine): letter} of the page."""
    found, engine = {}, None
    names = {label(name): name for name in list(grid.OPERATORS) + list(grid.CALLS)}
    if not os.path.exists(PAGE):
        return found
    with open(PAGE) as f:
        for line in f:
            if line.startswith("## "):
                engine = {title: e for e, title in TITLES.items()}[line[3:].strip()]
            words = [w.strip() for w in line.strip().strip("|").replace("\\|", "\0").split("|")]
            name = names.get(words[0].replace("\0", "\\|"))
            if name is None or len(words) != 2 + len(grid.NAMES):
                continue
            for kind, letters in zip(grid.NAMES, words[2:]):
                for i, form in enumerate(grid.FORMS if letters else ()):
                    found[name, int(words[1]) - 1, kind, form, engine] = letters[min(i, len(letters) - 1)]
    return found


def write(letters):
    lines = [HEAD]
    for engine in ENGINES:
        lines.append("\n## %s\n\n| call | argument | %s |\n|---|%s\n" % (
            TITLES[engine], " | ".join(grid.NAMES), "---|" * (1 + len(grid.NAMES))))
        for name in list(grid.OPERATORS) + sorted(grid.CALLS):
            for place in range(len(grid.CALLS.get(name) or grid.OPERATORS[name])):
                words = [label(name), str(place + 1)]
                for kind in grid.NAMES:
                    own = "".join(letters.get((name, place, kind, form, engine), "") for form in grid.FORMS)
                    words.append(own[:1] if len(set(own)) == 1 else own)
                if any(words[2:]):
                    lines.append("| %s |\n" % " | ".join(words))
    with open(PAGE, "w") as f:
        f.write("".join(lines))


# ---- an engine's answers -----------------------------------------------------------------------

class Asked:
    """What one engine gives: letters, values and errors by the key of a cell."""

    def __init__(self, server, space, seconds=3600):
        self.server, self.space, self.until = server, space, time.monotonic() + seconds
        self.letters, self.values = {}, {}
        server.post("/ws", {"name": space})
        for collection, lines in grid.documents():
            a = server.post("/ws/%s/collections" % space, {"name": collection})
            assert a.status == 200, a
            a = server.post("/ws/%s/collections/%s/docs" % (space, collection), json.dumps({"data": lines}))
            assert a.status == 200, a

    def ask(self, some):
        """One query; where it fails, its halves."""
        if time.monotonic() > self.until:
            return
        items = ", ".join("%s AS x%d" % (c.sql, i) for i, c in enumerate(some))
        a = self.server.post("/queries", {"sql": {
            "query": "OPTION(default_workspace='%s') SELECT %s %s" % (self.space, items, some[0].relation)}}, timeout=300)
        if a.status == 200:
            row = a.json["results"][0]
            for i, c in enumerate(some):
                self.values[c.key()] = row.get("x%d" % i)
                self.letters[c.key()] = "n" if row.get("x%d" % i) is None else "v"
        elif a.status not in (400, 501):  # the engine could not be asked
            print("# %s: %s" % (some[0].sql, a.body[:300]), flush=True)
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
        queries = []
        for group in groups.values():
            queries += [group[i:i + TOGETHER] for i in range(0, len(group), TOGETHER)]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(self.ask, queries + alone))


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-12 * max(abs(a), abs(b))
    return type(a) is type(b) and a == b


# What a field of several types gives otherwise than one of one type: there a number is no truth.
OTHERWISE = ("IF",)


def check(server, space):
    """(passed, failed) of DuckDB, by the page and the rules; fields of several types give what fields of one do."""
    page, cells = read(), list(grid.cells())
    asked = Asked(server, space)
    asked.ask_all(cells, lambda c: page.get(c.key() + ("duckdb",)))
    failed = 0
    for c in cells:
        said, rule = page.get(c.key() + ("duckdb",)), c.rule()
        letter, value = asked.letters.get(c.key()), asked.values.get(c.key())
        problem = None
        if letter != said:
            problem = "is %s, the page says %s" % (letter, said)
        elif rule == "null" and letter != "n":
            problem = "is no null"
        elif rule not in (None, "null") and (letter != "e" or rule not in value):
            problem = "is no error that names " + rule
        elif c.form == "mixed" and c.name not in OTHERWISE:
            plain = c.key()[:3] + ("field",)
            if letter == asked.letters.get(plain) == "v" and not same(value, asked.values[plain]):
                problem = "is not what a field of one type gives, " + json.dumps(asked.values[plain])
        if problem:
            failed += 1
            print("not ok - %s %s (argument %d, %s)\n# %s: %s" % (
                c.sql, c.relation, c.place + 1, c.form, problem, json.dumps(value)), flush=True)
    print("%s - duckdb grid: %d cases" % ("not ok" if failed else "ok", len(cells)), flush=True)
    return [len(cells) - failed, failed]


def write_differences(letters, asked, beside):
    """Prints what Trino answers otherwise than DuckDB."""
    for c in grid.cells():
        a, b = asked.letters.get(c.key()), letters.get(c.key() + ("duckdb",))
        if a in ("v", "n") and (a != b or not same(asked.values[c.key()], beside.values.get(c.key()))):
            print("%s: %s, DuckDB: %s %s" % (c.sql, json.dumps(asked.values[c.key()]), b,
                                             json.dumps(beside.values.get(c.key()))), flush=True)


def main():
    build, engine = os.path.abspath(sys.argv[1]), (sys.argv[2:] or ["duckdb"])[0]
    seconds = float((sys.argv[3:] or ["3600"])[0])
    os.environ.setdefault("ROCKSETD", os.path.join(build, "rocksetd"))
    os.environ.setdefault("DUCKDB_LIBRARY", os.path.join(build, "deps", "duckdb", "libduckdb.so"))
    import harness
    letters, cells, place = read(), list(grid.cells()), None
    if engine == "trino":
        place = ("--profiles-dir", os.environ["ROCKSET_TRINO_PROFILES"], "--target", "iceberg")
        cells = [c for c in cells if c.form == "literal"]
        letters = {key: letter for key, letter in letters.items() if key[3] == "literal" or key[4] != "trino"}
    with harness.Server(place=place) as server:
        asked = Asked(server, "page_%d" % os.getpid(), seconds)
        asked.ask_all(cells, lambda c: letters.get(c.key() + (engine,)) or letters.get(c.key() + ("duckdb",)))
    letters.update((key + (engine,), letter) for key, letter in asked.letters.items())
    write(letters)
    if engine == "trino":
        with harness.Server() as server:
            beside = Asked(server, "beside")
            beside.ask_all([c for c in cells if asked.letters.get(c.key()) in ("v", "n")],
                           lambda c: letters.get(c.key() + ("duckdb",)))
        write_differences(letters, asked, beside)


if __name__ == "__main__":
    main()
