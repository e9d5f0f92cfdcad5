/*
** Exposures, metrics, semantic models and saved queries are read as a node is: rendered once, which
** finds what they depend on and their config (compile.h).
*/
#include <string.h>
#include "compile.h"
#include "internal.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/json/json.h"
#include "src/project/graph/graph.h"
#include "src/project/model/model.h"

#define DEPTH_MAX 64

/* Its text in the arena; a null is NULL. */
static enum rs_code keep_json(struct rs_project *p, const struct rs_json *v, const char **out,
                              struct rs_error *e)
{
  struct rs_buf b;
  *out = NULL;
  if (v == NULL || v->kind == RS_J_NULL) return RS_OK;
  rs_buf_init(&b, RS_BUF_SQL_MAX);
  rs_json_write(&b, v);
  enum rs_code rc = rs_buf_error(&b, e, "config");
  if (rc == RS_OK && (*out = rs_arena_strndup(&p->arena, b.p, b.n)) == NULL) rc = rs_nomem(e);
  rs_buf_free(&b);
  return rc;
}

static enum rs_code make_node(struct rs_project *p, struct rs_entry *x, const struct rs_json *said,
                              struct rs_error *e)
{
  struct rs_arena *a = &p->arena;
  struct rs_node *n = rs_arena_calloc(a, sizeof *n);
  const char *folder = rs_folder_fqn(a, x->path);
  if (n == NULL || folder == NULL) return rs_nomem(e);
  static const char *const kinds[] = {"doc",    "group",          "exposure",
                                      "metric", "semantic_model", "saved_query"};
  *n = (struct rs_node){
    .type = (enum rs_node_type)(RS_NODE_EXPOSURE + (x->kind - RS_STORE_EXPOSURE)),
    .name = x->name,
    .package = x->package,
    .unique_id = rs_arena_printf(a, "%s.%s.%s", kinds[x->kind], x->package, x->name),
    .fqn = rs_arena_printf(a, "%s.%s%s", x->package, folder, x->name),
    .description = "",
    .sql = "",
    .parsed = true,
    .workspace = p->set.output->workspace,
    .identifier = x->name};
  n->row.name = x->name;
  n->row.path = x->path;
  n->row.enabled = true;
  const char *description = NULL;
  if (n->unique_id == NULL || n->fqn == NULL || !rs_json_text(said, "description", a, &description))
    return rs_nomem(e);
  if (description != NULL) n->description = description;
  x->node = n;
  return keep_json(p, rs_json_get(said, "config"), &n->row.config, e);
}

static void add_parent(struct rs_entry *x, struct rs_node *n)
{
  for (size_t i = 0; i < x->nparents; i++)
    if (x->parents[i] == n) return;
  x->parents[x->nparents++] = n;
}

/* The nodes that the refs mean. What refers to something disabled is disabled. */
static enum rs_code link(struct rs_project *p, struct rs_entry *x, struct rs_error *e)
{
  struct rs_node *n = x->node;
  x->parents = rs_arena_alloc(&p->arena, (n->nrefs + 1) * sizeof(struct rs_node *));
  if (x->parents == NULL) return rs_nomem(e);
  for (size_t i = 0; i < n->nrefs; i++) {
    struct rs_node *to;
    enum rs_code rc = rs_graph_resolve(p, n, &n->refs[i], &to, e);
    if (rc == RS_OK) rc = rs_access_check(p, n, NULL, to, e);
    if (rc != RS_OK) return rc;
    if (to->parsed && !to->config.enabled) n->config.enabled = false;
    else add_parent(x, to);
  }
  return RS_OK;
}

/* Tags that stand beside the config. */
static enum rs_code keep_tags(struct rs_context *c, struct rs_node *n, const struct rs_json *said,
                              struct rs_error *e)
{
  const char *json;
  jv list;
  enum rs_code rc = keep_json(c->project, rs_json_get(said, "tags"), &json, e);
  if (rc != RS_OK || json == NULL) return rc;
  rc = jv_from_json(c->j, json, strlen(json), &list, e);
  struct rs_arena *a = &c->project->arena;
  return rc == RS_OK ? rs_config_list(a, list, "tags", &n->config.tags, &n->config.ntags, e) : rc;
}

