/*
** Metrics, semantic models and saved queries as dbt writes them in manifest.json and `graph`.
*/
#include <stdlib.h>
#include <string.h>
#include "names.h"
#include "src/base/buf.h"
#include "src/base/text.h"
#include "src/project/model/model.h"
#include "src/python/native.h"

static jv get(jv dict, const char *key)
{
  jv v;
  return dict.kind == JV_DICT && jv_dict_get(dict, key, &v) ? v : jv_none();
}

/* These keys of a dict in this order, as JSON says what they are where nobody does. */
static jv fields(struct rs_python *j, jv said, const char *const (*keys)[2])
{
  jv dict = jv_dict(j);
  for (; (*keys)[0] != NULL; keys++) {
    jv v = get(said, (*keys)[0]);
    if (v.kind == JV_NONE) (void)jv_from_json(j, (*keys)[1], strlen((*keys)[1]), &v, NULL);
    jv_dict_set(j, dict, (*keys)[0], v);
  }
  return dict;
}

/* {where_filters: [{where_sql_template}]} of a text or a list of texts. */
static jv filter_value(struct rs_python *j, jv said)
{
  if (said.kind == JV_NONE) return said;
  jv list = jv_list(j), all = jv_dict(j);
  bool many = said.kind == JV_LIST;
  for (size_t i = 0; i < (many ? jv_len(said) : 1); i++) {
    jv one = jv_dict(j);
    jv_dict_set(j, one, "where_sql_template", many ? jv_item(said, i) : said);
    jv_list_add(j, list, one);
  }
  jv_dict_set(j, all, "where_filters", list);
  return all;
}

/* "7 days" -> {count: 7, granularity: day} */
static jv window_value(struct rs_python *j, jv said)
{
  if (!jv_is_str(said)) return said;
  char *unit;
  long count = strtol(jv_cstr(said, NULL), &unit, 10);
  size_t blank = strspn(unit, " "), n = strlen(unit);
  if (blank == 0 || n == blank) return said;
  if (unit[n - 1] == 's') n--;
  jv window = jv_dict(j);
  jv_dict_set(j, window, "count", jv_int(count));
  jv_dict_set(j, window, "granularity", jv_textn(j, unit + blank, n - blank));
  return window;
}

static jv named(struct rs_python *j, jv said)
{
  if (!jv_is_str(said)) return said;
  jv dict = jv_dict(j);
  jv_dict_set(j, dict, "name", said);
  return dict;
}

static jv measure_value(struct rs_python *j, jv said)
{
  static const char *const keys[][2] = {{"name", "null"},
                                        {"filter", "null"},
                                        {"alias", "null"},
                                        {"join_to_timespine", "false"},
                                        {"fill_nulls_with", "null"},
                                        {NULL, NULL}};
  if (said.kind == JV_NONE) return said;
  jv dict = fields(j, named(j, said), keys);
  jv_dict_set(j, dict, "filter", filter_value(j, get(dict, "filter")));
  return dict;
}

static jv input_value(struct rs_python *j, jv said)
{
  static const char *const keys[][2] = {
    {"name", "null"},          {"filter", "null"},          {"alias", "null"},
    {"offset_window", "null"}, {"offset_to_grain", "null"}, {NULL, NULL}};
  if (said.kind == JV_NONE) return said;
  jv dict = fields(j, named(j, said), keys);
  jv_dict_set(j, dict, "filter", filter_value(j, get(dict, "filter")));
  jv_dict_set(j, dict, "offset_window", window_value(j, get(dict, "offset_window")));
  return dict;
}

