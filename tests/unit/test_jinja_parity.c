/*
** What the comparison with Jinja2 (tests/parity) found, one template each: expected is what Jinja2
** gives as dbt-core sets it up.
*/
#include "test_jinja.h"

static void numbers(void **state)
{
  static const struct good v[] = {
    {"{{ 3 / 10**20 }} {{ 7 / -(10**20) }} {{ 0 / -(10**20) }}", "3e-20 -7e-20 -0.0", TEXT},
    {"{{ 10**400 / 10**399 }} {{ (2**53 + 1) / 1 }}", "10.0 9007199254740992.0", TEXT},
    {"{{ -2 ** 2 }} {{ -2 ** (n - 3) }} {{ (0 - 2) ** (n - 3) }}", "4 -4 -4", TEXT},
    {"{{ (10**24)|filesizeformat }} {{ 1e24|filesizeformat }}", "1000.0 ZB 1000.0 ZB", TEXT},
    {"{{ '{:#}'.format(1e22) }} {{ '{:#.3}'.format(2.5) }}", "1.e+22 2.50", TEXT},
    {"{{ '{:z%}'.format(-0.0) }} [{{ '{:4c}'.format(65) }}]", "0.000000% [   A]", TEXT},
    {"{{ 'abc'|truncate(3.5, leeway=9) }}{{ [floats]|truncate(1e300) }}", "abc[Undefined]", TEXT},
    {"{{ range(9)[::2] }} {{ range(9)[5:0:-2] }}", "range(0, 9, 2) range(5, 0, -2)", TEXT},
    {"{{ range(5).index(3) }}{{ range(5).count(9) }}", "30", TEXT},
  };
  (void)state;
  check_good(v, COUNT(v));
}

static void texts(void **state)
{
  static const struct good v[] = {
    {"{{ 'ab\xC3\xA4'.encode('latin-1') }}{{ '\xE2\x82\xAC'.encode('ascii', 'replace') }}",
     "b'ab\\xe4'b'?'", TEXT},
    {"{{ 'a'.encode('utf-16') }} {{ '\xF0\x9F\x98\x80'.encode('utf-16-be').decode('UTF-16BE') }}",
     "b'\\xff\\xfea\\x00' \xF0\x9F\x98\x80", TEXT},
    {"{{ 'a<b>'.encode('ascii')|list }}{{ 97 in 'a'.encode() }}", "[97, 60, 98, 62]True", TEXT},
    {"{{ 'abc'.translate('x' * 98 ~ '-') }}{{ ''.translate(5) }}", "x-c", TEXT},
    {"{{ ('ab'|safe)|list }}{{ rec(*('ab'|safe))[0] }}{{ ('ab'|safe)[0] is escaped }}",
     "['a', 'b']['a', 'b']True", TEXT},
    {"{{ '&AElig;&lt;&#x80;&notit; <!-- x -->&bogus; <b>c'|striptags }}",
     "\xC3\x86<\xE2\x82\xAC\xC2\xACit; &bogus; c", TEXT},
    {"{{ {'a': 1}|tojson('--') }}{{ 'x'|tojson([1]) }}", "{\n--\"a\": 1\n}\"x\"", TEXT},
    {"{{ {1: 'x', 2.5: [1], none: {}}|pprint }}", "{None: {}, 1: 'x', 2.5: [1]}", TEXT},
    {"{{ ('word ' * 20)|pprint }}",
     "('word word word word word word word word word word word word word word word '\n"
     " 'word word word word word ')",
     TEXT},
    {"{{ '%(a)s' % d }}{{ 'x%%'|format }}", "1x%", TEXT},
    {"{{ ''|urlize(l) }}", "", TEXT},
  };
  (void)state;
  check_good(v, COUNT(v));
}

static void objects(void **state)
{
  static const struct good v[] = {
    {"{{ s.upper }}", "<built-in method upper of str object at 0x7f0000000000>", TEXT},
    {"{{ (s|safe).upper }}", "<bound method Markup.upper of Markup('Hello World')>", TEXT},
    {"{{ dict }} {{ cycler }} {{ joiner }}",
     "<class 'dict'> <class 'jinja2.utils.Cycler'> <class 'jinja2.utils.Joiner'>", TEXT},
    {"{{ joiner() }}", "<jinja2.utils.Joiner object at 0x7f0000000000>", TEXT},
    {"{{ l|select('odd') }}", "<generator object select_or_reject at 0x7f0000000000>", TEXT},
    {"{{ d.keys().isdisjoint(['q']) }}{{ [d.items().mapping] }}{{ d.items().mapping.a }}",
     "True[mappingproxy({'a': 1, 'b': [1, 2], 'items': 'x'})]1", TEXT},
    {"{% set nan = big * 1e300 * 1e300 - big * 1e300 * 1e300 %}{{ [3, nan, 1, 2]|sort }}",
     "[3, nan, 1, 2]", TEXT},
  };
  (void)state;
  check_good(v, COUNT(v));
}

