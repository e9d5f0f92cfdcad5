/*
** manifest.json (artifacts.h).
*/
#include "artifacts.h"
#include <string.h>
#include "src/value/text.h"
#include "src/base/text.h"
#include "src/project/model/model.h"

void rs_artifact_metadata(const struct rs_project *p, const char *schema, bool manifest,
                          struct rs_buf *b)
{
  char at[40];
  rs_format_timestamp(p->started_us, at);
  at[10] = 'T';
  rs_buf_printf(
    b,
    "{\"dbt_schema_version\":\"https://schemas.getdbt.com/dbt/%s.json\","
    "\"dbt_version\":\"%s\",\"generated_at\":\"%sZ\",\"invocation_id\":\"%s\",\"env\":{}",
    schema, strstr(schema, "v12") != NULL ? "1.8.0" : "1.7.20", at, p->invocation_id);
  if (manifest) {
    rs_buf_json_member(b, "project_name", p->name);
    rs_buf_str(b, ",\"project_id\":null,\"user_id\":null,\"send_anonymous_usage_stats\":false");
    rs_buf_json_member(b, "adapter_type", p->set.output->type);
  }
  rs_buf_char(b, '}');
}

const char *rs_item_file_name(struct rs_arena *a, const struct rs_item *it)
{
  bool generic = it->test != NULL && it->node != NULL && it->node->test != NULL;
  const char *name = generic ? rs_test_short_name(a, it->node->test) : it->name;
  return name != NULL ? name : it->name;
}

const char *rs_compiled_path(struct rs_arena *a, const struct rs_item *it)
{
  if (it->type == RS_NODE_SEED || it->type == RS_NODE_SNAPSHOT || it->type == RS_NODE_SOURCE ||
      it->type >= RS_NODE_EXPOSURE)
    return NULL;
  if (it->test != NULL)
    return rs_arena_printf(a, "%s/%s/%s.sql", it->package,
                           it->path != NULL ? it->path : "models/schema.yml",
                           rs_item_file_name(a, it));
  if (it->path != NULL) return rs_arena_printf(a, "%s/%s", it->package, it->path);
  return rs_arena_printf(a, "%s/models/%s%s%s.sql", it->package, it->name,
                         it->version != NULL ? "_v" : "", it->version != NULL ? it->version : "");
}

static bool is_section(const struct rs_item *it, const char *section)
{
  if (it->bad != NULL) return false;
  if (rs_eq(section, "sources")) return it->type == RS_NODE_SOURCE && it->enabled;
  if (rs_eq(section, "exposures")) return it->type == RS_NODE_EXPOSURE && it->enabled;
  if (rs_eq(section, "unit_tests")) return it->type == RS_NODE_UNIT_TEST && it->enabled;
  if (rs_eq(section, "metrics")) return it->type == RS_NODE_METRIC && it->enabled;
  if (rs_eq(section, "semantic_models")) return it->type == RS_NODE_SEMANTIC_MODEL && it->enabled;
  if (rs_eq(section, "saved_queries")) return it->type == RS_NODE_SAVED_QUERY && it->enabled;
  return it->enabled && it->type != RS_NODE_SOURCE && it->type < RS_NODE_EXPOSURE &&
         it->type != RS_NODE_UNIT_TEST;
}

static enum rs_code put_section(const struct rs_manifest *m, const char *section, struct rs_buf *b,
                                struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  rs_buf_printf(b, ",\"%s\":{", section);
  for (size_t i = 0; rc == RS_OK && i < m->inv->n; i++) {
    const struct rs_item *it = m->inv->items[i];
    if (!is_section(it, section)) continue;
    rs_buf_json_key(b, it->unique_id);
    rc = rs_manifest_item(m, it, b, e);
  }
  rs_buf_char(b, '}');
  return rc;
}

static void put_begin(struct rs_buf *b, const char *kind, const char *package, const char *name)
{
  rs_buf_json_comma(b);
  rs_buf_printf(b, "\"%s%s%s.%s\":{", kind, *kind != 0 ? "." : "", package, name);
  rs_buf_json_member(b, "name", name);
  if (*kind != 0) rs_buf_json_member(b, "resource_type", kind);
  rs_buf_json_member(b, "package_name", package);
}

static void put_file(struct rs_buf *b, const char *kind, const char *package, const char *name,
                     const char *path)
{
  const char *slash = path != NULL ? strchr(path, '/') : NULL;
  rs_buf_json_member(b, "path", slash != NULL ? slash + 1 : path != NULL ? path : "");
  rs_buf_json_member(b, "original_file_path", path != NULL ? path : "");
  rs_buf_printf(b, ",\"unique_id\":\"%s.%s.%s\"", kind, package, name);
}

