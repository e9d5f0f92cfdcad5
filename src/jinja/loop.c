/*
** For loops and the `loop` variable, after jinja2.runtime.LoopContext.
*/
#include "internal.h"

struct loop {
  const struct node *n;
  struct act *a;     /* where the body runs */
  struct act *outer; /* of a recursive loop: where `loop(x)` starts anew */
  jv src;
  struct jv_iter it;
  bool filtered, length_known, has_after;
  size_t length;
  int64_t index0, depth0;
  jv current, before, after, changed;
};

static enum rs_code run_loop(struct rs_python *j, struct act *a, const struct node *n, jv src,
                             int64_t depth0, struct out *o);

/* The next item that passes the loop's own `if`. */
static enum rs_code pull_item(struct rs_python *j, struct loop *l, jv *out, bool *done)
{
  for (;;) {
    TRY(py_iter_next(j, &l->it, out, done));
    if (*done || !l->filtered) return RS_OK;
    jv test;
    bool yes;
    TRY(jinja_assign(j, l->a, l->n->u.loop.test_target, *out));
    TRY(jinja_eval(j, l->a, l->n->u.loop.test, &test));
    TRY(jv_is_true(j, test, &yes));
    if (yes) return RS_OK;
  }
}

static enum rs_code advance(struct rs_python *j, struct loop *l, bool *done)
{
  jv v;
  if (l->has_after) {
    v = l->after;
    l->has_after = false;
    *done = !is_given(v);
    if (*done) TRY(pull_item(j, l, &v, done)); // it was the end; a list may have grown since
  } else {
    TRY(pull_item(j, l, &v, done));
  }
  if (*done) return RS_OK;
  l->index0++;
  l->before = l->current;
  l->current = v;
  return RS_OK;
}

static enum rs_code peek_item(struct rs_python *j, struct loop *l)
{
  if (l->has_after) return RS_OK;
  bool done;
  TRY(pull_item(j, l, &l->after, &done));
  if (done) l->after = jv_absent();
  l->has_after = !done;
  return RS_OK;
}

static enum rs_code loop_length(struct rs_python *j, struct loop *l, size_t *n)
{
  if (!l->length_known) {
    if (!l->filtered && jv_has_len(l->src)) {
      TRY(jv_length(j, l->src, &l->length));
    } else { // buffer what is left
      jv rest = jv_list(j);
      for (;;) {
        jv v;
        bool done;
        TRY(pull_item(j, l, &v, &done));
        if (done) break;
        jv_list_add(j, rest, v);
      }
      if (rest.kind != JV_LIST || j->sticky != RS_OK) return py_nomem(j);
      l->length = rest.u.seq->n + (size_t)(l->index0 + 1) + l->has_after;
      l->filtered = false;
      TRY(py_iter_open(j, rest, &l->it));
    }
    l->length_known = true;
  }
  *n = l->length;
  return RS_OK;
}

/* ---- the loop object ----------------------------------------------------------------------- */

static NATIVE(loop_cycle)
{
  const struct loop *l = ctx;
  if (args->npos == 0) return py_fail(j, "no items for cycling given");
  *out = args->pos[(size_t)l->index0 % args->npos];
  return RS_OK;
}

static NATIVE(loop_changed)
{
  struct loop *l = ctx;
  jv now = jv_tuple(j, args->pos, args->npos);
  if (now.kind != JV_TUPLE) return py_nomem(j);
  bool same = false;
  if (is_given(l->changed)) TRY(jv_eq(j, l->changed, now, &same));
  if (!same) l->changed = now;
  *out = jv_bool(!same);
  return RS_OK;
}

static enum rs_code from_end(struct rs_python *j, struct loop *l, int64_t minus, jv *out)
{
  size_t n;
  TRY(loop_length(j, l, &n));
  *out = jv_int((int64_t)n - minus);
  return RS_OK;
}

static CLASS_GETATTR(loop_getattr)
{
  struct loop *l = self;
#define IS(text) rs_eqn(text, name, n)
  if (IS("index")) {
    *out = jv_int(l->index0 + 1);
  } else if (IS("index0")) {
    *out = jv_int(l->index0);
  } else if (IS("first")) {
    *out = jv_bool(l->index0 == 0);
  } else if (IS("last")) {
    TRY(peek_item(j, l));
    *out = jv_bool(!l->has_after);
  } else if (IS("length")) {
    return from_end(j, l, 0, out);
  } else if (IS("revindex")) {
    return from_end(j, l, l->index0, out);
  } else if (IS("revindex0")) {
    return from_end(j, l, l->index0 + 1, out);
  } else if (IS("depth")) {
    *out = jv_int(l->depth0 + 1);
  } else if (IS("depth0")) {
    *out = jv_int(l->depth0);
  } else if (IS("previtem")) {
    *out = l->index0 == 0 ? py_undef_hint(j, "there is no previous item", NULL) : l->before;
  } else if (IS("nextitem")) {
    TRY(peek_item(j, l));
    *out = l->has_after ? l->after : py_undef_hint(j, "there is no next item", NULL);
  } else if (IS("cycle")) {
    *out = jv_func(j, "cycle", loop_cycle, l);
  } else if (IS("changed")) {
    *out = jv_func(j, "changed", loop_changed, l);
  } else {
    return RS_NOT_FOUND;
  }
  return RS_OK;
#undef IS
}

