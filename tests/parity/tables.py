"""Templates over every filter, test, method and format, on values of every type."""
import itertools
import unicodedata
from world import NUMBERS, TEXTS, VALUES

FILTERS = {
    "abs": [""], "as_text": [""], "as_bool": [""], "as_native": [""], "as_number": [""],
    "attr": ["('upper')", "('a')", "('name')", "(1)", ""], "batch": ["(2)", "(2, 'x')", "(0)", "('2')", "(1.5)", "(-1)", ""],
    "capitalize": [""], "center": ["", "(9)", "(8)", "(width=3)", "('9')", "(0)", "(-1)"], "count": [""],
    "d": ["(1)"], "default": ["", "(1)", "(1, true)", "('x', boolean=true)", "(default_value=2)", "(1, 2, 3)"],
    "dictsort": ["", "(true)", "(by='value')", "(false, 'value', true)", "(reverse=true)", "(by='x')"], "e": [""], "escape": [""],
    "filesizeformat": ["", "(true)"], "first": [""], "float": ["", "(2)", "('x')", "(default=none)"], "forceescape": [""],
    "format": ["", "(1)", "('a', 'b')", "(a=1)", "(1, a=1)"], "groupby": ["('age')", "('name')", "('tags')", "(0)", "('0')", "('city', case_sensitive=true)", "('nope', default='D')", "('name.0')", ""],
    "indent": ["", "(2)", "(2, true)", "(2, true, true)", "('> ')", "(width=1, blank=true)", "(0)", "(-1)", "(none)", "(1.5)"],
    "int": ["", "(7)", "(0, 16)", "(0, 2)", "(base=8)", "(-1, 36)", "(0, 0)", "(0, 1)", "(0, 37)", "(none)"], "items": [""],
    "join": ["", "(',')", "('-', 'name')", "(', ', attribute=0)", "(1)", "(none)", "(d='<')", "(attribute='tags.0')"], "last": [""], "length": [""], "list": [""], "lower": [""],
    "map": ["('upper')", "('int')", "(attribute='name')", "(attribute='tags', default='D')", "(attribute=0)", "(attribute='name.0')", "('default', 'x')", "('replace', 'a', 'b')", "('nope')", "", "(1)", "('attr', 'x')", "(attribute='x', nope=1)", "('round', precision=1)"],
    "max": ["", "(true)", "(attribute='age')", "(attribute=0)", "(attribute='name', case_sensitive=true)"], "min": ["", "(true)", "(attribute='age')", "(attribute=0)"],
    "pprint": [""], "reject": ["", "('odd')", "('string')", "('eq', 1)", "('nope')", "('in', [1, 'b'])"], "rejectattr": ["('age')", "('age', 'eq', 25)", "('name', 'string')", "('nope')", "('tags', 'defined')", ""],
    "replace": ["('a', 'X')", "('a', 'X', 1)", "('', '-')", "('', '-', 2)", "('l', '')", "('a')", "(1, 2)", "('<', '&')", "('a', 'b', -1)", "('a', 'b', none)", "('<'|safe, '<')"], "reverse": [""],
    "round": ["", "(1)", "(2, 'floor')", "(0, 'ceil')", "(-1)", "(-2, 'ceil')", "(1, 'nope')", "(method='floor')", "('1')", "(20)", "(-400)", "(400)"], "safe": [""],
    "select": ["", "('odd')", "('number')", "('gt', 1)", "('defined')", "('nope')", "(1)", "('eq')"], "selectattr": ["('age')", "('age', 'gt', 25)", "('city', 'lower')", "('tags.0', 'defined')", "('name', 'in', ['Bob'])", "('age', '==', 25)", ""],
    "slice": ["(2)", "(3, 'x')", "(0)", "(-1)", "('2')", "(10)", ""], "sort": ["", "(true)", "(case_sensitive=true)", "(attribute='name')", "(attribute='age,name')", "(attribute=0)", "(reverse=true, attribute='city')", "(attribute='nope')"],
    "string": [""], "striptags": [""], "sum": ["", "('age')", "(attribute=0)", "(start=10)", "(start='a')", "(start=[])", "(attribute='tags', start=[])"], "title": [""],
    "tojson": ["", "(2)", "(indent=1)", "(0)", "('--')", "(true)", "(none)"], "trim": ["", "('a')", "('H d')", "(chars='x')", "(none)", "(1)"],
    "truncate": ["", "(5)", "(5, true)", "(5, true, '')", "(6, false, '..', 0)", "(3, leeway=0)", "(2)", "(255, leeway=-1)", "(9, end='!!!', leeway=2)", "('5')", "(0)"],
    "unique": ["", "(true)", "(attribute='city')", "(attribute=0)", "(case_sensitive=true, attribute='city')"], "upper": [""], "urlencode": [""],
    "urlize": ["", "(10)", "(nofollow=true)", "(target='_x')", "(rel='r s')", "(extra_schemes=['ftp:'])", "(5, true, 'a')", "(extra_schemes=['bad'])"], "wordcount": [""],
    "wordwrap": ["", "(5)", "(5, false)", "(5, true, '|')", "(7, true, '\\n', false)", "(1)", "(0)", "(79, wrapstring='x')"], "xmlattr": ["", "(false)", "(autospace=true)"],
}
LISTS = ["l", "e", "words", "floats", "mixed", "users", "rows", "u", "d", "d.items()", "'bac'", "range(5)", "(3, 'b', 1)", "[none, 1]", "[true, 0, 2]", "[[2, 1], [1, 2]]", "[{'a': 2}, {'a': 1}]", "missing",
         "l|map('string')", "[1.0, 1, true]", "['b'|safe, 'A']", "[(1, 'B'), (1, 'a')]", "['x', 1]", "[inf, -inf, 0]", "tree", "['a', 'a\u0308', '\u00e4']"]

