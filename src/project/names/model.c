/*
** What a template can read of where and what it is: `target` and `model`.
*/
#include <string.h>
#include "src/project/model/model.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/graph/graph.h"
#include "names.h"

jv rs_names_target(struct rs_context *c)
{
  const struct rs_output *o = c->project->set.output;
  jv dict = jv_undefined();
  char *json = rs_output_json(o);
  if (json == NULL || jv_from_json(c->j, json, strlen(json), &dict, NULL) != RS_OK ||
      dict.kind != JV_DICT)
    dict = jv_dict(c->j);
  rs_free(json);
  const struct {
    const char *key, *text;
  } texts[] = {{"type", rs_context_type(c)},     {"schema", o->workspace},
               {"workspace", o->workspace},      {"database", rs_context_database(c)},
               {"name", o->target_name},         {"target_name", o->target_name},
               {"profile_name", o->profile_name}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    jv_dict_set(c->j, dict, texts[i].key, jv_text(c->j, texts[i].text));
  jv_dict_set(c->j, dict, "threads", jv_int(o->threads));
  return dict;
}

void rs_names_put(struct rs_context *c, jv dict, const char *key, const char *text)
{
  jv_dict_set(c->j, dict, key, text != NULL ? jv_text(c->j, text) : jv_none());
}

/* What a row says of its columns, by name; of each dbt's keys are there. */
jv rs_names_row_columns(struct rs_context *c, const char *json)
{
  jv dict = jv_dict(c->j), list, name;
  if (json == NULL || jv_from_json(c->j, json, strlen(json), &list, NULL) != RS_OK) return dict;
  for (size_t i = 0; i < jv_len(list); i++) {
    jv one = jv_item(list, i);
    if (one.kind != JV_DICT || !jv_dict_get(one, "name", &name) || !jv_is_str(name)) continue;
    jv_dict_setv(c->j, dict, name, rs_config_column(c->project, c->j, name, one));
  }
  return dict;
}

/* JSON of a row as a value; what is no JSON or not there is `otherwise`. */
static jv json_value(struct rs_context *c, const char *json, jv otherwise)
{
  jv v;
  bool good = json != NULL && *json != 0 &&
              jv_from_json(c->j, json, strlen(json), &v, NULL) == RS_OK;
  return good ? v : otherwise;
}

/* A version is a number where it looks so. */
static jv version_value(struct rs_context *c, const char *version)
{
  if (version == NULL) return jv_none();
  bool number = *version != 0 && strspn(version, "0123456789") == strlen(version) &&
                (version[0] != '0' || version[1] == 0);
  return number ? json_value(c, version, jv_none()) : jv_text(c->j, version);
}

static jv parents_value(struct rs_context *c, const struct rs_node *n)
{
  jv nodes = jv_list(c->j);
  for (size_t i = 0; i < n->nparents; i++)
    jv_list_add(c->j, nodes, jv_text(c->j, c->project->nodes[n->parents[i]]->unique_id));
  return nodes;
}

static jv macros_value(struct rs_context *c, const struct rs_node *n)
{
  jv list = jv_list(c->j);
  for (size_t i = 0; n->macros != NULL && n->macros[i] != NULL; i++)
    jv_list_add(c->j, list, jv_text(c->j, n->macros[i]));
  return list;
}

void rs_names_refs(struct rs_context *c, const struct rs_node *n, jv dict, jv parents)
{
  jv refs = jv_list(c->j), sources = jv_list(c->j), depends = jv_dict(c->j);
  for (size_t i = 0; i < n->nrefs; i++) {
    const struct rs_node_ref *r = &n->refs[i];
    if (r->source != NULL) {
      jv pair = jv_list(c->j);
      jv_list_add(c->j, pair, jv_text(c->j, r->source));
      jv_list_add(c->j, pair, jv_text(c->j, r->name));
      jv_list_add(c->j, sources, pair);
      continue;
    }
    jv one = jv_dict(c->j);
    rs_names_put(c, one, "name", r->name);
    rs_names_put(c, one, "package", r->package);
    jv_dict_set(c->j, one, "version", version_value(c, r->version));
    jv_list_add(c->j, refs, one);
  }
  jv_dict_set(c->j, depends, "macros", macros_value(c, n));
  jv_dict_set(c->j, depends, "nodes", parents);
  // where dbt puts it; a key keeps its place
  if (n->type == RS_NODE_EXPOSURE) jv_dict_set(c->j, dict, "depends_on", depends);
  jv_dict_set(c->j, dict, "refs", refs);
  jv_dict_set(c->j, dict, "sources", sources);
  jv metrics = jv_list(c->j);
  for (size_t i = 0; i < n->nmetrics; i++) {
    jv one = jv_list(c->j);
    if (n->metrics[i].package != NULL) jv_list_add(c->j, one, jv_text(c->j, n->metrics[i].package));
    jv_list_add(c->j, one, jv_text(c->j, n->metrics[i].name));
    jv_list_add(c->j, metrics, one);
  }
  jv_dict_set(c->j, dict, "metrics", metrics);
  jv_dict_set(c->j, dict, "depends_on", depends);
}

static void put_checksum(struct rs_context *c, jv dict)
{
  const struct rs_node *n = c->node;
  char hex[2 * RS_SHA256_SIZE + 1] = "";
  bool seed = n->type == RS_NODE_SEED, file = !seed && (n->test == NULL || n->test->test == NULL);
  bool large = seed && rs_eq(n->row.checksum, n->row.path);
  jv one = jv_dict(c->j);
  if (file) rs_checksum(n->sql, n->nsql, hex);
  rs_names_put(c, one, "name", large ? "path" : file || seed ? "sha256" : "none");
  rs_names_put(c, one, "checksum", seed && n->row.checksum != NULL ? n->row.checksum : hex);
  jv_dict_set(c->j, dict, "checksum", one);
}

jv rs_names_fqn(struct rs_python *j, const char *s)
{
  jv fqn = jv_list(j);
  while (s != NULL && *s != 0) {
    size_t len = strcspn(s, ".");
    jv_list_add(j, fqn, jv_textn(j, s, len));
    s += len + (s[len] == '.');
  }
  return fqn;
}

/* The final config, with the kind of this call; while parsing what is known so far. */
static jv config_value(struct rs_context *c)
{
  const struct rs_node *n = c->node;
  jv said = c->config, all, kind;
  bool final = n->config.json != NULL &&
               jv_from_json(c->j, n->config.json, strlen(n->config.json), &said, NULL) == RS_OK;
  if (final && c->config.kind == JV_DICT && jv_dict_get(c->config, "materialized", &kind))
    jv_dict_set(c->j, said, "materialized", kind);
  return rs_config_document(c->j, n->type, said, &all, NULL) == RS_OK ? all : jv_dict(c->j);
}

static void put_config_parts(struct rs_context *c, jv dict)
{
  const struct rs_node *n = c->node;
  jv config = config_value(c), part;
  jv_dict_set(c->j, dict, "config", config);
  jv_dict_set(c->j, dict, "tags", jv_dict_get(config, "tags", &part) ? part : jv_list(c->j));
  rs_names_put(c, dict, "description", n->description);
  jv_dict_set(c->j, dict, "columns", rs_names_row_columns(c, n->row.columns));
  jv_dict_set(c->j, dict, "meta", jv_dict_get(config, "meta", &part) ? part : jv_dict(c->j));
  rs_names_put(c, dict, "group", n->config.group);
  jv_dict_set(c->j, dict, "docs",
              jv_dict_get(config, "docs", &part)
                ? part
                : json_value(c, "{\"show\":true,\"node_color\":null}", jv_none()));
}

/* "models/a/b.sql" -> "a/b.sql"; of a generic test its own name. */
static void put_paths(struct rs_context *c, jv dict)
{
  const struct rs_node *n = c->node;
  struct rs_arena *a = rs_python_arena(c->j);
  const char *below = n->row.path != NULL ? strchr(n->row.path, '/') : NULL;
  const char *path = below != NULL ? below + 1 : n->row.path;
  if (rs_node_is_generic(n)) path = rs_arena_printf(a, "%s.sql", rs_test_short_name(a, n->test));
  else if (n->type == RS_NODE_ANALYSIS && path != NULL)
    path = rs_arena_printf(a, "analysis/%s", path);
  rs_names_put(c, dict, "path", path);
  rs_names_put(c, dict, "original_file_path", n->row.path);
}

static void put_relation(struct rs_context *c, jv dict)
{
  const struct rs_node *n = c->node;
  struct rs_buf name;
  rs_buf_init(&name, 4096);
  if (n->type <= RS_NODE_SNAPSHOT && !rs_eq(n->config.materialized, "ephemeral"))
    rs_project_relation(c->project, &name, n, c->schema, c->identifier);
  rs_names_put(c, dict, "relation_name", name.n > 0 ? rs_buf_text(&name) : NULL);
  rs_buf_free(&name);
}

/* What a generic test is: dbt puts it in front of everything else. */
static void put_test(struct rs_context *c, jv dict)
{
  const struct rs_store_test *t = c->node->test;
  struct rs_arena *a = rs_python_arena(c->j);
  const char *dot = strchr(t->test, '.');
  jv one = jv_dict(c->j), kwargs = json_value(c, t->arguments, jv_dict(c->j));
  rs_names_put(c, one, "name", dot != NULL ? dot + 1 : t->test);
  if (kwargs.kind != JV_DICT) kwargs = jv_dict(c->j);
  if (t->column != NULL) rs_names_put(c, kwargs, "column_name", t->column);
  rs_names_put(c, kwargs, "model", rs_arena_printf(a, "{{ get_where_subquery(%s) }}", t->model));
  jv_dict_set(c->j, one, "kwargs", kwargs);
  rs_names_put(c, one, "namespace",
               dot != NULL ? rs_arena_strndup(a, t->test, (size_t)(dot - t->test)) : NULL);
  jv_dict_set(c->j, dict, "test_metadata", one);
}

/* What it was put on: the first thing that it refers to. */
static void put_attached(struct rs_context *c, jv dict)
{
  static const char *const lists[] = {"models", "sources", "seeds", "snapshots"};
  const struct rs_node *n = c->node;
  struct rs_arena *a = rs_python_arena(c->j);
  struct rs_node *on = NULL;
  if (n->nrefs > 0 && rs_graph_resolve(c->project, n, &n->refs[0], &on, NULL) != RS_OK) on = NULL;
  bool source = on != NULL && on->type == RS_NODE_SOURCE;
  rs_names_put(c, dict, "column_name", n->test->column);
  rs_names_put(c, dict, "file_key_name",
               on == NULL || on->type > RS_NODE_SNAPSHOT
                 ? NULL
                 : rs_arena_printf(a, "%s.%s", lists[on->type], source ? on->source : on->name));
  rs_names_put(c, dict, "attached_node", on == NULL || source ? NULL : on->unique_id);
}

static void put_model(struct rs_context *c, jv dict)
{
  const struct rs_node *n = c->node;
  rs_names_put(c, dict, "access", n->config.access != NULL ? n->config.access : "protected");
  jv contract, enforced = jv_bool(false); // without a contract dbt knows of none
  if (jv_dict_get(dict, "contract", &contract)) jv_dict_get(contract, "enforced", &enforced);
  jv_dict_set(
    c->j, dict, "constraints",
    jv_truth(c->j, enforced)
      ? rs_config_constraints(c->j, json_value(c, n->row.constraints, jv_list(c->j)), true)
      : jv_list(c->j));
  jv_dict_set(c->j, dict, "version", version_value(c, n->row.version));
  jv_dict_set(c->j, dict, "latest_version",
              version_value(c, n->row.version != NULL ? n->row.latest_version : NULL));
  const char *date = n->row.deprecation_date;
  rs_names_put(c, dict, "deprecation_date",
               date != NULL ? rs_date_text(rs_python_arena(c->j), date) : NULL);
}

static void put_code(struct rs_context *c, jv dict)
{
  const struct rs_node *n = c->node;
  jv config = jv_none(), columns = jv_none();
  jv_dict_set(c->j, dict, "raw_code", jv_textn(c->j, n->sql, n->nsql));
  if (n->type == RS_NODE_SEED) {
    jv depends = jv_dict(c->j);
    rs_names_put(c, dict, "root_path", NULL);
    jv_dict_set(c->j, depends, "macros", macros_value(c, n));
    jv_dict_set(c->j, dict, "depends_on", depends);
    return;
  }
  rs_names_put(c, dict, "language", rs_node_is_python(n) ? "python" : "sql");
  rs_names_refs(c, n, dict, parents_value(c, n));
  rs_names_put(c, dict, "compiled_path", NULL);
  jv_dict_get(dict, "config", &config);
  jv_dict_get(dict, "columns", &columns);
  jv said = json_value(c, n->row.constraints, jv_list(c->j));
  jv_dict_set(c->j, dict, "contract",
              rs_config_contract(c->j, config, columns, rs_config_constraints(c->j, said, true)));
}

jv rs_names_model(struct rs_context *c)
{
  const struct rs_node *n = c->node;
  struct rs_arena *a = rs_python_arena(c->j);
  jv dict = jv_dict(c->j);
  bool generic = rs_node_is_generic(n);
  if (generic) put_test(c, dict);
  rs_names_put(c, dict, "database", n->database != NULL ? n->database : rs_context_database(c));
  rs_names_put(c, dict, "schema", c->schema);
  rs_names_put(c, dict, "name", n->name);
  jv_dict_set(c->j, dict, "resource_type",
              jv_textn(c->j, n->unique_id, strcspn(n->unique_id, ".")));
  rs_names_put(c, dict, "package_name", n->package);
  put_paths(c, dict);
  rs_names_put(c, dict, "unique_id", n->unique_id);
  jv_dict_set(c->j, dict, "fqn", rs_names_fqn(c->j, n->fqn));
  rs_names_put(c, dict, "alias", generic ? rs_test_short_name(a, n->test) : c->identifier);
  put_checksum(c, dict);
  put_config_parts(c, dict);
  rs_names_put(c, dict, "patch_path",
               n->row.patch_path != NULL
                 ? rs_arena_printf(a, "%s://%s", n->package, n->row.patch_path)
                 : NULL);
  rs_names_put(c, dict, "build_path", NULL);
  jv_dict_set(c->j, dict, "deferred", jv_bool(false));
  jv_dict_set(c->j, dict, "unrendered_config", rs_config_unrendered(c->project, c->j, n));
  jv_dict_set(c->j, dict, "created_at", jv_float((double)c->project->started_us / 1e6));
  jv_dict_set(c->j, dict, "config_call_dict", json_value(c, n->config.call, jv_dict(c->j)));
  put_relation(c, dict);
  put_code(c, dict);
  if (n->type == RS_NODE_MODEL) put_model(c, dict);
  if (n->type <= RS_NODE_SNAPSHOT) rs_names_put(c, dict, "defer_relation", NULL);
  if (generic) put_attached(c, dict);
  if (c->opt.batch != NULL && n == c->opt.node) {
    jv batch = jv_dict(c->j);
    rs_names_put(c, batch, "id", c->opt.batch->id);
    rs_names_put(c, batch, "event_time_start", c->opt.batch->start);
    rs_names_put(c, batch, "event_time_end", c->opt.batch->end);
    jv_dict_set(c->j, dict, "batch", batch);
  }
  return dict;
}

jv rs_names_node(struct rs_context *c, struct rs_node *n)
{
  struct rs_context its = *c; // borrowed parts only: never freed
  its.node = n;
  its.schema = n->workspace;
  its.identifier = n->identifier;
  its.config = jv_none();
  return rs_names_model(&its);
}

/* Without members that are none, in the dicts below, too. */
static jv without_none(struct rs_python *j, jv v, int depth)
{
  jv made, key, value;
  if (depth > 20) return v;
  if (v.kind == JV_LIST && jv_len(v) > 0 && jv_item(v, 0).kind == JV_DICT) {
    made = jv_list(j);
    for (size_t i = 0; i < jv_len(v); i++)
      jv_list_add(j, made, without_none(j, jv_item(v, i), depth + 1));
    return made;
  }
  if (v.kind != JV_DICT) return v;
  made = jv_dict(j);
  for (size_t i = 0; i < jv_len(v); i++) {
    jv_dict_at(v, i, &key, &value);
    bool free = jv_is_str(key) && rs_eq(jv_cstr(key, NULL), "meta");
    if (value.kind != JV_NONE)
      jv_dict_setv(j, made, key, free ? value : without_none(j, value, depth + 1));
  }
  return made;
}

jv rs_names_model_found(struct rs_context *c)
{
  return without_none(c->j, rs_names_model(c), 0);
}

/* ---- the node that naming macros are given -------------------------------------------------- */

/* Its members are made when one is asked for that is not at hand: most macros ask for two. */
struct lazy {
  struct rs_context *c;
  jv dict;
  bool made;
};

static CLASS_GETATTR(lazy_getattr)
{
  struct lazy *l = self;
  if (rs_eqn("name", name, n)) *out = jv_text(j, l->c->node->name);
  else if (rs_eqn("version", name, n)) *out = version_value(l->c, l->c->node->row.version);
  else {
    char *key = rs_arena_strndup(rs_python_arena(j), name, n);
    if (key == NULL) return rs_nomem(e);
    if (!l->made) l->dict = rs_names_model(l->c);
    l->made = true;
    return jv_dict_get(l->dict, key, out) ? RS_OK : RS_NOT_FOUND;
  }
  return RS_OK;
}

static CLASS_GETITEM(lazy_getitem)
{
  size_t n;
  if (!jv_is_str(key)) return RS_NOT_FOUND;
  const char *name = jv_cstr(key, &n);
  return lazy_getattr(j, self, name, n, out, e);
}

static const struct jv_class lazy_class = {
  .name = "ParsedNode", .getattr = lazy_getattr, .getitem = lazy_getitem};

jv rs_names_lazy(struct rs_context *c)
{
  struct lazy *l = rs_arena_calloc(rs_python_arena(c->j), sizeof *l);
  if (l == NULL) return jv_undefined();
  l->c = c;
  return jv_object(c->j, &lazy_class, l);
}

/* ---- hooks ----------------------------------------------------------------------------------- */

jv rs_names_hooks(struct rs_context *c, const struct rs_hook *hooks, size_t n)
{
  jv list = jv_list(c->j);
  for (size_t i = 0; i < n; i++) {
    jv one = jv_dict(c->j);
    jv_dict_set(c->j, one, "sql", jv_text(c->j, hooks[i].sql));
    jv_dict_set(c->j, one, "transaction", jv_bool(hooks[i].in_transaction));
    jv_list_add(c->j, list, one);
  }
  return list;
}
