/*
** Jinja: statements, white space, scopes, macros.
** The expected values come from Jinja2 3.1.6 (sandboxed, with do and loopcontrols) under Python
** 3.11.
*/
#include "test_jinja.h"

static const struct good stmt_good[] = {
  {"{% for i in [1,2,3] %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0"
   " }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }}{{ loop"
   ".previtem }}{{ loop.nextitem }}|{% endfor %}",
   "1032TrueFalse3102|2121FalseFalse31013|3210FalseTrue3102|", TEXT},
  {"{% for i in [] %}x{% else %}empty{% endfor %}{% for i in [1] %}x{% else %}empty{% endfor %}",
   "emptyx", TEXT},
  {"{% for a, b in [(1,2),[3,4]] %}{{ a }}{{ b }} {% endfor %}{% for a, (b, c) in [(1,(2,3))] %"
   "}{{ a }}{{ b }}{{ c }}{% endfor %}",
   "12 34 123", TEXT},
  {"{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }},{% endfor %}"
   "{% for c in '\303\244bc' %}{{ c }}.{% endfor %}",
   "a=1;b=[1, 2];items=x;a,b,items,\303\244.b.c.", TEXT},
  {"{% for i in range(10) if i is even %}{{ loop.index }}:{{ i }} {% endfor %}{% for i in range"
   "(10) if i > 100 %}x{% else %}none{% endfor %}",
   "1:0 2:2 3:4 4:6 5:8 none", TEXT},
  {"{% for i in range(10) %}{% if i == 3 %}{% continue %}{% endif %}{% if i == 6 %}{% break %}{"
   "% endif %}{{ i }}{% endfor %}",
   "01245", TEXT},
  {"{% for i in [1,2] %}{% continue %}{% else %}E{% endfor %}{% for i in [1,2] %}{% break %}{% "
   "else %}E{% endfor %}{% for i in [1,2] %}{{ i }}{% break %}{% else %}E{% endfor %}",
   "EE1E", TEXT},
  {"{% for u in [{'n': 1, 'c': [{'n': 2, 'c': []}, {'n': 3, 'c': [{'n': 4, 'c': []}]}]}] recurs"
   "ive %}[{{ u.n }}@{{ loop.depth }}{{ loop(u.c) }}]{% endfor %}",
   "[1@1[2@2][3@2[4@3]]]", TEXT},
  {"{% for x in [1,2,3,4] %}{{ loop.cycle('a','b') }}{% endfor %}{% for x in [1,1,2,2,1] %}{{ l"
   "oop.changed(x) }} {% endfor %}",
   "ababTrue False True False True ", TEXT},
  {"{% set x = 1 %}{% for i in [1,2] %}{{ x }}{% set x = x + i %}{{ x }} {% endfor %}{{ x }}",
   "12 13 1", TEXT},
  {"{% set ns = namespace(t=0) %}{% for i in [1,2,3] %}{% set ns.t = ns.t + i %}{% endfor %}{{ "
   "ns.t }} {{ ns }} {{ ns.zz }}|",
   "6 <Namespace {'t': 6}> |", TEXT},
  {"{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (c, d2) = [3, 4] %}{{ c }}{{ d2 }}{% set t = 1, 2"
   " %}{{ t }}",
   "1234(1, 2)", TEXT},
  {"{% set x %}hello {{ n }}{% endset %}{{ x }}|{% set y | upper | replace('L', '_') %}hello{% "
   "endset %}{{ y }}",
   "hello 5|HE__O", TEXT},
  {"{% if x %}a{% elif n %}b{% else %}c{% endif %}{% if n > 3 and s %}yes{% endif %}", "byes",
   TEXT},
  {"{% with a = 1, b = 2 %}{{ a }}{{ b }}{% endwith %}{{ a }}|{% set q = 5 %}{% with q = 6, r ="
   " q %}{{ q }}{{ r }}{% endwith %}{{ q }}{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}"
   "|",
   "12|6551|", TEXT},
  {"{% filter upper %}hello {{ s }}{% endfilter %}{% filter replace('a', 'b')|upper %}banana{% "
   "endfilter %}",
   "HELLO HELLO WORLDBBNBNB", TEXT},
  {"{% do l.append(4) %}{{ l }}{% do d.update({'z': 1}) %}{{ d.z }}{% do 1, 2 %}", "[3, 1, 2, 4]1",
   TEXT},
  {"{% print 1 %}{% print 'a', 'b' %}", "1ab", TEXT},
  {"{% block a %}block{{ n }}{% endblock %}{{ self.a() }}{% block b %}{{ self.a() }}{% endblock"
   " b %}",
   "block5block5block5", TEXT},
  {"{% set v = 3 %}{% block c %}{{ v }}{% endblock %}{% for i in [1] %}{% block e %}{{ i }}|{% "
   "endblock %}{% block g scoped %}{{ i }}{% endblock %}{% endfor %}",
   "3|1", TEXT},
  {"{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ dbt_macro__m(1) }} {{ dbt_m"
   "acro__m(1, c=3) }} {{ dbt_macro__m(b=5, a=4) }} {{ dbt_macro__m() }} {{ m }}|",
   "121 123 454 2 |", TEXT},
  {"{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ dbt_macro__m(1, 2, x=3) }}",
   "(1, 2){'x': 3}", TEXT},
  {"{% macro m(a) %}[{{ caller(a) if caller else 'no' }}]{% endmacro %}{% call(x) dbt_macro__m("
   "7) %}got {{ x }} {{ n }}{% endcall %}{{ dbt_macro__m(1) }}",
   "[got 7 5][no]", TEXT},
  {"{% macro outer() %}{% macro inner(x) %}i{{ x }}{% endmacro %}{{ dbt_macro__inner(1) }}{% en"
   "dmacro %}{{ dbt_macro__outer() }}",
   "i1", TEXT},
  {"{% macro m() %}{{ y }}{% endmacro %}{% set y = 3 %}{{ dbt_macro__m() }}", "3", TEXT},
  {"{% macro m() %}{{ n }}{{ zz }}{% set n = 1 %}{{ n }}{% endmacro %}{{ dbt_macro__m() }}{{ n "
   "}}",
   "515", TEXT},
  {"{% macro fact(k) %}{% if k < 2 %}1{% else %}{{ k * (dbt_macro__fact(k - 1)|int) }}{% endif "
   "%}{% endmacro %}{{ dbt_macro__fact(10) }}",
   "3628800", TEXT},
  {"{% macro m(a, b) %}{{ a }}-{{ b }}{% endmacro %}{{ dbt_macro__m.name }} {{ dbt_macro__m.arg"
   "uments }} {{ dbt_macro__m.catch_kwargs }} {{ dbt_macro__m }}",
   "dbt_macro__m ('a', 'b') False <Macro 'dbt_macro__m'>", TEXT},
  {"{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% s"
   "et j = joiner('|') %}{{ j() }}a{{ j() }}b{{ j() }}c",
   "ababa|b|c", TEXT},
  {"{% if false %}{% set x = 1 %}{% endif %}{{ x }}|{% if true %}{% set x = 1 %}{% endif %}{{ x"
   " }}",
   "|1", TEXT},
  {"{{ n }}{% if false %}{% set n = 9 %}{% endif %}{{ n }}{% set n = 8 %}{{ n }}", "558", TEXT},
  {"{% for i in [1] %}{{ n }}{% endfor %}{% set n = 1 %}", "", TEXT},
  {"{% for n in [7] %}{{ n }}{% endfor %}{{ n }}", "75", TEXT},
  {"{% for i in [1,2] %}{% for j in [3,4] %}{{ loop.index }}{{ i }}{{ j }} {% endfor %}{{ loop."
   "index }}{% endfor %}",
   "113 214 1123 224 2", TEXT},
  {"{% for i in [1,2,3] %}{% set outer_loop = loop %}{% for j in 'ab' %}{{ outer_loop.index }}{"
   "{ j }}{% endfor %}{% endfor %}",
   "1a1b2a2b3a3b", TEXT},
  {"{% for x in l %}{{ x }}{% if loop.index < 6 %}{% do l.append(x * 10) %}{% endif %},{% endfo"
   "r %}",
   "3,1,2,30,10,20,300,100,", TEXT},
  {"{% for x in l|sort %}{{ x }}{{ loop.length }}{% endfor %}{% for x in l|map('string') %}{{ x"
   " }}{{ loop.last }}{{ loop.length }} {% endfor %}",
   "1323333False3 1False3 2True3 ", TEXT},
  {"{% for g in users|groupby('age') %}{{ g.grouper }}: {{ g.list|map(attribute='name')|join(',"
   " ') }}; {% endfor %}{% for a, b in users|groupby('city') %}{{ a }}={{ b|length }} {% endfor"
   " %}",
   "25: alice, Carol; 30: Bob; LA=1 NY=2 ", TEXT},
  {"{% autoescape true %}{{ '<a>' }}{{ '<b>'|safe }}{{ '<c>' ~ '<d>'|safe }}{% set x %}<i>{{ '<"
   "' }}{% endset %}{{ x }}{% endautoescape %}{{ '<a>' }}",
   "&lt;a&gt;<b>&lt;c&gt;&lt;d&gt;<i>&lt;<a>", TEXT},
  {"{% autoescape false %}{{ '<a>' }}{% endautoescape %}{% autoescape n > 1 %}{{ '<a>' }}{{ ['<"
   "']|join('&') }}{% endautoescape %}",
   "<a><a>&lt;", TEXT},
  {"{{ '<a>'|e }}{{ '<a>'|safe }}{{ '<a>'|e ~ '<b>' }}{{ ('<a>'|safe + '<b>') }}{{ '<a>'|e|e }}"
   "{{ '<a>'|forceescape }}{{ ('%s'|safe) % '<a>' }}{{ ('{}'|safe).format('<a>') }}{{ ['<a>'|sa"
   "fe] }}",
   "&lt;a&gt;<a>&lt;a&gt;<b><a>&lt;b&gt;&lt;a&gt;&lt;a&gt;&lt;a&gt;&lt;a&gt;[Markup('<a>')]", TEXT},
  {"{% macro t(x) %}{% for i in x %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %}{% end"
   "macro %}{{ dbt_macro__t([1,2,3]) }}",
   "1,2,3", TEXT},
  {"{% set x = [] %}{% for i in range(3) %}{% set _ = x.append(i) %}{% endfor %}{{ x }}",
   "[0, 1, 2]", TEXT},
  {"{% set d2 = {} %}{% for i in 'ab' %}{% do d2.update({i: loop.index}) %}{% endfor %}{{ d2 }}",
   "{'a': 1, 'b': 2}", TEXT},
  {"  {{ i }},", "  ,", TEXT},
  {"{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}{% set ns.c %}blk{"
   "% endset %}{{ ns.c }}",
   "12blk", TEXT},
  {"{% for i in [3,2,1] %}{{ loop }}{% endfor %}",
   "<LoopContext 1/3><LoopContext 2/3><LoopContext 3/3>", TEXT},
  {"{% if n %}{% if s %}x{% endif %}{% endif %}{% if n == 5 %}five{% elif n == 6 %}six{% elif n"
   " == 7 %}seven{% else %}other{% endif %}",
   "xfive", TEXT},
  {"{% for x in [1,2,3] %}{{ loop.nextitem }}{{ loop.previtem }}{{ loop.nextitem is defined }} "
   "{% endfor %}",
   "2True 31True 2False ", TEXT},
  {"{% for a in [1,2] %}{% for b in [1,2] if b != a %}{{ a }}{{ b }} {% endfor %}{% endfor %}",
   "12 21 ", TEXT},
  {"{% macro m(caller=none) %}{{ caller }}{% endmacro %}{{ dbt_macro__m() }}", "None", TEXT},
  {"{% for x in {'a':1}.items() %}{{ x }}{{ loop.length }}{% endfor %}", "('a', 1)1", TEXT},
  {"{% set x = 5 %}{% macro m(x=x) %}{{ x }}{% endmacro %}{{ dbt_macro__m() }}", "", TEXT},
  {"{% for i in [1,2] %}{{ i }}{% else %}{% endfor %}{{ i }}|", "12|", TEXT},
  {"{% with x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{{ dbt_macro__m() }}{% endwith %}", "1",
   TEXT},
  {"{% for i in range(3) %}{% macro m() %}{{ i }}{% endmacro %}{{ dbt_macro__m() }}{% endfor %}",
   "012", TEXT},
  {"{% for i in [[1,[2,[3]]]] recursive %}{% if i is iterable %}({{ loop(i) }}){% else %}{{ i }"
   "}{% endif %}{% endfor %}",
   "(1(2(3)))", TEXT},
  {"{% set a %}{% set b = 1 %}{{ b }}{% endset %}{{ a }}{{ b }}|", "1|", TEXT},
};