/* Measures of a metric, and of those that it is made of; each once. */
static void add_measures(const struct rs_project *p, struct rs_python *j, const struct rs_entry *x,
                         jv list, int depth)
{
  static const char *const own[] = {"measure", "base_measure", "conversion_measure"};
  jv said, v;
  if (depth > 20 || jv_from_json(j, x->text, strlen(x->text), &said, NULL) != RS_OK) return;
  jv params = get(said, "type_params"), conversion = get(params, "conversion_type_params");
  for (size_t i = 0; i < COUNT(own); i++) {
    v = measure_value(j, get(i == 0 ? params : conversion, own[i]));
    bool there = v.kind == JV_NONE;
    for (size_t k = 0; k < jv_len(list) && !there; k++) there = jv_equal(j, jv_item(list, k), v);
    if (!there) jv_list_add(j, list, v);
  }
  for (size_t i = 0; i < x->nparents; i++) {
    const struct rs_entry *m = x->parents[i]->type == RS_NODE_METRIC
                                 ? rs_entry_find(p, RS_STORE_METRIC, x->package,
                                                 x->parents[i]->package, x->parents[i]->name)
                                 : NULL;
    if (m != NULL) add_measures(p, j, m, list, depth + 1);
  }
}

static jv params_value(const struct rs_project *p, struct rs_python *j, const struct rs_entry *x,
                       jv said)
{
  static const char *const keys[][2] = {{"measure", "null"},
                                        {"input_measures", "[]"},
                                        {"numerator", "null"},
                                        {"denominator", "null"},
                                        {"expr", "null"},
                                        {"window", "null"},
                                        {"grain_to_date", "null"},
                                        {"metrics", "[]"},
                                        {"conversion_type_params", "null"},
                                        {NULL, NULL}};
  jv dict = fields(j, said, keys), inputs = jv_list(j), metrics = jv_list(j);
  jv_dict_set(j, dict, "measure", measure_value(j, get(dict, "measure")));
  jv_dict_set(j, dict, "numerator", input_value(j, get(dict, "numerator")));
  jv_dict_set(j, dict, "denominator", input_value(j, get(dict, "denominator")));
  jv_dict_set(j, dict, "window", window_value(j, get(dict, "window")));
  jv list = get(dict, "metrics");
  for (size_t i = 0; i < jv_len(list); i++)
    jv_list_add(j, metrics, input_value(j, jv_item(list, i)));
  jv_dict_set(j, dict, "metrics", metrics);
  add_measures(p, j, x, inputs, 0);
  jv_dict_set(j, dict, "input_measures", inputs);
  return dict;
}

static void put_text(struct rs_python *j, jv dict, const char *key, const char *text)
{
  jv_dict_set(j, dict, key, rs_text_or_none(j, text));
}

static jv each(struct rs_python *j, jv list, const char *const (*keys)[2])
{
  jv made = jv_list(j);
  for (size_t i = 0; i < jv_len(list); i++) jv_list_add(j, made, fields(j, jv_item(list, i), keys));
  return made;
}

/* A measure's expr is a text, also where yml has a number. */
static jv measures_value(struct rs_python *j, jv list)
{
  static const char *const keys[][2] = {{"name", "null"},
                                        {"agg", "null"},
                                        {"description", "null"},
                                        {"label", "null"},
                                        {"create_metric", "false"},
                                        {"expr", "null"},
                                        {"agg_params", "null"},
                                        {"non_additive_dimension", "null"},
                                        {"agg_time_dimension", "null"},
                                        {NULL, NULL}};
  jv made = each(j, list, keys);
  for (size_t i = 0; i < jv_len(made); i++) {
    jv one = jv_item(made, i), expr = get(one, "expr");
    jv_dict_set(j, one, "create_metric", jv_bool(false));
    if (expr.kind == JV_NONE || jv_is_str(expr)) continue;
    struct rs_buf b;
    rs_buf_init(&b, 1000);
    if (jv_str_to(j, expr, &b, NULL) == RS_OK)
      jv_dict_set(j, one, "expr", jv_textn(j, rs_buf_text(&b), b.n));
    rs_buf_free(&b);
  }
  return made;
}

