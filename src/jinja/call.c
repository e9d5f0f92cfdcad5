/*
** Calls: evaluating arguments, calling anything callable, macros, and the rows of the tables of
** filters, tests and methods.
*/
#include <stdio.h>
#include "internal.h"

/* What Python says about the arguments of any call from a template. */
#define SANDBOX_CALL "jinja2.sandbox.SandboxedEnvironment.call() "

/* ---- arguments ----------------------------------------------------------------------------- */

static bool arg_room(struct rs_python *j, jv **v, size_t n, size_t *cap)
{
  if (n < *cap) return true;
  size_t more = *cap * 2 > n ? *cap * 2 : n + 8;
  jv *p = py_alloc(j, more * sizeof *p);
  if (p == NULL) return false;
  if (n > 0) memcpy(p, *v, n * sizeof *p);
  *v = p;
  *cap = more;
  return true;
}

static enum rs_code add_kw(struct rs_python *j, struct arg_list *l, jv key, jv value)
{
  size_t n = l->a.nkw;
  for (size_t i = 0; i < n; i++) {
    if (l->kw[i].u.str->n == key.u.str->n &&
        memcmp(l->kw[i].u.str->s, key.u.str->s, key.u.str->n) == 0) {
      return py_fail(j, SANDBOX_CALL "got multiple values for keyword argument '%s'", key.u.str->s);
    }
  }
  if (n >= l->kw_cap) {
    size_t cap = l->kw_cap, other = l->kw_cap;
    if (!arg_room(j, &l->kw, n, &cap) || !arg_room(j, &l->kwv, n, &other)) return py_nomem(j);
    l->kw_cap = cap;
  }
  l->kw[n] = key;
  l->kwv[n] = value;
  l->a.nkw++;
  return RS_OK;
}

static enum rs_code add_star2(struct rs_python *j, struct arg_list *l, jv map)
{
  const struct jv_dict *d = map.kind == JV_DICT ? map.u.dict : NULL;
  bool object = map.kind == JV_OBJECT && map.u.obj->cls->is_mapping;
  if (map.kind == JV_UNDEFINED) return py_undef_is_lenient(map) ? RS_OK : py_undefined_used(j, map);
  if (d == NULL && !object) {
    return py_fail(j, SANDBOX_CALL "argument after ** must be a mapping, not %s",
                   jv_type_name(map));
  }
  if (d != NULL) {
    for (size_t i = 0; py_dict_next(d, &i); i++) {
      if (d->keys[i].kind != JV_STR) return py_fail(j, "keywords must be strings");
      TRY(add_kw(j, l, d->keys[i], d->vals[i]));
    }
    return RS_OK;
  }
  jv keys;
  TRY(py_iter_list(j, map, &keys));
  for (size_t i = 0; i < keys.u.seq->n; i++) {
    jv value, key = keys.u.seq->v[i];
    if (key.kind != JV_STR) return py_fail(j, "keywords must be strings");
    TRY(py_get_item(j, map, key, &value));
    TRY(add_kw(j, l, key, value));
  }
  return RS_OK;
}

