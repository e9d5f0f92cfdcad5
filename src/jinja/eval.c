/*
** Evaluating expressions: one recursive function over the tree. Depth, steps and the position of an
** error are handled in one spot, jinja_eval().
*/
#include <math.h>
#include "internal.h"

static enum rs_code resolve_name(struct rs_python *j, struct act *a, const struct jv_str *name,
                                 jv *out)
{
  while (a->block == NULL && a->up != NULL) a = a->up; // a macro sees what the block around it sees
  if (a->block != NULL) { // a block sees the template's own top-level names
    for (size_t i = 0; a->locals != NULL && i < a->block->nlocals; i++) {
      if (is_given(a->locals[i]) && strcmp(a->block->locals[i].name->s, name->s) == 0) {
        *out = a->locals[i];
        return RS_OK;
      }
    }
    for (size_t i = 0; i < a->t->nnames; i++) {
      const struct jv_str *s = a->t->names[i].name;
      jv v = a->root->slots[a->t->names[i].slot];
      if (s->hash == name->hash && strcmp(s->s, name->s) == 0 && is_given(v) &&
          v.kind != JV_PENDING) {
        *out = v;
        return RS_OK;
      }
    }
  }
  enum rs_code rc = rs_jinja_name(j, name->s, name->n, out, j->err);
  if (rc != RS_NOT_FOUND) return rc;
  if (!jinja_global_builtin(j, name->s, name->n, out)) *out = jv_absent();
  return RS_OK;
}

enum rs_code jinja_name_value(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  struct act *f = jinja_hop(a, n->u.name.ref.hops);
  jv *slot = &f->slots[n->u.name.ref.slot];
  if (slot->kind == JV_PENDING) {
    jv v = jv_absent();
    TRY(resolve_name(j, f, n->u.name.name, &v));
    *slot = v;
  }
  *out = *slot;
  return RS_OK;
}

static enum rs_code eval_name(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  TRY(jinja_name_value(j, a, n, out));
  if (!is_given(*out)) *out = py_undef_name(j, n->u.name.name);
  return RS_OK;
}

static enum rs_code eval_list(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  const struct nodes *items = &n->u.items;
  jv v = py_tuple_new(j, items->n);
  if (v.kind != JV_TUPLE) return py_nomem(j);
  if (n->type == N_LIST) v.kind = JV_LIST;
  for (size_t i = 0; i < items->n; i++) TRY(jinja_eval(j, a, items->v[i], &v.u.seq->v[i]));
  *out = v;
  return RS_OK;
}

static enum rs_code eval_dict(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  const struct nodes *items = &n->u.items;
  jv d = jv_dict(j);
  if (d.kind != JV_DICT) return py_nomem(j);
  for (size_t i = 0; i + 1 < items->n; i += 2) {
    jv key, value;
    TRY(jinja_eval(j, a, items->v[i], &key));
    TRY(jinja_eval(j, a, items->v[i + 1], &value));
    TRY(py_dict_put(j, d.u.dict, key, value));
  }
  *out = d;
  return RS_OK;
}

static enum rs_code eval_cond(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  jv test;
  bool yes;
  TRY(jinja_eval(j, a, n->u.cond.test, &test));
  TRY(jv_is_true(j, test, &yes));
  if (yes) return jinja_eval(j, a, n->u.cond.yes, out);
  if (n->u.cond.no != NULL) return jinja_eval(j, a, n->u.cond.no, out);
  struct rs_buf b;
  rs_buf_init(&b, 200);
  rs_buf_printf(&b,
                "the inline if-expression on line %u evaluated to false and no else section was "
                "defined.",
                n->line);
  bool lenient = j->lenient;
  j->lenient = false; // always Jinja's own class
  *out = py_undef_hint_buf(j, &b, NULL);
  j->lenient = lenient;
  return RS_OK;
}