static jv dimensions_value(struct rs_python *j, jv list)
{
  static const char *const keys[][2] = {
    {"name", "null"},  {"type", "null"},          {"description", "null"},
    {"label", "null"}, {"is_partition", "false"}, {"type_params", "null"},
    {"expr", "null"},  {"metadata", "null"},      {NULL, NULL}};
  static const char *const params[][2] = {
    {"time_granularity", "null"}, {"validity_params", "null"}, {NULL, NULL}};
  jv made = each(j, list, keys);
  for (size_t i = 0; i < jv_len(made); i++) {
    jv own = get(jv_item(made, i), "type_params");
    if (own.kind == JV_DICT)
      jv_dict_set(j, jv_item(made, i), "type_params", fields(j, own, params));
  }
  return made;
}

static void put_model(const struct rs_project *p, struct rs_python *j, const struct rs_entry *x,
                      jv said, jv dict)
{
  static const char *const entity[][2] = {
    {"name", "null"},  {"type", "null"}, {"description", "null"},
    {"label", "null"}, {"role", "null"}, {"expr", "null"},
    {NULL, NULL}};
  const struct rs_node *of = x->nparents > 0 ? x->parents[0] : NULL;
  jv relation = jv_none();
  if (of != NULL) {
    struct rs_buf name;
    const char *database = of->database != NULL ? of->database : rs_project_database(p);
    relation = jv_dict(j);
    rs_buf_init(&name, 4096);
    rs_project_relation(p, &name, of, of->workspace, of->identifier);
    put_text(j, relation, "alias", of->identifier);
    put_text(j, relation, "schema_name", of->workspace);
    put_text(j, relation, "database", database != NULL ? database : "");
    put_text(j, relation, "relation_name", rs_buf_text(&name));
    rs_buf_free(&name);
  }
  jv_dict_set(j, dict, "model", get(said, "model"));
  jv_dict_set(j, dict, "node_relation", relation);
  put_text(j, dict, "description", *x->node->description != 0 ? x->node->description : NULL);
  jv_dict_set(j, dict, "label", get(said, "label"));
  jv_dict_set(j, dict, "defaults", get(said, "defaults"));
  jv_dict_set(j, dict, "entities", each(j, get(said, "entities"), entity));
  jv_dict_set(j, dict, "measures", measures_value(j, get(said, "measures")));
  jv_dict_set(j, dict, "dimensions", dimensions_value(j, get(said, "dimensions")));
}

static void put_query(struct rs_python *j, jv said, jv dict)
{
  static const char *const keys[][2] = {
    {"metrics", "[]"}, {"group_by", "[]"}, {"where", "null"}, {NULL, NULL}};
  static const char *const config[][2] = {
    {"export_as", "null"}, {"schema_name", "null"}, {"alias", "null"}, {NULL, NULL}};
  jv params = fields(j, get(said, "query_params"), keys), list = get(said, "exports");
  jv exports = jv_list(j);
  jv_dict_set(j, params, "where", filter_value(j, get(params, "where")));
  for (size_t i = 0; i < jv_len(list); i++) {
    jv one = jv_dict(j), own = get(jv_item(list, i), "config"), made = fields(j, own, config);
    if (get(made, "schema_name").kind == JV_NONE)
      jv_dict_set(j, made, "schema_name", get(own, "schema"));
    jv_dict_set(j, one, "name", get(jv_item(list, i), "name"));
    jv_dict_set(j, one, "config", made);
    jv_list_add(j, exports, one);
  }
  jv_dict_set(j, dict, "query_params", params);
  jv_dict_set(j, dict, "exports", exports);
}

/* enabled, group, and what the kind has besides. */
static jv config_value(struct rs_python *j, const struct rs_entry *x)
{
  static const char *const metric[][2] = {{"enabled", "true"}, {"group", "null"}, {NULL, NULL}};
  static const char *const model[][2] = {
    {"enabled", "true"}, {"group", "null"}, {"meta", "{}"}, {NULL, NULL}};
  static const char *const query[][2] = {{"enabled", "true"},   {"group", "null"},  {"meta", "{}"},
                                         {"export_as", "null"}, {"schema", "null"}, {NULL, NULL}};
  jv said = jv_none();
  const char *json = x->node->config.json;
  if (json != NULL) (void)jv_from_json(j, json, strlen(json), &said, NULL);
  return fields(j, said,
                x->kind == RS_STORE_METRIC           ? metric
                : x->kind == RS_STORE_SEMANTIC_MODEL ? model
                                                     : query);
}

