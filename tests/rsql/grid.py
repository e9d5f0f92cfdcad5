"""Every function and operator with a value of each kind in each of its places: as a literal, as a
field of one type and as a field of several types.

CALLS holds one call that works for each; a cell of the grid is that call with one argument replaced.
What a cell must give is worked out from the rules where these tell it (RULES, and null in, null
out); docs/rockset-sql-functions.md has what the others give on each engine, and functions_page.py
writes it.
"""
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "..", "..", "src", "rsql", "function_table.c")

# kind, literal, value of a document (None: none)
KINDS = [
    ("int", "7", 7),
    ("float", "2.5", 2.5),
    ("bool", "true", True),
    ("string", "'abc'", "abc"),
    ("null", "null", None),
    ("undefined", "UNDEFINED", None),
    ("array", "[1, 2]", [1, 2]),
    ("object", "{'a': 1}", {"a": 1}),
    ("date", "DATE '2020-01-02'", {"__rockset_type": "date", "value": "2020-01-02"}),
    ("datetime", "DATETIME '2020-01-02T03:04:05'",
     {"__rockset_type": "datetime", "value": "2020-01-02T03:04:05.000000"}),
    ("timestamp", "TIMESTAMP '2020-01-02T03:04:05Z'",
     {"__rockset_type": "timestamp", "value": "2020-01-02T03:04:05.000000Z"}),
    ("time", "TIME '03:04:05'", {"__rockset_type": "time", "value": "03:04:05.000000"}),
    ("bytes", "bytes 'hi'", {"__rockset_type": "bytes", "encoding": "base64", "value": "aGk="}),
    ("month_interval", "INTERVAL 2 MONTH", {"__rockset_type": "month_interval", "value": 2}),
    ("microsecond_interval", "INTERVAL 1 MINUTE", {"__rockset_type": "microsecond_interval", "value": 60000000}),
]
NAMES = [k[0] for k in KINDS]
FORMS = ("literal", "field", "mixed")

# A call that works, by its arguments; % in front: an aggregate or window function with what follows
D, T, Z, H = (k[1] for k in KINDS[8:12])
POINT = "ST_GEOGPOINT(1, 2)"
AREA = "ST_GEOGFROMTEXT('POLYGON((0 0, 2 0, 2 2, 0 2, 0 0))')"
NUMBER = "ABS ASINH ATAN CEIL CEILING COS COSH EXP FLOOR LN LOG10 LOG2 ROUND SIGN SIN SINH SQRT TAN TANH TRUNC TRUNCATE"
UNIT = "ACOS ASIN ATANH"
TEXT = "LENGTH LOWER LTRIM MD5 NORMALIZE RTRIM SHA1 SHA256 SHA512 TOKENIZE TO_UTF8 TRIM UPPER"
ANY = "COALESCE IS_SCALAR JSON_FORMAT TRY TYPEOF ID_HASH"
INSTANT = "DATE DATETIME TIME FORMAT_ISO8601 UNIX_MICROS UNIX_MILLIS UNIX_SECONDS"
SPAN = "DAYS HOURS MICROSECONDS MILLISECONDS MINUTES MONTHS SECONDS YEARS"
SINCE = "TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS"
OF_ROWS = "APPROX_DISTINCT ARBITRARY ARRAY_AGG COUNT MAX MIN"
OF_NUMBERS = "AVG BITWISE_AND_AGG BITWISE_OR_AGG GEOMETRIC_MEAN STDDEV_SAMP SUM"
OF_TRUTHS = "BOOL_AND BOOL_OR COUNT_IF EVERY"
WINDOWS = "FIRST_VALUE LAG LAST_VALUE LEAD"
NO_ARGUMENT = ("CURRENT_DATE CURRENT_DATETIME CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP "
               "NOW CUME_DIST DENSE_RANK PERCENT_RANK RANK ROW_NUMBER NTILE GROUPING SCORE")