/* Name, type and description of each; JSON of the row. */
static enum rs_code put_arguments(struct rs_python *j, const char *json, struct rs_buf *b,
                                  struct rs_error *e)
{
  static const char *const keys[] = {"name", "type", "description"};
  jv said = jv_none(), list = jv_list(j), v;
  enum rs_code rc = RS_OK;
  if (json != NULL && *json != 0) rc = jv_from_json(j, json, strlen(json), &said, e);
  for (size_t i = 0; rc == RS_OK && said.kind == JV_LIST && i < jv_len(said); i++) {
    jv from = jv_item(said, i), one = jv_dict(j);
    for (size_t k = 0; from.kind == JV_DICT && k < 3; k++) {
      bool is = jv_dict_get(from, keys[k], &v) && v.kind != JV_NONE;
      jv_dict_set(j, one, keys[k], is ? v : k == 2 ? jv_text(j, "") : jv_none());
    }
    jv_list_add(j, list, one);
  }
  rs_buf_str(b, ",\"arguments\":");
  return rc == RS_OK ? jv_json_to(j, list, false, b, e) : rc;
}

/* supported_languages=['sql', 'python'] of a materialization; of another macro null. */
static void put_languages(const struct rs_macro_use *u, struct rs_buf *b)
{
  static const char key[] = "supported_languages";
  rs_buf_printf(b, ",\"%s\":", key);
  if (strncmp(u->name, "materialization_", 16) != 0) {
    rs_buf_str(b, "null");
    return;
  }
  const char *text = u->macro->source != NULL ? u->macro->source : "", *tag = strstr(text, "%}");
  const char *p = strstr(text, key), *end = p != NULL ? strchr(p, ']') : NULL;
  if (p == NULL || end == NULL || (tag != NULL && p > tag)) {
    rs_buf_str(b, "[\"sql\"]");
    return;
  }
  rs_buf_char(b, '[');
  while ((p = strpbrk(p, "'\"")) != NULL && p < end) {
    const char *close = strchr(p + 1, *p);
    if (close == NULL || close > end) break;
    rs_buf_json_comma(b);
    rs_buf_json_str(b, p + 1, (size_t)(close - p - 1));
    p = close + 1;
  }
  rs_buf_char(b, ']');
}

static enum rs_code put_macro(const struct rs_manifest *m, struct rs_python *j,
                              const struct rs_macro_use *u, struct rs_buf *b, struct rs_error *e)
{
  const struct rs_macro *macro = u->macro;
  const struct rs_row *row = NULL;
  for (size_t k = 0; row == NULL && k < m->inv->nrows; k++) {
    const struct rs_row *r = m->inv->rows[k];
    if (r->table == RS_T_MACRO && rs_eq(rs_row_text(r, "name"), u->name) &&
        rs_eq(r->v[0].n > 0 ? r->v[0].p : m->inv->p->name, u->package))
      row = r;
  }
  const char *meta = row != NULL ? rs_row_text(row, "meta") : NULL;
  const char *path = row != NULL ? rs_row_text(row, "path") : NULL;
  const char *patch = row != NULL ? rs_row_text(row, "patch_path") : NULL;
  rs_buf_json_member(b, "path", path != NULL ? path : "");
  rs_buf_json_member(b, "original_file_path", path != NULL ? path : "");
  rs_buf_printf(b, ",\"unique_id\":\"macro.%s.%s\"", u->package, u->name);
  rs_buf_json_member(b, "macro_sql", macro->source != NULL ? macro->source : "");
  rs_buf_str(b, ",\"depends_on\":{\"macros\":[");
  for (size_t k = 0; k < u->nuses; k++)
    rs_buf_printf(b, "%s\"macro.%s.%s\"", k > 0 ? "," : "", u->uses[k]->package, u->uses[k]->name);
  rs_buf_str(b, "]}");
  rs_buf_json_member(b, "description", macro->description != NULL ? macro->description : "");
  rs_buf_printf(b, ",\"meta\":%s,\"docs\":{\"show\":true,\"node_color\":null}",
                meta != NULL && *meta != 0 ? meta : "{}");
  bool whole = patch != NULL && strstr(patch, "://") != NULL;
  const char *file = patch == NULL || whole
                       ? patch
                       : rs_arena_printf(rs_python_arena(j), "%s://%s", u->package, patch);
  rs_buf_json_member(b, "patch_path", file);
  enum rs_code rc = put_arguments(j, macro->arguments, b, e);
  rs_buf_printf(b, ",\"created_at\":%.6f", (double)m->inv->p->started_us / 1e6);
  put_languages(u, b);
  return rc;
}

static enum rs_code put_macros(const struct rs_manifest *m, struct rs_python *j, struct rs_buf *b,
                               struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  rs_buf_str(b, ",\"macros\":{");
  for (size_t i = 0; rc == RS_OK && i < m->state->macros.n; i++) {
    struct rs_macro_use *u = m->state->macros.v[i].value;
    if (!rs_state_macro_scan(m->state, u)) return rs_nomem(e);
    put_begin(b, "macro", u->package, u->name);
    rc = put_macro(m, j, u, b, e);
    rs_buf_char(b, '}');
  }
  rs_buf_char(b, '}');
  return rc;
}

