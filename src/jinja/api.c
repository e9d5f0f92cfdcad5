/*
** The evaluation as an object: limits, errors with their place, globals, and the entry points.
*/
#include <stdarg.h>
#include <stdio.h>
#include "internal.h"

#define POLL_EVERY 2048

struct template_use {
  struct rs_template *t;
  struct template_use *next;
};

/* ---- life ---------------------------------------------------------------------------------- */

struct rs_jinja *rs_jinja_new(const struct rs_jinja_options *opt)
{
  struct rs_jinja *j = rs_calloc(1, sizeof *j);
  if (j == NULL) return NULL;
  if (opt != NULL) j->opt = *opt;
  if (j->opt.max_steps == 0) j->opt.max_steps = 50000000;
  if (j->opt.max_depth == 0) j->opt.max_depth = 200;
  if (j->opt.max_output == 0) j->opt.max_output = (size_t)64 << 20;
  if (j->opt.max_memory == 0) j->opt.max_memory = (size_t)256 << 20;
  rs_arena_init(&j->arena, j->opt.max_memory);
  rs_map_init(&j->globals);
  j->next_poll = j->opt.max_steps < POLL_EVERY ? j->opt.max_steps : POLL_EVERY;
  j->seed = (uint64_t)(uintptr_t)j;
  return j;
}

void rs_jinja_free(struct rs_jinja *j)
{
  if (j == NULL) return;
  for (struct template_use *u = j->uses; u != NULL; u = u->next) rs_template_release(u->t);
  rs_map_free(&j->globals);
  rs_arena_free(&j->arena);
  rs_free(j);
}

struct rs_arena *rs_jinja_arena(struct rs_jinja *j)
{
  return &j->arena;
}

/* ---- errors and limits --------------------------------------------------------------------- */

enum rs_code j_fail(struct rs_jinja *j, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  (void)rs_vfail(j->err, RS_INVALID, fmt, ap);
  va_end(ap);
  j->located = false;
  return RS_INVALID;
}

enum rs_code j_limit(struct rs_jinja *j, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  (void)rs_vfail(j->err, RS_LIMIT, fmt, ap);
  va_end(ap);
  j->located = false;
  return RS_LIMIT;
}

enum rs_code j_nomem(struct rs_jinja *j)
{
  if (rs_arena_limited(&j->arena) || j->sticky == RS_LIMIT) {
    j->sticky = RS_LIMIT;
    return j_limit(j, "the template needs more than %zu bytes of memory", j->opt.max_memory);
  }
  j->sticky = RS_NOMEM;
  return rs_nomem(j->err);
}

enum rs_code j_buf_fail(struct rs_jinja *j, const struct rs_buf *b)
{
  if (b->rc == RS_NOMEM) return rs_nomem(j->err);
  return j_limit(j, "the output is longer than %zu bytes", b->max);
}

void *j_alloc(struct rs_jinja *j, size_t n)
{
  void *p = n > j->opt.max_memory ? NULL : rs_arena_alloc(&j->arena, n);
  if (p == NULL && j->sticky == RS_OK) {
    j->sticky = n > j->opt.max_memory || rs_arena_limited(&j->arena) ? RS_LIMIT : RS_NOMEM;
  }
  return p;
}

enum rs_code j_poll(struct rs_jinja *j)
{
  if (j->sticky != RS_OK) return j_nomem(j);
  if (j->steps >= j->opt.max_steps) {
    return j_limit(j, "the template takes more than %llu steps",
                   (unsigned long long)j->opt.max_steps);
  }
  if (j->opt.is_interrupted != NULL && j->opt.is_interrupted(j->opt.interrupt_ctx)) {
    j->located = false;
    return rs_fail(j->err, RS_CANCELLED, "interrupted");
  }
  j->next_poll = j->steps + POLL_EVERY;
  if (j->next_poll > j->opt.max_steps) j->next_poll = j->opt.max_steps;
  return RS_OK;
}

