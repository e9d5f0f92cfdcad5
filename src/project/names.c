/*
** dbt's names: ref, source, config, var, env_var, this, target, model, log, exceptions, ...
**
** Each is made when a template first uses it. Which pass does what: reference table B4.
*/
#include <string.h>
#include "../base/mem.h"
#include "../base/redact.h"
#include "../base/text.h"
#include "context.h"

/* ---- ref and source ------------------------------------------------------------------------- */

static bool found_before(const struct rs_context *c, const char *source, const char *name)
{
  for (size_t i = 0; i < c->nrefs; i++)
    if (rs_eq(c->refs[i].source, source) && rs_eq(c->refs[i].name, name)) return true;
  return false;
}

/* Records what the parse-time pass is there for. */
static enum rs_code record_ref(struct rs_context *c, const char *source, const char *name,
                               struct rs_error *e)
{
  if (found_before(c, source, name)) return RS_OK;
  if (!rs_grow(&c->refs, &c->cap_refs, c->nrefs + 1, sizeof *c->refs)) return rs_nomem(e);
  int line = 0;
  const char *where = rs_jinja_where(c->j, &line);
  // A line inside a macro is no line of the model
  bool own = c->node->text != NULL && rs_eq(where, rs_template_name(c->node->text));
  struct rs_node_ref r = {
    .source = rs_strdup(source), .name = rs_strdup(name), .line = own ? line : 0};
  if (r.name == NULL || (source != NULL && r.source == NULL)) {
    rs_free((char *)r.source);
    rs_free((char *)r.name);
    return rs_nomem(e);
  }
  c->refs[c->nrefs++] = r;
  return RS_OK;
}

static jv this_value(struct rs_context *c)
{
  return rs_relation_value(c, rs_context_database(c), c->schema, c->identifier, NULL);
}

static enum rs_code add_ephemeral(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  for (size_t i = 0; i < c->nephemerals; i++)
    if (c->ephemerals[i] == n) return RS_OK;
  if (!rs_grow(&c->ephemerals, &c->cap_ephemerals, c->nephemerals + 1, sizeof(struct rs_node *)))
    return rs_nomem(e);
  c->ephemerals[c->nephemerals++] = n;
  return RS_OK;
}

/* The relation of a model that this one refers to. */
static enum rs_code ref_relation(struct rs_context *c, const char *name, jv *out,
                                 struct rs_error *e)
{
  struct rs_node *to;
  enum rs_code rc = rs_project_model(c->project, name, &to, e);
  if (rc != RS_OK) return rs_error_prefix(e, "ref('%s')", name);
  bool is_parent = false;
  for (size_t i = 0; i < c->node->nparents && !is_parent; i++)
    is_parent = c->node->parents[i] == to->index;
  if (!is_parent)
    return rs_fail(e, RS_INVALID,
                   "ref('%s') was not reached while parsing (execute is false there), so the graph "
                   "lacks it: add the line  -- depends_on: {{ ref('%s') }}",
                   name, name);
  if (!rs_eq(to->config.materialized, "ephemeral")) {
    *out = rs_relation_value(c, rs_context_database(c), to->workspace, to->identifier, NULL);
    return RS_OK;
  }
  rc = add_ephemeral(c, to, e);
  if (rc != RS_OK) return rc;
  char *cte = rs_arena_printf(rs_jinja_arena(c->j), "__dbt__cte__%s", to->name);
  if (cte == NULL) return rs_nomem(e);
  *out = rs_relation_value(c, NULL, NULL, cte, "cte");
  return RS_OK;
}

