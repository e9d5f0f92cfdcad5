"""Cases made from Rockset's rules: each operator and function over values of each type, null and
undefined, as literals and as fields of documents.

What is expected is worked out here, from the rules alone:
- null or undefined in, null out;
- values of two types compare as null, int and float by their value;
- an operand or argument of the wrong type is an error;
- int with int stays int, int with float is float; int / int cuts off;
- CAST of a float cuts off, a text is an int only when it is written as one.
"""
import itertools
import math

UNDEFINED = object()


class Error(Exception):
    """What a query must fail with."""


# ---- values ------------------------------------------------------------------------------------

# name, value, literal, field of the document (None: as a literal only)
VALUES = [
    ("int", 7, "7", "i"),
    ("int", 2, "2", "i2"),
    ("float", 2.5, "2.5", "f"),
    ("float", 2.0, "2.0", "f2"),
    ("bool", True, "true", "b"),
    ("bool", False, "false", "b2"),
    ("string", "abc", "'abc'", "s"),
    ("string", "7", "'7'", "s2"),
    ("null", None, "null", None),
    ("undefined", UNDEFINED, "UNDEFINED", "nowhere"),
]
DOCUMENT = {field: value for _, value, _, field in VALUES if field and value is not UNDEFINED}


def is_null(v):
    return v is None or v is UNDEFINED


def class_of(v):
    if isinstance(v, bool):
        return "bool"
    if isinstance(v, (int, float)):
        return "number"
    return type(v).__name__


def is_number(v):
    return class_of(v) == "number"


def written(v):
    """A value as the answer has it."""
    if is_null(v):
        return "null"
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, (int, float)):
        return repr(v)
    if isinstance(v, list):
        return "[%s]" % ", ".join(map(written, v))
    return '"%s"' % v.replace("\\", "\\\\").replace('"', '\\"')


def literal(v):
    if isinstance(v, list):
        return "[%s]" % ", ".join(map(literal, v))
    return "'%s'" % v if isinstance(v, str) else written(v)


# ---- comparisons -------------------------------------------------------------------------------

COMPARISONS = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}


def compare(op, a, b):
    if is_null(a) or is_null(b) or class_of(a) != class_of(b):
        return None
    return COMPARISONS[op](a, b)


def both(a, b):
    """AND of SQL."""
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def either(values):
    """OR of SQL."""
    values = list(values)
    if True in values:
        return True
    return None if None in values else False


def negated(v):
    return None if v is None else not v


# ---- arithmetic --------------------------------------------------------------------------------