static const struct bad stmt_bad[] = {
  {"{% call rec(1) %}body{% endcall %}", "sequence item: expected str instance, tuple found", TEXT,
   1},
  {"{% for i in range(3) -%}",
   "Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'. T"
   "he innermost block that needs to be closed is 'for'.",
   TEXT, 1},
  {"{%- endfor %}", "Encountered unknown tag 'endfor'.", TEXT, 1},
  {"{% for i in none|default([1]) %}{{ i }}{% endfor %}{% for i in undefinedx %}x{% else %}e{% "
   "endfor %}",
   "'NoneType' object is not iterable", TEXT, 1},
  {"{% macro a() %}{{ caller() }}{% endmacro %}{% macro b() %}{% call dbt_macro__a() %}[{{ call"
   "er() }}]{% endcall %}{% endmacro %}{% call dbt_macro__b() %}x{% endcall %}",
   "No caller defined", TEXT, 1},
  {"{% set a = b = 1 %}", "expected token 'end of statement block', got '='", TEXT, 1},
  {"{% block a %}{% for i in [1] %}{{ super() }}{% endfor %}{% endblock %}",
   "there is no parent block called 'a'.", TEXT, 1},
  {"{% for loop in [1] %}{% endfor %}", "Can't assign to special loop variable in for-loop target",
   TEXT, 1},
  {"{% filter indent(2) %}a",
   "Unexpected end of template. Jinja was looking for the following tags: 'endfilter'. The inne"
   "rmost block that needs to be closed is 'filter'.",
   TEXT, 1},
  {"b{% set q = 1 %}{% endfilter %}{{ q }}|", "Encountered unknown tag 'endfilter'.", TEXT, 1},
};