CALLS = {
    "ACOSH": ["2"], "APPROX_DOT_PRODUCT": ["[1.0, 2.0]", "[3.0, 4.0]"],
    "APPROX_EUCLIDEAN_DIST": ["[1.0, 2.0]", "[3.0, 4.0]"], "ARRAY_CONCAT": ["[1]", "[2]"],
    "ARRAY_CONTAINS": ["[1, 2]", "1"], "ARRAY_CONTAINS_ANY": ["[1, 2]", "[2]"],
    "ARRAY_DISTINCT": ["[1, 1]"], "ARRAY_FLATTEN": ["[[1], [2]]"], "ARRAY_JOIN": ["['a', 'b']", "'-'"],
    "ARRAY_LAST_POSITION": ["[1, 1]", "1"], "ARRAY_MAX": ["[1, 2]"], "ARRAY_MIN": ["[1, 2]"],
    "ARRAY_POSITION": ["[1, 2]", "2"], "ARRAY_REMOVE": ["[1, 2]", "2"], "ATAN2": ["1", "2"],
    "BIT_COUNT": ["7", "8"], "BITWISE_NOT": ["7"], "BITWISE_XOR": ["7", "2"],
    "BOOST": ["2", "true"], "CARDINALITY": ["[1, 2]"], "CONCAT": ["'a'", "'b'"],
    "CONTAINS": ["'abc'", "'b'"], "COSINE_SIM": ["[1.0, 2.0]", "[3.0, 4.0]"],
    "DATE_DIFF": ["'day'", T, T], "DATE_PARSE": ["'2020-01-02'", "'%Y-%m-%d'"],
    "DATE_TRUNC": ["'day'", T], "DOT_PRODUCT": ["[1.0, 2.0]", "[3.0, 4.0]"],
    "DURATION_MICROS": ["INTERVAL 1 DAY"], "DURATION_MILLIS": ["INTERVAL 1 DAY"],
    "DURATION_MONTHS": ["INTERVAL 1 MONTH"], "DURATION_SECONDS": ["INTERVAL 1 DAY"],
    "ELEMENT_AT": ["[1, 2]", "1"], "ERASE": ["{'a': 1, 'b': 2}", "'a'"],
    "EUCLIDEAN_DIST": ["[1.0, 2.0]", "[3.0, 4.0]"], "FORMAT": ["'{}'", "'a'"],
    "FORMAT_DATE": ["'%Y'", D], "FORMAT_DATETIME": ["'%Y'", T], "FORMAT_TIME": ["'%H'", H],
    "FORMAT_TIMESTAMP": ["'%Y'", Z], "FROM_HEX": ["'6162'"], "FROM_UTF8": ["bytes 'hi'"],
    "GREATEST": ["1", "2"], "HAS_TERM": ["['a']", "'a'"], "HASH": ["'a'", "'md5'"],
    "HASH_SHA384": ["'a'"], "HMAC": ["'a'", "'k'", "'md5'"], "HMAC_MD5": ["'a'", "'k'"],
    "HMAC_SHA1": ["'a'", "'k'"], "HMAC_SHA256": ["'a'", "'k'"], "HMAC_SHA384": ["'a'", "'k'"],
    "HMAC_SHA512": ["'a'", "'k'"], "HYPOT": ["3", "4"], "IF": ["true", "1", "2"], "IS_NAN": ["2.5"],
    "ITEMS": ["{'a': 1}"], "JSON_PARSE": ["'[1]'"], "KEYS": ["{'a': 1}"], "LEAST": ["1", "2"],
    "MAX_BY": ["%1", "2"], "MIN_BY": ["%1", "2"], "MERGE": ["{'a': 1}", "{'b': 2}"],
    "NORMALIZE_FORM": ["'a'", "'NFC'"], "NTH_VALUE": ["%1 OVER (ORDER BY _id)", "1"],
    "NULLIF": ["1", "2"], "OBJECT": ["['a']", "[1]"], "PARSE_DATE": ["'%Y'", "'2020'"],
    "PARSE_DATE_ISO8601": ["'2020-01-02'"], "PARSE_DATETIME": ["'%Y'", "'2020'"],
    "PARSE_DATETIME_ISO8601": ["'2020-01-02T03:04:05'"], "PARSE_DURATION_MONTHS": ["'P1Y'"],
    "PARSE_DURATION_SECONDS": ["'P1D'"], "PARSE_TIME": ["'%H'", "'03'"],
    "PARSE_TIME_ISO8601": ["'03:04:05'"], "PARSE_TIMESTAMP": ["'%Y'", "'2020'"],
    "PARSE_TIMESTAMP_ISO8601": ["'2020-01-02T03:04:05Z'"], "POW": ["2", "3"], "POWER": ["2", "3"],
    "PREFIXES": ["'abc'", "1"], "PROXIMITY": ["true"], "PROXIMITY_BOOST": ["2", "true"],
    "REGEXP_EXTRACT": ["'abc'", "'b'"], "REGEXP_EXTRACT_ALL": ["'abc'", "'b'"],
    "REGEXP_LIKE": ["'abc'", "'b'"], "REGEXP_REPLACE": ["'abc'", "'b'", "'x'"],
    "REGEXP_SPLIT": ["'abc'", "'b'"], "REPLACE": ["'abc'", "'b'", "'x'"], "SEARCH": ["true"],
    "SLICE": ["[1, 2]", "1", "1"], "SPLIT": ["'abc'", "'b'"], "ST_ASTEXT": [POINT],
    "ST_CONTAINS": [AREA, POINT], "ST_DISTANCE": [POINT, POINT], "ST_GEOGFROMTEXT": ["'POINT(1 2)'"],
    "ST_GEOGPOINT": ["1", "2"], "ST_INTERSECTS": [AREA, POINT], "ST_X": [POINT], "ST_Y": [POINT],
    "STRPOS": ["'abc'", "'b'"], "SUBSTR": ["'abc'", "1", "2"], "SUBSTRING": ["'abc'", "1", "2"],
    "TIME_BUCKET": ["INTERVAL 1 DAY", T], "TO_HEX": ["bytes 'hi'"], "VALUES": ["{'a': 1}"],
    "VECTOR_ADD": ["[1, 2]", "[3, 4]"], "VECTOR_ENFORCE": ["[1, 2]", "2", "'int'"], "ZIP": ["[['a', 'b']]"],
}
for names, call in ((NUMBER, ["2"]), (UNIT, ["0.5"]), (TEXT, ["'abc'"]), (ANY, ["1"]), (INSTANT, [Z]),
                    (SPAN, ["1"]), (SINCE, ["1"]), (OF_ROWS, ["%1"]), (OF_NUMBERS, ["%1"]),
                    (OF_TRUTHS, ["%true"]), (WINDOWS, ["%1 OVER (ORDER BY _id)"])):
    CALLS.update((name, list(call)) for name in names.split())

