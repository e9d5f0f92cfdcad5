/*
** Truth, identity, equality, order and membership, as Python's operators have them.
*/
#include "protocol.h"

#define DEPTH_MAX 200 /* of nested containers that are compared */

enum rs_code jv_is_true(struct rs_python *j, jv v, bool *yes)
{
  (void)j;
  switch ((int)v.kind) {
    case JV_UNDEFINED:
    case JV_NONE: *yes = false; break;
    case JV_BOOL: *yes = v.u.b; break;
    case JV_INT: *yes = v.u.i != 0; break;
    case JV_FLOAT: *yes = v.u.f != 0; break;
    case JV_STR:
    case JV_LIST:
    case JV_TUPLE:
    case JV_DICT: *yes = jv_len(v) > 0; break;
    case JV_OBJECT: {
      const struct jv_class *c = v.u.obj->cls;
      *yes = c->truth != NULL ? c->truth(v.u.obj->self)
             : c->len != NULL ? c->len(v.u.obj->self) > 0
                              : true;
      break;
    }
    default: *yes = true;
  }
  return RS_OK;
}

bool jv_is(jv a, jv b)
{
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case JV_NONE: return true;
    case JV_BOOL: return a.u.b == b.u.b;
    case JV_INT: return a.u.i == b.u.i;
    case JV_FLOAT: return memcmp(&a.u.f, &b.u.f, sizeof a.u.f) == 0;
    case JV_STR: // Python interns the constants of a template
      return a.u.str == b.u.str ||
             (a.u.str->n == b.u.str->n && memcmp(a.u.str->s, b.u.str->s, a.u.str->n) == 0);
    case JV_OBJECT:
      return a.u.obj == b.u.obj || (a.u.obj->cls == b.u.obj->cls && a.u.obj->self == b.u.obj->self);
    case JV_FUNC: // a module's macro is one, however often it is looked up
      return a.u.func == b.u.func ||
             (a.u.func->kind == FN_MACRO && b.u.func->kind == FN_MACRO && a.u.func->env == NULL &&
              b.u.func->env == NULL && a.u.func->macro == b.u.func->macro);
    case JV_UNDEFINED: return a.u.p == b.u.p;
    default: return a.u.p == b.u.p;
  }
}

static enum rs_code eq_at(struct rs_python *j, jv a, jv b, bool *yes, unsigned depth);

static enum rs_code eq_seq(struct rs_python *j, const struct jv_seq *a, const struct jv_seq *b,
                           bool *yes, unsigned depth)
{
  *yes = a->n == b->n;
  for (size_t i = 0; *yes && i < a->n && i < b->n; i++) {
    TRY(j_step(j));
    if (jv_is(a->v[i], b->v[i])) continue;
    TRY(eq_at(j, a->v[i], b->v[i], yes, depth + 1));
  }
  return RS_OK;
}

static enum rs_code eq_dict(struct rs_python *j, const struct jv_dict *a, const struct jv_dict *b,
                            bool values, bool *yes, unsigned depth)
{
  *yes = a->live == b->live;
  for (size_t i = 0; *yes && py_dict_next(a, &i); i++) {
    size_t at;
    TRY(j_step(j));
    TRY(py_dict_find(j, b, a->keys[i], &at));
    *yes = at != DICT_NONE;
    if (*yes && values && !jv_is(a->vals[i], b->vals[at])) {
      TRY(eq_at(j, a->vals[i], b->vals[at], yes, depth + 1));
    }
  }
  return RS_OK;
}