enum rs_code jinja_args_eval(struct rs_python *j, struct act *a, const struct call_args *n,
                             jv caller, struct arg_list *l)
{
  memset(&l->a, 0, sizeof l->a);
  l->pos = l->small;
  l->pos_cap = sizeof l->small / sizeof l->small[0];
  l->kw = l->kwv = NULL;
  l->kw_cap = 0;
  for (size_t i = 0; i < n->pos.n; i++) {
    if (!arg_room(j, &l->pos, i, &l->pos_cap)) return py_nomem(j);
    TRY(jinja_eval(j, a, n->pos.v[i], &l->pos[i]));
    l->a.npos++;
  }
  jv star = jv_absent(), star2 = jv_absent();
  if (n->star != NULL) {
    TRY(jinja_eval(j, a, n->star, &star));
    if (!py_is_iterable(star)) {
      return py_fail(j, "Value after * must be an iterable, not %s", jv_type_name(star));
    }
    jv list;
    TRY(py_iter_list(j, star, &list));
    for (size_t i = 0; i < list.u.seq->n; i++) {
      if (!arg_room(j, &l->pos, l->a.npos, &l->pos_cap)) return py_nomem(j);
      l->pos[l->a.npos++] = list.u.seq->v[i];
    }
  }
  for (size_t i = 0; i < n->kwv.n; i++) {
    jv v;
    TRY(jinja_eval(j, a, n->kwv.v[i], &v));
    TRY(add_kw(j, l, jv_of_str(n->kw[i]), v));
  }
  if (is_given(caller)) TRY(add_kw(j, l, jv_text(j, "caller"), caller));
  if (n->star2 != NULL) {
    TRY(jinja_eval(j, a, n->star2, &star2));
    TRY(add_star2(j, l, star2));
  }
  l->a.pos = l->pos;
  l->a.kw_keys = l->kw;
  l->a.kw_values = l->kwv;
  return RS_OK;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static const struct rows *const filter_tables[] = {&jinja_filters_text, &jinja_filters_seq,
                                                   &jinja_filters_value, &jinja_filters_html};
#define NTABLES (sizeof filter_tables / sizeof filter_tables[0])

const struct row *jinja_filter_find(const char *name, size_t n)
{
  for (size_t i = 0; i < NTABLES; i++) {
    const struct row *r = py_row_find(filter_tables[i], name, n);
    if (r != NULL) return r;
  }
  return NULL;
}

const char *jinja_filter_nearest(const char *name, bool is_filter)
{
  const char *names[120];
  size_t n = 0;
  for (size_t i = 0; i < (is_filter ? NTABLES : 1); i++) {
    const struct rows *t = is_filter ? filter_tables[i] : &jinja_tests_all;
    for (size_t k = 0; k < t->n && n < 120; k++) names[n++] = t->v[k].name;
  }
  return rs_nearest(name, names, n);
}

enum rs_code jinja_apply_filter(struct rs_python *j, const char *name, size_t n, jv v,
                                const struct jv_args *a, jv *out)
{
  const struct row *r = jinja_filter_find(name, n);
  if (r == NULL) return py_fail_repr(j, "No filter named %s.", py_str_sub(j, name, n, STR_PLAIN));
  return py_row_call(j, r, v, a, out);
}

enum rs_code jinja_apply_test(struct rs_python *j, const char *name, size_t n, jv v,
                              const struct jv_args *a, bool *yes)
{
  jv out;
  const struct row *r = py_row_find(&jinja_tests_all, name, n);
  if (r == NULL) return py_fail_repr(j, "No test named %s.", py_str_sub(j, name, n, STR_PLAIN));
  TRY(py_row_call(j, r, v, a, &out));
  return jv_is_true(j, out, yes);
}

/* ---- macros -------------------------------------------------------------------------------- */

jv jinja_macro_value(struct rs_python *j, struct act *a, const struct macro *m)
{
  struct jv_func *f = py_alloc(j, sizeof *f);
  if (f == NULL) return jv_undefined();
  *f = (struct jv_func){
    .kind = FN_MACRO, .name = m->name != NULL ? m->name->s : NULL, .macro = m, .env = a, .t = a->t};
  return (jv){.kind = JV_FUNC, .u.func = f};
}

static const char *shown(const struct jv_func *f, char *small, size_t cap)
{
  struct rs_buf b;
  if (f->name == NULL) return "None";
  rs_buf_init(&b, cap - 1);
  py_text_repr_str(&b, f->name, strlen(f->name));
  size_t n = b.n < cap - 1 ? b.n : cap - 1;
  memcpy(small, rs_buf_text(&b), n);
  small[n] = 0;
  rs_buf_free(&b);
  return small;
}

/* The value of a keyword, and marks it as used. */
static jv take_kw(const struct jv_args *args, bool *used, const char *name, size_t n)
{
  for (size_t i = 0; i < args->nkw; i++) {
    if (used[i] || !py_is_text(args->kw_keys[i], name, n)) continue;
    used[i] = true;
    return args->kw_values[i];
  }
  return jv_absent();
}

/* Left-over keywords: into kwargs, or an error. */
static enum rs_code rest_kwargs(struct rs_python *j, const struct jv_func *f, struct act *a,
                                const struct jv_args *args, const bool *used)
{
  char small[200];
  const struct macro *m = f->macro;
  jv kwargs = jv_none();
  if (m->wants_kwargs) {
    kwargs = jv_dict(j);
    if (kwargs.kind != JV_DICT) return py_nomem(j);
    a->slots[m->kwargs_slot] = kwargs;
  }
  for (size_t i = 0; i < args->nkw; i++) {
    if (used[i]) continue;
    if (m->wants_kwargs) {
      TRY(py_dict_put(j, kwargs.u.dict, args->kw_keys[i], args->kw_values[i]));
      continue;
    }
    for (size_t k = 0; k < args->nkw; k++) {
      if (!used[k] && py_is_text(args->kw_keys[k], "caller", 6)) {
        return py_fail(j,
                       "macro %s was invoked with two values for the special caller argument. "
                       "This is most likely a bug.",
                       shown(f, small, sizeof small));
      }
    }
    return py_fail(j, "macro %s takes no keyword argument '%s'", shown(f, small, sizeof small),
                   args->kw_keys[i].u.str->s);
  }
  return RS_OK;
}

static enum rs_code bind_macro(struct rs_python *j, const struct jv_func *f, struct act *a,
                               const struct jv_args *args)
{
  char small[200];
  const struct macro *m = f->macro;
  size_t off = args->npos < m->nargs ? args->npos : m->nargs;
  bool few[16] = {false}, *used = few;
  if (args->nkw > 16) {
    used = py_alloc(j, args->nkw * sizeof *used);
    if (used == NULL) return py_nomem(j);
    memset(used, 0, args->nkw * sizeof *used);
  }
  bool found_caller = off == m->nargs && m->explicit_caller;
  for (size_t i = 0; i < off; i++) a->slots[i] = args->pos[i];
  for (size_t i = off; i < m->nargs; i++) {
    a->slots[i] = take_kw(args, used, m->args[i]->s, m->args[i]->n);
    found_caller = found_caller || py_is_text(jv_of_str(m->args[i]), "caller", 6);
  }
  if (m->wants_caller && !found_caller) {
    jv caller = take_kw(args, used, "caller", 6);
    if (!is_given(caller) || caller.kind == JV_NONE) {
      caller = py_undef_hint(j, "No caller defined", "caller");
    }
    a->slots[m->caller_slot] = caller;
  }
  TRY(rest_kwargs(j, f, a, args, used));
  if (m->wants_varargs) {
    a->slots[m->varargs_slot] = jv_tuple(j, args->pos + off, args->npos - off);
  } else if (args->npos > m->nargs) {
    return py_fail(j, "macro %s takes not more than %zu argument(s)", shown(f, small, sizeof small),
                   m->nargs);
  }
  return RS_OK;
}

/* Defaults are evaluated per call, in order, and may use the arguments before them. */
static enum rs_code fill_defaults(struct rs_python *j, const struct macro *m, struct act *a)
{
  for (size_t i = 0; i < m->nargs; i++) {
    if (is_given(a->slots[i])) continue;
    size_t first = m->nargs - m->defaults.n;
    jv v;
    if (i >= first) {
      TRY(jinja_eval(j, a, m->defaults.v[i - first], &v));
    } else {
      struct rs_buf b;
      rs_buf_init(&b, 4000);
      rs_buf_str(&b, "parameter ");
      py_text_repr_str(&b, m->args[i]->s, m->args[i]->n);
      rs_buf_str(&b, " was not provided");
      v = py_undef_hint_buf(j, &b, m->args[i]->s);
    }
    a->slots[i] = v;
  }
  return RS_OK;
}

/* A module of its own: none of its top-level names is set (dbt compiles each macro alone). */
static struct act *fresh_module(struct rs_python *j, const struct rs_template *t)
{
  struct act *root = jinja_act_new(j, NULL, t, &t->root);
  if (root == NULL) return NULL;
  for (uint32_t i = 0; i < t->root.nslots; i++) root->slots[i] = (jv){.kind = JV_PENDING};
  root->root = root;
  return root;
}

static enum rs_code run_macro(struct rs_python *j, const struct jv_func *f,
                              const struct jv_args *args, jv *out)
{
  struct act *env = f->env != NULL ? f->env : fresh_module(j, f->t);
  struct act *a = env != NULL ? jinja_act_new(j, env, f->t, &f->macro->fn) : NULL;
  if (a == NULL) return py_nomem(j);
  j->lenient = env->lenient;
  TRY(bind_macro(j, f, a, args));
  TRY(fill_defaults(j, f->macro, a));
  return jinja_exec_body(j, a, &f->macro->body, out);
}

/* Says who called, when an error comes out of another template's macro. */
static void called_from(struct rs_python *j, const struct rs_template *t, uint32_t line)
{
  if (j->err == NULL || t == NULL || j->err->code == RS_NOMEM) return;
  (void)rs_error_append(j->err, " (called from %s line %u)", t->name, line);
}

static enum rs_code call_macro(struct rs_python *j, const struct jv_func *f,
                               const struct jv_args *args, jv *out)
{
  if (j->eval->depth >= j->opt.max_depth) return py_limit(j, "maximum recursion depth exceeded");
  const struct rs_template *where = j->eval->where;
  uint32_t line = j->eval->line;
  bool lenient = j->lenient, escape = j->eval->autoescape, native = j->eval->native;
  j->eval->where = f->t;
  if (where != f->t) j->eval->autoescape = false;
  // macro files are always compiled as text; what the rendered template defines, as it is itself
  j->eval->native = f->env != NULL && f->t == j->eval->rendered && j->eval->native_root;
  j->eval->depth++;
  enum rs_code rc = run_macro(j, f, args, out);
  j->eval->depth--;
  j->eval->where = where;
  j->eval->line = line;
  j->lenient = lenient;
  j->eval->autoescape = escape;
  j->eval->native = native;
  // return() ends a macro that dbt itself called; a local one lets it pass, as the exception does
  if (rc != RS_OK && j->eval->returning && f->env == NULL) {
    j->eval->returning = false;
    *out = j->eval->ret;
    return RS_OK;
  }
  if (rc == RS_OK) {
    // dbt calls the macro of a file without telling it that the caller escapes
    if (escape && f->env != NULL) *out = py_str_as(j, *out, STR_MARKUP);
  } else if (j->located && where != f->t && !j->eval->returning) {
    called_from(j, where, line);
  }
  return rc;
}

static bool macro_attr(struct rs_python *j, const struct macro *m, const struct jv_str *name,
                       jv *out)
{
#define IS(text) rs_eqn(text, name->s, name->n)
  if (IS("name")) {
    *out = m->name != NULL ? jv_of_str(m->name) : jv_none();
  } else if (IS("arguments")) {
    *out = py_tuple_new(j, m->nargs);
    for (size_t i = 0; out->kind == JV_TUPLE && i < m->nargs; i++)
      out->u.seq->v[i] = jv_of_str(m->args[i]);
  } else if (IS("catch_kwargs")) {
    *out = jv_bool(m->wants_kwargs);
  } else if (IS("catch_varargs")) {
    *out = jv_bool(m->wants_varargs);
  } else if (IS("caller")) {
    *out = jv_bool(m->wants_caller);
  } else if (IS("explicit_caller")) {
    *out = jv_bool(m->explicit_caller);
  } else {
    return false;
  }
  return true;
#undef IS
}

const struct macro_class jinja_macro_class = {jinja_call_native, call_macro, macro_attr};

/* ---- calls --------------------------------------------------------------------------------- */

enum rs_code jinja_call_node(struct rs_python *j, struct act *a, const struct node *n, jv caller,
                             jv *out)
{
  jv callee;
  struct arg_list l;
  TRY(jinja_eval(j, a, n->u.call.target, &callee));
  TRY(jinja_args_eval(j, a, &n->u.call.args, caller, &l));
  j->eval->line = n->line;
  return py_call_value(j, callee, &l.a, out);
}