TESTS = {t: [""] for t in "boolean callable defined escaped even false filter float integer iterable lower mapping none number odd sequence string test true undefined upper nope".split()}
TESTS.update({t: ["(1)", "('a')", "(none)", "(missing)", "([1])", "(2.5)", ""] for t in ["eq", "equalto", "ne", "lt", "lessthan", "le", "gt", "greaterthan", "ge"]})
TESTS.update({"divisibleby": ["(2)", "(0)", "('a')", "(2.5)", "", " 3"], "in": ["(l)", "([1, 'a'])", "('abc')", "(d)", "(5)", "(range(3))", " (1,)", ""], "sameas": ["(none)", "(true)", "(1)", "(n)", ""]})

METHODS = {  # of str
    "capitalize": [""], "casefold": [""], "center": ["9", "8, '*'", "9, 'ab'", "", "'9'", "-1", "2.0"], "count": ["'a'", "''", "'a', 1", "'a', 1, -1", "1", "'b', none, 2", "'', 99"],
    "encode": ["", "'utf-8'", "'ascii'", "'ascii', 'replace'", "'latin-1', 'ignore'", "'nope'", "encoding='ascii', errors='xmlcharrefreplace'", "'ascii', 'backslashreplace'", "'utf-16'"],
    "endswith": ["'d'", "('d', 'e')", "''", "'o', 0, 5", "1", "()", "'', 99"], "expandtabs": ["", "4", "0", "tabsize=2", "-1"], "find": ["'o'", "'o', 5", "''", "'zz'", "'l', -3", "'', 99", "1"],
    "format": ["", "1", "x=2", "1, 2, 3"], "format_map": ["d", "{}", "1"], "index": ["'o'", "'zz'", "''"], "isalnum": [""], "isalpha": [""], "isascii": [""], "isdecimal": [""], "isdigit": [""], "isidentifier": [""],
    "islower": [""], "isnumeric": [""], "isprintable": [""], "isspace": [""], "istitle": [""], "isupper": [""], "join": ["['x', 'y']", "'abc'", "[1]", "[]", "d", "5", "missing", "['a'|safe]"], "ljust": ["9", "9, '.'", "2"], "lower": ["", "1"],
    "lstrip": ["", "' a'", "none", "'aH'", "1"], "maketrans": ["{'a': 'b'}", "'ab', 'xy'", "'ab', 'xy', 'c'", "{97: none}", "'a', 'xy'", "1", "{'ab': 1}"], "partition": ["'o'", "'zz'", "''", "1"], "removeprefix": ["'He'", "''", "1"], "removesuffix": ["'ld'", "''"],
    "replace": ["'o', '0'", "'o', '0', 1", "'', '-'", "'', '-', 3", "'o', '0', -1", "'o', '0', count=1", "'o'", "1, 2", "'l', '', 0"], "rfind": ["'o'", "'o', 0, 5", "''", "'zz'"], "rindex": ["'o'", "'zz'"], "rjust": ["9", "9, '0'", "-3"],
    "rpartition": ["'o'", "'zz'", "''"], "rsplit": ["", "' '", "'o', 1", "none, 1", "maxsplit=1", "'l'", "''", "sep='b'"], "rstrip": ["", "'dl'", "none"], "split": ["", "' '", "'o', 1", "none, 1", "maxsplit=1", "'l'", "''", "sep=',', maxsplit=0", "1", "none, 0", "'l', -5"],
    "splitlines": ["", "true", "keepends=false", "1, 2"], "startswith": ["'He'", "('x', 'H')", "'l', 2", "''", "1", "['H']"], "strip": ["", "'Hd'", "none", "' \\t'"], "swapcase": [""], "title": [""],
    "translate": ["{97: 'X'}", "{108: none, 111: '00'}", "{97: 66}", "{}", "'abc'", "none", "s.maketrans('o', '0')", "{97: 1.5}", "[1, 2]"], "upper": [""], "zfill": ["9", "2", "-1", "'x'", ""], "nope": [""], "__len__": [""], "_x": [""],
}
OTHER_METHODS = [
    (["l", "[]", "[1, 'a', none, [2]]", "words", "[2.5, 1, true]"], {"append": ["4", "[1]", ""], "clear": [""], "copy": [""], "count": ["1", "'a'", "true", ""], "extend": ["[4]", "'ab'", "5", "d", "missing"], "index": ["1", "'zz'", "1, 1", "1, -2", "2, 0, 1"],
      "insert": ["0, 'x'", "-1, 'x'", "99, 'x'", "'a', 1", "0"], "pop": ["", "0", "-1", "9", "'a'", "1.0"], "remove": ["1", "'zz'"], "reverse": [""], "sort": ["", "reverse=true", "key=s.find", "key=none", "true", "nope=1", "reverse=1"]}),
    (["(1, 2, 1)", "()", "('a',)"], {"count": ["1", "'a'"], "index": ["1", "'a'", "5", "1, 1"], "append": ["1"]}),
    (["d", "{}", "{1: 'a', 'b': 2, none: []}"], {"clear": [""], "copy": [""], "fromkeys": ["'ab'", "[1, 2], 0", "5", "missing"], "get": ["'a'", "'zz'", "'zz', 1", "1", "[1]", "'zz', default=1", ""], "items": ["", "1"], "keys": [""], "values": [""],
      "pop": ["'a'", "'zz'", "'zz', 1", "", "1", "[]"], "popitem": [""], "setdefault": ["'a', 5", "'n', 5", "'n'", "[1]"], "update": ["{'q': 1}", "q=1", "[('a', 9)]", "[('a',)]", "5", "{'a': 1}, b=2", "[1]", "", "missing", "['ab']"], "nope": [""]}),
    (["5", "-255", "0", "10**20", "true", "2**62", "2**63", "-(2**63)", "2**64"], {"bit_length": [""], "bit_count": [""], "as_integer_ratio": [""], "conjugate": [""], "is_integer": [""], "real": [""], "to_bytes": ["2, 'big'"], "nope": [""]}),
    (["2.5", "-0.0", "1e300", "0.1", "inf", "(inf-inf)", "3.0", "5e-324", "-1e22"], {"is_integer": [""], "hex": [""], "as_integer_ratio": [""], "conjugate": [""], "fromhex": ["'0x1p3'"], "nope": [""]}),
    (["range(3)", "range(5, 0, -2)", "range(0)"], {"count": ["1", "9"], "index": ["1", "9"], "nope": [""]}),
    (["d.keys()", "d.items()", "{}.keys()"], {"isdisjoint": ["['a']", "['q']", "5", "[]"], "mapping": [""], "nope": [""]}),
]
ATTRS = ["real", "imag", "numerator", "denominator", "start", "stop", "step", "mapping", "upper", "append", "items", "keys", "x", "__class__", "__doc__", "_p", "mro", "func_code", "gi_frame", "name", "0", "1"]