enum rs_code j_steps(struct rs_jinja *j, uint64_t n)
{
  j->steps = n > j->opt.max_steps - j->steps ? j->opt.max_steps : j->steps + n;
  return j_step(j);
}

void j_buf_init(struct rs_jinja *j, struct rs_buf *b)
{
  rs_buf_init(b, j->opt.max_output);
}

enum rs_code j_place(struct rs_jinja *j, enum rs_code rc, const struct rs_template *t,
                     uint32_t line, uint32_t col)
{
  if (rc == RS_OK || j->located || j->returning || t == NULL) return rc;
  j->located = true;
  if (rc != RS_NOMEM && j->err != NULL) {
    (void)rs_error_prefix(j->err, "%s line %u, column %u", t->name, line, col);
  }
  return rc;
}

const char *type_module(jv v)
{
  if (is_markup(v)) return "markupsafe.";
  if (v.kind == JV_FUNC && v.u.func->kind == FN_MACRO) return "jinja2.runtime.";
  static const struct {
    const char *type, *module;
  } ours[] = {{"Namespace", "jinja2.utils."},
              {"Cycler", "jinja2.utils."},
              {"Joiner", "jinja2.utils."},
              {"LoopContext", "jinja2.runtime."},
              {"TemplateReference", "jinja2.runtime."},
              {"BlockReference", "jinja2.runtime."}};
  for (size_t i = 0; v.kind == JV_OBJECT && i < sizeof ours / sizeof ours[0]; i++) {
    if (rs_eq(jv_type_name(v), ours[i].type)) return ours[i].module;
  }
  return "";
}

/* An object's type as Undefined's texts show it. */
static void type_repr(jv v, char *out, size_t cap)
{
  if (v.kind == JV_NONE) (void)snprintf(out, cap, "None");
  else (void)snprintf(out, cap, "%s%s object", type_module(v), jv_type_name(v));
}

static void message(struct rs_jinja *j, const struct jv_undef *u, struct rs_buf *b)
{
  char type[200];
  struct rs_error *saved = j->err;
  j->err = NULL;
  switch (u->kind) {
    case UNDEF_HINT: rs_buf_str(b, u->hint); break;
    case UNDEF_NAME:
      (void)text_repr(j, u->name, b);
      rs_buf_str(b, " is undefined");
      break;
    case UNDEF_UNSAFE:
      rs_buf_str(b, "access to attribute ");
      (void)text_repr(j, u->name, b);
      rs_buf_printf(b, " of '%s' object is unsafe.", jv_type_name(u->obj));
      break;
    case UNDEF_ATTR:
      type_repr(u->obj, type, sizeof type);
      if (u->name.kind == JV_STR) {
        rs_buf_printf(b, "'%s' has no attribute ", type);
      } else {
        rs_buf_printf(b, "%s has no element ", type);
      }
      (void)text_repr(j, u->name, b);
      break;
  }
  j->err = saved;
}

enum rs_code j_undefined_used(struct rs_jinja *j, jv v)
{
  const struct jv_undef *u = v.u.p;
  if (u == NULL) return j_fail(j, "value is undefined");
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  message(j, u, &b);
  enum rs_code rc = b.rc == RS_NOMEM ? j_nomem(j) : j_fail(j, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  return rc;
}

enum rs_code j_type_error2(struct rs_jinja *j, const char *op, jv a, jv b)
{
  return j_fail(j, "unsupported operand type(s) for %s: '%s' and '%s'", op, jv_type_name(a),
                jv_type_name(b));
}

enum rs_code j_fail_repr(struct rs_jinja *j, const char *fmt, jv v)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  struct rs_error *saved = j->err;
  j->err = NULL;
  (void)text_repr(j, v, &b);
  j->err = saved;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
  enum rs_code rc = b.rc == RS_NOMEM ? j_nomem(j) : j_fail(j, fmt, rs_buf_text(&b));
#pragma GCC diagnostic pop
  rs_buf_free(&b);
  return rc;
}

/* ---- globals ------------------------------------------------------------------------------- */

