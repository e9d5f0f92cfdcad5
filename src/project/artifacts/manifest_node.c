/*
** One node, source, exposure or unit test of the manifest.
*/
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"
#include "artifacts.h"

/* ---- configs -------------------------------------------------------------------------------- */

/* The defaults of dbt under what is said; *all gets it. */
static enum rs_code put_config(struct rs_python *j, const struct rs_item *it, struct rs_buf *b,
                               jv *all, struct rs_error *e)
{
  jv said, value;
  enum rs_code rc = jv_from_json(j, it->config, strlen(it->config), &said, e);
  if (rc == RS_OK) rc = rs_config_document(j, it->type, said, all, e);
  if (rc == RS_OK && it->type == RS_NODE_SOURCE)
    jv_dict_set(j, *all, "enabled", jv_bool(it->enabled));
  // dbt's shortcut for these two writes it so
  bool fast = it->test_package == NULL &&
              (rs_eq(it->test, "not_null") || rs_eq(it->test, "unique"));
  const char *own = fast ? rs_item_text(it, "config") : NULL;
  if (own != NULL && strstr(own, "\"severity\"") != NULL && jv_dict_get(*all, "severity", &value) &&
      jv_is_str(value)) {
    char *upper = rs_arena_strdup(rs_python_arena(j), jv_cstr(value, NULL));
    for (char *s = upper; s != NULL && *s != 0; s++) *s = (char)toupper((unsigned char)*s);
    if (upper != NULL) jv_dict_set(j, *all, "severity", jv_text(j, upper));
  }
  if (it->test != NULL && !rs_eq(rs_item_file_name(rs_python_arena(j), it), it->name) &&
      jv_dict_get(*all, "alias", &value) && value.kind == JV_NONE)
    jv_dict_set(j, *all, "alias", jv_text(j, rs_item_file_name(rs_python_arena(j), it)));
  rs_buf_str(b, ",\"config\":");
  return rc == RS_OK ? jv_json_to(j, *all, false, b, e) : rc;
}

static enum rs_code put_unrendered(const struct rs_manifest *m, struct rs_python *j,
                                   const struct rs_item *it, struct rs_buf *b, struct rs_error *e)
{
  rs_buf_str(b, ",\"unrendered_config\":");
  return jv_json_to(j, rs_config_unrendered(m->inv->p, j, it->node), false, b, e);
}

