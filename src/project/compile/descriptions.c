/*
** Descriptions: texts with doc('name') in them, rendered when their node is parsed (internal.h).
*/
#include <string.h>
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/project/model/model.h"
#include "src/python/native.h"

static bool has_tag(const char *text)
{
  return text != NULL && (strstr(text, "{{") != NULL || strstr(text, "{%") != NULL);
}

static enum rs_code render(struct rs_context *c, const char *text, jv *out, struct rs_error *e)
{
  struct rs_buf b;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  c->describes = true;
  enum rs_code rc = rs_context_render(c, "description", text, strlen(text), &b, e);
  c->describes = false;
  if (rc == RS_OK) return rs_text_take(c->j, &b, "description", out, e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_describe_text(struct rs_context *c, const char **text, struct rs_error *e)
{
  jv v;
  if (!has_tag(*text)) return RS_OK;
  enum rs_code rc = render(c, *text, &v, e);
  if (rc == RS_OK && (*text = rs_arena_strdup(&c->project->arena, jv_cstr(v, NULL))) == NULL)
    rc = rs_nomem(e);
  return rc;
}

/* A JSON list of columns or arguments, each with its description rendered; with `all` its other
** templates, too. */
static enum rs_code describe_list(struct rs_context *c, bool all, const char **columns,
                                  struct rs_error *e)
{
  struct rs_buf b;
  jv list, text;
  if (!has_tag(*columns)) return RS_OK;
  enum rs_code rc = jv_from_json(c->j, *columns, strlen(*columns), &list, e);
  for (size_t i = 0; rc == RS_OK && i < jv_len(list); i++) {
    jv one = jv_item(list, i);
    for (size_t k = 0; rc == RS_OK && one.kind == JV_DICT && k < jv_len(one); k++) {
      jv key;
      jv_dict_at(one, k, &key, &text);
      bool description = jv_is_str(key) && rs_eq(jv_cstr(key, NULL), "description");
      if (!description && !all) continue;
      if (!description) rc = rs_config_render(c->j, text, &text, e);
      else if (jv_is_str(text)) rc = render(c, jv_cstr(text, NULL), &text, e);
      if (rc == RS_OK) jv_dict_setv(c->j, one, key, text);
    }
  }
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  if (rc == RS_OK) rc = jv_json_to(c->j, list, false, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "columns");
  if (rc == RS_OK && (*columns = rs_arena_strndup(&c->project->arena, b.p, b.n)) == NULL)
    rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

enum rs_code rs_describe(struct rs_context *c, struct rs_node *n, struct rs_error *e)
{
  enum rs_code rc = rs_describe_text(c, &n->description, e);
  if (rc == RS_OK && n->type == RS_NODE_SOURCE)
    rc = rs_describe_text(c, &n->source_row.description, e);
  return rc == RS_OK ? describe_list(c, true, &n->row.columns, e) : rc; // as all of a yml file
}

static enum rs_code describe_macro(struct rs_project *p, const char *package, struct rs_macro *m,
                                   struct rs_error *e)
{
  if (!has_tag(m->description) && !has_tag(m->arguments)) return RS_OK;
  struct rs_node n = {.type = RS_NODE_OPERATION,
                      .name = m->name,
                      .package = package,
                      .fqn = m->name,
                      .sql = "",
                      .unique_id = rs_arena_printf(&p->arena, "macro.%s.%s", package, m->name)};
  const struct rs_context_options opt = {.project = p,
                                         .node = &n,
                                         .is_interrupted = p->set.is_interrupted,
                                         .interrupt_ctx = p->set.interrupt_ctx};
  struct rs_context *c;
  n.config = (struct rs_node_config){.enabled = true, .materialized = "", .json = "{}"};
  if (n.unique_id == NULL) return rs_nomem(e);
  enum rs_code rc = rs_context_new(&opt, &c, e);
  if (rc != RS_OK) return rc;
  if (m->description != NULL) rc = rs_describe_text(c, &m->description, e);
  if (rc == RS_OK && m->arguments != NULL) rc = describe_list(c, false, &m->arguments, e);
  rs_context_free(c);
  return rc == RS_OK ? rc : rs_error_prefix(e, "macro %s", m->name);
}

static enum rs_code describe_macros(struct rs_project *p, const char *package,
                                    const struct rs_map *macros, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < macros->n; i++) {
    struct rs_macro *m = macros->v[i].value;
    rc = describe_macro(p, package, m, e);
    if (rc != RS_OK) rc = rs_project_bad_row(p, "macro", m->name, rc, e);
  }
  return rc;
}

enum rs_code rs_describe_macros(struct rs_project *p, struct rs_error *e)
{
  enum rs_code rc = describe_macros(p, p->name, &p->macros, e);
  for (size_t i = 0; rc == RS_OK && i < p->packages.n; i++) {
    const struct rs_package *pack = p->packages.v[i].value;
    rc = describe_macros(p, pack->name, &pack->macros, e);
  }
  return rc;
}
