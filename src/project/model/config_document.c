/*
** A node's config as dbt writes it down: in manifest.json, in `graph` and `model`. dbt's defaults
** for the type under what is said; hooks as objects.
*/
#include <string.h>
#include "src/base/text.h"
#include "model.h"

static const char *defaults_of(enum rs_node_type type)
{
  switch (type) {
    case RS_NODE_TEST:
      return "{\"enabled\":true,\"alias\":null,\"schema\":\"dbt_test__audit\",\"database\":null,"
             "\"tags\":[],\"meta\":{},\"group\":null,\"materialized\":\"test\",\"severity\":"
             "\"ERROR\",\"store_failures\":null,\"store_failures_as\":null,\"where\":null,"
             "\"limit\":null,\"fail_calc\":\"count(*)\",\"warn_if\":\"!= 0\",\"error_if\":\"!= "
             "0\"}";
    case RS_NODE_SOURCE:
    case RS_NODE_EXPOSURE: return "{\"enabled\":true}";
    case RS_NODE_UNIT_TEST: return "{\"tags\":[],\"meta\":{}}";
    default:
      return "{\"enabled\":true,\"alias\":null,\"schema\":null,\"database\":null,\"tags\":[],"
             "\"meta\":{},\"group\":null,\"materialized\":\"view\",\"incremental_strategy\":null,"
             "\"persist_docs\":{},\"post-hook\":[],\"pre-hook\":[],\"quoting\":{},"
             "\"column_types\":{},\"full_refresh\":null,\"unique_key\":null,\"on_schema_change\":"
             "\"ignore\",\"on_configuration_change\":\"apply\",\"grants\":{},\"packages\":[],"
             "\"docs\":{\"show\":true,\"node_color\":null},\"contract\":{\"enforced\":false,"
             "\"alias_types\":true}}";
  }
}

/* [{"sql":..., "transaction":..., "index": null}, ...] */
static jv hooks_value(struct rs_python *j, jv hooks)
{
  jv list = jv_list(j);
  for (size_t i = 0; i < jv_len(hooks); i++) {
    jv one = jv_item(hooks, i), hook = jv_dict(j), sql = one, transaction = jv_bool(true);
    if (one.kind == JV_DICT && !jv_dict_get(one, "sql", &sql)) continue;
    if (one.kind == JV_DICT) jv_dict_get(one, "transaction", &transaction);
    jv_dict_set(j, hook, "sql", sql);
    jv_dict_set(j, hook, "transaction", transaction);
    jv_dict_set(j, hook, "index", jv_none());
    jv_list_add(j, list, hook);
  }
  return list;
}

/* The dict `over` over the one that stands there. */
static void put_over(struct rs_python *j, jv all, const char *name, jv over)
{
  jv base, merged = jv_dict(j), key, value;
  if (!jv_dict_get(all, name, &base) || base.kind != JV_DICT) base = jv_dict(j);
  for (size_t i = 0; i < jv_len(base) + jv_len(over); i++) {
    bool below = i < jv_len(base);
    jv_dict_at(below ? base : over, below ? i : i - jv_len(base), &key, &value);
    jv_dict_setv(j, merged, key, value);
  }
  jv_dict_set(j, all, name, merged);
}

static void put_kind(struct rs_python *j, enum rs_node_type type, jv all)
{
  static const char *const snapshot[] = {"strategy", "target_schema", "target_database",
                                         "updated_at", "check_cols"};
  if (type == RS_NODE_SEED) {
    jv_dict_set(j, all, "materialized", jv_text(j, "seed"));
    jv_dict_set(j, all, "delimiter", jv_text(j, ","));
    jv_dict_set(j, all, "quote_columns", jv_none());
  }
  if (type != RS_NODE_SNAPSHOT) return;
  jv_dict_set(j, all, "materialized", jv_text(j, "snapshot"));
  for (size_t i = 0; i < sizeof snapshot / sizeof *snapshot; i++)
    jv_dict_set(j, all, snapshot[i], jv_none());
}