def filters():
    for f, forms in FILTERS.items():
        for form, v in itertools.product(forms, VALUES + LISTS if f not in ("random",) else []):
            yield "{{ (%s)|%s%s }}" % (v, f, form)
        for form, v in itertools.product(forms, LISTS):
            yield "{{ (%s)|%s%s|list }}" % (v, f, form)
    for f, v in itertools.product(["upper", "lower", "title", "capitalize", "wordcount", "trim", "striptags", "urlencode", "urlize", "e", "tojson", "pprint", "center(20)", "indent(3)", "wordwrap(6)", "truncate(7)", "reverse", "list", "length", "first", "last", "string", "int", "float", "sort|join", "unique|join", "batch(3)|list", "slice(2)|list", "wordwrap(4,false)", "truncate(4,true,'')", "xmlattr", "forceescape", "safe|e", "e|e", "round", "replace('a', 'bb')", "format(1)", "max", "min", "filesizeformat"], TEXTS + ["html", "text", "u", "s"]):
        yield "{{ %s|%s }}" % (v, f)
        yield "{{ (%s|safe)|%s }}" % (v, f)
    for n in ["0", "1", "999", "1000", "1001", "1023", "1024", "1500", "999999", "1000000", "1e9", "1234567890", "10**24", "10**27", "10**30", "-5", "-5000", "'12'", "'1e6'", "2.5", "inf", "true", "1e30"]:
        yield "{{ (%s)|filesizeformat }} {{ (%s)|filesizeformat(true) }}" % (n, n)
    for n, p, m in itertools.product(NUMBERS, ["0", "1", "2", "3", "-1", "-3", "15", "17"], ["common", "ceil", "floor"]):
        yield "{{ (%s)|round(%s, '%s') }}" % (n, p, m)
    for v in ["'http://a.b/c?d=e&f=\"g\"'", "'see www.example.com.'", "'(http://a.com/x_(y))'", "'a@b.co and mailto:x@y.zz'", "'http://a.com, https://b.org; x.net'", "'<http://a.com>'", "'ftp://a.b'", "'www.a'", "'http://'", "'a.com/x'", "'foo.org!'", "'x@y'", "'&lt;www.a.com&gt;'", "'HTTP://A.COM'", "'http://\u00e4.com/\u00f6'", "'http://a.com:80/x#y'", "'www.a.com\\nwww.b.org'", "'mailto:a@b.c'", "'[www.a.com]'"]:
        for form in FILTERS["urlize"]:
            yield "{{ %s|urlize%s }}" % (v, form)
    for v in ["'a b'", "'\u00e4/\u20ac'", "{'a': 'b c', 'd': 1}", "[('a', '\u00e4'), ('b', none)]", "'a~b-c_d.e'", "1", "none", "'a&b=c'", "[1]", "['ab']", "{'x': [1]}", "{}", "true", "d.items()"]:
        yield "{{ %s|urlencode }}" % v
    for v in ["{'a': 'b', 'c': none, 'd': missing, 'e': '<\"&'}", "{'a b': 1}", "{'a/b': 1}", "{'a>': 1}", "{'a=': 1}", "{'': 1}", "{1: 1}", "{'a': 1.5, 'b': true}", "{}", "[]", "{'\u00e4': '\u00e4'}", "{'a\\tb': 1}"]:
        yield "{{ %s|xmlattr }}" % v
    for v in ["'<b>a</b> <!-- c --> d'", "'a &amp; b &lt;i&gt; &#228; &#xe4; &nope; &copy; &hellip; &AElig;'", "'<a\\nhref=x>y</a>'", "'a < b > c'", "'<>'", "'  a   b '", "'<!--'", "'&amp'", "'&#0;&#xd800;&#x110000;'", "'&notit;&notin;'", "'<b'", "'<!-- a <b> -->c'"]:
        yield "{{ %s|striptags }}" % v