/* A key of the config as a member of the node: {} where it has none. */
static enum rs_code put_from(struct rs_python *j, jv config, const char *key, const char *otherwise,
                             struct rs_buf *b, struct rs_error *e)
{
  jv v;
  rs_buf_printf(b, ",\"%s\":", key);
  if (jv_dict_get(config, key, &v) && v.kind != JV_NONE) return jv_json_to(j, v, false, b, e);
  rs_buf_str(b, otherwise);
  return RS_OK;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static void put_fqn(const struct rs_item *it, struct rs_buf *b)
{
  rs_buf_str(b, ",\"fqn\":[");
  for (const char *p = it->fqn; *p != 0;) {
    size_t n = strcspn(p, ".");
    rs_buf_json_comma(b);
    rs_buf_json_str(b, p, n);
    p += n + (p[n] == '.');
  }
  rs_buf_char(b, ']');
}

/* "models/staging/x.sql" -> "staging/x.sql" */
static const char *short_path(const char *path)
{
  const char *slash = strchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static const char *made_path(struct rs_arena *a, const struct rs_item *it)
{
  if (it->path != NULL) return it->path;
  static const char *const folders[RS_NODE_TYPES] = {[RS_NODE_SEED] = "seeds",
                                                     [RS_NODE_SNAPSHOT] = "snapshots",
                                                     [RS_NODE_TEST] = "tests",
                                                     [RS_NODE_ANALYSIS] = "analyses"};
  const char *folder = folders[it->type] != NULL ? folders[it->type] : "models";
  return rs_arena_printf(a, "%s/%s.%s", folder, it->name, it->type == RS_NODE_SEED ? "csv" : "sql");
}

/* A dict by name; `said`: the list of the row. */
static enum rs_code read_columns(const struct rs_manifest *m, struct rs_python *j,
                                 const struct rs_item *it, jv *out, struct rs_error *e)
{
  bool has = it->type <= RS_NODE_SNAPSHOT || it->type == RS_NODE_ANALYSIS;
  // A node's own have been rendered
  const char *json = it->is_node ? it->node->row.columns : rs_item_text(it, "columns");
  jv list = jv_none(), name;
  *out = jv_dict(j);
  if (!has || json == NULL || *json == 0) return RS_OK;
  enum rs_code rc = jv_from_json(j, json, strlen(json), &list, e);
  for (size_t i = 0; rc == RS_OK && list.kind == JV_LIST && i < jv_len(list); i++) {
    jv column = jv_item(list, i);
    if (column.kind == JV_DICT && jv_dict_get(column, "name", &name) && jv_is_str(name))
      jv_dict_setv(j, *out, name, rs_config_column(m->inv->p, j, name, column));
  }
  return rc;
}

static enum rs_code put_columns(struct rs_python *j, jv columns, struct rs_buf *b,
                                struct rs_error *e)
{
  rs_buf_str(b, ",\"columns\":");
  return jv_json_to(j, columns, false, b, e);
}

static void put_version(struct rs_buf *b, const char *key, const char *version)
{
  char *end = NULL;
  double n = version != NULL ? strtod(version, &end) : 0;
  (void)n;
  if (version != NULL && *version != 0 && *end == 0 && strspn(version, "0123456789.") > 0 &&
      version[strspn(version, "0123456789.")] == 0)
    rs_buf_printf(b, ",\"%s\":%s", key, version);
  else rs_buf_json_member(b, key, version);
}

static void put_one_ref(struct rs_buf *b, const char *name, const char *package,
                        const char *version)
{
  rs_buf_json_comma(b);
  rs_buf_char(b, '{');
  rs_buf_json_member(b, "name", name);
  rs_buf_json_member(b, "package", package);
  put_version(b, "version", version);
  rs_buf_char(b, '}');
}

/* refs and sources: a model's own, of others what they depend on. */
static void put_refs(const struct rs_manifest *m, const struct rs_item *it, struct rs_buf *b)
{
  const struct rs_inventory *inv = m->inv;
  const struct rs_node *n = it->node;
  bool own = n->nrefs > 0;
  rs_buf_str(b, ",\"refs\":[");
  for (size_t i = 0; i < (own ? n->nrefs : it->nparents); i++) {
    const struct rs_item *p = own ? NULL : inv->items[it->parents[i]];
    if (own ? n->refs[i].source != NULL : p->type == RS_NODE_SOURCE) continue;
    if (own) put_one_ref(b, n->refs[i].name, n->refs[i].package, n->refs[i].version);
    else put_one_ref(b, p->name, NULL, p->version);
  }
  rs_buf_str(b, "],\"sources\":[");
  for (size_t i = 0; i < (own ? n->nrefs : it->nparents); i++) {
    const struct rs_item *p = own ? NULL : inv->items[it->parents[i]];
    if (own ? n->refs[i].source == NULL : p->type != RS_NODE_SOURCE) continue;
    rs_buf_json_comma(b);
    rs_buf_char(b, '[');
    rs_buf_json_item(b, own ? n->refs[i].source : p->node->source);
    rs_buf_json_item(b, own ? n->refs[i].name : p->node->table);
    rs_buf_char(b, ']');
  }
  rs_buf_str(b, "],\"metrics\":[]");
}

static void put_depends(const struct rs_manifest *m, const struct rs_item *it, bool nodes,
                        struct rs_buf *b)
{
  rs_buf_str(b, ",\"depends_on\":{\"macros\":[");
  struct rs_macro_use **uses = m->state->uses[it->index];
  for (size_t i = 0; uses != NULL && uses[i] != NULL; i++)
    rs_buf_printf(b, "%s\"macro.%s.%s\"", i > 0 ? "," : "", uses[i]->package, uses[i]->name);
  rs_buf_str(b, "]");
  if (nodes) rs_buf_str(b, ",\"nodes\":[");
  for (size_t i = 0; nodes && i < it->nparents; i++)
    rs_buf_json_item(b, m->inv->items[it->parents[i]]->unique_id);
  rs_buf_str(b, nodes ? "]}" : "}");
}

static void put_database(const struct rs_manifest *m, const struct rs_item *it, struct rs_buf *b)
{
  const char *name = it->node != NULL && it->node->database != NULL
                       ? it->node->database
                       : rs_project_database(m->inv->p);
  rs_buf_json_member(b, "database", name != NULL ? name : "");
}

bool rs_manifest_relation(const struct rs_inventory *inv, const struct rs_item *it,
                          struct rs_buf *b)
{
  bool stores;
  enum rs_code rc = rs_item_stores(it, &stores, NULL);
  if (rc != RS_OK) b->rc = rc;
  if (rc != RS_OK || (!stores && !rs_item_has_relation(it))) return false;
  rs_project_relation(inv->p, b, it->node, it->node->workspace, it->node->identifier);
  return true;
}

static void put_relation(const struct rs_manifest *m, const struct rs_item *it, struct rs_buf *b)
{
  struct rs_buf name;
  rs_buf_init(&name, 4096);
  bool is = rs_manifest_relation(m->inv, it, &name);
  rs_buf_json_member(b, "relation_name", is ? rs_buf_text(&name) : NULL);
  if (name.rc != RS_OK) b->rc = name.rc;
  rs_buf_free(&name);
}

static void put_json(struct rs_buf *b, const char *key, const char *json, const char *otherwise)
{
  rs_buf_printf(b, ",\"%s\":%s", key, json != NULL && *json != 0 ? json : otherwise);
}

static void put_paths(struct rs_arena *a, const struct rs_item *it, struct rs_buf *b)
{
  const char *path = made_path(a, it);
  const char *own = it->type == RS_NODE_SOURCE ? path : path != NULL ? short_path(path) : NULL;
  if (it->type == RS_NODE_ANALYSIS && own != NULL) own = rs_arena_printf(a, "analysis/%s", own);
  char *test = it->test != NULL ? rs_arena_printf(a, "%s.sql", rs_item_file_name(a, it)) : NULL;
  rs_buf_json_member(b, "resource_type", rs_item_type(it->type));
  rs_buf_json_member(b, "package_name", it->package);
  rs_buf_json_member(b, "path", test != NULL ? test : own);
  rs_buf_json_member(b, "original_file_path", path);
  rs_buf_json_member(b, "unique_id", it->unique_id);
  put_fqn(it, b);
}

static void put_compiled(const struct rs_manifest *m, struct rs_arena *a, const struct rs_item *it,
                         struct rs_buf *b)
{
  const char *text = m->compiled != NULL ? rs_map_get(m->compiled, it->unique_id) : NULL;
  const char *path = text != NULL ? rs_compiled_path(a, it) : NULL;
  char *whole = path != NULL ? rs_arena_printf(a, "target/compiled/%s", path) : NULL;
  rs_buf_json_member(b, "compiled_path", whole);
  if (text == NULL) return;
  rs_buf_str(b, ",\"compiled\":true,\"extra_ctes_injected\":true,\"extra_ctes\":[]");
  rs_buf_json_member(b, "compiled_code", text);
}

/* What only models have, what only generic tests have. */
static enum rs_code put_special(const struct rs_manifest *m, struct rs_python *j,
                                struct rs_arena *a, const struct rs_item *it, jv contract,
                                jv constraints, struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  if (it->type == RS_NODE_MODEL) {
    jv enforced;
    bool is = jv_dict_get(contract, "enforced", &enforced) && jv_truth(j, enforced);
    const char *date = rs_item_text(it, "deprecation_date");
    rs_buf_json_member(b, "access", it->access != NULL ? it->access : "protected");
    rs_buf_str(b, ",\"constraints\":"); // without a contract dbt knows of none
    rc = jv_json_to(j, is ? constraints : jv_list(j), false, b, e);
    put_version(b, "version", it->version);
    put_version(b, "latest_version", it->version != NULL ? it->latest_version : NULL);
    rs_buf_json_member(b, "deprecation_date", date != NULL ? rs_date_text(a, date) : NULL);
  }
  if (it->test != NULL) rs_manifest_test(m, a, it, b);
  return rc;
}

void rs_manifest_owner(struct rs_python *j, const char *json, struct rs_buf *b)
{
  jv said = jv_none(), owner = jv_dict(j), key, v;
  if (json != NULL && jv_from_json(j, json, strlen(json), &said, NULL) != RS_OK) said = jv_none();
  jv_dict_set(j, owner, "email", jv_none());
  jv_dict_set(j, owner, "name", jv_none());
  for (size_t i = 0; said.kind == JV_DICT && i < jv_len(said); i++) {
    jv_dict_at(said, i, &key, &v);
    jv_dict_setv(j, owner, key, v);
  }
  rs_buf_str(b, ",\"owner\":");
  (void)jv_json_to(j, owner, false, b, NULL); // what fails is in the buffer's code
}

/* ---- kinds ---------------------------------------------------------------------------------- */

/* The object that has these keys: what `json` lacks of them is the default. */
static void put_parts(struct rs_python *j, const char *key, const char *json,
                      const char *const (*parts)[2], size_t n, struct rs_buf *b)
{
  jv all = jv_none(), v;
  if (json != NULL && jv_from_json(j, json, strlen(json), &all, NULL) != RS_OK) all = jv_none();
  rs_buf_printf(b, ",\"%s\":{", key);
  for (size_t i = 0; i < n; i++) {
    rs_buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", parts[i][0]);
    if (all.kind != JV_DICT || !jv_dict_get(all, parts[i][0], &v) || v.kind == JV_NONE ||
        jv_json_to(j, v, false, b, NULL) != RS_OK)
      rs_buf_str(b, parts[i][1]);
  }
  rs_buf_char(b, '}');
}

static enum rs_code put_source(const struct rs_manifest *m, struct rs_python *j,
                               const struct rs_item *it, struct rs_buf *b, struct rs_error *e)
{
  static const char *const quotes[][2] = {
    {"database", "null"}, {"schema", "null"}, {"identifier", "null"}, {"column", "null"}};
  jv config, columns;
  put_database(m, it, b);
  rs_buf_json_member(b, "schema", it->node->workspace);
  rs_buf_json_member(b, "source_name", it->node->source);
  const char *description = it->node->source_row.description;
  rs_buf_json_member(b, "source_description", description != NULL ? description : "");
  rs_buf_json_member(b, "loader",
                     rs_item_text(it, "loader") != NULL ? rs_item_text(it, "loader") : "");
  rs_buf_json_member(b, "identifier", it->node->identifier);
  put_parts(j, "quoting", it->node->quoting, quotes, 4, b);
  rs_buf_json_member(b, "loaded_at_field", rs_item_text(it, "loaded_at_field"));
  rs_buf_str(b, ",\"freshness\":");
  enum rs_code rc = jv_json_to(j, rs_config_freshness(j, rs_item_text(it, "freshness")), false, b,
                               e);
  put_json(b, "external", rs_item_text(it, "external"), "null");
  put_json(b, "meta", rs_item_text(it, "meta"), "{}");
  put_json(b, "tags", rs_item_text(it, "tags"), "[]");
  rs_buf_str(b, ",\"source_meta\":{},\"patch_path\":null");
  if (rc == RS_OK) rc = put_unrendered(m, j, it, b, e);
  if (rc == RS_OK) rc = put_config(j, it, b, &config, e);
  if (rc == RS_OK) rc = read_columns(m, j, it, &columns, e);
  return rc == RS_OK ? put_columns(j, columns, b, e) : rc;
}

static enum rs_code put_plain(const struct rs_manifest *m, struct rs_python *j,
                              const struct rs_item *it, struct rs_buf *b, struct rs_error *e)
{
  jv config;
  enum rs_code rc = put_config(j, it, b, &config, e);
  if (it->type == RS_NODE_EXPOSURE) {
    const char *type = rs_item_text(it, "type");
    rs_buf_json_member(b, "type", type != NULL ? type : "application");
    rs_manifest_owner(j, rs_item_text(it, "owner"), b);
    rs_buf_json_member(b, "label", rs_item_text(it, "label"));
    rs_buf_json_member(b, "maturity", rs_item_text(it, "maturity"));
    rs_buf_json_member(b, "url", rs_item_text(it, "url"));
    put_json(b, "meta", rs_item_text(it, "meta"), "{}");
    put_json(b, "tags", rs_item_text(it, "tags"), "[]");
    if (rc == RS_OK) rc = put_unrendered(m, j, it, b, e);
    put_refs(m, it, b);
  } else {
    rs_buf_json_member(b, "model", rs_item_text(it, "model"));
    put_json(b, "given", rs_item_text(it, "given"), "[]");
    put_json(b, "expect", rs_item_text(it, "expect"), "{\"rows\":[]}");
    put_json(b, "overrides", rs_item_text(it, "overrides"), "null");
    put_json(b, "versions", rs_item_text(it, "versions"), "null");
    rs_buf_json_member(b, "schema", it->node->workspace);
    rs_buf_json_member(b, "checksum", NULL);
  }
  put_depends(m, it, true, b);
  return rc;
}

static enum rs_code put_common(const struct rs_manifest *m, struct rs_python *j, struct rs_arena *a,
                               const struct rs_item *it, struct rs_buf *b, struct rs_error *e)
{
  const struct rs_node *n = it->node;
  const char *said = rs_item_text(it, "constraints");
  jv config, columns, constraints = jv_none(), contract = jv_dict(j);
  bool file = it->checksum[0] != 0, seed = it->type == RS_NODE_SEED;
  put_database(m, it, b);
  // What is disabled has not been given a name
  const char *schema = n->workspace != NULL ? n->workspace : m->inv->p->set.output->workspace;
  rs_buf_json_member(b, "schema", schema != NULL ? schema : "");
  rs_buf_json_member(b, "alias", n->identifier != NULL ? n->identifier : it->name);
  rs_buf_str(b, ",\"checksum\":{");
  bool large = seed && n->row.checksum != NULL && rs_eq(n->row.checksum, n->row.path);
  rs_buf_json_member(b, "name", large ? "path" : file ? "sha256" : "none");
  rs_buf_json_member(b, "checksum", large ? n->row.checksum : it->checksum);
  rs_buf_char(b, '}');
  enum rs_code rc = put_config(j, it, b, &config, e);
  rs_buf_str(b, ",\"tags\":[");
  for (size_t i = 0; i < it->ntags; i++) rs_buf_json_item(b, it->tags[i]);
  rs_buf_char(b, ']');
  if (rc == RS_OK) rc = put_from(j, config, "meta", "{}", b, e);
  if (rc == RS_OK) rc = read_columns(m, j, it, &columns, e);
  if (rc == RS_OK) rc = put_columns(j, columns, b, e);
  rs_buf_json_member(b, "group", it->group);
  if (rc == RS_OK) rc = put_from(j, config, "docs", "{\"show\":true,\"node_color\":null}", b, e);
  const char *patch = it->type == RS_NODE_TEST ? NULL : rs_item_text(it, "patch_path");
  bool other = patch != NULL && strstr(patch, "://") != NULL;
  const char *whole = patch == NULL || other ? patch
                                             : rs_arena_printf(a, "%s://%s", it->package, patch);
  rs_buf_json_member(b, "patch_path", whole);
  rs_buf_str(b, ",\"build_path\":null");
  if (rc == RS_OK) rc = put_unrendered(m, j, it, b, e);
  if (!m->v12) rs_buf_str(b, ",\"deferred\":false");
  put_relation(m, it, b);
  if (it->test != NULL) rs_manifest_test_code(j, it, b);
  else rs_buf_json_member(b, "raw_code", seed ? "" : n->sql);
  if (seed) {
    rs_buf_json_member(b, "root_path", NULL);
    put_depends(m, it, false, b);
    return rc;
  }
  rs_buf_json_member(b, "language", rs_node_is_python(n) ? "python" : "sql");
  put_refs(m, it, b);
  put_depends(m, it, true, b);
  if (rc == RS_OK && said != NULL) rc = jv_from_json(j, said, strlen(said), &constraints, e);
  if (rc != RS_OK) return rc;
  constraints = rs_config_constraints(j, constraints, true);
  contract = rs_config_contract(j, config, columns, constraints);
  rs_buf_str(b, ",\"contract\":");
  rc = jv_json_to(j, contract, false, b, e);
  put_compiled(m, a, it, b);
  return rc == RS_OK ? put_special(m, j, a, it, contract, constraints, b, e) : rc;
}

/* A metric, semantic model or saved query. */
static enum rs_code put_semantic(const struct rs_manifest *m, const struct rs_item *it,
                                 struct rs_buf *b, struct rs_error *e)
{
  const struct rs_project *p = m->inv->p;
  struct rs_python_options none = {0};
  struct rs_python *j = rs_jinja_new(&none);
  if (j == NULL) return rs_nomem(e);
  enum rs_code rc = RS_OK;
  for (size_t i = 0; i < p->nentries; i++)
    if (p->entries[i]->node == it->node)
      rc = jv_json_to(j, rs_semantic_document(p, j, p->entries[i]), false, b, e);
  rs_jinja_free(j);
  return rc;
}

enum rs_code rs_manifest_item(const struct rs_manifest *m, const struct rs_item *it,
                              struct rs_buf *b, struct rs_error *e)
{
  struct rs_python_options none = {0};
  struct rs_python *j = rs_jinja_new(&none);
  struct rs_arena a;
  enum rs_code rc;
  if (j == NULL) return rs_nomem(e);
  if (it->type > RS_NODE_EXPOSURE) {
    rs_jinja_free(j);
    return put_semantic(m, it, b, e);
  }
  rs_arena_init(&a, 0);
  rs_buf_char(b, '{');
  rs_buf_json_member(b, "name", it->name);
  put_paths(&a, it, b);
  // A node's own has been rendered
  rs_buf_json_member(b, "description", it->is_node ? it->node->description : it->description);
  rs_buf_printf(b, ",\"created_at\":%.6f", (double)m->inv->p->started_us / 1e6);
  if (it->type == RS_NODE_SOURCE) {
    rc = put_source(m, j, it, b, e);
    put_relation(m, it, b);
  } else if (it->type == RS_NODE_EXPOSURE || it->type == RS_NODE_UNIT_TEST) {
    rc = put_plain(m, j, it, b, e);
  } else {
    rc = put_common(m, j, &a, it, b, e);
  }
  rs_buf_char(b, '}');
  rs_arena_free(&a);
  rs_jinja_free(j);
  return rc;
}