static enum rs_code name_ref(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  struct rs_context *c = ctx;
  (void)j;
  if (args->npos < 1 || args->npos > 2)
    return rs_fail(e, RS_INVALID,
                   "ref() takes one or two arguments: a model, or a package and a "
                   "model");
  for (size_t i = 0; i < args->npos; i++)
    if (!jv_is_str(args->pos[i]))
      return rs_fail(e, RS_INVALID, "ref() takes texts, not %s", jv_type_name(args->pos[i]));
  for (size_t i = 0; i < args->nkw; i++)
    if (args->kw_values[i].kind != JV_NONE)
      return rs_fail(e, RS_UNSUPPORTED, "ref(..., %s=): versions of models are not built yet",
                     jv_cstr(args->kw_keys[i], NULL));
  if (args->npos == 2 && !rs_eq(jv_cstr(args->pos[0], NULL), c->project->name))
    return rs_fail(e, RS_NOT_FOUND, "ref(): there is no package '%s' (this project is '%s')",
                   jv_cstr(args->pos[0], NULL), c->project->name);
  const char *name = jv_cstr(args->pos[args->npos - 1], NULL);
  if (c->opt.execute) return ref_relation(c, name, out, e);
  *out = this_value(c);
  return record_ref(c, NULL, name, e);
}

static enum rs_code name_source(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"source_name", "table_name", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "source", names, 2, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0]) || !jv_is_str(v[1]))
    return rs_fail(e, RS_INVALID, "source() takes two texts: a source and a table");
  const char *source = jv_cstr(v[0], NULL), *table = jv_cstr(v[1], NULL);
  if (!c->opt.execute) {
    *out = this_value(c);
    return record_ref(c, source, table, e);
  }
  char *key = rs_arena_printf(rs_jinja_arena(j), "%s.%s", source, table);
  if (key == NULL) return rs_nomem(e);
  // A source without a row, first met now, is a workspace and a collection
  const struct rs_node *n = rs_map_get(&c->project->sources, key);
  *out = rs_relation_value(c, rs_context_database(c), n != NULL ? n->workspace : source,
                           n != NULL ? n->identifier : table, NULL);
  return RS_OK;
}

/* ---- config --------------------------------------------------------------------------------- */

static enum rs_code config_call(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  struct rs_context *c = self;
  *out = jv_text(j, "");
  return c->opt.execute ? RS_OK : rs_config_merge(j, c->config, args, e);
}

static enum rs_code config_get(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                               struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"name", "default", "validator", NULL};
  jv v[3];
  enum rs_code rc = jv_bind(args, "config.get", names, 1, v, e);
  if (rc != RS_OK) return rc;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "config.get() takes a text");
  const char *key = jv_cstr(v[0], NULL);
  if (rs_eq(key, "workspace")) key = "schema";
  // A key that is there and None stays None
  if (!jv_dict_get(c->config, key, out)) *out = v[1].kind == JV_UNDEFINED ? jv_none() : v[1];
  return RS_OK;
}

static enum rs_code config_require(struct rs_jinja *j, void *ctx, const struct jv_args *args,
                                   jv *out, struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"name", "validator", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "config.require", names, 1, v, e);
  if (rc != RS_OK) return rc;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "config.require() takes a text");
  if (!jv_dict_get(c->config, jv_cstr(v[0], NULL), out))
    return rs_fail(e, RS_INVALID, "config key '%s' is required and missing", jv_cstr(v[0], NULL));
  return RS_OK;
}

static enum rs_code config_set(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                               struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"name", "value", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "config.set", names, 2, v, e);
  if (rc != RS_OK) return rc;
  *out = jv_text(j, "");
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "config.set() takes a text and a value");
  jv_dict_set(j, c->config, jv_cstr(v[0], NULL), v[1]);
  return RS_OK;
}

static enum rs_code say_false(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                              struct rs_error *e)
{
  (void)j, (void)ctx, (void)args, (void)e;
  *out = jv_bool(false);
  return RS_OK;
}

struct method {
  const char *name;
  jv_native fn;
};

static enum rs_code find_method(struct rs_jinja *j, void *self, const struct method *m,
                                size_t count, const char *name, size_t n, jv *out)
{
  for (size_t i = 0; i < count; i++)
    if (rs_eqn(m[i].name, name, n)) {
      *out = jv_func(j, m[i].name, m[i].fn, self);
      return RS_OK;
    }
  return RS_NOT_FOUND;
}