OPERATORS = {
    "+": ["1", "2"], "-": ["1", "2"], "*": ["1", "2"], "/": ["4", "2"], "%": ["4", "3"],
    "=": ["1", "2"], "<>": ["1", "2"], "<": ["1", "2"], "<=": ["1", "2"], ">": ["1", "2"],
    ">=": ["1", "2"], "LIKE": ["'abc'", "'a%'"], "||": ["'a'", "'b'"],
}
SYMBOLS = {name: "%%s %s %%s" % name.replace("%", "%%") for name in OPERATORS}

# What a place takes, by the rules: those of an argument that is of another kind are an error which
# names the function. In the order of the arguments, the last one for all that follow.
WITHIN = {"n": ("int", "float"), "i": ("int",), "s": ("string",), "l": ("array",), "b": ("string", "bytes")}
RULES = {"FROM_HEX": "s", "HYPOT": "n", "IS_NAN": "n", "POW": "n", "POWER": "n", "ATAN2": "n", "ACOSH": "n",
         "BIT_COUNT": "i", "BITWISE_NOT": "i", "BITWISE_XOR": "i", "STRPOS": "s", "REGEXP_LIKE": "s",
         "REGEXP_SPLIT": "s", "REGEXP_EXTRACT": "s", "REGEXP_REPLACE": "s", "REPLACE": "s", "SPLIT": "s",
         "SUBSTR": "sn", "SUBSTRING": "sn", "PREFIXES": "sn", "SLICE": "ln", "ARRAY_CONCAT": "l",
         "ARRAY_JOIN": "ls", "ARRAY_DISTINCT": "l", "ARRAY_FLATTEN": "l", "DATE_PARSE": "s",
         "TO_HEX": "b", "JSON_PARSE": "s"}
