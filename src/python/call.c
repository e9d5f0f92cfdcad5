/*
** Calls of anything callable but macros, which the evaluator runs; arguments by name as Python
** binds them; the tables of methods.
*/
#include <stdio.h>
#include "protocol.h"

/* ---- arguments ----------------------------------------------------------------------------- */

enum rs_code jv_bind(const struct jv_args *args, const char *fname, const char *const *names,
                     size_t required, jv *out, struct rs_error *e)
{
  size_t n = 0;
  while (names[n] != NULL) out[n++] = jv_undefined();
  if (args->npos > n) {
    return rs_fail(e, RS_INVALID, "%s() takes %zu positional argument%s but %zu %s given", fname, n,
                   n == 1 ? "" : "s", args->npos, args->npos == 1 ? "was" : "were");
  }
  for (size_t i = 0; i < args->npos; i++) out[i] = args->pos[i];
  for (size_t k = 0; k < args->nkw; k++) {
    size_t i = 0;
    while (i < n && !py_is_text(args->kw_keys[k], names[i], strlen(names[i]))) i++;
    if (i == n) {
      return rs_fail(e, RS_INVALID, "%s() got an unexpected keyword argument '%s'", fname,
                     jv_cstr(args->kw_keys[k], NULL));
    }
    if (i < args->npos) {
      return rs_fail(e, RS_INVALID, "%s() got multiple values for argument '%s'", fname, names[i]);
    }
    out[i] = args->kw_values[k];
  }
  for (size_t i = 0; i < required; i++) {
    bool given = i < args->npos;
    for (size_t k = 0; !given && k < args->nkw; k++) {
      given = py_is_text(args->kw_keys[k], names[i], strlen(names[i]));
    }
    if (!given) {
      return rs_fail(e, RS_INVALID, "%s() missing required argument: '%s'", fname, names[i]);
    }
  }
  return RS_OK;
}

/* ---- rows of tables --------------------------------------------------------------------- */

const struct row *py_row_find(const struct rows *t, const char *name, size_t n)
{
  size_t lo = 0, hi = t->n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    int c = strncmp(name, t->v[mid].name, n);
    if (c == 0 && t->v[mid].name[n] != 0) c = -1;
    if (c == 0) return &t->v[mid];
    if (c < 0) {
      hi = mid;
    } else {
      lo = mid + 1;
    }
  }
  return NULL;
}

static const char *row_name(const struct row *r)
{
  return r->pyname != NULL ? r->pyname : r->name;
}

enum rs_code py_row_call(struct rs_python *j, const struct row *r, jv self, const struct jv_args *a,
                         jv *out)
{
  jv argv[ROW_MAX_ARGS];
  const char *at[ROW_MAX_ARGS];
  size_t len[ROW_MAX_ARGS], n = 0;
  if (r->params == NULL) return r->fn(j, self, NULL, a, r->flags >> 8, out);
  for (const char *p = r->params; *p != 0 && n < ROW_MAX_ARGS; n++) {
    size_t k = strcspn(p, " ");
    at[n] = p;
    len[n] = k;
    argv[n] = jv_absent();
    p += k + (p[k] == ' ');
  }
  if (a->npos > n &&
      (r->flags & ROW_POSITIONAL) == 0) { // a Python function: counts what Jinja adds
    size_t own = 1 + ((r->flags & ROW_ENV) != 0);
    char from[40] = "";
    if (r->required < n) snprintf(from, sizeof from, "from %zu to ", r->required + own);
    return py_fail(j, "%s() takes %s%zu positional argument%s but %zu were given", row_name(r),
                   from, n + own, n + own == 1 ? "" : "s", a->npos + own);
  }
  if (a->npos > n) {
    return n == 0 ? py_fail(j, "%s() takes no arguments (%zu given)", row_name(r), a->npos)
                  : py_fail(j, "%s() takes at most %zu argument%s (%zu given)", row_name(r), n,
                            n == 1 ? "" : "s", a->npos);
  }
  for (size_t i = 0; i < a->npos; i++) argv[i] = a->pos[i];
  for (size_t k = 0; k < a->nkw; k++) {
    size_t i = 0;
    while (i < n && !py_is_text(a->kw_keys[k], at[i], len[i])) i++;
    if ((r->flags & ROW_POSITIONAL) != 0) {
      return py_fail(j, "%s() takes no keyword arguments", row_name(r));
    }
    if (i == n) {
      return py_fail(j, "%s() got an unexpected keyword argument '%s'", row_name(r),
                     a->kw_keys[k].u.str->s);
    }
    if (is_given(argv[i])) {
      return py_fail(j, "%s() got multiple values for argument '%.*s'", row_name(r), (int)len[i],
                     at[i]);
    }
    argv[i] = a->kw_values[k];
  }
  size_t missing = 0, last = 0;
  for (size_t i = 0; i < r->required; i++) {
    if (is_given(argv[i])) continue;
    missing++;
    last = i;
  }
  if (missing == 1) {
    return py_fail(j, "%s() missing 1 required positional argument: '%.*s'", row_name(r),
                   (int)len[last], at[last]);
  }
  if (missing > 0) { // no row needs more than two
    return py_fail(j, "%s() missing %zu required positional arguments: '%.*s' and '%.*s'",
                   row_name(r), missing, (int)len[last - 1], at[last - 1], (int)len[last],
                   at[last]);
  }
  return r->fn(j, self, argv, a, r->flags >> 8, out);
}

