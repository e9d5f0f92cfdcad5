/*
** manifest.json (manifest.h).
*/
#include "manifest.h"
#include <string.h>
#include "../base/text.h"

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
    rs_json_member(b, false, "project_name", p->name);
    rs_buf_str(b, ",\"project_id\":null,\"user_id\":null,\"send_anonymous_usage_stats\":false");
    rs_json_member(b, false, "adapter_type", p->set.output->type);
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
  bool first = true;
  rs_buf_printf(b, ",\"%s\":{", section);
  for (size_t i = 0; rc == RS_OK && i < m->inv->n; i++) {
    const struct rs_item *it = m->inv->items[i];
    if (!is_section(it, section)) continue;
    if (!first) rs_buf_char(b, ',');
    first = false;
    rs_buf_json_str(b, it->unique_id, strlen(it->unique_id));
    rs_buf_char(b, ':');
    rc = rs_manifest_item(m, it, b, e);
  }
  rs_buf_char(b, '}');
  return rc;
}

static void put_begin(struct rs_buf *b, bool *first, const char *kind, const char *package,
                      const char *name)
{
  rs_buf_printf(b, "%s\"%s%s%s.%s\":{", *first ? "" : ",", kind, *kind != 0 ? "." : "", package,
                name);
  *first = false;
  rs_json_member(b, true, "name", name);
  if (*kind != 0) rs_json_member(b, false, "resource_type", kind);
  rs_json_member(b, false, "package_name", package);
}

static void put_file(struct rs_buf *b, const char *kind, const char *package, const char *name,
                     const char *path)
{
  const char *slash = path != NULL ? strchr(path, '/') : NULL;
  rs_json_member(b, false, "path", slash != NULL ? slash + 1 : path != NULL ? path : "");
  rs_json_member(b, false, "original_file_path", path != NULL ? path : "");
  rs_buf_printf(b, ",\"unique_id\":\"%s.%s.%s\"", kind, package, name);
}

static void put_macros(const struct rs_manifest *m, struct rs_buf *b)
{
  bool first = true;
  double at = (double)m->inv->p->started_us / 1e6;
  rs_buf_str(b, ",\"macros\":{");
  for (size_t i = 0; i < m->state->macros.n; i++) {
    const struct rs_macro_use *u = m->state->macros.v[i].value;
    const struct rs_row *row = NULL;
    for (size_t k = 0; row == NULL && k < m->inv->nrows; k++) {
      const struct rs_row *r = m->inv->rows[k];
      if (r->table == RS_T_MACRO && rs_eq(rs_row_text(r, "name"), u->name) &&
          rs_eq(r->v[0].n > 0 ? r->v[0].p : m->inv->p->name, u->package))
        row = r;
    }
    const char *meta = row != NULL ? rs_row_text(row, "meta") : NULL;
    const char *args = row != NULL ? rs_row_text(row, "arguments") : NULL;
    put_begin(b, &first, "macro", u->package, u->name);
    put_file(b, "macro", u->package, u->name, row != NULL ? rs_row_text(row, "path") : NULL);
    rs_json_member(b, false, "macro_sql", u->macro->source != NULL ? u->macro->source : "");
    rs_buf_str(b, ",\"depends_on\":{\"macros\":[");
    for (size_t k = 0; k < u->nuses; k++)
      rs_buf_printf(b, "%s\"macro.%s.%s\"", k > 0 ? "," : "", u->uses[k]->package,
                    u->uses[k]->name);
    rs_buf_str(b, "]},\"description\":");
    rs_manifest_text(m->inv, u->package, row != NULL ? rs_row_text(row, "description") : "", b);
    rs_buf_printf(b,
                  ",\"meta\":%s,\"docs\":{\"show\":true,\"node_color\":null},\"patch_path\":null,"
                  "\"arguments\":",
                  meta != NULL && *meta != 0 ? meta : "{}");
    rs_buf_str(b, args != NULL && *args != 0 ? args : "[]");
    rs_buf_printf(b, ",\"created_at\":%.6f,\"supported_languages\":null}", at);
  }
  rs_buf_char(b, '}');
}