static enum rs_code eq_object(struct rs_python *j, jv a, jv b, bool *yes, unsigned depth)
{
  struct jv_dict *sa = py_set_items(a), *sb = py_set_items(b);
  if (sa != NULL && sb != NULL) return eq_dict(j, sa, sb, false, yes, depth);
  const struct range *ra = py_range_of(a), *rb = py_range_of(b);
  if (ra != NULL && rb != NULL) {
    *yes = ra->n == rb->n &&
           (ra->n == 0 || (ra->start == rb->start && (ra->n == 1 || ra->step == rb->step)));
    return RS_OK;
  }
  const struct view *va = jv_self(a, &py_view_class), *vb = jv_self(b, &py_view_class);
  if (va != NULL && vb != NULL && va->kind == vb->kind && va->kind != VIEW_VALUES) {
    return eq_dict(j, va->dict, vb->dict, va->kind == VIEW_ITEMS, yes, depth);
  }
  const struct jv_class *c = a.u.obj->cls;
  *yes = jv_is(a, b) ||
         (c == b.u.obj->cls && c->equal != NULL && c->equal(a.u.obj->self, b.u.obj->self));
  return RS_OK;
}

/* A number of the caller's (Decimal) against an int or float: "<=>" of its binop. */
static bool mixed_order(struct rs_python *j, jv a, jv b, int *c)
{
  jv object = a.kind == JV_OBJECT ? a : b, other = a.kind == JV_OBJECT ? b : a, order;
  if (object.kind != JV_OBJECT || !is_num(other) || !object.u.obj->cls->is_number ||
      object.u.obj->cls->binop == NULL)
    return false;
  if (object.u.obj->cls->binop(j, "<=>", a, b, &order, NULL) != RS_OK) return false;
  *c = (int)order.u.i;
  return order.kind == JV_INT;
}

static enum rs_code eq_at(struct rs_python *j, jv a, jv b, bool *yes, unsigned depth)
{
  int c;
  *yes = false;
  if (depth > DEPTH_MAX) return py_limit(j, "maximum recursion depth exceeded in comparison");
  if (is_num(a) && is_num(b)) {
    bool unordered = false;
    *yes = py_num_cmp(a, b, &unordered) == 0 && !unordered;
    return RS_OK;
  }
  if (a.kind != b.kind) {
    *yes = mixed_order(j, a, b, &c) && c == 0;
    return RS_OK;
  }
  switch (a.kind) {
    case JV_UNDEFINED: *yes = py_undef_is_lenient(a) == py_undef_is_lenient(b); return RS_OK;
    case JV_NONE: *yes = true; return RS_OK;
    case JV_STR:
      *yes = a.u.str->n == b.u.str->n && memcmp(a.u.str->s, b.u.str->s, a.u.str->n) == 0;
      return RS_OK;
    case JV_LIST:
    case JV_TUPLE: return eq_seq(j, a.u.seq, b.u.seq, yes, depth);
    case JV_DICT: return eq_dict(j, a.u.dict, b.u.dict, true, yes, depth);
    case JV_OBJECT: return eq_object(j, a, b, yes, depth);
    case JV_FUNC:
      *yes = jv_is(a, b) ||
             (a.u.func->kind == FN_METHOD && b.u.func->kind == FN_METHOD &&
              a.u.func->row == b.u.func->row && jv_is(a.u.func->self, b.u.func->self));
      return RS_OK;
    default: return RS_OK;
  }
}

enum rs_code jv_eq(struct rs_python *j, jv a, jv b, bool *yes)
{
  return eq_at(j, a, b, yes, 0);
}

/* ---- order --------------------------------------------------------------------------------- */

static bool holds(enum cmp_op op, int c)
{
  switch (op) {
    case CMP_LT: return c < 0;
    case CMP_LE: return c <= 0;
    case CMP_GT: return c > 0;
    default: return c >= 0;
  }
}

static enum rs_code order_at(struct rs_python *j, enum cmp_op op, jv a, jv b, bool *yes,
                             unsigned depth);

