/*
** a.b, a['b'], a[1:2]: attributes first or items first, as the sandboxed environment does it. A
** miss is an Undefined; names with an underscore yield an unsafe one.
*/
#include "protocol.h"

/* The attributes every Python object has: existing, therefore "unsafe" and not "undefined". */
static bool is_dunder(const struct jv_str *name)
{
  static const char *const names[] = {
    "__class__",   "__delattr__", "__dir__",           "__doc__",         "__eq__",
    "__format__",  "__ge__",      "__getattribute__",  "__getstate__",    "__gt__",
    "__hash__",    "__init__",    "__init_subclass__", "__le__",          "__lt__",
    "__ne__",      "__new__",     "__reduce__",        "__reduce_ex__",   "__repr__",
    "__setattr__", "__sizeof__",  "__str__",           "__subclasshook__"};
  if (name->n < 5 || name->s[0] != '_' || name->s[1] != '_') return false;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (rs_eqn(names[i], name->s, name->n)) return true;
  }
  static const char *const more[] = {"__len__", "__iter__", "__getitem__", "__contains__",
                                     "__add__", "__mul__",  "__mod__",     "__call__"};
  for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
    if (rs_eqn(more[i], name->s, name->n)) return true;
  }
  return false;
}

static const struct rows *method_table(jv v)
{
  switch ((int)v.kind) {
    case JV_STR: return &py_methods_str;
    case JV_LIST: return &py_methods_list;
    case JV_TUPLE: return &py_methods_tuple;
    case JV_DICT: return &py_methods_dict;
    case JV_INT:
    case JV_BIGINT:
    case JV_BOOL: return &py_methods_int;
    case JV_FLOAT: return &py_methods_float;
    case JV_OBJECT:
      return py_set_items(v) != NULL              ? &py_methods_set
             : jv_self(v, &py_view_class) != NULL ? &py_methods_view
             : py_range_of(v) != NULL             ? &py_methods_range
                                                  : NULL;
    default: return NULL;
  }
}

static enum rs_code bound(struct rs_python *j, jv self, const struct row *row, jv *out)
{
  struct jv_func *f = py_alloc(j, sizeof *f);
  if (f == NULL) return py_nomem(j);
  *f = (struct jv_func){.kind = FN_METHOD, .name = row->name, .self = self, .row = row};
  *out = (jv){.kind = JV_FUNC, .u.func = f};
  return RS_OK;
}

static bool tuple_field(const struct jv_seq *t, const struct jv_str *name, jv *out)
{
  for (size_t i = 0; t->type != NULL && i < t->n; i++) {
    if (!rs_eqn(t->type->fields[i], name->s, name->n)) continue;
    *out = t->v[i];
    return true;
  }
  return false;
}

/* Numbers, macros, ranges and named tuples have attributes that are plain values. */
static bool value_attr(struct rs_python *j, jv v, const struct jv_str *name, jv *out)
{
#define IS(text) rs_eqn(text, name->s, name->n)
  if (is_int(v) && (IS("real") || IS("numerator"))) {
    *out = v.kind == JV_BOOL ? jv_int(v.u.b) : v;
  } else if (is_int(v) && IS("imag")) {
    *out = jv_int(0);
  } else if (is_int(v) && IS("denominator")) {
    *out = jv_int(1);
  } else if (v.kind == JV_FLOAT && IS("real")) {
    *out = v;
  } else if (v.kind == JV_FLOAT && IS("imag")) {
    *out = jv_float(0);
  } else if (v.kind == JV_TUPLE) {
    return tuple_field(v.u.seq, name, out);
  } else if (v.kind == JV_FUNC && v.u.func->kind == FN_MACRO) {
    return j->macros->attr(j, v.u.func->macro, name, out);
  } else if (IS("mapping") && jv_self(v, &py_view_class) != NULL) {
    *out = py_view_mapping(j, v);
  } else if (py_range_of(v) != NULL && (IS("start") || IS("stop") || IS("step"))) {
    const struct range *r = py_range_of(v);
    *out = jv_int(IS("start") ? r->start : IS("stop") ? r->stop : r->step);
  } else {
    return false;
  }
  return true;
#undef IS
}