static void scopes(void **state)
{
  static const struct good v[] = {
    {"{% set q = 1 %}{% block b %}{% macro m() %}{% set q = (q or 0) ~ 'x' %}{{ q }}"
     "{% endmacro %}{{ dbt_macro__m() }}{{ q }}{% endblock %}",
     "1x1", TEXT},
    {"{% for x in [1] %}{% if t %}{% block a scoped %}{{ loop.index }}{% endblock %}{% endif %}"
     "{% endfor %}",
     "1", TEXT},
    {"{% if f %}{% block a %}{{ self.b() }}{% endblock %}{% endif %}{% block b %}B{% endblock %}",
     "BB", TEXT},
  };
  static const struct bad w[] = {
    {"{% for x in l %}\n{% for y in l %}{{ loop }}\n{% set loop = 3 %}{% endfor %}{% endfor %}",
     "Can't assign to special loop variable in for-loop target", TEXT, 3},
    {"{% block a %}{%\nblock a %}{% endblock %}{% endblock %}", "block 'a' defined twice", TEXT, 2},
    {"{% block a %}{% endblock %}{% block a %}{% endblock %}\n{% nope %}",
     "Encountered unknown tag 'nope'.", TEXT, 2},
    {"{% block a %}{{ 1|nope }}{% endblock %}\n{{ 1|also }}",
     "No filter named 'also'. Did you mean 'last'?", TEXT, 2},
  };
  (void)state;
  check_good(v, COUNT(v));
  check_bad(w, COUNT(w));
}

static void folding(void **state)
{
  static const struct good v[] = {
    {"{{ 2.5[1:] }}{{ (1, 2)['a':] }}|{{ (2.5[1:])|default('D') }}", "|D", TEXT},
    {"{% set x = (2.5[1:])|default('D') %}{{ x }}", "D", TEXT},
    {"{{ [1, (2.5 if 1 else n)[1:]] }}", "[1, Undefined]", TEXT},
  };
  static const struct bad w[] = {
    {"{% set x = 2.5[1:] %}", "'float' object is not subscriptable", TEXT, 1},
    {"{{ (1, 2)['a'::0] }}", "slice step cannot be zero", TEXT, 1},
    {"{{ f[1:] }}", "'float' object is not subscriptable", TEXT, 1},
  };
  (void)state;
  check_good(v, COUNT(v));
  check_bad(w, COUNT(w));
}

static void refused(void **state)
{
  static const struct bad v[] = {
    {"{{ '%(a)s %s' % d }}", "not enough arguments for format string", TEXT, 1},
    {"{{ '{:,c}'.format(65) }}", "Cannot specify ',' with 'c'.", TEXT, 1},
    {"{{ '{:z}'.format(5) }}", "Negative zero coercion (z) not allowed in integer format specifier",
     TEXT, 1},
    {"{{ 'a b'.split(' ', 10 ** 30) }}", "Python int too large to convert to C ssize_t", TEXT, 1},
    {"{{ 'x'.encode('nope') }}", "unknown encoding: nope", TEXT, 1},
    {"{{ 'x' in 'x'.encode() }}", "a bytes-like object is required, not 'str'", TEXT, 1},
    {"{{ [].sort(true) }}", "sort() takes no positional arguments", TEXT, 1},
    {"{{ [2, 1]|sort('') }}", "'str' object cannot be interpreted as an integer", TEXT, 1},
    {"{{ '' * big }}", "cannot fit 'int' into an index-sized integer", TEXT, 1},
  };
  (void)state;
  check_bad(v, COUNT(v));
}

static void native(void **state)
{
  static const struct good v[] = {
    {"{{ \"u'a' 'b'\"|as_native }}", "'ab'", NATIVE},
    {"{{ \"b'\\\\xff'\"|as_native }}", "b'\\xff'", NATIVE},
    {"{{ \"r'\\\\n'\"|as_native }}", "'\\\\n'", NATIVE},
    {"{{ '{1, 2}'|as_native }}", "{1, 2}", NATIVE},
    {"{{ 'set()'|as_native }}", "set()", NATIVE},
    {"{{ '1 # c'|as_number }}", "1", NATIVE},
    {"{{ ('1'|as_bool).removesuffix('x') }}{{ ('1'|as_number).removeprefix('x') }}", "'11'",
     NATIVE},
    {"{{ '(1, -2.5, [None, {\"a\": .5}],)'|as_native }}", "(1, -2.5, [None, {'a': 0.5}])", NATIVE},
    {"{{ '1,\\n2'|as_native }}", "'1,\\n2'", NATIVE},
    {"{{ '[1,\\n2]'|as_native }}", "[1, 2]", NATIVE},
    {"{{ '--1'|as_native }}", "'--1'", NATIVE},
    {"{{ '-True'|as_native }}", "'-True'", NATIVE},
    {"{{ '0777'|as_native }}", "'0777'", NATIVE},
    {"{% for x in ['a'] recursive %}{{ x }}{% endfor %}", "'a'", NATIVE},
  };
  static const struct bad w[] = {
    {"{% for x in [n] recursive %}{{ x }}{% endfor %}",
     "sequence item: expected str instance, int found", NATIVE, 1},
    {"{{ '{[]: 1}'|as_native }}", "unhashable type: 'list'", NATIVE, 1},
  };
  (void)state;
  check_good(v, COUNT(v));
  check_bad(w, COUNT(w));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(numbers), cmocka_unit_test(texts),   cmocka_unit_test(objects),
    cmocka_unit_test(scopes),  cmocka_unit_test(folding), cmocka_unit_test(refused),
    cmocka_unit_test(native),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