void rs_jinja_global(struct rs_jinja *j, const char *name, jv value)
{
  jv *keep = j_alloc(j, sizeof *keep);
  if (keep == NULL) return;
  *keep = value;
  if (!rs_map_put(&j->globals, name, keep) && j->sticky == RS_OK) j->sticky = RS_NOMEM;
}

enum rs_code rs_jinja_name(struct rs_jinja *j, const char *name, size_t n, jv *out,
                           struct rs_error *e)
{
  const struct rs_map_entry *known = rs_map_find(&j->globals, name, n);
  *out = known != NULL ? *(const jv *)known->value : jv_none();
  if (known != NULL) return RS_OK;
  return j->resolve != NULL ? j->resolve(j, j->resolve_ctx, name, n, out, e) : RS_NOT_FOUND;
}

void rs_jinja_global_func(struct rs_jinja *j, const char *name, jv_native fn, void *ctx)
{
  rs_jinja_global(j, name, jv_func(j, name, fn, ctx));
}

void rs_jinja_resolver(struct rs_jinja *j,
                       enum rs_code (*fn)(struct rs_jinja *j, void *ctx, const char *name, size_t n,
                                          jv *out, struct rs_error *e),
                       void *ctx)
{
  j->resolve = fn;
  j->resolve_ctx = ctx;
}

/* Keeps a template as long as j: values may borrow its constants. */
bool j_keep_template(struct rs_jinja *j, struct rs_template *t)
{
  const struct template_use *known = j->uses;
  while (known != NULL && known->t != t) known = known->next;
  if (known != NULL) return true;
  struct template_use *u = j_alloc(j, sizeof *u);
  if (u == NULL) return false;
  *u = (struct template_use){.t = t, .next = j->uses};
  j->uses = u;
  rs_template_retain(t);
  return true;
}

