"""What every case sees: the context, the project's macros, and values to combine."""
import json

CONTEXT = json.dumps({
    "n": 5, "neg": -7, "zero": 0, "f": 2.5, "s": "Hello World", "none": None, "t": True,
    "big": 1 << 70, "l": [3, 1, 2], "e": [], "u": "\u00e4\u00d6\u00df\u20ac\U0001F600",
    "d": {"a": 1, "b": [1, 2], "items": "x"},
    "html": "<a href='x'>b & \"c\"</a>", "text": "one two\nthree  four\tfive\r\n\nsix-seven",
    "words": ["pear", "Apple", "fig", "apple", "Fig", "\u00c4pfel", ""],
    "mixed": [1, "a", 2.5, None, True, [1], {"k": 1}],
    "floats": [1.5, -0.0, 1e16, 1e-7, 123456789.123, 0.1, 1e300],
    "users": [{"name": "Bob", "age": 30, "city": "NY", "tags": ["a", "b"]},
              {"name": "alice", "age": 25, "city": "ny", "tags": []},
              {"name": "Carol", "age": 25, "city": "LA", "tags": ["c"]},
              {"name": "dan", "age": None, "city": "la"}],
    "tree": [{"v": 1, "c": [{"v": 2, "c": []}, {"v": 3, "c": [{"v": 4, "c": []}]}]},
             {"v": 5, "c": []}],
    "rows": [[1, "a"], [2, "b"], [3, "c"]],
})
# An infinity can't be written into a template: Jinja2 compiles 1e999 to a name that is not defined
CONTEXT = CONTEXT[:-1] + ', "inf": 1e999}'

# Each a template of its own, as dbt cuts them out of the project's files
MACROS = {
    "cents": "{% macro cents(x, places=2) %}({{ x }} / 100)::numeric(16, {{ places }})"
             "{% endmacro %}",
    "pick": "{% macro pick(x) %}{% for i in x %}{% if i is string %}{{ return(i) }}{% endif %}"
            "{% endfor %}none{% endmacro %}",
    "five": "{% macro five() %}{{ return(5) }}{% endmacro %}",
    "listing": "{% macro listing() -%}{% for a in varargs %}[{{ a }}]{% endfor %}"
               "{% for k, v in kwargs|dictsort %}<{{ k }}={{ v }}>{% endfor %}{%- endmacro %}",
    "framed": "{% macro framed(title='') %}+{{ title }}{{ caller(title|length) }}+{% endmacro %}",
    "outer": "{% macro outer(x) %}{{ cents(x) }} {{ pick(['a']) }}{{ n }}{% endmacro %}",
    "names": "{% macro names(x=n, y=x) %}{{ x }}/{{ y }}/{{ users|length }}/{{ hidden }}"
             "{% endmacro %}",
    "failing": "{% macro failing() %}\n{{ nothing.at.all }}{% endmacro %}",
    "down": "{% macro down(i) %}{{ i }}{% if i > 0 %},{{ down(i - 1) }}{% endif %}{% endmacro %}",
}

# Expressions of every type
VALUES = [
    "none", "true", "false", "0", "1", "-1", "7", "255", "10**20", "-(10**20)", "0.0", "-0.0",
    "1.5", "-2.5", "0.1", "1e16", "1e-5", "123456.789", "inf", "-inf", "(inf-inf)",
    "''", "'a'", "'Hello World'", "'12'", "' 12.5 '", "'-3'", "'0x1F'", "'True'", "'a,b,,c'",
    "'\u00e4\u00d6\u00df\u20ac'", "'\u01c5\u0130i\u0307'", "'a\\nb\\tc'", "'<b>\"x\" & y</b>'",
    "'it\\'s'", "[]", "[1, 2, 3]", "['b', 'A', 'c']", "[[1, 'x'], [0, 'y']]", "[1, 2.5, true]",
    "()", "(1,)", "(1, 'a', none)", "{}", "{'a': 1, 'B': 2}", "{1: 'x', 2.5: [1], none: {}}",
    "missing", "d.missing", "users", "s|safe", "'<i>'|e", "range(4)", "range(5, 0, -2)",
    "d.items()", "cycler", "s.upper",
]
NUMBERS = ["0", "1", "-1", "5", "-17", "42", "1000000", "123456789012345678901234567890", "true",
           "0.0", "-0.0", "0.5", "1.5", "2.5", "-2.5", "3.14159", "0.001", "1e10", "1e16", "1e22",
           "1e-5", "123456.789", "1e300", "inf", "-inf", "(inf-inf)", "99.995", "0.05"]
TEXTS = ["''", "'a'", "'abc'", "'Hello World'", "'  spaces  '", "'a-b_c d'", "'1234'", "'\u0661\u0662'",
         "'\u00c4\u00d6 \u00df\u1e9e'", "'\ufb01x'", "'\u0149'", "'x\\ty\\nz'", "'aXbXc'", "'\u00b2'",
         "'\u2160'", "'\U0001F600a'", "'_id1'", "'a\\x00b'", "'\u3000w\u2003'", "'a.b.c'",
         "'\u03a3\u03a3 \u03c3\u03a3'", "'\u0130I\u0131i'", "'<p>'", "'%s {0}'"]
