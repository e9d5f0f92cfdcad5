/*
** Descriptions: texts with doc('name') in them, rendered when their node is parsed (entry.h).
**
** `doc` is a name of descriptions alone, as with dbt: in a model it stays undefined.
*/
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include "src/base/mem.h"
#include "src/base/text.h"
#include "entry.h"
#include "src/project/names/names.h"

#define KEY_MAX 1024

static const struct rs_entry *doc_of(const struct rs_project *p, const char *package,
                                     const char *name)
{
  char key[KEY_MAX];
  int n = snprintf(key, sizeof key, "%s\n%s", package, name);
  return n > 0 && n < KEY_MAX ? rs_map_get(&p->docs, key) : NULL;
}

const char *rs_doc_text(const struct rs_project *p, const char *package, const char *name)
{
  const struct rs_entry *x = doc_of(p, package, name);
  return x != NULL ? x->text : NULL;
}

enum rs_code rs_doc_render(struct rs_project *p, struct rs_entry *x, struct rs_error *e)
{
  static const struct rs_python_options limits = {.max_steps = 1000000};
  struct rs_template *t = NULL;
  struct rs_buf b;
  if (strstr(x->text, "{{") == NULL && strstr(x->text, "{%") == NULL &&
      strstr(x->text, "{#") == NULL)
    return RS_OK;
  struct rs_python *j = rs_jinja_new(&limits);
  if (j == NULL) return rs_nomem(e);
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  enum rs_code rc = rs_template_parse("text", x->text, strlen(x->text), &t, e);
  if (rc == RS_OK) rc = rs_jinja_render(j, t, &b, e);
  if (rc == RS_OK) rc = rs_buf_error(&b, e, "docs");
  if (rc == RS_OK) {
    const char *from = rs_buf_text(&b), *end = from + b.n;
    while (from < end && isspace((unsigned char)*from)) from++;
    while (from < end && isspace((unsigned char)end[-1])) end--;
    x->text = rs_arena_strndup(&p->arena, from, (size_t)(end - from));
    if (x->text == NULL) rc = rs_nomem(e);
  }
  rs_buf_free(&b);
  rs_template_release(t);
  rs_jinja_free(j);
  return rc == RS_OK || rc == RS_NOMEM ? rc : rs_error_prefix(e, "docs block %s", x->name);
}

/* The node's own package first, then the project, then the others. */
static const struct rs_entry *find_doc(const struct rs_project *p, const char *from,
                                       const char *package, const char *name)
{
  if (package != NULL) return doc_of(p, package, name);
  const struct rs_entry *found = doc_of(p, from, name);
  if (found == NULL) found = doc_of(p, p->name, name);
  for (size_t i = 0; found == NULL && i < p->packages.n; i++)
    found = doc_of(p, p->packages.v[i].key, name);
  return found;
}

NATIVE(rs_names_doc)
{
  struct rs_context *c = ctx;
  if (args->npos < 1 || args->npos > 2 || args->nkw > 0)
    return rs_fail(e, RS_INVALID, "doc() takes at most two arguments (%zu given)",
                   args->npos + args->nkw);
  for (size_t i = 0; i < args->npos; i++)
    if (!jv_is_str(args->pos[i]))
      return rs_fail(e, RS_INVALID, "doc() takes texts, not %s", jv_type_name(args->pos[i]));
  const char *package = args->npos == 2 ? jv_cstr(args->pos[0], NULL) : NULL;
  const char *name = jv_cstr(args->pos[args->npos - 1], NULL);
  const struct rs_entry *x = find_doc(c->project, c->node->package, package, name);
  if (x == NULL)
    return rs_fail(e, RS_NOT_FOUND,
                   "documentation for '%s' depends on doc '%s' %s%s%swhich was not found",
                   c->node->unique_id, name, package != NULL ? "in package '" : "",
                   package != NULL ? package : "", package != NULL ? "' " : "");
  *out = jv_text(j, x->text);
  return RS_OK;
}

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