def tests():
    for t, forms in TESTS.items():
        for form, v in itertools.product(forms, VALUES):
            yield "{{ (%s) is %s%s }}" % (v, t, form)
        yield "{{ mixed|select('%s')|list }}{{ words|reject('%s')|list }}" % (t, t)
    for v in VALUES:
        yield " ".join("{{ (%s) is not %s }}" % (v, t) for t in ["none", "string", "mapping", "sequence", "number", "iterable", "callable"])


def methods():
    for m, forms in METHODS.items():
        for form, v in itertools.product(forms, TEXTS + ["s", "text", "u", "'a'|safe", "'<b> {} %s'|safe", "''|e"]):
            yield "{{ (%s).%s(%s) }}" % (v, m, form)
            if m in ("split", "rsplit", "splitlines", "partition", "rpartition"):
                yield "{{ (%s).%s(%s)|map('upper')|list }}" % (v, m, form)
    for receivers, table in OTHER_METHODS:
        for v, (m, forms) in itertools.product(receivers, table.items()):
            for form in forms:
                yield "{%% set v = %s %%}{{ v.%s(%s) }} {{ v }}" % (v, m, form)
    for v, a in itertools.product(VALUES, ATTRS):
        yield "{{ (%s).%s }}" % (v, a)
        yield "{{ (%s)['%s'] }}" % (v, a)
        yield "{{ (%s)|attr('%s') }}" % (v, a)
    for v, a, b, c in itertools.product(["l", "s", "u", "(1, 2, 3, 4)", "''", "range(9)", "d", "e"], ["", "1", "-2", "99", "none", "'a'", "true", "1.0", "10**30"], ["", "2", "-1", "-99"], ["", ":2", ":-1", ":0", ":"]):
        yield "{{ (%s)[%s:%s%s] }}" % (v, a, b, c)


