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
FILTER(t_odd)
{
  return remainder_is(j, v, jv_int(2), 1, out);
}
FILTER(t_even)
{
  return remainder_is(j, v, jv_int(2), 0, out);
}
FILTER(t_divisibleby)
{
  return remainder_is(j, v, argv[0], 0, out);
}

static enum rs_code compared(struct rs_python *j, enum cmp_op op, jv a, jv b, jv *out)
{
  bool yes;
  TRY(jv_compare(j, op, a, b, &yes));
  *out = jv_bool(yes);
  return RS_OK;
}
FILTER(t_eq)
{
  return compared(j, CMP_EQ, v, argv[0], out);
}
FILTER(t_ne)
{
  return compared(j, CMP_NE, v, argv[0], out);
}
FILTER(t_lt)
{
  return compared(j, CMP_LT, v, argv[0], out);
}
FILTER(t_le)
{
  return compared(j, CMP_LE, v, argv[0], out);
}
FILTER(t_gt)
{
  return compared(j, CMP_GT, v, argv[0], out);
}
FILTER(t_ge)
{
  return compared(j, CMP_GE, v, argv[0], out);
}
FILTER(t_in)
{
  return compared(j, CMP_IN, v, argv[0], out);
}

static enum rs_code by_method(struct rs_python *j, jv v, const char *method, jv *out)
{
  static const struct jv_args none;
  TRY(py_text_of(j, v, &v));
  return py_row_call(j, py_row_find(&py_methods_str, method, strlen(method)), v, &none, out);
}
FILTER(t_lower)
{
  return by_method(j, v, "islower", out);
}
FILTER(t_upper)
{
  return by_method(j, v, "isupper", out);
}

static enum rs_code is_row(struct rs_python *j, jv v, bool filter, jv *out)
{
  uint32_t h;
  if (v.kind != JV_STR) TRY(jv_hash(j, v, &h)); // an unhashable name is an error
  *out = jv_bool(v.kind == JV_STR &&
                 (filter ? jinja_filter_find(v.u.str->s, v.u.str->n)
                         : py_row_find(&jinja_tests_all, v.u.str->s, v.u.str->n)));
  return RS_OK;
}
FILTER(t_filter)
{
  return is_row(j, v, true, out);
}
FILTER(t_test)
{
  return is_row(j, v, false, out);
}

#define P ROW_POSITIONAL
static const struct row rows[] = {
  {"!=", t_ne, "b", 1, P, "ne"},
  {"<", t_lt, "b", 1, P, "lt"},
  {"<=", t_le, "b", 1, P, "le"},
  {"==", t_eq, "b", 1, P, "eq"},
  {">", t_gt, "b", 1, P, "gt"},
  {">=", t_ge, "b", 1, P, "ge"},
  {"boolean", t_boolean, "", 0, 0, "test_boolean"},
  {"callable", t_callable, "", 0, P, "callable"},
  {"defined", t_defined, "", 0, 0, "test_defined"},
  {"divisibleby", t_divisibleby, "num", 1, 0, "test_divisibleby"},
  {"eq", t_eq, "b", 1, P, "eq"},
  {"equalto", t_eq, "b", 1, P, "eq"},
  {"escaped", t_escaped, "", 0, 0, "test_escaped"},
  {"even", t_even, "", 0, 0, "test_even"},
  {"false", t_false, "", 0, 0, "test_false"},
  {"filter", t_filter, "", 0, 0, "test_filter"},
  {"float", t_float, "", 0, 0, "test_float"},
  {"ge", t_ge, "b", 1, P, "ge"},
  {"greaterthan", t_gt, "b", 1, P, "gt"},
  {"gt", t_gt, "b", 1, P, "gt"},
  {"in", t_in, "seq", 1, 0, "test_in"},
  {"integer", t_integer, "", 0, 0, "test_integer"},
  {"iterable", t_iterable, "", 0, 0, "test_iterable"},
  {"le", t_le, "b", 1, P, "le"},
  {"lessthan", t_lt, "b", 1, P, "lt"},
  {"lower", t_lower, "", 0, 0, "test_lower"},
  {"lt", t_lt, "b", 1, P, "lt"},
  {"mapping", t_mapping, "", 0, 0, "test_mapping"},
  {"ne", t_ne, "b", 1, P, "ne"},
  {"none", t_none, "", 0, 0, "test_none"},
  {"number", t_number, "", 0, 0, "test_number"},
  {"odd", t_odd, "", 0, 0, "test_odd"},
  {"sameas", t_sameas, "other", 1, 0, "test_sameas"},
  {"sequence", t_sequence, "", 0, 0, "test_sequence"},
  {"string", t_string, "", 0, 0, "test_string"},
  {"test", t_test, "", 0, 0, "test_test"},
  {"true", t_true, "", 0, 0, "test_true"},
  {"undefined", t_undefined, "", 0, 0, "test_undefined"},
  {"upper", t_upper, "", 0, 0, "test_upper"},
};
const struct rows jinja_tests_all = {rows, sizeof rows / sizeof rows[0]};