static enum rs_code config_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                   jv *out, struct rs_error *e)
{
  static const struct method methods[] = {{"get", config_get},
                                          {"require", config_require},
                                          {"set", config_set},
                                          {"persist_relation_docs", say_false},
                                          {"persist_column_docs", say_false}};
  struct rs_context *c = self;
  (void)e;
  enum rs_code rc = find_method(j, self, methods, sizeof methods / sizeof *methods, name, n, out);
  if (rc != RS_NOT_FOUND || !c->opt.execute) return rc;
  char *key = rs_arena_strndup(rs_jinja_arena(j), name, n);
  return key != NULL && jv_dict_get(c->config, key, out) ? RS_OK : RS_NOT_FOUND;
}

static const struct jv_class config_class = {
  .name = "Config", .getattr = config_getattr, .call = config_call};

/* ---- var and env_var ------------------------------------------------------------------------ */

static enum rs_code var_call(struct rs_jinja *j, void *self, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  struct rs_context *c = self;
  static const char *const names[] = {"name", "default", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "var", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "var() takes a text");
  const char *name = jv_cstr(v[0], NULL), *json = rs_map_get(&c->project->vars, name);
  if (json == NULL) {
    *out = v[1].kind == JV_UNDEFINED ? jv_none() : v[1];
    if (v[1].kind != JV_UNDEFINED || !c->opt.execute) return RS_OK;
    return rs_fail(
      e, RS_NOT_FOUND,
      "var('%s') has no value and no default: INSERT INTO rockset_vars(name, value), or "
      "give the option {\"vars\": {...}}",
      name);
  }
  rc = jv_from_json(j, json, strlen(json), out, e);
  if (rc != RS_OK || !jv_is_str(*out)) return rc;
  size_t n;
  const char *text = jv_cstr(*out, &n);
  if (strstr(text, "{{") == NULL && strstr(text, "{%") == NULL) return RS_OK;
  struct rs_buf rendered; // a text is a template itself
  rs_buf_init(&rendered, RS_BUF_SQL_MAX);
  rc = rs_context_render(c, "var", text, n, &rendered, e);
  if (rc == RS_OK) rc = rs_buf_error(&rendered, e, "var");
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(&rendered), rendered.n);
  rs_buf_free(&rendered);
  return rc;
}

static enum rs_code var_has(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                            struct rs_error *e)
{
  struct rs_context *c = ctx;
  (void)j;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "var.has_var() takes a text");
  *out = jv_bool(rs_map_get(&c->project->vars, jv_cstr(args->pos[0], NULL)) != NULL);
  return RS_OK;
}

static enum rs_code var_getattr(struct rs_jinja *j, void *self, const char *name, size_t n, jv *out,
                                struct rs_error *e)
{
  static const struct method methods[] = {{"has_var", var_has}};
  (void)e;
  return find_method(j, self, methods, 1, name, n, out);
}

static const struct jv_class var_class = {.name = "Var", .getattr = var_getattr, .call = var_call};

static enum rs_code name_env_var(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                                 struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"var", "default", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "env_var", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "env_var() takes a text");
  const char *name = jv_cstr(v[0], NULL), *value = NULL;
  rc = rs_env_get(name, false, !c->project->set.trusted, &value, e);
  if (rc == RS_NOT_FOUND) {
    if (v[1].kind != JV_UNDEFINED && v[1].kind != JV_NONE) {
      *out = v[1];
      return RS_OK;
    }
    return rs_fail(e, RS_NOT_FOUND, "env_var('%s') is not set and has no default", name);
  }
  if (rc == RS_OK) *out = jv_text(j, value);
  return rc;
}

/* ---- messages ------------------------------------------------------------------------------- */

/* One line to whoever watches: control characters out, since the text may end on a terminal. */
static enum rs_code say(struct rs_context *c, jv message, struct rs_error *e)
{
  if (c->project->set.say == NULL) return RS_OK;
  struct rs_buf line, text;
  rs_buf_init(&line, 1 << 16);
  rs_buf_init(&text, 1 << 16);
  enum rs_code rc = jv_str_to(c->j, message, &text, e);
  if (rc == RS_OK) {
    rs_buf_printf(&line, "model %s: ", c->node->name);
    for (size_t i = 0; i < text.n; i++) {
      unsigned char ch = (unsigned char)text.p[i];
      rs_buf_char(&line, ch < 0x20 || ch == 0x7F ? ' ' : (char)ch);
    }
    if (line.rc == RS_OK && line.n > 0) {
      rs_redact(line.p, line.cap);
      c->project->set.say(line.p);
    }
  }
  rs_buf_free(&line);
  rs_buf_free(&text);
  return rc;
}