static const struct good space_good[] = {
  {"  {{ 1 }}  ", "  1  ", TEXT},
  {"a {{- 1 -}} b", "a1b", TEXT},
  {"a {%- if true -%} b {%- endif -%} c", "abc", TEXT},
  {"a {%+ if true +%} b {%+ endif +%} c", "a  b  c", TEXT},
  {"x", "x", TEXT},
  {"y", "y", TEXT},
  {"line #}c", "line #}c", TEXT},
  {"{% raw %}{{ x }}{% if %}{% endraw %}", "{{ x }}{% if %}", TEXT},
  {" {%- raw -%} {{ a }} {%- endraw -%} z", "{{ a }}z", TEXT},
  {"{% raw %} {{ {% endraw %}{{ 1 }}", " {{ 1", TEXT},
  {"a", "a", TEXT},
  {"{{ \"x\" }}", "x", TEXT},
  {"{{ '}}' }} {{ \"%}\" }} {{ '{{' }}", "}} %} {{", TEXT},
  {"{% set x = '%}' %}{{ x }}", "%}", TEXT},
  {"{{ {'a': {'b': 1}}}}", "{'a': {'b': 1}}", TEXT},
  {"{{{1: 2}}}", "{1: 2}", TEXT},
  {"{{ {1: {2: 3}} }}", "{1: {2: 3}}", TEXT},
  {"  {{ i }}", "  ", TEXT},
  {"a{#- c #} b", "a b", TEXT},
  {"a {# c -#} b", "a b", TEXT},
  {"{{- ' a ' -}}", " a ", TEXT},
  {"  {{ ' b ' }}  ", "   b   ", TEXT},
  {"{%  if  1  %}x{%  endif  %}", "x", TEXT},
  {"{% if 1 %}x{% else %}y{% endif %}{% if 0 %}x{% elif 1 %}z{% else %}y{% endif %}", "xz", TEXT},
  {"+", "+", TEXT},
  {"2 }}", "2 }}", TEXT},
  {"{% raw %}{% raw %}{% endraw %}{{ 'x' }}", "{% raw %}x", TEXT},
  {"{{\t1\t}}", "1", TEXT},
  {"hello {{ \"wor\" -}}   ", "hello wor", TEXT},
  {"  ld", "  ld", TEXT},
  {"{%- set x = 1 %}  ", "  ", TEXT},
  {"{{ x }}", "", TEXT},
  {"   x", "   x", TEXT},
};

