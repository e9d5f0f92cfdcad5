/*
** What a template can read of the whole project: `graph`, `selected_resources`, `validation`.
**
** `graph` is empty while parsing, as it is with dbt: nodes have no names yet. Afterwards there is
** one for all (project/names/shared_graph.h).
*/
#include "src/project/model/model.h"
#include "src/jinja/jinja.h"
#include "src/python/native.h"
#include "shared_graph.h"

/* JSON of a row; what is not there is `otherwise`, JSON, too. */
static void put_json(struct rs_context *c, jv dict, const char *key, const char *json,
                     const char *otherwise)
{
  jv v;
  if (json == NULL || jv_from_json(c->j, json, strlen(json), &v, NULL) != RS_OK)
    jv_from_json(c->j, otherwise, strlen(otherwise), &v, NULL);
  jv_dict_set(c->j, dict, key, v);
}

/* unique_id and what stands beside it in every entry of a yml file. `whole`: path is all of it. */
static void put_head(struct rs_context *c, jv dict, const char *kind, const char *package,
                     const char *path, const char *id, bool whole)
{
  const char *slash = path != NULL && !whole ? strchr(path, '/') : NULL;
  rs_names_put(c, dict, "resource_type", kind);
  rs_names_put(c, dict, "package_name", package);
  rs_names_put(c, dict, "path", slash != NULL ? slash + 1 : path);
  rs_names_put(c, dict, "original_file_path", path);
  rs_names_put(c, dict, "unique_id", id);
}

static void put_created(struct rs_context *c, jv dict)
{
  jv_dict_set(c->j, dict, "created_at", jv_float((double)c->project->started_us / 1e6));
}

static jv source_value(struct rs_context *c, const struct rs_node *n)
{
  const struct rs_source_row *row = &n->source_row;
  struct rs_buf name;
  jv dict = jv_dict(c->j), config, freshness;
  rs_names_put(c, dict, "database", n->database != NULL ? n->database : rs_context_database(c));
  rs_names_put(c, dict, "schema", n->workspace);
  rs_names_put(c, dict, "name", n->table);
  put_head(c, dict, "source", n->package, n->row.path, n->unique_id, true);
  jv_dict_set(c->j, dict, "fqn", rs_names_fqn(c->j, n->fqn));
  rs_names_put(c, dict, "source_name", n->source);
  rs_names_put(c, dict, "source_description", row->description != NULL ? row->description : "");
  rs_names_put(c, dict, "loader", row->loader != NULL ? row->loader : "");
  rs_names_put(c, dict, "identifier", n->identifier);
  put_json(c, dict, "quoting", n->quoting,
           "{\"database\":null,\"schema\":null,\"identifier\":null,\"column\":null}");
  rs_names_put(c, dict, "loaded_at_field", n->loaded_at_field);
  jv_dict_set(c->j, dict, "freshness", rs_config_freshness(c->j, n->freshness));
  put_json(c, dict, "external", row->external, "null");
  rs_names_put(c, dict, "description", n->description);
  jv_dict_set(c->j, dict, "columns", rs_names_row_columns(c, n->row.columns));
  put_json(c, dict, "meta", row->meta, "{}");
  put_json(c, dict, "source_meta", row->meta, "{}");
  put_json(c, dict, "tags", row->tags, "[]");
  put_json(c, dict, "config", "{\"enabled\":true}", "{}");
  // where dbt 1.10 has it, and packages that want that look for it
  if (jv_dict_get(dict, "config", &config) && jv_dict_get(dict, "freshness", &freshness))
    jv_dict_set(c->j, config, "freshness", freshness);
  rs_names_put(c, dict, "patch_path", NULL);
  jv_dict_set(c->j, dict, "unrendered_config", rs_config_unrendered(c->project, c->j, n));
  rs_buf_init(&name, 4096);
  rs_project_relation(c->project, &name, n, n->workspace, n->identifier);
  rs_names_put(c, dict, "relation_name", rs_buf_text(&name));
  rs_buf_free(&name);
  put_created(c, dict);
  return dict;
}

/* A column of the entry's row, or what dbt has instead. */
static void put_said(struct rs_context *c, jv dict, jv said, const char *key, const char *otherwise)
{
  jv v;
  if (said.kind != JV_DICT || !jv_dict_get(said, key, &v) || v.kind == JV_NONE)
    jv_from_json(c->j, otherwise, strlen(otherwise), &v, NULL);
  jv_dict_set(c->j, dict, key, v);
}

