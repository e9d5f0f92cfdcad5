/*
** Filters on numbers and on values of any kind, and dbt's as_* markers.
*/
#include <math.h>
#include "src/jinja/internal.h"

FILTER(f_abs)
{
  double d;
  if (jv_decimal_double(v, &d)) return py_num_unary(j, signbit(d) ? OP_NEG : OP_POS, v, out);
  if (!is_num(v)) return py_fail(j, "bad operand type for abs(): '%s'", jv_type_name(v));
  if (v.kind == JV_FLOAT) {
    *out = jv_float(fabs(v.u.f));
    return RS_OK;
  }
  bool unordered;
  bool neg = py_num_cmp(v, jv_int(0), &unordered) < 0;
  return py_num_unary(j, neg ? OP_NEG : OP_POS, v, out);
}

/* as_text ... : no-ops in text mode; in native mode they say how the result is meant. */
FILTER(f_as)
{
  *out = v;
  if (!j->eval->native) return RS_OK;
  TRY(py_text_of(j, v, out));
  *out = py_str_as(j, *out, (enum str_sub)how);
  return RS_OK;
}

FILTER(f_attr)
{
  bool found = false;
  jv name;
  if (argv[0].kind != JV_STR) {
    return py_fail(j, "attribute name must be string, not '%s'", jv_type_name(argv[0]));
  }
  name = argv[0];
  if (v.kind == JV_UNDEFINED) return py_get_attr(j, v, name.u.str, out);
  TRY(py_get_attr_only(j, v, name.u.str, out, &found));
  if (!found) *out = py_undef_attr(j, v, name);
  return RS_OK;
}

FILTER(f_default)
{
  bool use = v.kind == JV_UNDEFINED, boolean = false, yes;
  TRY(py_arg_bool(j, argv[1], &boolean));
  if (!use && boolean) {
    TRY(jv_is_true(j, v, &yes));
    use = !yes;
  }
  *out = !use ? v : is_given(argv[0]) ? argv[0] : jv_textn(j, "", 0);
  return RS_OK;
}

/* float(v): *ok false for a TypeError or ValueError; other errors are errors. */
static enum rs_code to_float(struct rs_python *j, jv v, double *d, bool *ok)
{
  *ok = true;
  if (v.kind == JV_STR) {
    *ok = py_num_parse_float(v.u.str, d);
    return RS_OK;
  }
  if (is_num(v)) return py_num_to_double(j, v, d);
  if (v.kind == JV_UNDEFINED) return py_undefined_used(j, v);
  *ok = jv_decimal_double(v, d);
  return RS_OK;
}

FILTER(f_float)
{
  double d;
  bool ok;
  TRY(to_float(j, v, &d, &ok));
  *out = ok ? jv_float(d) : is_given(argv[0]) ? argv[0] : jv_float(0);
  return RS_OK;
}

FILTER(f_int)
{
  int64_t base = 10;
  *out = is_given(argv[0]) ? argv[0] : jv_int(0);
  if (is_int(v)) {
    *out = v.kind == JV_BOOL ? jv_int(v.u.b) : v;
    return RS_OK;
  }
  if (v.kind == JV_UNDEFINED) return py_undefined_used(j, v);
  if (v.kind == JV_FLOAT) return isnan(v.u.f) ? RS_OK : py_num_floor(j, trunc(v.u.f), out);
  if (v.kind == JV_OBJECT && v.u.obj->cls->is_number) { // a Decimal: through its text
    TRY(py_text_of(j, v, &v));
    const char *point = strchr(v.u.str->s, '.');
    bool plain = point != NULL && strchr(point, 'E') == NULL;
    if (plain) v = jv_textn(j, v.u.str->s, (size_t)(point - v.u.str->s));
  }
  if (v.kind != JV_STR) return RS_OK;
  if (is_given(argv[1])) TRY(py_num_to_i64(j, argv[1], &base));
  jv n;
  double d;
  if (py_num_parse_int(j, v.u.str, base, &n)) {
    *out = n;
    return RS_OK;
  }
  // "42.23" is 42
  if (py_num_parse_float(v.u.str, &d) && isfinite(d)) return py_num_floor(j, trunc(d), out);
  return RS_OK;
}