static const struct bad space_bad[] = {
  {"{% if true %}",
   "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or '"
   "endif'. The innermost block that needs to be closed is 'if'.",
   TEXT, 1},
  {"{% endif %}", "Encountered unknown tag 'endif'.", TEXT, 1},
  {"{# comment #}a{#- c -#} b {# multi", "Missing end of comment tag", TEXT, 1},
  {"{%- for i in [1,2] %}",
   "Unexpected end of template. Jinja was looking for the following tags: 'endfor' or 'else'. T"
   "he innermost block that needs to be closed is 'for'.",
   TEXT, 1},
  {"{{ 1", "unexpected end of template, expected 'end of print statement'.", TEXT, 1},
  {"{% if true -%}",
   "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or '"
   "endif'. The innermost block that needs to be closed is 'if'.",
   TEXT, 1},
  {"{%- endif %}", "Encountered unknown tag 'endif'.", TEXT, 1},
};

static const struct good multi_good[] = {
  {"  {{ 1 }}  \n", "  1  ", TEXT},
  {"a\n\n{{ 'x' }}\n\n", "a\n\nx\n", TEXT},
  {"a {%- if true -%}\n b \n{%- endif -%} c\n", "abc", TEXT},
  {"{% if true %}\nx\n{% endif %}\ny\n", "\nx\n\ny", TEXT},
  {"a\r\nb{{ 1 }}\r\n", "a\nb1", TEXT},
  {"plain\r\ntext\r\n", "plain\r\ntext\r\n", TEXT},
  {"\r{{ 1 }}\r\r\n", "\n1\n", TEXT},
  {"{# c #}\nx\n\n", "\nx\n", TEXT},
  {"{{ 1\n+\n2 }}\n", "3", TEXT},
  {"{% for i in [1,2] %}\n  {{ i }}\n{% endfor %}\nend", "\n  1\n\n  2\n\nend", TEXT},
  {"{%- for i in [1,2] %}\n  {{ i }}\n{%- endfor %}\nend", "\n  1\n  2\nend", TEXT},
  {"  {%- raw -%}\n {{ a }} \n{%- endraw -%}  z", "{{ a }}z", TEXT},
  {"a\302\240{{- 1 -}}\342\200\203\014b", "a1b", TEXT},
  {"a{% raw %}\n{% endraw %}\nb\n", "a\n\nb", TEXT},
  {"{{ '''a''' }}", "a", TEXT},
  {"{{ 'a\nb' }}", "a\nb", TEXT},
  {"{{ 'a\\\nb' }}", "ab", TEXT},
  {"{%- set x = 1 %}  \n{{ x }}\n{% if true -%}\n   x\n{%- endif %}", "  \n1\nx", TEXT},
  {"{% filter indent(2) %}a\nb{% endfilter %}", "a\n  b", TEXT},
  {"{{ 'a\\nb'\n|indent }}", "a\n    b", TEXT},
  {"{{ \"a\" \n \"b\" }}", "ab", TEXT},
  {"{{ [\n1,\n2,\n] }}", "[1, 2]", TEXT},
  {"hello {{ 'wor' -}}   \n  ld", "hello world", TEXT},
  {"\357\273\277{{ 1 }}", "\357\273\2771", TEXT},
  {"a{#- c #} \n b\n{#c-#}\n d", "a \n b\nd", TEXT},
  {"{{ 1 }}\n\n", "1\n", TEXT},
};