/* store_failures_as says whether rows are stored, store_failures as what where it says nothing. */
static void put_storing(struct rs_python *j, jv all)
{
  jv as, stored;
  if (!jv_dict_get(all, "store_failures_as", &as) || !jv_dict_get(all, "store_failures", &stored))
    return;
  if (jv_is_str(as)) {
    const char *kind = jv_cstr(as, NULL);
    bool kept = rs_eq(kind, "table") || rs_eq(kind, "view");
    jv_dict_set(j, all, "store_failures",
                kept || rs_eq(kind, "ephemeral") ? jv_bool(kept) : jv_none());
  } else if (stored.kind == JV_BOOL) {
    jv_dict_set(j, all, "store_failures_as", jv_text(j, stored.u.b ? "table" : "ephemeral"));
  }
}

enum rs_code rs_config_document(struct rs_python *j, enum rs_node_type type, jv said, jv *all,
                                struct rs_error *e)
{
  const char *base = defaults_of(type);
  bool narrow = type == RS_NODE_SOURCE;
  jv key, value;
  enum rs_code rc = jv_from_json(j, base, strlen(base), all, e);
  if (rc != RS_OK) return rc;
  if (type == RS_NODE_MODEL) jv_dict_set(j, *all, "access", jv_text(j, "protected"));
  put_kind(j, type, *all);
  for (size_t i = 0; said.kind == JV_DICT && i < jv_len(said); i++) {
    jv_dict_at(said, i, &key, &value);
    const char *name = jv_cstr(key, NULL);
    if (narrow && !rs_eq(name, "enabled")) continue;
    if (type == RS_NODE_EXPOSURE && rs_eq(name, "materialized")) continue; // it has none
    if (rs_eq(name, "pre_hook")) jv_dict_set(j, *all, "pre-hook", hooks_value(j, value));
    else if (rs_eq(name, "post_hook")) jv_dict_set(j, *all, "post-hook", hooks_value(j, value));
    else if ((rs_eq(name, "contract") || rs_eq(name, "docs")) && value.kind == JV_DICT)
      put_over(j, *all, name, value);
    else jv_dict_set(j, *all, name, value);
  }
  if (type == RS_NODE_TEST) put_storing(j, *all);
  if (type == RS_NODE_ANALYSIS && jv_dict_get(*all, "materialized", &value) && jv_is_str(value) &&
      rs_eq(jv_cstr(value, NULL), "analysis"))
    jv_dict_set(j, *all, "materialized", jv_text(j, "view"));
  return RS_OK;
}

/* ---- columns -------------------------------------------------------------------------------- */

/* dbt 1.10: `config` has meta and tags of both places, and they show at the old ones, too. */
static void merge_column(struct rs_python *j, jv one)
{
  jv config, meta = jv_none(), tags = jv_none(), old, all = jv_dict(j), list = jv_list(j);
  if (!jv_dict_get(one, "config", &config) || config.kind != JV_DICT) config = jv_dict(j);
  jv_dict_get(config, "meta", &meta);
  jv_dict_get(config, "tags", &tags);
  if (jv_dict_get(one, "meta", &old)) jv_dict_set(j, all, "meta", old);
  if (meta.kind == JV_DICT) put_over(j, all, "meta", meta);
  if (jv_dict_get(all, "meta", &meta)) jv_dict_set(j, one, "meta", meta);
  jv_dict_get(one, "tags", &old);
  const jv both[] = {old, tags};
  for (size_t i = 0; i < 2; i++) {
    size_t n = both[i].kind == JV_LIST ? jv_len(both[i]) : jv_is_str(both[i]);
    for (size_t k = 0; k < n; k++) {
      jv tag = both[i].kind == JV_LIST ? jv_item(both[i], k) : both[i];
      bool known = false;
      for (size_t m = 0; m < jv_len(list); m++) known |= jv_equal(j, jv_item(list, m), tag);
      if (!known) jv_list_add(j, list, tag);
    }
  }
  jv_dict_set(j, one, "tags", list);
  jv_dict_set(j, config, "meta", meta);
  jv_dict_set(j, config, "tags", list);
  jv_dict_set(j, one, "config", config);
}