/* ---- calls --------------------------------------------------------------------------------- */

enum rs_code py_call_value(struct rs_python *j, jv callee, const struct jv_args *args, jv *out)
{
  enum rs_code rc;
  *out = jv_none();
  if (callee.kind == JV_FUNC) {
    const struct jv_func *f = callee.u.func;
    if (f->kind == FN_MACRO) return j->macros->call(j, f, args, out);
    if (f->kind == FN_METHOD) return py_row_call(j, f->row, f->self, args, out);
    if (j->nest + 30 > NEST_MAX) return py_limit(j, "maximum recursion depth exceeded");
    j->nest += 30; // it may call back
    rc = f->fn(j, f->ctx, args, out, j->err);
    j->nest -= 30;
  } else if (callee.kind == JV_UNDEFINED) {
    if (!py_undef_is_lenient(callee)) return py_undefined_used(j, callee);
    *out = callee;
    return RS_OK;
  } else if (callee.kind == JV_OBJECT && callee.u.obj->cls->call != NULL) {
    if (j->nest + 30 > NEST_MAX) return py_limit(j, "maximum recursion depth exceeded");
    j->nest += 30;
    rc = callee.u.obj->cls->call(j, callee.u.obj->self, args, out, j->err);
    j->nest -= 30;
  } else {
    return py_fail(j, "'%s' object is not callable", jv_type_name(callee));
  }
  if (rc == RS_OK) j->located = false; // whatever failed inside was handled there
  return rc;
}

enum rs_code py_call_n(struct rs_python *j, jv fn, size_t n, const jv *argv, jv *out)
{
  const struct jv_args a = {.pos = argv, .npos = n};
  return py_call_value(j, fn, &a, out);
}

/* ---- argument helpers ---------------------------------------------------------------------- */

enum rs_code py_arg_ssize(struct rs_python *j, jv v, int64_t *i)
{
  if (v.kind == JV_BIGINT) return py_fail(j, "Python int too large to convert to C ssize_t");
  return py_num_to_i64(j, v, i);
}

enum rs_code py_arg_reverse(struct rs_python *j, jv v, bool *b)
{
  if (!is_given(v)) return RS_OK;
  if (!is_int(v)) {
    return py_fail(j, "'%s' object cannot be interpreted as an integer", jv_type_name(v));
  }
  return jv_is_true(j, v, b);
}

enum rs_code py_arg_bool(struct rs_python *j, jv v, bool *b)
{
  if (!is_given(v)) return RS_OK;
  return jv_is_true(j, v, b);
}

enum rs_code rs_python_call(struct rs_python *j, jv callee, const struct jv_args *args, jv *out,
                            struct rs_error *e)
{
  return j->macros->enter(j, callee, args, out, e);
}
