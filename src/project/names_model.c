/*
** What a template can read of where and what it is: `target` and `model`.
*/
#include <stdio.h>
#include <string.h>
#include "../base/mem.h"
#include "../base/sha256.h"
#include "context.h"

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
  } texts[] = {{"type", o->type},
               {"schema", o->workspace},
               {"workspace", o->workspace},
               {"database", rs_context_database(c)},
               {"name", o->target_name},
               {"target_name", o->target_name},
               {"profile_name", o->profile_name}};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    jv_dict_set(c->j, dict, texts[i].key, jv_text(c->j, texts[i].text));
  jv_dict_set(c->j, dict, "threads", jv_int(o->threads));
  return dict;
}

static void put_text(struct rs_context *c, jv dict, const char *key, const char *text)
{
  jv_dict_set(c->j, dict, key, text != NULL ? jv_text(c->j, text) : jv_none());
}

static void put_found(struct rs_context *c, jv dict)
{
  jv refs = jv_list(c->j), sources = jv_list(c->j), depends = jv_dict(c->j), nodes = jv_list(c->j);
  const struct rs_node *n = c->node;
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
    put_text(c, one, "name", r->name);
    put_text(c, one, "package", r->package);
    put_text(c, one, "version", r->version);
    jv_list_add(c->j, refs, one);
  }
  for (size_t i = 0; i < n->nparents; i++)
    jv_list_add(c->j, nodes, jv_text(c->j, c->project->nodes[n->parents[i]]->unique_id));
  jv_dict_set(c->j, dict, "refs", refs);
  jv_dict_set(c->j, dict, "sources", sources);
  jv_dict_set(c->j, depends, "nodes", nodes);
  jv_dict_set(c->j, depends, "macros", jv_list(c->j));
  jv_dict_set(c->j, dict, "depends_on", depends);
}

/* What a row says of its columns, by name; of each dbt's keys are there. */
jv rs_names_row_columns(struct rs_context *c, const char *json)
{
  static const char *const texts[] = {"description", "data_type"};
  jv dict = jv_dict(c->j), list, name, v;
  if (json == NULL || jv_from_json(c->j, json, strlen(json), &list, NULL) != RS_OK) return dict;
  for (size_t i = 0; i < jv_len(list); i++) {
    jv one = jv_item(list, i);
    if (one.kind != JV_DICT || !jv_dict_get(one, "name", &name) || !jv_is_str(name)) continue;
    for (size_t k = 0; k < 2; k++)
      if (!jv_dict_get(one, texts[k], &v))
        jv_dict_set(c->j, one, texts[k], k == 0 ? jv_text(c->j, "") : jv_none());
    if (!jv_dict_get(one, "meta", &v)) jv_dict_set(c->j, one, "meta", jv_dict(c->j));
    if (!jv_dict_get(one, "constraints", &v)) jv_dict_set(c->j, one, "constraints", jv_list(c->j));
    if (!jv_dict_get(one, "quote", &v)) jv_dict_set(c->j, one, "quote", jv_none());
    if (!jv_dict_get(one, "tags", &v)) jv_dict_set(c->j, one, "tags", jv_list(c->j));
    jv_dict_setv(c->j, dict, name, one);
  }
  return dict;
}

static jv constraint_list(struct rs_context *c)
{
  const char *json = c->node->row.constraints;
  jv list = jv_list(c->j);
  if (json != NULL) (void)jv_from_json(c->j, json, strlen(json), &list, NULL);
  return list;
}

static void put_checksum(struct rs_context *c, jv dict)
{
  unsigned char sum[RS_SHA256_SIZE];
  char hex[2 * RS_SHA256_SIZE + 1];
  jv one = jv_dict(c->j);
  rs_sha256(c->node->sql, c->node->nsql, sum);
  for (size_t i = 0; i < sizeof sum; i++) snprintf(hex + 2 * i, 3, "%02x", sum[i]);
  put_text(c, one, "name", "sha256");
  put_text(c, one, "checksum", hex);
  jv_dict_set(c->j, dict, "checksum", one);
}

jv rs_names_model(struct rs_context *c)
{
  const struct rs_node *n = c->node;
  jv dict = jv_dict(c->j), fqn = jv_list(c->j), part;
  put_text(c, dict, "name", n->name);
  put_text(c, dict, "unique_id", n->unique_id);
  jv_dict_set(c->j, dict, "resource_type",
              jv_textn(c->j, n->unique_id, strcspn(n->unique_id, ".")));
  put_text(c, dict, "package_name", n->package);
  put_text(c, dict, "version", n->row.version);
  put_text(c, dict, "latest_version", n->row.latest_version);
  put_text(c, dict, "original_file_path", n->row.path);
  const char *below = n->row.path != NULL ? strchr(n->row.path, '/') : NULL;
  put_text(c, dict, "path", below != NULL ? below + 1 : n->row.path);
  put_checksum(c, dict);
  put_text(c, dict, "database", rs_context_database(c));
  put_text(c, dict, "schema", c->schema);
  put_text(c, dict, "alias", c->identifier);
  put_text(c, dict, "description", n->description);
  put_text(c, dict, "language", "sql");
  jv_dict_set(c->j, dict, "raw_code", jv_textn(c->j, n->sql, n->nsql));
  jv_dict_set(c->j, dict, "config", c->config);
  jv_dict_set(c->j, dict, "tags", jv_dict_get(c->config, "tags", &part) ? part : jv_list(c->j));
  jv_dict_set(c->j, dict, "meta", jv_dict_get(c->config, "meta", &part) ? part : jv_dict(c->j));
  for (const char *s = n->fqn; s != NULL && *s != 0;) {
    size_t len = strcspn(s, ".");
    jv_list_add(c->j, fqn, jv_textn(c->j, s, len));
    s += len + (s[len] == '.');
  }
  jv_dict_set(c->j, dict, "fqn", fqn);
  jv_dict_set(c->j, dict, "columns", rs_names_row_columns(c, n->row.columns));
  jv_dict_set(c->j, dict, "constraints", constraint_list(c));
  if (c->opt.batch != NULL) {
    jv batch = jv_dict(c->j);
    put_text(c, batch, "id", c->opt.batch->id);
    put_text(c, batch, "event_time_start", c->opt.batch->start);
    put_text(c, batch, "event_time_end", c->opt.batch->end);
    jv_dict_set(c->j, dict, "batch", batch);
  }
  put_found(c, dict);
  return dict;
}