static enum rs_code read_entry(struct rs_context *c, struct rs_node *n, const struct rs_json *said,
                               struct rs_error *e)
{
  struct rs_buf text, out;
  rs_buf_init(&text, 1 << 20);
  rs_buf_init(&out, RS_BUF_SQL_MAX);
  if (n->type == RS_NODE_EXPOSURE) rs_refs_text(rs_json_get(said, "depends_on"), 0, &text);
  if (n->type == RS_NODE_SEMANTIC_MODEL) rs_refs_text(rs_json_get(said, "model"), 0, &text);
  enum rs_code rc = rs_buf_error(&text, e, "depends_on");
  if (rc == RS_OK) rc = rs_context_render(c, n->unique_id, rs_buf_text(&text), text.n, &out, e);
  if (rc == RS_OK) rc = rs_node_keep_refs(c, n, e);
  if (rc == RS_OK) rc = rs_config_end(c->project, c->j, n, c->config, e);
  if (rc == RS_OK) rc = rs_config_finish(c->project, c->j, n, c->config, &n->config, e);
  if (rc == RS_OK) rc = rs_group_check(c->project, n, e);
  if (rc == RS_OK) rc = rs_describe_text(c, &n->description, e);
  if (rc == RS_OK && n->config.ntags == 0) rc = keep_tags(c, n, said, e);
  rs_buf_free(&text);
  rs_buf_free(&out);
  return rc;
}

static enum rs_code parse_entry(struct rs_project *p, struct rs_entry *x, struct rs_error *e)
{
  char what[300];
  struct rs_json *said = NULL;
  struct rs_context *c;
  enum rs_code rc = rs_json_parse(x->text, strlen(x->text), DEPTH_MAX, &p->arena, &said, e);
  if (rc == RS_OK) rc = make_node(p, x, said, e);
  if (rc != RS_OK) return rc;
  const struct rs_context_options opt = {.project = p,
                                         .node = x->node,
                                         .is_interrupted = p->set.is_interrupted,
                                         .interrupt_ctx = p->set.interrupt_ctx};
  x->node->config = (struct rs_node_config){.enabled = true, .materialized = "", .json = "{}"};
  rc = rs_context_new(&opt, &c, e);
  if (rc == RS_OK) {
    rc = read_entry(c, x->node, said, e);
    rs_context_free(c);
  }
  if (rc == RS_OK && x->node->config.enabled) rc = link(p, x, e);
  if (rc != RS_OK && rc != RS_NOMEM && !rs_error_names_node(e))
    rs_error_prefix(e, "%s", rs_node_what(x->node, what, sizeof what));
  return rs_project_keep_bad(p, rc, &x->node->bad, e);
}

/* Edges between entries, when all of them have nodes. */
static enum rs_code link_entry(struct rs_project *p, struct rs_entry *x, struct rs_error *e)
{
  char what[300];
  enum rs_code rc = rs_semantic_link(p, x, e);
  const struct rs_node *n = x->node;
  for (size_t i = 0; rc == RS_OK && n->config.enabled && i < n->nmetrics; i++)
    rc = rs_metric_parent(p, x, n->metrics[i].package, n->metrics[i].name, e);
  if (rc != RS_OK && rc != RS_NOMEM && !rs_error_names_node(e))
    rs_error_prefix(e, "%s", rs_node_what(n, what, sizeof what));
  return rs_project_keep_bad(p, rc, &x->node->bad, e);
}

/* A model's metrics must be there, too. */
static enum rs_code check_metrics(struct rs_project *p, const struct rs_node *n, struct rs_error *e)
{
  for (size_t i = 0; i < n->nmetrics; i++) {
    const struct rs_node_ref *r = &n->metrics[i];
    if (rs_entry_find(p, RS_STORE_METRIC, n->package, r->package, r->name) != NULL) continue;
    char what[300];
    return rs_fail(e, RS_NOT_FOUND, "%s depends on a metric named '%s' which was not found",
                   rs_node_what(n, what, sizeof what), r->name);
  }
  return RS_OK;
}

enum rs_code rs_entries_parse(struct rs_project *p, struct rs_error *e)
{
  enum rs_code rc = RS_OK;
  for (size_t i = 0; rc == RS_OK && i < p->nentries; i++)
    if (p->entries[i]->kind >= RS_STORE_EXPOSURE) rc = parse_entry(p, p->entries[i], e);
  for (size_t i = 0; rc == RS_OK && i < p->nentries; i++)
    if (p->entries[i]->kind >= RS_STORE_EXPOSURE) rc = link_entry(p, p->entries[i], e);
  for (size_t i = 0; rc == RS_OK && i < p->nnodes; i++)
    if (p->nodes[i]->config.enabled && p->nodes[i]->bad == NULL) {
      rc = check_metrics(p, p->nodes[i], e);
      rc = rs_project_keep_bad(p, rc, &p->nodes[i]->bad, e);
    }
  return rc;
}
