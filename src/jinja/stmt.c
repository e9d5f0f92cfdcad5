/*
** Executing statements.
*/
#include "internal.h"

struct act *jinja_act_new(struct rs_python *j, struct act *up, const struct rs_template *t,
                          const struct func *f)
{
  struct act *a = py_alloc(j, sizeof *a);
  jv *slots = py_alloc(j, (f->nslots > 0 ? f->nslots : 1) * sizeof *slots);
  if (a == NULL || slots == NULL) return NULL;
  *a = (struct act){.up = up, .t = t, .slots = slots};
  if (up != NULL) {
    a->root = up->root;
    a->lenient = up->lenient;
  }
  for (uint32_t i = 0; i < f->nslots; i++) slots[i] = jv_absent();
  jinja_scope_enter(a, &f->scope);
  return a;
}

void jinja_scope_enter(struct act *a, const struct scope *s)
{
  for (size_t i = 0; i < s->n; i++) {
    const struct load *l = &s->loads[i];
    jv *slot = &a->slots[l->slot];
    switch (l->action) {
      case LOAD_UNDEFINED: *slot = jv_absent(); break;
      case LOAD_RESOLVE: *slot = (jv){.kind = JV_PENDING}; break;
      case LOAD_ALIAS: {
        struct act *from = a;
        for (uint32_t k = 0; k < l->from.hops; k++) from = from->up;
        *slot = from->slots[l->from.slot];
        break;
      }
    }
  }
}

/* ---- output -------------------------------------------------------------------------------- */

enum rs_code jinja_out_text(struct rs_python *j, struct out *o, const char *p, size_t n)
{
  if (o->buf != NULL) {
    rs_buf_add(o->buf, p, n);
    return o->buf->rc == RS_OK ? RS_OK : py_buf_fail(j, o->buf);
  }
  struct jv_seq *parts = o->parts;
  if (o->last_is_const && parts->n > 0) { // constants next to each other are one node
    const struct jv_str *s = parts->v[parts->n - 1].u.str;
    struct rs_buf b;
    py_buf_init(j, &b);
    rs_buf_add(&b, s->s, s->n);
    rs_buf_add(&b, p, n);
    return py_str_take(j, &b, STR_PLAIN, &parts->v[parts->n - 1]);
  }
  jv v = py_str_sub(j, p, n, STR_PLAIN);
  if (v.kind != JV_STR || !py_seq_reserve(j, parts, parts->n + 1)) return py_nomem(j);
  parts->v[parts->n++] = v;
  o->last_is_const = true;
  return RS_OK;
}

enum rs_code jinja_out_value(struct rs_python *j, struct out *o, jv v, bool escape)
{
  if (o->buf == NULL) {
    if (!py_seq_reserve(j, o->parts, o->parts->n + 1)) return py_nomem(j);
    o->parts->v[o->parts->n++] = v;
    o->last_is_const = false;
    return RS_OK;
  }
  if (j->eval->native && v.kind != JV_STR) { // native code joins its parts without str()
    return py_fail(j, "sequence item: expected str instance, %s found", jv_type_name(v));
  }
  TRY(escape ? py_text_escape(j, v, o->buf) : py_text_str(j, v, o->buf));
  return o->buf->rc == RS_OK ? RS_OK : py_buf_fail(j, o->buf);
}

static bool escapes(const struct rs_python *j, const struct node *n)
{
  return n->op == ESC_ON || (n->op == ESC_ASK && j->eval->autoescape);
}

static enum rs_code exec_output(struct rs_python *j, struct act *a, const struct node *n,
                                struct out *o)
{
  bool escape = escapes(j, n);
  // text of one output statement is not joined with that of the next
  o->last_is_const = false;
  for (size_t i = 0; i < n->u.out.n; i++) {
    const struct node *c = n->u.out.v[i];
    if (c->type == N_TEXT) {
      TRY(jinja_out_text(j, o, c->u.text.p, c->u.text.n));
      continue;
    }
    jv v;
    bool done;
    j->eval->line = c->line;
    TRY(jinja_fold_output(j, a, c, &v, &done));
    if (!done) TRY(jinja_eval(j, a, c, &v));
    enum rs_code rc = RS_OK;
    if (done && j->eval->native) {
      rc = py_text_of(j, v, &v);
      if (rc == RS_OK) rc = jinja_out_text(j, o, v.u.str->s, v.u.str->n);
    } else {
      // what Jinja folds while it does not know whether to escape is not escaped
      rc = jinja_out_value(j, o, v, escape && !(done && n->op == ESC_ASK));
    }
    if (rc != RS_OK) return jinja_error_at(j, rc, a->t, c->line, c->col);
  }
  return RS_OK;
}

