"""Templates over every statement: whitespace, scopes, loops, macros, blocks, errors."""
import itertools
from world import VALUES


def whitespace():
    for a, b in itertools.product(["", "-", "+"], repeat=2):
        for left, right in [("x \n ", " \n y"), ("\t\u00a0", "\u2003\x0b"), ("", "\n"), ("\n\n", "\n\n")]:
            yield "%s{%%%s if t %s%%} in {%%%s endif %s%%}%s" % (left, a, b, a, b, right)
            yield "%s{{%s n %s}}%s" % (left, a, b, right)
            yield "%s{#%s c %s#}%s" % (left, a, b, right)
            yield "%s{%%%s set q = 1 %s%%}%s{{ q }}" % (left, a, b, right)
    for marks in itertools.product(["", "-", "+"], repeat=4):
        yield " {%%%s raw %s%%} {{ x }} {%%%s endraw %s%%} z" % marks
    for end in ["", "\n", "\n\n", "\r\n", "\r", " \n", "\n ", "\r\n\r\n", "\x0c", "\u2028"]:
        yield "a{{ n }}" + end
        yield "plain" + end
        yield "a\r\nb\rc{% if t %}\r\nd{% endif %}" + end
        yield "{# c #}" + end
        yield "{{ 'a\r\nb' }}" + end
    yield from ["{{n}}", "{{  n  }}", "{{\nn\n}}", "{%if t%}a{%endif%}", "{{-n-}}", "{{ -n }}", "{{--n}}",
                "{%-if t-%} a {%-endif-%} b", "{{ '}}' }}", "{{ '%}' }}", "{% if '%}' %}x{% endif %}",
                "{{ {1: {2: 3}}[1][2] }}", "{{{1: 2}}}", "{{{}}}", "{ { n } }", "{{ n }}}", "{{{ n }}",
                "{ %", "%}", "}}", "#}", "{ {", "{", "}", "a }} b {{ n }}", "{{ n }} #}",
                "{#{{ x }}#}", "{# a #} b #}", "{# {# #} #}", "{#- a -#}", "{##}", "{#-#}", "{#--#}",
                "{% raw %}{% raw %}{% endraw %}", "{%raw%}{{{%endraw%}", "{% raw %}{# x #}{% endraw %}",
                "{% raw %}\n\n{% endraw %}\n", "a\n{%- raw -%}\n b \n{%- endraw -%}\n c"]