static enum rs_code name_log(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                             struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"msg", "info", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "log", names, 1, v, e);
  if (rc != RS_OK) return rc;
  *out = jv_text(j, "");
  return c->opt.execute && v[1].kind != JV_UNDEFINED && jv_truth(j, v[1]) ? say(c, v[0], e) : RS_OK;
}

static enum rs_code name_print(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                               struct rs_error *e)
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "print() takes one argument");
  return c->opt.execute ? say(c, args->pos[0], e) : RS_OK;
}

static enum rs_code name_return(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  (void)ctx, (void)out;
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "return() takes one argument");
  return rs_jinja_return(j, args->pos[0]);
}

static enum rs_code raise_error(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  (void)ctx, (void)out;
  static const char *const names[] = {"msg", "node", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "raise_compiler_error", names, 1, v, e);
  if (rc != RS_OK) return rc;
  struct rs_buf text;
  rs_buf_init(&text, RS_ERROR_MAX);
  rc = jv_str_to(j, v[0], &text, e);
  if (rc == RS_OK) rc = rs_fail(e, RS_INVALID, "%s", rs_buf_text(&text));
  rs_buf_free(&text);
  return rc;
}

static enum rs_code warn(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                         struct rs_error *e)
{
  struct rs_context *c = ctx;
  static const char *const names[] = {"msg", "node", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "warn", names, 1, v, e);
  *out = jv_text(j, "");
  if (rc != RS_OK || !c->opt.execute) return rc;
  if (c->warnings.n > 0) rs_buf_str(&c->warnings, "; ");
  return jv_str_to(j, v[0], &c->warnings, e);
}

static enum rs_code exceptions_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                       jv *out, struct rs_error *e)
{
  static const struct method methods[] = {{"raise_compiler_error", raise_error},
                                          {"raise_database_error", raise_error},
                                          {"raise_not_implemented", raise_error},
                                          {"warn", warn}};
  (void)e;
  return find_method(j, self, methods, sizeof methods / sizeof *methods, name, n, out);
}

static const struct jv_class exceptions_class = {.name = "exceptions",
                                                 .getattr = exceptions_getattr};

/* ---- JSON, render --------------------------------------------------------------------------- */

static enum rs_code name_tojson(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  (void)ctx;
  static const char *const names[] = {"value", "default", "sort_keys", NULL};
  jv v[3];
  enum rs_code rc = jv_bind(args, "tojson", names, 1, v, e);
  if (rc != RS_OK) return rc;
  struct rs_buf text;
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rc = jv_json_to(j, v[0], v[2].kind != JV_UNDEFINED && jv_truth(j, v[2]), &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "tojson()");
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(&text), text.n);
  rs_buf_free(&text);
  return rc;
}

static enum rs_code name_fromjson(struct rs_jinja *j, void *ctx, const struct jv_args *args,
                                  jv *out, struct rs_error *e)
{
  (void)ctx;
  static const char *const names[] = {"string", "default", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "fromjson", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0]))
    return rs_fail(e, RS_INVALID, "fromjson() takes a text, not %s", jv_type_name(v[0]));
  size_t n;
  const char *text = jv_cstr(v[0], &n);
  rc = jv_from_json(j, text, n, out, NULL);
  if (rc == RS_INVALID) *out = v[1].kind == JV_UNDEFINED ? jv_none() : v[1];
  return rc == RS_INVALID ? RS_OK : rc == RS_OK ? RS_OK : rs_fail(e, rc, "fromjson() failed");
}

static enum rs_code name_render(struct rs_jinja *j, void *ctx, const struct jv_args *args, jv *out,
                                struct rs_error *e)
{
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "render() takes a text");
  size_t n;
  const char *text = jv_cstr(args->pos[0], &n);
  struct rs_buf rendered;
  rs_buf_init(&rendered, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_context_render(ctx, "render", text, n, &rendered, e);
  if (rc == RS_OK) rc = rs_buf_error(&rendered, e, "render()");
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(&rendered), rendered.n);
  rs_buf_free(&rendered);
  return rc;
}