enum rs_code jinja_exec_body(struct rs_python *j, struct act *a, const struct nodes *body, jv *text)
{
  struct rs_buf b;
  py_buf_init(j, &b);
  struct out o = {.buf = &b};
  enum flow flow = FLOW_NEXT;
  enum rs_code rc = jinja_exec(j, a, body, &o, &flow);
  if (rc == RS_OK) rc = jinja_out_end(j, &o, a->t);
  if (rc != RS_OK) {
    rs_buf_free(&b);
    return rc;
  }
  return py_str_take(j, &b, STR_PLAIN, text);
}

/* ---- assignment ---------------------------------------------------------------------------- */

static enum rs_code assign_ns(struct rs_python *j, struct act *a, const struct node *n, jv v)
{
  jv obj;
  TRY(jinja_name_value(j, a, n, &obj));
  jv d = py_ns_dict(obj);
  if (d.kind != JV_DICT) d = obj; // only a block set gets here unchecked
  if (d.kind != JV_DICT) {
    return py_fail(j, "'%s' object does not support item assignment", jv_type_name(obj));
  }
  return py_dict_put(j, d.u.dict, jv_of_str(n->u.name.attr), v);
}

static enum rs_code unpack(struct rs_python *j, struct act *a, const struct node *target, jv v)
{
  const struct nodes *items = &target->u.items;
  if (!py_is_iterable(v)) {
    return py_fail(j, "cannot unpack non-iterable %s object", jv_type_name(v));
  }
  struct jv_iter it;
  TRY(py_iter_open(j, v, &it));
  jv parts = py_tuple_new(j, items->n);
  if (parts.kind != JV_TUPLE) return py_nomem(j);
  for (size_t i = 0; i <= items->n; i++) {
    jv item;
    bool done;
    TRY(py_iter_next(j, &it, &item, &done));
    if (done && i < items->n) {
      return py_fail(j, "not enough values to unpack (expected %zu, got %zu)", items->n, i);
    }
    if (!done && i == items->n) {
      return py_fail(j, "too many values to unpack (expected %zu)", items->n);
    }
    if (!done) parts.u.seq->v[i] = item;
  }
  for (size_t i = 0; i < items->n; i++) TRY(jinja_assign(j, a, items->v[i], parts.u.seq->v[i]));
  return RS_OK;
}

enum rs_code jinja_assign(struct rs_python *j, struct act *a, const struct node *target, jv v)
{
  if (target->type == N_NAME) {
    jinja_hop(a, target->u.name.ref.hops)->slots[target->u.name.ref.slot] = v;
    return RS_OK;
  }
  return target->type == N_NSREF ? assign_ns(j, a, target, v) : unpack(j, a, target, v);
}

/* `ns.attr = ...` is for namespaces only; Jinja checks before it evaluates the value. */
static enum rs_code check_ns(struct rs_python *j, struct act *a, const struct node *target)
{
  if (target->type == N_TUPLE) {
    for (size_t i = 0; i < target->u.items.n; i++) TRY(check_ns(j, a, target->u.items.v[i]));
  }
  if (target->type != N_NSREF) return RS_OK;
  jv obj;
  TRY(jinja_name_value(j, a, target, &obj));
  if (py_ns_dict(obj).kind == JV_DICT) return RS_OK;
  return py_fail(j, "cannot assign attribute on non-namespace object");
}

static enum rs_code exec_set(struct rs_python *j, struct act *a, const struct node *n)
{
  jv v;
  TRY(check_ns(j, a, n->u.set.target));
  TRY(jinja_eval(j, a, n->u.set.value, &v));
  return jinja_assign(j, a, n->u.set.target, v);
}

/* The body of a set or filter block as text, through its filters. */
static enum rs_code captured(struct rs_python *j, struct act *a, const struct node *n, jv *out)
{
  jinja_scope_enter(a, &n->u.set.scope);
  TRY(jinja_exec_body(j, a, &n->u.set.body, out));
  if (j->eval->autoescape) *out = py_str_as(j, *out, STR_MARKUP);
  if (n->u.set.filter == NULL) return RS_OK;
  return jinja_eval_filter_on(j, a, n->u.set.filter, *out, out);
}

static enum rs_code exec_set_block(struct rs_python *j, struct act *a, const struct node *n)
{
  jv v;
  TRY(captured(j, a, n, &v));
  if (j->eval->autoescape) {
    TRY(py_text_of(j, v, &v));
    v = py_str_as(j, v, STR_MARKUP);
  }
  return jinja_assign(j, a, n->u.set.target, v);
}

static enum rs_code exec_with(struct rs_python *j, struct act *a, const struct node *n,
                              struct out *o, enum flow *flow)
{
  jinja_scope_enter(a, &n->u.with.scope);
  for (size_t i = 0; i < n->u.with.targets.n; i++) {
    jv v;
    TRY(jinja_eval(j, a, n->u.with.values.v[i], &v));
    TRY(jinja_assign(j, a, n->u.with.targets.v[i], v));
  }
  return jinja_exec(j, a, &n->u.with.body, o, flow);
}