enum rs_code py_get_attr_only(struct rs_python *j, jv obj, const struct jv_str *name, jv *out,
                              bool *found)
{
  *found = true;
  if (value_attr(j, obj, name, out)) return RS_OK;
  const struct rows *t = method_table(obj);
  const struct row *row = t != NULL ? py_row_find(t, name->s, name->n) : NULL;
  if (row != NULL) return bound(j, obj, row, out);
  if (obj.kind == JV_OBJECT && obj.u.obj->cls->getattr != NULL) {
    enum rs_code rc = obj.u.obj->cls->getattr(j, obj.u.obj->self, name->s, name->n, out, j->err);
    *found = rc == RS_OK;
    if (rc == RS_OK && name->n > 0 && name->s[0] == '_' && !obj.u.obj->cls->open_names)
      *out = py_undef_unsafe(j, obj, jv_of_str(name));
    return rc == RS_NOT_FOUND ? RS_OK : rc;
  }
  bool function = obj.kind == JV_FUNC && name->n > 4 && memcmp(name->s, "__", 2) == 0;
  if (is_dunder(name) || function) {
    *out = py_undef_unsafe(j, obj, jv_of_str(name));
    return RS_OK;
  }
  *found = false;
  return RS_OK;
}

/* obj[key] alone; *found false for a miss or a key of the wrong type. */
static enum rs_code item_only(struct rs_python *j, jv obj, jv key, jv *out, bool *found)
{
  *found = false;
  if (obj.kind == JV_DICT) {
    uint32_t h;
    struct rs_error *saved = j->err;
    j->err = NULL; // an unhashable key is a miss, not an error
    enum rs_code rc = key.kind == JV_STR ? RS_OK : jv_hash(j, key, &h);
    j->err = saved;
    if (rc != RS_OK) return RS_OK;
    size_t at;
    TRY(py_dict_find(j, obj.u.dict, key, &at));
    if (at != DICT_NONE) {
      *out = obj.u.dict->vals[at];
      *found = true;
    }
    return RS_OK;
  }
  if (obj.kind == JV_OBJECT && obj.u.obj->cls->getitem != NULL) {
    enum rs_code rc = obj.u.obj->cls->getitem(j, obj.u.obj->self, key, out, j->err);
    *found = rc == RS_OK;
    return rc == RS_NOT_FOUND ? RS_OK : rc;
  }
  const struct range *r = py_range_of(obj);
  bool indexed = obj.kind == JV_LIST || obj.kind == JV_TUPLE || obj.kind == JV_STR || r != NULL;
  if (!indexed || (key.kind != JV_INT && key.kind != JV_BOOL)) return RS_OK;
  int64_t i = key.kind == JV_BOOL ? key.u.b : key.u.i;
  size_t n = r != NULL ? r->n : jv_len(obj);
  if (i < 0) i += (int64_t)n;
  if (i < 0 || (uint64_t)i >= n) return RS_OK;
  *found = true;
  if (r != NULL) {
    *out = jv_int(r->start + i * r->step);
  } else if (obj.kind == JV_STR) {
    *out = py_str_at(j, obj.u.str, py_str_offset(obj.u.str, (size_t)i));
  } else {
    *out = obj.u.seq->v[i];
  }
  return RS_OK;
}

static enum rs_code undefined_attr(struct rs_python *j, jv obj, const struct jv_str *name, jv *out)
{
  const struct jv_undef *u = obj.u.p;
  if (is_dunder(name)) { // what every object has
    *out = py_undef_unsafe(j, obj, jv_of_str(name));
    return RS_OK;
  }
  if (u == NULL || !u->lenient) return py_undefined_used(j, obj);
  // dbt's class: `name` and `hint` are real attributes, all else is undefined again under that name
  if (rs_eqn("name", name->s, name->n)) {
    *out = u->kind == UNDEF_HINT ? jv_none() : u->name;
  } else if (rs_eqn("hint", name->s, name->n)) {
    *out = jv_none();
  } else {
    bool lenient = j->lenient;
    j->lenient = true;
    *out = py_undef_name(j, name);
    j->lenient = lenient;
  }
  return RS_OK;
}

enum rs_code py_get_attr(struct rs_python *j, jv obj, const struct jv_str *name, jv *out)
{
  bool found;
  if (obj.kind == JV_UNDEFINED) return undefined_attr(j, obj, name, out);
  TRY(py_get_attr_only(j, obj, name, out, &found));
  if (found) return RS_OK;
  TRY(item_only(j, obj, jv_of_str(name), out, &found));
  if (!found) *out = py_undef_attr(j, obj, jv_of_str(name));
  return RS_OK;
}

enum rs_code py_get_item(struct rs_python *j, jv obj, jv key, jv *out)
{
  bool found;
  if (obj.kind == JV_UNDEFINED) {
    if (!py_undef_is_lenient(obj)) return py_undefined_used(j, obj);
    *out = obj;
    return RS_OK;
  }
  TRY(item_only(j, obj, key, out, &found));
  if (!found && key.kind == JV_STR) TRY(py_get_attr_only(j, obj, key.u.str, out, &found));
  if (!found) *out = py_undef_attr(j, obj, key);
  return RS_OK;
}

/* ---- slices -------------------------------------------------------------------------------- */

