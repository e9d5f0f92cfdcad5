/*
** dbt's names: ref, source, config, var, env_var, this, target, model, log, exceptions, ...
**
** Each is made when a template first uses it. Which pass does what: reference table B4.
*/
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "names.h"
#include "src/project/model/model.h"
#include "src/python/native.h"

/* ---- ref and source ------------------------------------------------------------------------- */

static bool found_before(const struct rs_context *c, const struct rs_node_ref *r)
{
  for (size_t i = 0; i < c->nrefs; i++)
    if (rs_eq(c->refs[i].source, r->source) && rs_eq(c->refs[i].name, r->name) &&
        rs_eq(c->refs[i].package, r->package) && rs_eq(c->refs[i].version, r->version))
      return true;
  return false;
}

/* Records what the parse-time pass is there for. */
static enum rs_code record_ref(struct rs_context *c, const struct rs_node_ref *ref,
                               struct rs_error *e)
{
  if (found_before(c, ref)) return RS_OK;
  if (!rs_grow(&c->refs, &c->cap_refs, c->nrefs + 1, sizeof *c->refs)) return rs_nomem(e);
  int line = 0;
  const char *where = rs_jinja_where(c->j, &line);
  // A line inside a macro is no line of the model
  char what[300];
  bool own = rs_eq(where, rs_node_what(c->node, what, sizeof what));
  struct rs_node_ref *r = &c->refs[c->nrefs++]; // freed with the others, whatever fails
  *r = (struct rs_node_ref){.source = rs_strdup(ref->source),
                            .name = rs_strdup(ref->name),
                            .package = rs_strdup(ref->package),
                            .version = rs_strdup(ref->version),
                            .line = own ? line : 0};
  if (r->name == NULL || (ref->source != NULL && r->source == NULL) ||
      (ref->package != NULL && r->package == NULL) || (ref->version != NULL && r->version == NULL))
    return rs_nomem(e);
  return RS_OK;
}

/* The relation of a node, quoted as dbt_project.yml says; a source's as the source says. */
static jv node_relation(struct rs_context *c, const char *schema, const char *identifier)
{
  jv v = rs_relation_value(c, rs_context_database(c), schema, identifier, NULL);
  if (c->project->quoting != NULL) rs_relation_quote(v, c->project->quoting);
  return v;
}

static jv this_value(struct rs_context *c)
{
  jv v = node_relation(c, c->schema, c->identifier);
  rs_relation_database(v, c->node->database);
  return v;
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
static enum rs_code ref_relation(struct rs_context *c, const struct rs_node_ref *ref, jv *out,
                                 struct rs_error *e)
{
  struct rs_node *to;
  const char *name = ref->name;
  enum rs_code rc = rs_project_ref(c->project, c->node->package, ref, &to, e);
  if (rc != RS_OK) return rs_error_prefix(e, "ref('%s')", name);
  bool is_parent = c->node->type == RS_NODE_OPERATION; // dbt checks none there
  for (size_t i = 0; i < c->node->nparents && !is_parent; i++)
    is_parent = c->node->parents[i] == to->index;
  if (!is_parent)
    return rs_fail(e, RS_INVALID,
                   "ref('%s') was not reached while parsing (execute is false there), so the graph "
                   "lacks it: add the line  -- depends_on: {{ ref('%s') }}",
                   name, name);
  if (!rs_eq(to->config.materialized, "ephemeral")) {
    *out = node_relation(c, to->workspace, to->identifier);
    rs_relation_cut(c, *out, to->config.event_time);
    rs_relation_database(*out, to->database);
    return RS_OK;
  }
  rc = add_ephemeral(c, to, e);
  if (rc != RS_OK) return rc;
  char *cte = rs_arena_printf(rs_python_arena(c->j), "__dbt__cte__%s", to->name);
  if (cte == NULL) return rs_nomem(e);
  *out = rs_relation_value(c, NULL, NULL, cte, "cte");
  return RS_OK;
}

static NATIVE(name_ref)
{
  struct rs_context *c = ctx;
  if (args->npos < 1 || args->npos > 2)
    return rs_fail(e, RS_INVALID,
                   "ref() takes one or two arguments: a model, or a package and a "
                   "model");
  for (size_t i = 0; i < args->npos; i++)
    if (!jv_is_str(args->pos[i]))
      return rs_fail(e, RS_INVALID, "ref() takes texts, not %s", jv_type_name(args->pos[i]));
  struct rs_node_ref ref = {.name = jv_cstr(args->pos[args->npos - 1], NULL)};
  if (args->npos == 2) ref.package = jv_cstr(args->pos[0], NULL);
  struct rs_buf version;
  rs_buf_init(&version, 1000);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < args->nkw; i++) {
    const char *key = jv_cstr(args->kw_keys[i], NULL);
    if (!rs_eq(key, "v") && !rs_eq(key, "version"))
      rc = rs_fail(e, RS_INVALID, "ref() has no argument '%s': there are v and version", key);
    else if (args->kw_values[i].kind != JV_NONE) {
      rs_buf_clear(&version);
      rc = jv_str_to(j, args->kw_values[i], &version, e);
      ref.version = rs_buf_text(&version);
    }
  }
  if (rc == RS_OK && c->opt.execute) {
    rc = ref_relation(c, &ref, out, e);
  } else if (rc == RS_OK) {
    *out = this_value(c);
    rc = record_ref(c, &ref, e);
  }
  rs_buf_free(&version);
  return rc;
}

