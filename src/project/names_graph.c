/*
** What a template can read of the whole project: `graph`, `selected_resources`, `validation`.
**
** `graph` is empty while parsing, as it is with dbt: nodes have no names yet. Exposures and groups
** are not in a project's snapshot: to use them is an error, not an empty answer.
*/
#include "../jinja/jinja.h"
#include "context.h"
#include "names.h"

/* The node as `model` shows it when its own template is rendered. */
static jv node_value(struct rs_context *c, struct rs_node *n)
{
  struct rs_context its = *c; // borrowed parts only: never freed
  its.node = n;
  its.schema = n->workspace;
  its.identifier = n->identifier;
  const char *json = n->config.json;
  if (json == NULL || jv_from_json(c->j, json, strlen(json), &its.config, NULL) != RS_OK)
    its.config = jv_dict(c->j);
  rs_context_defaults(&its, NULL);
  return rs_names_model(&its);
}

static jv source_value(struct rs_context *c, const struct rs_node *n)
{
  jv dict = jv_dict(c->j);
  const struct {
    const char *key, *text;
  } texts[] = {{"unique_id", n->unique_id},
               {"resource_type", "source"},
               {"package_name", n->package},
               {"source_name", n->source},
               {"name", n->table},
               {"identifier", n->identifier},
               {"schema", n->workspace},
               {"database", n->database != NULL ? n->database : rs_context_database(c)},
               {"description", n->description}};
  for (size_t i = 0; i < COUNT(texts); i++)
    jv_dict_set(c->j, dict, texts[i].key, rs_text_or_none(c->j, texts[i].text));
  jv_dict_set(c->j, dict, "columns", rs_names_row_columns(c, n->row.columns));
  jv_dict_set(c->j, dict, "loaded_at_field", rs_text_or_none(c->j, n->loaded_at_field));
  return dict;
}

static enum rs_code absent_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                   jv *out, struct rs_error *e)
{
  (void)j, (void)name, (void)n, (void)out;
  return rs_fail(e, RS_UNSUPPORTED, "graph.%s is not built yet", (const char *)self);
}

static enum rs_code absent_getitem(struct rs_jinja *j, void *self, jv key, jv *out,
                                   struct rs_error *e)
{
  (void)key;
  return absent_getattr(j, self, "", 0, out, e);
}

static enum rs_code absent_iter(struct rs_jinja *j, void *self, jv *out, struct rs_error *e)
{
  return absent_getattr(j, self, "", 0, out, e);
}

static const struct jv_class absent_class = {
  .name = "dict", .getattr = absent_getattr, .getitem = absent_getitem, .iter = absent_iter};

jv rs_names_graph(struct rs_context *c)
{
  static char exposures[] = "exposures", groups[] = "groups";
  static const char *const unknown[] = {"metrics", "semantic_models", "saved_queries"};
  const struct rs_project *p = c->project;
  jv graph = jv_dict(c->j), nodes = jv_dict(c->j), sources = jv_dict(c->j);
  if (!c->opt.execute) return graph;
  for (size_t i = 0; i < p->nnodes; i++) {
    struct rs_node *n = p->nodes[i];
    if (n->type == RS_NODE_SOURCE) {
      if (n->config.enabled) jv_dict_set(c->j, sources, n->unique_id, source_value(c, n));
    } else if (n->parsed && n->config.enabled) {
      jv_dict_set(c->j, nodes, n->unique_id, node_value(c, n));
    }
  }
  jv_dict_set(c->j, graph, "nodes", nodes);
  jv_dict_set(c->j, graph, "sources", sources);
  jv_dict_set(c->j, graph, exposures, jv_object(c->j, &absent_class, exposures));
  jv_dict_set(c->j, graph, groups, jv_object(c->j, &absent_class, groups));
  for (size_t i = 0; i < COUNT(unknown); i++) jv_dict_set(c->j, graph, unknown[i], jv_dict(c->j));
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

static NATIVE(context_get)
{
  static const char *const names[] = {"key", "default", NULL};
  jv v[2];
  (void)j;
  enum rs_code rc = jv_bind(args, "context.get", names, 1, v, e);
  if (rc == RS_OK) rc = rs_want_text(v[0], "context.get(): key", e);
  if (rc != RS_OK) return rc;
  rc = rs_context_name(ctx, jv_cstr(v[0], NULL), strlen(jv_cstr(v[0], NULL)), out, e);
  if (rc == RS_NOT_FOUND) *out = rs_given(v[1]) ? v[1] : jv_none();
  return rc == RS_NOT_FOUND ? RS_OK : rc;
}

static enum rs_code context_getitem(struct rs_jinja *j, void *self, jv key, jv *out,
                                    struct rs_error *e)
{
  (void)j;
  if (!jv_is_str(key)) return RS_NOT_FOUND;
  return rs_context_name(self, jv_cstr(key, NULL), strlen(jv_cstr(key, NULL)), out, e);
}

static enum rs_code context_getattr(struct rs_jinja *j, void *self, const char *name, size_t n,
                                    jv *out, struct rs_error *e)
{
  static const struct rs_method methods[] = {{"get", context_get}};
  if (rs_method_find(j, self, methods, COUNT(methods), name, n, out) == RS_OK) return RS_OK;
  return rs_context_name(self, name, n, out, e);
}

static const struct jv_class context_class = {
  .name = "dict", .getattr = context_getattr, .getitem = context_getitem, .open_names = true};

jv rs_names_context(struct rs_context *c)
{
  return jv_object(c->j, &context_class, c);
}

/* ---- validation.any[...]: what config.get(validator=...) is given --------------------------- */

static NATIVE(accept)
{
  (void)j, (void)ctx;
  if (args->npos != 1) return rs_fail(e, RS_INVALID, "a validator takes one value");
  *out = args->pos[0];
  return RS_OK;
}

static enum rs_code any_getitem(struct rs_jinja *j, void *self, jv key, jv *out, struct rs_error *e)
{
  (void)key, (void)e;
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