static const struct bad multi_bad[] = {
  {"\n\n{{ zz.x }}", "'zz' is undefined", TEXT, 3},
  {"a\n{% if true %}\n{{ 1/0 }}{% endif %}", "division by zero", TEXT, 3},
  {"{{\n1 +\nzz.x }}", "'zz' is undefined", TEXT, 3},
  {"{% set x = 1 %}\n\n{% for i in x %}{% endfor %}", "'int' object is not iterable", TEXT, 3},
  {"{% macro m() %}\n{{ zz.y }}\n{% endmacro %}\n{{ dbt_macro__m() }}", "'zz' is undefined", TEXT,
   2},
  {"{% if x %}\n\n{% foo %}",
   "Encountered unknown tag 'foo'. Jinja was looking for the following tags: 'elif' or 'else' o"
   "r 'endif'. The innermost block that needs to be closed is 'if'.",
   TEXT, 3},
  {"line\n{{ 'abc\n }}", "unexpected char \"'\" at 8", TEXT, 2},
  {"{# a\nb", "Missing end of comment tag", TEXT, 1},
  {"x\n{% raw %}\ny", "Missing end of raw directive", TEXT, 2},
  {"{{ 1 }}\n{{ 2 +", "unexpected 'end of template'", TEXT, 2},
  {"{{ x\n|\nzork }}", "No filter named 'zork'. Did you mean 'sort'?", TEXT, 3},
  {"{% call(x) rec(1) %}\n {{ x }}{% endcall %}",
   "sequence item: expected str instance, tuple found", TEXT, 1},
};

static void test_stmt_good(void **state)
{
  (void)state;
  check_good(stmt_good, COUNT(stmt_good));
}

static void test_stmt_bad(void **state)
{
  (void)state;
  check_bad(stmt_bad, COUNT(stmt_bad));
}

static void test_space_good(void **state)
{
  (void)state;
  check_good(space_good, COUNT(space_good));
}

static void test_space_bad(void **state)
{
  (void)state;
  check_bad(space_bad, COUNT(space_bad));
}

static void test_multi_good(void **state)
{
  (void)state;
  check_good(multi_good, COUNT(multi_good));
}

static void test_multi_bad(void **state)
{
  (void)state;
  check_bad(multi_bad, COUNT(multi_bad));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_stmt_good),  cmocka_unit_test(test_stmt_bad),
    cmocka_unit_test(test_space_good), cmocka_unit_test(test_space_bad),
    cmocka_unit_test(test_multi_good), cmocka_unit_test(test_multi_bad),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
