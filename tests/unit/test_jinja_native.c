/*
** Jinja: native rendering and dbt's lenient Undefined.
** The expected values come from Jinja2 3.1.6 (sandboxed, with do and loopcontrols) under Python
** 3.11.
*/
#include "test_jinja.h"

static const struct good native_good[] = {
  {"{{ n }}", "5", NATIVE},
  {"{{ 1 }}", "'1'", NATIVE},
  {"{{ true }}", "'True'", NATIVE},
  {"{{ [1, 2] }}", "'[1, 2]'", NATIVE},
  {"{{ none }}", "'None'", NATIVE},
  {"{{ l }}", "[3, 1, 2]", NATIVE},
  {"{{ d }}", "{'a': 1, 'b': [1, 2], 'items': 'x'}", NATIVE},
  {"{{ n + 1 }}", "6", NATIVE},
  {"{{ 1 + 1 }}", "'2'", NATIVE},
  {"{{ true and n }}", "5", NATIVE},
  {"{{ n }} ", "'5 '", NATIVE},
  {" {{ n }}", "' 5'", NATIVE},
  {"{{ n }}{{ n }}", "'55'", NATIVE},
  {"abc", "'abc'", NATIVE},
  {"abc {{ n }}", "'abc 5'", NATIVE},
  {"{% set z = 5 %}{{ z }}", "5", NATIVE},
  {"{{ zz }}", "Undefined", NATIVE},
  {"{{ zz is defined }}", "False", NATIVE},
  {"{{ 'True'|as_bool }}", "True", NATIVE},
  {"{{ '5'|as_number }}", "5", NATIVE},
  {"{{ ' 1'|as_native }}", "1", NATIVE},
  {"{{ '[1, 2]'|as_native }}", "[1, 2]", NATIVE},
  {"{{ \"{'a': (1, 'b')}\"|as_native }}", "{'a': (1, 'b')}", NATIVE},
  {"{{ 'abc'|as_native }}", "'abc'", NATIVE},
  {"{{ n|as_text }}", "'5'", NATIVE},
  {"{{ '5'|as_text }}", "'5'", NATIVE},
  {"{{ '1.5'|as_number }}", "1.5", NATIVE},
  {"{{ '-5'|as_number }}", "-5", NATIVE},
  {"{{ 'None'|as_native }}", "None", NATIVE},
  {"{{ 'none'|as_native }}", "'none'", NATIVE},
  {"{{ '.5'|as_native }}", "0.5", NATIVE},
  {"{{ '1e5'|as_number }}", "100000.0", NATIVE},
  {"{{ n|as_number }}", "5", NATIVE},
  {"{{ n > 3 }}", "True", NATIVE},
  {"{{ s|upper }}", "'HELLO WORLD'", NATIVE},
  {"{{ 'a'|upper }}", "'A'", NATIVE},
  {"{% if n %}{{ n }}{% endif %}", "5", NATIVE},
  {"{% if false %}x{% endif %}", "''", NATIVE},
  {"{% for i in [1,2] %}{{ i }}{% endfor %}", "'12'", NATIVE},
  {"{% for i in [1] %}{{ i }}{% endfor %}", "1", NATIVE},
  {"{{ [1,2,3]|first }}", "'1'", NATIVE},
  {"{{ 1 }}{{ n }}", "'15'", NATIVE},
  {"{{ 1 }}{{ 2 }}", "'12'", NATIVE},
  {"{{ (1, n) }}", "(1, 5)", NATIVE},
  {"{{ {'a': 1} }}", "\"{'a': 1}\"", NATIVE},
  {"{{ 1.5 }}", "'1.5'", NATIVE},
  {"{{ f }}", "2.5", NATIVE},
  {"{{ 1 if true else 2 }}", "'1'", NATIVE},
  {"{{ n if true else 2 }}", "5", NATIVE},
  {"{{ 'x' ~ 1 }}", "'x1'", NATIVE},
  {"{{ not n }}", "False", NATIVE},
  {"{{ not true }}", "'False'", NATIVE},
  {"{{ [n] }}", "[5]", NATIVE},
  {"{{ range(3) }}", "range(0, 3)", NATIVE},
  {"{{ range(3)|list }}", "[0, 1, 2]", NATIVE},
  {"{{ '<a>'|e }}", "'&lt;a&gt;'", NATIVE},
  {"{{ [3,1]|sort }}", "'[1, 3]'", NATIVE},
  {"{{ [3,1]|map('string')|list }}", "['3', '1']", NATIVE},
  {"{{ 'abc'[0] }}", "'a'", NATIVE},
  {"{{ 'abc'[0:2] }}", "'ab'", NATIVE},
  {"{{ 'abc'.upper() }}", "'ABC'", NATIVE},
  {"{{ ''|as_native }}", "''", NATIVE},
  {"{{ '1_000'|as_native }}", "1000", NATIVE},
  {"{{ \"'q'\"|as_native }}", "'q'", NATIVE},
  {"{{ '1,2'|as_native }}", "(1, 2)", NATIVE},
  {"{{ 'True'|as_native }}", "True", NATIVE},
  {"{{ n|default(3) }}", "5", NATIVE},
  {"{{ 1|default(3) }}", "'1'", NATIVE},
  {"{# c #}{{ n }}", "5", NATIVE},
  {"{{ 'x'|as_text ~ 1 }}", "'x1'", NATIVE},
  {"{{ '5'|as_number }}{{ '' }}", "'5'", NATIVE},
};