LEX = ["0", "00", "007", "1_000", "1__0", "_1", "1_", "0x1F", "0X1f", "0b101", "0o17", "0b2", "0o8", "0xg",
       "1e3", "1E+3", "1e-3", "1_0e1_0", ".5", "1.", "1.5.2", "1.real", "1 .real", "1.5e", "1.5.real",
       "123456789012345678901234567890", "0x_1", "0_0", "1e400", "1e-400", "5e-324", "1.7976931348623157e308",
       "'a' 'b'", "'a' \"b\" 'c'", "'a\nb'", "'\\n\\t\\\\'", "'\\x41\\u00e9\\U0001F600'", "'\\N{BULLET}'",
       "'\\N{LATIN SMALL LETTER A WITH DIAERESIS}'", "'\\101\\7\\07\\0'", "'\\q\\%'", "'\\\n'", "'\\x4'", "'\\u12'",
       "'\\U00110000'", "'\\N{nope}'", "'\\400'", "\"it's\"", "'say \"x\"'", "'\\'\"'", "'unterminated", "'a\\'",
       "true", "True", "TRUE", "none", "None", "null", "nil", "false", "False",
       "\u00e4", "\u00e4b1", "x\u00b2", "\u2160", "a\u0301", "\u4e2d", "$x", "x$", "a@b", "a ? b", "a & b", "a ^ b", "a ! b",
       "a && b", "a || b", "!t", "a <> b", "a := 1", "a = 1", "a; b", "`a`", "a \\ b", "lambda x: 1",
       "[1,2,3,]", "[,]", "[1,,2]", "(1,)", "(,)", "()", "1,", "1,2", "1,2,", ",", "{,}", "{'a':1,}", "{'a'}", "{'a':}",
       "{1:2, 1:3}", "{1:1, 1.0:2, true:3}", "{[1]: 2}", "{(1,): 2}", "{{}: 1}", "[1", "(1", "{1:2", "1]", "1)",
       "[1)", "(1]", "{1:2]", "a.", "a..b", "a.1", "l.0", "l.0.real", "l.-1", "l[", "l[]", "l[0", "l[0]", "l[-1]",
       "l[0,1]", "l[1:]", "l[:1]", "l[:]", "l[::]", "l[::-1]", "l[1:2:3:4]", "l[::0]", "l['a':]", "s[1:3]", "s[::-1]",
       "u[1:3]", "u[-2:]", "(1,2,3)[1:]", "l[0]['x']", "d['a']", "d.a", "d['items']", "d.items", "d.keys()|list", "d.b.0",
       "d.b.1.real", "d.b.5", "d.zz", "d.zz.y", "d['zz']['y']", "none.x", "n.x", "n.x.y", "s.x", "s[0]", "s[99]", "s['x']",
       "l['x']", "l.x", "l[none]", "d[none]", "d[[1]]", "s[1.5]", "l[true]", "l[1.0]",
       "f(", "rec(1", "rec(1,)", "rec(,)", "rec(1,,2)", "rec(a=1)", "rec(a=1, 2)", "rec(*l)", "rec(*l, 1)", "rec(1, *l, *e)",
       "rec(**d)", "rec(**d, a=1)", "rec(a=1, **d)", "rec(a=1, a=2)", "rec(*l, **d)", "rec(**d, *l)", "rec(*n)", "rec(**l)",
       "rec(*'ab')", "rec(x=1, *l)", "rec(1)(2)", "rec(1)[0][0]", "n()", "none()", "missing()", "s.upper()", "s.nope()",
       "a if b", "1 if t", "1 if not t", "1 if t else 2", "1 if t else 2 if n else 3", "(1 if t) if f", "1 if", "1 else 2",
       "if t", "not", "not not t", "not t and f", "t and", "and t", "t or f and not n", "n is", "n is not", "n is not odd",
       "n is odd", "n is odd is true", "n is nope", "n is divisibleby 5", "n is divisibleby(5)", "n is divisibleby 5 and t",
       "n is in [5]", "n is in l", "n is in (1,5)", "n is sameas 5", "n is eq 5", "n is eq -5", "n is eq - 5", "n is eq not t",
       "n is lt 6 and 1", "s is string and n is number", "n is not none", "not n is none", "n is not not none", "n is defined()",
       "x is defined", "x.y is defined", "x.y.z is defined", "d.a.b is defined", "n is filter", "'upper' is filter",
       "'odd' is test", "n is odd | string", "n | string is odd", "-n | abs", "-n|string", "2 ** -1", "-2 ** 2", "2**3**2",
       "2 ** 3 * 2", "- 2", "+2", "+-2", "--2", "-'a'", "+'a'", "+true", "-true", "not 0", "1 ~ 2", "1 ~ 2 + 3", "1 + 2 ~ 3",
       "'a' ~ none ~ true ~ 1.0 ~ [1]", "1 < 2 < 3", "1 < 2 > 3", "1 == 1.0 == true", "1 in [1] in [[1]]", "1 not in l",
       "1 not l", "not 1 in l", "1 is in l", "1 == 2 or 3", "1 + 1 == 2", "n|upper|lower", "n|nope", "n|", "|upper", "n||upper",
       "n|upper()", "n|default", "n|default()", "n|default(1)", "n|default(1,)", "n|default(*[1])", "n|default(default_value=1)",
       "x|default", "x|default(2)", "x|default(2)|abs", "s|replace('l','L')|upper", "s|upper.x", "s|upper[0]", "(s|upper)[0]",
       "s|upper ~ 'x'", "1 + 2|string", "(1 + 2)|string", "1 + n|abs * 2", "s.split()[0]", "s.split().0", "s|join.x",
       "loop", "loop.index", "self", "self.x()", "super()", "caller", "caller()", "varargs", "kwargs", "range", "dict(a=1)",
       "dict([('a', 1)], b=2)", "range(3)|list", "range(3)", "range(1, 9, 3)|list", "range(-3)|list", "range(0, 3, 0)",
       "range('a')", "range()", "range(100001)", "range(100000)|length", "namespace(a=1).a", "namespace(a=1)", "namespace()",
       "namespace(d).a", "namespace(1)", "cycler(1,2).next()", "cycler()", "cycler(1).current", "joiner()", "joiner(',')()",
       "dict", "joiner", "namespace", "lipsum", "dict(1)", "dict(a=1)|tojson", "'%s' % 1", "'%s' % (1,2)", "'%(a)s' % d"]


def expressions():
    for x in LEX:
        yield "{{ %s }}" % x
        yield "a\n{%% if %s %%}\nyes{%% endif %%}" % x
        yield "{%% set v = %s %%}\n\n{{ v }}" % x


OPS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "and", "or"]
OPERANDS = ["none", "true", "3", "-7", "10**20", "2.5", "-0.0", "inf", "''", "'ab'", "'%s'", "[]", "[1, 'a']",
            "(2,)", "{}", "{'a': 1}", "missing", "'x'|safe", "range(3)", "s.upper"]


