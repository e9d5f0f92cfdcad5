/*
** Metrics, semantic models, saved queries: what they depend on, dbt's checks of them, and how dbt
** writes them down (model.h). Nothing of it is executed.
*/
#include <stdlib.h>
#include <string.h>
#include "model.h"
#include "src/json/json.h"
#include "src/base/mem.h"
#include "src/base/text.h"
#include "src/python/native.h"

#define DEPTH_MAX 64

struct rs_entry *rs_entry_find(const struct rs_project *p, enum rs_store_entry_kind kind,
                               const char *from, const char *package, const char *name)
{
  struct rs_entry *any = NULL, *ours = NULL;
  for (size_t i = 0; i < p->nentries; i++) {
    struct rs_entry *x = p->entries[i];
    if (x->kind != kind || !rs_eq(x->name, name)) continue;
    if (package != NULL ? rs_eq(x->package, package) : rs_eq(x->package, from)) return x;
    if (package == NULL && rs_eq(x->package, p->name)) ours = x;
    if (package == NULL && any == NULL) any = x;
  }
  return ours != NULL ? ours : any;
}

/* A name, or {name: ...}; NULL: neither. */
static const char *name_of(struct rs_project *p, const struct rs_json *v)
{
  const char *name = NULL;
  if (v == NULL) return NULL;
  if (v->kind == RS_J_STRING) return rs_arena_strndup(&p->arena, v->p, v->n);
  (void)rs_json_text(v, "name", &p->arena, &name);
  return name;
}

/* ---- metrics of measures -------------------------------------------------------------------- */

enum rs_code rs_semantic_load(struct rs_project *p, const struct rs_entry *model,
                              struct rs_error *e)
{
  struct rs_json *said = NULL;
  enum rs_code rc = rs_json_parse(model->text, strlen(model->text), DEPTH_MAX, &p->arena, &said, e);
  const struct rs_json *list = rs_json_get(said, "measures");
  for (const struct rs_json *m = list != NULL ? list->first : NULL; rc == RS_OK && m != NULL;
       m = m->next) {
    const struct rs_json *make = rs_json_get(m, "create_metric");
    const char *name = name_of(p, m), *description = NULL;
    if (make == NULL || make->kind != RS_J_BOOL || !make->truth || name == NULL) continue;
    if (!rs_json_text(m, "description", &p->arena, &description)) return rs_nomem(e);
    struct rs_buf b;
    rs_buf_init(&b, 1 << 20);
    rs_buf_str(&b, "{\"label\":");
    rs_buf_json_str(&b, name, strlen(name));
    rs_buf_str(&b, ",\"type\":\"simple\",\"type_params\":{\"measure\":");
    rs_buf_json_str(&b, name, strlen(name));
    rs_buf_str(&b, ",\"expr\":");
    rs_buf_json_str(&b, name, strlen(name));
    rs_buf_str(&b, "},\"description\":");
    char *made = rs_arena_printf(&p->arena, "Metric created from measure %s", name);
    if (description == NULL) description = made;
    rs_buf_json_str(&b, description != NULL ? description : "",
                    description != NULL ? strlen(description) : 0);
    rs_buf_char(&b, '}');
    const struct rs_store_entry x = {.kind = RS_STORE_METRIC,
                                     .package = model->package,
                                     .name = name,
                                     .path = model->path,
                                     .text = rs_buf_text(&b)};
    rc = rs_buf_error(&b, e, "measures");
    if (rc == RS_OK &&
        rs_entry_find(p, RS_STORE_METRIC, model->package, model->package, name) == NULL)
      rc = rs_entries_load(p, &x, e);
    rs_buf_free(&b);
  }
  return rc;
}

/* ---- edges ---------------------------------------------------------------------------------- */

static enum rs_code add_parent(struct rs_project *p, struct rs_entry *x, struct rs_node *to,
                               struct rs_error *e)
{
  for (size_t i = 0; i < x->nparents; i++)
    if (x->parents[i] == to) return RS_OK;
  struct rs_node **list = rs_arena_alloc(&p->arena, (x->nparents + 1) * sizeof(struct rs_node *));
  if (list == NULL) return rs_nomem(e);
  for (size_t i = 0; i < x->nparents; i++) list[i] = x->parents[i];
  list[x->nparents++] = to;
  x->parents = list;
  return RS_OK;
}

enum rs_code rs_metric_parent(struct rs_project *p, struct rs_entry *x, const char *package,
                              const char *name, struct rs_error *e)
{
  const struct rs_entry *to = rs_entry_find(p, RS_STORE_METRIC, x->package, package, name);
  if (to == NULL || to->node == NULL)
    return rs_fail(e, RS_NOT_FOUND, "%s depends on a metric named '%s' which was not found",
                   x->node->unique_id, name);
  if (!to->node->config.enabled)
    return rs_fail(e, RS_INVALID, "%s depends on a metric named '%s' which is disabled",
                   x->node->unique_id, name);
  return add_parent(p, x, to->node, e);
}