static enum rs_code eval_logic(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  bool yes;
  jv v;
  TRY(jinja_eval(j, a, n->u.bin.a, &v));
  TRY(jv_is_true(j, v, &yes));
  if (n->type == N_NOT) {
    *out = jv_bool(!yes);
    return RS_OK;
  }
  if (yes == (n->type == N_OR)) {
    *out = v;
    return RS_OK;
  }
  return jinja_eval(j, a, n->u.bin.b, out);
}

static enum rs_code eval_compare(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  const struct nodes *items = &n->u.items;
  jv left, right;
  bool yes = true;
  TRY(jinja_eval(j, a, items->v[0], &left));
  for (size_t i = 1; i < items->n && yes; i++) {
    const struct node *operand = items->v[i];
    TRY(jinja_eval(j, a, operand->u.items.v[0], &right));
    TRY(jv_compare(j, (enum cmp_op)operand->op, left, right, &yes));
    left = right;
  }
  *out = jv_bool(yes);
  return RS_OK;
}

static bool escapes(const struct rs_python *j, const struct node *n)
{
  return n->op == ESC_ON || (n->op == ESC_ASK && j->eval->autoescape);
}

static enum rs_code eval_concat(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  const struct nodes *items = &n->u.items;
  jv parts = py_tuple_new(j, items->n);
  if (parts.kind != JV_TUPLE) return py_nomem(j);
  bool markup = false;
  for (size_t i = 0; i < items->n; i++) {
    TRY(jinja_eval(j, a, items->v[i], &parts.u.seq->v[i]));
    markup = markup || is_markup(parts.u.seq->v[i]);
  }
  // a constant is folded without a thought of Markup
  markup = markup && escapes(j, n) && !(n->is_const && n->op == ESC_ON);
  struct rs_buf b;
  py_buf_init(j, &b);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < items->n && rc == RS_OK; i++) {
    jv v = parts.u.seq->v[i];
    rc = markup ? py_text_escape(j, v, &b) : py_text_str(j, v, &b);
  }
  return py_str_end(j, rc, &b, markup ? STR_MARKUP : STR_PLAIN, out);
}

static enum rs_code eval_get(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  jv obj;
  TRY(jinja_eval(j, a, n->u.get.obj, &obj));
  if (n->type == N_GETATTR) return py_get_attr(j, obj, n->u.get.attr, out);
  const struct node *arg = n->u.get.arg;
  if (arg->type == N_SLICE) {
    jv part[3] = {jv_none(), jv_none(), jv_none()};
    const struct node *nodes[3] = {arg->u.slice.start, arg->u.slice.stop, arg->u.slice.step};
    for (int i = 0; i < 3; i++) {
      if (nodes[i] != NULL) TRY(jinja_eval(j, a, nodes[i], &part[i]));
    }
    bool sliced = obj.kind == JV_STR || obj.kind == JV_LIST || obj.kind == JV_TUPLE;
    for (int i = 0; i < 3; i++) sliced = sliced && (part[i].kind == JV_NONE || is_int(part[i]));
    if (part[2].kind == JV_INT && part[2].u.i == 0) sliced = true; // refused first
    // the compiler's lookup finds nothing; only running it complains
    if (j->eval->folding && !sliced && obj.kind != JV_UNDEFINED) {
      *out = py_undef_attr(j, obj, jv_none());
      return RS_OK;
    }
    return py_get_slice(j, obj, part[0], part[1], part[2], out);
  }
  jv key;
  TRY(jinja_eval(j, a, arg, &key));
  return py_get_item(j, obj, key, out);
}

static enum rs_code eval_row(struct rs_python *j, struct act *a, const struct node *n, jv input,
                             jv *out)
{
  if (n->u.call.row == NULL) {
    return py_fail(j, "No %s named '%s' found.", n->type == N_FILTER ? "filter" : "test",
                   n->u.call.name->s);
  }
  if (n->u.call.args.pos.n == 0 && n->u.call.args.kwv.n == 0 && n->u.call.args.star == NULL &&
      n->u.call.args.star2 == NULL) {
    static const struct jv_args none;
    return py_row_call(j, n->u.call.row, input, &none, out);
  }
  struct arg_list l;
  TRY(jinja_args_eval(j, a, &n->u.call.args, jv_absent(), &l));
  return py_row_call(j, n->u.call.row, input, &l.a, out);
}

