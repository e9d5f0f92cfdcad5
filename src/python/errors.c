/*
** What every operation on values needs of its evaluation: memory, limits, and errors in Python's
** words.
*/
#include <stdarg.h>
#include <stdio.h>
#include "protocol.h"

struct rs_arena *rs_python_arena(struct rs_python *j)
{
  return &j->arena;
}

/* ---- errors and limits --------------------------------------------------------------------- */

enum rs_code py_fail(struct rs_python *j, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  (void)rs_vfail(j->err, RS_INVALID, fmt, ap);
  va_end(ap);
  j->located = false;
  return RS_INVALID;
}

enum rs_code py_limit(struct rs_python *j, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  (void)rs_vfail(j->err, RS_LIMIT, fmt, ap);
  va_end(ap);
  j->located = false;
  return RS_LIMIT;
}

enum rs_code py_nomem(struct rs_python *j)
{
  if (rs_arena_limited(&j->arena) || j->sticky == RS_LIMIT) {
    j->sticky = RS_LIMIT;
    return py_limit(j, "the template needs more than %zu bytes of memory", j->opt.max_memory);
  }
  j->sticky = RS_NOMEM;
  return rs_nomem(j->err);
}

enum rs_code py_buf_fail(struct rs_python *j, const struct rs_buf *b)
{
  if (b->rc == RS_NOMEM) return rs_nomem(j->err);
  return py_limit(j, "the output is longer than %zu bytes", b->max);
}

void *py_alloc(struct rs_python *j, size_t n)
{
  void *p = n > j->opt.max_memory ? NULL : rs_arena_alloc(&j->arena, n);
  if (p == NULL && j->sticky == RS_OK) {
    j->sticky = n > j->opt.max_memory || rs_arena_limited(&j->arena) ? RS_LIMIT : RS_NOMEM;
  }
  return p;
}

enum rs_code py_poll(struct rs_python *j)
{
  if (j->sticky != RS_OK) return py_nomem(j);
  if (j->steps >= j->opt.max_steps) {
    return py_limit(j, "the template takes more than %llu steps",
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

enum rs_code py_steps(struct rs_python *j, uint64_t n)
{
  j->steps = n > j->opt.max_steps - j->steps ? j->opt.max_steps : j->steps + n;
  return j_step(j);
}

void py_buf_init(struct rs_python *j, struct rs_buf *b)
{
  rs_buf_init(b, j->opt.max_output);
}

const char *py_type_module(jv v)
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
  else (void)snprintf(out, cap, "%s%s object", py_type_module(v), jv_type_name(v));
}

static void message(struct rs_python *j, const struct jv_undef *u, struct rs_buf *b)
{
  char type[200];
  struct rs_error *saved = j->err;
  j->err = NULL;
  switch (u->kind) {
    case UNDEF_HINT: rs_buf_str(b, u->hint); break;
    case UNDEF_NAME:
      (void)py_text_repr(j, u->name, b);
      rs_buf_str(b, " is undefined");
      break;
    case UNDEF_UNSAFE:
      rs_buf_str(b, "access to attribute ");
      (void)py_text_repr(j, u->name, b);
      rs_buf_printf(b, " of '%s' object is unsafe.", jv_type_name(u->obj));
      break;
    case UNDEF_ATTR:
      type_repr(u->obj, type, sizeof type);
      if (u->name.kind == JV_STR) {
        rs_buf_printf(b, "'%s' has no attribute ", type);
      } else {
        rs_buf_printf(b, "%s has no element ", type);
      }
      (void)py_text_repr(j, u->name, b);
      break;
  }
  j->err = saved;
}

enum rs_code py_undefined_used(struct rs_python *j, jv v)
{
  const struct jv_undef *u = v.u.p;
  if (u == NULL) return py_fail(j, "value is undefined");
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  message(j, u, &b);
  enum rs_code rc = b.rc == RS_NOMEM ? py_nomem(j) : py_fail(j, "%s", rs_buf_text(&b));
  rs_buf_free(&b);
  return rc;
}

enum rs_code py_type_error2(struct rs_python *j, const char *op, jv a, jv b)
{
  return py_fail(j, "unsupported operand type(s) for %s: '%s' and '%s'", op, jv_type_name(a),
                 jv_type_name(b));
}

enum rs_code py_fail_repr(struct rs_python *j, const char *fmt, jv v)
{
  struct rs_buf b;
  rs_buf_init(&b, 1 << 20);
  struct rs_error *saved = j->err;
  j->err = NULL;
  (void)py_text_repr(j, v, &b);
  j->err = saved;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
  enum rs_code rc = b.rc == RS_NOMEM ? py_nomem(j) : py_fail(j, fmt, rs_buf_text(&b));
#pragma GCC diagnostic pop
  rs_buf_free(&b);
  return rc;
}

/* ---- texts of values outside of an evaluation ----------------------------------------------- */

static enum rs_code to_buf(struct rs_python *j, jv v, struct rs_buf *b, struct rs_error *e,
                           enum rs_code (*fn)(struct rs_python *, jv, struct rs_buf *))
{
  struct rs_error *saved = j->err;
  j->err = e;
  enum rs_code rc = fn(j, v, b);
  if (rc == RS_OK) rc = rs_buf_error(b, e, "text of a value");
  j->err = saved;
  return rc;
}

enum rs_code jv_str_to(struct rs_python *j, jv v, struct rs_buf *b, struct rs_error *e)
{
  return to_buf(j, v, b, e, py_text_str);
}

enum rs_code jv_repr_to(struct rs_python *j, jv v, struct rs_buf *b, struct rs_error *e)
{
  return to_buf(j, v, b, e, py_text_repr);
}