def operators():
    for op, a, b in itertools.product(OPS, OPERANDS, OPERANDS):
        if op == "**" and b == "10**20" or op == "*" and "10**20" in (a, b) and ("[" in a + b or "'" in a + b):
            continue  # neither has the time
        yield "{{ %s %s %s }}" % (a, op, "(%s)" % b if "|" in b or "**" in b else b)
    for a, b in itertools.product(["7", "-7", "7.5", "-7.5", "0", "0.0", "10**20", "-(10**20)", "true", "3", "-3", "0.1", "1e300", "1e-300"], repeat=2):
        for op in ["/", "//", "%", "-", "<", "=="]:
            yield "{%% set a, b = %s, %s %%}{{ a %s b }}" % (a, b, op)
    for v in VALUES:
        for form in ["not %s", "-(%s)", "+(%s)", "(%s)[0]", "(%s)[-1]", "(%s).x", "(%s)['x']", "(%s)()", "(%s)[1:]", "(%s)[::-1]",
                     "[%s]", "(%s,)", "{'k': %s}", "%s ~ ''", "1 if %s else 2", "(%s) is defined", "(%s)|default('D')",
                     "(%s)|default('D', true)", "(%s)|string|length", "rec(*(%s))", "rec(**(%s))", "'%%s' %% (%s)", "'%%r' %% ((%s),)",
                     "'{}'.format(%s)", "'{!r}'.format(%s)", "'{!a}'.format(%s)", "'{:>5}'.format(%s)", "[1]|sum(start=%s)"]:
            yield "{{ %s }}" % (form % v)
        yield "{%% for x in %s %%}{{ loop.index }}{{ x }},{%% else %%}none{%% endfor %%}" % v
        yield "{%% for a, b in %s %%}{{ a }}{{ b }}{%% endfor %%}" % v
        yield "{%% set a, b = %s %%}{{ a }}{{ b }}" % v
        yield "{%% if %s %%}y{%% else %%}n{%% endif %%}" % v
        yield "{%% do %s %%}" % v
        yield "{%% print %s %%}" % v
        yield "{%% with x = %s %%}{{ x }}{%% endwith %%}" % v
        yield "{%% autoescape true %%}{{ %s }}{{ '<' ~ (%s) }}{%% endautoescape %%}" % (v, v)
        yield "{%% call(x) rec(%s) %%}b{%% endcall %%}" % v
        yield "{%% filter default(%s) %%}b{%% endfilter %%}" % v


LOOP = ["index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0", "previtem", "nextitem",
        "cycle('a', 'b')", "cycle()", "changed(x)", "changed(x, 1)", "nope", "x.y"]
ITER = ["l", "e", "'abc'", "u", "d", "d.items()", "d.values()", "range(3)", "missing", "users|map(attribute='name')",
        "l|select('odd')", "l|batch(2)", "rows", "words|unique", "none", "5", "l|reverse", "[l, e]", "'ab'|list", "tree", "d.b"]