static NAMED(name_source, "source", 2, "source_name", "table_name")
{
  struct rs_context *c = ctx;
  if (!jv_is_str(v[0]) || !jv_is_str(v[1]))
    return rs_fail(e, RS_INVALID, "source() takes two texts: a source and a table");
  const char *source = jv_cstr(v[0], NULL), *table = jv_cstr(v[1], NULL);
  if (!c->opt.execute) {
    *out = this_value(c);
    struct rs_node_ref ref = {.source = source, .name = table};
    return record_ref(c, &ref, e);
  }
  const struct rs_node *n = rs_project_source_find(c->project, c->node->package, source, table);
  // One without a row, first met now, is a workspace and a collection
  const struct rs_node bare = {.type = RS_NODE_SOURCE, .workspace = source, .identifier = table};
  if (n == NULL) n = &bare;
  *out = rs_relation_value(c, rs_context_database(c), n->workspace, n->identifier, NULL);
  rs_relation_cut(c, *out, n->config.event_time);
  rs_relation_database(*out, n->database);
  if (n->quoting != NULL) rs_relation_quote(*out, n->quoting);
  return rs_external_source(c, n, *out, e);
}

/* metric(name), metric(package, name): prints as the name. */
static NATIVE(name_metric)
{
  struct rs_context *c = ctx;
  if (args->npos < 1 || args->npos > 2 || args->nkw > 0)
    return rs_fail(e, RS_INVALID, "metric() takes one or two arguments (%zu given)",
                   args->npos + args->nkw);
  for (size_t i = 0; i < args->npos; i++)
    if (!jv_is_str(args->pos[i]))
      return rs_fail(e, RS_INVALID, "metric() takes texts, not %s", jv_type_name(args->pos[i]));
  const char *package = args->npos == 2 ? jv_cstr(args->pos[0], NULL) : NULL;
  const char *name = jv_cstr(args->pos[args->npos - 1], NULL);
  *out = jv_text(j, name);
  if (!c->opt.execute) {
    if (!rs_grow(&c->metrics, &c->cap_metrics, c->nmetrics + 1, sizeof *c->metrics))
      return rs_nomem(e);
    struct rs_node_ref *r = &c->metrics[c->nmetrics++];
    *r = (struct rs_node_ref){.name = rs_arena_strdup(&c->project->arena, name)};
    if (package != NULL) r->package = rs_arena_strdup(&c->project->arena, package);
    return r->name != NULL && (package == NULL || r->package != NULL) ? RS_OK : rs_nomem(e);
  }
  if (rs_entry_find(c->project, RS_STORE_METRIC, c->node->package, package, name) != NULL)
    return RS_OK;
  return rs_fail(e, RS_NOT_FOUND, "%s depends on a metric named '%s' which was not found",
                 c->node->unique_id, name);
}

/* ---- config --------------------------------------------------------------------------------- */

static CLASS_CALL(config_call)
{
  struct rs_context *c = self;
  *out = jv_text(j, "");
  if (c->opt.execute) return RS_OK;
  enum rs_code rc = rs_config_merge(j, c->config, args, e);
  return rc == RS_OK ? rs_config_merge(j, c->called, args, e) : rc;
}

static NAMED(config_get, "config.get", 1, "name", "default", "validator")
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "config.get() takes a text");
  const char *key = jv_cstr(v[0], NULL);
  if (rs_eq(key, "workspace")) key = "schema";
  // A key that is there and None stays None
  if (!jv_dict_get(c->config, key, out)) *out = v[1].kind == JV_UNDEFINED ? jv_none() : v[1];
  return RS_OK;
}