static enum rs_code order_seq(struct rs_python *j, enum cmp_op op, const struct jv_seq *a,
                              const struct jv_seq *b, bool *yes, unsigned depth)
{
  for (size_t i = 0; i < a->n && i < b->n; i++) {
    bool same = jv_is(a->v[i], b->v[i]);
    TRY(j_step(j));
    if (!same) TRY(eq_at(j, a->v[i], b->v[i], &same, depth + 1));
    if (!same) return order_at(j, op, a->v[i], b->v[i], yes, depth + 1);
  }
  *yes = holds(op, a->n < b->n ? -1 : a->n > b->n);
  return RS_OK;
}

/* Sets: < is "proper subset". */
static enum rs_code order_set(struct rs_python *j, enum cmp_op op, const struct jv_dict *a,
                              const struct jv_dict *b, bool *yes)
{
  if (op == CMP_GT || op == CMP_GE) {
    const struct jv_dict *t = a;
    a = b;
    b = t;
    op = op == CMP_GT ? CMP_LT : CMP_LE;
  }
  *yes = op == CMP_LT ? a->live < b->live : a->live <= b->live;
  for (size_t i = 0; *yes && py_dict_next(a, &i); i++) {
    size_t at;
    TRY(py_dict_find(j, b, a->keys[i], &at));
    *yes = at != DICT_NONE;
  }
  return RS_OK;
}

static enum rs_code order_at(struct rs_python *j, enum cmp_op op, jv a, jv b, bool *yes,
                             unsigned depth)
{
  static const char *const names[] = {"==", "!=", "<", "<=", ">", ">="};
  if (depth > DEPTH_MAX) return py_limit(j, "maximum recursion depth exceeded in comparison");
  if (is_num(a) && is_num(b)) {
    bool unordered = false;
    int c = py_num_cmp(a, b, &unordered);
    *yes = !unordered && holds(op, c);
    return RS_OK;
  }
  if (a.kind == JV_UNDEFINED) return py_undefined_used(j, a);
  if (b.kind == JV_UNDEFINED) return py_undefined_used(j, b);
  if (a.kind == JV_STR && b.kind == JV_STR) {
    // UTF-8 sorts as the code points do
    size_t n = a.u.str->n < b.u.str->n ? a.u.str->n : b.u.str->n;
    int c = memcmp(a.u.str->s, b.u.str->s, n);
    *yes = holds(op, c != 0 ? c : a.u.str->n < b.u.str->n ? -1 : a.u.str->n > b.u.str->n);
    return RS_OK;
  }
  if (a.kind == b.kind && (a.kind == JV_LIST || a.kind == JV_TUPLE)) {
    return order_seq(j, op, a.u.seq, b.u.seq, yes, depth);
  }
  struct jv_dict *sa = py_set_items(a), *sb = py_set_items(b);
  if (sa != NULL && sb != NULL) return order_set(j, op, sa, sb, yes);
  if (a.kind == JV_OBJECT && b.kind == JV_OBJECT && a.u.obj->cls == b.u.obj->cls &&
      a.u.obj->cls->compare != NULL) {
    *yes = holds(op, a.u.obj->cls->compare(a.u.obj->self, b.u.obj->self));
    return RS_OK;
  }
  int c;
  if (mixed_order(j, a, b, &c)) {
    *yes = holds(op, c);
    return RS_OK;
  }
  return py_fail(j, "'%s' not supported between instances of '%s' and '%s'", names[op],
                 jv_type_name(a), jv_type_name(b));
}

enum rs_code jv_compare(struct rs_python *j, enum cmp_op op, jv a, jv b, bool *yes)
{
  switch (op) {
    case CMP_EQ: return eq_at(j, a, b, yes, 0);
    case CMP_NE:
      TRY(eq_at(j, a, b, yes, 0));
      *yes = !*yes;
      return RS_OK;
    case CMP_IN: return jv_contains(j, b, a, yes);
    case CMP_NOTIN:
      TRY(jv_contains(j, b, a, yes));
      *yes = !*yes;
      return RS_OK;
    default: return order_at(j, op, a, b, yes, 0);
  }
}

enum rs_code jv_lt(struct rs_python *j, jv a, jv b, bool *yes)
{
  return order_at(j, CMP_LT, a, b, yes, 0);
}

