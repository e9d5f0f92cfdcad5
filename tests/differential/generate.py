"""Random queries for the differential test.

{A} ... stand for the tables of data.py, {P:7} for the one with a parameter, :p1 ... for parameters. Everything random
is a draw of a Source, which writes down what was drawn and can be given draws: shrinking a query is dropping draws,
and 0 is always the simplest choice.
"""
import math

from data import NAMES, ROWS

COMMON = "i f t b x d i f t s".split()  # asked for more often
SENT = "i s f r b t v x d c w g e".split()  # columns with comparisons that may be sent
NULLS = SENT + "h z n".split()  # and with null tests
SEARCHED = "i s t v d c w g e".split()  # and with LIKE and GLOB

LITERALS = """0 1 2 10 -1 1.5 10.0 0.1 0.5 42 2026 9007199254740992 9007199254740993 9007199254740994 -9007199254740993
9223372036854775807 -9223372036854775808 9223372036854775808 1e19 -1e19 1e999 -1e999 -1.5 16777216 16777217 -0.0
NULL '' 'abc' 'ABC' 'a' 'b' '10' '010' '1e1' '1.5' 'x' 'Inf' '2026-01-01' '2026-11-21' '2026' '5' '9x' ':'
'08:15:30' '08:15:30.5' '23:59:59.999999' 'low' 'high' 'é' '日本' '00000000-0000-0000-0000-000000000001'
x'' x'00' x'616263' x'3130' x'fffe' TRUE FALSE 5+5 -(-10)""".split()
LITERALS += ["' 10 '", "'2026-01-01 00:00:00'", "'2026-11-21 08:15:30.500000'", "'2026-11-21 08:15:30.5'",
             "CAST(10 AS TEXT)", "CAST('10' AS NUMERIC)", "CAST(x'ff' AS TEXT)", "CAST(x'610062' AS TEXT)",
             "'1' || '0'", "CAST(9 AS REAL) + 1"]
ESCAPE = "ESCAPE 'a'"
VALUES = [0, 1, 2, 10, -1, 1.5, 10.0, 0.1, 0.5, 9.5, 2**53, 2**53 + 1, -2**63, 2**63 - 1, math.inf, -math.inf, -0.0,
          1e19, 9.3e18, None, "", "abc", "ABC", "10", "010", "1.5", "9x", "a", "c", "2026-01-01", "2026-11-21",
          "2026-01-01 00:00:00", "a\0b", "é", "zebra", ":", "low", b"", b"abc", b"\0", b"10", "\0", " 10"]
LOCAL = ["li", "lt", "ln", "lr", "lx", "ld"]


class Source:
    """Draws: given ones first, then by rng, without one 0."""

    def __init__(self, rng=None, given=()):
        self.rng, self.given, self.drawn = rng, given, []

    def draw(self, n):
        at = len(self.drawn)
        value = min(self.given[at], n - 1) if at < len(self.given) else self.rng.randrange(n) if self.rng else 0
        self.drawn.append(value)
        return value


def literal(v):
    if isinstance(v, str):
        return f"CAST(x'{v.encode().hex()}' AS TEXT)" if "\0" in v else "'" + v.replace("'", "''") + "'"
    if isinstance(v, bytes):
        return f"x'{v.hex()}'"
    return "9e999" if v == math.inf else "-9e999" if v == -math.inf else repr(v)