/* Sources come first, as dbt finds them first. */
static jv parents_of(struct rs_context *c, const struct rs_entry *x)
{
  jv list = jv_list(c->j);
  for (int sources = 1; sources >= 0; sources--)
    for (size_t i = 0; i < x->nparents; i++)
      if ((x->parents[i]->type == RS_NODE_SOURCE) == (sources == 1))
        jv_list_add(c->j, list, jv_text(c->j, x->parents[i]->unique_id));
  return list;
}

/* {email, name, what else is said} */
static void put_owner(struct rs_context *c, jv dict, jv said)
{
  jv owner = jv_dict(c->j), own, key, value;
  if (said.kind != JV_DICT || !jv_dict_get(said, "owner", &own) || own.kind != JV_DICT)
    own = jv_dict(c->j);
  put_said(c, owner, own, "email", "null");
  put_said(c, owner, own, "name", "null");
  for (size_t i = 0; i < jv_len(own); i++) {
    jv_dict_at(own, i, &key, &value);
    jv_dict_setv(c->j, owner, key, value);
  }
  jv_dict_set(c->j, dict, "owner", owner);
}

static jv exposure_value(struct rs_context *c, const struct rs_entry *x, jv said)
{
  const struct rs_node *n = x->node;
  jv dict = jv_dict(c->j);
  rs_names_put(c, dict, "name", x->name);
  put_head(c, dict, "exposure", x->package, x->path, n->unique_id, false);
  jv_dict_set(c->j, dict, "fqn", rs_names_fqn(c->j, n->fqn));
  put_said(c, dict, said, "type", "\"application\"");
  put_owner(c, dict, said);
  rs_names_put(c, dict, "description", n->description);
  put_said(c, dict, said, "label", "null");
  put_said(c, dict, said, "maturity", "null");
  put_said(c, dict, said, "meta", "{}");
  put_said(c, dict, said, "tags", "[]");
  jv config;
  if (said.kind != JV_DICT || !jv_dict_get(said, "config", &config)) config = jv_none();
  if (rs_config_document(c->j, n->type, config, &config, NULL) != RS_OK) config = jv_dict(c->j);
  jv_dict_set(c->j, dict, "config", config);
  jv_dict_set(c->j, dict, "unrendered_config", rs_config_unrendered(c->project, c->j, n));
  put_said(c, dict, said, "url", "null");
  rs_names_refs(c, n, dict, parents_of(c, x));
  put_created(c, dict);
  return dict;
}

static jv group_value(struct rs_context *c, const struct rs_entry *x, const char *id, jv said)
{
  jv dict = jv_dict(c->j);
  rs_names_put(c, dict, "name", x->name);
  put_head(c, dict, "group", x->package, x->path, id, false);
  put_owner(c, dict, said);
  return dict;
}

enum { EXPOSURES, GROUPS, METRICS, NODES, SOURCES, MODELS, QUERIES };

/* dicts: exposures, groups, metrics, nodes, sources, semantic_models, saved_queries */
static void put_entries(struct rs_context *c, const jv *dicts)
{
  const struct rs_project *p = c->project;
  for (size_t i = 0; i < p->nentries; i++) {
    const struct rs_entry *x = p->entries[i];
    jv said;
    if (x->kind == RS_STORE_DOC ||
        jv_from_json(c->j, x->text, strlen(x->text), &said, NULL) != RS_OK)
      continue;
    if (x->kind == RS_STORE_GROUP) {
      const char *id = rs_arena_printf(rs_python_arena(c->j), "group.%s.%s", x->package, x->name);
      if (id != NULL) jv_dict_set(c->j, dicts[GROUPS], id, group_value(c, x, id, said));
    } else if (x->node != NULL && x->node->bad == NULL && x->node->config.enabled) {
      bool exposure = x->kind == RS_STORE_EXPOSURE;
      jv_dict_set(c->j,
                  dicts[exposure                             ? EXPOSURES
                        : x->kind == RS_STORE_METRIC         ? METRICS
                        : x->kind == RS_STORE_SEMANTIC_MODEL ? MODELS
                                                             : QUERIES],
                  x->node->unique_id,
                  exposure ? exposure_value(c, x, said) : rs_semantic_document(p, c->j, x));
    }
  }
}

enum rs_code rs_names_graph(struct rs_context *c, jv *out, struct rs_error *e)
{
  if (c->opt.execute) return rs_graph_enter(c, out, e);
  *out = jv_dict(c->j);
  return RS_OK;
}