static enum rs_code slice_index(struct rs_python *j, jv v, int64_t fallback, int64_t *out)
{
  *out = fallback;
  if (v.kind == JV_NONE) return RS_OK;
  if (!is_int(v)) {
    return py_fail(j, "slice indices must be integers or None or have an __index__ method");
  }
  return py_num_to_i64(j, v, out);
}

/* The slice of n items: `count` of them, from one on by a step; *end: where Python's stop is. */
static bool slice_bounds(struct rs_python *j, jv start, jv stop, jv step, size_t n, int64_t *from,
                         int64_t *end, int64_t *by, size_t *count, enum rs_code *rc)
{
  int64_t len = (int64_t)n, to = 0;
  *rc = slice_index(j, step, 1, by);
  if (*rc != RS_OK) return false;
  if (*by == 0) {
    *rc = py_fail(j, "slice step cannot be zero");
    return false;
  }
  if (*by < -INT64_MAX) *by = -INT64_MAX;
  int64_t low = *by < 0 ? -1 : 0, high = *by < 0 ? len - 1 : len;
  *rc = slice_index(j, start, *by < 0 ? high : low, from);
  if (*rc == RS_OK) *rc = slice_index(j, stop, *by < 0 ? low - len : high, &to);
  if (*rc != RS_OK) return false;
  if (start.kind != JV_NONE && *from < 0) *from = *from < -len ? low : *from + len;
  if (*from < low) *from = low;
  if (*from > high) *from = high;
  if (to < 0) to = to < -len ? low : to + len;
  if (stop.kind == JV_NONE && *by < 0) to = -1;
  if (to < low) to = low;
  if (to > high) to = high;
  *end = to;
  *count = 0;
  if (*by > 0 && to > *from) *count = (size_t)((to - *from - 1) / *by + 1);
  if (*by < 0 && to < *from) *count = (size_t)((*from - to - 1) / -*by + 1);
  return true;
}

static enum rs_code slice_str(struct rs_python *j, jv s, int64_t from, int64_t by, size_t count,
                              jv *out)
{
  const struct jv_str *str = s.u.str;
  if (by == 1) {
    size_t a = py_str_offset(str, (size_t)from), b = py_str_offset(str, (size_t)from + count);
    *out = py_str_like(j, s, str->s + a, count > 0 ? b - a : 0);
    return RS_OK;
  }
  struct rs_buf b;
  py_buf_init(j, &b);
  size_t at = count > 0 ? py_str_offset(str, (size_t)from) : 0;
  for (size_t i = 0; i < count; i++) {
    size_t end = at;
    (void)uni_next(str->s, &end);
    rs_buf_add(&b, str->s + at, end - at);
    for (int64_t k = 0; i + 1 < count && k < (by < 0 ? -by : by); k++) {
      if (by < 0) {
        (void)uni_prev(str->s, &at);
      } else {
        (void)uni_next(str->s, &at);
      }
    }
  }
  return py_str_take(j, &b, is_markup(s) ? STR_MARKUP : STR_PLAIN, out);
}

enum rs_code py_get_slice(struct rs_python *j, jv obj, jv start, jv stop, jv step, jv *out)
{
  if (obj.kind == JV_UNDEFINED) {
    if (!py_undef_is_lenient(obj)) return py_undefined_used(j, obj);
    *out = obj;
    return RS_OK;
  }
  const struct range *r = py_range_of(obj);
  if (obj.kind == JV_DICT) return py_fail(j, "unhashable type: 'slice'");
  if (obj.kind != JV_STR && obj.kind != JV_LIST && obj.kind != JV_TUPLE && r == NULL) {
    return py_fail(j, "'%s' object is not subscriptable", jv_type_name(obj));
  }
  int64_t from, to, by;
  size_t count;
  enum rs_code rc;
  if (!slice_bounds(j, start, stop, step, r != NULL ? r->n : jv_len(obj), &from, &to, &by, &count,
                    &rc)) {
    return rc;
  }
  TRY(py_steps(j, count / 16));
  if (r != NULL) {
    struct range *part = py_alloc(j, sizeof *part);
    if (part == NULL) return py_nomem(j);
    *part = (struct range){.start = r->start + from * r->step,
                           .stop = r->start + to * r->step,
                           .step = r->step * by,
                           .n = count};
    *out = jv_object(j, &py_range_class, part);
    return RS_OK;
  }
  if (obj.kind == JV_STR) return slice_str(j, obj, from, by, count, out);
  *out = py_tuple_new(j, count);
  if (out->kind != JV_TUPLE) return py_nomem(j);
  out->kind = obj.kind;
  for (size_t i = 0; i < count; i++) out->u.seq->v[i] = obj.u.seq->v[from + (int64_t)i * by];
  return RS_OK;
}