static enum rs_code exec_if(struct rs_python *j, struct act *a, const struct node *n, struct out *o,
                            enum flow *flow)
{
  for (;;) { // a chain of elifs, in place
    jv test;
    bool yes;
    TRY(jinja_eval(j, a, n->u.branch.test, &test));
    TRY(jv_is_true(j, test, &yes));
    if (yes) return jinja_exec(j, a, &n->u.branch.body, o, flow);
    const struct nodes *no = &n->u.branch.otherwise;
    if (no->n != 1 || no->v[0]->type != N_IF || !no->v[0]->flag)
      return jinja_exec(j, a, no, o, flow);
    n = no->v[0];
  }
}

static enum rs_code exec_escape(struct rs_python *j, struct act *a, const struct node *n,
                                struct out *o, enum flow *flow)
{
  jv v;
  bool saved = j->eval->autoescape, on;
  jinja_scope_enter(a, &n->u.escape.scope);
  TRY(jinja_eval(j, a, n->u.escape.value, &v));
  TRY(jv_is_true(j, v, &on));
  j->eval->autoescape = on;
  enum rs_code rc = jinja_exec(j, a, &n->u.escape.body, o, flow);
  j->eval->autoescape = saved;
  return rc;
}

/* Output that Jinja joins without asking for its text: anything but a str is an error there. */
static enum rs_code out_raw(struct rs_python *j, struct out *o, jv v, const struct node *call)
{
  if (o->buf == NULL || v.kind == JV_STR) return jinja_out_value(j, o, v, false);
  if (o->unjoinable == NULL) {
    o->unjoinable = jv_type_name(v);
    o->line = call->line;
    o->col = call->col;
  }
  return RS_OK;
}

enum rs_code jinja_out_end(struct rs_python *j, const struct out *o, const struct rs_template *t)
{
  if (o->unjoinable == NULL) return RS_OK;
  enum rs_code rc = py_fail(j, "sequence item: expected str instance, %s found", o->unjoinable);
  return jinja_error_at(j, rc, t, o->line, o->col);
}

static enum rs_code exec_call_block(struct rs_python *j, struct act *a, const struct node *n,
                                    struct out *o)
{
  jv caller = jinja_macro_value(j, a, n->u.macro.macro), v;
  if (caller.kind != JV_FUNC) return py_nomem(j);
  const struct node *call = n->u.macro.call;
  j->eval->line = call->line;
  enum rs_code rc = jinja_call_node(j, a, call, caller, &v);
  if (rc == RS_OK) rc = out_raw(j, o, v, call);
  return jinja_error_at(j, rc, a->t, call->line, call->col);
}

static enum rs_code exec_one(struct rs_python *j, struct act *a, const struct node *n,
                             struct out *o, enum flow *flow)
{
  jv v;
  switch ((enum node_type)n->type) {
    case N_OUTPUT: return exec_output(j, a, n, o);
    case N_IF: return exec_if(j, a, n, o, flow);
    case N_FOR: return jinja_exec_for(j, a, n, o);
    case N_SET: return exec_set(j, a, n);
    case N_SETBLOCK: return exec_set_block(j, a, n);
    case N_MACRO:
      v = jinja_macro_value(j, a, n->u.macro.macro);
      if (v.kind != JV_FUNC) return py_nomem(j);
      jinja_hop(a, n->u.macro.ref.hops)->slots[n->u.macro.ref.slot] = v;
      return RS_OK;
    case N_CALLBLOCK: return exec_call_block(j, a, n, o);
    case N_FILTERBLOCK: TRY(captured(j, a, n, &v)); return out_raw(j, o, v, n);
    case N_WITH: return exec_with(j, a, n, o, flow);
    case N_DO: return jinja_eval(j, a, n->u.expr, &v);
    case N_BLOCK: return jinja_exec_block(j, a, n, o);
    case N_BREAK: *flow = FLOW_BREAK; return RS_OK;
    case N_CONTINUE: *flow = FLOW_CONTINUE; return RS_OK;
    case N_AUTOESCAPE: return exec_escape(j, a, n, o, flow);
    case N_LOADER:
      TRY(jinja_eval(j, a, n->u.expr, &v));
      return py_fail(j, "no loader for this environment specified");
    default: return py_fail(j, "not a statement");
  }
}

enum rs_code jinja_exec(struct rs_python *j, struct act *a, const struct nodes *body, struct out *o,
                        enum flow *flow)
{
  if (j->nest >= NEST_MAX) return py_limit(j, "maximum recursion depth exceeded");
  j->nest++;
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < body->n && rc == RS_OK && *flow == FLOW_NEXT; i++) {
    const struct node *n = body->v[i];
    rc = j_step(j);
    if (n->type != N_OUTPUT) j->eval->line = n->line;
    if (rc == RS_OK) rc = exec_one(j, a, n, o, flow);
    if (rc != RS_OK) rc = jinja_error_at(j, rc, a->t, n->line, n->col);
  }
  j->nest--;
  return rc;
}