def specs():
    types = ["", "d", "b", "o", "x", "X", "c", "n", "e", "E", "f", "F", "g", "G", "%", "s", "q"]
    plain = ["", "5", "05", ".2", "10.3", ",", "_", "+", " ", "-", "#", "<8", ">8", "^9", "=8", "*^9", "0=9", "+08.2", "#010", ",.1", "_.2", "\u00e4>6", "}<6", "z", ".0", "0", "+,", "08,", "1_000", ".", "=", "<", "100", "#.3", "012,.2", "-=9", "x<4"]
    for t, s, v in itertools.product(types, plain, ["5", "-17", "65", "123456789012345678901234567890", "true", "2.5", "-0.0", "1234567.891", "1e22", "0.00001", "inf", "'ab'", "none"]):
        yield "{{ '{:%s%s}'.format(%s) }}" % (s, t, v)
    for v in VALUES:
        for s in ["{}", "{0}", "{!s}", "{!r:>9}", "{!a}", "{:5}", "{:<5}|", "{0[0]}", "{0.x}", "{0[a]}", "{:d}", "{:.1f}", "{:s}", "{:,}", "{:x}"]:
            yield "{{ '%s'.format(%s) }}" % (s, v)
    for s, a in itertools.product(["{} {}", "{0} {1} {0}", "{a}", "{a} {}", "{0} {}", "{} {0}", "{{}}", "{{{}}}", "{", "}", "{}}", "{a.b}", "{a[b]}", "{a[0]}", "{0[a][b]}", "{:{}}", "{:{w}}", "{0:{1}.{2}}", "{!x}", "{!}", "{:{:{}}}", "{0!r}", "{a!r:5}", "{ }", "{a }", "{0.real}", "{0.upper}", "{-1}", "{0[-1]}", "{0[]}", "{0.}", "{.real}", "{[0]}", "{a[}", "{0x}", "{!r", "{:", "{a:{b}{c}}", "{0:>{1}}", "{00}", "{99999999999999999999}"],
                                  ["", "1", "1, 2", "1, 2, 3", "a=d", "a={'b': 'c'}, b='>', c=5, w=6", "'x', 6, 2", "l", "2.5, 8, 3", "d"]):
        yield "{{ '%s'.format(%s) }}" % (s, a)
    conv = ["d", "i", "u", "s", "r", "a", "c", "x", "X", "o", "e", "E", "f", "F", "g", "G", "%", "q", ""]
    flags = ["", "5", "-5", "05", "+", " ", "#", ".2", "8.3", "-8.3", "+08.2", ".0", "*", ".*", "#x"[:1] + "8", "l", "hh", "0", "-05", "+ ", ".", "100"]
    for c, f, v in itertools.product(conv, flags, ["5", "-17", "10**20", "2.5", "-0.0", "1e22", "inf", "'ab'", "'\u00e4'", "none", "true", "[1]", "(5, 7)", "()", "{'a': 1}", "missing"]):
        yield "{{ '%%%s%s' %% %s }}" % (f, c, v)
    for f, v in itertools.product(["%(a)s", "%(a)05d", "%(zz)s", "%(a)", "%(a", "%()s", "%s %(a)s", "%(a)s %s", "%%", "%", "a%", "%s%%", "%(a)s%(a)s", "%((a))s", "%*d", "%.*f", "%*.*f", "%c%c", "%s %s"], ["d", "1", "(1, 2)", "(5, 2, 2.5)", "{'(a)': 1}", "l", "'x'", "()", "('x', 'yy')", "(65, 'b')", "users[0]", "1.5"]):
        yield "{{ '%s' %% %s }}" % (f, v)
        yield "{{ '%s'|format(%s) }}" % (f, v)
    for v in NUMBERS:
        yield "{{ %s }} {{ [%s] }} {{ (%s)|string|length }} {{ (%s)|int }} {{ (%s)|float }} {{ (%s)|tojson }} {{ (%s)|pprint }} {{ '%%s %%r %%g %%e' %% (%s, %s, %s, %s) }}" % ((v,) * 11)


