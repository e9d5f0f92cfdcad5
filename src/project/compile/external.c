/*
** Sources that are no relation of the target's (names.h). Local tables print the name that
** statements have for them. Those that stand for files, as dbt-duckdb has them, print what
** `external_location` in their meta or config says; a macro makes it, sql/macros/external.sql.
*/
#include <string.h>
#include "src/base/text.h"
#include "src/project/names/names.h"

static void merge(struct rs_python *j, jv into, const char *json)
{
  jv from, key, v;
  if (json == NULL || jv_from_json(j, json, strlen(json), &from, NULL) != RS_OK) return;
  for (size_t i = 0; from.kind == JV_DICT && i < jv_len(from); i++) {
    jv_dict_at(from, i, &key, &v);
    jv_dict_setv(j, into, key, v);
  }
}

static bool says(const char *json)
{
  return json != NULL &&
         (strstr(json, "external_location") != NULL || strstr(json, "plugin") != NULL);
}

enum rs_code rs_external_config(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  struct rs_buf out;
  jv v;
  if (!jv_dict_get(c->config, "external_location", &v) && !jv_dict_get(c->config, "plugin", &v))
    return RS_OK;
  rs_buf_init(&out, 1 << 20);
  enum rs_code rc = jv_json_to(c->j, c->config, false, &out, e);
  if (rc == RS_OK) rc = rs_buf_error(&out, e, "source");
  if (rc == RS_OK) n->config.json = rs_arena_strdup(&c->project->arena, rs_buf_text(&out));
  rs_buf_free(&out);
  return rc == RS_OK && n->config.json == NULL ? rs_nomem(e) : rc;
}

static enum rs_code print_local(struct rs_context *c, const struct rs_node *n, jv relation,
                                struct rs_error *e)
{
  struct rs_buf name;
  rs_buf_init(&name, 1 << 16);
  rs_project_relation(c->project, &name, n, n->workspace, n->identifier);
  enum rs_code rc = rs_buf_error(&name, e, "source");
  if (rc == RS_OK) rs_relation_external(relation, rs_buf_text(&name));
  rs_buf_free(&name);
  return rc;
}

enum rs_code rs_external_source(struct rs_context *c, const struct rs_node *n, jv relation,
                                struct rs_error *e)
{
  struct rs_python *j = c->j;
  if (rs_node_is_local(c->project, n)) return print_local(c, n, relation, e);
  if (!rs_output_traits(c->project->set.output)->external_sources) return RS_OK;
  if (!says(n->source_row.meta) && !says(n->config.json)) return RS_OK;
  jv said = jv_dict(j), tags = jv_list(j), sql;
  const char *list = n->source_row.tags;
  if (list != NULL && jv_from_json(j, list, strlen(list), &tags, NULL) != RS_OK) tags = jv_list(j);
  const char *database = n->database != NULL ? n->database : rs_context_database(c);
  jv_dict_set(j, said, "name", jv_text(j, n->table));
  jv_dict_set(j, said, "identifier", jv_text(j, n->identifier));
  jv_dict_set(j, said, "schema", jv_text(j, n->workspace));
  jv_dict_set(j, said, "database", database != NULL ? jv_text(j, database) : jv_none());
  jv_dict_set(j, said, "tags", tags);
  merge(j, said, n->source_row.meta);
  merge(j, said, n->config.json);
  const struct jv_args args = {.pos = &said, .npos = 1};
  enum rs_code rc = rs_context_macro(c, "external_source_sql", &args, &sql, e);
  if (rc == RS_OK && jv_is_str(sql)) rs_relation_external(relation, jv_cstr(sql, NULL));
  return rc == RS_OK ? rc : rs_error_prefix(e, "source %s", n->name);
}