static void put_rows(const struct rs_manifest *m, enum rs_table_id t, const char *section,
                     const char *kind, struct rs_buf *b)
{
  bool first = true;
  rs_buf_printf(b, ",\"%s\":{", section);
  for (size_t i = 0; i < m->inv->nrows; i++) {
    const struct rs_row *r = m->inv->rows[i];
    if (r->table != t) continue;
    const char *package = r->v[0].n > 0 ? r->v[0].p : m->inv->p->name;
    put_begin(b, &first, kind, package, rs_row_text(r, "name"));
    put_file(b, kind, package, rs_row_text(r, "name"), rs_row_text(r, "path"));
    if (t == RS_T_DOC) rs_json_member(b, false, "block_contents", rs_row_text(r, "text"));
    else
      rs_buf_printf(b, ",\"owner\":%s",
                    rs_row_text(r, "owner") != NULL ? rs_row_text(r, "owner") : "{}");
    rs_buf_char(b, '}');
  }
  rs_buf_char(b, '}');
}

static void put_map(const struct rs_manifest *m, bool parents, struct rs_buf *b)
{
  bool first = true;
  rs_buf_printf(b, ",\"%s\":{", parents ? "parent_map" : "child_map");
  for (size_t i = 0; i < m->inv->n; i++) {
    const struct rs_item *it = m->inv->items[i];
    if (!it->enabled || it->bad != NULL) continue;
    if (!first) rs_buf_char(b, ',');
    first = false;
    rs_buf_json_str(b, it->unique_id, strlen(it->unique_id));
    rs_buf_str(b, ":[");
    const size_t *list = parents ? it->parents : it->children;
    bool one = false;
    for (size_t k = 0; k < (parents ? it->nparents : it->nchildren); k++) {
      const struct rs_item *other = m->inv->items[list[k]];
      if (!other->enabled || other->bad != NULL) continue;
      if (one) rs_buf_char(b, ',');
      one = true;
      rs_buf_json_str(b, other->unique_id, strlen(other->unique_id));
    }
    rs_buf_char(b, ']');
  }
  rs_buf_char(b, '}');
}

static enum rs_code put_disabled(const struct rs_manifest *m, struct rs_buf *b, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  bool first = true;
  rs_buf_str(b, ",\"disabled\":{");
  for (size_t i = 0; rc == RS_OK && i < m->inv->n; i++) {
    const struct rs_item *it = m->inv->items[i];
    if (it->enabled || it->type == RS_NODE_UNIT_TEST) continue;
    if (!first) rs_buf_char(b, ',');
    first = false;
    rs_buf_json_str(b, it->unique_id, strlen(it->unique_id));
    rs_buf_str(b, ":[");
    rc = rs_manifest_item(m, it, b, e);
    rs_buf_char(b, ']');
  }
  rs_buf_char(b, '}');
  return rc;
}

static void put_groups(const struct rs_manifest *m, struct rs_buf *b)
{
  bool first = true;
  rs_buf_str(b, ",\"group_map\":{");
  for (size_t i = 0; i < m->inv->nrows; i++) {
    const struct rs_row *r = m->inv->rows[i];
    if (r->table != RS_T_GROUP) continue;
    const char *name = rs_row_text(r, "name");
    bool one = false;
    if (!first) rs_buf_char(b, ',');
    first = false;
    rs_buf_json_str(b, name, strlen(name));
    rs_buf_str(b, ":[");
    for (size_t k = 0; k < m->inv->n; k++) {
      if (!rs_eq(m->inv->items[k]->group, name)) continue;
      if (one) rs_buf_char(b, ',');
      one = true;
      rs_buf_json_str(b, m->inv->items[k]->unique_id, strlen(m->inv->items[k]->unique_id));
    }
    rs_buf_char(b, ']');
  }
  rs_buf_char(b, '}');
}

enum rs_code rs_manifest_write(struct rs_manifest *m, struct rs_buf *b, struct rs_error *e)
{
  bool unit_tests = false;
  for (size_t i = 0; i < m->inv->n; i++) unit_tests |= m->inv->items[i]->type == RS_NODE_UNIT_TEST;
  m->v12 = unit_tests;
  rs_buf_str(b, "{\"metadata\":");
  rs_artifact_metadata(m->inv->p, unit_tests ? "manifest/v12" : "manifest/v11", true, b);
  enum rs_code rc = put_section(m, "nodes", b, e);
  if (rc == RS_OK) rc = put_section(m, "sources", b, e);
  put_macros(m, b);
  put_rows(m, RS_T_DOC, "docs", "doc", b);
  if (rc == RS_OK) rc = put_section(m, "exposures", b, e);
  put_rows(m, RS_T_GROUP, "groups", "group", b);
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