def natives():
    for v in VALUES:
        for form in ["{{ %s }}", " {{ %s }}", "{{ %s }}\n", "{{ %s }}{{ %s }}", "{{ (%s)|as_text }}", "{{ (%s)|as_native }}", "{{ (%s)|as_bool }}", "{{ (%s)|as_number }}", "{%% set v = %s %%}{{ v }}", "{%% if t %%}{{ %s }}{%% endif %%}",
                     "{{ (%s) if t else 1 }}", "{{ [%s, n] }}", "{{ (%s)|string }}", "{%% for x in [%s] %%}{{ x }}{%% endfor %%}", "{%% block b %%}{{ %s }}{%% endblock %%}", "{%% macro m() %%}{{ %s }}{%% endmacro %%}{{ dbt_macro__m() }}",
                     "{%% set v %%}{{ %s }}{%% endset %%}{{ v }}", "{%% filter string %%}{{ %s }}{%% endfilter %%}", "{{ (%s)|default(1) }}", "{{ (%s) and n }}", "{{ ((%s)|string)|as_native }}", "{%% call framed() %%}{{ %s }}{%% endcall %%}",
                     "{%% autoescape true %%}{{ %s }}{%% endautoescape %%}", "{{ n and (%s) }}", "{{ pick([%s]) }}", "{{ (%s) ~ '' }}", "{%% print %s %%}"]:
            yield form.replace("%s", v).replace("%%", "%")
    for lit in ["1", "-1", "+1", "1.5", "1e3", "0123", "00", " 1", "1 ", "'a'", "\"a\"", "u'a'", "b'a'", "f'a'", "r'\\n'", "'a' 'b'", "[1, 2]", "(1,)", "(1)", "()", "{}", "{'a': 1}", "{1, 2}", "set()", "None", "True", "none", "true", "1+2", "1+2j", "1-2j", "2j", "1 if 1 else 2", "a", "a.b", "f()", "[1, [2, {3: 4}]]",
                "--1", "-True", "1_000", "0x1f", "0b11", "0o17", "...", "\\t1", "\\n1", "1\\n", "'a\\nb'", "[1,\\n2]", "# c", "1 # c", "1;2", "[1, 2", "inf", "-inf", "'\\\\u00e4'", "'''a'''", "{**{}}", "[*[1]]", "1,2", "-[1]", "1.", ".5", "5L", "0777", "999999999999999999999999", "'a", "{'a': {'b': [1, (2,)]}}", "not True", "1 == 1", "lambda: 1", "(1, 2)[0]", "", " ", "yes"]:
        for m in ["as_native", "as_bool", "as_number", "as_text", "string"]:
            yield "{{ %s|%s }}" % ("'%s'" % lit.replace("\\\\", "\\\\\\\\").replace("'", "\\'"), m)
            yield "{%% set v = %s %%}{{ v|%s }}" % ("'%s'" % lit.replace("'", "\\'"), m)
    yield from ["", "a", " a ", "1", "{# c #}", "{{ n }}{# c #}", "{{ n }} ", "{% if f %}{% endif %}", "{% set x = 1 %}", "{% set x = 1 %}{{ x }}", "{% set x = [1] %}\n{{ x }}", "{{ 1 }}{{ 2 }}", "{{ n }}{{ n }}", "{{ '1' }}", "{{ ['1'] }}", "{{ {} }}", "{{ d }}", "{{ d.a }}", "{{ 'a' }}b",
                "{{ 1 }}", "{{ 1.5 }}", "{{ none }}", "{{ [1, 'a', none] }}", "{{ (1, 2) }}", "{{ {'a': 1} }}", "{{ 1 + 1 }}", "{{ not t }}", "{{ missing }}", "{{ missing.x }}", "{{ l|first }}", "{{ l|map('string') }}", "{{ range(3) }}", "{{ rec }}", "{{ cycler }}", "{{ s.upper }}", "{{ cents }}", "{{ five() }}", "{{ five() }} ",
                "{{ 1 if f }}", "{{ n if f }}", "{% for x in l %}{{ x }}{% endfor %}", "{% for x in [n] %}{{ x }}{% endfor %}", "{{ self }}", "{{ -1 }}", "{{ -n }}", "{{ 'a'|safe }}", "{{ '<'|e }}", "{{ 'a' ~ 'b' }}", "{{ n ~ 'b' }}", "{{ 1 ~ 2 }}", "{{ [1][0] }}", "{{ 'abc'[1] }}", "{{ {'a': 1}.a }}", "{{ 2**70 }}", "{{ big }}", "{{ 'x'|upper }}", "{{ s|upper }}", "{{ 'x' is string }}", "{{ 1 == 1 }}", "{{ 'a' in 'abc' }}", "{{ 'a' if true else n }}"]