def divide(a, b):
    if isinstance(a, int) and isinstance(b, int):
        return int(math.copysign(abs(a) // abs(b), a * b)) if a * b else 0
    return a / b


ARITHMETIC = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": divide,
    "%": lambda a, b: math.fmod(a, b) if isinstance(a, float) or isinstance(b, float)
    else int(math.fmod(a, b)),
}


def calculate(op, a, b):
    if is_null(a) or is_null(b):
        return None
    if not is_number(a) or not is_number(b):
        raise Error("Operator `%s` does not take " % op)
    return ARITHMETIC[op](a, b)


# ---- functions ---------------------------------------------------------------------------------

# Of one argument: what it must be, and what it gives
ONE = {
    "ABS": ("number", abs),
    "CEIL": ("number", lambda v: float(math.ceil(v))),
    "CEILING": ("number", lambda v: float(math.ceil(v))),
    "FLOOR": ("number", lambda v: float(math.floor(v))),
    "SIGN": ("number", lambda v: (v > 0) - (v < 0)),
    "SQRT": ("number", math.sqrt),
    "EXP": ("number", None),
    "LN": ("number", None),
    "LOG10": ("number", None),
    "LOG2": ("number", None),
    "SIN": ("number", None),
    "COS": ("number", None),
    "TAN": ("number", None),
    "ATAN": ("number", None),
    "SINH": ("number", None),
    "COSH": ("number", None),
    "TANH": ("number", None),
    "ASINH": ("number", None),
    "TRUNC": ("number", lambda v: float(math.trunc(v))),
    "TRUNCATE": ("number", lambda v: float(math.trunc(v))),
    "LOWER": ("str", str.lower),
    "UPPER": ("str", str.upper),
    "LENGTH": ("str", len),
    "TRIM": ("str", str.strip),
    "LTRIM": ("str", str.lstrip),
    "RTRIM": ("str", str.rstrip),
    "TOKENIZE": ("str", lambda v: [v.lower()]),
}
# Of two: what each must be
TWO = {
    "POW": (("number", "number"), lambda a, b: math.pow(a, b)),
    "POWER": (("number", "number"), lambda a, b: math.pow(a, b)),
    "STRPOS": (("str", "str"), lambda a, b: a.find(b) + 1),
    "REGEXP_LIKE": (("str", "str"), lambda a, b: b in a),
    "SPLIT": (("str", "str"), lambda a, b: a.split(b)),
    "REPLACE": (("str", "str"), lambda a, b: a.replace(b, "")),
}


def call(name, takes, f, *args):
    if any(is_null(a) for a in args):
        return None
    for i, (a, needed) in enumerate(zip(args, takes)):
        if class_of(a) != needed:
            raise Error("Function `%s`: argument %d must be " % (name, i + 1))
    return f(*args)


# ---- casts -------------------------------------------------------------------------------------

def cast(v, to):
    """Raises ValueError where there is none."""
    if is_null(v):
        return None
    if to == "string":
        return v if isinstance(v, str) else written(v)
    if to == "bool":
        if isinstance(v, str):
            return {"true": True, "false": False}[v]
        return bool(v)
    if to == "int":
        if isinstance(v, str) and not v.lstrip("+-").isdigit():
            raise ValueError(v)
        return int(v)
    return float(v)


# ---- arrays ------------------------------------------------------------------------------------

ARRAYS = [[1, 2, 1], [1.5, 2.0], ["a", "b", "a"], [True, False], [1, "a", 2.0, "1"], ["a", None, 1]]
SOUGHT = [1, 2.0, 1.5, "a", "1", True, 9]


def same(a, b):
    if a is None or b is None:
        return a is b
    return class_of(a) == class_of(b) and a == b


def position(a, v):
    return next((i + 1 for i, e in enumerate(a) if same(e, v)), 0)


def last_position(a, v):
    return max([i + 1 for i, e in enumerate(a) if same(e, v)], default=0)


def distinct(a):
    return [e for i, e in enumerate(a) if position(a, e) == i + 1]


# ---- all of them -------------------------------------------------------------------------------

def forms(*chosen):
    """The operands as literals, and as fields where they have some."""
    yield [v[2] for v in chosen]
    if all(v[3] for v in chosen) and any(v[1] is not UNDEFINED for v in chosen):
        yield [v[3] for v in chosen]


def made(sql, f, *args):
    try:
        return sql, f(*args), None
    except Error as e:
        return sql, None, str(e)


def operators():
    for a, b in itertools.product(VALUES, VALUES):
        for x, y in forms(a, b):
            for op in COMPARISONS:
                yield made("%s %s %s" % (x, op, y), compare, op, a[1], b[1])
            for op in ARITHMETIC:
                if not (op in "/%" and b[1] is False):
                    yield made("%s %s %s" % (x, op, y), calculate, op, a[1], b[1])


def predicates():
    few = [VALUES[i] for i in (0, 2, 4, 6, 8)]
    for x, a, b in itertools.product(few, few, few):
        v, low, high = x[1], a[1], b[1]
        text = (x[2], a[2], b[2])
        within = both(compare(">=", v, low), compare("<=", v, high))
        yield "%s BETWEEN %s AND %s" % text, within, None
        yield "%s NOT BETWEEN %s AND %s" % text, negated(within), None
        found = either([compare("=", v, low), compare("=", v, high)])
        yield "%s IN (%s, %s)" % text, found, None
        yield "%s NOT IN (%s, %s)" % text, negated(found), None
        first = "first" if compare("=", v, low) else "second" if compare("=", v, high) else "no"
        yield "CASE %s WHEN %s THEN 'first' WHEN %s THEN 'second' ELSE 'no' END" % text, first, None
    for v in VALUES:
        for (x,) in forms(v):
            yield "%s IS NULL" % x, is_null(v[1]), None
            yield "%s IS NOT NULL" % x, not is_null(v[1]), None
            yield "%s IS UNDEFINED" % x, v[1] is UNDEFINED, None
            yield "%s IS NOT UNDEFINED" % x, v[1] is not UNDEFINED, None
            yield "TYPEOF(%s)" % x, v[0], None


def choices():
    for a, b in itertools.product(VALUES, VALUES):
        v, w = a[1], b[1]
        for x, y in forms(a, b):
            # int beside float is one type for an engine, so that the answer would be a float
            if is_number(v) and is_number(w) and type(v) is not type(w):
                continue
            yield "COALESCE(%s, %s)" % (x, y), w if is_null(v) else v, None
            yield "IF(true, %s, %s)" % (x, y), v, None
            yield "CASE WHEN 1 = 2 THEN %s ELSE %s END" % (x, y), w, None


def functions():
    for name, (takes, f) in ONE.items():
        for v in VALUES:
            for (x,) in forms(v):
                if f is None and is_number(v[1]):
                    sql, want, error = made("%s(%s)" % (name, x), call, name, [takes], float, v[1])
                    yield "TYPEOF(%s)" % sql, "float", error
                else:
                    yield made("%s(%s)" % (name, x), call, name, [takes], f, v[1])
    few = [VALUES[i] for i in (0, 2, 4, 6, 8, 9)]
    for name, (takes, f) in TWO.items():
        for a, b in itertools.product(few, few):
            for x, y in forms(a, b):
                yield made("%s(%s, %s)" % (name, x, y), call, name, takes, f, a[1], b[1])


def casts():
    for v, to in itertools.product(VALUES, ("int", "float", "string", "bool")):
        for (x,) in forms(v):
            try:
                want = cast(v[1], to)
            except (ValueError, KeyError):
                yield "TRY_CAST(%s AS %s)" % (x, to), None, None
                yield "CAST(%s AS %s)" % (x, to), None, "abc" if v[1] == "abc" else "7"
                continue
            yield "CAST(%s AS %s)" % (x, to), want, None
            yield "TRY_CAST(%s AS %s)" % (x, to), want, None


def arrays():
    for a in ARRAYS:
        x = literal(a)
        yield "LENGTH(%s)" % x, len(a), None
        yield "CARDINALITY(%s)" % x, len(a), None
        yield "ARRAY_DISTINCT(%s)" % x, distinct(a), None
        for v in SOUGHT:
            args = (x, literal(v))
            # a null among the others leaves open whether the value is there
            if position(a, v) or None not in a:
                yield "ARRAY_CONTAINS(%s, %s)" % args, position(a, v) > 0, None
            yield "ARRAY_POSITION(%s, %s)" % args, position(a, v), None
            yield "ARRAY_LAST_POSITION(%s, %s)" % args, last_position(a, v), None
            yield "ARRAY_REMOVE(%s, %s)" % args, [e for e in a if not same(e, v)], None
        for i in range(1, len(a) + 2):
            want = a[i - 1] if i <= len(a) else None
            yield "ELEMENT_AT(%s, %d)" % (x, i), want, None
            yield "%s[%d]" % (x, i), want, None
        yield "ELEMENT_AT(%s, null)" % x, None, None
        yield "SLICE(%s, 2)" % x, a[1:], None
        yield "SLICE(%s, 1, 2)" % x, a[:2], None
    for a, b in itertools.product(ARRAYS, ARRAYS):
        if [type(e) for e in a[:1] + b[:1]] in ([int, float], [float, int]) and "a" not in a + b:
            continue  # one type for an engine
        yield "ARRAY_CONCAT(%s, %s)" % (literal(a), literal(b)), a + b, None
    for v in VALUES[:8]:
        for name in ("ARRAY_DISTINCT(%s)", "ARRAY_POSITION(%s, 1)", "ARRAY_REMOVE(%s, 1)",
                     "ARRAY_CONTAINS(%s, 1)", "ARRAY_CONCAT(%s, [1])"):
            yield name % v[2], None, "Function `%s`: argument 1 must be array" % name.split("(")[0]


def cases():
    """Yields (expression, answer as JSON, part of the error's text or None)."""
    for group in (operators, predicates, choices, functions, casts, arrays):
        for sql, want, error in group():
            yield sql, written(want), error