jv rs_config_column(const struct rs_project *p, struct rs_python *j, jv name, jv said)
{
  static const struct {
    const char *key, *otherwise;
  } keys[] = {{"description", "\"\""}, {"meta", "{}"},    {"data_type", "null"},
              {"constraints", "[]"},   {"quote", "null"}, {"tags", "[]"}};
  jv one = jv_dict(j), key, v, there;
  jv_dict_set(j, one, "name", name);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (!jv_dict_get(said, keys[i].key, &v) || v.kind == JV_NONE)
      (void)jv_from_json(j, keys[i].otherwise, strlen(keys[i].otherwise), &v, NULL);
    if (rs_eq(keys[i].key, "constraints")) v = rs_config_constraints(j, v, false);
    jv_dict_set(j, one, keys[i].key, v);
  }
  for (size_t i = 0; i < jv_len(said); i++) {
    jv_dict_at(said, i, &key, &v);
    if (!jv_is_str(key) || !jv_dict_get(one, jv_cstr(key, NULL), &there))
      jv_dict_setv(j, one, key, v);
  }
  if (p->asks_for_110) merge_column(j, one);
  return one;
}

jv rs_config_freshness(struct rs_python *j, const char *json)
{
  static const char none[] = "{\"warn_after\":{\"count\":null,\"period\":null},\"error_after\":"
                             "{\"count\":null,\"period\":null},\"filter\":null}";
  jv all, said, key, value;
  if (jv_from_json(j, none, sizeof none - 1, &all, NULL) != RS_OK) return jv_none();
  if (json == NULL || jv_from_json(j, json, strlen(json), &said, NULL) != RS_OK) return all;
  for (size_t i = 0; said.kind == JV_DICT && i < jv_len(said); i++) {
    jv_dict_at(said, i, &key, &value);
    jv_dict_setv(j, all, key, value);
  }
  bool off = jv_dict_get(all, "warn_after", &value) && value.kind == JV_NONE &&
             jv_dict_get(all, "error_after", &value) && value.kind == JV_NONE;
  return off ? jv_none() : all;
}

/* ---- as it was said ------------------------------------------------------------------------- */

static void put_said(struct rs_python *j, jv all, const char *json)
{
  jv said, key, value;
  if (json == NULL || *json == 0 || jv_from_json(j, json, strlen(json), &said, NULL) != RS_OK)
    return;
  for (size_t i = 0; said.kind == JV_DICT && i < jv_len(said); i++) {
    jv_dict_at(said, i, &key, &value);
    const char *name = jv_cstr(key, NULL);
    if (rs_eq(name, "pre_hook")) name = "pre-hook";
    else if (rs_eq(name, "post_hook")) name = "post-hook";
    else if (rs_eq(name, "workspace")) name = "schema";
    jv_dict_set(j, all, name, value);
  }
}

static void put_levels(const struct rs_project *p, struct rs_python *j, const struct rs_node *n,
                       const char *package, jv all)
{
  for (size_t i = 0; i < p->nlevels; i++)
    if (rs_eq(p->levels[i].package, package) && rs_config_applies(&p->levels[i], n))
      put_said(j, all, p->levels[i].json);
}

jv rs_config_unrendered(const struct rs_project *p, struct rs_python *j, const struct rs_node *n)
{
  const struct rs_store_model *row = &n->row;
  const char *const columns[][2] = {{"materialized", row->materialized},
                                    {"schema", row->workspace},
                                    {"alias", row->alias},
                                    {"tags", row->tags},
                                    {"unique_key", row->unique_key},
                                    {"group", row->group},
                                    {"access", row->access}};
  jv all = jv_dict(j), v;
  put_levels(p, j, n, n->package, all);
  put_said(j, all, row->config);
  for (size_t i = 0; n->type == RS_NODE_MODEL && i < sizeof columns / sizeof *columns; i++) {
    const char *text = columns[i][1];
    if (text == NULL) continue;
    v = jv_text(j, text);
    if (*text == '[') (void)jv_from_json(j, text, strlen(text), &v, NULL);
    jv_dict_set(j, all, columns[i][0], v);
  }
  put_said(j, all, n->config.call);
  if (!rs_eq(n->package, p->name)) put_levels(p, j, n, p->name, all);
  return all;
}