def undefineds():
    kinds = ["missing", "missing.a", "missing['a']", "missing[0]", "missing()", "missing.a.b", "d.zz", "d['zz']", "l[9]", "l.zz", "s.zz", "s[99]", "none.zz", "none['zz']", "n.zz", "users[0].zz", "d.zz.y", "s._x", "d.__class__", "(1 if f)", "l|map(attribute='zz')|first", "missing|first", "e|first", "e|last", "''|first", "e|max", "e|min", "missing|last", "users[0].zz.y", "rec.zz", "cents.zz", "range(3)[7]", "loop", "caller", "self.q", "2.5.zz", "true.zz", "(1,)[3]"]
    uses = ["{{ %s }}", "{{ %s is defined }}", "{{ %s is none }}", "{{ %s|default('D') }}", "{{ %s|string }}", "{{ %s ~ 'x' }}", "{{ %s + 1 }}", "{{ 1 + %s }}", "{{ %s == missing2 }}", "{{ %s == 1 }}", "{{ %s != none }}", "{{ %s < 1 }}", "{{ 1 in %s }}", "{{ %s in [1] }}", "{{ -(%s) }}", "{{ not %s }}", "{{ %s and 1 }}", "{{ %s or 1 }}",
            "{% for x in %s %}x{% else %}E{% endfor %}", "{% if %s %}y{% endif %}", "{{ %s|length }}", "{{ %s|list }}", "{{ %s|int }}", "{{ %s|float }}", "{{ %s|abs }}", "{{ %s|round }}", "{{ %s|upper }}", "{{ %s|join(',') }}", "{{ %s|tojson }}", "{{ %s|sort }}", "{{ %s|sum }}", "{{ %s|items|list }}", "{{ %s|e }}", "{{ %s|replace('a','b') }}", "{{ %s|trim }}",
            "{{ [%s] }}", "{{ {'a': %s} }}", "{{ {%s: 1} }}", "{{ (%s,)|length }}", "{{ (%s).x }}", "{{ (%s)['x'] }}", "{{ (%s)() }}", "{{ (%s)(1, a=2) }}", "{{ (%s)[1:2] }}", "{{ rec(%s) }}", "{{ rec(*(%s)) }}", "{{ rec(**(%s)) }}", "{{ d[%s] }}", "{{ l[%s] }}", "{{ range(%s) }}", "{{ '%s' % (%s) }}", "{{ '%d' % (%s) }}", "{{ '{}'.format(%s) }}", "{{ s.replace('a', %s) }}", "{{ %s|pprint }}", "{{ %s|xmlattr }}", "{{ %s|wordcount }}", "{{ %s|truncate(3) }}", "{{ %s|random }}", "{{ %s|reverse|list }}", "{{ %s|dictsort }}", "{{ %s|batch(2)|list }}", "{{ %s|groupby('a') }}", "{{ %s|unique|list }}", "{{ %s|map('upper')|list }}", "{{ %s|select|list }}", "{{ %s|format(1) }}", "{{ %s|indent }}", "{{ %s|center }}", "{{ %s|title }}", "{{ %s|capitalize }}", "{{ %s|striptags }}", "{{ %s|urlencode }}", "{{ %s|urlize }}", "{{ %s|wordwrap }}", "{{ %s|filesizeformat }}", "{{ %s|max }}", "{{ %s|attr('x') }}",
            "{{ %s|safe }}", "{{ %s|first }}", "{{ %s * 2 }}", "{{ %s / 2 }}", "{{ %s ** 2 }}", "{{ %s // 2 }}", "{{ %s % 2 }}", "{{ %s - 1 }}", "{{ 2 > %s }}", "{{ [%s, 1]|sort }}", "{{ [%s]|unique|list }}", "{{ %s is string }}{{ %s is mapping }}{{ %s is iterable }}{{ %s is callable }}{{ %s is sequence }}{{ %s is number }}{{ %s is sameas none }}", "{{ %s is odd }}", "{{ %s is divisibleby 2 }}", "{{ %s is lower }}", "{{ %s is eq 1 }}", "{{ %s is in [1] }}", "{{ %s is upper }}"]
    for k, u in itertools.product(kinds, uses):
        yield u.replace("%s", "\0").replace("\0' %", "%s' %").replace("\0", k) if "'%s' %" in u else u.replace("%s", k)