FILTER(f_round)
{
  const char *method = "common";
  jv digits = is_given(argv[0]) ? argv[0] : jv_int(0);
  if (is_given(argv[1])) method = argv[1].kind == JV_STR ? argv[1].u.str->s : "";
  bool ceiling = rs_eq(method, "ceil"), flooring = rs_eq(method, "floor");
  if (!ceiling && !flooring && !rs_eq(method, "common")) {
    return py_fail(j, "method must be common, ceil or floor");
  }
  if (!ceiling && !flooring) {
    if (digits.kind == JV_INT && decimal_round(j, v, digits.u.i, out)) return RS_OK;
    if (!is_num(v)) return py_fail(j, "type %s doesn't define __round__ method", jv_type_name(v));
    if (digits.kind == JV_NONE)
      return py_num_floor(j, nearbyint(v.kind == JV_FLOAT ? v.u.f : 0), out);
    return py_num_round(j, v, digits, out);
  }
  jv unit, scaled;
  double d;
  TRY(py_num_binary(j, OP_POW, jv_int(10), digits, &unit));
  TRY(py_num_binary(j, OP_MUL, v, unit, &scaled));
  if (jv_decimal_double(scaled, &d)) scaled = jv_float(d);
  if (!is_num(scaled)) return py_fail(j, "must be real number, not %s", jv_type_name(scaled));
  if (scaled.kind == JV_FLOAT) {
    d = ceiling ? ceil(scaled.u.f) : floor(scaled.u.f);
    TRY(py_num_floor(j, d, &scaled));
  }
  return py_num_binary(j, OP_DIV, scaled, unit, out);
}

FILTER(f_filesizeformat)
{
  static const char *const names[2][8] = {{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"},
                                          {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}};
  bool binary = false, ok;
  double bytes, base;
  TRY(py_arg_bool(j, argv[0], &binary));
  TRY(to_float(j, v, &bytes, &ok));
  if (!ok && v.kind == JV_STR) return py_fail_repr(j, "could not convert string to float: %s", v);
  if (!ok) {
    return py_fail(j, "float() argument must be a string or a real number, not '%s'",
                   jv_type_name(v));
  }
  base = binary ? 1024 : 1000;
  struct rs_buf b;
  py_buf_init(j, &b);
  if (bytes == 1) {
    rs_buf_str(&b, "1 Byte");
  } else if (bytes < base) {
    jv whole;
    enum rs_code rc = py_num_floor(j, trunc(bytes), &whole);
    if (rc == RS_OK) rc = py_text_str(j, whole, &b);
    if (rc != RS_OK) {
      rs_buf_free(&b);
      return rc;
    }
    rs_buf_str(&b, " Bytes");
  } else {
    double unit = base;
    int i = -1;
    do {
      unit *= base;
      i++;
      // 1000**8 lies above the double that stands for it here
    } while (i < 7 && !(bytes < unit || (bytes == unit && !binary && i == 6)));
    char text[FLOAT_TEXT];
    rs_buf_add(&b, text, py_float_fixed(text, sizeof text, 'f', 1, false, base * bytes / unit));
    rs_buf_printf(&b, " %s", names[binary][i]);
  }
  return py_str_take(j, &b, STR_PLAIN, out);
}

FILTER(f_pprint)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  return py_str_end(j, py_text_pprint(j, v, &b), &b, STR_PLAIN, out);
}

static const struct row rows[] = {
  {"abs", f_abs, "", 0, 0, NULL},
  {"as_bool", f_as, "", 0, ROW_HOW(STR_BOOL), NULL},
  {"as_native", f_as, "", 0, ROW_HOW(STR_NATIVE), NULL},
  {"as_number", f_as, "", 0, ROW_HOW(STR_NUMBER), NULL},
  {"as_text", f_as, "", 0, ROW_HOW(STR_TEXT), NULL},
  {"attr", f_attr, "name", 1, ROW_ENV, "do_attr"},
  {"d", f_default, "default_value boolean", 0, 0, "do_default"},
  {"default", f_default, "default_value boolean", 0, 0, "do_default"},
  {"filesizeformat", f_filesizeformat, "binary", 0, 0, "do_filesizeformat"},
  {"float", f_float, "default", 0, 0, "do_float"},
  {"int", f_int, "default base", 0, 0, "do_int"},
  {"pprint", f_pprint, "", 0, 0, "do_pprint"},
  {"round", f_round, "precision method", 0, 0, "do_round"},
};
const struct rows jinja_filters_value = {rows, sizeof rows / sizeof rows[0]};
