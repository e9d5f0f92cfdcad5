/*
** The evaluation as an object: limits, errors with their position, globals, and the entry points.
*/
#include "internal.h"

struct whole {
  struct rs_python j;
  struct evaluator eval;
};

struct template_use {
  struct rs_template *t;
  struct template_use *next;
};

/* ---- life ---------------------------------------------------------------------------------- */

struct rs_python *rs_jinja_new(const struct rs_python_options *opt)
{
  struct whole *x = rs_calloc(1, sizeof *x);
  if (x == NULL) return NULL;
  struct rs_python *j = &x->j;
  j->eval = &x->eval;
  j->macros = &jinja_macro_class;
  if (opt != NULL) j->opt = *opt;
  if (j->opt.max_steps == 0) j->opt.max_steps = 50000000;
  if (j->opt.max_depth == 0) j->opt.max_depth = 200;
  if (j->opt.max_output == 0) j->opt.max_output = (size_t)64 << 20;
  if (j->opt.max_memory == 0) j->opt.max_memory = (size_t)256 << 20;
  rs_arena_init(&j->arena, j->opt.max_memory);
  rs_map_init(&j->eval->globals);
  j->next_poll = j->opt.max_steps < POLL_EVERY ? j->opt.max_steps : POLL_EVERY;
  j->eval->seed = (uint64_t)(uintptr_t)j;
  return j;
}

void rs_jinja_free(struct rs_python *j)
{
  if (j == NULL) return;
  for (struct template_use *u = j->eval->uses; u != NULL; u = u->next) rs_template_release(u->t);
  rs_map_free(&j->eval->globals);
  rs_arena_free(&j->arena);
  rs_free(j); // the whole begins with it
}

/* ---- errors with their position -------------------------------------------------------------- */

enum rs_code jinja_error_at(struct rs_python *j, enum rs_code rc, const struct rs_template *t,
                            uint32_t line, uint32_t col)
{
  if (rc == RS_OK || j->located || j->eval->returning || t == NULL) return rc;
  j->located = true;
  if (rc != RS_NOMEM && j->err != NULL) {
    (void)rs_error_prefix(j->err, "%s line %u, column %u", t->name, line, col);
  }
  return rc;
}

/* ---- globals ------------------------------------------------------------------------------- */

void rs_jinja_global(struct rs_python *j, const char *name, jv value)
{
  jv *keep = py_alloc(j, sizeof *keep);
  if (keep == NULL) return;
  *keep = value;
  if (!rs_map_put(&j->eval->globals, name, keep) && j->sticky == RS_OK) j->sticky = RS_NOMEM;
}

enum rs_code rs_jinja_name(struct rs_python *j, const char *name, size_t n, jv *out,
                           struct rs_error *e)
{
  const struct rs_map_entry *known = rs_map_find(&j->eval->globals, name, n);
  *out = known != NULL ? *(const jv *)known->value : jv_none();
  if (known != NULL) return RS_OK;
  return j->eval->resolve != NULL ? j->eval->resolve(j, j->eval->resolve_ctx, name, n, out, e)
                                  : RS_NOT_FOUND;
}

void rs_jinja_global_func(struct rs_python *j, const char *name, jv_native fn, void *ctx)
{
  rs_jinja_global(j, name, jv_func(j, name, fn, ctx));
}

void rs_jinja_resolver(struct rs_python *j,
                       enum rs_code (*fn)(struct rs_python *j, void *ctx, const char *name,
                                          size_t n, jv *out, struct rs_error *e),
                       void *ctx)
{
  j->eval->resolve = fn;
  j->eval->resolve_ctx = ctx;
}

/* Keeps a template as long as j: values may borrow its constants. */
bool jinja_keep_template(struct rs_python *j, struct rs_template *t)
{
  const struct template_use *known = j->eval->uses;
  while (known != NULL && known->t != t) known = known->next;
  if (known != NULL) return true;
  struct template_use *u = py_alloc(j, sizeof *u);
  if (u == NULL) return false;
  *u = (struct template_use){.t = t, .next = j->eval->uses};
  j->eval->uses = u;
  rs_template_retain(t);
  return true;
}

jv rs_jinja_macro(struct rs_python *j, struct rs_template *t, const char *name)
{
  const struct macro *m = NULL;
  for (size_t i = 0; i < t->nmacros; i++) { // the last of a name wins, as an assignment would
    if (strcmp(t->macros[i]->plain->s, name) == 0) m = t->macros[i];
  }
  if (m == NULL) return jv_undefined();
  struct jv_func *f = py_alloc(j, sizeof *f);
  if (f == NULL || !jinja_keep_template(j, t)) return jv_undefined();
  *f = (struct jv_func){.kind = FN_MACRO, .name = m->plain->s, .macro = m, .t = t};
  return (jv){.kind = JV_FUNC, .u.func = f};
}

/* ---- entry points -------------------------------------------------------------------------- */

struct saved {
  struct rs_error *err;
  const struct rs_template *rendered, *where;
  uint32_t line;
  bool located, autoescape, lenient, native, native_root;
};