class Query:
    """One query: `sql`, `params` (by name), `how` its results compare: as a `list`, as a `bag`, or as a `count`:
    any rows of `full` will do."""

    def __init__(self, source, held, version, slow):
        self.source, self.held, self.version = source, held, version
        self.params, self.full = {}, None
        kinds = [self.sent] * 20 + [self.plain] * 4 + [self.ordered] * 3 + [self.limited] * 4 + [self.aggregate] * 3
        kinds += [self.distinct, self.compound, self.window, self.with_rows, self.grouped, self.recursive, self.derived]
        kinds += ([] if slow and self.source.draw(4) else [self.join, self.join, self.nested, self.cached, self.shared,
                                                            self.three, self.ordered_by_rows])
        self.how, self.sql = self.pick(*kinds)()

    # ---- draws ----

    def pick(self, *choices):
        return choices[self.source.draw(len(choices))]

    def some(self, n):
        """True in one case of n."""
        return self.source.draw(n) == n - 1

    def param(self, v):
        name = f"p{len(self.params) + 1}"
        self.params[name] = v
        return ":" + name

    def table(self, alias="", parameter=True):
        name = self.pick(*"ABCQDABO", "P" if parameter else "A")
        if name == "P":
            name = f"P:{self.source.draw(ROWS // 2)}"
        return "{%s}%s" % (name, alias and " " + alias)

    def column(self, alias=""):
        return alias + (self.pick(*COMMON) if not self.some(2) else self.pick(*NAMES))

    # ---- terms ----

    def near(self, column):
        """A value that the column holds, so that comparisons meet something."""
        name, way = column.split(".")[-1], self.source.draw(6)
        v = self.pick(*self.held[name])
        if way < 3:
            return literal(v)
        if way == 5:
            return f"(SELECT {name} FROM na WHERE {name} IS NOT NULL ORDER BY k LIMIT 1 OFFSET {self.source.draw(30)})"
        return self.param(v)

    def other(self, column):
        way = self.source.draw(10)
        if way < 6:
            return self.near(column)
        return self.pick(*LITERALS) if way < 8 else self.param(self.pick(*VALUES))

    def pattern(self):
        p = self.pick("%", "a%", "A%", "%b%", "a*", "*", "I*", "I%", "2026%", "2026-*", "1%", "1*", "_", "?", "a_c",
                      "[a-c]*", "é%", "%10", "", "abc", "i_:%", "0%", "-%", "9*", "[^a]*", "%\0%", "10", "*\uffff")
        return self.param(p) if self.some(3) else literal(p)

    def near_pattern(self, column, operator):
        """A pattern that a value of the column meets, or nearly so."""
        text, some, one = str(self.pick(*self.held[column])), *("%_" if operator == "LIKE" else "*?")
        at, way = self.source.draw(max(1, min(4, len(text)))), self.source.draw(6)
        if way == 4 and operator == "LIKE":
            text = text.upper() if text != text.upper() else text.lower()
        p = (text[:at + 1] + some, text, some + text[at:], text[:at] + one + text[at + 1:], text[:at + 1] + some,
             some + text[at:at + 1] + some)[way]
        return self.param(p) if self.some(3) else literal(p)

    def term(self, alias="", either=False):
        """A condition; either: it will stand beside an OR."""
        c, way = self.column(alias), self.source.draw(20)
        if way < 7:
            op = self.pick("=", "<", ">", "<=", ">=", "<>", "IS", "IS NOT", "==", "!=")
            return f"{c} {op} {self.other(c)}"
        if way == 7:
            return f"{self.other(c)} {self.pick('=', '<', '>=', '<>')} {c}"
        if way < 10:
            return f"{c} IS {self.pick('', 'NOT ')}NULL"
        if way < 12:
            return f"{c} {self.pick('', '', 'NOT ')}BETWEEN {self.other(c)} AND {self.other(c)}"
        if way < 14:
            items = ", ".join(self.other(c) for _ in range(1 + self.source.draw(5)))
            return f"{c} {self.pick('', '', '', 'NOT ')}IN ({items})"
        if way == 14:
            return f"{c} {self.pick('', '', 'NOT ')}IN (SELECT {self.pick(*LOCAL)} FROM loc)"
        if way < 17:
            escape = self.pick("", "", " " + ESCAPE)
            op = self.pick("LIKE", "GLOB", "NOT LIKE", "NOT GLOB")
            return f"{c} {op} {self.pattern()}{escape if 'LIKE' in op else ''}"
        if way == 17:
            c = self.pick(alias + "t", alias + "t", alias + "v", c)
            value = self.pick("'abc'", "'ABC'", "'abc  '", "'B'", self.other(c))
            collate = f" COLLATE {self.pick('NOCASE', 'RTRIM', 'BINARY')}"
            op = self.pick("=", "<", ">=", "IS")
            # on the right SQLite forgets it where it makes an IN of `= OR =`, also for an index of its own
            return f"{c}{collate} = {value}" if op == "=" and either else f"{c} {op} {value}{collate}"
        return self.odd_term(alias, c)

    def odd_term(self, alias, c):
        if self.some(3):
            return self.odder_term(alias, c)
        d, way = self.column(alias), self.source.draw(12)
        if way < 2:
            return f"{c} {self.pick('=', '<', '>', 'IS', '<>')} {d}"
        if way == 2 or way > 8:
            return f"({c}, {d}) {self.pick('<', '>=', '<=', '>', '=')} ({self.other(c)}, {self.other(d)})"
        if way == 3:  # with text columns SQLite itself loses rows: docs/virtual-tables.md, "Rules"
            return f"({alias}i, {alias}s) IN (SELECT {self.pick(*LOCAL)}, {self.pick(*LOCAL)} FROM loc)"
        if way == 4:
            return f"{self.pick('length', 'typeof', 'upper', 'hex')}({c}) {self.pick('=', '>')} {self.other(c)}"
        if way == 5:
            return f"CASE WHEN {c} {self.pick('=', '<')} {self.other(c)} THEN {d} ELSE {c} END {self.pick('=', '>')} {d}"
        if way == 6:
            return f"coalesce({c}, {d}) {self.pick('=', '<', '>=')} {self.other(c)}"
        if way == 7:
            return f"CAST({c} AS {self.pick('INTEGER', 'TEXT', 'REAL', 'NUMERIC')}) {self.pick('=', '>')} {self.other(c)}"
        return f"iif(json_valid({alias}j), json_extract({alias}j, '$.a'), 7) {self.pick('IS', '=', '>')} {self.other(c)}"

    def odder_term(self, alias, c):
        d, way = self.column(alias), self.source.draw(14)
        if way == 0:
            values = ", ".join(f"({self.other('i')}, {self.other('s')})" for _ in range(1 + self.source.draw(3)))
            return f"({alias}i, {alias}s) {self.pick('', 'NOT ')}IN (VALUES {values})"
        if way == 1 and self.version >= (3, 39):
            return f"{c} IS {self.pick('', 'NOT ')}DISTINCT FROM {self.other(c)}"
        if way == 2:
            return f"{c} {self.pick('ISNULL', 'NOTNULL', 'IS TRUE', 'IS NOT TRUE', 'IS FALSE', 'IS NOT FALSE')}"
        if way == 3:
            return f"{self.pick('date', 'datetime', 'julianday', 'unixepoch')}({alias}{self.pick(*'dwz')}" \
                f"{self.pick('', ', ' + repr('+1 day'), ', ' + repr('start of month'))}) {self.pick('=', '>', 'IS')} " \
                f"{self.pick(repr('2026-01-02'), '2461041.5', repr('2026-01-01'), 'NULL', self.other('d'))}"
        if way == 4:
            return f"{self.pick('-', '+', '~', 'NOT ', '')}{c} {self.pick('=', '<', '>=')} {self.other(c)}"
        if way == 5:
            return f"{c} {self.pick('LIKE', 'GLOB', 'NOT LIKE')} {d}"
        if way == 6:
            return f"{self.other(c)} {self.pick('LIKE', 'GLOB', 'BETWEEN ' + d + ' AND')} {c}"
        if way == 7:
            return f"{c} {self.pick('', 'NOT ')}BETWEEN {d} AND {self.other(c)}"
        if way == 8:
            return f"{c} {self.pick('', 'NOT ')}IN ({self.pick('', 'NULL', d, d + ', ' + self.other(c))})"
        if way == 9:
            return f"{c} {self.pick('+', '-', '*', '%', '&', '||')} {self.pick('1', d, self.other(c))} " \
                f"{self.pick('=', '<', '>')} {self.other(c)}"
        if way == 10:
            return f"{c} {self.pick('=', '<', '>=', 'IS')} (SELECT {self.pick('max', 'min')}({self.pick(*LOCAL)}) FROM loc)"
        if way == 11:
            return f"({self.term(alias, True)}) {self.pick('=', 'IS', '<>', 'AND', 'OR')} ({self.term(alias, True)})"
        if way == 12:  # of a real: abs() of the least integer is an error wherever somebody evaluates it
            return f"{self.pick('likely(', 'unlikely(', 'abs(0.0 + ', 'ifnull(NULL, ', 'nullif(0, ')}{c}) {self.pick('=', '>')} " \
                f"{self.other(c)}"
        return f"{c} {self.pick('>', '<=')} {self.other(c)} COLLATE {self.pick('NOCASE', 'RTRIM')}"

    def where(self, alias=""):
        way = self.source.draw(20)
        if way < 2:
            return "1"
        if way < 11:
            return self.term(alias)
        if way < 14:
            return " AND ".join(self.term(alias) for _ in range(2 + self.source.draw(2)))
        if way < 18:
            return " OR ".join(self.term(alias, True) for _ in range(2 + self.source.draw(2)))
        if way == 18:
            return f"({self.term(alias, True)} OR {self.term(alias, True)}) AND {self.term(alias)}"
        return f"NOT ({self.term(alias)})"

    # ---- clauses ----

    def columns(self, alias="", n=3):
        return ", ".join(self.column(alias) for _ in range(1 + self.source.draw(n)))

    def order_term(self, alias=""):
        collate = f" COLLATE {self.pick('NOCASE', 'RTRIM', 'BINARY')}" if self.some(8) else ""
        direction = self.pick("", "", " ASC", " DESC", " DESC")
        nulls = self.pick(" NULLS FIRST", " NULLS LAST") if self.some(6) else ""
        return f"{self.column(alias)}{collate}{direction}{nulls}"

    def order(self, alias=""):
        """A total order, but for rows that are equal in all columns."""
        terms = [self.order_term(alias) for _ in range(self.source.draw(3))]
        return " ORDER BY " + ", ".join(terms + [alias + "k" + self.pick("", " DESC")])

    def limit(self):
        n, way = self.pick(1, 3, 5, 20, 200, 0, -1), self.source.draw(4)
        if self.some(10):
            return f" LIMIT {self.pick('1 + 2', '(SELECT count(*) FROM loc)', '-(-2)', '9223372036854775807')}" \
                f"{self.pick('', ' OFFSET 2 * 2', ' OFFSET (SELECT 1)', ' OFFSET 9223372036854775807')}"
        text = f" LIMIT {self.param(n) if self.some(3) else n}"
        if way > 1:
            m = self.pick(1, 0, 4, 30, -2)
            text += f" OFFSET {self.param(m) if self.some(3) else m}"
        return text

    # ---- kinds of queries ----

    def sent_term(self):
        # the last three come seldom: not every SQLite offers them so that they can be sent
        way = self.pick("=", "<", "<=", ">", ">=", "IS", "IN", "SELECT", "BETWEEN", "other", "NULL", "NULL",
                        *("NOT NULL", "<>", "IS NOT", "LIKE", "GLOB") * 3)
        c = self.pick(*(NULLS if "NULL" in way else SEARCHED if way in ("LIKE", "GLOB") else SENT))
        if way in ("LIKE", "GLOB"):
            return f"{c} {way} {self.near_pattern(c, way)}"
        if "NULL" in way:
            return f"{c} IS {way}"
        if way == "IN":
            return f"{c} IN ({', '.join(self.near(c) for _ in range(2 + self.source.draw(3)))})"
        if way == "SELECT":
            return f"{c} IN (SELECT {c} FROM na WHERE k < {2 + self.source.draw(20)})"
        if way == "BETWEEN":
            return f"{c} BETWEEN {self.near(c)} AND {self.near(c)}"
        if way == "other":
            return f"{c} {self.pick('=', '>', '<', 'IS', '<>', 'IS NOT')} {self.other(c)}"
        return f"{c} {way} {self.near(c)}"

    def sent(self):
        """Terms that can be sent, with an order and a limit: what is offered beside a LIMIT only, too."""
        terms = [self.sent_term() for _ in range(self.pick(1, 1, 1, 2, 3))]
        text = f"SELECT k, {self.columns(n=2)} FROM {self.table()} WHERE " + " AND ".join(terms)
        if self.some(5):
            return "bag", text
        return "list", text + self.order() + (self.limit() if not self.some(6) else "")

    def plain(self):
        columns = self.pick("k", "*", self.columns(), "k, " + self.columns())
        return "bag", f"SELECT {columns} FROM {self.table()} WHERE {self.where()}"

    def ordered(self):
        return "list", f"SELECT k, {self.columns()} FROM {self.table()} WHERE {self.where()}{self.order()}"

    def limited(self):
        text = f"SELECT k, {self.columns()} FROM {self.table()} WHERE {self.where()}"
        if self.some(4):
            self.full = text
            return "count", text + self.limit()
        return "list", text + self.order() + self.limit()

    def aggregate(self):
        c, g, t = self.column(), self.column(), self.table()
        what = self.pick("count(*)", f"count({c})", f"min({c}), count(*)", f"max({c})", f"min({c})",
                         "sum(s), total(s), avg(s)", f"count(DISTINCT {c})", f"max({c}), min({self.column()})",
                         f"count(*) FILTER (WHERE {self.term()})")
        if self.some(2):
            return "bag", f"SELECT {what} FROM {t} WHERE {self.where()}"
        having = self.pick("", "", " HAVING count(*) > 1", f" HAVING max(s) {self.pick('>', '<')} {self.other('s')}")
        if self.some(8):
            return "bag", f"SELECT count(*), min(lower(t)), {what} FROM {t} WHERE {self.where()} " \
                f"GROUP BY t COLLATE NOCASE{having}"
        second = f", {self.column()}" if self.some(4) else ""
        return "bag", f"SELECT {g}{second}, {what} FROM {t} WHERE {self.where()} GROUP BY {g}{second}{having}" + \
            self.pick("", f" ORDER BY {g}", f" ORDER BY {g} DESC")

    def distinct(self):
        c = self.columns()
        text = f"SELECT DISTINCT {c} FROM {self.table()} WHERE {self.where()}"
        order = ", ".join(x + self.pick("", " DESC") for x in c.split(", "))
        return self.pick(("bag", text), ("list", f"{text} ORDER BY {order}{self.limit()}"))

    def with_rows(self):
        """Rows through a CTE, and what tells rows from each other."""
        if self.some(3):
            return "bag", f"SELECT count(*), count(DISTINCT rowid) FROM {self.pick('{A}', '{C}', '{Q}')} WHERE {self.where()}"
        how = self.pick("", "MATERIALIZED ", "NOT MATERIALIZED ")
        return "bag", f"WITH x AS {how}(SELECT * FROM {self.table()} WHERE {self.where()}) SELECT k, {self.columns()} " \
            f"FROM x WHERE {self.where()}"

    def window(self):
        c, g = self.column(), self.column()
        what = self.pick(f"row_number() OVER (ORDER BY {c}, k)", f"count(*) OVER (PARTITION BY {g})",
                         f"lag({c}) OVER (ORDER BY {g}, k)", f"rank() OVER (PARTITION BY {g} ORDER BY {c} DESC)",
                         f"sum(s) OVER (ORDER BY k ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
                         f"first_value({c}) OVER (PARTITION BY {g} ORDER BY {c} DESC)", f"max({c}) OVER (ORDER BY {g})")
        # of rows that are there twice, any may be the first
        t = self.pick("{A}", "{B}", "{D}", "{Q}")
        return "bag", f"SELECT k, {what} FROM {t} WHERE {self.where()}"

    def join(self):
        kind = self.pick("JOIN", "LEFT JOIN", "JOIN", "LEFT JOIN", *(self.version > (3, 39)) * ("RIGHT JOIN", "FULL JOIN"))
        # SQLite does not hand the arguments of a table-valued function to the second half of a RIGHT JOIN
        inner = kind in ("JOIN", "LEFT JOIN")
        if not self.some(3):
            c = self.column("p.")
            on = f"{c} {self.pick('=', '=', '=', '<', 'IS', '>=')} q.{self.pick(*LOCAL)}"
            first, second = self.pick((self.table("p", inner), "loc q"), ("loc q", self.table("p", inner)))
        else:
            c = self.column()
            on = f"p.{c} {self.pick('=', '=', 'IS')} q.{self.pick(c, self.column())}"
            first, second = self.table("p", inner), self.pick(self.table("q", inner), "na q")
        if self.some(3):
            term = self.term("p.")
            # with ESCAPE SQLite 3.54 itself loses the rows without a match: docs/virtual-tables.md, "Rules"
            on += f" AND {term if kind == 'JOIN' else term.replace(' ' + ESCAPE, '')}"
        columns = self.pick("p.k, q.k", "count(*)", "p.k, " + self.columns("p."))
        return "bag", f"SELECT {columns} FROM {first} {kind} {second} ON {on} " \
            f"WHERE {self.where('p.') if self.some(2) else '1'}"

    def cached(self):
        """Lookups that repeat, one key of which stays for a while: what joins keep of them must not be old."""
        c = self.pick("s", "t", "v", "i")
        on = f"p.{c} = r.{'s' if c == 'i' else c}"
        if self.some(2):
            on += f" AND p.{self.pick('b', 'i', 's')} {self.pick('=', '>=', '<')} r.u"
        if self.some(4):
            return "bag", f"SELECT r.k, (SELECT count(*) FROM {self.table('p')} WHERE {on}) FROM runs r"
        return "bag", f"SELECT r.k, p.k, p.{self.column()} FROM runs r {self.pick('LEFT JOIN', 'CROSS JOIN')} " \
            f"{self.table('p')} ON {on}"

    def nested(self):
        t, c, way = self.table("p"), self.column(), self.source.draw(4)
        if way == 0:
            return "bag", f"SELECT k, {c} FROM {t} WHERE {c} {self.pick('IN', 'NOT IN')} " \
                f"(SELECT {self.pick(c, self.column())} FROM {self.table()} WHERE {self.where()})"
        if way == 1:
            return "bag", f"SELECT li, (SELECT count(*) FROM {t} WHERE {c} {self.pick('=', '<', '>')} " \
                f"{self.pick(*LOCAL)}) FROM loc"
        if way == 2:
            return "bag", f"SELECT k FROM loc WHERE {self.pick('', 'NOT ')}EXISTS (SELECT 1 FROM {t} " \
                f"WHERE p.{c} = {self.pick(*LOCAL)} AND {self.term('p.')})"
        return "bag", f"SELECT lt, (SELECT {c} FROM {t} WHERE p.{self.column()} >= {self.pick(*LOCAL)} " \
            f"ORDER BY {c}, k LIMIT 1) FROM loc"

    def grouped(self):
        """Groups of expressions, and aggregates with an order or a filter."""
        g = self.pick(f"length({self.column()})", f"typeof({self.column()})", f"{self.column()} IS NULL", "k % 3",
                      f"CASE WHEN {self.term()} THEN 1 ELSE 0 END", f"{self.column()} COLLATE NOCASE IS NOT NULL",
                      f"substr({self.column()}, 1, 2)")
        c = self.column()
        what = self.pick("count(*)", f"count(DISTINCT {c})", "sum(s)", f"group_concat(k)", f"min({c})",
                         f"total(s) FILTER (WHERE {self.term()})", "json_group_array(k)")
        if self.version >= (3, 44):
            what = self.pick(what, "group_concat(k, '-' ORDER BY k DESC)")
        if what.startswith(("group_concat(k)", "json")):
            what = f"length({what})"  # in any order
        having = self.pick("", "", f" HAVING count(*) > {self.pick('1', '3')}", f" HAVING max(k) > 20 AND {g} IS NOT NULL")
        return "bag", f"SELECT {g}, {what} FROM {self.table()} WHERE {self.where()} GROUP BY {g}{having}"

    def recursive(self):
        t, way = self.table(), self.source.draw(3)
        if way == 0:
            return "bag", f"WITH RECURSIVE r(k, n) AS (SELECT k, 0 FROM {t} WHERE {self.where()} UNION SELECT k + 7, n + 1 " \
                f"FROM r WHERE n < 3) SELECT r.k, r.n, p.{self.column()} FROM r JOIN {self.table('p', False)} ON p.k = r.k"
        if way == 1:
            return "bag", f"WITH RECURSIVE r(k) AS (VALUES(0) UNION SELECT p.k FROM r, {self.table('p', False)} " \
                f"WHERE p.k BETWEEN r.k + 1 AND r.k + 3 AND p.k < 9) SELECT count(*), max(k) FROM r"
        return "bag", f"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) " \
            f"SELECT n, (SELECT count(*) FROM {t} WHERE s = n AND {self.where()}) FROM r"

    def derived(self):
        """A table within a table: what is pushed through subqueries and views."""
        some = self.pick("", "k, i, s, t, d, f, b")
        inner = f"SELECT {some or '*'} FROM {self.table()} WHERE {self.where()}"
        if not some:
            c, term = self.column(), self.where("x.")
        else:
            c = self.pick(*"istdfb")
            term = f"x.{c} {self.pick('= ', '> ', 'IS ', 'IN (')}{self.other(c)}"
            term += ")" * ("IN (" in term)
        how = self.pick("", "", f"{inner} UNION ALL ")
        tail = self.pick("", " ORDER BY k LIMIT 20") if not how else ""
        return "bag", f"SELECT x.k, x.{c} FROM ({how}{inner}{tail}) x WHERE {term}"

    def shared(self):
        """JOIN by the columns' names."""
        kind = self.pick("JOIN", "LEFT JOIN", *(self.version > (3, 39)) * ("RIGHT JOIN", "FULL JOIN"))
        c = self.pick("k", "k, s", "s", "t", "i, b", "d", "v")
        return "bag", f"SELECT {self.pick('count(*)', c, 'p.k, q.k', 'p.k, q.' + self.column())} FROM " \
            f"{self.pick('{A}', '{B}', '{D}')} p {kind} {self.pick('na', '{B}', '{C}')} q USING ({c}) " \
            f"WHERE {self.where('p.') if self.some(2) else '1'}"

    def three(self):
        def key(way):
            return ("s = {0}.s", "k = {0}.k", "i = {0}.i", "t = {0}.t AND {1}.b IS {0}.b", "v = {0}.v")[way]

        first, second = self.source.draw(5), self.source.draw(5)
        kinds = [self.pick("JOIN", "LEFT JOIN", "CROSS JOIN") for _ in range(2)]
        return "bag", f"SELECT count(*), sum(p.k), sum(q.k), sum(r.k) FROM {self.table('p', False)} " \
            f"{kinds[0]} {self.table('q', False)} ON q.{key(first).format('p', 'q')} AND q.k < 40 " \
            f"{kinds[1]} {self.pick('na r', self.table('r', False))} ON r.{key(second).format(self.pick(*'pq'), 'r')} AND r.k < 30 " \
            f"WHERE p.k < 20 AND {self.term('p.')}"

    def ordered_by_rows(self):
        """Subqueries that go with each row, where it is ordered by them."""
        c = self.pick(*"istdv")
        sub = f"(SELECT {self.pick('count(*)', 'max(q.k)', 'min(q.' + c + ')')} FROM {self.table('q', False)} WHERE q.{c} " \
            f"{self.pick('=', 'IS', '<')} p.{c})"
        return "list", f"SELECT p.k, {self.pick('1', sub)} FROM {self.pick('nb', '{A}', '{D}')} p ORDER BY {sub}, p.k LIMIT 30"

    def compound(self):
        c, d, op = self.column(), self.column(), self.pick("UNION ALL", "UNION", "EXCEPT", "INTERSECT")
        text = f"SELECT {c} FROM {self.table()} WHERE {self.where()} {op} SELECT {d} FROM {self.table()} " \
            f"WHERE {self.where()}"
        if self.some(2):
            return "bag", text
        if op == "UNION ALL" and self.some(2):
            self.full = text
            return "count", text + self.limit()
        return "list", text + f" ORDER BY 1{self.limit() if self.some(2) else ''}"