def loops():
    for it, a in itertools.product(ITER, LOOP):
        yield "{%% for x in %s %%}{{ loop.%s }},{%% endfor %%}" % (it, a)
    for it in ITER:
        yield "{%% for x in %s if loop %%}{{ x }}{%% endfor %%}" % it
        yield "{%% for x in %s if x %%}{{ loop.index }}/{{ loop.length }}:{{ x }} {%% else %%}E{%% endfor %%}" % it
        yield "{%% for x in %s if x is number %%}{{ x }}{{ loop.last }}{%% endfor %%}{{ x }}" % it
        yield "{%% for x in %s %%}{%% if loop.index == 2 %%}{%% break %%}{%% endif %%}{{ x }}{%% else %%}E{%% endfor %%}" % it
        yield "{%% for x in %s %%}{%% if loop.index == 2 %%}{%% continue %%}{%% endif %%}{{ x }}{{ loop.nextitem }}{%% endfor %%}" % it
        yield "{%% for x in %s %%}{{ loop }}{%% endfor %%}" % it
        yield "{%% for x in %s recursive %%}{{ x }}{%% if loop.depth < 2 %%}({{ loop(l) }}){%% endif %%}{%% endfor %%}" % it
        yield "{%% for x in %s %%}{%% for y in %s %%}{{ loop.index }}{%% set loop = 3 %%}{%% endfor %%}{{ loop.index }}{%% endfor %%}" % (it, it)
        yield "{%% set q = 1 %%}{%% for x in %s %%}{%% set q = q + 1 %%}{{ q }}{%% endfor %%}{{ q }}" % it
        yield "{%% set ns = namespace(q=1) %%}{%% for x in %s %%}{%% set ns.q = ns.q + 1 %%}{%% endfor %%}{{ ns.q }}" % it
        yield "{%% for x in %s %%}{%% macro m() %%}{{ x }}{%% endmacro %%}{{ dbt_macro__m() }}{%% endfor %%}" % it
        yield "{%% for x in (%s)|list %%}{%% set outer = loop %%}{%% for y in l %%}{{ outer.index }}.{{ loop.index }} {%% endfor %%}{%% endfor %%}" % it
        yield "{%% for (a, b) in %s %%}{{ a }}{%% endfor %%}" % it
        yield "{%% for a, (b, c) in %s %%}{{ a }}{%% endfor %%}" % it
        yield "{%% for x in %s %%}{%% include 'a' %%}{%% endfor %%}" % it
    yield from [
        "{% for x in tree recursive %}{{ x.v }}{{ loop.depth }}{{ loop.depth0 }}{% if x.c %}[{{ loop(x.c) }}]{% endif %}{% endfor %}",
        "{% for x in tree recursive %}{{ loop.index }}{{ loop(x.c) }}{% else %}.{% endfor %}",
        "{% for x in l recursive %}{{ loop() }}{% endfor %}", "{% for x in l %}{{ loop(l) }}{% endfor %}",
        "{% for x in l %}{% do l.append(1) if l|length < 6 %}{{ x }}{% endfor %}",
        "{% for x in d %}{% do d.update({x ~ 'x': 1}) %}{% endfor %}", "{% for x in d %}{% do d.pop(x) %}{% endfor %}",
        "{% for x in l %}{% do l.pop() %}{{ x }}{% endfor %}", "{% for x in l %}{{ x }}{% do l.clear() %}{% endfor %}{{ l }}",
        "{% for loop in l %}{{ loop }}{% endfor %}", "{% for x in l %}{% set x = 9 %}{{ x }}{% endfor %}{{ x }}",
        "{% for x in x %}{{ x }}{% endfor %}", "{% for n in l %}{{ n }}{% endfor %}{{ n }}", "{% for x.y in l %}{% endfor %}",
        "{% for 1 in l %}{% endfor %}", "{% for x l %}{% endfor %}", "{% for x in %}{% endfor %}", "{% for in l %}{% endfor %}",
        "{% for x in l %}", "{% endfor %}", "{% for x in l %}{% endif %}", "{% for x in l %}{% else %}{% else %}{% endfor %}",
        "{% break %}", "{% continue %}", "{% if t %}{% break %}{% endif %}", "{% for x in l %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
        "{% for x in l %}{% for y in l %}{% break %}{% endfor %}{{ x }}{% endfor %}", "{% for x in l %}{% call rec() %}{% break %}{% endcall %}{% endfor %}",
        "{% for x in l %}{% filter upper %}{% break %}{% endfilter %}{% endfor %}", "{% for x in l %}{% set q %}{% break %}{% endset %}{% endfor %}",
        "{% for x in l %}{% with %}{{ x }}{% break %}{% endwith %}{% endfor %}", "{% for x in l %}{% with %}{% continue %}{% endwith %}{{ x }}{% endfor %}",
        "{% for x in l if x > 1 recursive %}{{ x }}{% endfor %}", "{% for x in l recursive if x > 1 %}{{ x }}{% endfor %}",
        "{% for x in l if x > 1 else 3 %}{% endfor %}", "{% for x in l if t else e %}{{ x }}{% endfor %}", "{% for x in l, e %}{{ x }}{% endfor %}",
        "{% for x in 1, 2 %}{{ x }}{% endfor %}", "{% for x, in rows %}{{ x }}{% endfor %}", "{% for x in l -%} {{ x }} {%- endfor %}",
        "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}", "{% for k, v in d.items() %}{{ loop.index }}{{ k }}{{ v }}{% endfor %}",
        "{% for c, us in users|groupby('city') %}{{ c }}:{% for x in us %}{{ x.name }} {% endfor %}{% endfor %}",
        "{% for x in range(5) %}{% if x is even %}{% continue %}{% endif %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}"]


