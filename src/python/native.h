/*
** What the files that make dbt's names share: tables of methods, arguments, texts as values.
** For files that make functions and objects for templates.
*/
#ifndef RS_PYTHON_NATIVE_H
#define RS_PYTHON_NATIVE_H
#include <string.h>
#include "src/base/buf.h"
#include "src/base/text.h"
#include "python.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct rs_method {
  const char *name;
  jv_native fn;
};

/* A method of `self` by name; RS_NOT_FOUND when the table has none. */
static inline enum rs_code rs_method_find(struct rs_python *j, void *self,
                                          const struct rs_method *m, size_t count, const char *name,
                                          size_t n, jv *out)
{
  for (size_t i = 0; i < count; i++)
    if (rs_eqn(m[i].name, name, n)) {
      *out = jv_func(j, m[i].name, m[i].fn, self);
      return RS_OK;
    }
  return RS_NOT_FOUND;
}

/* Was this argument given? jv_bind leaves the others undefined. */
static inline bool rs_given(jv v)
{
  return v.kind != JV_UNDEFINED;
}

static inline bool rs_some(jv v)
{
  return v.kind != JV_UNDEFINED && v.kind != JV_NONE;
}

static inline jv rs_text_or_none(struct rs_python *j, const char *s)
{
  return s != NULL ? jv_text(j, s) : jv_none();
}

/* The buffer's text as a value; frees the buffer. */
static inline enum rs_code rs_text_take(struct rs_python *j, struct rs_buf *b, const char *what,
                                        jv *out, struct rs_error *e)
{
  enum rs_code rc = rs_buf_error(b, e, what);
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(b), b->n);
  rs_buf_free(b);
  return rc;
}

/* An argument that must be a text; `what` names it: "tojson(): value". */
static inline enum rs_code rs_want_text(jv v, const char *what, struct rs_error *e)
{
  if (jv_is_str(v)) return RS_OK;
  return rs_fail(e, RS_INVALID, "%s must be a text, not %s", what, jv_type_name(v));
}

/* A whole number from an argument; the default where it was not given. */
static inline enum rs_code rs_want_int(jv v, const char *what, int64_t otherwise, int64_t *i,
                                       struct rs_error *e)
{
  *i = otherwise;
  if (v.kind == JV_UNDEFINED) return RS_OK;
  if (v.kind == JV_INT) *i = v.u.i;
  else if (v.kind == JV_BOOL) *i = v.u.b;
  else return rs_fail(e, RS_INVALID, "%s must be an integer, not %s", what, jv_type_name(v));
  return RS_OK;
}

/*
** A native function whose arguments have names:
**
**   static NAMED(name_log, "log", 1, "msg", "info")
**   {
**     ... v[0], v[1]; what was not given is undefined
**   }
**
** `what` is its name in errors; the first `required` arguments must be given.
*/
#define NAMED_BODY(fn) JV_FUNCTION(fn, void *ctx JV_UNUSED, jv *v JV_UNUSED, jv *out JV_UNUSED)
#define NAMED(fn, what, required, ...)                            \
  NAMED_BODY(fn##_named);                                         \
  static NATIVE(fn)                                               \
  {                                                               \
    static const char *const names[] = {__VA_ARGS__, NULL};       \
    jv v[COUNT(names)];                                           \
    enum rs_code rc = jv_bind(args, what, names, required, v, e); \
    return rc == RS_OK ? fn##_named(j, ctx, v, out, e) : rc;      \
  }                                                               \
  static NAMED_BODY(fn##_named)

/* ---- modules --------------------------------------------------------------------------------- */

/*
** `modules`: the parts of Python's library that dbt hands to templates. Each function makes the
** module as a dict, in j's arena. Included by src/project/names_*.c and their kin.
*/

jv rs_module_re(struct rs_python *j);        /* python/re/re.c */
jv rs_module_itertools(struct rs_python *j); /* itertools.c */
jv rs_module_datetime(struct rs_python *j);  /* python/datetime/datetime.c */
jv rs_module_pytz(struct rs_python *j);      /* python/datetime/timezone.c */

#endif