RULES.update((name, "n") for name in (NUMBER + " " + UNIT).split())
RULES.update((name, "s") for name in "LOWER LTRIM RTRIM TOKENIZE TO_UTF8 TRIM UPPER".split())
RULES.update((name, "i") for name in "DAYS HOURS MICROSECONDS MINUTES MONTHS YEARS".split())
RULES.update((name, "i") for name in SINCE.split())
RULES.update((name, "b") for name in CALLS if name in "MD5 SHA1 SHA256 SHA512" or name in ("HMAC_MD5", "HMAC_SHA1"))
RULES.update((name, "n") for name in "+-*/%")
SAME_AS = {"SUBSTRING": "SUBSTR"}  # read as that one


class Cell:
    """A call with one argument replaced."""

    def __init__(self, name, place, kind, form):
        self.name, self.place, self.kind, self.form = name, place, kind, form
        example = CALLS.get(name) or OPERATORS[name]
        self.of_rows = example[0].startswith("%")
        first, _, behind = example[0].lstrip("%").partition(" OVER ")
        given = [first] + example[1:]
        literal = next(k[1] for k in KINDS if k[0] == kind)
        given[place] = literal if form == "literal" else kind if form == "field" else "x"
        self.sql = SYMBOLS[name] % tuple(given) if name in SYMBOLS else "%s(%s)" % (name, ", ".join(given))
        if behind:
            self.sql += " OVER " + behind
        self.relation = "FROM mixed WHERE _id = '%s'" % kind if form == "mixed" else "FROM plain"

    def rule(self):
        """What the rules say: 'null', a part of an error's text, or None: nothing."""
        takes = RULES.get(self.name)
        if takes is None:
            return None
        if self.kind in ("null", "undefined"):
            return "null"
        letter = takes[min(self.place, len(takes) - 1)]
        if self.kind in WITHIN[letter] or self.is_time_of_operator():
            return None
        return "`%s`" % SAME_AS.get(self.name, self.name)

    def is_time_of_operator(self):
        """Dates and times are calculated with by rules of their own."""
        return self.name in "+-*/%" and NAMES.index(self.kind) > 7

    def key(self):
        return self.name, self.place, self.kind, self.form


def documents():
    """(collection, documents)"""
    plain = {name: value for name, _, value in KINDS if name != "undefined"}
    mixed = [dict({"_id": name}, **({} if name == "undefined" else {"x": value})) for name, _, value in KINDS]
    return [("plain", [dict(plain, _id="1")]), ("mixed", mixed)]


def names_of_table():
    with open(TABLE) as f:
        return sorted(set(re.findall(r'^  \{"([A-Z0-9_]+)", \d+, -?\d+,', f.read(), re.M)))


def cells():
    missing = [n for n in names_of_table() if n not in CALLS and n not in NO_ARGUMENT.split()]
    assert not missing, "grid.py has no call of " + ", ".join(missing)
    for name in list(OPERATORS) + sorted(CALLS):
        for place in range(len(CALLS.get(name) or OPERATORS[name])):
            for kind in NAMES:
                for form in FORMS if place == 0 else FORMS[:1]:
                    yield Cell(name, place, kind, form)