static bool has_measure(struct rs_project *p, const struct rs_entry *model, const char *name)
{
  struct rs_json *said = NULL;
  if (rs_json_parse(model->text, strlen(model->text), DEPTH_MAX, &p->arena, &said, NULL) != RS_OK)
    return false;
  const struct rs_json *list = rs_json_get(said, "measures");
  for (const struct rs_json *m = list != NULL ? list->first : NULL; m != NULL; m = m->next)
    if (rs_json_is(rs_json_get(m, "name"), name)) return true;
  return false;
}

/* The semantic model that has the measure. */
static enum rs_code measure_parent(struct rs_project *p, struct rs_entry *x,
                                   const struct rs_json *measure, struct rs_error *e)
{
  const char *name = name_of(p, measure);
  if (name == NULL) return rs_fail(e, RS_INVALID, "type_params: a measure lacks its name");
  for (size_t i = 0; i < p->nentries; i++) {
    const struct rs_entry *m = p->entries[i];
    if (m->kind == RS_STORE_SEMANTIC_MODEL && m->node != NULL && has_measure(p, m, name))
      return add_parent(p, x, m->node, e);
  }
  return rs_fail(e, RS_NOT_FOUND,
                 "a semantic model having a measure `%s` does not exist but was referenced", name);
}

static enum rs_code metric_input(struct rs_project *p, struct rs_entry *x,
                                 const struct rs_json *metric, const char *what, struct rs_error *e)
{
  const char *name = name_of(p, metric);
  if (name != NULL) return rs_metric_parent(p, x, NULL, name, e);
  return rs_fail(e, RS_INVALID, "type_params: '%s' is missing", what);
}

/* Each kind of metric has its parameters. */
static enum rs_code link_metric(struct rs_project *p, struct rs_entry *x,
                                const struct rs_json *said, struct rs_error *e)
{
  const struct rs_json *params = rs_json_get(said, "type_params"),
                       *type = rs_json_get(said, "type");
  if (rs_json_is(type, "ratio")) {
    enum rs_code rc = metric_input(p, x, rs_json_get(params, "numerator"), "numerator", e);
    return rc == RS_OK ? metric_input(p, x, rs_json_get(params, "denominator"), "denominator", e)
                       : rc;
  }
  if (rs_json_is(type, "derived")) {
    const struct rs_json *list = rs_json_get(params, "metrics");
    enum rs_code rc = RS_OK;
    if (list == NULL || list->first == NULL)
      return rs_fail(e, RS_INVALID, "type_params: a derived metric has at least one of 'metrics'");
    for (const struct rs_json *m = list->first; rc == RS_OK && m != NULL; m = m->next)
      rc = metric_input(p, x, m, "metrics", e);
    return rc;
  }
  const struct rs_json *conversion = rs_json_get(params, "conversion_type_params");
  if (rs_json_is(type, "conversion")) {
    enum rs_code rc = measure_parent(p, x, rs_json_get(conversion, "base_measure"), e);
    return rc == RS_OK ? measure_parent(p, x, rs_json_get(conversion, "conversion_measure"), e)
                       : rc;
  }
  const struct rs_json *measure = rs_json_get(params, "measure");
  if (measure == NULL || measure->kind == RS_J_NULL)
    return rs_fail(e, RS_INVALID, "type_params: 'measure' is missing");
  return measure_parent(p, x, measure, e);
}

enum rs_code rs_semantic_link(struct rs_project *p, struct rs_entry *x, struct rs_error *e)
{
  struct rs_json *said = NULL;
  enum rs_code rc = rs_json_parse(x->text, strlen(x->text), DEPTH_MAX, &p->arena, &said, e);
  if (rc != RS_OK || x->node->bad != NULL || !x->node->config.enabled) return rc;
  if (x->kind == RS_STORE_METRIC) return link_metric(p, x, said, e);
  if (x->kind == RS_STORE_SEMANTIC_MODEL && x->nparents == 0)
    return rs_fail(e, RS_INVALID, "'model' must be a ref(): ref('orders')");
  if (x->kind != RS_STORE_SAVED_QUERY) return RS_OK;
  const struct rs_json *list = rs_json_get(rs_json_get(said, "query_params"), "metrics");
  for (const struct rs_json *m = list != NULL ? list->first : NULL; rc == RS_OK && m != NULL;
       m = m->next)
    rc = metric_input(p, x, m, "metrics", e);
  return rc;
}