static enum op op_of(const struct node *n)
{
  static const enum op ops[] = {[N_ADD] = OP_ADD, [N_SUB] = OP_SUB,           [N_MUL] = OP_MUL,
                                [N_DIV] = OP_DIV, [N_FLOORDIV] = OP_FLOORDIV, [N_MOD] = OP_MOD,
                                [N_POW] = OP_POW, [N_NEG] = OP_NEG,           [N_POS] = OP_POS};
  return ops[n->type];
}

enum rs_code jinja_eval_filter_on(struct rs_python *j, struct act *a, const struct node *n,
                                  jv input, jv *out)
{
  // the innermost filter of the chain has no target: it gets the input
  if (n->u.call.target != NULL) TRY(jinja_eval_filter_on(j, a, n->u.call.target, input, &input));
  return jinja_error_at(j, eval_row(j, a, n, input, out), a->t, n->line, n->col);
}

static bool is_negative(jv v)
{
  if (v.kind == JV_BIGINT) return jv_bigp(v)->neg;
  return v.kind == JV_INT ? v.u.i < 0 : v.kind == JV_FLOAT && signbit(v.u.f);
}

enum rs_code jinja_eval_node(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  jv x, y;
  switch ((enum node_type)n->type) {
    case N_CONST: *out = n->u.value; return RS_OK;
    case N_NAME: return eval_name(j, a, n, out);
    case N_TUPLE:
    case N_LIST: return eval_list(j, a, n, out);
    case N_DICT: return eval_dict(j, a, n, out);
    case N_COND: return eval_cond(j, a, n, out);
    case N_AND:
    case N_OR:
    case N_NOT: return eval_logic(j, a, n, out);
    case N_COMPARE: return eval_compare(j, a, n, out);
    case N_CONCAT: return eval_concat(j, a, n, out);
    case N_ADD:
    case N_SUB:
    case N_MUL:
    case N_DIV:
    case N_FLOORDIV:
    case N_MOD:
    case N_POW:
      TRY(jinja_eval(j, a, n->u.bin.a, &x));
      TRY(jinja_eval(j, a, n->u.bin.b, &y));
      if (n->type == N_POW && n->u.bin.a->is_const && !n->is_const && is_negative(x)) {
        // Jinja writes the folded constant into Python code, where -2 ** n is -(2 ** n)
        TRY(py_num_unary(j, OP_NEG, x, &x));
        TRY(py_num_binary(j, OP_POW, x, y, &x));
        return py_num_unary(j, OP_NEG, x, out);
      }
      return py_num_binary(j, op_of(n), x, y, out);
    case N_NEG:
    case N_POS: TRY(jinja_eval(j, a, n->u.bin.a, &x)); return py_num_unary(j, op_of(n), x, out);
    case N_GETATTR:
    case N_GETITEM: return eval_get(j, a, n, out);
    case N_CALL: return jinja_call_node(j, a, n, jv_absent(), out);
    case N_FILTER:
    case N_TEST: TRY(jinja_eval(j, a, n->u.call.target, &x)); return eval_row(j, a, n, x, out);
    case N_TEXT: *out = py_str_sub(j, n->u.text.p, n->u.text.n, STR_PLAIN); return RS_OK;
    case N_SLICE: return py_fail(j, "slices are allowed as the only subscript");
    default: return py_fail(j, "not an expression");
  }
}

enum rs_code jinja_eval(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  enum rs_code rc = j_step(j);
  if (rc == RS_OK && j->nest >= NEST_MAX) rc = py_limit(j, "maximum recursion depth exceeded");
  if (rc == RS_OK) {
    j->nest++;
    rc = jinja_fold_wanted(j, a, n) ? jinja_fold_inner(j, a, n, out)
                                    : jinja_eval_node(j, a, n, out);
    j->nest--;
  }
  return rc == RS_OK ? rc : jinja_error_at(j, rc, a->t, n->line, n->col);
}