def unicode_sweep():
    """Every character up to the second plane's end through the case mappings and classes."""
    chars = [c for c in range(1, 0x20000) if not 0xD800 <= c < 0xE000 and chr(c) not in "'\\{}\r\n"]
    for i in range(0, len(chars), 1024):
        text = "".join(map(chr, chars[i:i + 1024]))
        for m in ["upper()", "lower()", "title()", "capitalize()", "swapcase()", "casefold()"]:
            yield "{%% for c in '%s' %%}{{ c.%s }},{%% endfor %%}" % (text, m)
        for a, b, c in [("isalpha", "isalnum", "isdecimal"), ("isdigit", "isnumeric", "isspace"), ("isprintable", "isidentifier", "istitle"), ("islower", "isupper", "isascii")]:
            yield "{%% for c in '%s' %%}{{ c.%s()|int }}{{ c.%s()|int }}{{ c.%s()|int }}{%% endfor %%}" % (text, a, b, c)
        yield "{{ ['%s'] }}" % text
        yield "{{ '%s'.title() }}{{ '%s'|lower }}{{ '%s'.split()|length }}{{ '%s'.splitlines()|length }}{{ '%s'|title }}{{ '%s'|wordcount }}" % ((text,) * 6)


def all_cases():
    for name, maker in [("filter", filters), ("test", tests), ("method", methods), ("format", specs), ("undefined", undefineds)]:
        for t in maker():
            yield name, "T", t
    for t in natives():
        yield "native", "N", t
        yield "native", "K", t
    for t in undefineds():
        yield "undefined", "L", t
    if unicodedata.unidata_version == "14.0.0":  # what src/python/unicode_tables.h was made from
        for t in unicode_sweep():
            yield "unicode", "T", t