def scopes():
    bodies = ["{% set q = 2 %}", "{% set q = (q or 0) + 1 %}", "{% set q %}b{{ q }}{% endset %}", "{% set q, r = 1, 2 %}",
              "{% set ns.v = q %}", "{% macro q() %}m{% endmacro %}", "{% set n = n + 1 %}", "{% do l.append(q) %}", "{% set l = [] %}"]
    wraps = ["%s", "{%% if t %%}%s{%% endif %%}", "{%% if not t %%}%s{%% endif %%}", "{%% if t %%}{%% else %%}%s{%% endif %%}",
             "{%% for i in l %%}%s{{ q }}{%% endfor %%}", "{%% with %%}%s{{ q }}{%% endwith %%}", "{%% with q = 5 %%}%s{{ q }}{%% endwith %%}",
             "{%% filter upper %%}%s{{ q }}{%% endfilter %%}", "{%% set z %%}%s{{ q }}{%% endset %%}{{ z }}",
             "{%% macro mm() %%}%s{{ q }}{%% endmacro %%}{{ dbt_macro__mm() }}", "{%% call rec() %%}%s{{ q }}{%% endcall %%}",
             "{%% block b %%}%s{{ q }}{%% endblock %%}", "{%% block b scoped %%}%s{{ q }}{%% endblock %%}",
             "{%% for i in l if q %%}%s{{ q }}{%% else %%}%s{%% endfor %%}", "{%% autoescape true %%}%s{{ q }}{%% endautoescape %%}"]
    for pre in ["", "{% set q = 1 %}", "{% set ns = namespace(v=0) %}", "{% set q = 1 %}{% set ns = namespace(v=0) %}"]:
        for w, b in itertools.product(wraps, bodies):
            x = w.replace("%s", b).replace("%%", "%")
            yield pre + x + "|{{ q }}{{ r }}{{ n }}{{ l }}{{ ns.v }}"
    for w1, w2 in itertools.product(wraps[1:], wraps[1:]):
        inner = w2.replace("%s", "{% set q = (q or 0) ~ 'x' %}{{ q }}").replace("%%", "%").replace("block b", "block c").replace("mm()", "nn()")
        yield "{% set q = 1 %}" + w1.replace("%s", inner, 1).replace("%s", "").replace("%%", "%") + "|{{ q }}"


def macros():
    signatures = ["", "a", "a, b", "a, b=2", "a=1, b=a", "a, b=n, c=b", "a=b, b=1", "a='x' ~ n", "a, a", "a=1, b", "a,", "n=n", "n", "self=1", "caller", "caller=none", "varargs", "kwargs=1"]
    calls = ["", "1", "1, 2", "1, 2, 3", "b=1", "1, b=2", "a=1", "1, a=2", "a=1, b=2, z=3", "*l", "**d", "*l, **d", "*[1], b=3", "none", "missing"]
    bodies = ["{{ a }},{{ b }},{{ c }}", "{{ a }}{{ varargs }}", "{{ a }}{{ kwargs }}", "{{ a }}{{ caller }}", "{{ a is defined }}{{ b is defined }}{{ n }}"]
    for sig, call, body in itertools.product(signatures, calls, bodies):
        yield "{%% macro m(%s) %%}%s{%% endmacro %%}{{ dbt_macro__m(%s) }}" % (sig, body, call)
    for name, calls in {"cents": ["1", "'a', 3", "x=1", "1, places=0", "1, 2, 3", "", "1, nope=2", "*[1]", "**{'x': 5}"],
                        "pick": ["[1, 'a', 'b']", "[]", "missing", "5", "[1]|map('string')"], "five": ["", "1"],
                        "listing": ["", "1", "1, 'a', b=2", "*l, **d", "a=1, caller=2"], "framed": ["", "'t'", "title=1"],
                        "outer": ["1", "missing"], "names": ["", "1", "y=2", "1, 2"], "failing": [""],
                        "down": ["0", "5", "30"]}.items():
        for c in calls:
            yield "{{ %s(%s) }}" % (name, c)
            yield "{{ %s(%s)|string|upper ~ '!' }}" % (name, c)
            yield "{%% set v = %s(%s) %%}{{ v is string }}{{ v }}" % (name, c)
            yield "{%% call %s(%s) %%}body{{ n }}{%% endcall %%}" % (name, c)
            yield "{%% call(x) %s(%s) %%}body{{ x }}{%% endcall %%}" % (name, c)
            yield "{%% set hidden = 1 %%}{%% set n = 9 %%}{{ %s(%s) }}" % (name, c)
            yield "{%% for i in l %%}{{ %s(%s) }}{%% endfor %%}" % (name, c)
            yield "{%% if %s(%s) == 5 %%}five{%% endif %%}{{ [%s(%s)] }}" % (name, c, name, c)
    yield from [
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call dbt_macro__m() %}x{% endcall %}",
        "{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b=3) dbt_macro__m() %}{{ a }}{{ b }}{% endcall %}",
        "{% macro m() %}{{ caller(1) }}{{ caller(2) }}{% endmacro %}{% call(a) dbt_macro__m() %}[{{ a }}{{ n }}]{% endcall %}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{{ dbt_macro__m() }}", "{% macro m() %}x{% endmacro %}{% call dbt_macro__m() %}{% endcall %}",
        "{% macro m(caller) %}{{ caller }}{% endmacro %}{{ dbt_macro__m(1) }}", "{% macro m() %}{{ m }}{% endmacro %}{{ dbt_macro__m() }}",
        "{% macro m(x) %}{{ x }}{% if x %}{{ dbt_macro__m(x - 1) }}{% endif %}{% endmacro %}{{ dbt_macro__m(3) }}",
        "{% macro m() %}{% macro k() %}in{% endmacro %}{{ dbt_macro__k() }}{% endmacro %}{{ dbt_macro__m() }}{{ dbt_macro__k is defined }}",
        "{% macro m() %}a{% endmacro %}{{ m }}{{ m() }}", "{% macro m() %}a{% endmacro %}{{ dbt_macro__m }}",
        "{% macro m(a, b=1) %}{% endmacro %}{% set m = dbt_macro__m %}{{ m.name }}{{ m.arguments }}{{ m.catch_kwargs }}{{ m.catch_varargs }}{{ m.caller }}{{ m.nope }}",
        "{% macro m() %} a {% endmacro %}[{{ dbt_macro__m() }}][{{ dbt_macro__m()|trim }}]", "{%- macro m() -%} a {%- endmacro -%} [{{ dbt_macro__m() }}]",
        "{{ dbt_macro__m() }}{% macro m() %}a{% endmacro %}", "{% if t %}{% macro m() %}a{% endmacro %}{% endif %}{{ dbt_macro__m() }}",
        "{% macro m() %}{{ q }}{% endmacro %}{% set q = 1 %}{{ dbt_macro__m() }}{% set q = 2 %}{{ dbt_macro__m() }}",
        "{% set q = 1 %}{% macro m() %}{% set q = 2 %}{{ q }}{% endmacro %}{{ dbt_macro__m() }}{{ q }}",
        "{% macro 1() %}{% endmacro %}", "{% macro m %}{% endmacro %}", "{% macro m( %}{% endmacro %}", "{% macro m() %}", "{% macro () %}{% endmacro %}",
        "{% macro m() %}{% endmacro m %}", "{% macro m() endmacro %}", "{% call %}{% endcall %}", "{% call 1 %}{% endcall %}", "{% call n %}{% endcall %}",
        "{% call rec %}{% endcall %}", "{% call rec()|upper %}{% endcall %}", "{% call() rec() %}{% endcall %}", "{% call(x rec() %}{% endcall %}",
        "{% call(x=1) framed() %}{{ x }}{% endcall %}", "{% call(x, y) framed() %}{{ x }}{{ y }}{% endcall %}", "{% call framed('a') %}{% call framed('b') %}in{% endcall %}{% endcall %}",
        "{% materialization x, default %}{% endmaterialization %}a", "{% materialization x, adapter='duckdb' %}{{ 1 }}{% endmaterialization %}a",
        "{% materialization x, default, supported_languages=['sql'] %}{% endmaterialization %}", "{% materialization x, nope=1 %}{% endmaterialization %}",
        "{% materialization %}{% endmaterialization %}", "{% materialization x default %}{% endmaterialization %}", "{% materialization x %}{% endmaterialization %}b",
        "{% test t1(model, column) %}{{ model }}{% endtest %}c", "{% test t1(model, arg=1) %}{% endtest %}{{ test_t1 }}", "{% test %}{% endtest %}", "{% data_test x() %}{% enddata_test %}",
        "{% docs d1 %} text {% enddocs %}e", "{% docs %}{% enddocs %}", "{% docs d1() %}{% enddocs %}", "{% snapshot x %}{% endsnapshot %}", "{{ return(1) }}", "{% do return(1) %}"]