static NAMED(config_require, "config.require", 1, "name", "validator")
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  if (!c->opt.execute) return RS_OK;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "config.require() takes a text");
  if (!jv_dict_get(c->config, jv_cstr(v[0], NULL), out))
    return rs_fail(e, RS_INVALID, "config key '%s' is required and missing", jv_cstr(v[0], NULL));
  return RS_OK;
}

static NAMED(config_set, "config.set", 2, "name", "value")
{
  struct rs_context *c = ctx;
  *out = jv_text(j, "");
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "config.set() takes a text and a value");
  jv_dict_set(j, c->config, jv_cstr(v[0], NULL), v[1]);
  return RS_OK;
}

/* persist_docs: {relation: true, columns: true} */
static jv persists(struct rs_context *c, const char *what)
{
  jv docs, v;
  return jv_bool(c->opt.execute && jv_dict_get(c->config, "persist_docs", &docs) &&
                 docs.kind == JV_DICT && jv_dict_get(docs, what, &v) && jv_truth(c->j, v));
}

static NATIVE(relation_docs)
{
  *out = persists(ctx, "relation");
  return RS_OK;
}

static NATIVE(column_docs)
{
  *out = persists(ctx, "columns");
  return RS_OK;
}

static CLASS_GETATTR(config_getattr)
{
  static const struct rs_method methods[] = {{"get", config_get},
                                             {"require", config_require},
                                             {"set", config_set},
                                             {"persist_relation_docs", relation_docs},
                                             {"persist_column_docs", column_docs}};
  struct rs_context *c = self;
  enum rs_code rc = rs_method_find(j, self, methods, sizeof methods / sizeof *methods, name, n,
                                   out);
  if (rc != RS_NOT_FOUND || !c->opt.execute) return rc;
  char *key = rs_arena_strndup(rs_python_arena(j), name, n);
  return key != NULL && jv_dict_get(c->config, key, out) ? RS_OK : RS_NOT_FOUND;
}

static const struct jv_class config_class = {
  .name = "Config", .getattr = config_getattr, .call = config_call};

/* ---- var and env_var ------------------------------------------------------------------------ */

static CLASS_CALL(var_call)
{
  struct rs_context *c = self;
  static const char *const names[] = {"name", "default", NULL};
  jv v[2];
  enum rs_code rc = jv_bind(args, "var", names, 1, v, e);
  if (rc != RS_OK) return rc;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "var() takes a text");
  const char *name = jv_cstr(v[0], NULL),
             *json = rs_project_var(c->project, c->node->package, name);
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

static NATIVE(var_has)
{
  struct rs_context *c = ctx;
  if (args->npos != 1 || !jv_is_str(args->pos[0]))
    return rs_fail(e, RS_INVALID, "var.has_var() takes a text");
  *out = jv_bool(rs_project_var(c->project, c->node->package, jv_cstr(args->pos[0], NULL)) != NULL);
  return RS_OK;
}

static CLASS_GETATTR(var_getattr)
{
  static const struct rs_method methods[] = {{"has_var", var_has}};
  return rs_method_find(j, self, methods, 1, name, n, out);
}

static const struct jv_class var_class = {.name = "Var", .getattr = var_getattr, .call = var_call};

static NAMED(name_env_var, "env_var", 1, "var", "default")
{
  struct rs_context *c = ctx;
  if (!jv_is_str(v[0])) return rs_fail(e, RS_INVALID, "env_var() takes a text");
  const char *name = jv_cstr(v[0], NULL), *value = NULL;
  enum rs_code rc = rs_env_get(name, false, !c->project->set.trusted, &value, e);
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

/* ---- render --------------------------------------------------------------------------------- */

/* What is no text is rendered as the text that it prints as: a Relation. */
static NATIVE(name_render)
{
  struct rs_buf text, rendered;
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "render() takes a text");
  rs_buf_init(&text, RS_BUF_SQL_MAX);
  rs_buf_init(&rendered, RS_BUF_SQL_MAX);
  enum rs_code rc = jv_str_to(j, args->pos[0], &text, e);
  if (rc == RS_OK) rc = rs_buf_error(&text, e, "render()");
  if (rc == RS_OK) rc = rs_context_render(ctx, "render", rs_buf_text(&text), text.n, &rendered, e);
  if (rc == RS_OK) rc = rs_buf_error(&rendered, e, "render()");
  if (rc == RS_OK) *out = jv_textn(j, rs_buf_text(&rendered), rendered.n);
  rs_buf_free(&rendered);
  rs_buf_free(&text);
  return rc;
}

/* ---- the table of names --------------------------------------------------------------------- */

/* dbt's names that are still to come: an error is better than an undefined value that prints ''. */
static const char *const names_later[] = {"load_agate_table"};