jv rs_names_make_graph(struct rs_context *c)
{
  static const char *const keys[] = {"exposures", "groups",          "metrics",      "nodes",
                                     "sources",   "semantic_models", "saved_queries"};
  const struct rs_project *p = c->project;
  jv graph = jv_dict(c->j), dicts[COUNT(keys)];
  for (size_t i = 0; i < COUNT(keys); i++) {
    dicts[i] = jv_dict(c->j);
    jv_dict_set(c->j, graph, keys[i], dicts[i]);
  }
  for (size_t i = 0; i < p->nnodes; i++) {
    struct rs_node *n = p->nodes[i];
    if (!n->parsed || !n->config.enabled || n->bad != NULL || n->type == RS_NODE_UNIT_TEST)
      continue;
    if (n->type == RS_NODE_SOURCE)
      jv_dict_set(c->j, dicts[SOURCES], n->unique_id, source_value(c, n));
    else jv_dict_set(c->j, dicts[NODES], n->unique_id, rs_names_node(c, n));
  }
  put_entries(c, dicts);
  return graph;
}

jv rs_names_selected(struct rs_context *c)
{
  const struct rs_project *p = c->project;
  jv list = jv_list(c->j);
  if (!c->opt.execute) return list;
  for (size_t i = 0; i < p->nselected; i++)
    jv_list_add(c->j, list, jv_text(c->j, p->selected[i]->unique_id));
  if (p->nselected == 0) jv_list_add(c->j, list, jv_text(c->j, c->node->unique_id));
  return list;
}

/* ---- context -------------------------------------------------------------------------------- */

static CLASS_GETITEM(context_getitem)
{
  size_t n;
  if (!jv_is_str(key)) return RS_NOT_FOUND;
  const char *name = jv_cstr(key, &n);
  return rs_jinja_name(j, name, n, out, e);
}

static NAMED(context_get, "get", 1, "key", "default")
{
  return rs_names_get_or(context_getitem(j, ctx, v[0], out, e), v[1], out);
}

/* Macros that are called from now on see the names, too. */
static NATIVE(context_update)
{
  jv key, value;
  if (args->npos > 1 || (args->npos == 1 && args->pos[0].kind != JV_DICT))
    return rs_fail(e, RS_INVALID, "context.update() takes one dictionary");
  size_t n = args->npos == 1 ? jv_len(args->pos[0]) : 0;
  for (size_t i = 0; i < n + args->nkw; i++) {
    if (i < n) {
      jv_dict_at(args->pos[0], i, &key, &value);
    } else {
      key = args->kw_keys[i - n];
      value = args->kw_values[i - n];
    }
    enum rs_code rc = rs_want_text(key, "context.update(): key", e);
    if (rc != RS_OK) return rc;
    rs_jinja_global(j, jv_cstr(key, NULL), value);
  }
  *out = jv_none();
  return RS_OK;
}

static CLASS_GETATTR(context_getattr)
{
  static const struct rs_method methods[] = {{"get", context_get}, {"update", context_update}};
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  return context_getitem(j, self, jv_textn(j, name, n), out, e);
}

static const struct jv_class context_class = {
  .name = "dict", .getattr = context_getattr, .getitem = context_getitem, .open_names = true};

jv rs_names_context(struct rs_context *c)
{
  return jv_object(c->j, &context_class, c);
}

/* ---- builtins ------------------------------------------------------------------------------- */

/* dbt's own names, where the project has macros of these names, too. */
static CLASS_GETITEM(builtins_getitem)
{
  size_t n;
  if (!jv_is_str(key)) return RS_NOT_FOUND;
  const char *name = jv_cstr(key, &n);
  enum rs_code rc = rs_names_builtin(self, name, n, out, e);
  return rc == RS_NOT_FOUND ? rs_names_get(self, name, n, out, e) : rc;
}

static NAMED(builtins_get, "get", 1, "key", "default")
{
  return rs_names_get_or(builtins_getitem(j, ctx, v[0], out, e), v[1], out);
}

static CLASS_GETATTR(builtins_getattr)
{
  static const struct rs_method methods[] = {{"get", builtins_get}};
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  return builtins_getitem(j, self, jv_textn(j, name, n), out, e);
}

static const struct jv_class builtins_class = {
  .name = "dict", .getattr = builtins_getattr, .getitem = builtins_getitem, .open_names = true};

jv rs_names_builtins(struct rs_context *c)
{
  return jv_object(c->j, &builtins_class, c);
}

/* ---- validation.any[...]: what config.get(validator=...) is given --------------------------- */

static NATIVE(accept)
{
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "a validator takes one value");
  *out = args->pos[0];
  return RS_OK;
}

static CLASS_GETITEM(any_getitem)
{
  (void)key;
  *out = jv_func(j, "validator", accept, self);
  return RS_OK;
}

static const struct jv_class any_class = {.name = "ValidationAny", .getitem = any_getitem};

jv rs_names_validation(struct rs_context *c)
{
  jv dict = jv_dict(c->j);
  jv_dict_set(c->j, dict, "any", jv_object(c->j, &any_class, c));
  return dict;
}