jv rs_jinja_macro(struct rs_jinja *j, struct rs_template *t, const char *name)
{
  const struct macro *m = NULL;
  for (size_t i = 0; i < t->nmacros; i++) { // the last of a name wins, as an assignment would
    if (strcmp(t->macros[i]->plain->s, name) == 0) m = t->macros[i];
  }
  if (m == NULL) return jv_undefined();
  struct jv_func *f = j_alloc(j, sizeof *f);
  if (f == NULL || !j_keep_template(j, t)) return jv_undefined();
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

static void begin(struct rs_jinja *j, struct rs_error *e, struct saved *s)
{
  *s = (struct saved){.err = j->err,
                      .rendered = j->rendered,
                      .where = j->where,
                      .line = j->line,
                      .located = j->located,
                      .autoescape = j->autoescape,
                      .lenient = j->lenient,
                      .native = j->native,
                      .native_root = j->native_root};
  j->err = e;
  j->located = false;
}

static void end(struct rs_jinja *j, const struct saved *s)
{
  // a nested call that fails hands its text, place included, to the one around it
  bool located = j->located && s->err == j->err;
  j->err = s->err;
  j->rendered = s->rendered;
  j->where = s->where;
  j->line = s->line;
  j->autoescape = s->autoescape;
  j->lenient = s->lenient;
  j->native = s->native;
  j->native_root = s->native_root;
  j->located = located;
}

static enum rs_code render(struct rs_jinja *j, struct rs_template *t, struct out *o)
{
  enum flow flow = FLOW_NEXT;
  enum rs_code rc = j->sticky != RS_OK || !j_keep_template(j, t) ? j_nomem(j) : RS_OK;
  struct act *root = rc == RS_OK ? act_new(j, NULL, t, &t->root) : NULL;
  if (rc == RS_OK && root == NULL) rc = j_nomem(j);
  if (rc == RS_OK) {
    root->root = root;
    root->lenient = j->lenient;
    if (t->uses_self) root->slots[t->self_slot] = self_value(j, root);
    rc = exec(j, root, &t->body, o, &flow);
    if (rc == RS_OK) rc = out_end(j, o, t);
  }
  if (j->returning && rc != RS_OK) {
    // dbt: a return() outside of a macro ends the run
    j->returning = false;
    rc = j_fail(j, "return() was called outside of a macro");
    rc = j_place(j, rc, t, j->line, 1);
  }
  if (rc == RS_OK && j->sticky != RS_OK) rc = j_nomem(j);
  return rc;
}

enum rs_code rs_jinja_render(struct rs_jinja *j, struct rs_template *t, struct rs_buf *out,
                             struct rs_error *e)
{
  if (t->is_plain) {
    rs_buf_add(out, t->text, t->text_n);
    return rs_buf_error(out, e, t->name);
  }
  struct saved s;
  begin(j, e, &s);
  j->rendered = j->where = t;
  j->lenient = j->opt.lenient_undefined;
  j->native = j->native_root = false;
  j->autoescape = false;
  size_t before = out->n, max = out->max;
  if (max - (before < max ? before : max) > j->opt.max_output) {
    out->max = before + j->opt.max_output;
  }
  struct out o = {.buf = out};
  enum rs_code rc = render(j, t, &o);
  if (rc == RS_OK && out->rc != RS_OK) rc = j_place(j, j_buf_fail(j, out), t, j->line, 1);
  out->max = max;
  end(j, &s);
  return rc;
}

enum rs_code rs_jinja_render_native(struct rs_jinja *j, struct rs_template *t, jv *out,
                                    struct rs_error *e)
{
  struct saved s;
  *out = jv_none();
  begin(j, e, &s);
  j->rendered = j->where = t;
  j->lenient = j->opt.lenient_undefined;
  j->native = j->native_root = true;
  j->autoescape = false;
  jv parts = jv_list(j);
  enum rs_code rc = parts.kind == JV_LIST ? RS_OK : j_nomem(j);
  struct out o = {.parts = parts.kind == JV_LIST ? parts.u.seq : NULL};
  if (rc == RS_OK) rc = render(j, t, &o);
  if (rc == RS_OK) rc = native_result(j, parts.u.seq, out);
  rc = j_place(j, rc, t, j->line, 1);
  end(j, &s);
  return rc;
}

enum rs_code rs_jinja_call(struct rs_jinja *j, jv callee, const struct jv_args *args, jv *out,
                           struct rs_error *e)
{
  static const struct jv_args none;
  struct saved s;
  begin(j, e, &s);
  *out = jv_none();
  enum rs_code rc = j->sticky != RS_OK ? j_nomem(j) : RS_OK;
  if (rc == RS_OK) rc = call_value(j, callee, args != NULL ? args : &none, out);
  if (j->returning && rc != RS_OK && j->where == NULL) {
    j->returning = false;
    rc = j_fail(j, "return() was called outside of a macro");
  }
  end(j, &s);
  return rc;
}

enum rs_code rs_jinja_return(struct rs_jinja *j, jv value)
{
  j->returning = true;
  j->ret = value;
  return RS_DONE;
}

const char *rs_jinja_where(struct rs_jinja *j, int *line)
{
  if (line != NULL) *line = (int)j->line;
  return j->where != NULL ? j->where->name : "";
}

/* str(v) / repr(v) for callers outside of an evaluation as well. */
static enum rs_code to_buf(struct rs_jinja *j, jv v, struct rs_buf *b, struct rs_error *e,
                           enum rs_code (*fn)(struct rs_jinja *, jv, struct rs_buf *))
{
  struct rs_error *saved = j->err;
  j->err = e;
  enum rs_code rc = fn(j, v, b);
  if (rc == RS_OK) rc = rs_buf_error(b, e, "text of a value");
  j->err = saved;
  return rc;
}

enum rs_code jv_str_to(struct rs_jinja *j, jv v, struct rs_buf *b, struct rs_error *e)
{
  return to_buf(j, v, b, e, text_str);
}

enum rs_code jv_repr_to(struct rs_jinja *j, jv v, struct rs_buf *b, struct rs_error *e)
{
  return to_buf(j, v, b, e, text_repr);
}