static void put_found(struct rs_python *j, const struct rs_entry *x, jv dict)
{
  jv depends = jv_dict(j), nodes = jv_list(j), refs = jv_list(j);
  for (size_t i = 0; i < x->nparents; i++)
    jv_list_add(j, nodes, jv_text(j, x->parents[i]->unique_id));
  for (size_t i = 0; i < x->node->nrefs; i++) {
    jv one = jv_dict(j);
    put_text(j, one, "name", x->node->refs[i].name);
    put_text(j, one, "package", x->node->refs[i].package);
    put_text(j, one, "version", x->node->refs[i].version);
    jv_list_add(j, refs, one);
  }
  jv_dict_set(j, depends, "macros", jv_list(j));
  jv_dict_set(j, depends, "nodes", nodes);
  jv_dict_set(j, dict, "depends_on", depends);
  jv_dict_set(j, dict, "refs", refs);
}

jv rs_semantic_document(const struct rs_project *p, struct rs_python *j, const struct rs_entry *x)
{
  const struct rs_node *n = x->node;
  const char *slash = x->path != NULL ? strchr(x->path, '/') : NULL;
  jv dict = jv_dict(j), said = jv_none(), empty = jv_dict(j);
  (void)jv_from_json(j, x->text, strlen(x->text), &said, NULL);
  put_text(j, dict, "name", x->name);
  jv_dict_set(j, dict, "resource_type", jv_textn(j, n->unique_id, strcspn(n->unique_id, ".")));
  put_text(j, dict, "package_name", x->package);
  put_text(j, dict, "path", slash != NULL ? slash + 1 : x->path);
  put_text(j, dict, "original_file_path", x->path);
  put_text(j, dict, "unique_id", n->unique_id);
  jv_dict_set(j, dict, "fqn", rs_names_fqn(j, n->fqn));
  bool metric = x->kind == RS_STORE_METRIC;
  if (x->kind == RS_STORE_SEMANTIC_MODEL) put_model(p, j, x, said, dict);
  else if (!metric) put_query(j, said, dict);
  if (x->kind != RS_STORE_SEMANTIC_MODEL) {
    put_text(j, dict, "description", metric || *n->description != 0 ? n->description : NULL);
    jv_dict_set(j, dict, "label", get(said, "label"));
  }
  if (metric) {
    jv_dict_set(j, dict, "type", get(said, "type"));
    jv_dict_set(j, dict, "type_params", params_value(p, j, x, get(said, "type_params")));
    jv_dict_set(j, dict, "filter", filter_value(j, get(said, "filter")));
  }
  jv_dict_set(j, dict, "metadata", jv_none());
  if (metric) {
    jv meta = get(said, "meta"), tags = get(said, "tags");
    jv_dict_set(j, dict, "meta", meta.kind == JV_DICT ? meta : empty);
    jv_dict_set(j, dict, "tags", tags.kind == JV_LIST ? tags : jv_list(j));
  }
  jv_dict_set(j, dict, "config", config_value(j, x));
  jv_dict_set(j, dict, "unrendered_config", rs_config_unrendered(p, j, n));
  if (metric) jv_dict_set(j, dict, "sources", jv_list(j));
  put_found(j, x, dict);
  if (metric) jv_dict_set(j, dict, "metrics", jv_list(j));
  jv_dict_set(j, dict, "created_at", jv_float((double)p->started_us / 1e6));
  if (x->kind == RS_STORE_SEMANTIC_MODEL)
    jv_dict_set(j, dict, "primary_entity", get(said, "primary_entity"));
  put_text(j, dict, "group", n->config.group);
  return dict;
}