def others():
    for f in ["upper", "trim", "indent", "indent(2, true)", "replace('a', 'b')", "upper|lower", "default('x')", "nope", "length", "wordcount", "e", "safe", "tojson", "title", "batch(2)", "join(',')", "1", "", "upper lower"]:
        yield "{%% filter %s %%} a<b \nc {{ n }}{%% endfilter %%}" % f
        yield "{%% set q | %s %%} a<b \nc {{ n }}{%% endset %%}[{{ q }}]{{ q is string }}" % f
    for st in ["set", "set q", "set q =", "set q == 1", "set 1 = 2", "set q = 1, 2", "set q, = 1,", "set q, r = 1", "set q, r = l", "set (q, r) = 1, 2", "set q.r = 1",
               "set q[0] = 1", "set none = 1", "set true = 1", "set loop = 1", "set self = 1", "set q = r = 1", "set q = 1 if t", "set q = (1, 2)", "set dbt = x", "set ns.a, b = 1, 2",
               "with", "with x", "with x =", "with x = 1 y = 2", "with x = 1,", "do", "do 1", "do l.append(4)", "do x", "print", "print 1", "print 1, 2", "print", "if", "if t", "elif t",
               "else", "elseif t", "else if t", "endif", "for x in l", "block", "block b", "block 1", "block b c", "block b scoped required", "block b required", "endblock", "extends", "extends 'a'", "extends n",
               "include", "include 'a'", "include 'a' ignore missing", "include ['a', 'b']", "include 'a' with context", "include 'a' without context", "include 'a' with", "import", "import 'a' as x", "import 'a'",
               "from 'a' import x", "from 'a' import x as y, z", "from 'a' import", "from 'a'", "from 'a' import _x", "autoescape", "autoescape true", "autoescape 5", "autoescape false", "raw", "endraw", "verbatim", "debug", "trans",
               "nope", "", "1", "'a'", "{{ n }}", "%", "if t %}{% else", "if t %}{% elif", "if t %}{% elif n %}{% else %}{% elif t", "call", "filter", "macro", "endmacro", "docs", "test", "materialization", "-", "+", "if(t)", "if[t]", "if-t",
               "ifx", "if t then", "set x=1;", "for", "for x", "for x in", "scope", "continue", "break", "return 1"]:
        yield "{%% %s %%}" % st
        yield "a\n\n{%% %s %%}\nb\n{%% endif %%}" % st
        yield "{%% if t %%}\n{%% %s %%}b{%% endif %%}" % st
        for end in ["endif", "endfor", "endset", "endwith", "endblock", "endautoescape", "endfilter", "endcall", "endmacro"]:
            yield "{%% %s %%}b{{ n }}{%% %s %%}" % (st, end)
    yield from [
        "{{", "{%", "{#", "a\nb{{", "a\n{% if", "{{ n", "{{ n }", "{{ n %}", "{% if t }}", "{# a", "{% raw %}a", "{% raw %}a{% endraw", "{% raw x %}{% endraw %}", "{{ n }}{{", "{{ ( }}", "{{ (n }}", "{{ n) }}",
        "{{ }}", "{{}}", "{{ \n }}", "{% %}", "{%%}", "{{ n\n\n}}\n{{ ) }}", "\n\n\n{{ n n }}", "{{ 'a\n\n' }}{{ 1 1 }}", "{% if t %}\n\n{% endfor %}", "{# \n\n #}{% nope %}", "{% raw %}\n\n{% endraw %}{% nope %}",
        "{% if t -%}\n\n\n{%- nope %}", "{{ n -}}\n\n{{ 1 1 }}", "{{ [1,\n2,\n3 }}", "{{ {\n'a':\n1 1} }}", "{{ rec(\n1,\n2 3) }}", "{{ n|nope\n }}", "\n{{ n is nope }}", "{% if f %}{{ n|nope }}{% endif %}x", "{{ n|nope if f else 1 }}",
        "{% if t %}{{ n|nope }}{% endif %}x", "{{ 1 if t else n|nope }}", "{{ (n|nope) if t else 1 }}", "{% if n is nope %}{% endif %}", "{% if f %}{% if n is nope %}{% endif %}{% endif %}x", "{{ t or n|nope }}", "{% for x in e %}{{ x|nope }}{% endfor %}",
        "{% macro m() %}{{ n|nope }}{% endmacro %}x", "{% if t %}{% elif n|nope %}{% endif %}x", "{% if f %}{% elif t %}{% else %}{{ n|nope }}{% endif %}x",
        "{% block a %}1{% endblock %}{{ self.a() }}", "{% block a %}{% endblock %}{% block a %}{% endblock %}", "{{ self.zz() }}", "{{ self.zz }}", "{{ self.a }}{% block a %}1{% endblock %}", "{{ self }}", "{% block a %}{{ super() }}{% endblock %}",
        "{% block a %}{{ self.b() }}{% endblock %}{% block b %}B{% endblock %}", "{% for x in l %}{% block a %}{{ x }}{% endblock %}{% endfor %}", "{% for x in l %}{% block a scoped %}{{ x }}{{ loop.index }}{% endblock %}{% endfor %}",
        "{% block a %}1{% endblock a %}", "{% block a %}1{% endblock b %}", "{% block a.b %}{% endblock %}", "{% block a-b %}{% endblock %}", "{% block a required %}x{% endblock %}", "{% block a required %} {# c #} {% endblock %}", "{% block a scoped scoped %}{% endblock %}",
        "{% block a %}{% block b %}x{% endblock %}y{% endblock %}", "{% set q = 1 %}{% block a %}{{ q }}{% set q = 2 %}{% endblock %}{{ q }}", "{% if f %}{% block a %}1{% endblock %}{% endif %}{{ self.a() }}",
        "{% extends 'x' %}a{% block b %}{% endblock %}", "{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}", "{% set a = 5 %}{% with a = 1, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}", "{% with %}{% endwith %}x", "{% with a=1 %}{% with b=a %}{{ b }}{% endwith %}{{ b }}{% endwith %}",
        "{% with a, b = 1, 2 %}{{ a }}{% endwith %}", "{% with (a, b) = (1, 2) %}{{ a }}{{ b }}{% endwith %}", "{% with d.a = 1 %}{% endwith %}",
        "{% autoescape true %}{{ html }}{{ html|safe }}{{ html|e }}{{ '<' ~ html|e }}{{ [html] }}{{ none }}{{ 1 }}{% endautoescape %}{{ html }}", "{% autoescape t %}{{ html }}{{ html ~ '<' }}{% endautoescape %}", "{% autoescape f %}{{ html }}{% endautoescape %}",
        "{% autoescape true %}{% set x %}<{{ html }}>{% endset %}{{ x }}{% endautoescape %}{{ x }}", "{% autoescape true %}{{ pick(['<']) }}{{ cents('<') }}{% endautoescape %}", "{% autoescape true %}{% filter upper %}<{{ html }}{% endfilter %}{% endautoescape %}",
        "{% autoescape true %}{% macro m(x) %}<{{ x }}>{% endmacro %}{{ dbt_macro__m('<') }}{% endautoescape %}{{ dbt_macro__m('<') }}", "{% autoescape true %}{{ '<'|upper }}{{ ['<', '>'|safe]|join('&') }}{{ '<%s>'|safe|format('<') }}{{ '<a>'|replace('a', '<') }}{% endautoescape %}",
        "{% autoescape true %}{{ {'<': '>'}|xmlattr }}{{ '<b>'|striptags }}{{ 'http://x.y/?a=<'|urlize }}{{ {'a':'<'}|tojson }}{{ '<'|indent }}{{ '<\n<'|indent(2, true) }}{{ '<a b>'|truncate(3) }}{% endautoescape %}",
        "{% autoescape true %}{% call framed('<') %}<b>{{ html }}{% endcall %}{% endautoescape %}", "{% autoescape true %}{{ '<'.format(1) }}{{ ('<{}>'|safe).format('<') }}{{ '<'|safe * 2 }}{{ '<'|safe + '<' }}{{ '<' + '<'|safe }}{{ '<' ~ '<'|safe }}{% endautoescape %}",
        "{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns.b }}", "{% set ns = namespace(d) %}{{ ns.a }}{{ ns }}", "{% set d.a = 2 %}{{ d.a }}", "{% set nope.a = 2 %}", "{% set ns = namespace(a=1) %}{{ ns['a'] }}{{ ns.a.b }}{% set ns['a'] = 2 %}",
        "{% set ns = namespace(a=[]) %}{% do ns.a.append(1) %}{{ ns.a }}{% set ns.a = ns.a + [2] %}{{ ns.a }}", "{% set ns = namespace(a=1) %}{% set ns.a %}x{{ n }}{% endset %}{{ ns.a }}", "{% set ns = namespace(a=1) %}{% set ns.a, q = 3, 4 %}{{ ns.a }}{{ q }}",
        "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}{{ c.items }}{{ c.pos }}", "{% set j = joiner() %}{{ j() }}a{{ j() }}b{{ j.sep }}{{ j.used }}", "{% set j = joiner('|') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}",
        "{% set a = b = 1 %}", "{% set a %}{% endset %}[{{ a }}]", "{% set a %}x{% set b %}y{% endset %}{{ b }}{% endset %}{{ a }}{{ b }}", "{% set a, b %}x{% endset %}", "{% set a|upper|lower %}X{% endset %}{{ a }}", "{% set a | replace('x', n) %}xx{% endset %}{{ a }}",
        "{% print n %}{% print n, s %}", "{% do l.append(4) %}{{ l }}", "{% do d.update({'z': 1}) %}{{ d }}", "{% do d.pop('a') %}{{ d }}", "{% do l.sort() %}{{ l }}", "{% do l.sort(reverse=true) %}{{ l }}", "{% do l.sort(key=s.find) %}{{ l }}", "{{ l.append(4) }}{{ l }}",
        "{{ d.__class__ }}", "{{ d.__class__.x }}", "{{ s.__len__() }}", "{{ s._x }}", "{{ d._x }}", "{{ d['__class__'] }}", "{{ d|attr('__class__') }}", "{{ d|attr('a') }}", "{{ s|attr('upper') }}", "{{ ''.__class__.__mro__ }}", "{{ rec.__name__ }}", "{{ cents.__call__ }}",
        "{{ cents.macro }}"[:12] + " }}", "{{ '{0.__class__}'.format(s) }}", "{{ '{x.__class__}'.format_map({'x': 1}) }}", "{{ '%(x)s'.__mod__({'x': 1}) }}"]


def all_cases():
    for name, maker in [("whitespace", whitespace), ("expression", expressions), ("operator", operators), ("loop", loops),
                        ("scope", scopes), ("macro", macros), ("other", others)]:
        for t in maker():
            yield name, "T", t
    for name, maker in [("lenient", expressions), ("lenient", others)]:
        for t in maker():
            yield name, "L", t