/* ---- the table of names --------------------------------------------------------------------- */

/* dbt's names that are still to come: an error is better than an undefined value that prints ''. */
static const char *const names_later[] = {"modules",
                                          "graph",
                                          "fromyaml",
                                          "toyaml",
                                          "local_md5",
                                          "diff_of_two_dicts",
                                          "metric",
                                          "doc",
                                          "selected_resources",
                                          "load_agate_table",
                                          "validation",
                                          "submit_python_job",
                                          "dbt_metadata_envs",
                                          "invocation_args_dict"};

static const struct method functions[] = {{"ref", name_ref},
                                          {"source", name_source},
                                          {"env_var", name_env_var},
                                          {"log", name_log},
                                          {"print", name_print},
                                          {"return", name_return},
                                          {"tojson", name_tojson},
                                          {"fromjson", name_fromjson},
                                          {"render", name_render},
                                          {"load_result", rs_names_load_result},
                                          {"store_result", rs_names_store_result}};

static jv make_flags(struct rs_context *c)
{
  jv flags = jv_dict(c->j);
  jv_dict_set(c->j, flags, "FULL_REFRESH", jv_bool(c->project->set.full_refresh));
  jv_dict_set(c->j, flags, "WHICH", jv_text(c->j, "run"));
  return flags;
}

/* builtins.ref is the original where the project has a macro of that name. */
static jv make_builtins(struct rs_context *c)
{
  jv dict = jv_dict(c->j);
  jv_dict_set(c->j, dict, "ref", jv_func(c->j, "ref", name_ref, c));
  jv_dict_set(c->j, dict, "source", jv_func(c->j, "source", name_source, c));
  jv_dict_set(c->j, dict, "config", jv_object(c->j, &config_class, c));
  jv_dict_set(c->j, dict, "var", jv_object(c->j, &var_class, c));
  return dict;
}

enum rs_code rs_names_get(struct rs_context *c, const char *name, size_t n, jv *out,
                          struct rs_error *e)
{
  struct rs_jinja *j = c->j;
  const struct rs_project *p = c->project;
  if (find_method(j, c, functions, sizeof functions / sizeof *functions, name, n, out) == RS_OK)
    return RS_OK;
  if (rs_names_base(c, name, n, out) == RS_OK) return RS_OK;
#define IS(text) rs_eqn(text, name, n)
  if (IS("config")) *out = jv_object(j, &config_class, c);
  else if (IS("var")) *out = jv_object(j, &var_class, c);
  else if (IS("exceptions")) *out = jv_object(j, &exceptions_class, c);
  else if (IS("adapter")) *out = rs_names_adapter(c);
  else if (IS("api")) *out = rs_names_api(c);
  else if (IS("execute")) *out = jv_bool(c->opt.execute);
  else if (IS("this")) *out = this_value(c);
  else if (IS("target") || IS("env")) *out = rs_names_target(c);
  else if (IS("model")) *out = rs_names_model(c);
  else if (IS("flags")) *out = make_flags(c);
  else if (IS("builtins")) *out = make_builtins(c);
  else if (IS("schema")) *out = jv_text(j, c->schema);
  else if (IS("database")) *out = jv_text(j, rs_context_database(c));
  else if (IS("invocation_id")) *out = jv_text(j, p->invocation_id);
  else if (IS("run_started_at")) *out = rs_datetime_value(j, p->started_us);
  else if (IS("project_name")) *out = jv_text(j, p->name);
  else if (IS("dbt_version")) *out = jv_text(j, "1.7.20");
  else {
    for (size_t i = 0; i < sizeof names_later / sizeof *names_later; i++)
      if (IS(names_later[i]))
        return rs_fail(e, RS_UNSUPPORTED, "'%s' of dbt's context is not built yet", names_later[i]);
    return RS_NOT_FOUND;
  }
#undef IS
  return RS_OK;
}
