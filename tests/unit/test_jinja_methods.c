/*
** Jinja: methods of str, list, dict, int and float.
** The expected values come from Jinja2 3.1.6 (sandboxed, with do and loopcontrols) under Python
** 3.11.
*/
#include "test_jinja.h"

static const struct good methods_good[] = {
  {"{{ 'abc'.capitalize() }}", "Abc", TEXT},
  {"{{ 'ABC'.casefold() }}", "abc", TEXT},
  {"{{ 'Stra\303\237e'.casefold() }}", "strasse", TEXT},
  {"{{ 'x'.center(5, '*') }}", "**x**", TEXT},
  {"{{ 'ab'.center(5) }}", "  ab ", TEXT},
  {"{{ 'banana'.count('a') }}", "3", TEXT},
  {"{{ 'banana'.count('a', 2) }}", "2", TEXT},
  {"{{ 'banana'.count('a', 2, 4) }}", "1", TEXT},
  {"{{ 'aaa'.count('') }}", "4", TEXT},
  {"{{ 'abc'.endswith('c') }}", "True", TEXT},
  {"{{ 'abc'.endswith(('x','c')) }}", "True", TEXT},
  {"{{ 'abc'.startswith('b', 1) }}", "True", TEXT},
  {"{{ 'abc'.startswith('') }}", "True", TEXT},
  {"{{ 'a\\tb'.expandtabs() }}", "a       b", TEXT},
  {"{{ 'a\\tb'.expandtabs(4) }}", "a   b", TEXT},
  {"{{ 'abc'.find('c') }}", "2", TEXT},
  {"{{ 'abc'.find('z') }}", "-1", TEXT},
  {"{{ '\303\244\303\266\303\274'.find('\303\274') }}", "2", TEXT},
  {"{{ 'abcabc'.rfind('b') }}", "4", TEXT},
  {"{{ 'abc'.index('b') }}", "1", TEXT},
  {"{{ 'abcabc'.rindex('c') }}", "5", TEXT},
  {"{{ 'abcabc'.find('c', 3) }}", "5", TEXT},
  {"{{ 'abcabc'.rfind('a', 0, 3) }}", "0", TEXT},
  {"{{ 'a1'.isalnum() }}", "True", TEXT},
  {"{{ 'a'.isalpha() }}", "True", TEXT},
  {"{{ '1'.isdigit() }}", "True", TEXT},
  {"{{ '\302\262'.isdigit() }}", "True", TEXT},
  {"{{ '\302\262'.isdecimal() }}", "False", TEXT},
  {"{{ '\302\275'.isnumeric() }}", "True", TEXT},
  {"{{ ' '.isspace() }}", "True", TEXT},
  {"{{ 'Ab'.istitle() }}", "True", TEXT},
  {"{{ 'ab'.islower() }}", "True", TEXT},
  {"{{ 'AB1'.isupper() }}", "True", TEXT},
  {"{{ ''.isalpha() }}", "False", TEXT},
  {"{{ 'a b'.isidentifier() }}", "False", TEXT},
  {"{{ 'ab'.isidentifier() }}", "True", TEXT},
  {"{{ '\303\251'.isascii() }}", "False", TEXT},
  {"{{ '\\n'.isprintable() }}", "False", TEXT},
  {"{{ '\307\205'.istitle() }}", "True", TEXT},
  {"{{ '\302\252'.islower() }}", "True", TEXT},
  {"{{ ','.join(['a','b']) }}", "a,b", TEXT},
  {"{{ 'a'.ljust(3) }}", "a  ", TEXT},
  {"{{ 'a'.rjust(3, '-') }}", "--a", TEXT},
  {"{{ '42'.zfill(5) }}", "00042", TEXT},
  {"{{ '-42'.zfill(5) }}", "-0042", TEXT},
  {"{{ '+1'.zfill(4) }}", "+001", TEXT},
  {"{{ ''.zfill(2) }}", "00", TEXT},
  {"{{ '  a '.lstrip() }}", "a ", TEXT},
  {"{{ ' a '.rstrip() }}", " a", TEXT},
  {"{{ 'xax'.strip('x') }}", "a", TEXT},
  {"{{ 'ABC'.lower() }}", "abc", TEXT},
  {"{{ 'aBc'.swapcase() }}", "AbC", TEXT},
  {"{{ 'hello world'.title() }}", "Hello World", TEXT},
  {"{{ \"they're bill's\".title() }}", "They'Re Bill'S", TEXT},
  {"{{ '\303\237x'.upper() }}", "SSX", TEXT},
  {"{{ '\303\237'.title() }}", "Ss", TEXT},
  {"{{ '\316\243as \316\221\316\243'.swapcase() }}", "\317\203AS \316\261\317\202", TEXT},
  {"{{ 'a,b,c'.split(',') }}", "['a', 'b', 'c']", TEXT},
  {"{{ 'a,b,c'.split(',', 1) }}", "['a', 'b,c']", TEXT},
  {"{{ ' a  b '.split() }}", "['a', 'b']", TEXT},
  {"{{ 'a b c'.split(none, 1) }}", "['a', 'b c']", TEXT},
  {"{{ ' a b c '.split(maxsplit=1) }}", "['a', 'b c ']", TEXT},
  {"{{ 'a,b,c'.rsplit(',', 1) }}", "['a,b', 'c']", TEXT},
  {"{{ ' a b  c '.rsplit(none, 1) }}", "[' a b', 'c']", TEXT},
  {"{{ ''.split() }}", "[]", TEXT},
  {"{{ ''.split(',') }}", "['']", TEXT},
  {"{{ 'a\\nb\\r\\nc'.splitlines() }}", "['a', 'b', 'c']", TEXT},
  {"{{ 'a\\nb\\n'.splitlines(true) }}", "['a\\n', 'b\\n']", TEXT},
  {"{{ 'a-b-c'.partition('-') }}", "('a', '-', 'b-c')", TEXT},
  {"{{ 'a-b-c'.rpartition('-') }}", "('a-b', '-', 'c')", TEXT},
  {"{{ 'abc'.partition('-') }}", "('abc', '', '')", TEXT},
  {"{{ 'abc'.rpartition('-') }}", "('', '', 'abc')", TEXT},
  {"{{ 'aXXbXXc'.split('XX') }}", "['a', 'b', 'c']", TEXT},
  {"{{ 'aXXbXXc'.rsplit('XX') }}", "['a', 'b', 'c']", TEXT},
  {"{{ 'foobar'.removeprefix('foo') }}", "bar", TEXT},
  {"{{ 'foobar'.removesuffix('bar') }}", "foo", TEXT},
  {"{{ 'foobar'.removeprefix('x') }}", "foobar", TEXT},
  {"{{ 'aXbX'.replace('X', 'Y', 1) }}", "aYbX", TEXT},
  {"{{ 'abc'.replace('', '.') }}", ".a.b.c.", TEXT},
  {"{{ 'abc'.translate({97: 'x', 98: none}) }}", "xc", TEXT},
  {"{{ 'abc'.translate('abc'.maketrans('ab', 'xy')) }}", "xyc", TEXT},
  {"{{ 'abc'.encode() }}", "b'abc'", TEXT},
  {"{{ '\303\251\"\\''.encode('utf-8') }}", "b'\\xc3\\xa9\"\\''", TEXT},
  {"{{ 'abc'.encode().decode() }}", "abc", TEXT},
  {"{% set x = [1,2] %}{{ x.append(3) }}{{ x }}{{ x.pop() }}{{ x.pop(0) }}{{ x }}{{ x.extend([5"
   ",6]) }}{{ x.insert(1, 'i') }}{{ x }}{{ x.index(5) }}{{ x.count(5) }}{{ x.remove(5) }}{{ x.r"
   "everse() }}{{ x }}{{ x.copy() }}{{ x.clear() }}{{ x }}",
   "None[1, 2, 3]31[2]NoneNone[2, 'i', 5, 6]21NoneNone[6, 'i', 2][6, 'i', 2]None[]", TEXT},
  {"{% set x = [3,1,2] %}{{ x.sort() }}{{ x }}{{ x.sort(reverse=true) }}{{ x }}{% set y = ['b',"
   "'A'] %}{{ y.sort() }}{{ y }}{{ (1,2,1).count(1) }}{{ (1,2).index(2) }}{% set z = [1,2,3] %}"
   "{{ z.insert(-1, 9) }}{{ z.insert(100, 7) }}{{ z }}",
   "None[1, 2, 3]None[3, 2, 1]None['A', 'b']21NoneNone[1, 2, 9, 3, 7]", TEXT},
  {"{% set x = {'a': 1} %}{{ x.copy() }}{{ x.pop('a') }}{{ x }}{{ x.setdefault('b', 2) }}{{ x.s"
   "etdefault('b', 3) }}{{ x.update(c=3) }}{{ x.update({'d': 4}) }}{{ x.update([('e', 5)]) }}{{"
   " x }}{{ x.popitem() }}{{ x.fromkeys('ab', 0) }}{{ x.fromkeys([1]) }}{{ x.clear() }}{{ x }}",
   "{'a': 1}1{}22NoneNoneNone{'b': 2, 'c': 3, 'd': 4, 'e': 5}('e', 5){'a': 0, 'b': 0}{1: None}N"
   "one{}",
   TEXT},
  {"{% set x = {'a': 1, 'b': 2, 'c': 3} %}{{ x.pop('b') }}{{ x }}{% do x.update(b=9) %}{{ x }}{"
   "{ x|length }}{{ x.items()|list }}{{ x.keys()|join }}{{ x.values()|sum }}{{ x.get('zz') }}",
   "2{'a': 1, 'c': 3}{'a': 1, 'c': 3, 'b': 9}3[('a', 1), ('c', 3), ('b', 9)]acb13None", TEXT},
  {"{{ 'a'.__class__ }}|{{ [].__len__ }}|{{ d.__class__ }}|{{ 'x'._foo }}|{{ d['__class__'] }}|"
   "{{ 'a'['upper']() }}{{ l['append'] is callable }}",
   "|||||ATrue", TEXT},
  {"{{ '{:>8}'.format('ab') }}{{ '{0.name}'.format(users) }}", "      ab", TEXT},
  {"{{ d.keys() == {'a':1,'b':1,'items':1}.keys() }}", "True", TEXT},
  {"{{ d.items() == d.items() }}", "True", TEXT},
  {"{{ d.keys()|length }}", "3", TEXT},
  {"{{ d.values()|list }}", "[1, [1, 2], 'x']", TEXT},
  {"{{ '\304\260stanbul'.lower()|length }}", "9", TEXT},
  {"{{ '\305\211'.upper() }}", "\312\274N", TEXT},
  {"{{ '\357\254\203'.title() }}", "Ffi", TEXT},
  {"{{ '\307\204'.title() }}", "\307\205", TEXT},
  {"{{ '\316\214\316\243\316\237\316\243'.lower() }}", "\317\214\317\203\316\277\317\202", TEXT},
  {"{{ '\341\276\263'.upper() }}", "\316\221\316\231", TEXT},
  {"{{ '\341\216\240'.casefold() }}", "\341\216\240", TEXT},
  {"{{ '\\u1680x\\u3000'.strip() }}", "x", TEXT},
  {"{{ 'a\\x1cb\\x85c\\u2028d'.splitlines() }}", "['a', 'b', 'c', 'd']", TEXT},
  {"{{ 'a\\x1cb'.split() }}", "['a', 'b']", TEXT},
  {"{{ 5.5.is_integer() }}", "False", TEXT},
  {"{{ (7).conjugate() }}", "7", TEXT},
  {"{{ (10).as_integer_ratio() }}", "(10, 1)", TEXT},
  {"{{ 1.5.as_integer_ratio() }}", "(3, 2)", TEXT},
  {"{{ 3.0.hex() }}", "0x1.8000000000000p+1", TEXT},
  {"{{ (12).bit_count() }}", "2", TEXT},
  {"{{ s.split(' ')[0].lower().replace('h', 'j') }}", "jello", TEXT},
  {"{{ s.find('World') }}", "6", TEXT},
};

static void test_methods_good(void **state)
{
  (void)state;
  check_good(methods_good, COUNT(methods_good));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_methods_good),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