static CLASS_CALL(loop_call)
{
  const struct loop *l = self;
  if (!l->n->flag) {
    return py_fail(j, "The loop must have the 'recursive' marker to be called recursively.");
  }
  if (args->npos != 1 || args->nkw != 0) {
    return py_fail(j, "LoopContext.__call__() takes 2 positional arguments but %zu were given",
                   args->npos + 1);
  }
  struct rs_buf b;
  py_buf_init(j, &b);
  struct out o = {.buf = &b};
  enum rs_code rc = run_loop(j, l->outer, l->n, args->pos[0], l->depth0 + 1, &o);
  if (rc == RS_OK) rc = jinja_out_end(j, &o, l->outer->t);
  return py_str_end(j, rc, &b, j->eval->autoescape ? STR_MARKUP : STR_PLAIN, out);
}

static CLASS_TEXT(loop_str)
{
  struct loop *l = self;
  size_t n;
  TRY(loop_length(j, l, &n));
  rs_buf_printf(b, "<LoopContext %lld/%zu>", (long long)(l->index0 + 1), n);
  return RS_OK;
}

static CLASS_ITER(loop_iter)
{
  struct loop *l = self;
  *out = jv_list(j);
  for (;;) { // Python yields (item, loop) pairs from a loop that is iterated itself
    bool done;
    TRY(advance(j, l, &done));
    if (done) return RS_OK;
    jv pair = py_tuple_new(j, 2);
    if (pair.kind != JV_TUPLE) return py_nomem(j);
    pair.u.seq->v[0] = l->current;
    jv_list_add(j, *out, pair);
  }
}

static const struct jv_class loop_class = {.name = "LoopContext",
                                           .getattr = loop_getattr,
                                           .call = loop_call,
                                           .str = loop_str,
                                           .iter = loop_iter};

/* ---- running ------------------------------------------------------------------------------- */

static enum rs_code iterate(struct rs_python *j, struct loop *l, jv object, struct out *o)
{
  const struct node *n = l->n;
  struct act *a = l->a;
  bool empty = true; // until a body ran to its end, as Jinja's compiled code has it
  for (;;) {
    bool done;
    TRY(advance(j, l, &done));
    if (done) break;
    jinja_scope_enter(a, &n->u.loop.scope);
    TRY(jinja_assign(j, a, n->u.loop.target, l->current));
    if (n->u.loop.wants_loop) a->slots[n->u.loop.loop_slot] = object;
    enum flow flow = FLOW_NEXT;
    TRY(jinja_exec(j, a, &n->u.loop.body, o, &flow));
    if (flow == FLOW_BREAK) break;
    if (flow == FLOW_NEXT) empty = false;
  }
  if (!empty || n->u.loop.otherwise.n == 0) return RS_OK;
  enum flow flow = FLOW_NEXT;
  jinja_scope_enter(a, &n->u.loop.else_scope);
  return jinja_exec(j, a, &n->u.loop.otherwise, o, &flow);
}

static enum rs_code run_loop(struct rs_python *j, struct act *outer, const struct node *n, jv src,
                             int64_t depth0, struct out *o)
{
  struct loop *l = py_alloc(j, sizeof *l);
  if (l == NULL) return py_nomem(j);
  *l = (struct loop){.n = n,
                     .a = outer,
                     .outer = outer,
                     .src = src,
                     .index0 = -1,
                     .depth0 = depth0,
                     .filtered = n->u.loop.test != NULL,
                     .current = jv_absent(),
                     .before = jv_absent(),
                     .after = jv_absent(),
                     .changed = jv_absent()};
  jv object = jv_none();
  if (n->u.loop.wants_loop) {
    object = jv_object(j, &loop_class, l);
    if (object.kind != JV_OBJECT) return py_nomem(j);
  }
  if (n->flag) { // recursive: a function of its own
    if (j->eval->depth >= j->opt.max_depth) return py_limit(j, "maximum recursion depth exceeded");
    l->a = jinja_act_new(j, outer, outer->t, &n->u.loop.fn);
    if (l->a == NULL) return py_nomem(j);
  }
  TRY(py_iter_open(j, src, &l->it));
  if (l->filtered) jinja_scope_enter(l->a, &n->u.loop.test_scope);
  j->eval->depth++;
  enum rs_code rc = iterate(j, l, object, o);
  j->eval->depth--;
  return rc;
}

enum rs_code jinja_exec_for(struct rs_python *j, struct act *a, const struct node *n, struct out *o)
{
  jv src;
  TRY(jinja_eval(j, a, n->u.loop.iter, &src));
  if (!n->flag || o->buf != NULL) return run_loop(j, a, n, src, 0, o);
  // a recursive loop is a function: natively it gives one text
  struct rs_buf b;
  py_buf_init(j, &b);
  struct out text = {.buf = &b};
  enum rs_code rc = run_loop(j, a, n, src, 0, &text);
  if (rc == RS_OK) rc = jinja_out_end(j, &text, a->t);
  if (rc != RS_OK) {
    rs_buf_free(&b);
    return rc;
  }
  TRY(py_str_take(j, &b, STR_PLAIN, &src));
  return jinja_out_value(j, o, src, false);
}