static const struct rs_method functions[] = {{"ref", name_ref},
                                             {"source", name_source},
                                             {"metric", name_metric},
                                             {"env_var", name_env_var},
                                             {"render", name_render},
                                             {"load_result", rs_names_load_result},
                                             {"store_result", rs_names_store_result},
                                             {"store_raw_result", rs_names_store_raw}};

/* Names that only exist where there is a project, a target or a model. */
static const char *const of_models[] = {
  "adapter",  "api",    "column",     "compiled_code", "config",
  "database", "doc",    "env",        "graph",         "load_result",
  "metric",   "model",  "post_hooks", "pre_hooks",     "project_name",
  "ref",      "render", "run_query",  "schema",        "selected_resources",
  "source",   "sql",    "statement",  "store_result",  "store_raw_result",
  "target",   "this",   "write"};

/* A text alone (project/compile/compile.h) has none of these: what they are made of is not there.
   */
static enum rs_code check_model(const struct rs_context *c, const char *name, size_t n,
                                struct rs_error *e)
{
  if (c->project->set.output != NULL) return RS_OK;
  for (size_t i = 0; i < COUNT(of_models); i++)
    if (rs_eqn(of_models[i], name, n))
      return rs_fail(e, RS_UNSUPPORTED,
                     "'%s' belongs to a model, and a text that is rendered alone has none: give "
                     "the context a '%s', or put the text into rockset_models",
                     of_models[i], of_models[i]);
  return RS_OK;
}

enum rs_code rs_names_builtin(struct rs_context *c, const char *name, size_t n, jv *out,
                              struct rs_error *e)
{
  enum rs_code rc = check_model(c, name, n, e);
  if (rc != RS_OK) return rc;
  if (rs_eqn("ref", name, n)) *out = rs_names_resolver(c, name_ref);
  else if (rs_eqn("source", name, n)) *out = rs_names_resolver(c, name_source);
  else return RS_NOT_FOUND;
  return RS_OK;
}

enum rs_code rs_names_get(struct rs_context *c, const char *name, size_t n, jv *out,
                          struct rs_error *e)
{
  struct rs_python *j = c->j;
  const struct rs_project *p = c->project;
  enum rs_code rc = check_model(c, name, n, e);
  if (rc != RS_OK) return rc;
  if (c->describes && rs_eqn("doc", name, n)) {
    *out = jv_func(j, "doc", rs_names_doc, c);
    return RS_OK;
  }
  if (rs_method_find(j, c, functions, COUNT(functions), name, n, out) == RS_OK ||
      rs_names_base(c, name, n, out) == RS_OK)
    return RS_OK;
#define IS(text) rs_eqn(text, name, n)
  if (IS("config")) *out = jv_object(j, &config_class, c);
  else if (IS("var")) *out = jv_object(j, &var_class, c);
  else if (IS("adapter")) *out = rs_names_adapter(c);
  else if (IS("api")) *out = rs_names_api(c);
  else if (IS("execute")) *out = jv_bool(c->opt.execute);
  else if (IS("this")) *out = this_value(c);
  else if (IS("target") || IS("env")) *out = rs_names_target(c);
  else if (IS("_dbt_generic_test_kwargs") && c->node->test != NULL)
    return rs_test_kwargs(c, out, e);
  else if (IS("model")) *out = rs_names_model_found(c);
  else if (IS("builtins")) *out = rs_names_builtins(c);
  else if (IS("context")) *out = rs_names_context(c);
  else if (IS("sql") || IS("compiled_code")) *out = jv_none();
  else if (IS("pre_hooks"))
    *out = rs_names_hooks(c, c->node->config.pre_hooks, c->node->config.npre);
  else if (IS("post_hooks"))
    *out = rs_names_hooks(c, c->node->config.post_hooks, c->node->config.npost);
  else if (IS("sql_now")) *out = jv_text(j, "now()");
  else if (IS("graph")) return rs_names_graph(c, out, e);
  else if (IS("selected_resources")) *out = rs_names_selected(c);
  else if (IS("validation")) *out = rs_names_validation(c);
  else if (IS("column")) *out = rs_names_column_class(c);
  else if (IS("schema")) *out = jv_text(j, c->schema);
  else if (IS("database")) *out = jv_text(j, rs_context_database(c));
  else if (IS("project_name")) *out = jv_text(j, p->name);
  else {
    for (size_t i = 0; i < sizeof names_later / sizeof *names_later; i++)
      if (IS(names_later[i]))
        return rs_fail(e, RS_UNSUPPORTED, "'%s' of dbt's context is not built yet", names_later[i]);
    return RS_NOT_FOUND;
  }
#undef IS
  return RS_OK;
}
