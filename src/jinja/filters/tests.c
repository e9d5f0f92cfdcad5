/*
** Jinja's tests (`x is odd`), one row each.
*/
#include "src/jinja/internal.h"

#define SIMPLE(name, yes) \
  FILTER(name)            \
  {                       \
    *out = jv_bool(yes);  \
    return RS_OK;         \
  }

SIMPLE(t_boolean, v.kind == JV_BOOL)
SIMPLE(t_defined, v.kind != JV_UNDEFINED)
SIMPLE(t_escaped, is_markup(v))
SIMPLE(t_false, v.kind == JV_BOOL && !v.u.b)
SIMPLE(t_float, v.kind == JV_FLOAT)
SIMPLE(t_integer, v.kind == JV_INT || v.kind == JV_BIGINT)
SIMPLE(t_iterable, py_is_iterable(v))
SIMPLE(t_mapping, v.kind == JV_DICT || (v.kind == JV_OBJECT && v.u.obj->cls->is_mapping))
SIMPLE(t_none, v.kind == JV_NONE)
SIMPLE(t_number, is_num(v) || (v.kind == JV_OBJECT && v.u.obj->cls->is_number))
SIMPLE(t_sameas, jv_is(v, argv[0]))
SIMPLE(t_string, v.kind == JV_STR)
SIMPLE(t_true, v.kind == JV_BOOL && v.u.b)
SIMPLE(t_undefined, v.kind == JV_UNDEFINED)
SIMPLE(t_callable, v.kind == JV_FUNC || v.kind == JV_UNDEFINED ||
                     (v.kind == JV_OBJECT && v.u.obj->cls->call != NULL))

FILTER(t_sequence)
{
  bool items = v.kind == JV_STR || v.kind == JV_LIST || v.kind == JV_TUPLE || v.kind == JV_DICT ||
               py_range_of(v) != NULL ||
               (v.kind == JV_OBJECT && v.u.obj->cls->len != NULL && v.u.obj->cls->getitem != NULL);
  // getattr of a name with underscores is refused by Jinja's own class, not by dbt's
  if (v.kind == JV_UNDEFINED) items = true;
  *out = jv_bool(items);
  return RS_OK;
}

static enum rs_code remainder_is(struct rs_python *j, jv v, jv by, int64_t want, jv *out)
{
  jv rem;
  bool yes;
  TRY(py_num_binary(j, OP_MOD, v, by, &rem));
  TRY(jv_eq(j, rem, jv_int(want), &yes));
  *out = jv_bool(yes);
  return RS_OK;
}

FILTER(t_parity)
{
  return remainder_is(j, v, jv_int(2), how, out);
}

FILTER(t_divisibleby)
{
  return remainder_is(j, v, argv[0], 0, out);
}

FILTER(t_compare)
{
  bool yes;
  TRY(jv_compare(j, (enum cmp_op)how, v, argv[0], &yes));
  *out = jv_bool(yes);
  return RS_OK;
}

FILTER(t_case)
{
  const char *method = how == CASE_LOWER ? "islower" : "isupper";
  static const struct jv_args none;
  TRY(py_text_of(j, v, &v));
  return py_row_call(j, py_row_find(&py_methods_str, method, strlen(method)), v, &none, out);
}

enum { OF_FILTERS, OF_TESTS };

FILTER(t_row)
{
  uint32_t h;
  if (v.kind != JV_STR) TRY(jv_hash(j, v, &h)); // an unhashable name is an error
  *out = jv_bool(v.kind == JV_STR &&
                 (how == OF_FILTERS ? jinja_filter_find(v.u.str->s, v.u.str->n)
                                    : py_row_find(&jinja_tests_all, v.u.str->s, v.u.str->n)));
  return RS_OK;
}

#define P ROW_POSITIONAL
static const struct row rows[] = {
  {"!=", t_compare, "b", 1, P | ROW_HOW(CMP_NE), "ne"},
  {"<", t_compare, "b", 1, P | ROW_HOW(CMP_LT), "lt"},
  {"<=", t_compare, "b", 1, P | ROW_HOW(CMP_LE), "le"},
  {"==", t_compare, "b", 1, P | ROW_HOW(CMP_EQ), "eq"},
  {">", t_compare, "b", 1, P | ROW_HOW(CMP_GT), "gt"},
  {">=", t_compare, "b", 1, P | ROW_HOW(CMP_GE), "ge"},
  {"boolean", t_boolean, "", 0, 0, "test_boolean"},
  {"callable", t_callable, "", 0, P, "callable"},
  {"defined", t_defined, "", 0, 0, "test_defined"},
  {"divisibleby", t_divisibleby, "num", 1, 0, "test_divisibleby"},
  {"eq", t_compare, "b", 1, P | ROW_HOW(CMP_EQ), "eq"},
  {"equalto", t_compare, "b", 1, P | ROW_HOW(CMP_EQ), "eq"},
  {"escaped", t_escaped, "", 0, 0, "test_escaped"},
  {"even", t_parity, "", 0, ROW_HOW(0), "test_even"},
  {"false", t_false, "", 0, 0, "test_false"},
  {"filter", t_row, "", 0, ROW_HOW(OF_FILTERS), "test_filter"},
  {"float", t_float, "", 0, 0, "test_float"},
  {"ge", t_compare, "b", 1, P | ROW_HOW(CMP_GE), "ge"},
  {"greaterthan", t_compare, "b", 1, P | ROW_HOW(CMP_GT), "gt"},
  {"gt", t_compare, "b", 1, P | ROW_HOW(CMP_GT), "gt"},
  {"in", t_compare, "seq", 1, ROW_HOW(CMP_IN), "test_in"},
  {"integer", t_integer, "", 0, 0, "test_integer"},
  {"iterable", t_iterable, "", 0, 0, "test_iterable"},
  {"le", t_compare, "b", 1, P | ROW_HOW(CMP_LE), "le"},
  {"lessthan", t_compare, "b", 1, P | ROW_HOW(CMP_LT), "lt"},
  {"lower", t_case, "", 0, ROW_HOW(CASE_LOWER), "test_lower"},
  {"lt", t_compare, "b", 1, P | ROW_HOW(CMP_LT), "lt"},
  {"mapping", t_mapping, "", 0, 0, "test_mapping"},
  {"ne", t_compare, "b", 1, P | ROW_HOW(CMP_NE), "ne"},
  {"none", t_none, "", 0, 0, "test_none"},
  {"number", t_number, "", 0, 0, "test_number"},
  {"odd", t_parity, "", 0, ROW_HOW(1), "test_odd"},
  {"sameas", t_sameas, "other", 1, 0, "test_sameas"},
  {"sequence", t_sequence, "", 0, 0, "test_sequence"},
  {"string", t_string, "", 0, 0, "test_string"},
  {"test", t_row, "", 0, ROW_HOW(OF_TESTS), "test_test"},
  {"true", t_true, "", 0, 0, "test_true"},
  {"undefined", t_undefined, "", 0, 0, "test_undefined"},
  {"upper", t_case, "", 0, ROW_HOW(CASE_UPPER), "test_upper"},
};
const struct rows jinja_tests_all = {rows, sizeof rows / sizeof rows[0]};