static void put_rows(const struct rs_manifest *m, struct rs_python *j, enum rs_table_id t,
                     const char *section, const char *kind, struct rs_buf *b)
{
  rs_buf_printf(b, ",\"%s\":{", section);
  for (size_t i = 0; i < m->inv->nrows; i++) {
    const struct rs_row *r = m->inv->rows[i];
    if (r->table != t) continue;
    const char *package = r->v[0].n > 0 ? r->v[0].p : m->inv->p->name;
    put_begin(b, kind, package, rs_row_text(r, "name"));
    put_file(b, kind, package, rs_row_text(r, "name"), rs_row_text(r, "path"));
    if (t == RS_T_DOC)
      rs_buf_json_member(b, "block_contents",
                         rs_doc_text(m->inv->p, package, rs_row_text(r, "name")));
    else rs_manifest_owner(j, rs_row_text(r, "owner"), b);
    rs_buf_char(b, '}');
  }
  rs_buf_char(b, '}');
}

static void put_map(const struct rs_manifest *m, bool parents, struct rs_buf *b)
{
  rs_buf_printf(b, ",\"%s\":{", parents ? "parent_map" : "child_map");
  for (size_t i = 0; i < m->inv->n; i++) {
    const struct rs_item *it = m->inv->items[i];
    if (!it->enabled || it->bad != NULL) continue;
    rs_buf_json_key(b, it->unique_id);
    rs_buf_char(b, '[');
    const size_t *list = parents ? it->parents : it->children;
    for (size_t k = 0; k < (parents ? it->nparents : it->nchildren); k++) {
      const struct rs_item *other = m->inv->items[list[k]];
      if (other->enabled && other->bad == NULL) rs_buf_json_item(b, other->unique_id);
    }
    rs_buf_char(b, ']');
  }
  rs_buf_char(b, '}');
}

static enum rs_code put_disabled(const struct rs_manifest *m, struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  rs_buf_str(b, ",\"disabled\":{");
  for (size_t i = 0; rc == RS_OK && i < m->inv->n; i++) {
    const struct rs_item *it = m->inv->items[i];
    if (it->enabled || it->type == RS_NODE_UNIT_TEST) continue;
    rs_buf_json_key(b, it->unique_id);
    rs_buf_char(b, '[');
    rc = rs_manifest_item(m, it, b, e);
    rs_buf_char(b, ']');
  }
  rs_buf_char(b, '}');
  return rc;
}

static void put_groups(const struct rs_manifest *m, struct rs_buf *b)
{
  rs_buf_str(b, ",\"group_map\":{");
  for (size_t i = 0; i < m->inv->nrows; i++) {
    const struct rs_row *r = m->inv->rows[i];
    if (r->table != RS_T_GROUP) continue;
    const char *name = rs_row_text(r, "name");
    rs_buf_json_key(b, name);
    rs_buf_char(b, '[');
    for (size_t k = 0; k < m->inv->n; k++)
      if (rs_eq(m->inv->items[k]->group, name)) rs_buf_json_item(b, m->inv->items[k]->unique_id);
    rs_buf_char(b, ']');
  }
  rs_buf_char(b, '}');
}

static enum rs_code put_all(struct rs_manifest *m, struct rs_python *j, struct rs_buf *b,
                            struct rs_error *e)
{
  bool unit_tests = false;
  for (size_t i = 0; i < m->inv->n; i++) unit_tests |= m->inv->items[i]->type == RS_NODE_UNIT_TEST;
  m->v12 = unit_tests;
  rs_buf_str(b, "{\"metadata\":");
  rs_artifact_metadata(m->inv->p, unit_tests ? "manifest/v12" : "manifest/v11", true, b);
  enum rs_code rc = put_section(m, "nodes", b, e);
  if (rc == RS_OK) rc = put_section(m, "sources", b, e);
  if (rc == RS_OK) rc = put_macros(m, j, b, e);
  put_rows(m, j, RS_T_DOC, "docs", "doc", b);
  if (rc == RS_OK) rc = put_section(m, "exposures", b, e);
  put_rows(m, j, RS_T_GROUP, "groups", "group", b);
  if (rc == RS_OK) rc = put_section(m, "metrics", b, e);
  rs_buf_str(b, ",\"selectors\":{}");
  if (rc == RS_OK) rc = put_disabled(m, b, e);
  put_map(m, true, b);
  put_map(m, false, b);
  put_groups(m, b);
  if (rc == RS_OK) rc = put_section(m, "saved_queries", b, e);
  if (rc == RS_OK) rc = put_section(m, "semantic_models", b, e);
  if (rc == RS_OK && unit_tests) rc = put_section(m, "unit_tests", b, e);
  rs_buf_char(b, '}');
  return rc == RS_OK ? rs_buf_error(b, e, "manifest.json") : rc;
}

enum rs_code rs_manifest_write(struct rs_manifest *m, struct rs_buf *b, struct rs_error *e)
{
  struct rs_python_options none = {0};
  struct rs_python *j = rs_jinja_new(&none);
  if (j == NULL) return rs_nomem(e);
  enum rs_code rc = put_all(m, j, b, e);
  rs_jinja_free(j);
  return rc;
}