static const struct bad native_bad[] = {
  {"{{ 'true'|as_bool }}", "Could not convert value 'true' into type 'bool'", NATIVE, 1},
  {"{{ '0123'|as_number }}", "Could not convert value '0123' into type 'number'", NATIVE, 1},
  {"{{ 'x'|as_number }}", "Could not convert value 'x' into type 'number'", NATIVE, 1},
};

static const struct good lenient_good[] = {
  {"{{ zz }}|{{ zz.a.b }}|{{ zz['a'] }}|{{ zz() }}|{{ zz.a().b[1].c() }}|{{ zz.name }}|{{ zz.a."
   "name }}|{{ zz.hint }}",
   "|||||zz|a|None", LENIENT},
  {"{{ zz is defined }} {{ zz.a is defined }} {{ zz|default('x') }} {{ zz.q|default('y') }} {{ "
   "zz is none }} {{ zz == yy }} {{ zz|length }} {{ zz|list }}",
   "False False x y False True 0 []", LENIENT},
  {"{% for i in zz %}x{% else %}e{% endfor %}{{ zz|join(',') }}{{ [zz] }}{{ zz ~ 'a' }}{{ zz|up"
   "per }}|",
   "e[Undefined]a|", LENIENT},
  {"{{ d.nope.x.y() }}|{{ none.a }}|{{ l[99].q }}|{{ l.foo() }}", "|||", LENIENT},
  {"{{ zz in [1] }} {{ zz is callable }} {{ zz is iterable }} {{ zz is mapping }} {{ zz is stri"
   "ng }} {{ zz|trim }}| {{ zz|replace('a','b') }}| {{ zz if zz else 'n' }}",
   "False True True False False | | n", LENIENT},
};

static const struct bad lenient_bad[] = {
  {"{{ zz + 1 }}", "'zz' is undefined", LENIENT, 1},
  {"{{ zz.a < 1 }}", "'a' is undefined", LENIENT, 1},
  {"{{ zz|abs }}", "bad operand type for abs(): 'Undefined'", LENIENT, 1},
  {"{{ zz|int }}", "'zz' is undefined", LENIENT, 1},
  {"{{ zz|tojson }}", "Object of type Undefined is not JSON serializable", LENIENT, 1},
  {"{{ zz|round }}", "type Undefined doesn't define __round__ method", LENIENT, 1},
  {"{{ -zz }}", "'zz' is undefined", LENIENT, 1},
  {"{{ d.nope + 1 }}", "'nope' is undefined", LENIENT, 1},
  {"{{ l[9] + 1 }}", "9 is undefined", LENIENT, 1},
  {"{{ (1 if false) }}|{{ zz[1:2] }}|{{ zz|first }}|{{ []|first + 1 }}",
   "No first item, sequence was empty.", LENIENT, 1},
};

static void test_native_good(void **state)
{
  (void)state;
  check_good(native_good, COUNT(native_good));
}

static void test_native_bad(void **state)
{
  (void)state;
  check_bad(native_bad, COUNT(native_bad));
}

static void test_lenient_good(void **state)
{
  (void)state;
  check_good(lenient_good, COUNT(lenient_good));
}

static void test_lenient_bad(void **state)
{
  (void)state;
  check_bad(lenient_bad, COUNT(lenient_bad));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_native_good),
    cmocka_unit_test(test_native_bad),
    cmocka_unit_test(test_lenient_good),
    cmocka_unit_test(test_lenient_bad),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
