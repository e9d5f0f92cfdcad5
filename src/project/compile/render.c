/*
** Rendering a text without a project (compile.h): an empty project and a node that stands for the
** text carry dbt's base names; all others are refused (project/names/names.c).
*/
#include "compile.h"
#include <stdio.h>
#include <string.h>
#include "src/base/text.h"
#include "src/project/names/names.h"

struct render {
  const struct rs_render_options *opt;
  struct rs_project *p;
  struct rs_context *c;
  struct rs_node node;
  jv env; /* a dict; undefined: the real environment */
};

/* ---- names ---------------------------------------------------------------------------------- */

static NATIVE(env_var)
{
  const struct render *r = ctx;
  static const char *const names[] = {"var", "default", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "env_var", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "env_var() takes a text");
  const char *name = jv_cstr(v[0], NULL);
  if (strncmp(name, RS_SECRET_ENV, strlen(RS_SECRET_ENV)) == 0)
    return rs_fail(e, RS_FORBIDDEN, "secret env vars are allowed only in profiles.yml: '%s'", name);
  if (!jv_dict_get(r->env, name, out)) {
    *out = v[1];
    if (v[1].kind != JV_UNDEFINED && v[1].kind != JV_NONE) return RS_OK;
    return rs_fail(e, RS_NOT_FOUND, "env_var('%s') is not in the option env and has no default",
                   name);
  }
  if (jv_is_str(*out)) return RS_OK;
  struct rs_buf b; // an environment holds texts
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rc = jv_str_to(j, *out, &b, e);
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(&b), b.n);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code resolve(struct rs_python *j, void *ctx, const char *name, size_t n, jv *out,
                            struct rs_error *e)
{
  struct render *r = ctx;
  (void)j;
  if (rs_eqn("env_var", name, n) && r->env.kind == JV_DICT) {
    *out = jv_func(r->c->j, "env_var", env_var, r);
    return RS_OK;
  }
  return rs_names_get(r->c, name, n, out, e);
}

/* ---- what the caller gives ------------------------------------------------------------------ */

static enum rs_code object(struct render *r, const char *json, const char *what, jv *dict,
                           struct rs_error *e)
{
  enum rs_code rc = jv_from_json(r->c->j, json, strlen(json), dict, e);
  if (rc == RS_OK && dict->kind != JV_DICT)
    rc = rs_fail(e, RS_INVALID, "it must be a JSON object, not %s", jv_type_name(*dict));
  return rc == RS_OK ? rc : rs_error_prefix(e, "%s", what);
}

static enum rs_code add_context(struct render *r, struct rs_error *e)
{
  jv dict, key, value;
  enum rs_code rc = object(r, r->opt->context, "context", &dict, e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(dict); i++) {
    jv_dict_at(dict, i, &key, &value);
    rs_jinja_global(r->c->j, jv_cstr(key, NULL), value);
  }
  return rc;
}

/* A text of blanks has no macros. */
static enum rs_code add_macro_text(struct render *r, jv text, size_t number, struct rs_error *e)
{
  char name[32];
  size_t n, i = 0;
  struct rs_template *t = NULL;
  if (!jv_is_str(text))
    return rs_fail(e, RS_INVALID, "option 'macros' must hold texts, not %s", jv_type_name(text));
  const char *s = jv_cstr(text, &n);
  if (s[strspn(s, " \t\r\n")] == 0) return RS_OK;
  (void)snprintf(name, sizeof name, "macro %zu", number);
  enum rs_code rc = rs_project_template(r->p, name, s, n, &t, e);
  if (rc != RS_OK) return rc;
  for (const char *macro; (macro = rs_template_macro(t, i)) != NULL; i++)
    rs_jinja_global(r->c->j, macro, rs_jinja_macro(r->c->j, t, macro));
  if (i == 0) return rs_fail(e, RS_INVALID, "%s: it wants {%% macro name() %%}", name);
  return RS_OK;
}

static enum rs_code add_macros(struct render *r, struct rs_error *e)
{
  jv v;
  enum rs_code rc = jv_from_json(r->c->j, r->opt->macros, strlen(r->opt->macros), &v, e);
  if (rc != RS_OK) return rs_error_prefix(e, "option 'macros'");
  if (v.kind != JV_LIST) return add_macro_text(r, v, 1, e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(v); i++)
    rc = add_macro_text(r, jv_item(v, i), i + 1, e);
  return rc;
}

/* ---- rendering ------------------------------------------------------------------------------ */

static enum rs_code start(struct render *r, struct rs_error *e)
{
  const struct rs_render_options *o = r->opt;
  struct rs_project_settings set = {.vars = o->vars,
                                    .trusted = o->trusted,
                                    .say = o->say,
                                    .is_interrupted = o->is_interrupted,
                                    .interrupt_ctx = o->interrupt_ctx};
  enum rs_code rc = rs_project_load(NULL, &set, &r->p, e);
  if (rc != RS_OK) return rc;
  r->node = (struct rs_node){.name = "template", .config = {.json = "{}"}};
  struct rs_context_options opt = {.project = r->p,
                                   .node = &r->node,
                                   .execute = o->execute,
                                   .is_interrupted = o->is_interrupted,
                                   .interrupt_ctx = o->interrupt_ctx};
  rc = rs_context_new(&opt, &r->c, e);
  if (rc != RS_OK) return rc;
  rs_jinja_resolver(r->c->j, resolve, r);
  if (o->env != NULL) rc = object(r, o->env, "option 'env'", &r->env, e);
  if (rc == RS_OK && o->macros != NULL) rc = add_macros(r, e);
  if (rc == RS_OK && o->context != NULL) rc = add_context(r, e);
  return rc;
}

static enum rs_code render_in_project(struct render *r, const char *text, size_t n,
                                      struct rs_buf *out, struct rs_error *e)
{
  struct rs_template *t = NULL;
  jv v;
  enum rs_code rc = rs_project_template(r->p, "template", text, n, &t, e);
  if (rc != RS_OK) return rc;
  if (!r->opt->native) return rs_jinja_render(r->c->j, t, out, e);
  rc = rs_jinja_render_native(r->c->j, t, &v, e);
  if (rc != RS_OK) return rc;
  if (v.kind == JV_UNDEFINED) v = jv_none();
  return jv_json_to(r->c->j, v, false, out, e);
}

enum rs_code rs_render_text(const char *text, size_t n, const struct rs_render_options *opt,
                            struct rs_buf *out, struct rs_error *e)
{
  struct render r = {.opt = opt, .env = jv_undefined()};
  enum rs_code rc = start(&r, e);
  if (rc == RS_OK) rc = render_in_project(&r, text, n, out, e);
  rs_context_free(r.c);
  rs_project_free(r.p);
  return rc;
}
