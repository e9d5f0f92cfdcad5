/*
** _dbt_generic_test_kwargs: what the macro of a generic test is called with.
*/
#include <ctype.h>
#include <string.h>
#include "names.h"
#include "src/base/text.h"
#include "src/jinja/jinja.h"
#include "src/project/model/model.h"

/* "orders" is ref('orders'); what stands there already is taken as it is, also in {{ }}. */
static const char *model_expression(struct rs_context *c, const char *model)
{
  struct rs_arena *a = rs_python_arena(c->j);
  const char *s = model + strspn(model, " \t\r\n");
  if (strncmp(s, "{{", 2) == 0) {
    const char *end = strstr(s, "}}");
    return end != NULL ? rs_arena_strndup(a, s + 2, (size_t)(end - s - 2)) : s;
  }
  if (strchr(s, '(') != NULL) return s;
  const char *dot = strchr(s, '.');
  if (dot != NULL && strncmp(dot, ".v", 2) != 0)
    return rs_arena_printf(a, "ref('%.*s', '%s')", (int)(dot - s), s, dot + 1);
  if (dot != NULL) return rs_arena_printf(a, "ref('%.*s', v='%s')", (int)(dot - s), s, dot + 2);
  return rs_arena_printf(a, "ref('%s')", s);
}

static enum rs_code render_native(struct rs_context *c, const char *text, size_t n, jv *out,
                                  struct rs_error *e)
{
  struct rs_template *t = NULL;
  enum rs_code rc = rs_template_parse("arguments", text, n, &t, e);
  if (rc == RS_OK) rc = rs_jinja_render_native(c->j, t, out, e);
  rs_template_release(t);
  return rc;
}

/* dbt takes a bare `ref('x')` among the arguments for an expression. */
static bool looks_like_call(const char *s)
{
  static const char *const names[] = {"env_var", "ref", "var", "source", "doc"};
  s += strspn(s, " \t\r\n");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t n = strlen(names[i]);
    if (strncmp(s, names[i], n) != 0) continue;
    const char *p = s + n + strspn(s + n, " \t"), *end = s + strlen(s);
    while (end > p && isspace((unsigned char)end[-1])) end--;
    return *p == '(' && end - p > 2 && end[-1] == ')';
  }
  return false;
}

static enum rs_code render_argument(struct rs_context *c, jv v, int depth, jv *out,
                                    struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  *out = v;
  if (depth > 50) return rs_fail(e, RS_LIMIT, "arguments are nested more than 50 deep");
  if (jv_is_str(v)) {
    size_t n;
    const char *s = jv_cstr(v, &n);
    if (looks_like_call(s)) {
      s = rs_arena_printf(rs_python_arena(c->j), "{{ %s }}", s);
      if (s == NULL) return rs_nomem(e);
      n = strlen(s);
    } else if (!rs_is_template(s)) {
      return RS_OK;
    }
    return render_native(c, s, n, out, e);
  }
  if (v.kind == JV_LIST) {
    *out = jv_list(c->j);
    for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++) {
      jv item;
      rc = render_argument(c, jv_item(v, i), depth + 1, &item, e);
      if (rc == RS_OK) jv_list_add(c->j, *out, item);
    }
  } else if (v.kind == JV_DICT) {
    *out = jv_dict(c->j);
    for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++) {
      jv key, value;
      jv_dict_at(v, i, &key, &value);
      rc = render_argument(c, value, depth + 1, &value, e);
      if (rc == RS_OK) jv_dict_setv(c->j, *out, key, value);
    }
  }
  return rc;
}

enum rs_code rs_test_kwargs(struct rs_context *c, jv *out, struct rs_error *e)
{
  const struct rs_store_test *t = c->node->test;
  jv args = jv_dict(c->j), value;
  *out = jv_dict(c->j);
  const char *model = t->model != NULL ? model_expression(c, t->model) : NULL;
  char *text = model != NULL
                 ? rs_arena_printf(rs_python_arena(c->j), "{{ get_where_subquery(%s) }}", model)
                 : NULL;
  if (text == NULL) return rs_nomem(e);
  enum rs_code rc = render_native(c, text, strlen(text), &value, e);
  if (rc != RS_OK) return rc;
  jv_dict_set(c->j, *out, "model", value);
  if (t->column != NULL) jv_dict_set(c->j, *out, "column_name", jv_text(c->j, t->column));
  if (t->arguments != NULL) rc = jv_from_json(c->j, t->arguments, strlen(t->arguments), &args, e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(args); i++) {
    jv key;
    jv_dict_at(args, i, &key, &value);
    if (!rs_eq(jv_cstr(key, NULL), "column_name")) rc = render_argument(c, value, 0, &value, e);
    if (rc == RS_OK) jv_dict_setv(c->j, *out, key, value);
  }
  return rc;
}