static void enter_call(struct rs_python *j, struct rs_error *e, struct saved *s)
{
  *s = (struct saved){.err = j->err,
                      .rendered = j->eval->rendered,
                      .where = j->eval->where,
                      .line = j->eval->line,
                      .located = j->located,
                      .autoescape = j->eval->autoescape,
                      .lenient = j->lenient,
                      .native = j->eval->native,
                      .native_root = j->eval->native_root};
  j->err = e;
  j->located = false;
}

static void leave_call(struct rs_python *j, const struct saved *s)
{
  // a nested call that fails hands its text, position included, to the one around it
  bool located = j->located && s->err == j->err;
  j->err = s->err;
  j->eval->rendered = s->rendered;
  j->eval->where = s->where;
  j->eval->line = s->line;
  j->eval->autoescape = s->autoescape;
  j->lenient = s->lenient;
  j->eval->native = s->native;
  j->eval->native_root = s->native_root;
  j->located = located;
}

static enum rs_code render(struct rs_python *j, struct rs_template *t, struct out *o)
{
  enum flow flow = FLOW_NEXT;
  enum rs_code rc = j->sticky != RS_OK || !jinja_keep_template(j, t) ? py_nomem(j) : RS_OK;
  struct act *root = rc == RS_OK ? jinja_act_new(j, NULL, t, &t->root) : NULL;
  if (rc == RS_OK && root == NULL) rc = py_nomem(j);
  if (rc == RS_OK) {
    root->root = root;
    root->lenient = j->lenient;
    if (t->uses_self) root->slots[t->self_slot] = jinja_self_value(j, root);
    rc = jinja_exec(j, root, &t->body, o, &flow);
    if (rc == RS_OK) rc = jinja_out_end(j, o, t);
  }
  if (j->eval->returning && rc != RS_OK) {
    // dbt: a return() outside of a macro ends the run
    j->eval->returning = false;
    rc = py_fail(j, "return() was called outside of a macro");
    rc = jinja_error_at(j, rc, t, j->eval->line, 1);
  }
  if (rc == RS_OK && j->sticky != RS_OK) rc = py_nomem(j);
  return rc;
}

enum rs_code rs_jinja_render(struct rs_python *j, struct rs_template *t, struct rs_buf *out,
                             struct rs_error *e)
{
  if (t->is_plain) {
    rs_buf_add(out, t->text, t->text_n);
    return rs_buf_error(out, e, t->name);
  }
  struct saved s;
  enter_call(j, e, &s);
  j->eval->rendered = j->eval->where = t;
  j->lenient = j->opt.lenient_undefined;
  j->eval->native = j->eval->native_root = false;
  j->eval->autoescape = false;
  size_t before = out->n, max = out->max;
  if (max - (before < max ? before : max) > j->opt.max_output) {
    out->max = before + j->opt.max_output;
  }
  struct out o = {.buf = out};
  enum rs_code rc = render(j, t, &o);
  if (rc == RS_OK && out->rc != RS_OK)
    rc = jinja_error_at(j, py_buf_fail(j, out), t, j->eval->line, 1);
  out->max = max;
  leave_call(j, &s);
  return rc;
}

enum rs_code rs_jinja_render_native(struct rs_python *j, struct rs_template *t, jv *out,
                                    struct rs_error *e)
{
  struct saved s;
  *out = jv_none();
  enter_call(j, e, &s);
  j->eval->rendered = j->eval->where = t;
  j->lenient = j->opt.lenient_undefined;
  j->eval->native = j->eval->native_root = true;
  j->eval->autoescape = false;
  jv parts = jv_list(j);
  enum rs_code rc = parts.kind == JV_LIST ? RS_OK : py_nomem(j);
  struct out o = {.parts = parts.kind == JV_LIST ? parts.u.seq : NULL};
  if (rc == RS_OK) rc = render(j, t, &o);
  if (rc == RS_OK) rc = jinja_native_result(j, parts.u.seq, out);
  rc = jinja_error_at(j, rc, t, j->eval->line, 1);
  leave_call(j, &s);
  return rc;
}

enum rs_code jinja_call_native(struct rs_python *j, jv callee, const struct jv_args *args, jv *out,
                               struct rs_error *e)
{
  static const struct jv_args none;
  struct saved s;
  enter_call(j, e, &s);
  *out = jv_none();
  enum rs_code rc = j->sticky != RS_OK ? py_nomem(j) : RS_OK;
  if (rc == RS_OK) rc = py_call_value(j, callee, args != NULL ? args : &none, out);
  if (j->eval->returning && rc != RS_OK && j->eval->where == NULL) {
    j->eval->returning = false;
    rc = py_fail(j, "return() was called outside of a macro");
  }
  leave_call(j, &s);
  return rc;
}

enum rs_code rs_jinja_return(struct rs_python *j, jv value)
{
  j->eval->returning = true;
  j->eval->ret = value;
  return RS_DONE;
}

const char *rs_jinja_where(struct rs_python *j, int *line)
{
  if (line != NULL) *line = (int)j->eval->line;
  return j->eval->where != NULL ? j->eval->where->name : "";
}
