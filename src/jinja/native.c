/*
** Native rendering, as dbt does it: a lone expression keeps its value, several
** nodes are joined as text; text marked as_number, as_bool or as_native is read as a Python
** literal.
*/
#include "internal.h"

/* Can Jinja write the value as a constant into compiled code? */
bool jinja_has_safe_repr(jv v, unsigned depth)
{
  if (depth > 50) return false;
  switch ((int)v.kind) {
    case JV_NONE:
    case JV_BOOL:
    case JV_INT:
    case JV_BIGINT:
    case JV_FLOAT: return true;
    case JV_STR: return v.u.str->sub <= STR_MARKUP;
    case JV_LIST:
    case JV_TUPLE:
      if (v.u.seq->type != NULL) return false;
      for (size_t i = 0; i < v.u.seq->n; i++) {
        if (!jinja_has_safe_repr(v.u.seq->v[i], depth + 1)) return false;
      }
      return true;
    case JV_DICT:
      for (size_t i = 0; py_dict_next(v.u.dict, &i); i++) {
        if (!jinja_has_safe_repr(v.u.dict->keys[i], depth + 1)) return false;
        if (!jinja_has_safe_repr(v.u.dict->vals[i], depth + 1)) return false;
      }
      return true;
    default: return false;
  }
}

static bool is_number(jv v)
{
  return v.kind == JV_INT || v.kind == JV_BIGINT || v.kind == JV_FLOAT;
}

static enum rs_code marked(struct rs_python *j, jv v, jv *out)
{
  enum str_sub sub = (enum str_sub)v.u.str->sub;
  bool ok;
  if (sub == STR_TEXT) {
    *out = py_str_as(j, v, STR_PLAIN);
    return RS_OK;
  }
  TRY(py_literal_eval(j, v.u.str, out, &ok));
  if (!ok) *out = py_str_as(j, v, STR_PLAIN);
  if (sub == STR_BOOL && out->kind != JV_BOOL) {
    return py_fail(j, "Could not convert value '%s' into type 'bool'", v.u.str->s);
  }
  if (sub == STR_NUMBER && !is_number(*out)) {
    return py_fail(j, "Could not convert value '%s' into type 'number'", v.u.str->s);
  }
  return RS_OK;
}

enum rs_code jinja_native_result(struct rs_python *j, struct jv_seq *parts, jv *out)
{
  if (parts->n == 1) {
    jv v = parts->v[0];
    if (v.kind == JV_STR && v.u.str->sub >= STR_TEXT) return marked(j, v, out);
    *out = v;
    return RS_OK;
  }
  struct rs_buf b;
  py_buf_init(j, &b);
  for (size_t i = 0; i < parts->n; i++) {
    enum rs_code rc = py_text_str(j, parts->v[i], &b);
    if (rc != RS_OK) {
      rs_buf_free(&b);
      return rc;
    }
  }
  return py_str_take(j, &b, STR_PLAIN, out);
}