/* ---- length and membership ----------------------------------------------------------------- */

bool jv_has_len(jv v)
{
  switch (v.kind) {
    case JV_STR:
    case JV_LIST:
    case JV_TUPLE:
    case JV_DICT:
    case JV_UNDEFINED: return true;
    case JV_OBJECT:
      return v.u.obj->cls->len != NULL || py_set_items(v) != NULL || py_range_of(v) != NULL ||
             jv_self(v, &py_view_class) != NULL;
    default: return false;
  }
}

enum rs_code jv_length(struct rs_python *j, jv v, size_t *n)
{
  if (!jv_has_len(v)) return py_fail(j, "object of type '%s' has no len()", jv_type_name(v));
  const struct view *view = jv_self(v, &py_view_class);
  if (v.kind != JV_OBJECT) {
    *n = jv_len(v);
  } else if (v.u.obj->cls->len != NULL) {
    *n = v.u.obj->cls->len(v.u.obj->self);
  } else {
    *n = py_set_items(v) != NULL ? py_set_items(v)->live
         : view != NULL          ? view->dict->live
                                 : py_range_of(v)->n;
  }
  return RS_OK;
}

static bool in_range(const struct range *r, jv item)
{
  if (item.kind == JV_BOOL) item = jv_int(item.u.b);
  if (item.kind == JV_FLOAT && item.u.f == (double)(int64_t)item.u.f) {
    item = jv_int((int64_t)item.u.f);
  }
  if (item.kind != JV_INT || r->n == 0) return false;
  int64_t last = r->start + (int64_t)(r->n - 1) * r->step;
  int64_t lo = r->step > 0 ? r->start : last, hi = r->step > 0 ? last : r->start;
  return item.u.i >= lo && item.u.i <= hi && (item.u.i - r->start) % r->step == 0;
}

enum rs_code jv_contains(struct rs_python *j, jv seq, jv item, bool *yes)
{
  *yes = false;
  size_t at;
  if (seq.kind == JV_STR) {
    if (item.kind != JV_STR) {
      return py_fail(j, "'in <string>' requires string as left operand, not %s",
                     jv_type_name(item));
    }
    *yes = py_find_bytes(seq.u.str->s, seq.u.str->n, item.u.str->s, item.u.str->n, 0) != NOT_FOUND;
    return RS_OK;
  }
  const struct view *view = jv_self(seq, &py_view_class);
  const struct jv_str *bytes = py_bytes_of(seq), *part = py_bytes_of(item);
  if (bytes != NULL && part != NULL) {
    *yes = py_find_bytes(bytes->s, bytes->n, part->s, part->n, 0) != NOT_FOUND;
    return RS_OK;
  }
  if (bytes != NULL && !is_int(item)) {
    return py_fail(j, "a bytes-like object is required, not '%s'", jv_type_name(item));
  }
  const struct jv_dict *d = seq.kind == JV_DICT                       ? seq.u.dict
                            : view != NULL && view->kind == VIEW_KEYS ? view->dict
                                                                      : py_set_items(seq);
  if (d != NULL) {
    TRY(py_dict_find(j, d, item, &at));
    *yes = at != DICT_NONE;
    return RS_OK;
  }
  if (py_range_of(seq) != NULL) {
    *yes = in_range(py_range_of(seq), item);
    return RS_OK;
  }
  if (!py_is_iterable(seq)) {
    return py_fail(j, "argument of type '%s' is not iterable", jv_type_name(seq));
  }
  struct jv_iter it;
  TRY(py_iter_open(j, seq, &it));
  for (;;) {
    jv v;
    bool done;
    TRY(py_iter_next(j, &it, &v, &done));
    if (done) return RS_OK;
    *yes = jv_is(v, item);
    if (!*yes) TRY(jv_eq(j, v, item, yes));
    if (*yes) return RS_OK;
  }
}
